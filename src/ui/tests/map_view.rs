//! The map of namespaces on the screen, what it shows of a process, and a picked process beside the panes.

use ratatui::layout::Rect;
use rstest::rstest;

use super::{COMPACT, FULL, assert_snapshot, screen, text};
use crate::app::fixture::{Lab, container, detail, host, set};
use crate::app::texts::words;
use crate::app::{Effect, LabEvent, MapEvent, Msg, ProcessEvent, Through};
use crate::discovery::map::example;
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::Inside;
use crate::observe::snapshot::StartedProgram;
use crate::sandbox::Side;

/// The map of a machine, on which a container has appeared and a process has ended since the last look.
fn map(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    let now = example();
    let mut before = now.clone();
    before
        .namespaces
        .retain(|it| it.key.ino < 20 || it.key.ino > 26);
    before
        .processes
        .retain(|it| it.namespaces[&Namespace::Pid] != 23);
    let mut ended = before.processes[0].clone();
    (ended.pid, ended.numbers, ended.name) = (60, vec![60], "less".into());
    before.processes.push(ended);
    before.processes.sort_by_key(|it| it.pid);
    assert!(lab.key("N").contains(&Effect::WatchMap(true)));
    lab.send(Msg::Map(MapEvent::Seen(Box::new(before))));
    lab.send(Msg::Map(MapEvent::Seen(Box::new(now))));
    lab.key("Down");
    lab
}

#[rstest]
fn the_map_of_namespaces(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let mut lab = map(COMPACT, lang);
    let name = format!("map-80x24-{lang}");
    assert_snapshot(&name, &screen(&lab));
    lab.key("End");
    assert_snapshot(&format!("{name}-end"), &screen(&lab));
    assert_eq!(lab.key("Esc"), [Effect::WatchMap(false)]);
}

/// A larger screen shows the whole map, without scrolling.
#[rstest]
fn a_larger_screen_shows_the_whole_map(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let mut lab = map(FULL, lang);
    let shown = screen(&lab);
    for process in example().processes {
        assert!(
            shown.contains(&process.pid.to_string()),
            "{process:?}: {shown}"
        );
    }
    let below = |shown: &str| shown.replace('>', " ");
    lab.key("End");
    assert_eq!(below(&screen(&lab)), below(&shown));
}

/// Any number of items may have ended: each can be read, and nothing is inside of it.
#[test]
fn all_that_has_ended_can_be_reached() {
    let mut lab = Lab::ready(COMPACT, Lang::En);
    let now = example();
    let mut before = now.clone();
    for pid in 1000..1050 {
        let mut ended = now.processes[0].clone();
        (ended.pid, ended.numbers, ended.name) = (pid, vec![pid], "less".into());
        before.processes.push(ended);
    }
    lab.key("N");
    lab.send(Msg::Map(MapEvent::Seen(Box::new(before))));
    lab.send(Msg::Map(MapEvent::Seen(Box::new(now))));
    lab.key("End");
    assert!(screen(&lab).contains(">- 1049 less"), "{}", screen(&lab));
    for _ in 0..49 {
        assert!(screen(&lab).contains(">- "));
        lab.key("Up");
    }
    assert!(screen(&lab).contains(">- 1000 less"), "{}", screen(&lab));
    assert_eq!(lab.key("Enter"), []);
    assert!(lab.key("c").is_empty());
    assert!(screen(&lab).contains(words(Lang::En).map_title));
}

/// A process that has ended and that nobody has waited for has only its user and PID namespace.
#[test]
fn an_ended_process_says_so_in_each_column() {
    let mut lab = Lab::ready(COMPACT, Lang::En);
    let mut now = example();
    let sleep = now.processes.last_mut().unwrap();
    let left = [Namespace::User, Namespace::Pid];
    sleep.namespaces.retain(|kind, _| left.contains(kind));
    lab.key("N");
    lab.send(Msg::Map(MapEvent::Seen(Box::new(now))));
    let shown = screen(&lab);
    let line = shown.lines().find(|line| line.contains("810 sleep"));
    let columns = line.unwrap().split("││").last().unwrap();
    let columns = columns.replace('│', " ");
    assert_eq!(columns.split_whitespace().collect::<String>(), "------");
}

/// The map beside the panes, and the footer.
fn beside(lab: &Lab) -> String {
    let map = lab.state.layout().map().unwrap();
    let footer = Rect::new(0, map.bottom() - 1, map.left(), 1);
    format!("{}\n{}", text(lab, map), text(lab, footer))
}

