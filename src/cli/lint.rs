//! `nslab lint`: what the author of lessons should fix.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output::{passed, print};
use crate::lesson::lint::{self, Report, Weight};

/// Check a directory of lessons, and say what should be fixed
///
/// Reads the folders en and zh-CN in it, or the directory itself. Each finding is a line:
/// FILE:LINE:COLUMN: error or warning: what is wrong; what was expected. With an error, a lesson
/// can't be used, or the two languages differ in more than their words.
#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 when there is nothing to fix, else 1.")]
pub(super) struct LintArgs {
    /// The directory of lessons
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub(super) fn run(args: &LintArgs) -> anyhow::Result<ExitCode> {
    let report = lint::lint(&args.directory);
    print(&as_text(&report))?;
    Ok(passed(report.findings.is_empty()))
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
