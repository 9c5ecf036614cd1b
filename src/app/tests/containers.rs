//! Several containers: their tabs, the namespaces that one joins, and the compared sides.

use super::{COMPACT, FULL};
use crate::app::compared::{Column, Compared};
use crate::app::enter_action;
use crate::app::fixture::{DONE, Lab, container, set};
use crate::app::layout::{self, Layout};
use crate::app::msg::Failure;
use crate::app::next_launch::OptionRow;
use crate::app::notice::Notice;
use crate::app::options;
use crate::app::shells::Phase;
use crate::app::tabs;
use crate::app::{Effect, Msg, ShellEvent};
use crate::explain::Refusal;
use crate::facts::Facts;
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::sandbox::options::{Proc, Propagation};
use crate::sandbox::{
    Call, ContainerNumber, Exit, Join, LaunchOption, LaunchOptions, Plan, Side, Step,
};

const SECOND: Side = Side::Container(ContainerNumber::ALL[1]);

fn launched(effects: &[Effect]) -> Option<(Side, Plan)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Launch { side, plan, .. } => Some((*side, plan.clone())),
        _ => None,
    })
}

/// A running container, and a tab for a second one.
fn with_a_second_tab() -> Lab {
    let mut lab = Lab::with_container(FULL, Lang::En, "uts");
    lab.key("a");
    lab
}

#[test]
fn a_new_tab_launches_beside_the_running_container() {
    let mut lab = with_a_second_tab();
    assert_eq!(lab.state.shells.container_side(), SECOND);
    let (side, plan) = launched(&lab.key("F5")).unwrap();
    assert_eq!((side, plan), (SECOND, Plan::new(set("uts"))));
    lab.start(SECOND);
    assert!(lab.state.shells.get(Side::CONTAINER).runs());
    lab.key("<");
    assert_eq!(lab.state.shells.container_side(), Side::CONTAINER);
    lab.key("<");
    assert_eq!(lab.state.shells.container_side(), SECOND);
    // There are at most six.
    lab.key("a a a a");
    assert_eq!(lab.state.shells.tabs().count(), 3);
    for number in ContainerNumber::ALL {
        lab.state.shells.tab = number;
        lab.key("F5");
    }
    lab.key("a");
    let notice = lab.state.notice.as_ref().map(|(notice, _)| notice);
    assert_eq!(notice, Some(&Notice::NoMoreTabs));
}

#[test]
fn a_launch_uses_the_chosen_options() {
    let mut lab = with_a_second_tab();
    lab.key("m o Down Right");
    let all = NamespaceSet::all();
    let whose = ContainerNumber::FIRST;
    assert_eq!(lab.state.next_launch.join, Some(Join { whose, kinds: all }));
    lab.key("p U");
    lab.key("Down Right Down Down Left");
    let (_, plan) = launched(&lab.key("Enter")).unwrap();
    let options = LaunchOptions {
        proc: Proc::Fresh,
        propagation: Propagation::Slave,
        ..LaunchOptions::default()
    };
    let kinds = set("uts,ipc,mnt,net,cgroup,time");
    let join = Some(Join { whose, kinds });
    assert_eq!(
        plan,
        Plan {
            flags: set("uts,mnt"),
            join,
            options
        }
    );
    assert_eq!(lab.state.views.overlay, None);
    // Without MNT the mount options are dropped.
    let (_, plan) = launched(&lab.key("m F5")).unwrap();
    assert_eq!(plan.options, LaunchOptions::default());
}

