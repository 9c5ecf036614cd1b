//! Corrects the grid where it differs from xterm: moves that a scrolling region stops, the end of a line,
//! saved cursors, the two screens, soft reset, and reports of settings.
//!
//! xterm's behaviour was observed by running it; the tests have the bytes and the screens. Must not know how
//! bytes are parsed.

use std::fmt::Write;
use std::ops::Range;

use alacritty_terminal::grid::{Cursor, Dimensions};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, Color, CursorShape, CursorStyle, Handler, LineClearMode,
    Mode as AnsiMode, NamedColor, NamedMode, NamedPrivateMode, StandardCharset,
};

use super::cells::BLINK;
use super::extras::{Extra, StatusRequest};
use super::keyboard::ScreenKind;
use super::screen::{CHARSETS, Screen};

/// State that xterm saves with a cursor, and the grid doesn't.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Saved {
    origin: bool,
    charset: CharsetIndex,
}

/// The state of a screen that the grid hides or doesn't have.
#[derive(Debug)]
pub(super) struct XtermState {
    /// The rows that scroll.
    pub(super) region: Range<i32>,
    charset: CharsetIndex,
    /// The state saved with the cursor of each screen.
    saved: [Saved; 2],
    /// The main screen's saved cursor, while the alternate one is shown by mode 47 or 1047: the grid
    /// replaces it.
    main_cursor: Option<Cursor<Cell>>,
    /// The content of the alternate screen when mode 47 left it.
    alternate: Vec<Vec<Cell>>,
}

impl XtermState {
    pub(super) fn new(rows: usize) -> Self {
        XtermState {
            region: 0..line_number(rows),
            charset: CharsetIndex::G0,
            saved: [Saved::default(); 2],
            main_cursor: None,
            alternate: Vec::new(),
        }
    }
}

/// How a child leaves the alternate screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alternate {
    /// Mode 47: its content is kept.
    Kept,
    /// Mode 1047: it is cleared.
    Cleared,
}

