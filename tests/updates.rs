//! The comparison updates without a key, an idle lab does nothing, and a busy shell does not block the
//! other.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nslab::RowId;
use support::{As, Installed, container_shell, eventually, family, installed, needs};
use terminal::Terminal;
use terminal::keys::{F3, F4, F5, LEAVE};

/// High enough to show every row of the comparison.
const SIZE: (u16, u16) = (120, 90);

/// Opens a lab and launches a container with these flags; the container's shell has the focus.
fn lab(nslab: &Installed, who: As, flags: &str) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], SIZE);
    terminal.wait_for("[host] root@");
    terminal.keys(flags);
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
    terminal.keys(F4);
    terminal.wait_for(">Container shell");
    terminal
}

/// The two cells of the comparison's row with this label.
fn row(screen: &str, label: &str) -> Option<(String, String)> {
    let start = format!("│ {label} ");
    let line = screen.lines().find(|line| line.contains(&start))?;
    // A mark takes the place of the second space between two cells.
    let rest = line.split_once(&start)?.1.replace(" *", "  ");
    let mut cells = rest
        .split("  ")
        .map(|cell| cell.trim().trim_start_matches('*'))
        .filter(|cell| !cell.is_empty());
    Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
}

/// Waits until `holds` is true of the cells of a row, and returns them.
fn wait_for_row(
    terminal: &Terminal,
    label: &str,
    holds: impl Fn(&str, &str) -> bool,
) -> (String, String) {
    let screen = terminal.wait(&format!("row {label}"), |screen| {
        row(screen, label).is_some_and(|(host, container)| holds(&host, &container))
    });
    row(&screen, label).unwrap()
}

fn count(cell: &str) -> u32 {
    cell.split(' ').next().unwrap().parse().unwrap_or(0)
}

#[test]
fn what_changes_in_a_shell_appears_in_the_comparison() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "uipmn");
        terminal.line("hostname web1");
        wait_for_row(&terminal, "hostname", |host, container| {
            host != "web1" && container == "web1"
        });
        let (_, mounts) = wait_for_row(&terminal, "mounts", |_, container| count(container) > 0);
        terminal.line("mount -t tmpfs tmpfs /mnt");
        wait_for_row(&terminal, "mounts", |host, container| {
            count(container) == count(&mounts) + 1 && count(host) + 1 == count(container)
        });
        terminal.line("umount /mnt");
        wait_for_row(&terminal, "mounts", |_, container| container == mounts);
        wait_for_row(&terminal, "ip link", |host, container| {
            host.contains("lo UP") && container == "lo DOWN"
        });
        terminal.line("ip link set lo up");
        wait_for_row(&terminal, "ip link", |_, container| container == "lo UP");
        terminal.line("ipcmk -Q -M 64 -S 2");
        for label in ["ipcs -q", "ipcs -m", "ipcs -s"] {
            wait_for_row(&terminal, label, |host, container| {
                host == "none" && count(container) == 1
            });
        }
        terminal.line("ipcrm --all");
        wait_for_row(&terminal, "ipcs -q", |_, container| container == "none");
        terminal.line("sleep 1000 & true");
        let (_, processes) =
            wait_for_row(&terminal, "ls /proc", |_, container| count(container) > 4);
        terminal.line("kill %1");
        wait_for_row(&terminal, "ls /proc", |_, container| {
            count(container) < count(&processes)
        });
    }
}

/// Writing to `/proc/sys/kernel/domainname` takes the machine's root; setdomainname(2) does not.
fn set_domainname() -> &'static str {
    if installed("domainname") {
        "domainname nis.example"
    } else {
        "python3 -c 'import ctypes; ctypes.CDLL(None).setdomainname(b\"nis.example\", 11)'"
    }
}

