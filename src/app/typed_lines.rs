//! The lines that the lesson has typed: which of them have ended, and how.
//!
//! Must not know what a line is for, or who is credited with what it changes.

use std::time::{Duration, Instant};

use super::shadowed;
use super::shells::{Phase, Shells};
use super::walk::{EverTrue, LineEnd, LinePlace, Walk};
use crate::explain::Why;
use crate::lesson::LessonStep;
use crate::pty::emulator::EndedLine;
use crate::sandbox::{Exit, Side};

/// How long to wait for the end of a typed line before its effect is measured.
const LONGEST_LINE: Duration = Duration::from_secs(10);

/// The origin of a typed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineOrigin {
    /// A line of the run block that is this part of the step.
    Part { part: usize, line: usize },
    /// The script that does the step for the learner.
    Script,
}

/// A line on its way to a shell: taken back if the shell turns out to be busy.
#[derive(Debug)]
struct UnconfirmedLine {
    side: Side,
    /// The lesson and step that it belongs to.
    place: (usize, usize),
    origin: LineOrigin,
}

/// The last line that the lesson typed.
#[derive(Debug)]
struct TypedLine {
    side: Side,
    launch: u32,
    /// How many commands had ended in the shell before it.
    commands: u64,
    at: Instant,
}

/// Whether the step still waits for the end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineFate {
    Awaited,
    /// The learner has begun the step again since.
    Forgotten,
}

/// A line of a run whose command has not ended, or has failed and is still to be explained.
#[derive(Debug)]
struct UnendedLine {
    side: Side,
    launch: u32,
    line: LinePlace,
    fate: LineFate,
    /// The number that its command has in the shell.
    command: u64,
    /// The prompts that the shell had shown before it.
    prompts: u64,
    /// The command that ran when it was typed: it may have started an inner shell.
    within: Option<u64>,
    /// Whether that command has started an inner shell, which was at its prompt.
    at_inner_prompt: bool,
}

/// The lines that the lesson has typed.
#[derive(Debug, Default)]
pub(crate) struct TypedLines {
    unconfirmed: Option<UnconfirmedLine>,
    last: Option<TypedLine>,
    /// Those whose commands have not ended, the oldest first.
    underway: Vec<UnendedLine>,
    /// The last one whose command has ended, with the number of that command in its shell.
    ended: Option<(u64, UnendedLine)>,
}

impl TypedLines {
    /// Notes that a line is typed into a side's shell.
    pub(super) fn note_typed(&mut self, shells: &Shells, side: Side, at: Instant) {
        let shell = shells.get(side);
        self.last = Some(TypedLine {
            side,
            launch: shell.launch,
            commands: shell.emulator.commands(),
            at,
        });
    }

    /// Notes that the command of a run's line will end in its shell.
    pub(super) fn note_underway(&mut self, shells: &Shells, side: Side, line: LinePlace) {
        let shell = shells.get(side);
        let (launch, emulator) = (shell.launch, &shell.emulator);
        let (begun, prompts) = (emulator.begun(), emulator.prompts());
        // If the shell has shown a prompt since and begun no command, it could not read the line: that line is
        // dropped here.
        let read = |it: &UnendedLine| it.command <= begun || it.prompts == prompts;
        self.underway
            .retain(|it| it.side != side || (it.launch == launch && read(it)));
        // The shell may not have begun the earlier lines yet: they get the lower numbers.
        let before = self.underway.iter();
        let before = before.filter(|it| it.side == side && it.command > begun);
        let command = before.map(|it| it.command).max().unwrap_or(begun) + 1;
        let within = emulator.innermost();
        self.underway.push(UnendedLine {
            side,
            launch,
            line,
            fate: LineFate::Awaited,
            command,
            prompts,
            within,
            at_inner_prompt: within.is_some() && emulator.at_prompt(),
        });
    }

    /// Whether some lines still wait for their shells. Shells that report no prompts are left out.
    pub(super) fn any_to_begin(&self, shells: &Shells) -> bool {
        let to_begin = |it: &UnendedLine| {
            let shell = shells.get(it.side);
            let emulator = &shell.emulator;
            let waits = it.command > emulator.begun() && it.prompts == emulator.prompts();
            it.launch == shell.launch && waits && emulator.prompts() > 0
        };
        self.underway.iter().any(to_begin)
    }

    /// Whether nothing has been reported about this typed line: it was typed while an earlier command ran, and that
    /// command may be a shell that reports nothing.
    pub(super) fn is_unreported(&self, shells: &Shells, line: LinePlace) -> bool {
        self.underway.iter().any(|it| {
            let shell = shells.get(it.side);
            let emulator = &shell.emulator;
            let here = it.launch == shell.launch && it.within.is_some();
            let behind = here && it.within == emulator.innermost();
            let told = it.command <= emulator.begun() || it.at_inner_prompt;
            it.line == line && it.fate == LineFate::Awaited && behind && !told
        })
    }

