#!/bin/sh
# portable-pty: Child::kill() ends the child; the killer that the child clones only asks it to end.
#
# Behaviour: kill() of a child sends SIGHUP, waits up to a fifth of a second and then sends SIGKILL.
#   clone_killer().kill(), of the same trait ChildKiller, sends SIGHUP alone and reports success. A
#   child that ignores SIGHUP (started by nohup, a daemon, a shell with a trap) goes on.
# Expected: the crate's documentation has one sentence for both, of ChildKiller::kill: "Terminate the
#   child process". clone_killer is "to send it signals independently from a thread that may be blocked
#   in .wait": the same, from another thread. That thread goes on being blocked.
# Why it matters: a program that waits in a thread (as the documentation proposes) and kills at its end
#   hangs in join(), or leaves the process behind, just for the programs that need killing.
# Versions: portable-pty 0.9.0; any Unix; Linux 6.18 here.
# Seen (of a `sleep 3` that ignores SIGHUP):
#   kill():                Ok, ended by a signal after 0.2 s
#   clone_killer().kill(): Ok, ended by itself after 3 s
set -eu
command -v cargo >/dev/null || { echo "needs cargo" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "killer"
edition = "2021"
[dependencies]
portable-pty = "=0.9.0"
TOML
cat > src/main.rs <<'RUST'
use portable_pty::{native_pty_system, ChildKiller, CommandBuilder, PtySize};
use std::io::Read;
use std::time::{Duration, Instant};

/// Starts a child that ignores SIGHUP, kills it, and tells how long it still ran and how it ended.
fn killed(what: &str, cloned: bool) -> (Duration, bool) {
    let pair = native_pty_system().openpty(PtySize::default()).expect("a pty");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "trap '' HUP; echo ready; exec sleep 3"]);
    let mut child = pair.slave.spawn_command(command).expect("a child");
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    reader.read_exact(&mut [0; 5]).expect("the child is ready");
    let start = Instant::now();
    let mut killer: Box<dyn ChildKiller> = child.clone_killer();
    let answer = if cloned { killer.kill() } else { child.kill() };
    let status = child.wait().expect("its status");
    let (after, signalled) = (start.elapsed(), status.signal().is_some());
    println!("{what}: {answer:?}, {status} after {:.1} s", after.as_secs_f64());
    (after, signalled)
}

fn main() {
    let (after, signalled) = killed("kill()", false);
    assert!(signalled && after < Duration::from_millis(1500), "kill() waits longer now");
    let (after, signalled) = killed("clone_killer().kill()", true);
    assert!(!signalled && after > Duration::from_millis(1500), "the killer kills now");
    println!("as found: the cloned killer leaves a child alive that ignores SIGHUP");
}
RUST
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
target/debug/killer
