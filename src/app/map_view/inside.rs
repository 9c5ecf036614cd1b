//! The page about a namespace or a process of the map: for each kind, its members and the rows of the
//! comparison that it decides, in full.
//!
//! Knows text and styles, no widget.

use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;

use super::super::cut;
use super::super::keymap::Direction;
use super::super::msg::Through;
use super::super::side_by_side;
use super::super::state::State;
use super::super::texts::{self, words};
use super::super::views::Overlay;
use super::nests;
use super::picture::process_text;
use super::seen::{COLUMNS, Inspection, Item, MapView};
use crate::discovery::map::FoundLink;
use crate::discovery::{Found, Holder, Map, Process, kept_by, shown};
use crate::namespace::Namespace;
use crate::observe::rows::{Observed, ValueOrigin};
use crate::observe::{RowId, Visit};
use crate::prose;
use crate::theme::Role;

/// Columns in front of what a row prints.
const INDENT: usize = 4;

/// The page, laid out.
pub(crate) struct InsidePage {
    /// The page with its border.
    pub place: Rect,
    pub title: String,
    pub body: Rect,
    pub lines: Vec<Line<'static>>,
    /// The first line that is shown.
    pub top: usize,
}

impl InsidePage {
    /// How many lines follow those that are shown.
    pub(crate) fn hidden(&self) -> usize {
        let room = usize::from(self.body.height);
        self.lines.len().saturating_sub(self.top + room)
    }

    fn last_top(&self) -> usize {
        let room = usize::from(self.body.height);
        self.lines.len().saturating_sub(room)
    }
}

/// The process through which an item of the map is looked into: process 1 of its PID namespace if that
/// process is in the same box, else the first one.
pub(super) fn through(map: &Map, item: Item) -> Option<Process> {
    let found = match item {
        Item::Process(pid) => map.process(pid),
        Item::Empty(_) | Item::Line(_) => None,
        Item::Network { ino, .. } => {
            let first = map.find(ino).and_then(|found| found.processes.first());
            first.and_then(|pid| map.process(*pid))
        }
        Item::Box(nest) => {
            let is_here = |process: &&Process| nests::nest(process) == Some(nest);
            let first = map.find(nest.pid).and_then(|found| found.first);
            let first = first.and_then(|pid| map.process(pid)).filter(is_here);
            first.or_else(|| map.processes.iter().find(is_here))
        }
    };
    found.cloned()
}

/// The way to read the inside of an item.
pub(super) fn way(map: &Map, item: Item) -> Option<Through> {
    if let Some(process) = through(map, item) {
        return Some(Through::Process(process));
    }
    let (Item::Empty(ino) | Item::Network { ino, .. }) = item else {
        return None;
    };
    let found = map.find(ino)?;
    found.holders.iter().find_map(|holder| {
        let (Holder::Mount { pid, .. }
        | Holder::Descriptor { pid, .. }
        | Holder::Socket { pid, .. }) = holder;
        Some(Through::Holder {
            process: map.process(*pid)?.clone(),
            visit: Visit::to(found.facts.kind, found.key, holder)?,
        })
    })
}

/// The page about an item.
pub(crate) fn page(state: &State, item: Item, scroll: usize) -> InsidePage {
    let (cols, rows) = state.size;
    let place = Rect::new(0, 0, cols, rows.saturating_sub(1));
    let body = place.inner(Margin::new(2, 1));
    let view = &state.views.map;
    let lines = match view.map.as_deref() {
        Some(map) => lines(state, view, map, item, body.width),
        None => Vec::new(),
    };
    let mut page = InsidePage {
        place,
        title: title(view, item),
        body,
        lines,
        top: 0,
    };
    page.top = scroll.min(page.last_top());
    page
}

pub(in crate::app) fn scroll(state: &mut State, of: Item, scroll: usize, way: Direction) {
    let page = page(state, of, scroll);
    let room = usize::from(page.body.height.saturating_sub(1)).max(1);
    let scroll = way.moved(page.top, page.last_top() + 1, room);
    state.views.overlay = Some(Overlay::Inside { of, scroll });
}

fn title(view: &MapView, item: Item) -> String {
    match item {
        Item::Process(pid) => {
            let known = view.look.as_ref().and_then(Inspection::process);
            known.map_or_else(|| pid.to_string(), process_text)
        }
        Item::Box(nest) => format!("user {} · pid {}", nest.user, nest.pid),
        Item::Empty(ino) | Item::Network { ino, .. } => {
            let found = view.map.as_deref().and_then(|map| map.find(ino));
            match found {
                Some(found) => format!("{} {ino}", found.facts.kind.name()),
                None => ino.to_string(),
            }
        }
        Item::Line(_) => String::new(),
    }
}

