//! What a launch is to make: plain data, the same on the screen, in a lesson and on the command line.
//!
//! Must not know how any of it is made.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::report::{Nth, Side};
use crate::namespace::{Namespace, NamespaceSet};

/// What a container is made with. The steps come in this order: namespaces of another container are
/// joined, new ones are made, and the child sees to the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plan {
    /// The namespaces that are new.
    pub flags: NamespaceSet,
    /// Those that are another container's.
    pub join: Option<Join>,
    /// The rest.
    pub options: Options,
}

impl Plan {
    /// New namespaces, and nothing else.
    pub fn new(flags: NamespaceSet) -> Self {
        Plan {
            flags,
            ..Plan::default()
        }
    }

    /// The arguments that say so on a command line.
    pub fn arguments(&self) -> Vec<String> {
        let mut said = vec![format!("--flags={}", self.flags)];
        if let Some(join) = self.join {
            said.push(format!("--join={}", join.kinds));
            said.push(format!("--of={}", Side::Container(join.whose)));
        }
        said.extend(self.options.within(self.flags).arguments());
        said
    }

    /// What it comes to on the machine. Root's new mount namespace would carry what is mounted in it
    /// out, where `/` is shared; in a user namespace of its own the kernel sees to that.
    #[must_use]
    pub fn on_the_machine(mut self) -> Self {
        let carries = self.flags.contains(Namespace::Mnt) && !self.flags.contains(Namespace::User);
        if carries && self.options.propagation == Propagation::Inherited {
            self.options.propagation = Propagation::Private;
        }
        self
    }
}

/// Namespaces of a running container that a new one joins; setns(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Join {
    /// Which container's.
    pub whose: Nth,
    /// Which kinds. Those that are ours already need no joining.
    pub kinds: NamespaceSet,
}

/// What a launch does beside making namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Args)]
// A group of arguments is named after its struct, and commands have options too.
#[group(skip)]
pub struct Options {
    /// What is on /proc.
    #[arg(long, value_name = "WHAT", default_value = "inherited")]
    pub proc: Proc,
    /// Whether the maps of a new user namespace are written.
    #[arg(long, value_name = "WHETHER", default_value = "written")]
    pub map: UserMap,
    /// How mounts of a new mount namespace are related to those they were copied from.
    #[arg(long, value_name = "HOW", default_value = "inherited")]
    pub propagation: Propagation,
    /// What / is.
    #[arg(long, value_name = "WHAT", default_value = "inherited")]
    pub root: Root,
}

/// What is on `/proc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Proc {
    /// What was there: the proc of whoever mounted it.
    #[default]
    Inherited,
    /// A new one, of the container's PID namespace; proc(5).
    Fresh,
}

/// Whether the maps of a new user namespace are written; user_namespaces(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum UserMap {
    /// 0 inside is whoever made it outside.
    #[default]
    Written,
    /// They are left empty: everybody is 65534.
    Unwritten,
}

/// The propagation of all mounts; mount_namespaces(7), "SHARED SUBTREES".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Propagation {
    /// As clone(2) copies it: shared stays shared.
    #[default]
    Inherited,
    /// Nothing goes in or out.
    Private,
    /// What is mounted on either side appears on the other.
    Shared,
    /// What is mounted outside appears inside, not the other way.
    Slave,
}

/// What `/` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Root {
    /// What it was.
    #[default]
    Inherited,
    /// A small one of its own; pivot_root(2).
    Own,
}

impl Options {
    /// Those that are of any meaning beside these flags: what is mounted without a mount namespace
    /// of its own would be mounted for whoever shares it.
    #[must_use]
    pub fn within(self, flags: NamespaceSet) -> Self {
        let plain = Options::default();
        let (mounts, user) = (
            flags.contains(Namespace::Mnt),
            flags.contains(Namespace::User),
        );
        Options {
            proc: if mounts { self.proc } else { plain.proc },
            propagation: if mounts {
                self.propagation
            } else {
                plain.propagation
            },
            root: if mounts { self.root } else { plain.root },
            map: if user { self.map } else { plain.map },
        }
    }

    /// The first of them that is of no meaning beside these flags, by its name, and the flag that
    /// it wants.
    pub fn misplaced(self, flags: NamespaceSet) -> Option<(&'static str, Namespace)> {
        let kept = self.within(flags);
        let wants = [
            ("proc", self.proc != kept.proc, Namespace::Mnt),
            ("map", self.map != kept.map, Namespace::User),
            (
                "propagation",
                self.propagation != kept.propagation,
                Namespace::Mnt,
            ),
            ("root", self.root != kept.root, Namespace::Mnt),
        ];
        let lost = wants.into_iter().find(|(_, lost, _)| *lost);
        lost.map(|(option, _, kind)| (option, kind))
    }

    /// How propagation is changed before anything is mounted, and after that: what a container mounts
    /// when it is made is nobody else's, wherever `/` is shared; and pivot_root(2) wants it so.
    #[must_use]
    pub fn propagations(self) -> [Propagation; 2] {
        let mounts = self.proc == Proc::Fresh || self.root == Root::Own;
        match self.propagation {
            Propagation::Inherited if mounts => [Propagation::Private, Propagation::Inherited],
            Propagation::Shared if mounts => [Propagation::Private, Propagation::Shared],
            first => [first, Propagation::Inherited],
        }
    }

    /// The arguments that say so on a command line; those that say nothing new are left out.
    pub fn arguments(self) -> Vec<String> {
        let Options {
            proc,
            map,
            propagation,
            root,
        } = self;
        let plain = Options::default();
        let mut said = Vec::new();
        let mut say = |new: bool, option: &str, value: String| {
            said.extend(new.then(|| format!("--{option}={value}")));
        };
        say(proc != plain.proc, "proc", name(&proc));
        say(map != plain.map, "map", name(&map));
        say(
            propagation != plain.propagation,
            "propagation",
            name(&propagation),
        );
        say(root != plain.root, "root", name(&root));
        said
    }
}

/// The name of a choice, on the command line as in lessons.
pub fn name<T: ValueEnum>(choice: &T) -> String {
    choice
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_mounted_for_others() {
        let all = Options {
            proc: Proc::Fresh,
            map: UserMap::Unwritten,
            propagation: Propagation::Shared,
            root: Root::Own,
        };
        let of = |flags: &str| all.within(flags.parse().unwrap());
        assert_eq!(of("uts,pid"), Options::default());
        assert_eq!(of("mnt,user"), all);
        assert_eq!(of("user").map, UserMap::Unwritten);
        assert_eq!(of("user").proc, Proc::Inherited);
        let misplaced = |flags: &str| all.misplaced(flags.parse().unwrap());
        assert_eq!(misplaced("uts"), Some(("proc", Namespace::Mnt)));
        assert_eq!(misplaced("mnt"), Some(("map", Namespace::User)));
        assert_eq!(misplaced("mnt,user"), None);
        assert_eq!(Options::default().misplaced(NamespaceSet::EMPTY), None);
    }

    #[test]
    fn only_what_is_new_is_said() {
        assert_eq!(Options::default().arguments(), Vec::<String>::new());
        let options = Options {
            proc: Proc::Fresh,
            propagation: Propagation::Slave,
            ..Options::default()
        };
        assert_eq!(options.arguments(), ["--proc=fresh", "--propagation=slave"]);
    }
}
