//! The technical terms of the course: their meanings, and their places in a text.
//!
//! Must not know where a text is shown, nor how a term is marked in it.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Block, Inline, LessonStep};
use crate::lang::Lang;

static EN: LazyLock<Glossary> = LazyLock::new(|| Glossary::embedded(Lang::En));
static ZH_CN: LazyLock<Glossary> = LazyLock::new(|| Glossary::embedded(Lang::ZhCn));

/// A placeholder for text that isn't prose; part of no word.
const NO_WORD: char = '\u{fffc}';

/// A term and its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Term {
    /// The same in every language.
    pub id: String,
    /// The term in this language.
    #[serde(rename = "term")]
    pub name: String,
    /// How a name with Chinese characters is read: the list of terms is in the order of these syllables.
    pinyin: Option<String>,
    /// Other spellings of it.
    #[serde(default)]
    pub forms: Vec<String>,
    pub text: String,
    /// Further reading: man pages, lessons.
    #[serde(default)]
    pub see: Vec<String>,
}

impl Term {
    /// The key of the alphabetical order: Chinese characters count as their pinyin.
    pub(crate) fn place(&self) -> String {
        self.pinyin.as_ref().unwrap_or(&self.name).to_lowercase()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    term: Vec<Term>,
}

#[derive(Debug, Default)]
pub(crate) struct Glossary {
    terms: Vec<Term>,
    /// By their first letter: the spellings, longest first, with the index of their term.
    spellings: HashMap<char, Vec<(String, usize)>>,
}

impl Glossary {
    pub(crate) fn of(lang: Lang) -> &'static Glossary {
        lang.pick([&EN, &ZH_CN])
    }

    /// Empty if it doesn't parse, which a test rules out.
    fn embedded(lang: Lang) -> Glossary {
        Glossary::parse(text(lang)).unwrap_or_default()
    }

    fn parse(text: &str) -> Result<Glossary, toml::de::Error> {
        let File { term: terms } = toml::from_str(text)?;
        let mut spellings: HashMap<char, Vec<(String, usize)>> = HashMap::new();
        for (index, term) in terms.iter().enumerate() {
            for spelling in std::iter::once(&term.name).chain(&term.forms) {
                if let Some(first) = spelling.chars().next() {
                    let known = spellings.entry(first.to_ascii_lowercase()).or_default();
                    known.push((spelling.clone(), index));
                }
            }
        }
        for known in spellings.values_mut() {
            known.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        }
        Ok(Glossary { terms, spellings })
    }

    /// In the order of the file.
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The index of a term.
    pub(crate) fn index(&self, id: &str) -> Option<usize> {
        self.terms.iter().position(|term| term.id == id)
    }

    /// The terms in a text from left to right; where several begin, the longest.
    pub(crate) fn find(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut found = Vec::new();
        let mut end = 0;
        for (at, letter) in text.char_indices() {
            if at < end {
                continue;
            }
            let known = self.spellings.get(&letter.to_ascii_lowercase());
            let here = known
                .into_iter()
                .flatten()
                .find(|(spelling, _)| stands_at(text, at, spelling));
            if let Some((spelling, term)) = here {
                end = at + spelling.len();
                found.push((at..end, *term));
            }
        }
        found
    }

    /// The term that code names: `setns` and `clone()` do, a command with arguments doesn't.
    fn named<'c>(&self, code: &'c str) -> Option<&'c str> {
        let name = match code.split_once('(') {
            Some((name, rest)) if rest.ends_with(')') => name,
            Some(_) => return None,
            None => code,
        };
        let known = self
            .spellings
            .get(&name.chars().next()?.to_ascii_lowercase())?;
        known
            .iter()
            .any(|(spelling, _)| spelling == name)
            .then_some(name)
    }

    /// The terms in a step's prose, in order.
    pub(crate) fn of_step(&self, step: &LessonStep) -> Vec<usize> {
        let mut terms = Vec::new();
        for (_, term) in step.prose().flat_map(|it| self.find(&self.words(it))) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        terms
    }

    /// The text of a block, with placeholders for live values and for code that isn't a term.
    fn words(&self, block: &Block) -> String {
        let mut text = String::new();
        for inline in block.inlines() {
            match inline {
                Inline::Text(words) | Inline::Strong(words) | Inline::Emphasis(words) => {
                    text.push_str(words);
                }
                Inline::Code(code) => {
                    text.push(NO_WORD);
                    text.push_str(self.named(code).unwrap_or_default());
                    text.push(NO_WORD);
                }
                Inline::Live(_) | Inline::Break => text.push(NO_WORD),
            }
        }
        text
    }
}

