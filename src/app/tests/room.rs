//! The room of each pane: the whole screen by a key, borders that move; and the selection in a pane.

use std::time::Duration;

use crossterm::event::{MouseButton, MouseEventKind};
use rstest::rstest;

use super::{COMPACT, FULL};
use crate::app::Effect;
use crate::app::fixture::Lab;
use crate::app::keymap::{Pane, Place};
use crate::app::layout::{Border, Layout};
use crate::lang::Lang;
use crate::progress::Splits;
use crate::sandbox::Side;

/// The new sizes of shells.
fn told(effects: &[Effect]) -> Vec<(Side, u16, u16)> {
    let resized = effects.iter().filter_map(|effect| match effect {
        Effect::ResizePty { side, cols, rows } => Some((*side, *cols, *rows)),
        _ => None,
    });
    resized.collect()
}

fn kept(effects: &[Effect]) -> Option<Splits> {
    effects.iter().find_map(|effect| match effect {
        Effect::KeepSplits(splits) => Some(*splits),
        _ => None,
    })
}

#[rstest]
fn a_shell_has_the_whole_screen_and_gives_it_back(
    #[values(COMPACT, FULL, (100, 30))] size: (u16, u16),
) {
    let mut lab = Lab::ready(size, Lang::En);
    lab.key("F3");
    let before = lab.state.layout();
    lab.key("C-]");
    let whole = (Side::Host, size.0, size.1 - 1);
    assert_eq!(told(&lab.key("z")), [whole], "at once, and it alone");
    assert_eq!(lab.state.place(), Place::Shell);
    assert_eq!(lab.key("z").len(), 1, "the program gets it");
    // Leaving it alone changes no size: the next key may be about it.
    assert_eq!(told(&lab.key("C-]")), []);
    let area = before.shell(Side::Host).unwrap();
    assert_eq!(told(&lab.key("z")), [(Side::Host, area.width, area.height)]);
    assert_eq!(lab.state.layout(), before);
    assert_eq!(lab.state.place(), Place::Shell);
}

#[test]
fn any_other_key_ends_the_zoom_of_the_shell_that_was_left() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    lab.key("F4 C-] z C-] F3");
    assert!(matches!(lab.state.layout(), Layout::Full(_)));
    assert_eq!(lab.state.views.focus, Pane::Host);
    // The leave key itself goes to the program, and the pane stays as it is.
    lab.key("C-] z C-] C-]");
    assert!(matches!(lab.state.layout(), Layout::Zoomed(at) if at.pane == Pane::Host));
}

#[test]
fn every_pane_but_the_flags_has_the_whole_screen() {
    for (key, pane) in [
        ("F2", Pane::Lesson),
        ("F6", Pane::Compare),
        ("F7", Pane::Code),
        ("F10", Pane::Trace),
        ("F6 Enter", Pane::Details),
    ] {
        let mut lab = Lab::with_container(FULL, Lang::En, "uts");
        lab.key(key);
        lab.key("z");
        assert!(
            matches!(lab.state.layout(), Layout::Zoomed(at) if at.pane == pane),
            "{pane:?}"
        );
        lab.key("z");
        assert!(matches!(lab.state.layout(), Layout::Full(_)), "{pane:?}");
    }
}

#[test]
fn the_shell_in_use_is_the_higher_one() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    let rows = |lab: &Lab, side| lab.state.layout().shell(side).unwrap().height;
    assert_eq!(
        (rows(&lab, Side::Host), rows(&lab, Side::CONTAINER)),
        (9, 14)
    );
    lab.key("F3");
    assert_eq!(
        (rows(&lab, Side::Host), rows(&lab, Side::CONTAINER)),
        (14, 9)
    );
    // To leave it for the lesson changes nothing.
    assert_eq!(told(&lab.key("C-]")), []);
}

#[test]
fn keys_move_borders_and_put_them_back() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    let plain = lab.state.layout();
    lab.key("F3 C-]");
    let effects = lab.key("+");
    assert_eq!(
        told(&effects),
        [(Side::Host, 120, 15), (Side::CONTAINER, 120, 8)]
    );
    assert_eq!(kept(&effects), Some(lab.state.views.splits));
    // The shell that was left keeps these keys.
    assert_eq!(told(&lab.key("+")).first(), Some(&(Side::Host, 120, 16)));
    lab.key("F2 - } }");
    let Layout::Full(moved) = lab.state.layout() else {
        panic!("120x40 is full");
    };
    assert_eq!((moved.lesson.width, moved.lesson.height), (64, 11));
    assert_eq!(kept(&lab.key("=")), Some(Splits::default()));
    lab.key("F4");
    assert_eq!(lab.state.layout(), plain);
}

