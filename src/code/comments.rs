//! The comments of the programs in Chinese.
//!
//! Owns one table: each comment of the templates, and its translation.

/// The program with its comments in Chinese. The code stays as it is.
pub(super) fn in_chinese(program: &str) -> String {
    TABLE
        .iter()
        .fold(program.to_owned(), |program, (english, chinese)| {
            program.replace(english, chinese)
        })
}

/// A comment of several lines has its line breaks here too.
const TABLE: &[(&str, &str)] = &[
    ("The container that `nslab code", "本程序由 `nslab code"),
    ("` is about.\n", "` 给出。\n"),
    (
        "PID is a process of the container that is joined.",
        "PID 是要加入的那个容器里的进程。",
    ),
    (
        "Run with a pid: that of a process of the container that is joined.",
        "运行时给出 pid：要加入的那个容器里的一个进程。",
    ),
    (
        "The child works on a copy of our memory, and on this stack.",
        "子进程使用的是我们内存的副本，以及这个栈。",
    ),
    ("Closed when the maps are written.", "映射写好后关闭。"),
    (
        "uid 0 and gid 0 in there are whoever we are out here.",
        "里面的 uid 0、gid 0 就是外面的我们。",
    ),
    (
        "/proc as it is out here: in the mount namespace that is joined it may be another.",
        "外面的 /proc：在要加入的 mount 命名空间里，/proc 可能是另一个。",
    ),
    (
        "Writes below /proc as it is out here: in the mount namespace that is joined it may be another.",
        "写入外面的 /proc：在要加入的 mount 命名空间里，/proc 可能是另一个。",
    ),
    (
        "The flag of a kind, if the process has another namespace of it than we: to join our own once\n * more may be refused.",
        "某一种命名空间的标志，前提是那个进程的与我们的不同：再次加入自己的命名空间可能被拒绝。",
    ),
    (
        "The flag of a kind, if the process has another namespace of it than we: to join our own once\n/// more may be refused.",
        "某一种命名空间的标志，前提是那个进程的与我们的不同：再次加入自己的命名空间可能被拒绝。",
    ),
    (
        "To join a namespace of our own once more may be refused.",
        "再次加入自己的命名空间可能被拒绝。",
    ),
    ("The kernel has no such kind.", "内核没有这一种。"),
    (
        "A directory of the old root in the new one, or the link that stands in its place.",
        "把旧根目录里的一个目录（或代替它的链接）放进新根目录。",
    ),
    (
        "A directory, or the link that stands in its place.",
        "目录，或代替它的链接。",
    ),
    (
        "A small root, made of what there is.",
        "用现有的目录搭一个小型根目录。",
    ),
    (
        "The old root lands on top of the new one, and is taken off from there.",
        "旧根目录叠在新根目录上面，再从那里卸下。",
    ),
    (
        "What the new process does: become a shell.",
        "新进程要做的：变成一个 shell。",
    ),
    (
        "Without a map we would be nobody, and exec would take every capability. Not written\n\t * from outside: the pid that clone() returns is not what /proc calls us.",
        "没有映射就是 nobody，exec 还会清掉所有权能。不从外面写：clone() 返回的 pid\n\t * 不是 /proc 里我们的号码。",
    ),
    (
        "Without a map we would be nobody, and exec would take every capability. Not written\n        // from outside: the pid that clone() returns is not what /proc calls us.",
        "没有映射就是 nobody，exec 还会清掉所有权能。不从外面写：clone() 返回的 pid\n        // 不是 /proc 里我们的号码。",
    ),
    (
        "Without a map we would be nobody, and exec would take every capability.",
        "没有映射就是 nobody，exec 还会清掉所有权能。",
    ),
    (
        "Without a map we are nobody in here, and exec takes every capability.",
        "没有映射，在里面就是 nobody，exec 会清掉所有权能。",
    ),
    (
        "The name lies in the new UTS namespace: nobody outside sees it.",
        "主机名属于新的 UTS 命名空间：外面看不到。",
    ),
    (
        "What is mounted from here on stays on its side.",
        "从这里起，各自的挂载互不影响。",
    ),
    (
        "What is mounted from here on is mounted in every copy of these mounts.",
        "从这里起，任何一份副本里的挂载都会出现在其他副本里。",
    ),
    (
        "What is mounted outside is mounted in here too, and not the other way.",
        "外面的挂载也会出现在里面，反过来则不会。",
    ),
    (
        "A new proc shows the PID namespace of whoever mounts it.",
        "新的 proc 显示挂载者所在的 PID 命名空间。",
    ),
    (
        "Into namespaces of that process.",
        "加入那个进程的命名空间。",
    ),
    (
        "Only children are in a PID namespace that was joined, and only who is in it can make one\n\t * below it.",
        "加入 PID 命名空间后，只有子进程才在里面；也只有在里面的进程才能创建它的下级。",
    ),
    (
        "Only children are in a PID namespace that was joined, and only who is in it can make one\n    // below it.",
        "加入 PID 命名空间后，只有子进程才在里面；也只有在里面的进程才能创建它的下级。",
    ),
    (
        "clone() can't make a time namespace: the bit lies in its exit signal. Made here, for\n\t * children; the offsets are fixed as soon as one is in it.",
        "clone() 无法创建 time 命名空间：这一位属于退出信号。所以在这里创建，供子进程使用；\n\t * 一旦有进程进入，偏移量就不能再改。",
    ),
    (
        "clone() can't make a time namespace: the bit lies in its exit signal. Made here, for\n    // children; the offsets are fixed as soon as one is in it.",
        "clone() 无法创建 time 命名空间：这一位属于退出信号。所以在这里创建，供子进程使用；\n    // 一旦有进程进入，偏移量就不能再改。",
    ),
    (
        "This needs root, as in the lab host; others first unshare CLONE_NEWUSER and map it.",
        "需要 root，如同在实验宿主机里；其他用户要先 unshare CLONE_NEWUSER 并写好映射。",
    ),
    (
        "SAFETY: what pidfd_open returns is a descriptor that nobody else has.",
        "SAFETY：pidfd_open 返回的描述符没有别人持有。",
    ),
    (
        "SAFETY: this process has one thread, and without CLONE_VM the child has a copy of its memory.",
        "SAFETY：本进程只有一个线程；没有 CLONE_VM，子进程得到的是内存的副本。",
    ),
    (
        "SAFETY: this process has one thread.",
        "SAFETY：本进程只有一个线程。",
    ),
    (
        "SAFETY: the kernel reads as many bytes as `domain` has.",
        "SAFETY：内核读取的字节数就是 `domain` 的长度。",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::in_chinese;
    use crate::code::{Notation, program};
    use crate::lang::Lang;
    use crate::namespace::NamespaceSet;
    use crate::sandbox::options::{Proc, Propagation, Root, UserMap};
    use crate::sandbox::{ContainerNumber, Join, LaunchOptions, Plan};

    /// Plans that use every part of the templates.
    fn plans() -> Vec<Plan> {
        let set = |text: &str| text.parse::<NamespaceSet>().unwrap();
        let every = set("uts,ipc,pid,mnt,net,user,cgroup,time");
        let mut plans = Vec::new();
        for flags in [
            "",
            "uts",
            "mnt",
            "user",
            "user,mnt",
            "pid,user",
            "mnt,time,user,pid,uts",
        ] {
            for kinds in ["", "pid", "mnt", "user,time,cgroup", "pid,mnt,user"] {
                for propagation in [
                    Propagation::Inherited,
                    Propagation::Private,
                    Propagation::Shared,
                    Propagation::Slave,
                ] {
                    for map in [UserMap::Written, UserMap::Unwritten] {
                        for (proc, root) in
                            [(Proc::Inherited, Root::Own), (Proc::Fresh, Root::Inherited)]
                        {
                            let options = LaunchOptions {
                                proc,
                                map,
                                propagation,
                                root,
                                domainname: "here".parse().ok(),
                                ..LaunchOptions::default()
                            };
                            let join = (!kinds.is_empty()).then(|| Join {
                                whose: ContainerNumber::FIRST,
                                kinds: set(kinds),
                            });
                            plans.push(Plan {
                                flags: set(flags),
                                join,
                                options,
                            });
                        }
                    }
                }
            }
        }
        plans.push(Plan::new(every));
        plans
    }

    fn comment(line: &str) -> Option<&str> {
        let line = line.trim();
        ["//", "/*", "* ", "# "]
            .into_iter()
            .find_map(|mark| line.strip_prefix(mark))
            .or_else(|| line.split_once("/* ").map(|(_, comment)| comment))
    }

    #[test]
    fn no_comment_stays_english_and_no_code_changes() {
        let plans = plans();
        let programs = plans.iter().flat_map(|plan| {
            Notation::ALL.map(|notation| program(notation, plan, Lang::En).unwrap())
        });
        // Many plans make the same program.
        for en in programs.collect::<BTreeSet<_>>() {
            let zh = in_chinese(&en);
            let code = |text: &str| {
                let lines = text.lines().filter(|line| comment(line).is_none());
                lines.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(code(&en), code(&zh));
            for said in zh.lines().filter_map(comment) {
                let command = ["cc -Wall", "cargo add"].iter().any(|it| said.contains(it));
                let words = said.chars().any(|c| c.is_ascii_alphabetic());
                assert!(!words || command || !said.is_ascii(), "{said:?} in\n{zh}");
            }
        }
    }
}
