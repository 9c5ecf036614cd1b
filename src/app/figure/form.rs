//! Whether figures are drawn, or given in sentences.

use crate::theme::Theme;

/// How figures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Figures {
    /// As boxes and lines.
    Drawn,
    /// In sentences, as for a screen reader.
    Told,
}

impl Figures {
    /// The default for a theme.
    pub fn of(theme: Theme) -> Self {
        match theme {
            Theme::Ansi => Figures::Drawn,
            Theme::NoColor => Figures::Told,
        }
    }
}
