//! Delays that a learner notices, measured on the real binary in a real terminal and compared with
//! tmux, unshare and a bare terminal in the same run, in turn.
//!
//! `cargo bench --bench figures [-- RUNS] [PART]...`, on an otherwise idle machine. The parts are starts,
//! launches, changes, rest, keys, keys-beside-a-flood and flood; without one, all are measured.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement ends where something is not as it should be"
)]

#[path = "measure/mod.rs"]
mod measure;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use measure::targets::{Bound, Targets};
use measure::tmux::Tmux;
use measure::tty::{SIZE, Tty};
use measure::{LETTERS, millis, on_processor, proportional_size, resident_size};
use nslab::shell;
use support::{As, Installed, family, installed, is_root};
use terminal::Terminal;

const F3: &str = "\x1bOR";
const F4: &str = "\x1bOS";
const F5: &str = "\x1b[15~";
const KEYS: usize = 300;
/// Into how many turns these keys are split.
const TURNS: usize = 10;
/// Between two measurements.
const REST: Duration = Duration::from_millis(200);
/// How often the flood is measured.
const FLOODS: usize = 5;
const IDLE: Duration = Duration::from_secs(10);
const FLOOD: usize = 50_000_000;
/// A shell line that prints endlessly.
const WITHOUT_END: &str = "while :; do seq 1000000; done";

type Measure<'a> = &'a dyn Fn(&mut Targets);

fn main() {
    let runs = std::env::args().find_map(|argument| argument.parse().ok());
    let runs = runs.unwrap_or(9);
    let nslab = Installed::new();
    let binary = nslab.binary().display().to_string();
    let size = format!("{}x{}", SIZE.cols, SIZE.rows);
    let mut targets = Targets::new(format!("medians of {runs} runs, at {size}"));
    if !installed("tmux") {
        println!("tmux is not installed: what it is the measure of is only told");
    }
    let parts: [(&str, Measure); 8] = [
        ("starts", &|to| starts(&binary, runs, to)),
        ("launches", &|to| launches(&binary, runs, to)),
        ("changes", &|to| changes(&nslab, runs, to)),
        ("rest", &|to| at_rest(&nslab, to)),
        ("keys", &|to| keys(&binary, to)),
        ("keys-beside-a-flood", &|to| beside_a_flood(&binary, to)),
        ("flood", &|to| flood(&binary, to)),
        ("full-panes", &|to| full_panes(&binary, to)),
    ];
    let wanted: Vec<String> = std::env::args().collect();
    let named = |name: &str| wanted.iter().any(|argument| argument == name);
    let all = !parts.iter().any(|(name, _)| named(name));
    for (_, measure) in parts.iter().filter(|(name, _)| all || named(name)) {
        measure(&mut targets);
    }
    targets.print();
}

/// The end of our shells' prompt.
fn prompt() -> &'static str {
    if is_root() { "# " } else { "$ " }
}

fn lab(binary: &str) -> Tty {
    Tty::start(&[binary, "--lang", "en"])
}

/// Opens a lab and waits for the prompt of its host shell.
fn ready_lab(binary: &str) -> Tty {
    let mut tty = lab(binary);
    tty.wait_for("[host]");
    tty
}

fn ratio(to: &'static str, theirs: Option<f64>, at_most: f64) -> Bound {
    let at_most = Some(at_most);
    theirs.map_or(Bound::None, |theirs| Bound::Ratio {
        to,
        theirs,
        at_most,
    })
}

/// The time from a start until this text appears.
fn until(start: impl Fn() -> Tty, text: &str) -> Duration {
    let begun = Instant::now();
    let mut tty = start();
    tty.wait_for(text);
    begun.elapsed()
}

