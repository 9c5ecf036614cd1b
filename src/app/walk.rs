//! The walk through the lessons: the learner's place, and the progress.
//!
//! Must not know how a command reaches a shell. Nothing keeps a learner from going on.

mod anew;
mod measured;
mod own_command;
mod saved;
mod step_progress;

use std::collections::BTreeMap;

pub(super) use self::measured::predictions;
use self::own_command::LineIndex;
pub(super) use self::own_command::ended_well;
pub(super) use self::step_progress::asks_how_commands_end;
use self::step_progress::{Arrival, LineOutcome, is_work};
pub(crate) use self::step_progress::{
    Cause, Counts, EverTrue, Failed, Judged, LineEnd, LineState, OwnCommand, QuestionAnswer,
    StepProgress,
};
use crate::explain::Why;
use crate::lang::Lang;
use crate::lesson::shell_line::becomes_another;
use crate::lesson::{Context, Lesson, LessonStep, Library, Part, Predict};
use crate::progress::{Fate, StepRecord};
use crate::sandbox::{ContainerNumber, Plan};

/// The lessons in every language.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lessons {
    /// The English lessons. They give the order of the course, unless there are none.
    pub en: Library,
    /// The Chinese lessons. A lesson without a translation is shown in English.
    pub zh: Library,
}

impl Lessons {
    /// The order of the course is that of the English lessons, where there are any.
    fn course(&self) -> &Library {
        if self.en.is_empty() {
            &self.zh
        } else {
            &self.en
        }
    }

    /// How many lessons there are.
    pub fn count(&self) -> usize {
        self.course().len()
    }

    /// A lesson in a language; in another one where there is no translation.
    pub fn lesson(&self, index: usize, lang: Lang) -> Option<&Lesson> {
        let id = self.id(index)?;
        let library = match lang {
            Lang::En => &self.en,
            Lang::ZhCn => &self.zh,
        };
        library.find(id).or_else(|| self.course().find(id))
    }

    /// A step, by its lesson and its number, in a language.
    pub(crate) fn step(&self, (lesson, step): (usize, usize), lang: Lang) -> Option<&LessonStep> {
        self.lesson(lesson, lang)?.steps.get(step)
    }

    /// All lessons in a language, each with its place in the course.
    pub(crate) fn all(&self, lang: Lang) -> impl Iterator<Item = (usize, &Lesson)> {
        (0..self.count()).filter_map(move |index| Some((index, self.lesson(index, lang)?)))
    }

    pub(crate) fn id(&self, index: usize) -> Option<&str> {
        self.course().ids().nth(index)
    }

    /// The place of a lesson in the course.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.course().ids().position(|known| known == id)
    }
}

/// The plan that a container needs for a command at this part of a step: that of its last launch
/// before the part, in this step or an earlier one; without one, the lesson's flags.
pub(super) fn wanted_at(
    lesson: &Lesson,
    step: usize,
    part: usize,
    number: ContainerNumber,
) -> Plan {
    let here = lesson.steps[step].parts.iter().take(part).rev();
    let before = lesson.steps[..step]
        .iter()
        .rev()
        .flat_map(|step| step.parts.iter().rev());
    here.chain(before)
        .find_map(|part| match part {
            Part::Launch(launch) if launch.container == number => Some(launch.plan.clone()),
            _ => None,
        })
        .unwrap_or_else(|| Plan::new(lesson.flags))
}

/// A line of a run: its lesson and step, its part, its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LinePlace {
    pub place: (usize, usize),
    pub part: usize,
    pub line: usize,
}

/// The learner's place, and everything done so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Walk {
    lesson: usize,
    step: usize,
    progress: BTreeMap<(usize, usize), StepProgress>,
    /// Records of lessons and steps that are not there now, by lesson id and step: their file may come back.
    parked: BTreeMap<String, BTreeMap<usize, StepRecord>>,
    /// The lesson and the step that the learner was at when their file went. If the file reappears and the
    /// learner has not moved, return there.
    left: Option<(String, usize)>,
    /// The progress of a step that was never opened.
    fresh: StepProgress,
}

