//! Which commands of a step are meant to make which check true.

use crate::lesson::{Check, LessonStep, Part};

/// The checks of a step, with their part indices.
pub(super) fn checks(step: &LessonStep) -> impl Iterator<Item = (usize, &Check)> {
    let parts = step.parts.iter().enumerate();
    parts.filter_map(|(index, part)| match part {
        Part::Check(check) => Some((index, check)),
        Part::Prose(_)
        | Part::Predict(_)
        | Part::Launch(_)
        | Part::Run(_)
        | Part::Hint(_)
        | Part::Figure(_) => None,
    })
}

/// The part indices of the runs that make a check true: those between the previous check and this
/// one; if there are none, those of the previous check. If these are launches only, the launches:
/// before them, nothing about the container is true.
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
    let runs: Vec<usize> = commands
        .iter()
        .copied()
        .filter(|index| matches!(step.parts[*index], Part::Run(_)))
        .collect();
    if runs.is_empty() { commands } else { runs }
}

/// Checks that want a key pressed, or something that no command of the step does.
pub(super) fn checks_without_commands(step: &LessonStep) -> impl Iterator<Item = (usize, &Check)> {
    checks(step).filter(|(index, _)| commands_of(step, *index).is_empty())
}
