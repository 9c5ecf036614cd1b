//! Rules for hints and scripts: several hints, a solution in the last one, a sample for each near
//! miss.

use super::{Finder, Weight};
use crate::lesson::script::Deed;
use crate::lesson::{LessonStep, Part, Script, Template};
use crate::sandbox::Nth;

pub(super) fn look(step: &LessonStep, finder: &mut Finder) {
    first_hint(step, finder);
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
            "a `solution` that is not the last hint's".to_owned(),
            "hints are tiers; keep the solution for the last one",
        );
    }
    for part in &step.parts {
        let Part::Check(check) = part else { continue };
        for wrong in check.wrong.iter().filter(|it| it.sample.is_none()) {
            finder.at(
                Weight::Warning,
                (wrong.when.line(), wrong.when.column()),
                "this near miss has no `sample`".to_owned(),
                "it lets `nslab verify` try whether it can happen, as in \
                 `sample = \"host: hostname web1\"`",
            );
        }
    }
}

/// The containers that the step's own script launches.
pub(super) fn launches(step: &LessonStep) -> impl Iterator<Item = Nth> {
    let scripts = step.proof.iter().chain(step.solution());
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
    let mut commands = typed(step).chain(step.solution().into_iter().flat_map(solving));
    if let Some(command) = commands.find(|command| first.text.contains(command)) {
        finder.warn(
            line,
            format!("the first hint tells the solution: `{command}`"),
            "hints are tiers; keep the solution for the last one",
        );
    }
}

/// The lines that the step itself types.
fn typed(step: &LessonStep) -> impl Iterator<Item = &str> {
    let lines = step.parts.iter().filter_map(|part| match part {
        Part::Run(run) => Some(&run.lines),
        Part::Prose(_) | Part::Predict(_) | Part::Launch(_) | Part::Check(_) | Part::Hint(_) => {
            None
        }
    });
    lines.flatten().map(Template::source)
}

fn solving(script: &Script) -> impl Iterator<Item = &str> {
    script
        .actions
        .iter()
        .filter_map(|action| match &action.deed {
            Deed::Type { line, .. } => Some(line.source()),
            Deed::Launch(_) | Deed::Choose(_) | Deed::Open(_) => None,
        })
}
