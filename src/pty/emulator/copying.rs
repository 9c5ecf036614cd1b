//! Reading a screen with keys: a copy of it that no output changes, with a cursor of its own.
//!
//! Must not know which key does what.

use std::ops::RangeInclusive;

use alacritty_terminal::grid::{Dimensions, Scroll};
use alacritty_terminal::index::{Boundary, Column, Direction, Line, Point, Side};
use alacritty_terminal::selection::{Selection, SelectionType};
use alacritty_terminal::term::search::RegexSearch;
use alacritty_terminal::term::{Term, TermMode};
use alacritty_terminal::vi_mode::ViMotion;

use super::Emulator;
use super::screen::Screen;
use super::selection::{SelectionUnit, columns};

/// A movement of the cursor of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    Up,
    Down,
    Left,
    Right,
    LineStart,
    LineEnd,
    NextWord,
    PreviousWord,
    WordEnd,
    HalfPageUp,
    HalfPageDown,
    PageUp,
    PageDown,
    /// The first line of the history.
    Top,
    /// The last line that was used.
    Bottom,
}

/// The direction of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// From the oldest line to the newest one.
    Newer,
    /// From the newest line to the oldest one.
    Older,
}

impl Toward {
    pub(crate) fn opposite(self) -> Toward {
        match self {
            Toward::Newer => Toward::Older,
            Toward::Older => Toward::Newer,
        }
    }
}

/// The result of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchOutcome {
    Nowhere,
    Ahead,
    /// The search continued at the other end of the text.
    Wrapped,
}

impl Emulator {
    /// A copy of the screen and its history, with a cursor where the program's is. Don't feed it.
    #[must_use]
    pub fn copy(&self) -> Emulator {
        let (cols, rows) = self.size();
        let mut copy = Emulator::new(cols, rows);
        copy.catch_panic(|copy| copy.screen.be_copy_of(&self.screen));
        copy
    }

    /// Moves the cursor of a copy, and scrolls so that it is seen.
    pub fn move_cursor(&mut self, motion: Motion) {
        self.catch_panic(|emulator| emulator.screen.move_cursor(motion));
    }

    /// Begins a selection at the cursor of a copy; moving the cursor extends it. If there is a selection, changes
    /// it between characters and a rectangle, or ends it.
    pub fn turn_selection(&mut self, unit: SelectionUnit) {
        self.catch_panic(|emulator| emulator.screen.turn_selection(unit));
    }

    /// Moves the cursor of a copy to the next occurrence of this text. Without a capital letter in it,
    /// capital and small letters are the same.
    pub fn search(&mut self, text: &str, toward: Toward) -> SearchOutcome {
        let mut found = SearchOutcome::Nowhere;
        self.catch_panic(|emulator| found = emulator.screen.search(text, toward));
        found
    }

    /// The columns of a row of the visible screen that the last search has found.
    pub fn found_columns(&self, row: u16) -> Option<(u16, u16)> {
        let found = self.screen.found.as_ref()?;
        let line = self.screen.place(0, row).line;
        columns(
            line,
            *found.start(),
            *found.end(),
            self.screen.term.columns(),
        )
    }
}

impl Screen {
    fn be_copy_of(&mut self, original: &Screen) {
        if original.term.mode().contains(TermMode::ALT_SCREEN) {
            self.term.swap_alt();
        }
        *self.term.grid_mut() = original.term.grid().clone();
        self.copy_history_of(original);
        self.copy_colours_of(original);
        self.term.toggle_vi_mode();
    }

    fn move_cursor(&mut self, motion: Motion) {
        let rows = i32::try_from(self.term.screen_lines()).unwrap_or(1);
        let page = (rows - 1).max(1);
        let half = (rows / 2).max(1);
        match motion {
            Motion::Up => self.term.vi_motion(ViMotion::Up),
            Motion::Down => self.term.vi_motion(ViMotion::Down),
            Motion::Left => self.term.vi_motion(ViMotion::Left),
            Motion::Right => self.term.vi_motion(ViMotion::Right),
            Motion::LineStart => self.term.vi_motion(ViMotion::First),
            Motion::LineEnd => self.term.vi_motion(ViMotion::Last),
            Motion::NextWord => self.term.vi_motion(ViMotion::SemanticRight),
            Motion::PreviousWord => self.term.vi_motion(ViMotion::SemanticLeft),
            Motion::WordEnd => self.term.vi_motion(ViMotion::SemanticRightEnd),
            Motion::HalfPageUp => self.page(half),
            Motion::HalfPageDown => self.page(-half),
            Motion::PageUp => self.page(page),
            Motion::PageDown => self.page(-page),
            Motion::Top => {
                let top = self.term.topmost_line();
                self.term.vi_goto_point(Point::new(top, Column(0)));
            }
            Motion::Bottom => {
                let last = Line(i32::from(self.used_rows()) - 1);
                self.term.scroll_display(Scroll::Bottom);
                self.term.vi_goto_point(Point::new(last, Column(0)));
            }
        }
    }

