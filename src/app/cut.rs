//! Text in a given number of columns, as unicode-width counts them: a Chinese character has two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text, cut off with `…` if it is wider.
pub(crate) fn to_width(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    fitting(text.chars(), columns)
        .chain(mark(columns))
        .collect()
}

/// The end of the text, after `…` if the text is wider: names of files in one directory differ at the end.
pub(crate) fn to_end(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let kept: Vec<char> = fitting(text.chars().rev(), columns).collect();
    mark(columns).chain(kept.into_iter().rev()).collect()
}

/// The first letters, as many as fit beside `…`.
fn fitting(letters: impl Iterator<Item = char>, columns: usize) -> impl Iterator<Item = char> {
    let mut used = 0;
    letters.take_while(move |letter| {
        used += letter.width().unwrap_or(0);
        used < columns
    })
}

/// `…` in place of the letters that were cut off, if there is a column for it.
fn mark(columns: usize) -> impl Iterator<Item = char> {
    (columns > 0).then_some('…').into_iter()
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
