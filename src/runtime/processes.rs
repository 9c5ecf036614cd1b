//! The processes that the app asks for: the lab host, a shell on each side, watchers, commands.
//!
//! Must not know what the app does with their reports.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::commands::{self, Commands, Limits};
use super::incoming::Reporter;
use super::shell_process::ShellProcess;
use super::sources::{Source, WatchedSubject};
use super::waiting_helper::{Launchable, WaitingHelper};
use super::watchers::{Sights, WatchEvent, Watchers};

use crate::app::{
    Column, Compared, Failure, LabEvent, MachineEvent, MapEvent, Msg, ProcessEvent, ProcessId,
    ShellEvent, Through, TypingEvent,
};
use crate::explain::Refusal;
use crate::observe::Question;
use crate::observe::watch;
use crate::observe::watcher::{SeenReport, WatchedPart};
use crate::poller::{Poller, Ready, Watched};
use crate::pty::session::Session;
use crate::sandbox::RefusedStep;
use crate::sandbox::channel::Channel;
use crate::sandbox::entry::{Errand, ProgramEntry};
use crate::sandbox::environment::{OutputTarget, shell};
use crate::sandbox::groundwork::EarlyGroundwork;
use crate::sandbox::lab::LabError;
use crate::sandbox::launch::{Event, HeldProcess};
use crate::sandbox::{Host, HostKind, Plan, Side};

/// Ctrl-E, a space and Ctrl-U: to the end of the line, then clear it. Works in readline and in a
/// terminal's own line editing. Without the space readline would ring the bell where the line is empty.
const CLEAR_LINE: &[u8] = b"\x05 \x15";
/// Ctrl-C.
const CANCEL: &[u8] = b"\x03";

/// How long after a launch the next one is prepared. The prompt of the launched shell comes first.
const PREPARED: Duration = Duration::from_millis(100);

/// How long a shell takes from its start to its prompt. Other work waits that long, to leave it the
/// processor.
const PROMPT: Duration = Duration::from_millis(20);
/// The longest wait of other work after a launch has begun, if no shell starts.
const LAUNCH: Duration = Duration::from_millis(200);

/// How long a flood may wait for an echo in another shell.
const ECHO: Duration = Duration::from_millis(5);

pub(super) struct Processes {
    poller: Poller<Source>,
    /// A directory that each lab host shows a copy of.
    share: Option<PathBuf>,
    /// The groundwork of the first lab host.
    early: Option<EarlyGroundwork>,
    host: Option<Host>,
    /// Readable once the lab host has ended.
    host_end: Option<Watched<Channel, Source>>,
    shells: BTreeMap<Side, ShellProcess>,
    /// The helper of the next launch, and the time to start it.
    waiting: Option<WaitingHelper>,
    prepare_at: Option<Instant>,
    /// During a launch: the time until which other work waits.
    waits_until: Option<Instant>,
    /// New sizes of terminals. They are set after `waits_until`, as a shell draws its prompt again at a new size.
    sizes: BTreeMap<Side, (u16, u16)>,
    watchers: Watchers,
    /// The process that was picked for each column.
    picked: [Option<PickedProcess>; 2],
    /// The side that this batch of effects has typed a line into. A second line is typed too, though the first
    /// one's command may have the foreground by now.
    typed_into: Option<Side>,
    /// Input of the learner that a shell has not echoed yet. Meanwhile the floods of other shells wait.
    unechoed: Option<Unechoed>,
    commands: Commands,
}

/// A picked process, which has a column of the comparison.
struct PickedProcess {
    /// The number in its messages.
    number: u32,
    process: HeldProcess,
}

/// Something typed whose echo has not come yet.
struct Unechoed {
    side: Side,
    /// Floods wait until then at the latest: some input is never echoed.
    until: Instant,
}

