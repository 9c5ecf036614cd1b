//! Sequences that the parser drops, though xterm knows them.
//!
//! Each is replaced in the bytes by a sequence that the parser passes on: the setting of a private mode that no
//! terminal has. So it stays in its place, also in a synchronized update, which the parser holds back as
//! bytes. Must not know what a sequence does.

use std::borrow::Cow;

const ESC: u8 = 0x1b;

/// A sequence that the parser drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    /// DECSTR
    SoftReset,
    /// DECXCPR: where is the cursor?
    CursorReport,
    /// DA3
    UnitId,
    /// XTVERSION
    Version,
    /// LS2: the characters of G2.
    LockingShift2,
    /// LS3: the characters of G3.
    LockingShift3,
    /// DECRQSS: how is this set?
    StatusRequest(StatusRequest),
}

/// A setting that DECRQSS can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusRequest {
    /// SGR
    Rendition,
    /// DECSTBM
    Margins,
    /// DECSCUSR
    CursorStyle,
    /// DECSCL
    Conformance,
    /// DECSCA
    Protection,
    Unknown,
}

use Extra::StatusRequest as Asks;
use StatusRequest as S;

/// The replacement of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReplacedBy {
    /// The private mode that represents this.
    Extra(Extra),
    /// A sequence that it knows.
    Known(&'static [u8]),
}

pub(super) const TABLE: [(&[u8], ReplacedBy); 22] = [
    (b"\x1b[!p", ReplacedBy::Extra(Extra::SoftReset)),
    (b"\x1b[?6n", ReplacedBy::Extra(Extra::CursorReport)),
    (b"\x1b[=c", ReplacedBy::Extra(Extra::UnitId)),
    (b"\x1b[=0c", ReplacedBy::Extra(Extra::UnitId)),
    (b"\x1b[>q", ReplacedBy::Extra(Extra::Version)),
    (b"\x1b[>0q", ReplacedBy::Extra(Extra::Version)),
    (b"\x1bn", ReplacedBy::Extra(Extra::LockingShift2)),
    (b"\x1bo", ReplacedBy::Extra(Extra::LockingShift3)),
    (b"\x1bP$qm\x1b\\", ReplacedBy::Extra(Asks(S::Rendition))),
    (b"\x1bP$qr\x1b\\", ReplacedBy::Extra(Asks(S::Margins))),
    (b"\x1bP$q q\x1b\\", ReplacedBy::Extra(Asks(S::CursorStyle))),
    (b"\x1bP$q\"p\x1b\\", ReplacedBy::Extra(Asks(S::Conformance))),
    (b"\x1bP$q\"q\x1b\\", ReplacedBy::Extra(Asks(S::Protection))),
    // No character is ever protected from being erased (DECSED, DECSEL).
    (b"\x1b[?J", ReplacedBy::Known(b"\x1b[J")),
    (b"\x1b[?0J", ReplacedBy::Known(b"\x1b[J")),
    (b"\x1b[?1J", ReplacedBy::Known(b"\x1b[1J")),
    (b"\x1b[?2J", ReplacedBy::Known(b"\x1b[2J")),
    (b"\x1b[?3J", ReplacedBy::Known(b"\x1b[3J")),
    (b"\x1b[?K", ReplacedBy::Known(b"\x1b[K")),
    (b"\x1b[?0K", ReplacedBy::Known(b"\x1b[K")),
    (b"\x1b[?1K", ReplacedBy::Known(b"\x1b[1K")),
    (b"\x1b[?2K", ReplacedBy::Known(b"\x1b[2K")),
];

/// The number of the private mode that represents the first sequence of the table. The others follow in order, and
/// after them the requests of DECRQSS for unknown settings.
const FIRST: usize = 60_000;

/// The start of DECRQSS. What it asks for takes two bytes, and no more than this many are looked at.
const SETTING: &[u8] = b"\x1bP$q";
const LONGEST_SETTING: usize = 8;

impl Extra {
    /// The extra that a private mode represents.
    pub(super) fn of_mode(number: u16) -> Option<Extra> {
        let at = usize::from(number).checked_sub(FIRST)?;
        match TABLE.get(at) {
            Some((_, ReplacedBy::Extra(extra))) => Some(*extra),
            None if at == TABLE.len() => Some(Asks(S::Unknown)),
            Some((_, ReplacedBy::Known(_))) | None => None,
        }
    }
}

/// The replacement of the sequence at this place of the table, or behind it of a request for an unknown setting.
pub(super) fn replacement(at: usize) -> Replacement {
    match TABLE.get(at) {
        Some((_, ReplacedBy::Known(bytes))) => (*bytes).into(),
        Some((_, ReplacedBy::Extra(_))) | None => {
            format!("\x1b[?{}h", FIRST + at).into_bytes().into()
        }
    }
}

/// The bytes that the parser gets instead of a sequence.
pub(super) type Replacement = Cow<'static, [u8]>;

/// The meaning of the bytes from an ESC on.
pub(super) enum Recognized {
    Nothing,
    /// The start of one of these sequences; its end has not come yet.
    Start,
    /// A whole sequence: its number of bytes, and their replacement.
    Whole(usize, Replacement),
}

pub(super) fn find(bytes: &[u8]) -> Recognized {
    // Nearly all sequences differ from these in their third byte.
    match bytes {
        [_, b'[', b'!' | b'?' | b'=' | b'>', ..]
        | [_, b'P' | b'n' | b'o', ..]
        | [_, b'[']
        | [_] => {}
        _ => return Recognized::Nothing,
    }
    for (at, (sequence, _)) in TABLE.iter().enumerate() {
        if bytes.starts_with(sequence) {
            return Recognized::Whole(sequence.len(), replacement(at));
        }
    }
    if let Some(asked) = bytes.strip_prefix(SETTING) {
        let end = asked.iter().position(|byte| !matches!(byte, 0x20..=0x7e));
        return match (end, end.map_or(&[][..], |end| &asked[end..])) {
            (Some(end), [ESC, b'\\', ..]) if end <= LONGEST_SETTING => {
                Recognized::Whole(SETTING.len() + end + 2, replacement(TABLE.len()))
            }
            (Some(end), [ESC]) if end <= LONGEST_SETTING => Recognized::Start,
            (None, _) if asked.len() <= LONGEST_SETTING => Recognized::Start,
            _ => Recognized::Nothing,
        };
    }
    let begins = |sequence: &[u8]| sequence.starts_with(bytes);
    if begins(SETTING) || TABLE.iter().any(|(sequence, _)| begins(sequence)) {
        return Recognized::Start;
    }
    Recognized::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_stand_for_them() {
        let known = TABLE.iter().map(|(_, instead)| *instead);
        let unknown = ReplacedBy::Extra(Asks(S::Unknown));
        for (at, instead) in known.chain([unknown]).enumerate() {
            let bytes = replacement(at);
            match instead {
                ReplacedBy::Known(known) => assert_eq!(&*bytes, known),
                ReplacedBy::Extra(extra) => {
                    let number = String::from_utf8_lossy(&bytes[3..bytes.len() - 1]).parse();
                    assert_eq!(Extra::of_mode(number.unwrap()), Some(extra));
                }
            }
        }
        let first = u16::try_from(FIRST).unwrap();
        for number in [
            0,
            47,
            1049,
            2026,
            first - 1,
            first + 13,
            first + 23,
            u16::MAX,
        ] {
            assert_eq!(Extra::of_mode(number), None);
        }
    }
}
