//! The learner's terminal: prepared for the lab, drawn on, and restored afterwards.

use std::cell::RefCell;
use std::io::{self, Write};
use std::panic;
use std::rc::Rc;

use crossterm::clipboard::CopyToClipboard;
use crossterm::{queue, terminal};
use nix::errno::Errno;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

use crate::pty::emulator;
use crate::sandbox::sweeper::{Charge, FAREWELL, Sweeper};
use crate::ui::Frame;

/// The alternate screen, cleared (ratatui's own clear waits for the terminal to report its cursor,
/// which not every terminal does); mouse buttons and drags, but not every motion, which would wake
/// us all the time; SGR mouse reports, which have no limit of 223 columns; bracketed paste; focus reports.
const GREETING: &str = "\x1b[?1049h\x1b[2J\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?1004h";
/// The colours of text and background, and whether there is the kitty keyboard protocol. What a terminal
/// doesn't know it doesn't answer: `tmux` before 3.4 and `screen` know none of them.
const QUESTIONS: &str = "\x1b]10;?\x07\x1b]11;?\x07\x1b[?u";
/// Flags 1 and 4 of the kitty keyboard protocol: keys that share bytes get distinct ones, and a key in
/// another script is told with the Latin letter on it, for Ctrl. The sweeper's farewell takes them back.
const KITTY_KEYBOARD: &str = "\x1b[>5u";
/// Clears the screen and its attributes.
const CLEAR: &str = "\x1b[0m\x1b[2J";

/// The prepared terminal. Drop restores it; if nslab is killed, a sweeper does.
pub(super) struct Screen {
    backend: CrosstermBackend<Unwritten>,
    /// What the terminal shows.
    shown: Frame,
    /// Taken for the next frame of the whole screen.
    spare: Frame,
    unwritten: Unwritten,
    sweeper: Option<Sweeper>,
}

/// Bytes for the terminal. All that belong to one frame are written at once, whenever ratatui flushes.
#[derive(Clone, Default)]
struct Unwritten(Rc<RefCell<Vec<u8>>>);

impl Write for Unwritten {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Unwritten {
    fn write_all_to_terminal(&self) -> io::Result<()> {
        let mut bytes = self.0.borrow_mut();
        // Not through stdout's own buffer, which would write line by line.
        let written = write_all(&bytes);
        bytes.clear();
        written
    }
}

fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match nix::unistd::write(io::stdout(), bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

impl Screen {
    /// Prepares the terminal, which has so many columns and rows.
    pub(super) fn enter(size: (u16, u16)) -> io::Result<Self> {
        let sweeper = Some(Sweeper::of_terminal(&Charge::TerminalScreen)?);
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
        let mut unwritten = Unwritten::default();
        unwritten.write_all(GREETING.as_bytes())?;
        unwritten.write_all(questions().as_bytes())?;
        let frame = Frame::new(Rect::new(0, 0, size.0, size.1));
        Ok(Self {
            backend: CrosstermBackend::new(unwritten.clone()),
            shown: frame.clone(),
            spare: frame,
            unwritten,
            sweeper,
        })
    }

    /// The terminal has another size: what it shows is drawn anew with the next frame.
    pub(super) fn resize(&mut self, (cols, rows): (u16, u16)) -> io::Result<()> {
        self.shown = Frame::new(Rect::new(0, 0, cols, rows));
        self.spare = self.shown.clone();
        self.unwritten.write_all(CLEAR.as_bytes())
    }

    /// Draws the whole screen.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.spare.reset();
        render(&mut self.spare);
        let changes = self.shown.buffer.diff(&self.spare.buffer);
        update(&mut self.backend, &changes, self.spare.cursor)?;
        std::mem::swap(&mut self.shown, &mut self.spare);
        self.unwritten.write_all_to_terminal()
    }

    /// Draws parts of it; the rest stays. The cursor is in one of them, or hidden.
    pub(super) fn draw_parts(&mut self, parts: Vec<Frame>) -> io::Result<()> {
        if parts.is_empty() {
            return Ok(());
        }
        self.shown.cursor = parts.iter().find_map(|part| part.cursor);
        let mut before: Vec<Buffer> = Vec::new();
        for part in &parts {
            let mut buffer = Buffer::empty(part.buffer.area);
            for at in buffer.area.positions() {
                std::mem::swap(&mut buffer[at], &mut self.shown.buffer[at]);
            }
            before.push(buffer);
        }
        let pairs = before.iter().zip(&parts);
        let changes = pairs.flat_map(|(before, part)| before.diff(&part.buffer));
        let changes: Vec<_> = changes.collect();
        update(&mut self.backend, &changes, self.shown.cursor)?;
        for mut part in parts {
            for at in part.buffer.area.positions() {
                std::mem::swap(&mut part.buffer[at], &mut self.shown.buffer[at]);
            }
        }
        self.unwritten.write_all_to_terminal()
    }

    /// Asks for keys in the kitty keyboard protocol.
    pub(super) fn use_kitty_keyboard(&mut self) -> io::Result<()> {
        self.unwritten.write_all(KITTY_KEYBOARD.as_bytes())?;
        self.unwritten.write_all_to_terminal()
    }

    /// Copies a text to the terminal's clipboard with OSC 52. No terminal confirms that.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let clipboard = CopyToClipboard::to_clipboard_from(text);
        queue!(self.unwritten, clipboard)?;
        self.unwritten.write_all_to_terminal()
    }
}

/// Changes cells, as one synchronized update if the terminal knows that (mode 2026).
fn update(
    backend: &mut CrosstermBackend<Unwritten>,
    changes: &[(u16, u16, &Cell)],
    cursor: Option<Position>,
) -> io::Result<()> {
    queue!(backend, terminal::BeginSynchronizedUpdate)?;
    backend.draw(changes.iter().copied())?;
    match cursor {
        Some(position) => {
            backend.show_cursor()?;
            backend.set_cursor_position(position)?;
        }
        None => backend.hide_cursor()?,
    }
    queue!(backend, terminal::EndSynchronizedUpdate)
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
        .write_all(FAREWELL.as_bytes())
        .and_then(|()| out.flush());
    let _ = terminal::disable_raw_mode();
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        if let Some(sweeper) = self.sweeper.take() {
            sweeper.dismiss();
        }
    }
}
