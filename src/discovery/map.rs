//! The map: every namespace with what keeps it, and every process with its namespaces.
//!
//! Pure: made from findings. `nslab map --json` prints these fields.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::namespace::{Namespace, NamespaceId};

/// The values of `read_from`.
const PROC: &str = "proc";
const PROC_AND_LISTNS: &str = "proc+listns";

/// Facts about a namespace, from the kernel; ioctl_ns(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamespaceFacts {
    /// The kind of the namespace.
    pub kind: Namespace,
    /// NS_GET_ID, which no other namespace ever has; none before Linux 6.18.
    pub id: Option<u64>,
    /// NS_GET_PARENT of a user or PID namespace; none where it is not below the reader's own.
    pub parent: Option<NamespaceId>,
    /// NS_GET_USERNS: the user namespace that owns it; none where it is not below the reader's own.
    pub owner: Option<NamespaceId>,
    /// NS_GET_OWNER_UID of a user namespace: the user id of its creator.
    pub owner_uid: Option<u32>,
}

/// A keeper of a namespace: it keeps the namespace alive even if no process is in it.
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
    /// Its user id, as the reader's user namespace numbers it.
    pub uid: u32,
    /// The inode of each namespace that it is in; a kind that the kernel lacks is absent.
    pub namespaces: BTreeMap<Namespace, u64>,
}

/// Peer groups of the mounts in a mount namespace; mount_namespaces(7).
///
/// Each with the first mount point that is in it, as the namespace sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PeerGroups {
    /// `shared:N`: a new mount in one member appears in all.
    pub shared: BTreeMap<u32, String>,
    /// `master:N`: a new mount in group N appears here, but not the other way round.
    pub master: BTreeMap<u32, String>,
}

/// A network interface; rtnetlink(7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLink {
    /// Its index; netdevice(7).
    pub index: u32,
    pub name: String,
    /// `veth`, `bridge` and the like; none for lo and for hardware.
    pub kind: Option<String>,
    /// Whether it is up (IFF_UP, netdevice(7)).
    pub up: bool,
    /// Addresses with their prefix length.
    pub addresses: Vec<String>,
    /// The index of its bridge, if it is a port of one.
    pub master: Option<u32>,
    /// The other end of a veth pair, or the link below.
    pub peer: Option<Peer>,
}

/// The other end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Its index there.
    pub index: u32,
    /// The network namespace that it is in; none where that is not on the map.
    pub namespace: Option<NamespaceId>,
}

/// A namespace on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Device and inode.
    #[serde(flatten)]
    pub key: NamespaceId,
    /// Facts about it, from the kernel.
    #[serde(flatten)]
    pub facts: NamespaceFacts,
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
    /// For a network namespace: its links; none where the reader may not read them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub links: Option<Vec<FoundLink>>,
}

/// One end of a veth pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VethEnd<'m> {
    /// The network namespace that it is in.
    pub namespace: &'m Found,
    pub link: &'m FoundLink,
}

/// A peer group with mounts in more than one mount namespace; mount_namespaces(7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedGroup<'m> {
    /// N in `shared:N`.
    pub number: u32,
    /// The mount namespaces with a mount in it, each with the mount point.
    pub members: Vec<(&'m Found, &'m str)>,
    /// The mount namespaces that only receive its mounts, each with the mount point.
    pub receivers: Vec<(&'m Found, &'m str)>,
}

/// How much the reader may not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnreadCounts {
    /// Processes whose namespaces the reader may not see.
    pub processes: usize,
    /// Processes whose open files it may not see.
    pub descriptors: usize,
    /// Mount namespaces whose mounts it may not see.
    pub mounts: usize,
    /// Sockets whose network namespace it may not see.
    pub sockets: usize,
    /// Network namespaces whose links it may not see.
    #[serde(default)]
    pub links: usize,
    /// Whether `/proc` doesn't even show how many processes there are; `hidepid` in proc(5).
    pub hidden: bool,
}

