//! nslab's side of the lab host: starts it, starts programs in it, ends it.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::{io, mem};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getsid};

use super::call::Call;
use super::cgroup;
use super::channel::{Channel, Listener};
use super::container::LauncherOrders;
use super::enter::{LabEntrance, LaunchOrders, ShellOrders, WaitOrders};
use super::entry::{Access, Errand, HelperCommand, ProgramEntry, WatcherCommand};
use super::environment::{self, OutputTarget};
use super::groundwork::{EarlyGroundwork, Groundwork};
use super::guard::GuardOrders;
use super::guard_process::GuardProcess;
use super::identity::LabIdentity;
use super::ids::{IdCount, LabIds, LabRoot};
use super::launch::{ExpectedHelper, HeldProcess, ProgramOrigin};
use super::report::{RefusedStep, Shortfall, Side, Step};
use super::share::{self, ShareError};
use super::sweeper::Sweeper;
use super::trace::errno;
use crate::facts::{self, Facts, Location};
use crate::namespace::{Namespace, NamespaceSet};

/// The first kernel with mount_setattr(2).
const OLDEST_KERNEL: (u32, u32) = (5, 12);
/// The number of files that Linux lets a process open by default, and that crun asks for.
const OPEN_FILES: u64 = 1024;

/// Why there is no lab host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LabError {
    /// The kernel is older than what the lab host needs.
    #[error("this is Linux {release}; the lab host needs Linux 5.12 or later (mount_setattr)")]
    OldKernel {
        /// The release from uname(2).
        release: String,
    },
    /// nslab could not start a process of its own.
    #[error("{operation}: {error}")]
    Machine {
        operation: &'static str,
        error: io::Error,
    },
    /// The kernel refused a step.
    #[error("{} was refused", refused.step.call)]
    Refused {
        refused: Box<RefusedStep>,
        /// All steps, the refused one included.
        steps: Vec<Step>,
    },
    /// The directory to share was not copied.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// The guard ended without a report.
    #[error("the lab host ended before it was ready, and no step of it was refused")]
    Silent {
        /// The steps it took.
        steps: Vec<Step>,
    },
}

impl LabError {
    /// The error of an operation of nslab's own. It becomes a refused step, which can be explained, if its errno
    /// may come from a filter, a sysctl or a limit.
    pub(super) fn on_machine(operation: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| match self::errno(&error) {
            Errno::EPERM
            | Errno::EACCES
            | Errno::ENOSYS
            | Errno::EMFILE
            | Errno::ENFILE
            | Errno::EFBIG
            | Errno::ENOMEM
            | Errno::EAGAIN => {
                let step = Step::refused(operation.into(), self::errno(&error));
                LabError::refused(step, Vec::new())
            }
            _ => LabError::Machine { operation, error },
        }
    }

    /// The error for a step that was refused after these, or that a signal ended.
    pub(super) fn refused(step: Step, mut steps: Vec<Step>) -> Self {
        steps.push(step.clone());
        let refused = Box::new(RefusedStep::here(step));
        LabError::Refused { refused, steps }
    }
}

/// Whether the lab's cgroup is ready; see [`LabHost::settle`].
#[derive(Debug)]
enum Delegation {
    Due,
    UnderWay(JoinHandle<()>),
    Done,
}

/// A lab host. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct LabHost {
    guard: GuardProcess,
    /// The file that every process runs from that enters the lab's PID namespace; see `own_binary`.
    binary: OwnedFd,
    keeper: i32,
    ids: LabIds,
    root: LabRoot,
    delegation: Delegation,
}

