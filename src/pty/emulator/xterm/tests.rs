//! What xterm 379 made of these bytes, on a screen of 20 columns and 8 rows.
//!
//! Each script was run in a fresh xterm: the screen is what it printed of itself, and after the script it
//! was asked for the cursor.

use crate::pty::emulator::Emulator;

/// A screen with text in each row.
const LINES: &str = "line1\r\nline2\r\nline3\r\nline4\r\nline5\r\nline6\r\nline7\r\nline8";

/// A screen full of digits.
const DIGITS: &str = "11111111111111111111\r\n22222222222222222222\r\n33333333333333333333\r\n44444444444444444444\r\n55555555555555555555\r\n66666666666666666666\r\n77777777777777777777\r\n88888888888888888888";

/// What stands before, the script, the screen after it, and all answers.
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
fn moves() {
    check(MOVES);
}

const MOVES: &[Script] = &[
    (
        "",
        "\x1b[4;5Ha\x1b[Ab\x1b[2Bc\x1b[99Ad\x1b[99Be",
        "       d\n\n     b\n    a\n      c\n\n\n        e",
        "\x1b[8;10R",
    ),
    (
        "",
        "a\x1b[3Cb\x1b[99Cc\x1b[99Dd\x1b[0Ce\x1b[0Df",
        "d f b              c",
        "\x1b[1;4R",
    ),
    (
        "",
        "\x1b[4;9Hx\x1b[Ey\x1b[2Fz\x1b[99Ew\x1b[99Fv",
        "v\n\nz\n        x\ny\n\n\nw",
        "\x1b[1;2R",
    ),
    (
        "",
        "\x1b[7Ga\x1b[4db\x1b[99Gc\x1b[99dd\x1b[`e\x1b[3`f",
        "      a\n\n\n       b           c\n\n\n\ne f                d",
        "\x1b[8;4R",
    ),
    (
        "",
        "\x1b[2;2H\x1b[3ax\x1b[2ey\x1b[99a\x1b[99ez",
        "\n    x\n\n     y\n\n\n\n                   z",
        "\x1b[8;20R",
    ),
    (
        "",
        "\x1b[3;4Ha\x1b[fb\x1b[;5Hc\x1b[6Hd\x1b[0;0He\x1b[99;99ff",
        "e   c\n\n   a\n\n\nd\n\n                   f",
        "\x1b[8;20R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[8;1H\x1b[99Aa\x1b[8;5H\x1b[1Ab",
        "\n\na\n\n\n\n    b",
        "\x1b[7;6R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[5;1H\x1b[99Aa\x1b[3;5H\x1b[Ab",
        "\n\na   b",
        "\x1b[3;6R",
    ),
    ("", "\x1b[3;6r\x1b[2;1H\x1b[99Aa", "a", "\x1b[1;2R"),
    (
        "",
        "\x1b[3;6r\x1b[1;1H\x1b[99Ba",
        "\n\n\n\n\na",
        "\x1b[6;2R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[4;1H\x1b[99Ba\x1b[6;4H\x1b[Bb",
        "\n\n\n\n\na  b",
        "\x1b[6;5R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[7;1H\x1b[99Ba",
        "\n\n\n\n\n\n\na",
        "\x1b[8;2R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[4;4H\x1b[99Ea\x1b[7;4H\x1b[99Eb",
        "\n\n\n\n\na\n\nb",
        "\x1b[8;2R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[4;4H\x1b[99Fa\x1b[8;4H\x1b[99Fb",
        "\n\nb",
        "\x1b[3;2R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[2da\x1b[99db\x1b[1dc",
        "\n\n  c\na\n\n b",
        "\x1b[1;4R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[9Ga\x1b[4`b",
        "\n\n\n   b    a",
        "\x1b[2;5R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[3;2H\x1b[Aa\x1b[9Ab\x1b[9Bc\x1b[Bd",
        "\n\n  b\n a\n\n   cd",
        "\x1b[4;6R",
    ),
    (
        "",
        "\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[Ea\x1b[Fb\x1b[9Ec",
        "\n\n\nb\na\nc",
        "\x1b[4;2R",
    ),
    ("", "abc\x08\x08X\x1b[2;1H\x08\x08Y", "aXc\nY", "\x1b[2;2R"),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x08X",
        "aaaaaaaaaaaaaaaaaaXa",
        "\x1b[1;20R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x08\x08X\r\nb",
        "aaaaaaaaaaaaaaaaaXaa\nb",
        "\x1b[2;2R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\rX",
        "Xaaaaaaaaaaaaaaaaaaa",
        "\x1b[1;2R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\nX",
        "aaaaaaaaaaaaaaaaaaaa\n                   X",
        "\x1b[2;20R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\n\nXY",
        "aaaaaaaaaaaaaaaaaaaa\n\n                   X\nY",
        "\x1b[4;2R",
    ),
    (
        "",
        "\x1b[8;1Haaaaaaaaaaaaaaaaaaaa\nX",
        "\n\n\n\n\n\naaaaaaaaaaaaaaaaaaaa\n                   X",
        "\x1b[8;20R",
    ),
    ("", "ab\x0bcd\x0cef", "ab\n  cd\n    ef", "\x1b[3;7R"),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1bDX",
        "aaaaaaaaaaaaaaaaaaaa\n                   X",
        "\x1b[2;20R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1bEX",
        "aaaaaaaaaaaaaaaaaaaa\nX",
        "\x1b[2;2R",
    ),
    (
        "",
        "\x1b[3;1Haaaaaaaaaaaaaaaaaaaa\x1bMX",
        "\n                   X\naaaaaaaaaaaaaaaaaaaa",
        "\x1b[2;20R",
    ),
    (
        "",
        "\x1b[3;1Haaaaaaaaaaaaaaaaaaaa\x1b[AX",
        "\n                   X\naaaaaaaaaaaaaaaaaaaa",
        "\x1b[2;20R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1b[CX",
        "aaaaaaaaaaaaaaaaaaaX",
        "\x1b[1;20R",
    ),
    (
        LINES,
        "\x1b[1;3H\x1bMX",
        "  X\nline1\nline2\nline3\nline4\nline5\nline6\nline7",
        "\x1b[1;4R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[3;2H\x1bMX\x1b[2;1H\x1bMY\x1b[1;9H\x1bMZ",
        "Yine1   Z\nline2\n X\nline3\nline4\nline5\nline7\nline8",
        "\x1b[1;10R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[6;2H\x1bDX\x1b[8;9H\x1bDY\x1b[7;12H\x1bDZ",
        "line1\nline2\nline4\nline5\nline6\n X\nline7\nline8   Y  Z",
        "\x1b[8;13R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[8;9H\n\nX",
        "line1\nline2\nline3\nline4\nline5\nline6\nline7\nline8   X",
        "\x1b[8;10R",
    ),
    ("", "\x1b)0\x0e\x1b7\x0fq\x1b8q", "─", "\x1b[1;2R"),
    ("", "\x1b(0q\x1bcq", "q", "\x1b[1;2R"),
    (
        "",
        "\x1b(0`abcdefghijklmnopqr\r\nstuvwxyz{|}~",
        "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼\n⎽├┤┴┬│≤≥π≠£·",
        "\x1b[2;13R",
    ),
    (
        DIGITS,
        "\x1b[1;31m\x1b[3;6r\x1b[4h\x1b[?6h\x1bcX",
        "X",
        "\x1b[1;2R",
    ),
    ("", "\x1b[3;6r\x1b[?6h\x1b[2;3fX", "\n\n\n  X", "\x1b[2;4R"),
    ("", "\x1b[3;6r\x1b[HX", "X", "\x1b[1;2R"),
    ("", "\x1b[0CX\x1b[0BY\x1b[0AZ", " X Z\n  Y", "\x1b[1;5R"),
    (
        LINES,
        "\x1b[3;6r\x1b[6;4H\x1bEX",
        "line1\nline2\nline4\nline5\nline6\nX\nline7\nline8",
        "\x1b[6;2R",
    ),
    (
        "",
        "\x1b[20haaaaaaaaaaaaaaaaaaaa\nX",
        "aaaaaaaaaaaaaaaaaaaa\nX",
        "\x1b[2;2R",
    ),
];

