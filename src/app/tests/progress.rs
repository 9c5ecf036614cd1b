//! Progress from one session to the next.

use super::FULL;
use crate::app::fixture::{Lab, event, setup};
use crate::app::notice::Notice;
use crate::app::{Effect, Lessons, LessonsEvent, Msg, Setup};
use crate::lang::Lang;
use crate::lesson::Library;
use crate::progress::{self, Course};

/// A lab that keeps progress, starting from this progress.
fn keeping(progress: Course) -> Lab {
    let setup = Setup {
        progress: Some(progress),
        start: None,
        ..setup(FULL, Lang::En)
    };
    Lab::open(setup).0
}

fn kept(effects: &[Effect]) -> Option<&Course> {
    effects.iter().find_map(|effect| match effect {
        Effect::Keep(course) => Some(&**course),
        _ => None,
    })
}

#[test]
fn progress_is_kept_and_resumed() {
    let mut lab = keeping(Course::default());
    lab.get_ready();
    let uts = lab.state.lesson.lessons.index("uts").unwrap();
    for _ in 0..uts {
        lab.key("l Down Enter");
    }
    lab.key("Right");
    let effects = lab.key("2");
    let course = kept(&effects).expect("an answer is kept").clone();
    assert_eq!((course.lesson.as_str(), course.step), ("uts", 1));
    assert!(kept(&lab.key("F1")).is_none(), "nothing was done");
    let progress = lab.state.lesson.walk.progress().clone();

    let mut later = keeping(course.clone());
    later.get_ready();
    assert!(matches!(&later.state.notice, Some((Notice::Resumed, _))));
    assert_eq!(later.state.lesson.walk.lesson(), uts);
    assert_eq!(later.state.lesson.walk.step(), 1);
    let part = progress.pending(lab.state.step().unwrap());
    assert_eq!(
        later
            .state
            .lesson
            .walk
            .progress()
            .pending(later.state.step().unwrap()),
        part
    );
    assert_eq!(
        later.state.lesson.walk.saved(&later.state.lesson.lessons),
        course
    );
}

#[test]
fn a_changed_step_starts_over() {
    let mut lab = keeping(Course::default());
    lab.get_ready();
    lab.key("l Down Enter h");
    let mut course = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    let steps = course.lessons.values_mut().next().unwrap();
    steps.values_mut().next().unwrap().shape = "t".into();
    course.lesson = "gone".into();
    course
        .lessons
        .insert("gone".into(), [(0, progress::StepRecord::default())].into());
    let records = course.lessons.clone();
    let mut later = keeping(course);
    later.get_ready();
    let walk = &later.state.lesson.walk;
    assert_eq!((walk.lesson(), walk.step()), (0, 0));
    assert!(walk.progress_of(1, 0).is_none());
    // Records without a step in these lessons stay saved: the lessons may be back tomorrow.
    assert_eq!(walk.saved(&later.state.lesson.lessons).lessons, records);
    // A step that is done again takes the place of its old record.
    later.key("l Down Enter h");
    let now = later.state.lesson.walk.saved(&later.state.lesson.lessons);
    assert_ne!(now.lessons[id_of(&later, 1)], records[id_of(&later, 1)]);
    assert_eq!(now.lessons["gone"], records["gone"]);
}

fn id_of(lab: &Lab, lesson: usize) -> &str {
    lab.state.lesson.lessons.id(lesson).unwrap()
}

#[test]
fn a_lesson_that_is_absent_for_a_second_loses_nothing() {
    let mut lab = keeping(Course::default());
    lab.get_ready();
    lab.key("l Down Enter h");
    let before = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    let all = lab.state.lesson.lessons.clone();
    let without = |library: &Library| {
        let lessons = library.lessons().enumerate();
        let kept = lessons.filter(|(index, _)| *index != 1);
        kept.map(|(_, lesson)| lesson.clone()).collect()
    };
    let fewer = Lessons {
        en: without(&all.en),
        zh: without(&all.zh),
    };
    lab.state.lesson.lab.used_for = Some(2);
    for (lessons, lab_of) in [(fewer, 1), (all, 2)] {
        let lessons = Box::new(lessons);
        let absent = std::collections::BTreeSet::new();
        lab.send(Msg::Lessons(LessonsEvent::Read {
            lessons,
            absent,
            mistakes: Vec::new(),
        }));
        let now = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
        assert_eq!(now, before);
        assert_eq!(
            lab.state.lesson.lab.used_for,
            Some(lab_of),
            "the same lesson"
        );
    }
    assert_eq!(lab.state.lesson.walk.lesson(), 1);
    assert!(lab.state.lesson.walk.progress_of(1, 0).is_some());
}

#[test]
fn progress_can_be_cleared() {
    let mut lab = keeping(Course::default());
    lab.get_ready();
    lab.key("l Down Enter h");
    let first = lab.state.lesson.walk.saved(&lab.state.lesson.lessons);
    assert_eq!(first.lessons.len(), 1);
    // Backspace forgets the step.
    let effects = lab.state.lesson.walk.clone();
    assert!(kept(&lab.send(Msg::Key(event("Backspace")))).is_some());
    assert!(
        lab.state
            .lesson
            .walk
            .saved(&lab.state.lesson.lessons)
            .lessons
            .is_empty()
    );
    // x twice forgets a lesson.
    lab.state.lesson.walk = effects.clone();
    lab.key("l x Up Down x");
    assert_eq!(
        lab.state.lesson.walk.saved(&lab.state.lesson.lessons),
        first,
        "a key between"
    );
    lab.key("x");
    assert_eq!(lab.state.lesson.walk.step(), 0);
    assert!(
        lab.state
            .lesson
            .walk
            .saved(&lab.state.lesson.lessons)
            .lessons
            .is_empty()
    );
    lab.key("Esc");
    // X twice forgets everything.
    lab.state.lesson.walk = effects;
    lab.key("l X X");
    assert!(
        lab.state
            .lesson
            .walk
            .saved(&lab.state.lesson.lessons)
            .lessons
            .is_empty()
    );
}
