//! A cgroup of the lab's own, where nslab may make one.
//!
//! ```text
//! nslab-PID-RANDOM   has the limits that protect the machine
//!  ├─ guard          the guard, and launchers that wait for their orders
//!  └─ lab            belongs to the lab's root, and is the root of its cgroup namespace
//!      └─ host       where every program of the lab starts
//!          └─ start  where they start instead, once the learner has made `host` hand controllers on
//! ```
//!
//! Each process starts in its cgroup: to move one is slow, and delays the whole machine. Only the keeper is
//! moved, from `lab` to `host`: the root of a new cgroup namespace is the cgroup that its first process
//! starts in; cgroup_namespaces(7).
//!
//! The learner can mount the cgroups from `lab` downwards. If the lab were in nslab's own cgroup, they could kill
//! processes outside of the lab with `cgroup.kill`; if `lab` itself had the limits, they could lift them. cgroup v2
//! hands controllers on only from a cgroup without processes, so each cgroup with others below it is empty. Limits
//! are set only where nslab was given the controllers. cgroup v2 only; cgroups(7).

use std::ffi::CString;
use std::fs::{self, File, Permissions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Seek};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag, open, openat};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat, mkdirat};
use nix::unistd::{ForkResult, Uid, UnlinkatFlags, unlinkat};
use procfs_core::FromRead;
use procfs_core::process::MountInfos;

use super::call::Call;
use super::identity::LabIdentity;
use super::own_cgroup;
use super::trace::{ForkHalf, Refused, Tracer};
use crate::namespace::NamespaceSet;
use crate::sys;

/// Limits on tasks and bytes, by file: enough for a class's experiments, less than a machine has.
/// Without swap, which `memory.max` doesn't count.
const LIMITS: [(&str, &str); 3] = [
    ("pids.max", "1024"),
    ("memory.max", "1G"),
    ("memory.swap.max", "0"),
];

/// The file that names the processes of a cgroup, and moves one there.
const PROCESSES: &str = "cgroup.procs";

const GUARDS: &str = "guard";
const LABS: &str = "lab";
/// Below [`LABS`].
const HOSTS: &str = "host";
/// Below [`HOSTS`].
const STARTS: &str = "start";
/// The files that the owner of a subtree may write; cgroups(7), "Delegating a hierarchy to a less privileged
/// user".
const DELEGATED: [&str; 4] = ["", PROCESSES, "cgroup.threads", "cgroup.subtree_control"];

/// Flags to open a cgroup in which a process will be started.
const DIRECTORY: OFlag = OFlag::O_PATH
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_CLOEXEC);

/// The name goes on with nslab's pid and a random number.
const PREFIX: &str = "nslab-";
/// Retries when another nslab races us.
const TRIES: usize = 3;

/// The lab's cgroup. While this is held, no other nslab removes it as a leftover.
#[derive(Debug)]
pub(crate) struct HeldCgroup {
    path: PathBuf,
    /// The locked directory; flock(2). A pid doesn't show whether its owner still runs, because an
    /// nslab in another PID namespace has other pids.
    _lock: Flock<File>,
}

