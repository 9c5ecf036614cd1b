//! The learner's actions on the panes and views of the screen.
//!
//! Must not know which key it was, or what a view shows.

use std::time::Instant;

use super::code_view;
use super::copy_mode;
use super::glossary;
use super::keymap::{Direction, Pane, ViewAction};
use super::map_view;
use super::msg::Effect;
use super::navigation;
use super::search;
use super::side_by_side;
use super::splits;
use super::state::State;
use super::step_moves;
use super::tabs;
use super::views::Overlay;

/// Carries out one of these actions.
pub(super) fn act(state: &mut State, action: ViewAction, now: Instant, effects: &mut Vec<Effect>) {
    match action {
        ViewAction::Help => help(state),
        ViewAction::Focus(pane) => focus(state, pane),
        ViewAction::NextPane(way) => state.views.focus_on(state.views.focus.next(way)),
        ViewAction::NewTab => tabs::open(state, now),
        ViewAction::TurnTab(way) => tabs::turn(state, way),
        ViewAction::Move(way) => navigation::move_cursor(state, way),
        ViewAction::Scroll(way) => navigation::scroll(state, way),
        ViewAction::History(way) => navigation::history(state, way),
        ViewAction::Lessons => open_lessons(state),
        ViewAction::CourseEnd => state.views.overlay = Some(Overlay::CourseEnd { scroll: 0 }),
        ViewAction::Glossary => glossary::open(state, None),
        ViewAction::Map => map_view::turn(state),
        ViewAction::LookInside => map_view::look_inside(state, effects),
        ViewAction::SearchList => search::open(state),
        ViewAction::TakeFound => take_found(state),
        ViewAction::EndSearch => search::close(state),
        ViewAction::Zoom => zoom(state),
        ViewAction::Split(way) => splits::move_border(state, way, effects),
        ViewAction::ResetSplits => splits::reset(state, effects),
        ViewAction::Leave => leave(state),
        ViewAction::Language => change_language(state),
        ViewAction::AllSteps => state.views.trace.turn(),
        ViewAction::CopyProgram => effects.extend(code_view::copy(state, now)),
        ViewAction::SaveProgram => effects.extend(code_view::save(state)),
        ViewAction::Close if state.views.overlay.is_none() => copy_mode::close(state),
        ViewAction::Close => state.views.overlay = state.views.below(),
    }
}

fn open_lessons(state: &mut State) {
    let cursor = state.lesson.walk.lesson();
    state.views.overlay = Some(Overlay::Lessons { cursor });
}

fn change_language(state: &mut State) {
    state.lang = state.lang.next();
    side_by_side::refresh(state);
}

fn take_found(state: &mut State) {
    if search::take(state) {
        step_moves::pick(state);
    }
}

/// Moves the focus out of a shell.
fn leave(state: &mut State) {
    // The next key may be about the shell: until then the shell stays where it is.
    let (shell, zoomed) = (state.views.focus, state.views.zoomed);
    state.views.focus_on(Pane::Lesson);
    state.views.left = Some(shell);
    state.views.zoomed = zoomed;
}

fn help(state: &mut State) {
    let place = state.open_place();
    state.views.overlay = Some(Overlay::Help { place, scroll: 0 });
}

/// Gives a pane the focus. The key of a pane that has it already shows more of that pane.
fn focus(state: &mut State, pane: Pane) {
    match pane {
        Pane::Compare if state.views.focus == pane => {
            zoom(state);
        }
        Pane::Code if state.views.focus == pane => code_view::turn(state, Direction::Right),
        _ => {
            state.views.focus_on(pane);
            code_view::follow(state);
        }
    }
}

/// Gives the focused pane the whole screen, or its usual place. A shell that was just left gets the focus again.
fn zoom(state: &mut State) {
    let zoomed = state.views.zoomed;
    if let Some(pane) = state.views.left {
        state.views.focus_on(pane);
    }
    state.views.opened_by_lesson = false;
    state.views.zoomed = !zoomed;
}
