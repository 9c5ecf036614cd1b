//! The programs that nslab prints: each compiles, and makes the same container as nslab.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser as _;
use nslab::{ContainerNumber, Join, Lang, LaunchOption, LaunchOptions, Plan};
use nslab::{Namespace, NamespaceSet};
use nslab::{Notation, program};
use support::{As, Installed, installed, needs, skip, stderr, stdout};

/// No flag, each flag alone, all of them, the article's three, and some that depend on each other.
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

fn plans() -> Vec<Plan> {
    let options = [
        ("pid,mnt", "--proc fresh"),
        ("mnt", "--proc fresh"),
        ("uts,mnt", "--root own --hostname web1 --domainname lab"),
        ("user", "--map unwritten"),
        ("uts,user,net", "--map unwritten"),
        ("mnt", "--propagation private"),
        ("mnt", "--propagation shared"),
        ("mnt,user", "--propagation shared"),
        ("mnt", "--propagation slave"),
        ("mnt", "--root own"),
        ("mnt,user", "--root own"),
        ("uts,pid,mnt", "--root own --proc fresh"),
        (
            "uts,ipc,pid,mnt,net,cgroup,time",
            "--root own --proc fresh --propagation slave",
        ),
        (
            "uts,ipc,pid,mnt,net,user,cgroup,time",
            "--root own --proc fresh --propagation private",
        ),
        (
            "uts,pid,mnt,user,time",
            "--map unwritten --proc fresh --propagation shared",
        ),
    ];
    let plain = flag_sets().into_iter().map(Plan::new);
    let with = options.iter().map(|(flags, said)| plan(flags, said));
    // Each option that takes any text.
    let texts = LaunchOption::ALL.into_iter().filter_map(|option| {
        let said = format!("--{} {}", option.name(), option.example()?);
        Some(plan(option.needs().name(), &said))
    });
    plain.chain(with).chain(texts).collect()
}

/// The plan for some options, spelled as on the command line.
fn plan(flags: &str, options: &str) -> Plan {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        options: LaunchOptions,
    }
    let words = ["plan"].into_iter().chain(options.split_whitespace());
    Plan {
        options: Line::parse_from(words).options,
        ..Plan::new(flags.parse().unwrap())
    }
}

/// The command line arguments for the same plan.
fn arguments(plan: &Plan) -> Vec<String> {
    let mut all = vec![format!("--flags={}", plan.flags)];
    all.extend(plan.options.arguments());
    all
}

