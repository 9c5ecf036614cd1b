//! Lines of the lesson in their shells: which are done, and which have failed.

use rstest::rstest;

use super::FULL;
use super::requirements::said;
use crate::app::fixture::{Lab, host};
use crate::lang::Lang;
use crate::sandbox::{Exit, Side};

/// A line whose command failed has no ✔, unless a check of its step is about just that.
#[rstest]
#[case::unexpected(
    "host.hostname == \"x\"",
    "✘ ip link set out0 up",
    "Cannot find device"
)]
#[case::meant("host.last.status == 1", "✔ ip link set out0 up", "✔ done")]
#[case::otherwise("host.last.status == 2", "✘ ip link set out0 up", "exit status 1")]
fn a_failed_line_is_marked(#[case] expr: &str, #[case] line: &str, #[case] besides: &str) {
    let steps = format!(
        "## Up\n\nx\n\n```run host\nip link set out0 up\n```\n\n```check\nname = \"done\"\nexpr = '{expr}'\n\
         ```\n"
    );
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    let prompt = "\x1b]133;A\x07$ ";
    lab.output(Side::Host, prompt);
    lab.key("Enter");
    lab.output(
        Side::Host,
        "\x1b]133;C;aid=7\x07Cannot find device \"out0\"\r\n",
    );
    let page = said(&lab);
    assert!(
        page.contains("… ip link set out0 up"),
        "it still runs: {page}"
    );
    lab.output(Side::Host, &format!("\x1b]133;D;1;aid=7\x07{prompt}"));
    let page = said(&lab).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(line) && page.contains(besides), "{page}");
}

pub(super) const PROMPT: &str = "\x1b]133;A\x07$ ";

/// A shell begins a command.
pub(super) fn begins(shell: &str) -> String {
    format!("\x1b]133;C;aid={shell}\x07")
}

/// A command of a shell ends with this status.
pub(super) fn ends(shell: &str, status: i32) -> String {
    format!("\x1b]133;D;{status};aid={shell}\x07{PROMPT}")
}

/// A lesson whose first step types three lines into the host's shell.
const THREE: &str = "## One\n\nx\n\n```run host\none\ntwo\nthree\n```\n\n## Two\n\nx\n";

/// A typed line has a mark of its own until its command has ended.
#[test]
fn a_line_is_done_once_its_command_has_ended_well() {
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", THREE);
    lab.output(Side::Host, PROMPT);
    assert!(said(&lab).contains("❯ one"));
    lab.key("Enter");
    assert!(said(&lab).contains("… one"), "{}", said(&lab));
    lab.output(Side::Host, &begins("7"));
    assert!(said(&lab).contains("… one"), "{}", said(&lab));
    lab.output(Side::Host, &ends("7", 0));
    assert!(said(&lab).contains("✔ one"), "{}", said(&lab));
    // Two are typed before the shell has begun the first of them, and end at once.
    lab.key("Enter Enter");
    assert!(said(&lab).contains("… two") && said(&lab).contains("… three"));
    let both = [begins("7"), ends("7", 1), begins("7"), ends("7", 0)].concat();
    lab.output(Side::Host, &both);
    let page = said(&lab);
    assert!(page.contains("✘ two") && page.contains("✔ three"), "{page}");
}

/// A program that reads its input takes a line, and the next command of the shell is the learner's own.
#[test]
fn a_line_that_another_program_read_is_not_done() {
    let ended = |line: &str| format!("\x1b]133;D;0;aid=7;cmdline=\t {line}\n\x07{PROMPT}");
    for (line, mark) in [("true", "… one"), ("one", "✔ one"), ("on", "✔ one")] {
        let mut lab = Lab::at_steps(FULL, Lang::En, "[]", THREE);
        lab.output(Side::Host, PROMPT);
        lab.key("Enter");
        lab.output(Side::Host, &format!("{}{}", begins("7"), ended(line)));
        assert!(said(&lab).contains(mark), "{line}: {}", said(&lab));
    }
}

