//! The sources that the loop waits for.

use crate::app::Column;
use crate::sandbox::Side;

/// In the order in which they are read when several are ready. Keys come first, so that no flood delays them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The learner's terminal.
    Terminal,
    Signal(i32),
    /// The threads that wait for disks and commands.
    Workers,
    /// The lab host, which is readable once it has ended.
    LabHost,
    /// The reports of the helper of a shell.
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

/// The subjects of a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WatcherOf {
    /// All sides of the lab, one after the other.
    Lab,
    Machine,
    Map,
    /// This subject alone.
    One(WatchedSubject),
}

/// A subject that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WatchedSubject {
    /// The snapshots of a side's shell.
    Shell(Side),
    /// The detail of a side's shell, for rows in full.
    Detail(Side),
    /// The answers to the lesson's questions about a side.
    Asked(Side),
    Machine,
    /// Which namespaces there are.
    Map,
    /// The inside of an item of the map.
    Inside,
    /// The process that was picked for a column.
    Picked(Column),
    PickedDetail(Column),
}
