//! A lesson in front of an audience: Enter alone plays it, and one key restarts it.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::time::Duration;

use nslab::Lang;
use nslab::{Deed, LessonStep, Library, Part};
use rstest::rstest;
use support::{As, Installed, family_with, needs};
use terminal::Terminal;
use terminal::keys::{F3, F4, LEAVE};

/// The most times that Enter may be needed for one lesson.
const ENTERS: usize = 300;
/// The texts on the screen at the end of a lesson.
const ENDS: [&str; 2] = ["Enter: next lesson,", "This was the last step"];

/// What the lesson says where a check is not true, and once all of them are.
const NOT_YET: [&str; 2] = ["Not everything is ✔ yet", "Enter: go on anyway"];
const NEXT: &str = "Enter: next step";
/// What Enter says where a program has the terminal of the shell.
const BUSY: &str = "runs in the foreground of the";
/// What Enter does in a task of the learner's own: the lesson stays as it is, only a shell changes.
const SHOW: &str = "Enter: show me";

/// The part of the screen that shows the lesson, without the shells.
fn lesson(screen: &str) -> String {
    let lines = screen.lines().take(18);
    if screen.contains("┴") {
        let above = screen.lines().take_while(|line| !line.contains('┴'));
        let all = above.map(|line| line.split('│').next());
        return all.flatten().collect::<Vec<_>>().join("\n");
    }
    let watching = screen.contains("Enter: back to lesson");
    let shown = if watching { 4 } else { 18 };
    lines.take(shown).collect::<Vec<_>>().join("\n")
}

/// Whether the screen says what Enter does, and nothing is still starting.
fn ready(screen: &str) -> bool {
    let says = ["Enter: ", "1–9 or ↑ ↓: predict", "This was the last step"];
    let waits = screen.contains("starting …") || screen.contains("being made …");
    says.iter().any(|it| screen.contains(it)) && !waits
}

/// Whether a check is not true, and nothing but that keeps Enter from going on.
fn not_yet(screen: &str) -> bool {
    NOT_YET.iter().any(|it| screen.contains(it))
}

/// Whether the lesson is over.
fn ends(screen: &str) -> bool {
    ENDS.iter().any(|end| screen.contains(end))
}

/// The beginning of the command that Enter types, if it types one.
fn command(screen: &str) -> Option<String> {
    if !screen.contains("Enter: type it into the ") {
        return None;
    }
    let lesson = lesson(screen);
    let (_, command) = lesson.lines().find_map(|line| line.split_once("❯ "))?;
    // A mark may stand at the end of the line.
    let command = command.split("  ").next()?;
    Some(command.trim().chars().take(24).collect())
}

/// Whether a shell shows this command behind its prompt, which ends with `#` for root and `$` for other
/// users.
fn is_typed(screen: &str, command: &str) -> bool {
    ["#", "$"]
        .iter()
        .any(|sign| screen.contains(&format!("{sign} {command}")))
}

/// Presses Enter until the lesson is over, and returns the screen before each press.
fn play(terminal: &Terminal) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..ENTERS {
        terminal.wait("something for Enter to do", ready);
        // The effects of the last press may still be coming in. What the machine does, in its column of
        // the comparison, never settles.
        terminal.settle(Duration::from_millis(40), lesson);
        if not_yet(&terminal.screen()) {
            // The watcher reads queues only four times a second, and less often on a busy machine.
            terminal.settle(Duration::from_secs(2), lesson);
        }
        let screen = terminal.wait("something for Enter to do", ready);
        seen.push(screen.clone());
        if ends(&screen) {
            return seen;
        }
        // A shell that is still reading its start-up files takes no line: then Enter is pressed again.
        let did_something = |now: &str| {
            let shown = screen.contains(SHOW) && now != screen;
            shown || lesson(now) != lesson(&screen) || now.contains(BUSY)
        };
        terminal.keys("\r");
        // A verdict that comes just before Enter makes the page longer, above the part that is seen. Enter then
        // reads on to the same end of the page, and has to be pressed once more.
        let now = terminal.within(Duration::from_secs(20), did_something);
        let now = now.unwrap_or_else(|| {
            terminal.keys("\r");
            terminal.wait("that Enter did something", did_something)
        });
        if not_yet(&screen) && (now.contains(NEXT) || ends(&now)) {
            // The check has become true just now. If that was before the press, it moves the lesson on.
            terminal.settle(Duration::from_secs(2), lesson);
        }
        if let Some(command) = command(&screen).filter(|_| !now.contains(BUSY)) {
            // The next press may show another shell.
            seen.push(terminal.wait(&command, |now| is_typed(now, &command)));
        }
    }
    panic!("no end after {ENTERS} times Enter:\n{}", terminal.screen());
}

