//! `nslab run`: a command in a container in a lab host, on this terminal or with plain pipes.

mod streams;

use std::io::{self, IsTerminal, Stdin, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use crossterm::terminal;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH};

use self::streams::{Copies, Printed, hand_over, hand_over_input};
use super::args::{ConsentOption, FlagsOption, HostOption, LangOption, planned, refusal_words};
use super::output::{UsageError, exit_code, in_words};
use crate::explain;
use crate::lang::Lang;
use crate::poller::{Interest, Poller, Ready, SignalPipe, Watched};
use crate::pty::session::Session;
use crate::runtime::reports::LaunchReports;
use crate::sandbox::entry::{Errand, HelperCommand, ProgramEntry};
use crate::sandbox::environment::{OutputTarget, is_shell, shell};
use crate::sandbox::launch::{Event, HeldProcess, OngoingLaunch};
use crate::sandbox::sweeper::{Cleanup, Sweeper};
use crate::sandbox::{Call, FAILED, Host, Plan, Side};
use crate::sys;

/// After a signal to nslab: how long the program may take to end before it is killed, and its output to be
/// printed.
const GRACE: Duration = Duration::from_secs(2);

/// Run a command in a container in a lab host, on this terminal or with plain pipes.
///
/// On a terminal, the command gets a terminal of its own, and nslab explains what the kernel refuses it.
/// Otherwise it gets the pipes and the output file that nslab was given. Input from a file, and the data
/// of a device or a named FIFO, go through a pipe. Without a command, a shell runs. The exit
/// code is the command's, and 125 when the sandbox itself failed.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    flags: FlagsOption,
    #[command(flatten)]
    launch: crate::sandbox::LaunchOptions,
    #[command(flatten)]
    host: HostOption,
    #[command(flatten)]
    consent: ConsentOption,
    #[command(flatten)]
    pub(super) lang: LangOption,
    /// The command; without it, a shell
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// The sources that nslab waits for while the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RunSource {
    Signal(i32),
    /// The helper's reports, and its end.
    Helper,
    /// Our terminal, if there is one.
    Input,
    Session,
    /// The threads that print the output have ended.
    Copies,
}

/// Carries out `nslab run`.
pub(super) fn run(options: &RunArgs) -> Result<ExitCode, UsageError> {
    let lang = options.lang.or_from_env();
    options.host.check(lang)?;
    let flags = options.host.needed(options.flags.flags, lang);
    let plan = planned(flags, options.launch.clone(), lang)?;
    options.consent.ask(options.host.host, lang)?;
    let ended = match execute(options, plan, lang) {
        Ok(ended) => ended,
        Err(error) => match error.downcast() {
            Ok(usage) => return Err(usage),
            Err(error) => EndedRun {
                code: FAILED,
                why: Some(in_words(&error, lang)),
                output_tail: OutputTail::default(),
                signalled: false,
            },
        },
    };
    if let Some(why) = ended.why {
        eprintln!("nslab run: {why}");
    }
    Ok(exit_code(ended.code))
}

struct EndedRun {
    code: i32,
    /// An explanation to print once the terminal is restored.
    why: Option<String>,
    /// The end of the command's output on this terminal.
    output_tail: OutputTail,
    /// Whether a signal to nslab has ended it.
    signalled: bool,
}

/// The end of a command's output, in which a refusal is looked for.
#[derive(Debug, Default)]
struct OutputTail(Vec<u8>);

impl OutputTail {
    /// The most bytes that are kept.
    const KEPT: usize = 4 * 1024;

    fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        let surplus = self.0.len().saturating_sub(Self::KEPT);
        self.0.drain(..surplus);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).replace('\r', "")
    }
}

