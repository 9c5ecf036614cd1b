//! Markdown → headings, prose and fenced blocks, each with its place.
//!
//! Owns which Markdown a lesson may use. Must not know the fields of the lab's fenced blocks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::mask;
use super::source::{LessonSource, Problems};
use super::{Block, Expr, Inline};

/// The info strings of blocks that are only shown.
const PLAIN: [&str; 6] = ["", "c", "console", "rust", "sh", "text"];

/// A piece of a lesson's body.
pub(super) enum BodyPiece<'a> {
    /// A `##` heading.
    Step { title: String, offset: usize },
    /// Blocks of prose that follow each other.
    Prose { blocks: Vec<Block>, offset: usize },
    /// A fenced block of the lab.
    Fence(Fence<'a>),
}

/// A fenced block of the lab.
pub(super) struct Fence<'a> {
    pub(super) info: String,
    pub(super) offset: usize,
    /// Its content, and where that begins.
    pub(super) text: &'a str,
    pub(super) base: usize,
}

/// Whether a block with this info string is only shown.
pub(super) fn is_plain(info: &str) -> bool {
    PLAIN.contains(&info)
}

/// Reads the text from `start` on.
pub(super) fn read<'a>(
    source: &LessonSource<'a>,
    start: usize,
    problems: &Problems,
) -> Vec<BodyPiece<'a>> {
    let body = &source.text[start..];
    let (masked, live_values) = mask::mask(body);
    let mut reader = PieceReader {
        source,
        start,
        live_values,
        problems,
        pieces: Vec::new(),
        prose: Vec::new(),
        prose_offset: 0,
        inlines: Vec::new(),
        styles: Vec::new(),
        soft_break: false,
        lists: Vec::new(),
        quotes: 0,
        fence: None,
        heading: None,
        link: None,
        resume: None,
    };
    let mut from = Some(0);
    while let Some(start) = from {
        let rest = masked.get(start..).unwrap_or_default();
        for (event, range) in Parser::new_ext(rest, Options::empty()).into_offset_iter() {
            reader.event(event, range.start + start..range.end + start);
            if reader.resume.is_some() {
                break;
            }
        }
        from = reader.resume.take();
    }
    reader.end_prose();
    reader.pieces
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stress {
    Strong,
    Emphasis,
}

/// A list that is open.
struct List {
    /// The next item's number; None for a bullet list.
    next: Option<u64>,
    /// The current item's marker, which its first paragraph takes.
    marker: Option<String>,
}

impl List {
    fn begin_item(&mut self) {
        self.marker = Some(match &mut self.next {
            Some(number) => {
                let marker = format!("{number}.");
                *number = number.saturating_add(1);
                marker
            }
            None => "•".to_owned(),
        });
    }
}

/// A code block that is open.
struct OpenFence {
    info: Option<String>,
    lines: String,
    content: Option<Range<usize>>,
}

/// A heading that is open.
struct OpenHeading {
    level: usize,
    offset: usize,
}

struct PieceReader<'s, 'a> {
    source: &'s LessonSource<'a>,
    start: usize,
    live_values: Vec<Range<usize>>,
    problems: &'s Problems<'s>,
    pieces: Vec<BodyPiece<'a>>,
    prose: Vec<Block>,
    prose_offset: usize,
    inlines: Vec<Inline>,
    styles: Vec<Stress>,
    soft_break: bool,
    lists: Vec<List>,
    quotes: usize,
    fence: Option<OpenFence>,
    heading: Option<OpenHeading>,
    link: Option<String>,
    /// The place to read on from, after a block that is never closed: otherwise the block would hide the rest.
    resume: Option<usize>,
}

impl PieceReader<'_, '_> {
    fn at(&self, offset: usize, what: impl Into<String>, help: &str) {
        self.problems.at(self.start + offset, what, help);
    }

