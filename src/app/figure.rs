//! The figures of lessons: boxes and lines that show the lab as it is now, or sentences that tell the same.
//!
//! Owns what a figure is made from. Knows neither the step it stands in nor the screen; a kind of figure is a
//! file of its own.

mod ids;
mod links;
mod nesting;
mod peers;
mod sharing;
#[cfg(test)]
mod tests;

use unicode_width::UnicodeWidthStr;

use super::cut;
use super::shells::Lab;
use super::state::State;
use super::texts;
use crate::discovery::Map;
use crate::lang::Lang;
use crate::lesson::{Figure, FigureKind, Part};
use crate::namespace::Namespace;
use crate::observe::Snapshot;
use crate::sandbox::Side;
use crate::theme::{Role, Theme};

/// The widest figure: longer lines are hard to follow.
const WIDEST: usize = 64;

/// How figures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Figures {
    /// As boxes and lines.
    Drawn,
    /// In sentences, as for a screen reader.
    Told,
}

impl Figures {
    /// What suits a terminal for which nothing else was asked.
    pub fn of(theme: Theme) -> Self {
        match theme {
            Theme::Ansi => Figures::Drawn,
            Theme::NoColor => Figures::Told,
        }
    }
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub text: String,
    pub role: Role,
}

/// A line of a figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Piece>);

impl Row {
    fn with(mut self, text: impl Into<String>, role: Role) -> Self {
        let text = text.into();
        self.0.push(Piece { text, role });
        self
    }

    fn border(text: impl Into<String>) -> Self {
        Row::default().with(text, Role::Border)
    }

    fn width(&self) -> usize {
        self.0.iter().map(|piece| piece.text.width()).sum()
    }

    /// The line, cut off or padded to exactly this width.
    fn padded(mut self, columns: usize) -> Self {
        let mut left = columns;
        for piece in &mut self.0 {
            piece.text = cut::to_width(&piece.text, left);
            left -= piece.text.width().min(left);
        }
        self.with(" ".repeat(left), Role::Border)
    }

    fn and(mut self, more: Row) -> Self {
        self.0.extend(more.0);
        self
    }
}

/// A figure with something in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Picture {
    pub rows: Vec<Row>,
    /// The same in sentences.
    pub told: Vec<String>,
}

/// What there is to draw.
#[derive(Debug, Clone, Copy)]
struct Scene<'a> {
    figure: &'a Figure,
    /// All sides whose shell runs.
    sides: &'a [(Side, &'a Snapshot)],
    map: Option<&'a Map>,
    /// Columns.
    width: usize,
    lang: Lang,
}

impl<'a> Scene<'a> {
    /// The sides that the figure shows.
    fn shown(&self) -> impl Iterator<Item = (Side, &'a Snapshot)> {
        let (figure, sides) = (self.figure, self.sides);
        sides
            .iter()
            .copied()
            .filter(move |(side, _)| figure.shows(*side))
    }

    /// The sides in groups that share a namespace of this kind, each with its number.
    fn groups(&self, kind: Namespace) -> Vec<Group<'a>> {
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

    fn names(&self, sides: &[Side]) -> String {
        texts::side_names(self.lang, sides)
    }
}

/// The sides in one namespace.
#[derive(Debug, Clone)]
struct Group<'a> {
    ino: u64,
    sides: Vec<Side>,
    /// What the first of them sees.
    seen: &'a Snapshot,
}

/// The colour of a side.
fn role(side: Side) -> Role {
    match side {
        Side::Host => Role::Host,
        Side::Container(_) => Role::Container,
    }
}

fn role_of(sides: &[Side]) -> Role {
    sides.first().map_or(Role::Text, |side| role(*side))
}

/// The figure as it is now, or why there is nothing to draw yet.
pub(crate) fn picture(state: &State, figure: &Figure, width: u16) -> Result<Picture, String> {
    let sides: Vec<(Side, &Snapshot)> = state
        .shells
        .all()
        .filter_map(|(side, shell)| Some((side, shell.snapshot.as_deref()?)))
        .collect();
    let scene = Scene {
        figure,
        sides: &sides,
        map: state.views.map.newest(),
        width: usize::from(width).min(WIDEST),
        lang: state.lang,
    };
    let lost = state.views.map.lost.as_ref();
    let picture = match figure.kind {
        FigureKind::Nesting if lost.is_some() => None,
        FigureKind::Nesting => nesting::picture(&scene),
        FigureKind::Links => links::picture(&scene),
        FigureKind::Ids => ids::picture(&scene),
        FigureKind::Peers => peers::picture(&scene),
        FigureKind::Sharing => sharing::picture(&scene),
    };
    picture.ok_or_else(|| match (figure.kind, lost) {
        (FigureKind::Nesting, Some(lost)) => texts::figure_lost(state.lang, lost),
        (kind, _) => texts::figure_waits(state.lang, kind).to_owned(),
    })
}

/// Whether the open step has a figure that is made from the map.
pub(super) fn needs_map(state: &State) -> bool {
    let needs =
        |part: &Part| matches!(part, Part::Figure(figure) if figure.kind == FigureKind::Nesting);
    let step = state.step().filter(|step| step.parts.iter().any(needs));
    step.is_some() && state.shells.lab == Lab::Ready && state.layout().lesson().is_some()
}
