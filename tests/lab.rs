//! The lab as a learner uses it: the real binary in a real terminal, as root and as an ordinary
//! user.

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
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::LocalFlags;
use nix::unistd::Pid;
use support::{
    As, Installed, Known, alive, cgroups_of, container_shell, eventually, family, family_with,
    is_root, needs, settled, stderr, stdout, waiting_helper,
};
use terminal::Terminal;
use terminal::keys::{F2, F3, F4, F5, LEAVE};

const WIDE: (u16, u16) = (120, 40);

fn lab(nslab: &Installed, who: As, size: (u16, u16)) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], size);
    terminal.wait_for("[host] root@");
    terminal
}

/// Launches a container with these flags and waits for its prompt.
fn launch(terminal: &Terminal, flags: &str) {
    terminal.keys(flags);
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
}

/// The two cells of the comparison's row with this label: host and container.
fn row(screen: &str, label: &str) -> Option<(String, String)> {
    let line = screen
        .lines()
        .find(|line| line.contains(&format!("│ {label} ")))?;
    let line = &line[line.find(&format!("│ {label} "))? + "│ ".len() + label.len()..];
    // A mark takes the place of the second space between two cells.
    let line = line.replace(" *", "  ");
    let mut cells = line
        .split("  ")
        .map(|cell| cell.trim().trim_start_matches('*'))
        .filter(|cell| !cell.is_empty());
    Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
}

fn wait_for_row(terminal: &Terminal, label: &str, holds: impl Fn(&str, &str) -> bool) {
    terminal.wait(&format!("row {label}"), |screen| {
        row(screen, label).is_some_and(|(host, container)| holds(&host, &container))
    });
}

#[test]
fn the_articles_three_experiments() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, (120, 60));
        launch(&terminal, "uip");
        let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        wait_for_row(&terminal, "hostname", |host, container| {
            host == machine.trim() && container == "container"
        });
        wait_for_row(&terminal, "echo $$", |host, container| {
            host != "1" && container == "1"
        });

        terminal.keys(F4);
        terminal.run("hostname web1; echo \"I am $$\"");
        terminal.wait_for("I am 1");
        wait_for_row(&terminal, "hostname", |host, container| {
            host == machine.trim() && container == "web1"
        });
        terminal.keys(LEAVE);
        terminal.keys(F3);
        terminal.line("ipcmk -Q");
        terminal.wait_for("Message queue id:");
        wait_for_row(&terminal, "ipcs -q", |host, container| {
            host != "none" && container == "none"
        });
        terminal.keys(LEAVE);
        terminal.keys(F4);
        terminal.run("echo queues: $(ipcs -q | grep -c 0x)");
        terminal.wait_for("queues: 0");
        // As in the article: ps and top read /proc, which still shows all processes of the host.
        terminal.run("echo first: $(cat /proc/1/comm)");
        terminal.wait_for("first: nslab");
        terminal.line("exit 7");
        terminal.wait_for("has ended: exit 7");
    }
}

#[test]
fn job_control_ctrl_c_and_the_terminals_name() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        launch(&terminal, "p");
        terminal.keys(F4);
        terminal.line("tty; stty size");
        terminal.wait_for("/dev/tty2");
        // It prints a line when it continues: then it has the foreground.
        terminal.line(
            "sh -c 'trap \"echo goes $((40 + 2))\" CONT; echo r$((40 + 2)); while :; do read x; done'",
        );
        terminal.wait_for("r42");
        terminal.keys("\x1a");
        terminal.wait_for("Stopped");
        terminal.line("fg");
        terminal.wait_for("goes 42");
        terminal.interrupt("\x03");
        terminal.line("echo left by $?");
        terminal.wait_for("left by 130");
        assert!(
            !terminal.screen().contains("no job control"),
            "{}",
            terminal.screen()
        );
        terminal.line("exit 42");
        terminal.wait_for("has ended: exit 42");
        // One key launches a new container.
        terminal.keys("\r");
        terminal.wait("a new shell", |screen| {
            screen.contains("[container] root@") && !screen.contains("exit 42")
        });
    }
}

#[test]
fn watchers_and_helpers_are_in_neither_sides_ps() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        launch(&terminal, "u");
        wait_for_row(&terminal, "hostname", |_, container| {
            container == "container"
        });
        terminal.keys(F3);
        let list = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done";
        let screen = terminal.run(list);
        assert!(screen.contains("nslab lab-host"), "{screen}");
        assert!(screen.contains("nslab container --report"), "{screen}");
        for hidden in ["nslab watch", "nslab enter", "nslab launch", "nslab sweep"] {
            assert!(!screen.contains(hidden), "{who:?} sees {hidden}:\n{screen}");
        }
    }
}

