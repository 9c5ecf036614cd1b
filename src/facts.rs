//! Facts about this machine and a process on it that decide what the kernel allows: plain data.
//!
//! Unknown facts are absent, never guessed: `None`, or no entry in a map. `read` gathers them. Must
//! not know what they explain.

mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::namespace::{Namespace, NamespaceSet};

/// CAP_CHOWN; capabilities(7).
pub(crate) const CAP_CHOWN: u8 = 0;
pub(crate) const CAP_SETGID: u8 = 6;
pub(crate) const CAP_KILL: u8 = 5;
pub(crate) const CAP_SETUID: u8 = 7;
pub(crate) const CAP_NET_ADMIN: u8 = 12;
pub(crate) const CAP_SYS_ADMIN: u8 = 21;
pub(crate) const CAP_SYS_TIME: u8 = 25;

/// All capabilities of Linux 5.9 and later, as a mask; capabilities(7).
pub(crate) const ALL_CAPABILITIES: u64 = (1 << 41) - 1;

/// The known facts of a process and its machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The kernel's release, as `uname -r` prints it.
    pub release: Option<String>,
    /// The effective user id in the process's own user namespace.
    pub euid: Option<u32>,
    /// The effective capabilities as a mask; capabilities(7).
    pub capabilities: Option<u64>,
    /// Whether exec grants no privileges any more; PR_SET_NO_NEW_PRIVS.
    pub no_new_privs: Option<bool>,
    /// The seccomp(2) mode of the process.
    pub seccomp: Option<Seccomp>,
    /// How many threads the process has.
    pub threads: Option<u32>,
    /// Whether the process's root differs from its mount namespace's; chroot(2).
    pub chroot: Option<bool>,
    /// The kind of container that the machine is.
    pub container: Option<Container>,
    /// The sysctl kernel.unprivileged_userns_clone, on kernels that have it.
    pub unprivileged_userns_clone: Option<bool>,
    /// The sysctl kernel.apparmor_restrict_unprivileged_userns, on kernels that have it.
    pub apparmor_restricts: Option<bool>,
    /// The AppArmor label of the process: `unconfined`, `docker-default (enforce)`.
    pub apparmor_label: Option<String>,
    /// The sysctl vm.memfd_noexec, on kernels that have it (6.3).
    pub memfd_noexec: Option<u8>,
    /// The keys of the process's user, and how many there may be.
    pub keys: Option<Keys>,
    /// `/proc/sys/user/max_*_namespaces` in the reader's user namespace.
    pub limits: BTreeMap<Namespace, u64>,
    /// Whether the process is in the user namespace that the kernel started with.
    pub initial_user_namespace: Option<bool>,
    /// The number of user namespaces above the process's that the reader can see.
    pub user_levels: Option<u32>,
    /// Whether the process's user namespace maps its user id.
    pub mapped: Option<bool>,
    /// Whether the map of user ids of its user namespace has been written.
    pub uid_map_written: Option<bool>,
    /// Whether the map of group ids of its user namespace has been written.
    pub gid_map_written: Option<bool>,
    /// Whether setgroups(2) is still allowed in its user namespace.
    pub setgroups: Option<bool>,
    /// Whether a namespace of the process belongs to the process's own user namespace.
    pub owned: BTreeMap<Namespace, bool>,
    /// The kinds of namespaces that the kernel has.
    pub kinds: Option<NamespaceSet>,
    /// The PID namespace that the process's `/proc` shows.
    pub proc: Option<ProcView>,
    /// The parts of `/proc` over which something is mounted.
    pub masked_proc: Option<Vec<String>>,
    /// Kernel configuration options, and whether they are set.
    pub config: BTreeMap<String, bool>,
    /// Whether the process may make a cgroup below its own.
    pub cgroup_writable: Option<bool>,
    /// Whether the process is in a lab. Only nslab knows it: no helper reports it.
    #[serde(skip)]
    pub place: Location,
}

/// The location of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Location {
    /// In no lab.
    #[default]
    Outside,
    /// In a lab. The calls that made it passed every filter of the machine: clone(2), unshare(2), setns(2),
    /// mount(2) and pivot_root(2).
    Lab {
        /// The kinds that it was made with. A filter may judge by them.
        made: NamespaceSet,
        /// The kinds that nslab forbids in it.
        forbidden: NamespaceSet,
    },
}

