//! Finds checks that are true without their deed: the line that the learner should type in the step, or the launch.
//! Tries the states that other steps and near misses leave behind, and the deed on the wrong side.
//!
//! Uses states that other checks made; makes none. Must not know how a lesson is walked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::bench::{Bench, LineOutcome};
use super::faults::values;
use super::order::commands_of;
use super::report::{self, StepOutcome};
use super::walk::{StartPoint, Verifier};
use crate::app::launching;
use crate::lesson::{Check, Context, Deed, EndedCommand, LessonStep, Part, Template};
use crate::sandbox::{ContainerNumber, Plan, Side};

/// First words of commands that change nothing a check could look at.
const IDLE: [&str; 7] = ["cat", "cd", "echo", "false", "ls", "test", "true"];
/// Commands that do nothing, and how they end.
const NOTHING: [(&str, EndedCommand); 2] =
    [("succeeds", idle("true", 0)), ("fails", idle("false", 1))];
/// The most states that a fault names.
const NAMED: usize = 3;

/// The state of a lab after some deeds.
pub(super) struct LabState {
    /// The moment of the state, in words: "at the end of step 2".
    when: String,
    context: Context,
    deeds: Vec<Deed>,
}

/// A check that was true without the deed.
#[derive(Debug)]
pub(super) struct UndeservedCheck {
    when: Vec<String>,
    /// Its values in the first of these states.
    seen: Vec<String>,
}

/// The undeserved checks of a lesson, by step and part index.
pub(super) type UndeservedChecks = BTreeMap<(usize, usize), UndeservedCheck>;

