//! The table, and the machines in it.

use std::collections::BTreeMap;

use super::*;
use crate::facts::{Container, Keys, ProcView, Seccomp};

const ALL: u64 = 0x1ff_ffff_ffff;
/// The capabilities of root in Docker's default container.
const DOCKER: u64 = 0xa804_25fb;

/// An ordinary user in a terminal.
pub(super) fn user() -> Facts {
    Facts {
        euid: Some(1000),
        capabilities: Some(0),
        seccomp: Some(Seccomp::Off),
        threads: Some(1),
        chroot: Some(false),
        container: Some(Container::No),
        initial_user_namespace: Some(true),
        user_levels: Some(0),
        mapped: Some(true),
        kinds: Some(NamespaceSet::all()),
        masked_proc: Some(Vec::new()),
        limits: Namespace::ALL.map(|kind| (kind, 63_000)).into(),
        ..Facts::default()
    }
}

pub(super) fn root() -> Facts {
    Facts {
        euid: Some(0),
        capabilities: Some(ALL),
        ..user()
    }
}

/// Root of a fresh user namespace, in one process with it.
fn namespace_root() -> Facts {
    Facts {
        initial_user_namespace: Some(false),
        user_levels: Some(1),
        uid_map_written: Some(true),
        gid_map_written: Some(true),
        setgroups: Some(false),
        ..root()
    }
}

/// Root of the lab host: root of a user namespace, and of each other namespace that it is in.
pub(super) fn lab_root() -> Facts {
    Facts {
        owned: Namespace::ALL.map(|kind| (kind, true)).into(),
        ..namespace_root()
    }
}

fn keys(held: u32, bytes: u32) -> Keys {
    Keys {
        held,
        most: 200,
        bytes,
        most_bytes: 20_000,
    }
}

/// One whose maps are still to be written.
fn unmapped() -> Facts {
    Facts {
        euid: Some(65534),
        mapped: Some(false),
        uid_map_written: Some(false),
        gid_map_written: Some(false),
        setgroups: Some(true),
        ..namespace_root()
    }
}

fn docker() -> Facts {
    Facts {
        capabilities: Some(DOCKER),
        seccomp: Some(Seccomp::Filter),
        container: Some(Container::Docker),
        apparmor_label: Some("docker-default (enforce)".to_owned()),
        masked_proc: Some(vec!["/proc/acpi".to_owned(), "/proc/kcore".to_owned()]),
        ..root()
    }
}

fn ubuntu() -> Facts {
    Facts {
        apparmor_restricts: Some(true),
        apparmor_label: Some("unconfined".to_owned()),
        ..user()
    }
}

pub(super) fn kinds(list: &str) -> NamespaceSet {
    list.parse().unwrap()
}

pub(super) fn new(list: &str) -> Operation {
    Operation::New(kinds(list))
}