/// A key of the learner's, such as Ctrl-Q, may only have let the lesson's line go on.
#[test]
fn what_a_line_of_the_lesson_did_late_is_no_work_of_the_learner() {
    let step = "## One\n\nx\n\n```run host\none\ntwo\n```\n\n\
                ```check\nname = \"c\"\nexpr = 'host.hostname == \"web\"'\n```\n";
    let late = format!("{}{}", begins("7"), ends("7", 0));
    let own = "\x1b]133;D;0;aid=7;cmdline=\t two -x\n\x07\x1b]133;A\x07$ ";
    let own = format!("{}{own}", begins("7"));
    // The output of the shell before the lesson's line is typed, after it, and after the learner's key.
    for (before, after, then, mark) in [
        (PROMPT, "", late.as_str(), "❯ two"),
        // Nothing shows whose work it is.
        ("", "", "", "✔ two"),
        // The shell could not read the line.
        (PROMPT, "\x1b]133;A\x07$ \x1b]133;A\x07$ ", "", "❯ two"),
        (
            PROMPT,
            "\x1b]133;A\x07$ \x1b]133;A\x07$ ",
            own.as_str(),
            "✔ two",
        ),
    ] {
        let mut lab = Lab::at_steps(FULL, Lang::En, "[]", step);
        lab.output(Side::Host, before);
        lab.see(Side::Host, host());
        lab.key("Enter");
        lab.output(Side::Host, after);
        lab.key("F3 x");
        lab.output(Side::Host, then);
        let mut snapshot = host();
        snapshot.hostname = "web".into();
        lab.see(Side::Host, snapshot);
        assert!(
            said(&lab).contains(mark),
            "{after:?} {then:?}: {}",
            said(&lab)
        );
    }
}

/// A forgotten line stays forgotten when its command ends.
#[test]
fn a_step_that_is_forgotten_gets_no_mark_of_before() {
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", THREE);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter Backspace");
    lab.output(Side::Host, &format!("{}{}", begins("7"), ends("7", 3)));
    assert!(said(&lab).contains("❯ one"), "{}", said(&lab));
    // Nor is it one of the learner's own.
    lab.key("Enter Backspace");
    let end = "\x1b]133;D;0;aid=7;cmdline=\t one\n\x07\x1b]133;A\x07$ ";
    lab.output(Side::Host, &format!("{}{end}", begins("7")));
    assert!(said(&lab).contains("❯ one"), "{}", said(&lab));
    lab.key("Enter");
    assert!(said(&lab).contains("… one"), "{}", said(&lab));
}

/// A line that starts an inner shell has not ended when a command in that shell has ended.
#[test]
fn a_line_that_starts_a_shell_ends_with_it() {
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", THREE);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    lab.output(Side::Host, &format!("{}{PROMPT}", begins("7")));
    lab.key("Enter");
    lab.output(Side::Host, &format!("{}{}", begins("9"), ends("9", 1)));
    let page = said(&lab);
    assert!(page.contains("… one") && page.contains("✘ two"), "{page}");
    lab.output(Side::Host, &ends("7", 0));
    assert!(said(&lab).contains("✔ one"), "{}", said(&lab));
}

/// The mark is that of the line, even if the learner has gone on meanwhile.
#[test]
fn a_command_that_ends_in_another_step_is_marked_in_its_own() {
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", THREE);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter Right");
    lab.output(Side::Host, &format!("{}{}", begins("7"), ends("7", 4)));
    lab.key("Left");
    let page = said(&lab);
    assert!(
        page.contains("✘ one") && page.contains("exit status 4"),
        "{page}"
    );
}

/// A shell that does not report its commands, or that has ended: how the command ended was not seen.
#[test]
fn what_was_not_seen_to_end_has_no_verdict() {
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", THREE);
    lab.key("Enter");
    lab.output(Side::Host, "# ");
    lab.wait(60_000);
    assert!(said(&lab).contains("… one"), "{}", said(&lab));
    lab.exit(Side::Host, Exit::Signal(9));
    assert!(said(&lab).contains("… one"), "{}", said(&lab));
}

/// `exit` ends its shell: that is how it ends. A shell that could not become another program has failed.
#[rstest]
#[case::well("exit", "", 0, "✔ exit")]
#[case::with_the_status_of_the_command_before("exit", "", 1, "✔ exit")]
#[case::in_vain(
    "exec x",
    "",
    127,
    "✘ exec x\n  It failed (exit status 127): x: not found"
)]
#[case::a_program("exec x", "", 0, "✔ exec x")]
#[case::a_shell_that_ends_later("exec x", "\x1b]133;A\x07$ ", 1, "✔ exec x")]
fn a_line_that_ends_its_shell_is_done(
    #[case] line: &str,
    #[case] prompt: &str,
    #[case] status: i32,
    #[case] mark: &str,
) {
    let steps = format!("## One\n\nx\n\n```run host\n{line}\n```\n");
    let mut lab = Lab::at_steps(FULL, Lang::En, "[]", &steps);
    lab.output(Side::Host, PROMPT);
    lab.key("Enter");
    lab.output(
        Side::Host,
        &format!("{}x: not found\r\n{prompt}", begins("7")),
    );
    lab.exit(Side::Host, Exit::Status(status));
    assert!(said(&lab).contains(mark), "{}", said(&lab));
}
