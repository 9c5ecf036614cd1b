//! Keys and pasted text: passes each action to the part that carries it out.
//!
//! `keymap` owns which key is which action; `pty` encodes keys for a shell's program.

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::changed::Changed;
use super::code_view;
use super::copy_mode;
use super::glossary;
use super::keymap::{self, KeyAction, Pane, Place, Way};
use super::launching;
use super::launching::write;
use super::lesson_actions;
use super::lesson_files;
use super::lesson_lab::Leads;
use super::map_view;
use super::msg::Effect;
use super::navigation;
use super::notice::Notice;
use super::options;
use super::picked;
use super::prompt::Prompt;
use super::rebuild;
use super::restart;
use super::review_actions;
use super::search;
use super::shells::{LabPhase, Phase};
use super::side_by_side;
use super::splits;
use super::state::{PendingAction, State};
use super::step_moves;
use super::tabs;
use super::typing;
use super::views::Overlay;
use crate::namespace::Namespace;
use crate::pty::emulator::{Emulator, Modes};
use crate::pty::keys;
use crate::sandbox::{HostKind, Plan, Side};

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
        (Some(KeyAction::FreshLab), Some(Notice::FreshLab(_))) => {
            launching::fresh_lab(state, effects);
        }
        (Some(KeyAction::BeginAgain), Some(Notice::BeginAgain { .. })) => {
            restart::begin(state, effects);
        }
        (Some(KeyAction::Next), Some(Notice::RebuildEnds { .. })) => {
            rebuild::begin(state, now, effects);
        }
        (Some(KeyAction::Review(wanted)), Some(Notice::ReviewEnds { wanted: asked, .. }))
            if wanted == asked =>
        {
            review_actions::begin(state, wanted, now, effects);
        }
        (Some(KeyAction::ForgetLesson), Some(Notice::ForgetLesson)) => {
            restart::begin_picked(state, effects);
        }
        (Some(KeyAction::ForgetAll), Some(Notice::ForgetAll)) => lesson_actions::forget_all(state),
        (Some(KeyAction::Launch | KeyAction::Relaunch), _) if tell_of_rebuild(state, now) => {}
        // It ends the line that was typed where no shell runs.
        (Some(KeyAction::Relaunch), Some(Notice::NoShell(_))) => {}
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

/// Tells that a key does nothing while the starting state is being made; whether it is.
fn tell_of_rebuild(state: &mut State, now: Instant) -> bool {
    let rebuild = state.lesson.lab.rebuild.as_ref();
    let underway = rebuild.map(|it| it.underway.clone());
    let told = underway.map(|it| state.say(Notice::Rebuilding(it), now));
    told.is_some()
}

/// Tells, once, that a key went to the shell that the learner may have meant for the lab.
fn tell_of_key(state: &mut State, event: &KeyEvent, now: Instant) {
    let function = matches!(event.code, KeyCode::F(_)) && event.modifiers.is_empty();
    let elsewhere = || keymap::action(Place::Lesson, event, state.leave_key).is_some();
    if function && !state.views.told_of_keys && state.typing_into().is_some() && elsewhere() {
        state.views.told_of_keys = true;
        let (key, leave) = (event.code.to_string(), state.leave_key.to_string());
        state.say(Notice::WentToShell { key, leave }, now);
    }
}

/// Tells the learner that typing does nothing: no shell was launched in the focused pane.
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
        action.is_none_or(|action| matches!(action, KeyAction::Scroll(_)));
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

/// Edits the line that is open: a command, or what is searched for. Returns whether there is one.
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
    state.lesson.lab.leads = Leads::Learner;
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

fn open_lessons(state: &mut State) {
    let cursor = state.lesson.walk.lesson();
    state.views.overlay = Some(Overlay::Lessons { cursor });
}

