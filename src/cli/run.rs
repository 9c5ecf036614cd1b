//! `nslab run`: a command in a container in a lab host, on this terminal or with plain pipes.

use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use crossterm::terminal;
use nix::sys::signal::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH};
use signal_hook::iterator::Signals;

use super::args::{FlagsOption, HostOption, planned};
use super::output::{UsageError, exit_code};
use crate::lang::Lang;
use crate::pty::session::Session;
use crate::sandbox::environment::{Screen, shell};
use crate::sandbox::lab::{Entry, Errand, Helper};
use crate::sandbox::launch::{Event, Launch, Process};
use crate::sandbox::sweeper::{Charge, Sweeper};
use crate::sandbox::{Call, FAILED, Host, Plan, Side};
use crate::sys;

/// How long a program may take to end after a signal, before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// Run a command in a container in a lab host, on this terminal or with plain pipes.
///
/// On a terminal it gets a terminal of its own; with pipes it gets the pipes. Without a command it
/// is a shell. The exit code is the command's, and 125 when the sandbox itself failed.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    flags: FlagsOption,
    #[command(flatten)]
    launch: crate::sandbox::LaunchOptions,
    #[command(flatten)]
    host: HostOption,
    /// The command; without it, a shell
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

enum Happening {
    Launch(Box<Event>),
    Signal(i32),
}

/// Carries out `nslab run`.
pub fn run(options: &Options) -> Result<ExitCode, UsageError> {
    let plan = planned(
        options.host.needed(options.flags.flags),
        options.launch.clone(),
    )?;
    let ended = execute(options, plan).unwrap_or_else(|error| Ended {
        code: FAILED,
        why: Some(format!("{error:#}")),
    });
    if let Some(why) = ended.why {
        eprintln!("nslab run: {why}");
    }
    Ok(exit_code(ended.code))
}

/// How it ended.
struct Ended {
    code: i32,
    /// What there is to say about it, once the terminal is as it was.
    why: Option<String>,
}

fn execute(options: &Options, plan: Plan) -> anyhow::Result<Ended> {
    let (tell, happenings) = mpsc::channel();
    // Before there is anything to clean up, so that no signal finds us unprepared.
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGWINCH])?;
    let tell_signals = tell.clone();
    thread::spawn(move || {
        for signal in &mut signals {
            let _ = tell_signals.send(Happening::Signal(signal));
        }
    });
    let lab = Host::start(options.host.host)?;
    let program = if options.command.is_empty() {
        shell()
    } else {
        options.command.clone()
    };
    let on_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let tty = on_terminal.then_some("tty1");
    let entry = Entry {
        errand: Errand::Launch,
        side: Side::CONTAINER,
        plan,
        tty,
        screen: Screen::Users,
        program: &program,
    };
    let helper = lab.helper(&entry).context("opening a socket")?;
    if on_terminal {
        on_this_terminal(lab, helper, tell, &happenings)
    } else {
        with_pipes(lab, helper, tell, &happenings)
    }
}

/// Relays between this terminal and one of the container's own: a program that had this one could
/// type into the shell that started us (TIOCSTI).
fn on_this_terminal(
    lab: Host,
    helper: Helper,
    tell: mpsc::Sender<Happening>,
    happenings: &mpsc::Receiver<Happening>,
) -> anyhow::Result<Ended> {
    let (cols, rows) = terminal::size().unwrap_or((80, 24));
    let (session, lines) = Session::start(helper, cols, rows)?;
    let raw = RawTerminal::enter()?;
    let (mut input, mut output, mut helper) = (lines.input, lines.output, lines.helper);
    thread::spawn(move || copy(&mut io::stdin(), &mut input));
    let printed = thread::spawn(move || copy(&mut output, &mut io::stdout()));
    follow(lines.launch, tell);
    let outcome = wait(happenings, || {
        if let Ok((cols, rows)) = terminal::size() {
            let _ = session.resize(cols, rows);
        }
    });
    // What is left in the lab may hold the terminal open, or keep the helper waiting.
    drop(lab);
    // What the program printed last comes after the news of its end.
    let _ = helper.wait();
    let _ = printed.join();
    drop(raw);
    outcome
}

/// Hands the container our pipes and files; a terminal among them is relayed through a pipe.
fn with_pipes(
    lab: Host,
    helper: Helper,
    tell: mpsc::Sender<Happening>,
    happenings: &mpsc::Receiver<Happening>,
) -> anyhow::Result<Ended> {
    let mut child = Command::new(&helper.argv[0])
        .arg0("nslab")
        .args(&helper.argv[1..])
        .env_clear()
        .envs(helper.environment)
        .current_dir(helper.directory)
        .stdin(hand_over(&io::stdin())?)
        .stdout(hand_over(&io::stdout())?)
        .stderr(hand_over(&io::stderr())?)
        .spawn()
        .context("starting a helper")?;
    let printed = relay(&mut child);
    follow(
        Launch::new(helper.listener, helper.origin, child.id())?,
        tell,
    );
    let outcome = wait(happenings, || {});
    // What is left in the lab may hold the pipes open, or keep the helper waiting.
    drop(lab);
    let _ = child.wait();
    for thread in printed {
        let _ = thread.join();
    }
    outcome
}

