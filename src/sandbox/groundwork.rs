//! What a lab host needs before its first process: ids, a cgroup, and a copy of nslab to run.
//!
//! It takes some milliseconds, in which nslab can do something else: see [`Early`]. Must not know how the
//! lab host is made. Dropped, all of it is gone.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::panic;
use std::thread::{self, JoinHandle};

use nix::errno::Errno;

use super::call::Call;
use super::cgroup;
use super::guard::LabRoot;
use super::identity::Identity;
use super::ids::Ids;
use super::lab::LabError;
use super::sweeper::Sweeper;
use super::trace::errno;
use crate::sys;

/// The groundwork of one lab host.
#[derive(Debug)]
pub(super) struct Groundwork {
    pub(super) ids: Ids,
    /// Removes the lab's cgroup, if there is one.
    pub(super) cgroup: Option<Sweeper>,
    /// nslab's sealed copy.
    pub(super) binary: OwnedFd,
}

impl Groundwork {
    pub(super) fn lay(root: LabRoot) -> Result<Self, LabError> {
        let ids = match root {
            LabRoot::Own => Ids::choose(),
            // In there, any other id would have no rights.
            LabRoot::Machines => Ids::one(Identity::ours()),
        };
        let cgroup = cgroup::create(ids.identity());
        // The sweeper gets ready while we copy.
        let sweeper = cgroup.map(Sweeper::of_cgroup).transpose();
        let mut cgroup = sweeper.map_err(LabError::on_machine("starting the sweeper"))?;
        let binary = sealed_copy().map_err(not_copied)?;
        if let Some(sweeper) = &mut cgroup {
            sweeper.wait_until_ready();
        }
        Ok(Self {
            ids,
            cgroup,
            binary,
        })
    }
}

/// Groundwork that a thread lays, for a lab host that will probably be made.
///
/// No process may be started before it is done: nslab moves out of its cgroup with the processes that it
/// knows of. Where it is dropped unused, that waits until it is done.
#[derive(Debug)]
pub struct Early {
    root: LabRoot,
    thread: Option<JoinHandle<Result<Groundwork, LabError>>>,
}

impl Early {
    /// `None` where no thread can be started.
    pub(super) fn start(root: LabRoot) -> Option<Self> {
        let thread = thread::Builder::new().name("groundwork".to_owned());
        let thread = thread.spawn(move || Groundwork::lay(root)).ok()?;
        let thread = Some(thread);
        Some(Self { root, thread })
    }

    /// Waits until it is done. `None` if it is that of another kind of lab host.
    pub(super) fn finish(mut self, root: LabRoot) -> Option<Result<Groundwork, LabError>> {
        let thread = self.thread.take_if(|_| self.root == root)?;
        Some(
            thread
                .join()
                .unwrap_or_else(|panic| panic::resume_unwind(panic)),
        )
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// nslab's binary, copied to memory and sealed. Where the learner is root, the machine's file must
/// not run: `chmod 4777 /proc/1/exe` would reach it. Besides, the lab's user may not be able to
/// read it.
fn sealed_copy() -> io::Result<OwnedFd> {
    let mut binary = File::open("/proc/self/exe")?;
    sys::sealed_memfd(c"nslab", |copy| io::copy(&mut binary, copy).map(drop))
}

/// A sysctl or a filter can forbid programs in memory; whatever else fails is the copy.
fn not_copied(error: io::Error) -> LabError {
    match errno(&error) {
        Errno::EPERM | Errno::EACCES | Errno::ENOSYS => {
            LabError::refused(Call::MemfdCreate, &error)
        }
        _ => LabError::on_machine("copying nslab into memory")(error),
    }
}