#[test]
fn the_next_launchs_helper_is_prepared_and_is_not_missed_when_killed() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    let kinds = ["user", "mnt", "uts", "ipc", "net", "pid", "time"];
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        let ours = terminal.pid();
        let link = |pid: i32, file: &str| fs::read_link(format!("/proc/{pid}/{file}")).unwrap();
        let mut old = None;
        // The first was started after the host's shell, the second after a container.
        for killed in 0..2 {
            let [helper, launcher] = waiting_helper(ours);
            let guard = family(ours).into_iter().find(|known| {
                let command = fs::read(format!("/proc/{}/cmdline", known.pid)).unwrap_or_default();
                command.starts_with(b"nslab\0lab-host")
            });
            let guard = guard.unwrap();
            for kind in kinds {
                let kind = format!("ns/{kind}");
                assert_eq!(link(helper.pid, &kind), link(ours, &kind), "{who:?} {kind}");
                // Nobody in the lab could trace it there, as little as the guard.
                let (next, guards) = (link(launcher.pid, &kind), link(guard.pid, &kind));
                assert_eq!(next, guards, "{who:?} {kind}");
            }
            kill(
                Pid::from_raw([&helper, &launcher][killed].pid),
                Signal::SIGKILL,
            )
            .unwrap();
            // Neither outlives the other, but on a busy machine it takes a moment.
            let both = BTreeSet::from([helper, launcher]);
            eventually("both have ended", || alive(&both).is_empty());
            terminal.keys(F5);
            terminal.wait("another container", |_| {
                let new = container_shell(ours);
                new.is_some() && new != old
            });
            old = container_shell(ours);
        }
        // The one that is used, and the next, which is not.
        let waiting = BTreeSet::from(waiting_helper(ours));
        terminal.keys(F5);
        eventually("its container ended", || {
            container_shell(ours).is_some_and(|new| Some(&new) != old.as_ref())
        });
        drop(terminal);
        eventually("it is gone", || alive(&waiting).is_empty());
    }
}

/// The ways in which a lab can end.
#[derive(Debug, Clone, Copy)]
enum End {
    Quit,
    Signal(Signal),
    WindowClosed,
}

#[test]
fn however_nslab_ends_nothing_is_left() {
    needs!(Hostname);
    let nslab = Installed::new();
    let ends = [
        End::Quit,
        End::Signal(Signal::SIGTERM),
        End::Signal(Signal::SIGHUP),
        End::Signal(Signal::SIGINT),
        End::Signal(Signal::SIGKILL),
        End::Signal(Signal::SIGABRT),
        End::WindowClosed,
    ];
    for who in As::all() {
        for end in ends {
            end_and_count(&nslab, who, end);
        }
    }
}

fn end_and_count(nslab: &Installed, who: As, end: End) {
    let queues = || fs::read_to_string("/proc/sysvipc/msg").unwrap();
    let before = queues();
    let mut terminal = lab(nslab, who, WIDE);
    launch(&terminal, "uip");
    terminal.keys(F4);
    terminal.run("ipcmk -Q; (setsid sleep 1000 &)");
    terminal.keys(LEAVE);
    terminal.keys(F3);
    terminal.run("ipcmk -Q; (setsid sleep 1000 &)");
    let all = family_with(terminal.pid(), 2, "sleep");
    let pid = Pid::from_raw(terminal.pid());
    match end {
        End::Quit => terminal.keys(&format!("{LEAVE}q")),
        End::Signal(signal) => kill(pid, signal).unwrap(),
        End::WindowClosed => terminal.hang_up(),
    }
    let code = terminal.exit_code();
    match end {
        End::Quit => assert_eq!(code, 0, "{who:?} {end:?}"),
        End::Signal(Signal::SIGTERM) => assert_eq!(code, 143, "{who:?}"),
        _ => {}
    }
    eventually(
        &format!("{who:?} {end:?}: all are gone: {:?}", alive(&all)),
        || alive(&all).is_empty(),
    );
    assert_eq!(queues(), before, "{who:?} {end:?}");
    assert_eq!(our_cgroups(pid.as_raw()), 0, "{who:?} {end:?}");
    if !matches!(end, End::WindowClosed) {
        eventually(
            &format!("{who:?} {end:?}: the terminal is as it was"),
            || {
                terminal
                    .modes()
                    .local_flags
                    .contains(LocalFlags::ICANON | LocalFlags::ECHO)
                    && !terminal.on_alternate_screen()
                    && !terminal.reports()
            },
        );
    }
}

