//! Discovery of the namespaces of a machine with 2,000 processes and 300 namespaces, beside lsns(8) in the
//! same run, and what it costs to look again.
//!
//! `cargo bench --bench map [-- RUNS]`, on an otherwise idle machine.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement ends where something is not as it should be"
)]

mod measure;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use measure::millis;
use measure::targets::{Bound, Targets};
use nslab::{Reader, Scope};

/// As many containers, each with five namespaces of its own and as many processes.
const CONTAINERS: usize = 60;
const NAMESPACES: usize = 300;
const PROCESSES: usize = 2000;

fn main() {
    let runs = std::env::args()
        .find_map(|it| it.parse().ok())
        .unwrap_or(20);
    let machine: Vec<Container> = (0..CONTAINERS).map(|_| Container::start()).collect();
    let mut reader = Reader::new(Scope::Machine).expect("a reader");
    let map = reader.look().expect("a map");
    let (namespaces, processes) = (map.namespaces.len(), map.processes.len());
    assert!(
        namespaces >= NAMESPACES && processes >= PROCESSES,
        "only {namespaces} namespaces and {processes} processes"
    );
    let title = format!(
        "A machine with {processes} processes and {namespaces} namespaces, medians of {runs} runs:"
    );
    println!("{title}");
    let mut targets = Targets::new(title);
    let (mut lsns, mut nslab, mut look, mut again) = (vec![], vec![], vec![], vec![]);
    for _ in 0..runs {
        // It fails without a word where a process ends while it reads.
        lsns.extend(run(&mut Command::new("lsns")));
        let mut map = Command::new(env!("CARGO_BIN_EXE_nslab"));
        nslab.extend(run(map.args(["map", "--machine"])));
        look.push(time(|| {
            let mut reader = Reader::new(Scope::Machine).expect("a reader");
            reader.look().expect("a map");
        }));
        again.push(time(|| {
            reader.look().expect("a map");
        }));
    }
    assert!(
        lsns.len() > runs / 2 && nslab.len() == runs,
        "lsns succeeded {} times and nslab {} times",
        lsns.len(),
        nslab.len()
    );
    let theirs = millis(&mut lsns, 0.5);
    targets.add("lsns", theirs, "ms", Bound::None);
    for (what, times, at_most) in [
        ("nslab map --machine", &mut nslab, 0.5),
        ("the first look of a reader", &mut look, 0.5),
        ("a later look of the same reader", &mut again, 0.1),
    ] {
        let bound = Bound::Ratio {
            to: "lsns",
            theirs,
            at_most: Some(at_most),
        };
        targets.add(what, millis(times, 0.5), "ms", bound);
    }
    let size = measure::proportional_size(i32::try_from(std::process::id()).unwrap_or(0));
    #[allow(clippy::cast_precision_loss, reason = "some megabytes")]
    targets.add(
        "memory of the reader",
        size as f64 / 1024.0,
        "MB",
        Bound::None,
    );
    targets.print();
    drop(machine);
}

fn time(what: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    what();
    begun.elapsed()
}

/// How long a command takes; none if it fails.
fn run(command: &mut Command) -> Option<Duration> {
    let mut succeeds = false;
    let took = time(|| succeeds = command.output().expect("it runs").status.success());
    succeeds.then_some(took)
}

/// Processes in namespaces of their own, until its standard input ends.
struct Container(Child);

impl Container {
    fn start() -> Self {
        // A shell and unshare belong to each container too.
        let sleepers = PROCESSES / CONTAINERS;
        let script = format!(
            "exec 3<&0; i=0; while [ $i -lt {sleepers} ]; do (read -r _ <&3) & i=$((i+1)); done; \
             echo; read -r _ <&3"
        );
        let mut command = Command::new("unshare");
        if !nix::unistd::geteuid().is_root() {
            command.arg("-Ur");
        }
        let mut child = command
            .args(["-uimnpf", "--kill-child", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare runs");
        let output = child.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("a line");
        assert_eq!(line, "\n", "a container did not start");
        Self(child)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
