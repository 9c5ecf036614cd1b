//! Answers a lesson's questions again and again, while a program of the lab may have changed the answers.
//!
//! Must not know what is asked, or why.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::pace::{Force, Found, IN_VAIN, LEAST_PAUSE, PAUSE_FACTOR, PERIOD, Runs, processor_time};
use super::told::Seen;
use super::visitor::{Target, Visitor, WatchError};
use crate::observe::asked::{Asked, Question};
use crate::observe::reader::Tries;

/// What is asked is read so many times more after a program of the lab has run: an address may answer
/// somewhat later than it is set.
const LOOKS: u32 = 12;
/// How often an address is tried, besides once when what ran in the lab has stopped.
const TRIED_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Asking {
    questions: Vec<Question>,
    last: Option<Asked>,
    last_try: Option<Instant>,
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
            quiet: 0,
            ran: 0,
        }
    }

    pub(super) fn look(
        &mut self,
        target: &Target,
        visitor: &Visitor,
        runs: &Runs,
        force: Force,
    ) -> Result<Found, WatchError> {
        let begun = processor_time();
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
        if due || force == Force::Yes {
            let tries = self.tries(force);
            let asked = visitor.visit(target, |reader| reader.asked(&self.questions, tries))?;
            moved = asked.is_none();
            seen = asked.map(|asked| self.remember(asked, tries));
        }
        let took = processor_time().saturating_sub(begun);
        let pause = if moved {
            LEAST_PAUSE
        } else {
            PERIOD.max(took * PAUSE_FACTOR)
        };
        Ok(Found { seen, pause })
    }

    /// What runs in the lab may be just making an address that will answer.
    fn tries(&self, force: Force) -> Tries {
        let due = self
            .last_try
            .is_none_or(|it: Instant| it.elapsed() >= TRIED_EVERY);
        if due || self.quiet == 1 || force == Force::Yes {
            Tries::Addresses
        } else {
            Tries::Nothing
        }
    }

    fn remember(&mut self, mut now: Asked, tries: Tries) -> Seen {
        match tries {
            Tries::Addresses => self.last_try = Some(Instant::now()),
            Tries::Nothing => {
                let last = self.last.as_ref();
                now.answers = last.map_or_else(BTreeMap::new, |it| it.answers.clone());
            }
        }
        self.last = Some(now.clone());
        Seen::Asked(Box::new(now))
    }
}
