//! The lab as the lesson left it, and the differences that others have made since.
//!
//! Compares facts alone: must not know what a step wants, or what is done about a difference.

use std::collections::{BTreeMap, BTreeSet};

use super::shells::{Phase, Shell, Shells};
use crate::lesson::{Check, Known};
use crate::observe::Snapshot;
use crate::observe::snapshot::Ipc;
use crate::sandbox::{Plan, Side};

/// The sides after the last change by the lesson.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExpectedSides {
    sides: BTreeMap<Side, ExpectedSide>,
    /// The sides in which the learner has changed something. They keep their expected state, even when the lesson
    /// acts again.
    strayed: BTreeSet<Side>,
}

#[derive(Debug, Clone)]
struct ExpectedSide {
    launch: u32,
    plan: Plan,
    snapshot: Box<Snapshot>,
}

impl ExpectedSide {
    /// `None` while nothing runs or is seen there.
    fn of(shell: &Shell) -> Option<Self> {
        let snapshot = shell.snapshot.clone().filter(|_| shell.runs())?;
        Some(ExpectedSide {
            launch: shell.launch,
            plan: shell.plan.clone(),
            snapshot,
        })
    }
}

/// One difference from what the lesson left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub side: Side,
    pub what: WhatDiffers,
    /// Whether the side's shell was launched again since the lesson's last change.
    pub anew: bool,
}

/// How a side differs from what the lesson left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhatDiffers {
    /// Its shell has ended.
    Ended,
    /// It was launched with another plan.
    Plan,
    /// Its UTS namespace has another name.
    Name {
        field: UtsField,
        then: String,
        now: String,
    },
    Gone(KernelObject),
    /// It was not there.
    Extra(KernelObject),
}

/// A name of a UTS namespace; uname(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UtsField {
    Hostname,
    Domainname,
}

/// A kernel object that a side has, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KernelObject {
    /// A mount, by its mount point.
    Mount(String),
    Interface(String),
    /// An address on an interface.
    Address(String),
    /// A System V message queue, by its id.
    Queue(String),
    Segment(String),
    Semaphores(String),
    Mqueue(String),
}

/// The part of a snapshot that a difference is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Uts(UtsField),
    Mounts,
    Interfaces,
    Ipc,
}

impl WhatDiffers {
    fn field(&self) -> Option<Field> {
        match self {
            WhatDiffers::Ended | WhatDiffers::Plan => None,
            WhatDiffers::Name { field, .. } => Some(Field::Uts(*field)),
            WhatDiffers::Gone(thing) | WhatDiffers::Extra(thing) => Some(match thing {
                KernelObject::Mount(_) => Field::Mounts,
                KernelObject::Interface(_) | KernelObject::Address(_) => Field::Interfaces,
                KernelObject::Queue(_)
                | KernelObject::Segment(_)
                | KernelObject::Semaphores(_)
                | KernelObject::Mqueue(_) => Field::Ipc,
            }),
        }
    }
}

impl ExpectedSides {
    /// Expects every side to stay as it is now.
    pub(super) fn of(shells: &Shells) -> Self {
        let sides = shells.all();
        let sides = sides.filter_map(|(side, shell)| Some((side, ExpectedSide::of(shell)?)));
        ExpectedSides {
            sides: sides.collect(),
            strayed: BTreeSet::new(),
        }
    }

    /// Accepts the present state as expected. Sides that the learner has changed keep their expected state.
    pub(super) fn renew_others(&mut self, shells: &Shells) {
        if self.strayed.is_empty() {
            *self = Self::of(shells);
            return;
        }
        let differences = self.differences(shells);
        let mut before = std::mem::replace(self, Self::of(shells));
        let differs = |side: &Side| differences.iter().any(|it| it.side == *side);
        for side in before.strayed.into_iter().filter(differs) {
            if let Some(then) = before.sides.remove(&side)
                && then.launch == shells.get(side).launch
            {
                self.sides.insert(side, then);
                self.strayed.insert(side);
            }
        }
    }

    /// Notes the sides that are different now: it was the learner who changed them.
    pub(super) fn note_strayed(&mut self, shells: &Shells) {
        let differences = self.differences(shells).into_iter();
        let changed = differences.filter(|it| !it.anew && it.what != WhatDiffers::Ended);
        self.strayed = changed.map(|it| it.side).collect();
    }

    /// Accepts one side's present state as expected.
    pub(super) fn renew(&mut self, shells: &Shells, side: Side) {
        if let Some(now) = ExpectedSide::of(shells.get(side)) {
            self.sides.insert(side, now);
        }
    }

