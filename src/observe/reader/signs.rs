//! A cheap look at whether a side can have changed since it was read.
//!
//! The kernel notifies of a new hostname, of mounts and of links. All else that a snapshot holds can
//! only change when the watched process runs, when a process is made or ends, or when one of a few short
//! files changes. Those files are kept open: a System V IPC table stays that of the namespace in which
//! it was opened; proc_sysvipc(5).

use std::fs::File;
use std::os::unix::fs::FileExt;

use nix::fcntl::AtFlags;
use nix::sys::stat::fstatat;

use super::{MQUEUE, Reader, names};

/// Of the process: how long it has run, and what others can write.
const OF_PROCESS: [&str; 4] = ["schedstat", "uid_map", "cgroup", "timens_offsets"];
/// Of the IPC namespace.
const TABLES: [&str; 3] = [
    "/proc/sysvipc/msg",
    "/proc/sysvipc/shm",
    "/proc/sysvipc/sem",
];

/// What is looked at, and what was seen.
#[derive(Debug)]
pub(in crate::observe) struct Signs {
    files: Vec<File>,
    /// Its last word is the pid of the process that was made last; proc_loadavg(5).
    load: Option<File>,
    seen: Vec<u8>,
}

impl Signs {
    /// The signs of what a reader reads, once its namespaces are joined.
    pub(in crate::observe) fn of(reader: &Reader) -> Self {
        let of_process = OF_PROCESS.map(|file| reader.open(file).ok());
        let tables = TABLES.map(|path| File::open(path).ok());
        Self {
            files: of_process.into_iter().chain(tables).flatten().collect(),
            load: File::open("/proc/loadavg").ok(),
            seen: Vec::new(),
        }
    }

    /// Whether there are other signs than at the last look.
    pub(in crate::observe) fn have_changed(&mut self, reader: &Reader) -> bool {
        let mut seen = Vec::with_capacity(self.seen.len());
        for file in &self.files {
            append(&mut seen, file);
        }
        let mut load = Vec::new();
        self.load.iter().for_each(|file| append(&mut load, file));
        let last = load.rsplit(|byte| *byte == b' ').next();
        seen.extend_from_slice(last.unwrap_or_default());
        // The kernel counts all processes as links of /proc.
        let proc = fstatat(nix::fcntl::AT_FDCWD, "/proc", AtFlags::empty());
        seen.extend(proc.map_or(0, |proc| proc.st_nlink).to_ne_bytes());
        // The times of this file system are whole seconds: only the names tell.
        let queues = reader.below_root(c"dev/mqueue", MQUEUE).map(names);
        for name in queues.into_iter().flatten() {
            seen.extend(name.into_bytes());
            seen.push(0);
        }
        let changed = seen != self.seen;
        self.seen = seen;
        changed
    }
}

/// Appends what a file of /proc says now.
fn append(to: &mut Vec<u8>, file: &File) {
    const PIECE: usize = 1024;
    let start = to.len();
    loop {
        let end = to.len();
        to.resize(end + PIECE, 0);
        let offset = u64::try_from(end - start).unwrap_or(u64::MAX);
        // An ended process has no files any more: that is another sign.
        let length = file.read_at(&mut to[end..], offset).unwrap_or(0);
        to.truncate(end + length);
        if length < PIECE {
            return;
        }
    }
}
