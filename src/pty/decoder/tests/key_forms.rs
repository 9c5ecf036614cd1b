//! Each key in each of its forms, alone and one after the other.

use super::*;

#[test]
fn characters_and_control_characters() {
    let table = [
        ("a", K::Char('a'), NONE),
        ("A", K::Char('A'), SHIFT),
        ("~", K::Char('~'), NONE),
        (" ", K::Char(' '), NONE),
        ("é", K::Char('é'), NONE),
        ("É", K::Char('É'), SHIFT),
        ("中", K::Char('中'), NONE),
        ("🦀", K::Char('🦀'), NONE),
        ("\0", K::Char(' '), CONTROL),
        ("\x01", K::Char('a'), CONTROL),
        ("\x08", K::Char('h'), CONTROL),
        ("\t", K::Tab, NONE),
        ("\n", K::Char('j'), CONTROL),
        ("\r", K::Enter, NONE),
        ("\x1a", K::Char('z'), CONTROL),
        ("\x1c", K::Char('4'), CONTROL),
        ("\x1d", K::Char('5'), CONTROL),
        ("\x1e", K::Char('6'), CONTROL),
        ("\x1f", K::Char('7'), CONTROL),
        ("\x7f", K::Backspace, NONE),
    ];
    for (bytes, code, modifiers) in table {
        assert_decodes(bytes, &[key(code, modifiers)]);
        let with_alt = [key(code, modifiers | ALT)];
        assert_decodes(&format!("\x1b{bytes}"), &with_alt);
    }
}

/// Each key, then its forms without modifiers: after CSI, then after SS3.
pub(super) const FORMS: [(K, &[&str], &[&str]); 34] = [
    (K::Up, &["A", "1A", "1;1A", "57419u"], &["A"]),
    (K::Down, &["B", "57420u"], &["B"]),
    (K::Right, &["C", "57418u"], &["C"]),
    (K::Left, &["D", "57417u"], &["D"]),
    (K::KeypadBegin, &["E", "G", "57427u"], &["E"]),
    (K::End, &["F", "4~", "8~", "57424u"], &["F"]),
    (K::Home, &["H", "1~", "7~", "57423u"], &["H"]),
    (K::Insert, &["2~", "57425u"], &[]),
    (K::Delete, &["3~", "57426u"], &[]),
    (K::PageUp, &["5~", "57421u"], &[]),
    (K::PageDown, &["6~", "57422u"], &[]),
    (K::F(1), &["P", "11~", "[A", "1P"], &["P"]),
    (K::F(2), &["Q", "12~", "[B"], &["Q"]),
    (K::F(3), &["R", "13~", "[C", "1;1R"], &["R"]),
    (K::F(4), &["S", "14~", "[D"], &["S"]),
    (K::F(5), &["15~", "[E"], &[]),
    (K::F(6), &["17~"], &[]),
    (K::F(7), &["18~"], &[]),
    (K::F(8), &["19~"], &[]),
    (K::F(9), &["20~"], &[]),
    (K::F(10), &["21~"], &[]),
    (K::F(11), &["23~"], &[]),
    (K::F(12), &["24~"], &[]),
    (K::F(13), &["25~", "57376u"], &[]),
    (K::F(14), &["26~", "57377u"], &[]),
    (K::F(15), &["28~", "57378u"], &[]),
    (K::F(16), &["29~", "57379u"], &[]),
    (K::F(17), &["31~", "57380u"], &[]),
    (K::F(18), &["32~", "57381u"], &[]),
    (K::F(19), &["33~", "57382u"], &[]),
    (K::F(20), &["34~", "57383u"], &[]),
    (K::Esc, &["27u", "27;1u"], &[]),
    (K::Enter, &["13u"], &[]),
    (K::Backspace, &["127u", "8u"], &[]),
];

#[test]
fn special_keys_in_every_form() {
    for (code, after_csi, after_ss3) in FORMS {
        let forms = after_csi
            .iter()
            .map(|form| format!("\x1b[{form}"))
            .chain(after_ss3.iter().map(|form| format!("\x1bO{form}")));
        for form in forms {
            let keypad_code = form.contains("[57") && !matches!(code, K::F(_));
            let [plain, with_alt] = [NONE, ALT].map(|modifiers| {
                let mut key = KeyEvent::new(code, modifiers);
                key.state.set(KeyEventState::KEYPAD, keypad_code);
                [Event::Key(key)]
            });
            assert_decodes(&form, &plain);
            assert_decodes(&format!("\x1b{form}"), &with_alt);
        }
    }
}

