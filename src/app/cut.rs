//! Text in a given number of columns, as unicode-width counts them: a Chinese character has two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text, cut off with `…` if it is wider.
pub(crate) fn to_width(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let width = letter.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        kept.push(letter);
        used += width;
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// The end of the text, after `…` if all of it is wider: the names of files in one directory differ there.
pub(crate) fn to_end(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = Vec::new();
    let mut used = 0;
    for letter in text.chars().rev() {
        let width = letter.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        kept.push(letter);
        used += width;
    }
    if columns > 0 {
        kept.push('…');
    }
    kept.into_iter().rev().collect()
}

/// The text, cut off or padded to exactly this width.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let mut kept = to_width(text, columns);
    kept.push_str(&" ".repeat(columns.saturating_sub(kept.width())));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_the_terminal() {
        for (text, columns, expected) in [
            ("hostname", 10, "hostname  "),
            ("hostname", 8, "hostname"),
            ("hostname", 5, "host…"),
            ("宿主机", 6, "宿主机"),
            ("宿主机", 5, "宿主…"),
            ("宿主机", 4, "宿… "),
            ("宿主机", 1, "…"),
            ("宿主机", 0, ""),
        ] {
            assert_eq!(padded(text, columns), expected, "{text} {columns}");
        }
    }

    #[test]
    fn the_end_of_a_path_is_kept() {
        for (text, columns, expected) in [
            ("/run/blue", 9, "/run/blue"),
            ("/run/blue", 5, "…blue"),
            ("/run/主机", 4, "…机"),
            ("/run/主机", 1, "…"),
            ("/run/主机", 0, ""),
        ] {
            assert_eq!(to_end(text, columns), expected, "{text} {columns}");
        }
    }
}
