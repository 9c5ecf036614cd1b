//! Runs the scripts of a lesson: solutions of hints, samples of near misses, proofs of steps.
//!
//! Owns how an action is carried out, and what must be true after a script.

use std::time::Instant;

use crossterm::event::KeyCode;

use super::bench::{Bench, SEEN};
use super::elsewhere::LabState;
use super::faults::values;
use super::report;
use super::walk::{Failing, LineToType, StartPoint, Stuck, Verifier, WalkMode};
use crate::app::launching;
use crate::lesson::script::{Action, Deed};
use crate::lesson::{Check, Script, View};
use crate::sandbox::Side;

impl Verifier<'_> {
    /// Does the lesson again, with the other ways that its steps give instead of their commands: once for each
    /// way of the step that has most of them.
    pub(super) fn walk_other_ways(&mut self) {
        let ways = self
            .lesson
            .steps
            .iter()
            .map(|step| step.other_ways().count());
        for nth in 0..ways.max().unwrap_or(0) {
            if self.walk_nth_ways(nth).is_err() {
                return;
            }
        }
    }

    fn walk_nth_ways(&mut self, nth: usize) -> Result<(), Stuck> {
        self.mode = WalkMode::Solutions;
        let mut bench = match Bench::open((self.setup)(StartPoint::AtTheBeginning)) {
            Ok(bench) => bench,
            Err(absent) => {
                self.absent(0, self.place_of_step(0), absent);
                return Err(Stuck);
            }
        };
        for number in 0..self.lesson.steps.len() {
            let begun = Instant::now();
            let step = &self.lesson.steps[number];
            let outcome = match step.other_ways().nth(nth) {
                _ if self.missing_requirement(&bench, number).is_some() => Ok(()),
                Some(script) if works(&bench, script) => self.solve(&mut bench, number, script),
                Some(_) | None => self.step(&mut bench, number),
            };
            self.reports[number].millis += report::millis(begun);
            outcome?;
            bench.press(KeyCode::Right);
        }
        Ok(())
    }

    fn solve(&mut self, bench: &mut Bench, number: usize, script: &Script) -> Result<(), Stuck> {
        let faults = self.faults(number);
        self.run_script(bench, number, script)?;
        let step = &self.lesson.steps[number];
        for (_, check) in step.checks() {
            if bench.until(SEEN, |state| check.holds(&state.lesson.context)) {
                continue;
            }
            let first = &script.actions[0];
            let what = format!("this way doesn't make \"{}\" true", check.name);
            let mut fault = self.at((first.line, first.column), what);
            fault.seen = values(&check.expr, &bench.state.lesson.context);
            self.fault(number, fault);
        }
        self.reports[number].solved = self.faults(number) == faults;
        Ok(())
    }

    /// Tries the sample of each near miss, each in a fresh lab host.
    pub(super) fn try_samples(&mut self) {
        for number in 0..self.lesson.steps.len() {
            let begun = Instant::now();
            let step = &self.lesson.steps[number];
            for (_, check) in step.checks() {
                for miss in 0..check.wrong.len() {
                    self.try_sample(number, check, miss);
                }
            }
            if let Some(line) = step.unsolved() {
                self.warn(number, (line, 1), "the last hint has no `solution`");
            }
            self.reports[number].millis += report::millis(begun);
        }
    }

    fn try_sample(&mut self, number: usize, check: &Check, miss: usize) {
        let wrong = &check.wrong[miss];
        let Some(script) = &wrong.sample else {
            let place = wrong.when.place();
            return self.warn(number, place, "this near miss has no `sample`");
        };
        let first = &script.actions[0];
        let place = (first.line, first.column);
        let mut bench = match Bench::open((self.setup)(StartPoint::AtTheBeginning)) {
            Ok(bench) => bench,
            Err(absent) => return self.absent(number, place, absent),
        };
        if self.missing_requirement(&bench, number).is_some() || !works(&bench, script) {
            return;
        }
        if self.run_script(&mut bench, number, script).is_err() {
            return;
        }
        // Only the end state counts: the near miss may have been true for a moment before.
        bench.catch_up();
        let earlier = &check.wrong[..miss];
        let reached = bench.until(SEEN, |state| {
            let context = &state.lesson.context;
            wrong.when.is_true(context)
                && !check.holds(context)
                && !earlier.iter().any(|it| it.when.is_true(context))
        });
        let when = format!("after the sample of line {}", first.line);
        let deeds = script.actions.iter().map(|it| it.deed.clone()).collect();
        let state = LabState::of(&mut bench, when, deeds);
        self.judge_elsewhere(&state, Some(check));
        if reached {
            self.reports[number].samples += 1;
            return;
        }
        let context = &bench.state.lesson.context;
        let (what, expr) = if check.holds(context) {
            let said = "after this sample the check is true".to_owned();
            (said, &check.expr)
        } else if let Some(before) = earlier.iter().find(|it| it.when.is_true(context)) {
            let (line, _) = before.when.place();
            let said = format!("this sample is the near miss of line {line}");
            (said, &before.when)
        } else {
            let said = "this sample does not make its `when` true".to_owned();
            (said, &wrong.when)
        };
        let mut fault = self.at(place, what);
        fault.seen = values(expr, context);
        self.fault(number, fault);
    }

    pub(super) fn run_script(
        &mut self,
        bench: &mut Bench,
        number: usize,
        script: &Script,
    ) -> Result<(), Stuck> {
        for Action { line, column, deed } in &script.actions {
            let place = (*line, *column);
            match deed {
                Deed::Launch(launch) => {
                    if let Err(absent) = bench.launch(launch) {
                        let side = Side::Container(launch.container);
                        return self.not_started(bench, number, place, side, absent);
                    }
                }
                Deed::Type { side, line } => {
                    bench.until(SEEN, |state| line.text(&state.lesson.context).is_some());
                    let Some(text) = line.text(&bench.state.lesson.context) else {
                        let why = format!("`{line}` has a live value that is missing");
                        return self.stuck(number, place, why, Vec::new());
                    };
                    let typing = LineToType {
                        place,
                        side: *side,
                        line: text,
                        failing: self.failing(number, *side, Failing::FaultIfAbsent),
                    };
                    let press = |bench: &mut Bench, line| bench.type_at_prompt(*side, line);
                    self.type_line(bench, number, typing, press)?;
                }
                Deed::Choose(flags) => launching::choose_for_lesson(&mut bench.state, *flags),
                Deed::Open(view) => open(bench, *view),
            }
        }
        Ok(())
    }
}

/// Whether the lab host has everything that the script uses.
fn works(bench: &Bench, script: &Script) -> bool {
    let mut shortfalls = bench.state.shells.shortfalls.iter();
    !shortfalls.any(|&it| script.uses(it))
}

/// Opens a view by its keys, and goes back to the lesson.
fn open(bench: &mut Bench, view: View) {
    let keys: &[KeyCode] = match view {
        View::Code => &[KeyCode::F(7)],
        View::Trace => &[KeyCode::F(10)],
        // The first press shows half of the column, the second all of it.
        View::Compare => &[KeyCode::F(6), KeyCode::F(6)],
        View::Details => &[KeyCode::F(6), KeyCode::Enter],
        // The key would hide it.
        View::Machine if bench.state.shows_machine() => &[],
        View::Machine => &[KeyCode::F(12)],
    };
    for key in keys {
        bench.press(*key);
    }
    bench.press(KeyCode::F(2));
}
