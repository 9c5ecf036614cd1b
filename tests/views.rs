//! Views in the real binary: nslab copies and writes exactly the program, shows the steps with the kernel's
//! answers, and in copy mode what a shell has printed.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nslab::{Lang, LaunchOption, Plan};
use nslab::{Notation, program};
use support::{As, Installed, container_shell, family_with, installed, needs, skip};
use terminal::Terminal;
use terminal::keys::{DOWN, END, F3, F5, F7, LEAVE};

/// Large enough to show all steps of a lab host and two launches.
const HUGE: (u16, u16) = (160, 250);
const WIDE: (u16, u16) = (120, 40);
/// In the footer of copy mode alone: after the leave key the footer offers "copy mode".
const IN_COPY_MODE: &str = "v select";

fn lab(nslab: &Installed, who: As, size: (u16, u16)) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], size);
    terminal.wait_for("[host] root@");
    terminal
}

/// Opens a lab in this directory, with this umask.
fn lab_in(nslab: &Installed, who: As, directory: &Path) -> Terminal {
    let script = format!(
        "cd {} && umask 027 && exec {} --lang en",
        directory.display(),
        nslab.binary().display()
    );
    let terminal = Terminal::start(who, Path::new("/bin/sh"), &["-c", &script], WIDE);
    terminal.wait_for("[host] root@");
    terminal
}

fn open_to_all() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
    directory
}

/// The output of base64(1) for a text.
fn decoded(text: &str) -> String {
    let mut base64 = Command::new("base64")
        .arg("-d")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = base64.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = base64.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn changes_by_a_toggle_are_marked() {
    let nslab = Installed::new();
    let terminal = lab(&nslab, As::Ourselves, WIDE);
    terminal.keys(F7);
    terminal.wait_for("static char stack");
    terminal.keys("u");
    let screen = terminal.wait_for("+     if (sethostname(name, strlen(name)) == -1)");
    assert!(screen.contains("+UTS: +"), "{screen}");
    terminal.keys(F7);
    terminal.wait_for("+ use nix::unistd::sethostname;");
    terminal.keys(F7);
    terminal.wait_for("+ unshare --uts sh -c");
    terminal.keys("u");
    terminal.wait_for("- unshare --uts sh -c");
}

#[test]
fn copying_copies_the_program() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        for (notation, next) in Notation::ALL.into_iter().zip(["T", "p", "U"]) {
            terminal.keys(&format!("{next}{F7}"));
            terminal.wait_for(&format!("[{}]", notation.label()));
            terminal.keys("y");
            terminal.wait_for("Copied, if the terminal supports OSC 52");
            // Another key removes the notice, so that the next one can be waited for.
            terminal.keys("\x1b[A");
            terminal.wait("the keys again", |screen| !screen.contains("Copied"));
        }
        let received = terminal.received_so_far();
        let copied: Vec<String> = received
            .split("\x1b]52;c;")
            .skip(1)
            .map(|rest| decoded(rest.split(['\x1b', '\x07']).next().unwrap()))
            .collect();
        let expected: Vec<String> = Notation::ALL
            .into_iter()
            .zip(["time", "pid,time", "pid,user,time"])
            .map(|(notation, flags)| {
                program(notation, &Plan::new(flags.parse().unwrap()), Lang::En).unwrap()
            })
            .collect();
        assert_eq!(copied, expected, "{who:?}");
    }
}

#[test]
fn writing_makes_a_file_of_the_user_that_compiles() {
    let nslab = Installed::new();
    for who in As::all() {
        let directory = open_to_all();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("container.c"), "mine").unwrap();
        let terminal = lab_in(&nslab, who, directory.path());
        terminal.keys(&format!("uUT{F7}w"));
        terminal.wait_for("container-2.c");
        terminal.keys(&format!("{F7}{F7}w"));
        terminal.wait_for("container.sh");
        assert_eq!(fs::read_to_string(at("container.c")).unwrap(), "mine");
        for (name, mode) in [("container-2.c", 0o640), ("container.sh", 0o750)] {
            use std::os::unix::fs::MetadataExt;
            let file = fs::metadata(at(name)).unwrap();
            assert_eq!(file.uid(), who.uid(), "{who:?} {name}");
            assert_eq!(file.mode() & 0o777, mode, "{who:?} {name}");
        }
        let plan = Plan::new("uts,user,time".parse().unwrap());
        let script = fs::read_to_string(at("container.sh")).unwrap();
        let line = program(Notation::Unshare, &plan, Lang::En).unwrap();
        assert_eq!(script, format!("#!/bin/sh\n{line}"));
        if installed("cc") {
            let built = Command::new("cc")
                .args(["-Wall", "-Werror", "-o"])
                .args([at("container"), at("container-2.c")])
                .status()
                .unwrap();
            assert!(built.success(), "{who:?}");
        } else {
            skip("there is no cc");
        }
    }
}

