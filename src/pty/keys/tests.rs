//! Tests of keys as bytes, in every mode.

use crossterm::event::{KeyCode as K, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers};

use super::*;

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const ALT: KeyModifiers = KeyModifiers::ALT;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const SHIFT_ALT: KeyModifiers = SHIFT.union(ALT);
const CONTROL_ALT: KeyModifiers = CONTROL.union(ALT);
const CONTROL_SHIFT: KeyModifiers = CONTROL.union(SHIFT);
const ALL: KeyModifiers = CONTROL.union(SHIFT).union(ALT);

/// Bytes in print: `^[` is ESC, `^A` is 1, `^?` is DEL.
fn show(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec())
        .unwrap()
        .chars()
        .map(|c| match c {
            '\0'..='\x1f' => format!("^{}", char::from(c as u8 + b'@')),
            '\x7f' => "^?".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn keys_in_every_mode() {
    let application = Modes::default()
        .with(Mode::ApplicationCursor)
        .with(Mode::ApplicationKeypad);
    let kitty = Modes::default().with(Mode::Disambiguate);
    // Key, modifiers, then the bytes: normal, application cursor keys and keypad, kitty's flag 1.
    let table = [
        (K::Char('a'), NONE, "a", "a", "a"),
        (K::Char('A'), SHIFT, "A", "A", "A"),
        (K::Char('a'), SHIFT, "A", "A", "A"),
        (K::Char('中'), NONE, "中", "中", "中"),
        (K::Char('é'), ALT, "^[é", "^[é", "^[[233;3u"),
        (K::Char('a'), ALT, "^[a", "^[a", "^[[97;3u"),
        (K::Char('A'), SHIFT_ALT, "^[A", "^[A", "^[[97;4u"),
        (K::Char('a'), CONTROL, "^A", "^A", "^[[97;5u"),
        (K::Char('A'), CONTROL_SHIFT, "^A", "^A", "^[[97;6u"),
        (K::Char('z'), CONTROL, "^Z", "^Z", "^[[122;5u"),
        (K::Char('c'), CONTROL_ALT, "^[^C", "^[^C", "^[[99;7u"),
        (K::Char('c'), ALL, "^[^C", "^[^C", "^[[99;8u"),
        (K::Char('i'), CONTROL, "^I", "^I", "^[[105;5u"),
        (K::Char('m'), CONTROL, "^M", "^M", "^[[109;5u"),
        (K::Char(' '), NONE, " ", " ", " "),
        (K::Char(' '), CONTROL, "^@", "^@", "^[[32;5u"),
        (K::Char(' '), ALT, "^[ ", "^[ ", "^[[32;3u"),
        (K::Null, NONE, "^@", "^@", "^[[32;5u"),
        (K::Char('@'), CONTROL, "^@", "^@", "^[[64;5u"),
        (K::Char('2'), CONTROL, "^@", "^@", "^[[50;5u"),
        (K::Char('3'), CONTROL, "^[", "^[", "^[[51;5u"),
        (K::Char('4'), CONTROL, "^\\", "^\\", "^[[92;5u"),
        (K::Char('5'), CONTROL, "^]", "^]", "^[[93;5u"),
        (K::Char('6'), CONTROL, "^^", "^^", "^[[94;5u"),
        (K::Char('7'), CONTROL, "^_", "^_", "^[[95;5u"),
        (K::Char('8'), CONTROL, "^?", "^?", "^[[56;5u"),
        (K::Char('9'), CONTROL, "9", "9", "^[[57;5u"),
        (K::Char('/'), CONTROL, "^_", "^_", "^[[47;5u"),
        (K::Char('?'), CONTROL, "^?", "^?", "^[[63;5u"),
        (K::Char('~'), CONTROL, "^^", "^^", "^[[126;5u"),
        (K::Enter, NONE, "^M", "^M", "^M"),
        (K::Enter, ALT, "^[^M", "^[^M", "^[[13;3u"),
        (K::Enter, SHIFT, "^M", "^M", "^[[13;2u"),
        (K::Tab, NONE, "^I", "^I", "^I"),
        (K::Tab, ALT, "^[^I", "^[^I", "^[[9;3u"),
        (K::Tab, SHIFT, "^[[Z", "^[[Z", "^[[9;2u"),
        (K::BackTab, SHIFT, "^[[Z", "^[[Z", "^[[9;2u"),
        (K::BackTab, NONE, "^[[Z", "^[[Z", "^[[9;2u"),
        (K::Backspace, NONE, "^?", "^?", "^?"),
        (K::Backspace, CONTROL, "^H", "^H", "^[[127;5u"),
        (K::Backspace, ALT, "^[^?", "^[^?", "^[[127;3u"),
        (K::Esc, NONE, "^[", "^[", "^[[27u"),
        (K::Esc, ALT, "^[^[", "^[^[", "^[[27;3u"),
        (K::Up, NONE, "^[[A", "^[OA", "^[[A"),
        (K::Down, NONE, "^[[B", "^[OB", "^[[B"),
        (K::Right, NONE, "^[[C", "^[OC", "^[[C"),
        (K::Left, NONE, "^[[D", "^[OD", "^[[D"),
        (K::Left, SHIFT, "^[[1;2D", "^[[1;2D", "^[[1;2D"),
        (K::Left, ALT, "^[[1;3D", "^[[1;3D", "^[[1;3D"),
        (K::Right, CONTROL, "^[[1;5C", "^[[1;5C", "^[[1;5C"),
        (K::Up, ALL, "^[[1;8A", "^[[1;8A", "^[[1;8A"),
        (K::KeypadBegin, NONE, "^[[E", "^[OE", "^[[E"),
        (K::Home, NONE, "^[[H", "^[OH", "^[[H"),
        (K::End, NONE, "^[[F", "^[OF", "^[[F"),
        (K::End, CONTROL, "^[[1;5F", "^[[1;5F", "^[[1;5F"),
        (K::Insert, NONE, "^[[2~", "^[[2~", "^[[2~"),
        (K::Delete, NONE, "^[[3~", "^[[3~", "^[[3~"),
        (K::Delete, CONTROL, "^[[3;5~", "^[[3;5~", "^[[3;5~"),
        (K::PageUp, NONE, "^[[5~", "^[[5~", "^[[5~"),
        (K::PageDown, SHIFT, "^[[6;2~", "^[[6;2~", "^[[6;2~"),
        (K::Menu, NONE, "^[[29~", "^[[29~", "^[[29~"),
        (K::F(1), NONE, "^[OP", "^[OP", "^[[P"),
        (K::F(3), NONE, "^[OR", "^[OR", "^[[13~"),
        (K::F(3), CONTROL, "^[[1;5R", "^[[1;5R", "^[[13;5~"),
        (K::F(4), SHIFT, "^[[1;2S", "^[[1;2S", "^[[1;2S"),
        (K::F(5), NONE, "^[[15~", "^[[15~", "^[[15~"),
        (K::F(6), NONE, "^[[17~", "^[[17~", "^[[17~"),
        (K::F(10), NONE, "^[[21~", "^[[21~", "^[[21~"),
        (K::F(11), NONE, "^[[23~", "^[[23~", "^[[23~"),
        (K::F(12), CONTROL, "^[[24;5~", "^[[24;5~", "^[[24;5~"),
        (K::F(14), NONE, "^[[26~", "^[[26~", "^[[26~"),
        (K::F(15), NONE, "^[[28~", "^[[28~", "^[[28~"),
        (K::F(16), NONE, "^[[29~", "^[[29~", "^[[29~"),
        (K::F(17), NONE, "^[[31~", "^[[31~", "^[[31~"),
        (K::F(20), NONE, "^[[34~", "^[[34~", "^[[34~"),
        (K::F(21), NONE, "", "", ""),
        (K::CapsLock, NONE, "", "", ""),
        (K::PrintScreen, NONE, "", "", ""),
    ];
    for (code, modifiers, normal, in_application, in_kitty) in table {
        let key = KeyEvent::new(code, modifiers);
        let name = format!("{modifiers:?} {code:?}");
        assert_eq!(show(&encode(&key, Modes::default())), normal, "{name}");
        assert_eq!(show(&encode(&key, application)), in_application, "{name}");
        assert_eq!(show(&encode(&key, kitty)), in_kitty, "{name}");
    }
}

#[test]
fn keypad_in_application_mode() {
    let application = Modes::default().with(Mode::ApplicationKeypad);
    let table = [
        (K::Char('0'), "0", "^[Op"),
        (K::Char('9'), "9", "^[Oy"),
        (K::Char('*'), "*", "^[Oj"),
        (K::Char('+'), "+", "^[Ok"),
        (K::Char('-'), "-", "^[Om"),
        (K::Char('.'), ".", "^[On"),
        (K::Char('/'), "/", "^[Oo"),
        (K::Char('='), "=", "^[OX"),
        (K::Enter, "^M", "^[OM"),
    ];
    for (code, normal, in_application) in table {
        let mut key = KeyEvent::new(code, NONE);
        assert_eq!(
            show(&encode(&key, application)),
            normal,
            "{code:?}, not the keypad's"
        );
        key.state = KeyEventState::KEYPAD;
        assert_eq!(show(&encode(&key, Modes::default())), normal, "{code:?}");
        assert_eq!(show(&encode(&key, application)), in_application, "{code:?}");
    }
}

#[test]
fn keypad_in_kittys_flag_1() {
    let kitty = Modes::default().with(Mode::Disambiguate);
    let table = [
        (K::Char('5'), "5", "5"),
        (K::Char('+'), "+", "+"),
        (K::Enter, "^M", "^[[57414u"),
        (K::Left, "^[[D", "^[[57417u"),
        (K::PageDown, "^[[6~", "^[[57422u"),
        (K::Delete, "^[[3~", "^[[57426u"),
        (K::KeypadBegin, "^[[E", "^[[57427u"),
    ];
    for (code, normal, in_kitty) in table {
        let mut key = KeyEvent::new(code, NONE);
        key.state = KeyEventState::KEYPAD;
        assert_eq!(show(&encode(&key, Modes::default())), normal, "{code:?}");
        assert_eq!(show(&encode(&key, kitty)), in_kitty, "{code:?}");
    }
}

#[test]
fn enter_in_new_line_mode() {
    let modes = Modes::default().with(Mode::NewLine);
    assert_eq!(encode(&KeyEvent::new(K::Enter, NONE), modes), b"\r\n");
}

#[test]
fn repeats_count_and_releases_do_not() {
    let table = [
        (KeyEventKind::Press, "x"),
        (KeyEventKind::Repeat, "x"),
        (KeyEventKind::Release, ""),
    ];
    for (kind, expected) in table {
        let key = KeyEvent::new_with_kind(K::Char('x'), NONE, kind);
        assert_eq!(show(&encode(&key, Modes::default())), expected, "{kind:?}");
    }
}

#[test]
fn pastes() {
    let bracketed = Modes::default().with(Mode::BracketedPaste);
    let table = [
        ("ls", "ls", "^[[200~ls^[[201~"),
        ("a\nb\r\nc\rd", "a^Mb^Mc^Md", "^[[200~a^Mb^Mc^Md^[[201~"),
        ("a\tb", "a^Ib", "^[[200~a^Ib^[[201~"),
        ("中文", "中文", "^[[200~中文^[[201~"),
        ("x\x1b[201~rm\n", "x[201~rm^M", "^[[200~x[201~rm^M^[[201~"),
        ("x\u{9b}201~\x03", "x201~", "^[[200~x201~^[[201~"),
    ];
    for (text, plain, in_brackets) in table {
        assert_eq!(show(&paste(text, Modes::default())), plain, "{text:?}");
        assert_eq!(show(&paste(text, bracketed)), in_brackets, "{text:?}");
    }
}
