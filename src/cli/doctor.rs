//! `nslab doctor`: what this machine allows, tried out.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use crate::doctor::{Diagnosis, Findings, LabHostFound, Needs, apparmor, diagnose};
use crate::facts::Facts;
use crate::lang::Lang;
use crate::lesson::Lesson;
use crate::namespace::Namespace;
use crate::sandbox::{Host, HostKind, LabError, environment, probe};

/// Try what this machine allows: each kind of namespace, and a lab host.
///
/// Each kind is made in a process of its own, as nslab would make it, and the first steps in it are
/// taken. Nothing of the machine changes, and nothing is left behind.
#[derive(Debug, Args)]
#[command(after_help = JSON_HELP)]
pub struct Options {
    /// The language: en or zh-CN; without it, what LANG says
    #[arg(long)]
    lang: Option<Lang>,
    /// Take the lessons from this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the AppArmor profile for this nslab, and try nothing
    #[arg(long, conflicts_with = "json")]
    apparmor_profile: bool,
}

const JSON_HELP: &str = "\
JSON: {\"works\":…,\"machine\":{…},\"kinds\":[…],\"lab_host\":{…},\"missing\":[…],\"remedies\":[…],
       \"text\":{\"gates\":[…],\"remedies\":[…]}}
  machine    the facts it is drawn from; what could not be found out is null or absent
  a kind     kind, works, refusal, after (the step that worked before it), ended (early),
             lessons (it touches)
  lab_host   refusal, failure, shortfalls, bounds_memory (null without a lab host)
  a refusal  step {call, errno, micros}, explanation {gate, remedies}
  missing    program, package (of Debian and Ubuntu), lessons
  text       the same in words, in the language asked for
Exit code: 0 when a lab host can be made, else 1.";

#[derive(Debug, Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
    text: Text,
}

#[derive(Debug, Serialize)]
struct Text {
    gates: Vec<String>,
    remedies: Vec<String>,
}

/// Carries out `nslab doctor`.
pub fn doctor(options: &Options) -> anyhow::Result<ExitCode> {
    let binary = env::current_exe().context("finding nslab's own path")?;
    let binary = binary
        .to_str()
        .context("nslab's own path is not UTF-8; no profile can name it")?;
    if options.apparmor_profile {
        super::print(&apparmor::profile(binary))?;
        return Ok(ExitCode::SUCCESS);
    }
    let lang = options.lang.unwrap_or_else(Lang::from_env);
    let library = super::library(options.lessons.as_deref(), lang)?;
    let diagnosis = diagnose(examine(Needs::of(&library))?);
    let text = if options.json {
        let gates = diagnosis.gates().into_iter();
        let text = Text {
            gates: gates.map(|gate| gate.why(lang)).collect(),
            remedies: diagnosis.remedies.iter().map(|it| it.words(lang)).collect(),
        };
        let diagnosis = &diagnosis;
        serde_json::to_string_pretty(&Report { diagnosis, text })? + "\n"
    } else {
        diagnosis.text(lang, binary)
    };
    super::print(&text)?;
    Ok(if diagnosis.works {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Finds out what there is to be found out.
fn examine(lessons: Vec<Needs>) -> anyhow::Result<Findings> {
    let probes = Namespace::ALL
        .into_iter()
        .map(|kind| {
            probe::ask(kind).context("starting a probe, which takes a /proc and a /dev/null")
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Findings {
        facts: Facts::here(),
        probes,
        lab: try_lab_host(),
        absent: absent_programs(&lessons),
        lessons,
    })
}

fn try_lab_host() -> LabHostFound {
    match Host::start(HostKind::Lab) {
        // There is nothing that the machine itself could be refused.
        Ok(Host::Machine) => LabHostFound::Works {
            shortfalls: Vec::new(),
            bounds_memory: false,
        },
        Ok(Host::Lab(lab)) => LabHostFound::Works {
            shortfalls: lab.shortfalls().to_vec(),
            bounds_memory: lab.bounds_memory(),
        },
        Err(LabError::Refused { refusal, .. }) => LabHostFound::Refused(refusal),
        Err(error) => LabHostFound::Failed(error.to_string()),
    }
}

/// The programs of these lessons that this machine doesn't have.
pub fn absent_programs(lessons: &[Needs]) -> BTreeSet<String> {
    let programs = lessons.iter().flat_map(|needs| &needs.programs);
    absent(programs.map(String::as_str))
}

/// The programs that the steps of this lesson can't do without, and that this machine doesn't have.
pub fn absent_programs_of(lesson: &Lesson) -> BTreeSet<String> {
    let needs = lesson.steps.iter().filter_map(|step| step.needs.as_ref());
    absent(needs.flat_map(|needs| &needs.programs).map(String::as_str))
}

/// Those of these programs that this machine doesn't have.
pub fn absent<'a>(programs: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let absent = programs.filter(|program| !installed(program));
    absent.map(str::to_owned).collect()
}

/// Whether a shell of the lab finds a program: it has the machine's.
fn installed(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).exists();
    }
    let mut directories = environment::PATH.split(':');
    directories.any(|directory| Path::new(directory).join(program).exists())
}
