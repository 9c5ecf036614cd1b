//! The lessons, the learner's place in them, and the facts that their checks are judged by.
//!
//! Must not know how a step is shown.

use std::collections::BTreeSet;
use std::time::Instant;

use super::credit::Credit;
use super::expected::ExpectedSides;
use super::keys_left::KeysLeft;
use super::lesson_lab::LessonLab;
use super::mistake::Mistake;
use super::review::Review;
use super::saving::Saving;
use super::shadowed::{self, Shadowed};
use super::shells::Shells;
use super::typed_lines::{LineOrigin, TypedLines};
use super::walk::{Lessons, LinePlace, Walk};
use crate::lang::Lang;
use crate::lesson::{Context, Known, KnownSide, Lesson, LessonStep, View};
use crate::namespace::NamespaceSet;
use crate::progress::Course;
use crate::sandbox::{ContainerNumber, Side};

/// Where the learner reads in the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadingPosition {
    /// At the place that Enter has scrolled to.
    Follows,
    /// At a place that they have scrolled to since.
    Elsewhere,
}

/// The mistakes in the lessons as they were saved. The last usable lessons stay in place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mistakes {
    /// Each with its file, line and column.
    pub all: Vec<Mistake>,
    /// Whether they are shown in place of the step.
    pub shown: bool,
    /// The scroll position of the page that is hidden now: of the step or of the mistakes.
    pub(super) scroll: usize,
}

/// The lessons, and where the learner is in them.
#[derive(Debug)]
pub(crate) struct LessonState {
    pub lessons: Lessons,
    pub walk: Walk,
    /// The review that is under way; `walk` is in a step of it.
    pub(crate) review: Option<Review>,
    pub mistakes: Mistakes,
    pub saving: Saving,
    /// Whether to say that the learner is where they left off.
    pub(super) resumed: bool,
    pub lab: LessonLab,
    /// The first line of the step that is shown.
    pub scroll: usize,
    pub reader: ReadingPosition,
    /// The values of the names in the lesson's expressions.
    pub context: Context,
    /// How many commands had ended in each side's shell, named by its launch, when the step was opened.
    before_step: Vec<(Side, u32, u64)>,
    /// The views that have been opened since the step was.
    pub(super) opened: Vec<View>,
    pub lines: TypedLines,
    pub(super) credit: Credit,
    /// The keys that are still to be pressed of the lesson's command.
    pub(crate) keys_left: Option<KeysLeft>,
}

impl LessonState {
    /// Begins at the lesson `start`; without it where the learner left off, or at the first lesson.
    pub(super) fn new(lessons: Lessons, saved: Option<Course>, start: Option<&str>) -> Self {
        let start = start.and_then(|id| lessons.index(id));
        let mut walk = Walk::new(start.unwrap_or(0));
        let mut resumed = false;
        if let Some(course) = &saved {
            walk.load(course, &lessons);
            resumed = start.is_none() && walk.resume(course, &lessons);
        }
        LessonState {
            lessons,
            walk,
            review: None,
            mistakes: Mistakes::default(),
            saving: Saving::new(saved),
            resumed,
            lab: LessonLab::default(),
            scroll: 0,
            reader: ReadingPosition::Follows,
            context: Known::default().context(),
            before_step: Vec::new(),
            opened: Vec::new(),
            lines: TypedLines::default(),
            credit: Credit::default(),
            keys_left: None,
        }
    }

    /// The learner's own walk, also while a review asks something else.
    pub(crate) fn learners_walk(&self) -> &Walk {
        self.review.as_ref().map_or(&self.walk, |it| &it.learner)
    }

    /// Takes the learner's own walk up again, if a review has put it aside.
    pub(super) fn leave_review(&mut self) {
        if let Some(review) = self.review.take() {
            self.walk = review.learner;
        }
    }

    pub(crate) fn lesson(&self, lang: Lang) -> Option<&Lesson> {
        self.lessons.lesson(self.walk.lesson(), lang)
    }

    pub(crate) fn step(&self, lang: Lang) -> Option<&LessonStep> {
        self.lesson(lang)?.steps.get(self.walk.step())
    }

    /// The open step, the walk to change, and the context of expressions.
    pub(super) fn step_mut(&mut self, lang: Lang) -> Option<(&LessonStep, &mut Walk, &Context)> {
        let lesson = self.lessons.lesson(self.walk.lesson(), lang)?;
        let step = lesson.steps.get(self.walk.step())?;
        Some((step, &mut self.walk, &self.context))
    }

    /// The part of the step that waits for the learner.
    pub(crate) fn pending(&self, lang: Lang) -> Option<usize> {
        self.walk.progress().pending(self.step(lang)?)
    }

    pub(super) fn refresh_context(&mut self, shells: &Shells, chosen: NamespaceSet) {
        self.context = self.known(shells, chosen).context();
    }

    /// All that expressions can ask about.
    pub(crate) fn known<'k>(&'k self, shells: &'k Shells, chosen: NamespaceSet) -> Known<'k> {
        let known = |side| {
            let shell = shells.get(side);
            KnownSide {
                snapshot: shell.snapshot.as_deref(),
                asked: shell.asked.as_deref(),
                last: shell.last_command(),
                commands: shell.commands_after(self.before_step(side, shell.launch)),
            }
        };
        Known {
            host: known(Side::Host),
            containers: ContainerNumber::ALL.map(|number| known(Side::Container(number))),
            machine: shells.machine.snapshot.as_deref(),
            chosen,
            seen: &self.opened,
            host_kind: shells.host_kind,
        }
    }

