//! Many labs on one machine, as in a classroom with one server. Each has a host shell and a container;
//! measured at rest and while some of them print endlessly, beside as many tmux sessions.
//!
//! `cargo bench --bench labs -- 100`, on an otherwise idle machine.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement ends where something is not as it should be"
)]

#[path = "measure/mod.rs"]
mod measure;
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use measure::targets::{Bound, Targets};
use measure::tmux::Tmux;
use measure::tty::{PATIENCE, SIZE, Tty};
use measure::{LETTERS, millis, on_processor, proportional_size};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::{Installed, eventually, is_root};

const F3: &str = "\x1bOR";
const F5: &str = "\x1b[15~";
/// How long the idle labs are measured.
const IDLE: Duration = Duration::from_secs(10);
/// The labs in which keys are timed.
const TYPED_INTO: usize = 20;
/// How many keys are timed in each of them.
const KEYS: usize = 20;
/// The labs that print endlessly meanwhile.
const FLOODED: usize = 10;

/// All labs of a class.
struct Classroom(Vec<Tty>);

impl Classroom {
    /// Reads the output of all labs until `done`, for at most `time`.
    fn read(&mut self, time: Duration, mut done: impl FnMut(usize, &mut Tty) -> bool) -> bool {
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let ready: Vec<usize> = {
                let mut fds: Vec<_> = self
                    .0
                    .iter()
                    .map(|lab| PollFd::new(lab.terminal().as_fd(), PollFlags::POLLIN))
                    .collect();
                match poll(
                    &mut fds,
                    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX),
                ) {
                    Err(Errno::EINTR) => continue,
                    other => other.unwrap(),
                };
                let any =
                    |(index, fd): (usize, &PollFd)| fd.any().unwrap_or(false).then_some(index);
                fds.iter().enumerate().filter_map(any).collect()
            };
            for index in ready {
                self.0[index].read();
                if done(index, &mut self.0[index]) {
                    return true;
                }
            }
        }
    }

    /// Waits until each of these labs has shown this text.
    fn wait_for(&mut self, labs: impl Iterator<Item = usize>, text: &str) {
        let mut missing: BTreeSet<usize> = labs.collect();
        missing.retain(|&index| !self.0[index].has(text));
        if missing.is_empty() {
            return;
        }
        let all = self.read(PATIENCE, |index, lab| {
            if missing.contains(&index) && lab.has(text) {
                missing.remove(&index);
            }
            missing.is_empty()
        });
        assert!(all, "{} labs never showed {text:?}", missing.len());
    }

    fn all(&self) -> Range<usize> {
        0..self.0.len()
    }
}

/// These processes and their descendants, without the learners' shells.
fn descendants(roots: &BTreeSet<i32>) -> Vec<i32> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // proc_pid_stat(5): pid (comm) state ppid.
        if let Some((head, rest)) = stat.rsplit_once(") ")
            && let Some(parent) = rest
                .split(' ')
                .nth(1)
                .and_then(|word| word.parse::<i32>().ok())
        {
            let shell = head.ends_with("(bash") || head.ends_with("(sh") || head.ends_with("(seq");
            parents.insert(pid, (parent, shell));
        }
    }
    let below = |pid: i32| {
        let mut at = pid;
        loop {
            if roots.contains(&at) {
                return true;
            }
            match parents.get(&at) {
                Some(&(parent, _)) if parent > 1 => at = parent,
                _ => return false,
            }
        }
    };
    let ours = parents
        .iter()
        .filter(|(pid, (_, shell))| !shell && below(**pid));
    ours.map(|(pid, _)| *pid).collect()
}

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok());
    let count: usize = count.unwrap_or(100);
    assert!(count > FLOODED, "at least {} labs are needed", FLOODED + 1);
    let nslab = Installed::new();
    let mut targets = Targets::new(format!(
        "{count} labs, each with a container, at {}x{}",
        SIZE.cols, SIZE.rows
    ));

    let begun = Instant::now();
    let binary = nslab.binary().display().to_string();
    let start = |_| Tty::start(&[&binary, "--lang", "en"]);
    let mut room = Classroom((0..count).map(start).collect());
    let roots: BTreeSet<i32> = room.0.iter().map(Tty::pid).collect();
    room.wait_for(room.all(), "[host]");
    for lab in &mut room.0 {
        lab.keys("ui");
        lab.keys(F5);
    }
    room.wait_for(room.all(), "[container]");
    targets.add(
        "all of them up",
        begun.elapsed().as_secs_f64(),
        "s",
        Bound::AtMost(8.0),
    );

    // Wait until notices and marks have disappeared.
    room.read(Duration::from_secs(10), |_, lab| lab.forgets());
    at_rest(&mut room, &roots, &mut targets);
    enter_host_shells(&mut room);
    let (p50, p99) = typing(&mut room);

    let all = descendants(&roots);
    for &pid in &roots {
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    room.0.iter_mut().for_each(Tty::end);
    eventually("the end of every process of the labs", || {
        let mut paths = all.iter().map(|pid| format!("/proc/{pid}/stat"));
        paths.all(|path| !fs::exists(path).unwrap_or(false))
    });
    drop(room);
    let theirs = Tmux::new().map(|tmux| beside(&tmux, count));
    let what = format!("key, while {FLOODED} labs print without end");
    for (name, ours, theirs, bound) in [
        ("p50", p50, theirs.map(|it| it.0), None),
        ("p99", p99, theirs.map(|it| it.1), Some(Bound::AtMost(8.0))),
    ] {
        let tmux = theirs.map(|theirs| Bound::Ratio {
            to: "tmux",
            theirs,
            at_most: None,
        });
        let bounds: Vec<_> = bound.into_iter().chain(tmux).collect();
        targets.add_all(&format!("{what}: {name}"), ours, "ms", &bounds);
    }
    targets.print();
}

