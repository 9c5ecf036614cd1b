//! Decodes the bytes of the learner's terminal into keys, mouse events and pastes.
//!
//! Knows the sequences of xterm (ctlseqs), those of the Linux console, rxvt and PuTTY where they differ, and
//! the kitty keyboard protocol. Must not read input or clocks: the caller passes both. Answers to questions
//! that nslab never asks are dropped.
//!
//! crossterm's own parser loses keys and waits in read(2) for the rest of a sequence. vte's parser is made for
//! a terminal's output: it drops DEL, ESC, and bytes beyond ASCII after an ESC.

mod sequences;

use std::mem;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use sequences::{application_key, char_key, control_sequence, mouse};

use super::emulator::{NUMBERED, Slot};

/// How long bytes that may be a key of their own (ESC, `ESC [`) wait for the rest of a sequence.
const KEY_WAIT: Duration = Duration::from_millis(25);

/// How long bytes that can only be part of a sequence wait for the rest of it. A slow line may cut
/// a mouse report in two; its second half must not be typed into a shell.
const SEQUENCE_WAIT: Duration = Duration::from_secs(1);

/// The longest answer that is understood, in bytes.
const ANSWER_LIMIT: usize = 64;

/// The most answers that wait to be taken. Further ones are dropped: nslab never asks so much at once.
const ANSWERS: usize = 64;

/// The longest control sequence that is understood, in bytes.
const SEQUENCE_LIMIT: usize = 256;

/// A paste with more bytes comes as several.
const PASTE_LIMIT: usize = 16 * 1024 * 1024;

const PASTE_END: &[u8] = b"\x1b[201~";

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const DEL: u8 = 0x7f;

/// The terminal's answer to a question of nslab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TerminalAnswer {
    Colour(Slot, [u8; 3]),
    /// It knows the kitty keyboard protocol.
    KittyKeyboard,
}

#[derive(Debug, Default)]
pub(crate) struct Decoder {
    state: DecoderState,
    /// The bytes so far of a character, of a sequence's parameters or of a paste.
    held: Vec<u8>,
    /// Whether one more ESC came before the character or sequence: Alt, or the Esc key.
    escaped: bool,
    deadline: Option<Instant>,
    answers: Vec<TerminalAnswer>,
}

#[derive(Debug, Clone, Copy, Default)]
enum DecoderState {
    #[default]
    Ground,
    /// In a character of several bytes.
    Character,
    /// After ESC.
    Escape,
    /// After ESC and a byte that may begin a string: `]` (OSC), `P` (DCS), `_` (APC).
    Introducer(u8),
    /// After `ESC [` (CSI).
    Control,
    /// After `ESC O` (SS3).
    Application,
    /// After `ESC [ M`: three bytes follow.
    OldMouse,
    /// In a string that the terminal sends as an answer.
    Answer,
    /// After ESC in such a string.
    AnswerEscape,
    /// In a paste, after this number of bytes of its end marker.
    Paste(usize),
}