impl HeldCgroup {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// The cgroup in which the lab's programs start.
pub(crate) fn of_programs(lab: &Path) -> PathBuf {
    lab.join(LABS).join(HOSTS)
}

/// Makes the cgroup, with a subtree that belongs to the lab's root. `None` without cgroup v2 or write
/// permission, or where no process can start in it.
pub(crate) fn create(identity: LabIdentity) -> Option<HeldCgroup> {
    if !sys::has_clone3() {
        return None;
    }
    let directory = own_cgroup::make_room(own_directory()?);
    remove_leftovers(&directory);
    let held = (0..TRIES).find_map(|_| create_in(&directory))?;
    for (file, limit) in LIMITS {
        // If the controller isn't enabled for us, RLIMIT_NPROC is the only limit.
        let _ = fs::write(held.path.join(file), limit);
    }
    hand_on_controllers(&held.path);
    if make_subtree(&held.path, identity).is_err() {
        remove(&held.path);
        return None;
    }
    Some(held)
}

/// Makes the cgroups below the lab's cgroup, and gives the lab's root its part of them.
fn make_subtree(path: &Path, identity: LabIdentity) -> io::Result<()> {
    let hand_over = |file: PathBuf| {
        let (uid, gid) = (identity.uid.as_raw(), identity.gid.as_raw());
        if identity.differs_from_ours() {
            chown(file, Some(uid), Some(gid))
        } else {
            Ok(())
        }
    };
    fs::create_dir(path.join(GUARDS))?;
    // To start a process in another cgroup takes write permission on the nearest cgroup above both. The
    // guard needs it to start the keeper; nobody in the lab sees this file.
    hand_over(path.join(PROCESSES))?;
    let subtree = [path.join(LABS), of_programs(path)];
    for directory in subtree {
        fs::create_dir(&directory)?;
        for file in DELEGATED {
            hand_over(directory.join(file))?;
        }
    }
    Ok(())
}

/// Moves the keeper to the lab's programs. Then no process is left in the root of the lab's cgroup
/// namespace, and the cgroups below it may use every controller it has.
pub(crate) fn delegate(lab: &Path, keeper: i32) {
    // If the move is refused, the keeper stays in `lab`.
    let _ = fs::write(of_programs(lab).join(PROCESSES), keeper.to_string());
    hand_on_controllers(&lab.join(LABS));
}

/// Enables each controller of a cgroup for the cgroups below it, as far as the kernel allows.
pub(super) fn hand_on_controllers(directory: &Path) {
    let all = fs::read_to_string(directory.join("cgroup.controllers")).unwrap_or_default();
    for controller in all.split_whitespace() {
        let file = directory.join("cgroup.subtree_control");
        let _ = fs::write(file, format!("+{controller}"));
    }
}

/// The cgroup that the guard starts in.
pub(crate) fn of_guard(lab: &Path) -> PathBuf {
    lab.join(GUARDS)
}

/// The cgroup that the keeper starts in.
pub(crate) fn of_keeper(lab: &Path) -> PathBuf {
    lab.join(LABS)
}

/// Opens a cgroup, to start a process in it.
pub(crate) fn open_directory(path: &Path) -> nix::Result<OwnedFd> {
    open(path, DIRECTORY, Mode::empty())
}

/// `None` if it can't be made, or another nslab removed it before it was locked.
fn create_in(directory: &Path) -> Option<HeldCgroup> {
    let name = format!(
        "{PREFIX}{}-{:08x}",
        std::process::id(),
        RandomState::new().hash_one(TRIES) >> 32
    );
    let path = directory.join(name);
    fs::create_dir(&path).ok()?;
    let lock = lock(&path)?;
    path.exists().then_some(HeldCgroup { path, _lock: lock })
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

/// Whether [`create_in`] gives such names.
fn is_labs(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(pid, random)| {
            pid.parse::<u32>().is_ok() && u64::from_str_radix(random, 16).is_ok()
        })
}

/// Whether the cgroup bounds the lab's memory.
pub(crate) fn bounds_memory(path: &Path) -> bool {
    path.join("memory.max").exists()
}

/// Whether the lab's root can limit the memory and the number of programs: it has both controllers.
pub(crate) fn can_limit_programs(path: &Path) -> bool {
    let given = fs::read_to_string(path.join(LABS).join("cgroup.controllers"));
    let given = given.unwrap_or_default();
    ["memory", "pids"]
        .iter()
        .all(|controller| given.split_whitespace().any(|it| it == *controller))
}

/// Whether a limit from outside bounds the memory of nslab and its lab, as in a systemd scope or a container.
pub(crate) fn has_outer_memory_limit() -> bool {
    let v2 = own_directory().is_some_and(|directory| has_memory_limit(&directory));
    v2 || own_directory_of_memory().is_some_and(|directory| has_memory_limit_v1(&directory))
}

/// The directory of nslab's own cgroup in the hierarchy of cgroup v1 that limits memory, if there is one.
fn own_directory_of_memory() -> Option<PathBuf> {
    let mounts = MountInfos::from_file("/proc/self/mountinfo").ok()?;
    let path = memory_path(&fs::read_to_string("/proc/self/cgroup").ok()?)?;
    mounts.into_iter().find_map(|mount| {
        let limits = mount.fs_type == "cgroup" && mount.super_options.contains_key("memory");
        // In a container, the mount's root may be its own cgroup.
        let below = path.strip_prefix(&mount.root).ok()?;
        limits.then(|| mount.mount_point.join(below))
    })
}

/// The path of a process in the hierarchy of cgroup v1 that limits memory, from its `/proc/PID/cgroup`.
fn memory_path(cgroups: &str) -> Option<PathBuf> {
    cgroups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let has = controllers.split(',').any(|it| it == "memory");
        has.then(|| PathBuf::from(path))
    })
}

