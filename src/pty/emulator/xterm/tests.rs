//! The screens that xterm 379 shows after these bytes, with 20 columns and 8 rows.
//!
//! Each script was run in a fresh xterm: the screen is what it printed of itself, and after the script it
//! was asked for the cursor.

mod erasing;
mod moves;

use crate::pty::emulator::Emulator;

/// A screen with text in each row.
const LINES: &str = "line1\r\nline2\r\nline3\r\nline4\r\nline5\r\nline6\r\nline7\r\nline8";

/// A screen full of digits.
const DIGITS: &str = "11111111111111111111\r\n22222222222222222222\r\n33333333333333333333\r\n44444444444444444444\r\n55555555555555555555\r\n66666666666666666666\r\n77777777777777777777\r\n88888888888888888888";

/// The text before, the script, the screen after it, and all answers.
type Script = (&'static str, &'static str, &'static str, &'static str);

fn check(scripts: &[Script]) {
    for (before, script, screen, answers) in scripts {
        let stream = format!("{before}{script}\x1b[6n");
        for chunk in [1, 7, stream.len()] {
            let mut emulator = Emulator::new(20, 8);
            let pieces = stream.as_bytes().chunks(chunk);
            let answered: Vec<u8> = pieces.flat_map(|piece| emulator.feed(piece)).collect();
            let text = emulator.text();
            assert_eq!(
                text.trim_end_matches('\n'),
                *screen,
                "{script:?} by {chunk}"
            );
            let answered = String::from_utf8_lossy(&answered);
            assert_eq!(answered, *answers, "{script:?} by {chunk}");
        }
    }
}

#[test]
fn saved_cursors_and_screens() {
    check(SAVED_CURSORS_AND_SCREENS);
}

