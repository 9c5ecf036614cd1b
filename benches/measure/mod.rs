//! Shared by the benches: a bare terminal, figures and their targets, CPU time and memory of a
//! process.

#![allow(dead_code, reason = "each bench uses its own part")]
#![allow(missing_docs, reason = "no library")]

pub mod targets;
pub mod tmux;
pub mod tty;

use std::fs;
use std::time::Duration;

/// Letters that no screen shows before they are typed.
pub const LETTERS: [&str; 6] = ["þ", "ð", "ø", "ß", "æ", "ñ"];

/// The time that this fraction of the times does not exceed.
pub fn part(times: &mut [Duration], part: f64) -> Duration {
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

/// The same in milliseconds.
pub fn millis(times: &mut [Duration], of: f64) -> f64 {
    part(times, of).as_secs_f64() * 1e3
}

/// The CPU time of all threads so far; /proc/PID/task/TID/schedstat.
pub fn on_processor(pid: i32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let nanos = tasks.into_iter().flatten().flatten().filter_map(|task| {
        let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// Proportional set size in kilobytes; proc_pid_smaps(5).
pub fn proportional_size(pid: i32) -> u64 {
    kilobytes(&format!("/proc/{pid}/smaps_rollup"), "Pss:")
}

/// The memory of a process that is in RAM (RSS), in KiB.
pub fn resident_size(pid: i32) -> u64 {
    kilobytes(&format!("/proc/{pid}/status"), "VmRSS:")
}

fn kilobytes(file: &str, field: &str) -> u64 {
    let fields = fs::read_to_string(file).unwrap_or_default();
    let line = fields.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
