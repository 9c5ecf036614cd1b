//! The questions of the open lesson about the sides, and when the answers are read.

use crate::app::fixture::{Lab, one_lesson};
use crate::app::{Effect, LessonsEvent, Msg, ShellEvent};
use crate::lang::Lang;
use crate::observe::{Asked, Question};
use crate::sandbox::Side;

const SIZE: (u16, u16) = (120, 40);

fn asking(path: &str) -> String {
    let expr = format!("host.file[\"{path}\"].exists and not container.file[\"{path}\"].exists");
    format!("## S\n```check\nname = \"n\"\nexpr = '{expr}'\n```\n")
}

fn asked_in(effects: &[Effect]) -> Vec<(Side, Vec<Question>)> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Ask { side, questions } => Some((*side, questions.clone())),
        _ => None,
    });
    asked.collect()
}

fn file(path: &str) -> Vec<Question> {
    vec![Question::File(path.to_owned())]
}

#[test]
fn a_side_is_asked_when_its_shell_runs_and_once() {
    let mut lab = Lab::with(SIZE, Lang::En, one_lesson("[\"uts\"]", &asking("/a")));
    lab.send(Msg::Lab(crate::app::LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    assert_eq!(asked_in(&lab.start(Side::Host)), [(Side::Host, file("/a"))]);
    assert_eq!(asked_in(&lab.wait(1000)), []);
    lab.key("F5");
    let started = lab.start(Side::CONTAINER);
    assert_eq!(asked_in(&started), [(Side::CONTAINER, file("/a"))]);
    // A container that is launched again is asked again.
    lab.key("F5");
    let started = lab.start(Side::CONTAINER);
    assert_eq!(asked_in(&started), [(Side::CONTAINER, file("/a"))]);
}

#[test]
fn nothing_is_asked_where_no_expression_asks() {
    let steps = "## S\n```check\nname = \"n\"\nexpr = 'host.hostname == \"web1\"'\n```\n";
    let mut lab = Lab::at_steps(SIZE, Lang::En, "[\"uts\"]", steps);
    lab.key("F5");
    assert_eq!(asked_in(&lab.start(Side::CONTAINER)), []);
}

#[test]
fn a_saved_lesson_asks_what_it_says_now() {
    let mut lab = Lab::at_steps(SIZE, Lang::En, "[\"uts\"]", &asking("/a"));
    for (saved, questions) in [
        (asking("/b"), file("/b")),
        ("## S\ntext\n".to_owned(), Vec::new()),
    ] {
        let effects = lab.send(Msg::Lessons(LessonsEvent::Read {
            lessons: Box::new(one_lesson("[\"uts\"]", &saved)),
            absent: std::collections::BTreeSet::new(),
            mistakes: Vec::new(),
        }));
        assert_eq!(asked_in(&effects), [(Side::Host, questions)]);
    }
}

#[test]
fn what_is_not_known_makes_no_check_true() {
    let mut lab = Lab::at_steps(
        SIZE,
        Lang::En,
        "[\"uts\"]",
        "## S\n```check\nname = \"n\"\nexpr = 'not host.file[\"/a\"].exists'\n```\n",
    );
    let done = |lab: &Lab| lab.state.lesson.walk.progress().done(0);
    let answer = |lab: &mut Lab, asked: Asked| {
        let launch = lab.launch_of(Side::Host);
        lab.send(Msg::Shell(
            Side::Host,
            launch,
            ShellEvent::Asked(Box::new(asked)),
        ));
    };
    answer(&mut lab, Asked::default());
    assert!(!done(&lab));
    let gone = serde_json::json!({ "file": { "/a": { "exists": false } }, "process": {} });
    answer(&mut lab, serde_json::from_value(gone).unwrap());
    assert!(done(&lab));
}
