//! Times of a frame of the whole screen, of a key to a shell, and of a key or a snapshot to the screen in
//! the largest views.
//!
//! `cargo bench --bench frame`

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nslab::Clipboard;
use nslab::Figures;
use nslab::Lang;
use nslab::LeaveKey;
use nslab::Library;
use nslab::Mount;
use nslab::Splits;
use nslab::Theme;
use nslab::{
    Clock, Effect, LabEvent, Lessons, Msg, Setup, ShellEvent, State, UserKind, start, update,
};
use nslab::{Detail, MountEntry};
use nslab::{Frame, draw, draw_shells};
use nslab::{HostKind, Side};
use nslab::{RowId, Snapshot};
use ratatui::layout::Rect;

fn main() {
    divan::main();
}

/// A lab whose host shell has the focus and a full screen of output.
fn lab(lang: Lang) -> State {
    let (mut state, _) = start(Setup {
        size: (120, 40),
        lang,
        lessons: Lessons {
            en: Library::embedded(Lang::En),
            zh: Library::embedded(Lang::ZhCn),
        },
        theme: Theme::Ansi,
        figures: Figures::Drawn,
        user: UserKind::Ordinary,
        kernel: "6.18.0".into(),
        leave_key: LeaveKey::default(),
        host: HostKind::Lab,
        clipboard: Clipboard::Closed,
        key_pause: std::time::Duration::ZERO,
        absent: std::collections::BTreeSet::new(),
        kinds: nslab::NamespaceSet::all(),
        progress: None,
        splits: Splits::default(),
        start: None,
        mistakes: Vec::new(),
        clock: Clock::new(Instant::now(), 0),
        review: None,
    });
    let now = Instant::now();
    let ready = Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    });
    let launch = update(&mut state, ready, now)
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Launch { launch, .. } => Some(launch),
            _ => None,
        });
    let Some(launch) = launch else { return state };
    let side = Side::Host;
    let flags = nslab::NamespaceSet::EMPTY;
    update(
        &mut state,
        Msg::Shell(side, launch, ShellEvent::Started(nslab::Plan::new(flags))),
        now,
    );
    let bytes = b"some words in \x1b[32mgreen\x1b[0m and more of them\r\n".repeat(60);
    update(
        &mut state,
        Msg::Shell(side, launch, ShellEvent::Output(bytes)),
        now,
    );
    let f3 = KeyEvent::new(KeyCode::F(3), KeyModifiers::NONE);
    update(&mut state, Msg::Key(f3), now);
    state
}

/// What is shown and what is drawn next, as the lab has them.
struct Screen {
    shown: Frame,
    next: Frame,
}

impl Screen {
    fn new() -> Self {
        let frame = Frame::new(Rect::new(0, 0, 120, 40));
        Self {
            shown: frame.clone(),
            next: frame,
        }
    }

    /// Returns how many cells have changed.
    fn draw(&mut self, state: &State) -> usize {
        self.next.buffer.reset();
        draw(&mut self.next, state);
        let changed = self.shown.buffer.diff(&self.next.buffer).len();
        std::mem::swap(&mut self.shown, &mut self.next);
        changed
    }
}

/// The pane of one shell, as for the echo of a key.
#[divan::bench]
fn echo(bencher: divan::Bencher) {
    let state = lab(Lang::En);
    bencher.bench_local(|| draw_shells(&state, |side| side == Side::Host));
}

#[divan::bench(args = ["en", "zh-CN"])]
fn frame(bencher: divan::Bencher, lang: &str) {
    let state = lab(lang.parse().unwrap_or_default());
    let mut screen = Screen::new();
    bencher.bench_local(|| {
        screen.draw(&state);
    });
}

#[divan::bench]
fn key(bencher: divan::Bencher) {
    let mut state = lab(Lang::En);
    let key = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
    bencher.bench_local(|| update(&mut state, Msg::Key(key), Instant::now()));
}

/// The mounts of a machine that runs many containers.
const MOUNTS: i32 = 1024;

fn press(state: &mut State, code: KeyCode) -> Vec<Effect> {
    let key = KeyEvent::new(code, KeyModifiers::NONE);
    update(state, Msg::Key(key), Instant::now())
}

/// A mount table whose lines differ between the sides only at their ends.
fn detail(side: Side) -> Detail {
    let entry = |id| MountEntry {
        id,
        parent: id / 4,
        target: format!("/srv/data/volume-{id}"),
        source: "tmpfs".into(),
        fstype: "tmpfs".into(),
        options: format!("rw,nosuid,nodev,relatime,size={id}k,mode=755,{side}"),
        propagation: "private".into(),
    };
    Detail {
        mounts: (1..=MOUNTS).map(entry).collect(),
        ..Detail::default()
    }
}

