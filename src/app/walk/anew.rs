//! Transfers the walk to lessons that were just saved.

use std::collections::BTreeMap;

use super::saved::shape;
use super::{Lessons, StepProgress, Walk};
use crate::lang::Lang;
use crate::lesson::{Lesson, LessonStep};

/// How a step was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecognisedBy {
    Title,
    Number,
}

impl Walk {
    /// The same walk in other lessons: the lesson by its id, the step by its title, else by its
    /// number. The progress in steps of the same shape stays.
    pub(crate) fn moved_to(&self, new: &Lessons, old: &Lessons, lang: Lang) -> Walk {
        let lesson = |number: usize| -> Option<(usize, &Lesson, &Lesson)> {
            let was = old.lesson(number, lang)?;
            let index = new.index(&was.id)?;
            Some((index, was, new.lesson(index, lang)?))
        };
        let mut progress: BTreeMap<(usize, usize), StepProgress> = BTreeMap::new();
        let mut lost: BTreeMap<_, _> = self.progress.iter().collect();
        for by in [RecognisedBy::Title, RecognisedBy::Number] {
            for (key @ (number, step), done) in &self.progress {
                let found = lesson(*number).and_then(|(index, was, is)| {
                    let was = was.steps.get(*step)?;
                    let (at, how) = found_again(was, *step, &is.steps)?;
                    let same = how == by && shape(was) == shape(&is.steps[at]);
                    same.then_some((index, at))
                });
                if let Some(place) = found {
                    lost.remove(key);
                    let mut done = done.clone();
                    // Checks that are true at the next look were not made true by the learner.
                    done.looked = false;
                    progress.entry(place).or_insert(done);
                }
            }
        }
        let left = self.left.as_ref();
        let back = left.and_then(|(id, step)| {
            let index = new.index(id)?;
            let steps = new.lesson(index, lang)?.steps.len();
            Some((index, steps.saturating_sub(1).min(*step)))
        });
        let mut left = self.left.clone().filter(|_| back.is_none());
        let (lesson, step) = match (back, lesson(self.lesson)) {
            (Some(back), _) => back,
            (None, Some((index, was, is))) => {
                let was = was.steps.get(self.step);
                let at = was.and_then(|was| found_again(was, self.step, &is.steps));
                (
                    index,
                    at.map_or(is.steps.len().saturating_sub(1), |it| it.0),
                )
            }
            (None, None) => {
                let was = old.id(self.lesson).map(|id| (id.to_owned(), self.step));
                left = left.or(was);
                (self.lesson.min(new.count().saturating_sub(1)), 0)
            }
        };
        let mut walk = Walk {
            lesson,
            step,
            progress,
            parked: self.parked.clone(),
            left,
            fresh: StepProgress::default(),
        };
        for ((number, step), done) in lost {
            if let Some(was) = old.lesson(*number, lang) {
                walk.park(was, *step, done);
            }
        }
        walk.unpark(new);
        walk
    }
}

fn found_again(
    was: &LessonStep,
    number: usize,
    steps: &[LessonStep],
) -> Option<(usize, RecognisedBy)> {
    let titled = |at: &usize| steps.get(*at).is_some_and(|step| step.title == was.title);
    // Two may have the same title.
    let by_title = Some(number).filter(titled);
    by_title
        .or_else(|| (0..steps.len()).find(titled))
        .map(|at| (at, RecognisedBy::Title))
        .or_else(|| (number < steps.len()).then_some((number, RecognisedBy::Number)))
}
