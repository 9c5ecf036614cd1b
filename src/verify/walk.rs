//! Does one lesson without a person.
//!
//! Owns what must be true before, during and after a step. `bench` waits, `report` prints.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::bench::{Bench, ENDED, SEEN, Typed};
use super::order::{checks, checks_without_commands, commands_of};
use super::report::{Outcome, StepReport};
use crate::app::enter_action::EnterAction;
use crate::app::{Setup, State};
use crate::app::{lesson_view, texts};
use crate::lang::Lang;
use crate::lesson::{Block, Check, Expr, Lesson, Part, Predict, Step, Template};
use crate::sandbox::Side;

/// The exit status of a shell for a command that doesn't exist.
const NOT_FOUND: i32 = 127;
/// How long a check may stay true because of what the previous step left behind.
const STALE: Duration = Duration::from_secs(1);

/// What Enter will do next: `Next` without borrows.
enum Doing {
    /// Enter scrolls the page.
    Reading,
    /// The machine is still busy.
    Waiting,
    Predicting,
    Launching(Side),
    Typing(Side, String),
    /// The line to type needs a value that isn't there yet.
    Lacking,
    Done,
}

fn doing(state: &State) -> Result<Doing, String> {
    Ok(match lesson_view::enter_action(state) {
        EnterAction::ReadOn => Doing::Reading,
        EnterAction::LabStarting | EnterAction::ShellStarting(_) => Doing::Waiting,
        EnterAction::LabAbsent => return Err("the lab host is gone".to_owned()),
        EnterAction::NoLesson | EnterAction::Broken => {
            return Err("there is no such lesson".to_owned());
        }
        EnterAction::Choose | EnterAction::Skip | EnterAction::Answer(_) => Doing::Predicting,
        EnterAction::Launch(nth, _) => Doing::Launching(Side::Container(nth)),
        EnterAction::LaunchFirst(side, _) => Doing::Launching(side),
        EnterAction::Type { side, line } => {
            let text = line.text(&state.lesson.context).unwrap_or_default();
            Doing::Typing(side, text)
        }
        EnterAction::ValueMissing(_) => Doing::Lacking,
        EnterAction::Nudge
        | EnterAction::Show
        | EnterAction::StepAnyway
        | EnterAction::Step
        | EnterAction::Lesson(_)
        | EnterAction::Finished => Doing::Done,
    })
}

pub(super) struct Verifier<'a> {
    pub(super) lesson: &'a Lesson,
    pub(super) setup: &'a dyn Fn() -> Setup,
    pub(super) mode: Mode,
    pub(super) reports: Vec<StepReport>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// With their own commands. All claims of a step are verified.
    Commands,
    /// With the solutions of the hints, if a step has one.
    Solutions,
}

pub(super) struct Typing {
    /// Line and column in the lesson.
    pub(super) place: (usize, usize),
    pub(super) side: Side,
    pub(super) line: String,
    pub(super) failing: Failing,
}

/// What a failing command means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    Fault,
    /// A fault if the command doesn't exist. Otherwise a check will notice what it didn't do.
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
struct Way<'a> {
    number: usize,
    step: &'a Step,
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
}

