//! The kinds of host, and the differences for the learner.

use rstest::rstest;

use super::{COMPACT, FULL};
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, set, setup};
use crate::app::views::Overlay;
use crate::app::walk::QuestionAnswer;
use crate::app::{Effect, Failure, LabEvent, Msg, Setup, State, UserKind, lesson_view};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::sandbox::{Call, HostKind, Side, Step};

fn on(host: HostKind, user: UserKind) -> (Lab, Vec<Effect>) {
    Lab::open(Setup {
        user,
        host,
        ..setup(FULL, Lang::En)
    })
}

#[test]
fn root_is_asked_before_anything_runs_on_the_machine() {
    for host in [HostKind::Machine, HostKind::LabWithoutUser] {
        let (mut lab, effects) = on(host, UserKind::Root);
        assert_eq!(effects, []);
        assert_eq!(lab.key("F5"), []);
        assert_eq!(lab.key("y"), [Effect::StartLab { host, share: None }]);
        let (mut lab, _) = on(host, UserKind::Root);
        let host = HostKind::Lab;
        assert_eq!(lab.key("n"), [Effect::StartLab { host, share: None }]);
    }
    let (lab, effects) = on(HostKind::Machine, UserKind::Ordinary);
    let host = HostKind::Machine;
    assert_eq!(effects, [Effect::StartLab { host, share: None }]);
    assert_eq!(lab.state.views.overlay, None);
}

#[test]
fn on_the_machine_an_ordinary_users_launch_adds_user() {
    let (mut lab, _) = on(HostKind::Machine, UserKind::Ordinary);
    lab.get_ready();
    // The step is longer than its pane.
    lab.key("z");
    let effects = lab.key("Enter");
    let launched = effects.iter().find_map(|effect| match effect {
        Effect::Launch { plan, .. } => Some(plan.flags),
        _ => None,
    });
    assert_eq!(launched, Some(set("uts,user")));
    assert_eq!(lab.state.next_launch.flags, set("uts,user"));
    lab.start(Side::CONTAINER);
    assert!(
        !matches!(
            enter_action::enter_action(&lab.state),
            EnterAction::Launch(..)
        ),
        "the step goes on"
    );
}

#[test]
fn a_lab_host_without_user_is_offered_to_root_where_user_was_refused() {
    let user = Call::Unshare(set("user,mnt"));
    let mount = Call::Mount {
        source: None,
        target: "/proc".to_owned(),
        fstype: None,
        flags: "MS_PRIVATE".to_owned(),
        data: None,
    };
    let refused = |call: &Call| Step {
        call: call.clone(),
        errno: Some(28),
        value: -1,
        micros: 1,
    };
    for (user, call, offered) in [
        (UserKind::Root, &user, true),
        (UserKind::Root, &mount, false),
        (UserKind::Ordinary, &user, false),
    ] {
        let (mut lab, _) = on(HostKind::Lab, user);
        lab.send(Msg::Lab(LabEvent::Failed {
            steps: vec![refused(call)],
            why: Failure::Refused(Refusal::boxed(refused(call), &Facts::default())),
        }));
        lab.key("F3 Enter");
        let asked = Some(Overlay::Risk(HostKind::LabWithoutUser));
        assert_eq!(lab.state.views.overlay == asked, offered, "{user:?} {call}");
        if offered {
            assert_eq!(lab.key("n"), []);
            lab.key("Enter");
            let host = HostKind::LabWithoutUser;
            assert_eq!(lab.key("y"), [Effect::StartLab { host, share: None }]);
        }
    }
}

#[test]
fn the_machine_is_watched_while_it_is_shown() {
    let mut lab = Lab::ready(FULL, Lang::En);
    assert_eq!(lab.key("M"), [Effect::WatchMachine(true)]);
    lab.see_machine();
    assert!(lab.state.shells.machine.snapshot.is_some());
    assert_eq!(lab.key("F12"), [Effect::WatchMachine(false)]);
    lab.see_machine();
    assert_eq!(lab.state.shells.machine.snapshot, None, "it comes too late");
    let wide = Msg::Resize {
        cols: 180,
        rows: 50,
    };
    let unwanted = lab.send(wide.clone());
    assert!(!unwanted.contains(&Effect::WatchMachine(true)));
    let mut lab = Lab::ready(FULL, Lang::En);
    assert!(lab.send(wide).contains(&Effect::WatchMachine(true)));
}

/// The text of the lesson pane.
fn page(lab: &Lab) -> String {
    let view = lesson_view::view(&lab.state).unwrap();
    let lines = view.lines.iter().map(|line| line.line.to_string());
    lines.map(|line| line + "\n").collect()
}

