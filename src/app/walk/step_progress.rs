//! The progress in one step: a record for each of its parts.
//!
//! Must not know how a command reaches a shell. `measured` decides when predictions are measured.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::own_command::{self, Likeness, LineIndex, Lines, RunLine};
use crate::app::shadowed::Shadowed;
use crate::explain::Why;
use crate::lesson::{Check, Context, Expr, LessonStep, Part, Predict, StepDeed};
use crate::progress::{Fate, Recall};
use crate::sandbox::Side;

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuestionAnswer {
    Chosen(usize),
    Skipped,
}

/// The possible cause of a check that has become true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause<'a> {
    /// The lesson, at an Enter of the learner; or a launch.
    Lesson,
    /// The learner, typing into a side's shell.
    Learner(Side, OwnCommand<'a>),
}

/// A command that the learner typed on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnCommand<'a> {
    /// It has not ended: its line is not known.
    Running,
    /// It has ended; its line.
    Ended(&'a str),
    /// The shell doesn't report its commands.
    Untold,
}

/// The facts that the checks are judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub context: &'a Context,
    /// Whether the host has been seen.
    pub host: bool,
    pub cause: Cause<'a>,
    /// The step's launches, by their parts, whose container runs with their plan.
    pub launched: &'a BTreeSet<usize>,
}

/// The progress in one part of a step.
#[derive(Debug, Clone, Default)]
pub(super) struct PartProgress {
    pub answer: Option<QuestionAnswer>,
    /// How its question was answered over time.
    pub recall: Option<Recall>,
    /// The measured values of a prediction, by their expressions. Empty if it can't be
    /// measured any more.
    pub measured: Option<BTreeMap<String, String>>,
    /// Deadline for changes of the measured values: a command takes its time.
    pub settles_at: Option<Instant>,
    pub launched: bool,
    /// How many lines of a run were typed, from its first on.
    pub typed: usize,
    /// Lines after the next one that the learner has typed on their own, by their number.
    pub ahead: BTreeSet<usize>,
    /// What is known of the lines of a run, by their number.
    pub lines: BTreeMap<usize, LineProgress>,
    /// The last line whose command has ended, until another command has ended in its shell.
    pub ended: Option<usize>,
    pub check: CheckProgress,
}

/// What is known of one line of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct LineProgress {
    /// The line as it was typed in this session.
    pub text: Option<String>,
    /// Whether it was typed and its command was not seen to end.
    pub unended: bool,
    pub outcome: LineOutcome,
}

/// How the command of a line ended when it was last seen to end.
#[derive(Debug, Clone)]
pub(super) enum LineOutcome {
    /// Well, as far as is known. `Some` if a command of the line was an alias or a function.
    Succeeded(Option<Shadowed>),
    Failed(Failed),
}

impl Default for LineOutcome {
    fn default() -> Self {
        LineOutcome::Succeeded(None)
    }
}

impl LineOutcome {
    pub(super) fn failure(&self) -> Option<&Failed> {
        match self {
            LineOutcome::Failed(failed) => Some(failed),
            LineOutcome::Succeeded(_) => None,
        }
    }

    pub(super) fn failure_mut(&mut self) -> Option<&mut Failed> {
        match self {
            LineOutcome::Failed(failed) => Some(failed),
            LineOutcome::Succeeded(_) => None,
        }
    }
}

/// The state of a line of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineState<'a> {
    /// It is still to be typed.
    ToType,
    /// It was typed, and its command was not seen to end.
    Typed,
    /// Done. `Some` if its command was an alias or a function.
    Done(Option<&'a Shadowed>),
    Failed(&'a Failed),
}

/// How the command of a line has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LineEnd {
    pub status: i32,
    /// The last line that it printed.
    pub last_line: String,
    /// A command of the line that was an alias or a function in that shell.
    pub shadowed: Option<Shadowed>,
    /// Whether the same line had ended well in that shell before.
    pub again: bool,
}

/// A command that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failed {
    pub end: LineEnd,
    /// Why, once that is known.
    pub why: Option<Why>,
    /// Whether a check or a prediction of its step looks at how it ended, and was true then.
    pub wanted: bool,
}

impl Failed {
    /// Whether its message says that the thing it should make exists already.
    pub(crate) fn exists(&self) -> bool {
        let told = self.end.last_line.to_lowercase();
        ["exists", "already assigned"]
            .iter()
            .any(|it| told.contains(it))
    }
}

