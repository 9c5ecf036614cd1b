//! The map: over the screen, or beside the panes.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::frame::Frame;
use super::overlay::{more_below, open_box, titled};
use super::search;
use crate::app::map_view::{self, MapPicture, seen::Item};
use crate::app::state::State;
use crate::app::texts::words;
use crate::theme::Role;

/// Draws what is in a namespace of the map.
pub(super) fn draw_inside(frame: &mut Frame, state: &State, of: Item, scroll: usize) {
    let page = map_view::page(state, of, scroll);
    let mut block = titled(state, &page.title, Role::Focused);
    if page.hidden() > 0 {
        block = block.title_bottom(more_below(state).right_aligned());
    }
    open_box(frame, page.place, block);
    frame.render_lines(page.lines.into_iter().skip(page.top), page.body);
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
    let marks = format!(" {} ", words.map_marks);
    let marks = Line::styled(marks, state.theme.style(Role::Dim));
    let block = titled(state, words.map_title, border).title_bottom(marks);
    open_box(frame, picture.place, block);
    let body = picture.body;
    let (lines, cursor) = picture.lines(state);
    let head = Rect {
        y: 1,
        height: body.y.saturating_sub(1),
        ..body
    };
    frame.render_lines(picture.head, head);
    frame.render_lines(lines, body);
    if let Some(row) = cursor.and_then(|at| body.rows().nth(at)) {
        // Screen readers and magnifiers follow the cursor.
        frame.set_cursor_position(row.as_position());
    }
}
