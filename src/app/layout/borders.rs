//! The borders between panes: the place of each one, and the share that a place gives to the panes beside it.

use ratatui::layout::{Position, Rect};

use super::Layout;
use crate::progress::Share;

/// A border that can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Border {
    /// Below the lesson.
    AboveShells,
    BesideLesson,
    BetweenShells,
}

/// The border above an area.
pub(crate) fn above(area: Rect) -> Rect {
    Rect::new(area.x, area.y.saturating_sub(1), area.width, 1)
}

impl Layout {
    /// The share that a border at this place gives to the pane above it or to its left.
    pub(crate) fn share(&self, border: Border, at: Position) -> Option<Share> {
        let (before, all) = match (self, border) {
            (Layout::Full(full), Border::AboveShells) => {
                let rows = full.lesson.height + full.shells.height;
                (at.y.saturating_sub(full.lesson.y), rows)
            }
            (Layout::Full(full), Border::BesideLesson) => (at.x, full.title.width),
            (Layout::Full(full), Border::BetweenShells) => {
                (at.y.saturating_sub(full.shells.y), full.shells.height - 1)
            }
            (Layout::Compact(compact), Border::BetweenShells) if compact.is_stacked() => {
                (at.y.saturating_sub(compact.pane.y), compact.pane.height - 1)
            }
            (Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_), _) => return None,
        };
        Some(Share::new(before, all))
    }

    /// The position of a border's first cell; `None` if the layout doesn't have this border.
    pub(crate) fn on_border(&self, border: Border) -> Option<Position> {
        match (self, border) {
            (Layout::Full(full), Border::AboveShells) => Some(above(full.shells).as_position()),
            (Layout::Full(full), Border::BesideLesson) => Some(full.beside_lesson().as_position()),
            (Layout::Full(full), Border::BetweenShells) => {
                Some(above(full.container).as_position())
            }
            (Layout::Compact(compact), Border::BetweenShells) if compact.is_stacked() => {
                Some(above(compact.container).as_position())
            }
            (Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_), _) => None,
        }
    }
}
