//! A cgroup of the lab's own, where nslab may make one.
//!
//! In nslab's own cgroup a learner who makes a cgroup namespace could mount its files and kill
//! processes outside of the lab with `cgroup.kill`; in a child of it only the lab's. Where the
//! controllers are delegated, limits are set as well. Only cgroup v2; cgroups(7).

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

/// Limits, by file: tasks and bytes. Enough for a class's experiments, and short of a machine.
const LIMITS: [(&str, &str); 2] = [("pids.max", "1024"), ("memory.max", "1G")];

/// Before the pid of the nslab it belongs to, and a number that no other one has.
const PREFIX: &str = "nslab-";
/// How often another nslab may come between, before it goes without.
const TRIES: usize = 3;

/// The lab's cgroup. As long as this is held, no other nslab takes it for a leftover.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    /// The directory, locked: flock(2). A pid would not tell whether somebody is there: an nslab in
    /// another PID namespace has other numbers.
    _lock: Flock<File>,
}

impl Held {
    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the cgroup; none where the machine has no cgroup v2 or nslab may not write there.
pub fn create() -> Option<Held> {
    let directory = own_directory()?;
    remove_leftovers(&directory);
    let held = (0..TRIES).find_map(|_| create_in(&directory))?;
    for (file, limit) in LIMITS {
        // The controller may not be enabled for us: then RLIMIT_NPROC is the only bound.
        let _ = fs::write(held.path.join(file), limit);
    }
    Some(held)
}

/// None where it couldn't be made, or another nslab took it for a leftover before it was locked.
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

/// None where it is gone, or somebody holds it.
fn lock(path: &Path) -> Option<Flock<File>> {
    let directory = File::open(path).ok()?;
    Flock::lock(directory, FlockArg::LockExclusiveNonblock).ok()
}

/// Removes what is left where nslab and its sweeper were killed together: cgroups that nobody holds.
/// One with a process in it can't be removed, so none that is in use is lost.
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
            // A learner may have taken our rights away.
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

/// A fork whose child is in the cgroup. Who forks stays where they are.
pub fn fork_in(path: &Path, trace: &mut Tracer) -> Result<ForkResult, Refused> {
    let directory = trace.step(Call::open(path, "O_PATH"), || {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        open(path, flags, Mode::empty())
    })?;
    let call = Call::from("clone3(SIGCHLD|CLONE_INTO_CGROUP)");
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
    fn a_leftover_is_what_nobody_holds_whatever_its_pid() {
        let directory = tempfile::tempdir().unwrap();
        let held = create_in(directory.path()).unwrap();
        let left = create_in(directory.path()).unwrap().path;
        // As of an nslab in another PID namespace, and of somebody else.
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
