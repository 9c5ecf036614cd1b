//! A process of ours in a namespace without processes, so that a reader can read it like a side.
//!
//! Owns the lifetime of the process. Must not know what is read there.

use std::io::{self, PipeWriter, Read, Write};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::sched::setns;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid};

use super::visitor::{WatchError, WatchTarget, join};
use crate::discovery;
use crate::observe::visit::Visit;
use crate::sandbox::entry::Access;
use crate::sandbox::join::flags;
use crate::sys;

/// A process that stays in the namespace until this is dropped, or until we end.
#[derive(Debug)]
pub(super) struct Occupant {
    pid: Pid,
    /// It ends when this is closed, so that it doesn't outlive us.
    _stays: PipeWriter,
}

/// Why a namespace could not be occupied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OccupyError {
    #[error("it is no longer where it was")]
    Gone,
    #[error("joining it was refused")]
    Join,
    #[error("starting a process: {0}")]
    Start(#[from] io::Error),
}

impl Occupant {
    /// Puts a process into a namespace that the process `keeper` keeps.
    pub(super) fn start(keeper: i32, visit: &Visit, access: Access) -> Result<Self, OccupyError> {
        let proc = discovery::open_proc().map_err(io::Error::from)?;
        let Visit { kind, key, way } = visit;
        let namespace = way.open(&proc, keeper, *kind, *key);
        let namespace = namespace.ok_or(OccupyError::Gone)?;
        // The occupant needs no descriptor of the machine's `/proc`.
        drop(proc);
        let (mut end, stays) = io::pipe()?;
        let (mut joined, mut tells) = io::pipe()?;
        match sys::fork().map_err(io::Error::from)? {
            ForkResult::Child => {
                // With this end open, the child would not notice our end.
                drop(stays);
                // In a lab we have no rights over a process that isn't dumpable; ptrace(2). It is in the
                // machine's PID namespace, so that nothing in the lab can name it.
                if let Access::Lab { .. } = access {
                    let _ = prctl::set_dumpable(true);
                }
                if setns(namespace.as_fd(), flags((*kind).into())).is_ok() {
                    let _ = tells.write_all(&[0]);
                    let _ = end.read(&mut [0]);
                }
                std::process::exit(0);
            }
            ForkResult::Parent { child } => {
                drop((end, tells));
                let occupant = Self {
                    pid: child,
                    _stays: stays,
                };
                let told = joined.read_exact(&mut [0]);
                told.map_err(|_| OccupyError::Join)?;
                Ok(occupant)
            }
        }
    }

    /// The process, to be watched.
    pub(super) fn target(&self) -> Result<WatchTarget, WatchError> {
        let pidfd = sys::pidfd_open(self.pid).map_err(join("pidfd_open(occupant)"))?;
        WatchTarget::new(pidfd)
    }
}

impl Drop for Occupant {
    fn drop(&mut self) {
        let _ = kill(self.pid, Signal::SIGKILL);
        while waitpid(self.pid, None) == Err(Errno::EINTR) {}
    }
}
