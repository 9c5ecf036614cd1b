//! Progress on its way to the disk: a thread of its own, so that a slow one keeps nobody waiting.

use std::sync::mpsc::{Sender, SyncSender, channel};
use std::thread::{self, JoinHandle};

use super::Happening;
use crate::progress::{Course, Store};

/// Keeps what it is given. Dropped, it has kept the last of it.
#[derive(Debug)]
pub struct Keeping {
    courses: Option<Sender<Course>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeping {
    /// Keeps courses in this store; what goes wrong is told.
    pub fn start(store: Store, tell: SyncSender<Happening>) -> Self {
        let (courses, to_keep) = channel::<Course>();
        let thread = thread::spawn(move || {
            while let Ok(mut course) = to_keep.recv() {
                // Only the last of what came meanwhile is worth the disk's time.
                while let Ok(later) = to_keep.try_recv() {
                    course = later;
                }
                if let Err(error) = store.keep(&course) {
                    let _ = tell.try_send(Happening::NotKept(error.to_string()));
                }
            }
        });
        Self {
            courses: Some(courses),
            thread: Some(thread),
        }
    }

    /// Keeps a course.
    pub fn keep(&self, course: Course) {
        if let Some(courses) = &self.courses {
            // A thread that is gone has told why.
            let _ = courses.send(course);
        }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.courses = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
