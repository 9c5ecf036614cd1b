//! A worker thread that handles only the newest item, so that nothing else waits for the work.
//!
//! Must not know the work.

use std::io;
use std::sync::mpsc::{self, channel};
use std::thread::{self, JoinHandle};

/// Dropping this waits until the last work is done.
#[derive(Debug)]
pub(super) struct Worker<T> {
    given: Option<mpsc::Sender<T>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts the thread. Before the thread ends, it calls `work` once with `None`.
    pub(super) fn start(mut work: impl FnMut(Option<T>) + Send + 'static) -> io::Result<Self> {
        let (given, to_do) = channel();
        let run = move || {
            while let Ok(next) = to_do.recv() {
                // Skip items that a later one has replaced already.
                work(Some(to_do.try_iter().last().unwrap_or(next)));
            }
            work(None);
        };
        Ok(Self {
            given: Some(given),
            thread: Some(thread::Builder::new().spawn(run)?),
        })
    }

    pub(super) fn give(&self, value: T) {
        if let Some(given) = &self.given {
            // A thread that has ended has reported why.
            let _ = given.send(value);
        }
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.given = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
