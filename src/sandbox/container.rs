//! The launcher, which is the program that the lessons are about: `clone()` with the chosen flags, a shell in the
//! child, `waitpid()`. `nslab code` prints the same program.
//!
//! It runs in the lab host, where the learner can look at it and trace it. It has nothing of the
//! machine but the channel that it reports over.

use std::fs::File;
use std::io::{PipeReader, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::prctl;
use nix::sys::signal::{Signal, killpg};
use nix::sys::stat::Mode;
use nix::unistd::{ForkResult, Pid, getegid, geteuid, getpid};

use super::call::Call;
use super::channel::{Channel, Message};
use super::enter::{self, Adoption, InheritedPassage, Passage, wait};
use super::habits::{be_dumpable, be_subreaper, die_with, die_with_parent};
use super::launch::ProgramOrigin;
use super::options::{LaunchOption, LaunchOptions, UserMap};
use super::orphans::Orphans;
use super::plan::{Join, Plan};
use super::proc_dir::ProcDir;
use super::program::{ProgramTerminal, SideProgram, started};
use super::report::{Exit, Side};
use super::trace::{ForkHalf, Refused, Tracer};
use super::{FAILED, STACK_SIZE, join, maps, orders, root};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// The orders that the launcher gets over its channel.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct LauncherOrders {
    // On the machine, a launcher is forked and gets no orders.
    #[arg(skip = ProgramOrigin::Lab)]
    pub origin: ProgramOrigin,
    #[command(flatten)]
    pub plan: Plan,
    /// The side that the program belongs to.
    #[arg(long)]
    pub side: Side,
    /// The path of the program's terminal.
    #[arg(long)]
    pub tty: Option<PathBuf>,
    /// The program and its arguments.
    #[arg(last = true)]
    pub program: Vec<String>,
}

impl LauncherOrders {
    /// The words that carry these orders.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let LauncherOrders {
            origin: _,
            plan,
            side,
            tty,
            program,
        } = self;
        let mut arguments = vec![format!("--side={side}")];
        arguments.extend(plan.arguments());
        let tty = tty.iter().map(|path| path.display());
        arguments.extend(tty.map(|path| format!("--tty={path}")));
        arguments.push("--".to_owned());
        arguments.extend(program.iter().cloned());
        arguments
    }
}

/// Descriptors that come to the launcher through exec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct Inherited {
    /// The channel it reports over, and gets its orders from.
    #[arg(long)]
    pub report: RawFd,
    #[command(flatten)]
    pub passage: InheritedPassage,
}

impl Inherited {
    /// The command line that carries them.
    pub(crate) fn arguments(self) -> Vec<String> {
        let mut arguments = vec!["container".to_owned(), format!("--report={}", self.report)];
        arguments.extend(self.passage.arguments());
        arguments
    }
}

/// Waits for orders in the guard's namespaces and cgroup, where nobody in the lab can trace it; then enters
/// the lab host as the launcher. Returns the program's exit code.
pub(crate) fn run_after_exec(inherited: Inherited) -> Result<i32, Refused> {
    let refused = |errno| Refused::new("fcntl()", errno);
    let channel = Channel::inherited(inherited.report).map_err(refused)?;
    let passage = Passage::inherited(inherited.passage).map_err(refused)?;
    let mut trace = Tracer::new(channel);
    passage.die_with_helper(&mut trace)?;
    let passage = passage.prepare(&mut trace)?;
    // Parse some orders now, so that the parser's code is read from the disk before a learner waits for a
    // shell.
    let _ = orders::read::<LauncherOrders>(["--side=container", "--flags=uts", "--", "sh"]);
    let Ok(Some((Message::Orders(words), _))) = trace.channel().receive() else {
        return Ok(FAILED);
    };
    trace.gather();
    let orders: LauncherOrders = orders::read(&words).map_err(|_| enter::unreadable())?;
    let to_join = enter::to_join(&orders.plan, &mut trace)?;
    let passage = passage.begin(&mut trace)?;
    let (tty, adoption) = passage.cross(orders.tty.as_deref(), &mut trace)?;
    // Our files in /proc may be root's now, and maps are written there. From here on the learner can trace us.
    be_dumpable(&mut trace)?;
    let orders = LauncherOrders { tty, ..orders };
    run(orders, to_join, Some(adoption), trace)
}

