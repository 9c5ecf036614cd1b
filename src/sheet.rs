//! The sheet to take along: each kind of namespace, with the options that make, join and show it.
//!
//! Owns the sheet's table. Pure: it writes text. Must not know what this machine has.

use std::fmt::Write as _;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::template::AssetTemplate;

/// The format of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Plain text, 80 columns wide.
    Text,
    /// A Markdown table.
    Md,
    /// A page of HTML that prints on one sheet of A4 paper.
    Html,
}

/// Columns of the plain text.
const WIDTH: usize = 80;

/// A sentence for English, and for Chinese.
type BothLanguages = [&'static str; 2];

/// The sheet's facts about a kind, in addition to those of the table in `namespace`.
struct KindFacts {
    isolates: BothLanguages,
    /// The first Linux that has it.
    since: &'static str,
    /// The long option of unshare(1) and nsenter(1); the short one is the kind's key.
    option: &'static str,
    docker: BothLanguages,
    podman: BothLanguages,
    kubernetes: BothLanguages,
    trap: BothLanguages,
    /// The man page, in section 7.
    page: &'static str,
}

/// A text that is the same in both languages.
const fn same(text: &'static str) -> BothLanguages {
    [text, text]
}

/// No option exists.
const NONE: BothLanguages = ["none", "没有"];

/// The options of docker-run(1) and podman-run(1), and the fields of a Kubernetes pod's `spec`.
#[expect(clippy::too_many_lines, reason = "an exhaustive table")]
fn row(kind: Namespace) -> KindFacts {
    match kind {
        Namespace::Uts => KindFacts {
            isolates: ["hostname and NIS domain name", "主机名和 NIS 域名"],
            since: "2.6.19",
            option: "--uts",
            docker: ["--hostname NAME; --uts host", "--hostname 名字；--uts host"],
            podman: [
                "--hostname NAME; --uts host|container:ID",
                "--hostname 名字；--uts host|container:ID",
            ],
            kubernetes: [
                "hostname: NAME; hostNetwork: true shares the node's",
                "hostname: 名字；hostNetwork: true 也共用节点的",
            ],
            trap: [
                "A shell's prompt keeps the old name until the next shell starts.",
                "shell 的提示符仍显示旧名字，新启动的 shell 才显示新名字。",
            ],
            page: "uts_namespaces",
        },
        Namespace::Ipc => KindFacts {
            isolates: [
                "System V queues, semaphores, shared memory; POSIX message queues",
                "System V 消息队列、信号量、共享内存；POSIX 消息队列",
            ],
            since: "2.6.19",
            option: "--ipc",
            docker: same("--ipc private|shareable|host|container:ID"),
            podman: same("--ipc private|shareable|host|container:ID"),
            kubernetes: [
                "shared in a pod; hostIPC: true",
                "同一个 pod 共用；hostIPC: true",
            ],
            trap: [
                "Pipes, sockets and signals pass it; POSIX shared memory is a file in /dev/shm.",
                "管道、套接字、信号不受它限制；POSIX 共享内存是 /dev/shm 里的文件。",
            ],
            page: "ipc_namespaces",
        },
        Namespace::Pid => KindFacts {
            isolates: ["process ids", "进程号"],
            since: "2.6.24",
            option: "--pid",
            docker: same("--pid host|container:ID"),
            podman: same("--pid host|container:ID"),
            kubernetes: [
                "one a container; shareProcessNamespace: true; hostPID: true",
                "每个容器一个；shareProcessNamespace: true；hostPID: true",
            ],
            trap: [
                "unshare(2) moves only children: add --fork. ps reads /proc: mount a new one. When \
                 process 1 ends, all end.",
                "unshare(2) 只对子进程生效：加 --fork。ps 读的是 /proc：要重新挂载。1 号进程结束，\
                 其余全部结束。",
            ],
            page: "pid_namespaces",
        },
        Namespace::Mnt => KindFacts {
            isolates: ["the table of mounts", "挂载表"],
            since: "2.4.19",
            option: "--mount",
            docker: [
                "always its own; -v SRC:DST[:rslave|rshared]",
                "总是独立；-v 源:目标[:rslave|rshared]",
            ],
            podman: [
                "always its own; -v SRC:DST[:rslave|rshared]",
                "总是独立；-v 源:目标[:rslave|rshared]",
            ],
            kubernetes: [
                "one a container; mountPropagation: HostToContainer|Bidirectional",
                "每个容器一个；mountPropagation: HostToContainer|Bidirectional",
            ],
            trap: [
                "Mounts of a shared / still appear outside: make them private first, as unshare(1) \
                 does and clone(2) doesn't.",
                "/ 是 shared 时，新挂载在外面也会出现：先改成 private。unshare(1) 会改，clone(2) 不会。",
            ],
            page: "mount_namespaces",
        },
        Namespace::Net => KindFacts {
            isolates: [
                "interfaces, addresses, routes, firewall, ports, abstract sockets",
                "网络接口、地址、路由、防火墙、端口、抽象套接字",
            ],
            since: "2.6.24",
            option: "--net",
            docker: [
                "--network NAME|none|host|container:ID",
                "--network 名字|none|host|container:ID",
            ],
            podman: [
                "--network NAME|none|host|container:ID|pasta",
                "--network 名字|none|host|container:ID|pasta",
            ],
            kubernetes: [
                "shared in a pod; hostNetwork: true",
                "同一个 pod 共用；hostNetwork: true",
            ],
            trap: [
                "A new one has only lo, and lo is down.",
                "新的里面只有 lo，而且是关闭的。",
            ],
            page: "network_namespaces",
        },
        Namespace::User => KindFacts {
            isolates: ["user and group ids, capabilities", "用户和组的 ID、权能"],
            since: "3.8",
            option: "--user",
            docker: [
                "--userns host; dockerd --userns-remap",
                "--userns host；dockerd --userns-remap",
            ],
            podman: same("--userns auto|keep-id|nomap|host"),
            kubernetes: same("hostUsers: false"),
            trap: [
                "Without a map every id is 65534. Root in it rules only what it owns. gid_map needs \
                 setgroups = deny first.",
                "不写映射，所有 ID 都是 65534。里面的 root 只管它拥有的资源。先把 setgroups 写成 \
                 deny，才能写 gid_map。",
            ],
            page: "user_namespaces",
        },
        Namespace::Cgroup => KindFacts {
            isolates: ["the root of the cgroup paths", "cgroup 路径的根"],
            since: "4.6",
            option: "--cgroup",
            docker: same("--cgroupns private|host"),
            podman: same("--cgroupns private|host|container:ID"),
            kubernetes: [
                "one a container (cgroup v2); no field",
                "每个容器一个（cgroup v2）；没有字段",
            ],
            trap: [
                "It hides a path and limits nothing; what is mounted on /sys/fs/cgroup stays.",
                "它只隐藏路径，不限制任何资源；/sys/fs/cgroup 上已有的挂载不变。",
            ],
            page: "cgroup_namespaces",
        },
        Namespace::Time => KindFacts {
            isolates: [
                "offsets of CLOCK_MONOTONIC and CLOCK_BOOTTIME",
                "CLOCK_MONOTONIC 和 CLOCK_BOOTTIME 的偏移",
            ],
            since: "5.6",
            option: "--time",
            docker: NONE,
            podman: NONE,
            kubernetes: NONE,
            trap: [
                "The date is the same for all. Offsets are written before a process enters; clone(2) \
                 can't make one.",
                "日期对所有人都一样。偏移要在进程进入之前写；clone(2) 不能创建它。",
            ],
            page: "time_namespaces",
        },
    }
}

/// One fact about a kind.
#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
    /// Whether it is code: shown as it is typed, written or read.
    code: bool,
}

