//! A helper enters the lab host from the machine.
//!
//! Owns the order of the joins. The helper starts as a process of the machine, in a PTY or with
//! plain pipes; in the lab host it becomes a shell, or a container's launcher.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use clap::Args;
use nix::errno::Errno;
use nix::unistd::{
    ForkResult, Pid, dup2_stdin, fchown, fexecve, getpid, setgroups, setsid, ttyname,
};

use super::call::Call;
use super::channel::Message;
use super::container::{Inherited, LauncherOrders};
use super::entry::Errand;
use super::guard::{
    LabRoot, be_dumpable, be_subreaper, be_the_first_to_go, die_with, die_with_parent,
};
use super::identity::Identity;
use super::launch::Origin;
use super::plan::{LaunchOptions, Plan, name};
use super::program::{Program, Terminal, started};
use super::report::{Exit, Side};
use super::trace::{Half, Refused, Tracer, errno};
use super::{FAILED, cgroup, filter, join, keyring, orders, program, root};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// What a helper is told when it is started. It may be started before there is anything to run.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct WaitOrders {
    /// The name of the listener it reports to, and gets its orders from.
    #[arg(long)]
    pub report: String,
}

impl WaitOrders {
    /// The command line that carries these orders.
    pub fn arguments(&self) -> Vec<String> {
        vec!["enter".to_owned(), format!("--report={}", self.report)]
    }
}

/// What a helper is told over its channel.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct EnterOrders {
    /// The guard's pid.
    #[arg(long)]
    pub guard: i32,
    /// The keeper's pid.
    #[arg(long)]
    pub keeper: i32,
    /// The user and group it becomes.
    #[arg(long)]
    pub identity: Identity,
    #[arg(long, default_value = "own")]
    pub lab_root: LabRoot,
    /// The cgroup that the program starts in.
    #[arg(long)]
    pub cgroup: Option<PathBuf>,
    /// The name its terminal gets under the lab host's `/dev`, if it has one.
    #[arg(long)]
    pub tty: Option<String>,
    /// The side that the program runs on.
    #[arg(long)]
    pub side: Side,
    #[command(flatten)]
    pub plan: Plan,
    #[arg(long)]
    pub errand: Errand,
    /// The program and its arguments.
    #[arg(last = true)]
    pub program: Vec<String>,
}

impl EnterOrders {
    /// The words that carry these orders.
    pub fn arguments(&self) -> Vec<String> {
        let EnterOrders {
            guard,
            keeper,
            identity,
            lab_root,
            cgroup,
            tty,
            side,
            plan,
            errand,
            program,
        } = self;
        let mut arguments = vec![
            format!("--guard={guard}"),
            format!("--keeper={keeper}"),
            format!("--identity={identity}"),
            format!("--side={side}"),
            format!("--errand={}", name(errand)),
        ];
        if *lab_root != LabRoot::Own {
            arguments.push(format!("--lab-root={}", name(lab_root)));
        }
        let cgroup = cgroup.iter().map(|path| path.display());
        arguments.extend(cgroup.map(|path| format!("--cgroup={path}")));
        arguments.extend(tty.iter().map(|name| format!("--tty={name}")));
        arguments.extend(plan.arguments());
        arguments.push("--".to_owned());
        arguments.extend(program.iter().cloned());
        arguments
    }

    /// The helper itself waits for the host's shell; everything else needs a launcher.
    fn needs_launcher(&self) -> bool {
        match (self.side, self.errand) {
            (Side::Host, Errand::Launch) => false,
            (Side::Container(_), _) | (Side::Host, Errand::Command) => true,
        }
    }
}