/// The map at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Map {
    /// How it was read: `proc`, or `proc+listns` where the kernel also listed all its namespaces.
    pub read_from: String,
    /// Whether the kernel gives ids that are never reused.
    pub ids: bool,
    /// In the order of the course, and then by age, as far as it is known.
    pub namespaces: Vec<Found>,
    /// By pid.
    pub processes: Vec<Process>,
    /// How much could not be read.
    pub unread: UnreadCounts,
}

/// A reader's findings, before they are put in order.
#[derive(Debug, Default)]
pub(super) struct ReaderFindings<'a> {
    pub device: u64,
    /// By the map's numbers.
    pub processes: Vec<&'a Process>,
    pub holders: Vec<(NamespaceId, &'a Holder)>,
    pub facts: BTreeMap<NamespaceId, NamespaceFacts>,
    pub peer_groups: BTreeMap<NamespaceId, &'a PeerGroups>,
    pub links: BTreeMap<NamespaceId, Vec<FoundLink>>,
    pub unread: UnreadCounts,
    /// Whether the kernel listed all its namespaces.
    pub listed: bool,
}

impl Map {
    pub(super) fn of(findings: &ReaderFindings<'_>) -> Self {
        let mut found: BTreeMap<NamespaceId, Found> = BTreeMap::new();
        for (key, facts) in &findings.facts {
            let new = Found {
                key: *key,
                facts: *facts,
                processes: Vec::new(),
                holders: Vec::new(),
                children: Vec::new(),
                first: None,
                peer_groups: findings.peer_groups.get(key).copied().cloned(),
                links: findings.links.get(key).cloned(),
            };
            found.insert(*key, new);
        }
        for process in &findings.processes {
            for (kind, ino) in &process.namespaces {
                let key = NamespaceId {
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
            read_from: if findings.listed {
                PROC_AND_LISTNS
            } else {
                PROC
            }
            .to_owned(),
            ids: namespaces.iter().any(|it| it.facts.id.is_some()),
            namespaces,
            processes: findings.processes.iter().copied().cloned().collect(),
            unread: findings.unread,
        }
    }

    /// Whether the kernel listed all its namespaces, in addition to those that `/proc` shows.
    pub fn is_listed(&self) -> bool {
        self.read_from == PROC_AND_LISTNS
    }

    /// Whether other namespaces keep this one: its children, or, for a user namespace, those that it owns.
    pub fn is_kept_by_namespaces(&self, found: &Found) -> bool {
        let key = Some(found.key);
        let mut all = self.namespaces.iter();
        all.any(|it| it.facts.parent == key || it.facts.owner == key)
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

    /// The veth pairs whose two ends are both on the map, each once.
    pub fn veth_pairs(&self) -> Vec<[VethEnd<'_>; 2]> {
        let ends = self.namespaces.iter().flat_map(|namespace| {
            let links = namespace.links.iter().flatten();
            links.map(move |link| VethEnd { namespace, link })
        });
        let other = |end: &VethEnd<'_>| {
            let peer = end.link.peer.filter(|_| end.link.is_veth())?;
            let namespace = self.find(peer.namespace?.ino)?;
            let mut links = namespace.links.iter().flatten();
            let link = links.find(|link| link.index == peer.index && link.is_veth())?;
            Some(VethEnd { namespace, link })
        };
        let pairs = ends.filter_map(|end| Some([end, other(&end)?]));
        let is_first = |[one, other]: &[VethEnd<'_>; 2]| {
            (one.namespace.key, one.link.index) < (other.namespace.key, other.link.index)
        };
        pairs.filter(is_first).collect()
    }

    /// The peer groups with mounts in more than one mount namespace.
    pub fn shared_groups(&self) -> Vec<SharedGroup<'_>> {
        let mut groups: BTreeMap<u32, SharedGroup<'_>> = BTreeMap::new();
        for found in self.of_kind(Namespace::Mnt) {
            let Some(own) = &found.peer_groups else {
                continue;
            };
            let all = own.shared.iter().map(|it| (it, true));
            for ((number, path), shared) in all.chain(own.master.iter().map(|it| (it, false))) {
                let group = groups.entry(*number).or_insert_with(|| SharedGroup {
                    number: *number,
                    members: Vec::new(),
                    receivers: Vec::new(),
                });
                let side = if shared {
                    &mut group.members
                } else {
                    &mut group.receivers
                };
                side.push((found, path));
            }
        }
        let is_shared = |group: &SharedGroup<'_>| {
            let all = group.members.iter().chain(&group.receivers);
            all.map(|(found, _)| found.key)
                .collect::<BTreeSet<_>>()
                .len()
                > 1
        };
        groups.into_values().filter(is_shared).collect()
    }

