//! Commands on both sides: started from the main thread, waited for on threads of their own.
//!
//! Must not know what becomes of what they print.

use std::path::Path;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use super::Happening;
use crate::app::{Answer, Failure, Msg};
use crate::facts::Facts;
use crate::sandbox::command::{Bounds, Cancel, Running, Target};
use crate::sandbox::launch::Process;
use crate::sandbox::{Host, Side};

/// How much of a command there may be on each side. `texts` says these numbers too.
const MOST: Bounds = Bounds {
    bytes: 256 * 1024,
    time: Duration::from_secs(10),
};

/// The command that runs, if one does.
pub struct Commands {
    tell: SyncSender<Happening>,
    running: Vec<Cancel>,
}

impl Commands {
    /// None yet.
    pub fn new(tell: SyncSender<Happening>) -> Self {
        Self {
            tell,
            running: Vec::new(),
        }
    }

    /// Ends what runs.
    pub fn cancel(&mut self) {
        self.running.clear();
    }

    /// Runs a line of the shell on the sides that these shells are on; answers at once for a side
    /// where it can't run.
    pub fn run(
        &mut self,
        lab: Option<&Host>,
        shells: &[(Side, Option<Process>); 2],
        number: u32,
        line: &str,
    ) -> Vec<Msg> {
        self.cancel();
        let program = ["sh", "-c", line].map(str::to_owned);
        let mut answers = Vec::new();
        for (i, (side, shell)) in shells.iter().enumerate() {
            let side = *side;
            if shells[..i].iter().any(|(before, _)| *before == side) {
                continue;
            }
            // A container that has ended is none to enter.
            let alive = |shell: &&Process| !shell.ends_within(Duration::ZERO);
            let target = match side {
                Side::Host => Some(Target::Host),
                Side::Container(_) => shell.as_ref().filter(alive).map(Target::Container),
            };
            let answer = match lab.zip(target) {
                None => Answer::Absent,
                Some((lab, target)) => match Running::start(lab, target, &program) {
                    Ok((running, cancel)) => {
                        self.running.push(cancel);
                        let shares_limits = matches!((lab, side), (Host::Machine, Side::Host));
                        let beside = shell.clone().map(|shell| (shell, shares_limits));
                        self.follow(running, number, side, beside);
                        continue;
                    }
                    Err(error) => Answer::Failed(Failure::Machine {
                        answer: error.to_string(),
                    }),
                },
            };
            answers.push(Msg::CommandEnded {
                number,
                side,
                answer,
            });
        }
        answers
    }

    fn follow(&self, running: Running, number: u32, side: Side, beside: Option<(Process, bool)>) {
        let tell = self.tell.clone();
        thread::spawn(move || {
            let outcome = running.finish(MOST);
            let facts = beside.map(|(shell, shares_limits)| facts(&shell, shares_limits));
            let answer = Answer::Ended(outcome, facts.unwrap_or_default());
            let _ = tell.send(Happening::Command {
                number,
                side,
                answer,
            });
        });
    }
}

/// What is known of a side's shell from here, and so of a command beside it.
fn facts(shell: &Process, shares_limits: bool) -> Box<Facts> {
    let mut facts = Facts::read(Path::new("/"), &shell.pid().to_string());
    // Seen through our own /proc, which is not the side's.
    facts.proc = None;
    if !shares_limits {
        facts.limits.clear();
    }
    // Its number may be another process's by now.
    if shell.ends_within(Duration::ZERO) {
        facts = Facts::default();
    }
    Box::new(facts)
}
