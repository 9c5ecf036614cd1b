//! The map over the screen: opens it, starts and stops its watcher, moves its cursor.
//!
//! A look at the map lasts as long as the map has the keys. `seen` keeps the maps, `picture` draws one.

mod inside;
pub(in crate::app) mod nests;
mod picture;
pub(crate) mod seen;
mod ties;

pub(crate) use self::inside::page;
pub(in crate::app) use self::inside::scroll as scroll_inside;
pub(crate) use self::picture::{MapPicture, picture};

use self::seen::{Inspection, Item, WhyStale};
use super::compared::ProcessId;
use super::figure;
use super::keymap::Direction;
use super::layout::is_wide;
use super::msg::{Effect, MapEvent};
use super::shells::LabPhase;
use super::state::State;
use super::views::Overlay;

/// Gives the map the keys; on a wide screen it then stays beside the panes. Closes a map that has the keys.
pub(super) fn turn(state: &mut State) {
    let closes = state.views.overlay == Some(Overlay::Map);
    state.views.overlay = (!closes).then_some(Overlay::Map);
    state.views.map.beside = !closes && is_wide(state.size);
}

/// The map beside the panes, while it doesn't have the keys.
pub(crate) fn beside(state: &State) -> Option<MapPicture> {
    let without_keys = state.views.overlay != Some(Overlay::Map);
    let stands = without_keys && state.layout().map().is_some();
    stands.then(|| picture(state))
}

/// Starts or stops watching the map: it is watched while it is open, or while a figure is made from it.
pub(super) fn watch(state: &mut State, effects: &mut Vec<Effect>) {
    let inside = matches!(state.views.overlay, Some(Overlay::Inside { .. }));
    let open = inside || state.views.overlay == Some(Overlay::Map);
    // A fresh lab host needs a fresh watcher.
    let beside = state.layout().map().is_some() && state.shells.lab == LabPhase::Ready;
    let wanted = open || beside || figure::needs_map(state);
    let view = &mut state.views.map;
    let left = view.look.take_if(|_| !inside);
    if left.is_some_and(|look| look.through.is_some()) {
        effects.push(Effect::LookInside(None));
    }
    let opens = view.look_on(open);
    // Opening the map tries again, also where a figure has it watched.
    if view.watched == wanted && !(opens && view.lost.is_some()) {
        return;
    }
    view.watched = wanted;
    view.lost = None;
    view.map = None;
    effects.push(Effect::WatchMap(wanted));
}

pub(super) fn update(state: &mut State, event: MapEvent) {
    let view = &mut state.views.map;
    // The watcher may have sent this before it was stopped.
    if !view.watched {
        return;
    }
    match event {
        MapEvent::Seen(map) => {
            view.see(map);
            // The query may match only now.
            if state.views.overlay == Some(Overlay::Map) && state.views.search.is_some() {
                go_to_found(state);
            }
        }
        MapEvent::NoLab => view.lost = Some(WhyStale::NoLab),
        MapEvent::NotStarted { why } => view.lost = Some(WhyStale::NotStarted(why)),
        MapEvent::Ended => view.lost = Some(WhyStale::Ended),
        MapEvent::Inside(seen) => {
            if let Some(look) = &mut view.look {
                look.seen = Some(seen);
            }
        }
        MapEvent::InsideEnded => {
            if let Some(look) = &mut view.look {
                look.over = true;
            }
        }
    }
}

/// Looks into the item under the cursor.
pub(super) fn look_inside(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(of) = picture(state).under_cursor() else {
        return;
    };
    if matches!(of, Item::Line(_)) {
        return;
    }
    let map = state.views.map.map.as_deref();
    let through = map.and_then(|map| inside::way(map, of));
    if through.is_some() {
        effects.push(Effect::LookInside(through.clone()));
    }
    state.views.map.cursor = Some(of);
    state.views.map.look = Some(Inspection {
        through,
        seen: None,
        over: false,
    });
    state.views.overlay = Some(Overlay::Inside { of, scroll: 0 });
}

/// The process under the cursor, or the one through which the item under the cursor is read.
pub(super) fn process_under_cursor(state: &State) -> Option<ProcessId> {
    let of = match state.views.overlay {
        Some(Overlay::Inside { of, .. }) => of,
        _ => picture(state).under_cursor()?,
    };
    let process = inside::through(state.views.map.map.as_deref()?, of)?;
    Some(ProcessId {
        outside: process.outside,
        numbers: process.numbers,
        name: process.name,
    })
}

/// Whether the query is found on the map.
pub(super) fn is_found(state: &State) -> bool {
    !picture(state).found(state.views.query()).is_empty()
}

/// Moves the cursor to the first item that matches the query, unless it is on a matching one.
pub(super) fn go_to_found(state: &mut State) {
    let picture = picture(state);
    let found = picture.found(state.views.query());
    if picture.at(&found).is_none() {
        state.views.map.cursor = found.first().copied().or(state.views.map.cursor);
    }
}

pub(super) fn go(state: &mut State, way: Direction) {
    let picture = picture(state);
    let items = picture.found(state.views.query());
    let at = picture.at(&items).unwrap_or(0);
    let page = usize::from(picture.body.height.saturating_sub(1)).max(1);
    let to = way.moved(at, items.len(), page);
    state.views.map.cursor = items.get(to).copied().or(state.views.map.cursor);
}