/// Each lesson is played in one size, and `uts` in both.
#[rstest]
fn each_lesson_is_played_by_enter_alone(#[values((80, 24), (120, 40))] size: (u16, u16)) {
    needs!(Hostname, Proc);
    let nslab = Installed::new();
    let course = Library::embedded(Lang::En);
    for (number, lesson) in course.lessons().enumerate() {
        let compact = number % 2 == 0;
        if compact != (size.0 == 80) && lesson.id != "uts" {
            continue;
        }
        let arguments = ["--lang", "en", "--lesson", &lesson.id];
        let terminal = Terminal::start(As::Ourselves, &nslab.binary(), &arguments, size);
        let seen = play(&terminal);
        let rang = seen.iter().find(|screen| screen.contains("bell rang"));
        assert_eq!(rang, None, "{}", lesson.id);
        // Every step and every command was played, and every check that could become true did.
        let headings: Vec<String> = (1..)
            .zip(&lesson.steps)
            .map(|(number, step)| {
                let title: String = step.title.chars().take(20).collect();
                format!("{number}/{} {title}", lesson.steps.len())
            })
            .collect();
        let begins: Vec<usize> = headings
            .iter()
            .map(|heading| {
                let begin = seen.iter().position(|screen| screen.contains(heading));
                begin.unwrap_or_else(|| panic!("{}: {heading}\n{}", lesson.id, seen.join("\n")))
            })
            .collect();
        for (number, step) in lesson.steps.iter().enumerate() {
            let end = begins.get(number + 1).copied().unwrap_or(seen.len());
            played(
                &format!("{}: {}", lesson.id, headings[number]),
                step,
                &seen[begins[number]..end],
            );
        }
    }
}

/// Checks the screens of one step: its commands were typed and its checks are true.
fn played(name: &str, step: &LessonStep, seen: &[String]) {
    if seen.iter().any(|screen| screen.contains("can't work")) {
        assert!(step.needs.is_some(), "{name}");
        return;
    }
    let last = &seen[seen.len() - 1];
    // Enter does not solve steps without hints. It leaves no other step, by its own words, before all is ✔:
    // a check may become true after the last screen was read and before the press.
    let helps = step.hints().next().is_some() || !asks_for_commands(step);
    let undone = last.contains("○ ") && not_yet(last);
    assert!(!helps || !undone, "{name}\n{last}");
    for part in &step.parts {
        let Part::Run(run) = part else { continue };
        for line in &run.lines {
            let known = line.source().split("{{").next().unwrap_or_default();
            let start: String = known.chars().take(24).collect();
            let typed = seen.iter().any(|screen| is_typed(screen, &start));
            assert!(typed, "{name}: {start}\n{}", seen.join("\n"));
        }
    }
}

/// Whether the learner must type a command or launch a container without the lesson doing it.
fn asks_for_commands(step: &LessonStep) -> bool {
    let deeds = step.script().into_iter().flat_map(|it| &it.actions);
    deeds
        .into_iter()
        .any(|action| matches!(action.deed, Deed::Type { .. } | Deed::Launch(_)))
}

#[test]
fn one_key_restarts_the_lesson() {
    let nslab = Installed::new();
    for who in As::all() {
        let arguments = ["--lang", "en", "--lesson", "uts"];
        let terminal = Terminal::start(who, &nslab.binary(), &arguments, (120, 40));
        terminal.wait_for("[host] root@");
        terminal.keys(F3);
        terminal.run("hostname changed; touch /tmp/left-behind");
        terminal.keys(LEAVE);
        terminal.keys("\x1b[C");
        terminal.wait_for_step("uts", 1);
        // Both shells are at their prompts, so nslab asks no question.
        terminal.keys("B");
        terminal.wait_for_step("uts", 0);
        terminal.wait("a fresh host", |screen| {
            screen.contains("[host] root@") && !screen.contains("changed;")
        });
        terminal.keys(F3);
        let screen = terminal.run("ls /tmp; hostname");
        let printed = |text| screen.lines().any(|line| line == text);
        assert!(!printed("left-behind") && !printed("changed"));
        // nslab asks before it ends a program of the learner.
        terminal.line("sh -c 'echo it \"\"runs; exec sleep 100'");
        terminal.wait_for("it runs");
        family_with(terminal.pid(), 1, "sleep");
        terminal.keys(LEAVE);
        terminal.keys("\x1b[C");
        terminal.wait_for_step("uts", 1);
        terminal.keys("B");
        terminal
            .wait_for("The same key again restarts the lesson and ends sleep in the host shell");
        terminal.wait_for_step("uts", 1);
        terminal.keys("B");
        terminal.wait_for_step("uts", 0);
        terminal.wait("a fresh host", |screen| {
            screen.contains("[host] root@") && !screen.contains("it runs")
        });
    }
}

/// With a pause of a minute between two keys, only the key that skips can end it.
#[test]
fn a_command_is_seen_being_typed_and_a_key_skips_the_rest() {
    needs!(Hostname);
    let nslab = Installed::new();
    for who in As::all() {
        for size in [(80, 24), (120, 40)] {
            let arguments = ["--lang", "en", "--lesson", "uts", "--key-pause", "60000"];
            let terminal = Terminal::start(who, &nslab.binary(), &arguments, size);
            // Up to the first command of the lesson.
            while command(&terminal.wait("something for Enter to do", ready)).is_none() {
                let before = terminal.settle(Duration::from_millis(100), lesson);
                let choose = before.contains("1–9 or ↑ ↓: predict");
                terminal.keys(if choose { "1" } else { "\r" });
                terminal.wait("another page", |now| lesson(now) != lesson(&before));
                terminal.settle(Duration::from_millis(100), lesson);
            }
            terminal.keys("\r");
            let begun = terminal.wait("the first key", |now| is_typed(now, "h"));
            assert!(!is_typed(&begun, "hostname web1"), "{begun}");
            terminal.keys("\r");
            terminal.wait("the rest", |now| is_typed(now, "hostname web1"));
            terminal.keys(F4);
            assert!(
                terminal
                    .run("echo $(hostname)-it-is")
                    .contains("web1-it-is")
            );
        }
    }
}
