//! Keeps a lab out of the cgroups that nslab is in.
//!
//! The owner of a cgroup's files may write to them. Two cases are dangerous: nslab's own cgroup belongs to the
//! user, and nslab sees it read-only (in a container with that user's id, in bwrap); or a cgroup below it belongs
//! to the user. From a new cgroup namespace, the lab's root could mount such a cgroup again, writable, and kill
//! processes in it that are not in the lab. So no cgroup namespace can be made in such a lab. A lab with a cgroup
//! of its own is not in nslab's cgroup, and needs no such protection.
//!
//! But a lab's own cgroup is one of cgroup v2. In each hierarchy of v1 the lab stays in nslab's cgroup, so these
//! hierarchies are always checked: the owner of a directory there can freeze, starve or move the processes in it.

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
use super::trace::{Refused, Tracer};
use super::{join, root};
use crate::namespace::Namespace;
use crate::sys;

/// A hierarchy of cgroups, as mount(2) names it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hierarchy {
    V2,
    /// With the options that choose it: `cpu,cpuacct`, `name=systemd`.
    V1(String),
}

/// How many times to try: an attempt fails if somebody else's cgroup is made or removed meanwhile.
const TRIES: u32 = 3;

/// Whether root of the guard's user namespace could change nslab's cgroup or one below it, in a hierarchy where the lab
/// has none of its own. If that can't be found out, the answer is yes.
pub(super) fn is_in_reach(has_own: bool) -> bool {
    (0..TRIES)
        .find_map(|_| try_in_child(has_own))
        .unwrap_or(true)
}

/// Tries it in a child, which has its own mounts. `None` if the attempt gave no answer.
fn try_in_child(has_own: bool) -> Option<bool> {
    match sys::fork() {
        Ok(ForkResult::Child) => std::process::exit(match can_change_one(has_own) {
            Ok(false) => 0,
            Ok(true) => 1,
            // Too many cgroups to look at. Another attempt would find as many, so the answer is yes.
            Err(error) if error.kind() == io::ErrorKind::QuotaExceeded => 1,
            Err(_) => 2,
        }),
        Ok(ForkResult::Parent { child }) => answer(sys::wait(child)),
        Err(_) => None,
    }
}

