//! The options of the next launch as rows of text, and what keys do with them.
//!
//! Knows text and styles, no widget.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::keymap::Direction;
use super::next_launch::OptionRow;
use super::shells::Shells;
use super::state::State;
use super::texts::{self, words};
use super::views::Overlay;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{ContainerNumber, Join, LaunchOption, LaunchOptions, Side};
use crate::theme::Role;

pub(super) fn open(state: &mut State) {
    state.views.overlay = Some(Overlay::Options {
        row: OptionRow::Container,
    });
}

/// Moves the cursor, or changes the value under it.
pub(super) fn go(state: &mut State, row: OptionRow, way: Direction) {
    let all = OptionRow::all();
    let at = all.iter().position(|it| *it == row).unwrap_or(0);
    match way {
        Direction::Up
        | Direction::Down
        | Direction::PageUp
        | Direction::PageDown
        | Direction::First
        | Direction::Last => {
            let row = all[way.moved(at, all.len(), all.len())];
            state.views.overlay = Some(Overlay::Options { row });
        }
        Direction::Left | Direction::Right => change(state, row, way),
    }
}

fn change(state: &mut State, row: OptionRow, way: Direction) {
    let next = &mut state.next_launch;
    match row {
        OptionRow::Container => {
            let number = way.turned(&ContainerNumber::ALL, state.shells.tab);
            return state.show_tab(Side::Container(number));
        }
        OptionRow::Joins => {
            let mut all = vec![None];
            all.extend(joinable(&state.shells).map(Some));
            let kinds = next.join.map_or(NamespaceSet::all(), |join| join.kinds);
            let whose = way.turned(&all, next.join.map(|join| join.whose));
            next.join = whose.map(|whose| Join { whose, kinds });
        }
        OptionRow::Option(option) => turn(&mut next.options, option, way),
    }
    next.take_over();
}

fn turn(options: &mut LaunchOptions, option: LaunchOption, way: Direction) {
    let all = option.choices();
    let Some(default) = all.first() else { return };
    let now = options.value(option).unwrap_or_else(|| default.clone());
    // An option accepts each of its choices.
    let _ = options.set(option, Some(&way.turned(&all, now)));
}

/// A key on an option that takes text: adds the letter at the end.
pub(super) fn key(state: &mut State, event: &KeyEvent) {
    match event.code {
        KeyCode::Char(letter) if !event.modifiers.contains(KeyModifiers::CONTROL) => {
            paste(state, letter.encode_utf8(&mut [0; 4]));
        }
        KeyCode::Backspace => edit(state, |text| {
            text.pop();
        }),
        _ => {}
    }
}

/// Text pasted on an option that takes text.
pub(super) fn paste(state: &mut State, pasted: &str) {
    edit(state, |text| text.push_str(pasted.trim()));
}

/// Changes the text of the option under the cursor. A text that the option refuses changes nothing.
fn edit(state: &mut State, change: impl FnOnce(&mut String)) {
    let Some(Overlay::Options {
        row: OptionRow::Option(option),
    }) = state.views.overlay
    else {
        return;
    };
    let options = &mut state.next_launch.options;
    let mut text = options.value(option).unwrap_or_default();
    change(&mut text);
    let _ = options.set(option, Some(text.as_str()).filter(|text| !text.is_empty()));
    state.next_launch.take_over();
}

/// The running containers that the next launch can join: all but the one it replaces.
fn joinable(shells: &Shells) -> impl Iterator<Item = ContainerNumber> {
    let runs = |number| shells.get(Side::Container(number)).runs();
    ContainerNumber::ALL
        .into_iter()
        .filter(move |number| *number != shells.tab && runs(*number))
}

pub(crate) fn lines(state: &State, cursor: OptionRow) -> Vec<Line<'static>> {
    let words = words(state.lang);
    let rows = OptionRow::all();
    let labels = rows.iter().map(|row| texts::option_row(state.lang, *row));
    let labels: Vec<_> = labels.collect();
    let widest = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (row, label) in rows.into_iter().zip(labels) {
        let here = row == cursor;
        let useless = row
            .needs()
            .filter(|kind| !state.next_launch.flags.contains(*kind));
        let role = match (here, useless) {
            (true, _) => Role::Selected,
            (false, Some(_)) => Role::Dim,
            (false, None) => Role::Text,
        };
        let mark = if here { '>' } else { ' ' };
        let gap = " ".repeat(widest - label.width());
        let mut text = format!("{mark} {label}{gap}  ‹ {} ›", value(state, row));
        if let Some(kind) = useless {
            text = format!("{text}  {}{}", words.only_with, kind.label());
        }
        lines.push(Line::styled(text, state.theme.style(role)));
        if row == OptionRow::Joins
            && let Some(join) = state.next_launch.join
        {
            lines.push(kinds(state, join, widest + 4));
        }
    }
    if state.next_launch.are_lessons() {
        let whose = format!("  {}", words.lessons_options);
        lines.push(Line::styled(whose, state.theme.style(Role::Dim)));
    }
    lines
}

fn value(state: &State, row: OptionRow) -> String {
    let lang = state.lang;
    match row {
        OptionRow::Container => state.shells.tab.get().to_string(),
        OptionRow::Joins => match state.next_launch.join {
            None => words(lang).nothing.to_owned(),
            Some(join) => texts::numbered(lang, join.whose),
        },
        OptionRow::Option(option) => state.next_launch.options.shown(option, lang),
    }
}

/// The kinds that are joined, each with the key that toggles it.
fn kinds(state: &State, join: Join, indent: usize) -> Line<'static> {
    let mut spans = vec![Span::raw(" ".repeat(indent))];
    for kind in Namespace::ALL {
        let joined = join.kinds.contains(kind);
        let mark = if joined { "[x]" } else { "[ ]" };
        spans.push(Span::raw(mark));
        let key = kind.key().to_string();
        spans.push(Span::styled(key, state.theme.style(Role::Key)));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}
