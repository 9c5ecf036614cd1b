//! Copy mode: reading, searching and copying the output of a shell with keys.
//!
//! It shows a copy of the shell's screen and history, which new output doesn't move.
//! Must not know which key does what.

use std::time::Instant;

use super::keymap::CopyAction;
use super::msg::Effect;
use super::notice::Notice;
use super::prompt::Prompt;
use super::state::State;
use super::views::CopyMode;
use crate::pty::emulator::{Emulator, Motion, SearchOutcome, Toward};
use crate::sandbox::Side;

/// Carries out one of these actions.
pub(super) fn act(state: &mut State, action: CopyAction, now: Instant, effects: &mut Vec<Effect>) {
    match action {
        CopyAction::Begin(motion) => begin(state, motion),
        CopyAction::Move(motion) => change(state, |it| it.move_cursor(motion)),
        CopyAction::Select(unit) => change(state, |it| it.turn_selection(unit)),
        CopyAction::SelectNothing => change(state, Emulator::select_nothing),
        CopyAction::Take => take(state, now, effects),
        CopyAction::Search(toward) => ask(state, toward),
        CopyAction::Find => find(state, now),
        CopyAction::FindNext => find_again(state, false, now),
        CopyAction::FindPrevious => find_again(state, true, now),
    }
}

/// Opens copy mode on the focused shell, or on the one that was just left.
pub(super) fn begin(state: &mut State, motion: Option<Motion>) {
    let zoomed = state.views.zoomed;
    if let Some(pane) = state.views.left {
        state.views.focus_on(pane);
        state.views.zoomed = zoomed;
    }
    let Some(side) = state.typing_into() else {
        return;
    };
    let emulator = &mut state.shells.get_mut(side).emulator;
    emulator.select_nothing();
    let mut screen = emulator.copy();
    if let Some(motion) = motion {
        screen.move_cursor(motion);
    }
    state.views.copy_mode = Some(CopyMode {
        side,
        screen,
        searching: None,
        line: Prompt::default(),
        last: None,
    });
}

/// Ends copy mode if its shell has ended or lost the focus. Otherwise gives the copy the size of the shell.
pub(super) fn settle(state: &mut State) {
    let Some(mode) = &state.views.copy_mode else {
        return;
    };
    let side = mode.side;
    if state.focused_shell() != Some(side) {
        return end(state);
    }
    let (cols, rows) = state.shells.get(side).emulator.size();
    if let Some(mode) = &mut state.views.copy_mode
        && mode.screen.size() != (cols, rows)
    {
        mode.screen.resize(cols, rows);
    }
}

fn end(state: &mut State) {
    if let Some(mode) = state.views.copy_mode.take() {
        let emulator = &mut state.shells.get_mut(mode.side).emulator;
        emulator.scroll_to_bottom();
    }
}

/// Closes the search line if it is open, otherwise copy mode.
pub(super) fn close(state: &mut State) {
    match &mut state.views.copy_mode {
        Some(mode) if mode.searching.is_some() => mode.searching = None,
        Some(_) | None => end(state),
    }
}

/// Changes the copy of the screen, if copy mode is open.
pub(super) fn change(state: &mut State, change: impl FnOnce(&mut Emulator)) {
    if let Some(mode) = &mut state.views.copy_mode {
        change(&mut mode.screen);
    }
}

/// Copies the selection, and ends copy mode.
pub(super) fn take(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let mode = state.views.copy_mode.as_ref();
    if let Some(text) = mode.and_then(|mode| mode.screen.selected()) {
        state.say(Notice::CopiedSelection, now);
        effects.push(Effect::Copy { text });
    }
    end(state);
}

/// Asks for a text to find.
pub(super) fn ask(state: &mut State, toward: Toward) {
    if let Some(mode) = &mut state.views.copy_mode {
        mode.searching = Some(toward);
        mode.line.open(String::new());
    }
}

/// Finds the text in the search line. An empty line repeats the last search.
pub(super) fn find(state: &mut State, now: Instant) {
    let Some(mode) = &mut state.views.copy_mode else {
        return;
    };
    let Some(toward) = mode.searching.take() else {
        return;
    };
    let again = mode.last.take().map(|(text, _)| text);
    mode.last = mode.line.take().or(again).map(|text| (text, toward));
    find_again(state, false, now);
}

/// Finds the last text again, `back` in the other direction.
pub(super) fn find_again(state: &mut State, back: bool, now: Instant) {
    let Some(mode) = &mut state.views.copy_mode else {
        return;
    };
    let Some((text, toward)) = mode.last.clone() else {
        return;
    };
    let toward = if back { toward.opposite() } else { toward };
    match mode.screen.search(&text, toward) {
        SearchOutcome::Ahead => {}
        SearchOutcome::Wrapped => state.say(Notice::SearchWrapped(toward), now),
        SearchOutcome::Nowhere => state.say(Notice::NotFound(text), now),
    }
}

/// Whether a shell is read in copy mode.
pub(crate) fn copies(state: &State, side: Side) -> bool {
    let mode = state.views.copy_mode.as_ref();
    mode.is_some_and(|mode| mode.side == side)
}

/// The emulator that a shell's pane shows: the shell's own, or the copy.
pub(crate) fn shown_screen(state: &State, side: Side) -> &Emulator {
    match &state.views.copy_mode {
        Some(mode) if mode.side == side => &mode.screen,
        Some(_) | None => &state.shells.get(side).emulator,
    }
}

pub(super) fn shown_screen_mut(state: &mut State, side: Side) -> &mut Emulator {
    match &mut state.views.copy_mode {
        Some(mode) if mode.side == side => &mut mode.screen,
        Some(_) | None => &mut state.shells.get_mut(side).emulator,
    }
}
