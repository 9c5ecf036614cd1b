//! Rendering: one pure function per pane. Does no I/O and starts no thread.

mod bars;
mod borders;
mod compare;
mod details;
mod flags;
mod frame;
mod glossary;
mod lesson;
mod map;
mod overlay;
mod prompt;
mod search;
mod sheet;
mod shell;
pub(crate) mod terminal;

use ratatui::layout::{Alignment, Rect};
use ratatui::widgets::{Paragraph, Wrap};

pub use self::frame::Frame;
pub(crate) use self::frame::{Decoration, Decorations};
use crate::app::code_view;
use crate::app::keymap::Pane;
use crate::app::layout::{Compact, Full, Layout, SMALLEST, Zoomed};
use crate::app::state::State;
use crate::app::texts;
use crate::app::trace_view;
use crate::lang::Lang;
use crate::sandbox::Side;

/// Draws the whole screen.
pub fn draw(frame: &mut Frame, state: &State) {
    let screen = frame.area();
    let layout = state.layout();
    // Between a resize and its message, the frame may be smaller than `state.size`.
    let agrees = (screen.width, screen.height) == state.size;
    match layout {
        Layout::Compact(at) if agrees => compact(frame, state, &at),
        Layout::Full(at) if agrees => full(frame, state, &at),
        Layout::Zoomed(at) if agrees => zoomed(frame, state, &at),
        Layout::TooSmall | Layout::Zoomed(_) | Layout::Compact(_) | Layout::Full(_) => {
            too_small(frame, (screen.width, screen.height));
            return;
        }
    }
    overlay::draw(frame, state);
}

/// The panes of the changed shells, and of the shell that has the cursor. `None` if an overlay is open or no
/// shell is on the screen: then the whole screen has to be drawn.
pub fn draw_shells(state: &State, has_changed: impl Fn(Side) -> bool) -> Option<Vec<Frame>> {
    let panes = state.shown_shells();
    if state.views.overlay.is_some() || panes.is_empty() {
        return None;
    }
    let draw = |(side, area)| {
        let mut frame = Frame::new(area);
        shell::draw(&mut frame, state, side, area);
        frame
    };
    let with_cursor = state.cursor_side();
    let drawn = |(side, _): &(Side, Rect)| has_changed(*side) || with_cursor == Some(*side);
    Some(panes.into_iter().filter(drawn).map(draw).collect())
}

/// Says so in both languages, as no key to switch works here.
fn too_small(frame: &mut Frame, size: (u16, u16)) {
    let text = Lang::ALL
        .map(|lang| texts::too_small(lang, size, SMALLEST))
        .join("\n");
    let middle = Rect {
        y: frame.area().height.saturating_sub(2) / 2,
        ..frame.area()
    };
    let message = Paragraph::new(text)
        .alignment(Alignment::Center)
        .wrap(Wrap { trim: true });
    frame.render_widget(message, middle.intersection(frame.area()));
}

fn full(frame: &mut Frame, state: &State, at: &Full) {
    bars::title(frame, state, at.title);
    borders::draw(frame, state, at);
    lesson::draw(frame, state);
    flags::block(frame, state, at.flags);
    compare::fitting(frame, state, at.compare);
    match state.views.whole_pane() {
        Some(pane) => whole(frame, state, pane, at.shells),
        None => shells(frame, state),
    }
    map::beside(frame, state);
    bars::footer(frame, state, at.footer);
}

fn shells(frame: &mut Frame, state: &State) {
    for (side, area) in state.shown_shells() {
        shell::draw(frame, state, side, area);
    }
}

fn zoomed(frame: &mut Frame, state: &State, at: &Zoomed) {
    match at.pane {
        Pane::Lesson => lesson::draw(frame, state),
        Pane::Host | Pane::Container => shells(frame, state),
        pane => whole(frame, state, pane, at.area),
    }
    bars::footer(frame, state, at.footer);
}

/// A pane that takes the place of others.
fn whole(frame: &mut Frame, state: &State, pane: Pane, area: Rect) {
    match pane {
        Pane::Code => sheet::draw(frame, code_view::view(state).map(|(sheet, _)| sheet)),
        Pane::Trace => sheet::draw(frame, trace_view::view(state)),
        Pane::Details => details::draw(frame, state, area),
        Pane::Compare | Pane::Lesson | Pane::Flags | Pane::Host | Pane::Container => {
            compare::whole(frame, state, area);
        }
    }
}

fn compact(frame: &mut Frame, state: &State, at: &Compact) {
    bars::title(frame, state, at.title);
    flags::flags(frame, state);
    flags::call(frame, state, at.clone);
    bars::tabs(frame, state, at.tabs);
    match state.views.compact_pane() {
        Pane::Lesson | Pane::Flags => lesson::draw(frame, state),
        Pane::Host | Pane::Container => {
            borders::between_shells(frame, state, at);
            shells(frame, state);
        }
        pane => whole(frame, state, pane, at.pane),
    }
    compare::short(frame, state, at.head, at.compare);
    bars::footer(frame, state, at.footer);
}

#[cfg(test)]
mod tests;
