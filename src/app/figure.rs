//! The figures of lessons: boxes and lines that show the lab as it is now, or sentences that say the same.
//!
//! Owns which file draws which kind, and the text while there is nothing to draw. Must not know the step of a
//! figure, or the screen.

mod cgroups;
pub(crate) mod form;
mod ids;
mod layers;
mod links;
mod mounts;
mod nesting;
mod peers;
mod scene;
mod sharing;
#[cfg(test)]
mod tests;

use self::scene::{FigurePicture, Scene};
use super::shells::LabPhase;
use super::state::State;
use super::texts;
use crate::lesson::{Figure, FigureKind, Part};
use crate::observe::{Asked, Snapshot};
use crate::sandbox::Side;

/// The widest figure: longer lines are hard to follow.
const WIDEST: usize = 64;

/// The figure as it is now, or why there is nothing to draw yet.
pub(crate) fn picture(state: &State, figure: &Figure, width: u16) -> Result<FigurePicture, String> {
    let shells = || state.shells.all();
    let sides: Vec<(Side, &Snapshot)> = shells()
        .filter_map(|(side, shell)| Some((side, shell.snapshot.as_deref()?)))
        .collect();
    let asked: Vec<(Side, &Asked)> = shells()
        .filter_map(|(side, shell)| Some((side, shell.asked.as_deref()?)))
        .collect();
    let scene = Scene {
        figure,
        sides: &sides,
        asked: &asked,
        map: state.views.map.newest(),
        width: usize::from(width).min(WIDEST),
        lang: state.lang,
    };
    let lost = state.views.map.lost.as_ref();
    let picture = match figure.kind {
        FigureKind::Nesting | FigureKind::Links if lost.is_some() => None,
        FigureKind::Nesting => nesting::picture(&scene),
        FigureKind::Links => links::picture(&scene),
        FigureKind::Ids => ids::picture(&scene),
        FigureKind::Mounts => mounts::picture(&scene),
        FigureKind::Layers => layers::picture(&scene),
        FigureKind::Peers => peers::picture(&scene),
        FigureKind::Sharing => sharing::picture(&scene),
        FigureKind::Cgroups => cgroups::picture(&scene),
    };
    picture.ok_or_else(|| match (figure.kind, lost) {
        (FigureKind::Nesting | FigureKind::Links, Some(lost)) => {
            texts::figure_lost(state.lang, lost)
        }
        (kind, _) => texts::figure_waits(state.lang, kind).to_owned(),
    })
}

/// Whether the open step has a figure that is made from the map.
pub(super) fn needs_map(state: &State) -> bool {
    let needs = |part: &Part| match part {
        Part::Figure(figure) => matches!(figure.kind, FigureKind::Nesting | FigureKind::Links),
        _ => false,
    };
    let step = state.step().filter(|step| step.parts.iter().any(needs));
    step.is_some() && state.shells.lab == LabPhase::Ready && state.layout().lesson().is_some()
}