#[rstest]
fn on_the_machine_each_lesson_begins_with_a_warning(
    #[values(HostKind::Lab, HostKind::Machine)] host: HostKind,
    #[values(Lang::En, Lang::ZhCn)] lang: Lang,
) {
    let (mut lab, _) = on(host, UserKind::Root);
    lab.state.lang = lang;
    lab.state.size = (200, 60);
    lab.key("y");
    lab.get_ready();
    for (lesson, step) in all_steps(&lab.state) {
        lab.state.lesson.walk.go(lesson, step);
        lab.arrive();
        // A step that lacks something shows that in place of its prose.
        if lab.state.lack().is_none() {
            let warns = host == HostKind::Machine && step == 0;
            let page = page(&lab);
            assert_eq!(page.contains("! "), warns, "{lesson}/{step}: {page}");
        }
    }
    lab.go("views", 0);
    let promise = match lang {
        Lang::En => "can harm",
        Lang::ZhCn => "伤不到",
    };
    let said: Vec<String> = page(&lab).split_whitespace().map(str::to_owned).collect();
    assert_eq!(said.join(" ").contains(promise), host == HostKind::Lab);
}

fn all_steps(state: &State) -> Vec<(usize, usize)> {
    let lessons = 0..state.lesson.lessons.count();
    let steps = |lesson| {
        state
            .lesson
            .lessons
            .lesson(lesson, Lang::En)
            .unwrap()
            .steps
            .len()
    };
    lessons
        .flat_map(|lesson| (0..steps(lesson)).map(move |step| (lesson, step)))
        .collect()
}

#[rstest]
#[case(Lang::En, "The program hostname is not installed")]
#[case(Lang::ZhCn, "没有安装 hostname")]
fn a_step_says_which_of_its_programs_is_missing(#[case] lang: Lang, #[case] missing: &str) {
    let mut lab = Lab::with_container(FULL, lang, "uts");
    lab.state.system.absent.insert("hostname".to_owned());
    lab.state.system.absent.insert("frobnicate".to_owned());
    let spoken = |lab: &Lab| page(lab).replace('\n', "").replace("  ", " ");
    let mut seen = Vec::new();
    for (lesson, step) in all_steps(&lab.state) {
        lab.state.lesson.walk.go(lesson, step);
        while let Some((part, _)) = lab.state.lesson.walk.question(lab.state.step().unwrap()) {
            lab.state.lesson.walk.answer(part, QuestionAnswer::Skipped);
        }
        if spoken(&lab).contains(missing) {
            seen.push(lab.step_title());
        }
        assert!(!page(&lab).contains("frobnicate"));
    }
    assert!(!seen.is_empty());
}

/// Enter alone opens the machine column where the lesson needs it.
#[test]
fn enter_alone_shows_the_machine() {
    let (mut lab, _) = on(HostKind::Lab, UserKind::Ordinary);
    lab.state.size = (80, 24);
    lab.get_ready();
    lab.go("views", 4);
    assert!(!lab.state.shows_machine());
    for _ in 0..20 {
        if lab.state.shows_machine() {
            break;
        }
        lab.key("Enter");
    }
    assert_eq!(
        (lab.state.lesson.walk.step(), lab.state.shows_machine()),
        (4, true)
    );
    lab.see_machine();
    for _ in 0..4 {
        if lab.state.lesson.walk.step() == 4 {
            lab.key("Enter");
        }
    }
    assert_eq!(lab.state.lesson.walk.step(), 5);
}

/// A learner may jump over the step in which the machine is opened.
#[rstest]
fn a_step_that_names_the_machine_has_it_in_sight(#[values(FULL, COMPACT)] size: (u16, u16)) {
    let steps = "## One\n\nx\n\n```proof\nopen machine\n```\n\n```check\nname = \"seen\"\nexpr = 'seen.machine and \
                 machine is defined'\n```\n\n## Two\n\nIt is {{ machine.hostname }}.\n\n## Three\n\nx\n";
    let mut lab = Lab::at_steps(size, Lang::En, "[]", steps);
    lab.key("M");
    if lab.state.shows_machine() {
        lab.key("M");
    }
    // The step that asks for the key leaves it to the learner.
    assert!(!lab.state.shows_machine());
    let effects = lab.key("Right");
    assert!(lab.state.shows_machine());
    assert!(effects.contains(&Effect::WatchMachine(true)), "{effects:?}");
    // The learner may put it away.
    lab.key("M Right");
    assert!(!lab.state.shows_machine());
}
