//! The cursor of the comparison: which rows are in view, and how it moves over them.
//!
//! Drawing, keys and mouse all use it. Must not know what a row says.

use ratatui::layout::Rect;

use super::keymap::{Direction, Pane};
use super::layout::Layout;
use super::picked;
use super::side_by_side;
use super::state::State;
use super::table;
use crate::observe::RowId;

/// Lines that fit between the names of the columns and the offer below.
pub(crate) fn fitting(state: &State, area: Rect) -> usize {
    let around = 1 + u16::from(picked::offer(state).is_some());
    usize::from(area.height.saturating_sub(around))
}

/// Rows of the comparison that fit, and how many lines there are.
fn room(state: &State) -> (usize, usize) {
    let area = state.layout().compare(state.views.compare.whole);
    let fit = area.map_or(1, |area| fitting(state, area).max(1));
    let lines = if is_small(state) {
        RowId::ALL.len()
    } else {
        table::LINES
    };
    (fit, lines)
}

/// Whether the comparison is one of several panes and may not fit.
fn is_small(state: &State) -> bool {
    matches!(state.layout(), Layout::Full(_)) && !state.views.compare.whole
}

/// The rows in their order on the screen.
fn order(state: &State) -> Vec<RowId> {
    let (fit, _) = room(state);
    if is_small(state) && fit < RowId::ALL.len() {
        table::order(&table::step_rows(state), state.lesson_flags())
    } else {
        RowId::ALL.to_vec()
    }
}

/// The first line that is shown. The cursor, if there is one, is always in view.
pub(crate) fn top(state: &State) -> usize {
    let (fit, lines) = room(state);
    let top = state.views.compare.scroll.min(lines.saturating_sub(fit));
    let at = order(state)
        .iter()
        .position(|row| *row == state.views.compare.row);
    match at.filter(|_| state.views.focus == Pane::Compare) {
        Some(at) => top.clamp((at + 1).saturating_sub(fit), at),
        None => top,
    }
}

/// The rows of the small comparison. They include rows that changed a moment ago, except while the learner
/// uses the cursor: then rows keep their places.
pub(crate) fn rows(state: &State, fit: usize) -> Vec<RowId> {
    let still = state.views.focus == Pane::Compare;
    let changed = |row| !still && table::has_changed(state, row);
    table::rows(
        changed,
        &table::step_rows(state),
        state.lesson_flags(),
        fit,
        top(state),
    )
}

/// Moves the cursor. Beyond the last row it scrolls to the namespace identities below.
pub(super) fn go(state: &mut State, way: Direction) {
    let (fit, lines) = room(state);
    let last_top = lines.saturating_sub(fit);
    let (order, top) = (order(state), top(state));
    let at = order.iter().position(|row| *row == state.views.compare.row);
    let at = at.unwrap_or(0);
    let to = way.moved(at, order.len(), fit);
    let down = matches!(way, Direction::Down | Direction::PageDown | Direction::Last);
    state.views.compare.scroll =
        if down && to + 1 == order.len() && (to == at || way == Direction::Last) {
            way.moved(top, last_top + 1, fit)
        } else {
            top.clamp((to + 1).saturating_sub(fit), to)
        };
    state.views.compare.row = order[to];
}

/// Scrolls, and keeps the cursor in view.
pub(super) fn scroll(state: &mut State, way: Direction) {
    let (fit, lines) = room(state);
    let top = way.moved(top(state), lines.saturating_sub(fit) + 1, fit);
    state.views.compare.scroll = top;
    let order = order(state);
    if let Some(at) = order.iter().position(|row| *row == state.views.compare.row) {
        let last = order.len() - 1;
        state.views.compare.row = order[at.clamp(top.min(last), (top + fit - 1).min(last))];
    }
}

/// A click at a row of the pane moves the cursor there; a click on the cursor opens its row.
pub(super) fn click(state: &mut State, row: u16) {
    let (fit, _) = room(state);
    let shown = if is_small(state) {
        rows(state, fit)
    } else {
        order(state).split_off(top(state).min(RowId::ALL.len()))
    };
    // The names of the columns are above.
    let line = usize::from(row).checked_sub(1);
    let clicked = line.and_then(|line| shown.get(line).copied());
    let focused = state.views.focus == Pane::Compare;
    let (whole, zoomed) = (state.views.compare.whole, state.views.zoomed);
    state.views.focus_on(Pane::Compare);
    (state.views.compare.whole, state.views.zoomed) = (whole, zoomed);
    match clicked {
        Some(row) if focused && row == state.views.compare.row => side_by_side::open(state, row),
        Some(row) => state.views.compare.row = row,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::Lab;
    use crate::app::keymap::Place;
    use crate::lang::Lang;
    use crossterm::event::MouseEventKind;

    #[test]
    fn the_cursor_is_always_in_view() {
        for size in [(60, 16), (80, 24), (110, 30), (120, 40), (200, 70)] {
            let mut lab = Lab::with_container(size, Lang::En, "uts,pid");
            lab.key("F6");
            for keys in ["Down", "PgDn", "Up", "PgUp", "End", "z", "Up", "Home"] {
                for _ in 0..5 {
                    lab.key(keys);
                    let (fit, lines) = room(&lab.state);
                    let order = order(&lab.state);
                    let at = order
                        .iter()
                        .position(|row| *row == lab.state.views.compare.row);
                    let at = at.unwrap();
                    let top = top(&lab.state);
                    assert!(
                        top <= at && at < top + fit,
                        "{size:?} {keys} {top} {at} {fit}"
                    );
                    assert!(top + fit <= lines.max(fit), "{size:?} {keys}");
                }
            }
        }
    }

    #[test]
    fn ends_are_reached_and_the_wheel_takes_the_cursor_along() {
        let mut lab = Lab::with_container((120, 40), Lang::En, "uts,pid");
        lab.key("F6 End");
        assert_eq!(lab.state.views.compare.row, RowId::Clock);
        lab.key("Down PgDn");
        assert_eq!(lab.state.views.compare.row, RowId::Clock);
        lab.key("Home Up");
        assert_eq!(lab.state.views.compare.row, RowId::Hostname);
        let area = lab.state.layout().compare(false).unwrap();
        for _ in 0..10 {
            lab.mouse(MouseEventKind::ScrollDown, area.x + 1, area.y + 2);
        }
        assert_ne!(lab.state.views.compare.row, RowId::Hostname);
    }

    #[test]
    fn a_click_puts_the_cursor_there_and_another_one_opens() {
        for zoomed in [false, true] {
            let mut lab = Lab::with_container((120, 40), Lang::En, "uts");
            if zoomed {
                lab.key("F6 F6");
            }
            let area = lab.state.layout().compare(false).unwrap();
            lab.click(area.x + 2, area.y + 3);
            assert_eq!(lab.state.place(), Place::Compare);
            assert_eq!(lab.state.views.compare.row, RowId::ALL[2]);
            assert_eq!(lab.state.views.zoomed, zoomed);
            // The names of the columns are no row.
            lab.click(area.x + 2, area.y);
            assert_eq!(lab.state.views.compare.row, RowId::ALL[2]);
            lab.click(area.x + 2, area.y + 3);
            assert_eq!(lab.state.place(), Place::Details);
        }
    }
}