/// Waits for orders, and runs the helper. Returns the program's exit code.
///
/// Until the orders come it has done nothing but to connect. Where they never come, it ends with nslab.
pub fn live(orders: &WaitOrders) -> Result<i32, Refused> {
    let trace = Tracer::connect(&orders.report)?;
    let Ok(Some((Message::Orders(words), _))) = trace.channel().receive() else {
        return Ok(FAILED);
    };
    let orders = orders::read(&words).map_err(|_| Refused {
        call: Box::new("recvmsg(orders)".into()),
        errno: Errno::EINVAL,
    })?;
    run(&orders, trace)
}

/// Runs the helper. Returns the program's exit code.
///
/// It takes three processes. This one stays on the machine, where nobody in the lab can trace it.
/// Its child joins the lab host and forks, as only children enter a joined PID namespace; then it
/// ends. The grandchild becomes the program, and this process adopts it.
fn run(orders: &EnterOrders, mut trace: Tracer) -> Result<i32, Refused> {
    if orders.tty.is_none() {
        // nslab's own terminal is the machine's. The learner can trace the launcher, which could
        // open it as /dev/tty and type into it.
        trace.step(Call::Setsid, setsid)?;
    }
    be_the_first_to_go();
    let terminal = own_terminal(orders, &mut trace)?;
    let running = running_container(orders.errand, orders.side, &mut trace)?;
    let to_join = to_join(&orders.plan, &mut trace)?;
    be_subreaper(&mut trace)?;
    let (gate, mut opener) = trace.pipe()?;
    let (mut birth, midwife) = trace.pipe()?;
    let (ran, told) = trace.pipe()?;
    let helper = trace.quiet_step("pidfd_open(helper)", || sys::pidfd_open(getpid()))?;
    // Join the cgroup while still root: the lab's user may not.
    let forked = match &orders.cgroup {
        Some(path) => cgroup::fork_in(path, &mut trace)?,
        None => trace.fork(Half::Child)?,
    };
    let joiner = match forked {
        ForkResult::Child => {
            drop((opener, birth, ran));
            let left = Left {
                helper,
                terminal,
                running,
                to_join,
            };
            let born = become_lab_user(orders, &mut trace)
                .and_then(|()| join_and_fork(orders, left, gate, midwife, told, &mut trace));
            std::process::exit(if born.is_ok() { 0 } else { FAILED });
        }
        ForkResult::Parent { child } => child,
    };
    drop((gate, midwife, told, helper, running, to_join));
    // This process needs root no longer either. The child has reported the same step.
    orders.identity.become_quietly().map_err(|errno| Refused {
        call: Box::new("setresuid()".into()),
        errno,
    })?;
    // After the last change of credentials, which clears PR_SET_PDEATHSIG.
    die_with_parent(&mut trace)?;
    let mut pid = [0; 4];
    let born = birth.read_exact(&mut pid);
    // Once it has ended, the program is our child, and its PR_SET_PDEATHSIG refers to us.
    let way_in = wait(joiner, &mut trace)?;
    if born.is_err() {
        // The process that was refused something has reported it, unless it was killed.
        trace.killed(way_in);
        return Ok(way_in.code());
    }
    let program = Pid::from_raw(i32::from_ne_bytes(pid));
    let _ = opener.write_all(b"o");
    if orders.needs_launcher() {
        let launcher = wait(program, &mut trace)?;
        trace.killed(launcher);
        return Ok(launcher.code());
    }
    started(program, &orders.program, ran, &mut trace)?;
    let exit = wait(program, &mut trace)?;
    let _ = trace.channel().send(&Message::Exited(exit));
    Ok(exit.code())
}

/// Drops root and the user's session keyring before joining any namespace: a process that enters as
/// uid 0 can be traced while it still is.
fn become_lab_user(orders: &EnterOrders, trace: &mut Tracer) -> Result<(), Refused> {
    orders.identity.assume(trace)?;
    keyring::leave_the_users(trace)?;
    be_dumpable(trace)?;
    // After the last change of credentials, which would have cleared it.
    die_with_parent(trace)
}

