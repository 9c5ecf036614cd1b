//! The command line: which commands there are, and what a word means that is none.
//!
//! A command is a file in `cli/` and a variant of [`Command`].

mod args;
mod code;
mod compare;
mod doctor;
mod helper;
mod lab;
mod lessons;
mod lint;
mod map;
mod new;
mod output;
mod run;
mod sheet;
mod trial;
mod verify;
mod worker;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use self::output::UsageError;

use self::args::LangOption;
use crate::sys;

/// Learn Linux namespaces by making a container, one namespace at a time, on your own kernel.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    lab: lab::LabArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Compare(compare::CompareOptions),
    Map(map::MapArgs),
    Run(run::RunOptions),
    Doctor(doctor::DoctorArgs),
    Lessons(lessons::LessonsArgs),
    Lint(lint::LintArgs),
    New(new::NewArgs),
    Verify(verify::VerifyArgs),
    Code(code::CodeArgs),
    Sheet(sheet::SheetArgs),
    #[command(flatten)]
    Helper(helper::Helper),
}

/// Does what a command line asks for.
pub fn answer(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    // Clap prints help and errors itself, and exits with 0 or 2.
    let mut cli = parsed(&arguments).map_err(|error| match unknown(&error, &arguments) {
        Some(sentence) => UsageError(sentence),
        None => error.exit(),
    })?;
    if let Some(command) = &mut cli.command {
        command.is_told_before(cli.lab.lang);
    }
    if !matches!(cli.command, Some(Command::Helper(_))) {
        // The lab must not inherit what our parent shell has open: an open directory leads out of it.
        // Fails only on kernels that are too old for the guard too.
        let _ = sys::keep_descriptors_to_ourselves();
    }
    Ok(match cli.command {
        None => lab::open(cli.lab)?,
        Some(Command::Compare(options)) => compare::compare(&options)?,
        Some(Command::Map(args)) => map::run(&args)?,
        Some(Command::Run(options)) => run::run(&options)?,
        Some(Command::Doctor(args)) => doctor::run(&args)?,
        Some(Command::Lessons(args)) => lessons::run(&args)?,
        Some(Command::Lint(args)) => lint::run(&args)?,
        Some(Command::New(args)) => new::run(&args)?,
        Some(Command::Verify(args)) => verify::run(&args)?,
        Some(Command::Code(args)) => code::run(&args)?,
        Some(Command::Sheet(args)) => sheet::run(&args)?,
        Some(Command::Helper(helper)) => helper.live()?,
    })
}

fn parsed(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    if let Some((name, _)) = matches.subcommand()
        && let Some(option) = of_the_lab_alone(&command, &matches)
    {
        let said = format!("--{option} is an option of the lab, and means nothing before {name}");
        return Err(command.error(ErrorKind::ArgumentConflict, said));
    }
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The first option that was given to the lab. `--lang` is one of every command too.
fn of_the_lab_alone<'a>(command: &'a clap::Command, matches: &ArgMatches) -> Option<&'a str> {
    let ids = command
        .get_arguments()
        .filter(|it| it.get_id() != LangOption::NAME);
    let given = |it: &&clap::Arg| {
        let source = matches.value_source(it.get_id().as_str());
        source == Some(ValueSource::CommandLine)
    };
    ids.filter(given).find_map(clap::Arg::get_long)
}

impl Command {
    /// Hears the `--lang` that stood before the command.
    fn is_told_before(&mut self, before: LangOption) {
        match self {
            Command::Compare(options) => options.lang.after(before),
            Command::Map(args) => args.lang.after(before),
            Command::Doctor(args) => args.lang.after(before),
            Command::Lessons(args) => args.lang.after(before),
            Command::Verify(args) => args.lang = args.lang.or(before.given()),
            Command::Sheet(args) => args.lang.after(before),
            // Their texts are in English.
            Command::Run(_)
            | Command::Lint(_)
            | Command::New(_)
            | Command::Code(_)
            | Command::Helper(_) => {}
        }
    }
}

/// For an unknown option or command: a sentence that names those there are.
fn unknown(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let word = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand]
        .into_iter()
        .find_map(|kind| error.get(kind))?;
    let (ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand) = error.kind() else {
        return None;
    };
    let mut cli = Cli::command();
    cli.build();
    let commands: Vec<_> = cli
        .get_subcommands()
        .filter(|it| !it.is_hide_set())
        .collect();
    let asked = arguments
        .iter()
        .skip(1)
        .find_map(|word| commands.iter().find(|it| word == it.get_name()));
    let options = |of: &clap::Command| {
        let all = of.get_arguments().filter(|it| !it.is_hide_set());
        let names = all.filter_map(|it| it.get_long().map(|name| format!("--{name}")));
        names.collect::<Vec<_>>().join(", ")
    };
    let Some(command) = asked else {
        let names: Vec<_> = commands.iter().map(|it| it.get_name()).collect();
        let (names, options) = (names.join(", "), options(&cli));
        return Some(format!(
            "'{word}' means nothing here; the commands are {names}, the options {options}"
        ));
    };
    let hint = if command.get_positionals().next().is_some() {
        "; a command to run stands after --"
    } else {
        ""
    };
    let (name, options) = (command.get_name(), options(command));
    Some(format!(
        "'{word}' means nothing to nslab {name}; its options are {options}{hint}"
    ))
}
