//! Makes the starting state of a step again: a fresh lab host gets it by the lesson's own launches, commands and
//! proofs.
//!
//! `starting_state` decides whether one is missing. Must not know who asked for it.

use std::time::{Duration, Instant};

use super::checks;
use super::launching;
use super::lesson_lab::ChangedBy;
use super::msg::Effect;
use super::notice::Notice;
use super::shells::LabPhase;
use super::starting_state;
use super::state::State;
use super::underway::{FailedLine, Rebuild, Underway, WaitState, Waits};
use super::walk::{self, LinePlace};
use crate::lesson::shell_line::becomes_another;
use crate::lesson::{Deed, Part, StepDeed, View};
use crate::sandbox::environment::is_shell;
use crate::sandbox::{Plan, Side};

/// The longest time until a shell is there, or a command has ended.
const LONGEST: Duration = Duration::from_secs(15);
/// How long to wait for a shell that doesn't report its prompts.
const SILENT: Duration = Duration::from_millis(700);
/// How long to wait for the prompt of a bash that the line starts. Most report it.
const BASH: Duration = Duration::from_secs(3);
/// How long to wait for a prompt after an `exec`, which may show none.
const EXEC: Duration = Duration::from_millis(300);
/// How long until the watchers have seen all effects.
const SEEN: Duration = Duration::from_millis(400);

/// The shell that a line starts and leaves in the foreground: its last word, as in `unshare -u sh`.
fn started_shell(line: &str) -> Option<&str> {
    let last = line.split_whitespace().next_back()?;
    let name = last.rsplit('/').next()?;
    is_shell(name).then_some(name)
}

/// Makes the starting state in a fresh lab host.
pub(super) fn begin(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    launching::fresh_lab(state, effects);
    start(state, now);
}

/// Makes the starting state in the lab host that has just started or is starting.
pub(super) fn start(state: &mut State, now: Instant) {
    let (left, _) = starting_state::deeds(state);
    let place = state.lesson.walk.place();
    state.lesson.lab.gave_up = None;
    if let Some(step) = state.step().cloned() {
        state.lesson.walk.progress_mut().begin_anew(&step);
    }
    state.lesson.lab.rebuild = Some(Rebuild {
        place,
        left,
        in_step: false,
        underway: Underway::Lab,
        failed: None,
        waits: Waits::Lab,
        until: now + LONGEST,
    });
}

/// Makes the starting state when a session is resumed.
pub(super) fn resume(state: &mut State, now: Instant) {
    let (left, _) = starting_state::deeds(state);
    if !left.is_empty() {
        start(state, now);
    }
}

/// Continues to make the starting state until it has to wait.
pub(super) fn advance(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    loop {
        let Some(rebuild) = &state.lesson.lab.rebuild else {
            return;
        };
        if rebuild.place != state.lesson.walk.place() {
            state.lesson.lab.rebuild = None;
            return;
        }
        if matches!(state.shells.lab, LabPhase::Undecided | LabPhase::Starting) {
            return;
        }
        if matches!(rebuild.waits, Waits::Lab) {
            let (side, silent) = (Side::Host, now + SILENT);
            wait(state, Waits::Shell { side, silent }, now + LONGEST);
            continue;
        }
        match rebuild.standing(&state.shells, now) {
            WaitState::Waits if now >= rebuild.until => return give_up(state, now),
            WaitState::Failed => return give_up(state, now),
            WaitState::Waits => return,
            WaitState::Over => note_failure(state),
        }
        let Some(rebuild) = &state.lesson.lab.rebuild else {
            return;
        };
        if matches!(rebuild.waits, Waits::Seen(_)) {
            return finish(state, now);
        }
        let Some((step, deed)) = rebuild.left.front() else {
            note(state, Underway::Lab);
            wait(state, Waits::Seen(now + SEEN), now + 2 * SEEN);
            return;
        };
        let (step, deed) = (*step, deed.clone());
        let here = step == rebuild.place.1;
        if here {
            begin_step(state);
        }
        note(state, Underway::Step(step + 1));
        let acted = act(state, (step, &deed), here, now, effects);
        if !matches!(acted, DeedOutcome::NotYet)
            && let Some(rebuild) = &mut state.lesson.lab.rebuild
        {
            rebuild.left.pop_front();
        }
        match acted {
            DeedOutcome::Done => {}
            DeedOutcome::Begun(waits) => wait(state, waits, now + LONGEST),
            DeedOutcome::NotYet => {
                let rebuild = state.lesson.lab.rebuild.as_ref();
                if rebuild.is_some_and(|it| now >= it.until) {
                    give_up(state, now);
                }
                return;
            }
        }
    }
}

