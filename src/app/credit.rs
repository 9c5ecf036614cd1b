//! Who is credited when a check turns true: the lesson, or the learner with a command of their own.
//!
//! Must not know what a check asks.

use super::shells::Shells;
use super::typed_lines::TypedLines;
use super::walk::{Cause, OwnCommand};
use crate::sandbox::Side;

/// The learner, who types into a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TypingLearner {
    /// The shell: its side and its launch.
    of: (Side, u32),
    /// How many commands had ended in the shell before the learner typed.
    before: u64,
    /// How many prompts the shell had shown when it got its last Enter.
    entered_at: Option<u64>,
}

/// Who acted last, and is credited with a check that becomes true.
#[derive(Debug, Default)]
pub(crate) struct Credit {
    /// `None` if the lesson acted, at an Enter of the learner, or a launch did.
    learner: Option<TypingLearner>,
    /// The learner's last command that matched the waiting line: its side, its launch, its number.
    counted: Option<(Side, u32, u64)>,
}

impl Credit {
    /// Notes that what changes from now on is the work of the lesson, or of a launch.
    pub(super) fn give_lesson(&mut self) {
        self.learner = None;
    }

    /// Notes that the learner types into a side's shell.
    pub(super) fn give_learner(
        &mut self,
        lines: &TypedLines,
        shells: &Shells,
        side: Side,
        typed: &[u8],
    ) {
        // Until the shell starts the lesson's last line, changes are credited to the lesson.
        if lines.any_to_begin(shells) {
            return;
        }
        let shell = shells.get(side);
        let of = (side, shell.launch);
        let known = self.learner.filter(|it| it.of == of);
        let commands = || shell.emulator.commands();
        let enters = typed.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        let entered_at = enters.then(|| shell.emulator.prompts());
        self.learner = Some(TypingLearner {
            of,
            before: known.map_or_else(commands, |it| it.before),
            entered_at: entered_at.or(known.and_then(|it| it.entered_at)),
        });
    }

    /// Notes that the learner's command with this number was the line that the step waited for.
    pub(super) fn count(&mut self, side: Side, launch: u32, command: u64) {
        self.counted = Some((side, launch, command));
    }

    /// The cause of the checks that become true now.
    pub(super) fn cause<'s>(&self, lines: &TypedLines, shells: &'s Shells) -> Cause<'s> {
        let Some(learner) = self.learner else {
            return Cause::Lesson;
        };
        let (side, launch) = learner.of;
        let shell = shells.get(side);
        let emulator = &shell.emulator;
        if shell.launch != launch || emulator.prompts() == 0 {
            return Cause::Learner(side, OwnCommand::Untold);
        }
        // A snapshot may arrive before the shell marks the start of the command.
        if !emulator.at_prompt() || learner.entered_at == Some(emulator.prompts()) {
            return Cause::Learner(side, OwnCommand::Running);
        }
        let command = (side, launch, emulator.commands());
        let last = emulator.commands_after(learner.before).last();
        let last = last.filter(|_| !lines.was_the_lessons(side, launch, command.2));
        match last {
            // Its line is marked already.
            Some(_) if self.counted == Some(command) => Cause::Lesson,
            Some(last) if last.line.is_empty() => Cause::Learner(side, OwnCommand::Untold),
            Some(last) => Cause::Learner(side, OwnCommand::Ended(&last.line)),
            // The command that has started an inner shell.
            None if emulator.innermost().is_some() => Cause::Learner(side, OwnCommand::Running),
            None => Cause::Lesson,
        }
    }
}
