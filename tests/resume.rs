//! The lab stays true: a lesson that was left in the middle, a container launched anew, another lesson's
//! leftovers. In each case the step gets the state that it begins with.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::chown;
use support::{As, Installed, eventually, family, needs};
use terminal::Terminal;
use terminal::keys::{F2, F3, F4, F5, LEAVE};

const SIZE: (u16, u16) = (120, 40);
/// Below a home.
const PROGRESS: &str = ".local/state/nslab/progress.json";

/// A home in which a learner has left off at this step, counted from 0.
fn home(nslab: &Installed, who: As, lesson: &str, step: usize) -> PathBuf {
    let name = format!("home-{}-{lesson}", who.uid());
    let home = nslab.directory.path().join(name);
    let mut path = home.join(PROGRESS);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let course = format!(r#"{{"lesson":"{lesson}","step":{step},"lessons":{{}}}}"#);
    let text = format!(r#"{{"version":1,"courses":{{"":{course}}}}}"#);
    fs::write(&path, text).unwrap();
    while path.starts_with(&home) {
        chown(&path, Some(who.uid().into()), None).unwrap();
        path.pop();
    }
    home
}

fn open(nslab: &Installed, who: As, home: &Path) -> Terminal {
    let environment = [("LANG", "C.UTF-8"), ("HOME", home.to_str().unwrap())];
    let arguments = ["--lang", "en"];
    Terminal::start_in(who, &nslab.binary(), &arguments, SIZE, &environment)
}

/// The step at which the progress file says the learner is, counted from 0. Progress that was moved to
/// the name of its course is still there under the old one.
fn step_of(home: &Path) -> Option<u64> {
    let text = fs::read_to_string(home.join(PROGRESS)).ok()?;
    let progress: serde_json::Value = serde_json::from_str(&text).ok()?;
    let courses = progress["courses"].as_object()?;
    courses
        .values()
        .filter_map(|course| course["step"].as_u64())
        .max()
}

/// The lesson's pane, without the shells.
fn lesson(screen: &str) -> String {
    let above = screen.lines().take_while(|line| !line.contains('┴'));
    let all = above.filter_map(|line| line.split('│').next());
    all.collect::<Vec<_>>().join("\n")
}

/// Whether the lesson says what Enter does, and waits for nothing else.
fn ready(screen: &str) -> bool {
    let says = ["Enter: ", "1–9 or ↑ ↓: predict"];
    let waits = ["starting …", "being made …", "done again …"];
    says.iter().any(|it| screen.contains(it)) && !waits.iter().any(|it| screen.contains(it))
}

/// Presses Enter, each time for what the lesson says that it does, until the progress file says that the
/// learner has come to this step, counted from 0. The screen may show its heading too shortly to be seen.
fn enter_until(terminal: &Terminal, home: &Path, step: u64) {
    let there = || step_of(home).is_some_and(|now| now >= step);
    for _ in 0..60 {
        if there() {
            return;
        }
        terminal.wait("something for Enter to do", ready);
        // What the last press led to may still be coming in.
        let screen = terminal.settle(Duration::from_millis(100), lesson);
        terminal.keys("\r");
        terminal.wait("what Enter did", |now| {
            there() || lesson(now) != lesson(&screen)
        });
    }
    panic!("step {step} was not reached\n{}", terminal.screen());
}

/// A learner who quits in the middle goes on the next day with the cable that the steps before made.
#[test]
fn a_resumed_lesson_has_what_its_steps_left() {
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who, "veth", 3);
        for _ in 0..2 {
            let mut terminal = open(&nslab, who, &home);
            terminal.wait_for("steps 1–3 were done again");
            terminal.wait_for_step("veth", 3);
            terminal.keys("q");
            assert_eq!(terminal.exit_code(), 0);
        }
        let terminal = open(&nslab, who, &home);
        terminal.wait_for("steps 1–3 were done again");
        enter_until(&terminal, &home, 4);
        let all = terminal.received_so_far();
        assert!(!all.contains("Cannot find device"), "{all}");
    }
}

