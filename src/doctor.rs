//! Diagnoses what this machine allows, from facts, probes and an attempt at a lab host.
//!
//! Pure: must not know how the findings were made, so that tests can describe any machine.

pub(crate) mod apparmor;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::explain::{Gate, Refusal, Remedy, tools};
use crate::facts::Facts;
use crate::lesson::{Containers, LessonStep, Library, MachineState, Part};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::probe::Probe;
use crate::sandbox::{Call, Exit, HostKind, Shortfall, Step};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MachineFindings {
    /// Facts about the machine and about nslab's own process.
    pub facts: Facts,
    /// Each kind, tried with a container in the lab host; where there is none, in a process of its
    /// own.
    pub probes: Vec<Probe>,
    pub lab: LabHostFound,
    /// The other kinds of host that can be made, tried where the lab host can't.
    pub other_hosts: Vec<HostKind>,
    pub lessons: Vec<LessonNeeds>,
    /// Programs that the lessons use and that are not installed.
    pub absent: BTreeSet<String>,
}

/// The result of trying to make a lab host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LabHostFound {
    Works {
        shortfalls: Vec<Shortfall>,
        bounds_memory: bool,
    },
    Refused(Box<Refusal>),
    /// It failed for another reason, in English.
    Failed(String),
}

impl LabHostFound {
    fn shortfalls(&self) -> &[Shortfall] {
        match self {
            LabHostFound::Works { shortfalls, .. } => shortfalls,
            LabHostFound::Refused(_) | LabHostFound::Failed(_) => &[],
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LessonNeeds {
    pub lesson: String,
    /// The kinds of namespace that its containers get.
    pub kinds: NamespaceSet,
    pub programs: BTreeSet<String>,
    /// The flags of its containers, unless a launch has its own.
    flags: NamespaceSet,
    steps: Vec<LessonStep>,
}

impl LessonNeeds {
    pub(crate) fn of(library: &Library) -> Vec<LessonNeeds> {
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
                    Part::Prose(_)
                    | Part::Predict(_)
                    | Part::Check(_)
                    | Part::Hint(_)
                    | Part::Figure(_) => {}
                }
            }
            LessonNeeds {
                lesson: lesson.id.clone(),
                kinds,
                programs,
                flags: lesson.flags,
                steps: lesson.steps.clone(),
            }
        };
        library.lessons().map(needs).collect()
    }

