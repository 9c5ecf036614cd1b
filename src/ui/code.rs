//! The next launch as a program.

use super::frame::Frame;
use super::sheet;
use crate::app::code_view;
use crate::app::state::State;

pub(super) fn draw(frame: &mut Frame, state: &State) {
    if let Some((page, _)) = code_view::view(state) {
        sheet::draw(frame, &page);
    }
}
