//! The eight kinds of Linux namespaces, sets of them, and the identity of a namespace.
//!
//! Owns the one table of the kinds: name, `CLONE_` flag, key. Must not know how a namespace is used.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One kind's row.
struct KindRow {
    /// Name on the command line, in lesson files, in JSON, and under `/proc/PID/ns`.
    name: &'static str,
    /// Short name on the screen; three or four columns.
    label: &'static str,
    /// The bit of clone(2).
    flag: u32,
    /// Its name in `<sched.h>`.
    flag_name: &'static str,
    /// The letter that unshare(1) uses, and the lab's key.
    key: char,
}

/// Makes the enum of kinds from their table.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident = $name:literal, $label:literal, $flag:literal, $flag_name:literal, $key:literal;
    )*) => {
        /// A kind of namespace, in the order in which the course meets them; see namespaces(7).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Namespace { $($(#[$doc])* $kind,)* }

        impl Namespace {
            /// All kinds, in the order of the course.
            pub const ALL: [Namespace; 8] = [$(Namespace::$kind),*];

            const fn row(self) -> &'static KindRow {
                match self {
                    $(Namespace::$kind => &KindRow {
                        name: $name,
                        label: $label,
                        flag: $flag,
                        flag_name: $flag_name,
                        key: $key,
                    },)*
                }
            }
        }
    };
}

kinds! {
    /// Hostname and NIS domain name.
    Uts = "uts", "UTS", 0x0400_0000, "CLONE_NEWUTS", 'u';
    /// System V IPC objects and POSIX message queues.
    Ipc = "ipc", "IPC", 0x0800_0000, "CLONE_NEWIPC", 'i';
    /// Process ids.
    Pid = "pid", "PID", 0x2000_0000, "CLONE_NEWPID", 'p';
    /// The mount table.
    Mnt = "mnt", "MNT", 0x0002_0000, "CLONE_NEWNS", 'm';
    /// Interfaces, addresses, routes, sockets.
    Net = "net", "NET", 0x4000_0000, "CLONE_NEWNET", 'n';
    /// User and group ids, capabilities.
    User = "user", "USER", 0x1000_0000, "CLONE_NEWUSER", 'U';
    /// The root of the view of cgroups.
    Cgroup = "cgroup", "CGROUP", 0x0200_0000, "CLONE_NEWCGROUP", 'C';
    /// Offsets of the monotonic and the boot-time clock.
    Time = "time", "TIME", 0x0000_0080, "CLONE_NEWTIME", 'T';
}

impl Namespace {
    /// The name on the command line, in lessons, in JSON and under `/proc/PID/ns`: `uts`, `mnt`, …
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The name on the screen: `UTS`, `MNT`, …
    pub fn label(self) -> &'static str {
        self.row().label
    }

    /// The bit for clone(2), unshare(2) and setns(2).
    pub const fn flag(self) -> u32 {
        self.row().flag
    }

    /// The kind with this bit.
    pub fn of_flag(flag: u32) -> Option<Self> {
        Namespace::ALL.into_iter().find(|it| it.flag() == flag)
    }

    /// The bit's name in `<sched.h>`.
    pub fn flag_name(self) -> &'static str {
        self.row().flag_name
    }

    /// The key that toggles it: the letter of unshare(1).
    pub fn key(self) -> char {
        self.row().key
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no kind of namespace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no namespace kind '{word}'; the kinds are uts, ipc, pid, mnt, net, user, cgroup, time"
)]
pub struct UnknownNamespace {
    /// The word as it was given.
    pub word: String,
}

impl FromStr for Namespace {
    type Err = UnknownNamespace;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Namespace::ALL
            .into_iter()
            .find(|kind| kind.name() == word)
            .ok_or_else(|| UnknownNamespace {
                word: word.to_owned(),
            })
    }
}

/// Identifies a namespace: two processes are in the same one if both numbers agree; namespaces(7). While a
/// namespace lives, no other one has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamespaceId {
    /// Device of the file under `/proc/PID/ns`.
    pub dev: u64,
    /// Its inode: the number in `uts:[4026531838]`. A later namespace may get it again.
    pub ino: u64,
}

