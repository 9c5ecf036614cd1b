//! Several containers in the real binary: each in its tab, one that joins another, one inside
//! another, and the options of a launch; as root and as an ordinary user.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{As, Installed, alive, eventually, family, needs};
use terminal::Terminal;
use terminal::keys::{F4, F5, F6, LEAVE};

const SIZE: (u16, u16) = (130, 50);
const ENTER: &str = "\r";

/// Writes a course with one lesson of these steps.
fn lesson(nslab: &Installed, body: &str) -> std::path::PathBuf {
    let binary = nslab.binary();
    let directory = binary.parent().unwrap().join("lessons");
    fs::create_dir_all(&directory).unwrap();
    let front = "+++\nid = \"x\"\ntitle = \"Containers\"\nflags = []\n+++\n\n";
    fs::write(directory.join("1.md"), format!("{front}{body}")).unwrap();
    directory
}

fn open(nslab: &Installed, who: As, lessons: &std::path::Path) -> Terminal {
    let lessons = lessons.display().to_string();
    let arguments = ["--lang", "en", "--lessons", &lessons];
    let terminal = Terminal::start(who, &nslab.binary(), &arguments, SIZE);
    terminal.wait_for("[host] root@");
    terminal
}

/// Presses Enter and waits for the prompt of the shell in this container.
fn launch(terminal: &Terminal, side: &str) {
    terminal.keys(ENTER);
    let prompt = format!("[{side}] ");
    terminal.wait(&format!("{prompt} at the end"), |screen| {
        screen.lines().any(|line| line.contains(&prompt))
    });
}

/// Runs a line in the shell that is shown; what it printed between two marks.
fn printed(terminal: &Terminal, line: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let (begin, end) = (format!("begin{number}"), format!("end{number}"));
    terminal.keys(F4);
    terminal.line(&format!(
        "clear; echo be''gin{number}; {line}; echo e''nd{number}"
    ));
    let between = |screen: &str| {
        let pane: Vec<&str> = screen.lines().map(str::trim_end).collect();
        let begin = pane.iter().rposition(|line| *line == begin)?;
        let end = begin + pane[begin..].iter().position(|line| *line == end)?;
        Some(pane[begin + 1..end].join("\n"))
    };
    let screen = terminal.wait(&format!("what {line} prints"), |screen| {
        between(screen).is_some()
    });
    let found = between(&screen).unwrap();
    terminal.keys(LEAVE);
    found
}

const POD: &str = "## First
```launch
flags = [\"net\", \"ipc\", \"uts\", \"pid\", \"mnt\"]
proc = \"fresh\"
```
## Second
```launch
container = 2
flags = [\"pid\", \"mnt\"]
join = [\"net\", \"ipc\", \"uts\"]
proc = \"fresh\"
```
";

#[test]
fn a_pod_shares_what_it_joins_and_nothing_else() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let lessons = lesson(&nslab, POD);
    for who in As::all() {
        let terminal = open(&nslab, who, &lessons);
        launch(&terminal, "container");
        let first = printed(
            &terminal,
            "hostname pod1; ipcmk -Q >/dev/null; ip link set lo up; readlink /proc/self/ns/{net,ipc,uts,pid,mnt}; tty",
        );
        terminal.keys(ENTER);
        launch(&terminal, "container2");
        let second = printed(
            &terminal,
            "readlink /proc/self/ns/{net,ipc,uts,pid,mnt}; tty",
        );
        let (first, second): (Vec<_>, Vec<_>) = (first.lines().collect(), second.lines().collect());
        assert_eq!(first[..3], second[..3], "{who:?}");
        assert_ne!(first[3], second[3], "{who:?}");
        assert_ne!(first[4], second[4], "{who:?}");
        assert_eq!((first[5], second[5]), ("/dev/tty2", "/dev/tty3"), "{who:?}");
        let seen = printed(
            &terminal,
            "hostname; ipcs -q | grep -c 0x; ip -br link show lo | grep -c UP; echo $$; ls -d /proc/[0-9]* | wc -l",
        );
        let seen: Vec<_> = seen.lines().collect();
        assert_eq!(seen[..4], ["pod1", "1", "1", "1"], "{who:?}");
        // The comparison can show any two sides: here both containers.
        terminal.keys(F6);
        terminal.keys("\x1b[D");
        terminal.wait("the two containers", |screen| {
            let head = screen.lines().any(|line| {
                let names: Vec<&str> = line.split("  ").map(str::trim).collect();
                names.contains(&"CONTAINER") && names.contains(&"CONTAINER 2")
            });
            let row = |label: &str, relation: &str| {
                screen
                    .lines()
                    .any(|line| line.contains(label) && line.contains(relation))
            };
            head && row("hostname", "same UTS") && row("echo $$", "own PID")
        });
    }
}