/// On a wide screen the map stands beside the panes, and stays live while the shells have the keys.
#[rstest]
fn the_map_beside_the_panes(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let mut lab = map((160, 40), lang);
    assert_snapshot(&format!("map-beside-keys-{lang}"), &beside(&lab));
    assert_eq!(lab.key("Esc"), [], "it is still watched");
    assert_snapshot(&format!("map-beside-{lang}"), &beside(&lab));
    lab.key("F3");
    let mut now = example();
    now.processes.retain(|it| it.pid != 701);
    lab.send(Msg::Map(MapEvent::Seen(Box::new(now))));
    let shown = screen(&lab);
    assert!(
        !shown.contains("│701") && shown.contains("- 701→2 nginx"),
        "{shown}"
    );
    // What has no room for both shows the panes; the key then brings it over the screen.
    lab.send(Msg::Resize {
        cols: 159,
        rows: 40,
    });
    assert!(!screen(&lab).contains("nginx"));
    let wide = Msg::Resize {
        cols: 160,
        rows: 40,
    };
    assert!(lab.send(wide).contains(&Effect::WatchMap(true)));
    lab.send(Msg::Map(MapEvent::Seen(Box::new(example()))));
    // The key gives it the keys, then takes it away.
    lab.key("C-] N");
    assert!(screen(&lab).contains(">  │ 1 systemd"), "{}", screen(&lab));
    // A fresh lab host is watched again.
    lab.key("Esc R");
    assert!(lab.key("R").contains(&Effect::WatchMap(false)));
    let ready = Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    });
    assert!(lab.send(ready).contains(&Effect::WatchMap(true)));
    lab.key("N");
    assert!(lab.key("N").contains(&Effect::WatchMap(false)));
    assert!(!screen(&lab).contains(words(lang).map_title));
}

/// The comparison offers to follow a program that has left the namespaces of its shell.
#[test]
fn a_program_that_can_be_followed() {
    let shown = [COMPACT, FULL].map(|size| {
        Lang::ALL.map(|lang| {
            let mut lab = Lab::ready(size, lang);
            let mut seen = host();
            let mut namespaces = seen.namespaces.clone();
            for kind in set("uts,ipc,pid").iter() {
                namespaces.entry(kind).and_modify(|id| id.ino += 50);
            }
            seen.program = Some(StartedProgram {
                nspid: vec![4250, 85, 1],
                name: "bash".into(),
                namespaces,
            });
            lab.see(Side::Host, seen);
            let shown = screen(&lab);
            let offered = shown.lines().find(|line| line.contains("bash"));
            offered.unwrap_or_default().to_owned()
        })
    });
    assert_snapshot("offer", &shown.concat().join("\n"));
}

/// A look inside, but of the rows only the first one of the PID namespace: no other row changes it.
fn around_the_rows(shown: &str) -> String {
    let lines: Vec<&str> = shown.lines().collect();
    let (top, rest) = lines.split_at(3);
    let (rows, bottom) = rest.split_at(rest.len() - 2);
    let of_pid = rows.iter().skip_while(|line| !line.contains(" PID "));
    let mut commands = 0;
    let of_pid = of_pid.take_while(|line| {
        commands += usize::from(line.contains("  $ "));
        commands < 2 && line.chars().any(char::is_alphanumeric)
    });
    let parts = [top.to_vec(), of_pid.copied().collect(), bottom.to_vec()];
    parts.concat().join("\n")
}

/// Enter shows all that a process sees, in its own namespaces, until it ends.
#[rstest]
fn a_look_inside_a_process(
    #[values(COMPACT, FULL)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = map(size, lang);
    let nginx = example().process(700).unwrap().clone();
    lab.key("Down Down Down");
    assert_eq!(
        lab.key("Enter"),
        [Effect::LookInside(Some(Through::Process(nginx)))]
    );
    assert!(screen(&lab).contains(words(lang).inside_waits));
    let own = set("uts,pid,mnt,net,user");
    let (mut snapshot, detail) = (container(own), detail(own));
    snapshot.hostname = "web\u{1b}[2J".into();
    let seen = Inside { snapshot, detail };
    lab.send(Msg::Map(MapEvent::Inside(Box::new(seen))));
    let shown = screen(&lab);
    assert!(shown.contains("web^[[2J"), "{shown}");
    let name = format!("inside-{}x{}-{lang}", size.0, size.1);
    assert_snapshot(&name, &around_the_rows(&shown));
    lab.send(Msg::Map(MapEvent::InsideEnded));
    assert!(screen(&lab).contains(&words(lang).inside_ended[..30]));
    lab.key("End");
    assert!(screen(&lab).contains("uptime -p"));
    assert_eq!(lab.key("Esc"), [Effect::LookInside(None)]);
    assert!(screen(&lab).contains(words(lang).map_title));
}

