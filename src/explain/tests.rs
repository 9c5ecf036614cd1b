//! Every row of what learners meet, and the machines on which it means something else.

mod rows;

use super::*;
use rows::{new, root, rows};

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
    for (call, operation) in [
        ("unshare(CLONE_NEWUSER|CLONE_NEWNS)", new("user,mnt")),
        ("clone(SIGCHLD|CLONE_NEWNET)", new("net")),
        ("clone(SIGCHLD)", new("")),
        (
            "write(/proc/12/uid_map, \"0 0 1\")",
            Operation::WriteMap(IdMap::Uid),
        ),
        (
            "write(/proc/12/gid_map, \"0 0 1\")",
            Operation::WriteMap(IdMap::Gid),
        ),
        (
            "write(/proc/12/setgroups, \"deny\")",
            Operation::WriteMap(IdMap::Setgroups),
        ),
        (
            "write(/proc/self/timens_offsets, \"monotonic 1 0\")",
            Operation::WriteOffsets,
        ),
        ("write(cgroup.procs, \"0\")", Operation::Other),
        ("mount(proc, /tmp/proc, proc, \"\")", Operation::MountProc),
        ("mount(tmpfs, /tmp, tmpfs, \"\")", Operation::Mount),
        ("mount(/, MS_REC|MS_PRIVATE)", Operation::Mount),
        (
            "mount_setattr(/, AT_RECURSIVE, MOUNT_ATTR_RDONLY)",
            Operation::Mount,
        ),
        ("rtnetlink: lo up", Operation::LoUp),
        ("rtnetlink: veth0, veth1", Operation::Veth),
        ("sethostname(\"container\")", Operation::SetHostname),
        ("creat(/dev/tty2)", Operation::LabTerminal),
        ("move_mount(/dev/tty2)", Operation::LabTerminal),
        ("ioctl(TIOCSCTTY)", Operation::TakeTerminal),
        ("execve(ps aux)", Operation::Exec),
        ("pipe()", Operation::Other),
    ] {
        assert_eq!(Operation::of_call(call), operation, "{call}");
    }
}

#[test]
fn what_a_shell_shows_is_an_operation() {
    let new = Operation::New(NamespaceSet::EMPTY);
    for (line, expected) in [
        ("clone: Operation not permitted", Some((new, Errno::EPERM))),
        (
            "unshare: unshare failed: No space left on device",
            Some((new, Errno::ENOSPC)),
        ),
        (
            "unshare: unshare failed: Invalid argument",
            Some((new, Errno::EINVAL)),
        ),
        (
            "unshare: write failed /proc/self/uid_map: Operation not permitted",
            Some((Operation::WriteMap(IdMap::Uid), Errno::EPERM)),
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
        ("total 0", None),
        ("mount: done", None),
    ] {
        assert_eq!(Operation::seen(line), expected, "{line}");
    }
}

#[test]
fn what_a_program_printed_is_explained_where_it_can_be() {
    let facts = Facts::default();
    let gate = |text: &str| printed(text, &facts).map(|explanation| explanation.gate);
    let output = "total 0\nunshare: unshare failed: Operation not permitted\n";
    assert_eq!(gate(output), Some(Gate::Capability("CAP_SYS_ADMIN")));
    assert_eq!(gate("mount: /mnt: permission denied.\n"), None);
    assert_eq!(gate("all is well\n"), None);
}

fn step(call: &str, errno: Errno) -> Step {
    Step {
        call: call.to_owned(),
        errno: Some(errno as i32),
        value: -1,
        micros: 1,
    }
}

#[test]
fn a_refusal_names_the_errno() {
    let refusal = Refusal::new(step("creat(/dev/tty2)", Errno::EROFS), &Facts::default());
    let words = refusal.words(Lang::En);
    assert!(words.starts_with("creat(/dev/tty2): Read-only file system. "));
    assert!(
        refusal
            .words(Lang::ZhCn)
            .starts_with("creat(/dev/tty2)：EROFS（")
    );
}

#[test]
fn a_missing_program_has_a_package() {
    let refusal = Refusal::new(step("execve(ping -c 1 ::1)", Errno::ENOENT), &root());
    assert_eq!(
        refusal.explanation.remedies,
        [Remedy::Install("iputils-ping")]
    );
    assert!(refusal.words(Lang::En).contains("apt install iputils-ping"));
}

#[test]
fn what_a_helper_claims_cannot_steer_a_terminal() {
    let step = Step {
        call: "execve(\u{1b}]52;c;eA==\u{7}\n\u{9b}2J)".to_owned(),
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
