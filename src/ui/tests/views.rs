//! The code view and the trace view on the screen.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use rstest::rstest;

use super::{COMPACT, FULL, Situation, assert_area, assert_snapshot, buffer, pane, screen, text};
use crate::app::fixture::{Lab, container, detail, host, set};
use crate::app::notice::NotSaved;
use crate::app::texts::words;
use crate::app::{Effect, Failure, LabEvent, MapEvent, Msg, ProcessEvent, ShellEvent, Through};
use crate::code::{self, Notation};
use crate::discovery::map::example;
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::observe::Inside;
use crate::observe::snapshot::Program;
use crate::sandbox::options::{Proc, Propagation, Root, UserMap};
use crate::sandbox::{Call, Exit, IdMap, Join, LaunchOptions, Nth, Plan, Side, Step};
use crate::theme::Theme;

/// A call, the kernel's answer and its time.
type Taken = (Call, Result<i64, i32>, u64);

const LAB_HOST: &str = "uts,ipc,pid,mnt,net,user";

fn lab_steps() -> Vec<Taken> {
    let mount = |fstype: &str, target: &str, flags: &str, data: &str| Call::Mount {
        source: Some(fstype.to_owned()),
        target: target.to_owned(),
        fstype: Some(fstype.to_owned()),
        flags: flags.to_owned(),
        data: Some(data.to_owned()),
    };
    let map = Call::WriteMap {
        pid: 665,
        map: IdMap::Uid,
        content: "0 1000 1".to_owned(),
    };
    let readonly = Call::MountSetattr {
        path: "/".to_owned(),
        readonly: true,
    };
    let keyring = "keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL)".into();
    let size = "size=256m,nr_inodes=65536,mode=755";
    vec![
        (Call::Setsid, Ok(665), 14),
        (keyring, Ok(864_014_257), 14),
        (Call::Unshare(kinds("user,mnt")), Ok(0), 54),
        (map, Ok(8), 22),
        (readonly, Ok(0), 31),
        (Call::Clone(kinds(LAB_HOST)), Ok(666), 1_480),
        (
            mount("tmpfs", "/tmp", "MS_NOSUID|MS_NODEV", size),
            Ok(0),
            24,
        ),
        (mount("sysfs", "/tmp/sys", "MS_NOSUID", ""), Err(1), 9),
        (Call::PivotRoot, Ok(0), 12),
        (Call::LoopbackUp, Ok(0), 60),
    ]
}

fn entry() -> Vec<Taken> {
    let keeper = Call::Setns {
        pidfd: 6,
        whose: "keeper".to_owned(),
        kinds: kinds(LAB_HOST),
    };
    vec![
        ("pipe2(ends, O_CLOEXEC)".into(), Ok(0), 1),
        (Call::Fork, Ok(683), 216),
        (keeper, Ok(0), 10),
    ]
}

fn terminal() -> Vec<Taken> {
    let open = Call::Open {
        path: "/dev/tty2".to_owned(),
        flags: "O_RDWR".to_owned(),
    };
    vec![
        (Call::Setsid, Ok(4), 621),
        (open, Ok(5), 22),
        (Call::TakeTerminal(5), Ok(0), 5),
    ]
}

fn exec(micros: u64) -> Taken {
    (Call::Exec(vec!["bash".to_owned()]), Ok(0), micros)
}

fn clone_refused() -> Taken {
    (Call::Clone(kinds("uts")), Err(28), 41)
}

fn kinds(list: &str) -> NamespaceSet {
    list.parse().unwrap()
}

fn step((call, answer, micros): Taken) -> Step {
    Step {
        call,
        errno: answer.err(),
        value: answer.unwrap_or(-1),
        micros,
    }
}

fn steps(calls: impl IntoIterator<Item = Taken>) -> Vec<Step> {
    calls.into_iter().map(step).collect()
}

fn take(lab: &mut Lab, side: Side, calls: impl IntoIterator<Item = Taken>) {
    let launch = lab.launch_of(side);
    for step in steps(calls) {
        lab.send(Msg::Shell(side, launch, ShellEvent::Step(step)));
    }
}

