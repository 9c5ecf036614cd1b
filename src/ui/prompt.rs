//! The line that runs on both sides, over the other panes.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::frame::Frame;
use super::overlay::{self, open_box, titled};
use crate::app::keymap::Place;
use crate::app::state::State;
use crate::app::texts::words;
use crate::theme::Role;

/// The sign before the command that is typed.
const SIGN: &str = "$ ";

/// Draws the line and the cursor.
pub(super) fn draw(frame: &mut Frame, state: &State) {
    let screen = frame.area();
    let width = screen.width.saturating_sub(8).min(100);
    let place = Rect::new(
        (screen.width - width) / 2,
        screen.height.saturating_sub(4) / 2,
        width,
        4,
    )
    .intersection(screen);
    let block = titled(state, words(state.lang).prompt_title, Role::Focused);
    let inner = block.inner(place);
    open_box(frame, place, block);
    let line = Rect::new(inner.x + 1, inner.y, inner.width.saturating_sub(2), 1);
    // The cursor needs a column behind the last letter.
    let columns = usize::from(line.width).saturating_sub(SIGN.len() + 1);
    let (shown, cursor) = state.views.prompt.view(columns);
    let text = Line::from(vec![
        Span::styled(SIGN, state.theme.style(Role::Dim)),
        Span::styled(shown, state.theme.style(Role::Command)),
    ]);
    frame.render_widget(text, line.intersection(inner));
    let keys = overlay::keys(state, Place::Prompt);
    let keys = Line::styled(keys, state.theme.style(Role::Dim));
    let below = Rect {
        y: line.y + 1,
        ..line
    };
    frame.render_widget(keys, below.intersection(inner));
    let x = u16::try_from(SIGN.len() + cursor).unwrap_or(u16::MAX);
    frame.set_cursor_position(Position::new(line.x.saturating_add(x), line.y));
}
