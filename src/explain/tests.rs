//! Every refusal that learners meet, and the machines on which it means something else.

mod rows;

use super::*;
use rows::{kinds, new, root, rows};

use crate::facts::Seccomp;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::IdMap;

#[test]
fn each_refusal_has_its_gate_and_its_remedy() {
    for (what, operation, errno, facts, gate, remedies) in rows() {
        let explanation = explain(operation, errno, &facts);
        assert_eq!(explanation, Explanation { gate, remedies }, "{what}");
    }
}

#[test]
fn both_languages_have_words_for_all_of_it() {
    for (what, operation, errno, facts, _, remedies) in rows() {
        let explanation = explain(operation, errno, &facts);
        let (en, zh) = (explanation.words(Lang::En), explanation.words(Lang::ZhCn));
        let chinese = |text: &str| {
            text.chars()
                .any(|it| ('\u{4e00}'..'\u{9fff}').contains(&it))
        };
        assert!(!chinese(&en) && en.len() > 20, "{what}: {en}");
        assert!(chinese(&zh), "{what}: {zh}");
        assert!(
            !en.contains("  ") && !zh.contains("  "),
            "{what}: {en} {zh}"
        );
        for remedy in remedies {
            assert!(en.contains(&remedy.words(Lang::En)), "{what}: {en}");
            assert!(zh.contains(&remedy.words(Lang::ZhCn)), "{what}: {zh}");
        }
        assert!(!explanation.gate.name(Lang::En).is_empty());
        assert!(!explanation.gate.name(Lang::ZhCn).is_empty());
    }
}

#[test]
fn the_call_of_a_step_is_an_operation() {
    let map = |map| Call::WriteMap {
        pid: 12,
        map,
        content: "0 0 1".to_owned(),
    };
    let mount = |source: Option<&str>| Call::Mount {
        source: source.map(str::to_owned),
        target: "/tmp".to_owned(),
        fstype: None,
        flags: "MS_NOSUID".to_owned(),
        data: None,
    };
    for (call, operation) in [
        (Call::Unshare(kinds("user,mnt")), new("user,mnt")),
        (Call::Clone(kinds("net")), new("net")),
        (map(IdMap::Uid), Operation::MapRoot),
        (map(IdMap::Setgroups), Operation::WriteMap(IdMap::Setgroups)),
        (
            Call::WriteOffsets("monotonic 1 0".to_owned()),
            Operation::WriteOffsets,
        ),
        (mount(Some("proc")), Operation::MountProc),
        (mount(Some("tmpfs")), Operation::Mount),
        (mount(None), Operation::Mount),
        (Call::LoopbackUp, Operation::LoUp),
        (Call::NewVeth, Operation::Veth),
        (
            Call::SetHostname("container".to_owned()),
            Operation::SetHostname,
        ),
        (
            Call::SetDomainname("lab".to_owned()),
            Operation::SetHostname,
        ),
        (open("/dev/tty2"), Operation::LabTerminal),
        (Call::Umount("/dev/tty2".to_owned()), Operation::LabTerminal),
        (Call::Umount("/x".to_owned()), Operation::Mount),
        (open("/x"), Operation::Other),
        (open("/proc/self/exe"), Operation::OpenOurselves),
        (Call::TakeTerminal(5), Operation::TakeTerminal),
        (exec(&["ps", "aux"]), Operation::Exec),
        // Text that a launcher claims is nothing but text.
        ("clone(SIGCHLD|CLONE_NEWNET)".into(), Operation::Other),
    ] {
        assert_eq!(Operation::of_call(&call), operation, "{call}");
    }
}

const NEW: Operation = Operation::New(NamespaceSet::EMPTY);

