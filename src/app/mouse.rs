//! Mouse events: passes each to the part that handles it.
//!
//! `pty` encodes them for a shell's program.

use std::time::Instant;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::copy_mode;
use super::cursor;
use super::glossary;
use super::keymap::{Direction, Pane, Place};
use super::launch_actions;
use super::launching::write;
use super::layout::{Border, Spot};
use super::lesson_actions;
use super::lesson_view;
use super::map_view;
use super::msg::Effect;
use super::navigation;
use super::selecting;
use super::shells::Phase;
use super::splits;
use super::state::State;
use super::tabs;
use super::views::Overlay;
use crate::lesson::Glossary;
use crate::pty::mouse as pty_mouse;
use crate::sandbox::Side;

/// The direction in which the wheel turns.
fn wheel(event: MouseEvent) -> Option<Direction> {
    match event.kind {
        MouseEventKind::ScrollUp => Some(Direction::Up),
        MouseEventKind::ScrollDown => Some(Direction::Down),
        _ => None,
    }
}

/// An event of the learner's mouse.
pub(super) fn mouse(state: &mut State, event: MouseEvent, now: Instant, effects: &mut Vec<Effect>) {
    let at = Position::new(event.column, event.row);
    let clicked = event.kind == MouseEventKind::Down(MouseButton::Left);
    if let Some(side) = state.views.pressed_in
        && let MouseEventKind::Drag(_) | MouseEventKind::Up(_) = event.kind
    {
        return to_program(state, side, event, effects);
    }
    if let Some(side) = selecting::side(state)
        && let MouseEventKind::Drag(_) | MouseEventKind::Up(_) = event.kind
    {
        return selecting::go_on(state, side, event, now, effects);
    }
    let on_map = state.layout().map().map(|area| area.contains(at));
    if clicked && on_map == Some(false) && state.views.overlay == Some(Overlay::Map) {
        // A click into a pane beside the map is for the pane.
        state.views.overlay = None;
        state.views.search = None;
    }
    if state.views.overlay.is_some() {
        return over_overlay(state, event, at, clicked);
    }
    if on_map == Some(true) {
        if clicked {
            map_view::turn(state);
        }
        return;
    }
    if let Some(border) = state.views.dragged {
        return move_border(state, border, event, at, effects);
    }
    if let Some(number) = tabs::tab_at(state, at).filter(|_| clicked) {
        return state.show_tab(Side::Container(number));
    }
    let views = &state.views;
    let (compact, whole, names) = (views.compact_pane(), views.whole_pane(), tabs::names(state));
    let Some(spot) = state.layout().spot(at, compact, whole, &names) else {
        return;
    };
    match spot {
        Spot::Flag(kind) if clicked => launch_actions::toggle(state, kind),
        Spot::Tab(Pane::Container) if clicked && state.views.focus == Pane::Container => {
            tabs::turn(state, Direction::Right);
        }
        Spot::Tab(pane) if clicked => state.views.focus_on(pane),
        Spot::Border(border) if clicked => state.views.dragged = Some(border),
        Spot::Flag(_) | Spot::Tab(_) | Spot::Border(_) => {}
        Spot::Pane(Pane::Host, col, row) => {
            over_shell(state, Side::Host, event, (col, row), now, effects);
        }
        Spot::Pane(Pane::Container, col, row) => {
            let side = state.shells.container_side();
            over_shell(state, side, event, (col, row), now, effects);
        }
        Spot::Pane(pane, _, row) if clicked => click(state, pane, at, row, now),
        Spot::Pane(pane, ..) => {
            let Some(way) = wheel(event) else { return };
            // The wheel scrolls the pane under the pointer, even if another one has the focus.
            let focus = std::mem::replace(&mut state.views.focus, pane);
            for _ in 0..pty_mouse::WHEEL_LINES {
                navigation::scroll(state, way);
            }
            state.views.focus = focus;
        }
    }
}

