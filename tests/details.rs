//! The details of a row are what its command prints, and a command runs on both sides: in the lab
//! host and in the running container.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use nslab::RowId;
use support::{As, Installed, container_shell, eventually, family, needs, skip, waiting_helper};
use terminal::Terminal;
use terminal::keys::{END, F2, F3, F4, F5, F6, LEAVE, UP};

/// Wide enough that both sides always stand next to each other.
const SIZE: (u16, u16) = (638, 60);
/// Columns of one side.
const HALF: usize = 318;
const ALL: &str = "uipmnUCT";

/// Opens a lab and launches a container with these flags; the comparison has the focus.
fn lab(nslab: &Installed, who: As, flags: &str) -> Terminal {
    let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], SIZE);
    terminal.wait_for("[host] root@");
    terminal.keys(flags);
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
    terminal.wait("what both see", |screen| {
        screen
            .lines()
            .any(|line| line.contains("│ hostname ") && line.contains("UTS") && !line.contains('–'))
    });
    terminal.keys(F6);
    terminal.wait_for(">Compare");
    terminal
}

/// A line of one side: the sign in front of it, and its text.
type Said = (char, String);

/// Reads the details pane: the command in its heading, the lines of each side with single spaces,
/// and the line that names the sides.
fn pane(screen: &str) -> Option<(String, [Vec<Said>; 2], String)> {
    let below = screen.lines().skip_while(|line| !line.contains(">Details"));
    let lines: Vec<Vec<char>> = below.map(|line| line.chars().collect()).collect();
    let body = |line: &Vec<char>, from: usize, to: usize| -> String {
        let end = line.len().min(to);
        line.get(from..end)
            .map(|part| part.iter().collect())
            .unwrap_or_default()
    };
    let heading = body(lines.get(1)?, 0, 2 * HALF).trim().to_owned();
    let names = lines
        .iter()
        .position(|line| body(line, 3, HALF).starts_with("HOST"))?;
    let names_line = body(&lines[names], 0, 2 * HALF);
    let squeezed = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut sides = [Vec::new(), Vec::new()];
    // The keys stand below.
    for line in &lines[names + 1..lines.len() - 1] {
        for (i, start) in [0, HALF].into_iter().enumerate() {
            let Some(sign) = line.get(start + 1).copied() else {
                continue;
            };
            let to = if i == 0 { HALF } else { 2 * HALF + 1 };
            let text = squeezed(body(line, start + 3, to).replace('│', " "));
            if !text.is_empty() && !text.contains("only this side has it") {
                sides[i].push((sign, text));
            }
        }
    }
    Some((heading, sides, names_line))
}

fn texts(side: &[Said]) -> Vec<&str> {
    side.iter().map(|(_, text)| text.as_str()).collect()
}

/// Waits until the pane shows this command and `holds` is true of its lines.
fn wait_for_pane(
    terminal: &Terminal,
    command: &str,
    holds: impl Fn(&[Said], &[Said], &str) -> bool,
) -> [Vec<Said>; 2] {
    let screen = terminal.wait(&format!("details of {command}"), |screen| {
        pane(screen).is_some_and(|(heading, [host, container], names)| {
            heading.starts_with(command) && holds(&host, &container, &names)
        })
    });
    pane(&screen).unwrap().1
}

/// Runs a line on both sides, waits until both have ended, and returns what each printed.
fn on_both(terminal: &Terminal, line: &str) -> [Vec<Said>; 2] {
    terminal.keys("!");
    terminal.wait_for("Run a command on both sides");
    terminal.keys("\x15");
    terminal.keys(line);
    terminal.keys("\r");
    let shown = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = shown.chars().take(60).collect();
    wait_for_pane(terminal, &start, |_, _, names| {
        let ended = |name: &str| names.matches(name).count();
        ended("exit ") + ended("killed") + ended("SIG") == 2
    })
}

