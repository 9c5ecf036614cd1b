//! Everything the lab knows at one moment.
//!
//! Owns the emulators, the snapshots and the walk. Changes only in `update`.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::code_view::Listing;
use super::keymap::{LeaveKey, Pane, Place};
use super::layout::Layout;
use super::msg::{Effect, Failure, Msg};
use super::notice::Notice;
use super::options;
use super::prompt::Prompt;
use super::reload::Broken;
use super::side_by_side::SideBySide;
use super::table::Marks;
use super::trace_view::Took;
use super::walk::{Hand, Lessons, Walk};
use crate::explain::Refusal;
use crate::lang::Lang;
use crate::lesson::{Context, Known, Last, Lesson, Step as LessonStep, View};
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::comparison::own_namespaces;
use crate::observe::{Detail, RowId, Snapshot};
use crate::progress::Course;
use crate::pty::emulator::Emulator;
use crate::sandbox::{Call, Exit, HostKind, Join, Nth, Options, Plan, Shortfall, Side, Step};
use crate::theme::Theme;

/// How long a notice stays.
pub(super) const NOTICE: Duration = Duration::from_secs(8);

/// Who the learner is on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    /// root.
    Root,
    /// Anyone else.
    Ordinary,
}

/// What the lab starts with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The language to begin with.
    pub lang: Lang,
    /// The lessons.
    pub lessons: Lessons,
    /// How much style the terminal gets.
    pub theme: Theme,
    /// Who the learner is on the machine.
    pub user: UserKind,
    /// The release of the kernel: `6.18.0`.
    pub kernel: String,
    /// The key that leaves a shell.
    pub leave_key: LeaveKey,
    /// What the host is.
    pub host: HostKind,
    /// The programs of the lessons that this machine doesn't have.
    pub absent: BTreeSet<String>,
    /// The kinds of namespace that the kernel has.
    pub kinds: NamespaceSet,
    /// What was kept of an earlier session; none where nothing is to be kept.
    pub progress: Option<Course>,
    /// The id of the lesson to begin with; where the learner was, else the first, where there is none
    /// of that id.
    pub start: Option<String>,
}

/// How far the lab host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lab {
    /// Not begun: the learner is asked first.
    Undecided,
    /// Being made.
    Starting,
    /// There.
    Ready,
    /// Could not be made: what was done, and why not.
    Failed { steps: Vec<Step>, why: Failure },
    /// Ended by itself.
    Gone,
}

/// How far a pane's shell is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Never launched in this lab.
    Absent,
    /// Launched, not there yet.
    Starting,
    /// There.
    Running,
    /// Ended.
    Exited(Exit),
    /// Refused, and why.
    Failed(Failure),
}

/// A pane's shell.
#[derive(Debug)]
pub(crate) struct Shell {
    pub emulator: Emulator,
    pub phase: Phase,
    /// The number of its launch; 0 before the first.
    pub launch: u32,
    /// What it was made with, or was to be.
    pub plan: Plan,
    /// What its launch did.
    pub steps: Vec<Step>,
    /// Those of them that were refused, and what is behind each.
    pub refusals: Vec<Refusal>,
    pub snapshot: Option<Box<Snapshot>>,
    /// More of what it sees, while somebody looks.
    pub detail: Option<Box<Detail>>,
    /// Whether somebody looks.
    pub detail_watched: bool,
}

impl Shell {
    pub(super) fn absent() -> Self {
        Shell {
            // A launch gives it the size of its pane.
            emulator: Emulator::new(1, 1),
            phase: Phase::Absent,
            launch: 0,
            plan: Plan::default(),
            steps: Vec::new(),
            refusals: Vec::new(),
            snapshot: None,
            detail: None,
            detail_watched: false,
        }
    }

    pub(crate) fn runs(&self) -> bool {
        self.phase == Phase::Running
    }

    /// The last command that has ended in it.
    fn last(&self) -> Option<Last<'_>> {
        let ended = self.emulator.last_command()?;
        Some(Last {
            status: ended.status,
            output: &ended.output,
        })
    }
}

