//! `nslab code`: what makes a container, as a program.

use std::process::ExitCode;

use clap::Args;

use super::args::{FlagsOption, planned};
use super::output::print;
use crate::code::{self, Notation};
use crate::namespace::NamespaceSet;
use crate::sandbox::{Join, LaunchOptions, Nth, Plan};

/// Print what makes a container as a program: in C, in Rust, or as an unshare command line
#[derive(Debug, Args)]
pub(super) struct CodeArgs {
    /// The language of the program
    #[arg(long, value_enum, default_value = "c")]
    lang: Notation,
    #[command(flatten)]
    flags: FlagsOption,
    #[command(flatten)]
    options: LaunchOptions,
    /// The namespaces of another container that it joins, separated by commas; the program takes the
    /// pid of that container's process
    #[arg(long, value_name = "LIST")]
    join: Option<NamespaceSet>,
}

pub(super) fn run(args: &CodeArgs) -> anyhow::Result<ExitCode> {
    let join = args.join.filter(|kinds| !kinds.is_empty());
    let whose = Nth::FIRST;
    let plan = Plan {
        join: join.map(|kinds| Join { whose, kinds }),
        ..planned(args.flags.flags, args.options.clone())?
    };
    print(&code::program(args.lang, &plan)?)?;
    Ok(ExitCode::SUCCESS)
}
