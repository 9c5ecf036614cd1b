//! A helper process enters the lab host from the machine.
//!
//! Owns the order of the joins. The helper starts as a process of the machine, in a PTY or with
//! plain pipes; in the lab host it becomes a shell, or a container's launcher.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use nix::errno::Errno;
use nix::unistd::{ForkResult, Pid, dup2_stdin, fchown, getpid, setgroups, setsid, ttyname};

use super::call::Call;
use super::channel::Message;
use super::container::Inherited;
use super::habits::{be_dumpable, be_subreaper, die_with, die_with_parent, raise_oom_score};
use super::identity::LabIdentity;
use super::ids::LabRoot;
use super::launch::ProgramOrigin;
use super::options::{LaunchOptions, name};
use super::plan::Plan;
use super::program::{ProgramTerminal, SideProgram, started};
use super::report::{Exit, Side};
use super::trace::{ForkHalf, Refused, Tracer, errno};
use super::{FAILED, cgroup, filter, join, keyring, orders, own_binary, program, root};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// The first orders of the helper of the host's shell, given when it is started. The lab host need not exist
/// yet.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct WaitOrders {
    /// The name of the listener it reports to, and gets its orders from.
    #[arg(long)]
    pub report: String,
}

impl WaitOrders {
    /// The command line that carries these orders.
    pub(crate) fn arguments(&self) -> Vec<String> {
        vec!["enter".to_owned(), format!("--report={}", self.report)]
    }
}

/// The lab host to enter, and the credentials to enter it with.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct LabEntrance {
    #[arg(long)]
    pub guard: i32,
    #[arg(long)]
    pub keeper: i32,
    /// The user and group the helper becomes.
    #[arg(long)]
    pub identity: LabIdentity,
    #[arg(long, default_value = "own")]
    pub lab_root: LabRoot,
    /// The lab's cgroup, if it has one.
    #[arg(long)]
    pub cgroup: Option<PathBuf>,
}

impl LabEntrance {
    fn arguments(&self) -> Vec<String> {
        let LabEntrance {
            guard,
            keeper,
            identity,
            lab_root,
            cgroup,
        } = self;
        let mut arguments = vec![
            format!("--guard={guard}"),
            format!("--keeper={keeper}"),
            format!("--identity={identity}"),
        ];
        if *lab_root != LabRoot::Own {
            arguments.push(format!("--lab-root={}", name(lab_root)));
        }
        let cgroup = cgroup.iter().map(|path| path.display());
        arguments.extend(cgroup.map(|path| format!("--cgroup={path}")));
        arguments
    }
}

/// The second orders of the helper of the host's shell, sent over its channel.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct ShellOrders {
    #[command(flatten)]
    pub entrance: LabEntrance,
    /// The path that its terminal gets in the lab host, if it has one.
    #[arg(long)]
    pub tty: Option<PathBuf>,
    /// The program and its arguments.
    #[arg(last = true)]
    pub program: Vec<String>,
}

impl ShellOrders {
    /// The words that carry these orders.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = self.entrance.arguments();
        let tty = self.tty.iter().map(|path| path.display());
        arguments.extend(tty.map(|path| format!("--tty={path}")));
        arguments.push("--".to_owned());
        arguments.extend(self.program.iter().cloned());
        arguments
    }
}

/// The orders of a launcher's helper, given when it is started. The launcher learns later, in the lab host,
/// what to launch.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct LaunchOrders {
    /// The name of the listener it reports to.
    #[arg(long)]
    pub report: String,
    #[command(flatten)]
    pub entrance: LabEntrance,
    /// Whether the terminal it is started on becomes the program's own.
    #[arg(long)]
    pub terminal: bool,
    /// The side of a program that runs besides the side's own: see [`Errand::Command`].
    ///
    /// [`Errand::Command`]: super::entry::Errand::Command
    #[arg(long)]
    pub command: Option<Side>,
}

impl LaunchOrders {
    /// The command line that carries these orders.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let LaunchOrders {
            report,
            entrance,
            terminal,
            command,
        } = self;
        let mut arguments = vec!["launch".to_owned(), format!("--report={report}")];
        arguments.extend(entrance.arguments());
        arguments.extend(terminal.then(|| "--terminal".to_owned()));
        arguments.extend(command.map(|side| format!("--command={side}")));
        arguments
    }
}

