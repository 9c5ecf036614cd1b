//! nslab's end of a watcher: starts it, gives it orders, and reads its reports.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use super::snapshot::Snapshot;
use super::watcher::{Order, SeenReport, WatchOrders, WatchedPart, WatcherReport};
use crate::discovery::Map;
use crate::sandbox::Host;
use crate::sandbox::channel::Channel;
use crate::sandbox::entry::WatcherCommand;
use crate::sandbox::launch::HeldProcess;

/// A running watcher; dropping this kills it.
#[derive(Debug)]
pub(crate) struct Watcher {
    process: Child,
    orders: Channel,
    // Never blocks.
    output: ChildStdout,
    /// The beginning of a line whose end has not come yet.
    unread: Vec<u8>,
}

/// A watcher's reports since the last look.
#[derive(Debug)]
pub(crate) struct WatcherReports {
    pub(crate) all: Vec<WatcherReport>,
    /// Whether the watcher has ended, or its output can't be read.
    pub(crate) over: bool,
}

/// Takes one snapshot of a program.
pub(crate) fn once(host: &Host, process: &HeldProcess) -> io::Result<Snapshot> {
    first(host, WatchedPart::Snapshot, process, |seen| match seen {
        SeenReport::Snapshot(snapshot) => Some(*snapshot),
        _ => None,
    })
}

/// Reads once which namespaces there are: in the lab host, or on the machine.
pub(crate) fn map(host: &Host) -> io::Result<Map> {
    first(
        host,
        WatchedPart::Map,
        &first_process(host)?,
        |seen| match seen {
            SeenReport::Map(map) => Some(*map),
            _ => None,
        },
    )
}

/// The process to watch for the map of this host.
pub(crate) fn first_process(host: &Host) -> nix::Result<HeldProcess> {
    match host {
        Host::Lab(lab) => lab.keeper(),
        Host::Machine => ourselves(),
    }
}

/// nslab itself, as the process that represents the machine.
pub(crate) fn ourselves() -> nix::Result<HeldProcess> {
    HeldProcess::from_child(std::process::id())
}

/// Waits for the first report of a process.
fn first<T>(
    host: &Host,
    what: WatchedPart,
    process: &HeldProcess,
    of: impl Fn(SeenReport) -> Option<T>,
) -> io::Result<T> {
    let mut watcher = Watcher::start(host)?;
    watcher.watch(0, what, process)?;
    loop {
        let printed = watcher.take();
        let mut over = printed.over;
        for told in printed.all {
            match told {
                WatcherReport::Seen { seen, .. } => {
                    if let Some(it) = of(seen) {
                        return Ok(it);
                    }
                }
                WatcherReport::Over { .. } => over = true,
                WatcherReport::Looked { .. } => {}
            }
        }
        if over {
            return Err(io::Error::other(
                "the watcher could not join the program's namespaces",
            ));
        }
        watcher.wait(None);
    }
}

impl Watcher {
    /// Starts a watcher of programs on this host. It has nothing to watch yet.
    pub(crate) fn start(host: &Host) -> io::Result<Self> {
        let WatcherCommand {
            binary,
            access,
            cgroup,
            home,
        } = host.watcher();
        let orders = WatchOrders {
            access,
            cgroup,
            home,
        };
        let (channel, theirs) = Channel::pair()?;
        let mut process = Command::new(binary)
            .arg0("nslab")
            .args(orders.arguments())
            .current_dir("/")
            .env_clear()
            .stdin(theirs)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        fcntl(&output, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Self {
            process,
            orders: channel,
            output,
            unread: Vec::new(),
        })
    }

    /// Makes the watcher watch a process, until the process ends.
    pub(crate) fn watch(
        &self,
        number: u32,
        what: WatchedPart,
        process: &HeldProcess,
    ) -> io::Result<()> {
        let order = Order::Watch { number, what };
        self.or_end(self.orders.send_with(&order, process.pidfd()))
    }

    pub(crate) fn forget(&self, number: u32) -> io::Result<()> {
        self.or_end(self.orders.send(&Order::Forget { number }))
    }

    /// Makes the watcher report all sides and all answers now.
    pub(crate) fn look(&self, turn: u32) -> io::Result<()> {
        self.or_end(self.orders.send(&Order::Look { turn }))
    }

    /// Kills a watcher that an order doesn't reach. nslab notices the end of its output, and starts another watcher,
    /// which gets all orders again: so no order is lost.
    fn or_end(&self, sent: io::Result<()>) -> io::Result<()> {
        let pid = Pid::from_raw(self.process.id().cast_signed());
        sent.or_else(|_| Ok(kill(pid, Signal::SIGKILL)?))
    }

    /// Whether somebody has stopped the watcher since the last call: then it can't report changes.
    pub(crate) fn was_stopped(&self) -> bool {
        let pid = Id::Pid(Pid::from_raw(self.process.id().cast_signed()));
        let flags = WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG;
        matches!(waitid(pid, flags), Ok(WaitStatus::Stopped(..)))
    }

    /// Waits until it has printed something, or until the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) {
        let timeout = deadline.map_or(PollTimeout::NONE, |deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
        });
        // An error, such as EINTR, only means one more look.
        let _ = poll(&mut [PollFd::new(self.as_fd(), PollFlags::POLLIN)], timeout);
    }

    /// Takes the reports so far, without waiting for more.
    pub(crate) fn take(&mut self) -> WatcherReports {
        // The error says that there is no more for now. Bytes that were read before it are kept.
        let read = self.output.read_to_end(&mut self.unread);
        let waits = |error: io::Error| error.kind() == io::ErrorKind::WouldBlock;
        let mut over = !read.is_err_and(waits);
        let mut all = Vec::new();
        let mut start = 0;
        while let Some(length) = memchr::memchr(b'\n', &self.unread[start..]) {
            match serde_json::from_slice(&self.unread[start..start + length]) {
                Ok(it) => all.push(it),
                Err(_) => over = true,
            }
            start += length + 1;
        }
        self.unread.drain(..start);
        WatcherReports { all, over }
    }
}

impl AsFd for Watcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.output.as_fd()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_that_takes_no_orders_is_ended_and_none_is_lost_unnoticed() {
        let (orders, theirs) = Channel::pair().unwrap();
        let mut process = Command::new("sleep")
            .arg("1000")
            .stdin(theirs)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = process.stdout.take().unwrap();
        fcntl(&output, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        let mut watcher = Watcher {
            process,
            orders,
            output,
            unread: Vec::new(),
        };
        // Far more than a socket holds: from some point on nobody reads it.
        for number in 0..100_000 {
            watcher.forget(number).unwrap();
        }
        watcher.wait(None);
        assert!(watcher.take().over);
    }
}