/// A compact screen shows the shells while their border moves, and the lesson again with its key.
#[test]
fn a_border_that_a_key_moves_is_in_sight() {
    let mut lab = Lab::ready((100, 30), Lang::En);
    lab.key("F3 C-]");
    assert_eq!(lab.state.views.compact_pane(), Pane::Lesson);
    assert_eq!(told(&lab.key("-")).first(), Some(&(Side::Host, 100, 13)));
    assert_eq!(lab.state.views.compact_pane(), Pane::Host);
    assert_eq!(told(&lab.key("-")).first(), Some(&(Side::Host, 100, 12)));
    lab.key("F2");
    assert_eq!(lab.state.views.compact_pane(), Pane::Lesson);
    // Where there is no border, nothing moves.
    let mut lab = Lab::ready(COMPACT, Lang::En);
    lab.key("F3 C-]");
    assert_eq!(lab.key("+"), []);
    assert_eq!(lab.state.views.compact_pane(), Pane::Lesson);
}

#[rstest]
#[case(FULL, Border::BetweenShells, (3, 30))]
#[case(FULL, Border::AboveShells, (3, 20))]
#[case(FULL, Border::BesideLesson, (50, 5))]
#[case((100, 40), Border::BetweenShells, (3, 20))]
fn a_dragged_border_is_kept(
    #[case] size: (u16, u16),
    #[case] border: Border,
    #[case] to: (u16, u16),
) {
    let mut lab = Lab::with_container(size, Lang::En, "uts");
    lab.key("F3");
    let at = lab.state.layout().on_border(border).unwrap();
    let left = MouseButton::Left;
    // Not on the title.
    let (x, y) = match border {
        Border::BesideLesson => (at.x, at.y),
        Border::AboveShells | Border::BetweenShells => (at.x + 70, at.y),
    };
    assert_eq!(lab.click(x, y), []);
    lab.mouse(MouseEventKind::Drag(left), to.0, to.1);
    let moved = lab.state.layout().on_border(border).unwrap();
    match border {
        Border::BesideLesson => assert_eq!(moved.x, to.0),
        Border::AboveShells | Border::BetweenShells => assert_eq!(moved.y, to.1),
    }
    let effects = lab.mouse(MouseEventKind::Up(left), to.0, to.1);
    assert_eq!(kept(&effects), Some(lab.state.views.splits));
    assert_ne!(lab.state.views.splits, Splits::default());
    // The mouse is free again.
    assert_eq!(lab.state.views.dragged, None);
}

#[test]
fn a_border_stops_before_a_pane_is_gone() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    lab.key("F3 C-]");
    for _ in 0..40 {
        lab.key("+");
    }
    let host = |lab: &Lab| lab.state.layout().shell(Side::Host).unwrap().height;
    let most = host(&lab);
    lab.key("-");
    assert_eq!(host(&lab), most - 1, "the first key back is felt");
}

/// The copied text.
fn copied(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Copy { text } => Some(text.as_str()),
        _ => None,
    })
}

/// A host shell that has the keys and shows some lines, and the place of its first character.
fn with_lines(before: &str) -> (Lab, u16, u16) {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F3");
    lab.output(Side::Host, before);
    lab.output(Side::Host, "\x1b[H\x1b[Jone two-three\r\nfour 名前 five");
    let area = lab.state.layout().shell(Side::Host).unwrap();
    (lab, area.x, area.y)
}

const LEFT: MouseButton = MouseButton::Left;

#[test]
fn a_drag_selects_in_its_pane_alone_and_copies() {
    let (mut lab, x, y) = with_lines("");
    lab.click(x + 4, y);
    lab.mouse(MouseEventKind::Drag(LEFT), x + 6, y + 1);
    let effects = lab.mouse(MouseEventKind::Up(LEFT), x + 6, y + 1);
    assert_eq!(copied(&effects), Some("two-three\nfour 名"));
    // Over the lesson and over the other shell it ends at the pane's edge.
    lab.wait(1_000);
    lab.click(x, y + 1);
    lab.mouse(MouseEventKind::Drag(LEFT), 119, 39);
    let effects = lab.mouse(MouseEventKind::Up(LEFT), 119, 39);
    assert_eq!(copied(&effects).map(str::trim_end), Some("four 名前 five"));
    // Input ends the selection; a click alone copies nothing.
    lab.key("x");
    assert_eq!(lab.state.shells.get(Side::Host).emulator.selected(), None);
    lab.wait(1_000);
    lab.click(x + 2, y);
    assert_eq!(lab.mouse(MouseEventKind::Up(LEFT), x + 2, y), []);
}

