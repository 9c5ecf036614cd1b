//! Network namespaces as boxes, with a line at the right border for each veth that connects two of them.

use unicode_width::UnicodeWidthStr;

use super::scene::{FigurePicture, FigureRow, Scene};
use crate::app::boxes::Boxes;
use crate::app::cut;
use crate::app::texts;
use crate::discovery::map::{self, FoundLink};
use crate::discovery::{Found, Holder, Map, shown};
use crate::namespace::Namespace;
use crate::sandbox::Side;
use crate::theme::Role;

/// Columns beside the boxes for each line.
const LANE: usize = 2;
/// The most interfaces of a box that are drawn, beside those that are linked.
const MOST: usize = 6;

/// An interface: the index of its box, and of its line there.
type InterfacePlace = (usize, usize);

/// A veth pair: its two ends, and the lane beside the boxes in which it is drawn.
struct Cable {
    ends: [InterfacePlace; 2],
    lane: usize,
}

/// A network namespace, drawn as a box.
struct Network<'a> {
    ino: u64,
    /// The sides whose shell is in it.
    sides: Vec<Side>,
    title: String,
    /// The ports of a bridge follow the bridge.
    links: Vec<&'a FoundLink>,
    /// How many more it has.
    left_out: usize,
}

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let map = scene.map?;
    let networks = networks(scene, map);
    let cables = cables(map, &networks);
    let lanes = cables.iter().map(|cable| cable.lane + 1).max().unwrap_or(0);
    let width = scene.width.saturating_sub(LANE * lanes);
    let mut drawing = LinkDrawing {
        scene,
        networks: &networks,
        cables: &cables,
        boxes: Boxes { width },
        rows: Vec::new(),
    };
    let sentences = (0..networks.len()).map(|at| drawing.draw(at)).collect();
    let rows = beside(drawing.rows, &cables, lanes);
    (!networks.is_empty()).then_some(FigurePicture { rows, sentences })
}

/// The networks of the sides in their order, then the others.
fn networks<'a>(scene: &Scene<'_>, map: &'a Map) -> Vec<Network<'a>> {
    let groups = scene.groups(Namespace::Net);
    let place = |ino: u64| groups.iter().position(|group| group.ino == ino);
    let mut found: Vec<&Found> = map
        .of_kind(Namespace::Net)
        .filter(|it| scene.figure.sides.is_empty() || place(it.key.ino).is_some())
        .collect();
    found.sort_by_key(|it| place(it.key.ino).unwrap_or(groups.len()));
    let network = |it: &'a Found| {
        let links = it.links.as_deref()?;
        let sides = place(it.key.ino).map_or_else(Vec::new, |at| groups[at].sides.clone());
        let mut ordered: Vec<&FoundLink> = Vec::new();
        for link in links.iter().filter(|link| link.master.is_none()) {
            ordered.push(link);
            let is_port = |port: &&FoundLink| port.master == Some(link.index);
            ordered.extend(links.iter().filter(is_port));
        }
        let all = ordered.len();
        let mut room = MOST;
        ordered.retain(|link| {
            let kept = room > 0 || link.peer.is_some();
            room = room.saturating_sub(1);
            kept
        });
        Some(Network {
            ino: it.key.ino,
            title: title(scene, it, &sides),
            sides,
            left_out: all - ordered.len(),
            links: ordered,
        })
    };
    found.into_iter().filter_map(network).collect()
}

/// The names of the sides in it; else its number, and where it is mounted.
fn title(scene: &Scene<'_>, found: &Found, sides: &[Side]) -> String {
    if !sides.is_empty() {
        return scene.names(sides);
    }
    let mounted = found.holders.iter().find_map(|holder| match holder {
        Holder::Mount { path, .. } => Some(shown(path)),
        _ => None,
    });
    let number = format!("net {}", found.key.ino);
    mounted.map_or(number.clone(), |path| format!("{path} · {number}"))
}

/// The veth pairs whose two ends are both drawn.
fn cables(map: &Map, networks: &[Network<'_>]) -> Vec<Cable> {
    let place = |end: &map::VethEnd<'_>| {
        let ino = end.namespace.key.ino;
        let at = networks.iter().position(|network| network.ino == ino)?;
        let mut links = networks[at].links.iter();
        let line = links.position(|link| link.index == end.link.index)?;
        Some((at, line))
    };
    let pairs = map.veth_pairs().into_iter();
    let drawn = pairs.filter_map(|[one, other]| {
        let mut ends = [place(&one)?, place(&other)?];
        ends.sort_unstable();
        Some(ends)
    });
    let mut drawn: Vec<[InterfacePlace; 2]> = drawn.collect();
    drawn.sort_unstable();
    // The end of the last line in each lane.
    let mut lanes: Vec<InterfacePlace> = Vec::new();
    let cable = |ends: [InterfacePlace; 2]| {
        let free = lanes.iter().position(|last| *last < ends[0]);
        let lane = free.unwrap_or(lanes.len());
        match lanes.get_mut(lane) {
            Some(last) => *last = ends[1],
            None => lanes.push(ends[1]),
        }
        Cable { ends, lane }
    };
    drawn.into_iter().map(cable).collect()
}

struct LinkDrawing<'a> {
    scene: &'a Scene<'a>,
    networks: &'a [Network<'a>],
    cables: &'a [Cable],
    boxes: Boxes,
    /// Each with the interface that it shows.
    rows: Vec<(FigureRow, Option<InterfacePlace>)>,
}

