//! A watcher: a process that sits in a side's UTS, IPC, NET, CGROUP and TIME and prints a snapshot
//! as one line of JSON whenever something changed.
//!
//! Never in its MNT or PID, so no `ps` shows it; first in the guard's USER, so the learner can't
//! trace it. Standard input is a pidfd of the process it watches.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket,
};
use nix::unistd::{Pid, geteuid, setsid};
use serde::Serialize;

use super::reader::{News, ReadError, Reader};
use super::snapshot::Snapshot;
use crate::namespace::Namespace;
use crate::sandbox::identity::Identity;
use crate::sandbox::join::{differs, flags};
use crate::sys;

/// What the kernel doesn't notify of is read this often.
const PERIOD: Duration = Duration::from_millis(250);

/// Reading the detail takes at most a tenth of a processor.
const COSTLY: u32 = 10;

/// A change is shown at once; before the next look at least this long passes, or as long as the
/// last look took. A learner who changes something in a loop gets no processor of its own, and a
/// hostname's notification wakes the watchers of every hostname.
const BREATH: Duration = Duration::from_millis(10);

/// Where what is watched is, and with it how a watcher comes to see it.
#[derive(Debug, Clone)]
pub enum Access {
    /// In a lab host.
    Lab {
        /// The guard's pid; none where the lab host has no user namespace.
        guard: Option<i32>,
        /// Whom the watcher becomes.
        identity: Identity,
    },
    /// On the machine itself.
    Machine,
}

/// What a watcher is told when it is started.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Where what it watches is.
    pub access: Access,
    /// What it prints.
    pub what: What,
}

/// What a watcher prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A snapshot whenever something has changed.
    Snapshots,
    /// One snapshot.
    OneSnapshot,
    /// More than a snapshot, whenever something has changed.
    Detail,
}

/// Why a watcher ended before its side did.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// It could not join the side.
    #[error("{operation}: {errno}")]
    Join {
        /// What was tried.
        operation: &'static str,
        /// The answer.
        errno: Errno,
    },
    /// It could not read the side.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Nobody reads what it prints.
    #[error("printing a snapshot: {0}")]
    Print(#[from] io::Error),
}

/// The watcher's life.
pub fn live(orders: &Orders) -> Result<(), WatchError> {
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
        // In a container's user namespace its root could trace us, and we have the machine's files
        // open; ptrace(2), PTRACE_MODE_ATTACH: not what isn't dumpable.
        Access::Machine => prctl::set_dumpable(false).map_err(join("prctl(PR_SET_DUMPABLE, 0)"))?,
    }
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(join("prctl(PR_SET_PDEATHSIG)"))?;
    let mut printed = None;
    loop {
        match orders.access {
            Access::Lab { .. } => join_side(target)?,
            Access::Machine => join_what_differs(target, pid)?,
        }
        let outcome = match orders.what {
            What::Snapshots => watch(target, pid, false, &mut printed),
            What::OneSnapshot => watch(target, pid, true, &mut printed),
            What::Detail => watch_detail(target, pid),
        };
        match outcome? {
            Outcome::Ended => return Ok(()),
            Outcome::Moved => {}
        }
    }
}

/// Why a watch is over.
enum Outcome {
    /// The side has ended, or nobody reads any more.
    Ended,
    /// The side has gone to other namespaces, by unshare(2) or setns(2): what we have joined and
    /// opened is that of the old ones.
    Moved,
}

/// Joins what the kernel answers by who asks. A container's own kinds are owned below the guard's
/// user namespace; a kind it shares with the machine (CGROUP, TIME) is ours already, and we could
/// not join it.
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

/// On the machine: only what is not ours already, as an ordinary user may join nothing from out
/// here, and all of a container's from in its user namespace.
fn join_what_differs(target: BorrowedFd<'_>, pid: i32) -> Result<(), WatchError> {
    let join = |operation| move |errno| WatchError::Join { operation, errno };
    if differs(pid, Namespace::User) && !geteuid().is_root() {
        setns(target, flags(Namespace::User.into())).map_err(join("setns(USER)"))?;
    }
    for kind in [
        Namespace::Uts,
        Namespace::Ipc,
        Namespace::Net,
        Namespace::Cgroup,
        Namespace::Time,
    ] {
        if differs(pid, kind) {
            setns(target, flags(kind.into()))
                .map_err(join("setns(UTS, IPC, NET, CGROUP, TIME)"))?;
        }
    }
    Ok(())
}

