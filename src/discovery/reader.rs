//! Reads the map from `/proc`: all processes at first, then new ones at once and the others in rotation.
//!
//! The kernel doesn't announce that a process moves to another namespace, opens or mounts something. A known
//! process is therefore read again in rotation, a tenth of all at each look; a small machine or lab is read in
//! full each time. Must not know how the map is used.

mod links;
mod mounts;
mod networks;
mod processes;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::os::fd::{AsFd, OwnedFd};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::signal::kill;
use nix::sys::stat::{Mode, fstatat};
use nix::unistd::Pid;

use self::links::NetworkLinks;
use self::mounts::Table;
pub(crate) use self::mounts::unescaped;
use self::networks::NetworkWay;
use self::processes::{ReadProcess, SeenProcess, numbers};
use super::access_path::AccessPath;
use super::listed::Listed;
use super::map::{Map, NamespaceFacts, ReaderFindings, UnreadCounts};
use super::sockets::device_of_sockets;
use crate::namespace::{Namespace, NamespaceId};
use crate::sys;

/// At least this many known processes are read again at each look; if there are fewer, all of them.
const LEAST_TURN: usize = 64;
/// One known process in this many is read again at each look.
const TURN: usize = 10;
/// The most bytes of a short file of /proc, and the space reserved for a longer one, whose size stat(2) doesn't
/// give.
const FILE: usize = 4096;
/// The namespaces to map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that the reader may see.
    Machine,
    /// Those of the processes in a lab's PID namespace.
    Lab {
        /// The pid, on the machine, of process 1 of that PID namespace.
        first: i32,
    },
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
#[error("reading {path}: {errno}")]
pub struct MapReadError {
    /// The file.
    pub path: String,
    /// The kernel's answer.
    pub errno: Errno,
}

fn failed(path: &str) -> impl FnOnce(Errno) -> MapReadError + '_ {
    move |errno| MapReadError {
        path: path.to_owned(),
        errno,
    }
}

/// Opens the `/proc` that is mounted now.
pub(crate) fn open_proc() -> nix::Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    open("/proc", flags, Mode::empty())
}

/// Reads the map again and again.
#[derive(Debug)]
pub struct Reader {
    proc: OwnedFd,
    /// The device of nsfs, which all namespaces have.
    device: u64,
    /// The device of the file system that all sockets are in. None where that isn't known: then none is asked.
    sockets: Option<u64>,
    /// `None` in a lab: the kernel's list is of the machine.
    list: Option<Listed>,
    /// Whether the kernel listed all its namespaces at the last look.
    listed: bool,
    /// The reader's own PID namespace. A process in it has one pid only, as the reader sees it.
    own_pid: NamespaceId,
    base: Option<Base>,
    known: HashMap<i32, KnownProcess>,
    facts: BTreeMap<NamespaceId, NamespaceFacts>,
    tables: HashMap<NamespaceId, Table>,
    links: BTreeMap<NamespaceId, NetworkLinks<NetworkWay>>,
    /// The network namespace that we are in now.
    network: NamespaceId,
    /// The process to whose network namespace we return from the others.
    stays_with: String,
    /// The pid of the last process that was read in rotation.
    turn: i32,
}

/// The lab's own PID namespace.
#[derive(Debug)]
struct Base {
    pid: NamespaceId,
    /// The index of the lab's own pid in a process's `NSpid`.
    level: usize,
    /// The user and the PID namespace that the lab is in, and the network namespace of nslab itself: they
    /// and the namespaces above them are not the lab's.
    outside: [NamespaceId; 3],
}

#[derive(Debug)]
struct KnownProcess {
    /// The inode of `/proc/PID`: another process with the same pid has another one.
    generation: u64,
    seen: SeenProcess,
}

