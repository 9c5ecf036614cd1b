//! Reads TOML tables inside a lesson field by field, and reports each mistake at its place.
//!
//! Owns the sentences about missing, misspelt and mistyped fields. Must not know which block has
//! which fields.

use std::ops::Range;

use clap::ValueEnum;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::{Problems, suggestion};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{Side, options};

/// A value and the byte of the lesson where its text begins.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

type TomlValue<'t> = Spanned<DeValue<'t>>;

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

/// The start of a list that is not closed before the next field: `key = [` without its `]`.
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
    /// Reports a value that can't be an id.
    pub(super) fn must_be_id(&self, problems: &Problems) {
        let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.value.is_empty() || !self.value.chars().all(fit) {
            let what = format!("`{}` is no id", self.value);
            let help = "expected small letters, digits and `-`";
            problems.at(self.offset, what, help);
        }
    }

    /// The side with this name; an unknown name is reported.
    pub(super) fn side(&self, problems: &Problems) -> Option<Side> {
        side(&self.value, self.offset, problems)
    }

    /// The value with this name; an unknown name is reported.
    pub(super) fn choice<T: ValueEnum>(&self, key: &str, problems: &Problems) -> Option<T> {
        let known = T::value_variants();
        let right = known.iter().find(|it| options::name(*it) == self.value);
        if right.is_none() {
            let names: Vec<String> = known.iter().map(options::name).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let what = format!("`{key}` is `{}`", self.value);
            let help = suggestion(&self.value, &names, "expected one of");
            problems.at(self.offset, what, help);
        }
        right.cloned()
    }
}

/// The fields of a table that haven't been read yet. Mistakes are reported as the fields are read.
pub(super) struct Fields<'t> {
    table: DeTable<'t>,
    /// The TOML text, and where in the lesson it begins.
    text: &'t str,
    base: usize,
    /// The name of the table in error messages: `check`.
    owner: &'static str,
    /// The place at which missing fields are reported.
    offset: usize,
    asked: Vec<&'static str>,
    problems: &'t Problems<'t>,
}

