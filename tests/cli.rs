//! nslab without its screen, as scripts use it: standard output, standard error, exit codes.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

#[path = "cli/json_help.rs"]
mod json_help;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::LocalFlags;
use nix::unistd::Pid;
use nslab::{Namespace, NamespaceSet};
use serde_json::Value;
use support::{As, Installed, alive, eventually, family, is_root, needs, skip, stderr, stdout};
use terminal::Terminal;
use unicode_width::UnicodeWidthStr;

/// The facts of the machine that a lab could change.
fn machine() -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap();
    let mut facts = vec![read("/proc/sys/kernel/hostname"), read("/proc/self/mounts")];
    // Only the columns of keys and ids: another process may read a queue meanwhile.
    for kind in ["msg", "shm", "sem"] {
        let table = read(&format!("/proc/sysvipc/{kind}"));
        facts.extend(table.lines().map(|line| line.chars().take(21).collect()));
    }
    let links = fs::read_dir("/sys/class/net").unwrap();
    let mut links: Vec<_> = links
        .map(|link| link.unwrap().file_name().into_string().unwrap())
        .collect();
    links.sort();
    facts.extend(links);
    facts
}

fn compare(nslab: &Installed, who: As, arguments: &[&str]) -> Value {
    let arguments = [&["compare", "--json"], arguments].concat();
    let output = nslab.command(who, &arguments).output().unwrap();
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), ""),
        "{who:?} {arguments:?}"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn both_sides_see_a_copy_of_a_shared_directory() {
    needs!(Lab);
    let nslab = Installed::new();
    let shared = tempfile::tempdir().unwrap();
    let long = "a".repeat(200);
    fs::create_dir(shared.path().join(&long)).unwrap();
    fs::write(shared.path().join(&long).join("hello"), "hello\n").unwrap();
    fs::write(shared.path().join("run"), "#!/bin/sh\necho it runs\n").unwrap();
    for (name, mode) in [(".", 0o755), ("run", 0o755)] {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(shared.path().join(name), mode).unwrap();
    }
    std::os::unix::fs::symlink(format!("{long}/hello"), shared.path().join("link")).unwrap();
    let directory = shared.path().to_str().unwrap();
    for who in As::all() {
        for root in ["inherited", "own"] {
            let arguments = ["--share", directory, "--flags=mnt", "--root", root];
            let command = ["--", "sh", "-c", "cat /share/link; /share/run"];
            let seen = compare(&nslab, who, &[&arguments[..], &command].concat());
            for side in ["host", "container"] {
                let printed = &seen["command"][side]["stdout"];
                assert_eq!(printed, "hello\nit runs\n", "{who:?} {root} {side}");
            }
        }
    }
}

#[test]
fn what_cannot_be_shared_is_told() {
    let nslab = Installed::new();
    let shared = tempfile::tempdir().unwrap();
    let large = fs::File::create(shared.path().join("large")).unwrap();
    large.set_len(65 << 20).unwrap();
    let large = shared.path().to_str().unwrap();
    for (arguments, expected) in [
        (["--share", "/etc/passwd"], "Not a directory"),
        (["--share", "/absent"], "can't read /absent"),
        (["--share", large], "holds more than 64 MiB"),
        (["--share=/etc", "--host=machine"], "needs a lab host"),
    ] {
        for command in ["run", "compare"] {
            let all = [&[command][..], &arguments, &["--", "true"]].concat();
            let output = nslab.command(As::Ourselves, &all).output().unwrap();
            let said = stderr(&output);
            assert!(said.contains(expected), "{command} {expected}: {said}");
            assert_eq!(output.status.code(), Some(2), "{command} {expected}");
        }
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn uptime(side: &Value) -> f64 {
    side["uptime"].as_f64().unwrap()
}

/// The row of the comparison with this id.
fn row<'a>(report: &'a Value, id: &str) -> &'a Value {
    let rows = report["rows"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap()
}

#[test]
fn each_flag_changes_only_its_own_rows() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let before = machine();
    let sets = Namespace::ALL
        .into_iter()
        .map(|kind| NamespaceSet::from_iter([kind]))
        .chain([NamespaceSet::EMPTY, NamespaceSet::all()]);
    for set in sets {
        for who in As::all() {
            only_what_is_chosen(&nslab, who, set);
        }
    }
    assert_eq!(machine(), before);
}

fn only_what_is_chosen(nslab: &Installed, who: As, set: NamespaceSet) {
    let report = compare(nslab, who, &["--flags", &set.to_string()]);
    let what = format!("{who:?} {set}: {report:#}");
    let (host, container) = (&report["host"], &report["container"]);
    let names: Vec<_> = set.iter().map(Namespace::name).collect();
    assert_eq!(report["flags"], Value::from(names), "{what}");
    for kind in Namespace::ALL {
        let differ = host["namespaces"][kind.name()] != container["namespaces"][kind.name()];
        assert_eq!(differ, set.contains(kind), "{kind}: {what}");
    }
    for row in report["rows"].as_array().unwrap() {
        let kind: Namespace = row["namespace"].as_str().unwrap().parse().unwrap();
        assert_eq!(row["own_namespace"], set.contains(kind), "{row}: {what}");
        let differs = match row["id"].as_str().unwrap() {
            // nslab or the kernel sets another value in a new namespace.
            "hostname" | "interfaces" | "clock" => set.contains(kind),
            "cgroup" => set.contains(kind) && host["cgroup"] != "/",
            // The lab host may have more ids than one.
            "uid_map" => set.contains(kind) && host["uid_map"] != container["uid_map"],
            // The two shells are different processes in any case.
            "shell_pid" => true,
            // A new namespace starts with a copy of the host's value; or both sides read the /proc
            // of the host's PID namespace; or both are root.
            _ => false,
        };
        assert_eq!(row["differs"], differs, "{row}: {what}");
    }
    let has = |kind| set.contains(kind);
    assert_eq!(container["hostname"] == "container", has(Namespace::Uts));
    assert_eq!(container["shell_pid"] == 1, has(Namespace::Pid), "{what}");
    let ahead = uptime(container) - uptime(host);
    let expected = if has(Namespace::Time) { 86_400.0 } else { 0.0 };
    assert!((expected..expected + 60.0).contains(&ahead), "{what}");
    let interfaces = container["interfaces"].as_array().unwrap();
    if has(Namespace::Net) {
        assert_eq!(interfaces.len(), 1, "{what}");
        assert_eq!(interfaces[0]["name"], "lo", "{what}");
        assert_eq!(interfaces[0]["up"], false, "{what}");
    } else {
        assert_eq!(container["interfaces"], host["interfaces"], "{what}");
    }
    if has(Namespace::Cgroup) {
        assert_eq!(container["cgroup"], "/", "{what}");
    }
    assert_eq!((&host["uid"], &container["uid"]), (&0.into(), &0.into()));
    if has(Namespace::User) {
        let map = serde_json::json!([{"inside": 0, "outside": 0, "count": 1}]);
        assert_eq!(container["uid_map"], map, "{what}");
    } else {
        assert_eq!(container["uid_map"], host["uid_map"], "{what}");
    }
}

