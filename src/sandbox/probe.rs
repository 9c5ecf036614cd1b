//! A probe: a throwaway process that makes one kind of namespace and uses it.
//!
//! A machine can allow a namespace to be made and still withhold its capabilities. Nothing on the machine
//! changes: the probe writes and mounts only in its own namespaces, and makes mounts private first.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::Args;
use nix::errno::Errno;
use nix::mount::MsFlags;
use nix::unistd::{ForkResult, getpid, sethostname};

use super::call::Call;
use super::channel::{Listener, Message};
use super::enter::wait;
use super::habits::{be_dumpable, die_with_parent};
use super::identity::LabIdentity;
use super::launch::{HeldProcess, PATIENCE};
use super::report::{Exit, RefusedStep, Step};
use super::trace::{ForkHalf, Refused, Tracer};
use super::{FAILED, join, maps, network, root};
use crate::namespace::Namespace;
use crate::sys;

/// The orders of a probe, given when it is started.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct ProbeOrders {
    /// The name of the listener it reports to.
    #[arg(long)]
    pub report: String,
    /// The kind of namespace it makes.
    #[arg(long)]
    pub kind: Namespace,
    /// The user and group it becomes before it makes its user namespace.
    #[arg(long)]
    pub identity: LabIdentity,
}

impl ProbeOrders {
    /// The command line that carries these orders.
    pub(crate) fn arguments(&self) -> [String; 4] {
        let ProbeOrders {
            report,
            kind,
            identity,
        } = self;
        [
            "probe".to_owned(),
            format!("--report={report}"),
            format!("--kind={kind}"),
            format!("--identity={identity}"),
        ]
    }
}

/// The result of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Probe {
    /// The kind it made or tried to make.
    pub kind: Namespace,
    pub steps: Vec<Step>,
    /// The first refused step, with the facts of the process there.
    pub refused: Option<RefusedStep>,
    pub exit: Exit,
}

impl Probe {
    /// Whether the kind could be made and used.
    pub(crate) fn works(&self) -> bool {
        self.refused.is_none() && self.exit == Exit::Status(0)
    }
}

/// Starts a probe, and waits for its end.
pub(crate) fn ask(kind: Namespace) -> io::Result<Probe> {
    let listener = Listener::new()?;
    let orders = ProbeOrders {
        report: listener.name().to_owned(),
        kind,
        identity: LabIdentity::choose(),
    };
    let mut child = Command::new("/proc/self/exe")
        .arg0("nslab")
        .args(orders.arguments())
        .current_dir("/")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let heard = hear(&listener, child.id());
    let status = child.wait()?;
    let (steps, refused) = heard?;
    Ok(Probe {
        kind,
        steps,
        refused,
        exit: Exit::of(status),
    })
}

type Heard = (Vec<Step>, Option<RefusedStep>);

fn hear(listener: &Listener, pid: u32) -> io::Result<Heard> {
    let (mut steps, mut refused) = (Vec::new(), None);
    let process = HeldProcess::from_child(pid)?;
    let channel = match listener.accept(process.pid(), process.pidfd(), PATIENCE) {
        Ok(channel) => channel,
        // It ended without a report; its exit status shows how.
        Err(Errno::ECONNABORTED) => return Ok((steps, refused)),
        Err(errno) => return Err(errno.into()),
    };
    while let Some((message, _)) = channel.receive()? {
        match message {
            Message::Step(step) => steps.push(step),
            Message::Refused(step) => {
                steps.push(step.step.clone());
                refused.get_or_insert(step.seen_from_outside());
            }
            Message::Orders(_)
            | Message::Steps(_)
            | Message::Join
            | Message::Unmapped
            | Message::Mapped(_)
            | Message::Missing(_)
            | Message::Binary
            | Message::Ready { .. }
            | Message::Started
            | Message::Exited(_) => {}
        }
    }
    Ok((steps, refused))
}

pub(crate) fn run(orders: &ProbeOrders) -> Result<(), Refused> {
    let mut trace = Tracer::connect(&orders.report)?;
    // As the lab does it: as another user than root, and in a user namespace.
    orders.identity.assume(&mut trace)?;
    be_dumpable(&mut trace)?;
    join::make(Namespace::User.into(), &mut trace)?;
    let LabIdentity { uid, gid } = orders.identity;
    maps::write_here(getpid(), uid.as_raw(), gid.as_raw(), &mut trace)?;
    die_with_parent(&mut trace)?;
    let trace = &mut trace;
    match orders.kind {
        // Writing the maps, above, was its use.
        Namespace::User => Ok(()),
        Namespace::Uts => {
            join::make(Namespace::Uts.into(), trace)?;
            let name = "nslab";
            trace.step(Call::SetHostname(name.to_owned()), || sethostname(name))
        }
        Namespace::Ipc => {
            join::make(Namespace::Ipc.into(), trace)?;
            trace.step("msgget(IPC_PRIVATE)", sys::new_message_queue)
        }
        Namespace::Pid => {
            join::make(Namespace::Pid.into(), trace)?;
            own_mounts(trace)?;
            in_a_child(trace, |trace| attach(trace, "proc"))
        }
        Namespace::Mnt => {
            own_mounts(trace)?;
            attach(trace, "tmpfs")
        }
        Namespace::Net => {
            join::make(Namespace::Net.into(), trace)?;
            network::lo_up(trace)
        }
        Namespace::Cgroup => join::make(Namespace::Cgroup.into(), trace),
        Namespace::Time => {
            join::make(Namespace::Time.into(), trace)?;
            let offsets = "boottime 1 0";
            trace.step(Call::WriteOffsets(offsets.to_owned()), || {
                fs::write("/proc/self/timens_offsets", offsets)
            })?;
            in_a_child(trace, |_| Ok(()))
        }
    }
}

/// Makes a mount namespace from which no mount propagates.
fn own_mounts(trace: &mut Tracer) -> Result<(), Refused> {
    join::make(Namespace::Mnt.into(), trace)?;
    root::propagate(MsFlags::MS_PRIVATE, trace)
}

/// Mounts a file system on a directory that every machine has.
fn attach(trace: &mut Tracer, fstype: &str) -> Result<(), Refused> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    root::attach(trace, fstype, Path::new("/proc"), flags, None)
}

/// Takes steps in a child: the first one in a new PID or time namespace.
fn in_a_child(
    trace: &mut Tracer,
    act: impl FnOnce(&mut Tracer) -> Result<(), Refused>,
) -> Result<(), Refused> {
    match trace.fork(ForkHalf::Parent)? {
        ForkResult::Child => {
            let code = if act(trace).is_ok() { 0 } else { FAILED };
            std::process::exit(code)
        }
        // The child has reported its own refusals.
        ForkResult::Parent { child } => wait(child, trace).map(drop),
    }
}
