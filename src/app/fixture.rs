//! A lab for tests: the course that nslab carries, keys by name, snapshots made by hand.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{Effect, Lessons, Msg, Setup, State, UserKind, update};
use crate::app::keymap::LeaveKey;
use crate::lang::Lang;
use crate::lesson::Library;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::Snapshot;
use crate::observe::snapshot::{Interface, Mount, NamespaceId, Queue};
use crate::sandbox::Side;
use crate::ui::theme::Theme;

/// A state with its clock.
pub(crate) struct Lab {
    pub state: State,
    pub now: Instant,
}

impl Lab {
    /// A lab that has just been opened at the lesson `uts`.
    pub fn new(size: (u16, u16), lang: Lang) -> Lab {
        let library = |lang| Library::embedded(lang).unwrap();
        Lab::with(
            size,
            lang,
            Lessons {
                en: library(Lang::En),
                zh: library(Lang::ZhCn),
            },
        )
    }

    pub fn with(size: (u16, u16), lang: Lang, lessons: Lessons) -> Lab {
        let (state, effects) = State::new(Setup {
            size,
            lang,
            lessons,
            theme: Theme::Ansi,
            user: UserKind::Ordinary,
            kernel: "6.18.0".into(),
            leave_key: LeaveKey::default(),
            start: Some("uts".into()),
        });
        assert_eq!(effects, [Effect::StartLab]);
        Lab {
            state,
            now: Instant::now(),
        }
    }

    /// A lab whose host shell runs, and has been seen.
    pub fn ready(size: (u16, u16), lang: Lang) -> Lab {
        let mut lab = Lab::new(size, lang);
        lab.get_ready();
        lab
    }

    pub fn get_ready(&mut self) {
        self.send(Msg::LabReady {
            steps: Vec::new(),
            shortfalls: Vec::new(),
        });
        self.start(Side::Host);
        self.output(Side::Host, "[host] root@vm:~# ");
        self.see(Side::Host, host());
    }

    /// The same, with a container of these flags.
    pub fn with_container(size: (u16, u16), lang: Lang, flags: &str) -> Lab {
        let mut lab = Lab::ready(size, lang);
        lab.state.chosen = set(flags);
        lab.key("F5");
        lab.start(Side::Container);
        lab.output(Side::Container, "[container] root@container:~# ");
        lab.see(Side::Container, container(set(flags)));
        lab
    }

    pub fn send(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.state, msg, self.now)
    }

    pub fn wait(&mut self, millis: u64) -> Vec<Effect> {
        self.now += Duration::from_millis(millis);
        self.send(Msg::Tick)
    }

    /// Presses keys, by name, separated by blanks; the effects of the last one.
    pub fn key(&mut self, names: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for name in names.split(' ') {
            effects = self.send(Msg::Key(event(name)));
        }
        effects
    }

    /// Presses the left button.
    pub fn click(&mut self, column: u16, row: u16) -> Vec<Effect> {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row)
    }

    pub fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
        self.send(Msg::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }))
    }

    pub fn launch_of(&self, side: Side) -> u32 {
        self.state.shell(side).launch
    }

    /// The present launch of a side has its shell.
    pub fn start(&mut self, side: Side) -> Vec<Effect> {
        let (launch, flags) = (self.launch_of(side), self.state.shell(side).flags);
        self.send(Msg::Started {
            side,
            launch,
            flags,
        })
    }

    pub fn output(&mut self, side: Side, text: &str) -> Vec<Effect> {
        let launch = self.launch_of(side);
        self.send(Msg::Output {
            side,
            launch,
            bytes: text.into(),
        })
    }

    pub fn see(&mut self, side: Side, snapshot: Snapshot) -> Vec<Effect> {
        let launch = self.launch_of(side);
        self.send(Msg::Snapshot {
            side,
            launch,
            snapshot: Box::new(snapshot),
        })
    }

    /// The title of the step the learner is at.
    pub fn step_title(&self) -> String {
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
        "Space" => KeyCode::Char(' '),
        name if name.len() > 1 => KeyCode::F(name[1..].parse().unwrap()),
        name => KeyCode::Char(name.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

/// What the host sees: one queue, a shell, lo and a veth.
pub(crate) fn host() -> Snapshot {
    let mount = |target: &str, fstype: &str| Mount {
        target: target.into(),
        fstype: fstype.into(),
        source: fstype.into(),
        readonly: false,
        shared: None,
        master: None,
    };
    let interface = |name: &str| Interface {
        name: name.into(),
        up: true,
        addresses: Vec::new(),
    };
    let mut snapshot = Snapshot {
        hostname: "vm".into(),
        shell_pid: 7,
        nspid: vec![4211, 7],
        pid1: Some("nslab".into()),
        processes: Some(2),
        mounts: vec![mount("/", "tmpfs"), mount("/proc", "proc")],
        interfaces: vec![interface("lo"), interface("veth0")],
        cgroup: "/".into(),
        ..Snapshot::default()
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

/// What a container with these flags sees.
pub(crate) fn container(flags: NamespaceSet) -> Snapshot {
    let mut snapshot = host();
    snapshot.shell_pid = 8;
    snapshot.processes = Some(3);
    for kind in flags.iter() {
        if let Some(id) = snapshot.namespaces.get_mut(&kind) {
            id.ino += 100;
        }
        match kind {
            Namespace::Uts => snapshot.hostname = "container".into(),
            Namespace::Ipc => snapshot.ipc.queues.clear(),
            Namespace::Pid => snapshot.shell_pid = 1,
            Namespace::Net => snapshot.interfaces.truncate(1),
            Namespace::Mnt | Namespace::User | Namespace::Cgroup | Namespace::Time => {}
        }
    }
    snapshot
}
