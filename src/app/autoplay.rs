//! What a step leaves to the learner, done for one who presses Enter alone.
//!
//! Owns what of it is still to be done, and how a view is opened from the lesson. A step without a
//! hint is an exam: no command of it is typed for anybody.

use std::time::Instant;

use super::code_view;
use super::input;
use super::keymap::Pane;
use super::msg::Effect;
use super::side_by_side;
use super::state::{Line, State};
use crate::lesson::{Deed, Launch, Part, Step, View};
use crate::sandbox::HostKind;

/// The next of it, and its place in the step's script.
pub(super) fn deed<'a>(state: &State, step: &'a Step) -> Option<(usize, &'a Deed)> {
    let helps = step.hints().next().is_some();
    // A step's own commands have been done: what they did may only not have been seen yet.
    let commands = |part: &Part| matches!(part, Part::Launch(_) | Part::Run(_));
    let leaves = step.proof.is_some() || !step.parts.iter().any(commands);
    let script = step.script().filter(|_| leaves)?;
    let shown = state.walk.progress().shown;
    let deeds = script.actions.iter().map(|action| &action.deed);
    let mut left = deeds.enumerate().skip(shown);
    left.find(|(_, deed)| match deed {
        Deed::Choose(flags) => state.chosen != *flags,
        Deed::Open(View::Machine) if state.ground == HostKind::Machine => false,
        Deed::Open(View::Machine) => !state.shows_machine(),
        Deed::Open(view) => !state.seen.contains(view),
        Deed::Launch(_) | Deed::Type { .. } => helps,
    })
}

/// Does the next of it.
pub(super) fn next(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let found = state.step().and_then(|step| deed(state, step));
    let Some((place, deed)) = found.map(|(place, deed)| (place, deed.clone())) else {
        return;
    };
    match deed {
        Deed::Choose(flags) => state.choose(flags),
        Deed::Open(view) => open(state, view),
        Deed::Launch(launch) => {
            let plan = state.needed_plan(launch.plan);
            effects.extend(input::launch_as_asked(
                state,
                Launch { plan, ..launch },
                now,
            ));
        }
        Deed::Type { side, line } => {
            input::type_for_learner(state, side, &line, now, effects);
            let at = (state.walk.lesson(), state.walk.step());
            state.on_its_way = Some((side, at, Line::OfScript));
        }
    }
    state.walk.progress_mut().shown = place + 1;
}

fn open(state: &mut State, view: View) {
    match view {
        View::Machine => return state.machine.wanted = Some(true),
        View::Code => state.focus_on(Pane::Code),
        View::Took => state.focus_on(Pane::Took),
        View::Compare => {
            state.focus_on(Pane::Compare);
            state.zoomed = true;
        }
        View::Details => side_by_side::open(state, state.cursor),
    }
    code_view::follow(state);
    state.by_lesson = true;
}
