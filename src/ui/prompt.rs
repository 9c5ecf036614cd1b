//! The line that runs on both sides, over the other panes.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};

use super::frame::Frame;
use super::overlay::uncover;
use crate::app::keymap::{self, Place};
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::theme::Role;

/// What stands before the command that is typed.
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
    let block = Block::bordered()
        .border_style(state.theme.style(Role::Focused))
        .title(Span::styled(
            format!(" {} ", words(state.lang).prompt_title),
            state.theme.style(Role::Heading),
        ));
    let inner = block.inner(place);
    uncover(frame.buffer_mut(), place);
    frame.render_widget(Clear, place);
    frame.render_widget(block, place);
    let line = Rect::new(inner.x + 1, inner.y, inner.width.saturating_sub(2), 1);
    // The cursor needs a column behind the last letter.
    let columns = usize::from(line.width).saturating_sub(SIGN.len() + 1);
    let (shown, cursor) = state.views.prompt.view(columns);
    let text = Line::from(vec![
        Span::styled(SIGN, state.theme.style(Role::Dim)),
        Span::styled(shown, state.theme.style(Role::Command)),
    ]);
    frame.render_widget(text, line.intersection(inner));
    let keys = keymap::bindings(Place::Prompt)
        .filter(|binding| binding.footer)
        .map(|binding| {
            let words = texts::key(state.lang, binding.word);
            format!(
                "{} {}",
                binding.brief(Place::Prompt, state.leave_key),
                words.short
            )
        });
    let keys = Line::styled(
        keys.collect::<Vec<_>>().join(" · "),
        state.theme.style(Role::Dim),
    );
    let below = Rect {
        y: line.y + 1,
        ..line
    };
    frame.render_widget(keys, below.intersection(inner));
    let x = u16::try_from(SIGN.len() + cursor).unwrap_or(u16::MAX);
    frame.set_cursor_position(Position::new(line.x.saturating_add(x), line.y));
}
