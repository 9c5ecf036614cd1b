//! Answers a lesson's questions again whenever a program of the lab may have changed the answers.
//!
//! Must not know the questions, or why they are asked.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use nix::poll::PollFd;

use super::messages::SeenReport;
use super::pace::{
    Forced, IN_VAIN, LEAST_PAUSE, LookResult, PAUSE_FACTOR, PERIOD, Runs, processor_time,
};
use super::visitor::{NamespaceVisitor, WatchError, WatchTarget};
use crate::observe::asked::{Asked, Question};
use crate::observe::reader::{Attempt, LONGEST, SideReader};

/// How many more looks follow after a program of the lab has run: a new address may answer only a little later.
const LOOKS: u32 = 12;
/// The time between two tries of an address. It is also tried at the first look at which no program of the lab has
/// run.
const TRIED_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Asking {
    questions: Vec<Question>,
    last: Option<Asked>,
    last_try: Option<Instant>,
    /// Addresses that may still answer. Other questions don't wait for them.
    attempt: Option<Attempt>,
    /// Looks since a program of the lab has run.
    quiet: u32,
    ran: u64,
}

impl Asking {
    pub(super) fn new(questions: Vec<Question>) -> Self {
        Self {
            questions,
            last: None,
            last_try: None,
            attempt: None,
            quiet: 0,
            ran: 0,
        }
    }

    /// The sockets to poll for answers of addresses.
    pub(super) fn notices(&self) -> Vec<PollFd<'_>> {
        self.attempt.iter().flat_map(Attempt::notices).collect()
    }

    /// Takes the result of the poll. Returns whether there is something to do now.
    pub(super) fn note(&mut self, come: &[bool]) -> bool {
        self.attempt.as_mut().is_some_and(|attempt| {
            attempt.note(come);
            attempt.is_over()
        })
    }

    pub(super) fn look(
        &mut self,
        target: &WatchTarget,
        visitor: &NamespaceVisitor,
        runs: &Runs,
        force: Forced,
    ) -> Result<LookResult, WatchError> {
        let begun = processor_time();
        if let Some(found) = self.end_attempt(target, visitor, force)? {
            return Ok(found);
        }
        let may_have_run = self.last.is_none() || self.ran != runs.count;
        self.ran = runs.count;
        self.quiet = if may_have_run {
            0
        } else {
            self.quiet.saturating_add(1)
        };
        let due = self.quiet < LOOKS || self.quiet.is_multiple_of(IN_VAIN);
        let mut moved = false;
        let mut seen = None;
        if due || force == Forced::Yes {
            let addresses = self.to_try(force);
            let patience = match force {
                Forced::Yes => LONGEST,
                Forced::No => Duration::ZERO,
            };
            let asked = visitor.visit(target, |reader| {
                let asked = reader.asked(&self.questions)?;
                let attempt = (!addresses.is_empty()).then(|| Attempt::begin(&addresses));
                let (attempt, answers) = attempt.map_or((None, None), |mut attempt| {
                    attempt.wait(patience);
                    if attempt.is_over() || force == Forced::Yes {
                        (None, Some(attempt.end()))
                    } else {
                        (Some(attempt), None)
                    }
                });
                Ok((asked, attempt, answers))
            })?;
            moved = asked.is_none();
            if let Some((asked, attempt, answers)) = asked {
                if attempt.is_some() || answers.is_some() {
                    self.last_try = Some(Instant::now());
                }
                self.attempt = attempt;
                seen = Some(self.remember(asked, answers));
            }
        }
        let took = processor_time().saturating_sub(begun);
        let pause = if moved {
            LEAST_PAUSE
        } else if self.attempt.is_some() {
            LONGEST
        } else {
            PERIOD.max(took * PAUSE_FACTOR)
        };
        Ok(LookResult { seen, pause })
    }

    /// Reports which of the tried addresses have answered, once that is known.
    fn end_attempt(
        &mut self,
        target: &WatchTarget,
        visitor: &NamespaceVisitor,
        force: Forced,
    ) -> Result<Option<LookResult>, WatchError> {
        if self.attempt.is_none() {
            return Ok(None);
        }
        let since = self.last_try.map_or(LONGEST, |it| it.elapsed());
        let left = LONGEST.saturating_sub(since);
        let over = |it: &mut Attempt| it.is_over() || left.is_zero() || force == Forced::Yes;
        let Some(attempt) = self.attempt.take_if(over) else {
            let (seen, pause) = (None, left);
            return Ok(Some(LookResult { seen, pause }));
        };
        let answers = visitor.visit(target, |_: &mut SideReader| Ok(attempt.end()))?;
        // A forced look asks everything again.
        if force == Forced::Yes {
            return Ok(None);
        }
        let last = self.last.clone().filter(|_| answers.is_some());
        let seen = last.map(|asked| self.remember(asked, answers));
        let pause = PERIOD;
        Ok(Some(LookResult { seen, pause }))
    }

    /// The addresses to try: those that don't answer may do so once a program of the lab has set them.
    fn to_try(&self, force: Forced) -> Vec<IpAddr> {
        let due = self
            .last_try
            .is_none_or(|it: Instant| it.elapsed() >= TRIED_EVERY);
        if !due && self.quiet != 1 && force == Forced::No {
            return Vec::new();
        }
        let address = |question: &Question| match question {
            Question::Answers(address) => Some(*address),
            Question::File(_) | Question::Process(_) | Question::Routes | Question::Cgroups => None,
        };
        self.questions.iter().filter_map(address).collect()
    }

    fn remember(&mut self, mut now: Asked, answers: Option<BTreeMap<IpAddr, bool>>) -> SeenReport {
        let last = self.last.as_ref();
        let before = || last.map_or_else(BTreeMap::new, |it| it.answers.clone());
        now.answers = answers.unwrap_or_else(before);
        self.last = Some(now.clone());
        SeenReport::Asked(Box::new(now))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::process::{Command, Stdio};

    use nix::unistd::Pid;

    use super::*;
    use crate::observe::watcher::tests::joins_namespaces;
    use crate::sandbox::entry::Access;
    use crate::sys;

    #[test]
    fn nobody_waits_for_an_address_that_does_not_answer() {
        if !joins_namespaces() {
            return;
        }
        // Who asks for the address on one end of the pair hears nothing from the other.
        let script = "ip link add v0 type veth peer name v1 && ip addr add 10.9.0.1/24 dev v0 \
            && ip link set v0 up && ip link set v1 up && echo ready && exec sleep 1000";
        let mut child = Command::new("unshare")
            .args(["-n", "sh", "-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = [0; 6];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut ready)
            .unwrap();
        let target = |pid| WatchTarget::new(sys::pidfd_open(pid).unwrap()).unwrap();
        let side = target(Pid::from_raw(child.id().cast_signed()));
        let visitor = NamespaceVisitor::new(Access::Machine, Some(target(Pid::this())));
        let address = "10.9.0.2".parse().unwrap();
        let mut asking = Asking::new(vec![Question::Answers(address)]);
        let runs = Runs::new(None);
        let mut look = || match asking
            .look(&side, &visitor, &runs, Forced::No)
            .unwrap()
            .seen
        {
            Some(SeenReport::Asked(asked)) => Some(asked.answers),
            _ => None,
        };
        let first = look();
        let second = std::iter::repeat_with(&mut look).find_map(|it| it);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(first, Some(BTreeMap::new()));
        assert_eq!(second, Some(BTreeMap::from([(address, false)])));
    }
}
