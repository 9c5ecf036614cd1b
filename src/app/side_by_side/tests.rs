//! Opening and closing the pane, its requests, and their answers.

use rstest::rstest;

use super::*;
use crate::app::fixture::{DONE, Lab, container, detail, host, set};
use crate::app::keymap::Place;
use crate::app::msg::Msg;
use crate::app::views::Overlay;
use crate::lang::Lang;
use crate::sandbox::command::CommandEnd;

fn lab() -> Lab {
    Lab::with_container((120, 40), Lang::En, "uts,ipc")
}

/// The text of the pane.
fn shown(lab: &Lab) -> String {
    let view = view(&lab.state, 76, 30);
    let lines = view.head.iter().chain(&view.body);
    let lines: Vec<_> = lines.map(ToString::to_string).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_sides_are_looked_at_while_a_row_is_open() {
    let mut lab = lab();
    lab.key("F6");
    let effects = lab.key("Enter");
    let look = |side: Side| Effect::WatchDetail { side: side.into() };
    assert_eq!(effects, [look(Side::Host), look(Side::CONTAINER)]);
    assert_eq!(lab.key("Right"), []);
    // A new container is looked at once it runs.
    lab.key("F5");
    assert_eq!(lab.start(Side::CONTAINER), [look(Side::CONTAINER)]);
    assert_eq!(lab.key("Esc"), [Effect::StopDetail]);
    assert_eq!(lab.state.views.focus, Pane::Compare);
    assert!(lab.state.shells.get(Side::Host).detail.is_none());
}

#[test]
fn the_detail_of_an_old_launch_is_ignored() {
    let mut lab = lab();
    lab.key("F6 Enter");
    let old = lab.launch_of(Side::CONTAINER);
    lab.key("F5");
    lab.start(Side::CONTAINER);
    lab.send(crate::app::Msg::Shell(
        Side::CONTAINER,
        old,
        crate::app::ShellEvent::Detail(Box::new(detail(set("uts")))),
    ));
    assert!(lab.state.shells.container().detail.is_none());
}

#[test]
fn what_changes_is_shown_at_once() {
    let mut lab = lab();
    lab.details(RowId::Hostname);
    assert!(shown(&lab).contains("≠ vm"));
    let mut renamed = container(set("uts,ipc"));
    renamed.hostname = "x\x1b[2Jy".into();
    lab.see(Side::CONTAINER, renamed);
    assert!(shown(&lab).contains("≠ x^[[2Jy"), "{}", shown(&lab));
    renamed = container(set("uts,ipc"));
    renamed.hostname = host().hostname;
    lab.see(Side::CONTAINER, renamed);
    assert!(!shown(&lab).contains('≠'), "{}", shown(&lab));
    assert!(shown(&lab).contains("so far both look the same"));
}

#[test]
fn lines_are_read_anew_when_they_can_have_changed_and_not_for_a_key() {
    let mut lab = lab();
    lab.details(RowId::Hostname);
    let mut reads_anew = |change: &dyn Fn(&mut Lab)| {
        lab.state.views.side_by_side.contents = Contents::default();
        change(&mut lab);
        !lab.state.views.side_by_side.contents.pairs.is_empty()
    };
    for keys in ["Down", "PgDn", "F1 Esc"] {
        assert!(!reads_anew(&|lab| drop(lab.key(keys))), "{keys}");
    }
    assert!(reads_anew(&|lab| drop(lab.key("F8"))), "the language");
    let (cols, rows) = (80, 24);
    let resize = |lab: &mut Lab| drop(lab.send(Msg::Resize { cols, rows }));
    assert!(reads_anew(&resize), "the size");
    let see = |lab: &mut Lab| drop(lab.see(Side::Host, host()));
    assert!(reads_anew(&see), "what a side sees");
}

#[test]
fn rows_follow_each_other_and_the_comparison_remembers() {
    let mut lab = lab();
    lab.details(RowId::Queues);
    lab.key("Right Right ] Left");
    assert_eq!(
        lab.state.views.side_by_side.subject,
        DetailSubject::Row(RowId::Semaphores)
    );
    lab.key("Backspace");
    assert_eq!(lab.state.views.compare.row, RowId::Semaphores);
    lab.key("Home Enter Left");
    assert_eq!(
        lab.state.views.side_by_side.subject,
        DetailSubject::Row(RowId::Clock)
    );
}

#[rstest]
fn every_row_has_something_to_show(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    for flags in ["", "uts,ipc,pid,mnt,net,user,cgroup,time"] {
        let mut lab = Lab::with_container((80, 24), lang, flags);
        for row in RowId::ALL {
            lab.details(row);
            let said = shown(&lab);
            assert!(said.contains(row.entry().command), "{said}");
            assert!(!said.contains(words(lang).reading), "{row:?}\n{said}");
            assert!(lab.state.views.side_by_side.contents.messages[0].is_none());
        }
    }
}

#[test]
fn a_line_runs_on_both_sides() {
    let mut lab = lab();
    lab.key("F4 C-5 F2 !");
    assert_eq!(lab.state.place(), Place::Prompt);
    // Letters are the line's, even if they are keys elsewhere.
    let effects = lab.key("q Space x Enter");
    let line = "q x".to_owned();
    assert_eq!(
        effects,
        [Effect::Command {
            number: 1,
            line,
            side: Side::Host.into()
        }]
    );
    let said = shown(&lab);
    assert!(said.contains("running … Esc ends it"), "{said}");
    assert!(said.contains("once the other side has ended"), "{said}");
    assert!(said.contains("the second finds"), "{said}");
    let next = lab.printed(1, Side::Host, "one\ntwo\n", DONE);
    let (line, side) = ("q x".to_owned(), Side::CONTAINER.into());
    assert_eq!(
        next,
        [Effect::Command {
            number: 1,
            line,
            side
        }]
    );
    assert!(shown(&lab).contains("  one"), "{}", shown(&lab));
    lab.printed(
        1,
        Side::CONTAINER,
        "one\n2\n",
        CommandEnd::Exited(crate::sandbox::Exit::Status(3)),
    );
    let said = shown(&lab);
    assert!(said.contains("≠ two") && said.contains("≠ 2"), "{said}");
    assert!(said.contains("exit 0") && said.contains("exit 3"), "{said}");
    assert!(said.contains("two answers"), "{said}");
    lab.key("Esc");
    assert_eq!(lab.state.views.focus, Pane::Lesson);
    // And there again, in the other language.
    lab.key("d L");
    assert_eq!(lab.state.views.focus, Pane::Details);
    assert!(
        shown(&lab).contains("同一条命令，两种结果"),
        "{}",
        shown(&lab)
    );
}

#[test]
fn an_old_command_is_ignored_and_a_running_one_can_be_ended() {
    let mut lab = lab();
    let first = lab.command("yes");
    assert_eq!(lab.key("Esc"), [Effect::CancelCommand]);
    assert_eq!(lab.state.views.focus, Pane::Details);
    lab.key("x C-u");
    lab.send(crate::app::Msg::Paste("sleep 1".into()));
    let effects = lab.key("Enter");
    assert_eq!(effects[0], Effect::CancelCommand);
    lab.printed(first, Side::Host, "y\n", CommandEnd::Cancelled);
    let said = shown(&lab);
    assert!(
        !said.contains("You ended it") && !said.contains(" y"),
        "{said}"
    );
    lab.printed(first + 1, Side::Host, "", CommandEnd::TooLong);
    lab.printed(first + 1, Side::CONTAINER, "", CommandEnd::TooLong);
    let said = shown(&lab);
    assert!(said.contains("longer than 10 seconds"), "{said}");
    assert!(!said.contains("print the same"), "{said}");
}

#[test]
fn the_prompt_begins_with_what_is_shown_and_can_be_left() {
    let mut lab = lab();
    lab.details(RowId::Uid);
    lab.key("x");
    assert_eq!(lab.state.views.prompt.line(), "id");
    assert_eq!(lab.key("C-c"), []);
    assert_eq!(lab.state.views.overlay, None::<Overlay>);
    assert_eq!(lab.state.views.focus, Pane::Details);
    // Nothing is no command.
    lab.key("! C-u");
    assert_eq!(lab.key("Enter"), []);
    assert_eq!(lab.state.place(), Place::Prompt);
}

/// The first line that is shown, the last that could be, and the lines of a page.
fn extent(lab: &Lab) -> (usize, usize, usize) {
    let area = lab.state.layout().whole().unwrap();
    let view = view(&lab.state, area.width, area.height);
    let rows = usize::from(area.height);
    (view.top, view.last_top(rows), rows - view.head.len() - 1)
}

#[test]
fn a_long_output_is_scrolled_to_its_end_and_back() {
    let mut lab = lab();
    let number = lab.command("seq 500");
    let lines: Vec<_> = (1..=500).map(|line| line.to_string()).collect();
    let lines = lines.join("\n");
    lab.printed(number, Side::Host, &lines, DONE);
    lab.printed(number, Side::CONTAINER, &lines, DONE);
    lab.key("End");
    let (top, last, page) = extent(&lab);
    assert_eq!(top, last);
    assert!(page > 5 && last > 400, "{page} {last}");
    lab.key("PgUp Down");
    assert_eq!(extent(&lab).0, last - page + 1);
    lab.key("Home");
    assert_eq!(extent(&lab).0, 0);
}

#[test]
fn a_tree_of_mounts_is_drawn_and_a_circle_ends() {
    let mut lab = lab();
    lab.details(RowId::Mounts);
    let said = shown(&lab);
    for line in ["├─/usr", "│ └─/usr/local", "└─/proc"] {
        assert!(said.contains(line), "{said}");
    }
    let mut strange = detail(set(""));
    strange.mounts[0].parent = 83;
    strange.mounts.push(strange.mounts[1].clone());
    lab.see_detail(Side::Host, strange);
    shown(&lab);
}

#[test]
fn what_the_container_holds_cannot_break_the_screen() {
    let mut lab = Lab::with_container((80, 24), Lang::En, "pid,mnt");
    lab.details(RowId::Processes);
    let mut strange = detail(set(""));
    if let Some(processes) = &mut strange.processes {
        let mut one = processes[0].clone();
        one.command = "x\ny\x1b]0;title\x07 宿".repeat(400);
        *processes = (0..100)
            .map(|pid| crate::observe::detail::ProcessEntry { pid, ..one.clone() })
            .collect();
    }
    lab.see_detail(Side::CONTAINER, strange);
    let view = view(&lab.state, 76, 14);
    let lines = view.head.iter().chain(&view.body);
    for line in lines {
        let text = line.to_string();
        assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
        assert!(line.width() <= 76, "{} {text}", line.width());
    }
    assert!(shown(&lab).contains("^J"));
}

#[rstest]
#[case::limit(
    "unshare: unshare failed: No space left on device",
    "disk is not full",
    "磁盘"
)]
#[case::no_program("sh: 1: ping: not found", "iputils-ping", "iputils-ping")]
fn what_a_command_was_refused_is_explained(
    #[case] output: &str,
    #[case] en: &str,
    #[case] zh: &str,
) {
    for (lang, expected) in [(Lang::En, en), (Lang::ZhCn, zh)] {
        let mut lab = Lab::with_container((120, 40), lang, "uts,ipc");
        let number = lab.command("try");
        lab.printed(
            number,
            Side::Host,
            output,
            CommandEnd::Exited(Exit::Status(1)),
        );
        lab.printed(number, Side::CONTAINER, output, DONE);
        let said = shown(&lab);
        // Once: a command that ended well was refused nothing.
        assert_eq!(said.matches("→ ").count(), 1, "{said}");
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_is_known_of_the_side_tells_why() {
    let mut lab = lab();
    let number = lab.command("hostname x");
    for (side, facts) in [
        (Side::Host, Facts::default()),
        (
            Side::CONTAINER,
            Facts {
                capabilities: Some(0),
                ..Facts::default()
            },
        ),
    ] {
        let outcome = CommandOutcome {
            output: "hostname: you must be root to change the host name".into(),
            errors: Vec::new(),
            end: CommandEnd::Exited(Exit::Status(1)),
        };
        lab.send(crate::app::Msg::CommandEnded {
            number,
            side: side.into(),
            answer: CommandAnswer::Ended(outcome, Box::new(facts)),
        });
    }
    let said = shown(&lab);
    assert_eq!(said.matches("CAP_SYS_ADMIN").count(), 1, "{said}");
}

#[test]
fn what_both_sides_are_refused_is_said_once() {
    let mut lab = Lab::with_container((60, 30), Lang::En, "uts");
    let number = lab.command("frob");
    for side in [Side::Host, Side::CONTAINER] {
        let end = CommandEnd::Exited(Exit::Status(127));
        lab.printed(number, side, "sh: 1: frobnicate-it-all: not found", end);
    }
    let view = view(&lab.state, 58, 30);
    let said: String = view
        .body
        .iter()
        .map(|line| line.to_string() + "\n")
        .collect();
    assert_eq!(said.matches("→ ").count(), 1, "{said}");
    assert_eq!(said.matches("sh: 1").count(), 1, "{said}");
}