impl<'t> Fields<'t> {
    /// Parses TOML. Reports mistakes, and then returns None.
    pub(super) fn parse(
        text: &'t str,
        base: usize,
        owner: &'static str,
        offset: usize,
        problems: &'t Problems<'t>,
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
                    "expected a list like `[\"one\", \"two\"]`",
                );
                return None;
            }
            if let Some((sign, plain)) = foreign(&text[start..]) {
                problems.at(
                    base + start,
                    format!("`{owner}` is not valid TOML: it doesn't know the character `{sign}`"),
                    format!("write `{plain}` in its place"),
                );
                return None;
            }
            let message = error.message().trim().replace('\n', ", ");
            let what = format!("`{owner}` is not valid TOML: {message}");
            let help = unquoted(text, start)
                .map(|(key, value)| format!("a text stands in quotes: `{key} = \"{value}\"`"));
            problems.report(base + start, what, help);
        }
        errors.is_empty().then(|| Fields {
            table: table.into_inner(),
            text,
            base,
            owner,
            offset,
            asked: Vec::new(),
            problems,
        })
    }

    fn take(&mut self, key: &'static str) -> Option<TomlValue<'t>> {
        self.asked.push(key);
        self.table.remove(key)
    }

    /// The place at which mistakes of the table as a whole are reported.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The list in which its mistakes are reported.
    pub(super) fn problems(&self) -> &'t Problems<'t> {
        self.problems
    }

    /// The byte of the lesson where a value begins.
    fn place(&self, value: &TomlValue) -> usize {
        self.base + value.span().start
    }

    /// Reports a field that is missing.
    fn must_have(&self, key: &str) {
        if !self.table.contains_key(key) {
            let what = format!("`{}` has no `{key}`", self.owner);
            let help = format!("expected a field `{key} = …`");
            self.problems.at(self.offset, what, help);
        }
    }

    fn mistyped(&self, key: &str, value: &TomlValue, expected: &str) {
        let what = format!("`{key}` is {}", article(value.get_ref().type_str()));
        let help = format!("expected {expected}");
        self.problems.at(self.place(value), what, help);
    }

    fn located(&self, key: &str, value: &TomlValue) -> Option<Located<String>> {
        let DeValue::String(string) = value.get_ref() else {
            self.mistyped(key, value, "a string");
            return None;
        };
        if string.trim().is_empty() {
            let what = format!("`{key}` is empty");
            self.problems
                .at(self.place(value), what, "expected some text");
            return None;
        }
        // After the opening quote, unless the text has escapes.
        let raw = self.text.get(value.span()).unwrap_or_default();
        Some(Located {
            value: string.as_ref().to_owned(),
            offset: self.place(value) + raw.find(string.as_ref()).unwrap_or(0),
        })
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<Located<String>> {
        self.must_have(key);
        self.optional_located(key)
    }

    pub(super) fn optional_string(&mut self, key: &'static str) -> Option<String> {
        Some(self.optional_located(key)?.value)
    }

    /// An optional string with its place.
    pub(super) fn optional_located(&mut self, key: &'static str) -> Option<Located<String>> {
        let value = self.take(key)?;
        self.located(key, &value)
    }

    pub(super) fn optional_bool(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        if let DeValue::Boolean(is) = value.get_ref() {
            return Some(*is);
        }
        self.mistyped(key, &value, "true or false");
        None
    }

    pub(super) fn optional_strings(&mut self, key: &'static str) -> Option<Vec<Located<String>>> {
        let value = self.take(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.mistyped(key, &value, "a list of strings");
            return Some(Vec::new());
        };
        let strings = items.iter().filter_map(|item| self.located(key, item));
        Some(strings.collect())
    }

    /// An optional list of strings, without their places.
    pub(super) fn optional_texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let found = self.optional_strings(key)?.into_iter();
        Some(found.map(|found| found.value).collect())
    }

    /// A required list of strings, without their places.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        self.must_have(key);
        self.optional_texts(key)
    }

    pub(super) fn optional_namespaces(&mut self, key: &'static str) -> Option<NamespaceSet> {
        let words = self.optional_strings(key)?.into_iter();
        let kinds = words.filter_map(|word| namespace(&word.value, word.offset, self.problems));
        Some(kinds.collect())
    }

    pub(super) fn optional_number(
        &mut self,
        key: &'static str,
        allowed: Range<u16>,
    ) -> Option<Located<u16>> {
        let value = self.take(key)?;
        let last = allowed.end.saturating_sub(1);
        let expected = format!("a number from {} to {last}", allowed.start);
        let DeValue::Integer(integer) = value.get_ref() else {
            self.mistyped(key, &value, &expected);
            return None;
        };
        let offset = self.place(&value);
        match u16::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(value) if allowed.contains(&value) => Some(Located { value, offset }),
            _ => {
                let what = format!("`{key}` is {}", integer.as_str());
                let help = format!("expected {expected}");
                self.problems.at(offset, what, help);
                None
            }
        }
    }

    pub(super) fn number(
        &mut self,
        key: &'static str,
        allowed: Range<u16>,
    ) -> Option<Located<u16>> {
        self.must_have(key);
        self.optional_number(key, allowed)
    }

    /// A list of tables; empty if absent.
    pub(super) fn tables(&mut self, key: &'static str, owner: &'static str) -> Vec<Fields<'t>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.mistyped(key, &value, "a list of tables");
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) => found.push(Fields {
                    table: table.clone(),
                    owner,
                    offset: self.place(item),
                    asked: Vec::new(),
                    ..*self
                }),
                _ => self.mistyped(key, item, "a list of tables"),
            }
        }
        found
    }

    /// Reports unknown fields.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            self.problems.at(
                self.base + key.span().start,
                format!("`{}` has no field `{}`", self.owner, key.get_ref()),
                suggestion(key.get_ref(), &self.asked, "its fields are"),
            );
        }
    }
}

/// The kind with this name; an unknown name is reported.
pub(super) fn namespace(word: &str, offset: usize, problems: &Problems) -> Option<Namespace> {
    let kind = word.parse().ok();
    if kind.is_none() {
        let names = Namespace::ALL.map(Namespace::name);
        let help = suggestion(word, &names, "the kinds are");
        let what = format!("there is no namespace kind `{word}`");
        problems.at(offset, what, help);
    }
    kind
}

/// The side with this name; an unknown name is reported.
pub(super) fn side(word: &str, offset: usize, problems: &Problems) -> Option<Side> {
    let side = word.parse().ok();
    if side.is_none() {
        let names: Vec<_> = Side::all().map(Side::name).collect();
        let help = suggestion(word, &names, "the sides are");
        problems.at(offset, format!("there is no side `{word}`"), help);
    }
    side
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
