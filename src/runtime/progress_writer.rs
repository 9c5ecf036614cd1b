//! Writes the learner's progress to the disk, on a thread of its own: a slow disk keeps nobody waiting.

use std::sync::mpsc::{self, channel};
use std::thread::{self, JoinHandle};

use super::incoming::Reporter;
use crate::app::Msg;
use crate::progress::{Course, Store};

/// Dropped, it waits until the last course is written.
#[derive(Debug)]
pub(super) struct ProgressWriter {
    courses: Option<mpsc::Sender<Course>>,
    thread: Option<JoinHandle<()>>,
}

impl ProgressWriter {
    /// Starts the thread, which reports write errors through `reporter`.
    pub(super) fn start(store: Store, reporter: Reporter) -> Self {
        let (courses, to_write) = channel::<Course>();
        let thread = thread::spawn(move || {
            while let Ok(mut course) = to_write.recv() {
                // Skip courses that a later one has replaced already.
                while let Ok(later) = to_write.try_recv() {
                    course = later;
                }
                if let Err(error) = store.keep(&course) {
                    let why = error.to_string();
                    reporter.send(Msg::NotKept { why });
                }
            }
        });
        Self {
            courses: Some(courses),
            thread: Some(thread),
        }
    }

    pub(super) fn write(&self, course: Course) {
        if let Some(courses) = &self.courses {
            // A thread that has ended has reported why.
            let _ = courses.send(course);
        }
    }
}

impl Drop for ProgressWriter {
    fn drop(&mut self) {
        self.courses = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
