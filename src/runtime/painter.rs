//! Encodes cells as bytes for the learner's terminal.
//!
//! ratatui's backend draws neither kinds of underlines nor links, and gives the first sixteen colours as
//! numbers of the 256, which a terminal with sixteen must guess. Must not know what the terminal shows.

use std::io::Write;
use std::sync::Arc;

use crossterm::cursor::MoveTo;
use crossterm::queue;
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use crate::pty::emulator::Underline;
use crate::ui::{Decoration, Decorations};

/// How the terminal shows `SGR 4:3` and `58`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Underlines {
    /// It may take them for something else: xterm before 388 makes the text black.
    #[default]
    Plain,
    Styled,
}

/// Writes these cells, each at its column and row. Begins and ends with the
/// terminal's default style.
pub(super) fn paint(
    out: &mut Vec<u8>,
    cells: &[(u16, u16, &Cell)],
    decorations: &Decorations,
    underlines: Underlines,
) {
    let plain = CellStyle::default();
    let (mut style, mut link, mut next) = (plain, None, None);
    for (column, row, cell) in cells {
        if next != Some((*column, *row)) {
            // Writing to memory doesn't fail.
            let _ = queue!(out, MoveTo(*column, *row));
        }
        next = column.checked_add(1).map(|column| (column, *row));
        let decoration = if decorations.is_empty() {
            None
        } else {
            decorations.get(&(*row, *column))
        };
        let wanted = CellStyle::of(cell, decoration, underlines);
        if style != wanted {
            style = wanted;
            style.write(out);
        }
        let wanted = decoration.and_then(|it| it.link.as_ref());
        if link != wanted {
            link = wanted;
            write_link(out, link);
        }
        out.extend_from_slice(cell.symbol().as_bytes());
    }
    if link.is_some() {
        write_link(out, None);
    }
    if style != plain {
        plain.write(out);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct CellStyle {
    fg: Color,
    bg: Color,
    modifier: Modifier,
    underline: Underline,
    underline_colour: Color,
}

impl CellStyle {
    fn of(cell: &Cell, decoration: Option<&Decoration>, underlines: Underlines) -> Self {
        let (underline, underline_colour) = match (decoration, underlines) {
            (None, _) => (Underline::None, Color::Reset),
            (Some(it), Underlines::Styled) => (it.underline, it.colour),
            (Some(it), Underlines::Plain) => match it.underline {
                Underline::Double => (Underline::Double, Color::Reset),
                _ => (Underline::None, Color::Reset),
            },
        };
        CellStyle {
            fg: cell.fg,
            bg: cell.bg,
            modifier: cell.modifier,
            underline,
            underline_colour,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let table = [
            (Modifier::UNDERLINED, "4"),
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::SLOW_BLINK, "5"),
            (Modifier::RAPID_BLINK, "6"),
            (Modifier::REVERSED, "7"),
            (Modifier::HIDDEN, "8"),
            (Modifier::CROSSED_OUT, "9"),
        ];
        out.extend_from_slice(b"\x1b[0");
        let kind = match self.underline {
            // A terminal without double underlines keeps the plain one.
            Underline::Double => Some(";4;21"),
            Underline::Curly => Some(";4:3"),
            Underline::Dotted => Some(";4:4"),
            Underline::Dashed => Some(";4:5"),
            Underline::None | Underline::Single => None,
        };
        out.extend_from_slice(kind.unwrap_or_default().as_bytes());
        for (modifier, number) in table {
            let said = modifier == Modifier::UNDERLINED && kind.is_some();
            if self.modifier.contains(modifier) && !said {
                out.push(b';');
                out.extend_from_slice(number.as_bytes());
            }
        }
        write_colour(out, self.fg, 30);
        write_colour(out, self.bg, 40);
        let _ = match self.underline_colour {
            Color::Indexed(number) => write!(out, ";58:5:{number}"),
            Color::Rgb(r, g, b) => write!(out, ";58:2::{r}:{g}:{b}"),
            _ => Ok(()),
        };
        out.push(b'm');
    }
}

/// A colour of text (30) or behind it (40).
fn write_colour(out: &mut Vec<u8>, colour: Color, first: u8) {
    let number = match colour {
        Color::Reset => return,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(number) => number,
        Color::Rgb(r, g, b) => {
            let _ = write!(out, ";{};2;{r};{g};{b}", first + 8);
            return;
        }
    };
    let _ = match number {
        0..8 => write!(out, ";{}", first + number),
        8..16 => write!(out, ";{}", first + 60 + number - 8),
        _ => write!(out, ";{};5;{number}", first + 8),
    };
}

/// Begins a link (OSC 8), or ends one. Terminals join the pieces of a link by its id.
fn write_link(out: &mut Vec<u8>, link: Option<&Arc<str>>) {
    let _ = match link {
        Some(address) => {
            // Equal addresses get equal ids; FNV-1a.
            let id = address.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            });
            write!(out, "\x1b]8;id={id:x};{address}\x1b\\")
        }
        None => write!(out, "\x1b]8;;\x1b\\"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pty::emulator::Emulator;
    use crate::theme::Theme;
    use crate::ui::Frame;
    use crate::ui::terminal::TerminalView;
    use ratatui::layout::Rect;

    const SIZE: (u16, u16) = (60, 3);

    /// The emulator of a pane that has read these bytes, and the frame that it draws.
    fn shown(bytes: &[u8]) -> (Emulator, Frame) {
        let mut emulator = Emulator::new(SIZE.0, SIZE.1);
        emulator.feed(bytes);
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let mut frame = Frame::new(area);
        TerminalView::new(&emulator, Theme::Ansi).draw(area, &mut frame);
        (emulator, frame)
    }

    fn painted(frame: &Frame, underlines: Underlines) -> Vec<u8> {
        let nothing = Frame::new(frame.buffer.area);
        let mut out = Vec::new();
        let cells = nothing.buffer.diff(&frame.buffer);
        paint(&mut out, &cells, &frame.decorations, underlines);
        out
    }

    #[test]
    fn what_a_program_draws_arrives_in_the_outer_terminal() {
        let styles = [
            "1",
            "2",
            "3",
            "4",
            "5",
            "7",
            "9",
            "21",
            "4:2",
            "4:3",
            "4:4",
            "4:5",
            "30",
            "37",
            "90",
            "97",
            "40",
            "47",
            "100",
            "107",
            "38;5;3",
            "38;5;200",
            "48;5;100",
            "38;2;1;2;3",
            "48;2;9;8;7",
            "4;58:5:9",
            "4:3;58:2::1:2:3",
            "1;4;31;42",
            "2;3;9;7;95",
        ];
        let mut bytes: String = styles
            .map(|style| format!("\x1b[0;{style}mx\x1b[my"))
            .concat();
        bytes +=
            "\x1b]8;;https://a/?q=1;2\x1b\\\x1b[31mlink\x1b]8;id=7;file:///b\x07中\x1b]8;;\x07.";
        let (inner, frame) = shown(bytes.as_bytes());
        let (outer, again) = shown(&painted(&frame, Underlines::Styled));
        assert_eq!(outer.text(), inner.text());
        assert_eq!(again.buffer, frame.buffer);
        assert_eq!(again.decorations, frame.decorations);
        let links: Vec<_> = frame
            .decorations
            .values()
            .filter_map(|it| it.link.as_deref())
            .collect();
        let a = "https://a/?q=1;2";
        assert_eq!(links, [a, a, a, a, "file:///b", "file:///b"]);
    }

    #[test]
    fn colours_are_the_users_own() {
        for (style, expected) in [
            ("31", "\x1b[1;1H\x1b[0;31mx\x1b[0m"),
            ("97;104", "\x1b[1;1H\x1b[0;97;104mx\x1b[0m"),
            ("38;5;1;48;5;16", "\x1b[1;1H\x1b[0;31;48;5;16mx\x1b[0m"),
            ("1;4", "\x1b[1;1H\x1b[0;4;1mx\x1b[0m"),
        ] {
            let (_, frame) = shown(format!("\x1b[{style}mx").as_bytes());
            let bytes = String::from_utf8(painted(&frame, Underlines::Plain)).unwrap();
            assert_eq!(bytes, expected, "{style}");
        }
    }

    #[test]
    fn a_terminal_without_styled_underlines_gets_plain_ones() {
        for (style, expected) in [
            ("4:3;58:5:9", "\x1b[1;1H\x1b[0;4mx\x1b[0m"),
            ("21", "\x1b[1;1H\x1b[0;4;21mx\x1b[0m"),
        ] {
            let (_, frame) = shown(format!("\x1b[{style}mx").as_bytes());
            let bytes = String::from_utf8(painted(&frame, Underlines::Plain)).unwrap();
            assert_eq!(bytes, expected, "{style}");
        }
    }
}
