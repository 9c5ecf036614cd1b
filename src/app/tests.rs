//! What each message does to the state, and which effects it causes.

mod asked;
mod autoplay;
mod commands;
mod containers;
mod copy_mode;
mod course_end;
mod glossary;
mod host;
mod messages;
mod picked;
mod progress;
mod rebuild;
mod recap;
mod requirements;
mod restart;
mod review;
mod room;
mod search;

use crossterm::event::{MouseButton, MouseEventKind};
use rstest::rstest;

use super::compared::Compared;
use super::enter_action::EnterAction;
use super::fixture::{Lab, container, host, one_lesson, set, setup};
use super::keymap::{Pane, Place};
use super::notice::Notice;
use super::shells::Phase;
use super::views::Overlay;
use super::{Changed, Effect, LabEvent, Msg, Setup, ShellEvent};
use crate::lang::Lang;
use crate::namespace::Namespace;
use crate::observe::RowId;
use crate::pty::emulator::{Clipboard, Slot};
use crate::sandbox::{Exit, HostKind, Plan, Side};

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
fn a_shell_gets_every_key_but_one() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F3");
    for (key, bytes) in [
        ("q", "q"),
        ("Tab", "\t"),
        ("C-c", "\x03"),
        ("Up", "\x1b[A"),
        ("F5", "\x1b[15~"),
        ("Enter", "\r"),
    ] {
        assert_eq!(lab.key(key), [write(Side::Host, bytes)], "{key}");
    }
    lab.send(Msg::Paste("a\nb".into()));
    assert_eq!(lab.key("C-5"), []);
    assert_eq!(lab.state.views.focus, Pane::Lesson);
}

#[test]
fn the_leave_key_pressed_twice_goes_to_the_program() {
    let mut lab = Lab::ready(FULL, Lang::En);
    let sent = [write(Side::Host, "\x1d")];
    lab.key("F3");
    assert_eq!(lab.key("C-5"), []);
    assert_eq!(lab.key("C-5"), sent);
    // What follows is the program's again.
    assert_eq!(lab.key("i"), [write(Side::Host, "i")]);
    assert_eq!(lab.key("C-5 C-5"), sent);
    assert_eq!(lab.key("C-5"), []);
    // Another key between them.
    assert_eq!(lab.key("u C-5"), []);
    assert_eq!(lab.state.views.focus, Pane::Lesson);
    // A click between them.
    let area = lab.state.layout().shell(Side::Host).unwrap();
    lab.key("F3 C-5");
    lab.click(area.x, area.y);
    assert_eq!(lab.key("C-5"), []);
    assert_eq!(lab.state.views.focus, Pane::Lesson);
}

fn answered(side: Side, text: &str) -> Effect {
    let bytes = text.as_bytes().to_vec();
    Effect::Answer { side, bytes }
}

#[test]
fn programs_get_replies_and_focus_reports() {
    let mut lab = Lab::ready(FULL, Lang::En);
    assert_eq!(
        lab.output(Side::Host, "\x1b[6n"),
        [answered(Side::Host, "\x1b[1;19R")]
    );
    lab.output(Side::Host, "\x1b[?1004h");
    assert_eq!(lab.key("F3"), [write(Side::Host, "\x1b[I")]);
    assert_eq!(lab.key("C-]"), [write(Side::Host, "\x1b[O")]);
}

#[test]
fn programs_are_told_when_the_learner_looks_elsewhere() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, "\x1b[?1004h");
    // No shell has the keys.
    assert_eq!(lab.send(Msg::Focus(false)), []);
    assert_eq!(lab.key("F3"), []);
    assert_eq!(lab.send(Msg::Focus(true)), [write(Side::Host, "\x1b[I")]);
    assert_eq!(lab.send(Msg::Focus(true)), []);
    assert_eq!(lab.send(Msg::Focus(false)), [write(Side::Host, "\x1b[O")]);
}

#[test]
fn programs_are_told_the_colours_of_the_learners_terminal() {
    let mut lab = Lab::ready(FULL, Lang::En);
    let question = "\x1b]11;?\x07";
    assert_eq!(lab.output(Side::Host, question), []);
    lab.send(Msg::Colour(Slot::Background, [0xfd, 0xf6, 0xe3]));
    let answer = "\x1b]11;rgb:fdfd/f6f6/e3e3\x07";
    assert_eq!(
        lab.output(Side::Host, question),
        [answered(Side::Host, answer)]
    );
    // A shell that is launched later is told too.
    lab.key("F5");
    lab.start(Side::CONTAINER);
    let answer = [answered(Side::CONTAINER, answer)];
    assert_eq!(lab.output(Side::CONTAINER, question), answer);
}

