//! Deeds of learners off the lesson's path: fresh labs, other lessons, steps begun again, deeds ahead of their turn.

use super::requirements::said;
use super::*;
use crate::app::diagnosis;
use crate::app::enter_action;

const PROMPT: &str = "\x1b]133;A\x07$ ";

/// The container that was asked for is there, with its own hostname.
fn container_comes(lab: &mut Lab) -> Vec<Effect> {
    lab.start(Side::CONTAINER);
    lab.output(Side::CONTAINER, PROMPT);
    lab.see(Side::CONTAINER, container(set("uts")))
}

/// The lab host that was asked for is there, with its shell. Returns the effects.
fn lab_comes(lab: &mut Lab) -> Vec<Effect> {
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    lab.start(Side::Host);
    lab.output(Side::Host, PROMPT);
    lab.see(Side::Host, host())
}

/// Enter makes the starting state. Returns its first deeds.
fn rebuilds(lab: &mut Lab) -> Vec<Effect> {
    let next = enter_action::enter_action(&lab.state);
    assert!(matches!(next, EnterAction::Rebuild(_)), "{next:?}");
    lab.key("Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    lab_comes(lab)
}

/// A fresh lab is made with F9.
fn fresh_lab(lab: &mut Lab) {
    lab.key("F9 F9");
    lab_comes(lab);
}

/// The page without its line breaks.
fn page(lab: &Lab) -> String {
    said(lab).split_whitespace().collect::<Vec<_>>().join(" ")
}

const LAUNCH: &str = "```launch\nflags = [\"uts\"]\n```\n\n";
const QUESTION: &str =
    "```predict\nquestion = \"Q?\"\nchoices = [\"a\", \"b\"]\nanswer = 2\nwhy = \"W.\"\n```\n\n";

/// Two steps launch the same container. The rebuild launches that of the first step.
#[test]
fn a_launch_of_the_rebuild_is_none_of_the_step_behind_it() {
    let steps = format!("## One\n\nx\n\n{LAUNCH}## Two\n\nx\n\n{QUESTION}{LAUNCH}");
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    lab.key("Enter");
    container_comes(&mut lab);
    lab.key("Enter 2");
    fresh_lab(&mut lab);
    rebuilds(&mut lab);
    container_comes(&mut lab);
    lab.wait(5_000);
    let next = enter_action::enter_action(&lab.state);
    assert!(matches!(next, EnterAction::Launch(..)), "{next:?}");
    assert!(
        page(&lab).contains("❯ launch a container"),
        "{}",
        page(&lab)
    );
}

/// After a key or a launch in the lab of another lesson, that lesson's effects still don't count for this one.
#[rstest]
#[case::a_key("F3 x C-5")]
#[case::a_launch("p F5")]
fn what_another_lesson_has_left_is_not_taken_over(#[case] keys: &str) {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts,ipc,pid");
    let numbers = lab.state.lesson.lessons.index("numbers").unwrap();
    lab.state.lesson.walk.go(numbers, 0);
    lab.see(Side::Host, host());
    lab.key(keys);
    lab.see(Side::Host, host());
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(0)
    );
    let missing = crate::app::starting_state::missing(&lab.state).unwrap();
    assert_eq!(
        missing.what,
        crate::app::starting_state::WhyMissing::OfAnotherLesson
    );
    assert!(!said(&lab).contains('✔'), "{}", said(&lab));
    rebuilds(&mut lab);
    lab.wait(5_000);
    assert_eq!(crate::app::starting_state::missing(&lab.state), None);
}

/// A command of a shell begins and ends with this status, and its line is reported.
fn ran(line: &str, status: i32) -> String {
    format!("\x1b]133;C;aid=7\x07\x1b]133;D;{status};aid=7;cmdline=\t {line}\n\x07{PROMPT}")
}

/// The learner types a line of their own, and its command ends with this status.
fn types(lab: &mut Lab, side: Side, line: &str, status: i32) {
    lab.key(if side == Side::Host { "F3 x" } else { "F4 x" });
    lab.output(side, &ran(line, status));
    lab.key("C-5");
}

fn named(mut snapshot: crate::observe::Snapshot, name: &str) -> crate::observe::Snapshot {
    snapshot.hostname = name.into();
    snapshot
}

