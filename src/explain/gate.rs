//! Gates, which can refuse, and remedies, which help against them, as data.
//!
//! `decide` chooses them, `words` has their texts.

use serde::Serialize;

use crate::facts::Keys;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::HostKind;

/// The rule or limit that refused an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// A capability that the process doesn't have; capabilities(7).
    Capability(&'static str),
    /// Capabilities that an exec cleared, as the process had no id in its user namespace.
    LostAtExec,
    /// The process's own id has no place in its user namespace.
    NoIdOfItsOwn,
    /// The owner of a new file would have no id in the user namespace.
    NoOwner,
    /// A namespace of this kind that belongs to another user namespace.
    Owner(Namespace),
    /// A filter of system calls; seccomp(2).
    Seccomp,
    /// AppArmor's rule for user namespaces of ordinary users; Ubuntu 23.10 and later.
    ApparmorUserns,
    /// The AppArmor profile that the process is confined by.
    ApparmorProfile(String),
    /// The kernel makes no user namespace below a chroot.
    Chroot,
    /// A sysctl forbids it.
    Sysctl(Sysctl),
    /// A limit in `/proc/sys/user` for these kinds.
    Limit(NamespaceSet),
    /// Such a limit in a user namespace above, or the number of levels: the kernel doesn't say which.
    LimitAbove,
    /// 33 levels of user namespaces.
    Levels,
    /// The kernel was built without this kind.
    KernelWithout(Namespace),
    /// The kernel was built without this option.
    KernelOption(&'static str),
    /// The kernel doesn't know the call, or a filter answers as if it didn't.
    UnknownCall,
    /// A process with several threads can't enter a new user namespace.
    Threads,
    /// Something is mounted over parts of `/proc`.
    MaskedProc(Vec<String>),
    /// `/proc` is mounted read-only.
    ReadOnlyProc,
    /// A group map needs `deny` in setgroups first.
    SetgroupsAllowed,
    /// A map is written once.
    MapWritten,
    /// An id that isn't the writer's own.
    ForeignId,
    /// The machine's uid 0, in a user namespace where it can become nobody else.
    MachinesRoot,
    /// The outer namespace's id 0, in a map; Linux 5.12 and later.
    RootMapped,
    /// An id that the user namespace doesn't map.
    IdNotMapped,
    /// Outer ids of a map that the writer's user namespace doesn't map, or a map that is written already.
    RangeNotMapped,
    /// No process has this PID.
    NoProcess,
    /// The file nslab may be executed, not read.
    UnreadableOurselves,
    /// A program's set-user-ID bit has no effect.
    NoSetUserId,
    /// setgroups(2) is denied in the user namespace.
    SetgroupsDenied,
    /// setgroups(2) is denied in the user namespace that nsenter(1) enters.
    SetgroupsDeniedThere,
    /// The user namespace that nsenter(1) enters has no id 0.
    NoRootThere,
    /// A namespace to be joined, whose user namespace gives the caller no capability.
    OwnerOfJoined,
    /// The caller is in the user namespace to be joined already.
    AlreadyThere,
    /// A PID namespace to be joined that isn't below the caller's.
    NotBelow,
    /// `/etc/subuid` or `/etc/subgid`.
    SubordinateIds,
    /// No fully visible sysfs, which a new one needs.
    HiddenSysfs,
    /// A mount that hides others, copied from another user namespace's mount namespace.
    LockedBelow,
    /// A mount that was copied from another user namespace's mount namespace.
    LockedMount,
    /// A flag of such a mount.
    LockedFlag,
    /// `/proc/sys/kernel/hostname`, which belongs to the machine's root.
    HostnameFile,
    /// Another file below `/proc/sys` that belongs to the machine's root.
    MachineSysctl,
    /// Device nodes are made in the first user namespace only.
    DeviceNode,
    /// The clock has no namespace.
    Clock,
    /// A filesystem that is not for user namespaces.
    BlockDevice,
    /// The lab host's `/dev` has no net/tun.
    NoTun,
    /// The filesystem is read-only.
    ReadOnlyFiles,
    /// The programs are the machine's.
    MachinePrograms,
    /// The visible cgroups are the machine's.
    ForeignCgroup,
    /// nslab's own cgroup, which the lab could reach from a CGROUP namespace.
    OuterCgroup,
    /// A controller that the cgroup above does not enable.
    NoController,
    /// `trusted.*` attributes are written in the first user namespace only.
    TrustedAttributes,
    /// No route leads out of the lab.
    NoWayOut,
    /// Process 1 is not systemd.
    NoSystemd,
    /// mount(8) repeats the owner's id on the machine, as it read it; that id has no number here.
    RemountWithoutSource,
    /// SIGKILL ended the child of the program that reports it.
    ChildKilled,
    /// The kernel asks for the capability in the first user namespace.
    RootOfTheLab,
    /// Somebody has entered the time namespace.
    OffsetsFixed,
    /// The rules for looking at other users' processes; ptrace(2).
    PtraceAccess,
    /// The session has no terminal.
    NoTerminal,
    /// The terminal is another session's.
    TerminalTaken,
    /// Process 1 of the PID namespace that children go to has ended.
    FirstChildEnded,
    /// Process 1 of the PID namespace that was joined has ended.
    InitEnded,
    /// `/proc` shows another PID namespace.
    ForeignProc,
    /// `/proc` is no proc, or that of a PID namespace that has ended: it leaked out of a container.
    LeakedProc,
    /// pivot_root(2) needs a mount of its own for the new root.
    SameMount,
    /// pivot_root(2) needs a mount point, and private parents.
    NotPivotable,
    /// RLIMIT_NPROC, pids.max, or kernel.pid_max of a PID namespace.
    ProcessLimit,
    /// RLIMIT_NOFILE, or the machine's limit.
    OpenFiles,
    /// RLIMIT_FSIZE, or the file system's largest file.
    FileSize,
    /// RLIMIT_AS, or the machine's memory.
    Memory,
    /// How many keys a user may have in the kernel; keyrings(7).
    KeyQuota(Option<Keys>),
    /// There is no such program.
    NoProgram,
    /// It can't be executed.
    NotExecutable,
    /// The lab host's `/dev` isn't as it was made.
    DevChanged,
    /// No known fact explains it.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sysctl {
    /// kernel.unprivileged_userns_clone: Debian 10 and older.
    UnprivilegedUsernsClone,
    MemfdNoexec,
}

/// What a user can do about a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Add USER, or do it in the lab host.
    AddUser,
    /// Use a process that still has the capability: this root has lost it.
    KeepCapability,
    /// Write the maps before exec.
    MapBeforeExec,
    /// Start the container without its filter, or with the capability.
    ContainerOptions,
    /// Start it without the AppArmor profile.
    ContainerApparmor,
    /// Do it in a place without the filter.
    OutsideTheFilter,
    /// Leave the chroot.
    LeaveChroot,
    /// Set a sysctl to a value.
    SetSysctl(&'static str, &'static str),
    /// Install nslab's AppArmor profile.
    ApparmorProfile,
    /// Raise the limit in `/proc/sys/user` for this kind.
    RaiseLimit(Namespace),
    /// Leave the innermost user namespaces.
    GoUp,
    /// A kernel that has it.
    OtherKernel(&'static str),
    /// A newer kernel.
    NewerKernel,
    /// Ask from a process with one thread.
    OneThread,
    /// Add PID, and enter the new namespace by a fork.
    AddPid,
    /// Add the kind, so that it belongs to the same user namespace.
    AddKind(Namespace),
    /// Start the container with a whole `/proc`.
    Unmask,
    /// Remount it read-write.
    RemountProc,
    /// Unmount the mounts that cover it.
    UnmountMasks,
    /// Write `deny` to `/proc/PID/setgroups` first.
    DenySetgroups,
    /// Another new user namespace.
    FreshUser,
    /// Start nslab as an ordinary user.
    AsOrdinaryUser,
    /// Become an ordinary user before the user namespace is made.
    OtherUserFirst,
    /// Map only the caller's own id, or use newuidmap.
    MapOwnId,
    /// Choose an id that is mapped, or map it.
    MappedId,
    /// A map of more than one id.
    IdRange,
    /// `ps -e`.
    LookUpPid,
    /// `nsenter --preserve-credentials`.
    PreserveCredentials,
    /// Join the user namespace that owns it first.
    JoinUser,
    /// Join the others alone.
    LeaveOutUser,
    /// A range in `/etc/subuid` and `/etc/subgid`.
    AddSubordinateIds,
    /// Leave the sysfs that is mounted, and bind it.
    KeepSysfs,
    /// `mount --rbind`.
    BindRecursively,
    /// Mount something over it.
    MountOver,
    /// A new mount in its place.
    MountNew,
    /// `hostname NAME`.
    CallHostname,
    /// Bind one of the machine's nodes.
    BindNode,
    /// A TIME namespace.
    ClockOffsets,
    /// tmpfs or overlay.
    MountInMemory,
    /// veth instead of tun.
    UseVeth,
    /// Write to `/tmp`.
    WriteElsewhere,
    /// Install it on the machine.
    InstallOutside,
    /// Start nslab in a cgroup of its own.
    Delegate,
    /// Start nslab where it may write to its cgroup.
    WritableCgroup,
    /// `cgroup.subtree_control`.
    EnableController,
    /// Mount it without the option.
    LeaveOutOption,
    /// A server in another NET namespace.
    ServeInside,
    /// Start the program without systemd.
    StartWithoutSystemd,
    /// `mount -o remount,… SOURCE TARGET`.
    NameSource,
    /// Write the offsets before exec.
    OffsetsBeforeExec,
    /// Compare with an own process.
    OwnProcess,
    /// setsid and TIOCSCTTY in the child.
    TakeTerminal,
    /// `--fork`.
    Fork,
    /// Start the container again.
    StartAgain,
    /// A fresh proc in a mount namespace.
    FreshProc,
    /// Unmount the leaked one, and make mounts private first.
    UnmountProc,
    /// Bind the new root onto itself.
    BindOntoItself,
    /// Bind it onto itself, and make mounts private.
    BindAndPrivate,
    /// End some processes.
    EndProcesses,
    /// Raise the limit of open files.
    MoreFiles,
    /// Raise the limit of a file's size.
    LargerFiles,
    /// Raise the limit of a process's memory.
    MoreMemory,
    /// Another kind of host, which can be made.
    OtherHost(HostKind),
    /// A fresh lab host.
    FreshLab,
    /// Make the file nslab readable for all.
    MakeReadable,
    /// Install a package of Debian and Ubuntu.
    Install(&'static str),
}

/// The reason of a refusal, and the remedies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The one thing that refused.
    pub gate: Gate,
    /// The remedies against it, the best first; empty if nothing helps.
    pub remedies: Vec<Remedy>,
}
