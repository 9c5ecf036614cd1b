//! Whether a program of the lab has run, as the kernel counts it for the lab's cgroup.
//!
//! Owns the cgroup's `cpu.stat` and its last content. Must not know who asks.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Longer than `cpu.stat`, in bytes.
const MOST: usize = 1024;

/// The processor time of all programs of a lab. They can't leave its cgroup, and can't reach the file;
/// cgroups(7).
#[derive(Debug)]
pub(crate) struct Activity {
    stat: File,
    seen: Vec<u8>,
}

impl Activity {
    /// Begins to compare with the file as it is now.
    pub(crate) fn of_lab(cgroup: &Path) -> io::Result<Self> {
        let mut activity = Self {
            stat: File::open(cgroup.join("cpu.stat"))?,
            seen: Vec::new(),
        };
        activity.may_have_run();
        Ok(activity)
    }

    /// Whether a program of the lab may have run since the last call; true if the file can't be read.
    pub(crate) fn may_have_run(&mut self) -> bool {
        let mut now = vec![0; MOST];
        let Ok(length) = self.stat.read_at(&mut now, 0) else {
            return true;
        };
        now.truncate(length);
        let differs = now != self.seen;
        self.seen = now;
        differs
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Command, Stdio};

    use super::super::cgroup;
    use super::super::identity::LabIdentity;
    use super::*;

    #[test]
    fn a_program_of_the_lab_that_runs_is_seen_once() {
        let Some(held) = cgroup::create(LabIdentity::ours()) else {
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
        assert!(activity.may_have_run());
        assert!(!activity.may_have_run());
        cgroup::remove(held.path());
    }
}