/// Before the question is answered, the learner launches the container and does the line behind it.
#[rstest]
#[case::as_it_is(None, "Finished")]
#[case::undone("vm", "Launch")]
#[case::ended_since("ended", "Launch")]
fn a_launch_behind_a_question_waits_for_the_answer(
    #[case] since: impl Into<Option<&'static str>>,
    #[case] then: &str,
) {
    let steps = format!(
        "## S\n\nx\n\n{QUESTION}{LAUNCH}```run container\nhostname web1\n```\n\n\
         ```check\nname = \"n\"\nexpr = 'container.hostname == \"web1\"'\n```\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", &steps);
    lab.see(Side::Host, host());
    lab.key("u F5");
    container_comes(&mut lab);
    types(&mut lab, Side::CONTAINER, "hostname web1", 0);
    lab.see(Side::CONTAINER, named(container(set("uts")), "web1"));
    assert!(!said(&lab).contains("hostname web1"), "{}", said(&lab));
    match since.into() {
        Some("ended") => drop(lab.exit(Side::CONTAINER, Exit::Status(0))),
        Some(name) => drop(lab.see(Side::CONTAINER, named(container(set("uts")), name))),
        None => {}
    }
    lab.key("2");
    let next = format!("{:?}", enter_action::enter_action(&lab.state));
    assert!(next.starts_with(then), "{next}: {}", said(&lab));
}

/// Views and lines from before the step was begun again don't count for it.
#[test]
fn a_step_that_begins_anew_asks_for_everything_again() {
    let steps = "## S\n\nx\n\n```proof\nopen code\nhost: true\n```\n\n```check\nname = \"seen\"\nexpr = 'seen.code'\n```\n\n\
        ```check\nname = \"asked\"\nexpr = '\"true\" in (host.commands | map(attribute=\"line\") | join(\" \"))'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    for _ in 0..2 {
        let page = said(&lab);
        assert!(!page.contains('✔'), "{page}");
        lab.key("F7 F2");
        types(&mut lab, Side::Host, "true", 0);
        let page = said(&lab);
        assert!(
            page.contains("✔ seen") && page.contains("✔ asked"),
            "{page}"
        );
        lab.key("Backspace");
    }
}

/// The starting state could not be made: Enter goes on, even if the lab differs.
#[test]
fn what_could_not_be_rebuilt_is_not_offered_again() {
    let steps = format!(
        "## One\n\nx\n\n{LAUNCH}## Two\n\nx\n\n```run container\nhostname web1\n```\n\n```check\nname = \"n\"\n\
         expr = 'container.hostname == \"web1\" and host.hostname == \"vm\"'\n```\n\n## Three\n\nx\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    lab.key("Enter");
    container_comes(&mut lab);
    lab.key("Enter Enter");
    lab.output(Side::CONTAINER, &ran("hostname web1", 0));
    fresh_lab(&mut lab);
    rebuilds(&mut lab);
    // The container never comes.
    lab.wait(60_000);
    lab.key("F5");
    container_comes(&mut lab);
    types(&mut lab, Side::Host, "hostname oops", 0);
    lab.see(Side::Host, named(host(), "oops"));
    assert!(diagnosis::has_cause(&lab.state));
    while !lab.state.lesson.walk.progress().nudged {
        lab.key("Enter");
    }
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::StepAnyway
    );
}

/// The step intends a failure if a condition on it is true before the next command of its shell.
#[rstest]
#[case::of_the_learner(true)]
#[case::of_the_lesson(false)]
fn a_failed_line_is_not_the_success_of_a_later_command(#[case] own: bool) {
    let steps = "## S\n\nx\n\n```run host\nmknod /tmp/pipe p\n```\n\n```run host\nmknod /tmp/zero c 1 5\n```\n\n\
        ```check\nname = \"refused\"\nexpr = 'host.last.status == 1 and \"zero\" in host.last.line'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    lab.output(Side::Host, &ran("mknod /tmp/pipe p", 1));
    assert!(said(&lab).contains("✘ mknod /tmp/pipe"), "{}", said(&lab));
    if own {
        types(&mut lab, Side::Host, "mknod -m 600 /tmp/zero c 1 5", 1);
    } else {
        lab.key("Enter");
        lab.output(Side::Host, &ran("mknod /tmp/zero c 1 5", 1));
    }
    let page = said(&lab);
    for line in ["✘ mknod /tmp/pipe", "✔ mknod /tmp/zero", "✔ refused"] {
        assert!(page.contains(line), "{line}: {page}");
    }
}

