//! The learner's terminal: prepared for the lab, drawn on, and restored afterwards.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, MoveTo, SetCursorStyle, Show};
use crossterm::{queue, terminal};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

use super::painter::{self, Underlines};
use crate::pty::emulator::{self, CursorShape, CursorStyle};
use crate::sandbox::sweeper::{Cleanup, RESET_SCREEN, Sweeper};
use crate::ui::{Decorations, Frame};

/// The alternate screen, cleared (ratatui's own clear waits for the terminal to report its cursor,
/// which not every terminal does); mouse buttons and drags, but not every motion, which would wake
/// us all the time; SGR mouse reports, which have no limit of 223 columns; bracketed paste; focus reports.
const PREPARE_SCREEN: &str =
    "\x1b[?1049h\x1b[2J\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?1004h";
/// Asks for the colours of text and background, and for the kitty keyboard protocol. A terminal doesn't answer a
/// question that it doesn't know: `tmux` before 3.4 and `screen` know none of these.
const QUESTIONS: &str = "\x1b]10;?\x07\x1b]11;?\x07\x1b[?u";
/// Sets flags 1 and 4 of the kitty keyboard protocol. With 1, keys that share bytes get distinct ones. With 4, a
/// key of another script is reported together with the Latin letter on the same key, so that Ctrl works with it.
/// `RESET_SCREEN` of the sweeper resets them.
const KITTY_KEYBOARD: &str = "\x1b[>5u";
/// Reports of all motion. In many terminals this mode and that of drags end each other.
const ALL_MOTION: &str = "\x1b[?1003h";
const DRAGS: &str = "\x1b[?1003l\x1b[?1000h\x1b[?1002h";
/// Clears the screen and its attributes.
const CLEAR: &str = "\x1b[0m\x1b[2J";

/// The prepared terminal. Drop restores it; if nslab is killed, a sweeper does.
pub(super) struct OuterScreen {
    /// The frame that the terminal shows now.
    shown: Frame,
    /// The buffer for the next frame of the whole screen.
    spare: Frame,
    /// The terminal, without stdout's own buffer, which would write line by line.
    out: File,
    /// Bytes for the terminal. All that belong to one frame are written at once.
    unwritten: Vec<u8>,
    underlines: Underlines,
    /// Whether the terminal reports every motion of the mouse.
    motion: bool,
    sweeper: Option<Sweeper>,
}

