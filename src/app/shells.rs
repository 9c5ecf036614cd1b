//! The lab host and its shells: their phases, their snapshots, and which of them are compared.
//!
//! Must not know lessons, the screen, or how a shell is launched.

use std::array;

use super::compared::{Column, Compared, Picked};
use super::msg::{Failure, MachineEvent};
use crate::explain::{Refusal, Why};
use crate::lesson::EndedCommand;
use crate::observe::{Asked, Detail, Question, Snapshot};
use crate::pty::emulator::{Clipboard, Emulator, EndedLine, Palette, Slot};
use crate::sandbox::{ContainerNumber, Exit, HostKind, Plan, Shortfall, Side, Step};

/// The phase of the lab host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LabPhase {
    /// The learner is asked first.
    Undecided,
    Starting,
    Ready,
    Failed {
        steps: Vec<Step>,
        why: Failure,
    },
    /// It ended without being asked to.
    Gone,
}

/// The phase of a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Never launched in this lab host.
    Absent,
    Starting,
    Running,
    Exited(Exit),
    Failed(Failure),
}

/// The shell of a side.
#[derive(Debug)]
pub(crate) struct Shell {
    pub emulator: Emulator,
    /// Whether a program has rung the bell since this shell last had the keys.
    pub has_rung: bool,
    pub phase: Phase,
    /// The number of its launch; 0 before the first.
    pub launch: u32,
    /// The plan of its launch.
    pub plan: Plan,
    pub steps: Vec<Step>,
    /// The refused steps, each with its explanation.
    pub refusals: Vec<Refusal>,
    /// Why the last command that the learner typed has failed, with the command's number.
    pub(super) why: Option<(u64, Why)>,
    /// The number of a failed command that the lesson types only later, and the number of the step that types it.
    pub(super) ahead: Option<(u64, usize)>,
    pub snapshot: Option<Box<Snapshot>>,
    pub detail: Option<Box<Detail>>,
    /// Whether a watcher reports its detail.
    pub detail_watched: bool,
    /// The lesson's questions about it.
    pub(super) questions: Vec<Question>,
    /// The answers to `questions`.
    pub(super) asked: Option<Box<Asked>>,
    /// Whether it has ever run.
    pub ran: bool,
}

impl Shell {
    fn absent() -> Self {
        Shell {
            // A launch gives it the size of its pane.
            emulator: Emulator::new(1, 1),
            has_rung: false,
            phase: Phase::Absent,
            launch: 0,
            plan: Plan::default(),
            steps: Vec::new(),
            refusals: Vec::new(),
            why: None,
            ahead: None,
            snapshot: None,
            detail: None,
            detail_watched: false,
            questions: Vec::new(),
            asked: None,
            ran: false,
        }
    }

    pub(crate) fn runs(&self) -> bool {
        self.phase == Phase::Running
    }

    /// The last command that ended in it.
    pub(super) fn last_command(&self) -> Option<EndedCommand<'_>> {
        self.emulator.last_command().map(last)
    }

    /// The commands that ended in it after the first `before` ones.
    pub(super) fn commands_after(&self, before: u64) -> Vec<EndedCommand<'_>> {
        self.emulator.commands_after(before).map(last).collect()
    }

    /// Why the last command failed, until the next one begins.
    pub(crate) fn why(&self) -> Option<&Why> {
        let (command, why) = self.why.as_ref()?;
        (*command == self.emulator.commands() && self.emulator.at_prompt()).then_some(why)
    }

    /// If the last command has failed, and the lesson types it only later: the step that types it, counted from 0.
    /// `None` once the next command begins.
    pub(crate) fn ahead(&self) -> Option<usize> {
        let (command, step) = self.ahead?;
        (command == self.emulator.commands() && self.emulator.at_prompt()).then_some(step)
    }

    /// Ends the shell, and forgets what its watchers have seen.
    pub(super) fn end(&mut self, phase: Phase) {
        self.phase = phase;
        self.snapshot = None;
        self.detail = None;
        self.detail_watched = false;
        self.questions = Vec::new();
        self.asked = None;
    }
}

/// The machine itself, as a third column of the comparison.
#[derive(Debug, Default)]
pub(crate) struct MachineColumn {
    /// Whether the learner wants it; `None` shows it where there is room.
    pub wanted: Option<bool>,
    pub watched: bool,
    pub snapshot: Option<Box<Snapshot>>,
}