impl Decoder {
    /// Decodes the next bytes. A character, sequence or paste may be cut between two calls.
    ///
    /// Nothing expires here: bytes that were read late may still complete a sequence.
    pub(crate) fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            self.push(*byte, &mut events);
        }
        self.deadline = self.patience().map(|wait| now + wait);
        events
    }

    /// When to call [`Self::expire`] if no byte comes before; `None` if nothing waits.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The keys that waited until the deadline for the rest of a sequence: Esc, Alt-[, Alt-O.
    /// A longer unfinished sequence is dropped. Read what can be read before calling this.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.give_up(&mut events);
        }
        events
    }

    /// The answers of the terminal since the last call.
    pub(crate) fn take_answers(&mut self) -> Vec<TerminalAnswer> {
        mem::take(&mut self.answers)
    }

    fn answered(&mut self, answer: Option<TerminalAnswer>) {
        if self.answers.len() < ANSWERS {
            self.answers.extend(answer);
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self.state {
            // The next byte decides these. The end of a paste may take long: if the paste were given up, its
            // rest would be typed.
            DecoderState::Ground | DecoderState::Character | DecoderState::Paste(_) => None,
            DecoderState::Escape
            | DecoderState::AnswerEscape
            | DecoderState::Introducer(_)
            | DecoderState::Application => Some(KEY_WAIT),
            DecoderState::Control if self.held.is_empty() => Some(KEY_WAIT),
            DecoderState::Control | DecoderState::OldMouse | DecoderState::Answer => {
                Some(SEQUENCE_WAIT)
            }
        }
    }

    fn push(&mut self, byte: u8, events: &mut Vec<Event>) {
        match self.state {
            DecoderState::Ground => self.ground(byte, events),
            DecoderState::Character => self.character(byte, events),
            DecoderState::Escape => self.escape(byte, events),
            DecoderState::Introducer(introducer) => {
                if begins_answer(introducer, byte) {
                    self.finish(None, events);
                    self.held.extend([introducer, byte]);
                    self.state = DecoderState::Answer;
                } else {
                    self.give_up_before(byte, events);
                }
            }
            DecoderState::Control => self.control(byte, events),
            DecoderState::Application => self.application(byte, events),
            DecoderState::OldMouse if byte < b' ' => self.give_up_before(byte, events),
            DecoderState::OldMouse => {
                self.held.push(byte);
                if let [button, column, row] = self.held[..] {
                    let [button, column, row] = [button, column, row].map(|n| u32::from(n) - 32);
                    self.finish(mouse(button, column, row), events);
                }
            }
            DecoderState::Answer => match byte {
                BEL => self.end_answer(),
                ESC => self.state = DecoderState::AnswerEscape,
                // No answer contains a control character: the learner pressed a key.
                0x00..=0x1f => self.give_up_before(byte, events),
                byte if self.held.len() <= ANSWER_LIMIT => self.held.push(byte),
                _ => {}
            },
            DecoderState::AnswerEscape if byte == b'\\' => self.end_answer(),
            DecoderState::AnswerEscape => {
                self.held.clear();
                self.escape(byte, events);
            }
            DecoderState::Paste(matched) => self.paste(matched, byte, events),
        }
    }

    fn ground(&mut self, byte: u8, events: &mut Vec<Event>) {
        let control = |c: u8| KeyEvent::new(KeyCode::Char(char::from(c)), KeyModifiers::CONTROL);
        let key = match byte {
            ESC => {
                self.state = DecoderState::Escape;
                return;
            }
            0x80.. => {
                self.state = DecoderState::Character;
                return self.character(byte, events);
            }
            b'\r' => KeyCode::Enter.into(),
            b'\t' => KeyCode::Tab.into(),
            DEL => KeyCode::Backspace.into(),
            0x00 => control(b' '),
            0x01..=0x1a => control(byte - 1 + b'a'),
            // Ctrl with \ ] ^ _; crossterm names them after the digits and so does the key table.
            0x1c..=0x1f => control(byte - 0x1c + b'4'),
            b' '..=b'~' => char_key(char::from(byte)),
        };
        self.finish(Some(Event::Key(key)), events);
    }

    fn character(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.held.push(byte);
        match str::from_utf8(&self.held) {
            Ok(text) => {
                let key = text.chars().next().map(|c| Event::Key(char_key(c)));
                self.finish(key, events);
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) if self.held.len() == 1 => self.give_up(events),
            Err(_) => self.give_up_before(byte, events),
        }
    }

    fn escape(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.state = match byte {
            b'[' => DecoderState::Control,
            b'O' => DecoderState::Application,
            b']' | b'P' | b'_' => DecoderState::Introducer(byte),
            _ => {
                if mem::replace(&mut self.escaped, true) {
                    events.push(Event::Key(KeyCode::Esc.into()));
                }
                if byte == ESC {
                    DecoderState::Escape
                } else {
                    return self.ground(byte, events);
                }
            }
        };
    }

    fn control(&mut self, byte: u8, events: &mut Vec<Event>) {
        let empty = self.held.is_empty();
        match byte {
            b'M' if empty => self.state = DecoderState::OldMouse,
            // The Linux console's F1 to F5 are `ESC [ [ letter`.
            b'[' if empty => self.held.push(byte),
            // rxvt's Shift: `CSI number $`. In an answer, two numbers precede the `$`.
            b'$' if !empty && self.held.iter().all(u8::is_ascii_digit) => {
                self.end_control(byte, events);
            }
            0x20..=0x3f if self.held.len() < SEQUENCE_LIMIT => self.held.push(byte),
            0x20..=0x3f => {}
            0x40..=0x7e => self.end_control(byte, events),
            _ => self.give_up_before(byte, events),
        }
    }

    fn end_control(&mut self, last: u8, events: &mut Vec<Event>) {
        let begins_paste = last == b'~' && self.held == b"200";
        if last == b'u' && self.held.first() == Some(&b'?') {
            self.answered(Some(TerminalAnswer::KittyKeyboard));
        }
        let event = str::from_utf8(&self.held)
            .ok()
            .filter(|text| text.len() < SEQUENCE_LIMIT)
            .and_then(|text| control_sequence(text, last));
        self.finish(event, events);
        if begins_paste {
            self.state = DecoderState::Paste(0);
        }
    }

    fn end_answer(&mut self) {
        let answer = str::from_utf8(&self.held)
            .ok()
            .filter(|text| text.len() <= ANSWER_LIMIT)
            .and_then(colour_answer);
        self.answered(answer);
        self.held.clear();
        self.state = DecoderState::Ground;
    }

    fn application(&mut self, byte: u8, events: &mut Vec<Event>) {
        if matches!(byte, b'0'..=b'9' | b';') && self.held.len() < SEQUENCE_LIMIT {
            self.held.push(byte);
            return;
        }
        let key = str::from_utf8(&self.held)
            .ok()
            .and_then(|text| application_key(text, byte));
        match key {
            Some(key) => self.finish(Some(Event::Key(key)), events),
            None => self.give_up_before(byte, events),
        }
    }

    fn paste(&mut self, matched: usize, byte: u8, events: &mut Vec<Event>) {
        if byte == PASTE_END[matched] {
            self.state = DecoderState::Paste(matched + 1);
            if matched + 1 == PASTE_END.len() {
                events.push(self.pasted());
                self.state = DecoderState::Ground;
            }
            return;
        }
        // Don't split a UTF-8 character. Invalid bytes may be split.
        let in_character = byte & 0xc0 == 0x80 && self.held.len() < PASTE_LIMIT + 16;
        if self.held.len() >= PASTE_LIMIT && !in_character {
            events.push(self.pasted());
        }
        self.held.extend_from_slice(&PASTE_END[..matched]);
        self.state = if byte == ESC {
            DecoderState::Paste(1)
        } else {
            self.held.push(byte);
            DecoderState::Paste(0)
        };
    }

    fn pasted(&mut self) -> Event {
        Event::Paste(String::from_utf8_lossy(&mem::take(&mut self.held)).into_owned())
    }

    /// Ends a character or sequence. An ESC in front is Alt for a key, and the Esc key otherwise.
    fn finish(&mut self, event: Option<Event>, events: &mut Vec<Event>) {
        self.state = DecoderState::Ground;
        self.held.clear();
        let escaped = mem::take(&mut self.escaped);
        match event {
            Some(Event::Key(mut key)) => {
                key.modifiers.set(
                    KeyModifiers::ALT,
                    escaped || key.modifiers.contains(KeyModifiers::ALT),
                );
                events.push(Event::Key(key));
            }
            other => {
                events.extend(escaped.then(|| Event::Key(KeyCode::Esc.into())));
                events.extend(other);
            }
        }
    }

    /// Ends an incomplete sequence: its bytes are keys of their own, or are dropped.
    fn give_up(&mut self, events: &mut Vec<Event>) {
        let state = self.state;
        let held = mem::take(&mut self.held);
        self.finish(None, events);
        let mut key = |key: KeyEvent| events.push(Event::Key(key));
        let alt = |byte| {
            let mut key = char_key(char::from(byte));
            key.modifiers.insert(KeyModifiers::ALT);
            key
        };
        match state {
            DecoderState::Escape | DecoderState::AnswerEscape => key(KeyCode::Esc.into()),
            DecoderState::Introducer(introducer) => key(alt(introducer)),
            DecoderState::Control if held.is_empty() => key(alt(b'[')),
            DecoderState::Application => {
                key(alt(b'O'));
                held.into_iter().map(char::from).map(char_key).for_each(key);
            }
            DecoderState::Ground
            | DecoderState::Character
            | DecoderState::Control
            | DecoderState::OldMouse
            | DecoderState::Answer
            | DecoderState::Paste(_) => {}
        }
    }

    fn give_up_before(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.give_up(events);
        self.ground(byte, events);
    }
}

