//! The borders of the full screen: two columns whose panes share them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Block, Widget};

use super::cut;
use super::frame::Frame;
use crate::app::keymap::Pane;
use crate::app::layout::Full;
use crate::app::shells::Phase;
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::sandbox::{Nth, Side};
use crate::theme::Role;

/// Draws the borders and the titles in them.
pub(super) fn draw(frame: &mut Frame, state: &State, at: &Full) {
    let left = [(Pane::Lesson, at.lesson), (Pane::Flags, at.flags)];
    let right = [
        (Pane::Host, at.host),
        (Pane::Container, at.container),
        (Pane::Compare, at.compare),
    ];
    column(frame.buffer_mut(), state, at.left, &left);
    match state.views.whole_pane() {
        Some(pane) => column(frame.buffer_mut(), state, at.right, &[(pane, at.whole())]),
        None => column(frame.buffer_mut(), state, at.right, &right),
    }
}

fn column(buf: &mut Buffer, state: &State, outer: Rect, panes: &[(Pane, Rect)]) {
    Block::bordered()
        .border_style(state.theme.style(Role::Border))
        .render(outer, buf);
    for (_, inner) in panes.iter().skip(1) {
        let y = inner.y - 1;
        let middle = "─".repeat(usize::from(inner.width));
        buf.set_string(
            outer.x,
            y,
            format!("├{middle}┤"),
            state.theme.style(Role::Border),
        );
    }
    for (pane, inner) in panes {
        let frame = Rect::new(inner.x - 1, inner.y - 1, inner.width + 2, inner.height + 2);
        let focused = *pane == state.views.focus;
        if focused {
            edge(buf, frame, state.theme.style(Role::Focused));
        }
        let mark = if focused { ">" } else { " " };
        let title = format!("{mark}{} ", title(state, *pane));
        let title = cut::to_width(&title, usize::from(inner.width.saturating_sub(1)));
        let role = if focused {
            Role::Selected
        } else {
            Role::Heading
        };
        buf.set_string(inner.x, frame.y, title, state.theme.style(role));
    }
}

fn edge(buf: &mut Buffer, frame: Rect, style: Style) {
    for side in [
        Rect { height: 1, ..frame },
        Rect::new(frame.x, frame.bottom() - 1, frame.width, 1),
        Rect { width: 1, ..frame },
        Rect::new(frame.right() - 1, frame.y, 1, frame.height),
    ] {
        buf.set_style(side, style);
    }
}

fn title(state: &State, pane: Pane) -> String {
    let words = words(state.lang);
    match pane {
        Pane::Lesson => words.lesson.to_owned(),
        Pane::Flags => words.flags.to_owned(),
        Pane::Host => way_out(state, Side::Host, words.host_shell.to_owned()),
        Pane::Container => match state.shells.container().phase {
            Phase::Absent => container_tabs(state),
            Phase::Starting | Phase::Running | Phase::Exited(_) | Phase::Failed(_) => {
                let plan = texts::plan(state.lang, &state.shells.container().plan);
                let title = format!("{} · {plan}", container_tabs(state));
                way_out(state, state.shells.container_side(), title)
            }
        },
        Pane::Compare => words.compare.to_owned(),
        Pane::Code => words.code.to_owned(),
        Pane::Trace => words.took.to_owned(),
        Pane::Details => words.details.to_owned(),
    }
}

/// The container's name, or a tab for each container, the shown one in brackets.
fn container_tabs(state: &State) -> String {
    if state.shells.tabs().count() < 2 {
        return texts::shell_title(state.lang, state.shells.container_side());
    }
    let number = |nth: Nth| match nth.number() {
        number if nth == state.shells.tab => format!("[{number}]"),
        number => format!(" {number} "),
    };
    let numbers: String = state.shells.tabs().map(number).collect();
    format!("{} {numbers}", words(state.lang).container_shell)
}

/// The border of a shell that has the keys says how to leave it. It also has what its program says: that it
/// has rung, and its title.
fn way_out(state: &State, side: Side, mut title: String) -> String {
    if state.typing_into() == Some(side) {
        title += " · ";
        title += &texts::leaves(state.lang, state.leave_key);
    }
    let shell = state.shells.get(side);
    if shell.has_rung {
        title += " · ";
        title += words(state.lang).has_rung;
    }
    if let Some(of_program) = shell.emulator.title().filter(|_| shell.runs()) {
        title += " · ";
        title += of_program;
    }
    title
}
