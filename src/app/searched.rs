//! The searchable words of a list's items, and where a query is among them.
//!
//! Must not know which list it is.

use super::prompt::Prompt;

/// The place at which a searched text was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FoundIn {
    /// The query is a whole name.
    WholeName,
    Name,
    Text,
}

/// A search that is under way.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) line: Prompt,
    /// The words of each item, read once: reading them at each key and in each frame would be too slow. Empty on
    /// the map, which searches its drawn lines.
    pub(crate) items: Vec<Searched>,
}

/// The searchable texts of one item, in lower case.
#[derive(Debug)]
pub(crate) struct Searched {
    names: Vec<String>,
    texts: Vec<String>,
}

impl Searched {
    pub(crate) fn new(names: &[&str], texts: &[&str]) -> Self {
        let lower =
            |all: &[&str]| -> Vec<String> { all.iter().map(|it| it.to_lowercase()).collect() };
        Searched {
            names: lower(names),
            texts: lower(texts),
        }
    }

    /// The place of the words of the query; `None` unless each is in a name or in a text. Ignores case.
    pub(crate) fn find(&self, query: &str) -> Option<FoundIn> {
        let query = query.to_lowercase();
        let within = |all: &[String], word: &str| all.iter().any(|text| text.contains(word));
        let mut words = query.split_whitespace();
        if self.names.iter().any(|name| name == query.trim()) {
            return Some(FoundIn::WholeName);
        }
        if words.clone().all(|word| within(&self.names, word)) {
            return Some(FoundIn::Name);
        }
        words
            .all(|word| within(&self.names, word) || within(&self.texts, word))
            .then_some(FoundIn::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_and_in_any_order() {
        let names = ["User NAMESPACE", "用户命名空间"];
        let texts = ["Maps of IDs; see user_namespaces(7)", "ID 映射"];
        let searched = Searched::new(&names, &texts);
        for (query, found) in [
            ("", Some(FoundIn::Name)),
            ("  ", Some(FoundIn::Name)),
            ("user", Some(FoundIn::Name)),
            (" user Namespace ", Some(FoundIn::WholeName)),
            ("用户命名空间", Some(FoundIn::WholeName)),
            ("namespace user", Some(FoundIn::Name)),
            ("命名", Some(FoundIn::Name)),
            ("user ids", Some(FoundIn::Text)),
            ("映射", Some(FoundIn::Text)),
            ("用户　映射", Some(FoundIn::Text)),
            ("user veth", None),
            ("网络", None),
        ] {
            assert_eq!(searched.find(query), found, "{query}");
        }
    }
}
