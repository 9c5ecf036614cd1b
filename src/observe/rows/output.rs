//! The output of a row's command, as cells.
//!
//! Must not know which row it is.

/// A command's output before its columns are aligned.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    pub(crate) lines: Vec<Vec<String>>,
    /// How many lines at the top are headings.
    pub(crate) head: usize,
    /// The cell that names the subject of a line.
    pub(crate) key: Option<usize>,
    /// The least widths of columns but the last; a negative one is aligned to the right.
    pub(crate) widths: &'static [isize],
}

pub(super) fn lines(lines: impl IntoIterator<Item = String>) -> Cells {
    Cells {
        lines: lines.into_iter().map(|line| vec![line]).collect(),
        ..Cells::default()
    }
}

pub(super) fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

pub(super) fn joined<T: ToString>(items: &[T], separator: &str) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(separator)
}
