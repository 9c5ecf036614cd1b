//! The detail of a side as plain data: the facts that the rows' full output needs besides a snapshot.
//!
//! It is read only while a row is open in full. Its fields may change from one version of nslab to the next,
//! unlike those of a snapshot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::snapshot::{IdRange, Snapshot};
use crate::rtnetlink::Link;

/// The facts that one side sees, in addition to its snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Detail {
    /// Names by user id, from the side's own `/etc/passwd`.
    pub users: BTreeMap<u32, String>,
    /// Names by group id, from the side's own `/etc/group`.
    pub groups: BTreeMap<u32, String>,
    /// The shell's credentials.
    pub credentials: Credentials,
    /// `/proc/PID/gid_map`; user_namespaces(7).
    pub gid_map: Vec<IdRange>,
    /// The first processes that the side's own `/proc` shows; none where `/proc` is not a proc.
    pub processes: Option<Vec<ProcessEntry>>,
    /// How many more processes there are.
    pub more_processes: usize,
    /// The mount table, in its own order.
    pub mounts: Vec<MountEntry>,
    /// The interfaces of the shell's network namespace.
    pub links: Vec<Link>,
    /// The lines of `/proc/PID/cgroup`, by the side's own root; cgroups(7).
    pub cgroups: Vec<String>,
    /// The lines of `/proc/PID/timens_offsets`; none where the kernel has no such file.
    pub offsets: Vec<String>,
    /// Whole minutes since boot on the side's CLOCK_BOOTTIME.
    pub uptime_minutes: u64,
}

/// Everything that a process sees: its snapshot and its detail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inside {
    pub snapshot: Snapshot,
    pub detail: Detail,
}

/// A process's ids, as it sees them itself; credentials(7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Credentials {
    pub uid: u32,
    pub euid: u32,
    pub gid: u32,
    pub egid: u32,
    pub groups: Vec<u32>,
}

/// A process as the side's own `/proc` shows it; proc_pid_stat(5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessEntry {
    pub pid: i32,
    /// Its terminal, without `/dev/`; none where it has none.
    pub tty: Option<String>,
    /// Its state and further letters, as ps(1) prints them.
    pub stat: String,
    /// Seconds of processor time.
    pub seconds: u64,
    /// Its arguments, or its name in brackets where it has none.
    pub command: String,
}

/// A line of `/proc/PID/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountEntry {
    /// Its mount id.
    pub id: i32,
    /// The mount id of the mount that it is on.
    pub parent: i32,
    /// The mount point, relative to the side's root.
    pub target: String,
    /// The source of the mount. If only a directory of the file system is mounted, that directory follows in brackets.
    pub source: String,
    /// The type of the file system.
    pub fstype: String,
    /// Options of the mount, then those of the file system.
    pub options: String,
    /// `shared:N`, `master:N` and the like; mount_namespaces(7).
    pub propagation: String,
}
