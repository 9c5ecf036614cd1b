//! The colours with which questions of children about colour numbers are answered.
//!
//! Children ask to distinguish a dark screen from a light one. Nothing is drawn with these values: the user's terminal
//! has reported them. Must not know how it was asked.

use alacritty_terminal::vte::ansi::{NamedColor, Rgb};

/// A colour that the user chooses in their terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// One of the first sixteen.
    Numbered(u8),
    /// The colour of text that has none of its own.
    Text,
    /// The colour behind such text.
    Background,
}

/// Colours that the user can choose.
pub(crate) const NUMBERED: u8 = 16;

/// The colours of the user's terminal, as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Palette {
    numbered: [Option<Rgb>; NUMBERED as usize],
    text: Option<Rgb>,
    background: Option<Rgb>,
}

impl Palette {
    pub(crate) fn set(&mut self, slot: Slot, [r, g, b]: [u8; 3]) {
        let rgb = Some(Rgb { r, g, b });
        match slot {
            Slot::Numbered(number) => {
                if let Some(place) = self.numbered.get_mut(usize::from(number)) {
                    *place = rgb;
                }
            }
            Slot::Text => self.text = rgb,
            Slot::Background => self.background = rgb,
        }
    }

    /// The value of a colour: 256 numbers, then text, background and cursor. None if only the user's
    /// terminal knows it: a wrong answer is worse than none.
    pub(super) fn colour(&self, index: usize) -> Option<Rgb> {
        const TEXT: usize = NamedColor::Foreground as usize;
        const BACKGROUND: usize = NamedColor::Background as usize;
        const CURSOR: usize = NamedColor::Cursor as usize;
        match index {
            TEXT | CURSOR => self.text,
            BACKGROUND => self.background,
            index => match u8::try_from(index) {
                Ok(index @ 0..NUMBERED) => self.numbered[usize::from(index)],
                Ok(index) => Some(computed(index)),
                Err(_) => None,
            },
        }
    }
}

/// The numbers from 16 on are the same nearly everywhere: a cube, and greys.
fn computed(index: u8) -> Rgb {
    let (r, g, b) = if index < 232 {
        let level = |digit: u8| if digit == 0 { 0 } else { 55 + 40 * digit };
        let cube = index - NUMBERED;
        (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
    } else {
        let grey = 8 + 10 * (index - 232);
        (grey, grey, grey)
    };
    Rgb { r, g, b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_told() {
        let mut palette = Palette::default();
        palette.set(Slot::Numbered(9), [1, 2, 3]);
        palette.set(Slot::Numbered(16), [7, 7, 7]);
        palette.set(Slot::Text, [4, 5, 6]);
        let table = [
            (0, None),
            (9, Some((1, 2, 3))),
            (16, Some((0, 0, 0))),
            (21, Some((0, 0, 255))),
            (67, Some((95, 135, 175))),
            (231, Some((255, 255, 255))),
            (232, Some((8, 8, 8))),
            (255, Some((238, 238, 238))),
            (256, Some((4, 5, 6))),
            (257, None),
            (258, Some((4, 5, 6))),
            (259, None),
        ];
        for (index, told) in table {
            let told = told.map(|(r, g, b)| Rgb { r, g, b });
            assert_eq!(palette.colour(index), told, "{index}");
        }
    }
}
