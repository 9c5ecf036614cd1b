//! A helper's reports of its launch, as a source of a poller.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use crate::poller::{Poller, Watched};
use crate::sandbox::launch::{Event, HeldProcess, OngoingLaunch, Progress};

/// A launch and the sources to follow it by. The tokens of its reports and of its helper's end may be equal.
pub(crate) struct LaunchReports<T> {
    launch: OngoingLaunch,
    /// The source that the launch waits for now.
    source: Option<Watched<OwnedFd, T>>,
    pub(crate) helper: Watched<HeldProcess, T>,
    token: T,
    poller: Poller<T>,
}

impl<T: Copy + Ord> LaunchReports<T> {
    pub(crate) fn watch(
        launch: OngoingLaunch,
        poller: &Poller<T>,
        token: T,
        end_token: T,
    ) -> io::Result<Self> {
        let mut reports = Self {
            source: None,
            helper: poller.watch(launch.helper().clone(), end_token)?,
            launch,
            token,
            poller: poller.clone(),
        };
        reports.watch_source()?;
        Ok(reports)
    }

    fn watch_source(&mut self) -> io::Result<()> {
        let source = self
            .launch
            .source()
            .map(|source| source.try_clone_to_owned());
        let watch = |source| self.poller.watch(source, self.token);
        self.source = source.transpose()?.map(watch).transpose()?;
        Ok(())
    }

    /// When to call `events`, even if nothing is readable.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.launch.deadline()
    }

    /// The events of the launch since the last call.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        let expected = self.deadline().is_some();
        let mut events = Vec::new();
        let progress = self.launch.take(&mut |event| events.push(event));
        // Once the helper has connected, its reports come through another descriptor.
        let connected = expected && self.deadline().is_none();
        if (connected || progress == Progress::Over) && self.watch_source().is_err() {
            // If this fails, everything is read when the helper has ended.
            self.source = None;
        }
        events
    }
}
