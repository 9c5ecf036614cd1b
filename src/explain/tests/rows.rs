//! The table, and the machines in it.

mod commands;
mod new_namespaces;
mod programs;
mod set_up;

use std::collections::BTreeMap;

use super::*;
use crate::facts::{Container, Keys, Location, ProcView, Seccomp};

const ALL: u64 = 0x1ff_ffff_ffff;
/// The capabilities of root in Docker's default container.
const DOCKER: u64 = 0xa804_25fb;

/// An ordinary user in a terminal.
pub(super) fn user() -> Facts {
    Facts {
        euid: Some(1000),
        capabilities: Some(0),
        seccomp: Some(Seccomp::Off),
        threads: Some(1),
        chroot: Some(false),
        container: Some(Container::No),
        initial_user_namespace: Some(true),
        user_levels: Some(0),
        mapped: Some(true),
        kinds: Some(NamespaceSet::all()),
        masked_proc: Some(Vec::new()),
        limits: Namespace::ALL.map(|kind| (kind, 63_000)).into(),
        ..Facts::default()
    }
}

pub(super) fn root() -> Facts {
    Facts {
        euid: Some(0),
        capabilities: Some(ALL),
        ..user()
    }
}

/// Root of a fresh user namespace, in one process with it.
fn sys_admin() -> Gate {
    Gate::Capability("CAP_SYS_ADMIN")
}

/// A namespace of this kind that somebody else's user namespace owns.
fn owned(kind: Namespace, facts: Facts) -> Facts {
    Facts {
        owned: BTreeMap::from([(kind, false)]),
        ..facts
    }
}

fn namespace_root() -> Facts {
    Facts {
        initial_user_namespace: Some(false),
        user_levels: Some(1),
        uid_map_written: Some(true),
        gid_map_written: Some(true),
        setgroups: Some(false),
        ..root()
    }
}

/// Root of the lab host: root of a user namespace, and of each other namespace that it is in.
pub(super) fn lab_root() -> Facts {
    Facts {
        owned: Namespace::ALL.map(|kind| (kind, true)).into(),
        place: Location::Lab {
            made: NamespaceSet::all(),
            forbidden: NamespaceSet::EMPTY,
        },
        ..namespace_root()
    }
}

/// The same in a container of Docker's, whose filter let the lab be made.
pub(super) fn filtered_lab_root() -> Facts {
    Facts {
        seccomp: Some(Seccomp::Filter),
        container: Some(Container::Docker),
        ..lab_root()
    }
}

fn keys(held: u32, bytes: u32) -> Keys {
    Keys {
        held,
        most: 200,
        bytes,
        most_bytes: 20_000,
    }
}

/// One whose maps are still to be written.
fn unmapped() -> Facts {
    Facts {
        euid: Some(65534),
        mapped: Some(false),
        uid_map_written: Some(false),
        gid_map_written: Some(false),
        setgroups: Some(true),
        ..namespace_root()
    }
}

fn docker() -> Facts {
    Facts {
        capabilities: Some(DOCKER),
        seccomp: Some(Seccomp::Filter),
        container: Some(Container::Docker),
        apparmor_label: Some("docker-default (enforce)".to_owned()),
        masked_proc: Some(vec!["/proc/acpi".to_owned(), "/proc/kcore".to_owned()]),
        ..root()
    }
}

fn ubuntu() -> Facts {
    Facts {
        apparmor_restricts: Some(true),
        apparmor_label: Some("unconfined".to_owned()),
        ..user()
    }
}

pub(super) fn kinds(list: &str) -> NamespaceSet {
    list.parse().unwrap()
}

pub(super) fn new(list: &str) -> Operation {
    Operation::New(kinds(list))
}

/// The subject, the operation, the answer, the machine, the gate and the remedies.
pub(super) type Row = (&'static str, Operation, Errno, Facts, Gate, Vec<Remedy>);

pub(super) fn rows() -> Vec<Row> {
    [
        new_namespaces::rows(),
        set_up::rows(),
        programs::rows(),
        commands::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
