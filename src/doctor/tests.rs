//! Machines that nobody here has, and their diagnoses.

use std::collections::BTreeMap;

use nix::errno::Errno::{self, EACCES, EINVAL, ENOSPC, EPERM};

use super::*;
use crate::explain::Sysctl;
use crate::facts::{Container, Location, Seccomp};
use crate::lang::Lang;
use crate::sandbox::{IdMap, RefusedStep};

const BINARY: &str = "/home/li na/nslab/target/release/nslab";

fn maps() -> [Call; 2] {
    let write = |map, content: &str| Call::WriteMap {
        pid: 9,
        map,
        content: content.to_owned(),
    };
    [
        write(IdMap::Setgroups, "deny"),
        write(IdMap::Uid, "0 1000 1"),
    ]
}

fn mount(fstype: Option<&str>, target: &str, flags: &str) -> Call {
    let fstype = fstype.map(str::to_owned);
    Call::Mount {
        source: fstype.clone(),
        target: target.to_owned(),
        fstype,
        flags: flags.to_owned(),
        data: None,
    }
}

/// A machine: the known facts, and the answers of its kernel to each kind's steps.
struct Machine {
    facts: Facts,
    /// The facts of a process in a user namespace it has made.
    below: Facts,
    refuses: fn(Namespace, &str) -> Option<Errno>,
}

fn everything_fine() -> Machine {
    let facts = Facts {
        release: Some("6.18.0".to_owned()),
        euid: Some(1000),
        capabilities: Some(0),
        seccomp: Some(Seccomp::Off),
        threads: Some(1),
        chroot: Some(false),
        container: Some(Container::No),
        user_levels: Some(0),
        initial_user_namespace: Some(true),
        mapped: Some(true),
        kinds: Some(NamespaceSet::all()),
        masked_proc: Some(Vec::new()),
        limits: Namespace::ALL.map(|kind| (kind, 63_000)).into(),
        ..Facts::default()
    };
    let below = Facts {
        capabilities: Some(0x1ff_ffff_ffff),
        initial_user_namespace: Some(false),
        ..facts.clone()
    };
    Machine {
        facts,
        below,
        refuses: |_, _| None,
    }
}

fn debian_10() -> Machine {
    let fine = everything_fine();
    Machine {
        facts: Facts {
            release: Some("5.10.0-33-amd64".to_owned()),
            unprivileged_userns_clone: Some(false),
            ..fine.facts
        },
        refuses: |_, call| call.contains("NEWUSER").then_some(EPERM),
        ..fine
    }
}

fn ubuntu_24_04() -> Machine {
    let fine = everything_fine();
    let restricted = |facts, label: &str| Facts {
        apparmor_restricts: Some(true),
        apparmor_label: Some(label.to_owned()),
        ..facts
    };
    Machine {
        facts: restricted(fine.facts, "unconfined"),
        below: restricted(fine.below, "unprivileged_userns (enforce)"),
        refuses: |_, call| match call {
            // The file may not even be opened.
            call if call.contains("/setgroups") => Some(EACCES),
            call if call.contains("_map") => Some(EPERM),
            _ => None,
        },
    }
}

/// A machine on which the maps may be written, and every step that takes a capability is refused.
fn ubuntu_later() -> Machine {
    Machine {
        refuses: |_, call| match call {
            call if call.starts_with("mount(") => Some(EACCES),
            call if call.contains("NEWUSER") || call.starts_with("write(") => None,
            _ => Some(EPERM),
        },
        ..ubuntu_24_04()
    }
}

fn docker() -> Machine {
    let fine = everything_fine();
    Machine {
        facts: Facts {
            euid: Some(0),
            capabilities: Some(0xa804_25fb),
            seccomp: Some(Seccomp::Filter),
            container: Some(Container::Docker),
            masked_proc: Some(vec!["/proc/acpi".to_owned()]),
            ..fine.facts
        },
        refuses: |_, call| call.starts_with("unshare").then_some(EPERM),
        ..fine
    }
}

fn wsl2() -> Machine {
    let fine = everything_fine();
    let wsl = |facts| Facts {
        release: Some("5.15.90.1-microsoft-standard-WSL2".to_owned()),
        kinds: Some(NamespaceSet::all().without(Namespace::Time)),
        ..facts
    };
    Machine {
        facts: wsl(fine.facts),
        below: wsl(fine.below),
        refuses: |_, call| call.contains("NEWTIME").then_some(EINVAL),
    }
}

fn chroot() -> Machine {
    let fine = everything_fine();
    Machine {
        facts: Facts {
            chroot: Some(true),
            ..fine.facts
        },
        refuses: |_, call| call.contains("NEWUSER").then_some(EPERM),
        ..fine
    }
}

fn no_user_namespaces_left() -> Machine {
    let fine = everything_fine();
    Machine {
        facts: Facts {
            limits: BTreeMap::from([(Namespace::User, 0)]),
            ..fine.facts
        },
        refuses: |_, call| call.contains("NEWUSER").then_some(ENOSPC),
        ..fine
    }
}

