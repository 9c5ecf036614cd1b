//! Steps as they are taken: each call is timed and reported with the kernel's answer.
//!
//! Owns how a helper tells what it does. Must not know what the steps are for.

use std::time::Instant;

use nix::errno::Errno;

use super::channel::{Channel, Message};
use super::report::Step;
use crate::machine::Facts;

/// A step that the kernel refused; the report has said so already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {errno}")]
pub struct Refused {
    /// The call, as [`Step::call`].
    pub call: String,
    /// The kernel's answer.
    pub errno: Errno,
}

/// Takes steps and reports them.
#[derive(Debug)]
pub struct Tracer {
    channel: Channel,
}

impl Tracer {
    /// Reports over `channel`.
    pub fn new(channel: Channel) -> Self {
        Self { channel }
    }

    /// The channel that steps are reported over.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Takes a step that the rest depends on.
    pub fn step<T, E: Into<Errno>>(
        &mut self,
        call: impl Into<String>,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, Refused> {
        let call = call.into();
        let start = Instant::now();
        let answer = act().map_err(Into::into);
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let errno = answer.as_ref().err().map(|errno| *errno as i32);
        let step = Step {
            call: call.clone(),
            errno,
            micros,
        };
        let message = if step.worked() {
            Message::Step(step)
        } else {
            // Gathered here: what decided is true of this process, at this moment.
            Message::Refused(step, Box::new(Facts::here()))
        };
        // Nobody listens any more once nslab is gone; then this process is about to end as well.
        let _ = self.channel.send(&message);
        answer.map_err(|errno| Refused { call, errno })
    }
}

/// The errno behind an I/O error; EIO where it has none.
pub fn errno(error: &std::io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}
