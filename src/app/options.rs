//! What the next launch does beside making namespaces, as rows to choose in; and where it goes.
//!
//! Owns the sheet's rows and what the keys do in them. Knows text and styles, no widget.

use clap::ValueEnum;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::keymap::Way;
use super::navigation::moved;
use super::state::{Overlay, State};
use super::texts::{self, words};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{Join, Nth, Side};
use crate::theme::Role;

/// A row of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// Which container is launched.
    Container,
    /// Whose namespaces it joins.
    Joins,
    /// What is on its /proc.
    Proc,
    /// Whether its maps are written.
    Map,
    /// How its mounts propagate.
    Propagation,
    /// What its / is.
    Root,
}

impl Row {
    const ALL: [Row; 6] = [
        Row::Container,
        Row::Joins,
        Row::Proc,
        Row::Map,
        Row::Propagation,
        Row::Root,
    ];

    /// The flag without which it means nothing.
    fn wants(self) -> Option<Namespace> {
        match self {
            Row::Container | Row::Joins => None,
            Row::Map => Some(Namespace::User),
            Row::Proc | Row::Propagation | Row::Root => Some(Namespace::Mnt),
        }
    }
}

/// Opens the sheet.
pub(super) fn open(state: &mut State) {
    state.overlay = Some(Overlay::Options {
        row: Row::Container,
    });
}

/// Moves the cursor, or changes what it is on.
pub(super) fn go(state: &mut State, row: Row, way: Way) {
    let at = Row::ALL.iter().position(|it| *it == row).unwrap_or(0);
    match way {
        Way::Up | Way::Down | Way::PageUp | Way::PageDown | Way::First | Way::Last => {
            let row = Row::ALL[moved(at, way, Row::ALL.len(), Row::ALL.len())];
            state.overlay = Some(Overlay::Options { row });
        }
        Way::Left | Way::Right => change(state, row, way),
    }
}

fn change(state: &mut State, row: Row, way: Way) {
    match row {
        Row::Container => {
            let nth = other(&Nth::ALL, state.tab, way);
            state.show_tab(nth);
        }
        Row::Joins => {
            let mut all = vec![None];
            all.extend(joinable(state).map(Some));
            let now = state.join.map(|join| join.whose);
            let kinds = state.join.map_or(NamespaceSet::all(), |join| join.kinds);
            let whose = other(&all, now, way);
            state.join = whose.map(|whose| Join { whose, kinds });
        }
        Row::Proc => turn(&mut state.options.proc, way),
        Row::Map => turn(&mut state.options.map, way),
        Row::Propagation => turn(&mut state.options.propagation, way),
        Row::Root => turn(&mut state.options.root, way),
    }
}

/// Joins a kind more of the other container's, or one less.
pub(super) fn toggle(state: &mut State, kind: Namespace) {
    if let Some(join) = &mut state.join {
        join.kinds.toggle(kind);
        if join.kinds.is_empty() {
            state.join = None;
        }
    }
}

/// The containers that run, but that which is launched.
fn joinable(state: &State) -> impl Iterator<Item = Nth> {
    Nth::ALL
        .into_iter()
        .filter(|nth| *nth != state.tab && state.shell(Side::Container(*nth)).runs())
}

fn turn<T: ValueEnum + PartialEq>(value: &mut T, way: Way) {
    let all = T::value_variants();
    if let Some(at) = all.iter().position(|it| it == value) {
        let step = if way == Way::Left { all.len() - 1 } else { 1 };
        *value = all[(at + step) % all.len()].clone();
    }
}

/// The value before or after one, round and round; the first where it isn't among them.
pub(super) fn other<T: Copy + PartialEq>(all: &[T], now: T, way: Way) -> T {
    let step = if way == Way::Left { all.len() - 1 } else { 1 };
    match all.iter().position(|it| *it == now) {
        Some(at) => all[(at + step) % all.len()],
        None => all.first().copied().unwrap_or(now),
    }
}

/// The sheet.
pub(crate) fn lines(state: &State, cursor: Row) -> Vec<Line<'static>> {
    let words = words(state.lang);
    let labels = Row::ALL.map(|row| texts::option_row(state.lang, row));
    let widest = labels.iter().map(|label| label.width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (row, label) in Row::ALL.into_iter().zip(labels) {
        let here = row == cursor;
        let useless = row.wants().filter(|kind| !state.chosen.contains(*kind));
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
        if row == Row::Joins
            && let Some(join) = state.join
        {
            lines.push(kinds(state, join, widest + 4));
        }
    }
    lines
}

fn value(state: &State, row: Row) -> String {
    let lang = state.lang;
    let options = state.options;
    match row {
        Row::Container => state.tab.number().to_string(),
        Row::Joins => match state.join {
            None => words(lang).nothing.to_owned(),
            Some(join) => texts::numbered(lang, join.whose),
        },
        Row::Proc => texts::proc_value(lang, options.proc).to_owned(),
        Row::Map => texts::map_value(lang, options.map).to_owned(),
        Row::Propagation => texts::propagation_value(lang, options.propagation).to_owned(),
        Row::Root => texts::root_value(lang, options.root).to_owned(),
    }
}

/// The kinds that are joined, each with the key that changes it.
fn kinds(state: &State, join: Join, indent: usize) -> Line<'static> {
    let mut spans = vec![Span::raw(" ".repeat(indent))];
    for kind in Namespace::ALL {
        let mark = if join.kinds.contains(kind) {
            "[x]"
        } else {
            "[ ]"
        };
        spans.push(Span::raw(mark));
        let key = kind.key().to_string();
        spans.push(Span::styled(key, state.theme.style(Role::Key)));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}
