//! The learner's terminal: prepared for the lab, drawn on, and restored afterwards.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;

use crossterm::clipboard::CopyToClipboard;
use crossterm::{queue, terminal};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use crate::pty::emulator;
use crate::sandbox::sweeper::{Charge, FAREWELL, Sweeper};

/// The alternate screen, cleared (ratatui's own clear waits for the terminal to report its cursor,
/// which not every terminal does); mouse buttons and drags, but not every motion, which would wake
/// us all the time; SGR mouse reports, which have no limit of 223 columns; bracketed paste.
const GREETING: &str = "\x1b[?1049h\x1b[2J\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h";
/// More bytes than a frame of 300 columns by 100 rows takes.
const FRAME_BYTES: usize = 256 * 1024;

/// The prepared terminal. Drop restores it; if nslab is killed, a sweeper does.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    sweeper: Option<Sweeper>,
}

impl Screen {
    /// Prepares the terminal.
    pub(super) fn enter() -> io::Result<Self> {
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
        let mut out = BufWriter::with_capacity(FRAME_BYTES, io::stdout());
        out.write_all(GREETING.as_bytes())?;
        let terminal = Terminal::new(CrosstermBackend::new(out))?;
        Ok(Self { terminal, sweeper })
    }

    /// Current columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Draws a frame as one synchronized update, if the terminal knows that (mode 2026).
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(
            self.terminal.backend_mut(),
            terminal::BeginSynchronizedUpdate
        )?;
        self.terminal.draw(render)?;
        queue!(self.terminal.backend_mut(), terminal::EndSynchronizedUpdate)?;
        Write::flush(self.terminal.backend_mut())
    }

    /// Copies a text to the terminal's clipboard with OSC 52. No terminal confirms that.
    pub(super) fn copy(&mut self, text: &str) -> io::Result<()> {
        let clipboard = CopyToClipboard::to_clipboard_from(text);
        queue!(self.terminal.backend_mut(), clipboard)?;
        Write::flush(self.terminal.backend_mut())
    }
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
