//! What a learner feels, measured on the real binary in a real terminal, beside other programs
//! that do a part of it where they are installed.
//!
//! `cargo bench --bench figures [-- RUNS]`, on a machine that has nothing else to do.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement ends where something is not as it should be"
)]

#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/terminal.rs"]
mod terminal;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;
use nix::poll::{PollFd, PollFlags, poll};
use nslab::sandbox::environment;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use support::{As, Installed, family, installed, is_root};
use terminal::Terminal;

const SIZE: (u16, u16) = (120, 40);
const F3: &str = "\x1bOR";
const F4: &str = "\x1bOS";
const F5: &str = "\x1b[15~";
/// Where programs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Letters that stand nowhere on a screen but where they are typed.
const LETTERS: [char; 6] = ['þ', 'ð', 'ø', 'ß', 'æ', 'ñ'];
const KEYS: usize = 200;
const IDLE: Duration = Duration::from_secs(10);
const FLOOD: usize = 50_000_000;
/// Nothing that is measured is silent for so long: in milliseconds.
const SILENCE: u16 = 2_000;

fn main() {
    let runs = std::env::args().find_map(|argument| argument.parse().ok());
    let runs = runs.unwrap_or(9);
    let nslab = Installed::new();
    println!("medians of {runs} runs, at {}x{}", SIZE.0, SIZE.1);
    starts(&nslab, runs);
    changes(&nslab, runs);
    at_rest(&nslab);
    keys(&nslab);
    flood(&nslab);
}

fn report(what: &str, figure: &str, goal: &str) {
    println!("  {what:<46} {figure:>12}   {goal}");
}

fn millis(times: &mut [Duration]) -> String {
    format!("{:.1} ms", part(times, 0.5).as_secs_f64() * 1e3)
}

/// The time that this part of them doesn't exceed.
fn part(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index of a short list"
    )]
    let index = (times.len() as f64 * part) as usize;
    times[index.min(times.len() - 1)]
}

fn lab(nslab: &Installed) -> Terminal {
    Terminal::start(As::Ourselves, &nslab.binary(), &["--lang", "en"], SIZE)
}

/// Another program in a terminal, with the environment that a shell of the lab has: its startup
/// files are the machine's.
fn peer(words: &[&str]) -> Terminal {
    let environment = [("HOME", "/nonexistent"), ("LANG", "C.UTF-8")];
    let binary = Path::new(words[0]);
    Terminal::start_in(As::Ourselves, binary, &words[1..], SIZE, &environment)
}

/// The time from a start until the text is on the screen.
fn until(start: impl Fn() -> Terminal, text: &str, runs: usize) -> Vec<Duration> {
    (0..runs)
        .map(|_| {
            let begun = Instant::now();
            let terminal = start();
            terminal.wait_for(text);
            begun.elapsed()
        })
        .collect()
}

fn starts(nslab: &Installed, runs: usize) {
    println!("\nfrom start");
    report(
        "first frame",
        &millis(&mut until(|| lab(nslab), "Flags", runs)),
        "goal 50 ms",
    );
    report(
        "host's prompt",
        &millis(&mut until(|| lab(nslab), "[host] root@", runs)),
        "goal 80 ms",
    );
    if installed("tmux") {
        let socket = format!("nslab-figures-{}", std::process::id());
        let words = ["tmux", "-L", &socket, "-f", "/dev/null", "new"];
        let mut times = Vec::new();
        for _ in 0..runs {
            times.extend(until(|| peer(&words), prompt(), 1));
            let kill = ["-L", &socket, "kill-server"];
            let _ = std::process::Command::new("tmux").args(kill).status();
        }
        report("tmux: prompt", &millis(&mut times), "");
    }

    println!("\na container of its own UTS and IPC, until its prompt");
    let mut launches: Vec<Duration> = (0..runs)
        .map(|_| {
            let terminal = lab(nslab);
            terminal.wait_for("[host] root@");
            terminal.keys("ui");
            terminal.wait_for("CLONE_NEWIPC, NULL)");
            terminal.quiet(Duration::from_millis(100));
            let begun = Instant::now();
            terminal.keys(F5);
            terminal.wait_for("[container] root@");
            begun.elapsed()
        })
        .collect();
    let own: &[&str] = if is_root() { &[] } else { &["-U", "-r"] };
    let shell = environment::shell();
    let unshare = [&["unshare", "-u", "-i"], own, &["--fork", &shell[0]]].concat();
    let mut others = until(|| peer(&unshare), "#", runs);
    let goal = part(&mut others, 0.5).as_secs_f64() * 1.5e3;
    report("F5", &millis(&mut launches), &format!("goal {goal:.1} ms"));
    report(&unshare.join(" "), &millis(&mut others), "");
    if installed("bwrap") {
        let words = "bwrap --dev-bind / / --unshare-uts --unshare-ipc".split(' ');
        let words: Vec<&str> = words.chain([shell[0].as_str()]).collect();
        let mut times = until(|| peer(&words), prompt(), runs);
        report(&words.join(" "), &millis(&mut times), "");
    }
}

