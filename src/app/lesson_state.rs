//! The lessons, the learner's place in them, and the facts that their checks are judged by.
//!
//! Must not know how a step is shown.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::expected::ExpectedSides;
use super::mistake::Mistake;
use super::rebuild::Rebuild;
use super::review::Review;
use super::shadowed::{self, Shadowed};
use super::shells::{Phase, Shells};
use super::walk::{Cause, Fulfilled, Lessons, LineEnd, LinePlace, OwnCommand, Walk};
use crate::explain::Why;
use crate::lang::Lang;
use crate::lesson::{Context, EndedCommand, Known, Lesson, LessonStep, View};
use crate::namespace::NamespaceSet;
use crate::progress::Course;
use crate::pty::emulator::EndedLine;
use crate::sandbox::{ContainerNumber, Exit, Side};

/// How long to wait for the end of a typed line before its effect is measured.
const LONGEST_LINE: Duration = Duration::from_secs(10);

/// Where the learner reads in the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadingPosition {
    /// Where Enter has led.
    Follows,
    /// Where they have scrolled since.
    Elsewhere,
}

/// The origin of a typed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineOrigin {
    /// A line of the run block that is this part of the step.
    Part { part: usize, line: usize },
    /// The script that does the step for the learner.
    Script,
}

/// Who is changing the lab now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// The lesson's: the lab is as the lesson left it.
    Lesson,
    /// The learner has done on one side what the lesson waits for: that side is as the lesson left it.
    Side(Side),
    /// The learner's own.
    Learner,
}

/// Who is credited when a check turns true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actor {
    /// The lesson, at an Enter of the learner; or a launch.
    Lesson,
    /// The learner, who types into a shell: its side and launch.
    Learner {
        of: (Side, u32),
        /// How many commands had ended in it before.
        before: u64,
        /// How many prompts the shell had shown when it got its last Enter.
        entered_at: Option<u64>,
    },
}

/// A line on its way to a shell: taken back if the shell turns out to be busy.
#[derive(Debug)]
pub(super) struct UnconfirmedLine {
    pub side: Side,
    /// The lesson and step that it belongs to.
    pub place: (usize, usize),
    pub origin: LineOrigin,
}

/// The last line that the lesson typed.
#[derive(Debug)]
pub(super) struct TypedLine {
    side: Side,
    launch: u32,
    /// How many commands had ended in the shell before it.
    commands: u64,
    at: Instant,
}

/// The keys that are still to be pressed of a command that is seen being typed.
#[derive(Debug)]
pub(crate) struct KeysLeft {
    pub(super) side: Side,
    pub(super) launch: u32,
    /// Without Enter, which is the last.
    pub(super) keys: VecDeque<char>,
    /// When the next one is due.
    pub(super) next: Instant,
    /// The time between two of them.
    pub(super) pause: Duration,
    /// Whether they wait for the shell to give up an incomplete command.
    pub(super) cancelled: Option<Cancelled>,
}

/// A shell that is to give up a command that is not complete. What comes before its next prompt is lost.
#[derive(Debug)]
pub(crate) struct Cancelled {
    /// The prompts that it had shown before.
    pub(super) prompts: u64,
    /// How long to wait for the next one.
    pub(super) until: Instant,
    /// When to press Ctrl-C again.
    pub(super) again: Instant,
}

/// The mistakes in the lessons as they were saved. The last usable lessons stay in place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mistakes {
    /// Each with its file, line and column.
    pub all: Vec<Mistake>,
    /// Whether they are shown in place of the step.
    pub shown: bool,
    /// Where what is not shown now was scrolled to: the step or the mistakes.
    pub(super) scroll: usize,
}

/// Whether the step still awaits how a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineFate {
    Awaited,
    /// The learner has begun the step anew since.
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
    /// Whether that one did, as the prompt of the inner shell tells.
    at_inner_prompt: bool,
}

