//! The learner's progress, kept from one session to the next: its data, its file format, its place.
//!
//! `app` fills in the data and reads it. The file is always complete: a new one is written beside
//! the old one and then renamed. Must not know what a lesson is.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The version of the file format. An older nslab leaves a newer file alone.
const VERSION: u32 = 1;
const FILE: &str = "progress.json";

/// The progress in one course.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Course {
    /// The id of the lesson the learner was at.
    pub lesson: String,
    /// The step, counted from 0.
    pub step: usize,
    /// The steps that were begun, by lesson id and step index.
    pub lessons: BTreeMap<String, BTreeMap<usize, StepRecord>>,
}

/// What was done in one step. Keys are part indices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepRecord {
    /// The sequence of the step's parts. If the lesson has changed since, the step counts as not
    /// done.
    pub shape: String,
    /// The choice of each prediction; None if it was skipped.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<usize, Option<usize>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub launched: BTreeSet<usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub typed: BTreeMap<usize, usize>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub done: BTreeSet<usize>,
    #[serde(default)]
    pub hints: usize,
    /// For each prediction, the measured values by their expressions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<usize, BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Fate::is_open")]
    pub fate: Fate,
}

/// The result of a step that its parts don't show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    #[default]
    Open,
    /// It has no tasks, and was read to its end.
    Read,
    /// The kernel refused a container that it needs.
    Refused,
}

impl Fate {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
    fn is_open(&self) -> bool {
        *self == Fate::Open
    }
}

/// The file: courses by their directory; the built-in course has an empty key.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    version: u32,
    courses: BTreeMap<String, Course>,
}

/// Reads files of any version.
#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum ProgressError {
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is of a later nslab (version {version})", path.display())]
    Later { path: PathBuf, version: u32 },
    #[error("{} is broken: {source}", path.display())]
    Broken {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

/// The place of one course's progress.
#[derive(Debug, Clone)]
pub struct Store {
    file: PathBuf,
    course: String,
}

impl Store {
    /// In the user's state directory (XDG Base Directory Specification); None without a home
    /// directory. `lessons` is the directory of a course that isn't built in.
    pub fn of_user(lessons: Option<&Path>) -> Option<Self> {
        let set = |name: &str| env::var_os(name).map(PathBuf::from);
        let absolute = |path: &PathBuf| path.is_absolute();
        let state = set("XDG_STATE_HOME").filter(absolute).or_else(|| {
            // Don't create a missing home directory.
            let home = set("HOME").filter(|home| home.is_absolute() && home.is_dir())?;
            Some(home.join(".local/state"))
        })?;
        Some(Self::new(&state.join("nslab"), lessons))
    }

    pub fn new(directory: &Path, lessons: Option<&Path>) -> Self {
        let course = lessons.map_or_else(String::new, |lessons| {
            let whole = fs::canonicalize(lessons).unwrap_or_else(|_| lessons.to_owned());
            whole.display().to_string()
        });
        Self {
            file: directory.join(FILE),
            course,
        }
    }

    /// The kept progress; empty if there is none.
    pub fn load(&self) -> Result<Course, ProgressError> {
        Ok(self
            .read()?
            .courses
            .remove(&self.course)
            .unwrap_or_default())
    }

    pub fn keep(&self, course: &Course) -> Result<(), ProgressError> {
        // Read again: another nslab may have written another course meanwhile.
        let mut kept = match self.read() {
            Err(ProgressError::Broken { .. }) => {
                let aside = self.file.with_extension("broken");
                fs::rename(&self.file, &aside).map_err(self.unwritable())?;
                Kept::default()
            }
            other => other?,
        };
        kept.version = VERSION;
        kept.courses.insert(self.course.clone(), course.clone());
        let text = serde_json::to_vec(&kept).map_err(|error| self.unwritable()(error.into()))?;
        let directory = self.file.parent().unwrap_or(Path::new("/"));
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(directory);
        made.map_err(self.unwritable())?;
        let beside = self
            .file
            .with_extension(format!("{}.new", std::process::id()));
        let written = write(&beside, &text).and_then(|()| fs::rename(&beside, &self.file));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written.map_err(self.unwritable())
    }

    fn read(&self) -> Result<Kept, ProgressError> {
        let path = || self.file.clone();
        let text = match fs::read(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
            Err(source) => {
                return Err(ProgressError::Unreadable {
                    path: path(),
                    source,
                });
            }
        };
        let broken = |source| ProgressError::Broken {
            path: path(),
            source,
        };
        let Version { version } = serde_json::from_slice(&text).map_err(broken)?;
        if version > VERSION {
            return Err(ProgressError::Later {
                path: path(),
                version,
            });
        }
        serde_json::from_slice(&text).map_err(broken)
    }

    fn unwritable(&self) -> impl Fn(io::Error) -> ProgressError + '_ {
        |source| ProgressError::Unwritable {
            path: self.file.clone(),
            source,
        }
    }
}