impl Location {
    /// Whether nslab forbids this kind there.
    pub(crate) fn forbids(self, kind: Namespace) -> bool {
        match self {
            Location::Outside => false,
            Location::Lab { forbidden, .. } => forbidden.contains(kind),
        }
    }
}

/// The version that a kernel's release begins with: `(6, 18)` of `6.18.0-rc1`.
pub(crate) fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|it: char| !it.is_ascii_digit());
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

/// A user's keys in the kernel: their number and its limit; `/proc/key-users`, keyrings(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    pub held: u32,
    pub most: u32,
    pub bytes: u32,
    pub most_bytes: u32,
}

/// A process's seccomp(2) mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seccomp {
    /// All calls are allowed.
    Off,
    /// Only read, write and exit are allowed.
    Strict,
    /// A filter decides.
    Filter,
}

/// The kind of container that a machine is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// None that can be seen.
    No,
    Docker,
    Podman,
    /// Another one, by the name that it gives.
    Other(String),
}

/// The PID namespace that a `/proc` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProcView {
    /// One in which the process has a pid.
    Ours,
    /// One in which the process has no pid, or another pid.
    Foreign,
    /// One that has ended.
    Ended,
}

impl Facts {
    /// Whether the process has this capability in its user namespace.
    pub fn capable(&self, capability: u8) -> Option<bool> {
        self.capabilities.map(|mask| mask >> capability & 1 == 1)
    }

    /// The facts of a process in the lab, completed by `outer`, nslab's own facts. The smaller limit counts: a
    /// limit applies to all user namespaces below it. The seccomp mode is nslab's: its filter applies to the lab
    /// too, while the lab's own filter refuses nothing that makes or joins a namespace. The container is nslab's,
    /// since what helps depends on the machine.
    #[must_use]
    pub fn within(mut self, outer: &Facts) -> Facts {
        for (kind, limit) in &outer.limits {
            let own = self.limits.entry(*kind).or_insert(*limit);
            *own = (*own).min(*limit);
        }
        self.seccomp = outer.seccomp;
        // From the lab's own files it can't be seen.
        self.container.clone_from(&outer.container);
        // The user namespaces of the guard and of the lab host.
        let below = |levels| levels + 2;
        self.user_levels = self.user_levels.or(outer.user_levels.map(below));
        self
    }

    /// The kernel's version: `(6, 18)`.
    pub fn version(&self) -> Option<(u32, u32)> {
        version(self.release.as_deref()?)
    }

    /// Whether this is a container of any kind.
    pub fn in_container(&self) -> bool {
        !matches!(self.container, None | Some(Container::No))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_not_claimed() {
        let nothing = Facts::default();
        assert_eq!(nothing.capable(CAP_SYS_ADMIN), None);
        assert!(!nothing.in_container());
    }

    #[test]
    fn a_mask_is_read_bit_by_bit() {
        let docker = Facts {
            capabilities: Some(0xa804_25fb),
            ..Facts::default()
        };
        assert_eq!(docker.capable(CAP_CHOWN), Some(true));
        assert_eq!(docker.capable(CAP_SYS_ADMIN), Some(false));
        assert_eq!(docker.capable(CAP_NET_ADMIN), Some(false));
    }

    #[test]
    fn a_limit_holds_for_all_below_it() {
        let limits = |net, user| BTreeMap::from([(Namespace::Net, net), (Namespace::User, user)]);
        let outer = Facts {
            limits: limits(0, 9),
            seccomp: Some(Seccomp::Off),
            user_levels: Some(1),
            container: Some(Container::Podman),
            ..Facts::default()
        };
        let inner = Facts {
            limits: limits(7, 8),
            seccomp: Some(Seccomp::Filter),
            container: Some(Container::No),
            ..Facts::default()
        };
        let seen = inner.within(&outer);
        assert_eq!(seen.limits, limits(0, 8));
        assert_eq!(seen.user_levels, Some(3));
        assert_eq!(seen.seccomp, Some(Seccomp::Off));
        assert_eq!(seen.container, Some(Container::Podman));
    }

    #[test]
    fn facts_survive_json() {
        let facts = Facts {
            release: Some("5.15.90.1-microsoft-standard-WSL2".to_owned()),
            limits: BTreeMap::from([(Namespace::User, 0)]),
            owned: BTreeMap::from([(Namespace::Pid, false)]),
            container: Some(Container::Other("lxc".to_owned())),
            ..Facts::default()
        };
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
    }
}
