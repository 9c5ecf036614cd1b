//! The whole state of the lab: its parts, and the values that depend on several of them.
//!
//! Changes only in `update`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ratatui::layout::Rect;

use super::changed::Changed;
use super::figure::form::Figures;
use super::keymap::{LeaveKey, Pane, Place};
use super::layout::{Arrangement, Layout};
use super::lesson_state::LessonState;
use super::marks::SeenSnapshots;
use super::mistake::Mistake;
use super::msg::{Effect, Failure};
use super::next_launch::NextLaunch;
use super::notice::Notice;
use super::requirements::{self, LessonStanding};
use super::review::Topic;
use super::review::Wanted;
use super::shells::{LabPhase, Phase, Shells};
use super::system::{Clock, System, UserKind};
use super::views::{Overlay, Views};
use super::walk::Lessons;
use crate::lang::Lang;
use crate::lesson::{Lack, Lesson, LessonStep, View};
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::comparison::own_namespaces;
use crate::progress::{Course, Fate, Splits};
use crate::pty::emulator::{Clipboard, MouseReports};
use crate::sandbox::{Call, HostKind, Join, Plan, Side};
use crate::theme::Theme;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(8);
/// Columns of a comparison that has room for the machine beside the two sides.
pub(crate) const ROOM_FOR_MACHINE: u16 = 96;

/// The input of [`start`](super::start()).
#[derive(Debug, Clone)]
pub struct Setup {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The language at the start; the learner can switch it.
    pub lang: Lang,
    /// The lessons in all languages.
    pub lessons: Lessons,
    /// How much style the terminal gets.
    pub theme: Theme,
    /// How the figures of lessons are shown.
    pub figures: Figures,
    /// Who the learner is on the machine.
    pub user: UserKind,
    /// The release of the kernel: `6.18.0`.
    pub kernel: String,
    /// The kinds of namespace that the kernel has.
    pub kinds: NamespaceSet,
    /// The programs of the lessons that are not installed.
    pub absent: BTreeSet<String>,
    /// The key that leaves a shell.
    pub leave_key: LeaveKey,
    /// The kind of host.
    pub host: HostKind,
    /// Whether programs in the shells may copy to the terminal's clipboard.
    pub clipboard: Clipboard,
    /// The pause between two keys of a command that the lesson types; zero types it at once.
    pub key_pause: Duration,
    /// The progress of earlier sessions; `None` where nothing is to be saved.
    pub progress: Option<Course>,
    /// How the learner has divided the screen.
    pub splits: Splits,
    /// The id of the first lesson. Without it, or if it is unknown, the learner goes on where they
    /// left off.
    pub start: Option<String>,
    /// The mistakes in lessons that can't be used.
    pub mistakes: Vec<Mistake>,
    /// The time of day.
    pub clock: Clock,
    /// The questions to ask the learner again before anything else.
    pub review: Option<Topic>,
}

/// The shortest time between two rings of the terminal's bell.
const BETWEEN_RINGS: Duration = Duration::from_millis(250);

/// An action that ends running programs. It waits until they are known, so that the learner can be asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PendingAction {
    Quit,
    /// Quits, but asks also if only containers run.
    Interrupt,
    BeginAgain,
    Rebuild,
    Review(Wanted),
}

/// Everything the lab knows.
#[derive(Debug)]
pub struct State {
    pub(crate) size: (u16, u16),
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) figures: Figures,
    pub(crate) leave_key: LeaveKey,
    pub(super) key_pause: Duration,
    pub(crate) system: System,
    pub(crate) lesson: LessonState,
    pub(crate) shells: Shells,
    pub(crate) next_launch: NextLaunch,
    pub(crate) views: Views,
    pub(crate) marks: SeenSnapshots,
    /// The notice, and when it ends.
    pub(crate) notice: Option<(Notice, Instant)>,
    pub(super) pending_action: Option<PendingAction>,
    /// Whether the learner's terminal has the focus, as far as it reports that.
    pub(super) has_focus: bool,
    /// When the terminal's bell was last rung.
    pub(super) rang: Option<Instant>,
    /// The changes on the screen since the last frame.
    pub(super) changed: Changed,
}

