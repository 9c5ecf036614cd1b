//! Does one lesson without a person.
//!
//! Owns what must be true before, during and after a step. `bench` waits, `report` prints.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::bench::{Bench, ENDED, LineOutcome, SEEN, WhyNoLab};
use super::elsewhere::{LabState, UndeservedChecks};
use super::order::{checks_without_commands, commands_of};
use super::report::{self, StepOutcome, StepReport};
use crate::app::enter_action::EnterAction;
use crate::app::figure;
use crate::app::notice::Notice;
use crate::app::{Setup, State};
use crate::app::{lesson_view, texts};
use crate::lesson::{
    Block, Check, Expr, Lesson, LessonStep, Part, Predict, Template, ends_its_shell,
};
use crate::sandbox::Side;

/// The longest time until the steps before are done again.
const REBUILT: Duration = Duration::from_secs(60);
/// Columns of the narrowest lesson pane.
const PANE: u16 = 36;
/// The exit status of a shell for a command that doesn't exist.
const NOT_FOUND: i32 = 127;
/// How long a check may stay true because of the effects of the previous step.
const STALE: Duration = Duration::from_secs(1);

/// The next action of Enter: an `EnterAction` without borrows.
enum NextAction {
    /// Enter scrolls the page.
    Scroll,
    /// The machine is still busy.
    Wait,
    Predict,
    Launch(Side),
    Type(Side, String),
    /// The line to type needs a value that isn't there yet.
    MissingValue,
    Done,
}

fn next_action(state: &State) -> Result<NextAction, String> {
    Ok(match lesson_view::enter_action(state) {
        EnterAction::ReadOn => NextAction::Scroll,
        EnterAction::LabStarting
        | EnterAction::ShellStarting(_)
        | EnterAction::Rebuilding(_)
        | EnterAction::TypeOut => NextAction::Wait,
        EnterAction::Rebuild(_) => {
            return Err("the effect of the steps before is missing".to_owned());
        }
        EnterAction::LabAbsent => return Err("the lab host is gone".to_owned()),
        EnterAction::NoLesson | EnterAction::StepAgain => {
            return Err("there is no such lesson".to_owned());
        }
        EnterAction::Choose | EnterAction::Skip | EnterAction::Answer(_) => NextAction::Predict,
        EnterAction::Launch(number, _) => NextAction::Launch(Side::Container(number)),
        EnterAction::LaunchFirst(side, _) => NextAction::Launch(side),
        EnterAction::Type { side, line } => {
            let text = line.text(&state.lesson.context).unwrap_or_default();
            NextAction::Type(side, text)
        }
        EnterAction::ValueMissing(_) => NextAction::MissingValue,
        EnterAction::Nudge
        | EnterAction::Show
        | EnterAction::StepAnyway
        | EnterAction::Step
        | EnterAction::Lesson(_)
        | EnterAction::NextQuestion(_)
        | EnterAction::EndReview(_)
        | EnterAction::Finished => NextAction::Done,
    })
}

/// Where a learner begins a lesson.
#[derive(Debug, Clone, Copy)]
pub(super) enum StartPoint {
    AtTheBeginning,
    /// At this step, after a break.
    AtStep(usize),
    /// At this step, after a break, with this question already answered by this choice.
    Answered {
        step: usize,
        question: usize,
        choice: usize,
    },
}

pub(super) struct Verifier<'a> {
    pub(super) lesson: &'a Lesson,
    pub(super) setup: &'a dyn Fn(StartPoint) -> Setup,
    pub(super) mode: WalkMode,
    pub(super) reports: Vec<StepReport>,
    pub(super) undeserved: UndeservedChecks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WalkMode {
    /// With their own commands. All claims of a step are verified.
    Commands,
    /// With the solutions of the hints, if a step has one.
    Solutions,
}

pub(super) struct LineToType {
    /// Line and column in the lesson.
    pub(super) place: (usize, usize),
    pub(super) side: Side,
    pub(super) line: String,
    pub(super) failing: Failing,
}

/// The meaning of a failing command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    Fault,
    /// A fault if the command doesn't exist. In other cases a check will notice that its effect is missing.
    FaultIfAbsent,
    /// The step is about that failure.
    Meant,
}