#[test]
fn a_hangup_without_a_signal_ends_the_lab() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        // The session leader ignores SIGHUP and stays, so the kernel sends nslab none.
        let script = "trap '' HUP; \"$0\" --lang en; :";
        let binary = nslab.binary();
        let arguments = ["-c", script, binary.to_str().unwrap()];
        let mut terminal = Terminal::start(who, Path::new("/bin/sh"), &arguments, WIDE);
        terminal.wait_for("[host] root@");
        launch(&terminal, "u");
        let labs: BTreeSet<Known> = family(terminal.pid())
            .into_iter()
            .filter(|known| known.pid != terminal.pid())
            .collect();
        assert!(labs.iter().any(|known| known.name == "nslab"), "{labs:?}");
        // nslab is idle: it does not notice the closed terminal by a failed write.
        terminal.quiet(Duration::from_millis(300));
        terminal.hang_up();
        eventually(&format!("{who:?}: {:?} are gone", alive(&labs)), || {
            alive(&labs).is_empty()
        });
    }
}

/// Counts the cgroups that this nslab made.
fn our_cgroups(pid: i32) -> usize {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    mounts
        .lines()
        .filter(|line| line.split(' ').nth(2) == Some("cgroup2"))
        .filter_map(|line| line.split(' ').nth(1))
        .map(|mount| cgroups_of(pid, Path::new(mount)).len())
        .sum()
}

/// A cgroup that contains only this test's nslab; none if we may not make one.
struct Apart {
    path: PathBuf,
    /// Held until the cgroup is removed.
    _alone: MutexGuard<'static, ()>,
}

/// One at a time: a controller that one hands on changes what the other may do.
static APART: Mutex<()> = Mutex::new(());

impl Apart {
    fn new() -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let v2 = mounts
            .lines()
            .find(|line| line.split(' ').nth(2) == Some("cgroup2"))?;
        let mount = Path::new(v2.split(' ').nth(1)?);
        let path = mount.join(format!("tests-of-nslab-{}", std::process::id()));
        let alone = APART.lock().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir(&path).ok()?;
        Some(Self {
            path,
            _alone: alone,
        })
    }

    /// Starts nslab in the cgroup.
    fn lab(&self, nslab: &Installed) -> Terminal {
        // A killed nslab leaves controllers handed on, and then no process may enter; cgroups(7). What ends
        // its processes may still be at work below.
        let script = format!(
            "until echo $$ > {cgroup}/cgroup.procs; do
                 for file in $(find {cgroup} -depth -name cgroup.subtree_control); do
                     for name in $(cat $file); do echo -$name > $file; done
                 done
             done 2> /dev/null
             exec {nslab} --lang en",
            cgroup = self.path.display(),
            nslab = nslab.binary().display()
        );
        let terminal = Terminal::start(As::Ourselves, Path::new("/bin/sh"), &["-c", &script], WIDE);
        terminal.wait_for("[host] root@");
        terminal
    }

    /// The cgroup that the nslab with this pid made.
    fn of(&self, pid: i32) -> PathBuf {
        let mut made = cgroups_of(pid, &self.path);
        made.pop().expect("it has made one")
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        let removed = || fs::remove_dir(&self.path).is_ok();
        // A second panic would end the tests beside this one.
        if thread::panicking() {
            removed();
        } else {
            eventually("its cgroup can be removed", removed);
        }
    }
}

#[test]
fn the_next_nslab_removes_a_cgroup_left_by_kill_9() {
    // Otherwise another test's nslab would remove this leftover.
    let Some(apart) = Apart::new() else {
        eprintln!("no cgroup can be made here, so there is none to leave");
        return;
    };
    let nslab = Installed::new();
    let mut terminal = apart.lab(&nslab);
    let left = apart.of(terminal.pid());
    assert!(left.exists());
    let all = family(terminal.pid());
    for known in &all {
        let line = fs::read(format!("/proc/{}/cmdline", known.pid)).unwrap_or_default();
        if String::from_utf8_lossy(&line).contains("sweep") {
            kill(Pid::from_raw(known.pid), Signal::SIGKILL).unwrap();
        }
    }
    kill(Pid::from_raw(terminal.pid()), Signal::SIGKILL).unwrap();
    terminal.exit_code();
    eventually("all are gone", || alive(&all).is_empty());
    assert!(left.exists(), "nobody was left to remove it");
    drop(terminal);
    let mut next = apart.lab(&nslab);
    assert!(!left.exists());
    next.keys("q");
    next.exit_code();
}

