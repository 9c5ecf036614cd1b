//! What was measured for the predictions of a step: when that is, and until when it may change.
//!
//! A verdict is the machine's: it is there as soon as what is seen bears the lesson's answer out. That
//! it came out otherwise is said only when all has happened that the prediction was about, and some
//! time has passed in which it could have been seen.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Progress, Walk};
use crate::lesson::{Context, Part, Predict, Step};

/// How long after the last command of a prediction what is measured may change.
const SETTLES: Duration = Duration::from_secs(1);

impl Progress {
    /// What was measured for a prediction: values by their expressions. Empty where it could not be.
    pub fn measured(&self, part: usize) -> Option<&BTreeMap<String, String>> {
        self.measured.get(&part)
    }

    /// Measures what predictions were about, but for what is still `underway`. Later it stays what it
    /// was.
    fn measure(&mut self, step: &Step, context: &Context, underway: bool, now: Instant) {
        let open: Vec<_> = self.to_measure(step, now).collect();
        for (index, predict) in open {
            if underway {
                self.settling.remove(&index);
                continue;
            }
            let over = now >= *self.settling.entry(index).or_insert(now + SETTLES);
            let expr = predict.expr.is_some();
            let Some(values) = predict.values(context) else {
                if expr && over {
                    self.measured.insert(index, predict.verdict(context));
                }
                continue;
            };
            let borne_out = predict.borne_out(&values) == Some(true);
            if borne_out || !expr || over {
                self.measured.insert(index, values);
            } else {
                // It may be what was before the command.
                self.measured.remove(&index);
            }
        }
    }

    /// The predictions that can be measured, and are not once and for all.
    pub(crate) fn to_measure<'s>(
        &self,
        step: &'s Step,
        now: Instant,
    ) -> impl Iterator<Item = (usize, &'s Predict)> {
        predictions(step).filter(move |(index, predict)| {
            let any = predict.measured.is_some() || predict.expr.is_some();
            let measured = self.measured.contains_key(index);
            // None is set for one that was resolved in an earlier session, or is closed.
            let until = self.settling.get(index);
            let open = !measured || until.is_some_and(|until| now < *until);
            any && open && self.has_happened(step, *index, predict)
        })
    }

    /// Whether what a prediction was about has happened: that it has been said what is missing is not
    /// enough for a verdict.
    fn has_happened(&self, step: &Step, index: usize, predict: &Predict) -> bool {
        let behind = step.parts.iter().enumerate().skip(index + 1);
        let checked = behind
            .take_while(|(_, part)| !matches!(part, Part::Predict(_)))
            .all(|(index, part)| !matches!(part, Part::Check(_)) || self.done(index));
        self.resolved(step, index) && (checked || predict.expr.is_none())
    }

    /// Whether a verdict is still to come.
    pub(crate) fn waits_for_verdict(&self, step: &Step) -> bool {
        self.unmeasured(step).next().is_some()
    }

    fn unmeasured<'s>(&self, step: &'s Step) -> impl Iterator<Item = (usize, &'s Predict)> {
        predictions(step).filter(|(index, predict)| {
            let waits = predict.expr.is_some() && !self.measured.contains_key(index);
            waits && self.has_happened(step, *index, predict)
        })
    }

    /// When it is time to measure again what has spoken against the lesson's answer so far.
    pub(crate) fn measures_at(&self, step: &Step) -> Option<Instant> {
        let due = |(index, _)| self.settling.get(&index).copied();
        self.unmeasured(step).filter_map(due).min()
    }

    /// What has been measured stays as it is, and what has not is not measured any more: something
    /// else is about to be done.
    fn close(&mut self, step: &Step, context: &Context, leaves: bool) {
        self.settling.clear();
        let open: Vec<_> = predictions(step)
            .filter(|(index, predict)| {
                // Whoever goes on without may read the answer when they come back.
                let over = self.has_happened(step, *index, predict)
                    || leaves && self.resolved(step, *index);
                predict.expr.is_some() && over && !self.measured.contains_key(index)
            })
            .collect();
        for (index, predict) in open {
            let values = predict.values(context).unwrap_or_default();
            let borne_out = predict.borne_out(&values) == Some(true);
            let values = if borne_out { values } else { BTreeMap::new() };
            self.measured.insert(index, values);
        }
    }

    /// Now that a check is done, what the prediction above it was about has happened: what was measured
    /// before that was not it.
    pub(super) fn measure_again(&mut self, step: &Step, check: usize) {
        let above = predictions(step).take_while(|(index, _)| *index < check);
        if let Some((index, predict)) = above.last()
            && let Some(values) = self.measured.get(&index)
            && predict.expr.is_some()
            && predict.borne_out(values) != Some(true)
        {
            self.measured.remove(&index);
            self.settling.remove(&index);
        }
    }

    /// What predictions are about is still to come: a line did not reach its shell.
    pub(super) fn wait_anew(&mut self) {
        let measured = &self.measured;
        self.settling.retain(|part, _| measured.contains_key(part));
    }
}

fn predictions(step: &Step) -> impl Iterator<Item = (usize, &Predict)> {
    let parts = step.parts.iter().enumerate();
    parts.filter_map(|(index, part)| match part {
        Part::Predict(predict) => Some((index, predict)),
        Part::Prose(_) | Part::Launch(_) | Part::Run(_) | Part::Check(_) | Part::Hint(_) => None,
    })
}

impl Walk {
    /// Measures what predictions of the present step were about.
    pub(crate) fn measure(&mut self, step: &Step, context: &Context, underway: bool, now: Instant) {
        if let Some(progress) = self.progress.get_mut(&(self.lesson, self.step)) {
            progress.measure(step, context, underway, now);
        }
    }

    /// Something else is about to be done; or the step is left.
    pub(crate) fn close(&mut self, step: &Step, context: &Context, leaves: bool) {
        if let Some(progress) = self.progress.get_mut(&(self.lesson, self.step)) {
            progress.close(step, context, leaves);
        }
    }
}
