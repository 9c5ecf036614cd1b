//! Writes the learner's progress to the disk, on a thread of its own: a slow disk keeps nobody waiting.

use std::io;
use std::sync::mpsc::{self, channel};
use std::thread::{self, JoinHandle};

use super::incoming::Reporter;
use crate::app::{Msg, ProgressEvent};
use crate::progress::{Course, Store};

/// Dropping this waits until the last course is written.
#[derive(Debug)]
pub(super) struct ProgressWriter {
    courses: Option<mpsc::Sender<Course>>,
    thread: Option<JoinHandle<()>>,
}

impl ProgressWriter {
    /// Starts the thread, which reports through `reporter` when progress can't be written, and when it
    /// can again. `loaded` is what is on the disk already.
    pub(super) fn start(store: Store, loaded: Course, reporter: Reporter) -> io::Result<Self> {
        let (courses, to_write) = channel::<Course>();
        let mut writer = CourseWriter {
            store,
            written: loaded,
            unwritten: None,
        };
        let write = move || {
            while let Ok(mut course) = to_write.recv() {
                // Skip courses that a later one has replaced already.
                while let Ok(later) = to_write.try_recv() {
                    course = later;
                }
                if let Some(message) = writer.write(course) {
                    reporter.send(message);
                }
            }
            // The disk may have room now.
            if let Some(course) = writer.unwritten.take() {
                writer.write(course);
            }
        };
        let thread = thread::Builder::new().spawn(write)?;
        Ok(Self {
            courses: Some(courses),
            thread: Some(thread),
        })
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

/// The course on the disk, and the one that could not be written.
struct CourseWriter {
    store: Store,
    written: Course,
    unwritten: Option<Course>,
}

impl CourseWriter {
    /// Returns a message if writing fails, or works again.
    fn write(&mut self, course: Course) -> Option<Msg> {
        match self.store.keep(&self.written, &course) {
            Ok(()) => {
                self.written = course;
                self.unwritten
                    .take()
                    .map(|_| Msg::Progress(ProgressEvent::Saved))
            }
            Err(error) => {
                self.unwritten = Some(course);
                let why = error.to_string();
                Some(Msg::Progress(ProgressEvent::NotSaved { why }))
            }
        }
    }
}
