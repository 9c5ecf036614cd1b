//! Steps that can't work on this machine, and measured predictions.

use std::collections::BTreeSet;

use rstest::rstest;

use super::{COMPACT, FULL};
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, set};
use crate::app::keymap::Place;
use crate::app::requirements::LessonStage;
use crate::app::{Failure, LabEvent, Msg, ShellEvent, TypingEvent, lesson_view};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::lesson::Lack;
use crate::namespace::{Namespace, NamespaceSet};
use crate::sandbox::{Call, HostKind, Shortfall, Side, Step};

/// A lab at the first step of a lesson with these steps.
pub(super) fn lab(size: (u16, u16), lang: Lang, steps: &str) -> Lab {
    Lab::at_steps(size, lang, "[\"uts\"]", steps)
}

pub(super) fn said(lab: &Lab) -> String {
    let view = lesson_view::view(&lab.state).unwrap();
    let lines = view.lines.iter().map(|it| it.line.to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// The text without whitespace, which wrapping moves.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn step(needs: &str) -> String {
    format!(
        "## Needs something\n\n```needs\n{needs}\notherwise = \"Two ends would have been seen.\"\n\
         ```\n\nProse of it.\n\n```predict\nquestion = \"Q?\"\nchoices = [\"a\", \"b\"]\n\
         answer = 1\nwhy = \"W.\"\n```\n\n```check\nname = \"it is so\"\nexpr = \
         'host.hostname == \"vm\"'\n```\n\n## The next one\n\nRead.\n"
    )
}

#[rstest]
#[case::program("programs = [\"ls\", \"ping\"]", Lack::Program("ping".into()), ["iputils-ping", "iputils-ping"])]
#[case::kind("namespaces = [\"time\"]", Lack::Kind(Namespace::Time), ["no TIME namespaces", "不支持 TIME 命名空间"])]
#[case::kernel("kernel = \"6.17\"", Lack::Kernel(6, 17), ["Linux 6.17 or later", "Linux 6.17 或更新"])]
#[case::veth("veth = true", Lack::Shortfall(Shortfall::Veth), ["no veth", "没有 veth"])]
#[case::proc("proc = true", Lack::Shortfall(Shortfall::Proc), ["masked", "/proc"])]
#[case::cgroup("cgroup = true", Lack::Shortfall(Shortfall::Cgroup), ["may make none here", "无权创建"])]
#[case::limits("limits = true", Lack::Shortfall(Shortfall::Cgroup), ["systemd-run --user", "systemd-run --user"])]
#[case::ground("ground = \"lab\"", Lack::Host(HostKind::Lab), ["--host machine", "--host machine"])]
fn a_step_that_can_not_work_says_why_and_enter_goes_on(
    #[case] needs: &str,
    #[case] lack: Lack,
    #[case] words: [&str; 2],
    #[values(FULL, COMPACT)] size: (u16, u16),
) {
    for (lang, words) in Lang::ALL.into_iter().zip(words) {
        let mut lab = lab(size, lang, &step(needs));
        // This machine has everything the step needs.
        assert_eq!(lab.state.lack(), None);
        assert_eq!(lab.state.place(), Place::Prediction);
        lab.state.lesson.walk.forget_all();
        lab.state.system.absent = BTreeSet::from(["ping".to_owned()]);
        lab.state.system.kinds = set("uts,ipc");
        lab.state.system.kernel = "6.16.9-rc1".to_owned();
        if needs.contains("ground") {
            lab.state.shells.host_kind = HostKind::Machine;
        } else {
            lab.state.shells.shortfalls = vec![Shortfall::Veth, Shortfall::Proc, Shortfall::Cgroup];
        }
        let first = &lab.state.lesson().unwrap().steps[0];
        assert_eq!(lab.state.can_work(first), Err(lack.clone()), "{needs}");
        let page = bare(&said(&lab));
        assert!(page.contains(&bare(words)), "{page}");
        assert!(page.contains("Twoendswould"), "{page}");
        assert!(
            !page.contains("Proseofit") && !page.contains("Q?"),
            "{page}"
        );
        assert_eq!(lab.state.place(), Place::Lesson);
        assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
        // A snapshot makes the check true, but the learner has done nothing.
        lab.see(Side::Host, crate::app::fixture::host());
        for _ in 0..3 {
            if lab.state.lesson.walk.step() == 0 {
                lab.key("Enter");
            }
        }
        assert_eq!(lab.state.lesson.walk.step(), 1);
        let standing = lab.state.standing(0);
        assert_eq!((standing.done, standing.steps, standing.lacking), (1, 1, 1));
        assert_eq!(standing.stage, LessonStage::Done);
    }
}

#[test]
fn a_container_with_a_kind_that_is_refused_makes_its_steps_lacking() {
    let steps = "## Run\n\n```run container\nls\n```\n";
    for (flags, shortfall) in [
        ("[\"uts\"]", Shortfall::Hostname),
        ("[\"cgroup\"]", Shortfall::OuterCgroup),
    ] {
        let mut lab = Lab::at_steps(FULL, Lang::En, flags, steps);
        let lack = |lab: &Lab| lab.state.lack_of(lab.state.lesson().unwrap(), 0);
        lab.state.shells.shortfalls = vec![Shortfall::Veth];
        assert_eq!(lack(&lab), None, "{flags}");
        lab.state.shells.shortfalls = vec![Shortfall::Hostname, Shortfall::OuterCgroup];
        assert_eq!(lack(&lab), Some(Lack::Shortfall(shortfall)), "{flags}");
    }
}

#[test]
fn a_refused_container_makes_its_steps_lacking() {
    let steps = "## Launch\n\n```launch\n```\n\n## Run\n\n```run container\nls\n```\n";
    let mut lab = lab(FULL, Lang::En, steps);
    lab.key("Enter");
    let refuse = |lab: &mut Lab| {
        let launch = lab.launch_of(Side::CONTAINER);
        let step = Step {
            call: Call::Clone(Namespace::Uts.into()),
            errno: Some(28),
            value: -1,
            micros: 1,
        };
        lab.send(Msg::Shell(
            Side::CONTAINER,
            launch,
            ShellEvent::Failed(Failure::Refused(Refusal::boxed(step, &Facts::default()))),
        ));
    };
    refuse(&mut lab);
    assert_eq!(lab.state.lack(), Some(Lack::Container));
    assert!(said(&lab).contains("can't work here"));
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Step);
    assert_eq!(lab.state.standing(0).lacking, 1);
    lab.key("Enter Enter");
    assert_eq!(lab.state.lesson.walk.step(), 1);
    refuse(&mut lab);
    assert_eq!(lab.state.standing(0).stage, LessonStage::Lacking);
    // The second try succeeds: the step counts as one to do again.
    lab.key("F5");
    lab.start(Side::CONTAINER);
    assert_eq!(lab.state.lack(), None);
    lab.key("Left F5");
    lab.start(Side::CONTAINER);
    assert_eq!(lab.state.lack(), None);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert_eq!(lab.state.standing(0).done, 1);
}

