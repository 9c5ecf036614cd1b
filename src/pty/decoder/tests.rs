//! Tests of the decoding: every key in each of its forms, cut anywhere, and back from `keys`.

mod any_bytes;
mod key_forms;
mod round_trip;

use std::slice::from_ref;

use crossterm::event::{
    KeyCode as K, KeyEventKind, KeyEventState, MediaKeyCode, ModifierKeyCode, MouseButton,
    MouseEvent, MouseEventKind as M,
};
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

/// The events that come at once, then those that waited.
fn decode(bytes: &[u8]) -> (Vec<Event>, Vec<Event>) {
    let mut decoder = Decoder::default();
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
        let mut decoder = Decoder::default();
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
    let mut decoder = Decoder::default();
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
    use TerminalAnswer::{Colour, KittyKeyboard};
    let cases: [(&str, &[TerminalAnswer]); 16] = [
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
            let mut decoder = Decoder::default();
            for piece in bytes.as_bytes().chunks(size) {
                decoder.feed(piece, Instant::now());
            }
            assert_eq!(decoder.take_answers(), answers, "{bytes:?} by {size}");
        }
    }
    // Nobody asks so much.
    let mut decoder = Decoder::default();
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
    let mut decoder = Decoder::default();
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
