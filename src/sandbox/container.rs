//! The article's program: `clone()` with the chosen flags, a shell in the child, `waitpid()`.
//!
//! It runs in the lab host, where the learner can look at it and trace it; it knows nothing of the
//! machine but the channel it reports over.

use std::fs::{self, File};
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::RawFd;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, gettid};

use super::channel::{Channel, Message};
use super::enter::wait;
use super::guard::die_with_parent;
use super::program::{Program, started};
use super::report::Side;
use super::trace::{PIPE, Refused, Tracer, errno};
use super::{STACK_SIZE, flag_names, maps, root};
use crate::namespace::{Namespace, NamespaceSet};
use crate::sys;

/// What the container calls itself when it has a hostname of its own.
const HOSTNAME: &str = "container";
/// A day: with TIME, the clocks that can be shifted are ahead by this, so that there is something
/// to see.
const AHEAD: i64 = 86_400;

/// What the launcher is told when it is started.
#[derive(Debug, Clone)]
pub struct Orders {
    /// The descriptor of its channel.
    pub report: RawFd,
    /// Which namespaces are new.
    pub flags: NamespaceSet,
    /// The program's terminal.
    pub tty: Option<PathBuf>,
    /// The program and its arguments.
    pub program: Vec<String>,
}

/// The launcher's life. Returns the exit code of the program.
pub fn live(orders: Orders) -> Result<i32, Refused> {
    let channel = Channel::inherited(orders.report).map_err(|errno| Refused {
        call: "fcntl()".into(),
        errno,
    })?;
    let mut trace = Tracer::new(channel);
    die_with_parent(&mut trace)?;
    // What the container leaves running comes to us and not to process 1, and ends with it.
    trace.step("prctl(PR_SET_CHILD_SUBREAPER, 1)", || {
        prctl::set_child_subreaper(true)
    })?;
    let children = File::open(format!("/proc/self/task/{}/children", gettid()));

    let flags = orders.flags;
    if flags.contains(Namespace::Time) {
        prepare_time(&mut trace)?;
    }
    let program = Program {
        side: Side::Container,
        argv: orders.program,
        tty: orders.tty,
        hostname: flags.contains(Namespace::Uts).then_some(HOSTNAME),
    };
    let pipe = || io::pipe().map_err(|error| errno(&error));
    let (gate, mut opener) = trace.step(PIPE, pipe)?;
    let (ran, told) = trace.step(PIPE, pipe)?;
    let mut child_trace = trace.another()?;

    // The bit of TIME lies in the byte of the exit signal: clone can't make that one.
    let cloned = flags.without(Namespace::Time);
    let mut stack = vec![0; STACK_SIZE];
    let child_program = program.clone();
    let child = trace.step(format!("clone({})", flag_names(cloned)), || {
        sys::clone(cloned.bits(), &mut stack, move || {
            wait_for_maps(gate);
            child_program.become_it(told, &mut child_trace)
        })
    })?;
    if flags.contains(Namespace::User) {
        maps::write(child, 0, 0, &mut trace)?;
    }
    // A child that has died already says so in waitpid.
    let _ = opener.write_all(b"o");
    started(child, &program.argv, ran, &mut trace)?;
    let exit = wait(child, &mut trace)?;
    if let Ok(children) = children {
        end_orphans(&children);
    }
    if let Some(path) = &program.tty {
        // The terminal is about to hang up; its name is the next launch's.
        let _ = root::detach_quietly(path);
    }
    let _ = trace.channel().send(&Message::Exited(exit));
    Ok(exit.code())
}

/// A time namespace is made by unshare, for children; its offsets are written before any process
/// is in it. time_namespaces(7).
fn prepare_time(trace: &mut Tracer) -> Result<(), Refused> {
    trace.step("unshare(CLONE_NEWTIME)", || {
        unshare(CloneFlags::from_bits_retain(
            Namespace::Time.flag().cast_signed(),
        ))
    })?;
    let offsets = format!("monotonic {AHEAD} 0\nboottime {AHEAD} 0\n");
    trace
        .step(
            format!("write(/proc/self/timens_offsets, {offsets:?})"),
            || {
                fs::write("/proc/self/timens_offsets", &offsets)
                    .map(|()| offsets.len())
                    .map_err(|error| errno(&error))
            },
        )
        .map(drop)
}

/// In a user namespace without a map we'd be nobody: exec would take every capability.
fn wait_for_maps(mut gate: PipeReader) {
    let _ = gate.read(&mut [0]);
}

/// Kills what the container left: children of children came to us, and theirs will.
fn end_orphans(children: &File) {
    let mut list = vec![0; 4096];
    // Each round takes one generation; a fork bomb is bounded by RLIMIT_NPROC.
    for _ in 0..10_000 {
        let length = children.read_at(&mut list, 0).unwrap_or(0);
        let text = String::from_utf8_lossy(&list[..length]);
        let pids: Vec<Pid> = text
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok())
            .map(Pid::from_raw)
            .collect();
        if pids.is_empty() {
            return;
        }
        for &pid in &pids {
            let _ = kill(pid, Signal::SIGKILL);
        }
        for &pid in &pids {
            let _ = waitpid(pid, None);
        }
    }
}
