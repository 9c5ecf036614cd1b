//! The events of complete sequences: keys, mouse events, changes of focus.
//!
//! Knows the sequences of xterm, of the Linux console, of rxvt and PuTTY, and of the kitty keyboard protocol. Must
//! not know how bytes become a sequence.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, MediaKeyCode,
    ModifierKeyCode, MouseButton, MouseEvent, MouseEventKind,
};

use crate::pty::keys;
use crate::pty::mouse::MODIFIERS;

/// A character's key. For a capital, crossterm reports Shift as well.
pub(super) fn char_key(c: char) -> KeyEvent {
    let modifiers = if c.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    KeyEvent::new(KeyCode::Char(c), modifiers)
}

/// The event of `CSI text last`; `None` for an answer or an unknown sequence.
pub(super) fn control_sequence(text: &str, last: u8) -> Option<Event> {
    match (text, last) {
        ("", b'I') => Some(Event::FocusGained),
        ("", b'O') => Some(Event::FocusLost),
        ("[", b'A'..=b'E') => Some(Event::Key(KeyCode::F(1 + last - b'A').into())),
        (_, b'M' | b'm') => sgr_or_rxvt_mouse(text, last == b'm'),
        _ => control_key(text, last).map(Event::Key),
    }
}

/// A number of a sequence: the parameter, then its sub-parameter. 0 where it is left out, `None`
/// where it is no number.
fn number(text: &str, parameter: usize, sub: usize) -> Option<u32> {
    let parameter = text.split(';').nth(parameter);
    match parameter.and_then(|numbers| numbers.split(':').nth(sub)) {
        None | Some("") => Some(0),
        Some(digits) => digits.parse().ok(),
    }
}

fn control_key(text: &str, last: u8) -> Option<KeyEvent> {
    let first = number(text, 0, 0)?;
    let (second, kind) = (number(text, 1, 0)?, number(text, 1, 1)?);
    let alone = !text.contains(';');
    let rxvt = |code, modifiers| Some(KeyEvent::new(code, modifiers));
    match last {
        b'~' if first == 27 && !alone => coded(number(text, 2, 0)?, 0, second, kind),
        b'~' => modified(numbered(first)?, second, kind),
        b'u' => {
            let (shifted, base) = (number(text, 0, 1)?, number(text, 0, 2)?);
            let shortcut = second.saturating_sub(1) & (2 | 4) != 0;
            // Ctrl with a letter of another script is Ctrl with the Latin letter on the same key.
            let latin = shortcut && first > 127 && (1..=127).contains(&base);
            coded(if latin { base } else { first }, shifted, second, kind)
        }
        b'$' if alone => rxvt(numbered(first)?, KeyModifiers::SHIFT),
        b'^' if alone => rxvt(numbered(first)?, KeyModifiers::CONTROL),
        b'@' if alone => rxvt(
            numbered(first)?,
            KeyModifiers::SHIFT | KeyModifiers::CONTROL,
        ),
        b'a'..=b'd' if text.is_empty() => {
            rxvt(lettered(last.to_ascii_uppercase())?, KeyModifiers::SHIFT)
        }
        b'Z' => modified(KeyCode::BackTab, second, kind).map(|mut key| {
            key.modifiers.insert(KeyModifiers::SHIFT);
            key
        }),
        // A report of the cursor's position. With the first row it has the form of F3, and counts as F3:
        // nslab never asks for the position.
        b'R' if !alone && first > 1 => None,
        // The Linux console's 5 in the middle of the keypad.
        b'G' if text.is_empty() => Some(KeyCode::KeypadBegin.into()),
        _ => modified(lettered(last)?, if alone { first } else { second }, kind),
    }
}

