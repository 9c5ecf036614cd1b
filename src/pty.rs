//! A pane's terminal: bytes from a child become a screen, keys and the mouse become bytes for it.
//!
//! Owns the terminal emulator, the input encodings and their inverse for the learner's terminal. Must not know what is drawn where, nor
//! what runs in the pane; whatever a child writes is treated as hostile.

#[allow(dead_code, reason = "the loop that reads the terminal will use it")]
pub mod decoder;
pub mod emulator;
pub mod keys;
pub mod mouse;
pub mod session;
