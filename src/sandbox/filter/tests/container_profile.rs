//! The profile for containers, `assets/seccomp.json`, read as an engine reads it: a container in which nslab
//! runs is refused no less than a lab in it, and allowed what makes a lab.

use std::collections::HashMap;

use serde_json::Value;

use super::super::{FAMILIES, OWN};
use super::*;
use crate::sandbox::call::Call;

/// The content of the profile: the errno of each call that is in no rule, and the rules of each call that is in one.
struct Profile {
    otherwise: i64,
    rules: HashMap<String, Vec<Rule>>,
}

struct Rule {
    /// `None` allows the call.
    errno: Option<i64>,
    condition: Option<Condition>,
}

/// The condition on the first argument.
#[derive(Clone, Copy)]
enum Condition {
    Equal(u64),
    AtLeast(u64),
    MaskedEqual { mask: u64, value: u64 },
}

impl Condition {
    fn of(argument: &Value) -> Self {
        assert_eq!(argument["index"], 0);
        let value = argument["value"].as_u64().unwrap();
        match argument["op"].as_str().unwrap() {
            "SCMP_CMP_EQ" => Condition::Equal(value),
            "SCMP_CMP_GE" => Condition::AtLeast(value),
            "SCMP_CMP_MASKED_EQ" => Condition::MaskedEqual {
                mask: value,
                value: argument["valueTwo"].as_u64().unwrap(),
            },
            other => panic!("{other}"),
        }
    }

    fn holds(self, argument: u64) -> bool {
        match self {
            Condition::Equal(value) => argument == value,
            Condition::AtLeast(least) => argument >= least,
            Condition::MaskedEqual { mask, value } => argument & mask == value,
        }
    }
}

impl Profile {
    fn read() -> Self {
        let profile = include_str!("../../../../assets/seccomp.json");
        let profile: Value = serde_json::from_str(profile).unwrap();
        assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
        let mut rules: HashMap<_, Vec<_>> = HashMap::new();
        for rule in profile["syscalls"].as_array().unwrap() {
            let errno = match rule["action"].as_str().unwrap() {
                "SCMP_ACT_ALLOW" => None,
                "SCMP_ACT_ERRNO" => Some(rule["errnoRet"].as_i64().unwrap()),
                other => panic!("{other}"),
            };
            let arguments = rule.get("args").map(|it| it.as_array().unwrap());
            // Engines disagree on what several conditions of one argument mean.
            assert!(arguments.is_none_or(|all| all.len() == 1));
            let condition = arguments.map(|all| Condition::of(&all[0]));
            for name in rule["names"].as_array().unwrap() {
                let name = name.as_str().unwrap().to_owned();
                rules
                    .entry(name)
                    .or_default()
                    .push(Rule { errno, condition });
            }
        }
        Self {
            otherwise: profile["defaultErrnoRet"].as_i64().unwrap(),
            rules,
        }
    }

    /// The errno of a call with this first argument, or `None` if the call is allowed.
    fn answer(&self, call: &str, argument: u64) -> Option<i64> {
        let rules = self.rules.get(call).map_or(&[][..], Vec::as_slice);
        let holds = |rule: &&Rule| rule.condition.is_none_or(|it| it.holds(argument));
        let mut that_hold = rules.iter().filter(holds);
        let Some(rule) = that_hold.next() else {
            return Some(self.otherwise);
        };
        assert!(
            that_hold.all(|it| it.errno == rule.errno),
            "rules that disagree on {call}"
        );
        rule.errno
    }
}

const ENOSYS: Option<i64> = Some(Errno::ENOSYS as i64);

/// The names behind `libc::SYS_…` in a source.
fn named_in(source: &str) -> Vec<&str> {
    source
        .split("libc::SYS_")
        .skip(1)
        .map(|after| {
            let end = after.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            &after[..end.unwrap_or(after.len())]
        })
        .collect()
}

#[test]
fn a_call_that_the_profile_does_not_name_is_refused_as_by_an_older_kernel() {
    let profile = Profile::read();
    assert_eq!(profile.answer("a_call_of_a_later_kernel", 0), ENOSYS);
}

