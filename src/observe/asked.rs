//! A lesson's questions about a side, and the answers, as plain data: single files, processes by name, whether
//! an address answers, routes, the tree of cgroups.
//!
//! An answer is read only while an expression or a figure of the open lesson asks for it. Lessons name these
//! fields, except the cgroups, which only figures show: to rename a field breaks lessons.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::cgroups::Cgroups;

/// A question about a side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Question {
    /// The file with this absolute path.
    File(String),
    /// The processes with this name.
    Process(String),
    /// Whether this address answers.
    Answers(IpAddr),
    /// The unicast routes of the main routing table.
    Routes,
    /// The tree of cgroups that it sees. No expression asks for it.
    Cgroups,
}

/// The kinds of questions, by their names in expressions. All but the last have an object: a path, a name, an
/// address.
pub(crate) const KINDS: [&str; 4] = ["file", "process", "answers", ROUTES];
pub(crate) const ROUTES: &str = "routes";

impl Question {
    /// A question of this kind: `file` and a path, `process` and a name, `answers` and an address. The error says what
    /// is expected.
    pub fn new(kind: &str, of: &str) -> Result<Self, &'static str> {
        match kind {
            "file" if of.starts_with('/') => Ok(Question::File(of.to_owned())),
            "file" => {
                Err("expected the whole path of a file, as in `host.file[\"/etc/hostname\"]`")
            }
            "process" if !of.is_empty() => Ok(Question::Process(of.to_owned())),
            "process" => Err("expected the name of a program, as in `host.process[\"sleep\"]`"),
            "answers" => {
                let help = "expected an IP address, as in `host.answers[\"10.9.0.2\"]`";
                let address = of.parse::<IpAddr>().map_err(|_| help)?;
                // Answers are stored by the address in its canonical form.
                let is_standard = address.to_string() == of;
                is_standard
                    .then_some(Question::Answers(address))
                    .ok_or(help)
            }
            ROUTES if of.is_empty() => Ok(Question::Routes),
            ROUTES => Err("expected `host.routes`, a list"),
            _ => Err("expected `file`, `process`, `answers` or `routes`"),
        }
    }
}

/// The answers about a side. An answer that can't be known is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Files by their paths.
    pub file: BTreeMap<String, AskedFile>,
    /// Processes by their names. Those of one name are in the order of their process ids.
    pub process: BTreeMap<String, Vec<AskedProcess>>,
    /// Whether each address answers.
    pub answers: BTreeMap<IpAddr, bool>,
    /// The main routing table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routes: Option<Vec<Route>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroups: Option<Cgroups>,
}

/// An entry of the routing table; ip-route(8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The destination: `10.9.0.0/24`, or `default`.
    pub to: String,
    /// The address of the gateway, if the route has one.
    pub via: Option<String>,
    /// The name of the interface.
    pub device: Option<String>,
}

/// The file at a path. A link at the end of the path is not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFile {
    /// Whether anything is there.
    pub exists: bool,
    /// The file, if there is one.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub found: Option<FoundFile>,
}

/// A file's stat(2), and its content.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FoundFile {
    #[serde(rename = "type")]
    pub file_type: FileType,
    /// Its permissions in octal, as stat(1) prints them: `644`, `1777`.
    pub mode: String,
    /// Its owner, as the side sees it.
    pub uid: u32,
    /// Its group, as the side sees it.
    pub gid: u32,
    /// Its size in bytes.
    pub size: u64,
    /// The text at its beginning, without the line ends at its end. Absent unless it is a regular file
    /// that may be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The target of a link; readlink(2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// inode(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    #[default]
    File,
    Directory,
    Link,
    Fifo,
    Socket,
    /// A character or a block device.
    Device,
}

/// A process as the side's own `/proc` shows it; proc_pid_status(5).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
        ("answers", serde_json::json!(true)),
        (ROUTES, serde_json::json!([Route::example()])),
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
                Question::Answers(address) => {
                    asked.answers.insert(*address, true);
                }
                Question::Routes => asked.routes = Some(vec![Route::example()]),
                Question::Cgroups => {}
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
                mode: "644".to_owned(),
                content: Some("vm".to_owned()),
                target: Some("vm".to_owned()),
                ..FoundFile::default()
            }),
        }
    }
}

impl AskedProcess {
    fn example() -> Self {
        AskedProcess {
            state: "S".to_owned(),
            nspid: vec![77, 7],
            ..AskedProcess::default()
        }
    }
}

impl Route {
    fn example() -> Self {
        Route {
            to: "10.9.0.0/24".to_owned(),
            via: Some("10.9.0.1".to_owned()),
            device: Some("in0".to_owned()),
        }
    }
}
