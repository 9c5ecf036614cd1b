//! Reads what one process sees, from outside of its mount and PID namespaces.
//!
//! Meanwhile the watcher is in the side's UTS, IPC and NET: there the kernel's answer depends on the caller's
//! namespace. The rest is read through the machine's `/proc/PID`. The learner controls the files below
//! `PID/root`: they are opened as if that were our root, and trusted only on the expected file system.

mod asked;
mod cgroups;
mod detail;
mod foreground;
mod layers;
mod peers;
mod reached;
mod signs;

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs::File;
use std::io::Read;
use std::mem;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use nix::dir::{Dir, Entry};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{Mode, fstatat};
use nix::sys::statfs::{FsType, fstatfs};
use nix::sys::utsname::uname;
use nix::time::{ClockId, clock_gettime};
use procfs_core::process::{MountInfos, MountOptFields, Status};
use procfs_core::{FromBufRead, FromRead};

pub(super) use reached::{Attempt, LONGEST};
pub(super) use signs::Signs;

use super::snapshot::{
    ClockOffsets, IdRange, Interface, Ipc, Mount, Queue, Segment, SemaphoreSet, Snapshot,
};
use crate::namespace::{Namespace, NamespaceId};
use crate::rtnetlink;
use crate::sandbox::join;
use crate::sys;

/// `PROC_SUPER_MAGIC` and the magic of mqueue file systems; statfs(2).
const PROC: FsType = FsType(0x9fa0);
const MQUEUE: FsType = FsType(0x1980_0202);
/// Bytes to reserve for a file of /proc, which has no size: most fit, so one read is enough.
const FILE: usize = 4096;
/// A mount table with at most this many mounts is read again at each look, notified or not.
const FEW_MOUNTS: usize = 64;
/// The most names that are read from a directory that the learner controls.
const MOST_NAMES: usize = 4096;
/// The id that represents all ids without a map: `/proc/sys/kernel/overflowuid`.
const OVERFLOW_ID: u32 = 65534;

/// Why a side could not be read.
#[derive(Debug, thiserror::Error)]
#[error("reading {file}: {errno}")]
pub(crate) struct SideReadError {
    /// Relative to `/proc/PID` where it is not absolute.
    pub(crate) file: String,
    /// ESRCH: the process has ended.
    pub(crate) errno: Errno,
}

/// The changes that the kernel has reported.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct KernelNotices {
    pub(super) mounts: bool,
    /// A link, or an address of one.
    pub(super) links: bool,
}

impl KernelNotices {
    pub(super) const ALL: KernelNotices = KernelNotices {
        mounts: true,
        links: true,
    };
}

/// The namespaces of a process.
pub(super) type Namespaces = BTreeMap<Namespace, NamespaceId>;

/// Whether the two processes are in different namespaces of some kind. A kind that can't be read counts as
/// equal.
pub(super) fn differ(one: &Namespaces, other: &Namespaces) -> bool {
    one.iter()
        .any(|(kind, id)| other.get(kind).is_some_and(|other| other != id))
}

/// Reads one process again and again.
#[derive(Debug)]
pub(super) struct SideReader {
    process: OwnedFd,
    /// `/proc/PID/mountinfo` as it was read last.
    mountinfo: String,
    /// The process's root at that time, by device and inode.
    root: Option<(u64, u64)>,
    /// Whether we are in the side's user namespace, so that the kernel gives us ids as the side has them.
    inside: bool,
}

fn failed<E: TryInto<Errno>>(file: &str) -> impl FnOnce(E) -> SideReadError + '_ {
    move |error| SideReadError {
        file: file.to_owned(),
        errno: error.try_into().unwrap_or(Errno::EIO),
    }
}

impl SideReader {
    /// A reader of the process with this pid in our own `/proc`.
    pub(super) fn new(pid: i32) -> Result<Self, SideReadError> {
        let directory = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_PATH;
        let path = format!("/proc/{pid}");
        let process = open(path.as_str(), directory, Mode::empty()).map_err(failed(&path))?;
        let inside = join::shares(pid, Namespace::User);
        Ok(Self {
            process,
            mountinfo: String::new(),
            root: None,
            inside,
        })
    }

    /// Opens a file below `/proc/PID`.
    pub(super) fn open(&self, file: &str) -> Result<File, SideReadError> {
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        openat(&self.process, file, flags, Mode::empty())
            .map(File::from)
            .map_err(failed(file))
    }

