//! The tree of cgroups as the host sees it: the cgroup of each shell, the root of each cgroup namespace, and
//! the limits.

use std::collections::BTreeMap;
use std::mem;

use unicode_width::UnicodeWidthStr;

use super::scene::{FigurePicture, FigureRow, Group, LinePiece, Scene, branch, names, role};
use crate::app::boxes::Boxes;
use crate::app::texts;
use crate::discovery::shown;
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::Snapshot;
use crate::observe::cgroups::{Cgroup, Cgroups};
use crate::prose;
use crate::sandbox::Side;
use crate::theme::Role;

/// A tree with at most this number of cgroups is drawn whole, as a lab's. A machine's has hundreds.
const FEW: usize = 8;
/// In a larger tree, the most children of a cgroup that are drawn although there is nothing to say about them.
const MOST: usize = 2;

/// The deepest cgroups that are drawn.
const DEEPEST: usize = 10;

/// A path from the host's root, as names.
type CgroupPath<'a> = Vec<&'a str>;

/// A cgroup with those below it.
#[derive(Default)]
struct CgroupNode<'a> {
    /// `None` where only its path is known.
    cgroup: Option<&'a Cgroup>,
    /// The sides whose shell is in it.
    shells: Vec<Side>,
    /// The sides whose paths start here.
    starts: Vec<Side>,
    below: BTreeMap<&'a str, CgroupNode<'a>>,
}

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let host = scene.host()?;
    let mut asked = scene.asked.iter();
    let (_, answer) = asked.find(|(side, _)| *side == Side::Host)?;
    let known = KnownCgroups {
        scene,
        host,
        tree: answer.cgroups.as_ref(),
    };
    let (tree, unknown) = known.tree();
    let mut drawing = CgroupDrawing {
        scene,
        boxes: Boxes { width: scene.width },
        is_whole: tree.count() <= FEW,
        picture: FigurePicture::default(),
    };
    let title = texts::cgroups_title(scene.lang);
    let intro = texts::cgroups_intro(scene.lang).to_owned();
    drawing.picture.border(drawing.boxes.top(0, title));
    drawing.picture.sentences.push(intro);
    drawing.node(&tree, "/", "/", "", "");
    for said in unknown {
        drawing.note(&said);
    }
    drawing.picture.border(drawing.boxes.bottom(0));
    Some(drawing.picture)
}

/// The facts that the sides give.
struct KnownCgroups<'a> {
    scene: &'a Scene<'a>,
    host: &'a Snapshot,
    /// As the host sees it.
    tree: Option<&'a Cgroups>,
}

impl<'a> KnownCgroups<'a> {
    /// The tree with the shells and the roots of cgroup namespaces in it, and sentences about what is not known.
    fn tree(&self) -> (CgroupNode<'a>, Vec<String>) {
        let lang = self.scene.lang;
        let mut tree = CgroupNode::default();
        for cgroup in self.tree.iter().flat_map(|tree| &tree.all) {
            tree.at(&names(&cgroup.path)).cgroup = Some(cgroup);
        }
        let mut lost = Vec::new();
        for (side, seen) in self.scene.shown() {
            match self.place(seen) {
                Some(place) => tree.at(&place).shells.push(side),
                None => lost.push(side),
            }
        }
        let mut nowhere = Vec::new();
        for group in self.scene.groups(Namespace::Cgroup) {
            match self.start(&group) {
                Some(place) => tree.at(&place).starts.extend(&group.sides),
                None => nowhere.extend(&group.sides),
            }
        }
        let mut unknown = Vec::new();
        match self.tree {
            None => unknown.push(texts::no_cgroup_tree(lang).to_owned()),
            Some(tree) if tree.left_out > 0 => {
                unknown.push(texts::cgroups_left_out(lang, tree.left_out));
            }
            Some(_) => {}
        }
        if !lost.is_empty() {
            unknown.push(texts::cgroup_unknown(lang, &lost));
        }
        if !nowhere.is_empty() {
            unknown.push(texts::start_unknown(lang, &nowhere));
        }
        (tree, unknown)
    }