fn lab(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::new(size, lang);
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: steps(lab_steps()),
        shortfalls: Vec::new(),
    }));
    take(&mut lab, Side::Host, entry());
    take(&mut lab, Side::Host, terminal());
    take(&mut lab, Side::Host, [exec(332)]);
    lab.start(Side::Host);
    lab
}

fn took(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = lab(size, lang);
    lab.key("u i F5 F2");
    take(&mut lab, Side::CONTAINER, entry());
    let clone = (Call::Clone(kinds("uts,ipc")), Ok(4), 189);
    take(&mut lab, Side::CONTAINER, [clone]);
    take(&mut lab, Side::CONTAINER, terminal());
    take(
        &mut lab,
        Side::CONTAINER,
        [
            (Call::SetHostname("container".to_owned()), Ok(0), 22),
            ("chdir(/root)".into(), Err(2), 3),
            exec(402),
        ],
    );
    lab.start(Side::CONTAINER);
    lab.key("t");
    lab
}

fn took_all(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = took(size, lang);
    lab.key("Enter");
    lab
}

/// The end of the list, where the lab host's steps are.
fn took_lab(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = took(size, lang);
    lab.key("End");
    lab
}

fn took_refused(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = lab(size, lang);
    lab.key("u F5");
    take(&mut lab, Side::CONTAINER, entry());
    take(&mut lab, Side::CONTAINER, [clone_refused()]);
    let refused = step(clone_refused());
    let launch = lab.launch_of(Side::CONTAINER);
    lab.send(Msg::Shell(
        Side::CONTAINER,
        launch,
        ShellEvent::Failed(Failure::Refused(Refusal::boxed(
            refused,
            &Facts {
                limits: [(Namespace::Uts, 0)].into(),
                ..Facts::default()
            },
        ))),
    ));
    lab.key("F2 t");
    lab
}

fn took_no_lab(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::new(size, lang);
    let mut taken = steps(lab_steps().into_iter().take(2));
    let refused = step((Call::Unshare(kinds("user,mnt")), Err(1), 33));
    taken.push(refused.clone());
    lab.send(Msg::Lab(LabEvent::Failed {
        steps: taken,
        why: Failure::Refused(Refusal::boxed(
            refused,
            &Facts {
                unprivileged_userns_clone: Some(false),
                ..Facts::default()
            },
        )),
    }));
    lab.key("t");
    lab
}

fn code_uts(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("F7 u");
    lab
}

/// The lines that IPC changes are below the pane of 80x24: the view scrolls to them.
fn code_ipc(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = code_uts(size, lang);
    lab.key("i");
    lab
}

fn code_rust(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = code_ipc(size, lang);
    lab.key("F7 U");
    lab
}

fn code_unshare(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = code_rust(size, lang);
    lab.key("U Right T");
    lab
}

fn code_proc(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::ready(size, lang);
    lab.key("F7 p m o Down Down Right Esc");
    lab
}

fn code_root(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = code_proc(size, lang);
    lab.key("F7 o Down Down Down Down Down Right Esc");
    lab
}

fn code_join(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = Lab::with_container(size, lang, "uts,net");
    lab.key("F2 F7 F7 F7 a o Down Right Esc");
    lab
}

#[rstest]
#[case::some("took", took)]
#[case::all("took-all", took_all)]
#[case::lab("took-lab", took_lab)]
#[case::refused("took-refused", took_refused)]
#[case::no_lab("took-no-lab", took_no_lab)]
#[case::c("code-c", code_uts)]
fn a_view(#[case] name: &str, #[case] situation: Situation) {
    assert_area(name, situation, pane, &Lang::ALL);
}

/// A program has no words of a language: English is enough.
#[rstest]
#[case::below_what_fits("code-ipc", code_ipc)]
#[case::rust("code-rust", code_rust)]
#[case::unshare("code-unshare", code_unshare)]
#[case::proc("code-proc", code_proc)]
#[case::root("code-root", code_root)]
#[case::join("code-join", code_join)]
fn a_program(#[case] name: &str, #[case] situation: Situation) {
    assert_area(name, situation, pane, &[Lang::En]);
}

#[rstest]
fn the_keys_below_views(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let lines = [took, code_uts].map(|situation: Situation| {
        let shown = screen(&situation(COMPACT, lang));
        shown.lines().last().unwrap().to_owned()
    });
    assert_snapshot(&format!("keys-views-{lang}"), &lines.join("\n"));
}

