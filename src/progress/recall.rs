//! How well a question is remembered, and when it is to be asked again.
//!
//! Must not know what the question is.

use serde::{Deserialize, Serialize};

const DAY: u64 = 24 * 60 * 60;
/// Days until a question is asked again, by how often in a row it was answered rightly. After a wrong answer it
/// is due at once.
const DAYS: [u64; 6] = [0, 1, 3, 7, 21, 60];

/// How a question has been answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recall {
    /// How often in a row it was answered rightly, up to the last answer.
    pub right: usize,
    /// When it was last answered, in seconds since 1970; 0 if that was not recorded.
    pub at: u64,
}

impl Recall {
    /// After one more answer, given at `at` seconds since 1970.
    #[must_use]
    pub fn answered(self, right: bool, at: u64) -> Recall {
        let right = if right { self.right + 1 } else { 0 };
        Recall { right, at }
    }

    /// When it is to be asked again, in seconds since 1970.
    pub fn due(self) -> u64 {
        let days = DAYS[self.right.min(DAYS.len() - 1)];
        self.at.saturating_add(days * DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_answer_puts_it_off_and_a_wrong_one_makes_it_due() {
        let mut recall = Recall::default();
        let mut seen = Vec::new();
        for right in [false, true, true, true, true, true, true, true, false] {
            recall = recall.answered(right, 1000 * DAY);
            seen.push(recall.due() / DAY - 1000);
        }
        assert_eq!(seen, [0, 1, 3, 7, 21, 60, 60, 60, 0]);
    }
}
