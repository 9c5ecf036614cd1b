//! The lab as it runs: the real terminal, threads, one channel, and effects carried out.
//!
//! Everything that happens comes through one channel to the main thread, which asks the state what
//! to do about it, does it, and draws. Must not decide anything itself: that is `app`'s.

mod commands;
mod pane;
pub(crate) mod panes;
mod progress_writer;
mod reload;
mod save;
mod screen;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use crossterm::event::{self, Event};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::app::{self, Answer, Effect, Lessons, Msg, Setup, State, UserKind};
use crate::cli::{self, LabOptions, UsageError};
use crate::doctor::Needs;
use crate::explain::tools;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::observe::{Detail, Snapshot};
use crate::progress::{Course, ProgressError, Store};
use crate::sandbox::launch;
use crate::sandbox::{Side, lab};
use crate::theme::Theme;
use crate::ui;

use self::panes::Panes;
use self::progress_writer::ProgressWriter;
use self::screen::Screen;

/// How many happenings may wait. A flood of output fills it, and then the shell that prints waits
/// for us, as it would for a real terminal.
pub(crate) const WAITING: usize = 64;
/// Happenings are taken in for this long at most before what they did is drawn.
const TAKE_IN: Duration = Duration::from_millis(8);
/// Bytes a shell prints between two frames before it counts as a flood.
const FLOOD: usize = 64 * 1024;
/// In a flood, frames are this far apart.
const FLOOD_FRAME: Duration = Duration::from_millis(16);

/// Something that happened outside of the state.
#[derive(Debug)]
pub(crate) enum Happening {
    /// At the terminal.
    Terminal(Event),
    /// The terminal can't be read any more.
    TerminalGone,
    /// A signal that asks nslab to end.
    Signal(i32),
    /// In a launch.
    Launch {
        side: Side,
        launch: u32,
        event: launch::Event,
    },
    /// A shell printed something.
    Output {
        side: Side,
        launch: u32,
        bytes: Vec<u8>,
    },
    /// A watcher saw something.
    Snapshot {
        side: Side,
        launch: u32,
        snapshot: Box<Snapshot>,
    },
    /// A watcher saw something of the machine.
    Machine(Box<Snapshot>),
    /// A watcher saw more.
    Detail {
        side: Side,
        launch: u32,
        detail: Box<Detail>,
    },
    /// A command has ended on one side.
    Command {
        number: u32,
        side: Side,
        answer: Answer,
    },
    /// Progress could not be kept.
    NotKept(String),
    /// Lessons were saved, and can be used.
    Lessons {
        lessons: Box<Lessons>,
        absent: BTreeSet<String>,
    },
    /// Lessons were saved, and have mistakes.
    LessonsBroken(Vec<String>),
    /// Lessons can't be watched.
    NotWatched(String),
    /// This lab host ended by itself.
    LabEnded { lab: u32 },
}

/// Opens the lab, and returns when the learner has left it.
pub fn open(options: &LabOptions) -> anyhow::Result<ExitCode> {
    let store = Store::of_user(options.lessons.as_deref());
    let (progress, not_kept) = earlier(store.as_ref());
    let setup = setup(options, progress)?;
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let what = "the lab needs a terminal for its input and its output; without one there are \
                    `nslab compare` and `nslab run`";
        return Err(UsageError(what.to_owned()).into());
    }
    let (tell, happenings) = sync_channel(WAITING);
    // Before there is anything to clean up, so that no signal finds us unprepared.
    listen_to_signals(tell.clone()).context("listening to signals")?;
    let mut screen = Screen::enter().context("preparing the terminal")?;
    listen_to_terminal(&tell);
    let progress_writer = store
        .filter(|_| setup.progress.is_some())
        .map(|store| ProgressWriter::start(store, tell.clone()));
    if let Some(why) = not_kept {
        let _ = tell.try_send(Happening::NotKept(why));
    }
    if let Some(directory) = &options.lessons {
        reload::start(directory.clone(), setup.lessons.clone(), tell.clone());
    }
    let mut panes = Panes::new(tell);
    let outcome = run(
        setup,
        &mut screen,
        &mut panes,
        progress_writer.as_ref(),
        &happenings,
    );
    // The learner sees their own screen again before the lab is taken down.
    drop(screen);
    drop(panes);
    drop(progress_writer);
    outcome
}

