//! Hides `{{ expressions }}` from the Markdown parser, and finds them again.
//!
//! Owns the placeholder. Must not look into an expression.

use std::ops::Range;

/// Replaces `{{`. No lesson contains it: the parser rejects private characters first.
const MARK: char = '\u{e000}';

/// The text, in which each `{{ … }}` on one line is replaced by placeholders of the same length in bytes; and the
/// ranges of the replaced texts.
pub(super) fn mask(body: &str) -> (String, Vec<Range<usize>>) {
    let mut masked = String::with_capacity(body.len());
    let mut live_values = Vec::new();
    let mut rest = 0;
    while let Some(open) = body[rest..].find("{{").map(|at| rest + at) {
        let line_end = body[open..].find('\n').map_or(body.len(), |at| open + at);
        let Some(close) = body[open..line_end].find("}}").map(|at| open + at + 2) else {
            masked.push_str(&body[rest..line_end]);
            rest = line_end;
            continue;
        };
        masked.push_str(&body[rest..open]);
        masked.push(MARK);
        masked.extend(std::iter::repeat_n('x', close - open - MARK.len_utf8()));
        live_values.push(open..close);
        rest = close;
    }
    masked.push_str(&body[rest..]);
    (masked, live_values)
}

/// A piece of masked text.
pub(super) enum MaskedPiece<'t> {
    Text(&'t str),
    /// The expression's range in the body, with its braces.
    Live(Range<usize>),
}

/// Splits a masked text, which has this range in the body.
pub(super) fn split<'t>(
    text: &'t str,
    range: &Range<usize>,
    live_values: &[Range<usize>],
) -> Vec<MaskedPiece<'t>> {
    let mut within = live_values
        .iter()
        .filter(|live| live.start >= range.start && live.end <= range.end);
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let Some(live) = within.next() else { break };
        pieces.push(MaskedPiece::Text(&rest[..at]));
        pieces.push(MaskedPiece::Live(live.clone()));
        rest = rest.get(at + live.len()..).unwrap_or_default();
    }
    pieces.push(MaskedPiece::Text(rest));
    pieces
}

/// The text between the braces.
pub(super) fn inner<'b>(body: &'b str, live: &Range<usize>) -> &'b str {
    body.get(live.start + 2..live.end.saturating_sub(2))
        .unwrap_or_default()
}