/// The lessons, and where the learner is in them.
#[derive(Debug)]
pub(crate) struct LessonState {
    pub lessons: Lessons,
    pub walk: Walk,
    /// The review that is under way; `walk` is in a step of it.
    pub(crate) review: Option<Review>,
    pub mistakes: Mistakes,
    /// Why progress is not saved, in the machine's words; none while it is.
    pub not_kept: Option<String>,
    /// The progress saved last; `None` where nothing is to be saved.
    pub(super) saved: Option<Course>,
    /// Whether to say that the learner is where they left off.
    pub(super) resumed: bool,
    /// The number of the present lab host.
    pub(super) lab: u32,
    /// The lesson that the present lab host was first used for; none has the number `usize::MAX`, which stands for
    /// one that is gone.
    pub(super) lab_of: Option<usize>,
    /// The lesson's directory whose files the lab shows.
    pub(super) lab_shows: Option<PathBuf>,
    /// The sides as the lesson left them.
    pub(crate) expected: ExpectedSides,
    /// The sides when the step was opened.
    pub(super) begun_with: ExpectedSides,
    pub(super) leads: Leads,
    /// The starting state that is being made.
    pub(crate) rebuild: Option<Rebuild>,
    /// The lesson and step whose starting state could not be made in this lab host.
    pub(crate) gave_up: Option<(usize, usize)>,
    /// The first line of the step that is shown.
    pub scroll: usize,
    pub reader: ReadingPosition,
    /// The values of the names in the lesson's expressions.
    pub context: Context,
    /// How many commands had ended in each side's shell, named by its launch, when the step was opened.
    before_step: Vec<(Side, u32, u64)>,
    /// The views that have been opened since the step was.
    pub(super) opened: Vec<View>,
    actor: Actor,
    pub(super) unconfirmed: Option<UnconfirmedLine>,
    pub(super) typed: Option<TypedLine>,
    /// What is left to press of the command that the lesson is typing.
    pub(crate) keys_left: Option<KeysLeft>,
    /// The typed lines whose commands have not ended, the oldest first.
    underway: Vec<UnendedLine>,
    /// The last line whose command has ended, with the number of that command in its shell.
    ended: Option<(u64, UnendedLine)>,
    /// The learner's last command that matched the waiting line: its side, its launch, its number.
    counted: Option<(Side, u32, u64)>,
}

impl LessonState {
    /// Begins at the lesson `start`; without it where the learner left off, or at the first lesson.
    pub(super) fn new(lessons: Lessons, saved: Option<Course>, start: Option<&str>) -> Self {
        let start = start.and_then(|id| lessons.index(id));
        let mut walk = Walk::new(start.unwrap_or(0));
        let mut resumed = false;
        if let Some(course) = &saved {
            walk.load(course, &lessons);
            resumed = start.is_none() && walk.resume(course, &lessons);
        }
        LessonState {
            lessons,
            walk,
            review: None,
            mistakes: Mistakes::default(),
            not_kept: None,
            saved,
            resumed,
            lab: 0,
            lab_of: None,
            lab_shows: None,
            expected: ExpectedSides::default(),
            begun_with: ExpectedSides::default(),
            leads: Leads::Lesson,
            rebuild: None,
            gave_up: None,
            scroll: 0,
            reader: ReadingPosition::Follows,
            context: Known::default().context(),
            before_step: Vec::new(),
            opened: Vec::new(),
            actor: Actor::Lesson,
            unconfirmed: None,
            typed: None,
            keys_left: None,
            underway: Vec::new(),
            ended: None,
            counted: None,
        }
    }

    /// The learner's own walk, also while a review asks something else.
    pub(crate) fn learners_walk(&self) -> &Walk {
        self.review.as_ref().map_or(&self.walk, |it| &it.learner)
    }

    /// Takes the learner's own walk up again, if a review has put it aside.
    pub(super) fn leave_review(&mut self) {
        if let Some(review) = self.review.take() {
            self.walk = review.learner;
        }
    }

    pub(crate) fn lesson(&self, lang: Lang) -> Option<&Lesson> {
        self.lessons.lesson(self.walk.lesson(), lang)
    }

    pub(crate) fn step(&self, lang: Lang) -> Option<&LessonStep> {
        self.lesson(lang)?.steps.get(self.walk.step())
    }

    /// The step together with what changes in it.
    pub(super) fn step_mut(&mut self, lang: Lang) -> Option<(&LessonStep, &mut Walk, &Context)> {
        let lesson = self.lessons.lesson(self.walk.lesson(), lang)?;
        let step = lesson.steps.get(self.walk.step())?;
        Some((step, &mut self.walk, &self.context))
    }

    /// The part of the step that waits for the learner.
    pub(crate) fn pending(&self, lang: Lang) -> Option<usize> {
        self.walk.progress().pending(self.step(lang)?)
    }