#[test]
fn a_bell_is_heard_and_marked_where_nobody_looked() {
    let mut lab = Lab::ready(FULL, Lang::En);
    let marked = |lab: &Lab| lab.state.shells.get(Side::Host).has_rung;
    assert_eq!(lab.output(Side::Host, "\x07\x07"), [Effect::Ring]);
    assert!(marked(&lab));
    // A flood of them is heard four times a second.
    assert_eq!(lab.output(Side::Host, "\x07"), []);
    lab.wait(250);
    assert_eq!(lab.output(Side::Host, "\x07"), [Effect::Ring]);
    lab.key("F3");
    assert!(!marked(&lab));
    lab.wait(250);
    assert_eq!(lab.output(Side::Host, "\x07"), [Effect::Ring]);
    assert!(!marked(&lab));
    // The learner is in another window.
    lab.send(Msg::Focus(false));
    lab.output(Side::Host, "\x07");
    assert!(marked(&lab));
    lab.send(Msg::Focus(true));
    assert!(!marked(&lab));
}

#[test]
fn a_new_title_is_drawn_with_the_border() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("F3");
    lab.state.take_changed();
    lab.output(Side::Host, "text");
    assert_eq!(lab.state.take_changed(), Changed::Shell(Side::Host));
    lab.output(Side::Host, "\x1b]2;vim\x07");
    assert_eq!(lab.state.take_changed(), Changed::Screen);
    // Shells send their title with each prompt.
    lab.output(Side::Host, "\x1b]2;vim\x07");
    assert_eq!(lab.state.take_changed(), Changed::Shell(Side::Host));
}

#[test]
fn programs_copy_only_where_the_user_allowed_it() {
    let copy = "\x1b]52;c;Y29weSDkuK0=\x07";
    let text = Effect::Copy {
        text: "copy 中".into(),
    };
    for (clipboard, effects) in [(Clipboard::Closed, vec![]), (Clipboard::Open, vec![text])] {
        let (mut lab, _) = Lab::open(Setup {
            clipboard,
            ..setup(FULL, Lang::En)
        });
        lab.get_ready();
        assert_eq!(lab.output(Side::Host, copy), effects);
        // What is no text, and what may be cut off. It can never be read.
        let long = format!("\x1b]52;c;{}\x07", "QUJD".repeat(40_000));
        for other in [
            "\x1b]52;c;/w==\x07",
            "\x1b]52;c;?\x07",
            "\x1b]52;c;!\x07",
            &long,
        ] {
            assert_eq!(lab.output(Side::Host, other), [], "{other:.20}");
        }
    }
}

#[test]
fn a_drag_that_leaves_the_pane_sends_its_release() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, "\x1b[?1002h\x1b[?1006h");
    lab.key("F3");
    let area = lab.state.layout().shell(Side::Host).unwrap();
    let left = MouseButton::Left;
    let (cols, rows) = (area.width, area.height);
    assert_eq!(
        lab.click(area.x + 1, area.y + 2),
        [write(Side::Host, "\x1b[<0;2;3M")]
    );
    // Over the lesson, then below the pane.
    assert_eq!(
        lab.mouse(MouseEventKind::Drag(left), 0, area.y),
        [write(Side::Host, "\x1b[<32;1;1M")]
    );
    let last = format!("\x1b[<0;{cols};{rows}m");
    assert_eq!(
        lab.mouse(MouseEventKind::Up(left), FULL.0 - 1, FULL.1 - 1),
        [write(Side::Host, &last)]
    );
    // It has no button any more.
    assert_eq!(lab.mouse(MouseEventKind::Drag(left), 0, 0), []);
}

#[test]
fn every_motion_is_wanted_only_while_a_program_in_focus_wants_it() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.output(Side::Host, "\x1b[?1003h\x1b[?1006h");
    assert!(!lab.state.wants_motion());
    lab.key("F3");
    assert!(lab.state.wants_motion());
    let area = lab.state.layout().shell(Side::Host).unwrap();
    lab.state.take_changed();
    assert_eq!(
        lab.mouse(MouseEventKind::Moved, area.x, area.y),
        [write(Side::Host, "\x1b[<35;1;1M")]
    );
    assert_eq!(lab.state.take_changed(), Changed::Nothing);
    lab.output(Side::Host, "\x1b[?1003l");
    assert!(!lab.state.wants_motion());
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
    // What is new altogether has not changed.
    let any = |lab: &Lab| RowId::ALL.into_iter().any(|row| lab.state.has_changed(row));
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
    // What is as it was has not changed, whatever it was in between.
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
        "F4 went to the shell; Ctrl-] leaves it, and then F4 is the lab's"
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
    let shown = |lab: &Lab, row| super::table::line(&lab.state, row).left.value.unwrap();
    assert_eq!(shown(&lab, RowId::Hostname), "?");
    assert_ne!(shown(&lab, RowId::ShellPid), "?");
    lab.key("1");
    assert_eq!(shown(&lab, RowId::Hostname), "vm");
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
    let step = lab.state.step().unwrap();
    let rows = super::table::short(&step.rows(), set("uts"));
    assert_eq!(rows[..3], [RowId::Uid, RowId::Cgroup, RowId::Hostname]);
    let compared = |lab: &Lab| lab.state.shells.sides().compared;
    let second = Side::Container(crate::sandbox::Nth::ALL[1]);
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
    assert_eq!(lab.state.enter_action(), EnterAction::LabAbsent);
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

