//! The file that progress is kept in: its format, its place, and how several sessions write it.
//!
//! The file is always complete: a new one is written beside the old one and then renamed. Writers take
//! turns: each holds a lock from before it reads until it has written. Nothing but a regular file is
//! ever read.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Course, place};
use crate::regular_file::{self, NotRead};

/// The version of the file format. An older nslab leaves a newer file alone.
const VERSION: u32 = 1;
const FILE: &str = "progress.json";
/// Far more than any learner can do.
const LARGEST: u64 = 16 * 1024 * 1024;
/// How long to wait for another writer, which holds the lock for milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// The file: courses by their id, or by their directory where they have none. Those that aren't ours
/// stay as they are.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    version: u32,
    courses: BTreeMap<String, Value>,
}

/// Reads files of any version.
#[derive(Debug, Deserialize)]
struct Version {
    version: u32,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgressError {
    #[error("there is no home directory")]
    Homeless,
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: NotRead },
    #[error("{} was written by a newer nslab (version {version})", path.display())]
    Later { path: PathBuf, version: u32 },
    #[error("{} is broken: {source}", path.display())]
    Broken {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("another nslab has {} locked", path.display())]
    Locked { path: PathBuf },
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

/// The place of one course's progress.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    file: PathBuf,
    /// The names of the course: its present name, and then names that it may have had before.
    names: Vec<String>,
}

impl Store {
    /// In the user's state directory (XDG Base Directory Specification). `names` are those of the course:
    /// its present name, and then names that it may have had before.
    pub(crate) fn of_user(names: Vec<String>) -> Result<Self, ProgressError> {
        let directory = place::state_directory().ok_or(ProgressError::Homeless)?;
        Ok(Self::new(&directory, names))
    }

    fn new(directory: &Path, names: Vec<String>) -> Self {
        Self {
            file: directory.join(FILE),
            names,
        }
    }

    /// The kept progress; empty if there is none. Progress under an earlier name of the course is kept under
    /// the present one from now on.
    pub(crate) fn load(&self) -> Result<Course, ProgressError> {
        let kept = self.read()?;
        let Some(course) = self.ours(&kept)? else {
            return Ok(Course::default());
        };
        if !kept.courses.contains_key(self.name()) {
            // The next save reports the error.
            let _ = self.keep(&course, &course);
        }
        Ok(course)
    }

    fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// Keeps what has changed from `before`, which this session has loaded or kept last, to `now`.
    pub(crate) fn keep(&self, before: &Course, now: &Course) -> Result<(), ProgressError> {
        let directory = self.file.parent().unwrap_or(Path::new("/"));
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(directory);
        made.map_err(self.unwritable())?;
        // Not the file itself, which is replaced.
        let _lock = self.lock(&self.file.with_extension("lock"))?;
        let (mut kept, ours) = self.put_aside_if_broken()?;
        let course = match ours {
            Some(mut theirs) => {
                theirs.change(before, now);
                theirs
            }
            None => now.clone(),
        };
        kept.version = VERSION;
        let as_error = |error: serde_json::Error| self.unwritable()(error.into());
        let course = serde_json::to_value(course).map_err(as_error)?;
        kept.courses.insert(self.name().to_owned(), course);
        let text = serde_json::to_vec(&kept).map_err(as_error)?;
        self.replace(&text).map_err(self.unwritable())
    }

    /// The kept progress, and our course in it. A broken file is put aside first; where only our course is
    /// broken, the others stay.
    fn put_aside_if_broken(&self) -> Result<(Kept, Option<Course>), ProgressError> {
        let aside = self.file.with_extension("broken");
        let kept = match self.read() {
            Err(ProgressError::Broken { .. }) => {
                fs::rename(&self.file, &aside).map_err(self.unwritable())?;
                Kept::default()
            }
            other => other?,
        };
        match self.ours(&kept) {
            Err(ProgressError::Broken { .. }) => {
                fs::copy(&self.file, &aside).map_err(self.unwritable())?;
                Ok((kept, None))
            }
            other => Ok((kept, other?)),
        }
    }

    /// Our course in the file's content.
    fn ours(&self, kept: &Kept) -> Result<Option<Course>, ProgressError> {
        let names = self.names.iter();
        let mut found = names.filter_map(|name| kept.courses.get(name));
        let Some(course) = found.next() else {
            return Ok(None);
        };
        let course = Course::deserialize(course);
        course.map(Some).map_err(|source| ProgressError::Broken {
            path: self.file.clone(),
            source,
        })
    }

