//! The walk through the lessons: where the learner is and what is done.
//!
//! Pure; knows lessons and what is seen, not how a command reaches a shell. Nobody is held back.

mod anew;
mod measured;
mod saved;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::lang::Lang;
use crate::lesson::{Context, Lesson, Library, Part, Predict, Step};
use crate::progress::Fate;
use crate::sandbox::{Nth, Plan};

/// The lessons in every language.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lessons {
    /// In English.
    pub en: Library,
    /// In Chinese.
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

    /// The id of a lesson.
    pub fn id(&self, index: usize) -> Option<&str> {
        self.course().ids().nth(index)
    }

    /// The place of a lesson in the course.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.course().ids().position(|known| known == id)
    }
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// This choice was predicted.
    Chosen(usize),
    /// It was skipped.
    Skipped,
}

/// Who did last what may have changed what is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The learner, typing into a shell.
    Learner,
    /// The lesson, at an Enter of the learner; or a launch.
    Lesson,
}

/// What the learner did in a step. Parts are named by their index, the same in every language.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    answers: BTreeMap<usize, Answer>,
    /// The choice under the cursor.
    pub(crate) choice: Option<usize>,
    /// The question that an Enter has asked to be answered: the next one goes on without.
    pub(super) urged: Option<usize>,
    launched: BTreeSet<usize>,
    typed: BTreeMap<usize, usize>,
    /// The lines as they were typed, by part and line.
    said: BTreeMap<(usize, usize), String>,
    /// How many hints are shown.
    pub(super) hints: usize,
    held: BTreeSet<usize>,
    /// Checks that were false at some time since the step was opened.
    open: BTreeSet<usize>,
    done: BTreeSet<usize>,
    looked: bool,
    /// How much of the step's script was done for the learner.
    pub(super) script_done: usize,
    /// Whether it has been said what is missing.
    pub(super) nudged: bool,
    /// What was measured for each prediction: values by their expressions.
    measured: BTreeMap<usize, BTreeMap<String, String>>,
    /// Until when what is measured may still change, as a command takes its time.
    settling: BTreeMap<usize, Instant>,
    /// What became of the step beside its parts.
    pub(super) fate: Fate,
}

impl Progress {
    /// What became of the question that is this part.
    pub fn answer(&self, part: usize) -> Option<Answer> {
        self.answers.get(&part).copied()
    }

    /// How many lines of a run are typed.
    pub fn typed(&self, part: usize) -> usize {
        self.typed.get(&part).copied().unwrap_or(0)
    }

    /// A line of a run as it was typed; none in another session.
    pub fn said(&self, part: usize, line: usize) -> Option<&str> {
        self.said.get(&(part, line)).map(String::as_str)
    }

    /// Whether a check was true at some time.
    pub fn done(&self, part: usize) -> bool {
        self.done.contains(&part)
    }

    /// Whether a check is true now.
    pub fn holds(&self, part: usize) -> bool {
        self.held.contains(&part)
    }

    /// Whether nothing remains to be done about a part.
    pub fn satisfied(&self, index: usize, part: &Part) -> bool {
        match part {
            Part::Predict(_) => self.answers.contains_key(&index),
            Part::Launch(_) => self.launched.contains(&index),
            Part::Run(run) => self.typed(index) >= run.lines.len(),
            Part::Prose(_) | Part::Hint(_) | Part::Check(_) => true,
        }
    }

    /// The first part that waits for the learner.
    pub fn pending(&self, step: &Step) -> Option<usize> {
        step.parts
            .iter()
            .enumerate()
            .find(|(index, part)| !self.satisfied(*index, part))
            .map(|(index, _)| index)
    }

    /// Whether a prediction may be resolved: everything it was about has been done, and has been
    /// seen, or it has been said what is missing.
    pub fn resolved(&self, step: &Step, question: usize) -> bool {
        self.answers.contains_key(&question)
            && step
                .parts
                .iter()
                .enumerate()
                .skip(question + 1)
                .take_while(|(_, part)| !matches!(part, Part::Predict(_)))
                .all(|(index, part)| match part {
                    Part::Check(_) => self.nudged || self.done(index),
                    part => self.satisfied(index, part),
                })
    }

