//! Arguments that several commands share, and the values read from them.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;

use super::output::UsageError;
use crate::app::texts;
use crate::explain::Refusal;
use crate::lang::Lang;
use crate::lesson::{LessonError, Library};
use crate::namespace::NamespaceSet;
use crate::sandbox::share::{self, ShareError};
use crate::sandbox::{Host, HostKind, LabError, LaunchOptions, Plan, RefusedStep};

/// `--lang`, which may stand before and after a command. The one after the command wins.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct LangOption {
    /// The language: en or zh-CN; the default is what LANG says
    #[arg(long)]
    pub(super) lang: Option<Lang>,
}

impl LangOption {
    /// The name of the option, without its hyphens.
    pub(super) const NAME: &str = "lang";

    pub(super) fn or_from_env(self) -> Lang {
        self.lang.unwrap_or_else(Lang::from_env)
    }
}

#[derive(Debug, Clone, Args)]
pub(super) struct FlagsOption {
    /// The container's own namespaces, separated by commas: uts ipc pid mnt net user cgroup
    /// time
    #[arg(
        long,
        value_name = "LIST",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) flags: NamespaceSet,
}

#[derive(Debug, Clone, Args)]
pub(super) struct HostOption {
    /// What a container is compared with: a disposable lab host; for root on a kernel without user
    /// namespaces, a lab host without one; or the machine itself, which nothing protects
    #[arg(long, value_enum, default_value_t, value_name = "HOST")]
    pub(super) host: HostKind,
    /// Show the lab a copy of this directory, read-only at /share: regular files, directories and links,
    /// 64 MiB at most. A lesson that brings files shows those instead
    #[arg(long, value_name = "DIR")]
    pub(super) share: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ConsentOption {
    /// Don't ask root whether the command may run where nothing protects the machine
    #[arg(long)]
    pub(super) yes: bool,
}

impl ConsentOption {
    /// Asks root before a command runs where it can change the machine, as the screen does. Without a
    /// terminal nobody can answer.
    pub(super) fn ask(self, host: HostKind, lang: Lang) -> Result<(), UsageError> {
        let asks = nix::unistd::geteuid().is_root() && host.reaches_the_machine();
        if self.yes || !asks {
            return Ok(());
        }
        let why = match lang {
            Lang::En => format!(
                "with --host {host} you are root of this machine: what the command changes (files, \
                 mounts, processes) can stay."
            ),
            Lang::ZhCn => format!(
                "--host {host} 让你成为本机的 root：命令做的改动（文件、挂载、进程）可能一直保留。"
            ),
        };
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            let what = lang.pick([
                " No terminal to ask on; add --yes to allow it",
                "没有终端可以询问；--yes 表示允许运行",
            ]);
            return Err(UsageError(why + what));
        }
        eprint!(
            "nslab: {why}{}",
            lang.pick([" Run it? [y/N] ", "要运行吗？[y/N] "])
        );
        let mut answer = String::new();
        // An answer that can't be read means no.
        let _ = io::stdin().read_line(&mut answer);
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(UsageError(
                lang.pick([
                    "the answer was not yes: nothing was run",
                    "没有回答 y：什么也没有运行",
                ])
                .to_owned(),
            )),
        }
    }
}

/// A refusal's explanation in one line.
pub(super) fn refusal_words(lang: Lang, refused: &RefusedStep) -> String {
    Refusal::from(refused).words(lang)
}

fn share_words(lang: Lang, error: &ShareError) -> String {
    format!("--share: {}", texts::not_shared(lang, error))
}

impl HostOption {
    /// Checks the options before anything is made.
    pub(super) fn check(&self, lang: Lang) -> Result<(), UsageError> {
        if self.share.is_none() || self.host != HostKind::Machine {
            return Ok(());
        }
        let why = lang.pick([
            "--share needs a lab host; with --host machine both shells see the directory where it is",
            "--share 需要实验宿主机；用 --host machine 时，两个 shell 在原来的位置就能看到这个目录",
        ]);
        Err(UsageError(why.to_owned()))
    }

    /// Tries to copy the directory to share, so that an error is printed before the screen would hide it.
    pub(super) fn try_share(&self, lang: Lang) -> Result<(), UsageError> {
        let Some(directory) = &self.share else {
            return Ok(());
        };
        let packed = share::pack(directory);
        packed
            .map(drop)
            .map_err(|error| UsageError(share_words(lang, &error)))
    }

    pub(super) fn start(&self, lang: Lang) -> anyhow::Result<Host> {
        Host::start(self.host, self.share.as_deref()).map_err(|error| match error {
            LabError::Refused { refused, .. } => anyhow!("{}", refusal_words(lang, &refused)),
            LabError::Share(error) => UsageError(share_words(lang, &error)).into(),
            other => other.into(),
        })
    }

    /// The flags that a container with `flags` needs on this host. Prints the added ones to standard error.
    pub(super) fn needed(&self, flags: NamespaceSet, lang: Lang) -> NamespaceSet {
        let needed = self.host.needed(flags, nix::unistd::geteuid().is_root());
        if needed != flags {
            let added = lang.pick([
                "added user to the flags: on the machine, an ordinary user may make the other kinds \
                 only as root of a user namespace",
                "已在标志里加上 user：在本机上，普通用户只有先成为 user 命名空间的 root，才能创建其他种类",
            ]);
            eprintln!("nslab: {added}");
        }
        needed
    }
}

/// The plan of a container with these flags. An option without effect is an error.
pub(super) fn planned(
    flags: NamespaceSet,
    options: LaunchOptions,
    lang: Lang,
) -> Result<Plan, UsageError> {
    match options.misplaced(flags) {
        Some(option) => {
            let (option, kind) = (option.name(), option.needs());
            let flags = flags.with(kind);
            Err(UsageError(match lang {
                Lang::En => {
                    format!("--{option} needs {kind} among the flags, as in --flags {flags}")
                }
                Lang::ZhCn => format!("--{option} 需要标志里有 {kind}，例如 --flags {flags}"),
            }))
        }
        None => Ok(Plan {
            options,
            ..Plan::new(flags)
        }),
    }
}

/// The lessons of `--lessons DIR`, or those built in.
pub(super) fn library(directory: Option<&Path>, lang: Lang) -> Result<Library, UsageError> {
    match directory {
        Some(directory) => usable(Library::from_dir(directory, lang), lang),
        None => Ok(Library::embedded(lang)),
    }
}

/// Turns the errors of lessons into one usage error, a line each.
pub(super) fn usable(
    library: Result<Library, Vec<LessonError>>,
    lang: Lang,
) -> Result<Library, UsageError> {
    library.map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(|error| error.in_language(lang)).collect();
        UsageError(lines.join("\n"))
    })
}

/// The error for a lesson id that `library` doesn't have.
pub(super) fn no_lesson(id: &str, library: &Library, lang: Lang) -> UsageError {
    let known = library.ids().collect::<Vec<_>>();
    let known = known.join(lang.pick([", ", "、"]));
    UsageError(match lang {
        Lang::En => format!("there is no lesson '{id}'; the lessons are {known}"),
        Lang::ZhCn => format!("没有课程 '{id}'；现有课程：{known}"),
    })
}
