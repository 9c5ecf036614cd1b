//! The map as a picture of lines: user and PID namespaces as nested boxes with their processes, the other
//! kinds as columns of letters beside them.
//!
//! Knows text and styles, no widget.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::cut;
use super::super::state::State;
use super::super::texts::{self, words};
use super::seen::{COLUMNS, Item, MapView, Nest, has};
use crate::discovery::{Found, Map, Process};
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::prose;
use crate::theme::Role;

/// Columns in front of the boxes: the cursor, a mark, a blank.
const MARKS: usize = 3;
/// The smallest width of a box; deeper ones are drawn below each other.
const SMALLEST: usize = 20;
/// Columns that a box takes from the one in it.
const BORDERS: usize = 3;

/// A line of the picture.
struct Row {
    item: Option<Item>,
    /// `+`, `-` or a blank.
    mark: char,
    /// The boxes.
    text: String,
    /// Beside them, what stands in each column.
    letters: String,
}

/// The map on the screen.
pub(crate) struct Picture {
    /// The border.
    pub place: Rect,
    /// The names of the columns, or why there is no picture.
    pub head: Vec<Line<'static>>,
    pub body: Rect,
    rows: Vec<Row>,
    cursor: Option<Item>,
}

impl Picture {
    pub(super) fn items(&self) -> Vec<Item> {
        self.rows.iter().filter_map(|row| row.item).collect()
    }

    /// What the cursor is on.
    pub(super) fn under_cursor(&self) -> Option<Item> {
        self.rows.get(self.row()?)?.item
    }

    pub(super) fn at(&self, items: &[Item]) -> Option<usize> {
        let cursor = self.cursor?;
        items.iter().position(|item| *item == cursor)
    }

    /// The row of the cursor: what it was on may have ended.
    fn row(&self) -> Option<usize> {
        let on = |row: &Row| row.item.is_some() && row.item == self.cursor;
        let first = || self.rows.iter().position(|row| row.item.is_some());
        self.rows.iter().position(on).or_else(first)
    }

    /// The lines that are shown, and which of them the cursor is on.
    pub(crate) fn lines(&self, state: &State) -> (Vec<Line<'static>>, Option<usize>) {
        let (at, height) = (self.row(), usize::from(self.body.height));
        let last = self.rows.len().saturating_sub(height);
        let top = at.map_or(0, |at| (at + 1 + height / 2).saturating_sub(height));
        let top = top.min(last);
        let shown = self.rows.iter().enumerate().skip(top).take(height);
        let lines = shown.map(|(index, row)| {
            let (cursor, role) = match (at == Some(index), row.mark) {
                (true, _) => ('>', Role::Selected),
                (false, '+') => (' ', Role::Good),
                (false, '-') => (' ', Role::Dim),
                (false, _) => (' ', Role::Text),
            };
            let text = format!("{cursor}{} {}", row.mark, row.text);
            let mut line = Line::styled(text, state.theme.style(role));
            line.push_span(Span::styled(
                row.letters.clone(),
                state.theme.style(Role::Text),
            ));
            line
        });
        (lines.collect(), at.map(|at| at - top))
    }
}

