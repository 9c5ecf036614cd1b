//! The parser, with a short way for plain text: runs of printable ASCII go to the screen whole, not
//! character by character.
//!
//! Most output of programs is such text. Must not know what a sequence means.

use std::time::Instant;

use alacritty_terminal::vte::ansi::Processor;

use super::screen::Screen;

/// Bytes of a sequence that are looked at one by one. A longer one is a string.
const SEQUENCE: u32 = 32;

const ESC: u8 = 0x1b;

/// Takes a child's bytes, across chunks.
#[derive(Default)]
pub(super) struct Parser {
    processor: Processor,
    /// Whether the parser is between sequences and characters: the next printable byte is printed.
    in_text: bool,
    /// How many printable bytes in a row the parser took without printing them: they belong to a sequence.
    unprinted: u32,
}

impl Parser {
    pub(super) fn advance(&mut self, screen: &mut Screen, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = if self.sync_deadline().is_some() {
                // In a synchronized update, the parser holds back all bytes until its end.
                self.in_text = false;
                self.processor.advance(screen, rest);
                rest.len()
            } else if self.in_text {
                self.advance_text(screen, rest)
            } else {
                self.advance_sequence(screen, rest)
            };
            rest = &rest[taken..];
        }
    }

    /// Takes text and the controls after it. Returns how many bytes it took.
    fn advance_text(&mut self, screen: &mut Screen, bytes: &[u8]) -> usize {
        let run = count(bytes, is_printable);
        let controls = count(&bytes[run..], |byte| byte.is_ascii_control() && byte != ESC);
        // The last character goes through the parser, which has to know it for REP ("repeat the last character").
        let most = run.saturating_sub(1);
        screen.print(&bytes[..most]);
        self.processor.advance(screen, &bytes[most..run + controls]);
        let end = run + controls;
        self.in_text = bytes.get(end).is_none_or(|byte| is_printable(*byte));
        end
    }

    /// Takes a whole control sequence (CSI), or bytes up to a printable one; if the parser prints that one,
    /// it is in text. Returns how many bytes it took.
    fn advance_sequence(&mut self, screen: &mut Screen, bytes: &[u8]) -> usize {
        if let Some(end) = control_sequence(bytes) {
            self.processor.advance(screen, &bytes[..end]);
            self.in_text = true;
            self.unprinted = 0;
            return end;
        }
        if self.unprinted == SEQUENCE {
            self.unprinted = 0;
            return self.advance_string(screen, bytes);
        }
        let before = count(bytes, |byte| !is_printable(byte));
        // The end of a character that was cut goes alone: with more bytes after it, vte 0.15.0 can lose the
        // one that follows (`advance_partial_utf8`).
        let end = match count(bytes, continues_a_character) {
            0 => bytes.len().min(before + 1),
            cut => cut,
        };
        screen.has_printed = false;
        self.processor.advance(screen, &bytes[..end]);
        self.in_text = screen.has_printed;
        self.unprinted = if self.in_text { 0 } else { self.unprinted + 1 };
        end
    }

    /// Takes bytes up to the next sequence. Returns how many it took.
    fn advance_string(&mut self, screen: &mut Screen, bytes: &[u8]) -> usize {
        let end = memchr::memchr(ESC, &bytes[1..]).map_or(bytes.len(), |at| at + 1);
        self.processor.advance(screen, &bytes[..end]);
        end
    }

    /// Takes a sequence of nslab's own.
    pub(super) fn advance_own(&mut self, screen: &mut Screen, bytes: &[u8]) {
        self.in_text = false;
        self.processor.advance(screen, bytes);
    }

    /// The deadline for a synchronized update (mode 2026), even if the child doesn't end it.
    pub(super) fn sync_deadline(&self) -> Option<Instant> {
        self.processor.sync_timeout().sync_timeout()
    }

    /// Bytes of the synchronized update so far.
    pub(super) fn sync_bytes_count(&self) -> usize {
        self.processor.sync_bytes_count()
    }

    /// Ends a synchronized update.
    pub(super) fn stop_sync(&mut self, screen: &mut Screen) {
        self.in_text = false;
        self.processor.stop_sync(screen);
    }
}

/// Whether this byte is in a character of UTF-8, and not its first.
fn continues_a_character(byte: u8) -> bool {
    matches!(byte, 0x80..=0xbf)
}