impl LinkDrawing<'_> {
    /// Draws a box, and returns its content as a sentence.
    fn draw(&mut self, at: usize) -> String {
        let network = &self.networks[at];
        let top = FigureRow::top(self.boxes, &network.title, &network.sides);
        self.rows.push((top, None));
        let widest = network.links.iter().map(|link| name(link).width()).max();
        let mut told = Vec::new();
        for (line, link) in network.links.iter().enumerate() {
            let end = (at, line);
            let is_linked = self.cable(end).is_some();
            let inside = self.link(link, widest.unwrap_or(0), is_linked);
            let room = self.boxes.room(0);
            let (inside, edge) = if is_linked {
                let line = room.saturating_sub(inside.width()).max(1);
                let inside = inside.padded(room - line);
                (inside.with("─".repeat(line), Role::Border), "┼")
            } else {
                (inside.padded(room), "│")
            };
            let row = FigureRow::border("│ ").and(inside).with(edge, Role::Border);
            self.rows.push((row, Some(end)));
            told.push(self.sentence(link, end));
        }
        if network.left_out > 0 {
            let more = texts::more(self.scene.lang, network.left_out);
            let row = FigureRow::border(self.boxes.line(0, &more));
            self.rows.push((row, None));
            told.push(more);
        }
        self.rows
            .push((FigureRow::border(self.boxes.bottom(0)), None));
        texts::network_told(self.scene.lang, &network.title, &told)
    }

    fn cable(&self, end: InterfacePlace) -> Option<&Cable> {
        self.cables.iter().find(|cable| cable.ends.contains(&end))
    }

    fn link(&self, link: &FoundLink, widest: usize, is_linked: bool) -> FigureRow {
        let name = cut::padded(&name(link), widest);
        let mut row = FigureRow::default().with(format!("{name} "), Role::Strong);
        if !link.up {
            let down = format!("{} ", texts::is_down(self.scene.lang));
            row = row.with(down, Role::Attention);
        }
        let addresses = addresses(link);
        if !addresses.is_empty() {
            row = row.with(format!("{addresses} "), Role::Text);
        }
        if is_lost(link, is_linked) {
            row = row.with(texts::peer_elsewhere(self.scene.lang), Role::Dim);
        }
        row
    }

    fn sentence(&self, link: &FoundLink, end: InterfacePlace) -> String {
        let cable = self.cable(end);
        let other = cable.and_then(|cable| cable.ends.iter().find(|it| **it != end));
        let lang = self.scene.lang;
        let to = match other {
            Some((at, row)) => {
                let network = &self.networks[*at];
                texts::linked_to(lang, &shown(&network.links[*row].name), &network.title)
            }
            None if is_lost(link, false) => texts::linked_elsewhere(lang).to_owned(),
            None => String::new(),
        };
        let links = &self.networks[end.0].links;
        let bridge = links.iter().find(|it| Some(it.index) == link.master);
        let port = bridge.map_or_else(String::new, |it| texts::port_of(lang, &shown(&it.name)));
        let state = texts::link_told(lang, &shown(&link.name), link.up, &addresses(link));
        format!("{state}{port}{to}")
    }
}

/// Whether the veth's other end is in no network that is drawn.
fn is_lost(link: &FoundLink, is_linked: bool) -> bool {
    link.is_veth() && !is_linked
}

/// Its name; that of a bridge's port is set in.
fn name(link: &FoundLink) -> String {
    let port = if link.master.is_some() { "└ " } else { "" };
    format!("{port}{}", shown(&link.name))
}

/// Draws the lines beside the boxes.
fn beside(
    rows: Vec<(FigureRow, Option<InterfacePlace>)>,
    cables: &[Cable],
    lanes: usize,
) -> Vec<FigureRow> {
    let row_of = |end: InterfacePlace| rows.iter().position(|(_, it)| *it == Some(end));
    let drawn = |cable: &Cable| {
        let [from, to] = cable.ends.map(row_of);
        Some((cable.lane, from?, to?))
    };
    let drawn: Vec<(usize, usize, usize)> = cables.iter().filter_map(drawn).collect();
    let beside = |at: usize| {
        let mut here = drawn
            .iter()
            .filter(|(_, from, to)| [from, to].contains(&&at));
        let reach = here.next().map(|(lane, ..)| *lane);
        let lanes = (0..lanes).map(|lane| {
            let mut here = drawn.iter().filter(|(of, ..)| *of == lane);
            let passes = here.clone().any(|(_, from, to)| *from < at && at < *to);
            let begins = here.any(|(_, from, _)| *from == at);
            match reach {
                Some(reach) if reach == lane && begins => ['─', '┐'],
                Some(reach) if reach == lane => ['─', '┘'],
                Some(reach) if reach > lane && passes => ['─', '┼'],
                Some(reach) if reach > lane => ['─', '─'],
                Some(_) | None if passes => [' ', '│'],
                Some(_) | None => [' ', ' '],
            }
        });
        lanes.flatten().collect::<String>()
    };
    let beside: Vec<String> = (0..rows.len()).map(beside).collect();
    let rows = rows.into_iter().zip(beside);
    rows.map(|((row, _), beside)| row.with(beside.trim_end(), Role::Border))
        .collect()
}

/// Its addresses, without link-local ones.
fn addresses(link: &FoundLink) -> String {
    let own = |it: &&String| !it.starts_with("fe80:") && *it != "::1/128";
    let addresses: Vec<&str> = link
        .addresses
        .iter()
        .filter(own)
        .map(String::as_str)
        .collect();
    addresses.join(" ")
}