/// A lab with a container that shows the mount tables of both sides.
fn mounts() -> (State, [u32; 2]) {
    let mut state = lab(Lang::En);
    let ctrl = KeyEvent::new(KeyCode::Char(']'), KeyModifiers::CONTROL);
    update(&mut state, Msg::Key(ctrl), Instant::now());
    let mut launches = [1, 0];
    for effect in press(&mut state, KeyCode::F(5)) {
        if let Effect::Launch { launch, .. } = effect {
            launches[1] = launch;
        }
    }
    for (side, launch) in [Side::Host, Side::CONTAINER].into_iter().zip(launches) {
        let flags = nslab::NamespaceSet::EMPTY;
        let started = Msg::Shell(side, launch, ShellEvent::Started(nslab::Plan::new(flags)));
        update(&mut state, started, Instant::now());
        let snapshot = Box::new(Snapshot::default());
        let seen = Msg::Shell(side, launch, ShellEvent::Snapshot(snapshot));
        update(&mut state, seen, Instant::now());
    }
    press(&mut state, KeyCode::F(6));
    press(&mut state, KeyCode::Home);
    for _ in RowId::ALL.iter().take_while(|row| **row != RowId::Mounts) {
        press(&mut state, KeyCode::Down);
    }
    press(&mut state, KeyCode::Enter);
    for (side, launch) in [Side::Host, Side::CONTAINER].into_iter().zip(launches) {
        update(&mut state, news(side, launch), Instant::now());
    }
    (state, launches)
}

fn news(side: Side, launch: u32) -> Msg {
    Msg::Shell(side, launch, ShellEvent::Detail(Box::new(detail(side))))
}

/// A key scrolls, and the screen is drawn.
#[divan::bench]
fn key_in_a_thousand_mounts(bencher: divan::Bencher) {
    let (mut state, _) = mounts();
    let mut screen = Screen::new();
    bencher.bench_local(|| {
        press(&mut state, KeyCode::PageDown);
        screen.draw(&state);
    });
    let screen = screen.shown.buffer.content();
    let screen: String = screen.iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(screen.contains("volume-"), "the mounts are not shown");
}

/// A snapshot arrives, and the screen is drawn.
#[divan::bench]
fn news_of_a_thousand_mounts(bencher: divan::Bencher) {
    let (mut state, launches) = mounts();
    let mut screen = Screen::new();
    bencher
        .with_inputs(|| news(Side::CONTAINER, launches[1]))
        .bench_local_values(|news| {
            update(&mut state, news, Instant::now());
            screen.draw(&state);
        });
}

/// A snapshot with a hundred mounts.
fn busy(pid: i32) -> Snapshot {
    let mount = |number: i32| Mount {
        target: format!("/mnt/volume-{number}"),
        fstype: "tmpfs".into(),
        source: "tmpfs".into(),
        device: "0:40".into(),
        readonly: false,
        shared: Some(7),
        master: None,
        layers: None,
    };
    Snapshot {
        hostname: format!("side{pid}"),
        shell_pid: pid,
        nspid: vec![pid, 1],
        mounts: (0..100).map(mount).collect(),
        ..Snapshot::default()
    }
}

/// One of seven sides, each with a hundred mounts, gets a new hostname.
#[divan::bench]
fn news_of_one_of_seven_sides(bencher: divan::Bencher) {
    let mut state = lab(Lang::En);
    let ctrl = KeyEvent::new(KeyCode::Char(']'), KeyModifiers::CONTROL);
    update(&mut state, Msg::Key(ctrl), Instant::now());
    let mut sides = vec![(Side::Host, 1)];
    for tab in 0..6 {
        if tab > 0 {
            press(&mut state, KeyCode::Char('a'));
        }
        for effect in press(&mut state, KeyCode::F(5)) {
            if let Effect::Launch { side, launch, .. } = effect {
                sides.push((side, launch));
            }
        }
    }
    assert_eq!(sides.len(), 7);
    let flags = nslab::NamespaceSet::EMPTY;
    let plan = nslab::Plan::new(flags);
    let seen = |(side, launch): (Side, u32), pid: i32| {
        Msg::Shell(side, launch, ShellEvent::Snapshot(Box::new(busy(pid))))
    };
    for (side, launch) in &sides {
        let (side, launch, plan) = (*side, *launch, plan.clone());
        update(
            &mut state,
            Msg::Shell(side, launch, ShellEvent::Started(plan)),
            Instant::now(),
        );
        update(&mut state, seen((side, launch), 2), Instant::now());
    }
    let mut pid = 2;
    bencher
        .with_inputs(|| {
            pid += 1;
            seen(sides[6], pid)
        })
        .bench_local_values(|news| update(&mut state, news, Instant::now()));
}

/// A flag is toggled in the code view, and the screen is drawn.
#[divan::bench]
fn toggle_in_the_code(bencher: divan::Bencher) {
    let mut state = lab(Lang::En);
    let ctrl = KeyEvent::new(KeyCode::Char(']'), KeyModifiers::CONTROL);
    update(&mut state, Msg::Key(ctrl), Instant::now());
    press(&mut state, KeyCode::F(7));
    let mut screen = Screen::new();
    bencher.bench_local(|| {
        press(&mut state, KeyCode::Char('U'));
        screen.draw(&state);
    });
    let screen = screen.shown.buffer.content();
    let screen: String = screen.iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(screen.contains("[C]"), "no program is shown");
}
