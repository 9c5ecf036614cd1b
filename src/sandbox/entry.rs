//! A program to run on one side, and how to start the helper or the watcher that enters there.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use super::channel::Listener;
use super::environment::Screen;
use super::identity::Identity;
use super::launch::{Origin, Process};
use super::plan::Plan;
use super::report::Side;

/// What a program is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Errand {
    /// To be what the side is about: the host's shell, or a new container.
    Launch,
    /// Beside what runs on the side already. Nothing new is made then; in the container, the
    /// helper's standard input is a pidfd of a process whose namespaces the program gets. Whatever
    /// it leaves running ends with it.
    Command,
}

/// A program to run on one side.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// What for.
    pub errand: Errand,
    /// Where.
    pub side: Side,
    /// What the container is made with; of no meaning for the host.
    pub plan: Plan,
    /// The name of its terminal under the lab host's `/dev`, if it is started on one.
    pub tty: Option<&'a str>,
    /// Whose screen it prints on.
    pub screen: Screen,
    /// The program and its arguments.
    pub program: &'a [String],
}

/// How to start the helper that enters.
#[derive(Debug)]
pub struct Helper {
    /// Its program and arguments.
    pub argv: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
    /// The directory it is started in.
    pub directory: PathBuf,
    /// Where it will report.
    pub listener: Listener,
    /// Where its program will come from.
    pub origin: Origin,
    /// A process of the container whose namespaces it was told to join.
    pub to_join: Option<Process>,
}

/// How to start a watcher there.
#[derive(Debug)]
pub struct WatcherCommand {
    /// nslab.
    pub binary: PathBuf,
    pub access: Access,
}

/// How a watcher comes to see a side: as an argument, `machine`, `lab:UID:GID` or `lab:UID:GID:GUARD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The side is in a lab host.
    Lab {
        /// The credentials that the watcher takes.
        identity: Identity,
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