const MEASURED: &str = "## Rename\n\n```predict\nquestion = \"Who?\"\nchoices = [\"one\", \"two\"]\n\
    answer = 2\nwhy = \"W.\"\nmeasured = \"It is {{ host.hostname }} now.\"\n```\n\n```run host\n\
    hostname renamed\n```\n\n## Next\n\nx\n";

fn see_host(lab: &mut Lab, name: &str) {
    let mut host = crate::app::fixture::host();
    host.hostname = name.into();
    lab.see(Side::Host, host);
}

#[rstest]
fn a_measured_sentence_appears_and_stays(
    #[values("1", "2", "s")] answer: &str,
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = lab(FULL, lang, MEASURED);
    assert!(!said(&lab).contains("It is"), "{}", said(&lab));
    lab.key(answer);
    assert!(!said(&lab).contains("It is"), "{}", said(&lab));
    lab.key("Enter");
    lab.wait(200);
    see_host(&mut lab, "renamed");
    assert!(said(&lab).contains("It is renamed now."), "{}", said(&lab));
    // Later changes do not alter it.
    lab.wait(2_000);
    see_host(&mut lab, "later");
    assert!(said(&lab).contains("It is renamed now."), "{}", said(&lab));
    lab.send(Msg::Lab(LabEvent::Gone));
    assert!(said(&lab).contains("It is renamed now."), "{}", said(&lab));
    // The next session shows it too.
    let course = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    let lessons = lab.state.lesson.lessons.clone();
    let mut later = Lab::with(FULL, lang, lessons.clone());
    later.state.lesson.walk.load(&course, &lessons);
    later.get_ready();
    see_host(&mut later, "another");
    assert!(
        said(&later).contains("It is renamed now."),
        "{}",
        said(&later)
    );
    assert_eq!(later.state.lesson.walk.saved(&lessons), course);
}

/// The output of a shell is shown as it is.
#[test]
fn a_measured_value_is_no_markup() {
    let mut lab = lab(FULL, Lang::En, MEASURED);
    lab.key("2 Enter");
    lab.wait(200);
    see_host(&mut lab, "a`b`*c*");
    let text = said(&lab);
    assert!(text.contains("measured: It is a`b`*c* now."), "{text}");
}

