//! The operations whose refusals are explained.
//!
//! Owns how they are recognised: from a step's call, or from a program's output in a shell.

use nix::errno::Errno;

use crate::namespace::NamespaceSet;
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
    /// setgroups(2), setresgid(2) and setresuid(2), to another user than root.
    BecomeUser,
    /// Writing `timens_offsets`.
    WriteOffsets,
    /// Mounting a new proc.
    MountProc,
    /// Any other mount, or a change of one.
    Mount,
    /// Bringing lo up.
    LoUp,
    /// Making a pair of veth.
    Veth,
    /// sethostname(2).
    SetHostname,
    /// chown(2).
    Chown,
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
    /// A process that a signal ended: what it called then is not known.
    Killed(i32),
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

/// What programs print when they are refused something: parts of the line, the operation, and the
/// errno if the line doesn't tell it. The first match counts.
const SEEN: &[(&[&str], Operation, Option<Errno>)] = &[
    (
        &["cannot set terminal process group"],
        Operation::TakeTerminal,
        None,
    ),
    (&["nsenter", "fork"], Operation::Fork(Who::Joiner), None),
    (&["fork"], Operation::Fork(Who::Unsharer), None),
    (&["pivot_root"], Operation::PivotRoot, None),
    (&["timens_offsets"], Operation::WriteOffsets, None),
    (&["gid_map"], Operation::WriteMap(IdMap::Gid), None),
    (&["uid_map"], Operation::WriteMap(IdMap::Uid), None),
    (&["setgroups"], Operation::WriteMap(IdMap::Setgroups), None),
    (&["/proc/", "/ns/"], Operation::NamespaceLink, None),
    (
        &["fatal library error", "lookup self"],
        Operation::LookupSelf,
        Some(Errno::ENOENT),
    ),
    (
        &["mount -t proc proc /proc"],
        Operation::ReadProc,
        Some(Errno::ENOENT),
    ),
    (
        &["hostname", "you must be root"],
        Operation::SetHostname,
        Some(Errno::EPERM),
    ),
    (&["hostname"], Operation::SetHostname, None),
    (&["chown"], Operation::Chown, None),
    (&["RTNETLINK"], Operation::LoUp, None),
    (
        &["mount", "/proc", "permission denied"],
        Operation::MountProc,
        Some(Errno::EPERM),
    ),
    (&["mount"], Operation::Mount, None),
    (&["unshare"], Operation::New(NamespaceSet::EMPTY), None),
    (&["clone"], Operation::New(NamespaceSet::EMPTY), None),
];

impl Operation {
    /// The operation that a step's call is part of.
    pub fn of_call(call: &Call) -> Operation {
        let in_lab = |path: &str| path.starts_with("/dev/tty");
        match call {
            Call::Clone(kinds) | Call::Unshare(kinds) => Operation::New(*kinds),
            Call::WriteMap {
                map: IdMap::Uid,
                content,
                ..
            } if content.split_whitespace().nth(1) == Some("0") => Operation::MapRoot,
            Call::WriteMap { map, .. } => Operation::WriteMap(*map),
            Call::BecomeUser { .. } => Operation::BecomeUser,
            Call::WriteOffsets(_) => Operation::WriteOffsets,
            Call::Open { path, .. } | Call::Umount(path) if in_lab(path) => Operation::LabTerminal,
            Call::Mount { source, .. } if source.as_deref() == Some("proc") => Operation::MountProc,
            Call::Mount { .. }
            | Call::MountSetattr { .. }
            | Call::MoveMount { .. }
            | Call::OpenTree(_)
            | Call::Umount(_) => Operation::Mount,
            Call::SetHostname(_) => Operation::SetHostname,
            Call::ChownTerminal { .. } => Operation::Chown,
            Call::TakeTerminal(_) => Operation::TakeTerminal,
            Call::Fork => Operation::Fork(Who::Joiner),
            Call::PivotRoot => Operation::PivotRoot,
            Call::Exec(_) | Call::ExecLauncher => Operation::Exec,
            Call::Killed { signal, .. } => Operation::Killed(*signal),
            Call::MemfdCreate => Operation::ProgramInMemory,
            Call::LoopbackUp => Operation::LoUp,
            Call::NewVeth => Operation::Veth,
            Call::Setns { .. }
            | Call::Prctl(_)
            | Call::Setsid
            | Call::Open { .. }
            | Call::Read(_)
            | Call::Other(_) => Operation::Other,
        }
    }

    /// The operation and errno that a printed line tells of, if it is a known refusal.
    pub fn seen(line: &str) -> Option<(Operation, Errno)> {
        let said = errno_at_the_end(line);
        SEEN.iter().find_map(|(parts, operation, errno)| {
            let errno = errno.or(said)?;
            let all = parts.iter().all(|part| line.contains(part));
            all.then_some((*operation, errno))
        })
    }
}

/// The errno whose strerror(3) description ends a line.
fn errno_at_the_end(line: &str) -> Option<Errno> {
    /// Beyond the last errno of Linux; errno(3).
    const END: i32 = 134;
    let line = line.trim_end().trim_end_matches('.');
    let described = |number: &i32| {
        let text = std::io::Error::from_raw_os_error(*number).to_string();
        let description = text.split(" (os error").next().unwrap_or(&text);
        let start = line.len().checked_sub(description.len());
        let tail = start.and_then(|start| line.get(start..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(description))
    };
    (1..END).find(described).map(Errno::from_raw)
}
