//! `nslab lint`: what the author of lessons should mend.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::lesson::lint::{self, Report, Weight};

/// Look at a directory of lessons, and say what should be mended
///
/// Its folders en and zh-CN are read, or the directory itself. A line a finding:
/// FILE:LINE:COLUMN: error or warning: what is wrong; what was expected. An error keeps a lesson
/// from being used, or makes the two languages differ in more than words.
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 when there is nothing to mend, else 1.")]
pub struct Options {
    /// The directory
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Carries out `nslab lint`.
pub fn lint(options: &Options) -> anyhow::Result<ExitCode> {
    let report = lint::lint(&options.directory);
    super::print(&as_text(&report))?;
    Ok(if report.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn as_text(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let _ = writeln!(text, "{finding}");
    }
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let _ = writeln!(
        text,
        "{}, {} in {}",
        counted(report.count(Weight::Error), "error"),
        counted(report.count(Weight::Warning), "warning"),
        counted(report.files, "file")
    );
    text
}