    fn read(&self) -> Result<Kept, ProgressError> {
        let path = || self.file.clone();
        let Some(text) = self.text()? else {
            return Ok(Kept::default());
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

    /// The bytes of the file; none where there is no file.
    fn text(&self) -> Result<Option<Vec<u8>>, ProgressError> {
        let path = self.file.clone();
        match regular_file::read(&path, LARGEST) {
            Ok(text) => Ok(Some(text)),
            Err(NotRead::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ProgressError::Unreadable { path, source }),
        }
    }

    /// Waits for other writers. None on a file system that has no locks; flock(2).
    fn lock(&self, path: &Path) -> Result<Option<Flock<File>>, ProgressError> {
        let mut options = OpenOptions::new();
        let flags = OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW;
        let options = options.read(true).write(true).create(true).truncate(false);
        let options = options.mode(0o600).custom_flags(flags.bits());
        let mut file = options.open(path).map_err(self.unwritable())?;
        let end = Instant::now() + PATIENCE;
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Ok(Some(lock)),
                Err((_, Errno::EWOULDBLOCK)) if Instant::now() >= end => {
                    return Err(ProgressError::Locked {
                        path: self.file.clone(),
                    });
                }
                Err((again, Errno::EWOULDBLOCK | Errno::EINTR)) => file = again,
                Err(_) => return Ok(None),
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Syncs before the rename: a full disk is noticed, and a crash loses nothing.
    fn replace(&self, text: &[u8]) -> io::Result<()> {
        let beside = self.file.with_extension("new");
        // A writer that was killed may have left it, or anything else.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let written = File::create_new(&beside).and_then(|mut file| {
            file.write_all(text)?;
            file.sync_all()
        });
        let written = written.and_then(|()| fs::rename(&beside, &self.file));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn unwritable(&self) -> impl Fn(io::Error) -> ProgressError + '_ {
        |source| ProgressError::Unwritable {
            path: self.file.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use rstest::rstest;

    use super::super::{Fate, StepRecord};
    use super::*;

    /// Makes something at a path.
    type Make = fn(&Path);

    fn store(directory: &Path, course: &str) -> Store {
        Store::new(directory, vec![course.to_owned()])
    }

    fn record() -> StepRecord {
        StepRecord {
            shape: "lc".into(),
            answers: [(0, Some(1)), (3, None)].into(),
            launched: [1].into(),
            typed: [(2, 3)].into(),
            ahead: [(2, [3].into())].into(),
            unended: [(2, [1].into())].into(),
            failed: [(2, [(0, 127)].into())].into(),
            done: [4].into(),
            hints: 2,
            shown: true,
            measured: [(0, [("host.hostname".into(), "vm".into())].into())].into(),
            recalls: [(
                0,
                crate::progress::Recall {
                    right: 1,
                    at: 86_400,
                },
            )]
            .into(),
            fate: Fate::Refused,
        }
    }

    fn course(lesson: &str) -> Course {
        Course {
            lesson: lesson.into(),
            step: 1,
            lessons: [(lesson.into(), [(1, record())].into())].into(),
        }
    }

    fn keep(store: &Store, now: &Course) {
        store.keep(&Course::default(), now).unwrap();
    }

    #[test]
    fn what_is_kept_is_found_again_course_by_course() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("a/b");
        let ours = store(&state, "nslab");
        let own = store(&state, "/lessons");
        assert_eq!(ours.load().unwrap(), Course::default());
        keep(&ours, &course("uts"));
        keep(&own, &course("mine"));
        ours.keep(&course("uts"), &course("ipc")).unwrap();
        assert_eq!(ours.load().unwrap(), course("ipc"));
        assert_eq!(own.load().unwrap(), course("mine"));
        let entries = fs::read_dir(&state).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|it| it.file_name()).collect();
        names.sort();
        assert_eq!(names, ["progress.json", "progress.lock"]);
    }

    #[test]
    fn what_an_earlier_nslab_kept_is_still_read() {
        let directory = tempfile::tempdir().unwrap();
        let earlier = r#"{"version":1,"courses":{"":{"lesson":"uts","step":1,"lessons":
            {"uts":{"1":{"shape":"tp2","answers":{"1":0},"typed":{"2":1},"done":[3],"hints":1}}}}}}"#;
        fs::write(directory.path().join(FILE), earlier).unwrap();
        let store = Store::new(directory.path(), vec!["nslab".into(), String::new()]);
        let first = store.load().unwrap();
        let step = &first.lessons["uts"][&1];
        assert_eq!(step.answers, [(1, Some(0))].into());
        assert!(step.measured.is_empty() && step.fate == Fate::Open);
        // Progress under the first name is continued under the new one.
        store.keep(&first, &course("ipc")).unwrap();
        let now = store.load().unwrap();
        assert_eq!(now, course("ipc"));
    }

    #[test]
    fn a_session_takes_nothing_away_from_another_one() {
        let directory = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| store(directory.path(), "nslab"));
        let lesson = |ids: &[&str]| {
            let lessons = ids
                .iter()
                .map(|id| ((*id).to_owned(), [(1, record())].into()));
            Course {
                lesson: "uts".into(),
                step: 1,
                lessons: lessons.collect(),
            }
        };
        let start = lesson(&["uts", "ipc"]);
        keep(&first, &start);
        // Both have loaded the same. One does `pid` and forgets `ipc`, the other does `net`.
        first.keep(&start, &lesson(&["uts", "pid"])).unwrap();
        second
            .keep(&start, &lesson(&["uts", "ipc", "net"]))
            .unwrap();
        assert_eq!(first.load().unwrap(), lesson(&["net", "pid", "uts"]));
        // The place is that of the session that has moved.
        let mut elsewhere = lesson(&["uts", "pid"]);
        elsewhere.lesson = "pid".into();
        first.keep(&lesson(&["uts", "pid"]), &elsewhere).unwrap();
        let there = lesson(&["uts", "ipc", "net"]);
        second.keep(&there, &there).unwrap();
        assert_eq!(second.load().unwrap().lesson, "pid");
    }

    #[test]
    fn what_another_course_or_a_later_field_holds_stays() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE);
        let theirs = r#""other":{"lesson":"x","step":0,"lessons":{},"later":[1,2]}"#;
        fs::write(&file, format!(r#"{{"version":1,"courses":{{{theirs}}}}}"#)).unwrap();
        keep(&store(directory.path(), "nslab"), &course("uts"));
        let now: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(now["courses"]["other"]["later"], serde_json::json!([1, 2]));
    }

    #[test]
    fn many_writers_at_once_lose_nothing() {
        let directory = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            for lesson in ["a", "b", "c", "d", "e", "f", "g", "h"] {
                let store = store(directory.path(), "nslab");
                scope.spawn(move || keep(&store, &course(lesson)));
            }
        });
        let all = store(directory.path(), "nslab").load().unwrap();
        assert_eq!(all.lessons.len(), 8, "{all:?}");
    }

    #[test]
    fn a_later_ones_file_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE);
        let later = "{\"version\":2,\"courses\":[\"other\"]}";
        fs::write(&file, later).unwrap();
        let store = store(directory.path(), "nslab");
        let is_later = |error| matches!(error, ProgressError::Later { version: 2, .. });
        assert!(is_later(store.load().unwrap_err()));
        let kept = store.keep(&Course::default(), &course("uts"));
        assert!(is_later(kept.unwrap_err()));
        assert_eq!(fs::read_to_string(&file).unwrap(), later);
    }

    #[rstest]
    #[case("")]
    #[case("{\"version\":1,\"cour")]
    #[case("[]")]
    #[case("{\"version\":1,\"courses\":{\"nslab\":7}}")]
    fn a_broken_file_is_put_aside(#[case] broken: &str) {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE), broken).unwrap();
        let store = store(directory.path(), "nslab");
        let error = store.load().unwrap_err();
        assert!(matches!(error, ProgressError::Broken { .. }), "{error}");
        // All that the session knows is kept, not only what it has changed.
        store.keep(&course("uts"), &course("uts")).unwrap();
        assert_eq!(store.load().unwrap(), course("uts"));
        let aside = fs::read_to_string(directory.path().join("progress.broken"));
        assert_eq!(aside.unwrap(), broken);
    }

    #[rstest]
    #[case("it is not a regular file", |at: &Path| mkfifo(at, Mode::S_IRWXU).unwrap())]
    #[case("it is not a regular file", |at: &Path| symlink("/dev/zero", at).unwrap())]
    #[case("it is larger than 16 MiB", |at: &Path| File::create(at).unwrap().set_len(1 << 40).unwrap())]
    fn what_can_not_be_read_is_left_alone(#[case] expected: &str, #[case] make: Make) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE);
        make(&file);
        let before = fs::symlink_metadata(&file).unwrap().file_type();
        let store = store(directory.path(), "nslab");
        let errors = [
            store.load().unwrap_err(),
            store.keep(&Course::default(), &course("uts")).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(expected), "{error}");
        }
        let after = fs::symlink_metadata(&file).unwrap().file_type();
        assert_eq!(before, after);
    }

    #[test]
    fn what_a_killed_writer_left_is_no_obstacle() {
        let directory = tempfile::tempdir().unwrap();
        let left = directory.path().join("progress.new");
        fs::write(&left, "half").unwrap();
        keep(&store(directory.path(), "nslab"), &course("uts"));
        fs::remove_file(directory.path().join(FILE)).unwrap();
        mkfifo(&left, Mode::S_IRWXU).unwrap();
        keep(&store(directory.path(), "nslab"), &course("uts"));
        assert!(!left.exists());
    }

    #[test]
    fn what_can_not_be_written_is_said_and_harms_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("file"), "").unwrap();
        let store = store(&directory.path().join("file"), "nslab");
        let kept = store.keep(&Course::default(), &course("uts"));
        assert!(kept.is_err());
    }
}
