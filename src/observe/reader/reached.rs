//! Whether an address answers, tried from the network namespace that we are in.
//! A connection is tried with connect(2), without a program of the lab. The attempt must not delay other
//! packets: while the kernel looks for a neighbour, packets to it wait up to a second for the kernel's next
//! request; arp(7). Must not know why it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, connect, getsockopt, socket, sockopt,
};

use crate::rtnetlink::{self, Neighbour};

/// The port of the discard service, which hardly anybody runs: a refusal is an answer too.
const PORT: u16 = 9;
/// How long to wait for all answers. In a lab they take less than a millisecond, however busy the machine
/// is: the kernel answers while it sends.
pub(in crate::observe) const LONGEST: Duration = Duration::from_millis(30);

/// Addresses that are tried. Begin and end an attempt in the same network namespace; in between the caller may
/// be elsewhere.
#[derive(Debug)]
pub(in crate::observe) struct Attempt {
    silent_before: BTreeSet<Neighbour>,
    /// Whether each address answers, if that is known. An address that can't be tried is absent.
    answers: BTreeMap<IpAddr, bool>,
    waiting: Vec<(IpAddr, OwnedFd)>,
}

impl Attempt {
    pub(in crate::observe) fn begin(addresses: &[IpAddr]) -> Self {
        let mut attempt = Self {
            silent_before: rtnetlink::silent_neighbours().unwrap_or_default(),
            answers: BTreeMap::new(),
            waiting: Vec::new(),
        };
        for &address in addresses {
            if let Ok((socket, answered)) = begin(address) {
                attempt.answers.insert(address, answered == Some(true));
                if answered.is_none() {
                    attempt.waiting.push((address, socket));
                }
            }
        }
        attempt
    }

    /// The sockets to poll: one for each address that has not answered yet.
    pub(in crate::observe) fn notices(&self) -> Vec<PollFd<'_>> {
        let sockets = self.waiting.iter();
        sockets
            .map(|(_, socket)| PollFd::new(socket.as_fd(), PollFlags::POLLOUT))
            .collect()
    }

    /// Takes the result of the poll: for each of these sockets, whether it is ready.
    pub(in crate::observe) fn note(&mut self, come: &[bool]) {
        let mut come = come.iter();
        let answers = &mut self.answers;
        self.waiting.retain(|(address, socket)| {
            let has_come = come.next() == Some(&true);
            if has_come {
                let error = getsockopt(socket, sockopt::SocketError);
                let errno = error.map_or_else(|errno| errno, Errno::from_raw);
                answers.insert(*address, is_answer(errno));
            }
            !has_come
        });
    }

    pub(in crate::observe) fn is_over(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Waits for all answers, but no longer than `longest`.
    pub(in crate::observe) fn wait(&mut self, longest: Duration) {
        let end = Instant::now() + longest;
        while !self.is_over() {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
            let mut fds = self.notices();
            match poll(&mut fds, timeout) {
                Err(Errno::EINTR) => continue,
                Ok(1..) => {}
                Ok(_) | Err(_) => break,
            }
            let come: Vec<_> = fds.iter().map(|fd| fd.any() == Some(true)).collect();
            drop(fds);
            self.note(&come);
        }
    }

    /// Which of the addresses have answered.
    pub(in crate::observe) fn end(self) -> BTreeMap<IpAddr, bool> {
        // Close the sockets first, so that the kernel no longer looks for these neighbours.
        drop(self.waiting);
        if self.answers.values().any(|answers| !answers)
            && let Ok(after) = rtnetlink::silent_neighbours()
        {
            for neighbour in after.difference(&self.silent_before) {
                // Without rights over the network this is refused, and packets to this neighbour wait.
                let _ = rtnetlink::forget_neighbour(*neighbour);
            }
        }
        self.answers
    }
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

    fn which_answer(addresses: &[IpAddr]) -> BTreeMap<IpAddr, bool> {
        let mut attempt = Attempt::begin(addresses);
        attempt.wait(LONGEST);
        attempt.end()
    }

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
