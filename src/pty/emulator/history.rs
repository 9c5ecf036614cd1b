//! The history of a screen: the newest rows are in the grid, the older ones are packed.
//!
//! So 10,000 rows take little memory, and a long output touches few cells. Rows are unpacked when they are
//! viewed. Must not know how a row is packed.

use alacritty_terminal::grid::{Dimensions, Scroll};
use alacritty_terminal::index::Line;
use alacritty_terminal::term::cell::Flags;

use super::SCROLLBACK;
use super::keyboard::ScreenKind;
use super::packed::Packing;
use super::screen::Screen;

/// If the grid has more than [`MOST`] rows of history, the oldest are packed, so that about [`LEFT`] stay. The grid
/// with its screen should fit into a core's cache.
const MOST: usize = 256;
const LEFT: usize = 128;

/// The longest line, in rows, that is packed as a whole.
const WHOLE: usize = 64;

/// Rows that are unpacked in advance, beyond those in view.
const AHEAD: usize = 1_000;

impl Screen {
    /// How many rows of history there are.
    pub(super) fn history(&self) -> usize {
        let packed = match self.side() {
            ScreenKind::Main => self.packed.rows(),
            ScreenKind::Alternate => 0,
        };
        self.term.history_size() + packed
    }

    /// Packs old rows where the grid has many.
    #[inline]
    pub(super) fn pack_where_many(&mut self) {
        if self.term.history_size() > MOST {
            self.pack();
        }
    }

    /// Packs old rows, unless some are in view or selected.
    #[inline(never)]
    fn pack(&mut self) {
        let rows = self.term.history_size();
        let grid = self.term.grid();
        if self.side() == ScreenKind::Alternate {
            return;
        }
        if self.packing == Packing::On
            && grid.display_offset() == 0
            && self.term.selection.is_none()
        {
            let oldest = grid.topmost_line();
            let after = |packed: usize| oldest + packed;
            let wraps = |packed: usize| {
                let last = grid[after(packed) - 1_usize].last();
                last.is_some_and(|cell| cell.flags.contains(Flags::WRAPLINE))
            };
            let most = rows - LEFT;
            // A line that is packed in part couldn't be wrapped again as one.
            let packed = (most.saturating_sub(WHOLE).max(1)..=most)
                .rev()
                .find(|packed| !wraps(*packed))
                .unwrap_or(most);
            for line in (oldest.0..after(packed).0).map(Line) {
                self.packed.push(&grid[line][..]);
            }
            let grid = self.term.grid_mut();
            // Drop the grid's spare rows: it would use all of them in turn, and so touch more memory.
            grid.truncate();
            grid.update_history(rows - packed);
            grid.update_history(SCROLLBACK);
        }
    }

    /// Packs old rows where the grid has many, and drops the oldest ones where there are more than 10,000.
    pub(super) fn bound_history(&mut self) {
        self.pack_where_many();
        if self.side() == ScreenKind::Main {
            let left = SCROLLBACK.saturating_sub(self.term.history_size());
            self.packed.keep(left);
        }
    }

    /// Unpacks rows until the grid has this many, or none is left.
    fn unpack(&mut self, wanted: usize) {
        let rows = self.term.history_size();
        let more = wanted.saturating_sub(rows).min(self.packed.rows());
        if more == 0 || self.side() == ScreenKind::Alternate {
            return;
        }
        let grid = self.term.grid_mut();
        grid.update_history(rows + more);
        grid.initialize_all();
        grid.update_history(SCROLLBACK);
        let top = grid.topmost_line();
        for line in (top.0..(top + more).0).rev() {
            self.packed.pop(&mut grid[Line(line)][..]);
        }
    }

    /// Takes over the history of another screen with the same grid, and unpacks all of it.
    pub(super) fn copy_history_of(&mut self, original: &Screen) {
        if self.side() == ScreenKind::Main {
            self.packed = original.packed.clone();
            self.unpack(usize::MAX);
        }
        self.packing = Packing::Off;
    }

    pub(super) fn clear_history(&mut self) {
        self.packed.keep(0);
    }

    pub(super) fn scroll(&mut self, scroll: Scroll) {
        if let Scroll::Delta(lines @ 0..) = scroll {
            let seen = self.scrolled_by() + usize::try_from(lines).unwrap_or(0);
            if seen > self.term.history_size() {
                self.unpack(seen + AHEAD);
            }
        }
        self.term.scroll_display(scroll);
        self.pack_where_many();
    }

    /// Unpacks the rows that a change of the size may bring into view.
    pub(super) fn unpack_for_size(&mut self, cols: u16, rows: u16) {
        let (old_cols, _) = self.size();
        let merged = usize::from(cols.div_ceil(old_cols));
        let seen = self.scrolled_by() + usize::from(rows);
        self.unpack(seen * merged + usize::from(rows));
        while self.packed.wraps() && self.side() == ScreenKind::Main {
            self.unpack(self.term.history_size() + WHOLE);
        }
    }