fn hand_over(stream: &(impl IsTerminal + AsFd)) -> io::Result<Stdio> {
    if stream.is_terminal() {
        return Ok(Stdio::piped());
    }
    stream.as_fd().try_clone_to_owned().map(Stdio::from)
}

/// A thread for each stream that is a pipe to us; those that print are returned.
fn relay(child: &mut Child) -> Vec<JoinHandle<()>> {
    if let Some(mut input) = child.stdin.take() {
        thread::spawn(move || copy(&mut io::stdin(), &mut input));
    }
    let mut printed = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        printed.push(thread::spawn(move || copy(&mut output, &mut io::stdout())));
    }
    if let Some(mut output) = child.stderr.take() {
        printed.push(thread::spawn(move || copy(&mut output, &mut io::stderr())));
    }
    printed
}

/// Copies as it comes, without waiting for more.
fn copy(from: &mut impl Read, to: &mut impl Write) {
    let mut buffer = [0; 16 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                if to
                    .write_all(&buffer[..length])
                    .and_then(|()| to.flush())
                    .is_err()
                {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn follow(launch: Launch, tell: mpsc::Sender<Happening>) {
    thread::spawn(move || {
        launch.follow(|event| drop(tell.send(Happening::Launch(Box::new(event)))));
    });
}

/// Until the program has ended. A signal to us is passed on to it, and if it
/// doesn't end then, it is killed.
fn wait(
    happenings: &mpsc::Receiver<Happening>,
    mut resized: impl FnMut(),
) -> anyhow::Result<Ended> {
    let mut program: Option<Process> = None;
    let mut ending: Option<(Instant, i32)> = None;
    let mut why = None;
    let mut refused = None;
    loop {
        let happening = match ending {
            None => happenings
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
            Some((deadline, _)) => {
                happenings.recv_timeout(deadline.saturating_duration_since(Instant::now()))
            }
        };
        match (happening, ending) {
            (Ok(Happening::Signal(SIGWINCH)), _) => resized(),
            (Ok(Happening::Signal(signal)), None) => {
                ending = Some((Instant::now() + GRACE, signal));
                if let Some(program) = &program {
                    pass_on(signal, program);
                }
            }
            (Ok(Happening::Launch(event)), _) => match *event {
                Event::Started(process) => {
                    // The signal may have come before the news of what it is for.
                    if let Some((_, signal)) = ending {
                        pass_on(signal, &process);
                    }
                    program = Some(process);
                }
                // A program that can't be run has the exit code a shell gives, and says nothing.
                Event::Refused(refusal) if matches!(refusal.step.call, Call::Exec(_)) => {
                    why = Some(refusal.words(Lang::En));
                }
                Event::Refused(refusal) => refused = Some(refusal.words(Lang::En)),
                Event::Step(_) => {}
                Event::Exited(exit) => {
                    // What it ended of, if it never was the program.
                    if program.is_none() && exit.code() == FAILED {
                        why = why.or(refused);
                    }
                    return Ok(Ended {
                        code: exit.code(),
                        why,
                    });
                }
                Event::Failed(Some(refusal)) => bail!("{}", refusal.words(Lang::En)),
                Event::Failed(None) => bail!("the container's launcher ended without a word"),
            },
            (Ok(Happening::Signal(_)) | Err(_), Some((_, signal))) => {
                if let Some(program) = &program {
                    program.kill();
                }
                return Ok(Ended {
                    code: 128 + signal,
                    why,
                });
            }
            (Err(_), None) => bail!("the container's launcher ended without a word"),
        }
    }
}

fn pass_on(signal: i32, program: &Process) {
    if let Ok(signal) = Signal::try_from(signal) {
        // A program that has ended already needs none.
        let _ = sys::pidfd_send_signal(program.pidfd(), signal);
    }
}

/// The terminal in raw mode; given back when dropped, and by a sweeper should we be killed.
struct RawTerminal {
    sweeper: Option<Sweeper>,
}

impl RawTerminal {
    fn enter() -> anyhow::Result<Self> {
        let sweeper = Some(Sweeper::of_terminal(&Charge::TerminalModes)?);
        terminal::enable_raw_mode()?;
        Ok(Self { sweeper })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        let _ = terminal::disable_raw_mode();
        if let Some(sweeper) = self.sweeper.take() {
            sweeper.dismiss();
        }
    }
}
