//! A lesson is walked with Enter, by hand, and from step to step.

use super::requirements::said;
use super::*;
use crate::app::TypingEvent;
use crate::app::enter_action;

#[rstest]
#[case::full(FULL)]
#[case::compact(COMPACT)]
fn a_lesson_is_walked_with_enter(#[case] size: (u16, u16)) {
    let mut lab = Lab::ready(size, Lang::En);
    let enter = |lab: &mut Lab| {
        // If the step is longer than its pane, Enter reads on first.
        for _ in 0..20 {
            if lab.state.place() == Place::Watching
                || crate::app::lesson_view::enter_action(&lab.state) == EnterAction::ReadOn
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
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
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
    lab.send(Msg::Typing(
        Side::CONTAINER,
        TypingEvent::Busy {
            program: "vim".into(),
        },
    ));
    assert!(
        matches!(enter_action::enter_action(&lab.state), EnterAction::Type { line, .. } if line.source() == "hostname web1")
    );
    enter(&mut lab);
    // The check is not true yet: Enter names the missing part once, then lets the learner go on.
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Nudge);
    enter(&mut lab);
    assert!(matches!(
        lab.state.notice.as_ref().unwrap().0,
        Notice::Missing(_)
    ));
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::StepAnyway
    );
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.see(Side::CONTAINER, renamed.clone());
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
    // A check that was true once stays done.
    renamed.hostname = "web2".into();
    lab.see(Side::CONTAINER, renamed);
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
}

#[test]
fn what_the_learner_does_by_hand_counts() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
    lab.key("Right s");
    assert!(matches!(
        enter_action::enter_action(&lab.state),
        EnterAction::Type { .. }
    ));
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.key("F4 Enter");
    lab.see(Side::CONTAINER, renamed);
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
}

const PROMPT: &str = "\x1b]133;D;0;aid=7\x07\x1b]133;A\x07# ";

/// The learner types a line of their own, and its command ends with this status.
fn types(lab: &mut Lab, side: Side, line: &str, status: i32) {
    lab.key(if side == Side::Host { "F3 x" } else { "F4 x" });
    runs(lab, side);
    ends(lab, side, line, status);
}

fn runs(lab: &mut Lab, side: Side) {
    lab.output(side, "\x1b]133;C;aid=7\x07");
}

fn ends(lab: &mut Lab, side: Side, line: &str, status: i32) {
    let end = format!("\x1b]133;D;{status};aid=7;cmdline=\t {line}\n\x07\x1b]133;A\x07# ");
    lab.output(side, &end);
}

/// The host has so many message queues.
fn queues(lab: &mut Lab, queues: usize) {
    let mut seen = host();
    seen.ipc.queues.truncate(queues);
    lab.see(Side::Host, seen);
}

fn next(lab: &Lab) -> String {
    match enter_action::enter_action(&lab.state) {
        EnterAction::Type { side, line } => format!("{side} {}", line.source()),
        other => format!("{other:?}"),
    }
}

/// A lab at the step that makes a queue, with a container, and shells that report their commands.
fn queue_lab(steps: &str) -> Lab {
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", steps);
    lab.output(Side::Host, PROMPT);
    queues(&mut lab, 0);
    lab.key("Enter");
    lab.start(Side::CONTAINER);
    lab.output(Side::CONTAINER, PROMPT);
    lab.see(Side::CONTAINER, container(set("uts")));
    lab
}

/// The deed is the second of three lines.
const DEED_BETWEEN: &str = "## S\n\n```launch\nflags = [\"uts\"]\n```\n\n\
    ```run host\ncat /etc/motd\nipcmk -Q\n```\n\n```run host\nipcs -q\n```\n\n\
    ```check\nname = \"q\"\nexpr = 'host.ipc.queues | length > 0'\n```\n";

