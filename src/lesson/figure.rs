//! A block `figure`: a drawing of the lab's present state.
//!
//! Owns the kinds of figures and their fields. Must not know how a figure is drawn.

use std::fmt;

use clap::ValueEnum;

use super::table::Fields;
use crate::sandbox::{Side, options};

/// The subject of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FigureKind {
    /// User and PID namespaces as boxes in boxes, with their processes.
    Nesting,
    /// Network namespaces as boxes, with the veth pairs that connect them.
    Links,
    /// Which ids of a user namespace are which ids outside.
    Ids,
    /// The mounts of each side as a tree.
    Mounts,
    /// The directories of each overlay, one upon the other.
    Layers,
    /// Peer groups of mounts.
    Peers,
    /// Which sides share a namespace of which kind.
    Sharing,
    /// The tree of cgroups, with the sides in it, the root of each cgroup namespace, and limits.
    Cgroups,
}

impl FigureKind {
    /// Whether it is drawn from the mount tables.
    fn is_of_mounts(self) -> bool {
        match self {
            FigureKind::Mounts | FigureKind::Layers | FigureKind::Peers => true,
            FigureKind::Nesting
            | FigureKind::Links
            | FigureKind::Ids
            | FigureKind::Sharing
            | FigureKind::Cgroups => false,
        }
    }
}

/// A block `figure`: a picture of the lab as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub kind: FigureKind,
    /// The sides that it shows; empty for all sides.
    pub sides: Vec<Side>,
    /// For mounts: only those at these places and below.
    pub mounts: Vec<String>,
}

impl Figure {
    /// Whether it shows this side.
    pub fn shows(&self, side: Side) -> bool {
        self.sides.is_empty() || self.sides.contains(&side)
    }

    /// Whether it shows a mount at this place.
    pub fn shows_mount(&self, target: &str) -> bool {
        let is_below = |place: &String| {
            target
                .strip_prefix(place.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.mounts.is_empty() || self.mounts.iter().any(is_below)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", options::name(&self.kind))?;
        let sides: Vec<_> = self.sides.iter().map(|side| side.name()).collect();
        if !sides.is_empty() {
            write!(f, " of {}", sides.join(", "))?;
        }
        if !self.mounts.is_empty() {
            write!(f, " at {}", self.mounts.join(", "))?;
        }
        Ok(())
    }
}

/// Reads the fields. Reports mistakes; without a kind, returns None.
pub(super) fn read(fields: &mut Fields) -> Option<Figure> {
    let problems = fields.problems();
    let kind = fields.string("kind");
    let kind = kind.and_then(|found| found.choice::<FigureKind>("kind", problems));
    let mut sides: Vec<Side> = Vec::new();
    for found in fields.optional_strings("sides").unwrap_or_default() {
        match found.side(problems) {
            Some(side) if sides.contains(&side) => {
                let what = format!("`{side}` stands here twice");
                problems.report(found.offset, what, None);
            }
            side => sides.extend(side),
        }
    }
    let mounts = fields.optional_strings("mounts").unwrap_or_default();
    if let (Some(first), Some(kind)) = (mounts.first(), kind)
        && !kind.is_of_mounts()
    {
        let what = format!("a figure of {} shows no mounts", options::name(&kind));
        let help = "`mounts` belongs to the kinds mounts, layers and peers";
        problems.at(first.offset, what, help);
    }
    for found in &mounts {
        if !found.value.starts_with('/') {
            let what = format!("`{}` is no mount point", found.value);
            problems.at(found.offset, what, "expected a path that begins with `/`");
        }
    }
    Some(Figure {
        kind: kind?,
        sides,
        mounts: mounts.into_iter().map(|found| found.value).collect(),
    })
}
