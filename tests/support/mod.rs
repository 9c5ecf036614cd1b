//! Shared by the tests of the real binary: the user it runs as, and its processes.

#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "each test binary uses its own part"
)]

pub mod place;

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use place::needs;

/// The longest wait for anything: far longer than it takes, even where another machine has the processor
/// most of the time.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A uid and gid that neither root nor the lab uses.
const ORDINARY: u32 = 4242;

/// The user that nslab runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// The user who runs the tests, root or not.
    Ourselves,
    /// An ordinary user; only tests that run as root can switch to it.
    Ordinary,
}

impl As {
    /// The users to test as: an ordinary user can test only as itself.
    pub fn all() -> Vec<As> {
        if is_root() {
            vec![As::Ourselves, As::Ordinary]
        } else {
            vec![As::Ourselves]
        }
    }

    /// The users for a slow test, such as one that does whole lessons again and again. If an ordinary user runs all
    /// tests after root, root's run doesn't test as an ordinary user. The user of that later run may have many ids,
    /// by subuid(5); the one of [`As::all`] has only one.
    pub fn of_this_run() -> Vec<As> {
        if ordinary_run_follows() {
            vec![As::Ourselves]
        } else {
            As::all()
        }
    }

    /// The users who have a lab in a user namespace with one id: root would be the machine's root in it.
    pub fn nested() -> Vec<As> {
        if is_root() {
            vec![As::Ordinary]
        } else {
            vec![As::Ourselves]
        }
    }

    /// Its uid on the machine.
    pub fn uid(self) -> u32 {
        match self {
            As::Ourselves => nix::unistd::geteuid().as_raw(),
            As::Ordinary => ORDINARY,
        }
    }

    /// A command prefix that runs a program as this user.
    pub fn prefix(self) -> Vec<String> {
        match self {
            As::Ourselves => Vec::new(),
            As::Ordinary => {
                let id = ORDINARY;
                let words = format!("setpriv --reuid {id} --regid {id} --clear-groups");
                words.split(' ').map(str::to_owned).collect()
            }
        }
    }
}

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Prints that a test is skipped and why. Doesn't use `eprintln!`, as the test harness captures what it prints.
/// Under CI that is a failure.
pub fn skip(why: &str) {
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    let line = format!("*** NOT TESTED HERE: {test}: {why} ***\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    assert!(std::env::var_os("CI").is_none(), "not tested here: {why}");
}

/// A copy of nslab that every user can execute, in its own temporary directory.
pub struct Installed {
    pub directory: tempfile::TempDir,
}

impl Installed {
    pub fn new() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("nslab-test-")
            .tempdir()
            .unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let installed = Self { directory };
        // cp copies it, because of ETXTBSY: a file can't be executed while this process, or a child
        // that another test has just forked, has it open for writing.
        let copied = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_nslab"))
            .arg(installed.binary())
            .status()
            .unwrap();
        assert!(copied.success());
        fs::set_permissions(installed.binary(), fs::Permissions::from_mode(0o755)).unwrap();
        installed
    }

    pub fn binary(&self) -> PathBuf {
        self.directory.path().join("nslab")
    }

    /// A command for nslab with these arguments, as this user, with an empty standard input.
    pub fn command(&self, who: As, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.binary());
        command
            .args(arguments)
            .stdin(Stdio::null())
            .current_dir("/");
        if who == As::Ordinary {
            command.uid(ORDINARY).gid(ORDINARY);
        }
        command
    }

    /// Runs a shell script in the lab host. First calls `prepare` with the uid that the lab's root has on the
    /// machine; the script finds the returned value in `$go`.
    pub fn in_lab_after<T: Display>(
        &self,
        who: As,
        script: &str,
        prepare: impl FnOnce(u32) -> T,
    ) -> Output {
        let script = format!("read go\n{script}");
        let mut child = self
            .command(who, &["run", "--", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let mut uid = None;
        eventually("the script waits", || {
            uid = uid_of(pid, "sh\0-c\0read go");
            uid.is_some()
        });
        let line = format!("{}\n", prepare(uid.unwrap()));
        let mut input = child.stdin.take().unwrap();
        input.write_all(line.as_bytes()).unwrap();
        drop(input);
        child.wait_with_output().unwrap()
    }

    /// Runs a shell script in the lab host.
    pub fn in_lab(&self, who: As, script: &str) -> Output {
        self.command(who, &["run", "--", "sh", "-c", script])
            .output()
            .unwrap()
    }
}

/// The uid on the machine of a process in this family whose command line begins so.
fn uid_of(root: i32, line: &str) -> Option<u32> {
    let known = family(root).into_iter().find(|known| {
        let words = fs::read(format!("/proc/{}/cmdline", known.pid)).unwrap_or_default();
        words.starts_with(line.as_bytes())
    })?;
    let status = fs::read_to_string(format!("/proc/{}/status", known.pid)).ok()?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    ids.split_whitespace().next()?.parse().ok()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A process, identified by pid and start time so that a reused pid is not mistaken for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    pub pid: i32,
    started: String,
    pub name: String,
}

fn stat(pid: i32) -> Option<(Known, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    // proc_pid_stat(5): state is the third field, ppid the fourth, starttime the 22nd.
    if fields[0] == "Z" {
        return None;
    }
    let known = Known {
        pid,
        started: fields[19].to_owned(),
        name: name.to_owned(),
    };
    Some((known, fields[1].parse().ok()?))
}

/// A process and all its descendants.
pub fn family(root: i32) -> BTreeSet<Known> {
    let all: Vec<_> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| stat(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .collect();
    let mut pids = BTreeSet::from([root]);
    loop {
        let before = pids.len();
        pids.extend(
            all.iter()
                .filter(|(_, parent)| pids.contains(parent))
                .map(|(k, _)| k.pid)
                .collect::<Vec<_>>(),
        );
        if pids.len() == before {
            return all
                .into_iter()
                .map(|(known, _)| known)
                .filter(|k| pids.contains(&k.pid))
                .collect();
        }
    }
}

/// A process and all its descendants, once so many of them have this name: a shell's child has the
/// shell's name until its exec.
pub fn family_with(root: i32, count: usize, name: &str) -> BTreeSet<Known> {
    let mut all = BTreeSet::new();
    eventually(&format!("{count} {name}"), || {
        all = family(root);
        all.iter().filter(|known| known.name == name).count() == count
    });
    all
}

/// The processes that still exist.
pub fn alive(family: &BTreeSet<Known>) -> Vec<Known> {
    family
        .iter()
        .filter(|known| stat(known.pid).is_some_and(|(now, _)| now == **known))
        .cloned()
        .collect()
}

/// The helper of the next container, and its child, which will be the launcher's parent.
pub fn waiting_helper(nslab: i32) -> [Known; 2] {
    let mut waiting = None;
    eventually("a helper waits", || {
        waiting = family(nslab).into_iter().find_map(|helper| {
            let line = |known: &Known| fs::read(format!("/proc/{}/cmdline", known.pid));
            let is = |known: &Known, what: &str| {
                // Its name is the last thing that changes before it waits.
                known.name == "nslab"
                    && String::from_utf8_lossy(&line(known).unwrap_or_default()).contains(what)
            };
            let mut below = family(helper.pid);
            below.remove(&helper);
            let child = below.pop_first()?;
            // In the lab's PID namespace it would have a second number.
            let status = fs::read_to_string(format!("/proc/{}/status", child.pid)).ok()?;
            let numbers = status.lines().find(|line| line.starts_with("NSpid:"))?;
            let is_outside = numbers.split_whitespace().count() == 2;
            let waits = is(&helper, "\0launch\0") && is(&child, "\0container\0") && is_outside;
            waits.then_some([helper, child])
        });
        waiting.is_some()
    });
    waiting.unwrap()
}

/// The shell in the container, found by its environment.
pub fn container_shell(nslab: i32) -> Option<Known> {
    family(nslab).into_iter().find(|known| {
        let environment = fs::read(format!("/proc/{}/environ", known.pid)).unwrap_or_default();
        let environment = String::from_utf8_lossy(&environment);
        known.name == "bash" && environment.contains("NSLAB_SIDE=container")
    })
}

/// Waits until `holds` returns true; fails with `what` where it never does.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        // Nothing notifies of another user's processes: pause, then look again.
        nix::poll::poll(&mut [], 5_u16).unwrap();
    }
}

