//! The subject of a column of the comparison: the shell of a side, or a process.
//!
//! Plain data. Must not know which subject is chosen, or how it is watched.

use crate::discovery::shown;
use crate::observe::{Detail, Snapshot};
use crate::sandbox::Side;

/// One of the two compared sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Column {
    Left,
    Right,
}

impl Column {
    pub(crate) const ALL: [Column; 2] = [Column::Left, Column::Right];
}

/// The subject of a column of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compared {
    /// The shell of a side.
    Shell(Side),
    /// A process that the learner has picked, by its number.
    Process(u32),
}

impl From<Side> for Compared {
    fn from(side: Side) -> Self {
        Compared::Shell(side)
    }
}

/// The pids by which a process is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessId {
    /// Its pid as nslab sees it.
    pub outside: i32,
    /// Its pid in each PID namespace, from that of the host inwards.
    pub numbers: Vec<i32>,
    pub name: String,
}

impl ProcessId {
    /// `700→1 nginx`: its pid on the host, its pid in its own PID namespace, its name.
    pub(crate) fn text(&self) -> String {
        let name = shown(&self.name);
        match &self.numbers[..] {
            [] => name,
            [pid] => format!("{pid} {name}"),
            [pid, .., inner] => format!("{pid}→{inner} {name}"),
        }
    }
}

/// A process that can be the subject of a column.
#[derive(Debug)]
pub(crate) struct Picked {
    pub id: ProcessId,
    /// The number in its messages.
    pub number: u32,
    pub snapshot: Option<Box<Snapshot>>,
    pub detail: Option<Box<Detail>>,
    pub detail_watched: bool,
}