#[test]
fn the_end_of_the_lab_host_is_said() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        // reboot(2) by its numbers: in a PID namespace it ends process 1.
        let script = "syscall(169, 0xfee1dead, 672274793, 0x1234567, 0); sleep 1000";
        if std::env::consts::ARCH != "x86_64" {
            return skip("reboot(2) has another number here");
        }
        let output = nslab
            .command(who, &["run", "--", "perl", "-e", script])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(125), "{who:?}");
        let said = stderr(&output);
        assert!(said.contains("the lab host has ended"), "{who:?}: {said}");
    }
}

/// The fields that one part of the JSON help names, without what stands in brackets.
fn documented_fields(help: &str, part: &str) -> Vec<String> {
    let start = help.find(&format!("  {part}: ")).unwrap();
    let text = help[start..].split_once(": ").unwrap().1;
    let end = text.find("\n  a row").or(text.find("\n  with")).unwrap();
    let mut depth = 0;
    let outside = text[..end].chars().filter(|c| {
        depth += i32::from("{(".contains(*c));
        depth -= i32::from(")}".contains(*c));
        depth == 0 && !")}".contains(*c)
    });
    let outside: String = outside.collect();
    outside
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect()
}

/// A file that its reader may not open is named with the reason, and hides no other finding.
#[test]
fn an_unreadable_lesson_hides_no_other_finding() {
    let nslab = Installed::new();
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let front = |id: &str| {
        format!(
            "+++\nid = \"{id}\"\ntitle = \"T\"\nflags = []\nminutes = 1\nsources = [\"x(1)\"]\n+++\n\n"
        )
    };
    let shut = directory.path().join("01-shut.md");
    fs::write(&shut, front("shut") + "## S\n\ntext\n").unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
    let other = front("other") + "## S\n\n{{ host.hostnam }}\n";
    fs::write(directory.path().join("02-other.md"), other).unwrap();
    let path = directory.path().to_str().unwrap();
    // Root may read any file.
    let who = As::all().pop().unwrap();
    let output = nslab.command(who, &["lint", path]).output().unwrap();
    let said = stdout(&output);
    for finding in [
        "01-shut.md:1:1: error: you may not read this file; its permissions,",
        "02-other.md:11:9: error: there is no `host.hostnam`",
        "2 errors, 0 warnings in 2 files",
    ] {
        assert!(said.contains(finding), "{finding}\n{said}");
    }
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_json_is_as_documented() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let help = nslab.command(who, &["compare", "--help"]).output();
        let help = stdout(&help.unwrap());
        let documented = |part| documented_fields(&help, part);
        let report = compare(&nslab, who, &["--flags", "ipc,uts"]);
        assert_eq!(keys(&report), ["container", "flags", "host", "rows"]);
        assert_eq!(report["flags"], serde_json::json!(["uts", "ipc"]));
        for side in [&report["host"], &report["container"]] {
            assert_eq!(keys(side), documented("a side"));
            assert!(side["hostname"].is_string() && side["uptime"].is_f64());
            let pids = side["nspid"].as_array().unwrap();
            assert!(pids.len() >= 2 && pids.last() == Some(&side["shell_pid"]));
            assert!(side["processes"].as_u64().unwrap() > 1 && side["uid"].is_u64());
            for list in ["queues", "shm", "semaphores"] {
                assert_eq!(side["ipc"][list], serde_json::json!([]), "{list}");
            }
            let kinds = side["namespaces"].as_object().unwrap();
            assert_eq!(kinds.len(), Namespace::ALL.len());
            for id in kinds.values() {
                assert!(id["dev"].is_u64() && id["ino"].as_u64().unwrap() > 0);
            }
        }
        let rows = report["rows"].as_array().unwrap();
        let fields = documented("a row");
        assert!(rows.iter().all(|row| keys(row) == fields), "{rows:?}");
    }
}

/// What a command prints as JSON, and its help. The Chinese one has the names of these parts' fields, too.
fn with_help(nslab: &Installed, who: As, arguments: &[&str]) -> (Value, String) {
    let output = nslab.command(who, arguments).output().unwrap();
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let help = |lang: &str| {
        let mut command = nslab.command(who, &[arguments[0], "--help"]);
        stdout(&command.env("LANG", lang).output().unwrap())
    };
    let (english, chinese) = (help("C.UTF-8"), help("zh_CN.UTF-8"));
    let whole = json_help::outline(&english);
    assert_eq!(json_help::keys([&whole]), json_help::keys([&report]));
    for name in json_help::keys([&report]) {
        assert!(json_help::has_word(&chinese, &name), "{name}\n{chinese}");
    }
    for name in json_help::parts(&english) {
        let text = json_help::part(&english, name);
        let listed = |it: &String| it.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        for field in json_help::fields(&text).into_iter().filter(listed) {
            assert!(json_help::has_word(&chinese, &field), "{field}\n{chinese}");
        }
    }
    (report, english)
}

