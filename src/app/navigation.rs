//! Moving the cursor and scrolling, in the part of the screen that has the keys.
//!
//! Must not know which key it was, or what a page shows.

use super::changed::Changed;
use super::code_view;
use super::copy_mode;
use super::course_end;
use super::cursor;
use super::glossary;
use super::help;
use super::keymap::{Direction, Pane};
use super::layout::FlagForm;
use super::lesson_state::ReadingPosition;
use super::lesson_view;
use super::map_view;
use super::options;
use super::search;
use super::side_by_side;
use super::state::State;
use super::tabs;
use super::trace_view;
use super::views::Overlay;
use crate::namespace::Namespace;
use crate::sandbox::Side;

/// Moves the cursor of the part of the screen that has the keys.
pub(super) fn move_cursor(state: &mut State, way: Direction) {
    if let Some(Overlay::Lessons { cursor }) = state.views.overlay {
        return search::go(state, cursor, way);
    }
    if let Some(Overlay::Glossary { .. }) = state.views.overlay {
        return glossary::go(state, way);
    }
    if state.views.overlay == Some(Overlay::Map) {
        return map_view::go(state, way);
    }
    if state.views.overlay == Some(Overlay::Prompt) {
        match way {
            Direction::Up => state.views.prompt.back(),
            Direction::Down => state.views.prompt.forth(),
            Direction::Left
            | Direction::Right
            | Direction::PageUp
            | Direction::PageDown
            | Direction::First
            | Direction::Last => {}
        }
        return;
    }
    if let Some(Overlay::Options { row }) = state.views.overlay {
        return options::go(state, row, way);
    }
    match state.views.focus {
        Pane::Flags => move_flag(state, way),
        Pane::Lesson => move_choice(state, way),
        Pane::Code => code_view::turn(state, way),
        Pane::Compare if matches!(way, Direction::Left | Direction::Right) => {
            tabs::compare_other(state, way);
        }
        Pane::Compare => cursor::go(state, way),
        Pane::Host | Pane::Container | Pane::Trace | Pane::Details => {}
    }
}

fn move_flag(state: &mut State, way: Direction) {
    let columns = state
        .layout()
        .flags()
        .map_or(FlagForm::Block, |(_, form)| form)
        .columns();
    let at = state.next_launch.cursor as usize;
    let count = Namespace::ALL.len();
    let to = match way {
        Direction::Up if at >= columns => at - columns,
        Direction::Down if at + columns < count => at + columns,
        Direction::Up | Direction::Down => at,
        way => way.moved(at, count, columns),
    };
    state.next_launch.cursor = Namespace::ALL[to];
}

/// Moves the cursor over the choices of the question that waits.
fn move_choice(state: &mut State, way: Direction) {
    let step = state.step();
    let Some((_, question)) = step.and_then(|step| state.lesson.walk.question(step)) else {
        return;
    };
    let count = question.choices.len();
    let progress = state.lesson.walk.progress_mut();
    progress.choice = Some(match (progress.choice, way) {
        (Some(at), way) => way.moved(at, count, 1),
        (None, Direction::Up | Direction::Last) => count.saturating_sub(1),
        (None, _) => 0,
    });
}

fn page_scrolled(scroll: usize, last: usize, way: Direction) -> usize {
    way.moved(scroll.min(last), last + 1, 10)
}

/// Scrolls the part of the screen that has the keys.
pub(super) fn scroll(state: &mut State, way: Direction) {
    match state.views.overlay {
        Some(Overlay::Help { place, scroll }) => {
            let scroll = page_scrolled(scroll, help::last_top(state, place), way);
            return state.views.overlay = Some(Overlay::Help { place, scroll });
        }
        Some(Overlay::CourseEnd { scroll }) => {
            let scroll = page_scrolled(scroll, course_end::last_top(state), way);
            return state.views.overlay = Some(Overlay::CourseEnd { scroll });
        }
        Some(Overlay::Inside { of, scroll }) => {
            return map_view::scroll_inside(state, of, scroll, way);
        }
        _ => {}
    }
    match state.views.focus {
        Pane::Lesson => {
            if let Some(view) = lesson_view::view(state) {
                let page = usize::from(view.body.height.saturating_sub(1)).max(1);
                state.lesson.scroll = way.moved(view.top, view.last_top() + 1, page);
                state.lesson.reader = ReadingPosition::Elsewhere;
            }
        }
        Pane::Compare => cursor::scroll(state, way),
        Pane::Details => side_by_side::scroll(state, way),
        Pane::Host => scroll_shell(state, Side::Host, way),
        Pane::Container => scroll_shell(state, state.shells.container_side(), way),
        Pane::Code => code_view::scroll(state, way),
        Pane::Trace => trace_view::scroll(state, way),
        Pane::Flags => {}
    }
}

/// Scrolls in a shell's history.
pub(super) fn history(state: &mut State, way: Direction) {
    let side = match (state.views.compact_pane(), state.views.watched) {
        (_, Some(side)) => side,
        (Pane::Host, None) => Side::Host,
        (_, None) => state.shells.container_side(),
    };
    scroll_shell(state, side, way);
}

/// Scrolls one of the shells.
pub(super) fn scroll_shell(state: &mut State, side: Side, way: Direction) {
    // The border shows how far the shell is scrolled back.
    state.changed = Changed::Screen;
    let emulator = copy_mode::shown_screen_mut(state, side);
    let page = i32::from(emulator.size().1.saturating_sub(1).max(1));
    match way {
        Direction::Up => emulator.scroll(1),
        Direction::Down => emulator.scroll(-1),
        Direction::PageUp => emulator.scroll(page),
        Direction::PageDown => emulator.scroll(-page),
        Direction::First => emulator.scroll(i32::MAX),
        Direction::Last => emulator.scroll_to_bottom(),
        Direction::Left | Direction::Right => {}
    }
}