/// Whether a byte after ESC and `]`, `P` or `_` is the first of an answer: OSC 10 and others,
/// XTVERSION, DA3, DECRQSS, XTGETTCAP, kitty's graphics. Otherwise Alt was pressed with a letter.
fn begins_answer(introducer: u8, byte: u8) -> bool {
    match introducer {
        b']' => byte.is_ascii_digit(),
        b'P' => matches!(byte, b'0'..=b'9' | b'>' | b'!'),
        _ => byte == b'G',
    }
}

/// The answer to OSC 4, 10 or 11, which begins with its `]`: `]4;1;rgb:cdcd/0000/0000`.
fn colour_answer(text: &str) -> Option<TerminalAnswer> {
    let (asked, value) = text.strip_prefix(']')?.rsplit_once(';')?;
    let slot = match asked.split_once(';') {
        Some(("4", number)) => Slot::Numbered(number.parse().ok().filter(|it| *it < NUMBERED)?),
        Some(_) => return None,
        None if asked == "10" => Slot::Text,
        None if asked == "11" => Slot::Background,
        None => return None,
    };
    let value = value
        .strip_prefix("rgb:")
        .or_else(|| value.strip_prefix("rgba:"))?;
    let mut parts = value.split('/').map(|part| {
        // One to four hexadecimal digits; X(7).
        let most = match part.len() {
            1 => 0xf,
            2 => 0xff,
            3 => 0xfff,
            4 => 0xffff,
            _ => return None,
        };
        let number = u32::from_str_radix(part, 16).ok()?;
        u8::try_from(number * 255 / most).ok()
    });
    let mut next = || parts.next().flatten();
    Some(TerminalAnswer::Colour(slot, [next()?, next()?, next()?]))
}

#[cfg(test)]
mod tests;
