//! What learners do off the lesson's path: fresh labs, other lessons, steps begun anew, deeds ahead of their turn.

use super::requirements::said;
use super::*;

const PROMPT: &str = "\x1b]133;A\x07$ ";

/// The container that was asked for is there, with its own hostname.
fn container_comes(lab: &mut Lab) -> Vec<Effect> {
    lab.start(Side::CONTAINER);
    lab.output(Side::CONTAINER, PROMPT);
    lab.see(Side::CONTAINER, container(set("uts")))
}

/// The lab host that was asked for is there, with its shell. Returns what follows.
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
    let next = lab.state.enter_action();
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

/// Two steps launch the same container. The one that the rebuild launches is that of the first.
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
    let next = lab.state.enter_action();
    assert!(matches!(next, EnterAction::Launch(..)), "{next:?}");
    assert!(
        page(&lab).contains("❯ launch a container"),
        "{}",
        page(&lab)
    );
}

/// A key or a launch in the lab of another lesson makes what that one has left no work for this one.
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
    assert_eq!(lab.state.enter_action(), EnterAction::Rebuild(0));
    let missing = crate::app::rebuild::missing(&lab.state).unwrap();
    assert_eq!(
        missing.what,
        crate::app::rebuild::WhyMissing::OfAnotherLesson
    );
    assert!(!said(&lab).contains('✔'), "{}", said(&lab));
    rebuilds(&mut lab);
    lab.wait(5_000);
    assert_eq!(crate::app::rebuild::missing(&lab.state), None);
}
