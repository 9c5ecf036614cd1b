//! nslab: a terminal lab that teaches Linux namespaces.

pub mod app;
pub mod lang;
pub mod lesson;
pub mod namespace;
pub mod observe;
pub mod pty;
pub mod sandbox;
pub mod ui;
