//! Starting states: the missing part, and how it is made again.

use rstest::rstest;

use super::requirements::said;
use super::typed_lines::{PROMPT, begins, ends};
use super::{COMPACT, FULL};
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, host, set};
use crate::app::lesson_lab::ChangedBy;
use crate::app::notice::Notice;
use crate::app::shells::Phase;
use crate::app::underway::Underway;
use crate::app::{Effect, LabEvent, Msg, ShellEvent, lesson_view, texts};
use crate::lang::Lang;
use crate::observe::RowId;
use crate::sandbox::{Exit, HostKind, Side};

/// The lab host that was asked for is there.
pub(super) fn lab_comes(lab: &mut Lab) {
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    lab.start(Side::Host);
    lab.output(Side::Host, "\x1b]133;A\x07[host] root@vm:~# ");
}

/// The part that is being made, as Enter says.
fn underway(lab: &Lab) -> Underway {
    match enter_action::enter_action(&lab.state) {
        EnterAction::Rebuilding(underway) => underway.clone(),
        other => panic!("{other:?}"),
    }
}

pub(super) fn foot(lab: &Lab) -> String {
    lesson_view::view(&lab.state).unwrap().enter.join(" ")
}

fn launches(effects: &[Effect]) -> bool {
    let launch =
        |it: &Effect| matches!(it, Effect::Launch { plan, .. } if plan.flags == set("uts"));
    effects.iter().any(launch)
}

#[rstest]
fn a_step_that_is_jumped_to_offers_its_starting_state(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = Lab::ready(size, lang);
    lab.key("Right");
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
    let offer = lang.pick(["Step 1 has not been done in this lab.", "第 1 步还没有"]);
    assert!(said(&lab).contains(offer), "{}", said(&lab));
    assert_eq!(lab.key("Enter"), [Effect::AskRunning]);
    let programs = Vec::new();
    let effects = lab.send(Msg::Running { programs });
    let host_kind = HostKind::Lab;
    assert!(effects.contains(&Effect::StartLab {
        host: host_kind,
        share: None
    }));
    assert_eq!(underway(&lab), Underway::Lab);
    lab_comes(&mut lab);
    let effects = lab.see(Side::Host, host());
    assert!(launches(&effects), "{effects:?}");
    // Input of the learner would get between the lines.
    assert_eq!(lab.key("F3 x"), []);
    let starts = Underway::Shell(1, Side::CONTAINER);
    assert_eq!(underway(&lab), starts);
    assert_eq!(
        lab.state.notice.as_ref().unwrap().0,
        Notice::Rebuilding(starts)
    );
    lab.start(Side::CONTAINER);
    lab.output(
        Side::CONTAINER,
        "\x1b]133;A\x07[container] root@container:~# ",
    );
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.key("F2");
    assert_eq!(underway(&lab), Underway::Lab);
    lab.wait(1_000);
    assert_eq!(lab.state.notice.as_ref().unwrap().0, Notice::Rebuilt(1));
    assert_eq!(lab.state.lesson.walk.step(), 1);
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Choose);
}

/// On a busy machine a shell may take long to show its first prompt. The line that was typed meanwhile
/// begins after it.
#[test]
fn the_prompt_at_which_a_line_begins_is_not_its_end() {
    let steps = "## One\n\nx\n\n```launch\nflags = [\"uts\"]\n```\n\n```run container\nhostname web1\n```\n\n\
        ```run host\nhostname box\n```\n\n## Two\n\nx\n\n```run container\nhostname\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.key("Right Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    lab_comes(&mut lab);
    let effects = lab.see(Side::Host, host());
    assert!(launches(&effects), "{effects:?}");
    lab.start(Side::CONTAINER);
    let typed = |effects: Vec<Effect>| -> Vec<String> {
        let lines = effects.into_iter().filter_map(|it| match it {
            Effect::Type { line, .. } => Some(line),
            _ => None,
        });
        lines.collect()
    };
    assert_eq!(
        typed(lab.see(Side::CONTAINER, container(set("uts")))),
        [""; 0]
    );
    assert_eq!(typed(lab.wait(1_000)), ["hostname web1"]);
    let prompt = "\x1b]133;A\x07[container] root@container:~# ";
    assert_eq!(typed(lab.output(Side::CONTAINER, prompt)), [""; 0]);
    lab.output(Side::CONTAINER, "hostname web1\r\n\x1b]133;C;aid=7\x07");
    assert_eq!(typed(lab.wait(1_000)), [""; 0]);
    let line = Underway::Line {
        step: 1,
        side: Side::CONTAINER,
        line: "hostname web1".to_owned(),
    };
    assert_eq!(underway(&lab), line);
    let end = format!("\x1b]133;D;0;aid=7\x07{prompt}");
    assert_eq!(typed(lab.output(Side::CONTAINER, &end)), ["hostname box"]);
}

