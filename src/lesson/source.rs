//! The text of a lesson with its lines and columns, and the mistakes found in it.
//!
//! Also finds the known word that is nearest to an unknown one. Must not know the format.

use std::cell::RefCell;
use std::ops::Range;

use super::LessonError;

/// The text of one lesson file.
pub(super) struct LessonSource<'a> {
    name: &'a str,
    pub(super) text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> LessonSource<'a> {
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        LessonSource {
            name,
            text,
            line_starts,
        }
    }

    /// Line and column of a byte, counted from 1; the column in characters.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index))
            .copied()
            .unwrap_or(0);
        let column = self.text[start..offset].chars().count() + 1;
        (line, column)
    }
}

/// The mistakes found so far: all that read a part of the text share them.
pub(super) struct Problems<'s> {
    source: &'s LessonSource<'s>,
    found: RefCell<Vec<(usize, LessonError)>>,
}

impl<'s> Problems<'s> {
    pub(super) fn new(source: &'s LessonSource<'s>) -> Self {
        Problems {
            source,
            found: RefCell::default(),
        }
    }

    /// Whether a mistake was found between these bytes.
    pub(super) fn any_within(&self, bytes: &Range<usize>) -> bool {
        let found = self.found.borrow();
        found.iter().any(|(offset, _)| bytes.contains(offset))
    }

    /// Reports a mistake at a byte of the text, and what was expected.
    pub(super) fn at(&self, offset: usize, what: impl Into<String>, help: impl Into<String>) {
        self.report(offset, what, Some(help.into()));
    }

    /// Reports a mistake at a byte of the text. `help` says what was expected, if that helps.
    pub(super) fn report(&self, offset: usize, what: impl Into<String>, help: Option<String>) {
        let (line, column) = self.source.position(offset);
        let error = LessonError::Text {
            path: self.source.name.to_owned(),
            line,
            column,
            what: what.into(),
            help,
        };
        self.found.borrow_mut().push((offset, error));
    }

    /// Line and column of a byte of the text.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        self.source.position(offset)
    }

    pub(super) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// The mistakes in the order of the text: line, what, help.
    pub(super) fn into_lines(self) -> Vec<(usize, String, Option<String>)> {
        let errors = self.into_errors().into_iter();
        errors
            .filter_map(|error| match error {
                LessonError::Text {
                    line, what, help, ..
                } => Some((line, what, help)),
                LessonError::Unreadable { .. } | LessonError::Empty { .. } => None,
            })
            .collect()
    }

    /// The mistakes in the order of the text.
    pub(super) fn into_errors(self) -> Vec<LessonError> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|(offset, _)| *offset);
        found.into_iter().map(|(_, error)| error).collect()
    }
}

/// The candidate that a mistyped word most likely means.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::normalized_damerau_levenshtein(word, candidate),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// `did you mean …` if a candidate is near, else the list of all.
pub(super) fn suggestion(word: &str, candidates: &[&str], list: &str) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{list} {}", candidates.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = LessonSource::new("x", "ab\n命名c\n");
        for (offset, position) in [
            (0, (1, 1)),
            (2, (1, 3)),
            (3, (2, 1)),
            (6, (2, 2)),
            (7, (2, 2)),
            (9, (2, 3)),
            (11, (3, 1)),
            (99, (3, 1)),
        ] {
            assert_eq!(source.position(offset), position, "{offset}");
        }
    }

    #[test]
    fn near_words() {
        for (word, near) in [
            ("hostnam", Some("hostname")),
            ("hsotname", Some("hostname")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, ["uptime", "hostname"]), near, "{word}");
        }
    }
}
