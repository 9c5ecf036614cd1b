//! The lab host and the container: how they are made, entered and ended.
//!
//! `lab` is nslab's side; everything else runs in helper processes, which are nslab again with a
//! hidden subcommand. Must not know lessons, screens or what is observed.

pub(crate) mod activity;
pub(crate) mod call;
pub(crate) mod cgroup;
pub(crate) mod channel;
pub(crate) mod command;
pub(crate) mod container;
pub(crate) mod enter;
pub(crate) mod entry;
pub(crate) mod environment;
mod filter;
pub(crate) mod groundwork;
pub(crate) mod guard;
mod guard_process;
mod habits;
pub(crate) mod host;
pub(crate) mod identity;
pub(crate) mod ids;
pub(crate) mod join;
pub(crate) mod keeper;
pub(crate) mod keyring;
pub(crate) mod lab;
pub(crate) mod launch;
mod maps;
mod memory_file;
mod network;
pub(crate) mod on_machine;
pub(crate) mod options;
pub(crate) mod orders;
mod orphans;
mod outer_cgroup;
mod own_binary;
pub(crate) mod own_cgroup;
pub(crate) mod plan;
pub(crate) mod probe;
mod proc_dir;
mod program;
pub(crate) mod report;
mod root;
pub(crate) mod share;
pub(crate) mod sweeper;
mod trace;

pub(crate) use call::Call;
pub use call::IdMap;
pub(crate) use host::Host;
pub use host::HostKind;
pub(crate) use lab::LabError;
pub(crate) use options::Proc;
pub use options::{LaunchOption, LaunchOptions};
pub use plan::{Join, Plan};
pub use report::{ContainerNumber, Side};
pub(crate) use report::{Exit, RefusedStep, Shortfall, Step};
pub(crate) use trace::Refused;

/// The exit code that says the sandbox itself failed, as env(1) and docker(1) have it.
pub(crate) const FAILED: i32 = 125;
/// The stack of a child that clone(2) makes: a megabyte, as in the programs of `nslab code`.
const STACK_SIZE: usize = 1024 * 1024;
