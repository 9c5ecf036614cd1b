//! The terminal emulator behind a pane.
//!
//! Wraps `alacritty_terminal` with the guards that it needs: valid sizes, bounds on strings and
//! cells, caught panics. Must not know how a cell is painted, nor where the bytes come from.

mod cells;
mod copying;
mod extras;
mod history;
mod intake;
mod keyboard;
mod links;
mod marks;
mod modes;
mod packed;
mod palette;
mod parser;
mod screen;
mod selection;

mod xterm;

use std::cell::Cell as Flag;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use alacritty_terminal::grid::Scroll;
pub(crate) use alacritty_terminal::vte::ansi::{CursorShape, CursorStyle};

pub(crate) use cells::{Attribute, Attributes, Glyph, GlyphStyle, Paint, Underline};
pub use copying::Toward;
pub(crate) use copying::{Motion, SearchOutcome};
pub(crate) use marks::{EndedLine, OwnNames, UnreadLine};
pub use modes::{Mode, MouseReports};
pub(crate) use modes::{Modes, MouseEncoding};
pub use palette::Slot;
pub(crate) use palette::{NUMBERED, Palette};

use intake::Intake;
pub(crate) use selection::SelectionUnit;

use marks::PromptMarks;
use parser::Parser;
use screen::Screen;

pub(crate) const SCROLLBACK: usize = 10_000;

/// The smallest and the largest screen. A grid of one column loops forever on a wide character;
/// each column costs memory in every line of history.
const COLUMNS: (u16, u16) = (2, 1_000);
const ROWS: (u16, u16) = (1, 1_000);

/// Shown after the emulator has failed.
const RESTARTED: &[u8] =
    b"nslab: the terminal emulator failed on this output and started afresh\r\n";

thread_local! {
    static GUARDED: Flag<bool> = const { Flag::new(false) };
}

/// Whether an emulator would catch a panic on this thread now. Asked by a panic hook, which must
/// not restore the terminal for a caught panic.
pub(crate) fn catches_panics() -> bool {
    GUARDED.get()
}

/// Whether a child may copy to the user's clipboard (OSC 52). It can never read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clipboard {
    #[default]
    /// Text that a child copies is dropped.
    Closed,
    /// Text that a child copies goes to the user's clipboard.
    Open,
}

/// The cursor on the visible screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Column, from 0.
    pub col: u16,
    /// Row, from 0.
    pub row: u16,
    /// The form that the child asked for; `None` is the user's own.
    pub style: Option<CursorStyle>,
}

/// An `xterm-256color` terminal: takes bytes, and is read as a screen.
pub struct Emulator {
    parser: Parser,
    intake: Intake,
    screen: Screen,
    marks: PromptMarks,
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("size", &self.size())
            .field("title", &self.title())
            .finish_non_exhaustive()
    }
}

impl Emulator {
    /// An empty screen. Invalid sizes become the nearest valid ones.
    pub fn new(cols: u16, rows: u16) -> Self {
        let (cols, rows) = valid_size(cols, rows);
        Emulator {
            parser: Parser::default(),
            intake: Intake::default(),
            screen: Screen::new(cols, rows),
            marks: PromptMarks::default(),
        }
    }