fn execute(options: &RunArgs, plan: Plan, lang: Lang) -> anyhow::Result<EndedRun> {
    let poller = Poller::new()?;
    // Catch signals before there is anything to clean up.
    let signals =
        watch_signals(&poller).context(lang.pick(["listening to signals", "监听信号"]))?;
    let lab = options.host.start(lang)?;
    let program = if options.command.is_empty() {
        shell()
    } else {
        options.command.clone()
    };
    let on_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let tty = on_terminal.then_some("tty1");
    let entry = ProgramEntry {
        errand: Errand::Launch,
        side: Side::CONTAINER,
        plan,
        tty,
        screen: OutputTarget::Users,
        program: &program,
    };
    let helper = lab
        .helper(&entry)
        .context(lang.pick(["opening a socket", "打开套接字"]))?;
    let facts = explain::in_new(entry.plan.flags, lab.facts());
    let ended = if on_terminal {
        on_this_terminal(lab, helper, &poller, &signals, lang)
    } else {
        with_pipes(lab, helper, &poller, &signals, lang)
    }?;
    let line = options.command.join(" ");
    let refused = || explain::ended(&line, ended.code == 0, &ended.output_tail.text(), &facts);
    // The exit status of an interactive shell says nothing about the commands typed into it.
    let is_shell = matches!(&*options.command, [name] if is_shell(name));
    let explains = !line.is_empty() && !is_shell;
    let why = ended.why.or_else(|| {
        let why = explains.then(refused).flatten();
        why.map(|why| why.words(lang))
    });
    Ok(EndedRun { why, ..ended })
}

type WatchedSignals = Vec<Watched<SignalPipe, RunSource>>;

fn watch_signals(poller: &Poller<RunSource>) -> io::Result<WatchedSignals> {
    let watch = |signal| poller.watch(SignalPipe::new(signal)?, RunSource::Signal(signal));
    [SIGHUP, SIGINT, SIGTERM, SIGWINCH]
        .map(watch)
        .into_iter()
        .collect()
}

/// Relays between this terminal and the container's own. On ours, a program could type into the shell that
/// started us (TIOCSTI).
fn on_this_terminal(
    lab: Host,
    helper: HelperCommand,
    poller: &Poller<RunSource>,
    signals: &WatchedSignals,
    lang: Lang,
) -> anyhow::Result<EndedRun> {
    let (cols, rows) = terminal::size().unwrap_or((80, 24));
    let (session, launch) = Session::start(helper, cols, rows)?;
    let raw = RawTerminal::enter()?;
    let reports = LaunchReports::watch(launch, poller, RunSource::Helper, RunSource::Helper)?;
    let mut relay = Relay {
        input: poller.watch(io::stdin(), RunSource::Input)?,
        session: poller.watch(session, RunSource::Session)?,
        output_tail: OutputTail::default(),
    };
    let outcome = unless_gone(
        wait(reports, poller, signals, Some(&mut relay), lang),
        &lab,
        lang,
    );
    // Processes left in the lab may hold the terminal open, or keep the helper waiting.
    drop(lab);
    // The program's last output arrives after the report of its end.
    relay.print_all();
    relay.session.wait_for_helper();
    drop(raw);
    let output_tail = relay.output_tail;
    outcome.map(|ended| EndedRun {
        output_tail,
        ..ended
    })
}

/// This terminal and the container's.
struct Relay {
    input: Watched<Stdin, RunSource>,
    session: Watched<Session, RunSource>,
    output_tail: OutputTail,
}

impl Relay {
    fn resize(&self) {
        if let Ok((cols, rows)) = terminal::size() {
            let _ = self.session.resize(cols, rows);
        }
    }

    /// Passes on input of this terminal. Call it only if there is some, because a read may block.
    fn read_input(&mut self) {
        let mut buffer = [0; 4096];
        match nix::unistd::read(&*self.input, &mut buffer) {
            Ok(length @ 1..) => {
                self.session.write(&buffer[..length]);
                self.set_interests();
            }
            Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => self.input.stop(),
        }
    }

    fn exchange(&mut self, ready: Ready) {
        if ready.write {
            self.session.flush();
            self.set_interests();
        }
        if ready.read && self.print() == OutputState::Over {
            self.session.stop();
        }
    }

    /// Stops reading keys while the program doesn't read them.
    fn set_interests(&mut self) {
        let waits = self.session.has_unwritten();
        let [input, session] = if waits {
            [Interest::None, Interest::ReadAndWrite]
        } else {
            [Interest::Read, Interest::Read]
        };
        self.input.set_interest(input);
        self.session.set_interest(session);
    }

