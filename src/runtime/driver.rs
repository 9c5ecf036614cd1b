//! Drives the app: carries out its effects, passes the answers to `update`, waits for the next message.
//!
//! The lab on a screen and `verify` without one share it. Must not know how anything is drawn.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::incoming::{Inbox, Incoming};
use super::processes::Processes;
use super::sources::Source;
use crate::app::{self, Effect, Msg, Setup, ShellEvent, State};
use crate::code::Notation;
use crate::poller::Ready;
use crate::progress::{Course, Splits};
use crate::sandbox::groundwork::EarlyGroundwork;

/// The learner's own terminal and files. Reads the terminal, and carries out the effects on terminal and files.
pub(crate) trait Frontend {
    /// Reads a source of the frontend's own that is ready.
    fn read(&mut self, source: Source, ready: Ready) -> Vec<Incoming>;
    /// When `expire` has to be called.
    fn deadline(&self) -> Option<Instant>;
    /// Handles the deadlines that have passed.
    fn expire(&mut self, now: Instant) -> Vec<Incoming>;
    /// Copies a text to the clipboards of the terminal and of the system.
    fn copy(&mut self, text: &str);
    /// Rings the terminal's bell.
    fn ring(&mut self);
    /// Saves a program to a new file. The message reports the result.
    fn save(&mut self, notation: Notation, text: &str) -> Option<Msg>;
    /// Saves the learner's progress for the next session.
    fn keep(&mut self, course: Course);
    /// Saves the borders that the learner has moved.
    fn keep_splits(&mut self, splits: Splits);
}

/// The app's state, and everything that its effects act on. Fields are dropped in this order: the learner sees their
/// own screen again before the lab's processes are ended.
pub(crate) struct Driver<F> {
    pub(crate) state: State,
    pub(crate) frontend: F,
    /// Whether the app has asked to end.
    pub(crate) has_quit: bool,
    processes: Processes,
    inbox: Inbox,
}

impl<F: Frontend> Driver<F> {
    /// Also returns the first effects, which start the lab host: a caller can draw before that.
    /// Lab hosts show a copy of the directory `share`; `early` is the first one's groundwork.
    pub(crate) fn new(
        setup: Setup,
        share: Option<PathBuf>,
        early: Option<EarlyGroundwork>,
        frontend: F,
        inbox: Inbox,
    ) -> (Self, Vec<Effect>) {
        let (state, effects) = app::start(setup);
        let driver = Self {
            state,
            frontend,
            has_quit: false,
            processes: Processes::new(inbox.poller.clone(), inbox.reporter(), share, early),
            inbox,
        };
        (driver, effects)
    }

    /// Passes a message to the app, and carries out its effects.
    pub(crate) fn update(&mut self, message: Msg) {
        let effects = app::update(&mut self.state, message, Instant::now());
        self.carry_out(effects);
    }

    /// Carries out effects, and the further effects of their answers.
    pub(crate) fn carry_out(&mut self, mut effects: Vec<Effect>) {
        while !effects.is_empty() {
            let answers = effects.into_iter().map(|effect| self.carry_out_one(effect));
            let answers: Vec<_> = answers.collect();
            self.processes.end_batch();
            effects = answers
                .into_iter()
                .flatten()
                .flat_map(|message| app::update(&mut self.state, message, Instant::now()))
                .collect();
        }
    }

