//! The sources that the loop waits for.

use crate::app::Column;
use crate::sandbox::Side;

/// In the order in which they are read when several are ready: keys first, so that no flood delays one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The learner's terminal.
    Terminal,
    Signal(i32),
    /// The threads that wait for disks and commands.
    Workers,
    /// The lab host, which is readable once it has ended.
    LabHost,
    /// What the helper of a shell reports.
    Reports(Side),
    /// The helper of a shell, which is readable once it has ended.
    Helper(Side),
    Watcher(WatcherOf),
    /// A child of ours has ended, or somebody has stopped it.
    Children,
    /// The terminal of a shell.
    Shell(Side),
    /// The thread that reads the terminal of a shell that floods it.
    Flood(Side),
}

/// What a watcher watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WatcherOf {
    /// All sides of the lab, one after the other.
    Lab,
    Machine,
    Map,
    /// This subject alone.
    One(WatchedSubject),
}

/// Something that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WatchedSubject {
    /// What a side's shell sees.
    Shell(Side),
    /// The details of what a side's shell sees, for rows in full.
    Detail(Side),
    /// What the lesson asks of a side.
    Asked(Side),
    Machine,
    /// Which namespaces there are.
    Map,
    /// What one process of the map sees.
    Inside,
    /// The process that was picked for a column.
    Picked(Column),
    PickedDetail(Column),
}