/// Runs the launcher. It waits for its adoption by the helper as late as it can. Returns the program's exit
/// code.
pub(crate) fn run(
    orders: LauncherOrders,
    to_join: Option<OwnedFd>,
    mut adoption: Option<Adoption>,
    mut trace: Tracer,
) -> Result<i32, Refused> {
    if adoption.is_none() {
        die_with_parent(&mut trace)?;
    }
    // As a subreaper we adopt what the container leaves running, and end it; else process 1 would adopt it. In a
    // joined PID namespace, process 1 of that namespace adopts it all the same, as with `docker exec`.
    be_subreaper(&mut trace)?;
    let mut tty_mount = TtyMount::of(&orders);
    let proc = Arc::new(ProcDir::open_in(&mut trace)?);
    let mut orphans = Orphans::of_ours(Arc::clone(&proc));

    let flags = orders.plan.flags;
    let mut tty = orders.tty.clone().map(ProgramTerminal::Named);
    if let Some((process, join)) = to_join.zip(orders.plan.join) {
        // A joined PID namespace needs a second launcher process, whose parent the helper waits for.
        if let Some(adoption) = adoption.take() {
            adoption.wait(&mut trace);
        }
        let joined = join_container(&process, join, &mut tty, &mut tty_mount, &mut trace)?;
        // Only children enter a joined PID namespace, and only its members can make one below it;
        // pid_namespaces(7). So the child carries on as the launcher.
        if joined.contains(Namespace::Pid) && flags.contains(Namespace::Pid) {
            match fork_into_joined(&mut trace)? {
                Forked::Child => orphans = Orphans::of_ours(Arc::clone(&proc)),
                Forked::Ended(exit) => {
                    if let Some(orphans) = orphans {
                        orphans.end();
                    }
                    // The child has reported its exit, unless its PID namespace was killed.
                    let _ = trace.channel().send(&Message::Exited(exit));
                    return Ok(exit.code());
                }
            }
        }
    }
    let options = options_here(&orders);
    let ahead = options.word(LaunchOption::Offset);
    let cloned = make_time(flags, &ahead, &proc, &mut trace)?;
    let program = SideProgram {
        options,
        side: orders.side,
        origin: orders.origin,
        argv: orders.program,
        tty,
        flags,
    };
    let child = start_program(&program, cloned, adoption, &proc, &mut trace)?;
    let exit = finish(child, orphans, tty_mount, &mut trace)?;
    let _ = trace.channel().send(&Message::Exited(exit));
    Ok(exit.code())
}

/// Makes the program's process in its new namespaces, writes its maps, and waits until it has become the program.
fn start_program(
    program: &SideProgram,
    cloned: NamespaceSet,
    adoption: Option<Adoption>,
    proc: &ProcDir,
    trace: &mut Tracer,
) -> Result<Pid, Refused> {
    let (gate, mut opener) = trace.pipe()?;
    let (ran, told) = trace.pipe()?;
    let mut child_trace = trace.for_child()?;
    if let Some(adoption) = adoption {
        adoption.wait(trace);
    }

    let mut stack = vec![0; STACK_SIZE];
    let child_program = program.clone();
    let child = trace.step(Call::Clone(cloned), || {
        sys::clone(cloned.bits(), &mut stack, move || {
            wait_for_maps(gate);
            child_trace.gather();
            child_program.become_it(told, &mut child_trace)
        })
    })?;
    if cloned.contains(Namespace::User) && program.options.map == UserMap::Written {
        let (user, group) = (geteuid().as_raw(), getegid().as_raw());
        let number = pid_in(proc, child, trace)?;
        maps::write(proc, number, user, group, trace)?;
    }
    // The child reports its own steps after these.
    trace.report();
    // If the child has died, waitpid will tell.
    let _ = opener.write_all(b"o");
    started(child, &program.argv, ran, trace)?;
    Ok(child)
}

