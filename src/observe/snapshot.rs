//! A snapshot: the view of one side at one moment, as plain data.
//!
//! `nslab compare --json` prints these fields, and expressions in lessons name them: to rename a field breaks
//! scripts and lessons.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::namespace::{Namespace, NamespaceId};

/// Everything one side sees.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The nodename of uname(2).
    pub hostname: String,
    /// The domainname of uname(2): that of NIS, not of DNS; `(none)` where nobody has set it.
    pub domainname: String,
    /// The output of `echo $$` in the side's shell: the last number of `nspid`.
    pub shell_pid: i32,
    /// The shell's process id in every PID namespace it is in, outermost (the machine's) first;
    /// `NSpid` in proc_pid_status(5).
    pub nspid: Vec<i32>,
    /// The name of process 1 as the side's own `/proc` shows it; none where its `/proc` shows none.
    pub pid1: Option<String>,
    /// How many processes the side's own `/proc` shows; none where `/proc` is not a proc.
    pub processes: Option<u32>,
    /// System V IPC objects and POSIX message queues.
    pub ipc: Ipc,
    /// The mounts of the shell's mount namespace; proc_pid_mountinfo(5).
    pub mounts: Vec<Mount>,
    /// The interfaces of the shell's network namespace.
    pub interfaces: Vec<Interface>,
    /// The shell's effective user id, as the shell itself sees it.
    pub uid: u32,
    /// `/proc/PID/uid_map`, as read from the lab's guard; see user_namespaces(7).
    pub uid_map: Vec<IdRange>,
    /// `/proc/PID/gid_map`, read in the same way.
    pub gid_map: Vec<IdRange>,
    /// The path in `/proc/PID/cgroup`, as seen from the side's own root; see cgroup_namespaces(7).
    pub cgroup: String,
    /// Offsets of the side's clocks; see time_namespaces(7).
    pub clock: ClockOffsets,
    /// Seconds since boot on the side's CLOCK_BOOTTIME. A change of this alone is not reported.
    pub uptime: f64,
    /// The identity of each namespace the side is in; kinds the kernel lacks are absent.
    pub namespaces: BTreeMap<Namespace, NamespaceId>,
    /// The program in the foreground of the shell's terminal, if it is in other namespaces than the shell.
    pub program: Option<StartedProgram>,
}

/// A program that was started in a shell and is in other namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedProgram {
    /// Its process id in every PID namespace it is in, outermost (the machine's) first.
    pub nspid: Vec<i32>,
    /// The name in `/proc/PID/comm`.
    pub name: String,
    /// The identity of each namespace it is in.
    pub namespaces: BTreeMap<Namespace, NamespaceId>,
}

/// Objects of interprocess communication; sysvipc(7), mq_overview(7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ipc {
    pub queues: Vec<Queue>,
    pub shm: Vec<Segment>,
    pub semaphores: Vec<SemaphoreSet>,
    /// POSIX message queues: the names under `/dev/mqueue`; none where none is mounted.
    pub mqueues: Vec<String>,
}

/// A line of `/proc/sysvipc/msg`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Queue {
    /// The key that it was created with.
    pub key: i32,
    pub id: i32,
    /// The owner's user id inside the side's user namespace.
    pub uid: u32,
    pub mode: u32,
    pub bytes: u64,
    pub messages: u64,
}

/// A line of `/proc/sysvipc/shm`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Segment {
    /// The key that it was created with.
    pub key: i32,
    pub id: i32,
    /// The owner's user id inside the side's user namespace.
    pub uid: u32,
    pub mode: u32,
    pub bytes: u64,
    /// Processes that have it attached.
    pub attached: u64,
}

/// A line of `/proc/sysvipc/sem`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SemaphoreSet {
    /// The key that it was created with.
    pub key: i32,
    pub id: i32,
    /// The owner's user id inside the side's user namespace.
    pub uid: u32,
    pub mode: u32,
    pub semaphores: u64,
}

