//! The machine: the user, the kernel, the programs.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::namespace::NamespaceSet;

/// Who the learner is on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UserKind {
    Root,
    Ordinary,
}

/// The machine as far as steps depend on it.
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub user: UserKind,
    /// The release of the kernel: `6.18.0`.
    pub kernel: String,
    /// The kinds of namespace that the kernel has.
    pub kinds: NamespaceSet,
    /// The programs of the lessons that are not installed.
    pub absent: BTreeSet<String>,
    pub clock: Clock,
}

/// The time of day, counted on from when the lab started.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    seconds: u64,
}

impl Clock {
    /// A clock that shows this number of seconds since 1970 at `started`.
    pub fn new(started: Instant, seconds: u64) -> Clock {
        Clock { started, seconds }
    }

    /// When the lab started.
    pub(crate) fn started(self) -> Instant {
        self.started
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.started);
        self.seconds.saturating_add(since.as_secs())
    }
}
