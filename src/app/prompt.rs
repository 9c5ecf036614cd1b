//! The line that is to run on both sides: how it is edited, and its history.
//!
//! Must not know what a line does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// Lines in the history.
const REMEMBERED: usize = 100;
/// The greatest number of characters in a line.
const LONGEST: usize = 4096;

/// The prompt, open or not.
#[derive(Debug, Default)]
pub(crate) struct Prompt {
    input: Input,
    history: Vec<String>,
    /// The shown line of the history; `None` while the line is new.
    recalled: Option<usize>,
    /// The new line, while one of the history is shown.
    draft: String,
}

impl Prompt {
    pub(crate) fn line(&self) -> &str {
        self.input.value()
    }

    /// Begins a new line with this text.
    pub(super) fn open(&mut self, line: String) {
        self.recalled = None;
        self.input = Input::new(line);
    }

    /// Returns the line and adds it to the history; `None` if it is empty.
    pub(super) fn take(&mut self) -> Option<String> {
        let line = self.input.value().trim().to_owned();
        if line.is_empty() {
            return None;
        }
        if self.history.last() != Some(&line) {
            self.history.push(line.clone());
        }
        let over = self.history.len().saturating_sub(REMEMBERED);
        self.history.drain(..over);
        Some(line)
    }

    /// Shows the previous line of the history.
    pub(super) fn back(&mut self) {
        let at = self.recalled.unwrap_or(self.history.len());
        if let Some(at) = at.checked_sub(1) {
            if self.recalled.is_none() {
                self.draft = self.input.value().to_owned();
            }
            self.recalled = Some(at);
            self.input = Input::new(self.history[at].clone());
        }
    }

    /// Shows the next line of the history, in the end the new one.
    pub(super) fn forth(&mut self) {
        let Some(at) = self.recalled else { return };
        self.recalled = Some(at + 1).filter(|at| *at < self.history.len());
        let line = match self.recalled {
            Some(at) => self.history[at].clone(),
            None => self.draft.clone(),
        };
        self.input = Input::new(line);
    }

    /// A key that means nothing else.
    pub(super) fn key(&mut self, event: &KeyEvent) {
        if let Some(request) = request(event) {
            self.ask(request);
        }
    }

    /// Pasted text, as one line.
    pub(super) fn paste(&mut self, text: &str) {
        for letter in text.trim_end().chars() {
            let letter = if letter.is_control() { ' ' } else { letter };
            self.ask(InputRequest::InsertChar(letter));
        }
    }

    fn ask(&mut self, request: InputRequest) {
        let grows = matches!(request, InputRequest::InsertChar(_));
        if !grows || self.input.value().chars().count() < LONGEST {
            self.input.handle(request);
        }
    }

    /// The part of the line that fits into `columns`, and the cursor's column in it.
    pub(crate) fn view(&self, columns: usize) -> (String, usize) {
        use unicode_width::UnicodeWidthChar;
        let skip = self.input.visual_scroll(columns);
        let mut at = 0;
        let mut shown = String::new();
        let mut used = 0;
        for letter in self.input.value().chars() {
            let width = letter.width().unwrap_or(0);
            if at >= skip {
                if used + width > columns {
                    break;
                }
                shown.push(letter);
                used += width;
            } else if at + width > skip {
                // Half of a wide character is scrolled out.
                shown.push(' ');
                used += at + width - skip;
            }
            at += width;
        }
        (shown, self.input.visual_cursor().saturating_sub(skip))
    }
}

/// Editing keys as in readline.
fn request(event: &KeyEvent) -> Option<InputRequest> {
    use InputRequest as Ask;
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(match (event.code, control || alt) {
        (KeyCode::Left, false) => Ask::GoToPrevChar,
        (KeyCode::Right, false) => Ask::GoToNextChar,
        (KeyCode::Left, true) => Ask::GoToPrevWord,
        (KeyCode::Right, true) => Ask::GoToNextWord,
        (KeyCode::Home, _) => Ask::GoToStart,
        (KeyCode::End, _) => Ask::GoToEnd,
        (KeyCode::Backspace, false) => Ask::DeletePrevChar,
        (KeyCode::Backspace, true) => Ask::DeletePrevWord,
        (KeyCode::Delete, _) => Ask::DeleteNextChar,
        (KeyCode::Char(letter), false) => Ask::InsertChar(letter),
        (KeyCode::Char(letter), true) if control && !alt => match letter {
            'a' => Ask::GoToStart,
            'e' => Ask::GoToEnd,
            'b' => Ask::GoToPrevChar,
            'f' => Ask::GoToNextChar,
            'd' => Ask::DeleteNextChar,
            'h' => Ask::DeletePrevChar,
            'w' => Ask::DeletePrevWord,
            'u' => Ask::DeleteFromStart,
            'k' => Ask::DeleteTillEnd,
            'y' => Ask::Yank,
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::event;

    fn typed(keys: &str) -> Prompt {
        let mut prompt = Prompt::default();
        for key in keys.split(' ') {
            prompt.key(&event(key));
        }
        prompt
    }

    #[test]
    fn keys_edit_the_line() {
        for (keys, line) in [
            ("l s", "ls"),
            ("l s Left x", "lxs"),
            ("a b C-a x", "xab"),
            ("a b C-u", ""),
            ("a Space b C-w", "a "),
            ("宿 主 Left 机", "宿机主"),
            ("a b C-x C-z", "ab"),
        ] {
            assert_eq!(typed(keys).line(), line, "{keys}");
        }
    }

    #[test]
    fn earlier_lines_come_back_and_the_new_one_is_kept() {
        let mut prompt = Prompt::default();
        for line in ["one", "two", "two", " "] {
            prompt.open(line.to_owned());
            prompt.take();
        }
        prompt.open("new".to_owned());
        let mut seen = Vec::new();
        for up in [true, true, true, false, false, false] {
            if up {
                prompt.back();
            } else {
                prompt.forth();
            }
            seen.push(prompt.line().to_owned());
        }
        assert_eq!(seen, ["two", "one", "one", "two", "new", "new"]);
    }

    #[test]
    fn what_is_pasted_is_one_line_and_what_is_long_is_scrolled() {
        let mut prompt = Prompt::default();
        prompt.paste("a\nb\x1b[31m\n");
        assert_eq!(prompt.line(), "a b [31m");
        prompt.open("宿".repeat(20));
        let (shown, cursor) = prompt.view(9);
        assert!(unicode_width::UnicodeWidthStr::width(shown.as_str()) <= 9);
        assert!(cursor <= 9, "{cursor}");
        prompt.paste(&"x".repeat(2 * LONGEST));
        assert_eq!(prompt.line().chars().count(), LONGEST);
    }
}
