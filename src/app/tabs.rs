//! The tabs of containers and the two compared sides: what keys and clicks do with them.
//!
//! Must not know what a launch makes.

use std::array;
use std::time::Instant;

use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use super::compared::Compared;
use super::keymap::Direction;
use super::layout::Layout;
use super::notice::Notice;
use super::state::State;
use super::texts::{self, words};
use crate::sandbox::{ContainerNumber, Side};

/// Columns of a tab: `[2]`.
const COLUMNS: u16 = 3;

/// The names of the tabs of a compact screen, with their keys while these work. With several containers, the
/// shown one is counted: `Container 2/3 F4`. A bell marks a tab in which a program has rung the bell since the learner
/// was last there.
pub(crate) fn names(state: &State) -> [String; 4] {
    let shells = &state.shells;
    let count = shells.tabs().count();
    let place = shells.tabs().position(|number| number == shells.tab);
    let several = place.filter(|_| count > 1);
    let container_rang = shells
        .tabs()
        .any(|number| shells.get(Side::Container(number)).has_rung);
    let host_rang = shells.get(Side::Host).has_rung;
    let rang = [false, host_rang, container_rang, false];
    let tabs = texts::tabs(state.lang);
    array::from_fn(|number| {
        let tab = tabs[number];
        let (name, key) = tab.rsplit_once(' ').unwrap_or((tab, ""));
        let mut shown = name.to_owned();
        if let Some(place) = several.filter(|_| number == 2) {
            shown = format!("{name} {}/{count}", place + 1);
        }
        // The program in the shell gets the keys.
        if state.typing_into().is_none() {
            shown = format!("{shown} {key}");
        }
        if rang[number] {
            shown = format!("{shown} · {}", words(state.lang).has_rung);
        }
        shown
    })
}

/// Shows the previous container, or the next one.
pub(super) fn turn(state: &mut State, way: Direction) {
    let tabs: Vec<ContainerNumber> = state.shells.tabs().collect();
    let number = way.turned(&tabs, state.shells.tab);
    state.show_tab(Side::Container(number));
}

/// The tab at a position of the border above the container's shell.
pub(super) fn tab_at(state: &State, at: Position) -> Option<ContainerNumber> {
    let Layout::Full(full) = state.layout() else {
        return None;
    };
    let area = full.container;
    let title = words(state.lang).container_shell.width();
    // A dash and a mark are before the title, and a blank follows it.
    let first = area.x + u16::try_from(title + 3).ok()?;
    let above = state.views.whole_pane().is_none() && at.y + 1 == area.y && at.x >= first;
    let several = state.shells.tabs().count() > 1;
    let number = usize::from(at.x.checked_sub(first)? / COLUMNS);
    let tab = state.shells.tabs().nth(number);
    tab.filter(|_| above && several)
}

/// Opens a tab for one more container.
pub(super) fn open(state: &mut State, now: Instant) {
    let free = ContainerNumber::ALL
        .into_iter()
        .find(|number| !state.shells.tabs().any(|tab| tab == *number));
    match free {
        Some(number) => state.show_tab(Side::Container(number)),
        None => state.say(Notice::NoMoreTabs, now),
    }
}

/// Compares with another side: `Left` changes the left column, `Right` the right one.
pub(super) fn compare_other(state: &mut State, way: Direction) {
    let column = usize::from(way == Direction::Right);
    let shells = &mut state.shells;
    let compared = shells.sides().compared;
    // A side is never compared with itself.
    let (now, beside) = (compared[column], compared[1 - column]);
    let always = [Side::Host, shells.container_side()];
    let sides = shells
        .all()
        .filter(|(side, shell)| always.contains(side) || shell.runs())
        .map(|(side, _)| Compared::Shell(side));
    let picked = shells.picked.iter().flatten();
    let picked = picked.map(|picked| Compared::Process(picked.number));
    let all = sides.chain(picked).filter(|it| *it != beside);
    let all: Vec<Compared> = all.collect();
    shells.chosen_sides[column] = Some(Direction::Right.turned(&all, now));
}
