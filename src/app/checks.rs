//! Checks and predictions: when they are judged, and how the step scrolls to what they change.
//!
//! `walk` matches commands to lines; `lesson_state` records who did what.

use std::collections::BTreeSet;
use std::time::Instant;

use super::expected::ExpectedSides;
use super::lesson_lab::ChangedBy;
use super::lesson_state::ReadingPosition;
use super::lesson_view;
use super::msg::Effect;
use super::shells::LabPhase;
use super::starting_state;
use super::state::State;
use super::walk::{self, Counts, Judged};
use crate::lesson::{Launch, Part, View};
use crate::sandbox::{HostKind, Side};

/// Judges the checks by the newest snapshots.
pub(super) fn look(state: &mut State) {
    let flags = state.next_launch.flags;
    state.lesson.refresh_context(&state.shells, flags);
    state.lesson.note_wanted(state.lang);
    let changed_by = state.lesson.lab.changed_by;
    match changed_by {
        _ if state.lesson.lab.rebuild.is_some() => {}
        ChangedBy::Lesson => state.lesson.lab.expected.renew_others(&state.shells),
        ChangedBy::Side(side) => state.lesson.lab.expected.renew(&state.shells, side),
        ChangedBy::Learner => {}
    }
    look_at_checks(state);
}

/// Whether the checks can be judged now. A true check proves nothing while the step can't work here, or its
/// starting state is missing or being made.
fn judges(state: &State) -> bool {
    state.step().is_none_or(|step| state.can_work(step).is_ok())
        && state.lesson.lab.rebuild.is_none()
        && !starting_state::tells_nothing(state)
}

/// Notes the learner's own commands that have just ended in a side's shell, by their numbers: if one is the
/// line that waits, and has ended as it should, that line is done.
pub(super) fn note_own_lines(state: &mut State, side: Side, own: &[u64]) {
    if own.is_empty() || !judges(state) {
        return;
    }
    let flags = state.next_launch.flags;
    state.lesson.refresh_context(&state.shells, flags);
    for number in own {
        let shell = state.shells.get(side);
        let launch = shell.launch;
        let ended = shell.emulator.commands_after(number - 1).next();
        let ended = ended.filter(|it| !it.line.is_empty());
        let Some((line, status)) = ended.map(|it| (it.line.clone(), it.status)) else {
            continue;
        };
        if note_own_command(state, side, &line, status) {
            state.lesson.credit.count(side, launch, *number);
            continue;
        }
        let well = Some(status).filter(|it| *it == 0);
        for command in well.iter().flat_map(|_| walk::ended_well(&line)) {
            note_own_command(state, side, command, status);
        }
    }
}

/// Marks the line that waits as done, if this command of the learner matches it. Returns whether it does.
fn note_own_command(state: &mut State, side: Side, command: &str, status: i32) -> bool {
    let (Some(lesson), Some(step)) = (state.lesson(), state.step()) else {
        return false;
    };
    let (progress, context) = (state.lesson.walk.progress(), &state.lesson.context);
    let Some(found) = progress.next_line_like(step, context, side, (command, status)) else {
        return false;
    };
    if state.shells.get(side).plan != state.plan_of_run(lesson, found.part, side) {
        return false;
    }
    follow(state, |state| {
        let lab = state.lesson.lab.number;
        state.lesson.walk.do_own_line(found, lab);
    });
    if state.lesson.lab.changed_by == ChangedBy::Learner {
        state.lesson.lab.changed_by = ChangedBy::Side(side);
    }
    true
}

/// The launches of the step, by their parts, whose container runs with their plan.
fn launched(state: &State) -> BTreeSet<usize> {
    let runs = |launch: &Launch| {
        let shell = state.shells.get(Side::Container(launch.container));
        shell.runs() && shell.plan == state.needed_plan(&launch.plan)
    };
    let parts = state.step().into_iter().flat_map(|it| it.parts.iter());
    let launches = parts.enumerate().filter_map(|(index, part)| match part {
        Part::Launch(launch) if runs(launch) => Some(index),
        _ => None,
    });
    launches.collect()
}

