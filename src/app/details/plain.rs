//! What a program printed, as lines that can do the screen no harm.
//!
//! Control characters are shown as `^[`, and what would turn the direction of a line around or has
//! no width as `�`. Tabs stand every eight columns.

use unicode_width::UnicodeWidthChar;

use super::pairs::{MOST_LINES, Row};

/// Columns of a line that are shown.
const LONGEST: usize = 4096;

/// The lines of an output, the first ones of them.
pub fn lines(output: &[u8]) -> Vec<Row> {
    let text = String::from_utf8_lossy(output);
    let mut lines: Vec<Row> = text
        .lines()
        .take(MOST_LINES)
        .map(|line| Row {
            key: String::new(),
            text: self::line(line),
        })
        .collect();
    let more = text.lines().skip(MOST_LINES).count();
    if more > 0 {
        lines.push(Row {
            key: String::new(),
            text: format!("… +{more}"),
        });
    }
    lines
}

/// One line.
pub fn line(text: &str) -> String {
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

/// Not one of C1, nor a format character; combining characters belong to the one before them.
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

/// A line cut into pieces of so many columns.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in text.chars() {
        let width = letter.width().unwrap_or(0);
        if used + width > columns {
            pieces.push(String::new());
            used = 0;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
        used += width;
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
            ("abcdef", 4, &["abcd", "ef"][..]),
            ("宿主机", 4, &["宿主", "机"]),
            ("", 4, &[""]),
            ("ab", 2, &["ab"]),
        ] {
            assert_eq!(wrap(text, columns), pieces);
        }
    }
}
