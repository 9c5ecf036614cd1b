//! A watcher: a process that joins a side's UTS, IPC, NET, CGROUP and TIME namespaces and prints a
//! snapshot as one line of JSON whenever something has changed.
//!
//! It never joins the side's MNT or PID, so no `ps` there shows it; it joins the guard's USER first,
//! so that the learner can't trace it. Standard input is a pidfd of the process that it watches.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::socket::{MsgFlags, SockFlag, recv};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, geteuid, setsid};
use serde::Serialize;

use super::asked::{Asked, Question};
use super::detail::Inside;
use super::reader::{Namespaces, News, ReadError, SideReader, Signs, Tries, differ};
use super::rows::RowId;
use super::snapshot::Snapshot;
use crate::discovery::{self, Scope};
use crate::namespace::{Namespace, NamespaceSet};
use crate::rtnetlink;
use crate::sandbox::activity::Activity;
use crate::sandbox::entry::Access;
use crate::sandbox::join::{differs, flags};
use crate::sandbox::plan::name;
use crate::sys;

/// How often a watcher looks for signs of what the kernel doesn't notify of.
const PERIOD: Duration = Duration::from_millis(250);
/// After so many looks in vain everything is read again: a proc that is not the kernel's own may hide
/// the signs.
const IN_VAIN: u32 = 20;

/// The pause after reading the detail is this many times as long as the reading: so the watcher takes
/// less than a tenth of a processor.
const PAUSE_FACTOR: u32 = 10;

/// What is asked is read so many times more after a program of the lab has run: an address may answer
/// somewhat later than it is set.
const LOOKS: u32 = 12;
/// How often an address is tried, besides once when what ran in the lab has stopped.
const TRIED_EVERY: Duration = Duration::from_secs(1);

/// How often the map is read again, and how many times as long as the reading the pause is at least: so
/// the map of an idle lab takes less than a five-hundredth of a processor.
const MAP_PERIOD: Duration = Duration::from_millis(500);
const MAP_PAUSE_FACTOR: u32 = 500;

/// The least pause between two readings; a long reading is followed by a pause as long. So a learner
/// who changes something in a loop, or the hostname of any namespace (which wakes every watcher),
/// keeps no processor busy.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// What a watcher is told when it is started.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct WatchOrders {
    #[arg(long)]
    pub(crate) access: Access,
    #[arg(long)]
    pub(crate) what: What,
    /// The lab's cgroup, if it has one.
    #[arg(long)]
    pub(crate) cgroup: Option<PathBuf>,
    /// What a lesson asks.
    #[arg(long = "ask")]
    pub(crate) questions: Vec<Question>,
}

impl WatchOrders {
    /// The arguments that say them.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let WatchOrders {
            access,
            what,
            cgroup,
            questions,
        } = self;
        let mut arguments: Vec<OsString> = vec![
            "watch".into(),
            format!("--access={access}").into(),
            format!("--what={}", name(what)).into(),
        ];
        if let Some(path) = cgroup {
            arguments.extend(["--cgroup".into(), path.into()]);
        }
        let questions = questions.iter();
        arguments.extend(questions.map(|question| format!("--ask={question}").into()));
        arguments
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// A snapshot, then another whenever something has changed.
    Snapshots,
    OneSnapshot,
    /// The detail, then again whenever it has changed.
    Detail,
    /// The answers to the questions, then again whenever one of them has changed.
    Asked,
    AskedOnce,
    /// A snapshot with its detail, then again whenever one of them has changed.
    Inside,
    /// The map of the PID namespace whose process 1 it watches, or of the machine, then again whenever
    /// it has changed.
    Map,
}

