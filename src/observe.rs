//! What a side sees: snapshots, and two of them side by side.
//!
//! Owns the facts and the comparison. Must not know how a side came to be or how a row is drawn.

pub mod comparison;
pub mod detail;
pub mod reader;
pub mod snapshot;
pub mod watch;
pub mod watcher;

pub use comparison::{Comparison, Row, RowId};
pub use detail::Detail;
pub use snapshot::Snapshot;
