//! Records faults as they are found: place, sentence, values.

use std::time::Instant;

use super::bench::{Bench, WhyNoLab};
use super::report::{Fault, StepOutcome};
use super::walk::{Begins, Stuck, Verifier};
use crate::app::launching;
use crate::lesson::{Context, Expr, Launch};
use crate::sandbox::{Plan, Side};

impl Verifier<'_> {
    pub(super) fn fault_at(&mut self, bench: &Bench, number: usize, expr: &Expr, what: String) {
        let seen = values(expr, &bench.state.lesson.context);
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
        let fault = self.new_fault(line, column, what, seen, pane);
        let outcome = &mut self.reports[number].outcome;
        match outcome {
            // The second walk may find the same fault again.
            StepOutcome::Failed { faults } if faults.iter().any(|it| it.is_like(&fault)) => {}
            StepOutcome::Failed { faults } => faults.push(fault),
            // The step fails because of what the machine lacks.
            StepOutcome::Skipped { .. } => {}
            StepOutcome::Ok | StepOutcome::NotReached => {
                *outcome = StepOutcome::Failed {
                    faults: vec![fault],
                };
            }
        }
    }

    /// Records that a container is missing, which the rest of the lesson needs. If a fresh lab host refuses it
    /// too, the reason is the machine; otherwise it is the lesson.
    pub(super) fn not_started(
        &mut self,
        bench: &Bench,
        number: usize,
        place: (usize, usize),
        side: Side,
        absent: WhyNoLab,
    ) -> Result<(), Stuck> {
        let (WhyNoLab::Wrong(why) | WhyNoLab::Refused(why)) = &absent;
        let plan = Plan {
            join: None,
            ..bench.state.shells.get(side).plan.clone()
        };
        if matches!(absent, WhyNoLab::Refused(_)) && self.is_refused_at_once(side, plan) {
            self.absent(number, place, absent);
            return Err(Stuck);
        }
        self.stuck(number, place, why.clone(), bench.last_lines(side))
    }

    fn is_refused_at_once(&self, side: Side, plan: Plan) -> bool {
        let launched = Bench::open((self.setup)(Begins::AtTheBeginning)).and_then(|mut bench| {
            let container = match side {
                Side::Container(container) => container,
                Side::Host => return Ok(()),
            };
            let launch = Launch { container, plan };
            let effects = launching::launch_for_lesson(&mut bench.state, &launch, Instant::now());
            bench.carry_out(effects);
            bench.started(side)
        });
        matches!(launched, Err(WhyNoLab::Refused(_)))
    }

    /// Records that there is no lab, or no container: the step is skipped where the machine allows none.
    pub(super) fn absent(&mut self, number: usize, place: (usize, usize), absent: WhyNoLab) {
        match absent {
            WhyNoLab::Wrong(why) => self.fault(number, place, why, Vec::new(), Vec::new()),
            WhyNoLab::Refused(why) => {
                let outcome = &mut self.reports[number].outcome;
                if matches!(outcome, StepOutcome::Ok | StepOutcome::NotReached) {
                    *outcome = StepOutcome::Skipped { why };
                }
            }
        }
    }

    pub(super) fn warn(&mut self, number: usize, (line, column): (usize, usize), what: String) {
        let fault = self.new_fault(line, column, what, Vec::new(), Vec::new());
        self.reports[number].warnings.push(fault);
    }

    fn new_fault(
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

    /// The number of faults in a step.
    pub(super) fn faults(&self, number: usize) -> usize {
        match &self.reports[number].outcome {
            StepOutcome::Failed { faults } => faults.len(),
            StepOutcome::Ok | StepOutcome::Skipped { .. } | StepOutcome::NotReached => 0,
        }
    }

    pub(super) fn place_of_step(&self, number: usize) -> (usize, usize) {
        (self.lesson.steps[number].line, 1)
    }

    pub(super) fn place(&self, number: usize, part: usize) -> (usize, usize) {
        let step = &self.lesson.steps[number];
        (step.lines.get(part).copied().unwrap_or(step.line), 1)
    }
}

/// The paths of an expression with their values.
pub(super) fn values(expr: &Expr, context: &Context) -> Vec<String> {
    let values = expr.paths(context);
    let lines = values.into_iter().map(|(path, value)| match value {
        Some(value) => format!("{path} is {}", shortened(&value)),
        None => format!("{path} has no value"),
    });
    lines.collect()
}

/// Longest value in a fault, in characters. Of a longer one, its beginning is shown, and more of
/// its end: new items of a list are there.
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
