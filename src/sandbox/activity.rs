//! Whether a program of the lab has run, as the kernel counts it for the lab's cgroup.
//!
//! Owns one file of the cgroup and what it said last. Must not know who wants to know.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// More than the file holds: a short line for each kind of time.
const MOST: usize = 1024;

/// The processor time of all programs of a lab. They can't leave its cgroup, and can't reach the file;
/// cgroups(7).
#[derive(Debug)]
pub(crate) struct Activity {
    stat: File,
    seen: Vec<u8>,
}

impl Activity {
    /// The activity of a lab from now on.
    pub(crate) fn of_lab(cgroup: &Path) -> io::Result<Self> {
        let mut activity = Self {
            stat: File::open(cgroup.join("cpu.stat"))?,
            seen: Vec::new(),
        };
        activity.is_news();
        Ok(activity)
    }

    /// Whether a program of the lab may have run since this was asked last.
    pub(crate) fn is_news(&mut self) -> bool {
        let mut now = vec![0; MOST];
        let Ok(length) = self.stat.read_at(&mut now, 0) else {
            return true;
        };
        now.truncate(length);
        let news = now != self.seen;
        self.seen = now;
        news
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Command, Stdio};

    use super::super::cgroup;
    use super::super::identity::Identity;
    use super::*;

    #[test]
    fn a_program_of_the_lab_that_runs_is_news_once() {
        let Some(held) = cgroup::create(Identity::ours()) else {
            eprintln!("no cgroup of cgroup v2 may be made here: this belongs to the root run");
            return;
        };
        let mut cat = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let programs = cgroup::of_programs(held.path()).join("cgroup.procs");
        fs::write(programs, cat.id().to_string()).unwrap();
        let mut activity = Activity::of_lab(held.path()).unwrap();
        drop(cat.stdin.take());
        cat.wait().unwrap();
        assert!(activity.is_news());
        assert!(!activity.is_news());
        cgroup::remove(held.path());
    }
}
