//! Any process is a side of the comparison: picked on the map, or followed out of a shell.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use nslab::RowId;
use support::{As, Installed, family_with, needs};
use terminal::Terminal;
use terminal::keys::{F3, F6, LEAVE};

const WIDE: (u16, u16) = (120, 40);
const SMALL: (u16, u16) = (80, 24);
/// High enough to show every row of the comparison.
const HIGH: (u16, u16) = (120, 90);

/// Opens a lab; its host shell has the focus.
fn lab(nslab: &Installed, who: As, size: (u16, u16)) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], size);
    terminal.wait("the host shell's side", |screen| {
        has_line(screen, &["ipcs -q ", " none "])
    });
    terminal.keys(F3);
    terminal.wait_for("[host] root@");
    terminal
}

/// Whether a line has these texts, in this order.
fn has_line(screen: &str, texts: &[&str]) -> bool {
    screen.lines().any(|line| {
        let mut rest = line;
        texts.iter().all(|text| match rest.split_once(text) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

/// A process in the background becomes the right side; a command runs in its namespaces; its column is the
/// container's again once it has ended.
#[test]
fn a_process_of_the_map_becomes_a_side() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        terminal.run("hostname the-host");
        terminal.run("{ unshare --uts --ipc sh -c 'hostname in-the-box; exec sleep infinity' & }");
        terminal.keys(LEAVE);
        terminal.keys("N");
        terminal.to_process("sleep");
        terminal.keys("c");
        let screen = terminal.wait("its hostname", |screen| {
            has_line(
                screen,
                &["hostname ", " the-host ", " in-the-box ", "own UTS"],
            )
        });
        assert!(screen.contains("HOST"), "{who:?}\n{screen}");
        assert!(!screen.contains("CONTAINER"), "{who:?}\n{screen}");
        terminal.keys("!");
        terminal.wait_for("Enter run");
        terminal.line("hostname");
        terminal.wait("both answers", |screen| {
            has_line(screen, &["≠ the-host", "≠ in-the-box"])
        });
        terminal.keys(F3);
        terminal.run("kill $!");
        terminal.wait("the container's column", |screen| {
            screen.contains("CONTAINER")
        });
    }
}

/// The article's program: a shell in namespaces of its own.
const ARTICLE: &str = r#"#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static char stack[1024 * 1024];
static int child(void *arg) {
    sethostname("in-the-child", 12);
    return execlp("bash", "bash", (char *)arg);
}
int main(void) {
    int flags = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | SIGCHLD;
    return waitpid(clone(child, stack + sizeof stack, flags, 0), 0, 0) < 0;
}
"#;

/// A text as one word without signs that mean something to a shell.
fn base64(text: &str) -> String {
    let mut encoder = Command::new("base64")
        .arg("-w0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = encoder.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = encoder.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Whether it is offered to follow this program, which has left namespaces of these kinds.
fn offers(screen: &str, program: &str, kinds: &str) -> bool {
    let start = format!("f follows {program}, which has left HOST's {kinds} ");
    // A narrow pane cuts the end off.
    screen.contains(start.trim_end())
}

/// The clone() program of the article, compiled and run in the host shell: the comparison offers to follow
/// it, then shows its hostname and what `echo $$` prints in it, until it ends.
#[test]
fn the_program_of_the_article_is_followed() {
    needs!(Hostname);
    let nslab = Installed::new();
    for (who, size) in As::all()
        .into_iter()
        .flat_map(|who| [(who, SMALL), (who, HIGH)])
    {
        let terminal = lab(&nslab, who, size);
        terminal.run("hostname the-host");
        terminal.run("cd /tmp");
        terminal.run(&format!(
            "echo '{}' | base64 -d > article.c",
            base64(ARTICLE)
        ));
        terminal.run("cc -o article article.c && clear");
        terminal.line("./article");
        let screen = terminal.wait("the offer", |screen| offers(screen, "bash", "UTS IPC PID"));
        assert!(screen.contains("CONTAINER"), "{who:?}\n{screen}");
        // What runs in the shell inside is not what is followed.
        terminal.begin("sleep infinity");
        // Before its exec the terminal may still be the shell's.
        family_with(terminal.pid(), 1, "sleep");
        terminal.wait("still bash", |screen| offers(screen, "bash", "UTS IPC PID"));
        terminal.interrupt("\x03");
        let both = |screen: &str| {
            has_line(
                screen,
                &["hostname ", " the-host ", " in-the-child ", "own UTS"],
            ) && has_line(screen, &["echo $$ ", " 1 ", "own PID"])
        };
        let screen = loop {
            terminal.wait("the offer again", |screen| {
                offers(screen, "bash", "UTS IPC PID")
            });
            terminal.keys(LEAVE);
            terminal.keys("f");
            let nothing = "Nothing to follow";
            let screen = terminal.wait("both sides", |screen| {
                both(screen) || screen.contains(nothing)
            });
            if both(&screen) {
                break screen;
            }
            // While sleep ended, nobody had the foreground.
            terminal.keys(F3);
        };
        assert!(!screen.contains("CONTAINER"), "{who:?}\n{screen}");
        assert!(!screen.contains("f follows"), "{who:?}\n{screen}");
        // The keys are the program's again.
        terminal.run("hostname renamed");
        terminal.wait("the new name", |screen| {
            has_line(screen, &["hostname ", " the-host ", "renamed "])
        });
        terminal.line("exit");
        terminal.wait("the container's column", |screen| {
            screen.contains("CONTAINER") && screen.contains("bash has ended")
        });
    }
}

/// Whatever leaves the shell's namespaces in the foreground is offered, and nothing else.
#[test]
fn what_leaves_the_shells_namespaces_is_offered() {
    needs!(Hostname, Sysfs);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, HIGH);
        terminal.run("ip netns add blue");
        for (line, program, kinds) in [
            ("unshare -u -i -p --fork bash", "bash", "UTS IPC PID"),
            ("ip netns exec blue bash", "bash", "MNT NET"),
            ("nsenter --net=/run/netns/blue bash", "bash", "NET"),
            (
                "unshare -u sh -c 'unshare -n bash; true'",
                "bash",
                "UTS NET",
            ),
        ] {
            terminal.line(line);
            terminal.wait(line, |screen| offers(screen, program, kinds));
            terminal.line("exit");
            terminal.wait("no offer", |screen| !screen.contains("f follows"));
            terminal.run("true");
        }
        terminal.line("unshare -U sleep infinity");
        terminal.wait("sleep", |screen| offers(screen, "sleep", "USER"));
        terminal.interrupt("\x03");
        terminal.wait("no offer", |screen| !screen.contains("f follows"));
        // A job in the background has not the foreground.
        terminal.run("{ unshare --uts sleep infinity & }");
        terminal.line("unshare -n sleep infinity");
        terminal.wait("the other sleep", |screen| offers(screen, "sleep", "NET"));
        terminal.interrupt("\x03");
        terminal.wait("no offer", |screen| !screen.contains("f follows"));
        terminal.keys(LEAVE);
        terminal.keys("f");
        terminal.wait_for("Nothing to follow");
    }
}

/// bwrap's process 1 waits in the sandbox for the learner's shell: the shell is what is followed, not what runs
/// in it.
#[test]
fn the_shell_in_a_sandbox_is_followed() {
    needs!(Hostname, Proc);
    if Command::new("bwrap").arg("--version").output().is_err() {
        return support::skip("there is no bwrap");
    }
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, HIGH);
        terminal.line(
            "bwrap --unshare-user --unshare-pid --unshare-uts --hostname in-the-box --bind / / \
             --dev /dev --proc /proc bash",
        );
        let screen = terminal.wait("the offer", |screen| screen.contains("f follows bash, "));
        terminal.begin("sleep infinity");
        family_with(terminal.pid(), 1, "sleep");
        terminal.wait("still bash", |screen| screen.contains("f follows bash, "));
        terminal.interrupt("\x03");
        terminal.keys(LEAVE);
        terminal.keys("f");
        terminal.wait("both sides", |screen| {
            has_line(screen, &["hostname ", " in-the-box ", "own UTS"])
                && has_line(screen, &["echo $$ ", " 2 ", "own PID"])
        });
        assert!(!screen.contains("f follows bwrap"), "{who:?}\n{screen}");
    }
}

