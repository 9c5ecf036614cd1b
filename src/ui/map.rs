//! The map: over the screen, or beside the panes.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use super::frame::Frame;
use super::search;
use crate::app::map_view::{self, MapPicture, seen::Item};
use crate::app::state::State;
use crate::app::texts::words;
use crate::theme::Role;

/// Draws what is in a namespace of the map.
pub(super) fn draw_inside(frame: &mut Frame, state: &State, of: Item, scroll: usize) {
    let page = map_view::page(state, of, scroll);
    let style = |role| state.theme.style(role);
    let mut block = Block::bordered()
        .border_style(style(Role::Focused))
        .title(Span::styled(
            format!(" {} ", page.title),
            style(Role::Heading),
        ));
    if page.hidden() > 0 {
        let more = format!(" ↓ {} ", words(state.lang).more);
        let more = Line::styled(more, style(Role::Attention)).right_aligned();
        block = block.title_bottom(more);
    }
    frame.render_widget(Clear, page.place);
    frame.render_widget(block, page.place);
    let body = page.body;
    let shown = page.lines.into_iter().skip(page.top);
    for (line, y) in shown.zip(body.y..body.bottom()) {
        frame.render_widget(line, Rect::new(body.x, y, body.width, 1));
    }
}

/// Draws the map beside the panes while they have the keys.
pub(super) fn beside(frame: &mut Frame, state: &State) {
    if let Some(picture) = map_view::beside(state) {
        draw_picture(frame, state, picture, Role::Border);
    }
}

/// Draws the map that has the keys.
pub(super) fn draw(frame: &mut Frame, state: &State) {
    let picture = map_view::picture(state);
    let place = picture.place;
    draw_picture(frame, state, picture, Role::Focused);
    search::draw(frame, state, place, words(state.lang).map_title);
}

fn draw_picture(frame: &mut Frame, state: &State, picture: MapPicture, border: Role) {
    let words = words(state.lang);
    let style = |role| state.theme.style(role);
    let block = Block::bordered()
        .border_style(style(border))
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