    /// The cgroup of a process, on the host's tree.
    fn of_process(&self, pid: i32) -> Option<CgroupPath<'a>> {
        let mut all = self.tree?.all.iter();
        let cgroup = all.find(|it| it.processes.contains(&pid))?;
        Some(names(&cgroup.path))
    }

    /// The cgroup of a side's shell: from the tree, or as the side reads it, if it shares the host's namespace.
    fn place(&self, seen: &'a Snapshot) -> Option<CgroupPath<'a>> {
        let found = seen.nspid.first().and_then(|pid| self.of_process(*pid));
        let cgroup = |seen: &Snapshot| seen.namespaces.get(&Namespace::Cgroup).copied();
        let shares = cgroup(seen) == cgroup(self.host) && !leads_out(&seen.cgroup);
        found.or_else(|| shares.then(|| names(&seen.cgroup)))
    }

    /// The root of a cgroup namespace: from the path of one cgroup as a side there and as the host read it.
    fn start(&self, group: &Group<'a>) -> Option<CgroupPath<'a>> {
        let members = |side: &Side| group.sides.contains(side);
        let shells = self.scene.sides.iter().filter(|(side, _)| members(side));
        let shells = shells.filter_map(|(_, seen)| Some((self.place(seen)?, seen.cgroup.as_str())));
        let asked = self.scene.asked.iter().filter(|(side, _)| members(side));
        let seen = asked
            .filter_map(|(_, asked)| asked.cgroups.as_ref())
            .flat_map(|tree| &tree.all)
            .filter_map(|it| {
                let place = self.of_process(*it.processes.first()?)?;
                Some((place, it.seen_as.as_deref()?))
            });
        shells.chain(seen).find_map(|(mut place, seen)| {
            let inside = names(seen);
            let is_below = !leads_out(seen) && place.ends_with(&inside);
            is_below.then(|| {
                place.truncate(place.len() - inside.len());
                place
            })
        })
    }
}

/// Whether the path goes out of the namespace's root.
fn leads_out(path: &str) -> bool {
    names(path).first() == Some(&"..")
}

impl<'a> CgroupNode<'a> {
    /// The node at this place, which is made if it isn't there.
    fn at(&mut self, place: &[&'a str]) -> &mut CgroupNode<'a> {
        place
            .iter()
            .fold(self, |node, name| node.below.entry(name).or_default())
    }

    /// Whether there is something to say about this cgroup or one below it.
    fn matters(&self) -> bool {
        let limited = self
            .cgroup
            .is_some_and(|it| it.memory_max.is_some() || it.pids_max.is_some());
        let here = limited || !self.shells.is_empty() || !self.starts.is_empty();
        here || self.below.values().any(CgroupNode::matters)
    }

    /// How many cgroups there are, with this one.
    fn count(&self) -> usize {
        1 + self.below.values().map(CgroupNode::count).sum::<usize>()
    }

    /// Processes beside the shells.
    fn others(&self) -> usize {
        let count = self.cgroup.map_or(0, |it| it.count);
        count.saturating_sub(self.shells.len())
    }

    /// The limits that are set, as their files say it.
    fn limits(&self) -> Vec<String> {
        let Some(cgroup) = self.cgroup else {
            return Vec::new();
        };
        let memory = cgroup
            .memory_max
            .map(|it| format!("memory.max {}", bytes(it)));
        let pids = cgroup.pids_max.map(|it| format!("pids.max {it}"));
        let current = cgroup.pids_current.filter(|_| pids.is_some());
        let current = current.map(|it| format!("pids.current {it}"));
        [memory, pids, current].into_iter().flatten().collect()
    }
}

/// The pieces as a sentence lists them.
fn joined(pieces: &[LinePiece], lang: Lang) -> Option<String> {
    let all: Vec<&str> = pieces.iter().map(|it| it.text.as_str()).collect();
    (!all.is_empty()).then(|| all.join(texts::comma(lang)))
}

/// A number of bytes in the form that one writes into the file: `32M`.
fn bytes(count: u64) -> String {
    let units = [(30, 'G'), (20, 'M'), (10, 'K')];
    let whole = |shift: &u32| count > 0 && count.trailing_zeros() >= *shift;
    match units.iter().find(|(shift, _)| whole(shift)) {
        Some((shift, unit)) => format!("{}{unit}", count >> shift),
        None => count.to_string(),
    }
}

struct CgroupDrawing<'a> {
    scene: &'a Scene<'a>,
    boxes: Boxes,
    /// Whether every cgroup is drawn.
    is_whole: bool,
    picture: FigurePicture,
}

impl CgroupDrawing<'_> {
    /// Draws a node and those below it. `lead` is the prefix of its first line, `below` that of all others.
    fn node(&mut self, node: &CgroupNode<'_>, name: &str, path: &str, lead: &str, below: &str) {
        let lang = self.scene.lang;
        let is_last = node.below.is_empty();
        let rest = format!("{below}{}", if is_last { "  " } else { "│ " });
        let mut here = self.sides(&node.shells);
        let others = texts::other_processes(lang, node.others(), here.is_empty());
        here.extend(others.map(|text| LinePiece::new(text, Role::Dim)));
        let mut told: Vec<String> = joined(&here, lang).into_iter().collect();
        if told.is_empty() && node.cgroup.is_some() {
            told.push(texts::no_process(lang).to_owned());
        }
        let name = format!("{}{}", shown(name), if here.is_empty() { "" } else { ": " });
        self.flow(
            FigureRow::border(lead).with(name, Role::Strong),
            &rest,
            here,
        );
        if !node.starts.is_empty() {
            let (start, sides) = (texts::paths_start(lang), self.sides(&node.starts));
            told.extend(joined(&sides, lang).map(|it| format!("{start}{it}")));
            let first = FigureRow::border(rest.as_str()).with(start, Role::Dim);
            self.flow(first, &rest, sides);
        }
        let limits = node.limits().into_iter();
        let limits: Vec<_> = limits
            .map(|text| LinePiece::new(text, Role::Attention))
            .collect();
        if !limits.is_empty() {
            told.extend(joined(&limits, lang));
            self.flow(FigureRow::border(rest.as_str()), &rest, limits);
        }
        let told = texts::cgroup_told(lang, &shown(path), &told);
        self.picture.sentences.push(told);
        self.inner(node, path, below);
    }

    fn inner(&mut self, node: &CgroupNode<'_>, path: &str, below: &str) {
        let is_deep = names(path).len() >= DEEPEST;
        let mut room = if node.matters() { MOST } else { 0 };
        let (drawn, hidden): (Vec<_>, Vec<_>) = node.below.iter().partition(|(_, inner)| {
            let matters = self.is_whole || inner.matters();
            let kept = !is_deep && (matters || room > 0);
            room -= usize::from(kept && !matters);
            kept
        });
        let hidden: usize = hidden.iter().map(|(_, inner)| inner.count()).sum();
        let count = drawn.len();
        for (at, (name, inner)) in drawn.into_iter().enumerate() {
            let is_last = at + 1 == count && hidden == 0;
            let (mark, line) = branch(is_last);
            let path = format!("{}/{name}", path.trim_end_matches('/'));
            let (lead, deeper) = (format!("{below}{mark}"), format!("{below}{line}"));
            self.node(inner, name, &path, &lead, &deeper);
        }
        if hidden > 0 {
            let more = texts::more(self.scene.lang, hidden);
            let row = FigureRow::border(format!("{below}└─ ")).with(more.as_str(), Role::Dim);
            self.line(row);
            self.picture.sentences.push(more);
        }
    }

    fn sides(&self, sides: &[Side]) -> Vec<LinePiece> {
        let piece = |side: &Side| LinePiece::new(self.scene.names(&[*side]), role(*side));
        sides.iter().map(piece).collect()
    }

    /// The pieces behind the first row, in as many lines as they need.
    fn flow(&mut self, first: FigureRow, rest: &str, pieces: Vec<LinePiece>) {
        let room = self.boxes.room(0);
        let between = texts::comma(self.scene.lang);
        let mut row = first;
        let mut begun = false;
        for piece in pieces {
            if begun && row.width() + between.width() + piece.text.width() > room {
                let full = mem::replace(&mut row, FigureRow::border(format!("{rest}  ")));
                self.line(full.with(between.trim_end(), Role::Border));
            } else if begun {
                row = row.with(between, Role::Border);
            }
            row = row.with(piece.text, piece.role);
            begun = true;
        }
        self.line(row);
    }

    /// A sentence below the tree.
    fn note(&mut self, said: &str) {
        let room = self.boxes.room(0).saturating_sub(1);
        for line in prose::wrap(said, room) {
            self.line(FigureRow::default().with(line, Role::Dim));
        }
        self.picture.sentences.push(said.to_owned());
    }

    fn line(&mut self, row: FigureRow) {
        self.picture.rows.push(row.within(self.boxes, 0));
    }
}
