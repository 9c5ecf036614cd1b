//! Running text with the meaning of each part: roles, terms, live values.
//!
//! Must not know where a line breaks.

use std::ops::Range;

use ratatui::text::Span;

use crate::lesson::{Context, Inline, Marker};
use crate::theme::{Role, Theme};

/// Shown in place of a value that is not known yet.
const ABSENT: &str = "…";

/// Running text with the meaning of each part.
#[derive(Default)]
pub(super) struct Styled {
    pub(super) text: String,
    roles: Vec<(Range<usize>, Role)>,
    /// Code that is the name of a term.
    names: Vec<Range<usize>>,
    /// The terms, each with its index in the glossary.
    terms: Vec<(Range<usize>, usize)>,
}

impl Styled {
    fn new(inlines: &[Inline], context: &Context) -> Styled {
        let mut styled = Styled::default();
        for inline in inlines {
            match inline {
                Inline::Text(text) => styled.push(text, Role::Text),
                Inline::Strong(text) => styled.push(text, Role::Strong),
                Inline::Emphasis(text) => styled.push(text, Role::Emphasis),
                Inline::Code(code) => styled.push(code, Role::Code),
                Inline::Live(expr) => {
                    // A value comes from a shell that the learner controls: it may hold control characters.
                    let value = expr.text(context).unwrap_or_else(|| ABSENT.to_owned());
                    let value = value.replace(char::is_control, " ");
                    let role = if expr.is_words() {
                        Role::Text
                    } else {
                        Role::Live
                    };
                    styled.push(&value, role);
                }
                Inline::Break => styled.push("\n", Role::Text),
            }
        }
        styled
    }

    /// The same, with the terms that appear for the first time.
    pub(super) fn marked(inlines: &[Inline], context: &Context, marker: &mut Marker) -> Styled {
        let mut styled = Styled::new(inlines, context);
        let code = styled.roles.iter().filter(|(_, role)| *role == Role::Code);
        let named = |place: &&Range<usize>| marker.is_term(&styled.text[(*place).clone()]);
        styled.names = code
            .map(|(place, _)| place)
            .filter(named)
            .cloned()
            .collect();
        let prose = |place: &Range<usize>| {
            styled.roles.iter().all(|(range, role)| {
                let within = range.start < place.end && place.start < range.end;
                !within || styled.may_be_term(range, *role, place)
            })
        };
        styled.terms = marker.mark(&styled.text, prose);
        styled
    }

    /// Whether a piece with this role may be part of a term at this place.
    fn may_be_term(&self, piece: &Range<usize>, role: Role, place: &Range<usize>) -> bool {
        match role {
            Role::Code => piece.start == place.start && self.names.contains(piece),
            Role::Text | Role::Strong | Role::Emphasis => true,
            _ => false,
        }
    }

    pub(super) fn push(&mut self, text: &str, role: Role) {
        let start = self.text.len();
        self.text.push_str(text);
        self.roles.push((start..self.text.len(), role));
    }

    /// Whether a byte is inside code, after its first byte.
    pub(super) fn is_code(&self, at: usize) -> bool {
        self.roles
            .iter()
            .any(|(range, role)| *role == Role::Code && range.start < at && at < range.end)
    }

    /// A line's pieces, each with the term that it belongs to.
    pub(super) fn spans(
        &self,
        line: Range<usize>,
        theme: Theme,
    ) -> Vec<(Span<'static>, Option<usize>)> {
        let mut spans = Vec::new();
        for (range, role) in &self.roles {
            let part = range.start.max(line.start)..range.end.min(line.end);
            let mut at = part.start;
            while at < part.end {
                let (end, term) = self.term_at(at);
                let end = end.min(part.end);
                let style = match term {
                    Some(_) => theme.style(*role).patch(theme.style(Role::Term)),
                    None => theme.style(*role),
                };
                spans.push((Span::styled(self.text[at..end].to_owned(), style), term));
                at = end;
            }
        }
        spans
    }

    /// The term that a byte belongs to, if any, and the byte where that changes.
    fn term_at(&self, at: usize) -> (usize, Option<usize>) {
        let next = self.terms.iter().find(|(place, _)| at < place.end);
        match next {
            Some((place, term)) if place.start <= at => (place.end, Some(*term)),
            Some((place, _)) => (place.start, None),
            None => (self.text.len(), None),
        }
    }
}
