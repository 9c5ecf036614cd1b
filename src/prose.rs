//! Breaks running text into lines of a given width.
//!
//! Owns where a line may break, in any language. Knows blocks and styles, no pane.

mod styled;

use std::ops::Range;

use ratatui::text::{Line, Span};
use textwrap::WordSeparator;
use unicode_width::UnicodeWidthStr;

use self::styled::Styled;
#[cfg(test)]
use crate::lesson::Glossary;
use crate::lesson::{Block, Context, Marker, Said};
use crate::theme::{Role, Theme};

/// A line, and the terms in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Marked {
    pub line: Line<'static>,
    /// The columns of each term, and its index in the glossary.
    pub terms: Vec<(Range<usize>, usize)>,
}

/// The same without terms.
#[cfg(test)]
pub(crate) fn lines(
    blocks: &[Block],
    context: &Context,
    width: u16,
    theme: Theme,
) -> Vec<Line<'static>> {
    let none = Glossary::default();
    let lines = marked(blocks, context, width, theme, &mut Marker::new(&none));
    lines.into_iter().map(|it| it.line).collect()
}

/// The blocks as lines no wider than `width`, with an empty line between them but for items of a list;
/// with the terms of a glossary.
pub(crate) fn marked(
    blocks: &[Block],
    context: &Context,
    width: u16,
    theme: Theme,
    marker: &mut Marker,
) -> Vec<Marked> {
    let mut lines = Vec::new();
    let mut before: Option<&Block> = None;
    for block in blocks {
        let close = matches!(
            (before, block),
            (None, _) | (Some(Block::Item { .. }), Block::Item { .. })
        );
        if !close {
            lines.push(Marked::default());
        }
        let mut styled = |inlines| Styled::marked(inlines, context, marker);
        let mut page = LineCollector {
            lines: &mut lines,
            width: usize::from(width),
            theme,
        };
        match block {
            Block::Paragraph(inlines) => page.text(&styled(inlines), "", ""),
            Block::Item {
                marker,
                depth,
                content: inlines,
            } => {
                let indent = "  ".repeat(*depth);
                let first = format!("{indent}{marker:<1} ");
                let rest = " ".repeat(first.width());
                page.text(&styled(inlines), &first, &rest);
            }
            Block::Code(code) => code.iter().for_each(|line| page.code(line)),
            Block::Quote(inlines) => page.text(&styled(inlines), "│ ", "│ "),
        }
        before = Some(block);
    }
    lines
}

/// A sentence of a block (a question, a hint) as lines no wider than `width`; `` `code` `` in it is set off.
pub(crate) fn sentence(
    text: &str,
    width: impl Into<usize>,
    role: Role,
    theme: Theme,
) -> Vec<Line<'static>> {
    filled_sentence(&[Said::Words(text.to_owned())], width, role, theme)
}

/// The same of a sentence with values, which stay as they are.
pub(crate) fn filled_sentence(
    pieces: &[Said],
    width: impl Into<usize>,
    role: Role,
    theme: Theme,
) -> Vec<Line<'static>> {
    let quotes = pieces.iter().map(|piece| match piece {
        Said::Words(words) => words.matches('`').count(),
        Said::Value(_) => 0,
    });
    let quotes: usize = quotes.sum();
    // Of an odd number of backquotes, the last one has no partner and is shown.
    let mut paired = quotes - quotes % 2;
    let (mut styled, mut now, mut other) = (Styled::default(), role, Role::Code);
    for piece in pieces {
        let mut rest = match piece {
            Said::Words(words) => words.as_str(),
            Said::Value(value) => {
                styled.push(value, now);
                continue;
            }
        };
        while let Some((before, after)) = rest.split_once('`').filter(|_| paired > 0) {
            styled.push(before, now);
            std::mem::swap(&mut now, &mut other);
            (rest, paired) = (after, paired - 1);
        }
        styled.push(rest, now);
    }
    let mut lines = Vec::new();
    LineCollector {
        lines: &mut lines,
        width: width.into(),
        theme,
    }
    .text(&styled, "", "");
    lines.into_iter().map(|it| it.line).collect()
}

/// Plain text as lines no wider than `width`.
pub(crate) fn wrap(text: &str, width: impl Into<usize>) -> Vec<String> {
    break_lines(text, width.into(), |_| false)
        .into_iter()
        .map(|range| text[range].to_owned())
        .collect()
}

/// Collects lines.
struct LineCollector<'l> {
    lines: &'l mut Vec<Marked>,
    width: usize,
    theme: Theme,
}