#[test]
fn the_json_of_doctor_is_as_documented() {
    needs!(Lab, Binds, Sysctls);
    let nslab = Installed::new();
    for who in As::all() {
        let (report, help) = with_help(&nslab, who, &["doctor", "--json"]);
        let documented = |part| json_help::fields(&json_help::part(&help, part));
        assert_eq!(
            json_help::keys([&report["text"]]),
            json_help::keys([&json_help::outline(&help)["text"]])
        );
        let kinds = report["kinds"].as_array().unwrap();
        assert_eq!(json_help::keys(kinds), documented("a kind"));
        assert_eq!(
            json_help::keys([&report["lab_host"]]),
            documented("lab_host")
        );
    }
    // Root would be refused everything in there.
    let who = *As::all().last().unwrap();
    let (_, help) = with_help(&nslab, who, &["doctor", "--json"]);
    let documented = |part| json_help::fields(&json_help::part(&help, part));
    let after = |change: &str| -> Value {
        let script = format!("{change}; exec $0 doctor --json");
        let mut command = Command::new("unshare");
        command.args(["-Urm", "sh", "-c", &script]);
        command.arg(nslab.binary()).current_dir("/");
        command.uid(who.uid()).gid(who.uid());
        serde_json::from_str(&stdout(&command.output().unwrap())).unwrap()
    };
    let list = |report: &Value, name: &str| report[name].as_array().unwrap().clone();
    let report = after("p=$(command -v ping) && mount --bind /etc/passwd $(readlink -f $p)");
    for (name, part) in [("lessons", "a lesson"), ("missing", "missing")] {
        assert_eq!(json_help::keys(&list(&report, name)), documented(part));
    }
    let report = after("echo 0 >/proc/sys/user/max_uts_namespaces");
    let kinds = list(&report, "kinds").into_iter();
    let refusals: Vec<_> = kinds.map(|mut it| it["refusal"].take()).collect();
    assert_eq!(json_help::keys(&refusals), documented("a refusal"));
    let text = json_help::part(&help, "a refusal");
    for part in ["step", "explanation"] {
        let parts = refusals.iter().map(|it| &it[part]);
        assert_eq!(json_help::keys(parts), json_help::fields_of(&text, part));
    }
}

#[test]
fn the_json_of_map_is_as_documented() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let (report, help) = with_help(&nslab, who, &["map", "--json"]);
        let text = |part| json_help::part(&help, part);
        let documented = |part| json_help::fields(&text(part));
        let list = |name: &str| report[name].as_array().unwrap().iter();
        let of_all = |name: &'static str| list("namespaces").map(move |it| &it[name]);
        assert_eq!(
            json_help::keys(list("namespaces")),
            documented("a namespace")
        );
        assert_eq!(json_help::keys(list("processes")), documented("a process"));
        assert_eq!(json_help::keys([&report["unread"]]), documented("unread"));
        for field in ["owner", "peer_groups"] {
            let expected = json_help::fields_of(&text("a namespace"), field);
            assert_eq!(json_help::keys(of_all(field)), expected);
        }
        let links = || of_all("links").filter_map(Value::as_array).flatten();
        assert_eq!(json_help::keys(links()), documented("a link"));
        let peers = || links().map(|it| &it["peer"]);
        if peers().all(Value::is_null) {
            return skip("the kernel has no veth");
        }
        let peer = json_help::fields_of(&text("a link"), "peer");
        assert_eq!(json_help::keys(peers()), peer);
    }
}

#[test]
fn rows_say_what_the_sides_say() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let report = compare(&nslab, who, &["--flags", "uts,pid,net,cgroup,time"]);
        for side in ["host", "container"] {
            let seen = &report[side];
            let cell = |id| row(&report, id)[side].as_str().unwrap();
            assert_eq!(cell("hostname"), seen["hostname"]);
            assert_eq!(cell("shell_pid"), seen["shell_pid"].to_string());
            assert_eq!(cell("pid1"), seen["pid1"]);
            assert_eq!(cell("processes"), seen["processes"].to_string());
            let mounts = seen["mounts"].as_array().unwrap().len();
            assert_eq!(cell("mounts"), mounts.to_string());
            assert_eq!(cell("uid"), seen["uid"].to_string());
            assert_eq!(cell("cgroup"), seen["cgroup"]);
            assert_eq!(cell("queues"), "-");
            let links = seen["interfaces"].as_array().unwrap().iter();
            let links: Vec<_> = links
                .map(|link| {
                    let state = if link["up"] == true { "UP" } else { "DOWN" };
                    format!("{} {state}", link["name"].as_str().unwrap())
                })
                .collect();
            assert_eq!(cell("interfaces"), links.join(" "));
            let ahead = seen["clock"]["boottime"].as_i64().unwrap();
            assert_eq!(cell("clock"), format!("{ahead:+} s"));
        }
    }
}

#[test]
fn the_table_shows_both_columns() {
    needs!(Hostname);
    let nslab = Installed::new();
    let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    for who in As::all() {
        let output = nslab
            .command(who, &["compare", "--flags", "uts,pid"])
            .output()
            .unwrap();
        let text = stdout(&output);
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(lines[0], ["HOST", "CONTAINER"]);
        let hostname = ["hostname", machine.trim(), "container", "≠", "own", "UTS"];
        assert_eq!(lines[1], hostname, "{text}");
        assert!(
            lines
                .iter()
                .any(|line| line[..2] == ["echo", "$$"] && line[3..] == ["1", "≠", "own", "PID"]),
            "{text}"
        );
        let uid = ["id", "-u", "0", "0", "=", "same", "USER"];
        assert!(lines.contains(&uid.to_vec()), "{text}");
    }
}

