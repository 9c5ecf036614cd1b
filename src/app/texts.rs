//! Every word of the screen, in every language.
//!
//! A word is a field of `Words` or an arm of a match over `Lang`: a missing translation does not
//! compile. Must not know where a word stands. Commands, flags and keys are the same everywhere.

mod comparison;
mod en;
mod figures;
mod lessons;
mod notices;
mod options;
mod sentences;
mod sides;
mod vocabulary;
mod words;
mod zh;

pub use comparison::*;
pub use figures::*;
pub use lessons::*;
pub use notices::*;
pub use options::*;
pub use sentences::*;
pub use sides::*;
pub use vocabulary::Words;
pub use words::*;
