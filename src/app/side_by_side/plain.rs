//! Turns what a program printed into lines that are safe to show.
//!
//! Control characters become `^[` and the like; characters that change the direction of writing or
//! have no width become `�`. Tab stops are eight columns apart.

use unicode_width::UnicodeWidthChar;

use super::pairs::{MOST_LINES, OutputLine};

/// Precedes the pieces of a wrapped line but the first.
const INDENT: &str = "    ";
/// Columns of a line that are shown.
const LONGEST: usize = 4096;

/// The first lines of an output, and how many more there are.
pub(super) fn lines(output: &[u8]) -> Vec<OutputLine> {
    let text = String::from_utf8_lossy(output);
    let shown = text.lines().take(MOST_LINES);
    let shown = shown.map(|line| self::line(line.trim_end_matches(' ')));
    let more = text.lines().skip(MOST_LINES).count();
    let more = (more > 0).then(|| format!("… +{more}"));
    let line = |text| OutputLine {
        key: String::new(),
        text,
    };
    shown.chain(more).map(line).collect()
}

pub(super) fn line(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut column = 0;
    for letter in text.chars() {
        if column >= LONGEST {
            plain.push('…');
            break;
        }
        match letter {
            '\t' => {
                let blanks = 8 - column % 8;
                plain.push_str(&" ".repeat(blanks));
                column += blanks;
            }
            '\0'..='\x1f' | '\x7f' => {
                plain.push('^');
                plain.push(char::from(letter as u8 ^ 0x40));
                column += 2;
            }
            _ => {
                let shown = if is_harmless(letter) { letter } else { '�' };
                plain.push(shown);
                column += shown.width().unwrap_or(0);
            }
        }
    }
    plain
}

/// Whether a character is neither a C1 control nor a format character. Combining ones are harmless.
fn is_harmless(letter: char) -> bool {
    !matches!(
        letter,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Splits a line where it no longer fits into `columns`: after a blank or a comma if one is near.
pub(super) fn cut(text: &str, columns: usize) -> (&str, &str) {
    let (columns, mut used, mut near) = (columns.max(2), 0, 0);
    for (at, letter) in text.char_indices() {
        let width = letter.width().unwrap_or(0);
        if used + width > columns {
            return text.split_at(if near > at / 2 { near } else { at });
        }
        used += width;
        if matches!(letter, ' ' | ',') {
            near = at + 1;
        }
    }
    (text, "")
}

/// Wraps a line into pieces of at most `columns`; all but the first are indented.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let (first, mut rest) = cut(text, columns);
    let mut pieces = vec![first.to_owned()];
    while !rest.is_empty() {
        let (piece, after) = cut(rest, columns.saturating_sub(INDENT.len()));
        pieces.push(format!("{INDENT}{piece}"));
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_learner_arranges_is_shown_and_not_obeyed() {
        for (text, plainly) in [
            ("\x1b[31mred\x1b[0m", "^[[31mred^[[0m"),
            ("a\tb", "a       b"),
            ("宿\tb", "宿      b"),
            ("x\u{202e}txt", "x�txt"),
            ("\u{9b}2J", "�2J"),
            ("line\r", "line^M"),
            ("e\u{301}", "e\u{301}"),
        ] {
            assert_eq!(line(text), plainly);
        }
        assert_eq!(lines(b"a\xff\n\nb\n").len(), 3);
        assert_eq!(lines(b"a\xff")[0].text, "a�");
        let many = lines(&b"y\n".repeat(3000));
        assert_eq!(many.len(), MOST_LINES + 1);
        assert_eq!(many[MOST_LINES].text, "… +1000");
        assert!(line(&"x".repeat(9999)).chars().count() <= LONGEST + 1);
    }

    #[test]
    fn long_lines_are_wrapped_by_columns() {
        for (text, columns, pieces) in [
            ("abcdefgh", 7, &["abcdefg", "    h"][..]),
            ("宿主机", 5, &["宿主", "    机"]),
            ("", 4, &[""]),
            ("ab", 2, &["ab"]),
            ("a /x rw,nosuid,b", 14, &["a /x rw,", "    nosuid,b"]),
            ("a,bcdefgh", 8, &["a,bcdefg", "    h"]),
            ("abc", 0, &["ab", "    c"]),
        ] {
            assert_eq!(wrap(text, columns), pieces);
        }
    }
}
