//! The map: every namespace with what keeps it, and every process with its namespaces.
//!
//! Pure: made from what was found. `nslab map --json` prints these fields.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::namespace::Namespace;

/// Device and inode of the file under `/proc/PID/ns`: while a namespace lives, no other one has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The device of nsfs.
    pub dev: u64,
    /// The number in `uts:[4026531838]`. A later namespace may get it again.
    pub ino: u64,
}

/// What the kernel says of a namespace itself; ioctl_ns(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What kind of namespace it is.
    pub kind: Namespace,
    /// NS_GET_ID, which no other namespace ever has; none before Linux 6.18.
    pub id: Option<u64>,
    /// NS_GET_PARENT of a user or PID namespace; none where it is not below the reader's own.
    pub parent: Option<Key>,
    /// NS_GET_USERNS: the user namespace that owns it; none where it is not below the reader's own.
    pub owner: Option<Key>,
    /// NS_GET_OWNER_UID of a user namespace: who made it.
    pub owner_uid: Option<u32>,
}

/// What keeps a namespace beside processes in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// A bind mount, as `ip netns` makes it.
    Mount {
        /// The mount point.
        path: String,
        /// A process in whose mount namespace it is.
        pid: i32,
    },
    /// An open file.
    Descriptor {
        /// The process that has it open.
        pid: i32,
        /// Its number there.
        fd: i32,
    },
    /// A socket of a process that is in another network namespace.
    Socket {
        /// The process that has it open.
        pid: i32,
        /// Its number there.
        fd: i32,
    },
}

/// A process on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its pid on the machine, or as the lab host's process 1 sees it.
    pub pid: i32,
    /// Its pid as the reader sees it, outside of a lab host.
    pub outside: i32,
    /// Its pid in each PID namespace, from that of the map inwards; `NSpid` in proc_pid_status(5).
    pub numbers: Vec<i32>,
    /// The name in `/proc/PID/comm`.
    pub name: String,
    /// Who runs it, by the reader's own numbers.
    pub uid: u32,
    /// The inode of each namespace that it is in; a kind that the kernel lacks is absent.
    pub namespaces: BTreeMap<Namespace, u64>,
}

/// Peer groups of the mounts in a mount namespace; mount_namespaces(7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PeerGroups {
    /// `shared:N`: what is mounted in one member appears in all.
    pub shared: BTreeSet<u32>,
    /// `master:N`: what is mounted in group N appears here, and not the other way round.
    pub master: BTreeSet<u32>,
}

/// A namespace on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Device and inode.
    #[serde(flatten)]
    pub key: Key,
    /// What the kernel says of it.
    #[serde(flatten)]
    pub facts: Facts,
    /// The pids of the processes in it, by the map's numbers.
    pub processes: Vec<i32>,
    /// Bind mounts and open files that keep it.
    pub holders: Vec<Holder>,
    /// The user or PID namespaces directly below it, by inode.
    pub children: Vec<u64>,
    /// For a PID namespace: its process 1, by the map's numbers.
    pub first: Option<i32>,
    /// For a mount namespace: the peer groups of its mounts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub peer_groups: Option<PeerGroups>,
}

/// What the reader may not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unread {
    /// Processes whose namespaces the reader may not see.
    pub processes: usize,
    /// Processes whose open files it may not see.
    pub descriptors: usize,
    /// Mount namespaces whose mounts it may not see.
    pub mounts: usize,
    /// Sockets whose network namespace it may not see.
    pub sockets: usize,
}

/// All that was found at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Map {
    /// How it was read: `proc`.
    pub read_from: String,
    /// Whether the kernel gives ids that are never reused.
    pub ids: bool,
    /// In the order of the course, and then by age, as far as it is known.
    pub namespaces: Vec<Found>,
    /// By pid.
    pub processes: Vec<Process>,
    /// What could not be read.
    pub unread: Unread,
}

/// What a reader found, before it is put in order.
#[derive(Debug, Default)]
pub(super) struct Findings<'a> {
    pub device: u64,
    /// By the map's numbers.
    pub processes: Vec<&'a Process>,
    pub holders: Vec<(Key, &'a Holder)>,
    pub facts: BTreeMap<Key, Facts>,
    pub peer_groups: BTreeMap<Key, &'a PeerGroups>,
    pub unread: Unread,
}

impl Map {
    pub(super) fn of(findings: &Findings<'_>) -> Self {
        let mut found: BTreeMap<Key, Found> = BTreeMap::new();
        for (key, facts) in &findings.facts {
            let peer_groups = findings.peer_groups.get(key).copied().cloned();
            found.insert(*key, Found::new(*key, *facts, peer_groups));
        }
        for process in &findings.processes {
            for (kind, ino) in &process.namespaces {
                let key = Key {
                    dev: findings.device,
                    ino: *ino,
                };
                if let Some(found) = found.get_mut(&key) {
                    found.processes.push(process.pid);
                    // The innermost number is the one in the namespace that it is in.
                    if *kind == Namespace::Pid && process.numbers.last() == Some(&1) {
                        found.first = Some(process.pid);
                    }
                }
            }
        }
        for (key, holder) in &findings.holders {
            if let Some(found) = found.get_mut(key) {
                found.holders.push((*holder).clone());
            }
        }
        for (key, facts) in &findings.facts {
            if let Some(parent) = facts.parent.and_then(|parent| found.get_mut(&parent)) {
                parent.children.push(key.ino);
            }
        }
        let mut namespaces: Vec<Found> = found.into_values().collect();
        for found in &mut namespaces {
            found.holders.sort();
        }
        namespaces.sort_by_key(|it| (it.facts.kind, it.facts.id, it.key));
        Map {
            read_from: "proc".to_owned(),
            ids: namespaces.iter().any(|it| it.facts.id.is_some()),
            namespaces,
            processes: findings.processes.iter().copied().cloned().collect(),
            unread: findings.unread,
        }
    }

