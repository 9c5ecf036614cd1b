//! Whether an address answers, tried from the network namespace that we are in.
//!
//! No program of the lab takes part in it on our side: a connection is tried with connect(2). What is sent
//! then by somebody else must not wait because of it: while the kernel looks for a neighbour, packets to it
//! wait up to a second for the next time that it asks; arp(7). Must not know why it is asked.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, connect, getsockopt, socket, sockopt,
};

use crate::rtnetlink;

/// The port of the discard service, which hardly anybody runs: that it is refused is an answer too.
const PORT: u16 = 9;
/// How long to wait for all answers. In a lab they take less than a millisecond, however busy the machine
/// is: the kernel answers while it sends.
const LONGEST: Duration = Duration::from_millis(30);

/// Which of the addresses answer. One that can't be tried is absent.
pub(super) fn which_answer(addresses: &[IpAddr]) -> BTreeMap<IpAddr, bool> {
    let before = rtnetlink::silent_neighbours().unwrap_or_default();
    let answers = try_all(addresses);
    if answers.values().any(|answers| !answers)
        && let Ok(after) = rtnetlink::silent_neighbours()
    {
        for neighbour in after.difference(&before) {
            // Refused where we have no rights over the network: then its packets wait.
            let _ = rtnetlink::forget_neighbour(*neighbour);
        }
    }
    answers
}

fn try_all(addresses: &[IpAddr]) -> BTreeMap<IpAddr, bool> {
    let mut answers = BTreeMap::new();
    let mut waiting: Vec<(IpAddr, OwnedFd)> = Vec::new();
    for &address in addresses {
        match begin(address) {
            Err(_) => {}
            Ok((_, Some(answers_at_once))) => {
                answers.insert(address, answers_at_once);
            }
            Ok((socket, None)) => {
                answers.insert(address, false);
                waiting.push((address, socket));
            }
        }
    }
    let end = Instant::now() + LONGEST;
    while !waiting.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let fd = |(_, socket): &(IpAddr, OwnedFd)| socket.as_raw_fd();
        let mut fds: Vec<_> = waiting
            .iter()
            .map(|(_, socket)| PollFd::new(socket.as_fd(), PollFlags::POLLOUT))
            .collect();
        match poll(&mut fds, timeout) {
            Err(Errno::EINTR) => continue,
            Ok(1..) => {}
            Ok(_) | Err(_) => break,
        }
        let ready = fds.iter().zip(&waiting);
        let ready = ready.filter(|(poll, _)| poll.any() == Some(true));
        let ready: Vec<_> = ready.map(|(_, it)| fd(it)).collect();
        waiting.retain(|it| {
            let is_ready = ready.contains(&fd(it));
            if is_ready {
                let error = getsockopt(&it.1, sockopt::SocketError);
                let errno = error.map_or_else(|errno| errno, Errno::from_raw);
                answers.insert(it.0, is_answer(errno));
            }
            !is_ready
        });
    }
    answers
}

/// Tries a connection, and says whether it was answered if that is known at once.
fn begin(address: IpAddr) -> nix::Result<(OwnedFd, Option<bool>)> {
    let family = match address {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(family, SockType::Stream, flags, None)?;
    let to = SockaddrStorage::from(SocketAddr::new(address, PORT));
    let answered = match connect(socket.as_raw_fd(), &to) {
        Ok(()) => Some(true),
        Err(Errno::EINPROGRESS) => None,
        Err(errno) => Some(is_answer(errno)),
    };
    Ok((socket, answered))
}

/// Whether the end of an attempt shows that somebody is there.
fn is_answer(errno: Errno) -> bool {
    matches!(errno, Errno::UnknownErrno | Errno::ECONNREFUSED)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn our_own_address_answers_and_one_that_nobody_can_have_does_not() {
        let (ours, nobodys) = (Ipv4Addr::LOCALHOST.into(), Ipv4Addr::BROADCAST.into());
        let multicast: IpAddr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1).into();
        let answers = which_answer(&[ours, nobodys, multicast]);
        assert_eq!(answers.get(&ours), Some(&true));
        assert_eq!(answers.get(&nobodys), Some(&false));
        assert_ne!(answers.get(&multicast), Some(&true));
    }
}
