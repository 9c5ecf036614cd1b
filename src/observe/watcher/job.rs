//! One watched process, and the reports about it.
//!
//! Owns the time of the next look. Must not know who gets the reports.

use std::time::Instant;

use nix::poll::PollFd;

use super::asking::Asking;
use super::mapping::Mapping;
use super::messages::{SeenReport, WatchedPart};
use super::occupant::Occupant;
use super::pace::{Forced, LEAST_PAUSE, LookResult, PAUSE_FACTOR, PERIOD, Runs, processor_time};
use super::sight::Sight;
use super::visitor::{NamespaceVisitor, WatchError, WatchTarget};
use crate::observe::detail::Inside;

pub(super) struct Job {
    pub(super) number: u32,
    target: WatchTarget,
    /// The target, if it is a process of ours. It ends when this is dropped.
    _occupant: Option<Occupant>,
    work: Work,
    /// When to look again, if nothing is notified before.
    due: Instant,
    last_report: Option<SeenReport>,
    /// Whether the process's end was noted.
    pub(super) ended: bool,
}

enum Work {
    Sight(Box<Sight>),
    Detail,
    Inside,
    Asking(Box<Asking>),
    Mapping(Box<Mapping>),
}

impl Job {
    pub(super) fn new(
        number: u32,
        what: WatchedPart,
        mut target: WatchTarget,
        visitor: &NamespaceVisitor,
    ) -> Result<Self, WatchError> {
        let mut occupant = None;
        let work = match what {
            WatchedPart::Snapshot => Work::Sight(Box::new(Sight::open(&target, visitor)?)),
            WatchedPart::Detail => Work::Detail,
            WatchedPart::Asked(questions) => Work::Asking(Box::new(Asking::new(questions))),
            WatchedPart::Inside => Work::Inside,
            WatchedPart::Kept(visit) => {
                let started = Occupant::start(target.pid, &visit, visitor.access)?;
                target = started.target()?;
                occupant = Some(started);
                Work::Inside
            }
            WatchedPart::Map => Work::Mapping(Box::new(Mapping::new(&target, visitor.access)?)),
        };
        Ok(Self {
            number,
            target,
            _occupant: occupant,
            work,
            due: Instant::now(),
            last_report: None,
            ended: false,
        })
    }

    pub(super) fn is_sight(&self) -> bool {
        matches!(self.work, Work::Sight(_))
    }

    /// Whether the last look reported nothing because the process moved meanwhile.
    pub(super) fn is_missed_sight(&self) -> bool {
        matches!(&self.work, Work::Sight(sight) if sight.is_missed())
    }

    pub(super) fn is_asking(&self) -> bool {
        matches!(self.work, Work::Asking(_))
    }

    /// The next time to look.
    pub(super) fn next(&self) -> Instant {
        match &self.work {
            Work::Sight(sight) => sight.rests_until().unwrap_or(self.due),
            Work::Detail | Work::Inside | Work::Asking(_) | Work::Mapping(_) => self.due,
        }
    }

    /// Whether it waits for a notification by the kernel.
    pub(super) fn wants_notices(&self) -> bool {
        match &self.work {
            Work::Sight(sight) => sight.rests_until().is_none(),
            Work::Detail | Work::Inside | Work::Asking(_) | Work::Mapping(_) => false,
        }
    }

    /// The descriptors to poll for it.
    pub(super) fn notices(&self) -> Vec<PollFd<'_>> {
        let mut notices = vec![self.target.end()];
        match &self.work {
            Work::Sight(sight) if self.wants_notices() => notices.extend(sight.notices()),
            Work::Asking(asking) => notices.extend(asking.notices()),
            Work::Sight(_) | Work::Detail | Work::Inside | Work::Mapping(_) => {}
        }
        notices
    }

    /// Notes which descriptors are ready, and whether there was a notification for everybody (`anywhere`).
    pub(super) fn note(&mut self, anywhere: bool, come: &[bool]) {
        self.ended |= come.first() == Some(&true);
        match &mut self.work {
            Work::Sight(sight) => sight.note(anywhere, &come[1..]),
            Work::Asking(asking) => {
                if asking.note(&come[1..]) {
                    self.due = Instant::now();
                }
            }
            Work::Detail | Work::Inside | Work::Mapping(_) => {}
        }
    }

    /// Looks at the process. Returns what has changed.
    pub(super) fn look(
        &mut self,
        visitor: &NamespaceVisitor,
        runs: &Runs,
        force: Forced,
    ) -> Result<Option<SeenReport>, WatchError> {
        let found = match &mut self.work {
            Work::Sight(sight) => sight.look(&self.target, visitor, runs, force)?,
            Work::Detail => again(|| {
                let detail = visitor.visit(&self.target, |reader| reader.detail())?;
                Ok(detail.map(|it| SeenReport::Detail(Box::new(it))))
            })?,
            Work::Inside => again(|| {
                let inside = visitor.visit(&self.target, |reader| {
                    let snapshot = reader.snapshot()?;
                    let detail = reader.detail()?;
                    Ok(Inside { snapshot, detail })
                })?;
                Ok(inside.map(|it| SeenReport::Inside(Box::new(it))))
            })?,
            Work::Asking(asking) => asking.look(&self.target, visitor, runs, force)?,
            Work::Mapping(mapping) => mapping.look(runs)?,
        };
        self.due = Instant::now() + found.pause;
        let Some(seen) = found.seen else {
            return Ok(None);
        };
        let told = self.last_report.as_mut();
        let is_news = told.is_none_or(|told| seen.differs_from(told));
        if !is_news && force == Forced::No {
            return Ok(None);
        }
        self.last_report = Some(seen.clone());
        Ok(Some(seen))
    }
}

/// Reads something; the longer it takes, the longer the pause after it.
fn again(
    read: impl FnOnce() -> Result<Option<SeenReport>, WatchError>,
) -> Result<LookResult, WatchError> {
    let begun = processor_time();
    let seen = read()?;
    let took = processor_time().saturating_sub(begun);
    let pause = match seen {
        Some(_) => PERIOD.max(took * PAUSE_FACTOR),
        None => LEAST_PAUSE,
    };
    Ok(LookResult { seen, pause })
}
