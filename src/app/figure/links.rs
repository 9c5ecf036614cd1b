//! Network namespaces as boxes, with a line at the right border for each veth that connects two of them.

use unicode_width::UnicodeWidthStr;

use super::{Group, Picture, Row, Scene, role_of};
use crate::app::boxes::Boxes;
use crate::app::texts;
use crate::namespace::Namespace;
use crate::observe::snapshot::Interface;
use crate::theme::Role;

/// Columns beside the boxes for each line.
const LANE: usize = 2;

/// An interface: which box it is in, which of its interfaces it is.
type End = (usize, usize);

pub(super) fn picture(scene: &Scene<'_>) -> Option<Picture> {
    let groups = scene.groups(Namespace::Net);
    let cables = cables(&groups);
    let lanes = LANE * cables.len();
    let mut drawing = Drawing {
        scene,
        groups: &groups,
        cables: &cables,
        boxes: Boxes {
            width: scene.width.saturating_sub(lanes),
        },
        rows: Vec::new(),
    };
    let told = (0..groups.len()).map(|at| drawing.draw(at)).collect();
    let rows = beside(drawing.rows, &cables);
    (!groups.is_empty()).then_some(Picture { rows, told })
}

/// The pairs of interfaces that are two ends of one cable.
fn cables(groups: &[Group<'_>]) -> Vec<[End; 2]> {
    let mut all: Vec<(End, &Interface)> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let interfaces = group.seen.interfaces.iter().enumerate();
        all.extend(interfaces.map(|(index, it)| ((at, index), it)));
    }
    let mut cables: Vec<[End; 2]> = Vec::new();
    for (number, (end, one)) in all.iter().enumerate() {
        let others = all.iter().skip(number + 1);
        let mut fits = others.filter(|((at, _), other)| {
            one.peer == Some(other.index)
                && other.peer == Some(one.index)
                && (one.peer_elsewhere == (*at != end.0))
                && one.peer_elsewhere == other.peer_elsewhere
        });
        let taken = |end: &End| cables.iter().flatten().any(|it| it == end);
        // Each namespace counts its interfaces on its own: several may fit, and then none is known.
        if let (Some((other, _)), None) = (fits.next(), fits.next())
            && !taken(end)
            && !taken(other)
        {
            cables.push([*end, *other]);
        }
    }
    cables
}

struct Drawing<'a> {
    scene: &'a Scene<'a>,
    groups: &'a [Group<'a>],
    cables: &'a [[End; 2]],
    boxes: Boxes,
    /// Each with the interface that it shows.
    rows: Vec<(Row, Option<End>)>,
}

impl Drawing<'_> {
    /// Draws a box, and tells what is in it.
    fn draw(&mut self, at: usize) -> String {
        let group = &self.groups[at];
        let names = self.scene.names(&group.sides);
        let line = self.boxes.width.saturating_sub(names.width() + 4);
        let title = Row::border("┌ ")
            .with(names.as_str(), role_of(&group.sides))
            .with(format!(" {}┐", "─".repeat(line)), Role::Border);
        self.rows.push((title, None));
        let interfaces = &group.seen.interfaces;
        let widest = interfaces.iter().map(|it| it.name.width()).max();
        let mut told = Vec::new();
        for (index, interface) in interfaces.iter().enumerate() {
            let end = (at, index);
            let is_linked = self.cables.iter().flatten().any(|it| *it == end);
            let inside = self.interface(interface, widest.unwrap_or(0), is_linked);
            let room = self.boxes.room(0);
            let (inside, edge) = if is_linked {
                let line = room.saturating_sub(inside.width()).max(1);
                let inside = inside.padded(room - line);
                (inside.with("─".repeat(line), Role::Border), "┼")
            } else {
                (inside.padded(room), "│")
            };
            let row = Row::border("│ ").and(inside).with(edge, Role::Border);
            self.rows.push((row, Some(end)));
            told.push(self.told(interface, end));
        }
        self.rows.push((Row::border(self.boxes.bottom(0)), None));
        texts::network_told(self.scene.lang, &names, &told)
    }

    fn interface(&self, interface: &Interface, widest: usize, is_linked: bool) -> Row {
        let name = format!("{:<widest$} ", interface.name);
        let mut row = Row::default().with(name, Role::Strong);
        if !interface.up {
            let down = format!("{} ", texts::is_down(self.scene.lang));
            row = row.with(down, Role::Attention);
        }
        let addresses = addresses(interface);
        if !addresses.is_empty() {
            row = row.with(format!("{addresses} "), Role::Text);
        }
        if interface.peer_elsewhere && !is_linked {
            row = row.with(texts::peer_elsewhere(self.scene.lang), Role::Dim);
        }
        row
    }

    fn told(&self, interface: &Interface, end: End) -> String {
        let cable = self.cables.iter().find(|cable| cable.contains(&end));
        let other = cable.and_then(|cable| cable.iter().find(|it| **it != end));
        let other = other.map(|(group, index)| {
            let group = &self.groups[*group];
            let name = group.seen.interfaces[*index].name.clone();
            (name, self.scene.names(&group.sides))
        });
        texts::interface_told(self.scene.lang, interface, &addresses(interface), other)
    }
}

/// Draws the lines beside the boxes.
fn beside(rows: Vec<(Row, Option<End>)>, cables: &[[End; 2]]) -> Vec<Row> {
    let row_of = |end: End| rows.iter().position(|(_, it)| *it == Some(end));
    let places: Vec<[Option<usize>; 2]> = cables.iter().map(|ends| ends.map(row_of)).collect();
    let begins_here = |at: usize| places.iter().position(|ends| ends.contains(&Some(at)));
    let lines = (0..rows.len()).map(|at| {
        let reach = begins_here(at);
        let lanes = places.iter().enumerate().map(|(lane, [from, to])| {
            let passes = from.is_some_and(|it| it < at) && to.is_some_and(|it| it > at);
            let (before, line) = match reach {
                Some(reach) if reach == lane && *from == Some(at) => ('─', '┐'),
                Some(reach) if reach == lane => ('─', '┘'),
                Some(reach) if reach > lane => ('─', if passes { '┼' } else { '─' }),
                Some(_) | None => (' ', if passes { '│' } else { ' ' }),
            };
            [before, line]
        });
        lanes.flatten().collect::<String>()
    });
    let lines: Vec<String> = lines.collect();
    let rows = rows.into_iter().zip(lines);
    rows.map(|((row, _), line)| row.with(line.trim_end(), Role::Border))
        .collect()
}

/// Its addresses, without those that each interface gives itself.
fn addresses(interface: &Interface) -> String {
    let own = |it: &&String| !it.starts_with("fe80:") && *it != "::1/128";
    let addresses: Vec<&str> = interface
        .addresses
        .iter()
        .filter(own)
        .map(String::as_str)
        .collect();
    addresses.join(" ")
}
