//! Keeps a lab without a cgroup of its own out of the one that nslab is in.
//!
//! The files of a cgroup are checked by owner. Where nslab's belongs to the user, and nslab sees it read-only (in a
//! container with that user's id, in bwrap), or where one below it belongs to the user, the lab's root could mount it
//! anew from a cgroup namespace of its own, and kill what is in it outside of the lab. So no cgroup namespace can be
//! made in such a lab.

use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use nix::errno::Errno;
use nix::mount::MsFlags;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{AccessFlags, ForkResult, eaccess, geteuid};

use super::call::Call;
use super::report::Shortfall;
use super::trace::{Refused, Tracer, errno};
use super::{join, root};
use crate::namespace::Namespace;
use crate::sys;

/// Whether root of the guard's user namespace could change nslab's cgroup or one below it: tries it in a child, in
/// mounts of its own. What can't be found out counts as yes.
pub(super) fn is_in_reach() -> bool {
    match sys::fork() {
        Ok(ForkResult::Child) => std::process::exit(i32::from(reaches_one())),
        Ok(ForkResult::Parent { child }) => !says_no(sys::wait(child)),
        Err(_) => true,
    }
}

fn says_no(ended: nix::Result<ExitStatus>) -> bool {
    ended.is_ok_and(|status| status.success())
}

fn reaches_one() -> bool {
    let place = root::staging();
    match mount_anew(place) {
        Ok(()) => find_writable(place, MOST).unwrap_or(true),
        // The lab would be refused the same.
        Err(Errno::EPERM | Errno::EACCES | Errno::ENODEV | Errno::EINVAL | Errno::ENOSYS) => false,
        Err(_) => true,
    }
}

fn mount_anew(place: &Path) -> nix::Result<()> {
    unshare(CloneFlags::CLONE_NEWCGROUP | CloneFlags::CLONE_NEWNS)?;
    let nothing: Option<&str> = None;
    nix::mount::mount(nothing, place, Some("cgroup2"), MsFlags::empty(), nothing)
}

/// How many cgroups are looked at.
const MOST: usize = 1000;

/// Whether this process may change a directory there or what moves and kills processes, or could allow it itself.
/// With more than `most` directories, that isn't known.
fn find_writable(top: &Path, most: usize) -> io::Result<bool> {
    let mut left = vec![top.to_owned()];
    let mut seen = 0;
    while let Some(directory) = left.pop() {
        seen += 1;
        if seen > most {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        for file in ["", "cgroup.procs", "cgroup.kill"] {
            if is_writable(&directory.join(file))? {
                return Ok(true);
            }
        }
        match directories(&directory) {
            Ok(below) => left.extend(below),
            // It was removed meanwhile.
            Err(error) if is_gone(&error) && directory != top => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENODEV))
}

fn directories(path: &Path) -> io::Result<Vec<PathBuf>> {
    let is_directory = |entry: &DirEntry| entry.file_type().map(|it| it.is_dir());
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if is_directory(&entry)? {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn is_writable(path: &Path) -> io::Result<bool> {
    match eaccess(path, AccessFlags::W_OK) {
        Ok(()) => Ok(true),
        // The owner may change the mode.
        Err(Errno::EACCES | Errno::EPERM) => match path.symlink_metadata() {
            Ok(metadata) => Ok(metadata.uid() == geteuid().as_raw()),
            Err(error) if is_gone(&error) => Ok(false),
            Err(error) => Err(error),
        },
        Err(Errno::ENOENT | Errno::ENODEV) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Where the guard mounts its view of the cgroup, and the lab finds it.
pub(super) const VIEW: &str = "/sys/fs/cgroup";

/// Gives the lab a cgroup namespace of the guard's, whose read-only view it can't change, and forbids others below the
/// guard's user namespace.
pub(super) fn put_out_of_reach(trace: &mut Tracer) -> Result<(), Refused> {
    join::make(Namespace::Cgroup.into(), trace)?;
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // Without it the place stays empty.
    let _ = root::attach(trace, "cgroup2", Path::new(VIEW), flags, None);
    trace.quiet_step(Call::ForbidCgroups, || {
        fs::write(Call::CGROUP_LIMIT, "0").map_err(|error| errno(&error))
    })?;
    root::report_shortfall(trace, Shortfall::OuterCgroup);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

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

    #[test]
    fn more_cgroups_than_are_looked_at_are_not_known() {
        let top = Path::new("/proc/self/fdinfo");
        assert!(find_writable(top, 0).is_err());
    }
}
