//! The learner's actions in a lesson: Enter, answers, hints, going from step to step.
//!
//! `enter_action` decides what Enter does next. Must not know which key it was.

use std::collections::BTreeSet;
use std::time::Instant;

use super::autoplay;
use super::enter_action::EnterAction;
use super::keymap::{Pane, Way};
use super::lesson_lab::Leads;
use super::lesson_state::ReadingPosition;
use super::lesson_view;
use super::mistake::Mistake;
use super::msg::{Effect, LessonsEvent};
use super::navigation;
use super::notice::Notice;
use super::rebuild;
use super::restart;
use super::review_actions;
use super::state::{PendingAction, State};
use super::typed_lines::LineOrigin;
use super::views::Overlay;
use super::walk::{self, Lessons, QuestionAnswer};
use crate::lesson::Launch;
use crate::sandbox::Side;

/// Enter: the next thing of the step. Every line of a run has an Enter of its own, so that the learner
/// sees what each one does.
pub(super) fn enter(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let pending = state.lesson.pending(state.lang).unwrap_or(0);
    state.lesson.reader = ReadingPosition::Follows;
    match lesson_view::enter_action(state) {
        EnterAction::ReadOn => navigation::scroll(state, Way::PageDown),
        EnterAction::LabStarting
        | EnterAction::Rebuilding(_)
        | EnterAction::TypeOut
        | EnterAction::ShellStarting(_)
        | EnterAction::ValueMissing(_)
        | EnterAction::NoLesson => {}
        EnterAction::Finished => state.views.overlay = Some(Overlay::CourseEnd { scroll: 0 }),
        EnterAction::StepAgain => turn_mistakes(state),
        EnterAction::LabAbsent => state.say(Notice::NoLab, now),
        EnterAction::Choose => {
            state.lesson.walk.progress_mut().urged = Some(pending);
            state.say(Notice::ChooseFirst, now);
        }
        EnterAction::Skip => skip(state, now),
        EnterAction::Answer(choice) => choose(state, choice, now),
        EnterAction::Launch(container, plan) => {
            effects.extend(state.launch_for_lesson(&Launch { container, plan }, now));
        }
        EnterAction::LaunchFirst(side, plan) => {
            state.lesson.lab.leads = Leads::Lesson;
            if side != Side::Host {
                state.next_launch.set_for_lesson(plan.clone());
            }
            state.launch_in_view(side, &plan, now, effects);
            state.say(Notice::LaunchedFirst(side), now);
        }
        EnterAction::Type { side, line } => {
            let line = line.clone();
            let Some(typed) = state.type_for_lesson(side, &line, now, effects) else {
                return;
            };
            let (part, line) = (pending, state.lesson.walk.progress().typed(pending));
            let origin = LineOrigin::Part { part, line };
            let lesson = &mut state.lesson;
            let place = lesson.line_place(part, line);
            lesson.lines.note_underway(&state.shells, side, place);
            lesson.note_unconfirmed(side, origin);
            state.follow(|state| state.lesson.walk.type_line(pending, typed));
        }
        EnterAction::Rebuild(_) => restart::ask(state, PendingAction::Rebuild, effects),
        EnterAction::Nudge => nudge(state, now),
        EnterAction::Show => autoplay::next(state, now, effects),
        EnterAction::StepAnyway | EnterAction::Step => step_on(state, now, effects),
        EnterAction::NextQuestion(_) | EnterAction::EndReview(_) => {
            review_actions::go_on(state, now, effects);
        }
        EnterAction::Lesson(_) => {
            step_on(state, now, effects);
            // Each lesson begins in a lab of its own.
            if rebuild::missing(state).is_some() {
                restart::ask(state, PendingAction::Rebuild, effects);
            }
        }
    }
}

/// Says once what is missing; the next Enter goes on.
fn nudge(state: &mut State, now: Instant) {
    let progress = state.lesson.walk.progress();
    let missing = state
        .step()
        .and_then(|step| progress.first_open(step))
        .map(|check| {
            state
                .what_is_wrong(check, true)
                .unwrap_or_else(|| check.name.clone())
        });
    state.lesson.walk.progress_mut().nudged = true;
    if let Some(missing) = missing {
        state.say(Notice::Missing(missing), now);
    }
}