/// The end of a prompt of ours.
fn prompt() -> &'static str {
    if is_root() { "#" } else { "$" }
}

fn changes(nslab: &Installed, runs: usize) {
    let mut times: [Vec<Duration>; 4] = Default::default();
    for run in 0..runs {
        let terminal = lab(nslab);
        terminal.wait_for("[host] root@");
        terminal.keys("uim");
        terminal.keys(F5);
        terminal.wait_for("[container] root@");
        terminal.keys(F4);
        terminal.wait_for(">Container shell");
        terminal.quiet(Duration::from_millis(500));
        let name = format!("web{}", 3000 + run);
        let steps = [
            // What is waited for doesn't stand in what is typed.
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
            // A mark fades after two seconds; nothing else may move meanwhile.
            terminal.quiet(Duration::from_millis(400));
        }
    }
    println!("\nfrom Enter until the screen shows the change");
    for ((what, goal), times) in [
        ("hostname", "goal 50 ms"),
        ("message queue", "goal 300 ms"),
        ("mount", "goal 50 ms"),
        ("exit", "goal 50 ms"),
    ]
    .into_iter()
    .zip(&mut times)
    {
        report(what, &millis(times), goal);
    }
}

/// Time on a processor so far, of all threads; /proc/PID/task/TID/schedstat.
fn on_processor(pid: i32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let nanos = tasks.filter_map(|task| {
        let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// Proportional set size in kilobytes; proc_pid_smaps(5).
fn proportional_size(pid: i32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn at_rest(nslab: &Installed) {
    let terminal = lab(nslab);
    terminal.wait_for("[host] root@");
    terminal.keys("uip");
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
    // Marks have faded, notices are gone.
    terminal.quiet(Duration::from_millis(2_500));
    let ours: Vec<i32> = family(terminal.pid())
        .into_iter()
        .filter(|known| known.name != "bash" && known.name != "sh")
        .map(|known| known.pid)
        .collect();
    let total = || ours.iter().map(|&pid| on_processor(pid)).sum::<Duration>();
    let (before, begun) = (total(), Instant::now());
    thread::sleep(IDLE);
    let share =
        total().saturating_sub(before).as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
    println!(
        "\na host and a container at rest ({} processes)",
        ours.len()
    );
    report("of a processor", &format!("{share:.2} %"), "goal 0.5 %");
    let kilobytes: u64 = ours.iter().map(|&pid| proportional_size(pid)).sum();
    #[allow(clippy::cast_precision_loss, reason = "some megabytes")]
    let megabytes = kilobytes as f64 / 1024.0;
    report("memory (PSS)", &format!("{megabytes:.1} MB"), "goal 30 MB");
}

/// A shell without startup files, alone or in a multiplexer; and the lab's host shell.
fn shells(nslab: &Installed) -> Vec<(&'static str, Vec<String>)> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut shells = vec![
        ("nslab", vec![nslab.binary().display().to_string()]),
        ("bare", words("bash --norc --noprofile")),
    ];
    if installed("tmux") {
        let socket = format!("nslab-figures-{}", std::process::id());
        let mut line = words(&format!("tmux -L {socket} -f /dev/null new"));
        line.push("bash --norc --noprofile".to_owned());
        shells.push(("tmux", line));
    }
    shells
}

fn keys(nslab: &Installed) {
    println!("\nfrom a key until its letter is on the screen ({KEYS} keys)");
    for (name, words) in shells(nslab) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let terminal = peer(&words);
        if name == "nslab" {
            terminal.wait_for("[host] root@");
            terminal.keys(F3);
            terminal.wait_for(">Host shell");
        } else {
            terminal.wait_for(prompt());
        }
        terminal.quiet(Duration::from_millis(500));
        let mut times = Vec::new();
        let mut typed = String::new();
        for key in 0..KEYS {
            if typed.chars().count() == 40 {
                // Clears the line.
                terminal.keys("\x15");
                terminal.wait("an empty line", |screen| !screen.contains(&typed));
                typed.clear();
            }
            let letter = LETTERS[key % LETTERS.len()];
            typed.push(letter);
            thread::sleep(Duration::from_millis(20));
            let begun = Instant::now();
            terminal.keys(&letter.to_string());
            terminal.wait_for(&typed);
            times.push(begun.elapsed());
        }
        let p99 = part(&mut times, 0.99).as_secs_f64() * 1e3;
        let half = part(&mut times, 0.5).as_secs_f64() * 1e3;
        report(
            name,
            &format!("{half:.2} ms"),
            &format!("99 %: {p99:.2} ms"),
        );
        if name == "tmux" {
            let _ = std::process::Command::new("tmux")
                .args([words[1], words[2], "kill-server"])
                .status();
        }
    }
}

/// A file of text where every program can read it, the lab's too.
fn text() -> PathBuf {
    let path = Path::new("/opt").join(format!("nslab-figures-{}.txt", std::process::id()));
    let line =
        b"000000000 [info] alpha beta gamma delta epsilon zeta eta theta iota kappa lambda\n";
    fs::write(&path, line.repeat(FLOOD / line.len())).unwrap();
    path
}

fn flood(nslab: &Installed) {
    if !is_root() {
        println!("\ncat: not measured, only root can put a file where the lab sees it");
        return;
    }
    let path = text();
    println!(
        "\n`cat` of {} MB, until what follows it is on the screen",
        FLOOD / 1_000_000
    );
    for (name, words) in shells(nslab) {
        let mut times: Vec<Duration> = (0..3)
            .map(|_| cat(&words, name == "nslab", &path))
            .collect();
        report(name, &millis(&mut times), "");
        if name == "tmux" {
            let _ = std::process::Command::new("tmux")
                .args([words[1].as_str(), &words[2], "kill-server"])
                .status();
        }
    }
    fs::remove_file(path).unwrap();
}

/// Reads as fast as it can, as the fastest of terminals.
fn cat(words: &[String], in_lab: bool, path: &Path) -> Duration {
    let size = PtySize {
        cols: SIZE.0,
        rows: SIZE.1,
        ..PtySize::default()
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::from_argv(words.iter().map(Into::into).collect());
    command.env_clear();
    for (name, value) in [
        ("PATH", PATH),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
    ] {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut writer = pair.master.take_writer().unwrap();
    let terminal = nslab::sys::duplicate(pair.master.as_raw_fd().unwrap()).unwrap();
    let mut terminal = File::from(terminal);
    // What is redrawn in part may never come in one piece: then the end is what silence follows.
    let mut wait_for = |text: &str| {
        let (mut buffer, mut seen) = (vec![0; 64 * 1024], Vec::new());
        let mut last = Instant::now();
        while memmem::find(&seen, text.as_bytes()).is_none() {
            let mut fds = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
            if poll(&mut fds, SILENCE) == Ok(0) {
                break;
            }
            let kept = seen.len().saturating_sub(text.len());
            seen.drain(..kept);
            let length = terminal.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..length]);
            last = Instant::now();
        }
        last
    };
    if in_lab {
        wait_for("[host] ");
        writer.write_all(F3.as_bytes()).unwrap();
        wait_for(">Host shell");
    } else {
        wait_for(prompt());
    }
    thread::sleep(Duration::from_millis(500));
    let line = format!("cat {}; echo z$((40 + 2))z", path.display());
    writer.write_all(line.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    writer.write_all(b"\r").unwrap();
    let took = wait_for("z42z") - begun;
    let _ = child.kill();
    // What it prints while it ends must not keep it.
    drop((writer, terminal, pair.master));
    let _ = child.wait();
    took
}