impl Processes {
    pub(super) fn new(
        poller: Poller<Source>,
        reporter: Reporter,
        share: Option<PathBuf>,
        early: Option<EarlyGroundwork>,
    ) -> Self {
        Self {
            commands: Commands::new(reporter),
            watchers: Watchers::new(&poller),
            poller,
            share,
            early,
            host: None,
            host_end: None,
            shells: BTreeMap::new(),
            waiting: None,
            prepare_at: None,
            waits_until: None,
            sizes: BTreeMap::new(),
            picked: [None, None],
            typed_into: None,
            unechoed: None,
        }
    }

    /// The process of a shell, or one that was picked.
    fn process(&self, of: Compared) -> Option<HeldProcess> {
        match of {
            Compared::Shell(side) => self.shells.get(&side)?.process.clone(),
            Compared::Process(number) => {
                let picked = self.picked[self.column_of(number)? as usize].as_ref();
                picked.map(|it| it.process.clone())
            }
        }
    }

    /// Called when all effects of one message are carried out.
    pub(super) fn end_batch(&mut self) {
        self.typed_into = None;
    }

    /// A snapshot of each side, taken now, and the answers to the lesson's questions.
    pub(super) fn fresh_snapshots(&mut self) -> Vec<Msg> {
        self.catch_up();
        let sights = self.watchers.look(self.host.as_ref());
        self.sights(sights)
    }

