//! What ends the shells, quitting and beginning a lesson again: asked about where a program of the
//! learner's runs in one.
//!
//! What runs is found out by others.

use std::time::Instant;

use super::input;
use super::keymap::Pane;
use super::msg::Effect;
use super::notice::Notice;
use super::state::{Asking, Lab, Overlay, State};
use crate::sandbox::{Plan, Side};

/// Finds out first what would end.
pub(super) fn ask(state: &mut State, asking: Asking, effects: &mut Vec<Effect>) {
    state.asking = Some(asking);
    effects.push(Effect::AskRunning);
}

/// The lesson at its beginning, as if the lab had just been opened there.
pub(super) fn begin(state: &mut State, effects: &mut Vec<Effect>) {
    state.walk.forget_lesson(state.walk.lesson());
    state.take_plan(Plan::default());
    state.focus_on(Pane::Lesson);
    match state.lab {
        // One is on its way, or has been declined.
        Lab::Undecided | Lab::Starting => {}
        Lab::Ready | Lab::Failed { .. } | Lab::Gone => state.fresh_lab(effects),
    }
    // What was looked at since then counts for the new beginning only.
    state.seen.clear();
    state.refresh_context();
    input::begin_anew(state);
}

/// What runs is known: what it was asked for goes on, or asks the learner.
pub(super) fn running(
    state: &mut State,
    running: Vec<(Side, String)>,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    match state.asking.take() {
        None => {}
        Some(Asking::Quit) if running.is_empty() => effects.push(Effect::Quit),
        Some(Asking::Quit) => state.overlay = Some(Overlay::Quit { running }),
        Some(Asking::BeginAgain) => match running.into_iter().next() {
            None => begin(state, effects),
            Some((side, program)) => state.say(Notice::BeginAgain { side, program }, now),
        },
    }
}