/// The medians in milliseconds of some measurements that are made in turn: the speed of a machine
/// changes from one second to the next, and all of them meet the same seconds. Each follows a rest, in which
/// what the one before it has left comes to its end.
fn in_turn<const N: usize>(runs: usize, measures: [&dyn Fn() -> Duration; N]) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..runs {
        for (times, measure) in times.iter_mut().zip(measures) {
            thread::sleep(REST);
            times.push(measure());
        }
    }
    times.map(|mut times| millis(&mut times, 0.5))
}

fn starts(binary: &str, runs: usize, targets: &mut Targets) {
    let tmux = Tmux::new();
    let theirs = || match &tmux {
        Some(tmux) => until(|| tmux.start(&[]), prompt()),
        None => Duration::ZERO,
    };
    let [frame, host, theirs] = in_turn(
        runs,
        [
            &|| until(|| lab(binary), "Flags"),
            &|| until(|| lab(binary), "[host]"),
            &theirs,
        ],
    );
    targets.add("start to the first frame", frame, "ms", Bound::AtMost(50.0));
    let tmux = tmux.map(|_| theirs);
    let bound = ratio("tmux", tmux, 2.0);
    targets.add("start to the host's prompt", host, "ms", bound);
}

fn launches(binary: &str, runs: usize, targets: &mut Targets) {
    let launch = || {
        let mut tty = ready_lab(binary);
        tty.keys("ui");
        tty.quiet(REST);
        let begun = Instant::now();
        tty.keys(F5);
        tty.wait_for("[container]");
        begun.elapsed()
    };
    let own: &[&str] = if is_root() { &[] } else { &["-U", "-r"] };
    let shell = shell();
    let words = [&["unshare", "-u", "-i"], own, &["--fork", &shell[0]]].concat();
    let [ours, unshare, alone] = in_turn(
        runs,
        [
            &launch,
            // Run as root of a new user namespace.
            &|| until(|| Tty::start(&words), "# "),
            &|| until(|| Tty::start(&shell[..1]), prompt()),
        ],
    );
    let bound = ratio("unshare", Some(unshare), 1.5);
    let what = "F5 to the prompt of a container of its own UTS and IPC";
    targets.add(what, ours, "ms", bound);
    let shares = [
        ("the shell, as it takes in a bare terminal", alone),
        ("what unshare takes besides", unshare - alone),
        ("what nslab takes besides", ours - unshare),
    ];
    for (what, share) in shares {
        targets.add(&format!("  of that, {what}"), share, "ms", Bound::None);
    }
}

fn changes(nslab: &Installed, runs: usize, targets: &mut Targets) {
    let mut times: [Vec<Duration>; 4] = Default::default();
    for run in 0..runs {
        let size = (SIZE.cols, SIZE.rows);
        let terminal = Terminal::start(As::Ourselves, &nslab.binary(), &["--lang", "en"], size);
        terminal.wait_for("[host] root@");
        terminal.keys("uim");
        terminal.keys(F5);
        terminal.wait_for("[container] root@");
        terminal.keys(F4);
        terminal.wait_for(">Container shell");
        terminal.quiet(Duration::from_millis(500));
        let name = format!("web{}", 3000 + run);
        let steps = [
            // The typed line does not contain the text that is waited for.
            (format!("hostname web$((3000 + {run}))"), name.as_str()),
            ("ipcmk -Q >/dev/null".to_owned(), "1 queue"),
            ("mount -t tmpfs a /mnt; clear".to_owned(), "≠ own MNT"),
            ("exit 9".to_owned(), "has ended"),
        ];
        for (times, (line, shown)) in times.iter_mut().zip(steps) {
            terminal.keys(&line);
            terminal.quiet(Duration::from_millis(100));
            let begun = Instant::now();
            terminal.keys("\r");
            terminal.wait_for(shown);
            times.push(begun.elapsed());
            // Marks disappear after two seconds; wait until nothing else changes.
            terminal.quiet(Duration::from_millis(400));
        }
    }
    let bounds = [
        ("hostname", 50.0),
        ("message queue", 300.0),
        ("mount", 50.0),
        ("exit", 50.0),
    ];
    for ((what, most), times) in bounds.into_iter().zip(&mut times) {
        let what = format!("Enter until the screen shows the change: {what}");
        targets.add(&what, millis(times, 0.5), "ms", Bound::AtMost(most));
    }
}

