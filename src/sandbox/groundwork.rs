//! The groundwork of a lab host, which it needs before its first process: ids and a cgroup.
//! To prepare them takes some milliseconds, in which nslab can do something else; see [`EarlyGroundwork`]. Dropping
//! the groundwork gives the ids and the cgroup back. Must not know how the lab host is made.

use std::panic;
use std::thread::{self, JoinHandle};

use super::cgroup;
use super::identity::LabIdentity;
use super::ids::{LabIds, LabRoot};
use super::lab::LabError;
use super::sweeper::Sweeper;

/// The groundwork of one lab host.
#[derive(Debug)]
pub(super) struct Groundwork {
    pub(super) ids: LabIds,
    /// Removes the lab's cgroup, if there is one.
    pub(super) cgroup: Option<Sweeper>,
}

impl Groundwork {
    pub(super) fn lay(root: LabRoot) -> Result<Self, LabError> {
        let ids = match root {
            LabRoot::Own => LabIds::choose(),
            // Any other id would have no rights in the machine's user namespace.
            LabRoot::Machines => LabIds::one(LabIdentity::ours()),
        };
        let cgroup = cgroup::create(ids.identity());
        let sweeper = cgroup.map(Sweeper::of_cgroup).transpose();
        let mut cgroup = sweeper.map_err(LabError::on_machine("starting the sweeper"))?;
        if let Some(sweeper) = &mut cgroup {
            sweeper.wait_until_ready();
        }
        Ok(Self { ids, cgroup })
    }
}

/// Groundwork that a thread prepares, for a lab host that will probably be made.
/// Start no process before the thread is done: nslab may move to another cgroup, and takes only the
/// processes along that it knows. Dropping this unused waits for the thread.
#[derive(Debug)]
pub struct EarlyGroundwork {
    root: LabRoot,
    thread: Option<JoinHandle<Result<Groundwork, LabError>>>,
}

impl EarlyGroundwork {
    /// `None` where no thread can be started.
    pub(super) fn start(root: LabRoot) -> Option<Self> {
        let thread = thread::Builder::new().name("groundwork".to_owned());
        let thread = thread.spawn(move || Groundwork::lay(root)).ok()?;
        let thread = Some(thread);
        Some(Self { root, thread })
    }

    /// Waits until the thread is done. `None` if the groundwork is for another kind of lab host.
    pub(super) fn finish(mut self, root: LabRoot) -> Option<Result<Groundwork, LabError>> {
        let thread = self.thread.take_if(|_| self.root == root)?;
        Some(
            thread
                .join()
                .unwrap_or_else(|panic| panic::resume_unwind(panic)),
        )
    }
}

impl Drop for EarlyGroundwork {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
