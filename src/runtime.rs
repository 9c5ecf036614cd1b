//! The lab on the learner's terminal: one loop that waits, passes messages to the app, carries out its
//! effects and draws.
//!
//! The loop's descriptors never block. Work that waits for a disk or a command, and the reading of a flooded
//! terminal, have threads of their own. Must not decide anything: the app does.

mod clipboard_tool;
mod commands;
pub(crate) mod driver;
pub(crate) mod incoming;
mod input;
mod lesson_watcher;
mod painter;
mod processes;
mod progress_writer;
pub(crate) mod reports;
mod save;
mod screen;
mod shell_process;
pub(crate) mod sources;
mod waiting_helper;
mod watchers;
mod worker;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;

use crate::app::keymap::LeaveKey;
use crate::app::{Changed, Clock, Effect, Figures, Lessons, Msg, ProgressEvent, Setup, UserKind};
use crate::code::Notation;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::poller::Ready;
use crate::progress::{Course, Splits, Store};
use crate::pty::emulator::Clipboard;
use crate::sandbox::{HostKind, lab};
use crate::theme::Theme;
use crate::ui;

use self::clipboard_tool::ClipboardTool;
use self::driver::{Driver, Frontend};
use self::incoming::{Inbox, Incoming};
use self::input::{Input, SignalPipes};
pub(crate) use self::lesson_watcher::ReadLessons;
use self::screen::OuterScreen;
use self::sources::Source;
use self::worker::Worker;

/// The time between two frames of a flood.
const FLOOD_FRAME: Duration = Duration::from_millis(16);

/// The input of [`open`].
pub(crate) struct Opening {
    pub setup: Setup,
    /// The directory to read lessons from again when they are saved.
    pub lessons: Option<PathBuf>,
    /// A directory that lab hosts show a copy of.
    pub share: Option<PathBuf>,
    /// The store of the progress and the course read from it; or why no progress is kept.
    pub progress: Result<(Store, Course), String>,
    /// A message for the learner: the kept progress was broken.
    pub unread: Option<String>,
}

/// Why the lab has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Quit,
    Signal(i32),
    TerminalGone,
}

/// Opens the lab, and returns when the learner has left it.
pub(crate) fn open(opening: Opening) -> anyhow::Result<Ending> {
    let inbox = Inbox::new().context("epoll")?;
    // Before there is anything to clean up, so that a signal can't leave anything behind.
    let signals = SignalPipes::watch(&inbox).context("listening to signals")?;
    let screen = OuterScreen::enter(opening.setup.size).context("preparing the terminal")?;
    // The first frame is drawn meanwhile.
    let early = opening.setup.host.begin();
    let reporter = inbox.reporter();
    let not_kept = |why| reporter.send(Msg::Progress(ProgressEvent::NotSaved { why }));
    if let Some(why) = opening.unread {
        not_kept(why);
    }
    let writer = opening.progress.and_then(|(store, kept)| {
        let writer = progress_writer::start(store, kept, reporter.clone());
        writer.map_err(|error| format!("no thread can be started: {error}"))
    });
    let progress_writer = writer.map_err(not_kept).ok();
    // Without a tool, OSC 52 alone copies.
    let clipboard_tool = ClipboardTool::start(reporter.clone()).ok();
    let frontend = LearnersTerminal {
        size: opening.setup.size,
        screen,
        input: Input::watch(&inbox).context("reading the terminal")?,
        signals,
        progress_writer,
        clipboard_tool,
    };
    if let Some(directory) = opening.lessons {
        lesson_watcher::start(directory, &opening.setup, &reporter);
    }
    let (driver, effects) = Driver::new(opening.setup, opening.share, early, frontend, inbox);
    run(driver, effects)
}

/// The lessons of a directory.
pub(crate) fn lessons_in(directory: &Path) -> ReadLessons {
    lesson_watcher::read(directory, None)
}

/// A setup for this machine and this user; for all else the defaults, and no progress.
pub(crate) fn setup(
    lang: Lang,
    lessons: Lessons,
    absent: BTreeSet<String>,
    size: (u16, u16),
) -> Setup {
    Setup {
        size,
        lang,
        lessons,
        theme: Theme::NoColor,
        figures: Figures::Drawn,
        user: if nix::unistd::geteuid().is_root() {
            UserKind::Root
        } else {
            UserKind::Ordinary
        },
        kernel: lab::kernel_release(),
        leave_key: LeaveKey::default(),
        host: HostKind::Lab,
        clipboard: Clipboard::Closed,
        key_pause: Duration::ZERO,
        absent,
        // If the kinds can't be read, assume all: a launch shows whether the kernel has them.
        kinds: Facts::kinds_here().unwrap_or(NamespaceSet::all()),
        progress: None,
        splits: Splits::default(),
        start: None,
        mistakes: Vec::new(),
        clock: clock(),
        review: None,
    }
}

fn clock() -> Clock {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 is wrong anyway.
    Clock::new(
        Instant::now(),
        since_1970.map_or(0, |since| since.as_secs()),
    )
}

struct LearnersTerminal {
    /// Columns and rows that the app knows of.
    size: (u16, u16),
    screen: OuterScreen,
    input: Input,
    signals: SignalPipes,
    progress_writer: Option<Worker<Course>>,
    clipboard_tool: Option<ClipboardTool>,
}

