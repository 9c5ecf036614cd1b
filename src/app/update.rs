//! What a message changes, and what is to be done about it: sends each message to the part it is for.
//!
//! Must not know how an effect is carried out. What keys and the mouse mean is in `input`.

use std::time::Instant;

use super::changed::Before;
use super::code_view;
use super::input;
use super::launching::write;
use super::layout::Layout;
use super::lesson_actions;
use super::mouse;
use super::msg::{Effect, Msg};
use super::notice::Notice;
use super::restart;
use super::shells::{Column, Phase, Shell};
use super::side_by_side;
use super::state::State;
use crate::observe::Snapshot;
use crate::pty::mouse as pty_mouse;
use crate::sandbox::Side;

/// Changes the state by one message.
pub fn update(state: &mut State, msg: Msg, now: Instant) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (typing, plan) = (state.typing_into(), state.next_launch.plan());
    let before = Before::of(state, &msg);
    let measures = state.measures_at().is_some_and(|due| due <= now);
    let basis = side_by_side::Basis::of(state);
    let (seen_anew, may_progress) = (is_sight(&msg), may_be_progress(&msg));
    let ended = dispatch(state, msg, now, &mut effects);
    let progresses = ended || may_progress;
    let flags = plan.flags;
    code_view::note_change(state, plan);
    state.note_view(state.next_launch.flags != flags);
    if progresses {
        state.measure(now);
        state.note_read();
        state.save_progress(&mut effects);
    }
    state.resize_shells(&mut effects);
    if !matches!(state.layout(), Layout::Compact(_)) {
        state.views.watched = None;
    }
    watch_machine(state, &mut effects);
    watch_detail(state, &mut effects);
    // A thousand lines are not compared again for each key.
    let outdated = seen_anew || side_by_side::Basis::of(state) != basis;
    if outdated && side_by_side::needs_detail(state) {
        side_by_side::refresh(state);
    }
    report_focus(state, typing, &mut effects);
    let changed = before.changed(state, ended || measures, &effects);
    state.changed = state.changed.and(changed);
    effects
}

/// Sends a message to the part it is for. Returns whether a command has ended or a measurement is due.
fn dispatch(state: &mut State, msg: Msg, now: Instant, effects: &mut Vec<Effect>) -> bool {
    match msg {
        Msg::Tick => return tick(state, now, effects),
        Msg::Output {
            side,
            launch,
            bytes,
        } => return printed(state, side, launch, &bytes, effects),
        Msg::Key(event) => input::key(state, &event, now, effects),
        Msg::Mouse(event) => mouse::mouse(state, event, effects),
        Msg::Paste(text) => input::paste(state, &text, effects),
        Msg::Resize { cols, rows } => state.size = (cols, rows),
        Msg::LabReady { steps, shortfalls } => state.lab_ready(steps, shortfalls, now, effects),
        Msg::LabFailed { steps, why } => state.lab_failed(steps, why),
        Msg::LabGone => state.lab_gone(),
        Msg::Step { side, launch, step } => state.shells.note_step(side, launch, step),
        Msg::Refused {
            side,
            launch,
            refusal,
        } => state.shells.note_refusal(side, launch, *refusal),
        Msg::Started { side, launch, plan } => state.started(side, launch, &plan),
        Msg::LaunchFailed { side, launch, why } => state.launch_failed(side, launch, why),
        Msg::Exited { side, launch, exit } => {
            state.shell_ends(side, launch, Phase::Exited(exit));
        }
        Msg::Snapshot {
            side,
            launch,
            snapshot,
        } => seen(state, side, launch, snapshot, now),
        Msg::Machine(snapshot) => {
            // It may have been sent before the machine's watcher was stopped.
            if state.shells.machine.watched {
                state.shells.machine.snapshot = Some(snapshot);
                state.look();
            }
        }
        Msg::Detail {
            side,
            launch,
            detail,
        } => state.shells.take_detail(side, launch, detail),
        Msg::CommandEnded {
            number,
            side,
            answer,
        } => side_by_side::ended(state, number, side, &answer),
        Msg::Busy { side, program } => {
            state.lesson.take_line_back(side);
            state.say(Notice::Busy { side, program }, now);
        }
        Msg::Lessons { lessons, absent } => lesson_actions::take_lessons(state, *lessons, absent),
        Msg::LessonsBroken { errors } => lesson_actions::break_lessons(state, errors),
        Msg::Running { programs } => restart::resume(state, programs, now, effects),
        Msg::NotKept { why } => state.say(Notice::NotKept(why), now),
        Msg::NotWatched { why } => state.say(Notice::NotWatched(why), now),
        Msg::Saved { path } => state.say(Notice::Saved { path }, now),
        Msg::NotSaved(why) => state.say(Notice::NotSaved(why), now),
    }
    false
}

