//! Processes as sides of the comparison: those that the learner picks on the map, or follows out of a shell.
//!
//! Must not know how one is watched, or how the table is drawn.

use std::time::Instant;

use super::compared::{Column, Compared, Picked, ProcessId};
use super::keymap::Pane;
use super::map_view;
use super::msg::{Effect, ProcessEvent};
use super::notice::Notice;
use super::shells::Shells;
use super::state::State;
use super::texts;

impl State {
    /// The heading of a column.
    pub(crate) fn compared_name(&self, compared: Compared) -> String {
        match compared {
            Compared::Shell(side) => texts::column(self.lang, side),
            Compared::Process(number) => match self.shells.picked(number) {
                Some(picked) => picked.id.text(),
                None => texts::process_column(self.lang).to_owned(),
            },
        }
    }
}

/// Puts a process into a column.
pub(super) fn pick(state: &mut State, column: Column, id: ProcessId) {
    let number = state.shells.next_number();
    state.shells.picked[column as usize] = Some(Picked {
        id,
        number,
        snapshot: None,
        detail: None,
        detail_watched: false,
    });
    state.shells.chosen_sides[column as usize] = Some(Compared::Process(number));
}

/// Puts the process under the cursor of the map into a column, and shows the comparison.
pub(super) fn pick_on_map(state: &mut State, column: Column) {
    if let Some(id) = map_view::process_under_cursor(state) {
        pick(state, column, id);
        state.views.overlay = None;
        state.views.focus_on(Pane::Compare);
    }
}

/// Has the picked processes watched.
pub(super) fn watch(shells: &mut Shells, effects: &mut Vec<Effect>) {
    for column in Column::ALL {
        let picked = shells.picked[column as usize].as_ref();
        let number = picked.map(|picked| picked.number);
        let process = picked.map(|picked| (picked.number, picked.id.clone()));
        if shells.watched[column as usize] != number {
            shells.watched[column as usize] = number;
            effects.push(Effect::WatchProcess { column, process });
        }
    }
}

/// What happens to a picked process. One that has been replaced is past.
pub(super) fn event(state: &mut State, number: u32, event: ProcessEvent, now: Instant) {
    let Some(picked) = state.shells.picked_mut(number) else {
        return;
    };
    match event {
        ProcessEvent::Snapshot(snapshot) => {
            picked.snapshot = Some(snapshot);
            state.marks.observed(Compared::Process(number));
        }
        ProcessEvent::Detail(detail) => picked.detail = Some(detail),
        ProcessEvent::Ended => {
            let name = picked.id.text();
            state.shells.drop_picked(number);
            state.say(Notice::ProcessEnded(name), now);
        }
    }
}