/// What is known of the machine, beside the two sides.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    /// Whether the learner wants to see it; else it is seen where there is room.
    pub wanted: Option<bool>,
    /// Whether it is being watched.
    pub watched: bool,
    pub snapshot: Option<Box<Snapshot>>,
}

/// What lies over the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// The keys of a place, from this line on.
    Help { place: Place, scroll: usize },
    /// The lessons, with the cursor on one.
    Lessons { cursor: usize },
    /// What the words of the lessons mean, with the cursor on the term of this id.
    Glossary { id: String },
    /// The line that is to run on both sides.
    Prompt,
    /// What the next launch does beside making namespaces, with the cursor on a row.
    Options { row: options::Row },
    /// The question whether to quit, with what runs.
    Quit { running: Vec<(Side, String)> },
    /// The question whether to use a host that does not protect the machine.
    Risk(HostKind),
}

/// What would end the shells, and with them what runs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// Quitting.
    Quit,
    /// Beginning the lesson again.
    BeginAgain,
}

/// Everything the lab knows.
#[derive(Debug)]
pub struct State {
    pub(crate) size: (u16, u16),
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) user: UserKind,
    pub(crate) kernel: String,
    pub(crate) leave_key: LeaveKey,
    pub(crate) lessons: Lessons,
    /// The programs of the lessons that this machine doesn't have.
    pub(crate) absent: BTreeSet<String>,
    /// The kinds of namespace that the kernel has.
    pub(crate) kinds: NamespaceSet,
    /// What the lab host could not be given.
    pub(super) shortfalls: Vec<Shortfall>,
    pub(crate) walk: Walk,
    /// What is wrong with the lessons as they were saved last.
    pub(crate) broken: Option<Broken>,
    /// What has been kept of it last; none where nothing is to be kept.
    pub(super) kept: Option<Course>,
    /// Whether it is to be said that the learner is where they left off.
    pub(super) resumed: bool,
    /// What the host is.
    pub(crate) ground: HostKind,
    pub(crate) lab: Lab,
    pub(crate) machine: Machine,
    /// What was done to make the lab host that is there.
    pub(crate) made: Vec<Step>,
    pub(crate) host: Shell,
    pub(crate) containers: [Shell; Nth::COUNT],
    /// Which of them is shown.
    pub(crate) tab: Nth,
    /// The sides that are compared, where the learner has chosen them.
    pub(crate) compared: [Option<Side>; 2],
    pub(super) launches: u32,
    /// The flags of the next launch.
    pub(crate) chosen: NamespaceSet,
    /// What it does beside making namespaces.
    pub(crate) options: Options,
    /// What it joins.
    pub(crate) join: Option<Join>,
    /// The flag under the cursor.
    pub(crate) flag: Namespace,
    pub(crate) focus: Pane,
    /// On a compact screen: the shell that is shown though the lesson has the keys.
    pub(crate) watching: Option<Side>,
    pub(crate) reader: Reader,
    /// The terms of the glossary that were explained since the lab was opened.
    pub(crate) explained: BTreeSet<String>,
    /// Whether the view that has the focus was opened by the lesson.
    pub(crate) by_lesson: bool,
    pub(crate) overlay: Option<Overlay>,
    pub(crate) zoomed: bool,
    /// The first line of the step that is shown.
    pub(crate) lesson_scroll: usize,
    pub(crate) compare_scroll: usize,
    pub(crate) code: Listing,
    pub(crate) took: Took,
    /// The row of the comparison under the cursor.
    pub(crate) cursor: RowId,
    pub(crate) side_by_side: SideBySide,
    pub(crate) prompt: Prompt,
    pub(crate) marks: Marks,
    pub(crate) notice: Option<(Notice, Instant)>,
    pub(crate) context: Context,
    /// The views that have been opened at some time.
    pub(super) seen: Vec<View>,
    /// Whose doing it is when a check turns true.
    pub(super) hand: Hand,
    /// A run's line that is on its way to a shell: taken back if the shell is busy.
    pub(super) on_its_way: Option<(Side, (usize, usize), Line)>,
    /// Where the lesson typed its last line: the side, its launch, how many commands had ended, and
    /// when that was.
    pub(super) typed: Option<(Side, u32, u64, Instant)>,
    /// What the question what runs is on its way for.
    pub(super) asking: Option<Asking>,
}

