//! nslab's end of the guard: starts it, receives its reports on the lab host, and ends it.
//!
//! Must not know how the lab host is made.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::mem;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::unistd::Pid;

use super::call::Call;
use super::cgroup;
use super::channel::{Channel, Listener, Message};
use super::guard::GuardOrders;
use super::ids::{IdCount, LabIds};
use super::lab::{LabError, reap_orphans};
use super::launch::{HeldProcess, PATIENCE};
use super::report::{Exit, RefusedStep, Shortfall, Step};
use super::sweeper::Sweeper;
use crate::sys;

/// How often to look for orphans while a lab host ends.
const REAPING: Duration = Duration::from_millis(10);
/// How long the guard may take to end the lab host before both are killed.
const ENDING: Duration = Duration::from_secs(1);
/// The file that the guard is started from. The guard gives the lab's processes another one; see
/// `own_binary`.
const OURSELVES: &str = "/proc/self/exe";

/// The guard, a child of ours. The lab host ends when this is dropped.
#[derive(Debug)]
pub(super) struct GuardProcess {
    process: HeldProcess,
    ended: Option<Exit>,
    channel: Option<Channel>,
    /// Removes the lab's cgroup, if there is one.
    cgroup: Option<Sweeper>,
    /// The steps it took.
    pub(super) steps: Vec<Step>,
    /// The refused steps since the last one that worked.
    refusals: Vec<RefusedStep>,
    /// The parts that the lab host lacks because the machine doesn't allow them.
    pub(super) shortfalls: Vec<Shortfall>,
    /// How many ids its user namespace has.
    pub(super) ids: IdCount,
}

/// A report that nslab waits for.
#[derive(Debug)]
enum Milestone {
    Binary(OwnedFd),
    Ready { keeper: i32 },
}

