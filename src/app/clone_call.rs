//! The calls that make a container's namespaces, as C source for the screen.
//!
//! Owns how they are broken into lines and shortened. Must not know where they are shown.

use unicode_width::UnicodeWidthStr;

use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::Plan;

/// How USER is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    /// By clone, like all other kinds but TIME.
    Cloned,
    /// By unshare(2) before the other calls: only then may the launcher make TIME.
    First,
}

impl User {
    /// How USER is made together with these flags. `may_make_time`: whether TIME can be made without a new user
    /// namespace.
    pub(crate) fn of(flags: NamespaceSet, may_make_time: bool) -> Self {
        let both = flags.contains(Namespace::Time) && flags.contains(Namespace::User);
        if both && !may_make_time {
            User::First
        } else {
            User::Cloned
        }
    }
}

/// The calls, in at most `rows` lines of at most `width` columns. Uses the longest form that fits: the whole calls;
/// the flags with their common prefix written once; the calls without other arguments; those without the joined
/// kinds. If none fits, the shortest form is cut off with `…`.
pub(crate) fn lines(plan: &Plan, user: User, width: u16, rows: u16) -> Vec<String> {
    let (width, rows) = (usize::from(width), usize::from(rows));
    if width == 0 || rows == 0 {
        return Vec::new();
    }
    let (before, flags) = match user {
        User::Cloned => (None, plan.flags),
        User::First => (Some(Namespace::User), plan.flags.without(Namespace::User)),
    };
    let led = |join: Vec<String>, name: fn(Namespace) -> String, calls: Vec<String>| {
        let before = before.map(name);
        join.into_iter().chain(before).chain(calls).collect()
    };
    let long = |kind: Namespace| format!("unshare({});", kind.flag_name());
    let brief = |kind: Namespace| format!("unshare({})", kind.label());
    let joins = |form: fn(&str) -> String| -> Vec<String> {
        joined(plan).map(|kinds| form(&kinds)).into_iter().collect()
    };
    let last: Vec<String> = led(joins(|_| "setns(…)".to_owned()), brief, shorter(flags));
    for pieces in [
        led(setns(plan), long, whole(flags)),
        led(
            joins(|kinds| format!("setns(pid, {kinds});")),
            long,
            short(flags),
        ),
        led(
            joins(|kinds| format!("setns({kinds})")),
            brief,
            shorter(flags),
        ),
        last.clone(),
    ] {
        let filled = fill(&pieces, width);
        if filled.len() <= rows && filled.iter().all(|line| line.width() <= width) {
            return filled;
        }
    }
    let mut filled = fill(&last, width);
    let cut = filled.len() > rows;
    filled.truncate(rows);
    let last = filled.len() - 1;
    for (i, line) in filled.iter_mut().enumerate() {
        let forced = cut && i == last;
        if forced || line.width() > width {
            let kept: String = line.chars().take(width - 1).collect();
            *line = format!("{kept}…");
        }
    }
    filled
}

/// How many rows the whole calls need.
pub(crate) fn rows(plan: &Plan, width: u16) -> u16 {
    let pieces = [setns(plan), whole(plan.flags)].concat();
    u16::try_from(fill(&pieces, usize::from(width)).len()).unwrap_or(u16::MAX)
}

/// The call that joins another container's namespaces, in pieces.
fn setns(plan: &Plan) -> Vec<String> {
    let call = joined(plan).map(|kinds| format!("setns(pid, {});", kinds.replace('|', " |\n")));
    let pieces = call.iter().flat_map(|call| call.lines());
    pieces.map(str::to_owned).collect()
}

/// `NET|IPC`
fn joined(plan: &Plan) -> Option<String> {
    let kinds: Vec<&str> = plan.join?.kinds.iter().map(Namespace::label).collect();
    Some(kinds.join("|"))
}

/// The whole calls that make the namespaces, in pieces between which a line may break.
fn whole(flags: NamespaceSet) -> Vec<String> {
    let names = cloned(flags).map(Namespace::flag_name);
    let names: Vec<&str> = std::iter::once("SIGCHLD").chain(names).collect();
    call(flags, &names.join(" |\n"))
}

/// `CLONE_NEW{UTS,IPC}`, in the brace notation of shells.
fn short(flags: NamespaceSet) -> Vec<String> {
    match braced(flags) {
        Some(names) => call(flags, &format!("SIGCHLD |\nCLONE_NEW{names}")),
        None => call(flags, "SIGCHLD"),
    }
}

fn call(flags: NamespaceSet, names: &str) -> Vec<String> {
    let call = format!("clone(child,\nstack,\n{names},\nNULL)");
    let time = time(flags, "unshare(CLONE_NEWTIME);").into_iter();
    time.chain(call.lines().map(str::to_owned)).collect()
}

/// Only what the flags decide.
fn shorter(flags: NamespaceSet) -> Vec<String> {
    let clone = match braced(flags) {
        Some(names) => format!("clone(NEW{names})"),
        None => "clone(SIGCHLD)".to_owned(),
    };
    let time = time(flags, "unshare(TIME)");
    time.into_iter().chain([clone]).collect()
}

/// clone(2) can't make TIME: its bit is in the byte of the exit signal.
fn time(flags: NamespaceSet, call: &str) -> Option<String> {
    flags.contains(Namespace::Time).then(|| call.to_owned())
}

fn cloned(flags: NamespaceSet) -> impl Iterator<Item = Namespace> {
    flags.iter().filter(|kind| *kind != Namespace::Time)
}

