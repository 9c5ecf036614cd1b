//! Both sides next to each other: a row of the comparison in full, or what a command printed.
//!
//! Owns what is shown and how its lines are laid out, so that drawing and scrolling agree. Knows
//! text and styles, no widget.

mod format;
mod pairs;
mod plain;
#[cfg(test)]
mod tests;

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use self::pairs::{Mark, Pair, Row};
use super::keymap::Pane;
use super::msg::{Answer, Effect};
use super::state::{Lab, Shell, State};
use super::texts::{self, words};
use crate::namespace::Namespace;
use crate::observe::RowId;
use crate::observe::comparison::own_namespaces;
use crate::sandbox::Side;
use crate::sandbox::command::{End, Outcome};
use crate::ui::prose;
use crate::ui::theme::Role;

/// What is shown in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A row of the comparison.
    Row(RowId),
    /// A command that was run on both sides.
    Command(Command),
}

/// A command that was run on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    number: u32,
    line: String,
    /// None while it runs.
    host: Option<Answer>,
    container: Option<Answer>,
}

impl Command {
    fn answer(&self, side: Side) -> Option<&Answer> {
        match side {
            Side::Host => self.host.as_ref(),
            Side::Container => self.container.as_ref(),
        }
    }

    fn runs(&self) -> bool {
        self.host.is_none() || self.container.is_none()
    }
}

/// What the pane shows, and from where on.
#[derive(Debug)]
pub(crate) struct Details {
    subject: Subject,
    scroll: usize,
    /// Where Esc leads.
    back: Pane,
    /// The number of the last command.
    commands: u32,
    sheet: Sheet,
}

/// The lines of both sides, as they belong together.
#[derive(Debug, Default)]
struct Sheet {
    pairs: Vec<Pair>,
    /// What is said in place of lines.
    host: Option<String>,
    container: Option<String>,
}

impl Sheet {
    fn said(&self, side: Side) -> Option<&String> {
        match side {
            Side::Host => self.host.as_ref(),
            Side::Container => self.container.as_ref(),
        }
    }

    fn differs(&self) -> bool {
        self.pairs.iter().any(|pair| pair.mark != Mark::Same)
    }
}

impl Details {
    pub(super) fn new() -> Self {
        Details {
            subject: Subject::Row(RowId::Hostname),
            scroll: 0,
            back: Pane::Compare,
            commands: 0,
            sheet: Sheet::default(),
        }
    }

    /// What would show the same in a shell.
    pub(super) fn line(&self) -> &str {
        match &self.subject {
            Subject::Row(row) => format::command(*row),
            Subject::Command(command) => &command.line,
        }
    }
}

/// Shows a row in full.
pub(super) fn open(state: &mut State, row: RowId) {
    state.details.subject = Subject::Row(row);
    state.details.back = Pane::Compare;
    state.details.scroll = 0;
    state.focus_on(Pane::Details);
    refresh(state);
}

/// Shows the row that many rows further.
pub(super) fn open_next(state: &mut State, on: bool) {
    let Subject::Row(row) = state.details.subject else {
        return;
    };
    let (at, count) = (row as usize, RowId::ALL.len());
    let next = if on { at + 1 } else { at + count - 1 } % count;
    state.cursor = RowId::ALL[next].0;
    open(state, state.cursor);
}

/// Ends the command that runs; else goes back to where the learner came from.
pub(super) fn back(state: &mut State, effects: &mut Vec<Effect>) {
    match &state.details.subject {
        Subject::Command(command) if command.runs() => effects.push(Effect::CancelCommand),
        Subject::Command(_) | Subject::Row(_) => state.focus_on(state.details.back),
    }
}

/// Runs a line on both sides, and shows what comes of it.
pub(super) fn run(state: &mut State, line: String, effects: &mut Vec<Effect>) {
    let details = &mut state.details;
    if let Subject::Command(command) = &details.subject
        && command.runs()
    {
        effects.push(Effect::CancelCommand);
    }
    if state.focus != Pane::Details {
        details.back = state.focus;
    }
    details.commands += 1;
    details.scroll = 0;
    details.subject = Subject::Command(Command {
        number: details.commands,
        line: line.clone(),
        host: None,
        container: None,
    });
    effects.push(Effect::Command {
        number: details.commands,
        line,
    });
    state.focus_on(Pane::Details);
    refresh(state);
}

