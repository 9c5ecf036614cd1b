//! Writes a launch as a program: the article's, in C or Rust, or as a command line.
//!
//! Pure: the programs are templates in `assets`. A printed program does what `sandbox::container`
//! does; tests compare them.

mod comments;
mod imports;

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::Plan;
use crate::sandbox::options::{LaunchOption, Proc, Propagation, Root, UserMap};
use crate::template::AssetTemplate;

/// The language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Notation {
    /// C, with clone(2).
    C,
    /// Rust, with the nix crate.
    Rust,
    /// A command line with unshare(1).
    Unshare,
}

impl Notation {
    /// Every notation, in the order of the tabs.
    pub const ALL: [Notation; 3] = [Notation::C, Notation::Rust, Notation::Unshare];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Notation::C => "c",
            Notation::Rust => "rust",
            Notation::Unshare => "unshare",
        }
    }

    /// The name as people write it.
    pub fn label(self) -> &'static str {
        match self {
            Notation::C => "C",
            Notation::Rust => "Rust",
            Notation::Unshare => "unshare",
        }
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Notation::C => "c",
            Notation::Rust => "rs",
            Notation::Unshare => "sh",
        }
    }

    fn template(self) -> &'static AssetTemplate {
        static C: AssetTemplate = AssetTemplate::new(include_str!("../assets/container.c"));
        static RUST: AssetTemplate = AssetTemplate::new(include_str!("../assets/container.rs"));
        static UNSHARE: AssetTemplate = AssetTemplate::new(include_str!("../assets/container.sh"));
        match self {
            Notation::C => &C,
            Notation::Rust => &RUST,
            Notation::Unshare => &UNSHARE,
        }
    }
}

/// The complete program for a plan, with only what the plan needs, and with comments in this language.
pub fn program(notation: Notation, plan: &Plan, lang: Lang) -> Result<String, minijinja::Error> {
    let words = TemplateWords::of(plan);
    let program = notation.template().fill(context! {
        features => imports::features(&words),
        sched => imports::sched(&words),
        unistd => imports::unistd(&words),
        ..Value::from(Serde(words))
    })?;
    Ok(match lang {
        Lang::En => program,
        Lang::ZhCn => comments::in_chinese(&program),
    })
}

/// Kinds that a process may not be able to join again: no process can join its own user namespace, and only the
/// machine's root can join the machine's CGROUP and TIME.
const NOT_AGAIN: [Namespace; 3] = [Namespace::User, Namespace::Cgroup, Namespace::Time];

/// A kind's names for the templates.
#[derive(Serialize)]
struct KindNames {
    /// Its name under `/proc/PID/ns` and, except for MNT, as an option of nsenter(1).
    name: &'static str,
    flag: &'static str,
}

/// The templates' variables.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a template asks for one thing at a time"
)]
struct TemplateWords {
    /// The arguments of `nslab code` for the plan.
    arguments: String,
    shell: &'static str,
    /// The word that each launch option is set to, by the option's name.
    options: BTreeMap<&'static str, String>,
    uts: bool,
    ipc: bool,
    pid: bool,
    mnt: bool,
    net: bool,
    user: bool,
    cgroup: bool,
    time: bool,
    clone_flags: Vec<&'static str>,
    /// Whether the maps of a user namespace are written.
    maps: bool,
    own_root: bool,
    /// The flag of mount(2) that changes the propagation of all mounts; empty to keep it.
    propagation: &'static str,
    /// The propagation's name for unshare(1).
    propagation_name: &'static str,
    /// Whether all mounts are made shared at the end.
    shared_last: bool,
    mounts: bool,
    join: bool,
    /// The flags that are always joined, and their options of nsenter(1).
    joined_flags: Vec<&'static str>,
    joined_names: Vec<&'static str>,
    /// Kinds that are joined only if they are not ours already.
    others: Vec<KindNames>,
    joins_user: bool,
    joins_time: bool,
    /// Whether the program must first fork: only its children are in a PID namespace that it joins.
    forks: bool,
    /// Whether the program must keep its own `/proc` open: it writes there after joining a mount namespace.
    keeps_proc: bool,
    /// Whether the script needs capabilities that an exec without a map would drop.
    keeps_capabilities: bool,
}

