//! The end of what a program left running: its children come to whoever started it, and end there.
//!
//! Must not know what the program was.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use nix::poll::{PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::proc_dir::ProcDir;

/// A pause between two looks at what is being killed, in milliseconds, and how many of them in which
/// nothing ended are enough: half a second.
const PAUSE: u8 = 2;
const MOST_IDLE: u32 = 250;

/// The children that a subreaper gets when their parents end.
pub(super) struct Orphans {
    proc: Arc<ProcDir>,
    /// Our list of children, by the numbers of whoever mounted `/proc`.
    children: File,
    /// How deep our PID namespace lies below that one's, which counts as 1.
    depth: usize,
}

impl Orphans {
    /// None where the proc doesn't show us.
    pub(super) fn of_ours(proc: Arc<ProcDir>) -> Option<Self> {
        let children = proc.open_file("thread-self/children").ok()?;
        let depth = proc.numbers("thread-self").len();
        (depth > 0).then_some(Self {
            proc,
            children,
            depth,
        })
    }

    /// Kills what the program left: children of children came to us, and theirs will.
    pub(super) fn end(&self) {
        let mut list = vec![0; 4096];
        let mut idle = 0;
        // Each round takes one generation; a fork bomb is bounded by RLIMIT_NPROC.
        for _ in 0..10_000 {
            let length = self.children.read_at(&mut list, 0).unwrap_or(0);
            let text = String::from_utf8_lossy(&list[..length]);
            let pids: Vec<Pid> = whole(&text)
                .split_whitespace()
                .filter_map(|pid| self.number_here(pid))
                .map(Pid::from_raw)
                .collect();
            if pids.is_empty() {
                return;
            }
            for &pid in &pids {
                let _ = kill(pid, Signal::SIGKILL);
            }
            // One that is traced can't be reaped before its tracer, which may come to us in the
            // next round only, or never: nobody is waited for by name, nor for ever.
            let mut reaped = false;
            for &pid in &pids {
                let waited = waitpid(pid, Some(WaitPidFlag::WNOHANG));
                reaped |= waited != Ok(WaitStatus::StillAlive);
            }
            if reaped {
                idle = 0;
            } else if idle == MOST_IDLE {
                return;
            } else {
                idle += 1;
                let _ = poll(&mut [], PollTimeout::from(PAUSE));
            }
        }
    }

    /// In a container without MNT `/proc` has other numbers than kill(2).
    fn number_here(&self, pid: &str) -> Option<i32> {
        match self.depth {
            1 => pid.parse().ok(),
            depth => self.proc.numbers(pid).get(depth - 1).copied(),
        }
        .filter(|pid| *pid > 0)
    }
}

/// The numbers that are there as a whole, each with a blank behind it: of a list that was cut off the
/// last one may be the beginning of a number, which would be another process's.
fn whole(list: &str) -> &str {
    list.rfind(' ').map_or("", |end| &list[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_cut_off_is_no_process() {
        for (list, expected) in [
            ("12 345 67", "12 345"),
            ("12 345 ", "12 345"),
            ("12 ", "12"),
            ("1", ""),
            ("", ""),
        ] {
            assert_eq!(whole(list), expected, "{list:?}");
        }
    }
}
