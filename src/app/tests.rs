//! The changes of the state by each message, and the effects that it causes.

mod asked;
mod autoplay;
mod commands;
mod containers;
mod copy_mode;
mod course_end;
mod diagnosis;
mod glossary;
mod host;
mod messages;
mod off_path;
mod picked;
mod programs;
mod progress;
mod rebuild;
mod recap;
mod requirements;
mod restart;
mod review;
mod room;
mod search;
mod typed_lines;
mod walk;

use crossterm::event::{MouseButton, MouseEventKind};
use nix::errno::Errno;
use rstest::rstest;

use super::compared::Compared;
use super::enter_action::EnterAction;
use super::fixture::{Lab, container, host, one_lesson, set, setup};
use super::keymap::{Pane, Place};
use super::msg::{NotCopied, WhyNotCopied};
use super::notice::Notice;
use super::shells::Phase;
use super::views::Overlay;
use super::{Changed, Effect, LabEvent, Msg, Setup, ShellEvent};
use crate::app::enter_action;
use crate::app::table;
use crate::explain::Refusal;
use crate::facts::{Facts, Seccomp};
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::RowId;
use crate::pty::emulator::{Clipboard, Slot};
use crate::sandbox::{Exit, HostKind, Plan, Side, Step};

const FULL: (u16, u16) = (120, 40);
const COMPACT: (u16, u16) = (80, 24);

fn write(side: Side, text: &str) -> Effect {
    Effect::Write {
        side,
        bytes: text.into(),
    }
}

#[test]
fn the_lab_starts_the_host_shell_and_the_learner_the_container() {
    let mut lab = Lab::new(FULL, Lang::En);
    assert_eq!(lab.key("F5"), []);
    assert_eq!(lab.state.notice.as_ref().unwrap().0, Notice::LabStarting);
    let effects = lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: vec![],
    }));
    let (cols, rows) = lab.state.shells.get(Side::Host).emulator.size();
    assert_eq!(
        effects,
        [Effect::Launch {
            side: Side::Host,
            launch: 1,
            plan: Plan::default(),
            cols,
            rows
        }]
    );
    lab.start(Side::Host);
    let effects = lab.key("u p F5");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Launch { side: Side::CONTAINER, launch: 2, plan, .. }, ..] if plan.flags == set("uts,pid")
    ));
    lab.start(Side::CONTAINER);
    // Flags chosen afterwards are for the next launch.
    lab.key("i");
    assert_eq!(lab.state.shells.container().plan.flags, set("uts,pid"));
    assert_eq!(lab.state.next_launch.flags, set("uts,ipc,pid"));
}

#[test]
fn messages_of_an_old_launch_are_ignored() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    let old = lab.launch_of(Side::CONTAINER);
    lab.key("F5");
    let (side, launch) = (Side::CONTAINER, old);
    lab.send(Msg::Shell(
        side,
        launch,
        ShellEvent::Exited(Exit::Status(1)),
    ));
    lab.send(Msg::Shell(
        side,
        launch,
        ShellEvent::Snapshot(Box::new(host())),
    ));
    lab.send(Msg::Shell(
        side,
        launch,
        ShellEvent::Output(b"late".to_vec()),
    ));
    assert_eq!(lab.state.shells.container().phase, Phase::Starting);
    assert_eq!(lab.state.shells.container().snapshot, None);
    assert_eq!(lab.state.shells.container().emulator.text().trim(), "");
}

#[test]
fn history_scrolls_and_typing_returns_to_the_prompt() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, &"line\r\n".repeat(100));
    lab.key("F3 S-PgUp");
    assert!(lab.state.shells.get(Side::Host).emulator.scrolled_by() > 5);
    lab.key("x");
    assert_eq!(lab.state.shells.get(Side::Host).emulator.scrolled_by(), 0);
    lab.mouse(MouseEventKind::ScrollUp, 60, 18);
    assert_eq!(lab.state.shells.get(Side::Host).emulator.scrolled_by(), 3);
}

