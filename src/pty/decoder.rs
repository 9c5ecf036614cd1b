//! What the learner's terminal sends, as keys, mouse events and pastes.
//!
//! Owns the decoding of the bytes: xterm's (ctlseqs), those of the Linux console, rxvt and PuTTY
//! where they differ, and the kitty keyboard protocol's. Must not read, nor ask for the time: the
//! caller brings both. What a terminal answers to questions that nslab never asks is dropped.
//!
//! crossterm's own parser loses keys and waits in read(2) for the rest of a sequence. vte's parser
//! is made for a terminal's output: it drops DEL, ESC and what is no ASCII after an ESC.

use std::mem;
use std::time::{Duration, Instant};

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, MediaKeyCode,
    ModifierKeyCode, MouseButton, MouseEvent, MouseEventKind,
};

use super::emulator::{NUMBERED, Slot};

/// How long bytes that may be a key of their own (ESC, `ESC [`) wait for the rest of a sequence.
const KEY_WAIT: Duration = Duration::from_millis(25);

/// How long bytes that can only be part of a sequence wait for the rest of it. A slow line may cut
/// a mouse report in two; its second half must not be typed into a shell.
const SEQUENCE_WAIT: Duration = Duration::from_secs(1);

/// The longest answer that is understood, in bytes.
const ANSWER_LIMIT: usize = 64;

/// Answers that wait to be taken; of a flood of them, nobody asked for the rest.
const ANSWERS: usize = 64;

/// The longest control sequence that is understood, in bytes.
const SEQUENCE_LIMIT: usize = 256;

/// A paste with more bytes comes as several.
const PASTE_LIMIT: usize = 16 * 1024 * 1024;

const PASTE_END: &[u8] = b"\x1b[201~";

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const DEL: u8 = 0x7f;

/// What the terminal answers to the questions that nslab asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Colour(Slot, [u8; 3]),
    /// It knows the kitty keyboard protocol.
    KittyKeyboard,
}

#[derive(Debug, Default)]
pub(crate) struct Decoder {
    state: State,
    /// The bytes so far of a character, of a sequence's parameters or of a paste.
    held: Vec<u8>,
    /// Whether one more ESC came before the character or sequence: Alt, or the Esc key.
    escaped: bool,
    deadline: Option<Instant>,
    answers: Vec<Answer>,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
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
    /// In a paste, after so many bytes of its end marker.
    Paste(usize),
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Decodes the next bytes. A character, sequence or paste may be cut between two calls.
    ///
    /// Nothing expires here: bytes that were read late may still complete what waits.
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
    pub(crate) fn take_answers(&mut self) -> Vec<Answer> {
        mem::take(&mut self.answers)
    }

