//! Refused: processes, programs and their files.

use super::*;

#[allow(clippy::too_many_lines, reason = "one table")]
pub(super) fn rows() -> Vec<Row> {
    use Errno::{
        EACCES, EAGAIN, EBUSY, EINVAL, ENOENT, ENOMEM, ENOSYS, ENOTTY, EOPNOTSUPP, EOVERFLOW, EPERM,
    };
    use Operation as Do;

    vec![
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
            "a root that can't end its lab",
            Do::Kill,
            EPERM,
            Facts {
                capabilities: Some(0),
                ..root()
            },
            Gate::Capability("CAP_KILL"),
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
    ]
}
