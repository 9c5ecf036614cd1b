//! Limits the answers to programs that ask their terminal.
//!
//! A program may ask without end and never read the answers. They would stay in the shell's input, which
//! executes them as typed lines when the program ends. Must not know the questions, or who reads.

use std::time::Instant;

/// Bytes of answers at once; a program that asks for all 256 colours needs half of that.
const MOST: usize = 16 * 1024;
/// Bytes of answers in a second after that.
const PER_SECOND: usize = 1024;

/// The bytes of answers that a shell may still get.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answers {
    left: usize,
    since: Option<Instant>,
}

impl Default for Answers {
    fn default() -> Self {
        Answers {
            left: MOST,
            since: None,
        }
    }
}

impl Answers {
    /// Stops answering, as nobody reads; after a while answers are granted again at the normal rate.
    pub(super) fn stop(&mut self, now: Instant) {
        *self = Answers {
            left: 0,
            since: Some(now),
        };
    }

    /// The answers if there is room for them; half an answer would be worse than none.
    pub(super) fn granted(&mut self, answers: Vec<u8>, now: Instant) -> Vec<u8> {
        if answers.is_empty() {
            return answers;
        }
        let passed = self.since.replace(now).map(|since| now - since);
        let millis = passed.map_or(0, |passed| passed.as_millis());
        let more = usize::try_from(millis).map_or(MOST, |millis| millis * PER_SECOND / 1000);
        self.left = (self.left + more).min(MOST);
        if answers.len() > self.left {
            return Vec::new();
        }
        self.left -= answers.len();
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_is_answered_no_more_than_somebody_could_read() {
        let (mut answers, start) = (Answers::default(), Instant::now());
        let mut granted = 0;
        for millis in 0..60_000 {
            let now = start + Duration::from_millis(millis);
            granted += answers.granted(vec![0; 100], now).len();
        }
        assert!(
            (MOST..MOST + 61 * PER_SECOND).contains(&granted),
            "{granted}"
        );
    }

    #[test]
    fn after_a_stop_there_are_answers_again() {
        let (mut answers, start) = (Answers::default(), Instant::now());
        answers.stop(start);
        let soon = start + Duration::from_millis(10);
        assert!(answers.granted(vec![0; 30], soon).is_empty());
        let later = start + Duration::from_secs(1);
        assert_eq!(answers.granted(vec![0; 30], later).len(), 30);
    }

    #[test]
    fn one_question_at_a_time_is_always_answered() {
        let (mut answers, start) = (Answers::default(), Instant::now());
        for second in 0..1_000 {
            let now = start + Duration::from_secs(second);
            assert_eq!(answers.granted(vec![0; 30], now).len(), 30);
            assert!(answers.granted(Vec::new(), now).is_empty());
        }
        let later = start + Duration::from_secs(100_000);
        assert!(answers.granted(vec![0; MOST + 1], later).is_empty());
        assert_eq!(answers.granted(vec![0; MOST], later).len(), MOST);
    }
}
