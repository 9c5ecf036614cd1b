//! The keeper, process 1 of the lab host, and the guard that waits for it.
//!
//! Owns the order in which L2, the lab host, is made; `root` owns its root directory.

use std::convert::Infallible;
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::Path;

use clap::{ArgAction, Args};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::setns;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{ForkResult, Pid, close, gethostname, sethostname, setsid};

use super::call::Call;
use super::channel::{Channel, Message};
use super::filter::{self, Loaded};
use super::habits::die_with_parent;
use super::ids::{IdCount, LabRoot};
use super::options::name;
use super::report::{Exit, Shortfall};
use super::root::{CgroupView, RootPlan};
use super::trace::{Refused, Tracer, errno};
use super::{FAILED, STACK_SIZE, join, keyring, maps, network, outer_cgroup, program, root};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// The namespaces that the keeper is cloned into. It makes TIME itself: see [`own_clocks`].
fn lab_host_namespaces(root: LabRoot) -> NamespaceSet {
    use Namespace::{Cgroup, Ipc, Mnt, Net, Pid, User, Uts};
    let kinds: NamespaceSet = [Mnt, Uts, Ipc, Net, Pid].into_iter().collect();
    let kinds = match root {
        LabRoot::Own => kinds.with(User),
        LabRoot::Machines => kinds,
    };
    if join::exists(Cgroup) {
        kinds.with(Cgroup)
    } else {
        kinds
    }
}

/// The orders of the guard when it is executed in L1. They come through the environment, because the
/// learner's `ps` shows the keeper's arguments.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct KeeperOrders {
    /// The descriptor of the channel that it reports over.
    #[arg(long, env = "NSLAB_REPORT")]
    pub report: RawFd,
    /// How many ids it has.
    #[arg(long, env = "NSLAB_IDS")]
    pub ids: IdCount,
    #[arg(long, env = "NSLAB_LAB_ROOT")]
    pub lab_root: LabRoot,
    /// The descriptor of the keeper's cgroup.
    #[arg(long, env = "NSLAB_CGROUP")]
    pub cgroup: Option<RawFd>,
    /// Whether the guard has mounted a directory to share at [`root::staging`].
    #[arg(long, env = "NSLAB_SHARES", action = ArgAction::Set)]
    pub shares: bool,
}

impl KeeperOrders {
    /// The variables that carry these orders, each as `NAME=value`.
    pub(crate) fn environment(&self) -> Vec<String> {
        let KeeperOrders {
            report,
            ids,
            lab_root,
            cgroup,
            shares,
        } = self;
        let mut variables = vec![
            format!("NSLAB_REPORT={report}"),
            format!("NSLAB_IDS={}", name(ids)),
            format!("NSLAB_LAB_ROOT={}", name(lab_root)),
            format!("NSLAB_SHARES={shares}"),
        ];
        variables.extend(cgroup.map(|directory| format!("NSLAB_CGROUP={directory}")));
        variables
    }
}

/// Takes the descriptors that came through exec. Both are close-on-exec from now on.
fn inherited(orders: &KeeperOrders) -> nix::Result<(Channel, Option<OwnedFd>)> {
    let channel = Channel::inherited(orders.report)?;
    let cgroup = orders.cgroup.map(sys::inherited_fd).transpose()?;
    if let Some(cgroup) = &cgroup {
        sys::keep_on_exec(cgroup, false)?;
    }
    Ok((channel, cgroup))
}

/// Runs the guard in L1: makes L2, and ends the keeper when nslab has ended.
pub(crate) fn run(orders: &KeeperOrders) -> Result<(), Refused> {
    let (channel, keepers_cgroup) = inherited(orders).map_err(|errno| Refused {
        call: Box::new("fcntl(F_GETFD)".into()),
        errno,
    })?;
    let mut trace = Tracer::new(channel);
    let (gate, mut opener) = trace.pipe()?;
    let (mut built, teller) = trace.pipe()?;
    let keeper_trace = trace.for_child()?;
    let channel = trace.channel().as_fd().as_raw_fd();
    let mut guards = vec![opener.as_raw_fd(), built.as_raw_fd(), channel];
    guards.extend(keepers_cgroup.as_ref().map(AsRawFd::as_raw_fd));
    // A learner can trace the launcher and the keeper, which set no limit of their own.
    program::limit_processes(&mut trace)?;
    let mut kinds = lab_host_namespaces(orders.lab_root);
    let is_own = orders.lab_root == LabRoot::Own;
    let cgroups = if is_own && outer_cgroup::is_in_reach(keepers_cgroup.is_some()) {
        outer_cgroup::put_out_of_reach(&mut trace)?;
        kinds = kinds.without(Namespace::Cgroup);
        CgroupView::Guards
    } else {
        CgroupView::Own
    };
    let plan = RootPlan {
        lab_root: orders.lab_root,
        ids: orders.ids,
        shares: orders.shares,
        cgroups,
    };
    let keep = move || -> Infallible { keep(plan, gate, teller, &guards, keeper_trace) };
    let keeper = match keepers_cgroup {
        Some(directory) => trace.step(Call::CloneIntoCgroup(kinds), || {
            match sys::fork_into(directory.as_fd(), kinds.bits())? {
                ForkResult::Child => match keep() {},
                ForkResult::Parent { child } => Ok::<_, Errno>(child),
            }
        }),
        None => trace.step(Call::Clone(kinds), || {
            sys::clone(kinds.bits(), &mut vec![0; STACK_SIZE], keep)
        }),
    }?;
    if orders.lab_root == LabRoot::Own {
        match orders.ids {
            IdCount::One => maps::write_here(keeper, 0, 0, &mut trace)?,
            IdCount::Many => maps::hand_on(keeper, &mut trace)?,
        }
    }
    let let_go = trace.quiet_step("write(gate)", || {
        opener.write_all(b"o").map_err(|e| errno(&e))
    });
    // The keeper reports its own refusals. The guard reports only a keeper that was killed.
    let told = trace.quiet_step(Call::Read("keeper".to_owned()), || {
        built.read_exact(&mut [0]).map_err(|_| Errno::ECHILD)
    });
    if let Err(refused) = let_go.and(told) {
        // A keeper that was killed could report nothing.
        if let Some(Exit::Signal(signal)) = end(keeper)
            && signal != libc::SIGKILL
        {
            let _ = trace.channel().send(&Message::Exited(Exit::Signal(signal)));
        }
        return Err(refused);
    }
    let _ = trace.channel().send(&Message::Ready {
        keeper: keeper.as_raw(),
    });
    wait_for_the_end(keeper, trace.channel());
    end(keeper);
    Ok(())
}