    /// Forgets the lines of this step: how they end no longer counts.
    pub(super) fn forget(&mut self, place: (usize, usize)) {
        let ended = self.ended.iter_mut().map(|(_, it)| it);
        let lines = self.underway.iter_mut().chain(ended);
        for line in lines.filter(|it| it.line.place == place) {
            line.fate = LineFate::Forgotten;
        }
    }

    /// Notes how lines of runs have ended. Looks at the commands that have ended in this shell after the first
    /// `before` ones. Returns the numbers of those that are not the lesson's: they are the learner's own.
    pub(super) fn note_ended(
        &mut self,
        walk: &mut Walk,
        shells: &Shells,
        side: Side,
        before: u64,
    ) -> Vec<u64> {
        let shell = shells.get(side);
        let mut own = Vec::new();
        // The emulator keeps only the last commands: the numbers are counted from the end.
        let emulator = &shell.emulator;
        let kept = emulator.commands_after(before);
        let kept = u64::try_from(kept.count()).unwrap_or(u64::MAX);
        let first = emulator.commands().saturating_sub(kept) + 1;
        for (nth, ended) in (first..).zip(emulator.commands_after(before)) {
            let ours = |it: &UnendedLine| {
                (it.side, it.launch, it.command) == (side, shell.launch, ended.number)
            };
            let Some(at) = self.underway.iter().position(ours) else {
                self.note_inner_ended(walk, side, shell.launch, ended.number, ended.status);
                own.push(nth);
                continue;
            };
            let line = self.underway.remove(at);
            self.note_inner_ended(walk, side, shell.launch, ended.number, ended.status);
            // If the command differs from the typed line, another program has read the line, and the command is the
            // learner's.
            if line.fate == LineFate::Awaited && !walk.was_typed(line.line, &ended.line) {
                own.push(nth);
                continue;
            }
            let told = last_line(&ended.output);
            let shadowed = shadowed::first(&ended.line, &ended.names);
            let mut earlier = shell.emulator.commands_after(0);
            let same = |it: &EndedLine| it.status == 0 && it.line == ended.line;
            let again =
                !ended.line.is_empty() && earlier.any(|it| it.number < ended.number && same(it));
            let end = LineEnd {
                status: ended.status,
                last_line: told,
                shadowed,
                again,
            };
            if line.fate == LineFate::Awaited {
                walk.line_ended(line.line, end);
            }
            self.ended = Some((nth, line));
        }
        own
    }

    /// Notes that an inner shell has ended, together with the command that started it. The last line in it ended
    /// the inner shell.
    fn note_inner_ended(
        &mut self,
        walk: &mut Walk,
        side: Side,
        launch: u32,
        command: u64,
        status: i32,
    ) {
        // If the inner shell reports nothing, only a line such as `exit` shows that there was one.
        let inner = |it: &UnendedLine| {
            (it.side, it.launch, it.within) == (side, launch, Some(command))
                && (it.at_inner_prompt || walk.leaves(it.line))
        };
        let last = self.underway.iter().rfind(|it| inner(it));
        let last = last.map(|it| (it.line, it.fate));
        self.underway.retain(|it| !inner(it));
        if let Some((line, LineFate::Awaited)) = last {
            let status = if walk.leaves(line) { 0 } else { status };
            let end = LineEnd {
                status,
                ..LineEnd::default()
            };
            walk.line_ended(line, end);
        }
    }

    /// The shell could not read a line, and has begun no command for it. If it is a line of a run, it has failed.
    pub(super) fn note_unread(&mut self, walk: &mut Walk, shells: &Shells, side: Side) {
        let shell = shells.get(side);
        let Some(unread) = shell.emulator.unread() else {
            return;
        };
        let (begun, prompts) = (shell.emulator.begun(), shell.emulator.prompts());
        let ours = |it: &UnendedLine| {
            let here = (it.side, it.launch) == (side, shell.launch);
            let read = it.command > begun && it.prompts < prompts;
            here && read && !unread.line.is_empty() && walk.was_typed(it.line, &unread.line)
        };
        let Some(at) = self.underway.iter().position(ours) else {
            return;
        };
        let line = self.underway.remove(at);
        if line.fate == LineFate::Forgotten {
            return;
        }
        let line = line.line;
        let end = LineEnd {
            status: unread.status,
            last_line: last_line(&unread.output),
            ..LineEnd::default()
        };
        walk.line_ended(line, end);
    }