fn braced(flags: NamespaceSet) -> Option<String> {
    let names: Vec<&str> = cloned(flags)
        .map(|kind| kind.flag_name().trim_start_matches("CLONE_NEW"))
        .collect();
    match names.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        many => Some(format!("{{{}}}", many.join(","))),
    }
}

/// Fills lines; all but the first are indented.
fn fill(pieces: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + piece.width() <= width => {
                line.push(' ');
                line.push_str(piece);
            }
            Some(_) => lines.push(format!("  {piece}")),
            None => lines.push(piece.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{ContainerNumber, Join};

    fn set(list: &str) -> NamespaceSet {
        list.parse().unwrap()
    }

    fn joining(flags: &str, kinds: &str) -> Plan {
        let (whose, kinds) = (ContainerNumber::FIRST, set(kinds));
        Plan {
            join: Some(Join { whose, kinds }),
            ..Plan::new(set(flags))
        }
    }

    #[test]
    fn what_is_joined_comes_first() {
        let all = "uts,ipc,pid,mnt,net,user,cgroup,time";
        for (flags, kinds, width, rows, expected) in [
            (
                "uts",
                "net,ipc",
                80,
                1,
                vec!["setns(pid, IPC | NET); clone(child, stack, SIGCHLD | CLONE_NEWUTS, NULL)"],
            ),
            (
                "uts,pid",
                "net,ipc",
                80,
                1,
                vec![
                    "setns(pid, IPC|NET); clone(child, stack, SIGCHLD | CLONE_NEW{UTS,PID}, NULL)",
                ],
            ),
            (
                "",
                all,
                41,
                3,
                vec![
                    "setns(pid, UTS | IPC | PID | MNT | NET |",
                    "  USER | CGROUP | TIME); clone(child,",
                    "  stack, SIGCHLD, NULL)",
                ],
            ),
            (
                "uts",
                all,
                79,
                1,
                vec!["setns(UTS|IPC|PID|MNT|NET|USER|CGROUP|TIME) clone(NEWUTS)"],
            ),
            ("uts,ipc", all, 40, 1, vec!["setns(…) clone(NEW{UTS,IPC})"]),
        ] {
            let plan = joining(flags, kinds);
            assert_eq!(lines(&plan, User::Cloned, width, rows), expected, "{kinds}");
            assert!(self::rows(&plan, 41) <= 5);
        }
    }

    #[test]
    fn calls_fit() {
        for (flags, width, rows, expected) in [
            ("", 80, 1, vec!["clone(child, stack, SIGCHLD, NULL)"]),
            (
                "uts,ipc,pid",
                80,
                1,
                vec![
                    "clone(child, stack, SIGCHLD | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID, NULL)",
                ],
            ),
            (
                "uts,ipc",
                41,
                3,
                vec![
                    "clone(child, stack, SIGCHLD |",
                    "  CLONE_NEWUTS | CLONE_NEWIPC, NULL)",
                ],
            ),
            (
                "time",
                80,
                1,
                vec!["unshare(CLONE_NEWTIME); clone(child, stack, SIGCHLD, NULL)"],
            ),
            (
                "uts,ipc,pid,mnt,net,user,cgroup",
                80,
                1,
                vec![
                    "clone(child, stack, SIGCHLD | CLONE_NEW{UTS,IPC,PID,NS,NET,USER,CGROUP}, NULL)",
                ],
            ),
            (
                "uts,ipc,pid,mnt,net,user,cgroup,time",
                80,
                1,
                vec!["unshare(TIME) clone(NEW{UTS,IPC,PID,NS,NET,USER,CGROUP})"],
            ),
            ("uts,ipc", 12, 1, vec!["clone(NEW{U…"]),
        ] {
            assert_eq!(
                lines(&Plan::new(set(flags)), User::Cloned, width, rows),
                expected,
                "{flags}"
            );
        }
    }

    #[test]
    fn nothing_is_ever_too_wide() {
        for bits in 0..256_u32 {
            let flags: NamespaceSet = Namespace::ALL
                .into_iter()
                .enumerate()
                .filter(|(i, _)| bits & (1 << i) != 0)
                .map(|(_, kind)| kind)
                .collect();
            let plans = [Plan::new(flags), joining(&flags.to_string(), "net,mnt")];
            // Every width, each with some of the flags.
            for width in (0..140).skip(bits as usize % 13).step_by(13) {
                for (count, plan) in (0..4).flat_map(|n| plans.iter().map(move |plan| (n, plan))) {
                    let shown = lines(plan, User::Cloned, width, count);
                    assert!(shown.len() <= usize::from(count));
                    assert!(shown.iter().all(|line| line.width() <= usize::from(width)));
                }
            }
        }
    }

    #[test]
    fn who_may_not_make_time_makes_user_first() {
        let flags = set("uts,user,time");
        assert_eq!(User::of(flags, true), User::Cloned);
        assert_eq!(User::of(set("uts,user"), false), User::Cloned);
        let first = User::of(flags, false);
        let plan = Plan::new(flags);
        assert_eq!(
            lines(&plan, first, 120, 1),
            [
                "unshare(CLONE_NEWUSER); unshare(CLONE_NEWTIME); clone(child, stack, SIGCHLD | \
                 CLONE_NEWUTS, NULL)"
            ]
        );
        assert_eq!(
            lines(&plan, first, 60, 1),
            ["unshare(USER) unshare(TIME) clone(NEWUTS)"]
        );
    }
}
