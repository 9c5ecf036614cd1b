//! Reads TOML tables inside a lesson field by field, and reports each mistake at its place.
//!
//! Owns the sentences about missing, misspelt and mistyped fields. Must not know which block has
//! which fields.

use std::ops::Range;

use clap::ValueEnum;
use toml::de::{DeTable, DeValue};

use super::source::{Problems, suggestion};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::options;

/// A value and the byte of the lesson where its text begins.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

/// Characters of a Chinese input method or a word processor, and the TOML characters that are meant.
const FOREIGN: [(char, char); 9] = [
    ('“', '"'),
    ('”', '"'),
    ('‘', '\''),
    ('’', '\''),
    ('＝', '='),
    ('：', '='),
    ('，', ','),
    ('【', '['),
    ('】', ']'),
];

/// The sign of another script that a text begins with, and the one that is meant.
fn foreign(text: &str) -> Option<(char, char)> {
    let first = text.chars().next()?;
    FOREIGN.into_iter().find(|(sign, _)| *sign == first)
}

/// Where a list begins that is not closed before the next field: `key = [` without its `]`.
fn unclosed_list(text: &str) -> Option<usize> {
    let mut open: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let value = line.find('=').map(|equals| equals + 1);
        let begins = value.filter(|value| line[*value..].trim_start().starts_with('['));
        let is_key = |end: usize| {
            let key = line[..end].trim();
            !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
        };
        // Another field begins.
        if open.is_some() && value.is_some_and(|value| is_key(value - 1)) {
            return open;
        }
        if let Some(value) = begins {
            open = line[value..].find('[').map(|bracket| at + value + bracket);
        }
        if line.trim_end().ends_with(']') || line.contains("] ") {
            open = None;
        }
        at += line.len();
    }
    open
}

impl Located<String> {
    /// Reports what can't be an id.
    pub(super) fn must_be_id(&self, problems: &mut Problems) {
        let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.value.is_empty() || !self.value.chars().all(fit) {
            problems.at(
                self.offset,
                format!("`{}` is no id", self.value),
                Some("expected small letters, digits and `-`".to_owned()),
            );
        }
    }

    /// The value with this name; an unknown name is reported.
    pub(super) fn choice<T: ValueEnum>(&self, key: &str, problems: &mut Problems) -> Option<T> {
        let known = T::value_variants();
        let right = known.iter().find(|it| options::name(*it) == self.value);
        if right.is_none() {
            let names: Vec<String> = known.iter().map(options::name).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            problems.at(
                self.offset,
                format!("`{key}` is `{}`", self.value),
                Some(suggestion(&self.value, &names, "expected one of")),
            );
        }
        right.cloned()
    }
}

/// The fields of a table that haven't been read yet.
pub(super) struct Fields<'t> {
    table: DeTable<'t>,
    /// The TOML text, and where in the lesson it begins.
    text: &'t str,
    base: usize,
    /// The name of the table in error messages: `check`.
    owner: &'static str,
    /// Where to report missing fields.
    offset: usize,
    asked: Vec<&'static str>,
}

impl<'t> Fields<'t> {
    /// Parses TOML. Reports mistakes, and then returns None.
    pub(super) fn parse(
        text: &'t str,
        base: usize,
        owner: &'static str,
        offset: usize,
        problems: &mut Problems,
    ) -> Option<Self> {
        let (table, errors) = DeTable::parse_recoverable(text);
        // Further mistakes are mostly consequences of the first one.
        let place = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        if let Some(error) = errors.iter().min_by_key(|error| place(error)) {
            let start = place(error);
            if let Some(open) = unclosed_list(text).filter(|open| *open <= start) {
                problems.at(
                    base + open,
                    format!("`{owner}` is not valid TOML: this `[` has no `]`"),
                    Some("expected a list like `[\"one\", \"two\"]`".to_owned()),
                );
                return None;
            }
            if let Some((sign, plain)) = foreign(&text[start..]) {
                problems.at(
                    base + start,
                    format!("`{owner}` is not valid TOML: it doesn't know the character `{sign}`"),
                    Some(format!("write `{plain}` in its place")),
                );
                return None;
            }
            let message = error.message().trim().replace('\n', ", ");
            let help = unquoted(text, start)
                .map(|(key, value)| format!("a text stands in quotes: `{key} = \"{value}\"`"));
            problems.at(
                base + start,
                format!("`{owner}` is not valid TOML: {message}"),
                help,
            );
        }
        errors.is_empty().then(|| Fields {
            table: table.into_inner(),
            text,
            base,
            owner,
            offset,
            asked: Vec::new(),
        })
    }

    fn take(&mut self, key: &'static str) -> Option<(Range<usize>, DeValue<'t>)> {
        self.asked.push(key);
        let value = self.table.remove(key)?;
        Some((value.span(), value.into_inner()))
    }