const SAVED_CURSORS_AND_SCREENS: &[Script] = &[
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[1;1Ha\x1b[9;9Hb\x1b[?6lc",
        "c\n\na\n\n\n        b",
        "\x1b[1;2R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[2;4H\x1b[6n",
        "",
        "\x1b[2;4R\x1b[2;4R",
    ),
    ("", "\x1b[3;6r\x1b[?6h\x1bcX", "X", "\x1b[1;2R"),
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b7\x1b[?6l\x1b[1;1H\x1b8X\x1b[1;1HY",
        "\n\nY\n X",
        "\x1b[1;2R",
    ),
    (
        "",
        "\x1b[3;3H\x1b[1;31m\x1b7\x1b[6;6H\x1b[0mX\x1b8Y",
        "\n\n  Y\n\n\n     X",
        "\x1b[3;4R",
    ),
    ("", "\x1b[3;3H\x1b[1m\x1b8X", "X", "\x1b[1;2R"),
    (
        "",
        "\x1b[3;3H\x1b[s\x1b[6;6HX\x1b[uY",
        "\n\n  Y\n\n\n     X",
        "\x1b[3;4R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1b7\x1b[5;5H\x1b8X",
        "aaaaaaaaaaaaaaaaaaaa\nX",
        "\x1b[2;2R",
    ),
    (
        "",
        "\x1b[?7l\x1b7\x1b[?7h\x1b8\x1b[1;19Habcd",
        "                  ab\ncd",
        "\x1b[2;3R",
    ),
    (
        "",
        "\x1b[3;3H\x1b[?1048h\x1b[6;6HX\x1b[?1048lY",
        "\n\n  Y\n\n\n     X",
        "\x1b[3;4R",
    ),
    (
        "",
        "main\x1b[3;3H\x1b[?1049halt\x1b[?1049lX",
        "main\n\n  X",
        "\x1b[3;4R",
    ),
    (
        "",
        "\x1b[?1049halt\x1b[?1049l\x1b[?1049hX",
        "X",
        "\x1b[1;2R",
    ),
    ("", "ab\x1b[5;5H\x1b[?1049lX", "Xb", "\x1b[1;2R"),
    (
        "",
        "\x1b[2;2H\x1b7\x1b[5;5H\x1b[?1049lX",
        "\n X",
        "\x1b[2;3R",
    ),
    (
        "",
        "ab\x1b[?1049hcd\x1b[3;3H\x1b[?1049hX\x1b[?1049lY",
        "abY",
        "\x1b[1;4R",
    ),
    (
        "",
        "\x1b[31mab\x1b[?1049hcd\x1b[32mef\x1b[?1049lgh",
        "abgh",
        "\x1b[1;5R",
    ),
    ("", "main\x1b[?47halt\x1b[?47lX", "main   X", "\x1b[1;9R"),
    (
        "",
        "main\x1b[?47halt\x1b[?47l\x1b[?47hX",
        "    altX",
        "\x1b[1;9R",
    ),
    (
        "",
        "main\x1b[4;4H\x1b[?47h\x1b[6;6Halt\x1b[?47lX",
        "main\n\n\n\n\n        X",
        "\x1b[6;10R",
    ),
    (
        "",
        "main\x1b[?1047halt\x1b[?1047lX",
        "main   X",
        "\x1b[1;9R",
    ),
    (
        "",
        "main\x1b[?1047halt\x1b[?1047l\x1b[?47hX",
        "       X",
        "\x1b[1;9R",
    ),
    (
        "",
        "main\x1b[4;4H\x1b[?1047h\x1b[6;6Halt\x1b[?1047lX",
        "main\n\n\n\n\n        X",
        "\x1b[6;10R",
    ),
    ("", "main\x1b[?47halt", "    alt", "\x1b[1;8R"),
    ("", "main\x1b[?1047halt", "    alt", "\x1b[1;8R"),
    (
        "",
        "main\x1b[3;3H\x1b[?47h\x1b[5;5Halt\x1b[?1049lX",
        "Xain",
        "\x1b[1;2R",
    ),
    (
        "",
        "\x1b[2;2H\x1b7\x1b[4;4H\x1b[?1049h\x1b[6;6H\x1b7\x1b[?1049lX\x1b8Y",
        "\n\n\n   Y",
        "\x1b[4;5R",
    ),
    ("", "ab\x1b[?1049hcd\x1b[?47lX", "ab  X", "\x1b[1;6R"),
    (
        "",
        "\x1b[2;4r\x1b[?1049h\x1b[8;1H\n\nX\x1b[?1049l\x1b[4;1H\nY",
        "\n\n\nY",
        "\x1b[4;2R",
    ),
    ("", "\x1b[41m\x1b[?1049hX\x1b[m", "X", "\x1b[1;2R"),
];

#[test]
fn resets_and_characters() {
    check(RESETS_AND_CHARACTERS);
}

const RESETS_AND_CHARACTERS: &[Script] = &[
    ("", "\u{301}x", "x", "\x1b[1;2R"),
    ("", "\x1b(0lqqk\x1b(Blqk", "┌──┐lqk", "\x1b[1;8R"),
    ("", "\x1b)0a\x0elqk\x0flqk", "a┌─┐lqk", "\x1b[1;8R"),
    ("", "\x1b*0\x1bnqx\x1boq\x0fq", "─│qq", "\x1b[1;5R"),
    (
        DIGITS,
        "\x1b[4;4H\x1b[!pX",
        "11111111111111111111\n22222222222222222222\n33333333333333333333\n444X4444444444444444\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[4;5R",
    ),
    ("", "\x1b[1;31m\x1b[!pX", "X", "\x1b[1;2R"),
    (
        LINES,
        "\x1b[3;6r\x1b[!p\x1b[8;1H\nX",
        "line2\nline3\nline4\nline5\nline6\nline7\nline8\nX",
        "\x1b[8;2R",
    ),
    ("", "\x1b[3;6r\x1b[?6h\x1b[!p\x1b[1;1HX", "X", "\x1b[1;2R"),
    ("", "abc\x1b[4h\x1b[!p\x1b[1;1HX", "Xbc", "\x1b[1;2R"),
    (
        "",
        "\x1b[?7l\x1b[!paaaaaaaaaaaaaaaaaaaabcd",
        "aaaaaaaaaaaaaaaaaaaa\nbcd",
        "\x1b[2;4R",
    ),
    ("", "\x1b(0\x1b[!pq", "q", "\x1b[1;2R"),
    (
        "",
        "\x1b[?1h\x1b[?25l\x1b[?2004h\x1b[!p\x1b[?1$p\x1b[?25$p\x1b[?2004$p",
        "",
        "\x1b[?1;2$y\x1b[?25;1$y\x1b[?2004;1$y\x1b[1;1R",
    ),
    ("", "\x1b[4;4H\x1b7\x1b[!p\x1b[6;6H\x1b8X", "X", "\x1b[1;2R"),
    ("", "main\x1b[?1049halt\x1b[!pX", "    altX", "\x1b[1;9R"),
    (
        "",
        "\x1b[3;3H\x1b[2;4r\x1b[5;5H\x1b[31m\x1b#8X",
        "XEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE",
        "\x1b[1;2R",
    ),
    (
        "",
        "\x1b[2;4r\x1b#8\x1b[8;1H\nX",
        "EEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nEEEEEEEEEEEEEEEEEEEE\nX",
        "\x1b[8;2R",
    ),
    ("", "abc\x1b[?3hd\x1b[?3le", "abcde", "\x1b[1;6R"),
    ("", "a\x1b[3bx\x1b[b", "aaaaxx", "\x1b[1;7R"),
    ("", "\x1b[3bX", "X", "\x1b[1;2R"),
    ("", "中\x1b[2bX", "中中中X", "\x1b[1;8R"),
    (
        "",
        "\x1b[1;18Ha\x1b[5bX",
        "                 aaa\naaaX",
        "\x1b[2;5R",
    ),
    (
        "",
        "ab\x1b[3\x08;5\r\nHX\x1b[2\x0b;2HY",
        "ab\n Y\n    X",
        "\x1b[2;3R",
    ),
    ("", "a\x1b[3\x18;5Hb\x1b[3\x1ac", "a;5Hbc", "\x1b[1;7R"),
    ("", "a\x1b[3\x1b[2CX", "a  X", "\x1b[1;5R"),
    (
        "",
        "a\x1bPqxyz\x1b\\b\x1b_apc\x1b\\c\x1b^pm\x1b\\d\x1bXsos\x1b\\e\x1b]999;x\x07f",
        "abcdef",
        "\x1b[1;7R",
    ),
    ("", "a\x1b]0;title\x18b", "ab", "\x1b[1;3R"),
    ("", "a\x1bPabc\x18b", "ab", "\x1b[1;3R"),
    ("", "a\x1bPabc\x1b[1mb", "ab", "\x1b[1;3R"),
    ("", "a\x1bPabc\x07b\x1b\\c", "ac", "\x1b[1;3R"),
    ("", "a\x1b\nDb\x1b\rEc", "a\n\n b\nc", "\x1b[4;2R"),
    ("", "\x1b]2;abc\x1b[1mX", "X", "\x1b[1;2R"),
    (
        "",
        "\x1b[20hab\ncd\x1b[20lef\ngh",
        "ab\ncdef\n    gh",
        "\x1b[3;7R",
    ),
    ("", "a\x1b[?2026hb\x1b[?2026lc", "abc", "\x1b[1;4R"),
    (
        "",
        "a\x1b[?2026h\x1b[?47halt\x1b[?47l\x1b[!pb\x1b[?2026lc",
        "a   bc",
        "\x1b[1;7R",
    ),
    ("", "\x1b)0\x0e\x1bcq", "q", "\x1b[1;2R"),
];

#[test]
fn answers() {
    check(ANSWERS);
}

const ANSWERS: &[Script] = &[
    (
        "",
        "\x1b[5n\x1b[3;7H\x1b[6n",
        "",
        "\x1b[0n\x1b[3;7R\x1b[3;7R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1b[6n",
        "aaaaaaaaaaaaaaaaaaaa",
        "\x1b[1;20R\x1b[1;20R",
    ),
    ("", "\x1b[3;7H\x1b[?6n", "", "\x1b[?3;7;1R\x1b[3;7R"),
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[2;4H\x1b[?6n",
        "",
        "\x1b[?2;4;1R\x1b[2;4R",
    ),
    ("", "\x1b[=c", "", "\x1bP!|00000000\x1b\\\x1b[1;1R"),
    ("", "\x1bP$qm\x1b\\", "", "\x1bP1$r0m\x1b\\\x1b[1;1R"),
    (
        "",
        "\x1b[3;6r\x1bP$qr\x1b\\",
        "",
        "\x1bP1$r3;6r\x1b\\\x1b[1;1R",
    ),
    ("", "\x1bP$qr\x1b\\", "", "\x1bP1$r1;8r\x1b\\\x1b[1;1R"),
    (
        "",
        "\x1b[3 q\x1bP$q q\x1b\\\x1b[6 q\x1bP$q q\x1b\\",
        "",
        "\x1bP1$r3 q\x1b\\\x1bP1$r6 q\x1b\\\x1b[1;1R",
    ),
    ("", "\x1bP$q q\x1b\\", "", "\x1bP1$r2 q\x1b\\\x1b[1;1R"),
    ("", "\x1bP$qz\x1b\\X", "X", "\x1bP0$r\x1b\\\x1b[1;2R"),
    ("", "\x1bP$q\"q\x1b\\", "", "\x1bP1$r0\"q\x1b\\\x1b[1;1R"),
    (
        "",
        "\x1b[?47$p\x1b[?1047$p\x1b[?1049$p\x1b[?1049h\x1b[?47$p\x1b[?1047$p\x1b[?1049$p",
        "",
        "\x1b[?47;2$y\x1b[?1047;2$y\x1b[?1049;2$y\x1b[?47;1$y\x1b[?1047;1$y\x1b[?1049;1$y\x1b[1;1R",
    ),
    (
        "",
        "\x1b[4$p\x1b[20$p\x1b[4h\x1b[4$p\x1b[99$p",
        "",
        "\x1b[4;2$y\x1b[20;2$y\x1b[4;1$y\x1b[99;0$y\x1b[1;1R",
    ),
];
