//! The operations whose refusals are explained.
//!
//! Owns how an operation is recognised: from a step's call, or from a program's output in a shell.

use nix::errno::Errno;

use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{Call, IdMap};

/// Something that the kernel can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// clone(2) or unshare(2) with new namespaces.
    New(NamespaceSet),
    /// Writing `uid_map`, `gid_map` or `setgroups`.
    WriteMap(IdMap),
    /// Writing a `uid_map` that holds the outer namespace's id 0.
    MapRoot,
    /// Writing a map of a user namespace that the same program has just made.
    MapOfNew,
    /// A range of ids that newuidmap(1) or newgidmap(1) was asked for.
    MapRange,
    /// Writing a map with such a range.
    WriteRange,
    /// Looking for a process by its PID.
    FindProcess,
    /// setgroups(2), setresgid(2) and setresuid(2), to another user than root.
    BecomeUser,
    /// Ending a process of the lab from outside.
    Kill,
    /// Writing `timens_offsets`.
    WriteOffsets,
    /// Mounting a new proc.
    MountProc,
    /// A new mount of a file system that shows a namespace of this kind: sysfs, cgroup2, mqueue.
    MountView(Namespace),
    /// A new mount that the kernel finds "too revealing".
    Reveal,
    /// A mount of a filesystem that a user namespace can't have: on a disk, on a loop device, devtmpfs.
    MountDevice,
    /// A bind mount of one mount without those below it.
    Bind,
    /// Other flags for a mount.
    Remount,
    /// A remount that names only the mount point.
    RemountPlace,
    /// umount(2).
    Umount,
    /// Any other mount, or a change of one.
    Mount,
    /// Bringing lo up.
    LoUp,
    /// Making a pair of veth.
    Veth,
    /// sethostname(2) and setdomainname(2).
    SetHostname,
    /// Writing the same to `/proc/sys/kernel/hostname`.
    WriteHostname,
    /// Writing another file below `/proc/sys`.
    WriteSysctl,
    /// chown(2).
    Chown,
    /// setgroups(2), by a program that takes another user's ids.
    SetGroups,
    /// setresuid(2) or setresgid(2), by such a program.
    ChangeId,
    /// The same calls by nsenter(1), which becomes root in the user namespace that it enters.
    EnterAsRoot,
    /// setns(2).
    Join(Namespace),
    /// Getting a controlling terminal, or moving a job to its foreground.
    TakeTerminal,
    /// fork(2), by a shell or by a program that has just joined a PID namespace.
    Fork(Who),
    /// pivot_root(2).
    PivotRoot,
    /// Reading a link of `/proc/PID/ns`.
    NamespaceLink,
    /// A program that looks for itself in `/proc`.
    LookupSelf,
    /// A program that looks for processes in `/proc`.
    ReadProc,
    /// execve(2).
    Exec,
    /// Mounting the terminal under the lab host's `/dev`.
    LabTerminal,
    /// A program in memory; memfd_create(2).
    ProgramInMemory,
    /// Forbidding the lab CGROUP namespaces, before it is made.
    ForbidCgroups,
    /// A process that a signal ended: its last call is not known.
    Killed(i32),
    /// A program whose child SIGKILL ended.
    ChildKilled,
    /// execve(2), or clone(2) with new namespaces: Go's name for both.
    ForkExec,
    /// mknod(2) of a device.
    MakeNode,
    /// Setting the clock.
    SetClock,
    /// Opening `/dev/net/tun`.
    OpenTun,
    /// Changing a file.
    ChangeFile,
    /// Opening a file below `/etc`; the line shows whether for writing.
    OpenFile,
    /// Installing a package of the distribution.
    InstallPackage,
    /// Making a cgroup, or writing one of its own files: `cgroup.procs`, `cgroup.subtree_control`.
    ChangeCgroup,
    /// Opening a file of a cgroup's controller, such as `memory.max`.
    OpenLimit,
    /// Mounting an overlay that needs extended attributes which only the machine's root may set.
    TrustedOverlay,
    /// Looking up a name on the Internet, or reaching an address there.
    ReachOut,
    /// Reaching an address; the line shows which one.
    Reach,
    /// Asking systemd.
    AskSystemd,
    /// Checking a password, by a program that lacks the rights for it.
    CheckPassword,
    /// An operation that the program's message doesn't name.
    Unnamed,
    /// The same, by a program that is about networks.
    UnnamedNetwork,
    /// Joining a session keyring, a key of the user's; keyctl(2).
    JoinKeyring,
    /// Opening the file nslab, which is being executed.
    OpenOurselves,
    /// Anything else.
    Other,
}

