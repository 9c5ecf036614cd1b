//! Reads a process's snapshot again whenever it may have changed.
//!
//! Owns the descriptors by which the kernel notifies of a change. Must not know who gets the snapshot.

use std::fs::File;
use std::mem;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{MsgFlags, SockFlag, recv};

use super::messages::SeenReport;
use super::pace::{Forced, IN_VAIN, LEAST_PAUSE, LookResult, PERIOD, Runs, processor_time};
use super::visitor::{NamespaceVisitor, WatchError, WatchTarget};
use crate::observe::reader::{KernelNotices, Namespaces, SideReader, Signs, differ};
use crate::observe::snapshot::Snapshot;
use crate::rtnetlink;

pub(super) struct Sight {
    reader: SideReader,
    signs: Signs,
    /// Becomes ready when a mount changes.
    mounts: File,
    /// Becomes ready when a link or an address changes.
    links: Option<OwnedFd>,
    /// The namespaces in which all these were opened.
    namespaces: Namespaces,
    news: KernelNotices,
    /// Whether the kernel has reported a change since the last reading.
    notified: bool,
    /// Whether a name has changed in some UTS namespace. The kernel doesn't say in which.
    renamed: bool,
    rests_until: Instant,
    now: Snapshot,
    /// The time of the last reading.
    read: Instant,
    ran: u64,
}

impl Sight {
    /// Begins to listen before the first reading, so that no change in between is missed.
    pub(super) fn open(
        target: &WatchTarget,
        visitor: &NamespaceVisitor,
    ) -> Result<Self, WatchError> {
        let namespaces = SideReader::new(target.pid)?.namespaces();
        let (reader, signs, mounts, links) = visitor.inside(target, || {
            let reader = SideReader::new(target.pid)?;
            let signs = Signs::of(&reader);
            let mounts = reader.open("mountinfo")?;
            Ok((reader, signs, mounts, link_changes().ok()))
        })?;
        // Take the time before the visit: the clocks there may differ from ours.
        let now = Instant::now();
        Ok(Self {
            reader,
            signs,
            mounts,
            links,
            namespaces,
            news: KernelNotices::ALL,
            notified: true,
            renamed: false,
            rests_until: now,
            now: Snapshot::default(),
            read: now,
            ran: 0,
        })
    }

    /// After a reported change: the earliest time of the next reading.
    pub(super) fn rests_until(&self) -> Option<Instant> {
        (self.notified || self.renamed).then_some(self.rests_until)
    }

    /// Whether the process moved while it was read, so that nothing was reported.
    pub(super) fn is_missed(&self) -> bool {
        self.notified
    }

    pub(super) fn notices(&self) -> Vec<PollFd<'_>> {
        let mounts = PollFd::new(self.mounts.as_fd(), PollFlags::POLLPRI);
        let links = self.links.as_ref();
        let links = links.map(|it| PollFd::new(it.as_fd(), PollFlags::POLLIN));
        [mounts].into_iter().chain(links).collect()
    }

    pub(super) fn note(&mut self, anywhere: bool, come: &[bool]) {
        let has_come = |at| come.get(at) == Some(&true);
        self.news.mounts |= has_come(0);
        self.news.links |= has_come(1);
        self.notified |= come.contains(&true);
        self.renamed |= anywhere;
    }

    pub(super) fn look(
        &mut self,
        target: &WatchTarget,
        visitor: &NamespaceVisitor,
        runs: &Runs,
        force: Forced,
    ) -> Result<LookResult, WatchError> {
        if mem::take(&mut self.renamed) && !self.notified {
            self.rests_until = Instant::now() + LEAST_PAUSE;
            self.notified =
                visitor.inside(target, || Ok(SideReader::has_other_names(&self.now)?))?;
        }
        // Read the signs only if one may have changed.
        let may_have_run = mem::replace(&mut self.ran, runs.count) != runs.count;
        let quiet = force == Forced::No
            && !self.notified
            && !(may_have_run && self.signs.have_changed(&self.reader));
        if quiet && self.read.elapsed() < PERIOD * IN_VAIN {
            return Ok(found(None, PERIOD));
        }
        if force == Forced::Yes {
            self.news = KernelNotices::ALL;
        }
        // If we stay in the process's time namespace, other clocks than this one may jump.
        let begun = processor_time();
        let stayed = self.read(target, visitor)?;
        let took = processor_time().saturating_sub(begun);
        self.read = Instant::now();
        self.rests_until = self.read + took.max(LEAST_PAUSE);
        let seen = stayed.then(|| SeenReport::Snapshot(Box::new(self.now.clone())));
        Ok(found(seen, PERIOD))
    }

    /// Reads the process in its present namespaces. Returns whether it has stayed in them meanwhile.
    fn read(
        &mut self,
        target: &WatchTarget,
        visitor: &NamespaceVisitor,
    ) -> Result<bool, WatchError> {
        if differ(&self.namespaces, &self.reader.namespaces()) {
            *self = Self {
                ran: self.ran,
                ..Self::open(target, visitor)?
            };
        }
        self.refresh(target, visitor)
    }

    /// Reads the parts that have changed, and all parts that the kernel never reports. Returns whether the process is
    /// still in the namespaces in which the descriptors were opened: values read while it moved may belong to either
    /// place.
    fn refresh(
        &mut self,
        target: &WatchTarget,
        visitor: &NamespaceVisitor,
    ) -> Result<bool, WatchError> {
        self.notified = false;
        let news = mem::take(&mut self.news);
        if news.links {
            drain(self.links.as_ref());
        }
        visitor.inside(target, || Ok(self.reader.refresh(&mut self.now, news)?))?;
        let moved = differ(&self.namespaces, &self.now.namespaces);
        if moved {
            self.news = KernelNotices::ALL;
            self.notified = true;
        }
        Ok(!moved)
    }
}

