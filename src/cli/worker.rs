//! Threads of commands. If the system refuses a thread, that is an error and no panic.

use std::thread::{self, JoinHandle};

use anyhow::Context;

pub(super) fn start<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<JoinHandle<T>> {
    let thread = thread::Builder::new().spawn(work);
    thread.context("starting a thread")
}
