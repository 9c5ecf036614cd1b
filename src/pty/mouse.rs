//! Encodes mouse and focus events for a child.
//!
//! Must not know where a pane is: columns and rows are relative to the pane, from 0.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::emulator::{Mode, Modes, MouseEncoding, MouseReports};
use super::keys;

/// Lines per turn of the wheel.
pub(crate) const WHEEL_LINES: u16 = 3;

/// The bytes of an event at this place in the pane; None if the child didn't ask for it.
pub(crate) fn encode(event: MouseEvent, col: u16, row: u16, modes: Modes) -> Option<Vec<u8>> {
    let action = MouseAction::of(event.kind);
    if modes.mouse < action.wanted_from() {
        return None;
    }
    let code = action.code() + modifiers(event.modifiers);
    match modes.mouse_encoding {
        MouseEncoding::Sgr => {
            let end = match action {
                MouseAction::Release(_) => 'm',
                _ => 'M',
            };
            let (col, row) = (u32::from(col) + 1, u32::from(row) + 1);
            Some(format!("\x1b[<{code};{col};{row}{end}").into_bytes())
        }
        encoding @ (MouseEncoding::Bytes | MouseEncoding::Utf8) => {
            // These encodings can't name the released button.
            let code = match action {
                MouseAction::Release(_) => NO_BUTTON + modifiers(event.modifiers),
                _ => code,
            };
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

#[derive(Debug, Clone, Copy)]
enum MouseAction {
    Press(u8),
    Release(u8),
    Wheel(u8),
    Drag(u8),
    Move,
}

impl MouseAction {
    fn of(kind: MouseEventKind) -> Self {
        let number = |button| match button {
            MouseButton::Left => 0,
            MouseButton::Middle => 1,
            MouseButton::Right => 2,
        };
        match kind {
            MouseEventKind::Down(button) => MouseAction::Press(number(button)),
            MouseEventKind::Up(button) => MouseAction::Release(number(button)),
            MouseEventKind::Drag(button) => MouseAction::Drag(number(button)),
            MouseEventKind::Moved => MouseAction::Move,
            MouseEventKind::ScrollUp => MouseAction::Wheel(64),
            MouseEventKind::ScrollDown => MouseAction::Wheel(65),
            MouseEventKind::ScrollLeft => MouseAction::Wheel(66),
            MouseEventKind::ScrollRight => MouseAction::Wheel(67),
        }
    }

    /// The mode that the child must have set at least.
    fn wanted_from(self) -> MouseReports {
        match self {
            MouseAction::Press(_) | MouseAction::Release(_) | MouseAction::Wheel(_) => {
                MouseReports::Buttons
            }
            MouseAction::Drag(_) => MouseReports::Drag,
            MouseAction::Move => MouseReports::Motion,
        }
    }

    fn code(self) -> u8 {
        match self {
            MouseAction::Press(number)
            | MouseAction::Release(number)
            | MouseAction::Wheel(number) => number,
            MouseAction::Drag(number) => number + MOVED,
            MouseAction::Move => NO_BUTTON + MOVED,
        }
    }
}

fn modifiers(modifiers: KeyModifiers) -> u8 {
    let table = [
        (KeyModifiers::SHIFT, 4),
        (KeyModifiers::ALT, 8),
        (KeyModifiers::CONTROL, 16),
    ];
    table
        .into_iter()
        .filter(|(modifier, _)| modifiers.contains(*modifier))
        .map(|(_, value)| value)
        .sum()
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