/// What gives a row another value in the container.
enum Change {
    /// This line in the container's shell.
    Line(&'static str),
    /// Nothing there, for this reason.
    None(#[expect(dead_code, reason = "for the reader")] &'static str),
}

fn change(row: RowId) -> Change {
    match row {
        RowId::Hostname => Change::Line("hostname web1"),
        RowId::Domainname => Change::Line(set_domainname()),
        RowId::Queues => Change::Line("ipcmk -Q"),
        RowId::Shm => Change::Line("ipcmk -M 64"),
        RowId::Semaphores => Change::Line("ipcmk -S 2"),
        RowId::Mqueues => Change::Line("touch /dev/mqueue/letters"),
        // More than one: the line before may still run.
        RowId::Processes => Change::Line("for i in 1 2 3; do sleep 1000 & done"),
        RowId::Pid1 => Change::Line("mount -t proc proc /proc"),
        RowId::Mounts => Change::Line("mount -t tmpfs tmpfs /mnt"),
        RowId::Interfaces => Change::Line("ip link set lo up"),
        RowId::ShellPid => Change::None("a process keeps its pid"),
        RowId::Uid | RowId::UidMap => Change::None("a map is written once, here by the launch"),
        RowId::Cgroup => Change::None("not every place lets a lab make cgroups"),
        RowId::Clock => Change::None("once a process is in the namespace, the offsets are fixed"),
    }
}

#[test]
fn every_row_that_can_change_follows() {
    needs!(Hostname, Proc, Binds);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "uipmnUCT");
        for id in RowId::ALL {
            let Change::Line(line) = change(id) else {
                continue;
            };
            let label = id.entry().label;
            let (_, before) = wait_for_row(&terminal, label, |_, cell| cell != "–");
            terminal.line(line);
            wait_for_row(&terminal, label, |_, cell| cell != before);
        }
    }
}

#[test]
fn a_new_domain_name_appears_only_on_its_side() {
    needs!(Hostname);
    let nslab = Installed::new();
    let rename = set_domainname();
    for who in As::all() {
        let terminal = lab(&nslab, who, "u");
        wait_for_row(&terminal, "domainname", |host, container| {
            host != "–" && host == container
        });
        terminal.line(rename);
        wait_for_row(&terminal, "domainname", |host, container| {
            host != "nis.example" && container == "nis.example"
        });
    }
}

/// The kernel sends no notification of chroot(2) or of a changed propagation.
#[test]
fn a_new_root_appears() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "m");
        terminal.line("mount --rbind / /mnt");
        let (_, before) = wait_for_row(&terminal, "mounts", |host, container| {
            count(container) > count(host) + 10
        });
        terminal.line("exec chroot /mnt bash");
        wait_for_row(&terminal, "mounts", |_, container| {
            count(container) < count(&before) && count(container) > 10
        });
    }
}

#[test]
fn an_exit_appears_and_a_posix_queue_too() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "i");
        // Without MNT both sides see the host's /dev/mqueue. A file in it is a queue.
        terminal.keys(LEAVE);
        terminal.keys(F3);
        terminal.line("touch /dev/mqueue/letters");
        wait_for_row(&terminal, "/dev/mqueue", |host, container| {
            host == "letters" && container == host
        });
        terminal.line("rm /dev/mqueue/letters");
        wait_for_row(&terminal, "/dev/mqueue", |host, _| host == "none");
        terminal.line("exit 3");
        terminal.wait_for("has ended: exit 3");
        wait_for_row(&terminal, "hostname", |host, container| {
            host == "–" && container != "–"
        });
        terminal.keys("\r");
        terminal.wait("a new host shell", |screen| {
            screen.contains("[host] root@") && !screen.contains("exit 3")
        });
        terminal.keys(LEAVE);
        terminal.keys(F4);
        terminal.line("exit 4");
        terminal.wait_for("has ended: exit 4");
        wait_for_row(&terminal, "hostname", |host, container| {
            host != "–" && container == "–"
        });
    }
}