/// A box is looked into through its process 1. The page about a namespace without processes still names its keepers.
#[test]
fn a_look_inside_a_box_and_an_empty_namespace() {
    let mut lab = map(FULL, Lang::En);
    lab.key("Down Down");
    let nginx = example().process(700).unwrap().clone();
    assert_eq!(
        lab.key("Enter"),
        [Effect::LookInside(Some(Through::Process(nginx)))]
    );
    let shown = screen(&lab);
    assert!(
        shown.contains("USER 26") && shown.contains("process 1 is nginx 700"),
        "{shown}"
    );
    lab.key("Esc Down Down Down");
    // The empty user namespace around another box.
    assert_eq!(lab.key("Enter"), []);
    let shown = screen(&lab);
    assert!(
        shown.contains("user 27") && shown.contains("made by uid 1000"),
        "{shown}"
    );
    lab.key("Esc Down Down Down");
    // The network of the machine, on the left of its veth pairs.
    let systemd = example().process(1).unwrap().clone();
    assert_eq!(
        lab.key("Enter"),
        [Effect::LookInside(Some(Through::Process(systemd)))]
    );
    assert!(screen(&lab).contains("veth pair to 25 31"));
    lab.key("Esc Down Down Down Down");
    // It is joined through the process that has it mounted. Until then there is what the map knows.
    let effects = lab.key("Enter");
    assert!(
        matches!(
            &effects[..],
            [Effect::LookInside(Some(Through::Holder { process, visit }))]
                if process.pid == 1 && (visit.kind, visit.key.ino) == (Namespace::Net, 31)
        ),
        "{effects:?}"
    );
    let shown = screen(&lab);
    assert!(
        shown.contains("mounted at /run/netns/blue, veth pair to 5, owned by user 6")
            && shown.contains("eth0 UP"),
        "{shown}"
    );
    let own = set("net");
    let (snapshot, detail) = (container(own), detail(own));
    lab.send(Msg::Map(MapEvent::Inside(Box::new(Inside {
        snapshot,
        detail,
    }))));
    let shown = screen(&lab);
    assert!(
        shown.contains("nslab has joined it to look") && shown.contains("$ ip -br addr"),
        "{shown}"
    );
    lab.send(Msg::Map(MapEvent::InsideEnded));
    assert!(screen(&lab).contains(&words(Lang::En).visit_refused[..40]));
    assert_eq!(lab.key("Esc"), [Effect::LookInside(None)]);
    assert_eq!(lab.key("Esc"), [Effect::WatchMap(false)]);
}

/// A row in full names the process that is compared, not a container.
#[test]
fn a_row_of_a_picked_process_names_it() {
    for (lang, said) in [
        (Lang::En, "Process 700→1 nginx has a namespace of its own"),
        (Lang::ZhCn, "进程 700→1 nginx 有自己的 UTS 命名空间"),
    ] {
        let mut lab = map(FULL, lang);
        lab.key("Down Down Down");
        let picked = lab.key("c").into_iter().find_map(|effect| match effect {
            Effect::WatchProcess {
                process: Some((number, _)),
                ..
            } => Some(number),
            _ => None,
        });
        let number = picked.unwrap();
        let own = set("uts,pid");
        let seen = ProcessEvent::Snapshot(Box::new(container(own)));
        lab.send(Msg::Process(number, seen));
        lab.send(Msg::Process(
            number,
            ProcessEvent::Detail(Box::new(detail(own))),
        ));
        lab.key("Enter");
        let shown = screen(&lab);
        assert!(shown.contains(said), "{shown}");
    }
}

/// `/` finds items by the words on their lines; the arrows go from one to the next.
#[test]
fn the_map_is_searched() {
    let mut lab = map(COMPACT, Lang::En);
    lab.key("/");
    lab.key("N G I N X");
    let line = |lab: &Lab, sign: &str| {
        let shown = screen(lab);
        let line = shown.lines().find(|line| line.contains(sign));
        line.map_or_else(|| unreachable!("{shown}"), str::to_owned)
    };
    assert!(line(&lab, " >").contains("700→1 nginx"));
    lab.key("Down");
    assert!(line(&lab, " >").contains("701→2 nginx"));
    lab.key("x");
    assert!(screen(&lab).contains("Nothing here contains “NGINXx”."));
    assert_eq!(lab.key("Enter"), [], "nothing is taken");
    lab.key("Backspace Enter");
    let process = example().process(701).unwrap().clone();
    assert_eq!(
        lab.key("Enter"),
        [Effect::LookInside(Some(Through::Process(process)))]
    );
}

/// A watcher that can't start or has ended is told of, and the last map stays.
#[test]
fn a_map_that_is_not_live_says_so() {
    let mut lab = map(COMPACT, Lang::En);
    lab.send(Msg::Map(MapEvent::Ended));
    let shown = screen(&lab);
    assert!(
        shown.contains("its watcher has ended") && shown.contains("nginx"),
        "{shown}"
    );
    lab.key("Esc");
    lab.key("N");
    lab.send(Msg::Map(MapEvent::NotStarted {
        why: "EMFILE".into(),
    }));
    assert!(screen(&lab).contains("could not be started: EMFILE"));
    lab.send(Msg::Map(MapEvent::NoLab));
    assert!(screen(&lab).contains("There is no lab host to map"));
}