    /// Where to report mistakes of the table as a whole.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    fn missing(&self, key: &str, problems: &mut Problems) {
        problems.at(
            self.offset,
            format!("`{}` has no `{key}`", self.owner),
            Some(format!("expected a field `{key} = …`")),
        );
    }

    fn mistyped(
        &self,
        key: &str,
        span: &Range<usize>,
        value: &DeValue,
        expected: &str,
        problems: &mut Problems,
    ) {
        problems.at(
            self.base + span.start,
            format!("`{key}` is {}", article(value.type_str())),
            Some(format!("expected {expected}")),
        );
    }

    fn located(
        &self,
        key: &str,
        span: &Range<usize>,
        value: &DeValue,
        problems: &mut Problems,
    ) -> Option<Located<String>> {
        let DeValue::String(string) = value else {
            self.mistyped(key, span, value, "a string", problems);
            return None;
        };
        if string.trim().is_empty() {
            problems.at(
                self.base + span.start,
                format!("`{key}` is empty"),
                Some("expected some text".to_owned()),
            );
            return None;
        }
        // After the opening quote, unless the text has escapes.
        let inside = self
            .text
            .get(span.clone())
            .and_then(|raw| raw.find(string.as_ref()))
            .unwrap_or(0);
        Some(Located {
            value: string.as_ref().to_owned(),
            offset: self.base + span.start + inside,
        })
    }

    pub(super) fn string(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Located<String>> {
        if let Some((span, value)) = self.take(key) {
            self.located(key, &span, &value, problems)
        } else {
            self.missing(key, problems);
            None
        }
    }

    pub(super) fn optional_string(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<String> {
        self.optional_located(key, problems)
            .map(|found| found.value)
    }

    /// An optional string with its place.
    pub(super) fn optional_located(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Located<String>> {
        let (span, value) = self.take(key)?;
        self.located(key, &span, &value, problems)
    }

    pub(super) fn optional_bool(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<bool> {
        let (span, value) = self.take(key)?;
        if let DeValue::Boolean(is) = value {
            return Some(is);
        }
        self.mistyped(key, &span, &value, "true or false", problems);
        None
    }

    pub(super) fn optional_strings(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<Located<String>>> {
        let (span, value) = self.take(key)?;
        let DeValue::Array(items) = &value else {
            self.mistyped(key, &span, &value, "a list of strings", problems);
            return Some(Vec::new());
        };
        Some(
            items
                .iter()
                .filter_map(|item| self.located(key, &item.span(), item.get_ref(), problems))
                .collect(),
        )
    }

    /// A required list of strings.
    pub(super) fn strings(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<Located<String>>> {
        let found = self.optional_strings(key, problems);
        if found.is_none() {
            self.missing(key, problems);
        }
        found
    }

    pub(super) fn optional_namespaces(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<NamespaceSet> {
        let words = self.optional_strings(key, problems)?.into_iter();
        let kinds = words.filter_map(|word| namespace(&word.value, word.offset, problems));
        Some(kinds.collect())
    }

    pub(super) fn optional_number(
        &mut self,
        key: &'static str,
        allowed: Range<u16>,
        problems: &mut Problems,
    ) -> Option<Located<u16>> {
        let (span, value) = self.take(key)?;
        let expected = format!(
            "a number from {} to {}",
            allowed.start,
            allowed.end.saturating_sub(1)
        );
        let DeValue::Integer(integer) = &value else {
            self.mistyped(key, &span, &value, &expected, problems);
            return None;
        };
        let number = u16::from_str_radix(integer.as_str(), integer.radix());
        match number {
            Ok(number) if allowed.contains(&number) => Some(Located {
                value: number,
                offset: self.base + span.start,
            }),
            _ => {
                problems.at(
                    self.base + span.start,
                    format!("`{key}` is {}", integer.as_str()),
                    Some(format!("expected {expected}")),
                );
                None
            }
        }
    }

    pub(super) fn number(
        &mut self,
        key: &'static str,
        allowed: Range<u16>,
        problems: &mut Problems,
    ) -> Option<Located<u16>> {
        if self.table.contains_key(key) {
            self.optional_number(key, allowed, problems)
        } else {
            self.asked.push(key);
            self.missing(key, problems);
            None
        }
    }

    /// A list of tables; empty if absent.
    pub(super) fn tables(
        &mut self,
        key: &'static str,
        owner: &'static str,
        problems: &mut Problems,
    ) -> Vec<Fields<'t>> {
        let Some((span, value)) = self.take(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value else {
            self.mistyped(key, &span, &value, "a list of tables", problems);
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in items {
            let span = item.span();
            match item.into_inner() {
                DeValue::Table(table) => found.push(Fields {
                    table,
                    text: self.text,
                    base: self.base,
                    owner,
                    offset: self.base + span.start,
                    asked: Vec::new(),
                }),
                other => self.mistyped(key, &span, &other, "a list of tables", problems),
            }
        }
        found
    }

    /// Reports unknown fields.
    pub(super) fn finish(self, problems: &mut Problems) {
        for key in self.table.keys() {
            problems.at(
                self.base + key.span().start,
                format!("`{}` has no field `{}`", self.owner, key.get_ref()),
                Some(suggestion(key.get_ref(), &self.asked, "its fields are")),
            );
        }
    }
}

/// The kind with this name; an unknown name is reported.
pub(super) fn namespace(word: &str, offset: usize, problems: &mut Problems) -> Option<Namespace> {
    let kind = word.parse().ok();
    if kind.is_none() {
        let names = Namespace::ALL.map(Namespace::name);
        let help = suggestion(word, &names, "the kinds are");
        let what = format!("there is no namespace kind `{word}`");
        problems.at(offset, what, Some(help));
    }
    kind
}

fn article(kind: &str) -> String {
    match kind {
        "array" => "a list".to_owned(),
        "integer" => "an integer".to_owned(),
        other => format!("a {other}"),
    }
}
/// The key and the text of a line whose text lacks its quotes.
fn unquoted(text: &str, at: usize) -> Option<(&str, &str)> {
    let begin = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let (key, value) = text[begin..].lines().next()?.split_once('=')?;
    let value = value.trim();
    let plain = |c: char| c.is_alphanumeric() || " _-.,!?".contains(c);
    let letter = value.chars().next()?.is_alphabetic();
    (letter && value.chars().all(plain)).then_some((key.trim(), value))
}
