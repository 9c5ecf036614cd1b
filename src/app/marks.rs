//! Which cells of the comparison have changed since the learner last pressed a key.
//!
//! Must not know how a mark is drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::compared::Compared;
use super::shells::Shells;
use super::texts;
use crate::lang::Lang;
use crate::observe::{RowId, Snapshot};

/// What the learner has seen of each side. A side that they have not seen yet has no marks: all of it is
/// new.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    seen: BTreeMap<Compared, Snapshot>,
    /// The sides that were observed anew since then.
    observed: BTreeSet<Compared>,
}

impl Marks {
    /// A side was observed.
    pub(super) fn observed(&mut self, side: Compared) {
        self.observed.insert(side);
    }

    /// The learner presses a key: what is on the screen now is seen.
    pub(super) fn see(&mut self, shells: &Shells) {
        for side in std::mem::take(&mut self.observed) {
            if let Some(snapshot) = shells.seen(side).snapshot {
                self.seen.insert(side, snapshot.clone());
            }
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Marks::default();
    }

    /// Whether a key would take a mark away.
    pub(super) fn any(&self, shells: &Shells) -> bool {
        let marked = |side: &Compared| {
            let now = shells.seen(*side).snapshot;
            RowId::ALL
                .into_iter()
                .any(|row| self.marked(row, *side, now))
        };
        self.observed.iter().any(marked)
    }

    /// Whether the learner reads another value now than when they last pressed a key.
    pub(super) fn marked(&self, row: RowId, side: Compared, now: Option<&Snapshot>) -> bool {
        // Equal in one language, equal in all.
        let value = |snapshot| texts::value(Lang::En, row, snapshot);
        let was = self
            .seen
            .get(&side)
            .filter(|_| self.observed.contains(&side));
        let both = was.zip(now);
        both.is_some_and(|(was, now)| value(was) != value(now))
    }
}
