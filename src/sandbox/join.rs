//! Joins and makes namespaces, and compares a process's namespaces with our own.
//!
//! Must not know who joins or makes which, nor why.

use std::os::fd::{AsRawFd, OwnedFd};

use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::stat::stat;

use super::call::Call;
use super::trace::{Refused, Tracer};
use crate::namespace::{Namespace, NamespaceSet};

/// A namespace's device and inode: only these tell whether two are the same.
type DeviceAndInode = (u64, u64);

/// Namespaces are those of a thread; setns(2).
const OURS: &str = "thread-self";

/// The namespace of a process under `/proc`; `None` without permission, or if the kernel lacks the kind.
fn namespace_id(process: &str, kind: Namespace) -> Option<DeviceAndInode> {
    let path = format!("/proc/{process}/ns/{}", kind.name());
    let file = stat(path.as_str()).ok()?;
    Some((file.st_dev, file.st_ino))
}

/// Whether the kernel has this kind.
pub(crate) fn exists(kind: Namespace) -> bool {
    namespace_id(OURS, kind).is_some()
}

/// Whether a process shares our namespace, as far as we can see.
pub(crate) fn shares(pid: i32, kind: Namespace) -> bool {
    let ours = namespace_id(OURS, kind);
    ours.is_some() && ours == namespace_id(&pid.to_string(), kind)
}

/// Whether a process has another namespace than we have, or one that we may not look at.
pub(crate) fn differs(pid: i32, kind: Namespace) -> bool {
    namespace_id(OURS, kind) != namespace_id(&pid.to_string(), kind)
}

/// The kinds as flags of setns(2) and unshare(2). nix has no name for that of TIME.
pub(crate) fn flags(kinds: NamespaceSet) -> CloneFlags {
    CloneFlags::from_bits_retain(kinds.bits().cast_signed())
}

/// Joins namespaces of the process behind a pidfd. `whose` names it in the report.
pub(super) fn join(
    process: &OwnedFd,
    whose: &str,
    kinds: NamespaceSet,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    let call = Call::Setns {
        pidfd: process.as_raw_fd(),
        whose: whose.to_owned(),
        kinds,
    };
    trace.step(call, || setns(process, flags(kinds)))
}

/// Makes namespaces with unshare(2).
pub(super) fn make(kinds: NamespaceSet, trace: &mut Tracer) -> Result<(), Refused> {
    trace.step(Call::Unshare(kinds), || unshare(flags(kinds)))
}