/// What the second process brings along from the machine.
struct Left {
    helper: OwnedFd,
    /// The path of its terminal.
    terminal: Option<PathBuf>,
    /// A process of the container that the command runs in.
    running: Option<OwnedFd>,
    /// A process of the container whose namespaces the launcher joins.
    to_join: Option<OwnedFd>,
}

/// The second process: joins the lab host and reports the third one's pid.
fn join_and_fork(
    orders: &EnterOrders,
    left: Left,
    mut gate: PipeReader,
    mut midwife: PipeWriter,
    told: PipeWriter,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    // Open what needs the machine's /proc and PID namespace, while we are there.
    let open = |pid: i32| move || sys::pidfd_open(Pid::from_raw(pid));
    let call = |name, pid| format!("pidfd_open({pid}<{name}>, 0)");
    let guard = trace.step(call("guard", orders.guard), open(orders.guard))?;
    let keeper = trace.step(call("keeper", orders.keeper), open(orders.keeper))?;
    let binary = Path::new("/proc/self/exe");
    let binary = trace.step(Call::open(binary, "O_RDONLY|O_CLOEXEC"), || {
        File::open(binary).map_err(|error| errno(&error))
    })?;

    let user = match orders.lab_root {
        LabRoot::Own => Namespace::User.into(),
        LabRoot::Machines => NamespaceSet::EMPTY,
    };
    join::join(&guard, "guard", user.with(Namespace::Mnt), trace)?;
    // Take our terminal along: only L1's copy of /dev/pts shows it.
    let mount = match &left.terminal {
        Some(path) => {
            let call = Call::OpenTree(path.display().to_string());
            Some(trace.step(call, || sys::clone_mount(path))?)
        }
        None => None,
    };
    let (process, whose) = match &left.running {
        None => (&keeper, "keeper"),
        Some(running) => (running, "container"),
    };
    // All in one call, which uses our capabilities in the guard's user namespace, above the whole lab:
    // with those of a container's own, joining a kind that it shares with the lab host would be
    // refused.
    let kinds = differing(process, NamespaceSet::all(), trace)?;
    join::join(process, whose, kinds, trace)?;
    if orders.lab_root == LabRoot::Machines {
        program::give_up_the_machine(trace)?;
    }
    // The user's groups are no groups of the lab. With one id this is denied, and they stay.
    let _ = setgroups(&[]);
    // We are not in the lab's PID namespace, so its end doesn't end us. If the helper was killed
    // for another launch, our terminal must not replace that launch's.
    die_with(&left.helper, trace)?;
    let tty = match (mount, &orders.tty) {
        (Some(mount), Some(name)) => Some(bring_terminal(&mount, name, trace)?),
        _ => None,
    };
    // The child waits until the gate is opened.
    match trace.fork(Half::Parent)? {
        ForkResult::Parent { child } => {
            let pid = child.as_raw().to_ne_bytes();
            trace.quiet_step("write(pid)", || {
                midwife.write_all(&pid).map_err(|error| errno(&error))
            })
        }
        ForkResult::Child => {
            let Left { to_join, .. } = left;
            drop((midwife, guard, keeper, left.running));
            // Until then our parent is the second process, which is about to end and would take us
            // along.
            if gate.read_exact(&mut [0]).is_err() || die_with(&left.helper, trace).is_err() {
                std::process::exit(FAILED);
            }
            // The keeper has told if there is none.
            if filter::load(trace).is_err() {
                std::process::exit(FAILED);
            }
            if orders.needs_launcher() {
                let _ = become_launcher(orders, tty.as_deref(), to_join.as_ref(), &binary, trace);
                std::process::exit(FAILED)
            }
            let program = Program {
                side: Side::Host,
                origin: Origin::Lab,
                argv: orders.program.clone(),
                tty: tty.map(Terminal::Named),
                flags: NamespaceSet::EMPTY,
                options: LaunchOptions::default(),
            };
            program.become_it(told, trace)
        }
    }
}

