//! Processes as sides: picked on the map, compared, ended.

use super::{COMPACT, FULL};
use crate::app::compared::{Column, Compared};
use crate::app::fixture::{DONE, Lab, container, detail, set};
use crate::app::notice::Notice;
use crate::app::{Effect, MapEvent, Msg, ProcessEvent, ProcessId};
use crate::discovery::map::example;
use crate::lang::Lang;
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
    // What it sent before is past.
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
