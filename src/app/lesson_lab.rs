//! The lab host as the lessons use it: which lesson uses it, how that lesson left it, and who changes it now.
//!
//! Must not know the phase of the lab host, or what a step asks for.

use std::path::PathBuf;

use super::expected::ExpectedSides;
use super::shells::Shells;
use super::underway::Rebuild;
use super::walk::Lessons;
use crate::sandbox::Side;

/// Who is changing the lab now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ChangedBy {
    /// The lesson. Changes belong to the state that the lesson leaves.
    #[default]
    Lesson,
    /// The learner, who has done what the lesson waits for. Changes on this side count as the lesson's.
    Side(Side),
    /// The learner, on their own.
    Learner,
}

/// The present lab host.
#[derive(Debug, Default)]
pub(crate) struct LessonLab {
    /// Counts the lab hosts of this run of nslab, from 0.
    pub(super) number: u32,
    /// The lesson that it was first used for; `usize::MAX` if that lesson no longer exists.
    pub(super) used_for: Option<usize>,
    /// The lesson's directory whose files it shows.
    pub(super) shows: Option<PathBuf>,
    /// The sides as the lesson left them.
    pub(crate) expected: ExpectedSides,
    /// The sides when the step was opened.
    pub(super) begun_with: ExpectedSides,
    pub(super) changed_by: ChangedBy,
    /// The starting state that is being made.
    pub(crate) rebuild: Option<Rebuild>,
    /// The lesson and step whose starting state could not be made in it.
    pub(crate) gave_up: Option<(usize, usize)>,
}

impl LessonLab {
    /// The lab host has ended. No lesson has used the next one yet.
    pub(super) fn end(&mut self) {
        *self = LessonLab {
            number: self.number + 1,
            shows: self.shows.take(),
            ..LessonLab::default()
        };
    }

    /// The lessons are about to be replaced: the lab host stays that of the same lesson, whose number may change.
    pub(super) fn follow(&mut self, lessons: &Lessons, now: &Lessons) {
        let id = self.used_for.and_then(|of| lessons.id(of));
        let place = id.and_then(|id| now.index(id));
        self.used_for = self.used_for.map(|_| place.unwrap_or(usize::MAX));
    }

    /// Notes that the lesson changes the lab again. The learner's changes so far don't count as the
    /// lesson's.
    pub(super) fn lesson_changes_again(&mut self, shells: &Shells) {
        if self.changed_by != ChangedBy::Lesson {
            self.expected.note_strayed(shells);
        }
        self.changed_by = ChangedBy::Lesson;
    }
}