/// The kinds of which the process has another namespace than we have.
pub(super) fn differing(
    process: &OwnedFd,
    kinds: NamespaceSet,
    trace: &mut Tracer,
) -> Result<NamespaceSet, Refused> {
    let pid = trace.step("read(fdinfo of the pidfd)", || {
        sys::pid_of(process.as_fd()).ok_or(Errno::ESRCH)
    })?;
    Ok(kinds
        .iter()
        .filter(|kind| join::differs(pid, *kind))
        .collect())
}

/// Takes the pidfd that a command in a container was started with as its standard input. An empty
/// pipe takes its place, so nothing of the machine is left behind it.
pub(super) fn running_container(
    errand: Errand,
    side: Side,
    trace: &mut Tracer,
) -> Result<Option<OwnedFd>, Refused> {
    let pidfd = match (errand, side) {
        (Errand::Launch, _) => return Ok(None),
        (Errand::Command, Side::Host) => None,
        (Errand::Command, Side::Container(_)) => Some(trace.step("dup(0)", || sys::duplicate(0))?),
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
fn own_terminal(orders: &EnterOrders, trace: &mut Tracer) -> Result<Option<PathBuf>, Refused> {
    if orders.tty.is_none() || !io::stdin().is_terminal() {
        return Ok(None);
    }
    if orders.identity.differs_from_ours() {
        let (uid, gid) = (orders.identity.uid(), orders.identity.gid());
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

/// Mounts the terminal as `/dev/NAME`, in place of what an earlier launch left there.
fn bring_terminal(mount: &OwnedFd, name: &str, trace: &mut Tracer) -> Result<PathBuf, Refused> {
    let path = PathBuf::from("/dev").join(name);
    root::detach(trace, &path)?;
    root::mountpoint_file(trace, &path)?;
    let call = Call::MoveMount {
        mount: mount.as_raw_fd(),
        path: path.display().to_string(),
    };
    trace.step(call, || sys::attach_mount(mount.as_fd(), &path))?;
    Ok(path)
}

/// Executes the launcher as a fresh program: the learner can trace it, so its memory must hold
/// nothing of the machine.
fn become_launcher(
    orders: &EnterOrders,
    tty: Option<&Path>,
    to_join: Option<&OwnedFd>,
    binary: &File,
    trace: &mut Tracer,
) -> Result<Infallible, Refused> {
    let channel = trace.channel().as_fd().as_raw_fd();
    let kept = sys::keep_on_exec(trace.channel(), true);
    trace.step(format!("fcntl({channel}, F_SETFD, 0)"), || kept)?;
    if let Some(process) = to_join {
        let fd = process.as_raw_fd();
        let kept = sys::keep_on_exec(process, true);
        trace.step(format!("fcntl({fd}, F_SETFD, 0)"), || kept)?;
    }
    let inherited = Inherited {
        report: channel,
        to_join: to_join.map(AsRawFd::as_raw_fd),
    };
    let launcher = LauncherOrders {
        origin: Origin::Lab,
        plan: orders.plan.clone(),
        side: orders.side,
        tty: tty.map(Path::to_owned),
        program: orders.program.clone(),
    };
    let mut argv = vec!["nslab".to_owned()];
    argv.extend(launcher.arguments(inherited));
    let strings = |list: Vec<String>| -> Vec<CString> {
        list.into_iter()
            .filter_map(|text| CString::new(text).ok())
            .collect()
    };
    let environment = std::env::vars()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let (argv, environment) = (strings(argv), strings(environment));
    trace.step(Call::ExecLauncher, || fexecve(binary, &argv, &environment))
}

/// Waits until the process has ended.
pub(super) fn wait(pid: Pid, trace: &mut Tracer) -> Result<Exit, Refused> {
    let status = match sys::wait(pid) {
        Ok(status) => status,
        Err(errno) => return trace.quiet_step("waitpid()", || Err(errno)),
    };
    Ok(Exit::of(status))
}
