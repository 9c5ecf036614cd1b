//! Reads the map from `/proc`: all of it at first, then only what is new, and the rest in turn.
//!
//! The kernel announces neither that a process has moved to another namespace nor what it opens or mounts.
//! A known process is therefore read again in rotation, a tenth of all at each look; a small machine or
//! lab is read in full each time. Must not know what the map is for.

mod links;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat, readlinkat};
use nix::sys::signal::kill;
use nix::sys::stat::{Mode, fstat, fstatat};
use nix::sys::statfs::{FsType, fstatfs};
use nix::unistd::Pid;

use self::links::{Links, Visitor, candidates};
use super::listed::Listed;
use super::map::{Facts, Findings, Holder, Key, Map, PeerGroups, Process, Unread};
use super::sockets::{Sockets, SocketsOf};
use crate::namespace::Namespace;
use crate::sys;

/// `NSFS_MAGIC`; statfs(2).
const NSFS: FsType = FsType(0x6e73_6673);
/// Known processes that are read again at each look, if there are no more.
const LEAST_TURN: usize = 64;
/// The part of all known processes that is read again at each look.
const TURN: usize = 10;
/// The most bytes of a short file of /proc, and what is reserved for a longer one, which has no size.
const FILE: usize = 4096;
/// The most open files of a process that are looked at.
const MOST_FILES: usize = 4096;
/// The most bytes of a mount table that are read. In a lab, the learner controls its length.
const MOUNT_TABLE: u64 = 4 << 20;

/// Whose namespaces are mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that the reader may see.
    Machine,
    /// Those of the processes in the PID namespace of this process 1, given by its pid on the machine.
    Lab {
        /// That process.
        first: i32,
    },
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
#[error("reading {path}: {errno}")]
pub struct ReadError {
    /// The file.
    pub path: String,
    /// The kernel's answer.
    pub errno: Errno,
}

fn failed(path: &str) -> impl FnOnce(Errno) -> ReadError + '_ {
    move |errno| ReadError {
        path: path.to_owned(),
        errno,
    }
}

/// Reads the map again and again.
#[derive(Debug)]
pub struct Reader {
    proc: OwnedFd,
    /// The device of nsfs, which all namespaces have.
    device: u64,
    sockets: Sockets,
    /// In a lab, the kernel's list would tell of the machine.
    list: Option<Listed>,
    /// Whether the kernel listed all its namespaces at the last look.
    listed: bool,
    /// The reader's own PID namespace: its processes have one number.
    own_pid: Key,
    base: Option<Base>,
    known: HashMap<i32, Known>,
    facts: BTreeMap<Key, Facts>,
    tables: HashMap<Key, Table>,
    links: BTreeMap<Key, Links<NetworkWay>>,
    /// The network namespace that we are in, and the process in whose one we stay.
    network: Key,
    stays_with: String,
    /// Where the rotation is.
    turn: i32,
}

/// The lab's own PID namespace.
#[derive(Debug)]
struct Base {
    pid: Key,
    /// Which number of a process is the one that the lab's process 1 knows it by.
    level: usize,
    /// The user and the PID namespace that the lab is in, and the network namespace of nslab itself: they
    /// and what lies above are not the lab's.
    outside: [Key; 3],
}

#[derive(Debug)]
struct Known {
    /// The inode of `/proc/PID`: another process with the same pid has another one.
    generation: u64,
    seen: Seen,
}

#[derive(Debug)]
enum Seen {
    /// It is not in the lab.
    Outside,
    /// The reader may not see its namespaces.
    Refused,
    Read(Box<ReadProcess>),
}

#[derive(Debug, PartialEq)]
struct ReadProcess {
    process: Process,
    /// What it has open; none where the reader may not see that.
    open: Option<OpenFiles>,
}

/// What open files of a process keep.
#[derive(Debug, Default, PartialEq)]
struct OpenFiles {
    namespaces: Vec<(Namespace, Key, Holder)>,
    /// Sockets whose network namespace the reader may not see.
    refused: usize,
}

/// The mount table of a mount namespace.
#[derive(Debug)]
struct Table {
    /// The process that it was read through.
    pid: i32,
    /// None where the reader may not see it.
    read: Option<MountTable>,
}