#[test]
fn a_program_of_the_learner_is_not_ended_unasked() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("Right Enter");
    let (side, program) = (Side::Host, "vim".to_owned());
    let programs = vec![(side, program.clone())];
    assert_eq!(lab.send(Msg::Running { programs }), []);
    let asks = Notice::RebuildEnds { side, program };
    assert_eq!(lab.state.notice.as_ref().unwrap().0, asks);
    let host = HostKind::Lab;
    assert!(
        lab.key("Enter")
            .contains(&Effect::StartLab { host, share: None })
    );
}

#[test]
fn a_state_that_can_not_be_made_again_is_reported_and_keeps_nobody() {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.key("Right Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    lab_comes(&mut lab);
    lab.see(Side::Host, host());
    // The container never comes.
    lab.wait(60_000);
    assert_eq!(
        lab.state.notice.as_ref().unwrap().0,
        Notice::NotRebuilt(Underway::Shell(1, Side::CONTAINER))
    );
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Choose);
}

#[test]
fn a_command_that_does_not_end_is_named_with_its_own_step() {
    let steps = "## One\n\nx\n\n```run host\nsleep 99\n```\n\n```check\nname = \"n\"\nexpr = 'host.hostname == \"vm\"'\n```\n\n## Two\n\nx\n\n```run host\nhostname box\n```\n\n\
        ## Three\n\nx\n\n```run host\nhostname\n```\n";
    let mut lab = Lab::at_steps(COMPACT, Lang::En, "[]", steps);
    lab.key("Right Right Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    lab_comes(&mut lab);
    lab.see(Side::Host, host());
    lab.output(Side::Host, "sleep 99\r\n\x1b]133;C;aid=7\x07");
    assert!(
        foot(&lab).contains("Step 1 is being done again"),
        "{}",
        foot(&lab)
    );
    assert!(foot(&lab).contains("sleep 99"), "{}", foot(&lab));
    lab.wait(60_000);
    let notice = &lab.state.notice.as_ref().unwrap().0;
    let told = texts::notice(Lang::En, notice);
    assert_eq!(
        told,
        "Step 1 can't be redone; B restarts the lesson. This has not ended: sleep 99"
    );
}

#[test]
fn a_step_that_begins_anew_misses_nothing_of_what_it_did() {
    let steps = "## One\n\nx\n\n```launch\nflags = [\"uts\"]\n```\n\n## Two\n\nx\n\n```run container\nhostname web1\n```\n\n\
        ```check\nname = \"n\"\nexpr = 'container.hostname == \"web1\"'\n```\n";
    for forgets in [true, false] {
        let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", steps);
        lab.key("Enter");
        lab.start(Side::CONTAINER);
        lab.see(Side::CONTAINER, container(set("uts")));
        lab.key("Enter Enter");
        let mut renamed = container(set("uts"));
        renamed.hostname = "web1".into();
        lab.see(Side::CONTAINER, renamed);
        if forgets {
            lab.key("F2 Backspace");
        }
        lab.key("F5");
        lab.start(Side::CONTAINER);
        lab.see(Side::CONTAINER, container(set("uts")));
        lab.key("F2");
        let next = enter_action::enter_action(&lab.state);
        let types = matches!(next, EnterAction::Type { .. });
        assert_eq!(types, forgets, "{next:?}");
    }
}

#[test]
fn another_lessons_leftovers_tick_nothing() {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts,ipc,pid");
    let numbers = lab.state.lesson.lessons.index("numbers").unwrap();
    lab.state.lesson.walk.go(numbers, 0);
    lab.see(Side::Host, host());
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(0)
    );
    assert!(!said(&lab).contains('✔'), "{}", said(&lab));
}