/// That is noticed also if the line ends after a command of the learner in one piece of output.
#[test]
fn a_failed_line_is_wanted_also_behind_a_command_of_the_learner() {
    let steps = "## S\n\nx\n\n```run host\none\n```\n\n```check\nname = \"refused\"\nexpr = 'host.last.status == 1'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    lab.key("F3 x");
    lab.output(Side::Host, "\x1b]133;C;aid=7\x07");
    lab.key("C-5 Enter");
    let end = format!("\x1b]133;D;0;aid=7;cmdline=\t true\n\x07{PROMPT}");
    lab.output(Side::Host, &[end, ran("one", 1)].concat());
    assert!(said(&lab).contains("✔ one"), "{}", said(&lab));
}

/// The lines that are typed.
fn typed(effects: &[Effect]) -> Vec<&str> {
    let lines = effects.iter().filter_map(|it| match it {
        Effect::Type { line, .. } => Some(line.as_str()),
        _ => None,
    });
    lines.collect()
}

/// A line that failed is not done again. One that is to fail is.
#[rstest]
#[case::failed("host.hostname == \"web\"", 1, true)]
#[case::meant("host.last.status == 1", 1, false)]
#[case::done("host.hostname == \"web\"", 0, false)]
fn a_line_that_fails_in_the_rebuild_is_told(
    #[case] expr: &str,
    #[case] status: i32,
    #[case] told: bool,
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let steps = format!(
        "## One\n\nx\n\n```run host\nhostname web\n```\n\n```check\nname = \"n\"\nexpr = '{expr}'\n```\n\n\
         ## Two\n\nx\n\n```run host\nhostname\n```\n"
    );
    let mut lab = Lab::at_steps(FULL, lang, "[]", &steps);
    lab.key("Right");
    let effects = rebuilds(&mut lab);
    assert_eq!(typed(&effects), ["hostname web"]);
    lab.output(Side::Host, &ran("hostname web", status));
    lab.wait(5_000);
    let notice = &lab.state.notice.as_ref().unwrap().0;
    if told {
        assert!(matches!(notice, Notice::RebuiltBut(_)), "{notice:?}");
        let told = crate::app::texts::notice(lang, notice);
        let why = lang.pick([
            "This failed (exit status 1): ",
            "这条命令失败了（退出状态 1）：",
        ]);
        assert!(told.ends_with(&format!("{why}hostname web")), "{told}");
    } else {
        assert_eq!(*notice, Notice::Rebuilt(1));
    }
}