/// Answers the question that waits with this choice.
pub(super) fn choose(state: &mut State, choice: usize, now: Instant) {
    let step = state.step();
    let question = step.and_then(|step| state.lesson.walk.question(step));
    if let Some((part, question)) = question
        && choice < question.choices.len()
    {
        answer(state, part, QuestionAnswer::Chosen(choice), now);
    }
}

/// Goes on without an answer.
pub(super) fn skip(state: &mut State, now: Instant) {
    let step = state.step();
    let question = step.and_then(|step| state.lesson.walk.question(step));
    if let Some((part, _)) = question {
        answer(state, part, QuestionAnswer::Skipped, now);
    }
}

fn answer(state: &mut State, part: usize, answer: QuestionAnswer, now: Instant) {
    review_actions::note_answer(state, part, answer, now);
    state.follow(|state| state.lesson.walk.answer(part, answer));
    state.look_at_checks();
}

/// Shows the next hint.
pub(super) fn hint(state: &mut State, now: Instant) {
    let all = state.step().map_or(0, walk::hints);
    let progress = state.lesson.walk.progress_mut();
    if progress.hints == all {
        return state.say(Notice::NoMoreHints, now);
    }
    progress.hints += 1;
    // The hint may stand below what is in view.
    if let Some(view) = lesson_view::view(state) {
        state.lesson.scroll = view.last_top();
    }
    // The learner wants to read the hint, even if there is a message above the step.
    state.lesson.reader = ReadingPosition::Elsewhere;
}

/// Goes to a step. That ends a review.
fn go(state: &mut State, lesson: usize, step: usize) {
    state.lesson.close_measured(state.lang, true);
    state.lesson.leave_review();
    place(state, lesson, step);
}

fn place(state: &mut State, lesson: usize, step: usize) {
    let (before, _) = state.lesson.walk.place();
    if state.lesson.walk.place() != (lesson, step) {
        // They don't count in this one.
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
    state.look_at_checks();
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

pub(super) fn step_on(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    if state.lesson.review.is_some() {
        return review_actions::go_on(state, now, effects);
    }
    // Deeds since the last snapshot count as done in this lab.
    state.look_at_checks();
    let (lesson, step) = state.lesson.walk.place();
    let steps = state.lesson().map_or(0, |lesson| lesson.steps.len());
    if step + 1 < steps {
        go(state, lesson, step + 1);
    } else if lesson + 1 < state.lesson.lessons.count() {
        go(state, lesson + 1, 0);
    }
}

/// Opens the step anew: what was opened and typed before counts no more. Checks may be true already.
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

/// Begins the step anew. Its effects in the lab stay, and the learner is told so.
pub(super) fn forget_step(state: &mut State, now: Instant) {
    if state.lesson.walk.progress().begun() {
        state.say(Notice::StepForgotten, now);
    }
    state.lesson.walk.forget_step(&state.lesson.lessons);
    // What is being made for it is no more what it has done.
    state.lesson.lab.rebuild = None;
    let place = state.lesson.walk.place();
    state.lesson.lines.forget(place);
    // What it did is no more what the lesson has left: a launch anew that lacks it lacks nothing.
    let begun_with = state.lesson.lab.begun_with.clone();
    state.lesson.lab.expected = begun_with.clone();
    state.lesson.lab.leads = Leads::Learner;
    reopen_step(state);
    state.lesson.lab.begun_with = begun_with;
}

pub(super) fn forget_all(state: &mut State) {
    state.lesson.review = None;
    state.lesson.walk.forget_all();
    reopen_step(state);
}

pub(super) fn lessons_event(state: &mut State, event: LessonsEvent, now: Instant) {
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
    state.look_at_checks();
}

/// What is wrong with the lessons that were just saved. Once nothing is, the step is shown again.
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