#[test]
fn a_resumed_root_is_there() {
    let nslab = Installed::new();
    let home = home(&nslab, As::Ourselves, "root", 2);
    let terminal = open(&nslab, As::Ourselves, &home);
    terminal.wait_for("steps 1–2 were done again");
    enter_until(&terminal, &home, 3);
    assert!(!terminal.screen().contains("✘"), "{}", terminal.screen());
}

/// The last check of the capstone asks for a container that is gone: it must have been there.
#[test]
fn a_resumed_capstone_has_its_container() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let home = home(&nslab, As::Ourselves, "capstone", 2);
    let terminal = open(&nslab, As::Ourselves, &home);
    terminal.wait_for("steps 1–2 were done again");
    terminal.wait_for_step("capstone", 2);
    let screen = terminal.screen();
    assert!(!screen.contains("✔ the container is gone"), "{screen}");
    assert!(screen.contains("own UTS"), "{screen}");
    terminal.keys(F4);
    assert!(terminal.run("echo $(hostname)-it-is").contains("box-it-is"));
}

/// F5 takes the container away together with its end of the cable.
#[test]
fn a_container_launched_anew_is_named_and_put_right() {
    needs!(Hostname);
    let nslab = Installed::new();
    let home = home(&nslab, As::Ourselves, "veth", 3);
    let terminal = open(&nslab, As::Ourselves, &home);
    terminal.wait_for("steps 1–3 were done again");
    terminal.keys(F5);
    let bare = |screen: &str| -> String { screen.split_whitespace().collect() };
    terminal.wait("the cause", |screen| {
        bare(screen).contains("Enter:rebuildsteps1–3") && bare(screen).contains("interface")
    });
    terminal.keys("\r");
    terminal.wait_for("steps 1–3 were done again");
    enter_until(&terminal, &home, 4);
    let screen = terminal.screen();
    assert!(!screen.contains("Cannot find device"), "{screen}");
}

/// A shell that has ended is named before any hint.
#[test]
fn a_host_shell_that_has_ended_is_the_cause() {
    needs!(Hostname);
    let nslab = Installed::new();
    let home = home(&nslab, As::Ourselves, "uts", 1);
    let terminal = open(&nslab, As::Ourselves, &home);
    terminal.wait_for("step 1 was done again");
    terminal.keys(F3);
    terminal.line("exit");
    terminal.wait_for("The host shell has ended.");
    terminal.keys(F2);
    terminal.wait_for("Enter: rebuild step 1");
    terminal.keys("\r");
    terminal.wait_for("step 1 was done again");
}

/// A quotation mark that is still open, or a text that goes on: the line of the lesson must not become a
/// part of it.
#[test]
fn a_command_that_is_not_complete_does_not_swallow_the_lessons_line() {
    needs!(Hostname);
    let nslab = Installed::new();
    for line in ["echo \"open", "cat <<X"] {
        let home = home(&nslab, As::Ourselves, "uts", 1);
        let terminal = open(&nslab, As::Ourselves, &home);
        terminal.wait_for("step 1 was done again");
        terminal.keys(F4);
        terminal.line(line);
        terminal.wait("its second prompt", |screen| {
            screen.lines().any(|line| line.trim_end() == ">")
        });
        terminal.keys(LEAVE);
        terminal.keys(F2);
        enter_until(&terminal, &home, 2);
        let screen = terminal.screen();
        assert!(!screen.contains("> hostname web1"), "{screen}");
    }
}

