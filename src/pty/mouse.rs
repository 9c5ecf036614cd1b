//! Encodes mouse and focus events for a child.
//!
//! Must not know where a pane is: columns and rows are relative to the pane, from 0.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::emulator::{Mode, Modes, MouseEncoding, MouseReports};
use super::keys;

/// Lines per turn of the wheel.
pub(crate) const WHEEL_LINES: u16 = 3;

/// Added to the number of a mouse event for each key that is held.
pub(super) const MODIFIERS: [(KeyModifiers, u8); 3] = [
    (KeyModifiers::SHIFT, 4),
    (KeyModifiers::ALT, 8),
    (KeyModifiers::CONTROL, 16),
];

/// The bytes of an event at this place in the pane; None if the child didn't ask for it.
pub(crate) fn encode(event: MouseEvent, col: u16, row: u16, modes: Modes) -> Option<Vec<u8>> {
    let (number, wanted_from) = numbered(event.kind);
    if modes.mouse < wanted_from {
        return None;
    }
    let held = MODIFIERS.into_iter();
    let held = held.filter(|(modifier, _)| event.modifiers.contains(*modifier));
    let held: u8 = held.map(|(_, value)| value).sum();
    let released = matches!(event.kind, MouseEventKind::Up(_));
    match modes.mouse_encoding {
        MouseEncoding::Sgr => {
            let end = if released { 'm' } else { 'M' };
            let (code, col, row) = (number + held, u32::from(col) + 1, u32::from(row) + 1);
            Some(format!("\x1b[<{code};{col};{row}{end}").into_bytes())
        }
        encoding @ (MouseEncoding::Bytes | MouseEncoding::Utf8) => {
            // These encodings can't name the released button.
            let code = if released { NO_BUTTON } else { number } + held;
            let mut bytes = b"\x1b[M".to_vec();
            for number in [u16::from(code), col.checked_add(1)?, row.checked_add(1)?] {
                push(&mut bytes, number, encoding)?;
            }
            Some(bytes)
        }
    }
}

/// The cursor keys that the wheel sends on the alternate screen, to a child that takes no mouse
/// reports (`less`, `man`).
pub(crate) fn wheel_as_keys(event: MouseEvent, modes: Modes) -> Option<Vec<u8>> {
    let code = match event.kind {
        MouseEventKind::ScrollUp => KeyCode::Up,
        MouseEventKind::ScrollDown => KeyCode::Down,
        _ => return None,
    };
    let applies = modes.mouse == MouseReports::Off
        && modes.has(Mode::AlternateScreen)
        && modes.has(Mode::AlternateScroll);
    applies.then(|| {
        keys::encode(&KeyEvent::new(code, KeyModifiers::NONE), modes)
            .repeat(usize::from(WHEEL_LINES))
    })
}

/// The bytes for a focus change; None if the child didn't ask for them.
pub(crate) fn focus(gained: bool, modes: Modes) -> Option<Vec<u8>> {
    let letter = if gained { b'I' } else { b'O' };
    modes
        .has(Mode::FocusEvents)
        .then(|| vec![0x1b, b'[', letter])
}

/// The button number for none.
const NO_BUTTON: u8 = 3;

/// Added to the button's number for a motion.
const MOVED: u8 = 32;

/// The number of an event, and the mode that the child must have set at least to get it.
fn numbered(kind: MouseEventKind) -> (u8, MouseReports) {
    let number = |button| match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    };
    match kind {
        MouseEventKind::Down(it) | MouseEventKind::Up(it) => (number(it), MouseReports::Buttons),
        MouseEventKind::Drag(button) => (number(button) + MOVED, MouseReports::Drag),
        MouseEventKind::Moved => (NO_BUTTON + MOVED, MouseReports::Motion),
        MouseEventKind::ScrollUp => (64, MouseReports::Buttons),
        MouseEventKind::ScrollDown => (65, MouseReports::Buttons),
        MouseEventKind::ScrollLeft => (66, MouseReports::Buttons),
        MouseEventKind::ScrollRight => (67, MouseReports::Buttons),
    }
}

/// Appends a number in one of the old encodings; None if it is too large for that.
fn push(bytes: &mut Vec<u8>, number: u16, encoding: MouseEncoding) -> Option<()> {
    let shifted = number.checked_add(32)?;
    match encoding {
        MouseEncoding::Utf8 => {
            let c = char::from_u32(u32::from(shifted)).filter(|c| *c <= '\u{7ff}')?;
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        MouseEncoding::Bytes | MouseEncoding::Sgr => bytes.push(u8::try_from(shifted).ok()?),
    }
    Some(())
}

#[cfg(test)]
mod tests;
