//! A frame of the whole screen, and a key on its way to a shell.
//!
//! `cargo bench --bench frame`

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nslab::app::keymap::LeaveKey;
use nslab::app::{Effect, Lessons, Msg, Setup, State, UserKind, update};
use nslab::lang::Lang;
use nslab::lesson::Library;
use nslab::sandbox::{HostKind, Side};
use nslab::ui;
use nslab::ui::theme::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn main() {
    divan::main();
}

/// A lab whose host shell has printed a screenful and has the focus.
fn lab(lang: Lang) -> State {
    let library = |lang| Library::embedded(lang).unwrap_or_default();
    let (mut state, _) = State::new(Setup {
        size: (120, 40),
        lang,
        lessons: Lessons {
            en: library(Lang::En),
            zh: library(Lang::ZhCn),
        },
        theme: Theme::Ansi,
        user: UserKind::Ordinary,
        kernel: "6.18.0".into(),
        leave_key: LeaveKey::default(),
        host: HostKind::Lab,
        progress: None,
        start: None,
    });
    let now = Instant::now();
    let ready = Msg::LabReady {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    };
    let launch = update(&mut state, ready, now)
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Launch { launch, .. } => Some(launch),
            _ => None,
        });
    let Some(launch) = launch else { return state };
    let side = Side::Host;
    let flags = nslab::namespace::NamespaceSet::EMPTY;
    update(
        &mut state,
        Msg::Started {
            side,
            launch,
            flags,
        },
        now,
    );
    let bytes = b"some words in \x1b[32mgreen\x1b[0m and more of them\r\n".repeat(60);
    update(
        &mut state,
        Msg::Output {
            side,
            launch,
            bytes,
        },
        now,
    );
    let f3 = KeyEvent::new(KeyCode::F(3), KeyModifiers::NONE);
    update(&mut state, Msg::Key(f3), now);
    state
}

#[divan::bench(args = ["en", "zh-CN"])]
fn frame(bencher: divan::Bencher, lang: &str) {
    let state = lab(lang.parse().unwrap_or_default());
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 40));
    bencher.bench_local(|| {
        let Ok(_) = terminal.draw(|frame| ui::draw(frame, &state));
    });
}

#[divan::bench]
fn key(bencher: divan::Bencher) {
    let mut state = lab(Lang::En);
    let key = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
    bencher.bench_local(|| update(&mut state, Msg::Key(key), Instant::now()));
}
