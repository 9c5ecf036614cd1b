//! Notices: lines shown to the learner for a moment.
//!
//! Their words are in `texts`.

use super::msg::{NotCopied, NotSaved};
use super::review::Wanted;
use super::underway::{FailedLine, Underway};
use crate::pty::emulator::Toward;
use crate::sandbox::Shortfall;
use crate::sandbox::{ContainerNumber, HostKind, Plan, Side};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A line could not be typed: a program has the foreground.
    Busy {
        side: Side,
        program: String,
    },
    /// Ctrl-S has stopped the terminal.
    Stopped(Side),
    /// A command needed a shell that did not run, so it was launched.
    LaunchedFirst(Side),
    NoLab,
    /// The step begins again, in the lab as it is.
    StepForgotten,
    /// A letter was typed where no shell runs.
    NoShell(Side),
    /// The lab host is not there yet.
    LabStarting,
    /// Asks for the same key again: a fresh lab host ends what runs.
    FreshLab(HostKind),
    /// Asks for the same key again: beginning again ends what runs.
    BeginAgain {
        side: Side,
        program: String,
    },
    /// A key that means something elsewhere went to a shell, and how to leave it.
    WentToShell {
        key: String,
        leave: String,
    },
    /// The step has no further hint.
    NoMoreHints,
    /// The parts that the lab host lacks.
    Shortfalls(Vec<Shortfall>),
    /// The missing part of a step, in the lesson's words.
    Missing(String),
    /// The host is the machine itself.
    OnMachine,
    /// USER was added to the flags: an ordinary user needs it on the machine.
    UserAdded,
    /// The learner is where they left off.
    Resumed,
    /// This number of steps, from the first on, was done again in a fresh lab host.
    Rebuilt(usize),
    /// The same, but this line has failed.
    RebuiltBut(FailedLine),
    /// Not all of them could be done again; the step at which that stopped.
    NotRebuilt(Underway),
    /// Asks for the same key again: making the starting state ends what runs.
    RebuildEnds {
        side: Side,
        program: String,
    },
    /// No question is due. The number of seconds until one is; `None` if none was ever answered.
    NothingToReview(Option<u64>),
    /// No question of the lesson was answered wrongly.
    NothingWrong,
    /// Asks for the same key again: a review begins in a fresh lab host, which ends what runs.
    ReviewEnds {
        wanted: Wanted,
        side: Side,
        program: String,
    },
    /// The starting state is still being made: keys wait.
    Rebuilding(Underway),
    /// Progress could not be saved.
    NotKept(String),
    /// The watcher of a side has ended, so nobody knows what the side sees.
    Unwatched(Side),
    /// A watcher was killed or stopped, and another one has taken its place.
    WatchedAgain,
    /// Changed lessons will not be noticed.
    NotWatched(String),
    /// Asks for the same key again: it forgets what was done in the lesson under the cursor, and ends what runs.
    ForgetLesson,
    /// Asks for the same key again: it forgets everything that was done.
    ForgetAll,
    /// Enter was pressed before a choice was made.
    ChooseFirst,
    /// A container was launched while its shell is not shown.
    Launched(Plan),
    /// The container that a launch was to join does not run.
    NothingToJoin(ContainerNumber),
    /// No program has left the namespaces of its shell.
    NothingToFollow,
    /// A picked process has ended, or may not be looked at.
    ProcessEnded(String),
    /// There is a tab for each possible container.
    NoMoreTabs,
    /// A text was handed to the terminal's clipboard.
    Copied,
    /// The text that was selected in a shell was handed to the terminal's clipboard.
    CopiedSelection,
    /// The tool of the system's clipboard has the text too.
    CopiedWith(&'static str),
    /// The tool of the system's clipboard has failed.
    NotCopied(NotCopied),
    /// A search in this direction reached the end of the text, and continued at the other end.
    SearchWrapped(Toward),
    /// The searched text is neither on the shell's screen nor in its history.
    NotFound(String),
    /// A program was written to a file.
    Saved {
        path: String,
    },
    /// A program could not be written.
    NotSaved(NotSaved),
}
