//! The command line: what can be asked of nslab, and who answers.

pub mod compare;
pub mod doctor;
mod helper;
pub mod lint;
pub mod new;
pub mod run;
pub mod verify;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::app::keymap::LeaveKey;
use crate::code::{self, Notation};
use crate::lang::Lang;
use crate::lesson::{LessonError, Library};
use crate::namespace::NamespaceSet;
use crate::sandbox::{HostKind, Join, Nth, Plan};
use crate::sys;

/// Learn Linux namespaces by making a container, one namespace at a time, on your own kernel.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    lab: LabOptions,
}

/// How the lab opens.
#[derive(Debug, Clone, Args)]
pub struct LabOptions {
    /// The language: en or zh-CN; without it, what LANG says
    #[arg(long)]
    pub lang: Option<Lang>,
    /// Take the lessons from this directory instead of those built in; one that is saved meanwhile
    /// shows at once
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// Begin with this lesson, by its id
    #[arg(long, value_name = "ID")]
    pub lesson: Option<String>,
    /// What the host is.
    #[command(flatten)]
    pub host: HostOption,
    /// The key that leaves a shell: ctrl-], ctrl-g, alt-x, f12, …
    #[arg(long, value_name = "KEY", default_value_t)]
    pub leave_key: LeaveKey,
}

#[derive(Debug, Subcommand)]
enum Command {
    Compare(compare::Options),
    Run(run::Options),
    Doctor(doctor::Options),
    /// List the lessons
    Lessons(LessonsOptions),
    Lint(lint::Options),
    New(new::Options),
    Verify(verify::Options),
    /// Print what makes a container as a program: in C, in Rust, or as an unshare command line
    Code(CodeOptions),
    #[command(flatten)]
    Helper(helper::Helper),
}

#[derive(Debug, Args)]
struct LessonsOptions {
    /// The language: en or zh-CN; without it, what LANG says
    #[arg(long)]
    lang: Option<Lang>,
    /// Take the lessons from this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    lessons: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct CodeOptions {
    /// What it is written in
    #[arg(long, value_enum, default_value = "c")]
    lang: Notation,
    #[command(flatten)]
    flags: FlagsOption,
    #[command(flatten)]
    options: crate::sandbox::Options,
    /// The namespaces of another container that it joins, separated by commas; the program takes a
    /// pid of that one
    #[arg(long, value_name = "LIST")]
    join: Option<NamespaceSet>,
}

impl CodeOptions {
    fn plan(&self) -> Result<Plan, UsageError> {
        let join = self.join.filter(|kinds| !kinds.is_empty());
        let whose = Nth::FIRST;
        Ok(Plan {
            join: join.map(|kinds| Join { whose, kinds }),
            ..planned(self.flags.flags, self.options)?
        })
    }
}

/// What is to be made with these flags. An option that means nothing beside them is a mistake.
fn planned(flags: NamespaceSet, options: crate::sandbox::Options) -> Result<Plan, UsageError> {
    match options.misplaced(flags) {
        Some((option, kind)) => {
            let flags = flags.with(kind);
            Err(UsageError(format!(
                "--{option} means something beside {kind} alone, as in --flags {flags}"
            )))
        }
        None => Ok(Plan {
            options,
            ..Plan::new(flags)
        }),
    }
}

/// The kinds of namespaces a container gets, as an option.
#[derive(Debug, Clone, Args)]
pub struct FlagsOption {
    /// The namespaces of the container's own, separated by commas: uts ipc pid mnt net user cgroup
    /// time
    #[arg(
        long,
        value_name = "LIST",
        default_value = "",
        hide_default_value = true
    )]
    pub flags: NamespaceSet,
}

/// What the host is, as an option.
#[derive(Debug, Clone, Copy, Args)]
pub struct HostOption {
    /// What a container is compared with: a disposable lab host; for root where there are no user
    /// namespaces, one without; or the machine itself, which nothing protects
    #[arg(long, value_enum, default_value_t, value_name = "HOST")]
    pub host: HostKind,
}

impl HostOption {
    /// The flags that are needed for those that were asked for; what is added is said.
    fn needed(self, flags: NamespaceSet) -> NamespaceSet {
        let needed = self.host.needed(flags, nix::unistd::geteuid().is_root());
        if needed != flags {
            eprintln!(
                "nslab: user added to the flags: on the machine an ordinary user may make the \
                 other kinds only as root of a user namespace"
            );
        }
        needed
    }
}

/// Something on the command line that can't be used; exit code 2, as for any other such error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Answers a command line.
pub fn answer(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    // Clap prints help and errors, and exits with 0 and 2, as people expect.
    let cli =
        Cli::try_parse_from(&arguments).map_err(|error| match unknown(&error, &arguments) {
            Some(sentence) => UsageError(sentence),
            None => error.exit(),
        })?;
    if let None
    | Some(Command::Compare(_) | Command::Run(_) | Command::Doctor(_) | Command::Verify(_)) =
        cli.command
    {
        // What the shell that started us has open is no business of the lab's: a descriptor of a
        // directory leads out of it. Older kernels, which can't, get no further than the guard.
        let _ = sys::keep_descriptors_to_ourselves();
    }
    let Some(command) = cli.command else {
        return crate::runtime::open(&cli.lab);
    };
    Ok(match command {
        Command::Compare(options) => compare::compare(&options)?,
        Command::Run(options) => run::run(&options)?,
        Command::Doctor(options) => doctor::doctor(&options)?,
        Command::Lessons(options) => list_lessons(&options)?,
        Command::Lint(options) => lint::lint(&options)?,
        Command::New(options) => new::new(&options)?,
        Command::Verify(options) => verify::verify(&options)?,
        Command::Code(options) => {
            print(&code::program(options.lang, &options.plan()?)?)?;
            ExitCode::SUCCESS
        }
        Command::Helper(helper) => helper.live()?,
    })
}

/// A sentence about a word that means nothing where it stands, with what would.
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

/// An exit code as the machine has it: the lowest eight bits.
pub(crate) fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}

/// Prints text. A reader that has gone away (`| head`) is no error of ours.
pub(crate) fn print(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The lessons to use, in one language.
pub(crate) fn library(directory: Option<&Path>, lang: Lang) -> anyhow::Result<Library> {
    match directory {
        Some(directory) => readable(Library::from_dir(directory, lang)),
        None => Ok(Library::embedded(lang)),
    }
}

/// Lessons that can be used; else all that is wrong with them, a line each.
pub(crate) fn readable(library: Result<Library, Vec<LessonError>>) -> anyhow::Result<Library> {
    library.map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        UsageError(lines.join("\n")).into()
    })
}

fn list_lessons(options: &LessonsOptions) -> anyhow::Result<ExitCode> {
    let library = library(
        options.lessons.as_deref(),
        options.lang.unwrap_or_else(Lang::from_env),
    )?;
    let mut text = String::new();
    for (number, lesson) in library.lessons().enumerate() {
        let flags = if lesson.flags.is_empty() {
            "-".to_owned()
        } else {
            lesson.flags.to_string()
        };
        let _ = writeln!(
            text,
            "{:>2}  {:<10} {:<14} {}",
            number + 1,
            lesson.id,
            flags,
            lesson.title
        );
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