/// Finds the first occurrence of each term.
#[derive(Debug)]
pub(crate) struct Marker<'g> {
    glossary: &'g Glossary,
    seen: BTreeSet<usize>,
}

impl<'g> Marker<'g> {
    pub(crate) fn new(glossary: &'g Glossary) -> Self {
        Marker {
            glossary,
            seen: BTreeSet::new(),
        }
    }

    /// Whether code is a term, with or without `()` after it.
    pub(crate) fn is_term(&self, code: &str) -> bool {
        self.glossary.named(code).is_some()
    }

    /// The terms that occur for the first time in a text.
    pub(crate) fn mark(
        &mut self,
        text: &str,
        may_stand: impl Fn(&Range<usize>) -> bool,
    ) -> Vec<(Range<usize>, usize)> {
        let mut found = self.glossary.find(text);
        found.retain(|(place, term)| may_stand(place) && self.seen.insert(*term));
        found
    }
}

fn text(lang: Lang) -> &'static str {
    lang.pick([
        include_str!("../../assets/glossary.en.toml"),
        include_str!("../../assets/glossary.zh-CN.toml"),
    ])
}

/// Whether a spelling is a whole word at this place; its first letter may be a capital. Chinese has
/// no spaces, so there any place counts.
fn stands_at(text: &str, at: usize, spelling: &str) -> bool {
    let Some(there) = text.get(at..at + spelling.len()) else {
        return false;
    };
    let mut letters = (there.chars(), spelling.chars());
    let (Some(first), Some(wanted)) = (letters.0.next(), letters.1.next()) else {
        return false;
    };
    let begins = first == wanted || first == wanted.to_ascii_uppercase();
    let in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let cut = |inside: Option<char>, outside: Option<char>| {
        inside.is_some_and(in_word) && outside.is_some_and(in_word)
    };
    begins
        && letters.0.as_str() == letters.1.as_str()
        && !cut(Some(first), text[..at].chars().next_back())
        && !cut(
            there.chars().next_back(),
            text[at + spelling.len()..].chars().next(),
        )
}

#[cfg(test)]
mod tests {
    use pinyin::ToPinyinMulti;

    use super::*;

    fn ids(glossary: &Glossary) -> BTreeSet<&str> {
        let terms = glossary.terms().iter();
        terms.map(|term| term.id.as_str()).collect()
    }

    #[test]
    fn every_language_has_the_same_terms() {
        let [en, zh] = Lang::ALL.map(|lang| Glossary::parse(text(lang)).unwrap());
        assert_eq!(ids(&en), ids(&zh));
        for glossary in [&en, &zh] {
            assert_eq!(ids(glossary).len(), glossary.terms().len(), "an id twice");
            let mut spellings = BTreeSet::new();
            for term in glossary.terms() {
                assert!(!term.text.trim().is_empty(), "{}", term.id);
                for spelling in std::iter::once(&term.name).chain(&term.forms) {
                    assert!(spellings.insert(spelling.clone()), "{spelling} twice");
                }
            }
        }
        for (en, zh) in en
            .terms()
            .iter()
            .filter_map(|term| Some((term, zh.index(&term.id).map(|at| &zh.terms()[at])?)))
        {
            assert_eq!(en.see, zh.see, "{}", en.id);
        }
    }

