//! `nslab` without a subcommand: the lab on the terminal.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::args::{HostOption, LangOption, no_lesson};
use super::output::{UsageError, exit_code, print};
use crate::app::keymap::LeaveKey;
use crate::app::{Figures, Lessons, Mistake, Setup, Topic, nothing_to_review, start};
use crate::doctor::LessonNeeds;
use crate::explain::tools;
use crate::lang::Lang;
use crate::lesson::{Library, course};
use crate::progress::{Course, ProgressError, Splits, Store};
use crate::pty::emulator::Clipboard;
use crate::runtime::{self, Ending, Opening, ReadLessons};
use crate::sandbox::environment;
use crate::theme::Theme;

#[derive(Debug, Clone, Args)]
pub(super) struct LabArgs {
    #[command(flatten)]
    pub(super) lang: LangOption,
    /// Read the lessons from this directory instead of those built in; a lesson that is saved meanwhile
    /// is shown at once
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
    /// Begin with the lesson that has this id
    #[arg(long, value_name = "ID")]
    pub(super) lesson: Option<String>,
    #[command(flatten)]
    host: HostOption,
    /// The key that leaves a shell: ctrl-], ctrl-g, alt-x, f12, …
    #[arg(long, value_name = "KEY", default_value_t)]
    leave_key: LeaveKey,
    /// Milliseconds between two keys of a command that the lesson types; 0 types it at once, as suits a
    /// screen reader
    #[arg(long, value_name = "MS", env = "NSLAB_KEY_PAUSE", hide_env_values = true, default_value_t = 40, value_parser = clap::value_parser!(u32).range(..=60_000))]
    key_pause: u32,
    /// Let programs in the shells copy to the clipboard of your terminal (OSC 52); they can never read it
    #[arg(long)]
    clipboard: bool,
    /// The figures of lessons: drawn, or told in sentences, as for a screen reader; with NO_COLOR they
    /// are told
    #[arg(long, value_enum, value_name = "HOW")]
    figures: Option<Figures>,
}

pub(super) fn open(args: LabArgs) -> anyhow::Result<ExitCode> {
    open_with(args, None)
}

/// Like `open`, but begins with a review of a topic.
pub(super) fn open_with(args: LabArgs, review: Option<Topic>) -> anyhow::Result<ExitCode> {
    let (progress, unread) = earlier(args.lessons.as_deref());
    let kept = progress.as_ref().ok().map(|(_, course)| course.clone());
    let mut setup = setup(&args, kept)?;
    if review.is_some() {
        // The learner's place is kept during the review.
        setup.start = None;
    }
    setup.review = review;
    if setup.review.is_some()
        && let Some(sentence) = nothing_to_review(&start(setup.clone()).0)
    {
        print(&format!("{sentence}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let what = args.lang.or_from_env().pick([
            "the lab needs a terminal for its input and its output; without one there are `nslab \
             compare` and `nslab run`",
            "实验界面的输入和输出都必须是终端；没有终端时可以用 `nslab compare` 和 `nslab run`",
        ]);
        return Err(UsageError(what.to_owned()).into());
    }
    args.host.try_share(args.lang.or_from_env())?;
    let ending = runtime::open(Opening {
        setup,
        share: args.host.share,
        lessons: args.lessons,
        progress,
        unread,
    })?;
    Ok(match ending {
        Ending::Quit => ExitCode::SUCCESS,
        Ending::Signal(signal) => exit_code(128 + signal),
        Ending::TerminalGone => ExitCode::FAILURE,
    })
}

/// The store of the progress and the course in it, or why no progress is kept. Also why a broken file could
/// not be read: the next save moves it out of the way.
fn earlier(lessons: Option<&Path>) -> (Result<(Store, Course), String>, Option<String>) {
    let store = match Store::of_user(names(lessons)) {
        Ok(store) => store,
        Err(error) => return (Err(error.to_string()), None),
    };
    match store.load() {
        Ok(course) => (Ok((store, course)), None),
        Err(error @ ProgressError::Broken { .. }) => {
            (Ok((store, Course::default())), Some(error.to_string()))
        }
        Err(error) => (Err(error.to_string()), None),
    }
}

/// The names under which progress in a course may be stored: its id, and its directory, which older sessions used
/// before the course had an id.
fn names(lessons: Option<&Path>) -> Vec<String> {
    let Some(lessons) = lessons else {
        return vec![course::BUILT_IN.to_owned(), String::new()];
    };
    // A wrong `course.toml` is reported together with the mistakes of the lessons.
    let id = course::id(lessons).unwrap_or_default();
    let whole = fs::canonicalize(lessons).unwrap_or_else(|_| lessons.to_owned());
    id.into_iter()
        .chain([whole.display().to_string()])
        .collect()
}

fn mistake_lines(mistakes: &[Mistake], lang: Lang) -> Vec<String> {
    let told = mistakes.iter().map(|Mistake(told)| told.clone());
    told.map(|told| lang.pick(told)).collect()
}

fn setup(args: &LabArgs, progress: Option<Course>) -> anyhow::Result<Setup> {
    let lang = args.lang.or_from_env();
    args.host.check(lang)?;
    let directory = args.lessons.as_deref();
    let ReadLessons { lessons, mistakes } = match directory {
        Some(directory) => runtime::lessons_in(directory),
        None => ReadLessons {
            lessons: Lessons {
                en: Library::embedded(Lang::En),
                zh: Library::embedded(Lang::ZhCn),
            },
            mistakes: Vec::new(),
        },
    };
    if lessons.count() == 0 {
        return Err(UsageError(mistake_lines(&mistakes, lang).join("\n")).into());
    }
    if let Some(id) = &args.lesson
        && lessons.index(id).is_none()
    {
        // The missing lesson may be one with mistakes.
        let mut all = vec![no_lesson(id, &lessons.en, lang).to_string()];
        all.extend(mistake_lines(&mistakes, lang));
        return Err(UsageError(all.join("\n")).into());
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
    let size = crossterm::terminal::size().unwrap_or((80, 24));
    let theme = Theme::from_env();
    Ok(Setup {
        theme,
        figures: args.figures.unwrap_or(Figures::of(theme)),
        leave_key: args.leave_key,
        key_pause: Duration::from_millis(args.key_pause.into()),
        clipboard: if args.clipboard {
            Clipboard::Open
        } else {
            Clipboard::Closed
        },
        host: args.host.host,
        progress,
        splits: Splits::of_user(),
        start: args.lesson.clone(),
        mistakes,
        ..runtime::setup(lang, lessons, absent, size)
    })
}
