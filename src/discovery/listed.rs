//! The namespaces that the kernel lists: listns(2), Linux 6.19.
//!
//! The list has namespaces that `/proc` doesn't show: a thread's, and those of a descriptor in flight in a
//! socket. It lacks net namespaces that only a socket keeps. Must not know what else is read.

use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;

use crate::namespace::Namespace;
use crate::sys;

/// Ids that are asked for at once.
const AT_ONCE: usize = 1024;

/// Asks the kernel for its list.
#[derive(Debug)]
pub(super) struct Listed {
    /// The ids of the namespaces that the reader is in.
    own: Vec<u64>,
}

impl Listed {
    pub(super) fn of_reader() -> Self {
        let id = |kind: Namespace| {
            let path = format!("/proc/self/ns/{}", kind.name());
            let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
            let namespace = open(path.as_str(), flags, Mode::empty()).ok()?;
            sys::id_of_namespace(namespace.as_fd()).ok()
        };
        let own = Namespace::ALL.into_iter().filter_map(id).collect();
        Self { own }
    }

    /// The ids of all living namespaces. `None` if the kernel lacks the call, or lists only the reader's own: to
    /// see all of them takes CAP_SYS_ADMIN in the machine's first namespaces.
    pub(super) fn all(&self) -> Option<Vec<u64>> {
        let mut all = Vec::new();
        let mut some = [0; AT_ONCE];
        loop {
            let after = all.last().copied().unwrap_or(0);
            match sys::list_namespaces(after, &mut some) {
                // ENOENT: none is left.
                Ok(0) | Err(Errno::ENOENT) => break,
                Ok(count) => all.extend_from_slice(&some[..count]),
                Err(_) => return None,
            }
        }
        let has_others = all.iter().any(|id| !self.own.contains(id));
        has_others.then_some(all)
    }

    /// Opens one of them; none if it has ended.
    pub(super) fn open(id: u64) -> Option<OwnedFd> {
        sys::open_namespace_by_id(id).ok()
    }
}
