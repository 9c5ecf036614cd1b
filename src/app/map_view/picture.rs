//! The map as a picture of lines: user and PID namespaces as nested boxes with their processes, the other
//! kinds as columns of letters beside them.
//!
//! Knows text and styles, no widget.

use std::collections::BTreeSet;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::boxes::Boxes;
use super::super::cut;
use super::super::searched::Searched;
use super::super::state::State;
use super::super::texts::{self, words};
use super::super::views::Overlay;
use super::nests::{self, Nests};
use super::seen::{COLUMNS, Item, MapBox, MapView, has};
use super::ties::TieLines;
use crate::discovery::{Found, Holder, Map, Process, shown};
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::prose;
use crate::theme::Role;

/// Columns in front of the boxes: the cursor, a mark, a blank.
const MARKS: usize = 3;
/// Below this width, the columns of the other kinds have a letter for a name.
const ROOMY: u16 = 70;

/// A line of the picture.
struct PictureRow {
    item: Option<Item>,
    /// `+`, `-` or a blank.
    mark: char,
    /// The part of the boxes that this row crosses.
    text: String,
    /// The columns beside the boxes.
    letters: String,
}

impl PictureRow {
    /// One without letters.
    fn new(item: Option<Item>, mark: char, text: String) -> Self {
        PictureRow {
            item,
            mark,
            text,
            letters: String::new(),
        }
    }
}

fn mark(is_new: bool) -> char {
    if is_new { '+' } else { ' ' }
}

/// The map on the screen.
pub(crate) struct MapPicture {
    /// The picture with its border.
    pub place: Rect,
    /// The names of the columns, or why there is no picture.
    pub head: Vec<Line<'static>>,
    pub body: Rect,
    rows: Vec<PictureRow>,
    cursor: Option<Item>,
    has_keys: bool,
}

impl MapPicture {
    /// The items on whose lines all words of a query are.
    pub(super) fn found(&self, query: &str) -> Vec<Item> {
        found(&self.rows, query).collect()
    }

    pub(super) fn under_cursor(&self) -> Option<Item> {
        self.rows.get(self.row()?)?.item
    }

    pub(super) fn at(&self, items: &[Item]) -> Option<usize> {
        let cursor = self.cursor?;
        items.iter().position(|item| *item == cursor)
    }

    /// The row of the cursor. The item that it was on may have ended.
    fn row(&self) -> Option<usize> {
        let on = |row: &PictureRow| row.item.is_some() && row.item == self.cursor;
        let first = || self.rows.iter().position(|row| row.item.is_some());
        self.rows.iter().position(on).or_else(first)
    }

    /// The lines that are shown, and which of them the cursor is on.
    pub(crate) fn lines(&self, state: &State) -> (Vec<Line<'static>>, Option<usize>) {
        let (at, height) = (self.row(), usize::from(self.body.height));
        let under_cursor = at.filter(|_| self.has_keys);
        let last = self.rows.len().saturating_sub(height);
        let top = at.map_or(0, |at| (at + 1 + height / 2).saturating_sub(height));
        // The cursor reaches no line below the last item: scroll to the end.
        let ends = |at: &usize| self.rows.iter().skip(at + 1).all(|row| row.item.is_none());
        let top = match at.filter(ends) {
            Some(at) => at.min(last),
            None => top.min(last),
        };
        let shown = self.rows.iter().enumerate().skip(top).take(height);
        let lines = shown.map(|(index, row)| {
            let (cursor, role) = match (under_cursor == Some(index), row.mark) {
                (true, _) => ('>', Role::Selected),
                (false, '+') => (' ', Role::Good),
                (false, '-') => (' ', Role::Dim),
                (false, _) => (' ', Role::Text),
            };
            let text = format!("{cursor}{} {}", row.mark, row.text);
            let mut line = Line::styled(text, state.theme.style(role));
            let letters = row.letters.clone();
            line.push_span(Span::styled(letters, state.theme.style(Role::Text)));
            line
        });
        (lines.collect(), under_cursor.map(|at| at - top))
    }
}

