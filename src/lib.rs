//! nslab: a terminal lab in which a person learns what a container is by making one, one Linux
//! namespace at a time, on the kernel of the machine in front of them.
//!
//! # The map
//!
//! Rooms from the highest to the lowest; a room imports only from rooms below it. `tests/house.rs` lists
//! exactly which.
//!
//! | room | owns |
//! | --- | --- |
//! | `cli` | the command line: a file for each command, and the hidden commands of helpers |
//! | `verify` | does lessons without a person, and reports every statement that isn't true |
//! | `runtime` | the real terminal, and one loop that waits for everything; `driver` carries out what `app` asks for |
//! | `ui` | pure rendering: one function per pane |
//! | `app` | the pure core: `State`, `Msg`, `update(&mut State, Msg) -> Vec<Effect>`, the keymap, each view as lines |
//! | `prose` | the text of a lesson as styled lines |
//! | `doctor` | the diagnosis of this machine, from facts and probes |
//! | `lesson` | lesson files: text → `Lesson` with positions, expressions, checks, lint; the glossary |
//! | `pty` | a shell's terminal: the emulator, keys and mouse as bytes, the PTY session |
//! | `observe` | snapshots and details of a side, answers to a lesson's questions, the table of rows, the watcher |
//! | `discovery` | the map: all namespaces, the keepers of each one, the nesting |
//! | `code` | a launch as a C program, a Rust program, an unshare command |
//! | `sheet` | the sheet to take along: each kind with the options that make, join and show it |
//! | `explain` | the reason of a refusal by the kernel, and the remedies |
//! | `sandbox` | the lab host and the containers: guard, keeper, helpers, launcher, probes |
//! | `facts` | facts about a process and this machine that decide what the kernel allows |
//! | `poller` | waits for many descriptors at once; epoll(7) |
//! | `progress` | the learner's progress, kept from one session to the next |
//! | `regular_file` | reads a regular file of bounded size, and nothing else |
//! | `theme` | styles by their meaning |
//! | `template` | fills the templates of `assets` |
//! | `namespace` | the one table of kinds: names, `CLONE_` flag, key |
//! | `rtnetlink` | asks the kernel for the links, addresses, routes and neighbours of a network namespace |
//! | `lang` | the languages |
//! | `sys` | raw system calls: the only unsafe code |
//!
//! # Where to begin reading
//!
//! - **A key**: `runtime::input::Input::read` decodes it to a `Msg`; `runtime::run` passes it to
//!   `app::update`. There, `input` finds its action in the keymap, and passes it to its part: `lesson_actions`,
//!   `launch_actions`, `view_actions` and others.
//! - **A byte from a PTY**: `runtime::shell_process::ShellProcess::exchange` reads it; `app::update` feeds
//!   it to the emulator of its pane, and the next frame shows it.
//! - **A launch**: `runtime::processes::Processes::launch` gives orders to a helper that waits in a PTY,
//!   or starts one. The helper is nslab again: `Helper::from_arguments` in `cli/helper.rs` reads its arguments. For a
//!   container, `sandbox::container::run_after_exec` waits for the orders and joins the lab host, and
//!   `sandbox::container::run` calls clone(2). For the host's shell, `sandbox::enter::run` waits.
//!
//! # The processes
//!
//! ```text
//! nslab                only starts programs, never goes on in a fork; when it ends, everything below ends
//!  ├─ sweeper          restores the terminal and removes the cgroup if nslab is killed
//!  ├─ guard            L1: a user and a mount namespace in which the machine is read-only
//!  │   └─ keeper       L2: process 1 of the lab host
//!  ├─ helper           in a PTY, outside of the lab; its child joins the lab host
//!  │   └─ host shell
//!  ├─ helper
//!  │   └─ launcher     in the lab host: the article's program, clone() and waitpid()
//!  │       └─ container      up to six; where one joins another's PID namespace, a second launcher
//!  │                          stands between, in that namespace
//!  ├─ helper           of the next launch, in a PTY
//!  │   └─ launcher     waits for its orders, in the guard's namespaces and cgroup; then it forks into the cgroup of
//!  │                   the lab's programs, and its child joins the lab host and forks
//!  ├─ helper           with pipes, for the time of a command: one on each side
//!  │   └─ launcher
//!  │       └─ command  in the lab host, or in all namespaces of the container
//!  ├─ watcher          one for all that is watched in a lab: sides, details, what the open lesson asks, processes
//!  │                   of the map. It enters the namespaces of each in turn, but never MNT and PID, and is in
//!  │                   the keeper's between two looks, so that it keeps none alive. A second one reads the machine
//!  │                   while it is shown, a third one the map, or a figure that draws from it. If one is killed or
//!  │                   stopped, another one takes its place
//!  │   └─ occupant     while the map looks into a namespace that no process is in: it stays there until then
//!  ├─ clipboard tool   wl-copy, xclip or xsel, outside of the lab, while it copies; what it leaves behind owns
//!  │                   the clipboard and stays
//!  └─ probes           of `doctor` alone: a throwaway process per kind, one after the other
//! ```
//!
//! With `--host machine` there is no guard and no keeper. Nothing is joined, and a helper's fork is the
//! shell or the launcher. An ordinary user's watcher can't leave a container's user namespace again, so each
//! process has one of its own.
//!
//! # What must stay true
//!
//! `tests/house.rs` reads the sources and checks: only `sys.rs` has unsafe code; `ui` does no I/O and
//! starts no thread; `app` knows no widget, no nix, no file; `explain` and `doctor` decide from data
//! alone; each file's `//!` says what it owns; lower rooms don't know higher ones.

// Only the items that `pub use` names below are public.
#![warn(unreachable_pub)]

mod app;
mod cli;
mod code;
mod discovery;
mod doctor;
mod explain;
mod facts;
mod lang;
mod lesson;
mod namespace;
mod observe;
mod poller;
mod progress;
mod prose;
mod pty;
mod regular_file;
mod rtnetlink;
mod runtime;
mod sandbox;
mod sheet;
mod sys;
mod template;
mod theme;
mod ui;
mod verify;

// For main.rs.
pub use cli::{UsageError, answer};

// For the benches and the tests in tests/. Not a stable interface.
pub use app::keymap::LeaveKey;
pub use app::{
    Clock, Effect, Figures, LabEvent, Lessons, Msg, Setup, ShellEvent, State, UserKind, start,
    update,
};
pub use code::{Notation, program};
pub use discovery::{Found, Holder, Map, Process, Reader, Scope};
pub use explain::{Gate, Operation, Remedy, Who, explain};
pub use facts::Facts;
pub use lang::Lang;
pub use lesson::{Check, Context, Deed, Lesson, LessonStep, Library, Part, Template, parse};
pub use namespace::{Namespace, NamespaceId, NamespaceSet};
pub use observe::detail::{Detail, MountEntry};
pub use observe::snapshot::Mount;
pub use observe::{RowId, Snapshot};
pub use progress::Splits;
pub use pty::emulator::{Clipboard, Emulator, Mode, MouseReports, Slot, Toward};
pub use sandbox::cgroup::{kill as kill_cgroup, remove as remove_cgroup};
pub use sandbox::environment::shell;
pub use sandbox::{
    ContainerNumber, HostKind, IdMap, Join, LaunchOption, LaunchOptions, Plan, Side,
};
pub use sys::duplicate;
pub use theme::Theme;
pub use ui::terminal::TerminalView;
pub use ui::{Frame, draw, draw_shells};
