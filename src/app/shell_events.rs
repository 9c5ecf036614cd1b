//! Reports of a shell's launch, and their effects on the lesson and on the marks of changes.
//!
//! Must not know who asked for the launch, or what the screen shows.

use std::time::Instant;

use super::changed::Changed;
use super::checks;
use super::compared::Compared;
use super::launching::answer;
use super::lesson_lab::ChangedBy;
use super::msg::{Effect, Failure, ShellEvent};
use super::notice::Notice;
use super::shells::{Phase, Shell};
use super::state::State;
use crate::explain::{self, Refusal, Why, tools};
use crate::facts::Facts;
use crate::lesson::{LessonStep, Part, Template};
use crate::observe::Snapshot;
use crate::progress::Fate;
use crate::sandbox::{Plan, Side};

/// Applies an event to the shell of this launch. Returns whether a command has ended by it.
pub(super) fn update(
    state: &mut State,
    side: Side,
    launch: u32,
    event: ShellEvent,
    now: Instant,
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(shell) = state.shells.launched(side, launch) else {
        return false;
    };
    match event {
        ShellEvent::Output(bytes) => return printed(state, side, &bytes, now, effects),
        ShellEvent::Step(step) => shell.steps.push(step),
        ShellEvent::Refused(refusal) => {
            shell.steps.push(refusal.step.clone());
            shell.refusals.push(*refusal);
        }
        ShellEvent::Started(plan) => started(state, side, plan),
        ShellEvent::Failed(why) => fails(state, side, why),
        ShellEvent::Exited(exit) => match refused_before_it_ran(shell) {
            Some(refusal) => fails(state, side, Failure::Refused(refusal)),
            None => ends(state, side, Phase::Exited(exit)),
        },
        // The shell may have ended before its watcher could report it.
        ShellEvent::Snapshot(_)
        | ShellEvent::Detail(_)
        | ShellEvent::Asked(_)
        | ShellEvent::Unwatched
            if !shell.runs() => {}
        ShellEvent::Snapshot(snapshot) => seen(state, side, snapshot),
        ShellEvent::Unwatched => {
            (shell.snapshot, shell.detail, shell.asked) = (None, None, None);
            state.say(Notice::Unwatched(side), now);
            checks::look(state);
        }
        ShellEvent::Detail(detail) => shell.detail = Some(detail),
        ShellEvent::Asked(asked) => {
            shell.asked = Some(asked);
            checks::look(state);
        }
        ShellEvent::Facts { command, facts } => explain(state, side, command, &facts),
    }
    false
}

fn fails(state: &mut State, side: Side, why: Failure) {
    let ran = state.shells.get(side).ran;
    let refused = matches!(why, Failure::Refused(_)) && !ran;
    ends(state, side, Phase::Failed(why));
    if refused {
        note_fate(state, side, Fate::Refused);
    }
}

/// The refused step that ended a shell's process before its exec.
fn refused_before_it_ran(shell: &Shell) -> Option<Box<Refusal>> {
    let last = shell.steps.last().filter(|_| !shell.ran)?;
    let refusal = shell.refusals.last()?;
    (refusal.step == *last).then(|| Box::new(refusal.clone()))
}

/// Takes a shell's output. Returns whether a command has ended by it.
fn printed(
    state: &mut State,
    side: Side,
    bytes: &[u8],
    now: Instant,
    effects: &mut Vec<Effect>,
) -> bool {
    let shell = state.shells.get_mut(side);
    let emulator = &mut shell.emulator;
    let (before, prompts) = (emulator.commands(), emulator.prompts());
    let scrolled = emulator.scrolled_by();
    let replies = emulator.feed(bytes);
    let moved = emulator.scrolled_by() != scrolled;
    let ended = emulator.commands() != before;
    let prompted = emulator.prompts() != prompts;
    let (rang, titled) = (emulator.take_bell(), emulator.take_title_change());
    effects.extend(emulator.take_copied().map(|text| Effect::Copy { text }));
    answer(side, replies, effects);
    if rang {
        state.ring(side, now, effects);
    }
    if titled || moved {
        // The border shows it.
        state.changed = Changed::Screen;
    }
    if prompted && state.shells.get(side).emulator.unread().is_some() {
        let lesson = &mut state.lesson;
        lesson
            .lines
            .note_unread(&mut lesson.walk, &state.shells, side);
        state.changed = Changed::Screen;
    }
    if ended {
        let lesson = &mut state.lesson;
        let own = lesson
            .lines
            .note_ended(&mut lesson.walk, &state.shells, side, before);
        lesson.note_last_line(&state.shells, side, state.lang);
        note_ahead(state, side);
        checks::note_own_lines(state, side, &own);
        checks::look(state);
        effects.extend(asks_why(state, side));
    }
    ended
}

/// Notes whether the last command of a shell has failed and is one that the lesson types only later.
fn note_ahead(state: &mut State, side: Side) {
    let shell = state.shells.get(side);
    let command = shell.emulator.commands();
    let ended = shell.emulator.last_command();
    let failed = ended.filter(|it| it.status != 0 && !it.line.is_empty());
    let learners = failed.filter(|_| {
        !state
            .lesson
            .lines
            .was_the_lessons(side, shell.launch, command)
    });
    let step = learners.and_then(|it| comes_later(state, side, &it.line));
    state.shells.get_mut(side).ahead = step.map(|step| (command, step));
}

