//! Reads the map again and again; rarely while no program of the lab runs.
//!
//! Must not know what is on the map.

use std::time::Duration;

use super::messages::SeenReport;
use super::pace::{IN_VAIN, LookResult, Runs, processor_time};
use super::visitor::{WatchError, WatchTarget};
use crate::discovery::{Reader, Scope};
use crate::sandbox::entry::Access;

/// The least pause between two readings of the map, as a time, and as a multiple of the time that a reading takes:
/// so the map of an idle lab takes less than a five-hundredth of a processor.
const MAP_PERIOD: Duration = Duration::from_millis(500);
const MAP_PAUSE_FACTOR: u32 = 500;

pub(super) struct Mapping {
    reader: Reader,
    /// Looks without a sign of change since the map was read.
    in_vain: Option<u32>,
    ran: u64,
}

impl Mapping {
    pub(super) fn new(target: &WatchTarget, access: Access) -> Result<Self, WatchError> {
        let scope = match access {
            Access::Lab { .. } => Scope::Lab { first: target.pid },
            Access::Machine => Scope::Machine,
        };
        Ok(Self {
            reader: Reader::new(scope)?,
            in_vain: None,
            ran: 0,
        })
    }

    pub(super) fn look(&mut self, runs: &Runs) -> Result<LookResult, WatchError> {
        // On a busy machine a look waits longer than it works.
        let begun = processor_time();
        let may_have_run = self.ran != runs.count;
        self.ran = runs.count;
        let seen = match &mut self.in_vain {
            Some(in_vain) if !may_have_run && *in_vain < IN_VAIN => {
                *in_vain += 1;
                None
            }
            in_vain => {
                *in_vain = Some(0);
                Some(SeenReport::Map(Box::new(self.reader.look()?)))
            }
        };
        let took = processor_time().saturating_sub(begun);
        let pause = MAP_PERIOD.max(took * MAP_PAUSE_FACTOR);
        Ok(LookResult { seen, pause })
    }
}
