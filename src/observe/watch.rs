//! Starts a watcher, and reads what it prints as it comes.

use std::io::{self, Read};
use std::marker::PhantomData;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::de::DeserializeOwned;

use super::asked::{Asked, Question};
use super::detail::{Detail, Inside};
use super::snapshot::Snapshot;
use super::watcher::{WatchOrders, What};
use crate::discovery::Map;
use crate::sandbox::Host;
use crate::sandbox::entry::WatcherCommand;
use crate::sandbox::launch::HeldProcess;

/// A running watcher, which prints a `T` as a line whenever something has changed; dropping this kills
/// it.
#[derive(Debug)]
pub(crate) struct Watch<T> {
    watcher: Child,
    // Never blocks.
    output: ChildStdout,
    /// The beginning of a line.
    unread: Vec<u8>,
    what: PhantomData<T>,
}

/// What a watcher has printed since the last look.
#[derive(Debug)]
pub(crate) struct Printed<T> {
    pub(crate) all: Vec<T>,
    /// The watcher is over, as the watched process is, or prints what can't be read.
    pub(crate) over: bool,
}

impl Watch<Snapshot> {
    /// Watches a program of one side.
    pub(crate) fn start(host: &Host, side: &HeldProcess) -> io::Result<Self> {
        Self::spawn(host.watcher(), side, What::Snapshots)
    }

    /// Watches nslab itself, which sees what the machine sees.
    pub(crate) fn of_machine() -> io::Result<Self> {
        let ourselves = HeldProcess::from_child(std::process::id())?;
        Self::spawn(Host::Machine.watcher(), &ourselves, What::Snapshots)
    }

    /// Takes one snapshot of a program of one side.
    pub(crate) fn once(host: &Host, side: &HeldProcess) -> io::Result<Snapshot> {
        Self::spawn(host.watcher(), side, What::OneSnapshot)?.first()
    }
}

impl Watch<Detail> {
    /// Watches the detail of a program of one side.
    pub(crate) fn detail(host: &Host, side: &HeldProcess) -> io::Result<Self> {
        Self::spawn(host.watcher(), side, What::Detail)
    }
}

impl Watch<Asked> {
    /// Watches what a lesson asks of a side.
    pub(crate) fn asked(
        host: &Host,
        side: &HeldProcess,
        questions: &[Question],
    ) -> io::Result<Self> {
        Self::spawn_asking(host.watcher(), side, What::Asked, questions)
    }

    /// Reads once what a lesson asks of a side.
    pub(crate) fn asked_once(
        host: &Host,
        side: &HeldProcess,
        questions: &[Question],
    ) -> io::Result<Asked> {
        Self::spawn_asking(host.watcher(), side, What::AskedOnce, questions)?.first()
    }
}

impl Watch<Inside> {
    /// Watches all that a program sees.
    pub(crate) fn inside(host: &Host, of: &HeldProcess) -> io::Result<Self> {
        Self::spawn(host.watcher(), of, What::Inside)
    }
}

impl Watch<Map> {
    /// Watches which namespaces there are: in the lab host, or on the machine.
    pub(crate) fn map(host: &Host) -> io::Result<Self> {
        let first = match host {
            Host::Lab(lab) => lab.keeper()?,
            Host::Machine => HeldProcess::from_child(std::process::id())?,
        };
        Self::spawn(host.watcher(), &first, What::Map)
    }
}

impl<T: DeserializeOwned> Watch<T> {
    fn spawn(way: WatcherCommand, side: &HeldProcess, what: What) -> io::Result<Self> {
        Self::spawn_asking(way, side, what, &[])
    }

    fn spawn_asking(
        way: WatcherCommand,
        side: &HeldProcess,
        what: What,
        questions: &[Question],
    ) -> io::Result<Self> {
        let pidfd = side.pidfd().try_clone_to_owned()?;
        let mut command = Command::new(way.binary);
        let orders = WatchOrders {
            access: way.access,
            what,
            cgroup: way.cgroup,
            questions: questions.to_vec(),
        };
        let mut watcher = command
            .arg0("nslab")
            .args(orders.arguments())
            .current_dir("/")
            .env_clear()
            .stdin(pidfd)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = watcher.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        fcntl(&output, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Self {
            watcher,
            output,
            unread: Vec::new(),
            what: PhantomData,
        })
    }

    /// Waits for the first that is printed.
    pub(crate) fn first(mut self) -> io::Result<T> {
        loop {
            let mut printed = self.take();
            if let Some(first) = printed.all.pop() {
                return Ok(first);
            }
            if printed.over {
                return Err(io::Error::other(
                    "the watcher could not join the program's namespaces",
                ));
            }
            // An error, such as EINTR, only means one more look.
            let mut fds = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
            let _ = poll(&mut fds, PollTimeout::NONE);
        }
    }

    /// Takes what has been printed, without waiting for more.
    pub(crate) fn take(&mut self) -> Printed<T> {
        // What was read before the error that there is no more is kept.
        let read = self.output.read_to_end(&mut self.unread);
        let waits = |error: io::Error| error.kind() == io::ErrorKind::WouldBlock;
        let mut over = !read.is_err_and(waits);
        let mut all = Vec::new();
        while let Some(end) = memchr::memchr(b'\n', &self.unread) {
            match serde_json::from_slice(&self.unread[..end]) {
                Ok(it) => all.push(it),
                Err(_) => over = true,
            }
            self.unread.drain(..=end);
        }
        Printed { all, over }
    }
}

impl<T> AsFd for Watch<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.output.as_fd()
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}