/// Runs a command in the shell that has the focus and returns the last line it printed.
fn in_shell(terminal: &Terminal, line: &str) -> String {
    let screen = terminal.run(line);
    let lines: Vec<_> = screen.lines().map(str::trim).collect();
    let end = lines.iter().rposition(|line| line.starts_with("ran 10"));
    let printed = lines[end.unwrap() - 1];
    printed.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn one(side: &[Said]) -> &str {
    assert_eq!(side.len(), 1, "{side:?}");
    &side[0].1
}

#[test]
fn a_queue_of_the_host_stands_on_its_side_only() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "i");
        terminal.keys(F3);
        terminal.run("ipcmk -Q");
        let real = in_shell(&terminal, "ipcs -q | tail -n 2 | head -n 1");
        assert!(real.starts_with("0x"), "{real}");
        terminal.keys(LEAVE);
        terminal.keys(F6);
        terminal.wait_for(">Compare");
        terminal.to_row(RowId::Queues);
        terminal.keys("\r");
        let [host, container] = wait_for_pane(&terminal, "ipcs -q", |host, container, _| {
            host.len() == 3 && container.len() == 2
        });
        assert_eq!(host[2], ('+', real), "{who:?}: {container:?}");
        // The queue disappears from the pane by itself, without a key.
        terminal.keys(F3);
        terminal.run("ipcrm --all=msg");
        terminal.keys(LEAVE);
        terminal.keys(F6);
        terminal.keys("\r");
        wait_for_pane(&terminal, "ipcs -q", |host, container, _| {
            host.len() == 2 && container.len() == 2
        });
    }
}

/// Whether the mount table has lines, as of an engine's overlay, that are wider than one side.
fn mounts_are_wide() -> bool {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    mounts.lines().any(|line| line.len() > HALF)
}

/// Opens each row, then runs the row's command: both panes must show the same.
#[test]
fn details_are_what_the_commands_print() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        for flags in ["u", ALL] {
            let terminal = lab(&nslab, who, flags);
            on_both(&terminal, "ipcmk -Q -M 64 -S 2 >/dev/null");
            on_both(
                &terminal,
                "mkdir -p '/tmp/a b/c' && mount -t tmpfs x '/tmp/a b/c' && ip link set lo up && ls /proc/self/fd >/dev/null && touch /dev/mqueue/letters 2>/dev/null; true",
            );
            for row in RowId::ALL {
                // A command has another pid than the shell, and is itself among the processes. Other
                // tests check these two rows.
                if matches!(row, RowId::ShellPid | RowId::Processes) {
                    continue;
                }
                if row == RowId::Mounts && mounts_are_wide() {
                    skip("lines of this machine's mount table are wider than one side");
                    continue;
                }
                let command = row.entry().command;
                let mut last = None;
                // The uptime may move on by a minute in between, or an address become ready.
                eventually(command, || {
                    terminal.keys(F6);
                    terminal.wait_for(">Compare");
                    terminal.to_row(row);
                    terminal.keys("\r");
                    let ours = wait_for_pane(&terminal, command, |host, container, _| {
                        let reading = ('\u{20}', "reading …".to_owned());
                        !host.contains(&reading) && !container.contains(&reading)
                    });
                    terminal.keys("x");
                    terminal.wait_for("Run a command on both sides");
                    terminal.keys("\r");
                    let theirs = wait_for_pane(&terminal, command, |_, _, names| {
                        names.matches("exit ").count() == 2
                    });
                    let same = (0..2).all(|i| texts(&ours[i]) == texts(&theirs[i]));
                    let both = Some((ours, theirs));
                    assert!(same || last != both, "{who:?} {flags} {command}\n{both:#?}");
                    last = both;
                    same
                });
            }
        }
    }
}

#[test]
fn processes_are_listed_as_ps_lists_them() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "upm");
        on_both(
            &terminal,
            "[ $NSLAB_SIDE = host ] || mount -t proc proc /proc",
        );
        // A process may run for a moment in one of the two lists, and sleep in the other.
        eventually("the same list", || {
            terminal.keys(F6);
            terminal.wait_for(">Compare");
            terminal.to_row(RowId::Processes);
            terminal.keys("\r");
            let ours = wait_for_pane(&terminal, "ps ax", |host, container, _| {
                host.len() > 4 && container.len() == 2
            });
            assert!(ours[1][1].1.starts_with("1 tty2 "), "{who:?}: {ours:?}");
            let theirs = on_both(&terminal, "ps ax");
            ours.iter().zip(&theirs).all(|(ours, theirs)| {
                let real = texts(theirs);
                texts(ours).iter().all(|line| real.contains(line))
            })
        });
    }
}

