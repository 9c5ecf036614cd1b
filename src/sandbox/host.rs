//! The host that a container is made on and compared with: a lab host, or the machine itself.
//!
//! Owns the choice between them, and which flags each one demands of a container. `lab` makes a lab
//! host; `on_machine` runs programs on the machine.

use std::fmt;
use std::io;
use std::path::Path;

use clap::ValueEnum;
use nix::sys::prctl;
use serde::Serialize;

use super::channel::Channel;
use super::entry::{Errand, HelperCommand, ProgramEntry, WatcherCommand};
use super::environment::OutputTarget;
use super::groundwork::EarlyGroundwork;
use super::ids::LabRoot;
use super::lab::{LabError, LabHost};
use super::on_machine;
use super::plan::Plan;
use super::report::{Shortfall, Side, Step};
use crate::facts::{Facts, Location};
use crate::namespace::{Namespace, NamespaceSet};

/// The kind of host.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, ValueEnum, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum HostKind {
    /// A lab host, in which the learner is root and can break nothing.
    #[default]
    Lab,
    /// A lab host without a user namespace of its own, for root where there are none: its root is
    /// the machine's.
    LabWithoutUser,
    /// The machine itself.
    Machine,
}

impl HostKind {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            HostKind::Lab => "lab",
            HostKind::LabWithoutUser => "lab-without-user",
            HostKind::Machine => "machine",
        }
    }

    /// Whether root's programs on it can change the machine.
    pub fn reaches_the_machine(self) -> bool {
        match self {
            HostKind::Lab => false,
            HostKind::LabWithoutUser | HostKind::Machine => true,
        }
    }

    /// Whose root the lab's root is; `None` for the machine.
    fn lab_root(self) -> Option<LabRoot> {
        match self {
            HostKind::Lab => Some(LabRoot::Own),
            HostKind::LabWithoutUser => Some(LabRoot::Machines),
            HostKind::Machine => None,
        }
    }

    /// Begins the groundwork of a lab host. `None` where there will be none, or the learner is asked first.
    pub fn begin(self) -> Option<EarlyGroundwork> {
        let root = self.lab_root().filter(|_| !self.reaches_the_machine());
        root.and_then(EarlyGroundwork::start)
    }

    /// The flags that a container with `flags` needs. An ordinary user on the machine can make a
    /// user namespace, and the other kinds only inside one; user_namespaces(7).
    #[must_use]
    pub fn needed(self, flags: NamespaceSet, root: bool) -> NamespaceSet {
        match self {
            HostKind::Machine if !root && !flags.is_empty() => flags.with(Namespace::User),
            HostKind::Machine | HostKind::Lab | HostKind::LabWithoutUser => flags,
        }
    }
}

impl fmt::Display for HostKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A lab host or the machine. A lab host ends when this is dropped.
#[derive(Debug)]
pub(crate) enum Host {
    Lab(Box<LabHost>),
    Machine,
}

impl Host {
    /// Makes the lab host, if there is to be one. It ends with the calling thread at the latest.
    ///
    /// The lab host shows a copy of the directory `share`.
    pub(crate) fn start(kind: HostKind, share: Option<&Path>) -> Result<Self, LabError> {
        let mut host = Self::start_beside(kind, share, None, |_| ())?;
        host.settle();
        Ok(host)
    }

    /// Like [`Host::start`], but `meanwhile` runs while the lab host is made, and `early` is its groundwork,
    /// if there is any. The lab host is not [settled](Host::settle) yet.
    pub(crate) fn start_beside(
        kind: HostKind,
        share: Option<&Path>,
        early: Option<EarlyGroundwork>,
        meanwhile: impl FnOnce(&LabHost),
    ) -> Result<Self, LabError> {
        if let Some(root) = kind.lab_root() {
            let lab = LabHost::start(root, share, early, meanwhile)?;
            return Ok(Host::Lab(Box::new(lab)));
        }
        // Adopt the processes that a killed helper leaves behind.
        prctl::set_child_subreaper(true)
            .map_err(|errno| LabError::on_machine("prctl()")(errno.into()))?;
        Ok(Host::Machine)
    }

    /// The lab host; none where that is the machine.
    pub(crate) fn lab(&self) -> Option<&LabHost> {
        match self {
            Host::Lab(lab) => Some(lab),
            Host::Machine => None,
        }
    }

    /// Waits until every part of the host can be used; see [`LabHost::settle`].
    pub(crate) fn settle(&mut self) {
        if let Host::Lab(lab) = self {
            lab.settle();
        }
    }

    /// Like [`Host::settle`], but returns at once.
    pub(crate) fn settle_meanwhile(&mut self) {
        if let Host::Lab(lab) = self {
            lab.settle_meanwhile();
        }
    }

    /// How to start a helper that runs a program on one side.
    pub(crate) fn helper(&self, entry: &ProgramEntry<'_>) -> io::Result<HelperCommand> {
        match self {
            Host::Lab(lab) => lab.helper(entry),
            Host::Machine => on_machine::helper(entry),
        }
    }

    /// How to start a helper that runs a command besides the side's program, without a terminal.
    /// For a container, its standard input must be a pidfd of a process in it.
    pub(crate) fn command_helper(
        &self,
        side: Side,
        program: &[String],
    ) -> io::Result<HelperCommand> {
        self.helper(&ProgramEntry {
            errand: Errand::Command,
            side,
            plan: Plan::default(),
            tty: None,
            screen: OutputTarget::Pane,
            program,
        })
    }

    /// How to start a watcher of a program on one side.
    pub(crate) fn watcher(&self) -> WatcherCommand {
        self.lab()
            .map_or_else(on_machine::watcher, LabHost::watcher)
    }

    /// The steps that made it; none for the machine.
    pub(crate) fn steps(&self) -> &[Step] {
        self.lab().map_or(&[], LabHost::steps)
    }

    /// The parts that the lab host lacks because the machine doesn't allow them.
    pub(crate) fn shortfalls(&self) -> &[Shortfall] {
        self.lab().map_or(&[], LabHost::shortfalls)
    }

    /// The location of its programs.
    pub(crate) fn place(&self) -> Location {
        self.lab().map_or(Location::Outside, LabHost::place)
    }

    /// The facts of a program on it.
    pub(crate) fn facts(&self) -> Facts {
        self.lab().map_or_else(Facts::here, LabHost::facts)
    }

    /// Whether the lab host ends, or has ended; the machine doesn't.
    pub(crate) fn is_ending(&self) -> bool {
        self.lab().is_some_and(LabHost::is_ending)
    }

    /// A handle that ends when the lab host does; the machine has none.
    pub(crate) fn watch_end(&self) -> Option<Channel> {
        self.lab()?.watch_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_user_needs_user_on_the_machine_alone() {
        for (kind, root, flags, needed) in [
            (HostKind::Machine, false, "uts", "uts,user"),
            (HostKind::Machine, false, "", ""),
            (HostKind::Machine, true, "uts", "uts"),
            (HostKind::Lab, false, "uts", "uts"),
            (HostKind::LabWithoutUser, true, "uts", "uts"),
        ] {
            let (flags, needed): (NamespaceSet, NamespaceSet) =
                (flags.parse().unwrap(), needed.parse().unwrap());
            assert_eq!(kind.needed(flags, root), needed, "{kind} {root} {flags}");
        }
    }
}
