//! Attacks on the machine by a learner, who is root of the lab host. Each of them succeeded before
//! the measure that stops it. The targets are canaries; nslab runs as root and as an ordinary user.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{PtySize, native_pty_system};
use support::{
    As, Installed, alive, cgroups_of, container_shell, eventually, family, installed, is_root,
    needs, settled, skip, stderr, stdout, waiting_helper,
};
use terminal::Terminal;
use terminal::keys::{F3, F4, F5, LEAVE};

/// Every way in which a shell can try to write through a read-only mount, to `file` below /usr/local.
const REMOUNTS: &str = r#"
try() { "$@" >/dev/null 2>&1; echo pwned >"$FILE" 2>/dev/null; echo pwned >"/mnt/${FILE#/usr/local/}" 2>/dev/null; }
try true
try mount -o remount,rw /usr
try mount -o remount,rw,bind /usr
try mount -o remount,rw,bind /
mount --rbind /usr/local /mnt 2>/dev/null
try mount -o remount,rw,bind /mnt
try mount --make-rshared /mnt
try umount -l /usr
try unshare -m mount -o remount,rw,bind /mnt
try unshare -Urm mount -o remount,rw,bind /mnt
try unshare -Um mount -o remount,rw,bind /mnt
mkdir -p /tmp/o/u /tmp/o/w /tmp/o/m
mount -t overlay -o lowerdir=/usr/local,upperdir=/tmp/o/u,workdir=/tmp/o/w overlay /tmp/o/m 2>/dev/null
chmod 4777 "$FILE" 2>/dev/null
chown 0:0 "$FILE" 2>/dev/null
rm -f "$FILE" 2>/dev/null
echo tried
"#;

#[test]
fn no_file_of_the_machine_is_written() {
    needs!(Lab);
    if !is_root() {
        eprintln!("a canary below /usr/local takes root: this belongs to the root run");
        return;
    }
    let nslab = Installed::new();
    for who in As::all() {
        let canary = tempfile::Builder::new()
            .prefix("nslab-canary-")
            .tempdir_in("/usr/local")
            .unwrap();
        let file = canary.path().join("file");
        fs::write(&file, "canary").unwrap();
        // The file mode allows everything: only the mount protects the file.
        let mut lab = 0;
        let script = format!("FILE={}\n{REMOUNTS}", file.display());
        let output = nslab.in_lab_after(who, &script, |uid| {
            lab = uid;
            for path in [canary.path(), &file] {
                fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
                chown(path, Some(uid), Some(uid)).unwrap();
            }
            uid
        });
        assert_eq!(stdout(&output), "tried\n", "{who:?}: {}", stderr(&output));
        assert_eq!(fs::read_to_string(&file).unwrap(), "canary", "{who:?}");
        assert_eq!(
            fs::metadata(&file).unwrap().mode() & 0o7777,
            0o777,
            "{who:?}"
        );
        // Without the mount the attack succeeds, so it is a real one.
        let direct = Command::new("sh")
            .args(["-c", "echo pwned >\"$0\""])
            .arg(&file)
            .uid(lab)
            .status()
            .unwrap();
        assert!(direct.success());
        assert_eq!(fs::read_to_string(&file).unwrap(), "pwned\n");
    }
}

#[test]
fn our_own_binary_stays_as_it_is() {
    needs!(Proc);
    let nslab = Installed::new();
    for who in As::all() {
        if is_root() {
            // The ordinary user owns the file, as after `cargo build`.
            chown(nslab.binary(), Some(who.uid()), None).unwrap();
        }
        let before = fs::metadata(nslab.binary()).unwrap();
        let output = nslab.in_lab(
            who,
            "for p in /proc/[0-9]*; do
               chmod 4777 $p/exe; echo x >>$p/exe; mount -o remount,rw,bind $p/exe; cp /bin/true $p/exe
             done 2>/dev/null; readlink /proc/1/exe",
        );
        assert!(
            stdout(&output).contains("nslab"),
            "{who:?}: {}",
            stdout(&output)
        );
        let after = fs::metadata(nslab.binary()).unwrap();
        assert_eq!(
            (
                before.mode(),
                before.len(),
                before.mtime_nsec(),
                before.uid()
            ),
            (after.mode(), after.len(), after.mtime_nsec(), after.uid()),
            "{who:?}"
        );
    }
}

/// A directory of the machine's would lead to all of its files, a channel to nslab.
#[test]
fn process_1_of_the_lab_holds_nothing_of_the_machine() {
    needs!(Proc);
    let nslab = Installed::new();
    let script =
        "cd /proc/1/fd || exit; for fd in *; do readlink $fd | sed 's/[0-9]//g'; done | sort -u";
    let held = "/dev/null\npipe:[]\n";
    for who in As::all() {
        let output = nslab.in_lab(who, script);
        assert_eq!(stdout(&output), held, "{who:?}: {}", stderr(&output));
        // With a cgroup of the lab's own.
        let Some(delegated) = is_root().then(|| Delegated::new(who)).flatten() else {
            continue;
        };
        let mut command = delegated.command(who, &nslab, &["run", "--", "sh", "-c", script]);
        let output = command.output().unwrap();
        assert_eq!(stdout(&output), held, "{who:?}: {}", stderr(&output));
    }
}

#[test]
fn no_call_reaches_the_machine_through_our_own_binary() {
    needs!(Lab);
    if !installed("cc") {
        return skip("no cc, which builds the program that tries");
    }
    let nslab = Installed::new();
    let shared = tempfile::tempdir().unwrap();
    fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/exe.c");
    let built = Command::new("cc")
        .args(["-Wall", "-Werror", "-o"])
        .args([&shared.path().join("exe"), Path::new(source)])
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", stderr(&built));
    let shared = shared.path().to_str().unwrap();
    for who in As::all() {
        if is_root() {
            chown(nslab.binary(), Some(who.uid()), None).unwrap();
        }
        let arguments = ["run", "--share", shared, "--", "/share/exe"];
        let output = nslab.command(who, &arguments).output().unwrap();
        // The keeper and the launcher.
        assert_eq!(stdout(&output), "tried 2\n", "{who:?}: {}", stderr(&output));
    }
}

/// Without its file, nslab runs from a sealed copy in memory.
#[test]
fn a_binary_that_was_removed_stays_as_it_is_too() {
    needs!(Proc);
    let nslab = Installed::new();
    let script = "cp \"$1\" \"$2\"; exec 9<\"$2\"; rm \"$2\"; exec /proc/self/fd/9 run -- sh -c '
        readlink /proc/1/exe; for p in /proc/1 /proc/2; do echo x >>$p/exe && echo changed $p; done 2>/dev/null'";
    for who in As::all() {
        let directory = tempfile::tempdir().unwrap();
        if is_root() {
            chown(directory.path(), Some(who.uid()), None).unwrap();
        }
        let copy = directory.path().join("nslab");
        let mut words = who.prefix();
        words.extend(["sh", "-c", script, "sh"].map(str::to_owned));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .args([nslab.binary(), copy])
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let expected = "/memfd:nslab (deleted)\n";
        assert_eq!(stdout(&output), expected, "{who:?}: {}", stderr(&output));
    }
}

#[test]
fn hidden_files_of_the_machine_cannot_be_reached() {
    needs!(Lab);
    let nslab = Installed::new();
    // FIFOs and sockets work through read-only mounts, so the lab host must not have them.
    let directory = nslab.directory.path();
    let socket = directory.join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let fifo = directory.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();
    for who in As::all() {
        let script = format!(
            "for root in / /proc/1/root /proc/self/root /proc/1/cwd /proc/[0-9]*/root /proc/[0-9]*/cwd; do
               for f in {0} {1} {2}; do test -e $root/$f && echo found $root/$f; done
               test -e $root/../{0} && echo found above $root
             done; ls /home /var/lib /srv /media /run/user 2>/dev/null; find / -xdev -type s -o -xdev -type p | head",
            socket.display(),
            fifo.display(),
            nslab.binary().display(),
        );
        let output = nslab.in_lab(who, &script);
        let printed = stdout(&output);
        assert!(!printed.contains("found"), "{who:?}: {printed}");
        assert_eq!(
            printed, "/home:\n\n/media:\n\n/srv:\n\n/var/lib:\n",
            "{who:?}"
        );
    }
}

