//! The learner's progress, kept from one session to the next: its data, and how two sessions of one
//! learner come together.
//!
//! `app` fills in the data and reads it; `store` owns the file. Must not know what a lesson is.

mod place;
mod recall;
mod splits;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(crate) use self::recall::Recall;
pub(crate) use self::splits::Share;
pub use self::splits::Splits;
pub(crate) use self::store::{ProgressError, Store};

/// The progress in one course.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Course {
    /// The id of the lesson the learner was at.
    pub lesson: String,
    /// The step, counted from 0.
    pub step: usize,
    /// The steps that were begun, by lesson id and step index.
    pub lessons: BTreeMap<String, BTreeMap<usize, StepRecord>>,
}

impl Course {
    /// Merges this session's changes, from `before` to `now`, into a course that another session saved.
    fn change(&mut self, before: &Course, now: &Course) {
        if (&before.lesson, before.step) != (&now.lesson, now.step) {
            self.lesson.clone_from(&now.lesson);
            self.step = now.step;
        }
        let steps = |course: &Course| -> BTreeMap<(String, usize), StepRecord> {
            let lessons = course.lessons.iter();
            let all = lessons.flat_map(|(id, steps)| {
                let steps = steps.iter();
                steps.map(move |(number, record)| ((id.clone(), *number), record.clone()))
            });
            all.collect()
        };
        let (before, now) = (steps(before), steps(now));
        for (id, number) in before.keys().filter(|key| !now.contains_key(*key)) {
            if let Some(steps) = self.lessons.get_mut(id) {
                steps.remove(number);
            }
        }
        for ((id, number), record) in &now {
            if before.get(&(id.clone(), *number)) != Some(record) {
                let steps = self.lessons.entry(id.clone()).or_default();
                steps.insert(*number, record.clone());
            }
        }
        self.lessons.retain(|_, steps| !steps.is_empty());
    }
}

/// The progress in one step. Keys are part indices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepRecord {
    /// The sequence of the step's parts. If the lesson has changed since, the step counts as not
    /// done.
    pub shape: String,
    /// The choice of each prediction; None if it was skipped.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<usize, Option<usize>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub launched: BTreeSet<usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub typed: BTreeMap<usize, usize>,
    /// The lines after the next one that the learner has typed on their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ahead: BTreeMap<usize, BTreeSet<usize>>,
    /// The typed lines whose command was not seen to end.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unended: BTreeMap<usize, BTreeSet<usize>>,
    /// The typed lines whose command failed, each with its exit status, unless the step is about that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed: BTreeMap<usize, BTreeMap<usize, i32>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub done: BTreeSet<usize>,
    #[serde(default)]
    pub hints: usize,
    /// Whether its script was done for the learner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shown: bool,
    /// For each prediction, the measured values by their expressions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<usize, BTreeMap<String, String>>,
    /// For each question, how it was answered over time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recalls: BTreeMap<usize, Recall>,
    #[serde(default, skip_serializing_if = "Fate::is_open")]
    pub fate: Fate,
}

/// The result of a step that its parts don't show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    #[default]
    Open,
    /// It has no tasks, and was read to its end.
    Read,
    /// The kernel refused a container that it needs.
    Refused,
}

impl Fate {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
    fn is_open(&self) -> bool {
        *self == Fate::Open
    }
}
