//! What a lesson asks of a side beside its snapshot, as plain data: single files, processes by their name.
//!
//! It is read only where an expression of the open lesson asks for it. Lessons name these fields: a
//! renamed one breaks them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One thing to be read. As an argument of a watcher: `file:/etc/hostname`, `process:sleep`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The file with this absolute path.
    File(String),
    /// The processes with this name.
    Process(String),
}

/// The kinds of questions, by their names in expressions.
pub const KINDS: [&str; 2] = ["file", "process"];

impl Question {
    /// A question of this kind: `file` and a path, `process` and a name. An error says what is expected.
    pub fn new(kind: &str, of: &str) -> Result<Self, &'static str> {
        match kind {
            "file" if of.starts_with('/') => Ok(Question::File(of.to_owned())),
            "file" => {
                Err("expected the whole path of a file, as in `host.file[\"/etc/hostname\"]`")
            }
            "process" if !of.is_empty() => Ok(Question::Process(of.to_owned())),
            "process" => Err("expected the name of a program, as in `host.process[\"sleep\"]`"),
            _ => Err("expected `file` or `process`"),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Question::File(path) => write!(f, "file:{path}"),
            Question::Process(name) => write!(f, "process:{name}"),
        }
    }
}

impl FromStr for Question {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, of) = text.split_once(':').unwrap_or_default();
        Question::new(kind, of)
    }
}

/// What was asked of a side. What can't be known is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {
    /// Files by their paths.
    pub file: BTreeMap<String, AskedFile>,
    /// Processes by their names, of each name the lowest process id first.
    pub process: BTreeMap<String, Vec<AskedProcess>>,
}

/// What is at a path. A link at its end is not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFile {
    /// Whether anything is there.
    pub exists: bool,
    /// What is there.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub found: Option<FoundFile>,
}

/// A file as stat(2) tells of it, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundFile {
    #[serde(rename = "type")]
    pub file_type: FileType,
    /// Its permissions in octal, as stat(1) prints them: `644`, `1777`.
    pub mode: String,
    /// Its owner, as the side sees it.
    pub uid: u32,
    /// Its group, as the side sees it.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// The text at its beginning, without the line ends at its end. Absent unless it is a regular file
    /// that may be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Where a link leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// inode(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    File,
    Directory,
    Link,
    Fifo,
    Socket,
    /// A character or a block device.
    Device,
}

/// A process as the side's own `/proc` shows it; proc_pid_status(5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedProcess {
    pub pid: i32,
    /// Its parent; 0 where that is in an outer PID namespace.
    pub ppid: i32,
    /// The letter of its state: R, S, D, T, Z, …
    pub state: String,
    /// Its process id in the PID namespace of that `/proc`, and in each one nested in it where the process
    /// is, outermost first.
    pub nspid: Vec<i32>,
    /// Its effective user id, as the side sees it.
    pub uid: u32,
}

/// An example of an answer to each kind of question, in which every field has a value.
pub(crate) fn examples() -> [(&'static str, serde_json::Value); KINDS.len()] {
    [
        ("file", serde_json::json!(AskedFile::example())),
        ("process", serde_json::json!([AskedProcess::example()])),
    ]
}

impl Asked {
    /// An example in which every field has a value: the fields that expressions have.
    pub(crate) fn example(questions: &[Question]) -> Self {
        let mut asked = Asked::default();
        for question in questions {
            match question {
                Question::File(path) => {
                    asked.file.insert(path.clone(), AskedFile::example());
                }
                Question::Process(name) => {
                    asked
                        .process
                        .insert(name.clone(), vec![AskedProcess::example()]);
                }
            }
        }
        asked
    }
}

impl AskedFile {
    fn example() -> Self {
        AskedFile {
            exists: true,
            found: Some(FoundFile {
                file_type: FileType::File,
                mode: "644".to_owned(),
                uid: 0,
                gid: 0,
                size: 3,
                content: Some("vm".to_owned()),
                target: Some("vm".to_owned()),
            }),
        }
    }
}

impl AskedProcess {
    fn example() -> Self {
        AskedProcess {
            pid: 7,
            ppid: 1,
            state: "S".to_owned(),
            nspid: vec![77, 7],
            uid: 0,
        }
    }
}
