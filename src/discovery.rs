//! The map of namespaces: all namespaces, the keepers of each one, and the nesting.
//!
//! Owns the map as plain data, its reader, and its text form. Must not know where a map is drawn, or which
//! namespaces the reader has joined before.

mod access_path;
mod listed;
pub(crate) mod map;
pub(crate) mod reader;
mod sockets;
pub(crate) mod text;

pub(crate) use access_path::AccessPath;
pub use map::{Found, Holder, Map, Process};
pub use reader::{Reader, Scope};
pub(crate) use reader::{open_proc, unescaped};
pub(crate) use text::{kept_by, shown};