/// The same typing into as many tmux sessions, each with two shells, of which as many print without end.
fn beside(tmux: &Tmux, count: usize) -> (f64, f64) {
    let other = ["split-window", "-d", "bash --norc --noprofile"];
    let start = |_| tmux.start(&[&[";"], &other[..]].concat());
    let mut room = Classroom((0..count).map(start).collect());
    let prompt = if is_root() { "# " } else { "$ " };
    room.wait_for(room.all(), prompt);
    // Until all shells are up.
    room.read(Duration::from_secs(5), |_, session| session.forgets());
    typing(&mut room)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts of processes and kilobytes"
)]
fn at_rest(room: &mut Classroom, roots: &BTreeSet<i32>, targets: &mut Targets) {
    let ours = descendants(roots);
    let total = || ours.iter().map(|&pid| on_processor(pid)).sum::<Duration>();
    let (before, begun) = (total(), Instant::now());
    room.read(IDLE, |_, lab| lab.forgets());
    let share = total().saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64();
    let labs = roots.len() as f64;
    targets.add("of a core, at rest", share * 100.0, "%", Bound::AtMost(5.0));
    let kilobytes: u64 = ours.iter().map(|&pid| proportional_size(pid)).sum();
    targets.add(
        "memory of each (PSS)",
        kilobytes as f64 / 1024.0 / labs,
        "MiB",
        Bound::AtMost(6.0),
    );
    targets.add(
        "processes of each, shells not counted",
        ours.len() as f64 / labs,
        "",
        Bound::None,
    );
}

/// The labs that print, and those that are typed into.
fn used(room: &Classroom) -> Range<usize> {
    0..room.0.len().min(FLOODED + TYPED_INTO)
}

fn enter_host_shells(room: &mut Classroom) {
    for index in used(room) {
        room.0[index].keys(F3);
    }
    // The screen marks the pane that has the focus.
    room.wait_for(used(room), ">Host shell");
}

/// The median and the 99th percentile of the times in milliseconds from a key to its letter, in some labs
/// while others print without end.
fn typing(room: &mut Classroom) -> (f64, f64) {
    for index in 0..FLOODED {
        room.0[index].keys("while :; do seq 1000000; done\r");
    }
    room.read(Duration::from_secs(2), |_, lab| lab.forgets());
    let mut times = Vec::new();
    for key in 0..KEYS {
        for index in FLOODED..used(room).end {
            // Pause like a person; the floods go on meanwhile.
            room.read(Duration::from_millis(5), |_, lab| lab.forgets());
            let letter = LETTERS[key % LETTERS.len()];
            room.0[index].forget();
            let begun = Instant::now();
            room.0[index].keys(letter);
            let shown = room.read(PATIENCE, |other, lab| {
                if other == index {
                    lab.has(letter)
                } else {
                    lab.forgets()
                }
            });
            assert!(shown, "a letter never came");
            times.push(begun.elapsed());
        }
    }
    (millis(&mut times, 0.5), millis(&mut times, 0.99))
}
