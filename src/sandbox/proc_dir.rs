//! The `/proc` that was mounted when a process started, even if another one is mounted there later.
//! A launcher joins mount namespaces whose `/proc` doesn't show it. Must not know why a file is read.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::Mode;

use super::call::Call;
use super::trace::{Refused, Tracer, errno};

/// A directory of processes; proc(5).
#[derive(Debug)]
pub(super) struct ProcDir {
    directory: OwnedFd,
}

impl ProcDir {
    /// The `/proc` that is mounted now.
    pub(super) fn open_in(trace: &mut Tracer) -> Result<Self, Refused> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let path = Path::new("/proc");
        let call = Call::open(path, "O_PATH|O_DIRECTORY");
        let directory = trace.quiet_step(call, || open(path, flags, Mode::empty()))?;
        Ok(Self { directory })
    }

    /// Opens a file in it for reading.
    pub(super) fn open_file(&self, path: &str) -> nix::Result<File> {
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        openat(&self.directory, path, flags, Mode::empty()).map(File::from)
    }

    /// Writes to a file in it with one call; returns the number of bytes.
    pub(super) fn write(&self, path: &str, content: &str) -> nix::Result<usize> {
        let flags = OFlag::O_WRONLY | OFlag::O_CLOEXEC;
        let file = openat(&self.directory, path, flags, Mode::empty())?;
        let written = File::from(file).write_all(content.as_bytes());
        written.map_err(|error| errno(&error))?;
        Ok(content.len())
    }

    /// The pid, in this `/proc`, of the process behind a pidfd of ours.
    pub(super) fn number(&self, pidfd: BorrowedFd<'_>) -> Option<i32> {
        let info = self.read(&format!("thread-self/fdinfo/{}", pidfd.as_raw_fd()));
        let pid = info.lines().find_map(|line| line.strip_prefix("Pid:"))?;
        pid.trim().parse().ok().filter(|pid| *pid > 0)
    }

    /// A process's pid in each PID namespace, from that of this `/proc` inwards;
    /// proc_pid_status(5).
    pub(super) fn numbers(&self, process: &str) -> Vec<i32> {
        let status = self.read(&format!("{process}/status"));
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        let numbers = numbers.unwrap_or_default().split_whitespace();
        numbers.filter_map(|number| number.parse().ok()).collect()
    }

    /// Empty if it can't be read.
    pub(super) fn read(&self, path: &str) -> String {
        let mut text = String::new();
        if let Ok(mut file) = self.open_file(path) {
            let _ = file.read_to_string(&mut text);
        }
        text
    }
}
