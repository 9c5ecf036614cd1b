//! The picture of each kind of figure, at both widths, in both languages, drawn and in sentences.

use insta::assert_snapshot;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::app::fixture::{Lab, container, host, one_lesson, set};
use crate::app::{Effect, LabEvent, MapEvent, Msg};
use crate::discovery::map::{FoundLink, Peer, example};
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceId};
use crate::observe::Question;
use crate::observe::cgroups::{Cgroup, Cgroups};
use crate::observe::snapshot::{IdRange, Layers, Mount};

/// Columns of the lesson's pane on a screen of 120 and of 80 columns.
const WIDTHS: [u16; 2] = [36, 78];

fn figure(kind: FigureKind) -> Figure {
    Figure {
        kind,
        sides: Vec::new(),
        mounts: Vec::new(),
    }
}

fn lab(lang: Lang, sides: &[(&str, Snapshot)]) -> Lab {
    let mut lab = Lab::ready((120, 40), lang);
    for (side, snapshot) in sides {
        let side: Side = side.parse().unwrap();
        lab.state.shells.get_mut(side).snapshot = Some(Box::new(snapshot.clone()));
    }
    lab
}

/// The figure in all its forms. No line is wider than the pane.
fn all(figure: &Figure, sides: &[(&str, Snapshot)], prepare: impl Fn(&mut Lab)) -> String {
    let mut out = String::new();
    for lang in Lang::ALL {
        let mut lab = lab(lang, sides);
        prepare(&mut lab);
        for width in WIDTHS {
            let picture = picture(&lab.state, figure, width).unwrap();
            for row in &picture.rows {
                let line: String = row.0.iter().map(|it| it.text.as_str()).collect();
                assert!(line.width() <= usize::from(width), "{line}");
                out.push_str(line.trim_end());
                out.push('\n');
            }
            out.push('\n');
            if width == WIDTHS[1] {
                out.push_str(&picture.sentences.join("\n"));
                out.push_str("\n\n");
            }
        }
    }
    out
}

/// A link; `peer`: its index and the network namespace that it is in.
fn link(index: u32, name: &str, peer: Option<(u32, Option<u64>)>, address: &str) -> FoundLink {
    FoundLink {
        index,
        name: name.into(),
        kind: peer.map(|_| "veth".into()),
        up: !address.is_empty(),
        addresses: address.split_whitespace().map(str::to_owned).collect(),
        master: None,
        peer: peer.map(|(index, namespace)| Peer {
            index,
            namespace: namespace.map(|ino| NamespaceId { dev: 4, ino }),
        }),
    }
}

fn mount(target: &str, shared: Option<u32>, master: Option<u32>) -> Mount {
    Mount {
        target: target.into(),
        fstype: "tmpfs".into(),
        source: "none".into(),
        device: "0:40".into(),
        readonly: false,
        shared,
        master,
        layers: None,
    }
}

