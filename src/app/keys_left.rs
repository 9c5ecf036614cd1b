//! The keys of a command that the lesson has not pressed yet.
//!
//! `typing` presses it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::sandbox::Side;

/// The keys that are still to be pressed of a command that is seen being typed.
#[derive(Debug)]
pub(crate) struct KeysLeft {
    pub(super) side: Side,
    pub(super) launch: u32,
    /// Without Enter, which is the last.
    pub(super) keys: VecDeque<char>,
    /// When the next one is due.
    pub(super) next: Instant,
    /// The time between two of them.
    pub(super) pause: Duration,
    /// Whether they wait for the shell to give up an incomplete command.
    pub(super) cancelled: Option<Cancelled>,
}

/// A shell that is to give up an incomplete command. Keys that it gets before its next prompt are lost.
#[derive(Debug)]
pub(super) struct Cancelled {
    /// The prompts that it had shown before.
    pub(super) prompts: u64,
    /// How long to wait for the next one.
    pub(super) until: Instant,
    /// When to press Ctrl-C again.
    pub(super) again: Instant,
}
