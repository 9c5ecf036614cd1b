//! How a helper talks to nslab: one socket a helper, one JSON message a packet.
//!
//! A helper is started through a PTY, which passes no descriptor but the terminal, so it is given
//! the name of an abstract unix socket (unix(7)): such a name is no file, so nothing is left behind
//! however either end dies. The listener takes the one connection whose SO_PEERCRED is the helper.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, Backlog, ControlMessage, ControlMessageOwned, MsgFlags, Shutdown, SockFlag,
    SockType, UnixAddr, accept4, bind, connect, getsockopt, listen, recvmsg, sendmsg, shutdown,
    socket, sockopt,
};
use serde::{Deserialize, Serialize};

use super::report::{Exit, RefusedStep, Shortfall, Step};
use super::trace::errno;
use crate::sys::{inherited_fd, keep_on_exec, received_fd};

/// The longest message: a step's call with a path in it is well below.
const LONGEST: usize = 64 * 1024;
/// Descriptors that one message can carry: SCM_MAX_FD, unix(7). All are taken, as one that nobody
/// takes stays open.
const DESCRIPTORS: usize = 253;

/// What a helper says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// To a helper: a pidfd of the container whose namespaces it is to join comes with the packet.
    Join,
    /// It took a step.
    Step(Step),
    /// A step was refused, and this is what could be seen from where it was.
    Refused(RefusedStep),
    /// Something isn't as it should be, but the lab goes on without it.
    Missing(Shortfall),
    /// The lab host is there; its process 1 has this pid on the machine.
    Ready {
        /// The keeper's pid.
        keeper: i32,
    },
    /// The program runs. A pidfd of it comes with the packet.
    Started,
    /// The program has ended.
    Exited(Exit),
}

/// What was found on a channel.
#[derive(Debug)]
pub enum Received {
    /// A message, and the descriptor that came with it.
    Message(Message, Option<OwnedFd>),
    /// No message yet.
    Nothing,
    /// The other end is gone.
    End,
}

/// One end of the conversation.
#[derive(Debug)]
pub struct Channel {
    socket: OwnedFd,
}

/// Where one helper is expected.
#[derive(Debug)]
pub struct Listener {
    socket: OwnedFd,
    name: String,
}

fn seqpacket(flags: SockFlag) -> nix::Result<OwnedFd> {
    let flags = flags | SockFlag::SOCK_CLOEXEC;
    socket(AddressFamily::Unix, SockType::SeqPacket, flags, None)
}

impl Listener {
    /// A listener under a name of its own. Names are no secret (`/proc/net/unix`): it is by its
    /// SO_PEERCRED that a helper is known.
    pub fn new() -> io::Result<Self> {
        // Needs no /dev, which a chroot may not have.
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
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits for the helper `pid`, whose end `pidfd` would show.
    ///
    /// ECONNABORTED where the helper ended first, ETIMEDOUT after `patience`.
    pub fn accept(
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

    /// The helper's channel, if the helper has connected. Connections of others are closed.
    pub fn try_accept(&self, pid: i32) -> nix::Result<Option<Channel>> {
        loop {
            let socket = match accept4(self.socket.as_raw_fd(), SockFlag::SOCK_CLOEXEC) {
                Ok(fd) => received_fd(fd),
                Err(Errno::EAGAIN) => return Ok(None),
                Err(Errno::EINTR | Errno::ECONNABORTED) => continue,
                Err(errno) => return Err(errno),
            };
            if getsockopt(&socket, sockopt::PeerCredentials)?.pid() == pid {
                return Ok(Some(Channel { socket }));
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
    /// Connects to a listener. Must happen before the caller joins another network namespace,
    /// which abstract names belong to.
    pub fn connect(name: &str) -> nix::Result<Self> {
        let socket = seqpacket(SockFlag::empty())?;
        connect(
            socket.as_raw_fd(),
            &UnixAddr::new_abstract(name.as_bytes())?,
        )?;
        Ok(Self { socket })
    }

    /// A channel that came through exec, and goes no further.
    pub fn inherited(fd: RawFd) -> nix::Result<Self> {
        let socket = inherited_fd(fd)?;
        keep_on_exec(&socket, false)?;
        Ok(Self { socket })
    }

    /// A second handle on the same channel, for a child that is about to be made.
    pub fn try_clone(&self) -> nix::Result<Self> {
        let socket = self.socket.try_clone().map_err(|error| errno(&error))?;
        Ok(Self { socket })
    }

    /// Ends the conversation for every handle on this end.
    pub fn hang_up(self) {
        let _ = shutdown(self.socket.as_raw_fd(), Shutdown::Both);
    }

    /// Says something.
    pub fn send(&self, message: &Message) -> io::Result<()> {
        self.send_packet(message, &[])
    }

    /// Says something, and hands over a descriptor.
    pub fn send_with(&self, message: &Message, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.send_packet(message, &[ControlMessage::ScmRights(&[fd.as_raw_fd()])])
    }

    fn send_packet(&self, message: &Message, control: &[ControlMessage<'_>]) -> io::Result<()> {
        let packet = serde_json::to_vec(message)?;
        let parts = [io::IoSlice::new(&packet)];
        let flags = MsgFlags::MSG_NOSIGNAL;
        sendmsg::<()>(self.socket.as_raw_fd(), &parts, control, flags, None)?;
        Ok(())
    }

    /// Waits for the next message; none once the other end is gone.
    pub fn receive(&self) -> io::Result<Option<(Message, Option<OwnedFd>)>> {
        match self.received(MsgFlags::empty())? {
            Received::Message(message, fd) => Ok(Some((message, fd))),
            // Only what doesn't wait finds nothing.
            Received::Nothing | Received::End => Ok(None),
        }
    }

    /// The next message, if there is one already.
    pub fn try_receive(&self) -> io::Result<Received> {
        self.received(MsgFlags::MSG_DONTWAIT)
    }

    fn received(&self, flags: MsgFlags) -> io::Result<Received> {
        let mut packet = vec![0; LONGEST];
        let mut space = cmsg_space!([RawFd; DESCRIPTORS]);
        let flags = flags | MsgFlags::MSG_CMSG_CLOEXEC;
        let (length, fd) = loop {
            let mut parts = [io::IoSliceMut::new(&mut packet)];
            match recvmsg::<()>(self.socket.as_raw_fd(), &mut parts, Some(&mut space), flags) {
                Ok(received) => {
                    let mut fds = Vec::new();
                    for control in received.cmsgs()? {
                        if let ControlMessageOwned::ScmRights(handed) = control {
                            fds.extend(handed.into_iter().map(received_fd));
                        }
                    }
                    break (received.bytes, fds.into_iter().next());
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(Received::Nothing),
                Err(Errno::ECONNRESET) => return Ok(Received::End),
                Err(errno) => return Err(errno.into()),
            }
        };
        if length == 0 {
            return Ok(Received::End);
        }
        let message = serde_json::from_slice(&packet[..length])?;
        Ok(Received::Message(message, fd))
    }
}

impl From<OwnedFd> for Channel {
    fn from(socket: OwnedFd) -> Self {
        Self { socket }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