/// Messages of programs, and the operation behind each.
const SHOWN: &[(&str, Option<(Operation, Errno)>)] = &[
    ("clone: Operation not permitted", Some((NEW, Errno::EPERM))),
    (
        "unshare: unshare failed: No space left on device",
        Some((NEW, Errno::ENOSPC)),
    ),
    (
        "unshare: unshare failed: Invalid argument",
        Some((NEW, Errno::EINVAL)),
    ),
    (
        "unshare: write failed /proc/self/uid_map: Operation not permitted",
        Some((Operation::MapOfNew, Errno::EPERM)),
    ),
    (
        "mount: /proc: permission denied.",
        Some((Operation::MountProc, Errno::EPERM)),
    ),
    (
        "mount: /mnt: permission denied.",
        Some((Operation::Mount, Errno::EACCES)),
    ),
    (
        "bash: echo: write error on gid_map: Operation not permitted",
        Some((Operation::WriteMap(IdMap::Gid), Errno::EPERM)),
    ),
    (
        "chown: changing ownership of 'x': Invalid argument",
        Some((Operation::Chown, Errno::EINVAL)),
    ),
    (
        "hostname: you must be root to change the host name",
        Some((Operation::SetHostname, Errno::EPERM)),
    ),
    (
        "bash: cannot set terminal process group (-1): Inappropriate ioctl for device",
        Some((Operation::TakeTerminal, Errno::ENOTTY)),
    ),
    (
        "bash: fork: Cannot allocate memory",
        Some((Operation::Fork(Who::Unsharer), Errno::ENOMEM)),
    ),
    (
        "nsenter: fork failed: Cannot allocate memory",
        Some((Operation::Fork(Who::Joiner), Errno::ENOMEM)),
    ),
    (
        "fatal library error, lookup self",
        Some((Operation::LookupSelf, Errno::ENOENT)),
    ),
    (
        "Error, do this: mount -t proc proc /proc",
        Some((Operation::ReadProc, Errno::ENOENT)),
    ),
    (
        "pivot_root: failed to change root from `.' to `x': Device or resource busy",
        Some((Operation::PivotRoot, Errno::EBUSY)),
    ),
    (
        "pivot_root: failed to change root from `.' to `x': Invalid argument",
        Some((Operation::PivotRoot, Errno::EINVAL)),
    ),
    (
        "bash: /proc/self/timens_offsets: Permission denied",
        Some((Operation::WriteOffsets, Errno::EACCES)),
    ),
    (
        "readlink: /proc/1/ns/uts: Permission denied",
        Some((Operation::NamespaceLink, Errno::EACCES)),
    ),
    (
        "RTNETLINK answers: Operation not permitted",
        Some((Operation::LoUp, Errno::EPERM)),
    ),
    (
        "nsenter: setgroups failed: Operation not permitted",
        Some((Operation::EnterAsRoot, Errno::EPERM)),
    ),
    (
        "nsenter: setgid failed: Invalid argument",
        Some((Operation::EnterAsRoot, Errno::EINVAL)),
    ),
    (
        "su: cannot set groups: Operation not permitted",
        Some((Operation::SetGroups, Errno::EPERM)),
    ),
    (
        "setgroups: Operation not permitted",
        Some((Operation::SetGroups, Errno::EPERM)),
    ),
    (
        "bash: /proc/self/setgroups: Operation not permitted",
        Some((Operation::WriteMap(IdMap::Setgroups), Errno::EPERM)),
    ),
    (
        "setpriv: setresuid failed: Invalid argument",
        Some((Operation::ChangeId, Errno::EINVAL)),
    ),
    (
        "tcpdump: Couldn't change to 'tcpdump' uid=105 gid=112: Invalid argument",
        Some((Operation::ChangeId, Errno::EINVAL)),
    ),
    (
        "chown tty: Invalid argument",
        Some((Operation::Chown, Errno::EINVAL)),
    ),
    (
        "cp: failed to preserve ownership for '/tmp/pw': Invalid argument",
        Some((Operation::Chown, Errno::EINVAL)),
    ),
    (
        "tar: x: Cannot change ownership to uid 5, gid 5: Invalid argument",
        Some((Operation::Chown, Errno::EINVAL)),
    ),
    (
        "nsenter: reassociate to namespace 'ns/cgroup' failed: Operation not permitted",
        Some((Operation::Join(Namespace::Mnt), Errno::EPERM)),
    ),
    (
        "nsenter: reassociate to namespace 'ns/user' failed: Invalid argument",
        Some((Operation::Join(Namespace::User), Errno::EINVAL)),
    ),
    (
        "mount of /sys failed: Operation not permitted",
        Some((Operation::MountView(Namespace::Net), Errno::EPERM)),
    ),
    (
        "umount: /proc: not mounted.",
        Some((Operation::Umount, Errno::EINVAL)),
    ),
    (
        "mount: /mnt: wrong fs type, bad option, bad superblock on /, missing codepage or helper \
             program, or other error.",
        Some((Operation::Mount, Errno::EINVAL)),
    ),
    (
        "mount: /proc: fsmount() failed: VFS: Mount too revealing.",
        Some((Operation::Reveal, Errno::EPERM)),
    ),
    (
        "mount: /mnt: mount failed: Operation not permitted.",
        Some((Operation::MountDevice, Errno::EPERM)),
    ),
    (
        "losetup: cannot find an unused loop device: No such device",
        Some((Operation::MountDevice, Errno::EPERM)),
    ),
    (
        "sysctl: permission denied on key \"kernel.hostname\"",
        Some((Operation::WriteHostname, Errno::EACCES)),
    ),
    (
        "sh: 1: cannot create /proc/sys/kernel/hostname: Permission denied",
        Some((Operation::WriteHostname, Errno::EACCES)),
    ),
    (
        "sysctl: permission denied on key \"vm.swappiness\"",
        Some((Operation::WriteSysctl, Errno::EACCES)),
    ),
    (
        "killall: /proc lacks process entries (not mounted ?)",
        Some((Operation::ReadProc, Errno::ENOENT)),
    ),
    (
        "unshare: sigprocmask unblock failed: Invalid argument",
        Some((Operation::ChildKilled, Errno::UnknownErrno)),
    ),
    (
        "mknod: /tmp/x: Operation not permitted",
        Some((Operation::MakeNode, Errno::EPERM)),
    ),
    (
        "date: cannot set date: Operation not permitted",
        Some((Operation::SetClock, Errno::EPERM)),
    ),
    (
        "dmesg: read kernel buffer failed: Operation not permitted",
        Some((Operation::Unnamed, Errno::EPERM)),
    ),
    (
        "bwrap: setting up uid map: Permission denied",
        Some((Operation::MapOfNew, Errno::EACCES)),
    ),
    (
        "bwrap: No permissions to create new namespace, likely because the kernel does not allow it.",
        Some((
            Operation::New(NamespaceSet::EMPTY.with(Namespace::User)),
            Errno::EPERM,
        )),
    ),
    (
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
        Some((Operation::LoUp, Errno::EPERM)),
    ),
    (
        "newuidmap: uid range [0-65536) -> [0-65536) not allowed",
        Some((Operation::MapRange, Errno::EPERM)),
    ),
    (
        "newuidmap: write to uid_map failed: Operation not permitted",
        Some((Operation::WriteRange, Errno::EPERM)),
    ),
    (
        "newuidmap: Could not open proc directory for target 7777",
        Some((Operation::FindProcess, Errno::ENOENT)),
    ),
    (
        "nsenter: cannot open /proc/7777/ns/uts: No such file or directory",
        Some((Operation::FindProcess, Errno::ENOENT)),
    ),
    (
        "nsenter: cannot open /proc/1/ns/uts: Permission denied",
        Some((Operation::NamespaceLink, Errno::EACCES)),
    ),
    (
        "useradd: cannot lock /etc/passwd; try again later.",
        Some((Operation::ChangeFile, Errno::EROFS)),
    ),
    (
        "touch: cannot touch '/usr/x': Read-only file system",
        Some((Operation::ChangeFile, Errno::EROFS)),
    ),
    (
        "fork/exec /proc/self/exe: operation not permitted",
        Some((Operation::ForkExec, Errno::EPERM)),
    ),
    ("total 0", None),
    ("mount: done", None),
];

