//! The shells of the lab: which container is shown, and which two sides are compared.
//!
//! Must not know what a launch makes.

use std::time::Instant;

use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use super::keymap::{Tab, Way};
use super::layout::Layout;
use super::notice::Notice;
use super::options::{self, other};
use super::state::{Phase, Shell, State};
use super::table::{self, Column, Sides};
use super::texts::words;
use crate::sandbox::{HostKind, Nth, Side};

/// Columns of a tab: `[2]`.
const COLUMNS: u16 = 3;

impl State {
    /// All shells: the host's, then those of the containers.
    pub(crate) fn shells(&self) -> impl Iterator<Item = (Side, &Shell)> {
        Side::all().map(|side| (side, self.shell(side)))
    }

    /// The container that is shown.
    pub(crate) fn container(&self) -> &Shell {
        self.shell(self.container_side())
    }

    /// The same, by its name.
    pub(crate) fn container_side(&self) -> Side {
        Side::Container(self.tab)
    }

    /// The containers that have a tab: those that were launched, and the one that is shown.
    pub(crate) fn tabs(&self) -> impl Iterator<Item = Nth> {
        Nth::ALL.into_iter().filter(|nth| {
            *nth == self.tab || self.shell(Side::Container(*nth)).phase != Phase::Absent
        })
    }

    /// The names of the tabs of a compact screen, with the keys that lead to them where these do;
    /// where there are several containers, with the place of the one that is shown: `Container 2/3 F4`.
    pub(crate) fn tab_names(&self) -> [String; 4] {
        let count = self.tabs().count();
        let place = self.tabs().position(|nth| nth == self.tab);
        let several = place.filter(|_| count > 1);
        let mut number = 0;
        words(self.lang).tabs.map(|tab| {
            let (name, key) = tab.rsplit_once(' ').unwrap_or((tab, ""));
            let mut shown = name.to_owned();
            if let Some(place) = several.filter(|_| number == 2) {
                shown = format!("{name} {}/{count}", place + 1);
            }
            number += 1;
            // The keys are those of the program in the shell.
            if self.typing_into().is_none() {
                shown = format!("{shown} {key}");
            }
            shown
        })
    }

    /// The side in a column of the comparison: the host, and the container that is shown, unless the
    /// learner wants others.
    pub(crate) fn compared(&self, column: Column) -> Side {
        match column {
            // Not with itself.
            Column::Left => self.compared[0]
                .filter(|side| *side != self.compared(Column::Right))
                .unwrap_or(Side::Host),
            Column::Right => self.compared[1].unwrap_or(self.container_side()),
        }
    }

    /// The shell of that side.
    pub(crate) fn column(&self, column: Column) -> &Shell {
        self.shell(self.compared(column))
    }

    /// What both sides of the comparison see.
    pub(crate) fn sides(&self) -> Sides<'_> {
        Sides {
            left: self.column(Column::Left).snapshot.as_deref(),
            right: self.column(Column::Right).snapshot.as_deref(),
            compared: Column::ALL.map(|column| self.compared(column)),
            machine: self.machine.snapshot.as_deref(),
        }
    }

    /// Whether the comparison has a column for the machine.
    pub(crate) fn shows_machine(&self) -> bool {
        let apart = match self.ground {
            HostKind::Lab | HostKind::LabWithoutUser => true,
            // There it is the host.
            HostKind::Machine => false,
        };
        let room = || {
            let area = self.layout().compare(self.zoomed);
            area.is_some_and(|area| area.width >= table::ROOM_FOR_MACHINE)
        };
        apart && self.machine.wanted.unwrap_or_else(room)
    }

    /// Brings a shell into view, should it be another container's.
    pub(super) fn show(&mut self, side: Side) {
        match side {
            Side::Host => {}
            Side::Container(nth) => self.show_tab(nth),
        }
    }

    /// Shows a container, and compares it.
    /// What it was made with is what its next launch makes, unless something else is chosen.
    pub(super) fn show_tab(&mut self, nth: Nth) {
        if self.tab == nth {
            return;
        }
        self.tab = nth;
        self.compared[1] = None;
        let shell = self.container();
        if shell.launch > 0 {
            self.take_plan(shell.plan);
        } else if self.join.is_some_and(|join| join.whose == nth) {
            self.join = None;
        }
    }
}

/// What the keys of tabs do.
pub(super) fn act(state: &mut State, tab: Tab, now: Instant) {
    match tab {
        Tab::Options => options::open(state),
        Tab::New => new_tab(state, now),
        Tab::Turn(way) => turn(state, way),
    }
}

/// Shows the container before, or the one after.
pub(super) fn turn(state: &mut State, way: Way) {
    let tabs: Vec<Nth> = state.tabs().collect();
    let nth = other(&tabs, state.tab, way);
    state.show_tab(nth);
}

/// The tab at a place of the border above the container's shell, where all have theirs.
pub(super) fn tab_at(state: &State, at: Position) -> Option<Nth> {
    let Layout::Full(full) = state.layout() else {
        return None;
    };
    let area = full.container;
    let title = words(state.lang).container_shell.width();
    // A mark stands before the title, and a blank behind it.
    let first = area.x + u16::try_from(title + 2).ok()?;
    let above = state.whole().is_none() && at.y + 1 == area.y && at.x >= first;
    let several = state.tabs().count() > 1;
    let number = usize::from(at.x.checked_sub(first)? / COLUMNS);
    state.tabs().nth(number).filter(|_| above && several)
}

/// Opens a tab for one more container.
fn new_tab(state: &mut State, now: Instant) {
    let free = Nth::ALL
        .into_iter()
        .find(|nth| !state.tabs().any(|tab| tab == *nth));
    match free {
        Some(nth) => state.show_tab(nth),
        None => state.say(Notice::NoMoreTabs, now),
    }
}

/// Compares with another side: the left column's with `Left`, the right one's with `Right`.
pub(super) fn compare_other(state: &mut State, way: Way) {
    let column = usize::from(way == Way::Right);
    let compared = state.sides().compared;
    // With itself there is nothing to compare.
    let (now, beside) = (compared[column], compared[1 - column]);
    let all: Vec<Side> = state
        .shells()
        .filter(|(side, shell)| *side == Side::Host || shell.runs())
        .filter(|(side, _)| *side != beside)
        .map(|(side, _)| side)
        .collect();
    state.compared[column] = Some(other(&all, now, Way::Right));
}
