//! Text → lesson: the front matter, then steps with their parts.
//!
//! Owns the structure of a lesson file. Must not know where the text comes from.

use std::ops::Range;
use std::path::{Component, Path};

use super::blocks::BlockContent;
use super::markdown::{self, BodyPiece};
use super::source::{LessonSource, Problems};
use super::table::{Fields, Located};
use super::{Lesson, LessonError, LessonStep, Part, asks, blocks};
use crate::namespace::NamespaceSet;

/// Parses a lesson. `name`: the file's path, for errors. Reports all mistakes, in the order of the
/// text.
pub fn parse(name: &str, text: &str) -> Result<Lesson, Vec<LessonError>> {
    placed(name, text).map(|placed| placed.lesson)
}

/// A lesson, and the place of its id.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) lesson: Lesson,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Placed {
    /// The error for an id that another file has.
    pub(super) fn taken(&self, path: &str, first: &str) -> LessonError {
        LessonError::Text {
            path: path.to_owned(),
            line: self.line,
            column: self.column,
            what: format!("the id `{}` is taken by {first}", self.lesson.id),
            help: Some("expected an id of its own for each lesson".to_owned()),
        }
    }
}

/// As [`parse`], with the place of the id: the library reports ids that are taken.
pub(super) fn placed(name: &str, text: &str) -> Result<Placed, Vec<LessonError>> {
    let source = LessonSource::new(name, text);
    let problems = Problems::new(&source);
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_unfit(*c)) {
        problems.at(
            at,
            format!("the character {} cannot be shown", c.escape_unicode()),
            "expected text, spaces and line ends",
        );
        return Err(problems.into_errors());
    }
    let (front, body) = front(&source, &problems);
    let flags = front
        .as_ref()
        // Without readable flags, don't report options that need one.
        .map_or(NamespaceSet::all(), |front| front.flags);
    // If the front matter has no end, it is unknown where the steps begin.
    let readable = front.is_some() || body < text.len();
    let steps = if readable {
        steps(&source, body, flags, &problems)
    } else {
        Vec::new()
    };
    match front {
        Some(front) if problems.count() == 0 => {
            let (line, column) = source.position(front.id.offset);
            Ok(Placed {
                lesson: Lesson {
                    file: name.to_owned(),
                    id: front.id.value,
                    title: front.title,
                    flags,
                    minutes: front.minutes,
                    sources: front.sources,
                    share: front.share,
                    asks: asks::of(&steps),
                    steps,
                },
                line,
                column,
            })
        }
        _ => Err(problems.into_errors()),
    }
}

/// Control characters would reach the terminal or a shell; private ones mean different things
/// everywhere.
fn is_unfit(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || ('\u{e000}'..='\u{f8ff}').contains(&c)
}

const FENCE: &str = "+++";

struct Front {
    id: Located<String>,
    title: String,
    flags: NamespaceSet,
    minutes: Option<u16>,
    sources: Vec<String>,
    share: Option<String>,
}

/// The front matter, and where the text after it begins.
fn front(source: &LessonSource, problems: &Problems) -> (Option<Front>, usize) {
    let mut lines = source.text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() == "---" {
        problems.at(
            0,
            "the front matter is TOML, between lines `+++`",
            "`---` and YAML are of other programs: write `id = \"…\"`",
        );
        // Reading the rest as TOML or Markdown would only report more mistakes.
        return (None, source.text.len());
    }
    if first.trim_end() != FENCE {
        problems.at(
            0,
            "a lesson begins with its front matter",
            format!(
                "expected a line `{FENCE}`, then `id`, `title` and `flags`, then a line `{FENCE}`"
            ),
        );
        return (None, 0);
    }
    let mut end = first.len();
    for line in lines {
        if line.trim_end() == FENCE {
            let front = read_front(&source.text[first.len()..end], first.len(), problems);
            return (front, end + line.len());
        }
        end += line.len();
    }
    let help = format!("expected a second line `{FENCE}`");
    problems.at(0, "the front matter is never closed", help);
    (None, source.text.len())
}

