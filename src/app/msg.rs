//! What can happen to the lab, and what the lab can ask for: plain data.
//!
//! Must not know who sends a message or who carries an effect out.

use std::collections::BTreeSet;

use crossterm::event::{KeyEvent, MouseEvent};

use super::notice::NotSaved;
use super::walk::Lessons;
use crate::code::Notation;
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::observe::{Detail, Snapshot};
use crate::progress::Course;
use crate::sandbox::Shortfall;
use crate::sandbox::command::Outcome;
use crate::sandbox::{Exit, HostKind, Plan, Side, Step};

/// Why there is no lab host, or no shell. The words for it are in `texts` and `explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The kernel is older than what the lab host needs.
    OldKernel {
        /// As uname(2) tells it.
        release: String,
    },
    /// nslab could not start a process of its own, or talk to it.
    Machine {
        /// What the machine answered, in its words.
        answer: String,
    },
    /// The kernel refused a step.
    Refused(Box<Refusal>),
    /// A helper ended, and no step of it was refused.
    Silent,
    /// There is no lab host to launch it in.
    NoLab,
}

/// What came of a command on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The side is not there.
    Absent,
    /// It could not be started.
    Failed(Failure),
    /// It ran, or was refused on its way; with what is known of the side's shell.
    Ended(Outcome, Box<Facts>),
}

/// Something that happened. Those of a launch carry its number; an old launch's are ignored.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// A key of the learner.
    Key(KeyEvent),
    /// The learner's mouse, in cells of the whole screen.
    Mouse(MouseEvent),
    /// Text pasted into the terminal.
    Paste(String),
    /// The terminal has a new size.
    Resize {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// The moment `State::next_deadline` asked for has come.
    Tick,
    /// The lab host is there.
    LabReady {
        /// What was done to make it.
        steps: Vec<Step>,
        /// What this machine couldn't give.
        shortfalls: Vec<Shortfall>,
    },
    /// The lab host could not be made.
    LabFailed {
        /// What was done, the refused step last.
        steps: Vec<Step>,
        /// Why.
        why: Failure,
    },
    /// The lab host ended without being asked to: its process 1, the keeper, is gone.
    LabGone,
    /// A launch took a step.
    Step {
        /// Which pane's launch.
        side: Side,
        /// Its number.
        launch: u32,
        /// The step, with the kernel's answer.
        step: Step,
    },
    /// A launch was refused a step, which need not be its end.
    Refused {
        /// Which pane's launch.
        side: Side,
        /// Its number.
        launch: u32,
        /// The step, and what is behind its refusal.
        refusal: Box<Refusal>,
    },
    /// A shell runs.
    Started {
        /// Which pane's launch.
        side: Side,
        /// Its number.
        launch: u32,
        /// What it was made with.
        plan: Plan,
    },
    /// A launch was refused.
    LaunchFailed {
        /// Which pane's launch.
        side: Side,
        /// Its number.
        launch: u32,
        /// Why.
        why: Failure,
    },
    /// Bytes a shell wrote to its terminal.
    Output {
        /// Which pane's launch.
        side: Side,
        /// Its number.
        launch: u32,
        /// The bytes, cut anywhere.
        bytes: Vec<u8>,
    },
    /// A shell ended.
    Exited {
        /// Which pane's launch.
        side: Side,
        /// Its number.
        launch: u32,
        /// How.
        exit: Exit,
    },
    /// What a side sees has changed, or is seen for the first time.
    Snapshot {
        /// Which side.
        side: Side,
        /// The launch it was seen in.
        launch: u32,
        /// All of it.
        snapshot: Box<Snapshot>,
    },
    /// What the machine itself is has changed, or is seen for the first time.
    Machine(Box<Snapshot>),
    /// More of what a side sees, as `Effect::WatchDetail` asked for.
    Detail {
        /// Which side.
        side: Side,
        /// The launch it was seen in.
        launch: u32,
        /// All of it.
        detail: Box<Detail>,
    },
    /// A command of `Effect::Command` has ended on one side.
    CommandEnded {
        /// The command's number.
        number: u32,
        /// Which side.
        side: Side,
        /// What came of it.
        answer: Answer,
    },
    /// An `Effect::Type` was refused, since a program other than the shell has the foreground.
    Busy {
        /// Whose shell.
        side: Side,
        /// The program's name.
        program: String,
    },
    /// Progress could not be kept.
    NotKept {
        /// Why, in the machine's words.
        why: String,
    },
    /// The lessons were saved, and can be used.
    Lessons {
        /// All of them.
        lessons: Box<Lessons>,
        /// The programs of them that this machine doesn't have.
        absent: BTreeSet<String>,
    },
    /// The lessons were saved, and can't be used as they are.
    LessonsBroken {
        /// What is wrong, with file, line and column each.
        errors: Vec<String>,
    },
    /// Nobody will tell when lessons are saved.
    NotWatched {
        /// Why, in the machine's words.
        why: String,
    },
    /// The answer to `Effect::AskRunning`.
    Running {
        /// The programs that run in shells.
        programs: Vec<(Side, String)>,
    },
    /// The answer to `Effect::Save`: it is written.
    Saved {
        /// The file's path.
        path: String,
    },
    /// The answer to `Effect::Save`: it is not.
    NotSaved(NotSaved),
}

/// Something to be done outside of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tear down the lab there is, and make a fresh lab host; or use the machine.
    StartLab {
        /// What the host is.
        host: HostKind,
    },
    /// End what runs on that side, then launch a shell there.
    Launch {
        /// Which side.
        side: Side,
        /// The number its messages will carry.
        launch: u32,
        /// What it is made with; nothing for the host.
        plan: Plan,
        /// Columns of its terminal.
        cols: u16,
        /// Rows of its terminal.
        rows: u16,
    },
    /// Write to a shell's terminal.
    Write {
        /// Which side.
        side: Side,
        /// What.
        bytes: Vec<u8>,
    },
    /// Tell a shell's terminal its size.
    ResizePty {
        /// Which side.
        side: Side,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// Type a command and Enter, if the shell itself has the foreground; else answer `Msg::Busy`.
    Type {
        /// Which side.
        side: Side,
        /// The command, without its newline.
        line: String,
        /// Whether a shell there says that it is at its prompt: it need not be the first one.
        at_prompt: bool,
    },
    /// Watch the machine itself, or no longer.
    WatchMachine(bool),
    /// Watch the detail of a side, and answer `Msg::Detail` whenever it has changed.
    WatchDetail {
        /// Which side.
        side: Side,
    },
    /// Stop watching the detail of every side.
    StopDetail,
    /// Run a line of the shell on both sides; answered by `Msg::CommandEnded` for each.
    Command {
        /// The number its messages will carry.
        number: u32,
        /// The line.
        line: String,
        /// Which sides.
        sides: [Side; 2],
    },
    /// End the command that runs.
    CancelCommand,
    /// Keep the learner's progress.
    Keep(Box<Course>),
    /// Find out what runs in the shells; answered by `Msg::Running`.
    AskRunning,
    /// Hand a text to the terminal's clipboard. No terminal says whether it took it.
    Copy {
        /// The text.
        text: String,
    },
    /// Write a program to a new file in the current directory; answered by `Msg::Saved` or
    /// `Msg::NotSaved`.
    Save {
        /// What it is written in.
        notation: Notation,
        /// The program.
        text: String,
    },
    /// End the lab and the program.
    Quit,
}
