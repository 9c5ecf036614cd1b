//! Messages to the lab's state, and the effects that it asks for: plain data.
//!
//! Must not know who sends a message or who carries out an effect.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};

use super::compared::{Column, Compared, ProcessId};
use super::mistake::Mistake;
use super::walk::Lessons;
use crate::code::Notation;
use crate::discovery::{Map, Process};
use crate::explain::{Gate, Refusal};
use crate::facts::Facts;
use crate::observe::{Asked, Detail, Inside, Question, Snapshot, Visit};
use crate::progress::{Course, Splits};
use crate::pty::emulator::Slot;
use crate::sandbox::Shortfall;
use crate::sandbox::command::CommandOutcome;
use crate::sandbox::share::ShareError;
use crate::sandbox::{Exit, HostKind, Plan, Side, Step};

/// Why there is no lab host, or no shell. The words for it are in `texts` and `explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Failure {
    /// The kernel is older than what the lab host needs.
    OldKernel {
        /// The release that uname(2) returns.
        release: String,
    },
    /// nslab could not start a process of its own, or talk to it.
    Machine {
        /// The error, in the machine's words.
        answer: String,
    },
    /// A directory could not be copied into the lab.
    Share(ShareError),
    Refused(Box<Refusal>),
    /// A helper ended, and no step of it was refused.
    Silent,
    /// There is no lab host to launch it in.
    NoLab,
}

impl Failure {
    /// Whether the machine is the known cause: its kernel is too old, or a gate that `explain` knows refused a step.
    pub(crate) fn is_of_the_machine(&self) -> bool {
        match self {
            Failure::Refused(refusal) => refusal.explanation.gate != Gate::Unknown,
            Failure::OldKernel { .. } => true,
            Failure::Machine { .. } | Failure::Share(_) | Failure::Silent | Failure::NoLab => false,
        }
    }
}

/// The result of a command on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CommandAnswer {
    /// That side has no shell.
    Absent,
    /// It could not be started.
    Failed(Failure),
    /// It ran, or was refused before it could; with the facts of the side's shell.
    Ended(CommandOutcome, Box<Facts>),
}

/// An event of the lab host.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LabEvent {
    Ready {
        steps: Vec<Step>,
        /// The parts that the lab host lacks on this machine.
        shortfalls: Vec<Shortfall>,
    },
    Failed {
        /// The refused step is the last.
        steps: Vec<Step>,
        why: Failure,
    },
    /// It ended without being asked to: its process 1, the keeper, has ended.
    Gone,
}

/// An event in one launch of a side's shell.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ShellEvent {
    /// A step, with the kernel's answer.
    Step(Step),
    /// The kernel refused a step. The launch may go on without it.
    Refused(Box<Refusal>),
    Started(Plan),
    Failed(Failure),
    /// Bytes it wrote to its terminal.
    Output(Vec<u8>),
    Exited(Exit),
    /// What it sees has changed, or is seen for the first time.
    Snapshot(Box<Snapshot>),
    /// More of what it sees, as `Effect::WatchDetail` asked for.
    Detail(Box<Detail>),
    /// The answers to `Effect::Ask` have changed, or are known for the first time.
    Asked(Box<Asked>),
    /// The watcher has ended before the shell: no more snapshots come.
    Unwatched,
    /// The answer to `Effect::AskFacts`.
    Facts {
        command: u64,
        facts: Box<Facts>,
    },
}

/// An event of the directory that lessons are read from.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LessonsEvent {
    /// The lessons were saved. Those with mistakes are as they were before.
    Read {
        lessons: Box<Lessons>,
        /// The programs of the lessons that are not installed.
        absent: BTreeSet<String>,
        /// Each with its file, line and column.
        mistakes: Vec<Mistake>,
    },
    /// Changes can't be watched; the reason, in the machine's words.
    NotWatched(String),
}

