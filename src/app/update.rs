//! Passes each message to the part that handles it, then does the work that any change may need.
//!
//! Must not know how an effect is carried out. `input` owns the meaning of keys, `mouse` that of the mouse.

use std::time::Instant;

use crossterm::event::MouseEventKind;

use super::checks;
use super::code_view;
use super::compared::{Column, Compared};
use super::copy_mode;
use super::input;
use super::lab_events;
use super::launching;
use super::launching::{answer, write};
use super::layout::Layout;
use super::lesson_files;
use super::map_view;
use super::mouse;
use super::msg::{ClipboardEvent, Effect, FileEvent, Msg, ShellEvent};
use super::notice::Notice;
use super::picked;
use super::rebuild;
use super::redraw::StateBefore;
use super::restart;
use super::selecting;
use super::shell_events;
use super::side_by_side;
use super::state::State;
use super::typing;
use crate::pty::mouse as pty_mouse;
use crate::sandbox::{Plan, Side};

/// Changes the state by one message.
pub fn update(state: &mut State, msg: Msg, now: Instant) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (in_focus, plan) = (state.in_focus(), state.next_launch.plan());
    let before = StateBefore::of(state, &msg);
    let measures = state.measures_at().is_some_and(|due| due <= now);
    let basis = side_by_side::DetailInputs::of(state);
    let (seen_anew, may_progress) = (is_sight(&msg), may_be_progress(&msg));
    let ended = dispatch(state, msg, now, &mut effects);
    let rebuilt = continue_rebuild(state, now, &mut effects);
    follow_plan(state, plan);
    if ended || may_progress || rebuilt {
        checks::measure(state, now);
        checks::note_read(state);
        checks::save_progress(state, &mut effects);
    }
    follow_layout(state, &mut effects);
    watch_what_is_needed(state, &mut effects);
    // Don't pair a thousand lines again for each key.
    let outdated = seen_anew || side_by_side::DetailInputs::of(state) != basis;
    if outdated && side_by_side::needs_detail(state) {
        side_by_side::refresh(state);
    }
    follow_focus(state, in_focus, &mut effects);
    let changed = before.changed(state, ended || measures, &effects);
    state.changed = state.changed.and(changed);
    effects
}

/// Returns whether a rebuild has ended.
fn continue_rebuild(state: &mut State, now: Instant, effects: &mut Vec<Effect>) -> bool {
    let rebuilding = state.lesson.lab.rebuild.is_some();
    rebuild::advance(state, now, effects);
    rebuilding && state.lesson.lab.rebuild.is_none()
}

/// Lets the code view and the lesson know whether the next launch differs from the plan before.
fn follow_plan(state: &mut State, before: Plan) {
    let flags = before.flags;
    code_view::note_change(state, before);
    checks::note_view(state, state.next_launch.flags != flags);
}

fn follow_layout(state: &mut State, effects: &mut Vec<Effect>) {
    launching::resize_shells(state, effects);
    if !matches!(state.layout(), Layout::Compact(_)) {
        state.views.watched = None;
    }
    copy_mode::settle(state);
}

/// Starts and stops the watchers of the machine, of picked processes, of details and of the map, and asks the lesson's
/// questions, as the screen and the lesson need them.
fn watch_what_is_needed(state: &mut State, effects: &mut Vec<Effect>) {
    watch_machine(state, effects);
    picked::watch(&mut state.shells, effects);
    watch_detail(state, effects);
    ask(state, effects);
    map_view::watch(state, effects);
}

/// Passes a message to the part that handles it. Returns whether a command has ended or a measurement is due.
fn dispatch(state: &mut State, msg: Msg, now: Instant, effects: &mut Vec<Effect>) -> bool {
    match msg {
        Msg::Tick => return tick(state, now, effects),
        Msg::Shell(side, launch, event) => {
            return shell_events::update(state, side, launch, event, now, effects);
        }
        Msg::Key(event) => input::key(state, &event, now, effects),
        Msg::Mouse(event) => {
            if matches!(event.kind, MouseEventKind::Down(_)) {
                typing::finish(state, effects);
            }
            mouse::mouse(state, event, now, effects);
        }
        Msg::Paste(text) => {
            typing::finish(state, effects);
            input::paste(state, &text, effects);
        }
        Msg::Resize { cols, rows } => state.size = (cols, rows),
        Msg::Focus(has_focus) => state.has_focus = has_focus,
        Msg::Colour(slot, rgb) => state.shells.learn_colour(slot, rgb),
        Msg::Judge => checks::look(state),
        Msg::Lab(event) => lab_events::update(state, event, now, effects),
        Msg::Lessons(event) => lesson_files::update(state, event, now),
        Msg::Machine(event) => {
            state.shells.machine.update(event);
            checks::look(state);
        }
        Msg::WatchedAgain => state.say(Notice::WatchedAgain, now),
        Msg::Map(event) => map_view::update(state, event),
        Msg::Process(number, event) => picked::update(state, number, event, now),
        Msg::CommandEnded {
            number,
            side,
            answer,
        } => side_by_side::ended(state, number, side, &answer, effects),
        Msg::Typing(side, event) => typing::update(state, side, event, now),
        Msg::Running { programs } => restart::resume(state, programs, now, effects),
        Msg::Progress(event) => {
            if let Some(notice) = state.lesson.saving.update(event) {
                state.say(notice, now);
            }
        }
        Msg::Clipboard(ClipboardEvent::Copied { tool }) => {
            // The learner didn't ask for a copy by a program: no notice.
            if let Some((Notice::Copied | Notice::CopiedSelection, _)) = state.notice {
                state.say(Notice::CopiedWith(tool), now);
            }
        }
        Msg::Clipboard(ClipboardEvent::NotCopied(why)) => state.say(Notice::NotCopied(why), now),
        Msg::File(FileEvent::Saved { path }) => state.say(Notice::Saved { path }, now),
        Msg::File(FileEvent::NotSaved(why)) => state.say(Notice::NotSaved(why), now),
    }
    false
}

