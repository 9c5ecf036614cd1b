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
    pub(super) fn matches(self, event: &KeyEvent) -> bool {
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
#[error("'{word}' is no key to leave a shell with; examples: ctrl-], ctrl-g, alt-x, f12")]
pub struct UnknownKey {
    /// The word as it was given.
    pub word: String,
}

/// Reads `ctrl-]`, `alt-x`, `f12`. A letter alone is refused: the shell could no longer get it.
impl FromStr for LeaveKey {
    type Err = UnknownKey;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownKey {
            word: word.to_owned(),
        };
        let lower = word.to_ascii_lowercase();
        let (modifiers, rest) = if let Some(rest) = lower.strip_prefix("ctrl-") {
            (KeyModifiers::CONTROL, rest)
        } else if let Some(rest) = lower.strip_prefix("alt-") {
            (KeyModifiers::ALT, rest)
        } else {
            (KeyModifiers::NONE, lower.as_str())
        };
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.as_str()) {
            (Some(letter), "") if !modifiers.is_empty() && letter.is_ascii_graphic() => {
                KeyCode::Char(letter)
            }
            (Some('f'), number) => match number.parse() {
                Ok(number @ 1..=12) => KeyCode::F(number),
                _ => return Err(unknown()),
            },
            _ => return Err(unknown()),
        };
        Ok(LeaveKey { code, modifiers })
    }
}
