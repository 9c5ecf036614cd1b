//! The map as a tree of plain text, in each language.
//!
//! A user namespace is above the namespaces that it owns, a PID namespace above the PID namespaces in it.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::map::{Found, Holder, Map};
use crate::lang::Lang;
use crate::namespace::Namespace;

/// The most processes that are named on a line, and the most other keepers.
const NAMED: usize = 3;

struct MapWords {
    one_process: &'static str,
    processes: &'static str,
    first: &'static str,
    mounted: &'static str,
    open_in: &'static str,
    socket_of: &'static str,
    descriptor: &'static str,
    below_alone: &'static str,
    unseen: &'static str,
    made_by: &'static str,
    inside: &'static str,
    no_owner: &'static str,
    from_proc: &'static str,
    from_both: &'static str,
    ids: &'static str,
    no_ids: &'static str,
    unread_processes: &'static str,
    unread_descriptors: &'static str,
    unread_mounts: &'static str,
    unread_sockets: &'static str,
    unread_links: &'static str,
    cable: &'static str,
    shares: &'static str,
    receives: &'static str,
    hidden: &'static str,
    comma: &'static str,
}

const EN: MapWords = MapWords {
    one_process: "1 process",
    processes: "processes",
    first: "process 1 is ",
    mounted: "mounted at ",
    open_in: "open in ",
    socket_of: "a socket of ",
    descriptor: ", descriptor ",
    below_alone: "kept only by the namespaces below it",
    unseen: "kept by something that is not visible from here, such as a thread",
    made_by: "made by uid ",
    inside: "in pid ",
    no_owner: "The user namespace that owns these is not visible from here:",
    from_proc: "Read from /proc",
    from_both: "Read from /proc and from the kernel's list (listns)",
    ids: "; a number may be used again, so the kernel's own ids (NS_GET_ID) are compared too.",
    no_ids: "; this kernel gives no ids of its own (NS_GET_ID, Linux 6.18), so a \
             number may be used again unnoticed.",
    unread_processes: "Processes whose namespaces this user may not see (ptrace access rules; root \
                       may): ",
    unread_descriptors: "Processes whose open files this user may not see (a namespace that only such \
                         a file keeps is not shown): ",
    unread_mounts: "Mount tables that this user may not read (a namespace that only a mount in them \
                    keeps is not shown): ",
    unread_sockets: "Sockets whose network namespace this user may not see, which takes CAP_NET_ADMIN (one \
                     that only such a socket keeps is not shown): ",
    unread_links: "Network namespaces whose links this user may not read, or with too many: ",
    cable: "veth pair to ",
    shares: "shares the mount events of ",
    receives: "receives the mount events of ",
    hidden: "/proc is mounted with hidepid: other users' processes are not shown, and no namespace that \
             only they keep.",
    comma: ", ",
};

const ZH: MapWords = MapWords {
    one_process: "1 个进程",
    processes: "个进程",
    first: "1 号进程是 ",
    mounted: "挂载在 ",
    open_in: "被打开：",
    socket_of: "套接字属于 ",
    descriptor: "，描述符 ",
    below_alone: "只由它下面的命名空间保持",
    unseen: "由这里看不到的东西保持，例如某个线程",
    made_by: "创建者 uid ",
    inside: "位于 pid ",
    no_owner: "拥有下列命名空间的 user 命名空间从这里看不到：",
    from_proc: "读自 /proc",
    from_both: "读自 /proc 和内核的列表（listns）",
    ids: "；编号可能被重复使用，所以也比较内核自己的 id（NS_GET_ID）。",
    no_ids: "；这个内核没有自己的 id（NS_GET_ID，Linux 6.18 起），编号可能被重复使用而不被察觉。",
    unread_processes: "这个用户无权查看命名空间的进程数（ptrace 访问规则；root 可以）：",
    unread_descriptors: "这个用户无权查看打开文件的进程数，只由这些文件保持的命名空间也看不到：",
    unread_mounts: "这个用户无权读取的挂载表数，只由其中的挂载保持的命名空间也看不到：",
    unread_sockets: "这个用户无权查看网络命名空间的套接字数（CAP_NET_ADMIN），只由它们保持的命名空间也看不到：",
    unread_links: "这个用户无权读取其网络接口、或接口过多的网络命名空间数：",
    cable: "veth 对连到 ",
    shares: "共享挂载事件：",
    receives: "接收挂载事件：",
    hidden: "/proc 挂载时带了 hidepid：不显示其他用户的进程，只由它们保持的命名空间也看不到。",
    comma: "，",
};

/// A line: the branch in front of a namespace.
struct TextLine<'m> {
    branch: String,
    found: &'m Found,
}