/// The program that forks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// One that unshared PID and continues outside of it.
    Unsharer,
    /// A program that joined a PID namespace.
    Joiner,
}

const USER: NamespaceSet = NamespaceSet::EMPTY.with(Namespace::User);

/// The messages of programs about refusals: parts of the line with `…` between them, the operation, and the errno if
/// the line doesn't name it. The first match counts.
const SEEN: &[(&str, Operation, Option<Errno>)] = {
    use Errno::{EACCES, EHOSTDOWN, EINVAL, ENETUNREACH, ENOENT, EPERM, EROFS, UnknownErrno};
    use Operation::{
        AskSystemd, ChangeCgroup, ChangeFile, ChangeId, CheckPassword, ChildKilled, Chown,
        EnterAsRoot, FindProcess, Fork, ForkExec, InstallPackage, Join, JoinKeyring, LoUp,
        LookupSelf, MakeNode, MapOfNew, MapRange, Mount, MountDevice, MountProc, MountView,
        NamespaceLink, New, OpenFile, OpenLimit, OpenTun, Other, PivotRoot, Reach, ReachOut,
        ReadProc, Reveal, SetClock, SetGroups, SetHostname, TakeTerminal, Umount, Unnamed,
        WriteHostname, WriteMap, WriteOffsets, WriteRange, WriteSysctl,
    };
    &[
        ("cannot set terminal process group", TakeTerminal, None),
        ("fork/exec", ForkExec, None),
        ("nsenter…fork", Fork(Who::Joiner), None),
        ("fork", Fork(Who::Unsharer), None),
        ("pivot_root", PivotRoot, None),
        ("timens_offsets", WriteOffsets, None),
        ("unshare: …uid_map", MapOfNew, None),
        ("unshare: …gid_map", MapOfNew, None),
        ("setting up uid map", MapOfNew, None),
        ("setting up gid map", MapOfNew, None),
        ("newuidmap…not allowed", MapRange, Some(EPERM)),
        ("newgidmap…not allowed", MapRange, Some(EPERM)),
        ("newuidmap…uid_map", WriteRange, None),
        ("newgidmap…gid_map", WriteRange, None),
        ("proc directory for target", FindProcess, Some(ENOENT)),
        ("gid_map", WriteMap(IdMap::Gid), None),
        ("uid_map", WriteMap(IdMap::Uid), None),
        ("/setgroups", WriteMap(IdMap::Setgroups), None),
        ("nsenter…setgroups", EnterAsRoot, None),
        ("nsenter…setgid", EnterAsRoot, None),
        ("nsenter…setuid", EnterAsRoot, None),
        ("su: Authentication failure", CheckPassword, Some(EPERM)),
        ("create keyring", JoinKeyring, None),
        ("join session keyring", JoinKeyring, None),
        ("setgroups", SetGroups, None),
        ("cannot set groups", SetGroups, None),
        ("setgid", ChangeId, None),
        ("setuid", ChangeId, None),
        ("setres", ChangeId, None),
        ("cannot set user id", ChangeId, None),
        ("cannot set group id", ChangeId, None),
        ("Couldn't change to", ChangeId, None),
        ("reassociate…ns/user", Join(Namespace::User), None),
        ("reassociate…ns/pid", Join(Namespace::Pid), None),
        ("reassociate…ns/", Join(Namespace::Mnt), None),
        (
            "nsenter: cannot open /proc/…/ns/…No such file",
            FindProcess,
            Some(ENOENT),
        ),
        ("/proc/…/ns/", NamespaceLink, None),
        ("fatal library error…lookup self", LookupSelf, Some(ENOENT)),
        ("mount -t proc proc /proc", ReadProc, Some(ENOENT)),
        ("/proc lacks process entries", ReadProc, Some(ENOENT)),
        (
            "sigprocmask unblock failed",
            ChildKilled,
            Some(UnknownErrno),
        ),
        (
            "permission denied on key…kernel.hostname",
            WriteHostname,
            Some(EACCES),
        ),
        ("permission denied on key", WriteSysctl, Some(EACCES)),
        ("/proc/sys/kernel/hostname", WriteHostname, None),
        ("/proc/sys/", WriteSysctl, None),
        ("hostname…you must be root", SetHostname, Some(EPERM)),
        // The file, which is not the name that sethostname(2) sets.
        ("/etc/hostname…Read-only file system", ChangeFile, None),
        ("/etc/hostname", OpenFile, None),
        ("hostname", SetHostname, None),
        ("chown", Chown, None),
        ("preserve ownership", Chown, None),
        ("change ownership", Chown, None),
        ("RTNETLINK", LoUp, None),
        ("RTM_NEWADDR", LoUp, None),
        (
            "You don't have permission to perform this capture",
            LoUp,
            Some(EPERM),
        ),
        ("/dev/net/tun", OpenTun, None),
        ("open: No such file", Other, None),
        ("cannot set date", SetClock, None),
        ("Cannot access the Hardware Clock", SetClock, Some(EPERM)),
        ("mknod", MakeNode, None),
        ("niceness", Unnamed, Some(EPERM)),
        (
            "failed to set priority…Permission denied",
            Unnamed,
            Some(EPERM),
        ),
        ("lock file /var/lib/dpkg", InstallPackage, Some(ENOENT)),
        (
            "System has not been booted with systemd",
            AskSystemd,
            Some(EHOSTDOWN),
        ),
        (
            "Temporary failure in name resolution",
            ReachOut,
            Some(ENETUNREACH),
        ),
        // As APT says it.
        ("Temporary failure resolving", ReachOut, Some(ENETUNREACH)),
        ("ould not resolve host", ReachOut, Some(ENETUNREACH)),
        ("Network is unreachable", Reach, None),
        ("mkdir: …/sys/fs/cgroup/", ChangeCgroup, None),
        ("/sys/fs/cgroup/…/cgroup.", ChangeCgroup, None),
        ("cgroup/cgroup.", ChangeCgroup, None),
        ("/sys/fs/cgroup/", OpenLimit, None),
        ("loop device", MountDevice, Some(EPERM)),
        (
            "passwd: Authentication token manipulation error",
            ChangeFile,
            Some(EROFS),
        ),
        ("cannot lock /etc/", ChangeFile, Some(EROFS)),
        (
            "No permissions to create new namespace",
            New(USER),
            Some(EPERM),
        ),
        (
            "No permissions to creating new namespace",
            New(USER),
            Some(EPERM),
        ),
        ("devpts…gid=", ChangeId, Some(EINVAL)),
        ("mount…too revealing", Reveal, Some(EPERM)),
        ("mount of /sys", MountView(Namespace::Net), None),
        ("umount…not mounted", Umount, Some(EINVAL)),
        ("mount…wrong fs type", Mount, Some(EINVAL)),
        (
            "mount failed: Operation not permitted",
            MountDevice,
            Some(EPERM),
        ),
        ("mount…must be superuser", Mount, Some(EPERM)),
        (
            "mount…mount point not mounted or bad option",
            Mount,
            Some(EINVAL),
        ),
        ("mount…/proc…permission denied", MountProc, Some(EPERM)),
        ("mount /proc failed", MountProc, None),
        ("mount", Mount, None),
        ("unshare", New(NamespaceSet::EMPTY), None),
        ("clone", New(NamespaceSet::EMPTY), None),
        ("Read-only file system", ChangeFile, None),
        (": /etc/", OpenFile, None),
        // dash, and busybox's shell.
        ("cannot create /etc/", OpenFile, None),
        ("can't create /etc/", OpenFile, None),
        ("Operation not permitted", Unnamed, None),
        // nft and iptables add this to either errno.
        ("(you must be root)", Unnamed, Some(EPERM)),
    ]
};

