//! Diagnoses what this machine allows, from facts, probes and an attempt at a lab host.
//!
//! Pure: must not know how the findings were made, so that tests can describe any machine.

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Facts about the machine and about nslab's own process.
    pub facts: Facts,
    pub probes: Vec<Probe>,
    pub lab: LabHostFound,
    pub lessons: Vec<LessonNeeds>,
    /// Programs that the lessons use and that are not installed.
    pub absent: BTreeSet<String>,
}

/// The result of trying to make a lab host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabHostFound {
    Works {
        shortfalls: Vec<Shortfall>,
        bounds_memory: bool,
    },
    Refused(Box<Refusal>),
    /// It failed for another reason, in English.
    Failed(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonNeeds {
    pub lesson: String,
    /// The kinds of namespace that its containers get.
    pub kinds: NamespaceSet,
    pub programs: BTreeSet<String>,
}

impl LessonNeeds {
    pub fn of(library: &Library) -> Vec<LessonNeeds> {
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
            LessonNeeds {
                lesson: lesson.id.clone(),
                kinds,
                programs,
            }
        };
        library.lessons().map(needs).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Whether a lab host can be made. Every lesson needs one.
    pub works: bool,
    pub machine: Facts,
    /// In the order of the course.
    pub kinds: Vec<KindDiagnosis>,
    pub lab_host: LabHostDiagnosis,
    pub missing: Vec<Missing>,
    /// Each remedy once, the best first.
    pub remedies: Vec<Remedy>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindDiagnosis {
    pub kind: Namespace,
    /// Whether it could be made and used.
    pub works: bool,
    pub refusal: Option<Refusal>,
    /// The last step that worked before the refused one.
    pub after: Option<String>,
    /// How its probe ended, if it ended early without a refusal.
    pub ended: Option<Exit>,
    /// The lessons that need this kind, if it doesn't work.
    pub lessons: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabHostDiagnosis {
    pub refusal: Option<Refusal>,
    /// Another reason for its failure, in English.
    pub failure: Option<String>,
    pub shortfalls: Vec<Shortfall>,
    /// Whether a cgroup bounds its memory; None without a lab host.
    pub bounds_memory: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    pub program: String,
    /// The Debian and Ubuntu package that has it, if known.
    pub package: Option<&'static str>,
    pub lessons: Vec<String>,
}

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
        } => LabHostDiagnosis {
            refusal: None,
            failure: None,
            shortfalls,
            bounds_memory: Some(bounds_memory),
        },
        LabHostFound::Refused(refusal) => LabHostDiagnosis::failed(Some(*refusal), None),
        LabHostFound::Failed(failure) => LabHostDiagnosis::failed(None, Some(failure)),
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
        // Useless advice here: in the lab host, every kind has its user namespace.
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
    /// All refusals: first of the lab host, then kind by kind.
    pub fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        let kinds = self.kinds.iter().filter_map(|kind| kind.refusal.as_ref());
        self.lab_host.refusal.iter().chain(kinds)
    }

    /// The gates behind the refusals, each once.
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

impl LabHostDiagnosis {
    fn failed(refusal: Option<Refusal>, failure: Option<String>) -> Self {
        Self {
            refusal,
            failure,
            shortfalls: Vec::new(),
            bounds_memory: None,
        }
    }
}

fn using(lessons: &[LessonNeeds], uses: impl Fn(&LessonNeeds) -> bool) -> Vec<String> {
    let using = lessons.iter().filter(|needs| uses(needs));
    using.map(|needs| needs.lesson.clone()).collect()
}

fn kind(probe: Probe, lessons: &[LessonNeeds]) -> KindDiagnosis {
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
        refusal: refused.as_ref().map(Refusal::from),
        lessons: if works {
            Vec::new()
        } else {
            using(lessons, |needs| needs.kinds.contains(kind))
        },
    }
}
