//! Input from outside of the app, and how worker threads pass it to the loop.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

use nix::sys::eventfd::{EfdFlags, EventFd};

use super::sources::Source;
use crate::app::Msg;
use crate::poller::{Poller, Watched};

#[derive(Debug)]
pub(crate) enum Incoming {
    /// Passed on to the app unchanged.
    Msg(Msg),
    /// The learner's terminal has a new size.
    Resized,
    /// The learner's terminal can't be read any more.
    TerminalGone,
    /// A signal asks nslab to end.
    Signal(i32),
}

/// Sends a worker thread's messages to the app.
#[derive(Debug, Clone)]
pub(super) struct Reporter {
    messages: mpsc::Sender<Msg>,
    wake: Arc<EventFd>,
}

impl Reporter {
    /// Returns whether the lab is still there to receive the message.
    pub(super) fn send(&self, message: Msg) -> bool {
        self.messages.send(message).is_ok() && self.wake.write(1).is_ok()
    }
}

/// The poller of the loop, and the worker threads' messages to it.
pub(crate) struct Inbox {
    pub(super) poller: Poller<Source>,
    reporter: Reporter,
    /// The reports of worker threads.
    messages: Receiver<Msg>,
    wake: Watched<Arc<EventFd>, Source>,
}

impl Inbox {
    pub(crate) fn new() -> io::Result<Self> {
        let poller = Poller::new()?;
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let wake = Arc::new(EventFd::from_flags(flags)?);
        let (sender, messages) = mpsc::channel();
        let reporter = Reporter {
            messages: sender,
            wake: Arc::clone(&wake),
        };
        Ok(Self {
            wake: poller.watch(wake, Source::Workers)?,
            poller,
            reporter,
            messages,
        })
    }

    pub(super) fn reporter(&self) -> Reporter {
        self.reporter.clone()
    }

    /// Takes what worker threads have reported so far.
    pub(super) fn take_reports(&self) -> Vec<Msg> {
        // Before the messages: a report that comes in between wakes the loop again.
        let _ = self.wake.read();
        self.messages.try_iter().collect()
    }
}
