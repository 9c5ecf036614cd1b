//! Which cells of the comparison have changed since the learner last pressed a key.
//!
//! Must not know how a mark is drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::compared::Compared;
use super::shells::Shells;
use super::texts;
use crate::lang::Lang;
use crate::observe::{RowId, Snapshot};

/// The snapshot of each side that the learner has seen. A side that they have not seen yet has no marks.
#[derive(Debug, Default)]
pub(crate) struct SeenSnapshots {
    seen: BTreeMap<Compared, Snapshot>,
    /// The sides that were observed again since then.
    observed: BTreeSet<Compared>,
}

impl SeenSnapshots {
    /// A side was observed.
    pub(super) fn observed(&mut self, side: Compared) {
        self.observed.insert(side);
    }

    /// The learner presses a key: the values on the screen count as seen.
    pub(super) fn see(&mut self, shells: &Shells) {
        for side in std::mem::take(&mut self.observed) {
            if let Some(snapshot) = shells.seen(side).snapshot {
                self.seen.insert(side, snapshot.clone());
            }
        }
    }

    pub(super) fn clear(&mut self) {
        *self = SeenSnapshots::default();
    }

    /// Whether a key would remove a mark.
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
        let was = self
            .seen
            .get(&side)
            .filter(|_| self.observed.contains(&side));
        let both = was.zip(now);
        // Equal in one language, equal in all.
        let shown = |snapshot| texts::shown(Lang::En, &row.settled(snapshot));
        both.is_some_and(|(was, now)| shown(was) != shown(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::{Lab, host};
    use crate::observe::snapshot::Mount;
    use crate::sandbox::Side;

    #[test]
    fn the_terminal_that_a_launch_mounts_is_no_change() {
        let mut lab = Lab::ready((120, 40), Lang::En);
        lab.key("F6");
        for (target, fstype, changes) in [
            ("/dev/tty2", "devpts", false),
            ("/dev/tty3", "tmpfs", true),
            ("/dev/pts", "devpts", true),
        ] {
            lab.see(Side::Host, host());
            lab.key("Down");
            let mut now = host();
            now.mounts.push(Mount {
                target: target.to_owned(),
                fstype: fstype.to_owned(),
                ..now.mounts[0].clone()
            });
            lab.see(Side::Host, now);
            assert_eq!(
                crate::app::table::has_changed(&lab.state, RowId::Mounts),
                changes,
                "{target}"
            );
            lab.key("Up");
        }
    }
}
