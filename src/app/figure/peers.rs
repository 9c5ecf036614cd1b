//! Peer groups of mounts: a box for each group, and below it the mounts that only receive from it.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::{FigurePicture, FigureRow, Group, Scene, role_of};
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

/// The propagation that the mounts of a box have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PeerKind {
    /// The peer group with this number, and that of its master if it has one.
    Peers(u32, Option<u32>),
    /// They only receive from this group.
    Slaves(u32),
    Private,
}

impl PeerKind {
    fn of(mount: &Mount) -> Self {
        match (mount.shared, mount.master) {
            (Some(group), master) => PeerKind::Peers(group, master),
            (None, Some(master)) => PeerKind::Slaves(master),
            (None, None) => PeerKind::Private,
        }
    }

    /// The group that it receives from.
    fn master(self) -> Option<u32> {
        match self {
            PeerKind::Peers(_, master) => master,
            PeerKind::Slaves(master) => Some(master),
            PeerKind::Private => None,
        }
    }
}

/// The sides that have a mount in one mount namespace, and where it is.
type Member = (Vec<Side>, String);

pub(super) fn picture(scene: &Scene<'_>) -> Option<FigurePicture> {
    let boxes = boxes(&scene.groups(Namespace::Mnt), scene);
    let drawn = ordered(&boxes);
    let mut picture = FigurePicture::default();
    for kind in drawn.iter().take(MOST) {
        draw(*kind, &boxes[kind], scene, &mut picture);
    }
    if drawn.len() > MOST {
        let more = texts::more(scene.lang, drawn.len() - MOST);
        picture.sentences.push(more.clone());
        let row = FigureRow::default().with(more, Role::Dim);
        picture.rows.push(row);
    }
    (!drawn.is_empty()).then_some(picture)
}

fn boxes(groups: &[Group<'_>], scene: &Scene<'_>) -> BTreeMap<PeerKind, BTreeSet<Member>> {
    let mut boxes: BTreeMap<PeerKind, BTreeSet<Member>> = BTreeMap::new();
    for group in groups {
        let mounts = group.seen.mounts.iter();
        for mount in mounts.filter(|it| scene.figure.shows_mount(&it.target)) {
            let kind = PeerKind::of(mount);
            // In a lab most mounts are private. They are drawn where the figure names them.
            if kind == PeerKind::Private && scene.figure.mounts.is_empty() {
                continue;
            }
            let member = (group.sides.clone(), mount.target.clone());
            boxes.entry(kind).or_default().insert(member);
        }
    }
    boxes
}

/// The boxes, those that receive behind the one that they receive from.
fn ordered(boxes: &BTreeMap<PeerKind, BTreeSet<Member>>) -> Vec<PeerKind> {
    let is_there = |group: u32| {
        let mut kinds = boxes.keys();
        kinds.any(|kind| matches!(kind, PeerKind::Peers(number, _) if *number == group))
    };
    let mut ordered = Vec::new();
    let mut waiting: Vec<PeerKind> = boxes.keys().rev().copied().collect();
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
        let PeerKind::Peers(group, _) = kind else {
            continue;
        };
        let receives = |it: &PeerKind| it.master() == Some(group);
        let below: Vec<PeerKind> = waiting.iter().rev().copied().filter(receives).collect();
        waiting.retain(|it| !receives(it));
        ordered.splice(at..at, below);
    }
    ordered
}

fn draw(
    kind: PeerKind,
    members: &BTreeSet<Member>,
    scene: &Scene<'_>,
    picture: &mut FigurePicture,
) {
    let boxes = Boxes { width: scene.width };
    if kind.master().is_some() && !picture.rows.is_empty() {
        let arrow = FigureRow::border("  ↓ ").with(texts::one_way(scene.lang), Role::Dim);
        picture.rows.push(arrow);
    }
    let title = match kind {
        PeerKind::Peers(group, _) => texts::peer_group(scene.lang, group),
        PeerKind::Slaves(master) => texts::slaves(scene.lang, master),
        PeerKind::Private => texts::private_mounts(scene.lang).to_owned(),
    };
    picture.border(boxes.top(0, &title));
    let mut told = Vec::new();
    for (sides, target) in members.iter().take(MOST_MOUNTS) {
        let names = scene.names(sides);
        let row = FigureRow::default()
            .with(format!("{names} "), role_of(sides))
            .with(target.as_str(), Role::Text);
        picture.rows.push(row.within(boxes, 0));
        told.push(texts::mount_of(scene.lang, target, &names));
    }
    if members.len() > MOST_MOUNTS {
        let more = texts::more(scene.lang, members.len() - MOST_MOUNTS);
        let row = FigureRow::default().with(more.as_str(), Role::Dim);
        picture.rows.push(row.within(boxes, 0));
        told.push(more);
    }
    picture.border(boxes.bottom(0));
    let told = texts::peers_told(scene.lang, &title, kind.master(), &told);
    picture.sentences.push(told);
}
