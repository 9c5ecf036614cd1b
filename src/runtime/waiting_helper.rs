//! The helper of the next launch, which waits for its orders: when a key launches a container, what takes
//! the longest has been done.
//!
//! It has done nothing in the lab yet, nor dropped any right: it is a process of the machine, like nslab.
//! Must not know what will be launched.

use std::io;

use crate::pty::session::Session;
use crate::sandbox::environment::OutputTarget;
use crate::sandbox::lab::LabHost;
use crate::sandbox::launch::{Expected, HeldProcess, Launch};

/// The size of a terminal that shows nothing yet.
const COLS: u16 = 80;
const ROWS: u16 = 24;

/// Dropped, it ends the helper.
pub(super) struct WaitingHelper {
    helper: HeldProcess,
    /// Until it gets its orders.
    waits: Option<(Session, Expected)>,
}

impl WaitingHelper {
    pub(super) fn start(lab: &LabHost) -> io::Result<Self> {
        let helper = lab.waiting_helper(OutputTarget::Pane)?;
        let (session, helper, expected) = Session::spawn(helper, COLS, ROWS)?;
        Ok(Self {
            helper,
            waits: Some((session, expected)),
        })
    }

    /// Whether nothing has ended it.
    pub(super) fn is_there(&self) -> bool {
        !self.helper.has_ended()
    }

    /// Gives it its orders, and a terminal of this size.
    pub(super) fn begin(
        mut self,
        orders: Vec<String>,
        to_join: Option<HeldProcess>,
        (cols, rows): (u16, u16),
    ) -> io::Result<(Session, Launch)> {
        let (session, expected) = self.waits.take().ok_or(io::ErrorKind::NotFound)?;
        session.resize(cols, rows)?;
        let expected = Expected {
            orders: Some(orders),
            to_join,
            ..expected
        };
        let mut launch = Launch::of(expected, self.helper.clone());
        // It starts at once. Where this fails, whoever follows the launch will see.
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