/// `exec cat`: the shell is a program that only repeats what is typed. No line of the lesson was run by it.
#[test]
fn a_shell_that_has_become_another_program_gets_no_line() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let home = home(&nslab, who, "uts", 1);
        let terminal = open(&nslab, who, &home);
        terminal.wait_for("step 1 was done again");
        terminal.keys(F4);
        terminal.keys("exec cat\r");
        // What comes while the shell still reads keys is no line for cat.
        eventually("cat runs", || {
            family(terminal.pid()).iter().any(|it| it.name == "cat")
        });
        terminal.keys("repeated\r");
        terminal.wait("cat repeats it", |screen| {
            screen.matches("repeated").count() == 2
        });
        terminal.keys(LEAVE);
        terminal.keys(F2);
        let named = "cat runs in the foreground of the container shell";
        let mut screen = terminal.wait("something for Enter to do", ready);
        while !screen.contains(named) {
            terminal.keys("\r");
            let before = lesson(&screen);
            screen = terminal.wait("what Enter did", |now| {
                now.contains(named) || ready(now) && lesson(now) != before
            });
        }
        assert!(!screen.contains("✔ hostname web1"), "{screen}");
    }
}

/// Two commands that end only when somebody opens their gate, the second one with a status.
const SLOW: &str = "+++
id = \"slow\"
title = \"Slow\"
flags = [\"uts\"]
+++

## Gates

Two gates.

```launch
```

```run host
mkfifo /tmp/gate
cat /tmp/gate
sh -c 'read x < /tmp/gate; exit 3'
```
";

/// A line is done once its command has ended, not when it was typed; and failed if it has failed.
#[test]
fn a_slow_command_is_marked_when_it_ends() {
    needs!(Hostname);
    let nslab = Installed::new();
    let lessons = nslab.directory.path().join("lessons");
    fs::create_dir(&lessons).unwrap();
    fs::write(lessons.join("1.md"), SLOW).unwrap();
    for who in As::all() {
        let environment = [("LANG", "C.UTF-8"), ("HOME", "/nonexistent")];
        let arguments = ["--lang", "en", "--lessons", lessons.to_str().unwrap()];
        // The whole step is in view.
        let size = (120, 60);
        let terminal = Terminal::start_in(who, &nslab.binary(), &arguments, size, &environment);
        let marked = |line: &str| {
            terminal.wait(line, |screen| lesson(screen).contains(line));
        };
        let enter = |line: &str| {
            terminal.wait("that Enter types it", |screen| {
                ready(screen) && lesson(screen).contains(&format!("❯ {line}"))
            });
            terminal.keys("\r");
        };
        terminal.wait_for("Enter: tick UTS and launch");
        terminal.keys("\r");
        enter("mkfifo /tmp/gate");
        marked("✔ mkfifo /tmp/gate");
        for (line, mark) in [("cat /tmp/gate", "✔"), ("sh -c 'read x", "✘")] {
            enter(line);
            eventually("it waits at the gate", || {
                let name = line.split(' ').next().unwrap();
                family(terminal.pid()).iter().any(|it| it.name == name)
            });
            marked(&format!("… {line}"));
            terminal.keys(F4);
            terminal.line("echo open > /tmp/gate");
            marked(&format!("{mark} {line}"));
            terminal.keys(LEAVE);
            terminal.keys(F2);
        }
        terminal.wait_for("exit status 3");
    }
}

/// The learner has made a command mean something else: that is the cause, and it is named.
#[test]
fn an_alias_and_a_function_are_named_as_the_cause() {
    needs!(Hostname);
    let nslab = Installed::new();
    let cases = [
        ("alias hostname=false", "hostname is an alias"),
        ("hostname() { return 3; }", "hostname is a function"),
    ];
    for (line, cause) in cases {
        let home = home(&nslab, As::Ourselves, "uts", 1);
        let terminal = open(&nslab, As::Ourselves, &home);
        terminal.wait_for("step 1 was done again");
        terminal.keys(F4);
        terminal.line(line);
        terminal.keys(LEAVE);
        terminal.keys(F2);
        let bare = |screen: &str| screen.split_whitespace().collect::<String>();
        let named = |screen: &str| bare(&lesson(screen)).contains(&bare(cause));
        let mut screen = terminal.wait("something for Enter to do", ready);
        while !named(&screen) {
            terminal.keys("\r");
            let before = lesson(&screen);
            screen = terminal.wait("what Enter did", |now| {
                named(now) || ready(now) && lesson(now) != before
            });
        }
        assert!(bare(&screen).contains("✘hostnameweb1"), "{screen}");
    }
}