#[test]
fn one_key_relaunches_an_ended_shell() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts,pid");
    lab.key("F4");
    let launch = lab.launch_of(Side::CONTAINER);
    lab.send(Msg::Shell(
        Side::CONTAINER,
        launch,
        ShellEvent::Exited(Exit::Status(3)),
    ));
    assert_eq!(lab.state.place(), Place::Ended);
    let effects = lab.key("Enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Launch { side: Side::CONTAINER, launch: 3, plan, .. }] if plan.flags == set("uts,pid")
    ));
}

#[test]
fn a_clipboard_tool_that_gets_no_file_in_memory_has_the_call_and_who_refused_it() {
    let call = "memfd_create(nslab-clipboard, MFD_CLOEXEC)";
    let facts = Facts {
        seccomp: Some(Seccomp::Filter),
        ..Facts::default()
    };
    let refusal = Refusal::boxed(Step::refused(call.into(), Errno::EPERM), &facts);
    let notice = Notice::NotCopied(NotCopied {
        tool: "xclip",
        display: "DISPLAY=:0".to_owned(),
        why: WhyNotCopied::Refused(refusal),
    });
    for (lang, end) in [
        (Lang::En, format!(": {call} = -1 EPERM (seccomp)")),
        (Lang::ZhCn, format!("：{call} = -1 EPERM（seccomp）")),
    ] {
        let said = super::texts::notice(lang, &notice);
        assert!(said.ends_with(&end), "{said}");
    }
}

/// Input to a pane without a shell goes nowhere: it toggles no flag, launches nothing and opens
/// no prompt.
#[test]
fn letters_typed_where_no_shell_was_launched_are_no_keys_of_the_lab() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F4");
    let flags = lab.state.next_launch.plan();
    for key in "e x e c ! r u i p R q B Enter".split(' ') {
        assert_eq!(lab.key(key), [], "{key}");
        assert_eq!(lab.state.place(), Place::Empty, "{key}");
        let said = lab.state.notice.as_ref().map(|(notice, _)| notice.clone());
        let told = said.is_some_and(|notice| {
            super::texts::notice(Lang::En, &notice).starts_with("No container runs here: F5")
        });
        assert_eq!(told, key != "Enter", "{key}");
    }
    assert_eq!(lab.state.next_launch.plan(), flags);
    // Enter alone, and the other keys, mean what the footer says.
    let effects = lab.key("Enter");
    assert!(matches!(effects.as_slice(), [Effect::Launch { .. }]));
    lab.key("F2 u");
    assert_ne!(lab.state.next_launch.plan(), flags);
}

#[test]
fn sizes_follow_the_screen() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    let effects = lab.send(Msg::Resize { cols: 80, rows: 24 });
    let resized = |side| Effect::ResizePty {
        side,
        cols: 80,
        rows: 14,
    };
    assert_eq!(effects, [resized(Side::Host), resized(Side::CONTAINER)]);
    assert_eq!(lab.state.shells.get(Side::Host).emulator.size(), (80, 14));
    // On a screen that is too small the shells keep their size.
    assert_eq!(lab.send(Msg::Resize { cols: 20, rows: 5 }), []);
    assert_eq!(lab.send(Msg::Resize { cols: 80, rows: 24 }), []);
}