/// Waits for orders, and runs the helper of the host's shell. Returns the program's exit code.
/// Before the orders come it only connects. If they never come, it ends with nslab.
pub(crate) fn run(orders: &WaitOrders) -> Result<i32, Refused> {
    let trace = Tracer::connect(&orders.report)?;
    let Ok(Some((Message::Orders(words), _))) = trace.channel().receive() else {
        return Ok(FAILED);
    };
    let orders: ShellOrders = orders::read(&words).map_err(|_| unreadable())?;
    let terminal = orders.tty.is_some();
    run_helper(&orders.entrance, terminal, None, Some(&orders), trace)
}

/// Runs the helper of a launcher. Returns the program's exit code.
pub(crate) fn launch(orders: &LaunchOrders) -> Result<i32, Refused> {
    let trace = Tracer::connect(&orders.report)?;
    run_helper(
        &orders.entrance,
        orders.terminal,
        orders.command,
        None,
        trace,
    )
}

pub(super) fn unreadable() -> Refused {
    Refused::new("recvmsg(orders)", Errno::EINVAL)
}

/// Runs the helper. Returns the program's exit code.
///
/// It takes three processes. This one stays on the machine, where nobody in the lab can trace it.
/// Its child joins the lab host and forks, as only children enter a joined PID namespace; then it
/// ends. The grandchild becomes the host's shell or a launcher, and this process adopts it. A launcher's
/// second process is prepared: it waits in the guard's namespaces and cgroup until it hears what to launch.
/// If the lab has a cgroup, that process then forks a child into the cgroup of the lab's programs, and the
/// child joins the lab host.
fn run_helper(
    entrance: &LabEntrance,
    terminal: bool,
    command: Option<Side>,
    shell: Option<&ShellOrders>,
    mut trace: Tracer,
) -> Result<i32, Refused> {
    if !terminal {
        // nslab's own terminal is the machine's. The learner can trace the launcher, which could
        // open it as /dev/tty and type into it.
        trace.step(Call::Setsid, setsid)?;
    }
    raise_oom_score();
    let terminal = own_terminal(terminal, entrance.identity, &mut trace)?;
    let running = running_container(command, &mut trace)?;
    be_subreaper(&mut trace)?;
    let (gate, mut opener) = trace.pipe()?;
    let (mut pid_reader, pid_writer) = trace.pipe()?;
    let (ran, told) = trace.pipe()?;
    let helper = trace.quiet_step("pidfd_open(helper)", || sys::pidfd_open(getpid()))?;
    let (forked, subtree) = fork_second(entrance.cgroup.as_deref(), shell.is_some(), &mut trace)?;
    let joiner = match forked {
        ForkResult::Child => {
            drop((opener, pid_reader, ran));
            let begin = move |trace: &mut Tracer| {
                become_lab_user(entrance.identity, trace)?;
                let (target, binary) = join_guard(entrance, terminal.as_deref(), running, trace)?;
                let passage = Passage {
                    helper,
                    gate,
                    pid_writer,
                    target,
                    subtree,
                };
                passage.die_with_helper(trace)?;
                match shell {
                    Some(orders) => become_shell(orders, passage, told, trace),
                    None => become_launcher(&passage, &binary, trace),
                }
            };
            let entered = begin(&mut trace);
            match entered {
                Ok(never) => match never {},
                Err(_) => std::process::exit(FAILED),
            }
        }
        ForkResult::Parent { child } => child,
    };
    drop((gate, pid_writer, told, helper, running));
    // This process needs root no longer either. The child has reported the same step.
    let become_user = entrance.identity.become_quietly();
    become_user.map_err(|errno| Refused::new("setresuid()", errno))?;
    // After the last change of credentials, which clears PR_SET_PDEATHSIG.
    die_with_parent(&mut trace)?;
    let mut pid = [0; 4];
    let told = pid_reader.read_exact(&mut pid);
    // Once it has ended, the program is our child, and its PR_SET_PDEATHSIG refers to us.
    let second = wait(joiner, &mut trace)?;
    if told.is_err() {
        // A refused process has reported its refusal, unless it was killed.
        trace.report_killed(second);
        return Ok(second.code());
    }
    let program = Pid::from_raw(i32::from_ne_bytes(pid));
    let _ = opener.write_all(b"o");
    let Some(orders) = shell else {
        let launcher = wait(program, &mut trace)?;
        trace.report_killed(launcher);
        return Ok(launcher.code());
    };
    started(program, &orders.program, ran, &mut trace)?;
    let exit = wait(program, &mut trace)?;
    let _ = trace.channel().send(&Message::Exited(exit));
    Ok(exit.code())
}

