//! The channel between a helper or a watcher and nslab: one socket for each, one JSON message per packet.
//!
//! A helper may be started in a PTY, which passes no descriptor but the terminal. So it gets the
//! name of an abstract unix socket (unix(7)): that is no file, so nothing stays behind, no matter
//! how either end dies. The listener accepts only the connection whose SO_PEERCRED is the helper's.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, Backlog, ControlMessage, ControlMessageOwned, MsgFlags, Shutdown, SockFlag,
    SockType, UnixAddr, accept4, bind, connect, getsockopt, listen, recv, recvmsg, sendmsg,
    setsockopt, shutdown, socket, socketpair, sockopt,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ids::IdCount;
use super::report::{Exit, RefusedStep, Shortfall, Step};
use super::trace::errno;
use crate::sys::{inherited_fd, keep_on_exec, received_fd};

/// The longest message: far longer than a call with a path.
const LONGEST: usize = 64 * 1024;
/// The most descriptors of one message: SCM_MAX_FD, unix(7). There is room for all: with less room, nix would
/// return none of them, and those that fit would stay open.
const DESCRIPTORS: usize = 253;
/// More than the packets that wait at one end: net.unix.max_dgram_qlen, which is 10 or 512.
const UNREAD: usize = 4096;

/// A message from a helper, or to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Message {
    /// To a helper: its orders, as the words of a command line.
    Orders(Vec<String>),
    /// To a helper: the packet carries a pidfd of the container to join.
    Join,
    /// From the guard: its user namespace has no maps yet.
    Unmapped,
    /// To the guard: the number of ids that nslab has mapped for it. A guard with one id maps it itself.
    Mapped(IdCount),
    /// It took a step.
    Step(Step),
    /// It took these steps, in this order.
    Steps(Vec<Step>),
    /// It was refused a step.
    Refused(RefusedStep),
    /// The lab host lacks something, and works without it.
    Missing(Shortfall),
    /// From the guard: the packet carries the binary that the lab's processes run from.
    Binary,
    /// The lab host is ready.
    Ready { keeper: i32 },
    /// The program runs; the packet carries its pidfd.
    Started,
    /// The program has ended.
    Exited(Exit),
}

/// The result of [`Channel::try_receive`].
#[derive(Debug)]
pub(crate) enum Received<T> {
    /// A message, and the descriptor that came with it.
    Message(T, Option<OwnedFd>),
    Nothing,
    /// The other end is gone.
    End,
}

/// One end of a channel.
#[derive(Debug)]
pub(crate) struct Channel {
    socket: OwnedFd,
    /// Whether a helper is at the other end.
    accepted: bool,
}

/// Waits for one helper to connect.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: OwnedFd,
    name: String,
}

fn seqpacket(flags: SockFlag) -> nix::Result<OwnedFd> {
    let flags = flags | SockFlag::SOCK_CLOEXEC;
    socket(AddressFamily::Unix, SockType::SeqPacket, flags, None)
}

impl Listener {
    /// Makes a listener with a random name. Names are public (`/proc/net/unix`); SO_PEERCRED shows
    /// which connection is the helper's.
    pub(crate) fn new() -> io::Result<Self> {
        // This needs no /dev, which a chroot may lack.
        let random = || RandomState::new().hash_one(std::process::id());
        let name = format!("nslab-{:016x}{:016x}", random(), random());
        let socket = seqpacket(SockFlag::SOCK_NONBLOCK)?;
        bind(
            socket.as_raw_fd(),
            &UnixAddr::new_abstract(name.as_bytes())?,
        )?;
        listen(&socket, Backlog::new(4)?)?;
        Ok(Self { socket, name })
    }