/// Reads the detail again and again; the longer one reading takes, the longer the pause.
fn watch_detail(target: BorrowedFd<'_>, pid: i32) -> Result<Outcome, WatchError> {
    let reader = Reader::new(pid)?;
    let stdout = io::stdout();
    let namespaces = reader.namespaces();
    let mut printed = None;
    loop {
        let looking = Instant::now();
        let now = match reader.detail() {
            Ok(now) => now,
            Err(ReadError {
                errno: Errno::ESRCH,
                ..
            }) => return Ok(Outcome::Ended),
            Err(error) => return Err(error.into()),
        };
        if printed.as_ref() != Some(&now) {
            print(&now)?;
            printed = Some(now);
        }
        let pause = PERIOD.max(looking.elapsed() * COSTLY);
        let mut ends = [
            PollFd::new(target, PollFlags::POLLIN),
            PollFd::new(stdout.as_fd(), PollFlags::empty()),
        ];
        let timeout = PollTimeout::try_from(pause).unwrap_or(PollTimeout::MAX);
        match poll(&mut ends, timeout) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => return Ok(Outcome::Ended),
        }
        if reader.namespaces() != namespaces {
            return Ok(Outcome::Moved);
        }
    }
}

fn watch(
    target: BorrowedFd<'_>,
    pid: i32,
    once: bool,
    printed: &mut Option<Snapshot>,
) -> Result<Outcome, WatchError> {
    let mut reader = Reader::new(pid)?;
    // Listening before looking: what changes in between is seen.
    let hostname = File::open("/proc/sys/kernel/hostname").ok();
    let mounts = reader.open("mountinfo")?;
    let links = link_changes().ok();
    let stdout = io::stdout();
    let mut now = reader.snapshot()?;
    let namespaces = now.namespaces.clone();
    tell(&now, printed)?;
    if once {
        return Ok(Outcome::Ended);
    }
    let mut due = Instant::now() + PERIOD;
    let mut breath = BREATH;
    loop {
        let mut ends = [
            PollFd::new(target, PollFlags::POLLIN),
            PollFd::new(stdout.as_fd(), PollFlags::empty()),
        ];
        // What happens meanwhile is still there to be found afterwards.
        let _ = poll(
            &mut ends,
            PollTimeout::try_from(breath).unwrap_or(PollTimeout::MAX),
        );
        let mut fds = vec![
            PollFd::new(target, PollFlags::POLLIN),
            // Only its errors: that nobody reads any more.
            PollFd::new(stdout.as_fd(), PollFlags::empty()),
            PollFd::new(mounts.as_fd(), PollFlags::POLLPRI),
        ];
        fds.extend(
            links
                .as_ref()
                .map(|links| PollFd::new(links.as_fd(), PollFlags::POLLIN)),
        );
        let fixed = fds.len();
        // The name is read anyway: its notification only has to wake us.
        fds.extend(
            hostname
                .as_ref()
                .map(|file| PollFd::new(file.as_fd(), PollFlags::POLLPRI)),
        );
        let left = due.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut fds, timeout) {
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
        let looking = Instant::now();
        due = looking + PERIOD;
        let looked = reader.refresh(&mut now, news);
        breath = looking.elapsed().max(BREATH);
        match looked {
            Ok(()) if now.namespaces != namespaces => return Ok(Outcome::Moved),
            Ok(()) => tell(&now, printed)?,
            Err(ReadError {
                errno: Errno::ESRCH,
                ..
            }) => return Ok(Outcome::Ended),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Prints a snapshot if it says something new. Time passes in every one; that alone is no change.
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
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        flags,
        SockProtocol::NetlinkRoute,
    )?;
    bind(netlink.as_raw_fd(), &NetlinkAddr::new(0, groups))?;
    Ok(netlink)
}

fn drain(socket: Option<&OwnedFd>) {
    let Some(socket) = socket else { return };
    let mut buffer = [0_u8; 8192];
    // ENOBUFS says that some were lost: there is one snapshot for all of them anyway.
    while matches!(
        recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()),
        Ok(1..) | Err(Errno::ENOBUFS)
    ) {}
}
