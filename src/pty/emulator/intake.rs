//! Prepares the bytes for the parser: bounds operating system commands (OSC), and puts the extras into a form
//! that the parser knows.
//!
//! The parser keeps an OSC until it ends, and a child may never end it. The parser doesn't keep other
//! strings (DCS, APC, PM, SOS). Must not know what the strings mean.

use std::borrow::Cow;

use super::extras::{self, Recognized, Replacement};

/// Longest OSC in bytes that the parser gets. Only a text for the clipboard is nearly as long.
pub(super) const LIMIT: usize = 128 * 1024;

const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const ESC: u8 = 0x1b;

/// The place of the next byte in relation to an OSC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum OscPlace {
    #[default]
    Elsewhere,
    /// After an ESC.
    Escape,
    /// Inside an OSC, after this number of its bytes.
    Osc(usize),
}

/// Drops the rest of OSC strings that are too long and replaces the extras, across chunks.
#[derive(Debug, Default)]
pub(super) struct Intake {
    place: OscPlace,
    /// The start of an extra at the end of the last chunk; at most 14 bytes.
    held: Vec<u8>,
}

/// A step of the intake.
pub(super) struct IntakeStep<'b> {
    /// Bytes for the parser, unchanged.
    pub(super) bytes: &'b [u8],
    /// Bytes for the parser after those, in place of dropped ones.
    pub(super) instead: Option<Replacement>,
    /// Bytes still to take.
    pub(super) rest: &'b [u8],
}

impl Intake {
    /// A chunk, with what was held back before it.
    pub(super) fn joined<'b>(&mut self, chunk: &'b [u8]) -> Cow<'b, [u8]> {
        if self.held.is_empty() || chunk.is_empty() {
            return chunk.into();
        }
        let mut joined = std::mem::take(&mut self.held);
        joined.extend_from_slice(chunk);
        joined.into()
    }

    pub(super) fn take<'b>(&mut self, bytes: &'b [u8]) -> IntakeStep<'b> {
        let taken = |end: usize, instead, rest: usize| IntakeStep {
            bytes: &bytes[..end],
            instead,
            rest: &bytes[rest..],
        };
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.place {
                OscPlace::Elsewhere => {
                    let Some(escape) = memchr::memchr(ESC, rest) else {
                        break;
                    };
                    at += escape;
                    match extras::find(&bytes[at..]) {
                        Recognized::Nothing => self.place = OscPlace::Escape,
                        Recognized::Start => {
                            self.held = bytes[at..].to_vec();
                            return taken(at, None, bytes.len());
                        }
                        Recognized::Whole(length, instead) => {
                            return taken(at, Some(instead), at + length);
                        }
                    }
                    at += 1;
                }
                // A second ESC begins a new sequence.
                OscPlace::Escape if rest[0] == ESC => self.place = OscPlace::Elsewhere,
                OscPlace::Escape => {
                    self.place = after_escape(rest[0]);
                    at += 1;
                }
                OscPlace::Osc(passed) => {
                    let length = rest
                        .iter()
                        .position(|byte| matches!(*byte, BEL | CAN | SUB | ESC))
                        .unwrap_or(rest.len());
                    let room = LIMIT - passed;
                    if length > room {
                        self.place = OscPlace::Osc(LIMIT);
                        return taken(at + room, None, at + length);
                    }
                    at += length;
                    self.place = match bytes.get(at) {
                        None => OscPlace::Osc(passed + length),
                        Some(_) => OscPlace::Elsewhere,
                    };
                    // An ESC begins the next sequence.
                    at += usize::from(bytes.get(at) != Some(&ESC));
                }
            }
        }
        taken(bytes.len(), None, bytes.len())
    }
}