#[derive(Debug, Default)]
struct MountTable {
    holders: Vec<(Namespace, Key, Holder)>,
    groups: PeerGroups,
}

/// How a namespace is reached through a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The process is in it.
    In,
    /// The process has it open with this descriptor.
    Open(i32),
    /// The process has a socket that was made in it.
    Socket(i32),
}

/// How a network namespace is reached, by the reader's own pids.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NetworkWay {
    Process(i32, Way),
    /// It is mounted, as this process sees it.
    Mount(i32, String),
}

impl NetworkWay {
    fn pid(&self) -> i32 {
        match self {
            NetworkWay::Process(pid, _) | NetworkWay::Mount(pid, _) => *pid,
        }
    }
}

impl Reader {
    /// A reader with the `/proc` that is mounted now. Nothing is read yet.
    pub fn new(scope: Scope) -> Result<Self, ReadError> {
        let directory = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let proc = open("/proc", directory, Mode::empty()).map_err(failed("/proc"))?;
        let identity = |process: &str, kind: Namespace| {
            let path = format!("{process}/ns/{}", kind.name());
            let stat = fstatat(&proc, path.as_str(), AtFlags::empty());
            stat.map(|stat| Key::of(&stat)).map_err(failed(&path))
        };
        let own_pid = identity("self", Namespace::Pid)?;
        let network = identity("thread-self", Namespace::Net)?;
        let stays_with = match scope {
            Scope::Machine => "thread-self".to_owned(),
            // Once in the guard's user namespace, there is no way back to the machine's.
            Scope::Lab { first } => first.to_string(),
        };
        let base = match scope {
            Scope::Machine => None,
            Scope::Lab { first } => {
                let first = first.to_string();
                let numbers = numbers(&proc, &first).unwrap_or_default();
                Some(Base {
                    pid: identity(&first, Namespace::Pid)?,
                    level: numbers.len().saturating_sub(1),
                    outside: [
                        identity("self", Namespace::User)?,
                        own_pid,
                        identity("self", Namespace::Net)?,
                    ],
                })
            }
        };
        Ok(Self {
            device: own_pid.dev,
            proc,
            sockets: Sockets::find(),
            list: base.is_none().then(Listed::of_reader),
            listed: false,
            own_pid,
            base,
            known: HashMap::new(),
            facts: BTreeMap::new(),
            tables: HashMap::new(),
            links: BTreeMap::new(),
            network,
            stays_with,
            turn: 0,
        })
    }

    /// The map as it is now.
    pub fn look(&mut self) -> Result<Map, ReadError> {
        let listed = self.list()?;
        let there: HashSet<i32> = listed.iter().map(|(pid, _)| *pid).collect();
        self.known.retain(|pid, _| there.contains(pid));
        let due = self.due(&listed);
        let mut fresh = HashSet::new();
        // Namespaces that something has kept since the last look: their facts still hold.
        let mut kept: HashSet<Key> = HashSet::new();
        for (pid, generation) in listed {
            let same = self
                .known
                .get(&pid)
                .is_some_and(|it| it.generation == generation);
            if same && !due.contains(&pid) {
                continue;
            }
            let last = self.known.remove(&pid).filter(|_| same);
            let Some(seen) = self.process(pid) else {
                continue;
            };
            let unchanged = matches!((&last, &seen), (Some(Known { seen: Seen::Read(last), .. }), Seen::Read(now)) if last == now);
            if !unchanged {
                fresh.insert(pid);
            }
            self.known.insert(pid, Known { generation, seen });
        }
        for (pid, known) in &self.known {
            if let Seen::Read(read) = &known.seen
                && !fresh.contains(pid)
            {
                kept.extend(read.keys(self.device));
            }
        }
        let listed = self.list.as_ref().and_then(Listed::all);
        kept.extend(self.known_of(listed.as_deref().unwrap_or_default()));
        self.forget_facts(&kept);
        self.learn_of_processes();
        self.leave_out_others();
        self.read_mount_tables(&due);
        self.read_links(&due);
        self.learn_of_listed(listed.as_deref());
        Ok(self.map())
    }