#[test]
fn processes_of_the_machine_can_be_neither_seen_nor_killed() {
    needs!(Proc);
    let nslab = Installed::new();
    for who in As::all() {
        let mut started = None;
        let output = nslab.in_lab_after(
            who,
            "ls /proc | grep -c '^[0-9]'; kill -9 $go; kill -9 -1; echo survived",
            |uid| {
                let mut canary = Command::new("sleep");
                canary.arg("1000");
                if is_root() {
                    canary.uid(uid);
                }
                let canary = canary.spawn().unwrap();
                let pid = canary.id();
                started = Some(canary);
                pid
            },
        );
        let mut canary = started.unwrap();
        // The keeper, the launcher, the shell, and the two processes of the pipe.
        let seen: u32 = stdout(&output).lines().next().unwrap().parse().unwrap();
        assert!(seen <= 5, "{who:?} sees {seen} processes");
        assert_eq!(
            canary.try_wait().unwrap(),
            None,
            "{who:?} killed a process of the machine"
        );
        canary.kill().unwrap();
        canary.wait().unwrap();
    }
}

#[test]
fn guards_helpers_and_watchers_cannot_be_traced() {
    needs!(Proc);
    let nslab = Installed::new();
    for who in As::all() {
        // The test hands in the machine's /proc, which no process in the lab could open. ptrace's
        // rules decide what may be read there; ptrace(2), "Ptrace access mode checking".
        let proc = fs::File::open("/proc").unwrap();
        // A second lab of the same user, with a watcher. The kernel gives its processes the same
        // credentials as those of the attacking lab.
        let lab = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (120, 40));
        lab.wait("what the host sees", host_is_seen);
        waiting_helper(lab.pid());
        let output = nslab
            .command(who, &["run", "--", "sh", "-c", TRACE])
            .stderr(Stdio::from(proc))
            .output()
            .unwrap();
        let printed = stdout(&output);
        assert!(
            printed.contains("self readable"),
            "{who:?}: {printed}{}",
            stderr(&output)
        );
        assert!(printed.contains("guard found"), "{who:?}: {printed}");
        assert!(printed.contains("helper found"), "{who:?}: {printed}");
        assert!(printed.contains("watcher found"), "{who:?}: {printed}");
        let waiting = printed.contains("waiting launcher found");
        assert!(waiting, "{who:?}: {printed}");
        assert!(!printed.contains("OPEN"), "{who:?}: {printed}");
    }
}

/// Whether the comparison shows a hostname of the host: its watcher runs.
fn host_is_seen(screen: &str) -> bool {
    let row = screen
        .lines()
        .find_map(|line| line.split_once("│ hostname "));
    row.is_some_and(|(_, cells)| !cells.trim_start().starts_with('–'))
}

/// Tries to read memory, environment and namespaces of every guard, helper and watcher in the
/// machine's /proc; all must be refused. Skips a helper's child that is just joining a lab host.
const TRACE: &str = r#"
exec 3>&2
P=/proc/self/fd/3
line() { tr '\0' ' ' <$P/$1/cmdline 2>/dev/null; }
cat /proc/$$/environ >/dev/null && echo self readable
for d in $P/[0-9]*; do
  p=${d##*/}
  case "$(line $p)" in
    "nslab lab-host "*) [ "$(awk '/^NSpid/ {print NF}' $d/status)" = 2 ] || continue; what=guard ;;
    "nslab watch "*) what=watcher ;;
    "nslab container "*) [ "$(awk '/^NSpid/ {print NF}' $d/status)" = 2 ] || continue; what="waiting launcher" ;;
    "nslab enter "*|"nslab launch "*) what=helper
      case "$(line "$(awk '/^PPid/ {print $2}' $d/status)")" in "nslab enter "*|"nslab launch "*) continue ;; esac ;;
    *) continue ;;
  esac
  echo $what found
  (cat $d/environ >/dev/null) 2>/dev/null && echo OPEN environ $what
  (head -c 1 $d/mem >/dev/null) 2>/dev/null && echo OPEN mem $what
  readlink $d/ns/user >/dev/null 2>&1 && echo OPEN ns $what
  readlink $d/exe >/dev/null 2>&1 && echo OPEN exe $what
  readlink $d/cwd >/dev/null 2>&1 && echo OPEN cwd $what
done
true
"#;

#[test]
fn other_terminals_of_the_user_get_nothing() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let name = pair.master.tty_name().unwrap();
        fs::set_permissions(&name, fs::Permissions::from_mode(0o666)).unwrap();
        let number = name.file_name().unwrap().to_str().unwrap();
        let output = nslab.in_lab_after(
            who,
            "echo pwned >/dev/pts/$go; mknod /tmp/t c 136 $go && echo pwned >/tmp/t
             mkdir /tmp/p; mount -t devpts devpts /tmp/p && echo pwned >/tmp/p/$go; echo tried",
            |uid| {
                if is_root() {
                    chown(&name, Some(uid), None).unwrap();
                }
                number.to_owned()
            },
        );
        assert_eq!(stdout(&output), "tried\n", "{who:?}");
        // Reads what the attack may have left in the line, up to the mark that this test writes after it.
        fs::OpenOptions::new().write(true).open(&name).unwrap();
        std::io::Write::write_all(
            &mut fs::OpenOptions::new().write(true).open(&name).unwrap(),
            b"end",
        )
        .unwrap();
        let mut heard = [0; 64];
        let length = pair
            .master
            .try_clone_reader()
            .unwrap()
            .read(&mut heard)
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&heard[..length]), "end", "{who:?}");
    }
}

#[test]
fn names_ipc_objects_and_sockets_of_the_machine_are_out_of_reach() {
    needs!(Hostname);
    let nslab = Installed::new();
    let hostname = || fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let before = hostname();
    let name = format!("nslab-canary-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _listener = UnixListener::bind_addr(&address).unwrap();
    for who in As::all() {
        let output = nslab.in_lab(
            who,
            "hostname pwned; hostname; cat /proc/net/unix; ipcmk -Q >/dev/null; ipcs -q | grep -c 0x",
        );
        let printed = stdout(&output);
        assert!(
            printed.starts_with("pwned\n"),
            "{who:?}: {printed}{}",
            stderr(&output)
        );
        assert!(
            !printed.contains(&name),
            "{who:?} sees an abstract socket of the machine"
        );
        assert!(
            printed.ends_with("1\n"),
            "{who:?} sees queues of the machine: {printed}"
        );
        assert_eq!(hostname(), before, "{who:?} renamed the machine");
    }
}

#[test]
fn root_of_the_lab_is_not_uid_0_of_the_machine() {
    needs!(Lab);
    if !is_root() {
        eprintln!("only root's lab could be uid 0: this belongs to the root run");
        return;
    }
    let nslab = Installed::new();
    // Files of uid 0 that nobody else may read: /etc/shadow, below the lab's own, sysctls, block devices.
    let output = nslab.in_lab(
        As::Ourselves,
        "grep -v ':[*]:::::::$' /etc/shadow && echo OPEN
         umount /etc/shadow; cat /etc/shadow && echo OPEN
         cat /etc/gshadow && echo OPEN
         echo 1 >/proc/sys/kernel/sysrq && echo OPEN
         echo core >/proc/sys/kernel/core_pattern && echo OPEN
         echo h >/proc/sysrq-trigger && echo OPEN
         mknod /tmp/disk b 254 0 && cat /tmp/disk >/dev/null && echo OPEN
         date -s @0 >/dev/null && echo OPEN
         id -u",
    );
    assert_eq!(stdout(&output), "0\n", "{}", stderr(&output));
}

/// The machine's ids that a lab's root may use: a line of its map.
fn mapped(nslab: &Installed, who: As) -> Vec<std::ops::Range<u64>> {
    let mut ranges = Vec::new();
    // No other test's lab runs the same script.
    let script = format!("true {}", nslab.directory.path().display());
    let line = format!("sh\0-c\0read go\n{script}\0");
    nslab.in_lab_after(who, &script, |_| {
        let waiting = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
            fs::read(entry.path().join("cmdline")).is_ok_and(|words| words == line.as_bytes())
        });
        for process in waiting {
            let map = fs::read_to_string(process.path().join("uid_map")).unwrap();
            ranges.extend(map.lines().map(|line| {
                let numbers: Vec<u64> = line
                    .split_whitespace()
                    .map(|number| number.parse().unwrap())
                    .collect();
                numbers[1]..numbers[1] + numbers[2]
            }));
        }
        "go"
    });
    ranges
}