impl LabHost {
    /// Makes a lab host, with or without a user namespace of its own. It ends with the calling
    /// thread at the latest: PR_SET_PDEATHSIG. `meanwhile` runs while the guard makes it.
    ///
    /// The lab host shows a copy of the directory `share`. `early` is groundwork that was laid before, if any.
    pub(super) fn start(
        root: LabRoot,
        share: Option<&Path>,
        early: Option<EarlyGroundwork>,
        meanwhile: impl FnOnce(&Self),
    ) -> Result<Self, LabError> {
        check_kernel()?;
        let packed = share.map(share::pack).transpose()?;
        let machine = LabError::on_machine;
        // Adopt the processes that a killed helper leaves behind.
        prctl::set_child_subreaper(true).map_err(|errno| machine("prctl()")(errno.into()))?;
        let listener = Listener::new().map_err(machine("opening a socket"))?;
        let laid = early.and_then(|early| early.finish(root));
        let Groundwork { mut ids, cgroup } = laid.unwrap_or_else(|| Groundwork::lay(root))?;
        let orders = GuardOrders {
            report: listener.name().to_owned(),
            identity: ids.identity(),
            ids: ids.count(),
            lab_root: root,
            cgroup: cgroup
                .as_ref()
                .and_then(Sweeper::cgroup)
                .map(Path::to_owned),
            shares: packed.is_some(),
        };
        let mut guard =
            GuardProcess::start(&orders, packed, cgroup).map_err(machine("starting the guard"))?;
        guard.accept(&listener)?;
        let mut lab = Self {
            binary: guard.binary(&mut ids)?,
            guard,
            keeper: 0,
            ids,
            root,
            delegation: Delegation::Done,
        };
        meanwhile(&lab);
        lab.keeper = lab.guard.keeper(&mut lab.ids)?;
        let unseen = lab.shortfalls_that_the_guard_cannot_see();
        lab.guard.shortfalls.extend(unseen);
        if lab.cgroup().is_some() {
            lab.delegation = Delegation::Due;
        }
        Ok(lab)
    }

    fn shortfalls_that_the_guard_cannot_see(&self) -> Vec<Shortfall> {
        let mut found = Vec::new();
        if prctl::get_no_new_privs() == Ok(true) {
            found.push(Shortfall::NewPrivileges);
        }
        if getrlimit(Resource::RLIMIT_NOFILE).is_ok_and(|(_, most)| most < OPEN_FILES) {
            found.push(Shortfall::Files);
        }
        if self.root == LabRoot::Own && self.guard.ids == IdCount::One {
            found.push(if LabIdentity::must_change() {
                Shortfall::OneIdOfRoot
            } else {
                Shortfall::OneId
            });
        }
        match self.cgroup() {
            // The lab sees cgroups read-only then.
            Some(_) if self.place().forbids(Namespace::Cgroup) => found.push(Shortfall::Cgroup),
            Some(path) if cgroup::can_limit_programs(path) => {}
            Some(_) => found.push(Shortfall::Limits),
            None => found.push(Shortfall::Cgroup),
        }
        found
    }

    /// Lets the lab's root hand controllers on to cgroups below its own; see [`cgroup::delegate`]. It takes
    /// the kernel some milliseconds, in which no process can start in a cgroup.
    pub(crate) fn settle(&mut self) {
        match mem::replace(&mut self.delegation, Delegation::Done) {
            Delegation::Due => {
                if let Some(path) = self.cgroup() {
                    cgroup::delegate(path, self.keeper);
                }
            }
            Delegation::UnderWay(thread) => drop(thread.join()),
            Delegation::Done => {}
        }
    }

    /// Like [`LabHost::settle`], but returns at once.
    pub(crate) fn settle_meanwhile(&mut self) {
        if let (Delegation::Due, Some(path)) = (&self.delegation, self.cgroup()) {
            let (path, keeper) = (path.to_owned(), self.keeper);
            let thread = thread::Builder::new().spawn(move || cgroup::delegate(&path, keeper));
            // If no thread can be started, [`LabHost::settle`] does it later.
            if let Ok(thread) = thread {
                self.delegation = Delegation::UnderWay(thread);
            }
        }
    }