    /// Scrolls, and moves the cursor along.
    fn page(&mut self, lines: i32) {
        let cursor = self.term.vi_mode_cursor.scroll(&self.term, lines);
        self.term.scroll_display(Scroll::Delta(lines));
        self.term.vi_goto_point(cursor.point);
    }

    fn turn_selection(&mut self, unit: SelectionUnit) {
        if let Some(mut selection) = self.term.selection.take() {
            if unit == SelectionUnit::Rectangle {
                selection.ty = match selection.ty {
                    SelectionType::Block => SelectionType::Simple,
                    _ => SelectionType::Block,
                };
                self.term.selection = Some(selection);
            }
            return;
        }
        let unit = SelectionType::from(unit);
        let point = self.term.vi_mode_cursor.point;
        let mut selection = Selection::new(unit, point, Side::Left);
        selection.include_all();
        self.term.selection = Some(selection);
    }

    fn search(&mut self, text: &str, toward: Toward) -> SearchOutcome {
        self.found = None;
        let at = self.term.vi_mode_cursor.point;
        let Some(found) = next(&self.term, at, text, toward) else {
            return SearchOutcome::Nowhere;
        };
        let start = *found.start();
        self.term.vi_goto_point(start);
        self.found = Some(found);
        let ahead = match toward {
            Toward::Newer => start > at,
            Toward::Older => start < at,
        };
        if ahead {
            SearchOutcome::Ahead
        } else {
            SearchOutcome::Wrapped
        }
    }
}

/// The next occurrence of a text. At the end of the screen and its history, the search continues at the other end.
fn next<T>(term: &Term<T>, at: Point, text: &str, toward: Toward) -> Option<RangeInclusive<Point>> {
    let mut regex = RegexSearch::new(&literal(text)).ok()?;
    let (origin, direction) = match toward {
        Toward::Newer => (at.add(term, Boundary::None, 1), Direction::Right),
        Toward::Older => (at.sub(term, Boundary::None, 1), Direction::Left),
    };
    term.search_next(&mut regex, origin, direction, Side::Left, None)
}