#[test]
fn an_idle_lab_writes_nothing() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "uipmnUCT");
        wait_for_row(&terminal, "echo $$", |_, container| container == "1");
        // What the launch left to do may take its time on a busy machine.
        eventually(&format!("{who:?}: an idle lab"), || {
            terminal.quiet(Duration::from_millis(500));
            let (before, ticks) = (terminal.received(), cpu_ticks(terminal.pid()));
            let deadline = Instant::now() + Duration::from_secs(2);
            while Instant::now() < deadline {
                nix::poll::poll(&mut [], 50_u16).unwrap();
            }
            let written = terminal.received() - before;
            // nslab itself uses almost no CPU time (in hundredths of a second).
            let spent = cpu_ticks(terminal.pid()) - ticks;
            written == 0 && spent <= 5
        });
    }
}

/// CPU time of a process in clock ticks, hundredths of a second; proc_pid_stat(5).
fn cpu_ticks(pid: i32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn a_flood_in_one_pane_leaves_the_other_usable() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "u");
        terminal.line("yes flooding");
        terminal.wait_for("flooding");
        terminal.keys(LEAVE);
        terminal.keys(F3);
        for _ in 0..3 {
            terminal.run("echo");
        }
        terminal.line("hostname calm");
        wait_for_row(&terminal, "hostname", |host, container| {
            host == "calm" && container == "container"
        });
        assert!(terminal.screen().contains("flooding"), "{who:?}");
        terminal.keys(LEAVE);
        terminal.keys(F4);
        terminal.interrupt("\x03");
        terminal.run("echo");
        terminal.keys(LEAVE);
        terminal.keys("q");
    }
}

/// A program that asks its terminal without end and reads no answer, in each mode of the terminal in which Ctrl-C
/// is a signal.
#[test]
fn ctrl_c_gets_through_a_flood_of_questions_and_their_answers_do_not_stay() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "u");
        for (modes, title) in [
            ("-icanon -echo", "first"),
            ("-icanon", "second"),
            ("icanon -echo", "third"),
        ] {
            // The title shows that it goes on, whatever the terminal echoes.
            let asks = r#"while :; do printf "\033[6n\033[c\033]2;$0 $((i += 1))\a"; done"#;
            terminal.line(&format!("clear; sh -c 'stty {modes}; i=0; {asks}' {title}"));
            terminal.wait("many questions", |screen| {
                let after = screen.split_once(&format!("{title} "));
                let number = after.and_then(|(_, after)| after.split_whitespace().next());
                number.is_some_and(|it| it.parse().is_ok_and(|it: u32| it > 5_000))
            });
            // Without the echo, nothing shows the key. The screen was cleared.
            terminal.keys("\x03");
            // Echoed answers stand before the prompt, which may be wrapped.
            terminal.wait("the prompt", |screen| {
                let rows: String = screen.lines().collect();
                rows.contains("[container] root@")
            });
            let marker = terminal.run("stty sane; clear");
            assert!(
                !marker.contains("command not found"),
                "{who:?} {modes}: {marker}"
            );
            let screen = terminal.run("echo over");
            let rest = screen.split("echo over").next().unwrap();
            assert!(
                !rest.contains("R[") && !rest.contains(";1R"),
                "{who:?} {modes}: {screen}"
            );
        }
    }
}

#[test]
fn many_keys_at_once_or_during_a_resize_all_arrive() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "u");
        for round in 1..=20 {
            terminal.resize(100 + round, 50);
            terminal.line(&format!("echo heard $((100 + {round}))"));
            terminal.wait_for(&format!("heard {}", 100 + round));
        }
        terminal.begin("wc -c");
        terminal
            .keys(&"sixty-three letters and the line's end make sixty-four of them.\r".repeat(64));
        terminal.keys("\x04");
        terminal.wait_for("4096");
    }
}

