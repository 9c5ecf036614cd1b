//! Writes the learner's progress to the disk, on a thread of its own: a slow disk keeps nobody waiting.

use std::io;

use super::incoming::Reporter;
use super::worker::Worker;
use crate::app::{Msg, ProgressEvent};
use crate::progress::{Course, Store};

/// Starts the thread, which reports through `reporter` when progress can't be written, and when it
/// can again. `loaded` is what is on the disk already.
pub(super) fn start(
    store: Store,
    loaded: Course,
    reporter: Reporter,
) -> io::Result<Worker<Course>> {
    let mut writer = CourseWriter {
        store,
        written: loaded,
        unwritten: None,
    };
    Worker::start(move |course: Option<Course>| {
        // At the end, the disk may have room for one that it had none for.
        let course = course.or_else(|| writer.unwritten.take());
        if let Some(message) = course.and_then(|course| writer.write(course)) {
            reporter.send(message);
        }
    })
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
