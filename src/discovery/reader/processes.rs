//! Reads one process: its pids, its name, the namespaces that it is in and those that its open files keep.
//!
//! Must not know which process is read when.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat};
use nix::sys::stat::{Mode, fstatat};

use super::{Reader, read};
use crate::discovery::map::{Holder, Process};
use crate::discovery::sockets::SocketsOf;
use crate::namespace::{Namespace, NamespaceId};
use crate::sys;

/// The most open files of a process that are looked at.
const MOST_FILES: usize = 4096;
#[derive(Debug)]
pub(super) enum SeenProcess {
    /// It is not in the lab.
    Outside,
    /// The reader may not see its namespaces.
    Refused,
    Read(Box<ReadProcess>),
}

#[derive(Debug, PartialEq)]
pub(super) struct ReadProcess {
    pub(super) process: Process,
    /// Its open files; none where the reader may not see them.
    pub(super) open: Option<OpenFiles>,
}

/// The namespaces that open files of a process keep.
#[derive(Debug, Default, PartialEq)]
pub(super) struct OpenFiles {
    namespaces: Vec<(Namespace, NamespaceId, Holder)>,
    /// Sockets whose network namespace the reader may not see.
    pub(super) refused: usize,
}

impl Reader {
    /// Reads a process; none if it has ended.
    pub(super) fn process(&self, pid: i32) -> Option<SeenProcess> {
        let mut namespaces = BTreeMap::new();
        for kind in Namespace::ALL {
            // Read the link, as stat(2) is slower: for it, the kernel would have to make an inode.
            let path = format!("{pid}/ns/{}", kind.name());
            match readlinkat(&self.proc, path.as_str()) {
                Ok(link) => {
                    let (_, ino) = link.to_str().and_then(named)?;
                    namespaces.insert(kind, ino);
                }
                // In a lab the reader may see all its processes: this one is outside.
                Err(Errno::EACCES | Errno::EPERM) if self.base.is_some() => {
                    return Some(SeenProcess::Outside);
                }
                Err(Errno::EACCES | Errno::EPERM) => return Some(SeenProcess::Refused),
                // The kernel lacks the kind, or the process has ended.
                Err(_) => {}
            }
        }
        let innermost = *namespaces.get(&Namespace::Pid)?;
        let numbers = match &self.base {
            None if innermost == self.own_pid.ino => vec![pid],
            None => numbers(&self.proc, &pid.to_string())?,
            Some(base) => {
                let mut numbers = numbers(&self.proc, &pid.to_string())?;
                if numbers.len() <= base.level {
                    return Some(SeenProcess::Outside);
                }
                numbers.split_off(base.level)
            }
        };
        let name = read(&self.proc, &format!("{pid}/comm"))?;
        let directory = fstatat(&self.proc, pid.to_string().as_str(), AtFlags::empty());
        let process = Process {
            pid: numbers.first().copied()?,
            outside: pid,
            numbers,
            name: name.trim_end().to_owned(),
            uid: directory.ok()?.st_uid,
            namespaces,
        };
        let network = process.namespaces.get(&Namespace::Net).copied();
        let open = self.open_files(pid, process.pid, network);
        Some(SeenProcess::Read(Box::new(ReadProcess { process, open })))
    }

    /// The namespaces that a process keeps by its open files; none where the reader may not see them. `network` is the
    /// network namespace that it is in.
    fn open_files(&self, pid: i32, shown: i32, network: Option<u64>) -> Option<OpenFiles> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let path = format!("{pid}/fd");
        let mut directory = Dir::openat(&self.proc, path.as_str(), flags, Mode::empty()).ok()?;
        let numbers: Vec<i32> = directory
            .iter()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str().ok()?.parse().ok())
            .take(MOST_FILES)
            .collect();
        let mut sockets = SocketsOf::process(pid);
        let mut found = OpenFiles::default();
        for fd in numbers {
            // The link's text isn't enough: for a mounted namespace it is the mount point.
            let path = fd.to_string();
            let Ok((dev, _)) = sys::identity(directory.as_fd(), &path) else {
                continue;
            };
            let (file, holder) = if dev == self.device {
                let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
                let file = openat(directory.as_fd(), path.as_str(), flags, Mode::empty());
                (file, Holder::Descriptor { pid: shown, fd })
            } else if self.sockets == Some(dev) {
                let network = sockets.network(fd);
                (network, Holder::Socket { pid: shown, fd })
            } else {
                continue;
            };
            let is_socket = matches!(holder, Holder::Socket { .. });
            let namespace = match file {
                Ok(file) => file,
                Err(errno) => {
                    // In a lab the reader may see all its sockets: this one is nslab's.
                    let is_refused = errno == Errno::EPERM && self.base.is_none();
                    found.refused += usize::from(is_socket && is_refused);
                    continue;
                }
            };
            let Some(key) = NamespaceId::of_file(&namespace) else {
                continue;
            };
            // The process's own network namespace needs no socket to keep it.
            if is_socket && (Some(key.ino) == network || self.is_outside(key)) {
                continue;
            }
            let flag = sys::flag_of_namespace(namespace.as_fd());
            let kind = flag.ok().and_then(Namespace::of_flag);
            found
                .namespaces
                .extend(kind.map(|kind| (kind, key, holder)));
        }
        Some(found)
    }
}

impl ReadProcess {
    /// The namespaces that its open files keep.
    pub(super) fn kept(&self) -> impl Iterator<Item = &(Namespace, NamespaceId, Holder)> {
        self.open.iter().flat_map(|open| &open.namespaces)
    }

    /// The namespaces that it keeps.
    pub(super) fn keys(&self, dev: u64) -> impl Iterator<Item = NamespaceId> {
        let open = self.kept().map(|(_, key, _)| *key);
        let inodes = self.process.namespaces.values();
        inodes
            .map(move |ino| NamespaceId { dev, ino: *ino })
            .chain(open)
    }
}

/// A process's pid in each PID namespace; `NSpid` in proc_pid_status(5).
pub(super) fn numbers(proc: &OwnedFd, process: &str) -> Option<Vec<i32>> {
    let status = read(proc, &format!("{process}/status"))?;
    let numbers = status
        .lines()
        .find_map(|line| line.strip_prefix("NSpid:"))?;
    let numbers = numbers.split_whitespace();
    Some(numbers.filter_map(|number| number.parse().ok()).collect())
}

/// The kind and the inode in `net:[4026531840]`; none for other files.
pub(super) fn named(link: &str) -> Option<(Namespace, u64)> {
    let (kind, rest) = link.split_once(":[")?;
    let ino = rest.strip_suffix(']')?.parse().ok()?;
    Some((kind.parse().ok()?, ino))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_are_no_namespaces_are_none() {
        for (link, meant) in [
            ("net:[4026531840]", Some((Namespace::Net, 4_026_531_840))),
            ("socket:[4026531840]", None),
            ("/dev/null", None),
            ("net:[x]", None),
        ] {
            assert_eq!(named(link), meant, "{link}");
        }
    }
}
