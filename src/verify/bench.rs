//! A lab without a screen: the real app and the real shells, with keys pressed from here.
//!
//! Owns how verify waits: for something to happen, never for a time to pass. Must not know a lesson's content.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::shells::{LabPhase, Phase, Shell};
use crate::app::{Effect, Failure, Msg, Setup, State, launching, texts};
use crate::code::Notation;
use crate::lang::Lang;
use crate::lesson::Launch;
use crate::lesson::shell_line::becomes_another;
use crate::poller::Ready;
use crate::progress::{Course, Splits};
use crate::runtime::driver::{Driver, Frontend};
use crate::runtime::incoming::{Inbox, Incoming};
use crate::runtime::sources::Source;
use crate::sandbox::Side;

/// The longest time until a watcher reports what a command did.
pub(super) const SEEN: Duration = Duration::from_secs(3);
/// The longest time until a shell runs, or a command ends.
pub(super) const ENDED: Duration = Duration::from_secs(10);
/// How long to wait for a prompt after an `exec`, which may show none.
const EXEC: Duration = Duration::from_millis(150);
/// Lines of a shell's output in a fault.
const LAST_LINES: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineOutcome {
    /// Its shell is at a prompt again.
    Ended {
        /// The exit status, if the line ran a command.
        status: Option<i32>,
    },
    /// An `exec` that shows no prompt.
    TookOver,
    ShellGone,
    /// It still runs after [`ENDED`].
    Runs,
}

/// There is no learner: nothing is copied or saved, and no progress is kept.
pub(super) struct NoFrontend;

impl Frontend for NoFrontend {
    fn read(&mut self, _source: Source, _ready: Ready) -> Vec<Incoming> {
        Vec::new()
    }

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn expire(&mut self, _now: Instant) -> Vec<Incoming> {
        Vec::new()
    }

    fn copy(&mut self, _text: &str) {}

    fn ring(&mut self) {}

    fn save(&mut self, _notation: Notation, _text: &str) -> Option<Msg> {
        None
    }

    fn keep(&mut self, _course: Course) {}

    fn keep_splits(&mut self, _splits: Splits) {}
}

/// Why there is no lab, or no container.
pub(super) enum WhyNoLab {
    /// The machine doesn't allow it, for a reason that doctor knows.
    Refused(String),
    /// Any other failure.
    Failed(String),
}

impl WhyNoLab {
    fn of(what: &str, lang: Lang, why: &Failure) -> Self {
        let said = format!("{what}: {}", texts::failure(lang, why));
        if why.is_of_the_machine() {
            WhyNoLab::Refused(said)
        } else {
            WhyNoLab::Failed(said)
        }
    }
}

/// A lab without a screen.
pub(super) type Bench = Driver<NoFrontend>;

impl Bench {
    /// Opens the lab, and waits for the lab host and its shell. An error gives the reason why there is none.
    pub(super) fn open(setup: Setup) -> Result<Self, WhyNoLab> {
        let inbox = Inbox::new().map_err(|error| WhyNoLab::Failed(format!("epoll: {error}")))?;
        let (mut bench, effects) = Driver::new(setup, None, None, NoFrontend, inbox);
        bench.carry_out(effects);
        bench.get_ready()?;
        Ok(bench)
    }

