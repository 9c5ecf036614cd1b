//! The comparison as a table: its cells, and which rows to show when not all fit.
//!
//! Must not know the table's place or style.

use super::shells::Sides;
use super::starting_state;
use super::state::State;
use super::texts;
use super::walk::predictions;
use crate::lang::Lang;
use crate::lesson::{LessonStep, show};
use crate::namespace::{Namespace, NamespaceId, NamespaceSet};
use crate::observe::comparison::own_namespaces;
use crate::observe::rows::MattersIn;
use crate::observe::{RowId, Snapshot};

/// Lines of the whole table: the rows, an empty line, a heading, the identities.
pub(crate) const LINES: usize = RowId::ALL.len() + 2 + Namespace::ALL.len();

/// Shown in place of a value that would give away the answer to a question.
const HIDDEN: &str = "?";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// None while the side does not run.
    pub value: Option<String>,
    pub changed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableLine {
    pub row: RowId,
    pub left: Cell,
    pub right: Cell,
    /// None while the machine's column is not shown.
    pub machine: Option<String>,
    /// Whether the values differ and the namespace is the same, in words; or why the values are hidden.
    /// Empty while a side does not run.
    pub relation: String,
    pub differs: bool,
}

/// A row as it is shown now.
pub(crate) fn line(state: &State, row: RowId) -> TableLine {
    let (sides, lang) = (state.shells.sides(), state.lang);
    let hidden = hides(state, row);
    let value = |told: fn(Lang, RowId, &Snapshot) -> String, snapshot: &Snapshot| {
        if hidden {
            HIDDEN.to_owned()
        } else {
            told(lang, row, snapshot)
        }
    };
    let cell = |side, snapshot: Option<&Snapshot>| Cell {
        value: snapshot.map(|it| value(texts::value, it)),
        changed: !hidden && state.marks.marked(row, side, snapshot),
    };
    let both = sides.left.zip(sides.right).filter(|_| !hidden);
    let differs = both.is_some_and(|(left, right)| row.differs(left, right));
    let relation = match both {
        Some((left, right)) => {
            let kind = row.entry().namespace;
            let own = own_namespaces(left, right).contains(kind);
            texts::relation(lang, kind, own, differs)
        }
        None if hidden => texts::words(lang).predict_first.to_owned(),
        None => String::new(),
    };
    TableLine {
        row,
        left: cell(sides.compared[0], sides.left),
        right: cell(sides.compared[1], sides.right),
        machine: sides.machine.map(|it| value(texts::machine_value, it)),
        relation,
        differs,
    }
}

/// Whether a row already shows the answer of the question that waits.
fn hides(state: &State, row: RowId) -> bool {
    let step = state.step();
    let question = step.and_then(|step| state.lesson.walk.question(step));
    let tells = question.is_some_and(|(_, question)| {
        let telling = question.telling_rows(&state.lesson.context);
        telling.contains(&row)
    });
    // In a lab without the starting state of the step, no row gives an answer away.
    tells && starting_state::missing(state).is_none()
}

/// The rows that matter in the step.
pub(crate) fn step_rows(state: &State) -> Vec<RowId> {
    state.step().map(LessonStep::rows).unwrap_or_default()
}

/// The rows of a compact screen.
pub(crate) fn short_rows(state: &State) -> Vec<RowId> {
    short(
        &step_rows(state),
        state.lesson_flags(),
        &telling_rows(state),
    )
}

/// The rows that would give away the answer to a later question of the lesson.
fn telling_rows(state: &State) -> Vec<RowId> {
    let (lesson, here) = state.lesson.walk.place();
    let steps = state.lesson().map_or(&[][..], |lesson| &lesson.steps);
    let mut rows = Vec::new();
    for (number, step) in steps.iter().enumerate().skip(here) {
        let progress = state.lesson.walk.progress_of(lesson, number);
        let answered = |index| progress.is_some_and(|it| it.answer(index).is_some());
        let open = predictions(step).filter(|(index, _)| !answered(*index));
        rows.extend(open.flat_map(|(_, it)| it.telling_rows(&state.lesson.context)));
    }
    rows
}

/// Whether a row has changed on a compared side since the learner last pressed a key.
pub(super) fn has_changed(state: &State, row: RowId) -> bool {
    let sides = state.shells.sides();
    let marked = |side, snapshot| state.marks.marked(row, side, snapshot);
    marked(sides.compared[0], sides.left) || marked(sides.compared[1], sides.right)
}

