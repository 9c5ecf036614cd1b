//! Real refusals, provoked as root and as an ordinary user, and what nslab says about them: the errno
//! comes from the kernel, and the facts from the process that was refused.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::errno::Errno;
use nslab::Facts;
use nslab::{Gate, IdMap, Operation, Remedy, Who, explain};
use nslab::{Namespace, NamespaceSet};
use support::{As, Installed, is_root, needs, skip, stderr, stdout};
use terminal::Terminal;
use terminal::keys::F3;

/// nslab, and a small program that makes system calls and prints the errno of each.
struct Bench {
    installed: Installed,
}

impl Bench {
    fn new() -> Self {
        let installed = Installed::new();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/try.c");
        let program = installed.directory.path().join("try");
        let built = Command::new("cc")
            .args(["-Wall", "-Werror", "-pthread", "-o"])
            .args([&program, Path::new(source)])
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", stderr(&built));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { installed }
    }

    fn program(&self) -> PathBuf {
        self.installed.directory.path().join("try")
    }

    /// Starts the program with these steps, behind a `prefix` that must exec it.
    fn take(&self, who: As, prefix: &[&str], steps: &str) -> Taken {
        self.take_if(who, prefix, steps).unwrap()
    }

    /// The same; none if the prefix fails.
    fn take_if(&self, who: As, prefix: &[&str], steps: &str) -> Option<Taken> {
        let mut words = who.prefix();
        words.extend(prefix.iter().map(|&word| word.to_owned()));
        words.push(self.program().display().to_string());
        words.extend(steps.split_whitespace().map(str::to_owned));
        let mut process = Command::new(&words[0])
            .args(&words[1..])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut answers = Vec::new();
        loop {
            let Some(line) = lines.next() else {
                process.wait().unwrap();
                return None;
            };
            let line = line.unwrap();
            if line == "ready" {
                break;
            }
            let (step, errno) = line.rsplit_once(' ').unwrap();
            answers.push((step.to_owned(), Errno::from_raw(errno.parse().unwrap())));
        }
        Some(Taken { process, answers })
    }

    /// Runs a shell script in new namespaces by unshare(1); its standard output and standard error.
    fn script(who: As, unshare: &str, script: &str) -> String {
        let mut words = who.prefix();
        words.push("unshare".to_owned());
        words.extend(unshare.split_whitespace().map(str::to_owned));
        words.extend(["bash", "-c", script].map(str::to_owned));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .current_dir("/")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        stdout(&output) + &stderr(&output)
    }
}

/// A process that has taken its steps and now waits.
struct Taken {
    process: Child,
    answers: Vec<(String, Errno)>,
}

impl Taken {
    /// The errno of the last step; the steps before it must have succeeded.
    fn refused(&self) -> Errno {
        let (last, before) = self.answers.split_last().unwrap();
        for (step, errno) in before {
            assert_eq!(*errno, Errno::UnknownErrno, "{step}");
        }
        assert_ne!(last.1, Errno::UnknownErrno, "{} worked", last.0);
        last.1
    }