#[test]
fn a_command_runs_on_both_sides_and_changes_nothing_outside() {
    needs!(Hostname);
    let nslab = Installed::new();
    let before = machine();
    for who in As::all() {
        let script = "echo $$; echo \"on $NSLAB_SIDE\" >&2; hostname canary; hostname; ipcmk -Q >&2
            mount -t tmpfs tmpfs /mnt; ip link add canary type dummy; echo x >/tmp/canary; exit 3";
        let report = compare(
            &nslab,
            who,
            &["--flags", "uts,pid", "--", "sh", "-c", script],
        );
        let command = &report["command"];
        for side in ["host", "container"] {
            let ran = &command[side];
            assert_eq!(keys(ran), ["status", "stderr", "stdout"]);
            assert_eq!(ran["status"], 3, "{command:#}");
            let complaints = ran["stderr"].as_str().unwrap();
            assert!(complaints.contains(&format!("on {side}\n")), "{command:#}");
            assert!(ran["stdout"].as_str().unwrap().ends_with("canary\n"));
        }
        assert_eq!(command["container"]["stdout"], "1\ncanary\n");
        assert_eq!(command["host"]["stdout"], {
            let pid = &report["host"]["shell_pid"];
            format!("{pid}\ncanary\n")
        });
        // The snapshot is from before the command ran.
        assert_eq!(report["container"]["hostname"], "container");

        let output = nslab
            .command(who, &["compare", "--flags", "pid", "--", "nslab-canary"])
            .output()
            .unwrap();
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        for side in ["host", "container"] {
            assert!(text.contains(&format!("\n[{side}] exit 127\n")), "{text}");
        }
        assert_eq!(text.matches("nslab-canary: not found").count(), 2, "{text}");
    }
    assert_eq!(machine(), before);
    assert!(!fs::exists("/tmp/canary").unwrap());
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        for code in [0, 1, 2, 3, 124, 125, 126, 127, 128, 129, 254, 255] {
            let output = nslab.in_lab(who, &format!("exit {code}"));
            assert_eq!(output.status.code(), Some(code), "{who:?}");
            assert_eq!(stderr(&output), "", "{who:?}");
        }
        for (signal, code) in [
            ("HUP", 129),
            ("INT", 130),
            ("KILL", 137),
            ("TERM", 143),
            ("34", 162),
        ] {
            let output = nslab.in_lab(who, &format!("kill -{signal} $$; exit 5"));
            assert_eq!(output.status.code(), Some(code), "{who:?} {signal}");
        }
        for (program, code, why) in [
            ("nslab-canary", 127, "no such program"),
            ("/etc/passwd", 126, "may not be executed"),
        ] {
            let output = nslab
                .command(who, &["run", "--flags", "pid", "--", program])
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(code), "{who:?} {program}");
            let said = stderr(&output);
            assert!(said.contains(program) && said.contains(why), "{said}");
        }
    }
}

/// Runs nslab from a shell script that prepares its environment; `$NSLAB` is the binary, `$DIR` an
/// empty directory.
fn prepared(nslab: &Installed, who: As, script: &str) -> Output {
    let directory = nslab.directory.path().join("directory");
    fs::create_dir_all(&directory).unwrap();
    let mut words = who.prefix();
    words.extend(["unshare", "-Urm", "sh", "-c", script].map(str::to_owned));
    Command::new(&words[0])
        .args(&words[1..])
        .env("NSLAB", nslab.binary())
        .env("DIR", directory)
        .current_dir("/")
        .output()
        .unwrap()
}

#[test]
fn a_refused_sandbox_exits_125_and_says_what_helps() {
    needs!(Hostname, Sysctls, NoFilter);
    let limit = |kind: &str, limit: u8| {
        format!("echo {limit} >/proc/sys/user/max_{kind}_namespaces; exec $NSLAB ")
    };
    let full = "The disk is not full";
    let cases = [
        (limit("user", 0), "unshare(CLONE_NEWUSER", full),
        (limit("pid", 0), "CLONE_NEWPID", full),
        (limit("uts", 1), "clone(SIGCHLD|CLONE_NEWUTS)", full),
        (
            "mount --rbind / $DIR && exec chroot $DIR $NSLAB ".to_owned(),
            "unshare(CLONE_NEWUSER",
            "Leave the chroot",
        ),
    ];
    let nslab = Installed::new();
    for who in As::nested() {
        for (setting, call, help) in &cases {
            for command in [
                "run --flags uts -- echo ran",
                "compare --json --flags uts -- echo ran",
            ] {
                let output = prepared(&nslab, who, &format!("{setting}{command}"));
                let said = stderr(&output);
                assert_eq!(output.status.code(), Some(125), "{who:?} {setting}: {said}");
                assert_eq!(stdout(&output), "", "{who:?} {setting}");
                let name = command.split(' ').next().unwrap();
                assert!(said.starts_with(&format!("nslab {name}: ")), "{said}");
                assert!(said.contains(call) && said.contains(help), "{said}");
                assert_eq!(said.lines().count(), 1, "{said}");
            }
        }
        // The prepared environment alone makes nothing fail.
        let output = prepared(&nslab, who, "exec $NSLAB run --flags uts -- echo ran");
        assert_eq!(stdout(&output), "ran\n", "{who:?}: {}", stderr(&output));
    }
}

/// Whatever number it has there, `/proc/sys` and cgroups of the machine would be its own. 65534 stands for ids
/// without a map, too.
#[test]
fn the_machines_root_gets_no_lab_where_it_can_become_nobody_else() {
    needs!(Lab);
    if !is_root() {
        eprintln!("only root can be the machine's: this belongs to the root run");
        return;
    }
    let nslab = Installed::new();
    for map in ["--map-root-user", "--map-user=1000", "--map-user=65534"] {
        let run = |arguments: &[&str]| {
            let mut command = Command::new("unshare");
            command.args(["--user", map]).arg(nslab.binary());
            command.args(arguments).output().unwrap()
        };
        let output = run(&["run", "--lang", "en", "--", "stat", "/proc/sys/kernel"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(125), "{map}: {said}");
        assert!(said.contains("still the machine's root"), "{map}: {said}");
        let doctor = run(&["doctor", "--json"]);
        let report: Value = serde_json::from_slice(&doctor.stdout).unwrap();
        let gate = &report["lab_host"]["refusal"]["explanation"]["gate"];
        assert_eq!(gate, "machines_root", "{map}: {report:#}");
    }
}

/// The machine's root reads it all the same.
#[test]
fn where_nslab_can_be_executed_and_not_read_it_says_so() {
    needs!(Lab);
    for who in As::all() {
        let nslab = Installed::new();
        fs::set_permissions(nslab.binary(), Permissions::from_mode(0o111)).unwrap();
        let run = |arguments: &[&str]| nslab.command(who, arguments).output().unwrap();
        let output = run(&["run", "--lang", "en", "--", "true"]);
        if is_root() && who == As::Ourselves {
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            continue;
        }
        assert_eq!(output.status.code(), Some(125));
        for (lang, why) in [("en", "but not read it"), ("zh-CN", "却不能读它")] {
            let said = stderr(&run(&["run", "--lang", lang, "--", "true"]));
            assert!(said.contains(why) && said.contains("chmod a+r"), "{said}");
            let doctor = stdout(&run(&["doctor", "--lang", lang]));
            let doctor = doctor.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(doctor.contains("chmod a+r"), "{doctor}");
        }
    }
}

/// Else whoever starts it would be root in `--host machine`, or by the words that a helper is told.
#[test]
fn a_file_that_lends_its_owners_rights_refuses_to_start() {
    needs!(Lab);
    if !is_root() {
        eprintln!("it takes a file of another user: this belongs to the root run");
        return;
    }
    for mode in [0o4755, 0o2755, 0o6711] {
        let nslab = Installed::new();
        fs::set_permissions(nslab.binary(), Permissions::from_mode(mode)).unwrap();
        for arguments in [
            &["run", "--lang", "en", "--", "true"][..],
            &["run", "--lang", "en", "--host", "machine", "--", "true"],
            &["doctor", "--lang", "en"],
            &["on-machine"],
        ] {
            let output = nslab.command(As::Ordinary, arguments).output().unwrap();
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains("chmod u-s,g-s"), "{arguments:?}: {said}");
        }
        // Its owner has no other rights by it.
        let mut own = nslab.command(As::Ourselves, &["run", "--", "true"]);
        let own = own.output().unwrap();
        assert_eq!(own.status.code(), Some(0), "{}", stderr(&own));
    }
}

