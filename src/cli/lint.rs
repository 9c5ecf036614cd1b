//! `nslab lint`: finds the mistakes that authors of lessons should fix.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::args::LangOption;
use super::output::{passed, print};
use crate::lang::Lang;
use crate::lesson::lint::{self, LintReport, Weight};

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
    #[command(flatten)]
    pub(super) lang: LangOption,
}

pub(super) fn run(args: &LintArgs) -> anyhow::Result<ExitCode> {
    let report = lint::lint(&args.directory);
    print(&as_text(&report, args.lang.or_from_env()))?;
    Ok(passed(report.findings.is_empty()))
}

fn as_text(report: &LintReport, lang: Lang) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let _ = writeln!(text, "{}", finding.words(lang));
    }
    let count = |weight| match (lang, report.count(weight)) {
        (Lang::En, 1) => format!("1 {}", weight.name(lang)),
        (Lang::En, count) => format!("{count} {}s", weight.name(lang)),
        (Lang::ZhCn, count) => format!("{} {count} 个", weight.name(lang)),
    };
    let [errors, warnings] = [Weight::Error, Weight::Warning].map(count);
    let files = report.files;
    let _ = match lang {
        Lang::En if files == 1 => writeln!(text, "{errors}, {warnings} in 1 file"),
        Lang::En => writeln!(text, "{errors}, {warnings} in {files} files"),
        Lang::ZhCn => writeln!(text, "{errors}，{warnings}，共 {files} 个文件"),
    };
    text
}
