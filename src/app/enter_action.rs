//! The next action of Enter, decided from the lesson and the lab.
//!
//! `lesson_view` decides whether it is in view; `lesson_actions` carries it out.

use super::diagnosis;
use super::review::Score;
use super::shells::{LabPhase, Phase};
use super::starting_state;
use super::state::State;
use super::underway::Underway;
use crate::lesson::{Deed, Lesson, LessonStep, Part, Template, View};
use crate::sandbox::{ContainerNumber, HostKind, Join, Plan, Side};

/// The next action of Enter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EnterAction<'a> {
    /// Scrolls: the part that waits for the learner is not in view yet.
    ReadOn,
    /// Nothing: the lab host is still starting.
    LabStarting,
    /// Nothing: there is no lab host.
    LabAbsent,
    /// Nothing: the starting state of the step is being made.
    Rebuilding(&'a Underway),
    /// Presses at once what is left of the command that is being typed.
    TypeOut,
    /// Makes the starting state of the step: a fresh lab host in which this number of steps is done again.
    Rebuild(usize),
    /// Nothing: a shell is still starting.
    ShellStarting(Side),
    /// Asks the learner to make a choice.
    Choose,
    /// Goes on without a choice.
    Skip,
    /// Takes the choice under the cursor.
    Answer(usize),
    Launch(ContainerNumber, Plan),
    /// Launches the shell that a command or another container needs.
    LaunchFirst(Side, Plan),
    Type {
        side: Side,
        line: &'a Template,
    },
    /// Nothing: a value in the line to type is not known yet.
    ValueMissing(&'a str),
    /// Tells the learner what is missing.
    Nudge,
    /// Does the next action of the step's script for the learner.
    Show,
    /// Goes to the next step though something is missing.
    StepAnyway,
    /// Goes to the next step.
    Step,
    /// Asks the next question of the review. The number counts the steps that are left.
    NextQuestion(usize),
    EndReview(Score),
    /// Goes to the lesson of this title.
    Lesson(&'a str),
    /// Shows what was done in the course: this was the last step.
    Finished,
    /// Nothing: there are no lessons.
    NoLesson,
    /// Shows the step again, in place of the mistakes in the lessons.
    StepAgain,
}

/// The next action of Enter, even if its part of the step is not in view.
pub(super) fn enter_action(state: &State) -> EnterAction<'_> {
    if state.lesson.mistakes.shown {
        return EnterAction::StepAgain;
    }
    if state.lesson.keys_left.is_some() {
        return EnterAction::TypeOut;
    }
    let Some((lesson, step)) = state.lesson().zip(state.step()) else {
        return EnterAction::NoLesson;
    };
    // A step that can't work here is passed over.
    if state.lack().is_some() {
        return after(state, lesson);
    }
    if let Some(rebuild) = &state.lesson.lab.rebuild {
        return EnterAction::Rebuilding(&rebuild.underway);
    }
    if let Some(missing) = starting_state::missing(state) {
        return EnterAction::Rebuild(missing.steps);
    }
    let progress = state.lesson.walk.progress();
    let Some(index) = progress.pending(step) else {
        if !progress.all_done(step) {
            // A starting state that could not be made once is not tried again.
            let gave_up = state.lesson.lab.gave_up == Some(state.lesson.walk.place());
            let rebuilds = !gave_up && state.shells.host_kind != HostKind::Machine;
            return if progress.nudged && rebuilds && diagnosis::has_cause(state) {
                EnterAction::Rebuild(starting_state::steps(state))
            } else if progress.nudged {
                show_next(state, lesson, step).unwrap_or(EnterAction::StepAnyway)
            } else {
                EnterAction::Nudge
            };
        }
        return after(state, lesson);
    };
    match &step.parts[index] {
        Part::Predict(predict) => match progress.choice {
            Some(choice) if choice < predict.choices.len() => EnterAction::Answer(choice),
            _ if progress.urged == Some(index) => EnterAction::Skip,
            _ => EnterAction::Choose,
        },
        Part::Launch(launch) => match lab_wait(state) {
            Some(wait) => wait,
            None => launch_next(state, lesson, index, launch.container, &launch.plan),
        },
        Part::Run(run) => {
            let shell = state.shells.get(run.side);
            let wanted = state.plan_of_run(lesson, index, run.side);
            let line = run.lines.get(progress.typed(index));
            match (lab_wait(state), &shell.phase, line) {
                (Some(wait), _, _) => wait,
                (None, Phase::Starting, _) => EnterAction::ShellStarting(run.side),
                (None, Phase::Running, Some(line)) if shell.plan == wanted => {
                    type_next(state, lesson, index, run.side, line)
                }
                _ => missing(state, lesson, index, wanted.join, 0)
                    .unwrap_or(EnterAction::LaunchFirst(run.side, wanted)),
            }
        }
        Part::Prose(_) | Part::Check(_) | Part::Hint(_) | Part::Figure(_) => after(state, lesson),
    }
}

/// `Show` if the next action of the script can be done, else what the action waits for. `None` if no action is
/// left.
fn show_next<'a>(
    state: &'a State,
    lesson: &Lesson,
    step: &'a LessonStep,
) -> Option<EnterAction<'a>> {
    let (part, ready) = (step.parts.len(), EnterAction::Show);
    let next = match next_script_action(state, step)?.1 {
        Deed::Choose(_) | Deed::Open(_) => return Some(ready),
        Deed::Launch(_) | Deed::Type { .. } if lab_wait(state).is_some() => lab_wait(state)?,
        Deed::Launch(launch) => launch_next(state, lesson, part, launch.container, &launch.plan),
        Deed::Type { side, line } => match (*side, &state.shells.get(*side).phase) {
            (side, Phase::Running) => type_next(state, lesson, part, side, line),
            (side, Phase::Starting) => EnterAction::ShellStarting(side),
            (Side::Host, _) => EnterAction::LaunchFirst(Side::Host, Plan::default()),
            (Side::Container(number), _) => container_first(state, lesson, part, number, 0),
        },
    };
    Some(match next {
        EnterAction::Launch(..) | EnterAction::Type { .. } => ready,
        other => other,
    })
}