    /// The processes that `/proc` shows, each with the inode of its directory.
    fn list(&self) -> Result<Vec<(i32, u64)>, ReadError> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let mut directory =
            Dir::openat(&self.proc, ".", flags, Mode::empty()).map_err(failed("/proc"))?;
        let mut listed = Vec::new();
        for entry in directory.iter() {
            let entry = entry.map_err(failed("/proc"))?;
            let pid = entry
                .file_name()
                .to_str()
                .ok()
                .and_then(|it| it.parse().ok());
            listed.extend(pid.map(|pid| (pid, entry.ino())));
        }
        listed.sort_unstable();
        Ok(listed)
    }

    /// Whether `/proc` hides processes from the reader, such as the one that is always there.
    fn hides_processes(&self) -> bool {
        let shown = fstatat(&self.proc, "1", AtFlags::empty());
        shown.err() == Some(Errno::ENOENT) && kill(Pid::from_raw(1), None) != Err(Errno::ESRCH)
    }

    /// The known processes whose turn it is.
    fn due(&mut self, listed: &[(i32, u64)]) -> HashSet<i32> {
        let mut known: Vec<i32> = listed
            .iter()
            .map(|(pid, _)| *pid)
            .filter(|pid| self.known.contains_key(pid))
            .collect();
        let turn = LEAST_TURN.max(known.len() / TURN).min(known.len());
        let begin = known.partition_point(|pid| *pid <= self.turn);
        let len = known.len().max(1);
        known.rotate_left(begin % len);
        known.truncate(turn);
        self.turn = known.last().copied().unwrap_or_default();
        known.into_iter().collect()
    }

    /// Reads a process; none if it has ended.
    fn process(&self, pid: i32) -> Option<Seen> {
        let mut namespaces = BTreeMap::new();
        for kind in Namespace::ALL {
            // A stat of it would have the kernel make the inode first.
            let path = format!("{pid}/ns/{}", kind.name());
            match readlinkat(&self.proc, path.as_str()) {
                Ok(link) => {
                    let (_, ino) = link.to_str().and_then(named)?;
                    namespaces.insert(kind, ino);
                }
                // In a lab the reader may see all: this one is not in it.
                Err(Errno::EACCES | Errno::EPERM) if self.base.is_some() => {
                    return Some(Seen::Outside);
                }
                Err(Errno::EACCES | Errno::EPERM) => return Some(Seen::Refused),
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
                    return Some(Seen::Outside);
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
        Some(Seen::Read(Box::new(ReadProcess { process, open })))
    }

    /// What a process keeps by its open files; none where the reader may not see that. `network` is the
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
            // What the link says is no help: a mounted namespace has the name of its mount point.
            let path = fd.to_string();
            let Ok((dev, _)) = sys::identity(directory.as_fd(), &path) else {
                continue;
            };
            let (file, holder) = if dev == self.device {
                let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
                let file = openat(directory.as_fd(), path.as_str(), flags, Mode::empty());
                (file, Holder::Descriptor { pid: shown, fd })
            } else if self.sockets.are_on(dev) {
                let network = sockets.network(fd);
                (network, Holder::Socket { pid: shown, fd })
            } else {
                continue;
            };
            let is_socket = matches!(holder, Holder::Socket { .. });
            let namespace = match file {
                Ok(file) => file,
                Err(errno) => {
                    // In a lab the reader may see all: this one, of nslab, is not in it.
                    let is_refused = errno == Errno::EPERM && self.base.is_none();
                    found.refused += usize::from(is_socket && is_refused);
                    continue;
                }
            };
            let Some(key) = Key::of_file(&namespace) else {
                continue;
            };
            // What the process is in anyway is not kept by its sockets.
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

    /// Whether it lies outside of the lab.
    fn is_outside(&self, key: Key) -> bool {
        let outside = self.base.as_ref().map(|base| base.outside);
        outside.is_some_and(|outside| outside.contains(&key))
    }

    fn key(&self, ino: u64) -> Key {
        Key {
            dev: self.device,
            ino,
        }
    }

    /// Forgets what was read of namespaces that may have ended since.
    fn forget_facts(&mut self, kept: &HashSet<Key>) {
        let mut still = BTreeSet::new();
        for key in kept {
            let mut above = vec![*key];
            // What is kept keeps its parent and its owner.
            while let Some(key) = above.pop() {
                if let Some(facts) = self.facts.get(&key)
                    && still.insert(key)
                {
                    above.extend(facts.parent.into_iter().chain(facts.owner));
                }
            }
        }
        self.facts.retain(|key, _| still.contains(key));
    }

    /// Reads what the kernel says of the namespaces that processes are in or have open.
    fn learn_of_processes(&mut self) {
        // Each process is a way to them, and so is each descriptor: those that end meanwhile are none.
        let mut ways: BTreeMap<Key, (Namespace, Vec<(i32, Way)>)> = BTreeMap::new();
        let mut add = |kind: Namespace, key: Key, pid: i32, way: Way| {
            if !self.facts.contains_key(&key) {
                let (_, ways) = ways.entry(key).or_insert((kind, Vec::new()));
                ways.push((pid, way));
            }
        };
        for (pid, known) in &self.known {
            let Seen::Read(read) = &known.seen else {
                continue;
            };
            for (kind, ino) in &read.process.namespaces {
                add(*kind, self.key(*ino), *pid, Way::In);
            }
            for (kind, key, holder) in read.kept() {
                match holder {
                    Holder::Descriptor { fd, .. } => add(*kind, *key, *pid, Way::Open(*fd)),
                    Holder::Socket { fd, .. } => add(*kind, *key, *pid, Way::Socket(*fd)),
                    Holder::Mount { .. } => {}
                }
            }
        }
        for (key, (kind, ways)) in ways {
            // One above another may have been read since.
            if self.facts.contains_key(&key) {
                continue;
            }
            match ways
                .into_iter()
                .find_map(|(pid, way)| self.open_namespace(kind, key, pid, way))
            {
                Some(namespace) => self.learn(kind, key, &namespace),
                None => self.know_nothing(kind, key),
            }
        }
    }

    /// Opens this namespace through a process; none if that has ended.
    fn open_namespace(&self, kind: Namespace, key: Key, pid: i32, way: Way) -> Option<OwnedFd> {
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let at = |path: String| openat(&self.proc, path.as_str(), flags, Mode::empty());
        let namespace = match way {
            Way::In => at(format!("{pid}/ns/{}", kind.name())),
            Way::Open(fd) => at(format!("{pid}/fd/{fd}")),
            Way::Socket(fd) => SocketsOf::process(pid).network(fd),
        };
        let namespace = namespace.ok()?;
        (Key::of_file(&namespace) == Some(key)).then_some(namespace)
    }

    /// Reads what the kernel says of a namespace and of those above it.
    fn learn(&mut self, kind: Namespace, key: Key, namespace: &OwnedFd) {
        let is_inside = |(key, _): &(Key, OwnedFd)| !self.is_outside(*key);
        let found = |answer: nix::Result<OwnedFd>| {
            let fd = answer.ok()?;
            Some((Key::of_file(&fd)?, fd)).filter(is_inside)
        };
        let fd = namespace.as_fd();
        let parent = match kind {
            Namespace::User | Namespace::Pid => found(sys::parent_of_namespace(fd)),
            _ => None,
        };
        let owner = match kind {
            Namespace::User => None,
            _ => found(sys::owner_of_namespace(fd)),
        };
        let facts = Facts {
            kind,
            id: sys::id_of_namespace(fd).ok(),
            parent: parent.as_ref().map(|(key, _)| *key),
            owner: owner.as_ref().map(|(key, _)| *key),
            owner_uid: sys::owner_uid_of_namespace(fd).ok(),
        };
        self.facts.insert(key, facts);
        for (kind, above) in [(kind, parent), (Namespace::User, owner)] {
            if let Some((key, fd)) = above
                && !self.facts.contains_key(&key)
            {
                self.learn(kind, key, &fd);
            }
        }
    }

    /// Those of the listed namespaces of which we know something.
    fn known_of(&self, listed: &[u64]) -> Vec<Key> {
        let listed: HashSet<u64> = listed.iter().copied().collect();
        let known = self.facts.iter();
        let known = known.filter(|(_, facts)| facts.id.is_some_and(|id| listed.contains(&id)));
        known.map(|(key, _)| *key).collect()
    }

    /// Reads what the kernel says of those that it lists and nothing else has shown.
    fn learn_of_listed(&mut self, listed: Option<&[u64]>) {
        self.listed = listed.is_some();
        let known: HashSet<u64> = self.facts.values().filter_map(|facts| facts.id).collect();
        let unknown = listed.unwrap_or_default().iter();
        for id in unknown.filter(|id| !known.contains(id)) {
            let Some(namespace) = Listed::open(*id) else {
                continue;
            };
            let flag = sys::flag_of_namespace(namespace.as_fd());
            let kind = flag.ok().and_then(Namespace::of_flag);
            if let (Some(kind), Some(key)) = (kind, Key::of_file(&namespace))
                && !self.facts.contains_key(&key)
            {
                self.learn(kind, key, &namespace);
            }
        }
    }

    /// A namespace that can be seen and not opened.
    fn know_nothing(&mut self, kind: Namespace, key: Key) {
        self.facts.entry(key).or_insert(Facts {
            kind,
            id: None,
            parent: None,
            owner: None,
            owner_uid: None,
        });
    }

    /// In a lab: forgets the processes that are in other PID namespaces.
    fn leave_out_others(&mut self) {
        let Some(base) = &self.base else { return };
        let facts = &self.facts;
        let is_in_lab = |read: &ReadProcess| {
            let pid = read.process.namespaces.get(&Namespace::Pid);
            let mut at = pid.map(|ino| Key {
                ino: *ino,
                ..base.pid
            });
            while let Some(key) = at {
                if key == base.pid {
                    return true;
                }
                at = facts.get(&key).and_then(|facts| facts.parent);
            }
            false
        };
        for known in self.known.values_mut() {
            if matches!(&known.seen, Seen::Read(read) if !is_in_lab(read)) {
                known.seen = Seen::Outside;
            }
        }
        let kept: HashSet<Key> = self
            .known
            .values()
            .filter_map(|known| match &known.seen {
                Seen::Read(read) => Some(read.keys(self.device).collect::<Vec<_>>()),
                Seen::Outside | Seen::Refused => None,
            })
            .flatten()
            .collect();
        self.forget_facts(&kept);
    }

    /// Reads the mount table of each mount namespace, through one process in it.
    fn read_mount_tables(&mut self, due: &HashSet<i32>) {
        let mut through: BTreeMap<Key, (i32, i32)> = BTreeMap::new();
        for (pid, known) in &self.known {
            if let Seen::Read(read) = &known.seen
                && let Some(ino) = read.process.namespaces.get(&Namespace::Mnt)
            {
                let best = through
                    .entry(self.key(*ino))
                    .or_insert((*pid, read.process.pid));
                *best = (*best).min((*pid, read.process.pid));
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
                if self.facts.contains_key(key) {
                    continue;
                }
                match holder {
                    Holder::Mount { path, .. } => match self.open_mount(pid, path) {
                        Some(namespace) => self.learn(*kind, *key, &namespace),
                        None => self.know_nothing(*kind, *key),
                    },
                    Holder::Descriptor { .. } | Holder::Socket { .. } => {}
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

    /// Opens a namespace that is mounted at a path as a process sees it. Whatever else is there by now
    /// is not opened.
    fn open_mount(&self, pid: i32, path: &str) -> Option<OwnedFd> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = openat(
            &self.proc,
            format!("{pid}/root").as_str(),
            flags,
            Mode::empty(),
        )
        .ok()?;
        let path = std::ffi::CString::new(path).ok()?;
        let there = sys::open_in_root(root.as_fd(), &path, libc::O_PATH).ok()?;
        if fstatfs(&there).ok()?.filesystem_type() != NSFS {
            return None;
        }
        let again = format!("self/fd/{}", there.as_raw_fd());
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        openat(&self.proc, again.as_str(), flags, Mode::empty()).ok()
    }

    /// How each network namespace is reached: through a process in it, else through what keeps it.
    fn ways_to_networks(&self) -> BTreeMap<Key, NetworkWay> {
        let mut mounted = BTreeMap::new();
        let mut open = BTreeMap::new();
        let mut inhabited: BTreeMap<Key, NetworkWay> = BTreeMap::new();
        for table in self.tables.values() {
            for (kind, key, holder) in table.read.iter().flat_map(|it| &it.holders) {
                if let (Namespace::Net, Holder::Mount { path, .. }) = (kind, holder) {
                    mounted.insert(*key, NetworkWay::Mount(table.pid, path.clone()));
                }
            }
        }
        for (pid, known) in &self.known {
            let Seen::Read(read) = &known.seen else {
                continue;
            };
            for (kind, key, holder) in read.kept() {
                let way = match holder {
                    Holder::Descriptor { fd, .. } => Way::Open(*fd),
                    Holder::Socket { fd, .. } => Way::Socket(*fd),
                    Holder::Mount { .. } => continue,
                };
                if *kind == Namespace::Net {
                    open.insert(*key, NetworkWay::Process(*pid, way));
                }
            }
            if let Some(ino) = read.process.namespaces.get(&Namespace::Net) {
                let way = inhabited.entry(self.key(*ino));
                let way = way.or_insert(NetworkWay::Process(*pid, Way::In));
                if *pid < way.pid() {
                    *way = NetworkWay::Process(*pid, Way::In);
                }
            }
        }
        // What comes later wins.
        mounted.into_iter().chain(open).chain(inhabited).collect()
    }

    fn open_network(&self, key: Key, way: &NetworkWay) -> Option<OwnedFd> {
        match way {
            NetworkWay::Process(pid, way) => self.open_namespace(Namespace::Net, key, *pid, *way),
            NetworkWay::Mount(pid, path) => {
                let there = self.open_mount(*pid, path)?;
                (Key::of_file(&there) == Some(key)).then_some(there)
            }
        }
    }

    /// Reads the links of each network namespace.
    fn read_links(&mut self, due: &HashSet<i32>) {
        let mut last = std::mem::take(&mut self.links);
        let mut links = BTreeMap::new();
        let mut all = Vec::new();
        for (key, way) in self.ways_to_networks() {
            match last.remove(&key) {
                Some(known) if known.way == way && !due.contains(&way.pid()) => {
                    links.insert(key, known);
                }
                known => all.push((key, way, known)),
            }
        }
        let home = format!("{}/ns/net", self.stays_with);
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let home = openat(&self.proc, home.as_str(), flags, Mode::empty());
        let mut here = self.network;
        if let Ok(home) = home
            && let Some(home_key) = Key::of_file(&home)
        {
            let mut visitor = Visitor::new(home, home_key, &mut here);
            for (key, way, known) in all {
                if let Some(namespace) = self.open_network(key, &way) {
                    let read = visitor.links(key, namespace.as_fd(), way, known);
                    links.insert(key, read);
                }
            }
            let keys: Vec<Key> = links.keys().copied().collect();
            for key in keys {
                self.resolve_peers(key, &mut links, &mut visitor);
            }
        }
        self.network = here;
        self.links = links;
    }

    /// Finds out in which namespaces the other ends of a namespace's links are.
    fn resolve_peers(
        &self,
        key: Key,
        links: &mut BTreeMap<Key, Links<NetworkWay>>,
        visitor: &mut Visitor<'_>,
    ) {
        let candidates: Vec<(Key, OwnedFd)> = candidates(links, key)
            .into_iter()
            .filter_map(|key| Some((key, self.open_network(key, &links.get(&key)?.way)?)))
            .collect();
        if !candidates.is_empty()
            && let Some(of) = links.get_mut(&key)
            && let Some(namespace) = self.open_network(key, &of.way)
        {
            visitor.resolve(key, namespace.as_fd(), of, &candidates);
        }
    }

    fn map(&self) -> Map {
        let mut findings = Findings {
            device: self.device,
            facts: self.facts.clone(),
            ..Findings::default()
        };
        let mut unread = Unread {
            hidden: self.base.is_none() && self.hides_processes(),
            ..Unread::default()
        };
        for known in self.known.values() {
            match &known.seen {
                Seen::Outside => {}
                Seen::Refused => unread.processes += 1,
                Seen::Read(read) => {
                    findings.processes.push(&read.process);
                    unread.descriptors += usize::from(read.open.is_none());
                    unread.sockets += read.open.as_ref().map_or(0, |it| it.refused);
                    let kept = read.kept();
                    findings
                        .holders
                        .extend(kept.map(|(_, key, holder)| (*key, holder)));
                }
            }
        }
        for (key, table) in &self.tables {
            match &table.read {
                None => unread.mounts += 1,
                Some(read) => {
                    findings.peer_groups.insert(*key, &read.groups);
                    let held = read.holders.iter();
                    findings
                        .holders
                        .extend(held.map(|(_, key, holder)| (*key, holder)));
                }
            }
        }
        for (key, links) in &self.links {
            match links.on_map(*key) {
                None => unread.links += 1,
                Some(links) => {
                    findings.links.insert(*key, links);
                }
            }
        }
        findings.processes.sort_by_key(|process| process.pid);
        findings.unread = unread;
        findings.listed = self.listed;
        Map::of(&findings)
    }
}

impl ReadProcess {
    /// What its open files keep.
    fn kept(&self) -> impl Iterator<Item = &(Namespace, Key, Holder)> {
        self.open.iter().flat_map(|open| &open.namespaces)
    }

    /// The namespaces that it keeps.
    fn keys(&self, dev: u64) -> impl Iterator<Item = Key> {
        let open = self.kept().map(|(_, key, _)| *key);
        let inodes = self.process.namespaces.values();
        inodes.map(move |ino| Key { dev, ino: *ino }).chain(open)
    }
}

impl Key {
    fn of(stat: &nix::sys::stat::FileStat) -> Self {
        Key {
            dev: stat.st_dev,
            ino: stat.st_ino,
        }
    }

    fn of_file(file: &OwnedFd) -> Option<Self> {
        fstat(file).ok().map(|stat| Self::of(&stat))
    }
}

/// A short file of `/proc`, which the kernel tells in one go; none if it can't be read.
fn read(proc: &OwnedFd, path: &str) -> Option<String> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    let file = openat(proc, path, flags, Mode::empty()).ok()?;
    let mut text = [0; FILE];
    let length = nix::unistd::read(&file, &mut text).ok()?;
    Some(String::from_utf8_lossy(&text[..length]).into_owned())
}

/// A process's pid in each PID namespace; `NSpid` in proc_pid_status(5).
fn numbers(proc: &OwnedFd, process: &str) -> Option<Vec<i32>> {
    let status = read(proc, &format!("{process}/status"))?;
    let numbers = status
        .lines()
        .find_map(|line| line.strip_prefix("NSpid:"))?;
    let numbers = numbers.split_whitespace();
    Some(numbers.filter_map(|number| number.parse().ok()).collect())
}

/// The kind and the inode in `net:[4026531840]`; none for other files.
fn named(link: &str) -> Option<(Namespace, u64)> {
    let (kind, rest) = link.split_once(":[")?;
    let ino = rest.strip_suffix(']')?.parse().ok()?;
    Some((kind.parse().ok()?, ino))
}

/// What a mount table says of namespaces and peer groups; proc_pid_mountinfo(5).
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
            table.holders.push((kind, Key { dev, ino }, holder));
        }
    }
    table
}

/// A path of a mount table, in which blanks and backslashes are octal numbers.
fn unescaped(path: &str) -> String {
    let escapes = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    let mut path = path.to_owned();
    for (escape, plain) in escapes {
        path = path.replace(escape, plain);
    }
    path
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
        let key = Key {
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

    #[test]
    fn we_are_on_our_own_map_and_a_second_look_says_the_same() {
        let pid = std::process::id().cast_signed();
        let mut reader = Reader::new(Scope::Machine).unwrap();
        let map = reader.look().unwrap();
        let ours = map.process(pid).unwrap().clone();
        assert!(ours.namespaces.len() >= 7, "{ours:?}");
        for (kind, ino) in &ours.namespaces {
            let found = map.find(*ino).unwrap();
            assert_eq!(found.facts.kind, *kind);
            assert!(found.processes.contains(&pid));
        }
        let again = reader.look().unwrap();
        assert_eq!(
            again.process(pid).map(|it| &it.namespaces),
            Some(&ours.namespaces)
        );
    }
}
