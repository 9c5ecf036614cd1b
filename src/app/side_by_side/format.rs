//! A row of the comparison in full, as the command prints it that a person would type.
//!
//! Knows the formats of util-linux, procps, iproute2 and coreutils. Columns are as wide as both
//! sides need, so that only what is said can differ.

use unicode_width::UnicodeWidthStr;

use super::pairs::{MOST_LINES, Row};
use super::plain;
use crate::app::texts::Words;
use crate::observe::detail::{Detail, MountEntry};
use crate::observe::snapshot::IdRange;
use crate::observe::{RowId, Snapshot};
use crate::sandbox::HostKind;

/// The command that shows a row in full.
pub fn command(row: RowId) -> &'static str {
    match row {
        RowId::Hostname => "hostname",
        RowId::Queues => "ipcs -q",
        RowId::Shm => "ipcs -m",
        RowId::Semaphores => "ipcs -s",
        RowId::Mqueues => "ls /dev/mqueue",
        RowId::ShellPid => "echo $$",
        RowId::Pid1 => "cat /proc/1/comm",
        RowId::Processes => "ps ax",
        RowId::Mounts => "findmnt -o TARGET,SOURCE,FSTYPE,OPT-FIELDS,OPTIONS",
        RowId::Interfaces => "ip -br addr",
        RowId::Uid => "id",
        RowId::UidMap => "cat /proc/self/uid_map /proc/self/gid_map",
        RowId::Cgroup => "cat /proc/self/cgroup",
        RowId::Clock => "cat /proc/self/timens_offsets; uptime -p",
    }
}

/// A side's output before it is laid out: lines of cells.
#[derive(Debug, Default)]
pub struct Table {
    lines: Vec<Vec<String>>,
    /// Lines at the top that name things rather than being things.
    head: usize,
    /// Which cell says what a line is about.
    key: Option<usize>,
    /// The least widths of columns but the last; a negative one is aligned to the right.
    widths: &'static [isize],
}

/// What one side prints; none where it is not known yet.
pub fn table(
    row: RowId,
    side: &Snapshot,
    detail: Option<&Detail>,
    host: HostKind,
    words: &Words,
) -> Option<Table> {
    Some(match row {
        RowId::Hostname => text([side.hostname.clone()]),
        RowId::Queues => queues(side, detail?),
        RowId::Shm => segments(side, detail?),
        RowId::Semaphores => semaphores(side, detail?),
        RowId::Mqueues => Table {
            key: Some(0),
            ..text(side.ipc.mqueues.iter().cloned())
        },
        RowId::ShellPid => numbers(&side.nspid, host, words),
        RowId::Pid1 => text(side.pid1.clone()),
        RowId::Processes => processes(detail?, words),
        RowId::Mounts => mounts(&detail?.mounts),
        RowId::Interfaces => links(detail?),
        RowId::Uid => text([identity(detail?)]),
        RowId::UidMap => text(
            side.uid_map
                .iter()
                .chain(&detail?.gid_map)
                .map(|range| id_range(*range)),
        ),
        RowId::Cgroup => text(detail?.cgroups.iter().cloned()),
        RowId::Clock => {
            let detail = detail?;
            let uptime = [uptime(detail.uptime_minutes)];
            text(detail.offsets.iter().cloned().chain(uptime))
        }
    })
}