/// The map, as it is to be drawn.
pub(crate) fn picture(state: &State) -> Picture {
    let view = &state.views.map;
    let (cols, rows) = state.size;
    let place = Rect::new(0, 0, cols, rows.saturating_sub(1));
    let width = cols.saturating_sub(4);
    let mut head = Vec::new();
    let said = match (&view.lost, &view.map) {
        (Some(lost), _) => Some((texts::map_lost(state.lang, lost), Role::Bad)),
        (None, None) => Some((words(state.lang).map_waits.to_owned(), Role::Dim)),
        (None, Some(_)) => None,
    };
    if let Some((said, role)) = said {
        head.extend(prose::sentence(&said, width.max(1), role, state.theme));
    }
    let columns: String = COLUMNS
        .iter()
        .map(|kind| cell(*kind, kind.name()))
        .collect();
    let room = usize::from(width).saturating_sub(columns.width() + MARKS);
    let mut rows = Vec::new();
    if let Some(map) = &view.map {
        let title = format!("{}{columns}", " ".repeat(MARKS + room));
        head.push(Line::styled(title, state.theme.style(Role::Heading)));
        let drawing = Drawing {
            view,
            map,
            room,
            lang: state.lang,
        };
        rows = drawing.rows();
    }
    let above = u16::try_from(head.len()).unwrap_or(u16::MAX);
    let body = Rect::new(
        2,
        above.saturating_add(1),
        width,
        place.height.saturating_sub(above.saturating_add(2)),
    );
    Picture {
        place,
        head,
        body,
        rows,
        cursor: view.cursor,
    }
}

/// What stands in a column, as wide as its name and a blank.
fn cell(kind: Namespace, text: &str) -> String {
    let width = kind.name().len() + 1;
    format!("{text:>width$}")
}

/// Each box, and the box directly around it.
type Around = BTreeMap<Nest, Option<Nest>>;

struct Drawing<'v> {
    view: &'v MapView,
    map: &'v Map,
    /// Columns of the boxes.
    room: usize,
    lang: Lang,
}

