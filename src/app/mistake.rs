//! A mistake in a lesson, as text.

/// The text about a mistake, in each language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake(pub [String; 2]);
