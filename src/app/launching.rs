//! Starts the lab host, its shells, and the lines that the lesson types into them. `shell_events` handles the
//! reports of a launch.
//!
//! Must not know which key or which step asked for one.

use std::time::Instant;

use super::checks;
use super::keymap::Pane;
use super::layout::Layout;
use super::lesson_lab::ChangedBy;
use super::msg::Effect;
use super::notice::Notice;
use super::shells::{LabPhase, Phase};
use super::state::State;
use super::typing;
use crate::lesson::{Launch, LessonStep, Template};
use crate::namespace::NamespaceSet;
use crate::pty::emulator::Emulator;
use crate::sandbox::{Plan, Side};

/// Rows at the bottom of a pane that tell how its shell ended.
pub(crate) const ENDED_ROWS: u16 = 2;

/// Bytes for a shell, if there are any.
pub(super) fn write(side: Side, bytes: Vec<u8>, effects: &mut Vec<Effect>) {
    if !bytes.is_empty() {
        effects.push(Effect::Write { side, bytes });
    }
}

/// Sends the terminal's answer to a program's question.
pub(super) fn answer(side: Side, bytes: Vec<u8>, effects: &mut Vec<Effect>) {
    if !bytes.is_empty() {
        effects.push(Effect::Answer { side, bytes });
    }
}

/// Launches a shell in place of the present one.
pub(super) fn launch(
    state: &mut State,
    side: Side,
    asked: &Plan,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    match state.shells.lab {
        LabPhase::Ready => {}
        LabPhase::Undecided | LabPhase::Starting => return state.say(Notice::LabStarting, now),
        LabPhase::Failed { .. } | LabPhase::Gone => return state.say(Notice::NoLab, now),
    }
    state.lesson.close_measured(state.lang, false);
    let plan = match side {
        Side::Host => Plan::default(),
        Side::Container(number) => {
            let runs = |number| state.shells.get(Side::Container(number)).runs();
            if let Some(join) = asked.join
                && (join.whose == number || !runs(join.whose))
            {
                return state.say(Notice::NothingToJoin(join.whose), now);
            }
            state.show_tab(side);
            state.lesson.use_lab();
            state.needed_plan(asked)
        }
    };
    if plan.flags != asked.flags {
        state.next_launch.flags = state.needed(state.next_launch.flags);
        state.say(Notice::UserAdded, now);
    }
    state.lesson.credit.give_lesson();
    state.views.trace.scroll = 0;
    state.views.used = Pane::of(side);
    let launch = state.shells.begin(side, plan.clone());
    let (cols, rows) = shell_size(state, side).unwrap_or((80, 24));
    let (palette, clipboard) = (state.shells.palette, state.shells.clipboard);
    let shell = state.shells.get_mut(side);
    shell.emulator = Emulator::new(cols, rows);
    shell.emulator.set_palette(palette);
    shell.emulator.set_clipboard(clipboard);
    shell.has_rung = false;
    // The emulator keeps a minimal size, which may be larger than the pane.
    let (cols, rows) = shell.emulator.size();
    effects.push(Effect::Launch {
        side,
        launch,
        plan,
        cols,
        rows,
    });
    // Judge while the container is being made.
    effects.push(Effect::Judge);
}

/// Launches a shell where the learner sees it: on a compact screen it would be hidden.
pub(super) fn launch_in_view(
    state: &mut State,
    side: Side,
    plan: &Plan,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    launch(state, side, plan, now, effects);
    watch(state, side);
}

/// Shows the learner a shell in which something happens.
pub(super) fn watch(state: &mut State, side: Side) {
    let pane = Pane::of(side);
    state.views.used = pane;
    if state.views.zoomed_pane() != Some(pane) {
        state.views.zoomed = false;
    }
    if state.views.focus == Pane::Lesson && matches!(state.layout(), Layout::Compact(_)) {
        state.views.watched = Some(side);
    }
}

/// Launches a container as a lesson has it, with the flags and options ticked for the learner.
pub(crate) fn launch_for_lesson(state: &mut State, launch: &Launch, now: Instant) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.lesson.lab.changed_by = ChangedBy::Lesson;
    state.next_launch.set_for_lesson(launch.plan.clone());
    let side = Side::Container(launch.container);
    launch_in_view(state, side, &launch.plan, now, &mut effects);
    effects
}

/// Ticks these flags and no others.
pub(crate) fn choose_for_lesson(state: &mut State, flags: NamespaceSet) {
    state.next_launch.flags = flags;
    checks::look(state);
}

/// Types a line of the lesson into a shell. Returns the line with its values; `None` while one of them is not
/// known.
pub(super) fn type_for_lesson(
    state: &mut State,
    side: Side,
    line: &Template,
    now: Instant,
    effects: &mut Vec<Effect>,
) -> Option<String> {
    let line = line.text(&state.lesson.context)?;
    state.lesson.close_measured(state.lang, false);
    let typed = line.clone();
    typing::type_command(state, side, line, now, effects);
    state.lesson.note_typed(&state.shells, side, now);
    if state.step().is_some_and(LessonStep::leaves_something) {
        state.lesson.use_lab();
    }
    state.show_tab(side);
    state.shells.get_mut(side).emulator.scroll_to_bottom();
    watch(state, side);
    Some(typed)
}

/// Throws the lab host away and asks for a fresh one.
pub(super) fn fresh_lab(state: &mut State, effects: &mut Vec<Effect>) {
    state.lesson.close_measured(state.lang, false);
    lab_ends(state, LabPhase::Starting);
    state.lesson.walk.try_again();
    state.shells.lab_steps.clear();
    state.notice = None;
    state.views.watched = None;
    effects.push(start_lab(state));
}

pub(super) fn start_lab(state: &mut State) -> Effect {
    state.lesson.lab.shows = state.lesson_share();
    Effect::StartLab {
        host: state.shells.host_kind,
        share: state.lesson.lab.shows.clone(),
    }
}

pub(super) fn lab_ends(state: &mut State, lab: LabPhase) {
    state.shells.end_lab(lab);
    state.lesson.lines.forget_unconfirmed();
    state.lesson.lab.end();
    state.marks.clear();
    checks::look(state);
}

/// Gives each shell the size of its pane.
pub(super) fn resize_shells(state: &mut State, effects: &mut Vec<Effect>) {
    for side in Side::all() {
        let Some((cols, rows)) = shell_size(state, side) else {
            continue;
        };
        let shell = state.shells.get_mut(side);
        // A shell that was never launched has nothing to show at any size.
        if shell.phase == Phase::Absent || shell.emulator.size() == (cols, rows) {
            continue;
        }
        shell.emulator.resize(cols, rows);
        if matches!(shell.phase, Phase::Starting | Phase::Running) {
            effects.push(Effect::ResizePty { side, cols, rows });
        }
    }
}

/// Columns and rows for a shell's terminal.
fn shell_size(state: &State, side: Side) -> Option<(u16, u16)> {
    let area = state.layout().shell(side)?;
    let rows = match state.shells.get(side).phase {
        Phase::Exited(_) => area.height.saturating_sub(ENDED_ROWS),
        Phase::Absent | Phase::Starting | Phase::Running | Phase::Failed(_) => area.height,
    };
    // The emulator's limits: beyond them it would keep another size, and be resized again and again.
    Some((area.width.clamp(2, 1_000), rows.clamp(2, 1_000)))
}
