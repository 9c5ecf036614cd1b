//! The screen that shows all panes at once.

use ratatui::layout::Rect;

use super::shells::{SMALL_SHELL, one_above_the_other};
use super::{Arrangement, FLAGS_ROWS};
use crate::app::clone_call;

/// Rows above the shells of a full screen: the lesson, beside the flags and the comparison.
pub(super) const UPPER: (u16, u16) = (9, 11);
/// Rows of a full screen that belong to no pane: the title, two borders, the keys.
pub(super) const AROUND: u16 = 4;

/// All panes at once. The row above each is its border; a column of borders is beside the lesson.
///
/// ```text
/// title
/// ─ lesson ─────┬─ flags ────
///               ├─ compare ──
/// ─ host ───────┴────────────
/// ─ container ───────────────
/// footer
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full {
    pub title: Rect,
    pub lesson: Rect,
    pub flags: Rect,
    pub compare: Rect,
    /// The place of both shells, with the border between them.
    pub shells: Rect,
    pub host: Rect,
    pub container: Rect,
    pub footer: Rect,
    /// The map, to the right of all others.
    pub map: Option<Rect>,
}

impl Full {
    /// The column of borders beside the lesson.
    pub(crate) fn beside_lesson(&self) -> Rect {
        Rect {
            x: self.lesson.right(),
            width: 1,
            ..self.lesson
        }
    }
}

pub(super) fn full(cols: u16, rows: u16, arrangement: Arrangement<'_>) -> Full {
    let Arrangement { plan, splits, .. } = arrangement;
    let upper = match splits.above_shells {
        Some(share) => share
            .of(rows - AROUND)
            .clamp(UPPER.0, rows - AROUND - 2 * SMALL_SHELL - 1),
        None => upper_rows(rows),
    };
    let lesson_cols = match splits.beside_lesson {
        Some(share) => share.of(cols).clamp(40, cols - 45),
        // Longer lines are hard to read.
        None => (cols / 2).min(80),
    };
    let lesson = Rect::new(0, 2, lesson_cols, upper);
    let right = Rect::new(lesson_cols + 1, 2, cols - lesson_cols - 1, upper);
    // A short call leaves room for one more flag.
    let flags_rows = FLAGS_ROWS + clone_call::rows(plan, right.width - 1).max(2);
    let flags_rows = flags_rows.min(upper - 4);
    let flags = Rect {
        height: flags_rows,
        ..right
    };
    let shells = Rect::new(0, lesson.bottom() + 1, cols, rows - AROUND - upper);
    let (host, container) = one_above_the_other(shells, arrangement);
    Full {
        title: Rect::new(0, 0, cols, 1),
        lesson,
        flags,
        compare: Rect {
            y: flags.bottom() + 1,
            height: upper - flags_rows - 1,
            ..right
        },
        shells,
        host,
        container,
        footer: Rect::new(0, rows - 1, cols, 1),
        map: None,
    }
}

/// Rows above the shells of a full screen on which no border was moved.
pub(super) fn upper_rows(rows: u16) -> u16 {
    ((rows - AROUND) / 3).max(UPPER.1)
}
