//! The requirements of a step, and those that a machine doesn't meet.
//!
//! Must not know how facts about a machine are read.

use std::collections::BTreeSet;

use super::script::Deed;
use super::{LessonStep, Part, Script, asks};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{ContainerNumber, HostKind, Plan, Proc, Shortfall, Side};

/// The requirements of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepNeeds {
    pub programs: Vec<String>,
    /// Kinds of namespace that the kernel has.
    pub namespaces: NamespaceSet,
    /// The oldest version of Linux: `(6, 17)`.
    pub kernel: Option<(u32, u32)>,
    /// The parts that the lab host must not lack, in the order of [`LAB_FIELDS`].
    pub lab: Vec<Shortfall>,
    /// The required kind of host.
    pub host_kind: Option<HostKind>,
    /// Shown instead of the step on other machines; without it, the step's prose.
    pub otherwise: Option<String>,
}

/// The fields of `needs` that name something the lab host must have.
pub(super) const LAB_FIELDS: [(&str, Shortfall); 10] = [
    ("veth", Shortfall::Veth),
    ("proc", Shortfall::Proc),
    ("sysfs", Shortfall::Sysfs),
    ("new_privileges", Shortfall::NewPrivileges),
    ("hostname", Shortfall::Hostname),
    ("session_keyring", Shortfall::SessionKeyring),
    ("cgroup_namespace", Shortfall::OuterCgroup),
    ("files", Shortfall::Files),
    ("cgroup", Shortfall::Cgroup),
    ("limits", Shortfall::Limits),
];

impl StepNeeds {
    /// The fields for what the lab host must have.
    pub(super) fn lab_fields(&self) -> Vec<&'static str> {
        let needed = LAB_FIELDS.iter().filter(|(_, it)| self.lab.contains(it));
        needed.map(|(name, _)| *name).collect()
    }
}

/// A requirement that is not met here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A program that is not installed.
    Program(String),
    /// A kind of namespace that the kernel doesn't have.
    Kind(Namespace),
    /// A newer kernel: at least this version.
    Kernel(u32, u32),
    /// Something that the lab host could not be given.
    Shortfall(Shortfall),
    /// The kind of host that the step is written for.
    Host(HostKind),
    /// A container that the kernel refused to make.
    Container,
}

/// The facts about the machine and its lab host.
#[derive(Debug, Clone, Copy)]
pub struct MachineState<'a> {
    /// The kinds of namespace that the kernel has.
    pub kinds: NamespaceSet,
    /// The version of the kernel. An unknown version counts as new enough.
    pub kernel: Option<(u32, u32)>,
    /// The programs that are not installed.
    pub absent: &'a BTreeSet<String>,
    pub shortfalls: &'a [Shortfall],
    pub host: HostKind,
}

impl MachineState<'_> {
    /// The shortfall of this lab host that means the same: without a cgroup there are no limits either.
    fn shortfall(&self, needed: Shortfall) -> Option<Shortfall> {
        let causes: &[_] = match needed {
            Shortfall::Limits => &[Shortfall::Limits, Shortfall::Cgroup],
            _ => &[needed],
        };
        let mut causes = causes.iter().copied();
        causes.find(|it| self.shortfalls.contains(it))
    }
}

impl LessonStep {
    /// The requirement that the step lacks, as far as that is known before the step is tried.
    pub fn lack(&self, here: MachineState<'_>) -> Option<Lack> {
        let stated = self.stated_lack(here);
        stated.or_else(|| self.lack_of_use(here.shortfalls).map(Lack::Shortfall))
    }

    /// A shortfall that its commands and its script can't work with.
    fn lack_of_use(&self, shortfalls: &[Shortfall]) -> Option<Shortfall> {
        let mut shortfalls = shortfalls.iter().copied();
        shortfalls.find(|&shortfall| {
            let mut parts = self.parts.iter();
            let uses = parts.any(|part| match part {
                Part::Launch(launch) => launches(&launch.plan, shortfall),
                Part::Run(run) => run.lines.iter().any(|it| types(it.source(), shortfall)),
                Part::Prose(_)
                | Part::Predict(_)
                | Part::Check(_)
                | Part::Hint(_)
                | Part::Figure(_) => false,
            });
            uses || self.script().is_some_and(|script| script.uses(shortfall))
        })
    }