const fn idle(line: &'static str, status: i32) -> EndedCommand<'static> {
    EndedCommand {
        line,
        status,
        output: "",
        program: line,
    }
}

impl LabState {
    pub(super) fn of(bench: &mut Bench, when: String, deeds: Vec<Deed>) -> Self {
        // The last command's effect may not have been reported yet.
        bench.catch_up();
        let context = bench.state.lesson.context.clone();
        LabState {
            when,
            context,
            deeds,
        }
    }

    /// Whether a deed in this state is one that the check is about, perhaps in another form.
    fn has_deed_like(&self, deeds: &[Deed]) -> bool {
        let launches = |it: &Deed| match it {
            // A launch option may have a command's effect.
            Deed::Launch(launch) => launch.plan != plain(&launch.plan),
            _ => false,
        };
        let done = |deed: &Deed| self.deeds.iter().any(|it| is_alike(it, deed));
        deeds.iter().any(done) || self.deeds.iter().any(launches)
    }
}

/// The plan without its options.
fn plain(plan: &Plan) -> Plan {
    Plan {
        flags: plan.flags,
        join: plan.join,
        ..Plan::default()
    }
}

/// Whether two deeds may do the same: launch one container, or run one program in one shell.
fn is_alike(one: &Deed, other: &Deed) -> bool {
    match (one, other) {
        (Deed::Launch(one), Deed::Launch(other)) => one.container == other.container,
        (Deed::Type { side, line }, Deed::Type { side: at, line: it }) => {
            let (one, other) = (programs(line), programs(it));
            side == at && (line == it || !one.is_disjoint(&other))
        }
        _ => one == other,
    }
}

/// The words of a line that begin its commands.
fn programs(line: &Template) -> BTreeSet<&str> {
    let commands = line.source().split([';', '|', '&', '(', ')']);
    let begins = commands.filter_map(|it| it.split_whitespace().find(|word| !word.contains('=')));
    begins.filter(|word| !IDLE.contains(word)).collect()
}

/// The deeds that make a check true: its commands, or else the script of its step.
fn deeds_of(step: &LessonStep, check: usize) -> Vec<Deed> {
    let mut parts = commands_of(step, check);
    if parts.is_empty() {
        let actions = step.script().map_or(&[][..], |script| &script.actions);
        return actions.iter().map(|action| action.deed.clone()).collect();
    }
    // A launch below the commands makes it true.
    let below = parts.last().copied().unwrap_or(check) + 1..check;
    parts.extend(below.filter(|&it| matches!(step.parts[it], Part::Launch(_))));
    let deeds = step.deeds().into_iter();
    let deeds = deeds.filter(|it| parts.contains(&it.part));
    deeds.map(|it| it.deed).collect()
}

impl Verifier<'_> {
    /// Judges the checks of the other steps in a state that one step left, or a near miss of the check
    /// `of`.
    pub(super) fn judge_elsewhere(&mut self, state: &LabState, of: Option<&Check>) {
        let lesson = self.lesson;
        for (number, step) in lesson.steps.iter().enumerate() {
            if matches!(self.reports[number].outcome, StepOutcome::Skipped { .. }) {
                continue;
            }
            for (index, check) in step.checks() {
                let deeds = deeds_of(step, index);
                let own = of.is_some_and(|it| std::ptr::eq(it, check));
                if own || deeds.is_empty() || state.has_deed_like(&deeds) {
                    continue;
                }
                if check.holds(&state.context) {
                    let found = self.undeserved.entry((number, index));
                    let found = found.or_insert_with(|| UndeservedCheck {
                        when: Vec::new(),
                        seen: values(&check.expr, &state.context),
                    });
                    found.when.push(state.when.clone());
                }
            }
        }
    }

    /// A check that is false so far must not become true by a command that does nothing, in any shell.
    pub(super) fn expect_deed(&mut self, bench: &Bench, number: usize, check: &Check) {
        let found = NOTHING.iter().find(|(_, command)| {
            let (lesson, shells) = (&bench.state.lesson, &bench.state.shells);
            let mut known = lesson.known(shells, bench.state.next_launch.flags);
            for side in Side::all() {
                let known = known.side_mut(side);
                known.last = Some(*command);
                known.commands.push(*command);
            }
            check.holds(&known.context())
        });
        if let Some((ends, _)) = found {
            let what = format!("\"{}\" becomes true by any command that {ends}", check.name);
            self.fault_at(bench, number, &check.expr, what);
        }
    }

    /// A check of a program's output or refusal must not hold after a line of several commands with the same
    /// output and status, as `echo MESSAGE; false`.
    pub(super) fn expect_program(&mut self, bench: &Bench, number: usize, check: &Check) {
        let source = check.expr.source();
        let (lesson, shells) = (&bench.state.lesson, &bench.state.shells);
        let mut known = lesson.known(shells, bench.state.next_launch.flags);
        let looks = Side::all().any(|side| {
            let refused = known.side(side).last.is_some_and(|it| it.status != 0);
            source.contains(&format!("{side}.last.output"))
                || (refused && source.contains(&format!("{side}.last.status")))
        });
        if !looks || !check.holds(&bench.state.lesson.context) {
            return;
        }
        let feigned = |side| {
            let last: EndedCommand<'_> = known.side(side).last?;
            Some(format!("echo '{}'; (exit {})", last.output, last.status))
        };
        let lines: Vec<_> = Side::all().map(|side| (side, feigned(side))).collect();
        for (side, line) in &lines {
            let last = &mut known.side_mut(*side).last;
            *last = last
                .zip(line.as_deref())
                .map(|(it, line)| EndedCommand::new(line, it.status, it.output));
        }
        if check.holds(&known.context()) {
            let what = format!(
                "\"{}\" would also hold if echo had printed the same: let it test `last.program` or \
                 the state",
                check.name
            );
            self.fault_at(bench, number, &check.expr, what);
        }
    }

    /// Reports each check that was true without the deed, once.
    pub(super) fn report_undeserved(&mut self) {
        let lesson = self.lesson;
        for ((number, index), found) in std::mem::take(&mut self.undeserved) {
            let Some(Part::Check(check)) = lesson.steps[number].parts.get(index) else {
                continue;
            };
            let named = found.when.len().min(NAMED);
            let more = match found.when.len() - named {
                0 => String::new(),
                more => format!(", and in {more} more states"),
            };
            let what = format!(
                "\"{}\" is true without anything that this step does for it: {}{more}",
                check.name,
                found.when[..named].join(", ")
            );
            let mut fault = self.at(check.expr.place(), what);
            fault.seen = found.seen;
            self.fault(number, fault);
        }
    }

    /// Begins at each step, and types its commands into the other shell: no check may become true.
    pub(super) fn walk_on_the_wrong_side(&mut self) {
        for number in 0..self.lesson.steps.len() {
            let begun = Instant::now();
            let step = &self.lesson.steps[number];
            let typed = |deed: &Deed| matches!(deed, Deed::Type { .. });
            if step
                .checks()
                .any(|(index, _)| deeds_of(step, index).iter().any(typed))
                && let Some(mut bench) = self.open_at(number, StartPoint::AtStep(number))
            {
                self.do_on_the_wrong_side(&mut bench, number);
            }
            self.reports[number].millis += report::millis(begun);
        }
    }

    fn do_on_the_wrong_side(&mut self, bench: &mut Bench, number: usize) {
        let step = &self.lesson.steps[number];
        let Some(moved) = move_commands(bench, step) else {
            return;
        };
        let Some((line, side)) = moved.lines.last() else {
            return;
        };
        let last = format!("`{line}` was typed into the {side}'s shell");
        bench.catch_up();
        for (index, check) in step.checks() {
            let deeds = deeds_of(step, index);
            let typed = deeds.iter().filter(|it| matches!(it, Deed::Type { .. }));
            let mut typed = typed.peekable();
            // A command that could not be typed elsewhere was not done at all.
            let judged = typed.peek().is_some() && typed.all(|it| moved.deeds.contains(it));
            if !judged || moved.before.contains(&index) {
                continue;
            }
            let context = &bench.state.lesson.context;
            if check.holds(context) {
                let what = format!("\"{}\" is true though {last}", check.name);
                self.fault_at(bench, number, &check.expr, what);
            } else {
                self.reports[number].checks += 1;
            }
        }
    }
}

