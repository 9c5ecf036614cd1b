//! For each check of a step: the commands that should make it true.

use crate::lesson::{Check, LessonStep, Part};

/// The part indices of the runs that make a check true: those between the previous check and this one; if there
/// are none, those of the previous check. If there are only launches, their indices: before a launch, nothing about
/// the container is true.
pub(super) fn commands_of(step: &LessonStep, check: usize) -> Vec<usize> {
    let mut commands = Vec::new();
    for index in (0..check).rev() {
        match &step.parts[index] {
            Part::Launch(_) | Part::Run(_) => commands.insert(0, index),
            Part::Check(_) if !commands.is_empty() => break,
            Part::Check(_)
            | Part::Prose(_)
            | Part::Predict(_)
            | Part::Hint(_)
            | Part::Figure(_) => {}
        }
    }
    let is_run = |index: &usize| matches!(step.parts[*index], Part::Run(_));
    if commands.iter().any(is_run) {
        commands.retain(is_run);
    }
    commands
}

/// Checks that wait for a key, or for something that no command of the step does.
pub(super) fn checks_without_commands(step: &LessonStep) -> impl Iterator<Item = (usize, &Check)> {
    let checks = step.checks();
    checks.filter(|(index, _)| commands_of(step, *index).is_empty())
}
