//! Why a check is not true: a mistake that the lesson knows, or a difference between the lab and what the lesson left.
//!
//! Must not know when checks are judged, or how a sentence is shown.

use super::expected::{Difference, WhatDiffers};
use super::starting_state;
use super::state::State;
use super::texts;
use crate::lesson::{Check, Deed, LessonStep, Part};
use crate::sandbox::Side;

/// The sentence about a check that is not true: a mistake that its lesson knows, a difference that keeps it
/// from being true, or its hint once the learner has asked. `None` while the step waits for something else.
pub(super) fn what_is_wrong(state: &State, check: &Check, asked: bool) -> Option<String> {
    if state.lesson.lab.rebuild.is_some() || starting_state::tells_nothing(state) {
        return None;
    }
    let begun = asked || state.lesson.has_begun(&state.shells);
    let near = check.near_miss(&state.lesson.context);
    // A state from before the first deed is no mistake.
    let near = near.filter(|wrong| begun || !wrong.when.names_a_side());
    let near = near.map(|wrong| wrong.say.clone());
    let cause = || {
        let causes = causes(state, check);
        let host = state.shells.host_kind;
        (!causes.is_empty()).then(|| texts::causes(state.lang, &causes, host))
    };
    let hint = || {
        let hint = check.hint.clone().filter(|_| asked)?;
        if let Some(inside) = inside(state) {
            return Some(inside);
        }
        Some(match strayed(state) {
            Some(strayed) => texts::both(state.lang, &strayed, &hint),
            None => hint,
        })
    };
    let shadowed = || {
        let (side, shadowed) = state.lesson.shadowed(&state.shells).filter(|_| asked)?;
        Some(texts::shadowed(state.lang, side, &shadowed))
    };
    match (near.or_else(cause).or_else(hint), shadowed()) {
        (Some(said), Some(shadowed)) => Some(texts::both(state.lang, &shadowed, &said)),
        (said, shadowed) => said.or(shadowed),
    }
}

/// Whether this step types something into a shell.
fn types_into(state: &State, side: Side) -> bool {
    let deeds = state.step().map(LessonStep::deeds).unwrap_or_default();
    let mut deeds = deeds.iter();
    deeds.any(|it| matches!(&it.deed, Deed::Type { side: at, .. } if *at == side))
}

/// A program in other namespaces that has taken the terminal of a shell which this step types into: it has
/// got the typed lines.
fn inside(state: &State) -> Option<String> {
    let shells = state.shells.all();
    let shells = shells.filter(|(side, _)| types_into(state, *side));
    let mut inside = shells.filter_map(|(side, shell)| {
        let program = shell.snapshot.as_ref()?.program.as_ref()?;
        Some(texts::inside(state.lang, side, &program.name))
    });
    inside.next()
}

/// A difference on a side that this step types nothing into: the learner has typed into the wrong shell.
fn strayed(state: &State) -> Option<String> {
    let differences = state.lesson.lab.expected.differences(&state.shells);
    let may_end = |side: Side| state.step().is_some_and(|step| step.may_end(side));
    let mut strayed = differences.iter().filter(|it| {
        let meant = it.what == WhatDiffers::Ended && may_end(it.side);
        !it.anew && !meant && !types_into(state, it.side)
    });
    Some(texts::difference(state.lang, strayed.next()?))
}

/// The differences from what the lesson left that keep a check from being true.
fn causes(state: &State, check: &Check) -> Vec<Difference> {
    let known = state.lesson.known(&state.shells, state.next_launch.flags);
    let expected = &state.lesson.lab.expected;
    expected.causes(check, &known, &state.shells)
}

/// Whether a check is not true because the lab differs from how the lesson left it.
pub(super) fn has_cause(state: &State) -> bool {
    let progress = state.lesson.walk.progress();
    let parts = state.step().into_iter().flat_map(|step| &step.parts);
    parts.enumerate().any(|(index, part)| match part {
        Part::Check(check) => !progress.done(index) && !causes(state, check).is_empty(),
        _ => false,
    })
}
