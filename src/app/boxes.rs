//! Boxes in boxes, drawn as lines of one width.
//!
//! Owns the places of borders. Must not know what a box contains.

use unicode_width::UnicodeWidthStr;

use super::cut;

/// The least columns of a box. Boxes that would have fewer are drawn below each other, not inside.
const SMALLEST: usize = 20;
/// Columns that a box takes from a box inside.
const BORDERS: usize = 3;

/// The room for boxes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Boxes {
    /// Columns of the outermost box.
    pub width: usize,
}

impl Boxes {
    fn depth(self, depth: usize) -> usize {
        depth.min(self.width.saturating_sub(SMALLEST) / BORDERS)
    }

    /// Columns for text in a box at this depth; the outermost one is at 0.
    pub(super) fn room(self, depth: usize) -> usize {
        let around = BORDERS * (self.depth(depth) + 1);
        self.width.saturating_sub(around)
    }

    /// Columns for the title of a box at this depth.
    pub(super) fn room_for_title(self, depth: usize) -> usize {
        self.room(depth).saturating_sub(1)
    }

    /// The borders to the left and to the right of a box at this depth.
    fn around(self, depth: usize) -> (String, String) {
        let depth = self.depth(depth);
        ("│ ".repeat(depth), "│".repeat(depth))
    }

    /// The upper border, with a title.
    pub(super) fn top(self, depth: usize, title: &str) -> String {
        let (left, right) = self.around(depth);
        let title = cut::to_width(title, self.room_for_title(depth));
        let line = self.room(depth).saturating_sub(title.width() + 1);
        format!("{left}┌ {title} {}┐{right}", "─".repeat(line))
    }

    /// The borders to the left and to the right of a line in the box.
    pub(super) fn sides(self, depth: usize) -> (String, String) {
        let (left, right) = self.around(depth);
        (format!("{left}│ "), format!("│{right}"))
    }

    /// A line in the box.
    pub(super) fn line(self, depth: usize, text: &str) -> String {
        let (left, right) = self.sides(depth);
        format!("{left}{}{right}", cut::padded(text, self.room(depth)))
    }

    /// The lower border.
    pub(super) fn bottom(self, depth: usize) -> String {
        let (left, right) = self.around(depth);
        format!("{left}└{}┘{right}", "─".repeat(self.room(depth) + 1))
    }
}
