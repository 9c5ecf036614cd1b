//! Finds the network namespace that the other end of a link is in.
//! rtnetlink(7) names that namespace by a number, which has a meaning only in our own network namespace. If
//! we may look into no process of that namespace, it stays unknown. No file is kept open, as an open file
//! would keep a namespace alive. Must not know whose links they are.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::os::fd::AsFd;

use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{Mode, fstatat};

use super::pids;
use crate::namespace::NamespaceId;
use crate::rtnetlink;

/// The namespaces that have these numbers in our network namespace.
pub(super) fn namespaces(numbers: &BTreeSet<i32>) -> BTreeMap<i32, NamespaceId> {
    let mut found = BTreeMap::new();
    let directory = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_PATH;
    let proc = (!numbers.is_empty()).then(|| open("/proc", directory, Mode::empty()));
    let Some(Ok(proc)) = proc else { return found };
    let mut pids = pids(&proc).unwrap_or_default();
    // The processes of a lab are younger than most others.
    pids.sort_unstable_by(|one, other| other.cmp(one));
    let mut seen = HashSet::new();
    for path in pids.into_iter().map(|pid| format!("{pid}/ns/net")) {
        if found.len() == numbers.len() {
            break;
        }
        // A look at the link takes less than opening the file: most processes share a few namespaces.
        let Ok(link) = fstatat(&proc, path.as_str(), AtFlags::empty()) else {
            continue;
        };
        if seen.contains(&NamespaceId::of(&link)) {
            continue;
        }
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let Ok(namespace) = openat(&proc, path.as_str(), flags, Mode::empty()) else {
            continue;
        };
        // Ask the opened file, not the link: a process such as a watcher may have changed its namespace since.
        let Some(id) = NamespaceId::of_file(&namespace) else {
            continue;
        };
        seen.insert(id);
        if let Ok(Some(number)) = rtnetlink::number_of_namespace(namespace.as_fd())
            && numbers.contains(&number)
        {
            found.insert(number, id);
        }
    }
    found
}