/// The regular expression that matches this text alone.
fn literal(text: &str) -> String {
    let mut regex = String::new();
    for letter in text.chars() {
        if "\\.+*?()|[]{}^$#&-~".contains(letter) {
            regex.push('\\');
        }
        regex.push(letter);
    }
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy_of(lines: &str) -> Emulator {
        let mut emulator = Emulator::new(20, 4);
        emulator.feed(lines.replace('\n', "\r\n").as_bytes());
        emulator.copy()
    }

    fn at(emulator: &Emulator) -> (usize, u16, u16) {
        let cursor = emulator.cursor().unwrap();
        (emulator.scrolled_by(), cursor.col, cursor.row)
    }

    #[test]
    fn keys_move_the_cursor_through_the_history() {
        use Motion as To;
        let lines = (1..=20).fold(String::new(), |all, n| all + &format!("line {n} of it\n"));
        let mut copy = copy_of(&(lines + "$ "));
        assert_eq!(at(&copy), (0, 2, 3));
        for (motion, expected) in [
            (To::Up, (0, 2, 2)),
            (To::LineStart, (0, 0, 2)),
            (To::NextWord, (0, 5, 2)),
            (To::WordEnd, (0, 6, 2)),
            (To::PreviousWord, (0, 5, 2)),
            (To::LineEnd, (0, 12, 2)),
            (To::Left, (0, 11, 2)),
            (To::Right, (0, 12, 2)),
            (To::PageUp, (3, 0, 2)),
            (To::HalfPageUp, (5, 0, 2)),
            (To::Top, (17, 0, 0)),
            (To::Up, (17, 0, 0)),
            (To::PageDown, (14, 0, 0)),
            (To::HalfPageDown, (12, 0, 0)),
            (To::Bottom, (0, 0, 3)),
            (To::Down, (0, 0, 3)),
        ] {
            copy.move_cursor(motion);
            assert_eq!(at(&copy), expected, "{motion:?}");
        }
    }

    #[test]
    fn what_the_program_prints_does_not_change_a_copy() {
        let mut emulator = Emulator::new(10, 2);
        emulator.feed(b"\x1b[?25lone\r\ntwo");
        let copy = emulator.copy();
        emulator.feed("more\r\n".repeat(20_000).as_bytes());
        assert_eq!(copy.text(), "one\ntwo");
        assert!(copy.cursor().is_some(), "a hidden cursor is the program's");
        emulator.feed(b"\x1b[?1049h\x1b[Hvim");
        assert_eq!(emulator.copy().text(), "vim\n");
    }

    #[test]
    fn a_selection_grows_with_the_cursor() {
        let mut copy = copy_of("one two-three\nfour 名前 five");
        copy.move_cursor(Motion::Up);
        copy.move_cursor(Motion::LineStart);
        copy.move_cursor(Motion::NextWord);
        copy.turn_selection(SelectionUnit::Characters);
        assert_eq!(copy.selected().as_deref(), Some("t"));
        copy.move_cursor(Motion::Down);
        copy.move_cursor(Motion::NextWord);
        assert_eq!(
            copy.selected().as_deref(),
            Some("two-three\nfour 名"),
            "the character under the cursor with both its columns"
        );
        copy.turn_selection(SelectionUnit::Characters);
        assert_eq!(copy.selected(), None);
        copy.turn_selection(SelectionUnit::Lines);
        assert_eq!(copy.selected().as_deref(), Some("four 名前 five\n"));
    }

    #[test]
    fn a_rectangle_has_the_same_columns_of_each_line() {
        let mut copy = copy_of("ab 名前\ncdefgh\nijkl mn");
        for motion in [Motion::Up, Motion::Up, Motion::LineStart, Motion::Right] {
            copy.move_cursor(motion);
        }
        copy.turn_selection(SelectionUnit::Rectangle);
        for motion in [Motion::Down, Motion::Down, Motion::Right, Motion::Right] {
            copy.move_cursor(motion);
        }
        assert_eq!(copy.selected().as_deref(), Some("b 名\ndef\njkl"));
        let columns = [0, 1, 2, 3].map(|row| copy.selected_columns(row));
        assert_eq!(columns, [Some((1, 3)), Some((1, 3)), Some((1, 3)), None]);
        copy.turn_selection(SelectionUnit::Rectangle);
        assert_eq!(copy.selected().as_deref(), Some("b 名前\ncdefgh\nijkl"));
        copy.turn_selection(SelectionUnit::Rectangle);
        assert_eq!(copy.selected_columns(1), Some((1, 3)));
        copy.turn_selection(SelectionUnit::Characters);
        assert_eq!(copy.selected(), None);
    }

    #[test]
    fn a_search_goes_round_the_whole_history() {
        let lines = (1..=10_000).fold(String::new(), |all, n| all + &format!("line {n}\n"));
        let mut copy = copy_of(&format!("a [Needle.*\n{lines}a needle\n"));
        assert_eq!(copy.history(), 10_000 - 1);
        for (text, toward, found, place) in [
            ("LINE", Toward::Older, SearchOutcome::Nowhere, None),
            ("e 10000", Toward::Older, SearchOutcome::Ahead, Some((3, 9))),
            ("needle", Toward::Newer, SearchOutcome::Ahead, Some((2, 7))),
            (
                "needle",
                Toward::Newer,
                SearchOutcome::Wrapped,
                Some((3, 8)),
            ),
            (
                "needle",
                Toward::Older,
                SearchOutcome::Wrapped,
                Some((2, 7)),
            ),
            (
                "Needle.*",
                Toward::Older,
                SearchOutcome::Ahead,
                Some((3, 10)),
            ),
            (
                "Needle.*",
                Toward::Older,
                SearchOutcome::Wrapped,
                Some((3, 10)),
            ),
            (".*x", Toward::Newer, SearchOutcome::Nowhere, None),
        ] {
            assert_eq!(copy.search(text, toward), found, "{text} {toward:?}");
            let row = copy.cursor().unwrap().row;
            assert_eq!(copy.found_columns(row), place, "{text} {toward:?}");
        }
    }
}
