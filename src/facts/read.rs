//! Reads the facts from files below a root: `/`, or a directory that represents a machine.
//!
//! Owns the formats of these files. Never fails: what can't be read stays unknown.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};
use procfs_core::FromBufRead;
use procfs_core::process::MountInfos;

use super::{ALL_CAPABILITIES, Container, Facts, Keys, Location, ProcView, Seccomp};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// How an unmapped id appears inside a user namespace.
const NOBODY: u32 = 65534;

/// The inode of the first user namespace: PROC_USER_INIT_INO of `<linux/proc_ns.h>`.
const FIRST_USER_NAMESPACE: u64 = 0xEFFF_FFFD;

/// The kernel configuration options that matter here.
const OPTIONS: [&str; 10] = [
    "CONFIG_NAMESPACES",
    "CONFIG_UTS_NS",
    "CONFIG_IPC_NS",
    "CONFIG_PID_NS",
    "CONFIG_NET_NS",
    "CONFIG_USER_NS",
    "CONFIG_CGROUPS",
    "CONFIG_TIME_NS",
    "CONFIG_VETH",
    "CONFIG_POSIX_MQUEUE",
];

/// Our own namespaces, below a root.
const OURS: &str = "proc/self/ns";

/// Directories of `/proc` that are meant to be mounted on; mounts there hide nothing.
const MOUNTPOINTS: [&str; 2] = ["/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd"];

impl Facts {
    /// The kinds of namespaces that the kernel has; `None` if `/proc` doesn't show them.
    pub fn kinds_here() -> Option<NamespaceSet> {
        kinds(Path::new("/proc/self/ns"))
    }

    /// The facts of this process.
    pub fn here() -> Facts {
        Facts::read(Path::new("/"), "self")
    }

    /// The facts of a program that this process starts in all namespaces of another one, by its name under
    /// `/proc`, as nsenter(1) does.
    pub(crate) fn of_guest(process: &str) -> Facts {
        let root = Path::new("/");
        let namespaces = Files { root }.at(format!("proc/{process}/ns"));
        let same = |kind: Namespace| differ(&namespaces, &root.join(OURS), kind) == Some(false);
        let same = Namespace::ALL.into_iter().filter(|kind| same(*kind));
        let map = fs::read_to_string(root.join(format!("proc/{process}/uid_map")));
        let theirs = Facts::read(root, process);
        guest(
            Facts::here(),
            theirs,
            same.collect(),
            &map.unwrap_or_default(),
        )
    }

