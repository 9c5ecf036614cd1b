//! A picture of the screen or of a part of it: its cells, and the cursor.
//!
//! ratatui's own can only be had from its terminal, which draws whole screens.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

/// A picture of an area.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Its cells.
    pub buffer: Buffer,
    /// None where the cursor is hidden.
    pub cursor: Option<Position>,
}

impl Frame {
    /// An empty one of this part of the screen.
    pub fn new(area: Rect) -> Self {
        Self {
            buffer: Buffer::empty(area),
            cursor: None,
        }
    }

    /// Empties it.
    pub(crate) fn reset(&mut self) {
        self.buffer.reset();
        self.cursor = None;
    }

    pub(super) fn area(&self) -> Rect {
        self.buffer.area
    }

    pub(super) fn buffer_mut(&mut self) -> &mut Buffer {
        &mut self.buffer
    }

    pub(super) fn render_widget(&mut self, widget: impl Widget, area: Rect) {
        widget.render(area, &mut self.buffer);
    }

    pub(super) fn set_cursor_position(&mut self, position: impl Into<Position>) {
        self.cursor = Some(position.into());
    }
}
