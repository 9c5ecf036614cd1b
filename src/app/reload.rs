//! Lessons that were saved while they are open: taken up with the place kept, or shown to be wrong.
//!
//! Must not know where lessons come from, nor what a mistake in one is.

use std::collections::BTreeSet;

use super::state::{Overlay, State};
use super::walk::Lessons;

/// Lessons that can't be used as they are now. The last ones that could stay where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// What is wrong, with file, line and column each.
    pub errors: Vec<String>,
    /// Where the step was scrolled to.
    scroll: usize,
}

impl State {
    /// The lessons as they are now.
    pub(super) fn take_lessons(&mut self, lessons: Lessons, absent: BTreeSet<String>) {
        if let Some(broken) = self.broken.take() {
            self.lesson_scroll = broken.scroll;
        }
        let place = |state: &State| {
            let step = state.step().map(|step| step.title.clone());
            (state.lesson().map(|lesson| lesson.id.clone()), step)
        };
        let before = place(self);
        self.walk = self.walk.moved_to(&lessons, &self.lessons, self.lang);
        self.lessons = lessons;
        self.absent = absent;
        self.on_its_way = None;
        if place(self) != before {
            self.lesson_scroll = 0;
        }
        if let Some(Overlay::Lessons { cursor }) = &mut self.overlay {
            *cursor = (*cursor).min(self.lessons.count().saturating_sub(1));
        }
        self.look_at_checks();
    }

    /// The lessons can't be used as they are now.
    pub(super) fn break_lessons(&mut self, errors: Vec<String>) {
        let scroll = match &self.broken {
            Some(broken) => broken.scroll,
            None => self.lesson_scroll,
        };
        self.broken = Some(Broken { errors, scroll });
        self.lesson_scroll = 0;
    }
}
