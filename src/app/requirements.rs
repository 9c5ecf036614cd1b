//! Steps that can't work on this machine: what they lack, and how lessons stand without them.
//!
//! Decides from facts that others found. The words for it are in `texts`.

use super::enter_action::Next;
use super::lesson_view;
use super::state::{Lab, State};
use crate::lesson::{Part, Step};
use crate::namespace::Namespace;
use crate::progress::Fate;
use crate::sandbox::{HostKind, Shortfall, Side};

/// What a step lacks here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A program that nobody has installed.
    Program(String),
    /// A kind of namespace that the kernel doesn't have.
    Kind(Namespace),
    /// Something that the lab host could not be given.
    Shortfall(Shortfall),
    /// The host it is written for.
    Host(HostKind),
    /// A container that the kernel refused to make.
    Container,
}

/// How a lesson stands. Steps that can't work here count as neither done nor failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Steps of which nothing is left.
    pub done: usize,
    /// Steps that can work here.
    pub steps: usize,
    /// Steps that can't.
    pub lacking: usize,
    /// Where that leads to.
    pub stage: Stage,
}

/// How far a lesson is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing was done.
    Untouched,
    /// Something was.
    Begun,
    /// All that can be done here was.
    Done,
    /// Nothing can be done here.
    Lacking,
}

impl State {
    /// Whether a step can work here, as far as that is known before anybody tries it.
    pub fn can_work(&self, step: &Step) -> Result<(), Lack> {
        let Some(needs) = &step.needs else {
            return Ok(());
        };
        if let Some(ground) = needs.ground.filter(|ground| *ground != self.ground) {
            return Err(Lack::Host(ground));
        }
        if let Some(kind) = needs
            .namespaces
            .iter()
            .find(|kind| !self.kinds.contains(*kind))
        {
            return Err(Lack::Kind(kind));
        }
        let wanted = [(needs.veth, Shortfall::Veth), (needs.proc, Shortfall::Proc)];
        for (needed, shortfall) in wanted {
            if needed && self.shortfalls.contains(&shortfall) {
                return Err(Lack::Shortfall(shortfall));
            }
        }
        let absent = |program: &&String| self.absent.contains(program.as_str());
        match needs.programs.iter().find(absent) {
            Some(program) => Err(Lack::Program(program.clone())),
            None => Ok(()),
        }
    }

    /// What the present step lacks.
    pub(crate) fn lack(&self) -> Option<Lack> {
        let refused = self.walk.progress().fate == Fate::Refused;
        let step = self.step()?;
        self.can_work(step)
            .err()
            .or(refused.then_some(Lack::Container))
    }

    /// How a lesson stands.
    pub(crate) fn standing(&self, lesson: usize) -> Standing {
        let steps = self.lessons.lesson(lesson, self.lang);
        let steps = steps.map_or(&[][..], |lesson| &lesson.steps);
        let mut standing = Standing {
            done: 0,
            steps: 0,
            lacking: 0,
            stage: Stage::Untouched,
        };
        let mut begun = false;
        for (number, step) in steps.iter().enumerate() {
            let progress = self.walk.progress_of(lesson, number);
            begun |= progress.is_some_and(|it| it.begun() || it.finished(step));
            if self.can_work(step).is_err() || progress.is_some_and(|it| it.fate == Fate::Refused) {
                standing.lacking += 1;
            } else {
                standing.steps += 1;
                standing.done += usize::from(progress.is_some_and(|it| it.finished(step)));
            }
        }
        standing.stage = if standing.steps == 0 && standing.lacking > 0 {
            Stage::Lacking
        } else if standing.done == standing.steps && standing.steps > 0 {
            Stage::Done
        } else if begun {
            Stage::Begun
        } else {
            Stage::Untouched
        };
        standing
    }

    /// Whether the present step waits for a container like the one of this side.
    fn waits_for(&self, side: Side) -> bool {
        let Side::Container(nth) = side else {
            return false;
        };
        let wanted = self.lesson().zip(self.step()).and_then(|(lesson, step)| {
            let part = self.walk.progress().pending(step)?;
            match &step.parts[part] {
                Part::Launch(launch) => (launch.container == nth).then_some(launch.plan),
                Part::Run(run) => (run.side == side).then(|| self.walk.wanted(lesson, part, nth)),
                Part::Prose(_) | Part::Predict(_) | Part::Check(_) | Part::Hint(_) => None,
            }
        });
        wanted.is_some_and(|wanted| self.needed_plan(wanted) == self.shell(side).plan)
    }

    /// A launch was refused, or it worked: the step that waits for it can't go on, or can again.
    pub(super) fn note_launch(&mut self, side: Side, fate: Fate) {
        if self.waits_for(side) {
            self.walk.progress_mut().fate = fate;
        }
    }

    /// Notes that a step with nothing to do is in view to its end.
    pub(super) fn note_read(&mut self) {
        let unread = self.step().is_some_and(|step| self.walk.unread(step));
        let seen = || lesson_view::view(self).is_some_and(|view| !view.more());
        if unread && self.overlay.is_none() && self.lab != Lab::Starting && seen() {
            self.walk.note_read();
        }
    }

    /// What Enter does in a step that can't work here: it goes on.
    pub(super) fn past_lack(&self) -> Option<Next<'_>> {
        self.lack()?;
        self.lesson().map(|lesson| self.after(lesson))
    }
}