/// A line of `/proc/PID/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// The mount point, relative to the side's root.
    pub target: String,
    /// The type of the file system.
    pub fstype: String,
    /// The mounted device or other source; proc_pid_mountinfo(5).
    pub source: String,
    /// The number of the file system: two mounts of one file system have the same.
    pub device: String,
    /// Whether the mount itself is read-only.
    pub readonly: bool,
    /// Peer group, if the mount is shared; mount_namespaces(7).
    pub shared: Option<u32>,
    /// The peer group of its master, if the mount is a slave.
    pub master: Option<u32>,
    /// The directories that an overlay shows as one; none for other types.
    pub layers: Option<Layers>,
}

impl Mount {
    /// Whether it is the terminal of a shell of the lab, which nslab mounts with each launch.
    pub(crate) fn is_labs_terminal(&self) -> bool {
        let number = self.target.strip_prefix("/dev/tty").unwrap_or_default();
        let numbered = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
        self.fstype == "devpts" && numbered
    }
}

/// The directories of an overlay, by the paths that its mounter used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Layers {
    /// The read-only layers, the topmost first.
    pub lower: Vec<String>,
    /// The writable layer, if there is one.
    pub upper: Option<String>,
    /// The directory that overlayfs itself works in.
    pub work: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interface {
    /// Its index in its network namespace; netdevice(7).
    pub index: u32,
    pub name: String,
    /// Whether it is up (IFF_UP, netdevice(7)).
    pub up: bool,
    /// The index of the other end, as of a veth pair, in the namespace of that end.
    pub peer: Option<u32>,
    /// Whether that end is in another network namespace.
    pub peer_elsewhere: bool,
    /// The network namespace that end is in; none where no process can be seen in it.
    pub peer_namespace: Option<NamespaceId>,
    /// Addresses with their prefix length.
    pub addresses: Vec<String>,
}

/// A line of a uid or gid map; user_namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IdRange {
    pub inside: u32,
    pub outside: u32,
    pub count: u32,
}

/// Offsets against the initial time namespace, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClockOffsets {
    pub monotonic: i64,
    pub boottime: i64,
}

/// An example in which every field has a value and no list is empty: the fields that JSON output, and
/// expressions of lessons, have.
pub(crate) static EXAMPLE: LazyLock<Snapshot> = LazyLock::new(|| Snapshot {
    hostname: "vm".to_owned(),
    domainname: "(none)".to_owned(),
    shell_pid: 7,
    nspid: vec![4242, 77, 7],
    pid1: Some("keeper".to_owned()),
    processes: Some(3),
    ipc: Ipc {
        queues: vec![Queue::default()],
        shm: vec![Segment::default()],
        semaphores: vec![SemaphoreSet::default()],
        mqueues: vec!["q".to_owned()],
    },
    mounts: vec![Mount {
        target: "/".to_owned(),
        fstype: "tmpfs".to_owned(),
        source: "nslab".to_owned(),
        device: "0:40".to_owned(),
        readonly: false,
        shared: Some(1),
        master: Some(1),
        layers: Some(Layers {
            lower: vec!["img".to_owned()],
            upper: Some("up".to_owned()),
            work: Some("work".to_owned()),
        }),
    }],
    interfaces: vec![Interface {
        index: 1,
        name: "lo".to_owned(),
        up: true,
        peer: Some(2),
        peer_elsewhere: true,
        peer_namespace: Some(NamespaceId { dev: 4, ino: 5 }),
        addresses: vec!["127.0.0.1/8".to_owned()],
    }],
    uid: 0,
    uid_map: vec![IdRange::default()],
    gid_map: vec![IdRange::default()],
    cgroup: "/".to_owned(),
    clock: ClockOffsets::default(),
    uptime: 1.0,
    namespaces: identities(1),
    program: Some(StartedProgram {
        nspid: vec![4250, 85, 15],
        name: "bash".to_owned(),
        namespaces: identities(11),
    }),
});

fn identities(first: u64) -> BTreeMap<Namespace, NamespaceId> {
    let identities = (first..).map(|ino| NamespaceId { dev: 4, ino });
    Namespace::ALL.into_iter().zip(identities).collect()
}
