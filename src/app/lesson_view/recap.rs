//! The recap: the sentences to remember of a lesson, and the learner's predictions beside the measurements.

use super::LessonWriter;
use crate::app::outcome::{PredictionOutcome, PredictionVerdict};
use crate::app::review;
use crate::app::texts;
use crate::app::walk::{QuestionAnswer, predictions};
use crate::lesson::{Lesson, Predict, Recap};
use crate::theme::Role;

impl LessonWriter<'_> {
    /// The sentences to keep, then the predictions of the lesson.
    pub(super) fn recap(&mut self, recap: &Recap) {
        self.gap();
        for (number, sentence) in (1..).zip(&recap.sentences) {
            self.text(&format!("{number}. "), sentence, Role::Strong);
        }
        if let Some(lesson) = self.state.lesson() {
            self.predictions(lesson);
        }
    }

    fn predictions(&mut self, lesson: &Lesson) {
        let state = self.state;
        let number = state.lesson.walk.lesson();
        let (mut unanswered, mut answered) = (0, Vec::new());
        for (at, step) in lesson.steps.iter().enumerate() {
            for (part, predict) in predictions(step) {
                let progress = state.lesson.walk.progress_of(number, at);
                let outcome =
                    progress.and_then(|it| PredictionOutcome::of(step, it, part, predict));
                match outcome.filter(|it| it.answer != QuestionAnswer::Skipped) {
                    Some(outcome) => answered.push((predict, outcome)),
                    None => unanswered += 1,
                }
            }
        }
        let all = answered.len() + unanswered;
        if all == 0 {
            return;
        }
        self.gap();
        let is_right = |(_, it): &&(&Predict, PredictionOutcome)| {
            it.revealed && it.verdict == PredictionVerdict::Right
        };
        let right = answered.iter().filter(is_right).count();
        let title = texts::predictions(state.lang, right, answered.len(), all);
        self.text("", &title, Role::Heading);
        for (predict, outcome) in &answered {
            self.gap();
            self.prediction(predict, outcome);
        }
        let can_work = |step: &_| state.can_work(step).is_ok();
        let wrong = review::wrong(&state.lesson.walk, (number, lesson), can_work);
        if wrong > 0 {
            self.gap();
            let offer = texts::wrong_again(state.lang, wrong);
            self.text("w: ", &offer, Role::Key);
        }
    }

    fn prediction(&mut self, predict: &Predict, outcome: &PredictionOutcome) {
        let mark = match outcome.verdict {
            _ if !outcome.revealed => "– ",
            PredictionVerdict::Right => "✔ ",
            PredictionVerdict::Wrong => "✘ ",
            PredictionVerdict::Different
            | PredictionVerdict::NotMeasured
            | PredictionVerdict::Skipped => "– ",
        };
        self.text(mark, &predict.question, Role::Text);
        self.answer(predict, outcome);
        if outcome.revealed {
            self.seen(outcome);
        }
        if !outcome.revealed || outcome.verdict == PredictionVerdict::NotMeasured {
            self.text("  ", self.words.not_measured, Role::Dim);
        }
    }
}
