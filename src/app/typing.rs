//! Types a command of the lesson key by key, so that the learner sees it.
//!
//! Must not know which command it is, or what it does.

use std::time::{Duration, Instant};

use super::keys_left::{Cancelled, KeysLeft};
use super::msg::{Effect, TypingEvent};
use super::notice::Notice;
use super::state::State;
use crate::sandbox::Side;

/// The longest time until a shell has given up a command.
const LONGEST: Duration = Duration::from_secs(10);
/// How often to look for that.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long until a shell that has not given up a command gets Ctrl-C again. About once in a thousand times, bash
/// 5.2.15 gets Ctrl-C just before it waits for keys, and only notes it. Then it would take the next line, without
/// its first key, as a part of the old command, and run what follows.
const CANCEL_AGAIN: Duration = Duration::from_millis(250);

/// Types a command into a shell: at once, or so that its first key is due now.
pub(super) fn type_command(
    state: &mut State,
    side: Side,
    line: String,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    press_all(state, effects);
    let emulator = &state.shells.get(side).emulator;
    let at_prompt = emulator.surely_at_prompt();
    // Without Ctrl-C, the shell would take the command as a further line of an incomplete one.
    let cancels = emulator.may_wait_for_more();
    let cancelled = cancels.then(|| Cancelled {
        prompts: emulator.prompts(),
        until: now + LONGEST,
        again: now + CANCEL_AGAIN,
    });
    if state.key_pause == Duration::ZERO && !cancels {
        effects.push(Effect::Type {
            side,
            line,
            at_prompt,
        });
        return;
    }
    effects.push(Effect::ClearLine { side, at_prompt });
    if cancels {
        effects.push(Effect::Cancel { side });
    }
    state.lesson.keys_left = Some(KeysLeft {
        side,
        launch: state.shells.get(side).launch,
        keys: line.chars().collect(),
        next: now,
        pause: state.key_pause,
        cancelled,
    });
}

/// Presses the keys that are due.
pub(super) fn advance(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    while let Some(left) = state.lesson.keys_left.as_mut()
        && left.next <= now
    {
        if let Some(cancelled) = &mut left.cancelled {
            let shell = state.shells.get(left.side);
            let same = shell.launch == left.launch && shell.runs();
            if same && shell.emulator.prompts() == cancelled.prompts && now < cancelled.until {
                left.next = now + LOOK_AGAIN;
                if cancelled.again <= now {
                    cancelled.again = now + CANCEL_AGAIN;
                    effects.push(Effect::Cancel { side: left.side });
                }
                return;
            }
            left.cancelled = None;
        }
        left.next += left.pause;
        let (side, launch, key) = (left.side, left.launch, left.keys.pop_front());
        let shell = state.shells.get(side);
        if key.is_none() || shell.launch != launch || !shell.runs() {
            state.lesson.keys_left = None;
        }
        if shell.launch == launch && shell.runs() {
            let bytes = String::from(key.unwrap_or('\r')).into_bytes();
            effects.push(Effect::Write { side, bytes });
        }
    }
}

/// Presses all keys that are left: now, or as soon as the shell has given up its incomplete command. Returns
/// whether there were any.
pub(super) fn finish(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    match &mut state.lesson.keys_left {
        Some(left) if left.cancelled.is_some() => {
            left.pause = Duration::ZERO;
            true
        }
        _ => press_all(state, effects),
    }
}

fn press_all(state: &mut State, effects: &mut Vec<Effect>) -> bool {
    let Some(left) = state.lesson.keys_left.take() else {
        return false;
    };
    let shell = state.shells.get(left.side);
    if shell.launch == left.launch && shell.runs() {
        let keys: String = left.keys.into_iter().chain(['\r']).collect();
        effects.push(Effect::Write {
            side: left.side,
            bytes: keys.into_bytes(),
        });
    }
    true
}

/// Applies an event of the terminal that a line was typed into.
pub(super) fn update(state: &mut State, side: Side, event: TypingEvent, now: Instant) {
    match event {
        TypingEvent::Busy { program } => {
            take_back(state, side);
            state.say(Notice::Busy { side, program }, now);
        }
        TypingEvent::Stopped { held } => {
            if held {
                take_back(state, side);
            }
            state.say(Notice::Stopped(side), now);
        }
    }
}

/// Presses no more keys, and takes the line back: the shell did not get its first key.
fn take_back(state: &mut State, side: Side) {
    let lesson = &mut state.lesson;
    lesson.keys_left.take_if(|left| left.side == side);
    lesson.lines.take_back(&mut lesson.walk, side);
}
