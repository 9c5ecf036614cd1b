//! The names of the compared sides: above a column, and in a sentence.
//!
//! Must not know how the table is drawn.

use super::compared::Compared;
use super::state::State;
use super::texts;

/// The heading of a column.
pub(crate) fn compared_name(state: &State, compared: Compared) -> String {
    match compared {
        Compared::Shell(side) => texts::column(state.lang, side),
        Compared::Process(number) => match state.shells.picked(number) {
            Some(picked) => picked.id.text(),
            None => texts::process_column(state.lang).to_owned(),
        },
    }
}

/// The subject of a column, for a sentence.
pub(crate) fn subject_of(state: &State, compared: Compared) -> texts::ColumnSubject {
    match compared {
        Compared::Shell(side) => texts::ColumnSubject::Side(side),
        Compared::Process(_) => texts::ColumnSubject::Process(compared_name(state, compared)),
    }
}