#[test]
fn the_ids_of_the_lab_are_nobodys_or_lent_to_its_user() {
    needs!(Lab);
    let nslab = Installed::new();
    let numbers = |path: &str, field: usize| -> Vec<u64> {
        let table = fs::read_to_string(path).unwrap_or_default();
        let number = |line: &str| line.split(':').nth(field)?.parse().ok();
        table.lines().filter_map(number).collect()
    };
    for who in As::all() {
        let ranges = mapped(&nslab, who);
        assert!(!ranges.is_empty(), "{who:?}");
        if who.uid() == 0 {
            let taken = [
                numbers("/etc/passwd", 2),
                numbers("/etc/group", 2),
                numbers("/etc/subuid", 1),
                numbers("/etc/subgid", 1),
            ];
            for id in taken.concat().into_iter().chain([0]) {
                let inside = ranges.iter().any(|range| range.contains(&id));
                assert!(!inside, "{id} is somebody's: {ranges:?}");
            }
        } else {
            assert_eq!(ranges[0], u64::from(who.uid())..u64::from(who.uid()) + 1);
            let lent = numbers("/etc/subuid", 1);
            for range in &ranges[1..] {
                assert!(lent.contains(&range.start), "{who:?}: {ranges:?}");
            }
        }
    }
}

#[test]
fn two_labs_of_root_share_no_id() {
    needs!(Lab);
    if !is_root() {
        eprintln!("two labs of an ordinary user are that user's: this belongs to the root run");
        return;
    }
    let nslab = Installed::new();
    let mut ids = Vec::new();
    nslab.in_lab_after(As::Ourselves, "true", |first| {
        nslab.in_lab_after(As::Ourselves, "true", |second| {
            ids = vec![first, second];
            "go"
        });
        "go"
    });
    assert!(ids[0].abs_diff(ids[1]) >= 0x1_0000, "{ids:?}");
}

#[test]
fn another_id_does_not_evade_the_process_limit() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        // With one id this stops at the first line.
        let output = nslab.in_lab(
            who,
            r#"setpriv --reuid 7 true || exit 0
               exec perl -e '$n = 0; for my $id (1..4) { defined(my $p = fork) or last; $n++; next if $p;
                 $> = $< = 1000 + $id; exec "perl", "-e", q($n = 0; while (defined(my $p = fork)) { $p or sleep 1000; $n++ } print "$n\n"; sleep 1000) }
                 sleep 3; kill 9, -1'"#,
        );
        let forked: u32 = stdout(&output)
            .lines()
            .map(|line| line.parse::<u32>().unwrap())
            .sum();
        assert!(forked < 1024, "{who:?}: {forked}");
    }
}

#[test]
fn an_input_that_was_opened_for_reading_is_not_written() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "canary\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let run = |input: &Path| {
            let script = "cat; echo pwned >/proc/self/fd/0; ls /proc/self/fd/0/ 2>/dev/null; true";
            let mut command = nslab.command(who, &["run", "--", "sh", "-c", script]);
            command.stdin(fs::File::open(input).unwrap());
            command.output().unwrap()
        };
        let output = run(&path);
        assert_eq!(stdout(&output), "canary\n", "{who:?}: {}", stderr(&output));
        assert_eq!(fs::read_to_string(&path).unwrap(), "canary\n", "{who:?}");
        let output = run(directory.path());
        assert_eq!(output.status.code(), Some(125), "{who:?}");
        assert!(
            stderr(&output).contains("standard input is a directory"),
            "{who:?}"
        );
    }
}

/// The lab of an ordinary user has the user's own rights to a FIFO.
#[test]
fn a_fifo_as_input_gets_nothing_from_the_lab() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        let anybody = nix::sys::stat::Mode::from_bits_truncate(0o666);
        nix::unistd::mkfifo(&path, anybody).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let mut writer = fs::File::options()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        let input = fs::File::open(&path).unwrap();
        let mut other = input.try_clone().unwrap();
        std::io::Write::write_all(&mut writer, b"canary\n").unwrap();
        drop(writer);
        let script = "cat; echo pwned >/proc/self/fd/0; true";
        let mut command = nslab.command(who, &["run", "--", "sh", "-c", script]);
        let output = command.stdin(input).output().unwrap();
        assert_eq!(stdout(&output), "canary\n", "{who:?}: {}", stderr(&output));
        let mut left = String::new();
        other.read_to_string(&mut left).unwrap();
        assert_eq!(left, "", "{who:?}");
    }
}

/// Tries to write to /share, and to get more from it than the files.
const SHARED: &str = r#"
try() { "$@" >/dev/null 2>&1; for d in /share /mnt; do echo pwned >$d/file; touch $d/new; rm -f $d/file; done 2>/dev/null; }
try chmod 666 /share/file
for options in remount,rw remount,rw,bind remount,bind,suid remount,bind,dev; do
  try mount -o $options /share
  grep -q ' /share ro,nosuid,nodev,' /proc/self/mountinfo || echo "$options: the flags are gone"
done
mount --rbind /share /mnt
try mount -o remount,rw,bind /mnt
try unshare -m mount -o remount,rw,bind /share
try unshare -Urm mount -o remount,rw,bind /share
try nsenter -t 1 -m mount -o remount,rw,bind /share
cat /share/file
find /share ! -type f ! -type d ! -type l
find /share -perm /7000
cat /share/out 2>/dev/null
cat /share/below/inner
"#;

