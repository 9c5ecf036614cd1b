//! Keys and pasted text: passes each action to the part that carries it out.
//!
//! `keymap` owns which key is which action; `pty` encodes keys for a shell's program.

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::changed::Changed;
use super::compare_actions;
use super::copy_mode;
use super::keymap::{self, KeyAction, LaunchAction, LessonAction, Place, ViewAction};
use super::launch_actions;
use super::launching;
use super::launching::write;
use super::lesson_actions;
use super::lesson_lab::ChangedBy;
use super::msg::Effect;
use super::notice::Notice;
use super::options;
use super::prompt::Prompt;
use super::rebuild;
use super::restart;
use super::review_actions;
use super::search;
use super::state::State;
use super::typing;
use super::view_actions;
use crate::pty::emulator::Modes;
use crate::pty::keys;

/// A key of the learner.
pub(super) fn key(state: &mut State, event: &KeyEvent, now: Instant, effects: &mut Vec<Effect>) {
    if event.kind == KeyEventKind::Release {
        return;
    }
    state.marks.see(&state.shells);
    // Any key types the rest of the lesson's command at once. Enter then does nothing more.
    let shown = state.typing_into().is_none();
    if typing::finish(state, effects) && shown && event.code == KeyCode::Enter {
        return;
    }
    // A notice may ask for the same key again.
    let asked = state.notice.take().map(|(notice, _)| notice);
    // Twice in a row, the leave key goes to the program that it was pressed in.
    if let Some(pane) = state.views.left {
        if state.leave_key.matches(event) {
            let zoomed = state.views.zoomed;
            state.views.focus_on(pane);
            state.views.zoomed = zoomed;
            return type_into_shell(state, effects, |modes| keys::encode(event, modes));
        }
        if let Some(action) = keymap::action(Place::Left, event, state.leave_key) {
            return act(state, action, now, effects);
        }
        state.views.left = None;
        state.views.zoomed = false;
    }
    match (action(state, event), asked) {
        (Some(KeyAction::Launch(LaunchAction::FreshLab)), Some(Notice::FreshLab(_))) => {
            launching::fresh_lab(state, effects);
        }
        (Some(KeyAction::Lesson(LessonAction::BeginAgain)), Some(Notice::BeginAgain { .. })) => {
            restart::begin(state, effects);
        }
        (Some(KeyAction::Lesson(LessonAction::Next)), Some(Notice::RebuildEnds { .. })) => {
            rebuild::begin(state, now, effects);
        }
        (
            Some(KeyAction::Lesson(LessonAction::Review(wanted))),
            Some(Notice::ReviewEnds { wanted: asked, .. }),
        ) if wanted == asked => {
            review_actions::begin(state, wanted, now, effects);
        }
        (Some(KeyAction::Lesson(LessonAction::ForgetLesson)), Some(Notice::ForgetLesson)) => {
            restart::begin_picked(state, effects);
        }
        (Some(KeyAction::Lesson(LessonAction::ForgetAll)), Some(Notice::ForgetAll)) => {
            lesson_actions::forget_all(state);
        }
        (Some(KeyAction::Launch(LaunchAction::Launch | LaunchAction::Relaunch)), _)
            if tell_of_rebuild(state, now) => {}
        // It ends the line that was typed where no shell runs.
        (Some(KeyAction::Launch(LaunchAction::Relaunch)), Some(Notice::NoShell(_))) => {}
        (Some(action), _) => act(state, action, now, effects),
        (None, _) if state.place() == Place::Empty => tell_of_no_shell(state, event, now),
        (None, _) if state.place() == Place::OptionText => options::key(state, event),
        (None, _) if edit_line(state, |line| line.key(event)) => {}
        (None, _) if state.typing_into().is_some() && tell_of_rebuild(state, now) => {}
        (None, _) => {
            type_into_shell(state, effects, |modes| keys::encode(event, modes));
            tell_of_key(state, event, now);
        }
    }
}

/// Says that a key does nothing while the starting state is being made. Returns whether it is being made.
fn tell_of_rebuild(state: &mut State, now: Instant) -> bool {
    let rebuild = state.lesson.lab.rebuild.as_ref();
    let underway = rebuild.map(|it| it.underway.clone());
    let told = underway.map(|it| state.say(Notice::Rebuilding(it), now));
    told.is_some()
}

