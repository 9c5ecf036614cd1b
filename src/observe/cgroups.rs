//! The tree of cgroups that a side's `/sys/fs/cgroup` shows, as plain data.

use serde::{Deserialize, Serialize};

/// The cgroups below the place where the side has the tree mounted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cgroups {
    /// Parents before their children.
    pub all: Vec<Cgroup>,
    /// The number of cgroups that were not read, without those below them.
    pub left_out: usize,
}

/// A cgroup; cgroups(7).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cgroup {
    /// The path from where the tree is mounted: `/` is its top.
    pub path: String,
    /// The first of its processes, by their ids in the watcher's PID namespace, and how many it has.
    pub processes: Vec<i32>,
    pub count: usize,
    /// How the side's own cgroup namespace shows its path: `/` at the namespace's root, `/../box` beside
    /// it. Known only where a process is in it.
    pub seen_as: Option<String>,
    /// In bytes. `None` without a limit, or without the controller.
    pub memory_max: Option<u64>,
    /// The most processes and threads. `None` as above.
    pub pids_max: Option<u64>,
    /// How many processes and threads are in it and below it.
    pub pids_current: Option<u64>,
}
