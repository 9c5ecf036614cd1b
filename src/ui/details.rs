//! A row of the comparison in full, both sides next to each other.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::state::State;

/// Draws it.
pub(super) fn draw(_frame: &mut Frame, _state: &State, _area: Rect) {}
