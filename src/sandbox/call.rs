//! The calls that helpers make, printed as strace(1) prints them.
//!
//! Plain data. A launcher in the lab can be traced by the learner, who can make it report any call:
//! so a call is a claim of the helper, and no proof. Must not know how a call is made, or what a
//! refusal of it means.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::report::Exit;
use crate::namespace::{Namespace, NamespaceSet};

/// A system call with its arguments, or a few calls that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    Unshare(NamespaceSet),
    Clone(NamespaceSet),
    /// clone3(2), CLONE_INTO_CGROUP.
    CloneIntoCgroup(NamespaceSet),
    Fork,
    Setns {
        pidfd: i32,
        /// The owner of the pidfd, as `strace -y` prints it after a descriptor.
        whose: String,
        kinds: NamespaceSet,
    },
    /// setns(2) to the time namespace that the process has made for its children.
    SetnsOwnTime {
        fd: i32,
    },
    /// A write to a file of `/proc/PID` that sets the ids of a user namespace.
    WriteMap {
        pid: i32,
        map: IdMap,
        content: String,
    },
    /// A write to `timens_offsets`.
    WriteOffsets(String),
    /// setgroups(2), setresgid(2) and setresuid(2).
    BecomeUser {
        uid: u32,
        gid: u32,
    },
    /// fchown(2) of the terminal.
    ChownTerminal {
        uid: u32,
        gid: u32,
    },
    SetHostname(String),
    SetDomainname(String),
    Prctl(String),
    Setsid,
    /// keyctl(2), KEYCTL_JOIN_SESSION_KEYRING.
    JoinSessionKeyring,
    /// ioctl(2), TIOCSCTTY.
    TakeTerminal(i32),
    Open {
        path: String,
        flags: String,
    },
    /// open_tree(2): a copy of one mount.
    OpenTree(String),
    /// move_mount(2): gives such a copy its place.
    MoveMount {
        mount: i32,
        path: String,
    },
    /// mount(2). `None` is NULL.
    Mount {
        source: Option<String>,
        target: String,
        fstype: Option<String>,
        flags: String,
        data: Option<String>,
    },
    /// mount_setattr(2): makes a tree of mounts read-only, or one mount writable.
    MountSetattr {
        path: String,
        readonly: bool,
    },
    /// umount2(2), MNT_DETACH.
    Umount(String),
    PivotRoot,
    /// Brings lo up; rtnetlink(7).
    LoopbackUp,
    /// Makes a veth pair; rtnetlink(7).
    NewVeth,
    MemfdCreate,
    /// execve(2): the program and its arguments.
    Exec(Vec<String>),
    /// fexecve(3) of nslab as the helper that is named.
    ExecOurselves(String),
    /// A write of 0 to [`Call::CGROUP_LIMIT`].
    ForbidCgroups,
    /// Not a call: a signal killed the process after this call, in a later one that is not known.
    Killed {
        signal: i32,
        after: Option<String>,
    },
    /// read(2) from another process, named here, that is to report.
    Read(String),
    /// pidfd_send_signal(2) with signal 0: whether a process may be ended.
    MayKill(String),
    /// Any other call. Nothing in nslab depends on which.
    Other(String),
}

/// A file that says which ids a user namespace has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdMap {
    /// `uid_map`.
    Uid,
    /// `gid_map`.
    Gid,
    /// `setgroups`.
    Setgroups,
}

impl IdMap {
    /// The file's name under `/proc/PID`.
    pub fn file(self) -> &'static str {
        match self {
            IdMap::Uid => "uid_map",
            IdMap::Gid => "gid_map",
            IdMap::Setgroups => "setgroups",
        }
    }
}

impl Call {
    /// How many CGROUP namespaces there may be below the writer's user namespace.
    pub(super) const CGROUP_LIMIT: &str = "/proc/sys/user/max_cgroup_namespaces";

    pub(super) fn open(path: &Path, flags: &str) -> Self {
        Call::Open {
            path: path.display().to_string(),
            flags: flags.to_owned(),
        }
    }
}

impl From<&str> for Call {
    fn from(call: &str) -> Self {
        Call::Other(call.to_owned())
    }
}

impl From<String> for Call {
    fn from(call: String) -> Self {
        Call::Other(call)
    }
}

