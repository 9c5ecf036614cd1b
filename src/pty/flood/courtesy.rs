//! Slows down the reading of a long flood while others wait for a processor.
//!
//! No person reads so much, and on a machine with many labs the keys of all others would wait. A short flood,
//! as of a command that prints a file, is read as fast as it comes. Must not know the bytes.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use nix::unistd::{SysconfVar, sysconf};

/// A flood that lasts longer than this is a long one.
const LONG: Duration = Duration::from_secs(1);
/// The shortest rest. By its end, the flood's own threads and its program wait, so all threads that run belong to
/// others.
const SHORTEST: Duration = Duration::from_millis(8);
/// A longer rest would be seen as a standstill.
const LONGEST: Duration = Duration::from_millis(128);
/// How often a long flood that disturbs nobody rests, to find out whether it disturbs somebody now.
const LOOK: Duration = Duration::from_millis(128);

pub(super) struct Courtesy {
    /// `/proc/loadavg`; proc_loadavg(5). Without it, nobody seems to wait.
    load: Option<File>,
    processors: i64,
    /// The pause after each piece; `None` while no other program waits for a processor.
    rest: Option<Duration>,
    /// When to pause, to find out whether another program waits now.
    look_at: Instant,
}

impl Courtesy {
    /// For a flood that begins now.
    pub(super) fn new(now: Instant) -> Self {
        // All processors of the machine, not only ours: /proc/loadavg counts the threads of the whole machine.
        let processors = sysconf(SysconfVar::_NPROCESSORS_ONLN);
        Self {
            load: File::open("/proc/loadavg").ok(),
            processors: processors.ok().flatten().unwrap_or(1),
            rest: None,
            look_at: now + LONG,
        }
    }

    /// How long to rest before the next piece is read.
    pub(super) fn rest(&self, now: Instant) -> Option<Duration> {
        self.rest.or((self.look_at <= now).then_some(SHORTEST))
    }

    /// To be called at the end of a rest: finds out whether others wait for a processor.
    pub(super) fn check_load(&mut self, now: Instant) {
        let running = self.load.as_ref().and_then(running);
        self.rest = next(self.rest, running.is_some_and(|it| it > self.processors));
        self.look_at = now + LOOK;
    }
}

/// The rest after this one.
fn next(rest: Option<Duration>, others_wait: bool) -> Option<Duration> {
    match (rest, others_wait) {
        (None, true) => Some(SHORTEST),
        (None, false) => None,
        (Some(rest), true) => Some((rest * 2).min(LONGEST)),
        // Go back slowly: others have just waited.
        (Some(rest), false) => Some(rest * 7 / 8).filter(|it| *it >= SHORTEST),
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
    fn a_long_flood_rests_longer_and_longer_while_others_wait() {
        let mut rest = None;
        let mut after = |others_wait| {
            rest = next(rest, others_wait);
            rest.map_or(0, |it| it.as_millis())
        };
        let while_busy: Vec<_> = (0..6).map(|_| after(true)).collect();
        assert_eq!(while_busy, [8, 16, 32, 64, 128, 128]);
        let mut afterwards: Vec<_> = (0..40).map(|_| after(false)).collect();
        assert!(afterwards.is_sorted_by(|a, b| a >= b), "{afterwards:?}");
        afterwards.dedup();
        assert_eq!(afterwards[..3], [112, 98, 85]);
        assert_eq!(afterwards.last(), Some(&0));
    }

    #[test]
    fn a_short_flood_never_rests() {
        let begun = Instant::now();
        let mut courtesy = Courtesy::new(begun);
        assert_eq!(courtesy.rest(begun), None);
        assert_eq!(courtesy.rest(begun + LONG / 2), None);
        assert_eq!(courtesy.rest(begun + LONG), Some(SHORTEST));
        // Fewer than this thread alone.
        courtesy.processors = 0;
        courtesy.check_load(begun + LONG);
        assert_eq!(courtesy.rest(begun + LONG), Some(SHORTEST));
        courtesy.check_load(begun + LONG);
        assert_eq!(courtesy.rest(begun + LONG), Some(SHORTEST * 2));
    }

    #[test]
    fn a_long_flood_that_disturbs_nobody_looks_around_now_and_then() {
        let begun = Instant::now();
        let mut courtesy = Courtesy::new(begun);
        courtesy.processors = i64::MAX;
        let now = begun + LONG;
        courtesy.check_load(now);
        assert_eq!(courtesy.rest(now), None);
        assert_eq!(courtesy.rest(now + LOOK), Some(SHORTEST));
    }
}
