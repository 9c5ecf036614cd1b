//! One lesson, done without a person.
//!
//! Owns what must be true of a step: before it, while it is done, and after it. How one waits is
//! `bench`'s, how it is told `report`'s.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::bench::{Bench, ENDED, SEEN, Typed};
use super::report::{Fault, Outcome, StepReport};
use super::scripts::proof;
use crate::app::next::Next;
use crate::app::{Setup, State};
use crate::app::{page, texts};
use crate::lang::Lang;
use crate::lesson::{Block, Check, Expr, Lesson, Part, Predict, Step, Template};
use crate::sandbox::Side;

/// A shell's answer to a command that there is not.
const NOT_FOUND: i32 = 127;
/// How long what was left by the step before may take to be no more seen.
const STALE: Duration = Duration::from_secs(1);

/// What Enter is about to do, without what it borrows.
enum Doing {
    /// It shows more of the page.
    Reading,
    /// It waits for the machine.
    Waiting,
    /// A question is asked.
    Predicting,
    /// A shell is launched.
    Launching(Side),
    /// A line is typed.
    Typing(Side, String),
    /// It waits for a value of the line to type.
    Lacking,
    /// Nothing more.
    Done,
}

fn doing(state: &State) -> Result<Doing, String> {
    Ok(match page::next(state) {
        Next::ReadOn => Doing::Reading,
        Next::LabStarting | Next::ShellStarting(_) => Doing::Waiting,
        Next::LabAbsent => return Err("the lab host is gone".to_owned()),
        Next::NoLesson | Next::Broken => return Err("there is no such lesson".to_owned()),
        Next::Choose | Next::Skip | Next::Answer(_) => Doing::Predicting,
        Next::Launch(nth, _) => Doing::Launching(Side::Container(nth)),
        Next::LaunchFirst(side, _) => Doing::Launching(side),
        Next::Type { side, line } => {
            let text = line.text(&state.context).unwrap_or_default();
            Doing::Typing(side, text)
        }
        Next::ValueMissing(_) => Doing::Lacking,
        Next::Nudge | Next::StepAnyway | Next::Step | Next::Lesson(_) | Next::Finished => {
            Doing::Done
        }
    })
}

/// A lesson, and what opens a lab for it.
pub(super) struct Verifier<'a> {
    pub(super) lesson: &'a Lesson,
    pub(super) setup: &'a dyn Fn() -> Setup,
    pub(super) mode: Mode,
    pub(super) reports: Vec<StepReport>,
}

/// What the steps are done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// With their own commands: all that a step says is looked at.
    Commands,
    /// With the solutions of their hints, where they have one.
    Solutions,
}

/// The step can't be done; what it leads to can't either.
pub(super) struct Stuck;

/// How far one step is.
struct Way<'a> {
    number: usize,
    step: &'a Step,
    /// The parts below this one are as they should be, or were found wanting.
    settled: usize,
    /// The parts below this one have been come to.
    entered: usize,
    /// The checks that were false when one of their commands was still to come.
    open: BTreeSet<usize>,
    /// The last prediction: what it is about happens before the next one.
    question: Option<&'a Predict>,
    /// Whether it has been done what no block of the step does.
    proved: bool,
}

