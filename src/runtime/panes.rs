//! The lab host and the two shells: what the state asks for, done; what they do, told.

use std::sync::mpsc::SyncSender;
use std::thread;

use crossterm::event::Event;
use serde::de::DeserializeOwned;

use super::Happening;
use super::commands::Commands;
use super::pane::Pane;
use crate::app::{Effect, Failure, Msg};
use crate::observe::watch::{Seen, Watch};
use crate::pty::session::Session;
use crate::sandbox::environment::{Screen, shell};
use crate::sandbox::lab::{Entry, Errand, Helper, LabError};
use crate::sandbox::launch::{Event as LaunchEvent, Process};
use crate::sandbox::{Host, HostKind, Nth, Plan, Side};

/// Moves to the end of the line and clears it, in readline as in a terminal's own line editing.
const CLEAR_LINE: &[u8] = b"\x05\x15";
/// The lab host, and a shell on each side.
pub struct Panes {
    tell: SyncSender<Happening>,
    lab: Option<Host>,
    labs: u32,
    host: Option<Pane>,
    containers: [Option<Pane>; Nth::COUNT],
    /// Of the machine, while it is shown.
    machine: Option<Watch>,
    /// The side that lines have been typed into in this batch of effects: its first command has
    /// the foreground now, and the next line belongs behind it.
    typing: Option<Side>,
    commands: Commands,
}

impl Panes {
    /// No lab host yet.
    pub fn new(tell: SyncSender<Happening>) -> Self {
        Self {
            commands: Commands::new(tell.clone()),
            tell,
            lab: None,
            labs: 0,
            host: None,
            containers: std::array::from_fn(|_| None),
            machine: None,
            typing: None,
        }
    }

    fn pane(&mut self, side: Side) -> &mut Option<Pane> {
        match side {
            Side::Host => &mut self.host,
            Side::Container(nth) => &mut self.containers[nth.index()],
        }
    }

    fn running(&self, side: Side) -> Option<&Pane> {
        match side {
            Side::Host => self.host.as_ref(),
            Side::Container(nth) => self.containers[nth.index()].as_ref(),
        }
    }

    /// The effects of one message are done.
    pub fn batch_done(&mut self) {
        self.typing = None;
    }

    /// What each side sees at this moment, whatever its watcher has told yet.
    pub fn look_now(&self) -> Vec<Msg> {
        let panes = Side::all().filter_map(|side| Some((side, self.running(side)?)));
        let sights = panes.filter_map(|(side, pane)| {
            let snapshot = Watch::once(self.lab.as_ref()?, pane.shell.as_ref()?).ok()?;
            Some(Msg::Snapshot {
                side,
                launch: pane.launch,
                snapshot: Box::new(snapshot),
            })
        });
        sights.collect()
    }

    /// Does what the state asks for; messages are the answers there are at once.
    pub fn carry_out(&mut self, effect: Effect) -> Vec<Msg> {
        match effect {
            Effect::StartLab { host } => vec![self.start_lab(host)],
            Effect::Launch {
                side,
                launch,
                plan,
                cols,
                rows,
            } => {
                let failed = |why| Msg::LaunchFailed { side, launch, why };
                self.end(side);
                self.launch(side, launch, plan, (cols, rows))
                    .err()
                    .map(failed)
                    .into_iter()
                    .collect()
            }
            Effect::Write { side, bytes } => {
                self.write(side, bytes);
                Vec::new()
            }
            Effect::ResizePty { side, cols, rows } => {
                if let Some(pane) = self.running(side) {
                    // A terminal that is gone needs no size.
                    let _ = pane.session.resize(cols, rows);
                }
                Vec::new()
            }
            Effect::Type {
                side,
                line,
                at_prompt,
            } => self.type_line(side, &line, at_prompt).into_iter().collect(),
            Effect::WatchMachine(wanted) => {
                self.machine = None;
                if wanted {
                    self.watch_machine();
                }
                Vec::new()
            }
            Effect::WatchDetail { side } => {
                self.look(side);
                Vec::new()
            }
            Effect::StopDetail => {
                let containers = self.containers.iter_mut();
                for pane in containers.chain([&mut self.host]).flatten() {
                    pane.detail = None;
                }
                Vec::new()
            }
            Effect::Command {
                number,
                line,
                sides,
            } => {
                let shell = |side| self.running(side).and_then(|pane| pane.shell.clone());
                let shells = sides.map(|side| (side, shell(side)));
                self.commands.run(self.lab.as_ref(), &shells, number, &line)
            }
            Effect::CancelCommand => {
                self.commands.cancel();
                Vec::new()
            }
            Effect::AskRunning => {
                let programs = Side::all()
                    .filter_map(|side| Some((side, self.running(side)?.foreground_program()?)))
                    .collect();
                vec![Msg::Running { programs }]
            }
            // The runtime's own.
            Effect::Copy { .. } | Effect::Save { .. } | Effect::Keep(_) | Effect::Quit => {
                Vec::new()
            }
        }
    }