#[test]
fn a_shared_directory_is_neither_written_nor_a_way_out() {
    needs!(Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let outside = tempfile::tempdir().unwrap();
        let secret = outside.path().join("secret");
        fs::write(&secret, "secret\n").unwrap();
        fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let shared = tempfile::tempdir().unwrap();
        let path = |name: &str| shared.path().join(name);
        let _listener = UnixListener::bind(path("socket")).unwrap();
        let anybody = nix::sys::stat::Mode::from_bits_truncate(0o666);
        nix::unistd::mkfifo(&path("fifo"), anybody).unwrap();
        fs::create_dir(path("below")).unwrap();
        fs::write(path("below/inner"), "inner\n").unwrap();
        fs::write(path("setuid"), "").unwrap();
        fs::write(path("file"), "canary\n").unwrap();
        std::os::unix::fs::symlink(&secret, path("out")).unwrap();
        for name in [".", "below", "below/inner", "file", "setuid"] {
            chown(path(name), Some(who.uid()), Some(who.uid())).unwrap();
        }
        // Nobody else may read it: nslab itself has to.
        for (name, mode) in [(".", 0o700), ("file", 0o600), ("setuid", 0o6777)] {
            fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        if is_root() {
            let (kind, null) = (
                nix::sys::stat::SFlag::S_IFCHR,
                nix::sys::stat::makedev(1, 3),
            );
            nix::sys::stat::mknod(&path("device"), kind, anybody, null).unwrap();
        }
        let directory = shared.path().to_str().unwrap();
        let output = nslab
            .command(
                who,
                &["run", "--share", directory, "--", "sh", "-c", SHARED],
            )
            .output()
            .unwrap();
        let expected = "canary\ninner\n";
        assert_eq!(stdout(&output), expected, "{who:?}: {}", stderr(&output));
        assert_eq!(
            fs::read_to_string(path("file")).unwrap(),
            "canary\n",
            "{who:?}"
        );
        assert!(!path("new").exists(), "{who:?}");
    }
}

#[test]
fn a_lab_leaves_its_user_half_of_what_users_may_have() {
    needs!(Proc);
    if !installed("perl") || std::env::consts::ARCH != "x86_64" {
        return skip("no perl, or other numbers of system calls");
    }
    let nslab = Installed::new();
    let limit = fs::read_to_string("/proc/sys/user/max_inotify_instances").unwrap();
    let half = limit.trim().parse::<u32>().unwrap() / 2;
    for who in As::all() {
        // inotify_init(2), until it is refused.
        let script = "cat /proc/self/oom_score_adj
             perl -e 'my $n = 0; $n++ while syscall(253) >= 0; print qq($n\n)'
             echo 9999 >/proc/sys/user/max_inotify_instances
             perl -e 'my $n = 0; $n++ while syscall(253) >= 0; print qq($n\n)'";
        let output = nslab.in_lab(who, script);
        assert_eq!(stdout(&output), format!("500\n{half}\n{half}\n"), "{who:?}");
    }
}

#[test]
fn device_nodes_of_the_lab_are_unusable() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let script = "for d in /tmp /root /dev /dev/shm /; do
               mknod $d/n c 1 3 2>/dev/null && echo made $d; mknod $d/b b 254 0 2>/dev/null && echo made $d
             done; chmod 600 /dev/null 2>/dev/null && echo OPEN; touch /dev/null && echo touched";
        let output = nslab.in_lab(who, script);
        // Of its owner's, no lab has more than the use.
        let owned = fs::metadata("/dev/null").unwrap().uid() == who.uid() && who.uid() != 0;
        let expected = if owned { "" } else { "touched\n" };
        assert_eq!(stdout(&output), expected, "{who:?}: {}", stderr(&output));
    }
}

/// podman gives a container's /dev/null to the user that it starts.
#[test]
fn a_device_node_of_the_user_keeps_its_permissions() {
    needs!(Lab);
    if !is_root() {
        eprintln!("making a device node takes root: this belongs to the root run");
        return;
    }
    needs!(Capabilities);
    let nslab = Installed::new();
    let who = As::Ordinary;
    // By its name, and by what nslab's processes and the command have open.
    let script = "for node in /dev/null /proc/[0-9]*/fd/*; do
           [ -c $node ] && chmod 600 $node 2>&- && echo OPEN $node
         done; echo x >/dev/null && echo written";
    // On a file system of its own: a container's root may be `nodev`, and no node in it can be opened.
    let outside = format!(
        "mount -t tmpfs none /mnt && mknod -m 666 /mnt/null c 1 3 && chown {0}:{0} /mnt/null &&
         mount --bind /mnt/null /dev/null && \"$@\" </dev/null 2>/dev/null; stat -c %a /mnt/null",
        who.uid()
    );
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", &outside, "sh"])
        .args(who.prefix())
        .arg(nslab.binary())
        .args(["run", "--", "sh", "-c", script])
        .current_dir("/")
        .output()
        .unwrap();
    assert_eq!(stdout(&output), "written\n666\n", "{}", stderr(&output));
}

/// The lab's root sees each process that enters the lab, and may trace it. One without the filter could be made to
/// call what the filter refuses.
#[test]
fn no_process_in_the_lab_is_ever_without_the_filter() {
    needs!(Hostname, Proc, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (120, 40));
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.run("echo 'cd /proc; : >/tmp/found; while :; do for p in [0-9]*; do' >/tmp/look");
        terminal
            .run("echo 'while read -r k v; do [ \"$k$v\" = Seccomp:0 ] && echo $p' >>/tmp/look");
        terminal.run("echo 'done <$p/status; done >>/tmp/found; : >/tmp/looked; done' >>/tmp/look");
        terminal.run("bash /tmp/look 2>/dev/null & true");
        terminal.run("until [ -e /tmp/looked ]; do :; done");
        terminal.keys(LEAVE);
        for _ in 0..10 {
            let old = container_shell(terminal.pid());
            terminal.keys(F5);
            eventually("another container", || {
                let new = container_shell(terminal.pid());
                new.is_some() && new != old
            });
        }
        terminal.keys(F3);
        let found = terminal.run("kill $!; echo found $(wc -l </tmp/found) without it");
        assert!(found.contains("found 0 without it"), "{who:?}: {found}");
    }
}

#[test]
fn keys_of_the_users_session_are_not_readable() {
    needs!(Keys);
    if !installed("keyctl") {
        return skip("keyctl, of the package keyutils, is not installed");
    }
    let nslab = Installed::new();
    for who in As::all() {
        // nslab starts from a session keyring that holds a key.
        let add = "keyctl add user nslab-canary secret @s";
        let read = "keyctl print $(keyctl search @s user nslab-canary)";
        let script = format!("{add} >/dev/null; {read}; exec \"$0\" run -- sh -c '{read}'");
        let binary = nslab.binary();
        let mut words = who.prefix();
        words.extend(["keyctl", "session", "-", "sh", "-c", &script].map(str::to_owned));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .arg(binary)
            .output()
            .unwrap();
        let printed = stdout(&output);
        let readable = printed.matches("secret").count();
        assert_eq!(readable, 1, "{who:?}: {printed}{}", stderr(&output));
    }
}

/// A user's own keyring is checked by uid, so neither a new session keyring nor a user namespace
/// hides it. Root-started labs of one uid would share one.
#[test]
fn keys_of_the_user_are_neither_read_nor_planted() {
    needs!(Keys);
    if !installed("keyctl") {
        return skip("keyctl, of the package keyutils, is not installed");
    }
    let nslab = Installed::new();
    for who in As::all() {
        let mut words = who.prefix();
        // The number of the keyring can be read in /proc/keys.
        let attack = "keyctl link $1 @s; keyctl print %user:nslab-canary; keyctl add user nslab-planted x $1; keyctl clear $1; true";
        let script = format!(
            "keyctl link @u @s; keyctl add user nslab-canary secret @u >/dev/null
             \"$0\" run -- sh -c '{attack}' sh $(keyctl id @u)
             echo then; keyctl print %user:nslab-canary; keyctl print %user:nslab-planted
             keyctl unlink %user:nslab-canary @u"
        );
        words.extend(["keyctl", "session", "-", "sh", "-c", &script].map(str::to_owned));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .arg(nslab.binary())
            .output()
            .unwrap();
        let printed = stdout(&output);
        let context = format!("{who:?}: {printed}{}", stderr(&output));
        assert!(printed.ends_with("then\nsecret\n"), "{context}");
        assert_eq!(printed.matches("secret").count(), 1, "{context}");
    }
}

/// A user whose keys no other test counts.
const WITH_KEYS: u32 = 4244;