/// What was kept of an earlier session, and what there is to say about it. Without a place for it,
/// or where it is not ours to write, nothing will be kept.
fn earlier(store: Option<&Store>) -> (Option<Course>, Option<String>) {
    match store.map(Store::load) {
        None => (None, None),
        Some(Ok(course)) => (Some(course), None),
        // It will be put aside.
        Some(Err(error @ ProgressError::Broken { .. })) => {
            (Some(Course::default()), Some(error.to_string()))
        }
        Some(Err(error)) => (None, Some(error.to_string())),
    }
}

fn setup(options: &LabOptions, progress: Option<Course>) -> anyhow::Result<Setup> {
    let directory = options.lessons.as_deref();
    let lessons = Lessons {
        en: cli::library(directory, Lang::En)?,
        zh: cli::library(directory, Lang::ZhCn)?,
    };
    if let Some(id) = options
        .lesson
        .as_ref()
        .filter(|id| lessons.index(id).is_none())
    {
        let known = lessons.en.ids().collect::<Vec<_>>().join(", ");
        let what = format!("there is no lesson '{id}'; the lessons are {known}");
        return Err(UsageError(what).into());
    }
    let absent = match directory {
        Some(_) => cli::doctor::absent_programs(&Needs::of(&lessons.en)),
        // What nslab carries is not read for this alone.
        None => cli::doctor::absent(tools::known()),
    };
    Ok(Setup {
        size: crossterm::terminal::size().unwrap_or((80, 24)),
        lang: options.lang.unwrap_or_else(Lang::from_env),
        lessons,
        theme: Theme::from_env(),
        user: if nix::unistd::geteuid().is_root() {
            UserKind::Root
        } else {
            UserKind::Ordinary
        },
        kernel: lab::kernel_release(),
        leave_key: options.leave_key,
        host: options.host.host,
        absent,
        // What can't be found out is found out when it is tried.
        kinds: Facts::kinds_here().unwrap_or(NamespaceSet::all()),
        progress,
        start: options.lesson.clone(),
    })
}

fn run(
    setup: Setup,
    screen: &mut Screen,
    panes: &mut Panes,
    progress_writer: Option<&ProgressWriter>,
    happenings: &Receiver<Happening>,
) -> anyhow::Result<ExitCode> {
    let mut size = setup.size;
    let (mut state, effects) = State::new(setup);
    // The first frame comes before the lab host is there.
    screen.draw(|frame| ui::draw(frame, &state))?;
    if carry_out(effects, &mut state, panes, screen, progress_writer)? == Next::Quit {
        return Ok(ExitCode::SUCCESS);
    }
    let mut pace = Pace::new();
    let mut undrawn = true;
    loop {
        if undrawn && pace.may_draw() {
            // What the terminal says of its size counts, not what the news of a change said: while
            // a window is dragged, news comes late and together.
            let now = screen.size()?;
            if now != size {
                size = now;
                let resized = Msg::Resize {
                    cols: now.0,
                    rows: now.1,
                };
                let effects = app::update(&mut state, resized, Instant::now());
                carry_out(effects, &mut state, panes, screen, progress_writer)?;
            }
            screen.draw(|frame| ui::draw(frame, &state))?;
            pace.drawn();
            undrawn = false;
        }
        let deadlines = [undrawn.then(|| pace.next_frame()), state.next_deadline()];
        let mut next = match wait(happenings, deadlines.into_iter().flatten().min()) {
            Ok(happening) => Some(happening),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(ExitCode::FAILURE),
        };
        if state
            .next_deadline()
            .is_some_and(|deadline| deadline <= Instant::now())
        {
            let effects = app::update(&mut state, Msg::Tick, Instant::now());
            carry_out(effects, &mut state, panes, screen, progress_writer)?;
            undrawn = true;
        }
        let begun = Instant::now();
        while let Some(happening) = next {
            if let Happening::Output { bytes, .. } = &happening {
                pace.printed(bytes.len());
            }
            let message = match happening {
                Happening::Signal(signal) => return Ok(cli::exit_code(128 + signal)),
                Happening::TerminalGone => return Ok(ExitCode::FAILURE),
                Happening::Terminal(Event::Resize(..)) => {
                    undrawn = true;
                    None
                }
                other => panes.notice(other),
            };
            if let Some(message) = message {
                let typed = matches!(message, Msg::Key(_) | Msg::Paste(_));
                let shown = state.shows(&message);
                let effects = app::update(&mut state, message, Instant::now());
                // What is only typed into a shell shows when the shell answers; a frame before
                // that would keep the answer waiting.
                undrawn |= shown && !(typed && only_writes(&effects));
                if carry_out(effects, &mut state, panes, screen, progress_writer)? == Next::Quit {
                    return Ok(ExitCode::SUCCESS);
                }
            }
            next = (begun.elapsed() < TAKE_IN)
                .then(|| happenings.try_recv().ok())
                .flatten();
        }
    }
}

