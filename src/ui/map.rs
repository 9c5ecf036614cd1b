//! The map over the screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use super::frame::Frame;
use crate::app::map_view;
use crate::app::state::State;
use crate::app::texts::words;
use crate::theme::Role;

pub(super) fn draw(frame: &mut Frame, state: &State) {
    let picture = map_view::picture(state);
    let words = words(state.lang);
    let style = |role| state.theme.style(role);
    let block = Block::bordered()
        .border_style(style(Role::Focused))
        .title(Span::styled(
            format!(" {} ", words.map_title),
            style(Role::Heading),
        ))
        .title_bottom(Line::styled(
            format!(" {} ", words.map_marks),
            style(Role::Dim),
        ));
    frame.render_widget(Clear, picture.place);
    frame.render_widget(block, picture.place);
    let body = picture.body;
    let (lines, cursor) = picture.lines(state);
    let row = |y| Rect::new(body.x, y, body.width, 1);
    for (line, y) in picture.head.into_iter().zip(1..body.y) {
        frame.render_widget(line, row(y));
    }
    for ((index, line), y) in lines.into_iter().enumerate().zip(body.y..body.bottom()) {
        frame.render_widget(line, row(y));
        if cursor == Some(index) {
            // Screen readers and magnifiers follow the cursor.
            frame.set_cursor_position((body.x, y));
        }
    }
}
