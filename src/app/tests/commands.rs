//! The lines that a lesson types, and how they end.

use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, set};
use crate::app::{Effect, Msg, ShellEvent};
use crate::lang::Lang;
use crate::sandbox::{Exit, Side};

const SIZE: (u16, u16) = (120, 40);
const PROMPT: &str = "\x1b]133;D;1;aid=7\x07\x1b]133;A\x07# ";
const RUNS: &str = "\x1b]133;C;aid=7\x07";

/// A lab whose only lesson has this one step.
fn lab(step: &str) -> Lab {
    Lab::at_steps(SIZE, Lang::En, "[\"uts\"]", &format!("## S\n{step}"))
}

#[test]
fn a_line_waits_for_its_live_values() {
    let mut lab = lab("```run host\nkill {{ container.nspid[1] }}\n```\n");
    // The value comes with the container.
    let first = match lab.state.enter_action() {
        EnterAction::LaunchFirst(side, plan) => Some((side, plan.flags)),
        _ => None,
    };
    assert_eq!(first, Some((Side::CONTAINER, set("uts"))));
    lab.key("Enter");
    assert_eq!(
        lab.state.enter_action(),
        EnterAction::ShellStarting(Side::CONTAINER)
    );
    lab.start(Side::CONTAINER);
    // The container runs, but no snapshot of it has arrived.
    assert_eq!(
        lab.state.enter_action(),
        EnterAction::ValueMissing("container.nspid[1]")
    );
    assert_eq!(lab.key("Enter"), []);
    let mut snapshot = container(set("uts"));
    snapshot.nspid = vec![4242, 77, 8];
    lab.see(Side::CONTAINER, snapshot);
    let effects = lab.key("F2 Enter");
    assert!(
        matches!(effects.as_slice(), [Effect::Type { side: Side::Host, line, at_prompt: false }, ..] if line == "kill 77"),
        "{effects:?}"
    );
}

#[test]
fn a_check_can_look_at_the_last_command() {
    let check = "```check\nname = \"n\"\nexpr = 'host.last.status == 1 and \"denied\" in host.last.output'\n```\n";
    let mut lab = lab(check);
    let done = |lab: &Lab| lab.state.lesson.walk.progress().done(0);
    lab.output(Side::Host, PROMPT);
    lab.output(Side::Host, &format!("x\r\n{RUNS}x: de"));
    lab.output(Side::Host, "nied\r\n");
    assert!(!done(&lab));
    lab.output(Side::Host, PROMPT);
    assert!(done(&lab));
}

#[test]
fn a_shell_in_a_shell_may_be_typed_into() {
    let mut lab = lab("```run host\nhostname x\n```\n");
    let inner = PROMPT.replace("aid=7", "aid=9");
    lab.output(
        Side::Host,
        &format!("{PROMPT}unshare -u bash\r\n{RUNS}{inner}"),
    );
    let effects = lab.key("Enter");
    assert!(
        matches!(
            effects.as_slice(),
            [Effect::Type {
                at_prompt: true,
                ..
            }]
        ),
        "{effects:?}"
    );
}

#[test]
fn a_snapshot_after_the_exit_is_ignored() {
    let mut lab = Lab::with_container(SIZE, Lang::En, "uts");
    let side = Side::CONTAINER;
    let launch = lab.launch_of(side);
    lab.send(Msg::Shell(
        side,
        launch,
        ShellEvent::Exited(Exit::Status(0)),
    ));
    lab.see(side, container(set("uts")));
    assert_eq!(lab.state.shells.container().snapshot, None);
}
