//! The mount table in full, as the tree that findmnt(8) of util-linux prints.

use super::{Cells, cells};
use crate::observe::detail::MountEntry;

pub(super) fn tree(mounts: &[MountEntry]) -> Cells {
    let mut lines = vec![cells([
        "TARGET",
        "SOURCE",
        "FSTYPE",
        "OPT-FIELDS",
        "OPTIONS",
    ])];
    let is_root = |mount: &MountEntry| {
        mount.parent == mount.id || !mounts.iter().any(|other| other.id == mount.parent)
    };
    // Mounts to print, the next one last: each with its own branch, and what precedes its children.
    let mut pending: Vec<(&MountEntry, String, String)> = Vec::new();
    for mount in mounts.iter().rev().filter(|mount| is_root(mount)) {
        pending.push((mount, String::new(), String::new()));
    }
    while let Some((mount, branch, below)) = pending.pop() {
        lines.push(vec![
            format!("{branch}{}", mount.target),
            mount.source.clone(),
            mount.fstype.clone(),
            mount.propagation.clone(),
            mount.options.clone(),
        ]);
        // The kernel's table has no cycles; this bound ends one in any case.
        if lines.len() > mounts.len() {
            break;
        }
        let mut children: Vec<_> = mounts
            .iter()
            .filter(|child| child.parent == mount.id && !is_root(child))
            .collect();
        children.sort_by_key(|child| child.id);
        for (i, child) in children.iter().enumerate().rev() {
            let (sign, line) = if i + 1 == children.len() {
                ("└─", "  ")
            } else {
                ("├─", "│ ")
            };
            pending.push((child, format!("{below}{sign}"), format!("{below}{line}")));
        }
    }
    Cells {
        lines,
        head: 1,
        key: Some(0),
        widths: &[1, 1, 1, 1],
    }
}