impl Verifier<'_> {
    /// Does the lesson as its commands do it.
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
            bench.look();
        }
        for (_, check) in checks_without_commands(step) {
            self.is_false(bench, number, check);
        }
        loop {
            let next = match doing(&bench.state) {
                Ok(next) => next,
                Err(why) => return self.stuck(number, self.place_of_step(number), why, Vec::new()),
            };
            let pending = bench.state.walk.progress().pending(step);
            let part = pending.unwrap_or(step.parts.len());
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
                    self.reached(bench, &mut way, part)?;
                    if let Some(Part::Predict(predict)) = step.parts.get(part) {
                        bench.press(digit(predict.answer + 1));
                    }
                }
                Doing::Launching(side) => {
                    self.reached(bench, &mut way, part)?;
                    bench.press(KeyCode::Enter);
                    if let Err(why) = bench.started(side) {
                        let pane = bench.last_lines(side);
                        return self.stuck(number, self.place(number, part), why, pane);
                    }
                }
                Doing::Typing(side, line) => {
                    self.reached(bench, &mut way, part)?;
                    // The first line of a block stands below its fence.
                    let above = bench.state.walk.progress().typed(part) + 1;
                    let place = (self.place(number, part).0 + above, 1);
                    self.type_line(bench, number, place, side, &line, |bench, _| {
                        bench.press(KeyCode::Enter);
                    })?;
                }
                Doing::Lacking => {
                    self.reached(bench, &mut way, part)?;
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

    /// Does what no block of the step does.
    fn prove(&mut self, bench: &mut Bench, number: usize) -> Result<(), Stuck> {
        let step = &self.lesson.steps[number];
        let script = proof(step);
        if let Some(script) = script {
            self.run_script(bench, number, script)?;
        }
        for (_, check) in checks_without_commands(step) {
            if script.is_some() || check.holds(&bench.state.context) {
                self.becomes_true(bench, number, check);
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

    /// A line holds a value that doesn't come.
    fn lacking(&mut self, bench: &Bench, number: usize, part: usize) -> Result<(), Stuck> {
        let step = &self.lesson.steps[number];
        if let Some(Part::Run(run)) = step.parts.get(part) {
            let lives = run.lines.iter().flat_map(Template::lives);
            let context = &bench.state.context;
            for expr in lives.filter(|expr| expr.text(context).is_none()) {
                self.no_value(bench, number, expr);
            }
        }
        Err(Stuck)
    }

    /// Types a line by `typing`, and says what is wrong with what becomes of it.
    pub(super) fn type_line(
        &mut self,
        bench: &mut Bench,
        number: usize,
        place: (usize, usize),
        side: Side,
        line: &str,
        typing: impl FnOnce(&mut Bench, String),
    ) -> Result<(), Stuck> {
        if let Err(why) = bench.prompted(side) {
            let why = format!("`{line}` can't be typed: {why}");
            return self.stuck(number, place, why, bench.last_lines(side));
        }
        let typed = bench.follow_line(side, line, |bench| typing(bench, line.to_owned()));
        self.outcome_of_line(bench, number, place, side, line, typed)
    }

    fn outcome_of_line(
        &mut self,
        bench: &Bench,
        number: usize,
        place: (usize, usize),
        side: Side,
        line: &str,
        typed: Typed,
    ) -> Result<(), Stuck> {
        let pane = bench.last_lines(side);
        match typed {
            Typed::Ended {
                status: Some(NOT_FOUND),
            } if !self.means_to_fail(number) => {
                let why = format!("`{line}` ended with status 127: there is no such command");
                self.fault(number, place, why, Vec::new(), pane);
                Ok(())
            }
            Typed::Ended { .. } | Typed::TookOver => Ok(()),
            Typed::ShellGone if ends_its_shell(line) => Ok(()),
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

    /// Whether a step looks at how its commands end.
    fn means_to_fail(&self, number: usize) -> bool {
        checks(&self.lesson.steps[number]).any(|(_, check)| check.expr.source().contains(".last."))
    }

    /// The learner has come as far as this part: what stands before it is true and has its values;
    /// what it is to make true is not yet.
    fn reached(&mut self, bench: &mut Bench, way: &mut Way, part: usize) -> Result<(), Stuck> {
        for index in way.settled..part.min(way.step.parts.len()) {
            match &way.step.parts[index] {
                Part::Prose(blocks) => {
                    for expr in blocks.iter().flat_map(Block::lives) {
                        self.has_value(bench, way.number, expr);
                    }
                }
                Part::Check(check) if !commands_of(way.step, index).is_empty() => {
                    self.becomes_true(bench, way.number, check);
                }
                // What stands below it is about what the learner has done for it.
                Part::Check(_) if !way.proved => {
                    way.proved = true;
                    self.prove(bench, way.number)?;
                }
                Part::Predict(predict) => {
                    self.measured(bench, way);
                    way.question = Some(predict);
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

    /// What a prediction was about has happened.
    fn measured(&mut self, bench: &mut Bench, way: &mut Way) {
        let measured = way.question.take().and_then(|it| it.measured.as_ref());
        for expr in measured.into_iter().flat_map(Template::lives) {
            self.has_value(bench, way.number, expr);
        }
    }

    /// Some of a step's commands only look at what the others did: it is enough that a check is
    /// false before one of its own.
    fn comes_to_command(&mut self, bench: &mut Bench, way: &mut Way, part: usize) {
        let mut looked = false;
        for (index, check) in checks(way.step) {
            let commands = commands_of(way.step, index);
            if !commands.contains(&part) || way.open.contains(&index) {
                continue;
            }
            if !std::mem::replace(&mut looked, true) {
                bench.look();
            }
            if !check.holds(&bench.state.context) {
                way.open.insert(index);
            } else if commands.last() == Some(&part) {
                self.is_false(bench, way.number, check);
            }
        }
    }

    fn has_value(&mut self, bench: &mut Bench, number: usize, expr: &Expr) {
        if bench.until(SEEN, |state| expr.text(&state.context).is_some()) {
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
            // A solution may leave more behind than the commands would have.
            Mode::Solutions => false,
        };
        if !wanted || bench.until(STALE, |state| !check.holds(&state.context)) {
            return;
        }
        let what = format!("\"{}\" is true before anything was done for it", check.name);
        self.fault_at(bench, number, &check.expr, what);
    }

    fn becomes_true(&mut self, bench: &mut Bench, number: usize, check: &Check) {
        if bench.until(SEEN, |state| check.holds(&state.context)) {
            self.reports[number].checks += match self.mode {
                Mode::Commands => 1,
                Mode::Solutions => 0,
            };
            return;
        }
        let what = format!("\"{}\" did not become true", check.name);
        self.fault_at(bench, number, &check.expr, what);
    }

    fn fault_at(&mut self, bench: &Bench, number: usize, expr: &Expr, what: String) {
        let seen = seen(expr, &bench.state);
        self.fault(number, (expr.line(), expr.column()), what, seen, Vec::new());
    }

    pub(super) fn stuck(
        &mut self,
        number: usize,
        place: (usize, usize),
        what: String,
        pane: Vec<String>,
    ) -> Result<(), Stuck> {
        self.fault(number, place, what, Vec::new(), pane);
        Err(Stuck)
    }

    pub(super) fn fault(
        &mut self,
        number: usize,
        (line, column): (usize, usize),
        what: String,
        seen: Vec<String>,
        pane: Vec<String>,
    ) {
        let fault = self.told(line, column, what, seen, pane);
        let outcome = &mut self.reports[number].outcome;
        match outcome {
            // Walked twice, it may be wrong twice.
            Outcome::Failed { faults } if faults.iter().any(|it| it.is_like(&fault)) => {}
            Outcome::Failed { faults } => faults.push(fault),
            Outcome::Ok | Outcome::Skipped { .. } | Outcome::NotReached => {
                *outcome = Outcome::Failed {
                    faults: vec![fault],
                };
            }
        }
    }

    /// Says what could not be verified.
    pub(super) fn warn(&mut self, number: usize, (line, column): (usize, usize), what: String) {
        let fault = self.told(line, column, what, Vec::new(), Vec::new());
        self.reports[number].warnings.push(fault);
    }

    fn told(
        &self,
        line: usize,
        column: usize,
        what: String,
        seen: Vec<String>,
        pane: Vec<String>,
    ) -> Fault {
        Fault {
            file: self.lesson.file.clone(),
            line,
            column,
            what,
            seen,
            pane,
        }
    }

    /// How much is wrong with a step.
    pub(super) fn faults(&self, number: usize) -> usize {
        match &self.reports[number].outcome {
            Outcome::Failed { faults } => faults.len(),
            Outcome::Ok | Outcome::Skipped { .. } | Outcome::NotReached => 0,
        }
    }

    /// What a step needs and this machine lacks, in words.
    pub(super) fn lacks(&self, bench: &Bench, number: usize) -> Option<String> {
        let lack = bench.state.can_work(&self.lesson.steps[number]).err()?;
        Some(texts::lack(Lang::En, &lack))
    }

    fn place_of_step(&self, number: usize) -> (usize, usize) {
        (self.lesson.steps[number].line, 1)
    }

    fn place(&self, number: usize, part: usize) -> (usize, usize) {
        let step = &self.lesson.steps[number];
        (step.lines.get(part).copied().unwrap_or(step.line), 1)
    }
}

pub(super) fn checks(step: &Step) -> impl Iterator<Item = (usize, &Check)> {
    let parts = step.parts.iter().enumerate();
    parts.filter_map(|(index, part)| match part {
        Part::Check(check) => Some((index, check)),
        Part::Prose(_) | Part::Predict(_) | Part::Launch(_) | Part::Run(_) | Part::Hint(_) => None,
    })
}

/// The launches and runs that make a check true: those since the check before it, or where there is
/// none in between, those of that one.
fn commands_of(step: &Step, check: usize) -> Vec<usize> {
    let mut commands = Vec::new();
    for index in (0..check).rev() {
        match &step.parts[index] {
            Part::Launch(_) | Part::Run(_) => commands.insert(0, index),
            Part::Check(_) if !commands.is_empty() => break,
            Part::Check(_) | Part::Prose(_) | Part::Predict(_) | Part::Hint(_) => {}
        }
    }
    commands
}

/// The checks that ask for a key, or for what no command of the step does.
fn checks_without_commands(step: &Step) -> impl Iterator<Item = (usize, &Check)> {
    checks(step).filter(|(index, _)| commands_of(step, *index).is_empty())
}

/// Whether a line may well be the end of the shell it is typed into.
fn ends_its_shell(line: &str) -> bool {
    const ENDS: [&str; 5] = ["exit", "logout", "exec", "kill", "reboot"];
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| ENDS.contains(&word))
}

/// The values of what an expression looks at.
pub(super) fn seen(expr: &Expr, state: &State) -> Vec<String> {
    let values = expr.looks_at(&state.context);
    let told = values.into_iter().map(|(path, value)| match value {
        Some(value) => format!("{path} is {}", shortened(&value)),
        None => format!("{path} has no value"),
    });
    told.collect()
}

/// Characters of a value that are told: of a long one its beginning, and more of its end, where what
/// is new in a list stands.
const TOLD: (usize, usize) = (40, 120);

fn shortened(value: &str) -> String {
    let value = value.replace('\n', "⏎");
    let count = value.chars().count();
    let (first, last) = TOLD;
    if count <= first + last {
        return value;
    }
    let beginning: String = value.chars().take(first).collect();
    let end: String = value.chars().skip(count - last).collect();
    format!("{beginning} … {end}")
}

fn digit(number: usize) -> KeyCode {
    let digit = u32::try_from(number).ok();
    let digit = digit.and_then(|digit| char::from_digit(digit, 10));
    KeyCode::Char(digit.unwrap_or('0'))
}