#[test]
fn changes_are_marked_until_the_next_key() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    // A value that is new altogether has not changed.
    let any = |lab: &Lab| {
        RowId::ALL
            .into_iter()
            .any(|row| table::has_changed(&lab.state, row))
    };
    assert!(!any(&lab));
    lab.key("F1 Esc");
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    renamed.uptime = 5.0;
    lab.see(Side::CONTAINER, renamed);
    let line = |lab: &Lab| super::table::line(&lab.state, RowId::Hostname);
    assert!(line(&lab).right.changed && !line(&lab).left.changed);
    assert_eq!(line(&lab).relation, "≠ own UTS");
    lab.wait(60_000);
    assert!(line(&lab).right.changed);
    lab.key("F1");
    assert!(!line(&lab).right.changed);
    // A value that is as before has not changed, even if it was another one in between.
    for processes in [Some(9), container(set("uts")).processes] {
        let mut seen = container(set("uts"));
        seen.hostname = "web1".into();
        seen.processes = processes;
        lab.see(Side::CONTAINER, seen);
    }
    assert!(!any(&lab));
    // A key to a shell takes the mark away as well.
    lab.key("Esc F4");
    lab.see(Side::CONTAINER, container(set("uts")));
    assert!(line(&lab).right.changed);
    lab.state.take_changed();
    lab.key("x");
    assert!(!line(&lab).right.changed);
    assert_eq!(lab.state.take_changed(), crate::app::Changed::Screen);
}

#[test]
fn a_key_that_went_to_a_shell_is_told_once() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    lab.key("F3 x F4");
    let Some((notice, _)) = &lab.state.notice else {
        panic!("nothing is said");
    };
    let said = super::texts::notice(Lang::En, notice);
    assert_eq!(
        said,
        "F4 went to the shell; Ctrl-] leaves the shell, then F4 goes to the lab"
    );
    assert!(matches!(lab.key("F2")[..], [Effect::Write { .. }]));
    assert!(lab.state.notice.is_none());
}

#[test]
fn ctrl_c_asks_while_a_container_runs() {
    let nothing = || Msg::Running {
        programs: Vec::new(),
    };
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    assert_eq!(lab.key("C-c"), [Effect::AskRunning]);
    assert_eq!(lab.send(nothing()), []);
    assert_eq!(lab.state.place(), Place::QuitQuestion);
    lab.key("n");
    // `q` was meant.
    lab.key("q");
    assert_eq!(lab.send(nothing()), [Effect::Quit]);
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("C-c");
    assert_eq!(lab.send(nothing()), [Effect::Quit]);
}

#[test]
fn a_value_that_tells_the_answer_is_hidden_until_then() {
    let question = "## S\n\n```predict\nquestion = \"Who?\"\nchoices = [\"a\", \"b\"]\nanswer = 1\n\
                    why = \"W.\"\nexprs = ['host.hostname == \"vm\"', 'host.hostname != \"vm\"']\n```\n\nText.\n";
    let mut lab = Lab::open(Setup {
        lessons: one_lesson("[]", question),
        ..setup(FULL, Lang::En)
    })
    .0;
    lab.get_ready();
    lab.key("M");
    lab.see_machine();
    let shown = |lab: &Lab, row| {
        let line = super::table::line(&lab.state, row);
        [line.left.value, line.machine, Some(line.relation)].map(Option::unwrap)
    };
    assert_eq!(shown(&lab, RowId::Hostname), ["?", "?", "predict first"]);
    assert!(!shown(&lab, RowId::ShellPid)[..2].contains(&"?".to_owned()));
    lab.key("1");
    let machine = host().hostname;
    assert_eq!(shown(&lab, RowId::Hostname), ["vm", &machine, ""]);
}