#[test]
fn a_directory_that_refuses_the_file_is_named_with_what_helps() {
    // Root may write everywhere, so only an ordinary user can be refused.
    let who = *As::all().last().unwrap();
    let nslab = Installed::new();
    let terminal = lab_in(&nslab, who, Path::new("/usr"));
    terminal.keys(&format!("{F7}w"));
    terminal.wait_for("Not written to /usr: Permission denied");
    terminal.wait_for("press y");
}

/// The lines of the section about the container.
fn section(screen: &str) -> Vec<String> {
    screen
        .lines()
        .skip_while(|line| !line.contains("Container shell · "))
        .take_while(|line| !line.contains("Host shell · "))
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn the_steps_of_a_launch_are_shown_in_order() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, HUGE);
        terminal.keys("uTo");
        terminal.to_option("hostname (type it)");
        terminal.keys("web1");
        terminal.keys(F5);
        terminal.wait_for("[container] root@web1");
        terminal.keys("t\r");
        let screen = terminal.wait("all steps", |screen| {
            screen.contains("[all steps]") && screen.contains("execve(")
        });
        let section = section(&screen);
        let all = section.join("\n");
        let mut before = 0;
        for call in [
            "pidfd_open(",
            "<guard>, CLONE_NEWNS|CLONE_NEWUSER) = 0",
            "<keeper>, CLONE_NEW",
            "fork() = ",
            "unshare(CLONE_NEWTIME) = 0",
            "write(/proc/self/timens_offsets, ",
            "clone(SIGCHLD|CLONE_NEWUTS) = ",
            "setsid() = ",
            "ioctl(",
            "sethostname(\"web1\", 4) = 0",
            "execve(",
        ] {
            let at = all[before..].find(call);
            before += at.unwrap_or_else(|| panic!("{who:?}: no {call} there\n{all}"));
        }
        // clone returned the pid in the lab host: the container has no PID namespace of its own.
        let shell = container_shell(terminal.pid()).unwrap();
        let status = fs::read_to_string(format!("/proc/{}/status", shell.pid)).unwrap();
        let nspid = status
            .lines()
            .find_map(|line| line.strip_prefix("NSpid:"))
            .unwrap();
        let pid = nspid.split_whitespace().last().unwrap();
        assert!(all.contains(&format!("CLONE_NEWUTS) = {pid} ")), "{all}");
        // Its clocks are a day ahead; the measured times must not be.
        let exec = section.iter().find(|line| line.contains("execve("));
        let exec = exec.unwrap();
        assert!(exec.ends_with("µs") || exec.ends_with("ms"), "{exec}");
    }
}

#[test]
fn what_a_typed_option_sets_is_a_key_step() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    let terminal = lab(&nslab, As::Ourselves, HUGE);
    terminal.keys("uTo");
    let typed = || {
        let all = LaunchOption::ALL.into_iter();
        all.filter_map(|option| Some((option, option.example()?)))
    };
    for (option, text) in typed() {
        terminal.to_option(option.label(Lang::En));
        terminal.keys(text);
    }
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
    terminal.keys("t");
    let screen = terminal.wait("the key steps", |screen| {
        screen.contains("[key steps]") && screen.contains("execve(")
    });
    let section = section(&screen);
    for (option, text) in typed() {
        let shown = section.iter().any(|line| line.contains(text));
        assert!(shown, "{option:?}\n{}", section.join("\n"));
    }
    // The offset is two days.
    assert!(!screen.contains("a day ahead"), "{screen}");
}

