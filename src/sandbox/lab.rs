//! nslab's side of the lab host: starts it, starts programs in it, ends it.

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{io, mem};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getsid};

use super::call::Call;
use super::cgroup;
use super::channel::{Channel, Listener, Message};
use super::container::LauncherOrders;
use super::enter::{LaunchOrders, ShellOrders, WaitOrders, Way};
use super::entry::{Access, Entry, Errand, Helper, WatcherCommand};
use super::environment::{self, OutputTarget};
use super::groundwork::{Early, Groundwork};
use super::guard::{GuardOrders, LabRoot};
use super::ids::Ids;
use super::launch::{Expected, HeldProcess, Origin, PATIENCE};
use super::report::{Exit, RefusedStep, Shortfall, Side, Step};
use super::share::{self, ShareError};
use super::sweeper::Sweeper;
use super::trace::errno;
use crate::facts::Facts;
use crate::sys;

/// Introduced mount_setattr(2).
const OLDEST_KERNEL: (u32, u32) = (5, 12);

/// How often to look for orphans while a lab host ends.
const REAPING: Duration = Duration::from_millis(10);
/// How long the guard may take to end the lab host before both are killed.
const ENDING: Duration = Duration::from_secs(1);

/// Why there is no lab host.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
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
    /// The guard ended without a word.
    #[error("the lab host ended before it was ready, and no step of it was refused")]
    Silent {
        /// The steps it took.
        steps: Vec<Step>,
    },
}

impl LabError {
    /// The error of an operation of nslab's own. What a filter, a sysctl or a limit may have refused
    /// is a refusal.
    pub(super) fn on_machine(operation: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| match self::errno(&error) {
            Errno::EPERM
            | Errno::EACCES
            | Errno::ENOSYS
            | Errno::EMFILE
            | Errno::ENFILE
            | Errno::EAGAIN => Self::refused(Call::Other(operation.to_owned()), &error),
            _ => LabError::Machine { operation, error },
        }
    }

    pub(super) fn refused(call: Call, error: &io::Error) -> Self {
        let step = Step {
            call,
            errno: error.raw_os_error(),
            value: -1,
            micros: 0,
        };
        let facts = Box::new(Facts::here());
        LabError::Refused {
            steps: vec![step.clone()],
            refused: Box::new(RefusedStep { step, facts }),
        }
    }
}

/// The guard, a child of ours.
#[derive(Debug)]
struct Guard {
    process: HeldProcess,
    ended: Option<Exit>,
}

impl Guard {
    /// Starts it from nslab's sealed copy. It reads what the lab shares from its standard input.
    fn start(binary: &OwnedFd, orders: &GuardOrders, shared: Option<OwnedFd>) -> io::Result<Self> {
        let program = format!("/proc/self/fd/{}", binary.as_raw_fd());
        let pid = match &orders.cgroup {
            Some(cgroup) => {
                let directory = cgroup::directory(&cgroup::of_guard(cgroup))?;
                let null = File::options().read(true).write(true).open("/dev/null")?;
                let environment = orders.environment().into_iter();
                let environment = environment.map(|(name, value)| {
                    CString::new([name.as_bytes(), b"=", value.as_bytes()].concat())
                });
                sys::Start {
                    program: &CString::new(program)?,
                    arguments: &[c"nslab".into(), c"lab-host".into()],
                    environment: &environment.collect::<Result<Vec<_>, _>>()?,
                    stdin: shared.as_ref().map_or(null.as_fd(), OwnedFd::as_fd),
                    output: null.as_fd(),
                }
                .in_cgroup(directory.as_fd())?
                .as_raw()
            }
            None => Command::new(program)
                .arg0("nslab")
                .arg("lab-host")
                .current_dir("/")
                .env_clear()
                .envs(orders.environment())
                .stdin(shared.map_or_else(Stdio::null, Stdio::from))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?
                .id()
                .cast_signed(),
        };
        Ok(Self {
            process: HeldProcess::from_pid(pid)?,
            ended: None,
        })
    }