/// A learner who skips a prediction still reads the question, the right choice, and the measured values.
#[rstest]
fn a_skipped_prediction_keeps_its_question_and_marks_the_right_choice(
    #[values("s", "Enter Enter")] skip: &str,
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = lab(size, lang, &with_expr(true));
    lab.key(skip);
    let before = said(&lab);
    assert!(before.contains("? Who?"), "{before}");
    assert!(
        before.contains("1. one") && before.contains("2. two"),
        "{before}"
    );
    assert!(
        !before.contains("✔ 2. two") && !before.contains("It is"),
        "{before}"
    );
    lab.key("Enter");
    lab.wait(200);
    see_host(&mut lab, "renamed");
    let after = said(&lab);
    for kept in ["? Who?", "  1. one", "✔ 2. two", "It is renamed now.", "W."] {
        assert!(after.contains(kept), "{kept}: {after}");
    }
}

/// The steps of `MEASURED` with an expression: the answer is right if the host is called `renamed`.
fn with_expr(measured: bool) -> String {
    let expr = "exprs = ['not host.hostname == \"renamed\"', 'host.hostname == \"renamed\"']";
    let sentence = "measured = \"It is {{ host.hostname }} now.\"";
    let both = format!("{expr}\n{sentence}");
    MEASURED.replace(sentence, if measured { &both } else { expr })
}

/// A learner who has predicted nothing gets no text about a coming verdict.
fn waits_for_a_verdict(lab: &Lab, answer: &str) {
    let said = said(lab);
    assert_eq!(said.contains("Now see whether"), answer != "s", "{said}");
    assert_eq!(said.contains("1. one"), answer == "s", "{said}");
    assert!(!said.contains("✔ 2. two"), "{said}");
}

#[rstest]
#[case("2", "✔ Right.")]
#[case("1", "measured: two\n  ✘ Not quite.")]
#[case("s", "✔ 2. two\n  W.")]
fn the_expression_decides_whether_an_answer_is_right(#[case] answer: &str, #[case] verdict: &str) {
    let mut lab = lab(FULL, Lang::En, &with_expr(false));
    lab.key(&format!("{answer} Enter"));
    // No snapshot has arrived since the command.
    waits_for_a_verdict(&lab, answer);
    lab.wait(200);
    see_host(&mut lab, "renamed");
    assert!(said(&lab).contains(verdict), "{}", said(&lab));
    lab.wait(2_000);
    see_host(&mut lab, "later");
    assert!(said(&lab).contains(verdict), "{}", said(&lab));
}

/// What bash prints for a prompt after a command with this exit status.
fn prompt(status: u8) -> String {
    format!("\x1b]133;D;{status};aid=7\x07\x1b]133;A\x07# ")
}

#[test]
fn the_result_of_an_earlier_command_is_no_verdict() {
    let steps = with_expr(false).replace("host.hostname == \"renamed\"", "host.last.status == 0");
    let mut lab = lab(FULL, Lang::En, &steps);
    let runs = "\x1b]133;C;aid=7\x07";
    lab.output(Side::Host, &format!("{0}{runs}{0}", prompt(0)));
    lab.key("2 Enter");
    see_host(&mut lab, "vm");
    assert!(said(&lab).contains("Now see whether"), "{}", said(&lab));
    lab.output(Side::Host, &format!("{runs}{}", prompt(1)));
    lab.wait(2_000);
    assert!(
        said(&lab).contains("result was different"),
        "{}",
        said(&lab)
    );
}

/// The learner has done something else, and nothing shows one of the choices: that is no result.
#[test]
fn what_no_choice_foresees_is_not_measured() {
    let steps = with_expr(false).replace(
        "not host.hostname == \"renamed\"",
        "host.hostname == \"vm\"",
    );
    let mut lab = lab(FULL, Lang::En, &steps);
    lab.key("2 Enter");
    see_host(&mut lab, "other");
    lab.wait(2_000);
    let text = said(&lab);
    assert!(text.contains("Not measured this time."), "{text}");
    assert!(!text.contains("result was different"), "{text}");
    assert!(!text.contains("Right."), "{text}");
}

#[test]
fn what_was_measured_instead_is_named() {
    let mut lab = lab(FULL, Lang::En, &with_expr(false));
    lab.key("2 Enter");
    see_host(&mut lab, "other");
    lab.wait(2_000);
    let text = said(&lab);
    assert!(
        text.contains("measured: one\n  – This time the result was different."),
        "{text}"
    );
}