fn answer(ended: nix::Result<ExitStatus>) -> Option<bool> {
    match ended.ok()?.code()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn can_change_one(has_own: bool) -> io::Result<bool> {
    let separate = unshare(CloneFlags::CLONE_NEWCGROUP | CloneFlags::CLONE_NEWNS);
    let place = root::staging();
    reaches(separate, || {
        let membership = fs::read_to_string("/proc/self/cgroup")?;
        for hierarchy in hierarchies(&membership, has_own)? {
            if reaches(mount(&hierarchy, place), || find_writable(place, MOST))? {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// Whether `look` finds something that the lab could change, if the attempt to get there worked.
fn reaches(attempt: nix::Result<()>, look: impl FnOnce() -> io::Result<bool>) -> io::Result<bool> {
    match attempt {
        Ok(()) => look(),
        // The kernel would refuse the lab this, too.
        Err(Errno::EPERM | Errno::EACCES | Errno::ENODEV | Errno::EINVAL | Errno::ENOSYS) => {
            Ok(false)
        }
        Err(errno) => Err(errno.into()),
    }
}

/// The hierarchies that a process with this `/proc/PID/cgroup` could mount; cgroups(7). cgroup v2 can be mounted
/// even where that file doesn't name it. It is left out if the lab has a cgroup of its own there.
fn hierarchies(membership: &str, has_own: bool) -> io::Result<Vec<Hierarchy>> {
    let mut found: Vec<Hierarchy> = (!has_own).then_some(Hierarchy::V2).into_iter().collect();
    for line in membership.lines() {
        let mut fields = line.splitn(3, ':');
        match (fields.next(), fields.next(), fields.next()) {
            (Some("0"), Some(""), Some(_)) => {}
            (Some(_), Some(options), Some(_)) if !options.is_empty() => {
                found.push(Hierarchy::V1(options.to_owned()));
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(found)
}

/// Mounts a hierarchy over this place. Only its part below nslab's cgroup is shown.
fn mount(hierarchy: &Hierarchy, place: &Path) -> nix::Result<()> {
    let (fstype, options) = match hierarchy {
        Hierarchy::V2 => ("cgroup2", None),
        Hierarchy::V1(options) => ("cgroup", Some(options.as_str())),
    };
    let nothing: Option<&str> = None;
    nix::mount::mount(nothing, place, Some(fstype), MsFlags::empty(), options)
}

/// How many cgroups of a hierarchy are looked at.
const MOST: usize = 1000;

/// A directory, and its files that move and kill processes; `tasks` is of cgroup v1.
const CHANGING: [&str; 4] = ["", "cgroup.procs", "cgroup.kill", "tasks"];

/// Whether this process may change a directory there, or a file that moves or kills processes, or could give itself
/// that right. With more than `most` directories, that isn't known.
fn find_writable(top: &Path, most: usize) -> io::Result<bool> {
    let mut left = vec![top.to_owned()];
    let mut seen = 0;
    while let Some(directory) = left.pop() {
        seen += 1;
        if seen > most {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        for file in CHANGING {
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

/// The place at which the guard mounts its view of the cgroup, and at which the lab finds it.
pub(super) const VIEW: &str = "/sys/fs/cgroup";

/// Makes a cgroup namespace in the guard, which the lab uses: the lab can't change the read-only view that is
/// mounted there. Forbids other cgroup namespaces below the guard's user namespace.
pub(super) fn put_out_of_reach(trace: &mut Tracer) -> Result<(), Refused> {
    join::make(Namespace::Cgroup.into(), trace)?;
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // If the mount is refused, the directory stays empty.
    let _ = root::attach(trace, "cgroup2", Path::new(VIEW), flags, None);
    trace.quiet_step(Call::ForbidCgroups, || fs::write(Call::CGROUP_LIMIT, "0"))?;
    root::report_shortfall(trace, Shortfall::OuterCgroup);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn only_a_child_that_exits_with_0_says_no() {
        let exited = |code: i32| answer(Ok(ExitStatus::from_raw(code << 8)));
        assert_eq!([0, 1, 2].map(exited), [Some(false), Some(true), None]);
        // SIGKILL, SIGSYS, and a child that is lost.
        for signal in [9, 31] {
            assert_eq!(answer(Ok(ExitStatus::from_raw(signal))), None, "{signal}");
        }
        assert_eq!(answer(Err(Errno::ECHILD)), None);
    }

    /// On a machine with both versions, and on one with cgroup v1 alone.
    #[test]
    fn every_hierarchy_of_v1_is_looked_at_and_that_of_v2_without_an_own_cgroup() {
        let v1 = |options: &str| Hierarchy::V1(options.to_owned());
        let both = "12:name=systemd:/user.slice/user-1000.slice\n5:cpu,cpuacct:/\n3:freezer:/a:b\n0::/user.slice\n";
        let old = [v1("name=systemd"), v1("cpu,cpuacct"), v1("freezer")];
        let all: Vec<_> = std::iter::once(Hierarchy::V2).chain(old.clone()).collect();
        assert_eq!(hierarchies(both, false).unwrap(), all);
        assert_eq!(hierarchies(both, true).unwrap(), old);
        assert_eq!(hierarchies("0::/\n", true).unwrap(), []);
        // It can be mounted, though nothing has yet.
        let v1_alone = "1:net_cls,name=a:/\n";
        let first = [Hierarchy::V2, v1("net_cls,name=a")];
        assert_eq!(hierarchies(v1_alone, false).unwrap(), first);
        for strange in ["what", "1:", "1:cpu", "1::/"] {
            assert!(hierarchies(strange, false).is_err(), "{strange}");
        }
    }

    #[test]
    fn only_what_is_refused_or_looked_at_is_out_of_reach() {
        for found in [false, true] {
            assert_eq!(reaches(Ok(()), || Ok(found)).unwrap(), found);
        }
        assert!(reaches(Ok(()), || Err(io::ErrorKind::QuotaExceeded.into())).is_err());
        let not_asked = || -> io::Result<bool> { unreachable!("nothing is mounted") };
        for errno in [
            Errno::EPERM,
            Errno::EACCES,
            Errno::ENODEV,
            Errno::EINVAL,
            Errno::ENOSYS,
        ] {
            assert!(!reaches(Err(errno), not_asked).unwrap(), "{errno}");
        }
        for errno in [Errno::EBUSY, Errno::ENOMEM, Errno::ENOSPC] {
            assert!(reaches(Err(errno), not_asked).is_err(), "{errno}");
        }
    }

    #[test]
    fn more_cgroups_than_are_looked_at_are_not_known() {
        let top = Path::new("/proc/self/fdinfo");
        assert!(find_writable(top, 0).is_err());
    }
}