/// Only a row that gives the answer away is hidden: not one that a condition only presupposes, nor one for a later
/// step.
#[rstest]
#[case::what_is_so("own.uts and container.pid1 == container.pid1", "", &[RowId::Pid1, RowId::Processes])]
#[case::what_a_command_only_shows("own.uts and host.last.status == 0", "container.processes", &[RowId::Pid1, RowId::Processes])]
#[case::the_namespaces_themselves("own.uts", "", &[RowId::Hostname])]
#[case::a_command_alone("own.uts and host.last.status == 0", "", &[])]
#[case::what_is_not_so_yet("container.hostname == \"x\" and host.last.status == 0", "container.hostname", &[])]
fn the_rows_that_tell_the_answer_are_hidden(
    #[case] answer: &str,
    #[case] measured: &str,
    #[case] expected: &[RowId],
) {
    let measured = match measured {
        "" => String::new(),
        value => format!("measured = \"{{{{ {value} }}}}\"\n"),
    };
    let question = format!(
        "## S\n\n```predict\nquestion = \"Who?\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"W.\"\n{measured}\
         exprs = ['{answer}', 'host.uid == 7']\n```\n\nText.\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", &question);
    lab.state.next_launch.flags = set("uts");
    lab.key("F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    let value = |row| super::table::line(&lab.state, row).right.value;
    let hidden = RowId::ALL.into_iter();
    let hidden: Vec<_> = hidden
        .filter(|row| value(*row).as_deref() == Some("?"))
        .collect();
    assert_eq!(hidden, expected);
}

/// A row that only fills a small screen doesn't give away the answer to a later step.
#[test]
fn what_a_later_step_asks_is_no_row_before_it() {
    let steps = "## S\n\nText.\n\n## T\n\n```predict\nquestion = \"Who?\"\nchoices = [\"a\", \"b\"]\nanswer = 1\n\
                 why = \"W.\"\nexprs = ['host.hostname == \"vm\"', 'host.hostname != \"vm\"']\n```\n\nText.\n";
    let mut lab = Lab::at_steps(COMPACT, Lang::En, "[]", steps);
    assert!(!table::short_rows(&lab.state).contains(&RowId::Hostname));
    assert_eq!(table::short_rows(&lab.state).len(), 4);
    lab.key("Right");
    assert_eq!(table::short_rows(&lab.state)[0], RowId::Hostname);
    lab.key("1 Left");
    assert!(table::short_rows(&lab.state).contains(&RowId::Hostname));
}

#[test]
fn a_step_chooses_the_rows_and_the_sides() {
    let show = "## S\n\n```show\nrows = [\"id -u\", \"cgroup\"]\ncompare = [\"container\", \
                \"container2\"]\n```\n\nText.\n\n## T\n\nMore.\n";
    let mut lab = Lab::open(Setup {
        lessons: one_lesson("[]", show),
        ..setup(COMPACT, Lang::En)
    })
    .0;
    lab.get_ready();
    let rows = table::short_rows(&lab.state);
    assert_eq!(rows[..3], [RowId::Uid, RowId::Cgroup, RowId::Hostname]);
    let compared = |lab: &Lab| lab.state.shells.sides().compared;
    let second = Side::Container(crate::sandbox::ContainerNumber::ALL[1]);
    assert_eq!(
        compared(&lab),
        [Side::CONTAINER, second].map(Compared::from)
    );
    lab.key("Right");
    assert_eq!(
        compared(&lab),
        [Side::Host, Side::CONTAINER].map(Compared::from)
    );
    lab.key("Left");
    assert_eq!(
        compared(&lab),
        [Side::CONTAINER, second].map(Compared::from)
    );
}

/// The last snapshot of a watcher is forgotten once the watcher is gone.
#[test]
fn a_side_that_nobody_watches_is_said() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    let launch = lab.launch_of(Side::CONTAINER);
    lab.send(Msg::Shell(Side::CONTAINER, launch, ShellEvent::Unwatched));
    let (notice, _) = lab.state.notice.as_ref().expect("something is said");
    assert_eq!(*notice, Notice::Unwatched(Side::CONTAINER));
    let line = super::table::line(&lab.state, RowId::Hostname);
    assert_eq!((line.right.value, line.left.value.is_some()), (None, true));
}

#[test]
fn a_shell_that_ran_was_not_refused() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    let launch = lab.launch_of(Side::CONTAINER);
    let failed = ShellEvent::Failed(crate::app::Failure::Silent);
    lab.send(Msg::Shell(Side::CONTAINER, launch, failed));
    let shell = lab.state.shells.container();
    assert!(shell.ran && matches!(shell.phase, Phase::Failed(_)));
}