    /// Wraps the packed rows again after a change of the width.
    pub(super) fn wrap_history_again(&mut self, old_cols: u16) {
        let (cols, _) = self.size();
        if cols != old_cols {
            let (from, to) = (usize::from(old_cols), usize::from(cols));
            self.packed.wrap_again(from, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::super::{Emulator, SelectionUnit};
    use super::*;

    #[derive(Debug, Clone)]
    enum Deed {
        /// Lines of this text, so many times.
        Print(&'static str, usize),
        Feed(&'static str),
        Resize(u16, u16),
        Scroll(i32),
        Select(u16),
        SelectNothing,
    }

    const LINES: [&str; 6] = [
        "a line of text",
        "",
        "\x1b[1;31mred\x1b[0m and \x1b[48;5;20mblue to the end\x1b[K\x1b[m",
        "\x1b[44m名前 and a\u{301} mark\x1b[m",
        "\x1b]8;;http://x.org/\x07link\x1b]8;;\x07 \tand \x1b[58:5:3m\x1b[4:3munderlines\x1b[m",
        "one that is so long that it wraps, 中文字符也是, and then it wraps again and again, up to its end \
         which is not yet here, but comes now.",
    ];

    const SEQUENCES: [&str; 14] = [
        "\x1b[2J",
        "\x1b[3J",
        "\x1b[H",
        "\x1bc",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b[?47h",
        "\x1b[?47l",
        "\x1b[5S",
        "\x1b[3T",
        "\x1b[2;4r",
        "\x1b[r",
        "\x1b[42m",
        "$ ",
    ];

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            6 => (prop::sample::select(&LINES[..]), 1..300_usize)
                .prop_map(|(line, times)| Deed::Print(line, times)),
            4 => prop::sample::select(&SEQUENCES[..]).prop_map(Deed::Feed),
            2 => (20..70_u16, 1..20_u16).prop_map(|(cols, rows)| Deed::Resize(cols, rows)),
            2 => (-300..300_i32).prop_map(Deed::Scroll),
            1 => (0..10_u16).prop_map(Deed::Select),
            1 => Just(Deed::SelectNothing),
        ]
    }

    fn emulator(packing: Packing) -> Emulator {
        let mut emulator = Emulator::new(40, 10);
        emulator.screen.packing = packing;
        emulator
    }

    fn done(emulator: &mut Emulator, deed: &Deed) {
        match deed {
            Deed::Print(line, times) => {
                emulator.feed(format!("{line}\r\n").repeat(*times).as_bytes());
            }
            Deed::Feed(bytes) => {
                emulator.feed(bytes.as_bytes());
            }
            Deed::Resize(cols, rows) => emulator.resize(*cols, *rows),
            Deed::Scroll(lines) => emulator.scroll(*lines),
            Deed::Select(row) => {
                emulator.select_from(1, *row, SelectionUnit::Lines);
                emulator.select_to(1, row + 1);
            }
            Deed::SelectNothing => emulator.select_nothing(),
        }
    }

    /// The visible text, and how far it can be scrolled.
    fn seen(emulator: &Emulator) -> String {
        let (scrolled, history) = (emulator.scrolled_by(), emulator.history());
        let selected = emulator.selected();
        format!("{scrolled} {history} {selected:?}\n{}", emulator.text())
    }

    /// Each cell of the screen and its history.
    fn cells(emulator: &Emulator) -> String {
        let copy = emulator.copy();
        let grid = copy.screen.term.grid();
        let mut cells = String::new();
        for line in grid.topmost_line().0..=grid.bottommost_line().0 {
            writeln!(cells, "{line} {:?}", &grid[Line(line)][..]).unwrap();
        }
        cells
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn nobody_sees_that_rows_are_packed(deeds in prop::collection::vec(deed(), 1..24)) {
            let (mut packed, mut whole) = (emulator(Packing::On), emulator(Packing::Off));
            for deed in &deeds {
                done(&mut packed, deed);
                done(&mut whole, deed);
                prop_assert_eq!(seen(&packed), seen(&whole), "{:?}", deed);
            }
            prop_assert_eq!(cells(&packed), cells(&whole));
        }
    }

    #[test]
    fn ten_thousand_rows_are_kept() {
        let mut emulator = Emulator::new(40, 10);
        for n in 0..30_000 {
            emulator.feed(format!("{n}\r\n").as_bytes());
            assert!(emulator.history() <= SCROLLBACK);
        }
        assert_eq!(emulator.history(), SCROLLBACK);
        assert!(emulator.screen.term.history_size() <= MOST);
        emulator.scroll(20_000);
        assert_eq!(emulator.scrolled_by(), SCROLLBACK);
        assert!(emulator.text().starts_with("19991\n19992\n"));
        emulator.scroll_to_bottom();
        assert!(emulator.screen.term.history_size() <= MOST);
        assert_eq!(emulator.history(), SCROLLBACK);
    }
}
