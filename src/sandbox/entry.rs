//! A program to run on one side, and how to start the helper or the watcher that enters there.

use std::ffi::OsString;
use std::path::PathBuf;

use super::channel::Listener;
use super::environment::Screen;
use super::launch::{Origin, Process};
use super::plan::Plan;
use super::report::Side;

/// What a program is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The arguments that say where.
    pub arguments: Vec<OsString>,
}