/// An event of the watcher of the map.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum MapEvent {
    Seen(Box<Map>),
    /// There is no lab host to be mapped.
    NoLab,
    NotStarted {
        /// In the machine's words.
        why: String,
    },
    /// It ended without being asked to.
    Ended,
    /// The inside of the item of the last `Effect::LookInside` has changed, or is seen for the first time.
    Inside(Box<Inside>),
    /// That process has ended, or may not be looked at.
    InsideEnded,
}

/// An event of a process of `Effect::WatchProcess`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ProcessEvent {
    /// What it sees has changed, or is seen for the first time.
    Snapshot(Box<Snapshot>),
    /// More of what it sees, as `Effect::WatchDetail` asked for.
    Detail(Box<Detail>),
    /// It has ended, or may not be looked at.
    Ended,
}

/// An event of the watcher of the machine itself.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum MachineEvent {
    /// What it sees has changed, or is seen for the first time.
    Snapshot(Box<Snapshot>),
    /// The watcher has ended: no more snapshots come.
    Unwatched,
}

/// Why a line of the lesson did not reach its shell, or shows nothing there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TypingEvent {
    /// A program other than the shell has the foreground, so the line was not typed, or the prompt not cleared.
    Busy { program: String },
    /// Ctrl-S has stopped the terminal: it shows nothing until Ctrl-Q.
    Stopped {
        /// Whether Ctrl-S held the line of an `Effect::Type` or `Effect::ClearLine` back.
        held: bool,
    },
}

/// An event of saving the progress, as `Effect::Keep` asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ProgressEvent {
    NotSaved {
        /// Why, in the machine's words.
        why: String,
    },
    /// It is saved again.
    Saved,
}

/// Why a text is not in the system's clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct NotCopied {
    pub tool: &'static str,
    /// The variable that names the display, with its value.
    pub display: String,
    pub why: WhyNotCopied,
}

/// Why a tool of the system's clipboard has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNotCopied {
    /// In the tool's words, or the machine's.
    Said(String),
    /// No file in memory could be made for the text.
    Refused(Box<Refusal>),
    /// It had not ended after this number of seconds.
    TooSlow(u64),
}

/// Why a file could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct NotSaved {
    pub directory: String,
    pub kind: io::ErrorKind,
    /// In the machine's words.
    pub answer: String,
}

/// The result of an `Effect::Copy`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ClipboardEvent {
    /// The tool of the system's clipboard has copied it.
    Copied {
        tool: &'static str,
    },
    NotCopied(NotCopied),
}

/// The result of an `Effect::Save`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum FileEvent {
    Saved { path: String },
    NotSaved(NotSaved),
}

/// A message: something has happened.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Msg {
    Key(KeyEvent),
    /// The learner's mouse, in cells of the whole screen.
    Mouse(MouseEvent),
    Paste(String),
    Resize {
        cols: u16,
        rows: u16,
    },
    /// The learner's terminal has gained or lost the focus.
    Focus(bool),
    /// The learner's terminal reports one of its colours.
    Colour(Slot, [u8; 3]),
    /// The time that `State::next_deadline` returned has come.
    Tick,
    Lab(LabEvent),
    /// An event in the launch with this number. Events of an old launch are ignored.
    Shell(Side, u32, ShellEvent),
    Machine(MachineEvent),
    /// A watcher was killed or stopped, and another one has taken its place.
    WatchedAgain,
    /// An event of the watcher of the map.
    Map(MapEvent),
    /// An event of the picked process with this number.
    Process(u32, ProcessEvent),
    /// A command of `Effect::Command` has ended on one side.
    CommandEnded {
        number: u32,
        side: Compared,
        answer: CommandAnswer,
    },
    /// An event of the terminal that the lesson types into.
    Typing(Side, TypingEvent),
    /// Judge the checks by the newest snapshots.
    Judge,
    Lessons(LessonsEvent),
    Progress(ProgressEvent),
    /// The answer to `Effect::AskRunning`.
    Running {
        programs: Vec<(Side, String)>,
    },
    Clipboard(ClipboardEvent),
    File(FileEvent),
}

