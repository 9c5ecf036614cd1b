//! Reads the tree of cgroups that a side sees at `/sys/fs/cgroup`.
//!
//! The learner makes cgroups, and may mount something over one: other mounts are left out, and the number that
//! is read is limited. Must not know why it is asked.

use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, OwnedFd};

use nix::dir::{Dir, Type};
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::sys::statfs::FsType;

use super::{MOST_NAMES, SideReader, cgroup_path};
use crate::observe::cgroups::{Cgroup, Cgroups};
use crate::sys;

/// `CGROUP2_SUPER_MAGIC`; statfs(2).
const CGROUP2: FsType = FsType(0x6367_7270);
const PLACE: &CStr = c"sys/fs/cgroup";
/// The most cgroups that are read: a lab has a handful, and a machine hundreds.
const MOST_CGROUPS: usize = 64;
/// The most cgroups that are read in addition, on the path to the side's own cgroup.
const DEEPEST: usize = 32;
/// The most processes of a cgroup that are listed; the others are only counted.
const MOST_PROCESSES: usize = 256;
/// Bytes of `cgroup.procs`.
const MOST_BYTES: u64 = 64 * 1024;
/// Bytes of a file that holds one number.
const NUMBER: u64 = 32;

impl SideReader {
    /// `None` where no such tree is mounted, as on a machine without cgroup v2.
    pub(super) fn cgroups(&self) -> Option<Cgroups> {
        let top = self.below_root(PLACE, CGROUP2)?;
        let own = cgroup_path(&self.read("cgroup").unwrap_or_default());
        Some(walk(top, &own))
    }
}

/// A directory that is still to be read.
struct Open {
    directory: OwnedFd,
    path: String,
}

/// The tree from this directory. The cgroups on the way to `own` come first, then those nearest to the top.
fn walk(top: OwnedFd, own: &str) -> Cgroups {
    let mut found = Cgroups::default();
    let mut open = VecDeque::from([Open {
        directory: top,
        path: "/".to_owned(),
    }]);
    while let Some(here) = open.pop_front() {
        found.all.push(cgroup(&here));
        for (name, path, is_on_the_way) in below(&here, own) {
            let room = if is_on_the_way {
                MOST_CGROUPS + DEEPEST
            } else {
                MOST_CGROUPS
            };
            if found.all.len() + open.len() >= room {
                found.left_out += 1;
                continue;
            }
            let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
            // The cgroup may be gone, unreadable, or covered by another mount.
            let Ok(directory) = sys::open_on_same_mount(here.directory.as_fd(), &name, flags)
            else {
                continue;
            };
            let next = Open { directory, path };
            if is_on_the_way {
                open.push_front(next);
            } else {
                open.push_back(next);
            }
        }
    }
    let names = |it: &Cgroup| it.path.split('/').map(str::to_owned).collect::<Vec<_>>();
    found.all.sort_by_cached_key(names);
    found
}

/// The cgroups in this one: name, path, and whether it is on the path to `own`. That one comes first.
fn below(here: &Open, own: &str) -> Vec<(CString, String, bool)> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let Ok(mut entries) = Dir::openat(&here.directory, ".", flags, Mode::empty()) else {
        return Vec::new();
    };
    let entries = entries.iter().flatten();
    let names = entries
        .filter(|entry| entry.file_type() == Some(Type::Directory))
        .map(|entry| entry.file_name().to_owned())
        .filter(|name| name.as_c_str() != c"." && name.as_c_str() != c"..");
    let outer = here.path.trim_end_matches('/');
    let mut all: Vec<_> = names
        .take(MOST_NAMES)
        .map(|name| {
            let path = format!("{outer}/{}", name.to_string_lossy());
            let is_on_the_way = format!("{own}/").starts_with(&format!("{path}/"));
            (name, path, is_on_the_way)
        })
        .collect();
    all.sort_by(|one, other| other.2.cmp(&one.2).then_with(|| one.0.cmp(&other.0)));
    all
}