#[test]
fn a_command_is_in_every_namespace_of_the_container() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        for flags in ["u", ALL] {
            let terminal = lab(&nslab, who, flags);
            terminal.keys(F4);
            let kinds = "readlink /proc/self/ns/{cgroup,ipc,mnt,net,pid,time,user,uts}";
            let one_line = format!("echo $({kinds})");
            let in_shell = in_shell(&terminal, &one_line);
            // A busy shell in the container doesn't keep the command out.
            terminal.line("sleep 1000");
            terminal.keys(LEAVE);
            terminal.keys(F6);
            let spelled =
                "for n in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$n; done";
            let [host, container] = on_both(&terminal, spelled);
            let said = texts(&container).join(" ");
            assert_eq!(said, in_shell, "{who:?} {flags}");
            let differing = container.iter().filter(|(sign, _)| *sign == '≠').count();
            assert_eq!(differing, flags.len(), "{host:?}\n{container:?}");
            let [host, container] = on_both(&terminal, "hostname");
            assert_ne!(one(&host), one(&container), "{who:?}");
            assert_eq!(one(&container), "container", "{who:?}");
            let [_, container] = on_both(&terminal, "id -u; echo $NSLAB_SIDE; cat; echo end");
            assert_eq!(texts(&container), ["0", "container", "end"], "{who:?}");
        }
    }
}

#[test]
fn a_command_is_bounded_and_leaves_nothing() {
    needs!(Hostname, Proc, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        for flags in ["u", "up", "upm"] {
            let terminal = lab(&nslab, who, flags);
            // The next launch's helper is there by then.
            waiting_helper(terminal.pid());
            let before = family(terminal.pid()).len();
            let [host, container] = on_both(&terminal, "yes");
            assert!(host.len() > 20 && host.len() == container.len());
            terminal.keys(END);
            terminal.wait_for("more than 256 KiB");
            let left = "sleep 4000 & setsid sleep 4000 & (setsid sh -c 'sleep 4000 & sleep 4000' &) ; echo left";
            let [host, container] = on_both(&terminal, left);
            assert_eq!((one(&host), one(&container)), ("left", "left"));
            eventually("nothing is left", || {
                let family = family(terminal.pid());
                family.iter().all(|it| it.name != "sleep") && family.len() <= before
            });
            terminal.keys("!\x15exec sleep 5000\r");
            terminal.wait_for("running … Esc ends it");
            // The container's turn does not come any more.
            eventually("one side sleeps", || {
                let family = family(terminal.pid());
                family.iter().filter(|it| it.name == "sleep").count() == 1
            });
            terminal.wait_for("once the other side has ended");
            terminal.keys("\x1b");
            terminal.wait_for("You ended it.");
            eventually("nothing sleeps", || {
                family(terminal.pid()).iter().all(|it| it.name != "sleep")
            });
            let [_, container] = on_both(&terminal, "kill -9 $$");
            assert_eq!(texts(&container), ["(prints nothing)"]);
            assert!(container_shell(terminal.pid()).is_some(), "{who:?} {flags}");
        }
    }
}

#[test]
fn a_commands_time_is_bounded_and_the_screen_stays_responsive() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "u");
        terminal.keys("!trap '' TERM INT; echo waiting; while :; do sleep 1; done\r");
        terminal.wait_for("running … Esc ends it");
        terminal.keys(F3);
        terminal.run("echo");
        terminal.keys(LEAVE);
        // Running the line from the history ends the first run.
        terminal.keys("!");
        terminal.wait_for("Run a command on both sides");
        terminal.keys(UP);
        terminal.wait_for("$ trap");
        terminal.keys("\r");
        terminal.wait_for("longer than 10 seconds");
        let screen = terminal.screen();
        assert!(screen.contains("waiting"), "{screen}");
    }
}

#[test]
fn without_a_container_only_the_host_answers() {
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], SIZE);
        terminal.wait_for("[host] root@");
        terminal.keys("!hostname\r");
        let [host, container] = wait_for_pane(&terminal, "hostname", |_, _, names| {
            names.contains("exit 0")
        });
        assert!(!one(&host).is_empty());
        assert_eq!(one(&container), "No container runs yet.");
        terminal.keys(F2);
        terminal.wait_for(">Lesson");
    }
}

/// A command holds only its own files open: no terminal, no file of the machine.
#[test]
fn a_command_has_nothing_of_the_machine() {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = lab(&nslab, who, "u");
        // Descriptors that the launcher is just closing print `????`, an error, or a link without its target.
        let script = "for p in $$ $PPID; do ls -l /proc/$p/fd 2>&1; done | grep -v -e pipe: -e total -e socket: -e /children -e ' /proc$' -e '????' -e 'No such file' -e '^l[^>]*$' | sed 's/.*-> //' | sort -u; (: </dev/tty) 2>/dev/null && echo terminal; tty; cut -d' ' -f7 /proc/$PPID/stat; echo end";
        for side in on_both(&terminal, script) {
            let said = texts(&side);
            // Its launcher has no terminal either: tty_nr in proc_pid_stat(5) is 0.
            assert_eq!(said, ["not a tty", "0", "end"], "{who:?}");
        }
    }
}