    fn read(&self, file: &str) -> Result<String, SideReadError> {
        let mut text = Vec::with_capacity(FILE);
        self.open(file)?
            .read_to_end(&mut text)
            .map_err(failed(file))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Everything the side sees now.
    pub(super) fn snapshot(&mut self) -> Result<Snapshot, SideReadError> {
        let mut snapshot = Snapshot::default();
        self.refresh(&mut snapshot, KernelNotices::ALL)?;
        Ok(snapshot)
    }

    /// Brings a snapshot up to date. Reads mounts and links again only if they may have changed.
    pub(super) fn refresh(
        &mut self,
        last: &mut Snapshot,
        news: KernelNotices,
    ) -> Result<(), SideReadError> {
        let status = self.status()?;
        let nspid = status.nspid.unwrap_or_default();
        // Close the directory at once: a file system with an open file can't be unmounted.
        let (pid1, processes) = match self.below_root(c"proc", PROC) {
            Some(proc) => (first_process(&proc), pids(&proc).map(|pids| pids.len())),
            None => (None, None),
        };
        if news.mounts || self.may_be_outdated(last) {
            let mountinfo = self.read("mountinfo")?;
            if mountinfo != self.mountinfo {
                last.mounts = mounts(&mountinfo);
                self.mountinfo = mountinfo;
            }
        }
        if news.links {
            last.interfaces = self.interfaces()?;
        }
        let names = uname().map_err(failed("uname"))?;
        let uid_map = id_map(&self.read("uid_map")?);
        let uptime = clock_gettime(ClockId::CLOCK_BOOTTIME).map_err(failed("clock_gettime"))?;
        // Every field by name: a field that nobody reads does not compile.
        *last = Snapshot {
            hostname: names.nodename().to_string_lossy().into_owned(),
            domainname: names.domainname().to_string_lossy().into_owned(),
            shell_pid: nspid.last().copied().unwrap_or(status.pid),
            nspid,
            pid1,
            processes: processes.and_then(|count| count.try_into().ok()),
            ipc: self.ipc(&uid_map)?,
            mounts: mem::take(&mut last.mounts),
            interfaces: mem::take(&mut last.interfaces),
            uid: self.id_there(&uid_map, status.euid),
            uid_map,
            gid_map: id_map(&self.read("gid_map")?),
            cgroup: cgroup_path(&self.read("cgroup")?),
            clock: clock_offsets(&self.read("timens_offsets").unwrap_or_default()),
            uptime: Duration::from(uptime).as_secs_f64(),
            namespaces: self.namespaces(),
            program: self.program(),
        };
        Ok(())
    }

    /// Whether our UTS namespace has other names than a snapshot of it.
    pub(super) fn has_other_names(last: &Snapshot) -> Result<bool, SideReadError> {
        let names = uname().map_err(failed("uname"))?;
        Ok(*names.nodename() != *last.hostname || *names.domainname() != *last.domainname)
    }

    /// Whether the mount table may have changed without a notification: after a chroot, which changes
    /// the paths in mountinfo, or another propagation. The latter is noticed only in a short table.
    fn may_be_outdated(&mut self, snapshot: &Snapshot) -> bool {
        let root = fstatat(&self.process, "root", AtFlags::empty());
        let root = root.ok().map(|stat| (stat.st_dev, stat.st_ino));
        let moved = root != self.root;
        self.root = root;
        moved || snapshot.mounts.len() <= FEW_MOUNTS
    }

    /// Whether the mount table has changed without a notification: another process may have changed how
    /// mounts propagate. Noticed only in a short table.
    fn has_other_propagation(&self) -> bool {
        let few = self.mountinfo.lines().count() <= FEW_MOUNTS;
        few && self
            .read("mountinfo")
            .is_ok_and(|now| now != self.mountinfo)
    }

    /// The identities of the namespaces the process is in.
    pub(super) fn namespaces(&self) -> Namespaces {
        Namespace::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, self.identity(kind)?)))
            .collect()
    }

    fn status(&self) -> Result<Status, SideReadError> {
        Status::from_read(self.read("status")?.as_bytes()).map_err(|_| SideReadError {
            file: "status".into(),
            errno: Errno::EBADMSG,
        })
    }

    fn identity(&self, kind: Namespace) -> Option<NamespaceId> {
        let path = format!("ns/{}", kind.name());
        let stat = fstatat(&self.process, path.as_str(), AtFlags::empty()).ok()?;
        Some(NamespaceId::of(&stat))
    }

    /// Opens the root that the process has now.
    fn open_root(&self) -> nix::Result<OwnedFd> {
        let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_PATH;
        openat(&self.process, "root", flags, Mode::empty())
    }

    /// Opens a directory that the learner controls, if it is on a file system of that type.
    fn below_root(&self, path: &CStr, fstype: FsType) -> Option<OwnedFd> {
        let root = self.open_root().ok()?;
        let directory = sys::open_in_root(root.as_fd(), path, libc::O_DIRECTORY).ok()?;
        (fstatfs(&directory).ok()?.filesystem_type() == fstype).then_some(directory)
    }

    /// Turns an id that the kernel gave us into the id that the side itself has for it.
    fn id_there(&self, map: &[IdRange], id: u32) -> u32 {
        if self.inside {
            id
        } else {
            seen_from_inside(map, id)
        }
    }

    fn interfaces(&self) -> Result<Vec<Interface>, SideReadError> {
        let links = rtnetlink::links().map_err(failed("rtnetlink"))?;
        let own = self.identity(Namespace::Net);
        let elsewhere = links.iter().filter_map(|link| link.peer_namespace);
        let elsewhere = peers::namespaces(&elsewhere.collect());
        let interface = |link: rtnetlink::Link| Interface {
            index: link.index,
            name: link.name,
            up: link.up,
            peer: link.peer,
            peer_elsewhere: link.peer_namespace.is_some(),
            peer_namespace: match link.peer_namespace {
                None => own.filter(|_| link.peer.is_some()),
                Some(number) => elsewhere.get(&number).copied(),
            },
            addresses: link.addresses,
        };
        Ok(links.into_iter().map(interface).collect())
    }

    fn ipc(&self, map: &[IdRange]) -> Result<Ipc, SideReadError> {
        let mqueue = self.below_root(c"dev/mqueue", MQUEUE);
        let mut mqueues = mqueue.map(names).unwrap_or_default();
        mqueues.sort();
        Ok(Ipc {
            queues: table("/proc/sysvipc/msg", |line| {
                Some(Queue {
                    key: field(line, 0)?,
                    id: field(line, 1)?,
                    mode: octal(line, 2)?,
                    bytes: field(line, 3)?,
                    messages: field(line, 4)?,
                    uid: self.id_there(map, field(line, 7)?),
                })
            })?,
            shm: table("/proc/sysvipc/shm", |line| {
                Some(Segment {
                    key: field(line, 0)?,
                    id: field(line, 1)?,
                    mode: octal(line, 2)?,
                    bytes: field(line, 3)?,
                    attached: field(line, 6)?,
                    uid: self.id_there(map, field(line, 7)?),
                })
            })?,
            semaphores: table("/proc/sysvipc/sem", |line| {
                Some(SemaphoreSet {
                    key: field(line, 0)?,
                    id: field(line, 1)?,
                    mode: octal(line, 2)?,
                    semaphores: field(line, 3)?,
                    uid: self.id_there(map, field(line, 4)?),
                })
            })?,
            mqueues,
        })
    }
}

