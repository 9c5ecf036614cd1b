//! How the cursor moves: at borders, in regions, with origin mode.

use super::*;

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
