//! Writes the draft of a lesson, as a start for authors.
//!
//! Must not know the command line.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{chinese, course, library};
use crate::lang::Lang;

#[derive(Debug, thiserror::Error)]
pub(crate) enum DraftError {
    #[error(
        "'{name}' is no name for a lesson; expected small letters, digits and '-', as in 'my-lesson'"
    )]
    Name { name: String },
    #[error("{} is that lesson already; choose another name, or edit it", path.display())]
    Taken { path: PathBuf },
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

impl DraftError {
    /// The same in a language.
    pub(crate) fn in_language(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, error) => error.to_string(),
            (Lang::ZhCn, DraftError::Name { name }) => {
                format!("'{name}' 不能作为课程名；只能用小写字母、数字和 '-'，例如 'my-lesson'")
            }
            (Lang::ZhCn, DraftError::Taken { path }) => {
                format!(
                    "{} 已经是这一课；请换一个名字，或者直接修改它",
                    path.display()
                )
            }
            (Lang::ZhCn, DraftError::Unwritable { path, source }) => {
                format!(
                    "无法写入 {}：{}",
                    path.display(),
                    chinese::system_error(source)
                )
            }
        }
    }
}

/// Writes a lesson with this name in every language, numbered after those in `directory`, and an id for
/// the course if it has none. Returns the files. Never overwrites a file.
pub(crate) fn write(directory: &Path, name: &str) -> Result<Vec<PathBuf>, DraftError> {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.starts_with('-') || !name.chars().all(fit) {
        return Err(DraftError::Name {
            name: name.to_owned(),
        });
    }
    let mut last = 0;
    for lang in Lang::ALL {
        let folder = directory.join(lang.name());
        if !folder.exists() {
            continue;
        }
        let unwritable = |source| DraftError::Unwritable {
            path: folder.clone(),
            source,
        };
        for file in library::lesson_files(&folder).map_err(unwritable)? {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let digits = stem.chars().take_while(char::is_ascii_digit).count();
            if stem[digits..].trim_start_matches('-') == name {
                return Err(DraftError::Taken { path: file });
            }
            last = last.max(stem[..digits].parse().unwrap_or(0));
        }
    }
    let number: u64 = last + 1;
    let mut files = Vec::new();
    for lang in Lang::ALL {
        let folder = directory.join(lang.name());
        let path = folder.join(format!("{number:02}-{name}.md"));
        let made = fs::create_dir_all(&folder);
        create(path, made, &text(lang, name), &mut files)?;
    }
    let path = directory.join(course::FILE);
    if path.symlink_metadata().is_err() {
        let text = course::text(&course_id(directory));
        create(path, Ok(()), &text, &mut files)?;
    }
    Ok(files)
}

/// Writes a new file, if its folder could be made, and adds it to `files`.
fn create(
    path: PathBuf,
    folder: io::Result<()>,
    text: &str,
    files: &mut Vec<PathBuf>,
) -> Result<(), DraftError> {
    let created = folder.and_then(|()| File::create_new(&path));
    match created.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => files.push(path),
        Err(source) => return Err(DraftError::Unwritable { path, source }),
    }
    Ok(())
}

/// An id that no other course has: the directory's name, and a random number.
fn course_id(directory: &Path) -> String {
    let whole = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let name = name.to_ascii_lowercase().replace(|c| !fit(c), "-");
    let number = RandomState::new().build_hasher().finish() % 1_000_000;
    format!("{}-{number:06}", name.trim_matches('-'))
}

fn text(lang: Lang, name: &str) -> String {
    let template = lang.pick([
        include_str!("../../assets/lesson.en.md"),
        include_str!("../../assets/lesson.zh-CN.md"),
    ]);
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    let title = letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    });
    template.replace("@ID@", name).replace("@TITLE@", &title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::{Library, lint};

    #[test]
    fn a_new_lesson_is_the_last_and_without_fault() {
        let directory = tempfile::tempdir().unwrap();
        let names = |files: &[PathBuf]| -> Vec<String> {
            let below = |file: &PathBuf| file.strip_prefix(directory.path()).unwrap().to_owned();
            let all = files.iter().map(|file| below(file).display().to_string());
            all.collect()
        };
        let first = write(directory.path(), "my-lesson").unwrap();
        assert_eq!(
            names(&first),
            ["en/01-my-lesson.md", "zh-CN/01-my-lesson.md", "course.toml"]
        );
        fs::rename(&first[0], first[0].with_file_name("07-my-lesson.md")).unwrap();
        fs::rename(&first[1], first[1].with_file_name("07-my-lesson.md")).unwrap();
        let second = write(directory.path(), "another").unwrap();
        assert_eq!(names(&second), ["en/08-another.md", "zh-CN/08-another.md"]);
        let report = lint::lint(directory.path());
        let said: Vec<String> = report
            .findings
            .iter()
            .map(|it| it.words(crate::lang::Lang::En))
            .collect();
        assert_eq!(said, Vec::<String>::new());
        assert_eq!(report.files, 4);
        let library = Library::from_dir(directory.path(), Lang::En).unwrap();
        let titles: Vec<_> = library.lessons().map(|it| &*it.title).collect();
        assert_eq!(titles, ["My lesson", "Another"]);
    }

    #[test]
    fn what_can_not_be_written_is_said() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), "x").unwrap();
        for (name, said) in [
            ("x", "is that lesson already"),
            ("My lesson", "is no name for a lesson"),
            ("../x", "is no name for a lesson"),
            ("", "is no name for a lesson"),
        ] {
            let error = write(directory.path(), name).unwrap_err().to_string();
            assert!(error.contains(said), "{name}: {error}");
        }
        fs::write(directory.path().join("file"), "").unwrap();
        let error = write(&directory.path().join("file"), "x").unwrap_err();
        assert!(matches!(error, DraftError::Unwritable { .. }), "{error}");
    }
}
