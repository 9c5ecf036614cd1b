//! The grid behind the parser.
//!
//! Most sequences go to the grid unchanged. Those that could grow without end, reach out of the pane or take
//! forever are bounded, answered or dropped here. Must not know how bytes are parsed.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::{Dimensions, Scroll};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::{Config, Osc52, Term, TermMode};
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, CursorShape, CursorStyle, Handler, Hyperlink, KeyboardModes,
    KeyboardModesApplyBehavior, LineClearMode, Mode as AnsiMode, NamedPrivateMode, PrivateMode,
    Rgb, StandardCharset, TabulationClearMode,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use unicode_width::UnicodeWidthChar;

use super::Clipboard;
use super::SCROLLBACK;
use super::cells::{self, Glyph};
use super::extras::Extra;
use super::intake::LIMIT;
use super::keyboard::{Keyboard, ScreenKind};
use super::links::Hyperlinks;
use super::modes::Modes;
use super::packed::{Packed, Packing};
use super::palette::Palette;
use super::xterm::{Alternate, XtermState, line_number};

/// Combining marks per character; no script needs more.
const MARKS: usize = 8;

/// Longest title in characters.
const TITLE: usize = 200;

/// Titles that a child can push.
const TITLES: usize = 16;

/// Bytes of replies per chunk; further requests get no reply.
const REPLIES: usize = 64 * 1024;

pub(super) const CHARSETS: [CharsetIndex; 4] = [
    CharsetIndex::G0,
    CharsetIndex::G1,
    CharsetIndex::G2,
    CharsetIndex::G3,
];

/// A usual size of a cell in pixels, for children that ask.
const CELL_PIXELS: (u32, u32) = (8, 16);

/// Replies to send to the child.
#[derive(Debug, Clone, Default)]
pub(super) struct Replies(Arc<Mutex<Vec<u8>>>);

impl Replies {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn owe(&self, text: &str) {
        let mut bytes = self.bytes();
        if bytes.len() + text.len() <= REPLIES {
            bytes.extend_from_slice(text.as_bytes());
        }
    }
}

impl EventListener for Replies {
    fn send_event(&self, event: Event) {
        // Titles, the bell, colours, sizes and the clipboard are handled before.
        if let Event::PtyWrite(text) = event {
            self.owe(&text);
        }
    }
}

/// Columns and rows, for the grid.
struct Size {
    cols: u16,
    rows: u16,
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }

    fn screen_lines(&self) -> usize {
        usize::from(self.rows)
    }

    fn columns(&self) -> usize {
        usize::from(self.cols)
    }
}

/// The grid, and the state that the grid doesn't have.
pub(super) struct Screen {
    pub(super) term: Term<Replies>,
    /// The history that the grid doesn't have.
    pub(super) packed: Packed,
    pub(super) packing: Packing,
    pub(super) terminal: XtermState,
    pub(super) replies: Replies,
    /// The colours of the user's terminal.
    pub(super) palette: Palette,
    keyboard: Keyboard,
    pub(super) links: Hyperlinks,
    /// The form that the child asked for; `None` is the user's own cursor.
    pub(super) cursor_style: Option<CursorStyle>,
    /// Whether the child may copy to the user's clipboard.
    pub(super) clipboard: Clipboard,
    pub(super) copied: Option<String>,
    pub(super) title_changed: bool,
    pub(super) title: Option<String>,
    titles: Vec<Option<String>>,
    pub(super) bell: bool,
    /// The place at which the last search has found its text.
    pub(super) found: Option<RangeInclusive<Point>>,
    /// Characters that may still be written for the current bytes.
    budget: usize,
    /// Whether the parser has printed printable ASCII since somebody reset this.
    pub(super) has_printed: bool,
}

impl Screen {
    pub(super) fn new(cols: u16, rows: u16) -> Self {
        let replies = Replies::default();
        let config = Config {
            scrolling_history: SCROLLBACK,
            osc52: Osc52::Disabled,
            ..Config::default()
        };
        Screen {
            term: Term::new(config, &Size { cols, rows }, replies.clone()),
            packed: Packed::default(),
            packing: Packing::default(),
            terminal: XtermState::new(usize::from(rows)),
            replies,
            palette: Palette::default(),
            keyboard: Keyboard::default(),
            links: Hyperlinks::default(),
            cursor_style: None,
            clipboard: Clipboard::default(),
            copied: None,
            title_changed: false,
            title: None,
            titles: Vec::new(),
            bell: false,
            found: None,
            budget: 0,
            has_printed: false,
        }
    }

