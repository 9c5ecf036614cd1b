//! A cgroup of the lab's own, where nslab may make one.
//!
//! In nslab's own cgroup a learner who makes a cgroup namespace could mount its files and kill
//! processes outside of the lab with `cgroup.kill`; in a child of it only the lab's. Where the
//! controllers are delegated, limits are set as well. Only cgroup v2; cgroups(7).

use std::ffi::CString;
use std::fs::{self, Permissions};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat};
use nix::unistd::{ForkResult, UnlinkatFlags, unlinkat};
use procfs_core::FromBufRead;
use procfs_core::process::MountInfos;

use super::trace::{Half, Refused, Tracer, errno};
use crate::sys;

/// Limits, by file: tasks and bytes. Enough for a class's experiments, and short of a machine.
const LIMITS: [(&str, &str); 2] = [("pids.max", "1024"), ("memory.max", "1G")];

/// Before the pid of the nslab it belongs to.
const PREFIX: &str = "nslab-";

/// Makes the cgroup; none where the machine has no cgroup v2 or nslab may not write there.
pub fn create() -> Option<PathBuf> {
    let directory = own_directory()?;
    remove_leftovers(&directory);
    let path = directory.join(format!("{PREFIX}{}", std::process::id()));
    fs::create_dir(&path).ok()?;
    for (file, limit) in LIMITS {
        // The controller may not be enabled for us: then RLIMIT_NPROC is the only bound.
        let _ = fs::write(path.join(file), limit);
    }
    Some(path)
}

/// Removes what is left where nslab and its sweeper were killed together: cgroups of an nslab that
/// is no more. One with a process in it can't be removed, so none that is in use is lost.
fn remove_leftovers(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if let Some(owner) = owner.and_then(|pid| pid.parse::<u32>().ok())
            && (owner == std::process::id() || !Path::new(&format!("/proc/{owner}")).exists())
        {
            remove(&entry.path());
        }
    }
}

/// Whether the cgroup bounds the lab's memory.
pub fn bounds_memory(path: &Path) -> bool {
    path.join("memory.max").exists()
}

/// Moves the calling process in.
pub fn enter(path: &Path, trace: &mut Tracer) -> Result<(), Refused> {
    trace
        .step("write(cgroup.procs, \"0\")", || {
            fs::write(path.join("cgroup.procs"), "0")
                .map(|()| 1)
                .map_err(|error| errno(&error))
        })
        .map(drop)
}

/// A fork whose child is in the cgroup. Who forks stays where they are.
pub fn fork_in(path: &Path, trace: &mut Tracer) -> Result<ForkResult, Refused> {
    let directory = trace.step(format!("open({}, O_PATH)", path.display()), || {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        open(path, flags, Mode::empty())
    })?;
    let call = "clone3(SIGCHLD|CLONE_INTO_CGROUP)";
    match trace.fork_by(call, Half::Child, || sys::fork_into(directory.as_fd())) {
        // A seccomp filter that can't look into clone3's arguments refuses it as unknown.
        Err(Refused {
            errno: Errno::ENOSYS | Errno::EPERM,
            ..
        }) => {
            let forked = trace.fork(Half::Child)?;
            if forked.is_child() {
                enter(path, trace)?;
            }
            Ok(forked)
        }
        other => other,
    }
}

/// Kills all that is in it.
pub fn kill(path: &Path) {
    let file = path.join("cgroup.kill");
    // Where it is the learner's user's, they may have taken their own rights away.
    let _ = fs::set_permissions(path, Permissions::from_mode(0o755));
    let _ = fs::set_permissions(&file, Permissions::from_mode(0o644));
    let _ = fs::write(file, "1");
}

/// Removes it, with cgroups that a learner made in it; says whether it is gone. However deep they
/// made them: it takes a few descriptors, and no path that could be too long.
pub fn remove(path: &Path) -> bool {
    match fs::remove_dir(path) {
        Ok(()) => return true,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return true,
        Err(_) => {}
    }
    let _ = fs::set_permissions(path, Permissions::from_mode(0o755));
    let _ = remove_below(path);
    match fs::remove_dir(path) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

fn remove_below(path: &Path) -> nix::Result<()> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut here = open(path, flags, Mode::empty())?;
    let mut names: Vec<CString> = Vec::new();
    loop {
        if let Some(name) = directory_in(&here)? {
            let follow = FchmodatFlags::FollowSymlink;
            let _ = fchmodat(&here, name.as_c_str(), Mode::S_IRWXU, follow);
            here = openat(&here, name.as_c_str(), flags, Mode::empty())?;
            names.push(name);
        } else if let Some(name) = names.pop() {
            here = openat(&here, "..", flags, Mode::empty())?;
            // One with a process in it stays, and with it those above.
            unlinkat(&here, name.as_c_str(), UnlinkatFlags::RemoveDir)?;
        } else {
            return Ok(());
        }
    }
}

/// The first directory in a directory that can't be removed at once; those before it are.
fn directory_in(directory: &OwnedFd) -> nix::Result<Option<CString>> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut entries = Dir::from_fd(openat(directory, ".", flags, Mode::empty())?)?;
    for entry in entries.iter() {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type() == Some(Type::Directory)
            && name != c"."
            && name != c".."
            && unlinkat(directory, name, UnlinkatFlags::RemoveDir).is_err()
        {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

/// The directory of the cgroup this process is in.
fn own_directory() -> Option<PathBuf> {
    let membership = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = membership
        .lines()
        .find_map(|line| line.strip_prefix("0::"))?;
    let mounts = fs::read("/proc/self/mountinfo").ok()?;
    let mounts = MountInfos::from_buf_read(mounts.as_slice()).ok()?;
    let mount = mounts
        .0
        .into_iter()
        .find(|mount| mount.fs_type == "cgroup2")?;
    // The mount may show a part of the hierarchy only.
    let below = Path::new(path).strip_prefix(&mount.root).ok()?;
    Some(mount.mount_point.join(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_deeper_than_a_path_can_say_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("lab");
        fs::create_dir(&path).unwrap();
        let mut here = open(&path, OFlag::O_PATH, Mode::empty()).unwrap();
        let name = "n".repeat(200);
        for _ in 0..1200 {
            nix::sys::stat::mkdirat(&here, name.as_str(), Mode::S_IRWXU).unwrap();
            nix::sys::stat::mkdirat(&here, "beside", Mode::S_IRWXU).unwrap();
            here = openat(&here, name.as_str(), OFlag::O_PATH, Mode::empty()).unwrap();
        }
        assert!(remove(&path));
        assert!(!path.exists());
    }
}
