//! The borders that the learner can move, with keys and with the mouse.
//!
//! Must not know what is beside a border, or how the borders are kept.

use ratatui::layout::Position;

use super::keymap::{Direction, Pane};
use super::launching;
use super::layout::Border;
use super::msg::Effect;
use super::state::State;
use crate::progress::Splits;
use crate::sandbox::Side;

/// Columns that a key moves the border beside the lesson.
const COLUMNS: u16 = 2;

/// `Up` and `Down` make a pane higher or lower: the shell that was just left, else the pane that has the keys.
/// `Left` and `Right` move the border beside the lesson.
pub(super) fn move_border(state: &mut State, way: Direction, effects: &mut Vec<Effect>) {
    let pane = state.views.left.unwrap_or(state.views.focus);
    let border = match (way, pane) {
        (Direction::Left | Direction::Right, _) => Border::BesideLesson,
        (_, Pane::Host | Pane::Container) => Border::BetweenShells,
        (_, Pane::Lesson | Pane::Flags | Pane::Compare) => Border::AboveShells,
        // They have the place of the shells.
        (_, Pane::Code | Pane::Trace | Pane::Details) => Border::AboveShells,
    };
    let grows = way == Direction::Up;
    let is_above = matches!(
        pane,
        Pane::Lesson | Pane::Flags | Pane::Compare | Pane::Host
    );
    let Some(Position { x, y }) = state.layout().on_border(border) else {
        return;
    };
    // A compact screen shows the lesson instead of the shell that was left.
    match state.views.left {
        Some(Pane::Host) => launching::watch(state, Side::Host),
        Some(Pane::Container) => launching::watch(state, state.shells.container_side()),
        _ => {}
    }
    let to = match way {
        Direction::Left => Position::new(x.saturating_sub(COLUMNS), y),
        Direction::Right => Position::new(x.saturating_add(COLUMNS), y),
        _ if grows == is_above => Position::new(x, y.saturating_add(1)),
        _ => Position::new(x, y.saturating_sub(1)),
    };
    drag(state, border, to);
    keep(state, effects);
}

/// Moves a border to a place.
pub(super) fn drag(state: &mut State, border: Border, to: Position) {
    put(state, border, to);
    // A pane has a smallest size. The border is kept where it is then.
    if let Some(at) = state.layout().on_border(border) {
        put(state, border, at);
    }
}

fn put(state: &mut State, border: Border, at: Position) {
    let share = state.layout().share(border, at);
    let splits = &mut state.views.splits;
    let moved = match border {
        Border::AboveShells => &mut splits.above_shells,
        Border::BesideLesson => &mut splits.beside_lesson,
        Border::BetweenShells => &mut splits.between_shells,
    };
    if share.is_some() {
        *moved = share;
    }
}

/// Puts all borders where nslab has them.
pub(super) fn reset(state: &mut State, effects: &mut Vec<Effect>) {
    state.views.splits = Splits::default();
    keep(state, effects);
}

/// Saves the borders for the next session.
pub(super) fn keep(state: &State, effects: &mut Vec<Effect>) {
    effects.push(Effect::KeepSplits(state.views.splits));
}