fn wait(state: &mut State, waits: Waits, until: Instant) {
    if let Some(rebuild) = &mut state.lesson.lab.rebuild {
        (rebuild.waits, rebuild.until) = (waits, until);
    }
}

/// Notes that the awaited line has failed. A failure that the step intends does not count.
fn note_failure(state: &mut State) {
    let Some(rebuild) = &state.lesson.lab.rebuild else {
        return;
    };
    let (
        Waits::Line {
            side,
            commands: Some(before),
            ..
        },
        Underway::Line { step, line, .. },
        None,
    ) = (rebuild.waits, &rebuild.underway, &rebuild.failed)
    else {
        return;
    };
    let emulator = &state.shells.get(side).emulator;
    let ended = emulator.last_command();
    let ended = ended.filter(|it| it.status != 0 && emulator.commands() > before);
    let of_step = state.lesson().and_then(|it| it.steps.get(step - 1));
    let meant = of_step.is_none_or(|it| walk::asks_how_commands_end(it, side));
    let Some(ended) = ended.filter(|_| !meant) else {
        return;
    };
    let failed = FailedLine {
        step: *step,
        line: line.clone(),
        status: ended.status,
    };
    if let Some(rebuild) = &mut state.lesson.lab.rebuild {
        rebuild.failed = Some(failed);
    }
}

fn note(state: &mut State, underway: Underway) {
    if let Some(rebuild) = &mut state.lesson.lab.rebuild {
        rebuild.underway = underway;
    }
}

/// The result of a deed.
enum DeedOutcome {
    /// A value of its line, or its shell, is not there yet.
    NotYet,
    Done,
    /// It has begun. The next deed must wait for this.
    Begun(Waits),
}

