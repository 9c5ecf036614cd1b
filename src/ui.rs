//! Rendering: one pure function per pane. Does no I/O and starts no thread.

pub mod prose;
pub mod terminal;
pub mod theme;
