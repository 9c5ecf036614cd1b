//! Selecting in a shell's pane with the mouse. What was selected is copied when the button is released.
//!
//! Must not know which program has the mouse.

use std::time::{Duration, Instant};

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::msg::Effect;
use super::notice::Notice;
use super::state::State;
use super::views::Press;
use crate::pty::emulator::Unit;
use crate::sandbox::Side;

/// Presses at one place that follow each other so fast count together.
const TOGETHER: Duration = Duration::from_millis(500);

/// Begins to select: characters, words with the second press, lines with the third one.
pub(super) fn begin(state: &mut State, side: Side, at: (u16, u16), now: Instant) {
    let again = state.views.press.filter(|press| {
        press.side == side && press.at == at && now.duration_since(press.when) < TOGETHER
    });
    let unit = match again.map(|press| press.unit) {
        Some(Unit::Characters) => Unit::Words,
        Some(Unit::Words) => Unit::Lines,
        Some(Unit::Lines | Unit::Rectangle) | None => Unit::Characters,
    };
    state.views.press = Some(Press {
        side,
        at,
        when: now,
        unit,
        held: true,
    });
    for side in Side::all() {
        state.shells.get_mut(side).emulator.select_nothing();
    }
    let emulator = state.shown_screen_mut(side);
    emulator.select_from(at.0, at.1, unit);
}

/// The side in whose pane the learner selects.
pub(super) fn side(state: &State) -> Option<Side> {
    let press = state.views.press.filter(|press| press.held);
    press.map(|press| press.side)
}

/// The mouse moves or its button is released, wherever that is: the selection ends within its pane, and
/// beyond the upper or lower edge the pane scrolls.
pub(super) fn go_on(
    state: &mut State,
    side: Side,
    event: MouseEvent,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    let area = state.layout().shell(side).unwrap_or(Rect::ZERO);
    let pressed_at = state.views.press.map(|press| (press.at, press.unit));
    let emulator = state.shown_screen_mut(side);
    let (cols, rows) = emulator.size();
    let col = event.column.saturating_sub(area.x).min(cols - 1);
    let row = event.row.saturating_sub(area.y).min(rows - 1);
    match event.kind {
        MouseEventKind::Drag(_) => {
            if event.row < area.y {
                emulator.scroll(1);
            } else if event.row >= area.bottom() {
                emulator.scroll(-1);
            }
            emulator.select_to(col, row);
        }
        MouseEventKind::Up(_) => {
            // A click that doesn't move selects nothing.
            if pressed_at == Some(((col, row), Unit::Characters)) {
                emulator.select_nothing();
            }
            let text = emulator.selected();
            if let Some(press) = &mut state.views.press {
                press.held = false;
            }
            if let Some(text) = text {
                state.say(Notice::CopiedSelection, now);
                effects.push(Effect::Copy { text });
            }
        }
        _ => {}
    }
}
