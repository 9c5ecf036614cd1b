//! Rows of the grid in a compact form: their text, and runs of cells of one style.
//!
//! Each cell of the grid takes 24 bytes; here a plain one takes one. Must not know which
//! rows are packed, nor when.

use std::collections::VecDeque;

use alacritty_terminal::grid::{Dimensions, Grid};
use alacritty_terminal::index::Line;
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor};

/// Rows that share their buffers.
const ROWS_PER_BLOCK: usize = 256;

/// Whether a screen packs rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Packing {
    #[default]
    On,
    /// All rows are in the grid.
    Off,
}

/// Rows from the oldest one to the newest one.
#[derive(Clone, Default)]
pub(super) struct Packed {
    blocks: VecDeque<RowBlock>,
    rows: usize,
}

/// Some rows that follow each other.
#[derive(Clone, Default)]
struct RowBlock {
    /// The character of each cell, in UTF-8.
    text: Vec<u8>,
    runs: Vec<CellRun>,
    /// The styles of runs.
    styles: Vec<Cell>,
    /// The end of each row.
    ends: Vec<RowEnd>,
    /// The number of its oldest rows that were dropped.
    dropped: usize,
}

/// Cells of one row that look the same.
#[derive(Clone, Copy)]
struct CellRun {
    style: u32,
    characters: u16,
    width: Width,
}

/// How many cells each character of a run takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    One,
    /// A wide character and its spacer.
    Two,
}

#[derive(Clone, Copy, Default)]
struct RowEnd {
    text: u32,
    runs: u32,
}

impl Packed {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row, which is newer than the others.
    pub(super) fn push(&mut self, row: &[Cell]) {
        let full = |block: &RowBlock| block.ends.len() >= ROWS_PER_BLOCK;
        if self.blocks.back().is_none_or(full) {
            if let Some(full) = self.blocks.back_mut() {
                full.shrink();
            }
            self.blocks.push_back(RowBlock::default());
        }
        if let Some(block) = self.blocks.back_mut() {
            block.push(row);
            self.rows += 1;
        }
    }

    /// Takes the newest row out, into a row of blank cells.
    pub(super) fn pop(&mut self, into: &mut [Cell]) {
        let Some(block) = self.blocks.back_mut() else {
            return;
        };
        if let Some(newest) = block.ends.len().checked_sub(1) {
            block.unpack(newest, into);
            block.forget_newest();
            self.rows -= 1;
        }
        if block.rows() == 0 {
            self.blocks.pop_back();
        }
    }

    /// Whether the newest row wraps into the one that followed it.
    pub(super) fn wraps(&self) -> bool {
        self.blocks.back().is_some_and(RowBlock::wraps)
    }

    /// Drops the oldest rows, so that this number is left.
    pub(super) fn keep(&mut self, rows: usize) {
        while self.rows > rows {
            let Some(block) = self.blocks.front_mut() else {
                return;
            };
            let dropped = block.rows().min(self.rows - rows);
            block.dropped += dropped;
            self.rows -= dropped;
            if block.rows() == 0 {
                self.blocks.pop_front();
            }
        }
    }

    /// Wraps the lines again, as the grid does it, for rows of another width.
    pub(super) fn wrap_again(&mut self, from: usize, to: usize) {
        let mut blocks = std::mem::take(self).blocks;
        while let Some(first) = blocks.pop_front() {
            // A line that goes on in the next block has to be wrapped with it.
            let mut together = vec![first];
            while together.last().is_some_and(RowBlock::wraps)
                && let Some(next) = blocks.pop_front()
            {
                together.push(next);
            }
            let rows = together.iter().map(RowBlock::rows).sum();
            let mut grid = Grid::new(1, from, rows);
            grid.initialize_all();
            let packed = together
                .iter()
                .flat_map(|block| (block.dropped..block.ends.len()).map(move |row| (block, row)));
            for (line, (block, row)) in (grid.topmost_line().0..0).zip(packed) {
                block.unpack(row, &mut grid[Line(line)][..]);
            }
            // The newest row has no next row to wrap into.
            if let Some(last) = grid[Line(-1)].last_mut() {
                last.flags.remove(Flags::WRAPLINE);
            }
            grid.update_history(usize::MAX / 2);
            grid.resize(true, 1, to);
            for line in grid.topmost_line().0..0 {
                self.push(&grid[Line(line)][..]);
            }
        }
    }
}

impl RowBlock {
    fn rows(&self) -> usize {
        self.ends.len() - self.dropped
    }

    fn push(&mut self, row: &[Cell]) {
        let mut rest = row;
        while let Some(first) = rest.first() {
            let width = Width::of(rest);
            let (run, others) = rest.split_at(length_of_run(rest, width));
            rest = others;
            let characters = run.iter().step_by(width.cells()).map(|cell| cell.c);
            // Blank cells at the end of a row are not kept.
            let kept = if rest.is_empty() && is_plain(first) {
                let last = run.iter().rposition(|cell| cell.c != ' ');
                last.map_or(0, |last| last + 1)
            } else {
                characters.len()
            };
            if kept == 0 {
                break;
            }
            self.push_characters(characters.take(kept));
            let style = self.style(first);
            self.runs.push(CellRun {
                style,
                characters: u16::try_from(kept).unwrap_or(u16::MAX),
                width,
            });
        }
        self.ends.push(RowEnd {
            text: count(self.text.len()),
            runs: count(self.runs.len()),
        });
    }

