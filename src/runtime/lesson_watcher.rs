//! Reads a directory of lessons again whenever a file in it was saved.
//!
//! Works on a thread of its own, so that nothing else waits for the disk or the parser.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::incoming::Reporter;
use crate::app::{Lessons, LessonsEvent, Mistake, Msg, Setup};
use crate::doctor::LessonNeeds;
use crate::lang::Lang;
use crate::lesson::{self, course};
use crate::sandbox::environment;

/// Editors save in several steps. A save counts as done after this number of milliseconds without an event.
const SILENCE: u16 = 50;
/// The most events before the directory is read, even if they don't stop.
const NEVER_SILENT: usize = 20;
/// Milliseconds between two checks whether a missing directory is back.
const LOOK_AGAIN: u16 = 1_000;

/// The lessons of the directory that can be used, and the mistakes in the others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReadLessons {
    pub lessons: Lessons,
    pub mistakes: Vec<Mistake>,
}

/// Reports the lessons of a directory whenever they have changed; those of `setup` are known already.
pub(super) fn start(directory: PathBuf, setup: &Setup, reporter: &Reporter) {
    let known = ReadLessons {
        lessons: setup.lessons.clone(),
        mistakes: setup.mistakes.clone(),
    };
    let reports = reporter.clone();
    let watch = move || {
        if let Err(errno) = watch(&directory, known, &reports) {
            not_watched(&reports, &format!("inotify: {}", errno.desc()));
        }
    };
    if let Err(error) = thread::Builder::new().spawn(watch) {
        not_watched(reporter, &format!("no thread can be started: {error}"));
    }
}

fn not_watched(reporter: &Reporter, why: &str) {
    reporter.send(Msg::Lessons(LessonsEvent::NotWatched(why.to_owned())));
}

/// Returns when the lab has ended. An error: nothing can be watched.
fn watch(directory: &Path, mut last: ReadLessons, reporter: &Reporter) -> Result<(), Errno> {
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
    loop {
        // Every time: a folder may have been replaced by another one of the same name.
        let there = watch_folders(&inotify, directory)?;
        // Read only after the watch is set, so that no change in between is missed.
        let now = read(directory, Some(&last.lessons));
        if now != last {
            last.clone_from(&now);
            if !reporter.send(message(now)) {
                return Ok(());
            }
        }
        let first = if there {
            PollTimeout::NONE
        } else {
            PollTimeout::from(LOOK_AGAIN)
        };
        wait(&inotify, first)?;
        for _ in 0..NEVER_SILENT {
            if !wait(&inotify, PollTimeout::from(SILENCE))? {
                break;
            }
        }
    }
}

/// Watches the directory and its folders. Returns whether the directory itself is there.
fn watch_folders(inotify: &Inotify, directory: &Path) -> Result<bool, Errno> {
    let saved = AddWatchFlags::IN_CLOSE_WRITE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_MOVE_SELF
        | AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_DELETE
        | AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_ONLYDIR;
    let watch = |place: &Path| match inotify.add_watch(place, saved) {
        Ok(_) => Ok(true),
        Err(Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES) => Ok(false),
        Err(errno) => Err(errno),
    };
    for lang in Lang::ALL {
        watch(&directory.join(lang.name()))?;
    }
    watch(directory)
}

/// Waits for events, and takes them. Returns whether any came.
fn wait(inotify: &Inotify, timeout: PollTimeout) -> Result<bool, Errno> {
    let mut events = [PollFd::new(inotify.as_fd(), PollFlags::POLLIN)];
    match poll(&mut events, timeout) {
        Ok(0) => return Ok(false),
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(errno),
    }
    loop {
        match inotify.read_events() {
            Ok(_) => {}
            Err(Errno::EAGAIN) => return Ok(true),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Reads a directory. A lesson that can't be used stays as it was `last`.
pub(crate) fn read(directory: &Path, last: Option<&Lessons>) -> ReadLessons {
    let last = last.map(|lessons| [&lessons.en, &lessons.zh]);
    let ([en, zh], mut errors) = lesson::usable(directory, last);
    errors.extend(course::id(directory).err().into_iter().flatten());
    let mistakes = errors
        .iter()
        .map(|it| Mistake(Lang::ALL.map(|lang| short(&it.in_language(lang), directory))));
    ReadLessons {
        lessons: Lessons { en, zh },
        mistakes: mistakes.collect(),
    }
}

/// Leaves out the directory: the pane is narrow, and the author knows where the file is.
fn short(said: &str, directory: &Path) -> String {
    said.replace(&format!("{}/", directory.display()), "")
}

fn message(ReadLessons { lessons, mistakes }: ReadLessons) -> Msg {
    let needs = LessonNeeds::of(&lessons.en);
    Msg::Lessons(LessonsEvent::Read {
        absent: environment::absent(needs.iter().flat_map(|it| &it.programs)),
        lessons: Box::new(lessons),
        mistakes,
    })
}
