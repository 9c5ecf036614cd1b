//! The machine as a third column and as the host; and a lab host without a user namespace, for root on
//! a machine that allows none.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use support::{
    As, Installed, alive, eventually, family, family_with, is_root, needs, stderr, stdout,
};
use terminal::Terminal;
use terminal::keys::{F3, F4, F5, F6, LEAVE};

const SIZE: (u16, u16) = (120, 60);
const KINDS: [&str; 8] = ["uts", "ipc", "pid", "mnt", "net", "user", "cgroup", "time"];

/// An ordinary user: whoever runs the tests, or the user that root switches to.
fn ordinary() -> As {
    if is_root() {
        As::Ordinary
    } else {
        As::Ourselves
    }
}

fn compare(nslab: &Installed, who: As, host: &str, flags: &str, script: &str) -> (Value, String) {
    let (host, flags) = (format!("--host={host}"), format!("--flags={flags}"));
    let options = ["compare", "--json", "--yes", &host, &flags];
    let arguments = [&options[..], &["--", "sh", "-c", script]].concat();
    let output = nslab.command(who, &arguments).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let report = serde_json::from_str(&stdout(&output)).unwrap();
    (report, stderr(&output))
}

/// The inode of a namespace in a side's JSON.
fn inode(side: &Value, kind: &str) -> u64 {
    side["namespaces"][kind]["ino"].as_u64().unwrap()
}

/// The inode of a namespace of this test process.
fn ours(kind: &str) -> u64 {
    let link = fs::read_link(format!("/proc/self/ns/{kind}")).unwrap();
    let text = link.display().to_string();
    let number = text.split(['[', ']']).nth(1).unwrap();
    number.parse().unwrap()
}

/// The kinds for which this side shares the namespace of this test process.
fn shared(side: &Value) -> BTreeSet<&'static str> {
    KINDS
        .into_iter()
        .filter(|kind| inode(side, kind) == ours(kind))
        .collect()
}

#[test]
fn the_machine_as_the_host_is_the_machine() {
    let nslab = Installed::new();
    for who in As::all() {
        let (report, _) = compare(&nslab, who, "machine", "", "id -u; hostname");
        for side in ["host", "container"] {
            assert_eq!(shared(&report[side]), BTreeSet::from(KINDS), "{side}");
            let printed = report["command"][side]["stdout"].as_str().unwrap();
            let hostname = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
            assert_eq!(printed, format!("{}\n{hostname}", who.uid()));
        }
    }
}

#[test]
fn root_is_asked_before_a_command_runs_on_the_machine() {
    let nslab = Installed::new();
    for who in As::all() {
        // Root of a user namespace is asked, too: here an ordinary user's.
        let inner: &[&str] = if who.uid() == 0 {
            &[]
        } else {
            &["unshare", "-r"]
        };
        for host in ["machine", "lab-without-user"] {
            for command in ["run", "compare"] {
                let binary = nslab.binary().display().to_string();
                let arguments = [&binary, command, "--host", host, "--", "echo", "it-ran"];
                let mut all = who.prefix();
                all.extend(inner.iter().chain(&arguments).map(|&it| it.to_owned()));
                let output = Command::new(&all[0])
                    .args(&all[1..])
                    .current_dir("/")
                    .stdin(Stdio::null())
                    .output()
                    .unwrap();
                assert_eq!(output.status.code(), Some(2), "{who:?} {all:?}");
                assert!(stderr(&output).contains("add --yes"), "{}", stderr(&output));
                assert!(!stdout(&output).contains("it-ran"));
            }
        }
    }
    if !is_root() {
        return;
    }
    let run = ["run", "--host", "machine", "--", "echo", "it", "ran"];
    for (answer, code, ran) in [("\r", 2, false), ("n\r", 2, false), ("y\r", 0, true)] {
        let mut terminal = Terminal::start(As::Ourselves, &nslab.binary(), &run, SIZE);
        terminal.wait_for("[y/N]");
        terminal.keys(answer);
        assert_eq!(terminal.exit_code(), code, "{answer:?}");
        assert_eq!(
            terminal.received_all().contains("it ran"),
            ran,
            "{answer:?}"
        );
    }
}