/// The options of a lesson end when the learner launches on their own, and the view says whose options they are.
#[test]
fn the_options_of_a_lesson_end_in_the_learners_own_step() {
    let steps = "## One\n\nx\n\n```launch\nflags = [\"mnt\"]\nproc = \"fresh\"\n```\n\n\
        ## Two\n\nx\n\n```run container\nps\n```\n\n\
        ## Your turn\n\nx\n\n```proof\nlaunch mnt\n```\n\n```check\nname = \"n\"\nexpr = 'own.mnt'\n```\n";
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", steps);
    let whose = |lab: &Lab| {
        let row = OptionRow::Container;
        let lines = options::lines(&lab.state, row).into_iter();
        let said = lines.map(|line| line.to_string());
        said.collect::<String>().contains("The lesson chose these.")
    };
    // The learner's own choice comes back.
    lab.key("m o Down Down Down Down Right Esc");
    let own = lab.state.next_launch.options.clone();
    assert_ne!(own, LaunchOptions::default());
    assert!(!whose(&lab));
    lab.key("Enter");
    lab.start(Side::CONTAINER);
    assert_eq!(lab.state.next_launch.options.proc, Proc::Fresh);
    assert!(whose(&lab));
    // In the lesson's own steps, F5 launches the lesson's container again.
    lab.key("Right");
    let (_, plan) = launched(&lab.key("F5")).unwrap();
    assert_eq!(plan.options.proc, Proc::Fresh);
    lab.key("Right");
    assert!(!whose(&lab));
    let (_, plan) = launched(&lab.key("F5")).unwrap();
    assert_eq!(plan.options, own);
}

#[test]
fn a_hostname_is_typed() {
    let mut lab = with_a_second_tab();
    let to_hostname = "o Down Down Down Down Down Down";
    lab.key(to_hostname);
    // A blank is no part of a hostname.
    lab.key("w e b Space o 2 Backspace 1");
    let options = &lab.state.next_launch.options;
    assert_eq!(options.word(LaunchOption::Hostname), "webo1");
    let (_, plan) = launched(&lab.key("Enter")).unwrap();
    assert_eq!(plan.options.arguments(), ["--hostname=webo1"]);
    lab.key(to_hostname);
    lab.key("Backspace Backspace Backspace Backspace Backspace");
    assert_eq!(lab.state.next_launch.options.hostname, None);
}

#[test]
fn only_a_running_container_is_joined() {
    let mut lab = with_a_second_tab();
    lab.key("o Down Right Esc");
    let launch = lab.launch_of(Side::CONTAINER);
    lab.send(crate::app::Msg::Shell(
        Side::CONTAINER,
        launch,
        crate::app::ShellEvent::Exited(Exit::Status(0)),
    ));
    assert_eq!(launched(&lab.key("F5")), None);
    let notice = lab.state.notice.as_ref().map(|(notice, _)| notice);
    assert_eq!(notice, Some(&Notice::NothingToJoin(ContainerNumber::FIRST)));
}

#[test]
fn any_two_sides_are_compared() {
    let mut lab = with_a_second_tab();
    lab.key("F5");
    lab.start(SECOND);
    lab.see(SECOND, container(set("uts,pid")));
    let compared = |lab: &Lab| Column::ALL.map(|column| lab.state.shells.compared(column));
    assert_eq!(compared(&lab), [Side::Host, SECOND].map(Compared::from));
    lab.key("F6 Left");
    assert_eq!(
        compared(&lab),
        [Side::CONTAINER, SECOND].map(Compared::from)
    );
    lab.key("Left");
    assert_eq!(compared(&lab), [Side::Host, SECOND].map(Compared::from));
    lab.key("Left Right");
    assert_eq!(
        compared(&lab),
        [Side::CONTAINER, Side::Host].map(Compared::from)
    );
    // A command runs on the two sides that are compared.
    lab.key("!");
    lab.send(crate::app::Msg::Paste("id".to_owned()));
    let asked = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Command { number, side, .. } => Some((number, side)),
            _ => None,
        })
    };
    let (number, first) = asked(lab.key("Enter")).unwrap();
    assert_eq!(first, Side::CONTAINER.into());
    let next = asked(lab.printed(number, first, "", DONE));
    assert_eq!(next, Some((number, Side::Host.into())));
    // Switching tabs compares the host with that tab again.
    lab.key("F2 <");
    assert_eq!(compared(&lab)[1], Side::CONTAINER.into());
}

#[test]
fn a_fresh_lab_has_no_container() {
    let mut lab = with_a_second_tab();
    lab.key("F5");
    lab.start(SECOND);
    lab.key("F9 F9");
    assert!(
        lab.state
            .shells
            .all()
            .all(|(_, shell)| shell.phase == Phase::Absent)
    );
    assert_eq!(lab.state.shells.container_side(), Side::CONTAINER);
}