/// The objects in a file of `/proc/sysvipc`; its first line names the columns. None where the kernel
/// has no System V IPC, and so no such file.
fn table<T>(path: &str, parse: impl Fn(&[&str]) -> Option<T>) -> Result<Vec<T>, SideReadError> {
    let mut text = String::with_capacity(FILE);
    match File::open(path).and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(path)(error)),
    }
    Ok(text
        .lines()
        .skip(1)
        .filter_map(|line| parse(&line.split_whitespace().collect::<Vec<_>>()))
        .collect())
}

fn field<T: std::str::FromStr>(line: &[&str], index: usize) -> Option<T> {
    line.get(index)?.parse().ok()
}

fn octal(line: &[&str], index: usize) -> Option<u32> {
    u32::from_str_radix(line.get(index)?, 8).ok()
}

/// The names in a directory, without `.` and `..`.
fn names(directory: OwnedFd) -> Vec<String> {
    let Ok(mut directory) = Dir::from_fd(directory) else {
        return Vec::new();
    };
    directory
        .iter()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "." && name != "..")
        .take(MOST_NAMES)
        .collect()
}

/// The processes that a proc shows.
fn pids(proc: &OwnedFd) -> Option<Vec<i32>> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut directory = Dir::openat(proc, ".", flags, Mode::empty()).ok()?;
    let pid = |entry: Entry| entry.file_name().to_str().ok()?.parse().ok();
    Some(directory.iter().flatten().filter_map(pid).collect())
}

fn first_process(proc: &OwnedFd) -> Option<String> {
    let comm = sys::open_in_root(proc.as_fd(), c"1/comm", libc::O_RDONLY).ok()?;
    Some(text(comm, 64)?.trim_end().to_owned())
}

