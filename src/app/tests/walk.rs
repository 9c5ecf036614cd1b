//! A lesson is walked with Enter, by hand, and from step to step.

use super::*;

#[rstest]
#[case::full(FULL)]
#[case::compact(COMPACT)]
fn a_lesson_is_walked_with_enter(#[case] size: (u16, u16)) {
    let mut lab = Lab::ready(size, Lang::En);
    let enter = |lab: &mut Lab| {
        // Where the step is longer than its pane, Enter reads on first.
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

/// The check of a later line says nothing of the line that waits, which another check is about.
#[test]
fn what_is_done_ahead_ticks_no_earlier_line() {
    let steps = "## S\n\n```launch\nflags = [\"uts\"]\n```\n\n```run host\nipcmk -Q\n```\n\n\
        ```run container\nhostname web1\n```\n\n\
        ```check\nname = \"q\"\nexpr = 'host.ipc.queues | length > 0'\n```\n\n\
        ```check\nname = \"n\"\nexpr = 'container.hostname == \"web1\"'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[\"uts\"]", steps);
    let queues = |lab: &mut Lab, queues: usize| {
        let mut seen = host();
        seen.ipc.queues.truncate(queues);
        lab.see(Side::Host, seen);
    };
    let next = |lab: &Lab| match lab.state.enter_action() {
        EnterAction::Type { line, .. } => line.source().to_owned(),
        other => format!("{other:?}"),
    };
    queues(&mut lab, 0);
    lab.key("Enter");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert_eq!(next(&lab), "ipcmk -Q");
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.key("F4 Enter C-5");
    lab.see(Side::CONTAINER, renamed);
    assert_eq!(next(&lab), "ipcmk -Q");
    lab.key("F3 Enter C-5");
    queues(&mut lab, 1);
    assert_eq!(next(&lab), "hostname web1");
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
