//! Machines that are directories.

use super::*;

/// A directory with these files.
fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    directory
}

fn read(files: &[(&str, &str)]) -> Facts {
    Facts::read(machine(files).path(), "self")
}

const STATUS: &str = "Name:\tnslab\nUid:\t1000\t1000\t1000\t1000\nThreads:\t3\n\
     CapEff:\t0000000000200000\nNoNewPrivs:\t1\nSeccomp:\t2\n";
const MOUNTS: &str = "27 1 254:0 / / rw - ext4 /dev/vda rw\n22 27 0:21 / /proc rw - proc proc rw\n";

#[test]
fn an_empty_machine_tells_nothing() {
    assert_eq!(read(&[]), Facts::default());
}

#[test]
fn a_process_tells_what_it_may() {
    let facts = read(&[
        ("proc/self/status", STATUS),
        ("proc/self/uid_map", "         0       1000          1\n"),
        ("proc/self/gid_map", ""),
        ("proc/self/setgroups", "deny\n"),
        (
            "proc/self/attr/apparmor/current",
            "unprivileged_userns (enforce)\n",
        ),
        ("proc/self/ns/uts", ""),
        ("proc/self/ns/pid_for_children", ""),
        ("proc/sys/kernel/osrelease", "6.8.0-31-generic\n"),
        (
            "proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1\n",
        ),
        ("proc/sys/kernel/unprivileged_userns_clone", "0\n"),
        ("proc/sys/user/max_net_namespaces", "0\n"),
        ("proc/sys/vm/memfd_noexec", "2\n"),
        (
            "proc/key-users",
            "    0:    42 41/41 34/1000000 223/25000000\n 1000:     9 8/8 7/200 28/20000\n",
        ),
        (
            "boot/config-6.8.0-31-generic",
            "CONFIG_VETH=m\n# CONFIG_TIME_NS is not set\n",
        ),
    ]);
    assert_eq!(facts.euid, Some(1000));
    assert_eq!(facts.threads, Some(3));
    let keys = facts
        .keys
        .map(|it| (it.held, it.most, it.bytes, it.most_bytes));
    assert_eq!(keys, Some((7, 200, 28, 20_000)));
    assert_eq!(facts.capable(super::super::CAP_SYS_ADMIN), Some(true));
    assert_eq!(facts.no_new_privs, Some(true));
    assert_eq!(facts.seccomp, Some(Seccomp::Filter));
    assert_eq!(facts.mapped, Some(false), "0 is mapped, 1000 is not");
    assert_eq!(facts.uid_map_written, Some(true));
    assert_eq!(facts.gid_map_written, Some(false));
    assert_eq!(facts.setgroups, Some(false));
    assert_eq!(
        facts.apparmor_label.as_deref(),
        Some("unprivileged_userns (enforce)")
    );
    assert_eq!(facts.kinds, Some([Namespace::Uts].into_iter().collect()));
    assert_eq!(facts.release.as_deref(), Some("6.8.0-31-generic"));
    assert_eq!(facts.apparmor_restricts, Some(true));
    assert_eq!(facts.unprivileged_userns_clone, Some(false));
    assert_eq!(facts.limits, BTreeMap::from([(Namespace::Net, 0)]));
    assert_eq!(facts.memfd_noexec, Some(2));
    assert_eq!(facts.config.get("CONFIG_VETH"), Some(&true));
    assert_eq!(facts.config.get("CONFIG_TIME_NS"), Some(&false));
    assert_eq!(facts.proc, Some(ProcView::Ours));
}

#[test]
fn a_guest_has_its_own_credentials_in_the_namespaces_of_another_process() {
    let ours = Facts {
        euid: Some(1000),
        capabilities: Some(0),
        mapped: Some(true),
        limits: BTreeMap::from([(Namespace::Net, 7)]),
        seccomp: Some(Seccomp::Off),
        threads: Some(3),
        ..Facts::default()
    };
    let theirs = Facts {
        euid: Some(101),
        capabilities: Some(1),
        mapped: Some(true),
        seccomp: Some(Seccomp::Filter),
        setgroups: Some(false),
        owned: BTreeMap::from([(Namespace::Uts, false)]),
        ..Facts::default()
    };
    let all = NamespaceSet::all();
    let others = all.without(Namespace::User);
    let id = |facts: &Facts| (facts.euid, facts.mapped, facts.capabilities);
    for (same, map, expected) in [
        (all, "0 0 4294967295", (Some(1000), Some(true), Some(0))),
        (
            others,
            "0 1000 1",
            (Some(0), Some(true), Some(ALL_CAPABILITIES)),
        ),
        (others, "5 1000 1", (Some(5), Some(true), Some(0))),
        (others, "0 4000 9", (Some(NOBODY), Some(false), Some(0))),
    ] {
        let facts = guest(ours.clone(), theirs.clone(), same, map);
        assert_eq!(id(&facts), expected, "{map}");
        assert_eq!(facts.seccomp, Some(Seccomp::Off));
        assert_eq!(facts.threads, Some(1));
        assert_eq!(facts.setgroups, Some(false));
        assert_eq!(facts.owned, theirs.owned);
        // The kernel shows the limits of our user namespace alone.
        assert_eq!(facts.limits.is_empty(), same != all);
    }
}

