//! Processes as sides of the comparison: those that the learner picks on the map, or follows out of a shell.
//!
//! Must not know how one is watched, or how the table is drawn.

use std::time::Instant;

use super::map_view;
use super::msg::{Effect, ProcessEvent};
use super::notice::Notice;
use super::shells::{Column, Compared, Shells};
use super::state::State;
use super::texts;
use crate::discovery::shown;
use crate::observe::{Detail, Snapshot};

/// What a process is found again by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessId {
    /// Its pid as nslab sees it.
    pub outside: i32,
    /// Its pid in each PID namespace, from that of the host inwards.
    pub numbers: Vec<i32>,
    pub name: String,
}

impl ProcessId {
    /// `700→1 nginx`: its pid on the host, its pid in its own PID namespace, its name.
    pub(crate) fn text(&self) -> String {
        let name = shown(&self.name);
        match &self.numbers[..] {
            [] => name.to_string(),
            [pid] => format!("{pid} {name}"),
            [pid, .., inner] => format!("{pid}→{inner} {name}"),
        }
    }
}

/// A process that can stand in a column.
#[derive(Debug)]
pub(crate) struct Picked {
    pub id: ProcessId,
    /// Its messages carry it.
    pub number: u32,
    pub snapshot: Option<Box<Snapshot>>,
    pub detail: Option<Box<Detail>>,
    pub detail_watched: bool,
}

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
        state.views.focus_on(super::keymap::Pane::Compare);
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
