//! Does the actions that a step leaves to the learner, for a learner who only presses Enter.
//!
//! `enter_action` decides what is still to be done.

use std::time::Instant;

use super::code_view;
use super::enter_action;
use super::keymap::Pane;
use super::launching;
use super::msg::Effect;
use super::side_by_side;
use super::state::State;
use super::typed_lines::LineOrigin;
use crate::lesson::{Deed, Launch, View};

/// Does the next action of the step's script.
pub(super) fn next(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let step = state.step();
    let found = step.and_then(|step| enter_action::next_script_action(state, step));
    let Some((index, deed)) = found.map(|(index, deed)| (index, deed.clone())) else {
        return;
    };
    match deed {
        Deed::Choose(flags) => state.next_launch.flags = flags,
        Deed::Open(view) => open(state, view),
        Deed::Launch(launch) => {
            let plan = state.needed_plan(&launch.plan);
            effects.extend(launching::launch_for_lesson(
                state,
                &Launch { plan, ..launch },
                now,
            ));
        }
        Deed::Type { side, line } => {
            launching::type_for_lesson(state, side, &line, now, effects);
            state.lesson.note_unconfirmed(side, LineOrigin::Script);
        }
    }
    let progress = state.lesson.walk.progress_mut();
    (progress.script_done, progress.shown) = (index + 1, true);
}

fn open(state: &mut State, view: View) {
    match view {
        View::Machine => return state.shells.machine.wanted = Some(true),
        View::Code => state.views.focus_on(Pane::Code),
        View::Trace => state.views.focus_on(Pane::Trace),
        View::Compare => {
            state.views.focus_on(Pane::Compare);
            state.views.compare.whole = true;
        }
        View::Details => side_by_side::open(state, state.views.compare.row),
    }
    if view == View::Code {
        code_view::show_call(state);
    }
    state.views.opened_by_lesson = true;
}
