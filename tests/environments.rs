//! What doctor says of an environment against what a launch then does there: containers without their
//! capabilities, filters of system calls, limits, chroots, masked file systems; as root and as an
//! ordinary user.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::{env, fs};

use nslab::Namespace;
use rstest::rstest;
use serde_json::Value;
use support::{As, Installed, at_once, is_root, needs, skip, stderr, stdout};

/// An environment: the words before a command that runs it there.
struct Environment<'a> {
    name: &'a str,
    words: Vec<String>,
    /// Whose turn it is among the lessons.
    turn: usize,
}

/// Whoever can make an environment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Makes {
    Root,
    Anybody,
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A shell script that prepares, in new namespaces, and then becomes the command.
fn after(prefix: &str, script: &str) -> Vec<String> {
    let mut all = words(prefix);
    let script = format!("set -e; {script}; exec \"$@\"");
    all.extend(["sh", "-c", &script, "sh"].map(str::to_owned));
    all
}

const MOUNTS: &str = "unshare -m";
const ROOT_IN_IT: &str = "unshare -r";

fn capabilities() -> Vec<(&'static str, Makes, Vec<String>)> {
    let without = |list: &str| {
        let list: Vec<_> = list.split(',').map(|it| format!("-{it}")).collect();
        let list = list.join(",");
        words(&format!("setpriv --bounding-set {list} --inh-caps {list}"))
    };
    vec![
        ("all as it is", Makes::Anybody, Vec::new()),
        ("no sys_ptrace", Makes::Root, without("sys_ptrace")),
        ("no sys_admin", Makes::Root, without("sys_admin")),
        ("no kill", Makes::Root, without("kill")),
        ("no setuid", Makes::Root, without("setuid,setgid")),
        ("no setfcap", Makes::Root, without("setfcap")),
        ("no chown", Makes::Root, without("chown,fowner")),
        ("no capability", Makes::Root, without("all")),
        (
            "a container's capabilities",
            Makes::Root,
            without(
                "sys_ptrace,sys_admin,net_admin,sys_time,sys_module,sys_resource,dac_read_search,\
                 linux_immutable,ipc_lock,ipc_owner,sys_rawio,sys_pacct,sys_boot,sys_nice,sys_tty_config",
            ),
        ),
        (
            "no new privileges",
            Makes::Anybody,
            words("setpriv --no-new-privs"),
        ),
        ("root by name", Makes::Anybody, words("unshare -U")),
        ("root of a namespace", Makes::Anybody, words(ROOT_IN_IT)),
        (
            "root of two",
            Makes::Anybody,
            words("unshare -r unshare -r"),
        ),
        (
            "root of a namespace, with mounts and pids",
            Makes::Anybody,
            words("unshare -rmpf --mount-proc"),
        ),
    ]
}

fn limits() -> Vec<(&'static str, Makes, Vec<String>)> {
    let files = |count: u32| words(&format!("prlimit --nofile={count}"));
    let mut all = vec![
        ("12 open files", Makes::Anybody, files(12)),
        ("20 open files", Makes::Anybody, files(20)),
        ("64 open files", Makes::Anybody, files(64)),
        ("no process", Makes::Anybody, words("prlimit --nproc=1")),
    ];
    let names = [
        ["no UTS", "three UTS"],
        ["no IPC", "three IPC"],
        ["no PID", "three PID"],
        ["no MNT", "three MNT"],
        ["no NET", "three NET"],
        ["no USER", "three USER"],
        ["no CGROUP", "three CGROUP"],
        ["no TIME", "three TIME"],
    ];
    for (kind, names) in Namespace::ALL.into_iter().zip(names) {
        for (name, limit) in names.into_iter().zip([0, 3]) {
            let script = format!(
                "echo {limit} > /proc/sys/user/max_{}_namespaces",
                kind.name()
            );
            all.push((name, Makes::Anybody, after(ROOT_IN_IT, &script)));
        }
    }
    all
}