/// Reads the program from the screen, page by page, without the removed lines.
fn read_off(lab: &mut Lab) -> String {
    let body = lab.state.layout().whole().unwrap();
    let mut rows: Vec<String> = Vec::new();
    lab.key("Home");
    loop {
        let drawn = buffer(lab);
        let page: Vec<String> = (body.y + 1..body.bottom())
            .map(|y| {
                let cells = (body.x..body.right()).map(|x| drawn[(x, y)].symbol());
                cells.collect::<String>().trim_end().to_owned()
            })
            .collect();
        let before = lab.state.views.code.scroll;
        rows.truncate(before);
        rows.extend(page);
        lab.key("PgDn");
        if lab.state.views.code.scroll == before {
            break;
        }
    }
    let mut program = String::new();
    for row in rows.iter().filter(|row| !row.starts_with('-')) {
        let source = row.get(2..).unwrap_or_default();
        program.push_str(source.trim_start().trim_start_matches("↳ "));
        program.push('\n');
    }
    program
}

#[test]
fn the_whole_program_can_be_read_at_any_size() {
    let solid = |text: &str| -> String { text.split_whitespace().collect() };
    for size in [(60, 16), COMPACT, FULL, (200, 60)] {
        for (flags, toggled) in [
            ("", "u"),
            ("uts", "U"),
            ("uts,user", "T"),
            ("pid,time", "m"),
        ] {
            let mut lab = Lab::ready(size, Lang::En);
            lab.state.next_launch.flags = set(flags);
            lab.key(&format!("F7 {toggled}"));
            for notation in Notation::ALL {
                assert_eq!(lab.state.views.code.notation, notation);
                let program =
                    code::program(notation, &lab.state.next_launch.plan(), Lang::En).unwrap();
                assert_eq!(
                    solid(&read_off(&mut lab)),
                    solid(&program),
                    "{size:?} {flags}"
                );
                lab.key("F7");
            }
        }
    }
}

#[test]
fn a_program_with_every_option_can_be_read_at_any_size() {
    let solid = |text: &str| -> String { text.split_whitespace().collect() };
    for size in [(60, 16), COMPACT, FULL] {
        let mut lab = Lab::ready(size, Lang::ZhCn);
        lab.state.next_launch.options = LaunchOptions {
            proc: Proc::Fresh,
            map: UserMap::Written,
            propagation: Propagation::Slave,
            root: Root::Own,
            hostname: Some("web1".parse().unwrap()),
            ..LaunchOptions::default()
        };
        let (whose, kinds) = (Nth::FIRST, NamespaceSet::all());
        lab.state.next_launch.join = Some(Join { whose, kinds });
        lab.key("F7 u p U T m");
        for notation in Notation::ALL {
            let program =
                code::program(notation, &lab.state.next_launch.plan(), Lang::ZhCn).unwrap();
            assert_eq!(solid(&read_off(&mut lab)), solid(&program), "{size:?}");
            lab.key("F7");
        }
    }
}

#[test]
fn what_a_toggle_changed_is_brought_into_view() {
    for key in ["u", "i", "p", "U", "T", "m", "n", "C"] {
        for turns in ["", " F7", " F7 F7"] {
            let mut lab = Lab::ready(COMPACT, Lang::En);
            lab.key(&format!("F7{turns} {key}"));
            assert!(
                screen(&lab).lines().any(|row| row.starts_with("+ ")),
                "{key}{turns}"
            );
            // The same key takes the change back.
            lab.key(key);
            assert!(
                screen(&lab).lines().any(|row| row.starts_with("- ")),
                "{key}{turns}"
            );
        }
    }
}

#[test]
fn copy_and_write_get_only_the_program() {
    let mut lab = Lab::ready(COMPACT, Lang::En);
    lab.key("u F7 i");
    let program = |notation| code::program(notation, &Plan::new(set("uts,ipc")), Lang::En).unwrap();
    let text = program(Notation::C);
    assert_eq!(lab.key("y"), [Effect::Copy { text }]);
    assert!(screen(&lab).contains("OSC 52"));
    lab.key("Left");
    let (notation, text) = (Notation::Unshare, program(Notation::Unshare));
    assert_eq!(lab.key("w"), [Effect::Save { notation, text }]);
    lab.send(Msg::NotSaved(NotSaved {
        directory: "/usr".into(),
        kind: std::io::ErrorKind::PermissionDenied,
        answer: "Permission denied (os error 13)".into(),
    }));
    assert!(screen(&lab).contains("Not written to /usr: Permission denied"));
}

