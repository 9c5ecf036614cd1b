//! Draws the comparison: each side's values, and their relation.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr;

use super::frame::Frame;
use crate::app::compared::Column;
use crate::app::cursor;
use crate::app::cut;
use crate::app::headings;
use crate::app::keymap::Pane;
use crate::app::picked;
use crate::app::state::State;
use crate::app::table::{self, Cell};
use crate::app::texts::{self, Words, words};
use crate::namespace::NamespaceId;
use crate::observe::RowId;
use crate::theme::Role;

/// Columns of the label, with the blank after it.
const LABEL: usize = 12;
/// Columns of the relation, in the language with the widest one.
const RELATION: usize = 14;
/// The value of a side that does not run.
const ABSENT: &str = "–";

/// Widths of the columns of values, each with a place for the mark before the value.
#[derive(Clone, Copy)]
struct ColumnWidths {
    value: usize,
    machine: bool,
}

impl ColumnWidths {
    fn of(state: &State, width: u16) -> Self {
        let machine = state.shows_machine();
        let count = if machine { 3 } else { 2 };
        let value = usize::from(width).saturating_sub(1 + LABEL + RELATION) / count;
        ColumnWidths { value, machine }
    }

    fn machine_title(self, words: &Words) -> &'static str {
        let title = self.machine.then_some(words.machine_column);
        title.unwrap_or_default()
    }
}

/// Draws as many rows as fit, under the names of the columns.
pub(super) fn fitting(frame: &mut Frame, state: &State, area: Rect) {
    let fit = cursor::fitting(state, area);
    let columns = ColumnWidths::of(state, area.width);
    let rows = cursor::rows(state, fit).into_iter();
    let lines = rows.map(|row| row_line(state, row, columns, pointed(state, row)));
    under_head(frame, state, area, lines.collect());
}

/// Draws all rows, and below them the identities of the namespaces.
pub(super) fn whole(frame: &mut Frame, state: &State, area: Rect) {
    let columns = ColumnWidths::of(state, area.width);
    let mut lines: Vec<Line> = RowId::ALL
        .into_iter()
        .map(|row| row_line(state, row, columns, pointed(state, row)))
        .collect();
    lines.push(Line::default());
    lines.push(Line::styled(
        format!(" {}", words(state.lang).identity),
        state.theme.style(Role::Heading),
    ));
    let identities = table::identities(state.shells.sides());
    lines.extend(
        identities
            .iter()
            .map(|identity| identity_line(state, identity, columns)),
    );
    let first = cursor::top(state).min(lines.len());
    under_head(frame, state, area, lines.split_off(first));
}

/// Draws the rows of a compact screen.
pub(super) fn short(frame: &mut Frame, state: &State, head: Rect, area: Rect) {
    let rule = "─".repeat(usize::from(head.width));
    frame.render_widget(Line::styled(rule, state.theme.style(Role::Border)), head);
    let words = words(state.lang);
    let columns = ColumnWidths::of(state, head.width);
    let [left, right] = names(state);
    let second = LABEL + 1 + columns.value;
    for (column, name, role) in [
        (LABEL + 1, left.as_str(), Role::Host),
        (second, right.as_str(), Role::Container),
        (second + columns.value - 1, words.changed, Role::Dim),
        (
            second + columns.value + RELATION - 1,
            columns.machine_title(words),
            Role::Strong,
        ),
    ] {
        if name.is_empty() {
            continue;
        }
        let text = format!(" {name} ");
        let [x, width] = [column, text.width()].map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        let place = Rect::new(head.x.saturating_add(x), head.y, width, 1).intersection(head);
        frame.render_widget(Line::styled(text, state.theme.style(role)), place);
    }
    let rows = table::short_rows(state).into_iter();
    let rows = rows.map(|row| row_line(state, row, columns, false));
    frame.render_lines(rows, area);
    offer(frame, state, area);
}

fn names(state: &State) -> [String; 2] {
    Column::ALL.map(|column| headings::compared_name(state, state.shells.compared(column)))
}