#[test]
fn modifiers_in_every_form() {
    let numbered = [
        (2, SHIFT),
        (3, ALT),
        (4, SHIFT_ALT),
        (5, CONTROL),
        (6, CONTROL_SHIFT),
        (7, CONTROL_ALT),
        (8, ALL),
        (9, KeyModifiers::SUPER),
        (17, KeyModifiers::HYPER),
        (33, KeyModifiers::META),
    ];
    for (number, modifiers) in numbered {
        let capital = modifiers.contains(SHIFT) && !modifiers.contains(CONTROL);
        let letter = K::Char(if capital { 'A' } else { 'a' });
        let table = [
            (format!("\x1b[1;{number}A"), K::Up),
            (format!("\x1b[;{number}A"), K::Up),
            (format!("\x1b[{number}D"), K::Left),
            (format!("\x1b[1;{number}H"), K::Home),
            (format!("\x1b[1;{number}P"), K::F(1)),
            (format!("\x1b[1;{number}R"), K::F(3)),
            (format!("\x1b[13;{number}~"), K::F(3)),
            (format!("\x1b[3;{number}~"), K::Delete),
            (format!("\x1b[28;{number}~"), K::F(15)),
            (format!("\x1bO{number}P"), K::F(1)),
            (format!("\x1bO1;{number}S"), K::F(4)),
            (format!("\x1bO{number}A"), K::Up),
            (format!("\x1b[97;{number}u"), letter),
            (format!("\x1b[27;{number};97~"), letter),
            (format!("\x1b[27;{number};13~"), K::Enter),
            (format!("\x1b[27;{number}u"), K::Esc),
        ];
        for (bytes, code) in table {
            assert_decodes(&bytes, &[key(code, modifiers)]);
        }
    }
}

#[test]
fn keys_with_forms_of_their_own() {
    let table = [
        ("\x1b[Z", K::BackTab, SHIFT),
        ("\x1b[1;5Z", K::BackTab, CONTROL_SHIFT),
        ("\x1b[9;2u", K::BackTab, SHIFT),
        ("\x1b[27;6;9~", K::BackTab, CONTROL_SHIFT),
        ("\x1b[9;5u", K::Tab, CONTROL),
        // rxvt
        ("\x1b[a", K::Up, SHIFT),
        ("\x1b[d", K::Left, SHIFT),
        ("\x1bOa", K::Up, CONTROL),
        ("\x1b\x1bOc", K::Right, CONTROL_ALT),
        ("\x1b[3$", K::Delete, SHIFT),
        ("\x1b[3^", K::Delete, CONTROL),
        ("\x1b[23@", K::F(11), CONTROL_SHIFT),
        // xterm's modifyOtherKeys
        ("\x1b[27;5;49~", K::Char('1'), CONTROL),
        ("\x1b[27;2;65~", K::Char('A'), SHIFT),
        // kitty
        ("\x1b[93;5u", K::Char(']'), CONTROL),
        ("\x1b[97:65;2u", K::Char('A'), SHIFT),
        ("\x1b[97:65;4u", K::Char('A'), SHIFT_ALT),
        ("\x1b[97;4u", K::Char('A'), SHIFT_ALT),
        ("\x1b[49:33;4u", K::Char('!'), ALT),
        ("\x1b[97:65;6u", K::Char('A'), CONTROL_SHIFT),
        ("\x1b[97;6u", K::Char('a'), CONTROL_SHIFT),
        // Another script: Ctrl and Alt with the Latin letter on the same key.
        ("\x1b[1089::99;5u", K::Char('c'), CONTROL),
        ("\x1b[1089:1057:99;4u", K::Char('С'), SHIFT_ALT),
        ("\x1b[1089;5u", K::Char('с'), CONTROL),
        ("\x1b[57358u", K::CapsLock, NONE),
        ("\x1b[57363;5u", K::Menu, CONTROL),
        ("\x1b[57398u", K::F(35), NONE),
        ("\x1b[57428u", K::Media(MediaKeyCode::Play), NONE),
        ("\x1b[57440u", K::Media(MediaKeyCode::MuteVolume), NONE),
        (
            "\x1b[57441;2u",
            K::Modifier(ModifierKeyCode::LeftShift),
            SHIFT,
        ),
        (
            "\x1b[57454u",
            K::Modifier(ModifierKeyCode::IsoLevel5Shift),
            NONE,
        ),
    ];
    for (bytes, code, modifiers) in table {
        assert_decodes(bytes, &[key(code, modifiers)]);
    }
}

