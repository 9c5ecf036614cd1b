//! Autoplay: which actions Enter does for the learner, and what counts as done.

use rstest::rstest;

use super::requirements::{lab, said};
use super::{COMPACT, FULL};
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, host, set};
use crate::app::keymap::{Pane, Place};
use crate::app::{Effect, Msg, TypingEvent, code_view, lesson_view};
use crate::lang::Lang;
use crate::lesson::View;
use crate::sandbox::Side;

fn looking(deeds: &str, expr: &str, hint: &str) -> String {
    format!(
        "## Look\n\nx\n\n```proof\n{deeds}\n```\n\n```check\nname = \"looked\"\nexpr = '{expr}'\n```\n\n\
         {hint}## Next\n\nx\n"
    )
}

const HINT: &str = "```hint\ntext = \"Look.\"\n```\n\n";

#[rstest]
#[case::code("code", View::Code, Pane::Code)]
#[case::trace("took", View::Trace, Pane::Trace)]
#[case::compare("compare", View::Compare, Pane::Compare)]
#[case::details("details", View::Details, Pane::Details)]
fn enter_opens_a_view_and_leads_back(
    #[case] name: &str,
    #[case] view: View,
    #[case] pane: Pane,
    #[values(FULL, COMPACT)] size: (u16, u16),
) {
    let steps = looking(&format!("open {name}"), &format!("seen.{name}"), "");
    let mut lab = lab(size, Lang::En, &steps);
    // The first Enter says what is missing.
    assert_eq!(lesson_view::enter_action(&lab.state), EnterAction::Nudge);
    lab.key("Enter");
    assert_eq!(lesson_view::enter_action(&lab.state), EnterAction::Show);
    lab.key("Enter");
    assert_eq!(lab.state.views.focus, pane);
    assert!(lab.state.lesson.opened.contains(&view));
    assert_eq!(lab.state.place(), Place::Shown);
    // The footer begins with this key.
    let mut words = crate::app::keymap::bindings(Place::Shown).map(|it| it.word);
    assert_eq!(words.next(), Some(crate::app::texts::Word::BackToLesson));
    lab.key("Enter");
    assert_eq!(lab.state.views.focus, Pane::Lesson);
    assert!(said(&lab).contains("✔ looked"), "{}", said(&lab));
    lab.key("Enter");
    assert_eq!(lab.state.lesson.walk.step(), 1);
}

#[test]
fn after_a_key_of_the_view_enter_is_the_views() {
    let mut lab = lab(FULL, Lang::En, &looking("open compare", "seen.compare", ""));
    lab.key("Enter Enter");
    assert_eq!(lab.state.place(), Place::Shown);
    let row = lab.state.views.compare.row;
    lab.key("Down");
    assert_eq!(lab.state.place(), Place::Compare);
    assert_ne!(lab.state.views.compare.row, row);
    lab.key("Enter");
    assert_eq!(lab.state.place(), Place::Details);
}

#[test]
fn after_scrolling_enter_still_leads_back() {
    let mut lab = lab(COMPACT, Lang::En, &looking("open code", "seen.code", ""));
    lab.key("Enter Enter Down PgDn j");
    assert_eq!(lab.state.place(), Place::Shown);
    lab.key("Enter");
    assert_eq!(lab.state.views.focus, Pane::Lesson);
}

/// Skeleton, step 3: the program was looked at before the flag was ticked, and not again.
#[rstest]
fn a_program_that_was_seen_with_other_flags_was_not_seen(
    #[values(FULL, COMPACT)] size: (u16, u16),
) {
    let steps = looking("choose uts\nopen code", "chosen.uts and seen.code", "");
    let mut lab = lab(size, Lang::En, &steps);
    lab.key("F7 F2 u");
    assert!(said(&lab).contains("○ looked"), "{}", said(&lab));
    lab.key("F7 F2");
    assert!(said(&lab).contains("✔ looked"), "{}", said(&lab));
}

#[test]
fn the_call_is_in_view_and_so_is_what_a_flag_changes() {
    let mut lab = lab(COMPACT, Lang::En, &looking("open code", "seen.code", ""));
    lab.key("Enter Enter");
    let seen = |lab: &Lab| {
        let (sheet, _) = code_view::view(&lab.state).unwrap();
        let rows = usize::from(sheet.body.height);
        let lines = sheet.lines.iter().skip(sheet.top).take(rows);
        lines
            .map(|line| line.to_string() + "\n")
            .collect::<String>()
    };
    assert!(seen(&lab).contains("pid = clone(child, "), "{}", seen(&lab));
    lab.key("p");
    assert!(seen(&lab).contains("CLONE_NEWPID"), "{}", seen(&lab));
}

#[test]
fn flags_and_views_one_after_the_other() {
    let steps = looking("choose ipc\nopen code", "chosen.ipc and seen.code", "");
    let mut lab = lab(FULL, Lang::En, &steps);
    lab.key("Enter Enter");
    assert_eq!(lab.state.next_launch.flags, set("ipc"));
    assert_eq!(lab.state.place(), Place::Lesson);
    lab.key("Enter");
    assert_eq!(lab.state.place(), Place::Shown);
    lab.key("Enter");
    assert!(said(&lab).contains("✔ looked"), "{}", said(&lab));
}

