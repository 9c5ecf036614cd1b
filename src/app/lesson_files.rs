//! The lessons as their files are saved: the learner keeps their place, and sees the mistakes in a file.
//!
//! Must not know how a file is read.

use std::collections::BTreeSet;
use std::time::Instant;

use super::checks;
use super::mistake::Mistake;
use super::msg::LessonsEvent;
use super::notice::Notice;
use super::state::State;
use super::views::Overlay;
use super::walk::Lessons;

/// Applies an event of the directory.
pub(super) fn update(state: &mut State, event: LessonsEvent, now: Instant) {
    match event {
        LessonsEvent::Read {
            lessons,
            absent,
            mistakes,
        } => {
            take_lessons(state, *lessons, absent);
            take_mistakes(state, mistakes);
        }
        LessonsEvent::NotWatched(why) => state.say(Notice::NotWatched(why), now),
    }
}

/// Replaces the lessons by those that were just saved, and keeps the learner's place.
fn take_lessons(state: &mut State, lessons: Lessons, absent: BTreeSet<String>) {
    let place = |state: &State| {
        let step = state.step().map(|step| step.title.clone());
        (state.lesson().map(|lesson| lesson.id.clone()), step)
    };
    let before = place(state);
    state.lesson.leave_review();
    let lesson = &mut state.lesson;
    lesson.walk = lesson.walk.moved_to(&lessons, &lesson.lessons, state.lang);
    lesson.lab.follow(&lesson.lessons, &lessons);
    lesson.lessons = lessons;
    lesson.lines.forget_unconfirmed();
    state.system.absent = absent;
    if place(state) != before {
        let lesson = &mut state.lesson;
        let scroll = if lesson.mistakes.shown {
            &mut lesson.mistakes.scroll
        } else {
            &mut lesson.scroll
        };
        *scroll = 0;
    }
    if let Some(Overlay::Lessons { cursor }) = &mut state.views.overlay {
        *cursor = (*cursor).min(state.lesson.lessons.count().saturating_sub(1));
    }
    state.compare_as_the_step_says();
    checks::look_at_checks(state);
}

/// Takes the mistakes in the lessons that were just saved. If there are none, the step is shown again.
fn take_mistakes(state: &mut State, all: Vec<Mistake>) {
    if all.is_empty() && state.lesson.mistakes.shown {
        turn_mistakes(state);
    }
    state.lesson.mistakes.all = all;
}

/// Shows the mistakes in place of the step, or the step again.
pub(super) fn turn_mistakes(state: &mut State) {
    let lesson = &mut state.lesson;
    let mistakes = &mut lesson.mistakes;
    if !mistakes.shown && mistakes.all.is_empty() {
        return;
    }
    mistakes.shown = !mistakes.shown;
    std::mem::swap(&mut mistakes.scroll, &mut lesson.scroll);
}