    pub(super) fn refresh_context(&mut self, shells: &Shells, chosen: NamespaceSet) {
        self.context = self.known(shells, chosen).context();
    }

    /// All that expressions can ask about.
    pub(crate) fn known<'k>(&'k self, shells: &'k Shells, chosen: NamespaceSet) -> Known<'k> {
        let container = |number| shells.get(Side::Container(number));
        let host = shells.get(Side::Host);
        Known {
            host: host.snapshot.as_deref(),
            containers: ContainerNumber::ALL.map(|number| container(number).snapshot.as_deref()),
            machine: shells.machine.snapshot.as_deref(),
            host_last: host.last_command(),
            containers_last: ContainerNumber::ALL.map(|number| container(number).last_command()),
            host_asked: host.asked.as_deref(),
            containers_asked: ContainerNumber::ALL.map(|number| container(number).asked.as_deref()),
            host_commands: self.of_step(shells, Side::Host),
            containers_commands: ContainerNumber::ALL
                .map(|number| self.of_step(shells, Side::Container(number))),
            chosen,
            seen: &self.opened,
            host_kind: shells.host_kind,
        }
    }

    /// The commands that have ended in a side's shell since the step was opened.
    fn of_step<'k>(&self, shells: &'k Shells, side: Side) -> Vec<EndedCommand<'k>> {
        let shell = shells.get(side);
        shell.commands_after(self.before_step(side, shell.launch))
    }

    /// How many commands had ended in a side's shell when the step was opened.
    fn before_step(&self, side: Side, launch: u32) -> u64 {
        let before = self.before_step.iter();
        let mut before = before.filter(|(of, its, _)| (*of, *its) == (side, launch));
        before.next().map_or(0, |(_, _, commands)| *commands)
    }

    /// The last command since the step was opened, if it was no program, but an alias or a function of
    /// the shell that it was typed into.
    pub(super) fn shadowed(&self, shells: &Shells) -> Option<(Side, Shadowed)> {
        shells.all().find_map(|(side, shell)| {
            let before = self.before_step(side, shell.launch);
            let last = shell.emulator.commands_after(before).last()?;
            Some((side, shadowed::first(&last.line, &last.names)?))
        })
    }

    /// Notes that a step is opened: the commands of its shells are counted from here.
    pub(super) fn count_commands(&mut self, shells: &Shells) {
        self.before_step = counts(shells);
        self.begun_with = ExpectedSides::of(shells);
    }

    /// Whether anything may have been done since the step was opened: a launch, a command that has ended or
    /// runs, or something in a shell that doesn't tell.
    pub(super) fn has_begun(&self, shells: &Shells) -> bool {
        let mut running = shells.all().filter(|(_, shell)| shell.runs());
        let before = |side: Side| self.before_step.iter().find(|(of, ..)| *of == side);
        let mut counts = counts(shells).into_iter();
        let acted = counts.any(|(side, launch, commands)| match before(side) {
            Some((_, of, before)) => (*of, *before) != (launch, commands),
            // The lab has just been opened: its host shell is no deed.
            None => commands > 0 || side != Side::Host && launch > 0,
        });
        acted || running.any(|(_, it)| !it.emulator.at_prompt())
    }

    /// What has been measured stays as it is: something else is about to be done, or the step is left.
    pub(super) fn close_measured(&mut self, lang: Lang, leaves: bool) {
        // What is done again was measured when the learner did it.
        if self.rebuild.is_none()
            && let Some((step, walk, context)) = self.step_mut(lang)
        {
            walk.close(step, context, leaves);
        }
    }

    /// Notes that something is done in the lab host. One of another lesson stays so: what that one has left there is
    /// no work of this one.
    pub(super) fn use_lab(&mut self) {
        self.lab_of.get_or_insert(self.walk.lesson());
    }

    /// The lessons are about to be replaced: the lab stays of the lesson that used it, wherever that stands now.
    pub(super) fn follow_lab_to(&mut self, lessons: &Lessons) {
        let id = self.lab_of.and_then(|of| self.lessons.id(of));
        let now = id.and_then(|id| lessons.index(id));
        self.lab_of = self.lab_of.map(|_| now.unwrap_or(usize::MAX));
    }

    /// Notes that what changes from now on is the work of the lesson, or of a launch.
    pub(super) fn credit_lesson(&mut self) {
        self.actor = Actor::Lesson;
    }

    /// Notes that the learner types into a side's shell.
    pub(super) fn credit_learner(&mut self, shells: &Shells, side: Side, typed: &[u8]) {
        // Before a shell has begun the lesson's last line, its effect is still the lesson's.
        if self.has_lines_to_begin(shells) {
            return;
        }
        let shell = shells.get(side);
        let this = (side, shell.launch);
        let (before, entered_at) = match self.actor {
            Actor::Learner {
                of,
                before,
                entered_at,
            } if of == this => (before, entered_at),
            _ => (shell.emulator.commands(), None),
        };
        let enters = typed.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        self.actor = Actor::Learner {
            of: this,
            before,
            entered_at: if enters {
                Some(shell.emulator.prompts())
            } else {
                entered_at
            },
        };
    }

    /// Notes that the learner's command with this number was the line which waited.
    pub(super) fn count(&mut self, side: Side, launch: u32, command: u64) {
        self.counted = Some((side, launch, command));
    }

    /// What made the checks true that turn true now.
    pub(super) fn cause<'s>(&self, shells: &'s Shells) -> Cause<'s> {
        let Actor::Learner {
            of,
            before,
            entered_at,
        } = self.actor
        else {
            return Cause::Lesson;
        };
        let (side, launch) = of;
        let shell = shells.get(side);
        let emulator = &shell.emulator;
        if shell.launch != launch || emulator.prompts() == 0 {
            return Cause::Learner(side, OwnCommand::Untold);
        }
        // What is seen may arrive before the shell's mark that a command has begun.
        if !emulator.at_prompt() || entered_at == Some(emulator.prompts()) {
            return Cause::Learner(side, OwnCommand::Running);
        }
        let command = (side, launch, emulator.commands());
        let last = emulator.commands_after(before).last();
        let last = last.filter(|_| !self.was_ours(side, launch, command.2));
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

    /// Notes that the lesson types a line.
    pub(super) fn note_typed(&mut self, shells: &Shells, side: Side, at: Instant) {
        if self.leads != Leads::Lesson {
            self.expected.note_strayed(shells);
        }
        (self.actor, self.leads) = (Actor::Lesson, Leads::Lesson);
        let shell = shells.get(side);
        self.typed = Some(TypedLine {
            side,
            launch: shell.launch,
            commands: shell.emulator.commands(),
            at,
        });
    }

    /// Notes that the command of a run's line will end in its shell.
    pub(super) fn note_underway(&mut self, shells: &Shells, side: Side, part: usize, line: usize) {
        let shell = shells.get(side);
        let (launch, emulator) = (shell.launch, &shell.emulator);
        let (begun, prompts) = (emulator.begun(), emulator.prompts());
        // A shell that has shown its prompt since has begun no command for it, as for a line that it
        // could not read.
        let read = |it: &UnendedLine| it.command <= begun || it.prompts == prompts;
        self.underway
            .retain(|it| it.side != side || (it.launch == launch && read(it)));
        // Those before it may still be on their way.
        let before = self.underway.iter();
        let before = before.filter(|it| it.side == side && it.command > begun);
        let command = before.map(|it| it.command).max().unwrap_or(begun) + 1;
        let place = self.walk.place();
        let within = emulator.innermost();
        self.underway.push(UnendedLine {
            side,
            launch,
            line: LinePlace { place, part, line },
            fate: LineFate::Awaited,
            command,
            prompts,
            within,
            at_inner_prompt: within.is_some() && emulator.at_prompt(),
        });
    }

    /// Whether some lines still wait for their shells, as far as those report their prompts.
    pub(super) fn has_lines_to_begin(&self, shells: &Shells) -> bool {
        let to_begin = |it: &UnendedLine| {
            let shell = shells.get(it.side);
            let emulator = &shell.emulator;
            let waits = it.command > emulator.begun() && it.prompts == emulator.prompts();
            it.launch == shell.launch && waits && emulator.prompts() > 0
        };
        self.underway.iter().any(to_begin)
    }

    /// Whether a line of the present step was typed where nothing has told of it so far: a command before
    /// it still ran, which may be a shell that reports nothing.
    pub(crate) fn is_unreported(&self, shells: &Shells, part: usize, line: usize) -> bool {
        let line = LinePlace {
            place: self.walk.place(),
            part,
            line,
        };
        self.underway.iter().any(|it| {
            let shell = shells.get(it.side);
            let emulator = &shell.emulator;
            let here = it.launch == shell.launch && it.within.is_some();
            let behind = here && it.within == emulator.innermost();
            let told = it.command <= emulator.begun() || it.at_inner_prompt;
            it.line == line && it.fate == LineFate::Awaited && behind && !told
        })
    }

    /// The lines of the present step that are underway are forgotten with it.
    pub(super) fn forget_underway(&mut self) {
        let place = self.walk.place();
        let ended = self.ended.iter_mut().map(|(_, it)| it);
        let lines = self.underway.iter_mut().chain(ended);
        for line in lines.filter(|it| it.line.place == place) {
            line.fate = LineFate::Forgotten;
        }
    }

    /// Notes how lines of a run ended: of the commands that have ended in this shell after the first
    /// `before` ones, those that were underway. Returns the learner's own: the numbers of the others.
    pub(super) fn note_ended(&mut self, shells: &Shells, side: Side, before: u64) -> Vec<u64> {
        let shell = shells.get(side);
        let mut own = Vec::new();
        // Of many commands a shell keeps the last ones.
        let emulator = &shell.emulator;
        let kept = emulator.commands_after(before);
        let kept = u64::try_from(kept.count()).unwrap_or(u64::MAX);
        let first = emulator.commands().saturating_sub(kept) + 1;
        for (nth, ended) in (first..).zip(emulator.commands_after(before)) {
            let ours = |it: &UnendedLine| {
                (it.side, it.launch, it.command) == (side, shell.launch, ended.number)
            };
            let Some(at) = self.underway.iter().position(ours) else {
                self.note_inner_ended(side, shell.launch, ended.number, ended.status);
                own.push(nth);
                continue;
            };
            let line = self.underway.remove(at);
            self.note_inner_ended(side, shell.launch, ended.number, ended.status);
            // Another program may have read the line, and this command be the learner's own.
            if line.fate == LineFate::Awaited && !self.walk.was_typed(line.line, &ended.line) {
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
                self.walk.line_ended(line.line, end);
            }
            self.ended = Some((nth, line));
        }
        own
    }

    /// An inner shell has ended, with the command that started it. Its last line caused the exit, and
    /// ended then.
    fn note_inner_ended(&mut self, side: Side, launch: u32, command: u64, status: i32) {
        let walk = &self.walk;
        // An inner shell that reports nothing is known by the line that ends it.
        let inner = |it: &UnendedLine| {
            (it.side, it.launch, it.within) == (side, launch, Some(command))
                && (it.at_inner_prompt || walk.leaves(it.line))
        };
        let last = self.underway.iter().rfind(|it| inner(it));
        let last = last.map(|it| (it.line, it.fate));
        self.underway.retain(|it| !inner(it));
        if let Some((line, LineFate::Awaited)) = last {
            let status = if self.walk.leaves(line) { 0 } else { status };
            let end = LineEnd {
                status,
                ..LineEnd::default()
            };
            self.walk.line_ended(line, end);
        }
    }

    /// The shell has read a line and begun no command for it. If it is that of a run, it has failed.
    pub(super) fn note_unread(&mut self, shells: &Shells, side: Side) {
        let shell = shells.get(side);
        let Some(unread) = shell.emulator.unread() else {
            return;
        };
        let (begun, prompts) = (shell.emulator.begun(), shell.emulator.prompts());
        let walk = &self.walk;
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
        self.walk.line_ended(line, end);
    }

    /// A shell has ended, and with it the commands of its lines. Only the last command can have ended the
    /// shell; the others' results are unknown.
    pub(super) fn note_shell_ended(&mut self, shells: &Shells, side: Side, lang: Lang) {
        let shell = shells.get(side);
        let place = self.walk.place();
        let ends = |step: &LessonStep| step.may_end(side);
        let ends = self.step(lang).is_some_and(ends);
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
        // The shell was to become another program, and nothing shows that it has.
        let in_vain = |it: &UnendedLine, status: i32| {
            it.prompts == shell.emulator.prompts()
                && self.walk.becomes_another(it.line)
                && match self
                    .step(lang)
                    .map(|step| self.walk.progress().fulfilled(step))
                {
                    Some(Fulfilled::Nothing) => true,
                    // As of exec(1p), and of programs like chroot(1).
                    Some(Fulfilled::NoChecks) | None => (125..=127).contains(&status),
                    Some(Fulfilled::Something) => false,
                }
        };
        match shell.phase {
            Phase::Exited(Exit::Status(status)) if status != 0 && in_vain(last, status) => {
                let end = LineEnd {
                    status,
                    last_line: last_line(&shell.emulator.output_so_far()),
                    ..LineEnd::default()
                };
                self.walk.line_ended(last.line, end);
            }
            _ if well => self.walk.line_ended(last.line, LineEnd::default()),
            _ => {}
        }
    }

    /// Whether this command, by how many had ended with it, was that of a line of the lesson.
    pub(super) fn was_ours(&self, side: Side, launch: u32, command: u64) -> bool {
        let last = self.ended.as_ref();
        last.is_some_and(|(nth, it)| (*nth, it.side, it.launch) == (command, side, launch))
    }

    /// Finds out which failures of the present step, and of the step whose line has ended last, are what
    /// the step is about.
    pub(super) fn note_wanted(&mut self, lang: Lang) {
        let last = self.ended.iter().map(|(_, it)| it.line.place);
        let places: BTreeSet<_> = last.chain([self.walk.place()]).collect();
        for place in places {
            if let Some(step) = self.lessons.step(place, lang) {
                self.walk.note_wanted(place, step, &self.context);
            }
        }
    }

    /// Notes which line of the present step is the last command of this shell, if one is: how that ended says
    /// nothing of the lines before it.
    pub(super) fn note_last_line(&mut self, shells: &Shells, side: Side, lang: Lang) {
        let shell = shells.get(side);
        let place = self.walk.place();
        let last = self.ended.as_ref().filter(|(nth, it)| {
            let here = (it.side, it.launch, it.line.place) == (side, shell.launch, place);
            here && *nth == shell.emulator.commands()
        });
        let part = last.map(|(_, it)| it.line.part);
        if let Some((step, walk, _)) = self.step_mut(lang) {
            walk.progress_mut().note_last_line(step, side, part);
        }
    }

    /// Notes why a command failed, if it was that of a line of a run. Else gives it back.
    pub(super) fn explain(
        &mut self,
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
        self.walk.line_explained(line.line, why);
        None
    }

    /// Where the line goes, so that it can be taken back.
    pub(super) fn note_unconfirmed(&mut self, side: Side, origin: LineOrigin) {
        let place = self.walk.place();
        self.unconfirmed = Some(UnconfirmedLine {
            side,
            place,
            origin,
        });
    }

    /// Takes the line back that did not reach its busy shell.
    pub(super) fn take_line_back(&mut self, side: Side) {
        let place = self.walk.place();
        let line = self.unconfirmed.take();
        if let Some(line) = line.filter(|line| line.side == side && line.place == place) {
            match line.origin {
                LineOrigin::Part { part, line } => {
                    self.underway.pop();
                    self.walk.untype_line(part, line);
                }
                LineOrigin::Script => self.walk.undo_script_action(),
            }
        }
    }

    /// When to stop waiting for the end of the typed line; `None` once it has ended. Only bash tells.
    pub(super) fn line_deadline(&self, shells: &Shells) -> Option<Instant> {
        let typed = self.typed.as_ref()?;
        let shell = shells.get(typed.side);
        let emulator = &shell.emulator;
        let tells = shell.runs() && shell.launch == typed.launch && emulator.prompts() > 0;
        (tells && emulator.commands() == typed.commands).then_some(typed.at + LONGEST_LINE)
    }

    /// When to measure again what a prediction was about, even if nothing has changed.
    pub(super) fn measures_at(&self, shells: &Shells, lang: Lang) -> Option<Instant> {
        let (step, progress) = (self.step(lang)?, self.walk.progress());
        let waits = || progress.waits_for_verdict(step);
        progress
            .measures_at(step)
            .or_else(|| self.line_deadline(shells).filter(|_| waits()))
    }
}

/// The last line of an output in which anything stands.
fn last_line(output: &str) -> String {
    let told = output.lines().rev().find(|it| !it.trim().is_empty());
    told.unwrap_or_default().trim().to_owned()
}

/// How many commands have ended in each side's shell, named by its launch.
fn counts(shells: &Shells) -> Vec<(Side, u32, u64)> {
    let shells = shells.all();
    let counts = shells.map(|(side, it)| (side, it.launch, it.emulator.commands()));
    counts.collect()
}