#[test]
fn a_refused_launch_shows_the_refusal_and_what_it_means() {
    needs!(Hostname, Sysctls);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        terminal.keys(F3);
        terminal.run("echo 0 >/proc/sys/user/max_uts_namespaces");
        terminal.keys(LEAVE);
        terminal.keys("u");
        terminal.keys(F5);
        terminal.wait_for("The launch was refused.");
        terminal.keys("t");
        let screen = terminal.wait_for("✘ clone(SIGCHLD|CLONE_NEWUTS) = -1 ENOSPC");
        let section = section(&screen);
        let at = section.iter().position(|line| line.starts_with('✘'));
        let below = section[at.unwrap() + 1..].join(" ");
        assert!(below.contains("/proc/sys/user/max_"), "{who:?}: {below}");
        // Once the limit is raised, the same view shows a successful launch.
        terminal.keys(F3);
        terminal.run("echo 100 >/proc/sys/user/max_uts_namespaces");
        terminal.keys(LEAVE);
        terminal.keys("t");
        terminal.keys(F5);
        terminal.wait_for("✔ clone(SIGCHLD|CLONE_NEWUTS) = ");
    }
}

#[test]
fn the_words_of_a_lesson_are_explained() {
    let nslab = Installed::new();
    for environment in [("NO_COLOR", ""), ("NO_COLOR", "1")] {
        let arguments = ["--lang", "en", "--lesson", "uts"];
        let environment = [("LANG", "C.UTF-8"), environment];
        let terminal = Terminal::start_in(
            As::Ourselves,
            &nslab.binary(),
            &arguments,
            (80, 24),
            &environment,
        );
        terminal.wait_for_step("uts", 0);
        terminal.wait_for("Enter: ");
        // SGR 4 underlines the terms.
        assert!(terminal.received_so_far().contains("\x1b[0;4m"));
        terminal.keys("g");
        let screen = terminal.wait_for("Glossary 1/");
        terminal.keys(DOWN);
        let next = terminal.wait_for("Glossary 2/");
        assert_ne!(screen, next);
        terminal.keys("L");
        terminal.wait_for("术语表");
        terminal.keys("g");
        terminal.wait("the lesson", |screen| !screen.contains("术语表"));
    }
}

/// The list of lessons and the glossary are searched; Enter takes what was found, Esc shows all again.
#[test]
fn lessons_and_words_are_found() {
    let nslab = Installed::new();
    for (who, size) in As::all()
        .into_iter()
        .zip([WIDE, (80, 24)].into_iter().cycle())
    {
        let mut terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], size);
        terminal.wait_for("Enter: ");
        terminal.keys("l");
        terminal.wait_for("/ search");
        terminal.keys("/");
        terminal.wait_for("Enter take");
        // Letters that are keys elsewhere; the name of a step, not that of its lesson.
        terminal.keys("CABLE two");
        let found = terminal.wait_for("/CABLE two");
        assert_eq!(found.matches(" min ").count(), 1, "{found}");
        terminal.keys("zz");
        terminal.wait_for("Nothing here contains “CABLE twozz”.");
        terminal.keys("\x7f\x7f");
        terminal.wait("a lesson", |screen| {
            screen.contains("/CABLE two ") && screen.contains("│ > ")
        });
        terminal.keys("\r");
        terminal.wait_for_step("veth", 0);

        terminal.keys("g");
        terminal.wait_for("Glossary ");
        terminal.keys("/");
        terminal.wait_for("Enter take");
        terminal.keys("ERRNO");
        terminal.wait_for("The number with which the kernel says why");
        let found = terminal.wait_for("/ERRNO ");
        assert!(!found.contains("cgroup "), "{found}");
        terminal.keys("\r");
        terminal.wait_for("/ search");
        let all = terminal.wait_for("The number with which the kernel says why");
        assert!(!all.contains("/ERRNO"), "{all}");
        terminal.keys("/");
        terminal.wait_for("Enter take");
        terminal.keys("§");
        terminal.wait_for("Nothing here contains “§”.");
        terminal.keys("\x1b");
        terminal.wait("all words", |screen| !screen.contains("Nothing here"));
        terminal.keys("gq");
        assert_eq!(terminal.exit_code(), 0);
    }
}

