//! The learner's actions in a review: begin, answer, go on, end.
//!
//! `review` decides what is asked. Must not know which key it was.

use std::time::Instant;

use super::keymap::Pane;
use super::msg::Effect;
use super::notice::Notice;
use super::rebuild;
use super::review::{self, Review, Topic, Wanted};
use super::state::State;
use super::step_moves;
use super::texts;
use super::walk::{QuestionAnswer, Walk};
use crate::lesson::Part;
use crate::sandbox::HostKind;

/// Puts the learner's walk aside for a review; without anything to ask, a notice says so.
fn put_walk_aside(state: &mut State, topic: &Topic, now: Instant) {
    state.lesson.leave_review();
    let seconds = state.system.clock.seconds(now);
    let lessons = &state.lesson.lessons;
    let can_work = |step: &_| state.can_work(step).is_ok();
    let asked = review::asked(&state.lesson.walk, lessons, can_work);
    let next = review::next_due(&asked, seconds);
    let steps = review::steps(asked, topic, lessons, seconds);
    state.lesson.review = Review::begin(steps, &mut state.lesson.walk);
    if state.lesson.review.is_none() {
        let notice = match topic {
            Topic::Due | Topic::Lesson(_) => Notice::NothingToReview(next),
            Topic::WrongOf(_) => Notice::NothingWrong,
        };
        state.say(notice, now);
    }
}

/// Begins a review in the lab that is about to start, if there is anything to ask.
pub(super) fn open_review(state: &mut State, topic: &Topic) {
    put_walk_aside(state, topic, state.system.clock.started());
    state.lesson.resumed |= state.lesson.review.is_some();
    state.compare_as_the_step_says();
}

/// The message for a learner who asked for a review while there is nothing to ask.
pub(crate) fn nothing_to_review(state: &State) -> Option<String> {
    let (notice, _) = state.notice.as_ref()?;
    let nothing = matches!(notice, Notice::NothingToReview(_));
    nothing.then(|| texts::notice(state.lang, notice))
}

/// Begins a review. What runs in the shells ends.
pub(super) fn begin(state: &mut State, wanted: Wanted, now: Instant, effects: &mut Vec<Effect>) {
    state.lesson.close_measured(state.lang, true);
    let walk = state.lesson.learners_walk();
    let topic = match (wanted, state.lesson.lessons.id(walk.lesson())) {
        (Wanted::Due, _) | (Wanted::WrongHere, None) => Topic::Due,
        (Wanted::WrongHere, Some(id)) => Topic::WrongOf(id.to_owned()),
    };
    put_walk_aside(state, &topic, now);
    if state.lesson.review.is_some() {
        state.views.overlay = None;
        state.views.focus_on(Pane::Lesson);
        show(state, now, effects);
    }
}

/// Goes to the next step of the review. After the last one, the learner is back in their place.
pub(super) fn go_on(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    match state.lesson.review.as_mut().and_then(Review::next) {
        Some(place) => state.lesson.walk = Walk::at(place),
        None => state.lesson.leave_review(),
    }
    show(state, now, effects);
}

pub(super) fn end(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    state.lesson.leave_review();
    show(state, now, effects);
}

/// Shows the present step in its starting state. On the machine, nothing is started again.
fn show(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    step_moves::reopen_step(state);
    if state.shells.host_kind != HostKind::Machine {
        rebuild::begin(state, now, effects);
    }
}

/// Notes how a question was answered.
pub(super) fn note_answer(state: &mut State, part: usize, answer: QuestionAnswer, now: Instant) {
    let right = match state.step().and_then(|step| step.parts.get(part)) {
        Some(Part::Predict(predict)) => answer == QuestionAnswer::Chosen(predict.answer),
        _ => return,
    };
    let (place, at) = (state.lesson.walk.place(), state.system.clock.seconds(now));
    let walk = match &mut state.lesson.review {
        Some(review) => {
            review.count(right);
            &mut review.learner
        }
        None => &mut state.lesson.walk,
    };
    walk.note_recall(place, part, right, at);
}
