//! The learner's actions in a lesson: Enter, answers, hints, going from step to step.
//!
//! `enter_action` decides what Enter does next. Must not know which key it was.

use std::time::Instant;

use super::autoplay;
use super::checks;
use super::diagnosis;
use super::enter_action::EnterAction;
use super::keymap::{Direction, LessonAction};
use super::launching;
use super::lesson_files;
use super::lesson_lab::ChangedBy;
use super::lesson_state::ReadingPosition;
use super::lesson_view;
use super::msg::Effect;
use super::navigation;
use super::notice::Notice;
use super::restart;
use super::review_actions;
use super::starting_state;
use super::state::{PendingAction, State};
use super::step_moves;
use super::typed_lines::LineOrigin;
use super::views::Overlay;
use super::walk::QuestionAnswer;
use crate::lesson::Launch;
use crate::sandbox::Side;

/// Carries out one of these actions.
pub(super) fn act(
    state: &mut State,
    action: LessonAction,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    match action {
        LessonAction::Next => enter(state, now, effects),
        LessonAction::Choose(number) => choose(state, usize::from(number) - 1, now),
        LessonAction::Skip => skip(state, now),
        LessonAction::Hint => hint(state, now),
        // The mistakes hide the step.
        LessonAction::StepBack | LessonAction::StepOn if state.lesson.mistakes.shown => {}
        LessonAction::StepBack => step_moves::step_back(state),
        LessonAction::StepOn => step_on(state, now, effects),
        LessonAction::Mistakes => lesson_files::turn_mistakes(state),
        LessonAction::Pick => step_moves::pick(state),
        // A review must not change the lesson.
        LessonAction::BeginAgain | LessonAction::ForgetStep if state.lesson.review.is_some() => {
            review_actions::end(state, now, effects);
        }
        LessonAction::BeginAgain => restart::ask(state, PendingAction::BeginAgain, effects),
        LessonAction::ForgetStep => forget_step(state, now),
        LessonAction::ForgetLesson => state.say(Notice::ForgetLesson, now),
        LessonAction::ForgetAll => state.say(Notice::ForgetAll, now),
        LessonAction::Review(wanted) => restart::ask(state, PendingAction::Review(wanted), effects),
    }
}

/// Enter: the next thing of the step. Every line of a run has an Enter of its own, so that the learner
/// sees what each one does.
pub(super) fn enter(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let pending = state.lesson.pending(state.lang).unwrap_or(0);
    state.lesson.reader = ReadingPosition::Follows;
    match lesson_view::enter_action(state) {
        EnterAction::ReadOn => navigation::scroll(state, Direction::PageDown),
        EnterAction::LabStarting
        | EnterAction::Rebuilding(_)
        | EnterAction::TypeOut
        | EnterAction::ShellStarting(_)
        | EnterAction::ValueMissing(_)
        | EnterAction::NoLesson => {}
        EnterAction::Finished => state.views.overlay = Some(Overlay::CourseEnd { scroll: 0 }),
        EnterAction::StepAgain => lesson_files::turn_mistakes(state),
        EnterAction::LabAbsent => state.say(Notice::NoLab, now),
        EnterAction::Choose => {
            state.lesson.walk.progress_mut().urged = Some(pending);
            state.say(Notice::ChooseFirst, now);
        }
        EnterAction::Skip => skip(state, now),
        EnterAction::Answer(choice) => choose(state, choice, now),
        EnterAction::Launch(container, plan) => {
            effects.extend(launching::launch_for_lesson(
                state,
                &Launch { container, plan },
                now,
            ));
        }
        EnterAction::LaunchFirst(side, plan) => {
            state.lesson.lab.changed_by = ChangedBy::Lesson;
            if side != Side::Host {
                state.next_launch.set_for_lesson(plan.clone());
            }
            launching::launch_in_view(state, side, &plan, now, effects);
            state.say(Notice::LaunchedFirst(side), now);
        }
        EnterAction::Type { side, line } => {
            let line = line.clone();
            let Some(typed) = launching::type_for_lesson(state, side, &line, now, effects) else {
                return;
            };
            let (part, line) = (pending, state.lesson.walk.progress().typed(pending));
            let origin = LineOrigin::Part { part, line };
            let lesson = &mut state.lesson;
            let place = lesson.line_place(part, line);
            lesson.lines.note_underway(&state.shells, side, place);
            lesson.note_unconfirmed(side, origin);
            checks::follow(state, |state| state.lesson.walk.type_line(pending, typed));
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
            if starting_state::missing(state).is_some() {
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
            diagnosis::what_is_wrong(state, check, true).unwrap_or_else(|| check.name.clone())
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
    checks::follow(state, |state| state.lesson.walk.answer(part, answer));
    checks::look_at_checks(state);
}

/// Shows the next hint.
pub(super) fn hint(state: &mut State, now: Instant) {
    let all = state.step().map_or(0, |step| step.hints().count());
    let progress = state.lesson.walk.progress_mut();
    if progress.hints == all {
        return state.say(Notice::NoMoreHints, now);
    }
    progress.hints += 1;
    // The hint may be below the lines in view.
    if let Some(view) = lesson_view::view(state) {
        state.lesson.scroll = view.last_top();
    }
    // The learner wants to read the hint, even if there is a message above the step.
    state.lesson.reader = ReadingPosition::Elsewhere;
}

pub(super) fn step_on(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    if state.lesson.review.is_some() {
        return review_actions::go_on(state, now, effects);
    }
    // Deeds since the last snapshot count as done in this lab.
    checks::look_at_checks(state);
    let (lesson, step) = state.lesson.walk.place();
    let steps = state.lesson().map_or(0, |lesson| lesson.steps.len());
    if step + 1 < steps {
        step_moves::go(state, lesson, step + 1);
    } else if lesson + 1 < state.lesson.lessons.count() {
        step_moves::go(state, lesson + 1, 0);
    }
}

/// Begins the step again. Its effects in the lab stay, and a notice says so.
pub(super) fn forget_step(state: &mut State, now: Instant) {
    if state.lesson.walk.progress().begun() {
        state.say(Notice::StepForgotten, now);
    }
    state.lesson.walk.forget_step(&state.lesson.lessons);
    // The starting state that is being made repeats what was done in the step: that is forgotten now.
    state.lesson.lab.rebuild = None;
    let place = state.lesson.walk.place();
    state.lesson.lines.forget(place);
    // From now on, the lab is expected as it was when the step was opened: after another launch, effects of the
    // forgotten step are not missing.
    let begun_with = state.lesson.lab.begun_with.clone();
    state.lesson.lab.expected = begun_with.clone();
    state.lesson.lab.changed_by = ChangedBy::Learner;
    step_moves::reopen_step(state);
    state.lesson.lab.begun_with = begun_with;
}

pub(super) fn forget_all(state: &mut State) {
    state.lesson.review = None;
    state.lesson.walk.forget_all();
    step_moves::reopen_step(state);
}
