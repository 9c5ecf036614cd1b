//! The reports of a helper to nslab: plain data.
//!
//! Must not know how a step is carried out or shown.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::str::FromStr;

use nix::errno::Errno;
use serde::{Deserialize, Serialize};

use super::FAILED;
use super::call::Call;
use crate::facts::Facts;

/// The errno of a call that never returned.
const NO_ERRNO: i32 = 0;

/// A system call that a helper made, with the kernel's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub call: Call,
    /// The errno if it was refused.
    pub errno: Option<i32>,
    /// The call's return value if it worked: a pid, a descriptor, a length, 0.
    pub value: i64,
    /// How long it took, in microseconds.
    pub micros: u64,
}

impl Step {
    /// Whether the call succeeded.
    pub fn worked(&self) -> bool {
        self.errno.is_none()
    }

    /// The name of the refusal: `EPERM`; errno(3). None too for a call that never returned.
    pub fn refusal(&self) -> Option<String> {
        self.errno
            .filter(|errno| *errno != NO_ERRNO)
            .map(|errno| format!("{:?}", nix::errno::Errno::from_raw(errno)))
    }

    /// The kernel's answer as strace(1) prints it: `= 7`, `= -1 EPERM`, `= ?` where there was none.
    pub fn answer(&self) -> String {
        match (self.refusal(), self.worked()) {
            (None, true) => format!("= {}", self.value),
            (None, false) => "= ?".to_owned(),
            (Some(errno), _) => format!("= -1 {errno}"),
        }
    }

    /// A call that was refused.
    pub(crate) fn refused(call: Call, errno: Errno) -> Self {
        Self {
            call,
            errno: Some(errno as i32),
            value: -1,
            micros: 0,
        }
    }

    /// A step that says: after `last`, this signal killed the process, in a call that is not known.
    pub fn killed(signal: i32, last: Option<&Step>) -> Self {
        Self {
            call: Call::Killed {
                signal,
                after: last.map(|step| step.call.to_string()),
            },
            errno: Some(NO_ERRNO),
            value: -1,
            micros: 0,
        }
    }
}

/// A refused step, and the facts of the process that it was refused to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedStep {
    pub step: Step,
    pub facts: Box<Facts>,
}

impl RefusedStep {
    /// Refused to this very process, now.
    pub fn here(step: Step) -> Self {
        let facts = Box::new(Facts::here());
        Self { step, facts }
    }

    /// Adds the facts that only a process outside of the lab can read now.
    pub(super) fn seen_from_outside(self) -> Self {
        let facts = Box::new(self.facts.within(&Facts::here()));
        Self { facts, ..self }
    }
}

/// Something that the lab host lacks because the machine doesn't allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// No fresh proc: the machine's is shown instead.
    Proc,
    /// No fresh sysfs: `/sys` is empty.
    Sysfs,
    /// The machine's sysfs is read-only, so every new one must be too.
    SysfsReadonly,
    /// No veth: only lo is in the lab host.
    Veth,
    /// No filter of system calls: the kernel has no seccomp(2).
    Filter,
    /// No exec gives a privilege: PR_SET_NO_NEW_PRIVS.
    NewPrivileges,
    /// Nobody may set a hostname: a filter refuses sethostname(2).
    Hostname,
    /// Nobody may join a session keyring: a filter refuses keyctl(2), with an errno at which crun and runc give up.
    SessionKeyring,
    /// Fewer open files than the 1024 that Linux allows by default, and that runtimes ask for.
    Files,
    /// One id alone: nobody else can be mapped.
    OneId,
    /// One id alone, in a lab that root started: `/etc/subuid` lends no ids to root.
    OneIdOfRoot,
    /// The lab could reach the cgroup that nslab is in, so that no CGROUP namespace can be made in it.
    OuterCgroup,
    /// No POSIX message queues under `/dev/mqueue`.
    Mqueue,
    /// No cgroup of its own.
    Cgroup,
    /// A cgroup of its own, but without the controllers that limit memory and the number of processes.
    Limits,
}

impl Shortfall {
    /// Whether a notice names it when the lab host starts. The others are named where they matter: a missing cgroup or
    /// limit in the lesson that needs it, a single id in each refusal that it causes.
    pub fn is_unusual(self) -> bool {
        !matches!(
            self,
            Shortfall::Cgroup | Shortfall::Limits | Shortfall::OneId | Shortfall::OneIdOfRoot
        )
    }
}