#[test]
fn on_the_machine_user_is_added_for_an_ordinary_user_and_the_screen_says_so() {
    needs!(Hostname);
    let nslab = Installed::new();
    for kind in KINDS {
        let script = "id -u; echo 1 > /proc/sys/kernel/ns_last_pid 2>/dev/null; hostname web1";
        let (report, said) = compare(&nslab, ordinary(), "machine", kind, script);
        let shared = shared(&report["container"]);
        assert!(!shared.contains(kind) && !shared.contains("user"), "{kind}");
        assert_eq!(shared.len(), if kind == "user" { 7 } else { 6 }, "{kind}");
        assert_eq!(report["container"]["uid"], 0, "{kind}");
        let added = said.contains("added user to the flags");
        assert_eq!(added, kind != "user", "{kind}: {said}");
        assert_eq!(inode(&report["host"], "uts"), ours("uts"));
    }
}

#[test]
fn every_kind_can_be_made_on_the_machine_at_once() {
    needs!(Hostname, Proc, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let script = "echo $$; hostname; id -u";
        // Root runs in the machine's own user namespace: nslab adds no USER.
        let flags = KINDS.join(",");
        let (report, _) = compare(&nslab, who, "machine", &flags, script);
        assert_eq!(shared(&report["container"]), BTreeSet::new(), "{who:?}");
        let printed = report["command"]["container"]["stdout"].as_str().unwrap();
        assert_eq!(printed, "1\ncontainer\n0\n", "{who:?}");
        assert_eq!(report["container"]["clock"]["boottime"], 86_400, "{who:?}");
    }
}

#[test]
fn what_root_mounts_in_a_container_on_the_machine_stays_in_it() {
    needs!(Capabilities);
    if !is_root() {
        // The tests' other run, as root, covers this.
        return;
    }
    let nslab = Installed::new();
    let target = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs kept-in {} && echo done",
        target.path().display()
    );
    // Run in a mount namespace whose root is shared, as systemd makes it.
    let nslab = nslab.binary().display().to_string();
    let outside = format!(
        "mount --make-rshared / && {nslab} compare --yes --host=machine --flags=mnt -- sh -c '{script}' \
         && cat /proc/self/mountinfo"
    );
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", &outside])
        .output()
        .unwrap();
    let printed = stdout(&output);
    assert!(
        printed.contains("\n[container] exit 0\ndone\n"),
        "{printed}"
    );
    // The mount of the host is there once; the container's did not propagate.
    assert_eq!(printed.matches(" kept-in ").count(), 1, "{printed}");
}

#[test]
fn an_ordinary_user_works_on_the_machine_and_nothing_stays_running() {
    needs!(Hostname);
    let nslab = Installed::new();
    let terminal = Terminal::start(
        ordinary(),
        &nslab.binary(),
        &["--lang", "en", "--host", "machine"],
        SIZE,
    );
    terminal.wait_for("[host] ");
    terminal.wait_for("the machine itself");
    terminal.wait_for("where you are root.");
    terminal.wait_for("Here you are not: containers get USER");
    terminal.keys("up");
    terminal.keys(F5);
    terminal.wait_for("USER added");
    terminal.wait_for("Container shell · UTS PID USER");
    terminal.wait_for("[x]U●USER");
    terminal.wait_for("[container] root@container");
    for (pane, title) in [(F3, ">Host shell"), (F4, ">Container shell")] {
        terminal.keys(pane);
        terminal.wait_for(title);
        terminal.run("{ setsid sleep 1000 & sleep 1000 & }");
        terminal.keys(LEAVE);
    }
    let all = family_with(terminal.pid(), 4, "sleep");
    kill(Pid::from_raw(terminal.pid()), Signal::SIGKILL).unwrap();
    eventually("nothing is left", || alive(&all).is_empty());
}

#[test]
fn an_ordinary_users_shell_that_makes_its_own_clocks_stays_watched() {
    needs!(Hostname);
    let nslab = Installed::new();
    let options = ["--lang", "en", "--host", "machine"];
    let terminal = Terminal::start(ordinary(), &nslab.binary(), &options, SIZE);
    terminal.wait_for("[host] ");
    terminal.keys("u");
    terminal.keys(F5);
    terminal.wait_for("[container] root@container");
    terminal.keys(F4);
    terminal.wait_for(">Container shell");
    // A day ahead, and then as far back again.
    for (offset, name) in [(86_400, "web1"), (0, "web2")] {
        terminal.line(&format!(
            "exec unshare -r -T --boottime {offset} --monotonic {offset} bash"
        ));
        terminal.run("readlink /proc/$$/ns/time");
        terminal.line(&format!(
            "exec unshare -u sh -c 'hostname {name}; exec bash'"
        ));
        terminal.wait("the hostname in the comparison", |screen| {
            let mut rows = screen.lines().filter(|line| line.contains("hostname "));
            rows.any(|row| row.contains(name) && row.contains('│'))
        });
    }
}