    /// Waits until it has ended. Returns how, if it is known.
    fn wait(&mut self) -> Option<Exit> {
        if self.ended.is_none() {
            let status = sys::wait(Pid::from_raw(self.process.pid()));
            self.ended = status.ok().map(Exit::of);
        }
        self.ended
    }
}

/// How far the lab's cgroup has come; see [`LabHost::settle`].
#[derive(Debug)]
enum Delegation {
    Due,
    UnderWay(JoinHandle<()>),
    Done,
}

/// A lab host. It ends when this is dropped.
#[derive(Debug)]
pub struct LabHost {
    guard: Guard,
    /// nslab's sealed copy, which everything runs from that enters the lab's PID namespace.
    binary: OwnedFd,
    channel: Option<Channel>,
    keeper: i32,
    ids: Ids,
    root: LabRoot,
    cgroup: Option<Sweeper>,
    delegation: Delegation,
    steps: Vec<Step>,
    shortfalls: Vec<Shortfall>,
}

impl LabHost {
    /// Makes a lab host, with or without a user namespace of its own. It ends with the calling
    /// thread at the latest: PR_SET_PDEATHSIG. `meanwhile` runs while the guard makes it.
    ///
    /// It shows a copy of the directory `share`. `early` is its groundwork, where that was laid before.
    pub(super) fn start(
        root: LabRoot,
        share: Option<&Path>,
        early: Option<Early>,
        meanwhile: impl FnOnce(&Self),
    ) -> Result<Self, LabError> {
        check_kernel()?;
        let packed = share.map(share::pack).transpose()?;
        let machine = LabError::on_machine;
        // Adopt what a killed helper leaves.
        prctl::set_child_subreaper(true).map_err(|errno| machine("prctl()")(errno.into()))?;
        let listener = Listener::new().map_err(machine("opening a socket"))?;
        let laid = early.and_then(|early| early.finish(root));
        let Groundwork {
            ids,
            cgroup,
            binary,
        } = laid.unwrap_or_else(|| Groundwork::lay(root))?;
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
        let guard = Guard::start(&binary, &orders, packed);
        let mut lab = Self {
            guard: guard.map_err(machine("starting the guard"))?,
            binary,
            channel: None,
            keeper: 0,
            ids,
            root,
            cgroup,
            delegation: Delegation::Done,
            steps: Vec::new(),
            shortfalls: Vec::new(),
        };
        meanwhile(&lab);
        lab.wait_until_ready(&listener)?;
        if prctl::get_no_new_privs() == Ok(true) {
            lab.shortfalls.push(Shortfall::NewPrivileges);
        }
        let lacking = match lab.cgroup() {
            Some(path) => (!cgroup::has_limits(path)).then_some(Shortfall::Limits),
            None => Some(Shortfall::Cgroup),
        };
        lab.shortfalls.extend(lacking);
        if lab.cgroup.is_some() {
            lab.delegation = Delegation::Due;
        }
        Ok(lab)
    }

