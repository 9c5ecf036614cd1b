//! Sentences of figures.

use super::sides::side_name;
use crate::app::map_view::seen::WhyStale;
use crate::lang::Lang;
use crate::lesson::FigureKind;
use crate::sandbox::Side;

/// The sentence about the coming content of a figure, while there is nothing to draw yet.
pub(crate) fn figure_waits(lang: Lang, kind: FigureKind) -> &'static str {
    match kind {
        FigureKind::Nesting => lang.pick([
            "Here the namespaces will be drawn as boxes, with their processes.",
            "这里会把命名空间画成方框，框里是其中的进程。",
        ]),
        FigureKind::Links => lang.pick([
            "Here the networks will be drawn, with what connects them.",
            "这里会画出各个网络以及它们之间的连接。",
        ]),
        FigureKind::Ids => lang.pick([
            "Here the id maps will be drawn, once a container has a user namespace of its own.",
            "有容器拥有自己的 user 命名空间后，这里会画出 id 映射。",
        ]),
        FigureKind::Mounts => lang.pick([
            "Here the mounts will be drawn as a tree.",
            "这里会把挂载画成一棵树。",
        ]),
        FigureKind::Layers => lang.pick([
            "Here the layers will be drawn, once an overlay is mounted.",
            "挂载 overlay 后，这里会画出它的各层。",
        ]),
        FigureKind::Peers => lang.pick([
            "Here peer groups will be drawn, once a mount is in one.",
            "有挂载属于对等组后，这里会画出对等组。",
        ]),
        FigureKind::Sharing => lang.pick([
            "Here the sides that share a namespace will be drawn, once a container runs.",
            "有容器运行后，这里会画出谁与谁共用哪个命名空间。",
        ]),
        FigureKind::Cgroups => lang.pick([
            "Here the tree of cgroups will be drawn, with the shells in it.",
            "这里会画出 cgroup 树，以及各个 shell 在树上的位置。",
        ]),
    }
}

/// Why the namespaces can't be drawn.
pub(crate) fn figure_lost(lang: Lang, lost: &WhyStale) -> String {
    match (lang, lost) {
        (Lang::En, WhyStale::NoLab) => "There is no lab host to draw.".to_owned(),
        (Lang::ZhCn, WhyStale::NoLab) => "没有实验宿主机可画。".to_owned(),
        (Lang::En, WhyStale::NotStarted(why)) => {
            format!("The namespaces can't be drawn: their watcher could not be started: {why}.")
        }
        (Lang::ZhCn, WhyStale::NotStarted(why)) => {
            format!("画不出命名空间：无法启动观察进程：{why}。")
        }
        (Lang::En, WhyStale::Ended) => {
            "The namespaces can't be drawn: their watcher has ended.".to_owned()
        }
        (Lang::ZhCn, WhyStale::Ended) => "画不出命名空间：观察进程已结束。".to_owned(),
    }
}

/// `host, container 2`.
pub(crate) fn side_names(lang: Lang, sides: &[Side]) -> String {
    let names: Vec<_> = sides.iter().map(|side| side_name(lang, *side)).collect();
    names.join(lang.pick([", ", "、"]))
}

/// The shortest name of a side, for a column that is too narrow for a word.
pub(crate) fn short_side(lang: Lang, side: Side) -> String {
    match side {
        Side::Host => lang.pick(["host", "宿主"]).to_owned(),
        Side::Container(number) => number.get().to_string(),
    }
}

/// A name in front of Chinese text. A space follows if the name ends in a digit.
fn spaced(name: &str) -> String {
    let blank = if name.ends_with(|c: char| c.is_ascii_digit()) {
        " "
    } else {
        ""
    };
    format!("{name}{blank}")
}

pub(crate) fn more(lang: Lang, count: usize) -> String {
    match lang {
        Lang::En => format!("… and {count} more"),
        Lang::ZhCn => format!("……还有 {count} 个"),
    }
}