#[test]
fn a_command_gets_the_pipes() {
    needs!(Lab);
    let nslab = Installed::new();
    // Every byte value, and more bytes than any buffer in between holds.
    let sent: Vec<u8> = (0..10_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for who in As::all() {
        let script = "cat; echo aside >&2; exit 6";
        let mut child = nslab
            .command(who, &["run", "--flags", "pid", "--", "sh", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = sent.clone();
        let writer = thread::spawn(move || stdin.write_all(&bytes).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(
            output.stdout == sent,
            "{who:?}: {} bytes",
            output.stdout.len()
        );
        assert_eq!(stderr(&output), "aside\n", "{who:?}");
        assert_eq!(output.status.code(), Some(6), "{who:?}");
    }
}

/// A child that is killed when the test ends, even by a failure.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_signal_ends_everything() {
    needs!(Hostname);
    let nslab = Installed::new();
    let left = "setsid sleep 1000 & sleep 1000 & echo ready; while :; do wait; done";
    let cases = [
        (Signal::SIGTERM, "uts", "", 143),
        (Signal::SIGINT, "uts", "", 130),
        (Signal::SIGHUP, "uts", "", 129),
        // The command may handle the signal and print …
        (Signal::SIGTERM, "uts", "trap 'exit 5' TERM;", 5),
        (Signal::SIGTERM, "uts,pid", "trap 'exit 5' TERM;", 5),
        // … but can't ignore it, not even as process 1, which otherwise gets no signal.
        (Signal::SIGINT, "uts", "trap '' INT;", 130),
        (Signal::SIGTERM, "uts,pid", "", 143),
    ];
    for who in As::all() {
        for (signal, flags, trap, code) in &cases {
            let script = format!("{trap} {left}");
            let child = nslab
                .command(who, &["run", "--flags", flags, "--", "bash", "-c", &script])
                .stdout(Stdio::piped())
                .spawn();
            let Ending(child) = &mut Ending(child.unwrap());
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap())
                .read_line(&mut line)
                .unwrap();
            assert_eq!(line, "ready\n");
            let pid = i32::try_from(child.id()).unwrap();
            let what = format!("{who:?} {flags:?} {signal} {trap}");
            let mut all = family(pid);
            eventually(&format!("{what}: two sleepers"), || {
                all = family(pid);
                all.iter().filter(|known| known.name == "sleep").count() == 2
            });
            kill(Pid::from_raw(pid), *signal).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(*code), "{what}");
            eventually(&what, || alive(&all).is_empty());
        }
    }
}

/// Starts `nslab run` with a command on a terminal.
fn on_a_terminal(nslab: &Installed, who: As, script: &str) -> Terminal {
    let arguments = ["run", "--flags", "uts", "--", "bash", "-c", script];
    Terminal::start(who, &nslab.binary(), &arguments, (80, 24))
}

/// A device is written by nslab: what it refuses is no less an error.
#[test]
fn output_that_can_not_be_printed_is_an_error() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let full = || fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = nslab.command(who, &["run", "--", "echo", "x"]);
        let output = command.stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{who:?}");
        let said = stderr(&output);
        assert!(said.contains("printing the output"), "{who:?}: {said}");
    }
}

/// A signal ends the wait for a reader that has stopped to read.
#[test]
fn a_reader_that_does_not_read_does_not_keep_nslab() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let reads_not = fs::File::options()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        let script = "echo begun >&2; head -c 1000000 /dev/zero";
        let mut command = nslab.command(who, &["run", "--", "sh", "-c", script]);
        let output = fs::File::options().write(true).open(&path).unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut begun = [0; 6];
        let errors = child.stderr.as_mut().unwrap();
        errors.read_exact(&mut begun).unwrap();
        // The second one ends it at once, also while the command still runs.
        for _ in 0..2 {
            kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
        }
        assert!(!child.wait().unwrap().success(), "{who:?}");
        drop(reads_not);
    }
}