#[test]
fn keypad_in_every_form() {
    let table = [
        ('0', "p", 57_399),
        ('1', "q", 57_400),
        ('2', "r", 57_401),
        ('3', "s", 57_402),
        ('4', "t", 57_403),
        ('5', "u", 57_404),
        ('6', "v", 57_405),
        ('7', "w", 57_406),
        ('8', "x", 57_407),
        ('9', "y", 57_408),
        ('.', "n", 57_409),
        ('/', "o", 57_410),
        ('*', "j", 57_411),
        ('-', "m", 57_412),
        ('+', "k", 57_413),
        ('=', "X", 57_415),
        (',', "l", 57_416),
    ];
    for (c, letter, code) in table {
        assert_decodes(&format!("\x1bO{letter}"), &[keypad(K::Char(c))]);
        assert_decodes(&format!("\x1b[{code}u"), &[keypad(K::Char(c))]);
    }
    assert_decodes("\x1bOM", &[keypad(K::Enter)]);
    assert_decodes("\x1b[57414u", &[keypad(K::Enter)]);
}

#[test]
fn press_repeat_and_release() {
    let kinds = [
        (1, KeyEventKind::Press),
        (2, KeyEventKind::Repeat),
        (3, KeyEventKind::Release),
    ];
    for (number, kind) in kinds {
        let of = |code| [Event::Key(KeyEvent::new_with_kind(code, NONE, kind))];
        assert_decodes(&format!("\x1b[97;1:{number}u"), &of(K::Char('a')));
        assert_decodes(&format!("\x1b[1;1:{number}A"), &of(K::Up));
        assert_decodes(&format!("\x1b[5;1:{number}~"), &of(K::PageUp));
    }
    let mut locked = KeyEvent::new(K::Char('a'), CONTROL);
    locked.state = KeyEventState::CAPS_LOCK | KeyEventState::NUM_LOCK;
    assert_decodes("\x1b[97;197u", &[Event::Key(locked)]);
}

#[test]
fn keys_one_after_the_other() {
    let esc = key(K::Esc, NONE);
    let alt = |c| key(K::Char(c), ALT);
    let plain = |c| key(K::Char(c), NONE);
    let alt_o = key(K::Char('O'), SHIFT_ALT);
    let table: [(&str, &[Event]); 22] = [
        ("\x1b", from_ref(&esc)),
        ("\x1b\x1b", &[esc.clone(), esc.clone()]),
        ("\x1b\x1b\x1b", &[esc.clone(), esc.clone(), esc.clone()]),
        ("\x1b\x1bx", &[esc.clone(), alt('x')]),
        ("\x1b\x1b[A", &[key(K::Up, ALT)]),
        ("\x1b\x1b\x1b[A", &[esc.clone(), key(K::Up, ALT)]),
        ("\x1b[", &[alt('[')]),
        ("\x1b[\x1b[A", &[alt('['), key(K::Up, NONE)]),
        ("\x1b[\r", &[alt('['), key(K::Enter, NONE)]),
        ("\x1b\x1b[", &[esc.clone(), alt('[')]),
        ("\x1bO", from_ref(&alt_o)),
        ("\x1bOk", &[keypad(K::Char('+'))]),
        ("\x1bOi", &[alt_o.clone(), plain('i')]),
        ("\x1bO5", &[alt_o.clone(), plain('5')]),
        ("\x1bO5z", &[alt_o.clone(), plain('5'), plain('z')]),
        (
            "\x1b\x1bO\r",
            &[esc.clone(), alt_o.clone(), key(K::Enter, NONE)],
        ),
        ("\x1b]", &[alt(']')]),
        ("\x1b]x", &[alt(']'), plain('x')]),
        (
            "\x1b_x\x1bP",
            &[alt('_'), plain('x'), key(K::Char('P'), SHIFT_ALT)],
        ),
        // Unfinished, then something else.
        ("\x1b[1;\x03x", &[key(K::Char('c'), CONTROL), plain('x')]),
        ("\x1b[1;5\x1b[B", &[key(K::Down, NONE)]),
        ("\x1b[1;5é", &[plain('é')]),
    ];
    for (bytes, expected) in table {
        assert_eq!(
            exactly(&all(bytes.as_bytes())),
            exactly(expected),
            "{bytes:?}"
        );
    }
}
