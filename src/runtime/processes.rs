//! The processes that the app asks for: the lab host, a shell on each side, watchers, commands.
//!
//! Must not know what the app makes of what they report.

use std::thread;

use serde::de::DeserializeOwned;

use super::commands::Commands;
use super::incoming::{Incoming, Sender};
use super::shell_process::ShellProcess;
use crate::app::{Failure, Msg};
use crate::observe::watch::{Seen, Watch};
use crate::pty::session::Session;
use crate::sandbox::environment::{Screen, shell};
use crate::sandbox::lab::{Entry, Errand, Helper, LabError};
use crate::sandbox::launch::Process;
use crate::sandbox::{Host, HostKind, Nth, Plan, Side};

/// Ctrl-E and Ctrl-U: to the end of the line, then clear it. Works in readline and in a terminal's own
/// line editing.
const CLEAR_LINE: &[u8] = b"\x05\x15";

pub(super) struct Processes {
    tell: Sender,
    host: Option<Host>,
    /// How many lab hosts there have been: the number of the current one.
    hosts: u32,
    host_shell: Option<ShellProcess>,
    containers: [Option<ShellProcess>; Nth::COUNT],
    /// Watches the machine while it is shown.
    machine: Option<Watch>,
    /// The side that this batch of effects has typed a line into. The first line's command may have the
    /// foreground by now; the next line waits behind it.
    typed_into: Option<Side>,
    commands: Commands,
}

