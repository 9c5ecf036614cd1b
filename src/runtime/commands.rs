//! Commands on a side: started from the main thread, waited for on a thread.

use std::io;
use std::thread;
use std::time::Duration;

use super::incoming::Reporter;
use crate::app::{CommandAnswer, Compared, Failure, Msg};
use crate::facts::{Facts, Location};
use crate::sandbox::command::{Bounds, Cancel, CommandTarget, RunningCommand, Streams};
use crate::sandbox::launch::HeldProcess;
use crate::sandbox::{Host, Side};

/// The limits of a command on each side. `texts` states these numbers too.
const BOUNDS: Bounds = Bounds {
    bytes: 256 * 1024,
    time: Duration::from_secs(10),
};

/// The running command, if any.
pub(super) struct Commands {
    reporter: Reporter,
    running: Option<Cancel>,
}

impl Commands {
    pub(super) fn new(reporter: Reporter) -> Self {
        Self {
            reporter,
            running: None,
        }
    }

    pub(super) fn cancel(&mut self) {
        self.running = None;
    }

    /// Runs a command line on a side, which is given with its shell or process. Returns a message where the
    /// command can't run.
    pub(super) fn run(
        &mut self,
        host: Option<&Host>,
        (side, process): (Compared, Option<HeldProcess>),
        number: u32,
        line: &str,
    ) -> Option<Msg> {
        self.cancel();
        let program = ["sh", "-c", line].map(str::to_owned);
        // A container that has ended can't be entered.
        let alive = |process: &&HeldProcess| !process.ends_within(Duration::ZERO);
        let target = match side {
            Compared::Shell(Side::Host) => Some(CommandTarget::Host),
            Compared::Shell(Side::Container(_)) | Compared::Process(_) => {
                process.as_ref().filter(alive).map(CommandTarget::Container)
            }
        };
        let failed = |answer| CommandAnswer::Failed(Failure::Machine { answer });
        let answer = match host.zip(target) {
            None => CommandAnswer::Absent,
            Some((host, target)) => {
                match RunningCommand::start(host, target, &program, Streams::Together) {
                    Ok((running, cancel)) => {
                        self.running = Some(cancel);
                        let limits = Limits::of(host, side == Compared::Shell(Side::Host));
                        let process = process.map(|process| (process, limits));
                        match self.follow(running, number, side, process) {
                            Ok(()) => return None,
                            Err(error) => failed(format!("no thread can be started: {error}")),
                        }
                    }
                    Err(error) => failed(error.to_string()),
                }
            }
        };
        Some(Msg::CommandEnded {
            number,
            side,
            answer,
        })
    }

    fn follow(
        &self,
        running: RunningCommand,
        number: u32,
        side: Compared,
        process: Option<(HeldProcess, Limits)>,
    ) -> io::Result<()> {
        let reporter = self.reporter.clone();
        let follow = move || {
            let outcome = running.finish(BOUNDS);
            let facts = process.map(|(process, limits)| facts(&process, limits));
            let answer = CommandAnswer::Ended(outcome, facts.unwrap_or_default());
            reporter.send(Msg::CommandEnded {
                number,
                side,
                answer,
            });
        };
        thread::Builder::new().spawn(follow).map(drop)
    }
}

/// The limits of a side's namespaces, as far as nslab knows them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limits {
    /// They are those of nslab itself.
    Ours,
    /// They are not known. The location of the side is.
    Elsewhere(Location),
}

impl Limits {
    pub(super) fn of(host: &Host, hosts_shell: bool) -> Self {
        match host {
            Host::Machine if hosts_shell => Limits::Ours,
            Host::Machine | Host::Lab(_) => Limits::Elsewhere(host.place()),
        }
    }
}

/// The facts of a side's shell, which hold for a command on that side too.
pub(super) fn facts(shell: &HeldProcess, limits: Limits) -> Box<Facts> {
    Box::new(match limits {
        Limits::Elsewhere(place) => shell.facts(place),
        Limits::Ours => Facts {
            limits: Facts::here().limits,
            ..shell.facts(Location::Outside)
        },
    })
}
