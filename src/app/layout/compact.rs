//! The screen of few columns or rows: a pane with tabs, or both shells, and a part of the comparison.

use ratatui::layout::Rect;

use super::Arrangement;
use super::full::{AROUND, upper_rows};
use super::shells::{COMFORTABLE, SMALL_SHELL, one_above_the_other};

/// Rows of the comparison that a compact screen always has.
const COMPACT_ROWS: u16 = 4;
/// When both shells, with the border between them, have this many rows, the rest go to the comparison.
const BOTH_SHELLS: u16 = 20;

/// A pane with tabs, or both shells one above the other, and a few rows of the comparison.
///
/// ```text
/// title
/// flags
/// clone()           two rows where there is height
/// tabs
/// pane              or host, border, container
/// head              names of the columns
/// compare
/// footer
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compact {
    pub title: Rect,
    pub flags: Rect,
    pub clone: Rect,
    pub tabs: Rect,
    pub pane: Rect,
    pub host: Rect,
    pub container: Rect,
    pub head: Rect,
    pub compare: Rect,
    pub footer: Rect,
}

impl Compact {
    /// Whether both shells are shown at once.
    pub(crate) fn is_stacked(&self) -> bool {
        self.host != self.container
    }
}

pub(super) fn compact(cols: u16, rows: u16, arrangement: Arrangement<'_>) -> Compact {
    // This doesn't depend on the plan: choosing a flag should not resize a shell.
    let clone_rows = if rows > 24 { 2 } else { 1 };
    let most = rows - clone_rows - COMPACT_ROWS - 5;
    let pane_rows = if most > COMFORTABLE + SMALL_SHELL {
        // A compact screen gives the shells as many rows as a full one: widening must not make them lower.
        let on_full = (rows - AROUND).saturating_sub(upper_rows(rows));
        most.min(on_full.max(BOTH_SHELLS))
    } else {
        most.min(COMFORTABLE)
    };
    let mut y = 0;
    let mut take = |height| {
        let taken = Rect::new(0, y, cols, height);
        y += height;
        taken
    };
    let (title, flags, clone, tabs) = (take(1), take(1), take(clone_rows), take(1));
    let pane = take(pane_rows);
    let (host, container) = if pane_rows > COMFORTABLE + SMALL_SHELL {
        one_above_the_other(pane, arrangement)
    } else {
        (pane, pane)
    };
    Compact {
        title,
        flags,
        clone,
        tabs,
        pane,
        host,
        container,
        head: take(1),
        compare: take(COMPACT_ROWS + most - pane_rows),
        footer: take(1),
    }
}
