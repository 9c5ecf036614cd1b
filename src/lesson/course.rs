//! A course's id, in its file `course.toml`.
//!
//! Progress is saved by that id, so that it survives a move of the directory.

use std::path::Path;

use super::source::{LessonSource, Problems};
use super::table::Fields;
use super::{LessonError, text_file};

pub(super) const FILE: &str = "course.toml";

/// The id of the built-in course.
pub(crate) const BUILT_IN: &str = "nslab";

/// The id of the course in a directory; none without a `course.toml`.
pub(crate) fn id(directory: &Path) -> Result<Option<String>, Vec<LessonError>> {
    let path = directory.join(FILE);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let text = text_file::read(&path).map_err(|error| vec![error])?;
    read(&path.display().to_string(), &text).map(Some)
}

fn read(name: &str, text: &str) -> Result<String, Vec<LessonError>> {
    let source = LessonSource::new(name, text);
    let problems = Problems::new(&source);
    let mut id = None;
    if let Some(mut fields) = Fields::parse(text, 0, FILE, 0, &problems) {
        id = fields.string("id");
        fields.finish();
    }
    if let Some(id) = &id {
        id.must_be_id(&problems);
    }
    match id {
        Some(id) if problems.count() == 0 => Ok(id.value),
        _ => Err(problems.into_errors()),
    }
}

/// The file of a course with this id.
pub(super) fn text(id: &str) -> String {
    format!("# Progress is kept by this id, wherever the directory is.\nid = \"{id}\"\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;

    use super::*;

    #[test]
    fn a_course_has_the_id_that_its_file_says() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(id(directory.path()).unwrap(), None);
        fs::write(directory.path().join(FILE), text("my-course")).unwrap();
        assert_eq!(id(directory.path()).unwrap().as_deref(), Some("my-course"));
    }

    #[test]
    fn the_built_in_lessons_are_a_course() {
        let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
        assert_eq!(id(&lessons).unwrap().as_deref(), Some(BUILT_IN));
    }

    #[rstest]
    #[case("", "course.toml:1:1: `course.toml` has no `id`")]
    #[case("id = 3", "course.toml:1:6: `id` is an integer")]
    #[case("id = \"\"", "course.toml:1:6: `id` is empty")]
    #[case("\nid = \"/a b\"", "course.toml:2:7: `/a b` is no id")]
    #[case("id = \"a\"\nname = \"b\"", "course.toml:2:1: ")]
    #[case("id = a", "a text stands in quotes: `id = \"a\"`")]
    fn a_wrong_course_file_is_said_with_its_place(#[case] text: &str, #[case] expected: &str) {
        let errors = read("course.toml", text).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        let said = errors[0].to_string();
        assert!(said.contains(expected), "{said}");
    }
}
