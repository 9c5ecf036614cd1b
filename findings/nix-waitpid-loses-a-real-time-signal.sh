#!/bin/sh
# nix: waitpid() fails for a child that a real-time signal has ended, and the child is gone all the same.
#
# Behaviour: a child dies by SIGRTMIN. nix::sys::wait::waitpid returns Err(EINVAL). The system call did
#   succeed: the child is reaped, a second waitpid gives ECHILD, and how it ended can't be known any
#   more. The crate's Signal has no real-time signals, and the conversion's error is returned as if it
#   were the kernel's.
# Expected: the crate's documentation refers to waitpid(2), by which EINVAL means "The options argument
#   was invalid". std::process::Child::wait gives "signal: 34". Open upstream since 2017 (nix issue
#   495); the documentation of waitpid has no word on it.
# Why it matters: a supervisor, a shell or a container's launcher reports that the kernel refused to
#   wait, whenever anybody types `kill -34`. Loops that retry on an error wait for a child that isn't there.
# Versions: nix 0.31.3; Linux 6.18 with glibc, where SIGRTMIN is 34.
# Seen:
#   std:         signal 34
#   nix:         Err(EINVAL)
#   nix, again:  Err(ECHILD)
set -eu
command -v cargo >/dev/null || { echo "needs cargo" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "wait"
edition = "2021"
[dependencies]
nix = { version = "=0.31.3", features = ["process"] }
TOML
cat > src/main.rs <<'RUST'
use nix::errno::Errno;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

fn child() -> Child {
    Command::new("sh").args(["-c", "kill -34 $$"]).spawn().expect("a child")
}

fn main() {
    let status = child().wait().expect("its status");
    println!("std:         signal {}", status.signal().unwrap_or_default());
    assert_eq!(status.signal(), Some(34));
    let pid = Pid::from_raw(child().id().try_into().expect("a pid"));
    let (first, second) = (waitpid(pid, None), waitpid(pid, None));
    println!("nix:         {first:?}\nnix, again:  {second:?}");
    assert_eq!(first, Err(Errno::EINVAL), "nix tells real-time signals now");
    assert_eq!(second, Err(Errno::ECHILD), "the child is still there");
    println!("as found: the status of a child that a real-time signal has ended is lost");
}
RUST
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
target/debug/wait