impl Drawing<'_> {
    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let nests: BTreeSet<Nest> = self.map.processes.iter().filter_map(nest).collect();
        let around = nests.iter().map(|nest| (*nest, self.around(*nest, &nests)));
        let around: Around = around.collect();
        for (nest, outer) in &around {
            if outer.is_none() {
                self.boxed(*nest, 0, &around, &mut rows);
            }
        }
        self.empty(&mut rows);
        self.ended(&mut rows);
        let unread = self.map.unread.processes;
        if unread > 0 {
            heading(&texts::map_unread(self.lang, unread), &mut rows);
        }
        rows
    }

    /// A namespace and those above it.
    fn lineage(&self, ino: u64) -> Vec<u64> {
        let mut all = vec![ino];
        let mut at = self.map.find(ino);
        while let Some(parent) = at.and_then(|found| found.facts.parent) {
            // A map that was read while namespaces came and went has no rings either, but is data.
            if all.contains(&parent.ino) {
                break;
            }
            all.push(parent.ino);
            at = self.map.find(parent.ino);
        }
        all
    }

    /// The box directly around one: of those whose namespaces are its own or above its own, the nearest.
    fn around(&self, inner: Nest, nests: &BTreeSet<Nest>) -> Option<Nest> {
        let (users, pids) = (self.lineage(inner.user), self.lineage(inner.pid));
        let far = |nest: &Nest| {
            let user = users.iter().position(|ino| *ino == nest.user)?;
            let pid = pids.iter().position(|ino| *ino == nest.pid)?;
            Some(user + pid)
        };
        let outer = nests.iter().filter(|nest| **nest != inner);
        let outer = outer.filter_map(|nest| Some((far(nest)?, *nest)));
        outer.min().map(|(_, nest)| nest)
    }

    fn boxed(&self, nest: Nest, depth: usize, around: &Around, rows: &mut Vec<Row>) {
        let outer = around.get(&nest).copied().flatten();
        let depth = depth.min(self.room.saturating_sub(SMALLEST) / BORDERS);
        let inner = self.room.saturating_sub(BORDERS * (depth + 1));
        let (left, right) = ("│ ".repeat(depth), "│".repeat(depth));
        let new = |ino| self.map.find(ino).is_some_and(|it| self.view.is_new(it));
        let own = [
            (Namespace::User, nest.user, outer.map(|it| it.user)),
            (Namespace::Pid, nest.pid, outer.map(|it| it.pid)),
        ];
        let own = own
            .into_iter()
            .filter(|(_, ino, outer)| Some(*ino) != *outer);
        let (mut names, mut mark) = (Vec::new(), ' ');
        for (kind, ino, _) in own {
            names.push(format!("{} {ino}", kind.name()));
            if new(ino) {
                mark = '+';
            }
        }
        let title = cut::padded(&names.join(" · "), inner.saturating_sub(1));
        let title = title.trim_end();
        let line = "─".repeat(inner.saturating_sub(title.width() + 1));
        rows.push(Row {
            item: Some(Item::Box(nest)),
            mark,
            text: format!("{left}┌ {title} {line}┐{right}"),
            letters: String::new(),
        });
        let here = |process: &&Process| self::nest(process) == Some(nest);
        for process in self.map.processes.iter().filter(here) {
            let text = cut::padded(&process_text(process), inner);
            rows.push(Row {
                item: Some(Item::Process(process.pid)),
                mark: if self.is_new_process(process) {
                    '+'
                } else {
                    ' '
                },
                text: format!("{left}│ {text}│{right}"),
                letters: self.letters(process),
            });
        }
        for (below, outer) in around {
            if *outer == Some(nest) {
                self.boxed(*below, depth + 1, around, rows);
            }
        }
        rows.push(Row {
            item: None,
            mark: ' ',
            text: format!("{left}└{}┘{right}", "─".repeat(inner + 1)),
            letters: String::new(),
        });
    }

    fn letters(&self, process: &Process) -> String {
        let letter = |kind: &Namespace| {
            let ino = process.namespaces.get(kind);
            let text = match ino.and_then(|ino| self.map.find(*ino)) {
                None => "?".to_owned(),
                Some(found) if self.view.is_new(found) => format!("+{}", self.view.letter(found)),
                Some(found) => self.view.letter(found),
            };
            cell(*kind, &text)
        };
        COLUMNS.iter().map(letter).collect()
    }

    fn is_new_process(&self, process: &Process) -> bool {
        let before = self.view.before.as_deref();
        before.is_some_and(|before| before.process(process.pid).is_none())
    }

    /// The namespaces that no process is in, under a heading.
    fn empty(&self, rows: &mut Vec<Row>) {
        let empty = |found: &&Found| found.processes.is_empty();
        let mut empty = self.map.namespaces.iter().filter(empty).peekable();
        if empty.peek().is_some() {
            heading(words(self.lang).map_empty, rows);
        }
        for found in empty {
            let kind = found.facts.kind;
            let letter = if COLUMNS.contains(&kind) {
                format!(" {}", self.view.letter(found))
            } else {
                String::new()
            };
            let name = format!("{} {}{letter}", kind.name(), found.key.ino);
            rows.push(Row {
                item: Some(Item::Empty(found.key.ino)),
                mark: if self.view.is_new(found) { '+' } else { ' ' },
                text: name,
                letters: String::new(),
            });
        }
    }

    /// What has ended since the last look, under a heading.
    fn ended(&self, rows: &mut Vec<Row>) {
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
            heading(words(self.lang).map_ended, rows);
        }
        rows.extend(ended.map(|text| Row {
            item: None,
            mark: '-',
            text,
            letters: String::new(),
        }));
    }
}

pub(super) fn nest(process: &Process) -> Option<Nest> {
    let ino = |kind| process.namespaces.get(&kind).copied();
    Some(Nest {
        user: ino(Namespace::User)?,
        pid: ino(Namespace::Pid)?,
    })
}

/// `700→1 nginx`: its pid outside, its pid in its own PID namespace, its name.
pub(super) fn process_text(process: &Process) -> String {
    let name = crate::discovery::shown(&process.name);
    match process.numbers.last() {
        Some(inner) if process.numbers.len() > 1 => format!("{}→{inner} {name}", process.pid),
        _ => format!("{} {name}", process.pid),
    }
}

fn heading(text: &str, rows: &mut Vec<Row>) {
    rows.push(Row {
        item: None,
        mark: ' ',
        text: text.to_owned(),
        letters: String::new(),
    });
}
