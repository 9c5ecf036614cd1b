//! Goes into the namespaces of a process and comes back.
//!
//! Owns which kinds are joined, and in which order. Must not know what is read there.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sched::setns;
use nix::sys::stat::{FileStat, fstat, stat};
use nix::unistd::geteuid;

use super::occupant::OccupyError;
use crate::discovery;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::reader::{ReadError, SideReader, differ};
use crate::sandbox::entry::Access;
use crate::sandbox::join::{differs, exists, flags};
use crate::sys;

/// Why a watcher has ended, or watches a process no longer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchError {
    #[error("{operation}: {errno}")]
    Join {
        operation: &'static str,
        errno: Errno,
    },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Occupy(#[from] OccupyError),
    #[error(transparent)]
    Map(#[from] discovery::reader::ReadError),
    #[error("talking to nslab: {0}")]
    Talk(#[from] io::Error),
}

pub(super) fn join(operation: &'static str) -> impl Fn(Errno) -> WatchError {
    move |errno| WatchError::Join { operation, errno }
}

const OWN_TIME: &str = "/proc/self/ns/time";

/// A process that is watched.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) pidfd: OwnedFd,
    pub(super) pid: i32,
}

impl Target {
    pub(super) fn new(pidfd: OwnedFd) -> Result<Self, WatchError> {
        let pid = sys::pid_of(pidfd.as_fd()).ok_or(Errno::ESRCH);
        let pid = pid.map_err(join("reading the pidfd"))?;
        Ok(Self { pidfd, pid })
    }

    /// Readable once it has ended.
    pub(super) fn end(&self) -> PollFd<'_> {
        PollFd::new(self.pidfd.as_fd(), PollFlags::POLLIN)
    }
}

/// Goes into the namespaces of one process after the other.
#[derive(Debug)]
pub(super) struct Visitor {
    access: Access,
    /// The time namespace that we are in between two visits: else our own clocks would jump.
    time: Option<File>,
}

impl Visitor {
    pub(super) fn new(access: Access) -> Self {
        Self { access, time: None }
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// Stays in the time namespace of the first process. Back to the machine's, an ordinary user may not.
    /// Before that, no time is to be noted down.
    pub(super) fn keep_time_of(&mut self, first: &Target) -> Result<(), WatchError> {
        if self.time.is_none() {
            self.enter(first)?;
            self.time = File::open(OWN_TIME).ok();
        }
        Ok(())
    }

    /// Reads something from inside. Nothing where the process has moved to other namespaces meanwhile, by
    /// unshare(2) or setns(2).
    pub(super) fn visit<T>(
        &self,
        target: &Target,
        read: impl FnOnce(&mut SideReader) -> Result<T, ReadError>,
    ) -> Result<Option<T>, WatchError> {
        let before = SideReader::new(target.pid)?.namespaces();
        let (it, after) = self.inside(target, || {
            // Made in there: it depends on whether we are in the same user namespace.
            let mut reader = SideReader::new(target.pid)?;
            Ok((read(&mut reader)?, reader.namespaces()))
        })?;
        Ok((!differ(&before, &after)).then_some(it))
    }

    /// Does something while we are in the namespaces of the process.
    pub(super) fn inside<T>(
        &self,
        target: &Target,
        work: impl FnOnce() -> Result<T, WatchError>,
    ) -> Result<T, WatchError> {
        let done = self.enter(target).and_then(|()| work());
        self.come_back()?;
        done
    }

    /// Joins the namespaces for which the kernel's answer depends on the caller.
    fn enter(&self, target: &Target) -> Result<(), WatchError> {
        match self.access {
            Access::Lab { .. } => join_side(target),
            Access::Machine => join_what_differs(target),
        }
    }

    fn come_back(&self) -> Result<(), WatchError> {
        let Some(time) = &self.time else {
            return Ok(());
        };
        let id = |stat: FileStat| (stat.st_dev, stat.st_ino);
        if fstat(time).map(id) == stat(OWN_TIME).map(id) {
            return Ok(());
        }
        setns(time, flags(Namespace::Time.into())).map_err(join("setns(own TIME)"))
    }
}

/// Joins a side of a lab. A kind that it shares with the machine is ours already, and joining it is refused.
fn join_side(target: &Target) -> Result<(), WatchError> {
    let needed = [Namespace::Uts, Namespace::Ipc, Namespace::Net];
    let needed = flags(needed.into_iter().collect());
    setns(&target.pidfd, needed).map_err(join("setns(UTS|IPC|NET)"))?;
    for kind in [Namespace::Cgroup, Namespace::Time] {
        if !differs(target.pid, kind) {
            continue;
        }
        match setns(&target.pidfd, flags(kind.into())) {
            Ok(()) => {}
            // A kernel that lacks the kind shows it nowhere.
            Err(Errno::EINVAL) if !exists(kind) => {}
            Err(errno) => return Err(join("setns(CGROUP, TIME)")(errno)),
        }
    }
    Ok(())
}

/// On the machine: joins only the namespaces that are not ours already, in one call. So the kernel asks for
/// an ordinary user's rights out here, where it is the owner of its user namespaces and of all in them. From
/// inside of the innermost one it could join nothing that an outer one owns; bwrap(1) nests two.
fn join_what_differs(target: &Target) -> Result<(), WatchError> {
    let user = (!geteuid().is_root()).then_some(Namespace::User);
    let others = [
        Namespace::Uts,
        Namespace::Ipc,
        Namespace::Net,
        Namespace::Cgroup,
        Namespace::Time,
    ];
    let kinds = others.into_iter().chain(user);
    let kinds: NamespaceSet = kinds.filter(|kind| differs(target.pid, *kind)).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    setns(&target.pidfd, flags(kinds)).map_err(join("setns(USER, UTS, IPC, NET, CGROUP, TIME)"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use nix::unistd::Pid;

    use super::*;

    #[test]
    fn what_is_read_while_a_process_moves_is_not_told() {
        let mut child = Command::new("sh")
            .args(["-c", "read line; exec unshare -r sleep 1000"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_raw(child.id().cast_signed());
        let target = Target::new(sys::pidfd_open(pid).unwrap()).unwrap();
        let visitor = Visitor::new(Access::Machine);
        let seen = visitor.visit(&target, SideReader::snapshot);
        assert!(seen.unwrap().is_some());
        let mut stdin = child.stdin.take().unwrap();
        let seen = visitor.visit(&target, |reader| {
            stdin.write_all(b"\n").unwrap();
            while !differs(pid.as_raw(), Namespace::User) && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            reader.snapshot()
        });
        let refused = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        if refused {
            eprintln!("a user namespace can't be made here: nothing was tested");
            return;
        }
        assert_eq!(seen.unwrap(), None);
    }
}