    /// Sets the budget for so many bytes. "Repeat the last character" turns seven bytes into 65,535
    /// characters; the budget is enough for the bytes, and for a screen drawn with repeats.
    pub(super) fn expect(&mut self, bytes: usize) {
        let cells = self.term.columns() * self.term.screen_lines();
        self.budget = bytes.saturating_mul(32).saturating_add(cells);
    }

    pub(super) fn take_replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.replies.bytes())
    }

    /// Keeps the view within the history: when the middle of the screen scrolls, the grid moves a
    /// scrolled view too, though the history has not grown.
    pub(super) fn settle(&mut self) {
        if self.scrolled_by() > self.term.history_size() {
            self.scroll(Scroll::Delta(0));
        }
        self.bound_history();
    }

    /// Changes the size. When lines wrap again, the grid pushes lines into history even if blank
    /// lines are left below the cursor. So this removes the blank lines first, and adds them again.
    pub(super) fn resize(&mut self, cols: u16, rows: u16) {
        let (old_cols, _) = self.size();
        self.unpack_for_size(cols, rows);
        if cols != old_cols && self.side() == ScreenKind::Main {
            let rows = self.used_rows();
            self.term.resize(Size {
                cols: old_cols,
                rows,
            });
            self.term.resize(Size { cols, rows });
        }
        self.term.resize(Size { cols, rows });
        self.wrap_history_again(old_cols);
        self.count_rows_as_written();
        self.found = None;
        // The grid scrolls as a whole again.
        self.terminal.region = 0..self.lines();
        self.settle();
    }

    /// Lets the grid blank each row as a whole before it uses the row again. It does so up to the last
    /// column that was written to, and in a row that got wider a background may go on beyond that one
    /// (findings/alacritty-terminal-widened-rows-scroll-in-coloured.sh).
    pub(super) fn count_rows_as_written(&mut self) {
        let last = self.term.last_column();
        let grid = self.term.grid_mut();
        for line in grid.topmost_line().0..=grid.bottommost_line().0 {
            grid[Line(line)][last].flags.insert(Flags::empty());
        }
    }

    /// Rows of the screen down to the cursor or the last row that isn't blank.
    pub(super) fn used_rows(&self) -> u16 {
        let grid = self.term.grid();
        let cursor = grid.cursor.point.line.0;
        let last = (cursor + 1..=self.term.bottommost_line().0)
            .rev()
            .find(|line| !grid[Line(*line)].is_clear())
            .unwrap_or(cursor);
        u16::try_from(last + 1).unwrap_or(1).max(1)
    }

    pub(super) fn size(&self) -> (u16, u16) {
        (count(self.term.columns()), count(self.term.screen_lines()))
    }

    pub(super) fn scrolled_by(&self) -> usize {
        self.term.grid().display_offset()
    }

    /// Copies the palette changes and links that another screen's cells refer to.
    pub(super) fn copy_colours_of(&mut self, original: &Screen) {
        self.palette = original.palette;
        self.links = original.links.clone();
    }

    fn show_title(&mut self, title: Option<String>) {
        self.title_changed |= self.title != title;
        self.title = title;
    }

    pub(super) fn modes(&self) -> Modes {
        let mut modes = *self.term.mode();
        // The grid's own stack of these is not used.
        modes.remove(TermMode::KITTY_KEYBOARD_PROTOCOL);
        modes.insert(self.keyboard.flags(self.side()).into());
        Modes::of(modes)
    }

    /// Column and row of the cursor, if it is visible.
    pub(super) fn cursor(&self) -> Option<(u16, u16)> {
        let grid = self.term.grid();
        let mode = self.term.mode();
        let point = if mode.contains(TermMode::VI) {
            self.term.vi_mode_cursor.point
        } else if mode.contains(TermMode::SHOW_CURSOR) {
            grid.cursor.point
        } else {
            return None;
        };
        let row = usize::try_from((point.line + grid.display_offset()).0).ok()?;
        if row >= self.term.screen_lines() {
            return None;
        }
        let on_second_half = grid[point].flags.contains(Flags::WIDE_CHAR_SPACER);
        let col = point.column.0.saturating_sub(usize::from(on_second_half));
        Some((count(col), count(row)))
    }

    pub(super) fn glyphs(&self, row: u16) -> impl Iterator<Item = Glyph<'_>> {
        let grid = self.term.grid();
        let cells = if usize::from(row) < self.term.screen_lines() {
            let line = Line(i32::from(row)) - grid.display_offset();
            &grid[line][..]
        } else {
            &[]
        };
        cells::glyphs(cells, self.term.colors())
    }

    pub(super) fn side(&self) -> ScreenKind {
        if self.term.mode().contains(TermMode::ALT_SCREEN) {
            ScreenKind::Alternate
        } else {
            ScreenKind::Main
        }
    }

    /// Writes printable ASCII, as if each character were input.
    pub(super) fn print(&mut self, text: &[u8]) {
        self.pack_where_many();
        let mut rest = &text[..text.len().min(self.budget)];
        self.budget -= rest.len();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(self.fitting(rest.len()).max(1));
            if now.len() == 1 || !self.write_run(now) {
                for byte in now {
                    self.term.input(char::from(*byte));
                }
            }
            rest = later;
        }
    }

    /// How many of these characters go into the cursor's line without a change to other cells.
    fn fitting(&self, characters: usize) -> usize {
        let cursor = &self.term.grid().cursor;
        let translated = CHARSETS
            .into_iter()
            .any(|index| cursor.charsets[index] != StandardCharset::Ascii);
        if translated || cursor.input_needs_wrap || self.term.mode().contains(TermMode::INSERT) {
            return 0;
        }
        characters.min(self.term.columns() - cursor.point.column.0)
    }

    /// Writes characters that fit into the cursor's line. False, with nothing written, where they would
    /// split a wide character.
    fn write_run(&mut self, text: &[u8]) -> bool {
        let last = self.term.last_column();
        let grid = self.term.grid_mut();
        let Point { line, column } = grid.cursor.point;
        let end = column + text.len();
        let template = grid.cursor.template.clone();
        let cells = &mut grid[line][column..end];
        if cells.iter().any(is_half) {
            return false;
        }
        for (cell, byte) in cells.iter_mut().zip(text) {
            cell.c = char::from(*byte);
            cell.fg = template.fg;
            cell.bg = template.bg;
            cell.flags = template.flags;
            cell.extra.clone_from(&template.extra);
        }
        grid.cursor.point.column = end.min(last);
        grid.cursor.input_needs_wrap = end > last;
        true
    }

    /// Whether the character that a mark would go to can take one more.
    fn takes_mark(&self) -> bool {
        let grid = self.term.grid();
        let cursor = &grid.cursor;
        let row = &grid[cursor.point.line];
        let mut col = cursor.point.column.0;
        if !cursor.input_needs_wrap {
            col = col.saturating_sub(1);
        }
        if row[Column(col)].flags.contains(Flags::WIDE_CHAR_SPACER) {
            col = col.saturating_sub(1);
        }
        row[Column(col)]
            .zerowidth()
            .is_none_or(|marks| marks.len() < MARKS)
    }
}

