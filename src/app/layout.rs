//! Where everything is on the screen, for drawing and for the mouse.
//!
//! Pure arithmetic on rectangles. Must not know what is in them.

use ratatui::layout::{Position, Rect};

use super::clone_call;
use super::keymap::Pane;
use crate::namespace::Namespace;
use crate::sandbox::{Plan, Side};

/// The smallest screen that shows everything at once.
pub(crate) const FULL: (u16, u16) = (110, 30);
/// The smallest screen that can be used.
pub(crate) const SMALLEST: (u16, u16) = (60, 16);
/// Rows of the comparison that are always below the pane of a compact screen.
pub(crate) const COMPACT_ROWS: u16 = 4;

/// The screen, divided into areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    TooSmall,
    /// One pane at a time.
    Compact(Compact),
    /// All panes at once.
    Full(Full),
}

/// One pane with tabs, and a few rows of the comparison.
///
/// ```text
/// title
/// flags
/// clone()           two rows where there is height
/// tabs
/// pane
/// head              names of the columns
/// compare           four rows
/// footer
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compact {
    pub title: Rect,
    pub flags: Rect,
    pub clone: Rect,
    pub tabs: Rect,
    pub pane: Rect,
    pub head: Rect,
    pub compare: Rect,
    pub footer: Rect,
}

/// All panes at once: two columns whose panes share borders. `left` and `right` include them.
///
/// ```text
/// title
/// ┌ lesson ──────┐┌ host ───────────┐
/// │              │├ container ──────┤
/// ├ flags ───────┤├ compare ────────┤
/// └──────────────┘└─────────────────┘
/// footer
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full {
    pub title: Rect,
    pub left: Rect,
    pub right: Rect,
    pub lesson: Rect,
    pub flags: Rect,
    pub host: Rect,
    pub container: Rect,
    pub compare: Rect,
    pub footer: Rect,
}

/// Rows of the flags pane that are not the `clone()` line: two of flags, one legend.
pub(crate) const FLAGS_ROWS: u16 = 3;

impl Layout {
    /// The layout of a screen. The flags are as high as the calls of the plan need.
    pub fn of(size: (u16, u16), plan: &Plan) -> Layout {
        let (cols, rows) = size;
        if cols < SMALLEST.0 || rows < SMALLEST.1 {
            Layout::TooSmall
        } else if cols >= FULL.0 && rows >= FULL.1 {
            Layout::Full(full(cols, rows, plan))
        } else {
            Layout::Compact(compact(cols, rows))
        }
    }

    pub fn shell(&self, side: Side) -> Option<Rect> {
        match (self, side) {
            (Layout::TooSmall, _) => None,
            (Layout::Compact(compact), _) => Some(compact.pane),
            (Layout::Full(full), Side::Host) => Some(full.host),
            (Layout::Full(full), Side::Container(_)) => Some(full.container),
        }
    }

    pub fn lesson(&self) -> Option<Rect> {
        match self {
            Layout::TooSmall => None,
            Layout::Compact(compact) => Some(compact.pane),
            Layout::Full(full) => Some(full.lesson),
        }
    }

    /// The area of a pane that takes the place of others.
    pub fn whole(&self) -> Option<Rect> {
        match self {
            Layout::TooSmall => None,
            Layout::Compact(compact) => Some(compact.pane),
            Layout::Full(full) => Some(full.whole()),
        }
    }

    pub fn compare(&self, zoomed: bool) -> Option<Rect> {
        match self {
            Layout::TooSmall => None,
            Layout::Compact(compact) => Some(compact.pane),
            Layout::Full(full) if zoomed => Some(full.whole()),
            Layout::Full(full) => Some(full.compare),
        }
    }

    pub fn flags(&self) -> Option<(Rect, FlagForm)> {
        match self {
            Layout::TooSmall => None,
            Layout::Compact(compact) if compact.flags.width >= 79 => {
                Some((compact.flags, FlagForm::Line))
            }
            Layout::Compact(compact) => Some((compact.flags, FlagForm::Letters)),
            Layout::Full(full) => Some((full.flags, FlagForm::Block)),
        }
    }
}

impl Full {
    /// The inside of the right column as one pane.
    pub fn whole(&self) -> Rect {
        inside(self.right)
    }
}

