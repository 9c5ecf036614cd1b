//! What is said to the learner for a moment, in one line.
//!
//! Owns which notices there are; their words are in `texts`.

use std::io;

use crate::sandbox::Shortfall;
use crate::sandbox::{HostKind, Nth, Plan, Side};

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A command could not be typed, since a program has the foreground.
    Busy {
        /// Whose shell.
        side: Side,
        /// The program.
        program: String,
    },
    /// A command needed a shell that wasn't there; it has been launched.
    LaunchedFirst(Side),
    /// There is no lab host.
    NoLab,
    /// The lab host is not there yet.
    LabStarting,
    /// A fresh lab host, or the shells of the machine anew, cost what runs.
    FreshLab(HostKind),
    /// Beginning again costs what runs.
    BeginAgain {
        /// In whose shell.
        side: Side,
        /// The program.
        program: String,
    },
    /// The step has no further hint.
    NoMoreHints,
    /// What this machine couldn't give.
    Shortfalls(Vec<Shortfall>),
    /// What a step still wants, in the lesson's words.
    Missing(String),
    /// The host is the machine itself.
    OnMachine,
    /// USER was added to the flags, as an ordinary user needs it on the machine.
    UserAdded,
    /// The learner is where they left off.
    Resumed,
    /// Progress could not be kept.
    NotKept(String),
    /// Lessons are not taken up when they are saved.
    NotWatched(String),
    /// The same key again forgets what was done in the lesson under the cursor.
    ForgetLesson,
    /// The same key again forgets everything that was done.
    ForgetAll,
    /// A prediction was confirmed before one was chosen.
    ChooseFirst,
    /// A container was launched where its shell is not seen.
    Launched(Plan),
    /// What a launch was to join doesn't run.
    NothingToJoin(Nth),
    /// All containers there can be have a tab.
    NoMoreTabs,
    /// A text was handed to the terminal's clipboard.
    Copied,
    /// A program was written to a file.
    Saved {
        /// Its path.
        path: String,
    },
    /// A program could not be written.
    NotSaved(NotSaved),
}

/// Why a file could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSaved {
    /// Where it was to be.
    pub directory: String,
    /// What the kernel refused.
    pub kind: io::ErrorKind,
    /// The same in the machine's words.
    pub answer: String,
}
