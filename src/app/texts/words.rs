//! Picks the words of a language.

use super::vocabulary::{KeyWords, Words};
use super::{en, zh};
use crate::app::key_steps::KeyStep;
use crate::app::keymap::Word;
use crate::lang::Lang;

pub(crate) fn words(lang: Lang) -> &'static Words {
    lang.pick([&en::WORDS, &zh::WORDS])
}

/// What a step of a launch is for.
pub(crate) fn why(lang: Lang, kind: KeyStep) -> &'static str {
    lang.pick([en::why, zh::why])(kind)
}

pub(crate) fn key(lang: Lang, line: Word) -> KeyWords {
    let said = lang.pick([en::key, zh::key])(line);
    KeyWords {
        short: said.0,
        long: said.1,
    }
}