/// A cgroup whose parent hands a controller on to it: for this test, where it doesn't anyway.
struct Given {
    apart: Apart,
    controller: String,
    lent: bool,
}

impl Given {
    fn new() -> Option<Self> {
        let apart = Apart::new()?;
        let above = apart.path.parent()?.to_owned();
        let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
        let given = read(apart.path.join("cgroup.controllers"));
        let offered = read(above.join("cgroup.controllers"));
        let lent = given.trim().is_empty();
        let all = if lent { offered } else { given };
        let controller = all.split_whitespace().next()?.to_owned();
        let on = format!("+{controller}");
        fs::write(above.join("cgroup.subtree_control"), on).ok()?;
        Some(Self {
            apart,
            controller,
            lent,
        })
    }

    fn path(&self) -> &Path {
        &self.apart.path
    }

    /// Starts a program in a lab; nslab is alone in the cgroup.
    fn run(&self, nslab: &Installed, program: &[&str]) -> Command {
        let mut command = Command::new("sh");
        let enter = "echo $$ > \"$0\"/cgroup.procs; exec \"$@\"";
        command
            .args(["-c", enter])
            .arg(self.path())
            .arg(nslab.binary())
            .args(["run", "--"])
            .args(program);
        command
    }

    fn is_as_before(&self) -> bool {
        let below = fs::read_dir(self.path()).unwrap().flatten();
        let none_below = !below
            .into_iter()
            .any(|entry| entry.file_type().unwrap().is_dir());
        let handed_on = fs::read_to_string(self.path().join("cgroup.subtree_control"));
        none_below && handed_on.unwrap().trim().is_empty()
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        if self.lent {
            // A lab that another test has made meanwhile may use it.
            let file = self.path().parent().unwrap().join("cgroup.subtree_control");
            let _ = fs::write(file, format!("-{}", self.controller));
        }
    }
}

/// cgroup v2 hands controllers on only below a cgroup without processes.
#[test]
fn the_next_launch_waits_outside_of_the_labs_cgroups_and_starts_where_it_may() {
    let Some(given) = is_root().then(Given::new).flatten() else {
        eprintln!("no cgroup with a controller can be made here: this belongs to the root run");
        return;
    };
    let nslab = Installed::new();
    let mut terminal = given.apart.lab(&nslab);
    let [_, launcher] = waiting_helper(terminal.pid());
    let cgroup = |pid: i32| fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    assert!(cgroup(launcher.pid).trim().ends_with("/guard"));
    terminal.keys(F3);
    terminal.run("cd /sys/fs/cgroup/host && mkdir all");
    terminal.run("for p in $(cat cgroup.procs); do echo $p >all/cgroup.procs; done");
    let on = format!("echo +{} >cgroup.subtree_control", given.controller);
    terminal.line(&format!(
        "echo left: $(cat cgroup.procs) .; {on} && echo han''ded on"
    ));
    let screen = terminal.wait_for("handed on");
    assert!(screen.contains("left: ."), "{screen}");
    terminal.keys(LEAVE);
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
    let shell = container_shell(terminal.pid()).unwrap();
    let there = cgroup(shell.pid);
    assert!(there.trim().ends_with("/lab/host/start"), "{there}");
    terminal.keys(LEAVE);
    terminal.keys("q");
    terminal.exit_code();
}

/// Only a cgroup without processes hands controllers on, so nslab leaves its own for one below.
#[test]
fn nslab_hands_on_the_controllers_of_a_cgroup_of_its_own_and_goes_back() {
    let Some(given) = is_root().then(Given::new).flatten() else {
        eprintln!("no cgroup with a controller can be made here: this belongs to the root run");
        return;
    };
    let nslab = Installed::new();
    let script = "mkdir /sys/fs/cgroup/box; cat /sys/fs/cgroup/box/cgroup.controllers";
    let output = given.run(&nslab, &["sh", "-c", script]).output().unwrap();
    let controllers = stdout(&output);
    assert!(
        controllers
            .split_whitespace()
            .any(|it| it == given.controller),
        "{controllers} {}",
        stderr(&output)
    );
    assert!(given.is_as_before());

    let mut killed = given
        .run(&nslab, &["sh", "-c", "echo ready; sleep 1000"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 6];
    let output = killed.stdout.as_mut().unwrap();
    output.read_exact(&mut said).unwrap();
    assert!(!given.is_as_before());
    killed.kill().unwrap();
    killed.wait().unwrap();
    eventually("its last process goes back, too", || given.is_as_before());
}

#[test]
fn two_hundred_launches_leave_nothing_behind() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        // High enough for every row of the comparison.
        let terminal = lab(&nslab, who, (120, 90));
        launch(&terminal, "uipmnUCT");
        wait_for_row(&terminal, "boottime", |_, container| {
            container.contains("1 d") || container.contains("86400")
        });
        waiting_helper(terminal.pid());
        // What the launch began may still be ending.
        let before = settled(|| Counts::of(terminal.pid()));
        for n in 0..200 {
            let old = container_shell(terminal.pid());
            if n % 3 == 0 {
                terminal.keys("T");
            }
            terminal.keys(F5);
            eventually("another container", || {
                let new = container_shell(terminal.pid());
                new.is_some() && new != old
            });
        }
        wait_for_row(&terminal, "echo $$", |_, container| container == "1");
        eventually(
            &format!(
                "{who:?}: as before: {before:?}, now {:?}",
                Counts::of(terminal.pid())
            ),
            || Counts::of(terminal.pid()) == before,
        );
    }
}

