//! Peer groups of mounts: a box for each group, and below it the mounts that only receive from it.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::{Group, Picture, Row, Scene, role_of};
use crate::app::boxes::Boxes;
use crate::app::texts;
use crate::namespace::Namespace;
use crate::observe::snapshot::Mount;
use crate::sandbox::Side;
use crate::theme::Role;

/// The most boxes that are drawn.
const MOST: usize = 8;
/// The most mounts of a box that are drawn.
const MOST_MOUNTS: usize = 6;

/// What the mounts of a box have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The peer group with this number, and that of its master if it has one.
    Peers(u32, Option<u32>),
    /// They only receive from this group.
    Slaves(u32),
    Private,
}

impl Kind {
    fn of(mount: &Mount) -> Self {
        match (mount.shared, mount.master) {
            (Some(group), master) => Kind::Peers(group, master),
            (None, Some(master)) => Kind::Slaves(master),
            (None, None) => Kind::Private,
        }
    }

    /// The group that it receives from.
    fn master(self) -> Option<u32> {
        match self {
            Kind::Peers(_, master) => master,
            Kind::Slaves(master) => Some(master),
            Kind::Private => None,
        }
    }
}

/// The sides that have a mount in one mount namespace, and where it is.
type Member = (Vec<Side>, String);

pub(super) fn picture(scene: &Scene<'_>) -> Option<Picture> {
    let boxes = boxes(&scene.groups(Namespace::Mnt), scene);
    let drawn = ordered(&boxes);
    let mut picture = Picture::default();
    for kind in drawn.iter().take(MOST) {
        draw(*kind, &boxes[kind], scene, &mut picture);
    }
    if drawn.len() > MOST {
        let more = texts::more(scene.lang, drawn.len() - MOST);
        picture.told.push(more.clone());
        picture.rows.push(Row::default().with(more, Role::Dim));
    }
    (!drawn.is_empty()).then_some(picture)
}

fn boxes(groups: &[Group<'_>], scene: &Scene<'_>) -> BTreeMap<Kind, BTreeSet<Member>> {
    let mut boxes: BTreeMap<Kind, BTreeSet<Member>> = BTreeMap::new();
    for group in groups {
        let mounts = group.seen.mounts.iter();
        for mount in mounts.filter(|it| scene.figure.shows_mount(&it.target)) {
            let kind = Kind::of(mount);
            // In a lab most mounts are private. They are drawn where the figure names them.
            if kind == Kind::Private && scene.figure.mounts.is_empty() {
                continue;
            }
            let member = (group.sides.clone(), mount.target.clone());
            boxes.entry(kind).or_default().insert(member);
        }
    }
    boxes
}

/// The boxes, those that receive behind the one that they receive from.
fn ordered(boxes: &BTreeMap<Kind, BTreeSet<Member>>) -> Vec<Kind> {
    let is_there = |group: u32| {
        let mut kinds = boxes.keys();
        kinds.any(|kind| matches!(kind, Kind::Peers(number, _) if *number == group))
    };
    let mut ordered = Vec::new();
    let mut waiting: Vec<Kind> = boxes.keys().rev().copied().collect();
    waiting.retain(|kind| {
        let outermost = !kind.master().is_some_and(is_there);
        if outermost {
            ordered.push(*kind);
        }
        !outermost
    });
    ordered.reverse();
    let mut at = 0;
    while let Some(kind) = ordered.get(at).copied() {
        at += 1;
        let Kind::Peers(group, _) = kind else {
            continue;
        };
        let receives = |it: &Kind| it.master() == Some(group);
        let below: Vec<Kind> = waiting.iter().rev().copied().filter(receives).collect();
        waiting.retain(|it| !receives(it));
        ordered.splice(at..at, below);
    }
    ordered
}

fn draw(kind: Kind, members: &BTreeSet<Member>, scene: &Scene<'_>, picture: &mut Picture) {
    let boxes = Boxes { width: scene.width };
    if kind.master().is_some() && !picture.rows.is_empty() {
        let arrow = Row::border("  ↓ ").with(texts::one_way(scene.lang), Role::Dim);
        picture.rows.push(arrow);
    }
    let title = match kind {
        Kind::Peers(group, _) => texts::peer_group(scene.lang, group),
        Kind::Slaves(master) => texts::slaves(scene.lang, master),
        Kind::Private => texts::private_mounts(scene.lang).to_owned(),
    };
    picture.rows.push(Row::border(boxes.top(0, &title)));
    let (left, right) = boxes.sides(0);
    let mut line = |row: Row| {
        let row = Row::border(left.as_str()).and(row.padded(boxes.room(0)));
        picture.rows.push(row.with(right.as_str(), Role::Border));
    };
    let mut told = Vec::new();
    for (sides, target) in members.iter().take(MOST_MOUNTS) {
        let names = scene.names(sides);
        line(
            Row::default()
                .with(format!("{names} "), role_of(sides))
                .with(target.as_str(), Role::Text),
        );
        told.push(texts::mount_of(scene.lang, target, &names));
    }
    if members.len() > MOST_MOUNTS {
        let more = texts::more(scene.lang, members.len() - MOST_MOUNTS);
        line(Row::default().with(more.as_str(), Role::Dim));
        told.push(more);
    }
    picture.rows.push(Row::border(boxes.bottom(0)));
    picture
        .told
        .push(texts::peers_told(scene.lang, &title, kind.master(), &told));
}