/// The key of `SS3 text last`.
pub(super) fn application_key(text: &str, last: u8) -> Option<KeyEvent> {
    if let Some(code) = lettered(last) {
        // `SS3 2 P` and `SS3 1 ; 2 P` are Konsole's and old xterm's Shift-F1.
        let modifiers = text.rsplit(';').next().unwrap_or_default();
        return modified(code, number(modifiers, 0, 0)?, 0);
    }
    if !text.is_empty() {
        return None;
    }
    let code = match last {
        b'M' => KeyCode::Enter,
        b'X' => KeyCode::Char('='),
        b'j'..=b'o' => KeyCode::Char(char::from(last - b'j' + b'*')),
        b'p'..=b'y' => KeyCode::Char(char::from(last - b'p' + b'0')),
        // rxvt's Ctrl with an arrow.
        b'a'..=b'd' => {
            let arrow = lettered(last.to_ascii_uppercase())?;
            return Some(KeyEvent::new(arrow, KeyModifiers::CONTROL));
        }
        _ => return None,
    };
    Some(KeyEvent::new_with_kind_and_state(
        code,
        KeyModifiers::NONE,
        KeyEventKind::Press,
        KeyEventState::KEYPAD,
    ))
}

/// A key with xterm's number for the modifiers (1 is none) and kitty's for press and release.
pub(super) fn modified(code: KeyCode, modifiers: u32, kind: u32) -> Option<KeyEvent> {
    let bits = u8::try_from(modifiers.saturating_sub(1)).ok()?;
    let names = [
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
        KeyModifiers::SUPER,
        KeyModifiers::HYPER,
        KeyModifiers::META,
    ];
    let locks = [KeyEventState::CAPS_LOCK, KeyEventState::NUM_LOCK];
    let held = |bit: usize| bits >> bit & 1 == 1;
    Some(KeyEvent {
        code,
        modifiers: (0..6)
            .filter(|bit| held(*bit))
            .map(|bit| names[bit])
            .collect(),
        kind: match kind {
            2 => KeyEventKind::Repeat,
            3 => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        },
        state: (0..2)
            .filter(|bit| held(bit + 6))
            .map(|bit| locks[bit])
            .collect(),
    })
}

/// The key of a letter after CSI or SS3.
fn lettered(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(1 + letter - b'P'),
        _ => return None,
    })
}

/// The key of `CSI number ~`.
fn numbered(number: u32) -> Option<KeyCode> {
    let number = u8::try_from(number).ok()?;
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23..=26 => KeyCode::F(number - 12),
        // 29 is also the Menu key.
        28 | 29 => KeyCode::F(number - 13),
        31..=34 => KeyCode::F(number - 14),
        _ => return None,
    })
}