impl Failing {
    fn is_fault(self, status: i32) -> bool {
        match self {
            Failing::Fault => status != 0,
            Failing::FaultIfAbsent => status == NOT_FOUND,
            Failing::Meant => false,
        }
    }
}

/// The step can't be completed, nor can those after it.
pub(super) struct Stuck;

/// Progress within one step. `settled` and `entered` are part indices.
struct StepWalk<'a> {
    number: usize,
    step: &'a LessonStep,
    /// All parts before this one have been verified.
    settled: usize,
    /// All parts before this one have been reached.
    entered: usize,
    /// Checks that were false before one of their commands.
    open: BTreeSet<usize>,
    /// The last prediction. It is judged when the next one, or the end, is reached.
    question: Option<(usize, &'a Predict)>,
    /// Whether the step's proof has run.
    proved: bool,
    /// The figures that had something to draw when the learner came to them.
    drawn: BTreeSet<usize>,
}

impl Verifier<'_> {
    /// Does the lesson with its own commands.
    pub(super) fn walk(&mut self) {
        let mut bench = match Bench::open((self.setup)(StartPoint::AtTheBeginning)) {
            Ok(bench) => bench,
            Err(WhyNoLab::Refused(why)) => {
                return self.skip_all(&why);
            }
            Err(absent) => {
                self.absent(0, self.place_of_step(0), absent);
                return self.unreached(1);
            }
        };
        let mut done = Vec::new();
        for number in 0..self.lesson.steps.len() {
            let begun = Instant::now();
            let outcome = match self.missing_requirement(&bench, number) {
                Some(why) => {
                    self.reports[number].outcome = StepOutcome::Skipped { why };
                    Ok(())
                }
                None => self.step(&mut bench, number),
            };
            self.reports[number].millis += report::millis(begun);
            if outcome.is_err() {
                return self.unreached(number + 1);
            }
            let deeds = self.lesson.steps[number].deeds().into_iter();
            done.extend(deeds.map(|it| it.deed));
            let when = format!("at the end of step {}", number + 1);
            let state = LabState::of(&mut bench, when, done.clone());
            self.judge_elsewhere(&state, None);
            bench.press(KeyCode::Right);
        }
    }

    /// No step can work, for this reason.
    pub(super) fn skip_all(&mut self, why: &str) {
        for report in &mut self.reports {
            let why = why.to_owned();
            report.outcome = StepOutcome::Skipped { why };
        }
    }

    /// Begins at each step in a lab of its own, as a learner does who goes on the next day.
    pub(super) fn walk_from_each_step(&mut self) {
        for number in 0..self.lesson.steps.len() {
            let begun = Instant::now();
            if let Some(mut bench) = self.open_at(number, StartPoint::AtStep(number)) {
                let _ = self.step(&mut bench, number);
            }
            self.walk_from_the_answer(number);
            self.reports[number].millis += report::millis(begun);
        }
    }

    /// Begins after the step's first question, if a launch follows it. That launch must still be made, even if an
    /// earlier step has launched the same.
    fn walk_from_the_answer(&mut self, number: usize) {
        let mut parts = self.lesson.steps[number].parts.iter().enumerate();
        let question = parts.find_map(|(index, part)| match part {
            Part::Predict(predict) => Some((index, predict.answer)),
            _ => None,
        });
        let launches = parts.any(|(_, part)| matches!(part, Part::Launch(_)));
        let Some((question, choice)) = question.filter(|_| launches) else {
            return;
        };
        let begins = StartPoint::Answered {
            step: number,
            question,
            choice,
        };
        let before = &self.reports[number];
        let counts = (before.checks, before.predictions);
        if let Some(mut bench) = self.open_at(number, begins) {
            let _ = self.step(&mut bench, number);
        }
        // The walk that began at the step itself has counted these checks and predictions already.
        let report = &mut self.reports[number];
        (report.checks, report.predictions) = counts;
    }

    /// A lab of its own that has what the steps before leave behind.
    pub(super) fn open_at(&mut self, number: usize, begins: StartPoint) -> Option<Bench> {
        let place = self.place_of_step(number);
        let mut bench = match Bench::open((self.setup)(begins)) {
            Ok(bench) => bench,
            Err(absent) => {
                self.absent(number, place, absent);
                return None;
            }
        };
        if let Some(why) = self.missing_requirement(&bench, number) {
            self.reports[number].outcome = StepOutcome::Skipped { why };
            return None;
        }
        bench.until(REBUILT, |state| state.lesson.lab.rebuild.is_none());
        let failed = match &bench.state.notice {
            Some((Notice::RebuiltBut(failed), _)) => Some(failed.line.clone()),
            _ => None,
        };
        let lesson = &bench.state.lesson;
        if lesson.lab.rebuild.is_some() || lesson.lab.gave_up.is_some() || failed.is_some() {
            let pane = Side::all().flat_map(|side| bench.last_lines(side));
            let line = failed.map_or_else(String::new, |line| format!(": {line}"));
            let what = format!("the steps before could not be done again{line}");
            let mut fault = self.at(place, what);
            fault.pane = pane.filter(|line| !line.is_empty()).collect();
            self.fault(number, fault);
            return None;
        }
        Some(bench)
    }

    /// The steps from this one on need something that the step before could not make.
    fn unreached(&mut self, from: usize) {
        let before = &self.reports[from - 1].outcome;
        let outcome = match before {
            // These steps need the effects of the skipped one, so they are skipped for the same reason.
            StepOutcome::Skipped { .. } => before.clone(),
            StepOutcome::Ok | StepOutcome::Failed { .. } | StepOutcome::NotReached => {
                StepOutcome::NotReached
            }
        };
        for report in self.reports.iter_mut().skip(from) {
            if report.outcome == StepOutcome::Ok {
                report.outcome = outcome.clone();
            }
        }
    }

    pub(super) fn step(&mut self, bench: &mut Bench, number: usize) -> Result<(), Stuck> {
        let lesson = self.lesson;
        let step = &lesson.steps[number];
        let mut walk = StepWalk {
            number,
            step,
            settled: 0,
            entered: 0,
            open: BTreeSet::new(),
            question: None,
            proved: false,
            drawn: BTreeSet::new(),
        };
        if checks_without_commands(step).next().is_some() {
            bench.catch_up();
        }
        for (_, check) in checks_without_commands(step) {
            self.expect_false(bench, number, check);
        }
        loop {
            let next = match next_action(&bench.state) {
                Ok(next) => next,
                Err(why) => return self.no_way_on(number, why),
            };
            let pending = bench.state.lesson.walk.progress().pending(step);
            let part = pending.unwrap_or(step.parts.len());
            if !matches!(next, NextAction::Scroll | NextAction::Wait) {
                self.reached(bench, &mut walk, part)?;
                // The page may have grown meanwhile.
                if matches!(next_action(&bench.state), Ok(NextAction::Scroll)) {
                    continue;
                }
            }
            if matches!(next, NextAction::Done) {
                break;
            }
            self.act(bench, number, part, next)?;
        }
        self.reached(bench, &mut walk, step.parts.len())?;
        self.judge_prediction(bench, &mut walk);
        self.judge_failures(bench, number);
        self.judge_figures(bench, &walk);
        Ok(())
    }

    /// Carries out the action that Enter is for, like a learner who makes no mistake.
    fn act(
        &mut self,
        bench: &mut Bench,
        number: usize,
        part: usize,
        next: NextAction,
    ) -> Result<(), Stuck> {
        match next {
            NextAction::Scroll => bench.press(KeyCode::Enter),
            NextAction::Wait => {
                let waits = |state: &State| matches!(next_action(state), Ok(NextAction::Wait));
                if !bench.until(ENDED, |state| !waits(state)) {
                    let why = "a shell or the lab host did not start".to_owned();
                    return self.stuck(number, self.place(number, part), why, Vec::new());
                }
            }
            NextAction::Predict => {
                if let Some(Part::Predict(predict)) = self.lesson.steps[number].parts.get(part) {
                    bench.press(digit(predict.answer + 1));
                }
            }
            NextAction::Launch(side) => {
                bench.press(KeyCode::Enter);
                if let Err(absent) = bench.started(side) {
                    let place = self.place(number, part);
                    return self.not_started(bench, number, place, side, absent);
                }
            }
            NextAction::Type(side, line) => {
                // The first line of a block is one below its fence.
                let above = bench.state.lesson.walk.progress().typed(part) + 1;
                let line = LineToType {
                    place: (self.place(number, part).0 + above, 1),
                    side,
                    line,
                    failing: self.failing(number, side, Failing::Fault),
                };
                self.type_line(bench, number, line, |bench, _| {
                    bench.press(KeyCode::Enter);
                })?;
            }
            NextAction::MissingValue => {
                if !bench.until(SEEN, |state| {
                    !matches!(next_action(state), Ok(NextAction::MissingValue))
                }) {
                    return self.report_missing_values(bench, number, part);
                }
            }
            NextAction::Done => {}
        }
        Ok(())
    }

    /// Each figure has had something to draw, or has it now. If a step was skipped, the figure lacks the
    /// effects of that step.
    fn judge_figures(&mut self, bench: &mut Bench, walk: &StepWalk) {
        if self.skipped_before(walk.number).is_some() {
            return;
        }
        for (index, part) in walk.step.parts.iter().enumerate() {
            let Part::Figure(figure) = part else { continue };
            let drawn = walk.drawn.contains(&index)
                || bench.until(SEEN, |state| figure::picture(state, figure, PANE).is_ok());
            if !drawn {
                let what = format!("the figure of {figure} has nothing to draw in this step");
                let fault = self.at(self.place(walk.number, index), what);
                self.fault(walk.number, fault);
            }
        }
    }

    /// Enter does nothing in this step: it lacks the effect of a skipped step, or it has a fault.
    fn no_way_on(&mut self, number: usize, why: String) -> Result<(), Stuck> {
        let place = self.place_of_step(number);
        let Some(cause) = self.skipped_before(number) else {
            return self.stuck(number, place, why, Vec::new());
        };
        self.absent(number, place, WhyNoLab::Refused(cause));
        Err(Stuck)
    }

    /// Why the last of the steps before was skipped, if one was.
    fn skipped_before(&self, number: usize) -> Option<String> {
        let before = self.reports[..number].iter().rev();
        let mut skipped = before.filter_map(|report| match &report.outcome {
            StepOutcome::Skipped { why } => Some(why.clone()),
            StepOutcome::Ok | StepOutcome::Failed { .. } | StepOutcome::NotReached => None,
        });
        skipped.next()
    }

    /// A line whose command failed has no ✔, unless a condition of the step is about that failure.
    fn judge_failures(&mut self, bench: &Bench, number: usize) {
        let step = &self.lesson.steps[number];
        let progress = bench.state.lesson.walk.progress();
        for (part, it) in step.parts.iter().enumerate() {
            let Part::Run(run) = it else { continue };
            for (index, line) in run.lines.iter().enumerate() {
                if let Some(failed) = progress.failed(part, index) {
                    let what = format!(
                        "`{line}` ended with status {}, and no condition on `{}.last` was true then",
                        failed.end.status, run.side
                    );
                    let place = (self.place(number, part).0 + index + 1, 1);
                    let mut fault = self.at(place, what);
                    fault.pane = vec![failed.end.last_line.clone()];
                    self.fault(number, fault);
                }
            }
        }
    }

    /// Runs the step's proof, for checks that none of its blocks makes true.
    fn run_proof(&mut self, bench: &mut Bench, number: usize) -> Result<(), Stuck> {
        let step = &self.lesson.steps[number];
        let script = step.script();
        if let Some(script) = script {
            self.run_script(bench, number, script)?;
        }
        for (index, check) in checks_without_commands(step) {
            if script.is_some() || check.holds(&bench.state.lesson.context) {
                self.expect_true(bench, number, index, check);
            } else {
                let what = format!(
                    "nothing in this step makes \"{}\" true: it needs a `proof`, or a hint with a \
                     `solution`",
                    check.name
                );
                self.fault_at(bench, number, &check.expr, what);
            }
        }
        Ok(())
    }

    /// Reports the values that a line to type is missing.
    fn report_missing_values(
        &mut self,
        bench: &Bench,
        number: usize,
        part: usize,
    ) -> Result<(), Stuck> {
        let step = &self.lesson.steps[number];
        if let Some(Part::Run(run)) = step.parts.get(part) {
            let live_values = run.lines.iter().flat_map(Template::live_values);
            let context = &bench.state.lesson.context;
            for expr in live_values.filter(|expr| expr.text(context).is_none()) {
                self.report_no_value(bench, number, expr);
            }
        }
        Err(Stuck)
    }

    /// Types a line with `press`, and reports the faults of the result.
    pub(super) fn type_line(
        &mut self,
        bench: &mut Bench,
        number: usize,
        typing: LineToType,
        press: impl FnOnce(&mut Bench, String),
    ) -> Result<(), Stuck> {
        let LineToType {
            place, side, line, ..
        } = &typing;
        if let Err(why) = bench.prompted(*side) {
            let why = format!("`{line}` can't be typed: {why}");
            return self.stuck(number, *place, why, bench.last_lines(*side));
        }
        let typed = bench.follow_line(*side, line, |bench| press(bench, line.clone()));
        self.outcome_of_line(bench, number, typing, typed)
    }

    fn outcome_of_line(
        &mut self,
        bench: &Bench,
        number: usize,
        typing: LineToType,
        typed: LineOutcome,
    ) -> Result<(), Stuck> {
        let LineToType {
            place,
            side,
            line,
            failing,
        } = typing;
        let pane = bench.last_lines(side);
        match typed {
            LineOutcome::Ended {
                status: Some(status),
            } if failing.is_fault(status) => {
                let why = format!(
                    "`{line}` ended with status {status}, and no check or prediction of this step \
                     looks at `{side}.last`"
                );
                let mut fault = self.at(place, why);
                fault.pane = pane;
                self.fault(number, fault);
                Ok(())
            }
            LineOutcome::Ended { .. } | LineOutcome::TookOver => Ok(()),
            LineOutcome::ShellGone if ends_its_shell(&line) => Ok(()),
            LineOutcome::ShellGone => {
                let why = format!("`{line}` ended the {side}'s shell");
                self.stuck(number, place, why, pane)
            }
            LineOutcome::Runs => {
                let why = format!("`{line}` did not end");
                self.stuck(number, place, why, pane)
            }
        }
    }

    /// If a check or prediction uses this side's `last`, a command may be meant to fail.
    pub(super) fn failing(&self, number: usize, side: Side, otherwise: Failing) -> Failing {
        let last = format!("{side}.last.");
        let mut conditions = self.lesson.steps[number].conditions();
        if conditions.any(|expr| expr.source().contains(&last)) {
            Failing::Meant
        } else {
            otherwise
        }
    }

    /// The learner has reached this part. The parts before it must be true and have their values;
    /// the checks of its command must still be false.
    fn reached(
        &mut self,
        bench: &mut Bench,
        walk: &mut StepWalk,
        part: usize,
    ) -> Result<(), Stuck> {
        for index in walk.settled..part.min(walk.step.parts.len()) {
            match &walk.step.parts[index] {
                Part::Prose(blocks) => {
                    for expr in blocks.iter().flat_map(Block::live_values) {
                        self.expect_value(bench, walk.number, expr);
                    }
                }
                Part::Check(check) if !commands_of(walk.step, index).is_empty() => {
                    self.expect_true(bench, walk.number, index, check);
                }
                // The parts below are about the result of the proof.
                Part::Check(_) if !walk.proved => {
                    walk.proved = true;
                    self.run_proof(bench, walk.number)?;
                }
                Part::Predict(predict) => {
                    self.judge_prediction(bench, walk);
                    walk.question = Some((index, predict));
                }
                Part::Figure(figure) => {
                    if figure::picture(&bench.state, figure, PANE).is_ok() {
                        walk.drawn.insert(index);
                    }
                }
                Part::Check(_) | Part::Launch(_) | Part::Run(_) | Part::Hint(_) => {}
            }
        }
        walk.settled = walk.settled.max(part);
        if walk.entered <= part {
            walk.entered = part + 1;
            self.note_open_checks(bench, walk, part);
        }
        Ok(())
    }

    /// Judges the last prediction. Everything that it is about has happened.
    fn judge_prediction(&mut self, bench: &mut Bench, walk: &mut StepWalk) {
        let Some((part, predict)) = walk.question.take() else {
            return;
        };
        for expr in predict.measured.iter().flat_map(Template::live_values) {
            self.expect_value(bench, walk.number, expr);
        }
        let Some(expr) = predict.expr() else {
            if self.mode == WalkMode::Solutions {
                return;
            }
            let place = self.place(walk.number, part);
            let what = "this prediction has no `exprs`: nothing shows that its answer is right";
            return self.warn(walk.number, place, what);
        };
        // Asks the app, which is what the learner sees.
        let shown = |state: &State| {
            let values = state.lesson.walk.progress().measured(part);
            values.map_or_else(Vec::new, |values| predict.shown(values))
        };
        if bench.until(SEEN, |state| shown(state) == [predict.answer]) {
            self.reports[walk.number].predictions += self.counted();
            return;
        }
        let named = |choice: usize| format!("\"{}\"", predict.choices[choice]);
        let (answer, shown) = (named(predict.answer), shown(&bench.state));
        let others = shown.iter().filter(|it| **it != predict.answer);
        let others = others.map(|it| named(*it)).collect::<Vec<_>>().join(", ");
        let what = if shown.is_empty() {
            format!("the answer {answer} was not measured")
        } else if shown.contains(&predict.answer) {
            format!("the answer {answer} was measured, and so was {others}")
        } else {
            format!("the answer {answer} was not measured; {others} was")
        };
        self.fault_at(bench, walk.number, expr, what);
    }

    /// 1 in the first walk, 0 in the second: each check counts once.
    fn counted(&self) -> usize {
        match self.mode {
            WalkMode::Commands => 1,
            WalkMode::Solutions => 0,
        }
    }

    /// A check must be false before one of its commands. Not before all: some commands only show
    /// the effects of the others.
    fn note_open_checks(&mut self, bench: &mut Bench, walk: &mut StepWalk, part: usize) {
        let mut looked = false;
        for (index, check) in walk.step.checks() {
            let commands = commands_of(walk.step, index);
            if !commands.contains(&part) || walk.open.contains(&index) {
                continue;
            }
            if !std::mem::replace(&mut looked, true) {
                bench.catch_up();
            }
            if !check.holds(&bench.state.lesson.context) {
                walk.open.insert(index);
                self.expect_deed(bench, walk.number, check);
            } else if commands.last() == Some(&part) {
                self.expect_false(bench, walk.number, check);
            }
        }
    }

    fn expect_value(&mut self, bench: &mut Bench, number: usize, expr: &Expr) {
        if bench.until(SEEN, |state| expr.text(&state.lesson.context).is_some()) {
            return;
        }
        self.report_no_value(bench, number, expr);
    }

    fn report_no_value(&mut self, bench: &Bench, number: usize, expr: &Expr) {
        let source = expr.source();
        let what = format!("`{source}` has no value when the learner comes here");
        self.fault_at(bench, number, expr, what);
    }

    fn expect_false(&mut self, bench: &mut Bench, number: usize, check: &Check) {
        let wanted = match self.mode {
            WalkMode::Commands => true,
            // A solution may leave more behind than the commands.
            WalkMode::Solutions => false,
        };
        if !wanted || bench.until(STALE, |state| !check.holds(&state.lesson.context)) {
            return;
        }
        let what = format!("\"{}\" is true before anything was done for it", check.name);
        self.fault_at(bench, number, &check.expr, what);
    }

    fn expect_true(&mut self, bench: &mut Bench, number: usize, index: usize, check: &Check) {
        // Asks the app, which is what the learner sees.
        if bench.until(SEEN, |state| state.lesson.walk.progress().done(index)) {
            self.reports[number].checks += self.counted();
            self.expect_program(bench, number, check);
            return;
        }
        let name = &check.name;
        let what = if check.holds(&bench.state.lesson.context) {
            format!("\"{name}\" is true and has no ✔: it was true before")
        } else {
            format!("\"{name}\" did not become true")
        };
        self.fault_at(bench, number, &check.expr, what);
    }

    /// The requirement that this machine lacks for a step, or for the step that makes its container, in words.
    pub(super) fn missing_requirement(&self, bench: &Bench, number: usize) -> Option<String> {
        let cause = bench.state.lack_of(self.lesson, number)?;
        Some(texts::lack(bench.state.lang, &cause))
    }
}

fn digit(number: usize) -> KeyCode {
    let digit = u32::try_from(number).ok();
    let digit = digit.and_then(|digit| char::from_digit(digit, 10));
    KeyCode::Char(digit.unwrap_or('0'))
}
