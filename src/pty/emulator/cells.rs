//! The content of a cell: a character, its marks, its width, its style.
//!
//! Must not know how a screen is painted.

use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::color::Colors;
use alacritty_terminal::vte::ansi::{Color, NamedColor, Rgb};

/// A colour that the child asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paint {
    /// The terminal's default.
    #[default]
    Default,
    /// One of the 256; the first sixteen belong to the user's palette.
    Indexed(u8),
    Rgb(u8, u8, u8),
}

/// An attribute of a character besides its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    Bold,
    Dim,
    Italic,
    /// Any kind of underline.
    Underline,
    /// Colours swapped.
    Reverse,
    /// Not shown, but takes its place.
    Hidden,
    Strikeout,
    Blink,
}

/// How a character is underlined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Underline {
    #[default]
    None,
    Single,
    Double,
    Curly,
    Dotted,
    Dashed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes(u16);

impl Attributes {
    /// Whether the set has this attribute.
    pub const fn has(self, attribute: Attribute) -> bool {
        let bits = match attribute {
            Attribute::Bold => Flags::BOLD,
            Attribute::Dim => Flags::DIM,
            Attribute::Italic => Flags::ITALIC,
            Attribute::Underline => Flags::ALL_UNDERLINES,
            Attribute::Reverse => Flags::INVERSE,
            Attribute::Hidden => Flags::HIDDEN,
            Attribute::Strikeout => Flags::STRIKEOUT,
            Attribute::Blink => BLINK,
        };
        self.0 & bits.bits() != 0
    }

    /// Whether it has a link, or its underline a colour.
    pub const fn has_more(self) -> bool {
        self.0 & MORE != 0
    }

    pub const fn underline(self) -> Underline {
        match Flags::from_bits_retain(self.0).intersection(Flags::ALL_UNDERLINES) {
            Flags::UNDERLINE => Underline::Single,
            Flags::DOUBLE_UNDERLINE => Underline::Double,
            Flags::UNDERCURL => Underline::Curly,
            Flags::DOTTED_UNDERLINE => Underline::Dotted,
            Flags::DASHED_UNDERLINE => Underline::Dashed,
            _ => Underline::None,
        }
    }
}

/// Blinking. The grid has no flag for it, but keeps flags that it doesn't know.
pub(super) const BLINK: Flags = Flags::from_bits_retain(0x8000);

/// The flags of a cell's style; the others are about its place in the grid.
const LOOKS: Flags = Flags::BOLD
    .union(Flags::DIM)
    .union(Flags::ITALIC)
    .union(Flags::ALL_UNDERLINES)
    .union(Flags::INVERSE)
    .union(Flags::HIDDEN)
    .union(Flags::STRIKEOUT)
    .union(BLINK);

/// Whether a character has a link or a colour of its underline: in the place of a flag that is no style.
const MORE: u16 = Flags::WRAPLINE.bits();

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GlyphStyle {
    pub fg: Paint,
    pub bg: Paint,
    pub attributes: Attributes,
}

/// A character on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph<'a> {
    pub col: u16,
    /// The character; never a control character.
    pub ch: char,
    pub marks: &'a [char],
    /// Columns it takes: 1 or 2.
    pub width: u16,
    pub style: GlyphStyle,
    cell: &'a Cell,
}

impl Glyph<'_> {
    pub(super) fn underline_colour(&self, changed: &Colors) -> Paint {
        let colour = self.cell.underline_color();
        colour.map_or(Paint::Default, |it| paint(it, changed))
    }

    /// The number of the link that it belongs to, which is the identifier of the grid's link.
    pub(super) fn link(&self) -> Option<u32> {
        self.cell.hyperlink()?.id().parse().ok()
    }
}

/// The characters of one row. Halves of broken wide characters are blanks, as is the gap before a
/// wide character that was moved to the next line.
pub(super) fn glyphs<'a>(row: &'a [Cell], colours: &'a Colors) -> impl Iterator<Item = Glyph<'a>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let cell = row.get(at)?;
        let col = u16::try_from(at).ok()?;
        let style = GlyphStyle {
            fg: paint(cell.fg, colours),
            bg: paint(cell.bg, colours),
            attributes: attributes(cell),
        };
        let whole = cell.flags.contains(Flags::WIDE_CHAR)
            && row
                .get(at + 1)
                .is_some_and(|next| next.flags.contains(Flags::WIDE_CHAR_SPACER));
        let broken = !whole
            && cell.flags.intersects(
                Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER,
            );
        let blank = broken || cell.c.is_control();
        let width = if whole { 2 } else { 1 };
        at += usize::from(width);
        Some(Glyph {
            col,
            ch: if blank { ' ' } else { cell.c },
            marks: match cell.zerowidth() {
                Some(marks) if !blank => marks,
                _ => &[],
            },
            width,
            style,
            cell,
        })
    })
}

fn attributes(cell: &Cell) -> Attributes {
    let bits = (cell.flags & LOOKS).bits();
    // Nearly all cells have nothing beyond.
    let has_more =
        cell.extra.is_some() && (cell.underline_color().is_some() || cell.hyperlink().is_some());
    Attributes(if has_more { bits | MORE } else { bits })
}

/// A colour of the grid, with the child's changes to the palette applied.
fn paint(colour: Color, changed: &Colors) -> Paint {
    match colour {
        Color::Spec(rgb) => exact(rgb),
        Color::Indexed(index) => changed[usize::from(index)].map_or(Paint::Indexed(index), exact),
        Color::Named(name) => match changed[name] {
            Some(rgb) => exact(rgb),
            None => named(name),
        },
    }
}

fn named(name: NamedColor) -> Paint {
    match u8::try_from(name as usize) {
        Ok(index) => Paint::Indexed(index),
        Err(_) => Paint::Default,
    }
}

fn exact(rgb: Rgb) -> Paint {
    Paint::Rgb(rgb.r, rgb.g, rgb.b)
}
