//! Ends the processes that a program left running: the program's starter adopts them and kills them.
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

/// The pause between two looks at the killed processes, in milliseconds, and the number of looks in a row at which
/// none has ended, after which we give up: half a second.
const PAUSE: u8 = 2;
const MOST_IDLE: u32 = 250;

/// The children that a subreaper adopts.
pub(super) struct Orphans {
    proc: Arc<ProcDir>,
    /// Our list of children, with pids of the PID namespace that `/proc` belongs to.
    children: File,
    /// The depth of our PID namespace below that one, which counts as 1.
    depth: usize,
}

impl Orphans {
    /// The children of this process. `None` if `proc` doesn't show this process.
    pub(super) fn of_ours(proc: Arc<ProcDir>) -> Option<Self> {
        let children = proc.open_file("thread-self/children").ok()?;
        let depth = proc.numbers("thread-self").len();
        (depth > 0).then_some(Self {
            proc,
            children,
            depth,
        })
    }

    /// Kills the processes that the program left running. Orphaned grandchildren come to us as well.
    pub(super) fn end(&self) {
        let mut list = vec![0; 4096];
        let mut idle = 0;
        // Each round ends one generation; RLIMIT_NPROC limits a fork bomb.
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
            // A traced process can't be reaped before its tracer, which may come to us in the next
            // round or never: so don't wait for a certain process, nor forever.
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

    /// In a container without MNT, `/proc` has other pids than kill(2).
    fn number_here(&self, pid: &str) -> Option<i32> {
        match self.depth {
            1 => pid.parse().ok(),
            depth => self.proc.numbers(pid).get(depth - 1).copied(),
        }
        .filter(|pid| *pid > 0)
    }
}

/// The complete pids of a list: those followed by a blank. In a list that was cut off, the last digits may
/// be the beginning of a longer pid, and so name another process.
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