/// Whether a message may change the known state of a side.
fn is_sight(msg: &Msg) -> bool {
    use ShellEvent::{Detail, Exited, Failed, Snapshot, Started, Unwatched};
    match msg {
        Msg::Process(..) => true,
        Msg::Shell(.., event) => matches!(
            event,
            Snapshot(_) | Unwatched | Detail(_) | Started(_) | Exited(_) | Failed(_)
        ),
        _ => false,
    }
}

/// Whether a message may be progress. Those that come often are not, unless `dispatch` says so.
fn may_be_progress(msg: &Msg) -> bool {
    let often = |event: &_| matches!(event, ShellEvent::Output(_) | ShellEvent::Step(_));
    !matches!(msg, Msg::Tick) && !matches!(msg, Msg::Shell(.., event) if often(event))
}

/// Ends what has expired. Returns whether a measurement is due.
fn tick(state: &mut State, now: Instant, effects: &mut Vec<Effect>) -> bool {
    let over = |(_, until): &(_, Instant)| *until <= now;
    if state.notice.as_ref().is_some_and(over) {
        state.notice = None;
    }
    selecting::tick(state, now);
    typing::advance(state, now, effects);
    for side in Side::all() {
        let emulator = &mut state.shells.get_mut(side).emulator;
        if emulator.sync_deadline().is_some_and(|due| due <= now) {
            answer(side, emulator.sync_expired(), effects);
        }
    }
    state.measures_at().is_some_and(|due| due <= now)
}

/// Starts or stops watching the machine: it is watched while it is shown.
fn watch_machine(state: &mut State, effects: &mut Vec<Effect>) {
    let shown = state.shows_machine();
    let machine = &mut state.shells.machine;
    if machine.watched != shown {
        machine.watched = shown;
        machine.snapshot = None;
        effects.push(Effect::WatchMachine(shown));
    }
}

/// Starts or stops watching the detail of both sides: it is watched while it is shown.
fn watch_detail(state: &mut State, effects: &mut Vec<Effect>) {
    let wanted = side_by_side::needs_detail(state);
    let shells = &mut state.shells;
    let compared = Column::ALL.map(|column| shells.compared(column));
    let of_shells = shells.all();
    let of_shells = of_shells.map(|(side, it)| (Compared::Shell(side), it.detail_watched));
    let picked = shells.picked.iter().flatten();
    let picked = picked.map(|it| (Compared::Process(it.number), it.detail_watched));
    let useless = |(side, watched)| watched && !(wanted && compared.contains(&side));
    if of_shells.chain(picked).any(useless) {
        effects.push(Effect::StopDetail);
        shells.drop_details();
    }
    for side in compared {
        let watched = match side {
            Compared::Shell(side) => {
                let shell = shells.get_mut(side);
                shell.runs().then_some(&mut shell.detail_watched)
            }
            Compared::Process(number) => shells.picked_mut(number).map(|it| &mut it.detail_watched),
        };
        if let Some(watched) = watched.filter(|watched| wanted && !**watched) {
            *watched = true;
            effects.push(Effect::WatchDetail { side });
        }
    }
}

/// Asks the watchers for what the open lesson's expressions need.
fn ask(state: &mut State, effects: &mut Vec<Effect>) {
    let lesson = state.lesson.lesson(state.lang);
    let asks = lesson.map_or(&[][..], |lesson| &lesson.asks);
    for side in Side::all() {
        let asked = asks.iter().filter(|(of, _)| *of == side);
        let shell = state.shells.get(side);
        if shell.runs() && !asked.clone().map(|(_, it)| it).eq(&shell.questions) {
            let questions: Vec<_> = asked.map(|(_, it)| it.clone()).collect();
            let shell = state.shells.get_mut(side);
            shell.questions.clone_from(&questions);
            shell.asked = None;
            effects.push(Effect::Ask { side, questions });
        }
    }
}

/// Ends the mark of a bell in the shell that has the keys. Reports to the shells that asked for it which of them
/// has the keys.
fn follow_focus(state: &mut State, before: Option<Side>, effects: &mut Vec<Effect>) {
    let after = state.in_focus();
    if let Some(side) = after {
        state.shells.get_mut(side).has_rung = false;
    }
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
