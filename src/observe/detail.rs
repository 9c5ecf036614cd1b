//! More of what one side sees, as plain data: what the full output of a command takes and a snapshot
//! doesn't have.
//!
//! Read only while somebody looks, so its fields are no promise to anybody outside of nslab.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::snapshot::IdRange;

/// Everything one side sees, but what is in a snapshot already.
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
    /// The processes that the side's own `/proc` shows, the first ones of them; none where `/proc`
    /// is not a proc.
    pub processes: Option<Vec<Process>>,
    /// How many more there are.
    pub more_processes: usize,
    /// The mount table, in its own order.
    pub mounts: Vec<MountEntry>,
    /// Network interfaces.
    pub links: Vec<Link>,
    /// The lines of `/proc/PID/cgroup`, by the side's own root; cgroups(7).
    pub cgroups: Vec<String>,
    /// The lines of `/proc/PID/timens_offsets`; none where the kernel has no such file.
    pub offsets: Vec<String>,
    /// Whole minutes since boot on the side's CLOCK_BOOTTIME.
    pub uptime_minutes: u64,
}

/// Whom a process is, as it sees itself; credentials(7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Credentials {
    /// Real user id.
    pub uid: u32,
    /// Effective user id.
    pub euid: u32,
    /// Real group id.
    pub gid: u32,
    /// Effective group id.
    pub egid: u32,
    /// Supplementary group ids.
    pub groups: Vec<u32>,
}

/// A process, by the numbers of the side's own `/proc`; proc_pid_stat(5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its pid.
    pub pid: i32,
    /// Its terminal, without `/dev/`; none where it has none.
    pub tty: Option<String>,
    /// Its state and the letters behind it, as ps(1) has them.
    pub stat: String,
    /// Seconds of processor time.
    pub seconds: u64,
    /// Its arguments, or its name in brackets where it has none.
    pub command: String,
}

/// A line of `/proc/PID/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountEntry {
    /// Its number.
    pub id: i32,
    /// The number of the mount it is on.
    pub parent: i32,
    /// Where it is mounted, from the side's root.
    pub target: String,
    /// What is mounted: with the directory in brackets where it is not all of it.
    pub source: String,
    /// The type of the file system.
    pub fstype: String,
    /// Options of the mount, then those of the file system.
    pub options: String,
    /// `shared:N`, `master:N` and the like; mount_namespaces(7).
    pub propagation: String,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its index; netdevice(7).
    pub index: u32,
    /// Its name.
    pub name: String,
    /// The index of the other end, of a veth for instance, where there is one.
    pub peer: Option<u32>,
    /// Whether the other end is in another network namespace.
    pub peer_elsewhere: bool,
    /// `IF_OPER_…` of RFC 2863, as ip(8) prints it: UP, DOWN, UNKNOWN, …
    pub state: String,
    /// Addresses with their prefix length.
    pub addresses: Vec<String>,
}
