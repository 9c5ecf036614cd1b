//! The cause that keeps a check from being true is shown before any hint.

use rstest::rstest;

use super::rebuild::lab_comes;
use super::requirements::said;
use super::{COMPACT, FULL};
use crate::app::diagnosis;
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, host, set};
use crate::app::lesson_lab::ChangedBy;
use crate::app::{Msg, ShellEvent};
use crate::lang::Lang;
use crate::lesson::Part;
use crate::observe::snapshot::EXAMPLE;
use crate::sandbox::{Exit, Side};

/// Both names were changed, the host's by mistake: the hint of the check would be wrong.
#[test]
fn a_name_given_by_mistake_is_the_cause() {
    let mut lab = Lab::with_container((120, 100), Lang::En, "uts");
    lab.go("uts", 1);
    lab.key("s F3 x");
    let (mut wrong, mut right) = (host(), container(set("uts")));
    (wrong.hostname, right.hostname) = ("web1".into(), "web1".into());
    lab.see(Side::Host, wrong);
    lab.see(Side::CONTAINER, right);
    let cause = "The host is called web1; the lesson left it as vm.";
    let bare = said(&lab).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(bare.contains(cause), "{bare}");
    assert!(!bare.contains("Type it into"), "{bare}");
    lab.key("C-5 Enter Enter");
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(2)
    );
}

/// A launch that the lesson waits for leaves the new container as the lesson wants it, and no other side.
#[test]
fn a_name_given_by_mistake_is_the_cause_after_the_launch_too() {
    let steps = "## One\n\nx\n\n```launch\nflags = [\"uts\"]\n```\n\n```run container\nhostname web1\n```\n\n\
                 ```check\nname = \"two names\"\n\
                 expr = 'container.hostname == \"web1\" and host.hostname != \"web1\"'\n```\n";
    let mut lab = Lab::at_steps((120, 100), Lang::En, "[\"uts\"]", steps);
    lab.see(Side::Host, host());
    lab.key("F3 x");
    let mut wrong = host();
    wrong.hostname = "web1".into();
    lab.see(Side::Host, wrong.clone());
    lab.key("C-5 F5");
    lab.start(Side::CONTAINER);
    let mut copied = container(set("uts"));
    copied.hostname = "web1".into();
    lab.see(Side::CONTAINER, copied.clone());
    lab.see(Side::Host, wrong);
    let bare = said(&lab).split_whitespace().collect::<Vec<_>>().join(" ");
    let cause = "The host is called web1; the lesson left it as vm.";
    assert!(bare.contains(cause), "{bare}");
    assert!(!bare.contains("The container is called"), "{bare}");
}

/// A line that the lesson types in one shell corrects no mistake in the other one.
#[test]
fn a_name_given_by_mistake_is_the_cause_after_a_line_of_the_lesson_too() {
    let mut lab = Lab::with_container((120, 100), Lang::En, "uts");
    lab.go("uts", 1);
    lab.key("s F3 x");
    let (mut wrong, mut right) = (host(), container(set("uts")));
    (wrong.hostname, right.hostname) = ("web1".into(), "web1".into());
    lab.see(Side::Host, wrong);
    lab.key("C-5 Enter");
    lab.see(Side::CONTAINER, right);
    let bare = |lab: &Lab| said(lab).split_whitespace().collect::<Vec<_>>().join(" ");
    let cause = "The host is called web1; the lesson left it as vm.";
    assert!(bare(&lab).contains(cause), "{}", bare(&lab));
    // It is put right.
    lab.see(Side::Host, host());
    assert!(!bare(&lab).contains(cause), "{}", bare(&lab));
}

/// The check would be true with the host's wrong name, too. It is said beside what is to be done.
#[test]
fn a_wrong_name_on_the_other_side_is_said_with_the_hint() {
    let mut lab = Lab::with_container((120, 100), Lang::En, "uts");
    lab.go("uts", 1);
    lab.key("s F3 x");
    let (mut wrong, mut other) = (host(), container(set("uts")));
    (wrong.hostname, other.hostname) = ("wrong".into(), "db1".into());
    lab.see(Side::Host, wrong);
    lab.see(Side::CONTAINER, other);
    lab.state.lesson.walk.progress_mut().nudged = true;
    let bare = said(&lab).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        bare.contains("The host is called wrong; the lesson left it as vm. Type it into"),
        "{bare}"
    );
}