/// A true check ticks the line that the learner's own command matches, and no other.
#[rstest]
#[case::the_line_itself("ipcmk -Q", "✔ ipcmk -Q")]
#[case::with_other_spaces(" ipcmk   -Q ", "✔ ipcmk -Q")]
#[case::the_same_program("ipcmk --queue", "✔ ipcmk -Q")]
#[case::as_root("sudo ipcmk -Q", "✔ ipcmk -Q")]
#[case::another_program("sh make-queue", "❯ ipcmk -Q")]
fn only_the_line_that_the_learner_did_is_ticked(
    #[case] own: &str,
    #[case] mark: &str,
    #[values("before it begins", "while it runs", "after its end")] seen: &str,
) {
    let mut lab = queue_lab(DEED_BETWEEN);
    types(&mut lab, Side::Host, "ipcs -q", 0);
    lab.key("x Enter");
    if seen == "before it begins" {
        queues(&mut lab, 1);
    }
    runs(&mut lab, Side::Host);
    if seen != "after its end" {
        queues(&mut lab, 1);
        let page = said(&lab);
        assert!(
            page.contains("❯ ipcmk -Q") && page.contains("✔ q"),
            "{page}"
        );
    }
    ends(&mut lab, Side::Host, own, 0);
    queues(&mut lab, 1);
    let page = said(&lab);
    for line in [mark, "❯ cat /etc/motd", "✔ q"] {
        assert!(page.contains(line), "{line}: {page}");
    }
    // A line that is done is not typed again.
    lab.key("C-5");
    assert_eq!(next(&lab), "host cat /etc/motd");
    lab.key("Enter");
    ends(&mut lab, Side::Host, "cat /etc/motd", 0);
    let then = if mark.starts_with('✔') {
        "host ipcs -q"
    } else {
        "host ipcmk -Q"
    };
    assert_eq!(next(&lab), then);
}

/// Of several lines of one program, the one that is most like the learner's command is meant.
#[test]
fn the_line_most_like_the_learners_command_is_ticked() {
    let steps = "## S\n\n```launch\nflags = [\"uts\"]\n```\n\n\
        ```run host\nipcs -q\nipcmk -Q -p 600\nipcmk -M 4096\n```\n\n\
        ```check\nname = \"q\"\nexpr = 'host.ipc.queues | length > 0'\n```\n";
    for (own, mark) in [
        ("ipcmk -p 600 --queue", "✔ ipcmk -Q -p 600"),
        ("ipcmk --queue", "❯ ipcmk -Q -p 600"),
    ] {
        let mut lab = queue_lab(steps);
        types(&mut lab, Side::Host, own, 0);
        queues(&mut lab, 1);
        let page = said(&lab);
        for line in [mark, "❯ ipcs -q", "❯ ipcmk -M 4096", "✔ q"] {
            assert!(page.contains(line), "{own}: {line}: {page}");
        }
    }
}

/// Several commands in one line match several lines.
#[rstest]
#[case::the_deed_first("ipcmk -Q; ipcs -q", "❯ cat /etc/motd", "✔ ipcmk -Q", "Finished")]
#[case::in_the_lessons_order(
    "cat /etc/motd; ipcmk -Q",
    "✔ cat /etc/motd",
    "✔ ipcmk -Q",
    "host ipcs -q"
)]
#[case::another_way(
    "cat /etc/motd; ipcmk --queue",
    "✔ cat /etc/motd",
    "✔ ipcmk -Q",
    "host ipcs -q"
)]
#[case::a_look_first("ipcs -q; ipcmk -Q", "❯ cat /etc/motd", "✔ ipcmk -Q", "host ipcs -q")]
#[case::a_look_before_both(
    "ipcs -q; cat /etc/motd && ipcmk -Q",
    "✔ cat /etc/motd",
    "✔ ipcmk -Q",
    "host ipcs -q"
)]
#[case::a_look_then_another_way(
    "ipcs -q; ipcmk --queue",
    "❯ cat /etc/motd",
    "✔ ipcmk -Q",
    "host ipcs -q"
)]
#[case::both_well(
    "cat /etc/motd && ipcmk -Q",
    "✔ cat /etc/motd",
    "✔ ipcmk -Q",
    "host ipcs -q"
)]
#[case::one_known(
    "cat /etc/motd && ipcmk --queue",
    "✔ cat /etc/motd",
    "✔ ipcmk -Q",
    "host ipcs -q"
)]
fn each_command_of_a_line_stands_for_its_own(
    #[case] own: &str,
    #[case] look: &str,
    #[case] deed: &str,
    #[case] then: &str,
) {
    let mut lab = queue_lab(DEED_BETWEEN);
    types(&mut lab, Side::Host, own, 0);
    queues(&mut lab, 1);
    let page = said(&lab);
    assert!(page.contains(look) && page.contains(deed), "{page}");
    lab.key("C-5");
    if next(&lab) == "host cat /etc/motd" {
        lab.key("Enter");
    }
    assert_eq!(next(&lab), then);
}

