//! A watcher: a process that gets processes to watch, and prints a line of JSON whenever the view of one of them
//! has changed.
//!
//! Some of the kernel's answers depend on the caller: for these it joins the UTS, IPC, NET, CGROUP and TIME
//! namespaces of each process in turn, and then returns. It never joins MNT or PID, so that no `ps` there shows
//! it; it joins the guard's USER first, so that the learner can't trace it. Its orders come through standard
//! input.

mod asking;
mod job;
mod mapping;
mod messages;
mod occupant;
mod pace;
mod sight;
mod visitor;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, setsid};

use self::job::Job;
pub(crate) use self::messages::{Order, SeenReport, WatchedPart, WatcherReport};
use self::pace::{Forced, Runs};
use self::visitor::{NamespaceVisitor, WatchError, WatchTarget, join};
use super::rows::RowId;
use crate::sandbox::activity::Activity;
use crate::sandbox::channel::{Channel, Received};
use crate::sandbox::entry::Access;
use crate::sandbox::keyring;
use crate::sys;

/// Processes that are due within this time are looked at together with those due now: each wake-up costs
/// something.
const SOON: Duration = Duration::from_millis(25);

/// Retries when a process moves to other namespaces while it is read.
const TRIES: u32 = 5;

/// The first orders of a watcher, given when it is started.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct WatchOrders {
    #[arg(long)]
    pub(crate) access: Access,
    /// The lab's cgroup, if it has one.
    #[arg(long)]
    pub(crate) cgroup: Option<PathBuf>,
    /// The process in whose namespaces it stays between two looks, if it can return there.
    #[arg(long)]
    pub(crate) home: Option<i32>,
}

impl WatchOrders {
    /// The arguments that carry these orders.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let WatchOrders {
            access,
            cgroup,
            home,
        } = self;
        let mut arguments: Vec<OsString> =
            vec!["watch".into(), format!("--access={access}").into()];
        if let Some(path) = cgroup {
            arguments.extend(["--cgroup".into(), path.into()]);
        }
        arguments.extend(home.map(|pid| format!("--home={pid}").into()));
        arguments
    }
}

/// Runs the watcher, until nobody gives orders or reads standard output.
pub(crate) fn run(orders: &WatchOrders) -> Result<(), WatchError> {
    let _ = setsid();
    // A shell that starts, or has to echo a key, needs the processor more.
    sys::be_nice();
    if let Access::Lab { identity, .. } = orders.access {
        identity
            .become_quietly()
            .map_err(join("changing credentials"))?;
        let _ = keyring::join_quietly();
    }
    match orders.access {
        Access::Lab {
            guard: Some(guard), ..
        } => {
            let guard = sys::pidfd_open(Pid::from_raw(guard)).map_err(join("pidfd_open(guard)"))?;
            setns(&guard, CloneFlags::CLONE_NEWUSER)
                .map_err(join("setns(guard, CLONE_NEWUSER)"))?;
        }
        Access::Lab { guard: None, .. } => {}
        // Once we are in a container's user namespace, its root could trace us and so reach the
        // machine's files that we have open. A process that isn't dumpable can't be traced; ptrace(2).
        Access::Machine => prctl::set_dumpable(false).map_err(join("prctl(PR_SET_DUMPABLE, 0)"))?,
    }
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(join("prctl(PR_SET_PDEATHSIG)"))?;
    let channel = Channel::inherited(0).map_err(join("standard input"))?;
    let home = orders.home.map(|pid| {
        let pidfd = sys::pidfd_open(Pid::from_raw(pid)).map_err(join("pidfd_open(home)"))?;
        WatchTarget::new(pidfd)
    });
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    WatcherProcess::new(orders, home.transpose()?, channel, output).watch()
}

struct WatcherProcess {
    visitor: NamespaceVisitor,
    runs: Runs,
    channel: Channel,
    /// The file for its reports.
    output: File,
    /// Files that become ready when a value changes in any namespace, such as a hostname.
    notifiers: Vec<File>,
    jobs: Vec<Job>,
}

/// How a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitOutcome {
    GoesOn,
    /// Nobody reads the output any more.
    Ended,
}

