//! The ways to each network namespace, and a visit to those whose links may have changed.
//!
//! `links` reads them there. Must not know what a link is.

use std::collections::{BTreeMap, HashSet};
use std::os::fd::{AsFd, OwnedFd};

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use super::links::{NetworkLinks, NetworkVisitor, candidates};
use super::processes::SeenProcess;
use super::{Reach, Reader};
use crate::discovery::map::{Holder, Key};
use crate::namespace::Namespace;

/// How a network namespace is reached, by the reader's own pids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NetworkWay {
    Process(i32, Reach),
    /// It is mounted, as this process sees it.
    Mount(i32, String),
}

impl NetworkWay {
    fn pid(&self) -> i32 {
        match self {
            NetworkWay::Process(pid, _) | NetworkWay::Mount(pid, _) => *pid,
        }
    }
}

impl Reader {
    /// How each network namespace is reached: through a process in it, else through what keeps it.
    fn ways_to_networks(&self) -> BTreeMap<Key, NetworkWay> {
        let mut mounted = BTreeMap::new();
        let mut open = BTreeMap::new();
        let mut inhabited: BTreeMap<Key, NetworkWay> = BTreeMap::new();
        for table in self.tables.values() {
            for (kind, key, holder) in table.read.iter().flat_map(|it| &it.holders) {
                if let (Namespace::Net, Holder::Mount { path, .. }) = (kind, holder) {
                    mounted.insert(*key, NetworkWay::Mount(table.pid, path.clone()));
                }
            }
        }
        for (pid, known) in &self.known {
            let SeenProcess::Read(read) = &known.seen else {
                continue;
            };
            for (kind, key, holder) in read.kept() {
                let way = match holder {
                    Holder::Descriptor { fd, .. } => Reach::Open(*fd),
                    Holder::Socket { fd, .. } => Reach::Socket(*fd),
                    Holder::Mount { .. } => continue,
                };
                if *kind == Namespace::Net {
                    open.insert(*key, NetworkWay::Process(*pid, way));
                }
            }
            if let Some(ino) = read.process.namespaces.get(&Namespace::Net) {
                let way = inhabited.entry(self.key(*ino));
                let way = way.or_insert(NetworkWay::Process(*pid, Reach::In));
                if *pid < way.pid() {
                    *way = NetworkWay::Process(*pid, Reach::In);
                }
            }
        }
        // A later way replaces an earlier one. A descriptor is the first, since it may be closed before we use it.
        open.into_iter().chain(mounted).chain(inhabited).collect()
    }

    fn open_network(&self, key: Key, way: &NetworkWay) -> Option<OwnedFd> {
        match way {
            NetworkWay::Process(pid, way) => self.open_namespace(Namespace::Net, key, *pid, *way),
            NetworkWay::Mount(pid, path) => {
                let there = self.open_mount(*pid, path)?;
                (Key::of_file(&there) == Some(key)).then_some(there)
            }
        }
    }

    /// Reads the links of each network namespace.
    pub(super) fn read_links(&mut self, due: &HashSet<i32>) {
        let mut last = std::mem::take(&mut self.links);
        let mut links = BTreeMap::new();
        let mut all = Vec::new();
        for (key, way) in self.ways_to_networks() {
            match last.remove(&key) {
                Some(known) if known.way == way && !due.contains(&way.pid()) => {
                    links.insert(key, known);
                }
                known => all.push((key, way, known)),
            }
        }
        let home = format!("{}/ns/net", self.stays_with);
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let home = openat(&self.proc, home.as_str(), flags, Mode::empty());
        let mut here = self.network;
        if let Ok(home) = home
            && let Some(home_key) = Key::of_file(&home)
        {
            let mut visitor = NetworkVisitor::new(home, home_key, &mut here);
            for (key, way, known) in all {
                if let Some(namespace) = self.open_network(key, &way) {
                    let read = visitor.links(key, namespace.as_fd(), way, known);
                    links.insert(key, read);
                }
            }
            let keys: Vec<Key> = links.keys().copied().collect();
            for key in keys {
                self.resolve_peers(key, &mut links, &mut visitor);
            }
        }
        self.network = here;
        self.links = links;
    }

    /// Finds out in which namespaces the other ends of a namespace's links are.
    fn resolve_peers(
        &self,
        key: Key,
        links: &mut BTreeMap<Key, NetworkLinks<NetworkWay>>,
        visitor: &mut NetworkVisitor<'_>,
    ) {
        let candidates: Vec<(Key, OwnedFd)> = candidates(links, key)
            .into_iter()
            .filter_map(|key| Some((key, self.open_network(key, &links.get(&key)?.way)?)))
            .collect();
        if !candidates.is_empty()
            && let Some(of) = links.get_mut(&key)
            && let Some(namespace) = self.open_network(key, &of.way)
        {
            visitor.resolve(key, namespace.as_fd(), of, &candidates);
        }
    }
}
