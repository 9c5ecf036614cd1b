//! The walk as it is saved from one session to the next.

use std::collections::BTreeMap;

use super::{Failed, Lessons, LineEnd, LineOutcome, QuestionAnswer, StepProgress, Walk};
use crate::lang::Lang;
use crate::lesson::{Lesson, LessonStep, Part};
use crate::progress::{self, Course, Fate};

impl Walk {
    /// The walk in the form that is saved.
    pub(crate) fn saved(&self, lessons: &Lessons) -> Course {
        let mut course = Course {
            step: self.step,
            lessons: self.parked.clone(),
            ..Course::default()
        };
        if let Some((id, step)) = &self.left {
            id.clone_into(&mut course.lesson);
            course.step = *step;
        } else if let Some(id) = lessons.id(self.lesson) {
            id.clone_into(&mut course.lesson);
        }
        for ((lesson, number), progress) in &self.progress {
            let Some(lesson) = lessons.lesson(*lesson, Lang::En) else {
                continue;
            };
            if let Some(step) = lesson.steps.get(*number)
                && let Some(saved) = progress.saved(step)
            {
                let steps = course.lessons.entry(lesson.id.clone()).or_default();
                steps.insert(*number, saved);
            }
        }
        course
    }

    /// Loads saved progress. Lessons and steps that have changed since begin from the start. Their records,
    /// and those of lessons that are not there now, stay saved.
    pub(crate) fn load(&mut self, course: &Course, lessons: &Lessons) {
        self.parked.clone_from(&course.lessons);
        self.unpark(lessons);
    }

    /// Restores the parked records that belong to a step of these lessons.
    pub(super) fn unpark(&mut self, lessons: &Lessons) {
        for (id, steps) in &mut self.parked {
            let Some(index) = lessons.index(id) else {
                continue;
            };
            let Some(lesson) = lessons.lesson(index, Lang::En) else {
                continue;
            };
            steps.retain(|number, saved| {
                let step = lesson.steps.get(*number);
                let Some(step) = step.filter(|step| shape(step) == saved.shape) else {
                    return true;
                };
                let here = self.progress.entry((index, *number));
                here.or_insert_with(|| StepProgress::loaded(saved, step));
                false
            });
        }
        self.parked.retain(|_, steps| !steps.is_empty());
    }

    /// Parks the record of a step that the lessons don't have any more.
    pub(super) fn park(&mut self, lesson: &Lesson, number: usize, progress: &StepProgress) {
        let saved = lesson.steps.get(number).and_then(|it| progress.saved(it));
        if let Some(saved) = saved {
            let steps = self.parked.entry(lesson.id.clone()).or_default();
            steps.insert(number, saved);
        }
    }

    /// Goes to the step at which the learner left off. Returns whether it is another step than the first of the course.
    pub(crate) fn resume(&mut self, course: &Course, lessons: &Lessons) -> bool {
        let Some(lesson) = lessons.index(&course.lesson) else {
            return false;
        };
        let steps = lessons
            .lesson(lesson, Lang::En)
            .map_or(0, |lesson| lesson.steps.len());
        (self.lesson, self.step) = (lesson, course.step.min(steps.saturating_sub(1)));
        (self.lesson, self.step) != (0, 0)
    }

    /// Forgets what was done in the step.
    pub(crate) fn forget_step(&mut self, lessons: &Lessons) {
        self.progress.remove(&(self.lesson, self.step));
        let id = lessons.id(self.lesson);
        if let Some(steps) = id.and_then(|id| self.parked.get_mut(id)) {
            steps.remove(&self.step);
        }
    }

    /// Forgets what was done in a lesson.
    pub(crate) fn forget_lesson(&mut self, lesson: usize, lessons: &Lessons) {
        self.progress.retain(|(index, _), _| *index != lesson);
        if let Some(id) = lessons.id(lesson) {
            self.parked.remove(id);
        }
        if self.lesson == lesson {
            self.step = 0;
        }
    }

    pub(crate) fn forget_all(&mut self) {
        *self = Walk::default();
    }
}

