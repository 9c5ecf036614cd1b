//! Keeps a lab without a cgroup of its own out of the one that nslab is in.
//!
//! The files of a cgroup are checked by owner. Where nslab's belongs to the user, and nslab sees it read-only (in a
//! container with that user's id, in bwrap), the lab's root could mount it anew from a cgroup namespace of its own, and
//! kill what is in it outside of the lab. So no cgroup namespace can be made in such a lab.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitStatus;

use nix::mount::MsFlags;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{AccessFlags, ForkResult, access};

use super::report::Shortfall;
use super::trace::{Refused, Tracer, errno};
use super::{join, root};
use crate::namespace::Namespace;
use crate::sys;

/// Whether root of the guard's user namespace could change nslab's cgroup: tries it in a child, in
/// mounts of its own. What can't be found out counts as yes.
pub(super) fn is_in_reach() -> bool {
    match sys::fork() {
        Ok(ForkResult::Child) => std::process::exit(i32::from(mount_anew().is_ok())),
        Ok(ForkResult::Parent { child }) => !says_no(sys::wait(child)),
        Err(_) => true,
    }
}

fn says_no(ended: nix::Result<ExitStatus>) -> bool {
    ended.is_ok_and(|status| status.success())
}

fn mount_anew() -> nix::Result<()> {
    unshare(CloneFlags::CLONE_NEWCGROUP | CloneFlags::CLONE_NEWNS)?;
    let place = root::staging();
    let nothing: Option<&str> = None;
    nix::mount::mount(nothing, place, Some("cgroup2"), MsFlags::empty(), nothing)?;
    access(&place.join("cgroup.procs"), AccessFlags::W_OK)
}

/// Where the guard mounts its view of the cgroup, and the lab finds it.
pub(super) const VIEW: &str = "/sys/fs/cgroup";

/// Gives the lab a cgroup namespace of the guard's, whose read-only view it can't change, and forbids others below the
/// guard's user namespace.
pub(super) fn put_out_of_reach(trace: &mut Tracer) -> Result<(), Refused> {
    const LIMIT: &str = "/proc/sys/user/max_cgroup_namespaces";
    join::make(Namespace::Cgroup.into(), trace)?;
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // Without it the place stays empty.
    let _ = root::attach(trace, "cgroup2", Path::new(VIEW), flags, None);
    trace.quiet_step(format!("write({LIMIT})"), || {
        fs::write(LIMIT, "0").map_err(|error: io::Error| errno(&error))
    })?;
    root::report_shortfall(trace, Shortfall::OuterCgroup);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use nix::errno::Errno;

    use super::*;

    #[test]
    fn only_a_child_that_exits_with_0_says_no() {
        assert!(says_no(Ok(ExitStatus::from_raw(0))));
        // exit(1), SIGKILL, SIGSYS, and a child that is lost.
        for status in [0x100, 9, 31] {
            assert!(!says_no(Ok(ExitStatus::from_raw(status))), "{status:#x}");
        }
        assert!(!says_no(Err(Errno::ECHILD)));
    }
}
