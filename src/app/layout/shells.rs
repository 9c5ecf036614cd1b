//! How the two shells share their place.

use ratatui::layout::Rect;

use super::Arrangement;
use crate::app::keymap::Pane;

/// The least rows of the shell in use, where the screen has enough.
pub(super) const COMFORTABLE: u16 = 14;
/// Rows of the other shell on the smallest screen that shows both.
pub(super) const SMALL_SHELL: u16 = 3;

/// Divides the place of the shells. Where it is too low for two comfortable ones, the shell in use is the
/// higher one.
pub(super) fn one_above_the_other(place: Rect, arrangement: Arrangement<'_>) -> (Rect, Rect) {
    let rows = place.height - 1;
    let most = rows - SMALL_SHELL;
    let host = match arrangement.splits.between_shells {
        Some(share) => share.of(rows),
        None if arrangement.used == Pane::Container => rows - (rows / 2).max(COMFORTABLE).min(most),
        None => rows.div_ceil(2).max(COMFORTABLE),
    };
    let host = host.clamp(SMALL_SHELL, most);
    let first = Rect {
        height: host,
        ..place
    };
    let second = Rect {
        y: first.bottom() + 1,
        height: rows - host,
        ..place
    };
    (first, second)
}