/// The only watcher of a lab.
fn watcher(terminal: &Terminal) -> Option<i32> {
    let is_watcher = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).nth(1) == Some(b"watch")
    };
    let pids = family(terminal.pid()).into_iter().map(|known| known.pid);
    let all: Vec<_> = pids.filter(is_watcher).collect();
    assert!(all.len() < 2, "{all:?}");
    all.first().copied()
}

/// Waits for a watcher that is none of these.
fn another_watcher(terminal: &Terminal, before: &[i32]) -> i32 {
    let mut found = None;
    eventually("another watcher", || {
        found = watcher(terminal).filter(|pid| !before.contains(pid));
        found.is_some()
    });
    found.unwrap()
}

#[test]
fn one_watcher_sees_all_sides_and_another_one_takes_its_place_if_it_is_killed_or_stopped() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "uT");
        wait_for_row(&terminal, "hostname", |host, container| {
            host != "–" && container == "container"
        });
        let mut before = vec![watcher(&terminal).unwrap()];
        for signal in [Signal::SIGKILL, Signal::SIGSTOP] {
            kill(Pid::from_raw(*before.last().unwrap()), signal).unwrap();
            terminal.wait_for("A watcher of nslab was killed or stopped");
            before.push(another_watcher(&terminal, &before));
            let name = format!("web{}", before.len());
            terminal.line(&format!("hostname {name}"));
            wait_for_row(&terminal, "hostname", |host, container| {
                host != "–" && host != name && container == name
            });
            // A key takes the notice away.
            terminal.keys(LEAVE);
            terminal.keys(F4);
            terminal.wait("no notice", |screen| !screen.contains("A watcher of nslab"));
        }
    }
}

/// A network namespace lives as long as a process is in it, and so does its end of a veth pair.
#[test]
fn the_watcher_keeps_no_namespace_of_a_container_that_has_ended() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    let in_net = |pid: i32| fs::read_link(format!("/proc/{pid}/ns/net")).ok();
    for who in As::all() {
        let terminal = lab(&nslab, who, "n");
        wait_for_row(&terminal, "ip link", |host, container| {
            host.contains("lo UP") && container == "lo DOWN"
        });
        let shell = container_shell(terminal.pid()).unwrap();
        let there = in_net(shell.pid).unwrap();
        // So the watcher has nobody else to look at afterwards.
        terminal.keys(LEAVE);
        terminal.keys(F3);
        terminal.line("exit");
        wait_for_row(&terminal, "ip link", |host, _| host == "–");
        terminal.keys(F4);
        terminal.line("ip link set lo up");
        wait_for_row(&terminal, "ip link", |_, container| container == "lo UP");
        terminal.line("exit");
        wait_for_row(&terminal, "ip link", |_, container| container == "–");
        eventually("nobody is in its network namespace", || {
            let all = family(terminal.pid());
            all.iter()
                .all(|known| in_net(known.pid).is_none_or(|it| it != there))
        });
    }
}

#[test]
fn what_a_side_sees_is_unknown_where_no_watcher_stays_alive() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        for signal in [Signal::SIGKILL, Signal::SIGSTOP] {
            let terminal = lab(&nslab, who, "u");
            wait_for_row(&terminal, "hostname", |host, container| {
                host != "–" && container == "container"
            });
            let mut before = Vec::new();
            // The first, and the three that take its place.
            for _ in 0..4 {
                before.push(another_watcher(&terminal, &before));
                kill(Pid::from_raw(*before.last().unwrap()), signal).unwrap();
            }
            wait_for_row(&terminal, "hostname", |host, container| {
                (host, container) == ("–", "–")
            });
            terminal.wait_for("has ended: what that shell sees is unknown");
            // The shells work all the same, and a launch begins anew.
            terminal.line("echo $((40 + 2))z");
            terminal.wait_for("42z");
            terminal.keys(LEAVE);
            terminal.keys(F5);
            wait_for_row(&terminal, "hostname", |host, container| {
                host != "–" && container == "container"
            });
        }
    }
}