    /// Reads the facts of a process, by its name under `/proc`, and of the machine below `root`.
    ///
    /// `limits` are always those of the calling process; the kernel shows no others.
    pub fn read(root: &Path, process: &str) -> Facts {
        let files = Files { root };
        let own = Path::new("proc").join(process);
        let release = files.line("proc/sys/kernel/osrelease");
        let status = files.text(own.join("status"));
        let field = |name: &str| {
            let lines = status.as_deref()?.lines();
            let mut values = lines.filter_map(|line| line.strip_prefix(name));
            values.next().map(str::trim)
        };
        let number = |name: &str| field(name)?.parse::<u32>().ok();
        let shown = field("Uid:").and_then(|ids| ids.split_whitespace().nth(1)?.parse().ok());
        let map = files.text(own.join("uid_map"));
        let namespaces = files.at(own.join("ns"));
        // The kernel shows ids as mapped in the reader's user namespace.
        let foreign = differ(&namespaces, &files.at(OURS), Namespace::User).unwrap_or_else(|| {
            let ours = files.text("proc/self/uid_map");
            map.is_some() && ours.is_some() && map != ours
        });
        let inside = |id: u32| match (foreign, map.as_deref()) {
            (true, Some(map)) => Some(from_outside(map, id).unwrap_or(NOBODY)),
            (true, None) => None,
            (false, _) => Some(id),
        };
        let euid = shown.and_then(inside);
        let mounts = files.mounts(&own);
        Facts {
            euid,
            capabilities: field("CapEff:").and_then(|mask| u64::from_str_radix(mask, 16).ok()),
            no_new_privs: number("NoNewPrivs:").map(|flag| flag == 1),
            seccomp: number("Seccomp:").and_then(|mode| match mode {
                0 => Some(Seccomp::Off),
                1 => Some(Seccomp::Strict),
                2 => Some(Seccomp::Filter),
                _ => None,
            }),
            threads: number("Threads:"),
            chroot: files.chroot(process, mounts.as_ref()),
            container: files.container(),
            unprivileged_userns_clone: files.flag("proc/sys/kernel/unprivileged_userns_clone"),
            apparmor_restricts: files.flag("proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
            apparmor_label: files
                .line(own.join("attr/apparmor/current"))
                .or_else(|| {
                    // Before Linux 5.8, one file belongs to the active security module.
                    let apparmor = files.exists("sys/module/apparmor");
                    apparmor.then(|| files.line(own.join("attr/current")))?
                })
                .filter(|label| !label.is_empty()),
            memfd_noexec: files
                .line("proc/sys/vm/memfd_noexec")
                .and_then(|text| text.parse().ok()),
            keys: euid.and_then(|user| files.keys(user)),
            limits: files.limits(),
            initial_user_namespace: fs::metadata(namespaces.join("user"))
                .ok()
                .map(|it| it.ino() == FIRST_USER_NAMESPACE)
                .or_else(|| (!maps_all(map.as_deref()?)).then_some(false)),
            user_levels: levels(&namespaces.join("user")),
            mapped: euid.zip(map.as_deref()).map(|(id, map)| holds(map, id)),
            uid_map_written: map.as_deref().map(|map| !map.trim().is_empty()),
            gid_map_written: files
                .text(own.join("gid_map"))
                .map(|map| !map.trim().is_empty()),
            setgroups: files
                .line(own.join("setgroups"))
                .map(|word| word == "allow"),
            owned: owned(&namespaces),
            kinds: kinds(&namespaces),
            proc: match field("NSpid:").map(|pids| pids.split_whitespace().count()) {
                // Two pids or more: this `/proc` shows an outer PID namespace, not the process's own.
                Some(2..) if process == "self" => Some(ProcView::Foreign),
                _ => files.proc_view(process),
            },
            masked_proc: mounts.as_ref().map(masked),
            config: release
                .as_deref()
                .map(|release| files.config(release))
                .unwrap_or_default(),
            cgroup_writable: files.cgroup_writable(&own, mounts.as_ref()),
            place: Location::Outside,
            release,
        }
    }
}

/// The facts of a program with our credentials in another process's namespaces. `same` are the kinds in which they
/// are ours. `map` is the `uid_map` of its user namespace, as we see it.
fn guest(ours: Facts, theirs: Facts, same: NamespaceSet, map: &str) -> Facts {
    let shares = |kind| same.contains(kind);
    let mut facts = Facts {
        euid: ours.euid,
        capabilities: ours.capabilities,
        mapped: ours.mapped,
        limits: ours.limits,
        no_new_privs: ours.no_new_privs,
        seccomp: ours.seccomp,
        threads: Some(1),
        apparmor_label: ours.apparmor_label,
        keys: ours.keys,
        cgroup_writable: ours.cgroup_writable,
        // A process that joins a mount namespace gets the root of that namespace; setns(2).
        chroot: ours
            .chroot
            .filter(|_| shares(Namespace::Mnt))
            .or(Some(false)),
        proc: ours
            .proc
            .filter(|_| shares(Namespace::Mnt) && shares(Namespace::Pid)),
        // Only a process that may trace this one sees its mounts.
        masked_proc: theirs.masked_proc.or(ours.masked_proc),
        ..theirs
    };
    if !shares(Namespace::User) {
        // A process that joins a user namespace has all capabilities there. An exec leaves them to id 0 alone;
        // user_namespaces(7).
        let id = ours.euid.map(|id| from_outside(map, id));
        facts.euid = id.map(|id| id.unwrap_or(NOBODY));
        facts.mapped = id.map(|id| id.is_some());
        facts.capabilities = id.map(|id| if id == Some(0) { ALL_CAPABILITIES } else { 0 });
        facts.limits.clear();
    }
    facts
}

/// The files of a machine.
struct Files<'a> {
    root: &'a Path,
}