    fn event(&mut self, event: Event, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(tag, range),
            Event::End(tag) => self.close(tag, &range),
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => {
                let code = self.unmask(&code, &range);
                self.push(Inline::Code(code));
            }
            Event::SoftBreak => self.soft_break = true,
            Event::HardBreak => self.push(Inline::Break),
            Event::Rule => self.at(
                range.start,
                "a line across is not shown in a lesson",
                "start a new step with `##` instead",
            ),
            Event::Html(_) | Event::InlineHtml(_) => self.at(
                range.start,
                "HTML is not shown in a lesson",
                "write it in backticks if the `<` is meant",
            ),
            // Needs options that are off.
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn open(&mut self, tag: Tag, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.open_paragraph(&range),
            Tag::Heading { level, .. } => self.open_heading(level as usize, range.start),
            Tag::BlockQuote(_) => {
                self.flush();
                self.begin_prose(&range);
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.trim().to_owned()),
                    CodeBlockKind::Indented => None,
                };
                self.fence = Some(OpenFence {
                    info,
                    lines: String::new(),
                    content: None,
                });
            }
            Tag::List(first) => {
                self.flush();
                self.begin_prose(&range);
                self.lists.push(List {
                    next: first,
                    marker: None,
                });
            }
            Tag::Item => {
                if let Some(list) = self.lists.last_mut() {
                    list.begin_item();
                }
            }
            Tag::Strong => self.styles.push(Stress::Strong),
            Tag::Emphasis => self.styles.push(Stress::Emphasis),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                let shown = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.link = (!shown).then(|| dest_url.to_string());
            }
            Tag::Image { .. } => self.at(
                range.start,
                "pictures are not shown in a lesson",
                "describe it, or draw it in a code block",
            ),
            // Html blocks report themselves; the others need options that are off.
            _ => {}
        }
    }

    fn open_paragraph(&mut self, range: &Range<usize>) {
        let body = &self.source.text[self.start..];
        if let Some(at) = body.get(range.clone()).and_then(table) {
            self.at(
                range.start + at,
                "a table is not shown in a lesson",
                "write a list, or draw it in a code block",
            );
        }
        self.begin_prose(range);
    }

    fn open_heading(&mut self, level: usize, offset: usize) {
        self.flush();
        if self.nested() {
            self.at(
                offset,
                "a heading inside a list or a quotation",
                "put it at the left margin",
            );
        }
        self.heading = Some(OpenHeading { level, offset });
    }

    fn close(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph | TagEnd::Item => self.flush(),
            TagEnd::Heading(_) => self.end_heading(range),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => self.end_code(range),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Strong | TagEnd::Emphasis => {
                self.styles.pop();
            }
            TagEnd::Link => {
                if let Some(address) = self.link.take() {
                    self.push(Inline::Text(format!(" ({address})")));
                }
            }
            _ => {}
        }
    }

    fn nested(&self) -> bool {
        !self.lists.is_empty() || self.quotes > 0
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if let Some(mut fence) = self.fence.take() {
            let start = fence.content.map_or(range.start, |content| content.start);
            fence.content = Some(start..range.end);
            fence.lines.push_str(&self.unmask(text, &range));
            self.fence = Some(fence);
            return;
        }
        self.begin_prose(&range);
        self.strays(text, range.start);
        let body = &self.source.text[self.start..];
        for piece in mask::split(text, &range, &self.live_values) {
            match piece {
                mask::MaskedPiece::Text(text) => self.push_text(text),
                mask::MaskedPiece::Live(live) => self.live_value(body, &live),
            }
        }
    }

    /// Reports signs that look like Markdown but would be shown unchanged.
    fn strays(&mut self, text: &str, start: usize) {
        if let Some(at) = text.find("{{") {
            self.at(
                start + at,
                "`{{` has no `}}` on its line",
                "expected `{{ expression }}`",
            );
        } else if let Some(at) = text.find("}}") {
            self.at(
                start + at,
                "`}}` has no `{{` on its line",
                "expected `{{ expression }}`",
            );
        }
        let raw = &self.source.text[self.start + start..];
        if text.starts_with('*') && raw.starts_with("**") {
            self.at(
                start,
                "`**` has no partner that Markdown accepts",
                "keep punctuation outside: `**word**.`",
            );
        }
        let escaped = self.source.text[..self.start + start].ends_with('\\');
        if text.starts_with('`') && !escaped {
            self.at(start, "a backtick without its partner", "expected `code`");
        }
    }

    /// Checks a live value and adds it.
    fn live_value(&mut self, body: &str, live: &Range<usize>) {
        let inner = mask::inner(body, live);
        let lead = inner.len() - inner.trim_start().len();
        let offset = self.start + live.start + 2 + lead;
        if let Some(expr) = Expr::read(inner.trim(), offset, self.problems) {
            self.push(Inline::Live(expr));
        }
    }

    /// Puts the expressions back as plain text.
    fn unmask(&self, text: &str, range: &Range<usize>) -> String {
        let body = &self.source.text[self.start..];
        mask::split(text, range, &self.live_values)
            .into_iter()
            .map(|piece| match piece {
                mask::MaskedPiece::Text(text) => text,
                mask::MaskedPiece::Live(live) => &body[live],
            })
            .collect()
    }

    fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = text.to_owned();
        self.push(match self.styles.last() {
            None => Inline::Text(text),
            Some(Stress::Strong) => Inline::Strong(text),
            Some(Stress::Emphasis) => Inline::Emphasis(text),
        });
    }

    fn push(&mut self, inline: Inline) {
        if std::mem::take(&mut self.soft_break) {
            let before = self
                .inlines
                .last()
                .is_some_and(|it| words(it).ends_with(is_wide));
            if !(before && words(&inline).starts_with(is_wide)) {
                self.append(Inline::Text(" ".to_owned()));
            }
        }
        self.append(inline);
    }

    /// Adds a piece, or extends the last one if both have the same style.
    fn append(&mut self, inline: Inline) {
        match (self.inlines.last_mut(), inline) {
            (Some(Inline::Text(before)), Inline::Text(text))
            | (Some(Inline::Strong(before)), Inline::Strong(text))
            | (Some(Inline::Emphasis(before)), Inline::Emphasis(text)) => before.push_str(&text),
            (_, inline) => self.inlines.push(inline),
        }
    }

    fn begin_prose(&mut self, range: &Range<usize>) {
        if self.prose.is_empty() && self.inlines.is_empty() {
            self.prose_offset = self.start + range.start;
        }
    }

    fn flush(&mut self) {
        self.soft_break = false;
        if self.inlines.is_empty() {
            return;
        }
        let content = std::mem::take(&mut self.inlines);
        let depth = self.lists.len().saturating_sub(1);
        self.prose.push(match self.lists.last_mut() {
            Some(list) => Block::Item {
                marker: list.marker.take().unwrap_or_default(),
                depth,
                content,
            },
            None if self.quotes > 0 => Block::Quote(content),
            None => Block::Paragraph(content),
        });
    }

    fn end_prose(&mut self) {
        self.flush();
        if !self.prose.is_empty() {
            self.pieces.push(BodyPiece::Prose {
                blocks: std::mem::take(&mut self.prose),
                offset: self.prose_offset,
            });
        }
    }

    fn end_heading(&mut self, range: &Range<usize>) {
        let content = std::mem::take(&mut self.inlines);
        self.soft_break = false;
        let Some(heading) = self.heading.take() else {
            return;
        };
        self.end_prose();
        let mut title = String::new();
        for inline in &content {
            match inline {
                Inline::Text(text)
                | Inline::Strong(text)
                | Inline::Emphasis(text)
                | Inline::Code(text) => title.push_str(text),
                Inline::Break => title.push(' '),
                Inline::Live(_) => self.at(
                    heading.offset,
                    "a heading has no live values",
                    "put it into the text below",
                ),
            }
        }
        let underlined = !self.source.text[self.start..]
            .get(range.clone())
            .is_some_and(|raw| raw.trim_start().starts_with('#'));
        if underlined {
            self.at(
                heading.offset,
                "an underlined heading",
                "expected `## Title of the step`, or an empty line above the line of dashes",
            );
        } else if heading.level != 2 {
            self.at(
                heading.offset,
                format!("a heading of level {}", heading.level),
                "a lesson has `## Title of the step` headings only; its own title is in the front matter",
            );
        } else {
            if title.trim().is_empty() {
                self.at(
                    heading.offset,
                    "a step without a title",
                    "expected `## Title of the step`",
                );
            }
            self.pieces.push(BodyPiece::Step {
                title: title.trim().to_owned(),
                offset: self.start + heading.offset,
            });
        }
    }

    fn end_code(&mut self, range: &Range<usize>) {
        let Some(fence) = self.fence.take() else {
            return;
        };
        let body = &self.source.text[self.start..];
        let raw = body.get(range.clone()).unwrap_or_default();
        let Some(info) = fence.info else {
            if let Some(at) = indented_fence(raw) {
                self.at(
                    range.start + at,
                    "this fence is indented by four spaces or more, so it is shown as text",
                    "put it at the left margin",
                );
            }
            self.code(range, &fence.lines);
            return;
        };
        if let Some(open) = Unclosed::find(raw, &info) {
            let end = self.unclosed(&open, &info, range.start, raw);
            return self.read_on(range, end);
        }
        if !body.get(range.clone()).is_some_and(is_closed) {
            self.at(
                range.start,
                format!("{} is never closed", named(&info)),
                "expected a line of as many backticks as the first one has",
            );
            let step = lines(raw).find(|(_, line)| line.starts_with("## "));
            let end = step.map_or(range.end, |(at, _)| range.start + at);
            return self.read_on(range, end);
        }
        if is_plain(&info) {
            self.code(range, &fence.lines);
            return;
        }
        if self.nested() {
            self.at(
                range.start,
                format!("the block `{info}` inside a list or a quotation"),
                "put it at the left margin",
            );
            return;
        }
        self.end_prose();
        let content = fence.content.unwrap_or(range.start..range.start);
        self.pieces.push(BodyPiece::Fence(Fence {
            info,
            offset: self.start + range.start,
            text: self.source.text[self.start..]
                .get(content.clone())
                .unwrap_or_default(),
            base: self.start + content.start,
        }));
    }

    /// Leaves out a block that is never closed, and reads on from `end`.
    fn read_on(&mut self, block: &Range<usize>, end: usize) {
        // Its step is not empty.
        self.code(block, "");
        self.end_prose();
        self.lists.clear();
        self.quotes = 0;
        self.resume = Some(end);
    }

    /// Reports a block that is not closed: where it should have been, or where it begins. Returns where it should
    /// have ended.
    fn unclosed(&mut self, open: &Unclosed, info: &str, start: usize, raw: &str) -> usize {
        let named = named(info);
        match open {
            Unclosed::Indented(at) => {
                self.at(
                    start + at,
                    format!(
                        "this fence is indented by four spaces or more, so it does not close {named}"
                    ),
                    "put it at the left margin",
                );
                let line = raw[*at..].find('\n');
                start + line.map_or(raw.len(), |line| at + line + 1)
            }
            Unclosed::Before { at, what } => {
                let (line, _) = self.source.position(self.start + start + at);
                self.at(
                    start,
                    format!("{named} is never closed: line {line} begins {what}"),
                    "expected a line of as many backticks as the first one has, above that line",
                );
                start + at
            }
        }
    }

    fn code(&mut self, range: &Range<usize>, lines: &str) {
        self.begin_prose(range);
        self.prose
            .push(Block::Code(lines.lines().map(str::to_owned).collect()));
    }
}