impl PartProgress {
    fn line_done(&self, line: usize) -> bool {
        line < self.typed || self.ahead.contains(&line)
    }

    /// Notes that a line was typed, by the lesson or by the learner.
    pub(super) fn do_line(&mut self, line: usize) {
        self.ahead.insert(line);
        while self.ahead.remove(&self.typed) {
            self.typed += 1;
        }
    }

    /// A line did not reach its shell.
    pub(super) fn undo_line(&mut self, line: usize) {
        self.ahead.extend(line + 1..self.typed);
        self.typed = self.typed.min(line);
        self.line_mut(line).unended = false;
    }

    pub(super) fn line_mut(&mut self, line: usize) -> &mut LineProgress {
        self.lines.entry(line).or_default()
    }

    /// Whether anything was done besides answering.
    fn worked_at(&self) -> bool {
        self.launched || self.typed > 0 || !self.ahead.is_empty() || self.check.done
    }
}

/// How the learner comes to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// From a later step of the lesson.
    Back,
    Otherwise,
}

#[derive(Debug, Clone, Default)]
pub(super) struct CheckProgress {
    /// Whether it is true now.
    pub holds: bool,
    /// Whether it was false at some time in this lab host, since the step was opened, or since it was first left for
    /// a later one.
    pub was_false: bool,
    /// Whether it was true at some time.
    pub done: bool,
}

/// The progress in a step. A part is named by its index, the same in every language.
#[derive(Debug, Clone, Default)]
pub(crate) struct StepProgress {
    pub(super) parts: BTreeMap<usize, PartProgress>,
    /// The choice under the cursor.
    pub choice: Option<usize>,
    /// The question that Enter has asked the learner to answer: the next Enter skips it.
    pub urged: Option<usize>,
    /// How many hints are shown.
    pub hints: usize,
    /// Whether the checks have been evaluated since the step was opened.
    pub(super) looked: bool,
    /// The check that became true while the learner's command ran. The lesson must still show the line for it.
    pub(super) due: Option<usize>,
    /// How many actions of the step's script were done for the learner.
    pub script_done: usize,
    /// Whether any of the script was ever done for the learner.
    pub shown: bool,
    /// Whether a notice has named the missing part.
    pub nudged: bool,
    /// Launches and lines done before the question above them was answered, with the check that proves each.
    pub(super) below_question: BelowQuestion,
    /// The result of the step that its parts don't show.
    pub fate: Fate,
    /// The lab host that the checks were last judged in.
    pub(super) looked_in: Option<u32>,
    /// The lab host in which everything that was done of the step so far was done.
    pub worked_in: Option<u32>,
    /// The lab host that has what the step leaves behind.
    pub made_in: Option<u32>,
}

/// The deeds below a question that is not answered, each with the check that proves it.
#[derive(Debug, Clone, Default)]
pub(super) struct BelowQuestion {
    /// Launches, by their parts.
    launches: BTreeMap<usize, usize>,
    lines: Vec<(LineIndex, usize)>,
}

/// Whether any check of a step was ever true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EverTrue {
    NoChecks,
    Nothing,
    Something,
}

/// A part that must be done before a line further below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    Question,
    /// The line is for another container.
    Launch,
}

/// The condition for a step to be complete in a lab host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    Checks,
    /// Its launches and commands alone.
    Deeds,
}

impl StepProgress {
    fn part(&self, index: usize) -> Option<&PartProgress> {
        self.parts.get(&index)
    }

    pub(super) fn part_mut(&mut self, index: usize) -> &mut PartProgress {
        self.parts.entry(index).or_default()
    }

    pub(crate) fn answer(&self, part: usize) -> Option<QuestionAnswer> {
        self.part(part)?.answer
    }

    /// How a question was answered over time; `None` if it never was.
    pub(crate) fn recall(&self, part: usize, question: &Predict) -> Option<Recall> {
        let record = self.part(part)?;
        // Earlier versions have kept the answer alone.
        let answered = || {
            let right = record.answer? == QuestionAnswer::Chosen(question.answer);
            Some(Recall::default().answered(right, 0))
        };
        record.recall.or_else(answered)
    }