/// A user may have 200 keys (`/proc/sys/kernel/keys/maxkeys`), and each keyring is one.
#[test]
fn labs_of_one_user_need_few_keys_and_say_when_there_is_none() {
    needs!(Keys);
    if !is_root() {
        eprintln!("being a user without keys takes root: this belongs to the root run");
        return;
    }
    if !installed("keyctl") {
        return skip("keyctl, of the package keyutils, is not installed");
    }
    let nslab = Installed::new();
    let run = |script: &str| {
        let id = WITH_KEYS.to_string();
        let output = Command::new("setpriv")
            .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
            .args(["sh", "-c", script])
            .arg(nslab.binary())
            .current_dir("/")
            .output()
            .unwrap();
        stdout(&output) + &stderr(&output)
    };
    // Each lab waits for the end of a pipe, so that all are there at once.
    let held = format!("grep '^ *{WITH_KEYS}:' /proc/key-users");
    let several = format!(
        "d=$(mktemp -d); mkfifo $d/up $d/end
         for i in 1 2 3 4 5; do \"$0\" run -- sh -c 'echo up; read end' <$d/end >$d/up & done
         exec 3>$d/end 4<$d/up; for i in 1 2 3 4 5; do read up <&4; done
         {held}; exec 3>&-; wait; rm -r $d"
    );
    let printed = run(&several);
    let pair = printed.split_whitespace().nth(3).unwrap_or_default();
    let count: u32 = pair.split('/').next().unwrap().parse().unwrap();
    // Those that start at the same moment may make one each.
    assert!((1..=5).contains(&count), "{printed}");
    let printed = run("keyctl new_session >/dev/null
         while keyctl add user k$((i+=1)) x @u; do :; done >/dev/null 2>&1
         \"$0\" run -- true; keyctl clear @u");
    assert!(
        printed.contains("this user has 200 of 200 keys"),
        "{printed}"
    );
    assert!(
        printed.contains("sudo sysctl kernel.keys.maxkeys="),
        "{printed}"
    );
}

/// Makes each call of the filter's table, with arguments that would do no harm, and prints its errno.
const CALLS: &str = r#"
for my $call (@ARGV) {
  my ($name, $number, @rest) = split /:/, $call;
  $! = 0;
  my $answer = syscall($number, map { $_ + 0 } @rest, (0) x (5 - @rest));
  print "$name ", ($answer < 0 ? $! + 0 : "ok"), "\n";
}
"#;

#[test]
fn calls_of_the_x32_abi_are_refused() {
    needs!(Proc, X32);
    if !installed("perl") || std::env::consts::ARCH != "x86_64" {
        return skip("no perl, or another ABI");
    }
    let nslab = Installed::new();
    for who in As::all() {
        let mut command = nslab.command(who, &["run", "--", "perl", "-e", CALLS]);
        command.arg(format!("getpid:{}", 0x4000_0000 | libc::SYS_getpid));
        let output = command.output().unwrap();
        let expected = format!("getpid {}\n", libc::ENOSYS);
        assert_eq!(stdout(&output), expected, "{who:?}: {}", stderr(&output));
    }
}

#[test]
fn calls_that_no_lesson_needs_are_refused() {
    needs!(Proc);
    if !installed("perl") || std::env::consts::ARCH != "x86_64" {
        return skip("no perl, or other numbers of system calls");
    }
    let calls = [
        ("add_key", libc::SYS_add_key, libc::ENOSYS),
        ("keyctl", libc::SYS_keyctl, libc::ENOSYS),
        ("request_key", libc::SYS_request_key, libc::ENOSYS),
        ("io_uring_setup", libc::SYS_io_uring_setup, libc::ENOSYS),
        ("io_uring_enter", libc::SYS_io_uring_enter, libc::ENOSYS),
        ("bpf", libc::SYS_bpf, libc::EPERM),
        ("perf_event_open", libc::SYS_perf_event_open, libc::EPERM),
        ("userfaultfd", libc::SYS_userfaultfd, libc::EPERM),
        ("kexec_load", libc::SYS_kexec_load, libc::EPERM),
        ("delete_module", libc::SYS_delete_module, libc::EPERM),
    ];
    let sockets = [
        ("vsock", libc::AF_VSOCK, libc::EAFNOSUPPORT),
        ("xdp", libc::AF_XDP, libc::EAFNOSUPPORT),
        ("alg", libc::AF_ALG, libc::EAFNOSUPPORT),
        ("tipc", libc::AF_TIPC, libc::EAFNOSUPPORT),
        ("inet", libc::AF_INET, 0),
        ("unix", libc::AF_UNIX, 0),
        ("packet", libc::AF_PACKET, 0),
    ];
    let mut arguments: Vec<_> = calls.map(|(name, call, _)| format!("{name}:{call}")).into();
    arguments.extend(sockets.map(|(name, family, _)| {
        let (call, kind) = (libc::SYS_socket, libc::SOCK_DGRAM);
        format!("{name}:{call}:{family}:{kind}")
    }));
    let answers = calls.map(|(name, _, errno)| (name, errno));
    let answers = answers
        .into_iter()
        .chain(sockets.map(|(name, _, errno)| (name, errno)));
    let expected: String = answers
        .map(|(name, errno)| match errno {
            0 => format!("{name} ok\n"),
            errno => format!("{name} {errno}\n"),
        })
        .collect();
    let nslab = Installed::new();
    for who in As::all() {
        for flags in ["", "user,pid,mnt,net"] {
            let mut command = nslab.command(who, &["run", "--flags", flags, "--"]);
            command.args(["perl", "-e", CALLS]).args(&arguments);
            let output = command.output().unwrap();
            assert_eq!(
                stdout(&output),
                expected,
                "{who:?} {flags}: {}",
                stderr(&output)
            );
        }
        // What the keeper runs, a learner can trace.
        let output = nslab.in_lab(who, "grep ^Seccomp: /proc/1/status /proc/$PPID/status");
        assert_eq!(stdout(&output).matches("\t2").count(), 2, "{who:?}");
    }
}

#[test]
fn a_command_cannot_type_into_the_users_terminal() {
    needs!(Lab);
    // One stream is a pipe, another the terminal. The program must still not open the terminal:
    // with TIOCSTI it could type into the shell that started nslab.
    let nslab = Installed::new();
    let size = PtySize {
        rows: 24,
        cols: 80,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let name = pair.master.tty_name().unwrap();
    let terminal = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&name)
        .unwrap();
    assert!(terminal.as_raw_fd() > 2);
    let mut end = terminal.try_clone().unwrap();
    let output = nslab
        .command(
            As::Ourselves,
            &[
                "run",
                "--",
                "sh",
                "-c",
                "readlink /proc/self/fd/0 /proc/self/fd/2; tty",
            ],
        )
        .stdin(Stdio::from(terminal.try_clone().unwrap()))
        .stderr(Stdio::from(terminal))
        .output()
        .unwrap();
    // Reads what nslab printed, up to the mark that this test writes after it.
    std::io::Write::write_all(&mut end, b"<END>").unwrap();
    let mut said = Vec::new();
    let mut reader = pair.master.try_clone_reader().unwrap();
    while !said.ends_with(b"<END>") {
        let mut byte = [0];
        reader.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    let said = String::from_utf8_lossy(&said);
    let printed = stdout(&output);
    let context = format!("{:?}: {printed}{said}", output.status);
    assert!(
        printed.contains("pipe:") && printed.ends_with("not a tty\n"),
        "{context}"
    );
    assert!(!printed.contains("pts"), "{context}");
}

#[test]
fn a_fifo_in_place_of_a_terminal_keeps_no_helper() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let mut terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (120, 40));
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.run("mkfifo /dev/tty2");
        terminal.keys(&format!("{LEAVE}{F5}"));
        terminal.wait_for("[container] root@");
        let all = family(terminal.pid());
        terminal.keys("q");
        terminal.exit_code();
        eventually("all are gone", || alive(&all).is_empty());
    }
}