impl GuardProcess {
    /// Starts the guard in the lab's cgroup. The guard reads the directory to share from its standard input.
    pub(super) fn start(
        orders: &GuardOrders,
        shared: Option<OwnedFd>,
        cgroup: Option<Sweeper>,
    ) -> io::Result<Self> {
        let pid = match &orders.cgroup {
            Some(cgroup) => {
                let directory = cgroup::open_directory(&cgroup::of_guard(cgroup))?;
                let null = File::options().read(true).write(true).open("/dev/null")?;
                let environment = orders.environment().into_iter();
                let environment = environment.map(|(name, value)| {
                    CString::new([name.as_bytes(), b"=", value.as_bytes()].concat())
                });
                sys::Start {
                    program: &CString::new(OURSELVES)?,
                    arguments: &[c"nslab".into(), c"guard".into()],
                    environment: &environment.collect::<Result<Vec<_>, _>>()?,
                    stdin: shared.as_ref().map_or(null.as_fd(), OwnedFd::as_fd),
                    output: null.as_fd(),
                }
                .in_cgroup(directory.as_fd())?
                .as_raw()
            }
            None => Command::new(OURSELVES)
                .arg0("nslab")
                .arg("guard")
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
            channel: None,
            cgroup,
            steps: Vec::new(),
            refusals: Vec::new(),
            shortfalls: Vec::new(),
            ids: orders.ids,
        })
    }

    /// Waits until the guard has connected.
    pub(super) fn accept(&mut self, listener: &Listener) -> Result<(), LabError> {
        let accepted = listener.accept(self.process.pid(), self.process.pidfd(), PATIENCE);
        match accepted {
            Ok(channel) => self.channel = Some(channel),
            Err(Errno::ECONNABORTED) => return Err(self.ended_early(None)),
            Err(errno) => return Err(not_heard(errno.into())),
        }
        Ok(())
    }

    /// Waits until it has sent the binary that the lab's processes run from.
    pub(super) fn binary(&mut self, ids: &mut LabIds) -> Result<OwnedFd, LabError> {
        match self.hear(ids)? {
            Milestone::Binary(binary) => Ok(binary),
            Milestone::Ready { .. } => Err(self.ended_early(None)),
        }
    }

    /// Waits until the lab host is ready. Returns the pid of its process 1.
    pub(super) fn keeper(&mut self, ids: &mut LabIds) -> Result<i32, LabError> {
        loop {
            if let Milestone::Ready { keeper } = self.hear(ids)? {
                self.check_control()?;
                return Ok(keeper);
            }
        }
    }

    /// Whether nslab may kill the processes that the guard starts: by now the guard has the lab's ids.
    fn check_control(&mut self) -> Result<(), LabError> {
        let Err(errno) = self.process.may_kill() else {
            return Ok(());
        };
        let step = Step::refused(Call::MayKill("guard".to_owned()), errno);
        Err(LabError::refused(step, mem::take(&mut self.steps)))
    }

    fn hear(&mut self, ids: &mut LabIds) -> Result<Milestone, LabError> {
        let mut keeper_end = None;
        while let Some(channel) = &self.channel {
            let Some((message, fd)) = channel.receive().map_err(not_heard)? else {
                break;
            };
            match message {
                Message::Step(step) => {
                    self.steps.push(step);
                    // The guard went on after these refusals, so they are not why it failed.
                    self.refusals.clear();
                }
                Message::Refused(refused) => {
                    self.steps.push(refused.step.clone());
                    self.refusals.push(refused.seen_from_outside());
                }
                Message::Unmapped => {
                    let (steps, count) = ids.map(self.process.pid());
                    self.steps.extend(steps);
                    channel.send(&Message::Mapped(count)).map_err(not_heard)?;
                    self.ids = count;
                }
                Message::Missing(shortfall) => self.shortfalls.push(shortfall),
                Message::Binary => {
                    if let Some(binary) = fd {
                        return Ok(Milestone::Binary(binary));
                    }
                }
                Message::Ready { keeper } => return Ok(Milestone::Ready { keeper }),
                Message::Exited(exit) => keeper_end = Some(exit),
                Message::Mapped(_)
                | Message::Steps(_)
                | Message::Orders(_)
                | Message::Join
                | Message::Started => {}
            }
        }
        Err(self.failure(keeper_end))
    }

    /// Why the guard has stopped reporting.
    fn failure(&mut self, keeper_end: Option<Exit>) -> LabError {
        // The last report may be one of the guard: it only waits for the keeper now.
        let waits = |it: &RefusedStep| matches!(it.step.call, Call::Read(_));
        let refusals = mem::take(&mut self.refusals);
        match refusals.into_iter().rev().find(|it| !waits(it)) {
            Some(refused) => LabError::Refused {
                refused: Box::new(refused),
                steps: mem::take(&mut self.steps),
            },
            None => self.ended_early(keeper_end),
        }
    }

    /// Why the guard ended although no step was refused. `keeper`: how the keeper ended, if the guard knows.
    fn ended_early(&mut self, keeper: Option<Exit>) -> LabError {
        let steps = mem::take(&mut self.steps);
        match keeper.or_else(|| self.wait()) {
            Some(Exit::Signal(signal)) => {
                let last = steps.iter().rev().find(|step| step.worked());
                LabError::refused(Step::killed(signal, last), steps)
            }
            _ => LabError::Silent { steps },
        }
    }

    /// Waits until it has ended. Returns how, if it is known.
    fn wait(&mut self) -> Option<Exit> {
        if self.ended.is_none() {
            let status = sys::wait(Pid::from_raw(self.process.pid()));
            self.ended = status.ok().map(Exit::of);
        }
        self.ended
    }

    pub(super) fn pid(&self) -> i32 {
        self.process.pid()
    }

    pub(super) fn cgroup(&self) -> Option<&Path> {
        self.cgroup.as_ref().and_then(Sweeper::cgroup)
    }

    /// Whether its own cgroup bounds the memory that the lab's programs can take.
    pub(super) fn bounds_memory(&self) -> bool {
        self.cgroup.as_ref().is_some_and(Sweeper::bounds_memory)
    }

    /// A second handle on its channel, which shows when it ends by itself.
    pub(super) fn watch_end(&self) -> Option<Channel> {
        self.channel
            .as_ref()
            .and_then(|channel| channel.try_clone().ok())
    }
}

impl Drop for GuardProcess {
    fn drop(&mut self) {
        // On end of file the guard kills the keeper, and with it the whole lab, and ends.
        match self.channel.take() {
            Some(channel) => channel.hang_up(),
            None => self.process.kill(),
        }
        let deadline = Instant::now() + ENDING;
        while !self.process.ends_within(REAPING) {
            reap_orphans();
            if Instant::now() >= deadline {
                // A learner who owns the cgroup has frozen it, and the guard with it.
                if let Some(path) = self.cgroup() {
                    cgroup::kill(path);
                }
                self.process.kill();
            }
        }
        self.wait();
        reap_orphans();
    }
}

fn not_heard(error: io::Error) -> LabError {
    LabError::on_machine("waiting for the guard")(error)
}
