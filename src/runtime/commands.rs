//! Commands on both sides: started from the main thread, waited for on threads of their own.
//!
//! Must not know what becomes of what they print.

use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use super::Happening;
use crate::app::{Answer, Failure, Msg};
use crate::sandbox::command::{Bounds, Cancel, Running, Target};
use crate::sandbox::launch::Process;
use crate::sandbox::{Ground, Side};

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

    /// Runs a line of the shell in the lab host and in the container that `shell` is in; answers at
    /// once for a side where it can't run.
    pub fn run(
        &mut self,
        lab: Option<&Ground>,
        shell: Option<&Process>,
        number: u32,
        line: &str,
    ) -> Vec<Msg> {
        self.cancel();
        // A container that has ended is none to enter.
        let shell = shell.filter(|shell| !shell.ends_within(Duration::ZERO));
        let program = ["sh", "-c", line].map(str::to_owned);
        let mut answers = Vec::new();
        for side in Side::ALL {
            let target = match side {
                Side::Host => Some(Target::Host),
                Side::Container => shell.map(Target::Container),
            };
            let answer = match lab.zip(target) {
                None => Answer::Absent,
                Some((lab, target)) => match Running::start(lab, target, &program) {
                    Ok((running, cancel)) => {
                        self.running.push(cancel);
                        self.follow(running, number, side);
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

    fn follow(&self, running: Running, number: u32, side: Side) {
        let tell = self.tell.clone();
        thread::spawn(move || {
            let answer = Answer::Ended(running.finish(MOST));
            let _ = tell.send(Happening::Command {
                number,
                side,
                answer,
            });
        });
    }
}
