//! Tests of the decoding: every key in each of its forms, cut anywhere, and back from `keys`.

use std::slice::from_ref;

use crossterm::event::{KeyCode as K, MouseEventKind as M};
use proptest::prelude::*;

use super::*;
use crate::pty::emulator::{Mode, Modes, MouseEncoding, MouseReports};
use crate::pty::{keys, mouse};

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const ALT: KeyModifiers = KeyModifiers::ALT;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
const SHIFT_ALT: KeyModifiers = SHIFT.union(ALT);
const CONTROL_ALT: KeyModifiers = CONTROL.union(ALT);
const CONTROL_SHIFT: KeyModifiers = CONTROL.union(SHIFT);
const ALL: KeyModifiers = CONTROL.union(SHIFT).union(ALT);

/// What the bytes are at once, then what waited.
fn decode(bytes: &[u8]) -> (Vec<Event>, Vec<Event>) {
    let mut decoder = Decoder::new();
    let now = Instant::now();
    let at_once = decoder.feed(bytes, now);
    (at_once, decoder.expire(now + SEQUENCE_WAIT))
}

fn all(bytes: &[u8]) -> Vec<Event> {
    let (at_once, waited) = decode(bytes);
    [at_once, waited].concat()
}

fn key(code: K, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn keypad(code: K) -> Event {
    let (press, state) = (KeyEventKind::Press, KeyEventState::KEYPAD);
    Event::Key(KeyEvent::new_with_kind_and_state(code, NONE, press, state))
}

/// Key events are equal where one has Shift and `a`, the other Shift and `A`. Here they are not.
fn exactly(events: &[Event]) -> String {
    format!("{events:?}")
}

fn assert_decodes(bytes: &str, expected: &[Event]) {
    let (at_once, waited) = decode(bytes.as_bytes());
    assert_eq!(exactly(&at_once), exactly(expected), "{bytes:?}");
    assert!(waited.is_empty(), "{bytes:?}: {waited:?} waited");
}

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
const FORMS: [(K, &[&str], &[&str]); 34] = [
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

#[test]
fn what_is_no_utf_8_is_dropped() {
    let x = key(K::Char('x'), NONE);
    let table: [(&[u8], &[Event]); 6] = [
        (b"\xffx", from_ref(&x)),
        (b"\x80\xbfx", from_ref(&x)),
        (b"\xe4\xb8x", from_ref(&x)),
        (
            b"\xe4\xb8\xe4\xb8\xadx",
            &[key(K::Char('中'), NONE), x.clone()],
        ),
        (b"\xe4\xb8\x1b[A", &[key(K::Up, NONE)]),
        (b"\x1b\xffx", &[key(K::Esc, NONE), x.clone()]),
    ];
    for (bytes, expected) in table {
        assert_eq!(exactly(&all(bytes)), exactly(expected), "{bytes:?}");
    }
}

#[test]
fn waiting_ends_at_the_deadline() {
    let now = Instant::now();
    let table: [(&[u8], Option<Duration>, &[Event]); 11] = [
        (b"a", None, &[]),
        (b"\xe4\xb8", None, &[]),
        (b"\x1b[200~half", None, &[]),
        (b"\x1b", Some(KEY_WAIT), &[key(K::Esc, NONE)]),
        (
            b"\x1b\x1b",
            Some(KEY_WAIT),
            &[key(K::Esc, NONE), key(K::Esc, NONE)],
        ),
        (b"\x1b[", Some(KEY_WAIT), &[key(K::Char('['), ALT)]),
        (b"\x1bO", Some(KEY_WAIT), &[key(K::Char('O'), SHIFT_ALT)]),
        (b"\x1bP", Some(KEY_WAIT), &[key(K::Char('P'), SHIFT_ALT)]),
        (b"\x1b[<0;1", Some(SEQUENCE_WAIT), &[]),
        (b"\x1b[M  ", Some(SEQUENCE_WAIT), &[]),
        (b"\x1b]11;rgb:", Some(SEQUENCE_WAIT), &[]),
    ];
    for (bytes, wait, expected) in table {
        let mut decoder = Decoder::new();
        decoder.feed(bytes, now);
        let Some(wait) = wait else {
            assert_eq!(decoder.deadline(), None, "{bytes:?}");
            continue;
        };
        assert_eq!(decoder.deadline(), Some(now + wait), "{bytes:?}");
        let early = decoder.expire(now + wait.saturating_sub(Duration::from_millis(1)));
        assert!(early.is_empty(), "{bytes:?}: {early:?}");
        assert_eq!(
            exactly(&decoder.expire(now + wait)),
            exactly(expected),
            "{bytes:?}"
        );
        assert_eq!(decoder.deadline(), None, "{bytes:?}");
        assert_eq!(
            decoder.feed(b"a", now),
            [key(K::Char('a'), NONE)],
            "{bytes:?}"
        );
    }
}

#[test]
fn late_bytes_still_complete_a_sequence() {
    let mut decoder = Decoder::new();
    let now = Instant::now();
    assert!(decoder.feed(b"\x1b", now).is_empty());
    assert_eq!(decoder.feed(b"[A", now + SEQUENCE_WAIT), [key(K::Up, NONE)]);
    assert_eq!(decoder.deadline(), None);
}

#[test]
fn answers_of_the_terminal_are_never_typed() {
    let answers = [
        "\x1b[?62;22c",
        "\x1b[?64;1;2;6;9;15;18;21;22c",
        "\x1b[>0;276;0c",
        "\x1b[0n",
        "\x1b[12;40R",
        "\x1b[?1;1;1R",
        "\x1b[?2026;2$y",
        "\x1b[4;1$y",
        "\x1b[?1u",
        "\x1b[8;24;80t",
        "\x1b[48;24;80;480;800t",
        "\x1b[?997;1n",
        "\x1b]11;rgb:1c1c/1c1c/1c1c\x07",
        "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
        "\x1b]52;c;aGVsbG8=\x1b\\",
        "\x1bP>|XTerm(390)\x1b\\",
        "\x1bP!|00000000\x1b\\",
        "\x1bP1$r0m\x1b\\",
        "\x1bP1+r544e=787465726d\x1b\\",
        "\x1b_Gi=31;OK\x1b\\",
    ];
    let a = key(K::Char('a'), NONE);
    for answer in answers {
        assert_decodes(answer, &[]);
        assert_decodes(&format!("a{answer}a"), &[a.clone(), a.clone()]);
        assert_decodes(&format!("\x1b{answer}a"), &[key(K::Esc, NONE), a.clone()]);
    }
    assert_decodes(&answers.concat(), &[]);
}

#[test]
fn answers_to_what_nslab_asks() {
    use Answer::{Colour, KittyKeyboard};
    let cases: [(&str, &[Answer]); 16] = [
        (
            "\x1b]11;rgb:fdfd/f6f6/e3e3\x07",
            &[Colour(Slot::Background, [0xfd, 0xf6, 0xe3])],
        ),
        (
            "\x1b]10;rgb:ff/00/80\x1b\\",
            &[Colour(Slot::Text, [255, 0, 128])],
        ),
        (
            "\x1b]4;9;rgb:f/0/8\x1b\\",
            &[Colour(Slot::Numbered(9), [255, 0, 136])],
        ),
        (
            "\x1b]4;15;rgb:fff/000/800\x07",
            &[Colour(Slot::Numbered(15), [255, 0, 127])],
        ),
        (
            "\x1b]11;rgba:0000/0000/0000/ffff\x07",
            &[Colour(Slot::Background, [0, 0, 0])],
        ),
        ("\x1b[?0u", &[KittyKeyboard]),
        ("\x1b[?31u\x1b[?62c", &[KittyKeyboard]),
        ("\x1b]4;16;rgb:00/00/00\x07", &[]),
        ("\x1b]12;rgb:00/00/00\x07", &[]),
        ("\x1b]11;rgb:00/00\x07", &[]),
        ("\x1b]11;rgb:00/00/xx\x07", &[]),
        ("\x1b]11;rgb:00000/0/0\x07", &[]),
        ("\x1b]11;rgb:///\x07", &[]),
        ("\x1b]11;#ffffff\x07", &[]),
        ("\x1bP>|XTerm(390)\x1b\\\x1b_G1\x1b\\", &[]),
        ("\x1b]11;rgb:\x1b[A", &[]),
    ];
    for (bytes, answers) in cases {
        for size in [1, 2, bytes.len()] {
            let mut decoder = Decoder::new();
            for piece in bytes.as_bytes().chunks(size) {
                decoder.feed(piece, Instant::now());
            }
            assert_eq!(decoder.take_answers(), answers, "{bytes:?} by {size}");
        }
    }
    // Nobody asks so much.
    let mut decoder = Decoder::new();
    decoder.feed(
        "\x1b]11;rgb:1/1/1\x07".repeat(10_000).as_bytes(),
        Instant::now(),
    );
    assert_eq!(decoder.take_answers().len(), ANSWERS);
    let long = format!("\x1b]11;rgb:{}/1/1\x07", "1".repeat(10_000));
    decoder.feed(long.as_bytes(), Instant::now());
    assert_eq!(decoder.take_answers(), []);
}

#[test]
fn an_answer_without_an_end_is_left_with_a_control_key() {
    let table: [(&str, &[Event]); 4] = [
        ("\x1b]11;ab\r", &[key(K::Enter, NONE)]),
        ("\x1b]11;ab\x03", &[key(K::Char('c'), CONTROL)]),
        ("\x1b]11;ab\x1b", &[key(K::Esc, NONE)]),
        ("\x1b]11;ab\x1b[A", &[key(K::Up, NONE)]),
    ];
    for (bytes, expected) in table {
        assert_eq!(
            exactly(&all(bytes.as_bytes())),
            exactly(expected),
            "{bytes:?}"
        );
    }
}

#[test]
fn malformed_sequences_are_dropped() {
    let long = format!("\x1b[1;{}5A", "0".repeat(SEQUENCE_LIMIT));
    let table = [
        "\x1b[99~",
        "\x1b[201~",
        "\x1b[1;300A",
        "\x1b[99999999999~",
        "\x1b[1;?~",
        "\x1b[1 A",
        "\x1b[0u",
        "\x1b[1u",
        "\x1b[57344u",
        "\x1b[1114112u",
        "\x1b[55296u",
        "\x1b[[Z",
        "\x1b[<0;0;1M",
        "\x1b[<0;1;65537M",
        "\x1b[<0M",
        "\x1b[<128;1;1M",
        "\x1b[0;1;1M",
        "\x1b[M   ",
        &long,
    ];
    for bytes in table {
        assert_decodes(&format!("{bytes}a"), &[key(K::Char('a'), NONE)]);
    }
}

fn mouse_event(kind: M, column: u16, row: u16, modifiers: KeyModifiers) -> Event {
    Event::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers,
    })
}

