//! Bounds operating system commands (OSC).
//!
//! The parser keeps such a string until it ends, and a child may never end it. The parser doesn't
//! keep other strings (DCS, APC, PM, SOS). Must not know what the strings mean.

/// Longest OSC in bytes that the parser gets. Titles, colours and links are far shorter.
const LIMIT: usize = 4_096;

const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const ESC: u8 = 0x1b;

/// Where the next byte is in relation to an OSC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Elsewhere,
    /// After an ESC.
    Escape,
    /// Inside an OSC, after so many of its bytes.
    Osc(usize),
}

/// Drops the rest of OSC strings that are too long, across chunks.
#[derive(Debug, Default)]
pub(super) struct StringLimit {
    place: Place,
}

impl StringLimit {
    /// Returns bytes for the parser, and the bytes still to split. Drops those between.
    pub(super) fn split<'b>(&mut self, bytes: &'b [u8]) -> (&'b [u8], &'b [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.place {
                Place::Elsewhere => {
                    let Some(escape) = memchr::memchr(ESC, rest) else {
                        break;
                    };
                    self.place = Place::Escape;
                    at += escape + 1;
                }
                Place::Escape => {
                    self.place = after_escape(rest[0]);
                    at += 1;
                }
                Place::Osc(passed) => {
                    let length = rest
                        .iter()
                        .position(|byte| matches!(*byte, BEL | CAN | SUB | ESC))
                        .unwrap_or(rest.len());
                    let room = LIMIT - passed;
                    if length > room {
                        self.place = Place::Osc(LIMIT);
                        return (&bytes[..at + room], &rest[length..]);
                    }
                    at += length;
                    self.place = match bytes.get(at) {
                        None => Place::Osc(passed + length),
                        Some(&ESC) => Place::Escape,
                        Some(_) => Place::Elsewhere,
                    };
                    at += 1;
                }
            }
        }
        (bytes, &[])
    }
}

/// The parser's rules for a byte after ESC: controls and bytes without a meaning leave it waiting.
fn after_escape(byte: u8) -> Place {
    match byte {
        b']' => Place::Osc(0),
        CAN | SUB => Place::Elsewhere,
        0x00..=0x1f | 0x7f..=0xff => Place::Escape,
        _ => Place::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(limit: &mut StringLimit, chunk: &[u8]) -> Vec<u8> {
        let mut passed = Vec::new();
        let mut rest = chunk;
        while !rest.is_empty() {
            let (piece, left) = limit.split(rest);
            passed.extend_from_slice(piece);
            rest = left;
        }
        passed
    }

    #[test]
    fn long_strings_lose_their_middle_in_any_chunks() {
        let body = "x".repeat(3 * LIMIT);
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
                let stream = format!("before{start}{body}{end}after");
                let expected = format!("before{start}{kept}{end}after");
                for size in [1, 2, 3, 7, 4_096, 4_097, stream.len()] {
                    let mut limit = StringLimit::default();
                    let passed: Vec<u8> = stream
                        .as_bytes()
                        .chunks(size)
                        .flat_map(|chunk| pass(&mut limit, chunk))
                        .collect();
                    assert!(
                        passed == expected.as_bytes(),
                        "{start:?} … {end:?} in chunks of {size}"
                    );
                }
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
                pass(&mut StringLimit::default(), stream.as_bytes()) == stream.as_bytes(),
                "{start:?}"
            );
        }
    }

    #[test]
    fn short_strings_pass_whole() {
        let stream = b"\x1b]0;title\x07text\x1b]11;?\x1b\\more\x1b]52;c;aGk=\x07";
        assert_eq!(pass(&mut StringLimit::default(), stream), stream);
    }
}
