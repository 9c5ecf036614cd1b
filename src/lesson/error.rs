//! What can be wrong with a lesson, or with a directory of them.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Something that keeps a lesson from being used.
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
        /// What is wrong.
        what: String,
        /// What was expected, or what might be meant.
        help: Option<String>,
    },
    /// A directory or a file that the system does not let us read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A directory without a single lesson.
    #[error("{} holds no lessons; expected files like 01-name.md in it, or in folders en and zh-CN", path.display())]
    Empty {
        /// Which one.
        path: PathBuf,
    },
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