/// Forks the second process. It starts in the cgroup of the lab's programs; for a launcher, in the guard's.
/// A launcher also gets the directory of the programs' cgroup, to enter it later.
fn fork_second(
    lab_cgroup: Option<&Path>,
    is_shell: bool,
    trace: &mut Tracer,
) -> Result<(ForkResult, Option<OwnedFd>), Refused> {
    let Some(lab) = lab_cgroup else {
        return Ok((trace.fork(ForkHalf::Child)?, None));
    };
    let subtree = cgroup::open_subtree(lab, trace)?;
    // While still root: outside of the lab, the lab's user may start processes in neither cgroup.
    if is_shell {
        let forked = cgroup::fork_among_programs(subtree.as_fd(), trace)?;
        Ok((forked, None))
    } else {
        Ok((cgroup::fork_beside_guard(lab, trace)?, Some(subtree)))
    }
}

/// Drops root and the user's session keyring before joining any namespace: a process that enters as
/// uid 0 can be traced while it still is.
fn become_lab_user(identity: LabIdentity, trace: &mut Tracer) -> Result<(), Refused> {
    identity.assume(trace)?;
    keyring::join(trace)?;
    be_dumpable(trace)?;
    // After the last change of credentials, which would have cleared it.
    die_with_parent(trace)
}

/// The owner of the namespaces that the second process joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Whose {
    /// Those of the lab host.
    Keeper,
    /// Those of the container that a command runs in.
    Container,
}

/// The namespaces that the second process joins, and the terminal that it brings.
#[derive(Debug)]
struct JoinTarget {
    process: OwnedFd,
    whose: Whose,
    /// The terminal, as a mount that has no place yet.
    mount: Option<OwnedFd>,
}

/// The descriptors with which the second process enters the lab host, and those that it passes to the third process.
#[derive(Debug)]
pub(super) struct Passage {
    helper: OwnedFd,
    /// The third process waits here until the second one has ended.
    gate: PipeReader,
    /// The second process writes the third process's pid here, for the helper.
    pid_writer: PipeWriter,
    target: JoinTarget,
    /// The directory of the lab's programs' cgroup, if we are not in it yet.
    subtree: Option<OwnedFd>,
}

/// A passage that comes to a launcher through exec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct InheritedPassage {
    #[arg(long)]
    pub helper: RawFd,
    #[arg(long)]
    pub gate: RawFd,
    #[arg(long)]
    pub pid_writer: RawFd,
    #[arg(long)]
    pub process: RawFd,
    #[arg(long)]
    pub whose: Whose,
    #[arg(long)]
    pub mount: Option<RawFd>,
    #[arg(long)]
    pub subtree: Option<RawFd>,
}

impl InheritedPassage {
    /// The arguments that carry it.
    pub(crate) fn arguments(self) -> Vec<String> {
        let Self {
            helper,
            gate,
            pid_writer,
            process,
            whose,
            mount,
            subtree,
        } = self;
        let mut arguments = vec![
            format!("--helper={helper}"),
            format!("--gate={gate}"),
            format!("--pid-writer={pid_writer}"),
            format!("--process={process}"),
            format!("--whose={}", name(&whose)),
        ];
        arguments.extend(mount.map(|fd| format!("--mount={fd}")));
        arguments.extend(subtree.map(|fd| format!("--subtree={fd}")));
        arguments
    }
}

