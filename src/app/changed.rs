//! Which part of the screen has to be drawn again.
//!
//! Must not know how anything is drawn.

use crate::sandbox::Side;

/// What has to be drawn. Later variants include earlier ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Changed {
    /// The screen is as it was.
    #[default]
    Nothing,
    /// Only what programs have drawn in one shell's pane.
    Shell(Side),
    /// The output of programs in several panes.
    Shells,
    /// The whole screen.
    Screen,
}

impl Changed {
    /// Both changes together.
    pub(super) fn and(self, other: Changed) -> Changed {
        match (self, other) {
            (Changed::Nothing, one) | (one, Changed::Nothing) => one,
            (Changed::Screen, _) | (_, Changed::Screen) => Changed::Screen,
            (one, another) if one == another => one,
            (Changed::Shell(_) | Changed::Shells, Changed::Shell(_) | Changed::Shells) => {
                Changed::Shells
            }
        }
    }
}