/// Copy mode, by keys that every terminal lets through: the shell gets none of them, and what it prints
/// meanwhile moves nothing.
#[test]
fn copy_mode_searches_selects_and_copies() {
    needs!(Hostname);
    let nslab = Installed::new();
    let copied = |terminal: &Terminal| {
        let received = terminal.received_so_far();
        let (_, text) = received.rsplit_once("\x1b]52;c;")?;
        let text = text.split(['\x1b', '\x07']).next().unwrap();
        Some(decoded(text))
    };
    let numbers = |screen: &str| -> Vec<String> {
        let lines = screen.lines().filter(|line| line.contains("number"));
        lines.map(str::to_owned).collect()
    };
    for (who, size) in As::all()
        .into_iter()
        .zip([WIDE, (80, 24)].into_iter().cycle())
    {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], size);
        terminal.wait_for("Enter: ");
        terminal.keys(F3);
        terminal.wait_for("[host] root@");
        terminal.run("echo the $((6 * 7))nd one; seq 9000");
        terminal.keys(LEAVE);
        terminal.keys("[");
        terminal.wait_for(IN_COPY_MODE);
        terminal.keys("?42ND\r");
        terminal.wait_for("Not found: 42ND");
        terminal.keys("?42nd\r");
        let found = terminal.wait_for("the 42nd one");
        assert!(found.contains("copy mode ↑ "), "{found}");
        terminal.keys("n");
        terminal.wait_for("The search continued at the last line");
        terminal.keys("vey");
        let after = terminal.wait("the last lines", |screen| {
            screen.contains("9000") && !screen.contains("copy mode")
        });
        assert_eq!(copied(&terminal).as_deref(), Some("42nd"));
        assert!(!after.contains("vey") && !after.contains("42"), "{after}");

        // The same with the keys of emacs, and a rectangle.
        terminal.run("clear; printf '%s\\n' abcd efgh ijkl");
        terminal.keys(LEAVE);
        terminal.keys("[");
        terminal.wait_for(IN_COPY_MODE);
        terminal.keys("\x12abcd\r\x06\0\x0e\x0e\x06R\x1bw");
        terminal.wait("the shell", |screen| !screen.contains("copy mode"));
        terminal.wait("the rectangle", |_| {
            copied(&terminal).as_deref() == Some("bc\nfg\njk")
        });

        terminal.line("while :; do echo number $((++n)); done");
        terminal.wait_for("number 100");
        terminal.keys(LEAVE);
        terminal.keys("[");
        let before = numbers(&terminal.wait_for(IN_COPY_MODE));
        terminal.keys("/");
        let after = numbers(&terminal.wait_for("Enter find"));
        assert!(before.len() > 5 && before == after, "{before:?} {after:?}");
        terminal.keys("\x1b");
        terminal.wait("copy mode", |screen| !screen.contains("Enter find"));
        terminal.keys("q");
        terminal.wait("later numbers", |screen| numbers(screen) != before);
        terminal.interrupt("\x03");
        terminal.run("echo over");
    }
}

/// While the map is open, a namespace appears on it and one ends.
#[test]
fn the_open_map_changes_with_what_begins_and_ends() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        terminal.keys(F3);
        // Whoever ends tail has unshare run: nothing is typed while the map is open.
        terminal.run("{ (tail -f /dev/null; unshare --uts sleep infinity) & }");
        let end = |name: &str| {
            let all = family_with(terminal.pid(), 1, name);
            let known = all.iter().find(|known| known.name == name).unwrap();
            kill(Pid::from_raw(known.pid), Signal::SIGKILL).unwrap();
        };
        terminal.keys(LEAVE);
        terminal.keys("N");
        terminal.wait("the map with tail", |screen| {
            screen.contains("Namespaces of the host") && screen.contains(" tail ")
        });
        end("tail");
        let sleep = |screen: &str| {
            let row = screen.lines().find(|row| row.contains(" sleep "));
            row.map(str::to_owned)
        };
        terminal.wait("sleep in a new UTS namespace", |screen| {
            sleep(screen).is_some_and(|row| row.contains("+b"))
        });
        // At the next look it is not new any more.
        terminal.keys("\x1b");
        terminal.wait("the panes", |screen| {
            !screen.contains("Namespaces of the host")
        });
        terminal.keys("N");
        terminal.wait("sleep without a mark", |screen| {
            sleep(screen).is_some_and(|row| row.contains(" b ") && !row.contains("+b"))
        });
        end("sleep");
        let screen = terminal.wait("what has ended", |screen| {
            screen.contains("Ended since the last look:") && screen.contains("- uts ")
        });
        let row = sleep(&screen).unwrap();
        assert!(row.contains("- ") && !row.contains(" b "), "{screen}");
    }
}