fn type_next<'a>(
    state: &'a State,
    lesson: &Lesson,
    part: usize,
    side: Side,
    line: &'a Template,
) -> EnterAction<'a> {
    let absent = line
        .live_values()
        .find(|it| it.text(&state.lesson.context).is_none());
    let Some(value) = absent else {
        return EnterAction::Type { side, line };
    };
    // Values of a container come once it runs.
    let paths = value.paths(&state.lesson.context).into_iter();
    let missing = paths.filter_map(|(path, value)| match value {
        None => path.split('.').next()?.parse().ok(),
        Some(_) => None,
    });
    for side in missing {
        if let Side::Container(number) = side
            && !state.shells.get(side).runs()
        {
            return container_first(state, lesson, part, number, 0);
        }
    }
    EnterAction::ValueMissing(value.source())
}

fn launch_next<'a>(
    state: &'a State,
    lesson: &Lesson,
    part: usize,
    number: ContainerNumber,
    plan: &Plan,
) -> EnterAction<'a> {
    if state.shells.get(Side::Container(number)).phase == Phase::Starting {
        return EnterAction::ShellStarting(Side::Container(number));
    }
    let plan = state.needed_plan(plan);
    missing(state, lesson, part, plan.join, 0).unwrap_or(EnterAction::Launch(number, plan))
}

/// The container that must run before one with this plan can be launched: the one it joins. `depth` joins were
/// followed already. That is limited: by mistake, a lesson may have two containers join each other.
fn missing<'a>(
    state: &'a State,
    lesson: &Lesson,
    part: usize,
    join: Option<Join>,
    depth: usize,
) -> Option<EnterAction<'a>> {
    let whose = join.filter(|_| depth < ContainerNumber::COUNT)?.whose;
    match state.shells.get(Side::Container(whose)).phase {
        Phase::Running => None,
        Phase::Starting | Phase::Absent | Phase::Exited(_) | Phase::Failed(_) => {
            Some(container_first(state, lesson, part, whose, depth + 1))
        }
    }
}

/// Launches a container, or first the one it joins.
fn container_first<'a>(
    state: &'a State,
    lesson: &Lesson,
    part: usize,
    number: ContainerNumber,
    depth: usize,
) -> EnterAction<'a> {
    let side = Side::Container(number);
    if state.shells.get(side).phase == Phase::Starting {
        return EnterAction::ShellStarting(side);
    }
    let plan = state.needed_plan(&state.lesson.walk.wanted(lesson, part, number));
    missing(state, lesson, part, plan.join, depth).unwrap_or(EnterAction::LaunchFirst(side, plan))
}

/// The action of Enter after the end of the present step.
fn after<'a>(state: &'a State, lesson: &Lesson) -> EnterAction<'a> {
    if let Some(review) = &state.lesson.review {
        return match review.left() {
            0 => EnterAction::EndReview(review.score),
            left => EnterAction::NextQuestion(left),
        };
    }
    if state.lesson.walk.step() + 1 < lesson.steps.len() {
        return EnterAction::Step;
    }
    let next = state.lesson.walk.lesson() + 1;
    match state.lesson.lessons.lesson(next, state.lang) {
        Some(lesson) => EnterAction::Lesson(&lesson.title),
        None => EnterAction::Finished,
    }
}

fn lab_wait(state: &State) -> Option<EnterAction<'static>> {
    match state.shells.lab {
        LabPhase::Undecided | LabPhase::Starting => Some(EnterAction::LabStarting),
        LabPhase::Ready => None,
        LabPhase::Failed { .. } | LabPhase::Gone => Some(EnterAction::LabAbsent),
    }
}

/// The next action of the step's script that is still to be done for the learner, and its index. A step
/// without a hint is an exam: no command of it is typed for anybody.
pub(super) fn next_script_action<'a>(
    state: &State,
    step: &'a LessonStep,
) -> Option<(usize, &'a Deed)> {
    let helps = step.hints().next().is_some();
    // In a step with commands of its own and without proofs, the script would only repeat what was typed already:
    // its effect may not have been seen yet.
    let commands = |part: &Part| matches!(part, Part::Launch(_) | Part::Run(_));
    let leaves = !step.proofs.is_empty() || !step.parts.iter().any(commands);
    let script = step.script().filter(|_| leaves)?;
    let done = state.lesson.walk.progress().script_done;
    let deeds = script.actions.iter().map(|action| &action.deed);
    let mut left = deeds.enumerate().skip(done);
    left.find(|(_, deed)| match deed {
        Deed::Choose(flags) => state.next_launch.flags != *flags,
        Deed::Open(View::Machine) if state.shells.host_kind == HostKind::Machine => false,
        Deed::Open(View::Machine) => !state.shows_machine(),
        Deed::Open(view) => !state.lesson.opened.contains(view),
        Deed::Launch(_) | Deed::Type { .. } => helps,
    })
}
