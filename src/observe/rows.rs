//! The table of rows: one entry says all there is to a row of the comparison.
//!
//! Owns each row's namespace, label, command, value, and its full output in the format of that
//! command. Must not know how a row is drawn; words in a language come from outside.

mod ipc;
mod mnt;
mod net;
mod output;
mod pid;
mod time;
mod user;

use std::fmt;

use serde::Serialize;

pub(crate) use self::output::Cells;
use self::output::{cells, joined, lines};
use super::detail::Detail;
use super::snapshot::Snapshot;
use crate::namespace::Namespace;

/// All there is to a row.
pub struct RowEntry {
    /// The kind of namespace that decides what is seen.
    pub(crate) namespace: Namespace,
    /// The row's name in the table: a command, or a short word for one.
    pub label: &'static str,
    /// The command that prints the row in full.
    pub command: &'static str,
    value: fn(&Snapshot) -> Value,
    /// Compares the facts themselves, not how they are printed.
    differs: fn(&Snapshot, &Snapshot) -> bool,
    /// What the command prints; none while the detail that it takes is not read yet.
    full: fn(&Observed<'_>) -> Option<Cells>,
    pub(crate) origin: Origin,
    /// A file that poll(2) reports as POLLPRI when the value changes. The other rows are read again
    /// four times a second, or when their mounts or links change.
    pub(crate) notifier: Option<&'static str>,
}

/// What a row's value is that of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The namespace that the side is in.
    Namespace,
    /// The PID namespace in which `/proc` was mounted.
    ProcMount,
    /// The IPC namespace in which `/dev/mqueue` was mounted.
    MqueueMount,
    /// Every PID namespace that the process is in.
    EveryPidNamespace,
}

/// A row's value in short, without a language. Printed as names and numbers, and as `-` for nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Names(Vec<String>),
    /// Identifiers of objects; the screen shows how many there are.
    Ids(Vec<i32>, Unit),
    /// None where it can't be counted.
    Count(Option<usize>, Unit),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Queue,
    Segment,
    SemaphoreSet,
    Process,
    Mount,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Value::Text(text) => text.clone(),
            Value::Names(names) => names.join(" "),
            Value::Ids(ids, _) => joined(ids, " "),
            Value::Count(count, _) => count.map(|count| count.to_string()).unwrap_or_default(),
        };
        f.write_str(if text.is_empty() { "-" } else { &text })
    }
}

/// What a row in full is made of.
pub(crate) struct Observed<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) detail: Option<&'a Detail>,
    /// The names of the PID namespaces, from the machine's inwards.
    pub(crate) pid_levels: &'a [&'a str],
    /// Stands for the processes where no proc is mounted on `/proc`.
    pub(crate) no_proc: &'a str,
}

/// Makes the enum of rows from the list of them: a row without an entry does not compile.
macro_rules! rows {
    ($($id:ident = $entry:ident,)*) => {
        /// Names a row of the comparison.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "the entry of the same name says it")]
        pub enum RowId { $($id,)* }

        impl RowId {
            /// All rows, in the order of the table.
            pub const ALL: [RowId; [$(RowId::$id),*].len()] = [$(RowId::$id),*];

            /// What the table says of it.
            pub const fn entry(self) -> &'static RowEntry {
                match self { $(RowId::$id => &$entry,)* }
            }
        }
    };
}

rows! {
    Hostname = HOSTNAME,
    Domainname = DOMAINNAME,
    Queues = QUEUES,
    Shm = SHM,
    Semaphores = SEMAPHORES,
    Mqueues = MQUEUES,
    ShellPid = SHELL_PID,
    Pid1 = PID1,
    Processes = PROCESSES,
    Mounts = MOUNTS,
    Interfaces = INTERFACES,
    Uid = UID,
    UidMap = UID_MAP,
    Cgroup = CGROUP,
    Clock = CLOCK,
}

impl RowId {
    pub(crate) fn value(self, side: &Snapshot) -> Value {
        (self.entry().value)(side)
    }

    pub(crate) fn differs(self, host: &Snapshot, container: &Snapshot) -> bool {
        (self.entry().differs)(host, container)
    }

    pub(crate) fn full(self, side: &Observed<'_>) -> Option<Cells> {
        (self.entry().full)(side)
    }
}

/// Whether a field of two snapshots differs.
macro_rules! differs {
    ($($field:ident).+) => { |one, other| one.$($field).+ != other.$($field).+ };
}

const HOSTNAME: RowEntry = RowEntry {
    namespace: Namespace::Uts,
    label: "hostname",
    command: "hostname",
    value: |side| Value::Text(side.hostname.clone()),
    differs: differs!(hostname),
    full: |side| Some(lines([side.snapshot.hostname.clone()])),
    origin: Origin::Namespace,
    notifier: Some("/proc/sys/kernel/hostname"),
};

const DOMAINNAME: RowEntry = RowEntry {
    namespace: Namespace::Uts,
    label: "domainname",
    command: "cat /proc/sys/kernel/domainname",
    value: |side| Value::Text(side.domainname.clone()),
    differs: differs!(domainname),
    full: |side| Some(lines([side.snapshot.domainname.clone()])),
    origin: Origin::Namespace,
    notifier: Some("/proc/sys/kernel/domainname"),
};

const QUEUES: RowEntry = RowEntry {
    namespace: Namespace::Ipc,
    label: "ipcs -q",
    command: "ipcs -q",
    value: |side| {
        let ids = side.ipc.queues.iter().map(|queue| queue.id);
        Value::Ids(ids.collect(), Unit::Queue)
    },
    differs: differs!(ipc.queues),
    full: |side| Some(ipc::queues(&side.snapshot.ipc.queues, side.detail?)),
    origin: Origin::Namespace,
    notifier: None,
};