fn no_user_namespaces_built() -> Machine {
    let fine = everything_fine();
    Machine {
        facts: Facts {
            kinds: Some(NamespaceSet::all().without(Namespace::User)),
            ..fine.facts
        },
        refuses: |_, call| call.contains("NEWUSER").then_some(EINVAL),
        ..fine
    }
}

impl Machine {
    /// A step there, and the facts where it is refused.
    fn take(&self, kind: Namespace, call: Call, below: bool) -> (Step, Option<Box<Facts>>) {
        let errno = (self.refuses)(kind, &call.to_string());
        let facts = if below { &self.below } else { &self.facts };
        let step = Step {
            call,
            errno: errno.map(|errno| errno as i32),
            value: if errno.is_some() { -1 } else { 0 },
            micros: 10,
        };
        (step, errno.map(|_| Box::new(facts.clone())))
    }

    /// The steps that a probe takes.
    fn probe(&self, kind: Namespace) -> Probe {
        let mut calls = Vec::new();
        let user = Call::Unshare(Namespace::User.into());
        calls.push(user.clone());
        calls.extend(maps());
        if kind != Namespace::User {
            calls.push(Call::Unshare(kind.into()));
        }
        let second = match kind {
            Namespace::Net => Some(Call::LoopbackUp),
            Namespace::Mnt => Some(mount(
                Some("tmpfs"),
                "/proc",
                "MS_NOSUID|MS_NODEV|MS_NOEXEC",
            )),
            Namespace::Uts => Some(Call::SetHostname("nslab".to_owned())),
            _ => None,
        };
        calls.extend(second);
        let mut probe = Probe {
            kind,
            steps: Vec::new(),
            refused: None,
            exit: Exit::Status(0),
        };
        let mut below = false;
        for call in calls {
            let in_new = call == user;
            let (step, facts) = self.take(kind, call, below);
            below |= in_new;
            probe.steps.push(step.clone());
            if let Some(facts) = facts {
                probe.refused = Some(RefusedStep { step, facts });
                probe.exit = Exit::Status(125);
                break;
            }
        }
        probe
    }

    fn findings(&self) -> MachineFindings {
        let [deny, map] = maps();
        let calls = [
            (Call::Unshare("user,mnt".parse().unwrap()), false),
            (deny, true),
            (map, true),
            (mount(None, "/", "MS_REC|MS_PRIVATE"), true),
        ];
        let refused = calls.into_iter().find_map(|(call, below)| {
            let (step, facts) = self.take(Namespace::User, call, below);
            Some(Refusal::new(step, facts?.as_ref()))
        });
        let lab = match refused {
            Some(refusal) => LabHostFound::Refused(Box::new(refusal)),
            None => LabHostFound::Works {
                shortfalls: Vec::new(),
                bounds_memory: true,
            },
        };
        let needs = |lesson: &str, kinds: &str, program: &str| LessonNeeds {
            lesson: lesson.to_owned(),
            kinds: kinds.parse().unwrap(),
            programs: BTreeSet::from([program.to_owned()]),
            flags: kinds.parse().unwrap(),
            steps: Vec::new(),
        };
        MachineFindings {
            facts: self.facts.clone(),
            probes: Namespace::ALL.map(|kind| self.probe(kind)).into(),
            lab,
            other_hosts: Vec::new(),
            lessons: vec![
                needs("uts", "uts", "hostname"),
                needs("clocks", "uts,time", "uptime"),
                needs("net", "net", "ping"),
            ],
            absent: BTreeSet::from(["ping".to_owned()]),
        }
    }