impl StepProgress {
    /// `None` where nothing was done.
    fn saved(&self, step: &LessonStep) -> Option<progress::StepRecord> {
        let mut saved = progress::StepRecord {
            hints: self.hints,
            shown: self.shown,
            // A refused launch is tried again.
            fate: match self.fate {
                Fate::Refused => Fate::default(),
                fate => fate,
            },
            ..progress::StepRecord::default()
        };
        for (&index, part) in &self.parts {
            if let Some(answer) = part.answer {
                let choice = match answer {
                    QuestionAnswer::Chosen(choice) => Some(choice),
                    QuestionAnswer::Skipped => None,
                };
                saved.answers.insert(index, choice);
            }
            let measured = part.measured.clone().unwrap_or_default();
            keep(&mut saved.measured, index, measured);
            saved.recalls.extend(part.recall.map(|it| (index, it)));
            if part.launched {
                saved.launched.insert(index);
            }
            keep(&mut saved.typed, index, part.typed);
            keep(&mut saved.ahead, index, part.ahead.clone());
            let unended = part.lines.iter().filter(|(_, line)| line.unended);
            keep(
                &mut saved.unended,
                index,
                unended.map(|(it, _)| *it).collect(),
            );
            let failed = part.lines.iter().filter_map(|(number, line)| {
                let failed = line.outcome.failure().filter(|it| !it.wanted)?;
                Some((*number, failed.end.status))
            });
            keep(&mut saved.failed, index, failed.collect());
            if part.check.done {
                saved.done.insert(index);
            }
        }
        let begun = saved != progress::StepRecord::default();
        saved.shape = shape(step);
        begun.then_some(saved)
    }

    fn loaded(saved: &progress::StepRecord, step: &LessonStep) -> Self {
        let mut progress = StepProgress {
            hints: saved.hints,
            shown: saved.shown,
            fate: saved.fate,
            ..StepProgress::default()
        };
        for (index, choice) in &saved.answers {
            let answer = choice.map_or(QuestionAnswer::Skipped, QuestionAnswer::Chosen);
            progress.part_mut(*index).answer = Some(answer);
        }
        for (index, values) in &saved.measured {
            progress.part_mut(*index).measured = Some(values.clone());
        }
        for (index, recall) in &saved.recalls {
            progress.part_mut(*index).recall = Some(*recall);
        }
        for index in &saved.launched {
            progress.part_mut(*index).launched = true;
        }
        for (index, lines) in &saved.typed {
            progress.part_mut(*index).typed = *lines;
        }
        for (index, lines) in &saved.ahead {
            progress.part_mut(*index).ahead.clone_from(lines);
        }
        for (index, lines) in &saved.unended {
            for line in lines {
                progress.part_mut(*index).line_mut(*line).unended = true;
            }
        }
        for (index, lines) in &saved.failed {
            for (line, status) in lines {
                let end = LineEnd {
                    status: *status,
                    ..LineEnd::default()
                };
                let failed = Failed {
                    end,
                    why: None,
                    wanted: false,
                };
                progress.part_mut(*index).line_mut(*line).outcome = LineOutcome::Failed(failed);
            }
        }
        for index in &saved.done {
            progress.part_mut(*index).check.done = true;
        }
        // A prediction that was resolved but not measured in an earlier session can't be measured any more.
        for index in 0..step.parts.len() {
            if progress.resolved(step, index) {
                progress.part_mut(index).measured.get_or_insert_default();
            }
        }
        progress
    }
}

/// Saves the value of a part, unless it is the default.
fn keep<T: Default + PartialEq>(saved: &mut BTreeMap<usize, T>, part: usize, value: T) {
    if value != T::default() {
        saved.insert(part, value);
    }
}

/// The kinds of the parts of a step, one letter for each. Translations have the same shape.
pub(super) fn shape(step: &LessonStep) -> String {
    let letter = |part: &Part| match part {
        Part::Prose(_) => "t".to_owned(),
        Part::Predict(predict) => format!("p{}", predict.choices.len()),
        Part::Launch(_) => "l".to_owned(),
        Part::Run(run) => format!("r{}", run.lines.len()),
        Part::Check(_) => "c".to_owned(),
        Part::Hint(_) => "h".to_owned(),
        Part::Figure(_) => "f".to_owned(),
    };
    step.parts.iter().map(letter).collect()
}
