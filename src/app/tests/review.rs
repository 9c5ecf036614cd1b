//! Reviews: the questions that are asked again, and that the learner's own walk stays as it was.

use super::FULL;
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, host, set, setup};
use crate::app::notice::Notice;
use crate::app::review::Score;
use crate::app::review_actions;
use crate::app::{Clock, Effect, LabEvent, Msg, Setup, Topic};
use crate::lang::Lang;
use crate::lesson::View;
use crate::progress::{Course, Recall};
use crate::sandbox::{HostKind, Side};

const DAY: u64 = 24 * 60 * 60;

fn saved(lab: &Lab) -> Course {
    let lesson = &lab.state.lesson;
    lesson.learners_walk().saved(&lesson.lessons)
}

/// How the question of the lesson `uts` was answered over time.
fn recall(lab: &Lab) -> Recall {
    saved(lab).lessons["uts"][&1].recalls[&QUESTION]
}

/// The part of the second step of `uts` that is its question, and its choices.
const QUESTION: usize = 1;
const RIGHT: &str = "2";
const WRONG: &str = "1";

/// At another lesson; the question of `uts` was answered with this key before.
fn answered(key: &str) -> Lab {
    let mut lab = Lab::ready(FULL, Lang::En);
    lab.go("uts", 1);
    lab.key(key);
    lab.go("views", 0);
    lab
}

/// The learner asks for a review; no program runs.
fn ask(lab: &mut Lab) -> Vec<Effect> {
    assert_eq!(lab.key("l r"), [Effect::AskRunning]);
    let programs = Vec::new();
    lab.send(Msg::Running { programs })
}

/// The lab host that was asked for comes, and gets the starting state of the second step of `uts`.
fn starting_state_comes(lab: &mut Lab) {
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    lab.start(Side::Host);
    lab.output(Side::Host, "\x1b]133;A\x07[host] root@vm:~# ");
    lab.see(Side::Host, host());
    lab.start(Side::CONTAINER);
    lab.output(
        Side::CONTAINER,
        "\x1b]133;A\x07[container] root@container:~# ",
    );
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.wait(1_000);
}

#[test]
fn a_wrong_answer_is_asked_again_at_once_and_a_right_one_a_day_later() {
    let mut lab = answered(RIGHT);
    ask(&mut lab);
    let wait = Notice::NothingToReview(Some(DAY));
    assert_eq!(lab.state.notice.as_ref().unwrap().0, wait);
    assert!(lab.state.lesson.review.is_none());
    lab.now += std::time::Duration::from_secs(DAY);
    lab.key("Esc");
    ask(&mut lab);
    assert!(lab.state.lesson.review.is_some());

    let mut lab = answered(WRONG);
    ask(&mut lab);
    assert_eq!(lab.state.lesson.walk.step(), 1);
}

/// A view that was opened in the lesson was not opened in the review, and the other way round.
#[test]
fn a_review_knows_no_view_that_was_opened_before_it() {
    let mut lab = answered(WRONG);
    lab.key("F7 F2");
    assert_eq!(lab.state.lesson.opened, [View::Code]);
    ask(&mut lab);
    assert_eq!(lab.state.lesson.opened, []);
    starting_state_comes(&mut lab);
    lab.key("F7 F2");
    assert_eq!(lab.state.lesson.opened, [View::Code]);
    lab.key("]");
    assert_eq!(lab.state.lesson.opened, []);
}

#[test]
fn a_review_leaves_the_lesson_as_it_was() {
    let mut lab = answered(WRONG);
    let before = saved(&lab);
    assert_eq!(recall(&lab).right, 0);
    let effects = ask(&mut lab);
    let host = HostKind::Lab;
    assert!(
        effects.contains(&Effect::StartLab { host, share: None }),
        "{effects:?}"
    );
    starting_state_comes(&mut lab);
    assert_eq!(lab.state.lesson.lesson(Lang::En).unwrap().id, "uts");
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Choose);
    lab.key(RIGHT);
    assert_eq!(recall(&lab).right, 1);
    let mut after = saved(&lab);
    after
        .lessons
        .get_mut("uts")
        .unwrap()
        .get_mut(&1)
        .unwrap()
        .recalls = before.lessons["uts"][&1].recalls.clone();
    assert_eq!(after, before, "place, answers and ticks stay");
    lab.key("]");
    assert!(lab.state.lesson.review.is_none());
    assert_eq!(lab.state.lesson.lesson(Lang::En).unwrap().id, "views");
}

#[test]
fn a_review_counts_the_right_answers() {
    let mut lab = answered(WRONG);
    ask(&mut lab);
    starting_state_comes(&mut lab);
    lab.key(RIGHT);
    let review = lab.state.lesson.review.as_ref().unwrap();
    assert_eq!(review.score, Score { right: 1, asked: 1 });
    assert_eq!(review.progress(), (1, 1));
    assert_eq!(review.left(), 0);
}

#[test]
fn restarting_the_lesson_during_a_review_ends_the_review_alone() {
    let mut lab = answered(WRONG);
    let before = saved(&lab);
    ask(&mut lab);
    starting_state_comes(&mut lab);
    lab.key("B");
    assert!(lab.state.lesson.review.is_none());
    assert_eq!(saved(&lab), before);
}

#[test]
fn a_program_in_a_shell_is_not_ended_without_being_asked() {
    let mut lab = answered(WRONG);
    lab.key("l r");
    let programs = vec![(Side::Host, "vim".to_owned())];
    lab.send(Msg::Running { programs });
    assert!(lab.state.lesson.review.is_none());
    lab.key("r");
    assert!(lab.state.lesson.review.is_some());
}

#[test]
fn a_lab_can_begin_with_a_review() {
    let open = |progress: Course, topic: Topic, seconds: u64| {
        let (lab, _) = Lab::open(Setup {
            progress: Some(progress),
            start: None,
            clock: Clock::new(std::time::Instant::now(), seconds),
            review: Some(topic),
            ..setup(FULL, Lang::En)
        });
        lab
    };
    let nothing = open(Course::default(), Topic::Due, 0);
    let sentence = review_actions::nothing_to_review(&nothing.state).unwrap();
    assert!(sentence.contains("Nothing to review yet"), "{sentence}");
    let right = saved(&answered(RIGHT));
    let early = open(right.clone(), Topic::Due, DAY / 2);
    let sentence = review_actions::nothing_to_review(&early.state).unwrap();
    assert!(sentence.contains("in 12 hours"), "{sentence}");
    let of_lesson = open(right.clone(), Topic::Lesson("uts".into()), DAY / 2);
    assert!(of_lesson.state.lesson.review.is_some());
    let mut lab = open(right, Topic::Due, DAY);
    assert_eq!(review_actions::nothing_to_review(&lab.state), None);
    starting_state_comes(&mut lab);
    assert_eq!(lab.state.lesson.walk.step(), 1);
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Choose);
}
