//! `nslab` without a subcommand: the lab on the terminal.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::args::{HostOption, library, no_lesson};
use super::output::{UsageError, exit_code};
use crate::app::keymap::LeaveKey;
use crate::app::{Lessons, Setup};
use crate::doctor::LessonNeeds;
use crate::explain::tools;
use crate::lang::Lang;
use crate::progress::{Course, ProgressError, Store};
use crate::runtime::{self, Ending, Opening};
use crate::sandbox::environment;
use crate::theme::Theme;

#[derive(Debug, Clone, Args)]
pub(super) struct LabArgs {
    /// The language: en or zh-CN; the default is what LANG says
    #[arg(long)]
    lang: Option<Lang>,
    /// Read the lessons from this directory instead of those built in; a lesson that is saved meanwhile
    /// is shown at once
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
    /// Begin with the lesson that has this id
    #[arg(long, value_name = "ID")]
    lesson: Option<String>,
    #[command(flatten)]
    host: HostOption,
    /// The key that leaves a shell: ctrl-], ctrl-g, alt-x, f12, …
    #[arg(long, value_name = "KEY", default_value_t)]
    leave_key: LeaveKey,
}

pub(super) fn open(args: LabArgs) -> anyhow::Result<ExitCode> {
    let store = Store::of_user(args.lessons.as_deref());
    let (progress, unread) = earlier(store.as_ref());
    let keeps = progress.is_some();
    let setup = setup(&args, progress)?;
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let what = "the lab needs a terminal for its input and its output; without one there are \
                    `nslab compare` and `nslab run`";
        return Err(UsageError(what.to_owned()).into());
    }
    let ending = runtime::open(Opening {
        setup,
        lessons: args.lessons,
        store: store.filter(|_| keeps),
        unread,
    })?;
    Ok(match ending {
        Ending::Quit => ExitCode::SUCCESS,
        Ending::Signal(signal) => exit_code(128 + signal),
        Ending::TerminalGone => ExitCode::FAILURE,
    })
}

/// The progress of an earlier session, and why it could not be read. Without a file for it, or where we
/// may not write the file, no progress is kept.
fn earlier(store: Option<&Store>) -> (Option<Course>, Option<String>) {
    match store.map(Store::load) {
        None => (None, None),
        Some(Ok(course)) => (Some(course), None),
        // Keeping progress moves the broken file out of the way.
        Some(Err(error @ ProgressError::Broken { .. })) => {
            (Some(Course::default()), Some(error.to_string()))
        }
        Some(Err(error)) => (None, Some(error.to_string())),
    }
}

fn setup(args: &LabArgs, progress: Option<Course>) -> anyhow::Result<Setup> {
    let directory = args.lessons.as_deref();
    let lessons = Lessons {
        en: library(directory, Lang::En)?,
        zh: library(directory, Lang::ZhCn)?,
    };
    if let Some(id) = &args.lesson
        && lessons.index(id).is_none()
    {
        return Err(no_lesson(id, &lessons.en).into());
    }
    let absent = match directory {
        Some(_) => environment::absent(
            LessonNeeds::of(&lessons.en)
                .iter()
                .flat_map(|it| &it.programs),
        ),
        // Don't parse the built-in lessons at startup.
        None => environment::absent(tools::known()),
    };
    let lang = args.lang.unwrap_or_else(Lang::from_env);
    let size = crossterm::terminal::size().unwrap_or((80, 24));
    Ok(Setup {
        theme: Theme::from_env(),
        leave_key: args.leave_key,
        host: args.host.host,
        progress,
        start: args.lesson.clone(),
        ..runtime::setup(lang, lessons, absent, size)
    })
}