#[test]
fn processes_left_by_a_shell_on_the_machine_end_with_it() {
    let nslab = Installed::new();
    let terminal = Terminal::start(
        ordinary(),
        &nslab.binary(),
        &["--lang", "en", "--host", "machine"],
        SIZE,
    );
    terminal.wait_for("[host] ");
    terminal.keys(F3);
    terminal.wait_for(">Host shell");
    terminal.run("(setsid sleep 1000 &)");
    let all = family_with(terminal.pid(), 1, "sleep");
    let left: BTreeSet<_> = all.into_iter().filter(|it| it.name == "sleep").collect();
    terminal.line("exit 3");
    terminal.wait_for("has ended: exit 3");
    eventually("nothing is left", || alive(&left).is_empty());
}

#[test]
fn root_is_asked_before_the_machine_is_the_host() {
    if !is_root() {
        // The tests' other run, as root, covers this.
        return;
    }
    let nslab = Installed::new();
    let open = |who: As| {
        let options = ["--lang", "en", "--host", "machine"];
        Terminal::start(who, &nslab.binary(), &options, SIZE)
    };
    let terminal = open(As::Ourselves);
    terminal.wait_for("(rm, kill, mount, hostname) changes this machine");
    assert!(!terminal.screen().contains("[host]"), "nothing runs before");
    let all = family(terminal.pid());
    assert!(all.iter().all(|it| it.name != "bash"), "{all:?}");
    terminal.keys("n");
    terminal.wait_for("[host] root@");
    terminal.wait_for("lab host · root");

    let terminal = open(As::Ourselves);
    terminal.wait_for("y yes");
    terminal.keys("y");
    terminal.wait_for("[host] ");
    terminal.keys(F3);
    terminal.wait_for(">Host shell");
    terminal.line("readlink /proc/$$/ns/uts");
    terminal.wait_for(&format!("uts:[{}]", ours("uts")));
}

/// A shell command that runs nslab as root without permission to make user namespaces.
fn without_user_namespaces(nslab: &Path, arguments: &str) -> Vec<String> {
    let script = format!(
        "echo 0 > /proc/sys/user/max_user_namespaces && exec {} {arguments}",
        nslab.display()
    );
    let mut words: Vec<String> = "unshare --user --map-root-user --mount --uts --"
        .split(' ')
        .map(str::to_owned)
        .collect();
    words.extend(["sh".to_owned(), "-c".to_owned(), script]);
    words
}

#[test]
fn root_without_user_namespaces_is_offered_a_lab_host_without_one() {
    needs!(Hostname, Sysctls);
    let nslab = Installed::new();
    let words = without_user_namespaces(&nslab.binary(), "--lang en");
    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    for who in As::nested() {
        let terminal = Terminal::start(who, Path::new(&words[0]), &arguments, SIZE);
        terminal.wait_for("The lab host could not be made");
        terminal.wait_for("you can have a lab host without a user namespace");
        // Everything that needs no shell works anyway.
        terminal.keys("u");
        terminal.wait_for("CLONE_NEWUTS, NULL)");
        terminal.keys(F3);
        terminal.wait_for(">Host shell");
        terminal.keys("\r");
        terminal.wait_for("Not protected:");
        assert!(!terminal.screen().contains("[host]"), "nothing runs before");
        terminal.keys("y");
        terminal.wait_for("[host] root@");
        terminal.keys(LEAVE);
        terminal.keys(F5);
        terminal.wait_for("[container] root@container");
        terminal.wait_for("lab host without USER");
        terminal.keys(F6);
        let uts = ours("uts").to_string();
        terminal.keys("z");
        terminal.wait_for("Identity");
        assert!(!terminal.screen().contains(&uts), "both have their own");
    }
}

