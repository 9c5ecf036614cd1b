//! Styles by meaning.
//!
//! Uses only the sixteen colours that every terminal has, so that the user's palette decides. No meaning
//! depends on colour alone: with NO_COLOR the modifiers remain.

use ratatui::style::{Color, Modifier, Style};

/// The meaning of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Text,
    Dim,
    /// `**strong**` prose.
    Strong,
    /// `*emphasised*` prose.
    Emphasis,
    /// Code inside prose, file names, flags.
    Code,
    /// A command the learner runs.
    Command,
    /// A live value of this machine inside prose.
    Live,
    Title,
    /// A heading: the title of a step, the head of a column.
    Heading,
    Border,
    Focused,
    /// Done, allowed, true.
    Good,
    /// Refused, failed, wrong.
    Bad,
    /// A warning, or something that waits for the learner.
    Attention,
    Host,
    Container,
    Differs,
    /// A value that changed a moment ago.
    Changed,
    Selected,
    /// A word that the glossary explains.
    Term,
    /// A key's name in the footer and in the help.
    Key,
}

/// Whether styles have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// The sixteen colours.
    #[default]
    Ansi,
    /// No colour at all: <https://no-color.org>.
    NoColor,
}

impl Theme {
    /// No colour if `NO_COLOR` is set and not empty.
    pub fn from_env() -> Self {
        match std::env::var_os("NO_COLOR") {
            Some(value) if !value.is_empty() => Theme::NoColor,
            _ => Theme::Ansi,
        }
    }

    /// The style of a meaning.
    pub(crate) fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let style = match role {
            Role::Text | Role::Border => plain,
            // Not dark grey: where the palette is Solarized, that is the background.
            Role::Dim => plain.add_modifier(Modifier::DIM),
            Role::Strong => plain.add_modifier(Modifier::BOLD),
            Role::Term => plain.add_modifier(Modifier::UNDERLINED),
            Role::Emphasis => plain.add_modifier(Modifier::ITALIC),
            Role::Code => plain.fg(Color::Cyan),
            Role::Command => plain.fg(Color::Green).add_modifier(Modifier::BOLD),
            Role::Live => plain.fg(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Title | Role::Selected => plain.add_modifier(Modifier::REVERSED),
            Role::Heading | Role::Key => plain.add_modifier(Modifier::BOLD),
            Role::Focused => plain.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            Role::Good => plain.fg(Color::Green),
            Role::Bad => plain.fg(Color::Red).add_modifier(Modifier::BOLD),
            Role::Attention => plain.fg(Color::Yellow),
            Role::Host => plain.fg(Color::LightBlue).add_modifier(Modifier::BOLD),
            Role::Container => plain.fg(Color::Magenta).add_modifier(Modifier::BOLD),
            Role::Differs => plain.fg(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Changed => plain
                .fg(Color::Yellow)
                .add_modifier(Modifier::BOLD | Modifier::REVERSED),
        };
        match self {
            Theme::Ansi => style,
            Theme::NoColor => Style {
                fg: None,
                bg: None,
                ..style
            },
        }
    }
}