impl fmt::Display for Call {
    #[allow(clippy::too_many_lines, reason = "a table")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let null = |text: &Option<String>| text.clone().unwrap_or_else(|| "NULL".to_owned());
        match self {
            Call::Unshare(kinds) => write!(f, "unshare({})", flags(user_first(*kinds))),
            Call::Clone(kinds) if kinds.is_empty() => f.write_str("clone(SIGCHLD)"),
            Call::Clone(kinds) => write!(f, "clone(SIGCHLD|{})", flags(kinds.iter())),
            Call::CloneIntoCgroup(kinds) if kinds.is_empty() => {
                f.write_str("clone3(SIGCHLD|CLONE_INTO_CGROUP)")
            }
            Call::CloneIntoCgroup(kinds) => {
                let flags = flags(kinds.iter());
                write!(f, "clone3(SIGCHLD|CLONE_INTO_CGROUP|{flags})")
            }
            Call::Fork => f.write_str("fork()"),
            Call::Setns {
                pidfd,
                whose,
                kinds,
            } => write!(f, "setns({pidfd}<{whose}>, {})", flags(kinds.iter())),
            Call::SetnsOwnTime { fd } => {
                write!(
                    f,
                    "setns({fd}</proc/self/ns/time_for_children>, CLONE_NEWTIME)"
                )
            }
            Call::WriteMap { pid, map, content } => {
                write!(f, "write(/proc/{pid}/{}, \"{content}\")", map.file())
            }
            Call::WriteOffsets(content) => {
                write!(f, "write(/proc/self/timens_offsets, {content:?})")
            }
            Call::BecomeUser { uid, gid } => {
                write!(f, "setgroups([]), setresgid({gid}), setresuid({uid})")
            }
            Call::ChownTerminal { uid, gid } => write!(f, "fchown(0, {uid}, {gid})"),
            Call::SetHostname(name) => write!(f, "sethostname(\"{name}\", {})", name.len()),
            Call::SetDomainname(name) => write!(f, "setdomainname(\"{name}\", {})", name.len()),
            Call::Prctl(arguments) => write!(f, "prctl({arguments})"),
            Call::Setsid => f.write_str("setsid()"),
            Call::JoinSessionKeyring => f.write_str("keyctl(KEYCTL_JOIN_SESSION_KEYRING)"),
            Call::TakeTerminal(fd) => write!(f, "ioctl({fd}, TIOCSCTTY, 0)"),
            Call::Open { path, flags } => write!(f, "open({path}, {flags})"),
            Call::OpenTree(path) => write!(
                f,
                "open_tree(AT_FDCWD, {path}, OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)"
            ),
            Call::MoveMount { mount, path } => write!(
                f,
                "move_mount({mount}, \"\", AT_FDCWD, {path}, MOVE_MOUNT_F_EMPTY_PATH)"
            ),
            Call::Mount {
                source,
                target,
                fstype,
                flags,
                data,
            } => {
                let (source, fstype) = (null(source), null(fstype));
                let data = null(&data.as_ref().map(|data| format!("\"{data}\"")));
                write!(f, "mount({source}, {target}, {fstype}, {flags}, {data})")
            }
            Call::MountSetattr { path, readonly } => f.write_str(&if *readonly {
                format!("mount_setattr({path}, AT_RECURSIVE, {{attr_set=MOUNT_ATTR_RDONLY}})")
            } else {
                format!("mount_setattr({path}, 0, {{attr_clr=MOUNT_ATTR_RDONLY}})")
            }),
            Call::Umount(path) => write!(f, "umount2({path}, MNT_DETACH)"),
            Call::ForbidCgroups => write!(f, "write({}, \"0\")", Call::CGROUP_LIMIT),
            Call::PivotRoot => f.write_str("pivot_root(\".\", \".\")"),
            Call::LoopbackUp => f.write_str("rtnetlink: lo up"),
            Call::NewVeth => f.write_str("rtnetlink: lab0, lab1"),
            Call::MemfdCreate => f.write_str("memfd_create(nslab, MFD_EXEC)"),
            Call::Exec(argv) => write!(f, "execve({})", argv.join(" ")),
            Call::Killed { signal, after } => {
                write!(f, "killed by {}", Exit::Signal(*signal))?;
                after
                    .iter()
                    .try_for_each(|call| write!(f, ", after {call}"))
            }
            Call::ExecOurselves(helper) => write!(f, "fexecve(nslab {helper})"),
            Call::MayKill(whom) => write!(f, "pidfd_send_signal({whom}, 0)"),
            Call::Read(whom) => write!(f, "read({whom})"),
            Call::Other(call) => f.write_str(call),
        }
    }
}