    /// The name for [`Channel::connect`].
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Waits for the helper `pid`, whose pidfd shows its end.
    ///
    /// ECONNABORTED where the helper ended first, ETIMEDOUT after `patience`.
    pub(crate) fn accept(
        &self,
        pid: i32,
        pidfd: BorrowedFd<'_>,
        patience: Duration,
    ) -> nix::Result<Channel> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(channel) = self.try_accept(pid)? {
                return Ok(channel);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let mut fds = [
                PollFd::new(self.socket.as_fd(), PollFlags::POLLIN),
                PollFd::new(pidfd, PollFlags::POLLIN),
            ];
            match poll(&mut fds, timeout) {
                Ok(0) => return Err(Errno::ETIMEDOUT),
                Err(Errno::EINTR) => continue,
                other => other?,
            };
            if fds[0].any() == Some(false) && fds[1].any() == Some(true) {
                return Err(Errno::ECONNABORTED);
            }
        }
    }

    /// The helper's channel, if it has connected. Connections of others are closed.
    pub(crate) fn try_accept(&self, pid: i32) -> nix::Result<Option<Channel>> {
        loop {
            let socket = match accept4(self.socket.as_raw_fd(), SockFlag::SOCK_CLOEXEC) {
                Ok(fd) => received_fd(fd),
                Err(Errno::EAGAIN) => return Ok(None),
                Err(Errno::EINTR | Errno::ECONNABORTED) => continue,
                Err(errno) => return Err(errno),
            };
            if getsockopt(&socket, sockopt::PeerCredentials)?.pid() == pid {
                return Ok(Some(Channel {
                    socket,
                    accepted: true,
                }));
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Channel {
    /// Connects to a listener. Abstract names belong to a network namespace, so connect before
    /// joining another one.
    pub(crate) fn connect(name: &str) -> nix::Result<Self> {
        let socket = seqpacket(SockFlag::empty())?;
        connect(
            socket.as_raw_fd(),
            &UnixAddr::new_abstract(name.as_bytes())?,
        )?;
        Ok(Self::from(socket))
    }

    /// A channel inherited through exec, which no further exec passes on.
    pub(crate) fn inherited(fd: RawFd) -> nix::Result<Self> {
        let socket = inherited_fd(fd)?;
        keep_on_exec(&socket, false)?;
        Ok(Self::from(socket))
    }

    /// A channel that never waits to send, and its other end for a process that is about to be started.
    pub(crate) fn pair() -> nix::Result<(Self, OwnedFd)> {
        let flags = SockFlag::SOCK_CLOEXEC;
        let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags)?;
        fcntl(&ours, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok((Self::from(ours), theirs))
    }

    /// A second handle on the same channel, for a child that is about to be made.
    pub(crate) fn try_clone(&self) -> nix::Result<Self> {
        let socket = self.socket.try_clone().map_err(|error| errno(&error))?;
        Ok(Self::from(socket))
    }

    /// Closes the channel for every handle on this end.
    pub(crate) fn hang_up(self) {
        let _ = shutdown(self.socket.as_raw_fd(), Shutdown::Both);
    }

    pub(crate) fn send(&self, message: &impl Serialize) -> io::Result<()> {
        self.send_packet(message, &[])
    }

    /// Sends a message with a descriptor.
    pub(crate) fn send_with(&self, message: &impl Serialize, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.send_packet(message, &[ControlMessage::ScmRights(&[fd.as_raw_fd()])])
    }

    fn send_packet(
        &self,
        message: &impl Serialize,
        control: &[ControlMessage<'_>],
    ) -> io::Result<()> {
        let packet = serde_json::to_vec(message)?;
        let parts = [io::IoSlice::new(&packet)];
        let flags = MsgFlags::MSG_NOSIGNAL;
        sendmsg::<()>(self.socket.as_raw_fd(), &parts, control, flags, None)?;
        Ok(())
    }

    /// Waits for the next message; `None` when the other end is gone.
    pub(crate) fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Option<OwnedFd>)>> {
        match self.received(MsgFlags::empty())? {
            Received::Message(message, fd) => Ok(Some((message, fd))),
            // Only a receive that doesn't wait finds nothing.
            Received::Nothing | Received::End => Ok(None),
        }
    }

    /// The next message, if there is one already.
    pub(crate) fn try_receive<T: DeserializeOwned>(&self) -> io::Result<Received<T>> {
        self.received(MsgFlags::MSG_DONTWAIT)
    }

    fn received<T: DeserializeOwned>(&self, flags: MsgFlags) -> io::Result<Received<T>> {
        let (packet, fd) = loop {
            match self.packet(flags) {
                Ok(packet) => break packet,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(Received::Nothing),
                Err(Errno::ECONNRESET) => return Ok(Received::End),
                Err(errno) => return Err(errno.into()),
            }
        };
        if packet.is_empty() {
            return Ok(Received::End);
        }
        let message = serde_json::from_slice(&packet)?;
        Ok(Received::Message(message, fd))
    }

    /// Receives a packet, and the first descriptor that came with it.
    fn packet(&self, flags: MsgFlags) -> nix::Result<(Vec<u8>, Option<OwnedFd>)> {
        // Room for the longest one each time would be slow: it has to be cleared.
        let peek = flags | MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC;
        let length = recv(self.socket.as_raw_fd(), &mut [], peek)?;
        let mut packet = vec![0; length.min(LONGEST)];
        let taken = self.take_packet(&mut packet, flags)?;
        packet.truncate(taken.length);
        Ok((packet, taken.fds.into_iter().next()))
    }

    /// Receives as much of a packet as there is room for. No socket that came with it stays open.
    fn take_packet(&self, into: &mut [u8], flags: MsgFlags) -> nix::Result<Packet> {
        let mut space = cmsg_space!([RawFd; DESCRIPTORS], libc::ucred);
        let flags = flags | MsgFlags::MSG_CMSG_CLOEXEC;
        let mut parts = [io::IoSliceMut::new(into)];
        let received = recvmsg::<()>(self.socket.as_raw_fd(), &mut parts, Some(&mut space), flags)?;
        let mut taken = Packet {
            length: received.bytes,
            fds: Vec::new(),
            has_credentials: false,
        };
        for control in received.cmsgs()? {
            match control {
                ControlMessageOwned::ScmRights(handed) => {
                    let handed = handed.into_iter().map(received_fd);
                    taken.fds.extend(handed.filter(keep_unless_socket));
                }
                ControlMessageOwned::ScmCredentials(_) => taken.has_credentials = true,
                _ => {}
            }
        }
        Ok(taken)
    }
}

/// A packet that was taken from a socket.
struct Packet {
    length: usize,
    fds: Vec<OwnedFd>,
    /// Whether the sender's credentials came with it: SO_PASSCRED, unix(7).
    has_credentials: bool,
}

/// Whether a received descriptor is no socket. Helpers send none: only a learner who traces a helper can. A socket
/// is changed so that close(2) doesn't wait: the last close(2) of a TCP socket with SO_LINGER and unsent data could
/// take hours.
fn keep_unless_socket(fd: &OwnedFd) -> bool {
    let at_once = libc::linger {
        l_onoff: 0,
        l_linger: 0,
    };
    // ENOTSOCK: it is no socket. For a socket the call succeeds, even if its protocol never lingers.
    setsockopt(fd, sockopt::Linger, &at_once) == Err(Errno::ENOTSOCK)
}

impl From<OwnedFd> for Channel {
    fn from(socket: OwnedFd) -> Self {
        let accepted = false;
        Self { socket, accepted }
    }
}

impl Drop for Channel {
    /// Receives what was sent, so that each socket is closed by [`keep_unless_socket`]'s rule. Descriptors that nobody
    /// receives are closed by the kernel, and that close may block.
    fn drop(&mut self) {
        if !self.accepted {
            return;
        }
        let _ = shutdown(self.socket.as_raw_fd(), Shutdown::Both);
        // The end looks like an empty packet, but nobody has sent it.
        let tells = setsockopt(&self.socket, sockopt::PassCred, &true).is_ok();
        for _ in 0..UNREAD {
            match self.take_packet(&mut [], MsgFlags::MSG_DONTWAIT) {
                Ok(taken) if tells && !taken.has_credentials => break,
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => break,
            }
        }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// A connection whose other end reads nothing: its last close takes a thousand seconds.
    fn lingering() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (theirs, _) = listener.accept().unwrap();
        let long = libc::linger {
            l_onoff: 1,
            l_linger: 1000,
        };
        setsockopt(&ours, sockopt::Linger, &long).unwrap();
        ours.set_nonblocking(true).unwrap();
        while ours.write(&[0; 4096]).is_ok() {}
        (ours, theirs)
    }

    fn both_ends() -> (Channel, Channel) {
        let listener = Listener::new().unwrap();
        let theirs = Channel::connect(listener.name()).unwrap();
        let pid = std::process::id().try_into().unwrap();
        (listener.try_accept(pid).unwrap().unwrap(), theirs)
    }

    #[test]
    fn a_socket_that_is_handed_over_holds_nobody_up() {
        let (ours, theirs) = both_ends();
        let (socket, _unread) = lingering();
        theirs.send_with(&Message::Started, socket.as_fd()).unwrap();
        // The close of a descriptor that is open elsewhere doesn't wait.
        drop(socket);
        let received = ours.receive::<Message>().unwrap();
        assert!(
            matches!(received, Some((Message::Started, None))),
            "{received:?}"
        );
    }

    #[test]
    fn nor_does_one_that_is_never_received() {
        let (ours, theirs) = both_ends();
        let (socket, _unread) = lingering();
        for _ in 0..3 {
            theirs.send_with(&Message::Started, socket.as_fd()).unwrap();
            // An empty packet looks like the end.
            let flags = MsgFlags::MSG_NOSIGNAL;
            let parts = [io::IoSlice::new(&[])];
            sendmsg::<()>(theirs.socket.as_raw_fd(), &parts, &[], flags, None).unwrap();
        }
        drop(socket);
        drop(ours);
        drop(theirs);
    }
}