#[test]
fn mouse_in_every_form() {
    use MouseButton::{Left, Middle, Right};
    let table = [
        ("\x1b[<0;1;1M", M::Down(Left), 0, 0, NONE),
        ("\x1b[<1;10;5M", M::Down(Middle), 9, 4, NONE),
        ("\x1b[<2;65536;300M", M::Down(Right), 65_535, 299, NONE),
        ("\x1b[<0;1;1m", M::Up(Left), 0, 0, NONE),
        ("\x1b[<2;1;1m", M::Up(Right), 0, 0, NONE),
        ("\x1b[<3;1;1M", M::Up(Left), 0, 0, NONE),
        ("\x1b[<32;2;3M", M::Drag(Left), 1, 2, NONE),
        ("\x1b[<33;2;3M", M::Drag(Middle), 1, 2, NONE),
        ("\x1b[<34;2;3m", M::Drag(Right), 1, 2, NONE),
        ("\x1b[<35;2;3M", M::Moved, 1, 2, NONE),
        ("\x1b[<64;1;1M", M::ScrollUp, 0, 0, NONE),
        ("\x1b[<65;1;1M", M::ScrollDown, 0, 0, NONE),
        ("\x1b[<66;1;1M", M::ScrollLeft, 0, 0, NONE),
        ("\x1b[<67;1;1M", M::ScrollRight, 0, 0, NONE),
        ("\x1b[<16;1;1M", M::Down(Left), 0, 0, CONTROL),
        ("\x1b[<12;1;1m", M::Up(Left), 0, 0, SHIFT_ALT),
        ("\x1b[<92;1;1M", M::ScrollUp, 0, 0, ALL),
        ("\x1b[M !!", M::Down(Left), 0, 0, NONE),
        ("\x1b[M#!!", M::Up(Left), 0, 0, NONE),
        ("\x1b[M@\"#", M::Drag(Left), 1, 2, NONE),
        ("\x1b[Ma~~", M::ScrollDown, 93, 93, NONE),
        ("\x1b[32;1;1M", M::Down(Left), 0, 0, NONE),
        ("\x1b[96;300;2M", M::ScrollUp, 299, 1, NONE),
    ];
    for (bytes, kind, column, row, modifiers) in table {
        let expected = mouse_event(kind, column, row, modifiers);
        assert_decodes(bytes, from_ref(&expected));
        // The mouse has its own bit for Alt: an ESC before it is the Esc key.
        assert_decodes(&format!("\x1b{bytes}"), &[key(K::Esc, NONE), expected]);
    }
}

