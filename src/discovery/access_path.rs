//! How a namespace is reached through a process, and what identifies it.
//!
//! Must not know why it is opened.

use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{FileStat, Mode, fstat};
use nix::sys::statfs::{FsType, fstatfs};
use serde::{Deserialize, Serialize};

use super::map::Holder;
use super::sockets::SocketsOf;
use crate::namespace::{Namespace, NamespaceId};
use crate::sys;

/// `NSFS_MAGIC`; statfs(2).
const NSFS: FsType = FsType(0x6e73_6673);

/// How a namespace is reached through a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AccessPath {
    /// The process is in it.
    In,
    /// It is mounted at this path, as the process sees it.
    Mount(String),
    /// The process has it open with this descriptor.
    Descriptor(i32),
    /// The process has a socket that was made in it.
    Socket(i32),
}

impl AccessPath {
    /// The way through the process of a holder.
    pub(crate) fn of(holder: &Holder) -> Self {
        match holder {
            Holder::Mount { path, .. } => AccessPath::Mount(path.clone()),
            Holder::Descriptor { fd, .. } => AccessPath::Descriptor(*fd),
            Holder::Socket { fd, .. } => AccessPath::Socket(*fd),
        }
    }

    /// Opens this namespace; none if the process has ended, or doesn't lead there any more.
    pub(crate) fn open(
        &self,
        proc: &OwnedFd,
        pid: i32,
        kind: Namespace,
        key: NamespaceId,
    ) -> Option<OwnedFd> {
        // The descriptor may be another file by now: a terminal must not become our controlling one.
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let at = |path: String| openat(proc, path.as_str(), flags, Mode::empty()).ok();
        let namespace = match self {
            AccessPath::In => at(format!("{pid}/ns/{}", kind.name())),
            AccessPath::Mount(path) => open_mount(proc, pid, path),
            AccessPath::Descriptor(fd) => at(format!("{pid}/fd/{fd}")),
            AccessPath::Socket(fd) => SocketsOf::process(pid).network(*fd).ok(),
        }?;
        (NamespaceId::of_file(&namespace) == Some(key)).then_some(namespace)
    }
}

/// Opens the namespace that is mounted at a path, as a process sees that path. Anything else that has taken its
/// place is not opened.
fn open_mount(proc: &OwnedFd, pid: i32, path: &str) -> Option<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let root = format!("{pid}/root");
    let root = openat(proc, root.as_str(), flags, Mode::empty()).ok()?;
    let path = CString::new(path).ok()?;
    let there = sys::open_in_root(root.as_fd(), &path, libc::O_PATH).ok()?;
    if fstatfs(&there).ok()?.filesystem_type() != NSFS {
        return None;
    }
    let again = format!("self/fd/{}", there.as_raw_fd());
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    openat(proc, again.as_str(), flags, Mode::empty()).ok()
}

impl NamespaceId {
    pub(crate) fn of(stat: &FileStat) -> Self {
        NamespaceId {
            dev: stat.st_dev,
            ino: stat.st_ino,
        }
    }

    pub(crate) fn of_file(file: &OwnedFd) -> Option<Self> {
        fstat(file).ok().map(|stat| Self::of(&stat))
    }
}
