//! Where cursors and pages go: up and down, a page, to either end.
//!
//! The keys that mean it are the keymap's; what is on a page is known to whoever writes it.

use super::code_view;
use super::cursor;
use super::glossary;
use super::help;
use super::keymap::{Pane, Way};
use super::layout::FlagForm;
use super::lesson_view;
use super::options;
use super::side_by_side;
use super::state::{Overlay, Reader, State};
use super::tabs;
use super::trace_view;
use crate::namespace::Namespace;
use crate::sandbox::Side;

/// A number moved along a list of `count`.
pub(super) fn moved(at: usize, way: Way, count: usize, page: usize) -> usize {
    let last = count.saturating_sub(1);
    match way {
        Way::Up | Way::Left => at.saturating_sub(1),
        Way::Down | Way::Right => (at + 1).min(last),
        Way::PageUp => at.saturating_sub(page),
        Way::PageDown => (at + page).min(last),
        Way::First => 0,
        Way::Last => last,
    }
}

/// Moves what is under the cursor of whatever has the keys.
pub(super) fn move_cursor(state: &mut State, way: Way) {
    if let Some(Overlay::Lessons { cursor }) = &mut state.overlay {
        *cursor = moved(*cursor, way, state.lessons.count(), 1);
        return;
    }
    if let Some(Overlay::Glossary { .. }) = state.overlay {
        return glossary::go(state, way);
    }
    if state.overlay == Some(Overlay::Prompt) {
        match way {
            Way::Up => state.prompt.back(),
            Way::Down => state.prompt.forth(),
            Way::Left | Way::Right | Way::PageUp | Way::PageDown | Way::First | Way::Last => {}
        }
        return;
    }
    if let Some(Overlay::Options { row }) = state.overlay {
        return options::go(state, row, way);
    }
    match state.focus {
        Pane::Flags => move_flag(state, way),
        Pane::Lesson => move_choice(state, way),
        Pane::Code => code_view::turn(state, way),
        Pane::Compare if matches!(way, Way::Left | Way::Right) => {
            tabs::compare_other(state, way);
        }
        Pane::Compare => cursor::go(state, way),
        Pane::Host | Pane::Container | Pane::Took | Pane::Details => {}
    }
}

fn move_flag(state: &mut State, way: Way) {
    let columns = state
        .layout()
        .flags()
        .map_or(FlagForm::Block, |(_, form)| form)
        .columns();
    let at = state.flag as usize;
    let count = Namespace::ALL.len();
    let to = match way {
        Way::Up if at >= columns => at - columns,
        Way::Down if at + columns < count => at + columns,
        Way::Up | Way::Down => at,
        way => moved(at, way, count, columns),
    };
    state.flag = Namespace::ALL[to];
}

fn move_choice(state: &mut State, way: Way) {
    let Some((_, question)) = state.step().and_then(|step| state.walk.question(step)) else {
        return;
    };
    let count = question.choices.len();
    let progress = state.walk.progress_mut();
    progress.choice = Some(match (progress.choice, way) {
        (Some(at), way) => moved(at, way, count, 1),
        (None, Way::Up | Way::Last) => count.saturating_sub(1),
        (None, _) => 0,
    });
}

/// Scrolls whatever has the keys.
pub(super) fn scroll(state: &mut State, way: Way) {
    if let Some(Overlay::Help { place, scroll }) = state.overlay {
        let last = help::last_top(state, place);
        let scroll = moved(scroll.min(last), way, last + 1, 10);
        state.overlay = Some(Overlay::Help { place, scroll });
        return;
    }
    match state.focus {
        Pane::Lesson => {
            if let Some(view) = lesson_view::view(state) {
                let page = usize::from(view.body.height.saturating_sub(1)).max(1);
                state.lesson_scroll = moved(view.top, way, view.last_top() + 1, page);
                state.reader = Reader::Elsewhere;
            }
        }
        Pane::Compare => cursor::scroll(state, way),
        Pane::Details => side_by_side::scroll(state, way),
        Pane::Host => scroll_shell(state, Side::Host, way),
        Pane::Container => scroll_shell(state, state.container_side(), way),
        Pane::Code => code_view::scroll(state, way),
        Pane::Took => trace_view::scroll(state, way),
        Pane::Flags => {}
    }
}

/// Scrolls back in what a shell printed.
pub(super) fn history(state: &mut State, way: Way) {
    let side = match (state.shown(), state.watching) {
        (_, Some(side)) => side,
        (Pane::Host, None) => Side::Host,
        (_, None) => state.container_side(),
    };
    scroll_shell(state, side, way);
}

/// The same for one of the shells.
pub(super) fn scroll_shell(state: &mut State, side: Side, way: Way) {
    let emulator = &mut state.shell_mut(side).emulator;
    let page = i32::from(emulator.size().1.saturating_sub(1).max(1));
    match way {
        Way::Up => emulator.scroll(1),
        Way::Down => emulator.scroll(-1),
        Way::PageUp => emulator.scroll(page),
        Way::PageDown => emulator.scroll(-page),
        Way::First => emulator.scroll(i32::MAX),
        Way::Last => emulator.scroll_to_bottom(),
        Way::Left | Way::Right => {}
    }
}