impl Frontend for LearnersTerminal {
    fn read(&mut self, source: Source, ready: Ready) -> Vec<Incoming> {
        match source {
            Source::Terminal => {
                let incoming = self.input.read(ready);
                if self.input.take_kitty_keyboard() {
                    // A terminal that can't be written to fails the next frame too, which ends the lab.
                    let _ = self.screen.use_kitty_keyboard();
                }
                incoming
            }
            Source::Signal(signal) => vec![self.signals.read(signal)],
            // `Processes` reads the other sources.
            _ => Vec::new(),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.input.deadline()
    }

    fn expire(&mut self, now: Instant) -> Vec<Incoming> {
        self.input.expire(now)
    }

    fn copy(&mut self, text: &str) {
        // A terminal that can't be written to fails the next frame too, which ends the lab.
        let _ = self.screen.copy(text);
        if let Some(tool) = &self.clipboard_tool {
            tool.copy(text);
        }
    }

    fn ring(&mut self) {
        let _ = self.screen.ring();
    }

    fn save(&mut self, notation: Notation, text: &str) -> Option<Msg> {
        Some(save::in_current_directory(notation, text))
    }

    fn keep(&mut self, course: Course) {
        if let Some(writer) = &self.progress_writer {
            writer.give(course);
        }
    }

    fn keep_splits(&mut self, splits: Splits) {
        // If this fails, the next session begins with nslab's own borders.
        let _ = splits.keep();
    }
}

fn run(mut driver: Driver<LearnersTerminal>, first_effects: Vec<Effect>) -> anyhow::Result<Ending> {
    // Draw the first frame before the lab host is there. The size may have changed between the setup and the
    // first time that its signal was watched.
    driver.adapt_to_size()?;
    driver.draw()?;
    driver.carry_out(first_effects);
    let mut pace = Pace::default();
    // The first effects may say that there is no lab host; no later message would draw that.
    pace.changed();
    while !driver.has_quit {
        if pace.must_draw(Instant::now()) {
            driver.draw()?;
            pace.drawn(Instant::now());
        }
        let (incoming, ticked) = driver.wait(pace.next_frame())?;
        if ticked {
            pace.changed();
        }
        for incoming in incoming {
            match incoming {
                Incoming::Signal(signal) => return Ok(Ending::Signal(signal)),
                Incoming::TerminalGone => return Ok(Ending::TerminalGone),
                Incoming::Resized => {
                    driver.adapt_to_size()?;
                    pace.changed();
                }
                Incoming::Msg(message) => {
                    let flood = driver.is_of_flood(&message);
                    match (driver.update_shown(message), flood) {
                        (false, _) => {}
                        (true, false) => pace.changed(),
                        (true, true) => pace.flooded(),
                    }
                }
            }
        }
    }
    Ok(Ending::Quit)
}

impl Driver<LearnersTerminal> {
    /// Draws what has changed since the last frame.
    fn draw(&mut self) -> io::Result<()> {
        let changed = self.state.take_changed();
        let (state, screen) = (&self.state, &mut self.frontend.screen);
        screen.report_motion(state.wants_motion());
        let parts = match changed {
            Changed::Nothing => return Ok(()),
            Changed::Shell(side) => ui::draw_shells(state, |it| it == side),
            Changed::Shells => ui::draw_shells(state, |_| true),
            Changed::Screen => None,
        };
        match parts {
            Some(parts) => screen.draw_parts(&parts),
            None => screen.draw(|frame| ui::draw(frame, state)),
        }
    }

    /// Asks the terminal for its size: while a window is dragged, the reports of new sizes come late and
    /// in bursts.
    fn adapt_to_size(&mut self) -> io::Result<()> {
        let size = crossterm::terminal::size()?;
        if size != self.frontend.size {
            self.frontend.size = size;
            self.frontend.screen.resize(size)?;
            let (cols, rows) = size;
            self.update(Msg::Resize { cols, rows });
        }
        Ok(())
    }

    /// Passes a message to the app. Returns whether a frame has to be drawn for it.
    fn update_shown(&mut self, message: Msg) -> bool {
        let typed = matches!(message, Msg::Key(_) | Msg::Paste(_));
        self.update(message);
        match self.state.changed() {
            Changed::Nothing => false,
            // Input to a shell appears on the screen when the shell echoes it. A frame before that would delay
            // the echo.
            Changed::Shell(_) | Changed::Shells => !typed,
            Changed::Screen => true,
        }
    }
}

/// When to draw: at once, except that a flood of output is drawn only as often as a person can see.
#[derive(Debug, Default)]
struct Pace {
    last_frame: Option<Instant>,
    change: Change,
}

/// The kind of change since the last frame.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    #[default]
    None,
    /// Only the output of a flood.
    Flood,
    Shown,
}

impl Pace {
    fn changed(&mut self) {
        self.change = Change::Shown;
    }

    fn flooded(&mut self) {
        self.change = self.change.max(Change::Flood);
    }

    fn must_draw(&self, now: Instant) -> bool {
        match self.change {
            Change::None => false,
            Change::Shown => true,
            Change::Flood => self.next_frame().is_none_or(|next| next <= now),
        }
    }

    /// When the frame of a flood is due.
    fn next_frame(&self) -> Option<Instant> {
        (self.change == Change::Flood).then(|| self.last_frame.map(|last| last + FLOOD_FRAME))?
    }

    fn drawn(&mut self, now: Instant) {
        self.last_frame = Some(now);
        self.change = Change::None;
    }
}