#[test]
fn it_refuses_what_the_filter_of_the_lab_refuses() {
    let profile = Profile::read();
    let (_, own) = include_str!("../../filter.rs")
        .split_once("const OWN")
        .unwrap();
    let (own, _) = own.split_once("};").unwrap();
    let names = named_in(own);
    assert_eq!(names.len(), OWN.len());
    for (name, (_, errno)) in names.into_iter().zip(OWN) {
        assert_eq!(profile.answer(name, 0), Some(*errno as i64), "{name}");
    }
    // The upper half is no part of the family, and doesn't hide it.
    let families = (0..1000).chain((0..100).map(|it| it | 1 << 32));
    for family in families {
        let expected = if FAMILIES
            .iter()
            .any(|it| u64::from(it.unsigned_abs()) == family)
        {
            None
        } else {
            Some(Errno::EAFNOSUPPORT as i64)
        };
        assert_eq!(profile.answer("socket", family), expected, "{family}");
    }
    assert_eq!(profile.answer("socketcall", 1), ENOSYS);
}

/// The calls with which a container's root could harm the machine, and calls that are refused only because nothing
/// needs them.
#[test]
fn it_refuses_what_concerns_the_whole_machine() {
    let profile = Profile::read();
    for name in [
        "acct",
        "adjtimex",
        "clock_settime",
        "open_by_handle_at",
        "quotactl",
        "settimeofday",
        "swapon",
        "syslog",
        "iopl",
        "fanotify_init",
    ] {
        assert_eq!(profile.answer(name, 0), Some(Errno::EPERM as i64), "{name}");
    }
}

/// The system calls behind each [`Call`]. A new variant doesn't compile without a line here.
macro_rules! behind {
    ($($call:pat => $($name:literal)+;)+) => {{
        let _every_variant_has_a_line = |call: &Call| match call {
            $($call => {})+
        };
        [$($($name),+),+]
    }};
}

#[test]
fn it_allows_what_makes_a_lab() {
    let profile = Profile::read();
    let steps = behind! {
        Call::Unshare(_) => "unshare";
        Call::Clone(_) => "clone" "clone3";
        Call::CloneIntoCgroup(_) => "clone3";
        Call::Fork => "clone" "fork" "vfork" "wait4" "waitid" "exit_group";
        Call::Setns { .. } | Call::SetnsOwnTime { .. } => "setns" "pidfd_open";
        Call::WriteMap { .. } | Call::WriteOffsets(_) | Call::ForbidCgroups =>
            "openat" "write" "close";
        Call::BecomeUser { .. } => "setgroups" "setresgid" "setresuid";
        Call::ChownTerminal { .. } => "fchown";
        Call::SetHostname(_) => "sethostname";
        Call::SetDomainname(_) => "setdomainname";
        Call::Prctl(_) => "prctl";
        // The other one is refused, as namespaces don't confine keys.
        Call::JoinSessionKeyring | Call::Setsid => "setsid";
        Call::TakeTerminal(_) => "ioctl";
        Call::Open { .. } => "open" "openat" "openat2";
        Call::OpenTree(_) => "open_tree";
        Call::MoveMount { .. } => "move_mount";
        Call::Mount { .. } => "mount";
        Call::MountSetattr { .. } => "mount_setattr";
        Call::Umount(_) => "umount2";
        Call::PivotRoot => "pivot_root" "chdir" "fchdir";
        Call::LoopbackUp | Call::NewVeth => "bind" "sendto" "sendmsg" "recvfrom" "recvmsg";
        Call::MemfdCreate => "memfd_create" "fcntl";
        Call::Exec(_) | Call::ExecOurselves(_) => "execve" "execveat";
        Call::Killed { .. } => "kill" "tgkill" "rt_sigaction" "rt_sigprocmask";
        Call::Read(_) => "read" "recvmsg" "poll" "ppoll";
        Call::MayKill(_) => "pidfd_send_signal";
        Call::Other(_) => "dup" "dup2" "dup3" "pipe2" "mkdir" "symlink" "msgget" "prlimit64" "seccomp";
    };
    for name in steps {
        assert_eq!(profile.answer(name, 0), None, "{name}");
    }
    // The calls of `JoinSessionKeyring`, and of the map, which opens namespaces by id: nslab works without both.
    let without = ["keyctl", "open_by_handle_at"];
    let made_by_number = named_in(include_str!("../../../sys.rs"));
    assert!(made_by_number.contains(&"mount_setattr"));
    for name in made_by_number {
        let allowed = profile.answer(name, 0).is_none();
        assert_eq!(allowed, !without.contains(&name), "{name}");
    }
}
