//! One launch of a program, as nslab follows it.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::channel::{Channel, Listener, Message};
use super::report::{Exit, Step};
use crate::sys;

/// How long a helper may take to report for the first time.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A process, by pidfd: it can't be taken for another one with the same number.
#[derive(Debug, Clone)]
pub struct Process {
    pidfd: Arc<OwnedFd>,
    pid: i32,
}

impl Process {
    /// The process behind a pidfd, if it still exists and is visible to us.
    pub fn from_pidfd(pidfd: OwnedFd) -> Option<Self> {
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).ok()?;
        let pid = info
            .lines()
            .find_map(|line| line.strip_prefix("Pid:"))?
            .trim()
            .parse()
            .ok()?;
        (pid > 0).then(|| Self {
            pidfd: Arc::new(pidfd),
            pid,
        })
    }

    /// A child of ours that has not been waited for.
    pub fn from_child(pid: u32) -> nix::Result<Self> {
        let pid = i32::try_from(pid).map_err(|_| Errno::ESRCH)?;
        Ok(Self {
            pidfd: Arc::new(sys::pidfd_open(Pid::from_raw(pid))?),
            pid,
        })
    }

    /// Its pid on the machine.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Its pidfd.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// Kills it. A process that has ended already is no error.
    pub fn kill(&self) {
        let _ = sys::pidfd_send_signal(self.pidfd(), Signal::SIGKILL);
    }
}

/// What happens in a launch, in this order: steps, `Started`, `Exited`; or `Failed` at some point.
#[derive(Debug)]
pub enum Event {
    /// A step was taken.
    Step(Step),
    /// The program runs.
    Started(Process),
    /// The program has ended.
    Exited(Exit),
    /// The launch ended without an exit of the program: what was refused, if that was told.
    Failed(Option<Step>),
}

/// A helper that was started, and where it will report.
#[derive(Debug)]
pub struct Launch {
    listener: Listener,
    helper: Process,
}

impl Launch {
    /// Follows the helper `pid`, a child of ours.
    pub fn new(listener: Listener, pid: u32) -> nix::Result<Self> {
        Ok(Self {
            listener,
            helper: Process::from_child(pid)?,
        })
    }

    /// The helper.
    pub fn helper(&self) -> Process {
        self.helper.clone()
    }

    /// Tells each event as it comes; returns when the helper has nothing more to say.
    pub fn follow(self, mut tell: impl FnMut(Event)) {
        let Ok(channel) = self
            .listener
            .accept(self.helper.pid(), self.helper.pidfd(), PATIENCE)
        else {
            tell(Event::Failed(None));
            return;
        };
        let mut refused = None;
        let mut exited = false;
        while let Some((message, fd)) = next(&channel) {
            match message {
                Message::Step(step) => {
                    if !step.worked() {
                        refused = Some(step.clone());
                    }
                    tell(Event::Step(step));
                }
                Message::Started => {
                    if let Some(process) = fd.and_then(Process::from_pidfd) {
                        tell(Event::Started(process));
                    }
                }
                Message::Exited(exit) => {
                    exited = true;
                    tell(Event::Exited(exit));
                }
                Message::Missing(_) | Message::Ready { .. } => {}
            }
        }
        if !exited {
            tell(Event::Failed(refused));
        }
    }
}

/// What cannot be read ends the conversation: the launcher can be traced by the learner, who may
/// say anything in its name.
fn next(channel: &Channel) -> Option<(Message, Option<OwnedFd>)> {
    channel.receive().ok().flatten()
}