#[test]
fn what_a_shell_shows_is_an_operation() {
    for (line, expected) in SHOWN {
        assert_eq!(Operation::seen(line), *expected, "{line}");
    }
}

#[test]
fn what_a_program_printed_is_explained_where_it_can_be() {
    let facts = Facts::default();
    let gate = |text: &str| printed("a-script", text, &facts).map(|explanation| explanation.gate);
    let output = "total 0\nunshare: unshare failed: Operation not permitted\n";
    assert_eq!(gate(output), Some(Gate::Capability("CAP_SYS_ADMIN")));
    assert_eq!(gate("mount: /mnt: permission denied.\n"), None);
    assert_eq!(gate("all is well\n"), None);
}

/// A line that was typed in a shell of the lab host, its output, and the gate that refused.
const TYPED: &[(&str, &str, Gate)] = &[
    (
        "unshare -Ur hostname x",
        "hostname: you must be root to change the host name",
        Gate::Owner(Namespace::Uts),
    ),
    (
        "unshare -Ur mount -t tmpfs t /mnt",
        "mount: /mnt: permission denied.",
        Gate::Owner(Namespace::Mnt),
    ),
    (
        "unshare -Urm mount -t proc proc /mnt",
        "mount: /mnt: permission denied.",
        Gate::Owner(Namespace::Pid),
    ),
    (
        "unshare -Urmp mount -t proc proc /proc",
        "mount: /proc: permission denied.",
        Gate::Owner(Namespace::Pid),
    ),
    (
        "unshare --map-root-user --mount sh -c 'cd /; mount -t sysfs s /sys'",
        "mount: /sys: permission denied.",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur ip link set lo up",
        "RTNETLINK answers: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur nft list ruleset",
        "Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur nft add table t",
        "Error: Could not process rule: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur brctl addbr b0",
        "add bridge failed: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur ifconfig lo up",
        "SIOCSIFFLAGS: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur iptables -L",
        "iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur /sbin/route add default gw 10.0.0.1",
        "SIOCADDRT: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur ethtool -K lo tso off",
        "netlink error: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Ur tc qdisc add dev lo root netem delay 1ms",
        "RTNETLINK answers: Operation not permitted",
        Gate::Owner(Namespace::Net),
    ),
    (
        "unshare -Un nft list ruleset",
        "Operation not permitted (you must be root)",
        Gate::LostAtExec,
    ),
    (
        "ethtool -s lab0 speed 10",
        "netlink error: Operation not permitted",
        Gate::RootOfTheLab,
    ),
    (
        "unshare -Ur dmesg",
        "dmesg: read kernel buffer failed: Operation not permitted",
        Gate::RootOfTheLab,
    ),
    (
        "unshare -U unshare -U true",
        "unshare: unshare failed: Operation not permitted",
        Gate::NoIdOfItsOwn,
    ),
    (
        "unshare -Uu hostname x",
        "hostname: you must be root to change the host name",
        Gate::LostAtExec,
    ),
    (
        "unshare -Urm sh -c 'mount --bind / /mnt'",
        "mount: /mnt: wrong fs type, bad option, bad superblock on /, missing codepage or helper program",
        Gate::LockedBelow,
    ),
    (
        "true; mount -o remount,rw /usr",
        "mount: /usr: permission denied.",
        Gate::LockedFlag,
    ),
    (
        "mount -t devtmpfs d /mnt",
        "mount: /mnt: permission denied.",
        Gate::BlockDevice,
    ),
    (
        "mount -o ro,loop /tmp/i /mnt",
        "mount: /mnt: permission denied.",
        Gate::BlockDevice,
    ),
    (
        "umount /proc",
        "umount: /proc: not mounted.",
        Gate::LockedMount,
    ),
    (
        "unshare -Ur newgrp root",
        "setgroups: Operation not permitted",
        Gate::SetgroupsDenied,
    ),
    (
        "unshare -U su nobody -c id",
        "Password: su: Authentication failure",
        Gate::NoSetUserId,
    ),
    (
        "su nobody -c 'su root'",
        "Password: \nsu: Authentication failure",
        Gate::NoSetUserId,
    ),
    (
        "passwd",
        "New password: \npasswd: Authentication token manipulation error",
        Gate::ReadOnlyFiles,
    ),
    (
        "hwclock -w",
        "hwclock: Cannot access the Hardware Clock via any known method.",
        Gate::Clock,
    ),
    (
        "sh -c 'ulimit -n 9999999'",
        "sh: 1: ulimit: error setting limit (Operation not permitted)",
        Gate::RootOfTheLab,
    ),
    (
        "nice -n -5 true",
        "nice: cannot set niceness: Permission denied",
        Gate::RootOfTheLab,
    ),
    (
        "chrt -f 10 true",
        "chrt: failed to set pid 0's policy: Operation not permitted",
        Gate::RootOfTheLab,
    ),
    (
        "dmesg",
        "a line before\ndmesg: read kernel buffer failed: Operation not permitted",
        Gate::RootOfTheLab,
    ),
    (
        "unshare -Ur runc run c1",
        "time=\"2026\" level=error msg=\"error mounting \\\"devpts\\\" to rootfs at \\\"/dev/pts\\\": mount \
         devpts:/dev/pts (via /proc/self/fd/6), flags: 0xa, data: newinstance,gid=5: invalid argument\"",
        Gate::IdNotMapped,
    ),
    (
        "unshare -U runc run c1",
        "time=\"2026\" level=error msg=\"fork/exec /proc/self/exe: operation not permitted\"",
        Gate::LostAtExec,
    ),
    (
        "renice -n -5 42",
        "renice: failed to set priority for 42 (process ID): Permission denied",
        Gate::RootOfTheLab,
    ),
    (
        "mount -t bpf none /mnt",
        "mount: /mnt: permission denied.",
        Gate::BlockDevice,
    ),
    (
        "mount /dev/vda /mnt",
        "mount: /mnt: permission denied.",
        Gate::BlockDevice,
    ),
    (
        "mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w,metacopy=on m",
        "mount: /tmp/m: permission denied.",
        Gate::TrustedAttributes,
    ),
    (
        "mount -o remount,size=20m /mnt",
        "mount: /mnt: mount point not mounted or bad option.",
        Gate::RemountWithoutSource,
    ),
    (
        "unshare -U sh -c 'mount -t tmpfs x /mnt'",
        "mount: /mnt: must be superuser to use mount.",
        Gate::LostAtExec,
    ),
    (
        "echo 127.0.0.1 web >> /etc/hosts",
        "bash: /etc/hosts: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        "echo web1 > /etc/hostname",
        "bash: /etc/hostname: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        "sh -c 'echo web1 >/etc/hostname'",
        "sh: 1: cannot create /etc/hostname: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        "busybox sh -c 'echo web1 > /etc/hostname'",
        "sh: can't create /etc/hostname: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        "sh -c 'echo 127.0.0.1 web >> /etc/hosts'",
        "sh: 1: cannot create /etc/hosts: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        "cd /tmp; echo 127.0.0.1 web >>/etc/hosts; true",
        "bash: /etc/hosts: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        // As `nslab compare` has it.
        "sh -c cd /tmp; echo web1 > /etc/hostname",
        "sh: 1: cannot create /etc/hostname: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        "echo 127.0.0.1 web | sudo tee -a /etc/hosts",
        "tee: /etc/hosts: Permission denied",
        Gate::ReadOnlyFiles,
    ),
    (
        "apt-get install -y hello",
        "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (2: No such file or directory)",
        Gate::MachinePrograms,
    ),
    (
        "mkdir /sys/fs/cgroup/demo",
        "mkdir: cannot create directory ‘/sys/fs/cgroup/demo’: Permission denied",
        Gate::ForeignCgroup,
    ),
    (
        "echo +pids > /sys/fs/cgroup/cgroup.subtree_control",
        "bash: /sys/fs/cgroup/cgroup.subtree_control: Permission denied",
        Gate::ForeignCgroup,
    ),
    (
        "echo 10 > /sys/fs/cgroup/demo/pids.max",
        "bash: /sys/fs/cgroup/demo/pids.max: Permission denied",
        Gate::NoController,
    ),
    (
        "systemctl start ssh",
        "System has not been booted with systemd as init system (PID 1). Can't operate.",
        Gate::NoSystemd,
    ),
    (
        "apt install sl",
        "E: Failed to fetch http://deb.debian.org/debian/pool/main/s/sl/sl_5.02-1+b1_amd64.deb  Temporary failure resolving 'deb.debian.org'",
        Gate::NoWayOut,
    ),
    (
        "curl example.com",
        "curl: (6) Could not resolve host: example.com",
        Gate::NoWayOut,
    ),
    (
        "ping -c 1 8.8.8.8",
        "ping: connect: Network is unreachable",
        Gate::NoWayOut,
    ),
    (
        "ip tuntap add tap0 mode tap",
        "open: No such file or directory",
        Gate::NoTun,
    ),
];

