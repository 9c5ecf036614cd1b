//! What a lesson brings along: a directory beside its file, of which both shells see a copy.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use support::{As, Installed, stderr, stdout};
use terminal::Terminal;
use terminal::keys::{F2, F3, LEAVE};

const F9: &str = "\x1b[20~";

/// A course for everybody to read, whose lessons bring `files` along, a file in each language's folder.
fn course(nslab: &Installed, name: &str) -> std::path::PathBuf {
    let directory = nslab.directory.path().join(name);
    let first = "## A\n\ntext\n\n```run host\ntrue\n```\n";
    let second = "## B\n\ntext\n\n```launch\n```\n\n```run container\ncat /share/page\n```\n\n\
        ```check\nname = \"both shells have the file\"\n\
        expr = 'container.last.program == \"cat\" and container.last.output == \"hello\" and host.file[\"/share/page\"].content == \"hello\"'\n\
        hint = \"Type cat /share/page.\"\n```\n\n```hint\ntext = \"Here:\"\nsolution = \"\"\"\nlaunch\ncontainer: cat /share/page\n\"\"\"\n```\n\n\
        ## C\n\ntext\n\n```run host\nsh -c 'echo x > /share/page; touch /share/new'\n```\n\n\
        ```check\nname = \"nobody can write\"\n\
        expr = 'host.last.program == \"sh\" and host.last.status != 0 and \"Read-only file system\" in host.last.output'\n\
        hint = \"Try.\"\n```\n\n```hint\ntext = \"Here:\"\nsolution = \"host: sh -c 'touch /share/new'\"\n```\n";
    for lang in ["en", "zh-CN"] {
        fs::create_dir_all(directory.join(lang)).unwrap();
        let lessons = [
            ("first", "", first),
            ("second", "share = \"../files\"\n", second),
        ];
        for (id, share, steps) in lessons {
            let front = format!(
                "+++\nid = \"{id}\"\ntitle = \"{id}\"\nflags = [\"mnt\"]\n{share}+++\n\n{steps}"
            );
            fs::write(directory.join(lang).join(format!("{id}.md")), front).unwrap();
        }
    }
    fs::create_dir(directory.join("files")).unwrap();
    fs::write(directory.join("files/page"), "hello\n").unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

fn open(nslab: &Installed, who: As, arguments: &[&str]) -> Terminal {
    Terminal::start(who, &nslab.binary(), arguments, (120, 40))
}

#[test]
fn a_lesson_has_its_files_and_nobody_can_write_them() {
    let nslab = Installed::new();
    let directory = course(&nslab, "course");
    let path = directory.to_str().unwrap();
    for who in As::all() {
        let verify = ["verify", "--lang=en", "--lessons", path];
        let output = nslab.command(who, &verify).output().unwrap();
        let said = stdout(&output) + &stderr(&output);
        assert!(said.contains("3 steps ok, 0 failed"), "{who:?}: {said}");
        assert_eq!(
            fs::read_to_string(directory.join("files/page")).unwrap(),
            "hello\n"
        );
    }
}

#[test]
fn files_that_are_not_there_are_named_at_their_place() {
    let nslab = Installed::new();
    let directory = course(&nslab, "course");
    fs::remove_dir_all(directory.join("files")).unwrap();
    let path = directory.to_str().unwrap();
    for (lang, expected) in [("en", "error: can't read "), ("zh-CN", "错误：无法读取 ")] {
        let output = nslab
            .command(As::Ourselves, &["lint", "--lang", lang, path])
            .output()
            .unwrap();
        let said = stdout(&output) + &stderr(&output);
        for file in ["en/second.md:5:9: ", "zh-CN/second.md:5:9: "] {
            assert!(said.contains(&format!("{file}{expected}")), "{said}");
        }
        assert_eq!(output.status.code(), Some(1), "{said}");
    }
    let verify = ["verify", "--lang=en", "--lessons", path];
    let output = nslab.command(As::Ourselves, &verify).output().unwrap();
    let said = stdout(&output);
    assert!(said.contains("Not shared: can't read "), "{said}");
    assert_eq!(output.status.code(), Some(1), "{said}");
}

/// Types into the host's shell, and goes back to the lesson.
fn in_host(terminal: &Terminal, line: &str, expected: &str) {
    terminal.keys(F3);
    terminal.line(line);
    terminal.wait_for(expected);
    terminal.keys(&format!("{LEAVE}{F2}"));
}

#[test]
fn a_lab_made_anew_has_the_files_still() {
    let nslab = Installed::new();
    let directory = course(&nslab, "course");
    let path = directory.to_str().unwrap();
    for who in As::all() {
        let lessons = ["--lang=en", "--lessons", path, "--lesson=second"];
        let shared = ["--lang=en", "--share", &format!("{path}/files")];
        for arguments in [&lessons[..], &shared[..]] {
            let terminal = open(&nslab, who, arguments);
            terminal.wait_for("[host]");
            in_host(&terminal, "echo $(cat /share/page) one", "hello one");
            terminal.keys(F9);
            terminal.wait("the question", |screen| {
                screen.contains("again") || screen.contains("再按")
            });
            terminal.keys(F9);
            terminal.wait("a fresh lab", |screen| {
                !screen.contains("hello one") && screen.contains("[host]")
            });
            in_host(&terminal, "echo $(cat /share/page) two", "hello two");
        }
    }
}

/// The first lesson's lab shows nothing.
#[test]
fn the_next_lesson_gets_a_lab_with_its_files() {
    let nslab = Installed::new();
    let directory = course(&nslab, "course");
    let arguments = [
        "--lang=en",
        "--lessons",
        directory.to_str().unwrap(),
        "--lesson=first",
    ];
    let terminal = open(&nslab, As::Ourselves, &arguments);
    terminal.wait_for("[host]");
    terminal.keys("\x1b[C");
    terminal.wait_for("The lab doesn't have the files of this lesson yet.");
    terminal.keys("\r");
    terminal.wait("a lab with the files", |screen| {
        screen.contains("Enter: tick MNT") && screen.contains("[host]")
    });
    in_host(&terminal, "echo $(cat /share/page) there", "hello there");
}

#[test]
fn a_directory_that_has_gone_is_told_in_the_learners_language() {
    let nslab = Installed::new();
    let shared = nslab.directory.path().join("shared");
    fs::create_dir(&shared).unwrap();
    let directory = |path: &Path| path.to_str().unwrap().to_owned();
    let arguments = ["--lang=zh-CN", "--share", &directory(&shared)];
    let terminal = open(&nslab, As::Ourselves, &arguments);
    terminal.wait_for("[host]");
    fs::remove_dir(&shared).unwrap();
    terminal.keys(F9);
    terminal.wait("the question", |screen| {
        screen.contains("again") || screen.contains("再按")
    });
    terminal.keys(F9);
    terminal.wait_for("无法共享：无法读取");
    fs::create_dir(&shared).unwrap();
    terminal.keys(F9);
    terminal.wait_for("[host]");
}
