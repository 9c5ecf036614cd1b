//! IPC objects in full, as ipcs(1) of util-linux prints them.

use super::{Cells, cells};
use crate::observe::detail::Detail;
use crate::observe::snapshot::{Queue, Segment, SemaphoreSet};

pub(super) fn queues(queues: &[Queue], detail: &Detail) -> Cells {
    let lines = queues.iter().map(|queue| {
        let mut line = object(queue.key, queue.id, queue.uid, queue.mode, detail);
        line.extend([queue.bytes.to_string(), queue.messages.to_string()]);
        line
    });
    let heads = ["key", "msqid", "owner", "perms", "used-bytes", "messages"];
    ipcs("Message Queues", heads, lines, &[10, 10, 10, 10, 12, 12])
}

pub(super) fn segments(segments: &[Segment], detail: &Detail) -> Cells {
    let lines = segments.iter().map(|segment| {
        // SHM_DEST and SHM_LOCKED; shmctl(2).
        let status = [(0o1000, "dest"), (0o2000, "locked")]
            .into_iter()
            .filter(|(bit, _)| segment.mode & bit != 0)
            .map(|(_, name)| name);
        let mut line = object(segment.key, segment.id, segment.uid, segment.mode, detail);
        line.extend([
            segment.bytes.to_string(),
            segment.attached.to_string(),
            status.collect::<Vec<_>>().join(" "),
        ]);
        line
    });
    let heads = [
        "key", "shmid", "owner", "perms", "bytes", "nattch", "status",
    ];
    ipcs(
        "Shared Memory Segments",
        heads,
        lines,
        &[10, 10, 10, 10, 10, 10],
    )
}

pub(super) fn semaphores(sets: &[SemaphoreSet], detail: &Detail) -> Cells {
    let lines = sets.iter().map(|set| {
        let mut line = object(set.key, set.id, set.uid, set.mode, detail);
        line.push(set.semaphores.to_string());
        line
    });
    let heads = ["key", "semid", "owner", "perms", "nsems"];
    ipcs("Semaphore Arrays", heads, lines, &[10, 10, 10, 10])
}

fn ipcs<const N: usize>(
    title: &str,
    heads: [&str; N],
    lines: impl Iterator<Item = Vec<String>>,
    widths: &'static [isize],
) -> Cells {
    let title = vec![format!("------ {title} --------")];
    Cells {
        lines: [title, cells(heads)].into_iter().chain(lines).collect(),
        head: 2,
        key: Some(1),
        widths,
    }
}

/// The cells that every object has. The owner is named by the side's own `/etc/passwd`.
fn object(key: i32, id: i32, uid: u32, mode: u32, detail: &Detail) -> Vec<String> {
    let owner = detail.users.get(&uid).cloned();
    vec![
        format!("0x{key:08x}"),
        id.to_string(),
        owner.unwrap_or_else(|| uid.to_string()),
        format!("{:o}", mode & 0o777),
    ]
}
