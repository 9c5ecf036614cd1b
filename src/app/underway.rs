//! What is being made of a starting state, as the learner is told.
//!
//! Must not know in which words.

use crate::sandbox::Side;

/// What is being made now, for the learner. Steps are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Underway {
    /// The lab host, or a look at what was made.
    Lab,
    Step(usize),
    /// A shell of the step has yet to start.
    Shell(usize, Side),
    /// A line of the step has yet to end.
    Line {
        step: usize,
        side: Side,
        line: String,
    },
}

/// A line that has failed in a fresh lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedLine {
    /// Its step, counted from 1.
    pub step: usize,
    pub line: String,
    pub status: i32,
}
