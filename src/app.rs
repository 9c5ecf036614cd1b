//! The pure core of the lab: messages change the state, the state asks for effects.
//!
//! Knows crossterm's events and ratatui's rectangles and lines as plain data; no widget, no
//! system call, no file, no thread.

mod autoplay;
pub mod clone_call;
pub(crate) mod code_view;
pub(crate) mod cursor;
pub mod enter_action;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod glossary;
pub(crate) mod help;
pub(crate) mod input;
pub mod keymap;
pub mod layout;
pub(crate) mod lesson_view;
pub mod msg;
mod navigation;
pub mod notice;
pub(crate) mod options;
pub(crate) mod prompt;
mod reload;
pub(crate) mod requirements;
mod restart;
pub(crate) mod sheet;
pub(crate) mod side_by_side;
pub mod state;
pub mod table;
mod tabs;
#[cfg(test)]
mod tests;
pub mod texts;
pub(crate) mod trace_view;
pub mod update;
pub mod walk;

pub use msg::{Answer, Effect, Failure, Msg};
pub use state::{Setup, State, UserKind};
pub use update::update;
pub use walk::Lessons;