/// In a container whose engine masks parts of /proc; `unshare` mounts one in the namespaces that it has made.
#[test]
fn a_proc_that_unshare_mounts_is_refused_because_of_the_masks() {
    let masked = vec!["/proc/acpi".to_owned()];
    let shell = Facts {
        seccomp: Some(Seccomp::Filter),
        masked_proc: Some(masked.clone()),
        owned: [(Namespace::Mnt, false), (Namespace::Pid, false)].into(),
        ..rows::lab_root()
    };
    let text = "unshare: mount /proc failed: Operation not permitted";
    let explanation = printed("unshare -Urpf --mount-proc true", text, &shell);
    let gate = explanation.map(|it| it.gate);
    assert_eq!(gate, Some(Gate::MaskedProc(masked)));
}

/// As crun 1.20 and runc 1.1 print it.
#[test]
fn a_runtime_that_joins_no_session_keyring_is_refused_by_the_filter() {
    let shell = Facts {
        seccomp: Some(Seccomp::Filter),
        ..rows::lab_root()
    };
    for (line, text) in [
        (
            "crun run box",
            "create keyring `box`: Operation not permitted",
        ),
        (
            "runc run box",
            "time=\"2026\" level=error msg=\"runc run failed: unable to start container process: error during container init: unable to join session keyring: unable to create session key: operation not permitted\"",
        ),
    ] {
        let gate = printed(line, text, &shell).map(|it| it.gate);
        assert_eq!(gate, Some(Gate::Seccomp), "{line}");
    }
}

