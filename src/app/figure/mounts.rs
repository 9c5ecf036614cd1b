//! The mounts of each side as a tree: each mount is drawn below the mount that contains its mount point.

use std::collections::BTreeMap;
use std::iter::Peekable;

use super::scene::{FigurePicture, FigureRow, Group, Scene, branch, names};
use crate::app::boxes::Boxes;
use crate::app::texts;
use crate::namespace::Namespace;
use crate::observe::snapshot::Mount;
use crate::theme::Role;

/// The most mounts that are drawn below one.
const MOST: usize = 4;
/// Mounts below a deeper mount are not drawn.
const DEEPEST: usize = 1;

/// A mount with those below it.
struct MountNode<'a> {
    mount: &'a Mount,
    below: Vec<MountNode<'a>>,
}

impl MountNode<'_> {
    /// How many mounts there are, with this one.
    fn count(&self) -> usize {
        1 + count(&self.below)
    }
}

fn count(nodes: &[MountNode<'_>]) -> usize {
    nodes.iter().map(MountNode::count).sum()
}

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let mut picture = FigurePicture::default();
    for group in scene.groups(Namespace::Mnt) {
        let mut drawing = MountDrawing {
            scene,
            boxes: Boxes { width: scene.width },
            rows: Vec::new(),
            mounts: Vec::new(),
        };
        drawing.draw(&trees(scene, &group));
        if drawing.rows.is_empty() {
            continue;
        }
        let names = scene.names(&group.sides);
        let top = FigureRow::top(drawing.boxes, &names, &group.sides);
        picture.rows.push(top);
        picture.rows.append(&mut drawing.rows);
        picture.border(drawing.boxes.bottom(0));
        let told = texts::mounts_told(scene.lang, &names, &drawing.mounts);
        picture.sentences.push(told);
    }
    (!picture.rows.is_empty()).then_some(picture)
}

/// Of two mounts at one place, the later one covers the earlier: only the later one is in the tree.
fn trees<'a>(scene: &Scene<'_>, group: &Group<'a>) -> Vec<MountNode<'a>> {
    let shown = group.seen.mounts.iter();
    let shown = shown.filter(|it| scene.figure.shows_mount(&it.target));
    let by_path: BTreeMap<Vec<&str>, &Mount> = shown.map(|it| (names(&it.target), it)).collect();
    nodes(&mut by_path.into_values().peekable(), &[])
}

/// The mounts whose paths begin with these names, each with those below it.
fn nodes<'a>(
    mounts: &mut Peekable<impl Iterator<Item = &'a Mount>>,
    within: &[&str],
) -> Vec<MountNode<'a>> {
    let mut all = Vec::new();
    while let Some(mount) = mounts.next_if(|it| names(&it.target).starts_with(within)) {
        let below = nodes(mounts, &names(&mount.target));
        all.push(MountNode { mount, below });
    }
    all
}

struct MountDrawing<'a> {
    scene: &'a Scene<'a>,
    boxes: Boxes,
    rows: Vec<FigureRow>,
    mounts: Vec<String>,
}

impl MountDrawing<'_> {
    fn draw(&mut self, trees: &[MountNode<'_>]) {
        for tree in trees.iter().take(MOST) {
            self.node(tree, &tree.mount.target, 0, "", "");
        }
        self.rest(trees, 0, "");
    }

    /// Draws a mount and those below it. `lead` is the prefix of its line, `below` that of the others.
    fn node(&mut self, node: &MountNode<'_>, name: &str, depth: usize, lead: &str, below: &str) {
        let mount = node.mount;
        let readonly = if mount.readonly { " ro" } else { "" };
        let kind = format!(" {}{readonly}", mount.fstype);
        let row = FigureRow::border(lead)
            .with(name, Role::Text)
            .with(kind.as_str(), Role::Dim);
        let hidden = depth > DEEPEST && !node.below.is_empty();
        let more = texts::more(self.scene.lang, count(&node.below));
        self.mounts.push(format!("{}{kind}", mount.target));
        if hidden {
            self.line(row.with(format!(" {more}"), Role::Dim));
            self.mounts.push(more);
            return;
        }
        self.line(row);
        for (at, inner) in node.below.iter().take(MOST).enumerate() {
            let is_last = at + 1 == node.below.len();
            let (mark, line) = branch(is_last);
            let target = inner.mount.target.as_str();
            let outer = mount.target.trim_end_matches('/');
            let name = target.strip_prefix(outer).unwrap_or(target);
            let (lead, deeper) = (format!("{below}{mark}"), format!("{below}{line}"));
            self.node(inner, name, depth + 1, &lead, &deeper);
        }
        self.rest(&node.below, depth + 1, below);
    }

    /// Says how many are not drawn.
    fn rest(&mut self, nodes: &[MountNode<'_>], depth: usize, below: &str) {
        let hidden = nodes.get(MOST..).map_or(0, count);
        if hidden > 0 {
            let more = texts::more(self.scene.lang, hidden);
            let mark = if depth > 0 { "└─ " } else { "" };
            let row = FigureRow::border(format!("{below}{mark}")).with(more.as_str(), Role::Dim);
            self.line(row);
            self.mounts.push(more);
        }
    }

    fn line(&mut self, row: FigureRow) {
        self.rows.push(row.within(self.boxes, 0));
    }
}