    /// Whether nothing of the step is left. Where there is nothing to do, that is to have read it.
    pub fn finished(&self, step: &Step) -> bool {
        let work = step.parts.iter().any(is_work);
        self.all_done(step) && self.pending(step).is_none() && (work || self.fate == Fate::Read)
    }

    /// Whether anything was done.
    pub fn begun(&self) -> bool {
        let something = !(self.answers.is_empty() && self.launched.is_empty());
        something || self.typed.values().any(|lines| *lines > 0) || !self.done.is_empty()
    }

    /// Whether every check of the step was true at some time.
    pub fn all_done(&self, step: &Step) -> bool {
        checks(step).all(|index| self.done(index))
    }

    /// Evaluates the checks. What was so before the step was opened is the merit of no command that
    /// is still to come. One that becomes true by the learner's own hand stands for the line
    /// the step was waiting for, unless a prediction is still to be made. Further lines only look
    /// at what was done, and are still worth an Enter.
    pub(super) fn look(&mut self, step: &Step, context: &Context, hand: Actor, sees: bool) {
        let mut turned = None;
        for (index, part) in step.parts.iter().enumerate() {
            let Part::Check(check) = part else { continue };
            match check.expr.truth(context) {
                Some(true) => {}
                Some(false) => {
                    self.held.remove(&index);
                    self.open.insert(index);
                    continue;
                }
                // Before anything is seen at all, nothing is known to be false.
                None => {
                    self.held.remove(&index);
                    if sees {
                        self.open.insert(index);
                    }
                    continue;
                }
            }
            let to_come = self.pending(step).is_some_and(|pending| pending < index);
            if to_come && !self.open.contains(&index) {
                self.held.insert(index);
                continue;
            }
            let now = self.held.insert(index) && self.looked;
            if self.done.insert(index) {
                self.measure_again(step, index);
                turned = now.then_some(index).or(turned);
            }
        }
        if let Some(check) = turned {
            self.fulfil(step, check, hand);
        }
        self.looked = true;
    }

    fn fulfil(&mut self, step: &Step, check: usize, hand: Actor) {
        for (index, part) in step.parts.iter().enumerate().take(check) {
            if self.satisfied(index, part) {
                continue;
            }
            match (part, hand) {
                (Part::Launch(_), _) => {
                    self.launched.insert(index);
                }
                (Part::Run(_), Actor::Learner) => {
                    *self.typed.entry(index).or_default() += 1;
                    return;
                }
                _ => return,
            }
        }
    }

    /// The first check that was never true: what is nearly right about it, or its hint, or its name.
    pub fn missing<'a>(&self, step: &'a Step, context: &Context) -> Option<&'a str> {
        step.parts
            .iter()
            .enumerate()
            .find_map(|(index, part)| match part {
                Part::Check(check) if !self.done(index) => Some(
                    check
                        .near_miss(context)
                        .or(check.hint.as_deref())
                        .unwrap_or(&check.name),
                ),
                _ => None,
            })
    }
}

/// Whether a part is something to do.
fn is_work(part: &Part) -> bool {
    match part {
        Part::Predict(_) | Part::Launch(_) | Part::Run(_) | Part::Check(_) => true,
        Part::Prose(_) | Part::Hint(_) => false,
    }
}

fn checks(step: &Step) -> impl Iterator<Item = usize> {
    step.parts
        .iter()
        .enumerate()
        .filter(|(_, part)| matches!(part, Part::Check(_)))
        .map(|(index, _)| index)
}

/// How many hints a step has.
pub fn hints(step: &Step) -> usize {
    step.parts
        .iter()
        .filter(|part| matches!(part, Part::Hint(_)))
        .count()
}

/// Where the learner is, and everything done so far.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    lesson: usize,
    step: usize,
    progress: BTreeMap<(usize, usize), Progress>,
    fresh: Progress,
}

