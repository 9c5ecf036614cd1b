//! Two snapshots side by side.
//!
//! A row tells two facts apart: whether the namespace is the same one, and whether what is seen
//! differs. "Own IPC namespace, and yet both lists are empty" is a lesson.

use serde::Serialize;

use super::snapshot::{Interface, Snapshot};
use crate::namespace::{Namespace, NamespaceSet};

/// Which fact a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowId {
    /// `hostname`.
    Hostname,
    /// `ipcs -q`.
    Queues,
    /// `ipcs -m`.
    Shm,
    /// `ipcs -s`.
    Semaphores,
    /// `ls /dev/mqueue`.
    Mqueues,
    /// `echo $$`.
    ShellPid,
    /// The name of process 1.
    Pid1,
    /// How many processes `/proc` shows.
    Processes,
    /// How many mounts there are.
    Mounts,
    /// `ip link`.
    Interfaces,
    /// `id -u`.
    Uid,
    /// `/proc/self/uid_map`.
    UidMap,
    /// `/proc/self/cgroup`.
    Cgroup,
    /// Offset of the boot-time clock.
    Clock,
}

impl RowId {
    /// All rows, in the order of the table, each with the kind of namespace that decides it.
    pub const ALL: [(RowId, Namespace); 14] = [
        (RowId::Hostname, Namespace::Uts),
        (RowId::Queues, Namespace::Ipc),
        (RowId::Shm, Namespace::Ipc),
        (RowId::Semaphores, Namespace::Ipc),
        (RowId::Mqueues, Namespace::Ipc),
        (RowId::ShellPid, Namespace::Pid),
        (RowId::Pid1, Namespace::Pid),
        (RowId::Processes, Namespace::Pid),
        (RowId::Mounts, Namespace::Mnt),
        (RowId::Interfaces, Namespace::Net),
        (RowId::Uid, Namespace::User),
        (RowId::UidMap, Namespace::User),
        (RowId::Cgroup, Namespace::Cgroup),
        (RowId::Clock, Namespace::Time),
    ];

    /// What a person would type to see it. Commands are the same in every language.
    pub fn label(self) -> &'static str {
        match self {
            RowId::Hostname => "hostname",
            RowId::Queues => "ipcs -q",
            RowId::Shm => "ipcs -m",
            RowId::Semaphores => "ipcs -s",
            RowId::Mqueues => "/dev/mqueue",
            RowId::ShellPid => "echo $$",
            RowId::Pid1 => "PID 1",
            RowId::Processes => "ls /proc",
            RowId::Mounts => "mounts",
            RowId::Interfaces => "ip link",
            RowId::Uid => "id -u",
            RowId::UidMap => "uid_map",
            RowId::Cgroup => "cgroup",
            RowId::Clock => "boottime",
        }
    }

    /// The value as one short line without a language: names, numbers, and `-` for nothing.
    pub fn value(self, side: &Snapshot) -> String {
        fn ids<T>(list: &[T], id: impl Fn(&T) -> i32) -> String {
            or_dash(
                list.iter()
                    .map(|item| id(item).to_string())
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        }
        match self {
            RowId::Hostname => side.hostname.clone(),
            RowId::Queues => ids(&side.ipc.queues, |queue| queue.id),
            RowId::Shm => ids(&side.ipc.shm, |segment| segment.id),
            RowId::Semaphores => ids(&side.ipc.semaphores, |set| set.id),
            RowId::Mqueues => or_dash(side.ipc.mqueues.join(" ")),
            RowId::ShellPid => side.shell_pid.to_string(),
            RowId::Pid1 => side.pid1.clone().unwrap_or_else(|| "-".into()),
            RowId::Processes => side
                .processes
                .map_or_else(|| "-".into(), |count| count.to_string()),
            RowId::Mounts => side.mounts.len().to_string(),
            RowId::Interfaces => or_dash(
                side.interfaces
                    .iter()
                    .map(interface)
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            RowId::Uid => side.uid.to_string(),
            RowId::UidMap => or_dash(
                side.uid_map
                    .iter()
                    .map(|range| format!("{} {} {}", range.inside, range.outside, range.count))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            RowId::Cgroup => side.cgroup.clone(),
            RowId::Clock => format!("{:+} s", side.clock.boottime),
        }
    }

    /// Whether what is seen differs: by the facts themselves, not by how they are printed.
    pub fn differs(self, host: &Snapshot, container: &Snapshot) -> bool {
        match self {
            RowId::Hostname => host.hostname != container.hostname,
            RowId::Queues => host.ipc.queues != container.ipc.queues,
            RowId::Shm => host.ipc.shm != container.ipc.shm,
            RowId::Semaphores => host.ipc.semaphores != container.ipc.semaphores,
            RowId::Mqueues => host.ipc.mqueues != container.ipc.mqueues,
            RowId::ShellPid => host.shell_pid != container.shell_pid,
            RowId::Pid1 => host.pid1 != container.pid1,
            RowId::Processes => host.processes != container.processes,
            RowId::Mounts => host.mounts != container.mounts,
            RowId::Interfaces => host.interfaces != container.interfaces,
            RowId::Uid => host.uid != container.uid,
            RowId::UidMap => host.uid_map != container.uid_map,
            RowId::Cgroup => host.cgroup != container.cgroup,
            RowId::Clock => host.clock != container.clock,
        }
    }
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".into() } else { text }
}

fn interface(interface: &Interface) -> String {
    format!(
        "{} {}",
        interface.name,
        if interface.up { "UP" } else { "DOWN" }
    )
}

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which fact.
    pub id: RowId,
    /// The kind of namespace that decides it.
    pub namespace: Namespace,
    /// What a person would type to see it.
    pub label: &'static str,
    /// What the host sees.
    pub host: String,
    /// What the container sees.
    pub container: String,
    /// Whether the container has a namespace of that kind of its own.
    pub own_namespace: bool,
    /// Whether what the two see differs.
    pub differs: bool,
}

/// Two snapshots side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// One row a fact.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// Compares two sides.
    pub fn of(host: &Snapshot, container: &Snapshot) -> Self {
        let own = own_namespaces(host, container);
        let rows = RowId::ALL
            .into_iter()
            .map(|(id, namespace)| Row {
                id,
                namespace,
                label: id.label(),
                host: id.value(host),
                container: id.value(container),
                own_namespace: own.contains(namespace),
                differs: id.differs(host, container),
            })
            .collect();
        Self { rows }
    }
}

/// The kinds of which the two sides are in different namespaces, by device and inode.
pub fn own_namespaces(host: &Snapshot, container: &Snapshot) -> NamespaceSet {
    Namespace::ALL
        .into_iter()
        .filter(|kind| host.namespaces.get(kind) != container.namespaces.get(kind))
        .collect()
}
