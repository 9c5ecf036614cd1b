//! Pairs the lines of two outputs: which line of one side belongs to which line of the other.
//!
//! Must not know what the lines mean. A line's key names its subject.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Lines of one side that are shown.
pub(super) const MOST_LINES: usize = 2000;

/// A line of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputLine {
    /// The line's subject, as a pid or an id; empty if only its place identifies it.
    pub(super) key: String,
    pub(super) text: String,
}

/// The relation of two lines next to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// They are equal, or there is no other side to compare with.
    Same,
    /// They are about the same thing, and differ.
    Differs,
    /// Only one side has it.
    Alone,
}

/// Two lines next to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinePair {
    pub(super) sides: [Option<String>; 2],
    pub(super) mark: Mark,
}

/// The lines where one side at least is missing.
pub(super) fn single(
    host: Option<&[OutputLine]>,
    container: Option<&[OutputLine]>,
) -> Vec<LinePair> {
    let host = host.into_iter().flatten();
    let container = container.into_iter().flatten();
    host.map(|row| pair(Some(row), None, Mark::Same))
        .chain(container.map(|row| pair(None, Some(row), Mark::Same)))
        .collect()
}

pub(super) fn both(host: &[OutputLine], container: &[OutputLine]) -> Vec<LinePair> {
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &texts(host), &texts(container)) {
        let (before, after) = (&host[op.old_range()], &container[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => {
                for (host, container) in before.iter().zip(after) {
                    pairs.push(pair(Some(host), Some(container), Mark::Same));
                }
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                replaced(before, after, &mut pairs);
            }
        }
    }
    pairs
}

/// Pairs lines that differ: those with the same key belong together, the others are single.
fn replaced(host: &[OutputLine], container: &[OutputLine], pairs: &mut Vec<LinePair>) {
    for op in capture_diff_slices(Algorithm::Myers, &keys(host), &keys(container)) {
        let (before, after) = (&host[op.old_range()], &container[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => {
                for (host, container) in before.iter().zip(after) {
                    pairs.push(pair(Some(host), Some(container), Mark::Differs));
                }
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                pairs.extend(before.iter().map(|row| pair(Some(row), None, Mark::Alone)));
                pairs.extend(after.iter().map(|row| pair(None, Some(row), Mark::Alone)));
            }
        }
    }
}

fn texts(rows: &[OutputLine]) -> Vec<&str> {
    rows.iter().map(|row| row.text.as_str()).collect()
}

fn keys(rows: &[OutputLine]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

fn pair(host: Option<&OutputLine>, container: Option<&OutputLine>, mark: Mark) -> LinePair {
    let sides = [host, container].map(|row| row.map(|row| row.text.clone()));
    LinePair { sides, mark }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<OutputLine> {
        let row = |line: &&str| OutputLine {
            key: line.split(' ').next().unwrap_or_default().to_owned(),
            text: (*line).to_owned(),
        };
        lines.iter().map(row).collect()
    }

    fn drawn(pairs: &[LinePair]) -> Vec<String> {
        let line = |pair: &LinePair| {
            let sign = match pair.mark {
                Mark::Same => '=',
                Mark::Differs => '≠',
                Mark::Alone => '+',
            };
            let side = |text: &Option<String>| text.clone().unwrap_or_default();
            format!("{}{sign}{}", side(&pair.sides[0]), side(&pair.sides[1]))
        };
        pairs.iter().map(line).collect()
    }

    /// Outputs that have nothing in common, and outputs in opposite orders, are the most work.
    #[test]
    fn the_longest_outputs_are_paired_line_by_line() {
        let numbered = |from: usize| -> Vec<OutputLine> {
            let row = |number: usize| OutputLine {
                key: String::new(),
                text: number.to_string(),
            };
            (from..from + MOST_LINES).map(row).collect()
        };
        let host = numbered(0);
        let reversed: Vec<OutputLine> = numbered(0).into_iter().rev().collect();
        for container in [numbered(MOST_LINES), reversed] {
            let pairs = both(&host, &container);
            for (side, rows) in [&host, &container].into_iter().enumerate() {
                let shown = pairs.iter().filter_map(|it| it.sides[side].as_deref());
                assert!(shown.eq(rows.iter().map(|it| it.text.as_str())));
            }
        }
    }

    #[test]
    fn lines_find_their_likes() {
        for (host, container, expected) in [
            (&["a"][..], &["a"][..], &["a=a"][..]),
            (&["1 x", "2 y"], &["1 z", "2 y"], &["1 x≠1 z", "2 y=2 y"]),
            (&["1 x", "2 y"], &["3 z"], &["1 x+", "2 y+", "+3 z"]),
            (
                &["H", "0 q", "1 r"],
                &["H", "1 r"],
                &["H=H", "0 q+", "1 r=1 r"],
            ),
            (
                &["1 a", "2 b", "9 c"],
                &["1 z", "5 n", "9 d"],
                &["1 a≠1 z", "2 b+", "+5 n", "9 c≠9 d"],
            ),
            (&[], &["1 z"], &["+1 z"]),
            (&[], &[], &[]),
        ] {
            assert_eq!(drawn(&both(&rows(host), &rows(container))), expected);
        }
        assert_eq!(drawn(&single(None, Some(&rows(&["a"])))), ["=a"]);
    }
}
