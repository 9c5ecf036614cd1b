//! Arguments that several commands share, and what they say read from them.

use std::path::Path;

use anyhow::anyhow;
use clap::Args;

use super::output::UsageError;
use crate::explain::Refusal;
use crate::lang::Lang;
use crate::lesson::{LessonError, Library};
use crate::namespace::NamespaceSet;
use crate::sandbox::{Host, HostKind, LabError, LaunchOptions, Plan, RefusedStep};

#[derive(Debug, Clone, Args)]
pub(super) struct FlagsOption {
    /// The namespaces of the container's own, separated by commas: uts ipc pid mnt net user cgroup
    /// time
    #[arg(
        long,
        value_name = "LIST",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) flags: NamespaceSet,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct HostOption {
    /// What a container is compared with: a disposable lab host; for root on a kernel without user
    /// namespaces, a lab host without one; or the machine itself, which nothing protects
    #[arg(long, value_enum, default_value_t, value_name = "HOST")]
    pub(super) host: HostKind,
}

/// What a refusal means and what helps, in one line.
pub(super) fn refusal_words(refused: &RefusedStep) -> String {
    Refusal::from(refused).words(Lang::En)
}

impl HostOption {
    pub(super) fn start(self) -> anyhow::Result<Host> {
        Host::start(self.host).map_err(|error| match error {
            LabError::Refused { refused, .. } => anyhow!("{}", refusal_words(&refused)),
            other => other.into(),
        })
    }

    /// The flags that are needed to make `flags` there. Says on standard error what it adds.
    pub(super) fn needed(self, flags: NamespaceSet) -> NamespaceSet {
        let needed = self.host.needed(flags, nix::unistd::geteuid().is_root());
        if needed != flags {
            eprintln!(
                "nslab: added user to the flags: on the machine, an ordinary user may make the \
                 other kinds only as root of a user namespace"
            );
        }
        needed
    }
}

/// The plan of a container with these flags. An option that means nothing with them is an error.
pub(super) fn planned(flags: NamespaceSet, options: LaunchOptions) -> Result<Plan, UsageError> {
    match options.misplaced(flags) {
        Some(option) => {
            let (option, kind) = (option.name(), option.needs());
            let flags = flags.with(kind);
            Err(UsageError(format!(
                "--{option} needs {kind} among the flags, as in --flags {flags}"
            )))
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
        Some(directory) => usable(Library::from_dir(directory, lang)),
        None => Ok(Library::embedded(lang)),
    }
}

/// Turns the errors of lessons into one usage error, a line each.
pub(super) fn usable(library: Result<Library, Vec<LessonError>>) -> Result<Library, UsageError> {
    library.map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        UsageError(lines.join("\n"))
    })
}

/// The error for a lesson id that `library` doesn't have.
pub(super) fn no_lesson(id: &str, library: &Library) -> UsageError {
    let known = library.ids().collect::<Vec<_>>().join(", ");
    UsageError(format!(
        "there is no lesson '{id}'; the lessons are {known}"
    ))
}