/// Whether a side may be seen differently after a message.
fn is_sight(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::Snapshot { .. }
            | Msg::Detail { .. }
            | Msg::Started { .. }
            | Msg::Exited { .. }
            | Msg::LaunchFailed { .. }
    )
}

/// Whether a message may be progress. Those that come often are not, unless `dispatch` says so.
fn may_be_progress(msg: &Msg) -> bool {
    !matches!(msg, Msg::Output { .. } | Msg::Step { .. } | Msg::Tick)
}

/// Ends what has expired. Returns whether a measurement is due.
fn tick(state: &mut State, now: Instant, effects: &mut Vec<Effect>) -> bool {
    state.marks.fade(now);
    let over = |(_, until): &(_, Instant)| *until <= now;
    if state.notice.as_ref().is_some_and(over) {
        state.notice = None;
    }
    for side in Side::all() {
        let emulator = &mut state.shells.get_mut(side).emulator;
        if emulator.sync_deadline().is_some_and(|due| due <= now) {
            write(side, emulator.sync_expired(), effects);
        }
    }
    state.measures_at().is_some_and(|due| due <= now)
}

/// What a shell printed. Returns whether a command has ended by it.
fn printed(
    state: &mut State,
    side: Side,
    launch: u32,
    bytes: &[u8],
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(shell) = state.shells.launched(side, launch) else {
        return false;
    };
    let before = shell.emulator.commands();
    let replies = shell.emulator.feed(bytes);
    let ended = shell.emulator.commands() != before;
    write(side, replies, effects);
    if ended {
        state.look();
    }
    ended
}

fn seen(state: &mut State, side: Side, launch: u32, snapshot: Box<Snapshot>, now: Instant) {
    // The shell may have ended before its watcher could tell.
    let shell = state.shells.launched(side, launch);
    let Some(shell) = shell.filter(|shell| shell.runs()) else {
        return;
    };
    let was = shell.snapshot.replace(snapshot);
    let snapshot = |side| state.shells.get(side).snapshot.as_deref();
    if let Some(is) = snapshot(side) {
        match (&was, snapshot(Side::Host)) {
            (Some(was), _) => state.marks.changed(side, was, is, now),
            (None, Some(host)) if side != Side::Host => state.marks.arrived(side, host, is, now),
            (None, _) => {}
        }
    }
    state.look();
}

/// Has the machine watched while it is shown.
fn watch_machine(state: &mut State, effects: &mut Vec<Effect>) {
    let shown = state.shows_machine();
    let machine = &mut state.shells.machine;
    if machine.watched != shown {
        machine.watched = shown;
        machine.snapshot = None;
        effects.push(Effect::WatchMachine(shown));
    }
}

/// Has the detail of both sides watched while it is shown.
fn watch_detail(state: &mut State, effects: &mut Vec<Effect>) {
    let wanted = side_by_side::needs_detail(state);
    let shells = &mut state.shells;
    let compared = Column::ALL.map(|column| shells.compared(column));
    let useless = |(side, shell): (Side, &Shell)| {
        shell.detail_watched && !(wanted && compared.contains(&side))
    };
    if shells.all().any(useless) {
        effects.push(Effect::StopDetail);
        shells.drop_details();
    }
    for side in compared {
        let shell = shells.get_mut(side);
        if wanted && shell.runs() && !shell.detail_watched {
            shell.detail_watched = true;
            effects.push(Effect::WatchDetail { side });
        }
    }
}

/// Reports to the shells that asked for it which of them has the keys.
fn report_focus(state: &State, before: Option<Side>, effects: &mut Vec<Effect>) {
    let after = state.typing_into();
    if before == after {
        return;
    }
    for (side, gained) in [(before, false), (after, true)] {
        let Some(side) = side else { continue };
        let shell = state.shells.get(side);
        if shell.runs()
            && let Some(bytes) = pty_mouse::focus(gained, shell.emulator.modes())
        {
            write(side, bytes, effects);
        }
    }
}
