//! The code view and the trace view on the screen.

use ratatui::style::Modifier;
use rstest::rstest;

use super::{COMPACT, FULL, Situation, assert_area, assert_snapshot, buffer, pane, screen};
use crate::app::fixture::{Lab, set};
use crate::app::{Effect, Failure, FileEvent, LabEvent, Msg, NotSaved, ShellEvent};
use crate::code::{self, Notation};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::options::{Proc, Propagation, Root, UserMap};
use crate::sandbox::{Call, ContainerNumber, Exit, IdMap, Join, LaunchOptions, Plan, Side, Step};
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

fn traced(size: (u16, u16), lang: Lang) -> Lab {
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

fn traced_all(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = traced(size, lang);
    lab.key("Enter");
    lab
}

/// The end of the list, where the lab host's steps are.
fn traced_lab(size: (u16, u16), lang: Lang) -> Lab {
    let mut lab = traced(size, lang);
    lab.key("End");
    lab
}

fn traced_refused(size: (u16, u16), lang: Lang) -> Lab {
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

fn traced_no_lab(size: (u16, u16), lang: Lang) -> Lab {
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
#[case::some("took", traced)]
#[case::all("took-all", traced_all)]
#[case::lab("took-lab", traced_lab)]
#[case::refused("took-refused", traced_refused)]
#[case::no_lab("took-no-lab", traced_no_lab)]
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
    let lines = [traced, code_uts].map(|situation: Situation| {
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
        let (whose, kinds) = (ContainerNumber::FIRST, NamespaceSet::all());
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
    lab.send(Msg::File(FileEvent::NotSaved(NotSaved {
        directory: "/usr".into(),
        kind: std::io::ErrorKind::PermissionDenied,
        answer: "Permission denied (os error 13)".into(),
    })));
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
    let mut lab = traced(COMPACT, Lang::En);
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
