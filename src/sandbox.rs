//! The lab host and the container: how they are made, entered and ended.
//!
//! `lab` is nslab's side; everything else runs in helper processes, which are nslab again with a
//! hidden subcommand. Must not know lessons, screens or what is observed.

pub mod activity;
pub mod aside;
pub mod call;
pub mod cgroup;
pub mod channel;
pub mod command;
pub mod container;
pub mod enter;
pub mod entry;
pub mod environment;
mod filter;
pub mod groundwork;
pub mod guard;
mod guard_process;
mod habits;
pub mod host;
pub mod identity;
pub mod ids;
pub mod join;
pub mod keeper;
pub mod keyring;
pub mod lab;
pub mod launch;
mod maps;
mod network;
pub mod on_machine;
pub mod options;
pub mod orders;
mod orphans;
mod own_binary;
pub mod plan;
pub mod probe;
mod proc_dir;
mod program;
pub mod report;
mod root;
pub mod share;
pub mod sweeper;
mod trace;

pub use call::{Call, IdMap};
pub use host::{Host, HostKind};
pub use lab::LabError;
pub use options::{LaunchOption, LaunchOptions, Proc};
pub use plan::{Join, Plan};
pub use report::{Exit, Nth, RefusedStep, Shortfall, Side, Step};
pub use trace::Refused;

/// The exit code that says the sandbox itself failed, as env(1) and docker(1) have it.
pub const FAILED: i32 = 125;
/// The article's stack: a megabyte.
const STACK_SIZE: usize = 1024 * 1024;
