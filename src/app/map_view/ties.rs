//! Connections between namespaces, as lines: veth pairs between boxes of network namespaces, and the peer
//! groups of mounts.
//!
//! Knows text and widths, no style. Must not know what else is on the map.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::super::cut;
use super::seen::Item;
use crate::discovery::map::{FoundLink, SharedGroup, VethEnd};
use crate::discovery::{Found, Map, shown};
use crate::namespace::{Namespace, NamespaceId};

/// Columns between two boxes.
const GAP: usize = 5;
/// No box is wider: a line that crosses a wide screen is hard to follow.
const WIDEST: usize = 44;
/// Mount points that are named of one line's groups.
const NAMED: usize = 2;

/// A line, with what the cursor can be on.
pub(super) struct Line<'m> {
    pub item: Option<Item>,
    /// The namespace that the item is.
    pub found: Option<&'m Found>,
    pub text: String,
}

/// The input of the lines.
pub(super) struct TieLines<'m, F> {
    pub map: &'m Map,
    pub width: usize,
    /// Gives a namespace's letter, and its members or what keeps it.
    pub name: F,
    /// The words before the user namespace that owns a network namespace.
    pub owner: &'static str,
}

/// A veth pair, from the namespace on the left.
type VethPair<'m> = [VethEnd<'m>; 2];

impl<'m, F: Fn(&Found) -> [String; 2]> TieLines<'m, F> {
    /// The veth pairs between network namespaces, in one picture or several. The namespace with the most pairs
    /// is on the left, and the namespaces of the other ends on the right. Pairs that are left over get pictures
    /// of their own.
    pub(super) fn networks(&self) -> Vec<Line<'m>> {
        let pairs = self.map.veth_pairs().into_iter();
        let between = |[one, other]: &VethPair<'_>| one.namespace.key != other.namespace.key;
        let mut left: Vec<VethPair<'m>> = pairs.filter(between).collect();
        let mut lines = Vec::new();
        let mut picture = 0;
        while let Some(hub) = self.hub(&left) {
            let touches = |pair: &VethPair<'_>| pair.iter().any(|end| end.namespace.key == hub);
            let (own, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(touches);
            left = rest;
            let facing = own.into_iter().map(|[one, other]| {
                if one.namespace.key == hub {
                    [one, other]
                } else {
                    [other, one]
                }
            });
            lines.extend(self.star(facing.collect(), picture));
            picture += 1;
        }
        lines
    }