impl OuterScreen {
    /// Prepares the terminal, which has this number of columns and rows.
    pub(super) fn enter(size: (u16, u16)) -> io::Result<Self> {
        let sweeper = Some(Sweeper::of_terminal(&Cleanup::TerminalScreen)?);
        // Restore the screen before a panic prints its message.
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // A panic of the terminal emulator is caught there, and the lab goes on.
            if !emulator::catches_panics() {
                give_back();
                print(panic);
            }
        }));
        terminal::enable_raw_mode()?;
        let mut unwritten = PREPARE_SCREEN.as_bytes().to_vec();
        unwritten.extend(questions().as_bytes());
        let frame = Frame::new(Rect::new(0, 0, size.0, size.1));
        Ok(Self {
            shown: frame.clone(),
            spare: frame,
            out: File::from(io::stdout().as_fd().try_clone_to_owned()?),
            unwritten,
            underlines: known_underlines(),
            motion: false,
            sweeper,
        })
    }

    /// Takes a new size: the next frame draws everything.
    pub(super) fn resize(&mut self, (cols, rows): (u16, u16)) -> io::Result<()> {
        self.shown = Frame::new(Rect::new(0, 0, cols, rows));
        self.spare = self.shown.clone();
        self.unwritten.write_all(CLEAR.as_bytes())
    }

    /// Draws the whole screen.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.spare.reset();
        render(&mut self.spare);
        let mut changes = self.shown.buffer.diff(&self.spare.buffer);
        add_redecorated(&mut changes, &self.shown.decorations, &self.spare);
        let cursor_style = self.shown.cursor_style;
        update(
            &mut self.unwritten,
            self.underlines,
            &changes,
            &self.spare,
            cursor_style,
        )?;
        std::mem::swap(&mut self.shown, &mut self.spare);
        self.write()
    }

    /// Draws parts of it; the rest stays. The cursor is in one of them, or hidden.
    pub(super) fn draw_parts(&mut self, parts: &[Frame]) -> io::Result<()> {
        if parts.is_empty() {
            return Ok(());
        }
        let with_cursor = parts.iter().find(|part| part.cursor.is_some());
        let cursor_style = self.shown.cursor_style;
        self.shown.cursor = with_cursor.and_then(|part| part.cursor);
        self.shown.cursor_style = with_cursor.map_or(cursor_style, |part| part.cursor_style);
        let mut rows: Vec<[Buffer; 2]> = Vec::new();
        let mut decorations: Vec<Decorations> = Vec::new();
        for part in parts {
            let area = part.buffer.area;
            rows.extend(take_rows(&mut self.shown.buffer, &part.buffer));
            let within = |(row, column)| area.contains(Position::new(column, row));
            let all = std::mem::take(&mut self.shown.decorations);
            let (taken, kept) = all.into_iter().partition(|(at, _)| within(*at));
            self.shown.decorations = kept;
            let added = part.decorations.iter().map(|(at, it)| (*at, it.clone()));
            self.shown.decorations.extend(added);
            decorations.push(taken);
        }
        let diffs = rows.iter().flat_map(|[shown, new]| shown.diff(new));
        let mut changes: Vec<_> = diffs.collect();
        for (before, part) in decorations.iter().zip(parts) {
            add_redecorated(&mut changes, before, part);
        }
        update(
            &mut self.unwritten,
            self.underlines,
            &changes,
            &self.shown,
            cursor_style,
        )?;
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.unwritten);
        self.unwritten.clear();
        written
    }

    /// Asks for keys in the kitty keyboard protocol.
    pub(super) fn use_kitty_keyboard(&mut self) -> io::Result<()> {
        // A terminal that knows one of the two knows the other.
        self.underlines = Underlines::Styled;
        self.unwritten.extend(KITTY_KEYBOARD.as_bytes());
        self.write()
    }

    /// From the next frame on, the terminal reports every motion of the mouse, or only drags.
    pub(super) fn report_motion(&mut self, wanted: bool) {
        if self.motion != wanted {
            self.motion = wanted;
            let modes = if wanted { ALL_MOTION } else { DRAGS };
            self.unwritten.extend(modes.as_bytes());
        }
    }

    pub(super) fn ring(&mut self) -> io::Result<()> {
        self.unwritten.push(0x07);
        self.write()
    }

    /// Copies a text to the terminal's clipboard with OSC 52. No terminal confirms that.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let clipboard = CopyToClipboard::to_clipboard_from(text);
        queue!(self.unwritten, clipboard)?;
        self.write()
    }
}

/// Copies the changed rows of a part into `shown`. Returns each of them as it was and as it is.
fn take_rows(shown: &mut Buffer, part: &Buffer) -> Vec<[Buffer; 2]> {
    let width = usize::from(part.area.width).max(1);
    let mut changed = Vec::new();
    for (area, new) in part.area.rows().zip(part.content.chunks(width)) {
        let start = shown.index_of(area.x, area.y);
        let before = &mut shown.content[start..start + width];
        if before != new {
            let contents = [before.to_vec(), new.to_vec()];
            changed.push(contents.map(|content| Buffer { area, content }));
            before.clone_from_slice(new);
        }
    }
    changed
}

/// Adds the cells that only have another decoration than before.
fn add_redecorated<'a>(
    changes: &mut Vec<(u16, u16, &'a Cell)>,
    before: &Decorations,
    frame: &'a Frame,
) {
    let places = before.keys().chain(frame.decorations.keys());
    let differs = |at: &&(u16, u16)| before.get(at) != frame.decorations.get(at);
    let mut places: BTreeSet<_> = places.filter(differs).collect();
    if places.is_empty() {
        return;
    }
    for (column, row, _) in &*changes {
        places.remove(&(*row, *column));
    }
    for (row, column) in places {
        let cell = frame.buffer.cell(Position::new(*column, *row));
        // The second half of a wide character goes with the first.
        let half = column
            .checked_sub(1)
            .and_then(|column| frame.buffer.cell(Position::new(column, *row)))
            .is_some_and(|before| before.symbol().width() > 1);
        if let Some(cell) = cell.filter(|_| !half) {
            changes.push((*column, *row, cell));
        }
    }
}