impl Processes {
    pub(super) fn new(tell: Sender) -> Self {
        Self {
            commands: Commands::new(tell.clone()),
            tell,
            host: None,
            hosts: 0,
            host_shell: None,
            containers: std::array::from_fn(|_| None),
            machine: None,
            typed_into: None,
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

    fn shell_of_launch(&mut self, side: Side, launch: u32) -> Option<&mut ShellProcess> {
        let shell = self.slot(side).as_mut();
        shell.filter(|shell| shell.launch == launch)
    }

    /// The effects of one message are carried out.
    pub(super) fn end_batch(&mut self) {
        self.typed_into = None;
    }

    /// A snapshot of each side, taken now.
    pub(super) fn fresh_snapshots(&self) -> Vec<Msg> {
        let snapshots = Side::all().filter_map(|side| {
            let shell = self.shell(side)?;
            let snapshot = Watch::once(self.host.as_ref()?, shell.process.as_ref()?).ok()?;
            Some(Msg::Snapshot {
                side,
                launch: shell.launch,
                snapshot: Box::new(snapshot),
            })
        });
        snapshots.collect()
    }

    /// Does the runtime's part of what has come in, and returns what the app is to be told of it.
    pub(super) fn message(&mut self, incoming: Incoming) -> Option<Msg> {
        match incoming {
            Incoming::Msg(message) => Some(message),
            Incoming::Started {
                side,
                launch,
                process,
            } => {
                let plan = self.watch_shell(side, launch, process)?;
                Some(Msg::Started { side, launch, plan })
            }
            Incoming::Exited { side, launch, exit } => {
                if let Some(shell) = self.shell_of_launch(side, launch) {
                    // The watchers have ended with the shell; dropping them reaps them.
                    shell.watch = None;
                    shell.detail_watch = None;
                }
                Some(Msg::Exited { side, launch, exit })
            }
            Incoming::LabEnded(number) => (number == self.hosts).then_some(Msg::LabGone),
            Incoming::Resized | Incoming::TerminalGone | Incoming::Signal(_) => None,
        }
    }

    pub(super) fn start_lab(&mut self, kind: HostKind) -> Msg {
        for side in Side::all() {
            self.end(side);
        }
        self.host = None;
        self.hosts += 1;
        match Host::start(kind) {
            Ok(host) => {
                self.report_end_of(&host);
                let message = Msg::LabReady {
                    steps: host.steps().to_vec(),
                    shortfalls: host.shortfalls().to_vec(),
                };
                self.host = Some(host);
                message
            }
            Err(error) => lab_failed(error),
        }
    }

    fn report_end_of(&self, host: &Host) {
        let (tell, number) = (self.tell.clone(), self.hosts);
        if let Some(channel) = host.watch_end() {
            thread::spawn(move || {
                // A guard that is ready sends nothing more: this returns when the lab host ends.
                let _ = channel.receive();
                let _ = tell.send(Incoming::LabEnded(number));
            });
        }
    }

    /// Without a watcher the machine's column stays empty; the lab works all the same.
    pub(super) fn watch_machine(&mut self, wanted: bool) {
        self.machine = None;
        if wanted && let Ok((watch, snapshots)) = Watch::of_machine() {
            self.machine = Some(watch);
            report_all(&self.tell, snapshots, Msg::Machine);
        }
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
            screen: Screen::Pane,
            program: &program,
        };
        let started = host
            .helper(&entry)
            .map(|helper| Helper { to_join, ..helper })
            .and_then(|helper| Session::start(helper, cols, rows));
        let (session, lines) = started.map_err(|error| Failure::Machine {
            answer: error.to_string(),
        })?;
        let shell = ShellProcess::new(side, launch, plan, session, lines, &self.tell);
        *self.slot(side) = Some(shell);
        Ok(())
    }

    /// A shell runs: its watcher starts. Without one the table stays empty; the shell works all the same.
    fn watch_shell(&mut self, side: Side, launch: u32, process: Process) -> Option<Plan> {
        let tell = self.tell.clone();
        let watching = self.host.as_ref().map(|host| Watch::start(host, &process));
        let shell = self.shell_of_launch(side, launch)?;
        shell.process = Some(process);
        if let Some(Ok((watch, snapshots))) = watching {
            shell.watch = Some(watch);
            report_all(&tell, snapshots, move |snapshot| Msg::Snapshot {
                side,
                launch,
                snapshot,
            });
        }
        Some(shell.plan.clone())
    }

    /// Starts the watcher that reports details. Without one the details stay empty.
    pub(super) fn watch_detail(&mut self, side: Side) {
        let Some((host, shell)) = self.host.as_ref().zip(self.shell(side)) else {
            return;
        };
        let launch = shell.launch;
        let process = shell.process.as_ref();
        let Some(Ok((watch, seen))) = process.map(|it| Watch::detail(host, it)) else {
            return;
        };
        report_all(&self.tell, seen, move |detail| Msg::Detail {
            side,
            launch,
            detail,
        });
        if let Some(shell) = self.slot(side) {
            shell.detail_watch = Some(watch);
        }
    }

    pub(super) fn stop_detail(&mut self) {
        let containers = self.containers.iter_mut();
        for shell in containers.chain([&mut self.host_shell]).flatten() {
            shell.detail_watch = None;
        }
    }

    pub(super) fn run_command(&mut self, number: u32, line: &str, sides: [Side; 2]) -> Vec<Msg> {
        let process = |side| self.shell(side).and_then(|shell| shell.process.clone());
        let shells = sides.map(|side| (side, process(side)));
        self.commands.run(self.host.as_ref(), shells, number, line)
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

    pub(super) fn resize(&self, side: Side, cols: u16, rows: u16) {
        if let Some(shell) = self.shell(side) {
            // Fails only where the terminal is gone.
            let _ = shell.session.resize(cols, rows);
        }
    }

    pub(super) fn write(&self, side: Side, bytes: Vec<u8>) {
        if let Some(shell) = self.shell(side) {
            shell.input.send(bytes);
        }
    }

    pub(super) fn type_line(&mut self, side: Side, line: &str, at_prompt: bool) -> Option<Msg> {
        let shell = self.shell(side)?;
        if self.typed_into != Some(side) {
            if let Some(program) = shell.foreground_program().filter(|_| !at_prompt) {
                return Some(Msg::Busy { side, program });
            }
            self.write(side, CLEAR_LINE.to_vec());
            self.typed_into = Some(side);
        }
        self.write(side, format!("{line}\r").into_bytes());
        None
    }

    /// Ends what runs on a side, and returns when it is gone: the next shell's terminal takes its name.
    fn end(&mut self, side: Side) {
        if let Some(shell) = self.slot(side).take() {
            shell.end();
        }
    }
}

/// Reports all that a watcher sees, on a thread of its own.
fn report_all<T: DeserializeOwned + Send + 'static>(
    tell: &Sender,
    seen: Seen<T>,
    message: impl Fn(Box<T>) -> Msg + Send + 'static,
) {
    let tell = tell.clone();
    thread::spawn(move || {
        for it in seen.map_while(Result::ok) {
            if tell.send(Incoming::Msg(message(Box::new(it)))).is_err() {
                return;
            }
        }
    });
}

impl Drop for Processes {
    fn drop(&mut self) {
        for side in Side::all() {
            self.end(side);
        }
    }
}

fn lab_failed(error: LabError) -> Msg {
    let (steps, why) = match error {
        LabError::OldKernel { release } => (Vec::new(), Failure::OldKernel { release }),
        LabError::Machine { operation, source } => {
            let answer = format!("{operation}: {source}");
            (Vec::new(), Failure::Machine { answer })
        }
        LabError::Refused { refusal, steps } => (steps, Failure::Refused(refusal)),
        LabError::Silent { steps } => (steps, Failure::Silent),
    };
    Msg::LabFailed { steps, why }
}
