//! Where everything is on the screen, for drawing and for the mouse.
//!
//! Pure arithmetic on rectangles. Must not know what is in them.

use ratatui::layout::{Position, Rect};

use super::clone_call;
use super::keymap::Pane;
use crate::namespace::Namespace;
use crate::progress::{Share, Splits};
use crate::sandbox::{Plan, Side};

/// The smallest screen that shows everything at once.
pub(crate) const FULL: (u16, u16) = (110, 35);
/// The smallest screen that can be used.
pub(crate) const SMALLEST: (u16, u16) = (60, 16);
/// Rows of the comparison that a compact screen always has.
const COMPACT_ROWS: u16 = 4;
/// Rows that the shell in use has as soon as a screen of 24 rows gives them to it. A higher screen never
/// takes them away.
const COMFORTABLE: u16 = 14;
/// Rows of the other shell on the smallest screen that shows both.
const SMALL_SHELL: u16 = 3;
/// Rows of both shells, and of the border between them, from which on a compact screen gives more rows to
/// the comparison, until a full screen has a better use for them.
const BOTH_SHELLS: u16 = 20;
/// Rows above the shells of a full screen: the lesson, beside the flags and the comparison.
const UPPER: (u16, u16) = (9, 11);
/// Rows of a full screen that neither the shells nor what is above them have: the title, two borders, the
/// keys.
const AROUND: u16 = 4;

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

/// All panes at once. The row above each is its border; a column of borders stands beside the lesson.
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
}

/// Rows of the flags pane that are not the `clone()` line: two of flags, one legend.
pub(crate) const FLAGS_ROWS: u16 = 3;

/// A border that can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Border {
    /// Below the lesson.
    AboveShells,
    /// Beside the lesson.
    BesideLesson,
    BetweenShells,
}

/// What else than the size of the screen decides where everything is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrangement<'a> {
    /// The flags are as high as its calls need.
    pub plan: &'a Plan,
    pub splits: Splits,
    /// Of the two shells, the one that was used last.
    pub used: Pane,
    pub zoomed: Option<Pane>,
}

impl Layout {
    pub fn of(size: (u16, u16), arrangement: Arrangement<'_>) -> Layout {
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
            Layout::Full(full(cols, rows, arrangement))
        } else {
            Layout::Compact(compact(cols, rows, arrangement))
        }
    }

    fn zoomed(&self, is_it: impl FnOnce(Pane) -> bool) -> Option<Rect> {
        match self {
            Layout::Zoomed(zoomed) => is_it(zoomed.pane).then_some(zoomed.area),
            Layout::TooSmall | Layout::Compact(_) | Layout::Full(_) => None,
        }
    }

    /// The area of a shell. `None` where another pane has the whole screen: then the shell keeps its size.
    pub fn shell(&self, side: Side) -> Option<Rect> {
        match (self, side) {
            (Layout::TooSmall, _) => None,
            (Layout::Zoomed(_), Side::Host) => self.zoomed(|pane| pane == Pane::Host),
            (Layout::Zoomed(_), Side::Container(_)) => self.zoomed(|pane| pane == Pane::Container),
            (Layout::Compact(compact), Side::Host) => Some(compact.host),
            (Layout::Compact(compact), Side::Container(_)) => Some(compact.container),
            (Layout::Full(full), Side::Host) => Some(full.host),
            (Layout::Full(full), Side::Container(_)) => Some(full.container),
        }
    }

    pub fn lesson(&self) -> Option<Rect> {
        match self {
            Layout::TooSmall => None,
            Layout::Zoomed(_) => self.zoomed(|pane| pane == Pane::Lesson),
            Layout::Compact(compact) => Some(compact.pane),
            Layout::Full(full) => Some(full.lesson),
        }
    }

    /// The area of a pane that takes the place of others.
    pub fn whole(&self) -> Option<Rect> {
        match self {
            Layout::TooSmall => None,
            Layout::Zoomed(zoomed) => Some(zoomed.area),
            Layout::Compact(compact) => Some(compact.pane),
            Layout::Full(full) => Some(full.shells),
        }
    }

    /// The area of the comparison; `whole` where it has the place of the shells.
    pub fn compare(&self, whole: bool) -> Option<Rect> {
        match self {
            Layout::Full(full) if !whole => Some(full.compare),
            Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_) | Layout::Full(_) => {
                self.whole()
            }
        }
    }

    pub fn flags(&self) -> Option<(Rect, FlagForm)> {
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

impl Compact {
    /// Whether both shells are shown at once.
    pub fn is_stacked(&self) -> bool {
        self.host != self.container
    }
}

impl Full {
    /// The column of borders beside the lesson.
    pub fn beside_lesson(&self) -> Rect {
        Rect {
            x: self.lesson.right(),
            width: 1,
            ..self.lesson
        }
    }
}

/// The border above an area.
pub(crate) fn above(area: Rect) -> Rect {
    Rect::new(area.x, area.y.saturating_sub(1), area.width, 1)
}

fn full(cols: u16, rows: u16, arrangement: Arrangement<'_>) -> Full {
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
    }
}