impl Verifier<'_> {
    /// Does the lesson with its own commands.
    pub(super) fn walk(&mut self) {
        let mut bench = Bench::open((self.setup)());
        if let Err(why) = bench.get_ready() {
            self.fault(0, self.place_of_step(0), why, Vec::new(), Vec::new());
            return self.unreached(1);
        }
        for number in 0..self.lesson.steps.len() {
            let begun = Instant::now();
            let outcome = match self.lacks(&bench, number) {
                Some(why) => {
                    self.reports[number].outcome = Outcome::Skipped { why };
                    Ok(())
                }
                None => self.step(&mut bench, number),
            };
            self.reports[number].millis += super::millis(begun);
            if outcome.is_err() {
                return self.unreached(number + 1);
            }
            bench.press(KeyCode::Right);
        }
    }

    fn unreached(&mut self, from: usize) {
        for report in self.reports.iter_mut().skip(from) {
            if report.outcome == Outcome::Ok {
                report.outcome = Outcome::NotReached;
            }
        }
    }

    pub(super) fn step(&mut self, bench: &mut Bench, number: usize) -> Result<(), Stuck> {
        let lesson = self.lesson;
        let step = &lesson.steps[number];
        let mut way = Way {
            number,
            step,
            settled: 0,
            entered: 0,
            open: BTreeSet::new(),
            question: None,
            proved: false,
        };
        if checks_without_commands(step).next().is_some() {
            bench.catch_up();
        }
        for (_, check) in checks_without_commands(step) {
            self.is_false(bench, number, check);
        }
        loop {
            let next = match doing(&bench.state) {
                Ok(next) => next,
                Err(why) => return self.stuck(number, self.place_of_step(number), why, Vec::new()),
            };
            let pending = bench.state.lesson.walk.progress().pending(step);
            let part = pending.unwrap_or(step.parts.len());
            if !matches!(next, Doing::Reading | Doing::Waiting) {
                self.reached(bench, &mut way, part)?;
                // What happened meanwhile may have made the page longer.
                if matches!(doing(&bench.state), Ok(Doing::Reading)) {
                    continue;
                }
            }
            match next {
                Doing::Reading => bench.press(KeyCode::Enter),
                Doing::Waiting => {
                    let waits = |state: &State| matches!(doing(state), Ok(Doing::Waiting));
                    if !bench.until(ENDED, |state| !waits(state)) {
                        let why = "a shell or the lab host never came".to_owned();
                        return self.stuck(number, self.place(number, part), why, Vec::new());
                    }
                }
                Doing::Predicting => {
                    if let Some(Part::Predict(predict)) = step.parts.get(part) {
                        bench.press(digit(predict.answer + 1));
                    }
                }
                Doing::Launching(side) => {
                    bench.press(KeyCode::Enter);
                    if let Err(why) = bench.started(side) {
                        let pane = bench.last_lines(side);
                        return self.stuck(number, self.place(number, part), why, pane);
                    }
                }
                Doing::Typing(side, line) => {
                    // The first line of a block is one below its fence.
                    let above = bench.state.lesson.walk.progress().typed(part) + 1;
                    let line = Typing {
                        place: (self.place(number, part).0 + above, 1),
                        side,
                        line,
                        failing: self.failing(number, side, Failing::Fault),
                    };
                    self.type_line(bench, number, line, |bench, _| {
                        bench.press(KeyCode::Enter);
                    })?;
                }
                Doing::Lacking => {
                    if !bench.until(SEEN, |state| !matches!(doing(state), Ok(Doing::Lacking))) {
                        return self.lacking(bench, number, part);
                    }
                }
                Doing::Done => break,
            }
        }
        self.reached(bench, &mut way, step.parts.len())?;
        self.measured(bench, &mut way);
        Ok(())
    }

    /// Runs the step's proof, for checks that none of its blocks makes true.
    fn prove(&mut self, bench: &mut Bench, number: usize) -> Result<(), Stuck> {
        let step = &self.lesson.steps[number];
        let script = step.script();
        if let Some(script) = script {
            self.run_script(bench, number, script)?;
        }
        for (index, check) in checks_without_commands(step) {
            if script.is_some() || check.holds(&bench.state.lesson.context) {
                self.becomes_true(bench, number, index, check);
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
    fn lacking(&mut self, bench: &Bench, number: usize, part: usize) -> Result<(), Stuck> {
        let step = &self.lesson.steps[number];
        if let Some(Part::Run(run)) = step.parts.get(part) {
            let lives = run.lines.iter().flat_map(Template::lives);
            let context = &bench.state.lesson.context;
            for expr in lives.filter(|expr| expr.text(context).is_none()) {
                self.no_value(bench, number, expr);
            }
        }
        Err(Stuck)
    }

    /// Types a line with `press`, and reports what is wrong with the result.
    pub(super) fn type_line(
        &mut self,
        bench: &mut Bench,
        number: usize,
        typing: Typing,
        press: impl FnOnce(&mut Bench, String),
    ) -> Result<(), Stuck> {
        let Typing {
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
        typing: Typing,
        typed: Typed,
    ) -> Result<(), Stuck> {
        let Typing {
            place,
            side,
            line,
            failing,
        } = typing;
        let pane = bench.last_lines(side);
        match typed {
            Typed::Ended {
                status: Some(status),
            } if failing.is_fault(status) => {
                let why = format!(
                    "`{line}` ended with status {status}, and no check or prediction of this step \
                     looks at `{side}.last`"
                );
                self.fault(number, place, why, Vec::new(), pane);
                Ok(())
            }
            Typed::Ended { .. } | Typed::TookOver => Ok(()),
            Typed::ShellGone if ends_its_shell(&line) => Ok(()),
            Typed::ShellGone => {
                let why = format!("the {side}'s shell ended by `{line}`");
                self.stuck(number, place, why, pane)
            }
            Typed::Runs => {
                let why = format!("`{line}` did not end");
                self.stuck(number, place, why, pane)
            }
        }
    }

    /// If a check or prediction looks at how commands end in this side's shell, a command may be
    /// meant to fail.
    pub(super) fn failing(&self, number: usize, side: Side, otherwise: Failing) -> Failing {
        let last = format!("{side}.last.");
        let parts = self.lesson.steps[number].parts.iter();
        let mut exprs = parts.filter_map(|part| match part {
            Part::Check(check) => Some(&check.expr),
            Part::Predict(predict) => predict.expr.as_ref(),
            Part::Prose(_) | Part::Launch(_) | Part::Run(_) | Part::Hint(_) => None,
        });
        if exprs.any(|expr| expr.source().contains(&last)) {
            Failing::Meant
        } else {
            otherwise
        }
    }

    /// The learner has reached this part. The parts before it must be true and have their values;
    /// the checks of its command must still be false.
    fn reached(&mut self, bench: &mut Bench, way: &mut Way, part: usize) -> Result<(), Stuck> {
        for index in way.settled..part.min(way.step.parts.len()) {
            match &way.step.parts[index] {
                Part::Prose(blocks) => {
                    for expr in blocks.iter().flat_map(Block::lives) {
                        self.has_value(bench, way.number, expr);
                    }
                }
                Part::Check(check) if !commands_of(way.step, index).is_empty() => {
                    self.becomes_true(bench, way.number, index, check);
                }
                // The parts below are about the result of the proof.
                Part::Check(_) if !way.proved => {
                    way.proved = true;
                    self.prove(bench, way.number)?;
                }
                Part::Predict(predict) => {
                    self.measured(bench, way);
                    way.question = Some((index, predict));
                }
                Part::Check(_) | Part::Launch(_) | Part::Run(_) | Part::Hint(_) => {}
            }
        }
        way.settled = way.settled.max(part);
        if way.entered <= part {
            way.entered = part + 1;
            self.comes_to_command(bench, way, part);
        }
        Ok(())
    }

    /// Judges the last prediction: what it is about has happened.
    fn measured(&mut self, bench: &mut Bench, way: &mut Way) {
        let Some((part, predict)) = way.question.take() else {
            return;
        };
        for expr in predict.measured.iter().flat_map(Template::lives) {
            self.has_value(bench, way.number, expr);
        }
        let Some(expr) = &predict.expr else {
            if self.mode == Mode::Solutions {
                return;
            }
            let place = self.place(way.number, part);
            let what = "this prediction has no `expr`: nothing shows that its answer is right";
            return self.warn(way.number, place, what.to_owned());
        };
        // Asks the app, which is what the learner sees.
        let verdict = |state: &State| {
            let values = state.lesson.walk.progress().measured(part)?;
            predict.borne_out(values)
        };
        if bench.until(SEEN, |state| verdict(state) == Some(true)) {
            self.reports[way.number].predictions += self.counted();
            return;
        }
        let answer = &predict.choices[predict.answer];
        let what = format!("the answer \"{answer}\" is not borne out");
        self.fault_at(bench, way.number, expr, what);
    }

    /// 1 in the first walk, 0 in the second: each check counts once.
    fn counted(&self) -> usize {
        match self.mode {
            Mode::Commands => 1,
            Mode::Solutions => 0,
        }
    }

    /// A check must be false before one of its commands. Not before all: some commands only show
    /// what the others did.
    fn comes_to_command(&mut self, bench: &mut Bench, way: &mut Way, part: usize) {
        let mut looked = false;
        for (index, check) in checks(way.step) {
            let commands = commands_of(way.step, index);
            if !commands.contains(&part) || way.open.contains(&index) {
                continue;
            }
            if !std::mem::replace(&mut looked, true) {
                bench.catch_up();
            }
            if !check.holds(&bench.state.lesson.context) {
                way.open.insert(index);
            } else if commands.last() == Some(&part) {
                self.is_false(bench, way.number, check);
            }
        }
    }

    fn has_value(&mut self, bench: &mut Bench, number: usize, expr: &Expr) {
        if bench.until(SEEN, |state| expr.text(&state.lesson.context).is_some()) {
            return;
        }
        self.no_value(bench, number, expr);
    }

    fn no_value(&mut self, bench: &Bench, number: usize, expr: &Expr) {
        let source = expr.source();
        let what = format!("`{source}` has no value when the learner comes here");
        self.fault_at(bench, number, expr, what);
    }

    fn is_false(&mut self, bench: &mut Bench, number: usize, check: &Check) {
        let wanted = match self.mode {
            Mode::Commands => true,
            // A solution may leave more behind than the commands.
            Mode::Solutions => false,
        };
        if !wanted || bench.until(STALE, |state| !check.holds(&state.lesson.context)) {
            return;
        }
        let what = format!("\"{}\" is true before anything was done for it", check.name);
        self.fault_at(bench, number, &check.expr, what);
    }

    fn becomes_true(&mut self, bench: &mut Bench, number: usize, index: usize, check: &Check) {
        // Asks the app, which is what the learner sees.
        if bench.until(SEEN, |state| state.lesson.walk.progress().done(index)) {
            self.reports[number].checks += self.counted();
            return;
        }
        let name = &check.name;
        let what = if check.holds(&bench.state.lesson.context) {
            format!("\"{name}\" is true and has no tick: it was true before")
        } else {
            format!("\"{name}\" did not become true")
        };
        self.fault_at(bench, number, &check.expr, what);
    }

    /// What this machine lacks for a step, in words.
    pub(super) fn lacks(&self, bench: &Bench, number: usize) -> Option<String> {
        let lack = bench.state.can_work(&self.lesson.steps[number]).err()?;
        Some(texts::lack(Lang::En, &lack))
    }
}

/// Whether a line is likely to end the shell it is typed into.
fn ends_its_shell(line: &str) -> bool {
    const ENDS: [&str; 5] = ["exit", "logout", "exec", "kill", "reboot"];
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| ENDS.contains(&word))
}

fn digit(number: usize) -> KeyCode {
    let digit = u32::try_from(number).ok();
    let digit = digit.and_then(|digit| char::from_digit(digit, 10));
    KeyCode::Char(digit.unwrap_or('0'))
}
