//! Steps that can't work on this machine: the screen says why, Enter skips them, and they count as
//! neither done nor failed.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;
use support::{As, Installed, needs, skip, stderr, stdout};
use terminal::Terminal;
use terminal::keys::{F2, F3, F5, LEAVE};

const LESSON: &str = "+++\nid = \"a\"\ntitle = \"A\"\nflags = [\"uts\"]\n+++\n\n\
    ## It lacks a program\n\n```needs\nprograms = [\"no-such-program\"]\notherwise = \"A train would \
    have passed.\"\n```\n\n```run host\nno-such-program\n```\n\n\
    ## It is refused\n\n```launch\n```\n\n```check\nname = \"a name of its own\"\nexpr = \
    'own.uts'\n```\n\n## It works\n\n```run host\nhostname done\n```\n\n```check\nname = \"done\"\n\
    expr = 'host.hostname == \"done\"'\n```\n";

#[rstest]
fn a_step_that_can_not_work_is_neither_done_nor_failed(
    #[values((80, 24), (120, 60))] size: (u16, u16),
) {
    needs!(Hostname, Sysctls);
    let nslab = Installed::new();
    let lessons = nslab.directory.path().join("lessons");
    fs::create_dir_all(lessons.join("en")).unwrap();
    fs::write(lessons.join("en/01-a.md"), LESSON).unwrap();
    let lessons = lessons.display().to_string();
    for who in As::all() {
        let arguments = ["--lang", "en", "--lessons", &lessons];
        let terminal = Terminal::start(who, &nslab.binary(), &arguments, size);
        terminal.wait_for("1/3 It lacks a program");
        terminal.wait_for("program no-such-program");
        terminal.wait_for("A train would have passed.");
        terminal.wait_for("Enter: next step");
        // The kernel makes no more UTS namespaces in this lab host.
        terminal.keys(F3);
        terminal.wait_for("[host] root@");
        terminal.run("echo 0 > /proc/sys/user/max_uts_namespaces");
        terminal.keys(LEAVE);
        terminal.keys("\r");
        terminal.wait_for("2/3 It is refused");
        terminal.keys("\r");
        terminal.wait_for("The launch was refused.");
        terminal.keys(F2);
        terminal.wait_for("The kernel refused this");
        terminal.wait_for("Enter: next step");
        terminal.keys("\r");
        terminal.wait_for("3/3 It works");
        terminal.keys("\r");
        terminal.wait_for("hostname done");
        terminal.keys(F2);
        terminal.wait_for("✔ done");
        terminal.keys("l");
        terminal.wait_for("✔  1 A  1/1, 2 –");
        terminal.keys("\x1b");
        terminal.wait("no list", |screen| !screen.contains("✔  1 A"));
        // Raise the limit and try again.
        terminal.keys(F3);
        terminal.run("echo 9 > /proc/sys/user/max_uts_namespaces");
        terminal.keys(LEAVE);
        terminal.keys("\x1b[D");
        terminal.wait_for("2/3 It is refused");
        terminal.keys(F5);
        terminal.wait_for("[container] root@");
        terminal.keys(F2);
        terminal.wait_for("✔ a name of its own");
        terminal.keys("l");
        terminal.wait_for("✔  1 A  2/2, 1 –");
    }
}

/// A root directory with nslab, busybox and the libraries of both; bwrap's words before a command in it.
fn with_busybox_alone(nslab: &Installed, who: As) -> Vec<String> {
    let root = nslab.directory.path().join("root");
    let script = "set -e; mkdir -p $1/bin $1/dev $1/proc $1/sys $1/tmp
        for it in $(ldd $2 $(command -v busybox) | grep -o '/[^ ]*\\.so[^ ]*' | sort -u)
        do cp --parents -L $it $1; done
        cp $2 $1/bin/nslab; cp $(command -v busybox) $1/bin/busybox
        for it in $(busybox --list)
        do case $it in bash|busybox) ;; *) ln -s busybox $1/bin/$it;; esac; done
        chmod -R a+rX $1";
    if !root.exists() {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        let made = command.arg(&root).arg(nslab.binary()).output().unwrap();
        assert!(made.status.success(), "{}", stderr(&made));
    }
    let keeping = if support::is_root() && who == As::Ourselves {
        "--cap-add ALL"
    } else {
        ""
    };
    let words = format!(
        "bwrap --bind {} / --dev /dev --proc /proc --ro-bind /sys /sys --setenv PATH /bin {keeping}",
        root.display()
    );
    let words = words.split_whitespace().map(str::to_owned);
    who.prefix().into_iter().chain(words).collect()
}

/// Both shells are busybox ash, which marks no prompt: `verify` says so at once, and the rest works.
#[test]
fn where_ash_is_the_only_shell_there_is_a_lab_and_verify_waits_for_nothing() {
    needs!(Hostname);
    if !["bwrap", "busybox"].into_iter().all(support::installed) {
        return skip("no bwrap or no busybox here, which make such a machine");
    }
    let nslab = Installed::new();
    for who in As::all() {
        let words = with_busybox_alone(&nslab, who);
        let run = |last: &[&str]| {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).args(last).current_dir("/");
            command.output().unwrap()
        };
        if !run(&["true"]).status.success() {
            return skip("bwrap is refused here, as in a container");
        }
        let output = run(&["nslab", "verify", "--lang", "en", "uts"]);
        let printed = stdout(&output);
        assert_eq!(output.status.code(), Some(77), "{who:?}: {printed}");
        let skipped =
            |line: &&str| line.starts_with("skipped") && line.contains("verify needs bash");
        assert_eq!(printed.lines().filter(skipped).count(), 10, "{printed}");
        let output = run(&[
            "nslab",
            "run",
            "--flags",
            "uts",
            "--",
            "sh",
            "-c",
            "hostname; busybox",
        ]);
        let printed = stdout(&output);
        assert!(
            printed.starts_with("container\nBusyBox"),
            "{who:?}: {printed}{}",
            stderr(&output)
        );
        let mut rest: Vec<_> = words[1..].iter().map(String::as_str).collect();
        rest.extend(["nslab", "--lang", "en"]);
        let terminal = Terminal::start(As::Ourselves, Path::new(&words[0]), &rest, (120, 40));
        terminal.wait_for("[host] #");
        terminal.keys(F5);
        terminal.wait_for("[container] #");
        terminal.keys(F3);
        terminal.keys("hostname; echo $0 is $((1000 + 1))\r");
        terminal.wait_for("is 1001");
    }
}