/// A pod: container 2 shares UTS, IPC and NET with the container, and not PID and MNT.
fn pod() -> [(&'static str, Snapshot); 3] {
    let first = container(set("uts,ipc,pid,mnt,net"));
    let mut second = first.clone();
    for kind in [Namespace::Pid, Namespace::Mnt] {
        second.namespaces.get_mut(&kind).unwrap().ino += 1000;
    }
    second.nspid = vec![4230, 12, 1];
    [
        ("host", host()),
        ("container", first),
        ("container2", second),
    ]
}

#[test]
fn who_shares_what_in_a_pod() {
    let shown = all(&figure(FigureKind::Sharing), &pod(), |_| {});
    assert_snapshot!(shown);
}

/// If there is no room for names, the containers have their numbers there.
#[test]
fn who_shares_what_among_many() {
    let mut sides: Vec<(&str, Snapshot)> = pod().into();
    sides.push(("container3", container(set("net"))));
    sides.push(("container4", host()));
    let shown = all(&figure(FigureKind::Sharing), &sides, |_| {});
    assert_snapshot!(shown);
}

#[test]
fn ids_with_a_map_and_without() {
    let mut first = container(set("user"));
    let range = |inside, outside, count| IdRange {
        inside,
        outside,
        count,
    };
    first.uid_map = vec![range(0, 1000, 1), range(1, 100_000, 65_536)];
    first.gid_map = vec![range(0, 0, u32::MAX)];
    let mut second = first.clone();
    second.namespaces.get_mut(&Namespace::User).unwrap().ino += 1000;
    (second.uid_map, second.gid_map) = (Vec::new(), Vec::new());
    let sides = [
        ("host", host()),
        ("container", first),
        ("container2", second),
    ];
    let shown = all(&figure(FigureKind::Ids), &sides, |_| {});
    assert_snapshot!(shown);
}

/// A veth from the host to a container, one from a bridge to a namespace of `ip netns`, one on the host
/// itself, and one whose other end is in no network that is drawn.
#[test]
fn links_between_networks() {
    let (mut host, mut inner) = (host(), container(set("net")));
    host.namespaces.get_mut(&Namespace::Net).unwrap().ino = 5;
    inner.namespaces.get_mut(&Namespace::Net).unwrap().ino = 25;
    let sides = [("host", host), ("container", inner)];
    let mut bridge = link(5, "br0", None, "10.9.1.1/24");
    bridge.kind = Some("bridge".into());
    let mut port = link(6, "out1", Some((5, Some(31))), "");
    (port.master, port.up) = (Some(5), true);
    let on_host = vec![
        link(1, "lo", None, "127.0.0.1/8 ::1/128"),
        link(7, "here", Some((8, Some(5))), ""),
        link(8, "there", Some((7, Some(5))), "10.1.0.1/24"),
        port,
        link(4, "out0", Some((3, Some(25))), "10.9.0.1/24 fe80::1/64"),
        bridge,
        link(9, "lost", Some((44, None)), "10.2.0.1/24"),
    ];
    let in_container = vec![
        link(1, "lo", None, ""),
        link(3, "in0", Some((4, Some(5))), "10.9.0.2/24"),
    ];
    let blue = vec![link(5, "in\u{1b}1", Some((6, Some(5))), "10.9.1.2/24")];
    let mut map = example();
    map.namespaces
        .retain(|it| it.facts.kind != Namespace::Net || [5, 25, 31].contains(&it.key.ino));
    for (ino, links) in [(5, on_host), (25, in_container), (31, blue)] {
        let found = map.namespaces.iter_mut().find(|it| it.key.ino == ino);
        found.unwrap().links = Some(links);
    }
    let see = |lab: &mut Lab| lab.state.views.map.see(Box::new(map.clone()));
    let mut figure = figure(FigureKind::Links);
    assert_snapshot!(all(&figure, &sides, see));
    // Of two sides only what they see.
    figure.sides = vec!["container".parse().unwrap()];
    let shown = all(&figure, &sides, see);
    assert!(shown.contains("in0") && !shown.contains("blue"), "{shown}");
}

#[test]
fn peer_groups_of_mounts() {
    let (mut host, mut first) = (host(), container(set("mnt")));
    let mut second = first.clone();
    second.namespaces.get_mut(&Namespace::Mnt).unwrap().ino += 1000;
    host.mounts.push(mount("/mnt", Some(12), None));
    host.mounts.push(mount("/mnt/sub", Some(13), None));
    host.mounts.push(mount("/mntx", Some(14), None));
    first.mounts = vec![mount("/", None, None), mount("/mnt", Some(12), None)];
    second.mounts = vec![mount("/mnt", None, Some(12)), mount("/mnt/own", None, None)];
    let sides = [("host", host), ("container", first), ("container2", second)];
    let mut figure = figure(FigureKind::Peers);
    let everywhere = all(&figure, &sides, |_| {});
    assert!(everywhere.contains("/mntx"));
    figure.mounts = vec!["/mnt".into()];
    let shown = all(&figure, &sides, |_| {});
    assert_snapshot!(shown);
}

/// Of two mounts at one place, the later one is drawn. Mounts that are too deep or too many are only counted.
#[test]
fn mounts_as_a_tree() {
    let (mut host, mut first) = (host(), container(set("mnt")));
    let places =
        |places: &[&str]| -> Vec<Mount> { places.iter().map(|it| mount(it, None, None)).collect() };
    let on_host = [
        "/",
        "/proc",
        "/dev",
        "/dev/pts",
        "/dev/mqueue",
        "/dev/shm",
        "/dev/null",
        "/dev/tty",
        "/a/b/c",
        "/usr",
        "/dev/pts/1",
        "/a/b/c/d",
    ];
    host.mounts = places(&on_host);
    host.mounts[9].readonly = true;
    first.mounts = places(&[
        "/old",
        "/old/proc",
        "/proc",
        "/",
        "/",
        "/old/dev",
        "/old/dev/shm",
        "/old/dev/shm/x",
        "/older",
    ]);
    first.mounts[4].fstype = "overlay".into();
    let sides = [("host", host), ("container", first)];
    let mut figure = figure(FigureKind::Mounts);
    assert_snapshot!(all(&figure, &sides, |_| {}));
    // Only a part of the tree, as in a chroot, where nothing is mounted on /.
    figure.mounts = vec!["/old/dev".into()];
    let shown = all(&figure, &sides, |_| {});
    assert!(
        shown.contains("│ /old/dev tmpfs") && !shown.contains("/proc"),
        "{shown}"
    );
}

#[test]
fn layers_of_overlays() {
    let (host, mut first) = (host(), container(set("mnt")));
    let overlay = |target: &str, lower: &[&str], upper: Option<&str>, work: Option<&str>| Mount {
        layers: Some(Layers {
            lower: lower.iter().map(|it| (*it).to_owned()).collect(),
            upper: upper.map(str::to_owned),
            work: work.map(str::to_owned),
        }),
        ..mount(target, None, None)
    };
    let long = "/var/lib/containers/storage/overlay/l/2JOUHCBIMVWIDVSMRYDBSYT4XQ";
    first.mounts = vec![
        mount("/", None, None),
        overlay("/tmp/box", &["up", "img"], Some("up3"), Some("work3")),
        overlay("/srv", &[long, "/b"], None, None),
    ];
    let sides = [("host", host.clone()), ("container", first)];
    let figure = figure(FigureKind::Layers);
    assert_snapshot!(all(&figure, &sides, |_| {}));
    let lab = lab(Lang::En, &[("host", host)]);
    assert!(picture(&lab.state, &figure, 36).is_err());
}

#[test]
fn boxes_in_boxes_with_their_processes() {
    let mut host = host();
    host.nspid = vec![4050, 50];
    let mut inner = container(set("uts,pid,mnt,net,user"));
    inner.nspid = vec![4700, 700, 1];
    let sides = [("host", host), ("container", inner)];
    let shown = all(&figure(FigureKind::Nesting), &sides, |lab| {
        lab.state.views.map.see(Box::new(example()));
    });
    assert_snapshot!(shown);
}

fn cgroup(path: &str, processes: &[i32], seen_as: &str) -> Cgroup {
    Cgroup {
        path: path.into(),
        processes: processes.to_vec(),
        count: processes.len(),
        seen_as: Some(seen_as.into()).filter(|_| !processes.is_empty()),
        ..Cgroup::default()
    }
}

/// Has a side answer with this tree.
fn answer(lab: &mut Lab, side: &str, all: Vec<Cgroup>, left_out: usize) {
    let asked = Asked {
        cgroups: Some(Cgroups { all, left_out }),
        ..Asked::default()
    };
    lab.state.shells.get_mut(side.parse().unwrap()).asked = Some(Box::new(asked));
}

/// The host in `/host`, a container with a cgroup namespace of its own in `/box`.
fn host_and_container() -> [(&'static str, Snapshot); 2] {
    let (mut host, mut first) = (host(), container(set("cgroup")));
    (host.cgroup, first.cgroup) = ("/host".into(), "/../box".into());
    (host.nspid, first.nspid) = (vec![50, 2], vec![60, 4]);
    [("host", host), ("container", first)]
}

/// The root of the container's cgroup namespace is found from the path under which it shows the host's cgroup.
#[test]
fn cgroups_with_limits_and_where_paths_start() {
    let shown = all(&figure(FigureKind::Cgroups), &host_and_container(), |lab| {
        let mut limited = cgroup("/box", &[60, 61], "/box");
        (limited.memory_max, limited.pids_max) = (Some(32 << 20), Some(5));
        limited.pids_current = Some(2);
        let host = cgroup("/host", &[49, 50], "/host");
        let empty = cgroup("/box/inner", &[], "");
        let all = vec![cgroup("/", &[], ""), limited, empty, host];
        answer(lab, "host", all, 0);
        // It has its own tree mounted there: other paths, the same processes.
        answer(lab, "container", vec![cgroup("/", &[49, 50], "/")], 0);
    });
    assert_snapshot!(shown);
}

/// Without a tree, only each side's own path is known. A side in another cgroup namespace is not found then.
#[test]
fn cgroups_where_no_tree_is_mounted() {
    let [host, first] = host_and_container();
    let second = ("container2", host.1.clone());
    let shown = all(
        &figure(FigureKind::Cgroups),
        &[host, first, second],
        |lab| {
            lab.state.shells.get_mut(Side::Host).asked = Some(Box::default());
        },
    );
    assert_snapshot!(shown);
}

/// On a machine's tree, the cgroup of each side is drawn, and few others.
#[test]
fn cgroups_of_a_whole_machine() {
    let [mut host, _] = host_and_container();
    host.1.cgroup = "/user.slice/user-1000.slice/session-3.scope".into();
    let shown = all(&figure(FigureKind::Cgroups), &[host.clone()], |lab| {
        let mut all = vec![cgroup("/", &[1], "/")];
        all.extend((10..40).map(|pid| cgroup(&format!("/system.slice/a{pid}"), &[pid], "")));
        all.push(cgroup(&host.1.cgroup, &[50, 51], &host.1.cgroup));
        all.push(cgroup(
            "/user.slice/user-1000.slice/\u{1b}[2J.scope",
            &[52],
            "",
        ));
        answer(lab, "host", all, 7);
    });
    assert!(!shown.contains('\u{1b}'));
    assert_snapshot!(shown);
}

/// The tree is read only for a lesson that draws it.
#[test]
fn a_figure_of_cgroups_has_the_tree_read() {
    let step = "## A\n\n```figure\nkind = \"cgroups\"\nsides = [\"container\"]\n```\n";
    let mut lab = Lab::with((80, 24), Lang::En, one_lesson("[]", step));
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    let questions = vec![Question::Cgroups];
    for side in [Side::Host, Side::CONTAINER] {
        lab.key("F5");
        let ask = Effect::Ask {
            side,
            questions: questions.clone(),
        };
        assert!(lab.start(side).contains(&ask), "{side}");
    }
    let second = "container2".parse().unwrap();
    let asks = |effect: &Effect| matches!(effect, Effect::Ask { .. });
    assert!(!lab.start(second).iter().any(asks));
    let cgroups = figure(FigureKind::Cgroups);
    assert!(picture(&lab.state, &cgroups, 36).is_err());
}

const STEPS: &str = "## A\n\n```figure\nkind = \"nesting\"\n```\n\n## B\n\n```figure\nkind = \"sharing\"\nsides = [\"host\", \"container2\"]\n```\n";

/// The map is read only while a step is open whose figure needs it.
#[test]
fn a_figure_of_boxes_has_the_map_read() {
    let mut lab = Lab::with((80, 24), Lang::En, one_lesson("[]", STEPS));
    let ready = Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    });
    assert!(lab.send(ready).contains(&Effect::WatchMap(true)));
    let nesting = figure(FigureKind::Nesting);
    let waits = texts::figure_waits(Lang::En, FigureKind::Nesting).to_owned();
    assert_eq!(picture(&lab.state, &nesting, 36), Err(waits.clone()));
    lab.send(Msg::Map(MapEvent::Seen(Box::new(example()))));
    assert!(picture(&lab.state, &nesting, 36).is_ok());
    // Looking at the map itself changes nothing.
    assert_eq!(lab.key("N"), []);
    assert_eq!(lab.key("Esc"), []);
    assert!(lab.key("Right").contains(&Effect::WatchMap(false)));
    assert_eq!(picture(&lab.state, &nesting, 36), Err(waits.clone()));
    assert!(lab.key("Left").contains(&Effect::WatchMap(true)));
    lab.send(Msg::Map(MapEvent::Ended));
    let said = picture(&lab.state, &nesting, 36).unwrap_err();
    assert!(said.contains("ended"), "{said}");
    // The map says that opening it starts its watcher again.
    assert_eq!(lab.key("N"), [Effect::WatchMap(true)]);
    assert_eq!(picture(&lab.state, &nesting, 36), Err(waits));
}

/// A figure that names its sides waits for them, even if others are there already.
#[test]
fn a_figure_without_its_sides_says_what_will_be_there() {
    let [host, first, _] = pod();
    let lab = lab(Lang::En, &[host, first]);
    let mut sharing = figure(FigureKind::Sharing);
    assert!(picture(&lab.state, &sharing, 36).is_ok());
    sharing.sides = vec![Side::Host, "container2".parse().unwrap()];
    assert!(picture(&lab.state, &sharing, 36).is_err());
}
