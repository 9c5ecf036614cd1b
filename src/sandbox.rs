//! The lab host and the container: how they are made, entered and ended.

pub mod report;

pub use report::{Exit, Side, Step};
