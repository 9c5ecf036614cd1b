//! The outcome of an answered prediction.
//!
//! Must not know the words for it.

use super::walk::{QuestionAnswer, StepProgress};
use crate::lesson::{LessonStep, Predict, Said};

/// The result of a prediction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PredictionOutcome {
    pub answer: QuestionAnswer,
    /// Whether the result may be shown: the deeds that it is about have been done.
    pub revealed: bool,
    pub seen: Option<ShownResult>,
    pub verdict: PredictionVerdict,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ShownResult {
    /// The sentence with the measured values.
    Measured(Vec<Said>),
    /// The right choice; the machine was not asked.
    Right(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PredictionVerdict {
    /// The machine shows another choice than the lesson's: the learner may have run other commands.
    Different,
    /// The measurement shows none of the choices, or several.
    NotMeasured,
    Skipped,
    Right,
    Wrong,
}

impl PredictionOutcome {
    /// `None` while the question is not answered.
    pub(super) fn of(
        step: &LessonStep,
        progress: &StepProgress,
        index: usize,
        predict: &Predict,
    ) -> Option<PredictionOutcome> {
        let answer = progress.answer(index)?;
        let values = progress.measured(index);
        let measuring = predict.expr().is_some() && values.is_none();
        let borne_out = values.and_then(|values| predict.borne_out(values));
        let right = answer == QuestionAnswer::Chosen(predict.answer);
        let verdict = match answer {
            _ if borne_out == Some(false) => PredictionVerdict::Different,
            _ if borne_out.is_none() && values.is_some_and(|it| predict.judges(it)) => {
                PredictionVerdict::NotMeasured
            }
            QuestionAnswer::Skipped => PredictionVerdict::Skipped,
            QuestionAnswer::Chosen(_) if right => PredictionVerdict::Right,
            QuestionAnswer::Chosen(_) => PredictionVerdict::Wrong,
        };
        let sentence = predict.measured.as_ref().zip(values);
        let sentence = sentence.and_then(|(sentence, values)| sentence.with(values));
        let instead = values.filter(|_| borne_out == Some(false));
        let instead = instead.and_then(|values| predict.shown(values).first().copied());
        let told = (!right && answer != QuestionAnswer::Skipped).then_some(predict.answer);
        let by_choice = || predict.choices.get(instead.or(told)?).cloned();
        let seen = match (sentence, borne_out) {
            // A value comes from a shell that the learner controls: it may hold control characters.
            (Some(said), _) => Some(ShownResult::Measured(
                said.into_iter().map(printable).collect(),
            )),
            (None, Some(_)) => by_choice().map(|it| ShownResult::Measured(vec![Said::Words(it)])),
            (None, None) => by_choice().map(ShownResult::Right),
        };
        Some(PredictionOutcome {
            answer,
            revealed: !measuring && progress.resolved(step, index),
            seen,
            verdict,
        })
    }
}

fn printable(said: Said) -> Said {
    match said {
        Said::Words(words) => Said::Words(words),
        Said::Value(value) => Said::Value(value.replace(char::is_control, " ")),
    }
}
