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
use nix::sys::stat::stat;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, dup2_stdin, fchown, fexecve, setsid, ttyname};

use super::channel::{Channel, Message};
use super::guard::{die_with_parent, leave_keyring};
use super::identity::Identity;
use super::program::{Program, started};
use super::report::{Exit, Side};
use super::trace::{Refused, Tracer, errno};
use super::{FAILED, cgroup, root};
use crate::namespace::{Namespace, NamespaceSet};
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
    /// Whether the program is a command beside what runs on that side already. Nothing new is made
    /// then; in the container, standard input is a pidfd of a process whose namespaces it gets.
    pub command: bool,
    /// The program and its arguments.
    pub program: Vec<String>,
}

impl Orders {
    /// The host's shell is ours to wait for; everything else is a launcher's.
    fn needs_launcher(&self) -> bool {
        match self.side {
            Side::Container => true,
            Side::Host => self.command,
        }
    }
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
    if orders.tty.is_none() {
        // nslab's own terminal is the machine's. The launcher, which the learner can trace, could
        // open it as /dev/tty and type into it.
        trace.step("setsid()", setsid)?;
    }
    if let Some(path) = &orders.cgroup {
        cgroup::enter(path, &mut trace)?;
    }
    let terminal = own_terminal(orders, &mut trace)?;
    let running = running_container(orders, &mut trace)?;
    // Before any namespace: a helper that entered as uid 0 was traced while it was that.
    orders.identity.assume(&mut trace)?;
    leave_keyring(&mut trace)?;
    trace.step("prctl(PR_SET_DUMPABLE, 1)", || prctl::set_dumpable(true))?;
    // After the last change of credentials, which would have cleared it.
    die_with_parent(&mut trace)?;
    trace.step("prctl(PR_SET_CHILD_SUBREAPER)", || {
        prctl::set_child_subreaper(true)
    })?;

    let pipe = || io::pipe().map_err(|error| errno(&error));
    let (gate, mut opener) = trace.step("pipe()", pipe)?;
    let (mut birth, midwife) = trace.step("pipe()", pipe)?;
    let (ran, told) = trace.step("pipe()", pipe)?;
    let joiner = match trace.step("fork()", sys::fork)? {
        ForkResult::Child => {
            drop((opener, birth, ran));
            let origin = Origin { terminal, running };
            let born = join_and_fork(orders, origin, gate, midwife, told, &mut trace);
            std::process::exit(if born.is_ok() { 0 } else { FAILED });
        }
        ForkResult::Parent { child } => child,
    };
    drop((gate, midwife, told, running));
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
    if orders.needs_launcher() {
        return Ok(wait(program, &mut trace)?.code());
    }
    started(program, &orders.program, ran, &mut trace)?;
    let exit = wait(program, &mut trace)?;
    let _ = trace.channel().send(&Message::Exited(exit));
    Ok(exit.code())
}

/// What the second process has of where it comes from.
struct Origin {
    /// The path of its terminal.
    terminal: Option<PathBuf>,
    /// A process of the container to enter.
    running: Option<OwnedFd>,
}

