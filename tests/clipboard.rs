//! Copying in the real binary: the tool of the system's clipboard gets the text too, never holds up the lab, and
//! leaves nothing behind but the owner of the clipboard.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nslab::{Lang, Notation, Plan, program};
use support::{As, Installed, Known, alive, eventually, family, installed, skip};
use terminal::Terminal;
use terminal::keys::{F3, F7};

const SIZE: (u16, u16) = (120, 40);
/// What a tool does to become the owner of the clipboard: a child goes on, and the tool ends.
const OWNS: &str = "sleep 1001 & exit 0";

/// A directory in which each user may write.
fn open_to_all() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
    directory
}

/// Puts a tool there that writes beside itself what it gets and who it is, and then does this.
fn tool(directory: &Path, name: &str, then: &str) {
    let script = format!(
        "#!/bin/sh\n\
         cat >\"$0.text\"\n\
         {{ id -u; readlink /proc/self/ns/mnt /proc/self/ns/pid; echo \"$@\"; }} >\"$0.who\"\n\
         {then}\n"
    );
    let path = directory.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Opens a lab where the tools of a directory come first.
fn lab(nslab: &Installed, who: As, tools: &Path, displays: &[(&str, &str)]) -> Terminal {
    let path = format!("{}:/usr/bin:/bin:/usr/sbin:/sbin", tools.display());
    let mut environment = vec![("LANG", "C.UTF-8"), ("PATH", &path)];
    environment.extend(displays);
    let binary = nslab.binary();
    let terminal = Terminal::start_in(who, &binary, &["--lang", "en"], SIZE, &environment);
    terminal.wait_for("[host] root@");
    terminal
}

/// Copies the program of the next launch.
fn copy(terminal: &Terminal) {
    terminal.keys(F7);
    terminal.wait_for("[C]");
    terminal.keys("y");
}

fn the_program() -> String {
    program(Notation::C, &Plan::new("".parse().unwrap()), Lang::En).unwrap()
}

/// The processes of the family that run this program.
fn named(root: i32, name: &str) -> BTreeSet<Known> {
    let all = family(root).into_iter();
    all.filter(|known| known.name == name).collect()
}

fn link(name: &str) -> String {
    let target = fs::read_link(Path::new("/proc/self/ns").join(name)).unwrap();
    target.display().to_string()
}

#[test]
fn the_tool_gets_the_text_outside_of_the_lab_as_the_user() {
    let nslab = Installed::new();
    for who in As::all() {
        for (name, displays, words) in [
            (
                "wl-copy",
                &[("WAYLAND_DISPLAY", "wayland-7"), ("DISPLAY", ":7")][..],
                "--type text/plain",
            ),
            ("xclip", &[("DISPLAY", ":7")], "-selection clipboard -in"),
        ] {
            let directory = open_to_all();
            for other in ["wl-copy", "xclip", "xsel"] {
                tool(directory.path(), other, OWNS);
            }
            let mut terminal = lab(&nslab, who, directory.path(), displays);
            copy(&terminal);
            terminal.wait_for(&format!("Copied with {name}"));
            assert!(terminal.received_so_far().contains("\x1b]52;c;"));
            let at = |end: &str| directory.path().join(format!("{name}.{end}"));
            assert_eq!(fs::read_to_string(at("text")).unwrap(), the_program());
            let seen = fs::read_to_string(at("who")).unwrap();
            let expected = format!("{}\n{}\n{}\n{words}\n", who.uid(), link("mnt"), link("pid"));
            assert_eq!(seen, expected, "{who:?} {name}");
            let mut owners = BTreeSet::new();
            eventually("an owner of the clipboard", || {
                owners = named(terminal.pid(), "sleep");
                owners.len() == 1
            });
            terminal.keys("q");
            assert_eq!(terminal.exit_code(), 0);
            // The user may paste after nslab has ended.
            assert_eq!(alive(&owners).len(), 1, "{who:?} {name}");
            for owner in owners {
                kill(Pid::from_raw(owner.pid), Signal::SIGKILL).unwrap();
            }
        }
    }
}

#[test]
fn former_owners_of_the_clipboard_are_reaped() {
    let nslab = Installed::new();
    for who in As::all() {
        let directory = open_to_all();
        // The second one ends the first.
        let then = "kill $(cat $0.owner); ln -sf /bin/sleep $0.d/xclip; $0.d/xclip 1002 & echo $! >$0.owner";
        tool(directory.path(), "xclip", then);
        fs::create_dir(directory.path().join("xclip.d")).unwrap();
        let mode = fs::Permissions::from_mode(0o777);
        fs::set_permissions(directory.path().join("xclip.d"), mode).unwrap();
        let terminal = lab(&nslab, who, directory.path(), &[("DISPLAY", ":7")]);
        let mut owners = BTreeSet::new();
        for _ in 0..3 {
            copy(&terminal);
            terminal.wait_for("Copied with xclip");
            owners.extend(named(terminal.pid(), "xclip"));
            eventually("the former owner has ended", || alive(&owners).len() == 1);
            terminal.keys("\x1b");
            terminal.wait("another view", |screen| !screen.contains("Copied with"));
        }
        // Zombies are children too. The last but one may be left for the next copy to reap.
        let children = fs::read_dir(format!("/proc/{}/task", terminal.pid())).unwrap();
        let lists = children
            .flatten()
            .map(|it| fs::read_to_string(it.path().join("children")));
        let lists: String = lists.flatten().collect();
        let reaped = |known: &&Known| {
            !lists
                .split_whitespace()
                .any(|it| it == known.pid.to_string())
        };
        assert_eq!(owners.len(), 3, "{owners:?}");
        let reaped = owners.iter().filter(reaped).count();
        assert!((1..=2).contains(&reaped), "{who:?} {reaped} {lists}");
        for owner in alive(&owners) {
            kill(Pid::from_raw(owner.pid), Signal::SIGKILL).unwrap();
        }
    }
}

#[test]
fn a_tool_that_fails_is_told_of_with_its_words() {
    let nslab = Installed::new();
    for who in As::all() {
        let directory = open_to_all();
        let then = "echo; echo \"Error: Can't open display\" >&2; exit 1";
        tool(directory.path(), "xclip", then);
        let terminal = lab(&nslab, who, directory.path(), &[("DISPLAY", ":9")]);
        copy(&terminal);
        terminal.wait_for("OSC 52 alone: xclip failed (DISPLAY=:9): Error: Can't open display");
    }
}

#[test]
fn a_tool_that_never_ends_holds_up_nothing_and_is_killed() {
    let nslab = Installed::new();
    for who in As::all() {
        let directory = open_to_all();
        tool(directory.path(), "xclip", "exec sleep 1003");
        let open = || lab(&nslab, who, directory.path(), &[("DISPLAY", ":7")]);
        let hangs = |terminal: &Terminal| {
            let mut tool = BTreeSet::new();
            eventually("the tool hangs", || {
                tool = named(terminal.pid(), "sleep");
                !tool.is_empty()
            });
            tool
        };
        let terminal = open();
        copy(&terminal);
        let tool = hangs(&terminal);
        // On a busy machine its three seconds may be over before the shell has run a line.
        terminal.keys(F3);
        terminal.run("echo meanwhile");
        eventually("it hangs still, or the time is over", || {
            alive(&tool).len() == 1 || terminal.received_so_far().contains("no answer")
        });
        drop(terminal);

        let terminal = open();
        copy(&terminal);
        let tool = hangs(&terminal);
        terminal.wait_for("no answer in 3 s");
        eventually("the tool is gone", || alive(&tool).is_empty());
        drop(terminal);

        // However nslab ends meanwhile.
        for signal in [None, Some(Signal::SIGTERM), Some(Signal::SIGKILL)] {
            let mut terminal = open();
            copy(&terminal);
            let tool = hangs(&terminal);
            match signal {
                None => terminal.keys("q"),
                Some(signal) => kill(Pid::from_raw(terminal.pid()), signal).unwrap(),
            }
            terminal.exit_code();
            eventually("the tool is gone", || alive(&tool).is_empty());
        }
    }
}

/// An X server without a screen, and its name.
struct Display(Child, String);

impl Display {
    fn new() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-ac", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        output.read_line(&mut number).unwrap();
        Display(server, format!(":{}", number.trim()))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Whoever owns its clipboard ends with it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_was_copied_can_be_pasted_after_the_end() {
    for tool in ["Xvfb", "xclip", "xsel"] {
        if !installed(tool) {
            return skip(&format!("{tool} is not installed"));
        }
    }
    let nslab = Installed::new();
    for who in As::all() {
        for tool in ["xclip", "xsel"] {
            let display = Display::new();
            // That tool alone.
            let directory = open_to_all();
            let alone = directory.path().display().to_string();
            let real: PathBuf = ["/usr/bin", tool].iter().collect();
            symlink(real, directory.path().join(tool)).unwrap();
            symlink("/usr/bin/setpriv", directory.path().join("setpriv")).unwrap();
            let environment = [
                ("LANG", "C.UTF-8"),
                ("PATH", &alone),
                ("DISPLAY", &display.1),
                // xsel refuses to go on without one.
                ("HOME", &alone),
            ];
            let binary = nslab.binary();
            let mut terminal =
                Terminal::start_in(who, &binary, &["--lang", "en"], SIZE, &environment);
            terminal.wait_for("[host] root@");
            copy(&terminal);
            terminal.wait_for(&format!("Copied with {tool}"));
            terminal.keys("q");
            assert_eq!(terminal.exit_code(), 0);
            let pasted = Command::new("xclip")
                .args(["-selection", "clipboard", "-out"])
                .env("DISPLAY", &display.1)
                .output()
                .unwrap();
            let pasted = String::from_utf8(pasted.stdout).unwrap();
            assert_eq!(pasted, the_program(), "{who:?} {tool}");
        }
    }
}