/// While a border is dragged, the mouse does nothing else.
fn move_border(
    state: &mut State,
    border: Border,
    event: MouseEvent,
    at: Position,
    effects: &mut Vec<Effect>,
) {
    match event.kind {
        MouseEventKind::Drag(_) => splits::drag(state, border, at),
        MouseEventKind::Up(_) | MouseEventKind::Down(_) => {
            state.views.dragged = None;
            splits::keep(state, effects);
        }
        _ => {}
    }
}

/// A click into a pane that is no shell.
fn click(state: &mut State, pane: Pane, at: Position, row: u16, now: Instant) {
    if pane == Pane::Compare {
        return cursor::click(state, row);
    }
    let view = lesson_view::view(state).filter(|_| pane == Pane::Lesson);
    state.views.focus_on(pane);
    let Some(view) = view else { return };
    if let Some(choice) = view.choice_at(row) {
        state.notice = None;
        lesson_actions::choose(state, choice, now);
    } else if let Some(term) = view.term_at(at) {
        let terms = Glossary::of(state.lang).terms();
        glossary::open(state, terms.get(term).map(|term| term.id.as_str()));
    }
}

fn over_overlay(state: &mut State, event: MouseEvent, at: Position, clicked: bool) {
    if clicked {
        return glossary::click(state, at);
    }
    let Some(way) = wheel(event) else { return };
    match state.place() {
        Place::Glossary => glossary::go(state, way),
        Place::Help | Place::Inside => navigation::scroll(state, way),
        Place::Lessons | Place::Map | Place::Search => navigation::move_cursor(state, way),
        _ => {}
    }
}

fn over_shell(
    state: &mut State,
    side: Side,
    event: MouseEvent,
    (col, row): (u16, u16),
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    let pane = Pane::of(side);
    let wheel = wheel(event);
    let focused = state.views.focus == pane;
    let shell = state.shells.get(side);
    let modes = shell.emulator.modes();
    // The click that gives the focus is meant for the pane, not for the program in it.
    let selects = event.modifiers.contains(KeyModifiers::SHIFT) && wheel.is_none();
    if shell.runs() && !copy_mode::copies(state, side) && !selects && (focused || wheel.is_some()) {
        let bytes = pty_mouse::encode(event, col, row, modes)
            .or_else(|| pty_mouse::wheel_as_keys(event, modes));
        if let Some(bytes) = bytes {
            if let MouseEventKind::Down(_) = event.kind {
                state.views.pressed_in = Some(side);
            }
            return write(side, bytes, effects);
        }
    }
    if let Some(way) = wheel {
        for _ in 0..pty_mouse::WHEEL_LINES {
            navigation::scroll_shell(state, side, way);
        }
    } else if let MouseEventKind::Down(button) = event.kind {
        if !focused {
            state.views.focus_on(pane);
        }
        // Focusing a pane may change its rows, and so move the text under the pointer.
        if button == MouseButton::Left && focused && shell_shows_text(state, side) {
            selecting::begin(state, side, (col, row), now);
        }
    }
}

/// Whether a pane shows what its shell has printed, and not why there is none.
fn shell_shows_text(state: &State, side: Side) -> bool {
    let phase = &state.shells.get(side).phase;
    matches!(phase, Phase::Running | Phase::Exited(_))
}

/// A drag, or the release of a button: for the program that has got the press, also from outside its pane.
fn to_program(state: &mut State, side: Side, event: MouseEvent, effects: &mut Vec<Effect>) {
    if let MouseEventKind::Up(_) = event.kind {
        state.views.pressed_in = None;
    }
    let shell = state.shells.get(side);
    // For a pane that is no longer shown, the pointer counts as outside.
    let area = state.layout().shell(side).unwrap_or_default();
    let (cols, rows) = shell.emulator.size();
    let col = event.column.saturating_sub(area.x).min(cols - 1);
    let row = event.row.saturating_sub(area.y).min(rows - 1);
    if shell.runs()
        && let Some(bytes) = pty_mouse::encode(event, col, row, shell.emulator.modes())
    {
        write(side, bytes, effects);
    }
}