#[test]
fn focus() {
    assert_decodes("\x1b[I\x1b[O", &[Event::FocusGained, Event::FocusLost]);
}

#[test]
fn pastes() {
    let paste = |text: &str| Event::Paste(text.to_owned());
    let table = [
        ("ls\n", "ls\n"),
        ("", ""),
        ("中文", "中文"),
        ("\x1b[A\x03", "\x1b[A\x03"),
        ("\x1b[20\x1b[201", "\x1b[20\x1b[201"),
        ("\x1b\x1b", "\x1b\x1b"),
        ("\x1b[200~", "\x1b[200~"),
    ];
    for (text, expected) in table {
        assert_decodes(
            &format!("a\x1b[200~{text}\x1b[201~\x1b[B"),
            &[key(K::Char('a'), NONE), paste(expected), key(K::Down, NONE)],
        );
    }
    assert_decodes("\x1b\x1b[200~x\x1b[201~", &[key(K::Esc, NONE), paste("x")]);
    assert_eq!(all(b"\x1b[200~a\xffb\x1b[201~"), [paste("a\u{fffd}b")]);
}

/// A paste without an end holds no more than the limit, and nothing of it is lost.
#[test]
fn a_huge_paste_comes_in_pieces() {
    let mut decoder = Decoder::new();
    let now = Instant::now();
    let mut events = decoder.feed(b"\x1b[200~x", now);
    let piece = "中\x1b[201".repeat(1_200_000);
    for part in piece.as_bytes().chunks(64 * 1024) {
        events.extend(decoder.feed(part, now));
        assert!(decoder.held.len() <= PASTE_LIMIT + 16);
    }
    for part in [piece.as_bytes(), PASTE_END] {
        events.extend(decoder.feed(part, now));
    }
    let texts: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Paste(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!((texts.len(), events.len()), (2, 2));
    assert!(texts.iter().all(|text| text.len() <= PASTE_LIMIT + 16));
    assert!(texts.concat() == format!("x{piece}{piece}"));
}

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
        // Only a capital tells Shift.
        K::Char('é') if shift && !control => true,
        K::Char(c) if shift && !c.is_ascii_alphabetic() && !control => {
            !modes.has(Mode::Disambiguate) || modifiers == SHIFT
        }
        // Named after what they share their control character with.
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
                // Whatever came back, a program gets the same bytes from it.
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

/// Bytes of which many make sequences, whole and in parts.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "\x1b",
        "[",
        "O",
        "]",
        "P",
        "_",
        "\x1b[",
        "\x1bO",
        "\x1b]11;",
        "\x1bP>|",
        "\x1b\\",
        "<",
        "?",
        "1",
        ";",
        ":",
        "27",
        "200~",
        "\x1b[200~",
        "\x1b[201~",
        "0;3;4",
        "M",
        "m",
        "A",
        "R",
        "u",
        "~",
        "$",
        "y",
        "\r",
        "\x07",
        "\x7f",
        "é",
        "中",
        "🦀",
    ];
    let part = prop_oneof![
        4 => proptest::sample::select(parts.to_vec()).prop_map(|part| part.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn cut_anywhere_the_events_are_the_same(
        bytes in input(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8),
    ) {
        let now = Instant::now();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut decoder = Decoder::new();
        let mut events = Vec::new();
        for cut in cuts.windows(2) {
            events.extend(decoder.feed(&bytes[cut[0]..cut[1]], now));
        }
        events.extend(decoder.expire(now + SEQUENCE_WAIT));
        prop_assert_eq!(exactly(&events), exactly(&all(&bytes)));
    }

    #[test]
    fn little_is_held_and_nothing_waits_for_ever(bytes in input()) {
        let mut decoder = Decoder::new();
        let now = Instant::now();
        decoder.feed(&bytes, now);
        prop_assert!(decoder.held.len() <= bytes.len().max(SEQUENCE_LIMIT));
        decoder.expire(now + SEQUENCE_WAIT);
        prop_assert_eq!(decoder.deadline(), None);
        // Whatever came before, a key still arrives, if need be after a paste's end.
        let mut events = decoder.feed(PASTE_END, now);
        events.extend(decoder.feed(b"\rq", now));
        prop_assert_eq!(events.last(), Some(&key(K::Char('q'), NONE)));
    }
}

#[test]
fn an_endless_sequence_is_not_held() {
    let mut decoder = Decoder::new();
    for (start, endless) in [
        ("\x1b[", "1;"),
        ("\x1bO", "1;"),
        ("\x1b]1", "x"),
        ("\x1bP1", "1"),
    ] {
        decoder.feed(start.as_bytes(), Instant::now());
        let events = decoder.feed(endless.repeat(10_000).as_bytes(), Instant::now());
        assert!(decoder.held.len() <= SEQUENCE_LIMIT);
        assert!(start == "\x1bO" || events.is_empty(), "{start:?}");
        decoder.feed(b"\r", Instant::now());
    }
}