impl State {
    pub(super) fn new(setup: Setup) -> State {
        let asks = setup.user == UserKind::Root && setup.host.reaches_the_machine();
        let lab = if asks {
            LabPhase::Undecided
        } else {
            LabPhase::Starting
        };
        let overlay = asks.then_some(Overlay::Risk(setup.host));
        let mut state = State {
            size: setup.size,
            lang: setup.lang,
            theme: setup.theme,
            figures: setup.figures,
            leave_key: setup.leave_key,
            key_pause: setup.key_pause,
            system: System {
                user: setup.user,
                kernel: setup.kernel,
                kinds: setup.kinds,
                absent: setup.absent,
                clock: setup.clock,
            },
            lesson: LessonState::new(setup.lessons, setup.progress, setup.start.as_deref()),
            shells: Shells::new(setup.host, lab, setup.clipboard),
            next_launch: NextLaunch::new(),
            views: Views::new(overlay, setup.splits),
            marks: SeenSnapshots::default(),
            notice: None,
            pending_action: None,
            has_focus: true,
            rang: None,
            changed: Changed::Screen,
        };
        state.lesson.mistakes.all = setup.mistakes;
        state.compare_as_the_step_says();
        state
    }

    /// Compares the two sides that the step names.
    pub(super) fn compare_as_the_step_says(&mut self) {
        let step = self.step();
        let machine = step.is_some_and(LessonStep::needs_the_machine);
        let show = step.and_then(|step| step.show.as_ref());
        self.shells.step_sides = show.and_then(|show| show.compare);
        if machine {
            self.shells.machine.wanted = Some(true);
        }
    }

    /// The changes on the screen since the last `take_changed`.
    pub(crate) fn changed(&self) -> Changed {
        self.changed
    }

    /// Returns `changed` and resets it, before a frame is drawn.
    pub fn take_changed(&mut self) -> Changed {
        std::mem::take(&mut self.changed)
    }

    /// When a `Msg::Tick` is needed: a notice ends, a held-back screen is due, a prediction
    /// is measured, a pane scrolls on under the mouse, a key of a command is pressed.
    pub fn next_deadline(&self) -> Option<Instant> {
        let shells = self.shells.all();
        let shells = shells.map(|(_, shell)| shell.emulator.sync_deadline());
        let others = [
            self.notice.as_ref().map(|(_, until)| *until),
            self.measures_at(),
            self.views.scrolls_on_at(),
            self.lesson.keys_left.as_ref().map(|it| it.next),
            self.lesson
                .lab
                .rebuild
                .as_ref()
                .and_then(|it| it.deadline(&self.shells)),
        ];
        shells.chain(others).flatten().min()
    }

    /// When to measure a prediction again, even if nothing has changed.
    pub(super) fn measures_at(&self) -> Option<Instant> {
        self.lesson.measures_at(&self.shells, self.lang)
    }

    /// Shows a notice for a while.
    pub(super) fn say(&mut self, notice: Notice, now: Instant) {
        self.notice = Some((notice, now + NOTICE));
    }

    /// The layout of the screen.
    pub(crate) fn layout(&self) -> Layout {
        let arrangement = Arrangement {
            plan: &self.called(),
            splits: self.views.splits,
            used: self.views.used,
            zoomed: self.views.zoomed_pane(),
            map: self.views.map.beside,
        };
        Layout::of(self.size, arrangement)
    }

    /// The plan of the next launch as the launcher's calls carry it out: they join only namespaces in which the
    /// launcher is not already. Without snapshots of both sides, the whole plan.
    pub(crate) fn called(&self) -> Plan {
        let mut plan = self.next_launch.plan();
        if let Some(join) = plan.join
            && let Some(host) = &self.shells.get(Side::Host).snapshot
            && let Some(whose) = &self.shells.get(Side::Container(join.whose)).snapshot
        {
            let ours = own_namespaces(host, whose);
            let kinds = join.kinds.iter().filter(|kind| ours.contains(*kind));
            let kinds: NamespaceSet = kinds.collect();
            plan.join = (!kinds.is_empty()).then_some(Join { kinds, ..join });
        }
        plan
    }