#[test]
fn a_second_press_selects_a_word_and_a_third_one_a_line() {
    let (mut lab, x, y) = with_lines("");
    let press = |lab: &mut Lab| {
        lab.click(x + 5, y);
        let effects = lab.mouse(MouseEventKind::Up(LEFT), x + 5, y);
        copied(&effects).map(str::to_owned)
    };
    let pressed = [press(&mut lab), press(&mut lab), press(&mut lab)];
    let pressed = pressed.each_ref().map(Option::as_deref);
    assert_eq!(pressed, [None, Some("two-three"), Some("one two-three\n")]);
    lab.wait(1_000);
    assert_eq!(press(&mut lab), None, "too late to count with the others");
}

#[test]
fn a_program_with_the_mouse_keeps_it_and_shift_selects() {
    let (mut lab, x, y) = with_lines("\x1b[?1002h\x1b[?1006h");
    assert!(matches!(lab.click(x, y).as_slice(), [Effect::Write { .. }]));
    assert_eq!(copied(&lab.mouse(MouseEventKind::Up(LEFT), x + 2, y)), None);
    for (kind, col) in [
        (MouseEventKind::Down(LEFT), x),
        (MouseEventKind::Drag(LEFT), x + 2),
        (MouseEventKind::Up(LEFT), x + 2),
    ] {
        let effects = lab.send(crate::app::Msg::Mouse(crossterm::event::MouseEvent {
            kind,
            column: col,
            row: y,
            modifiers: crossterm::event::KeyModifiers::SHIFT,
        }));
        if let MouseEventKind::Up(_) = kind {
            assert_eq!(copied(&effects), Some("one"));
        } else {
            assert_eq!(effects, []);
        }
    }
}

#[test]
fn beyond_the_upper_edge_a_drag_scrolls() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F3");
    lab.output(Side::Host, &"line\r\n".repeat(60));
    let area = lab.state.layout().shell(Side::Host).unwrap();
    lab.click(area.x + 6, area.y);
    for _ in 0..5 {
        lab.mouse(MouseEventKind::Drag(LEFT), area.x, 0);
    }
    assert_eq!(lab.state.shells.get(Side::Host).emulator.scrolled_by(), 5);
    let effects = lab.mouse(MouseEventKind::Up(LEFT), area.x, 0);
    assert!(
        copied(&effects).is_some_and(|text| text.lines().count() == 6),
        "{effects:?}"
    );
}

/// The learner holds the mouse still there.
#[rstest]
#[case("F3", 0)]
#[case("F3 C-] z", 0)]
#[case("F3 C-] z", 39)]
fn a_pointer_that_is_held_beyond_the_edge_scrolls_on(#[case] keys: &str, #[case] row: u16) {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key(keys);
    let lines = (1..=200).fold(String::new(), |all, n| all + &format!("\r\nline {n}"));
    lab.output(Side::Host, &lines);
    let area = lab.state.layout().shell(Side::Host).unwrap();
    let scrolled = |lab: &Lab| lab.state.shells.get(Side::Host).emulator.scrolled_by();
    for _ in 0..20 {
        lab.mouse(MouseEventKind::ScrollUp, area.x, area.y + 2);
    }
    let begun_at = scrolled(&lab);
    lab.click(area.x, area.y + 2);
    lab.mouse(MouseEventKind::Drag(LEFT), area.x + 3, row);
    let first = scrolled(&lab);
    assert_eq!(first.abs_diff(begun_at), 1);
    for ticks in 1..=3 {
        let due = lab.state.next_deadline().unwrap();
        assert!(due <= lab.now + Duration::from_millis(50));
        lab.wait(50);
        assert_eq!(scrolled(&lab).abs_diff(first), ticks);
    }
    // Back in the pane, it no longer scrolls.
    lab.mouse(MouseEventKind::Drag(LEFT), area.x + 3, area.y + 2);
    let then = scrolled(&lab);
    lab.wait(1_000);
    assert_eq!(scrolled(&lab), then);
    let effects = lab.mouse(MouseEventKind::Up(LEFT), area.x + 3, row);
    assert!(copied(&effects).is_some(), "{effects:?}");
}
