//! The maps that were seen: the newest, the one before, and the letter of each namespace.
//!
//! Must not know how a map is drawn, or who asks for it.

use std::collections::BTreeMap;

use super::super::msg::Through;
use crate::discovery::{Found, Map, Process};
use crate::namespace::{Namespace, NamespaceId};
use crate::observe::Inside;

/// The identity of a namespace: device and inode, and the kernel's id where it gives one.
type NamespaceIdentity = (NamespaceId, Option<u64>);

/// The kinds that are drawn as columns. The other two, user and PID, are boxes.
pub(crate) const COLUMNS: [Namespace; 6] = [
    Namespace::Uts,
    Namespace::Ipc,
    Namespace::Mnt,
    Namespace::Net,
    Namespace::Cgroup,
    Namespace::Time,
];

/// An item of the map, which the cursor can be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// The box of a user and a PID namespace, by their inodes.
    Box(MapBox),
    Process(i32),
    /// A namespace without processes, by its inode.
    Empty(u64),
    /// A network namespace in a picture of veth pairs: by its inode, and by which picture it is.
    Network {
        ino: u64,
        picture: usize,
    },
    /// A line with nothing inside, which the cursor needs only to scroll there; by its index among such lines.
    Line(usize),
}

/// A box: a user namespace and a PID namespace, by their inodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MapBox {
    pub user: u64,
    pub pid: u64,
}

/// Why the map shows nothing new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyStale {
    NoLab,
    /// The watcher could not be started; why, in the machine's words.
    NotStarted(String),
    /// The watcher has ended.
    Ended,
}

/// A look into an item of the map.
#[derive(Debug)]
pub(in crate::app) struct Inspection {
    /// `None` where it can't be read.
    pub through: Option<Through>,
    pub seen: Option<Box<Inside>>,
    /// Nothing more comes.
    pub over: bool,
}

impl Inspection {
    /// The process whose view is shown; `None` where no process is in the namespace.
    pub(super) fn process(&self) -> Option<&Process> {
        match self.through.as_ref()? {
            Through::Process(process) => Some(process),
            Through::Holder { .. } => None,
        }
    }
}

/// The state of the map's view.
#[derive(Debug, Default)]
pub(crate) struct MapView {
    pub(in crate::app) watched: bool,
    /// Whether it is beside the panes, if the screen is wide enough.
    pub(in crate::app) beside: bool,
    /// Whether it has the keys.
    open: bool,
    /// The newest map.
    pub(in crate::app) map: Option<Box<Map>>,
    /// The map at the end of the last look; in the first look, at its beginning.
    pub(in crate::app) before: Option<Box<Map>>,
    pub(in crate::app) lost: Option<WhyStale>,
    pub(in crate::app) cursor: Option<Item>,
    /// The look into an item, while its page lies over the screen.
    pub(in crate::app) look: Option<Inspection>,
    /// The namespaces of each kind, each at the place of its letter. It keeps the letter as long as it lives.
    letters: BTreeMap<Namespace, Vec<Option<NamespaceIdentity>>>,
}

fn identity(found: &Found) -> NamespaceIdentity {
    (found.key, found.facts.id)
}

pub(in crate::app) fn has(map: &Map, identity_of: &Found) -> bool {
    let found = map.find(identity_of.key.ino);
    found.is_some_and(|found| identity(found) == identity(identity_of))
}

impl MapView {
    /// Notes whether the map has the keys. Returns whether a look begins with that.
    pub(in crate::app) fn look_on(&mut self, open: bool) -> bool {
        if self.open == open {
            return false;
        }
        self.open = open;
        if open {
            self.note_beginning();
        } else if self.map.is_some() {
            self.before.clone_from(&self.map);
        }
        open
    }

    /// At the beginning of a look: replaces a map of an earlier lab host, which can't be compared.
    fn note_beginning(&mut self) {
        let Some(map) = self.map.as_deref().filter(|_| self.open) else {
            return;
        };
        let same_host = |before: &Map| {
            let mut roots = before.roots(Namespace::Pid);
            roots.any(|root| has(map, root))
        };
        if !self.before.as_deref().is_some_and(same_host) {
            self.before.clone_from(&self.map);
        }
    }

    pub(in crate::app) fn see(&mut self, map: Box<Map>) {
        for kind in COLUMNS {
            let slots = self.letters.entry(kind).or_default();
            for slot in slots.iter_mut() {
                let lives =
                    |it: &NamespaceIdentity| map.of_kind(kind).any(|found| identity(found) == *it);
                *slot = slot.filter(lives);
            }
            // The first letter is that of the host's own.
            let mut all: Vec<&Found> = map.of_kind(kind).collect();
            all.sort_by_key(|found| found.processes.first().copied().unwrap_or(i32::MAX));
            for found in all {
                let new = Some(identity(found));
                if slots.contains(&new) {
                    continue;
                }
                match slots.iter_mut().find(|slot| slot.is_none()) {
                    Some(slot) => *slot = new,
                    None => slots.push(new),
                }
            }
        }
        self.map = Some(map);
        self.note_beginning();
    }

    pub(in crate::app) fn newest(&self) -> Option<&Map> {
        self.map.as_deref()
    }

    /// Whether a namespace has appeared since the last look.
    pub(in crate::app) fn is_new(&self, found: &Found) -> bool {
        self.before
            .as_ref()
            .is_some_and(|before| !has(before, found))
    }

    /// The letter of a namespace: the same letter in a column is the same namespace.
    pub(in crate::app) fn letter(&self, found: &Found) -> String {
        let slots = self.letters.get(&found.facts.kind);
        let at = slots.and_then(|it| it.iter().position(|slot| *slot == Some(identity(found))));
        let Some(at) = at else { return "?".to_owned() };
        let letter = char::from(b'a' + u8::try_from(at % 26).unwrap_or(0));
        match at / 26 {
            0 => letter.to_string(),
            round => format!("{letter}{round}"),
        }
    }
}
