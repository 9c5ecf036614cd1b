//! The last page of the course: the steps that were done, that were shown, and that are left.

use super::{COMPACT, FULL};
use crate::app::course_end;
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, host, one_lesson};
use crate::app::lesson_view;
use crate::app::views::Overlay;
use crate::lang::Lang;
use crate::sandbox::Side;

fn text(lab: &Lab) -> String {
    let lines = course_end::lines(&lab.state);
    let lines = lines.iter().map(|it| it.to_string().trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn it_claims_nothing_before_anything_was_done() {
    for lang in Lang::ALL {
        let lab = Lab::ready(FULL, lang);
        insta::assert_snapshot!(format!("untouched_{}", lang.name()), text(&lab));
    }
}

const STEPS: &str = r#"## One

```predict
question = "Who is root?"
choices = ["I am", "You are"]
answer = 2
why = "Because."
```

```predict
question = "And who is not?"
choices = ["I am", "You are"]
answer = 1
why = "Because."
```

## Your turn

Call the host pc.

```check
name = "the host is pc"
expr = 'host.hostname == "pc"'
```

```hint
text = "Which command names?"
```

```hint
text = "So:"
solution = "host: hostname pc"
```
"#;

/// At the last step of a course, whose questions were answered with these keys.
fn at_the_end(size: (u16, u16), answers: &str) -> Lab {
    let mut lab = Lab::with(size, Lang::En, one_lesson("[]", STEPS));
    lab.get_ready();
    lab.see(Side::Host, host());
    lab.key(answers);
    lab.key("]");
    lab.arrive();
    lab
}

fn named(lab: &mut Lab) {
    let mut named = host();
    named.hostname = "pc".into();
    lab.see(Side::Host, named);
    lab.wait(2_000);
}

#[test]
fn enter_after_the_last_step_shows_it_and_it_scrolls() {
    let mut lab = at_the_end(COMPACT, "1 1");
    named(&mut lab);
    assert_eq!(lesson_view::enter_action(&lab.state), EnterAction::Finished);
    lab.key("Enter");
    assert_eq!(
        lab.state.views.overlay,
        Some(Overlay::CourseEnd { scroll: 0 })
    );
    let said = text(&lab).replace('\n', " ");
    for part in [
        "Lessons: 1 of 1 done.",
        "Steps: 2 of 2 done, 0 of them shown to you; 0 left.",
        "of 2, 1 right, 1 wrong, 0 not measured, 0 skipped; 0 not asked yet.",
        "2/2    1/2 right",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(!said.contains("Go on with lesson"), "{said}");
    lab.key("Esc");
    assert_eq!(lab.state.views.overlay, None);
    lab.key("l e");
    assert!(matches!(
        lab.state.views.overlay,
        Some(Overlay::CourseEnd { .. })
    ));
}

#[test]
fn a_task_that_enter_has_done_counts_as_shown_in_the_next_session_too() {
    let mut lab = at_the_end(FULL, "1 s");
    // The first Enter names the missing part, the next one shows it.
    lab.key("Enter");
    assert_eq!(enter_action::enter_action(&lab.state), EnterAction::Show);
    lab.key("Enter");
    named(&mut lab);
    let said = text(&lab);
    for part in [
        "1 of them shown to you",
        "0 right, 1 wrong",
        "1 skipped",
        "1 shown",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let lessons = lab.state.lesson.lessons.clone();
    let saved = lab.state.lesson.walk.saved(&lessons);
    let mut later = Lab::with(FULL, Lang::En, lessons.clone());
    later.state.lesson.walk.load(&saved, &lessons);
    assert_eq!(text(&later), said);
}
