//! The session keyring of the lab's processes; session-keyring(7).
//!
//! Owns which keyring that is: an empty one instead of the user's, whose keys would be readable in the
//! lab. All labs of a user share it, as each keyring is a key that counts for that user, and users may
//! have 200; keyrings(7). Nothing in a lab can put a key into it: see `filter`.

use std::ffi::CStr;

use nix::errno::Errno;
use nix::unistd::geteuid;

use super::call::Call;
use super::trace::{Refused, Tracer};
use crate::sys;

const NAME: &CStr = c"nslab";

/// The keyring's permissions: all for its possessors; its user may view, read, search and link it. `<linux/key.h>`.
const FOR_THE_USER: u32 = 0x3f1b_0000;

/// Joins the session keyring of the labs. On a kernel without keyrings there is nothing to do. If the call
/// is refused, as by a container's seccomp filter, the lab's programs can't make it either: they inherit the
/// filter.
pub(super) fn join(trace: &mut Tracer) -> Result<(), Refused> {
    match trace.step(Call::JoinSessionKeyring, join_quietly) {
        Err(Refused {
            errno: Errno::ENOSYS | Errno::EPERM | Errno::EACCES,
            ..
        })
        | Ok(()) => Ok(()),
        Err(refused) => Err(refused),
    }
}

/// Whether crun and runc can start a container: each joins a session keyring first, and gives up at any error but
/// ENOSYS.
pub(super) fn runtimes_can_join() -> bool {
    matches!(join_quietly(), Ok(()) | Err(Errno::ENOSYS))
}

/// Like [`join`], but unreported: for watchers, which belong to no launch.
pub(crate) fn join_quietly() -> nix::Result<()> {
    // Root takes a new keyring each time. By name it could find one that another user has made, and its quota of
    // a million keys is enough.
    if geteuid().is_root() {
        return sys::join_session_keyring(None).map(drop);
    }
    match sys::join_session_keyring(Some(NAME))? {
        None => Ok(()),
        Some(key) => match sys::set_key_permissions(key, FOR_THE_USER) {
            Ok(()) => Ok(()),
            // Another user owns this keyring, has let everybody find it, and could put keys into it.
            Err(_) => sys::join_session_keyring(None).map(drop),
        },
    }
}
