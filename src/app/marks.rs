//! Which cells of the comparison changed a moment ago.
//!
//! Must not know how a mark is drawn.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::observe::{RowId, Snapshot};
use crate::sandbox::Side;

/// How long a change stays marked.
pub const MARKED: Duration = Duration::from_secs(2);

/// The rows that a compact screen always shows, above the one that changed last.
pub(super) const ALWAYS: [RowId; 3] = [RowId::Hostname, RowId::Queues, RowId::ShellPid];

/// The cells that changed less than `MARKED` ago.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    until: BTreeMap<(RowId, Side), Instant>,
    /// The row that changed last, but for those that are `ALWAYS` shown.
    pub(super) last: Option<RowId>,
}

impl Marks {
    /// Marks what a side sees differently from before.
    pub(super) fn changed(&mut self, side: Side, was: &Snapshot, is: &Snapshot, now: Instant) {
        self.mark(side, now, |row| row.differs(was, is));
    }

    /// Marks what a new container sees differently from the host.
    pub(super) fn arrived(
        &mut self,
        side: Side,
        host: &Snapshot,
        container: &Snapshot,
        now: Instant,
    ) {
        self.mark(side, now, |row| row.differs(host, container));
    }

    fn mark(&mut self, side: Side, now: Instant, differs: impl Fn(RowId) -> bool) {
        for row in RowId::ALL {
            if differs(row) {
                self.until.insert((row, side), now + MARKED);
                if !ALWAYS.contains(&row) {
                    self.last = Some(row);
                }
            }
        }
    }

    /// Drops the marks that have expired.
    pub(super) fn fade(&mut self, now: Instant) {
        self.until.retain(|_, until| *until > now);
    }

    pub(super) fn clear(&mut self) {
        *self = Marks::default();
    }

    /// When the next mark expires.
    pub(super) fn next(&self) -> Option<Instant> {
        self.until.values().min().copied()
    }

    pub(super) fn marked(&self, row: RowId, side: Side) -> bool {
        self.until.contains_key(&(row, side))
    }

    pub(super) fn recent(&self, row: RowId) -> bool {
        self.until.keys().any(|(marked, _)| *marked == row)
    }
}