#[test]
fn enter_launches_the_shown_program() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F7 u");
    let effects = lab.key("Enter");
    assert!(
        matches!(&effects[..], [Effect::Launch { plan, side: Side::CONTAINER, .. }, ..] if plan.flags == set("uts")),
        "{effects:?}"
    );
    assert!(screen(&lab).contains("Launched (UTS)"));
}

#[test]
fn without_colour_a_change_is_still_visible() {
    let mut lab = code_ipc(FULL, Lang::En);
    let coloured = screen(&lab);
    lab.state.theme = Theme::NoColor;
    assert_eq!(coloured, screen(&lab));
    let drawn = buffer(&lab);
    // Within the line the new word is underlined.
    let underlined: String = drawn
        .content()
        .iter()
        .filter(|cell| cell.modifier.contains(Modifier::UNDERLINED))
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert!(underlined.contains("CLONE_NEWIPC"), "{underlined}");
}

#[test]
fn invented_steps_of_a_launcher_do_no_harm() {
    let mut lab = took(COMPACT, Lang::En);
    let call = format!("clone(\u{1b}[2J\n{}", "命".repeat(40_000));
    let launch = lab.launch_of(Side::CONTAINER);
    let step = Step {
        call: call.into(),
        errno: Some(-7),
        value: i64::MIN,
        micros: u64::MAX,
    };
    let side = Side::CONTAINER;
    for _ in 0..3 {
        let step = step.clone();
        lab.send(Msg::Shell(side, launch, ShellEvent::Step(step)));
    }
    assert!(!screen(&lab).contains('\u{1b}'));
    lab.key("End");
    screen(&lab);
}

/// A launch started, and a later step was refused: the view explains that refusal with its own facts.
#[test]
fn a_refusal_after_the_start_has_its_own_facts() {
    let mut lab = lab(FULL, Lang::En);
    lab.key("u F5");
    take(&mut lab, Side::CONTAINER, entry());
    let launch = lab.launch_of(Side::CONTAINER);
    let refusal = Refusal::boxed(
        step(clone_refused()),
        &Facts {
            limits: [(Namespace::Uts, 0)].into(),
            ..Facts::default()
        },
    );
    let side = Side::CONTAINER;
    lab.send(Msg::Shell(side, launch, ShellEvent::Refused(refusal)));
    lab.send(Msg::Shell(
        side,
        launch,
        ShellEvent::Exited(Exit::Status(125)),
    ));
    lab.key("F2 t");
    let shown = screen(&lab);
    assert!(shown.contains("✘ clone"), "{shown}");
    assert!(shown.contains("max_uts_namespaces"), "{shown}");
}

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
fn the_map_of_namespaces(
    #[values(COMPACT, FULL)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = map(size, lang);
    let name = format!("map-{}x{}-{lang}", size.0, size.1);
    assert_snapshot(&name, &screen(&lab));
    lab.key("End");
    assert_snapshot(&format!("{name}-end"), &screen(&lab));
    assert_eq!(lab.key("Esc"), [Effect::WatchMap(false)]);
}

/// However many have ended, each can be read; nothing is inside of them.
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
    // A fresh lab host is watched anew.
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
            seen.program = Some(Program {
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

/// A look inside, but of what the rows show only that of the PID namespace: no other row changes it.
fn around_the_rows(shown: &str) -> String {
    let lines: Vec<&str> = shown.lines().collect();
    let (top, rest) = lines.split_at(3);
    let (rows, bottom) = rest.split_at(rest.len() - 2);
    let of_pid = rows.iter().skip_while(|line| !line.contains(" PID "));
    let of_pid = of_pid.take_while(|line| line.chars().any(char::is_alphanumeric));
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

/// A box is looked into through its process 1; what no process is in still says what keeps it.
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
    assert!(screen(&lab).contains("Nothing here holds “NGINXx”."));
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
