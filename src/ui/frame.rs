//! A picture of the screen or of a part of it: its cells, styles beyond ratatui's, and the cursor.
//!
//! ratatui's own can only be had from its terminal, which draws whole screens.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;
use ratatui::widgets::Widget;

use crate::pty::emulator::{CursorStyle, Underline};

/// A character's style beyond ratatui's cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoration {
    pub underline: Underline,
    /// The colour of the underline.
    pub colour: Color,
    /// The address that it is a link to.
    pub link: Option<Arc<str>>,
}

/// By row, then column.
pub(crate) type Decorations = BTreeMap<(u16, u16), Decoration>;

/// A picture of an area.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Its cells.
    pub buffer: Buffer,
    /// Few cells have one.
    pub decorations: Decorations,
    /// `None` where the cursor is hidden.
    pub cursor: Option<Position>,
    /// How it looks; `None` as the user has set up their terminal.
    pub cursor_style: Option<CursorStyle>,
}

impl Frame {
    /// An empty one of this part of the screen.
    pub fn new(area: Rect) -> Self {
        Self {
            buffer: Buffer::empty(area),
            ..Self::default()
        }
    }

    pub(crate) fn reset(&mut self) {
        self.buffer.reset();
        self.decorations.clear();
        self.cursor = None;
        self.cursor_style = None;
    }

    pub(super) fn area(&self) -> Rect {
        self.buffer.area
    }

    pub(super) fn render_widget(&mut self, widget: impl Widget, area: Rect) {
        widget.render(area, &mut self.buffer);
    }

    /// One line below the other, as many as there is room for.
    pub(super) fn render_lines<W: Widget>(
        &mut self,
        lines: impl IntoIterator<Item = W>,
        area: Rect,
    ) {
        for (line, row) in lines.into_iter().zip(area.rows()) {
            self.render_widget(line, row);
        }
    }

    pub(super) fn set_cursor_position(&mut self, position: impl Into<Position>) {
        self.cursor = Some(position.into());
    }
}