    fn is_root(&self) -> bool {
        self.system.user == UserKind::Root
    }

    /// Restores the learner's own options in a step in which they launch on their own.
    pub(super) fn end_lessons_options(&mut self) {
        if self.step().is_some_and(LessonStep::leaves_launches) {
            self.next_launch.end_lessons_options();
        }
    }

    /// The flags, with those that a container on this host needs in addition.
    pub(crate) fn needed(&self, flags: NamespaceSet) -> NamespaceSet {
        self.shells.host_kind.needed(flags, self.is_root())
    }

    /// The plan with the needed flags, without options that have no effect with them.
    pub(crate) fn needed_plan(&self, plan: &Plan) -> Plan {
        let mut join = plan.join;
        if let Some(join) = &mut join
            && self.needed(join.kinds).contains(Namespace::User)
        {
            join.kinds.insert(Namespace::User);
        }
        // A process that joins a user namespace gets all capabilities in it, so it needs no USER flag.
        let flags = match join {
            Some(join) if join.kinds.contains(Namespace::User) => plan.flags,
            Some(_) | None => self.needed(plan.flags),
        };
        Plan {
            flags,
            join,
            options: plan.options.within(flags),
        }
    }

    /// Whether the launcher may make a time namespace without a user namespace of its own.
    pub(crate) fn may_make_time(&self) -> bool {
        match self.shells.host_kind {
            HostKind::Lab | HostKind::LabWithoutUser => true,
            HostKind::Machine => self.is_root(),
        }
    }

    /// Whether a lab host without a user namespace could be made where one with it could not.
    pub(crate) fn can_do_without_user(&self) -> bool {
        match &self.shells.lab {
            LabPhase::Failed {
                why: Failure::Refused(refusal),
                ..
            } => {
                self.is_root()
                    && self.shells.host_kind == HostKind::Lab
                    && matches!(refusal.step.call, Call::Unshare(kinds) if kinds.contains(Namespace::User))
            }
            LabPhase::Undecided
            | LabPhase::Starting
            | LabPhase::Ready
            | LabPhase::Gone
            | LabPhase::Failed { .. } => false,
        }
    }

    /// The lesson, in the language of the screen.
    pub(crate) fn lesson(&self) -> Option<&Lesson> {
        self.lesson.lesson(self.lang)
    }

    pub(crate) fn step(&self) -> Option<&LessonStep> {
        self.lesson.step(self.lang)
    }

    /// Whether a step can work here, as far as that is known before anybody tries it.
    pub(crate) fn can_work(&self, step: &LessonStep) -> Result<(), Lack> {
        requirements::can_work(step, &self.system, &self.shells)
    }

    /// The requirement that a step of a lesson lacks, such as a container that an earlier step could not make.
    pub(crate) fn lack_of(&self, lesson: &Lesson, number: usize) -> Option<Lack> {
        requirements::lack_of(lesson, number, &self.system, &self.shells)
    }

    /// The requirement that the present step lacks.
    pub(crate) fn lack(&self) -> Option<Lack> {
        let refused = self.lesson.walk.progress().fate == Fate::Refused;
        let lack = self.can_work(self.step()?).err();
        lack.or(refused.then_some(Lack::Container))
    }

    /// The progress of a lesson.
    pub(crate) fn standing(&self, lesson: usize) -> LessonStanding {
        let steps = self.lesson.lessons.lesson(lesson, self.lang);
        let steps = steps.map_or(&[][..], |lesson| &lesson.steps);
        LessonStanding::of(steps, |number, step| {
            (
                self.lesson.learners_walk().progress_of(lesson, number),
                self.can_work(step).is_ok(),
            )
        })
    }

    /// The flags the lesson is about.
    pub(crate) fn lesson_flags(&self) -> NamespaceSet {
        let lesson = self.lesson();
        lesson.map_or(NamespaceSet::EMPTY, |lesson| lesson.flags)
    }

