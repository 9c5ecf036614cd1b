//! A lab for unit tests: its own small course, keys by name, snapshots made by hand.
//!
//! Must not know the shipped lessons: a change to one of them changes no unit test.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{
    Clock, CommandAnswer, Compared, Effect, LabEvent, Lessons, MachineEvent, Msg, Setup,
    ShellEvent, State, UserKind, update,
};
use crate::app::keymap::LeaveKey;
use crate::lang::Lang;
use crate::lesson::Library;
use crate::namespace::{Namespace, NamespaceId, NamespaceSet};
use crate::observe::detail::{Credentials, Detail, MountEntry, ProcessEntry};
use crate::observe::snapshot::{EXAMPLE, IdRange, Interface, Ipc, Mount, Queue};
use crate::observe::{RowId, Snapshot};
use crate::pty::emulator::Clipboard;
use crate::rtnetlink::Link;
use crate::sandbox::command::{CommandEnd, CommandOutcome};
use crate::sandbox::{Exit, HostKind, Side};
use crate::theme::Theme;

/// Three small lessons in both languages: the files in `src/app/fixture`.
static COURSE: LazyLock<Lessons> = LazyLock::new(|| {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    lessons_in(&sources.join("src/app/fixture"))
});

/// The small course.
pub(crate) fn course() -> Lessons {
    COURSE.clone()
}

/// The course in a directory.
pub(crate) fn lessons_in(directory: &Path) -> Lessons {
    let [en, zh] = Lang::ALL.map(|lang| Library::from_dir(directory, lang).unwrap());
    Lessons { en, zh }
}

/// A course of one lesson with these flags and steps, the same in both languages.
pub(crate) fn one_lesson(flags: &str, steps: &str) -> Lessons {
    let directory = tempfile::tempdir().unwrap();
    let text = format!("+++\nid = \"uts\"\ntitle = \"T\"\nflags = {flags}\n+++\n\n{steps}");
    std::fs::write(directory.path().join("1.md"), text).unwrap();
    lessons_in(directory.path())
}

/// The set-up of a lab for an ordinary user in the lab host, at the lesson `uts` of the small course.
pub(crate) fn setup(size: (u16, u16), lang: Lang) -> Setup {
    Setup {
        size,
        lang,
        lessons: course(),
        theme: Theme::Ansi,
        figures: crate::app::Figures::Drawn,
        user: UserKind::Ordinary,
        kernel: "6.18.0".into(),
        leave_key: LeaveKey::default(),
        host: HostKind::Lab,
        clipboard: Clipboard::Closed,
        key_pause: Duration::ZERO,
        absent: BTreeSet::new(),
        mistakes: Vec::new(),
        kinds: NamespaceSet::all(),
        progress: None,
        splits: crate::progress::Splits::default(),
        start: Some("uts".into()),
        clock: Clock::new(Instant::now(), 0),
        review: None,
    }
}

/// A state and its clock.
pub(crate) struct Lab {
    pub state: State,
    pub now: Instant,
}

impl Lab {
    /// A lab that has just been opened, and its first effects.
    pub(crate) fn open(setup: Setup) -> (Lab, Vec<Effect>) {
        let (state, effects) = super::start(setup);
        let now = Instant::now();
        (Lab { state, now }, effects)
    }

    /// A lab that has just been opened at the lesson `uts`.
    pub(crate) fn new(size: (u16, u16), lang: Lang) -> Lab {
        Lab::with(size, lang, course())
    }

    /// A lab with another course, just opened.
    pub(crate) fn with(size: (u16, u16), lang: Lang, lessons: Lessons) -> Lab {
        let setup = Setup {
            lessons,
            ..setup(size, lang)
        };
        let (lab, effects) = Lab::open(setup);
        let host = HostKind::Lab;
        assert_eq!(effects, [Effect::StartLab { host, share: None }]);
        lab
    }

    /// A lab whose only lesson has these flags and steps; its host shell runs and has a snapshot.
    pub(crate) fn at_steps(size: (u16, u16), lang: Lang, flags: &str, steps: &str) -> Lab {
        let mut lab = Lab::with(size, lang, one_lesson(flags, steps));
        lab.get_ready();
        lab
    }