    /// How many lines of a run were typed, from its first on.
    pub(crate) fn typed(&self, part: usize) -> usize {
        self.part(part).map_or(0, |it| it.typed)
    }

    pub(super) fn line_done(&self, part: usize, line: usize) -> bool {
        self.part(part).is_some_and(|it| it.line_done(line))
    }

    /// A line of a run as it was typed; `None` if that was in another session.
    pub(crate) fn line(&self, part: usize, line: usize) -> Option<&str> {
        self.line_progress(part, line)?.text.as_deref()
    }

    fn line_progress(&self, part: usize, line: usize) -> Option<&LineProgress> {
        self.part(part)?.lines.get(&line)
    }

    /// The state of a line of a run.
    pub(crate) fn line_state(&self, part: usize, line: usize) -> LineState<'_> {
        if !self.line_done(part, line) {
            return LineState::ToType;
        }
        let Some(LineProgress {
            unended, outcome, ..
        }) = self.line_progress(part, line)
        else {
            return LineState::Done(None);
        };
        match outcome {
            _ if *unended => LineState::Typed,
            LineOutcome::Failed(failed) if !failed.wanted => LineState::Failed(failed),
            LineOutcome::Failed(_) => LineState::Done(None),
            LineOutcome::Succeeded(shadowed) => LineState::Done(shadowed.as_ref()),
        }
    }

    /// How the command of a line failed, unless the step intends that failure.
    pub(crate) fn failed(&self, part: usize, line: usize) -> Option<&Failed> {
        let failed = self.line_progress(part, line)?.outcome.failure()?;
        (!failed.wanted).then_some(failed)
    }

    /// Marks the last failure of each run that the step wants: one with which a condition on how commands end in
    /// that shell is true.
    pub(crate) fn note_wanted(&mut self, step: &LessonStep, context: &Context) {
        for (index, part) in step.parts.iter().enumerate() {
            let Part::Run(run) = part else { continue };
            let Some(record) = self.parts.get_mut(&index) else {
                continue;
            };
            let last = record.ended.and_then(|line| record.lines.get_mut(&line));
            let last = last.and_then(|line| line.outcome.failure_mut());
            if let Some(last) = last.filter(|it| !it.wanted) {
                last.wanted = wants(step, run.side, context);
            }
        }
    }

    /// Notes that the last command of this shell was a line of the part `last`; of no part if `None`.
    pub(crate) fn note_last_line(&mut self, step: &LessonStep, side: Side, last: Option<usize>) {
        for (index, part) in step.parts.iter().enumerate() {
            if let Part::Run(run) = part
                && run.side == side
                && last != Some(index)
                && let Some(record) = self.parts.get_mut(&index)
            {
                record.ended = None;
            }
        }
    }

    /// Whether a check was true at some time.
    pub(crate) fn done(&self, part: usize) -> bool {
        self.part(part).is_some_and(|it| it.check.done)
    }

    /// Whether a check is true now.
    pub(crate) fn holds(&self, part: usize) -> bool {
        self.part(part).is_some_and(|it| it.check.holds)
    }

    /// The measured values of a prediction, by their expressions. Empty if it could not be measured.
    pub(crate) fn measured(&self, part: usize) -> Option<&BTreeMap<String, String>> {
        self.part(part)?.measured.as_ref()
    }

    pub(super) fn settles_at(&self, part: usize) -> Option<Instant> {
        self.part(part)?.settles_at
    }

    /// Whether nothing remains to be done about a part.
    pub(crate) fn satisfied(&self, index: usize, part: &Part) -> bool {
        match part {
            Part::Predict(_) => self.answer(index).is_some(),
            Part::Launch(_) => self.part(index).is_some_and(|it| it.launched),
            Part::Run(run) => self.typed(index) >= run.lines.len(),
            Part::Prose(_) | Part::Hint(_) | Part::Figure(_) | Part::Check(_) => true,
        }
    }

    /// The first part that waits for the learner.
    pub(crate) fn pending(&self, step: &LessonStep) -> Option<usize> {
        let mut parts = step.parts.iter().enumerate();
        parts
            .find(|(index, part)| !self.satisfied(*index, part))
            .map(|(index, _)| index)
    }

    /// Whether a prediction may be resolved: everything it is about has been done and seen, or a
    /// notice has named the missing part.
    pub(crate) fn resolved(&self, step: &LessonStep, question: usize) -> bool {
        let below = step.parts.iter().enumerate().skip(question + 1);
        self.answer(question).is_some()
            && below
                .take_while(|(_, part)| !matches!(part, Part::Predict(_)))
                .all(|(index, part)| match part {
                    Part::Check(_) => self.nudged || self.done(index),
                    part => self.satisfied(index, part),
                })
    }

    /// Whether nothing of the step is left. A step without anything to do is finished once read.
    pub(crate) fn finished(&self, step: &LessonStep) -> bool {
        let work = step.parts.iter().any(is_work);
        self.all_done(step) && self.pending(step).is_none() && (work || self.fate == Fate::Read)
    }

    /// Whether anything was done.
    pub(crate) fn begun(&self) -> bool {
        let begun = |it: &PartProgress| it.answer.is_some() || it.worked_at();
        self.parts.values().any(begun)
    }

    /// Notes that the step is worked at in this lab host; if something was done before, not all of it.
    pub(crate) fn work(&mut self, lab: u32) {
        if self.looked_in.replace(lab) != Some(lab) {
            let checks = self.parts.values_mut().map(|it| &mut it.check);
            checks.for_each(|it| it.was_false = false);
        }
        if !self.parts.values().any(PartProgress::worked_at) {
            self.worked_in = Some(lab);
        }
    }

    /// Whether this deed of the step was done. The actions of its script count once all of them have worked.
    pub(crate) fn did(&self, step: &LessonStep, deed: &StepDeed) -> bool {
        match &step.parts[deed.part] {
            Part::Launch(_) => self.part(deed.part).is_some_and(|it| it.launched),
            Part::Run(_) => self.line_done(deed.part, deed.line),
            Part::Check(_) => self.all_done(step),
            Part::Prose(_) | Part::Predict(_) | Part::Hint(_) | Part::Figure(_) => false,
        }
    }

    /// Notes that this lab host has what the step leaves behind: the step is complete, and either all of it was
    /// done there, or each of its checks is true now.
    pub(crate) fn note_made(&mut self, step: &LessonStep, lab: u32, counts: Counts) {
        let mut parts = step.parts.iter().enumerate();
        let launched = |(index, part): (usize, &Part)| {
            !matches!(part, Part::Launch(_)) || self.satisfied(index, part)
        };
        let done = match counts {
            Counts::Checks if checks(step).next().is_some() => self.all_done(step),
            Counts::Checks => parts.all(launched),
            Counts::Deeds => self.pending(step).is_none(),
        };
        let true_now = checks(step).all(|(index, _)| self.holds(index));
        if done && (self.worked_in == Some(lab) || true_now) {
            self.made_in = Some(lab);
        }
    }

    /// Forgets a half-finished manual step before a rebuild in a fresh lab host.
    pub(crate) fn begin_anew(&mut self, step: &LessonStep) {
        let by_hand = step
            .deeds()
            .iter()
            .all(|deed| matches!(step.parts[deed.part], Part::Check(_)));
        // The commands are still to end in that lab.
        for part in self.parts.values_mut() {
            let ahead = part.ahead.clone();
            let done: BTreeSet<usize> = (0..part.typed).chain(ahead).collect();
            for number in &done {
                part.line_mut(*number);
            }
            for (number, line) in &mut part.lines {
                line.unended = done.contains(number);
                if line.outcome.failure().is_some_and(|it| !it.wanted) {
                    line.outcome = LineOutcome::default();
                }
            }
        }
        if by_hand && !self.all_done(step) {
            for part in self.parts.values_mut() {
                part.check = CheckProgress::default();
            }
            (self.script_done, self.nudged) = (0, false);
        }
    }

    /// How many checks of the step were true at some time.
    pub(crate) fn ticks(&self, step: &LessonStep) -> usize {
        checks(step).filter(|(index, _)| self.done(*index)).count()
    }

    /// Whether any check of the step was ever true.
    pub(crate) fn ever_true(&self, step: &LessonStep) -> EverTrue {
        match (checks(step).count(), self.ticks(step)) {
            (0, _) => EverTrue::NoChecks,
            (_, 0) => EverTrue::Nothing,
            _ => EverTrue::Something,
        }
    }

    /// Whether every check of the step was true at some time.
    pub(crate) fn all_done(&self, step: &LessonStep) -> bool {
        checks(step).all(|(index, _)| self.done(index))
    }

    /// Evaluates the checks. A check that was never false doesn't count as done while a part above it is still to
    /// be done.
    pub(crate) fn look(&mut self, step: &LessonStep, seen: &Judged<'_>) {
        let context = seen.context;
        let mut turned = None;
        self.look_below_questions(step, seen.launched);
        for (index, check) in checks(step) {
            let pending = self.pending(step);
            let looked = self.looked;
            let record = &mut self.part_mut(index).check;
            if check.expr.truth(context) != Some(true) {
                record.holds = false;
                // A check without a value counts as false only once the host has been seen.
                record.was_false |= seen.host || check.expr.truth(context) == Some(false);
                continue;
            }
            let held = std::mem::replace(&mut record.holds, true);
            let to_come = pending.is_some_and(|pending| pending < index);
            if to_come && !record.was_false {
                continue;
            }
            if !std::mem::replace(&mut record.done, true) {
                self.measure_again(step, index);
                if !held && looked {
                    turned = Some(index);
                }
            }
        }
        if let Some(check) = self.due.take().into_iter().chain(turned).max() {
            self.fulfil(step, seen, check);
        }
        self.looked = true;
    }

    /// Counts as done the deeds that a true check proves: the launches that it waited for, if they run, and the lines
    /// of runs that the learner's own command matches.
    fn fulfil(&mut self, step: &LessonStep, seen: &Judged<'_>, check: usize) {
        // An earlier check is still false; this launch or line may belong to it.
        let unclear = checks(step).any(|(it, _)| it < check && !self.done(it));
        let proven = if unclear { 0 } else { check };
        let mut below_question = false;
        for (index, part) in step.parts.iter().enumerate().take(proven) {
            match part {
                _ if self.satisfied(index, part) => {}
                Part::Launch(_) if !seen.launched.contains(&index) => break,
                Part::Launch(_) if below_question => {
                    self.below_question.launches.insert(index, check);
                }
                Part::Launch(_) => self.part_mut(index).launched = true,
                Part::Predict(_) => below_question = true,
                Part::Run(_) if below_question => {}
                _ => break,
            }
        }
        let Cause::Learner(side, own) = seen.cause else {
            return;
        };
        let all: Vec<_> = own_command::lines(step)
            .take_while(|it| it.index.part < check)
            .collect();
        let is_open = |it: &&RunLine<'_>| !self.line_done(it.index.part, it.index.line);
        let open = all.iter().filter(is_open).copied().collect();
        let lines = Lines { all, open };
        // After `exec`, the shell may report an earlier line, or none.
        let becomes_another = lines.open.first().filter(|it| it.becomes_another());
        let found = match (own, lines.open.as_slice()) {
            (OwnCommand::Ended(own), _) => {
                let sure = if unclear {
                    Likeness::Same
                } else {
                    Likeness::Any
                };
                let meant = lines.meant_by(own, seen.context, sure);
                let none = meant.is_empty() && !unclear;
                let instead = becomes_another.filter(|_| none).map(|it| it.index);
                meant.into_iter().chain(instead).collect()
            }
            (OwnCommand::Untold, _) if becomes_another.is_some() && !unclear => {
                becomes_another.iter().map(|it| it.index).collect()
            }
            (OwnCommand::Running | OwnCommand::Untold, [only]) if !unclear => vec![only.index],
            (OwnCommand::Running, _) => {
                self.due = Some(check);
                return;
            }
            (OwnCommand::Untold, _) => return,
        };
        let pending = self.pending(step).unwrap_or(check);
        let here = lines.open.iter().filter(|it| it.side == side);
        for index in here.map(|it| it.index).filter(|it| found.contains(it)) {
            match self.obstacle(step, pending, index.part) {
                None => self.part_mut(index.part).do_line(index.line),
                Some(Obstacle::Question) => self.below_question.lines.push((index, check)),
                Some(Obstacle::Launch) => {}
            }
        }
    }

    /// Ticks launches and lines done before a question, once it is answered.
    fn look_below_questions(&mut self, step: &LessonStep, launched: &BTreeSet<usize>) {
        let mut below = std::mem::take(&mut self.below_question);
        below
            .launches
            .retain(|part, check| launched.contains(part) && self.holds(*check));
        below.lines.retain(|(_, check)| self.holds(*check));
        while let Some(part) = self.pending(step)
            && below.launches.remove(&part).is_some()
        {
            self.part_mut(part).launched = true;
        }
        self.below_question.launches = below.launches;
        let pending = self.pending(step).unwrap_or(step.parts.len());
        for (index, check) in below.lines {
            match self.obstacle(step, pending, index.part) {
                None => self.part_mut(index.part).do_line(index.line),
                Some(_) => self.below_question.lines.push((index, check)),
            }
        }
    }

    /// The obstacle before this part: something to do first, other than typing lines.
    fn obstacle(&self, step: &LessonStep, pending: usize, part: usize) -> Option<Obstacle> {
        let between = step.parts.iter().enumerate().take(part).skip(pending);
        let between = between.filter(|(index, it)| !self.satisfied(*index, it));
        let done = &self.below_question.launches;
        let obstacles = between.filter_map(|(index, it)| match it {
            Part::Launch(_) => (!done.contains_key(&index)).then_some(Obstacle::Launch),
            Part::Predict(_) => Some(Obstacle::Question),
            Part::Prose(_) | Part::Run(_) | Part::Check(_) | Part::Hint(_) | Part::Figure(_) => {
                None
            }
        });
        obstacles.max()
    }

    /// The line that waits, if the learner's own command, which has ended with this status, reads like it and has
    /// ended as it should. Later lines are not matched: they may show the result of a line that is still to come.
    pub(in crate::app) fn next_line_like(
        &self,
        step: &LessonStep,
        context: &Context,
        side: Side,
        (own, status): (&str, i32),
    ) -> Option<LineIndex> {
        let part = self.pending(step)?;
        let line = self.typed(part);
        let next = LineIndex { part, line };
        let mut lines = own_command::lines(step).filter(|it| it.index == next);
        let is_it = lines.any(|it| it.side == side && it.is(own, context));
        (is_it && (status == 0 || wants(step, side, context))).then_some(next)
    }

    /// The first check that was never true.
    pub(crate) fn first_open<'a>(&self, step: &'a LessonStep) -> Option<&'a Check> {
        let (_, check) = checks(step).find(|(index, _)| !self.done(*index))?;
        Some(check)
    }

    /// Forgets the results that the checks had when the step was open before. They are kept if the learner comes back
    /// from a later step: a check that was false then and is true now was made true in between.
    pub(super) fn reopen(&mut self, comes: Arrival) {
        for part in self.parts.values_mut() {
            part.check.was_false &= comes == Arrival::Back;
            part.check.holds = false;
        }
        (self.looked, self.due) = (false, None);
        self.below_question = BelowQuestion::default();
    }
}

