//! The table of rows: one entry holds everything about a row of the comparison.
//!
//! Owns each row's namespace, label, command, value, the lessons in which it matters, and its full output in the
//! format of that command. Must not know how a row is drawn; words in a language come from outside.

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

/// Everything about a row.
pub struct RowEntry {
    /// The kind of namespace that decides the value.
    pub(crate) namespace: Namespace,
    /// The row's name in the table: a command, or a short word for one; eleven columns at most.
    pub label: &'static str,
    /// The command that prints the row in full.
    pub command: &'static str,
    /// The names in expressions that ask for the row: a field of a snapshot, or a question.
    pub(crate) fields: &'static [&'static str],
    value: fn(&Snapshot) -> Value,
    /// Compares the facts themselves, not how they are printed.
    differs: fn(&Snapshot, &Snapshot) -> bool,
    /// The command's output; `None` until the detail that it needs has been read.
    full: fn(&Observed<'_>) -> Option<Cells>,
    pub(crate) origin: ValueOrigin,
    pub(crate) matters_in: MattersIn,
    /// The value without what a launch itself changes.
    settled: fn(&Snapshot) -> Value,
    /// A file that poll(2) reports as POLLPRI when the value changes. The other rows are read again
    /// four times a second, or when their mounts or links change.
    pub(crate) notifier: Option<&'static str>,
}

/// A row of the namespace that the side is in, which matters in lessons about it. The kernel doesn't notify of its
/// changes.
const fn row(
    namespace: Namespace,
    label: &'static str,
    command: &'static str,
    fields: &'static [&'static str],
    value: fn(&Snapshot) -> Value,
    differs: fn(&Snapshot, &Snapshot) -> bool,
    full: fn(&Observed<'_>) -> Option<Cells>,
) -> RowEntry {
    RowEntry {
        namespace,
        label,
        command,
        fields,
        value,
        differs,
        full,
        origin: ValueOrigin::Namespace,
        matters_in: MattersIn::ItsKind,
        settled: value,
        notifier: None,
    }
}

impl RowEntry {
    const fn of(self, origin: ValueOrigin) -> Self {
        RowEntry { origin, ..self }
    }

    const fn matters_in(self, matters_in: MattersIn) -> Self {
        RowEntry { matters_in, ..self }
    }

    const fn settled(self, settled: fn(&Snapshot) -> Value) -> Self {
        RowEntry { settled, ..self }
    }

    const fn notified_by(self, file: &'static str) -> Self {
        RowEntry {
            notifier: Some(file),
            ..self
        }
    }
}

/// The lessons in which a row matters, besides those that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MattersIn {
    All,
    /// Those about its kind of namespace.
    ItsKind,
    None,
}

/// Which namespace a row's value depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueOrigin {
    /// The namespace that the side is in.
    Namespace,
    /// The PID namespace in which `/proc` was mounted.
    ProcMount,
    /// The IPC namespace in which `/dev/mqueue` was mounted.
    MqueueMount,
    /// Every PID namespace that the process is in.
    EveryPidNamespace,
}

/// A row's short value, the same in every language: names and numbers, `-` for nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Names(Vec<String>),
    /// Identifiers of objects; the screen shows how many there are.
    Ids(Vec<i32>, CountedUnit),
    /// `None` where it can't be counted.
    Count(Option<usize>, CountedUnit),
}

/// The unit of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountedUnit {
    Queue,
    Segment,
    SemaphoreSet,
    Process,
    Mount,
}

impl Value {
    fn ids<T>(unit: CountedUnit, objects: &[T], id: fn(&T) -> i32) -> Self {
        Value::Ids(objects.iter().map(id).collect(), unit)
    }
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

/// The input of a row's full output.
pub(crate) struct Observed<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) detail: Option<&'a Detail>,
    /// The names of the PID namespaces, from the machine's inwards.
    pub(crate) pid_levels: &'a [&'a str],
    /// The text in place of the processes where no proc is mounted on `/proc`.
    pub(crate) no_proc: &'a str,
}

/// Makes the enum of rows from their entries.
macro_rules! rows {
    ($($id:ident = $entry:expr,)*) => {
        /// Names a row of the comparison.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "the entry says it")]
        pub enum RowId { $($id,)* }

        impl RowId {
            /// All rows, in the order of the table.
            pub const ALL: [RowId; [$(RowId::$id),*].len()] = [$(RowId::$id),*];

            /// Its entry in the table.
            pub const fn entry(self) -> &'static RowEntry {
                match self { $(RowId::$id => const { &$entry },)* }
            }
        }
    };
}

/// Whether a field of two snapshots differs.
macro_rules! differs {
    ($($field:ident).+) => { |one, other| one.$($field).+ != other.$($field).+ };
}

