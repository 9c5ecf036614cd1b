//! `nslab code`: a program that makes a container.

use std::process::ExitCode;

use clap::Args;

use super::args::{FlagsOption, planned};
use super::output::print;
use crate::code::{self, Notation};
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::sandbox::{ContainerNumber, Join, LaunchOptions, Plan};

/// Print a program that makes a container: in C, in Rust, or as an unshare command line
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
    /// The language of its comments: the `--lang` before the command.
    #[arg(skip)]
    pub(super) comments: Option<Lang>,
}

pub(super) fn run(args: &CodeArgs) -> anyhow::Result<ExitCode> {
    let lang = args.comments.unwrap_or_else(Lang::from_env);
    let join = args.join.filter(|kinds| !kinds.is_empty());
    let whose = ContainerNumber::FIRST;
    let plan = Plan {
        join: join.map(|kinds| Join { whose, kinds }),
        ..planned(args.flags.flags, args.options.clone(), lang)?
    };
    print(&code::program(args.lang, &plan, lang)?)?;
    Ok(ExitCode::SUCCESS)
}
