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

pub(crate) use comparison::*;
pub(crate) use figures::*;
pub(crate) use lessons::*;
pub(crate) use notices::*;
pub(crate) use options::*;
pub(crate) use sentences::*;
pub(crate) use sides::*;
pub(crate) use vocabulary::Words;
pub(crate) use words::*;