fn read_front(text: &str, base: usize, problems: &Problems) -> Option<Front> {
    let mut fields = Fields::parse(text, base, "front matter", 0, problems)?;
    let id = fields.string("id");
    let title = fields.string("title");
    let before = problems.count();
    let mut flags = fields.optional_namespaces("flags");
    if problems.count() > before {
        flags = flags.map(|_| NamespaceSet::all());
    } else if flags.is_none() {
        problems.at(
            0,
            "`front matter` has no `flags`",
            "expected a field `flags = [\"uts\", …]`; `[]` for none",
        );
    }
    let minutes = fields.optional_number("minutes", 1..600);
    let sources = fields.optional_texts("sources").unwrap_or_default();
    let share = fields.optional_located("share");
    fields.finish();
    if let Some(share) = &share {
        must_be_beside(share, problems);
    }
    let id = id?;
    id.must_be_id(problems);
    Some(Front {
        id,
        title: title?.value,
        flags: flags?,
        minutes: minutes.map(|found| found.value),
        sources,
        share: share.map(|found| found.value),
    })
}

/// A lesson may show files of its course only.
fn must_be_beside(share: &Located<String>, problems: &Problems) {
    let mut path = Path::new(&share.value).components().peekable();
    // The folder of a language is beside what both languages use.
    path.next_if_eq(&Component::ParentDir);
    let named = path.peek().is_some();
    if !named || !path.all(|it| matches!(it, Component::Normal(_))) {
        problems.at(
            share.offset,
            format!("`share` is `{}`", share.value),
            "expected a directory beside the lesson's file: `files`, `../files`",
        );
    }
}

fn steps(
    source: &LessonSource,
    body: usize,
    flags: NamespaceSet,
    problems: &Problems,
) -> Vec<LessonStep> {
    let pieces = markdown::read(source, body, problems);
    let mut steps: Vec<LessonStep> = Vec::new();
    // A step whose only block is wrong doesn't count as empty.
    let mut filled = true;
    let mut strays = false;
    let mut begun = 0;
    for piece in pieces {
        let (offset, part) = match piece {
            BodyPiece::Step { title, offset } => {
                report_empty(filled, begun..offset, problems);
                (filled, begun) = (false, offset);
                steps.push(LessonStep {
                    title,
                    line: source.position(offset).0,
                    ..LessonStep::default()
                });
                continue;
            }
            BodyPiece::Prose { blocks, offset } => {
                (offset, Some(BlockContent::Part(Part::Prose(blocks))))
            }
            BodyPiece::Fence(fence) => (fence.offset, blocks::read(&fence, flags, problems)),
        };
        filled = true;
        match (steps.last_mut(), part) {
            (Some(step), Some(content)) => {
                if let Some(name) = add(step, content, source.position(offset).0) {
                    problems.report(offset, format!("a second `{name}` in this step"), None);
                }
            }
            (Some(_), None) => {}
            (None, _) => {
                if !strays {
                    problems.at(
                        offset,
                        "this stands in front of the first step",
                        "expected `## Title of the step` above it",
                    );
                }
                strays = true;
            }
        }
    }
    report_empty(filled, begun..source.text.len() + 1, problems);
    if steps.is_empty() && !strays {
        problems.at(
            source.text.len(),
            "a lesson without a step",
            "expected `## Title of the step`",
        );
    }
    steps
}

/// Adds a block to its step. Returns the block's name if it is a second one and only one is allowed.
fn add(step: &mut LessonStep, content: BlockContent, line: usize) -> Option<&'static str> {
    match content {
        BlockContent::Part(part) => {
            step.parts.push(part);
            step.lines.push(line);
            None
        }
        BlockContent::Proof(proof) => {
            step.proofs.push(proof);
            None
        }
        BlockContent::Needs(needs) => step.needs.replace(needs).map(|_| "needs"),
        BlockContent::Show(show) => step.show.replace(show).map(|_| "show"),
        BlockContent::Recap(recap) => step.recap.replace(recap).map(|_| "recap"),
    }
}

/// Not if a mistake in it has been reported.
fn report_empty(filled: bool, step: Range<usize>, problems: &Problems) {
    if !filled && !problems.any_within(&(step.start + 1..step.end)) {
        problems.at(
            step.start,
            "this step is empty",
            "expected text or a block below its title",
        );
    }
}
