//! Reads the links of each network namespace, and finds the namespace of a veth pair's other end.
//!
//! rtnetlink(7) answers only for the caller's own namespace. No socket or file stays open: it would keep a
//! namespace alive. Must not know how a namespace was found.

use std::collections::BTreeMap;
use std::io::{PipeWriter, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl;
use nix::unistd::ForkResult;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::discovery::map::{FoundLink, Peer};
use crate::namespace::NamespaceId;
use crate::{rtnetlink, sys};

/// The most links of one namespace. In a lab, the learner controls how many there are.
const MOST_LINKS: usize = 1024;
/// The most namespaces that are asked whether they hold the other end of one link.
const MOST_CANDIDATES: usize = 256;

/// The links of a network namespace.
#[derive(Debug)]
pub(super) struct NetworkLinks<W> {
    /// How it was reached.
    pub(super) way: W,
    /// None where the reader may not read them.
    pub(super) read: Option<Vec<rtnetlink::Link>>,
    /// The namespaces for which it has a number; `NETNSA_NSID` of rtnetlink(7).
    numbers: BTreeMap<i32, NamespaceId>,
}

impl<W> NetworkLinks<W> {
    /// The namespace that this link's other end is in, and the index of that end there.
    fn peer(&self, own: NamespaceId, link: &rtnetlink::Link) -> Option<Peer> {
        let index = link.peer?;
        let namespace = match link.peer_namespace {
            None => Some(own),
            Some(number) => self.numbers.get(&number).copied(),
        };
        Some(Peer { index, namespace })
    }

    /// The links for the map.
    pub(super) fn on_map(&self, own: NamespaceId) -> Option<Vec<FoundLink>> {
        let link = |link: &rtnetlink::Link| FoundLink {
            index: link.index,
            name: link.name.clone(),
            kind: link.kind.clone(),
            up: link.up,
            addresses: link.addresses.clone(),
            master: link.master,
            peer: self.peer(own, link),
        };
        Some(self.read.as_ref()?.iter().map(link).collect())
    }
}

/// Goes into network namespaces, and comes back when it is dropped.
#[derive(Debug)]
pub(super) struct NetworkVisitor<'h> {
    home: OwnedFd,
    /// The network namespace that we are in now.
    here: &'h mut NamespaceId,
    home_key: NamespaceId,
}

impl<'h> NetworkVisitor<'h> {
    pub(super) fn new(home: OwnedFd, home_key: NamespaceId, here: &'h mut NamespaceId) -> Self {
        Self {
            home,
            here,
            home_key,
        }
    }

    /// Asks in a network namespace; `None` where we may not join it.
    fn ask<T: Serialize + DeserializeOwned>(
        &mut self,
        key: NamespaceId,
        namespace: BorrowedFd<'_>,
        question: impl FnOnce() -> nix::Result<T>,
    ) -> Option<T> {
        if *self.here != key {
            match setns(namespace, CloneFlags::CLONE_NEWNET) {
                Ok(()) => *self.here = key,
                Err(Errno::EPERM) => return ask_as_its_owner(namespace, question),
                Err(_) => return None,
            }
        }
        question().ok()
    }

    /// Reads the links of a namespace. Numbers that were resolved before stay known.
    pub(super) fn links<W>(
        &mut self,
        key: NamespaceId,
        namespace: BorrowedFd<'_>,
        way: W,
        last: Option<NetworkLinks<W>>,
    ) -> NetworkLinks<W> {
        let mut read = self.ask(key, namespace, rtnetlink::links);
        // A network with more can't be drawn anyway, and is counted as one that can't be read.
        read = read.filter(|links| links.len() <= MOST_LINKS);
        let last = last.filter(|last| last.read == read);
        NetworkLinks {
            way,
            read,
            numbers: last.map(|last| last.numbers).unwrap_or_default(),
        }
    }

    /// Finds the namespaces behind this one's numbers.
    pub(super) fn resolve<W>(
        &mut self,
        key: NamespaceId,
        namespace: BorrowedFd<'_>,
        links: &mut NetworkLinks<W>,
        candidates: &[(NamespaceId, OwnedFd)],
    ) {
        let numbers = || {
            let number = |(_, candidate): &(NamespaceId, OwnedFd)| {
                rtnetlink::number_of_namespace(candidate.as_fd())
            };
            candidates.iter().map(number).collect()
        };
        let numbers: Option<Vec<Option<i32>>> = self.ask(key, namespace, numbers);
        let numbers = numbers.into_iter().flatten().zip(candidates);
        let numbers = numbers.filter_map(|(number, (key, _))| Some((number?, *key)));
        links.numbers.extend(numbers);
    }
}

impl Drop for NetworkVisitor<'_> {
    fn drop(&mut self) {
        if *self.here != self.home_key && setns(&self.home, CloneFlags::CLONE_NEWNET).is_ok() {
            *self.here = self.home_key;
        }
    }
}

