//! The pure core of the lab: messages change the state, the state asks for effects.
//!
//! Knows crossterm's events and ratatui's rectangles and lines as plain data; no widget, no
//! system call, no file, no thread.

pub(crate) mod act;
mod again;
pub mod clone_call;
pub(crate) mod cursor;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod glossary;
pub(crate) mod help;
pub mod keymap;
pub(crate) mod lack;
pub mod layout;
pub(crate) mod listing;
mod moves;
pub mod msg;
pub mod next;
pub mod notice;
pub(crate) mod options;
pub(crate) mod page;
pub(crate) mod prompt;
mod reload;
pub(crate) mod sheet;
mod show;
pub(crate) mod side_by_side;
pub mod state;
pub mod table;
mod tabs;
#[cfg(test)]
mod tests;
pub mod texts;
pub(crate) mod took;
pub mod update;
pub mod walk;

pub use lack::Lack;
pub use msg::{Answer, Effect, Failure, Msg};
pub use state::{Setup, State, UserKind};
pub use update::update;
pub use walk::Lessons;