fn file_systems() -> Vec<(&'static str, Makes, Vec<String>)> {
    let scripts = [
        ("masked /proc", "mount -t tmpfs t /proc/acpi"),
        ("read-only /proc", "mount -o remount,bind,ro /proc"),
        ("read-only /sys", "mount -o remount,bind,ro /sys"),
        ("no /sys", "mount -t tmpfs t /sys"),
        ("no /dev/pts", "mount -t tmpfs t /dev/pts"),
        ("no /dev/shm", "mount -t tmpfs t /dev/shm"),
        ("empty /etc", "mount -t tmpfs t /etc"),
        ("read-only root", "mount -o remount,bind,ro /"),
    ];
    let root = scripts.map(|(name, script)| (name, Makes::Root, after(MOUNTS, script)));
    let user = scripts.map(|(name, script)| (name, Makes::Anybody, after("unshare -rm", script)));
    let mut all: Vec<_> = root.into_iter().chain(user).collect();
    let into = "mount --rbind / /mnt; cd /mnt; set -- chroot . \"$@\"";
    all.push(("chroot", Makes::Root, after(MOUNTS, into)));
    all.push(("chroot", Makes::Anybody, after("unshare -rm", into)));
    all
}

/// The exit code that a shell has for SIGSYS.
const KILLED: Option<i32> = Some(159);

/// What a filter does with its calls; `<linux/seccomp.h>`.
#[derive(Clone, Copy)]
enum Answer {
    Errno(i32),
    Kill,
}

impl Answer {
    fn value(self) -> u32 {
        match self {
            Answer::Errno(errno) => 0x0005_0000 | errno.unsigned_abs(),
            Answer::Kill => 0x8000_0000,
        }
    }
}

/// A program for seccomp(2); `<linux/filter.h>`.
struct Program(Vec<u8>);

impl Program {
    const LOAD: u16 = 0x20;
    const IF_EQUAL: u16 = 0x15;
    const IF_ANY_BIT: u16 = 0x45;
    const RETURN: u16 = 0x06;
    const ALLOW: u32 = 0x7fff_0000;

    /// It begins with the number of the call.
    fn new() -> Self {
        let mut program = Self(Vec::new());
        program.push(Self::LOAD, 0, 0);
        program
    }

    /// An instruction that, where it asks and the answer is no, leaves out so many after it.
    fn push(&mut self, code: u16, leaves_out: u8, value: u32) {
        self.0.extend(code.to_ne_bytes());
        self.0.extend([0, leaves_out]);
        self.0.extend(value.to_ne_bytes());
    }

    fn answer(&mut self, call: i64, answer: Answer) {
        self.push(Self::IF_EQUAL, 1, u32::try_from(call).unwrap());
        self.push(Self::RETURN, 0, answer.value());
    }

    /// All other calls are allowed.
    fn end(mut self) -> Vec<u8> {
        self.push(Self::RETURN, 0, Self::ALLOW);
        self.0
    }
}

/// These calls get the answer.
fn filter(calls: &[i64], answer: Answer) -> Vec<u8> {
    let mut program = Program::new();
    for call in calls {
        program.answer(*call, answer);
    }
    program.end()
}

/// The words that run a command behind a filter, which is in a file.
fn behind(filter: &Path, who: As) -> Vec<String> {
    let root = is_root() && who == As::Ourselves;
    let keeping = if root { "--cap-add ALL" } else { "" };
    let script = format!(
        "exec bwrap --dev-bind / / --seccomp 9 {keeping} \"$@\" 9<{}",
        filter.display()
    );
    ["sh", "-c", &script, "sh"].map(str::to_owned).into()
}