impl Passage {
    /// Takes the descriptors that came through exec. No further exec passes them on.
    pub(super) fn inherited(from: InheritedPassage) -> nix::Result<Self> {
        let take = |fd| {
            let fd = sys::inherited_fd(fd)?;
            sys::keep_on_exec(&fd, false).map(|()| fd)
        };
        Ok(Self {
            helper: take(from.helper)?,
            gate: take(from.gate)?.into(),
            pid_writer: take(from.pid_writer)?.into(),
            target: JoinTarget {
                process: take(from.process)?,
                whose: from.whose,
                mount: from.mount.map(take).transpose()?,
            },
            subtree: from.subtree.map(take).transpose()?,
        })
    }

    /// Keeps its descriptors open through exec.
    fn keep_on_exec(&self) -> nix::Result<InheritedPassage> {
        let JoinTarget {
            process,
            whose,
            mount,
        } = &self.target;
        sys::keep_on_exec(&self.helper, true)?;
        sys::keep_on_exec(&self.gate, true)?;
        sys::keep_on_exec(&self.pid_writer, true)?;
        sys::keep_on_exec(process, true)?;
        for fd in mount.iter().chain(&self.subtree) {
            sys::keep_on_exec(fd, true)?;
        }
        Ok(InheritedPassage {
            helper: self.helper.as_raw_fd(),
            gate: self.gate.as_raw_fd(),
            pid_writer: self.pid_writer.as_raw_fd(),
            process: process.as_raw_fd(),
            whose: *whose,
            mount: mount.as_ref().map(AsRawFd::as_raw_fd),
            subtree: self.subtree.as_ref().map(AsRawFd::as_raw_fd),
        })
    }

    /// Ends the second process with the helper, though that may have ended before.
    ///
    /// It is not in the lab's PID namespace, so the lab's end doesn't end it.
    pub(super) fn die_with_helper(&self, trace: &mut Tracer) -> Result<(), Refused> {
        die_with(&self.helper, trace)
    }

    /// Does all the work that doesn't depend on the program.
    pub(super) fn prepare(self, trace: &mut Tracer) -> Result<PreparedPassage, Refused> {
        // Load the filter before we enter the lab: in the lab, its root may trace us and what we fork.
        // On a kernel without seccomp, the keeper has reported the shortfall.
        filter::load(trace)?;
        let kinds = differing(&self.target.process, NamespaceSet::all(), trace)?;
        let passage = self;
        Ok(PreparedPassage { passage, kinds })
    }
}

/// A [`Passage`] whose process has loaded the filter, and knows which of the lab host's namespaces to join.
#[derive(Debug)]
pub(super) struct PreparedPassage {
    passage: Passage,
    kinds: NamespaceSet,
}

impl PreparedPassage {
    /// If we are not in the cgroup of the lab's programs yet, forks a child into it. The child carries on;
    /// the parent ends here, after the child.
    pub(super) fn begin(mut self, trace: &mut Tracer) -> Result<Self, Refused> {
        let Some(subtree) = self.passage.subtree.take() else {
            return Ok(self);
        };
        match cgroup::fork_among_programs(subtree.as_fd(), trace)? {
            ForkResult::Child => {
                // If we were killed meanwhile, the helper is our parent now.
                self.passage.die_with_helper(trace)?;
                Ok(self)
            }
            ForkResult::Parent { child } => {
                drop(self);
                let exit = wait(child, trace)?;
                trace.report_killed(exit);
                std::process::exit(exit.code())
            }
        }
    }

    /// Joins the lab host, mounts the terminal at this path, and forks into the lab's PID namespace. The
    /// parent ends here; the child returns, with the path of the terminal if there is one.
    pub(super) fn cross(
        self,
        tty: Option<&Path>,
        trace: &mut Tracer,
    ) -> Result<(Option<PathBuf>, Adoption), Refused> {
        let Self { passage, kinds } = self;
        // All in one call, which uses our capabilities in the guard's user namespace, above the whole lab:
        // with those of a container's own, joining a kind that it shares with the lab host would be
        // refused.
        let JoinTarget { process, whose, .. } = &passage.target;
        join::join(process, &name(whose), kinds, trace)?;
        // The user's groups are no groups of the lab. With one id this is denied, and they stay.
        let _ = setgroups(&[]);
        // If the helper was killed for another launch, our terminal must not replace that launch's.
        passage.die_with_helper(trace)?;
        let tty = match (&passage.target.mount, tty) {
            (Some(mount), Some(path)) => {
                bring_terminal(mount, path, trace)?;
                Some(path.to_owned())
            }
            _ => None,
        };
        let Passage {
            helper,
            gate,
            mut pid_writer,
            target,
            subtree: _,
        } = passage;
        match trace.fork(ForkHalf::Parent)? {
            ForkResult::Parent { child } => {
                let pid = child.as_raw().to_ne_bytes();
                let told = trace.quiet_step("write(pid)", || pid_writer.write_all(&pid));
                trace.report();
                std::process::exit(if told.is_ok() { 0 } else { FAILED });
            }
            ForkResult::Child => {
                drop((pid_writer, target));
                Ok((tty, Adoption { helper, gate }))
            }
        }
    }
}