/// Why a watcher ended before the process that it watched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchError {
    #[error("{operation}: {errno}")]
    Join {
        operation: &'static str,
        errno: Errno,
    },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Map(#[from] discovery::reader::ReadError),
    #[error("printing a snapshot: {0}")]
    Print(#[from] io::Error),
}

/// Watches until the process on standard input ends or nobody reads standard output.
pub(crate) fn live(orders: &WatchOrders) -> Result<(), WatchError> {
    let join = |operation| move |errno| WatchError::Join { operation, errno };
    let _ = setsid();
    if let Access::Lab { identity, .. } = orders.access {
        identity
            .become_quietly()
            .map_err(join("changing credentials"))?;
        let _ = sys::join_session_keyring();
    }
    let target = io::stdin();
    let target = target.as_fd();
    let pid = sys::pid_of(target).ok_or(WatchError::Join {
        operation: "reading the pidfd",
        errno: Errno::ESRCH,
    })?;
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
    let cgroup = orders.cgroup.as_deref();
    let mut activity = cgroup.and_then(|path| Activity::of_lab(path).ok());
    let mut printed = None;
    loop {
        let before = SideReader::new(pid)?.namespaces();
        match (orders.what, orders.access) {
            // It is read from outside.
            (What::Map, _) => {}
            (_, Access::Lab { .. }) => join_side(target)?,
            (_, Access::Machine) => join_what_differs(target, pid)?,
        }
        let outcome = match orders.what {
            What::Snapshots => watch(target, pid, &before, &mut activity, &mut printed),
            What::OneSnapshot => one_snapshot(pid, &before),
            What::Detail => watch_again(target, pid, &before, |reader, _| reader.detail()),
            What::Asked => watch_asked(target, pid, &before, &mut activity, &orders.questions),
            What::AskedOnce => asked_once(pid, &before, &orders.questions),
            What::Inside => watch_again(target, pid, &before, inside),
            What::Map => watch_map(target, pid, orders.access, &mut activity),
        };
        match outcome? {
            Outcome::Ended => return Ok(()),
            Outcome::Moved => {}
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The process has ended, or nobody reads our output any more.
    Ended,
    /// The process has moved to other namespaces, by unshare(2) or setns(2): join those and open its
    /// files again.
    Moved,
}

/// Joins the namespaces for which the kernel's answer depends on the caller. A kind that the side
/// shares with the machine (CGROUP, TIME) is ours already, and joining it is refused.
fn join_side(target: BorrowedFd<'_>) -> Result<(), WatchError> {
    let join = |operation| move |errno| WatchError::Join { operation, errno };
    let needed = CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWNET;
    setns(target, needed).map_err(join("setns(UTS|IPC|NET)"))?;
    for optional in [Namespace::Cgroup, Namespace::Time].map(|kind| flags(kind.into())) {
        match setns(target, optional) {
            Ok(()) | Err(Errno::EPERM | Errno::EINVAL) => {}
            Err(errno) => return Err(join("setns(CGROUP, TIME)")(errno)),
        }
    }
    Ok(())
}

/// On the machine: joins only the namespaces that are not ours already, in one call. So the kernel asks for
/// an ordinary user's rights out here, where it is the owner of its user namespaces and of all in them. From
/// inside of the innermost one it could join nothing that an outer one owns; bwrap(1) nests two.
fn join_what_differs(target: BorrowedFd<'_>, pid: i32) -> Result<(), WatchError> {
    let user = (!geteuid().is_root()).then_some(Namespace::User);
    let others = [
        Namespace::Uts,
        Namespace::Ipc,
        Namespace::Net,
        Namespace::Cgroup,
        Namespace::Time,
    ];
    let kinds = others.into_iter().chain(user);
    let kinds: NamespaceSet = kinds.filter(|kind| differs(pid, *kind)).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    setns(target, flags(kinds)).map_err(|errno| WatchError::Join {
        operation: "setns(USER, UTS, IPC, NET, CGROUP, TIME)",
        errno,
    })
}

/// Reads a snapshot and its detail. That only the uptime has changed is no news.
fn inside(reader: &mut SideReader, printed: Option<&Inside>) -> Result<Inside, ReadError> {
    let mut snapshot = reader.snapshot()?;
    if let Some(printed) = printed {
        snapshot.uptime = printed.snapshot.uptime;
    }
    let detail = reader.detail()?;
    Ok(Inside { snapshot, detail })
}

/// Reads again and again what takes long to read; the longer one reading takes, the longer the pause.
fn watch_again<T: PartialEq + Serialize>(
    target: BorrowedFd<'_>,
    pid: i32,
    before: &Namespaces,
    read: impl Fn(&mut SideReader, Option<&T>) -> Result<T, ReadError>,
) -> Result<Outcome, WatchError> {
    let mut reader = SideReader::new(pid)?;
    let stdout = io::stdout();
    let namespaces = reader.namespaces();
    if differ(before, &namespaces) {
        return Ok(Outcome::Moved);
    }
    let mut printed = None;
    loop {
        let begun = Instant::now();
        let now = match read(&mut reader, printed.as_ref()) {
            Ok(now) => now,
            Err(error) if error.errno == Errno::ESRCH => return Ok(Outcome::Ended),
            Err(error) => return Err(error.into()),
        };
        if printed.as_ref() != Some(&now) {
            print(&now)?;
            printed = Some(now);
        }
        let pause = PERIOD.max(begun.elapsed() * PAUSE_FACTOR);
        match poll(&mut ends(target, &stdout), timeout(pause)) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => return Ok(Outcome::Ended),
        }
        if reader.namespaces() != namespaces {
            return Ok(Outcome::Moved);
        }
    }
}

/// Answers questions again and again, while a program of the lab may have changed the answers.
fn watch_asked(
    target: BorrowedFd<'_>,
    pid: i32,
    before: &Namespaces,
    activity: &mut Option<Activity>,
    questions: &[Question],
) -> Result<Outcome, WatchError> {
    let reader = SideReader::new(pid)?;
    let stdout = io::stdout();
    let namespaces = reader.namespaces();
    if differ(before, &namespaces) {
        return Ok(Outcome::Moved);
    }
    let mut printed: Option<Asked> = None;
    let mut quiet: u32 = 0;
    let mut last_try = None;
    loop {
        let begun = processor_time();
        let may_have_run = activity.as_mut().is_none_or(Activity::is_news);
        quiet = if may_have_run {
            0
        } else {
            quiet.saturating_add(1)
        };
        if quiet < LOOKS || quiet.is_multiple_of(IN_VAIN) {
            // What runs in the lab may be just making an address that will answer.
            let due = last_try.is_none_or(|it: Instant| it.elapsed() >= TRIED_EVERY);
            let tries = if due || quiet == 1 {
                Tries::Addresses
            } else {
                Tries::Nothing
            };
            let now = match reader.asked(questions, tries) {
                Ok(mut now) => {
                    match tries {
                        Tries::Addresses => last_try = Some(Instant::now()),
                        Tries::Nothing => {
                            now.answers = printed
                                .as_ref()
                                .map_or_else(BTreeMap::new, |it| it.answers.clone());
                        }
                    }
                    now
                }
                Err(error) if error.errno == Errno::ESRCH => return Ok(Outcome::Ended),
                Err(error) => return Err(error.into()),
            };
            // What was read while the process moved may be of either place.
            if reader.namespaces() != namespaces {
                return Ok(Outcome::Moved);
            }
            if printed.as_ref() != Some(&now) {
                print(&now)?;
                printed = Some(now);
            }
        }
        let took = processor_time().saturating_sub(begun);
        let pause = PERIOD.max(took * PAUSE_FACTOR);
        match poll(&mut ends(target, &stdout), timeout(pause)) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => return Ok(Outcome::Ended),
        }
    }
}

/// The processor time that we have taken.
fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// Answers questions, unless the process has moved since its namespaces were `before`.
fn asked_once(
    pid: i32,
    before: &Namespaces,
    questions: &[Question],
) -> Result<Outcome, WatchError> {
    let reader = SideReader::new(pid)?;
    let asked = reader.asked(questions, Tries::Addresses)?;
    if differ(before, &reader.namespaces()) {
        return Ok(Outcome::Moved);
    }
    print(&asked)?;
    Ok(Outcome::Ended)
}

/// Reads the map again and again, from outside of all that is on it; while no program of the lab runs, only
/// now and then.
fn watch_map(
    target: BorrowedFd<'_>,
    pid: i32,
    access: Access,
    activity: &mut Option<Activity>,
) -> Result<Outcome, WatchError> {
    let scope = match access {
        Access::Lab { .. } => Scope::Lab { first: pid },
        Access::Machine => Scope::Machine,
    };
    let mut reader = discovery::Reader::new(scope)?;
    let stdout = io::stdout();
    let mut printed = None;
    let mut in_vain = 0;
    loop {
        // On a busy machine a look waits longer than it works.
        let begun = processor_time();
        // Asked before the look: what runs meanwhile is news at the next one.
        let may_have_run = activity.as_mut().is_none_or(Activity::is_news);
        if may_have_run || printed.is_none() || in_vain == IN_VAIN {
            in_vain = 0;
            let now = reader.look()?;
            if printed.as_ref() != Some(&now) {
                print(&now)?;
                printed = Some(now);
            }
        } else {
            in_vain += 1;
        }
        let took = processor_time().saturating_sub(begun);
        let pause = MAP_PERIOD.max(took * MAP_PAUSE_FACTOR);
        match poll(&mut ends(target, &stdout), timeout(pause)) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => return Ok(Outcome::Ended),
        }
    }
}