/// A user of whom no other test starts processes, which would count.
const ALONE: u32 = 4243;

/// Runs nslab, in a terminal of its own, where this user may have so many processes and threads.
fn limited(nslab: &Installed, limit: u32, arguments: &str) -> Terminal {
    let script = format!(
        "prlimit --nproc={limit}:{limit} {} {arguments}; echo \"ended with $?\"",
        nslab.binary().display()
    );
    let id = ALONE.to_string();
    let words = [
        "--reuid",
        &id,
        "--regid",
        &id,
        "--clear-groups",
        "sh",
        "-c",
        &script,
    ];
    let environment = [("LANG", "C.UTF-8")];
    let setpriv = Path::new("/usr/bin/setpriv");
    Terminal::start_in(As::Ourselves, setpriv, &words, (120, 40), &environment)
}

/// RLIMIT_NPROC; `ulimit -u`.
#[test]
fn a_refused_process_or_thread_is_a_sentence() {
    if !support::is_root() {
        eprintln!("it takes a user with no other process: this belongs to the root run");
        return;
    }
    let nslab = Installed::new();
    for limit in 1..=24 {
        // With a few more processes, `verify` waits for what can't come.
        let verify = (limit < 4).then_some("verify --lang en skeleton");
        for arguments in ["run -- true", "compare --flags uts"]
            .into_iter()
            .chain(verify)
        {
            let mut terminal = limited(&nslab, limit, arguments);
            terminal.wait_for("ended with ");
            terminal.exit_code();
            let printed = terminal.received_all();
            assert!(
                !printed.contains("panicked"),
                "{limit} {arguments}\n{printed}"
            );
        }
        let mut terminal = limited(&nslab, limit, "--lang en");
        let screen = terminal.wait("a shell, or why there is none", |screen| {
            [
                "[host] root@",
                "F9 or R",
                "The launch was refused",
                "ended with",
            ]
            .iter()
            .any(|sentence| screen.contains(sentence))
        });
        if !screen.contains("ended with") {
            terminal.keys(F5);
            terminal.keys("!true\r");
            terminal.keys("\x1b[D");
            terminal.keys(F2);
            terminal.keys("q");
            terminal.wait_for("ended with ");
        }
        terminal.exit_code();
        let printed = terminal.received_all();
        assert!(!printed.contains("panicked"), "{limit}\n{printed}");
    }
}

#[test]
fn too_few_open_files_are_named_with_what_helps() {
    needs!(Lab);
    let nslab = Installed::new();
    for limit in [5, 8, 12, 16, 20] {
        for arguments in ["run -- true", "compare", "lessons"] {
            for lang in ["en", "zh-CN"] {
                let mut command = Command::new("prlimit");
                command.arg(format!("--nofile={limit}")).arg(nslab.binary());
                command.args(["--lang", lang]).args(arguments.split(' '));
                let output = command.output().unwrap();
                let said = stderr(&output);
                let helps = said.contains("ulimit -n 1024") && !said.contains("os error");
                assert!(
                    output.status.success() || helps,
                    "{limit} {arguments}: {said}"
                );
            }
        }
    }
}

/// A text without its line breaks.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs doctor with one of its limits changed.
fn doctor_with(nslab: &Installed, limit: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("prlimit");
    let command = command.arg(limit).arg(nslab.binary()).arg("doctor");
    command.args(arguments).output().unwrap()
}

#[test]
fn too_small_files_are_named_with_what_helps() {
    needs!(Lab);
    let nslab = Installed::new();
    for lang in ["en", "zh-CN"] {
        let output = doctor_with(&nslab, "--fsize=0", &["--lang", lang]);
        let said = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(unwrapped(&said).contains("ulimit -f unlimited"), "{said}");
    }
}

/// From the least memory with which nslab starts at all.
#[test]
fn too_little_memory_is_named_with_what_helps() {
    let nslab = Installed::new();
    let limit = |kilobytes: u32| format!("--as={}", kilobytes * 1000);
    let starts = |kilobytes: &u32| {
        let output = doctor_with(&nslab, &limit(*kilobytes), &["--seccomp-profile"]);
        output.status.success()
    };
    let least = (10_000..500_000).step_by(500).find(starts).unwrap();
    let helps = "ulimit -v unlimited";
    for more in [500, 1000, 2000, 3000, 10_000] {
        let output = doctor_with(&nslab, &limit(least + more), &["--json", "--lang", "en"]);
        let (printed, said) = (stdout(&output), stderr(&output));
        let report: Value = serde_json::from_str(&printed).unwrap_or_default();
        let why = report["text"]["remedies"].to_string();
        assert!(!report.is_null(), "{least} + {more}: {printed}{said}");
        assert_eq!(
            why.contains(helps),
            more < 10_000,
            "{least} + {more}: {why}"
        );
        let text = doctor_with(&nslab, &limit(least + more), &["--lang", "zh-CN"]);
        assert_eq!(
            unwrapped(&stdout(&text)).contains(helps),
            more < 10_000,
            "{least} + {more}"
        );
    }
}