/// A state from before the step was opened is no mistake of the learner's.
#[test]
fn no_advice_is_given_before_anything_was_done() {
    let steps = "## One\n\nx\n\n## Two\n\nx\n\n```run host\nhostname lab\n```\n\n```check\nname = \"lab\"\n\
                 expr = 'host.hostname == \"lab\"'\n[[wrong]]\nwhen = 'host.hostname == \"vm\"'\n\
                 say = \"It is vm.\"\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    let prompt = "\x1b]133;A\x07$ ";
    lab.output(Side::Host, prompt);
    lab.key("Right");
    assert!(!said(&lab).contains("It is vm."), "{}", said(&lab));
    lab.output(
        Side::Host,
        &format!("\x1b]133;C;aid=7\x07\r\n\x1b]133;D;0;aid=7\x07{prompt}"),
    );
    lab.see(Side::Host, host());
    assert!(said(&lab).contains("It is vm."), "{}", said(&lab));
}

/// Two things are wrong at once. Each is named, and after one is put right, the other.
#[rstest]
fn each_cause_is_named(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let steps = "## One\n\nx\n\n```run host\ntrue\n```\n\n```check\nname = \"as before\"\n\
                 expr = 'chosen.ipc and container.hostname == \"web1\" and host.hostname == \"vm\" and \
                 host.ipc.queues | length == 0'\n```\n";
    let mut lab = Lab::at_steps((120, 100), lang, "[\"uts\"]", steps);
    let sees = |lab: &mut Lab, name: &str, queues: usize| {
        let mut seen = host();
        seen.hostname = name.into();
        seen.ipc.queues = EXAMPLE.ipc.queues.iter().take(queues).cloned().collect();
        lab.see(Side::Host, seen);
    };
    lab.state.lesson.lab.changed_by = ChangedBy::Lesson;
    sees(&mut lab, "vm", 0);
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.key("F3 x");
    let (name, queue) = lang.pick([
        ("Thehostiscalledoops", "Thehosthasanextramessagequeue0."),
        ("宿主机现在叫oops", "宿主机多了课程里没有的消息队列0"),
    ]);
    let page = |lab: &Lab| said(lab).split_whitespace().collect::<String>();
    sees(&mut lab, "oops", 1);
    let both = page(&lab);
    assert!(both.contains(name) && both.contains(queue), "{both}");
    sees(&mut lab, "vm", 1);
    let one = page(&lab);
    assert!(!one.contains(name) && one.contains(queue), "{one}");
}

#[rstest]
fn a_domain_name_given_by_mistake_is_the_cause(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let steps = "## One\n\nx\n\n```run container\ntrue\n```\n\n```check\nname = \"its own\"\n\
                 expr = 'container.domainname == \"lab\" and host.domainname != \"lab\"'\n\
                 hint = \"domainname lab\"\n```\n";
    let mut lab = Lab::at_steps((120, 100), lang, "[\"uts\"]", steps);
    lab.see(Side::Host, host());
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    lab.state.lesson.lab.changed_by = ChangedBy::Lesson;
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.key("F3 x");
    let (mut wrong, mut right) = (host(), container(set("uts")));
    (wrong.domainname, right.domainname) = ("lab".into(), "lab".into());
    lab.see(Side::Host, wrong);
    lab.see(Side::CONTAINER, right);
    let cause = lang.pick([
        "Thehost'sdomainnameislab;thelessonleftitas(none).",
        "宿主机的域名现在是lab，课程里是(none)。",
    ]);
    let page = said(&lab).split_whitespace().collect::<String>();
    assert!(page.contains(cause), "{page}");
}

#[test]
fn a_queue_too_many_is_the_cause() {
    let steps = "## Queues\n\nx\n\n```run host\nipcmk -Q\n```\n\n```check\nname = \"one has it\"\n\
                 expr = 'host.ipc.queues | length > 0 and container.ipc.queues | length == 0'\n\
                 hint = \"ipcmk -Q, on the host.\"\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"ipc\"]", steps);
    let sees = |lab: &mut Lab, side, queues: usize| {
        let mut seen = match side {
            Side::Host => host(),
            Side::Container(_) => container(set("ipc")),
        };
        seen.ipc.queues = EXAMPLE.ipc.queues.iter().take(queues).cloned().collect();
        lab.see(side, seen);
    };
    sees(&mut lab, Side::Host, 0);
    lab.key("i F5");
    lab.start(Side::CONTAINER);
    lab.state.lesson.lab.changed_by = ChangedBy::Lesson;
    sees(&mut lab, Side::CONTAINER, 0);
    lab.key("F4 x");
    sees(&mut lab, Side::CONTAINER, 1);
    let page = said(&lab).split_whitespace().collect::<Vec<_>>().join(" ");
    let cause = "The container has an extra message queue 0.";
    assert!(page.contains(cause), "{page}");
}