    /// Returns the answer, if there is one already.
    fn carry_out_one(&mut self, effect: Effect) -> Option<Msg> {
        let processes = &mut self.processes;
        match effect {
            Effect::StartLab { host, share } => {
                return Some(processes.start_lab(host, share.as_deref()));
            }
            Effect::Launch {
                side,
                launch,
                plan,
                cols,
                rows,
            } => {
                let failed = processes.launch(side, launch, plan, (cols, rows)).err();
                return failed.map(|why| Msg::Shell(side, launch, ShellEvent::Failed(why)));
            }
            Effect::Write { side, bytes } => return processes.write(side, &bytes),
            Effect::Answer { side, bytes } => processes.answer(side, bytes),
            Effect::ResizePty { side, cols, rows } => processes.resize(side, cols, rows),
            Effect::Type {
                side,
                line,
                at_prompt,
            } => return processes.type_line(side, &line, at_prompt),
            Effect::Cancel { side } => return processes.cancel(side),
            Effect::ClearLine { side, at_prompt } => return processes.clear_line(side, at_prompt),
            Effect::WatchMachine(wanted) => processes.watch_machine(wanted),
            Effect::WatchMap(wanted) => return processes.watch_map(wanted),
            Effect::LookInside(process) => return processes.look_inside(process.as_ref()),
            Effect::WatchProcess { column, process } => {
                return processes.watch_process(column, process);
            }
            Effect::WatchDetail { side } => processes.watch_detail(side),
            Effect::Ask { side, questions } => processes.ask(side, questions),
            Effect::StopDetail => processes.stop_detail(),
            Effect::Command { number, line, side } => {
                return processes.run_command(number, &line, side);
            }
            Effect::CancelCommand => processes.cancel_command(),
            Effect::AskRunning => return Some(processes.running_programs()),
            Effect::AskFacts { side, command } => return processes.facts(side, command),
            Effect::Keep(course) => self.frontend.keep(*course),
            Effect::KeepSplits(splits) => self.frontend.keep_splits(splits),
            Effect::Copy { text } => self.frontend.copy(&text),
            Effect::Ring => self.frontend.ring(),
            Effect::Judge => return Some(Msg::Judge),
            Effect::Save { notation, text } => return self.frontend.save(notation, &text),
            Effect::Quit => self.has_quit = true,
        }
        None
    }

    /// Whether a message is a piece of a flood.
    pub(crate) fn is_of_flood(&self, message: &Msg) -> bool {
        match message {
            Msg::Shell(side, _, ShellEvent::Output(_)) => self.processes.is_flood(*side),
            _ => false,
        }
    }

    /// Waits for input or for the earliest deadline. If the app's own deadline is due, sends the app `Msg::Tick`.
    /// Returns the input, the learner's keys first, and whether `Msg::Tick` was sent.
    pub(crate) fn wait(&mut self, deadline: Option<Instant>) -> io::Result<(Vec<Incoming>, bool)> {
        let deadlines = [
            deadline,
            self.state.next_deadline(),
            self.frontend.deadline(),
            self.processes.deadline(),
        ];
        let ready = self
            .inbox
            .poller
            .wait(deadlines.into_iter().flatten().min())?;
        let now = Instant::now();
        let is_due = |deadline: Option<Instant>| deadline.is_some_and(|it| it <= now);
        let due = is_due(self.state.next_deadline());
        if due {
            self.update(Msg::Tick);
        }
        let mut incoming = Vec::new();
        for (source, ready) in ready {
            match source {
                Source::Terminal | Source::Signal(_) => {
                    incoming.extend(self.frontend.read(source, ready));
                }
                Source::Workers => {
                    incoming.extend(self.inbox.take_reports().into_iter().map(Incoming::Msg));
                }
                Source::LabHost
                | Source::Reports(_)
                | Source::Helper(_)
                | Source::Watcher(_)
                | Source::Children
                | Source::Shell(_)
                | Source::Flood(_) => {
                    let messages = self.processes.read(source, ready);
                    incoming.extend(messages.into_iter().map(Incoming::Msg));
                }
            }
        }
        // After the input: bytes that came late may complete a key.
        if is_due(self.frontend.deadline()) {
            incoming.extend(self.frontend.expire(now));
        }
        if is_due(self.processes.deadline()) {
            incoming.extend(self.processes.expire().into_iter().map(Incoming::Msg));
        }
        Ok((incoming, due))
    }

    /// Passes the input until `deadline` to the app. Returns whether there was any.
    fn take_in(&mut self, deadline: Instant) -> bool {
        let Ok((incoming, _)) = self.wait(Some(deadline)) else {
            return false;
        };
        let any = !incoming.is_empty();
        for incoming in incoming {
            if let Incoming::Msg(message) = incoming {
                self.update(message);
            }
        }
        any
    }

    /// Passes input to the app until `holds`. Returns whether it did within `time`.
    pub(crate) fn until(&mut self, time: Duration, holds: impl Fn(&State) -> bool) -> bool {
        let end = Instant::now() + time;
        while !holds(&self.state) {
            if Instant::now() >= end {
                return false;
            }
            self.take_in(end);
        }
        true
    }

    /// Passes all waiting input to the app, and a fresh snapshot of each side: the effect of a command may not
    /// have been reported yet.
    pub(crate) fn catch_up(&mut self) {
        while self.take_in(Instant::now()) {}
        for message in self.processes.fresh_snapshots() {
            self.update(message);
        }
    }
}
