//! What this machine allows: from facts, probes and a lab host that was tried to a diagnosis.
//!
//! Pure. Must not know how the findings were made, so that any machine can be one.

pub mod apparmor;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::explain::{Gate, Refusal, Remedy, tools};
use crate::facts::Facts;
use crate::lesson::{Library, Part};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::Shortfall;
use crate::sandbox::probe::Probe;
use crate::sandbox::{Call, Exit, Step};

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The facts of the machine and of nslab itself.
    pub facts: Facts,
    /// A probe for each kind.
    pub probes: Vec<Probe>,
    /// The lab host.
    pub lab: LabHostFound,
    /// What the lessons need.
    pub lessons: Vec<Needs>,
    /// Programs of the lessons that are not installed.
    pub absent: BTreeSet<String>,
}

/// How a lab host went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabHostFound {
    /// It came to be.
    Works {
        /// What it had to do without.
        shortfalls: Vec<Shortfall>,
        /// Whether a cgroup bounds its memory.
        bounds_memory: bool,
    },
    /// A step was refused.
    Refused(Box<Refusal>),
    /// It came to nothing for another reason, in English.
    Failed(String),
}

/// What a lesson needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Its id.
    pub lesson: String,
    /// The kinds its containers have of their own.
    pub kinds: NamespaceSet,
    /// The programs it types into shells.
    pub programs: BTreeSet<String>,
}

impl Needs {
    /// What the lessons of a course need.
    pub fn of(library: &Library) -> Vec<Needs> {
        let needs = |lesson: &crate::lesson::Lesson| {
            let mut kinds = lesson.flags;
            let needed = lesson.steps.iter().filter_map(|step| step.needs.as_ref());
            let needed = needed.flat_map(|needs| &needs.programs);
            let mut programs: BTreeSet<_> = needed.cloned().collect();
            for part in lesson.steps.iter().flat_map(|step| &step.parts) {
                match part {
                    Part::Launch(launch) => {
                        launch.plan.flags.iter().for_each(|kind| kinds.insert(kind));
                    }
                    Part::Run(run) => {
                        let lines = run
                            .lines
                            .iter()
                            .flat_map(|line| tools::programs(line.source()));
                        programs.extend(lines);
                    }
                    Part::Prose(_) | Part::Predict(_) | Part::Check(_) | Part::Hint(_) => {}
                }
            }
            Needs {
                lesson: lesson.id.clone(),
                kinds,
                programs,
            }
        };
        library.lessons().map(needs).collect()
    }
}

/// What this machine allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Whether a lab host can be made: all that the lessons need at least.
    pub works: bool,
    /// The facts it is drawn from.
    pub machine: Facts,
    /// Each kind, in the order of the course.
    pub kinds: Vec<KindDiagnosis>,
    /// The lab host.
    pub lab_host: LabHost,
    /// Programs that lessons use and nobody has installed.
    pub missing: Vec<Missing>,
    /// What helps, each remedy once, best first.
    pub remedies: Vec<Remedy>,
}

/// One kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindDiagnosis {
    /// Which.
    pub kind: Namespace,
    /// Whether it could be made, and used.
    pub works: bool,
    /// The step that was refused, and what is behind it.
    pub refusal: Option<Refusal>,
    /// The step that had worked just before.
    pub after: Option<String>,
    /// How its probe ended, where it ended early and nothing was refused.
    pub ended: Option<Exit>,
    /// The lessons whose containers have it of their own, where it doesn't work.
    pub lessons: Vec<String>,
}

/// The lab host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabHost {
    /// The step that was refused, and what is behind it.
    pub refusal: Option<Refusal>,
    /// Another reason why there is none, in English.
    pub failure: Option<String>,
    /// What it had to do without.
    pub shortfalls: Vec<Shortfall>,
    /// Whether a cgroup bounds its memory; none where there is no lab host.
    pub bounds_memory: Option<bool>,
}

/// A program that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its name.
    pub program: String,
    /// The package of Debian and Ubuntu that has it, where that is known.
    pub package: Option<&'static str>,
    /// The lessons that type it.
    pub lessons: Vec<String>,
}

/// Draws the diagnosis.
pub fn diagnose(findings: Findings) -> Diagnosis {
    let Findings {
        facts,
        probes,
        lab,
        lessons,
        absent,
    } = findings;
    let kinds: Vec<_> = probes.into_iter().map(|it| kind(it, &lessons)).collect();
    let lab_host = match lab {
        LabHostFound::Works {
            shortfalls,
            bounds_memory,
        } => LabHost {
            refusal: None,
            failure: None,
            shortfalls,
            bounds_memory: Some(bounds_memory),
        },
        LabHostFound::Refused(refusal) => LabHost::failed(Some(*refusal), None),
        LabHostFound::Failed(failure) => LabHost::failed(None, Some(failure)),
    };
    let missing = absent.into_iter().map(|program| Missing {
        package: tools::package(&program),
        lessons: using(&lessons, |needs| needs.programs.contains(&program)),
        program,
    });
    let mut diagnosis = Diagnosis {
        works: lab_host.bounds_memory.is_some(),
        machine: facts,
        missing: missing.collect(),
        kinds,
        lab_host,
        remedies: Vec::new(),
    };
    let mut remedies = Vec::new();
    for refusal in diagnosis.refusals() {
        // In the lab host every kind has the user namespace it needs.
        let of_user = |remedy: &Remedy| *remedy != Remedy::AddUser;
        let new = refusal.explanation.remedies.iter().filter(|it| of_user(it));
        remedies.extend(new.cloned());
    }
    let mut seen = BTreeSet::new();
    remedies.retain(|remedy| seen.insert(remedy.clone()));
    diagnosis.remedies = remedies;
    diagnosis
}

impl Diagnosis {
    /// All that was refused: for the lab host first, then kind by kind.
    pub fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        let kinds = self.kinds.iter().filter_map(|kind| kind.refusal.as_ref());
        self.lab_host.refusal.iter().chain(kinds)
    }

    /// The gates that refused, each once.
    pub fn gates(&self) -> Vec<&Gate> {
        let mut gates = Vec::new();
        for refusal in self.refusals() {
            if !gates.contains(&&refusal.explanation.gate) {
                gates.push(&refusal.explanation.gate);
            }
        }
        gates
    }
}

impl LabHost {
    fn failed(refusal: Option<Refusal>, failure: Option<String>) -> Self {
        Self {
            refusal,
            failure,
            shortfalls: Vec::new(),
            bounds_memory: None,
        }
    }
}

fn using(lessons: &[Needs], uses: impl Fn(&Needs) -> bool) -> Vec<String> {
    let using = lessons.iter().filter(|needs| uses(needs));
    using.map(|needs| needs.lesson.clone()).collect()
}

fn kind(probe: Probe, lessons: &[Needs]) -> KindDiagnosis {
    let Probe {
        kind,
        steps,
        refused,
        exit,
    } = probe;
    let works = refused.is_none() && exit == Exit::Status(0);
    let counts = |call: &Call| !matches!(call, Call::Prctl(_) | Call::BecomeUser { .. });
    let before = steps.into_iter().take_while(Step::worked);
    let before = before.filter(|step| counts(&step.call));
    KindDiagnosis {
        kind,
        works,
        after: before
            .filter(|_| !works)
            .last()
            .map(|step| step.call.to_string()),
        ended: (refused.is_none() && !works).then_some(exit),
        refusal: refused.map(|(step, facts)| Refusal::new(step, &facts)),
        lessons: if works {
            Vec::new()
        } else {
            using(lessons, |needs| needs.kinds.contains(kind))
        },
    }
}