    /// Prints the program's output so far.
    fn print(&mut self) -> OutputState {
        let mut buffer = [0; 4096];
        loop {
            match self.session.read(&mut buffer) {
                Ok(length @ 1..) => {
                    self.output_tail.add(&buffer[..length]);
                    let mut stdout = io::stdout();
                    let printed = stdout.write_all(&buffer[..length]);
                    if printed.and_then(|()| stdout.flush()).is_err() {
                        return OutputState::Over;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return OutputState::GoesOn;
                }
                Ok(0) | Err(_) => return OutputState::Over,
            }
        }
    }

    /// Prints the rest of the output, until nobody has the container's terminal open.
    fn print_all(&mut self) {
        while self.print() == OutputState::GoesOn {
            let mut fds = [PollFd::new(self.session.as_fd(), PollFlags::POLLIN)];
            // An error, such as EINTR, only means one more look.
            let _ = poll(&mut fds, PollTimeout::NONE);
        }
    }
}

/// Whether more output can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutputState {
    GoesOn,
    Over,
}

/// Passes our pipes and files to the container; a terminal or a device among them is relayed through a pipe.
fn with_pipes(
    lab: Host,
    helper: HelperCommand,
    poller: &Poller<RunSource>,
    signals: &WatchedSignals,
    lang: Lang,
) -> anyhow::Result<EndedRun> {
    let mut child = helper
        .command()
        .stdin(hand_over_input(lang)?)
        .stdout(hand_over(&io::stdout())?)
        .stderr(hand_over(&io::stderr())?)
        .spawn()
        .context(lang.pick(["starting a helper", "启动辅助进程"]))?;
    let copies = Copies::start(&mut child)?;
    let launch = OngoingLaunch::new(helper.expected, child.id())?;
    let reports = LaunchReports::watch(launch, poller, RunSource::Helper, RunSource::Helper)?;
    let outcome = unless_gone(wait(reports, poller, signals, None, lang), &lab, lang);
    // Processes left in the lab may hold the pipes open, or keep the helper waiting.
    drop(lab);
    let _ = child.wait();
    let signalled = outcome.as_ref().is_ok_and(|ended| ended.signalled);
    let printed = wait_for_copies(&copies, poller, signals, signalled)?;
    let output_tail = copies
        .end(printed)
        .context(lang.pick(["printing the output", "输出命令的结果"]))?;
    outcome.map(|ended| EndedRun {
        output_tail,
        ..ended
    })
}

/// The state of the running command.
#[derive(Default)]
struct RunState {
    program: Option<HeldProcess>,
    /// When the command is killed, and the signal to nslab that caused it.
    ending: Option<(Instant, i32)>,
    why: Option<String>,
    refused: Option<String>,
}

/// Waits until the program has ended. A signal to nslab is passed on to it; if it doesn't end then, it is
/// killed.
fn wait(
    mut reports: LaunchReports<RunSource>,
    poller: &Poller<RunSource>,
    signals: &WatchedSignals,
    mut relay: Option<&mut Relay>,
    lang: Lang,
) -> anyhow::Result<EndedRun> {
    let mut watching = RunState::default();
    loop {
        let kill_at = watching.ending.map(|(deadline, _)| deadline);
        let deadline = [kill_at, reports.deadline()].into_iter().flatten().min();
        let ready = poller.wait(deadline)?;
        let now = Instant::now();
        let mut look = reports.deadline().is_some_and(|it| it <= now);
        for (source, ready) in ready {
            match source {
                RunSource::Helper => look = true,
                RunSource::Signal(signal) => {
                    for pipe in signals {
                        pipe.clear();
                    }
                    match (signal, &relay) {
                        (SIGWINCH, Some(relay)) => relay.resize(),
                        (SIGWINCH, None) => {}
                        _ => watching.signalled(signal),
                    }
                }
                RunSource::Input => {
                    if let Some(relay) = &mut relay {
                        relay.read_input();
                    }
                }
                RunSource::Session => {
                    if let Some(relay) = &mut relay {
                        relay.exchange(ready);
                    }
                }
                // Watched only once the command has ended.
                RunSource::Copies => {}
            }
        }
        for event in look.then(|| reports.events()).into_iter().flatten() {
            if let Some(ended) = watching.hear(event, lang)? {
                return Ok(ended);
            }
        }
        if let Some((deadline, signal)) = watching.ending
            && deadline <= now
        {
            watching.program.iter().for_each(HeldProcess::kill);
            return Ok(watching.ended(128 + signal));
        }
    }
}