    /// Takes what the child wrote, and returns the replies to send to it.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.marks.feed(bytes);
        self.screen.expect(bytes.len());
        self.catch_panic(|emulator| {
            let joined = emulator.intake.joined(bytes);
            let mut rest = &joined[..];
            while !rest.is_empty() {
                let taken = emulator.intake.take(rest);
                emulator.parser.advance(&mut emulator.screen, taken.bytes);
                if let Some(instead) = taken.instead {
                    emulator.parser.advance_own(&mut emulator.screen, &instead);
                }
                rest = taken.rest;
            }
            emulator.screen.settle();
        });
        self.screen.take_replies()
    }

    /// The deadline for a synchronized update (mode 2026), even if the child doesn't end it.
    pub fn sync_deadline(&self) -> Option<Instant> {
        self.parser.sync_deadline()
    }

    /// Ends a synchronized update. Returns the replies to send to the child.
    pub fn sync_expired(&mut self) -> Vec<u8> {
        self.screen.expect(self.parser.sync_bytes_count());
        self.catch_panic(|emulator| {
            emulator.parser.stop_sync(&mut emulator.screen);
            emulator.screen.settle();
        });
        self.screen.take_replies()
    }

    /// Sets the colours of the user's terminal, with which a child's questions are answered.
    pub(crate) fn set_palette(&mut self, palette: Palette) {
        self.screen.palette = palette;
    }

    pub(crate) fn set_clipboard(&mut self, clipboard: Clipboard) {
        self.screen.clipboard = clipboard;
    }

    /// The text that the child has copied to the clipboard since the last call, if it may.
    pub(crate) fn take_copied(&mut self) -> Option<String> {
        self.screen.copied.take()
    }

    /// Whether the title has changed since the last call.
    pub(crate) fn take_title_change(&mut self) -> bool {
        std::mem::take(&mut self.screen.title_changed)
    }

    /// Changes the size, and wraps lines again, history included.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        let (cols, rows) = valid_size(cols, rows);
        self.catch_panic(|emulator| emulator.screen.resize(cols, rows));
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.screen.size()
    }

    /// Scrolls the view: into history when positive, towards the present when negative.
    pub fn scroll(&mut self, lines: i32) {
        // The sum with the present offset must not overflow.
        let most = i32::try_from(SCROLLBACK).unwrap_or(i32::MAX);
        let lines = lines.clamp(-most, most);
        self.catch_panic(|emulator| emulator.screen.scroll(Scroll::Delta(lines)));
    }

    /// Scrolls the view to the present.
    pub fn scroll_to_bottom(&mut self) {
        self.catch_panic(|emulator| emulator.screen.scroll(Scroll::Bottom));
    }

    /// How many lines of history the view is scrolled back.
    pub fn scrolled_by(&self) -> usize {
        self.screen.scrolled_by()
    }

    /// How many lines of history there are.
    pub fn history(&self) -> usize {
        self.screen.history()
    }

    /// The modes that the child set for keyboard, mouse and paste.
    pub fn modes(&self) -> Modes {
        self.screen.modes()
    }

    /// The title that the child set: one line without control characters, bounded in length.
    pub fn title(&self) -> Option<&str> {
        self.screen.title.as_deref()
    }

    /// Whether the bell rang since the last call.
    pub fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.screen.bell)
    }

    /// How many prompts the shell has shown, if it marks them.
    pub fn prompts(&self) -> u64 {
        self.marks.prompts
    }

    /// The output of the running command so far, as plain text; the last 4 KiB.
    pub fn output_so_far(&self) -> String {
        self.marks.output_so_far()
    }

    /// Whether the shell is at its prompt, by its marks.
    pub fn at_prompt(&self) -> bool {
        self.marks.at_prompt
    }

    /// Whether the shell is certainly at its prompt. A shell that doesn't mark the start of a
    /// command (bash before 4.4) would seem to be there always.
    pub fn surely_at_prompt(&self) -> bool {
        self.marks.at_prompt && self.marks.begins
    }

    /// Whether the shell may wait for the rest of a command, such as one with an open quotation mark.
    pub fn may_wait_for_more(&self) -> bool {
        self.marks.at_prompt && self.marks.continued
    }

    /// How many commands have ended, if the shell marks them.
    pub fn commands(&self) -> u64 {
        self.marks.commands
    }

    /// How many commands have begun in it, and in shells inside it.
    pub fn begun(&self) -> u64 {
        self.marks.begun
    }

    /// The last line that the shell has read but could not run. `None` once it begins another command.
    pub(crate) fn unread(&self) -> Option<&UnreadLine> {
        self.marks.unread.as_ref()
    }

    /// The command that has begun last and has not ended, by its number.
    pub(crate) fn innermost(&self) -> Option<u64> {
        self.marks.innermost()
    }

    /// The last command that ended.
    pub fn last_command(&self) -> Option<&EndedLine> {
        self.marks.ended.back()
    }

    /// The commands that ended after the first `before` ones, the oldest first; the last sixteen at most.
    pub fn commands_after(&self, before: u64) -> impl Iterator<Item = &EndedLine> {
        let after = self.marks.commands.saturating_sub(before);
        let kept = self.marks.ended.len();
        let after = usize::try_from(after).unwrap_or(kept).min(kept);
        self.marks.ended.iter().skip(kept - after)
    }

    /// The cursor, unless it is hidden or outside the visible lines.
    pub fn cursor(&self) -> Option<Cursor> {
        let (col, row) = self.screen.cursor()?;
        let style = self.screen.cursor_style;
        Some(Cursor { col, row, style })
    }

    /// The colour of a character's underline; the default is that of the character.
    pub fn underline_colour(&self, glyph: &Glyph<'_>) -> Paint {
        glyph.underline_colour(self.screen.term.colors())
    }

    /// The address that a character is a link to.
    pub fn link(&self, glyph: &Glyph<'_>) -> Option<&Arc<str>> {
        self.screen.links.address(glyph.link()?)
    }

    /// The visible characters of one row from left to right; they cover each column once.
    pub fn glyphs(&self, row: u16) -> impl Iterator<Item = Glyph<'_>> {
        self.screen.glyphs(row)
    }

    /// The visible screen as text, without trailing blanks.
    pub fn text(&self) -> String {
        let (_, rows) = self.size();
        let mut text = String::new();
        for row in 0..rows {
            for glyph in self.glyphs(row) {
                text.push(glyph.ch);
                text.extend(glyph.marks);
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        text.pop();
        text
    }

    /// Runs emulator code. After a panic there, the screen is lost, a message on it says so, and nslab goes on.
    fn catch_panic(&mut self, act: impl FnOnce(&mut Self)) {
        let outer = GUARDED.replace(true);
        let outcome = catch_unwind(AssertUnwindSafe(|| act(self)));
        GUARDED.set(outer);
        if outcome.is_err() {
            let (cols, rows) = self.size();
            let marks = std::mem::take(&mut self.marks);
            let (palette, clipboard) = (self.screen.palette, self.screen.clipboard);
            *self = Emulator::new(cols, rows);
            self.marks = marks;
            self.screen.palette = palette;
            self.screen.clipboard = clipboard;
            self.screen.expect(RESTARTED.len());
            self.parser.advance(&mut self.screen, RESTARTED);
        }
    }
}

fn valid_size(cols: u16, rows: u16) -> (u16, u16) {
    (cols.clamp(COLUMNS.0, COLUMNS.1), rows.clamp(ROWS.0, ROWS.1))
}

#[cfg(test)]
mod tests;