fn at_rest(nslab: &Installed, targets: &mut Targets) {
    let mut tty = ready_lab(&nslab.binary().display().to_string());
    tty.keys("uip");
    tty.keys(F5);
    tty.wait_for("[container]");
    // Wait until marks and notices have disappeared.
    tty.quiet(Duration::from_millis(2_500));
    let ours: Vec<i32> = family(tty.pid())
        .into_iter()
        .filter(|known| known.name != "bash" && known.name != "sh")
        .map(|known| known.pid)
        .collect();
    let total = || ours.iter().map(|&pid| on_processor(pid)).sum::<Duration>();
    let (before, begun) = (total(), Instant::now());
    thread::sleep(IDLE);
    let share = total().saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64();
    let what = format!("a lab with a container at rest ({} processes)", ours.len());
    let kilobytes: u64 = ours.iter().map(|&pid| proportional_size(pid)).sum();
    targets.add(&what, share * 100.0, "% of a core", Bound::AtMost(0.1));
    let bound = Bound::AtMost(15.0);
    targets.add("its memory (PSS)", mebibytes(kilobytes), "MiB", bound);
}

#[allow(clippy::cast_precision_loss, reason = "some megabytes")]
fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}

/// The times in milliseconds from a key to its echo, in terminals that take turns: of each the median
/// and the 99th percentile.
fn echoes(ttys: &mut [Tty]) -> Vec<(f64, f64)> {
    let mut times = vec![Vec::new(); ttys.len()];
    for _ in 0..TURNS {
        for (tty, times) in ttys.iter_mut().zip(&mut times) {
            // What has come meanwhile.
            tty.pause(REST);
            echoes_of(tty, times);
        }
    }
    let both = |mut times: Vec<_>| (millis(&mut times, 0.5), millis(&mut times, 0.99));
    times.into_iter().map(both).collect()
}

fn echoes_of(tty: &mut Tty, times: &mut Vec<Duration>) {
    for key in 0..KEYS / TURNS {
        if key % 40 == 39 {
            // Clear the line.
            tty.keys("\x15");
        }
        tty.pause(Duration::from_millis(15));
        let letter = LETTERS[key % LETTERS.len()];
        let begun = Instant::now();
        tty.keys(letter);
        tty.wait_for(letter);
        times.push(begun.elapsed());
    }
    // The next turn begins with an empty line.
    tty.keys("\x15");
}

fn keys(binary: &str, targets: &mut Targets) {
    let mut ours = ready_lab(binary);
    ours.keys(F3);
    ours.quiet(Duration::from_millis(500));
    let mut bare = Tty::start(&["bash", "--norc", "--noprofile"]);
    bare.wait_for(prompt());
    let mut ttys = vec![ours, bare];
    let server = Tmux::new();
    if let Some(server) = &server {
        let mut tty = server.start(&[]);
        tty.wait_for(prompt());
        tty.quiet(Duration::from_millis(500));
        ttys.push(tty);
    }
    let echoes = echoes(&mut ttys);
    let ((p50, p99), bare, tmux) = (echoes[0], echoes[1].0, echoes.get(2).copied());
    let bounds = [
        ratio("tmux", tmux.map(|(p50, _)| p50), 1.3),
        Bound::Ratio {
            to: "a bare terminal",
            theirs: bare,
            at_most: None,
        },
    ];
    targets.add_all("a key until its letter is there: p50", p50, "ms", &bounds);
    let bounds = [
        Bound::AtMost(2.5),
        tmux.map_or(Bound::None, |(_, theirs)| Bound::Ratio {
            to: "tmux",
            theirs,
            at_most: None,
        }),
    ];
    targets.add_all("a key until its letter is there: p99", p99, "ms", &bounds);
}

