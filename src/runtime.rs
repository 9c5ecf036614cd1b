//! The lab on the learner's terminal: waits, tells the app what happened, carries out what it asks for,
//! draws.
//!
//! Threads wait for each source and send to one channel; only the main thread touches the app. Must not
//! decide anything itself: the app does.

mod commands;
pub(crate) mod driver;
pub(crate) mod incoming;
mod input;
mod lesson_watcher;
mod processes;
mod progress_writer;
mod save;
mod screen;
mod shell_process;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::app::keymap::LeaveKey;
use crate::app::{self, Effect, Lessons, Msg, Setup, UserKind};
use crate::code::Notation;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::progress::{Course, Store};
use crate::sandbox::{HostKind, lab};
use crate::theme::Theme;
use crate::ui;

use self::driver::{Driver, Frontend};
use self::incoming::Incoming;
use self::progress_writer::ProgressWriter;
use self::screen::Screen;

/// The longest time that events are taken in without drawing.
const TAKE_IN: Duration = Duration::from_millis(8);
/// Bytes a shell prints between two frames before it counts as a flood.
const FLOOD: usize = 64 * 1024;
/// The time between two frames in a flood.
const FLOOD_FRAME: Duration = Duration::from_millis(16);

/// What the lab opens with.
pub struct Opening {
    pub setup: Setup,
    /// The directory to read lessons from again when they are saved.
    pub lessons: Option<PathBuf>,
    /// Where progress is kept.
    pub store: Option<Store>,
    /// Why earlier progress could not be read.
    pub unread: Option<String>,
}

/// Why the lab has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Quit,
    Signal(i32),
    TerminalGone,
}

/// Opens the lab, and returns when the learner has left it.
pub fn open(opening: Opening) -> anyhow::Result<Ending> {
    let (tell, incoming) = incoming::channel();
    // Before there is anything to clean up, so that a signal can't leave anything behind.
    input::listen_to_signals(tell.clone()).context("listening to signals")?;
    let screen = Screen::enter().context("preparing the terminal")?;
    input::listen_to_terminal(tell.clone());
    let start_writer = |store| ProgressWriter::start(store, tell.clone());
    let frontend = LearnersTerminal {
        size: opening.setup.size,
        screen,
        progress_writer: opening.store.map(start_writer),
    };
    if let Some(why) = opening.unread {
        let _ = tell.try_send(Incoming::Msg(Msg::NotKept { why }));
    }
    if let Some(directory) = opening.lessons {
        lesson_watcher::start(directory, opening.setup.lessons.clone(), tell.clone());
    }
    let (driver, effects) = Driver::new(opening.setup, frontend, (tell, incoming));
    run(driver, effects)
}

/// A setup for this machine and this user; for all else the defaults, and no progress.
pub fn setup(lang: Lang, lessons: Lessons, absent: BTreeSet<String>, size: (u16, u16)) -> Setup {
    Setup {
        size,
        lang,
        lessons,
        theme: Theme::NoColor,
        user: if nix::unistd::geteuid().is_root() {
            UserKind::Root
        } else {
            UserKind::Ordinary
        },
        kernel: lab::kernel_release(),
        leave_key: LeaveKey::default(),
        host: HostKind::Lab,
        absent,
        // Where the kernel doesn't tell, trying will.
        kinds: Facts::kinds_here().unwrap_or(NamespaceSet::all()),
        progress: None,
        start: None,
    }
}

struct LearnersTerminal {
    /// Columns and rows that the app knows of.
    size: (u16, u16),
    screen: Screen,
    progress_writer: Option<ProgressWriter>,
}

impl Frontend for LearnersTerminal {
    fn copy(&mut self, text: &str) {
        // A terminal that can't be written to fails the next frame too, which ends the lab.
        let _ = self.screen.copy(text);
    }

    fn save(&mut self, notation: Notation, text: &str) -> Option<Msg> {
        Some(save::in_current_directory(notation, text))
    }

    fn keep(&mut self, course: Course) {
        if let Some(writer) = &self.progress_writer {
            writer.write(course);
        }
    }
}

fn run(mut driver: Driver<LearnersTerminal>, first_effects: Vec<Effect>) -> anyhow::Result<Ending> {
    // The learner sees the first frame before the lab host is there.
    driver.draw()?;
    driver.carry_out(first_effects);
    let mut pace = Pace::new();
    let mut undrawn = true;
    while !driver.has_quit {
        if undrawn && pace.may_draw() {
            driver.adapt_to_size()?;
            driver.draw()?;
            pace.drawn();
            undrawn = false;
        }
        let (mut next, ticked) = driver.wait(undrawn.then(|| pace.next_frame()));
        undrawn |= ticked;
        let begun = Instant::now();
        while let Some(incoming) = next {
            match incoming {
                Incoming::Signal(signal) => return Ok(Ending::Signal(signal)),
                Incoming::TerminalGone => return Ok(Ending::TerminalGone),
                Incoming::Resized => undrawn = true,
                other => {
                    if let Some(message) = driver.message(other) {
                        pace.count(&message);
                        undrawn |= driver.update_shown(message);
                    }
                }
            }
            next = (begun.elapsed() < TAKE_IN && !driver.has_quit)
                .then(|| driver.try_next())
                .flatten();
        }
    }
    Ok(Ending::Quit)
}

impl Driver<LearnersTerminal> {
    fn draw(&mut self) -> io::Result<()> {
        let state = &self.state;
        self.frontend.screen.draw(|frame| ui::draw(frame, state))
    }

    /// Asks the terminal for its size: while a window is dragged, the reports of new sizes come late and
    /// in bursts.
    fn adapt_to_size(&mut self) -> io::Result<()> {
        let (cols, rows) = self.frontend.screen.size()?;
        if (cols, rows) != self.frontend.size {
            self.frontend.size = (cols, rows);
            self.update(Msg::Resize { cols, rows });
        }
        Ok(())
    }

    /// Tells the app a message. Returns whether a frame has to be drawn for it.
    fn update_shown(&mut self, message: Msg) -> bool {
        let typed = matches!(message, Msg::Key(_) | Msg::Paste(_));
        let shown = self.state.shows(&message);
        let effects = app::update(&mut self.state, message, Instant::now());
        // What is typed into a shell shows when the shell echoes it. A frame before that would delay
        // the echo.
        let only_writes = !effects.is_empty()
            && effects
                .iter()
                .all(|effect| matches!(effect, Effect::Write { .. }));
        self.carry_out(effects);
        shown && !(typed && only_writes)
    }
}

/// When to draw: at once, but in a flood of output only as often as anybody can see.
#[derive(Debug)]
struct Pace {
    last_frame: Instant,
    printed: usize,
}

impl Pace {
    fn new() -> Self {
        Self {
            last_frame: Instant::now(),
            printed: 0,
        }
    }

    fn count(&mut self, message: &Msg) {
        if let Msg::Output { bytes, .. } = message {
            self.printed += bytes.len();
        }
    }

    fn may_draw(&self) -> bool {
        self.next_frame() <= Instant::now()
    }

    fn next_frame(&self) -> Instant {
        if self.printed < FLOOD {
            self.last_frame
        } else {
            self.last_frame + FLOOD_FRAME
        }
    }

    fn drawn(&mut self) {
        *self = Self::new();
    }
}