/// A line that is to fail is done once it has failed as it should.
#[test]
fn a_line_that_the_learner_types_may_be_meant_to_fail() {
    let steps = "## S\n\n```run host\nping out0\n```\n\n\
        ```check\nname = \"none\"\nexpr = 'host.last.program == \"ping\" and host.last.status == 2'\n```\n";
    for (status, line) in [(2, "✔ ping out0"), (1, "❯ ping out0")] {
        let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
        lab.output(Side::Host, PROMPT);
        lab.see(Side::Host, host());
        types(&mut lab, Side::Host, "ping out0", status);
        assert!(said(&lab).contains(line), "{status}: {}", said(&lab));
    }
}

/// A true check proves no launch of a container that has other flags.
#[test]
fn a_launch_with_other_flags_is_still_to_come() {
    let steps = "## S\n\n```launch\nflags = [\"uts\", \"ipc\"]\n```\n\n```run container\nhostname web1\n```\n\n\
        ```check\nname = \"apart\"\nexpr = 'own.uts'\n```\n";
    for (keys, flags, line) in [
        ("u F5", "uts", "❯ launch a container"),
        ("u i F5", "uts,ipc", "✔ launch a container"),
    ] {
        let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
        lab.see(Side::Host, host());
        lab.key(keys);
        lab.start(Side::CONTAINER);
        lab.see(Side::CONTAINER, container(set(flags)));
        let page = said(&lab);
        assert!(
            page.contains("✔ apart") && page.contains(line),
            "{flags}: {page}"
        );
    }
}