#[rstest]
#[case::full(FULL)]
#[case::compact(COMPACT)]
fn a_lesson_is_walked_with_enter(#[case] size: (u16, u16)) {
    let mut lab = Lab::ready(size, Lang::En);
    let enter = |lab: &mut Lab| {
        // Where the step is longer than its pane, Enter reads on first.
        for _ in 0..20 {
            if lab.state.place() == Place::Watching
                || super::lesson_view::enter_action(&lab.state) == EnterAction::ReadOn
            {
                lab.key("Enter");
            }
        }
        lab.key("Enter")
    };
    // Enter launches the container of the first step.
    let effects = enter(&mut lab);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Launch { side: Side::CONTAINER, plan, .. }, ..] if plan.flags == set("uts")
    ));
    assert_eq!(lab.state.next_launch.flags, set("uts"));
    let watched = (size == COMPACT).then_some(Side::CONTAINER);
    assert_eq!(lab.state.views.watched, watched);
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert_eq!(lab.state.enter_action(), EnterAction::Step);
    enter(&mut lab);
    // The prediction comes before the command; Enter alone does not choose an answer.
    assert_eq!(lab.state.place(), Place::Prediction);
    assert_eq!(enter(&mut lab), []);
    assert_eq!(lab.state.notice.as_ref().unwrap().0, Notice::ChooseFirst);
    lab.key("2");
    let effects = enter(&mut lab);
    assert_eq!(
        effects,
        [Effect::Type {
            side: Side::CONTAINER,
            line: "hostname web1".into(),
            at_prompt: false,
        }]
    );
    // The line was refused: it is next again.
    lab.send(Msg::Busy {
        side: Side::CONTAINER,
        program: "vim".into(),
    });
    assert!(
        matches!(lab.state.enter_action(), EnterAction::Type { line, .. } if line.source() == "hostname web1")
    );
    enter(&mut lab);
    // The check is not true yet: Enter says once what is missing, then lets the learner go on.
    assert_eq!(lab.state.enter_action(), EnterAction::Nudge);
    enter(&mut lab);
    assert!(matches!(
        lab.state.notice.as_ref().unwrap().0,
        Notice::Missing(_)
    ));
    assert_eq!(lab.state.enter_action(), EnterAction::StepAnyway);
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.see(Side::CONTAINER, renamed.clone());
    assert_eq!(lab.state.enter_action(), EnterAction::Step);
    // A check that was true once stays done.
    renamed.hostname = "web2".into();
    lab.see(Side::CONTAINER, renamed);
    assert_eq!(lab.state.enter_action(), EnterAction::Step);
}

#[test]
fn what_the_learner_does_by_hand_counts() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert_eq!(lab.state.enter_action(), EnterAction::Step);
    lab.key("Right s");
    assert!(matches!(lab.state.enter_action(), EnterAction::Type { .. }));
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.key("F4 Enter");
    lab.see(Side::CONTAINER, renamed);
    assert_eq!(lab.state.enter_action(), EnterAction::Step);
}

#[test]
fn commands_that_only_look_are_never_skipped() {
    let queue = |lab: &mut Lab, queues: usize| {
        let mut seen = host();
        seen.ipc.queues.truncate(queues);
        lab.see(Side::Host, seen);
    };
    let typed = |lab: &Lab, wanted, wanted_line: &str| {
        assert!(
            matches!(lab.state.enter_action(), EnterAction::Type { side, line } if side == wanted && line.source() == wanted_line)
        );
    };
    // The lesson types the line, or the learner does.
    for keys in ["Enter", "F3 Enter C-5"] {
        let mut lab = Lab::with_container((120, 100), Lang::En, "uts,ipc,pid");
        queue(&mut lab, 0);
        lab.go("numbers", 2);
        lab.key("s");
        typed(&lab, Side::Host, "ipcmk -Q");
        lab.key(keys);
        queue(&mut lab, 1);
        assert!(
            lab.state
                .lesson
                .walk
                .progress()
                .all_done(lab.state.step().unwrap())
        );
        typed(&lab, Side::Host, "ipcs -q");
        lab.key("Enter");
        typed(&lab, Side::CONTAINER, "ipcs -q");
        lab.key("Enter");
        assert_eq!(lab.state.enter_action(), EnterAction::Step);
    }
}

