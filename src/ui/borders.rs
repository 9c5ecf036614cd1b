//! The borders of the screen: a row above each pane, with its title, and a column beside the lesson.

use ratatui::layout::{Position, Rect};

use super::frame::Frame;
use super::shell::place_in_history;
use crate::app::cut;
use crate::app::keymap::Pane;
use crate::app::layout::{self, Compact, Full};
use crate::app::shells::Phase;
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::sandbox::{ContainerNumber, Side};
use crate::theme::Role;

/// Draws the borders of a full screen.
pub(super) fn draw(frame: &mut Frame, state: &State, at: &Full) {
    let column = at.beside_lesson();
    line(frame, state, column, "│", Role::Border);
    row(frame, state, Pane::Lesson, at.lesson);
    row(frame, state, Pane::Flags, at.flags);
    row(frame, state, Pane::Compare, at.compare);
    if let Some(pane) = state.views.whole_pane() {
        row(frame, state, pane, at.shells);
    } else {
        row(frame, state, Pane::Host, at.host);
        row(frame, state, Pane::Container, at.container);
    }
    if state.views.focus == Pane::Lesson {
        line(frame, state, column, "│", Role::Focused);
    }
    for (y, joint) in [
        (column.y - 1, "┬"),
        (at.compare.y - 1, "├"),
        (column.bottom(), "┴"),
    ] {
        let joint_at = Rect::new(column.x, y, 1, 1);
        // The title of a shell may have the place.
        let title_is_there = joint == "┴" && {
            let cell = &frame.buffer[Position::new(column.x, y)];
            cell.symbol() != "─"
        };
        if !title_is_there {
            line(frame, state, joint_at, joint, Role::Border);
        }
    }
}

/// Draws the border between the shells of a compact screen that shows both.
pub(super) fn between_shells(frame: &mut Frame, state: &State, at: &Compact) {
    if at.is_stacked() {
        row(frame, state, Pane::Container, at.container);
    }
}

/// Fills an area one cell wide or high.
fn line(frame: &mut Frame, state: &State, area: Rect, symbol: &str, role: Role) {
    let style = state.theme.style(role);
    for at in area.positions() {
        frame.buffer[at].set_symbol(symbol).set_style(style);
    }
}

/// The border above a pane, with its title.
fn row(frame: &mut Frame, state: &State, pane: Pane, area: Rect) {
    let border = layout::above(area);
    let (mark, line_role, role) = if pane == state.views.focus {
        (">", Role::Focused, Role::Selected)
    } else {
        (" ", Role::Border, Role::Heading)
    };
    line(frame, state, border, "─", line_role);
    let title = format!("{mark}{} ", title(state, pane));
    let title = cut::to_width(&title, usize::from(border.width.saturating_sub(2)));
    let style = state.theme.style(role);
    frame
        .buffer
        .set_string(border.x + 1, border.y, title, style);
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
        Pane::Trace => words.trace.to_owned(),
        Pane::Details => words.details.to_owned(),
    }
}

/// The container's name, or a tab for each container: the shown one in brackets, one that is not shown and
/// has rung with the mark that tmux gives such a window.
fn container_tabs(state: &State) -> String {
    if state.shells.tabs().count() < 2 {
        return texts::shell_title(state.lang, state.shells.container_side());
    }
    let number = |container: ContainerNumber| match container.get() {
        number if container == state.shells.tab => format!("[{number}]"),
        number if state.shells.get(Side::Container(container)).has_rung => format!(" {number}!"),
        number => format!(" {number} "),
    };
    let numbers: String = state.shells.tabs().map(number).collect();
    format!("{} {numbers}", words(state.lang).container_shell)
}

/// The border of a shell: the key to leave it while it has the keys, its bell, and its program's title.
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
    if let Some(lines) = place_in_history(state, side) {
        title += " · ";
        title += &lines;
    }
    if let Some(of_program) = shell.emulator.title().filter(|_| shell.runs()) {
        title += " · ";
        title += of_program;
    }
    title
}