impl WatcherProcess {
    fn new(
        orders: &WatchOrders,
        home: Option<WatchTarget>,
        channel: Channel,
        output: File,
    ) -> Self {
        let notifiers = RowId::ALL.map(|row| row.entry().notifier);
        let open = |path| File::open(path).ok();
        let cgroup = orders.cgroup.as_deref();
        Self {
            visitor: NamespaceVisitor::new(orders.access, home),
            runs: Runs::new(cgroup.and_then(|path| Activity::of_lab(path).ok())),
            channel,
            output,
            notifiers: notifiers.into_iter().flatten().filter_map(open).collect(),
            jobs: Vec::new(),
        }
    }

    fn watch(&mut self) -> Result<(), WatchError> {
        while self.wait()? == WaitOutcome::GoesOn {
            let now = Instant::now();
            if self.jobs.iter().any(|job| job.next() <= now) {
                self.runs.notice();
                self.look(Forced::No, |job| job.next() <= now + SOON)?;
            }
        }
        Ok(())
    }

    /// Looks at some of the processes. Those that can't be watched any more are forgotten.
    fn look(&mut self, force: Forced, is_due: impl Fn(&Job) -> bool) -> io::Result<()> {
        let mut printed = Ok(());
        let Self {
            jobs,
            visitor,
            runs,
            output,
            ..
        } = self;
        jobs.retain_mut(|job| {
            if printed.is_err() || !is_due(job) {
                return true;
            }
            let (told, stays) = match job.look(visitor, runs, force) {
                Ok(seen) => {
                    let number = job.number;
                    (seen.map(|seen| WatcherReport::Seen { number, seen }), true)
                }
                Err(_) => (Some(WatcherReport::Over { number: job.number }), false),
            };
            if let Some(told) = told {
                printed = print(output, &told);
            }
            stays
        });
        printed
    }

    /// Waits until there may be something to do, and notes what has happened.
    fn wait(&mut self) -> Result<WaitOutcome, WatchError> {
        let mut fds = vec![
            PollFd::new(self.channel.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.output.as_fd(), PollFlags::empty()),
        ];
        // Don't poll for changes that are noted already: they would end each wait at once.
        let anybody = self.jobs.iter().any(Job::wants_notices);
        let notifiers = self.notifiers.iter().filter(|_| anybody);
        fds.extend(notifiers.map(|file| PollFd::new(file.as_fd(), PollFlags::POLLPRI)));
        let first = fds.len();
        let mut of_jobs = Vec::new();
        for job in &self.jobs {
            let start = fds.len();
            fds.extend(job.notices());
            of_jobs.push(start..fds.len());
        }
        let next = self.jobs.iter().map(Job::next).min();
        let left = next.map(|next| next.saturating_duration_since(Instant::now()));
        match poll(&mut fds, left.map_or(PollTimeout::NONE, timeout)) {
            Err(Errno::EINTR) => return Ok(WaitOutcome::GoesOn),
            other => other.map_err(join("poll"))?,
        };
        let happened: Vec<bool> = fds.iter().map(|fd| fd.any() == Some(true)).collect();
        drop(fds);
        if happened[1] {
            return Ok(WaitOutcome::Ended);
        }
        let anywhere = happened[2..first].contains(&true);
        for (job, range) in self.jobs.iter_mut().zip(of_jobs) {
            job.note(anywhere, &happened[range]);
        }
        self.end_jobs()?;
        if happened[0] {
            return self.take_orders();
        }
        Ok(WaitOutcome::GoesOn)
    }

    /// Forgets the processes that have ended.
    fn end_jobs(&mut self) -> io::Result<()> {
        for ended in self.jobs.extract_if(.., |job| job.ended) {
            let number = ended.number;
            print(&mut self.output, &WatcherReport::Over { number })?;
        }
        Ok(())
    }

    fn take_orders(&mut self) -> Result<WaitOutcome, WatchError> {
        loop {
            match self.channel.try_receive()? {
                Received::Message(Order::Watch { number, what }, Some(pidfd)) => {
                    self.begin(number, what, pidfd)?;
                }
                Received::Message(Order::Watch { .. }, None) => {}
                Received::Message(Order::Forget { number }, _) => {
                    self.jobs.retain(|job| job.number != number);
                }
                Received::Message(Order::Look { turn }, _) => {
                    self.look_now()?;
                    print(&mut self.output, &WatcherReport::Looked { turn })?;
                }
                Received::Nothing => return Ok(WaitOutcome::GoesOn),
                Received::End => return Ok(WaitOutcome::Ended),
            }
        }
    }

