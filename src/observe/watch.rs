//! Starts a watcher, and reads what it prints as it comes.

use std::io::{self, BufRead, BufReader};
use std::marker::PhantomData;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde::de::DeserializeOwned;

use super::detail::Detail;
use super::snapshot::Snapshot;
use super::watcher::What;
use crate::sandbox::Host;
use crate::sandbox::host::WatcherCommand;
use crate::sandbox::launch::Process;

/// A running watcher; dropping this kills it.
#[derive(Debug)]
pub(crate) struct Watch {
    watcher: Child,
}

/// What a watcher prints, in order. Ends when the watched process does.
#[derive(Debug)]
pub(crate) struct Seen<T> {
    lines: BufReader<ChildStdout>,
    what: PhantomData<T>,
}

pub(crate) type Snapshots = Seen<Snapshot>;

impl Watch {
    /// Watches a program of one side.
    pub(crate) fn start(host: &Host, side: &Process) -> io::Result<(Self, Snapshots)> {
        Self::spawn(host.watcher(), side, What::Snapshots)
    }

    /// Watches the detail of a program of one side.
    pub(crate) fn detail(host: &Host, side: &Process) -> io::Result<(Self, Seen<Detail>)> {
        Self::spawn(host.watcher(), side, What::Detail)
    }

    /// Takes one snapshot of a program of one side.
    pub(crate) fn once(host: &Host, side: &Process) -> io::Result<Snapshot> {
        let (_watch, mut snapshots) =
            Self::spawn::<Snapshot>(host.watcher(), side, What::OneSnapshot)?;
        snapshots.next().unwrap_or_else(|| {
            Err(io::Error::other(
                "the watcher could not join the program's namespaces",
            ))
        })
    }

    /// Watches nslab itself, which sees what the machine sees.
    pub(crate) fn of_machine() -> io::Result<(Self, Snapshots)> {
        let ourselves = Process::from_child(std::process::id())?;
        Self::spawn(Host::Machine.watcher(), &ourselves, What::Snapshots)
    }

    fn spawn<T>(way: WatcherCommand, side: &Process, what: What) -> io::Result<(Self, Seen<T>)> {
        let pidfd = side.pidfd().try_clone_to_owned()?;
        let mut command = Command::new(way.binary);
        command.arg0("nslab").arg("watch").args(way.arguments);
        match what {
            What::Snapshots => {}
            What::OneSnapshot => drop(command.arg("--once")),
            What::Detail => drop(command.arg("--detail")),
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
            Seen {
                lines: BufReader::new(stdout),
                what: PhantomData,
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

impl<T: DeserializeOwned> Iterator for Seen<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(serde_json::from_str(&line).map_err(io::Error::from)),
            Err(error) => Some(Err(error)),
        }
    }
}