/// Whether a check or a prediction that looks at how commands end in this shell is true now.
fn wants(step: &LessonStep, side: Side, context: &Context) -> bool {
    let last = format!("{side}.last.");
    exprs(step).any(|expr| expr.source().contains(&last) && expr.is_true(context))
}

/// Whether a check or a prediction looks at how commands end in this shell: one may be meant to fail.
pub(in crate::app) fn asks_how_commands_end(step: &LessonStep, side: Side) -> bool {
    let names = [format!("{side}.last."), format!("{side}.commands")];
    exprs(step).any(|expr| names.iter().any(|it| expr.source().contains(it)))
}

/// The conditions of the checks and predictions of a step.
fn exprs(step: &LessonStep) -> impl Iterator<Item = &Expr> {
    step.parts.iter().filter_map(|part| match part {
        Part::Check(check) => Some(&check.expr),
        Part::Predict(predict) => predict.expr(),
        Part::Prose(_) | Part::Launch(_) | Part::Run(_) | Part::Hint(_) | Part::Figure(_) => None,
    })
}

/// Whether a part is something to do.
pub(super) fn is_work(part: &Part) -> bool {
    match part {
        Part::Predict(_) | Part::Launch(_) | Part::Run(_) | Part::Check(_) => true,
        Part::Prose(_) | Part::Hint(_) | Part::Figure(_) => false,
    }
}

fn checks(step: &LessonStep) -> impl Iterator<Item = (usize, &Check)> {
    let parts = step.parts.iter().enumerate();
    parts.filter_map(|(index, part)| match part {
        Part::Check(check) => Some((index, check)),
        _ => None,
    })
}