    /// A lab whose host shell runs and has a snapshot.
    pub(crate) fn ready(size: (u16, u16), lang: Lang) -> Lab {
        let mut lab = Lab::new(size, lang);
        lab.get_ready();
        lab
    }

    pub(crate) fn get_ready(&mut self) {
        self.send(Msg::Lab(LabEvent::Ready {
            steps: Vec::new(),
            shortfalls: Vec::new(),
        }));
        self.start(Side::Host);
        self.output(Side::Host, "[host] root@vm:~# ");
        self.see(Side::Host, host());
    }

    /// A [`Lab::ready`] with a running container that has these flags.
    pub(crate) fn with_container(size: (u16, u16), lang: Lang, flags: &str) -> Lab {
        let mut lab = Lab::ready(size, lang);
        lab.state.next_launch.flags = set(flags);
        lab.key("F5");
        lab.start(Side::CONTAINER);
        lab.output(Side::CONTAINER, "[container] root@container:~# ");
        lab.see(Side::CONTAINER, container(set(flags)));
        lab
    }

    pub(crate) fn send(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = update(&mut self.state, msg, self.now);
        let before = effects.len();
        effects.retain(|effect| *effect != Effect::Judge);
        if effects.len() < before {
            effects.extend(self.send(Msg::Judge));
        }
        effects
    }

    pub(crate) fn wait(&mut self, millis: u64) -> Vec<Effect> {
        self.now += Duration::from_millis(millis);
        self.send(Msg::Tick)
    }

    /// Presses keys, named and separated by blanks; returns the effects of the last one.
    pub(crate) fn key(&mut self, names: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for name in names.split(' ') {
            effects = self.send(Msg::Key(event(name)));
        }
        effects
    }

    /// Clicks with the left button.
    pub(crate) fn click(&mut self, column: u16, row: u16) -> Vec<Effect> {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row)
    }

    pub(crate) fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
        self.send(Msg::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }))
    }

    pub(crate) fn launch_of(&self, side: Side) -> u32 {
        self.state.shells.get(side).launch
    }

    /// Tells the state that the current launch of a side has started its shell.
    pub(crate) fn start(&mut self, side: Side) -> Vec<Effect> {
        let (launch, plan) = (
            self.launch_of(side),
            self.state.shells.get(side).plan.clone(),
        );
        self.send(Msg::Shell(side, launch, ShellEvent::Started(plan)))
    }

    /// The shell of a side ends.
    pub(crate) fn exit(&mut self, side: Side, exit: Exit) -> Vec<Effect> {
        let launch = self.launch_of(side);
        self.send(Msg::Shell(side, launch, ShellEvent::Exited(exit)))
    }

    pub(crate) fn output(&mut self, side: Side, text: &str) -> Vec<Effect> {
        let launch = self.launch_of(side);
        self.send(Msg::Shell(side, launch, ShellEvent::Output(text.into())))
    }

    pub(crate) fn see(&mut self, side: Side, snapshot: Snapshot) -> Vec<Effect> {
        let launch = self.launch_of(side);
        self.send(Msg::Shell(
            side,
            launch,
            ShellEvent::Snapshot(Box::new(snapshot)),
        ))
    }

    /// A snapshot of the machine arrives.
    pub(crate) fn see_machine(&mut self) -> Vec<Effect> {
        let mut snapshot = host();
        snapshot.shell_pid = 4_200;
        snapshot.pid1 = Some("systemd".into());
        snapshot.ipc.queues.clear();
        for id in snapshot.namespaces.values_mut() {
            id.ino -= 100;
        }
        self.send(Msg::Machine(MachineEvent::Snapshot(Box::new(snapshot))))
    }

    /// Opens the details of a row, and both sides send theirs.
    pub(crate) fn details(&mut self, row: RowId) {
        self.key("F6 Home");
        while self.state.views.compare.row != row {
            self.key("Down");
        }
        self.key("Enter");
        for side in [Side::Host, Side::CONTAINER] {
            let shell = self.state.shells.get(side);
            let flags = shell.plan.flags;
            if let Some(mut snapshot) = shell.snapshot.clone() {
                snapshot.uid_map = detail(flags).gid_map;
                self.see(side, *snapshot);
            }
            self.see_detail(side, detail(flags));
        }
    }

    /// The detail of a side arrives.
    pub(crate) fn see_detail(&mut self, side: Side, detail: Detail) -> Vec<Effect> {
        let launch = self.launch_of(side);
        self.send(Msg::Shell(
            side,
            launch,
            ShellEvent::Detail(Box::new(detail)),
        ))
    }

    /// Types a line into the prompt and runs it; returns its number.
    pub(crate) fn command(&mut self, line: &str) -> u32 {
        self.key("x C-u");
        self.send(Msg::Paste(line.to_owned()));
        let effects = self.key("Enter");
        let number = effects.iter().find_map(|effect| match effect {
            Effect::Command { number, .. } => Some(*number),
            _ => None,
        });
        number.unwrap()
    }

    /// A command ends on a side with this output. On the second side it begins only then.
    pub(crate) fn printed(
        &mut self,
        number: u32,
        side: impl Into<Compared>,
        output: &str,
        end: CommandEnd,
    ) -> Vec<Effect> {
        let (side, output) = (side.into(), output.into());
        let errors = Vec::new();
        let answer = CommandAnswer::Ended(
            CommandOutcome {
                output,
                errors,
                end,
            },
            Box::default(),
        );
        self.send(Msg::CommandEnded {
            number,
            side,
            answer,
        })
    }

    /// Goes to a step of a lesson, both counted from 0.
    pub(crate) fn go(&mut self, lesson: &str, step: usize) {
        let lesson = self.state.lesson.lessons.index(lesson).unwrap();
        self.state.lesson.walk.go(lesson, step);
        self.arrive();
    }

    /// The lab has what the steps before leave behind.
    pub(crate) fn arrive(&mut self) {
        let lesson = &mut self.state.lesson;
        lesson.walk.made(lesson.walk.step(), lesson.lab.number);
        lesson.lab.used_for = lesson.lab.used_for.map(|_| lesson.walk.lesson());
    }

    /// The title of the step the learner is at.
    pub(crate) fn step_title(&self) -> String {
        self.state
            .step()
            .map_or_else(String::new, |step| step.title.clone())
    }
}