fn act(state: &mut State, action: KeyAction, now: Instant, effects: &mut Vec<Effect>) {
    match action {
        KeyAction::Help => help(state),
        KeyAction::Focus(pane) => focus(state, pane),
        KeyAction::NextPane(way) => state.views.focus_on(state.views.focus.next(way)),
        KeyAction::Launch => launch(state, now, effects),
        KeyAction::Relaunch => relaunch(state, now, effects),
        KeyAction::Options => options::open(state),
        KeyAction::NewTab => tabs::open(state, now),
        KeyAction::TurnTab(way) => tabs::turn(state, way),
        KeyAction::Language => change_language(state),
        KeyAction::FreshLab => fresh_lab(state, now, effects),
        KeyAction::Toggle(kind) => toggle(state, kind),
        KeyAction::ToggleHere => toggle(state, state.next_launch.cursor),
        KeyAction::Move(way) => navigation::move_cursor(state, way),
        KeyAction::Scroll(way) => navigation::scroll(state, way),
        KeyAction::History(way) => navigation::history(state, way),
        KeyAction::BeginCopy(motion) => copy_mode::begin(state, motion),
        KeyAction::MoveInCopy(motion) => copy_mode::change(state, |it| it.move_cursor(motion)),
        KeyAction::Select(unit) => copy_mode::change(state, |it| it.turn_selection(unit)),
        KeyAction::SelectNothing => copy_mode::change(state, Emulator::select_nothing),
        KeyAction::TakeSelected => copy_mode::take(state, now, effects),
        KeyAction::Search(toward) => copy_mode::ask(state, toward),
        KeyAction::Find => copy_mode::find(state, now),
        KeyAction::FindNext => copy_mode::find_again(state, false, now),
        KeyAction::FindPrevious => copy_mode::find_again(state, true, now),
        KeyAction::Next => lesson_actions::enter(state, now, effects),
        KeyAction::Choose(number) => lesson_actions::choose(state, usize::from(number) - 1, now),
        KeyAction::Skip => lesson_actions::skip(state, now),
        KeyAction::Hint => lesson_actions::hint(state, now),
        // The mistakes hide the step.
        KeyAction::StepBack | KeyAction::StepOn if state.lesson.mistakes.shown => {}
        KeyAction::StepBack => step_moves::step_back(state),
        KeyAction::StepOn => lesson_actions::step_on(state, now, effects),
        KeyAction::Mistakes => lesson_files::turn_mistakes(state),
        KeyAction::Lessons => open_lessons(state),
        KeyAction::CourseEnd => state.views.overlay = Some(Overlay::CourseEnd { scroll: 0 }),
        KeyAction::Glossary => glossary::open(state, None),
        KeyAction::Map => map_view::turn(state),
        KeyAction::Follow => picked::follow(state, now),
        KeyAction::PickProcess(column) => picked::pick_on_map(state, column),
        KeyAction::LookInside => map_view::look_inside(state, effects),
        KeyAction::SearchList => search::open(state),
        KeyAction::TakeFound => take_found(state),
        KeyAction::EndSearch => search::close(state),
        KeyAction::Pick => step_moves::pick(state),
        KeyAction::Zoom => zoom(state),
        KeyAction::Split(way) => splits::move_border(state, way, effects),
        KeyAction::ResetSplits => splits::reset(state, effects),
        KeyAction::Open => side_by_side::open(state, state.views.compare.row),
        KeyAction::NextRow(way) => side_by_side::open_next(state, way),
        KeyAction::Back => side_by_side::back(state, effects),
        KeyAction::Prompt => open_prompt(state),
        KeyAction::Run => run_prompt(state, effects),
        KeyAction::Leave => leave(state),
        KeyAction::Copy => effects.extend(code_view::copy(state, now)),
        KeyAction::Save => effects.extend(code_view::save(state)),
        KeyAction::AllSteps => state.views.trace.turn(),
        KeyAction::Quit => quit(state, effects),
        KeyAction::Interrupt => restart::ask(state, PendingAction::Interrupt, effects),
        KeyAction::Review(wanted) => restart::ask(state, PendingAction::Review(wanted), effects),
        // A review must not change the lesson.
        KeyAction::BeginAgain | KeyAction::ForgetStep if state.lesson.review.is_some() => {
            review_actions::end(state, now, effects);
        }
        KeyAction::BeginAgain => restart::ask(state, PendingAction::BeginAgain, effects),
        KeyAction::QuitAnyway => effects.push(Effect::Quit),
        KeyAction::Close if state.views.overlay.is_none() => copy_mode::close(state),
        KeyAction::Close => state.views.overlay = state.views.below(),
        KeyAction::ForgetStep => lesson_actions::forget_step(state, now),
        KeyAction::ForgetLesson => state.say(Notice::ForgetLesson, now),
        KeyAction::ForgetAll => state.say(Notice::ForgetAll, now),
        KeyAction::Machine => turn_machine(state, now),
        KeyAction::AskWithoutUser => ask_without_user(state),
        KeyAction::TakeRisk => take_risk(state, effects),
        KeyAction::NoRisk => decline_risk(state, effects),
    }
}

fn change_language(state: &mut State) {
    state.lang = state.lang.next();
    side_by_side::refresh(state);
}

fn take_found(state: &mut State) {
    if search::take(state) {
        step_moves::pick(state);
    }
}

