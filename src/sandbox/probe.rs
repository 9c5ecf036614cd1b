//! A probe: a throwaway process that makes one kind of namespace, and takes the first steps in it.
//!
//! The second steps count, as a machine can let a namespace be made and take its capabilities away.
//! Nothing of the machine changes: what is written to or mounted belongs to what the probe has made,
//! and its mounts are private before there is one.

use std::fs;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::unistd::{ForkResult, geteuid, getpid, sethostname};

use super::channel::{Listener, Message};
use super::enter::wait;
use super::guard::die_with_parent;
use super::identity::Identity;
use super::launch::{PATIENCE, Process};
use super::report::{Exit, Step};
use super::trace::{Half, Refused, Tracer, errno};
use super::{FAILED, maps, network};
use crate::facts::Facts;
use crate::namespace::Namespace;
use crate::sys;

/// What a probe is told when it is started.
#[derive(Debug, Clone)]
pub struct Orders {
    /// The name of the listener it reports to.
    pub report: String,
    /// What it makes.
    pub kind: Namespace,
    /// Whom it becomes before it makes a user namespace.
    pub identity: Identity,
}

/// What a probe found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What it made, or tried to.
    pub kind: Namespace,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The first step that was refused, and what could be seen from there.
    pub refused: Option<(Step, Box<Facts>)>,
    /// How it ended.
    pub exit: Exit,
}

/// Starts a probe, and waits for its end.
pub fn ask(kind: Namespace) -> io::Result<Probe> {
    let listener = Listener::new()?;
    let mut child = Command::new("/proc/self/exe")
        .arg0("nslab")
        .arg("probe")
        .arg(format!("--report={}", listener.name()))
        .arg(format!("--kind={kind}"))
        .arg(format!("--identity={}", Identity::choose()))
        .current_dir("/")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let heard = hear(listener, child.id());
    let status = child.wait()?;
    let (steps, refused) = heard?;
    let exit = match status.signal() {
        Some(signal) => Exit::Signal(signal),
        None => Exit::Status(status.code().unwrap_or(FAILED)),
    };
    Ok(Probe {
        kind,
        steps,
        refused,
        exit,
    })
}

type Heard = (Vec<Step>, Option<(Step, Box<Facts>)>);

fn hear(listener: Listener, pid: u32) -> io::Result<Heard> {
    let (mut steps, mut refused) = (Vec::new(), None);
    let process = Process::from_child(pid)?;
    let channel = match listener.accept(process.pid(), process.pidfd(), PATIENCE) {
        Ok(channel) => channel,
        // It ended without a word; how, its exit tells.
        Err(Errno::ECONNABORTED) => return Ok((steps, refused)),
        Err(errno) => return Err(errno.into()),
    };
    while let Some((message, _)) = channel.receive()? {
        match message {
            Message::Step(step) => steps.push(step),
            Message::Refused(step, facts) => {
                steps.push(step.clone());
                refused.get_or_insert((step, facts));
            }
            Message::Join
            | Message::Missing(_)
            | Message::Ready { .. }
            | Message::Started
            | Message::Exited(_) => {}
        }
    }
    Ok((steps, refused))
}

/// The probe's life.
pub fn live(orders: &Orders) -> Result<(), Refused> {
    let mut trace = Tracer::connect(&orders.report)?;
    // Root needs USER for nothing else, and makes it as the lab does: as somebody else.
    if orders.kind == Namespace::User || !geteuid().is_root() {
        orders.identity.assume(&mut trace)?;
        trace.step("prctl(PR_SET_DUMPABLE, 1)", || prctl::set_dumpable(true))?;
        new(Namespace::User, &mut trace)?;
        let (uid, gid) = (orders.identity.uid(), orders.identity.gid());
        maps::write_here(getpid(), uid.as_raw(), gid.as_raw(), &mut trace)?;
    }
    die_with_parent(&mut trace)?;
    let trace = &mut trace;
    match orders.kind {
        // Its second steps are the maps.
        Namespace::User => Ok(()),
        Namespace::Uts => {
            new(Namespace::Uts, trace)?;
            trace.step("sethostname(\"nslab\")", || sethostname("nslab"))
        }
        Namespace::Ipc => {
            new(Namespace::Ipc, trace)?;
            trace.step("msgget(IPC_PRIVATE)", sys::new_message_queue)
        }
        Namespace::Pid => {
            new(Namespace::Pid, trace)?;
            own_mounts(trace)?;
            in_a_child(trace, |trace| attach(trace, "proc"))
        }
        Namespace::Mnt => {
            own_mounts(trace)?;
            attach(trace, "tmpfs")
        }
        Namespace::Net => {
            new(Namespace::Net, trace)?;
            network::lo_up(trace)
        }
        Namespace::Cgroup => new(Namespace::Cgroup, trace),
        Namespace::Time => {
            new(Namespace::Time, trace)?;
            let offsets = "boottime 1 0";
            trace.step(
                format!("write(/proc/self/timens_offsets, \"{offsets}\")"),
                || fs::write("/proc/self/timens_offsets", offsets).map_err(|error| errno(&error)),
            )?;
            in_a_child(trace, |_| Ok(()))
        }
    }
}

/// unshare(2), for one kind.
fn new(kind: Namespace, trace: &mut Tracer) -> Result<(), Refused> {
    let flag = CloneFlags::from_bits_retain(kind.flag().cast_signed());
    trace.step(format!("unshare({})", kind.flag_name()), || unshare(flag))
}

/// A mount namespace that lets nothing out.
fn own_mounts(trace: &mut Tracer) -> Result<(), Refused> {
    new(Namespace::Mnt, trace)?;
    let none = None::<&Path>;
    trace.step("mount(NULL, /, NULL, MS_REC|MS_PRIVATE, NULL)", || {
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
    })
}

/// Mounts a file system where every machine has a directory.
fn attach(trace: &mut Tracer, fstype: &str) -> Result<(), Refused> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    trace.step(format!("mount({fstype}, /proc, {fstype}, \"\")"), || {
        mount(Some(fstype), "/proc", Some(fstype), flags, None::<&Path>)
    })
}

/// Steps that are a child's: the first one in a new PID or time namespace.
fn in_a_child(
    trace: &mut Tracer,
    act: impl FnOnce(&mut Tracer) -> Result<(), Refused>,
) -> Result<(), Refused> {
    match trace.fork(Half::Parent)? {
        ForkResult::Child => {
            let code = if act(trace).is_ok() { 0 } else { FAILED };
            std::process::exit(code)
        }
        // What was refused in there has been reported from there.
        ForkResult::Parent { child } => wait(child, trace).map(drop),
    }
}
