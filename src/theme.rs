//! Styles by meaning.
//!
//! Only the sixteen colours every terminal has, so that the user's own palette decides; and no
//! meaning is carried by colour alone: under NO_COLOR the modifiers remain.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Less important text.
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
    /// The title bar.
    Title,
    /// A heading: the title of a step, the head of a column.
    Heading,
    /// The border of a pane.
    Border,
    /// The border of the pane that has the focus.
    Focused,
    /// Done, allowed, true.
    Good,
    /// Refused, failed, wrong.
    Bad,
    /// A warning, or something that waits for the learner.
    Attention,
    /// The host's side.
    Host,
    /// The container's side.
    Container,
    /// What differs between the two sides.
    Differs,
    /// What changed a moment ago.
    Changed,
    /// What the cursor is on.
    Selected,
    /// A word that the glossary explains.
    Term,
    /// A key's name in the footer and in the help.
    Key,
}

/// How much of a style the terminal gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// The sixteen colours.
    #[default]
    Ansi,
    /// No colour at all: <https://no-color.org>.
    NoColor,
}

impl Theme {
    /// What the environment asks for: `NO_COLOR` set to anything but the empty string.
    pub fn from_env() -> Self {
        match std::env::var_os("NO_COLOR") {
            Some(value) if !value.is_empty() => Theme::NoColor,
            _ => Theme::Ansi,
        }
    }

    /// The style of a meaning.
    pub fn style(self, role: Role) -> Style {
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
