//! The network namespace of another process's socket, which the socket keeps even where no process is in it.
//!
//! Owns how a socket is asked. Must not know how the answer is used.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixDatagram;

use nix::errno::Errno;
use nix::sys::stat::fstat;
use nix::unistd::Pid;

use crate::sys;

/// The device of the file system that all sockets are in.
pub(super) fn device_of_sockets() -> Option<u64> {
    let one = UnixDatagram::unbound().ok()?;
    fstat(&one).ok().map(|it| it.st_dev)
}

/// The sockets of one process.
#[derive(Debug)]
pub(super) struct SocketsOf {
    pid: i32,
    /// Opened for the first socket.
    process: Option<OwnedFd>,
}

impl SocketsOf {
    pub(super) fn process(pid: i32) -> Self {
        Self { pid, process: None }
    }

    /// The network namespace of this socket. EPERM without ptrace access to the process, or without
    /// CAP_NET_ADMIN over the namespace.
    pub(super) fn network(&mut self, fd: i32) -> Result<OwnedFd, Errno> {
        let process = match self.process.take() {
            Some(process) => process,
            None => sys::pidfd_open(Pid::from_raw(self.pid))?,
        };
        let process = self.process.insert(process);
        let socket = sys::open_file_of(process.as_fd(), fd)?;
        sys::network_of_socket(socket.as_fd())
    }
}