/// Asks whether to quit. The second time it quits.
fn quit(state: &mut State, effects: &mut Vec<Effect>) {
    if state.pending_action == Some(PendingAction::Quit) {
        effects.push(Effect::Quit);
    } else {
        restart::ask(state, PendingAction::Quit, effects);
    }
}

/// Shows the machine's column, or hides it.
fn turn_machine(state: &mut State, now: Instant) {
    if state.shells.host_kind == HostKind::Machine {
        // The machine is the host's column already.
        state.say(Notice::OnMachine, now);
    } else {
        state.shells.machine.wanted = Some(!state.shows_machine());
    }
}

fn ask_without_user(state: &mut State) {
    state.views.overlay = Some(Overlay::Risk(HostKind::LabWithoutUser));
}

/// Moves the focus out of a shell.
fn leave(state: &mut State) {
    // The next key may be about the shell: until then the shell stays where it is.
    let (shell, zoomed) = (state.views.focus, state.views.zoomed);
    state.views.focus_on(Pane::Lesson);
    state.views.left = Some(shell);
    state.views.zoomed = zoomed;
}

fn help(state: &mut State) {
    let place = state.open_place();
    state.views.overlay = Some(Overlay::Help { place, scroll: 0 });
}

/// Gives a pane the focus. The key of a pane that has it already shows more of that pane.
fn focus(state: &mut State, pane: Pane) {
    match pane {
        Pane::Compare if state.views.focus == pane => {
            zoom(state);
        }
        Pane::Code if state.views.focus == pane => code_view::turn(state, Way::Right),
        _ => {
            state.views.focus_on(pane);
            code_view::follow(state);
        }
    }
}

/// Gives the focused pane the whole screen, or takes it away. A shell that was just left gets the focus again.
fn zoom(state: &mut State) {
    let zoomed = state.views.zoomed;
    if let Some(pane) = state.views.left {
        state.views.focus_on(pane);
    }
    state.views.opened_by_lesson = false;
    state.views.zoomed = !zoomed;
}

fn launch(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    if matches!(state.views.overlay, Some(Overlay::Options { .. })) {
        state.views.overlay = None;
    }
    let before = effects.len();
    state.lesson.lab.leads = Leads::Learner;
    let (side, plan) = (state.shells.container_side(), state.next_launch.plan());
    launching::launch_in_view(state, side, &plan, now, effects);
    if state.views.focus == Pane::Code && effects.len() > before {
        state.say(Notice::Launched(state.next_launch.plan()), now);
    }
}

/// Launches again the shell that ended.
fn relaunch(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    state.lesson.lab.leads = Leads::Learner;
    let (side, plan) = if state.views.focus == Pane::Host {
        (Side::Host, Plan::default())
    } else {
        (state.shells.container_side(), state.next_launch.plan())
    };
    launching::launch(state, side, &plan, now, effects);
}

fn fresh_lab(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let live = |phase: &Phase| matches!(phase, Phase::Starting | Phase::Running);
    if state.shells.all().any(|(_, shell)| live(&shell.phase)) {
        state.say(Notice::FreshLab(state.shells.host_kind), now);
    } else if matches!(state.shells.lab, LabPhase::Undecided | LabPhase::Starting) {
        state.say(Notice::LabStarting, now);
    } else {
        launching::fresh_lab(state, effects);
    }
}

/// Toggles a flag of the next launch; in the options view, a kind that it joins.
pub(super) fn toggle(state: &mut State, kind: Namespace) {
    match state.views.overlay {
        Some(Overlay::Options { .. }) => state.next_launch.toggle_joined(kind),
        _ => state.next_launch.toggle_flag(kind),
    }
}

/// Opens the prompt, with the command of the view it is opened from.
fn open_prompt(state: &mut State) {
    let line = match state.views.focus {
        Pane::Details => state.views.side_by_side.command_line().to_owned(),
        _ => String::new(),
    };
    state.views.prompt.open(line);
    state.views.overlay = Some(Overlay::Prompt);
}

fn run_prompt(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(line) = state.views.prompt.take() {
        state.views.overlay = None;
        side_by_side::run(state, line, effects);
    }
}

/// Uses the host that the learner was asked about.
fn take_risk(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Risk(host)) = state.views.overlay.take() {
        state.shells.host_kind = host;
        launching::fresh_lab(state, effects);
    }
}

/// Uses a lab host instead, if there is no host yet.
fn decline_risk(state: &mut State, effects: &mut Vec<Effect>) {
    state.views.overlay = None;
    if state.shells.lab == LabPhase::Undecided {
        state.shells.host_kind = HostKind::Lab;
        launching::fresh_lab(state, effects);
    }
}