#[test]
fn on_a_terminal_a_command_gets_its_own_pty() {
    needs!(Hostname);
    let nslab = Installed::new();
    let sane = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG;
    for who in As::all() {
        let script =
            "tty; trap 'stty size; echo si\"\"zed' WINCH; read -r word; echo \"heard $word\";
            while :; do sleep 1000 & wait; done";
        let mut terminal = on_a_terminal(&nslab, who, script);
        terminal.wait_for("/dev/tty1");
        assert!(!terminal.modes().local_flags.intersects(sane), "{who:?}");
        terminal.line("hello");
        terminal.wait_for("heard hello");
        terminal.resize(101, 33);
        terminal.wait_for("33 101");
        // bash handles ^C itself only if no program of its own got it and exited with 0.
        terminal.wait_for("sized");
        terminal.keys("\x03");
        assert_eq!(terminal.exit_code(), 130, "{who:?}");
        assert!(terminal.modes().local_flags.contains(sane), "{who:?}");

        // The last output of a command arrives, and nslab restores the terminal in any case.
        let mut terminal = on_a_terminal(&nslab, who, "seq 1 20; echo the last word; exit 7");
        terminal.wait_for("the last word");
        assert_eq!(terminal.exit_code(), 7, "{who:?}");
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            let mut terminal = on_a_terminal(&nslab, who, "echo ready; sleep 1000");
            terminal.wait_for("ready");
            let all = family(terminal.pid());
            kill(Pid::from_raw(terminal.pid()), signal).unwrap();
            terminal.exit_code();
            eventually(&format!("{who:?} {signal}"), || {
                alive(&all).is_empty() && terminal.modes().local_flags.contains(sane)
            });
        }
        let mut terminal = Terminal::start(
            who,
            &nslab.binary(),
            &["run", "--", "nslab-canary"],
            (80, 24),
        );
        terminal.wait_for("There is no such");
        assert_eq!(terminal.exit_code(), 127, "{who:?}");
        assert!(terminal.modes().local_flags.contains(sane), "{who:?}");
    }
}

#[test]
fn a_shell_without_a_command_has_job_control() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let mut terminal =
            Terminal::start(who, &nslab.binary(), &["run", "--flags", "uts"], (80, 24));
        terminal.wait_for("[container] root@container");
        terminal.line("sh -c 'echo in the \"\"foreground; exec sleep 1000'");
        terminal.wait_for("in the foreground");
        terminal.keys("\x1a");
        terminal.wait_for("Stopped");
        terminal.run("kill %1");
        terminal.line("exit 9");
        // The first `exit` only makes bash report its jobs.
        terminal.line("exit 9");
        assert_eq!(terminal.exit_code(), 9, "{who:?}");
        assert!(!terminal.screen().contains("no job control"));
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    needs!(Lab);
    let nslab = Installed::new();
    let gone = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    for arguments in [
        &["compare"][..],
        &["compare", "--json"],
        &["lessons"],
        &["--help"],
        &["compare", "--help"],
        &["--version"],
    ] {
        let output = nslab
            .command(As::Ourselves, arguments)
            .stdout(gone())
            .output()
            .unwrap();
        let told = (output.status.code(), stderr(&output));
        assert_eq!(told, (Some(0), String::new()), "{arguments:?}");
    }
    let endless = nslab
        .command(As::Ourselves, &["run", "--", "yes"])
        .stdout(gone())
        .output()
        .unwrap();
    // In the container SIGPIPE has its default action, as in any shell.
    let told = (endless.status.code(), stderr(&endless));
    assert_eq!(told, (Some(141), String::new()));
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = nslab
        .command(As::Ourselves, &["lessons"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("No space left"));
}

#[test]
fn unknown_arguments_are_answered_with_the_known_ones() {
    let nslab = Installed::new();
    let kinds = "uts, ipc, pid, mnt, net, user, cgroup, time";
    let cases: &[(&[&str], &[&str])] = &[
        (&["nope"], &["'nope'", "run, doctor, lessons", "--lang"]),
        (&["--nope"], &["'--nope'", "run, doctor", "--leave-key"]),
        (
            &["compare", "--nope"],
            &["'--nope'", "--flags, --proc", "--with, --json"],
        ),
        (&["compare", "true"], &["'true'", "after --"]),
        (&["run", "--nope"], &["'--nope'", "--flags", "after --"]),
        (&["lessons", "--nope"], &["'--nope'", "--lang, --lessons"]),
        (&["compare", "--flags", "uts,nope"], &["'nope'", kinds]),
        (&["run", "--flags", "UTS", "--", "true"], &["'UTS'", kinds]),
        (
            &["run", "--offset", "-9", "--", "true"],
            &["'-9'", "ahead, never back", "from 0 to 4294967295"],
        ),
        (&["--lang", "fr"], &["'fr'", "en, zh-CN"]),
        (&["lessons", "--lang", "fr"], &["'fr'", "en, zh-CN"]),
        (
            &["--lesson", "uts", "map"],
            &["--lesson", "lab", "before map"],
        ),
        (
            &["--lesson", "nope"],
            &["'nope'", "skeleton, identity, uts, ipc, pid"],
        ),
        (&["--leave-key", "q"], &["'q'", "ctrl-]", "f12"]),
        (&["--leave-key", "ctrl-i"], &["'ctrl-i'", "Tab"]),
        (
            &["--lessons", "/nslab-canary"],
            &["/nslab-canary", "No such file"],
        ),
        (
            &["lessons", "--lessons", "/nslab-canary"],
            &["/nslab-canary"],
        ),
        // The lab, without a terminal.
        (&[], &["needs a terminal", "nslab compare", "nslab run"]),
    ];
    for (arguments, words) in cases {
        let output = nslab.command(As::Ourselves, arguments).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        for word in *words {
            assert!(said.contains(word), "{arguments:?}: no {word} in {said}");
        }
        for hidden in ["lab-host", "enter", "sweep", "watch", "probe"] {
            assert!(!said.contains(hidden), "{arguments:?}: {said}");
        }
    }
}