/// The helper's adoption of the third process, once the second process, its parent, has ended.
#[derive(Debug)]
pub(crate) struct Adoption {
    helper: OwnedFd,
    /// Closed without a byte if the helper ends.
    gate: PipeReader,
}

impl Adoption {
    /// Waits until the helper is our parent, then sets PR_SET_PDEATHSIG. Earlier, the signal would come when the
    /// second process ends.
    pub(super) fn wait(mut self, trace: &mut Tracer) {
        // This step isn't reported: the parent must first report the fork.
        if self.gate.read_exact(&mut [0]).is_err() || die_with(&self.helper, trace).is_err() {
            std::process::exit(FAILED);
        }
    }
}

/// The second process joins the guard's namespaces. Returns also nslab's binary, which has no path there.
fn join_guard(
    entrance: &LabEntrance,
    terminal: Option<&Path>,
    running: Option<OwnedFd>,
    trace: &mut Tracer,
) -> Result<(JoinTarget, File), Refused> {
    // Open what needs the machine's /proc and PID namespace, while we are there.
    let open = |pid: i32| move || sys::pidfd_open(Pid::from_raw(pid));
    let call = |name, pid| format!("pidfd_open({pid}<{name}>, 0)");
    let guard = trace.step(call("guard", entrance.guard), open(entrance.guard))?;
    let keeper = trace.step(call("keeper", entrance.keeper), open(entrance.keeper))?;
    let binary = Path::new("/proc/self/exe");
    let call = Call::open(binary, "O_RDONLY|O_CLOEXEC");
    let binary = trace.step(call, || File::open(binary))?;

    let user = match entrance.lab_root {
        LabRoot::Own => Namespace::User.into(),
        LabRoot::Machines => NamespaceSet::EMPTY,
    };
    join::join(&guard, "guard", user.with(Namespace::Mnt), trace)?;
    // Take our terminal along: only L1's copy of /dev/pts shows it.
    let mount = match terminal {
        Some(path) => {
            let call = Call::OpenTree(path.display().to_string());
            Some(trace.step(call, || sys::clone_mount(path))?)
        }
        None => None,
    };
    if entrance.lab_root == LabRoot::Machines {
        program::drop_machine_capabilities(trace)?;
    }
    let (process, whose) = match running {
        None => (keeper, Whose::Keeper),
        Some(running) => (running, Whose::Container),
    };
    let target = JoinTarget {
        process,
        whose,
        mount,
    };
    Ok((target, binary))
}

/// The third process becomes the host's shell.
fn become_shell(
    orders: &ShellOrders,
    passage: Passage,
    told: PipeWriter,
    trace: &mut Tracer,
) -> Result<Infallible, Refused> {
    let (tty, adoption) = passage
        .prepare(trace)?
        .cross(orders.tty.as_deref(), trace)?;
    adoption.wait(trace);
    let program = SideProgram {
        side: Side::Host,
        origin: ProgramOrigin::Lab,
        argv: orders.program.clone(),
        tty: tty.map(ProgramTerminal::Named),
        flags: NamespaceSet::EMPTY,
        options: LaunchOptions::default(),
    };
    program.become_it(told, trace)
}

