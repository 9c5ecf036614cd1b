//! The programs that nslab prints: each compiles, and makes the container that nslab makes.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use nslab::code::{Notation, program};
use nslab::namespace::{Namespace, NamespaceSet};
use support::{As, Installed, installed, skip, stderr, stdout};

/// Each kind alone, none, all, the article's three, and some that lean on each other.
fn flag_sets() -> Vec<NamespaceSet> {
    let mut sets: Vec<NamespaceSet> = Namespace::ALL
        .into_iter()
        .map(|kind| [kind].into_iter().collect())
        .collect();
    for list in [
        "",
        "uts,ipc,pid",
        "user,time",
        "pid,time",
        "user,mnt,pid,net",
        "uts,user",
    ] {
        sets.push(list.parse().unwrap());
    }
    sets.push(NamespaceSet::all());
    sets
}

/// Runs what comes on standard input as /tmp/program in a lab host, and says for its container:
/// which namespaces are not the lab host's, and what it sees.
const LOOK: &str = r#"
cat >/tmp/program; chmod +x /tmp/program
mkfifo /tmp/in; exec 3<>/tmp/in
/tmp/program </tmp/in &
shell=
while [ -z "$shell" ]; do
  for p in /proc/[0-9]*; do
    read -r name <$p/comm && [ "$name" = bash ] && shell=$p
  done 2>/dev/null
done
for ns in uts ipc pid mnt net user cgroup time; do
  [ "$(readlink $shell/ns/$ns)" = "$(readlink /proc/1/ns/$ns)" ] || echo own $ns
done
echo 'hostname; echo $$; id -u; read up _ </proc/uptime; echo $((${up%.*} / 86400)); exit' >&3
wait
"#;

/// What nslab's own container of these flags shows in the same four lines.
fn expected(nslab: &Installed, flags: NamespaceSet) -> Vec<String> {
    let list = flags.to_string();
    let look = "hostname; echo $$; id -u; read up _ </proc/uptime; echo $((${up%.*} / 86400))";
    let arguments = [
        "compare", "--json", "--flags", &list, "--", "bash", "-c", look,
    ];
    let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let printed = json["command"]["container"]["stdout"].as_str().unwrap();
    printed.lines().map(str::to_owned).collect()
}

fn look_at(nslab: &Installed, program: &[u8]) -> (BTreeSet<String>, Vec<String>) {
    let mut child = nslab
        .command(As::Ourselves, &["run", "--", "sh", "-c", LOOK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(program).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    let printed = stdout(&output);
    let own = printed
        .lines()
        .filter_map(|line| line.strip_prefix("own "))
        .map(str::to_owned)
        .collect();
    let sees = printed
        .lines()
        .filter(|line| !line.starts_with("own "))
        .map(str::to_owned)
        .collect();
    (own, sees)
}

fn makes_the_same_container(nslab: &Installed, flags: NamespaceSet, program: &[u8]) {
    let (own, sees) = look_at(nslab, program);
    let chosen: BTreeSet<String> = flags.iter().map(|kind| kind.name().to_owned()).collect();
    assert_eq!(own, chosen, "{flags}");
    let ours = expected(nslab, flags);
    for (line, what) in [(0, "hostname"), (2, "id -u"), (3, "days of uptime")] {
        assert_eq!(sees[line], ours[line], "{flags}: {what}: {sees:?} {ours:?}");
    }
    let first = |lines: &[String]| lines[1] == "1";
    assert_eq!(first(&sees), first(&ours), "{flags}: echo $$");
}

#[test]
fn the_c_program_compiles_and_makes_the_same_container() {
    if !installed("cc") {
        return skip("there is no C compiler");
    }
    let nslab = Installed::new();
    for flags in flag_sets() {
        let source = nslab.directory.path().join("container.c");
        let binary = nslab.directory.path().join("container");
        fs::write(&source, program(Notation::C, flags).unwrap()).unwrap();
        let mut compiler = Command::new("cc");
        compiler
            .args(["-Wall", "-Wextra", "-Werror", "-o"])
            .args([&binary, &source]);
        let output = compiler.output().unwrap();
        assert!(output.status.success(), "{flags}: {}", stderr(&output));
        makes_the_same_container(&nslab, flags, &fs::read(&binary).unwrap());
    }
}

#[test]
fn the_unshare_command_makes_the_same_container() {
    let nslab = Installed::new();
    for flags in flag_sets() {
        let script = format!(
            "#!/bin/sh\nexec {}",
            program(Notation::Unshare, flags).unwrap()
        );
        makes_the_same_container(&nslab, flags, script.as_bytes());
    }
}

#[test]
fn a_program_holds_only_what_its_flags_need() {
    for notation in Notation::ALL {
        for flags in flag_sets() {
            let text = program(notation, flags).unwrap();
            let has = |kind| flags.contains(kind);
            assert_eq!(
                text.contains("86400"),
                has(Namespace::Time),
                "{notation:?} {flags}"
            );
            assert_eq!(
                text.contains("container\"") || text.contains("hostname container"),
                has(Namespace::Uts),
                "{notation:?} {flags}\n{text}"
            );
            assert!(
                !text.contains("{%") && !text.contains("\n\n\n"),
                "{notation:?} {flags}\n{text}"
            );
        }
    }
}
