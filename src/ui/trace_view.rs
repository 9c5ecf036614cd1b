//! The steps of the lab host and of the launches.

use super::frame::Frame;
use super::sheet;
use crate::app::state::State;
use crate::app::trace_view;

pub(super) fn draw(frame: &mut Frame, state: &State) {
    if let Some(page) = trace_view::view(state) {
        sheet::draw(frame, &page);
    }
}
