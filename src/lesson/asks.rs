//! The questions of a lesson's expressions and figures about the sides.
//!
//! Owns the places of expressions in a step. Must not know how an answer is found.

use super::{Block, Expr, Figure, FigureKind, LessonStep, Part, Script, Template};
use crate::observe::Question;
use crate::sandbox::Side;

/// The questions of these steps, each once.
pub(super) fn of(steps: &[LessonStep]) -> Vec<(Side, Question)> {
    let mut asks = Vec::new();
    let of_exprs = steps.iter().flat_map(exprs).flat_map(Expr::questions);
    let figures = steps.iter().flat_map(LessonStep::figures);
    let of_figures = figures.flat_map(|(figure, _)| of_figure(figure));
    for question in of_exprs.chain(of_figures) {
        if !asks.contains(&question) {
            asks.push(question);
        }
    }
    asks
}

/// A figure of cgroups needs the host's tree, and each side's paths in it.
fn of_figure(figure: &Figure) -> Vec<(Side, Question)> {
    let shown = |side: &Side| *side == Side::Host || figure.shows(*side);
    match figure.kind {
        FigureKind::Cgroups => Side::all()
            .filter(shown)
            .map(|side| (side, Question::Cgroups))
            .collect(),
        FigureKind::Nesting
        | FigureKind::Links
        | FigureKind::Ids
        | FigureKind::Mounts
        | FigureKind::Layers
        | FigureKind::Peers
        | FigureKind::Sharing => Vec::new(),
    }
}

/// All expressions of a step.
pub(super) fn exprs(step: &LessonStep) -> impl Iterator<Item = &Expr> {
    let parts = step.parts.iter().flat_map(of_part);
    parts.chain(step.proofs.iter().flat_map(of_script))
}

fn of_part(part: &Part) -> Vec<&Expr> {
    match part {
        Part::Prose(blocks) => blocks.iter().flat_map(Block::live_values).collect(),
        Part::Predict(predict) => {
            let measured = predict.measured.iter().flat_map(Template::live_values);
            predict.exprs.iter().chain(measured).collect()
        }
        Part::Launch(_) | Part::Figure(_) => Vec::new(),
        Part::Run(run) => run.lines.iter().flat_map(Template::live_values).collect(),
        Part::Check(check) => {
            let wrong = check.wrong.iter().flat_map(|wrong| {
                let sample = wrong.sample.iter().flat_map(of_script);
                std::iter::once(&wrong.when).chain(sample)
            });
            std::iter::once(&check.expr).chain(wrong).collect()
        }
        Part::Hint(hint) => hint.solution.iter().flat_map(of_script).collect(),
    }
}

fn of_script(script: &Script) -> impl Iterator<Item = &Expr> {
    script.typed().flat_map(|(_, line)| line.live_values())
}