/// What it is about; what was tried; the answer; the machine; what is said.
pub(super) type Row = (&'static str, Operation, Errno, Facts, Gate, Vec<Remedy>);

#[allow(clippy::too_many_lines, reason = "one table")]
pub(super) fn rows() -> Vec<Row> {
    use Errno::{
        EACCES, EAGAIN, EBUSY, EINVAL, ENOENT, ENOMEM, ENOSPC, ENOSYS, ENOTTY, EOPNOTSUPP,
        EOVERFLOW, EPERM,
    };
    use Operation as Do;
    let sys_admin = || Gate::Capability("CAP_SYS_ADMIN");
    let owned = |kind, facts| Facts {
        owned: BTreeMap::from([(kind, false)]),
        ..facts
    };
    let restricted = || Facts {
        apparmor_restricts: Some(true),
        apparmor_label: Some("unprivileged_userns (enforce)".to_owned()),
        ..unmapped()
    };
    let restricted_later = || Facts {
        mapped: Some(true),
        euid: Some(0),
        ..restricted()
    };
    let lost = || Facts {
        capabilities: Some(0),
        ..namespace_root()
    };
    vec![
        (
            "clone, not root",
            new("uts"),
            EPERM,
            user(),
            sys_admin(),
            vec![Remedy::AddUser],
        ),
        (
            "unknown machine",
            new("uts"),
            EPERM,
            Facts::default(),
            sys_admin(),
            vec![Remedy::AddUser],
        ),
        (
            "root of Docker",
            new("uts"),
            EPERM,
            docker(),
            Gate::Seccomp,
            vec![Remedy::ContainerOptions],
        ),
        (
            "the same with USER",
            new("user"),
            EPERM,
            docker(),
            Gate::Seccomp,
            vec![Remedy::ContainerOptions],
        ),
        (
            "root behind a filter of a service",
            new("uts"),
            EPERM,
            Facts {
                seccomp: Some(Seccomp::Filter),
                ..root()
            },
            Gate::Seccomp,
            vec![Remedy::OutsideTheFilter],
        ),
        (
            "USER in a chroot",
            new("user,mnt"),
            EPERM,
            Facts {
                chroot: Some(true),
                ..root()
            },
            Gate::Chroot,
            vec![Remedy::LeaveChroot],
        ),
        (
            "USER in a chroot that shows nowhere",
            new("user"),
            EPERM,
            Facts {
                chroot: None,
                ..user()
            },
            Gate::Chroot,
            vec![Remedy::LeaveChroot],
        ),
        (
            "USER on Debian 10",
            new("user"),
            EPERM,
            Facts {
                unprivileged_userns_clone: Some(false),
                ..user()
            },
            Gate::Sysctl(Sysctl::UnprivilegedUsernsClone),
            vec![Remedy::SetSysctl("kernel.unprivileged_userns_clone", "1")],
        ),
        (
            "root of Debian 10 behind a filter: the sysctl is not for root",
            new("user"),
            EPERM,
            Facts {
                unprivileged_userns_clone: Some(false),
                seccomp: Some(Seccomp::Filter),
                ..root()
            },
            Gate::Seccomp,
            vec![Remedy::OutsideTheFilter],
        ),
        (
            "USER without an id",
            new("user"),
            EPERM,
            unmapped(),
            Gate::NoIdOfItsOwn,
            vec![Remedy::MapBeforeExec],
        ),
        (
            "USER, nothing known",
            new("user"),
            EPERM,
            Facts::default(),
            Gate::Unknown,
            vec![],
        ),
        (
            "USER on Ubuntu without the profile",
            new("user"),
            EACCES,
            ubuntu(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "the limit of a kind",
            new("user,net,uts"),
            ENOSPC,
            Facts {
                limits: BTreeMap::from([(Namespace::Net, 0), (Namespace::Uts, 9)]),
                ..user()
            },
            Gate::Limit(kinds("net")),
            vec![Remedy::RaiseLimit(Namespace::Net)],
        ),
        (
            "the limit that is reached by number",
            new("net"),
            ENOSPC,
            root(),
            Gate::Limit(kinds("net")),
            vec![Remedy::RaiseLimit(Namespace::Net)],
        ),
        (
            "32 levels: one more is allowed",
            new("user"),
            ENOSPC,
            Facts {
                user_levels: Some(32),
                ..namespace_root()
            },
            Gate::Limit(kinds("user")),
            vec![Remedy::RaiseLimit(Namespace::User)],
        ),
        (
            "PID namespaces: the limit or the levels",
            new("pid"),
            ENOSPC,
            namespace_root(),
            Gate::LimitAbove,
            vec![Remedy::GoUp],
        ),
        (
            "33 levels",
            new("user"),
            ENOSPC,
            Facts {
                user_levels: Some(33),
                ..namespace_root()
            },
            Gate::Levels,
            vec![Remedy::GoUp],
        ),
        (
            "a limit above, seen from inside",
            new("user"),
            ENOSPC,
            Facts {
                user_levels: None,
                ..namespace_root()
            },
            Gate::LimitAbove,
            vec![Remedy::GoUp],
        ),
        (
            "TIME on WSL2",
            new("time"),
            EINVAL,
            Facts {
                release: Some("5.15.90.1-microsoft-standard-WSL2".to_owned()),
                kinds: Some(NamespaceSet::all().without(Namespace::Time)),
                ..user()
            },
            Gate::KernelWithout(Namespace::Time),
            vec![Remedy::OtherKernel("CONFIG_TIME_NS")],
        ),
        (
            "TIME, nothing known",
            new("time"),
            EINVAL,
            Facts::default(),
            Gate::KernelWithout(Namespace::Time),
            vec![Remedy::OtherKernel("CONFIG_TIME_NS")],
        ),
        (
            "a threaded process and USER",
            new("user"),
            EINVAL,
            Facts {
                threads: Some(4),
                ..user()
            },
            Gate::Threads,
            vec![Remedy::OneThread],
        ),
        (
            "EINVAL that nothing explains",
            new("user"),
            EINVAL,
            user(),
            Gate::Unknown,
            vec![],
        ),
        (
            "Ubuntu 24.04: the uid map",
            Do::WriteMap(IdMap::Uid),
            EPERM,
            restricted(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Ubuntu 24.04: a kind after USER",
            new("uts"),
            EPERM,
            restricted_later(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Ubuntu 24.04: a mount",
            Do::Mount,
            EACCES,
            restricted_later(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Ubuntu 24.04: proc",
            Do::MountProc,
            EACCES,
            restricted_later(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Ubuntu 24.04: lo",
            Do::LoUp,
            EPERM,
            restricted_later(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Ubuntu 24.04: hostname",
            Do::SetHostname,
            EPERM,
            restricted_later(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "Ubuntu 24.04 with the profile: not AppArmor",
            Do::WriteMap(IdMap::Gid),
            EPERM,
            Facts {
                apparmor_restricts: Some(true),
                apparmor_label: Some("nslab (unconfined)".to_owned()),
                ..unmapped()
            },
            Gate::SetgroupsAllowed,
            vec![Remedy::DenySetgroups],
        ),
        (
            "proc without PID",
            Do::MountProc,
            EPERM,
            owned(Namespace::Pid, namespace_root()),
            Gate::Owner(Namespace::Pid),
            vec![Remedy::AddPid],
        ),
        (
            "proc in Docker",
            Do::MountProc,
            EPERM,
            Facts {
                container: Some(Container::Docker),
                masked_proc: docker().masked_proc,
                ..namespace_root()
            },
            Gate::MaskedProc(vec!["/proc/acpi".to_owned(), "/proc/kcore".to_owned()]),
            vec![Remedy::Unmask],
        ),
        (
            "proc below a mask of one's own",
            Do::MountProc,
            EPERM,
            Facts {
                masked_proc: Some(vec!["/proc/acpi".to_owned()]),
                ..namespace_root()
            },
            Gate::MaskedProc(vec!["/proc/acpi".to_owned()]),
            vec![Remedy::UnmountMasks],
        ),
        (
            "proc, not root",
            Do::MountProc,
            EPERM,
            user(),
            sys_admin(),
            vec![Remedy::AddUser],
        ),
        (
            "a mount in a container whose profile refuses",
            Do::Mount,
            EACCES,
            Facts {
                capabilities: Some(ALL),
                ..docker()
            },
            Gate::ApparmorProfile("docker-default (enforce)".to_owned()),
            vec![Remedy::ContainerApparmor],
        ),
        (
            "a private root in a chroot",
            Do::Mount,
            EINVAL,
            Facts {
                chroot: Some(true),
                ..root()
            },
            Gate::Chroot,
            vec![Remedy::LeaveChroot],
        ),
        (
            "gid_map before deny",
            Do::WriteMap(IdMap::Gid),
            EPERM,
            unmapped(),
            Gate::SetgroupsAllowed,
            vec![Remedy::DenySetgroups],
        ),
        (
            "gid_map, nothing known",
            Do::WriteMap(IdMap::Gid),
            EPERM,
            Facts::default(),
            Gate::SetgroupsAllowed,
            vec![Remedy::DenySetgroups],
        ),
        (
            "a map twice",
            Do::WriteMap(IdMap::Uid),
            EPERM,
            namespace_root(),
            Gate::MapWritten,
            vec![Remedy::FreshUser],
        ),
        (
            "somebody else's id",
            Do::WriteMap(IdMap::Uid),
            EPERM,
            unmapped(),
            Gate::ForeignId,
            vec![Remedy::MapOwnId],
        ),
        (
            "chown",
            Do::Chown,
            EINVAL,
            namespace_root(),
            Gate::IdNotMapped,
            vec![Remedy::MappedId],
        ),
        (
            "chown, not root",
            Do::Chown,
            EPERM,
            user(),
            Gate::Capability("CAP_CHOWN"),
            vec![Remedy::AddUser],
        ),
        (
            "hostname, by a root from whom setpriv took the capability",
            Do::SetHostname,
            EPERM,
            Facts {
                capabilities: Some(ALL & !(1 << 21)),
                ..lab_root()
            },
            sys_admin(),
            vec![Remedy::KeepCapability],
        ),
        (
            "hostname of others",
            Do::SetHostname,
            EPERM,
            owned(Namespace::Uts, namespace_root()),
            Gate::Owner(Namespace::Uts),
            vec![Remedy::AddKind(Namespace::Uts)],
        ),
        (
            "hostname after an unmapped exec",
            Do::SetHostname,
            EPERM,
            lost(),
            Gate::LostAtExec,
            vec![Remedy::MapBeforeExec],
        ),
        (
            "no job control",
            Do::TakeTerminal,
            ENOTTY,
            user(),
            Gate::NoTerminal,
            vec![Remedy::TakeTerminal],
        ),
        (
            "another session's terminal",
            Do::TakeTerminal,
            EPERM,
            user(),
            Gate::TerminalTaken,
            vec![Remedy::TakeTerminal],
        ),
        (
            "fork after unshare -p",
            Do::Fork(Who::Unsharer),
            ENOMEM,
            root(),
            Gate::FirstChildEnded,
            vec![Remedy::Fork],
        ),
        (
            "nsenter",
            Do::Fork(Who::Joiner),
            ENOMEM,
            root(),
            Gate::InitEnded,
            vec![Remedy::StartAgain],
        ),
        (
            "fork at the limit",
            Do::Fork(Who::Unsharer),
            EAGAIN,
            user(),
            Gate::ProcessLimit,
            vec![Remedy::EndProcesses],
        ),
        (
            "ps with a foreign /proc",
            Do::LookupSelf,
            ENOENT,
            Facts {
                proc: Some(ProcView::Foreign),
                ..root()
            },
            Gate::ForeignProc,
            vec![Remedy::FreshProc],
        ),
        (
            "ps with a leaked /proc",
            Do::ReadProc,
            ENOENT,
            Facts {
                proc: Some(ProcView::Ended),
                ..root()
            },
            Gate::LeakedProc,
            vec![Remedy::UnmountProc],
        ),
        (
            "pivot_root on the same mount",
            Do::PivotRoot,
            EBUSY,
            namespace_root(),
            Gate::SameMount,
            vec![Remedy::BindOntoItself],
        ),
        (
            "pivot_root to no mount",
            Do::PivotRoot,
            EINVAL,
            namespace_root(),
            Gate::NotPivotable,
            vec![Remedy::BindAndPrivate],
        ),
        (
            "offsets too late",
            Do::WriteOffsets,
            EACCES,
            namespace_root(),
            Gate::OffsetsFixed,
            vec![Remedy::OffsetsBeforeExec],
        ),
        (
            "another user's namespaces",
            Do::NamespaceLink,
            EACCES,
            user(),
            Gate::PtraceAccess,
            vec![Remedy::OwnProcess],
        ),
        (
            "no veth",
            Do::Veth,
            EOPNOTSUPP,
            namespace_root(),
            Gate::KernelOption("CONFIG_VETH"),
            vec![Remedy::OtherKernel("CONFIG_VETH")],
        ),
        (
            "no program",
            Do::Exec,
            ENOENT,
            root(),
            Gate::NoProgram,
            vec![],
        ),
        (
            "not executable",
            Do::Exec,
            EACCES,
            root(),
            Gate::NotExecutable,
            vec![],
        ),
        (
            "a changed /dev",
            Do::LabTerminal,
            Errno::EROFS,
            root(),
            Gate::DevChanged,
            vec![Remedy::FreshLab],
        ),
        (
            "an old kernel",
            Do::Mount,
            ENOSYS,
            user(),
            Gate::UnknownCall,
            vec![Remedy::NewerKernel],
        ),
        (
            "a file without an owner",
            Do::Other,
            EOVERFLOW,
            user(),
            Gate::NoOwner,
            vec![Remedy::MapBeforeExec],
        ),
        (
            "no programs in memory",
            Do::ProgramInMemory,
            EACCES,
            Facts {
                memfd_noexec: Some(2),
                ..user()
            },
            Gate::Sysctl(Sysctl::MemfdNoexec),
            vec![Remedy::SetSysctl("vm.memfd_noexec", "1")],
        ),
        (
            "the outer root's id in a map",
            Do::MapRoot,
            EPERM,
            Facts {
                uid_map_written: Some(false),
                ..namespace_root()
            },
            Gate::RootMapped,
            vec![Remedy::AsOrdinaryUser],
        ),
        (
            "a root that can't become another user",
            Do::BecomeUser,
            EPERM,
            Facts {
                capabilities: Some(0),
                ..root()
            },
            Gate::Capability("CAP_SETUID"),
            vec![Remedy::AsOrdinaryUser],
        ),
        (
            "a read-only /proc",
            Do::WriteMap(IdMap::Setgroups),
            Errno::EROFS,
            unmapped(),
            Gate::ReadOnlyProc,
            vec![Remedy::RemountProc],
        ),
        (
            "su with one id",
            Do::SetGroups,
            EPERM,
            namespace_root(),
            Gate::SetgroupsDenied,
            vec![Remedy::IdRange],
        ),
        (
            "an id that the map doesn't hold",
            Do::ChangeId,
            EINVAL,
            namespace_root(),
            Gate::IdNotMapped,
            vec![Remedy::MappedId],
        ),
        (
            "nsenter, and setgroups",
            Do::EnterAsRoot,
            EPERM,
            user(),
            Gate::SetgroupsDeniedThere,
            vec![Remedy::PreserveCredentials],
        ),
        (
            "nsenter, and no id 0",
            Do::EnterAsRoot,
            EINVAL,
            lab_root(),
            Gate::NoRootThere,
            vec![Remedy::PreserveCredentials],
        ),
        (
            "nsenter to another user's namespace",
            Do::Join(Namespace::Cgroup),
            EPERM,
            lab_root(),
            Gate::OwnerOfJoined,
            vec![Remedy::JoinUser],
        ),
        (
            "nsenter to its own user namespace",
            Do::Join(Namespace::User),
            EINVAL,
            lab_root(),
            Gate::AlreadyThere,
            vec![Remedy::LeaveOutUser],
        ),
        (
            "nsenter up",
            Do::Join(Namespace::Pid),
            EINVAL,
            lab_root(),
            Gate::NotBelow,
            vec![],
        ),
        (
            "sysfs of somebody's NET",
            Do::MountView(Namespace::Net),
            EPERM,
            owned(Namespace::Net, namespace_root()),
            Gate::Owner(Namespace::Net),
            vec![Remedy::AddKind(Namespace::Net)],
        ),
        (
            "the only sysfs is gone",
            Do::MountView(Namespace::Net),
            EPERM,
            lab_root(),
            Gate::HiddenSysfs,
            vec![Remedy::KeepSysfs],
        ),
        (
            "too revealing",
            Do::Reveal,
            EPERM,
            lab_root(),
            Gate::MaskedProc(vec![]),
            vec![Remedy::UnmountMasks],
        ),
        (
            "a locked flag",
            Do::Remount,
            EPERM,
            lab_root(),
            Gate::LockedFlag,
            vec![Remedy::MountNew],
        ),
        (
            "a bind without what is below",
            Do::Bind,
            EINVAL,
            lab_root(),
            Gate::LockedBelow,
            vec![Remedy::BindRecursively],
        ),
        (
            "a locked mount",
            Do::Umount,
            EINVAL,
            lab_root(),
            Gate::LockedMount,
            vec![Remedy::MountOver],
        ),
        (
            "a disk image",
            Do::MountDevice,
            EPERM,
            lab_root(),
            Gate::BlockDevice,
            vec![Remedy::MountInMemory],
        ),
        (
            "the hostname's file",
            Do::WriteHostname,
            EACCES,
            lab_root(),
            Gate::HostnameFile,
            vec![Remedy::CallHostname],
        ),
        (
            "a sysctl of the machine",
            Do::WriteSysctl,
            EACCES,
            lab_root(),
            Gate::MachineSysctl,
            vec![],
        ),
        (
            "a device node",
            Do::MakeNode,
            EPERM,
            lab_root(),
            Gate::DeviceNode,
            vec![Remedy::BindNode],
        ),
        (
            "the time of day",
            Do::SetClock,
            EPERM,
            lab_root(),
            Gate::Clock,
            vec![Remedy::ClockOffsets],
        ),
        (
            "tun",
            Do::OpenTun,
            ENOENT,
            lab_root(),
            Gate::NoTun,
            vec![Remedy::UseVeth],
        ),
        (
            "a file of the machine",
            Do::ChangeFile,
            Errno::EROFS,
            lab_root(),
            Gate::ReadOnlyFiles,
            vec![Remedy::WriteElsewhere],
        ),
        (
            "a range of newuidmap",
            Do::MapRange,
            EPERM,
            user(),
            Gate::SubordinateIds,
            vec![Remedy::AddSubordinateIds],
        ),
        (
            "bwrap's map on Ubuntu",
            Do::MapOfNew,
            EACCES,
            ubuntu(),
            Gate::ApparmorUserns,
            vec![Remedy::ApparmorProfile],
        ),
        (
            "bwrap's map of another id",
            Do::MapOfNew,
            EPERM,
            namespace_root(),
            Gate::ForeignId,
            vec![Remedy::MapOwnId],
        ),
        (
            "a killed child",
            Do::ChildKilled,
            Errno::UnknownErrno,
            lab_root(),
            Gate::ChildKilled,
            vec![],
        ),
        (
            "a Go program's clone",
            Do::ForkExec,
            EPERM,
            user(),
            sys_admin(),
            vec![Remedy::AddUser],
        ),
        (
            "a Go program that isn't there",
            Do::ForkExec,
            ENOENT,
            user(),
            Gate::NoProgram,
            vec![],
        ),
        (
            "everything allowed here, and refused further out",
            Do::Unnamed,
            EPERM,
            lab_root(),
            Gate::RootOfTheLab,
            vec![],
        ),
        (
            "the same as the machine's root",
            Do::Unnamed,
            EPERM,
            root(),
            Gate::Unknown,
            vec![],
        ),
        (
            "programs in memory, and a filter",
            Do::ProgramInMemory,
            EPERM,
            docker(),
            Gate::Seccomp,
            vec![Remedy::ContainerOptions],
        ),
        (
            "a filter that says ENOSYS",
            Do::Mount,
            ENOSYS,
            Facts {
                release: Some("6.18.0".to_owned()),
                ..docker()
            },
            Gate::Seccomp,
            vec![Remedy::ContainerOptions],
        ),
        (
            "a filter on an old kernel",
            Do::Mount,
            ENOSYS,
            Facts {
                release: Some("5.10.0-33-amd64".to_owned()),
                ..docker()
            },
            Gate::UnknownCall,
            vec![Remedy::NewerKernel],
        ),
        (
            "a filter that kills",
            Do::Killed(31),
            Errno::UnknownErrno,
            docker(),
            Gate::Seccomp,
            vec![Remedy::ContainerOptions],
        ),
        (
            "too many open files",
            Do::Other,
            Errno::EMFILE,
            user(),
            Gate::OpenFiles,
            vec![Remedy::MoreFiles],
        ),
        (
            "no further key",
            Do::JoinKeyring,
            Errno::EDQUOT,
            Facts {
                keys: Some(keys(200, 10_000)),
                ..user()
            },
            Gate::KeyQuota(Some(keys(200, 10_000))),
            vec![Remedy::SetSysctl("kernel.keys.maxkeys", "10000")],
        ),
        (
            "no further byte of keys",
            Do::JoinKeyring,
            Errno::EDQUOT,
            Facts {
                keys: Some(keys(9, 20_000)),
                ..user()
            },
            Gate::KeyQuota(Some(keys(9, 20_000))),
            vec![Remedy::SetSysctl("kernel.keys.maxbytes", "1000000")],
        ),
        (
            "no further key, in an unknown place",
            Do::JoinKeyring,
            Errno::EDQUOT,
            Facts::default(),
            Gate::KeyQuota(None),
            vec![Remedy::SetSysctl("kernel.keys.maxkeys", "10000")],
        ),
        (
            "what nobody knows",
            Do::Other,
            Errno::EIO,
            user(),
            Gate::Unknown,
            vec![],
        ),
    ]
}