pub(crate) fn more_processes(lang: Lang, count: usize) -> String {
    match lang {
        Lang::En if count == 1 => "… and 1 more process".to_owned(),
        Lang::En => format!("… and {count} more processes"),
        Lang::ZhCn => format!("……还有 {count} 个进程"),
    }
}

/// The meaning of the numbers in [`box_told`].
pub(crate) fn numbers_told(lang: Lang) -> &'static str {
    lang.pick([
        "The boxes, each with its processes and their pids, from the host's inwards:",
        "各个方框和其中的进程，以及进程的编号（从宿主机的编号起，由外到内）：",
    ])
}

/// A box with its processes.
pub(crate) fn box_told(
    lang: Lang,
    name: &str,
    outer: Option<&str>,
    processes: &[String],
) -> String {
    let processes = match (lang, processes) {
        (Lang::En, []) => "no process".to_owned(),
        (Lang::ZhCn, []) => "没有进程".to_owned(),
        (lang, all) => all.join(lang.pick([", ", "、"])),
    };
    match (lang, outer) {
        (Lang::En, None) => format!("{name}: {processes}."),
        (Lang::En, Some(outer)) => format!("{name}, inside {outer}: {processes}."),
        (Lang::ZhCn, None) => format!("{name}：{processes}。"),
        (Lang::ZhCn, Some(outer)) => format!("{name}（在 {outer} 里）：{processes}。"),
    }
}

/// Which kinds these sides share.
pub(crate) fn shared_told(lang: Lang, sides: &[Side], kinds: &str) -> String {
    let names = side_names(lang, sides);
    match (lang, sides) {
        (Lang::En, [_]) => format!("{names} alone: {kinds}."),
        (Lang::En, _) => format!("{names} share: {kinds}."),
        (Lang::ZhCn, [_]) => format!("只有{names}：{kinds}。"),
        (Lang::ZhCn, _) => format!("{}共用：{kinds}。", spaced(&names)),
    }
}

/// `name`: `uid` or `gid`.
pub(crate) fn no_map(lang: Lang, name: &str) -> String {
    match lang {
        Lang::En => format!("{name}: no map yet"),
        Lang::ZhCn => format!("{name}：还没有映射"),
    }
}

/// A line of an id map.
pub(crate) fn ids_told(lang: Lang, side: &str, inside: &str, outside: Option<&str>) -> String {
    match (lang, outside) {
        (Lang::En, Some(outside)) => format!("{inside} in {side} is {outside} on the host."),
        (Lang::En, None) => format!("{side}: {inside}."),
        (Lang::ZhCn, Some(outside)) => {
            format!("{}里的 {inside} 是宿主机的 {outside}。", spaced(side))
        }
        (Lang::ZhCn, None) => format!("{side}：{inside}。"),
    }
}

pub(crate) fn peer_group(lang: Lang, group: u32) -> String {
    match lang {
        Lang::En => format!("peer group {group}"),
        Lang::ZhCn => format!("对等组 {group}"),
    }
}

pub(crate) fn slaves(lang: Lang, master: u32) -> String {
    match lang {
        Lang::En => format!("slaves of group {master}"),
        Lang::ZhCn => format!("对等组 {master} 的 slave"),
    }
}

pub(crate) fn private_mounts(lang: Lang) -> &'static str {
    lang.pick(["private: in no group", "private：不属于任何组"])
}

/// The label of the arrow from a group to the mounts that receive from it.
pub(crate) fn one_way(lang: Lang) -> &'static str {
    lang.pick(["one way only", "只有这个方向"])
}

pub(crate) fn mount_of(lang: Lang, target: &str, sides: &str) -> String {
    match lang {
        Lang::En => format!("{target} of {sides}"),
        Lang::ZhCn => format!("{}的 {target}", spaced(sides)),
    }
}