/// The deeds done in the other shell.
#[derive(Default)]
struct Moved {
    /// As the lesson has them.
    deeds: Vec<Deed>,
    /// The lines that were typed, and the sides that got them.
    lines: Vec<(String, Side)>,
    /// The checks that were true before the first line was typed: the launches made them true.
    before: Vec<usize>,
}

/// Does a step with each command in the other shell. `None` if a container can't be launched.
fn move_commands(bench: &mut Bench, step: &LessonStep) -> Option<Moved> {
    let mut moved = Moved::default();
    let solution = step.solution().map_or(&[][..], |it| &it.actions);
    for it in step.deeds() {
        match &it.deed {
            Deed::Launch(launch) => {
                bench.launch(launch).ok()?;
                // If the prompt doesn't come, nothing is typed there.
                let _ = bench.prompted(Side::Container(launch.container));
            }
            Deed::Type { side, line } => {
                let Some(other) = other_side(bench, *side) else {
                    continue;
                };
                // The step itself says that this is right too.
                let both = Deed::Type {
                    side: other,
                    line: line.clone(),
                };
                let right = solution.iter().any(|it| it.deed == both);
                let text = line.text(&bench.state.lesson.context);
                let Some(text) = text.filter(|_| !right) else {
                    continue;
                };
                if moved.lines.is_empty() {
                    bench.catch_up();
                    let context = &bench.state.lesson.context;
                    let before = step.checks().filter(|(_, check)| check.holds(context));
                    moved.before = before.map(|(index, _)| index).collect();
                }
                let goes_on = type_into(bench, other, &text);
                moved.lines.push((text, other));
                moved.deeds.push(it.deed.clone());
                if !goes_on {
                    break;
                }
            }
            Deed::Choose(flags) => launching::choose_for_lesson(&mut bench.state, *flags),
            Deed::Open(_) => {}
        }
    }
    Some(moved)
}

/// A side with a shell at its prompt that a learner could take for this one: the host, or the first such
/// container.
fn other_side(bench: &Bench, side: Side) -> Option<Side> {
    let ready = |side: &Side| {
        let shell = bench.state.shells.get(*side);
        shell.runs() && shell.emulator.at_prompt()
    };
    match side {
        Side::Container(_) => Some(Side::Host).filter(ready),
        Side::Host => ContainerNumber::ALL
            .map(Side::Container)
            .into_iter()
            .find(ready),
    }
}

/// Types a line. Returns whether the shell can take another one.
fn type_into(bench: &mut Bench, side: Side, line: &str) -> bool {
    let text = line.to_owned();
    match bench.follow_line(side, line, |bench| bench.type_at_prompt(side, text)) {
        LineOutcome::Ended { .. } | LineOutcome::TookOver => true,
        LineOutcome::ShellGone | LineOutcome::Runs => false,
    }
}
