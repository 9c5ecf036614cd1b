//! The search of the list of lessons and of the glossary: which items hold what was typed.
//!
//! Must not know how the line is edited, or what the lists look like.

use super::glossary;
use super::keymap::Way;
use super::lesson_actions;
use super::prompt::Prompt;
use super::state::State;
use super::views::Overlay;
use crate::lang::Lang;
use crate::lesson::Glossary;

/// Where a searched text was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Found {
    InName,
    InText,
}

/// A search that is under way.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) line: Prompt,
    /// What can be found of each lesson. Read once: the words of all steps would be too slow to read at
    /// each key.
    lessons: Vec<Searched>,
}

/// The texts of one item in which is searched, in lower case.
#[derive(Debug)]
pub(super) struct Searched {
    names: Vec<String>,
    texts: Vec<String>,
}

impl Searched {
    pub(super) fn new(names: &[&str], texts: &[&str]) -> Self {
        let lower =
            |all: &[&str]| -> Vec<String> { all.iter().map(|it| it.to_lowercase()).collect() };
        Searched {
            names: lower(names),
            texts: lower(texts),
        }
    }

    /// Where all words of the query are; `None` unless each is in a name or in a text. Upper case is lower
    /// case.
    pub(super) fn find(&self, query: &str) -> Option<Found> {
        let query = query.to_lowercase();
        let within = |all: &[String], word: &str| all.iter().any(|text| text.contains(word));
        let mut words = query.split_whitespace();
        if words.clone().all(|word| within(&self.names, word)) {
            return Some(Found::InName);
        }
        words
            .all(|word| within(&self.names, word) || within(&self.texts, word))
            .then_some(Found::InText)
    }
}

impl State {
    /// What is searched for in the list that lies over the screen; empty while nothing is.
    pub(crate) fn query(&self) -> &str {
        self.views
            .search
            .as_ref()
            .map_or("", |search| search.line.line())
    }

    /// The numbers of the lessons that the list shows: those that hold what is searched for.
    pub(crate) fn listed_lessons(&self) -> Vec<usize> {
        let count = self.lesson.lessons.count();
        let found = (0..count).filter(|index| self.find_lesson(*index).is_some());
        found.collect()
    }

    fn find_lesson(&self, index: usize) -> Option<Found> {
        match &self.views.search {
            None => Some(Found::InName),
            Some(search) => search.lessons.get(index)?.find(search.line.line()),
        }
    }

    /// The titles of a lesson, and its steps' titles and terms, in both languages.
    fn searched_lesson(&self, index: usize) -> Searched {
        let lessons = &self.lesson.lessons;
        let both = Lang::ALL.map(|lang| lessons.lesson(index, lang));
        let both: Vec<_> = both.into_iter().flatten().collect();
        let mut names: Vec<&str> = both.iter().map(|lesson| lesson.title.as_str()).collect();
        names.extend(lessons.id(index));
        let mut texts: Vec<&str> = Vec::new();
        for (lesson, lang) in both.iter().zip(Lang::ALL) {
            let glossary = Glossary::of(lang);
            for step in &lesson.steps {
                texts.push(&step.title);
                let terms = glossary.of_step(step).into_iter();
                let terms = terms.filter_map(|index| glossary.terms().get(index));
                texts.extend(terms.map(|term| term.name.as_str()));
            }
        }
        Searched::new(&names, &texts)
    }
}

/// Begins to search the list that lies over the screen.
pub(super) fn open(state: &mut State) {
    let count = match state.views.overlay {
        Some(Overlay::Lessons { .. }) => state.lesson.lessons.count(),
        _ => 0,
    };
    let lessons = (0..count).map(|index| state.searched_lesson(index));
    state.views.search = Some(Search {
        lessons: lessons.collect(),
        line: Prompt::default(),
    });
}

/// Shows the whole list again; the cursor stays on what was found.
pub(super) fn close(state: &mut State) {
    state.views.search = None;
}

/// Goes to what the cursor is on. Nothing is taken while nothing is found.
pub(super) fn take(state: &mut State) {
    match &state.views.overlay {
        Some(Overlay::Lessons { cursor }) if state.listed_lessons().contains(cursor) => {
            close(state);
            lesson_actions::pick(state);
        }
        Some(Overlay::Glossary { id }) => {
            let id = id.clone();
            if glossary::view(state, &id).is_some_and(|view| !view.terms.is_empty()) {
                close(state);
                glossary::open(state, Some(&id));
            }
        }
        _ => {}
    }
}

/// The line has changed: the cursor goes to the first item whose name has been found, else to the first
/// that was found.
pub(super) fn follow(state: &mut State) {
    match &state.views.overlay {
        Some(Overlay::Lessons { .. }) => {
            let listed = state.listed_lessons().into_iter();
            if let Some(cursor) = listed.min_by_key(|index| state.find_lesson(*index)) {
                state.views.overlay = Some(Overlay::Lessons { cursor });
            }
        }
        Some(Overlay::Glossary { .. }) => glossary::go_to_found(state),
        _ => {}
    }
}

/// Moves the cursor in the list of lessons.
pub(super) fn go(state: &mut State, from: usize, way: Way) {
    let listed = state.listed_lessons();
    let at = listed.iter().position(|index| *index == from).unwrap_or(0);
    if let Some(to) = listed.get(way.moved(at, listed.len(), 1)) {
        state.views.overlay = Some(Overlay::Lessons { cursor: *to });
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
            ("", Some(Found::InName)),
            ("  ", Some(Found::InName)),
            ("namespace user", Some(Found::InName)),
            ("命名", Some(Found::InName)),
            ("user ids", Some(Found::InText)),
            ("映射", Some(Found::InText)),
            ("用户　映射", Some(Found::InText)),
            ("user veth", None),
            ("网络", None),
        ] {
            assert_eq!(searched.find(query), found, "{query}");
        }
    }
}
