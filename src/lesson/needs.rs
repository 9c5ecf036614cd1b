//! What a step needs of the machine, and what it lacks on one.
//!
//! Must not know how it is found out what a machine has.

use std::collections::BTreeSet;

use super::{LessonStep, Part};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{HostKind, Nth, Shortfall, Side};

/// What the machine must have for a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepNeeds {
    pub programs: Vec<String>,
    /// Kinds of namespace that the kernel has.
    pub namespaces: NamespaceSet,
    /// What the lab host must not lack, in the order of [`GIVEN`].
    pub given: Vec<Shortfall>,
    /// What the host has to be.
    pub ground: Option<HostKind>,
    /// Shown instead of the step on other machines; without it, the step's prose.
    pub otherwise: Option<String>,
}

/// The fields of `needs` that name something the lab host must have.
pub(super) const GIVEN: [(&str, Shortfall); 4] = [
    ("veth", Shortfall::Veth),
    ("proc", Shortfall::Proc),
    ("sysfs", Shortfall::Sysfs),
    ("new_privileges", Shortfall::NewPrivileges),
];

impl StepNeeds {
    /// The fields for what the lab host must have.
    pub(super) fn given(&self) -> Vec<&'static str> {
        let needed = GIVEN.iter().filter(|(_, it)| self.given.contains(it));
        needed.map(|(name, _)| *name).collect()
    }
}

/// What a step lacks here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A program that is not installed.
    Program(String),
    /// A kind of namespace that the kernel doesn't have.
    Kind(Namespace),
    /// Something that the lab host could not be given.
    Shortfall(Shortfall),
    /// The kind of host that the step is written for.
    Host(HostKind),
    /// A container that the kernel refused to make.
    Container,
}

/// What there is for a step.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    /// The kinds of namespace that the kernel has.
    pub kinds: NamespaceSet,
    /// The programs that are not installed.
    pub absent: &'a BTreeSet<String>,
    pub shortfalls: &'a [Shortfall],
    pub host: HostKind,
}

impl LessonStep {
    /// What it lacks, as far as that is known before anybody tries it.
    pub fn lack(&self, here: Here<'_>) -> Option<Lack> {
        let needs = self.needs.as_ref()?;
        if let Some(host) = needs.ground.filter(|host| *host != here.host) {
            return Some(Lack::Host(host));
        }
        let mut kinds = needs.namespaces.iter();
        if let Some(kind) = kinds.find(|kind| !here.kinds.contains(*kind)) {
            return Some(Lack::Kind(kind));
        }
        let mut given = needs.given.iter();
        if let Some(lacking) = given.find(|it| here.shortfalls.contains(it)) {
            return Some(Lack::Shortfall(*lacking));
        }
        let mut programs = needs.programs.iter();
        let absent = programs.find(|program| here.absent.contains(program.as_str()));
        absent.map(|program| Lack::Program(program.clone()))
    }
}

/// Finds the steps that can't work where some kinds of namespace are refused to containers: those
/// that launch one with them, and those that type into it.
#[derive(Debug, Clone)]
pub struct Containers {
    refused: NamespaceSet,
    /// Whether each container could be made, with the flags it was last launched with.
    there: [bool; Nth::COUNT],
}

impl Containers {
    /// Of a lesson with these flags, before its first step.
    pub fn new(lesson: NamespaceSet, refused: NamespaceSet) -> Self {
        let there = lesson.iter().all(|kind| !refused.contains(kind));
        Self {
            refused,
            there: [there; Nth::COUNT],
        }
    }

    /// Whether the next step lacks its container.
    pub fn lacking(&mut self, step: &LessonStep) -> bool {
        let mut lacking = false;
        for part in &step.parts {
            match part {
                Part::Launch(launch) => {
                    let mut flags = launch.plan.flags.iter();
                    let there = flags.all(|kind| !self.refused.contains(kind));
                    self.there[launch.container.index()] = there;
                    lacking |= !there;
                }
                Part::Run(run) => {
                    if let Side::Container(nth) = run.side {
                        lacking |= !self.there[nth.index()];
                    }
                }
                Part::Prose(_) | Part::Predict(_) | Part::Check(_) | Part::Hint(_) => {}
            }
        }
        lacking
    }
}