/// What came of a command on one side.
pub(super) fn ended(state: &mut State, number: u32, side: Side, answer: Answer) {
    let Subject::Command(command) = &mut state.details.subject else {
        return;
    };
    if command.number != number {
        return;
    }
    match side {
        Side::Host => command.host = Some(answer),
        Side::Container => command.container = Some(answer),
    }
    refresh(state);
}

/// The side that has to be looked at closer for what is shown.
pub(super) fn looks_closer(state: &State) -> bool {
    state.focus == Pane::Details && matches!(state.details.subject, Subject::Row(_))
}

/// Reads the lines anew from what both sides see.
pub(super) fn refresh(state: &mut State) {
    state.details.sheet = match &state.details.subject {
        Subject::Row(row) => of_row(state, *row),
        Subject::Command(command) => of_command(state, command),
    };
}

fn of_row(state: &State, row: RowId) -> Sheet {
    let words = words(state.lang);
    let table = |shell: &Shell| {
        let closer = shell.closer.as_deref();
        let snapshot = shell.snapshot.as_deref()?;
        format::table(row, snapshot, closer, words)
    };
    let said = |side: Side| {
        let shell = state.shell(side);
        match (&shell.snapshot, table(shell)) {
            (None, _) => Some(absent(state, side)),
            (Some(_), None) => Some(words.reading.to_owned()),
            (Some(_), Some(_)) => None,
        }
    };
    let tables = [table(&state.host), table(&state.container)];
    let room = state.layout().whole().map_or(0, |area| area.width);
    let room = usize::from(room).saturating_sub(1 + SIGN + 1);
    let [host, container] = format::rows(tables[0].as_ref(), tables[1].as_ref(), room);
    Sheet {
        pairs: paired(host.as_deref(), container.as_deref()),
        host: said(Side::Host),
        container: said(Side::Container),
    }
}

fn paired(host: Option<&[Row]>, container: Option<&[Row]>) -> Vec<Pair> {
    match (host, container) {
        (Some(host), Some(container)) => pairs::both(host, container),
        (host, container) => pairs::single(host, container),
    }
}

fn absent(state: &State, side: Side) -> String {
    let words = words(state.lang);
    match (side, &state.lab) {
        (Side::Container, Lab::Ready) => words.no_container.to_owned(),
        (Side::Host, Lab::Ready) => words.no_host_shell.to_owned(),
        (_, Lab::Starting) => words.lab_starting.to_owned(),
        (_, Lab::Failed { .. }) => words.lab_failed.to_owned(),
        (_, Lab::Gone) => words.lab_gone.to_owned(),
    }
}

fn of_command(state: &State, command: &Command) -> Sheet {
    let rows = |side| match command.answer(side)? {
        Answer::Ended(outcome) => Some(plain::lines(&outcome.output)),
        Answer::Absent | Answer::Failed(_) => None,
    };
    let said = |side| match command.answer(side) {
        None => Some(words(state.lang).command_runs.to_owned()),
        Some(Answer::Absent) => Some(absent(state, side)),
        Some(Answer::Failed(why)) => Some(texts::failure(state.lang, why)),
        Some(Answer::Ended(outcome)) => texts::command_failed(state.lang, &outcome.end),
    };
    let (host, container) = (rows(Side::Host), rows(Side::Container));
    Sheet {
        pairs: paired(host.as_deref(), container.as_deref()),
        host: said(Side::Host),
        container: said(Side::Container),
    }
}

/// The pane as lines: those that stay, and those that scroll.
pub(crate) struct View {
    pub head: Vec<Line<'static>>,
    pub body: Vec<Line<'static>>,
    /// The first line of the body that is shown.
    pub top: usize,
}

impl View {
    fn last_top(&self, height: usize) -> usize {
        let room = height.saturating_sub(self.head.len());
        self.body.len().saturating_sub(room)
    }
}

/// The pane in so many columns and rows.
pub(crate) fn view(state: &State, columns: u16, rows: u16) -> View {
    let drawing = Drawing {
        state,
        sheet: &state.details.sheet,
        columns: usize::from(columns).saturating_sub(1),
    };
    let mut view = View {
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
    view.top = state.details.scroll.min(view.last_top(usize::from(rows)));
    view
}

/// Where the pane is scrolled to, and how far that can be.
pub(super) fn scroll(state: &State) -> (usize, usize, usize) {
    let Some(area) = state.layout().whole() else {
        return (0, 0, 1);
    };
    let view = view(state, area.width, area.height);
    let page = usize::from(area.height).saturating_sub(view.head.len() + 1);
    let last = view.last_top(usize::from(area.height));
    (view.top, last, page.max(1))
}

pub(super) fn scroll_to(state: &mut State, line: usize) {
    state.details.scroll = line;
}

struct Drawing<'a> {
    state: &'a State,
    sheet: &'a Sheet,
    columns: usize,
}