/// Waits until the program ends, then ends its orphans and unmounts its terminal.
fn finish(
    child: Pid,
    orphans: Option<Orphans>,
    tty_mount: TtyMount,
    trace: &mut Tracer,
) -> Result<Exit, Refused> {
    let exit = wait(child, trace)?;
    match orphans {
        Some(orphans) => orphans.end(),
        // Without /proc only its first process group is known.
        None => drop(killpg(child, Signal::SIGKILL)),
    }
    // The terminal is about to be hung up.
    tty_mount.detach();
    Ok(exit)
}

/// The result of a fork into a joined PID namespace.
enum Forked {
    /// This process is the child, in the joined namespace.
    Child,
    /// This process is the parent, and the child has ended.
    Ended(Exit),
}

/// Forks into a PID namespace that was joined, and waits in the parent.
fn fork_into_joined(trace: &mut Tracer) -> Result<Forked, Refused> {
    let launcher = trace.quiet_step("pidfd_open(launcher)", || sys::pidfd_open(getpid()))?;
    match trace.fork(ForkHalf::Parent)? {
        ForkResult::Parent { child } => wait(child, trace).map(Forked::Ended),
        ForkResult::Child => {
            die_with(&launcher, trace)?;
            be_subreaper(trace)?;
            Ok(Forked::Child)
        }
    }
}

/// The mount of the program's terminal, which is detached when the program has ended.
enum TtyMount {
    /// No mount, or one that existed before.
    None,
    /// The mount that a helper made in the lab host, by descriptor: a later launch may use its path by then.
    InLab(OwnedFd),
    /// A path in the joined mount namespace.
    InJoined(PathBuf),
}

impl TtyMount {
    fn of(orders: &LauncherOrders) -> TtyMount {
        let path = match orders.origin {
            ProgramOrigin::Lab => orders.tty.as_deref(),
            ProgramOrigin::Machine => None,
        };
        let open = |path| open(path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty());
        path.and_then(|path| open(path).ok())
            .map_or(TtyMount::None, TtyMount::InLab)
    }

    fn detach(self) {
        let path = match self {
            TtyMount::None => return,
            TtyMount::InLab(ref mount) => {
                PathBuf::from(format!("/proc/self/fd/{}", mount.as_raw_fd()))
            }
            TtyMount::InJoined(ref path) => path.clone(),
        };
        // If it is no longer mounted, there is nothing to detach.
        let _ = root::detach_quietly(&path);
    }
}

/// The options that apply to the chosen flags on this host.
fn options_here(orders: &LauncherOrders) -> LaunchOptions {
    let plan = match orders.origin {
        ProgramOrigin::Lab => orders.plan.clone(),
        ProgramOrigin::Machine => orders.plan.clone().on_the_machine(),
    };
    plan.options.within(plan.flags)
}

