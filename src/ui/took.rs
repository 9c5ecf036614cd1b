//! What the lab host and the launches took: each step with its answer and its time.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::state::State;

/// Draws it.
pub(super) fn draw(_frame: &mut Frame, _state: &State, _area: Rect) {}
