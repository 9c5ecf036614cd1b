//! Errors of lessons and of lesson directories.

use std::io;
use std::path::PathBuf;

use super::chinese;
use crate::lang::Lang;

/// Why a lesson can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// A mistake at a place in a lesson's text.
    #[error("{path}:{line}:{column}: {what}{}", behind(.help.as_deref()))]
    Text {
        /// The file's name, as it was given.
        path: String,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        what: String,
        /// The expected text, or the text that was probably meant.
        help: Option<String>,
    },
    /// A directory or file that can't be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A directory without lessons.
    #[error("{} holds no lessons; expected files like 01-name.md in it, or in folders en and zh-CN", path.display())]
    Empty { path: PathBuf },
}

impl LessonError {
    /// The same in a language.
    pub fn in_language(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, error) => error.to_string(),
            (
                Lang::ZhCn,
                LessonError::Text {
                    path, line, column, ..
                },
            ) => {
                format!("{path}:{line}:{column}: {}", self.message(lang))
            }
            (Lang::ZhCn, LessonError::Unreadable { path, source }) => {
                let why = chinese::system_error(source);
                format!("无法读取 {}：{why}", path.display())
            }
            (Lang::ZhCn, LessonError::Empty { path }) => format!(
                "{} 里没有课程；里面，或者 en 和 zh-CN 文件夹里，应当有 01-name.md 这样的文件",
                path.display()
            ),
        }
    }

    /// The message and its help, without the place in the text.
    pub fn message(&self, lang: Lang) -> String {
        let LessonError::Text { what, help, .. } = self else {
            return self.in_language(lang);
        };
        match lang {
            Lang::En => format!("{what}{}", behind(help.as_deref())),
            Lang::ZhCn => {
                let mut said = chinese::finding(what);
                if let Some(help) = help {
                    said.extend(["；", &chinese::finding(help)]);
                }
                said
            }
        }
    }
}

fn behind(help: Option<&str>) -> String {
    help.map_or_else(String::new, |help| format!("; {help}"))
}