/// In a step that leaves everything to the learner, their work counts, even after a jump. The effects of the steps
/// before, which it may need, are still offered.
#[rstest]
fn a_task_that_is_jumped_to_counts(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values("launch uts", "host: true")] proof: &str,
) {
    let steps = format!(
        "## One\n\nx\n\n```launch\nflags = [\"ipc\"]\n```\n\n## Your turn\n\nx\n\n```proof\n{proof}\n```\n\n\
         ```check\nname = \"named\"\nexpr = 'own.uts'\n```\n\n## Recap\n\nx\n"
    );
    let mut lab = Lab::at_steps(size, Lang::En, "[]", &steps);
    lab.key("Right");
    let offer = "Step 1 has not been done in this lab.";
    assert!(said(&lab).contains(offer), "{}", said(&lab));
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    let launches = proof == "launch uts";
    assert_eq!(said(&lab).contains("✔ named"), launches, "{}", said(&lab));
    assert_eq!(said(&lab).contains(offer), !launches, "{}", said(&lab));
}

/// The reason is above the step. It is in view even if the step had been scrolled to its end.
#[test]
fn why_the_lab_is_to_be_rebuilt_is_in_view() {
    let long = "A line of text.\n\n".repeat(12);
    let steps = format!(
        "## One\n\nx\n\n```launch\nflags = [\"uts\"]\n```\n\n## Two\n\n{long}```run container\nhostname b\n```\n"
    );
    let mut lab = Lab::at_steps(COMPACT, Lang::En, "[\"uts\"]", &steps);
    lab.state.lesson.lab.changed_by = ChangedBy::Lesson;
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.key("F2 Right");
    (lab.state.lesson.scroll, lab.state.lesson.lab.changed_by) = (6, ChangedBy::Learner);
    let launch = lab.launch_of(Side::CONTAINER);
    let exited = ShellEvent::Exited(Exit::Status(0));
    lab.send(Msg::Shell(Side::CONTAINER, launch, exited));
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
    let view = lesson_view::view(&lab.state).unwrap();
    assert!(
        view.top <= view.active.start,
        "{} {:?}",
        view.top,
        view.active
    );
    let first = view.lines[view.active.clone()].iter();
    let said: String = first.map(|it| it.line.to_string()).collect();
    assert!(said.contains("rebuilds step 1"), "{said}");
}

/// In each place in which a learner may be stuck, the key that begins the lesson again is named.
#[rstest]
fn the_key_that_begins_the_lesson_anew_is_named(
    #[values("missing", "cause", "not rebuilt", "nothing helps")] stuck: &str,
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = Lab::with_container(size, lang, "uts");
    lab.key("F2");
    match stuck {
        "missing" => {
            lab.go("uts", 1);
            lab.key("F9 F9");
            lab_comes(&mut lab);
            lab.see(Side::Host, host());
        }
        "cause" => {
            lab.go("uts", 1);
            lab.key("s F3 x");
            let mut wrong = host();
            wrong.hostname = "web1".into();
            lab.see(Side::Host, wrong);
            let mut right = container(set("uts"));
            right.hostname = "web1".into();
            lab.see(Side::CONTAINER, right);
        }
        "not rebuilt" => {
            lab.key("Right F9 F9");
            lab_comes(&mut lab);
            lab.see(Side::Host, host());
            lab.key("Enter");
            lab.send(Msg::Running {
                programs: Vec::new(),
            });
            lab_comes(&mut lab);
            lab.see(Side::Host, host());
            lab.wait(60_000);
        }
        _ => {
            let step = "## One\n\nx\n\n```check\nname = \"n\"\nexpr = 'host.hostname == \"no\"'\n```\n\n## Two\n\nx\n";
            lab = Lab::at_steps(size, lang, "[]", step);
            lab.key("Enter");
            assert_eq!(
                enter_action::enter_action(&lab.state),
                EnterAction::StepAnyway
            );
        }
    }
    let notice = lab.state.notice.as_ref();
    let notice = notice.map(|(it, _)| texts::notice(lang, it));
    let foot = lesson_view::view(&lab.state).unwrap().enter.join(" ");
    let all = format!("{}\n{foot}\n{}", said(&lab), notice.unwrap_or_default());
    let all: String = all.split_whitespace().collect();
    let named: &[&str] = match lang {
        Lang::En => &["Brestarts", "B:restart"],
        Lang::ZhCn => &["B从头开始", "B：从头开始"],
    };
    assert!(named.iter().any(|it| all.contains(it)), "{stuck}: {all}");
}