    /// What a happening is to the state, if it is anything.
    pub fn notice(&mut self, happening: Happening) -> Option<Msg> {
        match happening {
            Happening::Terminal(event) => terminal_message(event),
            Happening::Launch {
                side,
                launch,
                event,
            } => self.notice_launch(side, launch, event),
            Happening::Output {
                side,
                launch,
                bytes,
            } => Some(Msg::Output {
                side,
                launch,
                bytes,
            }),
            Happening::Snapshot {
                side,
                launch,
                snapshot,
            } => Some(Msg::Snapshot {
                side,
                launch,
                snapshot,
            }),
            Happening::Machine(snapshot) => Some(Msg::Machine(snapshot)),
            Happening::NotKept(why) => Some(Msg::NotKept { why }),
            Happening::Lessons { lessons, absent } => Some(Msg::Lessons { lessons, absent }),
            Happening::LessonsBroken(errors) => Some(Msg::LessonsBroken { errors }),
            Happening::NotWatched(why) => Some(Msg::NotWatched { why }),
            Happening::Detail {
                side,
                launch,
                detail,
            } => Some(Msg::Detail {
                side,
                launch,
                detail,
            }),
            Happening::Command {
                number,
                side,
                answer,
            } => Some(Msg::CommandEnded {
                number,
                side,
                answer,
            }),
            Happening::LabEnded { lab } if lab == self.labs => Some(Msg::LabGone),
            Happening::LabEnded { .. } | Happening::Signal(_) | Happening::TerminalGone => None,
        }
    }

    fn start_lab(&mut self, host: HostKind) -> Msg {
        for side in Side::all() {
            self.end(side);
        }
        self.lab = None;
        self.labs += 1;
        match Host::start(host) {
            Ok(lab) => {
                self.watch_lab(&lab);
                let message = Msg::LabReady {
                    steps: lab.steps().to_vec(),
                    shortfalls: lab.shortfalls().to_vec(),
                };
                self.lab = Some(lab);
                message
            }
            Err(error) => lab_failed(error),
        }
    }

    /// Without a watcher the column stays empty, and the lab is as good.
    fn watch_machine(&mut self) {
        let Ok((watch, snapshots)) = Watch::of_machine() else {
            return;
        };
        self.machine = Some(watch);
        tell_all(&self.tell, snapshots, Happening::Machine);
    }

    fn watch_lab(&self, lab: &Host) {
        let (tell, number) = (self.tell.clone(), self.labs);
        if let Some(channel) = lab.watch_end() {
            thread::spawn(move || {
                // The guard says nothing after it was ready: what comes is the end.
                let _ = channel.receive();
                let _ = tell.send(Happening::LabEnded { lab: number });
            });
        }
    }

    fn launch(
        &mut self,
        side: Side,
        launch: u32,
        plan: Plan,
        (cols, rows): (u16, u16),
    ) -> Result<(), Failure> {
        let number = match side {
            Side::Host => 1,
            Side::Container(nth) => nth.number() + 1,
        };
        let tty = format!("tty{number}");
        let to_join = plan.join.and_then(|join| {
            let pane = self.running(Side::Container(join.whose))?;
            pane.shell.clone()
        });
        let Some(lab) = &self.lab else {
            return Err(Failure::NoLab);
        };
        let program = shell();
        let entry = Entry {
            errand: Errand::Launch,
            side,
            plan,
            tty: Some(&tty),
            screen: Screen::Pane,
            program: &program,
        };
        let started = lab
            .helper(&entry)
            .map(|helper| Helper { to_join, ..helper })
            .and_then(|helper| Session::start(helper, cols, rows));
        let (session, lines) = started.map_err(|error| Failure::Machine {
            answer: error.to_string(),
        })?;
        let pane = Pane::new(side, launch, plan, session, lines, &self.tell);
        *self.pane(side) = Some(pane);
        Ok(())
    }