impl Reader {
    /// A reader with the `/proc` that is mounted now. Nothing is read yet.
    pub fn new(scope: Scope) -> Result<Self, MapReadError> {
        let proc = open_proc().map_err(failed("/proc"))?;
        let identity = |process: &str, kind: Namespace| {
            let path = format!("{process}/ns/{}", kind.name());
            let stat = fstatat(&proc, path.as_str(), AtFlags::empty());
            stat.map(|stat| NamespaceId::of(&stat))
                .map_err(failed(&path))
        };
        let own_pid = identity("self", Namespace::Pid)?;
        let network = identity("thread-self", Namespace::Net)?;
        let stays_with = match scope {
            Scope::Machine => "thread-self".to_owned(),
            // Once in the guard's user namespace, there is no way back to the machine's.
            Scope::Lab { first } => first.to_string(),
        };
        let base = match scope {
            Scope::Machine => None,
            Scope::Lab { first } => {
                let first = first.to_string();
                let numbers = numbers(&proc, &first).unwrap_or_default();
                Some(Base {
                    pid: identity(&first, Namespace::Pid)?,
                    level: numbers.len().saturating_sub(1),
                    outside: [
                        identity("self", Namespace::User)?,
                        own_pid,
                        identity("self", Namespace::Net)?,
                    ],
                })
            }
        };
        Ok(Self {
            device: own_pid.dev,
            proc,
            sockets: device_of_sockets(),
            list: base.is_none().then(Listed::of_reader),
            listed: false,
            own_pid,
            base,
            known: HashMap::new(),
            facts: BTreeMap::new(),
            tables: HashMap::new(),
            links: BTreeMap::new(),
            network,
            stays_with,
            turn: 0,
        })
    }

    /// The map as it is now.
    pub fn look(&mut self) -> Result<Map, MapReadError> {
        let listed = self.list()?;
        let there: HashSet<i32> = listed.iter().map(|(pid, _)| *pid).collect();
        self.known.retain(|pid, _| there.contains(pid));
        let due = self.due(&listed);
        let mut fresh = HashSet::new();
        // Namespaces that something has kept since the last look: their facts still hold.
        let mut kept: HashSet<NamespaceId> = HashSet::new();
        for (pid, generation) in listed {
            let same = self
                .known
                .get(&pid)
                .is_some_and(|it| it.generation == generation);
            if same && !due.contains(&pid) {
                continue;
            }
            let last = self.known.remove(&pid).filter(|_| same);
            let Some(seen) = self.process(pid) else {
                continue;
            };
            let unchanged = matches!((&last, &seen), (Some(KnownProcess { seen: SeenProcess::Read(last), .. }), SeenProcess::Read(now)) if last == now);
            if !unchanged {
                fresh.insert(pid);
            }
            self.known.insert(pid, KnownProcess { generation, seen });
        }
        for (_, read) in self
            .read_processes()
            .filter(|(pid, _)| !fresh.contains(pid))
        {
            kept.extend(read.keys(self.device));
        }
        let listed = self.list.as_ref().and_then(Listed::all);
        kept.extend(self.known_of(listed.as_deref().unwrap_or_default()));
        self.forget_facts(&kept);
        self.learn_of_processes();
        self.leave_out_others();
        self.read_mount_tables(&due);
        self.read_links(&due);
        self.learn_of_listed(listed.as_deref());
        Ok(self.map())
    }

    /// The processes that were read, each with its pid as the reader sees it.
    fn read_processes(&self) -> impl Iterator<Item = (i32, &ReadProcess)> {
        self.known
            .iter()
            .filter_map(|(pid, known)| match &known.seen {
                SeenProcess::Read(read) => Some((*pid, &**read)),
                SeenProcess::Outside | SeenProcess::Refused => None,
            })
    }