/// Syncs before the rename: a full disk is noticed, and a crash loses nothing.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(lesson: &str) -> Course {
        let step = StepRecord {
            shape: "lc".into(),
            answers: [(0, Some(1)), (3, None)].into(),
            launched: [1].into(),
            typed: [(2, 1)].into(),
            done: [4].into(),
            hints: 2,
            measured: [(0, [("host.hostname".into(), "vm".into())].into())].into(),
            fate: Fate::Refused,
        };
        Course {
            lesson: lesson.into(),
            step: 1,
            lessons: [(lesson.into(), [(1, step)].into())].into(),
        }
    }

    #[test]
    fn what_is_kept_is_found_again_course_by_course() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("a/b");
        let ours = Store::new(&state, None);
        let own = Store::new(&state, Some(directory.path()));
        assert_eq!(ours.load().unwrap(), Course::default());
        ours.keep(&course("uts")).unwrap();
        own.keep(&course("mine")).unwrap();
        ours.keep(&course("ipc")).unwrap();
        assert_eq!(ours.load().unwrap(), course("ipc"));
        assert_eq!(own.load().unwrap(), course("mine"));
        let names: Vec<_> = fs::read_dir(&state).unwrap().flatten().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn what_an_earlier_nslab_kept_is_still_read() {
        let directory = tempfile::tempdir().unwrap();
        let earlier = r#"{"version":1,"courses":{"":{"lesson":"uts","step":1,"lessons":
            {"uts":{"1":{"shape":"tp2","answers":{"1":0},"typed":{"2":1},"done":[3],"hints":1}}}}}}"#;
        fs::write(directory.path().join(FILE), earlier).unwrap();
        let course = Store::new(directory.path(), None).load().unwrap();
        let step = &course.lessons["uts"][&1];
        assert_eq!(step.answers, [(1, Some(0))].into());
        assert!(step.measured.is_empty() && step.fate == Fate::Open);
    }

    #[test]
    fn a_later_ones_file_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE);
        let later = "{\"version\":2,\"courses\":[\"other\"]}";
        fs::write(&file, later).unwrap();
        let store = Store::new(directory.path(), None);
        assert!(matches!(
            store.load(),
            Err(ProgressError::Later { version: 2, .. })
        ));
        assert!(matches!(
            store.keep(&course("uts")),
            Err(ProgressError::Later { .. })
        ));
        assert_eq!(fs::read_to_string(&file).unwrap(), later);
    }

    #[test]
    fn a_broken_file_is_put_aside() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE);
        for broken in ["", "{\"version\":1,\"cour", "[]"] {
            fs::write(&file, broken).unwrap();
            let store = Store::new(directory.path(), None);
            assert!(matches!(store.load(), Err(ProgressError::Broken { .. })));
            store.keep(&course("uts")).unwrap();
            assert_eq!(store.load().unwrap(), course("uts"));
            let aside = fs::read_to_string(directory.path().join("progress.broken"));
            assert_eq!(aside.unwrap(), broken);
        }
    }

    #[test]
    fn what_can_not_be_written_is_said_and_harms_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("file"), "").unwrap();
        let store = Store::new(&directory.path().join("file"), None);
        assert!(store.keep(&course("uts")).is_err());
    }
}