    /// Whether the comparison has a column for the machine.
    pub(crate) fn shows_machine(&self) -> bool {
        let apart = match self.shells.host_kind {
            HostKind::Lab | HostKind::LabWithoutUser => true,
            // The machine is the host's column already.
            HostKind::Machine => false,
        };
        let room = || {
            let zoomed = self.views.zoomed_pane();
            if zoomed.is_some_and(|pane| !matches!(pane, Pane::Compare | Pane::Details)) {
                // While the column is hidden, its watcher stays as it is.
                return self.shells.machine.watched;
            }
            let area = self.layout().compare(self.views.compare.whole);
            area.is_some_and(|area| area.width >= ROOM_FOR_MACHINE)
        };
        apart && self.shells.machine.wanted.unwrap_or_else(room)
    }

    /// The view that has the place of the shells.
    pub(super) fn open_view(&self) -> Option<View> {
        let shown = match self.layout() {
            Layout::Zoomed(zoomed) => zoomed.pane,
            Layout::Full(_) => self.views.whole_pane()?,
            Layout::Compact(_) => self.views.compact_pane(),
            Layout::TooSmall => return None,
        };
        match shown {
            Pane::Compare => Some(View::Compare),
            Pane::Code => Some(View::Code),
            Pane::Trace => Some(View::Trace),
            Pane::Details => Some(View::Details),
            Pane::Lesson | Pane::Flags | Pane::Host | Pane::Container => None,
        }
    }

    /// The part of the screen that gets the keys.
    pub(crate) fn place(&self) -> Place {
        let overlay = self.views.overlay_place();
        overlay.unwrap_or_else(|| self.open_place())
    }

    /// The part of the screen that gets the keys without an overlay.
    pub(crate) fn open_place(&self) -> Place {
        if let Some(mode) = &self.views.copy_mode {
            return match mode.searching {
                Some(_) => Place::CopySearch,
                None => Place::CopyMode,
            };
        }
        let focus = self.views.focus;
        match focus {
            Pane::Lesson if self.watches() => Place::Watching,
            Pane::Lesson => {
                let step = self.step();
                match step.and_then(|step| self.lesson.walk.question(step)) {
                    Some(_) if !self.lesson.mistakes.shown && self.lack().is_none() => {
                        Place::Prediction
                    }
                    Some(_) | None => Place::Lesson,
                }
            }
            Pane::Compare | Pane::Code | Pane::Trace | Pane::Details
                if self.views.opened_by_lesson =>
            {
                Place::Shown
            }
            Pane::Flags => Place::Flags,
            Pane::Host | Pane::Container if self.focused_shell().is_some() => Place::Shell,
            Pane::Host | Pane::Container => match self.shells.lab {
                LabPhase::Undecided | LabPhase::Starting | LabPhase::Ready
                    if self.focuses_on_none() =>
                {
                    Place::Empty
                }
                LabPhase::Undecided | LabPhase::Starting | LabPhase::Ready => Place::Ended,
                LabPhase::Failed { .. } if self.can_do_without_user() => Place::NoUser,
                LabPhase::Failed { .. } | LabPhase::Gone => Place::NoLab,
            },
            Pane::Compare => Place::Compare,
            Pane::Code => Place::Code,
            Pane::Trace => Place::Trace,
            Pane::Details => Place::Details,
        }
    }

    fn watches(&self) -> bool {
        self.views.watched.is_some() && matches!(self.layout(), Layout::Compact(_))
    }

    /// The shells that are on the screen, each with its area.
    pub(crate) fn shown_shells(&self) -> Vec<(Side, Rect)> {
        let container = self.shells.container_side();
        let both = |host, area| vec![(Side::Host, host), (container, area)];
        let views = &self.views;
        match self.layout() {
            Layout::Full(at) if views.whole_pane().is_none() => both(at.host, at.container),
            Layout::Compact(at) => match views.compact_pane() {
                Pane::Host | Pane::Container if at.is_stacked() => both(at.host, at.container),
                Pane::Host => vec![(Side::Host, at.pane)],
                Pane::Container => vec![(container, at.pane)],
                _ => Vec::new(),
            },
            Layout::Zoomed(at) => match at.pane {
                Pane::Host => vec![(Side::Host, at.area)],
                Pane::Container => vec![(container, at.area)],
                _ => Vec::new(),
            },
            Layout::TooSmall | Layout::Full(_) => Vec::new(),
        }
    }

