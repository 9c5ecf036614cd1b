//! Reads the mount table of each mount namespace: the namespaces that are mounted in it, and its peer groups.
//!
//! It reads mountinfo, all mounts at once: statmount(2) reads one mount at a time, and takes 1.5 times as long
//! for 20 mounts, more than twice as long for 1,000. Must not know how a process was found.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use super::processes::named;
use super::{FILE, Reader};
use crate::discovery::access_path::AccessPath;
use crate::discovery::map::{Holder, PeerGroups};
use crate::namespace::{Namespace, NamespaceId};

/// The most bytes of a mount table that are read. In a lab, the learner controls its length.
const MOUNT_TABLE: u64 = 4 << 20;

/// The mount table of a mount namespace.
#[derive(Debug)]
pub(super) struct Table {
    /// The process that it was read through.
    pub(super) pid: i32,
    /// None where the reader may not see it.
    pub(super) read: Option<MountTable>,
}

#[derive(Debug, Default)]
pub(super) struct MountTable {
    pub(super) holders: Vec<(Namespace, NamespaceId, Holder)>,
    pub(super) groups: PeerGroups,
}

impl Reader {
    /// Reads the mount table of each mount namespace, through one process in it.
    pub(super) fn read_mount_tables(&mut self, due: &HashSet<i32>) {
        let mut through: BTreeMap<NamespaceId, (i32, i32)> = BTreeMap::new();
        for (pid, read) in self.read_processes() {
            if let Some(ino) = read.process.namespaces.get(&Namespace::Mnt) {
                let pids = (pid, read.process.pid);
                let best = through.entry(self.key(*ino)).or_insert(pids);
                *best = pids.min(*best);
            }
        }
        let mut last = std::mem::take(&mut self.tables);
        for (key, (pid, shown)) in through {
            let table = match last.remove(&key) {
                Some(table) if table.pid == pid && !due.contains(&pid) => table,
                _ => Table {
                    pid,
                    read: self.mount_table(pid, shown),
                },
            };
            for (kind, key, holder) in table.read.iter().flat_map(|it| &it.holders) {
                if !self.facts.contains_key(key) {
                    let namespace = AccessPath::of(holder).open(&self.proc, pid, *kind, *key);
                    self.learn_if_open(*kind, *key, namespace);
                }
            }
            self.tables.insert(key, table);
        }
    }

    fn mount_table(&self, pid: i32, shown: i32) -> Option<MountTable> {
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let path = format!("{pid}/mountinfo");
        let file = openat(&self.proc, path.as_str(), flags, Mode::empty()).ok()?;
        let mut text = Vec::with_capacity(FILE);
        File::from(file)
            .take(MOUNT_TABLE)
            .read_to_end(&mut text)
            .ok()?;
        Some(mount_table(
            &String::from_utf8_lossy(&text),
            self.device,
            shown,
        ))
    }
}

/// The namespaces and peer groups in a mount table; proc_pid_mountinfo(5).
fn mount_table(text: &str, dev: u64, pid: i32) -> MountTable {
    let mut table = MountTable::default();
    for line in text.lines() {
        // Six fields, the optional ones, a hyphen, the type.
        let mut fields = line.split(' ');
        let (root, target) = (fields.by_ref().nth(3), fields.next());
        for field in fields.by_ref().skip(1) {
            let note = |prefix: &str, groups: &mut BTreeMap<u32, String>| {
                if let Some(group) = field.strip_prefix(prefix).and_then(|it| it.parse().ok()) {
                    let target = || unescaped(target.unwrap_or_default());
                    groups.entry(group).or_insert_with(target);
                }
            };
            note("shared:", &mut table.groups.shared);
            note("master:", &mut table.groups.master);
            if field == "-" {
                break;
            }
        }
        if fields.next() == Some("nsfs")
            && let Some((kind, ino)) = root.and_then(named)
        {
            let path = unescaped(target.unwrap_or_default());
            let holder = Holder::Mount { path, pid };
            table.holders.push((kind, NamespaceId { dev, ino }, holder));
        }
    }
    table
}

/// Undoes the octal escapes of mountinfo: a space is written as `\040`.
pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after
            .get(..3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let octal = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(byte) = octal.filter(|_| first == b'\\') {
            bytes.push(byte);
            rest = &after[3..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_table_tells_held_namespaces_and_peer_groups() {
        let text = "25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
                    90 25 0:4 net:[4026532281] /run/netns/a\\040b rw shared:7 master:2 - nsfs nsfs rw\n\
                    91 25 0:9 / /run rw - tmpfs net:[1] rw\n\
                    nonsense\n";
        let table = mount_table(text, 4, 12);
        let key = NamespaceId {
            dev: 4,
            ino: 4_026_532_281,
        };
        let path = "/run/netns/a b".to_owned();
        assert_eq!(
            table.holders,
            [(Namespace::Net, key, Holder::Mount { path, pid: 12 })]
        );
        let pairs = |groups: &[(u32, &str)]| -> BTreeMap<u32, String> {
            let pairs = groups
                .iter()
                .map(|(group, path)| (*group, (*path).to_owned()));
            pairs.collect()
        };
        assert_eq!(
            table.groups.shared,
            pairs(&[(1, "/"), (7, "/run/netns/a b")])
        );
        assert_eq!(table.groups.master, pairs(&[(2, "/run/netns/a b")]));
    }

    #[test]
    fn escapes_that_are_none_stay() {
        for (text, plain) in [
            ("a\\134b", "a\\b"),
            ("a\\", "a\\"),
            ("\\09", "\\09"),
            ("宿", "宿"),
        ] {
            assert_eq!(unescaped(text), plain);
        }
    }
}
