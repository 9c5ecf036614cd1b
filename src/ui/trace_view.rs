//! What the lab host and the launches took: each step with its answer and its time.

use ratatui::Frame;

use super::sheet;
use crate::app::state::State;
use crate::app::trace_view;

/// Draws it.
pub(super) fn draw(frame: &mut Frame, state: &State) {
    if let Some(page) = trace_view::view(state) {
        sheet::draw(frame, &page);
    }
}