/// The things that a launch could leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counts {
    processes: usize,
    descriptors: usize,
    threads: usize,
    mounts: usize,
    terminals: usize,
    sockets: usize,
}

impl Counts {
    fn of(nslab: i32) -> Self {
        let entries = |path: String| fs::read_dir(path).map_or(0, Iterator::count);
        let all = family(nslab);
        let host = all.iter().find(|known| {
            let environment = fs::read(format!("/proc/{}/environ", known.pid)).unwrap_or_default();
            String::from_utf8_lossy(&environment).contains("NSLAB_SIDE=host")
        });
        let mounts = host.map_or(0, |host| {
            let path = format!("/proc/{}/mountinfo", host.pid);
            fs::read_to_string(path).map_or(0, |text| text.lines().count())
        });
        let terminals = all
            .iter()
            .filter(|known| known.pid == nslab)
            .flat_map(|known| {
                fs::read_dir(format!("/proc/{}/fd", known.pid))
                    .unwrap()
                    .flatten()
            });
        let terminals = terminals
            .filter(|fd| fs::read_link(fd.path()).is_ok_and(|to| to.ends_with("ptmx")))
            .count();
        let sockets = fs::read_to_string(format!("/proc/{nslab}/net/unix")).unwrap_or_default();
        Self {
            processes: all.len(),
            descriptors: entries(format!("/proc/{nslab}/fd")),
            threads: entries(format!("/proc/{nslab}/task")),
            mounts,
            terminals,
            sockets: sockets
                .lines()
                .filter(|line| line.contains("@nslab-"))
                .count()
                .min(1),
        }
    }
}

#[test]
fn resizing_to_any_size_at_any_moment() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        launch(&terminal, "u");
        terminal.keys(F4);
        terminal.line("while :; do echo some words 名前 $RANDOM; done");
        for (cols, rows) in [
            (80, 24),
            (20, 5),
            (200, 60),
            (1, 1),
            (61, 16),
            (59, 15),
            (300, 10),
            (2, 90),
            (120, 40),
        ] {
            terminal.resize(cols, rows);
        }
        terminal.interrupt("\x03");
        terminal.line("clear; stty size");
        terminal.wait("the shell knows its size", |screen| {
            screen.contains("[container] root@")
        });
        terminal.resize(20, 5);
        terminal.wait("a word about the size", |screen| screen.contains("60x16"));
        terminal.resize(80, 24);
        terminal.wait_for("CONTAINER");
        terminal.line("echo still here");
        terminal.wait("the shell", |screen| {
            screen.matches("still here").count() > 1
        });
        terminal.keys(LEAVE);
        terminal.keys(F2);
        terminal.wait_for("A process and no flag");
    }
}

#[test]
fn a_shell_that_moves_to_other_namespaces_is_followed() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        launch(&terminal, "");
        terminal.keys(F4);
        terminal
            .line("exec unshare --uts --ipc --mount sh -c 'hostname moved; ipcmk -Q; exec bash'");
        wait_for_row(&terminal, "hostname", |host, container| {
            host != "moved" && container == "moved"
        });
        wait_for_row(&terminal, "ipcs -q", |host, container| {
            host == "none" && container != "none"
        });
        // The watcher is also notified of changes to its mount table.
        terminal.run("mount -t tmpfs tmpfs /mnt; hostname further");
        wait_for_row(&terminal, "hostname", |_, container| container == "further");
        wait_for_row(&terminal, "mounts", |host, container| host != container);
    }
}