impl Walk {
    /// At the beginning of a lesson.
    pub fn new(lesson: usize) -> Self {
        Walk {
            lesson,
            ..Walk::default()
        }
    }

    /// The lesson's place in the course.
    pub fn lesson(&self) -> usize {
        self.lesson
    }

    /// The step's place in the lesson.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Both.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.lesson, self.step)
    }

    /// What was done in this step.
    pub fn progress(&self) -> &Progress {
        self.progress
            .get(&(self.lesson, self.step))
            .unwrap_or(&self.fresh)
    }

    pub(super) fn progress_mut(&mut self) -> &mut Progress {
        self.progress.entry((self.lesson, self.step)).or_default()
    }

    /// What was done in a step of a lesson; none where it was never looked at.
    pub fn progress_of(&self, lesson: usize, step: usize) -> Option<&Progress> {
        self.progress.get(&(lesson, step))
    }

    /// Whether the present step has nothing to do, and isn't known to be read.
    pub(super) fn unread(&self, step: &Step) -> bool {
        self.progress().fate != Fate::Read && !step.parts.iter().any(is_work)
    }

    /// The present step has been read to its end.
    pub(super) fn note_read(&mut self) {
        self.progress_mut().fate = Fate::Read;
    }

    /// The question that waits for an answer.
    pub fn question<'a>(&self, step: &'a Step) -> Option<(usize, &'a Predict)> {
        let index = self.progress().pending(step)?;
        match &step.parts[index] {
            Part::Predict(predict) => Some((index, predict)),
            _ => None,
        }
    }

    /// What a container must be made with for a command at this part: what the last launch of it
    /// says before that, in this step or an earlier one, else the lesson's flags.
    pub fn wanted(&self, lesson: &Lesson, part: usize, nth: Nth) -> Plan {
        let here = lesson.steps[self.step].parts.iter().take(part).rev();
        let before = lesson.steps[..self.step]
            .iter()
            .rev()
            .flat_map(|step| step.parts.iter().rev());
        here.chain(before)
            .find_map(|part| match part {
                Part::Launch(launch) if launch.container == nth => Some(launch.plan.clone()),
                _ => None,
            })
            .unwrap_or_else(|| Plan::new(lesson.flags))
    }

    pub(super) fn answer(&mut self, part: usize, answer: Answer) {
        let progress = self.progress_mut();
        progress.answers.entry(part).or_insert(answer);
        progress.choice = None;
    }

    pub(super) fn launched(&mut self, part: usize) {
        self.progress_mut().launched.insert(part);
    }

    /// A line of this part is typed, as it is with its values.
    pub(super) fn type_line(&mut self, part: usize, said: String) {
        let progress = self.progress_mut();
        let line = progress.typed.entry(part).or_default();
        progress.said.insert((part, *line), said);
        *line += 1;
    }

    /// What was refused may be granted in another lab host.
    pub(super) fn try_again(&mut self) {
        for progress in self.progress.values_mut() {
            if progress.fate == Fate::Refused {
                progress.fate = Fate::default();
            }
        }
    }

    /// The last line of this part did not reach its shell.
    pub(super) fn untype_line(&mut self, part: usize) {
        let progress = self.progress_mut();
        if let Some(typed) = progress.typed.get_mut(&part) {
            *typed = typed.saturating_sub(1);
        }
        progress.wait_anew();
    }

    /// The last action of the script did not reach its shell.
    pub(super) fn undo_script_action(&mut self) {
        let done = &mut self.progress_mut().script_done;
        *done = done.saturating_sub(1);
    }

    pub(super) fn go(&mut self, lesson: usize, step: usize) {
        (self.lesson, self.step) = (lesson, step);
        if let Some(progress) = self.progress.get_mut(&(lesson, step)) {
            // What was so when it was open before counts for nothing now.
            progress.open.clear();
            progress.held.clear();
            progress.looked = false;
        }
    }
}