    /// How many commands had ended in a side's shell when the step was opened.
    fn before_step(&self, side: Side, launch: u32) -> u64 {
        let before = self.before_step.iter();
        let mut before = before.filter(|(of, its, _)| (*of, *its) == (side, launch));
        before.next().map_or(0, |(_, _, commands)| *commands)
    }

    /// The last command since the step was opened, if it was no program, but an alias or a function of
    /// the shell that it was typed into.
    pub(super) fn shadowed(&self, shells: &Shells) -> Option<(Side, Shadowed)> {
        shells.all().find_map(|(side, shell)| {
            let before = self.before_step(side, shell.launch);
            let last = shell.emulator.commands_after(before).last()?;
            Some((side, shadowed::first(&last.line, &last.names)?))
        })
    }

    /// Notes that a step is opened: the commands of its shells are counted from here.
    pub(super) fn count_commands(&mut self, shells: &Shells) {
        self.before_step = counts(shells);
        self.lab.begun_with = ExpectedSides::of(shells);
    }

    /// Whether anything may have been done since the step was opened: a launch, a command that has ended or
    /// runs, or something in a shell that doesn't report its commands.
    pub(super) fn has_begun(&self, shells: &Shells) -> bool {
        let mut running = shells.all().filter(|(_, shell)| shell.runs());
        let before = |side: Side| self.before_step.iter().find(|(of, ..)| *of == side);
        let mut counts = counts(shells).into_iter();
        let acted = counts.any(|(side, launch, commands)| match before(side) {
            Some((_, of, before)) => (*of, *before) != (launch, commands),
            // The lab has just been opened: its host shell is no deed.
            None => commands > 0 || side != Side::Host && launch > 0,
        });
        acted || running.any(|(_, it)| !it.emulator.at_prompt())
    }

    /// Makes measured values final: something else is about to be done, or the step is left (`leaves`).
    pub(super) fn close_measured(&mut self, lang: Lang, leaves: bool) {
        // A rebuild only repeats deeds whose predictions were measured when the learner did them.
        if self.lab.rebuild.is_none()
            && let Some((step, walk, context)) = self.step_mut(lang)
        {
            walk.close(step, context, leaves);
        }
    }

    /// Finds out which failures the lesson intends: in the present step, and in the step whose line has ended last.
    pub(super) fn note_wanted(&mut self, lang: Lang) {
        let last = self.lines.last_ended().into_iter();
        let places: BTreeSet<_> = last.chain([self.walk.place()]).collect();
        for place in places {
            if let Some(step) = self.lessons.step(place, lang) {
                self.walk.note_wanted(place, step, &self.context);
            }
        }
    }

    /// Notes that something is done in the lab host for the present lesson. If another lesson has used the lab host
    /// before, it stays that lesson's, which made its contents.
    pub(super) fn use_lab(&mut self) {
        self.lab.used_for.get_or_insert(self.walk.lesson());
    }

    /// Notes that the lesson types a line.
    pub(super) fn note_typed(&mut self, shells: &Shells, side: Side, at: Instant) {
        self.lab.lesson_changes_again(shells);
        self.credit.give_lesson();
        self.lines.note_typed(shells, side, at);
    }

    /// Notes the destination of a line, so that the line can be taken back.
    pub(super) fn note_unconfirmed(&mut self, side: Side, origin: LineOrigin) {
        self.lines.note_unconfirmed(self.walk.place(), side, origin);
    }

    /// Notes whether the last command of this shell was a line of the present step, and its part.
    pub(super) fn note_last_line(&mut self, shells: &Shells, side: Side, lang: Lang) {
        let part = self.lines.last_part(self.walk.place(), shells, side);
        if let Some((step, walk, _)) = self.step_mut(lang) {
            walk.progress_mut().note_last_line(step, side, part);
        }
    }

    /// Whether no shell has reported anything about this typed line of the present step.
    pub(crate) fn is_unreported(&self, shells: &Shells, part: usize, line: usize) -> bool {
        self.lines
            .is_unreported(shells, self.line_place(part, line))
    }

    /// The place of a line in the present step.
    pub(super) fn line_place(&self, part: usize, line: usize) -> LinePlace {
        let place = self.walk.place();
        LinePlace { place, part, line }
    }

    /// When to measure a prediction again, even if nothing has changed.
    pub(super) fn measures_at(&self, shells: &Shells, lang: Lang) -> Option<Instant> {
        let (step, progress) = (self.step(lang)?, self.walk.progress());
        let waits = || progress.waits_for_verdict(step);
        progress
            .measures_at(step)
            .or_else(|| self.lines.deadline(shells).filter(|_| waits()))
    }
}

/// How many commands have ended in each side's shell, named by its launch.
fn counts(shells: &Shells) -> Vec<(Side, u32, u64)> {
    let shells = shells.all();
    let counts = shells.map(|(side, it)| (side, it.launch, it.emulator.commands()));
    counts.collect()
}