    /// When `expire` has to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let echo = self.unechoed.as_ref().map(|it| it.until);
        let others = [echo, self.prepare_at, self.waits_until];
        let shells = self.shells.values().filter_map(|it| it.reports.deadline());
        shells.chain(others.into_iter().flatten()).min()
    }

    /// Notices helpers that should have reported by now, and echoes that don't come. Prepares the next
    /// launch.
    pub(super) fn expire(&mut self) -> Vec<Msg> {
        if self.waits_until.is_some_and(|at| at <= Instant::now()) {
            self.catch_up();
        }
        if self.prepare_at.is_some_and(|at| at <= Instant::now()) {
            self.prepare_at = None;
            self.prepare();
        }
        if self
            .unechoed
            .as_ref()
            .is_some_and(|it| it.until <= Instant::now())
        {
            self.go_on_with_floods();
        }
        Side::all()
            .flat_map(|side| self.launch_events(side))
            .collect()
    }

    /// Reads a source that is ready.
    pub(super) fn read(&mut self, source: Source, ready: Ready) -> Vec<Msg> {
        match source {
            Source::Terminal | Source::Signal(_) | Source::Workers => Vec::new(),
            Source::LabHost => {
                // A guard that is ready sends nothing more: this is its end.
                self.host_end = None;
                self.prepare_nothing();
                vec![Msg::Lab(LabEvent::Gone)]
            }
            Source::Reports(side) => self.launch_events(side),
            Source::Helper(side) => {
                let messages = self.launch_events(side);
                if let Some(shell) = self.shells.get_mut(&side) {
                    shell.reap_helper();
                }
                messages
            }
            Source::Watcher(by) => {
                let sights = self.watchers.take(by, self.host.as_ref());
                self.sights(sights)
            }
            Source::Children => {
                let sights = self.watchers.replace_stopped(self.host.as_ref());
                self.sights(sights)
            }
            Source::Shell(side) => self.output(side, |shell| shell.exchange(ready)),
            Source::Flood(side) => self.output(side, ShellProcess::take_flood),
        }
    }

    fn output(&mut self, side: Side, read: impl FnOnce(&mut ShellProcess) -> Vec<u8>) -> Vec<Msg> {
        if self.unechoed.as_ref().is_some_and(|it| it.side == side) {
            self.go_on_with_floods();
        }
        self.of_shell(side, |shell| {
            let bytes = read(shell);
            let event = (!bytes.is_empty()).then_some(ShellEvent::Output(bytes));
            event.into_iter().collect()
        })
    }

    /// Whether a side's shell prints more than can be shown.
    pub(super) fn is_flood(&self, side: Side) -> bool {
        self.shells.get(&side).is_some_and(ShellProcess::is_flood)
    }

    /// The messages for a side's shell; none if there is no shell.
    fn of_shell(
        &mut self,
        side: Side,
        read: impl FnOnce(&mut ShellProcess) -> Vec<ShellEvent>,
    ) -> Vec<Msg> {
        let Some(shell) = self.shells.get_mut(&side) else {
            return Vec::new();
        };
        let launch = shell.launch;
        let message = |event| Msg::Shell(side, launch, event);
        read(shell).into_iter().map(message).collect()
    }

    /// The messages about a side's launch since the last look.
    fn launch_events(&mut self, side: Side) -> Vec<Msg> {
        let Some(shell) = self.shells.get_mut(&side) else {
            return Vec::new();
        };
        let launch = shell.launch;
        let events = shell.reports.events();
        let message = |event| {
            let event = match event {
                Event::Step(step) => ShellEvent::Step(step),
                Event::Refused(refused) => ShellEvent::Refused(Box::new(Refusal::from(&refused))),
                Event::Started(process) => ShellEvent::Started(self.watch_shell(side, process)),
                Event::Exited(exit) => {
                    self.forget(side);
                    ShellEvent::Exited(exit)
                }
                Event::Failed(refused) => {
                    ShellEvent::Failed(refused.map_or(Failure::Silent, |it| failure(&it)))
                }
            };
            Msg::Shell(side, launch, event)
        };
        events.into_iter().map(message).collect()
    }

    /// Makes the lab host. The directory `lessons`, if given, is shared instead of the learner's.
    pub(super) fn start_lab(&mut self, kind: HostKind, lessons: Option<&Path>) -> Msg {
        for side in Side::all() {
            self.end(side);
        }
        self.host_end = None;
        self.prepare_nothing();
        self.watchers.end_lab();
        self.host = None;
        let mut waiting = None;
        let early = self.early.take();
        let share = lessons.or(self.share.as_deref());
        let started = Host::start_beside(kind, share, early, |lab| {
            waiting = WaitingHelper::start(lab, Launchable::HostShell).ok();
        });
        self.waiting = waiting;
        match started {
            Ok(host) => {
                let end = host.watch_end();
                self.host_end = end.and_then(|end| self.poller.watch(end, Source::LabHost).ok());
                let (steps, shortfalls) = (host.steps().to_vec(), host.shortfalls().to_vec());
                self.host = Some(host);
                Msg::Lab(LabEvent::Ready { steps, shortfalls })
            }
            Err(error) => lab_failed(error),
        }
    }

    /// Starts the helper of the next container, unless one waits already.
    fn prepare(&mut self) {
        let next = Launchable::Container;
        self.waiting.take_if(|waiting| !waiting.can_launch(next));
        if let Some(Host::Lab(lab)) = &self.host
            && self.waiting.is_none()
        {
            self.waiting = WaitingHelper::start(lab, next).ok();
        }
    }

    fn prepare_nothing(&mut self) {
        self.waiting = None;
        self.prepare_at = None;
    }

    /// Without a watcher the machine's column stays empty; the lab works all the same.
    pub(super) fn watch_machine(&mut self, wanted: bool) {
        self.watchers.forget(WatchedSubject::Machine);
        if wanted && let Ok(ourselves) = watch::ourselves() {
            let what = WatchedPart::Snapshot;
            let _ = self
                .watchers
                .watch(&Host::Machine, WatchedSubject::Machine, what, &ourselves);
        }
    }

    /// Starts or stops the watcher of the map. Returns a message where it can't be started.
    pub(super) fn watch_map(&mut self, wanted: bool) -> Option<Msg> {
        self.watchers.forget(WatchedSubject::Map);
        if !wanted {
            return None;
        }
        let Some(host) = &self.host else {
            return Some(Msg::Map(MapEvent::NoLab));
        };
        let first = watch::first_process(host).map_err(io::Error::from);
        let watched = first.and_then(|first| {
            self.watchers
                .watch(host, WatchedSubject::Map, WatchedPart::Map, &first)
        });
        watched.err().map(|error| {
            Msg::Map(MapEvent::NotStarted {
                why: error.to_string(),
            })
        })
    }

    /// Watches what a process of the map sees, or the content of a namespace without processes. Returns a message
    /// if there is nothing to see.
    pub(super) fn look_inside(&mut self, through: Option<&Through>) -> Option<Msg> {
        self.watchers.forget(WatchedSubject::Inside);
        let (process, what) = match through? {
            Through::Process(process) => (process, WatchedPart::Inside),
            Through::Holder { process, visit } => (process, WatchedPart::Kept(visit.clone())),
        };
        let process = HeldProcess::numbered(process.outside, &process.numbers);
        let watched = self.watch(WatchedSubject::Inside, what, process.as_ref());
        (!watched).then_some(Msg::Map(MapEvent::InsideEnded))
    }

    /// Watches a subject through a process, if there is one. Returns whether it is watched now.
    fn watch(
        &mut self,
        subject: WatchedSubject,
        what: WatchedPart,
        process: Option<&HeldProcess>,
    ) -> bool {
        let (Some(host), Some(process)) = (&self.host, process) else {
            self.watchers.forget(subject);
            return false;
        };
        self.watchers.watch(host, subject, what, process).is_ok()
    }

    /// Stops watching a side's shell.
    fn forget(&mut self, side: Side) {
        for subject in [
            WatchedSubject::Shell,
            WatchedSubject::Detail,
            WatchedSubject::Asked,
        ] {
            self.watchers.forget(subject(side));
        }
    }

    /// The reports of watchers, as messages.
    fn sights(&mut self, sights: Sights) -> Vec<Msg> {
        let replaced = sights.replaced.then_some(Msg::WatchedAgain);
        let all = sights.all.into_iter();
        let told = all.filter_map(|(subject, sight)| match sight {
            WatchEvent::Seen(seen) => self.seen(subject, seen),
            WatchEvent::Over => self.unseen(subject),
        });
        told.chain(replaced).collect()
    }

    fn seen(&self, subject: WatchedSubject, seen: SeenReport) -> Option<Msg> {
        let of_shell = |side, event| Some(Msg::Shell(side, self.shells.get(&side)?.launch, event));
        let of_picked = |column: Column, event| {
            let picked = self.picked[column as usize].as_ref()?;
            Some(Msg::Process(picked.number, event))
        };
        match (subject, seen) {
            (WatchedSubject::Shell(side), SeenReport::Snapshot(it)) => {
                of_shell(side, ShellEvent::Snapshot(it))
            }
            (WatchedSubject::Detail(side), SeenReport::Detail(it)) => {
                of_shell(side, ShellEvent::Detail(it))
            }
            (WatchedSubject::Asked(side), SeenReport::Asked(it)) => {
                of_shell(side, ShellEvent::Asked(it))
            }
            (WatchedSubject::Machine, SeenReport::Snapshot(it)) => {
                Some(Msg::Machine(MachineEvent::Snapshot(it)))
            }
            (WatchedSubject::Map, SeenReport::Map(it)) => Some(Msg::Map(MapEvent::Seen(it))),
            (WatchedSubject::Inside, SeenReport::Inside(it)) => {
                Some(Msg::Map(MapEvent::Inside(it)))
            }
            (WatchedSubject::Picked(column), SeenReport::Snapshot(it)) => {
                of_picked(column, ProcessEvent::Snapshot(it))
            }
            (WatchedSubject::PickedDetail(column), SeenReport::Detail(it)) => {
                of_picked(column, ProcessEvent::Detail(it))
            }
            // An answer to a question that was replaced.
            (_, SeenReport::Snapshot(_) | SeenReport::Detail(_) | SeenReport::Asked(_)) => None,
            (_, SeenReport::Inside(_) | SeenReport::Map(_)) => None,
        }
    }

    /// The message for a subject that is no longer watched, because its process or its watcher has ended.
    fn unseen(&mut self, subject: WatchedSubject) -> Option<Msg> {
        match subject {
            WatchedSubject::Shell(side) => {
                let shell = self.shells.get(&side)?;
                let runs = shell.process.as_ref().is_some_and(|it| !it.has_ended());
                runs.then_some(Msg::Shell(side, shell.launch, ShellEvent::Unwatched))
            }
            WatchedSubject::Map => Some(Msg::Map(MapEvent::Ended)),
            WatchedSubject::Inside => Some(Msg::Map(MapEvent::InsideEnded)),
            WatchedSubject::Picked(column) => {
                self.watchers.forget(WatchedSubject::PickedDetail(column));
                let picked = self.picked[column as usize].take()?;
                Some(Msg::Process(picked.number, ProcessEvent::Ended))
            }
            WatchedSubject::Machine => Some(Msg::Machine(MachineEvent::Unwatched)),
            WatchedSubject::Detail(_)
            | WatchedSubject::Asked(_)
            | WatchedSubject::PickedDetail(_) => None,
        }
    }

    /// Watches the process that was picked for a column; with `None`, stops. Answers if the process has
    /// ended.
    pub(super) fn watch_process(
        &mut self,
        column: Column,
        process: Option<(u32, ProcessId)>,
    ) -> Option<Msg> {
        let slot = column as usize;
        self.picked[slot] = None;
        self.watchers.forget(WatchedSubject::PickedDetail(column));
        self.watchers.forget(WatchedSubject::Picked(column));
        let (number, id) = process?;
        let process = HeldProcess::numbered(id.outside, &id.numbers);
        let subject = WatchedSubject::Picked(column);
        if !self.watch(subject, WatchedPart::Snapshot, process.as_ref()) {
            return Some(Msg::Process(number, ProcessEvent::Ended));
        }
        self.picked[slot] = process.map(|process| PickedProcess { number, process });
        None
    }

    /// The column of a picked process.
    fn column_of(&self, number: u32) -> Option<Column> {
        let is_it = |column: &Column| {
            let picked = self.picked[*column as usize].as_ref();
            picked.is_some_and(|picked| picked.number == number)
        };
        Column::ALL.into_iter().find(is_it)
    }

    /// Ends what runs on that side, and launches a shell there.
    pub(super) fn launch(
        &mut self,
        side: Side,
        launch: u32,
        plan: Plan,
        (cols, rows): (u16, u16),
    ) -> Result<(), Failure> {
        self.end(side);
        let number = match side {
            Side::Host => 1,
            Side::Container(number) => number.get() + 1,
        };
        let tty = format!("tty{number}");
        let to_join = plan
            .join
            .and_then(|join| self.process(Compared::Shell(Side::Container(join.whose))));
        let host = self.host.as_ref().ok_or(Failure::NoLab)?;
        let program = shell();
        let entry = ProgramEntry {
            errand: Errand::Launch,
            side,
            plan: plan.clone(),
            tty: Some(&tty),
            screen: OutputTarget::Pane,
            program: &program,
        };
        let next = Launchable::on(side);
        let waiting = self.waiting.take_if(|waiting| waiting.can_launch(next));
        let started = match (host, waiting) {
            (Host::Lab(lab), Some(waiting)) => {
                waiting.begin(lab.orders(&entry), to_join, (cols, rows))
            }
            (Host::Lab(_) | Host::Machine, _) => host.helper(&entry).and_then(|mut helper| {
                helper.expected.to_join = to_join;
                Session::start(helper, cols, rows)
            }),
        };
        let shell = started.and_then(|it| ShellProcess::new(side, launch, plan, it, &self.poller));
        let shell = shell.map_err(|error| Failure::Machine {
            answer: error.to_string(),
        })?;
        self.shells.insert(side, shell);
        self.sizes.remove(&side);
        self.waits_until = Some(Instant::now() + LAUNCH);
        Ok(())
    }

    /// Notes that a shell runs; it is watched once its prompt is there. Returns the plan that the shell was
    /// made with.
    fn watch_shell(&mut self, side: Side, process: HeldProcess) -> Plan {
        self.watchers.begin_anew();
        let now = Instant::now();
        (self.waits_until, self.prepare_at) = (Some(now + PROMPT), Some(now + PREPARED));
        let Some(shell) = self.shells.get_mut(&side) else {
            return Plan::default();
        };
        shell.process = Some(process);
        shell.plan.clone()
    }

    /// Does the work that waited for the end of a launch.
    fn catch_up(&mut self) {
        if self.waits_until.take().is_none() {
            return;
        }
        for (side, (cols, rows)) in std::mem::take(&mut self.sizes) {
            self.resize_now(side, cols, rows);
        }
        // This also starts a new watcher if the last one has ended for good. Without a watcher only the
        // comparison stays empty; the shell works.
        for side in Side::all() {
            let process = self.process(Compared::Shell(side));
            let process = process.filter(|it| !it.has_ended());
            if process.is_some() && !self.watchers.is_watched(WatchedSubject::Shell(side)) {
                self.watch(
                    WatchedSubject::Shell(side),
                    WatchedPart::Snapshot,
                    process.as_ref(),
                );
            }
        }
        // The first shell was started before the lab host had settled.
        if let Some(host) = &mut self.host {
            host.settle_meanwhile();
        }
    }

    /// Watches a side's details. Unwatched, they stay empty.
    pub(super) fn watch_detail(&mut self, of: Compared) {
        let subject = match of {
            Compared::Shell(side) => Some(WatchedSubject::Detail(side)),
            Compared::Process(number) => self.column_of(number).map(WatchedSubject::PickedDetail),
        };
        if let Some(subject) = subject {
            let process = self.process(of);
            self.watch(subject, WatchedPart::Detail, process.as_ref());
        }
    }

    /// Watches what the lesson asks of a side. Unwatched, the lesson's checks stay open.
    pub(super) fn ask(&mut self, side: Side, questions: Vec<Question>) {
        let process = self.process(Compared::Shell(side));
        let process = process.filter(|_| !questions.is_empty());
        let what = WatchedPart::Asked(questions);
        self.watch(WatchedSubject::Asked(side), what, process.as_ref());
    }

    pub(super) fn stop_detail(&mut self) {
        let sides = Side::all().map(WatchedSubject::Detail);
        let columns = Column::ALL.into_iter().map(WatchedSubject::PickedDetail);
        for subject in sides.chain(columns) {
            self.watchers.forget(subject);
        }
    }

    pub(super) fn run_command(&mut self, number: u32, line: &str, side: Compared) -> Option<Msg> {
        let process = self.process(side);
        self.commands
            .run(self.host.as_ref(), (side, process), number, line)
    }

    pub(super) fn cancel_command(&mut self) {
        self.commands.cancel();
    }

    pub(super) fn running_programs(&self) -> Msg {
        let shells = self.shells.iter();
        let programs = shells.filter_map(|(side, it)| Some((*side, it.foreground_program()?)));
        Msg::Running {
            programs: programs.collect(),
        }
    }

    /// The facts of the shell that has the foreground of a side's terminal. It may be an inner shell, in other
    /// namespaces than the launched one.
    pub(super) fn facts(&self, side: Side, command: u64) -> Option<Msg> {
        let shell = self.shells.get(&side)?;
        let process = shell.foreground().or_else(|| shell.process.clone())?;
        let limits = Limits::of(self.host.as_ref()?, side == Side::Host);
        let facts = commands::facts(&process, limits);
        let event = ShellEvent::Facts { command, facts };
        Some(Msg::Shell(side, shell.launch, event))
    }

    pub(super) fn resize(&mut self, side: Side, cols: u16, rows: u16) {
        if self.waits_until.is_some() {
            self.sizes.insert(side, (cols, rows));
        } else {
            self.resize_now(side, cols, rows);
        }
    }

    fn resize_now(&self, side: Side, cols: u16, rows: u16) {
        if let Some(shell) = self.shells.get(&side) {
            shell.resize(cols, rows);
        }
    }

    /// Types bytes. Returns a message if they have stopped the terminal (Ctrl-S).
    pub(super) fn write(&mut self, side: Side, bytes: &[u8]) -> Option<Msg> {
        // No program needs a settled lab host before somebody types.
        if let Some(host) = &mut self.host {
            host.settle();
        }
        if let Some((cols, rows)) = self.sizes.remove(&side) {
            self.resize_now(side, cols, rows);
        }
        let stops = self.shells.get_mut(&side)?.write(bytes);
        self.hold_floods_for(side);
        let held = false;
        stops.then_some(Msg::Typing(side, TypingEvent::Stopped { held }))
    }

    pub(super) fn answer(&mut self, side: Side, bytes: Vec<u8>) {
        if let Some(shell) = self.shells.get_mut(&side) {
            shell.answer(bytes);
        }
    }

    /// The floods of the other sides wait for an echo: they would take the processors from the shell that
    /// has to answer.
    fn hold_floods_for(&mut self, side: Side) {
        let others = self.shells.iter_mut().filter(|(other, _)| **other != side);
        for (_, shell) in others.filter(|(_, shell)| shell.is_flood()) {
            shell.hold_flood(true);
            let until = Instant::now() + ECHO;
            self.unechoed = Some(Unechoed { side, until });
        }
    }

    fn go_on_with_floods(&mut self) {
        self.unechoed = None;
        for shell in self.shells.values_mut() {
            shell.hold_flood(false);
        }
    }

    pub(super) fn type_line(&mut self, side: Side, line: &str, at_prompt: bool) -> Option<Msg> {
        let busy = self.clear_line(side, at_prompt);
        if busy.is_none() {
            self.write(side, format!("{line}\r").as_bytes());
        }
        busy
    }

    /// Types Ctrl-C, so that the shell gives up an incomplete command. Another program would end.
    pub(super) fn cancel(&mut self, side: Side) -> Option<Msg> {
        if let Some(program) = self.shells.get(&side)?.foreground_program() {
            return Some(Msg::Typing(side, TypingEvent::Busy { program }));
        }
        self.write(side, CANCEL);
        None
    }

    /// Clears the text at the prompt, unless another program has the foreground.
    pub(super) fn clear_line(&mut self, side: Side, at_prompt: bool) -> Option<Msg> {
        if self.shells.get_mut(&side)?.is_stopped() {
            let held = true;
            return Some(Msg::Typing(side, TypingEvent::Stopped { held }));
        }
        let shell = self.shells.get(&side)?;
        if self.typed_into != Some(side) {
            if let Some(program) = shell.foreground_program().filter(|_| !at_prompt) {
                return Some(Msg::Typing(side, TypingEvent::Busy { program }));
            }
            self.write(side, CLEAR_LINE);
            self.typed_into = Some(side);
        }
        None
    }

    /// Ends what runs on a side, and returns when it is gone: the next shell's terminal takes its name.
    fn end(&mut self, side: Side) {
        self.forget(side);
        if let Some(shell) = self.shells.remove(&side) {
            shell.end();
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // The waiting helper is in the lab's cgroup, which is removed with the lab host.
        self.prepare_nothing();
        for side in Side::all() {
            self.end(side);
        }
    }
}

fn failure(refused: &RefusedStep) -> Failure {
    Failure::Refused(Box::new(Refusal::from(refused)))
}

fn lab_failed(error: LabError) -> Msg {
    let (steps, why) = match error {
        LabError::OldKernel { release } => (Vec::new(), Failure::OldKernel { release }),
        LabError::Machine { operation, error } => {
            let answer = format!("{operation}: {error}");
            (Vec::new(), Failure::Machine { answer })
        }
        LabError::Share(error) => (Vec::new(), Failure::Share(error)),
        LabError::Refused { refused, steps } => (steps, failure(&refused)),
        LabError::Silent { steps } => (steps, Failure::Silent),
    };
    Msg::Lab(LabEvent::Failed { steps, why })
}
