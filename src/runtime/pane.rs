//! A shell in its pane: its terminal's lines on threads of their own, and its end.
//!
//! Must not know why it was started, nor what becomes of what it prints.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, SyncSender, channel};
use std::thread;
use std::time::Duration;

use super::Happening;
use crate::observe::watch::Watch;
use crate::pty::session::{Lines, Session};
use crate::sandbox::launch::Process;
use crate::sandbox::{Plan, Side};

/// How long a shell that was killed may take to be gone, before its helper is killed too.
const GONE_BY: Duration = Duration::from_millis(300);

/// Bytes that may wait for a program that doesn't read. Beyond that what is typed is lost, and so
/// are the answers owed to one that asks its terminal questions for ever.
const UNREAD: usize = 1024 * 1024;

/// What is typed into a pane, on its way to the terminal.
pub struct Input {
    typed: Sender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

impl Input {
    /// Types them; what a program never reads is lost at some point.
    pub fn send(&self, bytes: Vec<u8>) {
        if self.waiting.load(Ordering::Relaxed) < UNREAD {
            self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
            // A terminal that is gone needs no input.
            let _ = self.typed.send(bytes);
        }
    }
}

/// A shell in its pane.
pub struct Pane {
    pub launch: u32,
    pub plan: Plan,
    pub session: Session,
    pub input: Input,
    helper: Process,
    pub shell: Option<Process>,
    pub watch: Option<Watch>,
    /// The watcher that sees more, while somebody looks.
    pub detail: Option<Watch>,
}

impl Pane {
    /// A shell that is about to be there, and what it prints and does told from now on.
    pub fn new(
        side: Side,
        launch: u32,
        plan: Plan,
        session: Session,
        lines: Lines,
        tell: &SyncSender<Happening>,
    ) -> Self {
        Self {
            launch,
            plan,
            session,
            helper: lines.launch.helper(),
            input: connect(side, launch, lines, tell),
            shell: None,
            watch: None,
            detail: None,
        }
    }

    /// Ends what runs, and returns when it is gone.
    pub fn end(self) {
        if let Some(shell) = &self.shell {
            shell.kill();
        } else {
            self.helper.kill();
        }
        if !self.helper.ends_within(GONE_BY) {
            // Its launcher was stopped, say. All below a helper dies with it.
            self.helper.kill();
            self.helper.ends_within(GONE_BY);
        }
    }

    /// The program that has the foreground, where it isn't the shell itself.
    pub fn foreground_program(&self) -> Option<String> {
        let shell = self.shell.as_ref()?.pid();
        let group = self.session.foreground().filter(|group| *group != shell)?;
        program_of(group)
    }
}

/// A program of a process group: its leader, or where that has ended another one, as `less` in
/// `seq 9 | less`.
fn program_of(group: i32) -> Option<String> {
    let leader = format!("/proc/{group}");
    let all = fs::read_dir("/proc").ok()?.flatten().map(|it| it.path());
    std::iter::once(leader.into()).chain(all).find_map(|path| {
        // proc_pid_stat(5): pid (comm) state ppid pgrp; a name may hold anything, any bytes even.
        let stat = fs::read(path.join("stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let state = fields.next()?;
        let of_group = fields.nth(1)?.parse() == Ok(group);
        (of_group && !matches!(state, "Z" | "X")).then(|| name.to_owned())
    })
}

/// A thread for each line of a session.
fn connect(side: Side, launch: u32, lines: Lines, tell: &SyncSender<Happening>) -> Input {
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
            let bytes = buffer[..length].to_vec();
            if told
                .send(Happening::Output {
                    side,
                    launch,
                    bytes,
                })
                .is_err()
            {
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
    // A program that doesn't read must not keep the screen waiting.
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
            let _ = tell.send(Happening::Launch {
                side,
                launch,
                event,
            });
        });
        let _ = helper.wait();
    });
    input
}
