//! What a refusal means: what refused, why, and what helps, in the learner's language.
//!
//! Pure: (operation, errno, facts of this machine) → explanation. Must not know where it is said, nor
//! how the facts were found out.

mod decide;
mod operation;
#[cfg(test)]
mod tests;
pub mod tools;
mod words;

use nix::errno::Errno;
use serde::Serialize;
use serde::ser::SerializeStruct;

pub use operation::{Operation, Who};

use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{Call, Shortfall, Step};

/// What refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// A capability that the process doesn't have; capabilities(7).
    Capability(&'static str),
    /// Capabilities that an exec took, as the process had no id in its user namespace then.
    LostAtExec,
    /// The process's own id has no place in its user namespace.
    NoIdOfItsOwn,
    /// The same, for the owner that a new file would have.
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
    /// A sysctl.
    Sysctl(Sysctl),
    /// A limit in `/proc/sys/user` for these kinds.
    Limit(NamespaceSet),
    /// The same, in a user namespace above, or the number of levels: which, nobody shows.
    LimitAbove,
    /// 32 levels of user namespaces.
    Levels,
    /// The kernel was built without this kind.
    KernelWithout(Namespace),
    /// The kernel was built without this option.
    KernelOption(&'static str),
    /// The kernel, or a filter that pretends so, doesn't know the call.
    UnknownCall,
    /// A process with several threads can't enter a new user namespace.
    Threads,
    /// Something is mounted over parts of `/proc`.
    MaskedProc(Vec<String>),
    /// A group map needs `deny` in setgroups first.
    SetgroupsAllowed,
    /// A map is written once.
    MapWritten,
    /// An id that isn't the writer's own.
    ForeignId,
    /// An id that the user namespace doesn't map.
    IdNotMapped,
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
    /// `/proc` is that of a PID namespace that has ended: it leaked out of a container.
    LeakedProc,
    /// pivot_root(2) needs a mount of its own for the new root.
    SameMount,
    /// pivot_root(2) needs a mount point, and private parents.
    NotPivotable,
    /// RLIMIT_NPROC or pids.max.
    ProcessLimit,
    /// There is no such program.
    NoProgram,
    /// It can't be executed.
    NotExecutable,
    /// The lab host's `/dev` isn't as it was made.
    DevChanged,
    /// Nothing that is known tells.
    Unknown,
}

/// A sysctl that refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sysctl {
    /// kernel.unprivileged_userns_clone: Debian 10 and older.
    UnprivilegedUsernsClone,
    /// vm.memfd_noexec.
    MemfdNoexec,
}

/// What helps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Add USER, or do it in the lab host.
    AddUser,
    /// Write the maps before exec.
    MapBeforeExec,
    /// Start the container without its filter, or with the capability.
    ContainerOptions,
    /// Start it without the AppArmor profile.
    ContainerApparmor,
    /// Do it where the filter isn't.
    OutsideTheFilter,
    /// Leave the chroot.
    LeaveChroot,
    /// Set a sysctl to a value.
    SetSysctl(&'static str, &'static str),
    /// Install nslab's AppArmor profile.
    ApparmorProfile,
    /// Raise a limit.
    RaiseLimit(Namespace),
    /// Go up a level.
    GoUp,
    /// A kernel that has it.
    OtherKernel(&'static str),
    /// A newer kernel.
    NewerKernel,
    /// Ask from a process with one thread.
    OneThread,
    /// Add PID.
    AddPid,
    /// Add the kind, so that it belongs to the same user namespace.
    AddKind(Namespace),
    /// Start the container with a whole `/proc`.
    Unmask,
    /// Unmount what covers it.
    UnmountMasks,
    /// `deny` first.
    DenySetgroups,
    /// Another new user namespace.
    FreshUser,
    /// Map the own id alone, or use newuidmap.
    MapOwnId,
    /// Choose an id that is mapped, or map it.
    MappedId,
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
    /// A fresh lab host.
    FreshLab,
    /// Install a package of Debian and Ubuntu.
    Install(&'static str),
}

/// What is behind a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The one thing that refused.
    pub gate: Gate,
    /// What helps against it, best first; where nothing does, nothing.
    pub remedies: Vec<Remedy>,
}

