//! Joins the namespaces of a process for a while, and returns.
//!
//! Owns which kinds are joined, and the order. Must not know what is read there.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sched::setns;
use nix::unistd::geteuid;

use super::occupant::OccupyError;
use crate::discovery;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::reader::{SideReadError, SideReader, differ};
use crate::sandbox::entry::Access;
use crate::sandbox::join::{differs, exists, flags};
use crate::sys;

/// Why a watcher has ended, or has stopped watching a process.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchError {
    #[error("{operation}: {errno}")]
    Join {
        operation: &'static str,
        errno: Errno,
    },
    #[error(transparent)]
    Read(#[from] SideReadError),
    #[error(transparent)]
    Occupy(#[from] OccupyError),
    #[error(transparent)]
    Map(#[from] discovery::reader::MapReadError),
    #[error("talking to nslab: {0}")]
    Talk(#[from] io::Error),
}

pub(super) fn join(operation: &'static str) -> impl Fn(Errno) -> WatchError {
    move |errno| WatchError::Join { operation, errno }
}

/// A process that is watched.
#[derive(Debug)]
pub(super) struct WatchTarget {
    pub(super) pidfd: OwnedFd,
    pub(super) pid: i32,
}

impl WatchTarget {
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

/// Joins the namespaces of one process after the other.
pub(super) struct NamespaceVisitor {
    pub(super) access: Access,
    /// The process in whose namespaces we stay between two visits, so that we keep no namespace of an ended
    /// process alive, and our own clocks don't jump. `None` where we can't return.
    home: Option<WatchTarget>,
    /// An action during the next visit.
    #[cfg(test)]
    pub(super) during_next: std::cell::Cell<Option<Box<dyn FnOnce()>>>,
}

impl NamespaceVisitor {
    pub(super) fn new(access: Access, home: Option<WatchTarget>) -> Self {
        Self {
            access,
            home,
            #[cfg(test)]
            during_next: std::cell::Cell::new(None),
        }
    }

    /// Joins the namespaces in which we stay between two visits: those of `home`; or, where we can't return there,
    /// those of `only`, the one process that is watched. Don't read a clock before this call: the clocks may jump.
    pub(super) fn settle(&self, only: &WatchTarget) -> Result<(), WatchError> {
        self.enter(self.home.as_ref().unwrap_or(only))
    }

    /// Reads something in the process's namespaces. `None` if the process has moved to other namespaces meanwhile,
    /// by unshare(2) or setns(2).
    pub(super) fn visit<T>(
        &self,
        target: &WatchTarget,
        read: impl FnOnce(&mut SideReader) -> Result<T, SideReadError>,
    ) -> Result<Option<T>, WatchError> {
        let before = SideReader::new(target.pid)?.namespaces();
        let (it, after) = self.inside(target, || {
            // Make the reader inside: it depends on whether we are in the same user namespace.
            let mut reader = SideReader::new(target.pid)?;
            Ok((read(&mut reader)?, reader.namespaces()))
        })?;
        Ok((!differ(&before, &after)).then_some(it))
    }

    /// Does something while we are in the namespaces of the process.
    pub(super) fn inside<T>(
        &self,
        target: &WatchTarget,
        work: impl FnOnce() -> Result<T, WatchError>,
    ) -> Result<T, WatchError> {
        let entered = self.enter(target);
        #[cfg(test)]
        if let Some(happens) = self.during_next.take() {
            happens();
        }
        let done = entered.and_then(|()| work());
        if let Some(home) = &self.home {
            self.enter(home)?;
        }
        done
    }

    /// Joins the namespaces for which the kernel's answer depends on the caller.
    fn enter(&self, target: &WatchTarget) -> Result<(), WatchError> {
        match self.access {
            Access::Lab { .. } => join_side(target),
            Access::Machine => join_what_differs(target),
        }
    }
}

/// Joins a side of a lab. A kind that it shares with the machine is ours already, and joining it is refused.
fn join_side(target: &WatchTarget) -> Result<(), WatchError> {
    let needed = [Namespace::Uts, Namespace::Ipc, Namespace::Net];
    let needed = flags(needed.into_iter().collect());
    setns(&target.pidfd, needed).map_err(join("setns(UTS|IPC|NET)"))?;
    for kind in [Namespace::Cgroup, Namespace::Time] {
        if !differs(target.pid, kind) {
            continue;
        }
        match setns(&target.pidfd, flags(kind.into())) {
            Ok(()) => {}
            // If the kernel lacks the kind, no process shows it.
            Err(Errno::EINVAL) if !exists(kind) => {}
            Err(errno) => return Err(join("setns(CGROUP, TIME)")(errno)),
        }
    }
    Ok(())
}

/// On the machine: joins only the namespaces that are not ours already, and all in one call. The kernel then checks
/// an ordinary user's rights from our own user namespace: there, the user owns the user namespaces below and
/// everything in them. If we joined the innermost user namespace first, we could no longer join the namespaces
/// that an outer one owns; bwrap(1) nests two.
fn join_what_differs(target: &WatchTarget) -> Result<(), WatchError> {
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

    use nix::sys::stat::stat;
    use nix::unistd::Pid;

    use super::*;
    use crate::observe::watcher::tests::joins_namespaces;

    fn ourselves() -> WatchTarget {
        WatchTarget::new(sys::pidfd_open(Pid::this()).unwrap()).unwrap()
    }

    /// Otherwise we would keep alive the namespaces that the visited process leaves when it ends, and the
    /// cgroup of every process would read differently afterwards; cgroup_namespaces(7).
    #[test]
    fn after_a_visit_we_are_at_home_again() {
        if !joins_namespaces() {
            return;
        }
        let mut child = Command::new("unshare")
            .args(["-u", "-i", "-n", "-C", "sleep", "1000"])
            .spawn()
            .unwrap();
        let pid = Pid::from_raw(child.id().cast_signed());
        let kinds = [
            Namespace::Uts,
            Namespace::Ipc,
            Namespace::Net,
            Namespace::Cgroup,
        ];
        // The namespaces of this thread.
        let ours = || {
            kinds.map(|kind| {
                let it = stat(format!("/proc/thread-self/ns/{}", kind.name()).as_str()).unwrap();
                (it.st_dev, it.st_ino)
            })
        };
        let there = || kinds.iter().all(|kind| differs(pid.as_raw(), *kind));
        while !there() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let target = WatchTarget::new(sys::pidfd_open(pid).unwrap()).unwrap();
        let home = ours();
        let visitor = NamespaceVisitor::new(Access::Machine, Some(ourselves()));
        let inside = visitor.inside(&target, || Ok(ours()));
        let after = ours();
        child.kill().unwrap();
        child.wait().unwrap();
        let inside = inside.unwrap();
        for (at, kind) in kinds.iter().enumerate() {
            assert_ne!(inside[at], home[at], "{kind:?}");
        }
        assert_eq!(after, home);
    }

    #[test]
    fn what_is_read_while_a_process_moves_is_not_told() {
        let mut child = Command::new("sh")
            .args(["-c", "read line; exec unshare -r sleep 1000"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_raw(child.id().cast_signed());
        let target = WatchTarget::new(sys::pidfd_open(pid).unwrap()).unwrap();
        let visitor = NamespaceVisitor::new(Access::Machine, None);
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