/// Joins, in one call, the namespaces of another container that differ from ours. In a joined mount
/// namespace our terminal has no path any more, so it is opened before and mounted there afterwards
/// if possible.
fn join_container(
    process: &OwnedFd,
    join: Join,
    tty: &mut Option<ProgramTerminal>,
    tty_mount: &mut TtyMount,
    trace: &mut Tracer,
) -> Result<NamespaceSet, Refused> {
    let kinds = enter::differing(process, join.kinds, trace)?;
    if kinds.is_empty() {
        return Ok(kinds);
    }
    let mut mount = None;
    if kinds.contains(Namespace::Mnt)
        && let Some(ProgramTerminal::Named(path)) = tty.as_ref()
    {
        let path = path.clone();
        let opened = trace.step(Call::open(&path, "O_RDWR|O_NOCTTY"), || {
            open(&path, OFlag::O_RDWR | OFlag::O_NOCTTY, Mode::empty())
        })?;
        // Not on the machine: there the terminal has the same path in the joined mount namespace.
        if let TtyMount::InLab(_) = tty_mount {
            mount = sys::clone_mount(&path).ok().map(|mount| (mount, path));
            std::mem::replace(tty_mount, TtyMount::None).detach();
        }
        *tty = Some(ProgramTerminal::Open(Arc::new(opened)));
    }
    let whose = Side::Container(join.whose);
    join::join(process, whose.name(), kinds, trace)?;
    if let Some((mount, path)) = mount {
        // If this fails, only `tty` notices.
        let _ = root::detach_quietly(&path);
        let _ = File::create_new(&path);
        let _ = sys::attach_mount(mount.as_fd(), &path);
        *tty_mount = TtyMount::InJoined(path);
    }
    Ok(kinds)
}

/// Whether this process has CAP_SYS_ADMIN in its user namespace. Only an ordinary user on the
/// machine lacks it.
fn may_administrate() -> bool {
    geteuid().is_root()
}

/// A process's pid as `proc` shows it: `proc` may belong to an outer PID namespace.
fn pid_in(proc: &ProcDir, child: Pid, trace: &mut Tracer) -> Result<Pid, Refused> {
    trace.quiet_step("pidfd_open(child)", || -> nix::Result<Pid> {
        let pidfd = sys::pidfd_open(child)?;
        let number = proc.number(pidfd.as_fd()).ok_or(Errno::ESRCH)?;
        Ok(Pid::from_raw(number))
    })
}

fn own_user_namespace(proc: &ProcDir, trace: &mut Tracer) -> Result<(), Refused> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    join::make(Namespace::User.into(), trace)?;
    let ourselves = pid_in(proc, getpid(), trace)?;
    maps::write(proc, ourselves, user, group, trace)
}

/// Makes the time namespace, if it is chosen, and returns the flags that are left for clone(2). clone(2) can't
/// make it: CLONE_NEWTIME lies in the byte of the exit signal. The clocks are `ahead` by this number of seconds.
fn make_time(
    flags: NamespaceSet,
    ahead: &str,
    proc: &ProcDir,
    trace: &mut Tracer,
) -> Result<NamespaceSet, Refused> {
    let mut left = flags.without(Namespace::Time);
    if flags.contains(Namespace::Time) {
        // Without CAP_SYS_ADMIN it needs the new user namespace, which must come first then.
        if flags.contains(Namespace::User) && !may_administrate() {
            own_user_namespace(proc, trace)?;
            left = left.without(Namespace::User);
        }
        prepare_time(ahead, proc, trace)?;
    }
    Ok(left)
}

/// unshare(2) makes a time namespace for future children. Its offsets must be written before a
/// process is in it; time_namespaces(7).
fn prepare_time(ahead: &str, proc: &ProcDir, trace: &mut Tracer) -> Result<(), Refused> {
    join::make(Namespace::Time.into(), trace)?;
    let offsets = format!("monotonic {ahead} 0\nboottime {ahead} 0\n");
    trace
        .step(Call::WriteOffsets(offsets.clone()), || {
            proc.write("self/timens_offsets", &offsets)
        })
        .map(drop)
}

/// Before the maps are written we have no id, and exec would drop every capability. If the launcher
/// dies meanwhile, PR_SET_PDEATHSIG kills us; if it died before, the pipe is closed.
fn wait_for_maps(mut gate: PipeReader) {
    let _ = prctl::set_pdeathsig(Signal::SIGKILL);
    if gate.read_exact(&mut [0]).is_err() {
        std::process::exit(FAILED);
    }
}