/// Changes cells, as one synchronized update if the terminal knows that (mode 2026).
fn update(
    out: &mut Vec<u8>,
    underlines: Underlines,
    changes: &[(u16, u16, &Cell)],
    frame: &Frame,
    cursor_style: Option<CursorStyle>,
) -> io::Result<()> {
    queue!(out, terminal::BeginSynchronizedUpdate)?;
    painter::paint(out, changes, &frame.decorations, underlines);
    if frame.cursor_style != cursor_style {
        queue!(out, set_cursor_style(frame.cursor_style))?;
    }
    match frame.cursor {
        Some(Position { x, y }) => queue!(out, Show, MoveTo(x, y))?,
        None => queue!(out, Hide)?,
    }
    queue!(out, terminal::EndSynchronizedUpdate)
}

fn set_cursor_style(style: Option<CursorStyle>) -> SetCursorStyle {
    let Some(CursorStyle { shape, blinking }) = style else {
        return SetCursorStyle::DefaultUserShape;
    };
    match (shape, blinking) {
        (CursorShape::Underline, true) => SetCursorStyle::BlinkingUnderScore,
        (CursorShape::Underline, false) => SetCursorStyle::SteadyUnderScore,
        (CursorShape::Beam, true) => SetCursorStyle::BlinkingBar,
        (CursorShape::Beam, false) => SetCursorStyle::SteadyBar,
        (_, true) => SetCursorStyle::BlinkingBlock,
        (_, false) => SetCursorStyle::SteadyBlock,
    }
}

/// The underlines that the terminal knows, by the environment. VTE's terminals, such as GNOME's, set a variable.
/// tmux knows all, and passes on those that the outer terminal can show.
fn known_underlines() -> Underlines {
    let knows = ["VTE_VERSION", "TMUX"];
    if knows.iter().any(|name| std::env::var_os(name).is_some()) {
        Underlines::Styled
    } else {
        Underlines::Plain
    }
}

/// Asks the terminal about itself, once. Nothing waits for the answers.
fn questions() -> String {
    let numbered = (0..emulator::NUMBERED).map(|number| format!("\x1b]4;{number};?\x07"));
    std::iter::once(QUESTIONS.to_owned())
        .chain(numbered)
        .collect()
}

fn give_back() {
    let mut out = io::stdout();
    let _ = out
        .write_all(RESET_SCREEN.as_bytes())
        .and_then(|()| out.flush());
    let _ = terminal::disable_raw_mode();
}

impl Drop for OuterScreen {
    fn drop(&mut self) {
        give_back();
        if let Some(sweeper) = self.sweeper.take() {
            sweeper.dismiss();
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn rows_that_changed_are_all_that_changed() {
        let area = Rect::new(2, 1, 6, 3);
        let mut part = Buffer::empty(area);
        for (y, text) in [(1, "same"), (2, "中文ab"), (3, "cd")] {
            part.set_string(2, y, text, Style::new());
        }
        let mut shown = Buffer::empty(Rect::new(0, 0, 10, 5));
        shown.set_string(0, 0, "not of it", Style::new());
        shown.set_string(2, 1, "same", Style::new());
        shown.set_string(2, 2, "x中y", Style::new());
        let mut expected = shown.clone();
        expected.merge(&part);
        let whole = shown.clone();
        let rows = take_rows(&mut shown, &part);
        assert_eq!(shown, expected);
        let changes: Vec<_> = rows.iter().flat_map(|[old, new]| old.diff(new)).collect();
        assert_eq!(changes, whole.diff(&expected));
        assert_eq!(rows.len(), 2);
        assert!(take_rows(&mut shown, &part).is_empty());
    }
}
