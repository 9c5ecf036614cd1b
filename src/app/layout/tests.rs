//! The layouts of all sizes: no part overlaps another, and a larger terminal makes no smaller shell.

use proptest::prelude::*;
use ratatui::layout::{Position, Rect};

use super::full::UPPER;
use super::shells::SMALL_SHELL;
use super::*;
use crate::namespace::{Namespace, NamespaceSet};
use crate::progress::Share;

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
        map: false,
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
                _ => Side::Container(crate::sandbox::ContainerNumber::FIRST),
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
        let container = area(Side::Container(crate::sandbox::ContainerNumber::FIRST));
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