/// In another lab the same line has other values. The line that ends is the one that was typed there.
#[test]
fn a_line_with_a_value_ends_in_the_rebuild_too() {
    let line = "```run host\nls /proc/{{ host.shell_pid }}\n```\n\n";
    let check = "```check\nname = \"n\"\nexpr = 'host.hostname == \"vm\"'\n```\n\n";
    let steps = format!("## One\n\nx\n\n{line}{check}## Two\n\nx\n\n{line}```run host\ntwo\n```\n");
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    lab.output(Side::Host, &ran("ls /proc/7", 0));
    lab.key("Right Enter");
    lab.output(Side::Host, &ran("ls /proc/7", 0));
    assert!(said(&lab).contains("✔ ls /proc/7"), "{}", said(&lab));
    fresh_lab(&mut lab);
    lab.key("Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    lab.start(Side::Host);
    lab.output(Side::Host, PROMPT);
    let mut other = host();
    other.shell_pid = 9;
    let effects = lab.see(Side::Host, other);
    assert_eq!(typed(&effects), ["ls /proc/9"]);
    for _ in 0..2 {
        lab.output(Side::Host, &ran("ls /proc/9", 0));
    }
    lab.wait(5_000);
    assert!(said(&lab).contains("✔ ls /proc/9"), "{}", said(&lab));
    lab.key("Left");
    assert!(said(&lab).contains("✔ ls /proc/9"), "{}", said(&lab));
}

/// Each line of a lesson that is typed into the machine's own shell needs an Enter of its own.
#[test]
fn nothing_is_rebuilt_on_the_machine() {
    let steps = "## One\n\nx\n\n```run host\nhostname web\n```\n\n```check\nname = \"n\"\n\
        expr = 'host.hostname == \"web\"'\n```\n\n## Two\n\nx\n\n```run host\nhostname box\n```\n\n```check\nname = \"b\"\n\
        expr = 'host.hostname == \"box\" and container.hostname == \"c\"'\n```\n\n## Three\n\nx\n";
    for lang in Lang::ALL {
        let (mut lab, _) = Lab::open(Setup {
            host: HostKind::Machine,
            lessons: one_lesson("[\"uts\"]", steps),
            ..setup(FULL, lang)
        });
        lab.get_ready();
        lab.output(Side::Host, PROMPT);
        lab.key("Right");
        assert_eq!(crate::app::starting_state::missing(&lab.state), None);
        let next = enter_action::enter_action(&lab.state);
        assert!(matches!(next, EnterAction::Type { .. }), "{next:?}");
        lab.key("Enter");
        lab.output(Side::Host, &ran("hostname box", 0));
        lab.see(Side::Host, named(host(), "box"));
        // A difference keeps the check from being true: Enter doesn't offer an action that is not allowed.
        types(&mut lab, Side::Host, "hostname oops", 0);
        lab.see(Side::Host, named(host(), "oops"));
        while !lab.state.lesson.walk.progress().nudged {
            lab.key("Enter");
        }
        assert_eq!(
            enter_action::enter_action(&lab.state),
            EnterAction::StepAnyway
        );
        let rebuilds = lang.pick(["let Enter rebuild", "按 Enter 重做"]);
        assert!(!page(&lab).contains(rebuilds), "{}", page(&lab));
        // No matter who asks for it.
        let mut effects = Vec::new();
        crate::app::rebuild::begin(&mut lab.state, lab.now, &mut effects);
        lab_comes(&mut lab);
        let effects = lab.wait(60_000);
        assert_eq!(typed(&effects), [""; 0]);
        assert!(lab.state.lesson.lab.rebuild.is_none());
    }
}

/// A host shell that reports no prompt gets its line after a moment.
#[test]
fn a_rebuild_does_not_wait_for_the_first_prompt_of_a_silent_shell() {
    let steps = "## One\n\nx\n\n```run host\none\n```\n\n```check\nname = \"n\"\nexpr = 'host.hostname == \"web\"'\n```\n\n\
        ## Two\n\nx\n\n```run host\ntwo\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.key("Right Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    // No matter how long the lab host takes.
    lab.wait(5_000);
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    lab.start(Side::Host);
    lab.output(Side::Host, "# ");
    lab.see(Side::Host, host());
    assert_eq!(typed(&lab.wait(100)), [""; 0]);
    assert_eq!(typed(&lab.wait(1_000)), ["one"]);
}

/// More commands end in one piece of output than a shell keeps.
#[test]
fn the_last_of_many_commands_is_the_one_that_is_told_last() {
    let mut lab = Lab::at_steps(
        FULL,
        Lang::En,
        "[]",
        "## S\n\nx\n\n```run host\none\ntwo\n```\n",
    );
    lab.output(Side::Host, PROMPT);
    lab.key("F3 x");
    let many: String = (0..40).map(|it| ran(&format!("echo {it}"), 0)).collect();
    lab.output(Side::Host, &[many, ran("one", 0)].concat());
    assert!(said(&lab).contains("✔ one"), "{}", said(&lab));
}

/// The container was replaced by one that the kernel refused: it is gone.
#[test]
fn a_launch_that_is_refused_has_ended_the_container_before() {
    let steps = format!(
        "## One\n\nx\n\n{LAUNCH}## Two\n\nx\n\n```run container\nhostname web1\n```\n\n\
         ```check\nname = \"n\"\nexpr = 'container.hostname == \"web1\"'\n```\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", &steps);
    lab.key("Enter");
    container_comes(&mut lab);
    lab.key("Enter");
    assert_eq!(crate::app::starting_state::missing(&lab.state), None);
    lab.key("F5");
    let launch = lab.launch_of(Side::CONTAINER);
    let failed = ShellEvent::Failed(crate::app::Failure::Silent);
    lab.send(Msg::Shell(Side::CONTAINER, launch, failed));
    assert!(page(&lab).contains("has ended."), "{}", page(&lab));
}

/// While the starting state is made, the step is begun again: nothing more is typed for it.
#[rstest]
#[case::the_step("Backspace")]
#[case::the_lesson("B")]
fn what_is_begun_anew_is_not_rebuilt(#[case] key: &str) {
    let steps = "## One\n\nx\n\n```run host\nhostname web\n```\n\n```check\nname = \"n\"\n\
        expr = 'host.hostname == \"web\"'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    lab.output(Side::Host, &ran("hostname web", 0));
    fresh_lab(&mut lab);
    lab.key("Enter");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    assert!(lab.state.lesson.lab.rebuild.is_some());
    lab.key(key);
    lab.send(Msg::Running {
        programs: Vec::new(),
    });
    assert!(lab.state.lesson.lab.rebuild.is_none());
    assert_eq!(typed(&lab_comes(&mut lab)), [""; 0]);
}

/// The step ends the container: the end of the container is no mistake.
#[test]
fn a_container_that_the_step_ends_has_not_strayed() {
    let steps = format!(
        "## One\n\nx\n\n{LAUNCH}## Two\n\nx\n\n```run host\nkill -9 1\n```\n\n```check\nname = \"n\"\n\
         expr = 'container is not defined and host.hostname == \"x\"'\nhint = \"Look.\"\n```\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", &steps);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    container_comes(&mut lab);
    lab.wait(400);
    lab.key("Enter");
    types(&mut lab, Side::Host, "kill -KILL 1", 0);
    lab.exit(Side::CONTAINER, Exit::Signal(9));
    let Some(crate::lesson::Part::Check(check)) = lab.state.step().and_then(|it| it.parts.last())
    else {
        panic!("the step ends with a check");
    };
    assert_eq!(
        diagnosis::what_is_wrong(&lab.state, check, true).as_deref(),
        Some("Look.")
    );
}

/// The lab has just been opened. That its host shell was launched is no deed.
#[test]
fn no_advice_is_given_in_the_first_step_before_anything_was_done() {
    let steps = "## One\n\nx\n\n```run host\nhostname lab\n```\n\n```check\nname = \"lab\"\n\
        expr = 'host.hostname == \"lab\"'\n[[wrong]]\nwhen = 'host.hostname == \"vm\"'\nsay = \"It is vm.\"\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    assert!(!said(&lab).contains("It is vm."), "{}", said(&lab));
    types(&mut lab, Side::Host, "true", 0);
    assert!(said(&lab).contains("It is vm."), "{}", said(&lab));
}

/// A line that was typed into the container before is not still to begin in the new one.
#[test]
fn a_line_of_the_container_before_keeps_no_work_from_the_learner() {
    let steps = format!(
        "## One\n\nx\n\n{LAUNCH}```run container\none\n```\n\n```run container\nhostname web1\n```\n\n\
         ```check\nname = \"n\"\nexpr = 'container.hostname == \"web1\"'\n```\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    lab.key("Enter");
    container_comes(&mut lab);
    lab.key("Enter F5");
    container_comes(&mut lab);
    assert!(!lab.state.lesson.lines.any_to_begin(&lab.state.shells));
}

/// A line that the learner did in another way is typed when the lab is made again: later deeds build on it.
#[test]
fn lines_above_what_was_done_are_rebuilt_too() {
    let steps = "## One\n\nx\n\n```run host\nmkdir /mnt/sub\nmount none /mnt/sub\n```\n\n\
        ```check\nname = \"mounted\"\nexpr = 'host.hostname == \"done\"'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    lab.see(Side::Host, host());
    types(&mut lab, Side::Host, "mount none --mkdir /mnt/sub", 0);
    let mut done = host();
    done.hostname = "done".to_owned();
    lab.see(Side::Host, done);
    assert!(page(&lab).contains("❯ mkdir /mnt/sub"), "{}", page(&lab));
    assert!(page(&lab).contains("✔ mount none"), "{}", page(&lab));
    fresh_lab(&mut lab);
    let mut lines: Vec<String> = typed(&rebuilds(&mut lab))
        .into_iter()
        .map(str::to_owned)
        .collect();
    for line in ["mkdir /mnt/sub", "mount none /mnt/sub"] {
        let effects = lab.output(Side::Host, &ran(line, 0));
        lines.extend(typed(&effects).into_iter().map(str::to_owned));
    }
    lab.wait(5_000);
    assert_eq!(lines, ["mkdir /mnt/sub", "mount none /mnt/sub"]);
    assert!(page(&lab).contains("✔ mkdir /mnt/sub"), "{}", page(&lab));
}
