//! The search of a list: its line on the upper border of the list's box.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::frame::Frame;
use crate::app::state::State;
use crate::theme::Role;

/// The sign before the search text.
const SIGN: &str = " /";

/// Draws the line, the title behind it, and the cursor, if the list in this box is searched.
pub(super) fn draw(frame: &mut Frame, state: &State, place: Rect, title: &str) {
    let Some(line) = state.views.search.as_ref().map(|it| &it.line) else {
        return;
    };
    let row = Rect::new(place.x + 1, place.y, place.width.saturating_sub(2), 1);
    let title = format!(" {title} ");
    // The cursor needs a column behind the last letter.
    let columns = usize::from(row.width).saturating_sub(title.width() + SIGN.len() + 2);
    let (shown, cursor) = line.view(columns.max(8));
    let used = SIGN.len() + shown.width() + 1 + title.width();
    let between = "─".repeat(usize::from(row.width).saturating_sub(used));
    let style = |role| state.theme.style(role);
    let text = Line::from(vec![
        Span::styled(SIGN, style(Role::Dim)),
        Span::styled(format!("{shown} "), style(Role::Command)),
        Span::styled(between, style(Role::Focused)),
        Span::styled(title, style(Role::Heading)),
    ]);
    frame.render_widget(text, row);
    let x = u16::try_from(SIGN.len() + cursor).unwrap_or(u16::MAX);
    frame.set_cursor_position((row.x.saturating_add(x), row.y));
}