impl Files<'_> {
    fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let bytes = fs::read(self.at(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn line(&self, path: impl AsRef<Path>) -> Option<String> {
        let text = self.text(path)?;
        Some(text.trim_end_matches(['\n', '\0']).to_owned())
    }

    fn flag(&self, path: &str) -> Option<bool> {
        let value: u32 = self.line(path)?.trim().parse().ok()?;
        Some(value != 0)
    }

    fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.at(path)).is_ok()
    }

    fn mounts(&self, own: &Path) -> Option<MountInfos> {
        let text = fs::read(self.at(own.join("mountinfo"))).ok()?;
        MountInfos::from_buf_read(text.as_slice()).ok()
    }

    /// A root that is not a mount is a chroot. So is a mount that process 1 or an ancestor sees
    /// elsewhere in the same mount namespace.
    fn chroot(&self, process: &str, mounts: Option<&MountInfos>) -> Option<bool> {
        let here = process == "self" && self.root == Path::new("/");
        if here && sys::is_mount_root(self.root) == Ok(false) {
            return Some(true);
        }
        let slash = |mounts: &MountInfos| {
            let roots = mounts
                .0
                .iter()
                .filter(|it| it.mount_point == Path::new("/"));
            roots.map(|it| it.mnt_id).next_back()
        };
        let Some(ours) = slash(mounts?) else {
            return Some(true);
        };
        for other in self.ancestors(process) {
            // Mount ids of another mount namespace can't be compared.
            let Some(theirs) = self.mounts(&Path::new("proc").join(&other)) else {
                continue;
            };
            let seen = theirs.0.iter().any(|it| it.mnt_id == ours);
            if seen && slash(&theirs) != Some(ours) {
                return Some(true);
            }
            // Process 1's root counts as a root.
            if seen && other == "1" {
                return Some(false);
            }
        }
        None
    }

    /// The names of a process's ancestors under `/proc`, process 1 last.
    fn ancestors(&self, process: &str) -> Vec<String> {
        let parent = |process: &str| {
            let status = self.text(format!("proc/{process}/status"))?;
            let line = status.lines().find_map(|it| it.strip_prefix("PPid:"))?;
            Some(line.trim().to_owned()).filter(|pid| pid != "0" && pid != "1")
        };
        let mut ancestors: Vec<String> = Vec::new();
        let mut next = parent(process);
        while let Some(pid) = next.filter(|pid| !ancestors.contains(pid)) {
            next = parent(&pid);
            ancestors.push(pid);
        }
        ancestors.push("1".to_owned());
        ancestors
    }

    fn container(&self) -> Option<Container> {
        if self.exists(".dockerenv") {
            return Some(Container::Docker);
        }
        if self.exists("run/.containerenv") {
            return Some(Container::Podman);
        }
        let named = |name: &str| match name {
            "docker" => Container::Docker,
            "podman" => Container::Podman,
            other => Container::Other(other.to_owned()),
        };
        // systemd stores it there for everybody; only root can read process 1's environment.
        let announced = self.line("run/systemd/container").or_else(|| {
            let environment = self.text("proc/1/environ")?;
            let mut variables = environment.split('\0');
            variables.find_map(|it| it.strip_prefix("container=").map(str::to_owned))
        });
        if let Some(name) = announced {
            return Some(named(&name));
        }
        let membership = self.text("proc/1/cgroup")?;
        let paths = [
            ("/docker/", "docker"),
            ("/docker-", "docker"),
            ("/libpod-", "podman"),
            ("/lxc/", "lxc"),
            ("/lxc.payload", "lxc"),
            ("/kubepods", "kubernetes"),
        ];
        let found = paths.iter().find(|(path, _)| membership.contains(path));
        Some(found.map_or(Container::No, |(_, name)| named(name)))
    }

    fn limits(&self) -> BTreeMap<Namespace, u64> {
        let limit = |kind: Namespace| {
            let path = format!("proc/sys/user/max_{}_namespaces", kind.name());
            Some((kind, self.line(path)?.trim().parse().ok()?))
        };
        Namespace::ALL.into_iter().filter_map(limit).collect()
    }

    /// In `/proc/key-users`: `UID: REFERENCES KEYS/VALID HELD/MOST BYTES/MOST`.
    fn keys(&self, user: u32) -> Option<Keys> {
        let text = self.text("proc/key-users")?;
        let mut users = text.lines().filter_map(|line| line.split_once(':'));
        let (_, numbers) = users.find(|(uid, _)| uid.trim() == user.to_string())?;
        let mut pairs = numbers.split_whitespace().skip(2).map(|pair| {
            let (held, most) = pair.split_once('/')?;
            Some((held.parse().ok()?, most.parse().ok()?))
        });
        let (held, most) = pairs.next()??;
        let (bytes, most_bytes) = pairs.next()??;
        Some(Keys {
            held,
            most,
            bytes,
            most_bytes,
        })
    }

    fn proc_view(&self, process: &str) -> Option<ProcView> {
        if self.exists(&format!("proc/{process}/status")) {
            return Some(ProcView::Ours);
        }
        // Without any proc nothing is known.
        if !self.exists("proc/filesystems") {
            return None;
        }
        Some(if self.exists("proc/1") {
            ProcView::Foreign
        } else {
            ProcView::Ended
        })
    }

    fn config(&self, release: &str) -> BTreeMap<String, bool> {
        let Some(text) = self
            .text(format!("boot/config-{release}"))
            .or_else(|| self.text(format!("lib/modules/{release}/config")))
            .or_else(|| self.text(format!("usr/lib/modules/{release}/config")))
        else {
            return BTreeMap::new();
        };
        let set = |option: &str| {
            let mut values = text.lines().filter_map(|line| line.strip_prefix(option));
            values.any(|value| matches!(value, "=y" | "=m"))
        };
        OPTIONS
            .into_iter()
            .map(|option| (option.to_owned(), set(option)))
            .collect()
    }

    fn cgroup_writable(&self, own: &Path, mounts: Option<&MountInfos>) -> Option<bool> {
        let membership = self.text(own.join("cgroup"))?;
        let path = membership.lines().find_map(|it| it.strip_prefix("0::"))?;
        let mount = mounts?.0.iter().find(|it| it.fs_type == "cgroup2")?;
        let below = Path::new(path).strip_prefix(&mount.root).ok()?;
        let point = mount.mount_point.strip_prefix("/").ok()?;
        let directory = self.at(point).join(below);
        Some(access(&directory, AccessFlags::W_OK).is_ok())
    }
}

