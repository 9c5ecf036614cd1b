//! The lab host and the two shells: what the state asks for, done; what they do, told.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, SyncSender, channel};
use std::thread;
use std::time::Duration;

use crossterm::event::Event;

use super::Happening;
use super::commands::Commands;
use crate::app::{Effect, Failure, Msg};
use crate::explain::Refusal;
use crate::namespace::NamespaceSet;
use crate::observe::watch::Watch;
use crate::pty::session::{Lines, Session};
use crate::sandbox::environment::{Screen, shell};
use crate::sandbox::lab::{Entry, LabError};
use crate::sandbox::launch::{Event as LaunchEvent, Process};
use crate::sandbox::{Ground, HostKind, Side};

/// Moves to the end of the line and clears it, in readline as in a terminal's own line editing.
const CLEAR_LINE: &[u8] = b"\x05\x15";
/// How long a shell that was killed may take to be gone, before its helper is killed too.
const GONE_BY: Duration = Duration::from_millis(300);

/// Bytes that may wait for a program that doesn't read. Beyond that what is typed is lost, and so
/// are the answers owed to one that asks its terminal questions for ever.
const UNREAD: usize = 1024 * 1024;

/// What is typed into a pane, on its way to the terminal.
struct Input {
    typed: Sender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

impl Input {
    fn send(&self, bytes: Vec<u8>) {
        if self.waiting.load(Ordering::Relaxed) < UNREAD {
            self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
            // A terminal that is gone needs no input.
            let _ = self.typed.send(bytes);
        }
    }
}

/// A shell in its pane.
struct Pane {
    launch: u32,
    flags: NamespaceSet,
    session: Session,
    input: Input,
    helper: Process,
    shell: Option<Process>,
    watch: Option<Watch>,
    /// The watcher that sees more, while somebody looks.
    closer: Option<Watch>,
}

/// The lab host, and a shell on each side.
pub struct Panes {
    tell: SyncSender<Happening>,
    lab: Option<Ground>,
    labs: u32,
    host: Option<Pane>,
    container: Option<Pane>,
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
            container: None,
            machine: None,
            typing: None,
        }
    }

    fn pane(&mut self, side: Side) -> &mut Option<Pane> {
        match side {
            Side::Host => &mut self.host,
            Side::Container => &mut self.container,
        }
    }

    fn running(&self, side: Side) -> Option<&Pane> {
        match side {
            Side::Host => self.host.as_ref(),
            Side::Container => self.container.as_ref(),
        }
    }

    /// The effects of one message are done.
    pub fn batch_done(&mut self) {
        self.typing = None;
    }

    /// Does what the state asks for; messages are the answers there are at once.
    pub fn carry_out(&mut self, effect: Effect) -> Vec<Msg> {
        match effect {
            Effect::StartLab { host } => vec![self.start_lab(host)],
            Effect::Launch {
                side,
                launch,
                flags,
                cols,
                rows,
            } => {
                let failed = |why| Msg::LaunchFailed { side, launch, why };
                self.end(side);
                self.launch(side, launch, flags, (cols, rows))
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
            Effect::Type { side, line } => self.type_line(side, &line).into_iter().collect(),
            Effect::WatchMachine(wanted) => {
                self.machine = None;
                if wanted {
                    self.watch_machine();
                }
                Vec::new()
            }
            Effect::Look { side } => {
                self.look(side);
                Vec::new()
            }
            Effect::LookAway => {
                for pane in [&mut self.host, &mut self.container].into_iter().flatten() {
                    pane.closer = None;
                }
                Vec::new()
            }
            Effect::Command { number, line } => {
                let container = self.container.as_ref();
                let shell = container.and_then(|pane| pane.shell.as_ref());
                self.commands.run(self.lab.as_ref(), shell, number, &line)
            }
            Effect::CancelCommand => {
                self.commands.cancel();
                Vec::new()
            }
            Effect::AskQuit => {
                let running = Side::ALL
                    .into_iter()
                    .filter_map(|side| Some((side, self.running(side)?.foreground_program()?)))
                    .collect();
                vec![Msg::QuitAnswer { running }]
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
            Happening::Closer {
                side,
                launch,
                closer,
            } => Some(Msg::Closer {
                side,
                launch,
                closer,
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
        for side in Side::ALL {
            self.end(side);
        }
        self.lab = None;
        self.labs += 1;
        match Ground::start(host) {
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
        let tell = self.tell.clone();
        thread::spawn(move || {
            for snapshot in snapshots.map_while(Result::ok) {
                if tell.send(Happening::Machine(Box::new(snapshot))).is_err() {
                    return;
                }
            }
        });
    }

    fn watch_lab(&self, lab: &Ground) {
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
        flags: NamespaceSet,
        (cols, rows): (u16, u16),
    ) -> Result<(), Failure> {
        let Some(lab) = &self.lab else {
            return Err(Failure::NoLab);
        };
        let tty = match side {
            Side::Host => "tty1",
            Side::Container => "tty2",
        };
        let program = shell();
        let entry = Entry {
            side,
            flags,
            tty: Some(tty),
            screen: Screen::Pane,
            program: &program,
        };
        let started = lab
            .helper(&entry)
            .and_then(|helper| Session::start(helper, cols, rows));
        let (session, lines) = started.map_err(|error| Failure::Machine {
            answer: error.to_string(),
        })?;
        let helper = lines.launch.helper();
        let input = self.connect(side, launch, lines);
        let pane = Pane {
            launch,
            flags,
            session,
            input,
            helper,
            shell: None,
            watch: None,
            closer: None,
        };
        *self.pane(side) = Some(pane);
        Ok(())
    }

    /// A thread for each line of a session.
    fn connect(&self, side: Side, launch: u32, lines: Lines) -> Input {
        let Lines {
            mut output,
            input: mut terminal,
            launch: follow,
            mut helper,
        } = lines;
        let tell = self.tell.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                let bytes = buffer[..length].to_vec();
                if tell
                    .send(Happening::Output {
                        side,
                        launch,
                        bytes,
                    })
                    .is_err()
                {
                    return;
                }
            }
        });
        let (typing, typed) = channel::<Vec<u8>>();
        let waiting = Arc::new(AtomicUsize::new(0));
        let input = Input {
            typed: typing,
            waiting: Arc::clone(&waiting),
        };
        // A program that doesn't read must not keep the screen waiting.
        thread::spawn(move || {
            for bytes in typed {
                if terminal.write_all(&bytes).is_err() {
                    return;
                }
                waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
            }
        });
        let tell = self.tell.clone();
        thread::spawn(move || {
            follow.follow(|event| {
                let _ = tell.send(Happening::Launch {
                    side,
                    launch,
                    event,
                });
            });
            let _ = helper.wait();
        });
        input
    }

    fn notice_launch(&mut self, side: Side, launch: u32, event: LaunchEvent) -> Option<Msg> {
        match event {
            LaunchEvent::Step(step) => Some(Msg::Step { side, launch, step }),
            LaunchEvent::Refused(Refusal { step, .. }) => Some(Msg::Step { side, launch, step }),
            LaunchEvent::Started(process) => {
                let flags = self.started(side, launch, process)?;
                Some(Msg::Started {
                    side,
                    launch,
                    flags,
                })
            }
            LaunchEvent::Exited(exit) => {
                // The watcher ends with what it watches; here it is reaped.
                if let Some(pane) = self
                    .pane(side)
                    .as_mut()
                    .filter(|pane| pane.launch == launch)
                {
                    pane.watch = None;
                    pane.closer = None;
                }
                Some(Msg::Exited { side, launch, exit })
            }
            LaunchEvent::Failed(refused) => {
                let why = refused.map_or(Failure::Silent, |it| Failure::Refused(Box::new(it)));
                Some(Msg::LaunchFailed { side, launch, why })
            }
        }
    }

    fn started(&mut self, side: Side, launch: u32, process: Process) -> Option<NamespaceSet> {
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
            thread::spawn(move || {
                for snapshot in snapshots.map_while(Result::ok) {
                    let snapshot = Box::new(snapshot);
                    if tell
                        .send(Happening::Snapshot {
                            side,
                            launch,
                            snapshot,
                        })
                        .is_err()
                    {
                        return;
                    }
                }
            });
        }
        Some(pane.flags)
    }

    /// Starts the watcher that sees more. Without one the learner sees less.
    fn look(&mut self, side: Side) {
        let tell = self.tell.clone();
        let lab = self.lab.as_ref();
        let pane = match side {
            Side::Host => self.host.as_mut(),
            Side::Container => self.container.as_mut(),
        };
        let (Some(lab), Some(pane)) = (lab, pane) else {
            return;
        };
        let Some(Ok((watch, seen))) = pane.shell.as_ref().map(|it| Watch::closer(lab, it)) else {
            return;
        };
        pane.closer = Some(watch);
        let launch = pane.launch;
        thread::spawn(move || {
            for closer in seen.map_while(Result::ok) {
                let closer = Box::new(closer);
                let happening = Happening::Closer {
                    side,
                    launch,
                    closer,
                };
                if tell.send(happening).is_err() {
                    return;
                }
            }
        });
    }

    fn write(&mut self, side: Side, bytes: Vec<u8>) {
        if let Some(pane) = self.running(side) {
            pane.input.send(bytes);
        }
    }

    fn type_line(&mut self, side: Side, line: &str) -> Option<Msg> {
        let pane = self.running(side)?;
        if self.typing != Some(side) {
            if let Some(program) = pane.foreground_program() {
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
        if let Some(shell) = &pane.shell {
            shell.kill();
        } else {
            pane.helper.kill();
        }
        if !pane.helper.ends_within(GONE_BY) {
            // Its launcher was stopped, say. All below a helper dies with it.
            pane.helper.kill();
            pane.helper.ends_within(GONE_BY);
        }
    }
}

impl Pane {
    /// The program that has the foreground, where it isn't the shell itself.
    fn foreground_program(&self) -> Option<String> {
        let shell = self.shell.as_ref()?.pid();
        let group = self.session.foreground().filter(|group| *group != shell)?;
        program_of(group)
    }
}

/// A program of a process group: its leader, or where that has ended another one, as `less` in
/// `seq 9 | less`.
fn program_of(group: i32) -> Option<String> {
    let leader = format!("/proc/{group}");
    let all = fs::read_dir("/proc").ok()?.flatten().map(|it| it.path());
    std::iter::once(leader.into()).chain(all).find_map(|path| {
        // proc_pid_stat(5): pid (comm) state ppid pgrp; a name may hold anything, any bytes even.
        let stat = fs::read(path.join("stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let state = fields.next()?;
        let of_group = fields.nth(1)?.parse() == Ok(group);
        (of_group && !matches!(state, "Z" | "X")).then(|| name.to_owned())
    })
}

impl Drop for Panes {
    fn drop(&mut self) {
        for side in Side::ALL {
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
