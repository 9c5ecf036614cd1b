//! The eight flags: which are chosen, which the running container has, and the call that they make.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::frame::Frame;
use crate::app::clone_call;
use crate::app::cut;
use crate::app::keymap::Pane;
use crate::app::layout::{FLAGS_ROWS, FlagForm};
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::namespace::Namespace;
use crate::theme::Role;

/// The pane of the full screen: flags, legend, call.
pub(super) fn block(frame: &mut Frame, state: &State, area: Rect) {
    flags(frame, state);
    let words = words(state.lang);
    let running = if state.shells.container().runs() {
        words.legend_running
    } else {
        words.legend_none_running
    };
    let extras = texts::extras(state.lang, &state.next_launch.plan());
    let legend = if extras.is_empty() {
        format!(" {}  {running}", words.legend_chosen)
    } else {
        format!(" {}{}{extras}", words.legend_chosen, words.colon)
    };
    let legend = cut::to_width(&legend, usize::from(area.width));
    let row = Rect::new(area.x, area.y + FLAGS_ROWS - 1, area.width, 1);
    frame.render_widget(Line::styled(legend, state.theme.style(Role::Dim)), row);
    let rest = Rect {
        y: area.y + FLAGS_ROWS,
        height: area.height.saturating_sub(FLAGS_ROWS),
        ..area
    };
    call(frame, state, rest);
}

pub(super) fn flags(frame: &mut Frame, state: &State) {
    let Some((area, form)) = state.layout().flags() else {
        return;
    };
    for (kind, cell) in form.cells(area) {
        frame.render_widget(flag(state, kind, form), cell);
        // Screen readers and magnifiers follow the cursor.
        if state.views.overlay.is_none()
            && state.views.focus == Pane::Flags
            && state.next_launch.cursor == kind
        {
            frame.set_cursor_position((cell.x + 1, cell.y));
        }
    }
}

fn flag(state: &State, kind: Namespace, form: FlagForm) -> Line<'static> {
    let here = state.views.focus == Pane::Flags && state.next_launch.cursor == kind;
    let chosen = state.next_launch.flags.contains(kind);
    let running =
        state.shells.container().runs() && state.shells.container().plan.flags.contains(kind);
    let role = match (here, chosen) {
        (true, _) => Role::Selected,
        (false, true) => Role::Strong,
        (false, false) => Role::Text,
    };
    let style = state.theme.style(role);
    let name = match form {
        FlagForm::Block | FlagForm::Line => kind.label(),
        FlagForm::Letters => "",
    };
    Line::from(vec![
        Span::raw(if here { ">" } else { " " }),
        Span::styled(if chosen { "[x]" } else { "[ ]" }, style),
        Span::styled(
            kind.key().to_string(),
            style.patch(state.theme.style(Role::Key)),
        ),
        Span::styled(
            if running { "●" } else { " " },
            state.theme.style(Role::Container),
        ),
        Span::styled(name, style),
    ])
}

/// The call that makes a container with the chosen flags.
pub(super) fn call(frame: &mut Frame, state: &State, area: Rect) {
    let style = state.theme.style(Role::Code);
    let area = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(1),
        ..area
    };
    let user = clone_call::User::of(state.next_launch.flags, state.may_make_time());
    let lines = clone_call::lines(&state.called(), user, area.width, area.height);
    let lines = lines.into_iter().map(|line| Line::styled(line, style));
    frame.render_lines(lines, area);
}
