//! The places of all panes on the screen, for drawing and for the mouse.
//!
//! Pure arithmetic on rectangles. Must not know their content. Owns which panes a screen of each size shows.

mod borders;
mod compact;
mod flags;
mod full;
mod shells;
mod spot;

use ratatui::layout::Rect;

use super::keymap::Pane;
use crate::progress::Splits;
use crate::sandbox::{Plan, Side};

pub(crate) use borders::{Border, above};
pub(crate) use compact::Compact;
pub(crate) use flags::{FLAGS_ROWS, FlagForm};
pub(crate) use full::Full;
pub(crate) use spot::{Spot, tabs};

/// The smallest screen that shows everything at once.
pub(crate) const FULL: (u16, u16) = (110, 35);
/// The least columns of a full screen on which the map has a place beside the panes.
const WIDE: u16 = 160;
/// The least and the most columns of that place.
const MAP: (u16, u16) = (WIDE - FULL.0, 80);
/// The smallest screen that can be used.
pub(crate) const SMALLEST: (u16, u16) = (60, 16);

/// The screen, divided into areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    TooSmall,
    /// One pane, and the keys.
    Zoomed(Zoomed),
    /// The lesson or the shells, with tabs.
    Compact(Compact),
    /// All panes at once.
    Full(Full),
}

/// A pane that has the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zoomed {
    pub pane: Pane,
    pub area: Rect,
    pub footer: Rect,
}

impl Zoomed {
    fn of(self, pane: Pane) -> Option<Rect> {
        (self.pane == pane).then_some(self.area)
    }
}

/// The input of the layout besides the size of the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrangement<'a> {
    /// The next launch. The pane of flags is as high as its calls need.
    pub plan: &'a Plan,
    pub splits: Splits,
    /// Of the two shells, the one that was used last.
    pub used: Pane,
    pub zoomed: Option<Pane>,
    /// Whether the map is beside the panes, if the screen is wide enough.
    pub map: bool,
}

/// Whether the map has a place beside the panes.
pub(crate) fn is_wide((cols, rows): (u16, u16)) -> bool {
    cols >= WIDE && rows >= FULL.1
}

impl Layout {
    pub(crate) fn of(size: (u16, u16), arrangement: Arrangement<'_>) -> Layout {
        let (cols, rows) = size;
        if cols < SMALLEST.0 || rows < SMALLEST.1 {
            Layout::TooSmall
        } else if let Some(pane) = arrangement.zoomed {
            Layout::Zoomed(Zoomed {
                pane,
                area: Rect::new(0, 0, cols, rows - 1),
                footer: Rect::new(0, rows - 1, cols, 1),
            })
        } else if cols >= FULL.0 && rows >= FULL.1 {
            let beside = if arrangement.map && is_wide(size) {
                (cols - FULL.0).clamp(MAP.0, MAP.1)
            } else {
                0
            };
            let map = Rect::new(cols - beside, 0, beside, rows);
            let mut full = full::full(cols - beside, rows, arrangement);
            full.map = (beside > 0).then_some(map);
            Layout::Full(full)
        } else {
            Layout::Compact(compact::compact(cols, rows, arrangement))
        }
    }

    /// The area of a shell. `None` where another pane has the whole screen: then the shell keeps its size.
    pub(crate) fn shell(&self, side: Side) -> Option<Rect> {
        match (self, side) {
            (Layout::TooSmall, _) => None,
            (Layout::Zoomed(zoomed), _) => zoomed.of(Pane::of(side)),
            (Layout::Compact(compact), Side::Host) => Some(compact.host),
            (Layout::Compact(compact), Side::Container(_)) => Some(compact.container),
            (Layout::Full(full), Side::Host) => Some(full.host),
            (Layout::Full(full), Side::Container(_)) => Some(full.container),
        }
    }

    /// The area of the map beside the panes.
    pub(crate) fn map(&self) -> Option<Rect> {
        match self {
            Layout::Full(full) => full.map,
            Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_) => None,
        }
    }

    pub(crate) fn lesson(&self) -> Option<Rect> {
        match self {
            Layout::TooSmall => None,
            Layout::Zoomed(zoomed) => zoomed.of(Pane::Lesson),
            Layout::Compact(compact) => Some(compact.pane),
            Layout::Full(full) => Some(full.lesson),
        }
    }

    /// The area of a pane that takes the place of others.
    pub(crate) fn whole(&self) -> Option<Rect> {
        match self {
            Layout::TooSmall => None,
            Layout::Zoomed(zoomed) => Some(zoomed.area),
            Layout::Compact(compact) => Some(compact.pane),
            Layout::Full(full) => Some(full.shells),
        }
    }

    /// The area of the comparison; `whole` where it has the place of the shells.
    pub(crate) fn compare(&self, whole: bool) -> Option<Rect> {
        match self {
            Layout::Full(full) if !whole => Some(full.compare),
            Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_) | Layout::Full(_) => {
                self.whole()
            }
        }
    }

    pub(crate) fn flags(&self) -> Option<(Rect, FlagForm)> {
        match self {
            Layout::TooSmall | Layout::Zoomed(_) => None,
            Layout::Compact(compact) if compact.flags.width >= 79 => {
                Some((compact.flags, FlagForm::Line))
            }
            Layout::Compact(compact) => Some((compact.flags, FlagForm::Letters)),
            Layout::Full(full) => Some((full.flags, FlagForm::Block)),
        }
    }
}

#[cfg(test)]
mod tests;