pub(crate) fn set(list: &str) -> NamespaceSet {
    list.parse().unwrap()
}

pub(crate) fn event(name: &str) -> KeyEvent {
    let (modifiers, name) = match name.split_once('-') {
        Some(("C", rest)) => (KeyModifiers::CONTROL, rest),
        Some(("S", rest)) => (KeyModifiers::SHIFT, rest),
        Some(("M", rest)) => (KeyModifiers::ALT, rest),
        _ => (KeyModifiers::NONE, name),
    };
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "BackTab" => KeyCode::BackTab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "Backspace" => KeyCode::Backspace,
        "Delete" => KeyCode::Delete,
        "Space" => KeyCode::Char(' '),
        name if name.len() > 1 && name.is_ascii() => KeyCode::F(name[1..].parse().unwrap()),
        name => KeyCode::Char(name.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

/// A snapshot of the host: one queue, a shell, lo and a veth.
pub(crate) fn host() -> Snapshot {
    let mount = |target: &str, fstype: &str| Mount {
        target: target.into(),
        fstype: fstype.into(),
        source: fstype.into(),
        device: "0:40".into(),
        readonly: false,
        shared: None,
        master: None,
        layers: None,
    };
    let interface = |index, name: &str| Interface {
        index,
        name: name.into(),
        up: true,
        peer: None,
        peer_elsewhere: false,
        peer_namespace: None,
        addresses: Vec::new(),
    };
    let mut snapshot = Snapshot {
        hostname: "vm".into(),
        shell_pid: 7,
        nspid: vec![4211, 7],
        pid1: Some("nslab".into()),
        processes: Some(2),
        mounts: vec![mount("/", "tmpfs"), mount("/proc", "proc")],
        interfaces: vec![interface(1, "lo"), interface(2, "veth0")],
        uid_map: Vec::new(),
        gid_map: Vec::new(),
        ipc: Ipc::default(),
        program: None,
        ..EXAMPLE.clone()
    };
    snapshot.ipc.queues.push(Queue {
        key: 1,
        id: 0,
        uid: 0,
        mode: 0o644,
        bytes: 0,
        messages: 0,
    });
    for kind in Namespace::ALL {
        let ino = 4_026_532_200 + kind as u64;
        snapshot
            .namespaces
            .insert(kind, NamespaceId { dev: 4, ino });
    }
    snapshot
}

/// A snapshot of a container with these flags.
pub(crate) fn container(flags: NamespaceSet) -> Snapshot {
    let mut snapshot = host();
    snapshot.shell_pid = 8;
    snapshot.nspid = vec![4220, 8];
    snapshot.processes = Some(3);
    for kind in flags.iter() {
        if let Some(id) = snapshot.namespaces.get_mut(&kind) {
            id.ino += 100;
        }
        match kind {
            Namespace::Uts => snapshot.hostname = "container".into(),
            Namespace::Ipc => snapshot.ipc.queues.clear(),
            Namespace::Pid => {
                snapshot.shell_pid = 1;
                snapshot.nspid = vec![4220, 8, 1];
            }
            Namespace::Net => snapshot.interfaces.truncate(1),
            Namespace::Mnt | Namespace::User | Namespace::Cgroup | Namespace::Time => {}
        }
    }
    snapshot
}

pub(crate) const DONE: CommandEnd = CommandEnd::Exited(Exit::Status(0));

/// The details of a container with these flags; without flags, of the host.
pub(crate) fn detail(flags: NamespaceSet) -> Detail {
    let own = |kind| flags.contains(kind);
    let mount = |id, parent, target: &str, source: &str, fstype: &str| MountEntry {
        id,
        parent,
        target: target.into(),
        source: source.into(),
        fstype: fstype.into(),
        options: "rw,nosuid,nodev,relatime".into(),
        propagation: if own(Namespace::Mnt) {
            "master:4".into()
        } else {
            "shared:4".into()
        },
    };
    let process = |pid, tty: Option<&str>, stat: &str, command: &str| ProcessEntry {
        pid,
        tty: tty.map(str::to_owned),
        stat: stat.into(),
        seconds: 61,
        command: command.into(),
    };
    let link = |index, name: &str, peer, state: &str, addresses: &[&str]| Link {
        index,
        name: name.into(),
        peer,
        up: true,
        state: state.into(),
        addresses: addresses.iter().map(|text| (*text).to_owned()).collect(),
        ..Link::default()
    };
    let mut detail = Detail {
        users: [(0, "root".to_owned())].into(),
        groups: [(0, "root".to_owned())].into(),
        credentials: Credentials::default(),
        gid_map: vec![IdRange {
            inside: 0,
            outside: 0,
            count: 1,
        }],
        processes: Some(vec![
            process(1, None, "Ss", "nslab lab-host"),
            process(7, Some("tty1"), "Ss+", "bash"),
        ]),
        more_processes: 0,
        mounts: vec![
            mount(80, 1, "/", "tmpfs", "tmpfs"),
            mount(81, 80, "/usr", "/dev/vda[/usr]", "ext4"),
            mount(82, 80, "/dev/pts", "devpts", "devpts"),
            mount(83, 81, "/usr/local", "/dev/vdb", "ext4"),
            mount(84, 80, "/proc", "proc", "proc"),
        ],
        links: vec![
            link(1, "lo", None, "UNKNOWN", &["127.0.0.1/8", "::1/128"]),
            link(2, "veth0", Some(3), "DOWN", &[]),
            link(3, "veth1", Some(2), "UP", &["10.0.0.2/24"]),
        ],
        cgroups: vec!["0::/nslab-4211".to_owned()],
        offsets: vec![
            "monotonic           0         0".to_owned(),
            "boottime            0         0".to_owned(),
        ],
        uptime_minutes: 61,
    };
    if own(Namespace::Net) {
        detail.links = vec![link(1, "lo", None, "DOWN", &[])];
    }
    if own(Namespace::Time) {
        detail.offsets = vec![
            "monotonic       86400         0".to_owned(),
            "boottime        86400         0".to_owned(),
        ];
        detail.uptime_minutes += 24 * 60;
    }
    if own(Namespace::Cgroup) {
        detail.cgroups = vec!["0::/".to_owned()];
    }
    if own(Namespace::Pid) && own(Namespace::Mnt) {
        detail.processes = Some(vec![process(1, Some("tty2"), "Ss+", "bash")]);
    }
    detail
}