const NESTED: &str = "## One
```launch
flags = [\"uts\", \"pid\", \"mnt\"]
proc = \"fresh\"
```
## Two
```launch
container = 2
in = 1
flags = [\"uts\", \"pid\", \"mnt\", \"user\"]
proc = \"fresh\"
```
## Three
```launch
container = 3
in = 2
flags = [\"pid\", \"user\", \"time\"]
```
## Enter it
```launch
container = 4
in = 3
flags = []
```
";

#[test]
fn containers_in_containers_can_be_entered() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let lessons = lesson(&nslab, NESTED);
    for who in As::all() {
        let mut terminal = open(&nslab, who, &lessons);
        for side in ["container", "container2", "container3", "container4"] {
            launch(&terminal, side);
            if side != "container4" {
                terminal.keys(ENTER);
            }
        }
        let inside = printed(
            &terminal,
            "readlink /proc/self/ns/{uts,pid,mnt,user,time}; id -u; awk '/NSpid/ {print NF - 1}' /proc/self/status",
        );
        terminal.keys("<");
        let third = printed(
            &terminal,
            "readlink /proc/self/ns/{uts,pid,mnt,user,time}; id -u; awk '/NSpid/ {print NF - 1}' /proc/self/status; echo $$",
        );
        let (inside, third): (Vec<_>, Vec<_>) = (inside.lines().collect(), third.lines().collect());
        assert_eq!(inside[..6], third[..6], "{who:?}");
        assert_eq!(third[5], "0", "{who:?}");
        assert_eq!(third[7], "1", "{who:?}");
        // Its shell has a pid in each PID namespace: host, one, two, three.
        terminal.keys("<<");
        terminal.keys(terminal::keys::F3);
        terminal.line("clear; awk '/NSpid/ && NF == 5 {print \"four\", $NF}' /proc/[0-9]*/status");
        terminal.wait_for("four 1");
        terminal.keys(LEAVE);
        // When the first container ends, all containers inside it end.
        terminal.keys("<<<<");
        terminal.keys(F4);
        terminal.line("exit");
        terminal.wait_for("The shell has ended");
        terminal.keys("> >");
        terminal.wait("container 3 was killed too", |screen| {
            screen.contains(" [3] ") && screen.contains("The shell was killed: SIGKILL.")
        });
        let family = family(terminal.pid());
        terminal.keys("q");
        terminal.exit_code();
        eventually("nothing is left", || alive(&family).is_empty());
    }
}

const OPTIONS: &str = "## A root
```launch
flags = [\"mnt\"]
root = \"own\"
```
## No map
```launch
container = 2
flags = [\"user\"]
map = false
```
## Slave
```run host
mount -t tmpfs none /mnt && mount --make-shared /mnt
```
```launch
container = 3
flags = [\"mnt\"]
propagation = \"slave\"
```
";

