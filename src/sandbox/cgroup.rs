//! A cgroup of the lab's own, where nslab may make one.
//!
//! In nslab's own cgroup a learner who makes a cgroup namespace could mount its files and kill
//! processes outside of the lab with `cgroup.kill`; in a child of it only the lab's. Where the
//! controllers are delegated, limits are set as well. Only cgroup v2; cgroups(7).

use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::ForkResult;
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
    let _ = fs::write(path.join("cgroup.kill"), "1");
}

/// Removes it, with cgroups that a learner made in it; says whether it is gone.
pub fn remove(path: &Path) -> bool {
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                remove(&entry.path());
            }
        }
    }
    match fs::remove_dir(path) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
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