/// The second process: joins the lab host, and says the pid of the third.
fn join_and_fork(
    orders: &Orders,
    origin: Origin,
    mut gate: PipeReader,
    mut midwife: PipeWriter,
    told: PipeWriter,
    trace: &mut Tracer,
) -> Result<(), Refused> {
    // What is needed of the machine's /proc and PID namespace, while we are there.
    let open = |pid: i32| move || sys::pidfd_open(Pid::from_raw(pid));
    let guard = trace.step("pidfd_open(guard)", open(orders.guard))?;
    let keeper = trace.step("pidfd_open(keeper)", open(orders.keeper))?;
    let binary = trace.step("open(/proc/self/exe)", || {
        File::open("/proc/self/exe").map_err(|error| errno(&error))
    })?;

    trace.step("setns(guard, CLONE_NEWUSER|CLONE_NEWNS)", || {
        setns(&guard, CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
    })?;
    // From L1's copy of /dev/pts, the one terminal goes along.
    let mount = match &origin.terminal {
        Some(path) => {
            let call = format!("open_tree({}, OPEN_TREE_CLONE)", path.display());
            Some(trace.step(call, || sys::clone_mount(path))?)
        }
        None => None,
    };
    match &origin.running {
        None => trace.step("setns(keeper, USER|NS|UTS|IPC|NET|PID)", || {
            setns(&keeper, lab_host())
        })?,
        Some(running) => join_running(running, trace)?,
    }
    // This process is none of the lab's PID namespace, whose end would be its end too.
    die_with_parent(trace)?;
    let tty = match (mount, &orders.tty) {
        (Some(mount), Some(name)) => Some(bring_terminal(&mount, name, trace)?),
        _ => None,
    };
    match trace.step("fork()", sys::fork)? {
        ForkResult::Parent { child } => {
            let pid = child.as_raw().to_ne_bytes();
            trace.step("write(pid)", || {
                midwife.write_all(&pid).map_err(|error| errno(&error))
            })
        }
        ForkResult::Child => {
            drop((midwife, guard, keeper, origin));
            // Until then our parent is one that is about to end, and would take us along.
            if gate.read_exact(&mut [0]).is_err() {
                std::process::exit(FAILED);
            }
            if orders.needs_launcher() {
                let _ = become_launcher(orders, tty.as_deref(), &binary, trace);
                std::process::exit(FAILED)
            }
            let program = Program {
                side: Side::Host,
                argv: orders.program.clone(),
                tty,
                hostname: None,
            };
            program.become_it(told, trace)
        }
    }
}

fn lab_host() -> CloneFlags {
    CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWPID
}

/// Joins all the namespaces of a running container in one call. The capabilities for it are those
/// of the guard's user namespace, above all of the lab's: with those of the container's own the
/// kinds it shares with the lab host would be refused.
fn join_running(running: &OwnedFd, trace: &mut Tracer) -> Result<(), Refused> {
    let pid = trace.step("read(fdinfo of the pidfd)", || {
        sys::pid_of(running.as_fd()).ok_or(Errno::ESRCH)
    })?;
    // CGROUP and TIME the lab host has from the machine. Where the container has them too, they are
    // ours already, and we could not join them.
    let own = [(Namespace::Cgroup, "|CGROUP"), (Namespace::Time, "|TIME")];
    let mut flags = lab_host();
    let mut names = String::new();
    for (kind, name) in own {
        let identity = |of: &str| {
            let path = format!("/proc/{of}/ns/{}", kind.proc_name());
            stat(path.as_str())
                .map(|stat| (stat.st_dev, stat.st_ino))
                .ok()
        };
        if identity("self") != identity(&pid.to_string()) {
            flags |= CloneFlags::from_bits_retain(kind.flag().cast_signed());
            names.push_str(name);
        }
    }
    let call = format!("setns(container, USER|NS|UTS|IPC|NET|PID{names})");
    trace.step(call, || setns(running, flags))
}

/// The pidfd that a command in a container is started on. In its place comes an input that has
/// nothing to read, and nothing of the machine behind it.
fn running_container(orders: &Orders, trace: &mut Tracer) -> Result<Option<OwnedFd>, Refused> {
    if !orders.command {
        return Ok(None);
    }
    let pidfd = match orders.side {
        Side::Host => None,
        Side::Container => Some(trace.step("dup(0)", || sys::duplicate(0))?),
    };
    trace.step("dup2(an empty pipe, 0)", || {
        let (empty, _) = io::pipe().map_err(|error| errno(&error))?;
        dup2_stdin(empty)
    })?;
    Ok(pidfd)
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
    trace.step("fcntl(F_SETFD)", || kept)?;
    let mut argv = vec!["nslab".to_owned(), "container".to_owned()];
    argv.push(format!("--report={channel}"));
    argv.push(format!("--flags={}", orders.flags));
    argv.push(format!("--side={}", orders.side));
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
            Err(errno) => return trace.step("waitpid()", || Err(errno)),
        }
    }
}