    /// Lets the lab's root hand controllers on to cgroups below its own; see [`cgroup::delegate`]. It takes
    /// the kernel some milliseconds, in which no process can start in a cgroup.
    pub fn settle(&mut self) {
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

    /// Like [`LabHost::settle`], and doesn't wait for it.
    pub fn settle_meanwhile(&mut self) {
        if let (Delegation::Due, Some(path)) = (&self.delegation, self.cgroup()) {
            let (path, keeper) = (path.to_owned(), self.keeper);
            let thread = thread::Builder::new().spawn(move || cgroup::delegate(&path, keeper));
            // A refused thread is made up for when the lab is settled.
            if let Ok(thread) = thread {
                self.delegation = Delegation::UnderWay(thread);
            }
        }
    }

    fn wait_until_ready(&mut self, listener: &Listener) -> Result<(), LabError> {
        let machine = LabError::on_machine;
        let waiting = "waiting for the guard";
        let process = self.guard.process.clone();
        let channel = match listener.accept(process.pid(), process.pidfd(), PATIENCE) {
            Ok(channel) => channel,
            Err(Errno::ECONNABORTED) => return Err(self.ended_early(None)),
            Err(errno) => return Err(machine(waiting)(errno.into())),
        };
        let mut keeper_end = None;
        let mut refusals = Vec::new();
        while let Some((message, _)) = channel.receive().map_err(machine(waiting))? {
            match message {
                Message::Step(step) => {
                    self.steps.push(step);
                    // A refusal that a successful step follows did no harm.
                    refusals.clear();
                }
                Message::Refused(refused) => {
                    self.steps.push(refused.step.clone());
                    refusals.push(refused.seen_from_outside());
                }
                Message::Unmapped => {
                    let (steps, count) = self.ids.map(process.pid());
                    self.steps.extend(steps);
                    let answer = channel.send(&Message::Mapped(count));
                    answer.map_err(machine(waiting))?;
                }
                Message::Missing(shortfall) => self.shortfalls.push(shortfall),
                Message::Ready { keeper } => {
                    self.keeper = keeper;
                    self.channel = Some(channel);
                    return Ok(());
                }
                Message::Exited(exit) => keeper_end = Some(exit),
                Message::Mapped(_) | Message::Orders(_) | Message::Join | Message::Started => {}
            }
        }
        if refusals
            .iter()
            .all(|it| matches!(it.step.call, Call::Read(_)))
        {
            return Err(self.ended_early(keeper_end));
        }
        let steps = std::mem::take(&mut self.steps);
        // The last report may be that of the guard, which only waits for the keeper.
        let mut last = refusals.into_iter().rev();
        match last.find(|it| !matches!(it.step.call, Call::Read(_))) {
            Some(refused) => Err(LabError::Refused {
                refused: Box::new(refused),
                steps,
            }),
            None => Err(LabError::Silent { steps }),
        }
    }

    /// Why a guard ended that was refused nothing; `keeper`: how its keeper ended, if it knows.
    fn ended_early(&mut self, keeper: Option<Exit>) -> LabError {
        let mut steps = std::mem::take(&mut self.steps);
        let guard = || self.guard.wait();
        match keeper.or_else(guard) {
            Some(Exit::Signal(signal)) => {
                let last = steps.iter().rev().find(|step| step.worked());
                let step = Step::killed(signal, last);
                let facts = Box::new(Facts::here());
                steps.push(step.clone());
                LabError::Refused {
                    refused: Box::new(RefusedStep { step, facts }),
                    steps,
                }
            }
            _ => LabError::Silent { steps },
        }
    }

    /// The steps it took to make it.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the lab host lacks because the machine doesn't allow it.
    pub fn shortfalls(&self) -> &[Shortfall] {
        &self.shortfalls
    }

    fn cgroup(&self) -> Option<&Path> {
        self.cgroup.as_ref().and_then(Sweeper::cgroup)
    }

    /// Whether a cgroup bounds the memory that the lab's programs can take.
    pub fn bounds_memory(&self) -> bool {
        let own = self.cgroup.as_ref().is_some_and(Sweeper::bounds_memory);
        own || cgroup::is_in_bounds()
    }

    /// The program that helpers are started from: the sealed copy that we hold. The guard's `exe`
    /// is the same file, but the guard is another user, and root without CAP_SYS_PTRACE, as in a
    /// container, may not follow that link. Whoever executes it has no descriptor left but the
    /// standard ones.
    fn binary(&self) -> PathBuf {
        let ours = std::process::id();
        PathBuf::from(format!("/proc/{ours}/fd/{}", self.binary.as_raw_fd()))
    }

    /// A second handle on the guard's channel, which shows when the lab host ends by itself.
    pub fn watch_end(&self) -> Option<Channel> {
        self.channel
            .as_ref()
            .and_then(|channel| channel.try_clone().ok())
    }

    /// Its process 1.
    pub fn keeper(&self) -> nix::Result<HeldProcess> {
        HeldProcess::from_pid(self.keeper)
    }

    /// Whether the lab host ends, or has ended. The process that calls reboot(2) in it exits with 0, once
    /// SIGKILL was sent to the keeper.
    pub fn is_ending(&self) -> bool {
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
    pub fn watcher(&self) -> WatcherCommand {
        let guard = match self.root {
            LabRoot::Own => Some(self.guard.process.pid()),
            LabRoot::Machines => None,
        };
        WatcherCommand {
            // No process of the lab sees it, so it shares the pages of nslab's own file.
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
    pub fn helper(&self, entry: &Entry<'_>) -> io::Result<Helper> {
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
    pub fn shell_helper(&self, screen: OutputTarget) -> io::Result<Helper> {
        let listener = Listener::new()?;
        let report = listener.name().to_owned();
        Ok(self.helper_with(&WaitOrders { report }.arguments(), screen, listener))
    }

    /// How to start a helper of a container on its terminal, whose launcher waits for its orders.
    pub fn container_helper(&self, screen: OutputTarget) -> io::Result<Helper> {
        self.launch_helper(screen, true, None)
    }

    fn launch_helper(
        &self,
        screen: OutputTarget,
        terminal: bool,
        command: Option<Side>,
    ) -> io::Result<Helper> {
        let listener = Listener::new()?;
        let orders = LaunchOrders {
            report: listener.name().to_owned(),
            way: self.way(),
            terminal,
            command,
        };
        Ok(self.helper_with(&orders.arguments(), screen, listener))
    }

    fn helper_with(&self, orders: &[String], screen: OutputTarget, listener: Listener) -> Helper {
        reap_orphans();
        let mut argv = vec![self.binary().display().to_string()];
        argv.extend_from_slice(orders);
        Helper {
            argv,
            environment: environment::of(screen),
            // Its open files and its directory must not lead out of the lab.
            directory: PathBuf::from("/"),
            expected: Expected {
                listener,
                origin: Origin::Lab,
                orders: None,
                to_join: None,
            },
        }
    }

    fn way(&self) -> Way {
        Way {
            guard: self.guard.process.pid(),
            keeper: self.keeper,
            identity: self.ids.identity(),
            lab_root: self.root,
            cgroup: self.cgroup().map(cgroup::of_programs),
        }
    }

    /// The orders of a helper that runs a program on one side.
    pub fn orders(&self, entry: &Entry<'_>) -> Vec<String> {
        let tty = entry.tty.map(|name| Path::new("/dev").join(name));
        let program = entry.program.to_vec();
        match (entry.side, entry.errand) {
            (Side::Host, Errand::Launch) => {
                let way = self.way();
                ShellOrders { way, tty, program }.arguments()
            }
            (side, _) => LauncherOrders {
                origin: Origin::Lab,
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
        // On end of file the guard kills the keeper, and with it the whole lab, and ends.
        match self.channel.take() {
            Some(channel) => channel.hang_up(),
            None => self.guard.process.kill(),
        }
        let deadline = Instant::now() + ENDING;
        while !self.guard.process.ends_within(REAPING) {
            reap_orphans();
            if Instant::now() >= deadline {
                // A learner who owns the cgroup has frozen it, and the guard with it.
                if let Some(path) = self.cgroup() {
                    cgroup::kill(path);
                }
                self.guard.process.kill();
            }
        }
        self.guard.wait();
        reap_orphans();
    }
}

/// Reaps what killed helpers left. Process 1 of a PID namespace can't end before all of its
/// processes are reaped, and if nslab runs in a container, process 1 there may reap nothing.
fn reap_orphans() {
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

/// Whether a child of ours is an adopted one. Those that we started are reaped where they were
/// started: they are in our PID namespace, and in our session or at the head of their own.
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
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < OLDEST_KERNEL => {
            Err(LabError::OldKernel { release })
        }
        _ => Ok(()),
    }
}

/// The kernel's release, as `uname -r` prints it.
pub fn kernel_release() -> String {
    nix::sys::utsname::uname()
        .map(|names| names.release().to_string_lossy().into_owned())
        .unwrap_or_default()
}
