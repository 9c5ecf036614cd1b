//! A program on the machine itself, without a lab host.
//!
//! Nothing protects the machine from the program: its user asked for that. Everything it leaves
//! running still ends with nslab.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{ForkResult, Pid, geteuid, setsid, ttyname};

use super::call::Call;
use super::channel::{Channel, Listener, Message};
use super::container::LauncherOrders;
use super::enter::{self, wait};
use super::entry::{Access, Errand, HelperCommand, ProgramEntry, WatcherCommand};
use super::environment;
use super::habits::be_subreaper;
use super::launch::{ExpectedHelper, ProgramOrigin};
use super::options::{LaunchOptions, name};
use super::orphans::Orphans;
use super::plan::Plan;
use super::proc_dir::ProcDir;
use super::program::{ProgramTerminal, SideProgram, started};
use super::report::Side;
use super::trace::{ForkHalf, Refused, Tracer};
use super::{FAILED, container, join};
use crate::facts::Location;
use crate::namespace::NamespaceSet;
use crate::sys;

/// nslab's own binary.
const OURSELVES: &str = "/proc/self/exe";

/// The orders of a helper on the machine, given when it is started.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct MachineOrders {
    /// The name of the listener it reports to.
    #[arg(long)]
    pub report: String,
    /// The side that the program runs on.
    #[arg(long)]
    pub side: Side,
    #[command(flatten)]
    pub plan: Plan,
    /// Whether the terminal it is started on becomes the program's own.
    #[arg(long)]
    pub terminal: bool,
    #[arg(long)]
    pub errand: Errand,
    /// The program and its arguments.
    #[arg(last = true)]
    pub program: Vec<String>,
}

impl MachineOrders {
    /// The command line that carries these orders.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let MachineOrders {
            report,
            side,
            plan,
            terminal,
            errand,
            program,
        } = self;
        let mut arguments = vec![
            "on-machine".to_owned(),
            format!("--report={report}"),
            format!("--side={side}"),
            format!("--errand={}", name(errand)),
        ];
        arguments.extend(terminal.then(|| "--terminal".to_owned()));
        arguments.extend(plan.arguments());
        arguments.push("--".to_owned());
        arguments.extend(program.iter().cloned());
        arguments
    }
}

/// How to start a helper that runs a program on one side.
pub(super) fn helper(entry: &ProgramEntry<'_>) -> io::Result<HelperCommand> {
    let listener = Listener::new()?;
    let orders = MachineOrders {
        report: listener.name().to_owned(),
        side: entry.side,
        plan: entry.plan.clone(),
        terminal: entry.tty.is_some(),
        errand: entry.errand,
        program: entry.program.to_vec(),
    };
    let mut argv = vec![OURSELVES.to_owned()];
    argv.extend(orders.arguments());
    Ok(HelperCommand {
        argv,
        environment: environment::of_machine(entry.screen, entry.side),
        directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
        expected: ExpectedHelper {
            listener,
            origin: ProgramOrigin::Machine,
            place: Location::Outside,
            orders: None,
            to_join: None,
        },
    })
}

/// How to start a watcher of a program on the machine.
pub(super) fn watcher() -> WatcherCommand {
    WatcherCommand {
        binary: PathBuf::from(OURSELVES),
        access: Access::Machine,
        cgroup: None,
        home: geteuid()
            .is_root()
            .then(|| std::process::id().cast_signed()),
    }
}

/// Runs the helper. Returns the program's exit code.
///
/// It waits until everything that the program started has ended, or nslab has; then it ends the
/// rest.
pub(crate) fn run(orders: MachineOrders) -> Result<i32, Refused> {
    let mut trace = Tracer::connect(&orders.report)?;
    if !orders.terminal {
        // In nslab's session, nslab's end would send SIGHUP to this process, and nobody would end what it
        // started.
        trace.step(Call::Setsid, setsid)?;
    }
    // A helper that somebody has stopped (SIGSTOP) must go on, to end them.
    trace.step(Call::Prctl("PR_SET_PDEATHSIG, SIGCONT".to_owned()), || {
        prctl::set_pdeathsig(Signal::SIGCONT)
    })?;
    // As a subreaper we adopt what the program leaves running, and end it.
    be_subreaper(&mut trace)?;
    let tty = if orders.terminal {
        Some(trace.step("ttyname(0)", || ttyname(io::stdin().as_fd()))?)
    } else {
        None
    };
    let command = (orders.errand == Errand::Command).then_some(orders.side);
    let running = enter::running_container(command, &mut trace)?;
    let joined = enter::to_join(&orders.plan, &mut trace)?;
    let proc = ProcDir::open_in(&mut trace)?;
    let orphans = Orphans::of_ours(Arc::new(proc));
    let (ran, told) = trace.pipe()?;
    let mut child_trace = trace.for_child()?;
    let child = match trace.fork(ForkHalf::Child)? {
        ForkResult::Child => {
            drop(ran);
            match orders.side {
                Side::Host => SideProgram {
                    side: Side::Host,
                    origin: ProgramOrigin::Machine,
                    argv: orders.program,
                    tty: tty.map(ProgramTerminal::Named),
                    flags: NamespaceSet::EMPTY,
                    options: LaunchOptions::default(),
                }
                .become_it(told, &mut child_trace),
                side @ Side::Container(_) => {
                    drop(told);
                    if let Some(running) = running
                        && join_running(&running, &mut child_trace).is_err()
                    {
                        std::process::exit(FAILED);
                    }
                    let orders = LauncherOrders {
                        origin: ProgramOrigin::Machine,
                        side,
                        plan: orders.plan,
                        tty,
                        program: orders.program,
                    };
                    let code = container::run(orders, joined, None, child_trace);
                    std::process::exit(code.unwrap_or(FAILED))
                }
            }
        }
        ForkResult::Parent { child } => child,
    };
    drop((told, child_trace));
    if orders.side == Side::Host {
        started(child, &orders.program, ran, &mut trace)?;
    }
    if !ends_before_nslab(child, trace.channel()) {
        let _ = kill(child, Signal::SIGKILL);
    }
    let exit = wait(child, &mut trace)?;
    if let Some(orphans) = orphans {
        orphans.end();
    }
    if orders.side == Side::Host {
        let _ = trace.channel().send(&Message::Exited(exit));
    }
    Ok(exit.code())
}

/// Joins, in one call, every namespace of a running container that differs from ours. Once in its
/// user namespace, an ordinary user may join what that owns.
fn join_running(running: &OwnedFd, trace: &mut Tracer) -> Result<(), Refused> {
    let kinds = enter::differing(running, NamespaceSet::all(), trace)?;
    if kinds.is_empty() {
        return Ok(());
    }
    join::join(running, "container", kinds, trace)
}

/// Waits for the end of the program or of nslab, which closes its end of the channel. Returns
/// whether the program ended first.
fn ends_before_nslab(child: Pid, channel: &Channel) -> bool {
    let Ok(pidfd) = sys::pidfd_open(child) else {
        return true;
    };
    loop {
        let mut fds = [
            PollFd::new(pidfd.as_fd(), PollFlags::POLLIN),
            PollFd::new(channel.as_fd(), PollFlags::POLLIN),
        ];
        if poll(&mut fds, PollTimeout::NONE) != Err(Errno::EINTR) {
            return fds[0].any() == Some(true);
        }
    }
}
