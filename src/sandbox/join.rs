//! Which namespaces a process has, next to our own, and the flags to join them by.
//!
//! Must not know who joins what, nor why.

use nix::sched::CloneFlags;
use nix::sys::stat::stat;

use crate::namespace::Namespace;

/// Device and inode of a namespace: nothing else says whether two are the same one.
type Identity = (u64, u64);

/// The namespace of a process, by its name under `/proc`; none where we may not look, or the kernel
/// lacks the kind.
fn identity(process: &str, kind: Namespace) -> Option<Identity> {
    let path = format!("/proc/{process}/ns/{}", kind.proc_name());
    let file = stat(path.as_str()).ok()?;
    Some((file.st_dev, file.st_ino))
}

/// Whether a process has the same namespace as we, so far as we can see.
pub fn shares(pid: i32, kind: Namespace) -> bool {
    let ours = identity("self", kind);
    ours.is_some() && ours == identity(&pid.to_string(), kind)
}

/// Whether a process has another namespace than we, or one that we may not look at.
pub fn differs(pid: i32, kind: Namespace) -> bool {
    identity("self", kind) != identity(&pid.to_string(), kind)
}

/// The flag of a kind. nix has no name for that of TIME.
pub fn flag(kind: Namespace) -> CloneFlags {
    CloneFlags::from_bits_retain(kind.flag().cast_signed())
}