/// As Docker's, for a container without CAP_SYS_ADMIN: its documentation "Seccomp security profiles for
/// Docker". It looks at the flags of clone(2), and hides clone3(2), whose flags no filter sees.
fn dockers() -> Vec<u8> {
    use libc::{
        SYS_add_key, SYS_bpf, SYS_clone, SYS_clone3, SYS_fsconfig, SYS_fsmount, SYS_fsopen,
        SYS_keyctl, SYS_mount, SYS_mount_setattr, SYS_move_mount, SYS_open_tree,
        SYS_perf_event_open, SYS_pivot_root, SYS_request_key, SYS_setdomainname, SYS_sethostname,
        SYS_setns, SYS_umount2, SYS_unshare,
    };
    /// The offset of the first argument's lower half in `struct seccomp_data`, on little endian.
    const FIRST_ARGUMENT: u32 = 16;
    /// All flags of clone(2) that make a namespace, but that of TIME, which it has not.
    const NAMESPACES: u32 = 0x7e02_0000;
    let refused = [
        SYS_add_key,
        SYS_bpf,
        SYS_fsconfig,
        SYS_fsmount,
        SYS_fsopen,
        SYS_keyctl,
        SYS_mount,
        SYS_mount_setattr,
        SYS_move_mount,
        SYS_open_tree,
        SYS_perf_event_open,
        SYS_pivot_root,
        SYS_request_key,
        SYS_setdomainname,
        SYS_sethostname,
        SYS_setns,
        SYS_umount2,
        SYS_unshare,
    ];
    let mut program = Program::new();
    for call in refused {
        program.answer(call, Answer::Errno(libc::EPERM));
    }
    program.answer(SYS_clone3, Answer::Errno(libc::ENOSYS));
    program.push(Program::IF_EQUAL, 3, u32::try_from(SYS_clone).unwrap());
    program.push(Program::LOAD, 0, FIRST_ARGUMENT);
    program.push(Program::IF_ANY_BIT, 1, NAMESPACES);
    program.push(Program::RETURN, 0, Answer::Errno(libc::EPERM).value());
    program.end()
}

fn filters() -> Vec<(String, Vec<u8>)> {
    use libc::{
        ENOSYS, EPERM, SYS_clone3, SYS_keyctl, SYS_memfd_create, SYS_mount, SYS_mount_setattr,
        SYS_move_mount, SYS_open_tree, SYS_pidfd_open, SYS_pivot_root, SYS_seccomp,
        SYS_sethostname, SYS_setns, SYS_umount2, SYS_unshare,
    };
    let answers = [
        ("EPERM", Answer::Errno(EPERM)),
        ("ENOSYS", Answer::Errno(ENOSYS)),
        ("SIGSYS", Answer::Kill),
    ];
    let calls: [(&str, &[i64]); 14] = [
        ("keyctl", &[SYS_keyctl]),
        ("unshare", &[SYS_unshare]),
        ("setns", &[SYS_setns]),
        ("mount", &[SYS_mount]),
        ("mount_setattr", &[SYS_mount_setattr]),
        ("pivot_root", &[SYS_pivot_root]),
        ("sethostname", &[SYS_sethostname]),
        ("memfd_create", &[SYS_memfd_create]),
        ("pidfd_open", &[SYS_pidfd_open]),
        ("open_tree, move_mount", &[SYS_open_tree, SYS_move_mount]),
        ("umount2", &[SYS_umount2]),
        ("clone3", &[SYS_clone3]),
        ("seccomp", &[SYS_seccomp]),
        (
            "a container's",
            &[
                SYS_keyctl,
                SYS_unshare,
                SYS_setns,
                SYS_mount,
                SYS_sethostname,
            ],
        ),
    ];
    let mut all = Vec::new();
    for (answer, with) in answers {
        for (name, calls) in calls {
            all.push((format!("{name}: {answer}"), filter(calls, with)));
        }
    }
    all.push(("Docker's".to_owned(), dockers()));
    // As systemd-nspawn's around a kernel without seccomp(2): crun starts nothing.
    let mut program = Program::new();
    program.answer(SYS_keyctl, Answer::Errno(EPERM));
    program.answer(SYS_seccomp, Answer::Errno(ENOSYS));
    all.push(("keyctl: EPERM, seccomp: ENOSYS".to_owned(), program.end()));
    all
}

/// The lesson that needs most of what an environment may lack: a proc and a sysfs, hostnames, open files. It is
/// compared in each environment as each user; as who runs the tests, so is one other lesson, and these take turns.
const DEMANDING: &str = "runtime";
/// The environments in which every lesson is compared: steps of several lack something there.
const WHOLE: [&str; 2] = ["no CGROUP", "sethostname: EPERM"];

/// Lessons that are verified together.
struct Course {
    lessons: Vec<String>,
    /// The words that make nslab read these lessons alone, as reading a course costs more than a launch. None for
    /// the built-in ones.
    library: Vec<String>,
}

/// All lessons that are built in.
static BUILT_IN: Course = Course {
    lessons: Vec::new(),
    library: Vec::new(),
};