#[test]
fn the_line_tells_what_its_output_does_not() {
    let shell = rows::lab_root();
    for (line, text, gate) in TYPED {
        let explanation = printed(line, text, &shell).map(|it| it.gate);
        assert_eq!(explanation.as_ref(), Some(gate), "{line}");
    }
}

#[test]
fn what_the_line_does_not_tell_is_left_unexplained() {
    let shell = rows::lab_root();
    for (line, text) in [
        // A container's own lo is down.
        ("ping 127.0.0.1", "ping: connect: Network is unreachable"),
        ("ping 10.0.0.2", "ping: connect: Network is unreachable"),
        ("cat /etc/shadow", "cat: /etc/shadow: Permission denied"),
        (
            "cd /tmp; cat </etc/shadow; true",
            "bash: /etc/shadow: Permission denied",
        ),
        ("umount /dev/pts", "umount: /dev/pts: permission denied."),
        (
            "cat </etc/shadow >/tmp/x",
            "bash: /etc/shadow: Permission denied",
        ),
    ] {
        assert_eq!(printed(line, text, &shell), None, "{line}");
    }
}

const NO_LISTS: &str = "W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.debian.org'";

const MOUNT: &str = "mount: /mnt: permission denied.";

#[test]
fn of_a_success_only_what_a_program_or_the_line_goes_on_after_is_explained() {
    let shell = rows::lab_root();
    let explained = |line: &str, text: &str| {
        assert!(may_be_explained(line, false, text), "{line}");
        let why = ended(line, true, text, &shell);
        assert_eq!(may_be_explained(line, true, text), why.is_some(), "{line}");
        why
    };
    let newgrp = explained(
        "unshare -Ur newgrp root",
        "setgroups: Operation not permitted\nbash: x: command not found",
    );
    let Some(Why::Refused(explanation)) = newgrp else {
        panic!("{newgrp:?}");
    };
    assert_eq!(explanation.gate, Gate::SetgroupsDenied);
    // The line's last command succeeded, and an earlier one was refused.
    for line in [
        "mount -t ext4 /dev/x /mnt; true",
        "sh -c mount -t ext4 /dev/x /mnt; echo on",
        "mount -t ext4 /dev/x /mnt\ntrue",
        "mount -t ext4 /dev/x /mnt 2>&1 | cat",
        "mount -t ext4 /dev/x /mnt; mount -t tmpfs t /mnt",
    ] {
        let why = explained(line, MOUNT);
        let gate = why.map(|why| match why {
            Why::Refused(explanation) => explanation.gate,
            Why::Missing(program) => panic!("{program}"),
        });
        assert_eq!(gate, Some(Gate::BlockDevice), "{line}");
    }
    let nice = "nice: cannot set niceness: Permission denied";
    assert!(explained("nice -n -5 true", nice).is_some());
    assert!(explained("sudo apt-get update", NO_LISTS).is_some());
    for (line, text) in [
        (
            "cat notes",
            "su: cannot set groups: Operation not permitted",
        ),
        ("cat notes", NO_LISTS),
        ("nosuch; true", "bash: nosuch: command not found"),
        // The line has looked at the answer.
        ("mount x /mnt || true", MOUNT),
        ("if mount x /mnt; then echo yes; fi", MOUNT),
        ("! mount x /mnt; true", MOUNT),
        ("mount x /mnt; mount y /mnt || true", MOUNT),
        // It can't be this one: the line's answer is its own.
        ("true; mount x /mnt", MOUNT),
        ("mount x /mnt;", MOUNT),
        // Another program's words.
        ("cat notes; true", MOUNT),
    ] {
        assert_eq!(explained(line, text), None, "{line}");
    }
}