/// Lines of one program, and the check of a name.
fn named(lines: &str) -> Lab {
    let steps = format!(
        "## S\n\n```run host\n{lines}\n```\n\n\
         ```check\nname = \"c\"\nexpr = 'host.hostname == \"web\"'\n```\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    lab.output(Side::Host, PROMPT);
    lab.see(Side::Host, host());
    lab
}

fn rename_host(lab: &mut Lab) {
    let mut renamed = host();
    renamed.hostname = "web".into();
    lab.see(Side::Host, renamed);
}

/// A shell that has become another one reports no line, or an earlier one.
#[rstest]
fn a_shell_that_becomes_another_is_the_line_that_waits(#[values("", "old")] told: &str) {
    let mut lab = named("exec x\nls");
    types(&mut lab, Side::Host, told, 0);
    rename_host(&mut lab);
    let page = said(&lab);
    assert!(page.contains("✔ exec x") && page.contains("❯ ls"), "{page}");
}

/// A command is one line, also where two read the same.
#[test]
fn a_command_ticks_one_of_two_lines_that_read_the_same() {
    let mut lab = named("one\none");
    types(&mut lab, Side::Host, "one", 0);
    rename_host(&mut lab);
    lab.key("C-5");
    assert_eq!(next(&lab), "host one");
}

/// Several commands may end in one piece of output.
#[test]
fn commands_that_were_typed_ahead_count_one_by_one() {
    let mut lab = named("one\ntwo");
    lab.key("F3 x");
    let end = |line: &str| format!("\x1b]133;D;0;aid=7;cmdline=\t {line}\n\x07\x1b]133;A\x07# ");
    let runs = "\x1b]133;C;aid=7\x07";
    let both = [runs, &end("one"), runs, &end("two")].concat();
    lab.output(Side::Host, &both);
    let page = said(&lab);
    assert!(page.contains("✔ one") && page.contains("✔ two"), "{page}");
}

/// The check of a lesson line that the learner has typed keeps no old state of that side.
#[test]
fn the_line_that_waits_is_no_mistake() {
    let steps = "## S\n\n```run host\nipcmk -Q\n```\n\n```run host\nhostname web\n```\n\n\
        ```check\nname = \"c\"\nexpr = 'host.ipc.queues | length == 0 and host.hostname == \"web\"'\n```\n";
    for (own, told) in [("ipcmk -Q", false), ("ipcmk --queue", true)] {
        let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
        lab.output(Side::Host, PROMPT);
        queues(&mut lab, 0);
        types(&mut lab, Side::Host, own, 0);
        queues(&mut lab, 1);
        lab.key("C-5 Enter");
        queues(&mut lab, 1);
        let page = said(&lab);
        assert_eq!(page.contains("extra message queue"), told, "{own}: {page}");
    }
}

/// Without a check, too, a line that the learner has typed is done if its command has ended well.
#[rstest]
#[case::well("cat /etc/motd", Side::Host, 0, "host ipcmk -Q")]
#[case::ill("cat /etc/motd", Side::Host, 1, "host cat /etc/motd")]
#[case::in_the_other_shell("cat /etc/motd", Side::CONTAINER, 0, "host cat /etc/motd")]
#[case::another_line("cat /etc/issue", Side::Host, 0, "host cat /etc/motd")]
#[case::a_later_line("ipcs -q", Side::Host, 0, "host cat /etc/motd")]
fn a_line_that_the_learner_types_is_done(
    #[case] own: &str,
    #[case] side: Side,
    #[case] status: i32,
    #[case] then: &str,
) {
    let mut lab = queue_lab(DEED_BETWEEN);
    types(&mut lab, side, own, status);
    lab.key("C-5");
    assert_eq!(next(&lab), then);
    // A line that looks is not done by a look before the deed.
    while next(&lab).starts_with("host cat") || next(&lab) == "host ipcmk -Q" {
        lab.key("Enter");
    }
    assert_eq!(next(&lab), "host ipcs -q");
}

/// A line that was taken back leaves the one that the learner has done behind it.
#[test]
fn a_line_that_did_not_reach_its_shell_leaves_the_others_done() {
    let mut lab = queue_lab(DEED_BETWEEN);
    types(&mut lab, Side::Host, "ipcmk -Q", 0);
    queues(&mut lab, 1);
    lab.key("C-5 Enter");
    assert_eq!(next(&lab), "host ipcs -q");
    lab.send(Msg::Typing(
        Side::Host,
        TypingEvent::Busy {
            program: "vi".into(),
        },
    ));
    assert_eq!(next(&lab), "host cat /etc/motd");
    lab.key("Enter");
    assert_eq!(next(&lab), "host ipcs -q");
}

/// A deed of the learner before a question is answered counts once it is answered. A deed in another container than
/// the step's does not.
#[test]
fn a_line_behind_a_question_waits_for_the_answer() {
    let question = "## S\n\n```predict\nquestion = \"q\"\nchoices = [\"a\", \"b\"]\nanswer = 1\n\
        why = \"w\"\n```\n\n```run host\nipcmk -Q\n```\n\n\
        ```check\nname = \"q\"\nexpr = 'host.ipc.queues | length > 0'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", question);
    lab.output(Side::Host, PROMPT);
    queues(&mut lab, 0);
    types(&mut lab, Side::Host, "ipcmk -Q", 0);
    queues(&mut lab, 1);
    assert!(!said(&lab).contains("ipcmk"), "{}", said(&lab));
    lab.key("C-5 1");
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Finished
    );
    // Undone meanwhile, it is to be done again.
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", question);
    lab.output(Side::Host, PROMPT);
    queues(&mut lab, 0);
    types(&mut lab, Side::Host, "ipcmk -Q", 0);
    queues(&mut lab, 1);
    queues(&mut lab, 0);
    lab.key("C-5 1");
    assert_eq!(next(&lab), "host ipcmk -Q");

    let container_line = "## S\n\n```run container\nhostname web1\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", container_line);
    lab.key("u i F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("ipc")));
    lab.output(Side::CONTAINER, PROMPT);
    types(&mut lab, Side::CONTAINER, "hostname web1", 0);
    assert!(said(&lab).contains("❯ hostname web1"), "{}", said(&lab));
}

