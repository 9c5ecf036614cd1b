//! Goes from step to step.
//!
//! Must not know which key it was, or what is done in a step.

use super::checks;
use super::keymap::Pane;
use super::state::State;
use super::views::Overlay;

/// Goes to a step. That ends a review.
pub(super) fn go(state: &mut State, lesson: usize, step: usize) {
    state.lesson.close_measured(state.lang, true);
    state.lesson.leave_review();
    place(state, lesson, step);
}

fn place(state: &mut State, lesson: usize, step: usize) {
    let (before, _) = state.lesson.walk.place();
    if state.lesson.walk.place() != (lesson, step) {
        // Views and lines of the step before don't count in this one.
        forget_views_and_lines(state);
    }
    state.lesson.walk.go(lesson, step);
    if before == lesson {
        state.end_lessons_options();
    } else {
        state.next_launch.end_lessons_options();
    }
    state.shells.chosen_sides = [None; 2];
    state.compare_as_the_step_says();
    state.lesson.scroll = 0;
    state.lesson.lines.forget_unconfirmed();
    checks::look_at_checks(state);
    state.lesson.scroll = 0;
}

/// Goes to the lesson under the cursor of the list.
pub(super) fn pick(state: &mut State) {
    if let Some(Overlay::Lessons { cursor }) = state.views.overlay.take() {
        go(state, cursor, 0);
        state.views.focus_on(Pane::Lesson);
    }
}

pub(super) fn step_back(state: &mut State) {
    let (lesson, step) = state.lesson.walk.place();
    if step > 0 {
        go(state, lesson, step - 1);
    } else if lesson > 0 {
        let before = state.lesson.lessons.lesson(lesson - 1, state.lang);
        let last = before.map_or(0, |lesson| lesson.steps.len().saturating_sub(1));
        go(state, lesson - 1, last);
    }
}

/// Opens the step again. Views opened before and lines typed before no longer count. Checks may be true already.
pub(super) fn reopen_step(state: &mut State) {
    let (lesson, step) = state.lesson.walk.place();
    state.lesson.close_measured(state.lang, true);
    forget_views_and_lines(state);
    place(state, lesson, step);
}

fn forget_views_and_lines(state: &mut State) {
    state.lesson.opened.clear();
    state.lesson.count_commands(&state.shells);
    let flags = state.next_launch.flags;
    state.lesson.refresh_context(&state.shells, flags);
}