#[test]
fn after_a_launch_the_lesson_goes_on_with_its_command() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.go("numbers", 1);
    lab.key("s Enter");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts,ipc,pid")));
    assert!(matches!(
        lab.state.enter_action(),
        EnterAction::Type { side: Side::CONTAINER, line } if line.source() == "echo $$"
    ));
}

/// The checks of these steps have no command: the learner presses a key.
#[rstest]
#[case::full(FULL)]
#[case::compact(COMPACT)]
fn a_lesson_can_ask_for_a_view_and_for_a_flag(#[case] size: (u16, u16)) {
    let mut lab = Lab::ready(size, Lang::En);
    lab.go("views", 1);
    assert_eq!(lab.state.enter_action(), EnterAction::Nudge);
    lab.key("F7");
    assert_eq!(lab.state.enter_action(), EnterAction::Step);
    lab.key("F2 Right");
    lab.arrive();
    lab.key("2 F7 F2");
    let (title, next) = (lab.step_title(), lab.state.enter_action());
    assert_eq!(next, EnterAction::Nudge, "{title}: seen, not chosen");
    let step = lab.state.step().unwrap();
    assert!(
        !lab.state.lesson.walk.progress().resolved(step, 1),
        "{title}"
    );
    lab.key("u");
    let next = lab.state.enter_action();
    assert_eq!(next, EnterAction::Nudge, "{title}: not seen with the flag");
    lab.key("F7 F2");
    assert_eq!(lab.state.enter_action(), EnterAction::Step, "{title}");
    let step = lab.state.step().unwrap();
    assert!(
        lab.state.lesson.walk.progress().resolved(step, 1),
        "{title}"
    );
    // Unticking the flag does not undo the check.
    lab.key("u");
    assert_eq!(lab.state.enter_action(), EnterAction::Step);
}

#[test]
fn only_the_whole_comparison_counts_as_seen() {
    let seen = |size, keys: &str| {
        let mut lab = Lab::ready(size, Lang::En);
        lab.go("views", 3);
        lab.key(keys);
        lab.state.enter_action() == EnterAction::Step
    };
    assert!(!seen(FULL, "F6"));
    assert!(seen(FULL, "F6 F6"));
    assert!(seen(COMPACT, "F6"));
    assert!(!seen(COMPACT, "F7"));
}

#[test]
fn a_command_that_needs_another_container_launches_it_first() {
    let mut lab = Lab::with_container((120, 100), Lang::En, "ipc");
    lab.go("uts", 1);
    lab.key("s");
    assert_eq!(
        lab.state.enter_action(),
        EnterAction::LaunchFirst(Side::CONTAINER, Plan::new(set("uts")))
    );
    let effects = lab.key("Enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Launch { plan, .. }, ..] if plan.flags == set("uts")
    ));
    assert_eq!(
        lab.state.enter_action(),
        EnterAction::ShellStarting(Side::CONTAINER)
    );
    lab.start(Side::CONTAINER);
    assert!(matches!(lab.state.enter_action(), EnterAction::Type { .. }));
}

#[test]
fn steps_and_lessons_follow_each_other() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("l Home Enter");
    let count = lab.state.lesson.lessons.count();
    let mut seen = 1;
    loop {
        let before = (lab.state.lesson.walk.lesson(), lab.state.lesson.walk.step());
        lab.key("Right");
        if (lab.state.lesson.walk.lesson(), lab.state.lesson.walk.step()) == before {
            break;
        }
        seen += 1;
    }
    assert_eq!(lab.state.lesson.walk.lesson(), count - 1);
    for _ in 1..seen {
        lab.key("Left");
    }
    assert_eq!(
        (lab.state.lesson.walk.lesson(), lab.state.lesson.walk.step()),
        (0, 0)
    );
    lab.key("l Down Enter");
    assert_eq!(
        (
            lab.state.lesson.walk.lesson(),
            lab.state.views.overlay.clone()
        ),
        (1, None)
    );
    lab.key("F1");
    assert!(matches!(
        lab.state.views.overlay,
        Some(Overlay::Help { .. })
    ));
    lab.key("Esc");
    assert_eq!(lab.state.views.overlay, None);
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
