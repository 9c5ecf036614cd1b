//! The helper of the next launch. It waits for its orders, so that the slowest work is done before a key
//! launches something.
//! A helper for the host's shell waits outside of the lab and still has all rights of nslab. A helper for a
//! container has a launcher that waits in the guard's namespaces, and has not entered the lab host yet. Must not
//! know what will be launched.

use std::io;

use crate::pty::session::Session;
use crate::sandbox::Side;
use crate::sandbox::environment::OutputTarget;
use crate::sandbox::lab::LabHost;
use crate::sandbox::launch::{ExpectedHelper, HeldProcess, OngoingLaunch};

/// The size of a terminal that shows nothing yet.
const COLS: u16 = 80;
const ROWS: u16 = 24;

/// The kind of launch that a waiting helper can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Launchable {
    HostShell,
    Container,
}

impl Launchable {
    /// The kind of launch for this side.
    pub(super) fn on(side: Side) -> Self {
        match side {
            Side::Host => Launchable::HostShell,
            Side::Container(_) => Launchable::Container,
        }
    }
}

/// A helper that waits. Dropping this ends it.
pub(super) struct WaitingHelper {
    next: Launchable,
    helper: HeldProcess,
    /// Its terminal, and its expected connection. `None` once it has its orders.
    waits: Option<(Session, ExpectedHelper)>,
}

impl WaitingHelper {
    /// For a container, the lab host must be ready.
    pub(super) fn start(lab: &LabHost, next: Launchable) -> io::Result<Self> {
        let helper = match next {
            Launchable::HostShell => lab.shell_helper(OutputTarget::Pane),
            Launchable::Container => lab.container_helper(OutputTarget::Pane),
        }?;
        let (session, helper, expected) = Session::spawn(helper, COLS, ROWS)?;
        Ok(Self {
            next,
            helper,
            waits: Some((session, expected)),
        })
    }

    /// Whether it can launch this, and has not ended.
    pub(super) fn can_launch(&self, next: Launchable) -> bool {
        self.next == next && !self.helper.has_ended()
    }

    /// Gives the helper its orders, and its terminal this size.
    pub(super) fn begin(
        mut self,
        orders: Vec<String>,
        to_join: Option<HeldProcess>,
        (cols, rows): (u16, u16),
    ) -> io::Result<(Session, OngoingLaunch)> {
        let (session, expected) = self.waits.take().ok_or(io::ErrorKind::NotFound)?;
        session.resize(cols, rows)?;
        let expected = ExpectedHelper {
            orders: Some(orders),
            to_join,
            ..expected
        };
        let mut launch = OngoingLaunch::of(expected, self.helper.clone());
        // The helper starts at once. If this fails, the events of the launch show it.
        let _ = launch.greet();
        Ok((session, launch))
    }
}

impl Drop for WaitingHelper {
    fn drop(&mut self) {
        if let Some((mut session, _)) = self.waits.take() {
            self.helper.kill();
            session.wait_for_helper();
        }
    }
}
