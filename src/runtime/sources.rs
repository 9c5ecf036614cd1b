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
    /// The watcher of the machine.
    MachineWatcher,
    /// The watcher of the map.
    MapWatcher,
    /// The watcher of what one process of the map sees.
    InsideWatcher,
    /// The watcher of the process that was picked for a column.
    ProcessWatcher(Column),
    ProcessDetail(Column),
    /// What the helper of a shell reports.
    Reports(Side),
    /// The helper of a shell, which is readable once it has ended.
    Helper(Side),
    Watcher(Side),
    DetailWatcher(Side),
    /// It reads what the lesson asks of a side.
    AskedWatcher(Side),
    /// The terminal of a shell.
    Shell(Side),
    /// The thread that reads the terminal of a shell that floods it.
    Flood(Side),
}