impl LineCollector<'_> {
    /// Running text. `first` goes before its first line and `rest` before the others, if there is room.
    fn text(&mut self, styled: &Styled, first: &str, rest: &str) {
        let margin = first.width();
        let (first, rest, width) = if margin * 2 <= self.width {
            (first, rest, self.width - margin)
        } else {
            ("", "", self.width)
        };
        let lines = break_lines(&styled.text, width, |at| styled.is_code(at));
        for (index, range) in lines.into_iter().enumerate() {
            let mut spans = Vec::new();
            let mut terms = Vec::new();
            let margin = if index == 0 { first } else { rest };
            if !margin.is_empty() {
                spans.push(Span::styled(margin.to_owned(), self.theme.style(Role::Dim)));
            }
            let mut column = margin.width();
            for (span, term) in styled.spans(range, self.theme) {
                let end = column + span.width();
                terms.extend(term.map(|term| (column..end, term)));
                spans.push(span);
                column = end;
            }
            self.lines.push(Marked {
                line: Line::from(spans),
                terms,
            });
        }
    }

    /// A line of code. Where it is too wide, it is cut.
    fn code(&mut self, line: &str) {
        let line = line.replace('\t', "    ");
        let margin = if self.width > 8 { "  " } else { "" };
        let style = self.theme.style(Role::Code);
        let mut pieces = cut(&line, 0..line.len(), self.width - margin.len());
        if pieces.is_empty() {
            pieces.push(0..0);
        }
        for piece in pieces {
            let line = Span::styled(format!("{margin}{}", &line[piece]), style).into();
            let terms = Vec::new();
            self.lines.push(Marked { line, terms });
        }
    }
}

/// The lines of a text, as ranges of it, without the spaces at their ends. Where `whole` is true, a line
/// breaks only at a space: paths would break at their slashes.
fn break_lines(text: &str, width: usize, whole: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for paragraph in text.split('\n') {
        let mut line = start..start;
        for word in words(text, start..start + paragraph.len(), &whole) {
            if text[line.start..word.end].width() <= width {
                line.end = word.end;
                continue;
            }
            if !text[line.clone()].trim().is_empty() {
                lines.push(line);
            }
            let mut pieces = cut(text, word.clone(), width);
            keep_company(text, &mut pieces, width);
            line = pieces.pop().unwrap_or(word.end..word.end);
            lines.append(&mut pieces);
        }
        lines.push(line);
        start += paragraph.len() + 1;
    }
    lines
}

/// Characters that no line of Chinese may begin with.
const CLOSING: [char; 13] = [
    '，', '。', '、', '；', '：', '？', '！', '）', '》', '」', '』', '”', '’',
];

/// If a word had to be cut before a closing sign, the sign takes the last other character before it
/// along to its line.
fn keep_company(text: &str, pieces: &mut [Range<usize>], width: usize) {
    let [.., before, last] = pieces else { return };
    if text[last.clone()].starts_with(CLOSING)
        && let Some((at, _)) = text[before.clone()]
            .char_indices()
            .rfind(|(_, sign)| !CLOSING.contains(sign))
        && at > 0
        && text[before.start + at..last.end].width() <= width
    {
        before.end = before.start + at;
        last.start = before.end;
    }
}

/// The pieces that may not be broken, without the spaces behind them.
fn words(text: &str, part: Range<usize>, whole: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut at = part.start;
    for found in WordSeparator::UnicodeBreakProperties.find_words(&text[part]) {
        // Unicode allows a break after a slash and none before it, not even after a space. Paths
        // need the opposite.
        for word in found.word.split_inclusive(' ') {
            let end = at + word.trim_end_matches(' ').len();
            match words.last_mut() {
                Some(before) if before.end == at && (whole(at) || text[..at].ends_with('/')) => {
                    before.end = end;
                }
                _ => words.push(at..end),
            }
            at += word.len();
        }
        at += found.whitespace.len();
    }
    words
}

/// A part of a text in pieces no wider than `width`, unless a single character is wider.
fn cut(text: &str, part: Range<usize>, width: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut piece = part.start..part.start;
    for (at, c) in text[part.clone()].char_indices() {
        let end = part.start + at + c.len_utf8();
        if piece.start < piece.end && text[piece.start..end].width() > width {
            let next = piece.end;
            pieces.push(std::mem::replace(&mut piece, next..next));
        }
        piece.end = end;
    }
    if piece.start < piece.end {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests;
