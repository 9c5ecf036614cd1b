//! The guard (L1) and the keeper (process 1 of the lab host, L2).
//!
//! Two levels, so that the learner, who is root of L2, can't undo what protects the machine: mounts
//! that are read-only in L1 are locked in L2. Owns the order in which both are made; `root` owns
//! the lab host's root directory.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args, ValueEnum};
use nix::errno::Errno;
use nix::mount::MsFlags;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::setns;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{ForkResult, Pid, close, gethostname, getpid, sethostname, setsid};

use super::call::Call;
use super::channel::{Channel, Message};
use super::filter::{self, Loaded};
use super::identity::Identity;
use super::ids::IdCount;
use super::plan::name;
use super::report::{Exit, Shortfall};
use super::root::RootPlan;
use super::trace::{Refused, Tracer, errno};
use super::{FAILED, STACK_SIZE, cgroup, join, keyring, maps, network, program, root, share};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// High, but not so high that it is always the lab.
const FIRST_TO_GO: &str = "500";

/// The user namespace that the lab's root is root of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LabRoot {
    /// One of the lab's own.
    Own,
    /// The machine's: the lab has no user namespace, and its root started nslab as root.
    Machines,
}

/// The guard's orders. They come through the environment, because the learner's `ps` shows the
/// keeper's arguments.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct GuardOrders {
    /// The name of the listener it reports to.
    #[arg(long, env = "NSLAB_REPORT")]
    pub report: String,
    /// The user and group it becomes.
    #[arg(long, env = "NSLAB_IDENTITY")]
    pub identity: Identity,
    /// How many ids nslab maps for it.
    #[arg(long, env = "NSLAB_IDS")]
    pub ids: IdCount,
    #[arg(long, env = "NSLAB_LAB_ROOT")]
    pub lab_root: LabRoot,
    /// The lab's cgroup. The guard is in it already.
    #[arg(long, env = "NSLAB_CGROUP")]
    pub cgroup: Option<PathBuf>,
    /// The standard input is a packed directory to share.
    #[arg(long, env = "NSLAB_SHARES", action = ArgAction::Set)]
    pub shares: bool,
}

impl GuardOrders {
    /// The variables that carry these orders.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let GuardOrders {
            report,
            identity,
            ids,
            lab_root,
            cgroup,
            shares,
        } = self;
        let mut variables = vec![
            ("NSLAB_REPORT", report.into()),
            ("NSLAB_IDENTITY", identity.to_string().into()),
            ("NSLAB_IDS", name(ids).into()),
            ("NSLAB_LAB_ROOT", name(lab_root).into()),
            ("NSLAB_SHARES", shares.to_string().into()),
        ];
        variables.extend(cgroup.iter().map(|path| ("NSLAB_CGROUP", path.into())));
        variables
    }
}

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

/// Runs the guard: makes L1, then L2, and ends the keeper when nslab has ended.
pub fn live(orders: &GuardOrders) -> Result<(), Refused> {
    let mut trace = Tracer::connect(&orders.report)?;
    // Leave the terminal's job control: Ctrl-C in nslab's terminal is meant for nslab.
    trace.step(Call::Setsid, setsid)?;
    be_the_first_to_go();
    let limits = SharedLimits::read();
    // While we see it.
    let keepers_cgroup = match &orders.cgroup {
        Some(path) => {
            let path = cgroup::of_keeper(path);
            let call = Call::open(&path, "O_PATH");
            Some(trace.step(call, || cgroup::directory(&path))?)
        }
        None => None,
    };
    // Before any namespace: a process that enters as uid 0 can be traced while it still is.
    orders.identity.assume(&mut trace)?;
    keyring::leave_the_users(&mut trace)?;
    // The change of credentials made /proc/self root's, and the maps are written there.
    be_dumpable(&mut trace)?;
    let ids = outer_level(orders, &mut trace)?;
    // After the last change of credentials, which clears PR_SET_PDEATHSIG.
    die_with_parent(&mut trace)?;
    if orders.lab_root == LabRoot::Own {
        limits.halve();
    }
    protect_the_machine(&mut trace)?;
    if orders.shares {
        share::unpack(root::workshop(), &mut trace)?;
    }

    let (gate, mut opener) = trace.pipe()?;
    let (mut built, teller) = trace.pipe()?;
    let keeper_trace = trace.another()?;
    let others = [opener.as_raw_fd(), built.as_raw_fd()];
    // A learner can trace the launcher and the keeper, which set no limit of their own.
    program::limit_processes(&mut trace)?;
    let kinds = lab_host_namespaces(orders.lab_root);
    let plan = RootPlan {
        lab_root: orders.lab_root,
        ids,
        shares: orders.shares,
    };
    let keep = move || -> Infallible { keep(plan, gate, teller, others, keeper_trace) };
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
        match ids {
            IdCount::One => maps::write_here(keeper, 0, 0, &mut trace)?,
            IdCount::Many => maps::hand_on(keeper, &mut trace)?,
        }
    }
    let let_go = trace.quiet_step("write(gate)", || {
        opener.write_all(b"o").map_err(|e| errno(&e))
    });
    // The keeper reports its own refusals; here only its silence is an error.
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

/// Where memory runs out, the kernel ends the lab's programs before the user's; proc_pid_oom_score_adj(5).
pub(super) fn be_the_first_to_go() {
    // Nothing but this score depends on it.
    let _ = fs::write("/proc/self/oom_score_adj", FIRST_TO_GO);
}

/// The limits in `/proc/sys/user` on what one user may have: inotify instances, namespaces, …. What a
/// lab uses counts for its user on the machine, too.
struct SharedLimits(Vec<(PathBuf, u64)>);