/// In the order of the kernel, which makes USER first, and the others in it.
fn user_first(kinds: NamespaceSet) -> impl Iterator<Item = Namespace> {
    let user = kinds.contains(Namespace::User).then_some(Namespace::User);
    user.into_iter()
        .chain(kinds.without(Namespace::User).iter())
}

/// `CLONE_NEWUTS|CLONE_NEWIPC`.
fn flags(kinds: impl Iterator<Item = Namespace>) -> String {
    kinds
        .map(Namespace::flag_name)
        .collect::<Vec<_>>()
        .join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::too_many_lines, reason = "a table")]
    fn calls_are_printed_as_strace_prints_them() {
        let kinds = |list: &str| list.parse::<NamespaceSet>().unwrap();
        for (call, printed) in [
            (
                Call::Unshare(kinds("mnt,user")),
                "unshare(CLONE_NEWUSER|CLONE_NEWNS)",
            ),
            (Call::Clone(kinds("")), "clone(SIGCHLD)"),
            (
                Call::Clone(kinds("uts,net")),
                "clone(SIGCHLD|CLONE_NEWUTS|CLONE_NEWNET)",
            ),
            (
                Call::CloneIntoCgroup(kinds("")),
                "clone3(SIGCHLD|CLONE_INTO_CGROUP)",
            ),
            (
                Call::CloneIntoCgroup(kinds("uts,net")),
                "clone3(SIGCHLD|CLONE_INTO_CGROUP|CLONE_NEWUTS|CLONE_NEWNET)",
            ),
            (
                Call::Setns {
                    pidfd: 6,
                    whose: "keeper".to_owned(),
                    kinds: kinds("uts,mnt"),
                },
                "setns(6<keeper>, CLONE_NEWUTS|CLONE_NEWNS)",
            ),
            (
                Call::SetnsOwnTime { fd: 5 },
                "setns(5</proc/self/ns/time_for_children>, CLONE_NEWTIME)",
            ),
            (
                Call::WriteMap {
                    pid: 12,
                    map: IdMap::Uid,
                    content: "0 0 1".to_owned(),
                },
                "write(/proc/12/uid_map, \"0 0 1\")",
            ),
            (
                Call::WriteOffsets("boottime 1 0\n".to_owned()),
                "write(/proc/self/timens_offsets, \"boottime 1 0\\n\")",
            ),
            (
                Call::SetHostname("web1".to_owned()),
                "sethostname(\"web1\", 4)",
            ),
            (
                Call::SetDomainname("lab".to_owned()),
                "setdomainname(\"lab\", 3)",
            ),
            (
                Call::Mount {
                    source: None,
                    target: "/".to_owned(),
                    fstype: None,
                    flags: "MS_REC|MS_PRIVATE".to_owned(),
                    data: None,
                },
                "mount(NULL, /, NULL, MS_REC|MS_PRIVATE, NULL)",
            ),
            (
                Call::Mount {
                    source: Some("proc".to_owned()),
                    target: "/proc".to_owned(),
                    fstype: Some("proc".to_owned()),
                    flags: "MS_NOSUID".to_owned(),
                    data: Some(String::new()),
                },
                "mount(proc, /proc, proc, MS_NOSUID, \"\")",
            ),
            (
                Call::Exec(vec!["ps".to_owned(), "aux".to_owned()]),
                "execve(ps aux)",
            ),
            ("pipe2(ends, O_CLOEXEC)".into(), "pipe2(ends, O_CLOEXEC)"),
        ] {
            assert_eq!(call.to_string(), printed);
            let sent = serde_json::to_string(&call).unwrap();
            assert_eq!(serde_json::from_str::<Call>(&sent).unwrap(), call);
        }
    }
}