fn inside(column: Rect) -> Rect {
    Rect::new(
        column.x + 1,
        column.y + 1,
        column.width.saturating_sub(2),
        column.height.saturating_sub(2),
    )
}

fn full(cols: u16, rows: u16, plan: &Plan) -> Full {
    let left = Rect::new(0, 1, (cols / 3).clamp(43, 60), rows - 2);
    let right = Rect::new(left.width, 1, cols - left.width, rows - 2);
    let (l, r) = (inside(left), inside(right));
    // A short call leaves room for one more flag.
    let flags_rows = FLAGS_ROWS + clone_call::rows(plan, l.width - 1).max(2);
    let lesson_rows = l.height - flags_rows - 1;
    let shells_and_compare = r.height - 2;
    let compare_rows = (shells_and_compare * 3 / 10).clamp(6, 15);
    let shells = shells_and_compare - compare_rows;
    let host_rows = shells.div_ceil(2);
    let container_rows = shells - host_rows;
    Full {
        title: Rect::new(0, 0, cols, 1),
        left,
        right,
        lesson: Rect::new(l.x, l.y, l.width, lesson_rows),
        flags: Rect::new(l.x, l.y + lesson_rows + 1, l.width, flags_rows),
        host: Rect::new(r.x, r.y, r.width, host_rows),
        container: Rect::new(r.x, r.y + host_rows + 1, r.width, container_rows),
        compare: Rect::new(
            r.x,
            r.y + host_rows + container_rows + 2,
            r.width,
            compare_rows,
        ),
        footer: Rect::new(0, rows - 1, cols, 1),
    }
}

fn compact(cols: u16, rows: u16) -> Compact {
    // Not by the plan: choosing a flag should not resize a shell.
    let clone_rows = if rows > 24 { 2 } else { 1 };
    let mut y = 0;
    let mut take = |height| {
        let taken = Rect::new(0, y, cols, height);
        y += height;
        taken
    };
    Compact {
        title: take(1),
        flags: take(1),
        clone: take(clone_rows),
        tabs: take(1),
        pane: take(rows - clone_rows - COMPACT_ROWS - 5),
        head: take(1),
        compare: take(COMPACT_ROWS),
        footer: take(1),
    }
}

/// How the flags are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagForm {
    /// Two rows of four.
    Block,
    /// One row, with names.
    Line,
    /// One row, the letters alone.
    Letters,
}

impl FlagForm {
    /// How many flags stand in a row.
    pub fn columns(self) -> usize {
        match self {
            FlagForm::Block => 4,
            FlagForm::Line | FlagForm::Letters => 8,
        }
    }