rows! {
    Hostname = row(
        Namespace::Uts,
        "hostname",
        "hostname",
        &["hostname"],
        |side| Value::Text(side.hostname.clone()),
        differs!(hostname),
        |side| Some(lines([side.snapshot.hostname.clone()])),
    )
    .matters_in(MattersIn::All)
    .notified_by("/proc/sys/kernel/hostname"),
    Domainname = row(
        Namespace::Uts,
        "domainname",
        "cat /proc/sys/kernel/domainname",
        &["domainname"],
        |side| Value::Text(side.domainname.clone()),
        differs!(domainname),
        |side| Some(lines([side.snapshot.domainname.clone()])),
    )
    .matters_in(MattersIn::None)
    .notified_by("/proc/sys/kernel/domainname"),
    Queues = row(
        Namespace::Ipc,
        "ipcs -q",
        "ipcs -q",
        &["queues"],
        |side| Value::ids(CountedUnit::Queue, &side.ipc.queues, |it| it.id),
        differs!(ipc.queues),
        |side| Some(ipc::queues(&side.snapshot.ipc.queues, side.detail?)),
    )
    .matters_in(MattersIn::All),
    Shm = row(
        Namespace::Ipc,
        "ipcs -m",
        "ipcs -m",
        &["shm"],
        |side| Value::ids(CountedUnit::Segment, &side.ipc.shm, |it| it.id),
        differs!(ipc.shm),
        |side| Some(ipc::segments(&side.snapshot.ipc.shm, side.detail?)),
    )
    .matters_in(MattersIn::None),
    Semaphores = row(
        Namespace::Ipc,
        "ipcs -s",
        "ipcs -s",
        &["semaphores"],
        |side| Value::ids(CountedUnit::SemaphoreSet, &side.ipc.semaphores, |it| it.id),
        differs!(ipc.semaphores),
        |side| Some(ipc::semaphores(&side.snapshot.ipc.semaphores, side.detail?)),
    )
    .matters_in(MattersIn::None),
    Mqueues = row(
        Namespace::Ipc,
        "/dev/mqueue",
        "ls /dev/mqueue",
        &["mqueues"],
        |side| Value::Names(side.ipc.mqueues.clone()),
        differs!(ipc.mqueues),
        |side| {
            Some(Cells {
                key: Some(0),
                ..lines(side.snapshot.ipc.mqueues.iter().cloned())
            })
        },
    )
    .matters_in(MattersIn::None)
    .of(ValueOrigin::MqueueMount),
    ShellPid = row(
        Namespace::Pid,
        "echo $$",
        "echo $$",
        &["shell_pid", "nspid"],
        |side| Value::Text(side.shell_pid.to_string()),
        differs!(shell_pid),
        |side| Some(pid::numbers(&side.snapshot.nspid, side.pid_levels)),
    )
    .matters_in(MattersIn::All)
    .of(ValueOrigin::EveryPidNamespace),
    Pid1 = row(
        Namespace::Pid,
        "PID 1",
        "cat /proc/1/comm",
        &["pid1"],
        |side| Value::Text(side.pid1.clone().unwrap_or_default()),
        differs!(pid1),
        |side| Some(lines(side.snapshot.pid1.clone())),
    )
    .of(ValueOrigin::ProcMount),
    Processes = row(
        Namespace::Pid,
        "ls /proc",
        "ps ax",
        &["processes", "process"],
        |side| Value::Count(side.processes.map(|count| count as usize), CountedUnit::Process),
        differs!(processes),
        |side| Some(pid::processes(side.detail?, side.no_proc)),
    )
    .matters_in(MattersIn::All)
    .of(ValueOrigin::ProcMount),
    Mounts = row(
        Namespace::Mnt,
        "mounts",
        "findmnt -o TARGET,SOURCE,FSTYPE,OPT-FIELDS,OPTIONS",
        &["mounts"],
        |side| Value::Count(Some(side.mounts.len()), CountedUnit::Mount),
        differs!(mounts),
        |side| Some(mnt::tree(&side.detail?.mounts)),
    )
    .settled(|side| {
        // A launch mounts its terminal.
        let mounts = side.mounts.iter().filter(|it| !it.is_labs_terminal());
        Value::Count(Some(mounts.count()), CountedUnit::Mount)
    }),
    Interfaces = row(
        Namespace::Net,
        "ip link",
        "ip -br addr",
        &["interfaces", "answers", "routes"],
        |side| Value::Text(net::states(&side.interfaces)),
        differs!(interfaces),
        |side| Some(net::links(&side.detail?.links)),
    ),
    Uid = row(
        Namespace::User,
        "id -u",
        "id",
        &["uid"],
        |side| Value::Text(side.uid.to_string()),
        differs!(uid),
        |side| Some(lines([user::identity(side.detail?)])),
    ),
    UidMap = row(
        Namespace::User,
        "uid_map",
        "cat /proc/self/uid_map /proc/self/gid_map",
        &["uid_map", "gid_map"],
        |side| Value::Text(user::short_map(&side.uid_map)),
        differs!(uid_map),
        |side| Some(lines(user::maps(side.snapshot, side.detail?))),
    ),
    Cgroup = row(
        Namespace::Cgroup,
        "cgroup",
        "cat /proc/self/cgroup",
        &["cgroup"],
        |side| Value::Text(side.cgroup.clone()),
        differs!(cgroup),
        |side| Some(lines(side.detail?.cgroups.iter().cloned())),
    ),
    Clock = row(
        Namespace::Time,
        "boottime",
        "cat /proc/self/timens_offsets; uptime -p",
        &["clock", "uptime"],
        |side| Value::Text(format!("{:+} s", side.clock.boottime)),
        differs!(clock),
        |side| {
            let detail = side.detail?;
            let uptime = time::uptime(detail.uptime_minutes);
            Some(lines(detail.offsets.iter().cloned().chain([uptime])))
        },
    ),
}

impl RowId {
    pub(crate) fn value(self, side: &Snapshot) -> Value {
        (self.entry().value)(side)
    }

    /// The value without what a launch itself changes.
    pub(crate) fn settled(self, side: &Snapshot) -> Value {
        (self.entry().settled)(side)
    }

    pub(crate) fn differs(self, host: &Snapshot, container: &Snapshot) -> bool {
        (self.entry().differs)(host, container)
    }

    pub(crate) fn full(self, side: &Observed<'_>) -> Option<Cells> {
        (self.entry().full)(side)
    }
}