    /// A shell has ended while the learner was in this step, and with it the commands of its lines. Only the last
    /// command can have ended the shell; how the others ended is unknown.
    pub(super) fn note_shell_ended(
        &mut self,
        walk: &mut Walk,
        step: Option<&LessonStep>,
        shells: &Shells,
        side: Side,
    ) {
        let shell = shells.get(side);
        let place = walk.place();
        let ends = step.is_some_and(|step| step.may_end(side));
        let well = match shell.phase {
            Phase::Exited(Exit::Status(status)) => status == 0 || ends,
            Phase::Exited(Exit::Signal(_)) => ends,
            _ => false,
        };
        let (ended, left) = std::mem::take(&mut self.underway)
            .into_iter()
            .partition(|it| it.side == side);
        self.underway = left;
        let ended: Vec<UnendedLine> = ended;
        let ours = |it: &UnendedLine| {
            let awaited = it.fate == LineFate::Awaited;
            awaited && it.launch == shell.launch && it.line.place == place
        };
        let Some(last) = ended.last().filter(|it| ours(it)) else {
            return;
        };
        // The line was an `exec` that seems to have failed: no prompt came, and no check became true.
        let failed_exec = |it: &UnendedLine, status: i32| {
            it.prompts == shell.emulator.prompts()
                && walk.becomes_another(it.line)
                && match step.map(|step| walk.progress().ever_true(step)) {
                    Some(EverTrue::Nothing) => true,
                    // The exit statuses of exec(1p), and of programs like chroot(1), when a program can't be run.
                    Some(EverTrue::NoChecks) | None => (125..=127).contains(&status),
                    Some(EverTrue::Something) => false,
                }
        };
        match shell.phase {
            Phase::Exited(Exit::Status(status)) if status != 0 && failed_exec(last, status) => {
                let end = LineEnd {
                    status,
                    last_line: last_line(&shell.emulator.output_so_far()),
                    ..LineEnd::default()
                };
                walk.line_ended(last.line, end);
            }
            _ if well => walk.line_ended(last.line, LineEnd::default()),
            _ => {}
        }
    }

    /// Whether the command with this number was that of the lesson's last ended line.
    pub(super) fn was_the_lessons(&self, side: Side, launch: u32, command: u64) -> bool {
        let last = self.ended.as_ref();
        last.is_some_and(|(nth, it)| (*nth, it.side, it.launch) == (command, side, launch))
    }

    /// The step whose line has ended last.
    pub(super) fn last_ended(&self) -> Option<(usize, usize)> {
        self.ended.as_ref().map(|(_, it)| it.line.place)
    }

    /// The part of this step whose line was the last command of this shell. `None` if the last command was no line of
    /// the step. The end of that command says nothing about the lines before it.
    pub(super) fn last_part(
        &self,
        place: (usize, usize),
        shells: &Shells,
        side: Side,
    ) -> Option<usize> {
        let shell = shells.get(side);
        let (nth, last) = self.ended.as_ref()?;
        let here = (last.side, last.launch, last.line.place) == (side, shell.launch, place);
        (here && *nth == shell.emulator.commands()).then_some(last.line.part)
    }

    /// Notes why a command failed, if it was that of the last ended line. Otherwise returns `why`.
    pub(super) fn explain(
        &self,
        walk: &mut Walk,
        (side, launch): (Side, u32),
        command: u64,
        why: Why,
    ) -> Option<Why> {
        let ours = |(number, line): &(u64, UnendedLine)| {
            let awaited = line.fate == LineFate::Awaited;
            awaited && (*number, line.side, line.launch) == (command, side, launch)
        };
        let Some((_, line)) = self.ended.as_ref().filter(|it| ours(it)) else {
            return Some(why);
        };
        walk.line_explained(line.line, why);
        None
    }

    /// Notes the destination of a line, so that the line can be taken back.
    pub(super) fn note_unconfirmed(
        &mut self,
        place: (usize, usize),
        side: Side,
        origin: LineOrigin,
    ) {
        self.unconfirmed = Some(UnconfirmedLine {
            side,
            place,
            origin,
        });
    }

    /// A line that is still on its way is no longer taken back.
    pub(super) fn forget_unconfirmed(&mut self) {
        self.unconfirmed = None;
    }

    /// Takes back the line that did not reach its shell: another program had the foreground, or Ctrl-S had stopped
    /// the terminal.
    pub(super) fn take_back(&mut self, walk: &mut Walk, side: Side) {
        let place = walk.place();
        let line = self.unconfirmed.take();
        if let Some(line) = line.filter(|line| line.side == side && line.place == place) {
            match line.origin {
                LineOrigin::Part { part, line } => {
                    self.underway.pop();
                    walk.untype_line(part, line);
                }
                LineOrigin::Script => walk.undo_script_action(),
            }
        }
    }

    /// When to stop waiting for the end of the typed line. `None` once it has ended, and in a shell that doesn't
    /// report its commands: only bash does.
    pub(super) fn deadline(&self, shells: &Shells) -> Option<Instant> {
        let typed = self.last.as_ref()?;
        let shell = shells.get(typed.side);
        let emulator = &shell.emulator;
        let tells = shell.runs() && shell.launch == typed.launch && emulator.prompts() > 0;
        (tells && emulator.commands() == typed.commands).then_some(typed.at + LONGEST_LINE)
    }
}

/// The last line of an output that is not blank.
fn last_line(output: &str) -> String {
    let told = output.lines().rev().find(|it| !it.trim().is_empty());
    told.unwrap_or_default().trim().to_owned()
}