    /// The steps it took to make it.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.guard.steps
    }

    /// The parts that the lab host lacks because the machine doesn't allow them.
    pub(crate) fn shortfalls(&self) -> &[Shortfall] {
        &self.guard.shortfalls
    }

    /// The lab as the place of a process: the kinds of namespaces it was made with, and those that nslab forbids in
    /// it.
    pub(crate) fn place(&self) -> Location {
        let cgroup = self.shortfalls().contains(&Shortfall::OuterCgroup);
        let kinds = |step: &Step| match &step.call {
            Call::Unshare(kinds) | Call::Clone(kinds) | Call::CloneIntoCgroup(kinds) => *kinds,
            _ => NamespaceSet::EMPTY,
        };
        let made = self.steps().iter().filter(|step| step.worked());
        Location::Lab {
            made: made.flat_map(|step| kinds(step).iter()).collect(),
            forbidden: cgroup.then_some(Namespace::Cgroup).into_iter().collect(),
        }
    }

    fn cgroup(&self) -> Option<&Path> {
        self.guard.cgroup()
    }

    /// Whether a cgroup bounds the memory that the lab's programs can take.
    pub(crate) fn bounds_memory(&self) -> bool {
        self.guard.bounds_memory() || cgroup::has_outer_memory_limit()
    }

    /// The program that helpers are started from, which the guard has sent. The guard's `exe` is the same
    /// file, but the guard is another user, and root without CAP_SYS_PTRACE, as in a container, may not
    /// follow that link. A process that executes it has only the standard descriptors.
    fn binary(&self) -> PathBuf {
        let ours = std::process::id();
        PathBuf::from(format!("/proc/{ours}/fd/{}", self.binary.as_raw_fd()))
    }

    /// A second handle on the guard's channel, which shows when the lab host ends by itself.
    pub(crate) fn watch_end(&self) -> Option<Channel> {
        self.guard.watch_end()
    }

    /// Its process 1.
    pub(crate) fn keeper(&self) -> nix::Result<HeldProcess> {
        HeldProcess::from_pid(self.keeper)
    }

    /// The facts of a program in it, outside of the containers.
    pub(crate) fn facts(&self) -> Facts {
        let Ok(keeper) = self.keeper() else {
            return Facts::default();
        };
        let mut facts = keeper.facts(self.place());
        // Root without CAP_SYS_PTRACE can't see whose they are. The keeper's user namespace made them all.
        if self.root == LabRoot::Own {
            facts.kinds = facts.kinds.or_else(Facts::kinds_here);
            let kinds = facts.kinds.unwrap_or(NamespaceSet::EMPTY);
            for kind in kinds.without(Namespace::User).iter() {
                facts.owned.entry(kind).or_insert(true);
            }
        }
        facts
    }

    /// Whether the lab host ends, or has ended. A keeper with a pending SIGKILL counts: after reboot(2) in the lab,
    /// the calling process exits with 0 as soon as the kernel has sent that signal.
    pub(crate) fn is_ending(&self) -> bool {
        /// PF_EXITING of `<linux/sched.h>`.
        const EXITING: u64 = 0x4;
        const KILLED: u64 = 1 << (libc::SIGKILL - 1);
        let read = |file| fs::read_to_string(format!("/proc/{}/{file}", self.keeper));
        let (Ok(status), Ok(stat)) = (read("status"), read("stat")) else {
            return true;
        };
        let pending = status.lines().find_map(|line| line.strip_prefix("SigPnd:"));
        let pending = pending.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // proc_pid_stat(5): after the name come the state and, as the seventh, the flags.
        let mut fields = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        let state = fields.next();
        let flags = fields.nth(5).and_then(|flags| flags.parse::<u64>().ok());
        matches!(state, Some("Z" | "X"))
            || pending.is_some_and(|mask| mask & KILLED != 0)
            || flags.is_some_and(|flags| flags & EXITING != 0)
    }

    /// How to start a watcher of a program on one side.
    pub(crate) fn watcher(&self) -> WatcherCommand {
        let guard = match self.root {
            LabRoot::Own => Some(self.guard.pid()),
            LabRoot::Machines => None,
        };
        WatcherCommand {
            // No process of the lab sees the watcher.
            binary: PathBuf::from("/proc/self/exe"),
            access: Access::Lab {
                identity: self.ids.identity(),
                guard,
            },
            cgroup: self.cgroup().map(Path::to_owned),
            home: Some(self.keeper),
        }
    }

    /// How to start a helper that runs a program on one side.
    pub(crate) fn helper(&self, entry: &ProgramEntry<'_>) -> io::Result<HelperCommand> {
        let mut helper = match (entry.side, entry.errand) {
            (Side::Host, Errand::Launch) => self.shell_helper(entry.screen),
            (Side::Container(_), Errand::Launch) => {
                self.launch_helper(entry.screen, entry.tty.is_some(), None)
            }
            (side, Errand::Command) => {
                self.launch_helper(entry.screen, entry.tty.is_some(), Some(side))
            }
        }?;
        helper.expected.orders = Some(self.orders(entry));
        Ok(helper)
    }

    /// How to start a helper of the host's shell, which waits for its orders. The lab host need not be
    /// ready.
    pub(crate) fn shell_helper(&self, screen: OutputTarget) -> io::Result<HelperCommand> {
        let listener = Listener::new()?;
        let report = listener.name().to_owned();
        Ok(self.helper_with(&WaitOrders { report }.arguments(), screen, listener))
    }

    /// How to start a helper of a container on its terminal, whose launcher waits for its orders.
    pub(crate) fn container_helper(&self, screen: OutputTarget) -> io::Result<HelperCommand> {
        self.launch_helper(screen, true, None)
    }

    fn launch_helper(
        &self,
        screen: OutputTarget,
        terminal: bool,
        command: Option<Side>,
    ) -> io::Result<HelperCommand> {
        let listener = Listener::new()?;
        let orders = LaunchOrders {
            report: listener.name().to_owned(),
            entrance: self.entrance(),
            terminal,
            command,
        };
        Ok(self.helper_with(&orders.arguments(), screen, listener))
    }

    fn helper_with(
        &self,
        orders: &[String],
        screen: OutputTarget,
        listener: Listener,
    ) -> HelperCommand {
        reap_orphans();
        let mut argv = vec![self.binary().display().to_string()];
        argv.extend_from_slice(orders);
        HelperCommand {
            argv,
            environment: environment::of(screen),
            // Its open files and its directory must not lead out of the lab.
            directory: PathBuf::from("/"),
            expected: ExpectedHelper {
                listener,
                origin: ProgramOrigin::Lab,
                place: self.place(),
                orders: None,
                to_join: None,
            },
        }
    }

    fn entrance(&self) -> LabEntrance {
        LabEntrance {
            guard: self.guard.pid(),
            keeper: self.keeper,
            identity: self.ids.identity(),
            lab_root: self.root,
            cgroup: self.cgroup().map(Path::to_owned),
        }
    }

    /// The orders of a helper that runs a program on one side.
    pub(crate) fn orders(&self, entry: &ProgramEntry<'_>) -> Vec<String> {
        let tty = entry.tty.map(|name| Path::new("/dev").join(name));
        let program = entry.program.to_vec();
        match (entry.side, entry.errand) {
            (Side::Host, Errand::Launch) => {
                let entrance = self.entrance();
                ShellOrders {
                    entrance,
                    tty,
                    program,
                }
                .arguments()
            }
            (side, _) => LauncherOrders {
                origin: ProgramOrigin::Lab,
                plan: entry.plan.clone(),
                side,
                tty,
                program,
            }
            .arguments(),
        }
    }
}

