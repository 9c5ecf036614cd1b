//! The comparison as a table: its cells, and which rows to show when not all fit.
//!
//! Must not know where the table stands or what it looks like.

use super::marks::{ALWAYS, Marks};
use super::shells::Sides;
use super::texts;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::comparison::own_namespaces;
use crate::observe::snapshot::NamespaceId;
use crate::observe::{RowId, Snapshot};

/// Lines of the whole table: the rows, an empty line, a heading, the identities.
pub const LINES: usize = RowId::ALL.len() + 2 + Namespace::ALL.len();

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// None while the side does not run.
    pub value: Option<String>,
    pub changed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLine {
    pub row: RowId,
    pub left: Cell,
    pub right: Cell,
    /// None while the machine's column is not shown.
    pub machine: Option<String>,
    /// Whether the values differ and the namespace is the same, in words; empty while a side does not
    /// run.
    pub relation: String,
    pub differs: bool,
}

pub fn line(row: RowId, sides: Sides<'_>, marks: &Marks, lang: Lang) -> TableLine {
    let cell = |side, snapshot: Option<&Snapshot>| Cell {
        value: snapshot.map(|snapshot| texts::value(lang, row, snapshot)),
        changed: marks.marked(row, side),
    };
    let both = sides.left.zip(sides.right);
    let differs = both.is_some_and(|(left, right)| row.differs(left, right));
    let relation = both.map_or_else(String::new, |(left, right)| {
        let kind = row.entry().namespace;
        let own = own_namespaces(left, right).contains(kind);
        texts::relation(lang, kind, own, differs)
    });
    TableLine {
        row,
        left: cell(sides.compared[0], sides.left),
        right: cell(sides.compared[1], sides.right),
        machine: sides
            .machine
            .map(|snapshot| texts::machine_value(lang, row, snapshot)),
        relation,
        differs,
    }
}

/// The four rows of a compact screen: three fixed ones, and the one that changed last. Before any has
/// changed, the fourth is one that the lesson is about.
pub fn short(marks: &Marks, lesson: NamespaceSet) -> [RowId; 4] {
    let about = RowId::ALL
        .into_iter()
        .rfind(|row| !ALWAYS.contains(row) && lesson.contains(row.entry().namespace));
    let last = marks.last.or(about).unwrap_or(RowId::Processes);
    [ALWAYS[0], ALWAYS[1], ALWAYS[2], last]
}

/// All rows: first those the lesson is about, then the others.
pub fn order(lesson: NamespaceSet) -> Vec<RowId> {
    let mut rows = RowId::ALL.to_vec();
    rows.sort_by_key(|row| !lesson.contains(row.entry().namespace));
    rows
}

/// The rows to show when only `fit` fit, beginning at the one scrolled to. Unless the learner has
/// scrolled, rows that changed a moment ago take the last places.
pub fn rows(marks: &Marks, lesson: NamespaceSet, fit: usize, scroll: usize) -> Vec<RowId> {
    if fit >= RowId::ALL.len() {
        return RowId::ALL.to_vec();
    }
    let all = order(lesson);
    let first = scroll.min(all.len() - fit);
    let mut shown = all[first..first + fit].to_vec();
    if first == 0 {
        let mut place = shown.len();
        for row in &all[fit..] {
            while place > 0 && marks.recent(*row) {
                place -= 1;
                if !marks.recent(shown[place]) {
                    shown[place] = *row;
                    break;
                }
            }
        }
    }
    shown
}

/// The identity of a kind of namespace on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub kind: Namespace,
    pub left: Option<NamespaceId>,
    pub right: Option<NamespaceId>,
    pub machine: Option<NamespaceId>,
}

impl Identity {
    /// Whether the two differ; none while one is missing.
    pub fn own(&self) -> Option<bool> {
        Some(self.left? != self.right?)
    }
}

pub fn identities(sides: Sides<'_>) -> [Identity; 8] {
    let of = |side: Option<&Snapshot>, kind| side?.namespaces.get(&kind).copied();
    Namespace::ALL.map(|kind| Identity {
        kind,
        left: of(sides.left, kind),
        right: of(sides.right, kind),
        machine: of(sides.machine, kind),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::app::marks::MARKED;
    use crate::sandbox::Side;

    #[test]
    fn what_the_lesson_is_about_comes_first_and_what_changed_is_seen() {
        let now = Instant::now();
        let pid: NamespaceSet = "pid".parse().unwrap();
        let mut marks = Marks::default();
        assert_eq!(
            rows(&marks, pid, 4, 0),
            [
                RowId::ShellPid,
                RowId::Pid1,
                RowId::Processes,
                RowId::Hostname
            ]
        );
        let (was, mut is) = (Snapshot::default(), Snapshot::default());
        is.cgroup = "/x".into();
        is.uid = 7;
        marks.changed(Side::Host, &was, &is, now);
        assert_eq!(
            rows(&marks, pid, 4, 0),
            [RowId::ShellPid, RowId::Pid1, RowId::Cgroup, RowId::Uid]
        );
        assert_eq!(rows(&marks, pid, 4, usize::MAX)[3], RowId::Clock);
        let all = RowId::ALL.len();
        assert_eq!(rows(&marks, pid, all, 3), RowId::ALL);
        assert_eq!(short(&marks, pid)[3], RowId::Cgroup);
        marks.fade(now + MARKED);
        assert_eq!(marks.next(), None);
        assert_eq!(rows(&marks, pid, 4, 0)[3], RowId::Hostname);
        assert_eq!(short(&Marks::default(), pid)[3], RowId::Processes);
    }
}
