//! What was tried: the operations that refusals are told of.
//!
//! Owns how one is recognised, from the call of a step or from what a program printed in a shell.

use nix::errno::Errno;

use crate::namespace::{Namespace, NamespaceSet};

/// Something that the kernel can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// clone(2) or unshare(2) with new namespaces.
    New(NamespaceSet),
    /// Writing `uid_map`, `gid_map` or `setgroups`.
    WriteMap(IdMap),
    /// Writing `timens_offsets`.
    WriteOffsets,
    /// Mounting a fresh proc.
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
    /// Getting a controlling terminal, or a job into its foreground.
    TakeTerminal,
    /// fork(2), tried by a shell or by what has just joined a PID namespace.
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
    /// Making the terminal's name in the lab host's `/dev`.
    LabTerminal,
    /// A program in memory; memfd_create(2).
    ProgramInMemory,
    /// Anything else.
    Other,
}

/// A file that says which ids a user namespace has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdMap {
    /// `uid_map`.
    Uid,
    /// `gid_map`.
    Gid,
    /// `setgroups`.
    Setgroups,
}

/// Who forks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A program that unshared PID and goes on itself.
    Unsharer,
    /// A program that joined a PID namespace.
    Joiner,
}

/// What a program prints when it is refused something: parts of the line, what it tried, and the
/// errno where the line doesn't tell. The first that fits is it.
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
    /// The operation behind the call of a step, as strace(1) would print it.
    pub fn of_call(call: &str) -> Operation {
        let (name, arguments) = call.split_once('(').unwrap_or((call, ""));
        let written = |file: &str| {
            let path = arguments.split([',', ')']).next();
            path.is_some_and(|path| path.ends_with(file))
        };
        match name {
            "clone" | "unshare" => Operation::New(kinds_in(arguments)),
            "write" if written("/uid_map") => Operation::WriteMap(IdMap::Uid),
            "write" if written("/gid_map") => Operation::WriteMap(IdMap::Gid),
            "write" if written("/setgroups") => Operation::WriteMap(IdMap::Setgroups),
            "write" if written("/timens_offsets") => Operation::WriteOffsets,
            "mount" if arguments.starts_with("proc,") => Operation::MountProc,
            "creat" | "umount2" | "move_mount" if arguments.starts_with("/dev/tty") => {
                Operation::LabTerminal
            }
            "open" if arguments.starts_with("/dev/tty") => Operation::LabTerminal,
            "mount" | "mount_setattr" | "move_mount" | "open_tree" | "umount2" => Operation::Mount,
            "sethostname" => Operation::SetHostname,
            "chown" | "fchown" => Operation::Chown,
            "ioctl" if arguments.contains("TIOCSCTTY") => Operation::TakeTerminal,
            "fork" => Operation::Fork(Who::Joiner),
            "pivot_root" => Operation::PivotRoot,
            "execve" | "fexecve" => Operation::Exec,
            "memfd_create" => Operation::ProgramInMemory,
            _ if call.starts_with("rtnetlink: lo") => Operation::LoUp,
            _ if call.starts_with("rtnetlink: veth") => Operation::Veth,
            _ => Operation::Other,
        }
    }

    /// The operation and the errno behind a line that a program printed, where it is a refusal that
    /// can be told.
    pub fn seen(line: &str) -> Option<(Operation, Errno)> {
        let said = errno_at_the_end(line);
        SEEN.iter().find_map(|(parts, operation, errno)| {
            let errno = errno.or(said)?;
            let all = parts.iter().all(|part| line.contains(part));
            all.then_some((*operation, errno))
        })
    }
}

fn kinds_in(arguments: &str) -> NamespaceSet {
    let flags = arguments.split([',', ')']).next().unwrap_or_default();
    let named = |kind: &Namespace| flags.split('|').any(|word| word == kind.flag_name());
    Namespace::ALL.into_iter().filter(named).collect()
}

/// The errno whose description, as strerror(3) has it, ends a line.
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
