//! `nslab lessons`: the list of lessons.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::args::library;
use super::output::print;
use crate::lang::Lang;

/// List the lessons
#[derive(Debug, Args)]
pub(super) struct LessonsArgs {
    /// The language: en or zh-CN; the default is what LANG says
    #[arg(long)]
    lang: Option<Lang>,
    /// Read the lessons from this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
}

pub(super) fn run(args: &LessonsArgs) -> anyhow::Result<ExitCode> {
    let library = library(
        args.lessons.as_deref(),
        args.lang.unwrap_or_else(Lang::from_env),
    )?;
    let mut text = String::new();
    for (lesson, number) in library.lessons().zip(1..) {
        let flags = if lesson.flags.is_empty() {
            "-".to_owned()
        } else {
            lesson.flags.to_string()
        };
        let (id, title) = (&lesson.id, &lesson.title);
        let _ = writeln!(text, "{number:>2}  {id:<10} {flags:<14} {title}");
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