fn lines(state: &State, view: &MapView, map: &Map, item: Item, width: u16) -> Vec<Line<'static>> {
    let words = words(state.lang);
    let look = view.look.as_ref();
    let said = match look {
        Some(look) if look.through.is_none() => Some((unread(state, map, item), Role::Dim)),
        Some(look) if look.over && look.process().is_none() => {
            Some((words.visit_refused, Role::Bad))
        }
        Some(look) if look.over => Some((words.inside_ended, Role::Bad)),
        Some(look) if look.seen.is_none() => Some((words.inside_waits, Role::Dim)),
        Some(look) if look.process().is_none() => Some((words.visited, Role::Dim)),
        Some(_) | None => None,
    };
    let mut lines = Vec::new();
    if let Some((said, role)) = said {
        lines.extend(prose::sentence(said, width.max(1), role, state.theme));
    }
    let process = look.and_then(Inspection::process);
    let of_process = |kind| map.find(*process?.namespaces.get(&kind)?);
    let shown: Vec<(Namespace, Option<&Found>)> = match item {
        Item::Process(_) => {
            let kinds = Namespace::ALL.into_iter();
            kinds.map(|kind| (kind, of_process(kind))).collect()
        }
        Item::Box(nest) => vec![
            (Namespace::Pid, map.find(nest.pid)),
            (Namespace::User, map.find(nest.user)),
        ],
        Item::Empty(ino) | Item::Network { ino, .. } => {
            let found = map.find(ino);
            found.map(|it| (it.facts.kind, found)).into_iter().collect()
        }
        Item::Line(_) => Vec::new(),
    };
    for (kind, found) in shown {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        if let Some(found) = found {
            lines.extend(about(state, view, map, found, width));
            if look.is_none_or(|look| look.seen.is_none()) {
                lines.extend(known_links(state, found, width));
            }
        }
        lines.extend(rows(state, kind, look, width));
    }
    lines
}

/// Why the inside of this item can't be read.
fn unread(state: &State, map: &Map, item: Item) -> &'static str {
    let words = words(state.lang);
    let (Item::Empty(ino) | Item::Network { ino, .. }) = item else {
        return words.inside_gone;
    };
    match map.find(ino) {
        None => words.inside_gone,
        Some(found) => match found.facts.kind {
            Namespace::User => words.user_not_joined,
            Namespace::Pid => words.pid_not_joined,
            _ if found.holders.is_empty() => words.no_way_inside,
            _ => words.visit_refused,
        },
    }
}

/// Which namespace it is, and what keeps it.
fn about(
    state: &State,
    view: &MapView,
    map: &Map,
    found: &Found,
    width: u16,
) -> Vec<Line<'static>> {
    let kind = found.facts.kind;
    let mut name = format!("{} {}", kind.label(), found.key.ino);
    if COLUMNS.contains(&kind) {
        name = format!("{name} ({})", view.letter(found));
    }
    let heading = Line::styled(name, state.theme.style(Role::Heading));
    let kept = kept_by(map, found, state.lang);
    let owner = found.facts.owner.map(|owner| owner.ino);
    let said = texts::kept_and_owned(state.lang, kept, owner);
    let said = prose::sentence(&said, width.max(1), Role::Text, state.theme);
    std::iter::once(heading).chain(said).collect()
}

/// The links of a network namespace, taken from the map.
fn known_links(state: &State, found: &Found, width: u16) -> Vec<Line<'static>> {
    let text = |link: &FoundLink| {
        let up = if link.up { "UP" } else { "DOWN" };
        let (name, addresses) = (shown(&link.name), link.addresses.join(" "));
        let text = format!("    {name} {up} {addresses}");
        let text = cut::to_width(text.trim_end(), usize::from(width));
        Line::styled(text, state.theme.style(Role::Text))
    };
    found.links.iter().flatten().map(text).collect()
}

/// The rows that a kind decides, each as its command prints it.
fn rows(
    state: &State,
    kind: Namespace,
    look: Option<&Inspection>,
    width: u16,
) -> Vec<Line<'static>> {
    let Some(seen) = look.and_then(|look| look.seen.as_deref()) else {
        return Vec::new();
    };
    let observed = Observed {
        snapshot: &seen.snapshot,
        detail: Some(&seen.detail),
        pid_levels: &texts::pid_levels(state.lang, state.shells.host_kind),
        no_proc: words(state.lang).no_proc,
    };
    let visits = look.is_some_and(|look| look.process().is_none());
    let room = usize::from(width).saturating_sub(INDENT);
    let style = |role| state.theme.style(role);
    let mut lines = Vec::new();
    for row in RowId::ALL {
        if row.entry().namespace != kind {
            continue;
        }
        // Our own process in the namespace has no file system mounted there.
        if visits && row.entry().origin != ValueOrigin::Namespace {
            continue;
        }
        let command = format!("  $ {}", row.entry().command);
        let command = cut::to_width(&command, usize::from(width));
        lines.push(Line::styled(command, style(Role::Command)));
        let printed = row.full(&observed);
        for text in side_by_side::printed(printed.as_ref(), room) {
            let text = format!("{}{}", " ".repeat(INDENT), cut::to_width(&text, room));
            lines.push(Line::styled(text, style(Role::Text)));
        }
    }
    lines
}