/// A launch that comes early takes away what the lines before it look at.
#[test]
fn a_launch_before_the_lines_that_come_first_is_told() {
    let steps = "## One\n\nx\n\n```launch\nflags = [\"uts\"]\n```\n\n```run container\nhostname web1\n```\n\n\
        ```check\nname = \"n\"\nexpr = 'container.hostname == \"web1\"'\n```\n\n\
        ## Two\n\nx\n\n```run container\nhostname\n```\n\n```launch\nflags = [\"uts\"]\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", steps);
    lab.see(Side::Host, host());
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    let launches = |lab: &mut Lab, name: &str| {
        lab.start(Side::CONTAINER);
        lab.output(Side::CONTAINER, PROMPT);
        let mut seen = container(set("uts"));
        seen.hostname = name.into();
        lab.see(Side::CONTAINER, seen);
    };
    launches(&mut lab, "vm");
    lab.key("Enter");
    lab.output(Side::CONTAINER, &[begins("7"), ends("7", 0)].concat());
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.see(Side::CONTAINER, renamed);
    lab.key("Enter");
    assert!(lab.step_title().contains("Two"), "{}", lab.step_title());
    lab.key("F5");
    launches(&mut lab, "vm");
    let page = said(&lab).split_whitespace().collect::<Vec<_>>().join(" ");
    let lost = "The container is called vm; the lesson left it as web1.";
    assert!(page.contains(lost), "{page}");
}

/// The deeds that a prediction is about count once they were done again.
#[test]
fn a_prediction_is_measured_after_the_rebuild() {
    let steps = "## One\n\nx\n\n```predict\nquestion = \"Q?\"\nchoices = [\"a\", \"b\"]\nanswer = 2\nwhy = \"W.\"\n\
        exprs = ['host.hostname == \"vm\"', 'host.hostname == \"web\"']\n```\n\n```run host\none\n```\n\n\
        ```check\nname = \"c\"\nexpr = 'host.hostname == \"web\"'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    lab.see(Side::Host, host());
    lab.key("2 Enter");
    lab.output(Side::Host, &[begins("7"), ends("7", 0)].concat());
    lab.key("F9 F9");
    lab_comes(&mut lab);
    lab.see(Side::Host, host());
    lab.key("Enter");
    lab.send(Msg::Running {
        programs: Vec::new(),
    });
    lab_comes(&mut lab);
    lab.see(Side::Host, host());
    lab.output(Side::Host, &[begins("9"), ends("9", 0)].concat());
    let mut renamed = host();
    renamed.hostname = "web".into();
    lab.see(Side::Host, renamed);
    // The rebuild ends by time alone.
    lab.wait(5_000);
    let page = said(&lab);
    assert!(page.contains("✔ c") && page.contains("Right."), "{page}");
}

