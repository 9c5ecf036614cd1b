//! How the learner has divided the screen, kept from one session to the next.
//!
//! Must not know which panes the shares belong to.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::place;
use crate::regular_file;

const FILE: &str = "splits.json";
/// Bytes; far more than three shares need.
const LARGEST: u64 = 4096;

/// A share in thousandths: it stays when the screen changes its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Share(u16);

impl Share {
    const WHOLE: u16 = 1_000;

    /// The share of `part` rows or columns in `all`.
    pub(crate) fn new(part: u16, all: u16) -> Self {
        let part = u32::from(part.min(all)) * u32::from(Self::WHOLE);
        let all = u32::from(all.max(1));
        Share(u16::try_from((part + all / 2) / all).unwrap_or(Self::WHOLE))
    }

    /// This share of `all` rows or columns.
    pub(crate) fn of(self, all: u16) -> u16 {
        let whole = u32::from(Self::WHOLE);
        let part = (u32::from(self.0) * u32::from(all) + whole / 2) / whole;
        u16::try_from(part).unwrap_or(all).min(all)
    }
}

/// The moved borders, each as the share of the space above it or to its left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Splits {
    /// Rows above the shells.
    pub(crate) above_shells: Option<Share>,
    /// Columns of the lesson.
    pub(crate) beside_lesson: Option<Share>,
    /// Rows of the first shell.
    pub(crate) between_shells: Option<Share>,
}

impl Splits {
    /// The splits of an earlier session; none if they can't be read.
    pub(crate) fn of_user() -> Self {
        let directory = place::state_directory();
        directory.map_or_else(Self::default, |directory| Self::load(&directory))
    }

    /// Saves them for the user's next session.
    pub(crate) fn keep(self) -> io::Result<()> {
        match place::state_directory() {
            Some(directory) => self.write(&directory),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    fn load(directory: &Path) -> Self {
        let file = directory.join(FILE);
        let text = regular_file::read(&file, LARGEST).ok();
        let splits = text.and_then(|text| serde_json::from_slice(&text).ok());
        splits.unwrap_or_default()
    }

    fn write(self, directory: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(directory)?;
        // Another nslab may write at the same time, and the last one counts.
        let beside = directory.join(format!("{FILE}.{}.new", std::process::id()));
        let text = serde_json::to_vec(&self)?;
        let written =
            fs::write(&beside, text).and_then(|()| fs::rename(&beside, directory.join(FILE)));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("a/b");
        assert_eq!(Splits::load(&state), Splits::default());
        let moved = Splits {
            beside_lesson: Some(Share::new(70, 120)),
            ..Splits::default()
        };
        moved.write(&state).unwrap();
        assert_eq!(Splits::load(&state), moved);
        for broken in [
            "",
            "[]",
            r#"{"beside_lesson":"x"}"#,
            r#"{"beside_lesson":70000}"#,
        ] {
            fs::write(state.join(FILE), broken).unwrap();
            assert_eq!(Splits::load(&state), Splits::default(), "{broken}");
        }
        let later = r#"{"beside_lesson":583,"of_a_later_nslab":[]}"#;
        fs::write(state.join(FILE), later).unwrap();
        assert_eq!(Splits::load(&state), moved);
    }

    #[test]
    fn a_share_of_a_screen_is_found_again() {
        for all in 1..400 {
            for part in 0..=all {
                assert_eq!(Share::new(part, all).of(all), part, "{part} of {all}");
            }
        }
    }
}
