//! What a message changes, and what is to be done about it.
//!
//! Must not know how an effect is carried out. What keys and the mouse mean is in `act`.

use std::time::Instant;

use super::input;
use super::keymap::Pane;
use super::layout::Layout;
use super::lesson_view;
use super::msg::{Effect, Failure, Msg};
use super::notice::Notice;
use super::restart;
use super::side_by_side;
use super::state::{Lab, Line, NOTICE, Phase, Reader, Shell, State};
use super::table::Column;
use super::walk::Hand;
use crate::lesson::{Part, View};
use crate::namespace::NamespaceSet;
use crate::observe::Snapshot;
use crate::progress::Fate;
use crate::pty::emulator::Emulator;
use crate::pty::mouse;
use crate::sandbox::{HostKind, Nth, Plan, Shortfall, Side};

/// Rows of the pane of a shell that has ended which say so.
pub(crate) const ENDED_ROWS: u16 = 2;

/// Changes the state by one message.
pub fn update(state: &mut State, msg: Msg, now: Instant) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (typing, plan) = (state.typing_into(), state.plan());
    let basis = side_by_side::Basis::of(state);
    let (seen_anew, mut keeps) = (is_sight(&msg), may_be_progress(&msg));
    match msg {
        Msg::Key(event) => input::key(state, &event, now, &mut effects),
        Msg::Mouse(event) => input::mouse(state, event, &mut effects),
        Msg::Paste(text) => input::paste(state, &text, &mut effects),
        Msg::Resize { cols, rows } => state.size = (cols, rows),
        Msg::Tick => keeps |= tick(state, now, &mut effects),
        Msg::LabReady { steps, shortfalls } => {
            state.made = steps;
            lab_ready(state, shortfalls, now, &mut effects);
        }
        Msg::LabFailed { steps, why } => state.lab_ends(Lab::Failed { steps, why }),
        Msg::LabGone => state.lab_ends(Lab::Gone),
        Msg::Step { side, launch, step } => {
            if let Some(shell) = state.present(side, launch) {
                shell.steps.push(step);
            }
        }
        Msg::Refused {
            side,
            launch,
            refusal,
        } => {
            if let Some(shell) = state.present(side, launch) {
                shell.steps.push(refusal.step.clone());
                shell.refusals.push(*refusal);
            }
        }
        Msg::Started { side, launch, plan } => started(state, side, launch, plan),
        Msg::LaunchFailed { side, launch, why } => {
            let refused = matches!(why, Failure::Refused(_));
            state.shell_ends(side, launch, Phase::Failed(why));
            if refused && state.present(side, launch).is_some() {
                state.note_launch(side, Fate::Refused);
            }
        }
        Msg::Output {
            side,
            launch,
            bytes,
        } => {
            keeps |= printed(state, side, launch, &bytes, &mut effects);
        }
        Msg::Exited { side, launch, exit } => {
            state.shell_ends(side, launch, Phase::Exited(exit));
        }
        Msg::Snapshot {
            side,
            launch,
            snapshot,
        } => seen(state, side, launch, snapshot, now),
        Msg::Machine(snapshot) if state.machine.watched => {
            state.machine.snapshot = Some(snapshot);
            state.look();
        }
        // Seen before it was told that nobody looks any more.
        Msg::Machine(_) => {}
        Msg::Detail {
            side,
            launch,
            detail,
        } => {
            let running = state.present(side, launch).filter(|shell| shell.runs());
            if let Some(shell) = running {
                shell.detail = Some(detail);
            }
        }
        Msg::CommandEnded {
            number,
            side,
            answer,
        } => side_by_side::ended(state, number, side, &answer),
        Msg::Busy { side, program } => busy(state, side, program, now),
        Msg::NotKept { why } => state.say(Notice::NotKept(why), now),
        Msg::Lessons { lessons, absent } => state.take_lessons(*lessons, absent),
        Msg::LessonsBroken { errors } => state.break_lessons(errors),
        Msg::NotWatched { why } => state.say(Notice::NotWatched(why), now),
        Msg::Running { programs } => restart::running(state, programs, now, &mut effects),
        Msg::Saved { path } => state.say(Notice::Saved { path }, now),
        Msg::NotSaved(why) => state.say(Notice::NotSaved(why), now),
    }
    state.compare_with(plan);
    note_view(state, plan.flags);
    if keeps {
        state.measure(now);
        state.note_read();
        state.keep(&mut effects);
    }
    settle(state, &mut effects);
    watch_detail(state, &mut effects);
    // A thousand lines are not compared again for a key.
    let outdated = seen_anew || side_by_side::Basis::of(state) != basis;
    if outdated && side_by_side::needs_detail(state) {
        side_by_side::refresh(state);
    }
    report_focus(state, typing, &mut effects);
    effects
}