#[test]
fn nslab_does_not_wait_for_what_a_command_leaves_running() {
    needs!(Lab);
    let nslab = Installed::new();
    // nslab would wait for each of these until somebody kills it.
    let compare = ["compare", "--", "sh", "-c", "sleep 1000 & echo done"];
    let orphaned = [
        "run",
        "--",
        "sh",
        "-c",
        "(setsid sleep 1000 &); kill -9 $PPID",
    ];
    for who in As::all() {
        let mut terminal = Terminal::start(who, &nslab.binary(), &compare, (120, 40));
        assert_eq!(terminal.exit_code(), 0, "{who:?}");
        terminal.wait("both outputs", |screen| screen.matches("done").count() == 2);
        let mut terminal = Terminal::start(who, &nslab.binary(), &orphaned, (80, 24));
        assert_eq!(terminal.exit_code(), 125, "{who:?}");
    }
}

#[test]
fn a_stopped_launcher_does_not_delay_the_end() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let arguments = [
            "run",
            "--",
            "sh",
            "-c",
            "kill -STOP $PPID; echo stopped; sleep 1000",
        ];
        let mut terminal = Terminal::start(who, &nslab.binary(), &arguments, (80, 24));
        terminal.wait_for("stopped");
        let all = family(terminal.pid());
        kill(Pid::from_raw(terminal.pid()), Signal::SIGTERM).unwrap();
        assert_eq!(terminal.exit_code(), 143, "{who:?}");
        eventually("all are gone", || alive(&all).is_empty());
    }
}

/// Counts the threads and descriptors of nslab.
fn threads_and_descriptors(terminal: &Terminal) -> [usize; 2] {
    ["task", "fd"].map(|list| {
        fs::read_dir(format!("/proc/{}/{list}", terminal.pid()))
            .unwrap()
            .count()
    })
}

#[test]
fn a_held_terminal_leaks_no_thread_or_descriptor() {
    needs!(Hostname, Proc, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        // A lesson whose first question leaves the row of UTS in view.
        let options = ["--lang", "en", "--lesson", "ipc"];
        let mut terminal = Terminal::start(who, &nslab.binary(), &options, (120, 40));
        terminal.wait_for("[host] root@");
        terminal.keys(F5);
        terminal.wait_for("[container] root@");
        // The watcher of the launch is there.
        terminal.wait_for("same UTS");
        // And so is the helper of the next launch.
        waiting_helper(terminal.pid());
        let before = settled(|| threads_and_descriptors(&terminal));
        for _ in 0..5 {
            let old = container_shell(terminal.pid());
            terminal.keys(F3);
            terminal.run("sleep 1000 </dev/tty2 & clear");
            terminal.keys(&format!("{LEAVE}{F5}"));
            eventually("another container", || {
                let new = container_shell(terminal.pid());
                new.is_some() && new != old
            });
        }
        eventually("as many as before", || {
            threads_and_descriptors(&terminal) == before
        });
        terminal.keys("q");
        terminal.keys("q");
        terminal.exit_code();
    }
}

#[test]
fn endless_terminal_queries_cost_no_memory() {
    needs!(Lab);
    let nslab = Installed::new();
    let resident = |terminal: &Terminal| {
        let status = fs::read_to_string(format!("/proc/{}/status", terminal.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kilobytes.parse::<usize>().unwrap()
    };
    for who in As::all() {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (120, 40));
        terminal.wait_for("[host] root@");
        let before = resident(&terminal);
        terminal.keys(F3);
        // The program never reads the answers.
        terminal.line(
            "stty raw -echo; yes \"$(printf '\\033[c%.0s' $(seq 300))\" | tr -d '\\n' | head -c 12000000; \
             echo all asked $((1000 + 1)); sleep 1000",
        );
        terminal.wait_for("all asked 1001");
        let grown = resident(&terminal).saturating_sub(before);
        assert!(grown < 10_000, "{who:?}: {grown} kB more");
    }
}

#[test]
fn a_program_whose_name_is_not_utf_8_is_seen_running() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (120, 40));
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.line("sh -c 'printf \"\\377x\" >/proc/$$/comm; echo named $((1000 + 1)); read _'");
        terminal.wait_for("named 1001");
        terminal.keys(&format!("{LEAVE}q"));
        terminal.wait_for("Quit?");
    }
}

/// Forks until the kernel refuses.
const BOMB: &str = r"exec perl -e '$| = 1; while (defined(my $p = fork)) { $p or sleep 1000 } print qq(no mo), qq(re\n); sleep 1000'";

#[test]
fn a_user_namespace_does_not_evade_the_process_limit() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (120, 40));
        terminal.wait_for("[host] root@");
        terminal.keys(&format!("U{F5}"));
        terminal.wait_for("[container] root@");
        for (shell, times) in [(F3, 1), (F4, 2)] {
            terminal.keys(shell);
            terminal.line(BOMB);
            terminal.wait("no fork", |screen| {
                screen.matches("no more").count() == times
            });
            terminal.keys(LEAVE);
        }
        let forked = family(terminal.pid())
            .into_iter()
            .filter(|known| known.name == "perl")
            .count();
        assert!((900..1024).contains(&forked), "{who:?}: {forked}");
    }
}

#[test]
fn a_user_with_a_low_process_limit_gets_a_container() {
    needs!(Lab);
    let nslab = Installed::new();
    for who in As::all() {
        let mut words = who.prefix();
        let script = "ulimit -u 500; exec \"$0\" run -- bash -c 'ulimit -u'";
        words.extend(["bash", "-c", script].map(str::to_owned));
        let output = Command::new(&words[0])
            .args(&words[1..])
            .arg(nslab.binary())
            .output()
            .unwrap();
        let printed = stdout(&output);
        assert_eq!(printed, "500\n", "{who:?}: {}", stderr(&output));
    }
}

#[test]
fn a_process_1_that_does_not_reap_does_not_keep_the_lab() {
    needs!(Proc, Capabilities);
    // As in `docker run`: nslab is process 1.
    let nslab = Installed::new();
    let binary = nslab.binary().display().to_string();
    let flags = if is_root() { "-pf" } else { "-Urpf" };
    let arguments = [
        flags,
        "--mount-proc",
        "--kill-child",
        &binary,
        "--lang",
        "en",
    ];
    let unshare = Path::new("/usr/bin/unshare");
    let mut terminal = Terminal::start(As::Ourselves, unshare, &arguments, (120, 40));
    terminal.wait_for("[host] root@");
    terminal.keys(F5);
    terminal.wait_for("[container] root@");
    // A stopped launcher can't reap its children, and its helper is killed.
    terminal.keys(F4);
    terminal.run("kill -STOP $PPID");
    terminal.keys(&format!("{LEAVE}{F5}"));
    terminal.wait("another container", |screen| {
        screen.contains("[container] root@") && !screen.contains("STOP")
    });
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

/// Counts the zombies among the children of a process.
fn zombies(pid: i32) -> usize {
    let parent = format!(" Z {pid} ");
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read(entry.ok()?.path().join("stat")).ok())
        .filter(|stat| String::from_utf8_lossy(stat).contains(&parent))
        .count()
}

#[test]
fn launches_cut_short_leave_no_zombies() {
    needs!(Hostname, Capabilities);
    let nslab = Installed::new();
    for who in As::all() {
        let terminal = Terminal::start(who, &nslab.binary(), &["--lang", "en"], (120, 40));
        terminal.wait_for("[host] root@");
        for _ in 0..10 {
            // The next launch comes before the helper has finished.
            terminal.keys(&F5.repeat(5));
            terminal.wait_for("[container] root@");
        }
        // nslab reaps what a launch left at the next launch after its death. On a busy machine it
        // may die only after that one.
        eventually("no zombies", || {
            let old = container_shell(terminal.pid());
            terminal.keys(F5);
            eventually("another container", || {
                let new = container_shell(terminal.pid());
                new.is_some() && new != old
            });
            zombies(terminal.pid()) <= 1
        });
    }
}

