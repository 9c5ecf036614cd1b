//! How often a watcher looks, and the result of a look.
//!
//! Must not know the subject of a look.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use super::messages::SeenReport;
use crate::sandbox::activity::Activity;

/// How often a watcher looks for signs of changes that the kernel doesn't notify of.
pub(super) const PERIOD: Duration = Duration::from_millis(250);
/// After this many looks without a sign of change, everything is read again: a proc that is not the kernel's own
/// may hide the signs.
pub(super) const IN_VAIN: u32 = 20;
/// The least pause between two readings of one process; a long reading is followed by a pause as long. So a
/// learner who changes something in a loop, or the hostname of any namespace (which wakes every watcher),
/// keeps no processor busy.
pub(super) const LEAST_PAUSE: Duration = Duration::from_millis(10);
/// The pause after reading the detail is this many times as long as the reading: so the watcher takes
/// less than a tenth of a processor.
pub(super) const PAUSE_FACTOR: u32 = 10;

/// Whether a look was ordered: it then reads everything, and reports it even if nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forced {
    Yes,
    No,
}

/// The result of a look.
pub(super) struct LookResult {
    /// `None` if there was no need to read, or the process has moved meanwhile.
    pub(super) seen: Option<SeenReport>,
    /// How long to wait before the next look.
    pub(super) pause: Duration,
}

/// Notices whether programs of the lab run.
pub(super) struct Runs {
    activity: Option<Activity>,
    /// How many times one was noticed.
    pub(super) count: u64,
}

impl Runs {
    pub(super) fn new(activity: Option<Activity>) -> Self {
        Self { activity, count: 0 }
    }

    /// Finds out whether a program of the lab may have run. Call it before reading: a program that runs
    /// while something is read is then noticed the next time.
    pub(super) fn notice(&mut self) {
        if self.activity.as_mut().is_none_or(Activity::may_have_run) {
            self.count += 1;
        }
    }
}

/// The processor time of this process.
pub(super) fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
