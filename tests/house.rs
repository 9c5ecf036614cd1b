//! The rules of the house, read off its sources.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

use std::fs;
use std::path::{Path, PathBuf};

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A source without its comments and its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .to_owned();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| {
        ["tests", "fixture"].iter().any(|name| stem == *name)
            || stem.to_string_lossy().ends_with("_tests")
    }) || path.components().any(|part| part.as_os_str() == "tests")
}

/// The files of a room: `room.rs` and all below `room/`.
fn room(name: &str) -> Vec<PathBuf> {
    let all = sources(&root());
    let (file, folder) = (root().join(format!("{name}.rs")), root().join(name));
    let files: Vec<_> = all
        .into_iter()
        .filter(|path| *path == file || path.starts_with(&folder))
        .collect();
    assert!(!files.is_empty(), "there is no room {name}");
    files
}

fn forbid(rooms: &[&str], words: &[&str]) {
    let mut found = Vec::new();
    for path in rooms
        .iter()
        .flat_map(|name| room(name))
        .filter(|path| !is_test(path))
    {
        let code = code(&path);
        for word in words.iter().filter(|word| code.contains(**word)) {
            found.push(format!("{}: {word}", path.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_file_says_what_it_owns() {
    for path in sources(&root()) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} has no //! at its top",
            path.display()
        );
    }
}

#[test]
fn unsafe_code_stands_in_sys_alone() {
    let mut with_unsafe = Vec::new();
    for path in sources(&root()) {
        let code = code(&path);
        if ["unsafe {", "unsafe fn", "unsafe impl"]
            .iter()
            .any(|word| code.contains(word))
        {
            with_unsafe.push(path);
        }
    }
    assert_eq!(with_unsafe, [root().join("sys.rs")]);
}

#[test]
fn rendering_and_core_do_no_input_or_output() {
    let io = [
        "std::fs",
        "std::net",
        "std::thread",
        "thread::spawn",
        "std::process",
        "nix::",
        "libc::",
        "std::env::args",
        "println!",
    ];
    forbid(&["ui", "app", "lesson"], &[&io[2..]].concat());
    forbid(&["ui", "app"], &io[..2]);
    // What a refusal means and what a machine allows is decided from data alone.
    forbid(&["explain"], &io[..5]);
    forbid(&["doctor", "code", "namespace", "lang"], &io);
    let workings: Vec<_> = ["channel", "host", "lab", "launch", "trace"]
        .map(|part| format!("sandbox::{part}"))
        .into();
    let workings: Vec<_> = workings.iter().map(String::as_str).collect();
    forbid(
        &["explain", "doctor", "lesson", "app/texts", "code"],
        &workings,
    );
    forbid(
        &["app"],
        &["ratatui::widgets", "ratatui::Frame", "impl Widget"],
    );
}

#[test]
fn lower_rooms_do_not_know_higher_ones() {
    let above = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("crate::{name}")).collect()
    };
    let check = |rooms: &[&str], names: &[&str]| {
        let words = above(names);
        forbid(rooms, &words.iter().map(String::as_str).collect::<Vec<_>>());
    };
    check(
        &["namespace", "lang", "sys"],
        &[
            "app", "ui", "runtime", "cli", "sandbox", "observe", "lesson", "pty", "explain",
            "doctor", "facts", "code",
        ],
    );
    check(
        &["facts"],
        &[
            "app", "ui", "runtime", "cli", "sandbox", "observe", "lesson", "pty", "explain",
            "doctor",
        ],
    );
    check(
        &["code"],
        &[
            "app", "ui", "runtime", "cli", "observe", "lesson", "pty", "explain", "doctor", "facts",
        ],
    );
    check(
        &["explain"],
        &[
            "app", "ui", "runtime", "cli", "observe", "lesson", "pty", "doctor",
        ],
    );
    check(&["doctor"], &["app", "ui", "runtime", "cli", "pty"]);
    check(
        &["progress"],
        &[
            "app", "ui", "runtime", "cli", "pty", "lesson", "sandbox", "observe",
        ],
    );
    check(&["lesson"], &["app", "ui", "runtime", "cli", "pty"]);
    check(
        &["sandbox", "observe"],
        &[
            "app", "ui", "runtime", "cli", "lesson", "pty", "doctor", "code",
        ],
    );
    check(
        &["pty"],
        &[
            "app", "ui", "runtime", "cli", "lesson", "observe", "explain", "doctor", "facts",
            "code",
        ],
    );
    check(&["app", "ui"], &["runtime", "cli", "doctor", "verify"]);
    check(&["runtime", "lesson"], &["verify"]);
    check(&["verify"], &["cli"]);
}

#[test]
fn nothing_unfinished_and_no_way_to_panic_on_purpose() {
    let all: Vec<_> = fs::read_dir(root())
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            entry
                .path()
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
        })
        .filter(|name| name != "main" && name != "lib")
        .collect();
    let rooms: Vec<_> = all.iter().map(String::as_str).collect();
    forbid(
        &rooms,
        &[
            "todo!(",
            "unimplemented!(",
            "#[ignore",
            ".unwrap()",
            ".expect(\"",
            "panic!(",
        ],
    );
}
