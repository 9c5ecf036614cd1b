//! The glossary: its overlay, and its terms in the text of a step.

use std::collections::BTreeSet;

use crossterm::event::MouseEventKind;
use ratatui::layout::Position;
use ratatui::style::Modifier;
use rstest::rstest;

use super::{COMPACT, FULL};
use crate::app::fixture::Lab;
use crate::app::keymap::Place;
use crate::app::state::State;
use crate::app::views::Overlay;
use crate::app::{glossary, lesson_view};
use crate::lang::Lang;
use crate::lesson::Glossary;
use crate::theme::Theme;

fn id(state: &State) -> Option<&str> {
    match &state.views.overlay {
        Some(Overlay::Glossary { id }) => Some(id),
        _ => None,
    }
}

fn said(lab: &Lab) -> String {
    let view = glossary::view(&lab.state, id(&lab.state).unwrap()).unwrap();
    let lines = view.lines(&lab.state);
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

#[test]
fn it_opens_at_the_next_unread_term_of_the_step() {
    let mut lab = Lab::ready(FULL, Lang::En);
    let terms = Glossary::of(Lang::En).terms();
    let here = Glossary::of(Lang::En).of_step(lab.state.step().unwrap());
    assert!(here.len() > 1);
    for number in here.iter().chain([&here[0]]) {
        lab.key("g");
        assert_eq!(id(&lab.state), Some(terms[*number].id.as_str()));
        lab.key("Esc");
    }
}

#[rstest]
fn the_glossary_begins_with_the_words_of_the_step(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = Lab::ready(size, lang);
    lab.key("g");
    assert_eq!(lab.state.place(), Place::Glossary);
    let terms = Glossary::of(lang).terms();
    let here = Glossary::of(lang).of_step(lab.state.step().unwrap());
    assert!(!here.is_empty());
    assert_eq!(id(&lab.state), Some(terms[here[0]].id.as_str()));
    let view = glossary::view(&lab.state, id(&lab.state).unwrap()).unwrap();
    let names = view.terms[view.here..].iter();
    assert!(names.is_sorted_by_key(|term| term.place()));
    // Down shows each term once; the text follows the cursor.
    let mut seen = BTreeSet::new();
    for _ in terms {
        let current = id(&lab.state).unwrap().to_owned();
        let term = terms.iter().find(|term| term.id == current).unwrap();
        let start: String = term.text.chars().take(8).collect();
        assert!(said(&lab).contains(&start), "{current}: {}", said(&lab));
        seen.insert(current);
        lab.key("Down");
    }
    assert_eq!(seen.len(), terms.len());
    let last = id(&lab.state).unwrap().to_owned();
    lab.key("Home End");
    assert_eq!(id(&lab.state), Some(last.as_str()));
    // The other language shows the same term.
    lab.key("L");
    assert_eq!(id(&lab.state), Some(last.as_str()));
    lab.key("PgUp g");
    assert_eq!(lab.state.views.overlay, None);
}

#[test]
fn a_term_is_shown_in_both_languages() {
    let mut lab = Lab::ready(FULL, Lang::ZhCn);
    lab.state.views.overlay = Some(Overlay::Glossary {
        id: "namespace".to_owned(),
    });
    assert!(said(&lab).starts_with("命名空间 · namespace\n"));
    lab.key("L");
    assert!(said(&lab).starts_with("namespace · 命名空间\n"));
}

/// The places of underlined terms on the page.
fn underlined(lab: &Lab) -> Vec<(Position, String)> {
    let view = lesson_view::view(&lab.state).unwrap();
    let mut found = Vec::new();
    for (line, y) in view.lines[view.top..]
        .iter()
        .zip(view.body.y..view.body.bottom())
    {
        let mut x = view.body.x;
        for span in &line.line.spans {
            if span.style.add_modifier.contains(Modifier::UNDERLINED) {
                found.push((Position::new(x, y), span.content.to_string()));
            }
            x += u16::try_from(span.width()).unwrap();
        }
    }
    found
}

#[rstest]
fn a_word_is_marked_once_and_a_click_explains_it(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
    #[values(Theme::Ansi, Theme::NoColor)] theme: Theme,
) {
    let mut lab = Lab::ready(size, lang);
    lab.state.theme = theme;
    let marked = underlined(&lab);
    assert!(!marked.is_empty());
    let glossary = Glossary::of(lang);
    let mut terms = BTreeSet::new();
    for (at, word) in marked {
        lab.click(at.x, at.y);
        let id = id(&lab.state).unwrap_or_else(|| panic!("{word} at {at} opens nothing"));
        let term = &glossary.terms()[glossary.index(id).unwrap()];
        assert!(
            glossary.find(&word).iter().any(|(_, found)| glossary.terms()[*found].id == term.id)
                // A line may end within the term.
                || term.name.contains(word.trim()),
            "{word}: {id}"
        );
        terms.insert(id.to_owned());
        // The wheel moves the cursor.
        lab.mouse(MouseEventKind::ScrollDown, at.x, at.y);
        lab.key("Esc");
        assert_eq!(lab.state.views.overlay, None);
    }
    assert!(!terms.is_empty());
}

#[test]
fn a_click_on_the_list_explains_another_term() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("g");
    let view = glossary::view(&lab.state, id(&lab.state).unwrap()).unwrap();
    lab.click(view.list.x + 4, view.list.y + 2);
    assert_eq!(id(&lab.state), Some(view.terms[2].id.as_str()));
    lab.click(0, 0);
    assert_eq!(lab.state.views.overlay, None);
}