/// The step of the lesson, counted from 0, that types this line into this side's shell only later.
fn comes_later(state: &State, side: Side, line: &str) -> Option<usize> {
    if state.lesson.review.is_some() || state.lesson.lab.rebuild.is_some() {
        return None;
    }
    let (lesson, (_, here)) = (state.lesson()?, state.lesson.walk.place());
    let progress = state.lesson.walk.progress();
    let next = progress.pending(&lesson.steps[here]);
    let is_it = |it: &Template| it.shown(&state.lesson.context).trim() == line.trim();
    // How many lines of a run are typed already, or are next.
    let reached = |number: usize, index: usize| match (number == here, Some(index) == next) {
        (false, _) => 0,
        (true, true) => progress.typed(index) + 1,
        (true, false) => progress.typed(index),
    };
    let in_step = |(number, step): &(usize, &LessonStep), which: WhichLines| {
        step.parts.iter().enumerate().any(|(index, part)| {
            let Part::Run(run) = part else { return false };
            let (reached, to_come) = run
                .lines
                .split_at(reached(*number, index).min(run.lines.len()));
            let lines = match which {
                WhichLines::Reached => reached,
                WhichLines::ToCome => to_come,
            };
            run.side == side && lines.iter().any(is_it)
        })
    };
    if in_step(&(here, &lesson.steps[here]), WhichLines::Reached) {
        return None;
    }
    let mut steps = lesson.steps.iter().enumerate().skip(here);
    steps
        .find(|step| in_step(step, WhichLines::ToCome))
        .map(|(number, _)| number)
}

/// Which lines of a run.
#[derive(Clone, Copy)]
enum WhichLines {
    Reached,
    ToCome,
}

/// Asks for the facts that explain why the last command of a shell failed, if it may be explained.
fn asks_why(state: &State, side: Side) -> Option<Effect> {
    let emulator = &state.shells.get(side).emulator;
    let ended = emulator.last_command()?;
    let asks = explain::may_be_explained(&ended.line, ended.status == 0, &ended.output);
    let command = emulator.commands();
    asks.then_some(Effect::AskFacts { side, command })
}

/// Explains why a command failed: beside its line in the lesson, or in the shell that it was typed into.
fn explain(state: &mut State, side: Side, command: u64, facts: &Facts) {
    let shell = state.shells.get_mut(side);
    let ended = shell.emulator.last_command();
    let Some(ended) = ended.filter(|_| shell.emulator.commands() == command) else {
        return;
    };
    let launch = (side, shell.launch);
    let why = explain::ended(&ended.line, ended.status == 0, &ended.output, facts);
    let lesson = &mut state.lesson;
    let typed = why.and_then(|why| lesson.lines.explain(&mut lesson.walk, launch, command, why));
    let helps = |why: &Why| match why {
        // The shell itself has said that the program is missing.
        Why::Missing(program) => tools::package(program).is_some(),
        Why::Refused(_) => true,
    };
    let why = typed.filter(helps).map(|why| (command, why));
    state.shells.get_mut(side).why = why;
}

fn started(state: &mut State, side: Side, plan: Plan) {
    let shell = state.shells.get_mut(side);
    shell.phase = Phase::Running;
    shell.ran = true;
    shell.plan = plan;
    note_fate(state, side, Fate::Open);
    // A launch with F5 counts for the step like one with Enter. A launch by a rebuild has been counted already, or
    // belongs to an earlier step.
    if state.lesson.lab.rebuild.is_none()
        && let Side::Container(number) = side
        && let Some(part) = state.lesson.pending(state.lang)
        && let Some(step) = state.step()
        && let Part::Launch(wanted) = &step.parts[part]
        && wanted.container == number
        && state.needed_plan(&wanted.plan) == state.shells.get(side).plan
    {
        if state.lesson.lab.changed_by != ChangedBy::Lesson {
            state.lesson.lab.changed_by = ChangedBy::Side(side);
        }
        checks::follow(state, |state| state.lesson.walk.launched(part));
    }
}

fn ends(state: &mut State, side: Side, phase: Phase) {
    state.shells.get_mut(side).end(phase);
    let lesson = &mut state.lesson;
    let step = lesson.lessons.step(lesson.walk.place(), state.lang);
    lesson
        .lines
        .note_shell_ended(&mut lesson.walk, step, &state.shells, side);
    checks::look(state);
}

fn seen(state: &mut State, side: Side, snapshot: Box<Snapshot>) {
    state.shells.get_mut(side).snapshot = Some(snapshot);
    state.marks.observed(Compared::Shell(side));
    checks::look(state);
}

/// Notes the fate of a launch in the step that waits for it: a refused launch stops the step, a later successful
/// one lets it go on.
fn note_fate(state: &mut State, side: Side, fate: Fate) {
    if step_waits_for(state, side) {
        state.lesson.walk.progress_mut().fate = fate;
    }
}

/// Whether the step waits for a container with the plan of this side.
fn step_waits_for(state: &State, side: Side) -> bool {
    let Side::Container(number) = side else {
        return false;
    };
    let wanted = state.lesson().zip(state.step()).and_then(|(lesson, step)| {
        let walk = &state.lesson.walk;
        let part = walk.progress().pending(step)?;
        match &step.parts[part] {
            Part::Launch(launch) => (launch.container == number).then(|| launch.plan.clone()),
            Part::Run(run) => (run.side == side).then(|| walk.wanted(lesson, part, number)),
            Part::Prose(_)
            | Part::Predict(_)
            | Part::Check(_)
            | Part::Hint(_)
            | Part::Figure(_) => None,
        }
    });
    wanted.is_some_and(|wanted| state.needed_plan(&wanted) == state.shells.get(side).plan)
}