fn named(info: &str) -> String {
    if info.is_empty() {
        "a fenced block".to_owned()
    } else {
        format!("the block `{info}`")
    }
}

/// The lines of a text with their places.
fn lines(raw: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    raw.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    })
}

/// A sign that a fenced block is not closed. Places are in its text.
enum Unclosed {
    /// A fence that looks like its end.
    Indented(usize),
    /// Something that can't belong to it.
    Before { at: usize, what: &'static str },
}

impl Unclosed {
    fn find(raw: &str, info: &str) -> Option<Unclosed> {
        let first = raw.lines().next()?.trim_start();
        let sign = first.chars().next()?;
        let count = first.chars().take_while(|c| *c == sign).count();
        let mut inside = lines(raw).skip(1);
        inside.find_map(|(at, line)| {
            let indent = line.len() - line.trim_start().len();
            let rest = line.trim();
            let fence = rest.chars().take_while(|c| *c == sign).count();
            if fence >= count && rest.len() == fence {
                return (indent >= 4).then_some(Unclosed::Indented(at + indent));
            }
            let what = if fence >= count && indent < 4 {
                "another block"
            } else if !is_plain(info) && line.starts_with("## ") {
                "a step"
            } else {
                return None;
            };
            Some(Unclosed::Before { at, what })
        })
    }
}

/// The place of a fence in an indented code block.
fn indented_fence(raw: &str) -> Option<usize> {
    let mut fences = lines(raw).filter(|(_, line)| {
        let line = line.trim_start();
        line.starts_with("```") || line.starts_with("~~~")
    });
    let (at, line) = fences.next()?;
    Some(at + line.len() - line.trim_start().len())
}

/// The place in a paragraph at which a table of other Markdown begins: its second line is `|---|---|`.
fn table(raw: &str) -> Option<usize> {
    let rule = |line: &str| {
        let line = line.trim();
        let parts = line.contains('|') && line.contains('-');
        parts && line.chars().all(|c| "|-: ".contains(c))
    };
    let all: Vec<_> = lines(raw).collect();
    let second = all.iter().skip(1).position(|(_, line)| rule(line))?;
    Some(all[second].0)
}

/// Whether the last line of a fenced block closes it.
fn is_closed(raw: &str) -> bool {
    let is_frame = |c: char| c.is_whitespace() || c == '>';
    let mut lines = raw.trim_end().lines();
    let (Some(first), Some(last)) = (lines.next(), lines.next_back()) else {
        return false;
    };
    let first = first.trim_start_matches(is_frame);
    let Some(sign) = first.chars().next() else {
        return false;
    };
    let fence = first.chars().take_while(|c| *c == sign).count();
    let last = last.trim_start_matches(is_frame);
    last.chars().all(|c| c == sign) && last.chars().count() >= fence
}

fn is_wide(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(2)
}

/// The words of a piece; empty if it has none.
fn words(inline: &Inline) -> &str {
    match inline {
        Inline::Text(text) | Inline::Strong(text) | Inline::Emphasis(text) => text,
        Inline::Code(_) | Inline::Live(_) | Inline::Break => "",
    }
}
