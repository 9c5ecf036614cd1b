//! nslab: a terminal lab in which a person learns what a container is by making one, one Linux
//! namespace at a time, on the kernel of the machine in front of them.
//!
//! # The map of this house
//!
//! ```text
//! main → cli → verify → runtime → { ui, pty, sandbox, observe } → app → { prose, lesson, code, theme, plain data }
//!              doctor, sandbox → explain → facts
//! ```
//!
//! | room | owns |
//! | --- | --- |
//! | [`cli`] | the command line: `compare`, `run`, `doctor`, `lessons`, `lint`, `new`, `verify`, `code`, and the hidden commands of helpers |
//! | [`runtime`] | the real terminal, threads, one channel; carries out what `app` asks for |
//! | [`verify`] | lessons done without a person: what must be true of each step, reports |
//! | [`app`] | the pure core: `State`, `Msg`, `update(&mut State, Msg) -> Vec<Effect>`, the keymap, and each view as lines: `lesson_view`, `glossary`, `code_view`, `trace_view`, `side_by_side` |
//! | [`ui`] | pure rendering: one function per pane |
//! | [`prose`] | blocks and sentences of a lesson → styled lines of a given width |
//! | [`theme`] | styles by meaning |
//! | [`lesson`] | lesson files: text → `Lesson` with positions, expressions, checks; what an author should mend; the glossary |
//! | [`progress`] | what a learner has done, kept from one session to the next |
//! | [`pty`] | a pane's terminal: the emulator, keys and mouse as bytes, the PTY session |
//! | [`sandbox`] | the lab host and the container: guard, keeper, helpers, launcher, probes |
//! | [`observe`] | what a side sees as a snapshot and in detail, the comparison, the watcher |
//! | [`code`] | what a launch makes as a C program, a Rust program, an unshare command |
//! | [`explain`] | what a refusal by the kernel means and what helps |
//! | [`doctor`] | what this machine allows: from facts and probes to a diagnosis |
//! | [`facts`] | what is true of a process and of this machine, and decides what the kernel allows |
//! | [`namespace`] | the one table of kinds: flag, key, proc name, man page |
//! | [`lang`] | the languages |
//! | [`sys`] | raw system calls: the only unsafe code |
//!
//! # The processes
//!
//! ```text
//! nslab                never forks, only spawns; ends → everything below ends
//!  ├─ sweeper          does what nslab can't once it is killed: the terminal, the cgroup
//!  ├─ guard            L1: user and mount namespace in which the machine is read-only
//!  │   └─ keeper       L2: process 1 of the lab host
//!  ├─ helper           in a PTY, on the machine's side; its child joins, and ends
//!  │   └─ host shell   in the lab host
//!  ├─ helper
//!  │   └─ launcher     in the lab host: the article's program, clone() and waitpid()
//!  │       └─ container      up to six; where one is made in another, a second launcher stands
//!  │                          between, in the PID namespace that the first has joined
//!  ├─ helper           with pipes, as long as it takes: one a side for a command on both
//!  │   └─ launcher
//!  │       └─ command  in the lab host, or in all the namespaces of the container
//!  ├─ watchers         one per side; in its namespaces but MNT and PID. A second one a side reads
//!  │                   the detail while a row is open in full; another watches the machine while shown
//!  └─ probes           of `doctor` alone: a throwaway process a kind, one after the other
//! ```
//!
//! With `--host machine` there is no guard and no keeper: nothing is joined, and a helper's fork is the
//! shell or the launcher.
//!
//! # What must stay true
//!
//! `tests/house.rs` reads the sources and checks it: unsafe code stands in `sys.rs` alone; `ui` does
//! no I/O and starts no thread; `app` knows no widget, no nix, no file; `explain` and `doctor` decide
//! from data alone, and of `sandbox` know only what it reports; every file says in its `//!` what it
//! owns; lower rooms don't know higher ones.

mod app;
mod cli;
mod code;
mod doctor;
mod explain;
mod facts;
mod lang;
mod lesson;
mod namespace;
mod observe;
mod progress;
mod prose;
mod pty;
mod runtime;
mod sandbox;
mod sys;
mod theme;
mod ui;
mod verify;

// For main.rs.
pub use cli::{UsageError, answer};

// For the benches and the tests in tests/. Not a stable interface.
pub use app::keymap::LeaveKey;
pub use app::marks::MARKED;
pub use app::{Effect, Lessons, Msg, Setup, State, UserKind, update};
pub use code::{Notation, program};
pub use explain::{Gate, Operation, Remedy, Who, explain};
pub use facts::Facts;
pub use lang::Lang;
pub use lesson::{Check, Context, Deed, Lesson, Library, Part, Step, Template, parse};
pub use namespace::{Namespace, NamespaceSet};
pub use observe::detail::{Detail, MountEntry};
pub use observe::snapshot::Mount;
pub use observe::{RowId, Snapshot};
pub use pty::emulator::{Emulator, Mode, MouseReports};
pub use sandbox::cgroup::{kill as kill_cgroup, remove as remove_cgroup};
pub use sandbox::environment::shell;
pub use sandbox::{HostKind, IdMap, Join, Nth, Options, Plan, Side};
pub use sys::duplicate;
pub use theme::Theme;
pub use ui::draw;
pub use ui::terminal::TerminalView;