#[rstest]
#[case::with_a_hint(HINT, EnterAction::Show)]
#[case::an_exam("", EnterAction::StepAnyway)]
fn commands_are_typed_where_there_is_a_hint(#[case] hint: &str, #[case] next: EnterAction) {
    let steps = looking("host: hostname web1", "host.hostname == \"web1\"", hint);
    let mut lab = lab(FULL, Lang::En, &steps);
    lab.key("Enter");
    assert_eq!(lesson_view::enter_action(&lab.state), next);
    let effects = lab.key("Enter");
    let typed = effects.iter().any(|effect| match effect {
        Effect::Type { side, line, .. } => *side == Side::Host && line == "hostname web1",
        _ => false,
    });
    assert_eq!(typed, next == EnterAction::Show);
    // Enter does not repeat it.
    if typed {
        assert_eq!(
            lesson_view::enter_action(&lab.state),
            EnterAction::StepAnyway
        );
    }
}

const LAUNCHING: &str = "## Launch\n\nx\n\n```launch\n```\n\n```check\nname = \"apart\"\nexpr = \
    'own.uts'\n```\n\n## Next\n\nx\n";

#[test]
fn what_was_true_before_the_step_does_not_count() {
    let mut lab = lab(FULL, Lang::En, &format!("## Before\n\nx\n\n{LAUNCHING}"));
    lab.key("F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.key("Enter");
    assert_eq!(lab.state.lesson.walk.step(), 1);
    assert!(said(&lab).contains("○ apart"), "{}", said(&lab));
    // An unrelated change does not make the check true.
    lab.see(Side::Host, host());
    assert!(said(&lab).contains("○ apart"), "{}", said(&lab));
    lab.key("Enter");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert!(said(&lab).contains("✔ apart"), "{}", said(&lab));
}

#[test]
fn what_becomes_true_by_hand_counts() {
    let mut lab = lab(FULL, Lang::En, LAUNCHING);
    lab.key("F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert!(said(&lab).contains("✔ apart"), "{}", said(&lab));
}

#[test]
fn visiting_a_step_before_does_not_count() {
    let mut lab = lab(FULL, Lang::En, &format!("## Before\n\nx\n\n{LAUNCHING}"));
    lab.key("Right Left F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.key("Right");
    assert!(said(&lab).contains("○ apart"), "{}", said(&lab));
}

#[test]
fn what_is_done_while_a_later_step_is_shown_counts() {
    let mut lab = lab(FULL, Lang::En, &format!("## Before\n\nx\n\n{LAUNCHING}"));
    lab.key("Right Right F5");
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    lab.key("Left");
    assert!(said(&lab).contains("✔ apart"), "{}", said(&lab));
}

#[test]
fn an_answer_evaluates_the_checks() {
    let predict = "```predict\nquestion = \"Q?\"\nchoices = [\"a\", \"b\"]\nanswer = 1\nwhy = \"W.\"\n```\n\n";
    let steps =
        looking("choose uts", "chosen.uts", "").replace("```proof", &format!("{predict}```proof"));
    let mut lab = lab(FULL, Lang::En, &format!("## Before\n\nx\n\n{steps}"));
    lab.key("u Right");
    assert!(!said(&lab).contains("✔"), "{}", said(&lab));
    lab.key("1");
    assert!(said(&lab).contains("✔ looked"), "{}", said(&lab));
}

#[test]
fn an_action_waits_for_the_one_before() {
    let deeds = "launch uts\ncontainer: hostname web1";
    let steps = looking(deeds, "container.hostname == \"web1\"", HINT);
    let mut lab = lab(FULL, Lang::En, &steps);
    lab.key("Enter");
    let launches = |effects: &[Effect]| {
        let mut effects = effects.iter();
        effects.any(|effect| matches!(effect, Effect::Launch { .. }))
    };
    assert!(launches(&lab.key("Enter")));
    assert_eq!(
        lesson_view::enter_action(&lab.state),
        EnterAction::ShellStarting(Side::CONTAINER)
    );
    lab.start(Side::CONTAINER);
    lab.see(Side::CONTAINER, container(set("uts")));
    assert_eq!(lesson_view::enter_action(&lab.state), EnterAction::Show);
    let effects = lab.key("Enter");
    let typed =
        |effect: &Effect| matches!(effect, Effect::Type { line, .. } if line == "hostname web1");
    assert!(effects.iter().any(typed), "{effects:?}");
    // The line did not reach its shell: it is next again.
    lab.send(Msg::Typing(
        Side::CONTAINER,
        TypingEvent::Busy {
            program: "vim".into(),
        },
    ));
    assert_eq!(lesson_view::enter_action(&lab.state), EnterAction::Show);
}