impl SharedLimits {
    /// Reads those of the user namespace that we are in.
    fn read() -> Self {
        let entries = fs::read_dir("/proc/sys/user")
            .into_iter()
            .flatten()
            .flatten();
        let limits = entries.filter_map(|entry| {
            let limit = fs::read_to_string(entry.path()).ok()?;
            Some((entry.path(), limit.trim().parse().ok()?))
        });
        Self(limits.collect())
    }

    /// Leaves the lab one half of each, so that the user's own programs keep the other. Written in the
    /// guard's user namespace, which the learner isn't root of. Where it is refused, the lab shares
    /// the limit.
    fn halve(&self) {
        /// Of fewer, a lab may need every one.
        const PLENTY: u64 = 100;
        for (path, limit) in self.0.iter().filter(|(_, limit)| *limit >= PLENTY) {
            let _ = fs::write(path, (limit / 2).to_string());
        }
    }
}

/// Makes the guard's own namespaces. Returns how many ids it has in them.
fn outer_level(orders: &GuardOrders, trace: &mut Tracer) -> Result<IdCount, Refused> {
    if orders.lab_root == LabRoot::Machines {
        join::make(Namespace::Mnt.into(), trace)?;
        return Ok(IdCount::of_ours());
    }
    let both = [Namespace::User, Namespace::Mnt].into_iter().collect();
    join::make(both, trace)?;
    let ids = match orders.ids {
        IdCount::One => IdCount::One,
        IdCount::Many => {
            // It takes a privilege outside of the new namespace to map more than one id.
            let channel = trace.channel();
            let sent = channel.send(&Message::Unmapped);
            let answer = sent.and_then(|()| channel.receive());
            trace.quiet_step(Call::Read("nslab".to_owned()), || match answer {
                Ok(Some((Message::Mapped(ids), _))) => Ok(ids),
                _ => Err(Errno::ECHILD),
            })?
        }
    };
    if ids == IdCount::One {
        let (uid, gid) = (orders.identity.uid(), orders.identity.gid());
        maps::write_here(getpid(), uid.as_raw(), gid.as_raw(), trace)?;
    }
    Ok(ids)
}

/// SIGKILL when the thread that started this process ends; prctl(2), PR_SET_PDEATHSIG.
pub(super) fn die_with_parent(trace: &mut Tracer) -> Result<(), Refused> {
    trace.step(Call::Prctl("PR_SET_PDEATHSIG, SIGKILL".to_owned()), || {
        prctl::set_pdeathsig(Signal::SIGKILL)
    })
}

/// Adopts the processes below this one whose parents end; prctl(2), PR_SET_CHILD_SUBREAPER.
pub(super) fn be_subreaper(trace: &mut Tracer) -> Result<(), Refused> {
    trace.step(Call::Prctl("PR_SET_CHILD_SUBREAPER, 1".to_owned()), || {
        prctl::set_child_subreaper(true)
    })
}

/// Makes this process's files in /proc its own again: after a change of credentials they are
/// root's.
pub(super) fn be_dumpable(trace: &mut Tracer) -> Result<(), Refused> {
    trace.step(Call::Prctl("PR_SET_DUMPABLE, 1".to_owned()), || {
        prctl::set_dumpable(true)
    })
}

/// Like [`die_with_parent`], for a parent that may have ended before: then no signal would come.
pub(super) fn die_with(parent: &OwnedFd, trace: &mut Tracer) -> Result<(), Refused> {
    die_with_parent(trace)?;
    trace.quiet_step("poll(pidfd of the parent)", || {
        let mut fds = [PollFd::new(parent.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, PollTimeout::ZERO) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Errno::ESRCH),
            Err(errno) => Err(errno),
        }
    })
}

/// Makes every file system of the machine read-only for L1 and everything below it.
fn protect_the_machine(trace: &mut Tracer) -> Result<(), Refused> {
    // Mounts made in the lab must not appear on the machine.
    root::propagate(MsFlags::MS_PRIVATE, trace)?;
    let setattr = |path: &str, readonly| Call::MountSetattr {
        path: path.to_owned(),
        readonly,
    };
    trace.step(setattr("/", true), || {
        sys::mount_setattr(Path::new("/"), true, sys::MOUNT_ATTR_RDONLY, 0)
    })?;
    // The kernel allows a new proc or sysfs only if the visible one is at least as writable, and
    // L2's must be writable (hostname, sysctls of its own namespaces). L2 shows a few device nodes,
    // which programs touch. All these files are protected by owner. What was read-only before stays
    // so, and L2 works without.
    for path in ["/proc", "/sys", "/dev"] {
        let _ = trace.step(setattr(path, false), || {
            sys::mount_setattr(Path::new(path), false, 0, sys::MOUNT_ATTR_RDONLY)
        });
    }
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
    guards: [RawFd; 2],
    mut trace: Tracer,
) -> ! {
    // Close the guard's ends. If we kept them open, the guard's death would be no end of file.
    for fd in guards {
        let _ = close(fd);
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
        // End of file: the guard is gone, though PR_SET_PDEATHSIG was cleared or came too late.
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
    trace.step("setns(time_for_children, CLONE_NEWTIME)", || {
        setns(&namespace, kinds)
    })
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
        root::note(trace, Shortfall::Hostname);
    }
    if filter::load(trace)? == Loaded::No {
        root::note(trace, Shortfall::Filter);
    }
    // With SIGCHLD ignored the kernel reaps orphans, so none stays a zombie; wait(2), NOTES.
    trace.step("sigaction(SIGCHLD, SIG_IGN)", || {
        sys::ignore(Signal::SIGCHLD)
    })
}