/// How the map reads the inside of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// As this process sees it.
    Process(Process),
    /// No process is in it: it is joined through this one, which keeps it.
    Holder {
        /// The process that keeps the namespace.
        process: Process,
        /// How that process holds the namespace.
        visit: Visit,
    },
}

/// An effect: something to be done outside of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Effect {
    /// Tear down the present lab, then make a fresh lab host or use the machine.
    StartLab {
        host: HostKind,
        /// The directory that the lesson brings; its lab shows a copy of it.
        share: Option<PathBuf>,
    },
    /// End what runs on that side, then launch a shell there.
    Launch {
        side: Side,
        /// The number its messages will carry.
        launch: u32,
        /// Empty for the host.
        plan: Plan,
        cols: u16,
        rows: u16,
    },
    Write {
        side: Side,
        bytes: Vec<u8>,
    },
    /// Send a terminal's answer to the program that asked. Dropped if nobody reads it.
    Answer {
        side: Side,
        bytes: Vec<u8>,
    },
    ResizePty {
        side: Side,
        cols: u16,
        rows: u16,
    },
    /// Type a command and Enter, if the shell itself has the foreground; else answer `TypingEvent::Busy`.
    Type {
        side: Side,
        /// The command, without its newline.
        line: String,
        /// Whether a shell there reports that it is at its prompt. That may be a shell started inside the launched one.
        at_prompt: bool,
    },
    /// Let a shell give up a command that is not complete, if the shell itself has the foreground.
    Cancel {
        side: Side,
    },
    /// Clear the line at the prompt, as `Type` does before its command, for keys that follow.
    ClearLine {
        side: Side,
        at_prompt: bool,
    },
    /// Start or stop watching the machine itself.
    WatchMachine(bool),
    /// Start or stop watching which namespaces there are.
    WatchMap(bool),
    /// Watch the inside of this item of the map, instead of the previous one; with `None`, stop.
    LookInside(Option<Through>),
    /// Watch this process for a column, instead of the column's previous one; with `None`, stop. The messages about
    /// the process carry the number.
    WatchProcess {
        column: Column,
        process: Option<(u32, ProcessId)>,
    },
    /// Watch the detail of a side, and answer `ShellEvent::Detail` or `ProcessEvent::Detail` whenever it has
    /// changed.
    WatchDetail {
        side: Compared,
    },
    /// Watch what the lesson asks of a side instead of what it asked before, and answer `ShellEvent::Asked`
    /// whenever it has changed. Without a question, stop.
    Ask {
        side: Side,
        questions: Vec<Question>,
    },
    /// Stop watching the detail of every side.
    StopDetail,
    /// Run a line of the shell on one side; answered by `Msg::CommandEnded`.
    Command {
        /// The number its messages will carry.
        number: u32,
        line: String,
        side: Compared,
    },
    CancelCommand,
    Keep(Box<Course>),
    /// Save the borders that the learner has moved.
    KeepSplits(Splits),
    /// Find out which programs run in the shells; answered by `Msg::Running`.
    AskRunning,
    /// Read the facts of the shell that has the foreground of a side's terminal.
    AskFacts {
        side: Side,
        /// The number of the command that failed; the answer carries it too.
        command: u64,
    },
    /// Copy a text to the terminal's clipboard, which doesn't say whether that worked, and to the system's
    /// where there is a tool for it; that is answered by `Msg::Clipboard`.
    Copy {
        text: String,
    },
    /// Ring the terminal's bell.
    Ring,
    /// Judge the checks once the effects before this one are under way; answered by `Msg::Judge`.
    Judge,
    /// Write a program to a new file in the current directory; answered by `Msg::File`.
    Save {
        notation: Notation,
        text: String,
    },
    Quit,
}
