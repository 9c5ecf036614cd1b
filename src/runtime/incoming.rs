//! What threads send to the main thread, over one channel.
//!
//! Most of it is the app's own `Msg`. The rest is for the runtime, before or instead of the app.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::app::Msg;
use crate::sandbox::launch::Process;
use crate::sandbox::{Exit, Side};

/// Capacity of the channel. A flood of output fills it; then the shell that prints has to wait, as it
/// would for a real terminal.
const CAPACITY: usize = 64;

#[derive(Debug)]
pub(crate) enum Incoming {
    /// Passed on to the app unchanged.
    Msg(Msg),
    /// A launched program runs, and can be watched from now on.
    Started {
        side: Side,
        launch: u32,
        process: Process,
    },
    /// A launched program has ended; its watchers end too, and have to be reaped.
    Exited { side: Side, launch: u32, exit: Exit },
    /// The lab host with this number ended by itself.
    LabEnded(u32),
    /// The learner's terminal has a new size.
    Resized,
    /// The learner's terminal can't be read any more.
    TerminalGone,
    /// A signal asks nslab to end.
    Signal(i32),
}

pub(crate) type Sender = SyncSender<Incoming>;

pub(crate) fn channel() -> (Sender, Receiver<Incoming>) {
    sync_channel(CAPACITY)
}