impl Course {
    fn of(lessons: Vec<String>, directory: &Path) -> Self {
        let to = directory.join(format!("lessons-{}", lessons.join("-")));
        for lang in ["en", "zh-CN"] {
            fs::create_dir_all(to.join(lang)).unwrap();
            for (id, file) in lesson_files(lang) {
                if lessons.contains(&id) {
                    fs::copy(&file, to.join(lang).join(file.file_name().unwrap())).unwrap();
                }
            }
        }
        let library = vec!["--lessons".to_owned(), to.to_str().unwrap().to_owned()];
        Self { lessons, library }
    }
}

/// The lessons in a language: id and file, in their order.
fn lesson_files(lang: &str) -> Vec<(String, PathBuf)> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    let files = fs::read_dir(from.join(lang)).unwrap();
    let mut files: Vec<_> = files
        .filter_map(|file| {
            let path = file.unwrap().path();
            let (_, id) = path.file_stem()?.to_str()?.split_once('-')?;
            Some((id.to_owned(), path))
        })
        .collect();
    files.sort_by(|one, other| one.1.cmp(&other.1));
    files
}

struct Lab {
    installed: Installed,
    /// The lessons that environments take in turns, or none, for all lessons. The first is also for whoever takes
    /// no turns.
    courses: Vec<Course>,
}

impl Lab {
    /// `NSLAB_LESSONS` names the lessons for all environments; empty, it stands for all, which takes an hour.
    fn new() -> Self {
        let installed = Installed::new();
        let directory = installed.directory.path();
        let named = env::var("NSLAB_LESSONS").map(|named| words(&named));
        let courses = match named {
            Ok(named) if named.is_empty() => Vec::new(),
            Ok(named) => vec![Course::of(named, directory)],
            Err(_) => {
                let others = lesson_files("en").into_iter().map(|(id, _)| id);
                let others = others.filter(|id| id != DEMANDING);
                let demanding = || DEMANDING.to_owned();
                let turns = others.map(|id| vec![demanding(), id]);
                let all = [vec![demanding()]].into_iter().chain(turns);
                all.map(|course| Course::of(course, directory)).collect()
            }
        };
        Self { installed, courses }
    }

    /// The lessons to compare in an environment.
    fn course(&self, who: As, environment: &Environment<'_>) -> &Course {
        match &self.courses[..] {
            [] => &BUILT_IN,
            [first, ..] if who == As::Ordinary => first,
            [named] => named,
            [_, ..] if WHOLE.contains(&environment.name) => &BUILT_IN,
            [_, turns @ ..] => &turns[environment.turn % turns.len()],
        }
    }

    /// Runs a subcommand of nslab that reads the lessons there, and prints JSON.
    fn read(
        &self,
        who: As,
        environment: &Environment<'_>,
        last: &[&str],
    ) -> (Option<i32>, String, String) {
        let nslab = self.installed.binary();
        let mut all = vec![nslab.to_str().unwrap()];
        all.extend(last);
        all.extend(["--json", "--lang", "en"]);
        let library = &self.course(who, environment).library;
        all.extend(library.iter().map(String::as_str));
        Self::run(who, environment, &all)
    }

