//! A lesson in front of an audience: restarted by one key, and Enter skips predictions.

use rstest::rstest;

use super::{COMPACT, FULL};
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, set};
use crate::app::keymap::{Pane, Place};
use crate::app::notice::Notice;
use crate::app::shells::Phase;
use crate::app::walk::QuestionAnswer;
use crate::app::{Effect, Msg};
use crate::lang::Lang;
use crate::namespace::NamespaceSet;
use crate::sandbox::{HostKind, Side};

/// The lesson `uts` at its second step: its container is renamed, and the code view was open.
fn midway(size: (u16, u16)) -> Lab {
    let mut lab = Lab::with_container(size, Lang::En, "uts");
    lab.key("F2 Right 2 i c F2");
    let mut renamed = container(set("uts"));
    renamed.hostname = "web1".into();
    lab.see(Side::CONTAINER, renamed);
    lab
}

#[rstest]
fn one_key_restarts_the_lesson(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values("B", "F11")] key: &str,
) {
    let mut lab = midway(size);
    let lesson = lab.state.lesson.walk.lesson();
    assert_eq!(lab.state.lesson.walk.step(), 1);
    assert!(!lab.state.lesson.opened.is_empty());
    assert_eq!(lab.key(key), [Effect::AskRunning]);
    let host = HostKind::Lab;
    let effects = lab.send(Msg::Running {
        programs: Vec::new(),
    });
    assert!(
        effects.contains(&Effect::StartLab { host, share: None }),
        "{effects:?}"
    );
    assert_eq!(
        (lab.state.lesson.walk.lesson(), lab.state.lesson.walk.step()),
        (lesson, 0)
    );
    assert!(
        lab.state
            .lesson
            .walk
            .saved(&lab.state.lesson.lessons)
            .lessons
            .is_empty()
    );
    assert!(lab.state.lesson.opened.is_empty());
    assert_eq!(lab.state.next_launch.flags, NamespaceSet::EMPTY);
    assert_eq!(lab.state.shells.container().phase, Phase::Absent);
    assert_eq!(lab.state.views.focus, Pane::Lesson);
}

/// The progress in other lessons stays, and so do records that belong to no lesson of this course.
#[rstest]
fn a_lesson_of_the_list_is_done_afresh(
    #[values(FULL, COMPACT)] size: (u16, u16),
    #[values("x", "Delete")] key: &str,
) {
    let mut lab = midway(size);
    let uts = lab.state.lesson.walk.lesson();
    lab.key("2");
    let before = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    assert!(before.lessons.contains_key("uts"));
    // From another lesson, in which something is done as well.
    lab.key("l Home Enter");
    while lab
        .state
        .lesson
        .walk
        .question(lab.state.step().unwrap())
        .is_none()
    {
        lab.key("Right");
    }
    lab.key("1 l Home");
    for _ in 0..uts {
        lab.key("Down");
    }
    // Asked once: any other key changes nothing.
    lab.key(key);
    assert_eq!(lab.state.notice.as_ref().unwrap().0, Notice::ForgetLesson);
    lab.key("Up Down");
    let kept = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    assert_eq!(kept.lessons["uts"], before.lessons["uts"]);
    lab.key(key);
    let host = HostKind::Lab;
    let effects = lab.key(key);
    assert!(
        effects.contains(&Effect::StartLab { host, share: None }),
        "{effects:?}"
    );
    assert_eq!(lab.state.lesson.walk.place(), (uts, 0));
    assert_eq!(lab.state.views.overlay, None);
    let mut rest = kept.lessons;
    rest.remove("uts");
    assert!(!rest.is_empty());
    let now = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    assert_eq!((now.lesson.as_str(), now.step), ("uts", 0));
    assert_eq!(now.lessons, rest);
    // The question is asked again.
    lab.key("Right");
    assert!(
        lab.state
            .lesson
            .walk
            .question(lab.state.step().unwrap())
            .is_some()
    );
}

#[test]
fn restarting_asks_first_while_a_program_runs() {
    let mut lab = midway(FULL);
    lab.key("B");
    let (side, program) = (Side::Host, "vim".to_owned());
    let programs = vec![(side, program.clone())];
    assert_eq!(lab.send(Msg::Running { programs }), []);
    let notice = Notice::BeginAgain { side, program };
    assert_eq!(lab.state.notice.as_ref().unwrap().0, notice);
    assert_eq!(lab.state.lesson.walk.step(), 1);
    // Another key cancels the restart.
    lab.key("Up");
    assert_eq!(lab.key("B"), [Effect::AskRunning]);
    let programs = vec![(Side::Host, "vim".to_owned())];
    lab.send(Msg::Running { programs });
    let host = HostKind::Lab;
    assert!(
        lab.key("B")
            .contains(&Effect::StartLab { host, share: None })
    );
    assert_eq!(lab.state.lesson.walk.step(), 0);
}

#[test]
fn an_unexpected_list_of_programs_changes_nothing() {
    let mut lab = midway(FULL);
    lab.key("B q");
    let programs = vec![(Side::Host, "vim".to_owned())];
    lab.send(Msg::Running { programs });
    assert_eq!(lab.state.place(), Place::QuitQuestion);
    lab.key("n");
    let programs = Vec::new();
    assert_eq!(lab.send(Msg::Running { programs }), []);
    assert_eq!(lab.state.lesson.walk.step(), 1);
}

#[rstest]
fn a_second_enter_skips_the_prediction(#[values(0, 60_000)] later: u64) {
    let mut lab = Lab::with_container((120, 60), Lang::En, "uts");
    lab.key("F2 Right");
    assert_eq!(lab.state.place(), Place::Prediction);
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Choose);
    lab.key("Enter");
    assert_eq!(lab.state.notice.as_ref().unwrap().0, Notice::ChooseFirst);
    // No matter how long the audience thinks.
    lab.wait(later);
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Skip);
    // A choice can still be made.
    let mut chosen = Lab {
        state: lab.state,
        now: lab.now,
    };
    chosen.key("Down");
    assert_eq!(
        enter_action::enter_action(&chosen.state),
        EnterAction::Answer(0)
    );
    chosen.state.lesson.walk.progress_mut().choice = None;
    chosen.key("Enter");
    let step = chosen.state.step().unwrap();
    let question =
        (0..step.parts.len()).find_map(|part| chosen.state.lesson.walk.progress().answer(part));
    assert_eq!(question, Some(QuestionAnswer::Skipped));
    assert_ne!(chosen.state.place(), Place::Prediction);
}
