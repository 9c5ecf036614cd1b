//! The Details pane: both sides next to each other, of a row in full or of a command's output.
//!
//! Owns the content and its keys; `view` lays it out, both for drawing and for scrolling. Knows text and
//! styles, no widget.

mod columns;
pub(super) mod contents;
mod pairs;
mod plain;
#[cfg(test)]
mod tests;
mod view;

use std::mem::{Discriminant, discriminant};

use ratatui::layout::Rect;

use self::contents::{ComparedCommand, Contents, DetailSubject};
use self::pairs::{LinePair, OutputLine};
pub(crate) use self::view::view;
use super::compared::{Column, Compared};
use super::keymap::{Direction, Pane};
use super::msg::{CommandAnswer, Effect};
use super::shells::{ComparedView, LabPhase};
use super::state::State;
use super::texts::{self, words};
use crate::explain;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::observe::RowId;
use crate::observe::rows::{Cells, Observed};
use crate::sandbox::command::{CommandEnd, CommandOutcome};
use crate::sandbox::{Exit, Side};

/// Shows a row in full.
pub(super) fn open(state: &mut State, row: RowId) {
    state.views.side_by_side.subject = DetailSubject::Row(row);
    state.views.side_by_side.back = Pane::Compare;
    state.views.side_by_side.scroll = 0;
    state.views.focus_on(Pane::Details);
    refresh(state);
}

/// Shows the next row in full, or the previous one. The ends of the list are joined.
pub(super) fn open_next(state: &mut State, way: Direction) {
    let DetailSubject::Row(row) = state.views.side_by_side.subject else {
        return;
    };
    state.views.compare.row = way.turned(&RowId::ALL, row);
    open(state, state.views.compare.row);
}

/// Ends a running command; if none runs, goes back to the pane that the learner came from.
pub(super) fn back(state: &mut State, effects: &mut Vec<Effect>) {
    match &state.views.side_by_side.subject {
        DetailSubject::Command(command) if command.runs() => effects.push(Effect::CancelCommand),
        DetailSubject::Command(_) | DetailSubject::Row(_) => {
            state.views.focus_on(state.views.side_by_side.back);
        }
    }
}

/// Runs a command line on both sides, and shows its output.
pub(super) fn run(state: &mut State, line: String, effects: &mut Vec<Effect>) {
    let sides = Column::ALL.map(|column| state.shells.compared(column));
    let shown = &mut state.views.side_by_side;
    if let DetailSubject::Command(command) = &shown.subject
        && command.runs()
    {
        effects.push(Effect::CancelCommand);
    }
    if state.views.focus != Pane::Details {
        shown.back = state.views.focus;
    }
    shown.commands += 1;
    shown.scroll = 0;
    shown.subject = DetailSubject::Command(ComparedCommand {
        number: shown.commands,
        line: line.clone(),
        sides,
        answers: [None, None],
    });
    // The other side runs it afterwards: both may write to the same files.
    effects.push(Effect::Command {
        number: shown.commands,
        line,
        side: sides[0],
    });
    state.views.focus_on(Pane::Details);
    refresh(state);
}

/// Takes the result of a command on one side, then runs it on the other. Results of older commands are
/// ignored.
pub(super) fn ended(
    state: &mut State,
    number: u32,
    side: Compared,
    answer: &CommandAnswer,
    effects: &mut Vec<Effect>,
) {
    let DetailSubject::Command(command) = &mut state.views.side_by_side.subject else {
        return;
    };
    if command.number != number {
        return;
    }
    let cancelled =
        matches!(answer, CommandAnswer::Ended(it, _) if it.end == CommandEnd::Cancelled);
    for (asked, answered) in command.sides.iter().zip(&mut command.answers) {
        // A cancelled command is not run on the other side.
        if *asked == side || cancelled {
            answered.get_or_insert_with(|| answer.clone());
        }
    }
    if let Some(side) = command.next() {
        effects.push(Effect::Command {
            number,
            line: command.line.clone(),
            side,
        });
    }
    refresh(state);
}

/// Whether the shown page needs the detail of both sides.
pub(super) fn needs_detail(state: &State) -> bool {
    state.views.focus == Pane::Details
        && matches!(state.views.side_by_side.subject, DetailSubject::Row(_))
}

/// The input of the lines besides the watchers' reports. When it changes, the lines are made again.
#[derive(PartialEq)]
pub(super) struct DetailInputs {
    lang: Lang,
    area: Option<Rect>,
    focus: Pane,
    lab: Discriminant<LabPhase>,
    launches: [u32; 2],
}

impl DetailInputs {
    pub(super) fn of(state: &State) -> DetailInputs {
        DetailInputs {
            lang: state.lang,
            area: state.layout().whole(),
            focus: state.views.focus,
            lab: discriminant(&state.shells.lab),
            launches: Column::ALL.map(|column| state.shells.column(column).number),
        }
    }
}