/// Rows above the shells of a full screen on which no border was moved.
fn upper_rows(rows: u16) -> u16 {
    ((rows - AROUND) / 3).max(UPPER.1)
}

/// Divides the place of the shells. Where it is too low for two comfortable ones, the shell in use is the
/// higher one.
fn one_above_the_other(place: Rect, arrangement: Arrangement<'_>) -> (Rect, Rect) {
    let rows = place.height - 1;
    let most = rows - SMALL_SHELL;
    let host = match arrangement.splits.between_shells {
        Some(share) => share.of(rows),
        None if arrangement.used == Pane::Container => rows - (rows / 2).max(COMFORTABLE).min(most),
        None => rows.div_ceil(2).max(COMFORTABLE),
    };
    let host = host.clamp(SMALL_SHELL, most);
    let first = Rect {
        height: host,
        ..place
    };
    let second = Rect {
        y: first.bottom() + 1,
        height: rows - host,
        ..place
    };
    (first, second)
}

fn compact(cols: u16, rows: u16, arrangement: Arrangement<'_>) -> Compact {
    // Not by the plan: choosing a flag should not resize a shell.
    let clone_rows = if rows > 24 { 2 } else { 1 };
    let most = rows - clone_rows - COMPACT_ROWS - 5;
    let pane_rows = if most > COMFORTABLE + SMALL_SHELL {
        // As many as the shells have on a full screen: a wider one must not make them lower.
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
    /// What is at a place, while a compact screen shows `shown`, with tabs of these names, and `whole` has
    /// the place of the shells of a full one.
    pub fn spot(
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

    /// The share that a border at this place gives to what is before it.
    pub fn share(&self, border: Border, at: Position) -> Option<Share> {
        let (before, all) = match (self, border) {
            (Layout::Full(full), Border::AboveShells) => {
                let rows = full.lesson.height + full.shells.height;
                (at.y.saturating_sub(full.lesson.y), rows)
            }
            (Layout::Full(full), Border::BesideLesson) => (at.x, full.title.width),
            (Layout::Full(full), Border::BetweenShells) => {
                (at.y.saturating_sub(full.shells.y), full.shells.height - 1)
            }
            (Layout::Compact(compact), Border::BetweenShells) if compact.is_stacked() => {
                (at.y.saturating_sub(compact.pane.y), compact.pane.height - 1)
            }
            (Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_), _) => return None,
        };
        Some(Share::new(before, all))
    }

    /// A place on a border.
    pub fn on_border(&self, border: Border) -> Option<Position> {
        match (self, border) {
            (Layout::Full(full), Border::AboveShells) => Some(above(full.shells).as_position()),
            (Layout::Full(full), Border::BesideLesson) => Some(full.beside_lesson().as_position()),
            (Layout::Full(full), Border::BetweenShells) => {
                Some(above(full.container).as_position())
            }
            (Layout::Compact(compact), Border::BetweenShells) if compact.is_stacked() => {
                Some(above(compact.container).as_position())
            }
            (Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_), _) => None,
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

    fn layout(size: (u16, u16), plan: &Plan, splits: Splits, used: Pane) -> Layout {
        let arrangement = Arrangement {
            plan,
            splits,
            used,
            zoomed: None,
        };
        Layout::of(size, arrangement)
    }

    fn plain((cols, rows): (u16, u16)) -> Layout {
        let none = Splits::default();
        layout((cols, rows), &Plan::default(), none, Pane::Host)
    }

    fn any_share() -> impl Strategy<Value = Option<Share>> {
        prop::option::of((0_u16..=1_000).prop_map(|part| Share::new(part, 1_000)))
    }

    fn any_splits() -> impl Strategy<Value = Splits> {
        (any_share(), any_share(), any_share()).prop_map(|(above, beside, between)| Splits {
            above_shells: above,
            beside_lesson: beside,
            between_shells: between,
        })
    }

    proptest! {
        #[test]
        fn parts_lie_side_by_side(
            cols in 1_u16..300,
            rows in 1_u16..120,
            bits: u8,
            splits in any_splits(),
        ) {
            let screen = Rect::new(0, 0, cols, rows);
            let plan = Plan::new(flags(bits));
            let layout = layout((cols, rows), &plan, splits, Pane::Container);
            match layout {
                Layout::TooSmall => prop_assert!(cols < 60 || rows < 16),
                Layout::Zoomed(_) => prop_assert!(false, "nothing asked for it"),
                Layout::Compact(c) => {
                    let around = [
                        c.title, c.flags, c.clone, c.tabs, c.head, c.compare, c.footer,
                    ];
                    prop_assert!(tidy(screen, &[&around[..], &[c.pane]].concat()));
                    prop_assert_eq!(c.host.union(c.container), c.pane);
                    if c.is_stacked() {
                        let border = above(c.container);
                        let parts = [&around[..], &[c.host, border, c.container]].concat();
                        prop_assert!(tidy(screen, &parts));
                    }
                }
                Layout::Full(f) => {
                    let parts = [f.title, f.lesson, f.flags, f.compare, f.host, f.container, f.footer];
                    let borders = [
                        above(f.flags),
                        above(f.compare),
                        above(f.host),
                        above(f.container),
                        f.beside_lesson(),
                    ];
                    prop_assert!(tidy(screen, &[&parts[..], &borders].concat()));
                    prop_assert_eq!(f.host.union(f.container), f.shells);
                    prop_assert!(f.compare.height >= 3 && f.lesson.height >= UPPER.0);
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
    fn a_larger_terminal_makes_no_smaller_shell() {
        let sizes = |used| {
            move |cols, rows| {
                let none = Splits::default();
                let layout = layout((cols, rows), &Plan::default(), none, used);
                let side = match used {
                    Pane::Host => Side::Host,
                    _ => Side::Container(crate::sandbox::Nth::FIRST),
                };
                layout.shell(side).unwrap()
            }
        };
        for used in [Pane::Host, Pane::Container] {
            let area = sizes(used);
            for cols in 60..=250 {
                for rows in 16..=80 {
                    let (now, wider, higher) =
                        (area(cols, rows), area(cols + 1, rows), area(cols, rows + 1));
                    assert!(
                        now.width <= wider.width,
                        "{used:?} {cols}x{rows}: {now} {wider}"
                    );
                    assert!(
                        now.width <= higher.width,
                        "{used:?} {cols}x{rows}: {now} {higher}"
                    );
                    assert!(
                        now.height <= wider.height,
                        "{used:?} {cols}x{rows}: {now} {wider}"
                    );
                    assert!(
                        now.height <= higher.height,
                        "{used:?} {cols}x{rows}: {now} {higher}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_moved_border_gives_no_shell_fewer_columns() {
        let least = Splits {
            above_shells: Some(Share::new(1, 1)),
            beside_lesson: Some(Share::new(1, 1)),
            between_shells: Some(Share::new(1, 1)),
        };
        for cols in 60..250 {
            for rows in [16, 24, 30, 35, 40, 80] {
                let layout = layout((cols, rows), &Plan::default(), least, Pane::Host);
                for side in Side::all() {
                    let area = layout.shell(side).unwrap();
                    assert_eq!(area.width, cols);
                    assert!(area.height >= SMALL_SHELL, "{cols}x{rows} {side:?} {area}");
                }
            }
        }
    }

    /// The terminal's size, and the sizes of the shell in use and of the other one.
    #[test]
    fn sizes_people_have() {
        for (size, in_use, other) in [
            ((60, 16), (60, 6), None),
            ((80, 24), (80, 14), None),
            ((80, 28), (80, 14), None),
            ((80, 29), (80, 14), Some((80, 3))),
            ((100, 30), (100, 14), Some((100, 4))),
            ((109, 40), (109, 14), Some((109, 9))),
            ((110, 40), (110, 14), Some((110, 9))),
            ((120, 30), (120, 14), Some((120, 4))),
            ((120, 40), (120, 14), Some((120, 9))),
            ((160, 48), (160, 15), Some((160, 14))),
            ((250, 80), (250, 25), Some((250, 25))),
        ] {
            let layout = plain(size);
            let area = |side| {
                let area: Rect = layout.shell(side).unwrap();
                (area.width, area.height)
            };
            let container = area(Side::Container(crate::sandbox::Nth::FIRST));
            assert_eq!(area(Side::Host), in_use, "{size:?}");
            assert_eq!(container, other.unwrap_or(in_use), "{size:?}");
        }
        let Layout::Compact(compact) = plain((80, 24)) else {
            panic!("80x24 is compact");
        };
        assert_eq!(compact.pane, Rect::new(0, 4, 80, 14));
        assert_eq!(compact.compare.height, 4);
        assert!(matches!(plain((120, 40)), Layout::Full(_)));
        assert_eq!(plain((59, 40)), Layout::TooSmall);
    }

    #[test]
    fn a_border_goes_where_it_is_put() {
        for (size, border, to) in [
            ((120, 40), Border::AboveShells, Position::new(0, 20)),
            ((120, 40), Border::BesideLesson, Position::new(50, 2)),
            ((120, 40), Border::BetweenShells, Position::new(0, 22)),
            ((100, 40), Border::BetweenShells, Position::new(0, 12)),
        ] {
            let share = plain(size).share(border, to);
            let splits = match border {
                Border::AboveShells => Splits {
                    above_shells: share,
                    ..Splits::default()
                },
                Border::BesideLesson => Splits {
                    beside_lesson: share,
                    ..Splits::default()
                },
                Border::BetweenShells => Splits {
                    between_shells: share,
                    ..Splits::default()
                },
            };
            let moved = layout(size, &Plan::default(), splits, Pane::Host);
            assert_eq!(moved.on_border(border), Some(to), "{border:?}");
        }
    }

    #[test]
    fn a_click_finds_what_is_drawn() {
        let names = ["lesson", "host", "container", "compare"].map(str::to_owned);
        let layout = plain((80, 24));
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