/// A box of mounts.
pub(crate) fn peers_told(
    lang: Lang,
    title: &str,
    master: Option<u32>,
    mounts: &[String],
) -> String {
    let mounts = mounts.join(lang.pick([", ", "、"]));
    let colon = lang.pick([": ", "："]);
    let stop = lang.pick([".", "。"]);
    match master {
        Some(master) => {
            let way = match lang {
                Lang::En => format!(" (receives from group {master}, passes nothing back)"),
                Lang::ZhCn => format!("（从对等组 {master} 接收，不传回去）"),
            };
            format!("{title}{way}{colon}{mounts}{stop}")
        }
        None => format!("{title}{colon}{mounts}{stop}"),
    }
}

/// The mounts of a mount namespace.
pub(crate) fn mounts_told(lang: Lang, sides: &str, mounts: &[String]) -> String {
    match lang {
        Lang::En => format!("Mounts of {sides}: {}.", mounts.join(", ")),
        Lang::ZhCn => format!("{}的挂载：{}。", spaced(sides), mounts.join("、")),
    }
}

/// The role of a directory in an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    Upper,
    Lower,
}

/// A layer, and what happens to it.
pub(crate) fn layer(lang: Lang, layer: Layer) -> &'static str {
    match layer {
        Layer::Upper => lang.pick(["upper: all that is written", "upper：写入的都在这里"]),
        Layer::Lower => lang.pick(["lower: only read", "lower：只读"]),
    }
}

/// A layer in a sentence.
pub(crate) fn layer_told(lang: Lang, directory: &str, layer: &str) -> String {
    match lang {
        Lang::En => format!("{directory} ({layer})"),
        Lang::ZhCn => format!("{directory}（{layer}）"),
    }
}

/// The work directory of an overlay, which only overlayfs uses.
pub(crate) fn work_directory(lang: Lang, directory: &str) -> String {
    match lang {
        Lang::En => format!("work: {directory}, for overlayfs itself"),
        Lang::ZhCn => format!("work：{directory}，overlayfs 自己用"),
    }
}

/// An overlay; `layers` from the topmost.
pub(crate) fn layers_told(
    lang: Lang,
    title: &str,
    layers: &[String],
    work: Option<&str>,
) -> String {
    let layers = layers.join(lang.pick(["; ", "；"]));
    let work = work.map_or_else(String::new, |it| {
        format!("{}{}", lang.pick([". ", "。"]), work_directory(lang, it))
    });
    match lang {
        Lang::En => format!("{title}, looked up from the top: {layers}{work}."),
        Lang::ZhCn => format!("{title}，从最上层找起：{layers}{work}。"),
    }
}

pub(crate) fn is_down(lang: Lang) -> &'static str {
    lang.pick(["down", "未启用"])
}

pub(crate) fn peer_elsewhere(lang: Lang) -> &'static str {
    lang.pick(["→ elsewhere", "→ 别处"])
}

/// An interface with its state and its addresses.
pub(crate) fn link_told(lang: Lang, name: &str, up: bool, addresses: &str) -> String {
    let state = match (lang, up) {
        (Lang::En, true) => "up",
        (Lang::ZhCn, true) => "已启用",
        (lang, false) => is_down(lang),
    };
    let said = format!("{name} {state} {addresses}");
    said.trim_end().to_owned()
}

/// Continues the sentence of [`link_told`]: the bridge that it is a port of.
pub(crate) fn port_of(lang: Lang, bridge: &str) -> String {
    match lang {
        Lang::En => format!(", port of {bridge}"),
        Lang::ZhCn => format!("，是 {bridge} 的端口"),
    }
}

/// Continues the sentence of [`link_told`]: the interface at the other end of its veth pair.
pub(crate) fn linked_to(lang: Lang, name: &str, network: &str) -> String {
    match lang {
        Lang::En => format!(", linked to {name} of {network}"),
        Lang::ZhCn => format!("，与{}的 {name} 相连", spaced(network)),
    }
}

