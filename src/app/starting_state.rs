//! The starting state of a step: whether the lab has it, and what must be done to have it.
//!
//! It is the effect of the steps before and of what was done in the step itself. `rebuild` makes it. Must not know who
//! asks.

use std::collections::VecDeque;

use super::expected::{Difference, WhatDiffers};
use super::shells::{LabPhase, Phase};
use super::state::State;
use crate::lesson::{Deed, LessonStep, StepDeed};
use crate::progress::Fate;
use crate::sandbox::{HostKind, Side};

/// Why a lab doesn't have the starting state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyMissing {
    /// The lab was used for another lesson.
    OfAnotherLesson,
    /// It doesn't show the lesson's files.
    WithoutFiles,
    /// The steps from the first number to the second, counted from 1, were not done in this lab.
    NotDone(usize, usize),
    /// The differences from the state in which the lesson left the lab. There is at least one.
    Different(Vec<Difference>),
}

/// The missing starting state, and how to restore it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingStart {
    pub what: WhyMissing,
    /// How many steps are done again; 0 for a fresh lab alone.
    pub steps: usize,
}

/// The deeds that make the starting state, in order, each with its step; and how many steps they reach over, from the
/// first one on. None on the machine, where the effects would stay.
pub(super) fn deeds(state: &State) -> (VecDeque<(usize, StepDeed)>, usize) {
    let (Some(lesson), (number, at)) = (state.lesson(), state.lesson.walk.place()) else {
        return (VecDeque::new(), 0);
    };
    if state.shells.host_kind == HostKind::Machine {
        return (VecDeque::new(), 0);
    }
    let mut deeds = VecDeque::new();
    let before = lesson.steps.iter().enumerate().take(at);
    // Up to the last step that can work here, with those before it that can't.
    let mut steps = 0;
    for (number, step) in before.filter(|(number, _)| can_be_made(state, *number)) {
        deeds.extend(step.deeds().into_iter().map(|deed| (number, deed)));
        steps = number + 1;
    }
    let progress = state.lesson.walk.progress_of(number, at);
    if let (Some(step), Some(progress)) = (lesson.steps.get(at), progress)
        && state.can_work(step).is_ok()
    {
        let mut here = step.deeds();
        // A deed that was done builds on all deeds above it, even on those that the learner did in another way.
        let last = here.iter().rposition(|deed| progress.did(step, deed));
        here.truncate(last.map_or(0, |last| last + 1));
        if !here.is_empty() {
            steps = at + 1;
        }
        deeds.extend(here.into_iter().map(|deed| (at, deed)));
    }
    (deeds, steps)
}

/// How many steps are done again.
pub(super) fn steps(state: &State) -> usize {
    deeds(state).1
}

/// The starting state that the lab doesn't have.
pub(crate) fn missing(state: &State) -> Option<MissingStart> {
    let what = why_missing(state)?;
    let steps = steps(state);
    Some(MissingStart { what, steps })
}

fn why_missing(state: &State) -> Option<WhyMissing> {
    let (step, lesson) = (state.step()?, state.lesson()?);
    let ready = state.shells.lab == LabPhase::Ready && state.shells.sees_host();
    let host_ended = matches!(state.shells.get(Side::Host).phase, Phase::Exited(_));
    if state.lesson.lab.rebuild.is_some()
        || state.lesson.lab.gave_up == Some(state.lesson.walk.place())
        || state.lesson.mistakes.shown
        || state.lack().is_some()
        || !(ready || host_ended)
        || !step.needs_something()
    {
        return None;
    }
    let (number, at) = state.lesson.walk.place();
    let progress = state.lesson.walk.progress();
    let lab = state.lesson.lab.number;
    let machine = state.shells.host_kind == HostKind::Machine;
    let review = state.lesson.review.is_some();
    // On the machine, a review starts nothing again.
    if state.lesson.lab.used_for.is_some_and(|of| of != number) && !(machine && review) {
        return Some(WhyMissing::OfAnotherLesson);
    }
    if progress.finished(step) || machine {
        return None;
    }
    let share = state.lesson_share();
    if share.is_some_and(|it| state.lesson.lab.shows != Some(it)) {
        return Some(WhyMissing::WithoutFiles);
    }
    let not_done = |(number, step): &(usize, &LessonStep)| {
        let made = state.lesson.walk.progress_of(at_lesson(state), *number);
        let made = made.is_some_and(|it| it.made_in == Some(lab));
        step.leaves_something() && !made && can_be_made(state, *number)
    };
    let mut before = lesson.steps.iter().enumerate().take(at).filter(not_done);
    let first = before.next().map(|(number, _)| number + 1);
    let last = before.next_back().map(|(number, _)| number + 1);
    if let Some(first) = first {
        return Some(WhyMissing::NotDone(first, last.unwrap_or(first)));
    }
    // The deeds of this step were done in another lab.
    if progress.worked_in != Some(lab) && steps(state) > at {
        return Some(WhyMissing::NotDone(at + 1, at + 1));
    }
    let gone = lost(state, step);
    (!gone.is_empty()).then_some(WhyMissing::Different(gone))
}

/// Whether the checks of the step can't be judged, because its starting state is missing. A step in which the learner
/// launches on their own is judged by their containers, even after a jump.
pub(super) fn tells_nothing(state: &State) -> bool {
    let own = state.step().is_some_and(LessonStep::leaves_launches);
    missing(state).is_some_and(|it| !(own && matches!(it.what, WhyMissing::NotDone(..))))
}

/// For each shell that has ended or was launched anew: the first thing that was lost with it. Shells that the
/// step itself launches next, or ends, are left out.
fn lost(state: &State, step: &LessonStep) -> Vec<Difference> {
    let progress = state.lesson.walk.progress();
    let deeds = step.deeds();
    let launches = |side: Side| {
        let mut left = deeds.iter().filter(|deed| !progress.did(step, deed));
        let next = left.find(|it| matches!(it.deed, Deed::Launch(_) | Deed::Type { .. }));
        next.is_some_and(
            |it| matches!(&it.deed, Deed::Launch(it) if Side::Container(it.container) == side),
        )
    };
    let differences = state.lesson.lab.expected.differences(&state.shells);
    let lost = differences.into_iter().filter(|it| {
        let gone = it.what == WhatDiffers::Ended && !step.may_end(it.side);
        (gone || it.anew && it.what != WhatDiffers::Ended) && !launches(it.side)
    });
    let mut lost: Vec<_> = lost.collect();
    lost.dedup_by_key(|it| it.side);
    lost
}

/// Whether a step of the present lesson can leave its effects here. It can't if the machine lacks something that it
/// needs, or if the kernel has refused its launch.
fn can_be_made(state: &State, number: usize) -> bool {
    let progress = state.lesson.walk.progress_of(at_lesson(state), number);
    let refused = progress.is_some_and(|it| it.fate == Fate::Refused);
    let lesson = state.lesson();
    !refused && lesson.is_some_and(|lesson| state.lack_of(lesson, number).is_none())
}

pub(super) fn at_lesson(state: &State) -> usize {
    state.lesson.walk.lesson()
}
