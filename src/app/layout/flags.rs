//! The place of each flag in its pane.

use ratatui::layout::Rect;

use crate::namespace::Namespace;

/// Rows of the flags pane that are not the `clone()` line: two of flags, one legend.
pub(crate) const FLAGS_ROWS: u16 = 3;

/// How the flags are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagForm {
    /// Two rows of four.
    Block,
    /// One row, with names.
    Line,
    /// One row, the letters alone.
    Letters,
}

impl FlagForm {
    /// How many flags are in a row.
    pub(crate) fn columns(self) -> usize {
        match self {
            FlagForm::Block => 4,
            FlagForm::Line | FlagForm::Letters => 8,
        }
    }

    /// The area of each flag: a column for the cursor, `[x]u`, a column for the mark, the name.
    pub(crate) fn cells(self, area: Rect) -> [(Namespace, Rect); 8] {
        let columns = self.columns();
        let widths: Vec<u16> = (0..columns)
            .map(|column| {
                Namespace::ALL
                    .into_iter()
                    .skip(column)
                    .step_by(columns)
                    .map(|kind| self.width(kind))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        Namespace::ALL.map(|kind| {
            let (row, column) = (kind as usize / columns, kind as usize % columns);
            let left: u16 = widths[..column].iter().sum();
            let cell = Rect::new(
                area.x.saturating_add(left),
                area.y + u16::from(row == 1),
                self.width(kind),
                1,
            );
            (kind, cell.intersection(area))
        })
    }

    fn width(self, kind: Namespace) -> u16 {
        match self {
            FlagForm::Block | FlagForm::Line => {
                6 + u16::try_from(kind.label().len()).unwrap_or(u16::MAX)
            }
            FlagForm::Letters => 7,
        }
    }
}
