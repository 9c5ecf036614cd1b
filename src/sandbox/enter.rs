//! A helper's way from the machine into the lab host, and what it does there.
//!
//! Owns the order of the joins. It is started in a PTY or between plain pipes, as a process of the
//! machine; what it becomes in the lab host is a shell, or the launcher of a container.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fchown, fexecve, ttyname};

use super::channel::{Channel, Message};
use super::guard::{die_with_parent, leave_keyring};
use super::identity::Identity;
use super::program::{Program, started};
use super::report::{Exit, Side};
use super::trace::{Refused, Tracer, errno};
use super::{FAILED, cgroup, root};
use crate::namespace::NamespaceSet;
use crate::sys;

/// What a helper is told when it is started.
#[derive(Debug, Clone)]
pub struct Orders {
    /// The name of the listener it reports to.
    pub report: String,
    /// The guard's pid.
    pub guard: i32,
    /// The keeper's pid.
    pub keeper: i32,
    /// Whom it becomes.
    pub identity: Identity,
    /// The cgroup it moves into.
    pub cgroup: Option<PathBuf>,
    /// The name its terminal gets under the lab host's `/dev`; only where it has one.
    pub tty: Option<String>,
    /// A program of the lab host, or one in a container with these flags.
    pub side: Side,
    /// The container's flags.
    pub flags: NamespaceSet,
    /// The program and its arguments.
    pub program: Vec<String>,
}