impl Walk {
    /// At the beginning of a lesson.
    pub(crate) fn new(lesson: usize) -> Self {
        Walk {
            lesson,
            ..Walk::default()
        }
    }

    /// At a step of a lesson, where nothing was ever done.
    pub(crate) fn at((lesson, step): (usize, usize)) -> Self {
        Walk {
            step,
            ..Walk::new(lesson)
        }
    }

    /// The lesson's place in the course.
    pub(crate) fn lesson(&self) -> usize {
        self.lesson
    }

    /// The step's place in the lesson.
    pub(crate) fn step(&self) -> usize {
        self.step
    }

    /// Its lesson and its step.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.lesson, self.step)
    }

    /// The progress in this step.
    pub(crate) fn progress(&self) -> &StepProgress {
        self.progress
            .get(&(self.lesson, self.step))
            .unwrap_or(&self.fresh)
    }

    pub(super) fn progress_mut(&mut self) -> &mut StepProgress {
        self.progress.entry((self.lesson, self.step)).or_default()
    }

    /// The progress in a step of a lesson; `None` if the step was never opened.
    pub(crate) fn progress_of(&self, lesson: usize, step: usize) -> Option<&StepProgress> {
        self.progress.get(&(lesson, step))
    }

    /// Whether the present step has nothing to do, and was not read yet.
    pub(super) fn unread(&self, step: &LessonStep) -> bool {
        self.progress().fate != Fate::Read && !step.parts.iter().any(is_work)
    }

    pub(super) fn note_read(&mut self) {
        self.progress_mut().fate = Fate::Read;
    }

    /// The question that waits for an answer.
    pub(crate) fn question<'a>(&self, step: &'a LessonStep) -> Option<(usize, &'a Predict)> {
        let index = self.progress().pending(step)?;
        match &step.parts[index] {
            Part::Predict(predict) => Some((index, predict)),
            _ => None,
        }
    }

    /// The plan that a container needs for a command at this part of the present step.
    pub(crate) fn wanted(&self, lesson: &Lesson, part: usize, number: ContainerNumber) -> Plan {
        wanted_at(lesson, self.step, part, number)
    }

    /// Notes that the first steps of the lesson were done again in this lab host.
    pub(super) fn made(&mut self, steps: usize, lab: u32) {
        for step in 0..steps.max(self.step + 1) {
            let progress = self.progress.entry((self.lesson, step)).or_default();
            progress.worked_in = Some(lab);
            if step < self.step {
                progress.made_in = Some(lab);
            }
        }
        self.progress_mut().reopen(Arrival::Otherwise);
    }

    pub(crate) fn answer(&mut self, part: usize, answer: QuestionAnswer) {
        let progress = self.progress_mut();
        progress.part_mut(part).answer.get_or_insert(answer);
        progress.choice = None;
    }

    /// Notes how a question of any step was answered, at `at` seconds since 1970.
    pub(super) fn note_recall(&mut self, place: (usize, usize), part: usize, right: bool, at: u64) {
        let record = self.progress.entry(place).or_default().part_mut(part);
        let before = record.recall.unwrap_or_default();
        record.recall = Some(before.answered(right, at));
    }

    pub(super) fn launched(&mut self, part: usize) {
        self.progress_mut().part_mut(part).launched = true;
    }

    /// Notes that a line of this part is typed. `line` has its values filled in.
    pub(super) fn type_line(&mut self, part: usize, line: String) {
        let at = LinePlace {
            place: self.place(),
            part,
            line: self.progress().typed(part),
        };
        self.type_line_at(at, line);
    }

    /// Notes that a line of any step is typed. It has its values filled in.
    pub(super) fn type_line_at(&mut self, at: LinePlace, line: String) {
        let part = self.progress.entry(at.place).or_default();
        let part = part.part_mut(at.part);
        let progress = part.line_mut(at.line);
        (progress.text, progress.unended) = (Some(line), true);
        part.do_line(at.line);
    }

    /// A line that was done is typed again in another lab, where its values may be others.
    pub(super) fn retype_line(&mut self, line: LinePlace, text: String) {
        let progress = self.progress.get_mut(&line.place);
        if let Some(progress) = progress.filter(|it| it.line_done(line.part, line.line)) {
            let part = progress.part_mut(line.part);
            part.line_mut(line.line).text = Some(text);
        }
    }

    /// The learner has done a line of the present step on their own, in this lab host.
    pub(super) fn do_own_line(&mut self, index: LineIndex, lab: u32) {
        let progress = self.progress_mut();
        progress.work(lab);
        progress.part_mut(index.part).do_line(index.line);
    }

    /// Whether the line that the shell reports is this typed line. The shell may report only the start of a long
    /// line. If a command goes on in further lines, the shell reports all of them.
    pub(super) fn was_typed(&self, line: LinePlace, told: &str) -> bool {
        let typed = self.typed_line(line).unwrap_or_default().trim();
        let told = told.trim();
        typed.starts_with(told) || told.starts_with(typed)
    }

    /// Whether this line, as it was typed, ends its shell.
    pub(super) fn leaves(&self, line: LinePlace) -> bool {
        let typed = self.typed_line(line);
        let first = typed.and_then(|it| it.split_whitespace().next());
        matches!(first, Some("exit" | "logout"))
    }

    /// Whether this line, as it was typed, puts another program in the place of its shell.
    pub(super) fn becomes_another(&self, line: LinePlace) -> bool {
        self.typed_line(line).is_some_and(becomes_another)
    }

    /// A line as it was typed.
    fn typed_line(&self, line: LinePlace) -> Option<&str> {
        let progress = self.progress.get(&line.place)?;
        progress.line(line.part, line.line)
    }

    /// The command of this line has ended.
    pub(super) fn line_ended(&mut self, line: LinePlace, end: LineEnd) {
        // A step that was forgotten meanwhile stays forgotten.
        let Some(progress) = self.progress.get_mut(&line.place) else {
            return;
        };
        let record = progress.part_mut(line.part);
        record.ended = Some(line.line);
        let line = record.line_mut(line.line);
        line.unended = false;
        line.outcome = if end.status == 0 {
            LineOutcome::Succeeded(end.shadowed)
        } else {
            // The line is done again in a fresh lab, and fails with the same status as before: still wanted.
            let before = line.outcome.failure();
            let wanted = before.is_some_and(|it| it.wanted && it.end.status == end.status);
            let why = None;
            LineOutcome::Failed(Failed { end, why, wanted })
        };
    }

    /// Marks failures that the step expects.
    pub(super) fn note_wanted(
        &mut self,
        place: (usize, usize),
        step: &LessonStep,
        context: &Context,
    ) {
        if let Some(progress) = self.progress.get_mut(&place) {
            progress.note_wanted(step, context);
        }
    }

    /// Why the command of this line failed.
    pub(super) fn line_explained(&mut self, line: LinePlace, why: Why) {
        let progress = self.progress.entry(line.place).or_default();
        let record = progress.part_mut(line.part);
        if let Some(failed) = record.line_mut(line.line).outcome.failure_mut() {
            failed.why = Some(why);
        }
    }

    /// Forgets refusals: another lab host may allow the launch.
    pub(super) fn try_again(&mut self) {
        for progress in self.progress.values_mut() {
            if progress.fate == Fate::Refused {
                progress.fate = Fate::default();
            }
        }
    }

    /// This line of a part of the present step did not reach its shell.
    pub(super) fn untype_line(&mut self, part: usize, line: usize) {
        let progress = self.progress_mut();
        progress.part_mut(part).undo_line(line);
        progress.wait_anew();
    }

    /// The last action of the script did not reach its shell.
    pub(super) fn undo_script_action(&mut self) {
        let done = &mut self.progress_mut().script_done;
        *done = done.saturating_sub(1);
    }

    pub(super) fn go(&mut self, lesson: usize, step: usize) {
        let comes = if lesson == self.lesson && step < self.step {
            Arrival::Back
        } else {
            Arrival::Otherwise
        };
        (self.lesson, self.step) = (lesson, step);
        self.left = None;
        if let Some(progress) = self.progress.get_mut(&(lesson, step)) {
            progress.reopen(comes);
        }
    }
}