/// After a fresh lab, the learner keeps their place and their answers, and the lines of the step are typed again.
#[test]
fn what_the_learner_has_said_outlives_the_lab() {
    let steps = "## One\n\nx\n\n```launch\n```\n\n## Two\n\n```predict\nquestion = \"Q?\"\nchoices = [\"a\", \"b\"]\n\
                 answer = 1\nwhy = \"W.\"\n```\n\n```run host\none\ntwo\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", steps);
    let launches = |lab: &mut Lab| {
        lab.start(Side::CONTAINER);
        lab.output(Side::CONTAINER, PROMPT);
        lab.see(Side::CONTAINER, container(set("uts")))
    };
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    launches(&mut lab);
    lab.key("Enter 2 Enter");
    lab.output(Side::Host, &[begins("7"), ends("7", 0)].concat());
    assert!(said(&lab).contains("✔ one"), "{}", said(&lab));
    lab.key("F9 F9");
    lab_comes(&mut lab);
    lab.see(Side::Host, host());
    lab.key("Enter");
    lab.send(Msg::Running {
        programs: Vec::new(),
    });
    lab_comes(&mut lab);
    lab.see(Side::Host, host());
    let effects = launches(&mut lab);
    let typed = |it: &Effect| matches!(it, Effect::Type { line, .. } if line == "one");
    assert!(effects.iter().any(typed), "{effects:?}");
    // It is the lab's own command: its result is not known yet.
    lab.output(Side::Host, &[begins("9"), ends("9", 3)].concat());
    lab.wait(5_000);
    let page = said(&lab);
    assert!(page.contains("you said: b"), "{page}");
    assert!(page.contains("✘ one") && page.contains("❯ two"), "{page}");
    assert_eq!(lab.step_title(), "Two");
}

/// An inner shell that reports no prompts gets its line after a moment, and the next lines too.
#[test]
fn a_rebuild_does_not_wait_for_the_prompt_of_a_shell_that_reports_none() {
    let steps = "## One\n\nx\n\n```run host\nunshare -u sh\nhostname x\nexit\nls\n```\n\n```launch\n```\n\n\
        ## Two\n\nx\n\n```run container\nhostname\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.key("Right Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    lab_comes(&mut lab);
    let typed = |effects: Vec<Effect>| -> Vec<String> {
        let lines = effects.into_iter().filter_map(|it| match it {
            Effect::Type { line, .. } => Some(line),
            _ => None,
        });
        lines.collect()
    };
    assert_eq!(typed(lab.see(Side::Host, host())), ["unshare -u sh"]);
    lab.output(Side::Host, &format!("{}# ", begins("7")));
    assert_eq!(typed(lab.wait(1_000)), ["hostname x"]);
    assert_eq!(typed(lab.wait(1_000)), ["exit"]);
    assert_eq!(typed(lab.output(Side::Host, &ends("7", 0))), ["ls"]);
    // A command that takes long in a shell that reports its prompts is waited for.
    lab.output(Side::Host, &begins("7"));
    assert_eq!(lab.wait(5_000), []);
    assert!(lab.state.lesson.lab.rebuild.is_some());
    lab.output(Side::Host, &ends("7", 0));
    assert!(lab.state.shells.container().phase == Phase::Starting);
}

/// A step that asks about the remains of the container of the step before.
fn left_of_it() -> Lab {
    let steps = "## One\n\nx\n\n```launch\nflags = [\"uts\"]\n```\n\n## Two\n\nx\n\n```predict\n\
        question = \"Who?\"\nchoices = [\"a\", \"b\"]\nanswer = 2\nwhy = \"W.\"\n\
        exprs = ['host.hostname == \"x\"', 'container is not defined and host.hostname == \"vm\"']\n```\n\n\
        ```run container\nhostname\n```\n\n\
        ```hint\ntext = \"Look at the name.\"\n```\n\n```hint\ntext = \"Look again.\"\nsolution = \"host: hostname\"\n```\n";
    let mut lab = Lab::at_steps(COMPACT, Lang::En, "[]", steps);
    lab.key("Right");
    lab
}

/// In a fresh lab the container is not there either, but that answers no question.
#[test]
fn without_the_starting_state_no_row_is_hidden() {
    let lab = left_of_it();
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
    let row = crate::app::table::line(&lab.state, RowId::Hostname);
    assert_eq!(row.left.value.as_deref(), Some("vm"));
}

#[test]
fn a_hint_is_in_view_also_where_something_is_missing() {
    let mut lab = left_of_it();
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
    for hint in ["Look at the name.", "Look again."] {
        lab.key("h");
        let view = lesson_view::view(&lab.state).unwrap();
        let shown = view.lines.iter().skip(view.top);
        let shown = shown.take(usize::from(view.body.height));
        let shown: Vec<_> = shown.map(|it| it.line.to_string()).collect();
        assert!(shown.join("\n").contains(hint), "{shown:?}");
    }
}
