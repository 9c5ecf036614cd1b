//! The walk as it is kept from one session to the next, and taken up again.

use super::{Answer, Lessons, Progress, Walk};
use crate::lang::Lang;
use crate::lesson::{Part, Step};
use crate::progress::{self, Course, Fate};

impl Walk {
    /// What is to be kept of it.
    pub(crate) fn saved(&self, lessons: &Lessons) -> Course {
        let mut course = Course {
            step: self.step,
            ..Course::default()
        };
        if let Some(id) = lessons.id(self.lesson) {
            id.clone_into(&mut course.lesson);
        }
        for ((lesson, number), progress) in &self.progress {
            let Some(lesson) = lessons.lesson(*lesson, Lang::En) else {
                continue;
            };
            if let Some(step) = lesson.steps.get(*number)
                && let Some(kept) = progress.kept(step)
            {
                let steps = course.lessons.entry(lesson.id.clone()).or_default();
                steps.insert(*number, kept);
            }
        }
        course
    }

    /// Takes up what was kept; lessons and steps that are no longer what they were begin anew.
    pub(crate) fn load(&mut self, course: &Course, lessons: &Lessons) {
        for (id, steps) in &course.lessons {
            let Some(index) = lessons.index(id) else {
                continue;
            };
            let Some(lesson) = lessons.lesson(index, Lang::En) else {
                continue;
            };
            for (number, kept) in steps {
                if let Some(step) = lesson.steps.get(*number)
                    && shape(step) == kept.shape
                {
                    self.progress
                        .insert((index, *number), Progress::of_kept(kept, step));
                }
            }
        }
    }

    /// Goes to where the learner was. Says whether that is somewhere.
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
    pub(crate) fn forget_step(&mut self) {
        self.progress.remove(&(self.lesson, self.step));
    }

    /// Forgets what was done in a lesson.
    pub(crate) fn forget_lesson(&mut self, lesson: usize) {
        self.progress.retain(|(index, _), _| *index != lesson);
        if self.lesson == lesson {
            self.step = 0;
        }
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&mut self) {
        *self = Walk::default();
    }
}

impl Progress {
    /// None where nothing was done.
    fn kept(&self, step: &Step) -> Option<progress::Step> {
        let chosen = |answer: &Answer| match answer {
            Answer::Chosen(choice) => Some(*choice),
            Answer::Skipped => None,
        };
        let typed = self.typed.iter().filter(|(_, lines)| **lines > 0);
        let measured = self
            .measured
            .iter()
            .filter(|(_, values)| !values.is_empty());
        let kept = progress::Step {
            shape: shape(step),
            answers: self
                .answers
                .iter()
                .map(|(part, answer)| (*part, chosen(answer)))
                .collect(),
            launched: self.launched.clone(),
            typed: typed.map(|(part, lines)| (*part, *lines)).collect(),
            done: self.done.clone(),
            hints: self.hints,
            measured: measured.map(|(part, it)| (*part, it.clone())).collect(),
            // What was refused once is tried again.
            fate: match self.fate {
                Fate::Refused => Fate::default(),
                fate => fate,
            },
        };
        let nothing = progress::Step {
            shape: kept.shape.clone(),
            ..progress::Step::default()
        };
        (kept != nothing).then_some(kept)
    }

    fn of_kept(kept: &progress::Step, step: &Step) -> Self {
        let answer = |choice: &Option<usize>| choice.map_or(Answer::Skipped, Answer::Chosen);
        Progress {
            answers: kept
                .answers
                .iter()
                .map(|(part, choice)| (*part, answer(choice)))
                .collect(),
            launched: kept.launched.clone(),
            typed: kept.typed.clone(),
            done: kept.done.clone(),
            hints: kept.hints,
            measured: kept.measured.clone(),
            fate: kept.fate,
            ..Progress::default()
        }
        .resolved_before(step)
    }

    /// What was resolved in an earlier session, and not measured then, can't be measured any more.
    fn resolved_before(mut self, step: &Step) -> Self {
        for part in 0..step.parts.len() {
            if self.resolved(step, part) {
                self.measured.entry(part).or_default();
            }
        }
        self
    }
}

/// What a step consists of, a letter a part: translations have the same.
pub(super) fn shape(step: &Step) -> String {
    let letter = |part: &Part| match part {
        Part::Prose(_) => "t".to_owned(),
        Part::Predict(predict) => format!("p{}", predict.choices.len()),
        Part::Launch(_) => "l".to_owned(),
        Part::Run(run) => format!("r{}", run.lines.len()),
        Part::Check(_) => "c".to_owned(),
        Part::Hint(_) => "h".to_owned(),
    };
    step.parts.iter().map(letter).collect()
}
