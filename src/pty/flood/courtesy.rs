//! Slows down the reading of a long flood while others wait for a processor.
//!
//! No person reads so much, and on a machine with many labs the keys of all others would wait. A short flood,
//! as of a command that prints a file, is read as fast as it comes. Must not know what is read.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use nix::unistd::{SysconfVar, sysconf};

/// A flood that has lasted so long is a long one.
const LONG: Duration = Duration::from_millis(1_500);
/// The pauses between two pieces.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(64);

pub(super) struct Courtesy {
    begun: Instant,
    /// `/proc/loadavg`; proc_loadavg(5). Without it, nobody seems to wait.
    load: Option<File>,
    processors: i64,
    pause: Duration,
}

impl Courtesy {
    /// For a flood that begins now.
    pub(super) fn new(now: Instant) -> Self {
        // The machine's, as the load is the machine's.
        let processors = sysconf(SysconfVar::_NPROCESSORS_ONLN);
        Self {
            begun: now,
            load: File::open("/proc/loadavg").ok(),
            processors: processors.ok().flatten().unwrap_or(1),
            pause: Duration::ZERO,
        }
    }

    /// How long to wait before the next piece is read.
    pub(super) fn pause(&mut self, now: Instant) -> Duration {
        if now.duration_since(self.begun) < LONG {
            return Duration::ZERO;
        }
        let running = self.load.as_ref().and_then(running);
        self.pause = next(self.pause, running.is_some_and(|it| it > self.processors));
        self.pause
    }
}

/// The pause after this one.
fn next(pause: Duration, others_wait: bool) -> Duration {
    if others_wait {
        (pause * 2).clamp(SHORTEST, LONGEST)
    } else if pause > SHORTEST {
        pause / 2
    } else {
        Duration::ZERO
    }
}

/// How many threads run or wait for a processor, this one included.
fn running(load: &File) -> Option<i64> {
    let mut text = [0; 128];
    let length = load.read_at(&mut text, 0).ok()?;
    let text = std::str::from_utf8(&text[..length]).ok()?;
    let (running, _) = text.split(' ').nth(3)?.split_once('/')?;
    running.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_flood_waits_longer_and_longer_while_others_do() {
        let mut pause = Duration::ZERO;
        let mut after = |others_wait| {
            pause = next(pause, others_wait);
            pause.as_millis()
        };
        let while_busy: Vec<_> = (0..8).map(|_| after(true)).collect();
        assert_eq!(while_busy, [1, 2, 4, 8, 16, 32, 64, 64]);
        let afterwards: Vec<_> = (0..8).map(|_| after(false)).collect();
        assert_eq!(afterwards, [32, 16, 8, 4, 2, 1, 0, 0]);
    }

    #[test]
    fn a_short_flood_never_waits() {
        let begun = Instant::now();
        let mut courtesy = Courtesy::new(begun);
        // Fewer than this thread alone.
        courtesy.processors = 0;
        assert_eq!(courtesy.pause(begun), Duration::ZERO);
        assert_eq!(courtesy.pause(begun + LONG / 2), Duration::ZERO);
        assert_eq!(courtesy.pause(begun + LONG), SHORTEST);
    }
}
