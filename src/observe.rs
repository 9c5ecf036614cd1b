//! The view of a side: its snapshot, its detail, the answers to a lesson's questions, and the rows that compare
//! two sides.
//!
//! Owns the facts, the table of rows and the watcher that reads a side. Must not know how a side is made, or
//! where a row is drawn.

pub(crate) mod asked;
pub(crate) mod cgroups;
pub(crate) mod comparison;
pub(crate) mod detail;
mod reader;
pub(crate) mod rows;
pub(crate) mod snapshot;
mod visit;
pub(crate) mod watch;
pub(crate) mod watcher;

pub(crate) use asked::{Asked, Question};
pub(crate) use detail::{Detail, Inside};
pub use rows::RowId;
pub use snapshot::Snapshot;
pub(crate) use visit::Visit;
