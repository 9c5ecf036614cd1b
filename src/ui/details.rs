//! A row of the comparison in full, or a command's output, both sides next to each other.

use ratatui::layout::Rect;

use super::frame::Frame;
use super::overlay::more_below;
use crate::app::side_by_side;
use crate::app::state::State;

pub(super) fn draw(frame: &mut Frame, state: &State, area: Rect) {
    let view = side_by_side::view(state, area.width, area.height);
    let room = usize::from(area.height).saturating_sub(view.head.len());
    let hidden = view.body.len().saturating_sub(view.top + room);
    let body = view.body.into_iter().skip(view.top);
    let lines = view.head.into_iter().chain(body);
    frame.render_lines(lines, area);
    if hidden > 0 && area.height > 0 {
        let more = more_below(state);
        let columns = u16::try_from(more.width()).unwrap_or(0).min(area.width);
        let place = Rect::new(area.right() - columns, area.bottom() - 1, columns, 1);
        frame.render_widget(more, place);
    }
}
