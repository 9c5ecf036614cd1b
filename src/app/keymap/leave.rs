//! The key that leaves a shell, which the learner can choose.
//!
//! Owns how it is written on the command line, and which key events match it.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{key_name, plain};

/// The key that leaves a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaveKey {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Default for LeaveKey {
    /// Ctrl-], as in telnet(1).
    fn default() -> Self {
        LeaveKey {
            code: KeyCode::Char(']'),
            modifiers: KeyModifiers::CONTROL,
        }
    }
}

impl LeaveKey {
    pub(in crate::app) fn matches(self, event: &KeyEvent) -> bool {
        let (code, modifiers) = plain(event);
        let heard = |code| (code, modifiers) == (self.code, self.modifiers);
        heard(code)
            || match (code, modifiers) {
                // Without an extended keyboard protocol a terminal sends the control characters
                // 28 to 31 and crossterm names them after the digits.
                (KeyCode::Char('4'), KeyModifiers::CONTROL) => heard(KeyCode::Char('\\')),
                (KeyCode::Char('5'), KeyModifiers::CONTROL) => heard(KeyCode::Char(']')),
                (KeyCode::Char('6'), KeyModifiers::CONTROL) => heard(KeyCode::Char('^')),
                (KeyCode::Char('7'), KeyModifiers::CONTROL) => heard(KeyCode::Char('_')),
                // With such a protocol, a terminal names the key instead of the control character.
                (KeyCode::Char('/' | '-'), KeyModifiers::CONTROL) => heard(KeyCode::Char('_')),
                (KeyCode::Char('@' | '2'), KeyModifiers::CONTROL) => heard(KeyCode::Char(' ')),
                _ => false,
            }
    }
}

impl fmt::Display for LeaveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&key_name(self.code, self.modifiers))
    }
}

/// A word that is not a key, or not one that can leave a shell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitKey {
    /// The word as it was given.
    #[error("'{0}' is no key to leave a shell with; examples: ctrl-], ctrl-g, alt-x, f12")]
    Unknown(String),
    /// The word, and the key whose bytes are the same.
    #[error("'{0}' can't leave a shell: in most terminals it is the same key as {1}")]
    Same(String, &'static str),
    /// The word of a key that begins the sequences of other keys.
    #[error("'{0}' can't leave a shell: in most terminals other keys begin with it")]
    Begins(String),
    /// The word of a key that most terminals send nothing for.
    #[error("'{0}' can't leave a shell: most terminals send the plain key for it, or nothing")]
    Plain(String),
}

/// Reads `ctrl-]`, `alt-x`, `f12`. Refuses a letter alone, which the shell could no longer get, and keys
/// that no terminal without an extended keyboard protocol can distinguish from others.
impl FromStr for LeaveKey {
    type Err = UnfitKey;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let given = word.to_owned();
        let lower = word.to_ascii_lowercase();
        let (code, modifiers) = if let Some(rest) = lower.strip_prefix("ctrl-") {
            (with_ctrl(rest, given)?, KeyModifiers::CONTROL)
        } else if lower.starts_with("alt-") {
            // A capital is another key.
            (with_alt(&word["alt-".len()..], given)?, KeyModifiers::ALT)
        } else {
            let number = lower.strip_prefix('f').and_then(|it| it.parse().ok());
            match number {
                Some(number @ 1..=12) => (KeyCode::F(number), KeyModifiers::NONE),
                _ => return Err(UnfitKey::Unknown(given)),
            }
        };
        Ok(LeaveKey { code, modifiers })
    }
}

/// A key with Ctrl. A terminal sends one of 33 control characters, so several names mean the same key.
fn with_ctrl(key: &str, given: String) -> Result<KeyCode, UnfitKey> {
    let same = |other| UnfitKey::Same(given.clone(), other);
    let letter = match key {
        "space" | "@" | "2" => ' ',
        "i" => return Err(same("Tab")),
        "m" => return Err(same("Enter")),
        "[" | "3" => return Err(same("Esc")),
        "?" | "8" => return Err(same("Backspace")),
        "\\" | "4" => '\\',
        "]" | "5" => ']',
        "^" | "~" | "6" => '^',
        "_" | "/" | "7" => '_',
        key => match key.as_bytes() {
            [letter @ b'a'..=b'z'] => char::from(*letter),
            [other] if other.is_ascii_graphic() => return Err(UnfitKey::Plain(given)),
            _ => return Err(UnfitKey::Unknown(given)),
        },
    };
    Ok(KeyCode::Char(letter))
}

/// A key with Alt, for which a terminal sends ESC first.
fn with_alt(key: &str, given: String) -> Result<KeyCode, UnfitKey> {
    match key.as_bytes() {
        [b'[' | b'O' | b']' | b'P' | b'_' | b'X' | b'^'] => Err(UnfitKey::Begins(given)),
        [letter] if letter.is_ascii_graphic() => Ok(KeyCode::Char(char::from(*letter))),
        _ => Err(UnfitKey::Unknown(given)),
    }
}