/// The map, or one kind of it, as a tree.
pub(crate) fn tree(map: &Map, kind: Option<Namespace>, lang: Lang) -> String {
    let words = lang.pick([&EN, &ZH]);
    let mut text = String::new();
    let of_user = |found: &Found| owned(map, found);
    let of_kind = |found: &Found| nested(map, found);
    let mut rows = Vec::new();
    for root in map.roots(kind.unwrap_or(Namespace::User)) {
        match kind {
            None => add(root, "", "", &of_user, &mut rows),
            Some(_) => add(root, "", "", &of_kind, &mut rows),
        }
    }
    write_rows(&mut text, map, &rows, words);
    let all = map.namespaces.iter().filter(|_| kind.is_none());
    let lost: Vec<_> = all
        .filter(|found| found.facts.kind != Namespace::User && owner(map, found).is_none())
        .map(|found| TextLine {
            branch: String::new(),
            found,
        })
        .collect();
    if !lost.is_empty() {
        let _ = writeln!(text, "\n{}", words.no_owner);
        write_rows(&mut text, map, &lost, words);
    }
    let listed = map.is_listed();
    let from = if listed {
        words.from_both
    } else {
        words.from_proc
    };
    let ids = if map.ids { words.ids } else { words.no_ids };
    let _ = writeln!(text, "\n{from}{ids}");
    let unread = map.unread;
    for (count, said) in [
        (unread.processes, words.unread_processes),
        (unread.descriptors, words.unread_descriptors),
        (unread.mounts, words.unread_mounts),
        (unread.sockets, words.unread_sockets),
        (unread.links, words.unread_links),
    ] {
        if count > 0 {
            let _ = writeln!(text, "{said}{count}");
        }
    }
    if unread.hidden {
        let _ = writeln!(text, "{}", words.hidden);
    }
    text
}

fn owner<'m>(map: &'m Map, found: &Found) -> Option<&'m Found> {
    map.find(found.facts.owner?.ino)
}

/// The namespaces that a user namespace owns, and then the user namespaces in it.
fn owned<'m>(map: &'m Map, user: &Found) -> Vec<&'m Found> {
    if user.facts.kind != Namespace::User {
        return Vec::new();
    }
    let key = Some(user.key);
    let own = map.namespaces.iter().filter(|it| it.facts.owner == key);
    let below = map.of_kind(Namespace::User);
    own.chain(below.filter(|it| it.facts.parent == key))
        .collect()
}

/// The namespaces of its kind in a namespace.
fn nested<'m>(map: &'m Map, found: &Found) -> Vec<&'m Found> {
    let of_kind = map.of_kind(found.facts.kind);
    of_kind
        .filter(|it| it.facts.parent == Some(found.key))
        .collect()
}

/// Adds the line of a namespace, and the lines of the namespaces below it.
fn add<'m>(
    found: &'m Found,
    branch: &str,
    stem: &str,
    below: &dyn Fn(&Found) -> Vec<&'m Found>,
    rows: &mut Vec<TextLine<'m>>,
) {
    rows.push(TextLine {
        branch: branch.to_owned(),
        found,
    });
    let all = below(found);
    for (at, found) in all.iter().enumerate() {
        let (branch, next) = branches(stem, at + 1 == all.len());
        add(found, &branch, &next, below, rows);
    }
}

/// The prefix of a line, and of those below it.
fn branches(stem: &str, last: bool) -> (String, String) {
    if last {
        (format!("{stem}└ "), format!("{stem}  "))
    } else {
        (format!("{stem}├ "), format!("{stem}│ "))
    }
}

fn write_rows(text: &mut String, map: &Map, rows: &[TextLine<'_>], words: &MapWords) {
    let name = |row: &TextLine<'_>| {
        let (kind, ino) = (row.found.facts.kind.name(), row.found.key.ino);
        format!("{}{kind:<6} {ino}", row.branch)
    };
    let widest = rows.iter().map(|row| name(row).width()).max().unwrap_or(0);
    for row in rows {
        let name = name(row);
        let blanks = " ".repeat(widest - name.width());
        let _ = writeln!(
            text,
            "{name}{blanks}  {}",
            namespace_line(map, row.found, words)
        );
    }
}

/// The keepers of a namespace and the processes in it, as one line.
pub(crate) fn kept_by(map: &Map, found: &Found, lang: Lang) -> String {
    namespace_line(map, found, lang.pick([&EN, &ZH]))
}