#[test]
fn outside_the_lab_the_lab_is_no_reason() {
    for (line, text) in [
        ("su nobody", "su: Authentication failure"),
        ("umount /mnt", "umount: /mnt: not mounted."),
        (
            "dmesg",
            "dmesg: read kernel buffer failed: Operation not permitted",
        ),
        ("a; b", "mount: /mnt: wrong fs type, bad option"),
        ("ping 8.8.8.8", "ping: connect: Network is unreachable"),
        ("echo x > /etc/hosts", "bash: /etc/hosts: Permission denied"),
        (
            "mkdir /sys/fs/cgroup/x",
            "mkdir: cannot create directory ‘/sys/fs/cgroup/x’: Permission denied",
        ),
    ] {
        assert_eq!(printed(line, text, &root()), None, "{line}");
    }
}

fn open(path: &str) -> Call {
    Call::Open {
        path: path.to_owned(),
        flags: "O_RDWR".to_owned(),
    }
}

fn exec(argv: &[&str]) -> Call {
    Call::Exec(argv.iter().map(|word| (*word).to_owned()).collect())
}

fn step(call: Call, errno: Errno) -> Step {
    Step {
        call,
        errno: Some(errno as i32),
        value: -1,
        micros: 1,
    }
}

#[test]
fn a_refusal_names_the_errno() {
    let refusal = Refusal::new(step(open("/dev/tty2"), Errno::EROFS), &Facts::default());
    let words = refusal.words(Lang::En);
    assert!(words.starts_with("open(/dev/tty2, O_RDWR): Read-only file system. "));
    assert!(
        refusal
            .words(Lang::ZhCn)
            .starts_with("open(/dev/tty2, O_RDWR)：EROFS（")
    );
}

#[test]
fn a_missing_program_has_a_package() {
    let refusal = Refusal::new(
        step(exec(&["ping", "-c", "1", "::1"]), Errno::ENOENT),
        &root(),
    );
    assert_eq!(
        refusal.explanation.remedies,
        [Remedy::Install("iputils-ping")]
    );
    assert!(refusal.words(Lang::En).contains("apt install iputils-ping"));
}

#[test]
fn what_a_helper_claims_cannot_steer_a_terminal() {
    let step = Step {
        call: exec(&["\u{1b}]52;c;eA==\u{7}\n\u{9b}2J"]),
        errno: Some(Errno::ENOENT as i32),
        value: -1,
        micros: 0,
    };
    let masks = vec!["/proc/\u{1b}[2J".to_owned()];
    let gate = Gate::MaskedProc(masks);
    let explanation = Explanation {
        gate,
        remedies: Vec::new(),
    };
    let refusal = Refusal { step, explanation };
    for lang in Lang::ALL {
        let words = refusal.words(lang);
        assert!(!words.contains(char::is_control), "{words:?}");
        assert!(words.contains("2J"), "{words:?}");
    }
}
