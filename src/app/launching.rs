//! Starts the lab host, its shells, and the lines that the lesson types into them. `shell_events` handles the
//! reports of a launch.
//!
//! Must not know which key or which step asked for one.

use std::path::PathBuf;
use std::time::Instant;

use super::keymap::Pane;
use super::layout::Layout;
use super::lesson_lab::Leads;
use super::msg::{Effect, LabEvent};
use super::notice::Notice;
use super::rebuild;
use super::shells::{LabPhase, Phase};
use super::state::State;
use crate::lesson::{Launch, LessonStep, Template};
use crate::namespace::NamespaceSet;
use crate::pty::emulator::Emulator;
use crate::sandbox::{HostKind, Plan, Shortfall, Side, Step};

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

impl State {
    /// Launches a shell in place of the present one.
    pub(super) fn launch(
        &mut self,
        side: Side,
        asked: &Plan,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        match self.shells.lab {
            LabPhase::Ready => {}
            LabPhase::Undecided | LabPhase::Starting => return self.say(Notice::LabStarting, now),
            LabPhase::Failed { .. } | LabPhase::Gone => return self.say(Notice::NoLab, now),
        }
        self.lesson.close_measured(self.lang, false);
        let plan = match side {
            Side::Host => Plan::default(),
            Side::Container(number) => {
                let runs = |number| self.shells.get(Side::Container(number)).runs();
                if let Some(join) = asked.join
                    && (join.whose == number || !runs(join.whose))
                {
                    return self.say(Notice::NothingToJoin(join.whose), now);
                }
                self.show_tab(side);
                self.lesson.use_lab();
                self.needed_plan(asked)
            }
        };
        if plan.flags != asked.flags {
            self.next_launch.flags = self.needed(self.next_launch.flags);
            self.say(Notice::UserAdded, now);
        }
        self.lesson.credit.give_lesson();
        self.views.trace.scroll = 0;
        self.views.used = Pane::of(side);
        let launch = self.shells.begin(side, plan.clone());
        let (cols, rows) = self.shell_size(side).unwrap_or((80, 24));
        let (palette, clipboard) = (self.shells.palette, self.shells.clipboard);
        let shell = self.shells.get_mut(side);
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
        &mut self,
        side: Side,
        plan: &Plan,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        self.launch(side, plan, now, effects);
        self.watch(side);
    }

    /// Shows the learner a shell that something happens in.
    pub(super) fn watch(&mut self, side: Side) {
        let pane = Pane::of(side);
        self.views.used = pane;
        if self.views.zoomed_pane() != Some(pane) {
            self.views.zoomed = false;
        }
        if self.views.focus == Pane::Lesson && matches!(self.layout(), Layout::Compact(_)) {
            self.views.watched = Some(side);
        }
    }

    /// Launches a container as a lesson has it, with the flags and options ticked for the learner.
    pub(crate) fn launch_for_lesson(&mut self, launch: &Launch, now: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.lesson.lab.leads = Leads::Lesson;
        self.next_launch.set_for_lesson(launch.plan.clone());
        let side = Side::Container(launch.container);
        self.launch_in_view(side, &launch.plan, now, &mut effects);
        effects
    }

    /// Ticks these flags and no others.
    pub(crate) fn choose_for_lesson(&mut self, flags: NamespaceSet) {
        self.next_launch.flags = flags;
        self.look();
    }

    /// Types a line of the lesson into a shell. Returns the line with its values; `None` while one of them is not
    /// known.
    pub(super) fn type_for_lesson(
        &mut self,
        side: Side,
        line: &Template,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) -> Option<String> {
        let line = line.text(&self.lesson.context)?;
        self.lesson.close_measured(self.lang, false);
        let typed = line.clone();
        self.type_command(side, line, now, effects);
        self.lesson.note_typed(&self.shells, side, now);
        if self.step().is_some_and(LessonStep::leaves_something) {
            self.lesson.use_lab();
        }
        self.show_tab(side);
        self.shells.get_mut(side).emulator.scroll_to_bottom();
        self.watch(side);
        Some(typed)
    }

    /// Throws the lab host away and asks for a fresh one.
    pub(super) fn fresh_lab(&mut self, effects: &mut Vec<Effect>) {
        self.lesson.close_measured(self.lang, false);
        self.lab_ends(LabPhase::Starting);
        self.lesson.walk.try_again();
        self.shells.lab_steps.clear();
        self.notice = None;
        self.views.watched = None;
        effects.push(self.start_lab());
    }

    pub(super) fn start_lab(&mut self) -> Effect {
        self.lesson.lab.shows = self.lesson_share();
        Effect::StartLab {
            host: self.shells.host_kind,
            share: self.lesson.lab.shows.clone(),
        }
    }

    /// The directory of the present lesson's files. On the machine none is shown.
    pub(super) fn lesson_share(&self) -> Option<PathBuf> {
        let lesson = self.lesson()?;
        let directory = lesson.shared_directory();
        directory.filter(|_| self.shells.host_kind != HostKind::Machine)
    }

    pub(super) fn lab_event(&mut self, event: LabEvent, now: Instant, effects: &mut Vec<Effect>) {
        match event {
            LabEvent::Ready { steps, shortfalls } => {
                self.lab_ready(steps, shortfalls, now, effects);
            }
            LabEvent::Failed { steps, why } => self.lab_ends(LabPhase::Failed { steps, why }),
            LabEvent::Gone => self.lab_ends(LabPhase::Gone),
        }
    }

    fn lab_ends(&mut self, lab: LabPhase) {
        self.shells.end_lab(lab);
        self.lesson.lines.forget_unconfirmed();
        self.lesson.lab.end();
        self.marks.clear();
        self.look();
    }

    fn lab_ready(
        &mut self,
        steps: Vec<Step>,
        shortfalls: Vec<Shortfall>,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        self.shells.lab_steps = steps;
        self.shells.lab = LabPhase::Ready;
        let unusual = shortfalls.iter().copied().filter(|it| it.is_unusual());
        let unusual: Vec<_> = unusual.collect();
        self.shells.shortfalls = shortfalls;
        let resumed = std::mem::take(&mut self.lesson.resumed);
        if !unusual.is_empty() {
            self.say(Notice::Shortfalls(unusual), now);
        } else if self.shells.host_kind == HostKind::Machine {
            self.say(Notice::OnMachine, now);
        } else if resumed {
            self.say(Notice::Resumed, now);
        }
        self.launch(Side::Host, &Plan::default(), now, effects);
        if resumed {
            rebuild::resume(self, now);
        }
    }

    /// Gives each shell the size of its pane.
    pub(super) fn resize_shells(&mut self, effects: &mut Vec<Effect>) {
        for side in Side::all() {
            let Some((cols, rows)) = self.shell_size(side) else {
                continue;
            };
            let shell = self.shells.get_mut(side);
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
    fn shell_size(&self, side: Side) -> Option<(u16, u16)> {
        let area = self.layout().shell(side)?;
        let rows = match self.shells.get(side).phase {
            Phase::Exited(_) => area.height.saturating_sub(ENDED_ROWS),
            Phase::Absent | Phase::Starting | Phase::Running | Phase::Failed(_) => area.height,
        };
        // The emulator's limits: beyond them it would keep another size, and be resized again and again.
        Some((area.width.clamp(2, 1_000), rows.clamp(2, 1_000)))
    }
}