    /// Presses a key, as the learner would.
    pub(super) fn press(&mut self, code: KeyCode) {
        self.update(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    fn get_ready(&mut self) -> Result<(), WhyNoLab> {
        self.until(ENDED, |state| {
            !matches!(state.shells.lab, LabPhase::Starting)
        });
        match &self.state.shells.lab {
            LabPhase::Ready => {}
            LabPhase::Failed { why, .. } => {
                return Err(WhyNoLab::of("there is no lab host", self.state.lang, why));
            }
            LabPhase::Undecided | LabPhase::Starting | LabPhase::Gone => {
                return Err(WhyNoLab::Failed("there is no lab host".to_owned()));
            }
        }
        self.started(Side::Host)
    }

    /// Waits until a launched shell runs and has a snapshot. An error says what failed.
    pub(super) fn started(&mut self, side: Side) -> Result<(), WhyNoLab> {
        let there = |shell: &Shell| shell.runs() && shell.snapshot.is_some();
        self.until(ENDED, |state| {
            let shell = state.shells.get(side);
            there(shell) || !matches!(shell.phase, Phase::Starting | Phase::Running)
        });
        let shell = self.state.shells.get(side);
        let wrong = match &shell.phase {
            Phase::Running if there(shell) => return Ok(()),
            Phase::Failed(why) => {
                let what = format!("the {side} could not be launched");
                return Err(WhyNoLab::of(&what, self.state.lang, why));
            }
            Phase::Running => format!("no snapshot of the {side} arrived"),
            Phase::Exited(exit) => format!("the {side}'s shell ended at once: {exit}"),
            Phase::Starting => format!("the {side}'s shell did not start"),
            Phase::Absent => format!("there is no {side}"),
        };
        Err(WhyNoLab::Failed(wrong))
    }

    /// Launches a container, and waits until it runs; see [`Bench::started`].
    pub(super) fn launch(&mut self, launch: &Launch) -> Result<(), WhyNoLab> {
        let effects = launching::launch_for_lesson(&mut self.state, launch, Instant::now());
        self.carry_out(effects);
        self.started(Side::Container(launch.container))
    }

    /// Types a line into a shell, once it is at its prompt.
    pub(super) fn type_at_prompt(&mut self, side: Side, line: String) {
        self.carry_out(vec![Effect::Type {
            side,
            line,
            at_prompt: true,
        }]);
    }

    /// Waits for a shell's prompt.
    pub(super) fn prompted(&mut self, side: Side) -> Result<(), String> {
        let ready = |state: &State| {
            let shell = state.shells.get(side);
            shell.runs() && shell.emulator.at_prompt()
        };
        let lives = |state: &State| {
            let phase = &state.shells.get(side).phase;
            matches!(phase, Phase::Starting | Phase::Running)
        };
        self.until(ENDED, |state| ready(state) || !lives(state));
        if ready(&self.state) {
            return Ok(());
        }
        let shell = self.state.shells.get(side);
        Err(if shell.runs() && shell.emulator.prompts() == 0 {
            format!("the {side}'s shell marks no prompt: verify needs bash 4.4 or later")
        } else if shell.runs() {
            format!("the {side}'s shell is not at its prompt")
        } else {
            format!("the {side} has no shell")
        })
    }

    /// Types a line into a shell at its prompt with `typing`, and waits until the line is done.
    pub(super) fn follow_line(
        &mut self,
        side: Side,
        line: &str,
        typing: impl FnOnce(&mut Self),
    ) -> LineOutcome {
        let (prompts, commands, launch) = {
            let shell = self.state.shells.get(side);
            let emulator = &shell.emulator;
            (emulator.prompts(), emulator.commands(), shell.launch)
        };
        typing(self);
        let gone = |state: &State| {
            let shell = state.shells.get(side);
            shell.launch != launch || !shell.runs()
        };
        let back = |state: &State| {
            let emulator = &state.shells.get(side).emulator;
            emulator.prompts() > prompts && emulator.at_prompt()
        };
        let takes_over = becomes_another(line);
        let ended = if takes_over {
            // First wait until the shell has started the line.
            self.until(ENDED, |state| {
                gone(state) || back(state) || !state.shells.get(side).emulator.at_prompt()
            });
            self.until(EXEC, |state| gone(state) || back(state))
        } else {
            self.until(ENDED, |state| gone(state) || back(state))
        };
        if gone(&self.state) {
            LineOutcome::ShellGone
        } else if ended {
            let emulator = &self.state.shells.get(side).emulator;
            let new = emulator.commands() > commands;
            let status = emulator.last_command().filter(|_| new);
            LineOutcome::Ended {
                status: status.map(|ended| ended.status),
            }
        } else if takes_over {
            LineOutcome::TookOver
        } else {
            LineOutcome::Runs
        }
    }

    pub(super) fn last_lines(&self, side: Side) -> Vec<String> {
        let text = self.state.shells.get(side).emulator.text();
        let lines: Vec<_> = text.trim_end().lines().map(str::to_owned).collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].to_vec()
    }
}
