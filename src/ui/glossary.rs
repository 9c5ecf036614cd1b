//! The glossary over the screen: the terms, and what the one under the cursor means.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::frame::Frame;
use super::overlay::{open_box, titled};
use super::search;
use crate::app::cut;
use crate::app::glossary;
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::theme::Role;

/// Draws the glossary with the cursor on a term.
pub(super) fn draw(frame: &mut Frame, state: &State, id: &str) {
    let Some(view) = glossary::view(state, id) else {
        return;
    };
    let style = |role| state.theme.style(role);
    let title = texts::glossary_title(
        state.lang,
        (view.cursor + 1).min(view.terms.len()),
        view.terms.len(),
    );
    open_box(frame, view.place, titled(state, &title, Role::Focused));
    let list = view.list;
    let rows = view.terms.iter().enumerate().skip(view.top);
    for ((index, term), y) in rows.zip(list.y..list.bottom()) {
        let cursor = if index == view.cursor { '>' } else { ' ' };
        // Marks the terms of the step, without colour.
        let here = if index < view.here { '•' } else { ' ' };
        let text = format!("{cursor}{here} {}", term.name);
        let role = if index == view.cursor {
            Role::Selected
        } else {
            Role::Text
        };
        let columns = usize::from(list.width);
        let text = cut::padded(&text, columns);
        let row = Rect::new(list.x, y, list.width, 1);
        frame.render_widget(Line::styled(text, style(role)), row);
        if index == view.cursor {
            // Screen readers and magnifiers follow the cursor.
            frame.set_cursor_position((list.x, y));
        }
    }
    for y in list.y..list.bottom() {
        let between = Rect::new(list.right() + 1, y, 1, 1);
        frame.render_widget(Line::styled("│", style(Role::Dim)), between);
    }
    if view.here > 0 {
        let legend = format!(" • {} ", words(state.lang).of_this_step);
        let row = Rect::new(
            view.place.x + 2,
            view.place.bottom().saturating_sub(1),
            view.place.width.saturating_sub(4),
            1,
        );
        frame.render_widget(Line::styled(legend, style(Role::Dim)), row);
    }
    search::draw(frame, state, view.place, &title);
    frame.render_lines(view.lines(state), view.explanation);
}
