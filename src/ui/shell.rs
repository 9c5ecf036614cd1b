//! A shell's pane: its terminal, or why there is none and which key helps.

use ratatui::layout::{Margin, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;
use ratatui::widgets::Clear;

use super::frame::Frame;
use super::terminal::TerminalView;
use crate::app::copy_mode;
use crate::app::keymap::Pane;
use crate::app::launching::ENDED_ROWS;
use crate::app::shells::{LabPhase, Phase};
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::prose;
use crate::sandbox::{HostKind, Side, Step};
use crate::theme::Role;

pub(super) fn draw(frame: &mut Frame, state: &State, side: Side, area: Rect) {
    let shell = state.shells.get(side);
    let words = words(state.lang);
    let lines = match (&state.shells.lab, &shell.phase) {
        (LabPhase::Undecided, _) => vec![(words.lab_undecided.to_owned(), Role::Dim)],
        (LabPhase::Starting, _) => vec![(words.lab_starting.to_owned(), Role::Dim)],
        (LabPhase::Failed { steps, why }, _) => {
            let mut lines = vec![(words.lab_failed.to_owned(), Role::Bad)];
            if side == Side::Host {
                lines.extend(tail(steps, area));
                lines.push((texts::failure(state.lang, why), Role::Text));
            }
            if state.can_do_without_user() {
                lines.push((words.no_user_helps.to_owned(), Role::Attention));
            }
            lines.push((words.fresh_lab_helps.to_owned(), Role::Attention));
            lines
        }
        (LabPhase::Gone, _) => vec![
            (words.lab_gone.to_owned(), Role::Bad),
            (words.keeper_gone.to_owned(), Role::Text),
            (words.fresh_lab_helps.to_owned(), Role::Attention),
        ],
        (LabPhase::Ready, Phase::Absent) => match side {
            Side::Host => vec![(words.no_shell.to_owned(), Role::Dim)],
            Side::Container(_) => vec![
                (words.no_container.to_owned(), Role::Text),
                (words.no_container_help.to_owned(), Role::Dim),
            ],
        },
        (LabPhase::Ready, Phase::Starting) => vec![(words.shell_starting.to_owned(), Role::Dim)],
        (LabPhase::Ready, Phase::Failed(why)) => {
            let said = if shell.ran {
                words.ran_and_ended
            } else {
                words.launch_refused
            };
            let mut lines = vec![(said.to_owned(), Role::Bad)];
            lines.extend(tail(&shell.steps, area));
            lines.push((texts::failure(state.lang, why), Role::Text));
            lines.push((again(state, side), Role::Attention));
            if state.shells.host_kind != HostKind::Machine {
                lines.push((words.or_fresh_lab.to_owned(), Role::Attention));
            }
            lines
        }
        (LabPhase::Ready, Phase::Running) => return terminal(frame, state, side, area),
        (LabPhase::Ready, Phase::Exited(exit)) => {
            let kept = area.height.saturating_sub(ENDED_ROWS);
            terminal(
                frame,
                state,
                side,
                Rect {
                    height: kept,
                    ..area
                },
            );
            let below = Rect::new(area.x, area.y + kept, area.width, area.height - kept);
            let lines = vec![
                (texts::ended(state.lang, *exit), Role::Attention),
                (again(state, side), Role::Attention),
            ];
            return show_lines(frame, state, below, lines);
        }
    };
    show_lines(frame, state, area, lines);
}

fn again(state: &State, side: Side) -> String {
    let focused = state.views.focus == Pane::of(side);
    texts::relaunch(state.lang, side, &state.next_launch.plan(), focused)
}

fn terminal(frame: &mut Frame, state: &State, side: Side, area: Rect) {
    let view = TerminalView::new(copy_mode::shown_screen(state, side), state.theme);
    if state.cursor_side() == Some(side)
        && let Some(cursor) = view.cursor(area)
    {
        frame.set_cursor_position(cursor);
        frame.cursor_style = view.cursor_style();
    }
    view.draw(area, frame);
    mark_selection(frame, state, side, area);
    explanation(frame, state, side, area);
}

/// Explains why the last command failed, at the top or bottom of the pane, away from the cursor.
fn explanation(frame: &mut Frame, state: &State, side: Side, area: Rect) {
    let shell = state.shells.get(side);
    let screen = copy_mode::shown_screen(state, side);
    let reads = copy_mode::copies(state, side) || screen.scrolled_by() > 0;
    // The cause comes first.
    let ahead = shell.ahead();
    let ahead = ahead.map(|step| texts::ahead(state.lang, step, state.lesson.walk.step()));
    let why = shell.why().map(|why| why.words(state.lang));
    let said: Vec<String> = ahead.into_iter().chain(why).collect();
    if said.is_empty() || reads {
        return;
    }
    let why = format!("→ {}", said.join(" ")).replace(char::is_control, " ");
    let wrapped = prose::wrap(&why, area.width.saturating_sub(1));
    let cursor = screen.cursor().map_or(0, |cursor| cursor.row);
    let below = area.height.saturating_sub(cursor + 1);
    let lines = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
    let height = lines.min(below.max(cursor));
    let y = if below >= height {
        area.bottom() - height
    } else {
        area.y
    };
    let style = state.theme.style(Role::Attention);
    let area = Rect { y, height, ..area };
    frame.render_widget(Clear, area);
    let lines = wrapped.into_iter().map(|line| Line::styled(line, style));
    frame.render_lines(lines, area);
}

/// Shows the selected characters in the reverse of their colours, and those that a search has found also
/// bold and underlined.
fn mark_selection(frame: &mut Frame, state: &State, side: Side, area: Rect) {
    let screen = copy_mode::shown_screen(state, side);
    let mut mark = |row, columns: Option<(u16, u16)>, more| {
        let Some((first, last)) = columns else { return };
        for col in (first..=last).take_while(|col| *col < area.width) {
            let cell = &mut frame.buffer[(area.x + col, area.y + row)];
            cell.modifier.toggle(Modifier::REVERSED);
            cell.modifier.insert(more);
        }
    };
    for row in 0..area.height {
        mark(row, screen.selected_columns(row), Modifier::empty());
        let found = screen.found_columns(row);
        mark(row, found, Modifier::BOLD | Modifier::UNDERLINED);
    }
}

/// The border's text about a pane's lines: copy mode, and how far it is scrolled back.
pub(super) fn place_in_history(state: &State, side: Side) -> Option<String> {
    let screen = copy_mode::shown_screen(state, side);
    let mode = copy_mode::copies(state, side).then(|| words(state.lang).copy_mode.to_owned());
    let lines = screen.scrolled_by();
    let scrolled = (lines > 0).then(|| format!("↑ {lines}/{}", screen.history()));
    let said: Vec<String> = [mode, scrolled].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The last steps of a launch, ending with the refused one.
fn tail(steps: &[Step], area: Rect) -> impl Iterator<Item = (String, Role)> {
    let most = usize::from(area.height / 2).max(1);
    steps
        .iter()
        .skip(steps.len().saturating_sub(most))
        .map(|step| match step.refusal() {
            None => (format!("✔ {}", step.call), Role::Dim),
            Some(errno) => (format!("✘ {}  {errno}", step.call), Role::Bad),
        })
}

fn show_lines(frame: &mut Frame, state: &State, area: Rect, lines: Vec<(String, Role)>) {
    let inner = area.inner(Margin::new(1, 0));
    let wrapped = lines.into_iter().flat_map(|(text, role)| {
        let style = state.theme.style(role);
        prose::wrap(&text, inner.width)
            .into_iter()
            .map(move |line| Line::styled(line, style))
    });
    frame.render_lines(wrapped, inner);
}
