//! Rules for the recap of a lesson: its place, the number of its sentences, and the form of a sentence.

use unicode_width::UnicodeWidthStr;

use super::Finder;
use crate::lesson::Lesson;

/// How many sentences a learner is asked to keep.
const SENTENCES: usize = 3;
/// The longest, in columns: three lines of the narrowest pane.
const LONGEST: usize = 110;
/// With fewer steps, there is nothing to sum up.
const STEPS: usize = 3;

pub(super) fn look(lesson: &Lesson, finder: &mut Finder) {
    let Some((last, before)) = lesson.steps.split_last() else {
        return;
    };
    for recap in before.iter().filter_map(|step| step.recap.as_ref()) {
        finder.warn(
            recap.line,
            "this `recap` is not in the last step".to_owned(),
            "a lesson closes with it",
        );
    }
    let Some(recap) = &last.recap else {
        if lesson.steps.len() >= STEPS {
            finder.warn(
                last.line,
                "the last step has no `recap`".to_owned(),
                format!(
                    "say in {SENTENCES} sentences what to remember, as in \
                     `sentences = [\"…\", \"…\", \"…\"]`"
                ),
            );
        }
        return;
    };
    let count = recap.sentences.len();
    if count != SENTENCES {
        finder.warn(
            recap.line,
            format!("this `recap` has {count} of {SENTENCES} sentences"),
            format!("a lesson has {SENTENCES} sentences to keep, neither more nor less"),
        );
    }
    for sentence in &recap.sentences {
        if !is_one(sentence) {
            finder.warn(
                recap.line,
                format!("this is not one sentence: {sentence}"),
                "each entry is one whole sentence, with its full stop",
            );
        }
        let width = sentence.width();
        if width > LONGEST {
            finder.warn(
                recap.line,
                format!("a sentence of this `recap` is {width} columns wide: {sentence}"),
                format!("nobody remembers more than {LONGEST}"),
            );
        }
    }
}

/// Whether a text is one whole sentence.
fn is_one(text: &str) -> bool {
    let text = text.trim();
    let Some(body) = text.strip_suffix(['.', '!', '?', '。', '！', '？']) else {
        return false;
    };
    let wide = ['。', '！', '？'];
    !body.contains(wide) && ![". ", "! ", "? "].iter().any(|end| body.contains(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_once() {
        for (text, one) in [
            ("A name belongs to a UTS namespace.", true),
            ("The file /proc/1/ns/uts.x is a link.", true),
            ("主机名属于 UTS 命名空间。", true),
            ("No full stop", false),
            ("One. And two.", false),
            ("一句。又一句。", false),
            ("", false),
        ] {
            assert_eq!(is_one(text), one, "{text}");
        }
    }
}
