//! Lessons of a directory, read again when something there was saved.
//!
//! On a thread of its own, so that nobody waits for a disk or a parser. Must not know what becomes
//! of what it reads.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::thread;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::Happening;
use crate::app::Lessons;
use crate::cli::doctor::absent_programs;
use crate::doctor::Needs;
use crate::lang::Lang;
use crate::lesson::Library;

/// Editors save in several steps: milliseconds of silence after which they are through.
const SILENCE: u16 = 50;
/// Where something is saved all the time, it is read after so many events.
const NEVER_SILENT: usize = 20;
/// Milliseconds between two looks for a directory that is gone.
const LOOK_AGAIN: u16 = 1_000;

/// What the directory holds: lessons, or what is wrong with them.
type Held = Result<Lessons, Vec<String>>;

/// Tells of the lessons of a directory whenever they are no longer those that were told of last.
pub fn start(directory: PathBuf, lessons: Lessons, tell: SyncSender<Happening>) {
    thread::spawn(move || {
        if let Err(errno) = watch(&directory, Ok(lessons), &tell) {
            let why = format!("inotify: {}", errno.desc());
            let _ = tell.send(Happening::NotWatched(why));
        }
    });
}

/// Returns when nobody listens any more, or where nothing can be watched.
fn watch(directory: &Path, mut last: Held, tell: &SyncSender<Happening>) -> Result<(), Errno> {
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
    loop {
        // Each time: a folder may be a new one of its old name.
        let there = watch_folders(&inotify, directory)?;
        // Between reading and watching something may have been saved: read after it.
        let now = read(directory);
        if now != last {
            last.clone_from(&now);
            if tell.send(happening(now)).is_err() {
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

/// Watches the directory and its folders. Says whether the directory itself is there.
fn watch_folders(inotify: &Inotify, directory: &Path) -> Result<bool, Errno> {
    let saved = AddWatchFlags::IN_CLOSE_WRITE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_MOVE_SELF
        | AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_DELETE
        | AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_ONLYDIR;
    let folders = Lang::ALL.map(|lang| directory.join(lang.name()));
    for folder in &folders {
        match inotify.add_watch(folder, saved) {
            Ok(_) | Err(Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES) => {}
            Err(errno) => return Err(errno),
        }
    }
    match inotify.add_watch(directory, saved) {
        Ok(_) => Ok(true),
        Err(Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Waits for events, and takes them. Says whether any came.
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

/// All there is in the directory.
fn read(directory: &Path) -> Held {
    let [en, zh] = [Lang::En, Lang::ZhCn].map(|lang| Library::from_dir(directory, lang));
    match (en, zh) {
        (Ok(en), Ok(zh)) => Ok(Lessons { en, zh }),
        (en, zh) => {
            let mut errors: Vec<String> = Vec::new();
            // A folder may serve both languages.
            for error in [en.err(), zh.err()].into_iter().flatten().flatten() {
                let said = short(&error.to_string(), directory);
                if !errors.contains(&said) {
                    errors.push(said);
                }
            }
            Err(errors)
        }
    }
}

/// The pane is narrow, and who mends a file knows in which directory it is.
fn short(said: &str, directory: &Path) -> String {
    said.replace(&format!("{}/", directory.display()), "")
}

fn happening(held: Held) -> Happening {
    match held {
        Ok(lessons) => Happening::Lessons {
            absent: absent_programs(&Needs::of(&lessons.en)),
            lessons: Box::new(lessons),
        },
        Err(errors) => Happening::LessonsBroken(errors),
    }
}
