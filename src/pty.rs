//! The terminal of a pane: turns a child's bytes into a screen, and keys and mouse events into
//! bytes for the child.
//!
//! Owns the terminal emulator, the input encodings, and the decoder of the learner's input. Treats all
//! that a child writes as hostile. Must not know what is drawn where, nor what runs in the pane.

mod answers;
pub mod decoder;
pub mod emulator;
pub mod flood;
pub mod keys;
pub mod mouse;
pub mod session;