/// Says, once, that a key went to a shell although the learner may have meant it for the lab.
fn tell_of_key(state: &mut State, event: &KeyEvent, now: Instant) {
    let function = matches!(event.code, KeyCode::F(_)) && event.modifiers.is_empty();
    let elsewhere = || keymap::action(Place::Lesson, event, state.leave_key).is_some();
    if function && !state.views.told_of_keys && state.typing_into().is_some() && elsewhere() {
        state.views.told_of_keys = true;
        let (key, leave) = (event.code.to_string(), state.leave_key.to_string());
        state.say(Notice::WentToShell { key, leave }, now);
    }
}

/// Says that typing does nothing: no shell was launched in the focused pane.
fn tell_of_no_shell(state: &mut State, event: &KeyEvent, now: Instant) {
    if let (Some(side), KeyCode::Char(_)) = (state.focused_side(), event.code) {
        state.say(Notice::NoShell(side), now);
    }
}

/// The action of a key. In a view that the lesson has opened, any key of the view but those that scroll turns
/// it into a view that the learner has opened.
fn action(state: &mut State, event: &KeyEvent) -> Option<KeyAction> {
    let action = keymap::action(state.place(), event, state.leave_key);
    if action.is_some() || state.place() != Place::Shown {
        return action;
    }
    state.views.opened_by_lesson = false;
    let action = keymap::action(state.place(), event, state.leave_key);
    state.views.opened_by_lesson =
        action.is_none_or(|action| matches!(action, KeyAction::View(ViewAction::Scroll(_))));
    action
}

/// Text pasted into the terminal.
pub(super) fn paste(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    if state.place() == Place::OptionText {
        options::paste(state, text);
    } else if !edit_line(state, |line| line.paste(text)) {
        type_into_shell(state, effects, |modes| keys::paste(text, modes));
    }
}

/// Edits the line that is open: a command, or a search. Returns whether a line is open.
fn edit_line(state: &mut State, edit: impl FnOnce(&mut Prompt)) -> bool {
    let place = state.place();
    let views = &mut state.views;
    let line = match place {
        Place::Prompt => Some(&mut views.prompt),
        Place::CopySearch => views.copy_mode.as_mut().map(|mode| &mut mode.line),
        Place::Search => views.search.as_mut().map(|search| &mut search.line),
        _ => None,
    };
    let Some(line) = line else { return false };
    edit(line);
    search::follow(state);
    true
}

/// Writes the learner's input to the shell that gets the keys, if one does.
fn type_into_shell(
    state: &mut State,
    effects: &mut Vec<Effect>,
    encode: impl FnOnce(Modes) -> Vec<u8>,
) {
    let Some(side) = state.typing_into() else {
        return;
    };
    // The learner's input would mix with the lines that are being typed.
    if state.lesson.lab.rebuild.is_some() {
        return;
    }
    state.lesson.use_lab();
    state.lesson.close_measured(state.lang, false);
    state.lesson.lab.changed_by = ChangedBy::Learner;
    let emulator = &mut state.shells.get_mut(side).emulator;
    let bytes = encode(emulator.modes());
    let lesson = &mut state.lesson;
    lesson
        .credit
        .give_learner(&lesson.lines, &state.shells, side, &bytes);
    let emulator = &mut state.shells.get_mut(side).emulator;
    if !bytes.is_empty() {
        if emulator.scrolled_by() > 0 {
            // The border shows how far the shell is scrolled back.
            state.changed = Changed::Screen;
        }
        emulator.select_nothing();
        emulator.scroll_to_bottom();
    }
    write(side, bytes, effects);
}

fn act(state: &mut State, action: KeyAction, now: Instant, effects: &mut Vec<Effect>) {
    match action {
        KeyAction::Lesson(action) => lesson_actions::act(state, action, now, effects),
        KeyAction::Launch(action) => launch_actions::act(state, action, now, effects),
        KeyAction::Copy(action) => copy_mode::act(state, action, now, effects),
        KeyAction::Compare(action) => compare_actions::act(state, action, now, effects),
        KeyAction::View(action) => view_actions::act(state, action, now, effects),
        KeyAction::Quit(action) => restart::quit(state, action, effects),
    }
}