#[test]
fn a_lab_host_without_a_user_namespace_has_all_others() {
    needs!(Hostname, Proc, Sysctls);
    let nslab = Installed::new();
    let script = "hostname changed; mount -t tmpfs none /mnt && grep CapBnd /proc/self/status";
    let words = without_user_namespaces(
        &nslab.binary(),
        &format!("compare --json --yes --host=lab-without-user --flags=uts -- sh -c '{script}'"),
    );
    for who in As::all() {
        let mut prefix = who.prefix();
        prefix.extend(words.clone());
        let output = Command::new(&prefix[0])
            .args(&prefix[1..])
            .current_dir("/")
            .output()
            .unwrap();
        let report: Value = serde_json::from_str(&stdout(&output))
            .unwrap_or_else(|_| panic!("{who:?}: {}", stderr(&output)));
        let (host, container) = (&report["host"], &report["container"]);
        assert_eq!(inode(host, "user"), inode(container, "user"));
        for kind in ["uts", "ipc", "pid", "mnt", "net"] {
            assert_ne!(inode(host, kind), ours(kind), "{kind}");
        }
        assert_ne!(inode(host, "uts"), inode(container, "uts"));
        for side in ["host", "container"] {
            let printed = report["command"][side]["stdout"].as_str().unwrap();
            let set = printed.trim().split('\t').nth(1).unwrap();
            let set = u64::from_str_radix(set, 16).unwrap();
            for capability in [16, 17, 22, 25, 27] {
                assert_eq!(set & (1 << capability), 0, "{side}: {capability}");
            }
        }
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(!mounts.contains(" /mnt "), "{mounts}");
    }
}

#[test]
fn an_ordinary_user_cannot_have_a_lab_host_without_a_user_namespace() {
    let nslab = Installed::new();
    let arguments = ["compare", "--host", "lab-without-user"];
    let output = nslab.command(ordinary(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(
        stderr(&output).contains("CAP_SYS_ADMIN"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_key_shows_the_machine_beside_the_two_sides() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], SIZE);
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.wait_for(">Host shell");
        terminal.run("hostname web1");
        terminal.keys(LEAVE);
        let watchers = || {
            let is_one = |pid: i32| {
                let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                line.starts_with(b"nslab\0watch\0")
            };
            let all = family(terminal.pid());
            all.iter().filter(|known| is_one(known.pid)).count()
        };
        eventually("a watcher of the host", || watchers() == 1);
        terminal.keys("M");
        terminal.wait_for("MACHINE");
        let hostname = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        // A narrow column cuts a long one.
        let begin: String = hostname.trim().chars().take(8).collect();
        terminal.wait("the machine keeps its name", |screen| {
            let row = screen.lines().find(|line| line.contains("│ hostname "));
            row.is_some_and(|row| row.contains("web1") && row.contains(&begin))
        });
        assert_eq!(watchers(), 2, "one of the host, one of the machine");
        terminal.keys(F6);
        terminal.keys("z");
        terminal.wait_for(&format!("4:[{}]", ours("uts")));
        terminal.keys("M");
        terminal.wait("the column is gone", |screen| !screen.contains("MACHINE"));
        eventually("the watcher too", || watchers() == 1);
        // On a wide screen nslab shows the column without a key.
        let wide = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (180, 60));
        wide.wait_for("MACHINE");
    }
}

/// A process of the machine, found on the map by its name, is compared with the machine.
#[test]
fn a_process_of_the_machine_is_a_side() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let script = "hostname in-the-box; printf nslab-picked > /proc/self/comm; echo; read -r _";
        let mut words = who.prefix();
        words.extend(["unshare", "-Ur", "--uts", "sh", "-c", script].map(str::to_owned));
        let mut picked = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut newline = [0];
        picked
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut newline)
            .unwrap();
        let options = ["--lang", "en", "--host", "machine"];
        let terminal = Terminal::start(who, &nslab.binary(), &options, SIZE);
        if matches!(who, As::Ourselves) && is_root() {
            terminal.wait_for("changes this machine");
            terminal.keys("y");
        }
        terminal.wait_for("the machine itself");
        terminal.keys("N");
        terminal.wait_for("Namespaces of the host");
        terminal.keys("/");
        terminal.keys("nslab-picked");
        terminal.wait("it", |screen| {
            screen
                .lines()
                .any(|line| line.contains(" >") && line.contains("nslab-picked"))
        });
        terminal.keys("\r");
        terminal.wait("the search's end", |screen| {
            !screen.contains(" /nslab-picked")
        });
        terminal.keys("c");
        terminal.wait("its hostname", |screen| {
            let shown = |line: &str| line.contains("hostname ") && line.contains(" in-the-box ");
            screen.lines().any(shown) && screen.contains(" nslab-pi")
        });
        drop(picked.stdin.take());
        picked.wait().unwrap();
        terminal.wait_for("nslab-picked has ended");
    }
}