    /// The present differences from the expected state.
    pub(crate) fn differences(&self, shells: &Shells) -> Vec<Difference> {
        let mut found = Vec::new();
        for (&side, then) in &self.sides {
            let shell = shells.get(side);
            let anew = shell.launch != then.launch;
            let mut add = |what| found.push(Difference { side, what, anew });
            let Some(now) = shell.snapshot.as_deref().filter(|_| shell.runs()) else {
                // A starting shell is not gone.
                match shell.phase {
                    Phase::Exited(_) | Phase::Absent | Phase::Failed(_) => add(WhatDiffers::Ended),
                    Phase::Starting | Phase::Running => {}
                }
                continue;
            };
            if shell.plan != then.plan {
                add(WhatDiffers::Plan);
            }
            let (before, after) = (Kept::of(&then.snapshot), Kept::of(now));
            for ((field, then), (_, now)) in before.names.into_iter().zip(after.names) {
                if then != now {
                    let [then, now] = [then, now].map(str::to_owned);
                    add(WhatDiffers::Name { field, then, now });
                }
            }
            let (before, after) = (before.things, after.things);
            let gone = before.iter().filter(|thing| !after.contains(thing));
            gone.for_each(|thing| add(WhatDiffers::Gone(thing.clone())));
            let extra = after.iter().filter(|thing| !before.contains(thing));
            extra.for_each(|thing| add(WhatDiffers::Extra(thing.clone())));
        }
        found
    }

    /// The differences that keep a check from being true. Without such a difference, one more of the check's
    /// conditions would be true. If several of one kind are on one side, only the first.
    pub(crate) fn causes(
        &self,
        check: &Check,
        known: &Known<'_>,
        shells: &Shells,
    ) -> Vec<Difference> {
        let context = known.context();
        let conditions = check.expr.conditions();
        let failing: Vec<_> = conditions
            .iter()
            .filter(|it| it.truth(&context) == Some(false))
            .collect();
        if failing.is_empty() {
            return Vec::new();
        }
        let kind = |it: &Difference| (it.side, it.what.field());
        let mut found = self.differences(shells);
        found.dedup_by_key(|it| kind(it));
        found.retain(|difference| {
            let Some(reverted) = self.reverted(difference, shells) else {
                return false;
            };
            let mut without = known.clone();
            without.side_mut(difference.side).snapshot = Some(&reverted);
            let without = without.context();
            failing.iter().any(|it| it.is_true(&without))
        });
        found
    }

    /// The side's snapshot without the difference.
    fn reverted(&self, difference: &Difference, shells: &Shells) -> Option<Snapshot> {
        let then = &self.sides.get(&difference.side)?.snapshot;
        let mut now = shells.get(difference.side).snapshot.as_deref()?.clone();
        match difference.what.field()? {
            Field::Uts(UtsField::Hostname) => now.hostname.clone_from(&then.hostname),
            Field::Uts(UtsField::Domainname) => now.domainname.clone_from(&then.domainname),
            Field::Mounts => now.mounts.clone_from(&then.mounts),
            Field::Interfaces => now.interfaces.clone_from(&then.interfaces),
            Field::Ipc => now.ipc.clone_from(&then.ipc),
        }
        Some(now)
    }
}

/// What a side keeps until somebody changes it.
struct Kept<'a> {
    names: [(UtsField, &'a str); 2],
    things: Vec<KernelObject>,
}

impl<'a> Kept<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        // Every field by name: a new one is either compared, or named here with a reason.
        let Snapshot {
            hostname,
            domainname,
            ipc,
            mounts,
            interfaces,
            // A launch decides most of these; a new launch is a difference of its own.
            shell_pid: _,
            nspid: _,
            uid: _,
            uid_map: _,
            gid_map: _,
            clock: _,
            namespaces: _,
            // These change by themselves, or follow from programs, mounts and cgroups.
            pid1: _,
            processes: _,
            cgroup: _,
            program: _,
            uptime: _,
        } = snapshot;
        let mut things = Vec::new();
        for mount in mounts.iter().filter(|it| !it.is_labs_terminal()) {
            things.push(KernelObject::Mount(mount.target.clone()));
        }
        things.extend(
            interfaces
                .iter()
                .map(|it| KernelObject::Interface(it.name.clone())),
        );
        for interface in interfaces {
            // The kernel sets link-local addresses when a link comes up.
            let addresses = interface.addresses.iter();
            let own = addresses.filter(|it| !it.starts_with("fe80:"));
            things
                .extend(own.map(|it| KernelObject::Address(format!("{it} ({})", interface.name))));
        }
        let Ipc {
            queues,
            shm,
            semaphores,
            mqueues,
        } = ipc;
        things.extend(
            queues
                .iter()
                .map(|it| KernelObject::Queue(it.id.to_string())),
        );
        things.extend(
            shm.iter()
                .map(|it| KernelObject::Segment(it.id.to_string())),
        );
        things.extend(
            semaphores
                .iter()
                .map(|it| KernelObject::Semaphores(it.id.to_string())),
        );
        things.extend(mqueues.iter().cloned().map(KernelObject::Mqueue));
        Kept {
            names: [
                (UtsField::Hostname, hostname),
                (UtsField::Domainname, domainname),
            ],
            things,
        }
    }
}