/// The length of the whole control sequence at the start of the bytes, in any state of the parser; ECMA-48,
/// 5.4.
fn control_sequence(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"\x1b[")?;
    let parameters = count(rest, |byte| matches!(byte, b' '..=b'?'));
    let last = rest.get(parameters)?;
    matches!(last, b'@'..=b'~').then_some(2 + parameters + 1)
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// The number of bytes at the start for which `is_so` holds.
fn count(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|byte| !is_so(*byte))
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use alacritty_terminal::grid::Dimensions;
    use alacritty_terminal::index::Line;
    use alacritty_terminal::vte::ansi::StdSyncHandler;
    use proptest::prelude::*;

    use super::*;

    const PIECES: [&[u8]; 36] = [
        b"a",
        b"plain text",
        b"a text that is longer than a line",
        b"\r\n",
        b"\n",
        b"\t",
        b"\x08\x08",
        b"\x7f",
        b"\x18",
        b"\x0e",
        b"\x0f",
        b"\x1b[31m",
        b"\x1b[1;4;38;5;9m",
        b"\x1b[m",
        b"\x1b[9b",
        b"\x1b[2;3H",
        b"\x1b[4h",
        b"\x1b[4l",
        b"\x1b[?7l",
        b"\x1b[?7h",
        b"\x1b[2;4r",
        b"\x1b(0",
        b"\x1b(B",
        b"\x1b)0",
        b"\x1b[",
        b"\x1b",
        b"\x1b]0;a title that is longer than what is looked at",
        b"\x07",
        b"\x1b]8;;file:///etc\x1b\\",
        b"\x1bPq a string",
        b"\x1b\\",
        b"\x1b[?2026h",
        b"\x1b[?2026l",
        b"\x1b[?1049h",
        "中文".as_bytes(),
        "e\u{301}\u{9b}".as_bytes(),
    ];

    /// Any output of a child, cut into chunks at any place.
    fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let piece = prop_oneof![
            8 => prop::sample::select(&PIECES[..]).prop_map(<[u8]>::to_vec),
            1 => prop::collection::vec(any::<u8>(), 1..3),
        ];
        let chunk = prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat());
        let cut = (chunk, any::<prop::sample::Index>(), any::<bool>());
        let cut = cut.prop_map(|(chunk, at, whole)| {
            let end = if whole {
                chunk.len()
            } else {
                at.index(chunk.len() + 1)
            };
            chunk[..end].to_vec()
        });
        prop::collection::vec(cut, 1..12)
    }

    /// All that these chunks leave behind.
    fn shown(chunks: &[Vec<u8>], mut advance: impl FnMut(&mut Screen, &[u8])) -> String {
        let mut screen = Screen::new(12, 4);
        let mut shown = String::new();
        for chunk in chunks {
            screen.expect(chunk.len());
            advance(&mut screen, chunk);
            let replies = screen.take_replies();
            let (grid, title) = (screen.term.grid(), screen.title.clone());
            writeln!(
                shown,
                "{title:?} {replies:?} {:?} {:?}",
                grid.cursor,
                screen.term.mode()
            )
            .unwrap();
            for line in grid.topmost_line().0..=grid.bottommost_line().0 {
                writeln!(shown, "{:?}", &grid[Line(line)][..]).unwrap();
            }
        }
        shown
    }

    proptest! {
        #[test]
        fn the_short_way_leads_to_the_same_screen(chunks in chunks()) {
            let (mut parser, mut processor) = (Parser::default(), Processor::<StdSyncHandler>::new());
            let short = shown(&chunks, |screen, bytes| parser.advance(screen, bytes));
            let long = shown(&chunks, |screen, bytes| {
                let (cut, rest) = bytes.split_at(count(bytes, continues_a_character));
                processor.advance(screen, cut);
                processor.advance(screen, rest);
            });
            prop_assert_eq!(short, long);
        }
    }

    #[test]
    fn nothing_is_lost_after_a_character_that_was_cut() {
        let screen_after = |chunks: &[&[u8]]| {
            let (mut screen, mut parser) = (Screen::new(12, 4), Parser::default());
            for chunk in chunks {
                screen.expect(chunk.len());
                parser.advance(&mut screen, chunk);
            }
            format!("{:?}", screen.term.grid())
        };
        for after in [" ", "x", "\n"] {
            let text = format!("e\u{301}{after}中");
            let whole = screen_after(&[text.as_bytes()]);
            for at in 1..text.len() {
                // The next read may bring a part of the character after it.
                for end in at..=text.len() {
                    let (first, rest) = text.as_bytes().split_at(at);
                    let (second, third) = rest.split_at(end - at);
                    let cut = screen_after(&[first, second, third]);
                    assert_eq!(cut, whole, "{after:?} {at} {end}");
                }
            }
        }
    }

    #[test]
    fn plain_text_takes_the_short_way_after_any_sequence() {
        let strings = ["", "\x1b[1m", "\x1b]0;title\x07", "中", "\x1b(B\x1b[K"];
        for string in strings {
            let mut screen = Screen::new(80, 2);
            let mut parser = Parser::default();
            screen.expect(100);
            parser.advance(&mut screen, format!("{string}text").as_bytes());
            assert!(parser.in_text, "{string:?}");
        }
    }
}
