//! Text with `{{ live values }}`: a command to type, a sentence to show.
//!
//! Must not know where it is used.

use std::collections::BTreeMap;
use std::fmt;

use super::expr::{Context, Expr};
use super::mask::{self, MaskedPiece};
use super::source::Problems;

/// Text with live values in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    source: String,
    pieces: Vec<TemplatePiece>,
}

/// A piece of a sentence that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The author's words, in which backquotes set code off.
    Words(String),
    /// A measured value, as it is.
    Value(String),
}

#[derive(Debug, Clone, PartialEq)]
enum TemplatePiece {
    Text(String),
    Live(Expr),
}

impl Template {
    /// Reads a text at this byte of the lesson. Reports mistakes in its expressions.
    pub(super) fn read(source: &str, offset: usize, problems: &Problems) -> Option<Template> {
        let (masked, live_values) = mask::mask(source);
        let mut pieces = Vec::new();
        for piece in mask::split(&masked, &(0..source.len()), &live_values) {
            match piece {
                MaskedPiece::Text("") => {}
                MaskedPiece::Text(text) => {
                    if text.contains("{{") {
                        problems.at(
                            offset,
                            "`{{` has no `}}` on its line",
                            "expected `{{ expression }}`",
                        );
                        return None;
                    }
                    pieces.push(TemplatePiece::Text(text.to_owned()));
                }
                MaskedPiece::Live(live) => {
                    let inner = mask::inner(source, &live);
                    let lead = inner.len() - inner.trim_start().len();
                    let at = offset + live.start + 2 + lead;
                    pieces.push(TemplatePiece::Live(Expr::read(inner.trim(), at, problems)?));
                }
            }
        }
        Some(Template {
            source: source.to_owned(),
            pieces,
        })
    }

    /// Its text in the lesson.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text with its values; None while one is missing.
    pub fn text(&self, context: &Context) -> Option<String> {
        self.filled(|expr| expr.text(context))
    }

    /// The text with its values, and `…` for each missing one.
    pub fn shown(&self, context: &Context) -> String {
        let value = |expr: &Expr| expr.text(context).unwrap_or_else(|| "…".to_owned());
        self.filled(|expr| Some(value(expr))).unwrap_or_default()
    }

    /// Its current live values by their expressions; None while one is missing.
    pub fn values(&self, context: &Context) -> Option<BTreeMap<String, String>> {
        let value = |live: &Expr| Some((live.source().to_owned(), live.text(context)?));
        self.live_values().map(value).collect()
    }

    /// The text with these values; None if one is missing.
    pub fn with(&self, values: &BTreeMap<String, String>) -> Option<Vec<Said>> {
        let piece = |piece: &TemplatePiece| match piece {
            TemplatePiece::Text(text) => Some(Said::Words(text.clone())),
            TemplatePiece::Live(expr) => values.get(expr.source()).cloned().map(Said::Value),
        };
        self.pieces.iter().map(piece).collect()
    }

    fn filled(&self, value: impl Fn(&Expr) -> Option<String>) -> Option<String> {
        let piece = |piece: &TemplatePiece| match piece {
            TemplatePiece::Text(text) => Some(text.clone()),
            TemplatePiece::Live(expr) => value(expr),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// Its live values.
    pub fn live_values(&self) -> impl Iterator<Item = &Expr> {
        self.pieces.iter().filter_map(|piece| match piece {
            TemplatePiece::Text(_) => None,
            TemplatePiece::Live(expr) => Some(expr),
        })
    }
}

/// Its text in the lesson.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}