    /// Reports all sides and all answers.
    fn look_now(&mut self) -> io::Result<()> {
        self.runs.notice();
        // A command may have changed both the answers and the snapshots. Lessons depend more on the answers, so
        // they come first.
        self.look(Forced::Yes, Job::is_asking)?;
        self.look(Forced::Yes, Job::is_sight)?;
        for _ in 0..TRIES {
            self.look(Forced::Yes, Job::is_missed_sight)?;
        }
        Ok(())
    }

    /// Begins to watch a process, and reports on it at once.
    fn begin(&mut self, number: u32, what: WatchedPart, pidfd: OwnedFd) -> io::Result<()> {
        let job = WatchTarget::new(pidfd).and_then(|target| {
            if what != WatchedPart::Map {
                self.visitor.settle(&target)?;
            }
            Job::new(number, what, target, &self.visitor)
        });
        let Ok(job) = job else {
            return print(&mut self.output, &WatcherReport::Over { number });
        };
        self.jobs.push(job);
        self.look(Forced::No, |job| job.number == number)
    }
}

fn timeout(duration: Duration) -> PollTimeout {
    // Round up: a wait that ends too early would only be repeated.
    let millis = duration.as_micros().div_ceil(1000);
    PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)
}

fn print(output: &mut File, told: &WatcherReport) -> io::Result<()> {
    let mut line = serde_json::to_vec(told)?;
    line.push(b'\n');
    output.write_all(&line)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::namespace::Namespace;
    use crate::sandbox::join::differs;

    /// Whether we join namespaces that somebody makes: root does, unless it lacks CAP_SYS_ADMIN, as in a container.
    pub(in crate::observe::watcher) fn joins_namespaces() -> bool {
        let mut unshare = Command::new("unshare");
        let made = unshare
            .args(["-uinC", "true"])
            .stderr(Stdio::null())
            .status();
        let joins = made.is_ok_and(|status| status.success());
        if !joins {
            eprintln!("*** NOT TESTED HERE: this needs root with CAP_SYS_ADMIN ***");
        }
        joins
    }

    /// As a shell that runs unshare(1) and goes on at once.
    #[test]
    fn a_process_that_moves_while_verify_looks_is_looked_at_where_it_is() {
        if !joins_namespaces() {
            return;
        }
        let mut child = Command::new("sh")
            .args(["-c", "read line; exec unshare -u sleep 1000"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id().cast_signed();
        let mut stdin = child.stdin.take().unwrap();
        let (output, printed) = std::io::pipe().map(|(told, to)| (to, told)).unwrap();
        let (channel, _orders) = Channel::pair().unwrap();
        let orders = WatchOrders {
            access: Access::Machine,
            cgroup: None,
            home: None,
        };
        let ourselves = || WatchTarget::new(sys::pidfd_open(Pid::this()).unwrap()).unwrap();
        let output = File::from(OwnedFd::from(output));
        let mut watcher = WatcherProcess::new(&orders, Some(ourselves()), channel, output);
        let pidfd = sys::pidfd_open(Pid::from_raw(pid)).unwrap();
        watcher.begin(1, WatchedPart::Snapshot, pidfd).unwrap();
        let moves = move || {
            stdin.write_all(b"\n").unwrap();
            while !differs(pid, Namespace::Uts) {
                std::thread::yield_now();
            }
        };
        watcher.visitor.during_next.set(Some(Box::new(moves)));
        watcher.look_now().unwrap();
        drop(watcher);
        child.kill().unwrap();
        child.wait().unwrap();
        let told = BufReader::new(printed).lines().map(|line| {
            match serde_json::from_str(&line.unwrap()).unwrap() {
                WatcherReport::Seen {
                    seen: SeenReport::Snapshot(snapshot),
                    ..
                } => snapshot.namespaces[&Namespace::Uts],
                other => panic!("{other:?}"),
            }
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), 2);
        assert_ne!(told[0], told[1]);
    }
}