/// How a process ended; wait(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exit {
    /// It called exit with this status.
    Status(i32),
    /// This signal killed it.
    Signal(i32),
}

impl Exit {
    /// How this process ended.
    pub(super) fn of(status: ExitStatus) -> Self {
        let signal = status.signal().map(Exit::Signal);
        signal.unwrap_or_else(|| Exit::Status(status.code().unwrap_or(FAILED)))
    }

    /// The number that a shell has in `$?`: 128 plus the number for a signal.
    pub fn code(self) -> i32 {
        match self {
            Exit::Status(status) => status,
            Exit::Signal(signal) => 128 + signal,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(status) => write!(f, "exit {status}"),
            Exit::Signal(signal) => match nix::sys::signal::Signal::try_from(*signal) {
                Ok(known) => write!(f, "{}", known.as_str()),
                Err(_) => write!(f, "signal {signal}"),
            },
        }
    }
}

/// A container's number, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContainerNumber(u8);

impl ContainerNumber {
    /// How many containers there can be.
    pub const COUNT: usize = 6;
    /// The number of the first container.
    pub const FIRST: ContainerNumber = ContainerNumber(1);
    /// The numbers of all containers, in order.
    pub const ALL: [ContainerNumber; ContainerNumber::COUNT] = [
        ContainerNumber(1),
        ContainerNumber(2),
        ContainerNumber(3),
        ContainerNumber(4),
        ContainerNumber(5),
        ContainerNumber(6),
    ];

    /// The container with this number; none beyond the last one.
    pub fn new(number: usize) -> Option<ContainerNumber> {
        ContainerNumber::ALL.get(number.checked_sub(1)?).copied()
    }

    /// Its number: 1 for the first.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// Its place in a list: 0 for the first.
    pub fn index(self) -> usize {
        self.get() - 1
    }
}

impl FromStr for ContainerNumber {
    type Err = String;

    fn from_str(number: &str) -> Result<Self, Self::Err> {
        let known = number.parse().ok().and_then(ContainerNumber::new);
        known.ok_or_else(|| {
            format!(
                "'{number}' is no container; they are 1 to {}",
                ContainerNumber::COUNT
            )
        })
    }
}

/// Which side a shell or a snapshot belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The side a container is compared with.
    Host,
    /// The process tree made by clone(2).
    Container(ContainerNumber),
}

/// A side's name in prompts, in lessons and on the command line.
const NAMES: [(&str, Side); 7] = [
    ("host", Side::Host),
    ("container", Side::Container(ContainerNumber(1))),
    ("container2", Side::Container(ContainerNumber(2))),
    ("container3", Side::Container(ContainerNumber(3))),
    ("container4", Side::Container(ContainerNumber(4))),
    ("container5", Side::Container(ContainerNumber(5))),
    ("container6", Side::Container(ContainerNumber(6))),
];

impl Side {
    /// The side of the first container.
    pub const CONTAINER: Side = Side::Container(ContainerNumber::FIRST);

    /// The host and all containers.
    pub fn all() -> impl Iterator<Item = Side> {
        NAMES.into_iter().map(|(_, side)| side)
    }

    /// The name in prompts, in lessons and on the command line.
    pub fn name(self) -> &'static str {
        let place = match self {
            Side::Host => 0,
            Side::Container(number) => number.get(),
        };
        NAMES[place].0
    }
}

impl Serialize for Side {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no side '{word}'; the sides are host, container, container2 … container6")]
pub struct UnknownSide {
    /// The word as it was given.
    pub word: String,
}

impl FromStr for Side {
    type Err = UnknownSide;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = NAMES.into_iter().find(|(name, _)| *name == word);
        known.map(|(_, side)| side).ok_or_else(|| UnknownSide {
            word: word.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_the_numbers() {
        for (name, side) in NAMES {
            assert_eq!(side.name(), name);
            assert_eq!(name.parse(), Ok(side));
        }
        assert_eq!(Side::all().count(), ContainerNumber::COUNT + 1);
        assert!("container7".parse::<Side>().is_err());
    }
}
