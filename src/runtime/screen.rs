//! The user's terminal while the lab is open, and as it was afterwards.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;

use crossterm::clipboard::CopyToClipboard;
use crossterm::{queue, terminal};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use crate::pty::emulator;
use crate::sandbox::sweeper::{Charge, FAREWELL, Sweeper};

/// The alternate screen, empty (ratatui's own way to empty it asks the terminal for its cursor and
/// waits for an answer, which not every terminal gives); mouse buttons and drags, but not every motion (which would wake us all
/// the time), in the form that has no limit of 223 columns; bracketed paste.
const GREETING: &str = "\x1b[?1049h\x1b[2J\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h";
/// A frame's bytes at 300 columns by 100 rows are below this.
const FRAME_BYTES: usize = 256 * 1024;

/// The terminal in our hands. Dropped, it is given back; should we be killed, a sweeper does it.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    sweeper: Option<Sweeper>,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn enter() -> io::Result<Self> {
        let sweeper = Some(Sweeper::of_terminal(&Charge::TerminalScreen)?);
        // A panic's words belong on the user's own screen.
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // One in the terminal emulator is caught there, and the lab goes on.
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

    /// Columns and rows of the terminal now.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Draws a frame, as one update where the terminal knows that (mode 2026).
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(
            self.terminal.backend_mut(),
            terminal::BeginSynchronizedUpdate
        )?;
        self.terminal.draw(render)?;
        queue!(self.terminal.backend_mut(), terminal::EndSynchronizedUpdate)?;
        Write::flush(self.terminal.backend_mut())
    }

    /// Hands a text to the terminal's clipboard: OSC 52, of which no terminal says whether it took
    /// it. Between two frames, as all that is written here.
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