/// The rows of a compact screen: those that matter in the step, then those that the lesson is about, then
/// those that matter in all lessons, and then any. A `telling` row is shown only if it matters in the step.
pub(crate) fn short(step: &[RowId], lesson: NamespaceSet, telling: &[RowId]) -> Vec<RowId> {
    let always = |row: &RowId| row.entry().matters_in == MattersIn::All;
    let often = |row: &RowId| row.entry().matters_in != MattersIn::None;
    let about = |row: &RowId| often(row) && lesson.contains(row.entry().namespace);
    let any = RowId::ALL.into_iter();
    let rest = any.clone().filter(about).chain(any.clone().filter(always));
    let rest = rest.chain(any.filter(often));
    let rest = rest.filter(|row| !telling.contains(row));
    let mut rows: Vec<RowId> = Vec::new();
    for row in step.iter().copied().chain(rest) {
        if rows.len() < show::ROWS && !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// All rows: first those of the step, then those the lesson is about, then the others.
pub(crate) fn order(step: &[RowId], lesson: NamespaceSet) -> Vec<RowId> {
    let mut rows = RowId::ALL.to_vec();
    let of_step = |row: &RowId| step.iter().position(|it| it == row).unwrap_or(usize::MAX);
    rows.sort_by_key(|row| (of_step(row), !lesson.contains(row.entry().namespace)));
    rows
}

/// The rows to show when only `fit` fit, beginning at the one scrolled to. Unless the learner has
/// scrolled, rows that have `changed` take the last places.
pub(crate) fn rows(
    changed: impl Fn(RowId) -> bool,
    step: &[RowId],
    lesson: NamespaceSet,
    fit: usize,
    scroll: usize,
) -> Vec<RowId> {
    if fit >= RowId::ALL.len() {
        return RowId::ALL.to_vec();
    }
    let all = order(step, lesson);
    let first = scroll.min(all.len() - fit);
    let mut shown = all[first..first + fit].to_vec();
    if first == 0 {
        let mut place = shown.len();
        for row in &all[fit..] {
            while place > 0 && changed(*row) {
                place -= 1;
                if !changed(shown[place]) {
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
pub(crate) struct IdentityPair {
    pub kind: Namespace,
    pub left: Option<NamespaceId>,
    pub right: Option<NamespaceId>,
    pub machine: Option<NamespaceId>,
}

impl IdentityPair {
    /// Whether the two differ; `None` while one is missing.
    pub(crate) fn own(&self) -> Option<bool> {
        Some(self.left? != self.right?)
    }
}

pub(crate) fn identities(sides: Sides<'_>) -> [IdentityPair; 8] {
    let of = |side: Option<&Snapshot>, kind| side?.namespaces.get(&kind).copied();
    Namespace::ALL.map(|kind| IdentityPair {
        kind,
        left: of(sides.left, kind),
        right: of(sides.right, kind),
        machine: of(sides.machine, kind),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lesson_is_about_comes_first_and_what_changed_is_seen() {
        let pid: NamespaceSet = "pid".parse().unwrap();
        let rows = |changed: &[RowId], fit, scroll| {
            super::rows(|row| changed.contains(&row), &[], pid, fit, scroll)
        };
        assert_eq!(
            rows(&[], 4, 0),
            [
                RowId::ShellPid,
                RowId::Pid1,
                RowId::Processes,
                RowId::Hostname
            ]
        );
        let changed = [RowId::Cgroup, RowId::Uid];
        assert_eq!(
            rows(&changed, 4, 0),
            [RowId::ShellPid, RowId::Pid1, RowId::Cgroup, RowId::Uid]
        );
        assert_eq!(rows(&changed, 4, usize::MAX)[3], RowId::Clock);
        assert_eq!(rows(&changed, RowId::ALL.len(), 3), RowId::ALL);
        let step = [RowId::Uid, RowId::Pid1];
        assert_eq!(
            super::rows(|_| false, &step, pid, 4, 0),
            [RowId::Uid, RowId::Pid1, RowId::ShellPid, RowId::Processes]
        );
    }

    #[test]
    fn the_rows_of_a_small_screen_are_those_of_the_step() {
        let pid: NamespaceSet = "pid".parse().unwrap();
        assert_eq!(
            short(&[RowId::Uid, RowId::Pid1], pid, &[RowId::Uid]),
            [RowId::Uid, RowId::Pid1, RowId::ShellPid, RowId::Processes]
        );
        let telling = [RowId::ShellPid, RowId::Hostname];
        assert_eq!(
            short(&[RowId::Pid1], pid, &telling),
            [RowId::Pid1, RowId::Processes, RowId::Queues, RowId::Mounts]
        );
        assert_eq!(
            short(&[], NamespaceSet::EMPTY, &[]),
            [
                RowId::Hostname,
                RowId::Queues,
                RowId::ShellPid,
                RowId::Processes
            ]
        );
    }
}