fn wait(
    happenings: &Receiver<Happening>,
    deadline: Option<Instant>,
) -> Result<Happening, RecvTimeoutError> {
    match deadline {
        Some(deadline) => {
            happenings.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        }
        None => happenings.recv().map_err(RecvTimeoutError::from),
    }
}

fn only_writes(effects: &[Effect]) -> bool {
    !effects.is_empty()
        && effects
            .iter()
            .all(|effect| matches!(effect, Effect::Write { .. }))
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    GoOn,
    Quit,
}

/// Carries out effects, and what the answers to them ask for.
fn carry_out(
    effects: Vec<Effect>,
    state: &mut State,
    panes: &mut Panes,
    screen: &mut Screen,
    progress_writer: Option<&ProgressWriter>,
) -> io::Result<Next> {
    let mut effects = effects;
    while !effects.is_empty() {
        let mut messages = Vec::new();
        for effect in effects {
            match effect {
                Effect::Quit => return Ok(Next::Quit),
                Effect::Keep(course) => {
                    if let Some(progress_writer) = progress_writer {
                        progress_writer.write(*course);
                    }
                }
                Effect::Copy { text } => screen.copy(&text)?,
                Effect::Save { notation, text } => {
                    messages.push(save::in_current_directory(notation, &text));
                }
                effect => messages.extend(panes.carry_out(effect)),
            }
        }
        panes.batch_done();
        effects = messages
            .into_iter()
            .flat_map(|message| app::update(state, message, Instant::now()))
            .collect();
    }
    Ok(Next::GoOn)
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

    fn printed(&mut self, bytes: usize) {
        self.printed += bytes;
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
        self.last_frame = Instant::now();
        self.printed = 0;
    }
}

fn listen_to_signals(tell: SyncSender<Happening>) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::spawn(move || {
        for signal in &mut signals {
            let _ = tell.send(Happening::Signal(signal));
        }
    });
    Ok(())
}

fn listen_to_terminal(tell: &SyncSender<Happening>) {
    let told = tell.clone();
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            if told.send(Happening::Terminal(event)).is_err() {
                return;
            }
        }
        let _ = told.send(Happening::TerminalGone);
    });
    // crossterm goes on reading nothing from a terminal that hung up, and a SIGHUP comes only if
    // the session's leader lets it: `sh -c` with that signal ignored doesn't.
    let told = tell.clone();
    thread::spawn(move || {
        let input = io::stdin();
        let mut terminal = [PollFd::new(input.as_fd(), PollFlags::empty())];
        while matches!(
            poll(&mut terminal, PollTimeout::NONE),
            Ok(0) | Err(Errno::EINTR)
        ) {}
        let _ = told.send(Happening::TerminalGone);
    });
}
