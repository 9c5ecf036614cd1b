//! Processes as sides: picked on the map, compared, ended.

use super::{COMPACT, FULL};
use crate::app::compared::{Column, Compared};
use crate::app::fixture::{DONE, Lab, container, detail, set};
use crate::app::notice::Notice;
use crate::app::picked;
use crate::app::{Effect, MapEvent, Msg, ProcessEvent, ProcessId};
use crate::discovery::map::example;
use crate::lang::Lang;
use crate::observe::snapshot::StartedProgram;
use crate::sandbox::Side;

fn compared(lab: &Lab) -> [Compared; 2] {
    Column::ALL.map(|column| lab.state.shells.compared(column))
}

/// Opens the map with the cursor on nginx, which is process 1 of a container.
fn on_the_map(lab: &mut Lab) {
    lab.key("F2 N");
    lab.send(Msg::Map(MapEvent::Seen(Box::new(example()))));
    lab.key("Home Down Down Down Down");
}

/// The process that an effect has watched, with its number.
fn watched(effects: &[Effect]) -> Option<(Column, u32, ProcessId)> {
    effects.iter().find_map(|effect| match effect {
        Effect::WatchProcess {
            column,
            process: Some((number, id)),
        } => Some((*column, *number, id.clone())),
        _ => None,
    })
}

#[test]
fn a_process_of_the_map_becomes_a_side() {
    let mut lab = Lab::ready(FULL, Lang::En);
    on_the_map(&mut lab);
    let (column, number, id) = watched(&lab.key("c")).unwrap();
    assert_eq!((column, id.text().as_str()), (Column::Right, "700→1 nginx"));
    let nginx = Compared::Process(number);
    assert_eq!(compared(&lab), [Side::Host.into(), nginx]);
    assert!(lab.state.views.overlay.is_none());
    let seen = Box::new(container(set("uts,pid")));
    lab.send(Msg::Process(number, ProcessEvent::Snapshot(seen)));
    let hostname = lab.state.shells.sides().right.map(|it| it.hostname.clone());
    assert_eq!(hostname.as_deref(), Some("container"));
    // A row in full, and a command, reach it as they reach a shell.
    let effects = lab.key("Enter");
    assert!(effects.contains(&Effect::WatchDetail { side: nginx }));
    let detail = Box::new(detail(set("uts,pid")));
    lab.send(Msg::Process(number, ProcessEvent::Detail(detail)));
    let command = lab.command("id");
    let next = lab.printed(command, Side::Host, "", DONE);
    let line = "id".to_owned();
    assert!(next.contains(&Effect::Command {
        number: command,
        line,
        side: nginx
    }));
    // The arrows turn to the shells, and back to it.
    lab.key("F6 Right");
    assert_ne!(compared(&lab)[1], nginx);
    lab.key("Left");
    assert_eq!(compared(&lab)[0], nginx);
    // Its column shows the shell again once it ends.
    lab.send(Msg::Process(number, ProcessEvent::Ended));
    assert_eq!(compared(&lab)[0], Side::Host.into());
    let notice = lab.state.notice.as_ref().map(|(notice, _)| notice);
    assert_eq!(notice, Some(&Notice::ProcessEnded("700→1 nginx".into())));
    // A snapshot that it sent before is ignored.
    let late = Box::new(container(set("uts")));
    lab.send(Msg::Process(number, ProcessEvent::Snapshot(late)));
    assert!(lab.state.shells.picked(number).is_none());
}

#[test]
fn two_processes_are_compared_and_no_side_with_itself() {
    let mut lab = Lab::with_container(COMPACT, Lang::En, "uts");
    on_the_map(&mut lab);
    let (_, right, _) = watched(&lab.key("c")).unwrap();
    on_the_map(&mut lab);
    lab.key("Home Down");
    let (column, left, _) = watched(&lab.key("C")).unwrap();
    assert_eq!(column, Column::Left);
    let both = [left, right].map(Compared::Process);
    assert_eq!(compared(&lab), both);
    // A later pick takes the place of an earlier one.
    on_the_map(&mut lab);
    let (_, again, _) = watched(&lab.key("c")).unwrap();
    assert_eq!(compared(&lab)[1], Compared::Process(again));
    assert!(lab.state.shells.picked(right).is_none());
    lab.key("F6 Right");
    lab.send(Msg::Process(left, ProcessEvent::Ended));
    let [left, right] = compared(&lab);
    assert_ne!(left, right);
    // A fresh lab has none of them.
    lab.key("F2 R");
    let effects = lab.key("R");
    let stopped = |column| Effect::WatchProcess {
        column,
        process: None,
    };
    assert!(effects.contains(&stopped(Column::Right)), "{effects:?}");
}

/// The host shell's program has left these namespaces.
fn with_a_program(lab: &mut Lab, kinds: &str) {
    let mut seen = crate::app::fixture::host();
    let mut namespaces = seen.namespaces.clone();
    for kind in set(kinds).iter() {
        namespaces.entry(kind).and_modify(|id| id.ino += 50);
    }
    seen.program = Some(StartedProgram {
        nspid: vec![4250, 85, 1],
        name: "ba\u{1b}sh".into(),
        namespaces,
    });
    lab.see(Side::Host, seen);
}

#[test]
fn a_program_that_has_left_its_shell_is_followed_until_it_ends() {
    let mut lab = Lab::ready(COMPACT, Lang::En);
    lab.key("F2 f");
    let notice = lab.state.notice.as_ref().map(|(notice, _)| notice);
    assert_eq!(notice, Some(&Notice::NothingToFollow));
    with_a_program(&mut lab, "uts,pid");
    let said = picked::offer_words(&lab.state).unwrap();
    assert!(said.starts_with("f follows ba"), "{said}");
    assert!(
        said.ends_with("which has left HOST's UTS PID namespaces"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "{said}");
    // In the shell, the leave key comes first; after both, the keys are the shell's again.
    lab.key("F3");
    let said = picked::offer_words(&lab.state).unwrap();
    assert!(said.starts_with("Ctrl-] f follows"), "{said}");
    let (column, number, id) = watched(&lab.key("C-5 f")).unwrap();
    assert_eq!((column, id.outside), (Column::Right, 4250));
    assert!(id.text().starts_with("85→1 "), "{}", id.text());
    assert_eq!(lab.state.typing_into(), Some(Side::Host));
    let program = Compared::Process(number);
    assert_eq!(compared(&lab), [Side::Host.into(), program]);
    assert_eq!(picked::offer_words(&lab.state), None);
    lab.send(Msg::Process(number, ProcessEvent::Ended));
    assert_eq!(compared(&lab), [Side::Host.into(), Side::CONTAINER.into()]);
    assert!(picked::offer_words(&lab.state).is_some());
}