    /// A requirement stated by its author that isn't met.
    fn stated_lack(&self, here: MachineState<'_>) -> Option<Lack> {
        let needs = self.needs.as_ref()?;
        if let Some(host) = needs.host_kind.filter(|host| *host != here.host) {
            return Some(Lack::Host(host));
        }
        let mut kinds = needs.namespaces.iter();
        if let Some(kind) = kinds.find(|kind| !here.kinds.contains(*kind)) {
            return Some(Lack::Kind(kind));
        }
        if let (Some(oldest), Some(ours)) = (needs.kernel, here.kernel)
            && ours < oldest
        {
            return Some(Lack::Kernel(oldest.0, oldest.1));
        }
        let mut given = needs.lab.iter();
        if let Some(lacking) = given.find_map(|it| here.shortfall(*it)) {
            return Some(Lack::Shortfall(lacking));
        }
        let mut programs = needs.programs.iter();
        let absent = programs.find(|program| here.absent.contains(program.as_str()));
        absent.map(|program| Lack::Program(program.clone()))
    }
}

impl Script {
    /// Whether an action of it can't work with this shortfall.
    pub fn uses(&self, shortfall: Shortfall) -> bool {
        self.actions.iter().any(|action| match &action.deed {
            Deed::Launch(launch) => launches(&launch.plan, shortfall),
            Deed::Type { line, .. } => types(line.source(), shortfall),
            Deed::Choose(_) | Deed::Open(_) => false,
        })
    }
}

/// Whether a container can't be made with this shortfall.
fn launches(plan: &Plan, shortfall: Shortfall) -> bool {
    match shortfall {
        Shortfall::Proc => plan.options.proc == Proc::Fresh,
        // The container's first process sets its hostname.
        Shortfall::Hostname => plan.flags.contains(Namespace::Uts),
        Shortfall::OuterCgroup => plan.flags.contains(Namespace::Cgroup),
        Shortfall::Sysfs
        | Shortfall::SysfsReadonly
        | Shortfall::Cgroup
        | Shortfall::Limits
        | Shortfall::Veth
        | Shortfall::Filter
        | Shortfall::SessionKeyring
        | Shortfall::NewPrivileges
        | Shortfall::Files
        | Shortfall::OneId
        | Shortfall::OneIdOfRoot
        | Shortfall::Mqueue => false,
    }
}

/// Programs that find processes by the numbers in `/proc`.
const BY_NUMBER: [&str; 7] = ["killall", "lsns", "pgrep", "pidof", "pkill", "ps", "top"];

/// Whether a line can't work with this shortfall. Where the machine's proc is shown, the lab's processes have other
/// pids in it than in the lab; `/proc/self`, and files that don't depend on a pid, are right there too.
fn types(line: &str, shortfall: Shortfall) -> bool {
    match shortfall {
        Shortfall::Proc => {
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let after =
                |rest: &str| rest.starts_with(|c: char| "$[{*".contains(c) || c.is_ascii_digit());
            line.split("/proc/").skip(1).any(after)
                // Engines mount it read-only.
                || line.contains("> /proc/sys/")
                || words.any(|word| BY_NUMBER.contains(&word) || word == "--mount-proc")
                || ["-t proc ", "nsenter --target", "nsenter -t"]
                    .iter()
                    .any(|part| line.contains(part))
        }
        Shortfall::Sysfs => ["/sys/class", "/sys/fs/cgroup", "-t sysfs "]
            .iter()
            .any(|part| line.contains(part)),
        Shortfall::SysfsReadonly => line.contains("-t sysfs ") && !line.contains("-o ro"),
        Shortfall::Cgroup => line.contains("cgroup.procs") && line.contains('>') || limits(line),
        Shortfall::Limits => limits(line),
        Shortfall::Hostname => renames(line),
        // Mounting cgroups takes CAP_SYS_ADMIN in the user namespace that owns the CGROUP namespace: the guard's.
        Shortfall::OuterCgroup => line.contains("-t cgroup"),
        Shortfall::Veth
        | Shortfall::Filter
        | Shortfall::SessionKeyring
        | Shortfall::NewPrivileges
        | Shortfall::Files
        | Shortfall::OneId
        | Shortfall::OneIdOfRoot
        | Shortfall::Mqueue => false,
    }
}

/// Whether a line sets a hostname or a domain name: `hostname web1`, but not `hostname` or `hostname -I`.
fn renames(line: &str) -> bool {
    let commands = line.split([';', '|', '&', '(', ')']);
    commands.into_iter().any(|command| {
        let mut words = command.split_whitespace();
        let named = words.any(|word| ["hostname", "domainname"].contains(&word));
        named
            && words
                .next()
                .is_some_and(|word| !word.starts_with(['-', '>', '<', '2', '#']))
    })
}

