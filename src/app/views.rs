//! The state of the screen: the pane that has the keys, the overlay, and the state of each view.
//!
//! Must not know the content of a view.

use std::collections::BTreeSet;
use std::time::Instant;

use super::keymap::{Direction, Pane, Place};
use super::layout::Border;
use super::map_view::seen::{Item, MapView};
use super::next_launch::OptionRow;
use super::prompt::Prompt;
use super::searched::Search;
use super::side_by_side::contents::SideBySide;
use crate::code::Notation;
use crate::observe::RowId;
use crate::progress::Splits;
use crate::pty::emulator::{Emulator, SelectionUnit, Toward};
use crate::sandbox::{HostKind, Plan, Side};

/// A view that lies over the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// The keys of a place, from this line on.
    Help { place: Place, scroll: usize },
    /// The last page of the course, from this line on.
    CourseEnd { scroll: usize },
    /// The list of lessons.
    Lessons { cursor: usize },
    /// The glossary, with the cursor on the term of this id.
    Glossary { id: String },
    /// The map of namespaces.
    Map,
    /// What is in a namespace of the map, or what one of its processes sees, from this line on.
    Inside { of: Item, scroll: usize },
    /// The line that is to run on both sides.
    Prompt,
    /// The options of the next launch, with the cursor on a row.
    Options { row: OptionRow },
    /// The question whether to quit, with the programs that run.
    Quit { running: Vec<(Side, String)> },
    /// The question whether to use a host that does not protect the machine.
    Risk(HostKind),
}

/// The next launch as a program.
#[derive(Debug)]
pub(crate) struct CodeView {
    pub notation: Notation,
    /// The plan before its last change: the view marks the difference.
    pub before: Plan,
    pub scroll: usize,
}

/// The steps of the lab host and of the launches.
#[derive(Debug, Default)]
pub(crate) struct TraceView {
    pub shown: ShownSteps,
    pub scroll: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ShownSteps {
    /// Those that matter to a learner, and the one that ended a launch.
    #[default]
    Key,
    All,
}

impl TraceView {
    pub(super) fn turn(&mut self) {
        self.shown = match self.shown {
            ShownSteps::Key => ShownSteps::All,
            ShownSteps::All => ShownSteps::Key,
        };
        self.scroll = 0;
    }
}

/// The learner's place in the comparison.
#[derive(Debug)]
pub(crate) struct CompareView {
    /// The row under the cursor.
    pub row: RowId,
    pub scroll: usize,
    /// Whether it has the place of the shells.
    pub whole: bool,
}

/// A shell's screen while it is read.
#[derive(Debug)]
pub(crate) struct CopyMode {
    pub side: Side,
    pub(super) screen: Emulator,
    /// The direction of the search whose text is being typed.
    pub searching: Option<Toward>,
    pub line: Prompt,
    /// The last search.
    pub(super) last: Option<(String, Toward)>,
}

/// The last press of a button in a shell's pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ButtonPress {
    pub side: Side,
    pub at: (u16, u16),
    pub when: Instant,
    pub unit: SelectionUnit,
    pub hold: Hold,
}

/// The pointer since a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The button is no longer held.
    Released,
    Within,
    /// Above the pane or below it, in this column: the pane scrolls on at that time.
    Beyond {
        way: Direction,
        col: u16,
        due: Instant,
    },
}

/// The state of the screen.
#[derive(Debug)]
pub(crate) struct Views {
    pub focus: Pane,
    /// Whether the pane that has the focus, or the shell that was just left, has the whole screen.
    pub zoomed: bool,
    /// Of the two shells, the one that was used last.
    pub used: Pane,
    pub splits: Splits,
    /// The border that the mouse moves.
    pub dragged: Option<Border>,
    /// The last press of a button that no program got.
    pub press: Option<ButtonPress>,
    /// On a compact screen: the shell that is shown while the lesson has the keys.
    pub watched: Option<Side>,
    /// The shell whose program has got the button that is pressed: it also gets its release.
    pub pressed_in: Option<Side>,
    /// The shell that is read in copy mode.
    pub copy_mode: Option<CopyMode>,
    /// The shell that the last key has left.
    pub left: Option<Pane>,
    /// Whether the lesson opened the view that has the focus.
    pub opened_by_lesson: bool,
    pub overlay: Option<Overlay>,
    pub compare: CompareView,
    pub code: CodeView,
    pub trace: TraceView,
    pub map: MapView,
    pub side_by_side: SideBySide,
    pub prompt: Prompt,
    /// The search in the list that lies over the screen.
    pub search: Option<Search>,
    /// Whether a notice has said that a key went to a shell.
    pub told_of_keys: bool,
    /// The terms that the glossary has explained since the lab was opened.
    pub explained: BTreeSet<String>,
}

