//! The command line: the commands, and the errors for unknown words.
//!
//! A command is a file in `cli/` and a variant of [`Command`].

mod args;
mod code;
mod compare;
mod doctor;
mod help;
mod helper;
mod lab;
mod lessons;
mod lint;
mod map;
mod new;
mod output;
mod review;
mod run;
mod sheet;
mod trial;
mod verify;
mod worker;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use nix::unistd::{getegid, geteuid, getgid, getuid};

pub use self::output::UsageError;
use self::output::in_words;

use self::args::LangOption;
use self::helper::Helper;
use crate::lang::Lang;
use crate::sandbox::own_cgroup::MoveBackOnDrop;
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
    Compare(compare::CompareArgs),
    Map(map::MapArgs),
    Run(run::RunArgs),
    Doctor(doctor::DoctorArgs),
    Lessons(lessons::LessonsArgs),
    Review(review::ReviewArgs),
    Lint(lint::LintArgs),
    New(new::NewArgs),
    Verify(verify::VerifyArgs),
    Code(code::CodeArgs),
    Sheet(sheet::SheetArgs),
}

/// Carries out a command line.
pub fn answer(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    refuse_the_rights_of_others(&arguments)?;
    if let Some(helper) = Helper::from_arguments(&arguments) {
        return helper.unwrap_or_else(|error| error.exit()).run();
    }
    let lang = help::spoken(&arguments);
    let mut cli = parsed(&arguments, lang)?;
    if let Some(command) = &mut cli.command {
        let lang = command.lang();
        *lang = lang.or(cli.lab.lang.lang);
    }
    // The lab must not inherit open descriptors of our parent shell: an open directory leads out of the lab.
    // Fails only on kernels that are too old for the guard too.
    let _ = sys::keep_descriptors_to_ourselves();
    let _move_back = MoveBackOnDrop;
    carry_out(cli).map_err(|error| match error.downcast::<UsageError>() {
        Ok(usage) => usage.into(),
        Err(error) => anyhow::Error::msg(in_words(&error, lang)),
    })
}

fn carry_out(cli: Cli) -> anyhow::Result<ExitCode> {
    Ok(match cli.command {
        None => lab::open(cli.lab)?,
        Some(Command::Compare(options)) => compare::compare(&options)?,
        Some(Command::Map(args)) => map::run(&args)?,
        Some(Command::Run(options)) => run::run(&options)?,
        Some(Command::Doctor(args)) => doctor::run(&args)?,
        Some(Command::Lessons(args)) => lessons::run(&args)?,
        Some(Command::Review(args)) => review::open(args)?,
        Some(Command::Lint(args)) => lint::run(&args)?,
        Some(Command::New(args)) => new::run(&args)?,
        Some(Command::Verify(args)) => verify::run(&args)?,
        Some(Command::Code(args)) => code::run(&args)?,
        Some(Command::Sheet(args)) => sheet::run(&args)?,
    })
}

/// Refuses to run set-user-ID or set-group-ID: commands typed in the lab would have the file owner's rights.
fn refuse_the_rights_of_others(arguments: &[OsString]) -> anyhow::Result<()> {
    if (getuid(), getgid()) == (geteuid(), getegid()) {
        return Ok(());
    }
    let file = env::current_exe().unwrap_or_default();
    let file = file.display();
    match help::spoken(arguments) {
        Lang::En => anyhow::bail!(
            "{file} is set-user-ID or set-group-ID: whoever starts it would get the rights of its owner. \
             nslab needs none of them; remove both bits: chmod u-s,g-s {file}"
        ),
        Lang::ZhCn => anyhow::bail!(
            "{file} 带有 setuid 或 setgid 位：谁启动它，谁就会得到其属主的权利。nslab 不需要这些权利，请去掉这两个位：\
             chmod u-s,g-s {file}"
        ),
    }
}

/// Help and version are printed here, and end nslab.
fn parsed(arguments: &[OsString], lang: Lang) -> Result<Cli, UsageError> {
    let mut command = help::in_language(Cli::command(), lang);
    let matches = command.try_get_matches_from_mut(arguments);
    let cli = matches.and_then(|matches| {
        let cli = Cli::from_arg_matches(&matches)?;
        Ok((cli, matches))
    });
    let (cli, matches) = cli.map_err(|error| {
        let sentence = unknown(&error, arguments, lang);
        let sentence = sentence.or_else(|| match lang {
            Lang::En => None,
            Lang::ZhCn => help::mistake(&command, &error),
        });
        // Clap prints it, and exits with 0 or 2.
        sentence.map_or_else(|| error.format(&mut command).exit(), UsageError)
    })?;
    match (matches.subcommand(), of_the_lab_alone(&command, &matches)) {
        (Some((name, _)), Some(option)) => Err(UsageError(match lang {
            Lang::En => {
                format!("--{option} is an option of the lab, and means nothing before {name}")
            }
            Lang::ZhCn => format!("--{option} 是实验界面的选项，放在 {name} 前面没有意义"),
        })),
        _ => Ok(cli),
    }
}

/// The first option that was given to the lab. `--lang` doesn't count, since every command has it.
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
    /// The `--lang` that follows the command.
    fn lang(&mut self) -> &mut Option<Lang> {
        match self {
            Command::Compare(options) => &mut options.lang.lang,
            Command::Map(args) => &mut args.lang.lang,
            Command::Doctor(args) => &mut args.lang.lang,
            Command::Lessons(args) => &mut args.lang.lang,
            Command::Review(args) => &mut args.lab.lang.lang,
            Command::Verify(args) => &mut args.lang,
            Command::Sheet(args) => &mut args.lang.lang,
            Command::Run(options) => &mut options.lang.lang,
            Command::Lint(args) => &mut args.lang.lang,
            Command::New(args) => &mut args.lang.lang,
            // After it, `--lang` names the language of the program.
            Command::Code(args) => &mut args.comments,
        }
    }
}

/// For an unknown option or command: a sentence that names the known ones.
fn unknown(error: &clap::Error, arguments: &[OsString], lang: Lang) -> Option<String> {
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
    let comma = lang.pick([", ", "、"]);
    let options = |of: &clap::Command| {
        let all = of.get_arguments().filter(|it| !it.is_hide_set());
        let names = all.filter_map(|it| it.get_long().map(|name| format!("--{name}")));
        names.collect::<Vec<_>>().join(comma)
    };
    let Some(command) = asked else {
        let names: Vec<_> = commands.iter().map(|it| it.get_name()).collect();
        let (names, options) = (names.join(comma), options(&cli));
        return Some(match lang {
            Lang::En => format!(
                "'{word}' means nothing here; the commands are {names}, the options {options}"
            ),
            Lang::ZhCn => format!("'{word}' 在这里没有意义；子命令有 {names}；选项有 {options}"),
        });
    };
    let takes_command = command.get_positionals().next().is_some();
    let (name, options) = (command.get_name(), options(command));
    Some(match (lang, takes_command) {
        (Lang::En, true) => format!(
            "'{word}' means nothing to nslab {name}; its options are {options}; a command to run \
             stands after --"
        ),
        (Lang::En, false) => {
            format!("'{word}' means nothing to nslab {name}; its options are {options}")
        }
        (Lang::ZhCn, true) => format!(
            "'{word}' 对 nslab {name} 没有意义；它的选项有 {options}；要运行的命令写在 -- 后面"
        ),
        (Lang::ZhCn, false) => format!("'{word}' 对 nslab {name} 没有意义；它的选项有 {options}"),
    })
}
