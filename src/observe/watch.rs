//! nslab's side of a watcher: starting it, and its snapshots as they come.

use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::snapshot::Snapshot;
use crate::sandbox::Ground;
use crate::sandbox::ground::WatcherCommand;
use crate::sandbox::launch::Process;

/// A running watcher; ended when this is dropped.
#[derive(Debug)]
pub struct Watch {
    watcher: Child,
}

/// The snapshots of a watcher, in order. Ends when the side does.
#[derive(Debug)]
pub struct Snapshots {
    lines: BufReader<ChildStdout>,
}

impl Watch {
    /// Watches a program of one side.
    pub fn start(ground: &Ground, side: &Process) -> io::Result<(Self, Snapshots)> {
        Self::spawn(ground.watcher(), side, false)
    }

    /// The side as it is now.
    pub fn once(ground: &Ground, side: &Process) -> io::Result<Snapshot> {
        let (_watch, mut snapshots) = Self::spawn(ground.watcher(), side, true)?;
        snapshots.next().unwrap_or_else(|| {
            Err(io::Error::other(
                "the watcher could not join the program it was to look at",
            ))
        })
    }

    /// Watches nslab itself: what it sees is what the machine is.
    pub fn of_machine() -> io::Result<(Self, Snapshots)> {
        let ourselves = Process::from_child(std::process::id())?;
        Self::spawn(Ground::Machine.watcher(), &ourselves, false)
    }

    fn spawn(way: WatcherCommand, side: &Process, once: bool) -> io::Result<(Self, Snapshots)> {
        let pidfd = side.pidfd().try_clone_to_owned()?;
        let mut command = Command::new(way.binary);
        command.arg0("nslab").arg("watch").args(way.arguments);
        if once {
            command.arg("--once");
        }
        let mut watcher = command
            .current_dir("/")
            .env_clear()
            .stdin(pidfd)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = watcher.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok((
            Self { watcher },
            Snapshots {
                lines: BufReader::new(stdout),
            },
        ))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}

impl Iterator for Snapshots {
    type Item = io::Result<Snapshot>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(serde_json::from_str(&line).map_err(io::Error::from)),
            Err(error) => Some(Err(error)),
        }
    }
}
