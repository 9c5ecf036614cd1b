//! What the view of both sides remembers: its subject, and the lines of either side.
//!
//! Must not know how the lines are read or laid out.

use super::pairs::{Mark, Pair};
use crate::app::keymap::Pane;
use crate::app::msg::Answer;
use crate::app::shells::Column;
use crate::observe::RowId;
use crate::sandbox::Side;

/// What is shown in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A row of the comparison.
    Row(RowId),
    /// A command that was run on both sides.
    Command(Command),
}

/// A command that was run on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(super) number: u32,
    pub(super) line: String,
    /// None while it runs.
    pub(super) left: Option<Answer>,
    pub(super) right: Option<Answer>,
    /// Where it was run.
    pub(super) sides: [Side; 2],
}

impl Command {
    pub(super) fn answer(&self, side: Column) -> Option<&Answer> {
        match side {
            Column::Left => self.left.as_ref(),
            Column::Right => self.right.as_ref(),
        }
    }

    pub(super) fn runs(&self) -> bool {
        self.left.is_none() || self.right.is_none()
    }

    pub(super) fn side(&self, column: Column) -> Side {
        match column {
            Column::Left => self.sides[0],
            Column::Right => self.sides[1],
        }
    }
}

/// What the pane shows, and from where on.
#[derive(Debug)]
pub(crate) struct SideBySide {
    pub(super) subject: Subject,
    pub(super) scroll: usize,
    /// Where Esc leads.
    pub(super) back: Pane,
    /// The number of the last command.
    pub(super) commands: u32,
    pub(super) contents: Contents,
}

/// The lines of both sides, as they belong together.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) pairs: Vec<Pair>,
    /// What is said in place of lines.
    pub(super) left: Option<String>,
    pub(super) right: Option<String>,
}

impl Contents {
    pub(super) fn said(&self, side: Column) -> Option<&String> {
        match side {
            Column::Left => self.left.as_ref(),
            Column::Right => self.right.as_ref(),
        }
    }

    pub(super) fn differs(&self) -> bool {
        self.pairs.iter().any(|pair| pair.mark != Mark::Same)
    }
}

impl SideBySide {
    pub(in crate::app) fn new() -> Self {
        SideBySide {
            subject: Subject::Row(RowId::Hostname),
            scroll: 0,
            back: Pane::Compare,
            commands: 0,
            contents: Contents::default(),
        }
    }

    /// Whether it is a row of the comparison that is shown.
    pub(crate) fn is_of_a_row(&self) -> bool {
        matches!(self.subject, Subject::Row(_))
    }
}
