//! What one side sees at one moment, as plain data.
//!
//! Its JSON form is what `nslab compare --json` prints for a side and what a check in a lesson
//! may name, so a field's name is a promise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::namespace::Namespace;

/// Everything one side sees.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The nodename of uname(2).
    pub hostname: String,
    /// What `echo $$` prints in the side's shell: the last number of `nspid`.
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
    /// The mount table.
    pub mounts: Vec<Mount>,
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
    /// The shell's effective user id, as the shell itself sees it.
    pub uid: u32,
    /// `/proc/PID/uid_map`, as read from the lab's guard; see user_namespaces(7).
    pub uid_map: Vec<IdRange>,
    /// The path in `/proc/PID/cgroup`, as seen from the side's own root; see cgroup_namespaces(7).
    pub cgroup: String,
    /// Offsets of the side's clocks; see time_namespaces(7).
    pub clock: ClockOffsets,
    /// Seconds since boot on the side's CLOCK_BOOTTIME. Taken with the snapshot; its passing is no change.
    pub uptime: f64,
    /// The identity of each namespace the side is in; kinds the kernel lacks are absent.
    pub namespaces: BTreeMap<Namespace, NamespaceId>,
}

/// Identifies a namespace: two processes are in the same one if both numbers agree; namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NamespaceId {
    /// Device of the file under `/proc/PID/ns`.
    pub dev: u64,
    /// Its inode: the number in `uts:[4026531838]`.
    pub ino: u64,
}

/// Objects of interprocess communication; sysvipc(7), mq_overview(7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ipc {
    /// System V message queues.
    pub queues: Vec<Queue>,
    /// System V shared memory segments.
    pub shm: Vec<Segment>,
    /// System V semaphore sets.
    pub semaphores: Vec<SemaphoreSet>,
    /// POSIX message queues: the names under `/dev/mqueue`; none where none is mounted.
    pub mqueues: Vec<String>,
}

/// A line of `/proc/sysvipc/msg`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// The key it was made with.
    pub key: i32,
    /// Its identifier.
    pub id: i32,
    /// Its owner, as the side itself has ids.
    pub uid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Bytes in it.
    pub bytes: u64,
    /// Messages in it.
    pub messages: u64,
}

/// A line of `/proc/sysvipc/shm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The key it was made with.
    pub key: i32,
    /// Its identifier.
    pub id: i32,
    /// Its owner, as the side itself has ids.
    pub uid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// Processes that have it attached.
    pub attached: u64,
}

/// A line of `/proc/sysvipc/sem`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SemaphoreSet {
    /// The key it was made with.
    pub key: i32,
    /// Its identifier.
    pub id: i32,
    /// Its owner, as the side itself has ids.
    pub uid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Semaphores in the set.
    pub semaphores: u64,
}

/// A line of `/proc/PID/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is mounted, from the side's root.
    pub target: String,
    /// The type of the file system.
    pub fstype: String,
    /// What is mounted.
    pub source: String,
    /// Whether the mount itself is read-only.
    pub readonly: bool,
    /// Peer group, if the mount is shared; mount_namespaces(7).
    pub shared: Option<u32>,
    /// Its master's peer group, if it is a slave.
    pub master: Option<u32>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Whether it is up (IFF_UP, netdevice(7)).
    pub up: bool,
    /// Addresses with their prefix length.
    pub addresses: Vec<String>,
}

/// A line of a uid or gid map; user_namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdRange {
    /// First id inside.
    pub inside: u32,
    /// First id outside.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

/// Offsets against the initial time namespace, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClockOffsets {
    /// Of CLOCK_MONOTONIC.
    pub monotonic: i64,
    /// Of CLOCK_BOOTTIME.
    pub boottime: i64,
}
