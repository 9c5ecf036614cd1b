//! Draws a pane's terminal.
//!
//! Owns how the emulator's screen becomes cells of a frame. Must not change the emulator, or know which
//! side it belongs to.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::frame::{Decoration, Decorations, Frame};
use crate::pty::emulator::{
    Attribute, Attributes, CursorStyle, Emulator, Glyph, GlyphStyle, Paint, Underline,
};
use crate::theme::Theme;

/// Draws the visible screen of an emulator into an area of any size.
#[derive(Debug, Clone, Copy)]
pub struct TerminalView<'a> {
    emulator: &'a Emulator,
    theme: Theme,
}

impl<'a> TerminalView<'a> {
    /// A view of this emulator.
    pub fn new(emulator: &'a Emulator, theme: Theme) -> Self {
        TerminalView { emulator, theme }
    }

    /// The place of the real cursor if the pane has the focus: `None` when the child hid it or
    /// it lies outside of the visible lines.
    pub fn cursor(&self, area: Rect) -> Option<Position> {
        let cursor = self.emulator.cursor()?;
        (cursor.col < area.width && cursor.row < area.height)
            .then(|| Position::new(area.x + cursor.col, area.y + cursor.row))
    }

    /// How that cursor looks.
    pub(super) fn cursor_style(&self) -> Option<CursorStyle> {
        self.emulator.cursor()?.style
    }

    /// Draws with decorations.
    pub(crate) fn draw(self, area: Rect, frame: &mut Frame) {
        self.paint(area, &mut frame.buffer, &mut frame.decorations);
    }
}

impl Widget for TerminalView<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        self.paint(area, buf, &mut Decorations::new());
    }
}

impl TerminalView<'_> {
    fn paint(self, area: Rect, buf: &mut Buffer, decorations: &mut Decorations) {
        let area = area.intersection(buf.area);
        let mut pen = Pen::new(self.theme);
        let mut symbol = String::new();
        for row in 0..area.height {
            let y = area.y + row;
            let mut next = 0;
            for glyph in self.emulator.glyphs(row) {
                if glyph.col >= area.width {
                    break;
                }
                pen.take(&glyph, self.emulator);
                let x = area.x + glyph.col;
                next = (glyph.col + glyph.width).min(area.width);
                let fits = glyph.col + glyph.width <= area.width;
                let cell = &mut buf[(x, y)];
                pen.paint(cell);
                if let Some(decoration) = &pen.decoration {
                    for column in x..area.x + next {
                        decorations.insert((y, column), decoration.clone());
                    }
                }
                if fits && !pen.hidden {
                    write(cell, &glyph, &mut symbol);
                } else {
                    cell.set_char(' ');
                }
                // The second half of a wide character: the frame skips it.
                for rest in x + 1..area.x + next {
                    let cell = &mut buf[(rest, y)];
                    pen.paint(cell);
                    cell.set_char(' ');
                }
            }
            for x in area.x + next..area.right() {
                buf[(x, y)].reset();
            }
        }
    }
}

/// Puts a character and its marks into a cell. Marks that would change the width, which the grid
/// has already settled, are left out.
fn write(cell: &mut ratatui::buffer::Cell, glyph: &Glyph<'_>, symbol: &mut String) {
    if glyph.marks.is_empty() {
        cell.set_char(glyph.ch);
        return;
    }
    symbol.clear();
    symbol.push(glyph.ch);
    for mark in glyph.marks {
        symbol.push(*mark);
        if symbol.width() != usize::from(glyph.width) {
            symbol.pop();
        }
    }
    cell.set_symbol(symbol);
}

/// Caches the style of the last character: neighbours mostly look the same.
#[derive(Default)]
struct Pen {
    theme: Theme,
    style: GlyphStyle,
    fg: Color,
    bg: Color,
    modifier: Modifier,
    hidden: bool,
    decoration: Option<Decoration>,
}

impl Pen {
    fn new(theme: Theme) -> Self {
        Pen {
            theme,
            ..Pen::default()
        }
    }

    fn take(&mut self, glyph: &Glyph<'_>, emulator: &Emulator) {
        let style = glyph.style;
        let has_more = style.attributes.has_more();
        if style == self.style && !has_more {
            return;
        }
        self.style = style;
        self.modifier = modifier(style.attributes);
        self.hidden = style.attributes.has(Attribute::Hidden);
        let underline = style.attributes.underline();
        self.decoration = if has_more || !matches!(underline, Underline::None | Underline::Single) {
            Some(self.decoration(glyph, underline, emulator))
        } else {
            None
        };
        (self.fg, self.bg) = match self.theme {
            Theme::Ansi => (colour(style.fg), colour(style.bg)),
            Theme::NoColor => (Color::Reset, Color::Reset),
        };
    }

    /// The decoration of a character, if it has one.
    fn decoration(
        &self,
        glyph: &Glyph<'_>,
        underline: Underline,
        emulator: &Emulator,
    ) -> Decoration {
        let coloured = self.theme == Theme::Ansi && underline != Underline::None;
        Decoration {
            underline,
            colour: if coloured {
                colour(emulator.underline_colour(glyph))
            } else {
                Color::Reset
            },
            link: emulator.link(glyph).cloned(),
        }
    }

    fn paint(&self, cell: &mut ratatui::buffer::Cell) {
        cell.reset();
        cell.fg = self.fg;
        cell.bg = self.bg;
        cell.modifier = self.modifier;
    }
}

fn modifier(attributes: Attributes) -> Modifier {
    let table = [
        (Attribute::Bold, Modifier::BOLD),
        (Attribute::Dim, Modifier::DIM),
        (Attribute::Italic, Modifier::ITALIC),
        (Attribute::Underline, Modifier::UNDERLINED),
        (Attribute::Reverse, Modifier::REVERSED),
        (Attribute::Strikeout, Modifier::CROSSED_OUT),
        (Attribute::Blink, Modifier::SLOW_BLINK),
    ];
    table
        .into_iter()
        .filter(|(attribute, _)| attributes.has(*attribute))
        .fold(Modifier::empty(), |all, (_, modifier)| all | modifier)
}

fn colour(paint: Paint) -> Color {
    match paint {
        Paint::Default => Color::Reset,
        Paint::Indexed(index) => Color::Indexed(index),
        Paint::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

#[cfg(test)]
mod tests;