/// Does one deed of a step. `here`: whether it is the learner's step.
fn act(
    state: &mut State,
    (step, of_step): (usize, &StepDeed),
    here: bool,
    now: Instant,
    effects: &mut Vec<Effect>,
) -> DeedOutcome {
    state.lesson.credit.give_lesson();
    match &of_step.deed {
        Deed::Choose(flags) => state.next_launch.flags = *flags,
        Deed::Open(View::Machine) => state.shells.machine.wanted = Some(true),
        // Views that were opened in another step don't count in this one.
        Deed::Open(_) => {}
        Deed::Launch(launch) => {
            let side = Side::Container(launch.container);
            state.next_launch.set_for_lesson(launch.plan.clone());
            launching::launch(state, side, &launch.plan, now, effects);
            if here {
                state.lesson.walk.launched(of_step.part);
            }
            note(state, Underway::Shell(step + 1, side));
            let silent = now + SILENT;
            return DeedOutcome::Begun(Waits::Shell { side, silent });
        }
        &Deed::Type { side, ref line } => {
            let shell = state.shells.get(side);
            let (launch, prompts) = (shell.launch, shell.emulator.prompts());
            let commands = shell.emulator.commands();
            if !shell.runs() {
                // Launch the container that the command needs, as Enter would.
                let plan = plan_before(state, side).unwrap_or_default();
                launching::launch(state, side, &plan, now, effects);
                note(state, Underway::Shell(step + 1, side));
                let silent = now + SILENT;
                wait(state, Waits::Shell { side, silent }, now + LONGEST);
                return DeedOutcome::NotYet;
            }
            let Some(line) = line.text(&state.lesson.context) else {
                return DeedOutcome::NotYet;
            };
            let exec = becomes_another(&line);
            let starts = started_shell(&line).map(str::to_owned);
            // The shell is not at its prompt: the last line has started a shell that reports none.
            let silent_shell = prompts > 0 && !shell.emulator.at_prompt();
            let of_lesson = state.lesson().and_then(|lesson| lesson.steps.get(step));
            let run = of_lesson.is_some_and(|it| matches!(it.parts[of_step.part], Part::Run(_)));
            if run {
                note_line(state, (step, of_step), here, side, &line);
            }
            let step = step + 1;
            note(
                state,
                Underway::Line {
                    step,
                    side,
                    line: line.clone(),
                },
            );
            effects.push(Effect::Type {
                side,
                line,
                at_prompt: true,
            });
            let silent = match starts.as_deref() {
                _ if exec => EXEC,
                Some("bash") => BASH,
                _ => SILENT,
            };
            return DeedOutcome::Begun(Waits::Line {
                side,
                launch,
                prompts,
                commands: run.then_some(commands),
                silent: now + silent,
                unsure: exec || starts.is_some() || silent_shell,
            });
        }
    }
    DeedOutcome::Done
}

/// Notes that a line of a run is typed again.
fn note_line(
    state: &mut State,
    (step, of_step): (usize, &StepDeed),
    here: bool,
    side: Side,
    line: &str,
) {
    let place = LinePlace {
        place: (starting_state::at_lesson(state), step),
        part: of_step.part,
        line: of_step.line,
    };
    let lesson = &mut state.lesson;
    if here {
        lesson.walk.type_line_at(place, line.to_owned());
        let line = lesson.line_place(of_step.part, of_step.line);
        lesson.lines.note_underway(&state.shells, side, line);
    } else {
        lesson.walk.retype_line(place, line.to_owned());
    }
}

/// The plan that a side needs for the next line.
fn plan_before(state: &State, side: Side) -> Option<Plan> {
    let Side::Container(number) = side else {
        return Some(Plan::default());
    };
    let (step, deed) = state.lesson.lab.rebuild.as_ref()?.left.front()?;
    Some(walk::wanted_at(state.lesson()?, *step, deed.part, number))
}

/// The steps before have been done again: from here on, lines belong to the step itself.
fn begin_step(state: &mut State) {
    if let Some(rebuild) = &mut state.lesson.lab.rebuild
        && !std::mem::replace(&mut rebuild.in_step, true)
    {
        state.lesson.count_commands(&state.shells);
    }
}

fn finish(state: &mut State, now: Instant) {
    begin_step(state);
    let failed = state.lesson.lab.rebuild.take().and_then(|it| it.failed);
    let (_, steps) = starting_state::deeds(state);
    let lab = state.lesson.lab.number;
    state.lesson.walk.made(steps, lab);
    state.lesson.lab.changed_by = ChangedBy::Lesson;
    state.lesson.lab.used_for = Some(starting_state::at_lesson(state));
    state.views.watched = None;
    state.end_lessons_options();
    checks::look(state);
    let said = failed.map_or(Notice::Rebuilt(steps), Notice::RebuiltBut);
    state.say(said, now);
}

/// The starting state can't be made: a notice says so, and the learner goes on by hand.
fn give_up(state: &mut State, now: Instant) {
    let stopped = state.lesson.lab.rebuild.take();
    let stopped = stopped.map_or(Underway::Lab, |it| it.underway);
    state.lesson.lab.gave_up = Some(state.lesson.walk.place());
    checks::look(state);
    state.say(Notice::NotRebuilt(stopped), now);
}