    /// The user or PID namespaces that have no parent on the map.
    pub fn roots(&self, kind: Namespace) -> impl Iterator<Item = &Found> {
        self.of_kind(kind).filter(|found| {
            let parent = found.facts.parent;
            parent.is_none_or(|parent| self.find(parent.ino).is_none())
        })
    }
}

impl Process {
    /// Whether it has ended, and nobody has waited for it yet: it has only its user and PID namespace left.
    pub fn has_ended(&self) -> bool {
        !self.namespaces.contains_key(&Namespace::Mnt)
    }
}

impl FoundLink {
    /// Whether it is an end of a veth pair; veth(4).
    pub fn is_veth(&self) -> bool {
        self.kind.as_deref() == Some("veth")
    }
}

impl Found {
    /// Whether no process is in it, and no file, mount or socket is known to keep it.
    pub fn has_no_known_keeper(&self) -> bool {
        self.processes.is_empty() && self.holders.is_empty()
    }
}

/// A machine with a container, a namespace that a mount keeps, one that a descriptor keeps, and a user namespace
/// that only its child namespace keeps.
#[cfg(test)]
pub(crate) fn example() -> Map {
    use Namespace::{Ipc, Mnt, Net, Pid, User, Uts};
    let key = |ino| NamespaceId { dev: 4, ino };
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
        let facts = NamespaceFacts {
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
        shared: BTreeMap::from([(1, "/".to_owned()), (2, "/run".to_owned())]),
        master: BTreeMap::new(),
    };
    let slave = PeerGroups {
        shared: BTreeMap::new(),
        master: BTreeMap::from([(1, "/".to_owned())]),
    };
    Map::of(&ReaderFindings {
        device: 4,
        processes: processes.iter().collect(),
        holders: vec![(key(31), &mount), (key(33), &open)],
        facts: machine.chain(rest).collect(),
        listed: false,
        peer_groups: BTreeMap::from([(key(4), &shared), (key(24), &slave)]),
        links: example_links(),
        unread: UnreadCounts {
            processes: 12,
            descriptors: 1,
            mounts: 0,
            sockets: 0,
            links: 1,
            hidden: false,
        },
    })
}

/// A bridge of the machine, with a cable to the container and one to the mounted namespace.
#[cfg(test)]
fn example_links() -> BTreeMap<NamespaceId, Vec<FoundLink>> {
    let key = |ino| NamespaceId { dev: 4, ino };
    let link = |index, name: &str, kind: Option<&str>| FoundLink {
        index,
        name: name.to_owned(),
        kind: kind.map(str::to_owned),
        up: true,
        addresses: Vec::new(),
        master: None,
        peer: None,
    };
    let veth = |index, name: &str, peer, namespace| FoundLink {
        peer: Some(Peer {
            index: peer,
            namespace: Some(key(namespace)),
        }),
        ..link(index, name, Some("veth"))
    };
    let address = |link: FoundLink, address: &str| FoundLink {
        addresses: vec![address.to_owned()],
        ..link
    };
    let port = |link: FoundLink| FoundLink {
        master: Some(3),
        ..link
    };
    let lo = link(1, "lo", None);
    BTreeMap::from([
        (
            key(5),
            vec![
                lo.clone(),
                link(2, "eth0", None),
                address(link(3, "br0", Some("bridge")), "10.0.0.1/24"),
                port(veth(7, "veth7", 2, 25)),
                port(veth(9, "veth9", 2, 31)),
            ],
        ),
        (
            key(25),
            vec![lo.clone(), address(veth(2, "eth0", 7, 5), "10.0.0.2/24")],
        ),
        (key(31), vec![lo, veth(2, "eth0", 9, 5)]),
    ])
}