#[test]
fn a_line_that_was_not_typed_is_not_measured() {
    let mut lab = lab(FULL, Lang::En, &with_expr(false));
    lab.key("2 Enter");
    see_host(&mut lab, "vm");
    assert!(lab.state.measures_at().is_some());
    lab.send(Msg::Typing(
        Side::Host,
        TypingEvent::Busy {
            program: "vim".into(),
        },
    ));
    assert_eq!(lab.state.measures_at(), None);
    lab.wait(2_000);
    // The line is typed again, and gets the full time.
    lab.key("Enter");
    assert!(said(&lab).contains("Now see whether"), "{}", said(&lab));
    see_host(&mut lab, "renamed");
    assert!(said(&lab).contains("✔ Right."), "{}", said(&lab));
}

#[test]
fn a_late_success_is_still_measured() {
    let check = "```check\nname = \"so\"\nexpr = 'host.hostname == \"renamed\"'\n```\n\n## Next";
    let steps = with_expr(false).replace("## Next", check);
    let mut lab = lab(FULL, Lang::En, &steps);
    // The first Enter types the line, the second names the missing part: neither is a verdict.
    lab.key("2 Enter Enter");
    lab.wait(2_000);
    see_host(&mut lab, "other");
    lab.wait(2_000);
    assert!(said(&lab).contains("Now see whether"), "{}", said(&lab));
    // If the learner goes on without doing it, the lesson's own answer counts.
    lab.key("Enter Left");
    assert!(said(&lab).contains("✔ Right."), "{}", said(&lab));
    assert!(!said(&lab).contains("measured"), "{}", said(&lab));
    see_host(&mut lab, "renamed");
    assert!(said(&lab).contains("✔ Right."), "{}", said(&lab));
}

#[test]
fn a_missing_value_is_no_verdict() {
    // The shell does not report exit statuses.
    let steps = with_expr(false).replace("host.hostname == \"renamed\"", "host.last.status == 0");
    let mut lab = lab(FULL, Lang::En, &steps);
    lab.key("1 Enter");
    see_host(&mut lab, "vm");
    assert!(said(&lab).contains("Now see whether"), "{}", said(&lab));
    lab.wait(2_000);
    assert!(said(&lab).contains("the answer: two"), "{}", said(&lab));
    assert!(said(&lab).contains("✘ Not quite."), "{}", said(&lab));
}

#[test]
fn a_running_command_delays_the_verdict() {
    let mut lab = lab(FULL, Lang::En, &with_expr(false));
    lab.output(Side::Host, &prompt(0));
    lab.key("2 Enter");
    lab.output(Side::Host, "\x1b]133;C;aid=7\x07");
    for _ in 0..5 {
        lab.wait(1_000);
        see_host(&mut lab, "other");
        assert!(said(&lab).contains("Now see whether"), "{}", said(&lab));
    }
    lab.output(Side::Host, &prompt(0));
    lab.wait(500);
    see_host(&mut lab, "renamed");
    assert!(said(&lab).contains("✔ Right."), "{}", said(&lab));
}

#[test]
fn a_command_that_never_ends_does_not_delay_it_for_ever() {
    let mut lab = lab(FULL, Lang::En, &with_expr(false));
    lab.output(Side::Host, &prompt(0));
    lab.key("2 Enter");
    see_host(&mut lab, "other");
    for _ in 0..13 {
        let due = lab.state.measures_at();
        assert!(
            due.is_none_or(|due| due > lab.now),
            "it would tick for ever"
        );
        lab.wait(1_000);
    }
    assert!(
        said(&lab).contains("result was different"),
        "{}",
        said(&lab)
    );
    assert_eq!(lab.state.measures_at(), None);
}

#[rstest]
#[case::another_container("F5")]
#[case::a_fresh_lab("R R")]
#[case::typing("F3 x")]
fn a_verdict_stays(#[case] keys: &str) {
    let mut lab = lab(FULL, Lang::En, &with_expr(false));
    lab.key("2 Enter");
    see_host(&mut lab, "renamed");
    assert!(said(&lab).contains("✔ Right."), "{}", said(&lab));
    lab.key(keys);
    if keys.starts_with('R') {
        lab.get_ready();
    }
    see_host(&mut lab, "other");
    lab.wait(2_000);
    assert!(said(&lab).contains("✔ Right."), "{}", said(&lab));
}

