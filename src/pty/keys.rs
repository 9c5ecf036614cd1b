//! Encodes keys and pastes for a child.
//!
//! Owns two encodings: xterm's, and flag 1 of the kitty keyboard protocol. Must not know which keys
//! nslab keeps for itself.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers};

use super::emulator::{Mode, Modes};

const ESC: u8 = 0x1b;
const DEL: u8 = 0x7f;
const BS: u8 = 0x08;

/// Keys of the keypad that have no character, in the order of their numbers in the kitty keyboard protocol.
pub(super) const KEYPAD: [KeyCode; 11] = [
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::Insert,
    KeyCode::Delete,
    KeyCode::KeypadBegin,
];
/// The number of the first of them.
pub(super) const KEYPAD_FIRST: u32 = 57_417;

/// The bytes of a key press; None if a terminal has none for it.
pub(crate) fn encode(key: &KeyEvent, modes: Modes) -> Vec<u8> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let key = KeyPress::new(key);
    if modes.has(Mode::Disambiguate) {
        disambiguated(key)
    } else {
        legacy(key, modes)
    }
}

/// The bytes of a paste. Line ends become Enter. Drops control characters, so that a paste can't
/// end the bracketed paste or press a key.
pub(crate) fn paste(text: &str, modes: Modes) -> Vec<u8> {
    let text = text.replace("\r\n", "\r").replace('\n', "\r");
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\r' | '\t'))
        .collect();
    if modes.has(Mode::BracketedPaste) {
        format!("\x1b[200~{clean}\x1b[201~").into_bytes()
    } else {
        clean.into_bytes()
    }
}

/// A key press, with the outer terminal's ambiguities resolved.
#[derive(Debug, Clone, Copy)]
struct KeyPress {
    code: KeyCode,
    modifiers: KeyModifiers,
    keypad: bool,
}

impl KeyPress {
    fn new(key: &KeyEvent) -> Self {
        let mut modifiers = key.modifiers;
        if modifiers.contains(KeyModifiers::META) {
            modifiers.insert(KeyModifiers::ALT);
        }
        let code = match key.code {
            KeyCode::BackTab => {
                modifiers.insert(KeyModifiers::SHIFT);
                KeyCode::Tab
            }
            KeyCode::Null => {
                modifiers.insert(KeyModifiers::CONTROL);
                KeyCode::Char(' ')
            }
            KeyCode::Char(c) => KeyCode::Char(named_by_crossterm(c, modifiers)),
            code => code,
        };
        KeyPress {
            code,
            modifiers,
            keypad: key.state.contains(KeyEventState::KEYPAD),
        }
    }

    fn alt(self) -> bool {
        self.modifiers.contains(KeyModifiers::ALT)
    }

    fn shift(self) -> bool {
        self.modifiers.contains(KeyModifiers::SHIFT)
    }

    fn control(self) -> bool {
        self.modifiers.contains(KeyModifiers::CONTROL)
    }

    /// xterm's number for the modifiers; 1 for none.
    fn number(self) -> u8 {
        1 + u8::from(self.shift()) + 2 * u8::from(self.alt()) + 4 * u8::from(self.control())
    }
}

/// crossterm reads the bytes 0x1c to 0x1f as Ctrl with 4 to 7; they are Ctrl with \ ] ^ _. Some
/// terminals send Shift with a lower-case letter, which is a capital.
fn named_by_crossterm(c: char, modifiers: KeyModifiers) -> char {
    let control = modifiers.contains(KeyModifiers::CONTROL);
    match c {
        '4' if control => '\\',
        '5' if control => ']',
        '6' if control => '^',
        '7' if control => '_',
        c if !control && modifiers.contains(KeyModifiers::SHIFT) => c.to_ascii_uppercase(),
        c => c,
    }
}

/// The encoding of a key without a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `CSI letter`, and `SS3 letter` when cursor keys are switched to application mode.
    Cursor(u8),
    /// `SS3 letter`, always: F1 to F4.
    Function(u8),
    /// `CSI number ~`
    Number(u8),
}

fn form(code: KeyCode) -> Option<Form> {
    Some(match code {
        KeyCode::Up => Form::Cursor(b'A'),
        KeyCode::Down => Form::Cursor(b'B'),
        KeyCode::Right => Form::Cursor(b'C'),
        KeyCode::Left => Form::Cursor(b'D'),
        KeyCode::KeypadBegin => Form::Cursor(b'E'),
        KeyCode::End => Form::Cursor(b'F'),
        KeyCode::Home => Form::Cursor(b'H'),
        KeyCode::Insert => Form::Number(2),
        KeyCode::Delete => Form::Number(3),
        KeyCode::PageUp => Form::Number(5),
        KeyCode::PageDown => Form::Number(6),
        KeyCode::Menu => Form::Number(29),
        KeyCode::F(n) => match n {
            1..=4 => Form::Function(b'P' + n - 1),
            5 => Form::Number(15),
            6..=10 => Form::Number(11 + n),
            11..=14 => Form::Number(12 + n),
            15 | 16 => Form::Number(13 + n),
            17..=20 => Form::Number(14 + n),
            _ => return None,
        },
        _ => return None,
    })
}