    fn notice_launch(&mut self, side: Side, launch: u32, event: LaunchEvent) -> Option<Msg> {
        match event {
            LaunchEvent::Step(step) => Some(Msg::Step { side, launch, step }),
            LaunchEvent::Refused(refusal) => Some(Msg::Refused {
                side,
                launch,
                refusal: Box::new(refusal),
            }),
            LaunchEvent::Started(process) => {
                let plan = self.started(side, launch, process)?;
                Some(Msg::Started { side, launch, plan })
            }
            LaunchEvent::Exited(exit) => {
                // The watcher ends with what it watches; here it is reaped.
                if let Some(pane) = self
                    .pane(side)
                    .as_mut()
                    .filter(|pane| pane.launch == launch)
                {
                    pane.watch = None;
                    pane.detail = None;
                }
                Some(Msg::Exited { side, launch, exit })
            }
            LaunchEvent::Failed(refused) => {
                let why = refused.map_or(Failure::Silent, |it| Failure::Refused(Box::new(it)));
                Some(Msg::LaunchFailed { side, launch, why })
            }
        }
    }

    fn started(&mut self, side: Side, launch: u32, process: Process) -> Option<Plan> {
        let tell = self.tell.clone();
        let watching = self.lab.as_ref().map(|lab| Watch::start(lab, &process));
        let pane = self
            .pane(side)
            .as_mut()
            .filter(|pane| pane.launch == launch)?;
        pane.shell = Some(process);
        // Without a watcher the table stays empty, and the shell is as good.
        if let Some(Ok((watch, snapshots))) = watching {
            pane.watch = Some(watch);
            tell_all(&tell, snapshots, move |snapshot| Happening::Snapshot {
                side,
                launch,
                snapshot,
            });
        }
        Some(pane.plan)
    }

    /// Starts the watcher that sees more. Without one the learner sees less.
    fn look(&mut self, side: Side) {
        let tell = self.tell.clone();
        let lab = self.lab.as_ref();
        let pane = match side {
            Side::Host => self.host.as_mut(),
            Side::Container(nth) => self.containers[nth.index()].as_mut(),
        };
        let (Some(lab), Some(pane)) = (lab, pane) else {
            return;
        };
        let Some(Ok((watch, seen))) = pane.shell.as_ref().map(|it| Watch::detail(lab, it)) else {
            return;
        };
        pane.detail = Some(watch);
        let launch = pane.launch;
        tell_all(&tell, seen, move |detail| Happening::Detail {
            side,
            launch,
            detail,
        });
    }

    fn write(&mut self, side: Side, bytes: Vec<u8>) {
        if let Some(pane) = self.running(side) {
            pane.input.send(bytes);
        }
    }

    fn type_line(&mut self, side: Side, line: &str, at_prompt: bool) -> Option<Msg> {
        let pane = self.running(side)?;
        if self.typing != Some(side) {
            if let Some(program) = pane.foreground_program().filter(|_| !at_prompt) {
                return Some(Msg::Busy { side, program });
            }
            self.write(side, CLEAR_LINE.to_vec());
            self.typing = Some(side);
        }
        self.write(side, format!("{line}\r").into_bytes());
        None
    }

    /// Ends what runs on a side, and returns when it is gone: the next shell takes its terminal's
    /// name over.
    fn end(&mut self, side: Side) {
        let Some(pane) = self.pane(side).take() else {
            return;
        };
        pane.end();
    }
}

/// Tells what a watcher sees as it comes, on a thread of its own.
fn tell_all<T: DeserializeOwned + Send + 'static>(
    tell: &SyncSender<Happening>,
    seen: Seen<T>,
    happening: impl Fn(Box<T>) -> Happening + Send + 'static,
) {
    let tell = tell.clone();
    thread::spawn(move || {
        for it in seen.map_while(Result::ok) {
            if tell.send(happening(Box::new(it))).is_err() {
                return;
            }
        }
    });
}

impl Drop for Panes {
    fn drop(&mut self) {
        for side in Side::all() {
            self.end(side);
        }
    }
}

fn terminal_message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Mouse(mouse) => Some(Msg::Mouse(mouse)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(..) | Event::FocusGained | Event::FocusLost => None,
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