/// A script that prints what a container's bash sees: its names, whether it is process 1, its ids and
/// capabilities, uptime in days, process 1 in its `/proc`, the entries of `/`, `/`'s propagation.
const SEES: &str = r#"
hostname; domainname; [ $$ = 1 ] && echo first || echo further; id -u
while read -r key value; do [ "$key" = CapEff: ] && echo $value; done </proc/self/status
read up _ </proc/uptime; echo $((${up%.*} / 86400)) days; read -r name </proc/1/comm; echo $name; echo /*
while read -r _ _ _ _ at _ how _; do [ $at = / ] && peers=$how; done </proc/self/mountinfo; echo ${peers%%:*}
"#;

/// A script for the lab host: it runs its standard input as /tmp/program, then prints which
/// namespaces of the new container differ from the lab host's, and what that container sees. With
/// flags for a first container it passes its pid, and prints which of its namespaces were joined.
const LOOK: &str = r#"
cat >/tmp/program; chmod +x /tmp/program
[ -z "$SHARED" ] || mount --make-rshared /
find_first() {
  for p in /proc/[0-9]*; do
    read -r name <$p/comm && [ "$name" = "$1" ] && echo ${p#/proc/} && return
  done 2>/dev/null
}
first=
if [ -n "$FIRST" ]; then
  unshare $FIRST sleep 1000 &
  while [ -z "$first" ]; do first=$(find_first sleep); done
fi
mkfifo /tmp/in; exec 3<>/tmp/in
/tmp/program $first </tmp/in &
program=$!
shell=
while [ -z "$shell" ] && [ -e /proc/$program/exe ]; do shell=$(find_first bash); done
for ns in uts ipc pid mnt net user cgroup time; do
  is=$(readlink /proc/$shell/ns/$ns)
  if [ "$is" = "$(readlink /proc/1/ns/$ns)" ]; then continue
  elif [ -n "$first" ] && [ "$is" = "$(readlink /proc/$first/ns/$ns)" ]; then echo joined $ns
  else echo own $ns
  fi
done
echo "$SEES exit" >&3
wait $program
status=$?
[ -z "$first" ] || kill -9 $first
exit $status
"#;

/// What the lab host has before the program runs.
#[derive(Clone, Copy)]
struct Around<'a> {
    who: As,
    /// unshare options that make the container to join.
    first: &'a str,
    /// Whether the lab host's mounts are shared.
    shared: bool,
}

/// The new and joined namespaces of the program's container, and what it sees.
fn look_at(
    nslab: &Installed,
    around: Around<'_>,
    program: &[u8],
) -> (BTreeSet<String>, Vec<String>) {
    let shared = if around.shared { "yes" } else { "" };
    let script = format!(
        "FIRST='{}' SHARED={shared} SEES='{SEES}'\n{LOOK}",
        around.first
    );
    let mut child = nslab
        .command(around.who, &["run", "--", "sh", "-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(program).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}{}",
        String::from_utf8_lossy(program),
        stdout(&output),
        stderr(&output)
    );
    let (namespaces, sees): (Vec<String>, Vec<String>) = stdout(&output)
        .lines()
        .map(str::to_owned)
        .partition(|line| line.starts_with("own ") || line.starts_with("joined "));
    (namespaces.into_iter().collect(), sees)
}

/// What the container of nslab sees for the same plan.
fn expected(nslab: &Installed, who: As, plan: &Plan) -> Vec<String> {
    let mut said = vec!["compare".to_owned(), "--json".to_owned()];
    said.extend(arguments(plan));
    said.extend(["--", "bash", "-c", SEES].map(str::to_owned));
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let output = nslab.command(who, &said).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let printed = json["command"]["container"]["stdout"].as_str().unwrap();
    printed.lines().map(str::to_owned).collect()
}

fn makes_the_same_container(nslab: &Installed, plan: &Plan, program: &[u8]) {
    let everybody = As::all();
    let who = if *plan == Plan::new(plan.flags) {
        &everybody[..1]
    } else {
        &everybody
    };
    for who in who {
        let around = Around {
            who: *who,
            first: "",
            shared: false,
        };
        let (own, sees) = look_at(nslab, around, program);
        let chosen: BTreeSet<String> = plan
            .flags
            .iter()
            .map(|kind| format!("own {kind}"))
            .collect();
        assert_eq!(own, chosen, "{plan:?} {who:?}");
        assert_eq!(sees, expected(nslab, *who, plan), "{plan:?} {who:?}");
    }
}

/// Compiles the text of a program, or makes it executable.
type Maker = Box<dyn Fn(&Installed, &str) -> Vec<u8>>;

/// A builder for each notation that can be built here; Rust needs more than a compiler.
fn makers() -> Vec<(Notation, Maker)> {
    let mut makers: Vec<(Notation, Maker)> = vec![(
        Notation::Unshare,
        Box::new(|_, text| format!("#!/bin/sh\n{text}").into_bytes()),
    )];
    if installed("cc") {
        makers.push((Notation::C, Box::new(compiled_c)));
    } else {
        skip("there is no C compiler");
    }
    makers
}

fn compiled_c(nslab: &Installed, text: &str) -> Vec<u8> {
    let mut compiler = Command::new("cc");
    compiler.args(["-Wall", "-Wextra", "-Werror"]);
    compiled(nslab, compiler, "c", text)
}

fn compiled(nslab: &Installed, mut compiler: Command, extension: &str, text: &str) -> Vec<u8> {
    let source = nslab
        .directory
        .path()
        .join(format!("container.{extension}"));
    let binary = nslab.directory.path().join("container");
    fs::write(&source, text).unwrap();
    let output = compiler
        .arg("-o")
        .args([&binary, &source])
        .output()
        .unwrap();
    assert!(output.status.success(), "{text}\n{}", stderr(&output));
    fs::read(&binary).unwrap()
}

/// A rustc command that finds the nix crate built for these tests; none where there is none.
fn rustc(nslab: &Installed) -> Option<impl Fn() -> Command> {
    let built = Path::new(env!("CARGO_BIN_EXE_nslab")).with_file_name("deps");
    let mut libraries: Vec<PathBuf> = fs::read_dir(&built)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libnix-") && name.ends_with(".rlib")
        })
        .collect();
    // Another dependency may use an older nix, or one with fewer features.
    libraries.retain(|library| {
        let all = plan("uts,user,mnt,time", "--root own");
        let source = nslab.directory.path().join("probe.rs");
        fs::write(&source, program(Notation::Rust, &all, Lang::En).unwrap()).unwrap();
        let output = rustc_with(&built, library)
            .args(["--emit=metadata", "-o"])
            .arg(source.with_extension("rmeta"))
            .arg(&source)
            .output();
        output.is_ok_and(|output| output.status.success())
    });
    let library = libraries.pop()?;
    Some(move || rustc_with(&built, &library))
}

fn rustc_with(built: &Path, nix: &Path) -> Command {
    let mut compiler = Command::new("rustc");
    compiler
        .args(["--edition=2024", "-Dwarnings", "-Cdebuginfo=0"])
        .arg(format!("-Ldependency={}", built.display()))
        .arg(format!("--extern=nix={}", nix.display()));
    compiler
}

#[test]
fn the_programs_make_the_same_container() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for (notation, make) in makers() {
        for plan in plans() {
            let text = program(notation, &plan, Lang::En).unwrap();
            makes_the_same_container(&nslab, &plan, &make(&nslab, &text));
        }
    }
}

/// Only shared mounts show whether the container's propagation is right.
#[test]
fn mounts_propagate_as_the_plan_says() {
    needs!(Proc);
    let nslab = Installed::new();
    for (notation, make) in makers() {
        for (flags, options, how) in [
            ("mnt", "", "shared"),
            ("mnt", "--propagation private", "-"),
            ("mnt", "--propagation shared", "shared"),
            ("mnt", "--propagation slave", "master"),
            ("mnt,user", "", "master"),
            ("mnt,pid", "--propagation slave --proc fresh", "master"),
        ] {
            let text = program(notation, &plan(flags, options), Lang::En).unwrap();
            let around = Around {
                who: As::Ourselves,
                first: "",
                shared: true,
            };
            let (_, sees) = look_at(&nslab, around, &make(&nslab, &text));
            assert_eq!(sees.last().unwrap(), how, "{notation:?} {flags} {options}");
        }
    }
}

/// Cases of joining: unshare options of the first container, joined namespaces, new namespaces, and
/// launch options.
const JOINS: [(&str, &str, &str, &str); 7] = [
    ("--net --ipc --uts", "net,ipc", "uts", ""),
    ("--net --ipc --uts", "net,uts,user,cgroup,time", "ipc", ""),
    (ALL, "uts,ipc,pid,mnt,net,user,cgroup,time", "", ""),
    (
        ALL,
        "uts,ipc,pid,mnt,net,user,cgroup,time",
        "uts,pid,mnt,user,time",
        "--proc fresh --root own",
    ),
    ("--pid --fork --mount-proc", "pid,mnt", "pid,user", ""),
    ("--pid --fork", "pid", "pid,user,time", ""),
    (
        "--user --map-root-user",
        "user",
        "user,mnt",
        "--map unwritten",
    ),
];
const ALL: &str =
    "--user --map-root-user --uts --ipc --net --cgroup --time --pid --fork --mount-proc";

fn joins(nslab: &Installed, notation: Notation, join: [&str; 4], make: &dyn Fn(&str) -> Vec<u8>) {
    let [first, kinds, flags, options] = join;
    let kinds: NamespaceSet = kinds.parse().unwrap();
    let whose = ContainerNumber::FIRST;
    let plan = Plan {
        join: Some(Join { whose, kinds }),
        ..plan(flags, options)
    };
    let text = program(notation, &plan, Lang::En).unwrap();
    let binary = make(&text);
    let option = |kind| match kind {
        Namespace::Mnt => "--mount".to_owned(),
        other => format!("--{other}"),
    };
    // --mount-proc makes a mount namespace too.
    let theirs = |kind| first.contains(&option(kind));
    let expected: BTreeSet<String> = Namespace::ALL
        .into_iter()
        .filter_map(|kind| {
            let joined = kinds.contains(kind) && theirs(kind);
            match (plan.flags.contains(kind), joined) {
                (true, _) => Some(format!("own {kind}")),
                (false, true) => Some(format!("joined {kind}")),
                (false, false) => None,
            }
        })
        .collect();
    for who in As::all() {
        let around = Around {
            who,
            first,
            shared: false,
        };
        let (namespaces, _) = look_at(nslab, around, &binary);
        assert_eq!(namespaces, expected, "{who:?}\n{text}");
    }
}

#[test]
fn the_programs_join_another_container() {
    needs!(Hostname, Proc, Capabilities);
    let nslab = Installed::new();
    for (notation, make) in makers() {
        for (first, kinds, flags, options) in JOINS {
            let make = |text: &str| make(&nslab, text);
            joins(&nslab, notation, [first, kinds, flags, options], &make);
        }
    }
}

#[test]
fn the_rust_program_compiles_and_makes_the_same_container() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let Some(compiler) = rustc(&nslab) else {
        return skip("there is no rustc that knows nix");
    };
    let make = |text: &str| compiled(&nslab, compiler(), "rs", text);
    for plan in plans() {
        let binary = make(&program(Notation::Rust, &plan, Lang::En).unwrap());
        makes_the_same_container(&nslab, &plan, &binary);
    }
    for (first, kinds, flags, options) in JOINS {
        joins(
            &nslab,
            Notation::Rust,
            [first, kinds, flags, options],
            &make,
        );
    }
}

#[test]
fn a_program_holds_only_what_its_flags_need() {
    for notation in Notation::ALL {
        for plan in plans() {
            let flags = plan.flags;
            let text = program(notation, &plan, Lang::En).unwrap();
            let name = plan.options.word(LaunchOption::Hostname);
            let has = |kind| flags.contains(kind);
            assert_eq!(
                text.contains("monotonic"),
                has(Namespace::Time),
                "{notation:?} {flags}"
            );
            assert_eq!(
                text.contains(&format!("{name}\"")) || text.contains(&format!("hostname {name}")),
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