#[derive(Serialize)]
struct SheetKind {
    label: &'static str,
    facts: Vec<Fact>,
}

/// The variables of the templates.
#[derive(Serialize)]
struct SheetPage {
    lang: &'static str,
    title: &'static str,
    rule: &'static str,
    kinds: [SheetKind; 8],
}

/// The facts of a kind, in the sheet's order.
fn facts(kind: Namespace, lang: Lang) -> Vec<Fact> {
    let row = row(kind);
    let code = |name, value| Fact {
        name: lang.pick(name),
        value,
        code: true,
    };
    let words = |name, value: BothLanguages| Fact {
        name: lang.pick(name),
        value: lang.pick(value).to_owned(),
        code: false,
    };
    let (name, key, option) = (kind.name(), kind.key(), row.option);
    vec![
        words(["isolates", "隔离"], row.isolates),
        code(["flag", "标志"], kind.flag_name().to_owned()),
        code(["make", "创建"], format!("unshare -{key}, {option}")),
        code(["join", "加入"], format!("nsenter -{key}, {option}")),
        code(["list", "列出"], format!("lsns -t {name}")),
        words(["docker", "docker"], row.docker),
        words(["podman", "podman"], row.podman),
        words(["Kubernetes", "Kubernetes"], row.kubernetes),
        words(["trap", "陷阱"], row.trap),
        code(["read", "手册"], format!("{}(7)", row.page)),
        code(["since", "始于"], format!("Linux {}", row.since)),
    ]
}

pub(crate) fn sheet(format: Format, lang: Lang) -> Result<String, minijinja::Error> {
    static MD: AssetTemplate = AssetTemplate::new(include_str!("../assets/sheet.md"));
    static HTML: AssetTemplate = AssetTemplate::new(include_str!("../assets/sheet.html"));

    let title = lang.pick([
        "Linux namespaces: eight kinds on one sheet",
        "Linux 命名空间：八种，一页纸",
    ]);
    let rule = lang.pick([
        "One namespace of each kind belongs to every process: /proc/PID/ns. clone(2) makes a process \
         in new ones, unshare(2) makes new ones for the caller, setns(2) joins one that exists.",
        "每个进程在每一种里都属于一个命名空间：/proc/PID/ns。clone(2) 让新进程进入新的命名空间，\
         unshare(2) 为调用者创建，setns(2) 加入已有的。",
    ]);
    let template = match format {
        Format::Text => return Ok(text(title, rule, lang)),
        Format::Md => &MD,
        Format::Html => &HTML,
    };
    let kinds = Namespace::ALL.map(|kind| SheetKind {
        label: kind.label(),
        facts: facts(kind, lang),
    });
    let lang = lang.name();
    template.fill(SheetPage {
        lang,
        title,
        rule,
        kinds,
    })
}

fn text(title: &str, rule: &str, lang: Lang) -> String {
    let mut text = format!("{title}\n\n{}\n", textwrap::fill(rule, WIDTH));
    let all = Namespace::ALL.map(|kind| (kind, facts(kind, lang)));
    let names = all.iter().flat_map(|(_, facts)| facts).map(|it| it.name);
    let widest = names.map(UnicodeWidthStr::width).max().unwrap_or_default();
    for (kind, facts) in &all {
        let _ = writeln!(text, "\n{}", kind.label());
        for Fact { name, value, .. } in facts {
            let first = format!("  {name}{}  ", " ".repeat(widest - name.width()));
            let further = " ".repeat(first.width());
            let options = textwrap::Options::new(WIDTH)
                .initial_indent(&first)
                .subsequent_indent(&further);
            let _ = writeln!(text, "{}", textwrap::fill(value, options));
        }
    }
    text
}
