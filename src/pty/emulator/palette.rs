//! The RGB values that children are told for colour numbers.
//!
//! They ask to tell a dark screen from a light one. Nothing is drawn with these values: the user's
//! terminal has its own.

use alacritty_terminal::vte::ansi::{NamedColor, Rgb};

/// xterm's sixteen colours.
const BASE: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The colour of text and cursor on a dark screen.
const TEXT: (u8, u8, u8) = (229, 229, 229);

/// The value of a colour: 256 numbers, then text, background and cursor.
pub(super) fn colour(index: usize) -> Rgb {
    const BACKGROUND: usize = NamedColor::Background as usize;
    let (r, g, b) = match u8::try_from(index) {
        Ok(index) => indexed(index),
        Err(_) if index == BACKGROUND => (0, 0, 0),
        Err(_) => TEXT,
    };
    Rgb { r, g, b }
}

fn indexed(index: u8) -> (u8, u8, u8) {
    match index {
        0..=15 => BASE[usize::from(index)],
        16..=231 => {
            let level = |digit: u8| if digit == 0 { 0 } else { 55 + 40 * digit };
            let cube = index - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_xterms_colours() {
        let table = [
            (0, (0, 0, 0)),
            (9, (255, 0, 0)),
            (16, (0, 0, 0)),
            (21, (0, 0, 255)),
            (67, (95, 135, 175)),
            (231, (255, 255, 255)),
            (232, (8, 8, 8)),
            (255, (238, 238, 238)),
            (256, TEXT),
            (257, (0, 0, 0)),
            (258, TEXT),
        ];
        for (index, (r, g, b)) in table {
            assert_eq!(colour(index), Rgb { r, g, b }, "{index}");
        }
    }
}