pub(super) fn look_at_checks(state: &mut State) {
    if !judges(state) {
        return;
    }
    follow(state, |state| {
        let (lang, lab) = (state.lang, state.lesson.lab.number);
        let launched = launched(state);
        let credit = &state.lesson.credit;
        let cause = credit.cause(&state.lesson.lines, &state.shells);
        // On the machine, some checks stay open.
        let counts = match state.shells.host_kind {
            HostKind::Lab | HostKind::LabWithoutUser => Counts::Checks,
            HostKind::Machine => Counts::Deeds,
        };
        let host = state.shells.sees_host();
        let Some((step, walk, context)) = state.lesson.step_mut(lang) else {
            return;
        };
        let progress = walk.progress_mut();
        progress.work(lab);
        let before = progress.ticks(step);
        let judged = Judged {
            context,
            host,
            cause,
            launched: &launched,
        };
        progress.look(step, &judged);
        progress.note_made(step, lab, counts);
        // A deed that makes a check true is right, no matter who did it.
        if progress.ticks(step) > before {
            state.lesson.lab.expected = ExpectedSides::of(&state.shells);
        }
    });
}

/// Measures what the learner has predicted.
pub(super) fn measure(state: &mut State, now: Instant) {
    let progress = state.lesson.walk.progress();
    let to_measure = |step| progress.to_measure(step, now).next().is_some();
    if state.lesson.lab.rebuild.is_some() || !state.step().is_some_and(to_measure) {
        return;
    }
    let deadline = state.lesson.lines.deadline(&state.shells);
    let underway = deadline.is_some_and(|deadline| now < deadline);
    let before = lesson_view::view(state);
    if let Some((step, walk, context)) = state.lesson.step_mut(state.lang) {
        walk.measure(step, context, underway, now);
    }
    // The verdict may be longer than the text that it replaces. Scroll it into view with what is below it,
    // never past its first line, unless the learner reads elsewhere.
    if let (Some(old), Some(new)) = (before, lesson_view::view(state))
        && old.lines != new.lines
        && state.lesson.reader == ReadingPosition::Follows
    {
        let both = old.lines.iter().zip(&new.lines);
        let changed = both.take_while(|(old, new)| old == new).count();
        let needed = new.active.end.saturating_sub(usize::from(new.body.height));
        state.lesson.scroll = old.top.max(needed).min(changed);
    }
}

/// Makes a change that may lengthen the step. Scrolls only as far as needed to show the part that waits for
/// the learner now, never past the part that waited before.
pub(super) fn follow(state: &mut State, change: impl FnOnce(&mut State)) {
    let (before, view) = (state.lesson.pending(state.lang), lesson_view::view(state));
    change(state);
    if state.lesson.pending(state.lang) == before {
        return;
    }
    if let (Some(old), Some(new)) = (view, lesson_view::view(state)) {
        let needed = new.active.end.saturating_sub(usize::from(new.body.height));
        state.lesson.scroll = old.top.max(needed.min(old.active.start));
    }
}

/// Judges the checks again if the learner opened a view or chose a flag.
pub(super) fn note_view(state: &mut State, flags_changed: bool) {
    let machine = state.shells.machine.snapshot.as_ref();
    let machine = machine.map(|_| View::Machine);
    if flags_changed {
        // The program is another one now.
        state.lesson.opened.retain(|view| *view != View::Code);
    }
    let before = state.lesson.opened.len();
    for view in state.open_view().into_iter().chain(machine) {
        if !state.lesson.opened.contains(&view) {
            state.lesson.opened.push(view);
        }
    }
    if state.lesson.opened.len() > before || flags_changed {
        look(state);
    }
}

/// Notes that a step with nothing to do is in view to its end.
pub(super) fn note_read(state: &mut State) {
    let step = state.step();
    let unread = step.is_some_and(|step| state.lesson.walk.unread(step));
    let seen = || lesson_view::view(state).is_some_and(|view| !view.more());
    if unread && state.views.overlay.is_none() && state.shells.lab != LabPhase::Starting && seen() {
        state.lesson.walk.note_read();
    }
}

/// Saves the learner's progress if it has changed.
pub(super) fn save_progress(state: &mut State, effects: &mut Vec<Effect>) {
    let now = state.lesson.learners_walk().saved(&state.lesson.lessons);
    effects.extend(state.lesson.saving.save(now));
}