/// A bundle of the programs that are here, in which a shell runs on the terminal.
const BUNDLE: &str = r#"mkdir -p /tmp/b/rootfs; cd /tmp/b
for d in usr bin lib lib64 proc; do mkdir -p rootfs/$d; done
crun spec
perl -0pi -e '
  s/"args": \[.*?\]/"args": ["bash"]/s;
  s/"mounts": \[/"mounts": [ @{[join ",", map { qq({"destination":"\/$_","source":"\/$_","type":"none","options":["rbind","ro"]}) } qw(usr bin lib lib64)]},/;
' config.json
"#;

/// Asks about the program of the host's shell.
const STEP: &str = "+++
id = \"x\"
title = \"A runtime\"
flags = []
+++

## A container that nslab did not make

Followed: {{ host.program.name if host.program else \"nothing\" }}.

```check
name = \"a process 1 with a hostname of its own\"
expr = 'host.program and host.program.namespaces.uts != host.namespaces.uts and host.program.nspid[-1] == 1'
hint = \"crun run box\"
```
";

/// The container of a real runtime is offered; a lesson asks about it; once it is followed, a command runs in it
/// and a row of it is shown in full.
#[test]
fn the_container_of_crun_is_followed() {
    needs!(Hostname, Proc, Sysfs);
    for program in ["crun", "perl"] {
        if Command::new(program).arg("--version").output().is_err() {
            return support::skip(&format!("there is no {program}"));
        }
    }
    let nslab = Installed::new();
    let lessons = nslab.binary().parent().unwrap().join("lessons");
    fs::create_dir_all(&lessons).unwrap();
    fs::write(lessons.join("1.md"), STEP).unwrap();
    let lessons = lessons.display().to_string();
    for who in As::all() {
        let arguments = ["--lang", "en", "--lessons", &lessons];
        let terminal = Terminal::start(who, &nslab.binary(), &arguments, HIGH);
        terminal.wait_for("[host] root@");
        terminal.wait_for("○ a process 1 with a hostname of its own");
        terminal.wait_for("Followed: nothing.");
        terminal.keys(F3);
        terminal.run(&format!(
            "echo '{}' | base64 -d > /tmp/bundle.sh && bash /tmp/bundle.sh; clear",
            base64(BUNDLE)
        ));
        terminal.run("cd /tmp/b");
        terminal.line("crun run box");
        let screen = terminal.wait("the offer, or a refusal", |screen| {
            screen.contains("f follows bash, ") || screen.contains("devpts")
        });
        if who.uid() != 0 && screen.contains("devpts") {
            eprintln!("its /dev/pts wants a group tty: {who:?} has one id");
            continue;
        }
        terminal.wait_for("✔ a process 1 with a hostname of its own");
        terminal.wait_for("Followed: bash.");
        terminal.keys(LEAVE);
        terminal.keys("f");
        terminal.wait("both sides", |screen| {
            has_line(screen, &["hostname ", " crun ", "own UTS"])
                && has_line(screen, &["echo $$ ", " 1 ", "own PID"])
        });
        terminal.keys(LEAVE);
        terminal.keys(F6);
        terminal.to_row(RowId::Pid1);
        terminal.keys("\r");
        terminal.wait("process 1 of both", |screen| {
            has_line(screen, &["HOST", "→1 bash"]) && has_line(screen, &["≠ nslab", "≠ bash"])
        });
        terminal.keys("\x1b");
        terminal.wait("the rows", |screen| !screen.contains("≠ nslab"));
        terminal.keys("!");
        terminal.wait_for("Enter run");
        terminal.line("hostname; ls -d /proc/[0-9]* | wc -l");
        terminal.wait("both answers", |screen| {
            screen.contains("The same command, two answers.") && screen.contains("≠ crun")
        });
        terminal.keys(F3);
        terminal.line("exit");
        terminal.wait("the container's column", |screen| {
            screen.contains("CONTAINER") && screen.contains("Followed: nothing.")
        });
    }
}

/// Begins a program that makes a namespace of a kind by this flag, does something in it, leaves it again and
/// keeps it: `kept` is what keeps it.
fn begin_keeper(terminal: &Terminal, kind: &str, flag: i32, inside: &str, kept: &str) {
    let code = format!(
        "import ctypes, os, signal, socket\n\
         own = os.open('/proc/self/ns/{kind}', os.O_RDONLY)\n\
         libc = ctypes.CDLL(None)\n\
         assert libc.unshare({flag}) == 0\n\
         assert os.system('{inside}') == 0\n\
         kept = {kept}\n\
         assert libc.setns(own, 0) == 0\n\
         os.close(own)\n\
         signal.pause()\n"
    );
    terminal.run(&format!(
        "echo '{}' | base64 -d > /tmp/keep.py",
        base64(&code)
    ));
    terminal.begin("python3 /tmp/keep.py");
}

/// Makes namespaces that no process is in, two among them that can't be joined, and leaves two programs running.
fn keep_namespaces(terminal: &Terminal) {
    terminal.run("ip netns add blue && ip -n blue link set lo up");
    terminal.run("mkdir /tmp/x && mount -t tmpfs none /tmp/x && mount --make-private /tmp/x");
    terminal.run("touch /tmp/x/{uts,ipc,pid}");
    terminal.run("unshare --uts=/tmp/x/uts hostname held");
    terminal.run("unshare --ipc=/tmp/x/ipc ipcmk -Q");
    terminal.run("{ unshare -Ur unshare -Ur sleep infinity & }");
    terminal.run("unshare --pid=/tmp/x/pid --fork true");
    // unshare(1) can't always mount what it has just made of this kind.
    let mount = "mount --make-rprivate / && mount -t tmpfs only-in-there /mnt";
    let open = "os.open('/proc/self/ns/mnt', os.O_RDONLY)";
    begin_keeper(terminal, "mnt", libc::CLONE_NEWNS, mount, open);
}

/// Opens the page of the one namespace of a kind that no process is in, and that this keeps.
fn look_into(terminal: &Terminal, kind: &str, keeper: &str) {
    terminal.wait_for("/ search");
    terminal.wait(keeper, |screen| has_line(screen, &[kind, keeper]));
    terminal.keys("/");
    terminal.wait_for("Enter take");
    terminal.keys(&format!("{kind} {keeper}"));
    terminal.wait("the cursor", |screen| {
        has_line(screen, &[" >", kind, keeper])
    });
    terminal.keys("\r");
    terminal.wait_for("Enter inside");
    terminal.keys("\r");
}

/// The number of the user namespace that only another one is in: the box directly around that one's.
fn empty_box(terminal: &Terminal) -> String {
    let number = |screen: &str| {
        let lines: Vec<_> = screen.lines().collect();
        let pairs = lines.windows(2);
        let mut both = pairs.filter(|pair| pair.iter().all(|line| line.contains("┌ user ")));
        let title = both.next()?[0].split_once("┌ user ")?.1;
        title.split(' ').next().map(str::to_owned)
    };
    let screen = terminal.wait("a box in a box", |screen| number(screen).is_some());
    number(&screen).unwrap()
}

/// A namespace that only a mount keeps is joined to show what is in it: links, a hostname, queues, mounts. Of the
/// kinds that can't be joined, it is said why.
#[test]
fn what_no_process_is_in_is_looked_into() {
    needs!(Hostname, Sysfs);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        keep_namespaces(&terminal);
        terminal.keys(LEAVE);
        terminal.keys("N");
        // Until the program has left its mount namespace, the map tells of mounts in both, with the same names.
        terminal.wait("what the program keeps", |screen| {
            has_line(screen, &["mnt", "/proc/"])
        });
        for (kind, keeper, said) in [
            ("net", "/run/netns/blue", "127.0.0.1/8"),
            ("uts", "/tmp/x/uts", "held"),
            ("ipc", "/tmp/x/ipc", "0x"),
            ("mnt", "/proc/", "only-in-there"),
        ] {
            look_into(&terminal, kind, keeper);
            // What the map knows of links already is shown before.
            terminal.wait(&format!("what is in {kind}"), |screen| {
                screen.contains("nslab has joined it to look")
            });
            terminal.keys("\x1b[F");
            terminal.wait(said, |screen| has_line(screen, &[said]));
            terminal.keys("\x1b");
        }
        let between = empty_box(&terminal);
        for (kind, keeper, why) in [
            ("user", between.as_str(), "nslab doesn't join it"),
            ("pid", "/tmp/x/pid", "so it has no pids"),
        ] {
            look_into(&terminal, kind, keeper);
            terminal.wait_for(why);
            terminal.keys("\x1b");
        }
    }
}

/// A network namespace that only a socket keeps is joined through the socket.
#[test]
fn what_a_socket_keeps_is_looked_into() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, WIDE);
        begin_keeper(
            &terminal,
            "net",
            libc::CLONE_NEWNET,
            "true",
            "socket.socket()",
        );
        terminal.keys(LEAVE);
        terminal.keys("N");
        look_into(&terminal, "net", "/proc/");
        terminal.wait("what is in it", |screen| {
            screen.contains("nslab has joined it to look") && has_line(screen, &["lo", "DOWN"])
        });
        terminal.wait_for("a socket of python3");
    }
}
