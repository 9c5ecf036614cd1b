//! A program to run on one side, and how to start the helper or the watcher that enters there.

use std::fmt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use clap::ValueEnum;

use super::environment::OutputTarget;
use super::identity::LabIdentity;
use super::launch::ExpectedHelper;
use super::plan::Plan;
use super::report::Side;

/// The purpose of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Errand {
    /// To be the side's own program: the host's shell, or a new container.
    Launch,
    /// To run besides the side's own program; nothing new is made. In the container, the helper's
    /// standard input is a pidfd of a process whose namespaces the program joins. Everything it
    /// leaves running ends with it.
    Command,
}

/// A program to run on one side.
#[derive(Debug, Clone)]
pub(crate) struct ProgramEntry<'a> {
    pub errand: Errand,
    pub side: Side,
    /// The plan of the container; ignored for the host.
    pub plan: Plan,
    /// The name of its terminal under the lab host's `/dev`, if it has one.
    pub tty: Option<&'a str>,
    /// The screen that it prints on.
    pub screen: OutputTarget,
    /// The program and its arguments.
    pub program: &'a [String],
}

/// How to start the helper that enters a side.
#[derive(Debug)]
pub(crate) struct HelperCommand {
    /// Its program and arguments.
    pub argv: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// The directory it is started in.
    pub directory: PathBuf,
    pub expected: ExpectedHelper,
}

impl HelperCommand {
    /// The command that starts it. The caller chooses the standard streams.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.argv[0]);
        let environment = self.environment.iter();
        command
            .arg0("nslab")
            .args(&self.argv[1..])
            .env_clear()
            .envs(environment.map(|(name, value)| (name, value)))
            .current_dir(&self.directory);
        command
    }
}

/// How to start a watcher on this host.
#[derive(Debug)]
pub(crate) struct WatcherCommand {
    pub binary: PathBuf,
    pub access: Access,
    /// The lab's cgroup, from which the watcher learns whether a program of the lab has run.
    pub cgroup: Option<PathBuf>,
    /// A process in whose namespaces the watcher may be while it looks at nobody; none where it can't come back
    /// from a user namespace.
    pub home: Option<i32>,
}

/// How a watcher comes to see a side: as an argument, `machine`, `lab:UID:GID` or `lab:UID:GID:GUARD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The side is in a lab host.
    Lab {
        /// The credentials that the watcher takes.
        identity: LabIdentity,
        /// The guard's pid; none where the lab host has no user namespace.
        guard: Option<i32>,
    },
    /// The side is on the machine itself.
    Machine,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Access::Machine => f.write_str("machine"),
            Access::Lab { identity, guard } => {
                write!(f, "lab:{identity}")?;
                guard.map_or(Ok(()), |guard| write!(f, ":{guard}"))
            }
        }
    }
}

impl FromStr for Access {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "machine" {
            return Ok(Access::Machine);
        }
        let wrong = || format!("'{text}' is neither machine nor lab:UID:GID[:GUARD]");
        let rest = text.strip_prefix("lab:").ok_or_else(wrong)?;
        let (identity, guard) = match rest.match_indices(':').nth(1) {
            None => (rest, None),
            Some((at, _)) => (
                &rest[..at],
                Some(rest[at + 1..].parse().map_err(|_| wrong())?),
            ),
        };
        let identity = identity.parse()?;
        Ok(Access::Lab { identity, guard })
    }
}