    /// Runs a command there.
    fn run(who: As, environment: &Environment<'_>, last: &[&str]) -> (Option<i32>, String, String) {
        let mut all = who.prefix();
        all.extend(environment.words.iter().cloned());
        all.extend(last.iter().map(|&it| it.to_owned()));
        let mut command = Command::new(&all[0]);
        command.args(&all[1..]);
        let output = command
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), stdout(&output), stderr(&output))
    }

    /// Compares what doctor says with what launches do. Returns how they differ.
    fn differences(&self, who: As, environment: &Environment<'_>) -> Vec<String> {
        let nslab = self.installed.binary().display().to_string();
        let run = |last: &[&str]| Self::run(who, environment, last);
        let name = format!("{} as {who:?}", environment.name);
        let (code, _, err) = run(&["true"]);
        if code != Some(0) {
            skip(&format!(
                "{name}: no such environment can be made here: {err}"
            ));
            return Vec::new();
        }
        let on_terminal = format!("{nslab} run -- true");
        let (code, out, err) = run(&["script", "-qec", &on_terminal, "/dev/null"]);
        let ran = code == Some(0);
        let said = format!("run {code:?} {out}{err}");
        let (code, out, err) = self.read(who, environment, &["doctor"]);
        // A filter that kills whoever starts a process, or nslab itself at once, leaves nobody to ask.
        if code == KILLED && said.starts_with("run Some(159)") {
            return Vec::new();
        }
        let Ok(report) = serde_json::from_str::<Value>(&out) else {
            return vec![format!(
                "{name}: doctor itself: {code:?} {out}{err}; {said}"
            )];
        };
        let works = report["works"] == true;
        if works != ran {
            return vec![format!("{name}: works {works}, {said}")];
        }
        if !works {
            let gates = report["text"]["gates"].as_array().unwrap();
            let unknown = "Nothing that this machine shows";
            let unknown = |gate: &Value| gate.as_str().unwrap().contains(unknown);
            let lab = &report["lab_host"];
            let said = lab["failure"]
                .as_str()
                .is_some_and(|it| it.contains("devpts"));
            let silent = !said && (gates.is_empty() || gates.iter().any(unknown));
            return silent
                .then(|| format!("{name}: no reason: {lab:#}"))
                .into_iter()
                .collect();
        }
        let kinds = report["kinds"].as_array().unwrap();
        let (good, bad): (Vec<_>, Vec<_>) = kinds.iter().partition(|it| it["works"] == true);
        let named = |kind: &&Value| kind["kind"].as_str().unwrap().to_owned();
        let mut claims: Vec<_> = bad.iter().map(|kind| (named(kind), false)).collect();
        let good: Vec<_> = good.iter().map(named).collect();
        // Whoever is killed is refused nothing.
        let silent = |kind: &&&Value| kind["refusal"].is_null() && !name.contains("SIGSYS");
        let silent = bad.iter().filter(silent);
        let mut different: Vec<_> = silent
            .map(|it| format!("{name}: no reason: {it}"))
            .collect();
        // Together, as each takes time.
        claims.push((good.join(","), true));
        for (flags, works) in claims {
            let (code, _, err) = run(&[&nslab, "compare", "--flags", &flags]);
            if works != (code == Some(0)) {
                different.push(format!("{name}: {flags} {works}, compare {code:?} {err}"));
            }
        }
        // With three, it depends on how soon the kernel frees those of the container before. What is not
        // killed behind a filter that kills is what is not refused behind one that refuses.
        if name.starts_with("three ") || name.contains("SIGSYS") {
            return different;
        }
        different.extend(self.wrong_steps(&name, who, environment, &report));
        different
    }

    /// The steps that are neither done where doctor says that they can be, nor skipped where it says that
    /// they can't.
    fn wrong_steps(
        &self,
        name: &str,
        who: As,
        environment: &Environment<'_>,
        report: &Value,
    ) -> Vec<String> {
        // One after the other: the labs of several need more namespaces than some limits allow.
        let mut last = vec!["verify", "--jobs", "1"];
        let lessons = &self.course(who, environment).lessons;
        last.extend(lessons.iter().map(String::as_str));
        let (code, out, err) = self.read(who, environment, &last);
        let lacking = steps_that_doctor_names(report);
        let reports = out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut steps: Vec<_> = reports.filter(|it| it["lesson"].is_string()).collect();
        if steps.is_empty() {
            return vec![format!("{name}: verify {code:?} {out}{err}")];
        }
        steps.retain(|step| {
            let id = (
                step["lesson"].as_str().unwrap().to_owned(),
                step["step"].as_u64().unwrap(),
            );
            let wanted = if lacking.contains(&id) {
                "skipped"
            } else {
                "ok"
            };
            step["outcome"]["is"] != wanted
        });
        let wrong = |step: Value| {
            let [lesson, number] = [&step["lesson"], &step["step"]];
            format!(
                "{name}: {lesson} {number}, doctor {lacking:?}, verify {}",
                step["outcome"]
            )
        };
        steps.into_iter().map(wrong).collect()
    }
}

/// The steps that can't work there, as doctor names them: a lesson, and a number.
fn steps_that_doctor_names(report: &Value) -> BTreeSet<(String, u64)> {
    let lessons = report["lessons"].as_array().unwrap().iter();
    let steps = lessons.flat_map(|it| {
        let lesson = it["lesson"].as_str().unwrap().to_owned();
        let numbers = it["lacking"].as_array().unwrap().iter();
        numbers.map(move |number| (lesson.clone(), number.as_u64().unwrap()))
    });
    steps.collect()
}

