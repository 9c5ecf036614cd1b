//! `nslab doctor`: what this machine allows, found out by trying.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::args::library;
use super::output::{passed, print};
use crate::doctor::{Diagnosis, Findings, LabHostFound, LessonNeeds, apparmor, diagnose};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::sandbox::{Host, HostKind, LabError, environment, probe};

/// Find out what this machine allows: each kind of namespace, and a lab host.
///
/// Makes each kind in a process of its own, as the lab would, and takes the first steps in it. Changes
/// nothing on the machine, and leaves nothing behind.
#[derive(Debug, Args)]
#[command(after_help = JSON_HELP)]
pub(super) struct DoctorArgs {
    /// The language: en or zh-CN; the default is what LANG says
    #[arg(long)]
    lang: Option<Lang>,
    /// Read the lessons from this directory instead of those built in
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

pub(super) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let binary = env::current_exe().context("finding nslab's own path")?;
    let binary = binary
        .to_str()
        .context("nslab's own path is not UTF-8; no profile can name it")?;
    if args.apparmor_profile {
        print(&apparmor::profile(binary))?;
        return Ok(ExitCode::SUCCESS);
    }
    let lang = args.lang.unwrap_or_else(Lang::from_env);
    let library = library(args.lessons.as_deref(), lang)?;
    let diagnosis = diagnose(examine(LessonNeeds::of(&library))?);
    let text = if args.json {
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
    print(&text)?;
    Ok(passed(diagnosis.works))
}

fn examine(lessons: Vec<LessonNeeds>) -> anyhow::Result<Findings> {
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
        absent: environment::absent(lessons.iter().flat_map(|it| &it.programs)),
        lessons,
    })
}

fn try_lab_host() -> LabHostFound {
    match Host::start(HostKind::Lab) {
        // Making a lab host never ends with the machine itself, on which nothing can be refused.
        Ok(Host::Machine) => LabHostFound::Works {
            shortfalls: Vec::new(),
            bounds_memory: false,
        },
        Ok(Host::Lab(lab)) => LabHostFound::Works {
            shortfalls: lab.shortfalls().to_vec(),
            bounds_memory: lab.bounds_memory(),
        },
        Err(LabError::Refused { refused, .. }) => {
            LabHostFound::Refused(Box::new(Refusal::from(&*refused)))
        }
        Err(error) => LabHostFound::Failed(error.to_string()),
    }
}