impl Explanation {
    /// Why, and what helps, as running text.
    pub fn words(&self, lang: Lang) -> String {
        let remedies = self.remedies.iter().map(|remedy| remedy.words(lang));
        let sentences: Vec<_> = std::iter::once(self.gate.why(lang))
            .chain(remedies)
            .collect();
        sentences.join(match lang {
            Lang::En => " ",
            Lang::ZhCn => "",
        })
    }
}

impl Gate {
    /// Its name, within a line: `seccomp`, `a limit`.
    pub fn name(&self, lang: Lang) -> String {
        words::name(lang, self)
    }

    /// Why it refuses.
    pub fn why(&self, lang: Lang) -> String {
        words::why(lang, self)
    }
}

impl Remedy {
    /// What to do, as a sentence.
    pub fn words(&self, lang: Lang) -> String {
        words::remedy(lang, self)
    }
}

/// What refused an operation with this errno, on a machine of which these facts are known.
pub fn explain(operation: Operation, errno: Errno, facts: &Facts) -> Explanation {
    decide::decide(operation, errno, facts)
}

/// What is behind the first refusal in what a program printed, where the line and these facts tell.
pub fn printed(text: &str, facts: &Facts) -> Option<Explanation> {
    let (operation, errno) = text.lines().find_map(Operation::seen)?;
    let explanation = explain(operation, errno, facts);
    (explanation.gate != Gate::Unknown).then_some(explanation)
}

/// A step that was refused, and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The step.
    #[serde(serialize_with = "as_printed")]
    pub step: Step,
    /// What is behind it.
    pub explanation: Explanation,
}

/// A step for programs that read our JSON: its call as strace(1) prints it.
fn as_printed<S: serde::Serializer>(step: &Step, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("Step", 4)?;
    fields.serialize_field("call", &step.call.to_string())?;
    fields.serialize_field("errno", &step.errno)?;
    fields.serialize_field("value", &step.value)?;
    fields.serialize_field("micros", &step.micros)?;
    fields.end()
}

impl Refusal {
    /// The step that failed, in the light of the facts of where it did.
    pub fn new(step: Step, facts: &Facts) -> Self {
        let mut explanation = explain(Operation::of_call(&step.call), errno_of(&step), facts);
        if explanation.gate == Gate::NoProgram {
            let package = match &step.call {
                Call::Exec(argv) => argv.first().and_then(|program| tools::package(program)),
                _ => None,
            };
            explanation.remedies.extend(package.map(Remedy::Install));
        }
        Self { step, explanation }
    }

    /// The same on the heap, as larger things carry it.
    pub fn boxed(step: Step, facts: &Facts) -> Box<Self> {
        Box::new(Self::new(step, facts))
    }

    /// The call, the errno, why, and what helps, in one line. A learner who traces the launcher can
    /// have it say anything, and this is printed on the machine's terminal too.
    pub fn words(&self, lang: Lang) -> String {
        let (call, errno) = (&self.step.call, errno_of(&self.step));
        let why = self.explanation.words(lang);
        let words = match lang {
            Lang::En => format!("{call}: {}. {why}", errno.desc()),
            Lang::ZhCn => format!("{call}：{errno:?}（{}）。{why}", errno.desc()),
        };
        words.replace(char::is_control, " ")
    }
}

fn errno_of(step: &Step) -> Errno {
    step.errno.map_or(Errno::UnknownErrno, Errno::from_raw)
}

/// What this machine couldn't give a lab host that came to be all the same.
pub fn shortfall(lang: Lang, shortfall: Shortfall) -> &'static str {
    words::shortfall(lang, shortfall)
}