/// The text about a namespace.
fn namespace_line(map: &Map, found: &Found, words: &MapWords) -> String {
    let mut parts = vec![match found.processes.len() {
        1 => words.one_process.to_owned(),
        count => format!("{count} {}", words.processes),
    }];
    let name = |pid: &i32| match map.process(*pid) {
        Some(process) => format!("{} {pid}", shown(&process.name)),
        None => pid.to_string(),
    };
    if let Some(first) = found.first {
        parts.push(format!("{}{}", words.first, name(&first)));
    } else if !found.processes.is_empty() {
        let names = found.processes.iter().map(name);
        parts.push(some(names).join(" "));
    }
    if found.facts.kind == Namespace::Pid
        && let Some(parent) = found.facts.parent
        && map.find(parent.ino).is_some()
    {
        parts.push(format!("{}{}", words.inside, parent.ino));
    }
    if let Some(uid) = found
        .facts
        .owner_uid
        .filter(|_| found.facts.parent.is_some())
    {
        parts.push(format!("{}{uid}", words.made_by));
    }
    // Every process has sockets: name them only where nothing else is in the namespace.
    let is_said =
        |holder: &&Holder| !matches!(holder, Holder::Socket { .. }) || found.processes.is_empty();
    let holders = found.holders.iter().filter(is_said);
    parts.extend(some(holders.map(|holder| match holder {
        Holder::Mount { path, .. } => format!("{}{}", words.mounted, shown(path)),
        Holder::Descriptor { pid, fd } => {
            format!("{}{}{}{fd}", words.open_in, name(pid), words.descriptor)
        }
        Holder::Socket { pid, fd } => {
            format!("{}{}{}{fd}", words.socket_of, name(pid), words.descriptor)
        }
    })));
    if found.has_no_known_keeper() {
        let below = map.is_kept_by_namespaces(found);
        let said = if below {
            words.below_alone
        } else {
            words.unseen
        };
        parts.push(said.to_owned());
    }
    parts.extend(tied(map, found, words));
    parts.join(words.comma)
}

/// The first of them, and a sign if there are more.
fn some(mut all: impl Iterator<Item = String>) -> Vec<String> {
    let first: Vec<_> = all.by_ref().take(NAMED).collect();
    first
        .into_iter()
        .chain(all.next().map(|_| "…".to_owned()))
        .collect()
}

/// Its connections to others of its kind: veth pairs, peer groups of mounts.
fn tied(map: &Map, found: &Found, words: &MapWords) -> Vec<String> {
    let mut parts = Vec::new();
    let mut list = |said: &str, mut others: Vec<String>| {
        others.dedup();
        if !others.is_empty() {
            parts.push(format!("{said}{}", some(others.into_iter()).join(" ")));
        }
    };
    if found.facts.kind == Namespace::Net {
        let pairs = map.veth_pairs();
        let others = pairs.iter().filter_map(|[one, other]| {
            match (
                one.namespace.key == found.key,
                other.namespace.key == found.key,
            ) {
                (true, false) => Some(other.namespace),
                (false, true) => Some(one.namespace),
                (true, true) | (false, false) => None,
            }
        });
        let others = others.map(|it| it.key.ino.to_string());
        list(words.cable, others.collect());
    }
    if found.facts.kind == Namespace::Mnt {
        let groups = map.shared_groups();
        let is_it = |(it, _): &(&Found, &str)| it.key == found.key;
        let mut others = [Vec::new(), Vec::new()];
        for group in &groups {
            let member = group.members.iter().any(is_it);
            for (said, here) in [(0, member), (1, group.receivers.iter().any(is_it))] {
                let members = group.members.iter().filter(|it| here && !is_it(it));
                others[said].extend(members.map(|(it, _)| it.key.ino.to_string()));
            }
        }
        for (said, mut others) in [words.shares, words.receives].into_iter().zip(others) {
            others.sort();
            list(said, others);
        }
    }
    parts
}

/// A name that a program chose, with U+FFFD in place of control characters.
pub(crate) fn shown(name: &str) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::map::example;

    #[test]
    fn the_tree_in_both_languages() {
        for lang in Lang::ALL {
            let text = [None, Some(Namespace::Pid), Some(Namespace::Net)]
                .map(|kind| tree(&example(), kind, lang))
                .join("\n");
            insta::assert_snapshot!(format!("tree_{lang}"), text);
        }
    }

    #[test]
    fn sockets_are_said_where_nothing_else_is_in_a_namespace() {
        let sockets: Vec<_> = (4..9).map(|fd| Holder::Socket { pid: 50, fd }).collect();
        let mut map = example();
        map.unread.sockets = 7;
        for found in &mut map.namespaces {
            match found.key.ino {
                5 => found.holders.extend(sockets.clone()),
                33 => found.holders = sockets.clone(),
                _ => {}
            }
        }
        let text = tree(&map, Some(Namespace::Net), Lang::En);
        let line = |ino: &str| text.lines().find(|line| line.contains(ino)).unwrap();
        assert!(!line("net    5 ").contains("socket"), "{text}");
        let said = "a socket of bash 50, descriptor 4, a socket of bash 50, descriptor 5, \
                    a socket of bash 50, descriptor 6, …";
        assert!(line("net    33").ends_with(said), "{text}");
        assert!(
            text.contains("takes CAP_NET_ADMIN (") && text.contains("is not shown): 7\n"),
            "{text}"
        );
    }
}
