//! Aligns a row's full output in columns that both sides share, so that equal cells look equal.

use unicode_width::UnicodeWidthStr;

use super::pairs::{MOST_LINES, OutputLine};
use super::plain;
use crate::observe::rows::Cells;

/// Aligns both sides in the same columns, as wide as the command makes them. Uses narrower columns only if the lines
/// would not fit into `room` columns of the screen otherwise.
pub(super) fn aligned(sides: [Option<&Cells>; 2], room: usize) -> [Option<Vec<OutputLine>>; 2] {
    let usual = columns(sides, |least| least);
    let narrow = columns(sides, |_| 0);
    let fits = |columns: &[usize]| {
        let fits = |line: &OutputLine| line.text.width() <= room;
        let mut sides = sides.into_iter().flatten();
        sides.all(|side| lines(side, columns).iter().all(fits))
    };
    let chosen = if !fits(&usual) && fits(&narrow) {
        narrow
    } else {
        usual
    };
    sides.map(|side| side.map(|side| lines(side, &chosen)))
}

/// The widths of the columns: that of the widest cell, at least `least_of` the command's own width.
fn columns(sides: [Option<&Cells>; 2], least_of: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut columns: Vec<usize> = Vec::new();
    for side in sides.into_iter().flatten() {
        let least = side.widths.iter().map(|width| width.unsigned_abs());
        for (i, least) in least.enumerate() {
            let widest = side
                .lines
                .iter()
                // A line of one cell is a heading.
                .filter(|line| line.len() > 1)
                .filter_map(|line| line.get(i))
                .map(|cell| plain::line(cell).width());
            let widest = widest.max().unwrap_or(0).max(least_of(least));
            match columns.get_mut(i) {
                Some(column) => *column = widest.max(*column),
                None => columns.push(widest),
            }
        }
    }
    columns
}

fn lines(cells: &Cells, columns: &[usize]) -> Vec<OutputLine> {
    let shown = cells.lines.iter().take(MOST_LINES);
    shown
        .enumerate()
        .map(|(i, line)| {
            let mut text = String::new();
            for (i, cell) in line.iter().enumerate() {
                let cell = plain::line(cell);
                let last = i + 1 == line.len();
                let width = columns.get(i).copied().unwrap_or(0);
                let gap = " ".repeat(width.saturating_sub(cell.width()));
                match cells.widths.get(i) {
                    Some(..0) => text.extend([&gap, &cell].map(String::as_str)),
                    Some(_) if !last => text.extend([&cell, &gap].map(String::as_str)),
                    _ => text.push_str(&cell),
                }
                if !last {
                    text.push(' ');
                }
            }
            let key = match cells.key {
                _ if i < cells.head => "",
                Some(key) => line.get(key).map_or("", String::as_str),
                None => "",
            };
            OutputLine {
                key: key.to_owned(),
                text: text.trim_end().to_owned(),
            }
        })
        .collect()
}
