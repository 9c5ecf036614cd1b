//! The nesting of a map's boxes: user and PID namespaces with processes, and those between them.
//!
//! Must not know how a box is drawn.

use std::collections::{BTreeMap, BTreeSet};

use unicode_width::UnicodeWidthStr;

use super::seen::MapBox;
use crate::discovery::{Map, Process};
use crate::namespace::Namespace;

/// How many digits distinguish the namespaces of one machine, where the whole number has no room.
const DIGITS: usize = 4;

/// Each box, and the box directly around it.
pub(in crate::app) struct Nests(BTreeMap<MapBox, Option<MapBox>>);

impl Nests {
    pub(in crate::app) fn of(map: &Map) -> Self {
        let mut nests: BTreeSet<MapBox> = map.processes.iter().filter_map(nest).collect();
        let between: Vec<MapBox> = nests
            .iter()
            .filter_map(|inner| Some(between(map, *inner, around(map, *inner, &nests)?)))
            .flatten()
            .collect();
        nests.extend(between);
        let around = nests.iter().map(|it| (*it, around(map, *it, &nests)));
        Nests(around.collect())
    }

    /// The box directly around one.
    pub(in crate::app) fn around(&self, nest: MapBox) -> Option<MapBox> {
        self.0.get(&nest).copied().flatten()
    }

    /// The boxes directly in one; without one, those that are in none.
    pub(in crate::app) fn within(&self, outer: Option<MapBox>) -> impl Iterator<Item = MapBox> {
        let within = self.0.iter().filter(move |(_, around)| **around == outer);
        within.map(|(nest, _)| *nest)
    }

    /// The namespaces that a box has and the one around it hasn't.
    pub(in crate::app) fn own(&self, nest: MapBox) -> impl Iterator<Item = (Namespace, u64)> {
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

    /// `user 4026532301 · pid 4026532304`: the namespaces of its own.
    pub(in crate::app) fn name(&self, nest: MapBox) -> String {
        named(self.own(nest).map(|(kind, ino)| (kind, ino.to_string())))
    }

    /// Its name; the last digits of each number, where the whole one has no room.
    pub(in crate::app) fn title(&self, nest: MapBox, room: usize) -> String {
        let whole = self.name(nest);
        if whole.width() <= room {
            return whole;
        }
        named(self.own(nest).map(|(kind, ino)| {
            let ino = ino.to_string();
            let at = ino.len().saturating_sub(DIGITS);
            (kind, format!("…{}", &ino[at..]))
        }))
    }
}

fn named(own: impl Iterator<Item = (Namespace, String)>) -> String {
    let names = own.map(|(kind, number)| format!("{} {number}", kind.name()));
    names.collect::<Vec<_>>().join(" · ")
}

/// The box that a process is in.
pub(in crate::app) fn nest(process: &Process) -> Option<MapBox> {
    let ino = |kind| process.namespaces.get(&kind).copied();
    Some(MapBox {
        user: ino(Namespace::User)?,
        pid: ino(Namespace::Pid)?,
    })
}

/// A namespace and those above it.
fn lineage(map: &Map, ino: u64) -> Vec<u64> {
    let mut all = vec![ino];
    let mut at = map.find(ino);
    while let Some(parent) = at.and_then(|found| found.facts.parent) {
        // The kernel has no cycles; a map that was read while namespaces came and went must not loop either.
        if all.contains(&parent.ino) {
            break;
        }
        all.push(parent.ino);
        at = map.find(parent.ino);
    }
    all
}

/// The box directly around one: the nearest box whose user and PID namespaces are each the same as its own, or
/// ancestors of its own.
fn around(map: &Map, inner: MapBox, nests: &BTreeSet<MapBox>) -> Option<MapBox> {
    let (users, pids) = (lineage(map, inner.user), lineage(map, inner.pid));
    let far = |nest: &MapBox| {
        let user = users.iter().position(|ino| *ino == nest.user)?;
        let pid = pids.iter().position(|ino| *ino == nest.pid)?;
        Some(user + pid)
    };
    let outer = nests.iter().filter(|nest| **nest != inner);
    let outer = outer.filter_map(|nest| Some((far(nest)?, *nest)));
    outer.min().map(|(_, nest)| nest)
}

/// The boxes between one and the box around it: namespaces without a process of their own. The user
/// namespaces are around the PID namespaces.
fn between(map: &Map, inner: MapBox, outer: MapBox) -> Vec<MapBox> {
    let strictly = |from: u64, to: u64| -> Vec<u64> {
        if from == to {
            return Vec::new();
        }
        let all = lineage(map, from).into_iter().skip(1);
        let mut all: Vec<u64> = all.take_while(|ino| *ino != to).collect();
        all.reverse();
        all
    };
    let users = strictly(inner.user, outer.user);
    let pids = strictly(inner.pid, outer.pid);
    let user = users.last().copied().unwrap_or(outer.user);
    let of_users = users.into_iter().map(|user| MapBox {
        user,
        pid: outer.pid,
    });
    of_users
        .chain(pids.into_iter().map(|pid| MapBox { user, pid }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::map::example;

    fn names(nests: &Nests, outer: Option<MapBox>) -> Vec<String> {
        nests.within(outer).map(|it| nests.name(it)).collect()
    }

    #[test]
    fn an_empty_user_namespace_stands_between_two_boxes() {
        let mut map = example();
        let machine = MapBox { user: 6, pid: 3 };
        let empty = MapBox { user: 27, pid: 3 };
        let nests = Nests::of(&map);
        assert_eq!(nests.around(MapBox { user: 28, pid: 3 }), Some(empty));
        assert_eq!(nests.around(empty), Some(machine));
        assert_eq!(names(&nests, Some(empty)), ["user 28"]);
        // Both kinds at once: the same box is around what is in another PID namespace, too.
        let sleep = map.processes.last_mut().unwrap();
        sleep.namespaces.insert(Namespace::Pid, 23);
        let nests = Nests::of(&map);
        assert_eq!(names(&nests, Some(empty)), ["user 28 · pid 23"]);
        // Without a box in it, it is no box.
        map.processes.pop();
        assert_eq!(names(&Nests::of(&map), Some(machine)), ["user 26 · pid 23"]);
    }

    #[test]
    fn a_pid_namespace_whose_processes_are_in_another_box_stands_between_two_boxes() {
        let mut map = example();
        let mut below = map.find(23).unwrap().clone();
        (below.key.ino, below.facts.parent) = (29, Some(map.find(23).unwrap().key));
        map.namespaces.push(below);
        let sleep = map.processes.last_mut().unwrap();
        sleep.namespaces.insert(Namespace::Pid, 29);
        let nests = Nests::of(&map);
        let inner = MapBox { user: 28, pid: 29 };
        let around = nests.around(inner).unwrap();
        assert_eq!(around, MapBox { user: 27, pid: 23 });
        assert_eq!(nests.name(around), "pid 23");
        assert_eq!(nests.around(around), Some(MapBox { user: 27, pid: 3 }));
    }

    #[test]
    fn a_long_name_keeps_the_last_digits_of_each_number() {
        let mut map = example();
        for process in &mut map.processes {
            process.namespaces.insert(Namespace::User, 4_026_531_837);
            process.namespaces.insert(Namespace::Pid, 4_026_531_836);
        }
        let nests = Nests::of(&map);
        let outermost = nests.within(None).next().unwrap();
        let whole = "user 4026531837 · pid 4026531836";
        assert_eq!(nests.title(outermost, whole.width()), whole);
        let short = nests.title(outermost, whole.width() - 1);
        assert_eq!(short, "user …1837 · pid …1836");
    }
}