/// The effects of the lesson in a shell are lost if the shell ends or is launched again.
#[rstest]
#[case::ended("The container shell has ended.")]
#[case::anew("The container is called container; the lesson left it as web1.")]
fn what_is_lost_with_a_shell_is_named(#[case] cause: &str) {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    lab.state.lesson.lab.changed_by = ChangedBy::Lesson;
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.see(Side::CONTAINER, renamed);
    lab.go("uts", 1);
    if cause.contains("ended") {
        lab.state.lesson.lab.changed_by = ChangedBy::Learner;
        let launch = lab.launch_of(Side::CONTAINER);
        let exited = ShellEvent::Exited(Exit::Status(0));
        lab.send(Msg::Shell(Side::CONTAINER, launch, exited));
    } else {
        lab.key("F5");
        lab.start(Side::CONTAINER);
        lab.see(Side::CONTAINER, container(set("uts")));
    }
    let page = said(&lab).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(cause), "{page}");
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
}

/// `unshare -u bash` in the container's shell: the line of the step was typed, and it reached that one.
#[rstest]
fn who_got_what_was_typed_is_the_cause(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let steps = "## One\n\nx\n\n```run container\nhostname b\n```\n\n```check\nname = \"n\"\nexpr = \
                 'container.hostname == \"b\"'\nhint = \"Type it there.\"\n```\n";
    let mut lab = Lab::at_steps(FULL, lang, "[\"uts\"]", steps);
    lab.key("u F5");
    lab.start(Side::CONTAINER);
    for (inside, told) in [
        (false, "Type it there."),
        (
            true,
            lang.pick([
                ", bash runs in namespaces of its own",
                "容器 shell 里正在运行 bash，",
            ]),
        ),
    ] {
        let mut seen = container(set("uts"));
        seen.program = inside.then(|| EXAMPLE.program.clone()).flatten();
        if let Some(program) = &mut seen.program {
            program.name = "bash".into();
        }
        lab.see(Side::CONTAINER, seen);
        let Some(Part::Check(check)) = lab.state.step().and_then(|step| step.parts.last()) else {
            panic!("the step ends with a check");
        };
        let said = diagnosis::what_is_wrong(&lab.state, check, true).unwrap();
        assert!(said.contains(told), "{said}");
    }
}

/// Both shells of the lesson have ended.
#[rstest]
fn each_shell_that_is_lost_is_named(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let mut lab = Lab::with_container(FULL, lang, "uts");
    lab.state.lesson.lab.changed_by = ChangedBy::Lesson;
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.go("uts", 1);
    lab.state.lesson.lab.changed_by = ChangedBy::Learner;
    for side in [Side::Host, Side::CONTAINER] {
        let launch = lab.launch_of(side);
        lab.send(Msg::Shell(
            side,
            launch,
            ShellEvent::Exited(Exit::Status(0)),
        ));
    }
    let page: String = said(&lab).split_whitespace().collect();
    let both = lang.pick([
        "Thehostshellhasended.Thecontainershellhasended.",
        "宿主机shell已经结束。容器shell已经结束。",
    ]);
    assert!(page.contains(both), "{page}");
}

/// F9 ends the container, and the effects of the steps before.
#[rstest]
fn a_fresh_lab_host_is_the_cause(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let mut lab = Lab::with_container(size, lang, "uts");
    lab.go("uts", 1);
    lab.key("F2");
    assert_ne!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
    lab.key("F9 F9");
    lab_comes(&mut lab);
    lab.see(Side::Host, host());
    let cause = lang.pick(["Step 1 has not been done in this lab.", "第 1 步还没有"]);
    assert!(said(&lab).contains(cause), "{}", said(&lab));
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
}

/// The learner's own F5, with one flag more.
#[rstest]
fn other_flags_are_the_cause(#[values(Lang::En, Lang::ZhCn)] lang: Lang) {
    let mut lab = Lab::with_container(FULL, lang, "uts");
    lab.state.lesson.lab.changed_by = ChangedBy::Lesson;
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.go("uts", 1);
    lab.key("F2 i F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts,ipc")));
    let page: String = said(&lab).split_whitespace().collect();
    let cause = lang.pick(["withotherflagsoroptions.", "标志或选项不同。"]);
    assert!(page.contains(cause), "{page}");
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::Rebuild(1)
    );
}