impl TemplateWords {
    fn of(plan: &Plan) -> TemplateWords {
        let flags = plan.flags;
        let has = |kind| flags.contains(kind);
        let joined = plan.join.map_or(NamespaceSet::EMPTY, |join| join.kinds);
        let options = plan.options.within(flags);
        let [before, after] = options.propagations();
        let shared_last = after == Propagation::Shared;
        let (propagation, propagation_name) = match before {
            Propagation::Inherited => ("", "unchanged"),
            Propagation::Private => ("MS_PRIVATE", "private"),
            Propagation::Shared => ("MS_SHARED", "shared"),
            Propagation::Slave => ("MS_SLAVE", "slave"),
        };
        let maps = has(Namespace::User) && options.map == UserMap::Written;
        let own_root = options.root == Root::Own;
        let mounts = options.proc == Proc::Fresh || own_root || !propagation.is_empty();
        let time = has(Namespace::Time);
        let forks = joined.contains(Namespace::Pid) && has(Namespace::Pid);
        let keeps_proc = joined.contains(Namespace::Mnt) && (maps || time);
        let (others, surely): (Vec<_>, Vec<_>) =
            joined.iter().partition(|kind| NOT_AGAIN.contains(kind));
        TemplateWords {
            arguments: arguments(plan),
            shell: "bash",
            options: LaunchOption::ALL
                .map(|option| (option.name(), options.word(option)))
                .into(),
            uts: has(Namespace::Uts),
            ipc: has(Namespace::Ipc),
            pid: has(Namespace::Pid),
            mnt: has(Namespace::Mnt),
            net: has(Namespace::Net),
            user: has(Namespace::User),
            cgroup: has(Namespace::Cgroup),
            time,
            clone_flags: names(flags.without(Namespace::Time).iter()),
            maps,
            own_root,
            propagation,
            propagation_name,
            shared_last,
            mounts,
            join: !joined.is_empty(),
            joined_flags: names(surely.iter().copied()),
            joined_names: surely.iter().copied().map(option).collect(),
            others: others
                .into_iter()
                .map(|kind| KindNames {
                    name: kind.name(),
                    flag: kind.flag_name(),
                })
                .collect(),
            joins_user: joined.contains(Namespace::User),
            joins_time: joined.contains(Namespace::Time),
            forks,
            keeps_proc,
            keeps_capabilities: has(Namespace::User)
                && !maps
                && (own_root || shared_last || has(Namespace::Uts)),
        }
    }
}

fn names(kinds: impl Iterator<Item = Namespace>) -> Vec<&'static str> {
    kinds.map(Namespace::flag_name).collect()
}

/// The option of nsenter(1) and unshare(1).
fn option(kind: Namespace) -> &'static str {
    match kind {
        Namespace::Mnt => "mount",
        other => other.name(),
    }
}

/// `--flags uts,ipc --proc fresh`
fn arguments(plan: &Plan) -> String {
    let list = |kinds: NamespaceSet| {
        if kinds.is_empty() {
            "\"\"".to_owned()
        } else {
            kinds.to_string()
        }
    };
    let mut said = vec![format!("--flags {}", list(plan.flags))];
    said.extend(plan.join.map(|join| format!("--join {}", list(join.kinds))));
    let options = plan.options.within(plan.flags).arguments();
    said.extend(options.iter().map(|option| option.replace('=', " ")));
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_launch_option_changes_each_program() {
        for option in LaunchOption::ALL {
            let plain = Plan::new(option.needs().into());
            let mut with = plain.clone();
            with.options.set(option, Some(&option.unusual())).unwrap();
            for notation in Notation::ALL {
                let [without, with] = [&plain, &with].map(|plan| {
                    let program = program(notation, plan, Lang::En).unwrap();
                    // The head names the options in any case.
                    program.replace(&arguments(plan), "")
                });
                assert_ne!(without, with, "{notation:?} does not know {option:?}");
            }
        }
    }
}
