//! Drives the app: carries out its effects, feeds the answers back to `update`, waits for what comes next.
//!
//! The lab on a screen and `verify` without one share it. Must not know how anything is drawn.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::incoming::{Incoming, Sender};
use super::processes::Processes;
use crate::app::{self, Effect, Msg, Setup, State};
use crate::code::Notation;
use crate::progress::Course;

/// Carries out the effects that reach the learner's own terminal and files.
pub(crate) trait Frontend {
    /// Copies a text to the terminal's clipboard.
    fn copy(&mut self, text: &str);
    /// Saves a program to a new file. The message says how that went.
    fn save(&mut self, notation: Notation, text: &str) -> Option<Msg>;
    /// Keeps the learner's progress for the next session.
    fn keep(&mut self, course: Course);
}

/// The app's state and all that it acts on. Fields are dropped in this order: the learner sees their own
/// screen again before the lab's processes are ended.
pub(crate) struct Driver<F> {
    pub(crate) state: State,
    pub(crate) frontend: F,
    /// The app has asked to end.
    pub(crate) has_quit: bool,
    processes: Processes,
    incoming: Receiver<Incoming>,
}

impl<F: Frontend> Driver<F> {
    /// Also returns the first effects, which start the lab host: a caller can draw before that.
    pub(crate) fn new(
        setup: Setup,
        frontend: F,
        (tell, incoming): (Sender, Receiver<Incoming>),
    ) -> (Self, Vec<Effect>) {
        let (state, effects) = State::new(setup);
        let driver = Self {
            state,
            frontend,
            has_quit: false,
            processes: Processes::new(tell),
            incoming,
        };
        (driver, effects)
    }

    /// Tells the app a message, and carries out what it asks for.
    pub(crate) fn update(&mut self, message: Msg) {
        let effects = app::update(&mut self.state, message, Instant::now());
        self.carry_out(effects);
    }

    /// Carries out effects, and what the app asks for when it gets the answers.
    pub(crate) fn carry_out(&mut self, mut effects: Vec<Effect>) {
        while !effects.is_empty() {
            let mut answers = Vec::new();
            for effect in effects {
                answers.extend(self.carry_out_one(effect));
            }
            self.processes.end_batch();
            effects = answers
                .into_iter()
                .flat_map(|message| app::update(&mut self.state, message, Instant::now()))
                .collect();
        }
    }

    fn carry_out_one(&mut self, effect: Effect) -> Vec<Msg> {
        let processes = &mut self.processes;
        let answer = match effect {
            Effect::StartLab { host } => Some(processes.start_lab(host)),
            Effect::Launch {
                side,
                launch,
                plan,
                cols,
                rows,
            } => processes
                .launch(side, launch, plan, (cols, rows))
                .err()
                .map(|why| Msg::LaunchFailed { side, launch, why }),
            Effect::Write { side, bytes } => {
                processes.write(side, bytes);
                None
            }
            Effect::ResizePty { side, cols, rows } => {
                processes.resize(side, cols, rows);
                None
            }
            Effect::Type {
                side,
                line,
                at_prompt,
            } => processes.type_line(side, &line, at_prompt),
            Effect::WatchMachine(wanted) => {
                processes.watch_machine(wanted);
                None
            }
            Effect::WatchDetail { side } => {
                processes.watch_detail(side);
                None
            }
            Effect::StopDetail => {
                processes.stop_detail();
                None
            }
            Effect::Command {
                number,
                line,
                sides,
            } => return processes.run_command(number, &line, sides),
            Effect::CancelCommand => {
                processes.cancel_command();
                None
            }
            Effect::AskRunning => Some(processes.running_programs()),
            Effect::Keep(course) => {
                self.frontend.keep(*course);
                None
            }
            Effect::Copy { text } => {
                self.frontend.copy(&text);
                None
            }
            Effect::Save { notation, text } => self.frontend.save(notation, &text),
            Effect::Quit => {
                self.has_quit = true;
                None
            }
        };
        answer.into_iter().collect()
    }

    /// Waits until something comes in, or until `deadline`, or until the app's own deadline, which it is
    /// then told of. Also returns whether it was.
    pub(crate) fn wait(&mut self, deadline: Option<Instant>) -> (Option<Incoming>, bool) {
        let deadlines = [deadline, self.state.next_deadline()];
        let incoming = match deadlines.into_iter().flatten().min() {
            Some(first) => {
                let left = first.saturating_duration_since(Instant::now());
                self.incoming.recv_timeout(left).ok()
            }
            None => self.incoming.recv().ok(),
        };
        let now = Instant::now();
        let due = self.state.next_deadline().is_some_and(|it| it <= now);
        if due {
            self.update(Msg::Tick);
        }
        (incoming, due)
    }

    /// What has come in already.
    pub(crate) fn try_next(&self) -> Option<Incoming> {
        self.incoming.try_recv().ok()
    }

    /// Does the runtime's part of what has come in, and returns what the app is to be told of it.
    pub(crate) fn message(&mut self, incoming: Incoming) -> Option<Msg> {
        self.processes.message(incoming)
    }

    /// Takes in what happens until `holds`. Returns whether it did within `time`.
    pub(crate) fn until(&mut self, time: Duration, holds: impl Fn(&State) -> bool) -> bool {
        let end = Instant::now() + time;
        while !holds(&self.state) {
            if Instant::now() >= end {
                return false;
            }
            let (incoming, _) = self.wait(Some(end));
            if let Some(message) = incoming.and_then(|it| self.message(it)) {
                self.update(message);
            }
        }
        true
    }

    /// Takes in all that has happened so far, and a fresh snapshot of each side: what a command did may
    /// not have been reported yet.
    pub(crate) fn catch_up(&mut self) {
        while let Some(incoming) = self.try_next() {
            if let Some(message) = self.message(incoming) {
                self.update(message);
            }
        }
        for message in self.processes.fresh_snapshots() {
            self.update(message);
        }
    }
}
