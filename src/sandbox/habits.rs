//! Attributes that a process of the lab sets for itself: death signal, subreaper, dumpable, OOM score.
//!
//! Must not know which process it is.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::Signal;

use super::call::Call;
use super::trace::{Refused, Tracer};

/// High, so that the lab usually ends first. Below the maximum (1000), so that a far larger program of the
/// user's can still be chosen.
const OOM_SCORE_ADJ: &str = "500";

/// If memory runs out, the kernel ends the lab's programs before the user's; proc_pid_oom_score_adj(5).
pub(super) fn raise_oom_score() {
    // Nothing but this score depends on it.
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE_ADJ);
}

/// SIGKILL when the thread that started this process ends; prctl(2), PR_SET_PDEATHSIG.
pub(super) fn die_with_parent(trace: &mut Tracer) -> Result<(), Refused> {
    trace.step(Call::Prctl("PR_SET_PDEATHSIG, SIGKILL".to_owned()), || {
        prctl::set_pdeathsig(Signal::SIGKILL)
    })
}

/// Adopts the processes below this one whose parents end; prctl(2), PR_SET_CHILD_SUBREAPER.
pub(super) fn be_subreaper(trace: &mut Tracer) -> Result<(), Refused> {
    trace.step(Call::Prctl("PR_SET_CHILD_SUBREAPER, 1".to_owned()), || {
        prctl::set_child_subreaper(true)
    })
}

/// Makes this process's files in /proc its own again: after a change of credentials they are
/// root's.
pub(super) fn be_dumpable(trace: &mut Tracer) -> Result<(), Refused> {
    trace.step(Call::Prctl("PR_SET_DUMPABLE, 1".to_owned()), || {
        prctl::set_dumpable(true)
    })
}

/// Like [`die_with_parent`], for a parent that may have ended before: then no signal would come.
pub(super) fn die_with(parent: &OwnedFd, trace: &mut Tracer) -> Result<(), Refused> {
    die_with_parent(trace)?;
    trace.quiet_step("poll(pidfd of the parent)", || {
        let mut fds = [PollFd::new(parent.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, PollTimeout::ZERO) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Errno::ESRCH),
            Err(errno) => Err(errno),
        }
    })
}