/// Waits until all output is printed. Its reader may have stopped reading: after a signal to nslab, the wait ends
/// within [`GRACE`].
fn wait_for_copies(
    copies: &Copies,
    poller: &Poller<RunSource>,
    signals: &WatchedSignals,
    signalled: bool,
) -> anyhow::Result<Printed> {
    let _over = poller.watch(copies.over(), RunSource::Copies)?;
    let mut deadline = signalled.then(|| Instant::now() + GRACE);
    loop {
        for (source, _) in poller.wait(deadline)? {
            match source {
                RunSource::Copies => return Ok(Printed::All),
                RunSource::Signal(signal) => {
                    for pipe in signals {
                        pipe.clear();
                    }
                    if signal != SIGWINCH {
                        deadline = Some(Instant::now());
                    }
                }
                RunSource::Helper | RunSource::Input | RunSource::Session => {}
            }
        }
        if deadline.is_some_and(|it| it <= Instant::now()) {
            return Ok(Printed::Some);
        }
    }
}

/// If the lab host has ended, that is the outcome: reboot(2) in a PID namespace ends its process 1, and with
/// it all processes. The command's own exit code means nothing then.
fn unless_gone(
    outcome: anyhow::Result<EndedRun>,
    lab: &Host,
    lang: Lang,
) -> anyhow::Result<EndedRun> {
    if lab.is_ending() {
        bail!(lang.pick([
            "the lab host has ended, with everything that ran in it",
            "实验宿主机已终止，里面运行的一切也随之结束",
        ]));
    }
    outcome
}

impl RunState {
    fn ended(&mut self, code: i32) -> EndedRun {
        EndedRun {
            code,
            why: self.why.take(),
            output_tail: OutputTail::default(),
            signalled: self.ending.is_some(),
        }
    }

    /// The second signal kills at once.
    fn signalled(&mut self, signal: i32) {
        self.ending = match self.ending {
            None => {
                if let Some(program) = &self.program {
                    pass_on(signal, program);
                }
                Some((Instant::now() + GRACE, signal))
            }
            Some((_, first)) => Some((Instant::now(), first)),
        };
    }

    fn hear(&mut self, event: Event, lang: Lang) -> anyhow::Result<Option<EndedRun>> {
        match event {
            Event::Started(process) => {
                // The signal may have come before this report.
                if let Some((_, signal)) = self.ending {
                    pass_on(signal, &process);
                }
                self.program = Some(process);
            }
            // A program that can't be executed ends with the shell's exit code and prints nothing.
            Event::Refused(refused) if matches!(refused.step.call, Call::Exec(_)) => {
                self.why = Some(refusal_words(lang, &refused));
            }
            Event::Refused(refused) => self.refused = Some(refusal_words(lang, &refused)),
            Event::Step(_) => {}
            Event::Exited(exit) => {
                // The reason, if the program never started.
                if self.program.is_none() && exit.code() == FAILED {
                    self.why = self.why.take().or(self.refused.take());
                }
                return Ok(Some(self.ended(exit.code())));
            }
            Event::Failed(Some(refused)) => bail!("{}", refusal_words(lang, &refused)),
            Event::Failed(None) => bail!(lang.pick([
                "the container's launcher ended without reporting an error",
                "容器的启动进程没有留下任何说明就结束了",
            ])),
        }
        Ok(None)
    }
}

fn pass_on(signal: i32, program: &HeldProcess) {
    if let Ok(signal) = Signal::try_from(signal) {
        // It is no error if the program has ended.
        let _ = sys::pidfd_send_signal(program.pidfd(), Some(signal));
    }
}

/// The terminal in raw mode. It is restored on drop, or by a sweeper if nslab is killed.
struct RawTerminal {
    sweeper: Option<Sweeper>,
}

impl RawTerminal {
    fn enter() -> anyhow::Result<Self> {
        let sweeper = Some(Sweeper::of_terminal(&Cleanup::TerminalModes)?);
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