/// Makes the lines again from what both sides see.
pub(super) fn refresh(state: &mut State) {
    state.views.side_by_side.contents = match &state.views.side_by_side.subject {
        DetailSubject::Row(row) => of_row(state, *row),
        DetailSubject::Command(command) => of_command(state, command),
    };
}

fn of_row(state: &State, row: RowId) -> Contents {
    let words = words(state.lang);
    let cells = |seen: ComparedView<'_>| {
        row.full(&Observed {
            snapshot: seen.snapshot?,
            detail: seen.detail,
            pid_levels: &texts::pid_levels(state.lang, state.shells.host_kind),
            no_proc: words.no_proc,
        })
    };
    let message = |side: Column| {
        let seen = state.shells.column(side);
        match (seen.snapshot, cells(seen)) {
            (None, _) => Some(absent(state, state.shells.compared(side))),
            (Some(_), None) => Some(words.reading.to_owned()),
            (Some(_), Some(_)) => None,
        }
    };
    let cells = Column::ALL.map(|column| cells(state.shells.column(column)));
    let room = state.layout().whole().map_or(0, |area| area.width);
    let room = usize::from(room).saturating_sub(view::AROUND);
    let [left, right] = columns::aligned([cells[0].as_ref(), cells[1].as_ref()], room);
    let messages = Column::ALL.map(message);
    let pairs = paired(left.as_deref(), right.as_deref());
    Contents { pairs, messages }
}

/// The output of a row, within `room` columns.
pub(super) fn printed(cells: Option<&Cells>, room: usize) -> Vec<String> {
    let [lines, _] = columns::aligned([cells, None], room);
    let lines = lines.unwrap_or_default();
    lines.into_iter().map(|line| line.text).collect()
}

fn paired(host: Option<&[OutputLine]>, container: Option<&[OutputLine]>) -> Vec<LinePair> {
    match (host, container) {
        (Some(host), Some(container)) => pairs::both(host, container),
        (host, container) => pairs::single(host, container),
    }
}

fn absent(state: &State, side: Compared) -> String {
    let words = words(state.lang);
    match (side, &state.shells.lab) {
        (Compared::Process(number), LabPhase::Ready) => match state.shells.picked(number) {
            Some(_) => words.reading.to_owned(),
            None => words.process_ended.to_owned(),
        },
        (Compared::Shell(Side::Container(_)), LabPhase::Ready) => words.no_container.to_owned(),
        (Compared::Shell(Side::Host), LabPhase::Ready) => words.no_host_shell.to_owned(),
        (_, LabPhase::Starting) => words.lab_starting.to_owned(),
        (_, LabPhase::Failed { .. }) => words.lab_failed.to_owned(),
        (_, LabPhase::Gone) => words.lab_gone.to_owned(),
        (_, LabPhase::Undecided) => words.lab_undecided.to_owned(),
    }
}

fn of_command(state: &State, command: &ComparedCommand) -> Contents {
    let rows = |side| match command.answer(side)? {
        CommandAnswer::Ended(outcome, _) => Some(plain::lines(&outcome.output)),
        CommandAnswer::Absent | CommandAnswer::Failed(_) => None,
    };
    let message = |side| match command.answer(side) {
        None if command.next() == Some(command.side(side)) => {
            Some(words(state.lang).command_runs.to_owned())
        }
        None => Some(words(state.lang).command_waits.to_owned()),
        Some(CommandAnswer::Absent) => Some(absent(state, command.side(side))),
        Some(CommandAnswer::Failed(why)) => Some(texts::failure(state.lang, why)),
        Some(CommandAnswer::Ended(outcome, facts)) => {
            texts::command_failed(state.lang, &outcome.end)
                .or_else(|| explained(state.lang, &command.line, outcome, facts))
        }
    };
    let [left, right] = Column::ALL.map(rows);
    let messages = Column::ALL.map(message);
    let pairs = paired(left.as_deref(), right.as_deref());
    Contents { pairs, messages }
}

/// Explains an error that a command printed; none where there is no error, or no explanation.
fn explained(lang: Lang, line: &str, outcome: &CommandOutcome, facts: &Facts) -> Option<String> {
    let succeeded = outcome.end == CommandEnd::Exited(Exit::Status(0));
    let output = String::from_utf8_lossy(&outcome.output);
    let why = explain::ended(line, succeeded, &output, facts)?;
    Some(format!("→ {}", why.words(lang)))
}

pub(super) fn scroll(state: &mut State, way: Direction) {
    let Some(area) = state.layout().whole() else {
        return;
    };
    let view = view(state, area.width, area.height);
    let last = view.last_top(usize::from(area.height));
    // One line of the previous page stays in view.
    let page = usize::from(area.height).saturating_sub(view.head.len() + 1);
    state.views.side_by_side.scroll = way.moved(view.top, last + 1, page.max(1));
}