/// Continues the sentence of [`link_told`]: the other end of its veth pair is not drawn.
pub(crate) fn linked_elsewhere(lang: Lang) -> &'static str {
    lang.pick([
        ", linked to a network that is not drawn",
        "，与没有画出的网络相连",
    ])
}

/// A network namespace with its interfaces.
pub(crate) fn network_told(lang: Lang, sides: &str, interfaces: &[String]) -> String {
    match lang {
        Lang::En => format!("{sides}: {}.", interfaces.join("; ")),
        Lang::ZhCn => format!("{sides}：{}。", interfaces.join("；")),
    }
}

/// The tree of cgroups.
pub(crate) fn cgroups_title(lang: Lang) -> &'static str {
    lang.pick(["cgroups, as the host sees them", "宿主机看到的 cgroup 树"])
}

/// The sentence before the cgroups, if the figure is given in sentences.
pub(crate) fn cgroups_intro(lang: Lang) -> &'static str {
    lang.pick([
        "The cgroups, as the host sees them, each with the shells and other processes in it:",
        "宿主机看到的 cgroup 树，以及每个 cgroup 里的 shell 和其他进程：",
    ])
}

pub(crate) fn comma(lang: Lang) -> &'static str {
    lang.pick([", ", "、"])
}

/// How many processes a cgroup has beside the shells; `alone`: no shell is in it.
pub(crate) fn other_processes(lang: Lang, count: usize, alone: bool) -> Option<String> {
    let more = if alone { "" } else { " more" };
    match (lang, count) {
        (_, 0) => None,
        (Lang::En, 1) => Some(format!("1{more} process")),
        (Lang::En, _) => Some(format!("{count}{more} processes")),
        (Lang::ZhCn, _) if alone => Some(format!("{count} 个进程")),
        (Lang::ZhCn, _) => Some(format!("另 {count} 个进程")),
    }
}

/// The words before the sides whose cgroup namespace has its root at this cgroup.
pub(crate) fn paths_start(lang: Lang) -> &'static str {
    lang.pick(["paths start here: ", "路径从这里算起："])
}

pub(crate) fn no_process(lang: Lang) -> &'static str {
    lang.pick(["no process", "没有进程"])
}

/// A cgroup, and the facts about it.
pub(crate) fn cgroup_told(lang: Lang, path: &str, here: &[String]) -> String {
    let here = here.join(lang.pick(["; ", "；"]));
    match lang {
        _ if here.is_empty() => format!("{path}{}", lang.pick([".", "。"])),
        Lang::En => format!("{path}: {here}."),
        Lang::ZhCn => format!("{path}：{here}。"),
    }
}

pub(crate) fn no_cgroup_tree(lang: Lang) -> &'static str {
    lang.pick([
        "No cgroup v2 tree is mounted on /sys/fs/cgroup: this is only what the shells read of themselves.",
        "/sys/fs/cgroup 上没有挂载 cgroup v2 的树：这里只有各个 shell 读到的自己的位置。",
    ])
}

pub(crate) fn cgroups_left_out(lang: Lang, count: usize) -> String {
    match lang {
        Lang::En => format!("At least {count} more cgroups were not read."),
        Lang::ZhCn => format!("至少还有 {count} 个 cgroup 没有读。"),
    }
}

/// The cgroup of these sides can't be found.
pub(crate) fn cgroup_unknown(lang: Lang, sides: &[Side]) -> String {
    let names = side_names(lang, sides);
    match lang {
        Lang::En => format!("Not found on this tree: {names}."),
        Lang::ZhCn => format!("这棵树上找不到{}的 shell。", spaced(&names)),
    }
}

/// The root of the cgroup namespace of these sides can't be found.
pub(crate) fn start_unknown(lang: Lang, sides: &[Side]) -> String {
    let names = side_names(lang, sides);
    match lang {
        Lang::En => format!("Not known where paths start: {names}."),
        Lang::ZhCn => format!("不知道{}的路径从哪里算起。", spaced(&names)),
    }
}