impl MachineColumn {
    /// Applies an event of its watcher.
    pub(super) fn update(&mut self, event: MachineEvent) {
        match event {
            // It may have been sent before the watcher was stopped.
            MachineEvent::Snapshot(_) if !self.watched => {}
            MachineEvent::Snapshot(snapshot) => self.snapshot = Some(snapshot),
            MachineEvent::Unwatched => self.snapshot = None,
        }
    }
}

/// The known state of a compared subject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ComparedView<'a> {
    pub snapshot: Option<&'a Snapshot>,
    pub detail: Option<&'a Detail>,
    /// The number of its launch, or of the picked process; no two have the same.
    pub number: u32,
}

/// The snapshots of the compared sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'a> {
    pub left: Option<&'a Snapshot>,
    pub right: Option<&'a Snapshot>,
    pub compared: [Compared; 2],
    /// `None` while the machine is not shown.
    pub machine: Option<&'a Snapshot>,
}

/// The lab host and its shells.
#[derive(Debug)]
pub(crate) struct Shells {
    pub host_kind: HostKind,
    pub lab: LabPhase,
    /// The steps that made the present lab host.
    pub lab_steps: Vec<Step>,
    /// The parts that the lab host lacks.
    pub shortfalls: Vec<Shortfall>,
    host: Shell,
    containers: [Shell; ContainerNumber::COUNT],
    /// The container whose tab is open.
    pub tab: ContainerNumber,
    /// The subjects that the learner has chosen to compare.
    pub chosen_sides: [Option<Compared>; 2],
    /// The compared sides that the step names.
    pub step_sides: Option<[Side; 2]>,
    /// The process that was picked last for each column.
    pub picked: [Option<Picked>; 2],
    /// The numbers of the picked processes that are watched.
    pub watched: [Option<u32>; 2],
    pub machine: MachineColumn,
    /// The colours of the learner's terminal.
    pub palette: Palette,
    pub clipboard: Clipboard,
    launches: u32,
}

impl Shells {
    pub(super) fn new(host_kind: HostKind, lab: LabPhase, clipboard: Clipboard) -> Self {
        Shells {
            host_kind,
            lab,
            lab_steps: Vec::new(),
            shortfalls: Vec::new(),
            host: Shell::absent(),
            containers: array::from_fn(|_| Shell::absent()),
            tab: ContainerNumber::FIRST,
            chosen_sides: [None; 2],
            step_sides: None,
            picked: [None, None],
            watched: [None; 2],
            machine: MachineColumn::default(),
            palette: Palette::default(),
            clipboard,
            launches: 0,
        }
    }

    /// A colour of the learner's terminal is known; programs may ask for it.
    pub(super) fn learn_colour(&mut self, slot: Slot, rgb: [u8; 3]) {
        self.palette.set(slot, rgb);
        for side in Side::all() {
            let palette = self.palette;
            self.get_mut(side).emulator.set_palette(palette);
        }
    }

    pub(crate) fn get(&self, side: Side) -> &Shell {
        match side {
            Side::Host => &self.host,
            Side::Container(number) => &self.containers[number.index()],
        }
    }

    pub(super) fn get_mut(&mut self, side: Side) -> &mut Shell {
        match side {
            Side::Host => &mut self.host,
            Side::Container(number) => &mut self.containers[number.index()],
        }
    }

    /// The shell of this launch; `None` once another launch has replaced it.
    pub(super) fn launched(&mut self, side: Side, launch: u32) -> Option<&mut Shell> {
        let shell = self.get_mut(side);
        (launch != 0 && shell.launch == launch).then_some(shell)
    }

    pub(super) fn sees_host(&self) -> bool {
        self.host.snapshot.is_some()
    }

