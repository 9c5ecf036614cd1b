//! Refused: a new namespace.

use std::collections::BTreeMap;

use super::*;

#[allow(clippy::too_many_lines, reason = "one table")]
pub(super) fn rows() -> Vec<Row> {
    use Errno::{EACCES, EINVAL, ENOSPC, EPERM};

    vec![
        (
            "CGROUP where nslab forbids it",
            new("uts,cgroup"),
            ENOSPC,
            Facts {
                place: Location::Lab {
                    made: NamespaceSet::all().without(Namespace::Cgroup),
                    forbidden: Namespace::Cgroup.into(),
                },
                ..root()
            },
            Gate::OuterCgroup,
            vec![Remedy::WritableCgroup],
        ),
        (
            "another kind there",
            new("uts"),
            ENOSPC,
            Facts {
                place: Location::Lab {
                    made: NamespaceSet::all().without(Namespace::Cgroup),
                    forbidden: Namespace::Cgroup.into(),
                },
                ..root()
            },
            Gate::Limit(kinds("uts")),
            vec![Remedy::RaiseLimit(Namespace::Uts)],
        ),
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
            "a kind that the lab was made without, behind a filter",
            new("time"),
            EPERM,
            Facts {
                place: Location::Lab {
                    made: NamespaceSet::all().without(Namespace::Time),
                    forbidden: NamespaceSet::EMPTY,
                },
                ..filtered_lab_root()
            },
            Gate::Seccomp,
            vec![Remedy::ContainerOptions],
        ),
        (
            "USER in a lab that was made without",
            new("user,uts"),
            EPERM,
            Facts {
                place: Location::Lab {
                    made: NamespaceSet::all().without(Namespace::User),
                    forbidden: NamespaceSet::EMPTY,
                },
                ..filtered_lab_root()
            },
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
    ]
}