    /// Its facts, read from another process.
    fn facts(&self) -> Facts {
        Facts::read(Path::new("/"), &self.process.id().to_string())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn kinds(list: &str) -> NamespaceSet {
    list.parse().unwrap()
}

/// Explains the refusal that a program printed.
fn gate_of(printed: &str, facts: &Facts) -> Gate {
    let seen = printed.lines().find_map(Operation::seen);
    let Some((operation, errno)) = seen else {
        unreachable!("no refusal in: {printed}");
    };
    explain(operation, errno, facts).gate
}

#[test]
fn a_step_is_refused_and_its_gate_named() {
    needs!(Hostname, Proc, Capabilities);
    let bench = Bench::new();
    let map = |map| Operation::WriteMap(map);
    let cases = [
        ("user gid", map(IdMap::Gid), Gate::SetgroupsAllowed),
        ("user uid deny gid uid", map(IdMap::Uid), Gate::MapWritten),
        ("user uid deny gid gid", map(IdMap::Gid), Gate::MapWritten),
        ("user foreign", map(IdMap::Uid), Gate::ForeignId),
        (
            "user uid hostname",
            Operation::SetHostname,
            Gate::Owner(Namespace::Uts),
        ),
        (
            "user uid mnt private proc",
            Operation::MountProc,
            Gate::Owner(Namespace::Pid),
        ),
        (
            "user uid deny gid mnt private tmpfs chown",
            Operation::Chown,
            Gate::IdNotMapped,
        ),
        (
            "user uid deny gid mnt private tmpfs pivot-dir",
            Operation::PivotRoot,
            Gate::NotPivotable,
        ),
        (
            "user uid mnt private tmpfs pivot-old",
            Operation::PivotRoot,
            Gate::SameMount,
        ),
        (
            "user uid time fork offsets",
            Operation::WriteOffsets,
            Gate::OffsetsFixed,
        ),
        (
            "user uid pid fork fork",
            Operation::Fork(Who::Unsharer),
            Gate::FirstChildEnded,
        ),
        ("thread user", Operation::New(kinds("user")), Gate::Threads),
        ("setsid tty", Operation::TakeTerminal, Gate::NoTerminal),
    ];
    for who in As::all() {
        for (steps, operation, gate) in &cases {
            let taken = bench.take(who, &[], steps);
            let (errno, facts) = (taken.refused(), taken.facts());
            let explanation = explain(*operation, errno, &facts);
            assert_eq!(
                explanation.gate, *gate,
                "{who:?} {steps}: {errno} {facts:?}"
            );
            assert!(!explanation.remedies.is_empty(), "{steps}");
        }
    }
}

#[test]
fn refusals_that_only_root_meets() {
    needs!(Capabilities);
    let bench = Bench::new();
    if !nix::unistd::geteuid().is_root() {
        eprintln!("this belongs to the root run");
        return;
    }
    // In a child user namespace the root mount is locked, and the kernel refuses that first.
    let taken = bench.take(As::Ourselves, &[], "mnt private pivot-same");
    let explanation = explain(Operation::PivotRoot, taken.refused(), &taken.facts());
    assert_eq!(explanation.gate, Gate::SameMount);
}

#[test]
fn without_capabilities_there_is_no_new_namespace_but_user() {
    needs!(NoFilter);
    let bench = Bench::new();
    for who in As::all() {
        // The kernel refuses root without capabilities like any other user.
        let bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
        let prefix = if who.uid() == 0 { &bare[..] } else { &[] };
        for (steps, list) in [("uts", "uts"), ("net", "net"), ("mnt", "mnt")] {
            let taken = bench.take(who, prefix, steps);
            let operation = Operation::New(kinds(list));
            let explanation = explain(operation, taken.refused(), &taken.facts());
            let expected = Gate::Capability("CAP_SYS_ADMIN");
            assert_eq!(explanation.gate, expected, "{who:?} {:?}", taken.facts());
            assert_eq!(explanation.remedies, [Remedy::AddUser]);
        }
    }
}

#[test]
fn no_user_namespace_in_a_chroot() {
    needs!(Lab);
    let bench = Bench::new();
    let nslab = bench.installed.binary().display().to_string();
    for who in As::nested() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().display().to_string();
        std::os::unix::fs::chown(root.path(), Some(who.uid()), Some(who.uid())).unwrap();
        // The new root is a plain directory.
        let script = "cd $1; mkdir usr lib lib64; for d in *; do mount --rbind /$d $d; done; \
                      cp $0 .; exec chroot . /try user";
        let program = bench.program().display().to_string();
        let prefix = ["unshare", "-rm", "sh", "-c", script, &program, &path];
        let taken = bench.take(who, &prefix, "");
        let facts = taken.facts();
        let explanation = explain(Operation::New(kinds("user")), taken.refused(), &facts);
        assert_eq!(explanation.gate, Gate::Chroot, "{who:?} {facts:?}");
        assert_eq!(explanation.remedies, [Remedy::LeaveChroot]);
        drop(taken);
        // The new root is a mount point with a complete system in it.
        let script = format!("mount --rbind / {path}; chroot {path} {nslab} run -- true; exit");
        let printed = Bench::script(who, "-rm", &script);
        assert!(printed.contains("is in a chroot"), "{who:?}: {printed}");
    }
}

#[test]
fn user_namespaces_end_at_33_levels() {
    needs!(Capabilities);
    let bench = Bench::new();
    for who in As::all() {
        let nest = r#"n=$1; shift; [ "$n" = 0 ] && exec "$@"; exec unshare -r sh -c "$0" "$0" $((n-1)) "$@""#;
        // Create user namespaces up to the nesting limit below the one of this test.
        let mut levels = 34;
        let taken = loop {
            let count = levels.to_string();
            let taken = bench.take_if(who, &["sh", "-c", nest, nest, &count], "user");
            match taken {
                Some(taken) => break taken,
                None => levels -= 1,
            }
        };
        let facts = taken.facts();
        let explanation = explain(Operation::New(kinds("user")), taken.refused(), &facts);
        let initial = Facts::here().initial_user_namespace == Some(true);
        let expected = if initial {
            Gate::Levels
        } else {
            Gate::LimitAbove
        };
        assert_eq!(explanation.gate, expected, "{who:?} {levels} {facts:?}");
        assert_eq!(explanation.remedies, [Remedy::GoUp]);
    }
}

#[test]
fn a_limit_is_named_whichever_namespace_sets_it() {
    needs!(Sysctls);
    let bench = Bench::new();
    let nslab = bench.installed.binary().display().to_string();
    for who in As::nested() {
        // The limit is set outside of the lab, as an administrator does it.
        let above = |kind: &str, flags: &str| {
            let limit = format!("/proc/sys/user/max_{kind}_namespaces");
            let script = format!("echo 0 > {limit}; {nslab} run --flags '{flags}' -- true");
            let printed = Bench::script(who, "-r", &script);
            let expected = format!("the limit in {limit} is reached");
            assert!(printed.contains(&expected), "{who:?} {kind}: {printed}");
            assert!(printed.contains("No space left on device"), "{printed}");
        };
        above("net", "");
        above("user", "");
        above("cgroup", "cgroup");
        above("time", "time");
        // The limit is set in the lab, as a learner does it.
        let set = "echo 0 > /proc/sys/user/max_uts_namespaces; unshare -u true";
        let printed = stderr(&bench.installed.in_lab(who, set));
        let uts = Facts {
            limits: [(Namespace::Uts, 0)].into(),
            ..Facts::default()
        };
        let (operation, errno) = Operation::seen(printed.trim()).unwrap();
        assert_eq!(errno, Errno::ENOSPC, "{printed}");
        assert_eq!(operation, Operation::New(NamespaceSet::EMPTY));
        let explanation = explain(Operation::New(kinds("uts")), errno, &uts);
        assert_eq!(explanation.gate, Gate::Limit(kinds("uts")));
    }
}

/// Root without CAP_SYS_PTRACE, as an engine's, sees little of its lab's processes. Those have other ids.
#[test]
fn what_masks_proc_is_named_to_root_without_ptrace_too() {
    needs!(Proc, Capabilities);
    if !is_root() {
        eprintln!("capabilities that root lacks belong to the root run");
        return;
    }
    let nslab = Installed::new();
    let run = format!(
        "{} run --lang en --flags user,mnt -- unshare -fp --mount-proc true",
        nslab.binary().display()
    );
    let script = format!(
        "mount -t tmpfs t /proc/acpi; \
         exec setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace script -qec '{run}' /dev/null"
    );
    let printed = Bench::script(As::Ourselves, "-m", &script);
    assert!(printed.contains("mount /proc failed"), "{printed}");
    assert!(printed.contains("/proc/acpi"), "{printed}");
}

#[test]
fn a_filter_is_told_from_a_missing_capability() {
    let bench = Bench::new();
    let nslab = bench.installed.binary().display().to_string();
    for who in As::all() {
        let mut words = who.prefix();
        words.push(bench.program().display().to_string());
        words.extend(["deny", &nslab, "run", "--", "true"].map(str::to_owned));
        let output = Command::new(&words[0]).args(&words[1..]).output().unwrap();
        let printed = stderr(&output);
        assert_eq!(output.status.code(), Some(125), "{printed}");
        assert!(printed.contains("unshare(CLONE_NEWUSER|CLONE_NEWNS)"));
        assert!(printed.contains("seccomp filter"), "{who:?}: {printed}");
        assert!(!printed.contains("chroot"), "one gate: {printed}");
        assert!(!printed.contains("sysctl"), "one gate: {printed}");
    }
}

#[test]
fn an_exec_without_a_map_takes_the_capabilities() {
    needs!(Hostname, Capabilities);
    for who in As::all() {
        let script = "echo ready; read x; hostname nslab-test";
        let mut words = who.prefix();
        words.extend(["unshare", "-Uu", "bash", "-c", script].map(str::to_owned));
        let mut process = Command::new(&words[0])
            .args(&words[1..])
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut printed = BufReader::new(process.stdout.take().unwrap());
        printed.read_line(&mut line).unwrap();
        let facts = Facts::read(Path::new("/"), &process.id().to_string());
        drop(process.stdin.take());
        let mut errors = String::new();
        let mut stream = process.stderr.take().unwrap();
        stream.read_to_string(&mut errors).unwrap();
        process.wait().unwrap();
        assert_eq!(gate_of(&errors, &facts), Gate::LostAtExec, "{facts:?}");
    }
}

#[test]
fn what_a_shell_shows_is_explained() {
    needs!(Proc, Sysctls);
    let free = (100_000..200_000).find(|pid| !Path::new(&format!("/proc/{pid}")).exists());
    let stranger = format!(
        "echo {} > /proc/sys/kernel/ns_last_pid; ps; true",
        free.unwrap() - 1
    );
    let leaked = "unshare -mpf --propagation unchanged bash -c 'mount -t proc proc /proc'; ps";
    let dead = "coproc C { exec unshare -pf --kill-child sh -c 'echo up; read x'; }; \
                read -u ${C[0]} up; read p _ < /proc/$C_PID/task/$C_PID/children; \
                exec 5< /proc/$p/ns/pid; echo >&${C[1]}; wait $C_PID; nsenter --pid=/proc/self/fd/5 true";
    for who in As::all() {
        for (what, unshare, script, gate) in [
            (
                "fork after unshare -p",
                "-rp",
                "/bin/true; /bin/true; /bin/true",
                Gate::FirstChildEnded,
            ),
            ("nsenter", "-r", dead, Gate::InitEnded),
            (
                "no job control",
                "-r",
                "exec setsid bash -i -c true",
                Gate::NoTerminal,
            ),
            (
                "a foreign /proc",
                "-rpf",
                &format!("bash -c '{stranger}'"),
                Gate::ForeignProc,
            ),
            (
                "a leaked /proc",
                "-rm --propagation shared",
                leaked,
                Gate::LeakedProc,
            ),
            (
                "somebody's namespaces",
                "-r",
                "readlink -v /proc/1/ns/uts",
                Gate::PtraceAccess,
            ),
            (
                "an id that isn't mapped",
                "-rm",
                "mount -t tmpfs t /tmp; touch /tmp/f; chown 12345 /tmp/f",
                Gate::IdNotMapped,
            ),
            (
                "offsets",
                "-rT",
                "echo boottime 1 0 | tee /proc/self/timens_offsets",
                Gate::OffsetsFixed,
            ),
        ] {
            let printed = Bench::script(who, unshare, script);
            let gate_seen = gate_of(&printed, &Facts::default());
            assert_eq!(gate_seen, gate, "{who:?} {what}: {printed}");
        }
    }
}

#[test]
fn a_masked_proc_is_named() {
    needs!(Proc);
    let bench = Bench::new();
    let nslab = bench.installed.binary().display().to_string();
    for who in As::nested() {
        let script = format!("mount -t tmpfs x /proc/irq; exec unshare -rm {nslab} doctor --json");
        let printed = Bench::script(who, "-rm --pid --fork --mount-proc", &script);
        let report: serde_json::Value = serde_json::from_str(&printed).unwrap();
        let kinds = report["kinds"].as_array().unwrap();
        for kind in kinds {
            assert!(kind["refusal"].is_null(), "{who:?} {kind}");
        }
        let masks = &report["machine"]["masked_proc"];
        assert_eq!(masks[0], "/proc/irq", "{who:?} {printed}");
        let lacking = report["lessons"].as_array().unwrap();
        let proc = lacking.iter().any(|it| it["lesson"] == "proc");
        assert!(proc, "{who:?} {printed}");
        assert_eq!(report["works"], true);
        assert_eq!(report["lab_host"]["shortfalls"][0], "proc", "{printed}");
    }
}

#[test]
fn where_no_program_runs_from_memory_the_sysctl_is_named() {
    needs!(Sysctls, Capabilities);
    let bench = Bench::new();
    let nslab = bench.installed.binary().display().to_string();
    let sysctl = "/proc/sys/vm/memfd_noexec";
    if !Path::new(sysctl).exists() {
        skip("this kernel has no vm.memfd_noexec (Linux 6.3)");
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        eprintln!("the sysctl is root's: this belongs to the root run");
        return;
    }
    // Each PID namespace has its own limit. From a file that isn't there any more, nslab needs the memory.
    let directory = bench.installed.directory.path().display();
    let gone = format!("{directory}/gone");
    let script = format!(
        "echo 2 > {sysctl}; cp {nslab} {gone}; exec 9<{gone}; rm {gone}; /proc/self/fd/9 run -- true"
    );
    let printed = Bench::script(As::Ourselves, "-mpf --mount-proc", &script);
    assert!(printed.contains("vm.memfd_noexec is 2"), "{printed}");
    let remedy = "sudo sysctl vm.memfd_noexec=1";
    assert!(printed.contains(remedy), "{printed}");
    // Data is no program.
    let script = format!("echo 2 > {sysctl}; {nslab} run --share {directory} -- ls /share");
    let printed = Bench::script(As::Ourselves, "-mpf --mount-proc", &script);
    assert!(printed.contains("nslab"), "{printed}");
    assert!(!printed.contains("os error"), "{printed}");
}

#[test]
fn compare_explains_what_its_command_was_refused() {
    needs!(Lab);
    let installed = Installed::new();
    for who in As::all() {
        // In a PID namespace whose process 1 has ended, fork fails.
        let fork = "unshare -p bash -c '/bin/true; /bin/true; /bin/true'";
        let arguments = ["compare", "--", "sh", "-c", fork];
        let output = installed.command(who, &arguments).output().unwrap();
        let printed = stdout(&output);
        let explained = printed.matches("not about memory").count();
        assert_eq!(explained, 2, "one a side: {printed}");
    }
}

/// Flags of the container, a line that it is refused, and a part of what nslab says about it. Where the
/// host's side is not refused the same, only the container's counts.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "",
        "unshare -U unshare -U true",
        "a process without a mapped id",
    ),
    (
        "",
        "unshare -Ur hostname x",
        "The UTS namespace you are in belongs to another",
    ),
    ("", "unshare -Ur mount -t tmpfs t /mnt", "Add MNT"),
    ("", "unshare -Ur nft list ruleset", "Add NET"),
    ("", "unshare -Ur ifconfig lo up", "Add NET"),
    ("", "unshare -Urm mount -t proc proc /mnt", "Add PID"),
    (
        "",
        "unshare -Ur su root -c true",
        "setgroups is denied in this user namespace",
    ),
    ("", "unshare -Ur setpriv --reuid 5 true", "Choose an id"),
    (
        "",
        "nsenter --user=/proc/self/ns/user true",
        "lets nobody join their own",
    ),
    ("", "mount -o remount,bind,rw /usr", "are locked"),
    ("user", "mount -t tmpfs t /mnt", "Add MNT"),
    ("user,mnt", "umount /proc", "then it is locked"),
    ("user,mnt", "mount --bind / /mnt", "mount --rbind"),
    ("user,mnt", "mount -t proc proc /mnt", "Add PID"),
    ("", "mount -t devtmpfs d /mnt", "loop devices and devtmpfs"),
    ("", "echo x > /proc/sys/kernel/hostname", "hostname NAME"),
    ("", "mknod /tmp/x c 1 3", "mount --bind /dev/null"),
    (
        "",
        "date -s \"$(date)\"",
        "The time of day has no namespace",
    ),
    ("", "chrt -f 10 true", "root of the lab, not of the machine"),
    ("", "touch /usr/x", "mounted read-only"),
    ("", "echo web1 > /etc/hostname", "mounted read-only"),
    ("", "cd /; echo x web1 >> /etc/hosts", "mounted read-only"),
    ("", "mount -t tmpfs t /proc; ps", "no proc is mounted there"),
    ("", "mount -t tmpfs t /proc; killall x", "umount /proc"),
    ("", "sysctl -w kernel.hostname=x", "hostname NAME"),
    ("", "newuidmap $$ 0 0 9", "usermod --add-subuids"),
    ("", "newuidmap $$ 0 0 1", "a map is written once"),
    ("", "newuidmap 999999 0 0 1", "No process has this PID"),
    ("", "nsenter -t 999999 -u true", "No process has this PID"),
    ("", "useradd nslab-test", "mounted read-only"),
    ("", "ip tuntap add tap0 mode tap", "/dev/net/tun"),
    ("", "losetup -f", "loop devices and devtmpfs"),
];