const SHM: RowEntry = RowEntry {
    namespace: Namespace::Ipc,
    label: "ipcs -m",
    command: "ipcs -m",
    value: |side| {
        let ids = side.ipc.shm.iter().map(|segment| segment.id);
        Value::Ids(ids.collect(), Unit::Segment)
    },
    differs: differs!(ipc.shm),
    full: |side| Some(ipc::segments(&side.snapshot.ipc.shm, side.detail?)),
    origin: Origin::Namespace,
    notifier: None,
};

const SEMAPHORES: RowEntry = RowEntry {
    namespace: Namespace::Ipc,
    label: "ipcs -s",
    command: "ipcs -s",
    value: |side| {
        let ids = side.ipc.semaphores.iter().map(|set| set.id);
        Value::Ids(ids.collect(), Unit::SemaphoreSet)
    },
    differs: differs!(ipc.semaphores),
    full: |side| Some(ipc::semaphores(&side.snapshot.ipc.semaphores, side.detail?)),
    origin: Origin::Namespace,
    notifier: None,
};

const MQUEUES: RowEntry = RowEntry {
    namespace: Namespace::Ipc,
    label: "/dev/mqueue",
    command: "ls /dev/mqueue",
    value: |side| Value::Names(side.ipc.mqueues.clone()),
    differs: differs!(ipc.mqueues),
    full: |side| {
        Some(Cells {
            key: Some(0),
            ..lines(side.snapshot.ipc.mqueues.iter().cloned())
        })
    },
    origin: Origin::MqueueMount,
    notifier: None,
};

const SHELL_PID: RowEntry = RowEntry {
    namespace: Namespace::Pid,
    label: "echo $$",
    command: "echo $$",
    value: |side| Value::Text(side.shell_pid.to_string()),
    differs: differs!(shell_pid),
    full: |side| Some(pid::numbers(&side.snapshot.nspid, side.pid_levels)),
    origin: Origin::EveryPidNamespace,
    notifier: None,
};

const PID1: RowEntry = RowEntry {
    namespace: Namespace::Pid,
    label: "PID 1",
    command: "cat /proc/1/comm",
    value: |side| Value::Text(side.pid1.clone().unwrap_or_default()),
    differs: differs!(pid1),
    full: |side| Some(lines(side.snapshot.pid1.clone())),
    origin: Origin::ProcMount,
    notifier: None,
};

const PROCESSES: RowEntry = RowEntry {
    namespace: Namespace::Pid,
    label: "ls /proc",
    command: "ps ax",
    value: |side| Value::Count(side.processes.map(|count| count as usize), Unit::Process),
    differs: differs!(processes),
    full: |side| Some(pid::processes(side.detail?, side.no_proc)),
    origin: Origin::ProcMount,
    notifier: None,
};

const MOUNTS: RowEntry = RowEntry {
    namespace: Namespace::Mnt,
    label: "mounts",
    command: "findmnt -o TARGET,SOURCE,FSTYPE,OPT-FIELDS,OPTIONS",
    value: |side| Value::Count(Some(side.mounts.len()), Unit::Mount),
    differs: differs!(mounts),
    full: |side| Some(mnt::tree(&side.detail?.mounts)),
    origin: Origin::Namespace,
    notifier: None,
};

const INTERFACES: RowEntry = RowEntry {
    namespace: Namespace::Net,
    label: "ip link",
    command: "ip -br addr",
    value: |side| Value::Text(net::states(&side.interfaces)),
    differs: differs!(interfaces),
    full: |side| Some(net::links(&side.detail?.links)),
    origin: Origin::Namespace,
    notifier: None,
};

const UID: RowEntry = RowEntry {
    namespace: Namespace::User,
    label: "id -u",
    command: "id",
    value: |side| Value::Text(side.uid.to_string()),
    differs: differs!(uid),
    full: |side| Some(lines([user::identity(side.detail?)])),
    origin: Origin::Namespace,
    notifier: None,
};

const UID_MAP: RowEntry = RowEntry {
    namespace: Namespace::User,
    label: "uid_map",
    command: "cat /proc/self/uid_map /proc/self/gid_map",
    value: |side| Value::Text(user::short_map(&side.uid_map)),
    differs: differs!(uid_map),
    full: |side| Some(lines(user::maps(side.snapshot, side.detail?))),
    origin: Origin::Namespace,
    notifier: None,
};

const CGROUP: RowEntry = RowEntry {
    namespace: Namespace::Cgroup,
    label: "cgroup",
    command: "cat /proc/self/cgroup",
    value: |side| Value::Text(side.cgroup.clone()),
    differs: differs!(cgroup),
    full: |side| Some(lines(side.detail?.cgroups.iter().cloned())),
    origin: Origin::Namespace,
    notifier: None,
};

const CLOCK: RowEntry = RowEntry {
    namespace: Namespace::Time,
    label: "boottime",
    command: "cat /proc/self/timens_offsets; uptime -p",
    value: |side| Value::Text(format!("{:+} s", side.clock.boottime)),
    differs: differs!(clock),
    full: |side| {
        let detail = side.detail?;
        let uptime = time::uptime(detail.uptime_minutes);
        Some(lines(detail.offsets.iter().cloned().chain([uptime])))
    },
    origin: Origin::Namespace,
    notifier: None,
};