/// Whether two processes are in different namespaces of a kind. Only a process that may trace
/// another one sees its namespaces.
fn differ(one: &Path, other: &Path, kind: Namespace) -> Option<bool> {
    let inode = |path: &Path| fs::metadata(path.join(kind.name())).map(|it| it.ino());
    Some(inode(one).ok()? != inode(other).ok()?)
}

/// Whether this is the map of the user namespace that the kernel started with: each id is itself.
fn maps_all(map: &str) -> bool {
    map.split_whitespace().eq(["0", "0", "4294967295"])
}

/// The id inside that maps to one outside; user_namespaces(7).
fn from_outside(map: &str, id: u32) -> Option<u32> {
    map.lines().find_map(|line| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let mut next = || numbers.next()?.ok();
        let (inside, outside, count) = (next()?, next()?, next()?);
        let offset = id.checked_sub(outside).filter(|offset| *offset < count)?;
        inside.checked_add(offset)
    })
}

/// Whether an id map maps this inner id; user_namespaces(7).
fn holds(map: &str, id: u32) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_whitespace().map(str::parse::<u64>);
        let (first, count) = (numbers.next(), numbers.nth(1));
        matches!((first, count), (Some(Ok(first)), Some(Ok(count)))
            if (first..first + count).contains(&u64::from(id)))
    })
}

/// The parts of `/proc` over which something is mounted: a new proc may not show more than this one does.
fn masked(mounts: &MountInfos) -> Vec<String> {
    let points = mounts
        .0
        .iter()
        .map(|it| it.mount_point.display().to_string());
    let mut masked: Vec<_> = points
        .filter(|point| point.starts_with("/proc/") && !MOUNTPOINTS.contains(&point.as_str()))
        .collect();
    masked.sort();
    masked.dedup();
    masked
}

/// The kinds with a file there.
fn kinds(namespaces: &Path) -> Option<NamespaceSet> {
    let names: Vec<_> = fs::read_dir(namespaces)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let there = |kind: &Namespace| names.iter().any(|name| name == kind.name());
    Some(Namespace::ALL.into_iter().filter(there).collect())
}

/// Whether each namespace belongs to the user namespace of the process; ioctl_ns(2), NS_GET_USERNS.
fn owned(namespaces: &Path) -> BTreeMap<Namespace, bool> {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let Ok(user) = fs::metadata(namespaces.join("user")).map(identity) else {
        return BTreeMap::new();
    };
    let belongs = |kind: &Namespace| {
        let file = File::open(namespaces.join(kind.name())).ok()?;
        match sys::owner_of_namespace(file.as_fd()) {
            Ok(owner) => File::from(owner)
                .metadata()
                .ok()
                .map(|it| identity(it) == user),
            // It is outside of our user namespace, so it isn't ours.
            Err(nix::errno::Errno::EPERM) => Some(false),
            Err(_) => None,
        }
    };
    Namespace::ALL
        .into_iter()
        .filter(|kind| *kind != Namespace::User)
        .filter_map(|kind| Some((kind, belongs(&kind)?)))
        .collect()
}

/// The number of user namespaces above this one, as far as the calling process can see: it sees none above its own;
/// ioctl_ns(2), NS_GET_PARENT.
fn levels(user: &Path) -> Option<u32> {
    let mut namespace = File::open(user).ok()?;
    let mut levels = 0;
    loop {
        if namespace.metadata().ok()?.ino() == FIRST_USER_NAMESPACE {
            return Some(levels);
        }
        match sys::parent_of_namespace(namespace.as_fd()) {
            Ok(parent) => namespace = parent.into(),
            // Ours isn't the first, so there are others above that we can't see.
            Err(_) => return (levels > 0).then_some(levels + 1),
        }
        levels += 1;
    }
}

#[cfg(test)]
mod tests;
