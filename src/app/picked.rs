//! Processes as sides of the comparison: those that the learner picks on the map, or follows out of a shell.
//!
//! Must not know how a process is watched, or how the table is drawn.

use std::time::Instant;

use super::compared::{Column, Compared, Picked, ProcessId};
use super::headings;
use super::keymap::Pane;
use super::map_view;
use super::msg::{Effect, ProcessEvent};
use super::notice::Notice;
use super::shells::Shells;
use super::state::State;
use super::texts;
use crate::discovery::shown;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::snapshot::StartedProgram;
use crate::sandbox::Side;

/// A program that has left the namespaces of the shell that it was started in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer<'a> {
    pub side: Side,
    pub program: &'a StartedProgram,
    /// The kinds in which its namespaces differ from the shell's.
    pub kinds: NamespaceSet,
}

/// The program that can be followed: in the shell that has or had the keys, else in another one. A program
/// that is compared already is not offered.
pub(crate) fn offer(state: &State) -> Option<Offer<'_>> {
    let focused = match state.views.left.unwrap_or(state.views.focus) {
        Pane::Container => state.shells.container_side(),
        _ => Side::Host,
    };
    let others = Side::all().filter(|side| *side != focused);
    std::iter::once(focused)
        .chain(others)
        .find_map(|side| offer_of(state, side))
}

fn offer_of(state: &State, side: Side) -> Option<Offer<'_>> {
    let snapshot = state.shells.get(side).snapshot.as_deref()?;
    let program = snapshot.program.as_ref()?;
    let is_it = |column| match state.shells.compared(column) {
        Compared::Shell(_) => false,
        Compared::Process(number) => {
            let picked = state.shells.picked(number);
            picked.is_some_and(|picked| {
                program.nspid.first() == Some(&picked.id.outside)
                    && program.nspid.ends_with(&picked.id.numbers)
            })
        }
    };
    let differs = |kind: &Namespace| {
        let [there, here] = [&program.namespaces, &snapshot.namespaces].map(|it| it.get(kind));
        there.is_some() && there != here
    };
    let offer = Offer {
        side,
        program,
        kinds: Namespace::ALL.into_iter().filter(differs).collect(),
    };
    (!Column::ALL.into_iter().any(is_it)).then_some(offer)
}

/// The text of the offer.
pub(crate) fn offer_words(state: &State) -> Option<String> {
    let offer = offer(state)?;
    let key = match state.typing_into() {
        Some(_) => format!("{} f", state.leave_key),
        None => "f".to_owned(),
    };
    let name = shown(&offer.program.name);
    let of = headings::compared_name(state, offer.side.into());
    Some(texts::offer(state.lang, &key, &name, &of, offer.kinds))
}

/// Compares a shell with the program that has left its namespaces. The keys are the shell's again.
pub(super) fn follow(state: &mut State, now: Instant) {
    let Some(offer) = offer(state) else {
        return state.say(Notice::NothingToFollow, now);
    };
    // `numbers` begins with the pid in the host's PID namespace, `nspid` with the pid that nslab sees.
    let host = state.shells.get(Side::Host).snapshot.as_deref();
    let level = host.map_or(0, |host| host.nspid.len().saturating_sub(1));
    let nspid = &offer.program.nspid;
    let Some((outside, numbers)) = nspid.first().zip(nspid.get(level..)) else {
        return;
    };
    let id = ProcessId {
        outside: *outside,
        numbers: numbers.to_vec(),
        name: offer.program.name.clone(),
    };
    let side = offer.side;
    pick(state, Column::Right, id);
    state.shells.chosen_sides[Column::Left as usize] = Some(side.into());
    if let Some(pane) = state.views.left {
        let zoomed = state.views.zoomed;
        state.views.focus_on(pane);
        state.views.zoomed = zoomed;
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

/// Starts and stops the watchers of the picked processes.
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

/// Handles an event of a picked process. Events of a replaced one are ignored.
pub(super) fn update(state: &mut State, number: u32, event: ProcessEvent, now: Instant) {
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
