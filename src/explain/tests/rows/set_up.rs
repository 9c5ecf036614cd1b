//! Refused: the steps of a launch in its new namespaces: maps, mounts, names.

use super::*;

#[allow(clippy::too_many_lines, reason = "one table")]
pub(super) fn rows() -> Vec<Row> {
    use Errno::{EACCES, EINVAL, EPERM};
    use Operation as Do;

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
    ]
}
