//! The orders that a watcher gets while it runs, and its reports.
//!
//! Plain data. Must not know how anything is read.

use serde::{Deserialize, Serialize};

use crate::discovery::Map;
use crate::observe::asked::{Asked, Question};
use crate::observe::detail::{Detail, Inside};
use crate::observe::snapshot::Snapshot;
use crate::observe::visit::Visit;

/// An order to a running watcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Watch the process whose pidfd comes with this.
    Watch {
        number: u32,
        what: WatchedPart,
    },
    Forget {
        number: u32,
    },
    /// Report now the snapshots of all sides, and the answers to all questions.
    Look {
        turn: u32,
    },
}

/// The part of a process's view to report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WatchedPart {
    Snapshot,
    Detail,
    /// The answers to these questions.
    Asked(Vec<Question>),
    /// Its snapshot and its detail.
    Inside,
    /// Snapshot and detail of a namespace that this process keeps, and that no process is in.
    Kept(Visit),
    /// The map of the PID namespace whose process 1 it is, or of the machine. The map is read from outside of all its
    /// namespaces, so this watcher has nothing else to watch.
    Map,
}

/// A line that a watcher prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WatcherReport {
    /// A report of the process that is watched under this number.
    Seen { number: u32, seen: SeenReport },
    /// It is not watched any more: it has ended, or could not be read.
    Over { number: u32 },
    /// The reports of this turn are complete.
    Looked { turn: u32 },
}

/// A report of a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SeenReport {
    Snapshot(Box<Snapshot>),
    Detail(Box<Detail>),
    Asked(Box<Asked>),
    Inside(Box<Inside>),
    Map(Box<Map>),
}

impl SeenReport {
    /// Whether it differs from the last report in more than the uptime.
    pub(super) fn differs_from(&self, told: &mut SeenReport) -> bool {
        match (self, &mut *told) {
            (SeenReport::Snapshot(now), SeenReport::Snapshot(told)) => told.uptime = now.uptime,
            (SeenReport::Inside(now), SeenReport::Inside(told)) => {
                told.snapshot.uptime = now.snapshot.uptime;
            }
            _ => {}
        }
        self != told
    }
}
