//! Terminals.

pub mod session;