/// Enter on a process of the map shows what that process sees in its own namespaces.
#[test]
fn the_map_shows_what_a_process_sees() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        terminal.keys(F3);
        terminal.run("{ unshare --uts --net sh -c 'hostname in-the-box; exec sleep infinity' & }");
        terminal.keys(LEAVE);
        terminal.keys("N");
        terminal.to_process("sleep");
        terminal.keys("\r");
        let screen = terminal.wait("its hostname", |screen| screen.contains("    in-the-box"));
        assert!(screen.contains("owned by user"), "{who:?}\n{screen}");
        terminal.keys(END);
        terminal.wait("the last row", |screen| {
            screen.contains("$ cat /proc/self/timens_offsets")
        });
        terminal.keys("\x1b");
        terminal.wait_for("Namespaces of the host");
    }
}

/// A veth pair stands on the map as a line between two boxes, each with the name of its end; `/` finds one.
#[test]
fn the_map_draws_a_veth_pair() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        terminal.keys(F3);
        terminal.run("ip netns add blue");
        terminal.run("ip link add cable type veth peer name far netns blue");
        terminal.run("ip link set cable up; ip address add 10.7.7.1/24 dev cable");
        terminal.keys(LEAVE);
        terminal.keys("N");
        terminal.wait("the cable between its ends", |screen| {
            let cable = screen
                .lines()
                .find(|line| line.contains(" cable 10.7.7.1/24 "));
            cable.is_some_and(|line| line.contains("├─────┤ far DOWN "))
                && screen.contains("· /run/netns/blue ─")
        });
        terminal.keys("/far");
        terminal.wait("what was found", |screen| {
            let cursor = screen.lines().find(|line| line.contains("│ >"));
            screen.contains(" /far") && cursor.is_some_and(|line| line.contains(" far DOWN "))
        });
        terminal.keys("\r");
        terminal.wait("the keys of the map", |screen| {
            screen.contains("Enter inside")
        });
        terminal.keys("\r");
        terminal.wait_for("mounted at /run/netns/blue, veth pair to ");
    }
}

/// The map shows what a program that the learner started in the host shell has made: first that it is there,
/// at the next look that it has ended.
#[test]
fn the_map_shows_a_namespace_that_unshare_made() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        let look = || {
            terminal.keys("N");
            terminal.wait("the map", |screen| {
                screen.contains("Namespaces of the host") && screen.contains("┌ user ")
            })
        };
        let uts = |screen: &str| {
            let rows = screen.lines().filter(|row| row.contains("+b"));
            rows.map(str::to_owned).collect::<Vec<_>>()
        };
        let screen = look();
        assert!(uts(&screen).is_empty(), "{who:?}\n{screen}");
        terminal.keys("\x1b");
        terminal.wait("the panes", |screen| {
            !screen.contains("Namespaces of the host")
        });
        terminal.keys(F3);
        terminal.line("unshare --uts --fork bash --norc");
        terminal.line("hostname in-the-box; echo made by $(hostname)");
        terminal.wait_for("made by in-the-box");
        terminal.keys(LEAVE);
        look();
        let screen = terminal.wait("the new namespace", |screen| !uts(screen).is_empty());
        assert!(
            uts(&screen).iter().any(|row| row.contains(" bash")),
            "{who:?}\n{screen}"
        );
        terminal.keys("\x1b");
        terminal.wait("the panes", |screen| {
            !screen.contains("Namespaces of the host")
        });
        terminal.keys(F3);
        terminal.line("exit");
        terminal.run("echo back in $(hostname)");
        terminal.keys(LEAVE);
        look();
        terminal.wait("what has ended", |screen| {
            screen.contains("Ended since the last look:") && screen.contains("- uts ")
        });
    }
}