/// A set of kinds: the flags of one launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Namespace>", into = "Vec<Namespace>")]
pub struct NamespaceSet {
    bits: u32,
}

impl NamespaceSet {
    /// No kind at all: the child shares everything with its parent.
    pub const EMPTY: NamespaceSet = NamespaceSet { bits: 0 };

    /// Every kind.
    pub fn all() -> Self {
        Namespace::ALL.into_iter().collect()
    }

    /// Whether the kind is in the set.
    pub fn contains(self, kind: Namespace) -> bool {
        self.bits & kind.flag() != 0
    }

    /// Puts the kind in.
    pub const fn insert(&mut self, kind: Namespace) {
        self.bits |= kind.flag();
    }

    /// Takes the kind out.
    pub fn remove(&mut self, kind: Namespace) {
        self.bits &= !kind.flag();
    }

    /// Puts the kind in, or takes it out.
    pub fn toggle(&mut self, kind: Namespace) {
        self.bits ^= kind.flag();
    }

    /// The same set with one more kind.
    #[must_use]
    pub const fn with(mut self, kind: Namespace) -> Self {
        self.insert(kind);
        self
    }

    /// The same set without one kind.
    #[must_use]
    pub fn without(mut self, kind: Namespace) -> Self {
        self.remove(kind);
        self
    }

    /// Whether no kind is in it.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The kinds in it, in the order of the course.
    pub fn iter(self) -> impl Iterator<Item = Namespace> {
        Namespace::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }

    /// The bits as clone(2) takes them.
    pub fn bits(self) -> u32 {
        self.bits
    }
}

impl From<Namespace> for NamespaceSet {
    fn from(kind: Namespace) -> Self {
        NamespaceSet::EMPTY.with(kind)
    }
}

impl FromIterator<Namespace> for NamespaceSet {
    fn from_iter<I: IntoIterator<Item = Namespace>>(kinds: I) -> Self {
        kinds
            .into_iter()
            .fold(NamespaceSet::EMPTY, NamespaceSet::with)
    }
}

impl From<Vec<Namespace>> for NamespaceSet {
    fn from(kinds: Vec<Namespace>) -> Self {
        kinds.into_iter().collect()
    }
}

impl From<NamespaceSet> for Vec<Namespace> {
    fn from(set: NamespaceSet) -> Self {
        set.iter().collect()
    }
}

/// The names, separated by commas: `uts,ipc`. The empty set is the empty string.
impl fmt::Display for NamespaceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Namespace::name).collect();
        f.write_str(&names.join(","))
    }
}

/// Reads `uts,ipc`; spaces around a name and empty names are allowed, so that `""` is the empty set.
impl FromStr for NamespaceSet {
    type Err = UnknownNamespace;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        list.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(Namespace::from_str)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_the_order_of_the_variants() {
        for (i, kind) in Namespace::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, i);
        }
    }

    #[test]
    fn flags_are_the_kernels() {
        let libc_flags = [
            libc::CLONE_NEWUTS,
            libc::CLONE_NEWIPC,
            libc::CLONE_NEWPID,
            libc::CLONE_NEWNS,
            libc::CLONE_NEWNET,
            libc::CLONE_NEWUSER,
            libc::CLONE_NEWCGROUP,
            0x80, // CLONE_NEWTIME, <linux/sched.h>
        ];
        for (kind, flag) in Namespace::ALL.into_iter().zip(libc_flags) {
            assert_eq!(i64::from(kind.flag()), i64::from(flag), "{kind}");
        }
    }

    #[test]
    fn lists_are_read_and_written_back() {
        for (list, written) in [
            ("", ""),
            ("uts", "uts"),
            ("pid, uts", "uts,pid"),
            ("time,,cgroup,", "cgroup,time"),
        ] {
            assert_eq!(
                list.parse::<NamespaceSet>().unwrap().to_string(),
                written,
                "{list:?}"
            );
        }
    }

    #[test]
    fn an_unknown_kind_lists_the_known_ones() {
        let error = "uts,mount".parse::<NamespaceSet>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no namespace kind 'mount'; the kinds are uts, ipc, pid, mnt, net, user, cgroup, time"
        );
    }
}