    /// The numbers of the steps that can't work here. `refused`: the kinds that are refused to containers.
    fn lacking(&self, here: MachineState<'_>, refused: NamespaceSet) -> Vec<usize> {
        let mut containers = Containers::new(self.flags, refused);
        let steps = self.steps.iter().zip(1..);
        let lacking = steps.filter(|(step, _)| {
            // Call `lacking` for each step: a container stays for later steps.
            containers.lacking(step, step.lack(here).is_some())
        });
        lacking.map(|(_, number)| number).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnosis {
    /// Whether a lab host can be made, and its shell runs. Every lesson needs one.
    pub works: bool,
    pub machine: Facts,
    /// In the order of the course.
    pub kinds: Vec<KindDiagnosis>,
    pub lab_host: LabHostDiagnosis,
    /// The lessons with steps that can't work here; empty where there is no lab host.
    pub lessons: Vec<LackingLesson>,
    /// How many lessons there are.
    pub lessons_in_all: usize,
    /// The other kinds of host that can be made, where the lab host can't.
    pub other_hosts: Vec<HostKind>,
    pub missing: Vec<MissingProgram>,
    /// Each remedy once, the best first.
    pub remedies: Vec<Remedy>,
}

/// A lesson with steps that can't work here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LackingLesson {
    pub lesson: String,
    /// How many steps it has.
    pub steps: usize,
    /// The numbers of those that can't work, from 1.
    pub lacking: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct KindDiagnosis {
    pub kind: Namespace,
    /// Whether it could be made and used.
    pub works: bool,
    pub refusal: Option<Refusal>,
    /// The last step that worked before the refused one.
    pub after: Option<String>,
    /// How its probe ended, if it ended early without a refusal.
    pub ended: Option<Exit>,
    /// The lessons that need this kind, if there is a lab host and the kind doesn't work.
    pub lessons: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LabHostDiagnosis {
    pub refusal: Option<Refusal>,
    /// Another reason for its failure, in English.
    pub failure: Option<String>,
    pub shortfalls: Vec<Shortfall>,
    /// Whether a cgroup bounds its memory; None without a lab host.
    pub bounds_memory: Option<bool>,
    /// The command with which systemd bounds it, where nothing does.
    pub bound_by: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MissingProgram {
    pub program: String,
    /// The Debian and Ubuntu package that has it, if known.
    pub package: Option<&'static str>,
    pub lessons: Vec<String>,
}

pub(crate) fn diagnose(findings: MachineFindings) -> Diagnosis {
    let MachineFindings {
        facts,
        probes,
        lab,
        other_hosts,
        lessons,
        absent,
    } = findings;
    let mut kinds: Vec<_> = probes.into_iter().map(|it| kind(it, &lessons)).collect();
    if !matches!(lab, LabHostFound::Works { .. }) {
        // Without a lab host every lesson is affected, by any kind.
        for kind in &mut kinds {
            kind.lessons.clear();
        }
    }
    let refused = kinds.iter().filter(|kind| !kind.works);
    let refused: NamespaceSet = refused.map(|kind| kind.kind).collect();
    let here = MachineState {
        kinds: facts.kinds.unwrap_or(NamespaceSet::all()),
        kernel: facts.version(),
        absent: &absent,
        shortfalls: lab.shortfalls(),
        host: HostKind::Lab,
    };
    let lacking_lessons = match &lab {
        LabHostFound::Works { .. } => lacking(&lessons, here, refused),
        LabHostFound::Refused(_) | LabHostFound::Failed(_) => Vec::new(),
    };
    let lab_host = match lab {
        LabHostFound::Works {
            shortfalls,
            bounds_memory,
        } => LabHostDiagnosis {
            refusal: None,
            failure: None,
            shortfalls,
            bounds_memory: Some(bounds_memory),
            bound_by: (!bounds_memory).then(|| bounding(&facts)),
        },
        LabHostFound::Refused(refusal) => LabHostDiagnosis::failed(Some(*refusal), None),
        LabHostFound::Failed(failure) => LabHostDiagnosis::failed(None, Some(failure)),
    };
    let missing = absent.into_iter().map(|program| MissingProgram {
        package: tools::package(&program),
        lessons: using(&lessons, |needs| needs.programs.contains(&program)),
        program,
    });
    let mut diagnosis = Diagnosis {
        works: lab_host.bounds_memory.is_some(),
        machine: facts,
        lessons: lacking_lessons,
        lessons_in_all: lessons.len(),
        other_hosts,
        missing: missing.collect(),
        kinds,
        lab_host,
        remedies: Vec::new(),
    };
    let other_hosts = diagnosis.other_hosts.iter();
    let mut remedies: Vec<_> = other_hosts.map(|kind| Remedy::OtherHost(*kind)).collect();
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
    pub(crate) fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        let kinds = self.kinds.iter().filter_map(|kind| kind.refusal.as_ref());
        self.lab_host.refusal.iter().chain(kinds)
    }

    /// The gates behind the refusals, each once.
    pub(crate) fn gates(&self) -> Vec<&Gate> {
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
            bound_by: None,
        }
    }
}

/// Starts nslab in a cgroup with a limit. Root asks the system's systemd, a user their own.
fn bounding(facts: &Facts) -> &'static str {
    match facts.euid {
        Some(0) => "systemd-run --scope -p Delegate=yes -p MemoryMax=1G nslab",
        Some(_) | None => "systemd-run --user --scope -p Delegate=yes -p MemoryMax=1G nslab",
    }
}

fn lacking(
    lessons: &[LessonNeeds],
    here: MachineState<'_>,
    refused: NamespaceSet,
) -> Vec<LackingLesson> {
    let all = lessons.iter().map(|needs| LackingLesson {
        lesson: needs.lesson.clone(),
        steps: needs.steps.len(),
        lacking: needs.lacking(here, refused),
    });
    all.filter(|it| !it.lacking.is_empty()).collect()
}

fn using(lessons: &[LessonNeeds], uses: impl Fn(&LessonNeeds) -> bool) -> Vec<String> {
    let using = lessons.iter().filter(|needs| uses(needs));
    using.map(|needs| needs.lesson.clone()).collect()
}

fn kind(probe: Probe, lessons: &[LessonNeeds]) -> KindDiagnosis {
    let works = probe.works();
    let Probe {
        kind,
        steps,
        refused,
        exit,
    } = probe;
    let counts = |call: &Call| {
        matches!(
            call,
            Call::Unshare(_) | Call::Clone(_) | Call::CloneIntoCgroup(_) | Call::WriteMap { .. }
        )
    };
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