#[test]
fn what_the_lab_refuses_is_explained_from_facts() {
    needs!(Hostname, Proc);
    let installed = Installed::new();
    for who in As::all() {
        for (flags, line, said) in REFUSED {
            // A container without namespaces of its own is the host again.
            let mut arguments = vec!["compare"];
            let flags = ["--flags", flags];
            arguments.extend(flags.iter().filter(|_| !flags[1].is_empty()));
            arguments.extend(["--", "sh", "-c", line]);
            let output = installed
                .command(who, &arguments)
                .env("LC_ALL", "C")
                .output()
                .unwrap();
            let printed = stdout(&output);
            if ["is not installed", "failed to execute"]
                .iter()
                .any(|it| printed.contains(it))
            {
                skip(line);
                continue;
            }
            assert!(printed.contains("  → "), "{who:?} {line}: {printed}");
            assert!(printed.contains(said), "{who:?} {line}: {printed}");
        }
    }
}

#[test]
fn run_explains_on_a_terminal_what_compare_explains() {
    needs!(Hostname, Proc);
    let installed = Installed::new();
    for who in As::all() {
        for (flags, line, said) in REFUSED {
            let flags = format!("--flags={flags}");
            let arguments = ["run", &flags, "--", "sh", "-c", line];
            let mut terminal = Terminal::start(who, &installed.binary(), &arguments, (160, 50));
            let code = terminal.exit_code();
            let printed = terminal.received_all();
            if ["is not installed", "failed to execute"]
                .iter()
                .any(|it| printed.contains(it))
            {
                skip(line);
                continue;
            }
            assert_ne!(code, 0, "{who:?} {line}: {printed}");
            assert!(printed.contains(said), "{who:?} {line}: {printed}");
        }
    }
}

