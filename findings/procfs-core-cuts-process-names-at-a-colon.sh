#!/bin/sh
# The crate procfs-core ends a process's name at its first colon, in Status; its Stat has the whole name.
#
# Behaviour: kernel threads are named like "kworker/0:1", and any process may be (prctl(2), PR_SET_NAME). `/proc/PID/status`
#   and `/proc/PID/stat` both have the whole name. Parsed by the crate, `Stat::comm` is "kworker/0:1", and
#   `Status::name` is "kworker/0". A blank at the end is lost in the same place.
# Expected: proc_pid_status(5), man-pages 6.03: Name is "Command run by this process", and each line is a name, a colon
#   and a value. The crate's documentation of the field says the same. The kernel escapes newlines and
#   backslashes in it, but no colons.
# Why it matters: kworker/0:1 and kworker/0:2 are one and the same in a list made of Status, and a process that is
#   looked for by the name that ps shows isn't found.
# Versions: procfs-core 0.18.0, procfs 0.18.0; Linux 6.18. As an ordinary user too.
# Seen: stat: "kworker/0:1"
#   status: "kworker/0"
set -eu
command -v cargo > /dev/null || { echo "needs cargo" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "names"
edition = "2021"
[dependencies]
procfs = { version = "=0.18.0", default-features = false }
procfs-core = { version = "=0.18.0", default-features = false }
TOML
cat > src/main.rs <<'RUST'
/// Names itself, and prints the name by the crate's two ways.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A thread's name is set by prctl(2); the first thread's is the process's.
    std::fs::write("/proc/self/comm", "kworker/0:1")?;
    let process = procfs::process::Process::myself()?;
    println!("stat: {:?}", process.stat()?.comm);
    println!("status: {:?}", process.status()?.name);
    Ok(())
}
RUST
cargo build --quiet || { echo "the crate can't be had or built here" >&2; exit 2; }
seen=$(target/debug/names)
echo "$seen"
[ "$seen" = 'stat: "kworker/0:1"
status: "kworker/0"' ] || { echo "the names are told otherwise now" >&2; exit 1; }
echo "as found: Status ends the name at the colon, Stat does not"
