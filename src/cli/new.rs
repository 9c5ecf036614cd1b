//! `nslab new`: something to begin with, for who writes lessons.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::UsageError;
use crate::lesson::draft;

/// Write something to begin with
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A small lesson in both languages, behind those that are there
    Lesson {
        /// Its id: small letters, digits and '-'
        name: String,
        /// The directory of lessons, with folders en and zh-CN
        #[arg(long, value_name = "DIR", default_value = "lessons")]
        lessons: PathBuf,
    },
}

/// Carries out `nslab new`.
pub fn new(options: &Options) -> anyhow::Result<ExitCode> {
    let What::Lesson { name, lessons } = &options.what;
    let files = draft::write(lessons, name).map_err(|error| UsageError(error.to_string()))?;
    let mut text = String::new();
    for file in files {
        let _ = writeln!(text, "{}", file.display());
    }
    let directory = lessons.display();
    let _ = writeln!(
        text,
        "\nEdit them, then: nslab lint {directory}; nslab --lessons {directory} --lesson {name}"
    );
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
