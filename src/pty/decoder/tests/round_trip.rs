//! The bytes that `keys` and `mouse` encode are decoded to the same events.

use super::key_forms::FORMS;
use super::*;
use crate::pty::decoder::sequences::modified;

/// Whether a terminal has no bytes of its own for a key, so that another key comes back.
fn is_lossy(code: K, modifiers: KeyModifiers, modes: Modes) -> bool {
    let shift = modifiers.contains(SHIFT);
    let control = modifiers.contains(CONTROL);
    match code {
        // It is F16.
        K::Menu => true,
        K::BackTab if !shift => true,
        // It is BackTab.
        K::Tab if shift => true,
        // Only a capital shows Shift.
        K::Char('é') if shift && !control => true,
        K::Char(c) if shift && !c.is_ascii_alphabetic() && !control => {
            !modes.has(Mode::Disambiguate) || modifiers == SHIFT
        }
        // Named after the keys with which they share their control character.
        K::Char('4'..='7') if control => modes.has(Mode::Disambiguate) || shift,
        _ if modes.has(Mode::Disambiguate) => false,
        K::Char('i' | 'm') if control => true,
        K::Char('a'..='z' | ' ') if control => shift,
        K::Char(_) => control,
        // Alt-Esc is Esc twice.
        K::Esc => modifiers != NONE,
        K::Enter | K::Backspace => shift || control,
        K::Tab | K::BackTab => control,
        _ => false,
    }
}

#[test]
fn what_keys_encodes_comes_back() {
    let application = Modes::default()
        .with(Mode::ApplicationCursor)
        .with(Mode::ApplicationKeypad);
    let kitty = Modes::default().with(Mode::Disambiguate);
    let named = FORMS.into_iter().map(|(code, _, _)| code);
    let codes = named
        .chain([K::Tab, K::BackTab, K::Menu, K::F(21), K::CapsLock])
        // Shift with a small letter is equal to the capital.
        .chain((' '..='~').filter(|c| !c.is_uppercase()).map(K::Char))
        .chain(['é', '中', '🦀'].map(K::Char));
    let (mut same, mut others) = (0, 0);
    for code in codes {
        for bits in 0..8 {
            let modifiers = modified(code, bits + 1, 1).map_or(NONE, |key| key.modifiers);
            for modes in [Modes::default(), application, kitty] {
                let pressed = KeyEvent::new(code, modifiers);
                let bytes = keys::encode(&pressed, modes);
                let back = all(&bytes);
                // A program gets the same bytes from any event that came back.
                let again = back.iter().flat_map(|event| match event {
                    Event::Key(key) => keys::encode(key, modes),
                    other => unreachable!("{other:?}"),
                });
                assert_eq!(again.collect::<Vec<_>>(), bytes, "{pressed:?}");
                if bytes.is_empty() || is_lossy(code, modifiers, modes) {
                    assert_ne!(back, [Event::Key(pressed)], "{pressed:?} {bytes:?}");
                    others += 1;
                } else {
                    assert_eq!(back, [Event::Key(pressed)], "{bytes:?}");
                    same += 1;
                }
            }
        }
    }
    assert!(same > others, "{same} {others}");
}

#[test]
fn what_keys_encodes_of_the_keypad_comes_back() {
    let modes = Modes::default().with(Mode::ApplicationKeypad);
    for code in "0123456789.,/*-+=".chars().map(K::Char).chain([K::Enter]) {
        let Event::Key(pressed) = keypad(code) else {
            unreachable!("{code:?}")
        };
        assert_eq!(all(&keys::encode(&pressed, modes)), [Event::Key(pressed)]);
    }
}

#[test]
fn what_mouse_encodes_comes_back() {
    let mut modes = Modes::default().with(Mode::FocusEvents);
    modes.mouse = MouseReports::Motion;
    modes.mouse_encoding = MouseEncoding::Sgr;
    let buttons = [MouseButton::Left, MouseButton::Middle, MouseButton::Right];
    let kinds = [
        M::Moved,
        M::ScrollUp,
        M::ScrollDown,
        M::ScrollLeft,
        M::ScrollRight,
    ];
    let of_buttons = buttons.map(|button| [M::Down(button), M::Up(button), M::Drag(button)]);
    for kind in kinds.into_iter().chain(of_buttons.into_iter().flatten()) {
        for modifiers in [NONE, SHIFT, ALT, CONTROL, ALL] {
            let event = MouseEvent {
                kind,
                column: 299,
                row: 7,
                modifiers,
            };
            let bytes = mouse::encode(event, event.column, event.row, modes).unwrap_or_default();
            assert_eq!(all(&bytes), [Event::Mouse(event)], "{bytes:?}");
        }
    }
    for (gained, event) in [(true, Event::FocusGained), (false, Event::FocusLost)] {
        assert_eq!(
            all(&mouse::focus(gained, modes).unwrap_or_default()),
            [event]
        );
    }
}