/// The map, as it is to be drawn.
pub(crate) fn picture(state: &State) -> MapPicture {
    let view = &state.views.map;
    let (cols, rows) = state.size;
    let over_screen = Rect::new(0, 0, cols, rows.saturating_sub(1));
    let place = state.layout().map().unwrap_or(over_screen);
    let width = place.width.saturating_sub(4);
    let mut head = Vec::new();
    let said = match (&view.lost, &view.map) {
        (Some(lost), _) => Some((texts::map_lost(state.lang, lost), Role::Bad)),
        (None, None) => Some((words(state.lang).map_waits.to_owned(), Role::Dim)),
        (None, Some(_)) => None,
    };
    if let Some((said, role)) = said {
        head.extend(prose::sentence(&said, width.max(1), role, state.theme));
    }
    let columns = if width < ROOMY {
        KindColumns::Letters
    } else {
        KindColumns::Names
    };
    let names: String = COLUMNS.iter().map(|kind| columns.name(*kind)).collect();
    let room = usize::from(width).saturating_sub(names.width() + MARKS);
    let mut rows = Vec::new();
    if let Some(map) = &view.map {
        let title = format!("{}{names}", " ".repeat(MARKS + room));
        head.push(Line::styled(title, state.theme.style(Role::Heading)));
        let drawing = MapDrawing {
            view,
            map,
            columns,
            room,
            width: usize::from(width).saturating_sub(MARKS),
            lang: state.lang,
        };
        rows = drawing.rows();
    }
    if !rows.is_empty() && found(&rows, state.views.query()).next().is_none() {
        let said = texts::nothing_found(state.lang, state.views.query());
        head.extend(prose::sentence(&said, width.max(1), Role::Bad, state.theme));
    }
    let above = u16::try_from(head.len()).unwrap_or(u16::MAX);
    let body = Rect::new(
        place.x + 2,
        above.saturating_add(1),
        width,
        place.height.saturating_sub(above.saturating_add(2)),
    );
    MapPicture {
        place,
        head,
        body,
        rows,
        cursor: view.cursor,
        has_keys: state.views.overlay == Some(Overlay::Map),
    }
}

fn found(rows: &[PictureRow], query: &str) -> impl Iterator<Item = Item> {
    let holds = |row: &&PictureRow| Searched::new(&[&row.text], &[]).find(query).is_some();
    rows.iter().filter(holds).filter_map(|row| row.item)
}

/// The columns of the other kinds.
#[derive(Debug, Clone, Copy)]
enum KindColumns {
    Names,
    /// The letters of unshare(1), in narrow columns.
    Letters,
}

impl KindColumns {
    fn name(self, kind: Namespace) -> String {
        match self {
            KindColumns::Names => self.cell(kind, kind.name()),
            KindColumns::Letters => self.cell(kind, &kind.key().to_string()),
        }
    }

    /// A cell of a column: as wide as the column's name and a blank.
    fn cell(self, kind: Namespace, text: &str) -> String {
        let width = match self {
            KindColumns::Names => kind.name().len() + 1,
            KindColumns::Letters => 3,
        };
        format!("{text:>width$}")
    }
}

struct MapDrawing<'v> {
    view: &'v MapView,
    map: &'v Map,
    columns: KindColumns,
    /// Columns of the boxes.
    room: usize,
    /// Columns of all but the marks.
    width: usize,
    lang: Lang,
}