/// How long the end of a line that the lesson typed is waited for, before what it did is measured.
const LONGEST_LINE: Duration = Duration::from_secs(10);

/// Where the learner reads in the lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Where Enter has led.
    Follows,
    /// Where they have scrolled since.
    Elsewhere,
}

/// A line of the lesson that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Of the run that is this part.
    OfPart(usize),
    /// Of what does the step for the learner.
    OfScript,
}

impl State {
    /// The lab at its start, and what is to be done first.
    pub fn new(setup: Setup) -> (State, Vec<Effect>) {
        let start = setup.start.and_then(|id| setup.lessons.index(&id));
        let mut walk = Walk::new(start.unwrap_or(0));
        let mut resumed = false;
        if let Some(course) = &setup.progress {
            walk.take_up(course, &setup.lessons);
            resumed = start.is_none() && walk.resume(course, &setup.lessons);
        }
        let asks = setup.user == UserKind::Root && setup.host.reaches_the_machine();
        let state = State {
            size: setup.size,
            lang: setup.lang,
            theme: setup.theme,
            user: setup.user,
            kernel: setup.kernel,
            leave_key: setup.leave_key,
            lessons: setup.lessons,
            absent: setup.absent,
            kinds: setup.kinds,
            shortfalls: Vec::new(),
            kept: setup.progress,
            resumed,
            walk,
            broken: None,
            ground: setup.host,
            lab: if asks { Lab::Undecided } else { Lab::Starting },
            machine: Machine::default(),
            made: Vec::new(),
            host: Shell::absent(),
            containers: std::array::from_fn(|_| Shell::absent()),
            tab: Nth::FIRST,
            compared: [None; 2],
            launches: 0,
            chosen: NamespaceSet::EMPTY,
            options: Options::default(),
            join: None,
            flag: Namespace::Uts,
            focus: Pane::Lesson,
            watching: None,
            reader: Reader::Follows,
            explained: BTreeSet::new(),
            by_lesson: false,
            overlay: asks.then_some(Overlay::Risk(setup.host)),
            zoomed: false,
            lesson_scroll: 0,
            compare_scroll: 0,
            code: Listing::default(),
            took: Took::default(),
            cursor: RowId::Hostname,
            side_by_side: SideBySide::new(),
            prompt: Prompt::default(),
            marks: Marks::default(),
            notice: None,
            context: Known::default().context(),
            seen: Vec::new(),
            hand: Hand::Lesson,
            on_its_way: None,
            typed: None,
            asking: None,
        };
        let start = (!asks).then_some(Effect::StartLab { host: setup.host });
        (state, start.into_iter().collect())
    }

    /// Whether a message can change what is on the screen. A launch has dozens of steps, and a frame
    /// for each would keep the processor from the launch.
    pub fn shows(&self, msg: &Msg) -> bool {
        match msg {
            Msg::Step { .. } | Msg::Refused { .. } => self.focus == Pane::Took,
            _ => true,
        }
    }

    /// When a `Msg::Tick` is needed: a mark fades, a notice ends, a held-back screen is due,
    /// what was predicted is measured.
    pub fn next_deadline(&self) -> Option<Instant> {
        let shells = self
            .shells()
            .map(|(_, shell)| shell.emulator.sync_deadline());
        let others = [
            self.marks.next(),
            self.notice.as_ref().map(|(_, until)| *until),
            self.measures_at(),
        ];
        shells.chain(others).flatten().min()
    }

    /// Whether the last line that the lesson typed has not ended yet. Only bash tells.
    pub(super) fn underway(&self, now: Instant) -> bool {
        self.line_ends_by().is_some_and(|by| now < by)
    }

    /// Until when it is waited for the end of that line.
    fn line_ends_by(&self) -> Option<Instant> {
        let (side, launch, commands, at) = self.typed?;
        let shell = self.shell(side);
        let emulator = &shell.emulator;
        let tells = shell.runs() && shell.launch == launch && emulator.prompts() > 0;
        (tells && emulator.commands() == commands).then_some(at + LONGEST_LINE)
    }

