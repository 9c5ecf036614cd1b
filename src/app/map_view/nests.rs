//! Which box of a map is in which: the user and PID namespaces that processes are in.
//!
//! Must not know how a box is drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::Nest;
use crate::discovery::{Map, Process};
use crate::namespace::Namespace;

/// Each box, and the box directly around it.
pub(in crate::app) struct Nests(BTreeMap<Nest, Option<Nest>>);

impl Nests {
    pub(in crate::app) fn of(map: &Map) -> Self {
        let nests: BTreeSet<Nest> = map.processes.iter().filter_map(nest).collect();
        let around = nests.iter().map(|it| (*it, around(map, *it, &nests)));
        Nests(around.collect())
    }

    /// The box directly around one.
    pub(in crate::app) fn around(&self, nest: Nest) -> Option<Nest> {
        self.0.get(&nest).copied().flatten()
    }

    /// The boxes directly in one; without one, those that are in none.
    pub(in crate::app) fn within(&self, outer: Option<Nest>) -> impl Iterator<Item = Nest> {
        let within = self.0.iter().filter(move |(_, around)| **around == outer);
        within.map(|(nest, _)| *nest)
    }

    /// The namespaces that a box has and the one around it hasn't.
    pub(in crate::app) fn own(&self, nest: Nest) -> impl Iterator<Item = (Namespace, u64)> {
        let outer = self.around(nest);
        let all = [
            (Namespace::User, nest.user, outer.map(|it| it.user)),
            (Namespace::Pid, nest.pid, outer.map(|it| it.pid)),
        ];
        let own = all
            .into_iter()
            .filter(|(_, ino, outer)| Some(*ino) != *outer);
        own.map(|(kind, ino, _)| (kind, ino))
    }
}

/// The box that a process is in.
pub(in crate::app) fn nest(process: &Process) -> Option<Nest> {
    let ino = |kind| process.namespaces.get(&kind).copied();
    Some(Nest {
        user: ino(Namespace::User)?,
        pid: ino(Namespace::Pid)?,
    })
}

/// A namespace and those above it.
fn lineage(map: &Map, ino: u64) -> Vec<u64> {
    let mut all = vec![ino];
    let mut at = map.find(ino);
    while let Some(parent) = at.and_then(|found| found.facts.parent) {
        // A map that was read while namespaces came and went has no rings either, but is data.
        if all.contains(&parent.ino) {
            break;
        }
        all.push(parent.ino);
        at = map.find(parent.ino);
    }
    all
}

/// The box directly around one: of those whose namespaces are its own or above its own, the nearest.
fn around(map: &Map, inner: Nest, nests: &BTreeSet<Nest>) -> Option<Nest> {
    let (users, pids) = (lineage(map, inner.user), lineage(map, inner.pid));
    let far = |nest: &Nest| {
        let user = users.iter().position(|ino| *ino == nest.user)?;
        let pid = pids.iter().position(|ino| *ino == nest.pid)?;
        Some(user + pid)
    };
    let outer = nests.iter().filter(|nest| **nest != inner);
    let outer = outer.filter_map(|nest| Some((far(nest)?, *nest)));
    outer.min().map(|(_, nest)| nest)
}