/// A mistake in a lesson must not loop or crash nslab.
#[test]
fn containers_that_join_each_other_do_no_harm() {
    let launch = |nth: usize, of: usize| {
        format!("```launch\nflags = []\ncontainer = {nth}\njoin = [\"uts\"]\nof = {of}\n```\n\n")
    };
    let (first, second) = (launch(1, 2), launch(2, 1));
    let steps = format!("## S\n{first}{second}```run container\ntrue\n```\n");
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    for _ in 0..3 {
        lab.key("Enter");
        let next = enter_action::enter_action(&lab.state);
        let crate::app::enter_action::EnterAction::ShellStarting(side) = next else {
            panic!("{next:?}");
        };
        let launch = lab.launch_of(side);
        let exit = Exit::Status(0);
        lab.send(crate::app::Msg::Shell(
            side,
            launch,
            crate::app::ShellEvent::Exited(exit),
        ));
        assert!(matches!(
            enter_action::enter_action(&lab.state),
            crate::app::enter_action::EnterAction::LaunchFirst(..)
        ));
    }
}

/// As where a container engine's filter allows the namespace and refuses sethostname(2).
#[test]
fn a_container_that_is_refused_a_step_before_its_shell_was_refused() {
    let refused = Step {
        call: Call::SetHostname("container".to_owned()),
        errno: Some(1),
        value: -1,
        micros: 1,
    };
    for (ran, refused_it) in [(false, true), (true, false)] {
        let mut lab = Lab::ready(FULL, Lang::En);
        lab.key("u F5");
        let launch = lab.launch_of(Side::CONTAINER);
        let event = |event| Msg::Shell(Side::CONTAINER, launch, event);
        let refusal = Refusal::boxed(refused.clone(), &Facts::default());
        lab.send(event(ShellEvent::Refused(refusal)));
        if ran {
            lab.start(Side::CONTAINER);
        }
        lab.send(event(ShellEvent::Exited(Exit::Status(125))));
        let phase = &lab.state.shells.get(Side::CONTAINER).phase;
        let is_refused = matches!(phase, Phase::Failed(Failure::Refused(_)));
        assert_eq!(is_refused, refused_it, "{phase:?}");
    }
}

/// F5 on a tab repeats the launch of that tab.
#[test]
fn a_tab_repeats_its_own_launch() {
    let mut lab = with_a_second_tab();
    lab.key("o Down Right Esc F5");
    lab.start(SECOND);
    lab.key("<");
    let (side, plan) = launched(&lab.key("F5")).unwrap();
    assert_eq!((side, plan), (Side::CONTAINER, Plan::new(set("uts"))));
}

#[test]
fn a_small_screen_says_which_of_several_is_shown() {
    let mut lab = Lab::with_container(COMPACT, Lang::En, "uts");
    assert_eq!(tabs::names(&lab.state)[2], "Container F4");
    lab.key("a F5");
    lab.start(SECOND);
    assert_eq!(tabs::names(&lab.state)[2], "Container 2/2 F4");
    lab.key("F4");
    let names = tabs::names(&lab.state);
    let Layout::Compact(compact) = lab.state.layout() else {
        panic!("80x24 is compact");
    };
    // A click on the tab that is shown switches to the next container.
    let tab = layout::tabs(compact.tabs, &names)[2].1;
    lab.click(tab.x + 1, tab.y);
    assert_eq!(lab.state.shells.container_side(), Side::CONTAINER);
    // While the shell has the focus, function keys belong to it, so tabs show none.
    assert_eq!(
        tabs::names(&lab.state),
        ["Lesson", "Host", "Container 1/2", "Compare"]
    );
    lab.key("C-5");
    assert_eq!(tabs::names(&lab.state)[2], "Container 1/2 F4");
    lab.state.lang = Lang::ZhCn;
    assert_eq!(tabs::names(&lab.state)[2], "容器 1/2 F4");
}

#[test]
fn the_call_joins_only_namespaces_that_differ() {
    let mut lab = with_a_second_tab();
    lab.state.next_launch.join = Some(Join {
        whose: ContainerNumber::FIRST,
        kinds: NamespaceSet::all(),
    });
    let called = |lab: &Lab| lab.state.called().join.map(|join| join.kinds);
    assert_eq!(called(&lab), Some(set("uts")));
    // Before its snapshot arrives, each kind may be its own.
    lab.state.shells.get_mut(Side::CONTAINER).snapshot = None;
    assert_eq!(called(&lab), Some(NamespaceSet::all()));
}
