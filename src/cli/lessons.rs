//! `nslab lessons`: the list of lessons.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::args::{LangOption, library};
use super::output::print;
use crate::lesson::Lesson;

/// List the lessons
#[derive(Debug, Args)]
pub(super) struct LessonsArgs {
    #[command(flatten)]
    pub(super) lang: LangOption,
    /// Read the lessons from this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
}

pub(super) fn run(args: &LessonsArgs) -> anyhow::Result<ExitCode> {
    let library = library(args.lessons.as_deref(), args.lang.or_from_env())?;
    let flags = |lesson: &Lesson| {
        if lesson.flags.is_empty() {
            "-".to_owned()
        } else {
            lesson.flags.to_string()
        }
    };
    let widths = library.lessons().map(|it| (it.id.len(), flags(it).len()));
    let (id_width, flags_width) = widths.fold((0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)));
    let mut text = String::new();
    for (lesson, number) in library.lessons().zip(1..) {
        let (id, flags, title) = (&lesson.id, flags(lesson), &lesson.title);
        let _ = writeln!(
            text,
            "{number:>2}  {id:<id_width$}  {flags:<flags_width$}  {title}"
        );
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