/// The sign before a line, with its blank.
const SIGN: usize = 2;

impl Drawing<'_> {
    fn span(&self, text: impl Into<String>, role: Role) -> Span<'static> {
        Span::styled(text.into(), self.state.theme.style(role))
    }

    /// What is shown, and what that says about the two sides.
    fn heading(&self, columns: u16) -> Vec<Line<'static>> {
        let state = self.state;
        let what = match &state.details.subject {
            Subject::Row(row) => row_kind(*row).label(),
            Subject::Command(_) => words(state.lang).on_both_sides,
        };
        let room = self.columns.saturating_sub(what.width() + 4);
        let mut command = plain::line(state.details.line());
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
        let differs = self.sheet.differs();
        match &state.details.subject {
            Subject::Command(command) if command.runs() => String::new(),
            Subject::Command(command) => {
                let both = Side::ALL.into_iter().all(
                    |side| matches!(command.answer(side), Some(Answer::Ended(it)) if exited(it)),
                );
                let said = both.then(|| texts::outputs(state.lang, differs));
                said.unwrap_or_default().to_owned()
            }
            Subject::Row(row) => {
                let sides = (&state.host.snapshot, &state.container.snapshot);
                let (Some(host), Some(container)) = sides else {
                    return String::new();
                };
                let kind = row_kind(*row);
                let own = own_namespaces(host, container).contains(kind);
                texts::relation_sentence(state.lang, *row, kind, own, differs)
            }
        }
    }

    /// A side's name, with the identity of its namespace or how the command ended there.
    fn name(&self, side: Side) -> Vec<Span<'static>> {
        let state = self.state;
        let words = words(state.lang);
        let (name, role) = match side {
            Side::Host => (words.host_column, Role::Host),
            Side::Container => (words.container_column, Role::Container),
        };
        let beside = match &state.details.subject {
            Subject::Row(row) => {
                let kind = row_kind(*row);
                let snapshot = state.shell(side).snapshot.as_deref();
                let id = snapshot.and_then(|snapshot| snapshot.namespaces.get(&kind));
                id.map(|id| format!("{}:[{}]", kind.proc_name(), id.ino))
            }
            Subject::Command(command) => match command.answer(side) {
                Some(Answer::Ended(outcome)) => Some(texts::command_end(state.lang, &outcome.end)),
                Some(Answer::Absent | Answer::Failed(_)) | None => None,
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
        let of = |pair: &Pair| {
            let sides = [&pair.host, &pair.container];
            let widths = sides.map(|text| text.as_ref().map_or(0, |text| text.width()));
            widths[0].max(widths[1])
        };
        let names = Side::ALL.map(|side| Line::from(self.name(side)).width());
        self.sheet.pairs.iter().map(of).chain(names).max() <= Some(room)
    }

    /// The names of two columns.
    fn names(&self) -> Line<'static> {
        let mut spans = vec![Span::raw(" ".repeat(SIGN + 1))];
        let host = self.name(Side::Host);
        let used = Line::from(host.clone()).width();
        spans.extend(host);
        spans.push(Span::raw(" ".repeat(self.half().saturating_sub(used))));
        spans.extend(self.name(Side::Container));
        Line::from(spans)
    }

    fn side_by_side(&self) -> Vec<Line<'static>> {
        let room = self.half().saturating_sub(SIGN + 1);
        let mut rows: Vec<[Half; 2]> = Vec::new();
        for pair in &self.sheet.pairs {
            rows.push([
                Half::of(pair.host.clone(), pair.mark),
                Half::of(pair.container.clone(), pair.mark),
            ]);
        }
        for (column, side) in Side::ALL.into_iter().enumerate() {
            // Under the last line of that side, if it has any.
            let last = self.sheet.pairs.iter().rposition(|pair| has(pair, side));
            let first = last.map_or(0, |last| last + 1);
            for (i, said) in self.told(side, room).into_iter().enumerate() {
                if rows.len() <= first + i {
                    rows.push(Default::default());
                }
                rows[first + i][column] = Half::said(said);
            }
        }
        let line = |[host, container]: [Half; 2]| {
            let mut spans = vec![Span::raw(" ")];
            spans.extend(self.half_spans(host, room));
            spans.push(Span::raw(" "));
            spans.extend(self.half_spans(container, room));
            Line::from(spans)
        };
        self.with_legend(rows.into_iter().map(line).collect())
    }

    fn one_above_the_other(&self) -> Vec<Line<'static>> {
        let room = self.columns.saturating_sub(SIGN + 1);
        let mut lines = Vec::new();
        for side in Side::ALL {
            let once = side == Side::Host && self.is_the_same();
            if side == Side::Container && !self.is_the_same() {
                lines.push(Line::default());
            }
            let mut name = vec![Span::raw(" ".repeat(SIGN + 1))];
            name.extend(self.name(side));
            lines.push(Line::from(name));
            if once {
                // Under both names.
                continue;
            }
            for pair in &self.sheet.pairs {
                let text = match side {
                    Side::Host => &pair.host,
                    Side::Container => &pair.container,
                };
                let Some(text) = text else { continue };
                for (i, piece) in plain::wrap(text, room).into_iter().enumerate() {
                    let mut half = Half::of(Some(piece), pair.mark);
                    if i > 0 {
                        half.sign = "";
                    }
                    lines.push(self.alone(half));
                }
            }
            let said = self.told(side, room);
            lines.extend(said.into_iter().map(|said| self.alone(Half::said(said))));
        }
        self.with_legend(lines)
    }

    /// Whether both sides say the same, line by line.
    fn is_the_same(&self) -> bool {
        let pairs = &self.sheet.pairs;
        let complete = |pair: &Pair| pair.host.is_some() && pair.container.is_some();
        let silent = Side::ALL
            .into_iter()
            .all(|side| self.sheet.said(side).is_none());
        silent && !pairs.is_empty() && !self.sheet.differs() && pairs.iter().all(complete)
    }

    fn alone(&self, half: Half) -> Line<'static> {
        let mut spans = vec![Span::raw(" ")];
        spans.extend(self.half_spans(half, 0));
        Line::from(spans)
    }

    fn with_legend(&self, mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
        if self.sheet.differs() {
            lines.push(Line::default());
            lines.push(Line::from(self.span(
                format!(" {}", words(self.state.lang).details_legend),
                Role::Dim,
            )));
        }
        lines
    }

    /// What is said in place of a side's lines, or under them.
    fn told(&self, side: Side, room: usize) -> Vec<String> {
        let said = self.sheet.said(side);
        let nothing = said.is_none() && !self.sheet.pairs.iter().any(|pair| has(pair, side));
        let nothing = nothing.then(|| words(self.state.lang).prints_nothing.to_owned());
        let room = u16::try_from(room).unwrap_or(u16::MAX);
        said.cloned()
            .or(nothing)
            .map(|said| prose::wrap(&said, room))
            .unwrap_or_default()
    }

    /// The sign, the line, and blanks up to so many columns.
    fn half_spans(&self, half: Half, room: usize) -> [Span<'static>; 3] {
        let Half { sign, text, role } = half;
        let sign = format!("{sign:SIGN$}");
        let gap = " ".repeat(room.saturating_sub(text.width()));
        [self.span(sign, role), self.span(text, role), Span::raw(gap)]
    }
}

/// One side of a line.
struct Half {
    sign: &'static str,
    text: String,
    role: Role,
}

impl Default for Half {
    fn default() -> Self {
        Half::of(None, Mark::Same)
    }
}

impl Half {
    fn of(text: Option<String>, mark: Mark) -> Self {
        let (sign, role) = match (mark, &text) {
            (Mark::Same, _) | (_, None) => ("", Role::Text),
            (Mark::Differs, Some(_)) => ("≠", Role::Differs),
            (Mark::Alone, Some(_)) => ("+", Role::Differs),
        };
        let text = text.unwrap_or_default();
        Half { sign, text, role }
    }

    /// Not a line of the side's own.
    fn said(text: String) -> Self {
        Half {
            sign: "",
            text,
            role: Role::Attention,
        }
    }
}

fn exited(outcome: &Outcome) -> bool {
    matches!(outcome.end, End::Exited(_))
}

fn has(pair: &Pair, side: Side) -> bool {
    match side {
        Side::Host => pair.host.is_some(),
        Side::Container => pair.container.is_some(),
    }
}

fn row_kind(row: RowId) -> Namespace {
    RowId::ALL[row as usize].1
}