#[test]
fn with_pipes_a_command_has_its_errors_for_itself() {
    needs!(Lab);
    let installed = Installed::new();
    for who in As::all() {
        let line = "unshare -Ur hostname x";
        let mut run = installed.command(who, &["run", "--", "sh", "-c", line]);
        let output = run.output().unwrap();
        assert!(!output.status.success());
        let printed = stderr(&output);
        assert!(printed.contains("hostname: "), "{printed}");
        assert!(!printed.contains("nslab run"), "{printed}");
    }
}

#[test]
fn a_shell_explains_what_is_typed_into_it_until_the_next_command() {
    needs!(Hostname, Proc);
    let installed = Installed::new();
    for who in As::all() {
        let arguments = ["--lang", "en"];
        let terminal = Terminal::start(who, &installed.binary(), &arguments, (120, 40));
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.run("true");
        let said = "namespace you are in belongs";
        terminal.line("unshare -Ur hostname x");
        terminal.wait_for(said);
        terminal.run("true");
        terminal.wait("no explanation", |screen| !screen.contains(said));
        // What a shell in the shell is refused depends on that one's namespaces.
        terminal.line("unshare -Ur bash");
        terminal.run("id -u");
        terminal.line("hostname x");
        terminal.wait_for(said);
        // A program that takes the screen has it to itself.
        terminal.run("true");
        terminal.wait("no explanation", |screen| !screen.contains(said));
    }
}

#[test]
fn a_missing_program_has_a_package() {
    needs!(Lab);
    let installed = Installed::new();
    for who in As::all() {
        if support::installed("arping") {
            skip("arping is installed");
            continue;
        }
        let mut run = installed.command(who, &["run", "--", "arping", "-c1", "::1"]);
        let output = run.output().unwrap();
        assert_eq!(output.status.code(), Some(127));
        let printed = stderr(&output);
        assert!(printed.contains("apt install iputils-arping"), "{printed}");
    }
}

#[test]
fn without_a_uid_map_no_file_can_be_created() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let words = "run --flags user,mnt --map unwritten --root own -- true";
        let output = nslab
            .command(who, &words.split(' ').collect::<Vec<_>>())
            .output()
            .unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(125), "{who:?}: {said}");
        assert!(
            said.contains("a file of yours would have no owner"),
            "{who:?}: {said}"
        );
    }
}
