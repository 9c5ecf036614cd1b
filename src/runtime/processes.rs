//! The processes that the app asks for: the lab host, a shell on each side, watchers, commands.
//!
//! Must not know what the app makes of what they report.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::commands::{self, Commands};
use super::incoming::Reporter;
use super::shell_process::ShellProcess;
use super::sources::Source;
use super::waiting_helper::WaitingHelper;
use serde::de::DeserializeOwned;

use crate::app::{
    Column, Compared, Failure, LabEvent, MapEvent, Msg, ProcessEvent, ProcessId, ShellEvent,
};
use crate::discovery::{self, Map};
use crate::explain::Refusal;
use crate::observe::watch::Watch;
use crate::observe::{Detail, Inside, Question, Snapshot};
use crate::poller::{Poller, Ready, Watched};
use crate::pty::session::Session;
use crate::sandbox::RefusedStep;
use crate::sandbox::channel::Channel;
use crate::sandbox::entry::{Entry, Errand};
use crate::sandbox::environment::{OutputTarget, shell};
use crate::sandbox::lab::LabError;
use crate::sandbox::launch::{Event, HeldProcess};
use crate::sandbox::{Host, HostKind, Nth, Plan, Side};

/// Ctrl-E, a space and Ctrl-U: to the end of the line, then clear it. Works in readline and in a
/// terminal's own line editing. Without the space readline would ring the bell where the line is empty.
const CLEAR_LINE: &[u8] = b"\x05 \x15";

/// The next launch is prepared so long after one: first comes the prompt of the shell that was launched.
const PREPARED: Duration = Duration::from_millis(100);

/// How long a flood may wait for an echo in another shell.
const ECHO: Duration = Duration::from_millis(5);

pub(super) struct Processes {
    poller: Poller<Source>,
    /// A directory that each lab host shows a copy of.
    share: Option<PathBuf>,
    host: Option<Host>,
    /// Readable once the lab host has ended.
    host_end: Option<Watched<Channel, Source>>,
    host_shell: Option<ShellProcess>,
    containers: [Option<ShellProcess>; Nth::COUNT],
    /// The helper of the next launch, and when it is to be started.
    waiting: Option<WaitingHelper>,
    prepare_at: Option<Instant>,
    /// Watches the machine while it is shown.
    machine: Option<Watched<Watch<Snapshot>, Source>>,
    /// Watches which namespaces there are while they are shown.
    map: Option<Watched<Watch<Map>, Source>>,
    /// What a process of the map sees, while it is shown.
    inside: Option<Watched<Watch<Inside>, Source>>,
    /// The process that was picked for each column.
    picked: [Option<PickedProcess>; 2],
    /// The side that this batch of effects has typed a line into. The first line's command may have the
    /// foreground by now; the next line waits behind it.
    typed_into: Option<Side>,
    /// What the learner has typed, while the others' floods wait for its echo.
    unechoed: Option<Unechoed>,
    commands: Commands,
}

/// A process that stands in a column of the comparison.
struct PickedProcess {
    /// Its messages carry it.
    number: u32,
    process: HeldProcess,
    watch: Option<Watched<Watch<Snapshot>, Source>>,
    /// Reports details, while they are shown.
    detail_watch: Option<Watched<Watch<Detail>, Source>>,
}

/// Something typed whose echo has not come yet.
struct Unechoed {
    side: Side,
    /// Floods wait no longer than that: not everything is echoed.
    until: Instant,
}

impl Processes {
    pub(super) fn new(poller: Poller<Source>, reporter: Reporter, share: Option<PathBuf>) -> Self {
        Self {
            commands: Commands::new(reporter),
            poller,
            share,
            host: None,
            host_end: None,
            host_shell: None,
            containers: std::array::from_fn(|_| None),
            waiting: None,
            prepare_at: None,
            machine: None,
            map: None,
            inside: None,
            picked: [None, None],
            typed_into: None,
            unechoed: None,
        }
    }

    fn slot(&mut self, side: Side) -> &mut Option<ShellProcess> {
        match side {
            Side::Host => &mut self.host_shell,
            Side::Container(nth) => &mut self.containers[nth.index()],
        }
    }

    fn shell(&self, side: Side) -> Option<&ShellProcess> {
        match side {
            Side::Host => self.host_shell.as_ref(),
            Side::Container(nth) => self.containers[nth.index()].as_ref(),
        }
    }

