//! Lessons in a directory are saved while nslab shows them.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rstest::rstest;
use support::{As, Installed};
use terminal::Terminal;
use terminal::keys::LANGUAGE;

const QUESTION: &str = "## The question\n\nAsked before it runs.\n\n```predict\nquestion = \"Which?\"\n\
    choices = [\"this one\", \"that one\"]\nanswer = 2\nwhy = \"So it is.\"\n```\n\nThe end of it.\n";

fn lesson(id: &str, title: &str, steps: &str) -> String {
    format!("+++\nid = \"{id}\"\ntitle = \"{title}\"\nflags = []\n+++\n\n{steps}")
}

fn first(prose: &str) -> String {
    lesson(
        "first",
        "The first",
        &format!("## The beginning\n\n{prose}\n\n{QUESTION}"),
    )
}

/// Saves like an editor: writes a new file and renames it, or overwrites the file.
#[derive(Debug, Clone, Copy)]
enum Saved {
    ByRename,
    InPlace,
}

fn save(how: Saved, path: &Path, text: &str) {
    match how {
        Saved::ByRename => {
            let beside = path.with_extension("md~");
            fs::write(&beside, text).unwrap();
            fs::rename(beside, path).unwrap();
        }
        Saved::InPlace => fs::write(path, text).unwrap(),
    }
}

