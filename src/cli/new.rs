//! `nslab new`: drafts for authors of lessons.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::args::LangOption;
use super::output::{UsageError, print};
use crate::lesson::draft;

/// Write a draft to start from
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    #[command(flatten)]
    pub(super) lang: LangOption,
    #[command(subcommand)]
    what: NewCommand,
}

#[derive(Debug, Subcommand)]
enum NewCommand {
    /// A small lesson in both languages, after the existing ones
    Lesson {
        /// Its id: lower-case letters, digits and '-'
        name: String,
        /// The directory of lessons, with folders en and zh-CN
        #[arg(long, value_name = "DIR", default_value = "lessons")]
        lessons: PathBuf,
    },
}

pub(super) fn run(args: &NewArgs) -> anyhow::Result<ExitCode> {
    let NewCommand::Lesson { name, lessons } = &args.what;
    let lang = args.lang.or_from_env();
    let files = draft::write(lessons, name).map_err(|error| UsageError(error.in_language(lang)))?;
    let mut text = String::new();
    for file in files {
        let _ = writeln!(text, "{}", file.display());
    }
    let directory = lessons.display();
    let _ = writeln!(
        text,
        "\n{}nslab lint {directory}; nslab --lessons {directory} --lesson {name}",
        lang.pick(["Edit them, then: ", "改好之后：",])
    );
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
