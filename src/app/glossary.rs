//! The glossary over the screen: which terms it lists in which order, and the text about one.
//!
//! Both drawing and keys use it. `lesson` owns the meaning of a term.

use ratatui::layout::{Margin, Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::keymap::Direction;
use super::searched::{FoundIn, Searched};
use super::state::State;
use super::texts::{self, words};
use super::views::Overlay;
use crate::lang::Lang;
use crate::lesson::{Glossary, Term};
use crate::prose;
use crate::theme::Role;

/// The smallest width of the list.
const LIST: u16 = 24;

/// The glossary over the screen.
#[derive(Debug)]
pub(crate) struct GlossaryView {
    pub place: Rect,
    /// The list of terms, inside `place`.
    pub list: Rect,
    /// The text about one of them, beside it.
    pub explanation: Rect,
    /// The terms: those of the step, then all others by name.
    pub terms: Vec<&'static Term>,
    /// How many of the terms are in the step.
    pub here: usize,
    /// The index of the explained term.
    pub cursor: usize,
    /// The first term that is shown.
    pub top: usize,
}

/// The glossary with the cursor on a term; `None` if there are no terms.
pub(crate) fn view(state: &State, id: &str) -> Option<GlossaryView> {
    let (cols, rows) = state.size;
    let (width, height) = (cols.min(112), rows.saturating_sub(2).min(30));
    let place = Rect::new(
        (cols - width) / 2,
        rows.saturating_sub(1 + height) / 2,
        width,
        height,
    );
    let inside = place.inner(Margin::new(2, 1));
    let list = Rect {
        width: LIST.max(inside.width / 3).min(inside.width),
        ..inside
    };
    let beside = list.width + 3;
    let explanation = Rect {
        x: inside.x + beside,
        width: inside.width.saturating_sub(beside),
        ..inside
    };
    let (terms, here) = terms(state);
    let cursor = terms.iter().position(|term| term.id == id).unwrap_or(0);
    if terms.is_empty() && state.views.search.is_none() {
        return None;
    }
    let shown = usize::from(list.height).max(1);
    let top = (cursor + 1).saturating_sub(shown.div_ceil(2) + 1);
    let top = top.min(terms.len().saturating_sub(shown));
    Some(GlossaryView {
        place,
        list,
        explanation,
        terms,
        here,
        cursor,
        top,
    })
}

/// All terms in the language of the screen: those of the step in the order in which it uses them, then the
/// others by name. Also the number of those of the step.
fn terms(state: &State) -> (Vec<&'static Term>, usize) {
    let glossary = Glossary::of(state.lang);
    let here = state.step().map(|step| glossary.of_step(step));
    let all = glossary.terms();
    let listed = |index: &usize| all.get(*index).is_some_and(|it| found(state, it).is_some());
    let mut here = here.unwrap_or_default();
    here.retain(listed);
    let others = (0..all.len()).filter(|index| !here.contains(index) && listed(index));
    let mut others: Vec<_> = others.filter_map(|index| all.get(index)).collect();
    others.sort_by_cached_key(|term| term.place());
    let first = here.iter().filter_map(|index| all.get(*index));
    (first.chain(others).collect(), here.len())
}

/// The searchable words of each English term: names, other spellings and text, in both languages.
pub(super) fn searched() -> Vec<Searched> {
    let both = Lang::ALL.map(Glossary::of);
    let english = Glossary::of(Lang::En).terms().iter();
    let searched = english.map(|term| {
        let both = both
            .iter()
            .filter_map(|it| it.terms().get(it.index(&term.id)?));
        let both: Vec<_> = both.collect();
        let names: Vec<&str> = both
            .iter()
            .flat_map(|it| it.forms.iter().chain([&it.name]))
            .map(String::as_str)
            .collect();
        let texts: Vec<&str> = both.iter().map(|it| it.text.as_str()).collect();
        Searched::new(&names, &texts)
    });
    searched.collect()
}

/// The place at which the query is found in a term.
fn found(state: &State, term: &Term) -> Option<FoundIn> {
    let Some(search) = &state.views.search else {
        return Some(FoundIn::Name);
    };
    let index = Glossary::of(Lang::En).index(&term.id)?;
    search.items.get(index)?.find(search.line.line())
}

/// Puts the cursor on the first term whose name was found, else on the first that was found.
pub(super) fn go_to_found(state: &mut State) {
    let (terms, _) = terms(state);
    if let Some(term) = terms.iter().min_by_key(|term| found(state, term)) {
        let id = term.id.clone();
        state.views.overlay = Some(Overlay::Glossary { id });
    }
}

/// Opens the glossary at a term, or at the first term of the step that was not explained yet.
pub(super) fn open(state: &mut State, id: Option<&str>) {
    let id = id.map(str::to_owned).or_else(|| {
        let (terms, here) = terms(state);
        let mut new = terms[..here]
            .iter()
            .filter(|term| !state.views.explained.contains(&term.id));
        let term = new.next().or(terms.first())?;
        Some(term.id.clone())
    });
    if let Some(id) = id {
        explain(state, id);
    }
}

fn open_view(state: &State) -> Option<GlossaryView> {
    match &state.views.overlay {
        Some(Overlay::Glossary { id }) => view(state, id),
        _ => None,
    }
}

fn explain(state: &mut State, id: String) {
    state.views.explained.insert(id.clone());
    state.views.overlay = Some(Overlay::Glossary { id });
}

pub(super) fn go(state: &mut State, way: Direction) {
    let Some(view) = open_view(state) else {
        return;
    };
    let page = usize::from(view.list.height.saturating_sub(1)).max(1);
    let to = way.moved(view.cursor, view.terms.len(), page);
    if let Some(term) = view.terms.get(to) {
        explain(state, term.id.clone());
    }
}

/// A click on a term explains it; a click beside the glossary closes it.
pub(super) fn click(state: &mut State, at: Position) {
    let Some(view) = open_view(state) else {
        return;
    };
    if !view.place.contains(at) {
        state.views.overlay = None;
    } else if view.list.contains(at)
        && let Some(term) = view.terms.get(view.top + usize::from(at.y - view.list.y))
    {
        explain(state, term.id.clone());
    }
}

impl GlossaryView {
    /// The text about the term under the cursor.
    pub(crate) fn lines(&self, state: &State) -> Vec<Line<'static>> {
        let width = self.explanation.width.max(1);
        let Some(term) = self.terms.get(self.cursor) else {
            let nothing = texts::nothing_found(state.lang, state.views.query());
            return prose::sentence(&nothing, width, Role::Text, state.theme);
        };
        let words = words(state.lang);
        let style = |role| state.theme.style(role);
        let other = Glossary::of(state.lang.next());
        let other = other
            .index(&term.id)
            .and_then(|index| other.terms().get(index));
        let mut lines = vec![Line::styled(term.name.clone(), style(Role::Heading))];
        if let Some(other) = other.filter(|other| other.name != term.name) {
            let name = other.name.clone();
            // The other name is on the same line if there is room.
            if term.name.width() + 3 + name.width() <= usize::from(self.explanation.width) {
                let plain = style(Role::Text).remove_modifier(Modifier::BOLD);
                lines[0].push_span(Span::styled(format!(" · {name}"), plain));
            } else {
                lines.push(Line::raw(name));
            }
        }
        lines.push(Line::default());
        lines.extend(prose::sentence(&term.text, width, Role::Text, state.theme));
        if !term.see.is_empty() {
            lines.push(Line::default());
            let see = format!("{}{}{}", words.see, words.colon, term.see.join(", "));
            lines.extend(prose::sentence(&see, width, Role::Dim, state.theme));
        }
        lines
    }
}
