//! One running shell: a thread for each line of its terminal, and how it is ended.
//!
//! Must not know why it was started, nor what becomes of what it prints.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, channel};
use std::thread;
use std::time::Duration;

use super::incoming::{Incoming, Sender};
use crate::app::{Failure, Msg};
use crate::observe::watch::Watch;
use crate::pty::session::{Lines, Session};
use crate::sandbox::launch::{Event, Process};
use crate::sandbox::{Plan, Side};

/// How long a killed shell may take to end before its helper is killed too.
const GONE_BY: Duration = Duration::from_millis(300);

/// Bytes that may wait for a program that doesn't read. What is typed beyond that is lost, as are the
/// replies to a program that asks its terminal questions without end.
const UNREAD: usize = 1024 * 1024;

/// What is typed into a shell, on its way to the terminal.
pub(super) struct Input {
    typed: mpsc::Sender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

impl Input {
    pub(super) fn send(&self, bytes: Vec<u8>) {
        if self.waiting.load(Ordering::Relaxed) < UNREAD {
            self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
            // Fails only where the terminal is gone.
            let _ = self.typed.send(bytes);
        }
    }
}

pub(super) struct ShellProcess {
    pub(super) launch: u32,
    pub(super) plan: Plan,
    pub(super) session: Session,
    pub(super) input: Input,
    helper: Process,
    /// The shell itself, once it runs.
    pub(super) process: Option<Process>,
    pub(super) watch: Option<Watch>,
    /// The watcher that reports details, while they are shown.
    pub(super) detail_watch: Option<Watch>,
}

impl ShellProcess {
    /// Follows a shell that is being launched, and reports what it does and prints.
    pub(super) fn new(
        side: Side,
        launch: u32,
        plan: Plan,
        session: Session,
        lines: Lines,
        tell: &Sender,
    ) -> Self {
        Self {
            launch,
            plan,
            session,
            helper: lines.launch.helper(),
            input: connect(side, launch, lines, tell),
            process: None,
            watch: None,
            detail_watch: None,
        }
    }

    /// Ends what runs, and returns when it is gone.
    pub(super) fn end(self) {
        self.process.as_ref().unwrap_or(&self.helper).kill();
        if !self.helper.ends_within(GONE_BY) {
            // Its launcher may be stopped. Everything below a helper dies with it.
            self.helper.kill();
            self.helper.ends_within(GONE_BY);
        }
    }

    /// The name of the program that has the foreground, unless it is the shell itself.
    pub(super) fn foreground_program(&self) -> Option<String> {
        let shell = self.process.as_ref()?.pid();
        let group = self.session.foreground().filter(|group| *group != shell)?;
        program_of(group)
    }
}

/// The name of a process group's leader; where the leader has ended (`seq 9 | less`), of another process
/// in the group.
fn program_of(group: i32) -> Option<String> {
    let leader = format!("/proc/{group}");
    let all = fs::read_dir("/proc").ok()?.flatten().map(|it| it.path());
    std::iter::once(leader.into()).chain(all).find_map(|path| {
        // proc_pid_stat(5): pid (comm) state ppid pgrp. A name may hold any bytes, even ')'.
        let stat = fs::read(path.join("stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let state = fields.next()?;
        let of_group = fields.nth(1)?.parse() == Ok(group);
        (of_group && !matches!(state, "Z" | "X")).then(|| name.to_owned())
    })
}

/// Starts a thread for each line of a session.
fn connect(side: Side, launch: u32, lines: Lines, tell: &Sender) -> Input {
    let Lines {
        mut output,
        input: mut terminal,
        launch: follow,
        mut helper,
    } = lines;
    let told = tell.clone();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = output.read(&mut buffer) {
            let message = Msg::Output {
                side,
                launch,
                bytes: buffer[..length].to_vec(),
            };
            if told.send(Incoming::Msg(message)).is_err() {
                return;
            }
        }
    });
    let (typing, typed) = channel::<Vec<u8>>();
    let waiting = Arc::new(AtomicUsize::new(0));
    let input = Input {
        typed: typing,
        waiting: Arc::clone(&waiting),
    };
    // On a thread, so that a program that doesn't read can't block the screen.
    thread::spawn(move || {
        for bytes in typed {
            if terminal.write_all(&bytes).is_err() {
                return;
            }
            waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
        }
    });
    let tell = tell.clone();
    thread::spawn(move || {
        follow.follow(|event| {
            let _ = tell.send(incoming(side, launch, event));
        });
        let _ = helper.wait();
    });
    input
}

fn incoming(side: Side, launch: u32, event: Event) -> Incoming {
    Incoming::Msg(match event {
        Event::Started(process) => {
            return Incoming::Started {
                side,
                launch,
                process,
            };
        }
        Event::Exited(exit) => return Incoming::Exited { side, launch, exit },
        Event::Step(step) => Msg::Step { side, launch, step },
        Event::Refused(refusal) => Msg::Refused {
            side,
            launch,
            refusal: Box::new(refusal),
        },
        Event::Failed(refusal) => Msg::LaunchFailed {
            side,
            launch,
            why: refusal.map_or(Failure::Silent, |it| Failure::Refused(Box::new(it))),
        },
    })
}
