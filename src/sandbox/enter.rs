//! A helper's way from the machine into the lab host, and what it does there.
//!
//! Owns the order of the joins. It is started in a PTY or between plain pipes, as a process of the
//! machine; what it becomes in the lab host is a shell, or the launcher of a container.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

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
use super::trace::{Half, PIPE, Refused, Tracer, errno};
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
///
/// Three processes in a row. This one stays on the machine, where nobody in the lab can trace it.
/// Its child joins the lab host, and exists only until its own child does, as a PID namespace that
/// was joined is entered by children only. That one becomes the program; it is then ours.
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
    // After the last change of credentials, which would have cleared it.
    die_with_parent(&mut trace)?;
    trace.step("prctl(PR_SET_CHILD_SUBREAPER, 1)", || {
        prctl::set_child_subreaper(true)
    })?;

    let pipe = || io::pipe().map_err(|error| errno(&error));
    let (gate, mut opener) = trace.step(PIPE, pipe)?;
    let (mut birth, midwife) = trace.step(PIPE, pipe)?;
    let (ran, told) = trace.step(PIPE, pipe)?;
    let joiner = match trace.fork(Half::Child)? {
        ForkResult::Child => {
            drop((opener, birth, ran));
            let born = join_and_fork(orders, terminal.as_deref(), gate, midwife, told, &mut trace);
            std::process::exit(if born.is_ok() { 0 } else { FAILED });
        }
        ForkResult::Parent { child } => child,
    };
    drop((gate, midwife, told));
    let mut pid = [0; 4];
    let born = birth.read_exact(&mut pid);
    // When it is gone, the program is our child, and PR_SET_PDEATHSIG means us.
    let way_in = wait(joiner, &mut trace)?;
    if born.is_err() {
        // What was refused has been reported by the one it was refused.
        return Ok(way_in.code());
    }
    let program = Pid::from_raw(i32::from_ne_bytes(pid));
    let _ = opener.write_all(b"o");
    match orders.side {
        Side::Container => Ok(wait(program, &mut trace)?.code()),
        Side::Host => {
            started(program, &orders.program, ran, &mut trace)?;
            let exit = wait(program, &mut trace)?;
            let _ = trace.channel().send(&Message::Exited(exit));
            Ok(exit.code())
        }
    }
}

/// The second process: joins the lab host, and says the pid of the third.
fn join_and_fork(
    orders: &Orders,
    terminal: Option<&Path>,
    mut gate: PipeReader,
    mut midwife: PipeWriter,
    told: PipeWriter,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    // What is needed of the machine's /proc and PID namespace, while we are there.
    let open = |pid: i32| move || sys::pidfd_open(Pid::from_raw(pid));
    let call = |name, pid| format!("pidfd_open({pid}<{name}>, 0)");
    let guard = trace.step(call("guard", orders.guard), open(orders.guard))?;
    let keeper = trace.step(call("keeper", orders.keeper), open(orders.keeper))?;
    let binary = trace.step("open(/proc/self/exe, O_RDONLY|O_CLOEXEC)", || {
        File::open("/proc/self/exe").map_err(|error| errno(&error))
    })?;

    // As strace -y prints a descriptor.
    let call = |name, pidfd: &OwnedFd, flags| {
        let fd = pidfd.as_raw_fd();
        format!("setns({fd}<{name}>, {})", joined_names(flags))
    };
    let protected = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS;
    trace.step(call("guard", &guard, protected), || {
        setns(&guard, protected)
    })?;
    // From L1's copy of /dev/pts, the one terminal goes along.
    let mount = match terminal {
        Some(path) => {
            let flags = "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC";
            let call = format!("open_tree(AT_FDCWD, {}, {flags})", path.display());
            Some(trace.step(call, || sys::clone_mount(path))?)
        }
        None => None,
    };
    trace.step(call("keeper", &keeper, lab_host()), || {
        setns(&keeper, lab_host())
    })?;
    // This process is none of the lab's PID namespace, whose end would be its end too.
    die_with_parent(trace)?;
    let tty = match (mount, &orders.tty) {
        (Some(mount), Some(name)) => Some(bring_terminal(&mount, name, trace)?),
        _ => None,
    };
    // The child waits at the gate.
    match trace.fork(Half::Parent)? {
        ForkResult::Parent { child } => {
            let pid = child.as_raw().to_ne_bytes();
            trace.quiet_step("write(pid)", || {
                midwife.write_all(&pid).map_err(|error| errno(&error))
            })
        }
        ForkResult::Child => {
            drop((midwife, guard, keeper));
            // Until then our parent is one that is about to end, and would take us along.
            if gate.read_exact(&mut [0]).is_err() {
                std::process::exit(FAILED);
            }
            match orders.side {
                Side::Host => {
                    let program = Program {
                        side: Side::Host,
                        argv: orders.program.clone(),
                        tty,
                        hostname: None,
                    };
                    program.become_it(told, trace)
                }
                Side::Container => {
                    let _ = become_launcher(orders, tty.as_deref(), &binary, trace);
                    std::process::exit(FAILED)
                }
            }
        }
    }
}

/// `CLONE_NEWUSER|CLONE_NEWNS`.
fn joined_names(flags: CloneFlags) -> String {
    let names: Vec<_> = flags.iter_names().map(|(name, _)| name).collect();
    names.join("|")
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
    root::detach(trace, &path)?;
    root::mountpoint_file(trace, &path)?;
    let fd = mount.as_raw_fd();
    let call = format!(
        "move_mount({fd}, \"\", AT_FDCWD, {}, MOVE_MOUNT_F_EMPTY_PATH)",
        path.display()
    );
    trace.step(call, || sys::attach_mount(mount.as_fd(), &path))?;
    Ok(path)
}

/// Becomes the launcher, as a program of its own: what a learner can trace in the lab host has
/// nothing of the machine in its memory.
fn become_launcher(
    orders: &Orders,
    tty: Option<&Path>,
    binary: &File,
    trace: &mut Tracer,
) -> Result<Infallible, Refused> {
    let channel = trace.channel().as_fd().as_raw_fd();
    let kept = sys::keep_on_exec(trace.channel(), true);
    trace.step(format!("fcntl({channel}, F_SETFD, 0)"), || kept)?;
    let mut argv = vec!["nslab".to_owned(), "container".to_owned()];
    argv.push(format!("--report={channel}"));
    argv.push(format!("--flags={}", orders.flags));
    argv.extend(tty.map(|path| format!("--tty={}", path.display())));
    argv.push("--".to_owned());
    argv.extend(orders.program.iter().cloned());
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
            Err(errno) => return trace.quiet_step("waitpid()", || Err(errno)),
        }
    }
}
