//! The state of the Details pane: its subject, and the lines of both sides.
//!
//! Must not know how the lines are read or laid out.

use super::pairs::{LinePair, Mark};
use crate::app::compared::{Column, Compared};
use crate::app::keymap::Pane;
use crate::app::msg::CommandAnswer;
use crate::observe::RowId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DetailSubject {
    Row(RowId),
    Command(ComparedCommand),
}

/// A command that was run on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComparedCommand {
    pub(super) number: u32,
    pub(super) line: String,
    pub(super) sides: [Compared; 2],
    /// The answer of each side; `None` while the command runs.
    pub(super) answers: [Option<CommandAnswer>; 2],
}

impl ComparedCommand {
    pub(super) fn answer(&self, side: Column) -> Option<&CommandAnswer> {
        self.answers[side as usize].as_ref()
    }

    pub(super) fn runs(&self) -> bool {
        self.answers.iter().any(Option::is_none)
    }

    /// The side on which it runs now.
    pub(super) fn next(&self) -> Option<Compared> {
        let mut both = self.sides.iter().zip(&self.answers);
        both.find_map(|(side, answer)| answer.is_none().then_some(*side))
    }

    pub(super) fn side(&self, column: Column) -> Compared {
        self.sides[column as usize]
    }
}

#[derive(Debug)]
pub(crate) struct SideBySide {
    pub(super) subject: DetailSubject,
    pub(super) scroll: usize,
    /// The pane that Esc leads back to.
    pub(super) back: Pane,
    /// The number of the last command; results carry it.
    pub(super) commands: u32,
    pub(super) contents: Contents,
}

#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) pairs: Vec<LinePair>,
    /// A message in place of a side's lines, or below them.
    pub(super) messages: [Option<String>; 2],
}

impl Contents {
    pub(super) fn differs(&self) -> bool {
        self.pairs.iter().any(|pair| pair.mark != Mark::Same)
    }
}

impl SideBySide {
    pub(in crate::app) fn new() -> Self {
        SideBySide {
            subject: DetailSubject::Row(RowId::Hostname),
            scroll: 0,
            back: Pane::Compare,
            commands: 0,
            contents: Contents::default(),
        }
    }

    pub(crate) fn shows_row(&self) -> bool {
        matches!(self.subject, DetailSubject::Row(_))
    }

    /// The command line that prints the shown page in a shell.
    pub(in crate::app) fn command_line(&self) -> &str {
        match &self.subject {
            DetailSubject::Row(row) => row.entry().command,
            DetailSubject::Command(command) => &command.line,
        }
    }
}
