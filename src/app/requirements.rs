//! Steps that can't work on this machine, and the progress of lessons without them.
//!
//! Must not know how facts are found. The words are in `texts`.

use super::shells::Shells;
use super::system::System;
use super::walk::StepProgress;
use crate::facts;
use crate::lesson::{Containers, Lack, Lesson, LessonStep, MachineState};
use crate::namespace::Namespace;
use crate::progress::Fate;
use crate::sandbox::Shortfall;

/// The progress of a lesson. Steps that can't work here count as neither done nor failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LessonStanding {
    /// Finished steps.
    pub done: usize,
    /// Steps that can work here.
    pub steps: usize,
    /// Steps that can't work here.
    pub lacking: usize,
    pub stage: LessonStage,
}

/// The stage of a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LessonStage {
    Untouched,
    Begun,
    /// Every step that can work here is done.
    Done,
    /// No step can work here.
    Lacking,
}

/// Whether a step can work here, as far as that is known before anybody tries it.
pub(super) fn can_work(step: &LessonStep, system: &System, shells: &Shells) -> Result<(), Lack> {
    let lack = step.lack(MachineState {
        kinds: system.kinds,
        kernel: facts::version(&system.kernel),
        absent: &system.absent,
        shortfalls: &shells.shortfalls,
        host: shells.host_kind,
    });
    lack.map_or(Ok(()), Err)
}

pub(super) fn lack_of(
    lesson: &Lesson,
    number: usize,
    system: &System,
    shells: &Shells,
) -> Option<Lack> {
    let refusing = [
        (Shortfall::Hostname, Namespace::Uts),
        (Shortfall::OuterCgroup, Namespace::Cgroup),
    ];
    let refusing = refusing
        .into_iter()
        .filter(|(it, _)| shells.shortfalls.contains(it));
    let refused = refusing.clone().map(|(_, kind)| kind).collect();
    let mut containers = Containers::new(lesson.flags, refused);
    let mut own = refusing.filter(|(_, kind)| lesson.flags.contains(*kind));
    let mut cause = own.next().map(|(it, _)| Lack::Shortfall(it));
    let mut lacking = false;
    for step in &lesson.steps[..=number] {
        let lack = can_work(step, system, shells).err();
        lacking = containers.lacking(step, lack.is_some());
        cause = lack.or(cause);
    }
    cause.filter(|_| lacking)
}

impl LessonStage {
    /// The mark before the lesson's title.
    pub(crate) fn mark(self) -> char {
        match self {
            LessonStage::Untouched => ' ',
            LessonStage::Begun => '○',
            LessonStage::Done => '✔',
            LessonStage::Lacking => '–',
        }
    }
}

impl LessonStanding {
    /// The standing of a lesson with these steps. `known` gives a step's progress, and whether the step can work.
    pub(super) fn of<'p>(
        steps: &[LessonStep],
        known: impl Fn(usize, &LessonStep) -> (Option<&'p StepProgress>, bool),
    ) -> LessonStanding {
        let mut standing = LessonStanding {
            done: 0,
            steps: 0,
            lacking: 0,
            stage: LessonStage::Untouched,
        };
        let mut begun = false;
        for (number, step) in steps.iter().enumerate() {
            let (progress, can_work) = known(number, step);
            let finished = progress.is_some_and(|it| it.finished(step));
            begun |= finished || progress.is_some_and(StepProgress::begun);
            if !can_work || progress.is_some_and(|it| it.fate == Fate::Refused) {
                standing.lacking += 1;
            } else {
                standing.steps += 1;
                standing.done += usize::from(finished);
            }
        }
        standing.stage = if standing.steps == 0 && standing.lacking > 0 {
            LessonStage::Lacking
        } else if standing.done == standing.steps && standing.steps > 0 {
            LessonStage::Done
        } else if begun {
            LessonStage::Begun
        } else {
            LessonStage::Untouched
        };
        standing
    }
}