/// Returns when nslab has closed its end, or the keeper has ended.
fn wait_for_the_end(keeper: Pid, channel: &Channel) {
    let Ok(pidfd) = sys::pidfd_open(keeper) else {
        return;
    };
    loop {
        let mut fds = [
            PollFd::new(channel.as_fd(), PollFlags::POLLIN),
            PollFd::new(pidfd.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Err(Errno::EINTR) => {}
            _ => return,
        }
    }
}

/// Ends the lab host. Killing process 1 of a PID namespace kills every process in it, and wait
/// returns when they are gone. Returns how it ended, which may have been before.
fn end(keeper: Pid) -> Option<Exit> {
    let _ = kill(keeper, Signal::SIGKILL);
    let status = sys::wait(keeper).ok()?;
    Some(Exit::of(status))
}

/// Runs the keeper: process 1 of the lab host.
fn keep(
    plan: RootPlan,
    mut gate: PipeReader,
    mut built: PipeWriter,
    guards: &[RawFd],
    mut trace: Tracer,
) -> ! {
    // Close the guard's descriptors: its ends of the pipes, so that the guard's death is an end of file for
    // us; its channel; and the cgroup's directory, from which `..` leads through writable mounts to the
    // machine's files.
    for fd in guards {
        let _ = close(*fd);
    }
    // Before the map is written we have no id, and files that we make would belong to nobody.
    if gate.read_exact(&mut [0]).is_err() {
        std::process::exit(FAILED);
    }
    let made = build_lab_host(plan, &mut trace);
    let failed = made.is_err() || built.write_all(b"b").is_err();
    // The learner can trace this process, so it keeps no channel to nslab.
    drop((trace, built));
    if !failed {
        // End of file: the guard is gone, and PR_SET_PDEATHSIG was cleared, or was set too late.
        let _ = gate.read(&mut [0]);
    }
    std::process::exit(FAILED)
}

/// Tries sethostname(2), which a container's filter may refuse although it lets us make the namespace.
fn set_the_same_hostname(trace: &mut Tracer) -> Result<(), Refused> {
    let name = trace.quiet_step("gethostname()", gethostname)?;
    let call = Call::SetHostname(name.to_string_lossy().into_owned());
    trace.step(call, || sethostname(&name))
}

/// Makes a time namespace and enters it. Only the lab's root may join a time namespace that the lab's
/// user namespace owns, so it isn't made by the guard; and clone(2) can't make one.
fn own_clocks(trace: &mut Tracer) -> Result<(), Refused> {
    join::make(Namespace::Time.into(), trace)?;
    let path = Path::new("/proc/self/ns/time_for_children");
    let call = Call::open(path, "O_RDONLY|O_CLOEXEC");
    let namespace = trace.step(call, || File::open(path).map_err(|error| errno(&error)))?;
    let kinds = join::flags(Namespace::Time.into());
    let call = Call::SetnsOwnTime {
        fd: namespace.as_raw_fd(),
    };
    trace.step(call, || setns(&namespace, kinds))
}

fn build_lab_host(plan: RootPlan, trace: &mut Tracer) -> Result<(), Refused> {
    die_with_parent(trace)?;
    trace.step(Call::Setsid, setsid)?;
    if join::exists(Namespace::Time) {
        own_clocks(trace)?;
    }
    root::build(plan, trace)?;
    network::build(trace)?;
    if set_the_same_hostname(trace).is_err() {
        root::report_shortfall(trace, Shortfall::Hostname);
    }
    if filter::load(trace)? == Loaded::No {
        root::report_shortfall(trace, Shortfall::Filter);
        // With our filter keyctl(2) answers ENOSYS, and runtimes go on.
        if !keyring::runtimes_can_join() {
            root::report_shortfall(trace, Shortfall::SessionKeyring);
        }
    }
    // With SIGCHLD ignored the kernel reaps orphans, so none stays a zombie; wait(2), NOTES.
    trace.step("sigaction(SIGCHLD, SIG_IGN)", || {
        sys::ignore(Signal::SIGCHLD)
    })
}