/// The helper's life. Returns the exit code of the program.
pub fn live(orders: &Orders) -> Result<i32, Refused> {
    let channel = Channel::connect(&orders.report).map_err(|errno| Refused {
        call: "connect()".into(),
        errno,
    })?;
    let mut trace = Tracer::new(channel);
    if let Some(path) = &orders.cgroup {
        cgroup::enter(path, &mut trace)?;
    }
    let terminal = own_terminal(orders, &mut trace)?;
    // Before any namespace: a helper that entered as uid 0 was traced while it was that.
    orders.identity.assume(&mut trace)?;
    leave_keyring(&mut trace)?;
    trace.step("prctl(PR_SET_DUMPABLE, 1)", || prctl::set_dumpable(true))?;

    // What is needed of the machine's /proc and PID namespace, while we are there.
    let guard = trace.step("pidfd_open(guard)", || {
        sys::pidfd_open(Pid::from_raw(orders.guard))
    })?;
    let keeper = trace.step("pidfd_open(keeper)", || {
        sys::pidfd_open(Pid::from_raw(orders.keeper))
    })?;
    let binary = trace.step("open(/proc/self/exe)", || {
        File::open("/proc/self/exe").map_err(|error| errno(&error))
    })?;

    trace.step("setns(guard, CLONE_NEWUSER|CLONE_NEWNS)", || {
        setns(&guard, CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
    })?;
    // From L1's copy of /dev/pts, the one terminal goes along.
    let mount = match &terminal {
        Some(path) => Some(trace.step(
            format!("open_tree({}, OPEN_TREE_CLONE)", path.display()),
            || sys::clone_mount(path),
        )?),
        None => None,
    };
    trace.step("setns(keeper, USER|NS|UTS|IPC|NET|PID)", || {
        setns(&keeper, lab_host())
    })?;
    // After the last change of credentials, which would have cleared it.
    die_with_parent(&mut trace)?;
    drop((guard, keeper));
    let tty = match (mount, &orders.tty) {
        (Some(mount), Some(name)) => Some(bring_terminal(&mount, name, &mut trace)?),
        _ => None,
    };

    let code = match orders.side {
        Side::Host => host_program(orders, tty.clone(), &mut trace),
        Side::Container => container_launcher(orders, tty.as_deref(), &binary, &mut trace),
    };
    if let Some(path) = tty {
        let _ = root::detach(&path);
    }
    code
}

fn lab_host() -> CloneFlags {
    CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWPID
}

/// The path of the terminal we were started on; it then belongs to whom we are about to become,
/// so that the lab's programs can open it by name.
fn own_terminal(orders: &Orders, trace: &mut Tracer) -> Result<Option<PathBuf>, Refused> {
    if orders.tty.is_none() || !io::stdin().is_terminal() {
        return Ok(None);
    }
    if orders.identity.differs_from_ours() {
        let (uid, gid) = (orders.identity.uid(), orders.identity.gid());
        trace.step(format!("fchown(0, {uid}, {gid})"), || {
            fchown(io::stdin().as_fd(), Some(uid), Some(gid))
        })?;
    }
    trace
        .step("ttyname(0)", || ttyname(io::stdin().as_fd()))
        .map(Some)
}

/// Mounts the terminal as `/dev/NAME`, and takes away what an earlier launch left there.
fn bring_terminal(mount: &OwnedFd, name: &str, trace: &mut Tracer) -> Result<PathBuf, Refused> {
    let path = PathBuf::from("/dev").join(name);
    trace.step(format!("umount2({}, MNT_DETACH)", path.display()), || {
        root::detach(&path)
    })?;
    root::mountpoint_file(trace, &path)?;
    trace.step(format!("move_mount({})", path.display()), || {
        sys::attach_mount(mount.as_fd(), &path)
    })?;
    Ok(path)
}

/// Runs the program in the lab host itself.
fn host_program(orders: &Orders, tty: Option<PathBuf>, trace: &mut Tracer) -> Result<i32, Refused> {
    let program = Program {
        side: Side::Host,
        argv: orders.program.clone(),
        tty,
        hostname: None,
    };
    let (ran, told) = trace.step("pipe()", || io::pipe().map_err(|error| errno(&error)))?;
    let child_channel = trace.channel().try_clone();
    let mut child_trace = trace.step("dup()", || child_channel).map(Tracer::new)?;
    // A PID namespace that was joined is entered by children only.
    match trace.step("fork()", sys::fork)? {
        ForkResult::Child => {
            drop(ran);
            program.become_it(told, &mut child_trace)
        }
        ForkResult::Parent { child } => {
            drop((told, child_trace));
            started(child, &program, ran, trace)?;
            let exit = wait(child, trace)?;
            let _ = trace.channel().send(&Message::Exited(exit));
            Ok(exit.code())
        }
    }
}

/// Starts the launcher in the lab host's PID namespace, as a program of its own: what a learner
/// can trace there has nothing of ours in its memory.
fn container_launcher(
    orders: &Orders,
    tty: Option<&std::path::Path>,
    binary: &File,
    trace: &mut Tracer,
) -> Result<i32, Refused> {
    let channel = trace.channel();
    sys::keep_on_exec(channel, true).map_err(|errno| Refused {
        call: "fcntl()".into(),
        errno,
    })?;
    let mut argv = vec!["nslab".to_owned(), "container".to_owned()];
    argv.push(format!("--report={}", channel.as_fd().as_raw_fd()));
    argv.push(format!("--flags={}", orders.flags));
    argv.extend(tty.map(|path| format!("--tty={}", path.display())));
    argv.push("--".to_owned());
    argv.extend(orders.program.iter().cloned());
    match trace.step("fork()", sys::fork)? {
        ForkResult::Child => match exec_launcher(binary, argv, trace) {
            Ok(never) => match never {},
            Err(_) => std::process::exit(FAILED),
        },
        ForkResult::Parent { child } => Ok(wait(child, trace)?.code()),
    }
}

fn exec_launcher(
    binary: &File,
    argv: Vec<String>,
    trace: &mut Tracer,
) -> Result<Infallible, Refused> {
    let strings = |list: Vec<String>| -> Vec<CString> {
        list.into_iter()
            .filter_map(|text| CString::new(text).ok())
            .collect()
    };
    let environment = std::env::vars()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let (argv, environment) = (strings(argv), strings(environment));
    trace.step("fexecve(nslab container)", || {
        fexecve(binary, &argv, &environment)
    })
}

/// Waits until the process has ended.
pub(super) fn wait(pid: Pid, trace: &mut Tracer) -> Result<Exit, Refused> {
    loop {
        match waitpid(pid, None) {
            Ok(WaitStatus::Exited(_, status)) => return Ok(Exit::Status(status)),
            Ok(WaitStatus::Signaled(_, signal, _)) => return Ok(Exit::Signal(signal as i32)),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return trace.step("waitpid()", || Err(errno)),
        }
    }
}
