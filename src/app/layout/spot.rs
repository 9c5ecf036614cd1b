//! The pane or tab at a position of the screen, for the mouse.

use ratatui::layout::{Position, Rect};

use super::borders::{Border, above};
use super::{Compact, Full, Layout};
use crate::app::keymap::Pane;
use crate::namespace::Namespace;

/// What is at a position of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    Flag(Namespace),
    Tab(Pane),
    /// A pane, and the column and row within it.
    Pane(Pane, u16, u16),
    Border(Border),
}

/// The tabs of a compact screen, each with its width: the name, a blank on both sides.
pub(crate) fn tabs(area: Rect, names: &[String; 4]) -> [(Pane, Rect); 4] {
    use unicode_width::UnicodeWidthStr;
    let panes = [Pane::Lesson, Pane::Host, Pane::Container, Pane::Compare];
    let mut x = area.x;
    let mut placed = [(Pane::Lesson, Rect::ZERO); 4];
    for (slot, (pane, name)) in placed.iter_mut().zip(panes.into_iter().zip(names)) {
        let width = u16::try_from(name.width() + 2).unwrap_or(u16::MAX);
        *slot = (pane, Rect::new(x, area.y, width, 1).intersection(area));
        x = x.saturating_add(width + 1);
    }
    placed
}

impl Layout {
    /// The flag, tab, pane or border at a position. On a compact screen, `shown` is the pane and `tab_names` are the tabs; on a full
    /// one, `whole` is the pane in the place of the shells.
    pub(crate) fn spot(
        &self,
        at: Position,
        shown: Pane,
        whole: Option<Pane>,
        tab_names: &[String; 4],
    ) -> Option<Spot> {
        if let Some((area, form)) = self.flags() {
            let flag = form
                .cells(area)
                .into_iter()
                .find(|(_, cell)| cell.contains(at));
            if let Some((kind, _)) = flag {
                return Some(Spot::Flag(kind));
            }
        }
        match self {
            Layout::TooSmall => None,
            Layout::Zoomed(zoomed) => inside(at, zoomed.pane, zoomed.area),
            Layout::Compact(compact) => compact.spot(at, shown, tab_names),
            Layout::Full(full) => full.spot(at, whole),
        }
    }
}

fn inside(at: Position, pane: Pane, area: Rect) -> Option<Spot> {
    area.contains(at)
        .then(|| Spot::Pane(pane, at.x - area.x, at.y - area.y))
}

impl Compact {
    fn spot(&self, at: Position, shown: Pane, tab_names: &[String; 4]) -> Option<Spot> {
        let tab = tabs(self.tabs, tab_names)
            .into_iter()
            .find(|(_, area)| area.contains(at));
        if let Some((pane, _)) = tab {
            return Some(Spot::Tab(pane));
        }
        let in_pane = if self.is_stacked() && matches!(shown, Pane::Host | Pane::Container) {
            inside(at, Pane::Host, self.host)
                .or_else(|| inside(at, Pane::Container, self.container))
                .or_else(|| {
                    let border = above(self.container).contains(at);
                    border.then_some(Spot::Border(Border::BetweenShells))
                })
        } else {
            inside(at, shown, self.pane)
        };
        in_pane
            .or_else(|| inside(at, Pane::Flags, self.flags))
            .or_else(|| inside(at, Pane::Flags, self.clone))
    }
}

impl Full {
    fn spot(&self, at: Position, whole: Option<Pane>) -> Option<Spot> {
        let divided = whole.is_none();
        let borders = [
            (above(self.shells), Border::AboveShells, true),
            (self.beside_lesson(), Border::BesideLesson, true),
            (above(self.container), Border::BetweenShells, divided),
        ];
        let border = borders
            .into_iter()
            .find(|(area, _, shown)| *shown && area.contains(at));
        if let Some((_, border, _)) = border {
            return Some(Spot::Border(border));
        }
        let upper = inside(at, Pane::Lesson, self.lesson)
            .or_else(|| inside(at, Pane::Flags, self.flags))
            .or_else(|| inside(at, Pane::Compare, self.compare));
        upper.or_else(|| match whole {
            Some(pane) => inside(at, pane, self.shells),
            None => inside(at, Pane::Host, self.host)
                .or_else(|| inside(at, Pane::Container, self.container)),
        })
    }
}