/// The namespaces in which the other ends of a namespace's links may be: each has a link whose index and peer
/// match.
pub(super) fn candidates<W>(
    all: &BTreeMap<NamespaceId, NetworkLinks<W>>,
    of: NamespaceId,
) -> Vec<NamespaceId> {
    let Some(links) = all.get(&of) else {
        return Vec::new();
    };
    let faces = |link: &rtnetlink::Link, other: &rtnetlink::Link| {
        other.peer_namespace.is_some()
            && link.peer == Some(other.index)
            && other.peer == Some(link.index)
    };
    let holds = |key: &NamespaceId, link: &rtnetlink::Link| {
        let others = all.get(key).and_then(|it| it.read.as_ref());
        others.is_some_and(|others| others.iter().any(|other| faces(link, other)))
    };
    let open = links.read.iter().flatten().filter(|link| {
        let known = link.peer_namespace.map(|number| links.numbers.get(&number));
        known.is_some_and(|known| known.is_none_or(|known| !holds(known, link)))
    });
    let mut candidates: Vec<NamespaceId> = open
        .flat_map(|link| all.keys().filter(move |key| holds(key, link)))
        .copied()
        .filter(|key| *key != of)
        .take(MOST_CANDIDATES)
        .collect();
    candidates.sort();
    candidates.dedup();
    candidates
}

/// Asks in a child. An ordinary user may join a network namespace only from the user namespace that owns it, and
/// can't come back from there.
fn ask_as_its_owner<T: Serialize + DeserializeOwned>(
    namespace: BorrowedFd<'_>,
    question: impl FnOnce() -> nix::Result<T>,
) -> Option<T> {
    let owner = sys::owner_of_namespace(namespace).ok()?;
    let (mut answer, told) = std::io::pipe().ok()?;
    match sys::fork().ok()? {
        ForkResult::Child => {
            let told = tell_as_owner(&owner, namespace, question, &told);
            std::process::exit(i32::from(told.is_none()));
        }
        ForkResult::Parent { child } => {
            drop(told);
            let mut text = Vec::new();
            let read = answer.read_to_end(&mut text);
            let _ = sys::wait(child);
            read.ok()?;
            serde_json::from_slice(&text).ok()
        }
    }
}

fn tell_as_owner<T: Serialize>(
    owner: &OwnedFd,
    namespace: BorrowedFd<'_>,
    question: impl FnOnce() -> nix::Result<T>,
    told: &PipeWriter,
) -> Option<()> {
    // Otherwise root there could trace us, and reach our open files; ptrace(2).
    prctl::set_dumpable(false).ok()?;
    setns(owner, CloneFlags::CLONE_NEWUSER).ok()?;
    setns(namespace, CloneFlags::CLONE_NEWNET).ok()?;
    serde_json::to_writer(told, &question().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(index: u32, peer: u32, number: i32) -> rtnetlink::Link {
        rtnetlink::Link {
            index,
            name: format!("v{index}"),
            kind: Some("veth".to_owned()),
            peer: Some(peer),
            peer_namespace: Some(number),
            master: None,
            up: true,
            state: "UP".to_owned(),
            addresses: Vec::new(),
        }
    }

    #[test]
    fn only_namespaces_with_the_facing_link_are_asked() {
        let key = |ino| NamespaceId { dev: 4, ino };
        let namespace = |links: &[rtnetlink::Link]| NetworkLinks {
            way: (),
            read: Some(links.to_vec()),
            numbers: BTreeMap::new(),
        };
        // Two containers, each with its eth0 as link 2, and a third one whose links nobody may read.
        let mut all = BTreeMap::from([
            (key(1), namespace(&[link(7, 2, 0), link(9, 2, 1)])),
            (key(2), namespace(&[link(2, 7, 0)])),
            (key(3), namespace(&[link(2, 9, 0)])),
        ]);
        let unread = NetworkLinks {
            way: (),
            read: None,
            numbers: BTreeMap::new(),
        };
        all.insert(key(4), unread);
        assert_eq!(candidates(&all, key(1)), [key(2), key(3)]);
        assert_eq!(candidates(&all, key(2)), [key(1)]);
        assert_eq!(candidates(&all, key(4)), []);
        let first = all.get_mut(&key(1)).unwrap();
        first.numbers = BTreeMap::from([(0, key(2)), (1, key(4))]);
        assert_eq!(candidates(&all, key(1)), [key(3)], "4 lacks the link");
        let links = &all[&key(1)];
        let peers = links.on_map(key(1)).unwrap();
        assert_eq!(
            peers[0].peer,
            Some(Peer {
                index: 2,
                namespace: Some(key(2))
            })
        );
    }
}