/// A number of rows, as the grid counts them.
pub(super) fn line_number(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

impl Screen {
    fn cursor_mut(&mut self) -> &mut Cursor<Cell> {
        &mut self.term.grid_mut().cursor
    }

    pub(super) fn lines(&self) -> i32 {
        line_number(self.term.screen_lines())
    }

    fn is_set(&self, mode: TermMode) -> bool {
        self.term.mode().contains(mode)
    }

    /// The next character doesn't wrap, though it is in the last column.
    pub(super) fn stay_in_line(&mut self) {
        self.cursor_mut().input_needs_wrap = false;
    }

    /// Moves up (negative) or down; the edges of the region stop a cursor that is within them.
    pub(super) fn move_rows(&mut self, rows: i32) {
        let line = self.cursor_mut().point.line.0;
        let Range { start, end } = self.terminal.region;
        let first = if line >= start { start } else { 0 };
        let last = if line < end { end } else { self.lines() } - 1;
        let cursor = self.cursor_mut();
        cursor.point.line = Line(line.saturating_add(rows).clamp(first, last));
        cursor.input_needs_wrap = false;
    }

    pub(super) fn move_to_column(&mut self, column: usize) {
        let last = self.term.last_column();
        let cursor = self.cursor_mut();
        cursor.point.column = Column(column).min(last);
        cursor.input_needs_wrap = false;
    }

    pub(super) fn set_region(&mut self, top: usize, bottom: Option<usize>) {
        let lines = self.term.screen_lines();
        let bottom = bottom.unwrap_or(lines).min(lines);
        if top < bottom {
            self.terminal.region = line_number(top) - 1..line_number(bottom);
            self.term.set_scrolling_region(top, Some(bottom));
        }
    }

    pub(super) fn take_charset(&mut self, charset: CharsetIndex) {
        self.terminal.charset = charset;
        self.term.set_active_charset(charset);
    }

    /// Lines are inserted or deleted within the region only, and the cursor goes to the line's start.
    pub(super) fn shift_lines(&mut self, shift: impl FnOnce(&mut Self)) {
        let line = self.cursor_mut().point.line.0;
        if self.terminal.region.contains(&line) {
            shift(self);
            self.term.carriage_return();
        }
    }

    /// Deletes characters from the cursor to the right. With a larger number than there are, the grid would also
    /// clear cells to the left of the cursor.
    pub(super) fn delete_in_line(&mut self, count: usize) {
        let column = self.cursor_mut().point.column.0;
        let count = count.min(self.term.columns() - column);
        self.stay_in_line();
        self.term.delete_chars(count);
    }

    pub(super) fn erase_screen(&mut self, mode: ClearMode) {
        let point = self.cursor_mut().point;
        let wraps = self.cursor_mut().input_needs_wrap;
        match mode {
            // The grid forgets to erase the first row in this case: erase it here.
            ClearMode::Above if point.line == 1 => {
                self.cursor_mut().point.line = Line(0);
                self.term.clear_line(LineClearMode::All);
                self.cursor_mut().point = point;
                self.term.clear_line(LineClearMode::Left);
            }
            // The cursor is behind the last column: keep the character there, as when a line is erased. `ls
            // --color` would lose it.
            ClearMode::Below if wraps => {
                if point.line < self.term.bottommost_line() {
                    self.cursor_mut().point = Point::new(point.line + 1, Column(0));
                    self.term.clear_screen(mode);
                    self.cursor_mut().point = point;
                }
            }
            ClearMode::Saved if self.side() == ScreenKind::Main => {
                self.clear_history();
                self.term.clear_screen(mode);
            }
            _ => self.term.clear_screen(mode),
        }
    }

    /// DECALN
    pub(super) fn align(&mut self) {
        self.term.decaln();
        self.set_region(1, None);
        self.term
            .unset_private_mode(NamedPrivateMode::Origin.into());
        self.term.goto(0, 0);
    }

    pub(super) fn save_cursor(&mut self) {
        let saved = Saved {
            origin: self.is_set(TermMode::ORIGIN),
            charset: self.terminal.charset,
        };
        let side = self.side();
        self.terminal.saved[side as usize] = saved;
        self.term.save_cursor_position();
    }

    pub(super) fn restore_cursor(&mut self) {
        let Saved { origin, charset } = self.terminal.saved[self.side() as usize];
        if origin {
            self.term.set_private_mode(NamedPrivateMode::Origin.into());
        } else {
            self.term
                .unset_private_mode(NamedPrivateMode::Origin.into());
        }
        self.take_charset(charset);
        self.term.restore_cursor_position();
    }

    /// Mode 1049: saves the cursor, and shows an empty alternate screen.
    pub(super) fn enter_alternate(&mut self) {
        if self.side() == ScreenKind::Main {
            self.save_cursor();
            self.terminal.main_cursor = None;
            self.terminal.alternate = Vec::new();
            self.term.swap_alt();
        }
    }

    /// Mode 1049: shows the main screen, with the cursor that it saved.
    pub(super) fn leave_alternate(&mut self) {
        if self.side() == ScreenKind::Alternate {
            self.terminal.alternate = Vec::new();
            self.swap_to_main();
        }
        self.restore_cursor();
    }

    /// Modes 47 and 1047: shows the alternate screen as it was left. The cursor stays where it is.
    pub(super) fn show_alternate(&mut self) {
        if self.side() == ScreenKind::Alternate {
            return;
        }
        let saved = self.term.grid().saved_cursor.clone();
        self.term.swap_alt();
        self.terminal.main_cursor = Some(saved);
        let (columns, lines) = (self.term.columns(), self.term.screen_lines());
        let rows = std::mem::take(&mut self.terminal.alternate);
        for (row, kept) in rows.iter().take(lines).enumerate() {
            let row = &mut self.term.grid_mut()[Line(line_number(row))];
            for (column, cell) in kept.iter().take(columns).enumerate() {
                row[Column(column)] = cell.clone();
            }
        }
    }

    /// Modes 47 and 1047: shows the main screen. The cursor stays where it is.
    pub(super) fn show_main(&mut self, alternate: Alternate) {
        if self.side() == ScreenKind::Main {
            return;
        }
        self.terminal.alternate = match alternate {
            Alternate::Cleared => Vec::new(),
            Alternate::Kept => (0..self.lines())
                .map(|line| self.term.grid()[Line(line)][..].to_vec())
                .collect(),
        };
        let cursor = self.term.grid().cursor.clone();
        self.swap_to_main();
        *self.cursor_mut() = cursor;
    }

    fn swap_to_main(&mut self) {
        self.term.swap_alt();
        // Its size may have changed meanwhile.
        self.count_rows_as_written();
        if let Some(mut saved) = self.terminal.main_cursor.take() {
            // The screen may be smaller by now.
            saved.point.line = saved.point.line.min(self.term.bottommost_line());
            saved.point.column = saved.point.column.min(self.term.last_column());
            self.term.grid_mut().saved_cursor = saved;
        }
    }

    /// Carries out a sequence that the parser itself drops.
    pub(super) fn extra(&mut self, extra: Extra) {
        match extra {
            Extra::SoftReset => self.soft_reset(),
            Extra::CursorReport => {
                let (line, column) = self.reported_cursor();
                // The third number is the page.
                self.replies.owe(&format!("\x1b[?{line};{column};1R"));
            }
            // Zeros, as xterm answers: a real unit id would have to differ from terminal to terminal.
            Extra::UnitId => self.replies.owe("\x1bP!|00000000\x1b\\"),
            Extra::Version => {
                let version = concat!("\x1bP>|nslab(", env!("CARGO_PKG_VERSION"), ")\x1b\\");
                self.replies.owe(version);
            }
            Extra::LockingShift2 => self.take_charset(CharsetIndex::G2),
            Extra::LockingShift3 => self.take_charset(CharsetIndex::G3),
            Extra::StatusRequest(setting) => self.report_setting(setting),
        }
    }

    /// DECSTR: resets settings that a program may have left behind and that make text unreadable. The screen and
    /// the place of the cursor stay.
    fn soft_reset(&mut self) {
        let point = self.cursor_mut().point;
        let term = &mut self.term;
        term.set_private_mode(NamedPrivateMode::ShowCursor.into());
        term.set_private_mode(NamedPrivateMode::LineWrap.into());
        term.unset_private_mode(NamedPrivateMode::Origin.into());
        term.unset_private_mode(NamedPrivateMode::CursorKeys.into());
        term.unset_mode(AnsiMode::Named(NamedMode::Insert));
        term.unset_keypad_application_mode();
        term.terminal_attribute(Attr::Reset);
        for index in CHARSETS {
            term.configure_charset(index, StandardCharset::Ascii);
        }
        self.take_charset(CharsetIndex::G0);
        self.set_region(1, None);
        self.term.grid_mut().saved_cursor = Cursor::default();
        self.terminal.saved[self.side() as usize] = Saved::default();
        self.cursor_mut().point = point;
    }

    /// Line and column of the cursor as a child counts them: from 1, and in origin mode from the region's
    /// first line.
    fn reported_cursor(&mut self) -> (i32, usize) {
        let Point { line, column } = self.cursor_mut().point;
        let origin = if self.is_set(TermMode::ORIGIN) {
            self.terminal.region.start
        } else {
            0
        };
        (line.0 - origin + 1, column.0 + 1)
    }

    pub(super) fn report_cursor(&mut self) {
        let (line, column) = self.reported_cursor();
        self.replies.owe(&format!("\x1b[{line};{column}R"));
    }

    /// DECRQSS. An unknown setting is answered too, or the child would wait.
    fn report_setting(&mut self, setting: StatusRequest) {
        let text = match setting {
            StatusRequest::Rendition => rendition(&self.cursor_mut().template),
            StatusRequest::Margins => {
                let Range { start, end } = self.terminal.region;
                format!("{};{end}r", start + 1)
            }
            StatusRequest::CursorStyle => {
                let number = match self.cursor_style {
                    None => 2,
                    Some(CursorStyle { shape, blinking }) => {
                        let steady = match shape {
                            CursorShape::Underline => 4,
                            CursorShape::Beam => 6,
                            _ => 2,
                        };
                        steady - u8::from(blinking)
                    }
                };
                format!("{number} q")
            }
            // VT100 family, as the primary device attributes say.
            StatusRequest::Conformance => "61;1\"p".to_owned(),
            StatusRequest::Protection => "0\"q".to_owned(),
            StatusRequest::Unknown => return self.replies.owe("\x1bP0$r\x1b\\"),
        };
        self.replies.owe(&format!("\x1bP1$r{text}\x1b\\"));
    }
}

/// The SGR sequence that sets the style of a cell, without its start.
fn rendition(cell: &Cell) -> String {
    let table = [
        (Flags::BOLD, "1"),
        (Flags::DIM, "2"),
        (Flags::ITALIC, "3"),
        (Flags::UNDERLINE, "4"),
        (Flags::DOUBLE_UNDERLINE, "21"),
        (Flags::UNDERCURL, "4:3"),
        (Flags::DOTTED_UNDERLINE, "4:4"),
        (Flags::DASHED_UNDERLINE, "4:5"),
        (BLINK, "5"),
        (Flags::INVERSE, "7"),
        (Flags::HIDDEN, "8"),
        (Flags::STRIKEOUT, "9"),
    ];
    let mut text = String::from("0");
    for (_, number) in table.iter().filter(|(flag, _)| cell.flags.contains(*flag)) {
        text.push(';');
        text.push_str(number);
    }
    for (colour, first) in [(cell.fg, 30), (cell.bg, 40)] {
        colour_number(&mut text, colour, first);
    }
    text.push('m');
    text
}

fn colour_number(text: &mut String, colour: Color, first: u16) {
    let index = match colour {
        Color::Named(NamedColor::Foreground | NamedColor::Background) => return,
        Color::Spec(rgb) => {
            let _ = write!(text, ";{}:2::{}:{}:{}", first + 8, rgb.r, rgb.g, rgb.b);
            return;
        }
        Color::Named(name) => name as u16,
        Color::Indexed(index) => u16::from(index),
    };
    let _ = match index {
        0..=7 => write!(text, ";{}", first + index),
        8..=15 => write!(text, ";{}", first + 60 + index - 8),
        _ => write!(text, ";{}:5:{index}", first + 8),
    };
}

#[cfg(test)]
mod tests;
