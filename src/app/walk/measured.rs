//! When the predictions of a step are measured, and the deadline for changes of a measurement.
//!
//! The machine decides a verdict: as soon as the values confirm the lesson's answer, it is final.
//! That the answer was wrong is said only once everything the prediction is about has happened, and
//! enough time has passed to see it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{StepProgress, Walk};
use crate::lesson::{Context, LessonStep, Part, Predict};

/// How long after the last command of a prediction the measured values may change.
const SETTLES: Duration = Duration::from_secs(1);

impl StepProgress {
    /// Measures the predictions. While a typed line is `underway`, nothing settles.
    fn measure(&mut self, step: &LessonStep, context: &Context, underway: bool, now: Instant) {
        let open: Vec<_> = self.to_measure(step, now).collect();
        for (index, predict) in open {
            let part = self.part_mut(index);
            if underway {
                part.settles_at = None;
                continue;
            }
            let over = now >= *part.settles_at.get_or_insert(now + SETTLES);
            let expr = predict.expr().is_some();
            let Some(values) = predict.values(context) else {
                if expr && over {
                    part.measured = Some(predict.verdict(context));
                }
                continue;
            };
            let borne_out = predict.borne_out(&values) == Some(true);
            // Values that don't confirm the answer may be from before the command: they count only once time is up.
            part.measured = Some(values).filter(|_| borne_out || !expr || over);
        }
    }

    /// The predictions that can be measured now, and whose values are not final.
    pub(crate) fn to_measure<'s>(
        &self,
        step: &'s LessonStep,
        now: Instant,
    ) -> impl Iterator<Item = (usize, &'s Predict)> {
        predictions(step).filter(move |(index, predict)| {
            let any = predict.measured.is_some() || predict.expr().is_some();
            // `None` if it was resolved in an earlier session, or is closed.
            let until = self.settles_at(*index);
            let open = self.measured(*index).is_none() || until.is_some_and(|until| now < until);
            any && open && self.has_happened(step, *index, predict)
        })
    }

    /// Whether the deeds that a prediction is about have happened. If a notice has only named the missing part,
    /// they have not.
    fn has_happened(&self, step: &LessonStep, index: usize, predict: &Predict) -> bool {
        let below = step.parts.iter().enumerate().skip(index + 1);
        let checked = below
            .take_while(|(_, part)| !matches!(part, Part::Predict(_)))
            .all(|(index, part)| !matches!(part, Part::Check(_)) || self.done(index));
        self.resolved(step, index) && (checked || predict.expr().is_none())
    }

    /// Whether a verdict is missing.
    pub(crate) fn waits_for_verdict(&self, step: &LessonStep) -> bool {
        self.unmeasured(step).next().is_some()
    }

    fn unmeasured<'s>(&self, step: &'s LessonStep) -> impl Iterator<Item = (usize, &'s Predict)> {
        predictions(step).filter(|(index, predict)| {
            let waits = predict.expr().is_some() && self.measured(*index).is_none();
            waits && self.has_happened(step, *index, predict)
        })
    }

    /// When to measure again a prediction whose measurement has not confirmed the lesson's answer so far.
    pub(crate) fn measures_at(&self, step: &LessonStep) -> Option<Instant> {
        let due = |(index, _)| self.settles_at(index);
        self.unmeasured(step).filter_map(due).min()
    }

    /// Makes measured values final, and gives up what was not measured: something else is about to be
    /// done.
    fn close(&mut self, step: &LessonStep, context: &Context, leaves: bool) {
        for part in self.parts.values_mut() {
            part.settles_at = None;
        }
        let open: Vec<_> = predictions(step)
            .filter(|(index, predict)| {
                // A learner who goes on without it may read the answer when they come back.
                let over = self.has_happened(step, *index, predict)
                    || leaves && self.resolved(step, *index);
                predict.expr().is_some() && over && self.measured(*index).is_none()
            })
            .collect();
        for (index, predict) in open {
            let values = predict.values(context).unwrap_or_default();
            let borne_out = predict.borne_out(&values) == Some(true);
            let values = if borne_out { values } else { BTreeMap::new() };
            self.part_mut(index).measured = Some(values);
        }
    }

    /// Discards early values: what is predicted happens only when this check turns true.
    pub(super) fn measure_again(&mut self, step: &LessonStep, check: usize) {
        let above = predictions(step).take_while(|(index, _)| *index < check);
        if let Some((index, predict)) = above.last()
            && let Some(values) = self.measured(index)
            && predict.expr().is_some()
            && predict.borne_out(values) != Some(true)
        {
            let part = self.part_mut(index);
            (part.measured, part.settles_at) = (None, None);
        }
    }

    /// A line did not reach its shell: the deeds that the predictions are about are still to come.
    pub(super) fn wait_anew(&mut self) {
        for part in self.parts.values_mut() {
            part.settles_at = part.settles_at.filter(|_| part.measured.is_some());
        }
    }
}

pub(in crate::app) fn predictions(step: &LessonStep) -> impl Iterator<Item = (usize, &Predict)> {
    let parts = step.parts.iter().enumerate();
    parts.filter_map(|(index, part)| match part {
        Part::Predict(predict) => Some((index, predict)),
        Part::Prose(_)
        | Part::Launch(_)
        | Part::Run(_)
        | Part::Check(_)
        | Part::Hint(_)
        | Part::Figure(_) => None,
    })
}

impl Walk {
    /// Measures the predictions of the present step.
    pub(crate) fn measure(
        &mut self,
        step: &LessonStep,
        context: &Context,
        underway: bool,
        now: Instant,
    ) {
        if let Some(progress) = self.progress.get_mut(&(self.lesson, self.step)) {
            progress.measure(step, context, underway, now);
        }
    }

    /// Something else is about to be done, or the step is left.
    pub(crate) fn close(&mut self, step: &LessonStep, context: &Context, leaves: bool) {
        if let Some(progress) = self.progress.get_mut(&(self.lesson, self.step)) {
            progress.close(step, context, leaves);
        }
    }
}