fn text(lines: impl IntoIterator<Item = String>) -> Table {
    Table {
        lines: lines.into_iter().map(|line| vec![line]).collect(),
        ..Table::default()
    }
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

const IPCS: &[isize] = &[10, 10, 10, 10, 12, 12];

fn queues(side: &Snapshot, detail: &Detail) -> Table {
    let mut lines = vec![
        cells(["------ Message Queues --------"]),
        cells(["key", "msqid", "owner", "perms", "used-bytes", "messages"]),
    ];
    lines.extend(side.ipc.queues.iter().map(|queue| {
        vec![
            key(queue.key),
            queue.id.to_string(),
            owner(queue.uid, detail),
            perms(queue.mode),
            queue.bytes.to_string(),
            queue.messages.to_string(),
        ]
    }));
    ipcs(lines, IPCS)
}

fn segments(side: &Snapshot, detail: &Detail) -> Table {
    let mut lines = vec![
        cells(["------ Shared Memory Segments --------"]),
        cells([
            "key", "shmid", "owner", "perms", "bytes", "nattch", "status",
        ]),
    ];
    lines.extend(side.ipc.shm.iter().map(|segment| {
        // SHM_DEST and SHM_LOCKED; shmctl(2).
        let status = [(0o1000, "dest"), (0o2000, "locked")]
            .into_iter()
            .filter(|(bit, _)| segment.mode & bit != 0)
            .map(|(_, name)| name);
        vec![
            key(segment.key),
            segment.id.to_string(),
            owner(segment.uid, detail),
            perms(segment.mode),
            segment.bytes.to_string(),
            segment.attached.to_string(),
            status.collect::<Vec<_>>().join(" "),
        ]
    }));
    ipcs(lines, &[10, 10, 10, 10, 10, 10])
}

fn semaphores(side: &Snapshot, detail: &Detail) -> Table {
    let mut lines = vec![
        cells(["------ Semaphore Arrays --------"]),
        cells(["key", "semid", "owner", "perms", "nsems"]),
    ];
    lines.extend(side.ipc.semaphores.iter().map(|set| {
        vec![
            key(set.key),
            set.id.to_string(),
            owner(set.uid, detail),
            perms(set.mode),
            set.semaphores.to_string(),
        ]
    }));
    ipcs(lines, &[10, 10, 10, 10])
}

fn ipcs(lines: Vec<Vec<String>>, widths: &'static [isize]) -> Table {
    Table {
        lines,
        head: 2,
        key: Some(1),
        widths,
    }
}

fn key(key: i32) -> String {
    format!("0x{key:08x}")
}

fn perms(mode: u32) -> String {
    format!("{:o}", mode & 0o777)
}

/// An owner's name as the side would find it, else the id.
fn owner(uid: u32, detail: &Detail) -> String {
    let name = detail.users.get(&uid);
    name.cloned().unwrap_or_else(|| uid.to_string())
}

/// One process, a number in each PID namespace from the machine's inwards.
fn numbers(nspid: &[i32], host: HostKind, words: &Words) -> Table {
    let [machine, lab_host, container, below] = words.pid_levels;
    let levels = match host {
        HostKind::Lab | HostKind::LabWithoutUser => &[machine, lab_host, container, below][..],
        HostKind::Machine => &[machine, container, below],
    };
    let last = nspid.len().saturating_sub(1);
    let lines = nspid.iter().enumerate().map(|(depth, pid)| {
        let place = levels[depth.min(levels.len() - 1)];
        let branch = match depth {
            0 => String::new(),
            depth => format!("{}└ ", "  ".repeat(depth - 1)),
        };
        let here = if depth == last { "← echo $$" } else { "" };
        vec![format!("{branch}{place}"), pid.to_string(), here.to_owned()]
    });
    Table {
        lines: lines.collect(),
        key: Some(0),
        widths: &[16, -7],
        ..Table::default()
    }
}

fn processes(detail: &Detail, words: &Words) -> Table {
    let mut lines = vec![cells(["PID", "TTY", "STAT", "TIME", "COMMAND"])];
    let Some(processes) = &detail.processes else {
        return text([words.no_proc.to_owned()]);
    };
    lines.extend(processes.iter().map(|process| {
        vec![
            process.pid.to_string(),
            process.tty.clone().unwrap_or_else(|| "?".to_owned()),
            process.stat.clone(),
            format!("{}:{:02}", process.seconds / 60, process.seconds % 60),
            process.command.clone(),
        ]
    }));
    if detail.more_processes > 0 {
        lines.push(vec![format!("… +{}", detail.more_processes)]);
    }
    Table {
        lines,
        head: 1,
        key: Some(0),
        widths: &[-7, 8, 4, -6],
    }
}

/// As a tree: children of a mount by their numbers.
fn mounts(mounts: &[MountEntry]) -> Table {
    let mut lines = vec![cells([
        "TARGET",
        "SOURCE",
        "FSTYPE",
        "OPT-FIELDS",
        "OPTIONS",
    ])];
    let is_root = |mount: &MountEntry| {
        mount.parent == mount.id || !mounts.iter().any(|other| other.id == mount.parent)
    };
    // What is above it, and the tree's lines in front of it; the next one last.
    let mut open: Vec<(&MountEntry, String, String)> = Vec::new();
    for mount in mounts.iter().rev().filter(|mount| is_root(mount)) {
        open.push((mount, String::new(), String::new()));
    }
    while let Some((mount, branch, below)) = open.pop() {
        lines.push(vec![
            format!("{branch}{}", mount.target),
            mount.source.clone(),
            mount.fstype.clone(),
            mount.propagation.clone(),
            mount.options.clone(),
        ]);
        // A table that the kernel made has no circles; a bound of its length holds in any case.
        if lines.len() > mounts.len() {
            break;
        }
        let mut children: Vec<_> = mounts
            .iter()
            .filter(|child| child.parent == mount.id && !is_root(child))
            .collect();
        children.sort_by_key(|child| child.id);
        for (i, child) in children.iter().enumerate().rev() {
            let (sign, line) = if i + 1 == children.len() {
                ("└─", "  ")
            } else {
                ("├─", "│ ")
            };
            open.push((child, format!("{below}{sign}"), format!("{below}{line}")));
        }
    }
    Table {
        lines,
        head: 1,
        key: Some(0),
        widths: &[1, 1, 1, 1],
    }
}

fn links(detail: &Detail) -> Table {
    let name_of = |index: u32| {
        let peer = detail.links.iter().find(|link| link.index == index);
        peer.map(|peer| peer.name.clone())
    };
    let lines = detail.links.iter().map(|link| {
        let peer = link.peer.map(|index| match name_of(index) {
            Some(name) if !link.peer_elsewhere => format!("@{name}"),
            _ => format!("@if{index}"),
        });
        vec![
            format!("{}{}", link.name, peer.unwrap_or_default()),
            link.state.clone(),
            link.addresses.join(" "),
        ]
    });
    Table {
        lines: lines.collect(),
        key: Some(0),
        widths: &[16, 14],
        ..Table::default()
    }
}

/// As id(1) of coreutils prints it.
fn identity(detail: &Detail) -> String {
    let named = |id: u32, names: &std::collections::BTreeMap<u32, String>| match names.get(&id) {
        Some(name) => format!("{id}({name})"),
        None => id.to_string(),
    };
    let who = &detail.credentials;
    let mut said = vec![
        format!("uid={}", named(who.uid, &detail.users)),
        format!("gid={}", named(who.gid, &detail.groups)),
    ];
    if who.euid != who.uid {
        said.push(format!("euid={}", named(who.euid, &detail.users)));
    }
    if who.egid != who.gid {
        said.push(format!("egid={}", named(who.egid, &detail.groups)));
    }
    let mut groups = vec![who.egid];
    for group in &who.groups {
        if !groups.contains(group) {
            groups.push(*group);
        }
    }
    let groups: Vec<_> = groups
        .into_iter()
        .map(|group| named(group, &detail.groups))
        .collect();
    said.push(format!("groups={}", groups.join(",")));
    said.join(" ")
}

fn id_range(range: IdRange) -> String {
    let IdRange {
        inside,
        outside,
        count,
    } = range;
    format!("{inside:>10} {outside:>10} {count:>10}")
}

/// As `uptime -p` prints it.
fn uptime(minutes: u64) -> String {
    let hours = minutes / 60;
    let days = hours / 24;
    let parts = [
        (days / 7 / 52, "year"),
        (days / 7 % 52, "week"),
        (days % 7, "day"),
        (hours % 24, "hour"),
        (minutes % 60, "minute"),
    ];
    let mut said: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if said.is_empty() {
        said.push("0 minutes".to_owned());
    }
    format!("up {}", said.join(", "))
}

/// Lays both sides out with the same columns: as wide as the commands make them, unless narrower
/// ones fit into that room and these don't.
pub fn rows(host: Option<&Table>, container: Option<&Table>, room: usize) -> [Option<Vec<Row>>; 2] {
    let tables = [host, container];
    let usual = columns(tables, |least| least);
    let narrow = columns(tables, |_| 0);
    let fits = |columns: &[usize]| {
        let fits = |row: &Row| row.text.width() <= room;
        let mut tables = tables.into_iter().flatten();
        tables.all(|table| table.laid_out(columns).iter().all(fits))
    };
    let chosen = if !fits(&usual) && fits(&narrow) {
        narrow
    } else {
        usual
    };
    tables.map(|table| table.map(|table| table.laid_out(&chosen)))
}

/// The widths of columns, none less than what is made of the least a command gives it.
fn columns(tables: [Option<&Table>; 2], least_of: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut columns: Vec<usize> = Vec::new();
    for table in tables.into_iter().flatten() {
        let least = table.widths.iter().map(|width| width.unsigned_abs());
        for (i, least) in least.enumerate() {
            let widest = table
                .lines
                .iter()
                // A line of one cell is a heading.
                .filter(|line| line.len() > 1)
                .filter_map(|line| line.get(i))
                .map(|cell| plain::line(cell).width());
            let widest = widest.max().unwrap_or(0).max(least_of(least));
            match columns.get_mut(i) {
                Some(column) => *column = widest.max(*column),
                None => columns.push(widest),
            }
        }
    }
    columns
}

impl Table {
    fn laid_out(&self, columns: &[usize]) -> Vec<Row> {
        let shown = self.lines.iter().take(MOST_LINES);
        shown
            .enumerate()
            .map(|(i, line)| {
                let mut text = String::new();
                for (i, cell) in line.iter().enumerate() {
                    let cell = plain::line(cell);
                    let last = i + 1 == line.len();
                    let width = columns.get(i).copied().unwrap_or(0);
                    let gap = " ".repeat(width.saturating_sub(cell.width()));
                    match self.widths.get(i) {
                        Some(..0) => text.extend([&gap, &cell].map(String::as_str)),
                        Some(_) if !last => text.extend([&cell, &gap].map(String::as_str)),
                        _ => text.push_str(&cell),
                    }
                    if !last {
                        text.push(' ');
                    }
                }
                let key = match self.key {
                    _ if i < self.head => "",
                    Some(key) => line.get(key).map_or("", String::as_str),
                    None => "",
                };
                Row {
                    key: key.to_owned(),
                    text: text.trim_end().to_owned(),
                }
            })
            .collect()
    }
}
