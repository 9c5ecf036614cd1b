//! `nslab sheet`: all kinds of namespaces on one page.

use std::process::ExitCode;

use clap::Args;

use super::args::LangOption;
use super::output::print;
use crate::sheet::{self, Format};

/// Print a sheet to take along: each kind of namespace with its flag, its options and its trap
#[derive(Debug, Args)]
pub(super) struct SheetArgs {
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    pub(super) lang: LangOption,
}

pub(super) fn run(args: &SheetArgs) -> anyhow::Result<ExitCode> {
    let lang = args.lang.or_from_env();
    print(&sheet::sheet(args.format, lang)?)?;
    Ok(ExitCode::SUCCESS)
}