/// The check of a later line says nothing of the line that waits, which another check is about.
#[test]
fn what_is_done_ahead_ticks_no_earlier_line() {
    let steps = "## S\n\n```launch\nflags = [\"uts\"]\n```\n\n```run host\nipcmk -Q\n```\n\n\
        ```run container\nhostname web1\n```\n\n\
        ```check\nname = \"q\"\nexpr = 'host.ipc.queues | length > 0'\n```\n\n\
        ```check\nname = \"n\"\nexpr = 'container.hostname == \"web1\"'\n```\n";
    let mut lab = queue_lab(steps);
    assert_eq!(next(&lab), "host ipcmk -Q");
    types(&mut lab, Side::CONTAINER, "hostname  web1", 0);
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.see(Side::CONTAINER, renamed);
    lab.key("C-5");
    assert_eq!(next(&lab), "host ipcmk -Q");
    types(&mut lab, Side::Host, "ipcmk -Q", 0);
    queues(&mut lab, 1);
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Finished
    );
}

#[test]
fn commands_that_only_look_are_never_skipped() {
    // The lesson types the line, or the learner does.
    for by_enter in [true, false] {
        let mut lab = Lab::with_container((120, 100), Lang::En, "uts,ipc,pid");
        lab.output(Side::Host, PROMPT);
        queues(&mut lab, 0);
        lab.go("numbers", 2);
        lab.key("s");
        assert_eq!(next(&lab), "host ipcmk -Q");
        if by_enter {
            lab.key("Enter");
            runs(&mut lab, Side::Host);
            ends(&mut lab, Side::Host, "ipcmk -Q", 0);
        } else {
            types(&mut lab, Side::Host, "ipcmk -Q", 0);
            lab.key("C-5");
        }
        queues(&mut lab, 1);
        assert!(
            lab.state
                .lesson
                .walk
                .progress()
                .all_done(lab.state.step().unwrap())
        );
        assert_eq!(next(&lab), "host ipcs -q");
        lab.key("Enter");
        assert_eq!(next(&lab), format!("{} ipcs -q", Side::CONTAINER));
        lab.key("Enter");
        assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
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
        enter_action::enter_action(&lab.state),
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
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Nudge);
    lab.key("F7");
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
    lab.key("F2 Right");
    lab.arrive();
    lab.key("2 F7 F2");
    let (title, next) = (lab.step_title(), enter_action::enter_action(&lab.state));
    assert_eq!(next, EnterAction::Nudge, "{title}: seen, not chosen");
    let step = lab.state.step().unwrap();
    assert!(
        !lab.state.lesson.walk.progress().resolved(step, 1),
        "{title}"
    );
    lab.key("u");
    let next = enter_action::enter_action(&lab.state);
    assert_eq!(next, EnterAction::Nudge, "{title}: not seen with the flag");
    lab.key("F7 F2");
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Step,
        "{title}"
    );
    let step = lab.state.step().unwrap();
    assert!(
        lab.state.lesson.walk.progress().resolved(step, 1),
        "{title}"
    );
    // Unticking the flag does not undo the check.
    lab.key("u");
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
}

#[test]
fn only_the_whole_comparison_counts_as_seen() {
    let seen = |size, keys: &str| {
        let mut lab = Lab::ready(size, Lang::En);
        lab.go("views", 3);
        lab.key(keys);
        enter_action::enter_action(&lab.state) == EnterAction::Step
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
        enter_action::enter_action(&lab.state),
        EnterAction::LaunchFirst(Side::CONTAINER, Plan::new(set("uts")))
    );
    let effects = lab.key("Enter");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Launch { plan, .. }, ..] if plan.flags == set("uts")
    ));
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::ShellStarting(Side::CONTAINER)
    );
    lab.start(Side::CONTAINER);
    assert!(matches!(
        enter_action::enter_action(&lab.state),
        EnterAction::Type { .. }
    ));
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