impl Views {
    /// The query in the list that lies over the screen; empty without a search.
    pub(crate) fn query(&self) -> &str {
        self.search.as_ref().map_or("", |search| search.line.line())
    }

    pub(super) fn new(overlay: Option<Overlay>, splits: Splits) -> Self {
        Views {
            focus: Pane::Lesson,
            zoomed: false,
            used: Pane::Host,
            splits,
            dragged: None,
            press: None,
            watched: None,
            pressed_in: None,
            copy_mode: None,
            left: None,
            opened_by_lesson: false,
            overlay,
            compare: CompareView {
                row: RowId::Hostname,
                scroll: 0,
                whole: false,
            },
            code: CodeView {
                notation: Notation::C,
                before: Plan::default(),
                scroll: 0,
            },
            trace: TraceView::default(),
            map: MapView::default(),
            side_by_side: SideBySide::new(),
            prompt: Prompt::default(),
            search: None,
            told_of_keys: false,
            explained: BTreeSet::new(),
        }
    }

    /// When a pane scrolls on because the pointer is held beyond it.
    pub(super) fn scrolls_on_at(&self) -> Option<Instant> {
        match self.press?.hold {
            Hold::Beyond { due, .. } => Some(due),
            Hold::Released | Hold::Within => None,
        }
    }

    /// Gives a pane the focus.
    pub(super) fn focus_on(&mut self, pane: Pane) {
        self.watched = None;
        self.left = None;
        self.opened_by_lesson = false;
        self.focus = pane;
        self.zoomed = false;
        self.compare.whole = false;
        if matches!(pane, Pane::Host | Pane::Container) {
            self.used = pane;
        }
    }

    /// The pane that a compact screen shows: it always has the flags above.
    pub(crate) fn compact_pane(&self) -> Pane {
        match (self.focus, self.watched) {
            (Pane::Lesson, Some(Side::Host)) => Pane::Host,
            (Pane::Lesson, Some(Side::Container(_))) => Pane::Container,
            (Pane::Flags, _) => Pane::Lesson,
            (pane, _) => pane,
        }
    }

    /// The pane that has the whole screen. The flags need no more room than they have.
    pub(crate) fn zoomed_pane(&self) -> Option<Pane> {
        let pane = self.left.unwrap_or(self.focus);
        (self.zoomed && pane != Pane::Flags).then_some(pane)
    }

    /// The pane that has the place of the shells on a full screen; `None` while they have it.
    pub(crate) fn whole_pane(&self) -> Option<Pane> {
        match self.focus {
            Pane::Code | Pane::Trace | Pane::Details => Some(self.focus),
            Pane::Lesson | Pane::Flags | Pane::Host | Pane::Container | Pane::Compare => {
                self.compare.whole.then_some(Pane::Compare)
            }
        }
    }

    /// The overlay below the present one, which closing it shows again.
    pub(super) fn below(&self) -> Option<Overlay> {
        let inside = matches!(self.overlay, Some(Overlay::Inside { .. }));
        inside.then_some(Overlay::Map)
    }

    /// The place whose keys hold while something lies over the screen.
    pub(super) fn overlay_place(&self) -> Option<Place> {
        Some(match self.overlay.as_ref()? {
            Overlay::Help { .. } => Place::Help,
            Overlay::CourseEnd { .. } => Place::CourseEnd,
            Overlay::Lessons { .. } | Overlay::Glossary { .. } | Overlay::Map
                if self.search.is_some() =>
            {
                Place::Search
            }
            Overlay::Lessons { .. } => Place::Lessons,
            Overlay::Glossary { .. } => Place::Glossary,
            Overlay::Map => Place::Map,
            Overlay::Inside { .. } => Place::Inside,
            Overlay::Prompt => Place::Prompt,
            Overlay::Options { row } if row.takes_text() => Place::OptionText,
            Overlay::Options { .. } => Place::Options,
            Overlay::Quit { .. } => Place::QuitQuestion,
            Overlay::Risk(_) => Place::RiskQuestion,
        })
    }
}
