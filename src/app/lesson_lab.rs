//! The lab host as the lessons use it: which lesson's it is, how the lesson left it, and who leads there now.
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
pub(super) enum Leads {
    /// The lesson's: the lab is as the lesson left it.
    #[default]
    Lesson,
    /// The learner has done on one side what the lesson waits for: that side is as the lesson left it.
    Side(Side),
    /// The learner's own.
    Learner,
}

/// The present lab host.
#[derive(Debug, Default)]
pub(crate) struct LessonLab {
    /// Its number.
    pub(super) number: u32,
    /// The lesson that it was first used for; none has the number `usize::MAX`, which stands for one that is gone.
    pub(super) used_for: Option<usize>,
    /// The lesson's directory whose files it shows.
    pub(super) shows: Option<PathBuf>,
    /// The sides as the lesson left them.
    pub(crate) expected: ExpectedSides,
    /// The sides when the step was opened.
    pub(super) begun_with: ExpectedSides,
    pub(super) leads: Leads,
    /// The starting state that is being made.
    pub(crate) rebuild: Option<Rebuild>,
    /// The lesson and step whose starting state could not be made in it.
    pub(crate) gave_up: Option<(usize, usize)>,
}

impl LessonLab {
    /// It has ended: the next one is nobody's yet.
    pub(super) fn end(&mut self) {
        *self = LessonLab {
            number: self.number + 1,
            shows: self.shows.take(),
            ..LessonLab::default()
        };
    }

    /// The lessons are about to be replaced: it stays of the lesson that used it, wherever that stands now.
    pub(super) fn follow(&mut self, lessons: &Lessons, now: &Lessons) {
        let id = self.used_for.and_then(|of| lessons.id(of));
        let place = id.and_then(|id| now.index(id));
        self.used_for = self.used_for.map(|_| place.unwrap_or(usize::MAX));
    }

    /// Notes that the lesson leads again. What the learner has changed before is no work of its own.
    pub(super) fn lead_again(&mut self, shells: &Shells) {
        if self.leads != Leads::Lesson {
            self.expected.note_strayed(shells);
        }
        self.leads = Leads::Lesson;
    }
}