/// nslab runs between pipes, and still has the controlling terminal that it was started on. If the
/// launcher had it too, a command could open /dev/tty.
#[test]
fn with_pipes_the_launcher_has_no_terminal_of_the_machine() {
    needs!(Proc);
    let nslab = Installed::new();
    for who in As::all() {
        // tty_nr of the shell with the terminal, of the launcher, and of the program.
        let numbers = r"cut -d' ' -f7 /proc/$PPID/stat /proc/$$/stat";
        let script = format!(
            "cut -d' ' -f7 /proc/$$/stat; {} run -- sh -c \"{}\" </dev/null 2>&1 | cat; echo done",
            nslab.binary().display(),
            numbers.replace('$', "\\$")
        );
        let terminal = Terminal::start(who, Path::new("/bin/sh"), &["-c", &script], (80, 24));
        let screen = terminal.wait_for("done");
        let lines: Vec<_> = screen.lines().map(str::trim).collect();
        // Otherwise the test would show nothing.
        assert_ne!(lines[0], "0", "{who:?}: {screen}");
        assert_eq!(lines[1..4], ["0", "0", "done"], "{who:?}: {screen}");
    }
}

/// Leaves two orphans. The child of one traces the other (PR_SET_PTRACER, PTRACE_SEIZE), which can't
/// be reaped before its tracer.
const TRACED: &str = r#"
my ($r, $w, $done, $tell);
pipe($r, $w); pipe($done, $tell);
if (!fork) { setpgrp; syscall(157, 0x59616d61, -1, 0, 0); syswrite $w, "$$\n"; sleep 4321; exit }
my $traced = <$r>; chomp $traced;
if (!fork) {
  setpgrp;
  if (!fork) {
    syscall(101, 0x4206, $traced + 0, 0, 0) == 0 or die "ptrace: $!";
    syswrite $tell, "y";
    sleep 4321;
    exit;
  }
  sleep 4321;
  exit;
}
sysread $done, my $byte, 1; print "traced\n"; sleep 1;
"#;

#[test]
fn nslab_does_not_wait_for_orphans_that_trace_each_other() {
    needs!(Lab);
    if !installed("perl") || std::env::consts::ARCH != "x86_64" {
        return skip("no perl, or other numbers of system calls");
    }
    let nslab = Installed::new();
    for who in As::all() {
        for host in ["machine", "lab"] {
            let arguments = ["run", "--yes", "--host", host, "--", "perl", "-e", TRACED];
            let mut terminal = Terminal::start(who, &nslab.binary(), &arguments, (80, 24));
            terminal.wait_for("traced");
            let all = family(terminal.pid());
            assert_eq!(terminal.exit_code(), 0, "{who:?} {host}");
            eventually("all are gone", || alive(&all).is_empty());
        }
    }
}

#[test]
fn a_command_on_the_machine_ends_with_nslab() {
    let nslab = Installed::new();
    for who in As::all() {
        for stopped in [false, true] {
            let arguments = ["--lang", "en", "--host", "machine"];
            let terminal = Terminal::start(who, &nslab.binary(), &arguments, (120, 40));
            if who.uid() == 0 {
                terminal.wait_for("Are you sure?");
                terminal.keys("y");
            }
            terminal.wait("what the host sees", host_is_seen);
            terminal.keys("\x1b[17~");
            terminal.wait_for(">Compare");
            terminal.keys("!\x15setsid sleep 4322 & exec sleep 4322\r");
            eventually("they sleep", || {
                let family = family(terminal.pid());
                family.iter().filter(|it| it.name == "sleep").count() == 2
            });
            let all = family(terminal.pid());
            if stopped {
                for helper in all.iter().filter(|it| it.pid != terminal.pid()) {
                    // Every process of the launch, the helper included.
                    if fs::read_to_string(format!("/proc/{}/cmdline", helper.pid))
                        .is_ok_and(|line| line.contains("on-machine"))
                    {
                        kill(Pid::from_raw(helper.pid), Signal::SIGSTOP).unwrap();
                    }
                }
            }
            kill(Pid::from_raw(terminal.pid()), Signal::SIGKILL).unwrap();
            eventually("all are gone", || alive(&all).is_empty());
        }
    }
}

/// A cgroup that an ordinary user may write to, as systemd delegates one; removed on drop.
struct Delegated(PathBuf);

impl Delegated {
    /// One for the ordinary user; `None`, with the reason on stderr, where none can be handed over.
    fn to_the_user() -> Option<Self> {
        let delegated = is_root().then(|| Self::new(As::Ordinary)).flatten();
        if delegated.is_none() {
            eprintln!(
                "to hand over a cgroup takes root and cgroup v2: this belongs to the root run"
            );
        }
        delegated
    }

    fn new(who: As) -> Option<Self> {
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        let mount = mounts.lines().find(|line| line.contains(" cgroup2 "))?;
        let own = fs::read_to_string("/proc/self/cgroup").unwrap();
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let thread = std::thread::current().id();
        let name = format!("nslab-test-{}-{thread:?}", std::process::id());
        let path = Path::new(mount.split(' ').nth(1)?).join(own).join(name);
        fs::create_dir(&path).ok()?;
        for file in ["", "cgroup.procs", "cgroup.subtree_control"] {
            chown(path.join(file), Some(who.uid()), Some(who.uid())).unwrap();
        }
        Some(Self(path))
    }

    /// nslab, started in it.
    fn command(&self, who: As, nslab: &Installed, arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo $$ >\"$0\"/cgroup.procs; exec \"$@\""])
            .arg(&self.0)
            .args(who.prefix())
            .arg(nslab.binary())
            .args(arguments)
            .current_dir("/");
        command
    }
}

impl Drop for Delegated {
    fn drop(&mut self) {
        nslab::kill_cgroup(&self.0);
        eventually("the cgroup is gone", || nslab::remove_cgroup(&self.0));
    }
}

/// The explanation where nslab forbids CGROUP namespaces.
const NO_CGROUP: &str = "nslab can make no cgroup for the lab here";

/// Runs nslab in mounts of its own, after a script in which `$0` is the delegated cgroup.
fn run_after(script: &str, delegated: &Delegated, nslab: &Installed, arguments: &[&str]) -> Output {
    let who = As::Ordinary.prefix().join(" ");
    let script = format!("{script}; exec {who} {} \"$@\"", nslab.binary().display());
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script]);
    let command = command.arg(&delegated.0).args(arguments);
    command.current_dir("/").output().unwrap()
}