    /// The namespaces of a kind.
    pub fn of_kind(&self, kind: Namespace) -> impl Iterator<Item = &Found> {
        self.namespaces
            .iter()
            .filter(move |found| found.facts.kind == kind)
    }

    /// The namespace with that inode.
    pub fn find(&self, ino: u64) -> Option<&Found> {
        self.namespaces.iter().find(|found| found.key.ino == ino)
    }

    /// The process with that pid, by the map's numbers.
    pub fn process(&self, pid: i32) -> Option<&Process> {
        let at = self.processes.binary_search_by_key(&pid, |it| it.pid);
        at.ok().map(|at| &self.processes[at])
    }

    /// The user or PID namespaces that have no parent on the map.
    pub fn roots(&self, kind: Namespace) -> impl Iterator<Item = &Found> {
        self.of_kind(kind).filter(|found| {
            let parent = found.facts.parent;
            parent.is_none_or(|parent| self.find(parent.ino).is_none())
        })
    }
}

impl Found {
    fn new(key: Key, facts: Facts, peer_groups: Option<PeerGroups>) -> Self {
        Found {
            key,
            facts,
            processes: Vec::new(),
            holders: Vec::new(),
            children: Vec::new(),
            first: None,
            peer_groups,
        }
    }

    /// Whether only namespaces below it keep it.
    pub fn is_kept_by_children_alone(&self) -> bool {
        self.processes.is_empty() && self.holders.is_empty()
    }
}

/// A machine with a container, a namespace that a mount keeps, one that a descriptor keeps, and a user
/// namespace that only the one in it keeps.
#[cfg(test)]
pub(crate) fn example() -> Map {
    use Namespace::{Ipc, Mnt, Net, Pid, User, Uts};
    let key = |ino| Key { dev: 4, ino };
    let kinds = |pairs: &[(Namespace, u64)]| -> BTreeMap<Namespace, u64> {
        let machine = Namespace::ALL.into_iter().zip(1..);
        machine.chain(pairs.iter().copied()).collect()
    };
    let process = |numbers: &[i32], name: &str, uid, namespaces| Process {
        pid: numbers[0],
        outside: numbers[0] + 4000,
        numbers: numbers.to_vec(),
        name: name.to_owned(),
        uid,
        namespaces,
    };
    let container = [(Uts, 21), (Pid, 23), (Mnt, 24), (Net, 25), (User, 26)];
    let processes = [
        process(&[1], "systemd", 0, kinds(&[])),
        process(&[50], "bash", 1000, kinds(&[])),
        process(&[700, 1], "nginx", 100_000, kinds(&container)),
        process(&[701, 2], "nginx\u{1b}[2J", 100_033, kinds(&container)),
        process(&[810], "sleep", 1000, kinds(&[(Ipc, 32), (User, 28)])),
    ];
    let facts = |kind, ino: u64, parent: Option<u64>, owner: Option<u64>, uid| {
        let facts = Facts {
            kind,
            id: Some(ino),
            parent: parent.map(key),
            owner: owner.map(key),
            owner_uid: uid,
        };
        (key(ino), facts)
    };
    let machine = Namespace::ALL.into_iter().zip(1..).map(|(kind, ino)| {
        let user = kind == User;
        facts(kind, ino, None, (!user).then_some(6), user.then_some(0))
    });
    let rest = [
        facts(Uts, 21, None, Some(26), None),
        facts(Pid, 23, Some(3), Some(26), None),
        facts(Mnt, 24, None, Some(26), None),
        facts(Net, 25, None, Some(26), None),
        facts(User, 26, Some(6), None, Some(0)),
        facts(User, 27, Some(6), None, Some(1000)),
        facts(User, 28, Some(27), None, Some(1000)),
        facts(Net, 31, None, Some(6), None),
        facts(Ipc, 32, None, None, None),
        facts(Net, 33, None, Some(6), None),
    ];
    let (mount, open) = (
        Holder::Mount {
            path: "/run/netns/blue".to_owned(),
            pid: 1,
        },
        Holder::Descriptor { pid: 50, fd: 3 },
    );
    let shared = PeerGroups {
        shared: BTreeSet::from([1]),
        master: BTreeSet::new(),
    };
    let slave = PeerGroups {
        shared: BTreeSet::new(),
        master: BTreeSet::from([1]),
    };
    Map::of(&Findings {
        device: 4,
        processes: processes.iter().collect(),
        holders: vec![(key(31), &mount), (key(33), &open)],
        facts: machine.chain(rest).collect(),
        peer_groups: BTreeMap::from([(key(4), &shared), (key(24), &slave)]),
        unread: Unread {
            processes: 12,
            descriptors: 1,
            mounts: 0,
            sockets: 0,
        },
    })
}
