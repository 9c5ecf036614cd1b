//! The ways to each network namespace, and a visit to those whose links may have changed.
//!
//! `links` reads them there. Must not know what a link is.

use std::collections::{BTreeMap, HashSet};
use std::os::fd::{AsFd, OwnedFd};

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use super::Reader;
use super::links::{NetworkLinks, NetworkVisitor, candidates};
use crate::discovery::access_path::AccessPath;
use crate::discovery::map::Holder;
use crate::namespace::{Namespace, NamespaceId};

/// How a network namespace is reached: a process, by the reader's own pid, and the way through it.
pub(super) type NetworkWay = (i32, AccessPath);

impl Reader {
    /// How each network namespace is reached: through a process in it, else through a keeper.
    fn ways_to_networks(&self) -> BTreeMap<NamespaceId, NetworkWay> {
        let mut mounted = BTreeMap::new();
        let mut open = BTreeMap::new();
        let mut inhabited: BTreeMap<NamespaceId, i32> = BTreeMap::new();
        let is_network = |kept: &&(Namespace, NamespaceId, Holder)| kept.0 == Namespace::Net;
        for table in self.tables.values() {
            let holders = table.read.iter().flat_map(|it| &it.holders);
            for (_, key, holder) in holders.filter(is_network) {
                mounted.insert(*key, (table.pid, AccessPath::of(holder)));
            }
        }
        for (pid, read) in self.read_processes() {
            for (_, key, holder) in read.kept().filter(is_network) {
                open.insert(*key, (pid, AccessPath::of(holder)));
            }
            if let Some(ino) = read.process.namespaces.get(&Namespace::Net) {
                let lowest = inhabited.entry(self.key(*ino)).or_insert(pid);
                *lowest = pid.min(*lowest);
            }
        }
        let inhabited = inhabited.into_iter();
        let inhabited = inhabited.map(|(key, pid)| (key, (pid, AccessPath::In)));
        // A later way replaces an earlier one. A descriptor is the first, since it may be closed before we use it.
        open.into_iter().chain(mounted).chain(inhabited).collect()
    }

    fn open_network(&self, key: NamespaceId, (pid, way): &NetworkWay) -> Option<OwnedFd> {
        way.open(&self.proc, *pid, Namespace::Net, key)
    }

    /// Reads the links of each network namespace.
    pub(super) fn read_links(&mut self, due: &HashSet<i32>) {
        let mut last = std::mem::take(&mut self.links);
        let mut links = BTreeMap::new();
        let mut all = Vec::new();
        for (key, way) in self.ways_to_networks() {
            match last.remove(&key) {
                Some(known) if known.way == way && !due.contains(&way.0) => {
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
            && let Some(home_key) = NamespaceId::of_file(&home)
        {
            let mut visitor = NetworkVisitor::new(home, home_key, &mut here);
            for (key, way, known) in all {
                if let Some(namespace) = self.open_network(key, &way) {
                    let read = visitor.links(key, namespace.as_fd(), way, known);
                    links.insert(key, read);
                }
            }
            let keys: Vec<NamespaceId> = links.keys().copied().collect();
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
        key: NamespaceId,
        links: &mut BTreeMap<NamespaceId, NetworkLinks<NetworkWay>>,
        visitor: &mut NetworkVisitor<'_>,
    ) {
        let candidates: Vec<(NamespaceId, OwnedFd)> = candidates(links, key)
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
