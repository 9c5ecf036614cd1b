//! Which namespaces there are, what keeps each one, and how they are nested.
//!
//! Owns the map as plain data, how it is read from `/proc`, and how it is written as text. Must not know
//! where a map is drawn, nor how a process comes to see what it reads.

mod listed;
pub(crate) mod map;
pub(crate) mod reader;
mod sockets;
pub(crate) mod text;

pub use map::{Found, Holder, Key, Map, Process};
pub use reader::{Reader, Scope};
pub(crate) use reader::{open_descriptor, open_mounted, open_of_socket};
pub(crate) use text::{kept_by, shown};
