//! The lines that a lesson types, and how they end.

use std::time::Duration;

use super::requirements::said;
use crate::app::enter_action;
use crate::app::enter_action::EnterAction;
use crate::app::fixture::{Lab, container, one_lesson, set, setup};
use crate::app::notice::Notice;
use crate::app::{Effect, Msg, Setup, ShellEvent, TypingEvent};
use crate::facts::Facts;
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
    let first = match enter_action::enter_action(&lab.state) {
        EnterAction::LaunchFirst(side, plan) => Some((side, plan.flags)),
        _ => None,
    };
    assert_eq!(first, Some((Side::CONTAINER, set("uts"))));
    lab.key("Enter");
    assert_eq!(
        enter_action::enter_action(&lab.state),
        EnterAction::ShellStarting(Side::CONTAINER)
    );
    lab.start(Side::CONTAINER);
    // The container runs, but no snapshot of it has arrived.
    assert_eq!(
        enter_action::enter_action(&lab.state),
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

/// A command with this line ends in the host's shell.
fn fails(lab: &mut Lab, line: &str, printed: &str) -> Vec<Effect> {
    let end = PROMPT.replace(";aid=7", &format!(";aid=7;cmdline=\t {line}\r\n"));
    lab.output(Side::Host, &format!("{line}\r\n{RUNS}{printed}\r\n{end}"))
}

/// The facts that a refused command asks for arrive.
fn answer(lab: &mut Lab, effects: &[Effect], facts: Facts) {
    let command = effects.iter().find_map(|effect| match effect {
        Effect::AskFacts { side, command } if *side == Side::Host => Some(*command),
        _ => None,
    });
    let command = command.expect("facts are asked for");
    let facts = Box::new(facts);
    let event = ShellEvent::Facts { command, facts };
    let launch = lab.launch_of(Side::Host);
    lab.send(Msg::Shell(Side::Host, launch, event));
}

/// The facts of a shell without capabilities.
fn incapable() -> Facts {
    Facts {
        capabilities: Some(0),
        ..Facts::default()
    }
}

const REFUSED: &str = "hostname: you must be root to change the host name";

#[test]
fn a_failed_line_of_the_lesson_is_explained_beside_it() {
    for (lang, left) in [(Lang::En, "It failed"), (Lang::ZhCn, "执行失败")] {
        let mut lab = Lab::at_steps(
            SIZE,
            lang,
            "[\"uts\"]",
            "## S\n```run host\nhostname x\n```\n",
        );
        lab.output(Side::Host, PROMPT);
        lab.key("Enter");
        let effects = fails(&mut lab, "hostname x", REFUSED);
        answer(&mut lab, &effects, incapable());
        let said = said(&lab);
        assert!(said.contains(left), "{said}");
        assert!(said.contains("CAP_SYS_ADMIN"), "{said}");
        assert_eq!(lab.state.shells.get(Side::Host).why(), None);
    }
}

#[test]
fn a_failed_line_of_the_learner_is_explained_until_the_next_one() {
    let mut lab = lab("Text.\n");
    let why = |lab: &Lab| lab.state.shells.get(Side::Host).why().cloned();
    lab.output(Side::Host, PROMPT);
    let effects = fails(&mut lab, "hostname x", REFUSED);
    assert_eq!(why(&lab), None);
    answer(&mut lab, &effects, incapable());
    let words = why(&lab).unwrap().words(Lang::En);
    assert!(words.contains("CAP_SYS_ADMIN"), "{words}");
    lab.output(Side::Host, RUNS);
    assert_eq!(why(&lab), None);
    lab.output(Side::Host, &PROMPT.replace("D;1", "D;0"));
    assert_eq!(why(&lab), None);
}

#[test]
fn facts_are_not_asked_for_in_vain() {
    let mut lab = lab("Text.\n");
    lab.output(Side::Host, PROMPT);
    let effects = fails(&mut lab, "grep x /etc/passwd", "nothing");
    assert_eq!(effects, []);
    // A missing command without a known package: the shell itself has said that it is missing.
    let effects = fails(&mut lab, "sl", "bash: sl: command not found");
    answer(&mut lab, &effects, Facts::default());
    assert_eq!(lab.state.shells.get(Side::Host).why(), None);
    let effects = fails(&mut lab, "tcpdump", "bash: nsenter: command not found");
    answer(&mut lab, &effects, Facts::default());
    assert!(lab.state.shells.get(Side::Host).why().is_some());
}

/// How many commands of the host's shell a check of the step can ask about.
fn of_step(lab: &Lab) -> Vec<(String, i32)> {
    let state = &lab.state;
    let known = state.lesson.known(&state.shells, state.next_launch.flags);
    let commands = known.host.commands.iter();
    commands.map(|it| (it.line.to_owned(), it.status)).collect()
}

#[test]
fn a_step_has_the_commands_that_ended_since_it_was_opened() {
    let ended = |line: &str, status: i32| {
        format!("\x1b]133;C;aid=1\x07\x1b]133;D;{status};aid=1;cmdline={line}\x07\x1b]133;A\x07")
    };
    let mut lab = Lab::ready(SIZE, Lang::En);
    lab.output(Side::Host, &ended("one", 0));
    assert_eq!(of_step(&lab), [("one".to_owned(), 0)]);
    lab.key("Right");
    assert!(of_step(&lab).is_empty());
    for number in 0..20 {
        lab.output(Side::Host, &ended("more", number));
    }
    let last_sixteen: Vec<_> = (4..20).map(|status| ("more".to_owned(), status)).collect();
    assert_eq!(of_step(&lab), last_sixteen);
    // A shell that is launched again has no commands of the old one.
    lab.output(Side::Host, &ended("exit", 3));
    let launch = lab.launch_of(Side::Host);
    let exit = ShellEvent::Exited(Exit::Status(3));
    lab.send(Msg::Shell(Side::Host, launch, exit));
    lab.key("F3 Enter");
    lab.start(Side::Host);
    assert!(of_step(&lab).is_empty());
    lab.output(Side::Host, &ended("new", 0));
    assert_eq!(of_step(&lab), [("new".to_owned(), 0)]);
}

#[test]
fn a_command_is_typed_key_by_key_and_a_key_skips_the_rest() {
    let steps = "## Look\n\nx\n\n```run host\nls\npwd\nid\n```\n";
    let mut lab = Lab::open(Setup {
        lessons: one_lesson("[]", steps),
        key_pause: Duration::from_millis(40),
        ..setup(SIZE, Lang::En)
    })
    .0;
    lab.get_ready();
    let writes = |effects: Vec<Effect>| -> Vec<String> {
        let writes = effects.into_iter().filter_map(|it| match it {
            Effect::Write { side, bytes } => {
                assert_eq!(side, Side::Host);
                Some(String::from_utf8(bytes).unwrap())
            }
            _ => None,
        });
        writes.collect()
    };
    let cleared = Effect::ClearLine {
        side: Side::Host,
        at_prompt: false,
    };
    assert!(lab.key("Enter").contains(&cleared));
    for key in ["l", "s", "\r"] {
        assert_eq!(enter_action::enter_action(&lab.state), EnterAction::TypeOut);
        assert_eq!(writes(lab.wait(0)), [key]);
        assert_eq!(writes(lab.wait(39)), [""; 0]);
        lab.now += Duration::from_millis(1);
    }
    // Enter skips, and does no more; the next Enter is for the next command.
    lab.key("Enter");
    assert_eq!(writes(lab.wait(0)), ["p"]);
    assert_eq!(writes(lab.key("Enter")), ["wd\r"]);
    assert!(
        matches!(enter_action::enter_action(&lab.state), EnterAction::Type { line, .. } if line.source() == "id")
    );
    // A busy shell gets none of it.
    lab.key("Enter");
    let (side, program) = (Side::Host, "vim".into());
    lab.send(Msg::Typing(side, TypingEvent::Busy { program }));
    assert_eq!(writes(lab.wait(1_000)), [""; 0]);
    // Input of the learner comes after the whole command.
    lab.key("Enter");
    assert_eq!(writes(lab.key("F3")), ["id\r"]);
}

/// Bash drops the input between Ctrl-C and its prompt.
#[test]
fn no_key_hurries_a_line_that_waits_until_a_half_typed_command_is_given_up() {
    let mut lab = Lab::open(Setup {
        lessons: one_lesson("[]", "## Look\n\nx\n\n```run host\nls\n```\n"),
        key_pause: Duration::from_millis(40),
        ..setup(SIZE, Lang::En)
    })
    .0;
    lab.get_ready();
    lab.output(
        Side::Host,
        &format!("{RUNS}{PROMPT}{RUNS}{PROMPT}cat <<X\r\n> "),
    );
    let written = |effects: Vec<Effect>| -> String {
        let writes = effects.into_iter().filter_map(|it| match it {
            Effect::Write { bytes, .. } => Some(String::from_utf8(bytes).unwrap()),
            _ => None,
        });
        writes.collect()
    };
    let side = Side::Host;
    assert!(lab.key("Enter").contains(&Effect::Cancel { side }));
    assert_eq!(written(lab.key("Enter")), "");
    assert_eq!(lab.wait(240), []);
    // bash 5.2.15 may have noted Ctrl-C without acting on it.
    assert_eq!(lab.wait(20), [Effect::Cancel { side }]);
    assert_eq!(lab.wait(200), []);
    lab.output(side, &format!("^C\r\n{PROMPT}"));
    assert_eq!(written(lab.wait(20)), "ls\r");
}

/// A lab whose step types these lines into the host's shell, which is at its prompt.
fn typing(lines: &str) -> Lab {
    let mut lab = lab(&format!("```run host\n{lines}\n```\n"));
    lab.output(Side::Host, PROMPT);
    lab
}

/// The end of a command with this status and line, and the next prompt.
fn ended(aid: u32, status: i32, line: &str) -> String {
    format!("\x1b]133;D;{status};aid={aid};cmdline=\t {line}\n\x07\x1b]133;A\x07# ")
}

#[test]
fn an_alias_that_ends_well_is_told() {
    for lang in Lang::ALL {
        let step = "## S\n```run host\nip link\n```\n";
        let mut lab = Lab::at_steps(SIZE, lang, "[]", step);
        let names = "\x1b]133;N;;alias ip='ip -br'\n\x07";
        lab.output(Side::Host, &format!("{names}{PROMPT}"));
        lab.key("Enter");
        lab.output(Side::Host, &format!("{RUNS}{}", ended(7, 0, "ip link")));
        let said = said(&lab);
        assert!(said.contains("✔ ip link"), "{said}");
        assert!(said.contains("unalias ip"), "{said}");
    }
}

#[test]
fn a_line_with_a_syntax_error_has_failed() {
    let mut lab = typing("echo )\nls");
    lab.key("Enter");
    assert!(said(&lab).contains("… echo )"), "{}", said(&lab));
    let told = "bash: syntax error near unexpected token `)'";
    lab.output(
        Side::Host,
        &format!("echo )\r\n{told}\r\n{}", ended(7, 2, "echo )")),
    );
    let said_now = said(&lab);
    assert!(said_now.contains("✘ echo )"), "{said_now}");
    assert!(said_now.contains("exit status 2"), "{said_now}");
    assert!(said_now.contains("syntax error near"), "{said_now}");
    // The next line is counted as the next command.
    lab.key("Enter");
    lab.output(Side::Host, &format!("ls\r\n{RUNS}{}", ended(7, 0, "ls")));
    assert!(said(&lab).contains("✔ ls"), "{}", said(&lab));
}

/// Enter alone, just before the lesson's line arrives, shows a prompt as well.
#[test]
fn a_prompt_alone_is_no_end_of_the_lessons_line() {
    let mut lab = typing("ls");
    lab.output(Side::Host, &format!("{RUNS}{}", ended(7, 1, "false")));
    lab.key("Enter");
    lab.output(Side::Host, &format!("\r\n{}", ended(7, 1, "false")));
    assert!(said(&lab).contains("… ls"), "{}", said(&lab));
    lab.output(Side::Host, &format!("ls\r\n{RUNS}{}", ended(7, 0, "ls")));
    assert!(said(&lab).contains("✔ ls"), "{}", said(&lab));
}

#[test]
fn the_exit_of_an_inner_shell_ends_well() {
    let inner_runs = RUNS.replace("aid=7", "aid=9");
    for (status, line, mark) in [
        (0, "exit", '✔'),
        (3, "exit 3", '✔'),
        (0, "exec true", '✔'),
        (4, "exec false", '✘'),
    ] {
        let mut lab = typing(&format!("bash\n{line}\nls"));
        lab.key("Enter");
        lab.output(Side::Host, &format!("{RUNS}{}", ended(9, 0, "")));
        lab.key("Enter");
        lab.output(Side::Host, &inner_runs);
        assert!(said(&lab).contains(&format!("… {line}")), "{}", said(&lab));
        lab.output(Side::Host, &ended(7, status, "bash"));
        let said_now = said(&lab);
        assert!(said_now.contains(&format!("{mark} {line}")), "{said_now}");
        lab.key("Enter");
        lab.output(Side::Host, &format!("{RUNS}{}", ended(7, 0, "ls")));
        assert!(said(&lab).contains("✔ ls"), "{}", said(&lab));
    }
}

/// A shell without marks reports nothing, but the outer shell does once the inner one has ended.
#[test]
fn the_exit_of_an_inner_shell_that_reports_nothing_ends_well() {
    let mut lab = typing("sh\nexit");
    lab.key("Enter");
    lab.output(Side::Host, &format!("{RUNS}# "));
    lab.key("Enter");
    assert!(said(&lab).contains("… exit"), "{}", said(&lab));
    lab.output(Side::Host, &ended(7, 0, "sh"));
    let said_now = said(&lab);
    assert!(
        said_now.contains("✔ exit") && said_now.contains("✔ sh"),
        "{said_now}"
    );
}

/// Only the line that was typed before shows whether a line gets its mark late, or never.
#[test]
fn a_line_in_a_shell_that_reports_nothing_says_why_it_gets_no_mark() {
    let told = |lab: &Lab| {
        let said = said(lab);
        said.matches("An earlier command still runs").count()
    };
    let mut lab = typing("exec sh\nls\nid");
    lab.key("Enter");
    lab.output(Side::Host, &format!("{RUNS}# "));
    assert_eq!(told(&lab), 0);
    for _ in 0..2 {
        lab.key("Enter");
        lab.output(Side::Host, "# ");
        assert_eq!(told(&lab), 1, "{}", said(&lab));
    }
    // Typed ahead, while a command runs.
    let mut lab = typing("ip link add a\nls");
    lab.key("Enter");
    lab.output(Side::Host, RUNS);
    lab.key("Enter");
    assert_eq!(told(&lab), 1);
    lab.output(
        Side::Host,
        &format!("{}{RUNS}", ended(7, 0, "ip link add a")),
    );
    assert_eq!(told(&lab), 0, "{}", said(&lab));
    // An inner shell that reports its prompts.
    let mut lab = typing("bash\nls");
    lab.key("Enter");
    lab.output(Side::Host, &format!("{RUNS}{}", ended(9, 0, "")));
    lab.key("Enter");
    assert_eq!(told(&lab), 0);
}

#[test]
fn a_step_that_begins_anew_says_that_its_effects_stay() {
    let mut lab = typing("ls");
    lab.key("Backspace");
    assert_eq!(lab.state.notice, None);
    lab.key("Enter Backspace");
    assert_eq!(lab.state.notice.as_ref().unwrap().0, Notice::StepForgotten);
    assert!(said(&lab).contains("❯ ls"), "{}", said(&lab));
}

#[test]
fn a_command_of_a_later_step_that_fails_is_told_as_such() {
    let steps =
        "## S\n```run host\none\ntwo\n```\n\n## Later\n```run host\nip link set out0 up\n```\n";
    for (line, ahead) in [
        ("one", None),
        ("two", Some(0)),
        ("ip link set out0 up", Some(1)),
        ("ip link set out1 up", None),
    ] {
        let mut lab = Lab::at_steps(SIZE, Lang::En, "[]", steps);
        lab.output(Side::Host, PROMPT);
        let of = |lab: &Lab| lab.state.shells.get(Side::Host).ahead();
        lab.output(Side::Host, &format!("{RUNS}{}", ended(7, 0, line)));
        assert_eq!(of(&lab), None, "{line}");
        lab.output(Side::Host, &format!("{RUNS}{}", ended(7, 1, line)));
        assert_eq!(of(&lab), ahead, "{line}");
        lab.output(Side::Host, RUNS);
        assert_eq!(of(&lab), None, "{line}");
    }
}

/// A line of this step counts as a line of this step, even if a later step has the same line.
#[test]
fn a_failed_command_of_this_step_is_no_command_of_a_later_one() {
    let steps = "## S\n```run host\none\ntwo\n```\n\n## Later\n```run host\none\ntwo\n```\n";
    for (line, ahead) in [("one", None), ("two", Some(0))] {
        let mut lab = Lab::at_steps(SIZE, Lang::En, "[]", steps);
        lab.output(Side::Host, PROMPT);
        lab.output(Side::Host, &format!("{RUNS}{}", ended(7, 1, line)));
        assert_eq!(lab.state.shells.get(Side::Host).ahead(), ahead, "{line}");
    }
}

#[test]
fn a_failed_line_that_has_run_well_before_is_told_as_such() {
    for before in [Some(0), Some(1), None] {
        for (says, exists) in [("File exists", true), ("Permission denied", false)] {
            failed_line(before, says, exists);
        }
    }
}

/// A line fails with these words; how the same line has ended before is `before`.
fn failed_line(before: Option<i32>, says: &str, exists: bool) {
    let steps = "## Before\n\nx\n\n## S\n\n```run host\nip link add out0\n```\n";
    let mut lab = Lab::at_steps(SIZE, Lang::En, "[]", steps);
    lab.output(Side::Host, PROMPT);
    if let Some(status) = before {
        let end = ended(7, status, "ip link add out0");
        lab.output(Side::Host, &format!("{RUNS}{end}"));
    }
    lab.key("Enter");
    lab.key("Enter");
    let end = ended(7, 2, "ip link add out0");
    lab.output(Side::Host, &format!("{RUNS}{says}\r\n{end}"));
    let said = said(&lab);
    assert!(said.contains("✘ ip link add out0"), "{said}");
    let told = said.contains("This line has succeeded");
    assert_eq!(told, before == Some(0), "{said}");
    let told = said.contains("What this line makes exists already");
    assert_eq!(told, exists && before != Some(0), "{said}");
}