/// Words of its own in Chinese; the JSON is the same in both languages.
#[test]
fn a_comparison_speaks_chinese_in_columns() {
    needs!(Hostname);
    let nslab = Installed::new();
    let compared = |arguments: &[&str]| {
        let output = nslab.command(As::Ourselves, arguments).output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        stdout(&output)
    };
    let table = ["--lang", "zh-CN", "compare", "--flags", "uts", "--", "true"];
    let text = compared(&table);
    for word in ["HOST", "CONTAINER", " own ", " same ", "exit"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    let mut lines = text.lines();
    let heads = lines.next().unwrap();
    let row = lines.find(|line| line.starts_with("hostname")).unwrap();
    assert!(row.contains("独立 UTS"), "{row}");
    assert!(text.contains("[容器] 退出状态 0"), "{text}");
    let before = |text: &str, word: &str| text.split(word).next().unwrap().width();
    assert_eq!(before(heads, "容器"), before(row, "container"), "{text}");

    let fields = ["compare", "--flags", "uts", "--json", "--lang"];
    let keys = |lang| {
        let json = compared(&[&fields[..], &[lang]].concat());
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let rows = value["rows"].as_array().unwrap().clone();
        let label = |row: &serde_json::Value| (row["id"].clone(), row["label"].clone());
        rows.iter().map(label).collect::<Vec<_>>()
    };
    assert_eq!(keys("en"), keys("zh-CN"));
}

/// No word of English is left where nslab itself speaks: help, mistakes, reports, questions.
#[test]
fn new_tells_its_errors_in_chinese() {
    let nslab = Installed::new();
    let lessons = tempfile::tempdir().unwrap();
    let directory = lessons.path().to_str().unwrap();
    for (name, code, said) in [
        ("mine", 0, ""),
        ("mine", 2, "mine.md 已经是这一课"),
        ("My", 2, "'My' 不能作为课程名"),
    ] {
        let arguments = [
            "--lang",
            "zh-CN",
            "new",
            "lesson",
            name,
            "--lessons",
            directory,
        ];
        let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn the_commands_speak_chinese() {
    needs!(Lab);
    let nslab = Installed::new();
    let said = |arguments: &[&str]| {
        let before = [&["--lang", "zh-CN"], arguments].concat();
        let output = nslab.command(As::Ourselves, &before).output().unwrap();
        let text = stdout(&output) + &stderr(&output);
        (text, output.status.code().unwrap())
    };
    let lessons = tempfile::tempdir().unwrap();
    let directory = lessons.path().to_str().unwrap();
    let cases: [(&[&str], i32, &[&str]); 12] = [
        (
            &["--help"],
            0,
            &["用法：nslab [选项] [子命令]", "compare  创建"],
        ),
        (
            &["run", "--help"],
            0,
            &["可用的值：", "[默认：lab]", "退出状态"],
        ),
        (
            &["new", "lesson", "mine", "--lessons", directory],
            0,
            &["改好之后：nslab lint"],
        ),
        (
            &["lint", directory],
            0,
            &["错误 0 个，警告 0 个，共 2 个文件"],
        ),
        (
            &["verify", "uts", "--json", "--jobs"],
            2,
            &["--jobs <N> 后面缺少值"],
        ),
        (
            &["verify", "nope"],
            2,
            &["没有课程 'nope'；现有课程：skeleton、identity"],
        ),
        (&["run", "--proc", "fresh"], 2, &["--proc 需要标志里有 mnt"]),
        (
            &["run", "--flags", "xyz"],
            2,
            &["'xyz' 不能作为 --flags <列表> 的值"],
        ),
        (&["run", "--bogus"], 2, &["'--bogus' 对 nslab run 没有意义"]),
        (
            &["run", "--", "no-such-program"],
            127,
            &["nslab run: ", "没有"],
        ),
        (&["lint"], 2, &["缺少必需的参数：<目录>"]),
        (
            &["compare", "--pid", "2147483647"],
            125,
            &["没有这个 pid 的进程"],
        ),
    ];
    for (arguments, code, words) in cases {
        let (text, status) = said(arguments);
        assert_eq!(status, code, "{arguments:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{arguments:?}: no {word:?} in {text}");
        }
    }
    // As the lab chooses its language.
    let mut command = nslab.command(As::Ourselves, &["lessons", "--help"]);
    let output = command
        .env("LANG", "zh_CN.UTF-8")
        .env_remove("LC_ALL")
        .output()
        .unwrap();
    assert!(
        stdout(&output).contains("列出所有课程"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn lessons_are_listed_and_their_mistakes_named() {
    let nslab = Installed::new();
    let list = |arguments: &[&str], lang: &str| {
        let arguments = [&["lessons"], arguments].concat();
        let mut command = nslab.command(As::Ourselves, &arguments);
        let output = command
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env("LANG", lang)
            .output()
            .unwrap();
        assert_eq!(stderr(&output), "");
        stdout(&output)
    };
    let english = list(&[], "C.UTF-8");
    let chinese = list(&["--lang", "zh-CN"], "C.UTF-8");
    assert_eq!(chinese, list(&[], "zh_CN.UTF-8"));
    assert_eq!(english, list(&["--lang", "en"], "zh_CN.UTF-8"));
    assert_ne!(english, chinese);
    let before = |arguments: &[&str]| {
        let output = nslab.command(As::Ourselves, arguments).output().unwrap();
        assert_eq!(stderr(&output), "", "{arguments:?}");
        stdout(&output)
    };
    assert_eq!(chinese, before(&["--lang", "zh-CN", "lessons"]));
    assert_eq!(
        english,
        before(&["--lang", "zh-CN", "lessons", "--lang", "en"])
    );
    for (lang, text) in [(nslab::Lang::En, english), (nslab::Lang::ZhCn, chinese)] {
        let library = nslab::Library::embedded(lang);
        assert_eq!(text.lines().count(), library.len());
        for (line, lesson) in text.lines().zip(library.lessons()) {
            assert!(line.contains(&lesson.id), "{line}");
            assert!(line.ends_with(&lesson.title), "{line}");
        }
    }

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("1.md");
    let lesson =
        |id| format!("+++\n{id} = \"mine\"\ntitle = \"My own\"\nflags = []\n+++\n## S\nt\n");
    fs::write(&file, lesson("id")).unwrap();
    let folder = directory.path().to_str().unwrap();
    assert!(list(&["--lessons", folder], "C").contains("My own"));
    fs::write(&file, lesson("idea")).unwrap();
    let output = nslab
        .command(As::Ourselves, &["lessons", "--lessons", folder])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let place = format!("{}:2:1: ", file.display());
    assert!(stderr(&output).contains(&place), "{}", stderr(&output));
}

#[test]
fn help_and_version() {
    let nslab = Installed::new();
    let ask = |arguments: &[&str]| {
        let output = nslab.command(As::Ourselves, arguments).output().unwrap();
        let told = (output.status.code(), stderr(&output));
        assert_eq!(told, (Some(0), String::new()), "{arguments:?}");
        stdout(&output)
    };
    let version = format!("nslab {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(ask(&["--version"]), version);
    assert_eq!(ask(&["-V"]), version);
    let help = ask(&["--help"]);
    assert_eq!(help, ask(&["help"]));
    for word in ["compare", "run", "lessons", "--lang", "--lessons"] {
        assert!(help.contains(word), "{help}");
    }
    assert!(!help.contains("sweep"), "{help}");
    for word in ["shell_pid", "own_namespace", "125"] {
        assert!(ask(&["compare", "--help"]).contains(word), "{word}");
    }
    for word in ["125", "uts", "cgroup"] {
        assert!(ask(&["run", "--help"]).contains(word), "{word}");
    }
}

#[test]
fn plain_text_if_no_color_is_set_or_output_is_no_terminal() {
    let nslab = Installed::new();
    for arguments in [
        &["--help"][..],
        &["nope"],
        &["run", "--flags", "nope"],
        &["compare", "--flags", "uts", "--", "true"],
        &["lessons"],
        &["run", "--", "nslab-canary"],
    ] {
        let mut command = nslab.command(As::Ourselves, arguments);
        let output = command.env("TERM", "xterm-256color").output().unwrap();
        let printed = stdout(&output) + &stderr(&output);
        assert!(
            printed.len() > 10 && !printed.contains('\x1b'),
            "{printed:?}"
        );
        let environment = [("NO_COLOR", "1"), ("LANG", "C.UTF-8")];
        let size = (100, 40);
        let mut terminal = Terminal::start_in(
            As::Ourselves,
            &nslab.binary(),
            arguments,
            size,
            &environment,
        );
        terminal.exit_code();
        let received = terminal.received_all();
        assert!(received.len() > 10, "{arguments:?}");
        assert!(!received.contains("\x1b["), "{arguments:?}: {received:?}");
    }
}

#[test]
fn no_inherited_descriptor_leads_out_of_the_lab() {
    needs!(Lab);
    let nslab = Installed::new();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("canary"), "").unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
    for who in As::all() {
        let open = fs::File::open(directory.path()).unwrap();
        let number = open.as_raw_fd();
        let look = format!("ls /proc/*/fd/{number}/ /proc/*/fd/9/ 2>/dev/null; echo looked");
        // The shell opens the directory at another descriptor, without close-on-exec.
        let script = "exec 9<\"$0\"; exec \"$@\"";
        let mut words = who.prefix();
        words.extend(["bash", "-c", script].map(str::to_owned));
        let ask = |program: &[&str]| {
            let output = Command::new(&words[0])
                .args(&words[1..])
                .arg(directory.path())
                .args(program)
                .current_dir("/")
                .output()
                .unwrap();
            stdout(&output)
        };
        let binary = nslab.binary();
        let binary = binary.to_str().unwrap();
        let lab = ask(&[binary, "run", "--", "sh", "-c", &look]);
        assert!(lab.ends_with("looked\n"), "{who:?}: {lab}");
        assert!(!lab.contains("canary"), "{who:?}: {lab}");
        let both = ask(&[binary, "compare", "--", "sh", "-c", &look]);
        assert!(!both.contains("canary"), "{who:?}: {both}");
        // Without nslab in between, the descriptor is inherited.
        assert!(ask(&["ls", "/proc/self/fd/9/"]).contains("canary"));
    }
}

#[test]
fn the_sheet_names_options_that_the_programs_have() {
    let nslab = Installed::new();
    let helps = ["unshare", "nsenter", "lsns"].map(|program| {
        let output = Command::new(program).arg("--help").output().unwrap();
        (program, stdout(&output))
    });
    let sheet = |format, lang| {
        let arguments = ["sheet", "--format", format, "--lang", lang];
        stdout(&nslab.command(As::Ourselves, &arguments).output().unwrap())
    };
    for lang in ["en", "zh-CN"] {
        let text = sheet("text", lang);
        let rows: Vec<_> = text.lines().map(str::trim_start).collect();
        for (program, help) in &helps {
            let named = rows.iter().filter_map(|row| {
                let at = row.find(&format!(" {program} -"))?;
                row[at + program.len() + 2..].split_once(' ')
            });
            let named: Vec<_> = named.collect();
            assert_eq!(named.len(), Namespace::ALL.len(), "{program}: {text}");
            for (short, long) in named.into_iter().filter(|_| *program != "lsns") {
                // The help lists ` -m, --mount[=<file>]`.
                let listed = format!("{short} {long}");
                let stands = help.lines().any(|line| {
                    let rest = line.trim_start().strip_prefix(&listed);
                    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
                });
                assert!(stands, "{program} {listed}: {help}");
            }
        }
        for kind in Namespace::ALL {
            assert!(rows.contains(&kind.label()), "{kind}: {text}");
        }
        for format in ["md", "html"] {
            let other = sheet(format, lang);
            let separator = if format == "md" {
                "| **"
            } else {
                "scope=\"col\""
            };
            assert_eq!(
                other.matches(separator).count(),
                Namespace::ALL.len(),
                "{other}"
            );
            let cells = |line: &str| line.replace("\\|", "").matches('|').count();
            let table: Vec<_> = other.lines().filter(|line| line.starts_with('|')).collect();
            for row in &table {
                assert_eq!(cells(row), cells(table[0]), "{row}");
            }
        }
    }
}

#[test]
fn lint_says_where_and_what_and_how_many() {
    let nslab = Installed::new();
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join("1.md"),
        "+++\nid = \"x\"\ntitle = \"X\"\nflags = []\n+++\n## S\n{{ host.hostnam }}\n",
    )
    .unwrap();
    let path = directory.path().display().to_string();
    let output = nslab
        .command(As::Ourselves, &["lint", &path])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    let first = format!(
        "{path}/1.md:7:9: error: there is no `host.hostnam`; did you mean `host.hostname`?\n"
    );
    assert!(said.starts_with(&first), "{said}");
    assert!(said.ends_with("1 error, 0 warnings in 1 file\n"), "{said}");
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons");
    let output = nslab
        .command(As::Ourselves, &["lint", lessons])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}