/// The same in cgroup v1. There, a cgroup without a limit shows a huge number.
fn has_memory_limit_v1(directory: &Path) -> bool {
    const NO_LIMIT: u64 = 1 << 62;
    directory.ancestors().any(|it| {
        let limit = fs::read_to_string(it.join("memory.limit_in_bytes"));
        let limit = limit.ok().and_then(|it| it.trim().parse::<u64>().ok());
        limit.is_some_and(|limit| limit < NO_LIMIT)
    })
}

/// Whether this cgroup or one above it has a limit of memory.
fn has_memory_limit(directory: &Path) -> bool {
    directory.ancestors().any(|it| {
        let limit = fs::read_to_string(it.join("memory.max"));
        limit.is_ok_and(|limit| limit.trim() != "max")
    })
}

/// Opens the parent of [`of_programs`] for [`fork_among_programs`], while this process still sees it.
pub(crate) fn open_subtree(lab: &Path, trace: &mut Tracer) -> Result<OwnedFd, Refused> {
    let path = lab.join(LABS);
    trace.step(Call::open(&path, "O_PATH"), || open_directory(&path))
}

/// Forks a child into the guard's cgroup, which the learner doesn't see.
pub(crate) fn fork_beside_guard(lab: &Path, trace: &mut Tracer) -> Result<ForkResult, Refused> {
    let path = of_guard(lab);
    let directory = trace.step(Call::open(&path, "O_PATH"), || open_directory(&path))?;
    let call = Call::CloneIntoCgroup(NamespaceSet::EMPTY);
    trace.fork_by(call, ForkHalf::Child, || {
        sys::fork_into(directory.as_fd(), NamespaceSet::EMPTY.bits())
    })
}

/// Forks a child into the cgroup of the lab's programs. The kernel refuses it to a caller whose cgroup
/// namespace is the lab's and whose cgroup is outside of it; cgroups(7), "nsdelegate".
pub(crate) fn fork_among_programs(
    subtree: BorrowedFd<'_>,
    trace: &mut Tracer,
) -> Result<ForkResult, Refused> {
    // The learner may have removed the cgroup.
    let below = |directory: BorrowedFd<'_>, name: &str| {
        let _ = mkdirat(directory, name, Mode::from_bits_truncate(0o755));
        openat(directory, name, DIRECTORY, Mode::empty())
    };
    let programs = trace.step(Call::open(Path::new(HOSTS), "O_PATH"), || {
        below(subtree, HOSTS)
    })?;
    let call = Call::CloneIntoCgroup(NamespaceSet::EMPTY);
    let into = |directory: &OwnedFd| sys::fork_into(directory.as_fd(), NamespaceSet::EMPTY.bits());
    trace.fork_by(call, ForkHalf::Child, || match into(&programs) {
        // This cgroup hands controllers on, so no process may be in it.
        Err(Errno::EBUSY) => into(&below(programs.as_fd(), STARTS)?),
        forked => forked,
    })
}

/// Kills every process in a cgroup.
pub fn kill(path: &Path) {
    let file = path.join("cgroup.kill");
    // A learner who owns the files may have removed our permissions.
    let _ = fs::set_permissions(path, Permissions::from_mode(0o755));
    let _ = fs::set_permissions(&file, Permissions::from_mode(0o644));
    let _ = fs::write(file, "1");
}

/// How many times to look whether a cgroup is empty before giving up; see [`Events::wait`].
pub(crate) const LOOKS: usize = 50;

/// Reports when the last process has left a cgroup.
pub(crate) struct Events(io::Result<File>);

impl Events {
    pub(crate) fn of(path: &Path) -> Self {
        Self(File::open(path.join("cgroup.events")))
    }