    /// The side whose shell's pane has the focus.
    pub(super) fn focused_side(&self) -> Option<Side> {
        match self.views.focus {
            Pane::Host => Some(Side::Host),
            Pane::Container => Some(self.shells.container_side()),
            _ => None,
        }
    }

    /// Whether no shell was launched in the pane that has the focus.
    fn focuses_on_none(&self) -> bool {
        let side = self.focused_side();
        side.is_some_and(|side| self.shells.get(side).phase == Phase::Absent)
    }

    /// The running shell whose pane has the focus.
    pub(super) fn focused_shell(&self) -> Option<Side> {
        self.focused_side()
            .filter(|side| self.shells.get(*side).runs())
    }

    /// The side whose shell gets the keys.
    pub(crate) fn typing_into(&self) -> Option<Side> {
        self.focused_shell()
            .filter(|_| self.views.overlay.is_none() && self.views.copy_mode.is_none())
    }

    /// The side whose pane has the cursor: the side whose shell gets the keys, or the side that is read in copy
    /// mode.
    pub(crate) fn cursor_side(&self) -> Option<Side> {
        let mode = self.views.copy_mode.as_ref();
        let read = mode.filter(|_| self.place() == Place::CopyMode);
        self.typing_into().or(read.map(|mode| mode.side))
    }

    /// Whether a program wants to know of every motion of the mouse.
    pub(crate) fn wants_motion(&self) -> bool {
        let shell = self.typing_into().map(|side| self.shells.get(side));
        shell.is_some_and(|shell| {
            shell.runs() && shell.emulator.modes().mouse == MouseReports::Motion
        })
    }

    /// A program has rung the bell. Of many rings in a row, the learner hears a few.
    pub(super) fn ring(&mut self, side: Side, now: Instant, effects: &mut Vec<Effect>) {
        if self.in_focus() != Some(side) && !self.shells.get(side).has_rung {
            self.shells.get_mut(side).has_rung = true;
            self.changed = Changed::Screen;
        }
        if self.rang.is_none_or(|rang| now >= rang + BETWEEN_RINGS) {
            self.rang = Some(now);
            effects.push(Effect::Ring);
        }
    }

    /// The shell that gets the keys, while the learner's terminal has the focus.
    pub(super) fn in_focus(&self) -> Option<Side> {
        self.typing_into().filter(|_| self.has_focus)
    }

    /// Opens the tab of a container and compares it. Its plan becomes that of the next launch.
    pub(super) fn show_tab(&mut self, side: Side) {
        let Side::Container(number) = side else {
            return;
        };
        if self.shells.tab == number {
            return;
        }
        self.shells.tab = number;
        self.shells.chosen_sides[1] = None;
        let shell = self.shells.container();
        if shell.launch > 0 {
            self.next_launch.set(shell.plan.clone());
        } else if self
            .next_launch
            .join
            .is_some_and(|join| join.whose == number)
        {
            self.next_launch.join = None;
        }
    }

    /// The plan that a side's shell needs for the commands of this part of the present step.
    pub(super) fn plan_of_run(&self, lesson: &Lesson, part: usize, side: Side) -> Plan {
        match side {
            Side::Host => Plan::default(),
            Side::Container(number) => {
                self.needed_plan(&self.lesson.walk.wanted(lesson, part, number))
            }
        }
    }

    /// The directory of the present lesson's files. On the machine none is shown.
    pub(super) fn lesson_share(&self) -> Option<PathBuf> {
        let lesson = self.lesson()?;
        let directory = lesson.shared_directory();
        directory.filter(|_| self.shells.host_kind != HostKind::Machine)
    }
}
