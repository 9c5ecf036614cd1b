//! Translates findings about lessons into Chinese.
//!
//! Findings are made in English, in many places, and some cross from one process to another: so they are
//! translated when they are shown, as the command line's help is. A test names sentences without a row. Must
//! not know where a finding was made.

mod rows;

use std::io;

pub(crate) use rows::Translation;
use rows::{FINDINGS, PIECES};

/// The translation by the most specific row that matches; `None` if none does. `pieces` translate the parts in
/// place of `{}`.
pub(crate) fn translated(
    rows: &[Translation],
    pieces: &[Translation],
    text: &str,
) -> Option<String> {
    let matching = rows
        .iter()
        .filter_map(|row| Some((parts(row.0, text)?, row)));
    let (parts, (_, chinese)) = matching.max_by_key(|(_, (english, _))| english.len())?;
    let parts: Vec<String> = parts
        .into_iter()
        .map(|part| translated(pieces, pieces, part).unwrap_or_else(|| part.to_owned()))
        .collect();
    Some(filled(chinese, &parts))
}

/// The parts of a text in place of the pattern's `{}`; `None` if the text doesn't match.
fn parts<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut literals = pattern.split("{}");
    let mut rest = text.strip_prefix(literals.next()?)?;
    let literals: Vec<&str> = literals.collect();
    let mut found = Vec::new();
    for (number, literal) in literals.iter().enumerate() {
        let last = number + 1 == literals.len();
        let at = match (last, literal.is_empty()) {
            (true, true) => rest.len(),
            (true, false) => rest.len() - rest.strip_suffix(literal).map(|_| literal.len())?,
            (false, _) => rest.find(literal)?,
        };
        found.push(&rest[..at]);
        rest = &rest[at + literal.len()..];
    }
    rest.is_empty().then_some(found)
}

/// A pattern with its parts: `{1}` is the first one.
fn filled(pattern: &str, parts: &[String]) -> String {
    let mut pieces = pattern.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let numbered = piece.split_once('}');
        let part = numbered.and_then(|(number, behind)| {
            let index = number.parse::<usize>().ok()?.checked_sub(1)?;
            Some((parts.get(index)?, behind))
        });
        match part {
            Some((part, behind)) => {
                join(&mut text, part);
                join(&mut text, behind);
            }
            None => text.extend(["{", piece]),
        }
    }
    text
}

/// Appends a text. A space separates Chinese from code and numbers, but not Chinese words from each other.
fn join(text: &mut String, more: &str) {
    let is_chinese = |it: char| ('\u{4e00}'..='\u{9fff}').contains(&it);
    let (left, right) = (text.trim_end_matches(' '), more.trim_start_matches(' '));
    let both = left.ends_with(is_chinese) && right.starts_with(is_chinese);
    let length = if both { left.len() } else { text.len() };
    text.truncate(length);
    text.push_str(if both { right } else { more });
}

/// Translates a finding or its help; unchanged if there is no row.
pub(crate) fn finding(text: &str) -> String {
    translated(FINDINGS, PIECES, text).unwrap_or_else(|| text.to_owned())
}

/// A system error in Chinese, if it is a usual one.
pub(crate) fn system_error(error: &io::Error) -> String {
    let said = match error.kind() {
        io::ErrorKind::NotFound => "没有这个文件或目录",
        io::ErrorKind::PermissionDenied => "权限不够",
        io::ErrorKind::NotADirectory => "不是目录",
        io::ErrorKind::IsADirectory => "是目录",
        io::ErrorKind::AlreadyExists => "文件已存在",
        io::ErrorKind::ReadOnlyFilesystem => "文件系统是只读的",
        io::ErrorKind::StorageFull => "磁盘满了",
        _ => return error.to_string(),
    };
    said.to_owned()
}

/// Every sentence of an error has a row.
#[cfg(test)]
pub(crate) fn assert_has_rows(error: &super::LessonError) {
    let super::LessonError::Text { what, help, .. } = error else {
        return;
    };
    for english in [Some(what), help.as_ref()].into_iter().flatten() {
        let chinese = translated(FINDINGS, PIECES, english);
        assert!(chinese.is_some(), "no Chinese for: {english}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_that_says_most_is_taken_and_its_parts_are_translated() {
        for (english, chinese) in [
            ("`answer` is a string", "`answer` 是字符串"),
            ("`answer` is 7", "`answer` 是 7"),
            ("expected a number from 1 to 9", "应当是 1 到 9 的整数"),
            (
                "expected the number of a choice, 1 to 3",
                "应当是选项的序号，1 到 3",
            ),
            (
                "`{{` has no `}}` on its line",
                "这一行的 `{{` 没有对应的 `}}`",
            ),
            ("the title is {2} columns wide", "标题宽 {2} 列"),
            ("Nobody wrote this.", "Nobody wrote this."),
        ] {
            assert_eq!(finding(english), chinese);
        }
    }

    #[test]
    fn a_row_uses_its_parts_and_no_others() {
        for (english, chinese) in FINDINGS.iter().chain(PIECES) {
            let count = english.matches("{}").count();
            for number in 1..9 {
                let used = chinese.contains(&format!("{{{number}}}"));
                assert!(!used || number <= count, "{english}");
            }
        }
    }
}