    fn answered(&mut self, answer: Option<Answer>) {
        if self.answers.len() < ANSWERS {
            self.answers.extend(answer);
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self.state {
            // The next byte decides these. The end of a paste may be long in coming: if it were
            // given up, the rest would be typed.
            State::Ground | State::Character | State::Paste(_) => None,
            State::Escape | State::AnswerEscape | State::Introducer(_) | State::Application => {
                Some(KEY_WAIT)
            }
            State::Control if self.held.is_empty() => Some(KEY_WAIT),
            State::Control | State::OldMouse | State::Answer => Some(SEQUENCE_WAIT),
        }
    }

    fn push(&mut self, byte: u8, events: &mut Vec<Event>) {
        match self.state {
            State::Ground => self.ground(byte, events),
            State::Character => self.character(byte, events),
            State::Escape => self.escape(byte, events),
            State::Introducer(introducer) => {
                if begins_answer(introducer, byte) {
                    self.finish(None, events);
                    self.held.extend([introducer, byte]);
                    self.state = State::Answer;
                } else {
                    self.give_up_before(byte, events);
                }
            }
            State::Control => self.control(byte, events),
            State::Application => self.application(byte, events),
            State::OldMouse if byte < b' ' => self.give_up_before(byte, events),
            State::OldMouse => {
                self.held.push(byte);
                if let [button, column, row] = self.held[..] {
                    let [button, column, row] = [button, column, row].map(|n| u32::from(n) - 32);
                    self.finish(mouse(button, column, row), events);
                }
            }
            State::Answer => match byte {
                BEL => self.end_answer(),
                ESC => self.state = State::AnswerEscape,
                // No answer contains a control character: the learner pressed a key.
                0x00..=0x1f => self.give_up_before(byte, events),
                byte if self.held.len() <= ANSWER_LIMIT => self.held.push(byte),
                _ => {}
            },
            State::AnswerEscape if byte == b'\\' => self.end_answer(),
            State::AnswerEscape => {
                self.held.clear();
                self.escape(byte, events);
            }
            State::Paste(matched) => self.paste(matched, byte, events),
        }
    }

    fn ground(&mut self, byte: u8, events: &mut Vec<Event>) {
        let control = |c: u8| KeyEvent::new(KeyCode::Char(char::from(c)), KeyModifiers::CONTROL);
        let key = match byte {
            ESC => {
                self.state = State::Escape;
                return;
            }
            0x80.. => {
                self.state = State::Character;
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
            b'[' => State::Control,
            b'O' => State::Application,
            b']' | b'P' | b'_' => State::Introducer(byte),
            _ => {
                if mem::replace(&mut self.escaped, true) {
                    events.push(Event::Key(KeyCode::Esc.into()));
                }
                if byte == ESC {
                    State::Escape
                } else {
                    return self.ground(byte, events);
                }
            }
        };
    }

    fn control(&mut self, byte: u8, events: &mut Vec<Event>) {
        let empty = self.held.is_empty();
        match byte {
            b'M' if empty => self.state = State::OldMouse,
            // The Linux console's F1 to F5 are `ESC [ [ letter`.
            b'[' if empty => self.held.push(byte),
            // rxvt's Shift: `CSI number $`. In an answer, two numbers stand before the `$`.
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
            self.answered(Some(Answer::KittyKeyboard));
        }
        let event = str::from_utf8(&self.held)
            .ok()
            .filter(|text| text.len() < SEQUENCE_LIMIT)
            .and_then(|text| control_sequence(text, last));
        self.finish(event, events);
        if begins_paste {
            self.state = State::Paste(0);
        }
    }

    fn end_answer(&mut self) {
        let answer = str::from_utf8(&self.held)
            .ok()
            .filter(|text| text.len() <= ANSWER_LIMIT)
            .and_then(colour_answer);
        self.answered(answer);
        self.held.clear();
        self.state = State::Ground;
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
            self.state = State::Paste(matched + 1);
            if matched + 1 == PASTE_END.len() {
                events.push(self.pasted());
                self.state = State::Ground;
            }
            return;
        }
        // No character is cut in two; bytes that are none may be.
        let in_character = byte & 0xc0 == 0x80 && self.held.len() < PASTE_LIMIT + 16;
        if self.held.len() >= PASTE_LIMIT && !in_character {
            events.push(self.pasted());
        }
        self.held.extend_from_slice(&PASTE_END[..matched]);
        self.state = if byte == ESC {
            State::Paste(1)
        } else {
            self.held.push(byte);
            State::Paste(0)
        };
    }

    fn pasted(&mut self) -> Event {
        Event::Paste(String::from_utf8_lossy(&mem::take(&mut self.held)).into_owned())
    }

    /// Ends a character or sequence. An ESC in front is Alt for a key, and the Esc key otherwise.
    fn finish(&mut self, event: Option<Event>, events: &mut Vec<Event>) {
        self.state = State::Ground;
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

    /// What waits will not be completed: it is the keys that its bytes are, or nothing.
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
            State::Escape | State::AnswerEscape => key(KeyCode::Esc.into()),
            State::Introducer(introducer) => key(alt(introducer)),
            State::Control if held.is_empty() => key(alt(b'[')),
            State::Application => {
                key(alt(b'O'));
                held.into_iter().map(char::from).map(char_key).for_each(key);
            }
            State::Ground
            | State::Character
            | State::Control
            | State::OldMouse
            | State::Answer
            | State::Paste(_) => {}
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
fn colour_answer(text: &str) -> Option<Answer> {
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
    Some(Answer::Colour(slot, [next()?, next()?, next()?]))
}

/// A character's key. crossterm tells Shift with a capital.
fn char_key(c: char) -> KeyEvent {
    let modifiers = if c.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    KeyEvent::new(KeyCode::Char(c), modifiers)
}

/// The event of `CSI text last`; `None` for an answer and for what is unknown.
fn control_sequence(text: &str, last: u8) -> Option<Event> {
    match (text, last) {
        ("", b'I') => Some(Event::FocusGained),
        ("", b'O') => Some(Event::FocusLost),
        ("[", b'A'..=b'E') => Some(Event::Key(KeyCode::F(1 + last - b'A').into())),
        (_, b'M' | b'm') => sgr_or_rxvt_mouse(text, last == b'm'),
        _ => control_key(text, last).map(Event::Key),
    }
}

/// A number of a sequence: the parameter, then its sub-parameter. 0 where it is left out, `None`
/// where it is no number.
fn number(text: &str, parameter: usize, sub: usize) -> Option<u32> {
    let parameter = text.split(';').nth(parameter);
    match parameter.and_then(|numbers| numbers.split(':').nth(sub)) {
        None | Some("") => Some(0),
        Some(digits) => digits.parse().ok(),
    }
}

fn control_key(text: &str, last: u8) -> Option<KeyEvent> {
    let first = number(text, 0, 0)?;
    let (second, kind) = (number(text, 1, 0)?, number(text, 1, 1)?);
    let alone = !text.contains(';');
    let rxvt = |code, modifiers| Some(KeyEvent::new(code, modifiers));
    match last {
        b'~' if first == 27 && !alone => coded(number(text, 2, 0)?, 0, second, kind),
        b'~' => modified(numbered(first)?, second, kind),
        b'u' => {
            let (shifted, base) = (number(text, 0, 1)?, number(text, 0, 2)?);
            let shortcut = second.saturating_sub(1) & (2 | 4) != 0;
            // Ctrl with a letter of another script is Ctrl with the Latin letter on the same key.
            let latin = shortcut && first > 127 && (1..=127).contains(&base);
            coded(if latin { base } else { first }, shifted, second, kind)
        }
        b'$' if alone => rxvt(numbered(first)?, KeyModifiers::SHIFT),
        b'^' if alone => rxvt(numbered(first)?, KeyModifiers::CONTROL),
        b'@' if alone => rxvt(
            numbered(first)?,
            KeyModifiers::SHIFT | KeyModifiers::CONTROL,
        ),
        b'a'..=b'd' if text.is_empty() => {
            rxvt(lettered(last.to_ascii_uppercase())?, KeyModifiers::SHIFT)
        }
        b'Z' => modified(KeyCode::BackTab, second, kind).map(|mut key| {
            key.modifiers.insert(KeyModifiers::SHIFT);
            key
        }),
        // The cursor's position. In the first row it reads as F3, which is what it is: nslab
        // never asks for the position.
        b'R' if !alone && first > 1 => None,
        // The Linux console's 5 in the middle of the keypad.
        b'G' if text.is_empty() => Some(KeyCode::KeypadBegin.into()),
        _ => modified(lettered(last)?, if alone { first } else { second }, kind),
    }
}

/// The key of `SS3 text last`.
fn application_key(text: &str, last: u8) -> Option<KeyEvent> {
    if let Some(code) = lettered(last) {
        // `SS3 2 P` and `SS3 1 ; 2 P` are Konsole's and old xterm's Shift-F1.
        let modifiers = text.rsplit(';').next().unwrap_or_default();
        return modified(code, number(modifiers, 0, 0)?, 0);
    }
    if !text.is_empty() {
        return None;
    }
    let code = match last {
        b'M' => KeyCode::Enter,
        b'X' => KeyCode::Char('='),
        b'j'..=b'o' => KeyCode::Char(char::from(last - b'j' + b'*')),
        b'p'..=b'y' => KeyCode::Char(char::from(last - b'p' + b'0')),
        // rxvt's Ctrl with an arrow.
        b'a'..=b'd' => {
            let arrow = lettered(last.to_ascii_uppercase())?;
            return Some(KeyEvent::new(arrow, KeyModifiers::CONTROL));
        }
        _ => return None,
    };
    Some(KeyEvent::new_with_kind_and_state(
        code,
        KeyModifiers::NONE,
        KeyEventKind::Press,
        KeyEventState::KEYPAD,
    ))
}

/// A key with xterm's number for the modifiers (1 is none) and kitty's for press and release.
fn modified(code: KeyCode, modifiers: u32, kind: u32) -> Option<KeyEvent> {
    let bits = u8::try_from(modifiers.saturating_sub(1)).ok()?;
    let names = [
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
        KeyModifiers::SUPER,
        KeyModifiers::HYPER,
        KeyModifiers::META,
    ];
    let locks = [KeyEventState::CAPS_LOCK, KeyEventState::NUM_LOCK];
    let held = |bit: usize| bits >> bit & 1 == 1;
    Some(KeyEvent {
        code,
        modifiers: (0..6)
            .filter(|bit| held(*bit))
            .map(|bit| names[bit])
            .collect(),
        kind: match kind {
            2 => KeyEventKind::Repeat,
            3 => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        },
        state: (0..2)
            .filter(|bit| held(bit + 6))
            .map(|bit| locks[bit])
            .collect(),
    })
}

/// The key of a letter after CSI or SS3.
fn lettered(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(1 + letter - b'P'),
        _ => return None,
    })
}

/// The key of `CSI number ~`.
fn numbered(number: u32) -> Option<KeyCode> {
    let number = u8::try_from(number).ok()?;
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23..=26 => KeyCode::F(number - 12),
        // 29 is also the Menu key.
        28 | 29 => KeyCode::F(number - 13),
        31..=34 => KeyCode::F(number - 14),
        _ => return None,
    })
}

