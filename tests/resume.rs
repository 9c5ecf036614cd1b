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

/// Presses Enter, each time after the last line's command has ended, until the screen is as wanted.
fn enter_until_shown(terminal: &Terminal, wanted: impl Fn(&str) -> bool) -> String {
    let runs = |screen: &str| {
        lesson(screen)
            .lines()
            .any(|it| it.trim_start().starts_with("… "))
    };
    let mut screen = terminal.wait("something for Enter to do", ready);
    while !wanted(&screen) {
        terminal.keys("\r");
        let before = lesson(&screen);
        screen = terminal.wait("what Enter did", |now| {
            wanted(now) || ready(now) && !runs(now) && lesson(now) != before
        });
    }
    screen
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
        let screen = enter_until_shown(&terminal, |screen| screen.contains(named));
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
        let screen = enter_until_shown(&terminal, named);
        assert!(bare(&screen).contains("✘hostnameweb1"), "{screen}");
    }
}

/// A line of the lesson whose command is an alias has a tick if that ends well, and the alias is named.
#[test]
fn an_alias_that_ends_well_is_named() {
    needs!(Hostname);
    let nslab = Installed::new();
    let home = home(&nslab, As::Ourselves, "uts", 1);
    let terminal = open(&nslab, As::Ourselves, &home);
    terminal.wait_for("step 1 was done again");
    terminal.keys(F4);
    terminal.line("alias hostname=true");
    terminal.keys(LEAVE);
    terminal.keys(F2);
    let bare = |screen: &str| screen.split_whitespace().collect::<String>();
    let named = |screen: &str| bare(&lesson(screen)).contains("hostnameisanalias");
    let screen = enter_until_shown(&terminal, named);
    assert!(bare(&screen).contains("✔hostnameweb1"), "{screen}");
}

/// A lesson whose lines start an inner shell, leave it, and can't be read.
const INNER: &str = "+++
id = \"inner\"
title = \"Inner shells\"
flags = []
+++

## One

```run host
bash
exit 3
echo )
true last
```
";

#[test]
fn the_exit_of_an_inner_shell_and_a_syntax_error_end() {
    let nslab = Installed::new();
    let lessons = nslab.directory.path().join("lessons");
    fs::create_dir(&lessons).unwrap();
    fs::write(lessons.join("1.md"), INNER).unwrap();
    let environment = [("LANG", "C.UTF-8"), ("HOME", "/nonexistent")];
    let arguments = ["--lang", "en", "--lessons", lessons.to_str().unwrap()];
    let binary = nslab.binary();
    let terminal = Terminal::start_in(As::Ourselves, &binary, &arguments, (120, 60), &environment);
    let marked = |line: &str| {
        terminal.wait(line, |screen| lesson(screen).contains(line));
    };
    // Each line, and how it is marked.
    let lines = [
        ("bash", "… bash"),
        ("exit 3", "✔ exit 3"),
        ("echo )", "✘ echo )"),
        ("true last", "✔ true last"),
    ];
    // Before the first line there is one prompt.
    for (prompts, (line, then)) in (2..).zip(lines) {
        terminal.wait("that Enter types it", |screen| {
            ready(screen) && lesson(screen).contains(&format!("❯ {line}"))
        });
        terminal.keys("\r");
        marked(then);
        // Bash may take a while to show its first prompt: the one before is not meant.
        terminal.wait("the next prompt", |screen| {
            screen
                .lines()
                .filter(|it| it.starts_with("[host] "))
                .count()
                == prompts
        });
    }
    terminal.wait_for("syntax error near unexpected token");
    let screen = terminal.screen();
    assert!(!lesson(&screen).contains('…'), "{screen}");
}

/// The old proc may be unmounted before the new one is mounted.
#[test]
fn a_new_proc_in_place_of_the_old_one_counts() {
    needs!(Proc);
    let nslab = Installed::new();
    let home = home(&nslab, As::Ourselves, "proc", 2);
    let environment = [("LANG", "C.UTF-8"), ("HOME", home.to_str().unwrap())];
    // The whole step is in view.
    let (binary, size) = (nslab.binary(), (120, 80));
    let terminal = Terminal::start_in(
        As::Ourselves,
        &binary,
        &["--lang", "en"],
        size,
        &environment,
    );
    terminal.wait_for("steps 1–2 were done again");
    terminal.keys("1");
    let check = "the container has a new /proc, the host has its old one";
    let marked = |mark: &str| {
        let line: String = format!("{mark}{check}").split_whitespace().collect();
        terminal.wait(mark, |screen| {
            let said: String = lesson(screen).split_whitespace().collect();
            said.contains(&line)
        });
    };
    marked("○");
    terminal.keys(F4);
    terminal.line("umount /proc; echo gone");
    terminal.wait("that it is gone", |screen| {
        screen.lines().any(|it| it.trim_end() == "gone")
    });
    marked("○");
    terminal.line("mount -t proc proc /proc");
    marked("✔");
}

/// A terminal that Ctrl-S has stopped gets no line, and says what continues it.
#[test]
fn a_stopped_terminal_gets_no_line() {
    let nslab = Installed::new();
    let lessons = nslab.directory.path().join("lessons");
    fs::create_dir(&lessons).unwrap();
    let step = "## One\n\n```run host\necho $((6 * 7))\n```\n";
    let text = format!("+++\nid = \"one\"\ntitle = \"One\"\nflags = []\n+++\n\n{step}");
    fs::write(lessons.join("1.md"), text).unwrap();
    let environment = [("LANG", "C.UTF-8"), ("HOME", "/nonexistent")];
    let arguments = ["--lang", "en", "--lessons", lessons.to_str().unwrap()];
    let binary = nslab.binary();
    for by_lesson in [true, false] {
        let terminal = Terminal::start_in(As::Ourselves, &binary, &arguments, SIZE, &environment);
        let leave = || {
            terminal.keys(LEAVE);
            terminal.keys(F2);
            terminal.wait("the lesson's keys", |screen| screen.contains(" Enter next"));
        };
        terminal.wait_for("Enter: type it into the host shell");
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.keys("\x13");
        terminal.wait_for("Ctrl-S stopped the terminal of the host shell");
        if by_lesson {
            leave();
            terminal.keys("\r");
            terminal.wait_for("Ctrl-S stopped the terminal of the host shell");
            terminal.wait_for("❯ echo");
            terminal.keys(F3);
        }
        terminal.keys("\x11");
        leave();
        terminal.keys("\r");
        terminal.wait_for("✔ echo");
        terminal.wait_for("\n42");
    }
}