#[rstest]
#[case::reading_elsewhere("Home", true)]
#[case::waiting("F1 F1", false)]
fn a_verdict_does_not_scroll_a_learner_who_reads_elsewhere(
    #[case] keys: &str,
    #[case] stays: bool,
) {
    let long = "text that is read\n\n".repeat(20);
    let steps = with_expr(false).replace("## Rename\n", &format!("## Rename\n\n{long}"));
    let mut lab = lab(COMPACT, Lang::En, &steps);
    lab.key("End 2 End Enter F2");
    lab.key(keys);
    see_host(&mut lab, "renamed");
    let view = lesson_view::view(&lab.state).unwrap();
    assert_eq!(view.top == 0, stays);
}

#[test]
fn a_value_that_holds_for_a_moment_is_no_verdict() {
    let mut lab = lab(FULL, Lang::En, &with_expr(false));
    lab.key("2 Enter");
    see_host(&mut lab, "renamed");
    lab.wait(200);
    see_host(&mut lab, "other");
    assert!(said(&lab).contains("Now see whether"), "{}", said(&lab));
    lab.wait(2_000);
    assert!(
        said(&lab).contains("result was different"),
        "{}",
        said(&lab)
    );
}

#[rstest]
fn no_answer_is_right_if_the_measurement_disagrees(
    #[values("1", "2", "s")] answer: &str,
    #[values(false, true)] measured: bool,
) {
    let mut lab = lab(FULL, Lang::En, &with_expr(measured));
    lab.key(&format!("{answer} Enter"));
    lab.wait(200);
    see_host(&mut lab, "other");
    waits_for_a_verdict(&lab, answer);
    // The state asks for one more look without a key or a change.
    assert!(lab.state.measures_at() <= lab.state.next_deadline());
    assert!(lab.state.measures_at().is_some());
    lab.wait(2_000);
    let text = said(&lab);
    assert!(
        text.contains("This time the result was different."),
        "{text}"
    );
    assert!(
        !text.contains("Right.") && !text.contains("two W"),
        "{text}"
    );
    assert_eq!(text.contains("It is other now."), measured, "{text}");
    assert_eq!(lab.state.measures_at(), None);
}

#[test]
fn the_next_command_does_not_change_what_was_measured() {
    let steps = MEASURED.replace("## Next", "```run host\nhostname again\n```\n\n## Next");
    let steps = steps.replace("```\n\n```run host\nhostname again", "```\n\n```predict\nquestion = \
        \"And?\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"V.\"\n```\n\n```run host\nhostname again");
    let mut lab = lab(FULL, Lang::En, &steps);
    lab.key("1 Enter");
    see_host(&mut lab, "renamed");
    lab.key("1 Enter");
    see_host(&mut lab, "again");
    assert!(said(&lab).contains("It is renamed now."), "{}", said(&lab));
}

#[test]
fn a_solution_is_shown_as_commands_and_hints_stay() {
    let steps = "## Rename\n\n```run host\nhostname web1\n```\n\n```check\nname = \"so\"\nexpr = \
        'host.hostname == \"web1\"'\n```\n\n```hint\ntext = \"Think.\"\n```\n\n```hint\ntext = \
        \"So:\"\nsolution = '''\nhost: hostname web1\n'''\n```\n\n## Next\n\nx\n";
    let mut lab = lab(FULL, Lang::En, steps);
    lab.key("h");
    assert!(said(&lab).contains("Think.") && !said(&lab).contains("So:"));
    lab.key("h");
    assert!(
        said(&lab).contains("host shell: hostname web1"),
        "{}",
        said(&lab)
    );
    lab.key("Enter");
    see_host(&mut lab, "web1");
    let done = said(&lab);
    assert!(done.contains("✔ so") && done.contains("Think."), "{done}");
    assert!(done.contains("host shell: hostname web1"), "{done}");
    lab.key("Enter Left");
    assert_eq!(said(&lab), done);
}

#[test]
fn a_lesson_has_its_tick_in_the_next_session_too() {
    let steps = "## Run\n\n```run host\nls\n```\n\n## Read\n\nOnly prose.\n";
    let mut lab = lab(FULL, Lang::En, steps);
    assert_eq!(lab.state.standing(0).stage, LessonStage::Untouched);
    lab.key("Enter");
    assert_eq!(lab.state.standing(0).stage, LessonStage::Begun);
    lab.key("Enter");
    assert_eq!(lab.state.standing(0).stage, LessonStage::Done);
    let course = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    let lessons = lab.state.lesson.lessons.clone();
    let mut later = Lab::with(FULL, Lang::En, lessons.clone());
    later.state.lesson.walk.load(&course, &lessons);
    assert_eq!(later.state.standing(0).stage, LessonStage::Done);
    assert_eq!(later.state.system.kinds, NamespaceSet::all());
}