/// Prints a snapshot, unless the process has moved since its namespaces were `before`.
fn one_snapshot(pid: i32, before: &Namespaces) -> Result<Outcome, WatchError> {
    let snapshot = SideReader::new(pid)?.snapshot()?;
    if differ(before, &snapshot.namespaces) {
        return Ok(Outcome::Moved);
    }
    print(&snapshot)?;
    Ok(Outcome::Ended)
}

/// Prints a snapshot, then another whenever something has changed. `before` are the namespaces of the
/// process as they were before we joined them: the process may have moved between the two.
fn watch(
    target: BorrowedFd<'_>,
    pid: i32,
    before: &Namespaces,
    activity: &mut Option<Activity>,
    printed: &mut Option<Snapshot>,
) -> Result<Outcome, WatchError> {
    let mut reader = SideReader::new(pid)?;
    // Listen before the first reading, so that no change in between is missed.
    let notifiers = RowId::ALL.map(|row| row.entry().notifier.and_then(|it| File::open(it).ok()));
    let mounts = reader.open("mountinfo")?;
    let links = link_changes().ok();
    let stdout = io::stdout();
    let mut signs = Signs::of(&reader);
    signs.have_changed(&reader);
    let mut now = reader.snapshot()?;
    let namespaces = now.namespaces.clone();
    if differ(before, &namespaces) {
        return Ok(Outcome::Moved);
    }
    tell(&now, printed)?;
    let mut due = Instant::now() + PERIOD;
    let mut pause = LEAST_PAUSE;
    let mut in_vain = 0;
    loop {
        if !pause.is_zero() {
            // The poll below still finds what happens during the pause.
            let _ = poll(&mut ends(target, &stdout), timeout(pause));
        }
        let mut fds = Vec::from(ends(target, &stdout));
        fds.push(PollFd::new(mounts.as_fd(), PollFlags::POLLPRI));
        let links_fd = links.as_ref().map(OwnedFd::as_fd);
        fds.extend(links_fd.map(|links| PollFd::new(links, PollFlags::POLLIN)));
        let fixed = fds.len();
        // These only have to wake us: their rows are read again each time.
        let notifiers = notifiers.iter().flatten();
        fds.extend(notifiers.map(|file| PollFd::new(file.as_fd(), PollFlags::POLLPRI)));
        let left = due.saturating_duration_since(Instant::now());
        let count = match poll(&mut fds, timeout(left)) {
            Err(Errno::EINTR) => continue,
            other => other.map_err(|errno| WatchError::Join {
                operation: "poll",
                errno,
            })?,
        };
        let happened = |fds: &[PollFd]| fds.iter().any(|fd| fd.any() == Some(true));
        if happened(&fds[..2]) {
            return Ok(Outcome::Ended);
        }
        let news = News {
            mounts: happened(&fds[2..3]),
            links: happened(&fds[3..fixed]),
        };
        if news.links {
            drain(links.as_ref());
        }
        let begun = Instant::now();
        due = begun + PERIOD;
        // The signs are asked only if one may have changed.
        let may_have_run = activity.as_mut().is_none_or(Activity::is_news);
        let quiet = count == 0 && !(may_have_run && signs.have_changed(&reader));
        if quiet && in_vain < IN_VAIN {
            in_vain += 1;
            pause = Duration::ZERO;
            continue;
        }
        in_vain = 0;
        let refreshed = reader.refresh(&mut now, news);
        pause = begun.elapsed().max(LEAST_PAUSE);
        match refreshed {
            Ok(()) if now.namespaces != namespaces => return Ok(Outcome::Moved),
            Ok(()) => tell(&now, printed)?,
            Err(error) if error.errno == Errno::ESRCH => return Ok(Outcome::Ended),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reports that the process has ended, or that nobody reads our output any more.
fn ends<'fd>(target: BorrowedFd<'fd>, stdout: &'fd io::Stdout) -> [PollFd<'fd>; 2] {
    [
        PollFd::new(target, PollFlags::POLLIN),
        PollFd::new(stdout.as_fd(), PollFlags::empty()),
    ]
}

fn timeout(duration: Duration) -> PollTimeout {
    PollTimeout::try_from(duration).unwrap_or(PollTimeout::MAX)
}

/// Prints a snapshot if it differs from the last one in more than the uptime.
fn tell(now: &Snapshot, printed: &mut Option<Snapshot>) -> io::Result<()> {
    if let Some(last) = printed {
        last.uptime = now.uptime;
        if last == now {
            return Ok(());
        }
    }
    print(now)?;
    *printed = Some(now.clone());
    Ok(())
}

fn print(seen: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(seen)?;
    line.push(b'\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(&line)?;
    stdout.flush()
}

/// A socket that becomes readable when a link or an address changes; rtnetlink(7).
fn link_changes() -> nix::Result<OwnedFd> {
    let groups =
        (libc::RTMGRP_LINK | libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR).cast_unsigned();
    rtnetlink::open(SockFlag::SOCK_NONBLOCK, groups)
}

fn drain(socket: Option<&OwnedFd>) {
    let Some(socket) = socket else { return };
    let mut buffer = [0_u8; 8192];
    // ENOBUFS says that messages were lost: no matter, we read all links again.
    while matches!(
        recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()),
        Ok(1..) | Err(Errno::ENOBUFS)
    ) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seen on a busy machine: a shell ran unshare(1) after its watcher had joined its namespaces and
    /// before the first reading. The values of the old namespaces then stood beside the names of the
    /// new ones for good.
    #[test]
    fn a_process_that_moves_while_its_watcher_joins_is_joined_again() {
        let own = Pid::this();
        let target = sys::pidfd_open(own).unwrap();
        let now = SideReader::new(own.as_raw()).unwrap().namespaces();
        let mut before = now.clone();
        before.entry(Namespace::Uts).and_modify(|id| id.ino ^= 1);
        assert_ne!(before, now);
        let (mut printed, pid) = (None, own.as_raw());
        let outcome = watch(target.as_fd(), pid, &before, &mut None, &mut printed);
        assert_eq!(outcome.unwrap(), Outcome::Moved);
        assert_eq!(printed, None);
        assert_eq!(one_snapshot(pid, &before).unwrap(), Outcome::Moved);
        let outcome = watch_again(target.as_fd(), own.as_raw(), &before, inside);
        assert_eq!(outcome.unwrap(), Outcome::Moved);
    }

    #[test]
    fn a_kind_that_could_not_be_read_before_does_not_count_as_a_move() {
        let now = SideReader::new(Pid::this().as_raw()).unwrap().namespaces();
        let mut before = now.clone();
        before.remove(&Namespace::User);
        assert!(!differ(&before, &now));
    }
}
