//! Records faults as they are found: place, sentence, values.

use super::bench::{Bench, WhyNoLab};
use super::report::{Fault, StepOutcome};
use super::walk::{StartPoint, Stuck, Verifier};
use crate::lesson::{Context, Expr, Launch};
use crate::sandbox::{Plan, Side};

impl Verifier<'_> {
    pub(super) fn fault_at(&mut self, bench: &Bench, number: usize, expr: &Expr, what: String) {
        let mut fault = self.at(expr.place(), what);
        fault.seen = values(expr, &bench.state.lesson.context);
        self.fault(number, fault);
    }

    pub(super) fn stuck(
        &mut self,
        number: usize,
        place: (usize, usize),
        what: String,
        pane: Vec<String>,
    ) -> Result<(), Stuck> {
        let mut fault = self.at(place, what);
        fault.pane = pane;
        self.fault(number, fault);
        Err(Stuck)
    }

    /// A fault at a place in the lesson.
    pub(super) fn at(&self, (line, column): (usize, usize), what: impl Into<String>) -> Fault {
        Fault {
            file: self.lesson.file.clone(),
            line,
            column,
            what: what.into(),
            ..Fault::default()
        }
    }

    pub(super) fn fault(&mut self, number: usize, fault: Fault) {
        let outcome = &mut self.reports[number].outcome;
        match outcome {
            // The second walk may find the same fault again.
            StepOutcome::Failed { faults } if faults.iter().any(|it| it.is_like(&fault)) => {}
            StepOutcome::Failed { faults } => faults.push(fault),
            // The step fails because the machine lacks something.
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
        let (WhyNoLab::Failed(why) | WhyNoLab::Refused(why)) = &absent;
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
        let launched = Bench::open((self.setup)(StartPoint::AtTheBeginning)).and_then(
            |mut bench| match side {
                Side::Container(container) => bench.launch(&Launch { container, plan }),
                Side::Host => Ok(()),
            },
        );
        matches!(launched, Err(WhyNoLab::Refused(_)))
    }

    /// Records that there is no lab, or no container: the step is skipped where the machine allows none.
    pub(super) fn absent(&mut self, number: usize, place: (usize, usize), absent: WhyNoLab) {
        match absent {
            WhyNoLab::Failed(why) => self.fault(number, self.at(place, why)),
            WhyNoLab::Refused(why) => {
                let outcome = &mut self.reports[number].outcome;
                if matches!(outcome, StepOutcome::Ok | StepOutcome::NotReached) {
                    *outcome = StepOutcome::Skipped { why };
                }
            }
        }
    }

    pub(super) fn warn(&mut self, number: usize, place: (usize, usize), what: &str) {
        let fault = self.at(place, what);
        self.reports[number].warnings.push(fault);
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