/// Whether a cell is half of a wide character. Code that writes there must clear the other half.
fn is_half(cell: &Cell) -> bool {
    cell.flags
        .intersects(Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER)
}

/// Characters without width that aren't marks. They join, split or reverse the text around them,
/// even outside the pane.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

fn count(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Passes these to the grid unchanged.
macro_rules! to_the_grid {
    ($($name:ident($($arg:ident: $type:ty),*);)*) => {
        $(
            #[inline]
            fn $name(&mut self, $($arg: $type),*) {
                self.term.$name($($arg),*);
            }
        )*
    };
}

/// Not handled: the form of the mouse pointer, which belongs to the outer terminal, and requests to read the
/// clipboard.
impl Handler for Screen {
    #[inline]
    fn input(&mut self, c: char) {
        self.has_printed |= matches!(c, ' '..='~');
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        if !c.is_ascii() && c.width() == Some(0) && (is_invisible(c) || !self.takes_mark()) {
            return;
        }
        self.term.input(c);
    }

    fn bell(&mut self) {
        self.bell = true;
    }

    fn set_title(&mut self, title: Option<String>) {
        let title = title
            .map(|title| {
                title
                    .chars()
                    .filter(|c| !c.is_control() && !is_invisible(*c))
                    .take(TITLE)
                    .collect()
            })
            .filter(|title: &String| !title.is_empty());
        self.show_title(title);
    }

    fn push_title(&mut self) {
        if self.titles.len() == TITLES {
            self.titles.remove(0);
        }
        self.titles.push(self.title.clone());
    }

    fn pop_title(&mut self) {
        if let Some(title) = self.titles.pop() {
            self.show_title(title);
        }
    }

    fn clipboard_store(&mut self, _clipboard: u8, base64: &[u8]) {
        // The end of a text of nearly that length may be missing.
        if self.clipboard == Clipboard::Open && base64.len() + 64 < LIMIT {
            let text = BASE64.decode(base64).ok();
            self.copied = text.and_then(|text| String::from_utf8(text).ok());
        }
    }

    fn reset_state(&mut self) {
        self.term.reset_state();
        self.clear_history();
        self.terminal = XtermState::new(self.term.screen_lines());
        self.cursor_style = None;
        self.keyboard = Keyboard::default();
        self.show_title(None);
        self.titles.clear();
    }

    fn dynamic_color_sequence(&mut self, prefix: String, index: usize, terminator: &str) {
        let changed = self.term.colors()[index];
        let Some(Rgb { r, g, b }) = changed.or_else(|| self.palette.colour(index)) else {
            return;
        };
        self.replies.owe(&format!(
            "\x1b]{prefix};rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}{terminator}"
        ));
    }

    fn text_area_size_pixels(&mut self) {
        let (cols, rows) = self.size();
        let width = u32::from(cols) * CELL_PIXELS.0;
        let height = u32::from(rows) * CELL_PIXELS.1;
        self.replies.owe(&format!("\x1b[4;{height};{width}t"));
    }

    fn report_keyboard_mode(&mut self) {
        let flags = self.keyboard.flags(self.side()).bits();
        self.replies.owe(&format!("\x1b[?{flags}u"));
    }

    fn push_keyboard_mode(&mut self, mode: KeyboardModes) {
        self.keyboard.push(self.side(), mode);
    }

    fn pop_keyboard_modes(&mut self, to_pop: u16) {
        self.keyboard.pop(self.side(), to_pop);
    }

    fn set_keyboard_mode(&mut self, mode: KeyboardModes, how: KeyboardModesApplyBehavior) {
        self.keyboard.set(self.side(), mode, how);
    }

    fn clear_screen(&mut self, mode: ClearMode) {
        self.erase_screen(mode);
    }

    fn decaln(&mut self) {
        self.align();
    }

    fn delete_chars(&mut self, count: usize) {
        self.delete_in_line(count);
    }

    fn delete_lines(&mut self, count: usize) {
        self.shift_lines(|screen| screen.term.delete_lines(count));
    }

    fn device_status(&mut self, request: usize) {
        match request {
            6 => self.report_cursor(),
            request => self.term.device_status(request),
        }
    }

    fn erase_chars(&mut self, count: usize) {
        self.stay_in_line();
        self.term.erase_chars(count);
    }

    fn goto_col(&mut self, col: usize) {
        self.move_to_column(col);
    }

    fn insert_blank(&mut self, count: usize) {
        self.stay_in_line();
        self.term.insert_blank(count);
    }

    fn insert_blank_lines(&mut self, count: usize) {
        self.shift_lines(|screen| screen.term.insert_blank_lines(count));
    }

    #[inline]
    fn linefeed(&mut self) {
        self.stay_in_line();
        self.term.newline();
        self.pack_where_many();
    }

    fn move_down(&mut self, rows: usize) {
        self.move_rows(line_number(rows));
    }

    fn move_down_and_cr(&mut self, rows: usize) {
        self.move_rows(line_number(rows));
        self.term.carriage_return();
    }

    fn move_up(&mut self, rows: usize) {
        self.move_rows(-line_number(rows));
    }

    fn move_up_and_cr(&mut self, rows: usize) {
        self.move_rows(-line_number(rows));
        self.term.carriage_return();
    }

    fn restore_cursor_position(&mut self) {
        self.restore_cursor();
    }

    fn reverse_index(&mut self) {
        self.stay_in_line();
        self.term.reverse_index();
    }

    fn save_cursor_position(&mut self) {
        self.save_cursor();
    }

    fn set_active_charset(&mut self, index: CharsetIndex) {
        self.take_charset(index);
    }

    fn set_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Named(NamedPrivateMode::SwapScreenAndSetRestoreCursor) => {
                self.enter_alternate();
            }
            PrivateMode::Named(NamedPrivateMode::ColumnMode) => {}
            PrivateMode::Named(_) => self.term.set_private_mode(mode),
            PrivateMode::Unknown(47 | 1047) => self.show_alternate(),
            PrivateMode::Unknown(1048) => self.save_cursor(),
            PrivateMode::Unknown(66) => self.term.set_keypad_application_mode(),
            PrivateMode::Unknown(number) => {
                if let Some(extra) = Extra::of_mode(number) {
                    self.extra(extra);
                }
            }
        }
    }

    fn unset_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Named(NamedPrivateMode::SwapScreenAndSetRestoreCursor) => {
                self.leave_alternate();
            }
            PrivateMode::Named(NamedPrivateMode::Origin) => {
                self.term.unset_private_mode(mode);
                self.term.goto(0, 0);
            }
            PrivateMode::Named(NamedPrivateMode::ColumnMode) => {}
            PrivateMode::Named(_) => self.term.unset_private_mode(mode),
            PrivateMode::Unknown(47) => self.show_main(Alternate::Kept),
            PrivateMode::Unknown(1047) => self.show_main(Alternate::Cleared),
            PrivateMode::Unknown(1048) => self.restore_cursor(),
            PrivateMode::Unknown(66) => self.term.unset_keypad_application_mode(),
            PrivateMode::Unknown(_) => {}
        }
    }

    fn report_private_mode(&mut self, mode: PrivateMode) {
        let set = match mode {
            PrivateMode::Unknown(47 | 1047) => self.side() == ScreenKind::Alternate,
            PrivateMode::Unknown(66) => self.term.mode().contains(TermMode::APP_KEYPAD),
            // A cursor can always be restored.
            PrivateMode::Unknown(1048) => true,
            mode => return self.term.report_private_mode(mode),
        };
        let state = if set { 1 } else { 2 };
        self.replies.owe(&format!("\x1b[?{};{state}$y", mode.raw()));
    }

    fn set_cursor_style(&mut self, style: Option<CursorStyle>) {
        self.cursor_style = style;
    }

    fn set_cursor_shape(&mut self, shape: CursorShape) {
        let blinking = self.cursor_style.is_some_and(|style| style.blinking);
        self.cursor_style = Some(CursorStyle { shape, blinking });
    }

    fn set_hyperlink(&mut self, link: Option<Hyperlink>) {
        let number = link.and_then(|link| self.links.number(&link.uri));
        self.term.set_hyperlink(number.map(|number| Hyperlink {
            id: Some(number.to_string()),
            uri: String::new(),
        }));
    }

    fn set_scrolling_region(&mut self, top: usize, bottom: Option<usize>) {
        self.set_region(top, bottom);
    }

    fn terminal_attribute(&mut self, attribute: Attr) {
        let flags = &mut self.term.grid_mut().cursor.template.flags;
        match attribute {
            Attr::BlinkSlow | Attr::BlinkFast => flags.insert(cells::BLINK),
            Attr::CancelBlink => flags.remove(cells::BLINK),
            // Number 21 is a double underline in xterm.
            Attr::CancelBold => self.term.terminal_attribute(Attr::DoubleUnderline),
            attribute => self.term.terminal_attribute(attribute),
        }
    }

    to_the_grid! {
        backspace();
        carriage_return();
        clear_line(mode: LineClearMode);
        clear_tabs(mode: TabulationClearMode);
        configure_charset(index: CharsetIndex, charset: StandardCharset);
        goto(line: i32, col: usize);
        goto_line(line: i32);
        identify_terminal(intermediate: Option<char>);
        move_backward(cols: usize);
        move_backward_tabs(count: u16);
        move_forward(cols: usize);
        move_forward_tabs(count: u16);
        put_tab(count: u16);
        report_mode(mode: AnsiMode);
        reset_color(index: usize);
        scroll_down(count: usize);
        scroll_up(count: usize);
        set_color(index: usize, colour: Rgb);
        set_horizontal_tabstop();
        set_keypad_application_mode();
        set_mode(mode: AnsiMode);
        substitute();
        text_area_size_chars();
        unset_keypad_application_mode();
        unset_mode(mode: AnsiMode);
    }
}