fn lab_ready(
    state: &mut State,
    shortfalls: Vec<Shortfall>,
    now: Instant,
    effects: &mut Vec<Effect>,
) {
    state.lab = Lab::Ready;
    state.shortfalls.clone_from(&shortfalls);
    let resumed = std::mem::take(&mut state.resumed);
    if !shortfalls.is_empty() {
        state.say(Notice::Shortfalls(shortfalls), now);
    } else if state.ground == HostKind::Machine {
        state.say(Notice::OnMachine, now);
    } else if resumed {
        state.say(Notice::Resumed, now);
    }
    state.launch(Side::Host, Plan::default(), now, effects);
}

/// Whether a side may be seen differently after it.
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

/// Whether something may be done after it that wasn't before: what a shell prints comes often.
fn may_be_progress(msg: &Msg) -> bool {
    !matches!(msg, Msg::Output { .. } | Msg::Step { .. } | Msg::Tick)
}

/// Bytes for a shell, if there are any.
pub(super) fn write(side: Side, bytes: Vec<u8>, effects: &mut Vec<Effect>) {
    if !bytes.is_empty() {
        effects.push(Effect::Write { side, bytes });
    }
}

/// Whether something is to be measured again.
fn tick(state: &mut State, now: Instant, effects: &mut Vec<Effect>) -> bool {
    state.marks.fade(now);
    if state
        .notice
        .as_ref()
        .is_some_and(|(_, until)| *until <= now)
    {
        state.notice = None;
    }
    for side in Side::all() {
        let shell = state.shell_mut(side);
        if shell.emulator.sync_deadline().is_some_and(|due| due <= now) {
            let replies = shell.emulator.sync_expired();
            write(side, replies, effects);
        }
    }
    state.measures_at().is_some_and(|due| due <= now)
}