/// As in a container that has its user's id outside, too. Without a cgroup of its own, the lab is in that one.
#[test]
fn a_cgroup_of_the_users_that_is_shown_read_only_is_out_of_reach() {
    needs!(Hostname, Sysfs, Capabilities);
    let Some(delegated) = Delegated::to_the_user() else {
        return;
    };
    let nslab = Installed::new();
    let mount = delegated.0.parent().unwrap().display();
    let script = format!("echo $$ >$0/cgroup.procs; mount -o remount,bind,ro {mount}");
    let run = |arguments: &[&str]| run_after(&script, &delegated, &nslab, arguments);
    let attack = "attack() { mkdir $1/made; echo 1 >$1/cgroup.kill; }
         view() { mount -o remount,bind,rw /sys/fs/cgroup; attack /sys/fs/cgroup; }
         test -e /sys/fs/cgroup/cgroup.procs && echo seen
         view; umount /sys/fs/cgroup; view
         mount -t cgroup2 none /mnt; unshare -C mount -t cgroup2 none /mnt
         unshare -UrmC mount -t cgroup2 none /mnt
         attack /mnt; echo alive";
    let output = run(&["run", "--", "sh", "-c", attack]);
    assert_eq!(stdout(&output), "seen\nalive\n", "{}", stderr(&output));
    assert!(!delegated.0.join("made").exists());
    // The lab sees what it is in, and doctor says what it lacks.
    let output = run(&["run", "--", "ls", "/sys/fs/cgroup/cgroup.procs"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value =
        serde_json::from_slice(&run(&["doctor", "--json"]).stdout).unwrap();
    let shortfalls = report["lab_host"]["shortfalls"].as_array().unwrap();
    assert!(
        shortfalls.iter().any(|it| it == "outer_cgroup"),
        "{report:#}"
    );
    let kinds = report["kinds"].as_array().unwrap();
    let cgroup = kinds.iter().find(|it| it["kind"] == "cgroup").unwrap();
    let gate = &cgroup["refusal"]["explanation"]["gate"];
    assert_eq!(gate, "outer_cgroup", "{cgroup:#}");
    // So does each explanation.
    let unshare = ["--", "unshare", "-C", "true"];
    for arguments in [
        &["run", "--lang=en", "--flags=cgroup", "--", "true"][..],
        &[&["compare", "--lang=en", "--flags=uts"][..], &unshare].concat(),
    ] {
        let output = run(arguments);
        let said = stdout(&output) + &stderr(&output);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(NO_CGROUP), "{arguments:?}: {said}");
    }
    let output = run(&["verify", "--lang", "en", "runtime", "cgroup"]);
    let printed = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{printed}");
}

/// A user's cgroup below nslab's, as `user@1000.service` is below `/`, where nslab may make none.
#[test]
fn a_cgroup_of_the_users_below_nslabs_is_out_of_reach() {
    needs!(Hostname, Sysfs, Capabilities);
    let Some(delegated) = Delegated::to_the_user() else {
        return;
    };
    let nslab = Installed::new();
    let name = delegated.0.file_name().unwrap().display();
    let attack = format!(
        "mount -t cgroup2 none /mnt; unshare -C mount -t cgroup2 none /mnt
         test -e '/sys/fs/cgroup/{name}' && echo seen
         for at in /sys/fs/cgroup /mnt; do mkdir $at/'{name}'/made; done; echo over"
    );
    let output = run_after(
        "true",
        &delegated,
        &nslab,
        &["run", "--", "sh", "-c", &attack],
    );
    assert_eq!(stdout(&output), "seen\nover\n", "{}", stderr(&output));
    assert!(!delegated.0.join("made").exists());
}

/// As pam_cgfs delegates cgroup v1. A lab with a cgroup (v2) of its own is where nslab is in each hierarchy of v1, too.
#[test]
fn a_cgroup_of_the_users_in_a_hierarchy_of_v1_is_out_of_reach() {
    needs!(Hostname, Sysfs, Capabilities);
    if !is_root() {
        eprintln!("making a hierarchy takes root: this belongs to the root run");
        return;
    }
    let nslab = Installed::new();
    let hierarchy = format!("nslab-test-{}", std::process::id());
    let user = As::Ordinary;
    // The hierarchy lasts as long as it is mounted or has a cgroup in it.
    let outside = format!(
        "[ ! -d \"$0\" ] || echo $$ >\"$0\"/cgroup.procs
         mount -t cgroup -o none,name={hierarchy} none /mnt || {{ echo none; exit; }}
         mkdir /mnt/theirs; chown {} /mnt/theirs /mnt/theirs/*
         {} {} \"$@\"
         ls /mnt/theirs | grep made; wc -l </mnt/theirs/tasks
         [ ! -d /mnt/theirs/made ] || rmdir /mnt/theirs/made
         rmdir /mnt/theirs; umount /mnt",
        user.uid(),
        user.prefix().join(" "),
        nslab.binary().display(),
    );
    let attack = format!(
        "take() {{ mkdir $1/theirs/made; sleep 0 & echo $! >$1/theirs/tasks; }} 2>/dev/null
         mount -t cgroup -o none,name={hierarchy} none /mnt && take /mnt
         unshare -C sh -c 'mount -t cgroup -o none,name={hierarchy} none /mnt && echo mounted'
         unshare -UrmC sh -c 'mount -t cgroup -o none,name={hierarchy} none /mnt && echo mounted'
         [ -e /sys/fs/cgroup/cgroup.procs ] && echo over"
    );
    for with_own in [false, true] {
        let delegated = with_own.then(|| Delegated::new(user)).flatten();
        let own = delegated
            .as_ref()
            .map_or("none".as_ref(), |it| it.0.as_os_str());
        let output = Command::new("unshare")
            .args(["--mount", "sh", "-c", &outside])
            .arg(own)
            .args(["run", "--", "sh", "-c", &attack])
            .current_dir("/")
            .output()
            .unwrap();
        let said = stdout(&output);
        if said == "none\n" {
            return skip("the kernel makes no hierarchy of cgroup v1");
        }
        let once_more =
            format!("mount -t cgroup -o none,name={hierarchy} none /mnt && umount /mnt");
        let mut again = Command::new("unshare");
        again.args(["--mount", "sh", "-c", &once_more]);
        let mut looks: u32 = 0;
        eventually("the hierarchy is gone", || {
            looks += 1;
            // A cgroup that was just removed has kept it from going with its last mount. To go takes it a
            // while, and a mount would make it anew.
            if looks.is_power_of_two() {
                assert!(again.status().unwrap().success());
            }
            let left = fs::read_to_string("/proc/self/cgroup").unwrap();
            !left.contains(&hierarchy)
        });
        assert_eq!(said, "over\n0\n", "{own:?}: {}", stderr(&output));
    }
}

/// As Podman shows `/proc/sys`: then the lab can't be kept out of the cgroup.
#[test]
fn where_the_cgroup_cant_be_put_out_of_reach_there_is_no_lab() {
    needs!(Lab);
    let Some(delegated) = Delegated::to_the_user() else {
        return;
    };
    let nslab = Installed::new();
    let mount = delegated.0.parent().unwrap().display();
    let script = format!(
        "echo $$ >$0/cgroup.procs; mount -o remount,bind,ro {mount}
         mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys"
    );
    let arguments = ["run", "--lang=en", "--", "true"];
    let output = run_after(&script, &delegated, &nslab, &arguments);
    let said = stderr(&output);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!output.status.success(), "{said}");
    for part in ["max_cgroup_namespaces", NO_CGROUP, "/sys/fs/cgroup"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // In a container, or not.
    let uncovers = ["unmask=ALL", "Unmount what covers it"];
    assert!(uncovers.iter().any(|it| said.contains(it)), "{said}");
}

#[test]
fn a_delegated_cgroup_is_neither_left_nor_kept_frozen() {
    needs!(Lab);
    let Some(delegated) = Delegated::to_the_user() else {
        return;
    };
    let nslab = Installed::new();
    let deep = "cd /mnt; name=$(printf %0200d 1)
         for i in $(seq 30); do mkdir $name beside && cd -P $name || exit; done; echo ready";
    let forbidden =
        "mkdir -p /mnt/a/b/c; chmod 0 /mnt/a/b /mnt/a /mnt/cgroup.kill /mnt; echo ready";
    let freezing = "(sleep 1; echo 1 >/mnt/cgroup.freeze) & echo ready; sleep 1000";
    for script in [deep, forbidden, freezing] {
        let script = format!("mount -t cgroup2 none /mnt && {script}");
        let arguments = ["run", "--flags=cgroup,mnt", "--", "sh", "-c", &script];
        let mut child = delegated
            .command(As::Ordinary, &nslab, &arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 6];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut said)
            .unwrap();
        assert_eq!(&said, b"ready\n", "{script}");
        let pid = i32::try_from(child.id()).unwrap();
        if script.contains("freeze") {
            eventually("all of the lab is frozen", || {
                let made = cgroups_of(pid, &delegated.0);
                let events = fs::read_to_string(made[0].join("lab/host/cgroup.events"));
                events.is_ok_and(|events| events.contains("frozen 1"))
            });
            kill(Pid::from_raw(pid), Signal::SIGTERM).unwrap();
        }
        eventually("nslab ends", || child.try_wait().unwrap().is_some());
        eventually("its cgroup is gone", || {
            cgroups_of(pid, &delegated.0).is_empty()
        });
    }
}