/// The kinds in which the process's namespace differs from ours.
pub(super) fn differing(
    process: &OwnedFd,
    kinds: NamespaceSet,
    trace: &mut Tracer,
) -> Result<NamespaceSet, Refused> {
    let pid = trace.step("read(fdinfo of the pidfd)", || {
        sys::pid_of(process.as_fd()).ok_or(Errno::ESRCH)
    })?;
    let differs = |kind: &Namespace| join::differs(pid, *kind);
    Ok(kinds.iter().filter(differs).collect())
}

/// A command in a container is started with a pidfd as its standard input. Takes that pidfd, and puts an
/// empty pipe in its place, so that no descriptor of the machine is left. `None` for other launches.
pub(super) fn running_container(
    command: Option<Side>,
    trace: &mut Tracer,
) -> Result<Option<OwnedFd>, Refused> {
    let pidfd = match command {
        None => return Ok(None),
        Some(Side::Host) => None,
        Some(Side::Container(_)) => Some(trace.step("dup(0)", || sys::duplicate(0))?),
    };
    trace.step("dup2(an empty pipe, 0)", || {
        let (empty, _) = io::pipe().map_err(|error| errno(&error))?;
        dup2_stdin(empty)
    })?;
    Ok(pidfd)
}

/// Receives a pidfd of the container to join from nslab; a pid could belong to another process by
/// now.
pub(super) fn to_join(plan: &Plan, trace: &mut Tracer) -> Result<Option<OwnedFd>, Refused> {
    let Some(join) = plan.join else {
        return Ok(None);
    };
    let call = format!("recvmsg(pidfd of {})", Side::Container(join.whose));
    let received = trace.channel().receive();
    trace.quiet_step(call, || match received {
        Ok(Some((Message::Join, Some(pidfd)))) => Ok(Some(pidfd)),
        _ => Err(Errno::ESRCH),
    })
}

/// The path of the terminal that we were started on. It is given to the lab's user, so that the
/// lab's programs can open it by name.
fn own_terminal(
    wanted: bool,
    identity: LabIdentity,
    trace: &mut Tracer,
) -> Result<Option<PathBuf>, Refused> {
    if !wanted || !io::stdin().is_terminal() {
        return Ok(None);
    }
    if identity.differs_from_ours() {
        let LabIdentity { uid, gid } = identity;
        let call = Call::ChownTerminal {
            uid: uid.as_raw(),
            gid: gid.as_raw(),
        };
        trace.step(call, || fchown(io::stdin().as_fd(), Some(uid), Some(gid)))?;
    }
    trace
        .step("ttyname(0)", || ttyname(io::stdin().as_fd()))
        .map(Some)
}

/// Mounts the terminal at a path, in place of the mount that an earlier launch left there.
fn bring_terminal(mount: &OwnedFd, path: &Path, trace: &mut Tracer) -> Result<(), Refused> {
    root::detach(trace, path)?;
    root::mountpoint_file(trace, path)?;
    let call = Call::MoveMount {
        mount: mount.as_raw_fd(),
        path: path.display().to_string(),
    };
    trace.step(call, || sys::attach_mount(mount.as_fd(), path))
}

/// The second process executes nslab again, as a launcher. The learner can trace its later forks in the lab,
/// so their memory must hold nothing of the machine. It executes before it joins the lab host, where the
/// learner could trace it too.
fn become_launcher(
    passage: &Passage,
    binary: &File,
    trace: &mut Tracer,
) -> Result<Infallible, Refused> {
    let channel = trace.channel().as_fd().as_raw_fd();
    let kept = sys::keep_on_exec(trace.channel(), true).and_then(|()| passage.keep_on_exec());
    let passage = trace.quiet_step(format!("fcntl({channel}, F_SETFD, 0)"), || kept)?;
    let inherited = Inherited {
        report: channel,
        passage,
    };
    let environment = std::env::vars().map(|(name, value)| format!("{name}={value}"));
    own_binary::execute(binary, inherited.arguments(), environment.collect(), trace)
}

/// Waits until the process has ended.
pub(super) fn wait(pid: Pid, trace: &mut Tracer) -> Result<Exit, Refused> {
    let status = match sys::wait(pid) {
        Ok(status) => status,
        Err(errno) => return trace.quiet_step("waitpid()", || Err(errno)),
    };
    Ok(Exit::of(status))
}
