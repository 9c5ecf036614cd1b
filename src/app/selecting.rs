//! Selecting in a shell's pane with the mouse. The release of the button copies the selected text.
//!
//! Must not know which program has the mouse.

use std::time::{Duration, Instant};

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::copy_mode;
use super::keymap::Direction;
use super::msg::Effect;
use super::notice::Notice;
use super::state::State;
use super::views::{ButtonPress, Hold};
use crate::pty::emulator::{Emulator, SelectionUnit};
use crate::sandbox::Side;

/// Presses at one place within this time are a double or triple click.
const TOGETHER: Duration = Duration::from_millis(500);
/// While the pointer is held beyond the pane, a line is scrolled each time.
const PER_LINE: Duration = Duration::from_millis(50);

/// Begins to select: characters, words with the second press, lines with the third one.
pub(super) fn begin(state: &mut State, side: Side, at: (u16, u16), now: Instant) {
    let again = state.views.press.filter(|press| {
        press.side == side && press.at == at && now.duration_since(press.when) < TOGETHER
    });
    let unit = match again.map(|press| press.unit) {
        Some(SelectionUnit::Characters) => SelectionUnit::Words,
        Some(SelectionUnit::Words) => SelectionUnit::Lines,
        Some(SelectionUnit::Lines | SelectionUnit::Rectangle) | None => SelectionUnit::Characters,
    };
    state.views.press = Some(ButtonPress {
        side,
        at,
        when: now,
        unit,
        hold: Hold::Within,
    });
    for side in Side::all() {
        state.shells.get_mut(side).emulator.select_nothing();
    }
    let emulator = copy_mode::shown_screen_mut(state, side);
    emulator.select_from(at.0, at.1, unit);
}

/// The side in whose pane the learner selects.
pub(super) fn side(state: &State) -> Option<Side> {
    let held = |press: &ButtonPress| press.hold != Hold::Released;
    state.views.press.filter(held).map(|press| press.side)
}

/// Scrolls on where the pointer is held beyond the pane, until there are no more lines.
pub(super) fn tick(state: &mut State, now: Instant) {
    let Some(press) = state.views.press else {
        return;
    };
    if let Hold::Beyond { way, col, due } = press.hold
        && due <= now
    {
        let scrolled = scroll(copy_mode::shown_screen_mut(state, press.side), way, col);
        let hold = if scrolled {
            let due = now + PER_LINE;
            Hold::Beyond { way, col, due }
        } else {
            Hold::Within
        };
        state.views.press = Some(ButtonPress { hold, ..press });
    }
}

/// Scrolls by a line, and extends the selection to it. Returns whether there was one.
fn scroll(screen: &mut Emulator, way: Direction, col: u16) -> bool {
    let before = screen.scrolled_by();
    let (lines, row) = if way == Direction::Up {
        (1, 0)
    } else {
        (-1, screen.size().1 - 1)
    };
    screen.scroll(lines);
    screen.select_to(col, row);
    screen.scrolled_by() != before
}

/// The direction to scroll in for a pointer in this row of the screen. No row is above the first one, so that
/// row counts as beyond the pane, unless the press was in it.
fn beyond(area: Rect, row: u16, pressed_in: u16) -> Option<Direction> {
    let to_first_row = row == 0 && pressed_in > 0;
    if row < area.y || to_first_row {
        Some(Direction::Up)
    } else {
        (row >= area.bottom()).then_some(Direction::Down)
    }
}

/// The mouse moves, or its button is released, inside or outside the pane. The selection ends within its pane; beyond
/// the upper or lower edge, the pane scrolls.
pub(super) fn go_on(
    state: &mut State,
    side: Side,
    event: MouseEvent,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    let area = state.layout().shell(side).unwrap_or(Rect::ZERO);
    let pressed_at = state.views.press.map(|press| (press.at, press.unit));
    let emulator = copy_mode::shown_screen_mut(state, side);
    let (cols, rows) = emulator.size();
    let col = event.column.saturating_sub(area.x).min(cols - 1);
    let row = event.row.saturating_sub(area.y).min(rows - 1);
    match event.kind {
        MouseEventKind::Drag(_) => {
            let pressed_in = pressed_at.map_or(0, |((_, row), _)| row);
            let hold = if let Some(way) = beyond(area, event.row, pressed_in) {
                scroll(emulator, way, col);
                let due = now + PER_LINE;
                Hold::Beyond { way, col, due }
            } else {
                emulator.select_to(col, row);
                Hold::Within
            };
            if let Some(press) = &mut state.views.press {
                press.hold = hold;
            }
        }
        MouseEventKind::Up(_) => {
            // A click that doesn't move selects nothing.
            if pressed_at == Some(((col, row), SelectionUnit::Characters)) {
                emulator.select_nothing();
            }
            let text = emulator.selected();
            if let Some(press) = &mut state.views.press {
                press.hold = Hold::Released;
            }
            if let Some(text) = text {
                state.say(Notice::CopiedSelection, now);
                effects.push(Effect::Copy { text });
            }
        }
        _ => {}
    }
}