/// Whether a program continues after this message: newgrp(1) keeps its groups, and runs a shell;
/// nice(1) runs its command all the same; `apt update` succeeds without any list.
pub(super) fn went_on(line: &str, printed: &str) -> bool {
    const MESSAGES: [(&str, &[&str]); 3] = [
        ("setgroups: ", &["newgrp"]),
        ("nice: cannot set niceness: ", &["nice"]),
        ("W: Failed to fetch ", &["apt", "apt-get"]),
    ];
    let runs = |program: &&str| line.split_whitespace().any(|word| word == *program);
    let told = |(start, programs): &(&str, &[&str])| {
        printed.starts_with(start) && programs.iter().any(runs)
    };
    MESSAGES.iter().any(told)
}

impl Operation {
    /// The operation that a step's call is part of.
    pub fn of_call(call: &Call) -> Operation {
        let in_lab = |path: &str| path.starts_with("/dev/tty");
        match call {
            Call::CloneIntoCgroup(kinds) if kinds.is_empty() => Operation::Fork(Who::Joiner),
            Call::Clone(kinds) | Call::CloneIntoCgroup(kinds) | Call::Unshare(kinds) => {
                Operation::New(*kinds)
            }
            Call::WriteMap {
                map: IdMap::Uid,
                content,
                ..
            } if content.split_whitespace().nth(1) == Some("0") => Operation::MapRoot,
            Call::WriteMap { map, .. } => Operation::WriteMap(*map),
            Call::BecomeUser { .. } => Operation::BecomeUser,
            Call::MayKill(_) => Operation::Kill,
            Call::WriteOffsets(_) => Operation::WriteOffsets,
            Call::Open { path, .. } if path == "/proc/self/exe" => Operation::OpenOurselves,
            Call::Open { path, .. } | Call::Umount(path) if in_lab(path) => Operation::LabTerminal,
            Call::Mount { source, .. } if source.as_deref() == Some("proc") => Operation::MountProc,
            Call::Mount { .. }
            | Call::MountSetattr { .. }
            | Call::MoveMount { .. }
            | Call::OpenTree(_)
            | Call::Umount(_) => Operation::Mount,
            Call::SetHostname(_) | Call::SetDomainname(_) => Operation::SetHostname,
            Call::ChownTerminal { .. } => Operation::Chown,
            Call::TakeTerminal(_) => Operation::TakeTerminal,
            Call::Fork => Operation::Fork(Who::Joiner),
            Call::PivotRoot => Operation::PivotRoot,
            Call::Exec(_) | Call::ExecOurselves(_) => Operation::Exec,
            Call::Killed { signal, .. } => Operation::Killed(*signal),
            Call::ForbidCgroups => Operation::ForbidCgroups,
            Call::MemfdCreate => Operation::ProgramInMemory,
            Call::JoinSessionKeyring => Operation::JoinKeyring,
            Call::LoopbackUp => Operation::LoUp,
            Call::NewVeth => Operation::Veth,
            Call::Setns { .. }
            | Call::SetnsOwnTime { .. }
            | Call::Prctl(_)
            | Call::Setsid
            | Call::Open { .. }
            | Call::Read(_)
            | Call::Other(_) => Operation::Other,
        }
    }

    /// The operation and errno that a printed line reports, if it is a known refusal.
    pub fn seen(line: &str) -> Option<(Operation, Errno)> {
        let said = errno_at_the_end(line);
        SEEN.iter().find_map(|(parts, operation, errno)| {
            let errno = errno.or(said)?;
            let all = parts.split('…').all(|part| line.contains(part));
            all.then_some((*operation, errno))
        })
    }
}

/// The errno whose strerror(3) description ends a line.
fn errno_at_the_end(line: &str) -> Option<Errno> {
    /// Beyond the last errno of Linux; errno(3).
    const END: i32 = 134;
    // Go's loggers end a message with a quotation mark.
    let line = line.trim_end().trim_end_matches(['.', ')', '"']);
    let described = |number: &i32| {
        let text = std::io::Error::from_raw_os_error(*number).to_string();
        let description = text.split(" (os error").next().unwrap_or(&text);
        let start = line.len().checked_sub(description.len());
        let tail = start.and_then(|start| line.get(start..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(description))
    };
    (1..END).find(described).map(Errno::from_raw)
}
