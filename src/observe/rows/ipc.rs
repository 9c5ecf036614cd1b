//! IPC objects in full, as ipcs(1) of util-linux prints them.

use super::{Cells, cells};
use crate::observe::detail::Detail;
use crate::observe::snapshot::{Queue, Segment, SemaphoreSet};

pub(super) fn queues(queues: &[Queue], detail: &Detail) -> Cells {
    let mut lines = vec![
        cells(["------ Message Queues --------"]),
        cells(["key", "msqid", "owner", "perms", "used-bytes", "messages"]),
    ];
    lines.extend(queues.iter().map(|queue| {
        vec![
            key(queue.key),
            queue.id.to_string(),
            owner(queue.uid, detail),
            perms(queue.mode),
            queue.bytes.to_string(),
            queue.messages.to_string(),
        ]
    }));
    ipcs(lines, &[10, 10, 10, 10, 12, 12])
}

pub(super) fn segments(segments: &[Segment], detail: &Detail) -> Cells {
    let mut lines = vec![
        cells(["------ Shared Memory Segments --------"]),
        cells([
            "key", "shmid", "owner", "perms", "bytes", "nattch", "status",
        ]),
    ];
    lines.extend(segments.iter().map(|segment| {
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

pub(super) fn semaphores(sets: &[SemaphoreSet], detail: &Detail) -> Cells {
    let mut lines = vec![
        cells(["------ Semaphore Arrays --------"]),
        cells(["key", "semid", "owner", "perms", "nsems"]),
    ];
    lines.extend(sets.iter().map(|set| {
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

fn ipcs(lines: Vec<Vec<String>>, widths: &'static [isize]) -> Cells {
    Cells {
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

/// The owner's name in the side's own `/etc/passwd`, else the id.
fn owner(uid: u32, detail: &Detail) -> String {
    let name = detail.users.get(&uid);
    name.cloned().unwrap_or_else(|| uid.to_string())
}