    /// Waits until the last process has left, or one has entered: a tenth of a second at most. POLLPRI reports
    /// it; cgroups(7).
    pub(crate) fn wait(&self) {
        if let Ok(mut events) = self.0.as_ref() {
            // Read from the start, or poll would return at once.
            let _ = events.rewind();
            let _ = io::copy(&mut events, &mut io::sink());
            let mut fds = [PollFd::new(events.as_fd(), PollFlags::POLLPRI)];
            let _ = poll(&mut fds, PollTimeout::from(100_u8));
        }
    }
}

/// Removes a cgroup and those that a learner made in it. Returns whether it is gone. Needs few descriptors
/// and no long path, at any depth of nesting.
pub fn remove(path: &Path) -> bool {
    let is_gone = || match fs::remove_dir(path) {
        Ok(()) => true,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_gone() {
        return true;
    }
    let _ = fs::set_permissions(path, Permissions::from_mode(0o755));
    let _ = remove_below(path);
    is_gone()
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
pub(super) fn own_directory() -> Option<PathBuf> {
    let membership = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mut lines = membership.lines();
    let path = lines.find_map(|line| line.strip_prefix("0::"))?;
    let mut mounts = MountInfos::from_file("/proc/self/mountinfo")
        .ok()?
        .into_iter();
    let mount = mounts.find(|mount| mount.fs_type == "cgroup2")?;
    // The mount may show only a part of the hierarchy.
    let below = Path::new(path).strip_prefix(&mount.root).ok()?;
    Some(mount.mount_point.join(below))
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

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
        // A child that another test has just forked holds our locks until its exec.
        let deadline = Instant::now() + Duration::from_secs(60);
        let removed = |gone: &dyn Fn() -> bool| {
            remove_leftovers(directory.path());
            while !gone() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
                remove_leftovers(directory.path());
            }
            gone()
        };
        assert!(removed(&|| !left.exists()));
        assert!(held.path().exists() && elsewhere.exists() && other.exists());
        drop((held, lock));
        let count = || fs::read_dir(directory.path()).unwrap().count();
        assert!(removed(&|| count() == 1));
        assert!(other.exists());
    }

    #[test]
    fn a_limit_of_any_cgroup_above_bounds_memory() {
        let directory = tempfile::tempdir().unwrap();
        let scope = directory.path().join("user.slice/nslab.scope");
        fs::create_dir_all(&scope).unwrap();
        assert!(!has_memory_limit(&scope));
        for (file, limit, bounded) in [
            ("user.slice/memory.max", "max\n", false),
            ("user.slice/nslab.scope/memory.max", "1073741824\n", true),
            ("user.slice/nslab.scope/memory.max", "max\n", false),
            ("user.slice/memory.max", "1073741824\n", true),
        ] {
            fs::write(directory.path().join(file), limit).unwrap();
            assert_eq!(has_memory_limit(&scope), bounded, "{file} {limit}");
        }
    }

    #[test]
    fn a_limit_of_cgroup_v1_bounds_memory_too() {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("docker/1");
        fs::create_dir_all(&own).unwrap();
        assert!(!has_memory_limit_v1(&own));
        for (file, limit, bounded) in [
            (
                "docker/1/memory.limit_in_bytes",
                "9223372036854771712\n",
                false,
            ),
            ("docker/memory.limit_in_bytes", "1073741824\n", true),
        ] {
            fs::write(directory.path().join(file), limit).unwrap();
            assert_eq!(has_memory_limit_v1(&own), bounded, "{file} {limit}");
        }
        let both = "12:name=systemd:/a\n9:memory:/docker/1\n0::/\n";
        assert_eq!(memory_path(both), Some(PathBuf::from("/docker/1")));
        assert_eq!(
            memory_path("4:cpu,memory:/b:c\n"),
            Some(PathBuf::from("/b:c"))
        );
        assert_eq!(memory_path("0::/\n"), None);
    }

    #[test]
    fn directories_deeper_than_a_path_can_say_are_removed() {
        // In memory, as cgroups are: on a disk, so many directories take seconds.
        let parent = tempfile::tempdir_in("/dev/shm").unwrap();
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
