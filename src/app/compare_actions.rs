//! The learner's actions in the comparison and on the compared sides.
//!
//! `side_by_side` owns a row or a command in full. Must not know which key it was.

use std::time::Instant;

use super::keymap::{CompareAction, Pane};
use super::msg::Effect;
use super::notice::Notice;
use super::picked;
use super::side_by_side;
use super::state::State;
use super::views::Overlay;
use crate::sandbox::HostKind;

/// Carries out one of these actions.
pub(super) fn act(
    state: &mut State,
    action: CompareAction,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    match action {
        CompareAction::Open => side_by_side::open(state, state.views.compare.row),
        CompareAction::NextRow(way) => side_by_side::open_next(state, way),
        CompareAction::Back => side_by_side::back(state, effects),
        CompareAction::Prompt => open_prompt(state),
        CompareAction::Run => run_prompt(state, effects),
        CompareAction::Follow => picked::follow(state, now),
        CompareAction::PickProcess(column) => picked::pick_on_map(state, column),
        CompareAction::Machine => turn_machine(state, now),
    }
}

/// Opens the prompt, with the command of the view it is opened from.
fn open_prompt(state: &mut State) {
    let line = match state.views.focus {
        Pane::Details => state.views.side_by_side.command_line().to_owned(),
        _ => String::new(),
    };
    state.views.prompt.open(line);
    state.views.overlay = Some(Overlay::Prompt);
}

fn run_prompt(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(line) = state.views.prompt.take() {
        state.views.overlay = None;
        side_by_side::run(state, line, effects);
    }
}

/// Shows the machine's column, or hides it.
fn turn_machine(state: &mut State, now: Instant) {
    if state.shells.host_kind == HostKind::Machine {
        // The machine is the host's column already.
        state.say(Notice::OnMachine, now);
    } else {
        state.shells.machine.wanted = Some(!state.shows_machine());
    }
}