    /// The host's shell, then those of the containers.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Side, &Shell)> {
        Side::all().map(|side| (side, self.get(side)))
    }

    /// The shell of the container whose tab is open.
    pub(crate) fn container(&self) -> &Shell {
        self.get(self.container_side())
    }

    pub(crate) fn container_side(&self) -> Side {
        Side::Container(self.tab)
    }

    /// The containers that have a tab: those that were launched, and the one that is shown.
    pub(crate) fn tabs(&self) -> impl Iterator<Item = ContainerNumber> {
        let launched = |number| self.get(Side::Container(number)).phase != Phase::Absent;
        ContainerNumber::ALL
            .into_iter()
            .filter(move |number| *number == self.tab || launched(*number))
    }

    /// The subject of a column: chosen by the learner or named by the step; by default the host, and the container
    /// whose tab is open.
    pub(crate) fn compared(&self, column: Column) -> Compared {
        let of_step = self.step_sides.map(|sides| sides[column as usize]);
        let named = self.chosen_sides[column as usize].or(of_step.map(Compared::from));
        match column {
            // A side is never compared with itself.
            Column::Left => named
                .filter(|side| *side != self.compared(Column::Right))
                .unwrap_or(Compared::Shell(Side::Host)),
            Column::Right => named.unwrap_or(Compared::Shell(self.container_side())),
        }
    }

    /// The state of a subject that is or was compared.
    pub(crate) fn seen(&self, compared: Compared) -> ComparedView<'_> {
        match compared {
            Compared::Shell(side) => {
                let shell = self.get(side);
                ComparedView {
                    snapshot: shell.snapshot.as_deref(),
                    detail: shell.detail.as_deref(),
                    number: shell.launch,
                }
            }
            Compared::Process(number) => {
                let picked = self.picked(number);
                ComparedView {
                    snapshot: picked.and_then(|it| it.snapshot.as_deref()),
                    detail: picked.and_then(|it| it.detail.as_deref()),
                    number,
                }
            }
        }
    }

    pub(crate) fn column(&self, column: Column) -> ComparedView<'_> {
        self.seen(self.compared(column))
    }

    /// The picked process with this number, while it runs.
    pub(crate) fn picked(&self, number: u32) -> Option<&Picked> {
        let mut picked = self.picked.iter().flatten();
        picked.find(|picked| picked.number == number)
    }

    pub(super) fn picked_mut(&mut self, number: u32) -> Option<&mut Picked> {
        let mut picked = self.picked.iter_mut().flatten();
        picked.find(|picked| picked.number == number)
    }

    /// Forgets a picked process. Its column gets its default subject.
    pub(super) fn drop_picked(&mut self, number: u32) {
        for picked in &mut self.picked {
            picked.take_if(|picked| picked.number == number);
        }
        let gone = Some(Compared::Process(number));
        for chosen in &mut self.chosen_sides {
            chosen.take_if(|it| Some(*it) == gone);
        }
        let [left, right] = Column::ALL.map(|column| self.compared(column));
        if left == right {
            self.chosen_sides = [None; 2];
        }
    }

    /// A number that no launch and no picked process has.
    pub(super) fn next_number(&mut self) -> u32 {
        self.launches += 1;
        self.launches
    }

    pub(crate) fn sides(&self) -> Sides<'_> {
        Sides {
            left: self.column(Column::Left).snapshot,
            right: self.column(Column::Right).snapshot,
            compared: Column::ALL.map(|column| self.compared(column)),
            machine: self.machine.snapshot.as_deref(),
        }
    }

    /// Puts a starting shell in place of the present one. Returns the number of the launch.
    pub(super) fn begin(&mut self, side: Side, plan: Plan) -> u32 {
        let launch = self.next_number();
        *self.get_mut(side) = Shell {
            phase: Phase::Starting,
            launch,
            plan,
            ..Shell::absent()
        };
        launch
    }

    /// Stops showing the detail of every side.
    pub(super) fn drop_details(&mut self) {
        for shell in self.containers.iter_mut().chain([&mut self.host]) {
            shell.detail_watched = false;
            shell.detail = None;
        }
        for picked in self.picked.iter_mut().flatten() {
            picked.detail_watched = false;
            picked.detail = None;
        }
    }

    /// All shells end with their lab host.
    pub(super) fn end_lab(&mut self, lab: LabPhase) {
        self.lab = lab;
        self.host = Shell::absent();
        self.containers = array::from_fn(|_| Shell::absent());
        self.tab = ContainerNumber::FIRST;
        self.chosen_sides = [None; 2];
        self.picked = [None, None];
    }
}

fn last(ended: &EndedLine) -> EndedCommand<'_> {
    EndedCommand::new(&ended.line, ended.status, &ended.output)
}
