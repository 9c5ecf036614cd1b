//! `nslab map`: nothing that lsns lists is missing, and what no process is in is found too.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;

use nix::sched::{CloneFlags, unshare};
use nslab::{Found, Holder, Map, Namespace, Process};
use serde_json::Value;
use support::{As, Installed, needs, skip, stderr, stdout};

fn map(nslab: &Installed, who: As, arguments: &[&str]) -> Map {
    let arguments = [&["map", "--json"], arguments].concat();
    let output = nslab.command(who, &arguments).output().unwrap();
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), "")
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A script that runs until its standard input ends, in a user and a mount namespace of its own.
struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(who: As, script: &str) -> Self {
        Self::start_in(who, "-Urm", script)
    }

    fn start_in(who: As, namespaces: &str, script: &str) -> Self {
        let mut words = who.prefix();
        words.extend(["unshare", namespaces, "sh", "-euc", script].map(str::to_owned));
        Self::of(&words).unwrap()
    }

    fn of(words: &[String]) -> std::io::Result<Self> {
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .current_dir("/")
            .spawn()?;
        let output = BufReader::new(child.stdout.take().unwrap());
        Ok(Self { child, output })
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn number(&mut self) -> u64 {
        let line = self.line();
        line.parse().unwrap_or_else(|_| unreachable!("{line:?}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Makes two network namespaces without a process, of which one is mounted and one is open. Prints their
/// inodes and who holds them.
const HELD: &str = r#"
    mount -t tmpfs none /tmp
    touch /tmp/mounted '/tmp/o pen'
    unshare -n sh -c 'mount --bind /proc/self/ns/net /tmp/mounted'
    unshare -n sh -c 'mount --bind /proc/self/ns/net "/tmp/o pen"'
    exec 8<'/tmp/o pen'
    umount -l '/tmp/o pen'
    stat -L -c %i /tmp/mounted
    stat -L -c %i /proc/self/fd/8
    echo $$
    read -r _ || true
"#;

/// How many processes are in a namespace, and what else keeps it. The nslab of another test may be in it, or have it
/// open, for the moment of a look: it is left out.
fn kept_by<'m>(map: &Map, found: &'m Found) -> (usize, Vec<&'m Holder>) {
    let looks = |pid: &i32| map.process(*pid).is_some_and(|it| it.name == "nslab");
    let inside = found.processes.iter().filter(|pid| !looks(pid)).count();
    let open = |it: &&Holder| matches!(it, Holder::Descriptor { pid, .. } if looks(pid));
    let holders = found.holders.iter().filter(|it| !open(it));
    (inside, holders.collect())
}

#[test]
fn what_only_a_mount_or_a_descriptor_keeps_is_found() {
    let nslab = Installed::new();
    for who in As::all() {
        let mut running = Running::start(who, HELD);
        let (mounted, open, holder) = (running.number(), running.number(), running.number());
        let pid = i32::try_from(holder).unwrap();
        let map = map(&nslab, who, &["--machine"]);
        let user = map.process(pid).unwrap().namespaces[&Namespace::User];
        for (ino, expected) in [
            (
                mounted,
                Holder::Mount {
                    path: "/tmp/mounted".to_owned(),
                    pid,
                },
            ),
            (open, Holder::Descriptor { pid, fd: 8 }),
        ] {
            let found = map.find(ino).unwrap();
            assert_eq!(found.facts.kind, Namespace::Net);
            assert_eq!(kept_by(&map, found), (0, vec![&expected]), "{who:?}");
            assert_eq!(
                found.facts.owner.map(|it| it.ino),
                Some(user),
                "{who:?} {found:?}"
            );
        }
    }
}

/// A shell that has left the network namespace in which its descriptor 5, a socket, was made.
const SOCKET: &str = r#"
    exec unshare -n bash -euc '
        ip link set lo up
        exec 5<>/dev/udp/127.0.0.1/9
        stat -L -c %i /proc/self/ns/net
        echo $$
        exec unshare -n sh -c "echo moved; read -r _ || true"'
"#;

#[test]
fn what_only_a_socket_keeps_is_found() {
    let nslab = Installed::new();
    for who in As::all() {
        let mut running = Running::start(who, SOCKET);
        let (left, pid) = (running.number(), running.number());
        assert_eq!(running.line(), "moved");
        let pid = i32::try_from(pid).unwrap();
        let map = map(&nslab, who, &["--machine"]);
        let found = map.find(left).unwrap();
        assert_eq!(found.facts.kind, Namespace::Net);
        let socket = Holder::Socket { pid, fd: 5 };
        assert_eq!(kept_by(&map, found), (0, vec![&socket]), "{who:?}");
        let process = map.process(pid).unwrap();
        assert_ne!(process.namespaces[&Namespace::Net], left);
        assert_eq!(
            found.facts.owner.map(|it| it.ino),
            Some(process.namespaces[&Namespace::User]),
            "{who:?} {found:?}"
        );
    }
}

#[test]
fn what_only_a_thread_is_in_is_found_where_the_kernel_lists_it() {
    needs!(Capabilities);
    if !support::is_root() {
        // The kernel lists all namespaces to root alone.
        return;
    }
    let nslab = Installed::new();
    let (tell, made) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        unshare(CloneFlags::CLONE_NEWUTS).unwrap();
        let uts = std::fs::metadata("/proc/thread-self/ns/uts").unwrap();
        tell.send(uts.ino()).unwrap();
        let _ = ends.recv();
    });
    let made = made.recv().unwrap();
    let ours = map(&nslab, As::Ourselves, &["--machine"]);
    let tree = nslab.command(As::Ourselves, &["map", "--machine", "--lang", "en"]);
    let tree = stdout(&{ tree }.output().unwrap());
    // The kernel tells an ordinary user of no more than `/proc` does.
    let users = map(&nslab, As::Ordinary, &["--machine"]);
    assert_eq!(users.read_from, "proc");
    assert!(users.find(made).is_none());
    if ours.read_from == "proc" {
        assert!(tree.contains("Read from /proc;"), "{tree}");
        eprintln!("*** not tested here: listns(2), which Linux 6.19 has ***");
        return;
    }
    drop(end);
    thread.join().unwrap();
    let found = ours.find(made).unwrap();
    assert_eq!(found.facts.kind, Namespace::Uts);
    assert!(found.has_no_known_keeper() && !ours.is_kept_by_namespaces(found));
    assert!(tree.contains("the kernel's list (listns);"), "{tree}");
    let line = tree
        .lines()
        .find(|it| it.contains(&made.to_string()))
        .unwrap();
    assert!(line.contains("not seen from here"), "{line}");
}

#[test]
fn what_only_a_namespace_below_keeps_is_found_with_who_made_it() {
    let nslab = Installed::new();
    for who in As::all() {
        // unshare(1) executes: no process stays in the namespaces between.
        let script = "readlink /proc/self/ns/user
            exec unshare -Ur unshare -Urpf --kill-child sh -c 'echo $$; readlink /proc/self/ns/pid; read -r _ || true'";
        let mut running = Running::start(who, script);
        let named = |line: String| -> u64 {
            let ino = line.split(['[', ']']).nth(1).unwrap_or_default();
            ino.parse().unwrap_or_else(|_| unreachable!("{line:?}"))
        };
        let outer = named(running.line());
        assert_eq!(running.line(), "1");
        let pid = named(running.line());
        let map = map(&nslab, who, &["--machine"]);
        let outer = map.find(outer).unwrap();
        assert_eq!(outer.facts.owner_uid, Some(who.uid()), "{who:?}");
        let [between] = outer.children[..] else {
            unreachable!("{outer:?}")
        };
        let between = map.find(between).unwrap();
        assert!(between.has_no_known_keeper(), "{between:?}");
        assert_eq!(between.facts.parent, Some(outer.key));
        let [innermost] = between.children[..] else {
            unreachable!("{between:?}")
        };
        // The PID namespace: its owner, its parent, its process 1.
        let pid = map.find(pid).unwrap();
        assert_eq!(pid.facts.owner.map(|it| it.ino), Some(innermost));
        let first = map.process(pid.first.unwrap()).unwrap();
        assert_eq!(
            (first.name.as_str(), first.numbers.last()),
            ("sh", Some(&1))
        );
        let above = map.find(pid.facts.parent.unwrap().ino).unwrap();
        assert!(above.children.contains(&pid.key.ino), "{above:?}");
    }
}

/// Makes three network namespaces: the script's own with a bridge, one with a process, one that is mounted.
/// The bridge has a veth pair to each of them, and both their ends there are link 2.
const CABLES: &str = r"
    mount -t tmpfs none /tmp
    touch /tmp/blue
    unshare -n sh -c 'mount --bind /proc/self/ns/net /tmp/blue'
    mkfifo /tmp/ready
    exec 3<&0
    unshare -n sh -c 'echo >/tmp/ready; read -r _' <&3 &
    read -r _ </tmp/ready
    ip link add br0 type bridge
    ip link add red type veth peer index 2 name eth0 netns $!
    ip link add blue type veth peer index 2 name eth0 netns /tmp/blue
    ip link set red master br0
    ip link set blue master br0
    ip address add 10.9.9.1/24 dev br0
    stat -L -c %i /proc/self/ns/net /proc/$!/ns/net /tmp/blue
    read -r _ || true
";

#[test]
fn each_end_of_a_veth_pair_names_the_namespace_of_the_other() {
    let nslab = Installed::new();
    for who in As::all() {
        let mut running = Running::start_in(who, "-Urmn", CABLES);
        let [own, red, blue] = [(); 3].map(|()| running.number());
        let map = map(&nslab, who, &["--machine"]);
        let link = |ino: u64, name: &str| {
            let found = map.find(ino).unwrap();
            let links = found
                .links
                .as_ref()
                .unwrap_or_else(|| unreachable!("{who:?} {found:?}"));
            links.iter().find(|link| link.name == name).unwrap().clone()
        };
        let bridge = link(own, "br0");
        assert_eq!(
            (bridge.kind.as_deref(), &*bridge.addresses),
            (Some("bridge"), &["10.9.9.1/24".to_owned()][..])
        );
        for (name, ino) in [("red", red), ("blue", blue)] {
            let (here, there) = (link(own, name), link(ino, "eth0"));
            assert_eq!(here.master, Some(bridge.index), "{who:?} {name}");
            let ends = [(&here, there.index, ino), (&there, here.index, own)];
            for (link, index, ino) in ends {
                let peer = link.peer.unwrap();
                let namespace = peer.namespace.map(|it| it.ino);
                assert_eq!(
                    (peer.index, namespace),
                    (index, Some(ino)),
                    "{who:?} {link:?}"
                );
            }
        }
        let pairs = map.veth_pairs();
        let ours = pairs
            .iter()
            .filter(|ends| ends.iter().any(|end| end.namespace.key.ino == own));
        assert_eq!(ours.count(), 2, "{who:?}");
        let tree = ["map", "--machine", "--kind", "net", "--lang", "en"];
        let tree = stdout(&nslab.command(who, &tree).output().unwrap());
        let said = tree
            .lines()
            .find(|line| line.starts_with(&format!("net    {blue}")));
        assert!(
            said.is_some_and(|line| line.contains(&format!("veth pair to {own}"))),
            "{tree}"
        );
    }
}

#[test]
fn a_peer_group_names_the_mount_namespaces_that_share_it() {
    let nslab = Installed::new();
    for who in As::all() {
        let script = r#"
            mount -t tmpfs none /tmp
            mount --make-shared /tmp
            exec 3<&0
            inside() {
                script='stat -L -c "$0 %i" /proc/self/ns/mnt; read -r _ <&3'
                unshare -m --propagation $1 sh -c "$script" $1 &
            }
            stat -L -c 'own %i' /proc/self/ns/mnt
            inside unchanged
            inside slave
            read -r _ || true"#;
        let mut running = Running::start(who, script);
        let mut named = BTreeMap::new();
        while named.len() < 3 {
            let line = running.line();
            let (name, ino) = line.split_once(' ').unwrap();
            named.insert(name.to_owned(), ino.parse::<u64>().unwrap());
        }
        let [own, shared, slave] = ["own", "unchanged", "slave"].map(|name| named[name]);
        let map = map(&nslab, who, &["--machine"]);
        let groups = map.shared_groups();
        let inodes = |all: &[(&nslab::Found, &str)]| -> BTreeSet<u64> {
            let tmp = all.iter().filter(|(_, path)| *path == "/tmp");
            tmp.map(|(found, _)| found.key.ino).collect()
        };
        let group = groups.iter().find(|it| inodes(&it.members).contains(&own));
        let group = group.unwrap_or_else(|| unreachable!("{who:?} {groups:?}"));
        assert_eq!(inodes(&group.members), BTreeSet::from([own, shared]));
        assert_eq!(inodes(&group.receivers), BTreeSet::from([slave]));
        let tree = ["map", "--machine", "--kind", "mnt", "--lang", "en"];
        let tree = stdout(&nslab.command(who, &tree).output().unwrap());
        assert!(tree.contains("receives the mount events of "), "{tree}");
    }
}

/// The namespaces that lsns lists, each with the lowest pid in it: the kernel gives the number of one that
/// has ended to a new one. lsns gives up when a process that it reads ends meanwhile.
fn listed(who: As) -> Option<BTreeSet<(u64, i32)>> {
    let mut words = who.prefix();
    words.extend(["lsns", "--noheadings", "--raw", "--output", "NS,PID"].map(str::to_owned));
    loop {
        let output = Command::new(&words[0]).args(&words[1..]).output().ok()?;
        if output.status.success() {
            let text = stdout(&output);
            let pair = |line: &str| {
                let (ino, pid) = line.split_once(' ')?;
                Some((ino.parse().ok()?, pid.parse().ok()?))
            };
            return Some(text.lines().filter_map(pair).collect());
        }
    }
}

#[test]
fn nothing_that_lsns_lists_is_missing() {
    let nslab = Installed::new();
    for who in As::all() {
        let script = "exec unshare -uinpfC sh -c 'echo inside; read -r _ || true'";
        let mut running = Running::start(who, script);
        assert_eq!(running.line(), "inside");
        let Some(before) = listed(who) else {
            return skip("there is no lsns");
        };
        let map = map(&nslab, who, &["--machine"]);
        let after = listed(who).unwrap();
        // What other tests make and end meanwhile is in one of the two lists alone.
        let lasting: BTreeSet<u64> = before.intersection(&after).map(|it| it.0).collect();
        // Those that are made here are: two by `start`, five by the script.
        assert!(lasting.len() >= 7, "{lasting:?}");
        let ours: BTreeSet<u64> = map.namespaces.iter().map(|it| it.key.ino).collect();
        let missing: Vec<_> = lasting.difference(&ours).collect();
        assert!(missing.is_empty(), "{who:?} {missing:?}");
    }
}

#[test]
fn a_lab_host_is_mapped_with_its_own_numbers_and_nothing_of_the_machine() {
    let nslab = Installed::new();
    for who in As::all() {
        let map = map(&nslab, who, &[]);
        let first = map.process(1).unwrap();
        assert_eq!(first.numbers, [1], "{who:?}");
        let [pid] = map.of_kind(Namespace::Pid).collect::<Vec<_>>()[..] else {
            unreachable!("{map:?}")
        };
        assert_eq!((pid.first, pid.facts.parent), (Some(1), None));
        assert!(
            map.processes
                .iter()
                .all(|it| it.namespaces[&Namespace::Pid] == pid.key.ino)
        );
        for kind in [Namespace::Uts, Namespace::Net, Namespace::User] {
            assert_eq!(map.of_kind(kind).count(), 1, "{who:?} {kind}");
            let ours = std::fs::read_link(format!("/proc/self/ns/{kind}")).unwrap();
            assert!(!ours.ends_with(format!("{kind}:[{}]", first.namespaces[&kind])));
        }
        assert_eq!(map.unread, nslab::Map::default().unread, "{who:?}");
    }
}

#[test]
fn what_a_user_may_not_see_is_counted_and_said() {
    if !support::is_root() {
        // Other users' processes are there on any machine, but not in every container.
        return;
    }
    let nslab = Installed::new();
    let mut other = Command::new("sleep").arg("1000").uid(4343).spawn().unwrap();
    let map = map(&nslab, As::Ordinary, &["--machine"]);
    assert!(map.unread.processes > 0);
    for (lang, said) in [("en", "may not see"), ("zh-CN", "无权查看")] {
        let arguments = ["map", "--machine", "--lang", lang];
        let text = stdout(&nslab.command(As::Ordinary, &arguments).output().unwrap());
        assert!(text.contains(said), "{text}");
    }
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn a_proc_that_hides_processes_is_said_and_so_is_the_right_to_see_one() {
    needs!(Capabilities);
    if !support::is_root() {
        // Only root may mount such a /proc.
        return;
    }
    let nslab = Installed::new();
    let mut other = Command::new("sleep").arg("1000").spawn().unwrap();
    let pid = other.id().to_string();
    let hidden = |arguments: &[&str]| {
        let mount = "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"";
        let mut words: Vec<_> = ["unshare", "-m", "sh", "-c", mount, "sh"]
            .map(str::to_owned)
            .into();
        words.extend(As::Ordinary.prefix());
        words.push(nslab.binary().display().to_string());
        words.extend(arguments.iter().map(|&it| it.to_owned()));
        let output = Command::new(&words[0]).args(&words[1..]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let map: Map = serde_json::from_str(&hidden(&["map", "--machine", "--json"])).unwrap();
    assert!(
        map.unread.hidden && map.unread.processes == 0,
        "{:?}",
        map.unread
    );
    for lang in ["en", "zh-CN"] {
        assert!(hidden(&["map", "--machine", "--lang", lang]).contains("hidepid"));
        let text = hidden(&["compare", "--pid", &pid, "--lang", lang]);
        let mut lines = text.lines();
        let head = lines.next().unwrap().trim_end();
        assert!(head.ends_with(&format!("  {pid}")), "{head}");
        for line in lines {
            assert!(line.contains("?  ") && line.contains("hidepid"), "{line}");
        }
    }
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn the_tree_shows_one_kind_or_all_of_them() {
    let nslab = Installed::new();
    let mut running = Running::start(
        As::Ourselves,
        "readlink /proc/self/ns/mnt; read -r _ || true",
    );
    let mnt = running.line().replace("mnt:[", "mnt    ").replace(']', "");
    let tree = |arguments: &[&str]| {
        let arguments = [&["map", "--machine", "--lang", "en"], arguments].concat();
        stdout(&nslab.command(As::Ourselves, &arguments).output().unwrap())
    };
    let all = tree(&[]);
    assert!(
        all.contains(&format!("├ {mnt}")) || all.contains(&format!("└ {mnt}")),
        "{mnt} {all}"
    );
    let users = tree(&["--kind", "user"]);
    assert!(!users.contains(&mnt) && users.contains("└ user"), "{users}");
    let wrong = nslab
        .command(As::Ourselves, &["map", "--kind", "mount"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        stderr(&wrong).contains("the kinds are uts, ipc"),
        "{}",
        stderr(&wrong)
    );
}

fn compared(nslab: &Installed, who: As, arguments: &[&str]) -> Value {
    let arguments = [&["compare", "--json"], arguments].concat();
    let output = nslab.command(who, &arguments).output().unwrap();
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), ""),
        "{arguments:?}"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn any_process_is_compared_with_the_machine_or_another_one() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let script =
            "exec unshare -upf --kill-child sh -c 'hostname web1; echo; read -r _ || true'";
        let mut running = Running::start(who, script);
        running.line();
        let map = map(&nslab, who, &["--machine"]);
        let inside = |process: &&Process| {
            let ours = std::fs::read_to_string(format!("/proc/{}/status", process.pid));
            process.name == "sh" && ours.unwrap_or_default().contains(&parent(&running))
        };
        let first = map.processes.iter().find(inside).unwrap().pid.to_string();
        let report = compared(&nslab, who, &["--pid", &first]);
        let row = |report: &Value, id: &str| {
            let rows = report["rows"].as_array().unwrap();
            rows.iter().find(|row| row["id"] == id).unwrap().clone()
        };
        let hostname = row(&report, "hostname");
        assert_eq!(hostname["container"], "web1", "{who:?} {hostname}");
        assert_eq!(
            (&hostname["own_namespace"], &hostname["differs"]),
            (&Value::from(true), &Value::from(true))
        );
        assert_eq!(row(&report, "shell_pid")["container"], "1");
        assert_eq!(row(&report, "interfaces")["own_namespace"], false);
        // With itself nothing differs.
        let report = compared(&nslab, who, &["--pid", &first, "--with", &first]);
        assert_eq!(report["flags"], Value::Array(Vec::new()));
        // A command runs in both, and what it says of errors stands apart.
        let command = [
            "--pid",
            &first,
            "--",
            "sh",
            "-c",
            "hostname; echo wrong >&2",
        ];
        let report = compared(&nslab, who, &command);
        let machine = nix::unistd::gethostname().unwrap();
        for (side, name) in [
            ("host", machine.to_string_lossy().as_ref()),
            ("container", "web1"),
        ] {
            let ran = &report["command"][side];
            assert_eq!(
                (&ran["stdout"], &ran["stderr"], &ran["status"]),
                (
                    &Value::from(format!("{name}\n")),
                    &Value::from("wrong\n"),
                    &Value::from(0)
                )
            );
        }
    }
}

#[test]
fn a_sandbox_whose_user_namespaces_are_nested_is_compared_by_its_user() {
    let nslab = Installed::new();
    for who in As::all() {
        // With /dev, bwrap makes a user namespace that owns the others, and one below it for the program.
        let script = "exec bwrap --unshare-all --unshare-user --hostname box --ro-bind / / \
                      --proc /proc --dev /dev sh -c 'readlink /proc/self/ns/uts; read -r _ || true'";
        let mut words = who.prefix();
        words.extend(["sh", "-euc", script].map(str::to_owned));
        let mut running = Running::of(&words).unwrap();
        let uts = running.line().replace("uts:[", "").replace(']', "");
        let Ok(uts) = uts.parse::<u64>() else {
            return skip("there is no bwrap, or it may not make a sandbox here");
        };
        let map = map(&nslab, who, &["--machine"]);
        let inside = map.find(uts).unwrap().processes.iter();
        let mut inside = inside.filter_map(|pid| map.process(*pid));
        let shell = inside.rfind(|it| it.name == "sh").unwrap();
        let pid = shell.pid.to_string();
        let report = compared(&nslab, who, &["--pid", &pid, "--", "hostname"]);
        let rows = report["rows"].as_array().unwrap();
        let hostname = rows.iter().find(|row| row["id"] == "hostname").unwrap();
        assert_eq!(hostname["container"], "box", "{who:?} {hostname}");
        assert_eq!(hostname["own_namespace"], true);
        assert_eq!(report["command"]["container"]["stdout"], "box\n");
        // What it printed stands below the name of its column.
        let arguments = ["compare", "--pid", &pid, "--lang", "en", "--", "hostname"];
        let text = stdout(&nslab.command(who, &arguments).output().unwrap());
        assert!(
            text.contains(&format!("\n[sh {pid}] exit 0\nbox\n")),
            "{text}"
        );
        assert!(text.contains("\n[MACHINE] exit 0\n"), "{text}");
    }
}

#[test]
fn what_a_command_is_refused_in_a_process_is_explained_by_its_namespaces() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let below = "-Urum unshare -Ur";
        let belongs = "namespace you are in belongs to another user namespace";
        // How the process's namespaces are made, a line that a command runs in them, and what is said of it.
        for (made, line, said) in [
            ("-Urum", "hostname x", None),
            (below, "hostname x", Some(belongs)),
            (below, "mount -t tmpfs t /mnt", Some("Add MNT")),
            // Nobody's id is mapped, not the command's either.
            ("-Uum", "hostname x", Some("exec took them")),
        ] {
            let script = format!("exec unshare {made} sh -c 'echo; read -r _ || true'");
            let words = ["sh", "-euc", &script].map(str::to_owned);
            let mut running = Running::of(&[who.prefix(), words.into()].concat()).unwrap();
            running.line();
            let pid = running.child.id().to_string();
            // On both sides, so that nothing runs on the machine.
            let command = ["--with", &pid, "--lang", "en", "--", "sh", "-c", line];
            let output = nslab
                .command(who, &[&["compare", "--pid", &pid], &command[..]].concat())
                .env("LC_ALL", "C")
                .output()
                .unwrap();
            let printed = stdout(&output);
            let of_sides = |text| printed.matches(text).count();
            let wanted = said.map_or(0, |_| 2);
            assert_eq!(of_sides("  → "), wanted, "{who:?} {made} {line}: {printed}");
            let found = said.map_or(0, of_sides);
            assert_eq!(found, wanted, "{who:?} {made} {line}: {printed}");
        }
    }
}

/// The line of a status file that says whose child a process is.
fn parent(running: &Running) -> String {
    format!("PPid:\t{}\n", running.child.id())
}

#[test]
fn what_may_not_be_read_is_a_row_that_says_which_right_is_missing() {
    if !support::is_root() {
        // There is no process of another user that the test could start.
        return;
    }
    let nslab = Installed::new();
    let mut other = Command::new("sleep").arg("1000").spawn().unwrap();
    let pid = other.id().to_string();
    let report = compared(&nslab, As::Ordinary, &["--pid", &pid]);
    assert!(report["container"].is_null());
    for row in report["rows"].as_array().unwrap() {
        assert!(
            row["container"].is_null() && row["host"].is_string(),
            "{row}"
        );
        assert!(row["missing"].as_str().unwrap().contains("ptrace"), "{row}");
    }
    other.kill().unwrap();
    other.wait().unwrap();
    // It has ended, as far as the test can tell.
    for (arguments, said) in [
        (["--pid", pid.as_str()], "there is none with this pid"),
        (["--container", "nslab-no-such"], "nslab-no-such"),
    ] {
        let arguments = [&["compare"], &arguments[..]].concat();
        let output = nslab.command(As::Ourselves, &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{arguments:?}");
        let said_so = stderr(&output);
        assert!(
            said_so.contains(said) || said_so.contains("none of docker"),
            "{said_so}"
        );
    }
}
