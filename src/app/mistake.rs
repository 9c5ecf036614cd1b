//! What is wrong with a lesson, as it is shown.

/// What is wrong with a lesson, in each language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake(pub [String; 2]);