#[test]
fn tabs_erasing_and_shifting() {
    check(TABS_ERASING_AND_SHIFTING);
}

const TABS_ERASING_AND_SHIFTING: &[Script] = &[
    ("", "a\x09b\x09c\x09d", "a       b       c  d", "\x1b[1;20R"),
    (
        "",
        "\x1b[1;4H\x1bH\x1b[1;7H\x1bH\ra\x09b\x09c\x1b[2;4H\x1b[g\ra\x09b\x1b[3g\r\nx\x09y",
        "a  b  c\na     b\nx                  y",
        "\x1b[3;20R",
    ),
    (
        "",
        "\x1b[Ia\x1b[2Ib\x1b[Zc\x1b[9Zd",
        "        a          b\nd",
        "\x1b[2;2R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x09X",
        "aaaaaaaaaaaaaaaaaaaa\nX",
        "\x1b[2;2R",
    ),
    (
        "",
        "\x1b[1;19H\x09X\x09Y",
        "                   X\nY",
        "\x1b[2;2R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1b[ZX",
        "aaaaaaaaaaaaaaaaaaaa\nX",
        "\x1b[2;2R",
    ),
    ("", "abcdefghijkl\r\x09X", "abcdefghXjkl", "\x1b[1;10R"),
    ("", "\x1b[44ma\x09b", "a       b", "\x1b[1;10R"),
    (
        DIGITS,
        "\x1b[4;6H\x1b[1JX",
        "\n\n\n     X44444444444444\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[4;7R",
    ),
    (DIGITS, "\x1b[4;6H\x1b[2JX", "\n\n\n     X", "\x1b[4;7R"),
    (
        DIGITS,
        "\x1b[2;6H\x1b[1JX",
        "\n     X22222222222222\n33333333333333333333\n44444444444444444444\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[2;7R",
    ),
    (
        DIGITS,
        "\x1b[1;6H\x1b[1JX",
        "     X11111111111111\n22222222222222222222\n33333333333333333333\n44444444444444444444\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[1;7R",
    ),
    (
        DIGITS,
        "\x1b[4;6H\x1b[0KX",
        "11111111111111111111\n22222222222222222222\n33333333333333333333\n44444X\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[4;7R",
    ),
    (
        DIGITS,
        "\x1b[4;6H\x1b[1KX",
        "11111111111111111111\n22222222222222222222\n33333333333333333333\n     X44444444444444\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[4;7R",
    ),
    (
        DIGITS,
        "\x1b[4;6H\x1b[2KX",
        "11111111111111111111\n22222222222222222222\n33333333333333333333\n     X\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[4;7R",
    ),
    (
        DIGITS,
        "\x1b[2;5H\x1b[X\x1b[3;5H\x1b[4X\x1b[4;5H\x1b[99XY",
        "11111111111111111111\n2222 222222222222222\n3333    333333333333\n4444Y\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[4;6R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1b[XY",
        "aaaaaaaaaaaaaaaaaaaY",
        "\x1b[1;20R",
    ),
    (
        DIGITS,
        "\x1b[2;5H\x1b[@\x1b[3;5H\x1b[4@\x1b[4;5H\x1b[99@Y",
        "11111111111111111111\n2222 222222222222222\n3333    333333333333\n4444Y\n55555555555555555555\n66666666666666666666\n77777777777777777777\n88888888888888888888",
        "\x1b[4;6R",
    ),
    (
        "",
        "abcdefghijklmnopqrst\x1b[1;5H\x1b[P\r\nabcdefghijklmnopqrst\x1b[2;5H\x1b[4P\x1b[3;1Habcdefghijklmnopqrst\x1b[3;5H\x1b[99P",
        "abcdfghijklmnopqrst\nabcdijklmnopqrst\nabcd",
        "\x1b[3;5R",
    ),
    (
        "",
        "abcdefghijklmnopqrst\x1b[1;20H\x1b[P\x1b[2;1Habcdefghijklmnopqrst\x1b[2;18H\x1b[2P\x1b[3;1Habcdefghijklmnopqrst\x1b[3;15H\x1b[10P",
        "abcdefghijklmnopqrs\nabcdefghijklmnopqt\nabcdefghijklmn",
        "\x1b[3;15R",
    ),
    (
        "",
        "abcdefghijklmnopqrst\x1b[1;5H\x1b[12P\x1b[2;1Habcdefghijklmnopqrst\x1b[2;2H\x1b[18P\x1b[3;1Habcdefghijklmnopqrst\x1b[3;12H\x1b[19P",
        "abcdqrst\nat\nabcdefghijk",
        "\x1b[3;12R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1b[2@X",
        "aaaaaaaaaaaaaaaaaaaX",
        "\x1b[1;20R",
    ),
    (
        "",
        "aaaaaaaaaaaaaaaaaaaa\x1b[2PX",
        "aaaaaaaaaaaaaaaaaaaX",
        "\x1b[1;20R",
    ),
    (
        LINES,
        "\x1b[3;4H\x1b[LX\x1b[6;3H\x1b[2LY",
        "line1\nline2\nX\nline3\nline4\nY\n\nline5",
        "\x1b[6;2R",
    ),
    (
        LINES,
        "\x1b[3;4H\x1b[MX\x1b[6;3H\x1b[2MY",
        "line1\nline2\nXine4\nline5\nline6\nY",
        "\x1b[6;2R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[4;4H\x1b[LX\x1b[2;4H\x1b[LY\x1b[8;4H\x1b[LZ",
        "line1\nlinY2\nline3\nX\nline4\nline5\nline7\nlinZ8",
        "\x1b[8;5R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[4;4H\x1b[MX\x1b[2;4H\x1b[MY\x1b[8;4H\x1b[MZ",
        "line1\nlinY2\nline3\nXine5\nline6\n\nline7\nlinZ8",
        "\x1b[8;5R",
    ),
    (LINES, "\x1b[3;4H\x1b[99LX", "line1\nline2\nX", "\x1b[3;2R"),
    (LINES, "\x1b[3;4H\x1b[99MX", "line1\nline2\nX", "\x1b[3;2R"),
    (
        "",
        "\x1b[3;1Haaaaaaaaaaaaaaaaaaaa\x1b[LX",
        "\n\nX\naaaaaaaaaaaaaaaaaaaa",
        "\x1b[3;2R",
    ),
    (
        "",
        "abcdef\x1b[1;3H\x1b[4hXY\x1b[4lZ",
        "abXYZdef",
        "\x1b[1;6R",
    ),
    (
        "",
        "abcdefghijklmnopqrst\x1b[1;19H\x1b[4hXYZ",
        "abcdefghijklmnopqrXY\nZ",
        "\x1b[2;2R",
    ),
    (
        "",
        "abcdefghijklmnopqrst\x1b[1;3H\x1b[4h中x",
        "ab中xcdefghijklmnopq",
        "\x1b[1;6R",
    ),
    (
        LINES,
        "\x1b[2S\x1b[5;5H\x1b[3TX",
        "\n\n\nline3\nlineX\nline5\nline6\nline7",
        "\x1b[5;6R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[1;1H\x1b[S\x1b[8;8HX\x1b[2T",
        "line1\nline2\n\n\nline4\nline5\nline7\nline8  X",
        "\x1b[8;9R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[99SX",
        "Xine1\nline2\n\n\n\n\nline7\nline8",
        "\x1b[1;2R",
    ),
    ("", "\x1b[5;5H\x1b[3;6rX", "X", "\x1b[1;2R"),
    (
        "",
        "\x1b[5;5H\x1b[6;3rX\x1b[5;5H\x1b[4;4rY",
        "\n\n\n\n    Y",
        "\x1b[5;6R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[r\x1b[8;1H\nX",
        "line2\nline3\nline4\nline5\nline6\nline7\nline8\nX",
        "\x1b[8;2R",
    ),
    (
        LINES,
        "\x1b[3;99r\x1b[8;1H\nX",
        "line1\nline2\nline4\nline5\nline6\nline7\nline8\nX",
        "\x1b[8;2R",
    ),
    (
        LINES,
        "\x1b[3;6r\x1b[2;2H\x1b[0;0rX\x1b[8;1H\nY",
        "line2\nline3\nline4\nline5\nline6\nline7\nline8\nY",
        "\x1b[8;2R",
    ),
    (
        "",
        "\x1b[?7laaaaaaaaaaaaaaaaaaaabcd\x1b[?7he",
        "aaaaaaaaaaaaaaaaaaad\ne",
        "\x1b[2;2R",
    ),
    ("", "\x1b[1;20H中x", "\n中x", "\x1b[2;4R"),
    (
        "",
        "\x1b[?7l\x1b[1;20H中x",
        "                   x",
        "\x1b[1;20R",
    ),
    (
        "",
        "\x1b[?7l\x1b[1;19H中字x",
        "                   x",
        "\x1b[1;20R",
    ),
    (
        "",
        "\x1b[8;15Habcdefghij",
        "\n\n\n\n\n\n              abcdef\nghij",
        "\x1b[8;5R",
    ),
    (
        "",
        "\x1b[2;4r\x1b[4;18Habcdef",
        "\n\n                 abc\ndef",
        "\x1b[4;4R",
    ),
    (
        "",
        "\x1b[2;4r\x1b[8;18Habcdef",
        "\n\n\n\n\n\n\ndef              abc",
        "\x1b[8;4R",
    ),
    ("", "中字\x1b[1;1Hx", "x 字", "\x1b[1;2R"),
    ("", "中字\x1b[1;2Hx", " x字", "\x1b[1;3R"),
    ("", "中字\x1b[1;2H文", " 文", "\x1b[1;4R"),
    ("", "中字中字\x1b[1;4H\x1b[K", "中", "\x1b[1;4R"),
    ("", "中字中字\x1b[1;3H\x1b[1K", "    中字", "\x1b[1;3R"),
    ("", "中字中字\x1b[1;2H\x1b[3X", "    中字", "\x1b[1;2R"),
    ("", "中字中字\x1b[1;2H\x1b[P", " 字中字", "\x1b[1;2R"),
    ("", "中字中字\x1b[1;2H\x1b[@", "   字中字", "\x1b[1;2R"),
    ("", "abcdef\x1b[7;42m\x1b[1;3H\x1b[KX", "abX", "\x1b[1;4R"),
    (
        "",
        "\x1b[44m\x1b[1;19Habcd",
        "                  ab\ncd",
        "\x1b[2;3R",
    ),
    (
        "",
        "\x1b[1;18H中字\x1b[1;18H\x1b[@X",
        "                 X中\n字",
        "\x1b[1;19R",
    ),
    ("", "\x1b[31m中\x1b[32m\x1b[1;2Hx", " x", "\x1b[1;3R"),
];

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