/// xterm's encoding, as terminfo's xterm-256color describes it.
fn legacy(key: KeyPress, modes: Modes) -> Vec<u8> {
    if key.keypad
        && modes.has(Mode::ApplicationKeypad)
        && key.number() == 1
        && let Some(letter) = keypad_letter(key.code)
    {
        return vec![ESC, b'O', letter];
    }
    if let Some(form) = form(key.code) {
        let application = match form {
            Form::Cursor(_) => modes.has(Mode::ApplicationCursor),
            Form::Function(_) => true,
            Form::Number(_) => false,
        };
        return special(form, key.number(), application);
    }
    let bytes = match key.code {
        KeyCode::Enter if modes.has(Mode::NewLine) => b"\r\n".to_vec(),
        KeyCode::Enter => vec![b'\r'],
        KeyCode::Tab if key.shift() => b"\x1b[Z".to_vec(),
        KeyCode::Tab => vec![b'\t'],
        KeyCode::Backspace if key.control() => vec![BS],
        KeyCode::Backspace => vec![DEL],
        KeyCode::Esc => vec![ESC],
        KeyCode::Char(c) => match control_byte(c) {
            Some(byte) if key.control() => vec![byte],
            _ => c.to_string().into_bytes(),
        },
        _ => return Vec::new(),
    };
    if key.alt() {
        [vec![ESC], bytes].concat()
    } else {
        bytes
    }
}

/// The control character of a key with Ctrl.
fn control_byte(c: char) -> Option<u8> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => c as u8 & 0x1f,
        ' ' | '@' | '2' => 0x00,
        '[' | '3' => 0x1b,
        '\\' => 0x1c,
        ']' => 0x1d,
        '^' | '~' => 0x1e,
        '_' | '/' => 0x1f,
        '?' | '8' => DEL,
        _ => return None,
    })
}

/// The letter after SS3 of a keypad key in application mode.
fn keypad_letter(code: KeyCode) -> Option<u8> {
    Some(match code {
        KeyCode::Enter => b'M',
        KeyCode::Char(c @ '0'..='9') => c as u8 - b'0' + b'p',
        KeyCode::Char(c @ '*'..='/') => c as u8 - b'*' + b'j',
        KeyCode::Char('=') => b'X',
        _ => return None,
    })
}

fn special(form: Form, modifiers: u8, application: bool) -> Vec<u8> {
    match (form, modifiers) {
        (Form::Cursor(letter) | Form::Function(letter), 1) => {
            vec![ESC, if application { b'O' } else { b'[' }, letter]
        }
        (Form::Cursor(letter) | Form::Function(letter), _) => {
            format!("\x1b[1;{modifiers}{}", char::from(letter)).into_bytes()
        }
        (Form::Number(number), 1) => format!("\x1b[{number}~").into_bytes(),
        (Form::Number(number), _) => format!("\x1b[{number};{modifiers}~").into_bytes(),
    }
}

/// Flag 1 of the kitty keyboard protocol: keys that share bytes get distinct ones.
fn disambiguated(key: KeyPress) -> Vec<u8> {
    if key.keypad
        && let Some(number) = keypad_number(key.code)
    {
        return csi_u(number, key.number());
    }
    // F3's letter would look like a cursor position report.
    if let Some(form) = form(key.code) {
        let form = match form {
            Form::Function(b'R') => Form::Number(13),
            form => form,
        };
        return special(form, key.number(), false);
    }
    match (key.code, key.number()) {
        (KeyCode::Esc, number) => csi_u(27, number),
        (KeyCode::Enter, 1) => vec![b'\r'],
        (KeyCode::Tab, 1) => vec![b'\t'],
        (KeyCode::Backspace, 1) => vec![DEL],
        (KeyCode::Enter, number) => csi_u(13, number),
        (KeyCode::Tab, number) => csi_u(9, number),
        (KeyCode::Backspace, number) => csi_u(127, number),
        // The character already includes Shift.
        (KeyCode::Char(c), 1 | 2) => c.to_string().into_bytes(),
        (KeyCode::Char(c), number) => {
            let plain = c.to_lowercase().next().unwrap_or(c);
            csi_u(u32::from(plain), number)
        }
        _ => Vec::new(),
    }
}

/// The protocol's number of a key of the keypad; digits and signs are sent as text.
fn keypad_number(code: KeyCode) -> Option<u32> {
    if code == KeyCode::Enter {
        return Some(57_414);
    }
    let at = KEYPAD.iter().position(|key| *key == code)?;
    Some(KEYPAD_FIRST + u32::try_from(at).ok()?)
}

fn csi_u(key: u32, modifiers: u8) -> Vec<u8> {
    match modifiers {
        1 => format!("\x1b[{key}u").into_bytes(),
        _ => format!("\x1b[{key};{modifiers}u").into_bytes(),
    }
}

#[cfg(test)]
mod tests;