fn found(seen: Option<SeenReport>, pause: Duration) -> LookResult {
    LookResult { seen, pause }
}

/// A socket that becomes readable when a link or an address changes; rtnetlink(7).
fn link_changes() -> nix::Result<OwnedFd> {
    let groups =
        (libc::RTMGRP_LINK | libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR).cast_unsigned();
    rtnetlink::open(SockFlag::SOCK_NONBLOCK, groups)
}

fn drain(socket: Option<&OwnedFd>) {
    let Some(socket) = socket else { return };
    let mut buffer = [0_u8; 8192];
    // ENOBUFS says that messages were lost: no matter, we read all links again.
    while matches!(
        recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()),
        Ok(1..) | Err(Errno::ENOBUFS)
    ) {}
}

#[cfg(test)]
mod tests {
    use nix::unistd::Pid;

    use super::*;
    use crate::namespace::Namespace;
    use crate::sandbox::entry::Access;
    use crate::sys;

    /// Seen on a busy machine: a shell ran unshare(1) after its watcher had joined its namespaces and
    /// before the first reading. The values of the old namespaces then stayed beside the names of the
    /// new ones.
    #[test]
    fn a_process_that_moves_while_it_is_read_is_read_again_where_it_is() {
        let target = WatchTarget::new(sys::pidfd_open(Pid::this()).unwrap()).unwrap();
        let visitor = NamespaceVisitor::new(Access::Machine, None);
        let mut sight = Sight::open(&target, &visitor).unwrap();
        assert!(sight.refresh(&target, &visitor).unwrap());
        assert_eq!(sight.rests_until(), None);
        let elsewhere = sight.namespaces.entry(Namespace::Uts);
        elsewhere.and_modify(|id| id.ino ^= 1);
        assert!(!sight.refresh(&target, &visitor).unwrap());
        assert!(sight.rests_until().is_some());
        assert!(sight.read(&target, &visitor).unwrap());
        assert_eq!(sight.namespaces, sight.now.namespaces);
    }

    /// On a machine with many labs, somebody else's name changes often.
    #[test]
    fn a_name_that_changes_elsewhere_is_no_reason_to_read() {
        let target = WatchTarget::new(sys::pidfd_open(Pid::this()).unwrap()).unwrap();
        let visitor = NamespaceVisitor::new(Access::Machine, None);
        let runs = Runs::new(None);
        let mut sight = Sight::open(&target, &visitor).unwrap();
        let look = |sight: &mut Sight| {
            let found = sight.look(&target, &visitor, &runs, Forced::No);
            found.unwrap().seen.is_some()
        };
        assert!(look(&mut sight));
        sight.note(true, &[false, false]);
        assert!(sight.rests_until().is_some());
        assert!(!look(&mut sight));
        assert_eq!(sight.rests_until(), None);
        sight.now.hostname.push('x');
        sight.note(true, &[false, false]);
        assert!(look(&mut sight));
        assert!(!sight.now.hostname.ends_with('x'));
    }
}
