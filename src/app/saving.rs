//! Whether the learner's progress is saved.
//!
//! Must not know where it is saved, or when.

use super::msg::{Effect, ProgressEvent};
use super::notice::Notice;
use crate::progress::Course;

/// The progress saved last, and why saving fails now.
#[derive(Debug, Default)]
pub(crate) struct Saving {
    /// The progress saved last; `None` where nothing is to be saved.
    saved: Option<Course>,
    /// Why it is not saved, in the machine's words; none while it is. The title shows it.
    pub failure: Option<String>,
}

impl Saving {
    pub(super) fn new(saved: Option<Course>) -> Self {
        Saving {
            saved,
            failure: None,
        }
    }

    /// Saves this progress if it has changed.
    pub(super) fn save(&mut self, now: Course) -> Option<Effect> {
        let saved = self.saved.as_mut().filter(|saved| **saved != now)?;
        saved.clone_from(&now);
        Some(Effect::Keep(Box::new(now)))
    }

    /// Applies an event. Returns what to tell the learner: each reason once.
    pub(super) fn update(&mut self, event: ProgressEvent) -> Option<Notice> {
        match event {
            ProgressEvent::Saved => {
                self.failure = None;
                None
            }
            ProgressEvent::NotSaved { why } => {
                let known = self.failure.as_ref() == Some(&why);
                self.failure = Some(why.clone());
                (!known).then_some(Notice::NotKept(why))
            }
        }
    }
}
