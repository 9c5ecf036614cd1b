//! `nslab verify`: does lessons without a person, and reports every statement that isn't true.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::args::{library, no_lesson, usable};
use super::output::print;
use crate::lang::Lang;
use crate::lesson::Library;
use crate::sandbox::environment;
use crate::verify::report::OverallVerdict;
use crate::verify::{self, StartFrom, Task};

/// The exit code of a test that could not run, as in Automake and Meson.
const SKIPPED: u8 = 77;

/// Do lessons without a person, in real shells and real namespaces, and report what isn't true
///
/// Types every command, which has to work, and gives every answer, which has to be right.
/// Each check has to be false before its commands and true after them. Each live value has to exist,
/// each sample of a near miss has to be that near miss, and each hint's solution has to work.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 when everything the steps say is true, else 1. A step that can't work \
                  on this machine is skipped with a reason, which is no failure; when every step is \
                  skipped, nothing was verified, and the exit code is 77."
)]
pub(super) struct VerifyArgs {
    /// The ids of the lessons; without any, all lessons
    #[arg(value_name = "LESSON")]
    only: Vec<String>,
    /// The language: en or zh-CN; the default is both
    #[arg(long)]
    pub(super) lang: Option<Lang>,
    /// Read the lessons from this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
    /// Print JSON: an object for each step, and a last one for all of them
    #[arg(long)]
    json: bool,
    /// How many lessons are done at once
    #[arg(long, value_name = "N", default_value_t = verify::JOBS)]
    jobs: usize,
    /// Do each lesson N times, to find faults that occur only sometimes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// Begin each lesson at every step, in a lab of its own in which nslab has done the steps before
    #[arg(long)]
    from_each_step: bool,
    /// Begin each lesson at every step as well, and type its commands into the other shell: no check may
    /// become true
    #[arg(long, conflicts_with = "from_each_step")]
    wrong_side: bool,
    /// Do the lesson of this file in this process, and print its steps as JSON
    #[arg(long, hide = true, requires = "lang")]
    alone: Option<String>,
}

impl VerifyArgs {
    fn from(&self) -> StartFrom {
        if self.from_each_step {
            StartFrom::EachStep
        } else if self.wrong_side {
            StartFrom::WrongSide
        } else {
            StartFrom::Beginning
        }
    }
}

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    if let Some((file, lang)) = args.alone.as_ref().zip(args.lang) {
        return alone(file, lang, args);
    }
    // The language of the output; without --lang, lessons are done in both.
    let ours = args.lang.unwrap_or_else(Lang::from_env);
    let from = args.from();
    let langs = args.lang.map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    let mut libraries = Vec::new();
    for lang in langs {
        libraries.push((lang, library(args.lessons.as_deref(), lang)?));
    }
    if let Some(id) = args
        .only
        .iter()
        .find(|id| !libraries.iter().any(|(_, it)| it.find(id).is_some()))
    {
        let first = libraries.first().map(|(_, library)| library);
        return Err(no_lesson(id, first.unwrap_or(&Library::default()), ours).into());
    }
    let wanted = |id: &String| args.only.is_empty() || args.only.contains(id);
    let lessons = libraries.iter().flat_map(|(lang, library)| {
        let lessons = library.lessons();
        lessons.map(move |lesson| (*lang, lesson))
    });
    let lessons = lessons.filter(|(_, lesson)| wanted(&lesson.id));
    let tasks = lessons.map(|(lang, lesson)| Task::new(lang, lesson, args.lessons.clone(), from));
    let tasks: Vec<_> = tasks.collect();
    let times = tasks.len() * usize::from(args.repeat);
    let tasks = tasks.into_iter().cycle().take(times);
    let mut printed = Ok(());
    let summary = verify::all(tasks.collect(), args.jobs, |report| {
        let text = if args.json {
            as_json(report)
        } else {
            Ok(report.words(ours) + "\n")
        };
        if printed.is_ok() {
            printed = text.and_then(|text| Ok(print(&text)?));
        }
    })?;
    printed?;
    print(&if args.json {
        as_json(&summary)?
    } else {
        summary.words(ours) + "\n"
    })?;
    Ok(match summary.verdict() {
        OverallVerdict::Passed => ExitCode::SUCCESS,
        OverallVerdict::Failed => ExitCode::FAILURE,
        OverallVerdict::NothingVerified => ExitCode::from(SKIPPED),
    })
}

/// Does one lesson in this process.
fn alone(file: &str, lang: Lang, args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    verify::die_with_parent();
    let library = usable(Library::of_file(file, args.lessons.is_none()), lang)?;
    for lesson in library.lessons() {
        let needs = lesson.steps.iter().filter_map(|step| step.needs.as_ref());
        let absent = environment::absent(needs.flat_map(|needs| &needs.programs));
        for report in verify::lesson(&library, lang, lesson, &absent, args.from()) {
            print(&as_json(&report)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(it: &impl Serialize) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string(it)?))
}
