//! The input modes of a terminal, which a child sets.
//!
//! They decide how keys, pastes and the mouse are encoded. Must not know the emulator.

use std::fmt;

/// A mode that a child can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Cursor keys send `SS3` (DECCKM).
    ApplicationCursor,
    /// The keypad sends `SS3` (DECKPAM).
    ApplicationKeypad,
    /// Pastes are bracketed (2004).
    BracketedPaste,
    /// The alternate screen is shown (1049).
    AlternateScreen,
    /// On the alternate screen the wheel sends cursor keys (1007).
    AlternateScroll,
    /// Focus changes are reported (1004).
    FocusEvents,
    /// Enter sends CR and LF (LNM).
    NewLine,
    /// Flag 1 of the kitty keyboard protocol: keys that share bytes get distinct ones.
    Disambiguate,
}

/// The mouse events that the child wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum MouseReports {
    /// None.
    #[default]
    Off,
    /// Buttons and the wheel (1000).
    Buttons,
    /// Also movement while a button is held (1002).
    Drag,
    /// All movement (1003).
    Motion,
}

/// The encoding of mouse events that the child wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MouseEncoding {
    /// One byte for each number, as the first xterm did.
    #[default]
    Bytes,
    /// UTF-8 characters (1005).
    Utf8,
    /// Decimal numbers (1006).
    Sgr,
}

impl Mode {
    const ALL: [Mode; 8] = [
        Mode::ApplicationCursor,
        Mode::ApplicationKeypad,
        Mode::BracketedPaste,
        Mode::AlternateScreen,
        Mode::AlternateScroll,
        Mode::FocusEvents,
        Mode::NewLine,
        Mode::Disambiguate,
    ];
}

/// All input modes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes {
    set: u8,
    /// The mouse events that the child wants.
    pub mouse: MouseReports,
    pub mouse_encoding: MouseEncoding,
}

impl fmt::Debug for Modes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(Mode::ALL.into_iter().filter(|mode| self.has(*mode)))
            .entry(&self.mouse)
            .entry(&self.mouse_encoding)
            .finish()
    }
}

impl Modes {
    /// Whether a mode is on.
    pub const fn has(self, mode: Mode) -> bool {
        self.set & (1 << mode as u8) != 0
    }

    #[must_use]
    pub const fn with(mut self, mode: Mode) -> Self {
        self.set |= 1 << mode as u8;
        self
    }

    #[must_use]
    pub(super) const fn with_if(self, mode: Mode, on: bool) -> Self {
        if on { self.with(mode) } else { self }
    }
}
