//! What a helper tells nslab about what it did: plain data, one JSON line per item.
//!
//! Must not know how a step is carried out or shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing a helper did, as a system call's name and arguments, with the kernel's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was done, as strace(1) would print it: `clone(SIGCHLD|CLONE_NEWUTS)`.
    pub call: String,
    /// The errno of a refusal; none where it worked.
    pub errno: Option<i32>,
    /// What the call returned where it worked: a pid, a descriptor, a length, 0.
    pub value: i64,
    /// How long it took, in microseconds.
    pub micros: u64,
}

impl Step {
    /// Whether the kernel did it.
    pub fn worked(&self) -> bool {
        self.errno.is_none()
    }

    /// The name of the refusal: `EPERM`; errno(3).
    pub fn refusal(&self) -> Option<String> {
        self.errno
            .map(|errno| format!("{:?}", nix::errno::Errno::from_raw(errno)))
    }

    /// The kernel's answer as strace(1) prints it: `= 7`, `= -1 EPERM`.
    pub fn answer(&self) -> String {
        match self.refusal() {
            None => format!("= {}", self.value),
            Some(errno) => format!("= -1 {errno}"),
        }
    }
}

/// A measure of the lab host that this machine does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// No fresh proc: the machine's is shown instead.
    Proc,
    /// No fresh sysfs: `/sys` is empty.
    Sysfs,
    /// No veth: only lo is in the lab host.
    Veth,
    /// No POSIX message queues under `/dev/mqueue`.
    Mqueue,
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
    /// The number a shell has in `$?` for it: 128 and the signal's number for a signal.
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

/// Which side a shell or a snapshot belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The side a container is compared with.
    Host,
    /// The process tree made by clone(2).
    Container,
}

impl Side {
    /// Both.
    pub const ALL: [Side; 2] = [Side::Host, Side::Container];

    /// The name in prompts, in lessons and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Side::Host => "host",
            Side::Container => "container",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
