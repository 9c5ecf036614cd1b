//! The guard makes L1, the namespaces in which the machine is read-only.
//!
//! Two levels, so that the learner, who is root of L2, can't undo the protection of the machine: mounts
//! that are read-only in L1 are locked in L2. Owns the order in which L1 is made; `keeper` makes L2.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};
use nix::errno::Errno;
use nix::mount::MsFlags;
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout, getpid, setsid};

use super::call::Call;
use super::channel::Message;
use super::habits::{be_dumpable, die_with_parent, raise_oom_score};
use super::identity::LabIdentity;
use super::ids::{IdCount, LabRoot};
use super::keeper::KeeperOrders;
use super::options::name;
use super::own_binary::{self, OwnBinary};
use super::trace::{Refused, Tracer};
use super::{cgroup, join, keyring, maps, root, share};
use crate::namespace::Namespace;
use crate::sys;

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct GuardOrders {
    /// The name of the listener it reports to.
    #[arg(long, env = "NSLAB_REPORT")]
    pub report: String,
    /// The user and group it becomes.
    #[arg(long, env = "NSLAB_IDENTITY")]
    pub identity: LabIdentity,
    /// How many ids nslab maps for it.
    #[arg(long, env = "NSLAB_IDS")]
    pub ids: IdCount,
    #[arg(long, env = "NSLAB_LAB_ROOT")]
    pub lab_root: LabRoot,
    /// The lab's cgroup. The guard is in it already.
    #[arg(long, env = "NSLAB_CGROUP")]
    pub cgroup: Option<PathBuf>,
    /// Whether the standard input is a packed directory to share.
    #[arg(long, env = "NSLAB_SHARES", action = ArgAction::Set)]
    pub shares: bool,
}

impl GuardOrders {
    /// The variables that carry these orders.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
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

/// Runs the guard: makes L1, and executes itself there; see `keeper::run`.
pub(crate) fn run(orders: &GuardOrders) -> Result<Infallible, Refused> {
    let mut trace = Tracer::connect(&orders.report)?;
    // Leave the terminal's job control: Ctrl-C in nslab's terminal is meant for nslab.
    trace.step(Call::Setsid, setsid)?;
    raise_oom_score();
    let limits = SharedLimits::read();
    // Open the directory now, while this process still sees the machine's cgroups.
    let keepers_cgroup = match &orders.cgroup {
        Some(path) => {
            let path = cgroup::of_keeper(path);
            let call = Call::open(&path, "O_PATH");
            Some(trace.step(call, || cgroup::open_directory(&path))?)
        }
        None => None,
    };
    let binary = OwnBinary::find(&mut trace)?;
    // Before any namespace: a process that enters as uid 0 can be traced while it still is.
    orders.identity.assume(&mut trace)?;
    keyring::join(&mut trace)?;
    // The change of credentials made /proc/self root's, and the maps are written there.
    be_dumpable(&mut trace)?;
    let ids = outer_level(orders, &mut trace)?;
    // After the last change of credentials, which clears PR_SET_PDEATHSIG.
    die_with_parent(&mut trace)?;
    if orders.lab_root == LabRoot::Own {
        limits.halve();
    }
    protect_the_machine(&mut trace)?;
    let binary = binary.unchangeable(&mut trace)?;
    let sent = trace.channel().send_with(&Message::Binary, binary.as_fd());
    trace.quiet_step("sendmsg(nslab)", || sent)?;
    if orders.shares {
        share::unpack(root::staging(), &mut trace)?;
    }
    take_protected_streams(&mut trace)?;
    let keeper = KeeperOrders {
        report: trace.channel().as_fd().as_raw_fd(),
        ids,
        lab_root: orders.lab_root,
        cgroup: keepers_cgroup.as_ref().map(AsRawFd::as_raw_fd),
        shares: orders.shares,
    };
    let channel = sys::keep_on_exec(trace.channel(), true);
    let cgroup = keepers_cgroup
        .iter()
        .try_for_each(|it| sys::keep_on_exec(it, true));
    trace.quiet_step("fcntl(F_SETFD, 0)", || channel.and(cgroup))?;
    // The keeper will be a fork of this process, and the learner can trace it.
    let arguments = vec!["lab-host".to_owned()];
    own_binary::execute(&binary, arguments, keeper.environment(), &mut trace)
}

/// The limits in `/proc/sys/user` for one user: inotify instances, namespaces, …. What the lab uses also
/// counts against its user's limits on the machine.
struct SharedLimits(Vec<(PathBuf, u64)>);

impl SharedLimits {
    /// Reads the limits of our user namespace.
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

    /// Gives the lab half of each limit, so that the user's own programs keep the other half. Writes it in
    /// the guard's user namespace, which the learner isn't root of. If the write is refused, the lab shares
    /// the whole limit with the user.
    fn halve(&self) {
        /// A smaller limit is not halved: a lab may need all of it.
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
            // To map more than one id takes a privilege outside of the new namespace.
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
        let LabIdentity { uid, gid } = orders.identity;
        maps::write_here(getpid(), uid.as_raw(), gid.as_raw(), trace)?;
    }
    Ok(ids)
}

/// Replaces descriptors 0 to 2, which nslab opened through the machine's mounts, by ones of the protected tree: the
/// lab sees the keeper's.
fn take_protected_streams(trace: &mut Tracer) -> Result<(), Refused> {
    let path = Path::new("/dev/null");
    let null = trace.step(Call::open(path, "O_RDWR|O_CLOEXEC"), || {
        File::options().read(true).write(true).open(path)
    })?;
    let fd = null.as_raw_fd();
    let call = format!("dup2({fd}, 0), dup2({fd}, 1), dup2({fd}, 2)");
    trace.step(call, || {
        dup2_stdin(&null)
            .and_then(|()| dup2_stdout(&null))
            .and_then(|()| dup2_stderr(&null))
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
    // which programs touch. All these files are protected by owner, unless an engine gave one to the
    // user: podman does so with /dev/null. What was read-only before stays so, and L2 works without.
    let dev = (!root::owns_a_device()).then_some("/dev");
    for path in ["/proc", "/sys"].into_iter().chain(dev) {
        let _ = trace.step(setattr(path, false), || {
            sys::mount_setattr(Path::new(path), false, 0, sys::MOUNT_ATTR_RDONLY)
        });
    }
    Ok(())
}