    /// The processes that `/proc` shows, each with the inode of its directory.
    fn list(&self) -> Result<Vec<(i32, u64)>, MapReadError> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let mut directory =
            Dir::openat(&self.proc, ".", flags, Mode::empty()).map_err(failed("/proc"))?;
        let mut listed = Vec::new();
        for entry in directory.iter() {
            let entry = entry.map_err(failed("/proc"))?;
            let pid = entry
                .file_name()
                .to_str()
                .ok()
                .and_then(|it| it.parse().ok());
            listed.extend(pid.map(|pid| (pid, entry.ino())));
        }
        listed.sort_unstable();
        Ok(listed)
    }

    /// Whether `/proc` hides processes from the reader, such as the one that is always there.
    fn hides_processes(&self) -> bool {
        let shown = fstatat(&self.proc, "1", AtFlags::empty());
        shown.err() == Some(Errno::ENOENT) && kill(Pid::from_raw(1), None) != Err(Errno::ESRCH)
    }

    /// The known processes to read at this look.
    fn due(&mut self, listed: &[(i32, u64)]) -> HashSet<i32> {
        let mut known: Vec<i32> = listed
            .iter()
            .map(|(pid, _)| *pid)
            .filter(|pid| self.known.contains_key(pid))
            .collect();
        let turn = LEAST_TURN.max(known.len() / TURN).min(known.len());
        let begin = known.partition_point(|pid| *pid <= self.turn);
        let len = known.len().max(1);
        known.rotate_left(begin % len);
        known.truncate(turn);
        self.turn = known.last().copied().unwrap_or_default();
        known.into_iter().collect()
    }

    /// Whether a namespace lies outside of the lab.
    fn is_outside(&self, key: NamespaceId) -> bool {
        let outside = self.base.as_ref().map(|base| base.outside);
        outside.is_some_and(|outside| outside.contains(&key))
    }

    fn key(&self, ino: u64) -> NamespaceId {
        NamespaceId {
            dev: self.device,
            ino,
        }
    }

    /// Forgets what was read of namespaces that may have ended since.
    fn forget_facts(&mut self, kept: &HashSet<NamespaceId>) {
        let mut still = BTreeSet::new();
        for key in kept {
            let mut above = vec![*key];
            // A living namespace keeps its parent and its owner.
            while let Some(key) = above.pop() {
                if let Some(facts) = self.facts.get(&key)
                    && still.insert(key)
                {
                    above.extend(facts.parent.into_iter().chain(facts.owner));
                }
            }
        }
        self.facts.retain(|key, _| still.contains(key));
    }

    /// Reads facts about the namespaces that processes are in or have open.
    fn learn_of_processes(&mut self) {
        // Collect several ways to each namespace, as a process or a descriptor may end meanwhile.
        let mut ways: BTreeMap<NamespaceId, (Namespace, Vec<(i32, AccessPath)>)> = BTreeMap::new();
        let mut add = |kind: Namespace, key: NamespaceId, pid: i32, way: AccessPath| {
            if !self.facts.contains_key(&key) {
                let (_, ways) = ways.entry(key).or_insert((kind, Vec::new()));
                ways.push((pid, way));
            }
        };
        for (pid, read) in self.read_processes() {
            for (kind, ino) in &read.process.namespaces {
                add(*kind, self.key(*ino), pid, AccessPath::In);
            }
            for (kind, key, holder) in read.kept() {
                add(*kind, *key, pid, AccessPath::of(holder));
            }
        }
        for (key, (kind, ways)) in ways {
            // `learn` also reads the parents and owners of a namespace: this may be one of them.
            if self.facts.contains_key(&key) {
                continue;
            }
            let open = |(pid, way): (i32, AccessPath)| way.open(&self.proc, pid, kind, key);
            let namespace = ways.into_iter().find_map(open);
            self.learn_if_open(kind, key, namespace);
        }
    }

    /// Reads facts about a namespace and those above it.
    fn learn(&mut self, kind: Namespace, key: NamespaceId, namespace: &OwnedFd) {
        let is_inside = |(key, _): &(NamespaceId, OwnedFd)| !self.is_outside(*key);
        let found = |answer: nix::Result<OwnedFd>| {
            let fd = answer.ok()?;
            Some((NamespaceId::of_file(&fd)?, fd)).filter(is_inside)
        };
        let fd = namespace.as_fd();
        let parent = match kind {
            Namespace::User | Namespace::Pid => found(sys::parent_of_namespace(fd)),
            _ => None,
        };
        let owner = match kind {
            Namespace::User => None,
            _ => found(sys::owner_of_namespace(fd)),
        };
        let facts = NamespaceFacts {
            kind,
            id: sys::id_of_namespace(fd).ok(),
            parent: parent.as_ref().map(|(key, _)| *key),
            owner: owner.as_ref().map(|(key, _)| *key),
            owner_uid: sys::owner_uid_of_namespace(fd).ok(),
        };
        self.facts.insert(key, facts);
        for (kind, above) in [(kind, parent), (Namespace::User, owner)] {
            if let Some((key, fd)) = above
                && !self.facts.contains_key(&key)
            {
                self.learn(kind, key, &fd);
            }
        }
    }

    /// The listed namespaces with known facts.
    fn known_of(&self, listed: &[u64]) -> Vec<NamespaceId> {
        let listed: HashSet<u64> = listed.iter().copied().collect();
        let known = self.facts.iter();
        let known = known.filter(|(_, facts)| facts.id.is_some_and(|id| listed.contains(&id)));
        known.map(|(key, _)| *key).collect()
    }

    /// Reads facts about namespaces that only the kernel's list has shown.
    fn learn_of_listed(&mut self, listed: Option<&[u64]>) {
        self.listed = listed.is_some();
        let known: HashSet<u64> = self.facts.values().filter_map(|facts| facts.id).collect();
        let unknown = listed.unwrap_or_default().iter();
        for id in unknown.filter(|id| !known.contains(id)) {
            let Some(namespace) = Listed::open(*id) else {
                continue;
            };
            let flag = sys::flag_of_namespace(namespace.as_fd());
            let kind = flag.ok().and_then(Namespace::of_flag);
            if let (Some(kind), Some(key)) = (kind, NamespaceId::of_file(&namespace))
                && !self.facts.contains_key(&key)
            {
                self.learn(kind, key, &namespace);
            }
        }
    }

    /// Reads facts about a namespace; notes only that it is there where it can be seen but not opened.
    fn learn_if_open(&mut self, kind: Namespace, key: NamespaceId, namespace: Option<OwnedFd>) {
        if let Some(namespace) = namespace {
            return self.learn(kind, key, &namespace);
        }
        self.facts.entry(key).or_insert(NamespaceFacts {
            kind,
            id: None,
            parent: None,
            owner: None,
            owner_uid: None,
        });
    }

    /// In a lab: forgets the processes that are in other PID namespaces.
    fn leave_out_others(&mut self) {
        let Some(base) = &self.base else { return };
        let facts = &self.facts;
        let is_in_lab = |read: &ReadProcess| {
            let pid = read.process.namespaces.get(&Namespace::Pid);
            let mut at = pid.map(|ino| NamespaceId {
                ino: *ino,
                ..base.pid
            });
            while let Some(key) = at {
                if key == base.pid {
                    return true;
                }
                at = facts.get(&key).and_then(|facts| facts.parent);
            }
            false
        };
        for known in self.known.values_mut() {
            if matches!(&known.seen, SeenProcess::Read(read) if !is_in_lab(read)) {
                known.seen = SeenProcess::Outside;
            }
        }
        let read = self.read_processes();
        let kept = read.flat_map(|(_, read)| read.keys(self.device));
        self.forget_facts(&kept.collect());
    }

    fn map(&self) -> Map {
        let mut findings = ReaderFindings {
            device: self.device,
            facts: self.facts.clone(),
            ..ReaderFindings::default()
        };
        let mut unread = UnreadCounts {
            hidden: self.base.is_none() && self.hides_processes(),
            ..UnreadCounts::default()
        };
        for known in self.known.values() {
            match &known.seen {
                SeenProcess::Outside => {}
                SeenProcess::Refused => unread.processes += 1,
                SeenProcess::Read(read) => {
                    findings.processes.push(&read.process);
                    unread.descriptors += usize::from(read.open.is_none());
                    unread.sockets += read.open.as_ref().map_or(0, |it| it.refused);
                    let kept = read.kept();
                    findings
                        .holders
                        .extend(kept.map(|(_, key, holder)| (*key, holder)));
                }
            }
        }
        for (key, table) in &self.tables {
            match &table.read {
                None => unread.mounts += 1,
                Some(read) => {
                    findings.peer_groups.insert(*key, &read.groups);
                    let held = read.holders.iter();
                    findings
                        .holders
                        .extend(held.map(|(_, key, holder)| (*key, holder)));
                }
            }
        }
        for (key, links) in &self.links {
            match links.on_map(*key) {
                None => unread.links += 1,
                Some(links) => {
                    findings.links.insert(*key, links);
                }
            }
        }
        findings.processes.sort_by_key(|process| process.pid);
        findings.unread = unread;
        findings.listed = self.listed;
        Map::of(&findings)
    }
}

/// Reads a short file of `/proc` with one read(2); `None` if it can't be read.
fn read(proc: &OwnedFd, path: &str) -> Option<String> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    let file = openat(proc, path, flags, Mode::empty()).ok()?;
    let mut text = [0; FILE];
    let length = nix::unistd::read(&file, &mut text).ok()?;
    Some(String::from_utf8_lossy(&text[..length]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_on_our_own_map_and_a_second_look_says_the_same() {
        let pid = std::process::id().cast_signed();
        let mut reader = Reader::new(Scope::Machine).unwrap();
        let map = reader.look().unwrap();
        let ours = map.process(pid).unwrap().clone();
        assert!(ours.namespaces.len() >= 7, "{ours:?}");
        for (kind, ino) in &ours.namespaces {
            let found = map.find(*ino).unwrap();
            assert_eq!(found.facts.kind, *kind);
            assert!(found.processes.contains(&pid));
        }
        let again = reader.look().unwrap();
        assert_eq!(
            again.process(pid).map(|it| &it.namespaces),
            Some(&ours.namespaces)
        );
    }
}
