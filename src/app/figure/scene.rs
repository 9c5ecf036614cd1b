//! The input of a figure, and its lines.
//!
//! Must not know which kinds of figures there are.

use unicode_width::UnicodeWidthStr;

use crate::app::boxes::Boxes;
use crate::app::cut;
use crate::app::texts;
use crate::discovery::Map;
use crate::lang::Lang;
use crate::lesson::Figure;
use crate::namespace::Namespace;
use crate::observe::{Asked, Snapshot};
use crate::sandbox::Side;
use crate::theme::Role;

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinePiece {
    pub text: String,
    pub role: Role,
}

impl LinePiece {
    pub(super) fn new(text: String, role: Role) -> Self {
        LinePiece { text, role }
    }
}

/// A line of a figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FigureRow(pub(crate) Vec<LinePiece>);

impl FigureRow {
    pub(super) fn with(mut self, text: impl Into<String>, role: Role) -> Self {
        self.0.push(LinePiece::new(text.into(), role));
        self
    }

    pub(super) fn border(text: impl Into<String>) -> Self {
        FigureRow::default().with(text, Role::Border)
    }

    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|piece| piece.text.width()).sum()
    }

    /// The line, cut off or padded to exactly this width.
    pub(super) fn padded(mut self, columns: usize) -> Self {
        let mut left = columns;
        for piece in &mut self.0 {
            piece.text = cut::to_width(&piece.text, left);
            left -= piece.text.width().min(left);
        }
        self.with(" ".repeat(left), Role::Border)
    }

    pub(super) fn and(mut self, more: FigureRow) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The line between the sides of a box.
    pub(super) fn within(self, boxes: Boxes, depth: usize) -> Self {
        let (left, right) = boxes.sides(depth);
        let inside = self.padded(boxes.room(depth));
        FigureRow::border(left)
            .and(inside)
            .with(right, Role::Border)
    }

    /// The top of a box that belongs to these sides.
    pub(super) fn top(boxes: Boxes, title: &str, sides: &[Side]) -> Self {
        let title = cut::to_width(title, boxes.room_for_title(0));
        let line = "─".repeat(boxes.width.saturating_sub(title.width() + 4));
        FigureRow::border("┌ ")
            .with(title, role_of(sides))
            .with(format!(" {line}┐"), Role::Border)
    }
}

/// A figure with something in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FigurePicture {
    pub rows: Vec<FigureRow>,
    /// The same in sentences.
    pub sentences: Vec<String>,
}

impl FigurePicture {
    pub(super) fn border(&mut self, text: impl Into<String>) {
        self.rows.push(FigureRow::border(text));
    }
}

/// The input of a figure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub figure: &'a Figure,
    /// All sides whose shell runs.
    pub sides: &'a [(Side, &'a Snapshot)],
    /// The answers about each side.
    pub asked: &'a [(Side, &'a Asked)],
    pub map: Option<&'a Map>,
    /// Columns.
    pub width: usize,
    pub lang: Lang,
}

impl<'a> Scene<'a> {
    /// The sides that the figure shows.
    pub(super) fn shown(&self) -> impl Iterator<Item = (Side, &'a Snapshot)> {
        let (figure, sides) = (self.figure, self.sides);
        sides
            .iter()
            .copied()
            .filter(move |(side, _)| figure.shows(*side))
    }

    /// The host's snapshot, even if the figure doesn't show the host.
    pub(super) fn host(&self) -> Option<&'a Snapshot> {
        let mut sides = self.sides.iter();
        sides.find_map(|(side, seen)| (*side == Side::Host).then_some(*seen))
    }

    /// The sides in groups that share a namespace of this kind, each with its number.
    pub(super) fn groups(&self, kind: Namespace) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for (side, seen) in self.shown() {
            let Some(id) = seen.namespaces.get(&kind) else {
                continue;
            };
            match groups.iter_mut().find(|group| group.ino == id.ino) {
                Some(group) => group.sides.push(side),
                None => groups.push(Group {
                    ino: id.ino,
                    sides: vec![side],
                    seen,
                }),
            }
        }
        groups
    }

    pub(super) fn names(&self, sides: &[Side]) -> String {
        texts::side_names(self.lang, sides)
    }
}

/// The sides in one namespace.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub ino: u64,
    pub sides: Vec<Side>,
    /// The snapshot of the first of them.
    pub seen: &'a Snapshot,
}

/// The names of a path.
pub(super) fn names(path: &str) -> Vec<&str> {
    path.split('/').filter(|it| !it.is_empty()).collect()
}

/// The prefixes in a tree: of the first line of a node, and of the lines below it.
pub(super) fn branch(is_last: bool) -> (&'static str, &'static str) {
    if is_last {
        ("└─ ", "   ")
    } else {
        ("├─ ", "│  ")
    }
}

/// The colour of a side.
pub(super) fn role(side: Side) -> Role {
    match side {
        Side::Host => Role::Host,
        Side::Container(_) => Role::Container,
    }
}

pub(super) fn role_of(sides: &[Side]) -> Role {
    sides.first().map_or(Role::Text, |side| role(*side))
}
