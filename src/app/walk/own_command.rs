//! Which lines of a step's runs a command of the learner matches.
//!
//! Must not know which parts of the step are done, or how the result is used.

use crate::lesson::shell_line::{Follows, Ground, Pipeline, becomes_another, pipelines};
use crate::lesson::{Context, LessonStep, Part, Template};
use crate::sandbox::Side;

/// A line of a run, by its part and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) struct LineIndex {
    pub part: usize,
    pub line: usize,
}

/// A line of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunLine<'a> {
    pub index: LineIndex,
    pub side: Side,
    text: &'a Template,
}

impl RunLine<'_> {
    /// Whether a command has the same words as this line.
    pub(super) fn is(&self, command: &str, context: &Context) -> bool {
        words(&self.text.shown(context)).eq(words(command))
    }

    /// Whether it puts another program in the place of its shell.
    pub(super) fn becomes_another(&self) -> bool {
        // A live value is one word.
        becomes_another(&self.text.shown(&Context::default()))
    }

    /// How many of its words this command has; 0 for another program.
    fn likeness(&self, command: &str, context: &Context) -> usize {
        let text = self.text.shown(context);
        if words(&text).next() != words(command).next() {
            return 0;
        }
        words(&text)
            .filter(|word| words(command).any(|it| it == *word))
            .count()
    }
}

/// The lines of all runs of a step.
pub(super) fn lines(step: &LessonStep) -> impl Iterator<Item = RunLine<'_>> {
    let parts = step.parts.iter().enumerate();
    let runs = parts.filter_map(|(part, it)| match it {
        Part::Run(run) => Some((part, run)),
        _ => None,
    });
    runs.flat_map(|(part, run)| {
        let lines = run.lines.iter().enumerate();
        lines.map(move |(line, text)| RunLine {
            index: LineIndex { part, line },
            side: run.side,
            text,
        })
    })
}

/// The lines of a step up to a check.
#[derive(Debug, Default)]
pub(super) struct Lines<'a> {
    pub all: Vec<RunLine<'a>>,
    /// Those that are still to come.
    pub open: Vec<RunLine<'a>>,
}

/// How similar a command must be to match a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It has the same words.
    Same,
    /// It is the best match, even if words differ.
    Any,
}

impl Lines<'_> {
    /// The open lines that the learner's line `own` matches, after it has made a check true. If it has several
    /// commands, a later command matches a later line.
    pub(super) fn meant_by(
        &self,
        own: &str,
        context: &Context,
        likeness: Likeness,
    ) -> Vec<LineIndex> {
        let find = |command: &str| self.open.iter().find(|it| it.is(command, context));
        if self.has(own, context) {
            return find(own).map(|it| it.index).into_iter().collect();
        }
        let commands: Vec<_> = split(own).into_iter().map(|it| it.text).collect();
        let done = |command: &str| self.all.iter().find(|it| it.is(command, context));
        let mut meant: Vec<LineIndex> = Vec::new();
        // Match from the last command to the first: so a command before the deed can't match a later line.
        let mut next: Option<LineIndex> = None;
        for command in commands.iter().rev() {
            let found = match (find(command).or_else(|| done(command)), likeness) {
                (Some(same), _) => Some(same.index),
                (None, Likeness::Any) => most_like(command, context, &self.open),
                (None, Likeness::Same) => None,
            };
            let before = |it: &LineIndex| next.is_none_or(|next| *it < next);
            if let Some(index) = found.filter(before) {
                next = Some(index);
                meant.push(index);
            }
        }
        meant.retain(|index| self.open.iter().any(|it| it.index == *index));
        let known = commands.iter().any(|it| self.has(it, context));
        match (self.open.as_slice(), likeness) {
            ([only], Likeness::Any) if meant.is_empty() && !known => vec![only.index],
            _ => meant,
        }
    }

    fn has(&self, command: &str, context: &Context) -> bool {
        self.all.iter().any(|it| it.is(command, context))
    }
}

/// The line of the same program that has most of the command's words; `None` on a tie.
fn most_like(command: &str, context: &Context, lines: &[RunLine<'_>]) -> Option<LineIndex> {
    let likeness = |it: &RunLine<'_>| it.likeness(command, context);
    let most = lines.iter().map(likeness).max()?;
    let mut found = lines.iter().filter(|it| most > 0 && likeness(it) == most);
    let first = found.next()?;
    found.next().is_none().then_some(first.index)
}

/// The commands of a line that are known to have ended well if the line has.
pub(crate) fn ended_well(line: &str) -> Vec<&str> {
    let commands = split(line);
    let unknown = commands
        .iter()
        .rposition(|it| it.follows == Follows::Always);
    let known = commands.iter().skip(unknown.unwrap_or(0));
    known.map(|it| it.text).collect()
}

/// The commands of a line. With `||`, `&`, brackets or a line break in it, a line is one command.
fn split(line: &str) -> Vec<Pipeline<'_>> {
    let in_turn =
        |it: &Pipeline<'_>| it.follows != Follows::Failure && it.ground == Ground::Foreground;
    let split = pipelines(line).filter(|all| all.iter().all(in_turn));
    split.unwrap_or_else(|| vec![Pipeline::whole(line)])
}

/// The words of a command, without a `sudo` in front of it.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split_whitespace();
    words
        .enumerate()
        .filter(|(at, word)| (*at, *word) != (0, "sudo"))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::one("ip link", &["ip link"], &["ip link"])]
    #[case::in_turn("a; b", &["a", "b"], &["b"])]
    #[case::if_well("a && b", &["a", "b"], &["a", "b"])]
    #[case::mixed("a && b ; c && d", &["a", "b", "c", "d"], &["c", "d"])]
    #[case::at_the_end("a ;", &["a"], &["a"])]
    #[case::a_pipeline("a | b; c", &["a | b", "c"], &["c"])]
    #[case::otherwise("a || b; c", &["a || b; c"], &["a || b; c"])]
    #[case::beside("a & b; c", &["a & b; c"], &["a & b; c"])]
    #[case::a_group("(a; b)", &["(a; b)"], &["(a; b)"])]
    #[case::substituted("a $(b; c); d", &["a $(b; c)", "d"], &["d"])]
    #[case::redirected("a 2>&1; b", &["a 2>&1", "b"], &["b"])]
    #[case::a_comment("a # b; c", &["a"], &["a"])]
    #[case::nothing("", &[], &[])]
    fn a_line_is_split_into_its_commands(
        #[case] line: &str,
        #[case] commands: &[&str],
        #[case] well: &[&str],
    ) {
        let found: Vec<_> = split(line).into_iter().map(|it| it.text).collect();
        assert_eq!(found, commands);
        assert_eq!(ended_well(line), well);
    }
}
