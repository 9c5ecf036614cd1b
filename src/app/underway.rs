//! A starting state that is being made: the deeds that are left, the wait before the next one, and the progress that
//! the learner sees.
//!
//! Must not know how a deed is done.

use std::collections::VecDeque;
use std::time::Instant;

use super::shells::{Phase, Shell, Shells};
use crate::lesson::StepDeed;
use crate::pty::emulator::Emulator;
use crate::sandbox::Side;

/// A starting state that is being made.
#[derive(Debug)]
pub(crate) struct Rebuild {
    /// The lesson and step of the learner.
    pub(super) place: (usize, usize),
    /// The deeds that are left, each with its step.
    pub(super) left: VecDeque<(usize, StepDeed)>,
    /// Whether the steps before the learner's have been done.
    pub(super) in_step: bool,
    pub(crate) underway: Underway,
    /// The first line that has failed although the step does not expect that.
    pub(super) failed: Option<FailedLine>,
    pub(super) waits: Waits,
    /// When to give up.
    pub(super) until: Instant,
}

/// Something that the next deed waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Waits {
    /// The start of a lab host.
    Lab,
    /// A shell's prompt. A shell that reports none is waited for a moment.
    Shell { side: Side, silent: Instant },
    /// The end of a typed line.
    Line {
        side: Side,
        launch: u32,
        /// How many prompts there were before it.
        prompts: u64,
        /// How many commands had ended before it. `None` for a line of a script: there checks judge the effect, and
        /// the exit status doesn't matter.
        commands: Option<u64>,
        silent: Instant,
        /// Whether there may be no prompt afterwards: after an `exec`, or in a shell that doesn't report its prompts.
        unsure: bool,
    },
    /// The watchers: by this time they have seen all effects.
    Seen(Instant),
}

/// The part that is being made now, as the learner sees it. Steps are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Underway {
    /// The lab host, or a look at what was made.
    Lab,
    Step(usize),
    /// A shell of the step has yet to start.
    Shell(usize, Side),
    /// A line of the step has yet to end.
    Line {
        step: usize,
        side: Side,
        line: String,
    },
}

/// A line that has failed in a fresh lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedLine {
    /// Its step, counted from 1.
    pub step: usize,
    pub line: String,
    pub status: i32,
}

/// The state of a wait.
pub(super) enum WaitState {
    Waits,
    Over,
    Failed,
}

impl Rebuild {
    /// When to call `rebuild::advance` even if nothing has happened. `None` while the lab host starts: that has
    /// no time limit.
    pub(super) fn deadline(&self, shells: &Shells) -> Option<Instant> {
        let silent = |side: Side| shells.get(side).emulator.prompts() == 0;
        Some(match self.waits {
            Waits::Lab => return None,
            Waits::Shell { side, silent: at } if silent(side) && shells.get(side).runs() => {
                at.min(self.until)
            }
            Waits::Line {
                side,
                silent: at,
                unsure,
                prompts,
                ..
            } if unsure || silent(side) || stays(&shells.get(side).emulator, prompts) => {
                at.min(self.until)
            }
            Waits::Seen(at) => at,
            Waits::Shell { .. } | Waits::Line { .. } => self.until,
        })
    }

    /// The state of the wait at this time.
    pub(super) fn standing(&self, shells: &Shells, now: Instant) -> WaitState {
        let prompted = |shell: &Shell, silent: Instant| match shell.emulator.prompts() {
            0 => now >= silent,
            _ => shell.emulator.at_prompt(),
        };
        match self.waits {
            Waits::Lab => WaitState::Waits,
            Waits::Shell { side, silent } => {
                let shell = shells.get(side);
                match shell.phase {
                    Phase::Running if shell.snapshot.is_some() && prompted(shell, silent) => {
                        WaitState::Over
                    }
                    Phase::Starting | Phase::Running => WaitState::Waits,
                    Phase::Absent | Phase::Exited(_) | Phase::Failed(_) => WaitState::Failed,
                }
            }
            Waits::Line {
                side,
                launch,
                prompts,
                silent,
                unsure,
                commands: _,
            } => {
                let shell = shells.get(side);
                let emulator = &shell.emulator;
                let gone = shell.launch != launch || !shell.runs();
                let first = stays(emulator, prompts);
                let back = emulator.prompts() > prompts && emulator.at_prompt() && !first;
                let silent = (unsure || emulator.prompts() == 0 || first) && now >= silent;
                if gone || back || silent {
                    WaitState::Over
                } else {
                    WaitState::Waits
                }
            }
            Waits::Seen(at) if now >= at => WaitState::Over,
            Waits::Seen(_) => WaitState::Waits,
        }
    }
}

/// Whether a shell shows its first prompt and showed none before: the line has just started, or it started
/// an inner shell.
fn stays(emulator: &Emulator, prompts: u64) -> bool {
    prompts == 0 && emulator.prompts() == 1 && emulator.at_prompt()
}
