//! The recap: its sentences about the learner's predictions, and that it asks the wrong ones again.

use super::FULL;
use crate::app::fixture::{Lab, host, one_lesson};
use crate::app::lesson_view;
use crate::app::notice::Notice;
use crate::app::review::Score;
use crate::app::{LabEvent, Msg};
use crate::lang::Lang;
use crate::sandbox::Side;

const STEPS: &str = r#"## One

```predict
question = "Who is root?"
choices = ["I am", "You are"]
answer = 2
why = "Because."
measured = "uid {{ host.uid }}"
```

```predict
question = "And who is not?"
choices = ["I am", "You are"]
answer = 1
why = "Because."
```

## Two

```predict
question = "What is the host called?"
choices = ["vm", "pc"]
answer = 1
why = "It is a vm."
exprs = ['host.hostname == "vm"', 'host.hostname == "pc"']
```

## Recap

```recap
sentences = ["One `id`.", "Two ids.", "Three ids."]
```

Left behind: nothing.
"#;

/// A lab at its recap, after these answers in the two steps before.
fn answered(answers: [&str; 2]) -> Lab {
    let mut lab = Lab::with(FULL, Lang::En, one_lesson("[]", STEPS));
    lab.get_ready();
    lab.see(Side::Host, host());
    for keys in answers.into_iter().filter(|it| !it.is_empty()) {
        lab.key(keys);
        lab.wait(2_000);
        lab.key("]");
        lab.arrive();
    }
    let last = lab.state.lesson().unwrap().steps.len() - 1;
    lab.go("uts", last);
    lab
}

fn text(lab: &Lab) -> String {
    let view = lesson_view::view(&lab.state).unwrap();
    let lines = view.lines.iter().map(|it| it.line.to_string());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn predictions_stand_beside_what_was_measured() {
    insta::assert_snapshot!(text(&answered(["1 1", "1"])));
}

#[test]
fn without_predictions_nothing_is_claimed() {
    let said = text(&answered(["", ""]));
    assert!(
        said.contains("You answered none of the 3 questions."),
        "{said}"
    );
    for claim in ["Who is root", "measured", "right", "w:"] {
        assert!(!said.contains(claim), "{claim}: {said}");
    }
}

#[test]
fn what_was_answered_rightly_is_not_offered_again() {
    let mut lab = answered(["2 1", "1"]);
    let said = text(&lab);
    assert!(said.contains("3 right, 3 of 3"), "{said}");
    assert!(!said.contains("w:"), "{said}");
    lab.key("w");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    assert!(lab.state.lesson.review.is_none());
    assert_eq!(lab.state.notice.as_ref().unwrap().0, Notice::NothingWrong);
}

#[test]
fn the_wrong_ones_are_asked_again_and_the_recap_comes_back() {
    let mut lab = answered(["1 1", "1"]);
    assert!(text(&lab).contains("w: ask me again the question"));
    lab.key("w");
    let programs = Vec::new();
    lab.send(Msg::Running { programs });
    let review = lab.state.lesson.review.as_ref().unwrap();
    assert_eq!(
        review.progress(),
        (1, 1),
        "the step with the wrong answer alone"
    );
    assert_eq!(lab.step_title(), "One");
    lab.send(Msg::Lab(LabEvent::Ready {
        steps: Vec::new(),
        shortfalls: Vec::new(),
    }));
    lab.start(Side::Host);
    lab.see(Side::Host, host());
    lab.wait(1_000);
    lab.key("2 1");
    lab.wait(2_000);
    let score = lab.state.lesson.review.as_ref().unwrap().score;
    assert_eq!(score, Score { right: 2, asked: 2 });
    lab.key("]");
    assert_eq!(lab.step_title(), "Recap");
    let said = text(&lab);
    assert!(
        said.contains("2 right, 3 of 3"),
        "the first answer stays: {said}"
    );
    assert!(!said.contains("w:"), "{said}");
}