fn beside_a_flood(binary: &str, targets: &mut Targets) {
    let mut tty = ready_lab(binary);
    tty.keys(F5);
    tty.wait_for("[container]");
    tty.keys(F4);
    tty.quiet(Duration::from_millis(500));
    tty.keys(&format!("{WITHOUT_END}\r"));
    // Leave this shell and enter the other.
    tty.keys("\x1d");
    tty.pause(Duration::from_millis(200));
    tty.keys(F3);
    tty.pause(Duration::from_secs(1));
    // One after the other: each has a processor to itself and one for its flood.
    let p99 = echoes(&mut [tty])[0].1;
    let tmux = Tmux::new().map(|tmux| {
        let mut tty = tmux.start(&[";", "split-window", "-d", WITHOUT_END]);
        tty.wait_for(prompt());
        tty.pause(Duration::from_secs(1));
        echoes(&mut [tty])[0].1
    });
    let bounds = [ratio("tmux, two panes", tmux, 1.5), Bound::AtMost(10.0)];
    let what = "a key while the other shell prints without end: p99";
    targets.add_all(what, p99, "ms", &bounds);
}

/// A text file that every program can read, in the lab as well.
fn text() -> PathBuf {
    let path = Path::new("/usr/share").join(format!("nslab-figures-{}.txt", std::process::id()));
    let line =
        b"000000000 [info] alpha beta gamma delta epsilon zeta eta theta iota kappa lambda\n";
    fs::write(&path, line.repeat(FLOOD / line.len())).unwrap();
    path
}

fn flood(binary: &str, targets: &mut Targets) {
    if !is_root() {
        println!("cat: not measured, only root can put a file where the lab sees it");
        return;
    }
    let path = text();
    let cat = |mut tty: Tty| {
        tty.quiet(Duration::from_millis(500));
        tty.keys(&format!("cat {}; echo z$((40 + 2))z", path.display()));
        tty.quiet(REST);
        let begun = Instant::now();
        tty.keys("\r");
        tty.wait_for("z42z");
        begun.elapsed()
    };
    let tmux = Tmux::new();
    let [ours, bare, theirs] = in_turn(
        FLOODS,
        [
            &|| {
                let mut tty = ready_lab(binary);
                tty.keys(F3);
                cat(tty)
            },
            &|| cat(Tty::start(&["bash", "--norc", "--noprofile"])),
            &|| match &tmux {
                Some(tmux) => cat(tmux.start(&[])),
                None => Duration::ZERO,
            },
        ],
    );
    let tmux = tmux.map(|_| theirs);
    fs::remove_file(path).unwrap();
    let bounds = [
        ratio("tmux", tmux, 0.6),
        ratio("a bare terminal", Some(bare), 1.0),
    ];
    let what = format!(
        "`cat` of {} MB until what follows it is there",
        FLOOD / 1_000_000
    );
    targets.add_all(&what, ours, "ms", &bounds);
}

/// The memory of the process with the panes, once both have all lines that they keep.
fn full_panes(binary: &str, targets: &mut Targets) {
    let mut tty = ready_lab(binary);
    tty.keys(F5);
    tty.wait_for("[container]");
    let line = "x".repeat(usize::from(SIZE.cols));
    for (pane, end) in [(F3, 1), (F4, 2)] {
        tty.keys(pane);
        tty.quiet(Duration::from_millis(200));
        // The typed line does not contain the text that is waited for.
        tty.keys(&format!(
            "yes {line} | head -n 20000; echo z$((40 + {end}))z\r"
        ));
        tty.wait_for(&format!("z{}z", 40 + end));
        tty.keys("\x1d");
    }
    tty.quiet(Duration::from_millis(500));
    let kilobytes = resident_size(tty.pid());
    let what = "memory of the process with both panes, 10,000 lines of history in each (RSS)";
    targets.add(what, mebibytes(kilobytes), "MiB", Bound::AtMost(25.0));
}