/// The value of `look`, once it has stayed the same for half a second.
pub fn settled<T: PartialEq>(look: impl Fn() -> T) -> T {
    let mut last = (look(), Instant::now());
    eventually("it stands still", || {
        let now = look();
        if now != last.0 {
            last = (now, Instant::now());
        }
        last.1.elapsed() > Duration::from_millis(500)
    });
    last.0
}

/// The cgroups in this directory that the nslab with this pid made.
pub fn cgroups_of(pid: i32, directory: &Path) -> Vec<PathBuf> {
    let prefix = format!("nslab-{pid}-");
    let is_its = |path: &PathBuf| matches!(path.file_name(), Some(name) if name.to_string_lossy().starts_with(&prefix));
    let entries = fs::read_dir(directory).unwrap();
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(is_its).collect()
}

/// Whether this program is installed.
pub fn installed(program: &str) -> bool {
    ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        .iter()
        .any(|dir| Path::new(dir).join(program).exists())
}

/// Whether this is root's run, and an ordinary user does all tests after it, as `.ci/run` says.
pub fn ordinary_run_follows() -> bool {
    is_root() && std::env::var_os("NSLAB_ORDINARY_RUN_FOLLOWS").is_some()
}

/// How much goes on at once: most of the time each waits for its lab.
const AT_ONCE: usize = 4;

/// Does each piece of work, several at once.
pub fn at_once<T: Send>(work: impl IntoIterator<Item = T>, each: impl Fn(T) + Sync) {
    let work: Mutex<VecDeque<T>> = Mutex::new(work.into_iter().collect());
    let next = || work.lock().unwrap().pop_front();
    let worker = || {
        while let Some(piece) = next() {
            each(piece);
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(worker);
        }
    });
}