#[test]
fn launches_apply_their_options() {
    needs!(Lab);
    let nslab = Installed::new();
    let lessons = lesson(&nslab, OPTIONS);
    for who in As::all() {
        let terminal = open(&nslab, who, &lessons);
        launch(&terminal, "container");
        let seen = printed(&terminal, "ls -d /srv /usr 2>&1; findmnt -no FSTYPE /; tty");
        let seen: Vec<_> = seen.lines().collect();
        assert!(seen[0].contains("cannot access '/srv'"), "{seen:?}");
        assert_eq!(seen[1..], ["/usr", "tmpfs", "/dev/tty2"], "{who:?}");
        terminal.keys(ENTER);
        launch(&terminal, "container2");
        let seen = printed(
            &terminal,
            "id -u; wc -c </proc/self/uid_map; grep CapEff /proc/self/status",
        );
        let seen: Vec<_> = seen.split_whitespace().collect();
        assert_eq!(
            seen,
            ["65534", "0", "CapEff:", "0000000000000000"],
            "{who:?}"
        );
        terminal.keys(ENTER);
        terminal.keys(ENTER);
        terminal.wait_for("✔ mount -t tmpfs");
        terminal.wait("the prompt after it", |screen| {
            screen.matches("[host] root@").count() == 2
        });
        launch(&terminal, "container3");
        let seen = printed(
            &terminal,
            "grep ' /mnt ' /proc/self/mountinfo | grep -c 'master:'",
        );
        assert_eq!(seen, "1", "{who:?}");
    }
}

#[test]
fn the_options_can_be_chosen_on_the_screen() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let lessons = lesson(&nslab, "## Nothing\nTo do.\n");
    for who in As::all() {
        let terminal = open(&nslab, who, &lessons);
        terminal.keys("uppm");
        terminal.keys("p");
        terminal.keys("o");
        terminal.wait_for("The next launch");
        terminal.to_option("/proc");
        terminal.keys("\x1b[C");
        terminal.wait_for("a new one");
        terminal.keys(ENTER);
        terminal.wait_for("[container] root@");
        assert_eq!(
            printed(&terminal, "ls -d /proc/[0-9]* | head -1"),
            "/proc/1"
        );
        // The second container joins only the UTS namespace of the first.
        terminal.keys("aUm");
        terminal.keys("u");
        terminal.keys("o");
        terminal.to_option("joins (setns)");
        terminal.keys("\x1b[C");
        terminal.wait_for("‹ container 1 ›");
        terminal.keys("ipmnUCT");
        terminal.keys(F5);
        terminal.wait_for("[container2] root@");
        let host = fs::read_link("/proc/self/ns/uts").unwrap();
        let second = printed(&terminal, "readlink /proc/self/ns/uts; hostname");
        assert!(second.ends_with("container"), "{second}");
        assert!(!second.contains(&host.display().to_string()));
    }
}

/// On the machine an ordinary user joins USER first, because it owns the other namespaces.
#[test]
fn a_pod_on_the_machine() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let lessons = lesson(&nslab, POD);
    for who in As::all().into_iter().filter(|who| who.uid() != 0) {
        let lessons = lessons.display().to_string();
        let arguments = ["--host", "machine", "--lang", "en", "--lessons", &lessons];
        let terminal = Terminal::start(who, &nslab.binary(), &arguments, SIZE);
        terminal.wait_for("[host] ");
        launch(&terminal, "container");
        let first = printed(
            &terminal,
            "readlink /proc/self/ns/{user,net,ipc,uts,pid,mnt}",
        );
        terminal.keys(ENTER);
        launch(&terminal, "container2");
        let second = printed(
            &terminal,
            "readlink /proc/self/ns/{user,net,ipc,uts,pid,mnt}",
        );
        let (first, second): (Vec<_>, Vec<_>) = (first.lines().collect(), second.lines().collect());
        assert_eq!(first[..4], second[..4], "{who:?}");
        assert_ne!(first[4], second[4], "{who:?}");
        assert_ne!(first[5], second[5], "{who:?}");
    }
}