fn under_head(frame: &mut Frame, state: &State, area: Rect, lines: Vec<Line<'static>>) {
    let words = words(state.lang);
    let columns = ColumnWidths::of(state, area.width);
    let [left, right] = names(state);
    let head = Line::from(vec![
        Span::raw(" ".repeat(LABEL + 2)),
        Span::styled(
            cut::padded(&left, columns.value),
            state.theme.style(Role::Host),
        ),
        Span::styled(
            cut::padded(&right, columns.value.saturating_sub(1)),
            state.theme.style(Role::Container),
        ),
        Span::styled(
            cut::padded(words.changed, RELATION),
            state.theme.style(Role::Dim),
        ),
        Span::styled(
            columns.machine_title(words),
            state.theme.style(Role::Strong),
        ),
    ]);
    let all = std::iter::once(head).chain(lines);
    let fit = cursor::fitting(state, area) + 1;
    frame.render_lines(all.take(fit), area);
    offer(frame, state, area);
}

/// Offers on the last line to follow a program that has left the namespaces of its shell.
fn offer(frame: &mut Frame, state: &State, area: Rect) {
    let Some(said) = picked::offer_words(state) else {
        return;
    };
    let width = usize::from(area.width.saturating_sub(1));
    let line = format!(" {}", cut::to_width(&said, width));
    let line = Line::styled(line, state.theme.style(Role::Attention));
    let last = Rect::new(area.x, area.bottom().saturating_sub(1), area.width, 1);
    let last = last.intersection(area);
    frame.render_widget(Clear, last);
    frame.render_widget(line, last);
}

/// Whether the cursor is on the row and is shown.
fn pointed(state: &State, row: RowId) -> bool {
    state.views.focus == Pane::Compare && state.views.compare.row == row
}

fn row_line(state: &State, row: RowId, columns: ColumnWidths, pointed: bool) -> Line<'static> {
    let line = table::line(state, row);
    let role = if line.differs {
        Role::Differs
    } else {
        Role::Text
    };
    let (mark, label) = if pointed {
        (">", Role::Selected)
    } else {
        (" ", Role::Text)
    };
    let mut spans = vec![Span::styled(
        format!("{mark}{}", cut::padded(row.entry().label, LABEL)),
        state.theme.style(label),
    )];
    for cell in [&line.left, &line.right] {
        spans.extend(cell_spans(state, cell, role, columns));
    }
    spans.push(Span::styled(
        cut::padded(&line.relation, RELATION),
        state.theme.style(role),
    ));
    if columns.machine {
        let value = line.machine.as_deref().unwrap_or(ABSENT);
        spans.push(Span::raw(cut::to_width(value, columns.value)));
    }
    Line::from(spans)
}

/// A cell: the mark of a change, the value, a blank.
fn cell_spans(state: &State, cell: &Cell, role: Role, columns: ColumnWidths) -> [Span<'static>; 3] {
    let width = columns.value.saturating_sub(2);
    let text = cell.value.as_deref().unwrap_or(ABSENT);
    let value = cut::to_width(text, width);
    let gap = " ".repeat(columns.value.saturating_sub(1 + value.width()));
    let (mark, role) = match (&cell.value, cell.changed) {
        (Some(_), true) => ("*", Role::Changed),
        (Some(_), false) => (" ", role),
        (None, _) => (" ", Role::Dim),
    };
    let style = state.theme.style(role);
    [
        Span::styled(mark, state.theme.style(Role::Attention)),
        Span::styled(value, style),
        Span::raw(gap),
    ]
}

fn identity_line(
    state: &State,
    identity: &table::IdentityPair,
    columns: ColumnWidths,
) -> Line<'static> {
    let show = |id: Option<NamespaceId>| {
        id.map_or_else(
            || ABSENT.to_owned(),
            |id| format!("{}:[{}]", id.dev, id.ino),
        )
    };
    let (relation, role) = match identity.own() {
        None => (String::new(), Role::Text),
        Some(own) => (
            texts::relation(state.lang, identity.kind, own, own),
            if own { Role::Differs } else { Role::Text },
        ),
    };
    let machine = columns.machine.then(|| show(identity.machine));
    Line::from(vec![
        Span::raw(format!(" {} ", cut::padded(identity.kind.label(), LABEL))),
        Span::styled(
            cut::padded(&show(identity.left), columns.value),
            state.theme.style(role),
        ),
        Span::styled(
            cut::padded(&show(identity.right), columns.value.saturating_sub(1)),
            state.theme.style(role),
        ),
        Span::styled(cut::padded(&relation, RELATION), state.theme.style(role)),
        Span::raw(cut::to_width(&machine.unwrap_or_default(), columns.value)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_of_a_row_is_cut() {
        for row in RowId::ALL {
            let label = row.entry().label;
            assert!(label.width() < LABEL, "{row:?}: \"{label}\" is too long");
        }
    }
}
