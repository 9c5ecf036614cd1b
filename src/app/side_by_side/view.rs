//! Lays out the Details pane: two columns if they fit, otherwise one side above the other.
//!
//! Must not know where the lines come from.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::contents::{ComparedCommand, Contents, DetailSubject};
use super::pairs::{LinePair, Mark};
use super::plain;
use crate::app::compared::Column;
use crate::app::headings;
use crate::app::msg::CommandAnswer;
use crate::app::state::State;
use crate::app::texts::{self, words};
use crate::namespace::Namespace;
use crate::observe::comparison::own_namespaces;
use crate::prose;
use crate::sandbox::command::{CommandEnd, CommandOutcome};
use crate::theme::Role;

/// Columns of the sign before a line, with a blank after it.
const SIGN: usize = 2;
/// Columns beside a line's text: a blank on both sides, and the sign.
pub(super) const AROUND: usize = SIGN + 2;

/// The pane as lines: `head` stays, `body` scrolls.
pub(crate) struct DetailsView {
    pub head: Vec<Line<'static>>,
    pub body: Vec<Line<'static>>,
    /// Index of the first line of the body that is shown.
    pub top: usize,
}

impl DetailsView {
    pub(super) fn last_top(&self, height: usize) -> usize {
        let room = height.saturating_sub(self.head.len());
        self.body.len().saturating_sub(room)
    }
}

pub(crate) fn view(state: &State, columns: u16, rows: u16) -> DetailsView {
    let drawing = SideBySideDrawing {
        state,
        contents: &state.views.side_by_side.contents,
        columns: usize::from(columns).saturating_sub(1),
    };
    let mut view = DetailsView {
        head: drawing.heading(columns),
        body: Vec::new(),
        top: 0,
    };
    if drawing.fits_side_by_side() {
        view.head.push(drawing.names());
        view.body = drawing.side_by_side();
    } else {
        view.body = drawing.one_above_the_other();
    }
    let last = view.last_top(usize::from(rows));
    view.top = state.views.side_by_side.scroll.min(last);
    view
}

struct SideBySideDrawing<'a> {
    state: &'a State,
    contents: &'a Contents,
    columns: usize,
}