/// The first `most` bytes of a file, as text.
fn text(file: impl Into<File>, most: u64) -> Option<String> {
    let mut bytes = Vec::new();
    file.into().take(most).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn mounts(mountinfo: &str) -> Vec<Mount> {
    let Ok(infos) = MountInfos::from_buf_read(mountinfo.as_bytes()) else {
        return Vec::new();
    };
    infos
        .0
        .into_iter()
        .zip(mountinfo.lines())
        .map(|(info, line)| {
            let (mut shared, mut master) = (None, None);
            for field in info.opt_fields {
                match field {
                    MountOptFields::Shared(group) => shared = Some(group),
                    MountOptFields::Master(group) => master = Some(group),
                    _ => {}
                }
            }
            Mount {
                target: info.mount_point.to_string_lossy().into_owned(),
                fstype: info.fs_type,
                source: info.mount_source.unwrap_or_default(),
                device: info.majmin,
                readonly: info.mount_options.contains_key("ro"),
                shared,
                master,
                layers: layers::layers(line),
            }
        })
        .collect()
}

fn id_map(text: &str) -> Vec<IdRange> {
    text.lines()
        .filter_map(|line| {
            let line: Vec<_> = line.split_whitespace().collect();
            Some(IdRange {
                inside: field(&line, 0)?,
                outside: field(&line, 1)?,
                count: field(&line, 2)?,
            })
        })
        .collect()
}

/// Translates an id of our user namespace into the user namespace with that map.
fn seen_from_inside(map: &[IdRange], id: u32) -> u32 {
    map.iter()
        .find(|range| id >= range.outside && id - range.outside < range.count)
        .map_or(OVERFLOW_ID, |range| range.inside + (id - range.outside))
}

/// The path in cgroup v2; where there is none, in the first hierarchy.
fn cgroup_path(text: &str) -> String {
    let v2 = text.lines().find_map(|line| line.strip_prefix("0::"));
    let first = || {
        text.lines()
            .next()
            .and_then(|line| line.splitn(3, ':').nth(2))
    };
    v2.or_else(first).unwrap_or_default().to_owned()
}

fn clock_offsets(text: &str) -> ClockOffsets {
    let offset = |clock: &str| {
        let line = text.lines().find(|line| line.starts_with(clock))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    ClockOffsets {
        monotonic: offset("monotonic").unwrap_or_default(),
        boottime: offset("boottime").unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn ids_are_seen_through_the_map() {
        let map = id_map("         0       1000          1\n      1000     100000      65536\n");
        for (outside, inside) in [
            (1000, 0),
            (100_000, 1000),
            (165_535, 66_535),
            (0, OVERFLOW_ID),
        ] {
            assert_eq!(seen_from_inside(&map, outside), inside, "{outside}");
        }
        assert_eq!(seen_from_inside(&[], 0), OVERFLOW_ID, "no map is written");
    }

    #[test]
    fn a_kind_that_could_not_be_read_before_does_not_count_as_a_move() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let now = SideReader::new(pid).unwrap().namespaces();
        let mut before = now.clone();
        before.remove(&Namespace::User);
        assert!(!differ(&before, &now));
        before.entry(Namespace::Uts).and_modify(|id| id.ino ^= 1);
        assert!(differ(&before, &now));
    }

    #[test]
    fn the_unified_hierarchy_is_preferred() {
        assert_eq!(cgroup_path("5:memory:/m\n0::/user.slice\n"), "/user.slice");
        assert_eq!(cgroup_path("5:memory:/m:x\n4:cpu:/\n"), "/m:x");
        assert_eq!(cgroup_path(""), "");
    }

    #[test]
    fn offsets_are_read_by_name() {
        let text = "monotonic      86400         0\nboottime      -5         0\n";
        assert_eq!(
            clock_offsets(text),
            ClockOffsets {
                monotonic: 86400,
                boottime: -5
            }
        );
        assert_eq!(
            clock_offsets(""),
            ClockOffsets::default(),
            "a kernel without TIME"
        );
    }

    #[test]
    fn our_own_process_can_be_read() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let snapshot = SideReader::new(pid).unwrap().snapshot().unwrap();
        assert_eq!(snapshot.nspid.last(), Some(&snapshot.shell_pid));
        assert_eq!(snapshot.namespaces[&Namespace::Uts].ino, {
            std::fs::metadata("/proc/self/ns/uts").unwrap().ino()
        });
        assert!(
            snapshot.mounts.iter().any(|mount| mount.target == "/"),
            "{:?}",
            snapshot.mounts
        );
    }
}
