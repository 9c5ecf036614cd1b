//! Quitting, and beginning a lesson again: both end the shells, so the learner is asked first if a
//! program of theirs runs in one.
//!
//! Must not know how running programs are found.

use std::time::Instant;

use super::keymap::{Pane, QuitAction};
use super::launching;
use super::msg::Effect;
use super::notice::Notice;
use super::rebuild;
use super::review_actions;
use super::shells::LabPhase;
use super::state::{PendingAction, State};
use super::step_moves;
use super::texts::words;
use super::views::Overlay;
use crate::sandbox::{Plan, Side};

/// First finds out which programs would end.
pub(super) fn ask(state: &mut State, action: PendingAction, effects: &mut Vec<Effect>) {
    state.pending_action = Some(action);
    effects.push(Effect::AskRunning);
}

/// Begins the lesson again, as if the lab had just been opened there.
pub(super) fn begin(state: &mut State, effects: &mut Vec<Effect>) {
    let lesson = &mut state.lesson;
    let number = lesson.walk.lesson();
    lesson.walk.forget_lesson(number, &lesson.lessons);
    lesson.lab.rebuild = None;
    state.next_launch.set(Plan::default());
    state.next_launch.take_over();
    state.views.focus_on(Pane::Lesson);
    match state.shells.lab {
        // The lab host is starting, or the learner has not been asked about it yet.
        LabPhase::Undecided | LabPhase::Starting => {}
        LabPhase::Ready | LabPhase::Failed { .. } | LabPhase::Gone => {
            launching::fresh_lab(state, effects);
        }
    }
    step_moves::reopen_step(state);
}

/// Forgets and begins the lesson under the cursor of the list.
pub(super) fn begin_picked(state: &mut State, effects: &mut Vec<Effect>) {
    step_moves::pick(state);
    begin(state, effects);
}

/// The running programs, and the shells of the containers in which none runs.
fn with_containers(state: &State, mut running: Vec<(Side, String)>) -> Vec<(Side, String)> {
    for (side, shell) in state.shells.all() {
        let known = running.iter().any(|(of, _)| *of == side);
        if side != Side::Host && shell.runs() && !known {
            running.push((side, words(state.lang).a_container.to_owned()));
        }
    }
    running
}

/// Resumes the pending action now that the running programs are known, or asks the learner.
pub(super) fn resume(
    state: &mut State,
    running: Vec<(Side, String)>,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    match state.pending_action.take() {
        None => {}
        Some(PendingAction::Interrupt) => {
            let running = with_containers(state, running);
            if running.is_empty() {
                effects.push(Effect::Quit);
            } else {
                state.views.overlay = Some(Overlay::Quit { running });
            }
        }
        Some(PendingAction::Quit) if running.is_empty() => effects.push(Effect::Quit),
        Some(PendingAction::Quit) => state.views.overlay = Some(Overlay::Quit { running }),
        Some(PendingAction::Rebuild) => match running.into_iter().next() {
            None => rebuild::begin(state, now, effects),
            Some((side, program)) => state.say(Notice::RebuildEnds { side, program }, now),
        },
        Some(PendingAction::Review(wanted)) => match running.into_iter().next() {
            None => review_actions::begin(state, wanted, now, effects),
            Some((side, program)) => {
                let notice = Notice::ReviewEnds {
                    wanted,
                    side,
                    program,
                };
                state.say(notice, now);
            }
        },
        Some(PendingAction::BeginAgain) => match running.into_iter().next() {
            None => begin(state, effects),
            Some((side, program)) => state.say(Notice::BeginAgain { side, program }, now),
        },
    }
}

/// Carries out an action that ends nslab. A second `Ask` quits at once.
pub(super) fn quit(state: &mut State, action: QuitAction, effects: &mut Vec<Effect>) {
    match action {
        QuitAction::Ask if state.pending_action == Some(PendingAction::Quit) => {
            effects.push(Effect::Quit);
        }
        QuitAction::Ask => ask(state, PendingAction::Quit, effects),
        QuitAction::Interrupt => ask(state, PendingAction::Interrupt, effects),
        QuitAction::Anyway => effects.push(Effect::Quit),
    }
}