    /// The effects of one message are carried out.
    pub(super) fn end_batch(&mut self) {
        self.typed_into = None;
    }

    /// A snapshot of each side, taken now, and what the lesson asks of it.
    pub(super) fn fresh_snapshots(&self) -> Vec<Msg> {
        let fresh = Side::all().flat_map(|side| {
            let (Some(host), Some(shell)) = (&self.host, self.shell(side)) else {
                return Vec::new();
            };
            let Some(process) = &shell.process else {
                return Vec::new();
            };
            let asked = Some(&shell.questions).filter(|it| !it.is_empty());
            let asked = asked.and_then(|it| Watch::asked_once(host, process, it).ok());
            let asked = asked.map(|asked| ShellEvent::Asked(Box::new(asked)));
            let snapshot = Watch::once(host, process).ok();
            let snapshot = snapshot.map(|it| ShellEvent::Snapshot(Box::new(it)));
            let events = asked.into_iter().chain(snapshot);
            let message = |event| Msg::Shell(side, shell.launch, event);
            events.map(message).collect()
        });
        fresh.collect()
    }

    /// When `expire` has to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let shells = Side::all().filter_map(|side| self.shell(side));
        let echo = self.unechoed.as_ref().map(|it| it.until);
        let others = echo.into_iter().chain(self.prepare_at);
        shells
            .filter_map(ShellProcess::deadline)
            .chain(others)
            .min()
    }

    /// Notices helpers that should have reported by now, and echoes that don't come. Prepares the next
    /// launch.
    pub(super) fn expire(&mut self) -> Vec<Msg> {
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
            Source::MachineWatcher => taken(&mut self.machine, Msg::Machine),
            Source::MapWatcher => self.map_events(),
            Source::InsideWatcher => self.inside_events(),
            Source::ProcessWatcher(column) => self.process_events(column),
            Source::ProcessDetail(column) => self.process_details(column),
            Source::Reports(side) => self.launch_events(side),
            Source::Helper(side) => {
                let messages = self.launch_events(side);
                if let Some(shell) = self.slot(side) {
                    shell.reap_helper();
                }
                messages
            }
            Source::Watcher(side) => self.of_shell(side, sights),
            Source::DetailWatcher(side) => self.of_shell(side, |shell| {
                taken(&mut shell.detail_watch, ShellEvent::Detail)
            }),
            Source::AskedWatcher(side) => self.of_shell(side, |shell| {
                taken(&mut shell.asked_watch, ShellEvent::Asked)
            }),
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
        self.shell(side).is_some_and(ShellProcess::is_flood)
    }

    /// Messages of what a side's shell tells; none where there is no shell.
    fn of_shell(
        &mut self,
        side: Side,
        read: impl FnOnce(&mut ShellProcess) -> Vec<ShellEvent>,
    ) -> Vec<Msg> {
        let Some(shell) = self.slot(side) else {
            return Vec::new();
        };
        let launch = shell.launch;
        let message = |event| Msg::Shell(side, launch, event);
        read(shell).into_iter().map(message).collect()
    }

    /// What has happened in a side's launch.
    fn launch_events(&mut self, side: Side) -> Vec<Msg> {
        let Some(shell) = self.slot(side) else {
            return Vec::new();
        };
        let launch = shell.launch;
        let events = shell.events();
        let message = |event| {
            let event = match event {
                Event::Step(step) => ShellEvent::Step(step),
                Event::Refused(refused) => ShellEvent::Refused(Box::new(Refusal::from(&refused))),
                Event::Started(process) => ShellEvent::Started(self.watch_shell(side, process)),
                Event::Exited(exit) => {
                    if let Some(shell) = self.slot(side) {
                        // The watchers have ended with the shell; dropping them reaps them.
                        shell.watch = None;
                        shell.detail_watch = None;
                        shell.asked_watch = None;
                    }
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

    pub(super) fn start_lab(&mut self, kind: HostKind) -> Msg {
        for side in Side::all() {
            self.end(side);
        }
        self.host_end = None;
        self.prepare_nothing();
        self.host = None;
        let mut waiting = None;
        let started = Host::start_beside(kind, self.share.as_deref(), |lab| {
            waiting = WaitingHelper::start(lab).ok();
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

    /// Starts the helper of the next launch, unless one waits already.
    fn prepare(&mut self) {
        self.waiting.take_if(|waiting| !waiting.is_there());
        if let Some(Host::Lab(lab)) = &self.host
            && self.waiting.is_none()
        {
            self.waiting = WaitingHelper::start(lab).ok();
        }
    }

    fn prepare_nothing(&mut self) {
        self.waiting = None;
        self.prepare_at = None;
    }

    /// Without a watcher the machine's column stays empty; the lab works all the same.
    pub(super) fn watch_machine(&mut self, wanted: bool) {
        self.machine = None;
        if wanted && let Ok(watch) = Watch::of_machine() {
            self.machine = self.poller.watch(watch, Source::MachineWatcher).ok();
        }
    }

    /// Starts or stops the watcher of the map. Answers where it can't be started.
    pub(super) fn watch_map(&mut self, wanted: bool) -> Option<Msg> {
        self.map = None;
        if !wanted {
            return None;
        }
        let Some(host) = &self.host else {
            return Some(Msg::Map(MapEvent::NoLab));
        };
        let watch = Watch::map(host).and_then(|it| self.poller.watch(it, Source::MapWatcher));
        match watch {
            Ok(watch) => {
                self.map = Some(watch);
                None
            }
            Err(error) => Some(Msg::Map(MapEvent::NotStarted {
                why: error.to_string(),
            })),
        }
    }

    fn map_events(&mut self) -> Vec<Msg> {
        until_the_end(&mut self.map, MapEvent::Seen, MapEvent::Ended)
    }

    /// Starts the watcher of what a process of the map sees. Answers where there is nothing to see.
    pub(super) fn look_inside(&mut self, process: Option<&discovery::Process>) -> Option<Msg> {
        self.inside = None;
        self.inside = self.watch_inside(process?);
        let none = self.inside.is_none();
        none.then_some(Msg::Map(MapEvent::InsideEnded))
    }

    fn watch_inside(&self, process: &discovery::Process) -> Option<Watched<Watch<Inside>, Source>> {
        let host = self.host.as_ref()?;
        let process = HeldProcess::numbered(process.outside, &process.numbers)?;
        let watch = Watch::inside(host, &process).ok()?;
        self.poller.watch(watch, Source::InsideWatcher).ok()
    }

    fn inside_events(&mut self) -> Vec<Msg> {
        until_the_end(&mut self.inside, MapEvent::Inside, MapEvent::InsideEnded)
    }

    /// Starts the watcher of the process that was picked for a column, or stops it. Answers where there is
    /// nothing to see.
    pub(super) fn watch_process(
        &mut self,
        column: Column,
        process: Option<(u32, ProcessId)>,
    ) -> Option<Msg> {
        let slot = column as usize;
        self.picked[slot] = None;
        let (number, id) = process?;
        let token = Source::ProcessWatcher(column);
        self.picked[slot] = HeldProcess::numbered(id.outside, &id.numbers).and_then(|process| {
            let watch = Watch::start(self.host.as_ref()?, &process).ok()?;
            Some(PickedProcess {
                number,
                process,
                watch: Some(self.poller.watch(watch, token).ok()?),
                detail_watch: None,
            })
        });
        let none = self.picked[slot].is_none();
        none.then_some(Msg::Process(number, ProcessEvent::Ended))
    }

    fn process_events(&mut self, column: Column) -> Vec<Msg> {
        let Some(picked) = &mut self.picked[column as usize] else {
            return Vec::new();
        };
        let mut events = taken(&mut picked.watch, ProcessEvent::Snapshot);
        let number = picked.number;
        if picked.watch.is_none() {
            self.picked[column as usize] = None;
            events.push(ProcessEvent::Ended);
        }
        let message = |event| Msg::Process(number, event);
        events.into_iter().map(message).collect()
    }

    fn process_details(&mut self, column: Column) -> Vec<Msg> {
        let Some(picked) = &mut self.picked[column as usize] else {
            return Vec::new();
        };
        let number = picked.number;
        let events = taken(&mut picked.detail_watch, ProcessEvent::Detail);
        let message = |event| Msg::Process(number, event);
        events.into_iter().map(message).collect()
    }

    /// The column that a picked process stands in.
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
            Side::Container(nth) => nth.number() + 1,
        };
        let tty = format!("tty{number}");
        let to_join = plan.join.and_then(|join| {
            let shell = self.shell(Side::Container(join.whose))?;
            shell.process.clone()
        });
        let host = self.host.as_ref().ok_or(Failure::NoLab)?;
        let program = shell();
        let entry = Entry {
            errand: Errand::Launch,
            side,
            plan: plan.clone(),
            tty: Some(&tty),
            screen: OutputTarget::Pane,
            program: &program,
        };
        let waiting = self.waiting.take().filter(WaitingHelper::is_there);
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
        *self.slot(side) = Some(shell.map_err(|error| Failure::Machine {
            answer: error.to_string(),
        })?);
        Ok(())
    }

    /// A shell runs: its watcher starts. Without one the table stays empty; the shell works all the same.
    /// Returns what the shell was made with.
    fn watch_shell(&mut self, side: Side, process: HeldProcess) -> Plan {
        let watch = self.host.as_ref().map(|host| Watch::start(host, &process));
        let watch =
            watch.and_then(|watch| self.poller.watch(watch.ok()?, Source::Watcher(side)).ok());
        // The first shell didn't wait for it.
        if let Some(host) = &mut self.host {
            host.settle_meanwhile();
        }
        self.prepare_at = Some(Instant::now() + PREPARED);
        let Some(shell) = self.slot(side) else {
            return Plan::default();
        };
        shell.process = Some(process);
        shell.watch = watch;
        shell.plan.clone()
    }

    /// Starts the watcher that reports details. Without one the details stay empty.
    pub(super) fn watch_detail(&mut self, of: Compared) {
        let watch = |process: Option<&HeldProcess>, source| {
            let watch = Watch::detail(self.host.as_ref()?, process?).ok()?;
            self.poller.watch(watch, source).ok()
        };
        match of {
            Compared::Shell(side) => {
                let process = self.shell(side).and_then(|it| it.process.as_ref());
                let watch = watch(process, Source::DetailWatcher(side));
                if let Some(shell) = self.slot(side) {
                    shell.detail_watch = watch;
                }
            }
            Compared::Process(number) => {
                let Some(column) = self.column_of(number) else {
                    return;
                };
                let process = self.picked[column as usize].as_ref();
                let watch = watch(process.map(|it| &it.process), Source::ProcessDetail(column));
                if let Some(picked) = &mut self.picked[column as usize] {
                    picked.detail_watch = watch;
                }
            }
        }
    }

    /// Starts the watcher of what the lesson asks of a side. Without one its checks stay open.
    pub(super) fn ask(&mut self, side: Side, questions: Vec<Question>) {
        let process = self.shell(side).and_then(|it| it.process.as_ref());
        let asks = process.zip(self.host.as_ref());
        let asks = asks.filter(|_| !questions.is_empty());
        let watch = asks.and_then(|(process, host)| {
            let watch = Watch::asked(host, process, &questions).ok()?;
            self.poller.watch(watch, Source::AskedWatcher(side)).ok()
        });
        if let Some(shell) = self.slot(side) {
            (shell.asked_watch, shell.questions) = (watch, questions);
        }
    }

    pub(super) fn stop_detail(&mut self) {
        let containers = self.containers.iter_mut();
        for shell in containers.chain([&mut self.host_shell]).flatten() {
            shell.detail_watch = None;
        }
        for picked in self.picked.iter_mut().flatten() {
            picked.detail_watch = None;
        }
    }

    pub(super) fn run_command(&mut self, number: u32, line: &str, side: Compared) -> Option<Msg> {
        let process = match side {
            Compared::Shell(side) => self.shell(side).and_then(|it| it.process.clone()),
            Compared::Process(picked) => {
                let column = self.column_of(picked);
                let picked = column.and_then(|column| self.picked[column as usize].as_ref());
                picked.map(|it| it.process.clone())
            }
        };
        self.commands
            .run(self.host.as_ref(), (side, process), number, line)
    }

    pub(super) fn cancel_command(&mut self) {
        self.commands.cancel();
    }

    pub(super) fn running_programs(&self) -> Msg {
        let programs = Side::all()
            .filter_map(|side| Some((side, self.shell(side)?.foreground_program()?)))
            .collect();
        Msg::Running { programs }
    }

    /// The facts of the shell that has the foreground of a side's terminal: it may be one that was
    /// started in the first one, in namespaces of its own.
    pub(super) fn facts(&self, side: Side, command: u64) -> Option<Msg> {
        let shell = self.shell(side)?;
        let process = shell.foreground().or_else(|| shell.process.clone())?;
        let shares_limits = matches!((&self.host, side), (Some(Host::Machine), Side::Host));
        let facts = commands::facts(&process, shares_limits);
        let event = ShellEvent::Facts { command, facts };
        Some(Msg::Shell(side, shell.launch, event))
    }

    pub(super) fn resize(&self, side: Side, cols: u16, rows: u16) {
        if let Some(shell) = self.shell(side) {
            shell.resize(cols, rows);
        }
    }

    pub(super) fn write(&mut self, side: Side, bytes: &[u8]) {
        // Until somebody types, no program can miss what isn't there yet.
        if let Some(host) = &mut self.host {
            host.settle();
        }
        if let Some(shell) = self.slot(side) {
            shell.write(bytes);
            self.hold_floods_for(side);
        }
    }

    pub(super) fn answer(&mut self, side: Side, bytes: Vec<u8>) {
        if let Some(shell) = self.slot(side) {
            shell.answer(bytes);
        }
    }

    /// What floods the other sides' terminals waits for an echo: it would take the processors from the
    /// shell that has to answer.
    fn hold_floods_for(&mut self, side: Side) {
        let mut any = false;
        for other in Side::all().filter(|other| *other != side) {
            if let Some(shell) = self.slot(other).as_mut().filter(|it| it.is_flood()) {
                shell.hold_flood(true);
                any = true;
            }
        }
        if any {
            let until = Instant::now() + ECHO;
            self.unechoed = Some(Unechoed { side, until });
        }
    }

    fn go_on_with_floods(&mut self) {
        self.unechoed = None;
        for side in Side::all() {
            if let Some(shell) = self.slot(side) {
                shell.hold_flood(false);
            }
        }
    }

    pub(super) fn type_line(&mut self, side: Side, line: &str, at_prompt: bool) -> Option<Msg> {
        let busy = self.clear_line(side, at_prompt);
        if busy.is_none() {
            self.write(side, format!("{line}\r").as_bytes());
        }
        busy
    }

    /// Clears what stands at the prompt, unless another program has the foreground.
    pub(super) fn clear_line(&mut self, side: Side, at_prompt: bool) -> Option<Msg> {
        let shell = self.shell(side)?;
        if self.typed_into != Some(side) {
            if let Some(program) = shell.foreground_program().filter(|_| !at_prompt) {
                return Some(Msg::Busy { side, program });
            }
            self.write(side, CLEAR_LINE);
            self.typed_into = Some(side);
        }
        None
    }

    /// Ends what runs on a side, and returns when it is gone: the next shell's terminal takes its name.
    fn end(&mut self, side: Side) {
        if let Some(shell) = self.slot(side).take() {
            shell.end();
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for side in Side::all() {
            self.end(side);
        }
    }
}

/// What a watcher has printed, as messages or events. A watcher that has ended is dropped.
fn taken<T: DeserializeOwned, M>(
    slot: &mut Option<Watched<Watch<T>, Source>>,
    message: impl Fn(Box<T>) -> M,
) -> Vec<M> {
    let Some(printed) = slot.as_mut().map(|watch| watch.take()) else {
        return Vec::new();
    };
    if printed.over {
        *slot = None;
    }
    printed.all.into_iter().map(Box::new).map(message).collect()
}

/// What the watcher of a shell has printed, and whether it has ended before the shell.
fn sights(shell: &mut ShellProcess) -> Vec<ShellEvent> {
    let had = shell.watch.is_some();
    let mut events = taken(&mut shell.watch, ShellEvent::Snapshot);
    let runs = shell.process.as_ref().is_some_and(|it| !it.has_ended());
    if had && shell.watch.is_none() && runs {
        events.push(ShellEvent::Unwatched);
    }
    events
}

/// What a watcher of the map has printed, and its end.
fn until_the_end<T: DeserializeOwned>(
    slot: &mut Option<Watched<Watch<T>, Source>>,
    seen: impl Fn(Box<T>) -> MapEvent,
    ended: MapEvent,
) -> Vec<Msg> {
    let had = slot.is_some();
    let mut events = taken(slot, seen);
    if had && slot.is_none() {
        events.push(ended);
    }
    events.into_iter().map(Msg::Map).collect()
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
        LabError::Share(error) => {
            let answer = error.to_string();
            (Vec::new(), Failure::Machine { answer })
        }
        LabError::Refused { refused, steps } => (steps, failure(&refused)),
        LabError::Silent { steps } => (steps, Failure::Silent),
    };
    Msg::Lab(LabEvent::Failed { steps, why })
}