/// The key of `CSI code u` (kitty) and of `CSI 27 ; modifiers ; code ~` (xterm's modifyOtherKeys).
fn coded(code: u32, shifted: u32, modifiers: u32, kind: u32) -> Option<KeyEvent> {
    let mut key = modified(KeyCode::Null, modifiers, kind)?;
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    key.code = match code {
        8 | 127 => KeyCode::Backspace,
        9 if shift => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        57_344..=63_743 => functional(code)?,
        code => KeyCode::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    };
    if matches!(code, 57_399..=57_427) {
        key.state.insert(KeyEventState::KEYPAD);
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if shift && let KeyCode::Char(c) = key.code {
        let shifted = char::from_u32(shifted).filter(|c| !c.is_control());
        // Without Ctrl, a letter with Shift is a capital.
        let capital = (!control && c.is_alphabetic()).then(|| capital(c));
        if let Some(c) = shifted.or(capital) {
            key.code = KeyCode::Char(c);
            key.modifiers.set(KeyModifiers::SHIFT, c.is_alphabetic());
        }
    }
    Some(key)
}

fn capital(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

/// The kitty keyboard protocol's functional keys, in the order of their codes.
fn functional(code: u32) -> Option<KeyCode> {
    use KeyCode as K;
    use MediaKeyCode as M;
    use ModifierKeyCode as Mod;
    const LOCKS: [K; 6] = [
        K::CapsLock,
        K::ScrollLock,
        K::NumLock,
        K::PrintScreen,
        K::Pause,
        K::Menu,
    ];
    const KEYPAD: [K; 11] = [
        K::Left,
        K::Right,
        K::Up,
        K::Down,
        K::PageUp,
        K::PageDown,
        K::Home,
        K::End,
        K::Insert,
        K::Delete,
        K::KeypadBegin,
    ];
    const MEDIA: [M; 13] = [
        M::Play,
        M::Pause,
        M::PlayPause,
        M::Reverse,
        M::Stop,
        M::FastForward,
        M::Rewind,
        M::TrackNext,
        M::TrackPrevious,
        M::Record,
        M::LowerVolume,
        M::RaiseVolume,
        M::MuteVolume,
    ];
    const MODIFIERS: [Mod; 14] = [
        Mod::LeftShift,
        Mod::LeftControl,
        Mod::LeftAlt,
        Mod::LeftSuper,
        Mod::LeftHyper,
        Mod::LeftMeta,
        Mod::RightShift,
        Mod::RightControl,
        Mod::RightAlt,
        Mod::RightSuper,
        Mod::RightHyper,
        Mod::RightMeta,
        Mod::IsoLevel3Shift,
        Mod::IsoLevel5Shift,
    ];
    let at = |first| usize::try_from(code - first).ok();
    Some(match code {
        57_358..=57_363 => LOCKS[at(57_358)?],
        57_376..=57_398 => K::F(u8::try_from(code - 57_376).ok()? + 13),
        57_399..=57_413 => K::Char(char::from(b"0123456789./*-+"[at(57_399)?])),
        57_414 => K::Enter,
        57_415 => K::Char('='),
        57_416 => K::Char(','),
        57_417..=57_427 => KEYPAD[at(57_417)?],
        57_428..=57_440 => K::Media(MEDIA[at(57_428)?]),
        57_441..=57_454 => K::Modifier(MODIFIERS[at(57_441)?]),
        _ => return None,
    })
}

/// `CSI < button ; column ; row M` (or `m` for a release), and rxvt's form without the `<`.
fn sgr_or_rxvt_mouse(text: &str, released: bool) -> Option<Event> {
    let (report, offset) = match text.strip_prefix('<') {
        Some(report) => (report, 0),
        None if released => return None,
        None => (text, 32),
    };
    let button = number(report, 0, 0)?.checked_sub(offset)?;
    let mut event = mouse(button, number(report, 1, 0)?, number(report, 2, 0)?)?;
    if released
        && let Event::Mouse(event) = &mut event
        && let MouseEventKind::Down(button) = event.kind
    {
        event.kind = MouseEventKind::Up(button);
    }
    Some(event)
}

/// A mouse event. Columns and rows count from 1 in a report, and from 0 in an event.
fn mouse(button: u32, column: u32, row: u32) -> Option<Event> {
    let kind = match button & !(4 | 8 | 16) {
        0 => MouseEventKind::Down(MouseButton::Left),
        1 => MouseEventKind::Down(MouseButton::Middle),
        2 => MouseEventKind::Down(MouseButton::Right),
        // The old forms do not say which button was released.
        3 => MouseEventKind::Up(MouseButton::Left),
        32 => MouseEventKind::Drag(MouseButton::Left),
        33 => MouseEventKind::Drag(MouseButton::Middle),
        34 => MouseEventKind::Drag(MouseButton::Right),
        35 | 96 | 97 => MouseEventKind::Moved,
        64 => MouseEventKind::ScrollUp,
        65 => MouseEventKind::ScrollDown,
        66 => MouseEventKind::ScrollLeft,
        67 => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let modifiers = [
        (4, KeyModifiers::SHIFT),
        (8, KeyModifiers::ALT),
        (16, KeyModifiers::CONTROL),
    ];
    Some(Event::Mouse(MouseEvent {
        kind,
        column: u16::try_from(column.checked_sub(1)?).ok()?,
        row: u16::try_from(row.checked_sub(1)?).ok()?,
        modifiers: modifiers
            .into_iter()
            .filter(|(bit, _)| button & bit != 0)
            .map(|(_, modifier)| modifier)
            .collect(),
    }))
}

#[cfg(test)]
mod tests;
