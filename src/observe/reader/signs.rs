//! A cheap test whether a side may have changed since it was read.
//!
//! The kernel notifies of a new hostname, of mounts and of links. The rest of a snapshot can only change when
//! the watched process runs, when a process that the side sees is made or ends, or when one of a few short
//! files changes. Those files are kept open: an open System V IPC table shows the namespace in which it was
//! opened; proc_sysvipc(5).

use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;

use nix::fcntl::AtFlags;
use nix::sys::stat::fstatat;

use super::{MQUEUE, PROC, SideReader, names, pids};
use crate::sys;

/// Files of the process: how long it has run, and those that other processes can write.
const OF_PROCESS: [&str; 5] = [
    "schedstat",
    "uid_map",
    "gid_map",
    "cgroup",
    "timens_offsets",
];
/// Files of the IPC namespace.
const TABLES: [&str; 3] = [
    "/proc/sysvipc/msg",
    "/proc/sysvipc/shm",
    "/proc/sysvipc/sem",
];

/// With more processes than this, reading the side again is as quick.
const FEW_PROCESSES: usize = 32;

/// The files to look at, and their last contents.
#[derive(Debug)]
pub(in crate::observe) struct Signs {
    files: Vec<File>,
    seen: Vec<u8>,
    /// `/proc/loadavg`. Its last word is the pid of the newest process; proc_loadavg(5).
    load: Option<File>,
    /// The signs that a process of the machine was made or has ended.
    on_machine: Vec<u8>,
    /// The side's processes, and how long each has run; none if these are no reliable sign.
    processes: Option<Vec<u8>>,
}

impl Signs {
    /// The signs of what a reader reads, once its namespaces are joined.
    pub(in crate::observe) fn of(reader: &SideReader) -> Self {
        let of_process = OF_PROCESS.map(|file| reader.open(file).ok());
        let tables = TABLES.map(|path| File::open(path).ok());
        Self {
            files: of_process.into_iter().chain(tables).flatten().collect(),
            seen: Vec::new(),
            load: File::open("/proc/loadavg").ok(),
            on_machine: Vec::new(),
            processes: None,
        }
    }

    /// Whether the signs differ from those of the last look.
    pub(in crate::observe) fn have_changed(&mut self, reader: &SideReader) -> bool {
        let seen = self.of_side(reader);
        let mut changed = seen != self.seen;
        self.seen = seen;
        let on_machine = self.of_machine();
        if on_machine != self.on_machine {
            self.on_machine = on_machine;
            // Usually somebody else's process was made or has ended.
            let processes = processes(reader);
            changed |= processes.is_none()
                || processes != self.processes
                || reader.has_other_propagation();
            self.processes = processes;
        }
        changed
    }

    fn of_side(&self, reader: &SideReader) -> Vec<u8> {
        let mut seen = Vec::with_capacity(self.seen.len());
        for file in &self.files {
            append(&mut seen, file);
        }
        // This file system's times are whole seconds, so that only the names tell.
        let queues = reader.below_root(c"dev/mqueue", MQUEUE).map(names);
        for name in queues.into_iter().flatten() {
            seen.extend(name.into_bytes());
            seen.push(0);
        }
        // A program in the foreground may leave the shell's namespaces without a sign in these files.
        if let Some(program) = reader.program() {
            seen.extend(program.nspid.iter().flat_map(|pid| pid.to_ne_bytes()));
            // The program may be seen before its exec, with another name.
            seen.extend(program.name.into_bytes());
            let inodes = program.namespaces.values();
            seen.extend(inodes.flat_map(|id| id.ino.to_ne_bytes()));
        }
        seen
    }

    fn of_machine(&self) -> Vec<u8> {
        let mut load = Vec::new();
        self.load.iter().for_each(|file| append(&mut load, file));
        let last = load.rsplit(|byte| *byte == b' ').next();
        let mut signs = last.unwrap_or_default().to_vec();
        // The kernel counts all processes as links of /proc.
        let proc = fstatat(nix::fcntl::AT_FDCWD, "/proc", AtFlags::empty());
        signs.extend(proc.map_or(0, |proc| proc.st_nlink).to_ne_bytes());
        signs
    }
}

/// The processes that the side's proc shows, and how long each has run. A process that was made and has
/// ended since the last look is seen by its parent, which has run.
fn processes(reader: &SideReader) -> Option<Vec<u8>> {
    let proc = reader.below_root(c"proc", PROC)?;
    let pids = pids(&proc).filter(|pids| pids.len() <= FEW_PROCESSES)?;
    let mut seen = Vec::new();
    for pid in pids {
        seen.extend(pid.to_ne_bytes());
        let path = CString::new(format!("{pid}/schedstat")).ok()?;
        // A process that has ended since has no files any more: that is a sign too.
        let Ok(stat) = sys::open_in_root(proc.as_fd(), &path, libc::O_RDONLY) else {
            continue;
        };
        let mut ran = [0; 64];
        let length = File::from(stat).read_at(&mut ran, 0).unwrap_or(0);
        seen.extend(&ran[..length]);
    }
    Some(seen)
}

/// Appends the present content of a file of /proc.
fn append(to: &mut Vec<u8>, file: &File) {
    const PIECE: usize = 1024;
    let start = to.len();
    loop {
        let end = to.len();
        to.resize(end + PIECE, 0);
        let offset = u64::try_from(end - start).unwrap_or(u64::MAX);
        // An ended process has no files any more: that is a sign too.
        let length = file.read_at(&mut to[end..], offset).unwrap_or(0);
        to.truncate(end + length);
        if length < PIECE {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    fn only_child(pid: u32) -> u32 {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        children.trim().parse().unwrap()
    }

    fn eventually(what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !holds() {
            assert!(Instant::now() < deadline, "never: {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_process_of_the_side_is_a_sign_and_one_of_somebody_else_is_none() {
        let script = "sleep 1000 & echo ready; while read line; do /bin/true; done";
        let mut unshare = Command::new("unshare")
            .args(["-r", "-p", "-f", "--mount-proc", "sh", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(unshare.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        if ready.is_empty() {
            eprintln!("a user namespace can't be made here: nothing was tested");
            unshare.wait().unwrap();
            return;
        }
        let sleep = only_child(only_child(unshare.id()));
        let mut reader = SideReader::new(sleep.cast_signed()).unwrap();
        reader.snapshot().unwrap();
        let signs = std::cell::RefCell::new(Signs::of(&reader));
        let have_changed = || signs.borrow_mut().have_changed(&reader);
        let elsewhere = || Command::new("true").status().unwrap();
        // The shell may still be on its way to `read`.
        eventually("the end of a process elsewhere is no sign", || {
            elsewhere();
            !have_changed()
        });
        let mut stdin = unshare.stdin.take().unwrap();
        stdin.write_all(b"\n").unwrap();
        eventually("a process of the side is a sign", have_changed);
        drop(stdin);
        unshare.wait().unwrap();
    }
}