impl Drop for LabHost {
    fn drop(&mut self) {
        if let Delegation::UnderWay(_) = self.delegation {
            self.settle();
        }
    }
}

/// Reaps the processes that killed helpers left. Process 1 of a PID namespace can't end before all of its
/// processes are reaped, and if nslab runs in a container, process 1 there may reap nothing.
pub(super) fn reap_orphans() {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
    for thread in threads.flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for pid in children
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok())
        {
            if is_orphan(pid) {
                let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
            }
        }
    }
}

/// Whether we adopted this child. A child that we started is reaped by the code that started it: it is in
/// our PID namespace, and in our session or the leader of its own.
fn is_orphan(pid: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let nspid = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    let of_lab = nspid.is_some_and(|pids| pids.split_whitespace().count() > 1);
    let pid = Pid::from_raw(pid);
    let session = getsid(Some(pid)).unwrap_or(pid);
    of_lab || (session != pid && getsid(None) != Ok(session))
}

fn check_kernel() -> Result<(), LabError> {
    let release = kernel_release();
    match facts::version(&release) {
        Some(version) if version < OLDEST_KERNEL => Err(LabError::OldKernel { release }),
        _ => Ok(()),
    }
}

/// The kernel's release, as `uname -r` prints it.
pub(crate) fn kernel_release() -> String {
    nix::sys::utsname::uname()
        .map(|names| names.release().to_string_lossy().into_owned())
        .unwrap_or_default()
}
