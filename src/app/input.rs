//! What keys, pastes and the mouse do.
//!
//! Owns how an action changes the state. Which key is which action is in `keymap`; what a shell's
//! program wants of keys is known to `pty`.

use std::time::Instant;

use crossterm::event::{KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::autoplay;
use super::code_view;
use super::cursor;
use super::enter_action::Next;
use super::glossary;
use super::keymap::{self, Action, Pane, Place, Way};
use super::layout::{Layout, Spot};
use super::lesson_view;
use super::msg::Effect;
use super::navigation;
use super::notice::Notice;
use super::options;
use super::restart;
use super::side_by_side;
use super::state::{Asking, Lab, Line, Overlay, Phase, Reader, State};
use super::tabs;
use super::update::write;
use super::walk::{self, Answer, Hand};
use crate::lesson::{Glossary, Launch, Template};
use crate::namespace::{Namespace, NamespaceSet};
use crate::pty::{keys, mouse as pty_mouse};
use crate::sandbox::{HostKind, Plan, Side};

/// A key of the learner.
pub(super) fn key(state: &mut State, event: &KeyEvent, now: Instant, effects: &mut Vec<Effect>) {
    if event.kind == KeyEventKind::Release {
        return;
    }
    let armed = state.notice.take().map(|(notice, _)| notice);
    match action(state, event) {
        Some(Action::FreshLab) if matches!(armed, Some(Notice::FreshLab(_))) => {
            state.fresh_lab(effects);
        }
        Some(Action::BeginAgain) if matches!(armed, Some(Notice::BeginAgain { .. })) => {
            restart::begin(state, effects);
        }
        Some(Action::ForgetLesson) if armed == Some(Notice::ForgetLesson) => forget_lesson(state),
        Some(Action::ForgetAll) if armed == Some(Notice::ForgetAll) => {
            state.walk.forget_all();
            begin_anew(state);
        }
        Some(action) => act(state, action, now, effects),
        None if state.overlay == Some(Overlay::Prompt) => state.prompt.key(event),
        None => {
            if let Some(side) = state.typing_into() {
                state.close_measured(false);
                state.hand = Hand::Learner;
                let shell = state.shell_mut(side);
                let bytes = keys::encode(event, shell.emulator.modes());
                if !bytes.is_empty() {
                    shell.emulator.scroll_to_bottom();
                }
                write(side, bytes, effects);
            }
        }
    }
}

/// What a key does. In a view that the lesson has opened, the view's own keys make it the learner's,
/// but for those that only read on.
fn action(state: &mut State, event: &KeyEvent) -> Option<Action> {
    let action = keymap::action(state.place(), event, state.leave_key);
    if action.is_some() || state.place() != Place::Shown {
        return action;
    }
    state.by_lesson = false;
    let action = keymap::action(state.place(), event, state.leave_key);
    state.by_lesson = action.is_none_or(|action| matches!(action, Action::Scroll(_)));
    action
}

/// Text pasted into the terminal.
pub(super) fn paste(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    if state.overlay == Some(Overlay::Prompt) {
        state.prompt.paste(text);
    } else if let Some(side) = state.typing_into() {
        state.close_measured(false);
        state.hand = Hand::Learner;
        let shell = state.shell_mut(side);
        shell.emulator.scroll_to_bottom();
        let bytes = keys::paste(text, shell.emulator.modes());
        write(side, bytes, effects);
    }
}

fn act(state: &mut State, action: Action, now: Instant, effects: &mut Vec<Effect>) {
    match action {
        Action::Help => {
            state.overlay = Some(Overlay::Help {
                place: state.open_place(),
                scroll: 0,
            });
        }
        Action::Focus(Pane::Compare) if state.focus == Pane::Compare => {
            state.zoomed = !state.zoomed;
        }
        Action::Focus(Pane::Code) if state.focus == Pane::Code => {
            code_view::turn(state, Way::Right);
        }
        Action::Focus(pane) => {
            state.focus_on(pane);
            code_view::follow(state);
        }
        Action::NextPane => state.focus_on(state.focus.next()),
        Action::PreviousPane => state.focus_on(state.focus.previous()),
        Action::Launch => launch(state, now, effects),
        Action::Tab(tab) => tabs::act(state, tab, now),
        Action::Language => {
            state.lang = state.lang.next();
            side_by_side::refresh(state);
        }
        Action::FreshLab => fresh_lab(state, now, effects),
        Action::Toggle(kind) => toggle(state, kind),
        Action::ToggleHere => toggle(state, state.flag),
        Action::Move(way) => navigation::move_cursor(state, way),
        Action::Scroll(way) => navigation::scroll(state, way),
        Action::History(way) => navigation::history(state, way),
        Action::Next => next(state, now, effects),
        Action::Choose(number) => choose(state, usize::from(number) - 1),
        Action::Skip => skip(state),
        Action::Hint => hint(state, now),
        // They would move unseen.
        Action::StepBack | Action::StepOn if state.broken.is_some() => {}
        Action::StepBack => step_back(state),
        Action::StepOn => step_on(state),
        Action::Lessons => {
            state.overlay = Some(Overlay::Lessons {
                cursor: state.walk.lesson(),
            });
        }
        Action::Glossary => glossary::open(state, None),
        Action::Pick => {
            if let Some(Overlay::Lessons { cursor }) = state.overlay.take() {
                go(state, cursor, 0);
                state.focus_on(Pane::Lesson);
            }
        }
        Action::Zoom => state.zoomed = !state.zoomed,
        Action::Open => side_by_side::open(state, state.cursor),
        Action::PreviousRow => side_by_side::open_next(state, false),
        Action::NextRow => side_by_side::open_next(state, true),
        Action::Back => side_by_side::back(state, effects),
        Action::Prompt => {
            let line = match state.focus {
                Pane::Details => state.side_by_side.line().to_owned(),
                _ => String::new(),
            };
            state.prompt.open(line);
            state.overlay = Some(Overlay::Prompt);
        }
        Action::Run => {
            if let Some(line) = state.prompt.take() {
                state.overlay = None;
                side_by_side::run(state, line, effects);
            }
        }
        Action::Leave => state.focus_on(Pane::Lesson),
        Action::Relaunch => match state.focus {
            Pane::Host => state.launch(Side::Host, Plan::default(), now, effects),
            _ => state.launch(state.container_side(), state.plan(), now, effects),
        },
        Action::Copy => effects.extend(code_view::copy(state, now)),
        Action::Save => effects.extend(code_view::save(state)),
        Action::AllSteps => state.took.turn(),
        Action::Quit if state.asking == Some(Asking::Quit) => effects.push(Effect::Quit),
        Action::Quit => restart::ask(state, Asking::Quit, effects),
        Action::BeginAgain => restart::ask(state, Asking::BeginAgain, effects),
        Action::QuitAnyway => effects.push(Effect::Quit),
        Action::Close => state.overlay = None,
        Action::ForgetStep => forget_step(state),
        Action::ForgetLesson => state.say(Notice::ForgetLesson, now),
        Action::ForgetAll => state.say(Notice::ForgetAll, now),
        // There it is a column already.
        Action::Machine if state.ground == HostKind::Machine => state.say(Notice::OnMachine, now),
        Action::Machine => state.machine.wanted = Some(!state.shows_machine()),
        Action::AskWithoutUser => state.overlay = Some(Overlay::Risk(HostKind::LabWithoutUser)),
        Action::TakeRisk => {
            if let Some(Overlay::Risk(host)) = state.overlay.take() {
                state.ground = host;
                state.fresh_lab(effects);
            }
        }
        Action::NoRisk => decline(state, effects),
    }
}

/// Without the host that was asked about, a lab host it is where there is nothing yet.
fn decline(state: &mut State, effects: &mut Vec<Effect>) {
    state.overlay = None;
    if state.lab == Lab::Undecided {
        state.ground = HostKind::Lab;
        state.fresh_lab(effects);
    }
}

fn launch(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    if matches!(state.overlay, Some(Overlay::Options { .. })) {
        state.overlay = None;
    }
    let launches = effects.len();
    let side = state.container_side();
    state.launch(side, state.plan(), now, effects);
    watch(state, side);
    if state.focus == Pane::Code && effects.len() > launches {
        state.say(Notice::Launched(state.plan()), now);
    }
}

/// On a compact screen the learner would not see otherwise what happens.
fn watch(state: &mut State, side: Side) {
    if state.focus == Pane::Lesson && matches!(state.layout(), Layout::Compact(_)) {
        state.watching = Some(side);
    }
}

fn fresh_lab(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let live = |phase: &Phase| matches!(phase, Phase::Starting | Phase::Running);
    if state.shells().any(|(_, shell)| live(&shell.phase)) {
        state.say(Notice::FreshLab(state.ground), now);
    } else if matches!(state.lab, Lab::Undecided | Lab::Starting) {
        state.say(Notice::LabStarting, now);
    } else {
        state.fresh_lab(effects);
    }
}

fn forget_step(state: &mut State) {
    state.walk.forget_step();
    begin_anew(state);
}

fn forget_lesson(state: &mut State) {
    if let Some(Overlay::Lessons { cursor }) = state.overlay {
        state.walk.forget_lesson(cursor);
        begin_anew(state);
    }
}

/// The step at its beginning, with what is true already.
pub(super) fn begin_anew(state: &mut State) {
    let (lesson, step) = (state.walk.lesson(), state.walk.step());
    go(state, lesson, step);
}

fn toggle(state: &mut State, kind: Namespace) {
    if matches!(state.overlay, Some(Overlay::Options { .. })) {
        return options::toggle(state, kind);
    }
    let mut flags = state.chosen;
    flags.toggle(kind);
    state.choose(flags);
    state.flag = kind;
}

/// The next thing of the step. Every line of a run has an Enter of its own, so that the learner
/// sees what each one does.
fn next(state: &mut State, now: Instant, effects: &mut Vec<Effect>) {
    let pending = state
        .step()
        .and_then(|step| state.walk.progress().pending(step))
        .unwrap_or(0);
    state.reader = Reader::Follows;
    match lesson_view::next(state) {
        Next::ReadOn => navigation::scroll(state, Way::PageDown),
        Next::LabStarting
        | Next::ShellStarting(_)
        | Next::ValueMissing(_)
        | Next::Finished
        | Next::NoLesson
        | Next::Broken => {}
        Next::LabAbsent => state.say(Notice::NoLab, now),
        Next::Choose => {
            state.walk.progress_mut().urged = Some(pending);
            state.say(Notice::ChooseFirst, now);
        }
        Next::Skip => skip(state),
        Next::Answer(choice) => choose(state, choice),
        Next::Launch(container, plan) => {
            effects.extend(launch_as_asked(state, Launch { container, plan }, now));
        }
        Next::LaunchFirst(side, plan) => {
            if side != Side::Host {
                state.take_plan(plan);
            }
            state.launch(side, plan, now, effects);
            state.say(Notice::LaunchedFirst(side), now);
            watch(state, side);
        }
        Next::Type { side, line } => {
            let line = line.clone();
            let Some(said) = type_for_learner(state, side, &line, now, effects) else {
                return;
            };
            let at = (state.walk.lesson(), state.walk.step());
            state.on_its_way = Some((side, at, Line::OfPart(pending)));
            state.follow(|state| state.walk.type_line(pending, said));
        }
        Next::Nudge => nudge(state, now),
        Next::Show => autoplay::next(state, now, effects),
        Next::StepAnyway | Next::Step | Next::Lesson(_) => step_on(state),
    }
}

/// Types a line of the lesson into a shell. Says what it is with its values; none while one isn't
/// there.
pub(super) fn type_for_learner(
    state: &mut State,
    side: Side,
    line: &Template,
    now: Instant,
    effects: &mut Vec<Effect>,
) -> Option<String> {
    let line = line.text(&state.context)?;
    state.close_measured(false);
    let said = line.clone();
    let at_prompt = state.shell(side).emulator.surely_at_prompt();
    effects.push(Effect::Type {
        side,
        line,
        at_prompt,
    });
    state.hand = Hand::Lesson;
    let shell = state.shell(side);
    state.typed = Some((side, shell.launch, shell.emulator.commands(), now));
    state.show(side);
    state.shell_mut(side).emulator.scroll_to_bottom();
    watch(state, side);
    Some(said)
}

/// Launches a container as a lesson has it, with the flags and options ticked for the learner.
pub(crate) fn launch_as_asked(state: &mut State, launch: Launch, now: Instant) -> Vec<Effect> {
    let mut effects = Vec::new();
    let side = Side::Container(launch.container);
    state.take_plan(launch.plan);
    state.launch(side, launch.plan, now, &mut effects);
    watch(state, side);
    effects
}

/// Ticks these flags and no others.
pub(crate) fn choose_as_asked(state: &mut State, flags: NamespaceSet) {
    state.choose(flags);
    state.look();
}

/// Says once what is missing; the next Enter goes on.
fn nudge(state: &mut State, now: Instant) {
    let missing = state
        .step()
        .and_then(|step| state.walk.progress().missing(step, &state.context))
        .map(str::to_owned);
    state.walk.progress_mut().nudged = true;
    if let Some(missing) = missing {
        state.say(Notice::Missing(missing), now);
    }
}

fn choose(state: &mut State, choice: usize) {
    let question = state.step().and_then(|step| state.walk.question(step));
    if let Some((part, question)) = question
        && choice < question.choices.len()
    {
        state.follow(|state| state.walk.answer(part, Answer::Chosen(choice)));
        state.look_at_checks();
    }
}

fn skip(state: &mut State) {
    let question = state.step().and_then(|step| state.walk.question(step));
    if let Some((part, _)) = question {
        state.follow(|state| state.walk.answer(part, Answer::Skipped));
        state.look_at_checks();
    }
}

fn hint(state: &mut State, now: Instant) {
    let all = state.step().map_or(0, walk::hints);
    let progress = state.walk.progress_mut();
    if progress.hints == all {
        return state.say(Notice::NoMoreHints, now);
    }
    progress.hints += 1;
    // It may stand below what is in view.
    if let Some(view) = lesson_view::view(state) {
        state.lesson_scroll = view.last_top();
    }
}

fn go(state: &mut State, lesson: usize, step: usize) {
    state.close_measured(true);
    state.walk.go(lesson, step);
    state.lesson_scroll = 0;
    state.on_its_way = None;
    state.look_at_checks();
    state.lesson_scroll = 0;
}

fn step_back(state: &mut State) {
    let (lesson, step) = (state.walk.lesson(), state.walk.step());
    if step > 0 {
        go(state, lesson, step - 1);
    } else if lesson > 0 {
        let before = state.lessons.lesson(lesson - 1, state.lang);
        let last = before.map_or(0, |lesson| lesson.steps.len().saturating_sub(1));
        go(state, lesson - 1, last);
    }
}

fn step_on(state: &mut State) {
    let (lesson, step) = (state.walk.lesson(), state.walk.step());
    let steps = state.lesson().map_or(0, |lesson| lesson.steps.len());
    if step + 1 < steps {
        go(state, lesson, step + 1);
    } else if lesson + 1 < state.lessons.count() {
        go(state, lesson + 1, 0);
    }
}

/// The learner's mouse.
pub(super) fn mouse(state: &mut State, event: MouseEvent, effects: &mut Vec<Effect>) {
    if state.overlay.is_some() {
        return mouse_over(state, event);
    }
    let at = Position::new(event.column, event.row);
    let names = state.tab_names();
    let layout = state.layout();
    let clicked = event.kind == MouseEventKind::Down(MouseButton::Left);
    if let Some(nth) = tabs::tab_at(state, at).filter(|_| clicked) {
        return state.show_tab(nth);
    }
    let Some(spot) = layout.spot(at, state.shown(), state.whole(), &names) else {
        return;
    };
    match spot {
        Spot::Flag(kind) if clicked => toggle(state, kind),
        Spot::Tab(Pane::Container) if clicked && state.focus == Pane::Container => {
            tabs::turn(state, Way::Right);
        }
        Spot::Tab(pane) if clicked => state.focus_on(pane),
        Spot::Flag(_) | Spot::Tab(_) => {}
        Spot::Pane(Pane::Host, col, row) => {
            shell_mouse(state, Side::Host, event, (col, row), effects);
        }
        Spot::Pane(Pane::Container, col, row) => {
            shell_mouse(state, state.container_side(), event, (col, row), effects);
        }
        Spot::Pane(pane, _, row) => {
            let way = match event.kind {
                MouseEventKind::ScrollUp => Way::Up,
                MouseEventKind::ScrollDown => Way::Down,
                _ if clicked => {
                    return click(state, pane, at, row);
                }
                _ => return,
            };
            // The wheel scrolls what it is over, whatever has the focus.
            let focus = std::mem::replace(&mut state.focus, pane);
            for _ in 0..pty_mouse::WHEEL_LINES {
                navigation::scroll(state, way);
            }
            state.focus = focus;
        }
    }
}

/// A click into a pane that is no shell.
fn click(state: &mut State, pane: Pane, at: Position, row: u16) {
    if pane == Pane::Compare {
        return cursor::click(state, row);
    }
    let view = lesson_view::view(state).filter(|_| pane == Pane::Lesson);
    state.focus_on(pane);
    let Some(view) = view else { return };
    if let Some(choice) = view.choice_at(row) {
        state.notice = None;
        choose(state, choice);
    } else if let Some(term) = view.term_at(at) {
        let terms = Glossary::of(state.lang).terms();
        glossary::open(state, terms.get(term).map(|term| term.id.as_str()));
    }
}

fn mouse_over(state: &mut State, event: MouseEvent) {
    let way = match event.kind {
        MouseEventKind::ScrollUp => Way::Up,
        MouseEventKind::ScrollDown => Way::Down,
        MouseEventKind::Down(MouseButton::Left) => {
            return glossary::click(state, Position::new(event.column, event.row));
        }
        _ => return,
    };
    match state.place() {
        Place::Glossary => glossary::go(state, way),
        Place::Help => navigation::scroll(state, way),
        Place::Lessons => navigation::move_cursor(state, way),
        _ => {}
    }
}

fn shell_mouse(
    state: &mut State,
    side: Side,
    event: MouseEvent,
    (col, row): (u16, u16),
    effects: &mut Vec<Effect>,
) {
    let pane = match side {
        Side::Host => Pane::Host,
        Side::Container(_) => Pane::Container,
    };
    let wheel = match event.kind {
        MouseEventKind::ScrollUp => Some(Way::Up),
        MouseEventKind::ScrollDown => Some(Way::Down),
        _ => None,
    };
    let focused = state.focus == pane;
    let shell = state.shell(side);
    let modes = shell.emulator.modes();
    // The click that gives the focus is not the program's: it is meant for the pane.
    if shell.runs() && (focused || wheel.is_some()) {
        let bytes = pty_mouse::encode(event, col, row, modes)
            .or_else(|| pty_mouse::wheel_as_keys(event, modes));
        if let Some(bytes) = bytes {
            return write(side, bytes, effects);
        }
    }
    if let Some(way) = wheel {
        for _ in 0..pty_mouse::WHEEL_LINES {
            navigation::scroll_shell(state, side, way);
        }
    } else if matches!(event.kind, MouseEventKind::Down(_)) {
        state.focus_on(pane);
    }
}