/// Whether a command has ended by it.
fn printed(
    state: &mut State,
    side: Side,
    launch: u32,
    bytes: &[u8],
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(shell) = state.present(side, launch) else {
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

fn started(state: &mut State, side: Side, launch: u32, plan: Plan) {
    let Some(shell) = state.present(side, launch) else {
        return;
    };
    shell.phase = Phase::Running;
    shell.plan = plan;
    state.note_launch(side, Fate::Open);
    // Launching with F5 is as good as with Enter.
    if let Side::Container(nth) = side
        && let Some(step) = state.step()
        && let Some(part) = state.walk.progress().pending(step)
        && let Part::Launch(wanted) = &step.parts[part]
        && wanted.container == nth
        && state.needed_plan(wanted.plan) == plan
    {
        state.follow(|state| state.walk.launched(part));
    }
}

fn seen(state: &mut State, side: Side, launch: u32, snapshot: Box<Snapshot>, now: Instant) {
    // A watcher may have been slower to tell than the shell was to end.
    let running = state.present(side, launch).filter(|shell| shell.runs());
    let Some(shell) = running else {
        return;
    };
    let was = shell.snapshot.replace(snapshot);
    // Taken out while the shells are read.
    let mut marks = std::mem::take(&mut state.marks);
    if let Some(is) = state.shell(side).snapshot.as_deref() {
        match (&was, &state.host.snapshot) {
            (Some(was), _) => marks.changed(side, was, is, now),
            (None, Some(host)) if side != Side::Host => marks.arrived(side, host, is, now),
            (None, _) => {}
        }
    }
    state.marks = marks;
    state.look();
}

fn busy(state: &mut State, side: Side, program: String, now: Instant) {
    if let Some((typed_into, at, line)) = state.on_its_way.take()
        && typed_into == side
        && at == (state.walk.lesson(), state.walk.step())
    {
        match line {
            Line::OfPart(part) => state.walk.untype_line(part),
            Line::OfScript => {
                let shown = &mut state.walk.progress_mut().shown;
                *shown = shown.saturating_sub(1);
            }
        }
    }
    state.say(Notice::Busy { side, program }, now);
}

/// Looks at the checks again when the learner opened a view or chose a flag.
fn note_view(state: &mut State, chosen: NamespaceSet) {
    let machine = state.machine.snapshot.as_ref().map(|_| View::Machine);
    let before = state.seen.len();
    for view in state.open_view().into_iter().chain(machine) {
        if !state.seen.contains(&view) {
            state.seen.push(view);
        }
    }
    if state.seen.len() > before || state.chosen != chosen {
        state.look();
    }
}

/// Gives each shell the size of its pane.
fn settle(state: &mut State, effects: &mut Vec<Effect>) {
    for side in Side::all() {
        let Some((cols, rows)) = state.shell_size(side) else {
            continue;
        };
        let shell = state.shell_mut(side);
        // One that was never launched has nothing to show at any size.
        if shell.phase == Phase::Absent || shell.emulator.size() == (cols, rows) {
            continue;
        }
        shell.emulator.resize(cols, rows);
        if matches!(shell.phase, Phase::Starting | Phase::Running) {
            effects.push(Effect::ResizePty { side, cols, rows });
        }
    }
    if !matches!(state.layout(), Layout::Compact(_)) {
        state.watching = None;
    }
    let shown = state.shows_machine();
    if state.machine.watched != shown {
        state.machine.watched = shown;
        state.machine.snapshot = None;
        effects.push(Effect::WatchMachine(shown));
    }
}

/// Watches the detail of the compared sides while it is shown, and no longer.
fn watch_detail(state: &mut State, effects: &mut Vec<Effect>) {
    let wanted = side_by_side::needs_detail(state);
    let compared = Column::ALL.map(|column| state.compared(column));
    let useless = |(side, shell): (Side, &Shell)| {
        shell.detail_watched && !(wanted && compared.contains(&side))
    };
    if state.shells().any(useless) {
        effects.push(Effect::StopDetail);
        for side in Side::all() {
            let shell = state.shell_mut(side);
            shell.detail_watched = false;
            shell.detail = None;
        }
    }
    for side in compared {
        let shell = state.shell_mut(side);
        if wanted && shell.runs() && !shell.detail_watched {
            shell.detail_watched = true;
            effects.push(Effect::WatchDetail { side });
        }
    }
}

/// Tells the shells that asked for it which of them has the keys.
fn report_focus(state: &State, before: Option<Side>, effects: &mut Vec<Effect>) {
    let after = state.typing_into();
    if before == after {
        return;
    }
    for (side, gained) in [(before, false), (after, true)] {
        if let Some(side) = side
            && state.shell(side).runs()
            && let Some(bytes) = mouse::focus(gained, state.shell(side).emulator.modes())
        {
            write(side, bytes, effects);
        }
    }
}

impl State {
    /// Says something for a moment.
    pub(super) fn say(&mut self, notice: Notice, now: Instant) {
        self.notice = Some((notice, now + NOTICE));
    }

    /// The shell of this launch; none if another one took its place.
    fn present(&mut self, side: Side, launch: u32) -> Option<&mut Shell> {
        let shell = self.shell_mut(side);
        (launch != 0 && shell.launch == launch).then_some(shell)
    }

    /// Launches a shell in place of the present one.
    pub(super) fn launch(
        &mut self,
        side: Side,
        asked: Plan,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        match self.lab {
            Lab::Ready => {}
            Lab::Undecided | Lab::Starting => return self.say(Notice::LabStarting, now),
            Lab::Failed { .. } | Lab::Gone => return self.say(Notice::NoLab, now),
        }
        self.close_measured(false);
        let plan = match side {
            Side::Host => Plan::default(),
            Side::Container(nth) => {
                if let Some(join) = asked.join
                    && (join.whose == nth || !self.shell(Side::Container(join.whose)).runs())
                {
                    return self.say(Notice::NothingToJoin(join.whose), now);
                }
                self.show_tab(nth);
                self.needed_plan(asked)
            }
        };
        if plan.flags != asked.flags {
            self.choose(self.needed(self.chosen));
            self.say(Notice::UserAdded, now);
        }
        self.hand = Hand::Lesson;
        self.took.scroll = 0;
        self.launches += 1;
        let launch = self.launches;
        *self.shell_mut(side) = Shell {
            phase: Phase::Starting,
            launch,
            plan,
            ..Shell::absent()
        };
        let (cols, rows) = self.shell_size(side).unwrap_or((80, 24));
        self.shell_mut(side).emulator = Emulator::new(cols, rows);
        // What the emulator can bear, should the pane be smaller.
        let (cols, rows) = self.shell(side).emulator.size();
        effects.push(Effect::Launch {
            side,
            launch,
            plan,
            cols,
            rows,
        });
        self.look();
    }

    /// Throws the lab host away and asks for a fresh one.
    pub(super) fn fresh_lab(&mut self, effects: &mut Vec<Effect>) {
        self.close_measured(false);
        self.lab_ends(Lab::Starting);
        self.walk.try_again();
        self.made.clear();
        self.notice = None;
        self.watching = None;
        effects.push(Effect::StartLab { host: self.ground });
    }

    fn lab_ends(&mut self, lab: Lab) {
        self.lab = lab;
        self.host = Shell::absent();
        self.containers = std::array::from_fn(|_| Shell::absent());
        self.tab = Nth::FIRST;
        self.compared = [None; 2];
        self.on_its_way = None;
        self.marks.clear();
        self.look();
    }

    fn shell_ends(&mut self, side: Side, launch: u32, phase: Phase) {
        let Some(shell) = self.present(side, launch) else {
            return;
        };
        shell.phase = phase;
        shell.snapshot = None;
        shell.detail = None;
        shell.detail_watched = false;
        self.look();
    }

    /// Evaluates what depends on what is seen.
    pub(super) fn look(&mut self) {
        self.refresh_context();
        self.look_at_checks();
    }

    /// Measures what the learner has predicted.
    fn measure(&mut self, now: Instant) {
        let progress = self.walk.progress();
        let to_measure = |step| progress.to_measure(step, now).next().is_some();
        if !self.step().is_some_and(to_measure) {
            return;
        }
        let (underway, before) = (self.underway(now), lesson_view::view(self));
        // Not by `State::step`, which would borrow the walk that changes here.
        if let Some(lesson) = self.lessons.lesson(self.walk.lesson(), self.lang)
            && let Some(step) = lesson.steps.get(self.walk.step())
        {
            self.walk.measure(step, &self.context, underway, now);
        }
        // The verdict may be longer than what stood there: it is scrolled into view with what is
        // below it, and never past its beginning, unless the learner reads elsewhere.
        if let (Some(old), Some(new)) = (before, lesson_view::view(self))
            && old.lines != new.lines
            && self.reader == Reader::Follows
        {
            let both = old.lines.iter().zip(&new.lines);
            let changed = both.take_while(|(old, new)| old == new).count();
            let needed = new.active.end.saturating_sub(usize::from(new.body.height));
            self.lesson_scroll = old.top.max(needed).min(changed);
        }
    }

    /// What has been measured stays as it is: something else is about to be done, or the step is left.
    pub(super) fn close_measured(&mut self, leaves: bool) {
        // Not by `State::step`, which would borrow the walk that changes here.
        if let Some(lesson) = self.lessons.lesson(self.walk.lesson(), self.lang)
            && let Some(step) = lesson.steps.get(self.walk.step())
        {
            self.walk.close(step, &self.context, leaves);
        }
    }

    pub(super) fn look_at_checks(&mut self) {
        if self.step().is_some_and(|step| self.can_work(step).is_err()) {
            return;
        }
        self.follow(|state| {
            // Not by `State::step`, which would borrow the walk that changes here.
            let Some(lesson) = state.lessons.lesson(state.walk.lesson(), state.lang) else {
                return;
            };
            if let Some(step) = lesson.steps.get(state.walk.step()) {
                let (context, sees) = (&state.context, state.host.snapshot.is_some());
                let progress = state.walk.progress_mut();
                progress.look(step, context, state.hand, sees);
            }
        });
    }

    /// Does something that may let the step grow, and scrolls only as far as needed to see what
    /// waits for the learner now, never past what did before.
    pub(super) fn follow(&mut self, change: impl FnOnce(&mut Self)) {
        let pending = |state: &State| {
            let step = state.step()?;
            state.walk.progress().pending(step)
        };
        let (before, view) = (pending(self), lesson_view::view(self));
        change(self);
        if pending(self) == before {
            return;
        }
        if let (Some(old), Some(new)) = (view, lesson_view::view(self)) {
            let needed = new.active.end.saturating_sub(usize::from(new.body.height));
            self.lesson_scroll = old.top.max(needed.min(old.active.start));
        }
    }

    /// Columns and rows for a shell's terminal.
    fn shell_size(&self, side: Side) -> Option<(u16, u16)> {
        let area = self.layout().shell(side)?;
        let rows = match self.shell(side).phase {
            Phase::Exited(_) => area.height.saturating_sub(ENDED_ROWS),
            Phase::Absent | Phase::Starting | Phase::Running | Phase::Failed(_) => area.height,
        };
        // A size no emulator can bear would be asked for again and again.
        Some((area.width.clamp(2, 1_000), rows.clamp(2, 1_000)))
    }

    /// Keeps what the learner has done, where it isn't kept yet.
    fn keep(&mut self, effects: &mut Vec<Effect>) {
        let now = self.walk.kept(&self.lessons);
        if let Some(kept) = &mut self.kept
            && *kept != now
        {
            kept.clone_from(&now);
            effects.push(Effect::Keep(Box::new(now)));
        }
    }

    /// Gives a pane the focus.
    pub(super) fn focus_on(&mut self, pane: Pane) {
        self.watching = None;
        self.by_lesson = false;
        self.focus = pane;
        if pane != Pane::Compare {
            self.zoomed = false;
        }
    }
}
