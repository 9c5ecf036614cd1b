//! The learner's selection on a screen and its history.
//!
//! The grid moves the selection when lines scroll. Must not know which mouse button or key selects.

use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line, Point, Side};
use alacritty_terminal::selection::{Selection, SelectionType};

use super::Emulator;
use super::screen::Screen;

/// The unit by which a selection grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectionUnit {
    Characters,
    Words,
    Lines,
    /// The same columns of each line.
    Rectangle,
}

impl From<SelectionUnit> for SelectionType {
    fn from(unit: SelectionUnit) -> Self {
        match unit {
            SelectionUnit::Characters => SelectionType::Simple,
            SelectionUnit::Words => SelectionType::Semantic,
            SelectionUnit::Lines => SelectionType::Lines,
            SelectionUnit::Rectangle => SelectionType::Block,
        }
    }
}

impl Emulator {
    /// Begins a selection at a column and row of the visible screen.
    pub fn select_from(&mut self, col: u16, row: u16, unit: SelectionUnit) {
        self.catch_panic(|emulator| emulator.screen.select_from(col, row, unit));
    }

    /// Extends the selection to a column and row of the visible screen.
    pub fn select_to(&mut self, col: u16, row: u16) {
        self.catch_panic(|emulator| emulator.screen.select_to(col, row));
    }

    /// Removes the selection.
    pub fn select_nothing(&mut self) {
        self.screen.term.selection = None;
    }

    /// The selected text; None if there is none.
    pub fn selected(&self) -> Option<String> {
        let text = self.screen.term.selection_to_string();
        text.filter(|text| !text.is_empty())
    }

    /// The selected columns of a row of the visible screen, from the first one to the last one.
    pub fn selected_columns(&self, row: u16) -> Option<(u16, u16)> {
        let screen = &self.screen;
        let range = screen.term.selection.as_ref()?.to_range(&screen.term)?;
        let line = screen.place(0, row).line;
        if range.is_block {
            let within = (range.start.line..=range.end.line).contains(&line);
            let first = u16::try_from(range.start.column.0).ok()?;
            let last = u16::try_from(range.end.column.0).ok()?;
            return within.then_some((first, last));
        }
        columns(line, range.start, range.end, screen.term.columns())
    }
}

impl Screen {
    /// The cell of the grid that is nearest to a column and row of the visible screen.
    pub(super) fn place(&self, col: u16, row: u16) -> Point {
        let (cols, rows) = self.size();
        let row = i32::from(row.min(rows.saturating_sub(1)));
        let col = usize::from(col.min(cols.saturating_sub(1)));
        let line = Line(row) - self.term.grid().display_offset();
        Point::new(line, Column(col))
    }

    fn select_from(&mut self, col: u16, row: u16, unit: SelectionUnit) {
        let unit = SelectionType::from(unit);
        let place = self.place(col, row);
        let mut selection = Selection::new(unit, place, Side::Left);
        if unit != SelectionType::Simple {
            selection.update(place, Side::Right);
        }
        self.term.selection = Some(selection);
    }

    fn select_to(&mut self, col: u16, row: u16) {
        let place = self.place(col, row);
        let bottom = self.term.bottommost_line();
        if let Some(selection) = &mut self.term.selection
            && place.line <= bottom
        {
            selection.update(place, Side::Right);
        }
    }
}

/// The first and the last column of a line that lie between two places, in a grid of `width` columns.
pub(super) fn columns(line: Line, start: Point, end: Point, width: usize) -> Option<(u16, u16)> {
    if line < start.line || line > end.line {
        return None;
    }
    let first = if line == start.line {
        start.column.0
    } else {
        0
    };
    let last = if line == end.line {
        end.column.0
    } else {
        width.saturating_sub(1)
    };
    Some((u16::try_from(first).ok()?, u16::try_from(last).ok()?))
}
