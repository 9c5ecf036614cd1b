//! Errors of lessons and of lesson directories.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a lesson can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// A mistake at a place in a lesson's text.
    #[error("{path}:{line}:{column}: {what}{}", Help(.help.as_deref()))]
    Text {
        /// The file's name, as it was given.
        path: String,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        what: String,
        /// What was expected, or probably meant.
        help: Option<String>,
    },
    /// A directory or file that can't be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A directory without lessons.
    #[error("{} holds no lessons; expected files like 01-name.md in it, or in folders en and zh-CN", path.display())]
    Empty { path: PathBuf },
}

struct Help<'a>(Option<&'a str>);

impl fmt::Display for Help<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}