    /// When it is time to measure again what a prediction was about, though nothing has changed.
    pub(super) fn measures_at(&self) -> Option<Instant> {
        let (step, progress) = (self.step()?, self.walk.progress());
        let waits = || {
            self.line_ends_by()
                .filter(|_| progress.waits_for_verdict(step))
        };
        progress.measures_at(step).or_else(waits)
    }

    /// The layout of the screen.
    pub(crate) fn layout(&self) -> Layout {
        Layout::of(self.size, &self.called())
    }

    pub(crate) fn shell(&self, side: Side) -> &Shell {
        match side {
            Side::Host => &self.host,
            Side::Container(nth) => &self.containers[nth.index()],
        }
    }

    pub(super) fn shell_mut(&mut self, side: Side) -> &mut Shell {
        match side {
            Side::Host => &mut self.host,
            Side::Container(nth) => &mut self.containers[nth.index()],
        }
    }

    /// What the next launch is to make.
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            flags: self.chosen,
            join: self.join,
            options: self.options,
        }
    }

    /// The same as the launcher calls it: it joins only what it is not in already, as far as that can
    /// be seen.
    pub(crate) fn called(&self) -> Plan {
        let mut plan = self.plan();
        if let Some(join) = plan.join
            && let Some(host) = &self.host.snapshot
            && let Some(whose) = &self.shell(Side::Container(join.whose)).snapshot
        {
            let ours = own_namespaces(host, whose);
            let kinds: NamespaceSet = join
                .kinds
                .iter()
                .filter(|kind| ours.contains(*kind))
                .collect();
            plan.join = (!kinds.is_empty()).then_some(Join { kinds, ..join });
        }
        plan
    }

    /// The flags a container needs that is to have these.
    pub(crate) fn needed(&self, flags: NamespaceSet) -> NamespaceSet {
        self.ground.needed(flags, self.user == UserKind::Root)
    }

    /// The same for all of a plan; with only those options that mean something beside its flags.
    pub(crate) fn needed_plan(&self, plan: Plan) -> Plan {
        let mut join = plan.join;
        if let Some(join) = &mut join
            && self.needed(join.kinds).contains(Namespace::User)
        {
            join.kinds.insert(Namespace::User);
        }
        // Who has joined a user namespace is root in it.
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

    /// Whether the launcher may make a time namespace outside of a user namespace of its own.
    pub(crate) fn may_make_time(&self) -> bool {
        match self.ground {
            HostKind::Lab | HostKind::LabWithoutUser => true,
            HostKind::Machine => self.user == UserKind::Root,
        }
    }

    /// Whether a lab host without a user namespace could be made where one with it could not.
    pub(crate) fn can_do_without_user(&self) -> bool {
        match &self.lab {
            Lab::Failed {
                why: Failure::Refused(refusal),
                ..
            } => {
                self.user == UserKind::Root
                    && self.ground == HostKind::Lab
                    && matches!(refusal.step.call, Call::Unshare(kinds) if kinds.contains(Namespace::User))
            }
            Lab::Undecided | Lab::Starting | Lab::Ready | Lab::Gone | Lab::Failed { .. } => false,
        }
    }

    pub(super) fn refresh_context(&mut self) {
        let known = Known {
            host: self.host.snapshot.as_deref(),
            containers: Nth::ALL.map(|nth| self.containers[nth.index()].snapshot.as_deref()),
            machine: self.machine.snapshot.as_deref(),
            host_last: self.host.last(),
            containers_last: Nth::ALL.map(|nth| self.containers[nth.index()].last()),
            chosen: self.chosen,
            seen: &self.seen,
            ground: self.ground,
        };
        self.context = known.context();
    }

    /// The lesson, in the language of the screen.
    pub(crate) fn lesson(&self) -> Option<&Lesson> {
        self.lessons.lesson(self.walk.lesson(), self.lang)
    }

    /// The step of the lesson.
    pub(crate) fn step(&self) -> Option<&LessonStep> {
        self.lesson()?.steps.get(self.walk.step())
    }

    /// The flags the lesson is about.
    pub(crate) fn lesson_flags(&self) -> NamespaceSet {
        self.lesson()
            .map_or(NamespaceSet::EMPTY, |lesson| lesson.flags)
    }

    /// The pane a compact screen shows: flags stand above it in any case.
    pub(crate) fn shown(&self) -> Pane {
        match (self.focus, self.watching) {
            (Pane::Lesson, Some(Side::Host)) => Pane::Host,
            (Pane::Lesson, Some(Side::Container(_))) => Pane::Container,
            (Pane::Flags, _) => Pane::Lesson,
            (pane, _) => pane,
        }
    }

    /// The pane that has the whole right column of a full screen; none while it is divided.
    pub(crate) fn whole(&self) -> Option<Pane> {
        match self.focus {
            Pane::Code | Pane::Took | Pane::Details => Some(self.focus),
            Pane::Lesson | Pane::Flags | Pane::Host | Pane::Container | Pane::Compare => {
                self.zoomed.then_some(Pane::Compare)
            }
        }
    }

    /// The view that has the place of the shells.
    pub(super) fn open_view(&self) -> Option<View> {
        let shown = match self.layout() {
            Layout::Full(_) => self.whole()?,
            Layout::Compact(_) => self.shown(),
            Layout::TooSmall => return None,
        };
        match shown {
            Pane::Compare => Some(View::Compare),
            Pane::Code => Some(View::Code),
            Pane::Took => Some(View::Took),
            Pane::Details => Some(View::Details),
            Pane::Lesson | Pane::Flags | Pane::Host | Pane::Container => None,
        }
    }

    /// Where the keys go.
    pub(crate) fn place(&self) -> Place {
        match &self.overlay {
            Some(Overlay::Help { .. }) => Place::Help,
            Some(Overlay::Lessons { .. }) => Place::Lessons,
            Some(Overlay::Glossary { .. }) => Place::Glossary,
            Some(Overlay::Prompt) => Place::Prompt,
            Some(Overlay::Options { .. }) => Place::Options,
            Some(Overlay::Quit { .. }) => Place::QuitQuestion,
            Some(Overlay::Risk(_)) => Place::RiskQuestion,
            None => self.open_place(),
        }
    }

    /// Where the keys go when nothing lies over the screen.
    pub(crate) fn open_place(&self) -> Place {
        match self.focus {
            Pane::Lesson if self.watches() => Place::Watching,
            Pane::Lesson => {
                let question = self.step().and_then(|step| self.walk.question(step));
                match question {
                    Some(_) if self.broken.is_none() && self.lack().is_none() => Place::Prediction,
                    Some(_) | None => Place::Lesson,
                }
            }
            Pane::Compare | Pane::Code | Pane::Took | Pane::Details if self.by_lesson => {
                Place::Shown
            }
            Pane::Flags => Place::Flags,
            Pane::Host if self.host.runs() => Place::Shell,
            Pane::Container if self.container().runs() => Place::Shell,
            Pane::Host | Pane::Container => match self.lab {
                Lab::Undecided | Lab::Starting | Lab::Ready => Place::Ended,
                Lab::Failed { .. } if self.can_do_without_user() => Place::NoUser,
                Lab::Failed { .. } | Lab::Gone => Place::NoLab,
            },
            Pane::Compare => Place::Compare,
            Pane::Code => Place::Code,
            Pane::Took => Place::Took,
            Pane::Details => Place::Details,
        }
    }

    fn watches(&self) -> bool {
        self.watching.is_some() && matches!(self.layout(), Layout::Compact(_))
    }

    /// The side whose shell gets the keys.
    pub(crate) fn typing_into(&self) -> Option<Side> {
        if self.overlay.is_some() {
            return None;
        }
        match self.focus {
            Pane::Host if self.host.runs() => Some(Side::Host),
            Pane::Container if self.container().runs() => Some(self.container_side()),
            _ => None,
        }
    }
}