    /// The area of each flag: a column for the cursor, `[x]u`, a column for the mark, the name.
    pub fn cells(self, area: Rect) -> [(Namespace, Rect); 8] {
        let columns = self.columns();
        let widths: Vec<u16> = (0..columns)
            .map(|column| {
                Namespace::ALL
                    .into_iter()
                    .skip(column)
                    .step_by(columns)
                    .map(|kind| self.width(kind))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        Namespace::ALL.map(|kind| {
            let (row, column) = (kind as usize / columns, kind as usize % columns);
            let left: u16 = widths[..column].iter().sum();
            let cell = Rect::new(
                area.x.saturating_add(left),
                area.y + u16::from(row == 1),
                self.width(kind),
                1,
            );
            (kind, cell.intersection(area))
        })
    }

    fn width(self, kind: Namespace) -> u16 {
        match self {
            FlagForm::Block | FlagForm::Line => {
                6 + u16::try_from(kind.label().len()).unwrap_or(u16::MAX)
            }
            FlagForm::Letters => 7,
        }
    }
}

/// What is at a position of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    Flag(Namespace),
    Tab(Pane),
    /// A pane, and the column and row within it.
    Pane(Pane, u16, u16),
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
    /// What is at a place, while a compact screen shows `shown`, with tabs of these names, and the
    /// right column of a full one is `whole`.
    pub fn spot(
        &self,
        at: Position,
        shown: Pane,
        whole: Option<Pane>,
        tab_names: &[String; 4],
    ) -> Option<Spot> {
        let inside = |pane, area: Rect| {
            area.contains(at)
                .then(|| Spot::Pane(pane, at.x - area.x, at.y - area.y))
        };
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
            Layout::Compact(compact) => {
                let tab = tabs(compact.tabs, tab_names)
                    .into_iter()
                    .find(|(_, area)| area.contains(at));
                match tab {
                    Some((pane, _)) => Some(Spot::Tab(pane)),
                    None => inside(shown, compact.pane)
                        .or_else(|| inside(Pane::Flags, compact.flags))
                        .or_else(|| inside(Pane::Flags, compact.clone)),
                }
            }
            Layout::Full(full) => inside(Pane::Lesson, full.lesson)
                .or_else(|| inside(Pane::Flags, full.flags))
                .or_else(|| match whole {
                    Some(pane) => inside(pane, full.whole()),
                    None => inside(Pane::Host, full.host)
                        .or_else(|| inside(Pane::Container, full.container))
                        .or_else(|| inside(Pane::Compare, full.compare)),
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::namespace::NamespaceSet;
    use proptest::prelude::*;

    fn flags(bits: u8) -> NamespaceSet {
        Namespace::ALL
            .into_iter()
            .filter(|kind| bits & (1 << *kind as u8) != 0)
            .collect()
    }

    /// No two overlap, and all are on the screen.
    fn tidy(screen: Rect, parts: &[Rect]) -> bool {
        parts.iter().enumerate().all(|(i, part)| {
            screen.union(*part) == screen
                && part.area() > 0
                && parts[i + 1..].iter().all(|other| !part.intersects(*other))
        })
    }

    proptest! {
        #[test]
        fn parts_lie_side_by_side(cols in 1_u16..300, rows in 1_u16..120, bits: u8) {
            let screen = Rect::new(0, 0, cols, rows);
            let layout = Layout::of((cols, rows), &Plan::new(flags(bits)));
            match layout {
                Layout::TooSmall => prop_assert!(cols < 60 || rows < 16),
                Layout::Compact(c) => prop_assert!(tidy(
                    screen,
                    &[c.title, c.flags, c.clone, c.tabs, c.pane, c.head, c.compare, c.footer],
                )),
                Layout::Full(f) => {
                    prop_assert!(tidy(
                        screen,
                        &[f.title, f.lesson, f.flags, f.host, f.container, f.compare, f.footer],
                    ));
                    prop_assert!(f.host.height >= 8 && f.lesson.height >= 10);
                }
            }
            if let Some((area, form)) = layout.flags() {
                let cells = form.cells(area).map(|(_, cell)| cell);
                prop_assert!(tidy(area, &cells), "{form:?} {area:?} {cells:?}");
                prop_assert!(cells.iter().all(|cell| cell.width >= 6));
            }
        }
    }

    #[test]
    fn sizes_people_have() {
        let Layout::Compact(compact) = Layout::of((80, 24), &Plan::default()) else {
            panic!("80x24 is compact");
        };
        assert_eq!(compact.pane, Rect::new(0, 4, 80, 14));
        assert_eq!(compact.compare.height, 4);
        assert!(matches!(
            Layout::of((120, 40), &Plan::new(NamespaceSet::all())),
            Layout::Full(_)
        ));
        assert_eq!(Layout::of((59, 40), &Plan::default()), Layout::TooSmall);
    }

    #[test]
    fn a_click_finds_what_is_drawn() {
        let names = ["lesson", "host", "container", "compare"].map(str::to_owned);
        let layout = Layout::of((80, 24), &Plan::default());
        for (x, y, expected) in [
            (1, 1, Some(Spot::Flag(Namespace::Uts))),
            (79, 1, Some(Spot::Pane(Pane::Flags, 79, 0))),
            (1, 3, Some(Spot::Tab(Pane::Lesson))),
            (10, 3, Some(Spot::Tab(Pane::Host))),
            (5, 6, Some(Spot::Pane(Pane::Host, 5, 2))),
            (0, 0, None),
            (0, 23, None),
        ] {
            let spot = layout.spot(Position::new(x, y), Pane::Host, None, &names);
            assert_eq!(spot, expected, "{x},{y}");
        }
    }
}
