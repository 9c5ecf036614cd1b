//! Rules for hints and scripts: several hints, a solution in the last one, a sample for each near
//! miss.

use super::{Finder, Weight};
use crate::lesson::script::Deed;
use crate::lesson::{LessonStep, Script, Template};
use crate::sandbox::ContainerNumber;

pub(super) fn look(step: &LessonStep, finder: &mut Finder) {
    first_hint(step, finder);
    for (run, line) in step.runs() {
        // The first line of a block is one below its fence.
        for (typed, place) in run.lines.iter().zip(line + 1..) {
            if waits_for_sleep(typed.source()) {
                finder.at(
                    Weight::Error,
                    (place, 1),
                    "the prompt waits for this `sleep`".to_owned(),
                    "no time is right on every machine: wait for what should happen, as in \
                     `for i in {1..99}; do pgrep -x sleep && break; done`; a `sleep` in the background needs `&`",
                );
            }
            if spins(typed.source()) {
                endless((place, 1), finder);
            }
        }
    }
    let scripts = step.solution().into_iter().chain(&step.proofs);
    for (action, line) in scripts.flat_map(Script::typed) {
        if spins(line.source()) {
            endless((action.line, action.column), finder);
        }
    }
    if let Some(line) = step.unsolved() {
        finder.warn(
            line,
            "the last hint has no `solution`".to_owned(),
            "it shows the commands, and lets `nslab verify` try them, as in \
             `solution = \"container: hostname web1\"`",
        );
    }
    let mut earlier = step.hints().rev().skip(1);
    if let Some((_, line)) = earlier.find(|(hint, _)| hint.solution.is_some()) {
        finder.warn(
            line,
            "only the last hint may have a `solution`".to_owned(),
            "hints are tiers; keep the solution for the last one",
        );
    }
    for (_, check) in step.checks() {
        for wrong in check.wrong.iter().filter(|it| it.sample.is_none()) {
            finder.at(
                Weight::Warning,
                wrong.when.place(),
                "this near miss has no `sample`".to_owned(),
                "it lets `nslab verify` try whether it can happen, as in \
                 `sample = \"host: hostname web1\"`",
            );
        }
    }
}

/// The containers that the step's own script launches.
pub(super) fn launches(step: &LessonStep) -> impl Iterator<Item = ContainerNumber> {
    let scripts = step.proofs.iter().chain(step.solution());
    let actions = scripts.flat_map(|script| &script.actions);
    actions.filter_map(|action| match &action.deed {
        Deed::Launch(launch) => Some(launch.container),
        Deed::Type { .. } | Deed::Choose(_) | Deed::Open(_) => None,
    })
}

fn first_hint(step: &LessonStep, finder: &mut Finder) {
    let Some((first, line)) = step.hints().next() else {
        return;
    };
    if step.hints().count() < 2 {
        return;
    }
    let solving = step.solution().into_iter().flat_map(Script::typed);
    let mut commands = typed(step).chain(solving.map(|(_, line)| line.source()));
    if let Some(command) = commands.find(|command| first.text.contains(command)) {
        finder.warn(
            line,
            format!("the first hint tells the solution: `{command}`"),
            "hints are tiers; keep the solution for the last one",
        );
    }
}

/// Whether a `sleep` of this line has to end before the prompt comes back. The program that `exec` puts
/// in the shell's place brings no prompt.
fn waits_for_sleep(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with("exec ") {
        return false;
    }
    let mut at_command = true;
    let (mut sleeps, mut depth) = (false, 0_i32);
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_whitespace() || ";&|(){}'\"".contains(c));
        let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
        if !word.is_empty() {
            sleeps |= at_command && word == "sleep";
            at_command = BEFORE_COMMANDS.contains(&word) || word.contains('=') && at_command;
        }
        let mut signs = behind.chars();
        let sign = signs.next();
        match sign {
            Some('(') => depth += 1,
            Some('&') if !behind.starts_with("&&") => sleeps = false,
            Some(';' | '|' | '&' | ')') if sleeps => {
                // The group of commands around it may run in the background.
                let closed = behind.split_once(')').filter(|_| depth > 0);
                let closed = closed.map_or("", |(_, after)| after.trim_start());
                if !closed.starts_with('&') || closed.starts_with("&&") {
                    return true;
                }
                sleeps = false;
            }
            _ => {}
        }
        if sign == Some(')') {
            depth -= 1;
        }
        at_command |= behind.starts_with([';', '&', '|', '(', '{']);
        // `bash -c 'sleep 5'` runs the quoted text.
        at_command |=
            behind.starts_with(['\'', '"']) && line[..line.len() - behind.len()].ends_with("-c ");
        rest = signs.as_str();
    }
    sleeps
}

/// Whether the line only waits until something happens, which it may never do.
fn spins(line: &str) -> bool {
    let waits = line.contains("do :; done") || line.contains("do true; done");
    waits && (line.contains("until ") || line.contains("while "))
}

fn endless(place: (usize, usize), finder: &mut Finder) {
    finder.at(
        Weight::Warning,
        place,
        "this loop never ends if the event doesn't happen".to_owned(),
        "count its tries, so that it fails after the last one: \
         `for i in {1..99}; do pgrep -x sleep && break; done`",
    );
}

/// Words that a command follows.
const BEFORE_COMMANDS: [&str; 9] = [
    "do", "then", "else", "while", "until", "if", "!", "time", "sudo",
];

/// The lines that the step itself types.
fn typed(step: &LessonStep) -> impl Iterator<Item = &str> {
    let lines = step.runs().flat_map(|(run, _)| &run.lines);
    lines.map(Template::source)
}

#[cfg(test)]
mod tests {
    use super::waits_for_sleep;

    #[test]
    fn a_sleep_that_the_prompt_waits_for_is_found() {
        for line in [
            "sleep 1",
            "sleep 0.1; ps -e",
            "kill 7; sleep .5; ps -p 7 || echo gone",
            "true && sleep 1 && ls",
            "(sleep 1)",
            "(sleep 1; ls)",
            "for i in 1 2; do sleep 1; done",
            "until ls /x; do sleep 1; done",
            "N=1 sleep 3",
            "time sleep 1",
            "bash -c 'sleep 5'",
            "sleep 5 | cat",
        ] {
            assert!(waits_for_sleep(line), "{line}");
        }
        for line in [
            "sleep 100 &",
            "sleep 100& ls",
            "(sleep 300 &)",
            "(sleep 3; ls) &",
            "for i in 1 2 3; do (sleep 0.01 &); done",
            "exec sleep 1000",
            "exec sh -c 'trap exit TERM; sleep 1000 & wait'",
            "pkill -9 sleep",
            "ps -o pid,ppid,comm -C sleep",
            "echo 'sleep 5'",
            "while pgrep -f 0.01 > /dev/null; do :; done",
            "nohup sleep 5 &",
        ] {
            assert!(!waits_for_sleep(line), "{line}");
        }
    }
}
