//! The input modes of a terminal, which a child sets.
//!
//! They decide how keys, pastes and the mouse are encoded. Must not know how a child sets them.

use alacritty_terminal::term::TermMode;

/// A mode that a child can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// No mouse events.
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
    /// Its flag in the grid.
    const fn flag(self) -> TermMode {
        match self {
            Mode::ApplicationCursor => TermMode::APP_CURSOR,
            Mode::ApplicationKeypad => TermMode::APP_KEYPAD,
            Mode::BracketedPaste => TermMode::BRACKETED_PASTE,
            Mode::AlternateScreen => TermMode::ALT_SCREEN,
            Mode::AlternateScroll => TermMode::ALTERNATE_SCROLL,
            Mode::FocusEvents => TermMode::FOCUS_IN_OUT,
            Mode::NewLine => TermMode::LINE_FEED_NEW_LINE,
            Mode::Disambiguate => TermMode::DISAMBIGUATE_ESC_CODES,
        }
    }
}

/// All input modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    set: TermMode,
    /// The mouse events that the child wants.
    pub mouse: MouseReports,
    pub mouse_encoding: MouseEncoding,
}

impl Default for Modes {
    fn default() -> Self {
        Modes::of(TermMode::NONE)
    }
}

impl Modes {
    /// The modes by the flags of the grid.
    pub(super) fn of(set: TermMode) -> Self {
        Modes {
            set,
            mouse: mouse_reports(set),
            mouse_encoding: mouse_encoding(set),
        }
    }

    /// Whether a mode is on.
    pub const fn has(self, mode: Mode) -> bool {
        self.set.contains(mode.flag())
    }

    #[must_use]
    pub fn with(mut self, mode: Mode) -> Self {
        self.set.insert(mode.flag());
        self
    }
}

fn mouse_reports(mode: TermMode) -> MouseReports {
    if mode.contains(TermMode::MOUSE_MOTION) {
        MouseReports::Motion
    } else if mode.contains(TermMode::MOUSE_DRAG) {
        MouseReports::Drag
    } else if mode.contains(TermMode::MOUSE_REPORT_CLICK) {
        MouseReports::Buttons
    } else {
        MouseReports::Off
    }
}

fn mouse_encoding(mode: TermMode) -> MouseEncoding {
    if mode.contains(TermMode::SGR_MOUSE) {
        MouseEncoding::Sgr
    } else if mode.contains(TermMode::UTF8_MOUSE) {
        MouseEncoding::Utf8
    } else {
        MouseEncoding::Bytes
    }
}
