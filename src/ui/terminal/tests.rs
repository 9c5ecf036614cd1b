//! Tests of the terminal view: cells as they land in a buffer.

use ratatui::style::Style;

use super::*;

fn fed(cols: u16, rows: u16, text: &str) -> Emulator {
    let mut emulator = Emulator::new(cols, rows);
    emulator.feed(text.as_bytes());
    emulator
}

/// The view in a frame full of dots, one column and one row away from its corner.
fn drawn(emulator: &Emulator, theme: Theme, cols: u16, rows: u16) -> Buffer {
    let frame = Rect::new(0, 0, cols + 2, rows + 2);
    let mut buffer = Buffer::empty(frame);
    for y in 0..frame.height {
        buffer.set_string(0, y, ".".repeat(frame.width.into()), Style::new());
    }
    TerminalView::new(emulator, theme).render(Rect::new(1, 1, cols, rows), &mut buffer);
    buffer
}

fn lines(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut covered = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if covered == 0 {
                text.push_str(symbol);
                covered = symbol.width();
            }
            covered -= 1;
        }
        text.push('\n');
    }
    text
}

#[test]
fn fills_its_place_and_no_more() {
    let emulator = fed(6, 2, "abc\r\n中文");
    insta::assert_snapshot!(lines(&drawn(&emulator, Theme::Ansi, 6, 2)), @"
    ........
    .abc   .
    .中文  .
    ........
    ");
}

#[test]
fn the_place_may_have_another_size() {
    let emulator = fed(6, 3, "abcdef\r\n中文字\r\nghi");
    // Smaller: a wide character that is cut becomes a blank.
    insta::assert_snapshot!(lines(&drawn(&emulator, Theme::Ansi, 3, 2)), @"
    .....
    .abc.
    .中 .
    .....
    ");
    // Larger: the rest is blank.
    insta::assert_snapshot!(lines(&drawn(&emulator, Theme::Ansi, 8, 4)), @"
    ..........
    .abcdef  .
    .中文字  .
    .ghi     .
    .        .
    ..........
    ");
    let nothing = drawn(&emulator, Theme::Ansi, 0, 0);
    assert_eq!(lines(&nothing), "..\n..\n");
    // Outside of the frame, as a frame may be while the terminal's size changes.
    let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 2));
    TerminalView::new(&emulator, Theme::Ansi).render(Rect::new(2, 1, 10, 10), &mut buffer);
    assert_eq!(lines(&buffer), "    \n  ab\n");
    TerminalView::new(&emulator, Theme::Ansi).render(Rect::new(9, 9, 10, 10), &mut buffer);
}

#[test]
fn looks_become_styles() {
    use Modifier as M;
    let table = [
        ("31", Color::Indexed(1), Color::Reset, M::empty()),
        ("97;104", Color::Indexed(15), Color::Indexed(12), M::empty()),
        ("38;5;208", Color::Indexed(208), Color::Reset, M::empty()),
        ("48;2;1;2;3", Color::Reset, Color::Rgb(1, 2, 3), M::empty()),
        (
            "1;2;3;4;7;9",
            Color::Reset,
            Color::Reset,
            M::BOLD | M::DIM | M::ITALIC | M::UNDERLINED | M::REVERSED | M::CROSSED_OUT,
        ),
        ("4:3;35", Color::Indexed(5), Color::Reset, M::UNDERLINED),
    ];
    for (sgr, fg, bg, modifier) in table {
        let emulator = fed(4, 1, &format!("\x1b[{sgr}mx\x1b[my"));
        let coloured = drawn(&emulator, Theme::Ansi, 4, 1);
        let cell = &coloured[(1, 1)];
        assert_eq!(
            (cell.fg, cell.bg, cell.modifier),
            (fg, bg, modifier),
            "{sgr}"
        );
        let next = &coloured[(2, 1)];
        assert_eq!(
            (next.fg, next.bg, next.modifier),
            (Color::Reset, Color::Reset, M::empty()),
            "{sgr}"
        );
        let plain = drawn(&emulator, Theme::NoColor, 4, 1);
        let cell = &plain[(1, 1)];
        assert_eq!(
            (cell.fg, cell.bg, cell.modifier),
            (Color::Reset, Color::Reset, modifier),
            "{sgr}"
        );
    }
}

#[test]
fn hidden_text_takes_its_place() {
    let emulator = fed(6, 1, "a\x1b[8;41mbc\x1b[md");
    let buffer = drawn(&emulator, Theme::Ansi, 6, 1);
    assert_eq!(lines(&buffer), "........\n.a  d  .\n........\n");
    assert_eq!(buffer[(2, 1)].bg, Color::Indexed(1));
}

#[test]
fn marks_stand_on_their_character_unless_they_change_its_width() {
    let table = [
        ("e\u{301}x", ["e\u{301}", "x", " "]),
        ("字\u{301}x", ["字\u{301}", " ", "x"]),
        // This mark asks for a wide picture, in a cell that is narrow.
        ("\u{2764}\u{fe0f}x", ["\u{2764}", "x", " "]),
    ];
    for (bytes, expected) in table {
        let emulator = fed(3, 1, bytes);
        let buffer = drawn(&emulator, Theme::Ansi, 3, 1);
        let symbols: Vec<&str> = (1..4).map(|x| buffer[(x, 1)].symbol()).collect();
        assert_eq!(symbols, expected, "{bytes:?}");
    }
}

#[test]
fn the_cursor_is_the_frames() {
    let area = Rect::new(10, 5, 20, 4);
    let table = [
        ("", Some((10, 5))),
        ("ab\r\nc", Some((11, 6))),
        ("\x1b[4;20H", Some((29, 8))),
        ("\x1b[?25l", None),
        // The emulator is larger than the place.
        ("\x1b[5;1H", None),
        ("\x1b[1;21H", None),
    ];
    for (bytes, expected) in table {
        let emulator = fed(30, 6, bytes);
        let view = TerminalView::new(&emulator, Theme::Ansi);
        let cursor = view.cursor(area).map(|at| (at.x, at.y));
        assert_eq!(cursor, expected, "{bytes:?}");
    }
}
