//! The lesson's pane: the step, and below it what Enter does.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::frame::Frame;
use crate::app::keymap::Place;
use crate::app::lesson_view;
use crate::app::state::State;
use crate::app::texts::words;
use crate::theme::Role;

pub(super) fn draw(frame: &mut Frame, state: &State) {
    let Some(view) = lesson_view::view(state) else {
        return;
    };
    let body = view.body;
    let mut marked = false;
    for (line, y) in view.lines[view.top..].iter().zip(body.y..body.bottom()) {
        frame.render_widget(&line.line, Rect::new(body.x, y, body.width, 1));
        let here = line.choice.is_some() && line.choice == state.lesson.walk.progress().choice;
        if here && !marked && state.place() == Place::Prediction {
            // Screen readers and magnifiers follow the cursor.
            frame.set_cursor_position((body.x, y));
            marked = true;
        }
    }
    let mut dashes = "─".repeat(usize::from(view.rule.width));
    if view.more() {
        let more = format!(" ↓ {} ", words(state.lang).more);
        let kept = usize::from(view.rule.width).saturating_sub(more.width() + 1);
        dashes = format!("{}{more}─", "─".repeat(kept));
    }
    frame.render_widget(
        Line::styled(dashes, state.theme.style(Role::Dim)),
        view.rule,
    );
    let role = match state.open_place() {
        Place::Lesson | Place::Prediction => Role::Strong,
        _ => Role::Dim,
    };
    let style = state.theme.style(role);
    let enter = view.enter.into_iter().map(|text| Line::styled(text, style));
    frame.render_lines(enter, view.foot);
}