/// The parser's rules for a byte after ESC: controls and bytes without a meaning leave it waiting.
fn after_escape(byte: u8) -> OscPlace {
    match byte {
        b']' => OscPlace::Osc(0),
        CAN | SUB => OscPlace::Elsewhere,
        0x00..=0x1f | 0x7f..=0xff => OscPlace::Escape,
        _ => OscPlace::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pty::emulator::extras::{TABLE, replacement};

    /// The bytes of a stream that the parser gets.
    fn passed(stream: &[u8], size: usize) -> Vec<u8> {
        let mut intake = Intake::default();
        let mut passed = Vec::new();
        for chunk in stream.chunks(size) {
            let joined = intake.joined(chunk);
            let mut rest = &joined[..];
            while !rest.is_empty() {
                let taken = intake.take(rest);
                passed.extend_from_slice(taken.bytes);
                passed.extend_from_slice(&taken.instead.unwrap_or_default());
                rest = taken.rest;
            }
            assert!(intake.held.len() <= 14, "{:?}", intake.held);
        }
        passed
    }

    #[test]
    fn long_strings_lose_their_middle_in_any_chunks() {
        let kept = "x".repeat(LIMIT);
        let ends: [&str; 5] = ["\x07", "\x1b\\", "\x18", "\x1a", "\x1b[m"];
        for end in ends {
            for start in [
                "\x1b]",
                "\x1b\x1b]",
                "\x1b\x00]",
                "\x1b[1\x1b]",
                "\x1bPq\x1b]",
            ] {
                let expected = format!("before{start}{kept}{end}after");
                // In large chunks, more than one of them is lost.
                for (size, length) in [
                    (1, LIMIT + 9),
                    (7, LIMIT + 99),
                    (4_097, 3 * LIMIT),
                    (LIMIT, 3 * LIMIT),
                    (LIMIT + 1, 3 * LIMIT),
                    (usize::MAX, 3 * LIMIT),
                ] {
                    let body = "x".repeat(length);
                    let stream = format!("before{start}{body}{end}after");
                    assert!(
                        passed(stream.as_bytes(), size) == expected.as_bytes(),
                        "{start:?} … {end:?} in chunks of {size}"
                    );
                }
            }
        }
    }

    #[test]
    fn each_is_found_in_any_chunks() {
        let unknown: [&[u8]; 2] = [b"\x1bP$qz\x1b\\", b"\x1bP$q\x1b\\"];
        let known = TABLE.iter().map(|(sequence, _)| *sequence);
        for (at, sequence) in known.chain(unknown).enumerate() {
            let instead = replacement(at.min(TABLE.len()));
            let stream = [b"ab\x1b[1m", sequence, sequence, b"c\x1b[m"].concat();
            let expected = [b"ab\x1b[1m", &*instead, &instead, b"c\x1b[m"].concat();
            for chunk in 1..=stream.len() {
                assert!(
                    passed(&stream, chunk) == expected,
                    "{sequence:?} by {chunk}"
                );
            }
        }
    }

    #[test]
    fn all_else_passes_unchanged() {
        let streams: [&[u8]; 10] = [
            b"text",
            b"\x1b[?25l\x1b[?2026h\x1b[>1u\x1b[=5;1u\x1b[>c",
            b"\x1b[?60n\x1b[?66n\x1b[!q\x1b[=1c\x1b[>1q",
            b"\x1bP$q0123456789m\x1b\\x",
            b"\x1bP$q\x18x",
            b"\x1bPq~~\x1b\\x",
            b"\x1b\x1b[1m\x1b\x1b",
            b"\x1b]0;title\x07\x1b(0",
            b"\x1b[?\x1b[?6\x1b[1Jx",
            "\u{9b}!p中".as_bytes(),
        ];
        for stream in streams {
            for chunk in 1..=stream.len() {
                // A stream that ends in the middle of a sequence is still held.
                let ends = [stream, b"x"].concat();
                assert!(passed(&ends, chunk) == ends, "{stream:?} by {chunk}");
            }
        }
    }

    #[test]
    fn what_is_no_osc_passes_whole() {
        for start in [
            "",
            "\x1b[",
            "\x1bP",
            "\x1b_",
            "\x1b(]",
            "\x1bX",
            "\x1b\x18]",
            "]",
        ] {
            let stream = format!("{start}{}", "y".repeat(2 * LIMIT));
            assert!(
                passed(stream.as_bytes(), stream.len()) == stream.as_bytes(),
                "{start:?}"
            );
        }
    }

    #[test]
    fn short_strings_pass_whole() {
        let stream = b"\x1b]0;title\x07text\x1b]11;?\x1b\\more\x1b]52;c;aGk=\x07";
        assert_eq!(passed(stream, stream.len()), stream);
    }
}
