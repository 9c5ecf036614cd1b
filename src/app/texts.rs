//! Every word of the screen, in every language.
//!
//! A word is a line of a table with both languages or an arm of a match over `Lang`: a missing translation does not
//! compile. Must not know the place of a word on the screen. Commands, flags and keys are the same everywhere.

mod comparison;
mod figures;
mod keys;
mod lessons;
mod notices;
mod options;
mod sentences;
mod sides;
mod vocabulary;
mod words;

pub(crate) use comparison::*;
pub(crate) use figures::*;
pub(crate) use keys::*;
pub(crate) use lessons::*;
pub(crate) use notices::*;
pub(crate) use options::*;
pub(crate) use sentences::*;
pub(crate) use sides::*;
pub(crate) use vocabulary::{Words, words};
pub(crate) use words::*;
