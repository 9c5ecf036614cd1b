//! The call that makes a container with given flags, as C source for the screen.
//!
//! Owns how it is cut into lines and shortened. Must not know where it is shown.

use unicode_width::UnicodeWidthStr;

use crate::namespace::{Namespace, NamespaceSet};

/// How USER is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// By clone, as all that clone can make.
    Cloned,
    /// By an unshare of its own, as who may not make TIME here may in it.
    First,
}

impl User {
    /// How a learner's own user namespace is made who has these flags, with or without the
    /// capability to make TIME outside of it.
    pub fn of(flags: NamespaceSet, may_make_time: bool) -> Self {
        let both = flags.contains(Namespace::Time) && flags.contains(Namespace::User);
        if both && !may_make_time {
            User::First
        } else {
            User::Cloned
        }
    }
}

/// The call as at most `rows` lines of at most `width` columns: whole if that fits, else with the
/// flags' common prefix written once, else cut off with `…`.
pub fn lines(flags: NamespaceSet, user: User, width: u16, rows: u16) -> Vec<String> {
    let (width, rows) = (usize::from(width), usize::from(rows));
    if width == 0 || rows == 0 {
        return Vec::new();
    }
    let (before, flags) = match user {
        User::Cloned => (None, flags),
        User::First => (Some(Namespace::User), flags.without(Namespace::User)),
    };
    let led = |name: fn(Namespace) -> String, mut pieces: Vec<String>| {
        pieces.splice(0..0, before.map(name));
        pieces
    };
    let long = |kind: Namespace| format!("unshare({});", kind.flag_name());
    let brief = |kind: Namespace| format!("unshare({})", kind.label());
    for pieces in [
        led(long, whole(flags)),
        led(long, short(flags)),
        led(brief, shorter(flags)),
    ] {
        let filled = fill(&pieces, width);
        if filled.len() <= rows && filled.iter().all(|line| line.width() <= width) {
            return filled;
        }
    }
    let mut filled = fill(&led(brief, shorter(flags)), width);
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

/// How many rows the whole call needs.
pub fn rows(flags: NamespaceSet, width: u16) -> u16 {
    u16::try_from(fill(&whole(flags), usize::from(width)).len()).unwrap_or(u16::MAX)
}

/// Pieces between which a line may end.
fn whole(flags: NamespaceSet) -> Vec<String> {
    let names: Vec<&str> = cloned(flags).map(Namespace::flag_name).collect();
    let mut pieces = time(flags, "unshare(CLONE_NEWTIME);");
    pieces.push("clone(child,".to_owned());
    pieces.push("stack,".to_owned());
    let mut all = vec!["SIGCHLD"];
    all.extend(names);
    let last = all.len() - 1;
    for (i, name) in all.into_iter().enumerate() {
        pieces.push(if i == last {
            format!("{name},")
        } else {
            format!("{name} |")
        });
    }
    pieces.push("NULL)".to_owned());
    pieces
}

/// `CLONE_NEW{UTS,IPC}`, as a shell would write it.
fn short(flags: NamespaceSet) -> Vec<String> {
    let mut pieces = time(flags, "unshare(CLONE_NEWTIME);");
    pieces.push("clone(child,".to_owned());
    pieces.push("stack,".to_owned());
    match braced(flags) {
        Some(names) => {
            pieces.push("SIGCHLD |".to_owned());
            pieces.push(format!("CLONE_NEW{names},"));
        }
        None => pieces.push("SIGCHLD,".to_owned()),
    }
    pieces.push("NULL)".to_owned());
    pieces
}

/// Only what the flags decide.
fn shorter(flags: NamespaceSet) -> Vec<String> {
    let mut pieces = time(flags, "unshare(TIME)");
    pieces.push(match braced(flags) {
        Some(names) => format!("clone(NEW{names})"),
        None => "clone(SIGCHLD)".to_owned(),
    });
    pieces
}

/// clone(2) has no room for TIME: its bit lies in the byte of the exit signal.
fn time(flags: NamespaceSet, call: &str) -> Vec<String> {
    if flags.contains(Namespace::Time) {
        vec![call.to_owned()]
    } else {
        Vec::new()
    }
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

    fn set(list: &str) -> NamespaceSet {
        list.parse().unwrap()
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
                lines(set(flags), User::Cloned, width, rows),
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
            for width in 0..140 {
                for count in 0..4 {
                    let shown = lines(flags, User::Cloned, width, count);
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
        assert_eq!(
            lines(flags, first, 120, 1),
            [
                "unshare(CLONE_NEWUSER); unshare(CLONE_NEWTIME); clone(child, stack, SIGCHLD | \
                 CLONE_NEWUTS, NULL)"
            ]
        );
        assert_eq!(
            lines(flags, first, 60, 1),
            ["unshare(USER) unshare(TIME) clone(NEWUTS)"]
        );
    }
}
