//! `nslab verify`: every lesson done without a person.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::UsageError;
use crate::lang::Lang;
use crate::lesson::Library;
use crate::verify::{self, Task};

/// Do lessons without a person, in real shells and real namespaces, and say what is not as they say
///
/// Every command is typed and has to work, every prediction answered and its answer borne out; each
/// check has to be false before and true after it, each live value to be there, each sample of a
/// near miss to be one, each hint's solution to be one.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 when every step does what it says, else 1. A step that can't work \
                        on this machine is skipped, with a reason, and no failure."
)]
pub struct Options {
    /// The lessons, by their ids; all of them where none is given
    #[arg(value_name = "LESSON")]
    only: Vec<String>,
    /// The language: en or zh-CN; both where it isn't given
    #[arg(long)]
    lang: Option<Lang>,
    /// Take the lessons from this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
    /// Print JSON: an object a step, and a last one for all of them
    #[arg(long)]
    json: bool,
    /// How many lessons are done at once
    #[arg(long, value_name = "N", default_value_t = verify::JOBS)]
    jobs: usize,
    /// Do the lesson of this file in this process, and print its steps as JSON.
    #[arg(long, hide = true, requires = "lang")]
    alone: Option<String>,
}

/// Carries out `nslab verify`.
pub fn verify(options: &Options) -> anyhow::Result<ExitCode> {
    if let Some((file, lang)) = options.alone.as_ref().zip(options.lang) {
        return alone(file, lang, options.lessons.is_none());
    }
    let langs = options.lang.map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    let mut libraries = Vec::new();
    for lang in langs {
        libraries.push((lang, super::library(options.lessons.as_deref(), lang)?));
    }
    if let Some(id) = options
        .only
        .iter()
        .find(|id| !libraries.iter().any(|(_, it)| it.find(id).is_some()))
    {
        return Err(unknown(id, &libraries).into());
    }
    let wanted = |id: &String| options.only.is_empty() || options.only.contains(id);
    let lessons = libraries.iter().flat_map(|(lang, library)| {
        let lessons = library.lessons();
        lessons.map(move |lesson| (*lang, lesson))
    });
    let lessons = lessons.filter(|(_, lesson)| wanted(&lesson.id));
    let tasks = lessons.map(|(lang, lesson)| Task::new(lang, lesson, options.lessons.clone()));
    let mut printed = Ok(());
    let summary = verify::all(tasks.collect(), options.jobs, |report| {
        let text = if options.json {
            as_json(report)
        } else {
            Ok(format!("{report}\n"))
        };
        if printed.is_ok() {
            printed = text.and_then(|text| Ok(super::print(&text)?));
        }
    })?;
    printed?;
    super::print(&if options.json {
        as_json(&summary)?
    } else {
        format!("{summary}\n")
    })?;
    Ok(if summary.passes() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Does one lesson in this process.
fn alone(file: &str, lang: Lang, built_in: bool) -> anyhow::Result<ExitCode> {
    verify::die_with_parent();
    let library = super::readable(Library::of_file(file, built_in))?;
    for lesson in library.lessons() {
        let absent = super::doctor::absent_programs_of(lesson);
        for report in verify::lesson(&library, lang, lesson, &absent) {
            super::print(&as_json(&report)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(it: &impl Serialize) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string(it)?))
}

fn unknown(id: &str, libraries: &[(Lang, Library)]) -> UsageError {
    let first = libraries.first().into_iter();
    let known: Vec<_> = first.flat_map(|(_, library)| library.ids()).collect();
    let known = known.join(", ");
    UsageError(format!(
        "there is no lesson '{id}'; the lessons are {known}"
    ))
}
