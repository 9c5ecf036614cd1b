//! The review: which steps are asked again, and how their questions were answered.
//!
//! The learner's own walk is put aside meanwhile, so that nothing of it is lost. `progress` owns when a
//! question is due. Must not know how a step is shown.

use std::collections::VecDeque;

use super::walk::{Lessons, Walk, predictions};
use crate::lang::Lang;
use crate::lesson::{Lesson, LessonStep};
use crate::progress::Recall;

/// The longest review, in seconds.
const LONGEST: u64 = 5 * 60;
/// How long a step takes in a lesson that doesn't say how long it takes, in seconds.
const STEP: u64 = 60;

/// A lesson and a step of it.
type StepPlace = (usize, usize);

/// The questions that a review asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// What is due, in all lessons.
    Due,
    /// The questions of the lesson with this id, due or not.
    Lesson(String),
    /// The questions of the lesson with this id that were last answered wrongly, or skipped.
    WrongOf(String),
}

/// The questions that a learner in the lab asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What is due, in all lessons.
    Due,
    /// The questions that were answered wrongly, or skipped, in the present lesson.
    WrongHere,
}

/// A review that is under way.
#[derive(Debug)]
pub(crate) struct Review {
    /// The place that the learner was at, and all that they did.
    pub(super) learner: Walk,
    /// The steps that are still to be asked.
    left: VecDeque<StepPlace>,
    /// How many steps there are.
    count: usize,
    pub(super) score: Score,
}

/// How the questions of a review were answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Score {
    /// Those answered rightly.
    pub right: usize,
    pub asked: usize,
}

impl Review {
    /// Puts the learner's walk aside, and takes it to the first of these steps. `None` if there is none.
    pub(super) fn begin(mut left: VecDeque<StepPlace>, walk: &mut Walk) -> Option<Review> {
        let count = left.len();
        let first = left.pop_front()?;
        Some(Review {
            learner: std::mem::replace(walk, Walk::at(first)),
            left,
            count,
            score: Score::default(),
        })
    }

    /// The next step to ask.
    pub(super) fn next(&mut self) -> Option<StepPlace> {
        self.left.pop_front()
    }

    /// Counts an answer.
    pub(super) fn count(&mut self, right: bool) {
        self.score.asked += 1;
        self.score.right += usize::from(right);
    }

    /// The number of the present step in the review, from 1, and how many there are.
    pub(crate) fn progress(&self) -> (usize, usize) {
        (self.count - self.left.len(), self.count)
    }

    /// The number of steps that are still to be asked.
    pub(crate) fn left(&self) -> usize {
        self.left.len()
    }
}

/// A step that was asked before, and how its worst question was answered.
#[derive(Debug)]
pub(super) struct AskedStep {
    place: StepPlace,
    worst: Recall,
    /// How long the step takes, in seconds.
    takes: u64,
}

/// The steps that can work here, with questions that the learner has answered before.
pub(super) fn asked(
    walk: &Walk,
    lessons: &Lessons,
    can_work: impl Fn(&LessonStep) -> bool,
) -> Vec<AskedStep> {
    let mut all = Vec::new();
    for (number, lesson) in lessons.all(Lang::En) {
        let steps = lesson.steps.iter().enumerate();
        for (at, step) in steps.filter(|(_, step)| can_work(step)) {
            if let Some(worst) = worst(walk, (number, at), step) {
                all.push(AskedStep {
                    place: (number, at),
                    worst,
                    takes: takes(lesson),
                });
            }
        }
    }
    all
}

fn worst(walk: &Walk, place: StepPlace, step: &LessonStep) -> Option<Recall> {
    let recalls = recalls(walk, place, step).into_iter();
    recalls.min_by_key(|it| (it.right, it.due()))
}

/// The answers so far to the questions of a step.
fn recalls(walk: &Walk, (lesson, at): StepPlace, step: &LessonStep) -> Vec<Recall> {
    let Some(progress) = walk.progress_of(lesson, at) else {
        return Vec::new();
    };
    let recalls = predictions(step).filter_map(|(part, it)| progress.recall(part, it));
    recalls.collect()
}

fn takes(lesson: &Lesson) -> u64 {
    let steps = u64::try_from(lesson.steps.len()).unwrap_or(1).max(1);
    let minutes = lesson.minutes.map(u64::from);
    minutes.map_or(STEP, |minutes| minutes * 60 / steps)
}

/// How many questions of a lesson were last answered wrongly, or skipped, in steps that can work here.
pub(crate) fn wrong(
    walk: &Walk,
    (number, lesson): (usize, &Lesson),
    can_work: impl Fn(&LessonStep) -> bool,
) -> usize {
    let steps = lesson.steps.iter().enumerate();
    let steps = steps.filter(|(_, step)| can_work(step));
    let wrong = steps.map(|(at, step)| {
        let recalls = recalls(walk, (number, at), step);
        recalls.iter().filter(|it| it.right == 0).count()
    });
    wrong.sum()
}

/// The steps that a review asks now, as many as five minutes allow. Those that are remembered worst come first; of
/// equally well remembered ones, those that have been due for longest.
pub(super) fn steps(
    mut asked: Vec<AskedStep>,
    topic: &Topic,
    lessons: &Lessons,
    seconds: u64,
) -> VecDeque<StepPlace> {
    asked.retain(|it| match topic {
        Topic::Due => it.worst.due() <= seconds,
        Topic::Lesson(id) => lessons.index(id) == Some(it.place.0),
        Topic::WrongOf(id) => lessons.index(id) == Some(it.place.0) && it.worst.right == 0,
    });
    asked.sort_by_key(|it| (it.worst.right, it.worst.due()));
    let mut time = 0;
    let fits = asked.into_iter().enumerate().take_while(|(number, it)| {
        time += it.takes;
        *number == 0 || time <= LONGEST
    });
    fits.map(|(_, it)| it.place).collect()
}

/// In how many seconds the next of these is due; `None` if there is none.
pub(super) fn next_due(asked: &[AskedStep], seconds: u64) -> Option<u64> {
    let due = asked.iter().map(|it| it.worst.due());
    Some(due.min()?.saturating_sub(seconds))
}