#[rstest]
#[case::capabilities(0, capabilities())]
#[case::limits(5, limits())]
#[case::file_systems(10, file_systems())]
fn doctor_says_what_a_launch_does(
    #[case] first: usize,
    #[case] environments: Vec<(&'static str, Makes, Vec<String>)>,
) {
    let lab = Lab::new();
    let mut different = Vec::new();
    for ((name, makes, words), turn) in environments.into_iter().zip(first..) {
        let environment = Environment { name, words, turn };
        for who in As::all() {
            let root = is_root() && who == As::Ourselves;
            if makes == Makes::Anybody || root {
                different.extend(lab.differences(who, &environment));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn doctor_says_what_a_launch_does_behind_a_filter() {
    if Command::new("bwrap").arg("--version").output().is_err() {
        return skip("no bwrap here, which puts a filter on a command");
    }
    let lab = Lab::new();
    let different = Mutex::new(Vec::new());
    let all = filters().into_iter().flat_map(|filter| {
        let users = As::of_this_run().into_iter();
        users.map(move |who| (who, filter.clone()))
    });
    at_once(
        all.zip(0..),
        |((who, (name, program)), number): (_, usize)| {
            let path = lab
                .installed
                .directory
                .path()
                .join(format!("filter-{number}"));
            fs::write(&path, program).unwrap();
            let environment = Environment {
                name: &name,
                words: behind(&path, who),
                turn: number,
            };
            let found = lab.differences(who, &environment);
            different.lock().unwrap().extend(found);
        },
    );
    let different = different.into_inner().unwrap();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn a_shared_directory_that_can_not_be_copied_into_memory_is_explained() {
    needs!(Lab);
    let nslab = Installed::new();
    let at = |name: &str| nslab.directory.path().join(name);
    let shared = at("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("page"), [0; 4096]).unwrap();
    let mut places = vec![("prlimit", words("prlimit --fsize=2000"), "RLIMIT_FSIZE")];
    let filtered = Command::new("bwrap").arg("--version").output().is_ok();
    for (name, errno) in [("EPERM", libc::EPERM), ("ENOSYS", libc::ENOSYS)] {
        let program = filter(&[libc::SYS_memfd_create], Answer::Errno(errno));
        fs::write(at(name), program).unwrap();
        places.push((name, Vec::new(), "seccomp"));
    }
    for who in As::all() {
        for (name, limit, said) in &places {
            let words = if limit.is_empty() && !filtered {
                skip("no bwrap here, which puts a filter on a command");
                continue;
            } else if limit.is_empty() {
                behind(&at(name), who)
            } else {
                limit.clone()
            };
            let environment = Environment {
                name,
                words,
                turn: 0,
            };
            let (nslab, shared) = (nslab.binary(), shared.display().to_string());
            let nslab = nslab.to_str().unwrap();
            for lang in ["en", "zh-CN"] {
                let last = [
                    nslab, "run", "--lang", lang, "--share", &shared, "--", "true",
                ];
                let (code, _, err) = Lab::run(who, &environment, &last);
                assert_eq!(code, Some(2), "{who:?} {name}: {err}");
                assert!(err.contains(said), "{who:?} {name}: {err}");
                assert!(!err.contains("os error"), "{who:?} {name}: {err}");
            }
        }
    }
}

/// As in most containers: there the kernel allows a new sysfs only read-only.
#[test]
fn where_sysfs_is_read_only_the_step_that_mounts_one_is_skipped() {
    needs!(Proc, Capabilities);
    let nslab = Installed::new();
    for who in As::of_this_run() {
        let root = is_root() && who == As::Ourselves;
        let prefix = if root { MOUNTS } else { "unshare -rm" };
        let words = [
            who.prefix(),
            after(prefix, "mount -o remount,bind,ro /sys"),
            vec![nslab.binary().to_str().unwrap().to_owned()],
            words("verify --lang en net"),
        ]
        .concat();
        let output = Command::new(&words[0]).args(&words[1..]).output().unwrap();
        let printed = stdout(&output);
        let skipped =
            |line: &&str| line.starts_with("skipped") && line.contains("/sys is read-only");
        assert_eq!(
            printed.lines().filter(skipped).count(),
            1,
            "{who:?}: {printed}"
        );
        assert_eq!(output.status.code(), Some(0), "{who:?}: {printed}");
    }
}
