//! Tests of mouse reports in every mode and encoding.

use super::*;

const NONE: KeyModifiers = KeyModifiers::NONE;

fn event(kind: MouseEventKind, modifiers: KeyModifiers) -> MouseEvent {
    MouseEvent {
        kind,
        column: 0,
        row: 0,
        modifiers,
    }
}

fn modes(mouse: MouseReports, mouse_encoding: MouseEncoding) -> Modes {
    let mut modes = Modes::default();
    modes.mouse = mouse;
    modes.mouse_encoding = mouse_encoding;
    modes
}

/// The event, its column and row; as bytes and in decimal.
type Written = (
    MouseEventKind,
    KeyModifiers,
    (u16, u16),
    &'static [u8],
    &'static str,
);

#[test]
fn events_in_both_kinds_of_encoding() {
    use MouseButton::{Left, Middle, Right};
    use MouseEventKind as M;
    let table: [Written; 12] = [
        (M::Down(Left), NONE, (0, 0), b"\x1b[M !!", "\x1b[<0;1;1M"),
        (M::Down(Middle), NONE, (0, 0), b"\x1b[M!!!", "\x1b[<1;1;1M"),
        (M::Down(Right), NONE, (9, 4), b"\x1b[M\"*%", "\x1b[<2;10;5M"),
        (M::Up(Left), NONE, (0, 0), b"\x1b[M#!!", "\x1b[<0;1;1m"),
        (M::Up(Right), NONE, (0, 0), b"\x1b[M#!!", "\x1b[<2;1;1m"),
        (M::Drag(Left), NONE, (1, 2), b"\x1b[M@\"#", "\x1b[<32;2;3M"),
        (M::Moved, NONE, (1, 2), b"\x1b[MC\"#", "\x1b[<35;2;3M"),
        (M::ScrollUp, NONE, (0, 0), b"\x1b[M`!!", "\x1b[<64;1;1M"),
        (M::ScrollDown, NONE, (0, 0), b"\x1b[Ma!!", "\x1b[<65;1;1M"),
        (M::ScrollRight, NONE, (0, 0), b"\x1b[Mc!!", "\x1b[<67;1;1M"),
        (
            M::Down(Left),
            KeyModifiers::CONTROL,
            (0, 0),
            b"\x1b[M0!!",
            "\x1b[<16;1;1M",
        ),
        (
            M::Up(Left),
            KeyModifiers::SHIFT.union(KeyModifiers::ALT),
            (0, 0),
            b"\x1b[M/!!",
            "\x1b[<12;1;1m",
        ),
    ];
    for (kind, with, (col, row), bytes, sgr) in table {
        let event = event(kind, with);
        let all = |encoding| encode(event, col, row, modes(MouseReports::Motion, encoding));
        assert_eq!(
            all(MouseEncoding::Bytes).as_deref(),
            Some(bytes),
            "{kind:?}"
        );
        assert_eq!(all(MouseEncoding::Utf8).as_deref(), Some(bytes), "{kind:?}");
        assert_eq!(
            all(MouseEncoding::Sgr).as_deref(),
            Some(sgr.as_bytes()),
            "{kind:?}"
        );
    }
}

#[test]
fn far_columns_need_room() {
    let press = event(MouseEventKind::Down(MouseButton::Left), NONE);
    // Encoding, column, whether it can be written.
    let table = [
        (MouseEncoding::Bytes, 222, true),
        (MouseEncoding::Bytes, 223, false),
        (MouseEncoding::Utf8, 223, true),
        (MouseEncoding::Utf8, 2_014, true),
        (MouseEncoding::Utf8, 2_015, false),
        (MouseEncoding::Utf8, u16::MAX, false),
        (MouseEncoding::Sgr, u16::MAX, true),
    ];
    for (encoding, col, fits) in table {
        let written = encode(press, col, 0, modes(MouseReports::Buttons, encoding));
        assert_eq!(written.is_some(), fits, "{encoding:?} {col}");
    }
    assert_eq!(
        encode(
            press,
            223,
            0,
            modes(MouseReports::Buttons, MouseEncoding::Utf8)
        ),
        Some("\x1b[M \u{100}!".into())
    );
}

#[test]
fn only_what_was_asked_for() {
    use MouseReports::{Buttons, Drag, Motion, Off};
    let events = [
        (MouseEventKind::Down(MouseButton::Left), Buttons),
        (MouseEventKind::Up(MouseButton::Left), Buttons),
        (MouseEventKind::ScrollUp, Buttons),
        (MouseEventKind::Drag(MouseButton::Left), Drag),
        (MouseEventKind::Moved, Motion),
    ];
    for (kind, from) in events {
        for asked in [Off, Buttons, Drag, Motion] {
            let written = encode(event(kind, NONE), 0, 0, modes(asked, MouseEncoding::Sgr));
            assert_eq!(written.is_some(), asked >= from, "{kind:?} {asked:?}");
        }
    }
}

#[test]
fn the_wheel_as_cursor_keys() {
    let pager = Modes::default()
        .with(Mode::AlternateScreen)
        .with(Mode::AlternateScroll);
    let up = event(MouseEventKind::ScrollUp, NONE);
    let down = event(MouseEventKind::ScrollDown, NONE);
    let click = event(MouseEventKind::Down(MouseButton::Left), NONE);
    let mut reporting = pager;
    reporting.mouse = MouseReports::Buttons;
    let table: [(MouseEvent, Modes, Option<&[u8]>); 6] = [
        (up, pager, Some(b"\x1b[A\x1b[A\x1b[A")),
        (down, pager, Some(b"\x1b[B\x1b[B\x1b[B")),
        (
            up,
            pager.with(Mode::ApplicationCursor),
            Some(b"\x1bOA\x1bOA\x1bOA"),
        ),
        (up, reporting, None),
        (up, Modes::default().with(Mode::AlternateScroll), None),
        (click, pager, None),
    ];
    for (event, modes, expected) in table {
        assert_eq!(
            wheel_as_keys(event, modes).as_deref(),
            expected,
            "{event:?}"
        );
    }
}

#[test]
fn focus_when_asked() {
    let asked = Modes::default().with(Mode::FocusEvents);
    assert_eq!(focus(true, Modes::default()), None);
    assert_eq!(focus(true, asked), Some(b"\x1b[I".to_vec()));
    assert_eq!(focus(false, asked), Some(b"\x1b[O".to_vec()));
}