/// The key of `CSI code u` (kitty) and of `CSI 27 ; modifiers ; code ~` (xterm's modifyOtherKeys).
fn coded(code: u32, shifted: u32, modifiers: u32, kind: u32) -> Option<KeyEvent> {
    let mut key = modified(KeyCode::Null, modifiers, kind)?;
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    key.code = match code {
        8 | 127 => KeyCode::Backspace,
        9 if shift => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        57_344..=63_743 => functional(code)?,
        code => KeyCode::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    };
    if matches!(code, 57_399..=57_427) {
        key.state.insert(KeyEventState::KEYPAD);
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if shift && let KeyCode::Char(c) = key.code {
        let shifted = char::from_u32(shifted).filter(|c| !c.is_control());
        // Without Ctrl, a letter with Shift is a capital.
        let capital = (!control && c.is_alphabetic()).then(|| capital(c));
        if let Some(c) = shifted.or(capital) {
            key.code = KeyCode::Char(c);
            key.modifiers.set(KeyModifiers::SHIFT, c.is_alphabetic());
        }
    }
    Some(key)
}

fn capital(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

/// The kitty keyboard protocol's functional keys, in the order of their codes.
fn functional(code: u32) -> Option<KeyCode> {
    use KeyCode as K;
    use MediaKeyCode as M;
    use ModifierKeyCode as Mod;
    const LOCKS: [K; 6] = [
        K::CapsLock,
        K::ScrollLock,
        K::NumLock,
        K::PrintScreen,
        K::Pause,
        K::Menu,
    ];
    const MEDIA: [M; 13] = [
        M::Play,
        M::Pause,
        M::PlayPause,
        M::Reverse,
        M::Stop,
        M::FastForward,
        M::Rewind,
        M::TrackNext,
        M::TrackPrevious,
        M::Record,
        M::LowerVolume,
        M::RaiseVolume,
        M::MuteVolume,
    ];
    const MODIFIERS: [Mod; 14] = [
        Mod::LeftShift,
        Mod::LeftControl,
        Mod::LeftAlt,
        Mod::LeftSuper,
        Mod::LeftHyper,
        Mod::LeftMeta,
        Mod::RightShift,
        Mod::RightControl,
        Mod::RightAlt,
        Mod::RightSuper,
        Mod::RightHyper,
        Mod::RightMeta,
        Mod::IsoLevel3Shift,
        Mod::IsoLevel5Shift,
    ];
    let at = |first| usize::try_from(code - first).ok();
    Some(match code {
        57_358..=57_363 => LOCKS[at(57_358)?],
        57_376..=57_398 => K::F(u8::try_from(code - 57_376).ok()? + 13),
        57_399..=57_413 => K::Char(char::from(b"0123456789./*-+"[at(57_399)?])),
        57_414 => K::Enter,
        57_415 => K::Char('='),
        57_416 => K::Char(','),
        57_417..=57_427 => keys::KEYPAD[at(keys::KEYPAD_FIRST)?],
        57_428..=57_440 => K::Media(MEDIA[at(57_428)?]),
        57_441..=57_454 => K::Modifier(MODIFIERS[at(57_441)?]),
        _ => return None,
    })
}

/// `CSI < button ; column ; row M` (or `m` for a release), and rxvt's form without the `<`.
fn sgr_or_rxvt_mouse(text: &str, released: bool) -> Option<Event> {
    let (report, offset) = match text.strip_prefix('<') {
        Some(report) => (report, 0),
        None if released => return None,
        None => (text, 32),
    };
    let button = number(report, 0, 0)?.checked_sub(offset)?;
    let mut event = mouse(button, number(report, 1, 0)?, number(report, 2, 0)?)?;
    if released
        && let Event::Mouse(event) = &mut event
        && let MouseEventKind::Down(button) = event.kind
    {
        event.kind = MouseEventKind::Up(button);
    }
    Some(event)
}

/// A mouse event. Columns and rows count from 1 in a report, and from 0 in an event.
pub(super) fn mouse(button: u32, column: u32, row: u32) -> Option<Event> {
    let kind = match button & !(4 | 8 | 16) {
        0 => MouseEventKind::Down(MouseButton::Left),
        1 => MouseEventKind::Down(MouseButton::Middle),
        2 => MouseEventKind::Down(MouseButton::Right),
        // The old forms do not say which button was released.
        3 => MouseEventKind::Up(MouseButton::Left),
        32 => MouseEventKind::Drag(MouseButton::Left),
        33 => MouseEventKind::Drag(MouseButton::Middle),
        34 => MouseEventKind::Drag(MouseButton::Right),
        35 | 96 | 97 => MouseEventKind::Moved,
        64 => MouseEventKind::ScrollUp,
        65 => MouseEventKind::ScrollDown,
        66 => MouseEventKind::ScrollLeft,
        67 => MouseEventKind::ScrollRight,
        _ => return None,
    };
    Some(Event::Mouse(MouseEvent {
        kind,
        column: u16::try_from(column.checked_sub(1)?).ok()?,
        row: u16::try_from(row.checked_sub(1)?).ok()?,
        modifiers: MODIFIERS
            .into_iter()
            .filter(|(_, bit)| button & u32::from(*bit) != 0)
            .map(|(modifier, _)| modifier)
            .collect(),
    }))
}
