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
use nix::unistd::{Pid, setsid};

use super::reader::{News, ReadError, Reader};
use super::snapshot::Snapshot;
use crate::sandbox::identity::Identity;
use crate::sys;

/// What the kernel doesn't notify of is read this often.
const PERIOD: Duration = Duration::from_millis(250);

/// What a watcher is told when it is started.
#[derive(Debug, Clone)]
pub struct Orders {
    /// The guard's pid.
    pub guard: i32,
    /// Whom it becomes.
    pub identity: Identity,
    /// Print one snapshot, and end.
    pub once: bool,
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
    orders
        .identity
        .become_quietly()
        .map_err(join("changing credentials"))?;
    let _ = sys::join_session_keyring();
    let target = io::stdin();
    let target = target.as_fd();
    let pid = pid_of(target).ok_or(WatchError::Join {
        operation: "reading the pidfd",
        errno: Errno::ESRCH,
    })?;
    let guard = sys::pidfd_open(Pid::from_raw(orders.guard)).map_err(join("pidfd_open(guard)"))?;
    setns(&guard, CloneFlags::CLONE_NEWUSER).map_err(join("setns(guard, CLONE_NEWUSER)"))?;
    join_side(target)?;
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(join("prctl(PR_SET_PDEATHSIG)"))?;
    watch(target, pid, orders.once)
}

/// Joins what the kernel answers by who asks. A container's own kinds are owned below the guard's
/// user namespace; a kind it shares with the machine (CGROUP, TIME) is ours already, and we could
/// not join it.
fn join_side(target: BorrowedFd<'_>) -> Result<(), WatchError> {
    let join = |operation| move |errno| WatchError::Join { operation, errno };
    let needed = CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWNET;
    setns(target, needed).map_err(join("setns(UTS|IPC|NET)"))?;
    let time = CloneFlags::from_bits_retain(crate::namespace::Namespace::Time.flag().cast_signed());
    for optional in [CloneFlags::CLONE_NEWCGROUP, time] {
        match setns(target, optional) {
            Ok(()) | Err(Errno::EPERM | Errno::EINVAL) => {}
            Err(errno) => return Err(join("setns(CGROUP, TIME)")(errno)),
        }
    }
    Ok(())
}

fn pid_of(pidfd: BorrowedFd<'_>) -> Option<i32> {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).ok()?;
    info.lines()
        .find_map(|line| line.strip_prefix("Pid:"))?
        .trim()
        .parse()
        .ok()
}

fn watch(target: BorrowedFd<'_>, pid: i32, once: bool) -> Result<(), WatchError> {
    let reader = Reader::new(pid)?;
    // Listening before looking: what changes in between is seen.
    let hostname = File::open("/proc/sys/kernel/hostname").ok();
    let mounts = reader.open("mountinfo")?;
    let links = link_changes().ok();
    let stdout = io::stdout();
    let mut printed = reader.snapshot()?;
    print(&printed)?;
    if once {
        return Ok(());
    }
    let mut now = printed.clone();
    let mut due = Instant::now() + PERIOD;
    loop {
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
            return Ok(());
        }
        let news = News {
            mounts: happened(&fds[2..3]),
            links: happened(&fds[3..fixed]),
        };
        if news.links {
            drain(links.as_ref());
        }
        due = Instant::now() + PERIOD;
        match reader.refresh(&mut now, news) {
            Ok(()) if changed(&printed, &now) => {
                print(&now)?;
                printed.clone_from(&now);
            }
            Ok(()) => {}
            Err(ReadError {
                errno: Errno::ESRCH,
                ..
            }) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Time passes in every snapshot; that alone is no change.
fn changed(printed: &Snapshot, now: &Snapshot) -> bool {
    let uptime = printed.uptime;
    Snapshot {
        uptime,
        ..now.clone()
    } != *printed
}

fn print(snapshot: &Snapshot) -> io::Result<()> {
    let mut line = serde_json::to_vec(snapshot)?;
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
