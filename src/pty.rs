//! The terminal of a pane: turns a child's bytes into a screen, and keys and mouse events into
//! bytes for the child.
//!
//! Owns the terminal emulator, the input encodings, and the decoder of the learner's input. Treats everything
//! that a child writes as hostile. Must not know the screen's layout, or which program runs in the pane.

mod answers;
pub(crate) mod decoder;
pub(crate) mod emulator;
pub(crate) mod flood;
pub(crate) mod keys;
pub(crate) mod mouse;
pub(crate) mod session;
