//! nslab: a terminal lab that teaches Linux namespaces.

pub mod app;
pub mod cli;
pub mod explain;
pub mod lang;
pub mod lesson;
pub mod namespace;
pub mod observe;
pub mod pty;
pub mod runtime;
pub mod sandbox;
pub mod sys;
pub mod ui;
