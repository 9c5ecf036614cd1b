//! Every row of what learners meet, and the machines on which it means something else.

mod rows;

use super::*;
use rows::{kinds, new, root, rows};

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
        (open("/dev/tty2"), Operation::LabTerminal),
        (Call::Umount("/dev/tty2".to_owned()), Operation::LabTerminal),
        (Call::Umount("/x".to_owned()), Operation::Mount),
        (open("/x"), Operation::Other),
        (Call::TakeTerminal(5), Operation::TakeTerminal),
        (exec(&["ps", "aux"]), Operation::Exec),
        // What a launcher claims as text is nothing but text.
        ("clone(SIGCHLD|CLONE_NEWNET)".into(), Operation::Other),
    ] {
        assert_eq!(Operation::of_call(&call), operation, "{call}");
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