    fn push_characters(&mut self, characters: impl ExactSizeIterator<Item = char> + Clone) {
        let text = characters
            .clone()
            .map(|c| u8::try_from(c).unwrap_or(u8::MAX));
        let start = self.text.len();
        self.text.extend(text);
        // Nearly all text is ASCII, and is written at once.
        if !self.text[start..].is_ascii() {
            self.text.truncate(start);
            let mut buffer = [0; 4];
            for c in characters {
                self.text.extend(c.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }

    /// The number of a style. Rows use few of them in turn.
    fn style(&mut self, cell: &Cell) -> u32 {
        let recent = self.styles.len().saturating_sub(8);
        let known = self.styles[recent..]
            .iter()
            .position(|style| looks_like(style, cell));
        let number = known.map_or(self.styles.len(), |at| recent + at);
        if known.is_none() {
            self.styles.push(Cell {
                c: ' ',
                ..cell.clone()
            });
        }
        count(number)
    }

    fn unpack(&self, row: usize, into: &mut [Cell]) {
        let start = self.end_before(row);
        let end = self.ends[row];
        let text = &self.text[start.text as usize..end.text as usize];
        let text = str::from_utf8(text).unwrap_or_default();
        let mut characters = text.chars();
        let mut cells = into.iter_mut();
        for run in &self.runs[start.runs as usize..end.runs as usize] {
            let style = &self.styles[run.style as usize];
            for c in characters.by_ref().take(usize::from(run.characters)) {
                let Some(cell) = cells.next() else { return };
                cell.clone_from(style);
                cell.c = c;
                if run.width == Width::Two
                    && let Some(spacer) = cells.next()
                {
                    spacer.clone_from(style);
                    spacer.flags = flags_of_spacer(style);
                }
            }
        }
    }

    fn forget_newest(&mut self) {
        self.ends.pop();
        let end = self.end_before(self.ends.len());
        self.text.truncate(end.text as usize);
        self.runs.truncate(end.runs as usize);
    }

    fn end_before(&self, row: usize) -> RowEnd {
        let before = row.checked_sub(1).and_then(|row| self.ends.get(row));
        before.copied().unwrap_or_default()
    }

    fn wraps(&self) -> bool {
        let start = self.end_before(self.ends.len().saturating_sub(1));
        let last = self.runs[start.runs as usize..].last();
        last.is_some_and(|run| {
            let style = &self.styles[run.style as usize];
            style.flags.contains(Flags::WRAPLINE)
        })
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.runs.shrink_to_fit();
        self.styles.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl Width {
    /// The width of the first character of these cells.
    fn of(cells: &[Cell]) -> Self {
        match cells {
            [wide, spacer, ..]
                if wide.flags.contains(Flags::WIDE_CHAR)
                    && spacer.c == ' '
                    && spacer.flags == flags_of_spacer(wide)
                    && spacer.fg == wide.fg
                    && spacer.bg == wide.bg
                    && spacer.extra == wide.extra =>
            {
                Width::Two
            }
            _ => Width::One,
        }
    }

    fn cells(self) -> usize {
        match self {
            Width::One => 1,
            Width::Two => 2,
        }
    }
}

fn flags_of_spacer(wide: &Cell) -> Flags {
    wide.flags.difference(Flags::WIDE_CHAR) | Flags::WIDE_CHAR_SPACER
}

/// How many of these cells, from the first one on, look like it.
fn length_of_run(cells: &[Cell], width: Width) -> usize {
    let Some(first) = cells.first() else { return 0 };
    match width {
        Width::One if is_plain(first) => {
            // Most rows are plain as a whole: that is seen fastest for several cells at once.
            let plain = |some: &&[Cell]| some.iter().fold(true, |all, cell| all & is_plain(cell));
            let whole = cells.chunks_exact(8).take_while(plain).count() * 8;
            let more = cells[whole..].iter().take_while(|cell| is_plain(cell));
            whole + more.count()
        }
        Width::One => {
            let alike = cells.iter().enumerate().take_while(|(at, cell)| {
                looks_like(cell, first) && Width::of(&cells[*at..]) == Width::One
            });
            alike.count()
        }
        Width::Two => {
            let alike = cells
                .chunks_exact(2)
                .take_while(|pair| looks_like(&pair[0], first) && Width::of(pair) == Width::Two);
            alike.count() * 2
        }
    }
}

/// Whether two cells differ in nothing but their character.
fn looks_like(one: &Cell, other: &Cell) -> bool {
    one.flags == other.flags && one.fg == other.fg && one.bg == other.bg && one.extra == other.extra
}

/// Whether a cell has nothing but its character.
fn is_plain(cell: &Cell) -> bool {
    cell.flags.is_empty()
        & cell.extra.is_none()
        & matches!(cell.fg, Color::Named(NamedColor::Foreground))
        & matches!(cell.bg, Color::Named(NamedColor::Background))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
