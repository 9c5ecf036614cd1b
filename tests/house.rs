//! The rules of the house, read off its sources.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "house/imports.rs"]
mod imports;

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
    // The checkout itself may lie below a directory of that name.
    let path = path.strip_prefix(root()).unwrap();
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

fn imports() -> imports::Imports {
    let module = |path: &Path| -> Vec<String> {
        let path = path.strip_prefix(root()).unwrap().with_extension("");
        let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
        parts.filter(|part| part != "lib").collect()
    };
    let sources = sources(&root()).into_iter().filter(|path| !is_test(path));
    let code: BTreeMap<_, _> = sources.map(|path| (module(&path), code(&path))).collect();
    let imports = imports::imports(&code);
    assert!(imports.len() > code.len() / 2, "the imports are not read");
    imports
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

/// It panics where the system refuses a thread.
#[test]
fn a_refused_thread_is_an_error() {
    let rooms = ROOMS.map(|(room, _)| room);
    forbid(&rooms, &["thread::spawn("]);
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

/// The modules of glibc that look up names are loaded when they are needed, and crash a static binary on a machine
/// with another glibc. portable-pty's `CommandBuilder` asks them for the user's shell and home.
#[test]
fn no_name_is_looked_up_by_modules_of_glibc() {
    for path in sources(&root()) {
        let code = code(&path);
        let words = [
            "CommandBuilder",
            "User::from_",
            "Group::from_",
            "getpw",
            "getgr",
            "to_socket_addrs",
            "initgroups(",
        ];
        for word in words {
            assert!(!code.contains(word), "{}: {word}", path.display());
        }
    }
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
    forbid(&["doctor", "code", "sheet", "namespace", "lang"], &io);
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

/// The rooms from the lowest to the highest, and the rooms that each imports from.
const ROOMS: [(&str, &str); 26] = [
    ("sys", ""),
    ("lang", ""),
    ("namespace", ""),
    ("theme", ""),
    ("regular_file", ""),
    ("progress", "regular_file"),
    ("template", ""),
    ("poller", ""),
    ("rtnetlink", ""),
    ("facts", "namespace sys"),
    ("sandbox", "facts lang namespace sys"),
    ("explain", "facts lang namespace sandbox"),
    ("code", "lang namespace sandbox template"),
    ("sheet", "lang namespace template"),
    ("discovery", "lang namespace rtnetlink sys"),
    ("observe", "discovery namespace rtnetlink sandbox sys"),
    ("pty", "sandbox sys"),
    ("lesson", "lang namespace observe regular_file sandbox"),
    ("doctor", "explain facts lang lesson namespace sandbox"),
    ("prose", "lesson theme"),
    (
        "app",
        "code discovery explain facts lang lesson namespace observe progress prose pty sandbox theme",
    ),
    ("ui", "app lang namespace observe prose pty sandbox theme"),
    (
        "runtime",
        "app code doctor explain facts lang lesson namespace observe poller progress pty sandbox sys theme ui",
    ),
    (
        "verify",
        "app code explain lang lesson poller progress runtime sandbox",
    ),
    (
        "cli",
        "app code discovery doctor explain facts lang lesson namespace observe poller progress pty runtime sandbox \
         sheet sys theme verify",
    ),
    ("main", ""),
];

#[test]
fn rooms_import_from_lower_rooms() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, tos) in imports() {
        for to in tos.into_keys() {
            if let (Some(from), Some(to)) = (from.first(), to.first())
                && from != to
            {
                found.entry(from.clone()).or_default().insert(to.clone());
            }
        }
    }
    let mut below = BTreeSet::new();
    for (room, listed) in ROOMS {
        let found = found.remove(room).unwrap_or_default();
        let listed: BTreeSet<_> = listed.split_whitespace().map(str::to_owned).collect();
        assert_eq!(
            found, listed,
            "what {room} imports from is not what is listed"
        );
        let higher: Vec<_> = listed.difference(&below).collect();
        assert!(higher.is_empty(), "{room} is below {higher:?}");
        below.insert(room.to_owned());
    }
    assert!(found.is_empty(), "rooms that are not listed: {found:?}");
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

/// Files that import from each other can only be understood together.
const LARGEST_CYCLE: usize = 4;

#[test]
fn no_large_import_cycles() {
    let imports = imports();
    let mut found = String::new();
    for cycle in imports::cycles(&imports) {
        if cycle.len() <= LARGEST_CYCLE {
            continue;
        }
        let _ = writeln!(found, "{} files import from each other:", cycle.len());
        for from in &cycle {
            for (to, names) in imports[from].iter().filter(|(to, _)| cycle.contains(to)) {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                let (from, to) = (from.join("/"), to.join("/"));
                let _ = writeln!(found, "  {from} -> {to}: {}", names.join(", "));
            }
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// Headings, rows of tables, items of lists and commands: a reader of the Chinese one misses none of them.
#[test]
fn the_readme_is_as_full_in_chinese_as_in_english() {
    let count = |name: &str| -> BTreeMap<&str, usize> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(file).unwrap();
        let mut counts = BTreeMap::new();
        for line in text.lines() {
            for start in ["#", "|", "- ", "nslab "] {
                if line.starts_with(start) {
                    *counts.entry(start).or_default() += 1;
                }
            }
        }
        counts
    };
    assert_eq!(count("README.md"), count("README.zh-CN.md"));
}

/// The packages whose programs the tests look at. CI has a compiler already.
#[test]
fn ci_installs_the_packages_that_contributing_names() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let packages = |text: &str, begin: &str, end: &str| -> BTreeSet<String> {
        let (_, list) = text.split_once(begin).unwrap();
        let (list, _) = list.split_once(end).unwrap();
        let words = list.split_whitespace().filter(|it| *it != "\\");
        words.map(str::to_owned).collect()
    };
    let ci = packages(&read(".ci/run").unwrap(), "packages=\"", "\"");
    let guide = read("CONTRIBUTING.md").unwrap();
    let mut named = packages(&guide, "sudo apt install ", "\ncargo");
    assert!(named.remove("build-essential"));
    assert_eq!(named, ci);
}