/// Whether a line sets or reads a limit of a cgroup.
fn limits(line: &str) -> bool {
    ["memory.max", "pids.max"]
        .iter()
        .any(|file| line.contains(file))
}

/// Follows the containers of a lesson from step to step, to find the steps that can't work because a container is
/// missing: some kinds of namespace are refused to containers, or a step that would have made or changed the container
/// can't work itself.
#[derive(Debug, Clone)]
pub(crate) struct Containers {
    refused: NamespaceSet,
    /// Whether each container is there, as the lesson left it.
    there: [bool; ContainerNumber::COUNT],
    /// The containers that a step has launched successfully.
    launched: [bool; ContainerNumber::COUNT],
}

impl Containers {
    /// The containers of a lesson with these flags, before its first step. `refused`: kinds that no container can
    /// have here.
    pub(crate) fn new(lesson: NamespaceSet, refused: NamespaceSet) -> Self {
        let there = lesson.iter().all(|kind| !refused.contains(kind));
        Self {
            refused,
            there: [there; ContainerNumber::COUNT],
            launched: [false; ContainerNumber::COUNT],
        }
    }

    /// Whether the next step can't work. `lacks`: it lacks something else.
    pub(crate) fn lacking(&mut self, step: &LessonStep, lacks: bool) -> bool {
        let mut lacking = lacks;
        let mut used = Vec::new();
        let mut anew = [false; ContainerNumber::COUNT];
        for action in step.deeds() {
            match action.deed {
                Deed::Launch(launch) => {
                    let mut flags = launch.plan.flags.iter();
                    let there = flags.all(|kind| !self.refused.contains(kind));
                    self.there[launch.container.index()] = there;
                    lacking |= !there;
                    anew[launch.container.index()] = true;
                    used.push(launch.container);
                }
                Deed::Type {
                    side: Side::Container(number),
                    ..
                } => {
                    lacking |= !self.there[number.index()];
                    used.push(number);
                }
                Deed::Type {
                    side: Side::Host, ..
                }
                | Deed::Choose(_)
                | Deed::Open(_) => {}
            }
        }
        let mut absent = ContainerNumber::ALL
            .into_iter()
            .filter(|number| !self.there[number.index()]);
        lacking |= absent.any(|number| asks::exprs(step).any(|expr| expr.names_container(number)));
        for index in used.into_iter().map(ContainerNumber::index) {
            if lacking {
                // A container that the step should have launched again is still as an earlier step launched it. Any
                // other one that it uses is not as the lesson needs it.
                self.there[index] &= anew[index] && self.launched[index];
            } else {
                self.launched[index] |= anew[index];
            }
        }
        lacking
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_with_a_kind_that_is_refused_cant_be_launched() {
        for (kind, shortfall) in [
            (Namespace::Uts, Shortfall::Hostname),
            (Namespace::Cgroup, Shortfall::OuterCgroup),
        ] {
            for asked in Namespace::ALL {
                let plan = Plan {
                    flags: asked.into(),
                    ..Plan::default()
                };
                assert_eq!(launches(&plan, shortfall), asked == kind, "{asked}");
            }
        }
    }

    #[test]
    fn a_line_that_mounts_the_cgroups_takes_a_namespace_of_the_labs() {
        for (line, takes) in [
            ("mount -t cgroup2 none /mnt", true),
            ("nsenter -t 7 -m -C mount -t cgroup2 none /srv", true),
            ("mount -t tmpfs none /mnt", false),
            ("ls /sys/fs/cgroup", false),
        ] {
            assert_eq!(types(line, Shortfall::OuterCgroup), takes, "{line}");
        }
    }

    #[test]
    fn a_line_that_names_a_host_is_told_from_one_that_asks() {
        for line in [
            "hostname web1",
            "chown 1 /tmp/mine; hostname web1",
            "unshare --uts hostname web1",
            "domainname lab",
            "nsenter -t 7 -u hostname {{ name }}",
        ] {
            assert!(types(line, Shortfall::Hostname), "{line}");
        }
        for line in [
            "hostname",
            "hostname; id",
            "echo $(hostname) there",
            "hostname -I",
            "hostname 2>/dev/null",
            "cat /etc/hostname",
        ] {
            assert!(!types(line, Shortfall::Hostname), "{line}");
        }
    }
}