#[test]
fn containers_by_what_they_leave() {
    let cgroup = |text| [("proc/1/cgroup", text)];
    for (files, expected) in [
        (&[(".dockerenv", "")][..], Some(Container::Docker)),
        (&[("run/.containerenv", "")], Some(Container::Podman)),
        (
            &[("run/systemd/container", "lxc\n")],
            Some(Container::Other("lxc".to_owned())),
        ),
        (
            &[("proc/1/environ", "A=b\0container=podman\0")],
            Some(Container::Podman),
        ),
        (&cgroup("0::/docker/0a1b\n"), Some(Container::Docker)),
        (
            &cgroup("1:name=systemd:/kubepods/burstable/x\n"),
            Some(Container::Other("kubernetes".to_owned())),
        ),
        (&cgroup("0::/init.scope\n"), Some(Container::No)),
        (&[], None),
    ] {
        assert_eq!(read(files).container, expected, "{files:?}");
    }
}

#[test]
fn a_chroot_by_where_process_1_sees_its_root() {
    let other = "90 1 254:0 / / rw - ext4 /dev/vda rw\n";
    let below =
        "90 1 254:0 / / rw - ext4 /dev/vda rw\n27 90 8:2 / /srv/jail rw - ext4 /dev/sdb rw\n";
    let plain = "22 27 0:21 / /proc rw - proc proc rw\n";
    for (ours, theirs, expected) in [
        (Some(MOUNTS), Some(MOUNTS), Some(false)),
        (Some(MOUNTS), Some(below), Some(true)),
        (Some(MOUNTS), Some(other), None),
        (Some(MOUNTS), None, None),
        (Some(plain), None, Some(true)),
        (None, None, None),
    ] {
        let mut files = Vec::new();
        files.extend(ours.map(|text| ("proc/self/mountinfo", text)));
        files.extend(theirs.map(|text| ("proc/1/mountinfo", text)));
        assert_eq!(read(&files).chroot, expected, "{files:?}");
    }
}

#[test]
fn what_masks_proc_is_what_is_mounted_below_it() {
    let text = format!(
        "{MOUNTS}30 22 0:40 / /proc/acpi ro - tmpfs tmpfs ro\n\
         31 22 0:41 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw\n\
         32 22 0:42 / /proc/acpi ro - tmpfs tmpfs ro\n"
    );
    let masked = |text: &str| read(&[("proc/self/mountinfo", text)]).masked_proc;
    assert_eq!(masked(&text), Some(vec!["/proc/acpi".to_owned()]));
    assert_eq!(masked(MOUNTS), Some(Vec::new()));
}

#[test]
fn whose_a_proc_is() {
    for (files, expected) in [
        (
            &[("proc/filesystems", ""), ("proc/1/comm", "sh")][..],
            Some(ProcView::Foreign),
        ),
        (&[("proc/filesystems", "")], Some(ProcView::Ended)),
        (&[], None),
    ] {
        assert_eq!(read(files).proc, expected, "{files:?}");
    }
}

#[test]
fn this_machine_is_read() {
    let facts = Facts::here();
    assert_eq!(
        facts.euid,
        Some(nix::unistd::geteuid().as_raw()),
        "{facts:?}"
    );
    assert_eq!(facts.proc, Some(ProcView::Ours));
    assert!(facts.kinds.is_some_and(|it| it.contains(Namespace::User)));
    assert!(facts.limits.contains_key(&Namespace::User));
    assert!(facts.threads.is_some_and(|threads| threads > 1));
    if facts.initial_user_namespace == Some(true) {
        assert_eq!(facts.user_levels, Some(0));
        assert_eq!(facts.mapped, Some(true));
    }
}