#[test]
fn quitting_asks_only_when_something_runs() {
    let mut lab = Lab::ready(FULL, Lang::En);
    assert_eq!(lab.key("q"), [Effect::AskRunning]);
    assert_eq!(lab.send(Msg::Running { programs: vec![] }), [Effect::Quit]);
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("q");
    let running = vec![(Side::Host, "vim".to_owned())];
    assert_eq!(lab.send(Msg::Running { programs: running }), []);
    assert_eq!(lab.state.place(), Place::QuitQuestion);
    assert_eq!(lab.key("n"), []);
    assert_eq!(lab.state.views.overlay, None);
    // A second q quits without waiting for the answer.
    lab.key("q");
    assert_eq!(lab.key("q"), [Effect::Quit]);
}

#[test]
fn a_fresh_lab_takes_two_presses_while_a_container_runs() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    assert_eq!(lab.key("F9"), []);
    assert_eq!(lab.key("u"), []);
    assert_eq!(lab.key("F9"), []);
    assert_eq!(
        lab.key("F9"),
        [Effect::StartLab {
            host: HostKind::Lab,
            share: None,
        }]
    );
    assert_eq!(lab.state.shells.container().phase, Phase::Absent);
    assert_eq!(lab.state.shells.get(Side::Host).snapshot, None);
}

#[test]
fn when_the_lab_is_gone_so_is_everything_in_it() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.send(Msg::Lab(LabEvent::Gone));
    assert_eq!(lab.state.shells.get(Side::Host).snapshot, None);
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::LabAbsent
    );
    assert_eq!(lab.key("F5"), []);
    assert_eq!(
        lab.key("F9"),
        [Effect::StartLab {
            host: HostKind::Lab,
            share: None,
        }]
    );
}

#[test]
fn another_language_keeps_the_step() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("Right");
    let english = lab.step_title();
    lab.key("F8");
    assert_ne!(lab.step_title(), english);
    assert_eq!(lab.state.lesson.walk.step(), 1);
    lab.key("L");
    assert_eq!(lab.step_title(), english);
}

#[test]
fn flags_by_arrows_and_by_mouse() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("Tab Right Space Down Space");
    assert_eq!(lab.state.next_launch.flags, set("ipc,user"));
    assert_eq!(lab.state.next_launch.cursor, Namespace::User);
    let (area, form) = lab.state.layout().flags().unwrap();
    let cell = form.cells(area)[Namespace::Uts as usize].1;
    lab.click(cell.x + 1, cell.y);
    assert_eq!(lab.state.next_launch.flags, set("uts,ipc,user"));
    lab.click(60, 18);
    assert_eq!(lab.state.views.focus, Pane::Host);
    let mut lab = Lab::ready(COMPACT, Lang::En);
    lab.click(14, 3);
    assert_eq!(lab.state.views.focus, Pane::Host);
}

#[test]
fn a_click_on_a_choice_predicts_it() {
    let mut lab = Lab::ready((120, 60), Lang::En);
    lab.key("Right");
    let view = super::lesson_view::view(&lab.state).unwrap();
    let row = view
        .lines
        .iter()
        .position(|line| line.choice == Some(2))
        .unwrap();
    lab.click(view.body.x + 3, view.body.y + u16::try_from(row).unwrap());
    assert_eq!(lab.state.place(), Place::Lesson);
}

#[test]
fn a_program_that_asks_for_the_mouse_gets_it() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, "\x1b[?1000h\x1b[?1006h");
    let area = lab.state.layout().shell(Side::Host).unwrap();
    // The first click only moves the focus.
    assert_eq!(lab.click(area.x, area.y), []);
    assert_eq!(
        lab.click(area.x + 1, area.y + 2),
        [write(Side::Host, "\x1b[<0;2;3M")]
    );
}
