//! `nslab doctor` on this machine, as root and as an ordinary user.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use nslab::Namespace;
use serde_json::Value;
use support::{As, Installed, eventually, is_root, needs, skip, stderr, stdout};

fn report(installed: &Installed, who: As) -> (Value, Option<i32>) {
    let output = installed
        .command(who, &["doctor", "--json", "--lang", "en"])
        .output()
        .unwrap();
    let text = stdout(&output);
    let report = serde_json::from_str(&text);
    let Ok(report) = report else {
        unreachable!("{text}{}", stderr(&output));
    };
    (report, output.status.code())
}

#[test]
fn each_namespace_and_the_lab_host_are_probed() {
    needs!(Hostname);
    let installed = Installed::new();
    for who in As::all() {
        let (report, code) = report(&installed, who);
        assert_eq!(code, Some(0), "{who:?} {report:#}");
        assert_eq!(report["works"], true);
        let kinds = report["kinds"].as_array().unwrap();
        let names: Vec<_> = kinds.iter().map(|kind| kind["kind"].clone()).collect();
        assert_eq!(names, Namespace::ALL.map(Namespace::name));
        for kind in kinds {
            assert_eq!(kind["works"], true, "{who:?} {kind}");
            assert!(kind["refusal"].is_null() && kind["ended"].is_null());
        }
        assert_eq!(report["machine"]["euid"], who.uid());
        assert_eq!(report["remedies"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn the_command_that_bounds_memory_is_named_where_nothing_does() {
    needs!(Lab);
    let installed = Installed::new();
    for who in As::all() {
        let lab = report(&installed, who).0["lab_host"].clone();
        let bounded = lab["bounds_memory"].as_bool().unwrap();
        assert_eq!(bounded, lab["bound_by"].is_null(), "{who:?} {lab}");
        let text = installed.command(who, &["doctor"]).output().unwrap();
        let text = stdout(&text);
        let own = if who.uid() == 0 { "" } else { "--user " };
        let command =
            format!("\n   systemd-run {own}--scope -p Delegate=yes -p MemoryMax=1G nslab\n");
        assert_eq!(text.contains(&command), !bounded, "{who:?} {text}");
    }
}

#[test]
fn the_diagnosis_is_in_both_languages() {
    needs!(Hostname);
    let installed = Installed::new();
    for (lang, works) in [("en", "can be made"), ("zh-CN", "可以创建")] {
        let output = installed
            .command(As::Ourselves, &["doctor", "--lang", lang])
            .output()
            .unwrap();
        let text = stdout(&output);
        assert!(text.contains(works), "{text}");
        for kind in Namespace::ALL {
            let row = format!("✔ {}", kind.label());
            assert!(text.contains(&row), "{row}: {text}");
        }
    }
}

/// The facts of the machine that a probe could change.
fn traces() -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let mounts = read("/proc/self/mountinfo");
    let queues = read("/proc/sysvipc/msg").lines().count();
    let name = nix::sys::utsname::uname().unwrap().nodename().to_owned();
    let links = read("/proc/self/net/dev");
    let up: Vec<_> = links
        .lines()
        .filter_map(|it| it.split(':').next())
        .collect();
    vec![
        mounts,
        queues.to_string(),
        name.to_string_lossy().into_owned(),
        up.join(" "),
    ]
}

#[test]
fn nothing_changes_and_nothing_stays() {
    needs!(Lab);
    let installed = Installed::new();
    for who in As::all() {
        let before = traces();
        let processes = || {
            let all = fs::read_dir("/proc").unwrap().flatten();
            let argv = |path: &Path| fs::read(path.join("cmdline")).unwrap_or_default();
            let ours = |path: &Path| {
                let exe = fs::read_link(path.join("exe")).unwrap_or_default();
                exe == installed.binary()
            };
            all.map(|entry| entry.path())
                .filter(|path| ours(path))
                .map(|path| String::from_utf8_lossy(&argv(&path)).into_owned())
                .collect::<Vec<_>>()
        };
        let output = installed.command(who, &["doctor"]).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        // The kernel ends what has lost its parent.
        eventually("nothing stays", || processes().is_empty());
        assert_eq!(traces(), before, "{who:?}");
    }
}

#[test]
fn a_refusal_has_a_gate_a_remedy_and_an_exit_code() {
    needs!(Sysctls);
    let installed = Installed::new();
    let nslab = installed.binary().display().to_string();
    for who in As::nested() {
        let script = format!(
            "echo 0 > /proc/sys/user/max_net_namespaces; exec {nslab} doctor --json --lang en"
        );
        let mut words = who.prefix();
        words.extend(["unshare", "-r", "sh", "-c", &script].map(str::to_owned));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .current_dir("/")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(report["works"], false);
        for kind in report["kinds"].as_array().unwrap() {
            let net = kind["kind"] == "net";
            assert_eq!(kind["works"], !net, "{who:?} {kind}");
            if net {
                let refusal = &kind["refusal"];
                assert_eq!(refusal["step"]["call"], "unshare(CLONE_NEWNET)");
                assert_eq!(refusal["explanation"]["gate"]["limit"][0], "net");
            }
        }
        let lab = &report["lab_host"]["refusal"]["explanation"];
        assert_eq!(lab["gate"]["limit"][0], "net", "{report:#}");
        let remedies = report["remedies"].as_array().unwrap();
        assert_eq!(remedies.len(), 1, "each once: {remedies:?}");
        assert_eq!(remedies[0]["raise_limit"], "net");
        let text = report["text"]["remedies"][0].as_str().unwrap();
        assert!(text.contains("max_net_namespaces"), "{text}");
    }
}

/// Without newuidmap(1) or a line in subuid(5) an ordinary user's lab has one id. Doctor says so, a launch has it,
/// and the same steps of the lessons work.
#[test]
fn a_lab_with_one_id_is_told_from_one_with_many() {
    needs!(Hostname, Capabilities);
    if !is_root() {
        eprintln!("whom ids are lent to is root's to say: this belongs to the root run");
        return;
    }
    let files = ["/etc/subuid", "/etc/subgid", "/usr/bin/newuidmap"];
    if let Some(file) = files.iter().find(|it| !Path::new(it).exists()) {
        return skip(&format!("no {file}: ids can't be lent here"));
    }
    let installed = Installed::new();
    let user = As::Ordinary;
    let table = installed.directory.path().join("lent");
    fs::write(&table, "lent:300000:65536\n").unwrap();
    // newuidmap asks for a name.
    let users = installed.directory.path().join("users");
    let known = fs::read_to_string("/etc/passwd").unwrap();
    let id = user.uid();
    fs::write(&users, format!("{known}lent:x:{id}:{id}::/:/bin/sh\n")).unwrap();
    let lending = |table: &Path| {
        let (users, table) = (users.display(), table.display());
        format!(
            "mount --bind {users} /etc/passwd; for it in uid gid; do mount --bind {table} /etc/sub$it; done"
        )
    };
    let lent = lending(&table);
    let no_line = lending(Path::new("/dev/null"));
    let no_program = format!("{lent}; mount --bind /dev/null /usr/bin/newuidmap");
    let mut lessons = Vec::new();
    for (place, ids) in [(lent, 65536), (no_line, 1), (no_program, 1)] {
        let run = |arguments: &str| {
            let nslab = installed.binary();
            let user = user.prefix().join(" ");
            let script = format!("{place}; exec {user} {} {arguments}", nslab.display());
            let mut command = Command::new("unshare");
            command.args(["--mount", "sh", "-ec", &script]);
            command.current_dir("/").output().unwrap()
        };
        let count = "run -- awk '{ n += $3 } END { print n }' /proc/self/uid_map";
        let said = run(count);
        assert_eq!(stdout(&said).trim(), ids.to_string(), "{}", stderr(&said));
        let other = run("run -- setpriv --reuid 7 --clear-groups true");
        assert_eq!(other.status.success(), ids > 1, "{}", stderr(&other));
        let report: Value = serde_json::from_slice(&run("doctor --json").stdout).unwrap();
        let shortfalls = report["lab_host"]["shortfalls"].as_array().unwrap();
        let one = shortfalls.iter().any(|it| it == "one_id");
        assert_eq!(one, ids == 1, "{place}: {report:#}");
        for (lang, words) in [("en", "has one id"), ("zh-CN", "只有一个 ID")] {
            let text = stdout(&run(&format!("doctor --lang {lang}")));
            assert_eq!(text.contains(words), ids == 1, "{place}: {text}");
        }
        lessons.push(report["lessons"].clone());
    }
    assert!(lessons.iter().all(|it| *it == lessons[0]), "{lessons:?}");
}

/// Rootless engines, and those that map root to others, give a container 65536 ids.
#[test]
fn root_with_few_ids_has_a_lab_with_many_of_them_or_is_told() {
    needs!(Lab, Capabilities);
    if !is_root() {
        eprintln!("maps of many ids are root's to write: this belongs to the root run");
        return;
    }
    let installed = Installed::new();
    let run = |ids: u32, arguments: &str| {
        let mut holder = Command::new("unshare")
            .args(["--user", "sh", "-c", "echo; read end"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = holder.stdout.take().unwrap();
        ready.read_exact(&mut [0]).unwrap();
        let pid = holder.id().to_string();
        for map in ["uid_map", "gid_map"] {
            fs::write(
                format!("/proc/{pid}/{map}"),
                format!("0 {} {ids}", 0x7000_0000),
            )
            .unwrap();
        }
        let output = Command::new("nsenter")
            .args(["--target", &pid, "--user", "--setuid", "0", "--setgid", "0"])
            .arg(installed.binary())
            .args(arguments.split(' '))
            .current_dir("/")
            .output()
            .unwrap();
        drop(holder.stdin.take());
        holder.wait().unwrap();
        output
    };
    let other = "run -- setpriv --reuid 65534 --clear-groups id -u";
    let said = run(65536, other);
    assert_eq!(stdout(&said), "65534\n", "{}", stderr(&said));
    // Doctor wraps its lines.
    let told = |ids: u32, lang: &str| -> String {
        let text = stdout(&run(ids, &format!("doctor --lang {lang}")));
        text.split_whitespace().collect()
    };
    for (lang, one, helps) in [
        ("en", "hasoneid", "asanordinaryuser"),
        ("zh-CN", "只有一个ID", "的普通用户身份"),
    ] {
        let text = told(65536, lang);
        assert!(!text.contains(one), "{text}");
        let text = told(1000, lang);
        assert!(text.contains(one) && text.contains(helps), "{text}");
        assert!(!text.contains("/etc/subuid"), "{text}");
    }
}

#[test]
fn the_seccomp_profile_is_printed() {
    let output = Installed::new()
        .command(As::Ourselves, &["doctor", "--seccomp-profile"])
        .output()
        .unwrap();
    assert_eq!(stdout(&output), include_str!("../assets/seccomp.json"));
}

#[test]
fn the_profile_names_the_path_of_this_binary() {
    let installed = Installed::new();
    let directory = installed.directory.path().join("a b{c}");
    fs::create_dir(&directory).unwrap();
    let binary = directory.join("nslab");
    let copied = Command::new("cp")
        .args([&installed.binary(), &binary])
        .status();
    assert!(copied.unwrap().success());
    let output = Command::new(&binary)
        .args(["doctor", "--apparmor-profile"])
        .output()
        .unwrap();
    let profile = stdout(&output);
    assert!(profile.contains("a b\\{c\\}/nslab\" flags=(unconfined)"));
    let parser = Path::new("/usr/sbin/apparmor_parser");
    if !parser.exists() {
        eprintln!("no apparmor_parser here: its opinion is not asked");
        return;
    }
    // Older parsers don't know `userns,` and its ABI, but they do read the other lines.
    let older = profile
        .replace("abi <abi/4.0>,", "")
        .replace("  userns,", "");
    let file = installed.directory.path().join("profile");
    fs::write(&file, older).unwrap();
    let parsed = Command::new(parser)
        .args(["--skip-kernel-load", "--skip-cache", "--names"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(parsed.status.success(), "{}", stderr(&parsed));
    assert_eq!(stdout(&parsed).trim(), "nslab");
}
