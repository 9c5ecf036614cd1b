//! A row of the comparison in full, or a command's output, both sides next to each other.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::frame::Frame;
use crate::app::side_by_side;
use crate::app::state::State;
use crate::app::texts::words;
use crate::theme::Role;

pub(super) fn draw(frame: &mut Frame, state: &State, area: Rect) {
    let view = side_by_side::view(state, area.width, area.height);
    let room = usize::from(area.height).saturating_sub(view.head.len());
    let hidden = view.body.len().saturating_sub(view.top + room);
    let body = view.body.into_iter().skip(view.top);
    let lines = view.head.into_iter().chain(body);
    for (line, y) in lines.zip(area.y..area.bottom()) {
        frame.render_widget(line, Rect::new(area.x, y, area.width, 1));
    }
    if hidden > 0 && area.height > 0 {
        let more = format!(" ↓ {} ", words(state.lang).more);
        let more = Line::styled(more, state.theme.style(Role::Attention));
        let columns = u16::try_from(more.width()).unwrap_or(0).min(area.width);
        let place = Rect::new(area.right() - columns, area.bottom() - 1, columns, 1);
        frame.render_widget(more, place);
    }
}
