//! Tests of the emulator: the output of programs, the replies to them, and attempts of hostile ones.

use super::*;

fn fed(cols: u16, rows: u16, text: &str) -> Emulator {
    let mut emulator = Emulator::new(cols, rows);
    emulator.feed(text.as_bytes());
    emulator
}

fn replies(emulator: &mut Emulator, text: &str) -> String {
    String::from_utf8(emulator.feed(text.as_bytes())).unwrap()
}

#[test]
fn no_size_is_too_small_or_too_large() {
    let table = [
        ((0, 0), (2, 1)),
        ((1, 1), (2, 1)),
        ((80, 0), (80, 1)),
        ((3, 7), (3, 7)),
        ((u16::MAX, 3), (1_000, 3)),
        ((3, u16::MAX), (3, 1_000)),
    ];
    for ((cols, rows), size) in table {
        let mut emulator = Emulator::new(cols, rows);
        assert_eq!(emulator.size(), size);
        emulator.feed("中文a\r\n".repeat(5).as_bytes());
        emulator.resize(40, 10);
        emulator.resize(cols, rows);
        assert_eq!(emulator.size(), size);
        emulator.feed("中文a\r\n".repeat(5).as_bytes());
    }
}

#[test]
fn a_panic_costs_the_screen_and_nothing_else() {
    let mut emulator = fed(80, 3, "before\x1b[?1049h\x1b]0;title\x07");
    emulator.catch_panic(|_| {
        assert!(catches_panics());
        panic!("as the emulator might");
    });
    assert!(!catches_panics());
    assert_eq!(emulator.size(), (80, 3));
    assert_eq!(emulator.modes(), Emulator::new(80, 3).modes());
    assert_eq!(emulator.title(), None);
    emulator.feed(b"after");
    insta::assert_snapshot!(emulator.text(), @"
    nslab: the terminal emulator failed on this output and started afresh
    after
    ");
}

#[test]
fn keyboard_flags_are_stacked_without_end() {
    let mut emulator = Emulator::new(20, 3);
    emulator.feed("\x1b[>1u".repeat(10_000).as_bytes());
    assert!(emulator.modes().has(Mode::Disambiguate));
    emulator.feed(b"\x1b[<65535u");
    assert!(!emulator.modes().has(Mode::Disambiguate));
    assert_eq!(emulator.text().trim(), "");
}

#[test]
fn keyboard_flags_are_each_screens_own_and_only_those_we_encode() {
    // The outputs of the child, one after the other, and the replies about the flags.
    let table = [
        ("\x1b[?u", "\x1b[?0u"),
        ("\x1b[>31u\x1b[?u", "\x1b[?1u"),
        ("\x1b[?1049h\x1b[?u", "\x1b[?0u"),
        ("\x1b[=1;2u\x1b[?u", "\x1b[?1u"),
        ("\x1b[=1;3u\x1b[?u", "\x1b[?0u"),
        ("\x1b[=3;1u\x1b[?u", "\x1b[?1u"),
        ("\x1b[=2;1u\x1b[?u", "\x1b[?0u"),
        ("\x1b[?1049l\x1b[?u", "\x1b[?1u"),
        ("\x1b[<u\x1b[?u", "\x1b[?0u"),
        ("\x1b[>1u\x1bc\x1b[?u", "\x1b[?0u"),
    ];
    let mut emulator = Emulator::new(20, 3);
    for (bytes, expected) in table {
        assert_eq!(replies(&mut emulator, bytes), expected, "{bytes:?}");
    }
}

#[test]
fn marks_on_a_character_are_bounded() {
    let one_by_one = "\u{301}".repeat(10_000);
    let with_moves = "\u{301}\x1b[D\x1b[C".repeat(10_000);
    for (base, marks) in [
        ("e", &one_by_one),
        ("e", &with_moves),
        ("中", &one_by_one),
        ("", &one_by_one),
    ] {
        let emulator = fed(10, 2, &format!("{base}{marks}"));
        let most = emulator.glyphs(0).map(|glyph| glyph.marks.len()).max();
        assert_eq!(most, Some(8), "{base:?}");
    }
    let last_column = fed(2, 1, &format!("ab{one_by_one}"));
    assert_eq!(last_column.glyphs(0).last().unwrap().marks.len(), 8);
}

#[test]
fn characters_that_turn_or_join_text_are_left_out() {
    let emulator = fed(
        20,
        1,
        "a\u{202e}b\u{200d}c\u{200b}d\u{2066}e\u{feff}f\u{301}g",
    );
    assert_eq!(emulator.text(), "abcdef\u{301}g");
}

#[test]
fn repeats_are_bounded() {
    let mut emulator = Emulator::new(80, 24);
    // All of them would be 82,000 lines.
    let bytes = "x\x1b[65535b".repeat(100);
    emulator.feed(bytes.as_bytes());
    // 32 characters a byte, and one screen.
    let most = bytes.len() * 32 / 80 + 24;
    assert!(emulator.history() <= most, "{}", emulator.history());
    // A line drawn by repeating, as ncurses does it, is whole.
    let line = fed(80, 2, "-\x1b[79b");
    assert_eq!(line.text(), format!("{}\n", "-".repeat(80)));
}

#[test]
fn titles() {
    let long = "t".repeat(5_000);
    let table = [
        ("\x1b]0;a title\x07", Some("a title".to_owned())),
        (
            "\x1b]2;中文; and more\x1b\\",
            Some("中文; and more".to_owned()),
        ),
        ("\x1b]2;a\u{9b}31m\u{202e}b\x07", Some("a31mb".to_owned())),
        ("\x1b]2;a\nb\x07", Some("ab".to_owned())),
        (&format!("\x1b]2;{long}\x07"), Some("t".repeat(200))),
        (
            "\x1b]2;one\x07\x1b[22t\x1b]2;two\x07\x1b[23t",
            Some("one".to_owned()),
        ),
        ("\x1b]2;one\x07\x1bc", None),
        ("\x1b]2;one\x07\x1b]2;\x07", None),
        ("\x1b[23t", None),
    ];
    for (bytes, expected) in table {
        assert_eq!(fed(20, 2, bytes).title(), expected.as_deref(), "{bytes:?}");
    }
}

#[test]
fn answers_owed_to_the_child() {
    let table = [
        ("\x1b[5n", "\x1b[0n"),
        ("ab\r\ncd\x1b[6n", "\x1b[2;3R"),
        ("\x1b[c", "\x1b[?6c"),
        ("\x1b[18t", "\x1b[8;24;80t"),
        ("\x1b[14t", "\x1b[4;384;640t"),
        ("\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"),
        ("\x1b[?2004$p", "\x1b[?2004;2$y"),
        ("\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b]11;?\x07", "\x1b]11;rgb:fdfd/f6f6/e3e3\x07"),
        ("\x1b]4;9;?\x1b\\", "\x1b]4;9;rgb:cbcb/4b4b/1616\x1b\\"),
        // Colours that the user's terminal has not reported.
        ("\x1b]10;?\x1b\\\x1b]4;3;?\x07", ""),
        ("\x1b]4;67;?\x07", "\x1b]4;67;rgb:5f5f/8787/afaf\x07"),
        (
            "\x1b]4;1;#102030\x07\x1b]4;1;?\x07\x1b]4;1;#405060\x07",
            "\x1b]4;1;rgb:1010/2020/3030\x07",
        ),
        (
            "\x1b[5n\x1b]11;?\x07\x1b[18t",
            "\x1b[0n\x1b]11;rgb:fdfd/f6f6/e3e3\x07\x1b[8;24;80t",
        ),
    ];
    let mut palette = Palette::default();
    palette.set(Slot::Background, [0xfd, 0xf6, 0xe3]);
    palette.set(Slot::Numbered(9), [0xcb, 0x4b, 0x16]);
    for (bytes, expected) in table {
        let mut emulator = Emulator::new(80, 24);
        emulator.set_palette(palette);
        assert_eq!(replies(&mut emulator, bytes), expected, "{bytes:?}");
        assert_eq!(replies(&mut emulator, ""), "", "{bytes:?}");
    }
}

#[test]
fn answers_are_bounded() {
    let mut emulator = Emulator::new(80, 24);
    let owed = emulator.feed("\x1b]4;1;?\x07".repeat(100_000).as_bytes());
    assert!(owed.len() <= 64 * 1024, "{}", owed.len());
    assert_eq!(replies(&mut emulator, "\x1b[5n"), "\x1b[0n");
}

#[test]
fn the_clipboard_is_out_of_reach() {
    for bytes in [
        "\x1b]52;c;?\x07",
        "\x1b]52;c;aGVsbG8=\x07",
        "\x1b]52;p;?\x1b\\",
    ] {
        let mut emulator = Emulator::new(20, 2);
        assert_eq!(replies(&mut emulator, bytes), "");
        assert_eq!(emulator.text().trim(), "");
    }
}

#[test]
fn synchronized_updates_wait_for_their_end() {
    let mut emulator = fed(20, 1, "old");
    assert_eq!(emulator.sync_deadline(), None);
    assert_eq!(replies(&mut emulator, "\x1b[?2026h\rnew\x1b[5n"), "");
    assert_eq!(emulator.text(), "old");
    let deadline = emulator.sync_deadline().unwrap();
    assert!(deadline <= Instant::now() + std::time::Duration::from_secs(1));
    for chunk in ["\x1b[?20", "26", "l"] {
        assert_eq!(emulator.text(), "old");
        let owed = replies(&mut emulator, chunk);
        assert_eq!(owed, if chunk == "l" { "\x1b[0n" } else { "" });
    }
    assert_eq!(emulator.text(), "new");
    assert_eq!(emulator.sync_deadline(), None);
}

#[test]
fn synchronized_updates_expire() {
    let mut emulator = fed(20, 1, "old\x1b[?2026h\rnew\x1b[5n");
    assert_eq!(emulator.sync_expired(), b"\x1b[0n");
    assert_eq!(emulator.text(), "new");
    assert_eq!(emulator.sync_deadline(), None);
    assert_eq!(emulator.sync_expired(), b"");
}

#[test]
fn a_synchronized_update_cannot_hold_back_without_end() {
    let mut emulator = fed(20, 1, "\x1b[?2026h");
    let chunk = "x".repeat(64 * 1024);
    for _ in 0..40 {
        emulator.feed(chunk.as_bytes());
    }
    assert_eq!(emulator.text(), "x".repeat(20));
}

/// Column, character and width of each glyph of a row.
fn row(emulator: &Emulator, row: u16) -> Vec<(u16, char, u16)> {
    emulator
        .glyphs(row)
        .map(|glyph| (glyph.col, glyph.ch, glyph.width))
        .collect()
}

#[test]
fn wide_characters_cover_two_columns() {
    // The output on a screen of 5 columns, and the first row after it.
    let table = [
        (
            "a中b",
            vec![(0, 'a', 1), (1, '中', 2), (3, 'b', 1), (4, ' ', 1)],
        ),
        // No room in the last column: a gap, and the character goes to the next row.
        (
            "abcd中",
            vec![
                (0, 'a', 1),
                (1, 'b', 1),
                (2, 'c', 1),
                (3, 'd', 1),
                (4, ' ', 1),
            ],
        ),
        // No wrapping: the character is lost.
        (
            "\x1b[?7labcd中",
            vec![
                (0, 'a', 1),
                (1, 'b', 1),
                (2, 'c', 1),
                (3, 'd', 1),
                (4, ' ', 1),
            ],
        ),
        // The second half is overwritten, then the first.
        (
            "中文\x1b[1;2Hx",
            vec![(0, ' ', 1), (1, 'x', 1), (2, '文', 2), (4, ' ', 1)],
        ),
        (
            "中文\x1b[1;3Hx",
            vec![(0, '中', 2), (2, 'x', 1), (3, ' ', 1), (4, ' ', 1)],
        ),
        // Cut in two by deleting one column.
        (
            "中文a\x1b[1;1H\x1b[P",
            vec![(0, ' ', 1), (1, '文', 2), (3, 'a', 1), (4, ' ', 1)],
        ),
        (
            "中文a\x1b[1;2H\x1b[X",
            vec![(0, ' ', 1), (1, ' ', 1), (2, '文', 2), (4, 'a', 1)],
        ),
        (
            "a\tb",
            vec![
                (0, 'a', 1),
                (1, ' ', 1),
                (2, ' ', 1),
                (3, ' ', 1),
                (4, 'b', 1),
            ],
        ),
    ];
    for (bytes, expected) in table {
        assert_eq!(row(&fed(5, 2, bytes), 0), expected, "{bytes:?}");
    }
    assert_eq!(row(&fed(5, 2, "abcd中"), 1)[0], (0, '中', 2));
    assert_eq!(row(&fed(5, 2, "x"), 2), vec![]);
}

#[test]
fn looks() {
    let rgb = Paint::Rgb;
    let table = [
        ("31", Paint::Indexed(1), Paint::Default, None),
        ("97;44", Paint::Indexed(15), Paint::Indexed(4), None),
        ("38;5;208", Paint::Indexed(208), Paint::Default, None),
        ("38:2::10:20:30", rgb(10, 20, 30), Paint::Default, None),
        ("48;2;1;2;3", Paint::Default, rgb(1, 2, 3), None),
        ("1", Paint::Default, Paint::Default, Some(Attribute::Bold)),
        ("2", Paint::Default, Paint::Default, Some(Attribute::Dim)),
        ("3", Paint::Default, Paint::Default, Some(Attribute::Italic)),
        (
            "4",
            Paint::Default,
            Paint::Default,
            Some(Attribute::Underline),
        ),
        (
            "4:3",
            Paint::Default,
            Paint::Default,
            Some(Attribute::Underline),
        ),
        (
            "4:2",
            Paint::Default,
            Paint::Default,
            Some(Attribute::Underline),
        ),
        (
            "7",
            Paint::Default,
            Paint::Default,
            Some(Attribute::Reverse),
        ),
        ("8", Paint::Default, Paint::Default, Some(Attribute::Hidden)),
        (
            "9",
            Paint::Default,
            Paint::Default,
            Some(Attribute::Strikeout),
        ),
        ("1;31;0", Paint::Default, Paint::Default, None),
    ];
    for (sgr, fg, bg, attribute) in table {
        let emulator = fed(5, 1, &format!("\x1b[{sgr}mx"));
        let look = emulator.glyphs(0).next().unwrap().style;
        assert_eq!((look.fg, look.bg), (fg, bg), "{sgr}");
        for other in [
            Attribute::Bold,
            Attribute::Dim,
            Attribute::Italic,
            Attribute::Underline,
            Attribute::Reverse,
            Attribute::Hidden,
            Attribute::Strikeout,
        ] {
            assert_eq!(
                look.attributes.has(other),
                attribute == Some(other),
                "{sgr} {other:?}"
            );
        }
    }
    let own_palette = fed(5, 1, "\x1b]4;1;#102030\x07\x1b]10;#010203\x07\x1b[41mx");
    let look = own_palette.glyphs(0).next().unwrap().style;
    assert_eq!((look.fg, look.bg), (rgb(1, 2, 3), rgb(16, 32, 48)));
}

#[test]
fn modes() {
    use MouseEncoding::{Bytes, Sgr, Utf8};
    use MouseReports::{Buttons, Drag, Motion, Off};
    let mouse = |bytes| {
        let modes = fed(5, 1, bytes).modes();
        (modes.mouse, modes.mouse_encoding)
    };
    assert_eq!(mouse(""), (Off, Bytes));
    assert_eq!(mouse("\x1b[?1000h"), (Buttons, Bytes));
    assert_eq!(mouse("\x1b[?1002;1005h"), (Drag, Utf8));
    assert_eq!(mouse("\x1b[?1003;1006h"), (Motion, Sgr));
    assert_eq!(mouse("\x1b[?1003h\x1b[?1003l"), (Off, Bytes));
    let table = [
        ("\x1b[?1h", "\x1b[?1l", Mode::ApplicationCursor),
        ("\x1b=", "\x1b>", Mode::ApplicationKeypad),
        ("\x1b[?2004h", "\x1b[?2004l", Mode::BracketedPaste),
        ("\x1b[?1049h", "\x1b[?1049l", Mode::AlternateScreen),
        ("\x1b[?1007h", "\x1b[?1007l", Mode::AlternateScroll),
        ("\x1b[?1004h", "\x1b[?1004l", Mode::FocusEvents),
        ("\x1b[20h", "\x1b[20l", Mode::NewLine),
        ("\x1b[>1u", "\x1b[<u", Mode::Disambiguate),
    ];
    for (on, off, mode) in table {
        assert!(fed(5, 1, on).modes().has(mode), "{mode:?}");
        assert!(
            !fed(5, 1, &format!("{on}{off}")).modes().has(mode),
            "{mode:?}"
        );
    }
}

#[test]
fn cursors() {
    let at = |emulator: &Emulator| emulator.cursor().map(|cursor| (cursor.col, cursor.row));
    assert_eq!(at(&fed(10, 3, "ab\r\nc")), Some((1, 1)));
    assert_eq!(at(&fed(10, 3, "ab\x1b[?25l")), None);
    assert_eq!(at(&fed(3, 3, "abc")), Some((2, 0)));
    assert_eq!(at(&fed(10, 3, "中\x1b[D")), Some((0, 0)));
    let style = |shape, blinking| Some(CursorStyle { shape, blinking });
    let shapes = [
        ("", None),
        ("\x1b[1 q", style(CursorShape::Block, true)),
        ("\x1b[2 q", style(CursorShape::Block, false)),
        ("\x1b[4 q", style(CursorShape::Underline, false)),
        ("\x1b[5 q", style(CursorShape::Beam, true)),
        ("\x1b[6 q", style(CursorShape::Beam, false)),
        ("\x1b[6 q\x1b[0 q", None),
        ("\x1b[6 q\x1bc", None),
        // Vim sends this at its start, and means no form by it.
        ("\x1b[?12h\x1b[?12l", None),
    ];
    for (bytes, style) in shapes {
        let cursor = fed(10, 3, bytes).cursor().unwrap();
        assert_eq!(cursor.style, style, "{bytes:?}");
    }
}

#[test]
fn history() {
    let lines = (1..=20).fold(String::new(), |lines, n| lines + &format!("{n}\r\n"));
    let mut emulator = fed(10, 3, &lines);
    assert_eq!(emulator.text(), "19\n20\n");
    assert_eq!(emulator.history(), 18);
    emulator.scroll(2);
    assert_eq!(
        (emulator.text().as_str(), emulator.scrolled_by()),
        ("17\n18\n19", 2)
    );
    assert_eq!(emulator.cursor(), None);
    emulator.feed(b"21\r\n");
    assert_eq!(
        (emulator.text().as_str(), emulator.scrolled_by()),
        ("17\n18\n19", 3)
    );
    emulator.scroll(i32::MAX);
    emulator.scroll(i32::MAX);
    assert_eq!(
        (emulator.text().as_str(), emulator.scrolled_by()),
        ("1\n2\n3", 19)
    );
    emulator.scroll(i32::MIN);
    assert_eq!(emulator.scrolled_by(), 0);
    emulator.scroll(1);
    emulator.scroll_to_bottom();
    assert_eq!(emulator.text(), "20\n21\n");
    emulator.feed("x\r\n".repeat(SCROLLBACK + 100).as_bytes());
    assert_eq!(emulator.history(), SCROLLBACK);
}

#[test]
fn the_alternate_screen_leaves_the_other_alone() {
    let mut emulator = fed(10, 3, "shell\r\n\x1b[?1049h\x1b[2J\x1b[Hvim");
    assert_eq!(emulator.text(), "vim\n\n");
    emulator.scroll(5);
    assert_eq!(emulator.scrolled_by(), 0);
    emulator.feed(b"\x1b[?1049l$ ");
    assert_eq!(emulator.text(), "shell\n$\n");
}

#[test]
fn lines_wrap_again_when_the_size_changes() {
    let mut emulator = fed(10, 4, "abcdefghijklmn\r\n中文中文中\r\n$ ");
    emulator.resize(5, 8);
    assert_eq!(emulator.text(), "abcde\nfghij\nklmn\n中文\n中文\n中\n$\n");
    emulator.resize(20, 4);
    assert_eq!(emulator.text(), "abcdefghijklmn\n中文中文中\n$\n");
}

#[test]
fn lines_that_wrap_take_blank_rows_first() {
    let mut emulator = fed(20, 5, "abcdefghijklmn\r\nx\r\n$ ");
    emulator.resize(10, 5);
    assert_eq!(emulator.text(), "abcdefghij\nklmn\nx\n$\n");
    emulator.resize(5, 5);
    assert_eq!(emulator.text(), "abcde\nfghij\nklmn\nx\n$");
    emulator.resize(20, 5);
    assert_eq!(emulator.text(), "abcdefghijklmn\nx\n$\n\n");
    // The text below the cursor stays.
    emulator.feed(b"\x1b[4;1Hbelow\x1b[2;1H");
    emulator.resize(10, 5);
    assert_eq!(emulator.text(), "abcdefghij\nklmn\nx\n$\nbelow");
}

#[test]
fn a_scrolling_middle_does_not_take_the_view_out_of_history() {
    let mut emulator = fed(10, 4, "1\r\n2\r\n3\r\n4\r\n5\r\n");
    emulator.scroll(2);
    emulator.feed("\x1b[2;3r\x1b[3;1Hx\n\n\n\n\n\n".as_bytes());
    assert_eq!(emulator.scrolled_by(), 2);
    assert_eq!(emulator.text().lines().next(), Some("1"));
    emulator.scroll_to_bottom();
    assert_eq!(emulator.scrolled_by(), 0);
}

/// Also where the width changed while the alternate screen was shown.
#[test]
fn no_background_is_left_in_a_line_that_scrolls_in() {
    let lines = "\r\n".repeat(40);
    for (before, after) in [("", ""), ("\x1b[?1049h", "\x1b[?1049l")] {
        let mut emulator = fed(10, 4, &format!("\x1b[42m{lines}\x1b[m{before}"));
        emulator.resize(12, 4);
        emulator.feed(format!("{after}{}", lines.repeat(20)).as_bytes());
        for row in 0..4 {
            let painted = emulator.glyphs(row).any(|it| it.style.bg != Paint::Default);
            assert!(!painted, "{before:?} {row}");
        }
    }
}

#[test]
fn the_bell_rings_once() {
    let mut emulator = fed(5, 1, "\x07\x07");
    assert!(emulator.take_bell());
    assert!(!emulator.take_bell());
}