impl SideBySideDrawing<'_> {
    fn span(&self, text: impl Into<String>, role: Role) -> Span<'static> {
        Span::styled(text.into(), self.state.theme.style(role))
    }

    /// The command, and a sentence that compares both sides.
    fn heading(&self, columns: u16) -> Vec<Line<'static>> {
        let state = self.state;
        let what = match &state.views.side_by_side.subject {
            DetailSubject::Row(row) => row.entry().namespace.label(),
            DetailSubject::Command(_) => words(state.lang).on_both_sides,
        };
        let room = self.columns.saturating_sub(what.width() + 4);
        let mut command = plain::line(state.views.side_by_side.command_line());
        if command.width() > room {
            command = plain::cut(&command, room.saturating_sub(1)).0.to_owned() + "…";
        }
        let mut head = vec![Line::from(vec![
            Span::raw(" "),
            self.span(command, Role::Command),
            self.span(format!(" · {what}"), Role::Heading),
        ])];
        let sentence = self.sentence();
        let sentence = Some(sentence).filter(|sentence| !sentence.is_empty());
        for line in sentence
            .iter()
            .flat_map(|it| prose::wrap(it, columns.saturating_sub(2)))
        {
            head.push(Line::raw(format!(" {line}")));
        }
        head
    }

    fn sentence(&self) -> String {
        let state = self.state;
        let differs = self.contents.differs();
        match &state.views.side_by_side.subject {
            DetailSubject::Command(command) => {
                let both = Column::ALL.into_iter().all(
                    |side| matches!(command.answer(side), Some(CommandAnswer::Ended(it, _)) if exited(it)),
                );
                let said = both.then(|| texts::outputs(state.lang, differs));
                let shared = self.share_files(command);
                let order = shared.then(|| texts::one_after_the_other(state.lang));
                let gap = state.lang.pick([" ", ""]);
                let all: Vec<_> = said.into_iter().chain(order).collect();
                all.join(gap)
            }
            DetailSubject::Row(row) => {
                let [left, right] = Column::ALL.map(|column| state.shells.column(column).snapshot);
                let (Some(host), Some(container)) = (left, right) else {
                    return String::new();
                };
                let own = own_namespaces(host, container).contains(row.entry().namespace);
                let subjects = Column::ALL
                    .map(|column| headings::subject_of(state, state.shells.compared(column)));
                texts::relation_sentence(state.lang, *row, &subjects, own, differs)
            }
        }
    }

    /// Whether both sides of a command are in the same mount namespace.
    fn share_files(&self, command: &ComparedCommand) -> bool {
        let [left, right] = Column::ALL.map(|column| {
            let seen = self.state.shells.seen(command.side(column));
            let namespaces = &seen.snapshot?.namespaces;
            namespaces.get(&Namespace::Mnt)
        });
        left.is_some() && left == right
    }

    /// A side's name, with the identity of its namespace, or with the command's exit status.
    fn name(&self, side: Column) -> Vec<Span<'static>> {
        let state = self.state;
        let role = match side {
            Column::Left => Role::Host,
            Column::Right => Role::Container,
        };
        let of = match &state.views.side_by_side.subject {
            DetailSubject::Row(_) => state.shells.compared(side),
            DetailSubject::Command(command) => command.side(side),
        };
        let name = headings::compared_name(state, of);
        let beside = match &state.views.side_by_side.subject {
            DetailSubject::Row(row) => {
                let kind = row.entry().namespace;
                let snapshot = state.shells.column(side).snapshot;
                let id = snapshot.and_then(|snapshot| snapshot.namespaces.get(&kind));
                id.map(|id| format!("{}:[{}]", kind.name(), id.ino))
            }
            DetailSubject::Command(command) => match command.answer(side) {
                Some(CommandAnswer::Ended(outcome, _)) => {
                    Some(texts::command_end(state.lang, &outcome.end))
                }
                Some(CommandAnswer::Absent | CommandAnswer::Failed(_)) | None => None,
            },
        };
        let mut spans = vec![self.span(name, role)];
        spans.extend(beside.map(|beside| self.span(format!("  {beside}"), Role::Dim)));
        spans
    }

    fn half(&self) -> usize {
        self.columns / 2
    }

    fn fits_side_by_side(&self) -> bool {
        let room = self.half().saturating_sub(SIGN + 1);
        let of = |pair: &LinePair| {
            let sides = pair.sides.each_ref();
            let [host, container] = sides.map(|text| text.as_ref().map_or(0, |it| it.width()));
            host.max(container)
        };
        let names = Column::ALL.map(|side| Line::from(self.name(side)).width());
        self.contents.pairs.iter().map(of).chain(names).max() <= Some(room)
    }

    fn names(&self) -> Line<'static> {
        let mut spans = vec![Span::raw(" ".repeat(SIGN + 1))];
        let host = self.name(Column::Left);
        let used = Line::from(host.clone()).width();
        spans.extend(host);
        spans.push(Span::raw(" ".repeat(self.half().saturating_sub(used))));
        spans.extend(self.name(Column::Right));
        Line::from(spans)
    }

    fn side_by_side(&self) -> Vec<Line<'static>> {
        let room = self.half().saturating_sub(SIGN + 1);
        let halves = |pair: &LinePair| pair.sides.clone().map(|text| LineHalf::of(text, pair.mark));
        let mut rows: Vec<[LineHalf; 2]> = self.contents.pairs.iter().map(halves).collect();
        for (column, side) in Column::ALL.into_iter().enumerate() {
            // A message follows the last line of its side.
            let last = self.contents.pairs.iter().rposition(|pair| has(pair, side));
            let first = last.map_or(0, |last| last + 1);
            for (i, said) in self.message_lines(side, room).into_iter().enumerate() {
                if rows.len() <= first + i {
                    rows.push(Default::default());
                }
                rows[first + i][column] = LineHalf::message(said);
            }
        }
        let spans = |half| self.half_spans(half, room);
        let line = |halves: [LineHalf; 2]| halves.into_iter().flat_map(spans).collect();
        self.with_legend(rows.into_iter().map(line).collect())
    }

    fn one_above_the_other(&self) -> Vec<Line<'static>> {
        let room = self.columns.saturating_sub(SIGN + 1);
        let mut lines = Vec::new();
        for side in Column::ALL {
            let once = side == Column::Left && self.is_the_same();
            if side == Column::Right && !self.is_the_same() {
                lines.push(Line::default());
            }
            let mut name = vec![Span::raw(" ".repeat(SIGN + 1))];
            name.extend(self.name(side));
            lines.push(Line::from(name));
            if once {
                // The lines follow once, under both names.
                continue;
            }
            for pair in &self.contents.pairs {
                let Some(text) = &pair.sides[side as usize] else {
                    continue;
                };
                for (i, piece) in plain::wrap(text, room).into_iter().enumerate() {
                    let mut half = LineHalf::of(Some(piece), pair.mark);
                    if i > 0 {
                        half.sign = "";
                    }
                    lines.push(self.alone(half));
                }
            }
            let said = self.message_lines(side, room);
            let said = said.into_iter().map(LineHalf::message);
            lines.extend(said.map(|half| self.alone(half)));
        }
        self.with_legend(lines)
    }

    /// Whether both sides show the same.
    fn is_the_same(&self) -> bool {
        let pairs = &self.contents.pairs;
        let complete = |pair: &LinePair| pair.sides.iter().all(Option::is_some);
        let [host, container] = &self.contents.messages;
        host == container
            && !pairs.is_empty()
            && !self.contents.differs()
            && pairs.iter().all(complete)
    }

    fn alone(&self, half: LineHalf) -> Line<'static> {
        Line::from_iter(self.half_spans(half, 0))
    }

    fn with_legend(&self, mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
        if self.contents.differs() {
            lines.push(Line::default());
            let legend = format!(" {}", words(self.state.lang).details_legend);
            lines.push(self.span(legend, Role::Dim).into());
        }
        lines
    }

    /// The message in place of a side's lines, or under them.
    fn message_lines(&self, side: Column, room: usize) -> Vec<String> {
        let said = self.contents.messages[side as usize].as_ref();
        let nothing = said.is_none() && !self.contents.pairs.iter().any(|pair| has(pair, side));
        let nothing = nothing.then(|| words(self.state.lang).prints_nothing.to_owned());
        let said = said.cloned().or(nothing);
        said.map(|said| prose::wrap(&said, room))
            .unwrap_or_default()
    }

    /// The sign, the line, and blanks up to `room` columns.
    fn half_spans(&self, half: LineHalf, room: usize) -> [Span<'static>; 4] {
        let LineHalf { sign, text, role } = half;
        let sign = format!("{sign:SIGN$}");
        let gap = " ".repeat(room.saturating_sub(text.width()));
        [
            Span::raw(" "),
            self.span(sign, role),
            self.span(text, role),
            Span::raw(gap),
        ]
    }
}

/// One side of a line.
struct LineHalf {
    sign: &'static str,
    text: String,
    role: Role,
}

impl Default for LineHalf {
    fn default() -> Self {
        LineHalf::of(None, Mark::Same)
    }
}

impl LineHalf {
    fn of(text: Option<String>, mark: Mark) -> Self {
        let (sign, role) = match (mark, &text) {
            (Mark::Same, _) | (_, None) => ("", Role::Text),
            (Mark::Differs, Some(_)) => ("≠", Role::Differs),
            (Mark::Alone, Some(_)) => ("+", Role::Differs),
        };
        let text = text.unwrap_or_default();
        LineHalf { sign, text, role }
    }

    /// A message by nslab, not a line of the side's output.
    fn message(text: String) -> Self {
        LineHalf {
            sign: "",
            text,
            role: Role::Attention,
        }
    }
}

fn exited(outcome: &CommandOutcome) -> bool {
    matches!(outcome.end, CommandEnd::Exited(_))
}

fn has(pair: &LinePair, side: Column) -> bool {
    pair.sides[side as usize].is_some()
}