    fn diagnosis(&self) -> Diagnosis {
        diagnose(self.findings())
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn each_machine_has_its_gate_and_its_remedy() {
    let all = NamespaceSet::all();
    let only = |kind: Namespace| [kind].into_iter().collect::<NamespaceSet>();
    for (name, machine, works, broken, gates, remedies) in [
        (
            "fine",
            everything_fine(),
            true,
            NamespaceSet::EMPTY,
            vec![],
            vec![],
        ),
        (
            "Debian 10",
            debian_10(),
            false,
            all,
            vec![Gate::Sysctl(Sysctl::UnprivilegedUsernsClone)],
            vec![Remedy::SetSysctl("kernel.unprivileged_userns_clone", "1")],
        ),
        (
            "Ubuntu 24.04",
            ubuntu_24_04(),
            false,
            all,
            vec![Gate::ApparmorUserns],
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Ubuntu 24.04, where maps are written",
            ubuntu_later(),
            false,
            all.without(Namespace::User),
            vec![Gate::ApparmorUserns],
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Docker",
            docker(),
            false,
            all,
            vec![Gate::Seccomp],
            vec![Remedy::ContainerOptions],
        ),
        (
            "WSL2",
            wsl2(),
            true,
            only(Namespace::Time),
            vec![Gate::KernelWithout(Namespace::Time)],
            vec![Remedy::OtherKernel("CONFIG_TIME_NS")],
        ),
        (
            "a chroot",
            chroot(),
            false,
            all,
            vec![Gate::Chroot],
            vec![Remedy::LeaveChroot],
        ),
        (
            "max_user_namespaces=0",
            no_user_namespaces_left(),
            false,
            all,
            vec![Gate::Limit(only(Namespace::User))],
            vec![Remedy::RaiseLimit(Namespace::User)],
        ),
        (
            "no CONFIG_USER_NS",
            no_user_namespaces_built(),
            false,
            all,
            vec![Gate::KernelWithout(Namespace::User)],
            vec![Remedy::OtherKernel("CONFIG_USER_NS")],
        ),
    ] {
        let diagnosis = machine.diagnosis();
        let not: NamespaceSet = diagnosis
            .kinds
            .iter()
            .filter(|kind| !kind.works)
            .map(|kind| kind.kind)
            .collect();
        assert_eq!(diagnosis.works, works, "{name}");
        assert_eq!(not, broken, "{name}");
        let expected: Vec<_> = gates.iter().collect();
        assert_eq!(diagnosis.gates(), expected, "{name}");
        assert_eq!(diagnosis.remedies, remedies, "{name}");
    }
}

#[test]
fn lessons_that_are_touched_are_named() {
    let diagnosis = wsl2().diagnosis();
    for kind in &diagnosis.kinds {
        let expected: &[&str] = match kind.kind {
            Namespace::Time => &["clocks"],
            _ => &[],
        };
        assert_eq!(kind.lessons, expected, "{}", kind.kind);
    }
    assert_eq!(diagnosis.missing.len(), 1);
    assert_eq!(diagnosis.missing[0].package, Some("iputils-ping"));
    assert_eq!(diagnosis.missing[0].lessons, ["net"]);
}

#[test]
fn the_second_step_counts() {
    let diagnosis = ubuntu_24_04().diagnosis();
    for kind in &diagnosis.kinds {
        let after = kind.after.as_deref();
        assert_eq!(after, Some("unshare(CLONE_NEWUSER)"), "{}", kind.kind);
        let refusal = kind.refusal.as_ref().unwrap();
        assert!(
            refusal.step.call.to_string().contains("setgroups"),
            "{}",
            kind.kind
        );
    }
}

#[test]
fn a_probe_that_is_killed_is_no_kind_that_works() {
    let mut findings = everything_fine().findings();
    findings.probes[0].exit = Exit::Signal(31);
    let diagnosis = diagnose(findings);
    assert!(!diagnosis.kinds[0].works);
    assert_eq!(diagnosis.kinds[0].ended, Some(Exit::Signal(31)));
    assert!(diagnosis.text(Lang::En, BINARY).contains("SIGSYS"));
}

#[test]
fn a_limit_of_nslabs_own_is_told_as_such() {
    let machine = Machine {
        refuses: |_, call| call.contains("NEWCGROUP").then_some(ENOSPC),
        ..everything_fine()
    };
    assert_ne!(machine.diagnosis().gates(), [&Gate::OuterCgroup]);
    let mut findings = machine.findings();
    for refused in findings.probes.iter_mut().flat_map(|it| &mut it.refused) {
        refused.facts.place = Location::Lab {
            made: NamespaceSet::all().without(Namespace::Cgroup),
            forbidden: Namespace::Cgroup.into(),
        };
    }
    let diagnosis = diagnose(findings);
    assert_eq!(diagnosis.gates(), [&Gate::OuterCgroup]);
    assert_eq!(diagnosis.remedies, [Remedy::WritableCgroup]);
}

#[test]
fn what_the_lessons_need_is_read_off_them() {
    let needs = LessonNeeds::of(Library::shared(Lang::En));
    let find = |id: &str| needs.iter().find(|needs| needs.lesson == id).unwrap();
    assert!(find("uts").kinds.contains(Namespace::Uts));
    assert!(find("uts").programs.contains("hostname"));
    assert!(find("ipc").programs.contains("ipcs"));
    // For each program of a lesson, nslab knows the package.
    let programs = needs.iter().flat_map(|needs| &needs.programs);
    let unknown: Vec<_> = programs
        .filter(|program| !tools::known().any(|known| known == *program))
        .collect();
    assert_eq!(unknown, Vec::<&String>::new());
}

#[test]
fn reports() {
    for (name, machine) in [
        ("fine", everything_fine()),
        ("ubuntu", ubuntu_24_04()),
        ("docker", docker()),
        ("wsl2", wsl2()),
    ] {
        for lang in Lang::ALL {
            let text = machine.diagnosis().text(lang, BINARY);
            insta::assert_snapshot!(format!("{name}-{lang}"), text);
        }
    }
}