fn course(nslab: &Installed, name: &str) -> PathBuf {
    let directory = nslab.directory.path().join(name);
    for lang in ["en", "zh-CN"] {
        fs::create_dir_all(directory.join(lang)).unwrap();
        fs::write(
            directory.join(lang).join("01-first.md"),
            first("Read this."),
        )
        .unwrap();
    }
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

fn open(nslab: &Installed, who: As, directory: &Path, size: (u16, u16)) -> Terminal {
    let directory = directory.display().to_string();
    let arguments = ["--lang", "en", "--lessons", &directory];
    let terminal = Terminal::start(who, &nslab.binary(), &arguments, size);
    terminal.wait_for("1/2 The beginning");
    terminal
}

#[rstest]
fn a_saved_lesson_is_shown_at_the_same_step(
    #[values(Saved::ByRename, Saved::InPlace)] how: Saved,
    #[values((120, 60), (80, 24))] size: (u16, u16),
) {
    let nslab = Installed::new();
    for (number, who) in As::all().into_iter().enumerate() {
        let directory = course(&nslab, &format!("lessons{number}"));
        let file = directory.join("en/01-first.md");
        let terminal = open(&nslab, who, &directory, size);
        terminal.keys("\x1b[C");
        terminal.wait_for("2/2 The question");
        terminal.keys("1");
        terminal.wait_for("you said: this one");

        // The last good version stays, and the title says so. A key lists all mistakes with file, line
        // and column.
        let broken = first("{{ host.hostnam }} and {{ host.uptme }}");
        save(how, &file, &broken);
        let screen = terminal.wait_for("✘ 2 mistakes in the lessons: e");
        assert!(screen.contains("you said: this one"), "{screen}");
        terminal.keys("e");
        terminal.wait_for("The saved lessons have 2 mistakes");
        let screen = terminal.wait_for("01-first.md:9:9");
        assert!(screen.contains("01-first.md:9:32"), "{screen}");
        assert!(screen.contains("hostname"), "{screen}");
        assert!(!screen.contains("The question"), "{screen}");
        terminal.keys("\r");
        terminal.wait_for("you said: this one");
        terminal.keys("e");
        terminal.wait_for("The saved lessons have 2 mistakes");

        // The file is right again and has a new first step: nslab finds the open step by its title, with
        // its answers.
        let steps = format!("## New\n\nx\n\n## The beginning\n\ny\n\n{QUESTION}Brand new.\n");
        save(how, &file, &lesson("first", "The first", &steps));
        terminal.wait_for("Brand new.");
        let screen = terminal.wait_for("3/3 The question");
        assert!(screen.contains("you said: this one"), "{screen}");

        // The step has a new title: nslab keeps its number.
        let steps = steps.replace("## The question", "## Another name");
        save(how, &file, &lesson("first", "The first", &steps));
        let screen = terminal.wait_for("3/3 Another name");
        assert!(screen.contains("you said: this one"), "{screen}");

        // The question has another choice: its answer is dropped.
        let steps = steps.replace("\"that one\"", "\"that one\", \"none\"");
        save(how, &file, &lesson("first", "The first", &steps));
        let screen = terminal.wait_for("3. none");
        assert!(!screen.contains("you said"), "{screen}");
    }
}

#[test]
fn lessons_come_and_go() {
    let nslab = Installed::new();
    let directory = course(&nslab, "lessons");
    let terminal = open(&nslab, As::Ourselves, &directory, (120, 40));
    terminal.keys("\x1b[C");
    terminal.wait_for("2/2 The question");
    let zeroth = lesson("zeroth", "In front of it", "## Zero\n\nnothing\n");
    fs::write(directory.join("en/00-zeroth.md"), &zeroth).unwrap();
    let screen = terminal.wait_for("2/2 The first");
    assert!(screen.contains("2/2 The question"), "{screen}");
    terminal.keys("l");
    terminal.wait_for("1 In front of it");
    terminal.keys("\x1b");
    // The open lesson is deleted: nslab shows a remaining one, until it is back.
    let first_file = directory.join("en/01-first.md");
    let text = fs::read_to_string(&first_file).unwrap();
    for back in [true, false] {
        fs::remove_file(&first_file).unwrap();
        terminal.wait_for("1/1 Zero");
        if back {
            fs::write(&first_file, &text).unwrap();
            terminal.wait_for("2/2 The question");
        }
    }
    terminal.keys("l");
    terminal.wait("one lesson", |screen| !screen.contains("The first"));
    terminal.keys("\x1b");
    fs::remove_file(directory.join("en/00-zeroth.md")).unwrap();
    terminal.wait_for("✘ 1 mistake in the lessons: e");
    terminal.keys("e");
    terminal.wait_for("holds no lessons");
    fs::write(directory.join("en/01-first.md"), first("Back again.")).unwrap();
    terminal.wait_for("2/2 The question");
    terminal.keys("\x1b[D");
    terminal.wait_for("Back again.");
    // nslab also notices the other language's file, and a new folder.
    terminal.keys(LANGUAGE);
    terminal.wait_for("Read this.");
    fs::remove_dir_all(directory.join("zh-CN")).unwrap();
    terminal.wait_for("Back again.");
    fs::create_dir(directory.join("zh-CN")).unwrap();
    fs::write(directory.join("zh-CN/01-first.md"), first("再来一次。")).unwrap();
    terminal.wait_for("再来一次。");
    // The whole directory is replaced, as by a checkout of another branch.
    let elsewhere = nslab.directory.path().join("elsewhere");
    fs::rename(&directory, &elsewhere).unwrap();
    let screen = terminal.wait_for("✘ 课程有");
    assert!(screen.contains("再来一次。"), "{screen}");
    terminal.keys("e");
    terminal.wait_for("无法读取");
    fs::rename(&elsewhere, &directory).unwrap();
    terminal.wait_for("再来一次。");
}

#[test]
fn mistakes_can_be_scrolled() {
    let nslab = Installed::new();
    let directory = course(&nslab, "lessons");
    let terminal = open(&nslab, As::Ourselves, &directory, (80, 24));
    let wrong: Vec<_> = (1..=30).map(|n| format!("{{{{ nothing{n} }}}}")).collect();
    let wrong = wrong.join("\n");
    fs::write(directory.join("en/01-first.md"), first(&wrong)).unwrap();
    terminal.wait_for("✘ 30 mistakes in the lessons: e");
    terminal.keys("e");
    terminal.wait_for("have 30 mistakes");
    terminal.keys("\x1b[F");
    terminal.wait_for("nothing30");
    terminal.keys("\x1b[H");
    terminal.wait_for("have 30 mistakes");
}

/// Neither when the lab opens, nor while it is open.
#[test]
fn a_broken_file_in_either_language_does_not_stop_the_others() {
    let nslab = Installed::new();
    let directory = course(&nslab, "lessons");
    let second = lesson("second", "The second", "## Sound\n\nas it should be\n");
    for lang in ["en", "zh-CN"] {
        fs::write(directory.join(lang).join("02-second.md"), &second).unwrap();
    }
    for lang in ["en", "zh-CN"] {
        let file = directory.join(lang).join("02-second.md");
        fs::write(&file, "+++\nno lesson\n").unwrap();
        let terminal = open(&nslab, As::Ourselves, &directory, (80, 24));
        terminal.wait_for("✘ 1 mistake in the lessons: e");
        // The other language has it.
        terminal.keys("l");
        terminal.wait_for("2 The second");
        terminal.keys("\x1b");
        // While the lab is open, the last good version stays.
        fs::write(&file, &second).unwrap();
        terminal.wait("no mark", |screen| !screen.contains("mistake"));
        fs::write(&file, b"\xff\xfe+\0").unwrap();
        terminal.wait_for("✘ 1 mistake in the lessons: e");
        terminal.keys("\x1b[C\x1b[C");
        terminal.wait_for("1/1 Sound");
        terminal.keys("e");
        terminal.wait_for("the file is UTF-16");
        fs::write(&file, &second).unwrap();
        terminal.wait_for("as it should be");
    }
    // In both languages: it alone is missing.
    for lang in ["en", "zh-CN"] {
        let file = directory.join(lang).join("02-second.md");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
    }
    let terminal = open(&nslab, As::Ourselves, &directory, (80, 24));
    terminal.wait_for("✘ 2 mistakes in the lessons: e");
    terminal.keys("e");
    let screen = terminal.wait_for("this is a directory");
    assert!(screen.contains("en/02-second.md:1:1"), "{screen}");
}