fn cgroup(here: &Open) -> Cgroup {
    let text = |name, most| text(&here.directory, name, most).unwrap_or_default();
    let number = |name| text(name, NUMBER).trim().parse().ok();
    let all = text(c"cgroup.procs", MOST_BYTES);
    let processes = all.lines().filter_map(|line| line.parse().ok());
    // A process of an outer PID namespace has no pid here.
    let mut processes: Vec<i32> = processes.filter(|pid| *pid > 0).collect();
    processes.truncate(MOST_PROCESSES);
    Cgroup {
        path: here.path.clone(),
        count: all.lines().count(),
        seen_as: processes.first().copied().and_then(seen_as),
        processes,
        memory_max: number(c"memory.max"),
        pids_max: number(c"pids.max"),
        pids_current: number(c"pids.current"),
    }
}

/// The path of a process's cgroup, as our present cgroup namespace shows it.
fn seen_as(pid: i32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    Some(cgroup_path(&text))
}

fn text(directory: &OwnedFd, name: &CStr, most: u64) -> Option<String> {
    let file = sys::open_on_same_mount(directory.as_fd(), name, libc::O_RDONLY).ok()?;
    super::text(file, most)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use nix::fcntl::open;

    use super::*;

    /// A directory as cgroup v2 would show one.
    fn make(at: &Path, files: &[(&str, &str)]) {
        fs::create_dir_all(at).unwrap();
        for (name, text) in files {
            fs::write(at.join(name), text).unwrap();
        }
    }

    fn read(top: &Path, own: &str) -> Cgroups {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
        walk(open(top, flags, Mode::empty()).unwrap(), own)
    }

    #[test]
    fn limits_and_processes_are_those_of_the_files() {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path();
        let ours = std::process::id();
        make(top, &[("cgroup.procs", "")]);
        let box_files = [
            ("cgroup.procs", format!("{ours}\n0\n")),
            ("memory.max", "33554432\n".to_owned()),
            ("pids.max", "max\n".to_owned()),
            ("pids.current", "3\n".to_owned()),
        ];
        let box_files: Vec<_> = box_files.iter().map(|(a, b)| (*a, b.as_str())).collect();
        make(&top.join("box"), &box_files);
        make(&top.join("box/in it"), &[]);
        make(&top.join("box.2"), &[]);
        let found = read(top, "/");
        let paths: Vec<&str> = found.all.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["/", "/box", "/box/in it", "/box.2"]);
        assert_eq!(found.left_out, 0);
        let ours = ours.cast_signed();
        assert_eq!(
            found.all[1],
            Cgroup {
                path: "/box".to_owned(),
                processes: vec![ours],
                count: 2,
                seen_as: seen_as(ours),
                memory_max: Some(33_554_432),
                pids_max: None,
                pids_current: Some(3),
            }
        );
        let empty = Cgroup {
            path: "/".to_owned(),
            ..Cgroup::default()
        };
        assert_eq!(found.all[0], empty);
    }

    /// Of any number of cgroups, a bounded number is read, and the side's own cgroup is among them.
    #[test]
    fn of_many_the_way_to_the_own_one_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path();
        for number in 0..200 {
            make(&top.join(format!("a{number}/deeper")), &[]);
        }
        make(&top.join("z/y/x"), &[]);
        let found = read(top, "/z/y/x");
        assert_eq!(found.all.len(), MOST_CGROUPS + 2);
        assert!(found.left_out > 0);
        assert!(found.all.iter().any(|it| it.path == "/z/y/x"), "{found:?}");
    }

    #[test]
    fn what_is_no_cgroup_tree_is_none() {
        // Here nothing of cgroup v2 is on the root itself.
        let reader = SideReader::new(std::process::id().cast_signed()).unwrap();
        assert!(reader.below_root(c"proc", CGROUP2).is_none());
    }
}
