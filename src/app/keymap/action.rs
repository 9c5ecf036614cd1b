//! The actions of keys: one enum for each part of the lab that carries them out.
//!
//! Must not know which key it is.

use super::{Direction, Pane};
use crate::app::compared::Column;
use crate::app::review::Wanted;
use crate::namespace::Namespace;
use crate::pty::emulator::{Motion, SelectionUnit, Toward};

/// An action of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyAction {
    Lesson(LessonAction),
    Launch(LaunchAction),
    Copy(CopyAction),
    Compare(CompareAction),
    View(ViewAction),
    Quit(QuitAction),
}

/// Actions on the lesson and on the progress in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LessonAction {
    /// Do the next thing of the step.
    Next,
    /// Predict this choice, counted from 1.
    Choose(u8),
    /// Go on without a prediction.
    Skip,
    Hint,
    StepBack,
    StepOn,
    /// Toggle between the step and the mistakes in the lessons.
    Mistakes,
    /// Go to the lesson under the cursor.
    Pick,
    /// Put the lesson at its beginning, in a fresh lab host.
    BeginAgain,
    /// Forget what was done in the step.
    ForgetStep,
    /// Forget what was done in the lesson under the cursor, and put it at its beginning in a fresh lab host.
    ForgetLesson,
    /// Forget all that was done.
    ForgetAll,
    /// Ask questions again.
    Review(Wanted),
}

/// Actions on the next launch and on the lab host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaunchAction {
    /// Launch a container with the chosen flags.
    Launch,
    /// Launch the ended shell again.
    Relaunch,
    /// Replace the lab host by a fresh one.
    FreshLab,
    /// Toggle a flag of the next launch.
    Toggle(Namespace),
    /// Toggle the flag under the cursor.
    ToggleHere,
    /// Choose the options of the next launch.
    Options,
    /// Ask whether to make a lab host without a user namespace.
    AskWithoutUser,
    /// Use the host that was asked about.
    TakeRisk,
    NoRisk,
}

/// Actions on the output of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CopyAction {
    /// Begin to read a copy of the shell's screen, with the cursor moved.
    Begin(Option<Motion>),
    /// Move the cursor of the copy.
    Move(Motion),
    /// Begin a selection in the copy, or end it; a rectangle takes the place of another form.
    Select(SelectionUnit),
    SelectNothing,
    /// Copy the selection, and show the shell again.
    Take,
    /// Ask for a text to find in the copy.
    Search(Toward),
    /// Find the text that was asked for.
    Find,
    FindNext,
    FindPrevious,
}

/// Actions in the comparison and on the compared sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompareAction {
    /// Show the row under the cursor in full.
    Open,
    /// Show the previous or the next row in full.
    NextRow(Direction),
    /// End the running command, or go back to the pane in which the row or the command was chosen.
    Back,
    /// Open the line that is to run on both sides.
    Prompt,
    Run,
    /// Compare a shell with the program in it that has left its namespaces.
    Follow,
    /// Compare the process under the cursor, in this column.
    PickProcess(Column),
    /// Toggle the column of the machine.
    Machine,
}

/// Actions on the panes and views of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViewAction {
    /// Show the keys of this place.
    Help,
    Focus(Pane),
    NextPane(Direction),
    /// Open a tab for one more container.
    NewTab,
    /// Show the container of another tab.
    TurnTab(Direction),
    /// Move the cursor of the part of the screen that has the keys.
    Move(Direction),
    Scroll(Direction),
    /// Scroll in the history of a shell.
    History(Direction),
    Lessons,
    /// Show what was done in the course.
    CourseEnd,
    /// Explain the words of the lesson.
    Glossary,
    /// Show which namespaces there are, or close the map.
    Map,
    /// Show what is in the namespace under the cursor.
    LookInside,
    SearchList,
    /// Take the found item under the cursor.
    TakeFound,
    EndSearch,
    /// Toggle whether the pane has the whole screen.
    Zoom,
    /// Move a border.
    Split(Direction),
    /// Put all borders back.
    ResetSplits,
    Leave,
    Language,
    /// Toggle between all steps and those that matter.
    AllSteps,
    /// Hand the program to the terminal's clipboard.
    CopyProgram,
    /// Write the program to a file.
    SaveProgram,
    Close,
}

/// Actions that end nslab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuitAction {
    /// Quit; ask first if a program runs.
    Ask,
    /// Like `Ask`, but ask first also if a container runs: the key may have been meant for a shell.
    Interrupt,
    Anyway,
}