    /// The namespace with the most of these pairs; of several, the one with the first letter.
    fn hub(&self, pairs: &[VethPair<'_>]) -> Option<NamespaceId> {
        let mut counts: BTreeMap<NamespaceId, usize> = BTreeMap::new();
        for end in pairs.iter().flatten() {
            *counts.entry(end.namespace.key).or_default() += 1;
        }
        let most = *counts.values().max()?;
        let nets = self.map.of_kind(Namespace::Net);
        let of_most = nets.filter(|found| counts.get(&found.key) == Some(&most));
        let first = of_most.min_by_key(|found| {
            let [letter, _] = (self.name)(found);
            (letter.len(), letter)
        });
        first.map(|found| found.key)
    }

    /// The pairs of one namespace, and the boxes of the other ends.
    fn star(&self, mut pairs: Vec<VethPair<'m>>, picture: usize) -> Vec<Line<'m>> {
        pairs.sort_by_key(|[one, other]| {
            let last = one.link.master.is_none();
            (last, one.link.master, other.namespace.key, one.link.index)
        });
        let Some(hub) = pairs.first().map(|[one, _]| one.namespace) else {
            return Vec::new();
        };
        let width = (self.width.saturating_sub(GAP) / 2).min(WIDEST);
        let item = |found: &Found| Item::Network {
            ino: found.key.ino,
            picture,
        };
        let mut wires = Wires::of(hub, &pairs);
        let mut lines = Vec::new();
        let mut add = |item, found, left: String, wire: bool, right: String| {
            let wire = if wire { "─" } else { " " }.repeat(GAP);
            let text = format!("{left}{wire}{right}");
            lines.push(Line { item, found, text });
        };
        let owner = self.owner(hub);
        let blocks: Vec<&[VethPair<'m>]> = pairs
            .chunk_by(|one, other| one[1].namespace.key == other[1].namespace.key)
            .collect();
        for (at, block) in blocks.into_iter().enumerate() {
            let other = block[0][1].namespace;
            let top = self.top(other, width);
            if at == 0 {
                add(Some(item(hub)), Some(hub), self.top(hub, width), false, top);
            } else {
                let left = inside(&wires.between(), width, '│');
                add(None, None, left, false, top);
            }
            let owners = [owner.clone().filter(|_| at == 0), self.owner(other)];
            if owners.iter().any(Option::is_some) {
                let [here, there] = owners.map(Option::unwrap_or_default);
                let here = if at == 0 { here } else { wires.between() };
                let (here, there) = (inside(&here, width, '│'), inside(&there, width, '│'));
                add(None, None, here, false, there);
            }
            for (nth, [one, far]) in block.iter().enumerate() {
                let here = inside(&wires.of_pair(one.link), width, '├');
                let there = inside(&link(far.link), width, '│').replacen('│', "┤", 1);
                let first = nth == 0;
                let found = first.then_some(other);
                add(first.then(|| item(other)), found, here, true, there);
            }
            let bottom = format!("└{}┘", "─".repeat(width.saturating_sub(2)));
            let left = if wires.is_over() {
                bottom.clone()
            } else {
                inside(&wires.between(), width, '│')
            };
            add(None, None, left, false, bottom);
        }
        lines
    }

    fn top(&self, found: &Found, width: usize) -> String {
        let [letter, who] = (self.name)(found);
        let name = format!("net {letter} · ");
        let room = width.saturating_sub(4);
        let rest = room.saturating_sub(name.width());
        // The names of `ip netns` are all in one directory.
        let who = if who.starts_with('/') {
            cut::to_end(&who, rest)
        } else {
            who
        };
        let title = cut::to_width(&format!("{name}{who}"), room);
        let line = "─".repeat(width.saturating_sub(4 + title.width()));
        format!("┌ {title} {line}┐")
    }

    /// The user namespace that owns a network namespace, unless it is the outermost.
    fn owner(&self, found: &Found) -> Option<String> {
        let owner = self.map.find(found.facts.owner?.ino)?;
        owner.facts.parent?;
        Some(format!("{} user {}", self.owner, owner.key.ino))
    }

    /// The peer groups that several mount namespaces have, those of the same ones on one line.
    pub(super) fn peer_groups(&self) -> Vec<String> {
        let groups = self.map.shared_groups();
        let mut lines: BTreeMap<String, Vec<&SharedGroup<'_>>> = BTreeMap::new();
        for group in &groups {
            let letters = |side: &[(&Found, &str)]| -> Vec<String> {
                let letters = side.iter().map(|(found, _)| (self.name)(found)[0].clone());
                letters.collect()
            };
            let members = match &*letters(&group.members) {
                [] => "?".to_owned(),
                members => members.join(" ↔ "),
            };
            let receivers = letters(&group.receivers);
            let mut said = format!("mnt {members}");
            if !receivers.is_empty() {
                said = format!("{said} → {}", receivers.join(" "));
            }
            lines.entry(said).or_default().push(group);
        }
        let lines = lines.into_iter().map(|(said, groups)| {
            let path = |group: &&SharedGroup<'_>| {
                let mut all = group.members.iter().chain(&group.receivers);
                let path = all.next().map_or_else(String::new, |(_, path)| shown(path));
                format!("{path} ({})", group.number)
            };
            let mut paths: Vec<String> = groups.iter().take(NAMED).map(path).collect();
            if groups.len() > NAMED {
                paths.push(format!("… {}", groups.len()));
            }
            cut::to_width(&format!("{said}   {}", paths.join("  ")), self.width)
        });
        lines.collect()
    }
}

/// A line of a box, with its right border.
fn inside(text: &str, width: usize, border: char) -> String {
    let text = cut::padded(text, width.saturating_sub(3));
    format!("│ {text}{border}")
}

/// A link with the first address that was given to it.
fn link(link: &FoundLink) -> String {
    let given = |address: &&String| !address.starts_with("fe80:");
    let address = link.addresses.iter().find(given).map(String::as_str);
    let down = (!link.up).then_some("DOWN");
    let words = [Some(shown(&link.name)), address.map(str::to_owned)];
    let words = words.into_iter().chain([down.map(str::to_owned)]);
    words.flatten().collect::<Vec<_>>().join(" ")
}

/// The links on the left, as they are drawn one after the other: the ports of a bridge hang on it.
struct Wires {
    /// The ports that are still to be drawn, by the index of their bridge.
    ports: BTreeMap<u32, usize>,
    bridges: BTreeMap<u32, String>,
    /// The bridge whose port was drawn last.
    bridge: Option<u32>,
    left: usize,
}

impl Wires {
    fn of(hub: &Found, pairs: &[VethPair<'_>]) -> Self {
        let mut ports: BTreeMap<u32, usize> = BTreeMap::new();
        for master in pairs.iter().filter_map(|[one, _]| one.link.master) {
            *ports.entry(master).or_default() += 1;
        }
        let bridges = hub.links.iter().flatten();
        let bridges = bridges.filter(|link| ports.contains_key(&link.index));
        Wires {
            bridges: bridges.map(|it| (it.index, link(it))).collect(),
            ports,
            bridge: None,
            left: pairs.len(),
        }
    }

    fn of_pair(&mut self, end: &FoundLink) -> String {
        self.left = self.left.saturating_sub(1);
        let first = self.bridge != end.master;
        self.bridge = end.master;
        let Some(master) = end.master else {
            return link(end);
        };
        let more = self.ports.get_mut(&master).is_some_and(|left| {
            *left = left.saturating_sub(1);
            *left > 0
        });
        let name = self.bridges.get(&master).cloned().unwrap_or_default();
        let (name, branch) = match (first, more) {
            (true, true) => (name, '┬'),
            (true, false) => (name, '─'),
            (false, true) => (" ".repeat(name.width()), '├'),
            (false, false) => (" ".repeat(name.width()), '└'),
        };
        format!("{name} {branch} {}", link(end))
    }

    /// The text between two links: the line of a bridge that has more ports.
    fn between(&self) -> String {
        let more = self
            .bridge
            .filter(|it| self.ports.get(it).is_some_and(|left| *left > 0));
        let name = more.and_then(|bridge| self.bridges.get(&bridge));
        name.map_or_else(String::new, |name| {
            format!("{} │", " ".repeat(name.width()))
        })
    }

    fn is_over(&self) -> bool {
        self.left == 0
    }
}
