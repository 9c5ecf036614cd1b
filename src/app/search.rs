//! The search in the list of lessons, in the glossary and on the map: which items match the query.
//!
//! Must not know how the line is edited, or what the lists look like.

use super::glossary;
use super::keymap::Direction;
use super::map_view;
use super::prompt::Prompt;
use super::searched::{FoundIn, Search, Searched};
use super::state::State;
use super::views::Overlay;
use crate::lang::Lang;
use crate::lesson::Glossary;

/// The indices of the lessons that the list shows: those that match the query.
pub(crate) fn listed_lessons(state: &State) -> Vec<usize> {
    let count = state.lesson.lessons.count();
    let found = (0..count).filter(|index| find_lesson(state, *index).is_some());
    found.collect()
}

fn find_lesson(state: &State, index: usize) -> Option<FoundIn> {
    match &state.views.search {
        None => Some(FoundIn::Name),
        Some(search) => search.items.get(index)?.find(search.line.line()),
    }
}

/// The titles of a lesson, and its steps' titles and terms, in both languages.
fn searched_lesson(state: &State, index: usize) -> Searched {
    let lessons = &state.lesson.lessons;
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

/// Begins to search the list that lies over the screen.
pub(super) fn open(state: &mut State) {
    let items = match state.views.overlay {
        Some(Overlay::Lessons { .. }) => {
            let lessons = 0..state.lesson.lessons.count();
            lessons.map(|index| searched_lesson(state, index)).collect()
        }
        Some(Overlay::Glossary { .. }) => glossary::searched(),
        _ => Vec::new(),
    };
    let line = Prompt::default();
    state.views.search = Some(Search { line, items });
}

/// Shows the whole list again; the cursor stays on what was found.
pub(super) fn close(state: &mut State) {
    state.views.search = None;
}

/// Takes the item under the cursor, if anything is found. Returns whether to open a lesson.
pub(super) fn take(state: &mut State) -> bool {
    match &state.views.overlay {
        Some(Overlay::Lessons { cursor }) if listed_lessons(state).contains(cursor) => {
            close(state);
            return true;
        }
        Some(Overlay::Glossary { id }) => {
            let id = id.clone();
            if glossary::view(state, &id).is_some_and(|view| !view.terms.is_empty()) {
                close(state);
                glossary::open(state, Some(&id));
            }
        }
        Some(Overlay::Map) if map_view::is_found(state) => close(state),
        _ => {}
    }
    false
}

/// The line has changed: the cursor goes to the first item whose name has been found, else to the first
/// that was found.
pub(super) fn follow(state: &mut State) {
    match &state.views.overlay {
        Some(Overlay::Lessons { .. }) => {
            let listed = listed_lessons(state).into_iter();
            if let Some(cursor) = listed.min_by_key(|index| find_lesson(state, *index)) {
                state.views.overlay = Some(Overlay::Lessons { cursor });
            }
        }
        Some(Overlay::Glossary { .. }) => glossary::go_to_found(state),
        Some(Overlay::Map) => map_view::go_to_found(state),
        _ => {}
    }
}

/// Moves the cursor in the list of lessons.
pub(super) fn go(state: &mut State, from: usize, way: Direction) {
    let listed = listed_lessons(state);
    let at = listed.iter().position(|index| *index == from).unwrap_or(0);
    if let Some(to) = listed.get(way.moved(at, listed.len(), 1)) {
        state.views.overlay = Some(Overlay::Lessons { cursor: *to });
    }
}
