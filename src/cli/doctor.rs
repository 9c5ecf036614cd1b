//! `nslab doctor`: what this machine allows, found out by trying.

use std::collections::BTreeSet;
use std::env;
use std::hint::black_box;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use nix::errno::Errno;
use nix::unistd::geteuid;
use serde::Serialize;

use super::args::{LangOption, library};
use super::output::{passed, print};
use super::trial;
use crate::doctor::{Diagnosis, LabHostFound, LessonNeeds, MachineFindings, apparmor, diagnose};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::namespace::Namespace;
use crate::sandbox::probe::Probe;
use crate::sandbox::{Exit, FAILED, HostKind, environment, probe};

/// Find out what this machine allows: each kind of namespace, and a lab host.
///
/// Makes a lab host, and launches its shell and a container of each kind in it, as the screen does.
/// Changes nothing on the machine, and leaves nothing behind.
#[derive(Debug, Args)]
#[command(after_help = JSON_HELP)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub(super) lang: LangOption,
    /// Read the lessons from this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the AppArmor profile for this nslab, and try nothing
    #[arg(long, conflicts_with = "json")]
    apparmor_profile: bool,
    /// Print a seccomp profile for a container that nslab is to run in, and try nothing
    #[arg(long, conflicts_with_all = ["json", "apparmor_profile"])]
    seccomp_profile: bool,
}

/// For podman and Docker. Allows what nslab, the lessons and ordinary programs need, and refuses all else.
const SECCOMP_PROFILE: &str = include_str!("../../assets/seccomp.json");

const JSON_HELP: &str = "\
JSON: {\"works\":…,\"machine\":{…},\"kinds\":[…],\"lab_host\":{…},\"lessons\":[…],\"lessons_in_all\":…,
       \"other_hosts\":[…],\"missing\":[…],\"remedies\":[…],\"text\":{\"gates\":[…],\"remedies\":[…]}}
  machine    the facts that the verdict follows from; an unknown one is null or absent
  a kind     kind, works, refusal, after (the step that worked before it), ended (early),
             lessons (it touches)
  lab_host   refusal, failure, shortfalls, bounds_memory (null without a lab host),
             bound_by (a command that bounds it, where nothing does)
  a lesson   lesson, steps (how many), lacking (which): one with steps that can't work here
  other_hosts  for root where there is no lab host: what --host can be instead
  a refusal  step {call, errno, value, micros}, explanation {gate, remedies}
  missing    program, package (of Debian and Ubuntu), lessons
  text       the same in words, in the language asked for
Exit code: 0 when a lab host can be made and its shell runs, else 1.";

#[derive(Debug, Serialize)]
struct DoctorReport<'a> {
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
    text: DoctorText,
}

#[derive(Debug, Serialize)]
struct DoctorText {
    gates: Vec<String>,
    remedies: Vec<String>,
}

pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let lang = args.lang.or_from_env();
    if args.seccomp_profile {
        print(SECCOMP_PROFILE)?;
        return Ok(ExitCode::SUCCESS);
    }
    let binary = env::current_exe()
        .context(lang.pick(["finding nslab's own path", "查找 nslab 自身的路径"]))?;
    let binary = binary.to_str().context(lang.pick([
        "nslab's own path is not UTF-8; no profile can name it",
        "nslab 自身的路径不是 UTF-8，写不进配置",
    ]))?;
    if args.apparmor_profile {
        print(&apparmor::profile(binary))?;
        return Ok(ExitCode::SUCCESS);
    }
    let findings = match memory_left() {
        Ok(()) => examine(LessonNeeds::of(&library(args.lessons.as_deref(), lang)?)),
        Err(error) => nothing_tried(&error),
    };
    let diagnosis = diagnose(findings);
    let text = if args.json {
        let gates = diagnosis.gates().into_iter();
        let text = DoctorText {
            gates: gates.map(|gate| gate.why(lang)).collect(),
            remedies: diagnosis.remedies.iter().map(|it| it.words(lang)).collect(),
        };
        let diagnosis = &diagnosis;
        serde_json::to_string_pretty(&DoctorReport { diagnosis, text })? + "\n"
    } else {
        diagnosis.text(lang, binary)
    };
    print(&text)?;
    Ok(passed(diagnosis.works))
}

/// Bytes of memory for the lessons and a trial, which took three million. A process that is refused memory is
/// aborted, and can't say what helps.
const MEMORY: usize = 5_000_000;

fn memory_left() -> io::Result<()> {
    let mut reserved = Vec::<u8>::new();
    let left = reserved.try_reserve_exact(MEMORY);
    // Else the compiler may leave the reservation out.
    black_box(&reserved);
    left.map_err(|_| io::Error::from(Errno::ENOMEM))
}

fn nothing_tried(why: &io::Error) -> MachineFindings {
    MachineFindings {
        facts: Facts::here(),
        probes: Vec::new(),
        lab: LabHostFound::Refused(Box::new(Refusal::from(&trial::refused("malloc(3)", why)))),
        other_hosts: Vec::new(),
        lessons: Vec::new(),
        absent: BTreeSet::new(),
    }
}

/// Tries the lab host as the screen uses it; where there is none, tries each kind by itself.
fn examine(lessons: Vec<LessonNeeds>) -> MachineFindings {
    let (lab, containers) = trial::of(HostKind::Lab);
    let probes = match &lab {
        LabHostFound::Works { .. } => containers,
        LabHostFound::Refused(_) | LabHostFound::Failed(_) => probes(),
    };
    let other_hosts = match &lab {
        LabHostFound::Works { .. } => Vec::new(),
        // The other hosts lack only the user namespace.
        LabHostFound::Refused(_) | LabHostFound::Failed(_)
            if probes
                .iter()
                .any(|it| it.kind == Namespace::User && it.works()) =>
        {
            Vec::new()
        }
        LabHostFound::Refused(_) | LabHostFound::Failed(_) => other_hosts(),
    };
    MachineFindings {
        facts: Facts::here(),
        probes,
        lab,
        other_hosts,
        absent: environment::absent(lessons.iter().flat_map(|it| &it.programs)),
        lessons,
    }
}

fn probes() -> Vec<Probe> {
    let probe = |kind| {
        probe::ask(kind).unwrap_or_else(|error| {
            let refused = trial::refused("starting a probe", &error);
            Probe {
                kind,
                steps: vec![refused.step.clone()],
                refused: Some(refused),
                exit: Exit::Status(FAILED),
            }
        })
    };
    Namespace::ALL.map(probe).into()
}

/// An ordinary user needs a user namespace on every host.
fn other_hosts() -> Vec<HostKind> {
    if !geteuid().is_root() {
        return Vec::new();
    }
    let others = [HostKind::LabWithoutUser, HostKind::Machine].into_iter();
    let works = |kind: &HostKind| trial::of(*kind).1.iter().any(Probe::works);
    // The machine itself is named only where nothing else is left.
    others.filter(works).take(1).collect()
}