impl MapDrawing<'_> {
    fn rows(&self) -> Vec<PictureRow> {
        let mut rows = Vec::new();
        let nests = Nests::of(self.map);
        for nest in nests.within(None) {
            self.boxed(nest, 0, &nests, &mut rows);
        }
        if rows.iter().any(|row| row.letters.contains('(')) {
            self.heading(words(self.lang).map_owned, &mut rows);
        }
        self.ties(&mut rows);
        self.empty(&mut rows);
        let unread = self.map.unread;
        if unread.processes > 0 {
            self.heading(&texts::map_unread(self.lang, unread.processes), &mut rows);
        }
        if unread.links > 0 {
            self.heading(&texts::map_unread_links(self.lang, unread.links), &mut rows);
        }
        self.ended(&mut rows);
        rows
    }

    /// Lines that the cursor can be on.
    fn lines(mark: char, texts: impl Iterator<Item = String>, rows: &mut Vec<PictureRow>) {
        let is_line = |row: &&PictureRow| matches!(row.item, Some(Item::Line(_)));
        let before = rows.iter().filter(is_line).count();
        let items = (before..).map(|index| Some(Item::Line(index)));
        let lines = items.zip(texts);
        rows.extend(lines.map(|(item, text)| PictureRow::new(item, mark, text)));
    }

    /// A text of its own, on as many lines as it needs.
    fn heading(&self, text: &str, rows: &mut Vec<PictureRow>) {
        let lines = prose::wrap(text, self.width.max(1)).into_iter();
        rows.extend(lines.map(|text| PictureRow::new(None, ' ', text)));
    }

    /// Veth pairs and peer groups, each under a heading.
    fn ties(&self, rows: &mut Vec<PictureRow>) {
        let ties = TieLines {
            map: self.map,
            width: self.width,
            name: |found: &Found| [self.view.letter(found), self.who(found)],
            owner: words(self.lang).map_owner,
        };
        let networks = ties.networks();
        if !networks.is_empty() {
            self.heading(words(self.lang).map_networks, rows);
        }
        rows.extend(networks.into_iter().map(|line| {
            let is_new = line.found.is_some_and(|found| self.view.is_new(found));
            PictureRow::new(line.item, mark(is_new), line.text)
        }));
        let groups = ties.peer_groups();
        if !groups.is_empty() {
            self.heading(words(self.lang).map_peer_groups, rows);
        }
        Self::lines(' ', groups.into_iter(), rows);
    }

    /// The members of a namespace; without any, where it is mounted or open, or the namespaces below it.
    fn who(&self, found: &Found) -> String {
        let first = found.processes.first();
        if let Some(process) = first.and_then(|pid| self.map.process(*pid)) {
            let text = process_text(process);
            return match found.processes.len() {
                0 | 1 => text,
                _ => format!("{text} …"),
            };
        }
        match found.holders.first() {
            Some(Holder::Mount { path, .. }) => shown(path),
            Some(Holder::Descriptor { pid, fd } | Holder::Socket { pid, fd }) => {
                format!("/proc/{pid}/fd/{fd}")
            }
            None if found.children.is_empty() => String::new(),
            None => {
                let within: Vec<_> = found.children.iter().map(u64::to_string).collect();
                format!("{} {}", words(self.lang).map_around, within.join(" "))
            }
        }
    }

    /// The namespaces that a user namespace owns, in the columns of the kinds.
    fn owned(&self, user: u64) -> String {
        let cells = COLUMNS.iter().map(|kind| {
            let of_it = |found: &&Found| found.facts.owner.is_some_and(|it| it.ino == user);
            let mut owned = self.map.of_kind(*kind).filter(of_it);
            let text = match (owned.next(), owned.next()) {
                (None, _) => String::new(),
                (Some(found), None) => format!("({})", self.view.letter(found)),
                (Some(_), Some(_)) => "(…)".to_owned(),
            };
            self.columns.cell(*kind, &text)
        });
        cells.collect()
    }

    fn boxed(&self, nest: MapBox, depth: usize, nests: &Nests, rows: &mut Vec<PictureRow>) {
        let boxes = Boxes { width: self.room };
        let new = |ino| self.map.find(ino).is_some_and(|it| self.view.is_new(it));
        let is_new = nests.own(nest).any(|(_, ino)| new(ino));
        let title = nests.title(nest, boxes.room_for_title(depth));
        let owned = match nests.around(nest) {
            Some(outer) if outer.user != nest.user => self.owned(nest.user),
            Some(_) | None => String::new(),
        };
        rows.push(PictureRow {
            item: self.of_box(nest, nests, rows),
            mark: mark(is_new),
            text: boxes.top(depth, &title),
            letters: owned,
        });
        let here = |process: &&Process| nests::nest(process) == Some(nest);
        for process in self.map.processes.iter().filter(here) {
            rows.push(PictureRow {
                item: Some(Item::Process(process.pid)),
                mark: mark(self.is_new_process(process)),
                text: boxes.line(depth, &process_text(process)),
                letters: self.letters(process),
            });
        }
        for inner in nests.within(Some(nest)) {
            self.boxed(inner, depth + 1, nests, rows);
        }
        rows.push(PictureRow::new(None, ' ', boxes.bottom(depth)));
    }

    /// The item at the top of a box. An empty user namespace is one item, though several boxes may show it.
    fn of_box(&self, nest: MapBox, nests: &Nests, rows: &[PictureRow]) -> Option<Item> {
        let here = |process: &Process| nests::nest(process) == Some(nest);
        if self.map.processes.iter().any(here) {
            return Some(Item::Box(nest));
        }
        let own = |ino| nests.own(nest).any(|(_, it)| it == ino);
        let user = self.map.find(nest.user)?;
        let item = Item::Empty(nest.user);
        let first = rows.iter().all(|row| row.item != Some(item));
        (own(nest.user) && user.processes.is_empty() && first).then_some(item)
    }

    fn letters(&self, process: &Process) -> String {
        let letter = |kind: &Namespace| {
            let text = match process.namespaces.get(kind) {
                None if process.has_ended() => "-".to_owned(),
                None => String::new(),
                Some(ino) => match self.map.find(*ino) {
                    None => "?".to_owned(),
                    Some(it) if self.view.is_new(it) => format!("+{}", self.view.letter(it)),
                    Some(it) => self.view.letter(it),
                },
            };
            self.columns.cell(*kind, &text)
        };
        COLUMNS.iter().map(letter).collect()
    }

    fn is_new_process(&self, process: &Process) -> bool {
        let before = self.view.before.as_deref();
        before.is_some_and(|before| before.process(process.pid).is_none())
    }

    /// The namespaces that no process is in, under a heading.
    fn empty(&self, rows: &mut Vec<PictureRow>) {
        let drawn: BTreeSet<u64> = rows
            .iter()
            .filter_map(|row| match row.item {
                Some(Item::Empty(ino)) => Some(ino),
                _ => None,
            })
            .collect();
        let empty = |found: &&Found| found.processes.is_empty() && !drawn.contains(&found.key.ino);
        let mut empty = self.map.namespaces.iter().filter(empty).peekable();
        if empty.peek().is_some() {
            self.heading(words(self.lang).map_empty, rows);
        }
        for found in empty {
            let kind = found.facts.kind;
            let letter = if COLUMNS.contains(&kind) {
                format!(" {}", self.view.letter(found))
            } else {
                String::new()
            };
            let (kind, ino, who) = (kind.name(), found.key.ino, self.who(found));
            let name = format!("{kind} {ino}{letter}  {who}");
            let item = Some(Item::Empty(found.key.ino));
            let text = cut::to_width(name.trim_end(), self.width);
            rows.push(PictureRow::new(item, mark(self.view.is_new(found)), text));
        }
    }

    /// The items that have ended since the last look, under a heading.
    fn ended(&self, rows: &mut Vec<PictureRow>) {
        let Some(before) = &self.view.before else {
            return;
        };
        let namespaces = before.namespaces.iter().filter(|it| !has(self.map, it));
        let namespaces = namespaces.map(|it| format!("{} {}", it.facts.kind.name(), it.key.ino));
        let processes = before.processes.iter();
        let processes = processes.filter(|it| self.map.process(it.pid).is_none());
        let processes = processes.map(process_text);
        let mut ended = namespaces.chain(processes).peekable();
        if ended.peek().is_some() {
            self.heading(words(self.lang).map_ended, rows);
        }
        Self::lines('-', ended, rows);
    }
}

/// `700→1 nginx`: its pid outside, its pid in its own PID namespace, its name.
pub(super) fn process_text(process: &Process) -> String {
    let name = shown(&process.name);
    match process.numbers.last() {
        Some(inner) if process.numbers.len() > 1 => format!("{}→{inner} {name}", process.pid),
        _ => format!("{} {name}", process.pid),
    }
}