    /// A name as the syllables of its Chinese characters and its other words. Some characters have several readings.
    fn readings(name: &str) -> Vec<Vec<String>> {
        let mut words: Vec<Vec<String>> = Vec::new();
        let mut goes_on = false;
        for letter in name.chars() {
            let readings = letter.to_pinyin_multi().into_iter().flatten();
            let readings: Vec<_> = readings.map(|it| it.plain().to_owned()).collect();
            let is_chinese = !readings.is_empty();
            match words.last_mut().and_then(|it| it.first_mut()) {
                _ if is_chinese => words.push(readings),
                _ if letter == ' ' => {}
                Some(word) if goes_on => word.extend(letter.to_lowercase()),
                _ => words.push(vec![letter.to_lowercase().collect()]),
            }
            goes_on = !is_chinese && letter != ' ';
        }
        words
    }

    #[test]
    fn each_term_with_chinese_characters_says_how_it_is_read() {
        let [en, zh] = Lang::ALL.map(|lang| Glossary::parse(text(lang)).unwrap());
        assert!(en.terms().iter().all(|term| term.pinyin.is_none()));
        for term in zh.terms() {
            let is_latin = term.name.is_ascii();
            assert_eq!(term.pinyin.is_none(), is_latin, "{}", term.name);
            let place = term.place();
            let readings = readings(&term.name);
            if !is_latin {
                assert_eq!(place.split(' ').count(), readings.len(), "{}", term.name);
            }
            for (syllable, readings) in place.split(' ').zip(readings) {
                assert!(
                    readings.iter().any(|it| it == syllable),
                    "{}: {readings:?}",
                    term.name
                );
            }
        }
        let place = |name: &str| {
            let term = zh.terms().iter().find(|term| term.name == name);
            term.unwrap().place()
        };
        assert!(place("errno") < place("内核") && place("内核") < place("NSpid"));
    }

    #[test]
    fn words_are_found_whole_and_the_longest_first() {
        let glossary = Glossary::parse(
            r#"
            [[term]]
            id = "namespace"
            term = "namespace"
            forms = ["namespaces", "命名空间"]
            text = "x"
            [[term]]
            id = "user-namespace"
            term = "user namespace"
            forms = ["user 命名空间"]
            text = "x"
            [[term]]
            id = "pid"
            term = "PID"
            text = "x"
            "#,
        )
        .unwrap();
        for (text, expected) in [
            ("A namespace, namespaces.", vec!["namespace", "namespaces"]),
            ("Namespaces begin it", vec!["Namespaces"]),
            ("a user namespace", vec!["user namespace"]),
            ("a multiuser namespace", vec!["namespace"]),
            ("subnamespace namespaced PIDs pid _PID", vec![]),
            ("(PID)", vec!["PID"]),
            (
                "每个命名空间都有user 命名空间",
                vec!["命名空间", "user 命名空间"],
            ),
            ("PID命名空间", vec!["PID", "命名空间"]),
            ("", vec![]),
        ] {
            let found: Vec<_> = glossary
                .find(text)
                .into_iter()
                .map(|(place, _)| &text[place])
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn code_is_a_term_where_it_is_nothing_else() {
        let glossary = Glossary::of(Lang::En);
        for (code, named) in [
            ("setns", Some("setns")),
            ("clone()", Some("clone")),
            ("setns(2)", Some("setns")),
            ("CLONE_NEWUTS", Some("CLONE_NEWUTS")),
            ("unshare -u", None),
            ("hostname web1", None),
            ("lo(", None),
            ("()", None),
            ("", None),
        ] {
            assert_eq!(glossary.named(code), named, "{code}");
        }
    }

    #[test]
    fn a_term_is_marked_once() {
        let glossary = Glossary::of(Lang::En);
        let mut marker = Marker::new(glossary);
        let text = "A namespace and a namespace.";
        assert!(marker.mark(text, |place| place.start > 10).len() == 1);
        assert!(marker.mark(text, |_| true).is_empty());
    }
}
