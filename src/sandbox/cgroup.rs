//! A cgroup of the lab's own, where nslab may make one.
//!
//! A learner who makes a cgroup namespace can mount its files. In nslab's own cgroup they could
//! then kill processes outside of the lab with `cgroup.kill`; in a child cgroup only the lab's own.
//! Limits are set where the controllers are delegated. cgroup v2 only; cgroups(7).

use std::ffi::CString;
use std::fs::{self, File, Permissions};
use std::hash::{BuildHasher, RandomState};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag, open, openat};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat};
use nix::unistd::{ForkResult, Uid, UnlinkatFlags, unlinkat};
use procfs_core::FromBufRead;
use procfs_core::process::MountInfos;

use super::call::Call;
use super::trace::{Half, Refused, Tracer, errno};
use crate::sys;

/// Limits on tasks and bytes, by file: enough for a class's experiments, less than a machine has.
const LIMITS: [(&str, &str); 2] = [("pids.max", "1024"), ("memory.max", "1G")];

/// The name goes on with nslab's pid and a random number.
const PREFIX: &str = "nslab-";
/// Retries when another nslab races us.
const TRIES: usize = 3;

/// The lab's cgroup. While this is held, no other nslab removes it as a leftover.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    /// The locked directory; flock(2). A pid can't tell whether its owner still runs, because an
    /// nslab in another PID namespace has other pids.
    _lock: Flock<File>,
}

impl Held {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the cgroup. `None` without cgroup v2 or write permission.
pub fn create() -> Option<Held> {
    let directory = own_directory()?;
    remove_leftovers(&directory);
    let held = (0..TRIES).find_map(|_| create_in(&directory))?;
    for (file, limit) in LIMITS {
        // If the controller isn't enabled for us, RLIMIT_NPROC is the only limit.
        let _ = fs::write(held.path.join(file), limit);
    }
    Some(held)
}

/// `None` if it can't be made, or another nslab removed it before it was locked.
fn create_in(directory: &Path) -> Option<Held> {
    let name = format!(
        "{PREFIX}{}-{:08x}",
        std::process::id(),
        RandomState::new().hash_one(TRIES) >> 32
    );
    let path = directory.join(name);
    fs::create_dir(&path).ok()?;
    let lock = lock(&path)?;
    path.exists().then_some(Held { path, _lock: lock })
}

/// `None` if it is gone or somebody else holds it.
fn lock(path: &Path) -> Option<Flock<File>> {
    let directory = File::open(path).ok()?;
    Flock::lock(directory, FlockArg::LockExclusiveNonblock).ok()
}

/// Removes the cgroups that nobody holds: those of an nslab that was killed together with its
/// sweeper. A cgroup with a process in it can't be removed, so none in use is lost.
fn remove_leftovers(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    let ours = Uid::effective().as_raw();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_labs = name.to_str().is_some_and(is_labs);
        if is_labs
            && entry.metadata().is_ok_and(|it| it.uid() == ours)
            // A learner may have removed our permissions.
            && fs::set_permissions(entry.path(), Permissions::from_mode(0o755)).is_ok()
            && let Some(_lock) = lock(&entry.path())
        {
            remove(&entry.path());
        }
    }
}

/// Whether it is a name that [`create_in`] gives.
fn is_labs(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(pid, random)| {
            pid.parse::<u32>().is_ok() && u64::from_str_radix(random, 16).is_ok()
        })
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

/// Forks with the child in the cgroup; the caller stays where it is.
pub fn fork_in(path: &Path, trace: &mut Tracer) -> Result<ForkResult, Refused> {
    let directory = trace.step(Call::open(path, "O_PATH"), || {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        open(path, flags, Mode::empty())
    })?;
    let call = Call::from("clone3(SIGCHLD|CLONE_INTO_CGROUP)");
    match trace.fork_by(call, Half::Child, || sys::fork_into(directory.as_fd())) {
        // Seccomp filters can't inspect clone3's arguments, so many refuse it.
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

/// Kills every process in it.
pub fn kill(path: &Path) {
    let file = path.join("cgroup.kill");
    // A learner who owns the files may have removed our permissions.
    let _ = fs::set_permissions(path, Permissions::from_mode(0o755));
    let _ = fs::set_permissions(&file, Permissions::from_mode(0o644));
    let _ = fs::write(file, "1");
}

/// Removes it and the cgroups that a learner made in it. Returns whether it is gone. However deep
/// they are nested, this needs few descriptors and no long path.
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
            // A cgroup with a process in it stays, and so do those above it.
            unlinkat(&here, name.as_c_str(), UnlinkatFlags::RemoveDir)?;
        } else {
            return Ok(());
        }
    }
}

/// Removes empty subdirectories up to the first that can't be removed, which is returned.
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
    // The mount may show only a part of the hierarchy.
    let below = Path::new(path).strip_prefix(&mount.root).ok()?;
    Some(mount.mount_point.join(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leftover_is_what_nobody_holds_whatever_its_pid() {
        let directory = tempfile::tempdir().unwrap();
        let held = create_in(directory.path()).unwrap();
        let left = create_in(directory.path()).unwrap().path;
        // Like one of an nslab in another PID namespace, and one that isn't nslab's.
        let elsewhere = directory.path().join(format!("{PREFIX}1-00ff"));
        let other = directory.path().join("nslab-test-1");
        for path in [&elsewhere, &other] {
            fs::create_dir(path).unwrap();
        }
        let lock = lock(&elsewhere).unwrap();
        remove_leftovers(directory.path());
        assert!(held.path().exists() && elsewhere.exists() && other.exists());
        assert!(!left.exists());
        drop((held, lock));
        remove_leftovers(directory.path());
        let names: Vec<_> = fs::read_dir(directory.path()).unwrap().flatten().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

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
