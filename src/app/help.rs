//! The list of keys as lines of text, made from the keymap. Both drawing and scrolling use it.
//!
//! Knows text and styles, no widget.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::cut;
use super::keymap::{self, Place};
use super::notice::Notice;
use super::state::State;
use super::texts::{self, words};
use crate::prose;
use crate::theme::Role;

/// Columns and rows around the lines: the box, and the footer below it.
const AROUND: (usize, usize) = (4, 3);

/// The keys of a place, the keys of a shell, and what the marks mean.
pub(crate) fn lines(state: &State, place: Place) -> Vec<Line<'static>> {
    let words = words(state.lang);
    let keys = |place| {
        keymap::bindings(place).map(move |binding| {
            let said = texts::key(state.lang, binding.word).long;
            (binding.shown(place, state.leave_key), said)
        })
    };
    let here: Vec<_> = keys(place).collect();
    // In a shell, no key can ask for help.
    let left = keys(Place::Left).map(|(key, said)| (format!("{} {key}", state.leave_key), said));
    let shell: Vec<_> = keys(Place::Shell).chain(left).collect();
    let copying: Vec<_> = keys(Place::CopyMode).collect();
    let legend = texts::legend(state.lang).map(|(mark, said)| (mark.to_owned(), said));
    let widest = here.iter().chain(&shell).chain(&copying).chain(&legend);
    let widest = widest.map(|(key, _)| key.width()).max().unwrap_or(0) + 2;
    let room = usize::from(state.size.0).saturating_sub(AROUND.0 + widest);
    let room = room.max(10);
    let row = |(key, said): &(String, &'static str)| -> Vec<Line<'static>> {
        let wrapped = prose::wrap(said, room).into_iter().enumerate();
        let lines = wrapped.map(|(i, said)| {
            let key = cut::padded(if i == 0 { key } else { "" }, widest);
            let key = Span::styled(key, state.theme.style(Role::Key));
            Line::from(vec![key, Span::raw(said)])
        });
        lines.collect()
    };
    let rows = |rows: &[_]| rows.iter().flat_map(row).collect::<Vec<_>>();
    let mut lines = Vec::new();
    // The title has no room for the reason.
    if let Some(why) = &state.lesson.saving.failure {
        let said = texts::notice(state.lang, &Notice::NotKept(why.clone()));
        let width = usize::from(state.size.0).saturating_sub(AROUND.0);
        let said = prose::sentence(&said, width.max(10), Role::Attention, state.theme);
        lines.extend(said);
        lines.push(Line::default());
    }
    lines.extend(rows(&here));
    lines.push(Line::default());
    lines.push(Line::raw(words.in_a_shell));
    lines.extend(rows(&shell));
    lines.push(Line::default());
    if place != Place::CopyMode {
        lines.push(Line::raw(words.in_copy_mode));
        lines.extend(rows(&copying));
        lines.push(Line::default());
    }
    lines.extend(rows(&legend));
    lines
}

/// How far the list can be scrolled.
pub(super) fn last_top(state: &State, place: Place) -> usize {
    let room = usize::from(state.size.1).saturating_sub(AROUND.1);
    lines(state, place).len().saturating_sub(room)
}
